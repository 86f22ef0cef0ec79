/*
 * Lists: the words of a URL (filter, sort, view, group, as_of) become one list_spec, and the answer
 * is written in one pass: items, the cursor of the next page, the count, the groups.
 */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "core/build.h"
#include "core/parts.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     500
#define COUNT_MAX     10000
#define GROUPS_MAX    200
#define MEASURES_MAX  16

/* ---- The parts of a request ------------------------------------------------------------------ */

int record_as_of(struct ctx *c, const char *text, int64_t *out)
{
    *out = 0;
    if (text == NULL || *text == '\0') {
        return 0;
    }
    int64_t at = 0, set = 0;
    if (str_starts(text, "cs:")) {
        if (str_to_int(text + 3, &set) != 0 || set < 1) {
            return ctx_fail(c, ERR_MALFORMED, "as_of", "“%.60s” is not a change like “cs:123”.",
                            text);
        }
        *out = set;
        return 0;
    }
    if (clock_is_date(text)) {
        char next[CLOCK_DATE_SIZE];
        clock_date_from_days(clock_days_of(text) + 1, next);
        clock_date_start(next, &at);
        at--;
    } else if (clock_parse_instant(text, &at) != 0) {
        return ctx_fail(c, ERR_MALFORMED, "as_of",
                        "“%.60s” is neither a date nor a time like “2026-11-21T14:05:00Z”.", text);
    }
    struct db *db = ctx_db(c);
    if (db == NULL || change_at(db, at, &set, &c->err) != 0) {
        return -1;
    }
    *out = set == 0 ? -1 : set;
    return 0;
}

int list_filter(struct ctx *c, const struct entity *e, const char *text, const struct expr **out)
{
    *out = NULL;
    if (text == NULL || *text == '\0') {
        return 0;
    }
    struct err failed = {0};
    if (expr_compile(c->arena, c->model, e, c->actor.role, text, KIND_BOOL, out, &failed) != 0) {
        return err_add(&c->err, c->arena, ERR_MALFORMED, "filter", "%s", failed.text);
    }
    return 0;
}

int filter_print(struct ctx *c, const struct entity *e, const char *text, struct buf *out)
{
    const struct expr *compiled = NULL;
    if (access_entity(c, ACTION_SEE, e) != 0 || list_filter(c, e, text, &compiled) != 0) {
        return -1;
    }
    struct json_writer w;
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "tree");
    if (compiled == NULL) {
        jw_null(&w);
    } else if (expr_tree(c->arena, text, &w, &c->err) != 0) {
        return -1;
    }
    jw_object_end(&w);
    return 0;
}

static const struct view *view_find(const struct entity *e, const char *id)
{
    for (size_t i = 0; i < e->view_count; i++) {
        if (strcmp(e->views[i].id, id) == 0) {
            return &e->views[i];
        }
    }
    return NULL;
}

/* "company.city": what a linked record says; a link at the end sorts by its title. */
static int sort_by_path(struct ctx *c, struct list_spec *spec, const char *path, bool descending)
{
    const struct expr *x = NULL;
    struct err failed = {0};
    bool link = false;
    int rc = expr_compile(c->arena, c->model, spec->entity, c->actor.role, path, KIND_NONE, &x,
                          &failed);
    if (rc == 0 && expr_is_value(x, &link) && link) {
        rc = expr_compile(c->arena, c->model, spec->entity, c->actor.role,
                          arena_printf(c->arena, "%s.title", path), KIND_NONE, &x, &failed);
    }
    if (rc != 0 || !expr_is_value(x, &link)) {
        return err_add(&c->err, c->arena, ERR_MALFORMED, "sort",
                       "A list cannot be sorted by “%.60s”.", path);
    }
    spec->sort[spec->sort_count++] = (struct sort_key){.by = x, .descending = descending};
    return 0;
}

