/*
 * No open record without a next step, where its pipeline says so (`next_step: true`). One place
 * decides, for every way a planned step may go and a record may come to be open: what a write did
 * is looked at before it is kept. Records that were without one already are left in peace until
 * they are moved.
 */
#include <string.h>

#include "core/build.h"
#include "core/parts.h"

struct keep {
    struct ctx *c;
    int64_t *seen; /* records judged already */
    size_t seen_count, seen_room;
    const struct entity *asked; /* what the write was about: it takes the next step with it */
};

static bool binds(const struct ctx *c)
{
    enum change_source source = c->as != SOURCE_NONE ? c->as : c->actor.source;
    bool any = false;
    for (size_t i = 0; i < c->model->pipeline_count; i++) {
        any = any || c->model->pipelines[i].next_step;
    }
    return any && c->model->work != NULL && !c->draft && !c->no_gates && source != SOURCE_CONFIG && source != SOURCE_SETUP;
}

static bool wrote(const struct event *ev, const struct field *f)
{
    int bit = f == NULL ? 0 : f->index < 255 ? f->index : 255;
    return f != NULL && (ev->fields[bit / 64] >> (bit % 64) & 1) != 0;
}

/* Is nothing planned about it any more? */
static int has_none(struct ctx *c, const struct record *r, bool *out)
{
    const struct story *s = &c->model->work->story;
    const struct entity *e = r->entity;
    const struct who system = {.model = c->model, .now_ms = c->now_ms};
    const struct relation *rel = e->relations;
    struct value answer;
    *out = false;
    while (rel < e->relations + e->relation_count && rel->by != s->records) {
        rel++;
    }
    if (rel == e->relations + e->relation_count) {
        return 0;
    }
    const struct expr *count = build_aggregate(c->arena, FN_COUNT, rel, 0, NULL,
                                               build_empty(c->arena, s->done, true));
    if (query_eval(c->db, &system, e, r->id, &count, 1, c->arena, &answer, &c->err) != 0) {
        return -1;
    }
    *out = answer.kind != VALUE_INT || answer.i == 0;
    return 0;
}

/* An undo is refused as a clash: another record may be about to come back. */
static int refuse(const struct keep *k, const struct record *r)
{
    struct ctx *c = k->c;
    struct title_row *row = NULL;
    if (print_titles(c, &r->id, 1, &row) != 0) {
        return -1;
    }
    const char *name = row->hidden ? arena_printf(c->arena, "A %s you may not see", r->entity->name)
                                   : arena_printf(c->arena, "“%.100s”", row->title);
    return err_add(&c->err, c->arena, c->undo_of != 0 ? ERR_CONFLICT : ERR_INVALID,
                   arena_printf(c->arena, "%s." THEN, k->asked->name),
                   k->asked == c->model->work
                       ? "%s is open and nothing else is planned for it: plan the next step."
                       : "%s is open and nothing is planned for it: plan the next step.",
                   name);
}

static bool needs_one(const struct ctx *c, const struct record *r)
{
    const struct pipeline *p = keep_pipeline_of(c, r);
    const struct stage *s = keep_stage_of(c, r);
    return p != NULL && s != NULL && p->next_step && s->kind == STAGE_OPEN && r->deleted_at == 0;
}

static int judge(const struct keep *k, const struct entity *e, int64_t id)
{
    struct ctx *c = k->c;
    struct record *r = NULL;
    bool none = false;
    if (rows_load(c->db, e, id, c->arena, &r, &c->err) != 0) {
        return -1;
    }
    if (!needs_one(c, r)) {
        return 0;
    }
    return has_none(c, r, &none) != 0 ? -1 : none ? refuse(k, r) : 0;
}

static int judge_once(struct keep *k, const struct entity *e, int64_t id)
{
    for (size_t i = 0; i < k->seen_count; i++) {
        if (k->seen[i] == id) {
            return 0;
        }
    }
    if (k->seen_count == k->seen_room) {
        size_t room = k->seen_room == 0 ? 16 : 2 * k->seen_room;
        int64_t *more = ARENA_ARRAY(k->c->arena, int64_t, room);
        if (k->seen_count > 0) {
            memcpy(more, k->seen, k->seen_count * sizeof(*more));
        }
        k->seen = more;
        k->seen_room = room;
    }
    k->seen[k->seen_count++] = id;
    return judge(k, e, id);
}

