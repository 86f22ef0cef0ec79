/*
 * Links to records of any kind as one cell of a table: `company: Acme; contact: Ada Lund`. A title
 * that holds a semicolon or a quote stands in quotes, inner ones doubled. What an export writes, an
 * import reads; ids stay possible (`12; 13`).
 */
#include <string.h>

#include "base/str.h"
#include "core/parts.h"

void records_cell_add(struct buf *out, const struct title_row *row)
{
    buf_puts(out, out->size > 0 ? "; " : "");
    buf_printf(out, "%s: ", row->entity->name);
    if (strpbrk(row->title, ";\"") == NULL) {
        buf_puts(out, row->title);
        return;
    }
    buf_putc(out, '"');
    for (const char *p = row->title; *p != 0; p++) {
        buf_puts(out, *p == '"' ? "\"" : "");
        buf_putc(out, *p);
    }
    buf_putc(out, '"');
}

const char *records_cell_next(struct arena *a, const char **cell)
{
    const char *at = *cell;
    bool quoted = false;
    while (*at != 0 && (quoted || *at != ';')) {
        quoted = quoted != (*at++ == '"');
    }
    const char *item = str_trim(a, arena_strndup(a, *cell, (size_t)(at - *cell)));
    *cell = *at != 0 ? at + 1 : at;
    return item;
}

/* The text without its quotes. */
static const char *unquoted(struct arena *a, const char *text)
{
    size_t n = strlen(text);
    if (n < 2 || text[0] != '"' || text[n - 1] != '"') {
        return text;
    }
    char *out = arena_alloc(a, n);
    size_t used = 0;
    for (size_t i = 1; i < n - 1; i++) {
        out[used++] = text[i];
        i += text[i] == '"' && text[i + 1] == '"' && i + 1 < n - 1;
    }
    out[used] = 0;
    return out;
}

const struct entity *records_cell_split(const struct ctx *c, const char *item, const char **title)
{
    const char *colon = strchr(item, ':');
    if (colon == NULL) {
        return NULL;
    }
    const char *name = str_trim(c->arena, arena_strndup(c->arena, item, (size_t)(colon - item)));
    *title = unquoted(c->arena, str_trim(c->arena, colon + 1));
    return model_entity_find(c->model, name);
}
