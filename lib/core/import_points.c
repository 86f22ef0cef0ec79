/*
 * Addresses and numbers of a row that its record has already. What the row tells of one (a label, a
 * mark in brackets, members of JSON, a column of opt-outs) holds; what it does not tell stays as the
 * record has it. A file found by our own ids is an export that was edited: an entry with anything in
 * its brackets tells all that can stand there.
 */
#include <string.h>

#include "base/str.h"
#include "core/import.h"
#include "core/parts.h"
#include "model/address.h"
#include "model/point.h"
#include "model/unite.h"

/* What the file says of an entry. */
struct told {
    bool label, mark[MARKS];
};

/* The row's text of a field, as JSON where it is that. */
struct row_text {
    const struct json *items; /* NULL: a cell */
    bool own;
};

static struct row_text row_text_of(struct ctx *c, const struct row_run *run, const struct field *f)
{
    const char *text = import_row_text(c, run->plan, run->row, f);
    const struct json *j = text != NULL ? import_cell_json(c, f, text) : NULL;
    return (struct row_text){.items = j != NULL && j->type == JSON_ARRAY ? j->child : j,
                           .own = run->plan->match_id};
}

/* An export leaves out marks that are not so. */
static struct told told_by_json(const struct row_text *s, const struct json *j)
{
    struct told t = {.label = json_find(j, "label") != NULL};
    for (size_t i = 0; i < MARKS; i++) {
        t.mark[i] = json_find(j, MARK_KEYS[i]) != NULL ||
                    (s->own && json_find(j, MARK_KEYS[MARK_PRIMARY]) != NULL);
    }
    return t;
}

/* first: what is not said otherwise is the primary one. */
static struct told told_by_cell(const struct row_text *s, const char *label, struct marks is,
                                bool first)
{
    bool some = *label != '\0' || is.opt_out || is.invalid || (is.primary && !first);
    bool all = some && s->own;
    return (struct told){.label = *label != '\0' || all,
                         .mark = {[MARK_PRIMARY] = is.primary && !first,
                                  [MARK_OPT_OUT] = is.opt_out || all,
                                  [MARK_INVALID] = is.invalid || all}};
}

/* Of an entry of the record, what the row tells. */
static void take_told(const struct told *t, const char **label, struct marks *is,
                      const char *new_label, struct marks new)
{
    *label = t->label ? new_label : *label;
    for (size_t i = 0; i < MARKS; i++) {
        *mark_of(is, i) = t->mark[i] ? *mark_of(&new, i) : *mark_of(is, i);
    }
}

/* ---- numbers, e-mails, links ----------------------------------------------------------------- */

static bool is_same_point(struct ctx *c, const struct field *f, const char *a, const char *b)
{
    const char *key = f->type->points->normalise(c->arena, a);
    return strcmp(a, b) == 0 || (key != NULL && str_eq(f->type->points->normalise(c->arena, b), key));
}

/* The entry of the same address or number, however it is written; NULL if there is none. */
static struct point *point_find(struct ctx *c, const struct field *f, struct point *in,
                                size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (is_same_point(c, f, in[i].value, text)) {
            return &in[i];
        }
    }
    return NULL;
}

static struct told told_of_point(struct ctx *c, const struct field *f, const struct row_text *s,
                                 const struct point *p, bool first)
{
    for (const struct json *j = s->items; j != NULL; j = j->next) {
        const char *value = json_text(j, "value");
        if (value != NULL && is_same_point(c, f, str_trim(c->arena, value), p->value)) {
            return told_by_json(s, j);
        }
    }
    return s->items != NULL ? (struct told){0} : told_by_cell(s, p->label, p->is, first);
}

/* One is the primary one: `chosen`, else the one that is, else the first. */
static void settle_primary(struct point *points, size_t count, const struct point *chosen)
{
    const struct point *primary = chosen;
    for (size_t i = 0; i < count; i++) {
        primary = primary == NULL && points[i].is.primary ? &points[i] : primary;
    }
    for (size_t i = 0; i < count; i++) {
        points[i].is.primary = primary != NULL ? &points[i] == primary : i == 0;
    }
}

static struct value join_points(struct ctx *c, const struct field *f, const struct row_text *s,
                                struct value before, struct value row, bool all)
{
    struct point *old, *new, *out, *chosen = NULL;
    size_t old_count = points_read(c->arena, before, 0, &old);
    size_t new_count = points_read(c->arena, row, 0, &new);
    size_t n = points_read(c->arena, all ? before : value_null(), new_count, &out);
    if (old_count == 0 || new_count == 0) {
        return new_count == 0 && all ? before : row;
    }
    for (size_t i = 0; i < new_count; i++) {
        struct told told = told_of_point(c, f, s, &new[i], i == 0);
        struct point *known = point_find(c, f, old, old_count, new[i].value);
        struct point *at = all && known != NULL ? &out[known - old] : &out[n++];
        bool primary = known != NULL && known->is.primary;
        *at = known == NULL ? new[i] : all ? *at : *known;
        take_told(&told, &at->label, &at->is, new[i].label, new[i].is);
        chosen = !all && told.mark[MARK_PRIMARY] && new[i].is.primary ? at : chosen;
        at->is.primary = primary;
    }
    settle_primary(out, n, chosen);
    return points_print(c->arena, out, n);
}

