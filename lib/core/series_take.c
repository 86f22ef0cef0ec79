/* Series as another calendar has them: taken in, and brought up to date; see series_parts.h. */
#include <string.h>

#include "base/str.h"
#include "core/series_parts.h"

#define BACK_S (366 * (int64_t)ICAL_DAY) /* so far back what repeats is taken in */

/* Where a new series begins to be made, and ends; false: nowhere. */
static bool span(struct ctx *c, const struct series_plan *plan, size_t *from, size_t *due)
{
    *due = series_plan_due(c, plan);
    for (*from = 0; *from < *due; (*from)++) {
        int64_t wall = ical_set_at(plan->set, *from);
        if (series_instant(&plan->start, wall) >= c->now_ms / 1000 - BACK_S &&
            !series_leaves_out(plan->left_out, series_place(c, &plan->start, wall))) {
            return true;
        }
    }
    return false;
}

static int64_t minutes_of(const struct series_model *m, const struct field_set *set)
{
    const struct field *f = entity_field_find(m->activity, "duration");
    struct value v = f != NULL && f->column_count == 1 && set->given[f->index]
                         ? *field_set_values(set, m->activity, f)
                         : value_null();
    return v.kind == VALUE_INT && v.i > 0 ? v.i : 0;
}

static int plan_told(struct ctx *c, const struct series_model *m, const struct field_set *set,
                     const struct series_told *told, struct series_plan *plan, const char **rule)
{
    struct series_time start;
    if (!set->given[m->due->index] ||
        !series_time_of(c, field_set_values(set, m->activity, m->due), &start)) {
        return err_add(&c->err, c->arena, ERR_INVALID, "activity.due",
                       "What repeats needs a day it begins on.");
    }
    if ((*rule = series_rule(c, told->rule, start.is_day)) == NULL ||
        series_plan(c, *rule, &start, plan) != 0) {
        return -1;
    }
    plan->left_out = told->left_out;
    plan->over_s = !told->over_is_done ? -1
                   : start.is_day      ? ICAL_DAY
                                       : minutes_of(m, set) * 60;
    return 0;
}

/* Its place, and whether it is over, as for those that follow. */
static int put_first(struct ctx *c, const struct series_model *m, const struct series_plan *plan,
                     int64_t wall, struct field_set *set)
{
    struct value due[FIELD_MAX_COLUMNS], no = value_int(0);
    struct value place = value_text(series_place(c, &plan->start, wall));
    if (series_due(c, &plan->start, wall, due) != 0) {
        return -1;
    }
    field_set_put(set, m->activity, m->due, due);
    field_set_put(set, m->activity, m->recurrence_id, &place);
    field_set_put(set, m->activity, m->exception, &no);
    series_put_done(c, m, plan, wall, set);
    return 0;
}

int series_take(struct ctx *c, const struct series_model *m, struct record *before,
                struct field_set *set, const struct series_told *told, struct written *first,
                size_t *made)
{
    struct series_plan plan;
    const char *rule;
    size_t from, due;
    int64_t id = 0;
    *made = 0;
    if (plan_told(c, m, set, told, &plan, &rule) != 0) {
        return -1;
    }
    if (!span(c, &plan, &from, &due)) {
        return 0;
    }
    if (put_first(c, m, &plan, ical_set_at(plan.set, from), set) != 0 ||
        (before != NULL ? write_change(c, before, set, first)
                        : write_insert(c, m->activity, set, first)) != 0 ||
        c->err.code != ERR_NONE ||
        series_insert(c, m, first->record, &plan, rule, ical_set_at(plan.set, due - 1), &id) != 0) {
        return -1;
    }
    struct field_set *link = field_set_new(c->arena, m->activity);
    struct value to = value_int(id), no = value_int(0);
    field_set_put(link, m->activity, m->series, &to);
    field_set_put(link, m->activity, m->exception, &no);
    if (write_change(c, first->record, link, first) != 0 || c->err.code != ERR_NONE) {
        return -1;
    }
    *made = 1;
    for (size_t i = from + 1; i < due; i++) {
        const char *place = series_place(c, &plan.start, ical_set_at(plan.set, i));
        *made += !series_leaves_out(plan.left_out, place);
    }
    return series_make(c, m, first->record, id, &plan, from + 1, due);
}

