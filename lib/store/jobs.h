/* Job rows and timer rows: durable, inserted in the causing transaction, run by lib/jobs. */
#ifndef KONTOR_STORE_JOBS_H
#define KONTOR_STORE_JOBS_H

#include "store/store.h"

enum job_state { JOB_NONE, JOB_WAITING, JOB_RUNNING, JOB_DONE, JOB_FAILED, JOB_CANCELLED };
struct job {
    int64_t id, user, root;   /* root: change-set root of a long write, 0 if none */
    const char *kind;         /* row of JOB_KINDS */
    const char *params;       /* JSON; does not change once the job is due */
    const char *position;     /* JSON, where the next slice starts */
    const char *result;       /* JSON when done */
    const char *error;
    enum job_state state;
    int64_t due_at, lease_until, created_at, updated_at;
    int tries;
};
int jobs_add(struct db *db, struct job *j, struct err *e); /* fills id */
int jobs_find(struct db *db, int64_t id, struct arena *a, struct job *out, struct err *e);
/* Leases the oldest due job (waiting, or running with an expired lease). ERR_NOT_FOUND when there is none; *next_due: when to look again. */
int jobs_lease(struct db *db, int64_t now_ms, int64_t lease_ms, struct arena *a, struct job *out, int64_t *next_due, struct err *e);
int jobs_save(struct db *db, const struct job *j, int64_t now_ms, struct err *e); /* all but id, user, kind, created_at */
/* The newest jobs of a kind, newest first, at most limit; user 0: everybody's. */
int jobs_of_kind(struct db *db, const char *kind, int64_t user, size_t limit, struct arena *a, int64_t **ids, size_t *count, struct err *e);
/* A job other than `except` is still writing below this root, or about to. */
int jobs_writing(struct db *db, int64_t root, int64_t except, bool *out, struct err *e);
/* An import with dates other than `except` that is ready or at work, not for trial only; 0 none. */
int jobs_first_load(struct db *db, int64_t except, int64_t *out, struct err *e);
/* A long write other than `except` that has begun and is not over; 0 none. */
int jobs_unfinished(struct db *db, int64_t except, int64_t *out, struct err *e);
/* Jobs of this kind that have waited for `due_at` since before that moment are cancelled. */
int jobs_cancel_open(struct db *db, const char *kind, int64_t due_at, int64_t before_ms, int64_t now_ms, struct err *e);
/* Whether a job is due besides `except`, which then comes after it. */
int jobs_due(struct db *db, int64_t now_ms, int64_t except, bool *out, struct err *e);
int jobs_yield(struct db *db, int64_t id, int64_t due_at, struct err *e); /* the lease of a running job ends */
int jobs_forget(struct db *db, int64_t before_ms, struct err *e); /* rows of jobs that ended before */
int jobs_release_all(struct db *db, struct err *e); /* at start: leases of a dead process end */

/* Timers: (kind, record, key) unique; fire once. */
struct timer { int64_t id, record, due_at; const char *kind, *key; };
int timers_set(struct db *db, const struct timer *t, struct err *e); /* inserts or moves */
int timers_keep(struct db *db, const struct timer *t, struct err *e); /* inserts; one that is there keeps its moment */
int timers_sooner(struct db *db, const struct timer *t, struct err *e); /* one that is there and due later: then, and the hook on_timer */
int timers_cancel(struct db *db, const char *kind, int64_t record, const char *key, struct err *e);
int timers_due(struct db *db, int64_t now_ms, size_t limit, struct arena *a, struct timer **out, size_t *count, int64_t *next_due, struct err *e);

#endif
