/*
 * Records that form a tree by a link of their kind (`tree: true`): nobody stands above himself, by
 * however many steps. Asked after the write, so the link is there already: the way up from its target
 * must not come by the record.
 */
#include <string.h>

#include "core/parts.h"

#define NAMES_MAX 6 /* of a ring that are named */

/* "Nord GmbH › Nord Holding › Acme", as far as the actor may see them. */
static const char *names_of(struct ctx *c, const int64_t *ids, size_t count)
{
    struct title_row *rows = NULL;
    struct buf text = {0};
    size_t shown = count < NAMES_MAX ? count : NAMES_MAX;
    if (print_titles(c, ids, shown, &rows) != 0) {
        return NULL;
    }
    for (size_t i = 0; i < shown; i++) {
        buf_printf(&text, "%s%s", i > 0 ? " › " : "", rows[i].hidden ? "…" : rows[i].title);
    }
    buf_puts(&text, shown < count ? " › …" : "");
    const char *names = arena_strndup(c->arena, text.data, text.size);
    buf_done(&text);
    return names;
}

int tree_check(struct ctx *c, const struct record *before, const struct record *r, const char **why)
{
    const struct field *f = r->entity->tree;
    int64_t *ids = NULL;
    size_t count = 0;
    *why = NULL;
    struct value up = f != NULL ? record_value(r, f) : value_null();
    bool moved = before == NULL || (f != NULL && !value_equal(up, record_value(before, f)));
    if (up.kind != VALUE_INT || up.i == r->id || !moved) {
        return 0;
    }
    if (rows_way_up(c->db, f, up.i, r->id, c->arena, &ids, &count, &c->err) != 0) {
        return -1;
    }
    const char *names = count > 0 ? names_of(c, ids, count) : NULL;
    if (count > 0) {
        *why = names == NULL ? "" : arena_printf(c->arena, "would stand above itself: %s.", names);
    }
    return c->err.code == ERR_NONE ? 0 : -1;
}