/* ---- Again ----------------------------------------------------------------------------------- */

struct again {
    struct ctx *c;
    const struct series_model *m;
    struct record *series, **list, *x; /* list: living ones that are not done; x: one like the rest */
    size_t count;
    struct series_plan plan; /* as it is told now */
    const char *rule, *old_left_out;
    bool changed;
};

static bool differs(const struct record *r, const struct field *f)
{
    struct value v = record_value(r, f);
    return v.kind == VALUE_INT && v.i != 0;
}

static int load(struct again *a, int64_t id)
{
    struct ctx *c = a->c;
    if (rows_load(c->db, a->m->entity, id, c->arena, &a->series, &c->err) != 0 ||
        series_occurrences(c, a->m, id, false, &a->list, &a->count) != 0) {
        return -1;
    }
    for (size_t i = 0; i < a->count && a->x == NULL; i++) {
        a->x = differs(a->list[i], a->m->exception) ? NULL : a->list[i];
    }
    return 0;
}

static int64_t day_of(int64_t wall)
{
    return (wall >= 0 ? wall : wall - (ICAL_DAY - 1)) / ICAL_DAY;
}

/* x moves as the start did; nothing is given when that stayed. */
static int move_x(struct again *a, struct field_set *set)
{
    struct ctx *c = a->c;
    struct series_time old, place = a->plan.start;
    struct value due[FIELD_MAX_COLUMNS], at = record_value(a->x, a->m->recurrence_id);
    const struct series_time *now = &a->plan.start;
    bool is_day, is_utc;
    set->given[a->m->due->index] = false;
    if (!series_time_of(c, record_values(a->series, a->m->start), &old) ||
        at.kind != VALUE_TEXT ||
        !ical_time_read(at.s, strlen(at.s), &place.wall, &is_day, &is_utc)) {
        return 0;
    }
    bool same = old.wall == now->wall && old.is_day == now->is_day && str_eq(old.zone, now->zone);
    int64_t time = now->is_day ? 0 : now->wall - day_of(now->wall) * ICAL_DAY;
    int64_t wall = (day_of(place.wall) + day_of(now->wall) - day_of(old.wall)) * ICAL_DAY + time;
    if (same) {
        return 0;
    }
    if (series_due(c, now, wall, due) != 0) {
        return -1;
    }
    field_set_put(set, a->m->activity, a->m->due, due);
    return 0;
}

/* Only what is other than x has it; what each occurrence has of its own stays. */
static bool narrow(const struct again *a, struct field_set *set)
{
    const struct entity *e = a->m->activity;
    bool any = set->given[a->m->due->index];
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        if (!set->given[f->index] || f == a->m->due || f->column_count == 0) {
            continue;
        }
        const struct value *told = field_set_values(set, e, f), *has = record_values(a->x, f);
        bool same = true;
        for (size_t k = 0; k < f->column_count; k++) {
            same = same && value_equal(told[k], has[k]);
        }
        set->given[f->index] = !same && !series_is_own(a->m, f);
        any = any || set->given[f->index];
    }
    return any;
}

static int change_all(struct again *a, struct field_set *set)
{
    struct value old = record_value(a->series, a->m->rule);
    const struct json repeat = {.type = JSON_STRING, .text = (char *)a->rule};
    bool other = old.kind != VALUE_TEXT || strcmp(old.s, a->rule) != 0;
    struct written done = {0};
    if (move_x(a, set) != 0) {
        return -1;
    }
    if (!narrow(a, set) && !other) {
        return 0;
    }
    a->changed = true;
    return series_change(a->c, a->x, set, other ? &repeat : NULL, SERIES_ALL, &done);
}

static bool is_place(const struct again *a, const struct record *r, const char *place)
{
    struct value v = record_value(r, a->m->recurrence_id);
    return v.kind == VALUE_TEXT && strcmp(v.s, place) == 0;
}

