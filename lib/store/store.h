/*
 * The store: one SQLite database, one thread that writes, a small pool of connections that read.
 *
 * The only layer that knows SQL. One read-write connection does all writes and all checkpoints
 * (wal_autocheckpoint=0 everywhere); readers are SQLITE_OPEN_READONLY with query_only and an authorizer that
 * allows no pragma but data_version. synchronous=FULL always: requests that wait together share one
 * transaction (group commit, at most 64 commands or 5 ms), each in its own savepoint, and are answered after
 * the commit is durable.
 *
 * Failure rule: after any error the writer asks sqlite3_get_autocommit(); if the transaction is gone, or the
 * commit fails, every command of the group runs again alone. SQLITE_FULL gives ERR_FULL and the store stays up;
 * SQLITE_IOERR, CORRUPT, NOTADB set the store fatal: every later call fails with ERR_BUSY and on_fatal is called.
 */
#ifndef KONTOR_STORE_STORE_H
#define KONTOR_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct db;
struct model;
struct store;

/* What happened to one record in a committed change-set: for live updates and (later) rules and webhooks. */
enum operation { OP_NONE, OP_CREATE, OP_UPDATE, OP_DELETE, OP_RESTORE };
struct event {
    int64_t change_set, record, version, actor;
    int64_t to;              /* nothing happened to a record: this user has something new to be told, or was told; else 0 */
    int64_t entity;        /* entity->id: the same in every model */
    enum operation op;
    uint64_t fields[4];    /* bit per field->index (255 and above share the last bit) */
};

struct store_hooks {
    /* Called by the writer thread after a commit, in commit order. Must be quick and must not write. */
    void (*on_commit)(void *data, const struct event *events, size_t count);
    void (*on_fatal)(void *data);
    /* Called by the writer thread after a commit that brought a timer forward. May be NULL. */
    void (*on_timer)(void *data);
    /* Called by the writer thread again and again while what follows from many records is made anew, after an update or
     * another configuration: so many of these records are done. May be NULL. */
    void (*on_refresh)(void *data, const char *label_plural, int64_t done, int64_t of);
    void *data;
};

struct store_options {
    const char *dir;  /* data directory; kontor.db and kontor.lock in it */
    int readers;      /* 0: 2 x cores */
    bool create;      /* make the database if it is absent */
    struct store_hooks hooks;
};

/*
 * Takes the lock, opens (or creates) the database, brings the fixed tables (schema/system.sql, schema/migrations/)
 * up to date, starts the writer thread. Refuses: another process holds the lock (ERR_BUSY), a database made by a newer
 * Kontor, SQLite older than 3.51.3, a network file system.
 */
int store_open(const struct store_options *options, struct store **out, struct err *e);
/* Finishes the queue, checkpoints (TRUNCATE), closes. */
void store_close(struct store *s);
/* The process is about to end: what takes long stops at the next place where it can go on later. Private snapshots see it too. */
void store_end_soon(struct store *s);
bool store_ends_soon(const struct store *s);
const char *store_dir(const struct store *s); /* the data directory */
bool store_is_fatal(const struct store *s);
bool store_is_full(const struct store *s); /* last write failed for want of disk space */

/* A reader connection for a user (0: the system, which never waits for itself). One user never has all of them. Give it back before the reply is sent. At most 5 s (progress handler; store_reader_limit). */
struct db *store_reader_take(struct store *s, int64_t user);
void store_reader_give(struct store *s, struct db *db);
/* Called now and then: when nobody has read for ten seconds, the readers give up the pages they keep (they are in the cache of the
 * system as well), and the heap what nobody uses. */
void store_rest(struct store *s);
/* Reads of this unit of work run in one snapshot from here to db_read_end. */
int db_read_begin(struct db *db, struct err *e);
void db_read_end(struct db *db);
/* What a unit of work asked: different statements, and how often they ran (a look-up by key runs once a row). */
struct query_cost { int64_t queries, runs; };
void db_cost_begin(struct db *db);
void db_cost_add(const struct db *db, struct query_cost *sum); /* since db_cost_begin */
void db_limit_ms(struct db *db, int ms); /* reader time limit from now; ERR_BUSY "takes too long" when it strikes */

/*
 * The applied model, kept here for everybody who works on this database. take: one reference for the caller, of at least this
 * generation (0: any); after an apply it waits for store_model_set. NULL: there is none. set: takes the reference over and
 * returns the earlier one.
 */
struct model *store_model_take(struct store *s, int64_t generation);
struct model *store_model_set(struct store *s, struct model *m);

/*
 * A write. `run` is called in the writer thread inside a savepoint, with the writer's connection; the caller waits, so
 * its memory is lent. `run` may be called more than once (failure rule): it must start from scratch each time.
 * It returns 0, or -1 with *e filled: then its savepoint is rolled back and nothing of it remains.
 * dry_run: always rolled back; answered at the rollback, without waiting for the commit.
 */
typedef int (*write_function)(struct db *db, void *caller, struct err *e);
enum write_class { WRITE_NORMAL, WRITE_DRY, WRITE_SLICE }; /* slices and dry runs yield to normal writes */
int store_write(struct store *s, enum write_class kind, write_function run, void *caller, struct err *e);
/* For the command of a slice, between two records: has it worked long enough? From the beginning of the command on, and so
 * long that with all that follows (roll-ups, search, commit) the last one took no more than 90 ms. Writer thread only. */
bool store_slice_over(struct store *s);
/* Events of the running command; dropped when its savepoint is rolled back. Writer thread only. */
void db_emit(struct db *db, const struct event *event);

struct store_figures { /* for benchmarks, status and tests */
    int64_t commands, groups, dry_runs, retries, rollups, slice_ms, wal_bytes, database_bytes, change_sets;
};
void store_figures(struct store *s, struct store_figures *out);

/* So many events has the open group; from a number noted before on, they are those of the running command. Writer thread only. */
size_t db_event_count(const struct db *db);
const struct event *db_event(const struct db *db, size_t i);

/* What a layer above core hangs here for core to call; a private copy has what its origin has. Set once, before anything is written. */
void store_hang(struct store *s, const void *hooks);
const void *store_hung(const struct store *s); /* NULL: nothing */

/* Private snapshot for the dry run of a long write: a copy of the database in dir/tmp opened read-write as a store of
 * its own (no lock, no hooks), deleted when closed. ERR_BUSY while two are open: each takes the disk space of the database. */
int store_snapshot(struct store *s, struct store **out, struct err *e);

#endif