/* ---- A record of a pipeline ------------------------------------------------------------------ */

/* It began, came back or went to another stage. An enquiry of a stranger is never turned away. */
static bool came_to_stage(const struct ctx *c, const struct entity *e, const struct event *ev)
{
    return (ev->op == OP_CREATE && c->actor.source != SOURCE_FORM) || ev->op == OP_RESTORE ||
           (ev->op == OP_UPDATE && (wrote(ev, e->stage) || wrote(ev, e->pipeline)));
}

/* ---- A planned step -------------------------------------------------------------------------- */

static int value_before(struct ctx *c, const struct field *f, int64_t id, struct value *out)
{
    return change_value_at(c->db, &f->columns[0], id, c->change.id - 1, c->arena, out, &c->err);
}

/* Whatever it was planned for before this write. */
static int judge_step(struct keep *k, const struct event *ev)
{
    struct ctx *c = k->c;
    const struct who system = {.model = c->model, .now_ms = c->now_ms};
    const struct story *s = &c->model->work->story;
    struct value done, links;
    int64_t *ids = NULL;
    struct record *now = NULL;
    if (rows_load(c->db, c->model->work, ev->record, c->arena, &now, &c->err) != 0) {
        return -1;
    }
    if (now->created_cs >= c->change.id) {
        return 0; /* this very write made it */
    }
    if (value_before(c, s->done, ev->record, &done) != 0 ||
        value_before(c, s->records, ev->record, &links) != 0) {
        return -1;
    }
    size_t count = done.kind == VALUE_NULL ? print_ids(c->arena, links, &ids) : 0;
    struct title_row *rows = ARENA_ARRAY(c->arena, struct title_row, count + 1);
    if (count > 0 && query_titles(c->db, &system, ids, count, c->arena, rows, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].hidden && rows[i].entity != NULL && rows[i].entity->pipeline != NULL &&
            judge_once(k, rows[i].entity, ids[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

static bool may_be_gone(const struct story *s, const struct event *ev)
{
    return ev->op == OP_DELETE ||
           (ev->op == OP_UPDATE && (wrote(ev, s->done) || wrote(ev, s->records)));
}

/* ---- The write ------------------------------------------------------------------------------- */

static int judge_event(struct keep *k, const struct event *ev)
{
    struct ctx *c = k->c;
    const struct entity *e = model_entity_by_id(c->model, ev->entity);
    if (ev->to != 0 || e == NULL) {
        return 0;
    }
    k->asked = e;
    if (e == c->model->work) {
        return may_be_gone(&e->story, ev) ? judge_step(k, ev) : 0;
    }
    return e->pipeline != NULL && came_to_stage(c, e, ev) ? judge_once(k, e, ev->record) : 0;
}

int next_keep_merged(struct ctx *c, struct record *const *before, size_t count,
                     const struct record *after)
{
    const struct field *f = after->entity->stage;
    struct keep k = {.c = c, .asked = after->entity};
    bool none = after->entity->pipeline != NULL && binds(c) && needs_one(c, after) &&
                !value_equal(record_value(before[0], f), record_value(after, f));
    for (size_t i = 0; none && i < count; i++) {
        if (has_none(c, before[i], &none) != 0) {
            return -1;
        }
    }
    return none ? refuse(&k, before[0]) : 0;
}

size_t next_begin(const struct ctx *c)
{
    return db_event_count(c->db);
}

int next_keep(struct ctx *c, size_t from)
{
    struct keep k = {.c = c};
    if (!binds(c) || c->halfway || c->change.id == 0) {
        return 0;
    }
    for (size_t i = from; i < db_event_count(c->db); i++) {
        if (judge_event(&k, db_event(c->db, i)) != 0) {
            return -1;
        }
    }
    return 0;
}
