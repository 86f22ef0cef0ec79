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
#include "base/err.h"
#include "model/value.h"
#include "store/store.h"

struct stmt_cache;

struct db {
    sqlite3 *handle;
    struct stmt_cache *statements;
    struct store *store;
    bool writer;
    int64_t deadline_ms; /* monotonic; 0: none */
    struct event *events; /* writer: events of the open group */
    size_t event_count, event_room;
};

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
/* Fills e from the connection's last error; returns -1. */
int db_fail(struct db *db, struct err *e);

#endif
