/* SQL text under construction; see sql.h. */
#include "store/sql.h"

#include <string.h>

#include "store/index_rows.h"

void sql_init(struct sql *s, struct arena *a)
{
    *s = (struct sql){.arena = a};
    buf_reserve(&s->text, 1024);
}

void sql_done(struct sql *s)
{
    buf_done(&s->text);
}

void sql_add(struct sql *s, const char *text)
{
    buf_puts(&s->text, text);
}

void sql_add_column(struct sql *s, int alias, const char *name)
{
    buf_putc(&s->text, 't');
    buf_int(&s->text, alias);
    buf_putc(&s->text, '.');
    buf_puts(&s->text, name);
}

void sql_printf(struct sql *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_vprintf(&s->text, format, args);
    va_end(args);
}

size_t sql_keep(struct sql *s, struct value v)
{
    if (s->bind_count == s->bind_room) {
        size_t room = s->bind_room ? 2 * s->bind_room : 16;
        struct value *more = ARENA_ARRAY(s->arena, struct value, room);
        if (s->bind_count > 0) {
            memcpy(more, s->binds, s->bind_count * sizeof(*more));
        }
        s->binds = more;
        s->bind_room = room;
    }
    s->binds[s->bind_count++] = v;
    return s->bind_count;
}

void sql_param(struct sql *s, size_t n)
{
    buf_putc(&s->text, '?');
    buf_int(&s->text, (int64_t)n);
}

size_t sql_bind(struct sql *s, struct value v)
{
    size_t n = sql_keep(s, v);
    sql_param(s, n);
    return n;
}

const char *sql_cut(struct sql *s, size_t start)
{
    const char *piece = arena_strndup(s->arena, buf_text(&s->text) + start, s->text.size - start);
    if (s->text.size > start) {
        s->text.size = start;
        s->text.data[start] = '\0';
    }
    return piece;
}

sqlite3_stmt *sql_statement(struct db *db, const struct sql *s, struct err *e)
{
    if (rows_settle_for(db, s->reads, e) != 0) {
        return NULL;
    }
    sqlite3_stmt *st = stmt_get(db, buf_text(&s->text), e);
    for (size_t i = 0; st && i < s->bind_count; i++) {
        stmt_bind_value(st, (int)i + 1, s->binds[i]);
    }
    return st;
}
