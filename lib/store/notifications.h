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
};

/* Writer only. *told: it is new, and its reader's pages hear of it after the commit. */
int notifications_add(struct db *db, const struct notification *n, bool *told, struct err *e);
/* A user's rows with id < before (0: from the newest on), newest first, at most limit. */
int notifications_list(struct db *db, int64_t user, bool unseen, int64_t before, size_t limit,
                       struct arena *a, struct notification **out, size_t *count, struct err *e);
/* id 0: all of the user's; else one, or with `group` all about the same record as that one.
 * ERR_NOT_FOUND when it is not his. Told to his other pages. */
int notifications_seen(struct db *db, int64_t user, int64_t id, bool group, int64_t now_ms,
                       struct err *e);
/* The one of this kind and key, if it is there. */
int notifications_seen_key(struct db *db, int64_t user, const char *kind, const char *key,
                           int64_t now_ms, struct err *e);
/* Unseen ones about this record whose key begins so: what they said is no longer true. */
int notifications_drop(struct db *db, const char *kind, int64_t record, const char *key,
                       struct err *e);
int notifications_find(struct db *db, int64_t user, int64_t id, struct arena *a,
                       struct notification *out, struct err *e); /* ERR_NOT_FOUND */
/* Older ones; reminders only when their date is over. */
int notifications_forget(struct db *db, int64_t before_ms, const char *today, struct err *e);

#endif
