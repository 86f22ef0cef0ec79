/*
 * One connection and its prepared statements. Only lib/store includes this file: everything above uses the
 * functions of rows.h, query.h, change.h and friends.
 *
 * stmt_get prepares once per connection and SQL text (SQLITE_PREPARE_PERSISTENT) and hands out a reset
 * statement with cleared bindings. A statement must be given back (stmt_done resets it) before it is got again.
 */
#ifndef KONTOR_STORE_DB_H
#define KONTOR_STORE_DB_H

#include <sqlite3.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/value.h"
#include "store/store.h"

struct entity;
struct search_row; /* private to search_index.c */
struct stmt_cache;
struct change_set;

struct db {
    sqlite3 *handle;
    struct stmt_cache *statements;
    struct store *store;
    bool writer;
    int64_t deadline_ms; /* monotonic; 0: none */
    int64_t statistics;  /* reader: of the store when it was opened */
    int64_t user;        /* reader: for whom it is out; 0 the system */
    struct event *events; /* writer: events of the open group */
    size_t event_count, event_room;
    bool timer_sooner; /* writer: the open group set a timer, or brought one forward */
    struct change_set *open_set; /* writer: the one with marked roll-ups (rows_rollup.c); NULL none */
    /* Writer: search rows of the open group; they go into the index together, before COMMIT, because FTS5
     * writes out all it holds at every savepoint. Their text lives in `group`, reset at the end of the group. */
    struct search_row *search;
    size_t search_count, search_room;
    struct arena group;
    struct buf text; /* scratch for SQL text made from the model; not across calls */
    char *path;
};

/* Pseudo columns of an entity: ids in the change tables that follow from the entity's id. */
enum pseudo { PSEUDO_NONE, PSEUDO_CREATED, PSEUDO_DELETED_AT, PSEUDO_TITLE };
#define PSEUDO_COUNT 4
int64_t pseudo_field(int64_t entity_id, enum pseudo p);

/* A connection of its own on any database file of ours (snapshot, backup, restored copy); heap. `writer` false:
 * read-only with the reader's authorizer. store may be NULL. */
struct db *db_open(struct store *store, const char *path, bool writer, struct err *e);
void db_close(struct db *db);
/* Commits made by this process so far: results kept for a while are good as long as it stands still. */
int64_t db_commit_count(const struct db *db);

sqlite3_stmt *stmt_get(struct db *db, const char *sql, struct err *e); /* NULL with e filled */
/* Steps: 1 a row, 0 done, -1 error (e filled from SQLite's code: FULL, BUSY, CONFLICT for unique, INTERNAL). */
int stmt_step(struct db *db, sqlite3_stmt *st, struct err *e);
void stmt_done(sqlite3_stmt *st);
void stmt_bind_value(sqlite3_stmt *st, int index, struct value v);
void stmt_bind_text(sqlite3_stmt *st, int index, const char *s); /* NULL binds null; borrowed (static) */
/* Column as value; text copied into the arena. */
struct value stmt_value(sqlite3_stmt *st, int column, struct arena *a);
char *stmt_text(sqlite3_stmt *st, int column, struct arena *a); /* NULL for null */
/* One statement without result; a printf-free constant or model-made text. */
int db_run(struct db *db, const char *sql, struct err *e);
/* The same with int64 bindings. */
int db_run_ints(struct db *db, const char *sql, const int64_t *values, size_t count, struct err *e);
/* First column of the first row; `missing` when there is no row. */
int db_get_int(struct db *db, const char *sql, const int64_t *values, size_t count, int64_t missing, int64_t *out, struct err *e);
/* Next value of a named counter (table counter), inside the savepoint: "record", "change_set", "field", "entity", "job". */
int db_next(struct db *db, const char *counter, int64_t *out, struct err *e);
/* The value it has now. */
int db_counter(struct db *db, const char *counter, int64_t *out, struct err *e);
/* Runs a text of several statements (schema files). */
int db_run_script(struct db *db, const char *sql, struct err *e);
/* The same as stmt_step, but a violated UNIQUE names the field: where "entity.field". */
int stmt_step_unique(struct db *db, sqlite3_stmt *st, const struct entity *entity, struct err *e);
void stmt_bind_blob(sqlite3_stmt *st, int index, const void *data, size_t n); /* copied */
/* Fills e from the connection's last error; returns -1. */
int db_fail(struct db *db, struct err *e);

#endif
