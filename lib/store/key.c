/* Records by a folded text; see key.h. */
#include "store/key.h"

#include <string.h>

#include "base/str.h"
#include "store/db.h"

#define AFTER_ALL "\xf4\x8f\xbf\xbf" /* U+10FFFF: behind every text */

static bool is_title(const struct field *f)
{
    return f->system && strcmp(f->name, "title") == 0;
}

bool key_has(const struct field *f)
{
    return is_title(f) || (f->column_count == 1 && !f->system && column_has_key(&f->columns[0]));
}

/* The limit stands in the text: a bound one would make SQLite plan the statement anew each time. */
static const char *statement_text(struct db *db, const struct field *f, bool prefix, size_t limit)
{
    const char *key = is_title(f) ? "title" : f->columns[0].name;
    const char *value = is_title(f) ? "title" : f->columns[0].sql_name;
    buf_clear(&db->text);
    buf_printf(&db->text, "SELECT id, %s, title FROM %s WHERE deleted_at IS NULL AND ", value,
               f->entity->sql_table);
    buf_printf(&db->text, prefix ? "\"%s_k\" >= ?1 AND \"%s_k\" < ?2" : "\"%s_k\" = ?1", key, key);
    buf_printf(&db->text, " ORDER BY \"%s_k\" LIMIT %zu", key, limit);
    return buf_text(&db->text);
}

int key_find(struct db *db, const struct field *f, const char *key, bool prefix, size_t limit,
             struct arena *a, struct key_row **out, size_t *count, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db, statement_text(db, f, prefix, limit), e);
    if (st == NULL) {
        return -1;
    }
    stmt_bind_text(st, 1, key);
    if (prefix) {
        stmt_bind_text(st, 2, arena_printf(a, "%s" AFTER_ALL, key));
    }
    struct key_row *rows = ARENA_ARRAY(a, struct key_row, limit + 1);
    size_t n = 0;
    int rc = 0;
    while (n < limit && (rc = stmt_step(db, st, e)) == 1) {
        rows[n++] = (struct key_row){.id = sqlite3_column_int64(st, 0),
                                     .text = stmt_text(st, 1, a),
                                     .title = stmt_text(st, 2, a)};
    }
    stmt_done(st);
    if (rc < 0) {
        return -1;
    }
    *out = rows;
    *count = n;
    return 0;
}
