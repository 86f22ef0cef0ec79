/*
 * Statistics for SQLite's planner. ANALYZE with a limit looks at a thousand entries of each group of
 * an index and takes every larger group for one of a thousand: a city of 60,000 people and a country
 * of a million look the same, and the planner walks the country. Where it stopped like that, the
 * different values are counted instead, by a seek from each to the next: few make large groups.
 */
#include "store/statistics.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

#define LOOKED_AT    1000 /* entries of a group, as analysis_limit says */
#define DISTINCT_MAX 1000

struct index {
    const char *name, *table;
    int64_t rows;
    const char *rest; /* of further columns: " 1" */
};

/* The indexes of whose groups ANALYZE saw no end: "1000000 1001 1". */
static int saturated(struct db *db, struct arena *a, struct index *out, size_t room, size_t *count,
                     struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "SELECT idx, tbl, stat FROM sqlite_stat1 JOIN sqlite_schema s"
                                " ON s.name = idx AND s.type = 'index'"
                                " WHERE s.sql NOT LIKE '% WHERE %'",
                                e);
    int rc = st == NULL ? -1 : 1;
    size_t n = 0;
    while (rc == 1 && n < room && (rc = stmt_step(db, st, e)) == 1) {
        const char *stat = stmt_text(st, 2, a);
        char *end = NULL;
        int64_t rows = strtoll(stat != NULL ? stat : "", &end, 10);
        if (strtoll(end, &end, 10) == LOOKED_AT + 1) {
            out[n++] = (struct index){stmt_text(st, 0, a), stmt_text(st, 1, a), rows, end};
        }
    }
    if (st != NULL) {
        stmt_done(st);
    }
    *count = n;
    return rc < 0 ? -1 : 0;
}

static const char *first_column(struct db *db, const struct index *x, struct arena *a,
                                struct err *e)
{
    sqlite3_stmt *st =
        stmt_get(db, "SELECT name FROM pragma_index_info(?1) WHERE seqno = 0", e);
    const char *name = NULL;
    if (st != NULL) {
        stmt_bind_text(st, 1, x->name);
        name = stmt_step(db, st, e) == 1 ? stmt_text(st, 0, a) : NULL;
        stmt_done(st);
    }
    return name;
}

static int store_group(struct db *db, const struct index *x, int64_t distinct, struct arena *a,
                       struct err *e)
{
    sqlite3_stmt *st = stmt_get(db, "UPDATE sqlite_stat1 SET stat = ?2 WHERE idx = ?1", e);
    if (st == NULL) {
        return -1;
    }
    stmt_bind_text(st, 1, x->name);
    stmt_bind_text(st, 2, arena_printf(a, "%lld %lld%s", (long long)x->rows,
                                       (long long)(x->rows / distinct), x->rest));
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static int mend(struct db *db, const struct index *x, struct arena *a, struct err *e)
{
    const char *column = first_column(db, x, a, e);
    int64_t distinct = 0;
    if (column == NULL) {
        return e->code != ERR_NONE ? -1 : 0;
    }
    const char *sql = arena_printf(
        a,
        "WITH RECURSIVE d(k, n) AS (SELECT (SELECT min(\"%s\") FROM \"%s\"), 1 UNION ALL"
        " SELECT (SELECT min(\"%s\") FROM \"%s\" WHERE \"%s\" > d.k), n + 1 FROM d"
        " WHERE d.k IS NOT NULL AND n <= %d) SELECT count(k) FROM d",
        column, x->table, column, x->table, column, DISTINCT_MAX);
    if (db_get_int(db, sql, NULL, 0, 0, &distinct, e) != 0) {
        return -1;
    }
    return distinct > 0 && distinct <= DISTINCT_MAX && x->rows / distinct > LOOKED_AT
               ? store_group(db, x, distinct, a, e)
               : 0;
}

int statistics_refresh(struct db *db, struct err *e)
{
    struct arena a;
    struct index list[200];
    size_t count = 0;
    char sql[80];
    arena_init(&a);
    snprintf(sql, sizeof sql, "PRAGMA analysis_limit=%d; PRAGMA optimize=0x10002", LOOKED_AT);
    int rc = db_run_script(db, sql, e);
    rc = rc == 0 ? saturated(db, &a, list, COUNT(list), &count, e) : rc;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        rc = mend(db, &list[i], &a, e);
    }
    if (rc == 0 && count > 0) {
        rc = db_run(db, "ANALYZE sqlite_schema", e); /* takes over what was stored */
    }
    arena_done(&a);
    return rc;
}
