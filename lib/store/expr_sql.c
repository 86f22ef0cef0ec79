/*
 * Conditions: and, or, not, comparisons, lists, emptiness. See expr_sql.h for what holds
 * everywhere.
 *
 * Comparing with an empty value is false, but `!=` is true when exactly one side is empty. SQL's
 * third value never reaches a `not`: below it every test is asked for exactly.
 */
#include <string.h>

#include "base/attr.h"
#include "model/field_type.h"
#include "store/expr_sql.h"

void compile_init(struct compile *c, struct sql *s, const struct who *who, struct err *e)
{
    *c = (struct compile){.sql = s, .who = who, .e = e};
}

struct scope_row scope_new(struct compile *c, const struct entity *entity,
                           const struct scope_row *up)
{
    return (struct scope_row){.entity = entity, .alias = c->aliases++, .up = up};
}

void compile_fail(struct compile *c, const char *text)
{
    c->failed = true;
    err_fail(c->e, ERR_INVALID, "", "%s", text);
}

int compile_end(const struct compile *c)
{
    return c->failed ? -1 : 0;
}

bool is_row_free(const struct expr *x)
{
    if (x->function == FN_FOUND || x->function == FN_WAS || x->function == FN_CHANGED || x->op == EXPR_FIELD || x->op == EXPR_AGGREGATE ||
        x->op == EXPR_VISIBLE || x->op == EXPR_SHARED) {
        return false;
    }
    for (size_t i = 0; i < x->arg_count; i++) {
        if (!is_row_free(x->args[i])) {
            return false;
        }
    }
    return true;
}

static void put_list(struct compile *c, const struct scope_row *r, const struct expr *x, bool exact,
                     const char *word)
{
    sql_add(c->sql, "(");
    for (size_t i = 0; i < x->arg_count; i++) {
        sql_add(c->sql, i == 0 ? "" : word);
        put_test(c, r, x->args[i], exact);
    }
    sql_add(c->sql, ")");
}

static bool is_number(const struct expr *x)
{
    return x->type.kind == KIND_NUMBER || x->type.kind == KIND_MONEY;
}

static bool is_time_mix(const struct expr *a, const struct expr *b)
{
    return (a->type.kind == KIND_DATE && b->type.kind == KIND_INSTANT) ||
           (a->type.kind == KIND_INSTANT && b->type.kind == KIND_DATE);
}

/* The places at which all operands can be compared. */
static int common_places(const struct expr *const *args, size_t count)
{
    int places = 0;
    for (size_t i = 0; i < count; i++) {
        int own = is_number(args[i]) ? needed_places(args[i]) : 0;
        places = own > places ? own : places;
    }
    return places;
}

/* One side of a comparison. bare: "" needs no care, the other side is never "". */
static void put_side(struct compile *c, const struct scope_row *r, const struct expr *x, int places,
                     bool bare)
{
    if (is_number(x)) {
        put_scaled(c, r, x, places);
    } else if (is_text_kind(x->type.kind) && x->op != EXPR_LITERAL && !bare) {
        sql_add(c->sql, "nullif(");
        put_value(c, r, x);
        sql_add(c->sql, ",'')");
    } else {
        put_value(c, r, x);
    }
}

static const char *const SIGNS[] = {[EXPR_EQ] = "=",  [EXPR_NE] = " IS NOT ", [EXPR_LT] = "<",
                                    [EXPR_LE] = "<=", [EXPR_GT] = ">",        [EXPR_GE] = ">="};

static void put_comparison(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    int places = common_places(x->args, 2);
    bool bare =
        x->op == EXPR_EQ && (x->args[0]->op == EXPR_LITERAL || x->args[1]->op == EXPR_LITERAL);
    put_side(c, r, x->args[0], places, bare);
    sql_add(c->sql, SIGNS[x->op]);
    put_side(c, r, x->args[1], places, bare);
}

/* A link of the row itself whose target may be hidden: its column is compared bare, then the target
 * must be seen. */
static bool is_guarded_link(const struct compile *c, const struct expr *x)
{
    return x->op == EXPR_FIELD && x->path_count == 0 && x->field->compute == NULL &&
           field_is_link(x->field) && is_restricted(c, x->field->to);
}

static void put_bare_column(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    put_column(c, scope_of(c, r, x), value_column(x->field));
}

static void put_guarded(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    const struct expr *link = x->args[0];
    sql_add(c->sql, "(");
    put_bare_column(c, r, link);
    sql_add(c->sql, x->op == EXPR_IN ? " IN (" : "=");
    for (size_t i = 1; i < x->arg_count; i++) {
        sql_add(c->sql, i == 1 ? "" : ",");
        put_value(c, r, x->args[i]);
    }
    sql_add(c->sql, x->op == EXPR_IN ? ")" : "");
    put_target_seen(c, scope_of(c, r, link), link->field);
    sql_add(c->sql, ")");
}

