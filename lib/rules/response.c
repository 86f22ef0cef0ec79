/*
 * The clock of first answers (model/response.h). It begins when a record is made, by a policy in
 * working hours; `respond_by` is stored, so that lists find what is late. It follows the record while
 * nobody has answered, and ends with the first call, meeting or e-mail about it that is done, or when
 * the record leaves its open stages; when it comes back, what was done about it is judged again. A timer row strikes at the moment: whoever is to know is told,
 * once, also after downtime. It looks again then, so that an undone answer counts as none.
 */
#include "model/response.h"

#include <string.h>

#include "core/notification.h"
#include "core/rule.h"
#include "model/calendar.h"
#include "rules/rules.h"
#include "store/change.h"
#include "store/jobs.h"
#include "store/query.h"

#define RULE_REASON  "rule first-answer"
#define BEFORE_MS    INT64_C(86400000) /* who rang first writes the enquiry down within a day */
#define ANSWERS_MOST 200               /* things done about one record that are looked at */

/* ---- writing --------------------------------------------------------------------------------- */

static int write(struct ctx *c, struct record *r, const struct field_set *set, const char *said)
{
    bool changed = false;
    return ctx_rule_begin(c, arena_printf(c->arena, RULE_REASON ": %s", said)) != 0 ||
                   record_change_in(c, r, set, &changed) != 0 || ctx_rule_end(c) != 0
               ? -1
               : 0;
}

static bool stage_is_open(const struct ctx *c, struct value pipeline, struct value stage)
{
    const struct pipeline *p =
        pipeline.kind == VALUE_TEXT ? model_pipeline_find(c->model, pipeline.s) : NULL;
    const struct stage *s =
        p != NULL && stage.kind == VALUE_TEXT ? pipeline_stage_find(p, stage.s) : NULL;
    return s == NULL || s->kind == STAGE_OPEN;
}

static bool is_open(const struct ctx *c, const struct record *r)
{
    const struct entity *e = r->entity;
    return r->deleted_at == 0 &&
           stage_is_open(c, e->pipeline != NULL ? record_value(r, e->pipeline) : value_null(),
                         e->stage != NULL ? record_value(r, e->stage) : value_null());
}

/* *out: it stood at the end of its stages before this change. */
static int was_closed(struct ctx *c, const struct record *r, int64_t since, bool *out)
{
    const struct entity *e = r->entity;
    struct value pipeline, stage;
    *out = false;
    if (e->stage == NULL || e->pipeline == NULL) {
        return 0;
    }
    if (change_value_at(c->db, &e->pipeline->columns[0], r->id, since, c->arena, &pipeline,
                        &c->err) != 0 ||
        change_value_at(c->db, &e->stage->columns[0], r->id, since, c->arena, &stage, &c->err) !=
            0) {
        return -1;
    }
    *out = !stage_is_open(c, pipeline, stage);
    return 0;
}

/* ---- when it is due -------------------------------------------------------------------------- */

static const struct calendar *calendar_for(struct ctx *c, const struct record *r, int *failed)
{
    struct value team = r->entity->team != NULL ? record_value(r, r->entity->team) : value_null();
    const char *name = NULL;
    *failed = c->model->calendar_count > 1 && team.kind == VALUE_INT
                  ? rules_name(c, team.i, &name)
                  : 0;
    return calendar_of(c->model, name);
}

/* 0 in *out: no line of the policy holds. */
static int find_due(struct ctx *c, const struct response *p, const struct record *r, int64_t *out)
{
    const struct expr **tests = ARENA_ARRAY(c->arena, const struct expr *, p->step_count);
    bool *hits = ARENA_ARRAY(c->arena, bool, p->step_count);
    struct who who = ctx_who(c);
    size_t n = 0;
    int failed = 0;
    for (size_t i = 0; i < p->step_count; i++) {
        tests[n] = p->steps[i].test;
        n += tests[n] != NULL;
    }
    if (n > 0 && query_match(c->db, &who, p->entity, &r->id, 1, tests, n, c->arena, hits,
                             &c->err) != 0) {
        return -1;
    }
    const struct calendar *calendar = calendar_for(c, r, &failed);
    *out = 0;
    for (size_t i = 0, k = 0; failed == 0 && i < p->step_count; i++) {
        bool holds = p->steps[i].test == NULL || hits[k++];
        if (holds) {
            *out = calendar_add(calendar, r->created_at, p->steps[i].work_ms);
            break;
        }
    }
    *out = *out < 0 ? 0 : *out;
    return failed;
}