static int sort_by_name(struct ctx *c, struct list_spec *spec, const char *name, bool descending)
{
    if (strcmp(name, "urgency") == 0 && entity_field_find(spec->entity, name) == NULL) {
        return next_urgency(c, spec);
    }
    if (spec->sort_count == COUNT(spec->sort)) {
        return err_add(&c->err, c->arena, ERR_MALFORMED, "sort",
                       "A list is sorted by at most %d fields.", (int)COUNT(spec->sort));
    }
    if (strchr(name, '.') != NULL) {
        return sort_by_path(c, spec, name, descending);
    }
    const struct field *f = access_field(c, spec->entity, name, ERR_MALFORMED, "sort");
    if (f == NULL) {
        return -1;
    }
    if (f->type->sort == SORT_NONE && !f->system) {
        return err_add(&c->err, c->arena, ERR_MALFORMED, "sort", "A list cannot be sorted by %s.",
                       f->name);
    }
    struct sort_key *key = &spec->sort[spec->sort_count++];
    *key = (struct sort_key){.field = f, .descending = descending};
    if (f->compute != NULL && !f->stored) {
        *key = (struct sort_key){.by = f->compute, .descending = descending};
    }
    return 0;
}

int list_sort(struct ctx *c, struct list_spec *spec, const char *text)
{
    while (*text != '\0') {
        size_t n = strcspn(text, ",");
        const char *name = str_trim(c->arena, arena_strndup(c->arena, text, n));
        bool descending = *name == '-';
        name += descending ? 1 : 0;
        if (*name != '\0' && sort_by_name(c, spec, name, descending) != 0) {
            return -1;
        }
        text += n + (text[n] == ',' ? 1 : 0);
    }
    return 0;
}

/* ---- Views ----------------------------------------------------------------------------------- */

/* What a view adds to a list; members NULL where it says nothing. */
struct chosen_view {
    const struct expr *filter;
    const char *sort;
};

enum { SAVED_ENTITY, SAVED_FILTER, SAVED_SORT, SAVED_COUNT };
static const char *const SAVED_FIELDS[] = {"entity", "filter", "sort"};

struct saved_view {
    struct arena *arena;
    const char *texts[SAVED_COUNT];
};

static int take_saved(void *data, const struct list_row *row)
{
    struct saved_view *saved = data;
    for (size_t i = 0; i < SAVED_COUNT; i++) {
        const struct value v = row->values[i];
        saved->texts[i] = v.kind == VALUE_TEXT ? arena_strndup(saved->arena, v.s, v.n) : NULL;
    }
    return 0;
}

/* A view somebody saved is a record: it is read, and its filter compiled, with the actor's rights.
 */
static int read_saved(struct ctx *c, const struct entity *e, int64_t id, struct chosen_view *out,
                      bool *found)
{
    const struct entity *views = model_entity_find(c->model, ENTITY_VIEW);
    const struct field *fields[SAVED_COUNT];
    struct saved_view saved = {.arena = c->arena};
    struct who who = ctx_who(c);
    *found = false;
    for (size_t i = 0; i < SAVED_COUNT; i++) {
        fields[i] = views != NULL ? entity_field_find(views, SAVED_FIELDS[i]) : NULL;
        if (fields[i] == NULL) {
            return 0;
        }
    }
    const struct list_spec spec = {.entity = views,
                                   .action = ACTION_SEE,
                                   .fields = fields,
                                   .field_count = SAVED_COUNT,
                                   .only = &id,
                                   .limit = 1};
    if (!ctx_may(c, ACTION_SEE, views)) {
        return 0;
    }
    if (query_list(c->db, &who, &spec, c->arena, take_saved, &saved, NULL, &c->err) != 0) {
        return -1;
    }
    *found = str_eq(saved.texts[SAVED_ENTITY], e->name);
    out->sort = saved.texts[SAVED_SORT];
    return *found ? list_filter(c, e, saved.texts[SAVED_FILTER], &out->filter) : 0;
}