static void put_in(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    int places = common_places(x->args, x->arg_count);
    bool days = false;
    for (size_t i = 1; i < x->arg_count; i++) {
        days = days || is_time_mix(x->args[0], x->args[i]);
    }
    for (size_t i = 0; i < x->arg_count; i++) {
        sql_add(c->sql, i == 0 ? "" : i == 1 ? " IN (" : ",");
        if (days) {
            put_day(c, r, x->args[i]);
        } else {
            put_side(c, r, x->args[i], places, i == 0);
        }
    }
    sql_add(c->sql, ")");
}

/*
 * `company.city = "Berlin"`, `company = "Acme"`: the few targets that fit first, then their ids in
 * the link's index, instead of the target of every row. True when written.
 */
static bool put_by_target(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    const struct expr *left = x->args[0];
    bool fits = !c->known && (x->op == EXPR_EQ || x->op == EXPR_IN) && c->as_of == 0 && x->arg_count <= 8 &&
                left->op == EXPR_FIELD && left->path_count == 1 && left->up == 0 &&
                left->path[0]->compute == NULL && left->field->compute == NULL;
    for (size_t i = 1; i < x->arg_count; i++) {
        fits = fits && is_row_free(x->args[i]);
    }
    if (!fits) {
        return false;
    }
    struct expr leaf = *left, test = *x;
    const struct expr *args[8];
    memcpy(args, x->args, x->arg_count * sizeof(*args));
    leaf.path_count = 0;
    args[0] = &leaf;
    test.args = args;
    put_column(c, r, value_column(left->path[0]));
    sql_add(c->sql, " IN (");
    for (enum life life = LIFE_LIVING; life <= LIFE_TRASH; life++) { /* each has its indexes */
        struct scope_row to = scope_new(c, left->path[0]->to, NULL);
        sql_printf(c->sql, "%sSELECT t%d.id", life == LIFE_LIVING ? "" : " UNION ALL ", to.alias);
        records_from(c, &to, "", life, ACTION_SEE);
        sql_add(c->sql, " AND ");
        put_test(c, &to, &test, false);
    }
    sql_add(c->sql, ")");
    return true;
}

static void put_compare(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    if (put_by_target(c, r, x)) {
        return;
    }
    if ((is_stage_attribute(x->args[0]) && put_stage_test(c, r, x)) || put_text_test(c, r, x)) {
        return;
    }
    if ((x->op == EXPR_EQ || x->op == EXPR_IN) && is_guarded_link(c, x->args[0]) &&
        is_row_free(x->args[1])) {
        put_guarded(c, r, x);
    } else if (x->op == EXPR_IN) {
        put_in(c, r, x);
    } else if (is_time_mix(x->args[0], x->args[1])) {
        put_time_test(c, r, x);
    } else {
        put_comparison(c, r, x);
    }
}

/* Records with a tag, by the table tagged. */
static void put_tagged(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    const struct expr *list = x->args[0];
    int alias = c->aliases++;
    sql_printf(c->sql,
               "t%d.id IN (SELECT g%d.record FROM tagged g%d WHERE g%d.field=%lld AND g%d.tag=kplain(",
               scope_of(c, r, list)->alias, alias, alias, alias,
               (long long)list->field->columns[0].id, alias);
    put_value(c, r, x->args[1]);
    sql_add(c->sql, "))");
}

/* Entries of a stored list: keys are compared exactly, tags folded, contact data by their folded
 * "value". */
static void put_list_test(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    const struct expr *list = x->args[0];
    const struct field_type *type = list->type.field->type;
    if (type->form == FORM_RECORDS) {
        put_ref_test(c, r, x);
        return;
    }
    if (type->governed && c->as_of == 0 && list->path_count == 0) {
        put_tagged(c, r, x);
        return;
    }
    int alias = c->aliases++;
    sql_add(c->sql, "EXISTS(SELECT 1 FROM json_each(coalesce(nullif(");
    put_value(c, r, list);
    sql_printf(c->sql, ",''),'[]')) t%d WHERE ", alias);
    if (type->form == FORM_KEYS) {
        sql_printf(c->sql, type->governed ? "kplain(t%d.value)=kplain(" : "t%d.value=", alias);
        put_value(c, r, x->args[1]);
        sql_add(c->sql, type->governed ? ")" : "");
    } else if (type->form == FORM_ADDRESSES) {
        sql_printf(c->sql,
                   "kcontains(concat_ws(' ',t%d.value->>'street',t%d.value->>'postcode',"
                   "t%d.value->>'city',t%d.value->>'region',t%d.value->>'country'),",
                   alias, alias, alias, alias, alias);
        put_value(c, r, x->args[1]);
        sql_add(c->sql, ")");
    } else if (type->points->by_digits) {
        sql_printf(c->sql, "instr(kplain(t%d.value->>'value'),nullif(kplain(", alias);
        put_value(c, r, x->args[1]);
        sql_add(c->sql, "),''))>0");
    } else {
        sql_printf(c->sql, "kcontains(t%d.value->>'value',", alias);
        put_value(c, r, x->args[1]);
        sql_add(c->sql, ")");
    }
    sql_add(c->sql, ")");
}

