/*
 * Saved views as /meta lists them beside those of the configuration: the caller's own and the
 * shared ones. They are records of the entity ENTITY_VIEW and are read through the same visibility as
 * any record.
 */
#include "api/meta_views.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "store/query.h"

#define VIEWS_MAX 500

static const char *const FIELDS[] = {"name",   "entity",    "filter", "sort",  "columns",  "mode", "by",
                                     "shared", "with_team", "opens",  "owner", "group_by", "widths",
                                     "pipeline"};
enum {
    NAME,
    ENTITY,
    FILTER,
    SORT,
    COLUMNS,
    MODE,
    BY,
    SHARED,
    WITH_TEAM,
    OPENS,
    OWNER,
    GROUP_BY,
    WIDTHS,
    PIPELINE,
    FIELD_COUNT
};

struct collector {
    struct ctx *c;
    struct saved_views *out;
};

static const char *text(struct arena *a, const struct value *v)
{
    return v->kind == VALUE_TEXT ? arena_strndup(a, v->s, v->n) : NULL;
}

static bool is_true(const struct value *v)
{
    return v->kind == VALUE_INT && v->i != 0;
}

static int collect(void *data, const struct list_row *row)
{
    struct collector *k = data;
    struct arena *a = k->c->arena;
    const struct value *v = row->values;
    struct saved_view *view = &k->out->items[k->out->count++];
    *view = (struct saved_view){
        .id = row->id,
        .name = text(a, &v[NAME]),
        .entity = text(a, &v[ENTITY]),
        .filter = text(a, &v[FILTER]),
        .sort = text(a, &v[SORT]),
        .columns = text(a, &v[COLUMNS]),
        .mode = text(a, &v[MODE]),
        .by = text(a, &v[BY]),
        .pipeline = text(a, &v[PIPELINE]),
        .group_by = text(a, &v[GROUP_BY]),
        .widths = text(a, &v[WIDTHS]),
        .shared = is_true(&v[SHARED]),
        .with_team = is_true(&v[WITH_TEAM]),
        .opens = is_true(&v[OPENS]),
        .own = v[OWNER].kind == VALUE_INT && v[OWNER].i == k->c->actor.user,
    };
    return 0;
}

int meta_views_load(struct ctx *c, struct saved_views *out)
{
    const struct entity *e = model_entity_find(c->model, ENTITY_VIEW);
    const struct field *fields[FIELD_COUNT];
    struct collector k = {c, out};
    *out = (struct saved_views){.items = ARENA_ARRAY(c->arena, struct saved_view, VIEWS_MAX)};
    for (size_t i = 0; e != NULL && i < FIELD_COUNT; i++) {
        fields[i] = entity_field_find(e, FIELDS[i]);
        if (fields[i] == NULL) {
            return 0;
        }
    }
    struct db *db = ctx_db(c);
    if (db == NULL || e == NULL || !ctx_may(c, ACTION_SEE, e)) {
        return db == NULL ? -1 : 0;
    }
    const struct who who = ctx_who(c);
    const struct list_spec spec = {.entity = e,
                                   .action = ACTION_SEE,
                                   .fields = fields,
                                   .field_count = FIELD_COUNT,
                                   .sort = {{.field = fields[NAME]}},
                                   .sort_count = 1,
                                   .limit = VIEWS_MAX};
    const char *next;
    return query_list(db, &who, &spec, c->arena, collect, &k, &next, &c->err);
}

bool meta_is_hidden(const struct ctx *c, const struct entity *e, const char *name)
{
    const struct expr *compiled = NULL;
    struct err ignored = {0};
    if (strchr(name, '.') != NULL) {
        return expr_compile(c->arena, c->model, e, c->actor.role, name, KIND_NONE, &compiled,
                            &ignored) != 0;
    }
    const struct field *f = entity_field_find(e, name);
    return f != NULL && c->actor.role != NULL && !role_sees(c->actor.role, f);
}

