/*
 * Tests of texts that have a folded key column beside them ("name" and "name_k"): the key is what
 * indexes know, so a test against a constant also says what the key must be. `=` stays exact,
 * `contains` and `starts with` are folded. See expr_sql.h.
 */
#include <string.h>

#include "base/str.h"
#include "model/field_type.h"
#include "store/db.h"
#include "store/expr_sql.h"
#include "store/index_rows.h"
#include "store/rows_private.h"

#define TITLE_PART_MAX 32                   /* bytes of a beginning that is in every cut title */
#define LAST_CHARACTER "\xf4\x8f\xbf\xbf" /* U+10FFFF: behind every text with this beginning */

/* The key of a title is the folded title where both have the same parts. It is cut at
 * TITLE_BYTES: only a test for a whole text that is not longer may use it. */
static bool is_keyed_title(const struct scope_row *r, const struct expr *x)
{
    return x->args[0]->field->system && str_eq(x->args[0]->field->name, "title") &&
           !entity_sorts_otherwise(r->entity) && (x->op == EXPR_EQ || x->op == EXPR_IN);
}

bool has_key(const struct field *f)
{
    return f->column_count == 1 && !f->system && column_has_key(&f->columns[0]);
}

void put_key(struct compile *c, const struct scope_row *r, const struct field *f)
{
    rows_reads(f, &c->sql->reads);
    sql_printf(c->sql, "t%d.\"%s_k\"", r->alias, f->system ? "title" : f->columns[0].name);
}

static struct value folded(struct compile *c, struct value v)
{
    return value_text(str_fold(c->sql->arena, v.s, v.n));
}

static bool begins_title(const struct scope_row *r, const struct field *f)
{
    const struct entity *e = r->entity;
    return e->title_sort_count > 0 ? e->title_sort[0] == f
                                   : e->title_count > 0 && e->title[0] == f;
}

/* " AND title_k>=… AND title_k<…": what the first part of the title begins with, the title does too.
 * Indexes go on with the title: so one of another field serves both ("city and last name"). Titles
 * are cut, therefore only for short beginnings. */
static void put_title_beginning(struct compile *c, const struct scope_row *r,
                                const struct field *f, struct value part)
{
    if (begins_title(r, f) && part.n > 0 && part.n <= TITLE_PART_MAX) {
        sql_add(c->sql, " AND ");
        put_title_key(c, r);
        sql_add(c->sql, ">=");
        sql_bind(c->sql, part);
        sql_add(c->sql, " AND ");
        put_title_key(c, r);
        sql_add(c->sql, "<");
        sql_bind(c->sql, value_text(arena_printf(c->sql->arena, "%s" LAST_CHARACTER, part.s)));
    }
}

/* "name_k IN (…) AND name IN (…)" */
static void put_equal(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    const struct field *f = x->args[0]->field;
    sql_add(c->sql, "(");
    put_key(c, r, f);
    sql_add(c->sql, " IN (");
    for (size_t i = 1; i < x->arg_count; i++) {
        sql_add(c->sql, i == 1 ? "" : ",");
        sql_bind(c->sql, folded(c, x->args[i]->value));
    }
    sql_add(c->sql, ") AND ");
    put_field(c, r, f);
    sql_add(c->sql, " IN (");
    for (size_t i = 1; i < x->arg_count; i++) {
        sql_add(c->sql, i == 1 ? "" : ",");
        sql_bind(c->sql, x->args[i]->value);
    }
    sql_add(c->sql, ")");
    if (x->arg_count == 2 && !f->system) {
        put_title_beginning(c, r, f, folded(c, x->args[1]->value));
    }
    sql_add(c->sql, ")");
}

void put_alike(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    const struct field *f = x->args[0]->field;
    if (c->as_of == 0 && has_key(f)) {
        put_key(c, r, f);
    } else {
        sql_add(c->sql, "kfold(");
        put_field(c, r, f);
        sql_add(c->sql, ")");
    }
    sql_add(c->sql, "=");
    sql_bind(c->sql, folded(c, x->args[1]->value));
}

static void put_beginning(struct compile *c, const struct scope_row *r, const struct expr *x,
                          struct value part)
{
    const struct field *f = x->args[0]->field;
    sql_add(c->sql, "(");
    put_key(c, r, f);
    sql_add(c->sql, ">=");
    sql_bind(c->sql, part);
    sql_add(c->sql, " AND ");
    put_key(c, r, f);
    sql_add(c->sql, "<");
    sql_bind(c->sql, value_text(arena_printf(c->sql->arena, "%s" LAST_CHARACTER, part.s)));
    put_title_beginning(c, r, f, part);
    sql_add(c->sql, ")");
}

static void put_part(struct compile *c, const struct scope_row *r, const struct expr *x,
                     struct value part)
{
    sql_add(c->sql, "instr(");
    put_key(c, r, x->args[0]->field);
    sql_add(c->sql, ",");
    sql_bind(c->sql, part);
    sql_add(c->sql, ")>0");
}

static bool all_texts(const struct expr *x)
{
    for (size_t i = 1; i < x->arg_count; i++) {
        const struct expr *one = x->args[i];
        if (one->op != EXPR_LITERAL || one->value.kind != VALUE_TEXT || one->value.n == 0) {
            return false;
        }
    }
    return true;
}

static bool all_fit_key(struct compile *c, const struct expr *x)
{
    for (size_t i = 1; i < x->arg_count; i++) {
        if (folded(c, x->args[i]->value).n > TITLE_BYTES) {
            return false;
        }
    }
    return true;
}

bool put_text_test(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    const struct expr *left = x->args[0];
    if (c->as_of != 0 || left->op != EXPR_FIELD || left->path_count > 0) {
        return false;
    }
    const struct scope_row *own = scope_of(c, r, left);
    if (!all_texts(x) ||
        !(has_key(left->field) || (is_keyed_title(own, x) && all_fit_key(c, x)))) {
        return false;
    }
    if (x->op == EXPR_EQ || x->op == EXPR_IN) {
        put_equal(c, own, x);
        return true;
    }
    struct value part = folded(c, x->args[1]->value);
    if (part.n == 0 || (x->op != EXPR_STARTS && x->op != EXPR_CONTAINS)) {
        return false;
    }
    if (x->op == EXPR_STARTS) {
        put_beginning(c, own, x, part);
    } else {
        put_part(c, own, x, part);
    }
    return true;
}