static int set_timer(struct ctx *c, int64_t record, int64_t due)
{
    const struct timer t = {.kind = RESPONSE_TIMER, .record = record, .key = "", .due_at = due};
    return timers_set(c->db, &t, &c->err);
}

/* The clock begins, or strikes at another time. */
static int set_due(struct ctx *c, const struct response *p, struct record *r)
{
    int64_t due = 0;
    if (find_due(c, p, r, &due) != 0) {
        return -1;
    }
    struct value v = due != 0 ? value_int(due) : value_null();
    if (value_equal(v, record_value(r, p->by))) {
        return 0;
    }
    struct field_set *set = field_set_new(c->arena, r->entity);
    field_set_put(set, r->entity, p->by, &v);
    return write(c, r, set, "to be answered by then") != 0 ? -1
           : due != 0                                      ? set_timer(c, r->id, due)
                                                           : 0;
}

/* ---- the answer ------------------------------------------------------------------------------ */

/* Nothing is answered before it is there; times that people give have no milliseconds. */
static int64_t answer_time(const struct record *r, int64_t done)
{
    return done / 1000 < r->created_at / 1000 ? r->created_at : done;
}

static int answered(struct ctx *c, const struct response *p, struct record *r, int64_t at,
                    const char *said)
{
    struct value by = record_value(r, p->by), none = value_null();
    if (by.kind != VALUE_INT || record_value(r, p->at).kind == VALUE_INT ||
        at < r->created_at - BEFORE_MS) {
        return 0;
    }
    struct field_set *set = field_set_new(c->arena, r->entity);
    const struct value when = value_int(answer_time(r, at)), late = value_int(when.i > by.i);
    field_set_put(set, r->entity, p->by, &none);
    field_set_put(set, r->entity, p->at, &when);
    field_set_put(set, r->entity, p->late, &late);
    return write(c, r, set, said);
}

/* Does what was chosen (a kind, how it went) say that nobody was reached? */
static bool is_no_answer(const struct field *f, const struct record *r)
{
    struct value v = f->option_count > 0 ? record_value(r, f) : value_null();
    for (size_t i = 0; v.kind == VALUE_TEXT && i < f->option_count; i++) {
        if (f->options[i].no_answer && strcmp(f->options[i].id, v.s) == 0) {
            return true;
        }
    }
    return false;
}

/* Is it something that was done with somebody? */
static bool is_answer(const struct record *r)
{
    const struct entity *e = r->entity;
    for (size_t i = 0; i < e->field_count; i++) {
        if (is_no_answer(e->fields[i], r)) {
            return false;
        }
    }
    return record_value(r, e->story.done).kind == VALUE_INT && r->deleted_at == 0;
}

