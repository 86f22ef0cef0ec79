/*
 * Literals take the type of what they are compared with: "2026-11-21" becomes a date beside a date,
 * 1000 an amount beside an amount, "won" a stage beside a stage, "Acme" turns a link into its
 * title.
 */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/zone.h"
#include "model/check.h"
#include "model/types.h"

static bool is_text(const struct expr *x)
{
    return x->op == EXPR_LITERAL && x->type.kind == KIND_TEXT;
}

static bool is_number(const struct expr *x)
{
    return x->op == EXPR_LITERAL && x->type.kind == KIND_NUMBER;
}

static int text_to_time(struct check *c, struct expr *x, enum expr_kind kind)
{
    struct local_time t;
    if (clock_is_date(x->value.s)) {
        x->type = (struct expr_type){.kind = KIND_DATE};
        return 0;
    }
    if (local_parse(x->value.s, &t) != LOCAL_FINE) {
        return CHECK_REFUSE(c, x->position, "%s is not a date like \"2026-11-21\"%s",
                            type_quote(c->arena, x->value.s),
                            kind == KIND_INSTANT ? " or a time like \"2026-11-21T14:05:00Z\"" : "");
    }
    x->type = (struct expr_type){.kind = KIND_INSTANT};
    x->value = value_int(t.at_ms);
    return 0;
}

static int number_to(struct check *c, struct expr *x, const struct expr_type *type)
{
    if (x->type.places < type->places) {
        int64_t n = x->value.i;
        for (int i = x->type.places; i < type->places; i++) {
            if (__builtin_mul_overflow(n, 10, &n)) {
                return CHECK_REFUSE(c, x->position, "this number is too large");
            }
        }
        x->value = value_int(n);
        x->type.places = type->places;
    }
    x->type.kind = type->kind;
    return 0;
}

static int number_to_link(struct check *c, struct expr *x, const struct expr_type *type)
{
    if (x->type.places != 0 || x->value.i <= 0) {
        return CHECK_REFUSE(c, x->position, "the id of a record is a whole number from 1");
    }
    x->type = (struct expr_type){.kind = KIND_LINK, .entity = type->entity};
    return 0;
}

static const char *const STAGE_KINDS[] = {"open", "won", "lost"};

/* Keys a choice can have; NULL when the field is unknown (nothing to check). */
static const char **option_ids(struct check *c, const struct expr *x, size_t *count)
{
    if (x->attribute == ATTR_STAGE_KIND) {
        *count = COUNT(STAGE_KINDS);
        return (const char **)STAGE_KINDS;
    }
    if (x->attribute == ATTR_STAGE_FORECAST) {
        *count = FORECAST_COUNT - 1;
        return (const char **)FORECASTS + 1;
    }
    const struct field *f = x->type.field;
    if (f == NULL || f->type->options == OPTIONS_NONE) {
        return NULL;
    }
    const struct option *options = type_options(c->arena, c->request->model, f, count);
    const char **ids = ARENA_ARRAY(c->arena, const char *, *count);
    for (size_t i = 0; i < *count; i++) {
        ids[i] = options[i].id;
    }
    return ids;
}

int coerce_option(struct check *c, const struct expr *x, struct expr *text)
{
    size_t count = 0;
    const char **ids = option_ids(c, x, &count);
    text->type = (struct expr_type){.kind = KIND_CHOICE, .field = x->type.field};
    if (ids == NULL) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(ids[i], text->value.s) == 0) {
            return 0;
        }
    }
    const char *near = str_nearest(text->value.s, ids, count);
    const char *what = x->attribute == ATTR_STAGE_KIND       ? "stage.kind"
                       : x->attribute == ATTR_STAGE_FORECAST ? "stage.forecast"
                                                             : x->type.field->name;
    if (near == NULL) {
        return CHECK_REFUSE(c, text->position, "%s is not an option of %s",
                            type_quote(c->arena, text->value.s), what);
    }
    return CHECK_REFUSE(c, text->position, "%s is not an option of %s; do you mean \"%s\"?",
                        type_quote(c->arena, text->value.s), what, near);
}

