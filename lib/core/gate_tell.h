/* Whose record an import without gates moves past what its stage asks for is told of it. */
#ifndef KONTOR_CORE_GATE_TELL_H
#define KONTOR_CORE_GATE_TELL_H

#include "core/record.h"

/* Within a write that moved r into the stage: tells its owner, once for all of his that a long write
 * moves so. Not of records that are new, nor of what a file dates back. */
int gate_tell(struct ctx *c, const struct record *r, const struct stage *stage);

#endif
