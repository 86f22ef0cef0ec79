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
    bool on;           /* unless the user says otherwise: prefs {"notify": {"mention": "off"}} */
};
extern const struct notification_kind NOTIFICATION_KINDS[]; /* ends with a zero row */

#define NOTIFY_MENTION  "mention"
#define NOTIFY_REMINDER "reminder"
#define NOTIFY_IMPORT   "import"
#define NOTIFY_SHARE    "share"
#define NOTIFY_ASSIGNED "assigned"
#define NOTIFY_RULE     "rule"
#define NOTIFY_LATE     "late_answer"
#define NOTIFY_STEP     "step"

/* Longest time a notification is kept. */
#define NOTIFICATION_DAYS 90

/* Within a write: tells n->user of n->kind, unless he switched that off, is no active user, caused it
 * himself (n->actor; not asked of work that went on while he was away, n->actor 0), or was told
 * before. now and id are filled in. A dry run tells nobody. */
int notify(struct ctx *c, const struct notification *n);

/* {"items","next","unseen"}: the actor's, newest first; unseen ones alone with `unseen`. */
int notification_list(struct ctx *c, bool unseen, const char *cursor, int64_t limit,
                      struct buf *out);
/* How many he has not seen, at most NOTIFICATION_COUNT_MAX. */
#define NOTIFICATION_COUNT_MAX 100
int notification_count(struct ctx *c, int64_t *out);
/* id 0: all; group: all about the same record as this one. */
int notification_seen(struct ctx *c, int64_t id, bool group);
/* The one of this kind and key, for pages that have just shown what it says. */
int notification_seen_key(struct ctx *c, const char *kind, const char *key);

/* A timer: what is older than NOTIFICATION_DAYS goes. */
int notification_tidy(struct ctx *c, int64_t record, const char *key);

#endif
