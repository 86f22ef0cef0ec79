/*
 * Which record a row of an import is about: found by the match keys, among what the actor may see.
 * Addresses and numbers are found by their normal form in the handle index, whichever of a record's
 * addresses it is; texts as links find them, whatever their case; other fields by their value. A row
 * whose keys are empty matches nothing. A part of a row, for which nobody chose keys, is found by its
 * name; a person (whose name has several fields) by name and address, where one is told; of several
 * of one name the address decides; without a name it does alone.
 */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "core/build.h"
#include "core/import.h"
#include "core/parts.h"

#define CANDIDATES_MAX 16

size_t import_match_normal(struct ctx *c, const struct field *f, struct value list,
                           const char ***out)
{
    size_t all = point_texts(c->arena, list, out), count = 0;
    for (size_t i = 0; i < all; i++) {
        const char *key = point_key(f->type->points, c->arena, (*out)[i]);
        if (key != NULL) {
            (*out)[count++] = key;
        }
    }
    return count;
}

struct value *import_value_of(const struct import_plan *p, const struct field *f,
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

/* A record that was found by a number has it only in another country. */
static int is_abroad(struct ctx *c, const struct entity *e, const struct field *f, struct value v,
                     int64_t id, bool *abroad)
{
    struct record *r = NULL;
    const char **ours, **theirs;
    if (rows_load(c->db, e, id, c->arena, &r, &c->err) != 0) {
        return -1;
    }
    size_t n = point_texts(c->arena, v, &ours), m = 0;
    *abroad = true;
    for (size_t i = 0; i < e->field_count && *abroad; i++) {
        const struct field *other = e->fields[i];
        bool same = other->type->points == f->type->points;
        m = same ? point_texts(c->arena, record_value(r, other), &theirs) : 0;
        for (size_t k = 0; k < n * m && *abroad; k++) {
            const char *one = ours[k % n], *two = theirs[k / n];
            *abroad = !str_eq(point_key(f->type->points, c->arena, one),
                              point_key(f->type->points, c->arena, two)) ||
                      phones_differ(c->arena, one, two);
        }
    }
    return 0;
}

/* Living records that have one of the row's addresses. */
static int find_handles(struct ctx *c, const struct entity *e, const struct field *f,
                        struct value v, int64_t *ids, size_t *count)
{
    const char **keys;
    size_t key_count = import_match_normal(c, f, v, &keys);
    struct who who = ctx_who(c);
    *count = 0;
    for (size_t k = 0; k < key_count; k++) {
        int64_t *found;
        size_t n = 0;
        if (handle_find(c->db, &who, f->type->points->handle, keys[k], e, CANDIDATES_MAX, c->arena,
                        &found, &n, &c->err) != 0) {
            return -1;
        }
        for (size_t i = 0; i < n; i++) {
            bool abroad = false;
            if (f->type->points->handle == HANDLE_PHONE &&
                is_abroad(c, e, f, v, found[i], &abroad) != 0) {
                return -1;
            }
            if (!abroad && !add_candidate(ids, count, found[i])) {
                break;
            }
        }
    }
    return 0;
}

/* 0 with the condition of one key; NULL: it matches nothing. `same`: texts letter by letter, else as
 * links find them. */
static int key_filter(struct ctx *c, const struct import_plan *p, const struct field *f,
                      const struct field_set *set, bool same, const struct expr **out)
{
    int64_t ids[CANDIDATES_MAX];
    size_t count;
    const struct value *v = import_value_of(p, f, set);
    *out = NULL;
    if (v == NULL || value_is_empty(*v)) {
        return 0;
    }
    if (field_handle(f) == HANDLE_NONE) {
        bool text = field_is_words(f) && v->kind == VALUE_TEXT;
        *out = build_compare(c->arena, f, text && !same ? EXPR_ALIKE : EXPR_EQ, *v);
        return 0;
    }
    if (find_handles(c, p->entity, f, *v, ids, &count) != 0) {
        return -1;
    }
    *out = count > 0 ? build_ids(c->arena, p->entity, ids, count) : NULL;
    return 0;
}

/* Another system gave the same id to another record, but not at the same millisecond. */
static const struct expr *made_then(struct ctx *c, const struct row_run *run)
{
    int64_t at_ms = 0;
    const struct import_plan *p = run->plan;
    const char *text = p->made_column < run->row->count ? run->row->cells[p->made_column] : "";
    const struct field *f = entity_field_find(p->entity, "created_at");
    if (clock_parse_instant(text, &at_ms) != 0) {
        at_ms = -1; /* nothing was made then */
    }
    return build_compare(c->arena, f, EXPR_EQ, value_int(at_ms));
}

static bool is_told(const struct import_plan *p, const struct field *f,
                    const struct field_set *set)
{
    const struct value *v = f != NULL ? import_value_of(p, f, set) : NULL;
    return v != NULL && !value_is_empty(*v);
}

static size_t told_count(const struct import_plan *p, const struct field_set *set)
{
    size_t count = 0;
    for (size_t i = 0; i < p->match_count; i++) {
        count += is_told(p, p->match[i], set);
    }
    return count;
}

/* By what a part is found: `out` has room for IMPORT_MATCH_MAX + 1. 0: by nothing. */
static size_t part_keys(const struct import_plan *p, const struct field_set *set, bool help,
                        const struct field **out)
{
    size_t told = told_count(p, set), count = 0;
    bool person = p->entity->title_count > 1;
    bool helps = (help || person || told == 0) && is_told(p, p->help, set);
    if (helps) {
        out[count++] = p->help;
    } else if (told < p->match_count) {
        return 0;
    }
    for (size_t i = 0; i < p->match_count; i++) {
        if (is_told(p, p->match[i], set)) {
            out[count++] = p->match[i];
        }
    }
    return count;
}

/* What the row is matched by; 0: it cannot be. help: of parts, what tells those of one name apart. */
static size_t keys_of(const struct import_plan *p, const struct field_set *set, bool help,
                      const struct field **out)
{
    if (p->part) {
        return part_keys(p, set, help, out);
    }
    memcpy(out, p->match, p->match_count * sizeof *out);
    return told_count(p, set) == p->match_count ? p->match_count : 0;
}

/* How exactly a record is looked for, where several match. */
enum closeness {
    CLOSE_ALIKE, /* texts as links find them */
    CLOSE_HELP,  /* of parts, with the address too */
    CLOSE_SAME   /* texts letter by letter */
};

/* The record of the row's own id. */
static int id_filter(struct ctx *c, const struct row_run *run, const struct expr **out)
{
    const struct import_plan *p = run->plan;
    int64_t id;
    bool given =
        p->id_column < run->row->count && str_to_int(run->row->cells[p->id_column], &id) == 0;
    bool merged = false;
    if (given && record_follow(c, p->entity, &id, &merged) != 0) {
        return -1;
    }
    *out = given ? build_ids(c->arena, p->entity, &id, 1) : NULL;
    if (given && p->own) {
        *out = expr_and(c->arena, *out, made_then(c, run));
    }
    return 0;
}

/* The condition of all keys; NULL: nothing matches. */
static int match_filter(struct ctx *c, const struct row_run *run, const struct field_set *set,
                        enum closeness how, const struct expr **out)
{
    const struct import_plan *p = run->plan;
    const struct field *keys[IMPORT_MATCH_MAX + 1];
    const struct expr *all = NULL, *one;
    *out = NULL;
    if (p->match_id) {
        return id_filter(c, run, out);
    }
    size_t count = keys_of(p, set, how == CLOSE_HELP, keys);
    for (size_t i = 0; i < count; i++) {
        if (key_filter(c, p, keys[i], set, how == CLOSE_SAME, &one) != 0) {
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

/* By what many may have alike: no field that is unique, no address or number. */
static bool is_weak(const struct import_plan *p)
{
    bool weak = !p->match_id;
    for (size_t i = 0; weak && i < p->match_count; i++) {
        weak = !p->match[i]->unique && field_handle(p->match[i]) == HANDLE_NONE;
    }
    return weak;
}

/* Without those that are known by another id in the program the file comes from. */
static int drop_others(struct ctx *c, const struct row_run *run, int64_t *ids, size_t *count)
{
    size_t all = *count;
    *count = 0;
    for (size_t i = 0; i < all; i++) {
        bool other;
        if (import_ref_other(c, run, ids[i], &other) != 0) {
            return -1;
        }
        if (!other) {
            ids[(*count)++] = ids[i];
        }
    }
    return 0;
}

/* Up to which record all that match a row like this are known by other ids: the rows of a file are
 * often of one name, and none of them needs to look at the same ones again. For the slice. */
static int64_t *looked_up_to(struct ctx *c, const struct row_run *run, enum closeness how)
{
    const struct import_plan *p = run->plan;
    const char *key = arena_printf(c->arena, "namesakes %s %d", p->entity->name, (int)how);
    for (size_t i = 0; i < p->match_count; i++) {
        for (size_t k = 0; k < p->column_count; k++) {
            const struct import_column *column = &p->columns[k];
            if (column->field == p->match[i]) {
                key = arena_printf(c->arena, "%s\n%s", key,
                                   import_cell_text(c, column, run->row, k));
            }
        }
    }
    int64_t *known = map_find(run->links, key);
    if (known == NULL) {
        known = ARENA_NEW(c->arena, int64_t);
        map_set(run->links, key, known);
    }
    return known;
}

/* The records that match, two if there are several. Of namesakes that other ids tell apart only
 * those that are not known by another one count, however many there are: page by page. */
static int find_two(struct ctx *c, const struct row_run *run, const struct field_set *set,
                    enum closeness how, int64_t **ids, size_t *count)
{
    const struct expr *filter;
    struct who who = ctx_who(c);
    *count = 0;
    if (match_filter(c, run, set, how, &filter) != 0) {
        return -1;
    }
    if (filter == NULL) {
        return 0;
    }
    struct list_spec spec = {.entity = run->plan->entity, .action = ACTION_SEE, .filter = filter};
    bool by_id = is_weak(run->plan) && import_ref_own(c, run) != NULL;
    size_t most = by_id ? CANDIDATES_MAX : 2, got, kept = 0;
    int64_t *looked = by_id && run->links != NULL ? looked_up_to(c, run, how) : NULL;
    int64_t *two = ARENA_ARRAY(c->arena, int64_t, 2), after = looked != NULL ? *looked : 0;
    do {
        if (query_ids(c->db, &who, &spec, after, most, c->arena, ids, &got, &c->err) != 0) {
            return -1;
        }
        after = got > 0 ? (*ids)[got - 1] : after;
        size_t left = got;
        if (by_id && drop_others(c, run, *ids, &left) != 0) {
            return -1;
        }
        for (size_t i = 0; i < left && kept < 2; i++) {
            two[kept++] = (*ids)[i];
        }
        if (looked != NULL && kept == 0) {
            *looked = after;
        }
    } while (by_id && got == most && kept < 2);
    *ids = two;
    *count = kept;
    return 0;
}

bool import_match_can(const struct row_run *run, const struct field_set *set)
{
    const struct import_plan *p = run->plan;
    const struct field *keys[IMPORT_MATCH_MAX + 1];
    int64_t id;
    if (p->match_id) {
        return p->id_column < run->row->count && str_to_int(run->row->cells[p->id_column], &id) == 0;
    }
    return (!p->part && p->match_count == 0) || keys_of(p, set, false, keys) > 0;
}

int import_match_find(struct ctx *c, const struct row_run *run, const struct field_set *set,
                      int64_t *id)
{
    int64_t *ids = NULL;
    size_t count = 0;
    enum closeness how = CLOSE_ALIKE;
    if (find_two(c, run, set, how, &ids, &count) != 0) {
        return -1;
    }
    bool several = count > 1;
    /* of several, the one of that address; of those that differ in case, the one written alike */
    while (several && count != 1 && how++ < CLOSE_SAME) {
        if (find_two(c, run, set, how, &ids, &count) != 0) {
            return -1;
        }
    }
    if (several && count != 1) {
        return err_add(&c->err, c->arena, ERR_INVALID, run->plan->entity->name,
                       "Several records match this row.");
    }
    *id = count == 1 ? ids[0] : 0;
    return 0;
}

/* ---- what a matched record keeps ------------------------------------------------------------- */

static bool is_key(const struct import_plan *p, const struct field *f)
{
    for (size_t i = 0; i < p->match_count; i++) {
        if (p->match[i] == f) {
            return true;
        }
    }
    return false;
}

void import_match_merge(struct ctx *c, const struct row_run *run, const struct record *before,
                        bool by_ref, struct field_set *set)
{
    const struct import_plan *p = run->plan;
    for (size_t i = 0; i < p->entity->field_count; i++) {
        const struct field *f = p->entity->fields[i];
        bool name = !by_ref && is_key(p, f) && field_is_words(f);
        struct value *v = name ? import_value_of(p, f, set) : NULL;
        if (v != NULL) {
            *v = record_value(before, f);
        }
        bool all = p->part || is_key(p, f) || !(p->match_id || p->clear);
        import_points_join(c, run, before, f, all, set);
    }
}
