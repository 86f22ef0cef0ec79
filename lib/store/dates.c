/* See dates.h. */
#include "store/dates.h"

#include <string.h>

#include "store/db.h"

/* The ids of a bound statement, which ends here. */
static int read_ids(struct db *db, sqlite3_stmt *st, size_t limit, struct arena *a, int64_t **out,
                    size_t *count, struct err *e)
{
    int64_t *ids = ARENA_ARRAY(a, int64_t, limit + 1);
    size_t n = 0;
    int rc = 0;
    while (n < limit && (rc = stmt_step(db, st, e)) == 1) {
        ids[n++] = sqlite3_column_int64(st, 0);
    }
    stmt_done(st);
    *out = ids;
    *count = n;
    return rc < 0 ? -1 : 0;
}

/* The condition on day and month; a span over New Year has two ends. */
static const char *yearly_test(struct arena *a, const struct date_span *s, const char *column)
{
    bool whole = strncmp(s->from, s->to, 4) != 0 && strcmp(s->from + 5, s->to + 5) <= 0;
    const char *joint = strncmp(s->from, s->to, 4) == 0 ? "AND" : "OR";
    return whole ? "1"
                 : arena_printf(a,
                                "((substr(%s,6)>=substr(?2,6) %s substr(%s,6)<=substr(?3,6))"
                                " OR substr(%s,6)='02-29')",
                                column, joint, column, column);
}

int dates_within(struct db *db, const struct date_span *span, int64_t after, size_t limit,
                 struct arena *a, int64_t **out, size_t *count, struct err *e)
{
    const char *column = span->field->columns[0].sql_name;
    const char *test = span->yearly ? yearly_test(a, span, column)
                                    : arena_printf(a, "%s>=?2", column);
    const char *sql = arena_printf(a,
                                   "SELECT id FROM %s WHERE deleted_at IS NULL AND id>?1 AND"
                                   " %s<=?3 AND %s ORDER BY id LIMIT %zu",
                                   span->field->entity->sql_table, column, test, limit);
    sqlite3_stmt *st = stmt_get(db, sql, e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, after);
    stmt_bind_text(st, 2, span->from);
    stmt_bind_text(st, 3, span->to);
    return read_ids(db, st, limit, a, out, count, e);
}

int dates_steps(struct db *db, const struct step_span *span, size_t limit, struct arena *a,
                int64_t **out, size_t *count, struct err *e)
{
    const char *due = span->due->columns[0].sql_name, *list = span->reminders->columns[0].sql_name;
    const char *sql = arena_printf(
        a,
        "SELECT id FROM %s WHERE id>?3 AND deleted_at IS NULL AND %s IS NULL AND %s IS NOT NULL"
        " AND %s>?1"
        " AND (updated_at>?1 OR EXISTS(SELECT 1 FROM json_each(%s) j WHERE %s-j.value*60000"
        " BETWEEN ?1-93600000 AND ?2+93600000)) ORDER BY id LIMIT %zu",
        span->due->entity->sql_table, span->done->columns[0].sql_name, list, due, list, due, limit);
    sqlite3_stmt *st = stmt_get(db, sql, e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, span->last_ms);
    sqlite3_bind_int64(st, 2, span->now_ms);
    sqlite3_bind_int64(st, 3, span->after);
    return read_ids(db, st, limit, a, out, count, e);
}
