/* Expressions made by code; see build.h. */
#include "core/build.h"

#include <assert.h>

#include "model/field_type.h"

static struct expr *node(struct arena *a, enum expr_op op)
{
    struct expr *x = ARENA_NEW(a, struct expr);
    x->op = op;
    x->type.kind = KIND_BOOL;
    return x;
}

const struct expr *build_field(struct arena *a, const struct field *f)
{
    struct expr *x = node(a, EXPR_FIELD);
    x->type = expr_type_of(f);
    x->field = f;
    return x;
}

const struct expr *build_value(struct arena *a, const struct field *f, struct value v)
{
    struct expr *x = node(a, EXPR_LITERAL);
    x->type = expr_type_of(f);
    x->value = v;
    return x;
}

const struct expr *build_test(struct arena *a, enum expr_op op, const struct expr *left,
                              const struct expr *right)
{
    struct expr *x = node(a, op);
    x->args = ARENA_ARRAY(a, const struct expr *, 2);
    x->args[x->arg_count++] = left;
    if (right != NULL) {
        x->args[x->arg_count++] = right;
    }
    return x;
}

const struct expr *build_compare(struct arena *a, const struct field *f, enum expr_op op,
                                 struct value v)
{
    return build_test(a, op, build_field(a, f), build_value(a, f, v));
}

const struct expr *build_empty(struct arena *a, const struct field *f, bool empty)
{
    const struct expr *x = build_test(a, EXPR_EMPTY, build_field(a, f), NULL);
    return empty ? x : build_test(a, EXPR_NOT, x, NULL);
}

const struct expr *build_or(struct arena *a, const struct expr *x, const struct expr *y)
{
    return x == NULL ? y : y == NULL ? x : build_test(a, EXPR_OR, x, y);
}

const struct expr *build_aggregate(struct arena *a, enum expr_function function,
                                   const struct relation *relation, int up,
                                   const struct field *measure, const struct expr *where)
{
    struct expr *x = node(a, EXPR_AGGREGATE);
    x->type = measure != NULL ? expr_type_of(measure) : (struct expr_type){.kind = KIND_NUMBER};
    x->function = function;
    x->relation = relation;
    x->up = up;
    x->measure = measure != NULL ? build_field(a, measure) : NULL;
    x->where = where;
    x->aggregates = true;
    return x;
}

const struct expr *build_count_literal(struct arena *a, int64_t n)
{
    struct expr *x = node(a, EXPR_LITERAL);
    x->type.kind = KIND_NUMBER;
    x->value = value_int(n);
    return x;
}

const struct expr *build_stage_percent(struct arena *a, const struct field *stage)
{
    struct expr *x = node(a, EXPR_FIELD);
    x->type = (struct expr_type){.kind = KIND_NUMBER};
    x->field = stage;
    x->attribute = ATTR_STAGE_PERCENT;
    return x;
}

const struct expr *build_share(struct arena *a, const struct expr *x, const struct expr *y)
{
    struct expr *p = node(a, EXPR_MUL);
    p->type = x->type;
    p->args = ARENA_ARRAY(a, const struct expr *, 2);
    p->args[p->arg_count++] = x;
    p->args[p->arg_count++] = y;
    return p;
}

/* op of `left` and the ids: to the next power of two, so that few different statements arise. */
static struct expr *among(struct arena *a, enum expr_op op, const struct field *left,
                                const struct field *id, const int64_t *ids, size_t count)
{
    assert(id != NULL && count > 0);
    size_t room = 1;
    while (room < count) {
        room *= 2;
    }
    struct expr *x = node(a, op);
    x->args = ARENA_ARRAY(a, const struct expr *, room + 1);
    x->args[x->arg_count++] = build_field(a, left);
    for (size_t i = 0; i < room; i++) {
        int64_t one = ids[i < count ? i : count - 1];
        x->args[x->arg_count++] = build_value(a, id, value_int(one));
    }
    return x;
}

const struct expr *build_any_of(struct arena *a, const struct field *f, const int64_t *ids,
                                size_t count)
{
    struct expr *x = among(a, EXPR_CONTAINS, f, entity_field_find(f->entity, "id"), ids, count);
    x->seen = true;
    return x;
}

const struct expr *build_ids(struct arena *a, const struct entity *e, const int64_t *ids,
                             size_t count)
{
    const struct field *id = entity_field_find(e, "id");
    return among(a, EXPR_IN, id, id, ids, count);
}