static int choose_view(struct ctx *c, const struct entity *e, const char *name,
                       struct chosen_view *out)
{
    int64_t id = 0;
    bool found = false;
    *out = (struct chosen_view){0};
    if (name == NULL || *name == '\0') {
        return 0;
    }
    const struct view *view = view_find(e, name);
    if (view != NULL) {
        *out = (struct chosen_view){.filter = view->filter, .sort = view->sort};
        return 0;
    }
    if (str_to_id(name, &id) == 0 && read_saved(c, e, id, out, &found) != 0) {
        return -1;
    }
    return found ? 0
                 : ctx_fail(c, ERR_MALFORMED, "view", "%s have no view “%.60s”.", e->label_plural,
                            name);
}

int list_read(struct ctx *c, const struct entity *e, const struct list_request *q,
              struct list_spec *out)
{
    struct chosen_view view;
    if (ctx_db(c) == NULL || choose_view(c, e, q->view, &view) != 0) {
        return -1;
    }
    *out = (struct list_spec){
        .entity = e, .action = q->exportable ? ACTION_EXPORT : ACTION_SEE, .trash = q->trash};
    out->cursor = q->cursor != NULL && *q->cursor != '\0' ? q->cursor : NULL;
    if (list_filter(c, e, q->filter, &out->filter) != 0) {
        return -1;
    }
    out->filter = expr_and(c->arena, out->filter, view.filter);
    const char *sort = q->sort != NULL && *q->sort != '\0' ? q->sort : view.sort;
    if (sort != NULL && list_sort(c, out, sort) != 0) {
        return -1;
    }
    return record_as_of(c, q->as_of, &out->as_of);
}

/* The same as one page, in the order of the entity if no other is asked for. */
static int read_page(struct ctx *c, const struct entity *e, const struct list_request *q,
                     struct list_spec *spec)
{
    if (list_read(c, e, q, spec) != 0) {
        return -1;
    }
    if (q->limit < 0 || q->limit > LIMIT_MAX) {
        return ctx_fail(c, ERR_MALFORMED, "limit", "The limit is 1 to %d.", LIMIT_MAX);
    }
    spec->limit = q->limit == 0 ? LIMIT_DEFAULT : (size_t)q->limit;
    return spec->sort_count > 0 ? 0 : list_sort(c, spec, entity_order(c->arena, e, c->actor.role));
}

/* ---- Groups ---------------------------------------------------------------------------------- */

const char *list_value_label(const struct ctx *c, const struct field *f, struct value v)
{
    if (v.kind != VALUE_TEXT) {
        return NULL;
    }
    struct option option;
    bool stage = f == keep_follower(f->entity, FOLLOWS_LOST_FROM) && f->entity->stage != NULL;
    for (size_t i = 0; field_option(c->model, stage ? f->entity->stage : f, i, &option); i++) {
        if (strcmp(option.id, v.s) == 0) {
            return option.label;
        }
    }
    return v.s;
}

static void print_group(struct ctx *c, const struct field *by, bool month,
                        const struct field **measures, size_t measure_count,
                        const struct group_row *g, struct json_writer *w)
{
    struct value key[FIELD_MAX_COLUMNS] = {g->key, value_null(), value_null()};
    jw_object(w);
    if (month) {
        jw_kv_text(w, "value", g->key.kind == VALUE_TEXT ? g->key.s : NULL);
    } else {
        jw_key(w, "value");
        print_value(w, c, by, key, &g->title);
        jw_kv_text(w, "label", field_is_link(by) ? g->title.text : list_value_label(c, by, g->key));
    }
    jw_kv_int(w, "count", g->count);
    jw_key(w, "sums");
    jw_object(w);
    for (size_t i = 0; i < measure_count; i++) {
        struct buf text = {0};
        print_sum(c, &text, g->sums[i]);
        jw_kv_text(w, measures[i]->name, text.data);
        buf_done(&text);
    }
    jw_object_end(w);
    jw_object_end(w);
}

