/*
 * Titles, default lists and forms. Whatever YAML leaves open is filled from the fields in their
 * order, so a customer's entity of five lines has a usable list, form and record page.
 */
#include <string.h>

#include "base/str.h"
#include "model/load.h"

#define LIST_COLUMNS_MAX 6
#define QUICK_FIELDS_MAX 6

static bool contains(const struct field *const *fields, size_t count, const struct field *f)
{
    for (size_t i = 0; i < count; i++) {
        if (fields[i] == f) {
            return true;
        }
    }
    return false;
}

/* ---- title ---- */

static bool makes_title(const struct field *f)
{
    return f->type->entitling && !f->system && f->compute == NULL;
}

/* Parts of the sort key that are parts of the title too have been checked with it. */
static void check_title(struct loader *l, const struct entity_def *d, const struct yaml *node,
                        const struct field **fields, size_t count)
{
    bool sort = fields != d->entity->title;
    for (size_t i = 0; i < count; i++) {
        if (sort && contains(d->entity->title, d->entity->title_count, fields[i])) {
            continue;
        }
        const struct yaml *hider = d->fields[fields[i]->index].hider;
        if (!makes_title(fields[i])) {
            load_error(l, node, "\"%s\" cannot be part of a title", fields[i]->name);
        } else if (hider != NULL) {
            load_key_error(l, hider, "\"%s\" is part of the title of %s, so every role must see it",
                           fields[i]->name, d->entity->plural);
        }
    }
}

static void read_title(struct loader *l, struct entity_def *d)
{
    struct entity *e = d->entity;
    const struct yaml *title = load_entity_key(d, "title");
    const struct yaml *sort = load_entity_key(d, "title_sort");
    e->title = load_fields(l, e, title, &e->title_count);
    if (title == NULL) {
        e->title = ARENA_ARRAY(l->arena, const struct field *, 1);
        for (size_t i = 0; i < e->field_count && e->title_count == 0; i++) {
            if (makes_title(e->fields[i])) {
                e->title[e->title_count++] = e->fields[i];
            }
        }
        if (e->title_count == 0 && yaml_find(d->yaml, "fields") != NULL) {
            load_error(l, d->yaml, "%s needs a text field for its title", e->name);
        }
    }
    check_title(l, d, title, e->title, e->title_count);
    const struct yaml *others = load_entity_key(d, "title_else");
    e->title_else = load_fields(l, e, others, &e->title_else_count);
    check_title(l, d, others, e->title_else, e->title_else_count);
    e->title_sort = load_fields(l, e, sort, &e->title_sort_count);
    if (e->title_sort_count == 0) {
        e->title_sort = e->title;
        e->title_sort_count = e->title_count;
    } else {
        check_title(l, d, sort, e->title_sort, e->title_sort_count);
    }
}

/* ---- default lists and forms ---- */

static bool is_plain(const struct field *f)
{
    return !f->system && !f->type->bulky;
}

static const struct field **title_and_more(struct loader *l, const struct entity *e, size_t room,
                                           bool required_only, size_t *count)
{
    const struct field **fields =
        ARENA_ARRAY(l->arena, const struct field *, e->field_count + e->title_count);
    for (size_t i = 0; i < e->title_count; i++) {
        fields[(*count)++] = e->title[i];
    }
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        bool required = f->required.always || f->required.when != NULL;
        bool wanted = is_plain(f) && f != e->team && f != e->owner;
        if (required_only) {
            wanted = wanted && f->compute == NULL && !f->readonly.always && !f->type->serial;
        }
        if (wanted && (*count < room || (required_only && required)) &&
            !contains(fields, *count, f)) {
            fields[(*count)++] = f;
        }
    }
    return fields;
}

static struct field_group *add_group(struct loader *l, struct entity *e, const char *label)
{
    for (size_t i = 0; i < e->detail_count; i++) {
        if (strcmp(e->detail[i].label, label) == 0) {
            return &e->detail[i];
        }
    }
    struct field_group *g = &e->detail[e->detail_count++];
    g->label = label;
    g->fields = ARENA_ARRAY(l->arena, const struct field *, e->field_count);
    return g;
}

