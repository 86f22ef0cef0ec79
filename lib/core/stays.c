/*
 * The stays of records in stages, from change-sets; see stays.h. A move that was undone never was. A
 * record is in a stage from a change of stage (or pipeline) to the next; when its last stay began,
 * was won or lost, is what the record itself says (a file may know better than the day it came in).
 */
#include <string.h>

#include "base/clock.h"
#include "core/parts.h"
#include "core/stays.h"
#include "store/stages.h"

/* ---- records --------------------------------------------------------------------------------- */

static int64_t moment(const struct field *f, struct value v)
{
    int64_t at = 0;
    if (f == NULL || v.kind == VALUE_INT) {
        return v.kind == VALUE_INT ? v.i : 0;
    }
    return v.kind == VALUE_TEXT && clock_date_start(v.s, &at) == 0 ? at : 0;
}

enum part { PART_PIPELINE, PART_STAGE, PART_CREATED, PART_SINCE, PART_WON, PART_LOST, PART_COUNT };

struct reading {
    struct walk *walk;
    const struct field *fields[PART_COUNT];
    size_t at[PART_COUNT]; /* its first value in a row; 0 for PART_PIPELINE */
    bool has[PART_COUNT];
};

static struct value part_of(const struct reading *r, const struct list_row *row, enum part p)
{
    return r->has[p] ? row->values[r->at[p]] : value_null();
}

static int take_record(void *data, const struct list_row *row)
{
    struct reading *r = data;
    struct walk *w = r->walk;
    struct arena *a = w->c->arena;
    if (w->count == w->room) {
        size_t room = w->room > 0 ? 2 * w->room : 256;
        struct moving *more = ARENA_ARRAY(a, struct moving, room);
        if (w->count > 0) {
            memcpy(more, w->list, w->count * sizeof(*more));
        }
        w->list = more;
        w->room = room;
    }
    struct value pipeline = part_of(r, row, PART_PIPELINE), stage = part_of(r, row, PART_STAGE);
    w->list[w->count++] = (struct moving){
        .id = row->id,
        .created_ms = moment(NULL, part_of(r, row, PART_CREATED)),
        .since_ms = moment(r->fields[PART_SINCE], part_of(r, row, PART_SINCE)),
        .won_ms = moment(r->fields[PART_WON], part_of(r, row, PART_WON)),
        .lost_ms = moment(r->fields[PART_LOST], part_of(r, row, PART_LOST)),
        .pipeline = pipeline.kind == VALUE_TEXT ? arena_strdup(a, pipeline.s) : "",
        .stage = stage.kind == VALUE_TEXT ? arena_strdup(a, stage.s) : ""};
    return 0;
}

/* All records the actor sees for which the filter holds, by id. */
static int read_records(struct walk *w, const struct entity *e, const struct expr *filter,
                        const int64_t *only)
{
    struct ctx *c = w->c;
    const struct field *wanted[PART_COUNT] = {
        [PART_PIPELINE] = e->pipeline,
        [PART_STAGE] = e->stage,
        [PART_CREATED] = entity_field_find(e, "created_at"),
        [PART_SINCE] = keep_follower(e, FOLLOWS_ENTERED),
        [PART_WON] = keep_follower(e, FOLLOWS_WON),
        [PART_LOST] = keep_follower(e, FOLLOWS_LOST)};
    struct reading r = {.walk = w};
    const struct field *fields[PART_COUNT];
    size_t count = 0, values = 0;
    for (int p = 0; p < PART_COUNT; p++) {
        if (wanted[p] != NULL) {
            r.fields[p] = wanted[p];
            r.has[p] = true;
            r.at[p] = values;
            fields[count++] = wanted[p];
            values += wanted[p]->column_count > 0 ? wanted[p]->column_count : 1;
        }
    }
    struct list_spec spec = {.entity = e,
                             .action = ACTION_SEE,
                             .filter = filter,
                             .fields = fields,
                             .field_count = count,
                             .only = only};
    struct who who = ctx_who(c);
    return query_list(c->db, &who, &spec, c->arena, take_record, &r, NULL, &c->err);
}

/* ---- stays ----------------------------------------------------------------------------------- */

