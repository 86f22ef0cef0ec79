/* Series rolled on once a day, and what a rule would give; see series.h. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/notification.h"
#include "core/series_parts.h"
#include "store/change.h"
#include "store/jobs.h"

#define KIND     "series"
#define ROWS     20 /* series looked at in one slice */
#define LEASE_MS 60000

/* ---- One series ------------------------------------------------------------------------------ */

/* The activity new ones are made after: the latest that does not differ, else the latest. */
static const struct record *pattern_of(const struct series_model *m, struct record **list,
                                       size_t count)
{
    for (size_t i = count; i > 0; i--) {
        struct value differs = record_value(list[i - 1], m->exception);
        if (differs.kind != VALUE_INT || differs.i == 0) {
            return list[i - 1];
        }
    }
    return count > 0 ? list[count - 1] : NULL;
}

static int roll(struct ctx *c, const struct series_model *m, int64_t id)
{
    struct record *series = NULL, **list = NULL;
    struct series_time start;
    struct series_plan plan;
    struct value rule, made;
    size_t count = 0, from = 0;
    int64_t wall;
    bool is_day, is_utc;
    if (rows_load(c->db, m->entity, id, c->arena, &series, &c->err) != 0) {
        return -1;
    }
    rule = record_value(series, m->rule);
    made = record_value(series, m->made_until);
    if (series->deleted_at != 0 || rule.kind != VALUE_TEXT || made.kind != VALUE_TEXT ||
        !ical_time_read(made.s, strlen(made.s), &wall, &is_day, &is_utc) ||
        !series_time_of(c, record_values(series, m->start), &start)) {
        return 0;
    }
    if (series_plan(c, rule.s, &start, &plan) != 0) {
        return -1;
    }
    plan.left_out = series_left_out(m, series);
    from = series_plan_find(&plan, wall, &from) ? from + 1 : from;
    size_t due = series_plan_due(c, &plan);
    if (from >= due) {
        return 0;
    }
    if (series_occurrences(c, m, id, true, &list, &count) != 0) {
        return -1;
    }
    const struct record *pattern = pattern_of(m, list, count);
    if (pattern == NULL) { /* all were deleted: nobody wants more of them */
        return 0;
    }
    return series_make(c, m, pattern, id, &plan, from, due) != 0
               ? -1
               : series_save(c, m, series, rule.s, &plan,
                             series_place(c, &start, ical_set_at(plan.set, due - 1)));
}

static int roll_one(struct ctx *c, void *data)
{
    struct series_model m;
    return series_model(c, c->model->work, &m)
               ? roll(c, &m, *(const int64_t *)data)
               : 0;
}

bool series_is_made_until(const struct ctx *c, const struct field *f)
{
    struct series_model m;
    return series_model(c, c->model->work, &m) && f == m.made_until;
}

int series_undone(struct ctx *c, const struct record *series, int64_t *count)
{
    struct series_model m;
    struct record **list = NULL;
    size_t n = 0;
    if (!series_model(c, c->model->work, &m) || series->entity != m.entity) {
        return 0;
    }
    if (series_occurrences(c, &m, series->id, false, &list, &n) != 0) {
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        if (list[i]->version == 1) {
            if (record_trash_in(c, list[i]) != 0) {
                return -1;
            }
            (*count)++;
        }
    }
    return 0;
}

/* Of a series as it stood before a change: how far it was made. NULL: nothing is known. */
static const char *made_before(struct ctx *c, const struct series_model *m, int64_t series)
{
    struct record then = {.entity = m->entity};
    then.values = ARENA_ARRAY(c->arena, struct value, m->entity->column_count);
    if (change_values_at(c->db, m->entity, series, c->undo_of - 1, c->arena, then.values,
                         &c->err) != 0) {
        return NULL;
    }
    struct value made = record_value(&then, m->made_until);
    return made.kind == VALUE_TEXT ? made.s : NULL;
}

/* Was it made by the plan that is no more, and did nobody touch it? */
static bool is_leftover(const struct series_model *m, const struct series_plan *plan,
                        const struct record *r)
{
    struct value place = record_value(r, m->recurrence_id);
    int64_t wall;
    bool is_day, is_utc;
    size_t at;
    return r->version == 1 && place.kind == VALUE_TEXT &&
           ical_time_read(place.s, strlen(place.s), &wall, &is_day, &is_utc) &&
           !series_plan_find(plan, wall, &at);
}

int series_set_back(struct ctx *c, struct record *series, int64_t *count)
{
    struct series_model m;
    struct series_time start;
    struct series_plan plan;
    struct record **list = NULL;
    size_t n = 0;
    bool changed;
    if (c->undo_of == 0 || !series_model(c, c->model->work, &m) || series->entity != m.entity) {
        return 0;
    }
    const char *made = made_before(c, &m, series->id);
    struct value rule = record_value(series, m.rule), now = record_value(series, m.made_until);
    if (c->err.code != ERR_NONE) {
        return -1;
    }
    if (made == NULL || rule.kind != VALUE_TEXT ||
        (now.kind == VALUE_TEXT && strcmp(now.s, made) == 0) ||
        !series_time_of(c, record_values(series, m.start), &start)) {
        return 0;
    }
    if (series_plan(c, rule.s, &start, &plan) != 0 ||
        series_occurrences(c, &m, series->id, false, &list, &n) != 0) {
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        if (is_leftover(&m, &plan, list[i])) {
            if (record_trash_in(c, list[i]) != 0) {
                return -1;
            }
            (*count)++;
        }
    }
    struct field_set *set = field_set_new(c->arena, m.entity);
    struct value until = value_text(made);
    field_set_put(set, m.entity, m.made_until, &until);
    return record_change_in(c, series, set, &changed);
}

