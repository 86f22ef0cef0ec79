/* See free.h. */
#include "core/free.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "base/zone.h"
#include "core/absence.h"
#include "core/notice_plan.h"
#include "core/parts.h"
#include "model/calendar.h"
#include "store/query.h"

#define MINUTE_MS   60000LL
#define STEP_MS     (30 * MINUTE_MS)
#define LONGEST_MS  (100000 * MINUTE_MS) /* of an activity, see its field */
#define USUAL_MS    (30 * MINUTE_MS)     /* what has no duration, as calendars draw it */
#define SPANS_MAX   1000
#define DAY_MS      86400000LL

struct span {
    int64_t from, to;
};

struct person {
    int64_t id;
    const char *zone; /* in which his days begin */
    const struct calendar *calendar;
    struct span *spans; /* in order, none touches another */
    size_t count;
};

struct gather {
    const struct free_ask *ask;
    struct person *p;
};

static void add_span(struct gather *g, int64_t from, int64_t to)
{
    from = from > g->ask->from_ms ? from : g->ask->from_ms;
    to = to < g->ask->until_ms ? to : g->ask->until_ms;
    if (from < to && g->p->count < SPANS_MAX) {
        g->p->spans[g->p->count++] = (struct span){from, to};
    }
}

/* Columns of a row: those of the time, then the duration. A day without a time takes no hours. */
static int take_work(void *data, const struct list_row *row)
{
    struct buf text = {0};
    const struct value *begin = &row->values[0], *minutes = &row->values[3];
    bool has_none = minutes->kind != VALUE_INT || minutes->i == 0;
    local_put(&text, row->values);
    if (!clock_is_date(buf_text(&text))) {
        add_span(data, begin->i, begin->i + (has_none ? USUAL_MS : minutes->i * MINUTE_MS));
    }
    buf_done(&text);
    return 0;
}

/* Midnight of a day, or of one so many days later, in a zone. */
static int midnight(const char *zone, const char *date, int later, int64_t *out_ms)
{
    int64_t at_s = 0;
    if (zone_instant(zone, (clock_days_of(date) + later) * (DAY_MS / 1000), &at_s) != 0) {
        return -1;
    }
    *out_ms = at_s * 1000;
    return 0;
}

static int take_absence(void *data, const struct list_row *row)
{
    struct gather *g = data;
    int64_t from = 0, to = g->ask->until_ms;
    const struct value *first = &row->values[0], *last = &row->values[1];
    if (first->kind != VALUE_TEXT || midnight(g->p->zone, first->s, 0, &from) != 0 ||
        (last->kind == VALUE_TEXT && midnight(g->p->zone, last->s, 1, &to) != 0)) {
        return 0;
    }
    add_span(g, from, to);
    return 0;
}

/* With the rights of the system: that somebody is taken is for all to know who see him. */
static int each(struct ctx *c, const struct entity *e, const char *filter,
                const struct field **fields, list_function take, struct gather *g)
{
    const struct who who = {.model = c->model, .now_ms = c->now_ms};
    const struct expr *test = NULL;
    const char *next = NULL;
    struct list_spec spec = {.entity = e, .action = ACTION_SEE, .fields = fields, .field_count = 2,
                             .limit = SPANS_MAX};
    if (expr_compile(c->arena, c->model, e, NULL, filter, KIND_BOOL, &test, &c->err) != 0) {
        return -1;
    }
    spec.filter = test;
    return query_list(c->db, &who, &spec, c->arena, take, g, &next, &c->err);
}

static int gather_work(struct ctx *c, struct gather *g)
{
    const struct entity *e = c->model->work;
    const struct field *due = e->story.due, *done = e->story.done;
    const struct field *duration = entity_field_find(e, "duration");
    const struct field *people = entity_field_find(e, "participants");
    const struct field *fields[] = {due, duration};
    char from[CLOCK_INSTANT_SIZE], to[CLOCK_INSTANT_SIZE], usual[CLOCK_INSTANT_SIZE];
    if (due == NULL || done == NULL || duration == NULL || e->owner == NULL || !due->type->local) {
        return 0;
    }
    long long id = g->p->id;
    clock_print_instant(g->ask->from_ms - LONGEST_MS, from);
    clock_print_instant(g->ask->from_ms - USUAL_MS, usual);
    clock_print_instant(g->ask->until_ms, to);
    const char *whose = arena_printf(c->arena, "%s = %lld", e->owner->name, id);
    if (people != NULL) {
        whose = arena_printf(c->arena, "(%s or %s contains %lld)", whose, people->name, id);
    }
    return each(c, e,
                arena_printf(c->arena,
                             "%s and %s is empty and %s < \"%s\" and"
                             " (%s >= \"%s\" or (%s > 0 and %s >= \"%s\"))",
                             whose, done->name, due->name, to, due->name, usual, duration->name,
                             due->name, from),
                fields, take_work, g);
}

