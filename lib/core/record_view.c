/*
 * Saved views are records that other requests read: what one says must be something a list can be
 * asked for, by whoever saves it. A later configuration may still take a field away; then the list
 * says so.
 */
#include <string.h>

#include "base/str.h"
#include "core/parts.h"

static const char *text_of(const struct record *r, const char *name)
{
    const struct field *f = r == NULL ? NULL : entity_field_find(r->entity, name);
    struct value v = f == NULL ? value_null() : record_value(r, f);
    return v.kind == VALUE_TEXT ? v.s : "";
}

static bool differs(const struct record *before, const struct record *r, const char *name)
{
    return before == NULL || strcmp(text_of(before, name), text_of(r, name)) != 0;
}

/* Filter and sort as a list would take them; its refusal becomes one of the view's field. */
static int check_part(struct ctx *c, const struct entity *e, const char *name, const char *text)
{
    struct list_spec spec = {.entity = e};
    const struct expr *filter = NULL;
    struct err said = c->err;
    err_clear(&c->err);
    int rc = strcmp(name, "filter") == 0 ? list_filter(c, e, text, &filter)
                                         : list_sort(c, &spec, text);
    struct err refused = c->err;
    c->err = said;
    return rc == 0 ? 0
                   : err_add(&c->err, c->arena, ERR_INVALID,
                             arena_printf(c->arena, "%s.%s", ENTITY_VIEW, name), "%s",
                             refused.text);
}

static int check_widths(struct ctx *c, const char *text)
{
    const char *name;
    size_t size;
    int pixels;
    while (view_width_next(&text, &name, &size, &pixels)) {
    }
    return *text == '\0'
               ? 0
               : err_add(&c->err, c->arena, ERR_INVALID, ENTITY_VIEW ".widths",
                         "Widths are columns with %d to %d pixels, like “title:220,city:140”.",
                         VIEW_WIDTH_MIN, VIEW_WIDTH_MAX);
}

int view_check(struct ctx *c, const struct record *before, const struct record *r)
{
    static const char *const PARTS[] = {"filter", "sort"};
    if (strcmp(r->entity->name, ENTITY_VIEW) != 0) {
        return 0;
    }
    const char *name = text_of(r, "entity");
    const struct entity *e = model_entity_find(c->model, name);
    bool moved = differs(before, r, "entity");
    if (e == NULL || !ctx_may(c, ACTION_SEE, e)) {
        return moved && *name != '\0'
                   ? err_add(&c->err, c->arena, ERR_INVALID, "view.entity",
                             "There is no entity “%.60s”.", name)
                   : 0;
    }
    int rc = check_widths(c, text_of(r, "widths"));
    for (size_t i = 0; i < COUNT(PARTS); i++) {
        if (moved || differs(before, r, PARTS[i])) {
            rc |= check_part(c, e, PARTS[i], text_of(r, PARTS[i]));
        }
    }
    return rc;
}

/* ---- Tags that filters quote ------------------------------------------------------------------ */

struct retag {
    struct ctx *c;
    const char *const *from; /* tight folds of names */
    size_t count;
    const char *to;
    int64_t *ids;
    const char **filters; /* as they are to be, by id */
    size_t found, room;
};

static bool is_among(const struct retag *x, const char *tag)
{
    const char *key = str_fold_tight(x->c->arena, tag);
    size_t i = 0;
    while (i < x->count && strcmp(x->from[i], key) != 0) {
        i++;
    }
    return i < x->count;
}

static void put_quoted(struct buf *out, const char *text)
{
    buf_putc(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            buf_putc(out, '\\');
        }
        buf_putc(out, *text);
    }
    buf_putc(out, '"');
}

/* The filter with the new name; NULL: it quotes none of the old ones, or is no filter any more. */
static const char *filter_with(struct retag *x, const struct entity *e, const char *filter)
{
    struct arena *a = x->c->arena;
    const struct expr *compiled = NULL;
    struct expr_quote *quotes = NULL;
    struct err ignored = {0};
    struct buf out = {0};
    int at = 0;
    if (expr_compile(a, x->c->model, e, NULL, filter, KIND_BOOL, &compiled, &ignored) != 0) {
        return NULL;
    }
    size_t count = expr_quoted_tags(a, compiled, filter, &quotes);
    for (size_t i = 0; i < count; i++) {
        if (is_among(x, quotes[i].tag)) {
            buf_add(&out, filter + at, (size_t)(quotes[i].from - at));
            put_quoted(&out, x->to);
            at = quotes[i].to;
        }
    }
    buf_puts(&out, filter + at);
    const char *text = at > 0 ? arena_strndup(a, out.data, out.size) : NULL;
    buf_done(&out);
    bool sound = text != NULL && expr_compile(a, x->c->model, e, NULL, text, KIND_BOOL, &compiled,
                                              &ignored) == 0;
    return sound ? text : NULL;
}

static void note_view(struct retag *x, int64_t id, const char *filter)
{
    if (x->found == x->room) {
        size_t room = x->room == 0 ? 64 : 2 * x->room;
        int64_t *ids = ARENA_ARRAY(x->c->arena, int64_t, room);
        const char **filters = ARENA_ARRAY(x->c->arena, const char *, room);
        if (x->found > 0) {
            memcpy(ids, x->ids, sizeof(*ids) * x->found);
            memcpy(filters, x->filters, sizeof(*filters) * x->found);
        }
        x->ids = ids;
        x->filters = filters;
        x->room = room;
    }
    x->ids[x->found] = id;
    x->filters[x->found++] = filter;
}

static int look_at_view(void *data, const struct list_row *row)
{
    struct retag *x = data;
    struct value entity = row->values[0], filter = row->values[1];
    if (entity.kind != VALUE_TEXT || filter.kind != VALUE_TEXT) {
        return 0;
    }
    struct arena *a = x->c->arena;
    const struct entity *e =
        model_entity_find(x->c->model, arena_strndup(a, entity.s, entity.n));
    const char *fresh = e != NULL ? filter_with(x, e, arena_strndup(a, filter.s, filter.n)) : NULL;
    if (fresh != NULL) {
        note_view(x, row->id, fresh);
    }
    return 0;
}

static int put_filter(struct ctx *c, const struct entity *views, const struct field *f, int64_t id,
                      const char *filter)
{
    struct record *r = NULL;
    bool changed = false;
    if (rows_load(c->db, views, id, c->arena, &r, &c->err) != 0) {
        return -1;
    }
    struct record *after = record_copy(c->arena, r);
    struct value v = value_text(filter);
    record_set(after, f, &v);
    return write_back(c, r, after, &changed);
}

int views_retag(struct ctx *c, const char *const *from, size_t count, const char *to,
                int64_t *changed)
{
    const struct entity *views = model_entity_find(c->model, ENTITY_VIEW);
    const struct who system = {.model = c->model, .now_ms = c->now_ms};
    struct retag x = {.c = c, .from = from, .count = count, .to = to};
    if (views == NULL) {
        return 0;
    }
    const struct field *fields[] = {entity_field_find(views, "entity"),
                                    entity_field_find(views, "filter")};
    const struct list_spec all = {.entity = views,
                                  .action = ACTION_SEE,
                                  .fields = fields,
                                  .field_count = COUNT(fields),
                                  .both = true};
    if (query_list(c->db, &system, &all, c->arena, look_at_view, &x, NULL, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < x.found; i++) {
        if (put_filter(c, views, fields[1], x.ids[i], x.filters[i]) != 0) {
            return -1;
        }
    }
    *changed += (int64_t)x.found;
    return 0;
}
