/*
 * Questions about tags (tagged.c): which is meant by a word, who has it, how often it is used. No
 * rights are asked here.
 */
#ifndef KONTOR_STORE_TAGGED_H
#define KONTOR_STORE_TAGGED_H

#include "store/rows.h"

#define TAG_USES_MAX 10000 /* different tags of a field that are counted */

struct tag_use {
    const char *tag; /* tight fold */
    int64_t count;   /* living records */
};

struct tag_row {
    int64_t id; /* 0: there is none */
    const char *name;
};

/* The living tag that is the same but for case, blanks and punctuation. */
int tag_find(struct db *db, const struct entity *tags, const char *text, struct arena *a,
             struct tag_row *out, struct err *e);
/* Records, living or in the trash, with a tag (tight fold) and an id above `after`, in order. */
int tagged_next(struct db *db, const char *tag, int64_t after, size_t limit, struct arena *a,
                int64_t **ids, size_t *count, struct err *e);
/* How often each tag is used in a field, by the fold of the tag. */
int tagged_count(struct db *db, const struct field *f, struct arena *a, struct tag_use **out,
                 size_t *count, struct err *e);

#endif
