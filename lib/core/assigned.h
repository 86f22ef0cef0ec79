/* Whoever is given a record by a colleague is told; rules tell of theirs themselves (lib/rules). */
#ifndef KONTOR_CORE_ASSIGNED_H
#define KONTOR_CORE_ASSIGNED_H

#include "core/record.h"

/* Once r is written: its owner and the colleagues who take part, who are new to it. Of a bulk change
 * each owner is told once. Not of imports and what is taken back; only records people work
 * at: those of timelines, and work itself. Whose it is no more is not told any more that he was given
 * it, who takes part still is. before NULL: a new one. */
int assigned_tell(struct ctx *c, const struct record *before, const struct record *r);

/* This user is told that the record is his now, by a person or a rule: at once, with these params, or
 * when many records change together once for all of them. */
int assigned_to(struct ctx *c, int64_t record, int64_t user, const char *params);

#endif
