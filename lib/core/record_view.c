/*
 * Saved views are records that other requests read: what one says must be something a list can be
 * asked for, by whoever saves it. A later configuration may still take a field away; then the list
 * says so.
 */
#include <string.h>

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