int coerce_to_text(struct check *c, struct expr **x, struct expr *text)
{
    struct expr *link = *x;
    if (link->op != EXPR_FIELD || link->type.entity == NULL) {
        return CHECK_REFUSE(c, link->position, "%s cannot be compared with a text",
                            check_describe(c, link));
    }
    const struct entity *to = link->type.entity;
    const struct field *email = entity_field_find(to, "email");
    bool person = str_eq(to->name, ENTITY_USER) && email != NULL && text->op == EXPR_LITERAL &&
                  strchr(text->value.s, '@') != NULL;
    struct expr *out = check_new(c, EXPR_FIELD, link->position, KIND_TEXT);
    if (person) { /* kept in small letters */
        const char *address = handle_email(c->arena, text->value.s);
        text->value = value_text(address != NULL ? address : text->value.s);
    }
    out->up = link->up;
    out->field = person ? email : entity_field_find(to, "title");
    out->path = link->path;
    out->path_count = link->path_count;
    if (link->field->type->kind != TYPE_ID) {
        const struct field **path =
            ARENA_ARRAY(c->arena, const struct field *, link->path_count + 1);
        for (size_t i = 0; i < link->path_count; i++) {
            path[i] = link->path[i];
        }
        path[out->path_count++] = link->field;
        out->path = path;
        c->climbs = true;
    }
    *x = out;
    return 0;
}

/* One side is a literal: the other says what it means. */
static int coerce_literal(struct check *c, struct expr **x, struct expr *literal)
{
    struct expr_type *type = &(*x)->type;
    if (is_text(literal)) {
        switch (type->kind) {
        case KIND_DATE:
        case KIND_INSTANT:
            return text_to_time(c, literal, type->kind);
        case KIND_CHOICE:
            return coerce_option(c, *x, literal);
        case KIND_LINK:
            return coerce_to_text(c, x, literal);
        default:
            return 0;
        }
    }
    if (is_number(literal) && (type->kind == KIND_NUMBER || type->kind == KIND_MONEY)) {
        return number_to(c, literal, type);
    }
    if (is_number(literal) && type->kind == KIND_LINK) {
        return number_to_link(c, literal, type);
    }
    return 0;
}

static bool is_numeric(enum expr_kind kind)
{
    return kind == KIND_NUMBER || kind == KIND_MONEY;
}

static bool is_time(enum expr_kind kind)
{
    return kind == KIND_DATE || kind == KIND_INSTANT;
}

static bool compares(const struct expr_type *a, const struct expr_type *b)
{
    if (a->kind == KIND_LINK && b->kind == KIND_LINK) {
        return a->entity == NULL || b->entity == NULL || a->entity == b->entity;
    }
    return a->kind == b->kind || (is_numeric(a->kind) && is_numeric(b->kind)) ||
           (is_time(a->kind) && is_time(b->kind));
}

int coerce_pair(struct check *c, struct expr **a, struct expr **b)
{
    bool b_literal = (*b)->op == EXPR_LITERAL;
    struct expr **other = b_literal ? a : b;
    struct expr *literal = b_literal ? *b : *a;
    if (literal->op == EXPR_LITERAL && coerce_literal(c, other, literal) != 0) {
        return -1;
    }
    if ((*a)->type.kind == KIND_LIST || (*b)->type.kind == KIND_LIST) {
        return CHECK_REFUSE(c, (*a)->position, "a list has no order; use contains or is empty");
    }
    if (!compares(&(*a)->type, &(*b)->type)) {
        return CHECK_REFUSE(c, (*b)->position, "%s cannot be compared with %s",
                            check_describe(c, *a), check_describe(c, *b));
    }
    return 0;
}

static bool fits(const struct expr_type *type, enum expr_kind want, const struct field *field)
{
    if (want == KIND_LINK && field != NULL && type->kind == KIND_LINK) {
        return type->entity == field->to;
    }
    return type->kind == want || (want == KIND_MONEY && type->kind == KIND_NUMBER) ||
           (want == KIND_TEXT && type->kind == KIND_CHOICE);
}

int coerce_to(struct check *c, struct expr **x, enum expr_kind want, const struct field *field)
{
    if (want == KIND_NONE) {
        return 0;
    }
    struct expr *shape = check_new(c, EXPR_NONE, (*x)->position, want);
    if (field != NULL) {
        shape->type = expr_type_of(field);
    }
    bool link_text = want == KIND_LINK && is_text(*x);
    if ((*x)->op == EXPR_LITERAL && !link_text && coerce_literal(c, &shape, *x) != 0) {
        return -1;
    }
    if (!fits(&(*x)->type, want, field)) {
        return CHECK_REFUSE(c, (*x)->position, "expected %s here, this is %s",
                            check_kind_name(want), check_describe(c, *x));
    }
    return 0;
}
