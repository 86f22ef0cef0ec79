/*
 * Notifications: what a user is told in the program, whatever page he is on. Whoever writes tells
 * them within the same write (notify), so that what was not kept is not told either, and nothing is
 * told twice. A reader gets only what he may see at that moment: a notification about a record that
 * he does not see any more shows nothing of it, not even that it is there.
 */
#ifndef KONTOR_CORE_NOTIFICATION_H
#define KONTOR_CORE_NOTIFICATION_H

#include "base/buf.h"
#include "core/ctx.h"
#include "store/notifications.h"

struct notification_kind {
    const char *name;
    const char *label; /* for settings, in English */
    bool on;           /* unless the user says otherwise (notice_plan.h) */
    bool digest;       /* it may wait for a digest */
};
extern const struct notification_kind NOTIFICATION_KINDS[]; /* ends with a zero row */
const struct notification_kind *notification_kind(const char *name); /* NULL: no such kind */

#define NOTIFY_MENTION  "mention"
#define NOTIFY_REMINDER "reminder"
#define NOTIFY_IMPORT   "import"
#define NOTIFY_SHARE    "share"
#define NOTIFY_ASSIGNED "assigned"
#define NOTIFY_RULE     "rule"
#define NOTIFY_LATE     "late_answer"
#define NOTIFY_STEP     "step"
#define NOTIFY_GATE     "gate"
#define NOTIFY_DIGEST   "digest" /* what was collected; no kind one chooses a way for */

/* Longest time a notification is kept. */
#define NOTIFICATION_DAYS 90

/*
 * Within a write: tells n->user of n->kind in the way he wants it, unless he is no active user, caused
 * it himself (n->actor; not asked of work that went on while he was away, n->actor 0), or was told
 * before. In his quiet hours it waits for their end, unless n->moment lies before that. id, now, cs
 * (unless given) and what it waits for are filled in. A dry run tells nobody.
 */
int notify(struct ctx *c, const struct notification *n);

/* Within a write by which what the unseen ones of this kind about a record say, whose key begins so,
 * is true no more: undone, they are back. */
int notification_drop(struct ctx *c, const char *kind, int64_t record, const char *key);
/* Within a write that changed the actor's preferences: what waits follows them. */
int notification_replan(struct ctx *c);
/* Timers, record: the user. The digest is made of what was collected; quiet hours are over. */
#define DIGEST_TIMER "digest"
#define QUIET_TIMER  "quiet"
int notification_digest(struct ctx *c, int64_t user, const char *key);
int notification_heard(struct ctx *c, int64_t user, const char *key);

/* {"items","next","unseen"}: the actor's that do not wait, newest first. */
struct notification_asked {
    bool unseen;    /* these alone */
    const char *kind; /* these alone; NULL: all */
    int64_t digest; /* what this one holds; 0: what came by itself */
    const char *cursor;
    int64_t limit;
};
int notification_list(struct ctx *c, const struct notification_asked *asked, struct buf *out);
/* How many he has not seen, at most NOTIFICATION_COUNT_MAX. */
#define NOTIFICATION_COUNT_MAX 100
int notification_count(struct ctx *c, int64_t *out);
/* id 0: all that does not wait; group: all about the same record as this one. */
int notification_seen(struct ctx *c, int64_t id, bool group);
/* All about a record that is being looked at, but reminders of activities: these stay until they are
 * done, put off or dismissed. */
int notification_seen_about(struct ctx *c, int64_t record);
/* The one of this kind and key, for pages that have just shown what it says. */
int notification_seen_key(struct ctx *c, const char *kind, const char *key);

/* A timer: what is older than NOTIFICATION_DAYS goes. */
int notification_tidy(struct ctx *c, int64_t record, const char *key);

#endif
