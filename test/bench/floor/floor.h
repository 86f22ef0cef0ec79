/*
 * What the floor programs share: a table of contacts with twelve columns, deterministic rows for
 * it, and small wrappers of SQLite that end the program when something fails.
 *
 * Floor programs do with SQLite and civetweb what Kontor does, and nothing else: no rights, no
 * model, no validation. What they need is the least this machine can do it with. Benchmarks only.
 */
#ifndef KONTOR_BENCH_FLOOR_H
#define KONTOR_BENCH_FLOOR_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLOOR_COLUMNS 12

struct floor_row {
    int64_t id;
    char first[32], last[64], email[64], phone[32], company[96], city[32], status[16], at[24];
    int owner;
};

extern const char FLOOR_TABLE[];   /* the table alone */
extern const char FLOOR_INDEXES[]; /* name; e-mail; owner, status and name */
extern const char FLOOR_SEARCH[];  /* full text by a trigger */
extern const char FLOOR_AUDIT[];   /* one audit row per record */
extern const char FLOOR_INSERT[];
extern const char FLOOR_COLUMN_LIST[];
extern const char *const FLOOR_NAMES[FLOOR_COLUMNS];

double floor_now(void); /* seconds, monotonic */
double floor_cpu(void); /* seconds of this process */
uint64_t floor_random(void);
void floor_row(int64_t i, struct floor_row *out); /* the same for the same i */
void floor_bind(sqlite3_stmt *st, const struct floor_row *row);

sqlite3 *floor_open(const char *path, const char *pragmas);
void floor_run(sqlite3 *db, const char *sql);
sqlite3_stmt *floor_prepare(sqlite3 *db, const char *sql);
void floor_done(sqlite3 *db, sqlite3_stmt *st); /* steps to the end and resets */
void floor_fail(sqlite3 *db, const char *what);

/* Everything Kontor keeps of a new contact, by plain prepared statements; see kept.c. */
struct kept;
struct kept *kept_open(sqlite3 *db);
void kept_companies(struct kept *k); /* from now on each row is linked to a company */
void kept_insert(struct kept *k, const struct floor_row *row);
void kept_close(struct kept *k);

#endif