static bool sort_is_hidden(const struct ctx *c, const struct entity *e, const char *sort)
{
    bool hidden = false;
    while (!hidden && *sort != 0) {
        size_t n = strcspn(sort, ",");
        const char *key = str_trim(c->arena, arena_strndup(c->arena, sort, n));
        hidden = meta_is_hidden(c, e, key + (key[0] == '-'));
        sort += n + (sort[n] == ',');
    }
    return hidden;
}

bool meta_view_fits(const struct ctx *c, const struct entity *e, const char *filter,
                    const char *sort, const char *by)
{
    const struct expr *compiled = NULL;
    struct err ignored = {0};
    if (c->actor.role == NULL) {
        return true;
    }
    if ((sort != NULL && sort_is_hidden(c, e, sort)) || (by != NULL && meta_is_hidden(c, e, by))) {
        return false;
    }
    return filter == NULL || filter[0] == 0 ||
           expr_compile(c->arena, c->model, e, c->actor.role, filter, KIND_BOOL, &compiled,
                        &ignored) == 0;
}

static void print_columns(struct json_writer *w, const struct ctx *c, const struct entity *e,
                          const char *columns)
{
    const struct json *list = NULL;
    struct err ignored = {0};
    jw_key(w, "columns");
    jw_array(w);
    if (columns != NULL &&
        json_parse(c->arena, columns, strlen(columns), &list, &ignored) == 0 &&
        list->type == JSON_ARRAY) {
        for (const struct json *one = list->child; one != NULL; one = one->next) {
            if (one->type == JSON_STRING && !meta_is_hidden(c, e, one->text)) {
                jw_text(w, one->text);
            }
        }
    }
    jw_array_end(w);
}

void meta_widths_print(struct json_writer *w, const struct ctx *c, const struct entity *e,
                       const char *widths)
{
    const char *name;
    size_t size;
    int pixels;
    if (widths == NULL) {
        return;
    }
    jw_key(w, "widths");
    jw_object(w);
    while (view_width_next(&widths, &name, &size, &pixels)) {
        const char *column = arena_strndup(c->arena, name, size);
        if (!meta_is_hidden(c, e, column)) {
            jw_key_text(w, column);
            jw_int(w, pixels);
        }
    }
    jw_object_end(w);
}

/* Views of others too, as an administrator does. */
static bool may_edit_all(const struct ctx *c)
{
    const struct entity *e = model_entity_find(c->model, ENTITY_VIEW);
    return c->actor.role == NULL || c->actor.role->rights[e->index].scope[ACTION_EDIT] == SCOPE_ALL;
}

static void print_view(struct json_writer *w, const struct ctx *c, const struct entity *e,
                       const struct saved_view *v)
{
    char id[24];
    snprintf(id, sizeof id, "%lld", (long long)v->id);
    jw_object(w);
    jw_kv_text(w, "id", id);
    jw_kv_text(w, "label", v->name);
    jw_kv_text(w, "filter", v->filter);
    jw_kv_text(w, "sort", v->sort);
    print_columns(w, c, e, v->columns);
    meta_widths_print(w, c, e, v->widths);
    jw_kv_text(w, "mode", v->mode != NULL ? v->mode : "list");
    if (v->by != NULL) {
        jw_kv_text(w, "by", v->by);
    }
    if (v->pipeline != NULL) {
        jw_kv_text(w, "pipeline", v->pipeline);
    }
    if (v->group_by != NULL) {
        jw_kv_text(w, "group_by", v->group_by);
    }
    jw_kv_bool(w, "shared", v->shared);
    jw_kv_text(w, "audience", v->shared ? "all" : v->with_team ? "team" : "me");
    jw_kv_bool(w, "opens", v->opens);
    if (v->own || may_edit_all(c)) {
        jw_kv_int(w, "record", v->id);
    }
    jw_object_end(w);
}

void meta_views_print(struct json_writer *w, const struct ctx *c, const struct saved_views *views,
                      const struct entity *e)
{
    for (size_t i = 0; i < views->count; i++) {
        const struct saved_view *v = &views->items[i];
        if (str_eq(v->entity, e->name) &&
            (v->own || meta_view_fits(c, e, v->filter, v->sort, v->by))) {
            print_view(w, c, e, v);
        }
    }
}
