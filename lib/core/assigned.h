/* Whoever is given a record by a colleague is told; rules tell of theirs themselves (lib/rules). */
#ifndef KONTOR_CORE_ASSIGNED_H
#define KONTOR_CORE_ASSIGNED_H

#include "core/record.h"

/* Once r is written: its owner and the colleagues who take part, who are new to it. Of a bulk change
 * each owner is told once. Not of imports and what is taken back; only records people work at: those of timelines, and work itself. Whose it is no more is not
 * told any more that he was given it. before NULL: a new one. */
int assigned_tell(struct ctx *c, const struct record *before, const struct record *r);

#endif
