/* Series as such: what they are made of, when they are, and the making of occurrences; see
 * series.h. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "core/series_parts.h"

#define OPEN_MOST   20000 /* occurrences of one series that are looked at */
#define PLAN_MOST   20000 /* occurrences of a rule from its start on */
#define PLACE_BYTES 19
#define PAST_MOST   400   /* occurrences of a new series that are over already */
#define RULE_BYTES  900 /* one spelling may be a little longer */

static const struct field *field_named(const struct entity *e, const char *name)
{
    for (size_t i = 0; i < e->field_count; i++) {
        if (strcmp(e->fields[i]->name, name) == 0 && e->fields[i]->column_count > 0) {
            return e->fields[i];
        }
    }
    return NULL;
}

bool series_model(const struct ctx *c, const struct entity *e, struct series_model *out)
{
    *out = (struct series_model){.activity = e};
    out->series = e != NULL && e == c->model->work ? field_named(e, SERIES_FIELD) : NULL;
    out->entity = out->series != NULL ? out->series->to : NULL;
    if (out->entity == NULL) {
        return false;
    }
    out->recurrence_id = field_named(e, "recurrence_id");
    out->exception = field_named(e, "exception");
    out->due = e->story.due;
    out->done_at = e->story.done;
    out->rule = field_named(out->entity, "rule");
    out->start = field_named(out->entity, "start");
    out->made_until = field_named(out->entity, "made_until");
    out->left_out = field_named(out->entity, "left_out");
    return out->recurrence_id != NULL && out->exception != NULL && out->due->type->local &&
           out->rule != NULL && out->start != NULL && out->made_until != NULL;
}

/* ---- Times ----------------------------------------------------------------------------------- */

bool series_time_of(struct ctx *c, const struct value *local, struct series_time *out)
{
    struct value as_text[FIELD_MAX_COLUMNS] = {local[0], local[1], local[2]};
    bool is_utc;
    if (local[0].kind != VALUE_INT) {
        return false;
    }
    if (local[1].kind != VALUE_TEXT) { /* an instant of the program's own: as it stands here */
        struct buf text = {0};
        local_put(&text, local);
        bool good = local_values(c->arena, arena_strdup(c->arena, buf_text(&text)), as_text) == 0;
        buf_done(&text);
        if (!good) {
            return false;
        }
    }
    const char *text = as_text[1].s;
    size_t n = strlen(text) < PLACE_BYTES ? strlen(text) : PLACE_BYTES;
    out->zone = as_text[2].kind == VALUE_TEXT ? arena_strdup(c->arena, as_text[2].s) : NULL;
    return ical_time_read(text, n, &out->wall, &out->is_day, &is_utc);
}

const char *series_place(struct ctx *c, const struct series_time *like, int64_t wall)
{
    int64_t day = (wall >= 0 ? wall : wall - (ICAL_DAY - 1)) / ICAL_DAY;
    int year, month, month_day, time = (int)(wall - day * ICAL_DAY);
    ical_day_print(day, &year, &month, &month_day);
    const char *date = arena_printf(c->arena, "%04d-%02d-%02d", year, month, month_day);
    return like->is_day ? date
                        : arena_printf(c->arena, "%sT%02d:%02d:%02d", date, time / 3600,
                                       time / 60 % 60, time % 60);
}

int series_due(struct ctx *c, const struct series_time *like, int64_t wall, struct value out[])
{
    const char *place = series_place(c, like, wall);
    const char *text =
        like->is_day ? place : arena_printf(c->arena, "%s[%s]", place, like->zone);
    if (local_values(c->arena, text, out) != 0) {
        return ctx_fail(c, ERR_INVALID, "activity.due", "There is no time %s.", text);
    }
    return 0;
}

int64_t series_instant(const struct series_time *like, int64_t wall)
{
    struct ical_time t = {.is_set = true, .is_day = like->is_day, .zone = like->zone, .wall = wall};
    return ical_instant(&t, clock_zone());
}

/* ---- Rules ----------------------------------------------------------------------------------- */

const char *series_rule(struct ctx *c, const char *text, bool is_day)
{
    struct ical_rule rule;
    struct err failed = {0};
    const char *why = NULL;
    if (strlen(text) > RULE_BYTES) {
        why = "such a rule is too long";
    } else if (ical_rule_read(text, &rule, &failed) != 0) {
        why = failed.text;
    } else if (rule.frequency > ICAL_DAILY) {
        why = "an activity repeats by days, weeks, months or years, not within a day";
    } else if (!is_day && (rule.hours.any || rule.minutes.any || rule.seconds.any)) {
        why = "an activity repeats at its own time of day: leave BYHOUR, BYMINUTE and BYSECOND out";
    }
    if (why != NULL) {
        err_add(&c->err, c->arena, ERR_INVALID, "activity." SERIES_REPEAT, "%s", why);
        return NULL;
    }
    struct buf out = {0};
    ical_rule_write(&out, &rule);
    const char *kept = arena_strdup(c->arena, buf_text(&out));
    buf_done(&out);
    return kept;
}

