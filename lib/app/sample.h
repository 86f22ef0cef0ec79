/* A few records to look at in an empty installation; host function of the API for the first set-up.
 */
#ifndef KONTOR_APP_SAMPLE_H
#define KONTOR_APP_SAMPLE_H

#include "core/ctx.h"

/* Begins an import of each embedded file of schema/sample/, as the actor of c. Each is one change
 * that can be undone. */
int sample_host_fill(void *data, struct ctx *c);

#endif
