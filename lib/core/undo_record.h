/*
 * Undo of one record at a time (undo.c): its values come back, what was changed since stays and is
 * listed. A record whose unique value another one has at the moment waits for the end: the other may
 * be about to give it back (values that were swapped). Then all that wait are emptied of such values
 * first, and those whose value somebody really took stay as they are, listed with the reason.
 */
#ifndef KONTOR_CORE_UNDO_RECORD_H
#define KONTOR_CORE_UNDO_RECORD_H

#include "core/parts.h"

#define UNDO_KEPT_MAX  100   /* records listed */
#define UNDO_WAITS_MAX 10000 /* records that wait for others: they are written in one slice */

struct undo {
    struct ctx *c;
    int64_t set;   /* the set taken back */
    int64_t after; /* last record looked at */
    size_t rows;   /* how many to look up at once */
    int64_t undone, kept_count;
    struct buf kept;   /* items of the JSON list, comma separated */
    struct change_touch *touches; /* of the set, where each record is looked at */
    size_t touch_count;
    int64_t merge;     /* the merge that is taken back, or done again; 0: it is none */
    bool ring;         /* one stays because it would stand above itself */
    bool whole;        /* small: what fails for another reason than a clash fails the whole */
    int64_t *waits;    /* ids; NULL until there is one */
    size_t wait_count; /* at most UNDO_WAITS_MAX */
    struct record_result *out;
};

/* May he change every record there is of this kind? */
bool undo_may_all(const struct ctx *c, const struct entity *e);
/* What a set changed in records of this kind goes back by the right to something else that it changed:
 * of saved views only that their filters name other tags (by that to the tags); of any only what they
 * are about, in a conversion (by that to what was converted: whose the entries were was no matter then,
 * see convert.h). Of what it made and deleted nothing is said. */
bool undo_follows(const struct entity *e, const struct change_touch *touches, size_t count);
/* Rights to one record of a set that wrote this. */
int undo_permit(struct ctx *c, const struct change_touch *touches, size_t count,
                const struct undo_step *step);
/* Takes one record back, keeps it, or lets it wait; -1: the undo has failed. */
int undo_record(struct undo *u, const struct undo_step *step);
/* Remembers that it waits; false: too many do. */
bool undo_wait(struct undo *u, int64_t record);
/* At the end, within one write: those that wait. */
int undo_waiting(struct undo *u);

#endif