/* The first answer of all that was done about a record; 0: there is none. */
static int first_answer(struct ctx *c, const struct record *r, int64_t *at)
{
    const struct entity *e = c->model->work;
    const struct who system = {.model = c->model, .now_ms = c->now_ms};
    struct list_spec spec = {.entity = e, .action = ACTION_SEE};
    int64_t *ids = NULL;
    size_t count = 0;
    const char *text = arena_printf(c->arena, "%s contains %lld and %s is not empty",
                                    e->story.records->name, (long long)r->id, e->story.done->name);
    *at = 0;
    if (expr_compile(c->arena, c->model, e, NULL, text, KIND_BOOL, &spec.filter, &c->err) != 0 ||
        query_ids(c->db, &system, &spec, 0, ANSWERS_MOST, c->arena, &ids, &count, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        struct record *work = NULL;
        if (rows_load(c->db, e, ids[i], c->arena, &work, &c->err) != 0) {
            return -1;
        }
        int64_t done = is_answer(work) ? record_value(work, e->story.done).i : 0;
        if (done > 0 && done >= r->created_at - BEFORE_MS && (*at == 0 || done < *at)) {
            *at = done;
        }
    }
    *at = *at != 0 ? answer_time(r, *at) : 0;
    return 0;
}

/* By all that was done about it: answered then, or the clock runs on. */
static int judge(struct ctx *c, const struct response *p, struct record *r)
{
    int64_t first = 0, due = 0;
    if (first_answer(c, r, &first) != 0 || find_due(c, p, r, &due) != 0) {
        return -1;
    }
    struct value none = value_null(), by = due != 0 && first == 0 ? value_int(due) : none;
    struct value at = first != 0 ? value_int(first) : none;
    struct value late = first != 0 ? value_int(due != 0 && first > due) : none;
    struct field_set *set = field_set_new(c->arena, r->entity);
    field_set_put(set, r->entity, p->by, &by);
    field_set_put(set, r->entity, p->at, &at);
    field_set_put(set, r->entity, p->late, &late);
    if (value_equal(at, record_value(r, p->at)) && value_equal(by, record_value(r, p->by))) {
        return 0;
    }
    const char *said = first != 0 ? "answered" : "not answered after all";
    return write(c, r, set, said) != 0      ? -1
           : by.kind == VALUE_INT ? set_timer(c, r->id, due)
                                  : 0;
}

/* What counted as the answer, done at `was`, may be none any more: the clock runs on, or another one
 * was the first. */
static int judge_again(struct ctx *c, const struct response *p, struct record *r, struct value was)
{
    struct value counted = record_value(r, p->at);
    return was.kind == VALUE_INT && counted.kind == VALUE_INT &&
                   counted.i == answer_time(r, was.i) && is_open(c, r)
               ? judge(c, p, r)
               : 0;
}

/* What counted as the answer may have been that it left its open stages, and it is back. */
static int watch_answered(struct ctx *c, const struct response *p, struct record *r, int64_t since)
{
    bool closed = false;
    if (is_open(c, r) && was_closed(c, r, since, &closed) != 0) {
        return -1;
    }
    return closed ? judge(c, p, r) : 0;
}

/* Nobody has answered, and no clock runs. One that ran before goes on; one begins when a policy holds
 * by now. Not for old data, that came in without or were there before the policy: they would be late at
 * once. */
static int begin_late(struct ctx *c, const struct response *p, struct record *r)
{
    enum change_source source;
    bool ran;
    int64_t due = 0;
    if (change_origin(c->db, &p->by->columns[0], r->id, &source, &ran, &c->err) != 0 ||
        find_due(c, p, r, &due) != 0) {
        return -1;
    }
    return ran || (source != SOURCE_IMPORT && due > c->now_ms) ? judge(c, p, r) : 0;
}

/* A record whose clock may run: made, changed, or at the end of its stages. */
static int watch_record(struct ctx *c, const struct response *p, const struct touched *t,
                        int64_t since)
{
    struct record *r = NULL;
    if (rows_load(c->db, t->entity, t->id, c->arena, &r, &c->err) != 0) {
        return -1;
    }
    bool made = (t->ops >> OP_CREATE & 1) != 0, runs = record_value(r, p->by).kind == VALUE_INT;
    if (r->deleted_at != 0) {
        return 0;
    }
    if (record_value(r, p->at).kind == VALUE_INT) {
        return made ? 0 : watch_answered(c, p, r, since);
    }
    if (!is_open(c, r)) {
        return runs ? answered(c, p, r, c->now_ms, "no longer open") : 0;
    }
    return made || runs ? set_due(c, p, r) : begin_late(c, p, r);
}

/* What was done, or is not done any more, about each of these records. was: when it had been done. */
static int watch_about(struct ctx *c, const struct record *work, struct value list, bool answer,
                       struct value was)
{
    const struct json *ids = NULL;
    if (list.kind != VALUE_TEXT) {
        return 0;
    }
    if (json_parse(c->arena, list.s, list.n, &ids, &c->err) != 0) {
        return -1;
    }
    int64_t done = answer ? record_value(work, work->entity->story.done).i : 0;
    for (const struct json *one = ids->child; one != NULL; one = one->next) {
        const struct entity *e = NULL;
        struct record *r = NULL;
        int64_t id = 0;
        if (json_int(one, &id) != 0 || rows_entity_of(c->db, c->model, id, &e, &c->err) != 0) {
            return -1;
        }
        const struct response *p = e != NULL ? response_of(c->model, e) : NULL;
        if (p == NULL) {
            continue;
        }
        if (rows_load(c->db, e, id, c->arena, &r, &c->err) != 0 || judge_again(c, p, r, was) != 0 ||
            (answer && answered(c, p, r, done, "answered") != 0)) {
            return -1;
        }
    }
    return 0;
}

static int watch_work(struct ctx *c, const struct touched *t, int64_t since)
{
    const struct story *s = &t->entity->story;
    struct record *work = NULL;
    struct value before = value_null(), was = value_null();
    if (rows_load(c->db, t->entity, t->id, c->arena, &work, &c->err) != 0) {
        return -1;
    }
    struct value now = record_value(work, s->records);
    if ((t->ops >> OP_CREATE & 1) == 0 &&
        (change_value_at(c->db, &s->records->columns[0], t->id, since, c->arena, &before,
                         &c->err) != 0 ||
         change_value_at(c->db, &s->done->columns[0], t->id, since, c->arena, &was, &c->err) !=
             0)) {
        return -1;
    }
    bool answer = is_answer(work);
    return watch_about(c, work, now, answer, was) != 0 ||
                   (!value_equal(before, now) && watch_about(c, work, before, false, was) != 0)
               ? -1
               : 0;
}

int response_watch(struct ctx *c, const struct touched *t, size_t count, int64_t since)
{
    const unsigned written = 1U << OP_CREATE | 1U << OP_UPDATE;
    const unsigned there = written | 1U << OP_DELETE | 1U << OP_RESTORE;
    for (size_t i = 0; c->model->response_count > 0 && i < count; i++) {
        const struct response *p = response_of(c->model, t[i].entity);
        if ((p != NULL && (t[i].ops & written) != 0 && watch_record(c, p, &t[i], since) != 0) ||
            (t[i].entity == c->model->work && (t[i].ops & there) != 0 &&
             watch_work(c, &t[i], since) != 0)) {
            return -1;
        }
    }
    return 0;
}

/* ---- nobody has answered --------------------------------------------------------------------- */

static int tell(struct ctx *c, const struct response *p, const struct record *r, int64_t by)
{
    struct step s = {.c = c, .entity = r->entity, .id = r->id};
    int64_t *users = NULL;
    size_t count = 0;
    if (rules_people(&s, p->tell, p->tell_count, &users, &count) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        const struct notification n = {.user = users[i],
                                       .kind = NOTIFY_LATE,
                                       .record = r->id,
                                       .key = arena_printf(c->arena, "%lld", (long long)by),
                                       .params = "{}"};
        if (notify(c, &n) != 0) {
            return -1;
        }
    }
    return 0;
}

int response_fire(struct ctx *c, int64_t record, const char *key)
{
    const struct entity *e = NULL;
    struct record *r = NULL;
    (void)key;
    if (rows_entity_of(c->db, c->model, record, &e, &c->err) != 0) {
        return -1;
    }
    const struct response *p = e != NULL ? response_of(c->model, e) : NULL;
    if (p == NULL) {
        return 0;
    }
    if (rows_load(c->db, e, record, c->arena, &r, &c->err) != 0) {
        return -1;
    }
    struct value by = record_value(r, p->by);
    if (by.kind != VALUE_INT || !is_open(c, r)) {
        return 0;
    }
    return by.i > c->now_ms ? set_timer(c, record, by.i) : tell(c, p, r, by.i);
}
