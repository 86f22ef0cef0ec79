/* JOB_KINDS and TIMER_KINDS: what lib/jobs can run. */
#ifndef KONTOR_APP_JOB_KINDS_H
#define KONTOR_APP_JOB_KINDS_H

#include "jobs/jobs.h"

extern const struct job_kind JOB_KINDS[];     /* ends with a zero row */
extern const struct timer_kind TIMER_KINDS[]; /* ends with a zero row */

#endif
