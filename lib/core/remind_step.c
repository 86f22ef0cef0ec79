/* See remind_step.h. */
#include "core/remind_step.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "core/notification.h"
#include "core/parts.h"
#include "store/accounts.h"
#include "store/dates.h"
#include "store/jobs.h"

#define FACT       "steps" /* when was looked last, in milliseconds */
#define FIELD      "reminders"
#define PEOPLE     "participants"
#define ROWS       2000 /* read at a time */
#define DAY_MS     (24 * 3600000LL)
#define BACK_MS    (30 * DAY_MS) /* of downtime that are made up for */
#define MINUTE_MS  60000LL
#define SLACK_MS   10000 /* a write may begin before a look and end after it; nobody is told twice */

struct look {
    struct activity_model m;
    const struct field *reminders, *people; /* people: NULL when there is no such field */
    int64_t last_ms;
    int64_t next_ms; /* when the first of those strikes that are still to come */
};

static bool look_begin(struct ctx *c, struct look *out)
{
    const struct entity *work = c->model->work;
    *out = (struct look){.next_ms = INT64_MAX};
    if (work == NULL || work->story.due == NULL) {
        return false;
    }
    out->m = (struct activity_model){.entity = work,
                                     .subject = work->story.subject,
                                     .due = work->story.due,
                                     .done_at = work->story.done};
    out->reminders = entity_field_find(work, FIELD);
    out->people = entity_field_find(work, PEOPLE);
    return out->reminders != NULL && out->reminders->column_count == 1 &&
           out->m.due->type->expr_kind == KIND_INSTANT;
}

/* The moment from which minutes are counted back: the time itself, or the firm's hour of the day.
 * *timed: it has a time. */
static int64_t base_of(const struct ctx *c, const struct look *l, const struct record *r, bool *timed)
{
    struct buf text = {0};
    struct value values[FIELD_MAX_COLUMNS];
    int64_t base = record_value(r, l->m.due).i, start = 0;
    for (size_t i = 0, k = 0; i < r->entity->column_count; i++) {
        if (r->entity->columns[i]->field == l->m.due && k < FIELD_MAX_COLUMNS) {
            values[k++] = r->values[i];
        }
    }
    *timed = true;
    if (l->m.due->type->local) {
        local_put(&text, values);
        *timed = clock_date_start(buf_text(&text), &start) != 0;
        if (!*timed &&
            clock_shift_instant(start, 0, 0, c->model->company.remind_minute * MINUTE_MS, &base) != 0) {
            base = start;
        }
    }
    buf_done(&text);
    return base;
}

/* The shortest of its reminders that is over and was not told of at the last look; -1: none. Those to
 * come are noted in l->next_ms. */
static int64_t struck(struct ctx *c, struct look *l, const struct record *r, int64_t base)
{
    const struct json *list = NULL;
    struct value v = record_value(r, l->reminders);
    struct err ignored = {0};
    int64_t best = -1, minutes = 0;
    bool changed = r->updated_at > l->last_ms && base > c->now_ms;
    if (v.kind != VALUE_TEXT || json_parse(c->arena, v.s, v.n, &list, &ignored) != 0) {
        return -1;
    }
    for (const struct json *one = list->child; one != NULL; one = one->next) {
        if (one->type != JSON_STRING || str_to_int(one->text, &minutes) != 0) {
            continue;
        }
        int64_t at = base - minutes * MINUTE_MS;
        if (at <= c->now_ms && (at > l->last_ms || changed) && (best < 0 || minutes < best)) {
            best = minutes;
        }
        l->next_ms = at > c->now_ms && at < l->next_ms ? at : l->next_ms;
    }
    return best;
}

static const char *about(struct ctx *c, const struct look *l, const struct record *r)
{
    struct buf text = {0};
    struct json_writer w;
    struct value values[FIELD_MAX_COLUMNS] = {{0}};
    for (size_t i = 0, k = 0; i < r->entity->column_count; i++) {
        if (r->entity->columns[i]->field == l->m.due && k < FIELD_MAX_COLUMNS) {
            values[k++] = r->values[i];
        }
    }
    jw_init(&w, &text);
    jw_object(&w);
    jw_key(&w, "due");
    print_value(&w, c, l->m.due, values, NULL);
    jw_object_end(&w);
    const char *kept = arena_strdup(c->arena, buf_text(&text));
    buf_done(&text);
    return kept;
}

