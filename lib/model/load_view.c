/*
 * Views of YAML: shared, named filters with columns and order. A view of conf/views.yaml with a
 * known name replaces the shipped one. Views that users save are records of the entity view.
 */
#include <string.h>

#include "base/str.h"
#include "model/load.h"

#define VIEWS_MAX 200

static const char *const VIEW_KEYS[] = {"entity", "label", "filter", "sort",    "columns",
                                        "mode",   "by",    "default", "group_by", "widths", NULL};
static const char *const MODES[] = {"list", "board", "forecast"};

static void read_mode(struct loader *l, const struct entity *e, const struct yaml *node,
                      struct view *v)
{
    const struct yaml *mode = yaml_find(node, "mode"), *by = yaml_find(node, "by");
    const char *text = load_text(l, mode);
    v->mode = "list";
    for (size_t i = 0; text != NULL && i < COUNT(MODES); i++) {
        v->mode = strcmp(MODES[i], text) == 0 ? MODES[i] : v->mode;
    }
    if (text != NULL && strcmp(text, v->mode) != 0) {
        load_unknown(l, mode, "mode", text, MODES, COUNT(MODES));
    }
    if (strcmp(v->mode, "forecast") == 0 && e->stage == NULL) {
        load_error(l, mode, "%s go through no pipeline and have no forecast", e->plural);
    }
    v->by = load_text(l, by) == NULL ? NULL : load_field(l, e, by);
    if (v->by != NULL && !v->by->type->groupable) {
        load_error(l, by, "a board cannot have columns by \"%s\"", v->by->name);
    }
    if (v->by == NULL && strcmp(v->mode, "board") == 0) {
        v->by = e->stage;
        if (v->by == NULL) {
            load_error(l, node, "a board needs a field under \"by\"");
        }
    }
}

/* Fields of the entity, and of what it links to. */
static void read_columns(struct loader *l, const struct entity *e, const struct yaml *node,
                         struct view *v)
{
    size_t count = 0;
    const struct yaml **items = load_items(l, node, &count);
    v->columns = ARENA_ARRAY(l->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        const char *name = load_text(l, items[i]);
        bool way = name != NULL && strchr(name, '.') != NULL;
        bool known = name != NULL && (way ? load_expr(l, items[i], e, KIND_NONE, NULL) != NULL
                                          : load_field(l, e, items[i]) != NULL);
        bool twice = false;
        for (size_t k = 0; known && k < v->column_count; k++) {
            twice = twice || strcmp(v->columns[k], name) == 0;
        }
        if (twice) {
            load_error(l, items[i], "\"%s\" is listed twice", name);
        } else if (known) {
            v->columns[v->column_count++] = name;
        }
    }
}

bool view_width_next(const char **widths, const char **name, size_t *size, int *pixels)
{
    const char *at = *widths, *colon = strchr(at, ':');
    size_t n = strcspn(at, ",");
    int64_t number = 0;
    char digits[8];
    if (colon == NULL || colon == at || colon >= at + n || at + n - colon > (long)sizeof digits) {
        return false;
    }
    size_t count = (size_t)(at + n - colon) - 1;
    memcpy(digits, colon + 1, count);
    digits[count] = '\0';
    if (str_to_int(digits, &number) != 0 || number < VIEW_WIDTH_MIN || number > VIEW_WIDTH_MAX) {
        return false;
    }
    *name = at;
    *size = (size_t)(colon - at);
    *pixels = (int)number;
    *widths = at + n + (at[n] == ',');
    return true;
}