static int gather_absences(struct ctx *c, struct gather *g)
{
    const struct entity *e = model_entity_find(c->model, ENTITY_ABSENCE);
    const struct field *fields[2];
    char from[CLOCK_DATE_SIZE], to[CLOCK_DATE_SIZE];
    if (e == NULL) {
        return 0;
    }
    fields[0] = entity_field_find(e, "from");
    fields[1] = entity_field_find(e, "until");
    /* Days of other zones reach up to 26 hours beyond those of the firm. */
    clock_date_of(g->ask->from_ms - 2 * DAY_MS, from);
    clock_date_of(g->ask->until_ms + 2 * DAY_MS, to);
    return each(c, e,
                arena_printf(c->arena, "user = %lld and from <= \"%s\" and (until is empty or until >= \"%s\")",
                             (long long)g->p->id, to, from),
                fields, take_absence, g);
}

static int by_begin(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

/* Spans that touch are one: how many things somebody does is his own business. */
static void unite(struct person *p)
{
    size_t kept = 0;
    qsort(p->spans, p->count, sizeof(*p->spans), by_begin);
    for (size_t i = 0; i < p->count; i++) {
        struct span *last = kept > 0 ? &p->spans[kept - 1] : NULL;
        if (last != NULL && p->spans[i].from <= last->to) {
            last->to = p->spans[i].to > last->to ? p->spans[i].to : last->to;
        } else {
            p->spans[kept++] = p->spans[i];
        }
    }
    p->count = kept;
}

/* Where no calendar says when people work. */
static const struct calendar *usual(struct ctx *c)
{
    struct calendar *out = ARENA_ARRAY(c->arena, struct calendar, 1);
    struct work_span *day = ARENA_ARRAY(c->arena, struct work_span, 1);
    *day = (struct work_span){9 * 60, 17 * 60};
    *out = (struct calendar){.zone = c->model->company.zone};
    for (int i = 0; i < 5; i++) {
        out->spans[i] = day;
        out->span_counts[i] = 1;
    }
    return out;
}

static int load_person(struct ctx *c, const struct free_ask *ask, int64_t id, struct person *p)
{
    struct gather g = {ask, p};
    struct notice_plan plan;
    *p = (struct person){.id = id, .spans = ARENA_ARRAY(c->arena, struct span, SPANS_MAX)};
    if (record_permit(c, ACTION_SEE, model_entity_find(c->model, ENTITY_USER), id, false) != 0 ||
        notice_plan_load(c, id, &plan) != 0) {
        return -1;
    }
    p->zone = plan.zone;
    p->calendar = plan.calendar;
    if (gather_work(c, &g) != 0 || gather_absences(c, &g) != 0) {
        return -1;
    }
    if (p->calendar == NULL) {
        p->calendar = usual(c);
    }
    unite(p);
    return 0;
}

static bool is_free(const struct person *p, int64_t from, int64_t to)
{
    for (size_t i = 0; i < p->count && p->spans[i].from < to; i++) {
        if (p->spans[i].to > from) {
            return false;
        }
    }
    return calendar_between(p->calendar, from, to) == to - from;
}

static void print_span(struct json_writer *w, int64_t from, int64_t to)
{
    char text[CLOCK_INSTANT_SIZE];
    jw_object(w);
    clock_print_instant(from, text);
    jw_kv_text(w, "from", text);
    clock_print_instant(to, text);
    jw_kv_text(w, "until", text);
    jw_object_end(w);
}

/* Times every half hour at which all are free. */
static void print_slots(const struct free_ask *ask, const struct person *people,
                        struct json_writer *w)
{
    int64_t long_ms = ask->minutes * MINUTE_MS;
    for (int64_t at = (ask->from_ms + STEP_MS - 1) / STEP_MS * STEP_MS;
         at + long_ms <= ask->until_ms; at += STEP_MS) {
        bool fits = true;
        for (size_t i = 0; fits && i < ask->count; i++) {
            fits = is_free(&people[i], at, at + long_ms);
        }
        if (fits) {
            print_span(w, at, at + long_ms);
        }
    }
}

int free_print(struct ctx *c, const struct free_ask *ask, struct buf *out)
{
    struct person *people = ARENA_ARRAY(c->arena, struct person, ask->count);
    struct json_writer w;
    if (ctx_db(c) == NULL || access_entity(c, ACTION_SEE, c->model->work) != 0) {
        return -1;
    }
    for (size_t i = 0; i < ask->count; i++) {
        if (load_person(c, ask, ask->users[i], &people[i]) != 0) {
            return -1;
        }
    }
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "busy");
    jw_array(&w);
    for (size_t i = 0; i < ask->count; i++) {
        jw_object(&w);
        jw_kv_int(&w, "user", people[i].id);
        jw_key(&w, "spans");
        jw_array(&w);
        for (size_t k = 0; k < people[i].count; k++) {
            print_span(&w, people[i].spans[k].from, people[i].spans[k].to);
        }
        jw_array_end(&w);
        jw_object_end(&w);
    }
    jw_array_end(&w);
    jw_key(&w, "slots");
    jw_array(&w);
    print_slots(ask, people, &w);
    jw_array_end(&w);
    jw_object_end(&w);
    return 0;
}
