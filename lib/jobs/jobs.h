/*
 * Durable work: one scheduler thread runs the job rows that are due, slice by slice and in turn, and fires the
 * timer rows. A job that was running when the process ended goes on at its position (import, bulk
 * edit, undo). What kinds of jobs and timers exist is said by two tables of lib/app. Network waits
 * never happen here while the writer is held.
 *
 * Threads: jobs_start makes one thread; jobs_wake may be called from any; jobs_stop waits for the
 * running slice.
 */
#ifndef KONTOR_JOBS_JOBS_H
#define KONTOR_JOBS_JOBS_H

#include "core/ctx.h"

struct job_kind {
    const char *name;
    /* One slice. -1 with c->err: busy or full is tried again later, anything else ends the job. */
    int (*slice)(struct ctx *c, int64_t job, bool *more);
};

struct timer_kind {
    const char *name;
    int64_t every_ms; /* set again after it fired; 0: once */
    int (*fire)(struct ctx *c, int64_t record, const char *key);
};

struct jobs_options {
    struct store *store;
    struct model *(*model)(void *data); /* the model in use, with a reference for the caller */
    void *data;
    const struct job_kind *kinds;    /* ends with a zero row */
    const struct timer_kind *timers; /* ends with a zero row */
};

struct jobs;
int jobs_start(const struct jobs_options *options, struct jobs **out, struct err *e);
void jobs_wake(struct jobs *j);
void jobs_stop(struct jobs *j); /* again: nothing */
void jobs_free(struct jobs *j); /* after jobs_stop, when nobody can wake them any more */

#endif
