/* Whoever is given a record by a colleague is told; rules tell of theirs themselves (lib/rules). */
#ifndef KONTOR_CORE_ASSIGNED_H
#define KONTOR_CORE_ASSIGNED_H

#include "core/record.h"

/* Once r is written: its owner, if he is new to it. Not of imports, bulk changes and what is taken
 * back; only records people work at: those of timelines, and work itself. before NULL: a new one. */
int assigned_tell(struct ctx *c, const struct record *before, const struct record *r);

#endif
