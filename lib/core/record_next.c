/*
 * What comes next for a record: the earliest open activity that points to it, and how urgent that
 * is. Which entity that is and what its fields are says the model (struct story); a model without
 * such an entity simply has no next steps.
 */
#include <string.h>

#include "core/build.h"
#include "core/parts.h"

bool next_activity(const struct ctx *c, const struct entity *e, struct activity_model *out)
{
    const struct entity *a = c->model->work;
    *out = (struct activity_model){.entity = a};
    if (a == NULL || !ctx_may(c, ACTION_SEE, a)) {
        return false;
    }
    const struct story *s = &a->story;
    *out = (struct activity_model){a, s->records, s->subject, s->due, s->done, s->kind};
    const struct field *all[] = {out->records, out->subject, out->due, out->done_at, out->kind};
    for (size_t i = 0; i < COUNT(all); i++) {
        if (all[i] == NULL || !access_sees(c, all[i])) {
            return false;
        }
    }
    return e->timeline;
}

static const struct relation *relation_of(const struct entity *e, const struct activity_model *m)
{
    for (size_t i = 0; i < e->relation_count; i++) {
        if (e->relations[i].by == m->records) {
            return &e->relations[i];
        }
    }
    return NULL;
}

int next_step_exprs(struct ctx *c, const struct entity *e, const struct expr **dated,
                    const struct expr **any)
{
    struct activity_model m;
    const struct relation *r = next_activity(c, e, &m) ? relation_of(e, &m) : NULL;
    if (r == NULL) {
        return ctx_fail(c, ERR_MALFORMED, "fields", "%s have no activities.", e->label_plural);
    }
    struct arena *a = c->arena;
    const struct field *id = entity_field_find(m.entity, "id");
    const struct expr *open = build_empty(a, m.done_at, true);
    const struct expr *first = build_aggregate(a, FN_MIN, r, 1, m.due, open);
    const struct expr *is_first = build_test(a, EXPR_EQ, build_field(a, m.due), first);
    *dated = build_aggregate(a, FN_MIN, r, 0, id, build_test(a, EXPR_AND, open, is_first));
    *any = build_aggregate(a, FN_MIN, r, 0, id, open);
    return 0;
}

int next_last_done(struct ctx *c, const struct entity *e, const struct expr **out)
{
    struct activity_model m;
    const struct relation *r = next_activity(c, e, &m) ? relation_of(e, &m) : NULL;
    *out = r == NULL ? NULL : build_aggregate(c->arena, FN_MAX, r, 0, m.done_at, NULL);
    return 0;
}

static void add_key(struct list_spec *spec, const struct expr *by, bool descending)
{
    if (spec->sort_count < COUNT(spec->sort)) {
        spec->sort[spec->sort_count++] = (struct sort_key){.by = by, .descending = descending};
    }
}

/* By the next date: overdue, today, later; then what is planned without one; last what has no next
 * step. Conditions are counts compared with 0, so they are never null. */
int next_urgency(struct ctx *c, struct list_spec *spec)
{
    struct activity_model m;
    const struct relation *r =
        next_activity(c, spec->entity, &m) ? relation_of(spec->entity, &m) : NULL;
    if (r == NULL) {
        return ctx_fail(c, ERR_MALFORMED, "sort", "%s have no activities to sort by.",
                        spec->entity->label_plural);
    }
    struct arena *a = c->arena;
    const struct expr *open = build_empty(a, m.done_at, true);
    const struct expr *dated = build_test(a, EXPR_AND, open, build_empty(a, m.due, false));
    const struct expr *none = build_count_literal(a, 0);
    add_key(spec, build_test(a, EXPR_GT, build_aggregate(a, FN_COUNT, r, 0, NULL, dated), none),
            true);
    add_key(spec, build_test(a, EXPR_GT, build_aggregate(a, FN_COUNT, r, 0, NULL, open), none),
            true);
    add_key(spec, build_aggregate(a, FN_MIN, r, 0, m.due, open), false);
    return 0;
}