/* moment: when what is his own begins, 0 for what can wait. */
static int tell(struct ctx *c, const struct look *l, const struct record *r, int64_t user,
                int64_t minutes, int64_t moment)
{
    return notify(c, &(struct notification){
                         .user = user,
                         .kind = NOTIFY_STEP,
                         .record = r->id,
                         .moment = moment,
                         .key = arena_printf(c->arena, "%lld:%lld",
                                             (long long)record_value(r, l->m.due).i,
                                             (long long)minutes),
                         .params = about(c, l, r),
                     });
}

/* Whose it is, and the colleagues who take part. */
static int tell_all(struct ctx *c, const struct look *l, const struct record *r, int64_t minutes,
                    int64_t moment)
{
    const struct field *owner = r->entity->owner;
    struct value v = owner != NULL ? record_value(r, owner) : value_null();
    int64_t *ids = NULL;
    struct title_row *rows = NULL;
    const struct who system = {.model = c->model, .now_ms = c->now_ms};
    size_t count = l->people != NULL ? print_ids(c->arena, record_value(r, l->people), &ids) : 0;
    if (v.kind == VALUE_INT && tell(c, l, r, v.i, minutes, moment) != 0) {
        return -1;
    }
    rows = ARENA_ARRAY(c->arena, struct title_row, count + 1);
    if (count > 0 && query_titles(c->db, &system, ids, count, c->arena, rows, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        bool user = rows[i].entity != NULL && str_eq(rows[i].entity->name, ENTITY_USER);
        if (user && tell(c, l, r, rows[i].id, minutes, 0) != 0) {
            return -1;
        }
    }
    return 0;
}

static int look_at(struct ctx *c, struct look *l, int64_t id)
{
    struct record *r = NULL;
    if (rows_load(c->db, l->m.entity, id, c->arena, &r, &c->err) != 0) {
        return -1;
    }
    bool timed = false;
    int64_t base = base_of(c, l, r, &timed), minutes = struck(c, l, r, base);
    return minutes < 0 ? 0 : tell_all(c, l, r, minutes, timed ? base : 0);
}

static int note_look(struct ctx *c, int64_t at_ms)
{
    return accounts_set_fact(c->db, FACT, arena_printf(c->arena, "%lld", (long long)at_ms), &c->err);
}

static int last_look(struct ctx *c, int64_t *out)
{
    const char *fact = NULL;
    if (accounts_fact(c->db, FACT, c->arena, &fact, &c->err) != 0) {
        return -1;
    }
    bool known = fact != NULL && str_to_int(fact, out) == 0 && *out <= c->now_ms;
    *out = !known ? c->now_ms - 1 : *out < c->now_ms - BACK_MS ? c->now_ms - BACK_MS : *out;
    return 0;
}

/* Nobody looked yet: what comes from here on is to be told, even if nothing runs until then. */
static int begin_looking(struct ctx *c)
{
    const char *fact = NULL;
    if (accounts_fact(c->db, FACT, c->arena, &fact, &c->err) != 0) {
        return -1;
    }
    return fact == NULL ? note_look(c, c->now_ms - 1) : 0;
}

/* The next look is at that moment, if it would be later. */
static int look_at_time(struct ctx *c, int64_t at_ms)
{
    const struct timer t = {.kind = STEPS_TIMER, .key = "", .due_at = at_ms};
    return at_ms >= c->now_ms + STEPS_MS ? 0 : timers_sooner(c->db, &t, &c->err);
}

int remind_steps_timer(struct ctx *c, int64_t record, const char *key)
{
    struct look l;
    int64_t *ids = NULL;
    size_t count = 0;
    (void)record;
    (void)key;
    if (!look_begin(c, &l)) {
        return 0;
    }
    if (last_look(c, &l.last_ms) != 0) {
        return -1;
    }
    l.last_ms -= SLACK_MS;
    struct step_span span = {l.m.due, l.m.done_at, l.reminders, l.last_ms, c->now_ms, 0};
    do {
        if (dates_steps(c->db, &span, ROWS, c->arena, &ids, &count, &c->err) != 0) {
            return -1;
        }
        for (size_t i = 0; i < count; i++) {
            if (look_at(c, &l, ids[i]) != 0) {
                return -1;
            }
        }
        span.after = count > 0 ? ids[count - 1] : span.after;
    } while (count == ROWS);
    return note_look(c, c->now_ms) != 0 ? -1 : look_at_time(c, l.next_ms);
}

static bool same(const struct record *x, const struct record *y, const struct field *f)
{
    return value_equal(record_value(x, f), record_value(y, f));
}

/* What is written with a reminder for before the next look, or for a time that is over by now. */
static int look_for(struct ctx *c, const struct record *before, const struct record *r)
{
    struct look l;
    bool timed = false;
    if (!look_begin(c, &l) ||
        (before != NULL && same(before, r, l.m.due) && same(before, r, l.reminders) &&
         same(before, r, l.m.done_at)) || record_value(r, l.reminders).kind != VALUE_TEXT ||
        record_value(r, l.m.due).kind != VALUE_INT ||
        record_value(r, l.m.done_at).kind != VALUE_NULL) {
        return 0;
    }
    if (begin_looking(c) != 0) {
        return -1;
    }
    int64_t base = base_of(c, &l, r, &timed);
    bool over = base > c->now_ms && struck(c, &l, r, base) >= 0;
    return look_at_time(c, over ? c->now_ms : l.next_ms);
}

int remind_step_changed(struct ctx *c, const struct record *before, const struct record *r)
{
    const struct entity *work = c->model->work;
    if (r->entity != work) {
        return 0;
    }
    if (before == NULL) {
        return look_for(c, NULL, r);
    }
    bool done = record_value(r, work->story.done).kind != VALUE_NULL;
    bool moved = !same(before, r, work->story.due);
    if ((done || moved) && notification_drop(c, NOTIFY_STEP, r->id, "") != 0) {
        return -1;
    }
    return look_for(c, before, r);
}

/* ---- Put off --------------------------------------------------------------------------------- */

struct snooze {
    int64_t id, minutes;
};

static int snooze_write(struct ctx *c, void *data)
{
    const struct snooze *s = data;
    struct notification n;
    struct timer t = {.kind = SNOOZE_TIMER,
                      .record = s->id,
                      .key = arena_printf(c->arena, "%lld", (long long)c->actor.user),
                      .due_at = c->now_ms + s->minutes * MINUTE_MS};
    if (notifications_find(c->db, c->actor.user, s->id, c->arena, &n, &c->err) != 0) {
        return -1;
    }
    if (!str_eq(n.kind, NOTIFY_STEP)) {
        return ctx_fail(c, ERR_INVALID, "id", "Only reminders of activities can be put off.");
    }
    return notifications_seen(c->db, c->actor.user, s->id, false, c->now_ms, &c->err) != 0 ||
                   timers_set(c->db, &t, &c->err) != 0
               ? -1
               : 0;
}

int remind_snooze(struct ctx *c, int64_t notification, int64_t minutes)
{
    struct snooze s = {notification, minutes};
    return ctx_write_fixed(c, snooze_write, &s);
}

int remind_snooze_timer(struct ctx *c, int64_t record, const char *key)
{
    struct look l;
    struct notification n;
    struct record *r = NULL;
    int64_t user = 0;
    if (!look_begin(c, &l) || str_to_int(key, &user) != 0) {
        return 0;
    }
    if (notifications_find(c->db, user, record, c->arena, &n, &c->err) != 0 ||
        rows_load(c->db, l.m.entity, n.record, c->arena, &r, &c->err) != 0) {
        bool gone = c->err.code == ERR_NOT_FOUND;
        err_clear(&c->err);
        return gone ? 0 : -1;
    }
    if (r->deleted_at != 0 || record_value(r, l.m.done_at).kind != VALUE_NULL) {
        return 0;
    }
    n.key = arena_printf(c->arena, "%s+%lld", n.key, (long long)c->now_ms);
    n.params = about(c, &l, r);
    n.moment = c->now_ms; /* he chose it */
    return notify(c, &n);
}
