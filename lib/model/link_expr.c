/*
 * The expressions of fields. Computed fields are compiled when something first needs their type, so
 * that their order in the files does not matter; one that needs itself is refused. What is stored
 * may depend only on the record itself and on records that link to it: nothing else could keep it
 * right.
 */
#include <string.h>

#include "base/str.h"
#include "model/load.h"

#define PLACES_MAX 6

static struct field_def *def_of(struct loader *l, const struct field *f)
{
    return &l->defs[f->entity->index].fields[f->index];
}

/* ---- computed fields ---- */

/* The type a computed field gets by its expression. */
static const struct {
    enum expr_kind kind;
    const char *type;
} INFERRED[] = {{KIND_BOOL, "bool"},   {KIND_TEXT, "text"},    {KIND_NUMBER, "decimal"},
                {KIND_MONEY, "money"}, {KIND_DATE, "date"},    {KIND_INSTANT, "instant"},
                {KIND_LINK, "link"},   {KIND_CHOICE, "choice"}};

static bool is_inferred(const struct field_def *d)
{
    const struct yaml *type = d->yaml != NULL ? yaml_find(d->yaml, "type") : NULL;
    return type != NULL && str_eq(type->text, "computed");
}

static void infer_type(struct loader *l, const struct field_def *d, const struct expr *x)
{
    struct field *f = d->field;
    const char *name = NULL;
    for (size_t i = 0; i < COUNT(INFERRED); i++) {
        name = INFERRED[i].kind == x->type.kind ? INFERRED[i].type : name;
    }
    if (name == NULL) {
        load_error(l, yaml_find(d->yaml, "compute"), "a field cannot hold what this gives");
        return;
    }
    bool places = yaml_find(d->yaml, "places") != NULL;
    bool whole = x->type.kind == KIND_NUMBER && x->type.places == 0 && !places;
    f->type = field_type_find(whole ? "integer" : name);
    if (x->type.kind == KIND_NUMBER && !places) {
        f->places = x->type.places < PLACES_MAX ? x->type.places : PLACES_MAX;
    }
    f->to = x->type.entity;
    if (x->type.kind == KIND_CHOICE &&
        (x->attribute != ATTR_NONE || x->type.field == NULL || x->type.field->option_count == 0)) {
        f->type = field_type_find("text");
    }
}

static void take_shape(struct loader *l, const struct field_def *d, const struct expr *x)
{
    struct field *f = d->field;
    if (is_inferred(d)) {
        infer_type(l, d, x);
    }
    if (f->type->kind == TYPE_MONEY) {
        f->places = l->m->company.currency_places;
        f->currency = l->m->company.currency;
    }
    if (f->type->options == OPTIONS_OWN && x->type.field != NULL) {
        f->options = x->type.field->options;
        f->option_count = x->type.field->option_count;
    }
}

static void settle_stored(struct loader *l, const struct field_def *d, const struct expr *x)
{
    const struct yaml *stored = d->yaml != NULL ? yaml_find(d->yaml, "stored") : NULL;
    bool wanted = load_bool(l, stored, !x->varies && !x->climbs);
    d->field->stored = wanted && !x->varies && !x->climbs;
    if (wanted && x->varies) {
        load_error(l, stored,
                   "uses today(), now(), me or my_team, so it cannot be stored; write "
                   "stored: false");
    } else if (wanted && x->climbs) {
        load_error(l, stored,
                   "follows a link to another record, so it cannot be stored; write "
                   "stored: false");
    }
}

static void raise_rank(struct field *f, const struct field *used)
{
    f->rank = used != NULL && used->rank >= f->rank ? used->rank + 1 : f->rank;
}

static void rank_above(const struct expr *x, void *data)
{
    raise_rank(data, x->field);
    for (size_t i = 0; i < x->path_count; i++) {
        raise_rank(data, x->path[i]);
    }
    raise_rank(data, x->relation != NULL ? x->relation->by : NULL);
}

/* May an expression give the value? It gives one: money makes columns of it, a local time has the
 * instant alone. */
static bool takes_result(const struct field *f)
{
    return (f->type->column_count == 1 && !f->type->serial) || f->type->kind == TYPE_MONEY ||
           f->type->local;
}

/* What says how the value is made; NULL: it is an ordinary field. */
static const struct yaml *computed_by(const struct loader *l, const struct field_def *d)
{
    const struct yaml *list = score_node(l, d->field);
    return list != NULL ? list : d->yaml != NULL ? yaml_find(d->yaml, "compute") : NULL;
}

