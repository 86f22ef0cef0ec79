/*
 * From pipeline to pipeline: which stage a record comes to that moves from another one. Declared under
 * `from`, else the stage of the same id, else the one of the same kind whose chance is nearest.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/load.h"

static const struct stage *find_stage(struct loader *l, const struct pipeline *p, const struct yaml *node,
                                      const char *id, bool key)
{
    const struct stage *s = id == NULL ? NULL : pipeline_stage_find(p, id);
    if (s == NULL && id != NULL) {
        (key ? load_key_error : load_error)(l, node, "the pipeline \"%s\" has no stage \"%s\"", p->id, id);
    }
    return s;
}

static const struct pipeline *find_pipeline(struct loader *l, const struct pipeline *to, const struct yaml *node)
{
    const struct pipeline *from = model_pipeline_find(l->m, node->key);
    if (from == NULL || from == to || from->entity != to->entity) {
        load_key_error(l, node, "there is no other pipeline \"%s\" of %s", node->key, to->entity->plural);
        return NULL;
    }
    return from;
}

void link_moves(struct loader *l, struct pipeline *to, const struct yaml *node)
{
    size_t room = 0;
    if (node == NULL) {
        return;
    }
    if (node->type != YAML_MAP) {
        load_error(l, node, "must say for other pipelines where their stages go, like {sales: {proposal: offer}}");
        return;
    }
    for (const struct yaml *one = node->child; one != NULL; one = one->next) {
        room += one->count;
    }
    to->moves = ARENA_ARRAY(l->arena, struct stage_move, room + 1);
    for (const struct yaml *one = node->child; one != NULL; one = one->next) {
        const struct pipeline *from = find_pipeline(l, to, one);
        if (from != NULL && one->type != YAML_MAP) {
            load_error(l, one, "must say where its stages go, like {proposal: offer}");
        }
        const struct yaml *pair = from != NULL && one->type == YAML_MAP ? one->child : NULL;
        for (; pair != NULL; pair = pair->next) {
            const struct stage *s = find_stage(l, from, pair, pair->key, true);
            const struct stage *t = find_stage(l, to, pair, load_text(l, pair), false);
            if (s != NULL && t != NULL) {
                to->moves[to->move_count++] = (struct stage_move){s, t};
            }
        }
    }
}

/* Of the same kind, the chance nearest; of two the earlier one. */
static const struct stage *nearest(const struct pipeline *to, const struct stage *s)
{
    const struct stage *best = NULL;
    for (size_t i = 0; i < to->stage_count; i++) {
        const struct stage *t = &to->stages[i];
        bool nearer = best == NULL || llabs(t->percent - s->percent) < llabs(best->percent - s->percent);
        best = t->kind == s->kind && nearer ? t : best;
    }
    return best;
}

const struct stage *pipeline_fitting(const struct pipeline *to, const struct stage *s)
{
    for (size_t i = 0; s != NULL && i < to->move_count; i++) {
        if (to->moves[i].from == s) {
            return to->moves[i].to;
        }
    }
    const struct stage *same = s != NULL ? pipeline_stage_find(to, s->id) : NULL;
    const struct stage *near = same != NULL || s == NULL ? same : nearest(to, s);
    return near != NULL ? near : &to->stages[0];
}