/* Times that are left out by now go. */
static int drop_gone(struct again *a, const char *gone)
{
    for (size_t i = 0; i < a->count; i++) {
        struct value place = record_value(a->list[i], a->m->recurrence_id);
        bool out = place.kind == VALUE_TEXT && series_leaves_out(gone, place.s) &&
                   !series_leaves_out(a->old_left_out, place.s) &&
                   record_value(a->list[i], a->m->done_at).kind == VALUE_NULL;
        if (out && record_trash_in(a->c, a->list[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Those that are not left out any more come. */
static int make_again(struct again *a)
{
    size_t due = series_plan_due(a->c, &a->plan);
    for (size_t i = 0; i < due; i++) {
        int64_t wall = ical_set_at(a->plan.set, i);
        const char *place = series_place(a->c, &a->plan.start, wall);
        bool there = wall <= a->c->now_ms / 1000 || !series_leaves_out(a->old_left_out, place);
        for (size_t k = 0; !there && k < a->count; k++) {
            there = is_place(a, a->list[k], place);
        }
        if (!there && series_make(a->c, a->m, a->x, a->series->id, &a->plan, i, i + 1) != 0) {
            return -1;
        }
    }
    return 0;
}

static int change_left_out(struct again *a, const struct series_told *told)
{
    struct ctx *c = a->c;
    int64_t id = a->series->id;
    if (rows_load(c->db, a->m->entity, id, c->arena, &a->series, &c->err) != 0) {
        return -1;
    }
    a->old_left_out = series_left_out(a->m, a->series); /* they may have moved */
    if (str_eq(a->old_left_out != NULL ? a->old_left_out : "", told->left_out)) {
        return 0;
    }
    a->changed = true;
    if (series_occurrences(c, a->m, id, true, &a->list, &a->count) != 0 ||
        drop_gone(a, told->gone) != 0 || make_again(a) != 0) {
        return -1;
    }
    struct value made = record_value(a->series, a->m->made_until);
    return series_save(c, a->m, a->series, a->rule, &a->plan,
                       made.kind == VALUE_TEXT ? made.s : "");
}

/* All that is there is done, or differs: the rule is as it is told now, and what comes after all that was
 * made is made like the latest. */
static int prolong(struct again *a, const struct series_told *told, struct record **x)
{
    struct ctx *c = a->c;
    struct value old = record_value(a->series, a->m->rule);
    const char *left_out = series_left_out(a->m, a->series);
    struct value made = record_value(a->series, a->m->made_until);
    size_t due = series_plan_due(c, &a->plan), from = 0;
    int64_t wall;
    bool is_day, is_utc;
    if (series_occurrences(c, a->m, a->series->id, true, &a->list, &a->count) != 0) {
        return -1;
    }
    for (size_t i = 0; i < a->count; i++) { /* in the order of their place */
        bool plain = !differs(a->list[i], a->m->exception);
        *x = *x == NULL || plain || differs(*x, a->m->exception) ? a->list[i] : *x;
    }
    if (*x == NULL || due == 0 || made.kind != VALUE_TEXT ||
        !ical_time_read(made.s, strlen(made.s), &wall, &is_day, &is_utc) ||
        (old.kind == VALUE_TEXT && strcmp(old.s, a->rule) == 0 &&
         str_eq(left_out != NULL ? left_out : "", told->left_out))) {
        return 0;
    }
    a->changed = true;
    from = series_plan_find(&a->plan, wall, &from) ? from + 1 : from;
    return record_permit(c, ACTION_EDIT, a->m->activity, (*x)->id, false) != 0 ||
                   series_make(c, a->m, *x, a->series->id, &a->plan, from, due) != 0 ||
                   series_save(c, a->m, a->series, a->rule, &a->plan,
                               series_place(c, &a->plan.start,
                                            ical_set_at(a->plan.set, due - 1))) != 0
               ? -1
               : 0;
}

int series_take_again(struct ctx *c, const struct series_model *m, int64_t series,
                      struct field_set *set, const struct series_told *told, struct record **x,
                      bool *changed)
{
    struct again a = {.c = c, .m = m};
    *changed = false;
    if (plan_told(c, m, set, told, &a.plan, &a.rule) != 0 || load(&a, series) != 0) {
        return -1;
    }
    *x = a.x;
    if (a.x == NULL && prolong(&a, told, x) != 0) {
        return -1;
    }
    if (a.x != NULL && (record_permit(c, ACTION_EDIT, m->activity, a.x->id, false) != 0 ||
                        change_all(&a, set) != 0)) {
        return -1;
    }
    if (c->err.code != ERR_NONE || (a.x != NULL && change_left_out(&a, told) != 0)) {
        return -1;
    }
    *changed = a.changed;
    return 0;
}
