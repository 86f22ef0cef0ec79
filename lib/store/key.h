/*
 * Living records by a folded text: the title, or a text field that has a key column (unique,
 * indexed, part of a title). One seek in an index where the field has one. Only what `who` may see:
 * a limit that counted the rest would hide it from who sees little.
 */
#ifndef KONTOR_STORE_KEY_H
#define KONTOR_STORE_KEY_H

#include "model/model.h"
#include "store/query.h"

struct key_row {
    int64_t id;
    const char *text; /* the field's value, or the title */
    const char *title;
};

/* Can records be found by this field? */
bool key_has(const struct field *f);
/* Records whose key equals `key` or, with `prefix`, begins with it; in order of key, at most limit.
 * `key` is folded (str_fold). A title's key is that of its sort key: parts may stand in another
 * order than in the title. */
int key_find(struct db *db, const struct who *who, const struct field *f, const char *key,
             bool prefix, size_t limit, struct arena *a, struct key_row **out, size_t *count,
             struct err *e);

#endif
