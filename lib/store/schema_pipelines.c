/*
 * What a plan says of pipelines, stages, gates and teams that come, go or change. Whatever records
 * stand in is said, and refused, by schema_losses.c: here is what would go without a word. Compared
 * with the applied model.
 */
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "store/schema_planner.h"

static const char *const KIND_NAMES[] = {
    [STAGE_OPEN] = "open", [STAGE_WON] = "won", [STAGE_LOST] = "lost"};

static const char *text_of_buf(struct planner *p, struct buf *b)
{
    const char *text = arena_strndup(p->a, buf_text(b), b->size);
    buf_done(b);
    return text;
}

static void say(struct planner *p, const struct pipeline *pl, const char *where, const char *text)
{
    /* a pipeline that leaves is one of the applied model, which the plan outlives */
    plan_add(p, STEP_CHANGE, arena_strdup(p->a, pl->entity->name), NULL, text);
    p->plan->steps[p->plan->count - 1].where = where;
}

/* Records, also those of the trash, of a pipeline, or of one stage of it. */
static int count_in(struct planner *p, const struct tables *t, const struct pipeline *pl,
                    const struct stage *s, int64_t *out)
{
    const struct entity *e = pl->entity;
    const struct table_entity *te = tables_entity(t, e->name);
    const struct table_field *at = te ? tables_field(te, e->pipeline->name, 0) : NULL;
    const struct table_field *in = te ? tables_field(te, e->stage->name, 0) : NULL;
    *out = 0;
    if (!at || !in) {
        return 0;
    }
    /* ids are identifiers: nothing in them needs quoting */
    const char *sql = arena_printf(p->a, "SELECT count(*) FROM %s WHERE %s = '%s'%s",
                                   table_name(p->a, e->name), quoted(p->a, at->column), pl->id,
                                   s ? arena_printf(p->a, " AND %s = '%s'",
                                                    quoted(p->a, in->column), s->id)
                                     : "");
    return db_get_int(p->db, sql, NULL, 0, 0, out, p->e);
}

/* ---- gates ----------------------------------------------------------------------------------- */

static void put_fields(struct buf *out, const char *word, const struct field **fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "%s%s", i > 0 ? ", " : word, fields[i]->name);
    }
}

/* "amount, close_date, meeting done, if amount > 0"; "" without a gate. */
static const char *gate_text(struct planner *p, const struct stage *s)
{
    struct buf out = {0};
    put_fields(&out, "", s->gate_require, s->gate_require_count);
    for (size_t i = 0; i < s->gate_activity_count; i++) {
        const struct gate_activity *x = &s->gate_activities[i];
        buf_printf(&out, "%s%s%s", out.size > 0 ? ", " : "", x->kind ? x->kind->id : "an activity",
                   x->done ? " done" : "");
    }
    if (s->gate_if_text) {
        buf_printf(&out, "%sif %s", out.size > 0 ? ", " : "", s->gate_if_text);
    }
    put_fields(&out, out.size > 0 ? "; asks for " : "asks for ", s->gate_ask, s->gate_ask_count);
    return text_of_buf(p, &out);
}

static size_t gates_of(struct planner *p, const struct pipeline *pl)
{
    size_t count = 0;
    for (size_t i = 0; i < pl->stage_count; i++) {
        count += gate_text(p, &pl->stages[i])[0] != 0;
    }
    return count;
}

static void compare_gates(struct planner *p, const struct pipeline *pl, const struct stage *was,
                          const struct stage *is)
{
    const char *before = gate_text(p, was), *after = gate_text(p, is);
    if (str_eq(before, after)) {
        return;
    }
    const char *text =
        before[0] == 0 ? arena_printf(p->a, "Stage %s of pipeline %s gets a gate: %s.", is->id,
                                      pl->id, after)
        : after[0] == 0 ? arena_printf(p->a, "Stage %s of pipeline %s loses its gate (%s).", is->id,
                                       pl->id, before)
                        : arena_printf(p->a, "The gate of stage %s of pipeline %s was %s and is %s.",
                                       is->id, pl->id, before, after);
    say(p, pl, is->where, text);
}

/* ---- stages ---------------------------------------------------------------------------------- */

/* Where records stand in it the plan says so already. */
static int stage_leaves(struct planner *p, const struct tables *t, const struct pipeline *was,
                        const struct stage *s, const struct pipeline *is)
{
    int64_t count = 0;
    if (count_in(p, t, was, s, &count) != 0) {
        return -1;
    }
    if (count == 0) {
        const char *gate = gate_text(p, s);
        say(p, is, is->stages_where,
            arena_printf(p->a, "Stage %s leaves pipeline %s%s%s%s: no records are in it.", s->id,
                         was->id, gate[0] != 0 ? " with its gate (" : "", gate,
                         gate[0] != 0 ? ")" : ""));
    }
    return 0;
}