static bool is_placed(const struct entity *e, const struct field *f)
{
    for (size_t i = 0; i < e->detail_count; i++) {
        if (contains(e->detail[i].fields, e->detail[i].count, f)) {
            return true;
        }
    }
    return false;
}

/* {Heading: [fields]} or [{label, fields}] */
static void read_groups(struct loader *l, struct entity_def *d, const struct yaml *node)
{
    static const char *const GROUP_KEYS[] = {"label", "fields", NULL};
    struct entity *e = d->entity;
    if (node->type == YAML_SCALAR) {
        load_error(l, node, "must be a map of headings and their fields");
        return;
    }
    for (const struct yaml *n = node->child; n != NULL; n = n->next) {
        bool map = node->type == YAML_MAP;
        if (!map && !load_check_keys(l, n, GROUP_KEYS)) {
            continue;
        }
        struct field_group *g =
            add_group(l, e, map ? n->key : load_label(l, yaml_find(n, "label"), e->label));
        g->fields = load_fields(l, e, map ? n : yaml_find(n, "fields"), &g->count);
        const struct field **room =
            ARENA_ARRAY(l->arena, const struct field *, e->field_count + g->count);
        memcpy(room, g->fields, g->count * sizeof *room);
        g->fields = room;
    }
}

/* Fields that nobody placed go under their own heading, or the last resort. */
static void place_rest(struct loader *l, struct entity *e, const char *rest)
{
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        if (!f->system && !is_placed(e, f)) {
            struct field_group *g = add_group(l, e, f->group != NULL ? f->group : rest);
            g->fields[g->count++] = f;
        }
    }
}

static void read_detail(struct loader *l, struct entity_def *d)
{
    const struct yaml *node = load_entity_key(d, "detail");
    struct entity *e = d->entity;
    e->detail = ARENA_ARRAY(l->arena, struct field_group,
                            e->field_count + (node == NULL ? 0 : node->count) + 1);
    if (node != NULL) {
        read_groups(l, d, node);
    }
    place_rest(l, e, node == NULL ? e->label : "More");
}

/* "last_name,-created_at" */
void load_sort(struct loader *l, const struct entity *e, const struct yaml *node)
{
    const char *text = load_text(l, node);
    while (text != NULL && *text != '\0') {
        text += *text == '-';
        size_t size = strcspn(text, ",");
        const char *name = arena_strndup(l->messages, text, size);
        const struct field *f = entity_field_find(e, name);
        if (f == NULL || f->type->sort == SORT_NONE) {
            load_error(l, node,
                       f == NULL ? "there is no field \"%s\" to sort by"
                                 : "a list cannot be sorted by \"%s\"",
                       name);
        }
        text += size + (text[size] == ',');
    }
}

static void read_picture(struct loader *l, struct entity_def *d)
{
    const struct yaml *node = load_entity_key(d, "picture");
    const struct field *f = load_text(l, node) == NULL ? NULL : load_field(l, d->entity, node);
    if (f != NULL && (f->to == NULL || strcmp(f->to->name, ENTITY_FILE) != 0)) {
        load_error(l, node, "must name a field of type file");
    } else {
        d->entity->picture = f;
    }
}

static void read_layout(struct loader *l, struct entity_def *d)
{
    struct entity *e = d->entity;
    const struct yaml *list = load_entity_key(d, "list"), *quick = load_entity_key(d, "quick");
    const struct yaml *sort = load_entity_key(d, "sort");
    read_title(l, d);
    read_picture(l, d);
    e->list = list != NULL ? load_fields(l, e, list, &e->list_count)
                           : title_and_more(l, e, LIST_COLUMNS_MAX, false, &e->list_count);
    e->quick = quick != NULL ? load_fields(l, e, quick, &e->quick_count)
                             : title_and_more(l, e, QUICK_FIELDS_MAX, true, &e->quick_count);
    read_detail(l, d);
    load_sort(l, e, sort);
    const char *text = sort == NULL ? NULL : sort->text;
    e->sort = text != NULL ? text : "title";
}

void load_layouts(struct loader *l)
{
    for (size_t i = 0; i < l->m->entity_count; i++) {
        read_layout(l, &l->defs[i]);
    }
}