static int64_t horizon(const struct ctx *c)
{
    int64_t at = c->now_ms;
    (void)clock_shift_instant(c->now_ms, SERIES_AHEAD_MONTHS, 0, 0, &at);
    return at / 1000;
}

int series_plan(struct ctx *c, const char *rule, const struct series_time *start,
                struct series_plan *out)
{
    struct ical_item item = {.rules = {rule}, .rule_count = 1};
    int64_t last = horizon(c) + ICAL_DAY; /* walls are at most a day away */
    struct err failed = {0};
    item.start = (struct ical_time){.is_set = true, .is_day = start->is_day, .zone = start->zone,
                                    .wall = start->wall};
    last = last > start->wall ? last : start->wall;
    *out = (struct series_plan){.start = *start, .over_s = -1};
    out->set = ical_set_of(c->arena, &item, last, PLAN_MOST, &failed);
    return out->set != NULL
               ? 0
               : err_add(&c->err, c->arena, ERR_INVALID, "activity." SERIES_REPEAT, "%s",
                         failed.text);
}

bool series_plan_find(const struct series_plan *plan, int64_t wall, size_t *out)
{
    size_t low = 0, high = ical_set_count(plan->set);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ical_set_at(plan->set, middle) < wall) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *out = low;
    return low < ical_set_count(plan->set) && ical_set_at(plan->set, low) == wall;
}

size_t series_plan_due(const struct ctx *c, const struct series_plan *plan)
{
    size_t count = ical_set_count(plan->set), i = 0, ahead = 0;
    int64_t last = horizon(c), now = c->now_ms / 1000;
    for (; i < count && ahead < SERIES_AHEAD_MOST; i++) {
        int64_t at = series_instant(&plan->start, ical_set_at(plan->set, i));
        if (at > last && i > 0) {
            break;
        }
        ahead += at > now;
    }
    return i;
}

/* ---- Occurrences ----------------------------------------------------------------------------- */

bool series_is_own(const struct series_model *m, const struct field *f)
{
    static const char *const OWN[] = {"outcome", "result"};
    bool own = f == m->due || f == m->done_at || f == m->series || f == m->recurrence_id ||
               f == m->exception || f->system || f->compute != NULL || f->type->serial;
    for (size_t i = 0; i < COUNT(OWN); i++) {
        own = own || strcmp(f->name, OWN[i]) == 0;
    }
    return own && f != f->entity->owner && strcmp(f->name, "team") != 0;
}

void series_mark(const struct ctx *c, const struct record *before, struct record *after,
                 const bool *given)
{
    struct series_model m;
    if (before == NULL || !series_model(c, after->entity, &m) ||
        record_value(before, m.series).kind != VALUE_INT || given[m.exception->index]) {
        return;
    }
    for (size_t i = 0; i < after->entity->column_count; i++) {
        const struct field *f = after->entity->columns[i]->field;
        if (given[f->index] && (f == m.due || !series_is_own(&m, f)) &&
            !value_equal(before->values[i], after->values[i])) {
            struct value yes = value_int(1);
            record_set(after, m.exception, &yes);
            return;
        }
    }
}

bool series_leaves_out(const char *left_out, const char *place)
{
    size_t n = strlen(place), day = strcspn(place, "T");
    for (const char *at = left_out; at != NULL && *at != '\0';) {
        size_t length = strcspn(at, " ");
        if ((length == n || length == day) && strncmp(at, place, length) == 0) {
            return true;
        }
        at += length;
        at += strspn(at, " ");
    }
    return false;
}

/* What is over when it comes from elsewhere took place. */
void series_put_done(struct ctx *c, const struct series_model *m, const struct series_plan *plan,
                     int64_t wall, struct field_set *set)
{
    int64_t over = series_instant(&plan->start, wall) + plan->over_s;
    if (plan->over_s >= 0 && over < c->now_ms / 1000) {
        struct value done = value_int(over * 1000);
        field_set_put(set, m->activity, m->done_at, &done);
    }
}

