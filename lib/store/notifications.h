/*
 * What users are told in the program: one row for each user and matter, told once (the unique key)
 * and kept until lib/core tidies it. Storage only; what kinds there are and who may see what a row
 * is about is lib/core/notification's.
 */
#ifndef KONTOR_STORE_NOTIFICATIONS_H
#define KONTOR_STORE_NOTIFICATIONS_H

#include "store/store.h"

struct notification {
    int64_t id, user;
    int64_t record;     /* what it is about, 0 nothing */
    int64_t entry;      /* the note or the like that says it, 0 none */
    int64_t actor;      /* who caused it, 0 the system */
    const char *kind;   /* row of NOTIFICATION_KINDS */
    const char *key;    /* with user, kind and record: what is not told twice */
    const char *params; /* JSON object, by kind */
    int64_t made_at, seen_at; /* seen_at 0: not yet */
    int64_t due_at;           /* it waits until then; 0: told at once */
    int64_t digest;           /* NOTIFICATION_COLLECTED; the one it came in; 0: it came by itself */
    int64_t cs;               /* root of the change-set it tells of, 0 none */
    int64_t gone;             /* of the one by which it is no longer true, 0 none */
    int64_t moment;           /* not kept: what he reminds himself of is then, also in quiet hours */
};

#define NOTIFICATION_COLLECTED (-1) /* waits for the next digest */

/* Writer only. Fills n->id, 0: it was told before. The reader's pages hear of it after the commit,
 * unless it waits. */
int notifications_add(struct db *db, struct notification *n, struct err *e);
/* What of a user's rows is read: those that came by themselves, or in one digest, and wait no more. */
struct notification_page {
    int64_t user, digest, now_ms;
    bool unseen;    /* these alone */
    const char *kind; /* these alone; NULL: all */
    int64_t before; /* rows with a smaller id; 0: from the newest on */
};
/* Newest first, at most limit. */
int notifications_list(struct db *db, const struct notification_page *page, size_t limit,
                       struct arena *a, struct notification **out, size_t *count, struct err *e);
/* Unseen ones that wait, for a digest or until a moment; in order of id. */
int notifications_waiting(struct db *db, int64_t user, int64_t now_ms, struct arena *a,
                          struct notification **out, size_t *count, struct err *e);
/* When and in what one that waits is told from now on. */
int notifications_plan(struct db *db, const struct notification *n, struct err *e);
int notifications_remove(struct db *db, int64_t id, struct err *e);
/* All that a user's digest is to hold is in that one; what he has seen meanwhile stands by itself. */
int notifications_collect(struct db *db, int64_t user, int64_t digest, struct err *e);
/* Users for whom something is collected. */
int notifications_collecting(struct db *db, struct arena *a, int64_t **out, size_t *count,
                             struct err *e);
/* The pages of the user hear that something is otherwise. */
int notifications_stir(struct db *db, int64_t user, struct err *e);
/* The change-set was undone, or is in force again: the pages of those who were told of it hear of it. */
int notifications_changed(struct db *db, int64_t cs, struct err *e);
/* All unseen ones about this record, or said by it, but for those of the kind `but`. */
int notifications_seen_about(struct db *db, int64_t user, int64_t record, const char *but,
                             int64_t now_ms, struct err *e);
int notifications_any_about(struct db *db, int64_t user, int64_t record, const char *but, bool *any,
                            struct err *e);
/* One more of what this row tells: params.count. Who has seen it sees it anew. *found: there is one. */
int notifications_one_more(struct db *db, int64_t user, const char *kind, const char *key,
                           bool *found, struct err *e);
/* id 0: all of the user's that do not wait; else one with all it holds, or with `group` all about the
 * same record as that one.
 * ERR_NOT_FOUND when it is not his. Told to his other pages. */
int notifications_seen(struct db *db, int64_t user, int64_t id, bool group, int64_t now_ms,
                       struct err *e);
/* The one of this kind and key, if it is there. */
int notifications_seen_key(struct db *db, int64_t user, const char *kind, const char *key,
                           int64_t now_ms, struct err *e);
/* Unseen ones about this record whose key begins so, but for those that tell of others, too
 * (params.count): what they said is no longer true by this change-set, unless that is undone. Told anew they are new. */
int notifications_drop(struct db *db, const char *kind, int64_t record, const char *key, int64_t cs,
                       struct err *e);
int notifications_find(struct db *db, int64_t user, int64_t id, struct arena *a,
                       struct notification *out, struct err *e); /* ERR_NOT_FOUND */
/* Older ones; reminders only when their date is over. */
int notifications_forget(struct db *db, int64_t before_ms, const char *today, struct err *e);

#endif