static void add_stay(struct walk *w, const char *pipeline, const char *stage, int64_t from)
{
    struct stay *last = w->stay_count > 0 ? &w->stays[w->stay_count - 1] : NULL;
    if (last != NULL && strcmp(last->pipeline, pipeline) == 0 && strcmp(last->stage, stage) == 0) {
        return;
    }
    if (last != NULL) {
        last->to_ms = from;
    }
    w->stays[w->stay_count++] = (struct stay){.pipeline = pipeline, .stage = stage, .from_ms = from};
}

static enum stage_kind kind_of(const struct walk *w, const struct stay *s)
{
    const struct pipeline *p = model_pipeline_find(w->c->model, s->pipeline);
    const struct stage *stage = p == NULL ? NULL : pipeline_stage_find(p, s->stage);
    return stage != NULL ? stage->kind : STAGE_OPEN;
}

/* What the record says about its last stay goes before the day it was written down. */
static void correct_last(struct walk *w, const struct moving *m)
{
    struct stay *last = &w->stays[w->stay_count - 1];
    enum stage_kind kind = kind_of(w, last);
    int64_t said = kind == STAGE_WON && m->won_ms != 0    ? m->won_ms
                   : kind == STAGE_LOST && m->lost_ms != 0 ? m->lost_ms
                                                           : m->since_ms;
    struct stay *before = w->stay_count > 1 ? last - 1 : NULL;
    if (said != 0 && (before == NULL || said >= before->from_ms)) {
        last->from_ms = said;
        if (before != NULL) {
            before->to_ms = said;
        }
    }
}

/* A step and the one that took it back never were. */
static void drop_undone(struct walk *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->step_count; i++) {
        const struct step *s = &w->steps[i], *last = n > 0 ? &w->steps[n - 1] : NULL;
        bool takes_back = last != NULL && s->undo_of != 0 &&
                          (s->undo_of == last->set || s->undo_of == last->parent);
        if (takes_back) {
            n--;
        } else {
            w->steps[n++] = *s;
        }
    }
    w->step_count = n;
}

/* The steps say what was before each of them; what was after one is what was before the next. */
static void end_record(struct walk *w)
{
    const struct moving *m = &w->list[w->at];
    const char *pipelines[STAYS_MAX + 1], *stages[STAYS_MAX + 1];
    drop_undone(w);
    pipelines[w->step_count] = m->pipeline;
    stages[w->step_count] = m->stage;
    for (size_t i = w->step_count; i-- > 0;) {
        const struct step *s = &w->steps[i];
        pipelines[i] = s->pipeline != NULL ? s->pipeline : pipelines[i + 1];
        stages[i] = s->stage != NULL ? s->stage : stages[i + 1];
    }
    w->stay_count = 0;
    for (size_t i = 0; i <= w->step_count; i++) {
        add_stay(w, pipelines[i], stages[i], i == 0 ? m->created_ms : w->steps[i - 1].at_ms);
    }
    correct_last(w, m);
    w->take(w->data, m, w->stays, w->stay_count);
    w->step_count = 0;
    w->at++;
}

static int take_change(void *data, const struct stage_change *change)
{
    struct walk *w = data;
    while (w->at < w->count && w->list[w->at].id < change->record) {
        end_record(w);
    }
    if (w->at == w->count) {
        return 1;
    }
    if (w->list[w->at].id > change->record) {
        return 0; /* one that is not asked for */
    }
    struct step *last = w->step_count > 0 ? &w->steps[w->step_count - 1] : NULL;
    if (last == NULL || last->set != change->set) {
        if (w->step_count == STAYS_MAX) {
            memmove(w->steps, w->steps + 1, (STAYS_MAX - 1) * sizeof(w->steps[0]));
            w->step_count--;
        }
        last = &w->steps[w->step_count++];
        *last = (struct step){.set = change->set,
                              .parent = change->parent,
                              .undo_of = change->undo_of,
                              .at_ms = change->at_ms};
    }
    const char *before = change->before != NULL ? arena_strdup(w->c->arena, change->before) : "";
    *(change->pipeline ? &last->pipeline : &last->stage) = before;
    return 0;
}

int stays_walk(struct walk *w, const struct entity *e, const struct expr *filter,
               const int64_t *only)
{
    struct ctx *c = w->c;
    if (ctx_db(c) == NULL || read_records(w, e, filter, only) != 0 ||
        stages_read(c->db, e, only != NULL ? *only : 0, take_change, w, &c->err) != 0) {
        return -1;
    }
    while (w->at < w->count) {
        end_record(w);
    }
    return 0;
}