static int insert_one(struct ctx *c, const struct series_model *m, const struct field_set *pattern,
                      const struct series_plan *plan, int64_t wall)
{
    const struct entity *e = m->activity;
    struct field_set *set = field_set_new(c->arena, e);
    struct value due[FIELD_MAX_COLUMNS], place;
    struct written done = {0};
    memcpy(set->given, pattern->given, sizeof *set->given * e->field_count);
    memcpy(set->values, pattern->values, sizeof *set->values * e->column_count);
    if (series_due(c, &plan->start, wall, due) != 0) {
        return -1;
    }
    place = value_text(series_place(c, &plan->start, wall));
    if (series_leaves_out(plan->left_out, place.s)) {
        return 0;
    }
    series_put_done(c, m, plan, wall, set);
    field_set_put(set, e, m->due, due);
    field_set_put(set, e, m->recurrence_id, &place);
    c->along = true;
    int rc = write_insert(c, e, set, &done);
    c->along = false;
    return rc != 0 || c->err.code != ERR_NONE ? -1 : 0;
}

int series_make(struct ctx *c, const struct series_model *m, const struct record *pattern,
                int64_t series, const struct series_plan *plan, size_t from, size_t to)
{
    const struct entity *e = m->activity;
    struct field_set *set = field_set_new(c->arena, e);
    struct value link = value_int(series);
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        if (f->column_count > 0 && !series_is_own(m, f)) {
            field_set_put(set, e, f, record_values(pattern, f));
        }
    }
    field_set_put(set, e, m->series, &link);
    for (size_t i = from; i < to; i++) {
        if (insert_one(c, m, set, plan, ical_set_at(plan->set, i)) != 0) {
            return -1;
        }
    }
    return 0;
}

static int by_place(const void *a, const void *b)
{
    const struct record *x = *(struct record *const *)a, *y = *(struct record *const *)b;
    const struct field *place = field_named(x->entity, "recurrence_id");
    const char *p = record_value(x, place).kind == VALUE_TEXT ? record_value(x, place).s : "";
    const char *q = record_value(y, place).kind == VALUE_TEXT ? record_value(y, place).s : "";
    return strcmp(p, q);
}

int series_occurrences(struct ctx *c, const struct series_model *m, int64_t series, bool done,
                       struct record ***out, size_t *count)
{
    const struct who system = {.model = c->model, .now_ms = c->now_ms};
    const char *text = arena_printf(c->arena, "series = %lld%s", (long long)series,
                                    done ? "" : " and done_at is empty");
    struct list_spec spec = {.entity = m->activity, .action = ACTION_SEE};
    int64_t *ids = NULL;
    if (expr_compile(c->arena, c->model, m->activity, NULL, text, KIND_BOOL, &spec.filter,
                     &c->err) != 0 ||
        query_ids(c->db, &system, &spec, 0, OPEN_MOST, c->arena, &ids, count, &c->err) != 0) {
        return -1;
    }
    *out = ARENA_ARRAY(c->arena, struct record *, *count + 1);
    for (size_t i = 0; i < *count; i++) {
        if (rows_load(c->db, m->activity, ids[i], c->arena, &(*out)[i], &c->err) != 0) {
            return -1;
        }
    }
    if (*count > 0) {
        qsort(*out, *count, sizeof **out, by_place);
    }
    return 0;
}

bool series_is_there(const struct series_model *m, struct record **list, size_t count, int64_t wall)
{
    for (size_t i = 0; i < count; i++) {
        struct value place = record_value(list[i], m->recurrence_id);
        int64_t at;
        bool is_day, is_utc;
        if (place.kind == VALUE_TEXT &&
            ical_time_read(place.s, strlen(place.s), &at, &is_day, &is_utc) &&
            at / ICAL_DAY == wall / ICAL_DAY) {
            return true;
        }
    }
    return false;
}

