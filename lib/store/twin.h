/*
 * Records that may be doubles: index rows by which they are found, beside the handles. A record
 * whose kind has doubles (entity_has_doubles) has one by the words of its name and one by the sounds
 * of its name with its town (else with what it belongs to). Kept with the record itself, for living
 * ones; only numbers that two names may share by chance: whoever finds something has to compare.
 */
#ifndef KONTOR_STORE_TWIN_H
#define KONTOR_STORE_TWIN_H

#include "store/rows.h"

/* By what records are found to be alike; the first three are enum handle_kind. */
enum twin_kind { TWIN_NAME = 100, TWIN_SOUND };

struct twin_key {
    int kind;          /* enum handle_kind or twin_kind */
    const char *value; /* normalised handle; decimal number of the others */
};

/* The keys of a name, as number in text; NULL: none. */
const char *twin_name(struct arena *a, const char *title);
const char *twin_sound(struct arena *a, const char *title, const char *town, int64_t home);

/* Kept by rows*.c. */
int twin_add(struct db *db, const struct record *r, struct arena *a, struct err *e);
int twin_drop(struct db *db, const struct record *r, struct arena *a, struct err *e);
bool twin_differs(const struct record *before, const struct record *after);
int twin_drop_all(struct db *db, const struct entity *entity, struct err *e);

/* The next values of a kind, after `after` (NULL: from the first), that several records of the
 * entity share; in the order of the index. */
int twin_shared(struct db *db, const struct entity *entity, int kind, const char *after,
                size_t limit, struct arena *a, const char ***values, size_t *count, struct err *e);
/* Records of the entity with that key, by id, behind `after`; at most limit. */
int twin_find(struct db *db, const struct entity *entity, const struct twin_key *key, int64_t after,
              size_t limit, struct arena *a, int64_t **ids, size_t *count, struct err *e);

/* "Not the same": remembered of two records. */
int twin_set_apart(struct db *db, int64_t x, int64_t y, int64_t user, int64_t now_ms, bool apart,
                   struct err *e);
int twin_is_apart(struct db *db, int64_t x, int64_t y, bool *out, struct err *e);

#endif