static int print_groups(struct ctx *c, struct list_spec *spec, const char *name,
                        struct json_writer *w)
{
    const char *part = strchr(name, ':');
    const char *field = part == NULL ? name : arena_strndup(c->arena, name, (size_t)(part - name));
    const struct field *by = access_field(c, spec->entity, field, ERR_MALFORMED, "group");
    if (by == NULL) {
        return -1;
    }
    spec->by_month = part != NULL;
    bool dated = by->type->expr_kind == KIND_DATE || by->type->expr_kind == KIND_INSTANT;
    if (spec->by_month && (strcmp(part, ":month") != 0 || !dated || by->compute != NULL)) {
        return err_add(&c->err, c->arena, ERR_MALFORMED, "group",
                       "A list is grouped by a field, or by the month of a date like “due:month”.");
    }
    if (!spec->by_month && !by->type->groupable) {
        return err_add(&c->err, c->arena, ERR_MALFORMED, "group", "A list cannot be grouped by %s.",
                       by->name);
    }
    const struct field *measures[MEASURES_MAX];
    const struct expr *exprs[MEASURES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < spec->entity->field_count && count < MEASURES_MAX; i++) {
        const struct field *f = spec->entity->fields[i];
        if (f->type->kind == TYPE_MONEY && f->column_count > 0 && access_sees(c, f)) {
            measures[count] = f;
            exprs[count++] = build_field(c->arena, f);
        }
    }
    struct who who = ctx_who(c);
    struct group_row *groups = NULL;
    size_t n = 0;
    if (query_group(c->db, &who, spec, by, exprs, count, GROUPS_MAX, c->arena, &groups, &n,
                    &c->err) != 0) {
        return -1;
    }
    jw_key(w, "groups");
    jw_array(w);
    for (size_t i = 0; i < n; i++) {
        print_group(c, by, spec->by_month, measures, count, &groups[i], w);
    }
    jw_array_end(w);
    if (n == GROUPS_MAX) {
        jw_kv_bool(w, "groups_more", true);
    }
    return 0;
}

/* ---- The answer ------------------------------------------------------------------------------ */

static void print_end(struct json_writer *w, const char *next, int64_t count, bool more)
{
    jw_kv_text(w, "next", next);
    jw_kv_int(w, "count", count);
    if (more) {
        jw_kv_bool(w, "count_more", true);
    }
}

static int print_counts(struct ctx *c, struct list_spec *spec, const struct list_request *q,
                        const char *next, size_t rows, struct json_writer *w)
{
    struct who who = ctx_who(c);
    int64_t count = (int64_t)rows;
    bool more = false;
    bool whole = next == NULL && spec->cursor == NULL;
    spec->cursor = NULL;
    if (!whole && query_count(c->db, &who, spec, COUNT_MAX, &count, &more, &c->err) != 0) {
        return -1;
    }
    print_end(w, next, count, more);
    return q->group != NULL && *q->group != '\0' ? print_groups(c, spec, q->group, w) : 0;
}

static int print_all(struct ctx *c, struct list_spec *spec, struct print_plan *plan,
                     const struct list_request *q, struct json_writer *w)
{
    const char *next = NULL;
    size_t rows = 0;
    jw_object(w);
    jw_key(w, "items");
    jw_array(w);
    if (spec->as_of >= 0 && print_list(c, plan, spec, w, &next, &rows, NULL) != 0) {
        return -1;
    }
    jw_array_end(w);
    if (spec->as_of < 0) {
        print_end(w, NULL, 0, false);
    } else if (print_counts(c, spec, q, next, rows, w) != 0) {
        return -1;
    }
    jw_object_end(w);
    return 0;
}

int record_list(struct ctx *c, const struct entity *e, const struct list_request *q,
                struct buf *out)
{
    struct list_spec spec;
    struct print_plan *plan = NULL;
    if (access_entity(c, ACTION_SEE, e) != 0 || read_page(c, e, q, &spec) != 0 ||
        print_plan_make(c, e, q->fields, q->expand, q->trash, &plan) != 0) {
        return -1;
    }
    struct json_writer w;
    size_t start = out->size;
    jw_init(&w, out);
    if (print_all(c, &spec, plan, q, &w) != 0) {
        out->size = start;
        return -1;
    }
    return 0;
}
