/*
 * Scores: `score` of an entity is a list of conditions with points. Their sum is a stored computed field
 * named score, which is declared with the list, kept current, filtered and sorted like any other; each
 * condition alone says why (core/score.c).
 */
#include "base/str.h"
#include "model/field_type.h"
#include "model/load.h"

#define SCORES_MAX 40
#define POINTS_MAX 1000
#define HOT_MAX    40000

static const char *const KEYS[] = {"points", "if", "say", NULL};

static const struct yaml *list_of(const struct entity_def *d)
{
    return load_entity_key(d, "score");
}

const struct yaml *score_node(const struct loader *l, const struct field *f)
{
    const struct entity_def *d = &l->defs[f->entity->index];
    return str_eq(f->name, SCORE_FIELD) ? list_of(d) : NULL;
}

void score_declare(struct loader *l, struct entity_def *d, struct field *(*add)(struct entity_def *, const char *))
{
    const struct yaml *node = list_of(d);
    const struct field *before = entity_field_find(d->entity, SCORE_FIELD);
    if (node == NULL) {
        return;
    }
    if (before != NULL) {
        load_key_error(l, node, "%s has a field \"%s\" already; the list makes one of that name",
                       d->entity->name, SCORE_FIELD);
        return;
    }
    struct field *f = add(d, SCORE_FIELD);
    f->label = "Score";
    f->type = field_type_find("integer");
    f->indexed = true;
    f->where = yaml_key_where(l->arena, node);
}

static struct expr *node_of(struct loader *l, enum expr_op op, enum expr_kind kind, size_t args)
{
    struct expr *x = ARENA_NEW(l->arena, struct expr);
    x->op = op;
    x->type.kind = kind;
    x->args = ARENA_ARRAY(l->arena, const struct expr *, args + 1);
    return x;
}

/* The points if the condition holds, else 0: a condition that is neither counts as one that does not. */
static struct expr *term(struct loader *l, const struct score_point *p)
{
    struct expr *points = node_of(l, EXPR_LITERAL, KIND_NUMBER, 0);
    struct expr *no = node_of(l, EXPR_NOT, KIND_BOOL, 1), *yes = node_of(l, EXPR_NOT, KIND_BOOL, 1);
    struct expr *x = node_of(l, EXPR_MUL, KIND_NUMBER, 2);
    points->value = value_int(p->points);
    no->args[no->arg_count++] = p->when;
    yes->args[yes->arg_count++] = no;
    x->args[x->arg_count++] = points;
    x->args[x->arg_count++] = yes;
    x->aggregates = p->when->aggregates; /* as the checker says it of a root */
    return x;
}

static struct expr *plus(struct loader *l, const struct expr *a, const struct expr *b)
{
    struct expr *x = node_of(l, EXPR_ADD, KIND_NUMBER, 2);
    x->args[x->arg_count++] = a;
    x->args[x->arg_count++] = b;
    x->aggregates = a->aggregates || b->aggregates;
    return x;
}

/* What may be kept: it changes only when the record does, or what links to it. */
static const struct expr *condition(struct loader *l, const struct entity *e, const struct yaml *item,
                                    const struct yaml *node)
{
    if (node == NULL) {
        load_error(l, item, "points need a condition under \"if\"");
        return NULL;
    }
    const struct expr *x = load_expr(l, node, e, KIND_BOOL, NULL);
    if (x != NULL && (x->varies || x->climbs)) {
        load_error(l, node, x->varies ? "uses today(), now(), me or my_team, so its points cannot be kept current"
                                      : "follows a link to another record, so its points cannot be kept current");
        return NULL;
    }
    return x;
}

static bool read_point(struct loader *l, const struct entity *e, const struct yaml *item,
                       struct score_point *out)
{
    if (!load_check_keys(l, item, KEYS)) {
        return false;
    }
    const struct yaml *points = yaml_find(item, "points"), *test = yaml_find(item, "if");
    if (points == NULL) {
        load_error(l, item, "says nothing about \"points\"");
    }
    *out = (struct score_point){.points = load_int(l, points, -POINTS_MAX, POINTS_MAX, 0),
                                .when = condition(l, e, item, test)};
    out->say = load_label(l, yaml_find(item, "say"), test != NULL && test->text != NULL ? test->text : "");
    return points != NULL && out->when != NULL;
}

const struct expr *score_compile(struct loader *l, const struct field *f)
{
    struct entity_def *d = &l->defs[f->entity->index];
    struct entity *e = d->entity;
    const struct yaml *list = list_of(d);
    if (list->type != YAML_LIST || list->count == 0 || list->count > SCORES_MAX) {
        load_error(l, list, "must be a list of 1 to %d entries like {points: 10, if: 'phones is not empty'}",
                   SCORES_MAX);
        return NULL;
    }
    struct score_point *points = ARENA_ARRAY(l->arena, struct score_point, list->count);
    struct expr *sum = NULL;
    for (const struct yaml *item = list->child; item != NULL; item = item->next) {
        if (!read_point(l, e, item, &points[e->score_count])) {
            return NULL;
        }
        struct expr *one = term(l, &points[e->score_count++]);
        sum = sum == NULL ? one : plus(l, sum, one);
    }
    e->score = points;
    e->score_field = f;
    e->hot = load_int(l, load_entity_key(d, "hot"), 1, HOT_MAX, 0);
    return sum;
}
