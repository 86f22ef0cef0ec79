/* Checked expressions: making small ones and walking through them. See expr.h. */
#include "model/expr.h"

#include <string.h>

#include "base/arena.h"
#include "model/field_type.h"

const struct value *expr_literal(const struct expr *x)
{
    return x->op == EXPR_LITERAL ? &x->value : NULL;
}

bool expr_is_me(const struct expr *x)
{
    return x->op == EXPR_CALL && x->function == FN_ME;
}

bool expr_is_today(const struct expr *x)
{
    return x->op == EXPR_CALL && x->function == FN_TODAY;
}

bool expr_is_value(const struct expr *x, bool *link)
{
    *link = x->type.kind == KIND_LINK && x->type.entity != NULL;
    return x->op == EXPR_FIELD && x->type.kind != KIND_LIST;
}

const struct field *expr_one_link(const struct expr *x, int64_t me, int64_t my_team, int64_t *id)
{
    bool one = (x->op == EXPR_EQ || x->op == EXPR_IN) && x->arg_count == 2 &&
               x->args[0]->op == EXPR_FIELD && x->args[0]->path_count == 0 &&
               x->args[0]->type.kind == KIND_LINK;
    const struct expr *value = one ? x->args[1] : NULL;
    *id = value == NULL                                                    ? 0
          : value->op == EXPR_LITERAL && value->value.kind == VALUE_INT    ? value->value.i
          : expr_is_me(value)                                              ? me
          : value->op == EXPR_CALL && value->function == FN_MY_TEAM        ? my_team
                                                                           : 0;
    return *id != 0 ? x->args[0]->field : NULL;
}

struct expr *expr_next_of(struct arena *a, const struct expr *link)
{
    const struct field *f = link->op == EXPR_FIELD && link->path_count == 0 ? link->field : NULL;
    bool stored = f != NULL && field_is_link(f) && f->column_count > 0;
    const struct story *story = stored ? &f->entity->story : NULL;
    if (story == NULL || story->due == NULL || story->done == NULL) {
        return NULL;
    }
    struct expr *x = ARENA_NEW(a, struct expr), *due = ARENA_NEW(a, struct expr);
    struct expr *done = ARENA_NEW(a, struct expr);
    *due = (struct expr){.op = EXPR_FIELD, .up = link->up, .field = story->due};
    *done = (struct expr){.op = EXPR_FIELD, .up = link->up, .field = story->done};
    due->type = expr_type_of(due->field);
    done->type = expr_type_of(done->field);
    *x = (struct expr){.op = EXPR_CALL, .function = FN_NEXT_OF, .type = {.kind = KIND_BOOL}};
    x->args = ARENA_ARRAY(a, const struct expr *, 3);
    x->args[x->arg_count++] = link;
    x->args[x->arg_count++] = due;
    x->args[x->arg_count++] = done;
    return x;
}

const struct expr *expr_true(struct arena *a)
{
    struct expr *x = ARENA_NEW(a, struct expr);
    x->op = EXPR_LITERAL;
    x->type.kind = KIND_BOOL;
    x->value = value_int(1);
    return x;
}

const struct expr *expr_and(struct arena *a, const struct expr *x, const struct expr *y)
{
    if (x == NULL || y == NULL) {
        return x == NULL ? y : x;
    }
    struct expr *both = ARENA_NEW(a, struct expr);
    both->op = EXPR_AND;
    both->type.kind = KIND_BOOL;
    both->args = ARENA_ARRAY(a, const struct expr *, 2);
    both->args[0] = x;
    both->args[1] = y;
    both->arg_count = 2;
    both->varies = x->varies || y->varies;
    both->climbs = x->climbs || y->climbs;
    both->aggregates = x->aggregates || y->aggregates;
    return both;
}

void expr_walk(const struct expr *x, void (*visit)(const struct expr *node, void *data), void *data)
{
    for (size_t i = 0; i < x->arg_count; i++) {
        expr_walk(x->args[i], visit, data);
    }
    if (x->measure != NULL) {
        expr_walk(x->measure, visit, data);
    }
    if (x->where != NULL) {
        expr_walk(x->where, visit, data);
    }
    visit(x, data);
}

struct sight {
    const struct role *role;
    bool hidden;
};

static void look(const struct expr *x, void *data)
{
    struct sight *s = data;
    const struct field *by = x->relation != NULL ? x->relation->by : NULL;
    s->hidden = s->hidden || (x->field != NULL && !role_sees(s->role, x->field)) ||
                (by != NULL && !role_sees(s->role, by));
    for (size_t i = 0; i < x->path_count; i++) {
        s->hidden = s->hidden || !role_sees(s->role, x->path[i]);
    }
}

bool expr_is_seen(const struct expr *x, const struct role *role)
{
    struct sight s = {.role = role};
    if (role != NULL) {
        expr_walk(x, look, &s);
    }
    return !s.hidden;
}

const struct expr *expr_title(struct arena *a, const struct expr *link)
{
    if (link->op != EXPR_FIELD || link->type.kind != KIND_LINK || link->type.entity == NULL ||
        link->field->type->kind == TYPE_ID) {
        return NULL;
    }
    struct expr *title = ARENA_NEW(a, struct expr);
    const struct field **path = ARENA_ARRAY(a, const struct field *, link->path_count + 1);
    *title = *link;
    for (size_t i = 0; i < link->path_count; i++) {
        path[i] = link->path[i];
    }
    path[title->path_count++] = link->field;
    title->path = path;
    title->field = entity_field_find(link->type.entity, "title");
    title->type = (struct expr_type){.kind = KIND_TEXT};
    return title;
}