static void put_contains(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    if (x->args[0]->type.kind == KIND_LIST) {
        put_list_test(c, r, x);
        return;
    }
    if (put_text_test(c, r, x)) {
        return;
    }
    sql_add(c->sql, x->op == EXPR_STARTS ? "kstarts(" : "kcontains(");
    put_value(c, r, x->args[0]);
    sql_add(c->sql, ",");
    put_value(c, r, x->args[1]);
    sql_add(c->sql, ")");
}

static void put_empty(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    const struct expr *of = x->args[0];
    bool text = is_text_kind(of->type.kind);
    sql_add(c->sql, text ? "coalesce(" : "(");
    put_value(c, r, of);
    sql_add(c->sql, !text                        ? " IS NULL)"
                    : of->type.kind == KIND_LIST ? ",'') IN ('','[]')"
                                                 : ",'')=''");
}

/* A field, literal or other value that is a condition by itself. */
static void put_truth(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    put_value(c, r, x);
    if (x->op == EXPR_LITERAL || x->function == FN_FOUND || x->function == FN_WITHIN || x->function == FN_NEXT_OF) {
        return;
    }
    sql_add(c->sql, "=1");
}

typedef void put_condition(struct compile *c, const struct scope_row *r, const struct expr *x);

/* How a test is written, and whether what is written can be NULL. */
static const struct {
    put_condition *put;
    bool can_be_null;
} TESTS[] = {
    [EXPR_LITERAL] = {put_truth, false},   [EXPR_FIELD] = {put_truth, true},
    [EXPR_CALL] = {put_truth, true},       [EXPR_AGGREGATE] = {put_truth, true},
    [EXPR_EQ] = {put_compare, true},       [EXPR_NE] = {put_compare, false},
    [EXPR_LT] = {put_compare, true},       [EXPR_LE] = {put_compare, true},
    [EXPR_GT] = {put_compare, true},       [EXPR_GE] = {put_compare, true},
    [EXPR_IN] = {put_compare, true},       [EXPR_CONTAINS] = {put_contains, true},
    [EXPR_STARTS] = {put_contains, true},  [EXPR_EMPTY] = {put_empty, false},
    [EXPR_VISIBLE] = {put_visible, false}, [EXPR_SHARED] = {put_shared, false},
    [EXPR_ALIKE] = {put_alike, true},
};

static void put_simple_test(struct compile *c, const struct scope_row *r, const struct expr *x,
                            bool exact)
{
    if ((size_t)x->op >= COUNT(TESTS) || TESTS[x->op].put == NULL) {
        compile_fail(c, "the expression is not a condition");
        return;
    }
    bool wrap = exact && TESTS[x->op].can_be_null;
    sql_add(c->sql, wrap ? "((" : "");
    TESTS[x->op].put(c, r, x);
    sql_add(c->sql, wrap ? ") IS TRUE)" : "");
}

void put_test(struct compile *c, const struct scope_row *r, const struct expr *x, bool exact)
{
    if (c->failed || ++c->depth > COMPILE_DEPTH_MAX) {
        compile_fail(c, "the expression is too deep");
        return;
    }
    switch (x->op) {
    case EXPR_AND:
        put_list(c, r, x, exact, " AND ");
        break;
    case EXPR_OR:
        put_list(c, r, x, exact, " OR ");
        break;
    case EXPR_NOT:
        sql_add(c->sql, "(NOT ");
        put_test(c, r, x->args[0], true);
        sql_add(c->sql, ")");
        break;
    default:
        put_simple_test(c, r, x, exact);
    }
    c->depth--;
}

void put_result(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    bool value = x->op < EXPR_AND || (x->op >= EXPR_ADD && x->op < EXPR_VISIBLE);
    if (value) {
        put_value(c, r, x);
    } else {
        put_test(c, r, x, true);
    }
}
