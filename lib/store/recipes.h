/*
 * Saved mappings of imports: a name and the text of a mapping file. One's own, or for all. No records:
 * they say how files are read, not what the firm knows.
 */
#ifndef KONTOR_STORE_RECIPES_H
#define KONTOR_STORE_RECIPES_H

#include "store/store.h"

struct recipe {
    int64_t id, user;
    const char *name, *entity;
    const char *map; /* YAML */
    bool shared;
};
/* Those a user may use: his own first, then those for all, by name; user 0: all there are. */
int recipes_list(struct db *db, int64_t user, struct arena *a, struct recipe **out, size_t *count, struct err *e);
/* One of the user's or for all, by its name in any case; ERR_NOT_FOUND. */
int recipes_find(struct db *db, int64_t user, const char *name, struct arena *a, struct recipe *out, struct err *e);
/* A user's recipe of this name is replaced. Fills id. */
int recipes_save(struct db *db, struct recipe *r, int64_t now_ms, struct err *e);
int recipes_drop(struct db *db, int64_t id, int64_t user /* 0: anybody's */, struct err *e); /* ERR_NOT_FOUND */

#endif