int series_make_missing(struct ctx *c, const struct series_model *m, const struct record *pattern,
                        int64_t series, const struct series_plan *plan, size_t due)
{
    struct record **list = NULL;
    size_t count = 0;
    int64_t now = c->now_ms / 1000;
    if (series_occurrences(c, m, series, true, &list, &count) != 0) {
        return -1;
    }
    for (size_t i = 0; i < due; i++) {
        int64_t wall = ical_set_at(plan->set, i);
        if (wall + ICAL_DAY > now && !series_is_there(m, list, count, wall) &&
            series_make(c, m, pattern, series, plan, i, i + 1) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- The series ------------------------------------------------------------------------------ */

static void put_left_out(const struct series_model *m, const struct series_plan *plan,
                         struct field_set *set)
{
    if (m->left_out != NULL && plan->left_out != NULL) {
        struct value text = plan->left_out[0] != '\0' ? value_text(plan->left_out) : value_null();
        field_set_put(set, m->entity, m->left_out, &text);
    }
}

int series_save(struct ctx *c, const struct series_model *m, struct record *series,
                const char *rule, const struct series_plan *plan, const char *made_until)
{
    struct field_set *set = field_set_new(c->arena, m->entity);
    struct value due[FIELD_MAX_COLUMNS], text = value_text(rule), until = value_text(made_until);
    struct written done = {0};
    if (series_due(c, &plan->start, plan->start.wall, due) != 0) {
        return -1;
    }
    field_set_put(set, m->entity, m->rule, &text);
    field_set_put(set, m->entity, m->start, due);
    field_set_put(set, m->entity, m->made_until, &until);
    put_left_out(m, plan, set);
    return write_change(c, series, set, &done) != 0 || c->err.code != ERR_NONE ? -1 : 0;
}

const char *series_left_out(const struct series_model *m, const struct record *series)
{
    struct value v = m->left_out != NULL ? record_value(series, m->left_out) : value_null();
    return v.kind == VALUE_TEXT ? v.s : NULL;
}

/* The fields of the series that its activities have, too: subject, links, owner, team. */
static void copy_named(const struct record *from, const struct entity *to, struct field_set *set)
{
    for (size_t i = 0; i < to->field_count; i++) {
        const struct field *f = to->fields[i], *same = field_named(from->entity, f->name);
        bool owned = !f->system || strcmp(f->name, "owner") == 0 || strcmp(f->name, "team") == 0;
        if (owned && same != NULL && same->type == f->type && f->column_count > 0 &&
            f->column_count == same->column_count) {
            field_set_put(set, to, f, record_values(from, same));
        }
    }
}

int series_insert(struct ctx *c, const struct series_model *m, const struct record *first,
                  const struct series_plan *plan, const char *rule, int64_t made, int64_t *out)
{
    struct field_set *set = field_set_new(c->arena, m->entity);
    struct value text = value_text(rule), due[FIELD_MAX_COLUMNS];
    struct value until = value_text(series_place(c, &plan->start, made));
    struct written done = {0};
    if (series_due(c, &plan->start, plan->start.wall, due) != 0) {
        return -1;
    }
    copy_named(first, m->entity, set);
    field_set_put(set, m->entity, m->rule, &text);
    field_set_put(set, m->entity, m->made_until, &until);
    field_set_put(set, m->entity, m->start, due);
    put_left_out(m, plan, set);
    if (write_insert(c, m->entity, set, &done) != 0 || c->err.code != ERR_NONE) {
        return -1;
    }
    *out = done.record->id;
    return 0;
}

/* What somebody enters may have begun, but a wrong year is no wish for thousands of activities. */
static int refuse_long_ago(struct ctx *c, const struct series_plan *plan)
{
    size_t count = ical_set_count(plan->set);
    return count <= PAST_MOST || series_instant(&plan->start, ical_set_at(plan->set, PAST_MOST)) >=
                                     c->now_ms / 1000
               ? 0
               : err_add(&c->err, c->arena, ERR_INVALID, "activity.due",
                         "This would have taken place more than %d times by now: begin it later.",
                         PAST_MOST);
}

int series_begin(struct ctx *c, const struct series_model *m, struct written *first,
                 const char *rule)
{
    struct series_time start;
    struct series_plan plan;
    const char *kept;
    if (!series_time_of(c, record_values(first->record, m->due), &start)) {
        return err_add(&c->err, c->arena, ERR_INVALID, "activity.due",
                       "What repeats needs a day it begins on.");
    }
    if ((kept = series_rule(c, rule, start.is_day)) == NULL ||
        series_plan(c, kept, &start, &plan) != 0 || refuse_long_ago(c, &plan) != 0) {
        return -1;
    }
    size_t count = series_plan_due(c, &plan);
    int64_t last = ical_set_at(plan.set, count > 0 ? count - 1 : 0), id = 0;
    if (series_insert(c, m, first->record, &plan, kept, last, &id) != 0) {
        return -1;
    }
    struct field_set *set = field_set_new(c->arena, m->activity);
    struct value link = value_int(id), place = value_text(series_place(c, &start, start.wall));
    struct value no = value_int(0);
    field_set_put(set, m->activity, m->series, &link);
    field_set_put(set, m->activity, m->recurrence_id, &place);
    field_set_put(set, m->activity, m->exception, &no);
    if (write_change(c, first->record, set, first) != 0 || c->err.code != ERR_NONE) {
        return -1;
    }
    return series_make(c, m, first->record, id, &plan, 1, count);
}