/* ---- postal addresses ------------------------------------------------------------------------ */

static bool is_same_address(struct ctx *c, const struct address *a, const struct address *b)
{
    for (int i = 0; i < ADDRESS_PARTS; i++) {
        const char *one = a->part[i] != NULL ? a->part[i] : "";
        const char *other = b->part[i] != NULL ? b->part[i] : "";
        if (strcmp(str_fold_tight(c->arena, one), str_fold_tight(c->arena, other)) != 0) {
            return false;
        }
    }
    return true;
}

static struct told told_of_address(struct ctx *c, const struct row_text *s, const struct address *x,
                                   bool first)
{
    for (const struct json *j = s->items; j != NULL; j = j->next) {
        struct address said;
        address_from_json(j, &said);
        if (is_same_address(c, &said, x)) {
            return told_by_json(s, j);
        }
    }
    return s->items != NULL ? (struct told){0} : told_by_cell(s, x->label, x->is, first);
}

/* The row's list with what it takes from the record's: `row` and `before` whole. `all`: also the
 * addresses that it does not name. */
static struct value join_addresses(struct ctx *c, const struct row_text *s, struct value before,
                                   struct value row, bool all)
{
    struct address *old, *new;
    size_t old_count = address_read(c->arena, before, &old);
    size_t new_count = address_read(c->arena, row, &new), n = 0;
    bool *known = ARENA_ARRAY(c->arena, bool, old_count + 1);
    struct address *out = ARENA_ARRAY(c->arena, struct address, new_count + old_count + 1);
    memset(known, 0, sizeof *known * (old_count + 1));
    for (size_t i = 0; i < new_count; i++) {
        for (size_t k = 0; k < old_count; k++) {
            if (is_same_address(c, &old[k], &new[i])) {
                known[k] = true;
                struct told told = told_of_address(c, s, &new[i], i == 0);
                struct marks is = old[k].is;
                const char *label = old[k].label;
                take_told(&told, &label, &is, new[i].label, new[i].is);
                is.primary = new[i].is.primary;
                new[i].label = label;
                new[i].is = is;
                break;
            }
        }
    }
    for (size_t i = 0; i < new_count; i++) {
        out[n++] = new[i];
    }
    for (size_t k = 0; k < old_count; k++) {
        if (all && !known[k]) {
            out[n] = old[k];
            out[n].is.primary = old[k].is.primary && new_count == 0;
            n++;
        }
    }
    return address_list(c->arena, out, n);
}

/* What the row says of the addresses is in the list and in the plain fields beside it. */
static void put_addresses(struct ctx *c, const struct row_text *s, const struct record *before,
                          const struct field *f, bool all, struct field_set *set)
{
    const struct entity *e = before->entity;
    struct value mirrors[ADDRESS_PARTS], out[FIELD_MAX_COLUMNS] = {{0}};
    bool found[ADDRESS_PARTS];
    unsigned mask = address_mask(f);
    for (int i = 0; i < ADDRESS_PARTS; i++) {
        const struct field *m = address_mirror(f, (enum address_part)i);
        mirrors[i] = m == NULL               ? value_null()
                     : set->given[m->index] ? field_set_values(set, e, m)[0]
                                            : record_value(before, m);
    }
    struct value row = address_whole(c->arena, field_set_values(set, e, f)[0], mask, mirrors);
    struct value joined = join_addresses(c, s, record_addresses(c->arena, before, f), row, all);
    out[0] = address_split(c->arena, joined, mask, mirrors, found);
    field_set_put(set, e, f, out);
}

void import_points_join(struct ctx *c, const struct row_run *run, const struct record *before,
                        const struct field *f, bool all, struct field_set *set)
{
    struct value *v = import_value_of(run->plan, f, set);
    if (v != NULL && f->type->governed && all) {
        *v = unite_lists(c->arena, f, record_value(before, f), *v);
    }
    if (v == NULL || (f->type->points == NULL && f->type->form != FORM_ADDRESSES)) {
        return;
    }
    struct row_text s = row_text_of(c, run, f);
    if (f->type->form == FORM_ADDRESSES) {
        put_addresses(c, &s, before, f, all, set);
    } else {
        *v = join_points(c, f, &s, record_value(before, f), *v, all);
    }
}
