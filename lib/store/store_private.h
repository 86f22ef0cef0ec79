/*
 * Inside of struct store, shared by store.c (open, readers), writer.c (the writer thread) and db.c
 * (connections).
 *
 * Locks: `lock` guards the queues and `stopping`; `pool.lock` guards the reader pool; `model_lock` guards `model`; the atomics
 * stand alone. The writer's connection belongs to the writer thread from store_open to store_close.
 */
#ifndef KONTOR_STORE_PRIVATE_H
#define KONTOR_STORE_PRIVATE_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "store/db.h"
#include "store/store.h"

#define STORE_CLASSES   3 /* enum write_class */
#define SCHEMA_VERSION  4          /* user_version: highest number in schema/migrations */
#define APPLICATION_ID  0x4b6f6e74 /* "Kont" */

/* A caller waiting in store_write; lives on its stack. */
struct request {
    write_function run;
    void *caller;
    struct err *e;
    int result;
    sem_t done;
    struct request *next;
};

struct request_queue {
    struct request *head, *tail;
    size_t count;
};

struct reader_wait;

struct reader_pool { /* readers.c */
    pthread_mutex_t lock;
    struct db **idle; /* last in first out */
    int64_t *users;   /* of those that are out */
    size_t idle_count, out_count, max;
    struct reader_wait *waiting; /* in the order they came */
    size_t wait_count;
    int64_t left_ms; /* when one was last given back; monotonic */
    bool rested;     /* nothing was read since store_rest */
};
void readers_begin(struct reader_pool *p, size_t max); /* max 0: two for each core */
void readers_end(struct reader_pool *p);

struct store {
    char *dir, *path;
    int lock_fd;          /* -1 for snapshots */
    bool snapshot;        /* private copy: files are deleted at close */
    struct store *origin; /* of a private copy: counts its copies; outlives them */
    atomic_int copies;
    struct store_hooks hooks;
    const void *hung; /* store_hang */

    pthread_t thread;
    bool thread_runs;
    struct db *writer;
    pthread_mutex_t lock;
    pthread_cond_t work; /* a request came, or stopping */
    struct request_queue queues[STORE_CLASSES];
    bool stopping;
    int64_t slice_begin_ms;   /* writer thread: when the slice that runs began */
    int64_t slice_end_ms;     /* writer thread: when the last slice ended */
    int64_t wal_frames;       /* writer thread: frames in the log after the last commit */
    int64_t checkpoint_bytes; /* writer thread: size of the log at the last checkpoint */
    bool checkpoint_failed;   /* writer thread: for want of space, which has been said */
    int64_t analyzed_rows;    /* writer thread: rows written before the last look at statistics */
    atomic_llong statistics;  /* how often the planner's statistics were made: readers open anew */

    pthread_mutex_t model_lock;
    pthread_cond_t model_set;
    struct model *model; /* the applied one, one reference; NULL in private copies */

    struct reader_pool pool;

    atomic_bool fatal, full, ending;
    atomic_llong slice_work_ms; /* how long a slice may take new records */
    atomic_llong commands, groups, dry_runs, retries, rollups, wal_bytes, commits;
};

int writer_start(struct store *s, struct err *e);
void writer_stop(struct store *s); /* finishes the queues, joins */
/* Marks the store as lost (I/O error, corruption): every later call fails. */
void store_set_fatal(struct store *s);

#endif
