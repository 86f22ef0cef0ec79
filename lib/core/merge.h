/*
 * Merging: two to five records of one entity become one, as one change that is undone like any
 * other. The survivor keeps its id and gets, field by field, its own value, else the first one there
 * is, or that of the record the caller chose; lists are united. Whatever points at the others points
 * at it afterwards. Split between merge.c (the request, the survivor, the answer) and merge_move.c
 * (what points at them).
 *
 * Rights: to edit all of them and to delete those that go. What points at them is moved whoever it
 * belongs to, and fields the actor may not see are filled like others but not told of: nothing may be
 * lost because he could not see it. To take it back the same rights to the same records are enough.
 */
#ifndef KONTOR_CORE_MERGE_H
#define KONTOR_CORE_MERGE_H

#include "core/parts.h"

#define MERGE_MAX 5 /* records, with the survivor */

struct merge {
    struct ctx *c;
    const struct entity *entity;
    int64_t into;
    int64_t from[MERGE_MAX];
    size_t from_count;
    int64_t *choice;       /* by entity->fields: the record whose value is taken; 0: by the rule */
    struct record *before[MERGE_MAX]; /* the survivor, then the others in order of `from` */
    int64_t *moved;        /* by model->entities: records that point elsewhere now, which he sees */
    int64_t folded;        /* link records that became doubles and went to the trash */
    struct buf dropped;    /* items of a JSON list: values that nobody has afterwards */
    const char *record;    /* a large one: the survivor as JSON when it was written; else NULL */
    bool headed;           /* survivor and others are written; what is left is to move */
};

/* merge_move.c: moves what points at those merged, until a slice is full (`limited`) or all is done.
 */
int merge_move(struct merge *m, bool limited, bool *more);
/* How many records point at them, counted up to `cap`. */
int merge_count(struct merge *m, int64_t cap, int64_t *out);

#endif