static void compile_computed(struct loader *l, struct field_def *d)
{
    struct field *f = d->field;
    const struct yaml *list = score_node(l, f), *node = computed_by(l, d);
    enum expr_kind want = is_inferred(d) ? KIND_NONE : f->type->expr_kind;
    d->state = DEF_RUNNING;
    const struct expr *x = list != NULL
                               ? score_compile(l, f)
                               : load_expr(l, node, f->entity, want, want == KIND_NONE ? NULL : f);
    if (x != NULL && !takes_result(f)) {
        load_error(l, node, "a field of type %s cannot be computed", f->type->name);
    }
    if (x == NULL || !takes_result(f)) {
        d->state = DEF_FAILED;
        return;
    }
    f->compute = x;
    f->rank = 1;
    expr_walk(x, rank_above, f);
    l->m->rank_max = f->rank > l->m->rank_max ? f->rank : l->m->rank_max;
    take_shape(l, d, x);
    settle_stored(l, d, x);
    d->state = DEF_DONE;
}

int link_resolve(void *loader, const struct field *f)
{
    struct loader *l = loader;
    struct field_def *d = def_of(l, f);
    if (computed_by(l, d) == NULL) {
        return 0;
    }
    if (d->state == DEF_RUNNING) {
        load_error(l, computed_by(l, d), "\"%s\" is computed from itself", f->name);
        d->state = DEF_FAILED;
        return -1;
    }
    if (d->state == DEF_NEW) {
        compile_computed(l, d);
    }
    return d->state == DEF_DONE ? 0 : -1;
}

/* Expressions that stand in the place of a name, since their values are not kept. */
static const struct expr *instead_of(const struct expr *x)
{
    return x->op == EXPR_FIELD && x->field->compute != NULL && !x->field->stored ? x->field->compute
                                                                                : NULL;
}

static void mark_inner(const struct expr *x, void *data)
{
    if (instead_of(x) != NULL) {
        expr_walk(instead_of(x), mark_inner, data);
    } else if (x->op == EXPR_AGGREGATE) {
        def_of(data, x->relation->by)->field->inner = true;
    }
}

static void find_inner(const struct expr *x, void *data)
{
    const struct expr *const parts[] = {instead_of(x), x->measure, x->where};
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (parts[i] != NULL) {
            expr_walk(parts[i], i == 0 ? find_inner : mark_inner, data);
        }
    }
}

/* How many lists are counted within each other. */
static int nesting_of(const struct expr *x)
{
    const struct expr *const parts[] = {instead_of(x), x->measure, x->where};
    int deepest = 0;
    for (size_t i = 0; i < COUNT(parts) + x->arg_count; i++) {
        const struct expr *part = i < COUNT(parts) ? parts[i] : x->args[i - COUNT(parts)];
        int nesting = part != NULL ? nesting_of(part) : 0;
        deepest = nesting > deepest ? nesting : deepest;
    }
    return deepest + (x->op == EXPR_AGGREGATE);
}

static void link_stored(struct loader *l, const struct field *f)
{
    int nesting = nesting_of(f->compute);
    l->m->nesting = nesting > l->m->nesting ? nesting : l->m->nesting;
    if (nesting > 1) {
        expr_walk(f->compute, find_inner, l);
    }
}

void link_computed(struct loader *l)
{
    for (size_t i = 0; i < l->m->entity_count; i++) {
        for (size_t k = 0; k < l->m->entities[i]->field_count; k++) {
            link_resolve(l, l->m->entities[i]->fields[k]);
        }
    }
    for (size_t i = 0; i < l->m->entity_count; i++) {
        for (size_t k = 0; k < l->m->entities[i]->field_count; k++) {
            const struct field *f = l->m->entities[i]->fields[k];
            if (f->compute != NULL && f->stored) {
                link_stored(l, f);
            }
        }
    }
}

/* ---- conditions ---- */

static const char *const CONDITION_KEYS[] = {"if", NULL};

static struct condition read_condition(struct loader *l, const struct field_def *d, const char *key,
                                       bool fallback)
{
    const struct yaml *node = load_def_key(d, key);
    struct condition c = {.always = fallback};
    if (node == NULL || node->type != YAML_MAP) {
        c.always = load_bool(l, node, fallback);
        return c;
    }
    load_check_keys(l, node, CONDITION_KEYS);
    const struct yaml *test = yaml_find(node, "if");
    if (test == NULL) {
        load_error(l, node, "must be true, false or {if: 'condition'}");
        return c;
    }
    c.always = false;
    c.when = load_expr(l, test, d->field->entity, KIND_BOOL, NULL);
    return c;
}

/* ---- defaults ---- */

struct finding {
    bool fields;
};

static void find_fields(const struct expr *x, void *data)
{
    struct finding *found = data;
    found->fields |= x->op == EXPR_FIELD || x->op == EXPR_AGGREGATE;
}

