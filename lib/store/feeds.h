/* Private addresses of calendars (table feed): rows without rights, the caller has checked them. */
#ifndef KONTOR_STORE_FEEDS_H
#define KONTOR_STORE_FEEDS_H

#include "store/store.h"

#define FEEDS_MOST 50 /* of one user */

struct feed {
    unsigned char hash[32];
    int64_t id, user, epoch, created_at, used_at;
    const char *entity, *view, *name; /* view NULL: the user's own activities */
};

/* Fills id. ERR_INVALID: he has as many as he may have. */
int feeds_add(struct db *db, struct feed *f, struct err *e);
/* ERR_NOT_FOUND. */
int feeds_find(struct db *db, const unsigned char hash[32], struct arena *a, struct feed *out,
               struct err *e);
int feeds_list(struct db *db, int64_t user, struct arena *a, struct feed **out, size_t *count,
               struct err *e);
int feeds_touch(struct db *db, int64_t id, int64_t now_ms, struct err *e);
/* ERR_NOT_FOUND: the user has none of this id; user 0: nobody has. */
int feeds_remove(struct db *db, int64_t id, int64_t user, struct err *e);

#endif
