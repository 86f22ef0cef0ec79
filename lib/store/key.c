/* Records by a folded text; see key.h. */
#include "store/key.h"

#include <string.h>

#include "base/str.h"
#include "store/db.h"
#include "store/expr_sql.h"
#include "store/index_rows.h"

#define AFTER_ALL "\xf4\x8f\xbf\xbf" /* U+10FFFF: behind every text */

static bool is_title(const struct field *f)
{
    return f->system && strcmp(f->name, "title") == 0;
}

bool key_has(const struct field *f)
{
    return is_title(f) || (f->column_count == 1 && !f->system && column_has_key(&f->columns[0]));
}

/*
 * The limit stands in the text: a bound one would make SQLite plan the statement anew each time.
 * Rights are asked of each row by its id, so that they cannot lead the planner away from the key's
 * index.
 */
static void put_find(struct compile *c, const struct field *f, bool prefix, size_t limit)
{
    struct sql *s = c->sql;
    const char *key = is_title(f) ? "title" : f->columns[0].name;
    const char *value = is_title(f) ? "title" : f->columns[0].sql_name;
    struct scope_row r = scope_new(c, f->entity, NULL);
    rows_reads(f, &s->reads);
    sql_printf(s, "SELECT t%d.id, t%d.%s, t%d.title FROM %s t%d WHERE t%d.deleted_at IS NULL",
               r.alias, r.alias, value, r.alias, f->entity->sql_table, r.alias, r.alias);
    sql_printf(s, prefix ? " AND t%d.\"%s_k\" >= ?1 AND t%d.\"%s_k\" < ?2" : " AND t%d.\"%s_k\" = ?1",
               r.alias, key, r.alias, key);
    if (is_restricted(c, f->entity)) {
        struct scope_row seen = scope_new(c, f->entity, NULL);
        sql_add(s, " AND EXISTS(SELECT 1");
        records_from(c, &seen, "", LIFE_LIVING, ACTION_SEE);
        sql_printf(s, " AND t%d.id = t%d.id)", seen.alias, r.alias);
    }
    sql_printf(s, " ORDER BY t%d.\"%s_k\" LIMIT %zu", r.alias, key, limit);
}

static int read_rows(struct db *db, sqlite3_stmt *st, size_t limit, struct arena *a,
                     struct key_row **out, size_t *count, struct err *e)
{
    struct key_row *rows = ARENA_ARRAY(a, struct key_row, limit + 1);
    size_t n = 0;
    int rc = 0;
    while (n < limit && (rc = stmt_step(db, st, e)) == 1) {
        rows[n++] = (struct key_row){.id = sqlite3_column_int64(st, 0),
                                     .text = stmt_text(st, 1, a),
                                     .title = stmt_text(st, 2, a)};
    }
    stmt_done(st);
    *out = rows;
    *count = n;
    return rc < 0 ? -1 : 0;
}

int key_find(struct db *db, const struct who *who, const struct field *f, const char *key,
             bool prefix, size_t limit, struct arena *a, struct key_row **out, size_t *count,
             struct err *e)
{
    struct sql sql;
    struct compile c;
    sql_init(&sql, a);
    compile_init(&c, &sql, who, e);
    sql_keep(&sql, value_text(key));
    if (prefix) {
        sql_keep(&sql, value_text(arena_printf(a, "%s" AFTER_ALL, key)));
    }
    put_find(&c, f, prefix, limit);
    sqlite3_stmt *st = compile_end(&c) == 0 ? sql_statement(db, &sql, e) : NULL;
    int rc = st != NULL ? read_rows(db, st, limit, a, out, count, e) : -1;
    sql_done(&sql);
    return rc;
}