/* ---- The job of a day ------------------------------------------------------------------------ */

struct round {
    struct job job;
    int64_t *ids;
    size_t count;
};

/* Whose last occurrence it is hears, once, that no more are made, and why. */
static int tell_end(struct ctx *c, int64_t id, const char *why)
{
    struct series_model m;
    struct record **list = NULL;
    size_t count = 0;
    struct buf params = {0};
    struct json_writer w;
    log_warn("The series %lld is not planned on: %s", (long long)id, why);
    if (!series_model(c, c->model->work, &m) || m.activity->owner == NULL) {
        return 0;
    }
    if (series_occurrences(c, &m, id, true, &list, &count) != 0) {
        return -1;
    }
    struct value owner =
        count > 0 ? record_value(list[count - 1], m.activity->owner) : value_null();
    if (owner.kind != VALUE_INT) {
        return 0;
    }
    jw_init(&w, &params);
    jw_object(&w);
    jw_kv_text(&w, "rule", KIND);
    jw_kv_text(&w, "text", arena_printf(c->arena, "This repeats no more: %s", why));
    jw_object_end(&w);
    int rc = notify(c, &(struct notification){.user = owner.i,
                                              .kind = NOTIFY_RULE,
                                              .record = list[count - 1]->id,
                                              .key = KIND,
                                              .params = arena_strndup(c->arena, params.data,
                                                                      params.size)});
    buf_done(&params);
    return rc;
}

/* A series that cannot go on (its activities lack what is required by now) keeps none of the others
 * from it. */
static int slice_write(struct ctx *c, void *data)
{
    struct round *r = data;
    struct job job = r->job;
    bool fatal = false;
    for (size_t i = 0; i < r->count && !fatal; i++) {
        if (ctx_try(c, roll_one, &r->ids[i], &fatal) != 0 && !fatal) {
            const char *why = arena_strdup(c->arena, c->err.text);
            err_clear(&c->err);
            fatal = tell_end(c, r->ids[i], why) != 0;
        }
    }
    if (fatal) {
        return -1;
    }
    job.position = arena_printf(c->arena, "{\"after\":%lld}",
                                (long long)(r->count > 0 ? r->ids[r->count - 1] : 0));
    job.state = r->count == ROWS ? JOB_RUNNING : JOB_DONE;
    job.lease_until = clock_now_ms() + LEASE_MS;
    return jobs_save(c->db, &job, c->now_ms, &c->err);
}

int series_slice(struct ctx *c, int64_t job, bool *more)
{
    struct round r = {0};
    struct series_model m;
    const struct who system = {.model = c->model, .now_ms = c->now_ms};
    const struct json *position = NULL;
    int64_t after = 0;
    if (ctx_db(c) == NULL || jobs_find(c->db, job, c->arena, &r.job, &c->err) != 0) {
        return -1;
    }
    const char *at = r.job.position != NULL ? r.job.position : "{}";
    if (json_parse(c->arena, at, strlen(at), &position, &c->err) != 0) {
        return -1;
    }
    (void)json_int(json_find(position, "after"), &after);
    if (series_model(c, c->model->work, &m)) {
        struct list_spec spec = {.entity = m.entity, .action = ACTION_SEE};
        if (query_ids(c->db, &system, &spec, after, ROWS, c->arena, &r.ids, &r.count, &c->err) !=
            0) {
            return -1;
        }
    }
    ctx_release(c);
    c->as = SOURCE_RULE;
    c->reason = "series";
    *more = r.count == ROWS;
    return ctx_write_slice(c, 0, slice_write, &r);
}

int series_timer(struct ctx *c, int64_t record, const char *key)
{
    struct job job = {.kind = KIND,
                      .params = "{}",
                      .state = JOB_WAITING,
                      .due_at = c->now_ms,
                      .created_at = c->now_ms};
    (void)record;
    (void)key;
    return jobs_add(c->db, &job, &c->err);
}

/* ---- What a rule would give ------------------------------------------------------------------ */

int series_preview(struct ctx *c, const char *rule, const char *start, int64_t most,
                   struct json_writer *w)
{
    struct value local[FIELD_MAX_COLUMNS], due[FIELD_MAX_COLUMNS];
    struct series_time from;
    struct series_plan plan;
    const char *kept;
    if (local_values(c->arena, start, local) != 0 || !series_time_of(c, local, &from)) {
        return ctx_fail(c, ERR_MALFORMED, "start",
                        "The start is a day like 2026-11-21 or a time like 2026-11-21T09:00.");
    }
    if ((kept = series_rule(c, rule, from.is_day)) == NULL ||
        series_plan(c, kept, &from, &plan) != 0) {
        return -1;
    }
    size_t count = ical_set_count(plan.set);
    jw_object(w);
    jw_kv_text(w, "rule", kept);
    jw_key(w, "occurrences");
    jw_array(w);
    for (size_t i = 0; i < count && i < (size_t)most; i++) {
        struct buf text = {0};
        int rc = series_due(c, &from, ical_set_at(plan.set, i), due);
        if (rc == 0) {
            local_put(&text, due);
            jw_text(w, buf_text(&text));
        }
        buf_done(&text);
        if (rc != 0) {
            return -1;
        }
    }
    jw_array_end(w);
    jw_kv_bool(w, "more", count > (size_t)most);
    jw_object_end(w);
    return 0;
}