static const struct expr *literal(struct loader *l, const struct field *f, struct value v)
{
    struct expr *x = ARENA_NEW(l->arena, struct expr);
    x->op = EXPR_LITERAL;
    x->type = expr_type_of(f);
    x->value = v;
    return x;
}

/* A plain value as the type reads it. False: it is none (refused says why), read it as an
 * expression. */
static bool plain_default(struct loader *l, struct field *f, const char *text, struct err *refused)
{
    const struct parse_context c = {.arena = l->arena, .model = l->m};
    struct parsed *parsed = ARENA_NEW(l->arena, struct parsed);
    if (field_is_words(f) || f->type->parse_text(&c, f, text, parsed, refused) != 0 ||
        parsed->reference_count > 0 || parsed->values[0].kind == VALUE_NULL ||
        (f->type->kind == TYPE_MONEY && !str_eq(parsed->values[1].s, f->currency))) {
        return false;
    }
    f->initial = literal(l, f, parsed->values[f->type->compared]);
    f->initial_values = parsed->values;
    return true;
}

/* A text in quotes must be one that the type takes. */
static void check_quoted(struct loader *l, struct field *f, const struct yaml *node)
{
    const struct expr *x = f->initial;
    struct err refused = {0};
    if (x != NULL && x->op == EXPR_LITERAL && x->value.kind == VALUE_TEXT &&
        f->type->expr_kind == KIND_TEXT && !field_is_words(f) &&
        !plain_default(l, f, x->value.s, &refused)) {
        load_error(l, node, "%s", refused.text);
    }
}

/* One word that is no expression of its own: meant as a value. */
static bool is_plain_word(const char *text)
{
    return strpbrk(text, " (\"") == NULL && strcmp(text, "me") != 0 && strcmp(text, "my_team") != 0;
}

/* "today()" is a day, "now() + 1 hours" a time. */
static const struct expr *local_default(struct loader *l, struct field *f, const struct yaml *node)
{
    const struct expr *x = load_expr(l, node, f->entity, KIND_NONE, NULL);
    if (x != NULL && x->type.kind != KIND_DATE && x->type.kind != KIND_INSTANT) {
        load_error(l, node, "expected a date or a moment here");
        return NULL;
    }
    return x;
}

static void read_default(struct loader *l, const struct field_def *d)
{
    struct field *f = d->field;
    const struct yaml *node = load_def_key(d, "default");
    const char *text = load_text(l, node);
    struct err refused = {0};
    if (text == NULL || plain_default(l, f, text, &refused)) {
        return;
    }
    bool plain = is_plain_word(text) || !takes_result(f);
    if (plain && (refused.code != ERR_NONE || field_is_words(f))) {
        load_error(l, node, field_is_words(f) ? "write a text as '\"%s\"'" : "%s",
                   field_is_words(f) ? text : refused.text);
        return;
    }
    f->initial = f->type->local ? local_default(l, f, node)
                                : load_expr(l, node, f->entity, f->type->expr_kind, f);
    check_quoted(l, f, node);
    struct finding found = {0};
    if (f->initial != NULL) {
        expr_walk(f->initial, find_fields, &found);
    }
    if (found.fields) {
        load_error(l, node, "a default cannot use fields of the record; use a computed field");
    }
}

/* A new record starts in the first pipeline unless the YAML says otherwise; its stage is up to
 * lib/core. */
static void default_pipeline(struct loader *l, struct entity *e)
{
    struct field *f = e->pipeline == NULL ? NULL : e->fields[e->pipeline->index];
    for (size_t i = 0; f != NULL && f->initial == NULL && i < l->m->pipeline_count; i++) {
        if (l->m->pipelines[i].entity == e) {
            f->initial = literal(l, f, value_text(l->m->pipelines[i].id));
        }
    }
}

static void link_field_expressions(struct loader *l, struct field_def *d)
{
    struct field *f = d->field;
    f->visible.always = true;
    if (f->system) {
        return;
    }
    f->visible = read_condition(l, d, "visible", true);
    f->required = read_condition(l, d, "required", false);
    f->readonly = read_condition(l, d, "readonly", false);
    if (f->compute == NULL && d->state == DEF_NEW) {
        read_default(l, d);
    }
}

void link_expressions(struct loader *l)
{
    for (size_t i = 0; i < l->m->entity_count; i++) {
        struct entity_def *d = &l->defs[i];
        for (size_t k = 0; k < d->entity->field_count; k++) {
            link_field_expressions(l, &d->fields[k]);
        }
        default_pipeline(l, d->entity);
    }
}
