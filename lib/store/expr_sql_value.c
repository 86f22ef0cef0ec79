/*
 * Values of expressions: literals, fields, arithmetic. Numbers are integers scaled by their type's
 * places; where two meet they are brought to the same places. An empty operand makes an empty
 * result. See expr_sql.h.
 */
#include "base/attr.h"
#include "model/field_type.h"
#include "store/expr_sql.h"

static const int64_t POWERS[] = {1,
                                 10,
                                 100,
                                 1000,
                                 10000,
                                 100000,
                                 1000000,
                                 10000000,
                                 100000000,
                                 1000000000,
                                 10000000000,
                                 100000000000,
                                 1000000000000,
                                 10000000000000,
                                 100000000000000,
                                 1000000000000000,
                                 10000000000000000,
                                 100000000000000000,
                                 1000000000000000000};

bool is_text_kind(enum expr_kind kind)
{
    return kind == KIND_TEXT || kind == KIND_CHOICE || kind == KIND_LIST;
}

static bool is_number_literal(const struct expr *x)
{
    return x->op == EXPR_LITERAL && x->value.kind == VALUE_INT &&
           (x->type.kind == KIND_NUMBER || x->type.kind == KIND_MONEY);
}

int needed_places(const struct expr *x)
{
    int places = x->type.places;
    if (!is_number_literal(x)) {
        return places;
    }
    for (int64_t i = x->value.i; places > 0 && i % 10 == 0; i /= 10) {
        places--;
    }
    return places;
}

static void put_number(struct compile *c, const struct expr *x, int places)
{
    int64_t i = x->value.i;
    for (int have = x->type.places; have > places; have--) {
        i /= 10;
    }
    if (places > x->type.places && __builtin_mul_overflow(i, POWERS[places - x->type.places], &i)) {
        compile_fail(c, "a number in the expression is too large");
    }
    sql_bind(c->sql, value_int(i));
}

void put_scaled(struct compile *c, const struct scope_row *r, const struct expr *x, int places)
{
    int more = places - x->type.places;
    if (is_number_literal(x) && places >= needed_places(x) && more < (int)COUNT(POWERS)) {
        put_number(c, x, places);
    } else if (more == 0) {
        put_value(c, r, x);
    } else if (more > 0 && more < (int)COUNT(POWERS)) {
        sql_add(c->sql, "(");
        put_value(c, r, x);
        sql_printf(c->sql, "*%lld)", (long long)POWERS[more]);
    } else {
        sql_add(c->sql, "kdiv(");
        put_value(c, r, x);
        sql_printf(c->sql, ",1,%d)", more);
    }
}

static void put_literal(struct compile *c, const struct expr *x)
{
    if (x->type.kind == KIND_BOOL) {
        sql_add(c->sql, x->value.kind == VALUE_INT && x->value.i != 0 ? "1" : "0");
    } else {
        sql_bind(c->sql, x->value.kind == VALUE_TEXT && x->value.n == 0 ? value_null() : x->value);
    }
}

/* A computed field stands for its expression, at the places the field shows. */
static void put_computed(struct compile *c, const struct scope_row *r, const struct field *f)
{
    if (++c->depth > COMPILE_DEPTH_MAX) {
        compile_fail(c, "the computed fields refer to each other too deeply");
    } else if (f->compute->type.kind == KIND_NUMBER || f->compute->type.kind == KIND_MONEY) {
        put_scaled(c, r, f->compute, f->places);
    } else {
        put_result(c, r, f->compute);
    }
    c->depth--;
}

void put_field(struct compile *c, const struct scope_row *r, const struct field *f)
{
    const struct scope_row own = {.entity = r->entity, .alias = r->alias};
    if (f->compute != NULL && !f->stored) {
        put_computed(c, &own, f);
    } else if (f->column_count == 0) {
        sql_add(c->sql, "NULL");
    } else if (field_is_link(f) && is_restricted(c, f->to)) {
        sql_add(c->sql, "CASE WHEN ");
        put_column(c, r, value_column(f));
        sql_add(c->sql, " IS NOT NULL");
        put_target_seen(c, r, f);
        sql_add(c->sql, " THEN ");
        put_column(c, r, value_column(f));
        sql_add(c->sql, " END");
    } else {
        put_column(c, r, value_column(f));
    }
}

/* What stands at the end of a path. */
static void put_end(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    if (is_stage_attribute(x)) {
        put_stage_value(c, r, x);
    } else if (x->attribute == ATTR_CURRENCY && x->field->column_count > 1) {
        put_column(c, r, &x->field->columns[1]);
    } else if (x->attribute == ATTR_OWN && x->field->column_count > 0) {
        put_column(c, r, &x->field->columns[0]);
    } else {
        put_field(c, r, x->field);
    }
}

/* CASE … END and sub-selects stand as they are; everything else in brackets. */
static void put_operation(struct compile *c, const struct scope_row *r, const struct expr *x,
                          const char *sign)
{
    sql_add(c->sql, "(");
    put_scaled(c, r, x->args[0], x->type.places);
    sql_add(c->sql, sign);
    put_scaled(c, r, x->args[1], x->type.places);
    sql_add(c->sql, ")");
}

static void put_sum(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    if (x->type.kind == KIND_DATE || x->type.kind == KIND_INSTANT) {
        put_shift(c, r, x);
    } else {
        put_operation(c, r, x, x->op == EXPR_ADD ? "+" : "-");
    }
}

static void put_product(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    sql_add(c->sql, "(");
    put_value(c, r, x->args[0]);
    sql_add(c->sql, "*");
    put_value(c, r, x->args[1]);
    sql_add(c->sql, ")");
}

static void put_quotient(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    sql_add(c->sql, "kdiv(");
    put_value(c, r, x->args[0]);
    sql_add(c->sql, ",");
    put_value(c, r, x->args[1]);
    sql_printf(c->sql, ",%d)", x->type.places + x->args[1]->type.places - x->args[0]->type.places);
}

static void put_negative(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    sql_add(c->sql, "(-");
    put_scaled(c, r, x->args[0], x->type.places);
    sql_add(c->sql, ")");
}

void put_value(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    if (c->failed || c->sql->text.size > COMPILE_TEXT_MAX) {
        compile_fail(c, "the expression is too long with all it refers to");
        return;
    }
    switch (x->op) {
    case EXPR_LITERAL:
        put_literal(c, x);
        break;
    case EXPR_FIELD:
        put_path(c, scope_of(c, r, x), x, put_end);
        break;
    case EXPR_CALL:
        put_call(c, r, x);
        break;
    case EXPR_AGGREGATE:
        put_aggregate(c, r, x);
        break;
    case EXPR_ADD:
    case EXPR_SUB:
        put_sum(c, r, x);
        break;
    case EXPR_MUL:
        put_product(c, r, x);
        break;
    case EXPR_DIV:
        put_quotient(c, r, x);
        break;
    case EXPR_NEG:
        put_negative(c, r, x);
        break;
    default:
        put_test(c, r, x, true);
    }
}
