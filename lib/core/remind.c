/* See remind.h. */
#include "core/remind.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "core/notification.h"
#include "core/remind_step.h"
#include "store/accounts.h"
#include "store/dates.h"
#include "store/jobs.h"

#define FACT      "reminded" /* "2026-11-22 <version of the model>" */
#define KIND      "remind"
#define BACK_DAYS 30 /* of downtime that are made up for */
#define ROWS      200
#define LEASE_MS  60000

/* ---- Days ------------------------------------------------------------------------------------ */

static int64_t today_of(const struct ctx *c)
{
    char text[CLOCK_DATE_SIZE];
    clock_date_of(c->now_ms, text);
    return clock_days_of(text);
}

static const char *date_text(struct ctx *c, int64_t day)
{
    char text[CLOCK_DATE_SIZE];
    clock_date_from_days(day, text);
    return arena_strdup(c->arena, text);
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* The day in that year; 29 February is the 28th when there is none. */
static int64_t day_in(struct ctx *c, const char *date, int64_t year)
{
    bool leap_day = strcmp(date + 5, "02-29") == 0 && !is_leap(year);
    return clock_days_of(arena_printf(c->arena, "%04lld-%s", (long long)year,
                                      leap_day ? "02-28" : date + 5));
}

/* The first day within [from, to] that a date means; false: none. */
static bool find_day(struct ctx *c, const struct reminder *r, const char *date, int64_t from,
                     int64_t to, int64_t *out)
{
    int64_t first = clock_days_of(date), year = 0;
    *out = first;
    if (!r->yearly) {
        return first >= from && first <= to;
    }
    (void)str_to_int(arena_strndup(c->arena, date_text(c, from > first ? from : first), 4), &year);
    for (int64_t y = year; y <= year + 1; y++) {
        int64_t day = day_in(c, date, y);
        if (day >= first && day >= from && day <= to) {
            *out = day;
            return true;
        }
    }
    return false;
}

/* Days a reminder is for, of those that somebody should know of today: up to its own distance, but for
 * those of the next, shorter one to the same person. */
static int64_t nearest_of(const struct field *f, size_t which, int64_t today)
{
    for (size_t i = which + 1; i < f->reminder_count; i++) {
        if (f->reminders[i].to == f->reminders[which].to) {
            return today + f->reminders[i].days + 1;
        }
    }
    return today;
}

/* ---- Telling --------------------------------------------------------------------------------- */

static int tell(struct ctx *c, const struct record *r, const struct field *f,
                const struct reminder *reminder, int64_t day)
{
    struct value user = record_value(r, reminder->to);
    const char *date = date_text(c, day);
    if (user.kind != VALUE_INT) {
        return 0;
    }
    return notify(c, &(struct notification){
                         .user = user.i,
                         .kind = NOTIFY_REMINDER,
                         .record = r->id,
                         .actor = c->actor.user,
                         .key = arena_printf(c->arena, "%s:%s:%d", f->name, date, reminder->days),
                         .params = arena_printf(c->arena, "{\"field\":\"%s\",\"date\":\"%s\"}",
                                                f->name, date),
                     });
}

static bool differs(const struct record *before, const struct record *r, const struct field *f)
{
    return before == NULL || !value_equal(record_value(before, f), record_value(r, f));
}

/* A date that was entered or given to somebody so late that its day of reminding is over. */
static int tell_late(struct ctx *c, const struct record *before, const struct record *r,
                     const struct field *f)
{
    int64_t today = today_of(c), day = 0;
    struct value date = record_value(r, f);
    for (size_t i = 0; i < f->reminder_count && date.kind == VALUE_TEXT; i++) {
        const struct reminder *reminder = &f->reminders[i];
        bool changed = differs(before, r, f) || differs(before, r, reminder->to);
        if (changed &&
            find_day(c, reminder, date.s, nearest_of(f, i, today), today + reminder->days, &day) &&
            tell(c, r, f, reminder, day) != 0) {
            return -1;
        }
    }
    return 0;
}

int remind_changed(struct ctx *c, const struct record *before, const struct record *r)
{
    if (remind_step_changed(c, before, r) != 0) {
        return -1;
    }
    enum change_source source = c->as != SOURCE_NONE ? c->as : c->actor.source;
    for (size_t i = 0; i < r->entity->field_count; i++) {
        const struct field *f = r->entity->fields[i];
        if (f->reminder_count == 0) {
            continue;
        }
        if (before != NULL && differs(before, r, f) &&
            notification_drop(c, NOTIFY_REMINDER, r->id, arena_printf(c->arena, "%s:", f->name)) !=
                0) {
            return -1;
        }
        if (source != SOURCE_IMPORT && tell_late(c, before, r, f) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- The job of a day ------------------------------------------------------------------------ */

struct round {
    struct job job;
    int64_t last, today; /* days: everything was told up to `last` */
    bool whole;          /* another model than then: all that is within reach */
    int64_t which, after; /* number of the reminder in the model, last record looked at */
    const struct field *field;
    const struct reminder *reminder;
    int64_t from, to; /* days it is for */
    int64_t *ids;
    size_t count;
};

/* The reminder of this number; field NULL: there are no more. */
static void find_reminder(struct ctx *c, struct round *r)
{
    int64_t n = 0;
    r->field = NULL;
    for (size_t i = 0; i < c->model->entity_count; i++) {
        const struct entity *e = c->model->entities[i];
        for (size_t k = 0; k < e->field_count; k++) {
            const struct field *f = e->fields[k];
            if (r->which < n + (int64_t)f->reminder_count) {
                size_t at = (size_t)(r->which - n);
                r->field = f;
                r->reminder = &f->reminders[at];
                int64_t nearest = nearest_of(f, at, r->today);
                int64_t next = r->last + r->reminder->days + 1;
                bool passed = nearest == r->today && next < nearest; /* while nothing ran */
                r->from = passed || (!r->whole && next > nearest) ? next : nearest;
                r->to = r->today + r->reminder->days;
                return;
            }
            n += (int64_t)f->reminder_count;
        }
    }
}

static int64_t number(const struct json *tree, const char *key)
{
    int64_t n = 0;
    (void)json_int(json_find(tree, key), &n);
    return n;
}

static int load(struct ctx *c, int64_t id, struct round *r)
{
    const struct json *params = NULL, *position = NULL;
    if (ctx_db(c) == NULL || jobs_find(c->db, id, c->arena, &r->job, &c->err) != 0 ||
        json_parse(c->arena, r->job.params, strlen(r->job.params), &params, &c->err) != 0) {
        return -1;
    }
    const char *at = r->job.position != NULL ? r->job.position : "{}";
    if (json_parse(c->arena, at, strlen(at), &position, &c->err) != 0) {
        return -1;
    }
    r->last = number(params, "last");
    r->today = number(params, "today");
    r->whole = json_true(params, "whole") || !str_eq(json_text(params, "model"), c->model->version);
    /* Another model has other numbers; nobody is told twice. */
    bool same = str_eq(json_text(position, "model"), c->model->version);
    r->which = same ? number(position, "which") : 0;
    r->after = same ? number(position, "after") : 0;
    return 0;
}

static int tell_one(struct ctx *c, const struct round *r, int64_t id)
{
    struct record *record = NULL;
    int64_t day = 0;
    if (rows_load(c->db, r->field->entity, id, c->arena, &record, &c->err) != 0) {
        return -1;
    }
    struct value date = record_value(record, r->field);
    if (record->deleted_at != 0 || date.kind != VALUE_TEXT ||
        !find_day(c, r->reminder, date.s, r->from, r->to, &day)) {
        return 0;
    }
    return tell(c, record, r->field, r->reminder, day);
}

static int slice_write(struct ctx *c, void *data)
{
    struct round *r = data;
    bool over = r->field != NULL && r->count < ROWS;
    for (size_t i = 0; i < r->count; i++) {
        if (tell_one(c, r, r->ids[i]) != 0) {
            return -1;
        }
    }
    struct job job = r->job;
    int64_t after = r->count > 0 ? r->ids[r->count - 1] : r->after;
    job.position = arena_printf(c->arena, "{\"model\":\"%s\",\"which\":%lld,\"after\":%lld}",
                                c->model->version, (long long)(r->which + (over ? 1 : 0)),
                                (long long)(over ? 0 : after));
    job.state = r->field != NULL ? JOB_RUNNING : JOB_DONE;
    job.lease_until = clock_now_ms() + LEASE_MS;
    return jobs_save(c->db, &job, c->now_ms, &c->err);
}

int remind_slice(struct ctx *c, int64_t job, bool *more)
{
    struct round r = {0};
    if (load(c, job, &r) != 0) {
        return -1;
    }
    find_reminder(c, &r);
    if (r.field != NULL && r.from <= r.to) {
        const struct date_span span = {r.field, date_text(c, r.from), date_text(c, r.to),
                                       r.reminder->yearly};
        if (dates_within(c->db, &span, r.after, ROWS, c->arena, &r.ids, &r.count, &c->err) != 0) {
            return -1;
        }
    }
    ctx_release(c);
    *more = r.field != NULL;
    return ctx_write_slice(c, 0, slice_write, &r);
}

/* ---- The timer ------------------------------------------------------------------------------- */

static bool has_struck(const struct ctx *c, int64_t today)
{
    char text[CLOCK_DATE_SIZE];
    int64_t start = 0, at = 0;
    clock_date_from_days(today, text);
    return clock_date_start(text, &start) != 0 ||
           clock_shift_instant(start, 0, 0, c->model->company.remind_minute * 60000LL, &at) != 0 ||
           c->now_ms >= at;
}

static bool has_reminders(const struct model *m)
{
    for (size_t i = 0; i < m->entity_count; i++) {
        for (size_t k = 0; k < m->entities[i]->field_count; k++) {
            if (m->entities[i]->fields[k]->reminder_count > 0) {
                return true;
            }
        }
    }
    return false;
}

int remind_timer(struct ctx *c, int64_t record, const char *key)
{
    const char *fact = NULL;
    int64_t today = today_of(c);
    (void)record;
    (void)key;
    if (!has_struck(c, today) || accounts_fact(c->db, FACT, c->arena, &fact, &c->err) != 0) {
        return c->err.code == ERR_NONE ? 0 : -1;
    }
    bool known = fact != NULL && strlen(fact) > 11 && clock_is_date(arena_strndup(c->arena, fact, 10));
    int64_t last = known ? clock_days_of(arena_strndup(c->arena, fact, 10)) : today - 1;
    bool whole = !known || !str_eq(fact + 11, c->model->version);
    if (last >= today && !whole) {
        return 0;
    }
    last = last < today - BACK_DAYS ? today - BACK_DAYS : last;
    struct job job = {.kind = KIND,
                      .params = arena_printf(
                          c->arena,
                          "{\"last\":%lld,\"today\":%lld,\"model\":\"%s\",\"whole\":%s}",
                          (long long)last, (long long)today, c->model->version,
                          whole ? "true" : "false"),
                      .state = JOB_WAITING,
                      .due_at = c->now_ms,
                      .created_at = c->now_ms};
    if (has_reminders(c->model) && jobs_add(c->db, &job, &c->err) != 0) {
        return -1;
    }
    return accounts_set_fact(c->db, FACT,
                             arena_printf(c->arena, "%s %s", date_text(c, today), c->model->version),
                             &c->err);
}