static bool has_column(const struct view *v, const char *name)
{
    for (size_t i = 0; i < v->column_count; i++) {
        if (strcmp(v->columns[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* {name: 220}: pixels by column; the first column, which names the record, is `title`. */
static void read_widths(struct loader *l, const struct entity *e, const struct yaml *node,
                        struct view *v)
{
    if (node != NULL && node->type != YAML_MAP) {
        load_error(l, node, "must be a map of columns and their widths in pixels");
        return;
    }
    for (const struct yaml *n = node != NULL ? node->child : NULL; n != NULL; n = n->next) {
        int64_t pixels = load_int(l, n, VIEW_WIDTH_MIN, VIEW_WIDTH_MAX, VIEW_WIDTH_MIN);
        if (!has_column(v, n->key) && entity_field_find(e, n->key) == NULL) {
            load_key_error(l, n, "there is no column \"%s\"", n->key);
            continue;
        }
        v->widths = arena_printf(l->arena, "%s%s%s:%lld", v->widths != NULL ? v->widths : "",
                                 v->widths != NULL ? "," : "", n->key, (long long)pixels);
    }
}

/* A field a list can be grouped by, or the month of a date. */
static void read_group(struct loader *l, const struct entity *e, const struct yaml *node,
                       struct view *v)
{
    const char *text = load_text(l, node);
    const char *part = text != NULL ? strchr(text, ':') : NULL;
    if (text == NULL) {
        return;
    }
    size_t n = part != NULL ? (size_t)(part - text) : strlen(text);
    const struct field *f = entity_field_find(e, arena_strndup(l->arena, text, n));
    enum expr_kind kind = f != NULL ? f->type->expr_kind : KIND_NONE;
    bool dated = kind == KIND_DATE || kind == KIND_INSTANT;
    bool fits = f != NULL && (part != NULL ? dated && strcmp(part, ":month") == 0
                                           : f->type->groupable);
    if (!fits) {
        load_error(l, node, "a list cannot be grouped by \"%s\"", text);
        return;
    }
    v->group_by = text;
}

/* One key of an order: a field, "company.city", or the urgency of what has activities. */
static void read_sort_key(struct loader *l, const struct entity *e, const struct yaml *node,
                          size_t at, size_t size)
{
    const char *name = arena_strndup(l->messages, node->text + at, size);
    const struct field *f = entity_field_find(e, name);
    bool sorts = f != NULL && (f->type->sort != SORT_NONE || f->system), link = false;
    if (strchr(name, '.') != NULL) {
        const struct expr *x = load_expr_part(l, node, at, size, e);
        sorts = x == NULL || expr_is_value(x, &link);
    } else if (f == NULL && (strcmp(name, "urgency") != 0 || !e->timeline)) {
        load_error_at(l, node, at,
                      arena_printf(l->messages, "there is no field \"%s\" to sort by", name));
        return;
    } else {
        sorts = sorts || f == NULL;
    }
    if (!sorts) {
        load_error_at(l, node, at,
                      arena_printf(l->messages, "a list cannot be sorted by \"%s\"", name));
    }
}

/* "-amount, company.city": as lists take it from an address. */
static void read_sort(struct loader *l, const struct entity *e, const struct yaml *node)
{
    const char *text = load_text(l, node);
    size_t keys = 0;
    for (size_t at = 0; text != NULL && text[at] != '\0'; at += text[at] == ',') {
        at += strspn(text + at, " ");
        at += text[at] == '-';
        size_t n = strcspn(text + at, ","), size = n;
        while (size > 0 && text[at + size - 1] == ' ') {
            size--;
        }
        if (size > 0) {
            read_sort_key(l, e, node, at, size);
            keys++;
        }
        at += n;
    }
    if (keys > SORTS_MAX) {
        load_error(l, node, "a list is sorted by at most %d fields", SORTS_MAX);
    }
}

/* The view a list opens with: one for each entity, the last one that says so. */
static void read_default(struct loader *l, struct entity *e, const struct yaml *node,
                         struct view *v)
{
    if (!load_bool(l, yaml_find(node, "default"), false)) {
        return;
    }
    for (size_t i = 0; i < e->view_count; i++) {
        e->views[i].first = false;
    }
    v->first = true;
}

static void read_view(struct loader *l, const struct yaml *node)
{
    const struct yaml *entity =
        load_check_keys(l, node, VIEW_KEYS) ? yaml_find(node, "entity") : NULL;
    if (entity == NULL) {
        load_key_error(l, node, "a view needs an entity");
        return;
    }
    struct entity_def *d = load_entity_def(l, entity, load_text(l, entity));
    if (d == NULL) {
        return;
    }
    struct entity *e = d->entity;
    if (e->views == NULL) {
        e->views = ARENA_ARRAY(l->arena, struct view, VIEWS_MAX);
    }
    size_t slot = 0;
    while (slot < e->view_count && strcmp(e->views[slot].id, node->key) != 0) {
        slot++;
    }
    if (slot == VIEWS_MAX) {
        load_key_error(l, node, "more than %d views", VIEWS_MAX);
        return;
    }
    struct view *v = &e->views[slot];
    *v = (struct view){.id = node->key};
    v->label = load_label(l, yaml_find(node, "label"), load_label_of(l, v->id));
    const struct yaml *filter = yaml_find(node, "filter");
    v->filter_text = load_text(l, filter);
    v->filter_where = filter != NULL ? yaml_where(l->arena, filter) : NULL;
    v->filter = v->filter_text == NULL ? NULL : load_expr(l, filter, e, KIND_BOOL, NULL);
    v->sort = load_text(l, yaml_find(node, "sort"));
    read_sort(l, e, yaml_find(node, "sort"));
    read_columns(l, e, yaml_find(node, "columns"), v);
    read_widths(l, e, yaml_find(node, "widths"), v);
    read_group(l, e, yaml_find(node, "group_by"), v);
    read_mode(l, e, node, v);
    read_default(l, e, node, v);
    e->view_count += slot == e->view_count;
}

void load_views(struct loader *l)
{
    for (int pass = 0; pass < 2; pass++) {
        const struct document *d = load_document(l, "views.yaml", pass == 0);
        for (const struct yaml *n = d == NULL ? NULL : d->root->child; n != NULL; n = n->next) {
            read_view(l, n);
        }
    }
}
