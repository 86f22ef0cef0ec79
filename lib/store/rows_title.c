/*
 * Titles, sort keys and folded key columns: the texts that are derived from a record's own fields
 * and stored beside them, so that any SQLite sorts and finds the way we do, without functions of
 * ours.
 */
#include <string.h>

#include "base/str.h"
#include "model/field_type.h"
#include "store/rows_private.h"

bool title_uses(const struct entity *entity, const struct field *f)
{
    for (size_t i = 0; i < entity->title_count; i++) {
        if (entity->title[i] == f) {
            return true;
        }
    }
    for (size_t i = 0; i < entity->title_sort_count; i++) {
        if (entity->title_sort[i] == f) {
            return true;
        }
    }
    return false;
}

bool column_has_key(const struct column *c)
{
    const struct field *f = c->field;
    return f->type->kind == TYPE_TEXT && (f->unique || f->indexed || title_uses(f->entity, f));
}

/* n, or less so that s is not cut within a character. */
static size_t cut(const char *s, size_t n, size_t most)
{
    if (n <= most) {
        return n;
    }
    n = most;
    while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80) {
        n--;
    }
    return n;
}

struct value key_make(struct arena *a, struct value v)
{
    return v.kind == VALUE_TEXT ? value_text(str_fold(a, v.s, v.n)) : value_null();
}

/* Title of a linked record; nothing when it is absent. */
static int add_linked(struct db *db, struct buf *out, const struct field *f, int64_t id,
                      struct err *e)
{
    if (!db || !f->to) {
        return 0;
    }
    buf_clear(&db->text);
    buf_printf(&db->text, "SELECT title FROM %s WHERE id = ?1", f->to->sql_table);
    sqlite3_stmt *st = stmt_get(db, buf_text(&db->text), e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, id);
    int rc = stmt_step(db, st, e);
    if (rc == 1) {
        buf_puts(out, (const char *)sqlite3_column_text(st, 0));
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

/* One part of a title; long texts give the start of their first line. */
static int add_part(struct db *db, struct buf *out, const struct record *r, const struct field *f,
                    struct err *e)
{
    const struct value *values = record_values(r, f);
    if (!values || values[0].kind == VALUE_NULL) {
        return 0;
    }
    if (out->size > 0 && out->data[out->size - 1] != ' ') {
        buf_putc(out, ' ');
    }
    switch (f->type->kind) {
    case TYPE_LINK:
    case TYPE_USER:
        return add_linked(db, out, f, values[0].i, e);
    case TYPE_TEXT:
    case TYPE_LONGTEXT: {
        size_t line = strcspn(values[0].s, "\r\n");
        buf_add(out, values[0].s, cut(values[0].s, line, TITLE_BYTES));
        return 0;
    }
    default:
        f->type->print_text(out, f, values);
        return 0;
    }
}

static int join_parts(struct db *db, struct arena *a, const struct record *r, bool sort, char **out,
                      struct err *e)
{
    bool own_sort = sort && r->entity->title_sort_count > 0;
    const struct field **parts = own_sort ? r->entity->title_sort : r->entity->title;
    size_t count = own_sort ? r->entity->title_sort_count : r->entity->title_count;
    struct buf text = {0};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        rc = add_part(db, &text, r, parts[i], e);
    }
    while (text.size > 0 && text.data[text.size - 1] == ' ') {
        text.data[--text.size] = '\0';
    }
    if (text.size == 0) {
        buf_printf(&text, "#%lld", (long long)r->id);
    }
    *out = arena_strndup(a, buf_text(&text), text.size);
    buf_done(&text);
    return rc;
}

int title_make(struct db *db, struct arena *a, const struct record *r, struct title_pair *out,
               struct err *e)
{
    char *sort = NULL;
    if (join_parts(db, a, r, false, &out->title, e) != 0 ||
        join_parts(db, a, r, true, &sort, e) != 0) {
        return -1;
    }
    out->key = str_fold(a, sort, strlen(sort));
    out->key[cut(out->key, strlen(out->key), TITLE_BYTES)] = '\0';
    return 0;
}

char *rows_title(struct arena *a, const struct record *r)
{
    struct title_pair pair = {0};
    struct err ignored = {0};
    title_make(NULL, a, r, &pair, &ignored);
    return pair.title;
}
