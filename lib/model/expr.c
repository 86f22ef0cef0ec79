/* Checked expressions: making small ones and walking through them. See expr.h. */
#include "model/expr.h"

#include <string.h>

#include "base/arena.h"
#include "model/field_type.h"

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

struct collection {
    const struct field **out;
    size_t count, room;
};

static void collect(struct collection *c, const struct expr *x, int depth);

/* A computed field that is not stored stands for what it is made of, the title for its parts. */
static void collect_field(struct collection *c, const struct field *f)
{
    for (size_t i = 0; i < c->count && i < c->room; i++) {
        if (c->out[i] == f) {
            return;
        }
    }
    if (f->compute != NULL && !f->stored) {
        collect(c, f->compute, 0);
        return;
    }
    if (f->system && strcmp(f->name, "title") == 0) {
        for (size_t i = 0; i < f->entity->title_count; i++) {
            collect_field(c, f->entity->title[i]);
        }
        return;
    }
    if (c->count < c->room) {
        c->out[c->count] = f;
    }
    c->count++;
}

/* depth: how many aggregates stand around x; a name belongs to the record itself when it goes up
 * that far. */
static void collect(struct collection *c, const struct expr *x, int depth)
{
    const struct field *own = x->path_count > 0 ? x->path[0] : x->field;
    bool named = x->op == EXPR_FIELD || (x->op == EXPR_AGGREGATE && x->path_count > 0);
    if (named && x->up == depth && own != NULL) {
        collect_field(c, own);
    }
    for (size_t i = 0; i < x->arg_count; i++) {
        collect(c, x->args[i], depth);
    }
    if (x->measure != NULL) {
        collect(c, x->measure, depth + 1);
    }
    if (x->where != NULL) {
        collect(c, x->where, depth + 1);
    }
}

size_t expr_own_fields(const struct expr *x, const struct field **out, size_t room)
{
    struct collection c = {.out = out, .room = room};
    collect(&c, x, 0);
    return c.count;
}
