/*
 * Which record a row of an import is about: found by the match keys, among what the actor may see.
 * Addresses and numbers are found by their normal form in the handle index, whichever of a record's
 * addresses it is; other fields by their value. A row whose keys are empty matches nothing. See
 * import.h.
 */
#include <string.h>

#include "base/str.h"
#include "core/build.h"
#include "core/import.h"
#include "core/parts.h"

#define CANDIDATES_MAX 16

static const struct handle_type {
    enum type_kind type;
    enum handle_kind handle;
    char *(*normal)(struct arena *a, const char *text);
} HANDLES[] = {{TYPE_EMAILS, HANDLE_EMAIL, handle_email},
               {TYPE_PHONES, HANDLE_PHONE, handle_phone},
               {TYPE_LINKS, HANDLE_DOMAIN, handle_domain}};

static const struct handle_type *handle_type_of(const struct field *f)
{
    for (size_t i = 0; i < COUNT(HANDLES); i++) {
        if (HANDLES[i].type == f->type->kind) {
            return &HANDLES[i];
        }
    }
    return NULL;
}

/* The entries of a list of addresses or numbers; NULL when it is empty. */
static const struct json *points_of(struct ctx *c, struct value list)
{
    const struct json *items = NULL;
    struct err ignored = {0};
    if (list.kind != VALUE_TEXT || json_parse(c->arena, list.s, list.n, &items, &ignored) != 0) {
        return NULL;
    }
    return items->child;
}

static struct value *value_of(const struct import_plan *p, const struct field *f,
                              const struct field_set *set)
{
    for (size_t i = 0; set->given[f->index] && i < p->entity->column_count; i++) {
        if (p->entity->columns[i]->field == f) {
            return &set->values[i];
        }
    }
    return NULL;
}

static bool add_candidate(int64_t *ids, size_t *count, int64_t id)
{
    for (size_t i = 0; i < *count; i++) {
        if (ids[i] == id) {
            return true;
        }
    }
    if (*count == CANDIDATES_MAX) {
        return false;
    }
    ids[(*count)++] = id;
    return true;
}

/* Living records that have one of the row's addresses. */
static int find_handles(struct ctx *c, const struct entity *e, const struct field *f,
                        struct value v, int64_t *ids, size_t *count)
{
    const struct handle_type *type = handle_type_of(f);
    *count = 0;
    for (const struct json *point = points_of(c, v); point != NULL; point = point->next) {
        const char *text = json_text(point, "value");
        const char *key = text != NULL ? type->normal(c->arena, text) : NULL;
        int64_t *found;
        size_t n = 0;
        if (key != NULL && handle_find(c->db, type->handle, key, e, CANDIDATES_MAX, c->arena,
                                       &found, &n, &c->err) != 0) {
            return -1;
        }
        for (size_t i = 0; i < n && add_candidate(ids, count, found[i]); i++) {
        }
    }
    return 0;
}

/* 0 with the condition of one key; NULL: it matches nothing. */
static int key_filter(struct ctx *c, const struct import_plan *p, const struct field *f,
                      const struct field_set *set, const struct expr **out)
{
    int64_t ids[CANDIDATES_MAX];
    size_t count;
    const struct value *v = value_of(p, f, set);
    *out = NULL;
    if (v == NULL || value_is_empty(*v)) {
        return 0;
    }
    if (handle_type_of(f) == NULL) {
        *out = build_compare(c->arena, f, EXPR_EQ, *v);
        return 0;
    }
    if (find_handles(c, p->entity, f, *v, ids, &count) != 0) {
        return -1;
    }
    *out = count > 0 ? build_ids(c->arena, p->entity, ids, count) : NULL;
    return 0;
}

/* The condition of all keys; NULL: nothing matches. */
static int match_filter(struct ctx *c, const struct row_run *run, const struct field_set *set,
                        const struct expr **out)
{
    const struct import_plan *p = run->plan;
    int64_t id;
    *out = NULL;
    if (p->match_id) {
        bool given =
            p->id_column < run->row->count && str_to_int(run->row->cells[p->id_column], &id) == 0;
        *out = given ? build_ids(c->arena, p->entity, &id, 1) : NULL;
        return 0;
    }
    const struct expr *all = NULL, *one;
    for (size_t i = 0; i < p->match_count; i++) {
        if (key_filter(c, p, p->match[i], set, &one) != 0) {
            return -1;
        }
        if (one == NULL) {
            return 0;
        }
        all = expr_and(c->arena, all, one);
    }
    *out = all;
    return 0;
}

int import_match_find(struct ctx *c, const struct row_run *run, const struct field_set *set,
                      int64_t *id)
{
    const struct expr *filter;
    struct who who = ctx_who(c);
    int64_t *ids;
    size_t count;
    *id = 0;
    if (match_filter(c, run, set, &filter) != 0) {
        return -1;
    }
    if (filter == NULL) {
        return 0;
    }
    struct list_spec spec = {.entity = run->plan->entity, .action = ACTION_SEE, .filter = filter};
    if (query_ids(c->db, &who, &spec, 0, 2, c->arena, &ids, &count, &c->err) != 0) {
        return -1;
    }
    if (count > 1) {
        return err_add(&c->err, c->arena, ERR_INVALID, run->plan->entity->name,
                       "Several records match this row.");
    }
    *id = count == 1 ? ids[0] : 0;
    return 0;
}

/* ---- what a matched record keeps ------------------------------------------------------------- */

static bool has_point(struct ctx *c, const struct handle_type *type, const struct json *points,
                      const char *text)
{
    const char *key = type->normal(c->arena, text);
    for (const struct json *p = points; p != NULL; p = p->next) {
        const char *own = json_text(p, "value");
        const char *own_key = own != NULL ? type->normal(c->arena, own) : NULL;
        if (str_eq(own, text) || (key != NULL && str_eq(own_key, key))) {
            return true;
        }
    }
    return false;
}

/* The list `before` with what `row` has beyond it. */
static struct value join_points(struct ctx *c, const struct handle_type *type, struct value before,
                                struct value row)
{
    const struct json *old = points_of(c, before);
    struct value joined = before;
    if (old == NULL) {
        return row;
    }
    for (const struct json *p = points_of(c, row); p != NULL; p = p->next) {
        const char *text = json_text(p, "value");
        if (text == NULL || has_point(c, type, old, text)) {
            continue;
        }
        struct buf one = {0};
        struct json_writer w;
        jw_init(&w, &one);
        jw_object(&w);
        jw_kv_text(&w, "value", text);
        jw_kv_text(&w, "label", json_text(p, "label"));
        jw_kv_bool(&w, "primary", false);
        jw_kv_bool(&w, "opt_out", json_true(p, "opt_out"));
        jw_object_end(&w);
        joined = value_text(
            arena_printf(c->arena, "%.*s,%s]", (int)(joined.n - 1), joined.s, buf_text(&one)));
        buf_done(&one);
    }
    return joined;
}

void import_match_merge(struct ctx *c, const struct import_plan *p, const struct record *before,
                        struct field_set *set)
{
    for (size_t i = 0; i < p->match_count; i++) {
        const struct handle_type *type = handle_type_of(p->match[i]);
        struct value *v = value_of(p, p->match[i], set);
        if (type != NULL && v != NULL) {
            *v = join_points(c, type, record_value(before, p->match[i]), *v);
        }
    }
}