static void compare_stages(struct planner *p, const struct pipeline *pl, const struct stage *was,
                           const struct stage *is)
{
    if (was->kind != is->kind) {
        say(p, pl, is->where,
            arena_printf(p->a, "Stage %s of pipeline %s was %s and is %s.", is->id, pl->id,
                         KIND_NAMES[was->kind], KIND_NAMES[is->kind]));
    } else if (was->percent != is->percent) {
        say(p, pl, is->where,
            arena_printf(p->a, "Stage %s of pipeline %s counts %lld percent, before %lld.", is->id,
                         pl->id, (long long)is->percent, (long long)was->percent));
    }
    compare_gates(p, pl, was, is);
}

static void new_stage(struct planner *p, const struct pipeline *pl, const struct stage *s)
{
    const char *gate = gate_text(p, s);
    say(p, pl, s->where,
        arena_printf(p->a, "Stage %s is new in pipeline %s%s%s.", s->id, pl->id,
                     gate[0] != 0 ? ", with a gate: " : "", gate));
}

/* ---- pipelines ------------------------------------------------------------------------------- */

static const char *teams_of(struct planner *p, const struct pipeline *pl)
{
    struct buf out = {0};
    for (size_t i = 0; i < pl->team_count; i++) {
        buf_printf(&out, "%s%s", i > 0 ? ", " : "", pl->teams[i]);
    }
    buf_puts(&out, pl->team_count == 0 ? "all teams" : "");
    return text_of_buf(p, &out);
}

static int compare_pipelines(struct planner *p, const struct tables *t, const struct pipeline *was,
                             const struct pipeline *is)
{
    const char *before = teams_of(p, was), *after = teams_of(p, is);
    if (!str_eq(before, after)) {
        say(p, is, is->where,
            arena_printf(p->a, "Pipeline %s is of %s, before of %s.", is->id, after, before));
    }
    for (size_t i = 0; i < is->stage_count; i++) {
        const struct stage *s = pipeline_stage_find(was, is->stages[i].id);
        if (s) {
            compare_stages(p, is, s, &is->stages[i]);
        } else {
            new_stage(p, is, &is->stages[i]);
        }
    }
    for (size_t i = 0; i < was->stage_count; i++) {
        const struct stage *s = &was->stages[i];
        if (!pipeline_stage_find(is, s->id) && stage_leaves(p, t, was, s, is) != 0) {
            return -1;
        }
    }
    return 0;
}

static const char *number_of(struct arena *a, size_t n, const char *thing)
{
    return arena_printf(a, "%zu %s%s", n, thing, n == 1 ? "" : "s");
}

static void pipeline_comes(struct planner *p, const struct pipeline *pl)
{
    say(p, pl, pl->where,
        arena_printf(p->a, "Pipeline %s is new in %s, of %s: %s, %s.", pl->id, pl->entity->name,
                     teams_of(p, pl), number_of(p->a, pl->stage_count, "stage"),
                     number_of(p->a, gates_of(p, pl), "gate")));
}

static int pipeline_leaves(struct planner *p, const struct tables *t, const struct pipeline *pl)
{
    int64_t count = 0;
    if (count_in(p, t, pl, NULL, &count) != 0) {
        return -1;
    }
    if (count == 0) {
        say(p, pl, NULL,
            arena_printf(p->a, "Pipeline %s leaves %s with %s and %s: no records are in it.", pl->id,
                         pl->entity->name, number_of(p->a, pl->stage_count, "stage"),
                         number_of(p->a, gates_of(p, pl), "gate")));
    }
    return 0;
}

int plan_pipelines(struct planner *p, const struct tables *t)
{
    for (size_t i = 0; p->then && i < p->m->pipeline_count; i++) {
        const struct pipeline *is = &p->m->pipelines[i];
        const struct pipeline *was = model_pipeline_find(p->then, is->id);
        if (!was || !str_eq(was->entity->name, is->entity->name)) {
            pipeline_comes(p, is);
        } else if (compare_pipelines(p, t, was, is) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; p->then && i < p->then->pipeline_count; i++) {
        const struct pipeline *was = &p->then->pipelines[i];
        const struct pipeline *is = model_pipeline_find(p->m, was->id);
        bool stays = is && str_eq(was->entity->name, is->entity->name);
        if (!stays && model_entity_find(p->m, was->entity->name) &&
            pipeline_leaves(p, t, was) != 0) {
            return -1;
        }
    }
    return 0;
}
