/*
 * Long writes that are kept as a job: bulk changes and undo of more than BULK_SLICE records. One
 * root change-set, slices of their own transaction that also store the position, so a crash in
 * between is followed by the rest (lib/jobs calls the slice function again). Normally the caller
 * waits and the slices run one after the other in his thread; a dry run does the same on a private
 * snapshot of the database.
 */
#ifndef KONTOR_CORE_LONG_WRITE_H
#define KONTOR_CORE_LONG_WRITE_H

#include "core/parts.h"
#include "store/jobs.h"

struct long_write {
    const char *kind;          /* of the job: "bulk", "undo" */
    enum change_source source; /* of its change-sets */
    int64_t undo_of;           /* of the root */
    const char *params;        /* JSON, an object with members */
    int (*check)(struct ctx *c, int64_t undo_of); /* in the write that begins; NULL: none */
    int (*slice)(struct ctx *c, int64_t job, bool *more);
};

/* Begins and runs to the end; *result: the job's last position (JSON), *root: the root's id. */
int long_write_run(struct ctx *c, const struct long_write *what, const char **result,
                   int64_t *root);
/* One slice: `run` in a write below the job's root, with a struct slice_call. */
struct slice_call {
    int64_t job;
    bool more; /* out: records are left */
};
int long_write_slice(struct ctx *c, enum change_source source,
                     int (*run)(struct ctx *c, void *slice_call), int64_t job, bool *more);
/* Within a slice: the job with its lease renewed, and back with a new position; `more` false: it is
 * done. */
int long_write_load(struct ctx *c, int64_t id, struct job *job, const struct json **params,
                    const struct json **position);
int long_write_save(struct ctx *c, struct job *job, const char *position, bool more);
/* What a position holds: a number, 0 when absent; a list, comma separated at the end of out. */
int64_t position_int(const struct json *position, const char *key);
void position_items(const struct json *position, const char *key, struct buf *out);
/* Time is up for this slice: the writer is needed by others. */
bool long_write_full(const struct ctx *c, size_t done);
/* How many records the next slice looks up, when this one did `done` of `limit`: finding them is
 * work of the slice too. The first one begins with LONG_WRITE_ROWS. */
#define LONG_WRITE_ROWS 128
size_t long_write_rows(size_t limit, size_t done);

#endif
