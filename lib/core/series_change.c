/* Series changed: this one, this and those after it, or all; see series.h. */
#include <string.h>

#include "base/str.h"
#include "core/series_parts.h"

#define ASKED_AT_ONCE 500 /* activities whose rights are read together */

bool series_is_asked(const struct ctx *c, const struct entity *e, const char *member)
{
    struct series_model m;
    return strcmp(member, SERIES_REPEAT) == 0 && series_model(c, e, &m);
}

const struct json *series_asked(const struct ctx *c, const struct entity *e,
                                const struct json *body)
{
    return body != NULL && series_is_asked(c, e, SERIES_REPEAT) ? json_find(body, SERIES_REPEAT)
                                                                : NULL;
}

int series_scope_read(struct ctx *c, const char *text, enum series_scope *out)
{
    static const char *const NAMES[] = {
        [SERIES_THIS] = "this", [SERIES_FOLLOWING] = "following", [SERIES_ALL] = "all"};
    *out = SERIES_THIS;
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        if (text == NULL || strcmp(text, NAMES[i]) == 0) {
            *out = (enum series_scope)i;
            return 0;
        }
    }
    return ctx_fail(c, ERR_MALFORMED, "scope", "The scope is this, following or all.");
}

/* ---- A change in the making ------------------------------------------------------------------ */

struct work {
    struct ctx *c;
    struct series_model m;
    struct record *x, *series; /* the occurrence somebody changed; its series */
    struct field_set *set;     /* what he changed */
    enum series_scope scope;
    struct record **list; /* living occurrences that are not done, by place; x is one, if it is open */
    bool *foreign;        /* of them: the actor may not do this to it */
    size_t count, left;   /* left: how many of those reached are foreign */
    const char *rule, *new_rule;
    struct series_time place; /* of x in the series */
    struct series_plan before, after;
    size_t at;        /* number of x in `before`, or of the first after it */
    bool in_plan;     /* x is in `before`: it does not stand before a series that was moved since */
    int64_t days;     /* by which x moves */
    int64_t shift;    /* the same with the time of day, as ICAL_DAY counts */
    bool moves;       /* its time changes */
    bool other_rule;  /* the rule was given anew */
    const char *made; /* place of the last occurrence that was made */
    const char *holes; /* places of the old plan that were deleted alone; NULL: none */
};

static const char *text_of(const struct record *r, const struct field *f)
{
    struct value v = record_value(r, f);
    return v.kind == VALUE_TEXT ? v.s : "";
}

static int64_t day_of(int64_t wall)
{
    return (wall >= 0 ? wall : wall - (ICAL_DAY - 1)) / ICAL_DAY;
}

static bool read_place(const char *text, int64_t *wall)
{
    bool is_day, is_utc;
    return ical_time_read(text, strlen(text), wall, &is_day, &is_utc);
}

static int load(struct work *w)
{
    struct ctx *c = w->c;
    int64_t id = record_value(w->x, w->m.series).i;
    if (rows_load(c->db, w->m.entity, id, c->arena, &w->series, &c->err) != 0 ||
        series_occurrences(c, &w->m, id, false, &w->list, &w->count) != 0) {
        return -1;
    }
    w->rule = text_of(w->series, w->m.rule);
    w->made = text_of(w->series, w->m.made_until);
    if (!series_time_of(c, record_values(w->series, w->m.start), &w->place) ||
        series_plan(c, w->rule, &w->place, &w->before) != 0 ||
        !read_place(text_of(w->x, w->m.recurrence_id), &w->place.wall)) {
        return c->err.code != ERR_NONE ? -1
                                       : ctx_fail(c, ERR_CONFLICT, "",
                                                  "This activity has no place in its series.");
    }
    w->in_plan = series_plan_find(&w->before, w->place.wall, &w->at);
    return 0;
}

/* Is something of the series to stay when x and those after it go? */
static bool begins_before_x(const struct work *w)
{
    int64_t wall;
    for (size_t i = 0; i < w->count; i++) {
        if (read_place(text_of(w->list[i], w->m.recurrence_id), &wall) && wall < w->place.wall) {
            return true;
        }
    }
    return w->at > 0;
}

/* A series that is moved from one of its occurrences on starts there. Those before it are no part of
 * its plan any more; they follow one of them that is moved with those after it. */
static bool stands_before(const struct work *w, int64_t wall)
{
    return w->scope == SERIES_FOLLOWING && !w->in_plan && wall < w->before.start.wall;
}

/* Does the scope reach this occurrence? */
static bool is_reached(const struct work *w, const struct record *r)
{
    int64_t wall;
    return r->id != w->x->id && read_place(text_of(r, w->m.recurrence_id), &wall) &&
           (w->scope == SERIES_ALL || wall > w->place.wall);
}

/* foreign[i]: the actor may not do this to list[i]. */
static int mark_foreign(struct work *w, enum action action, struct record **list, size_t count,
                        bool *foreign)
{
    int64_t ids[ASKED_AT_ONCE], *may = NULL;
    size_t allowed = 0, found = 0;
    for (size_t from = 0; from < count; from += ASKED_AT_ONCE) {
        size_t n = count - from < ASKED_AT_ONCE ? count - from : ASKED_AT_ONCE;
        for (size_t i = 0; i < n; i++) {
            ids[i] = list[from + i]->id;
        }
        if (record_permitted(w->c, action, w->m.activity, ids, n, false, &may, &allowed) != 0) {
            return -1;
        }
        for (size_t i = 0; i < n; i++) {
            for (found = 0; found < allowed && may[found] != ids[i]; found++) {
            }
            foreign[from + i] = found == allowed;
        }
    }
    return 0;
}

/* Is it the actor's to say when a series is? It is, if its record is his, or if all that there is of
 * it, done or not, was given to him. */
static int may_series(struct work *w, enum action action, bool *out)
{
    struct ctx *c = w->c;
    struct record **list = NULL;
    size_t count = 0;
    *out = record_permit(c, action, w->m.entity, w->series->id, false) == 0;
    if (*out) {
        return 0;
    }
    err_clear(&c->err);
    if (series_occurrences(c, &w->m, w->series->id, true, &list, &count) != 0) {
        return -1;
    }
    bool *foreign = ARENA_ARRAY(c->arena, bool, count + 1);
    if (mark_foreign(w, action, list, count, foreign) != 0) {
        return -1;
    }
    *out = true;
    for (size_t i = 0; i < count; i++) {
        *out = *out && !foreign[i];
    }
    return 0;
}

/* An occurrence that was given to somebody else is his: nothing is written to it, so that who did it
 * may undo it, and how many stayed is told. That is for whose series it is to do, not for him who was
 * given one of it; nor is when the series is. `series`: that is what is changed. */
static int find_foreign(struct work *w, enum action action, bool series)
{
    struct ctx *c = w->c;
    bool may = true;
    w->foreign = ARENA_ARRAY(c->arena, bool, w->count + 1);
    if (mark_foreign(w, action, w->list, w->count, w->foreign) != 0) {
        return -1;
    }
    for (size_t i = 0; i < w->count; i++) {
        w->left += w->foreign[i] && is_reached(w, w->list[i]);
    }
    if (record_permit(c, action, w->m.activity, w->x->id, false) != 0) {
        err_clear(&c->err);
        may = false;
    } else if ((series || w->left > 0) && may_series(w, action, &may) != 0) {
        return -1;
    }
    return may ? 0
               : ctx_fail(c, ERR_FORBIDDEN, "",
                          "Some activities of this series are not yours to change.");
}

static bool is_taken(const struct work *w, size_t i)
{
    return is_reached(w, w->list[i]) && !w->foreign[i];
}

/* ---- The rule moves along -------------------------------------------------------------------- */

static uint8_t rotated(uint8_t days, int64_t by)
{
    unsigned shift = (unsigned)((by % 7 + 7) % 7);
    return (uint8_t)((days << shift | days >> (7 - shift)) & 0x7f);
}

static void only(struct ical_numbers *set, int64_t n)
{
    *set = (struct ical_numbers){.any = true};
    set->plus[n / 64] = UINT64_C(1) << (n % 64);
}

static size_t size_of(const struct ical_numbers *set)
{
    size_t n = 0;
    for (size_t i = 0; i < COUNT(set->plus); i++) {
        n += (size_t)(__builtin_popcountll(set->plus[i]) + __builtin_popcountll(set->minus[i]));
    }
    return n;
}

/* "the 2nd Tuesday" becomes what the new day is of its month; "the last" stays the last. */
static bool move_nth(struct ical_rule *rule, int64_t day, int month_day)
{
    bool last = false;
    size_t count = 0;
    for (int i = 1; i <= ICAL_NTH_MAX; i++) {
        count += (size_t)(__builtin_popcount(rule->nth_day[i]) +
                          __builtin_popcount(rule->last_day[i]));
        last = last || rule->last_day[i] != 0;
    }
    if (count != 1 || rule->every_day != 0) {
        return false;
    }
    uint8_t bit = (uint8_t)(1U << ((day + 3) % 7 + 7) % 7);
    memset(rule->nth_day, 0, sizeof rule->nth_day);
    memset(rule->last_day, 0, sizeof rule->last_day);
    *(last ? &rule->last_day[1] : &rule->nth_day[(month_day - 1) / 7 + 1]) = bit;
    return true;
}

/* The rule for a start that is moved by so many days; false: only a person can tell. */
static bool move_rule(struct ical_rule *rule, int64_t start, int64_t days)
{
    int year, month, month_day;
    bool plain = !rule->year_days.any && !rule->weeks.any && !rule->positions.any &&
                 size_of(&rule->month_days) <= 1 && size_of(&rule->months) <= 1;
    ical_day_print(day_of(start), &year, &month, &month_day);
    if (days == 0 || (rule->frequency == ICAL_DAILY && plain && !rule->has_days)) {
        return true;
    }
    if (!plain || (rule->has_days && rule->month_days.any)) {
        return false;
    }
    if (rule->has_days && !rule->has_nth) {
        rule->every_day = rotated(rule->every_day, days);
    } else if (rule->has_days && !move_nth(rule, day_of(start), month_day)) {
        return false;
    }
    if (rule->month_days.any) {
        only(&rule->month_days, month_day);
    }
    if (rule->months.any) {
        only(&rule->months, month);
    }
    return true;
}

static const char *rule_text(struct ctx *c, const struct ical_rule *rule)
{
    struct buf out = {0};
    ical_rule_write(&out, rule);
    const char *text = arena_strdup(c->arena, buf_text(&out));
    buf_done(&out);
    return text;
}

/* What is left of a limited number, and the days and the end moved along. */
static int next_rule(struct work *w, int64_t new_start)
{
    struct ical_rule rule;
    if (w->other_rule) {
        return 0;
    }
    if (ical_rule_read(w->rule, &rule, &w->c->err) != 0) {
        return -1;
    }
    if (rule.count > 0 && w->scope == SERIES_FOLLOWING) {
        rule.count = rule.count > (int64_t)w->at ? rule.count - (int64_t)w->at : 1;
    }
    rule.until += rule.has_until ? (rule.until_is_day ? w->days * ICAL_DAY : w->shift) : 0;
    if (!move_rule(&rule, new_start, w->days)) {
        return err_add(&w->c->err, w->c->arena, ERR_INVALID, "activity." SERIES_REPEAT,
                       "How this repeats does not follow to another day by itself: say it anew.");
    }
    w->new_rule = rule_text(w->c, &rule);
    return 0;
}

/* ---- Planning -------------------------------------------------------------------------------- */

/* The first place of the series that is planned anew: its start, x, or what comes after x. */
static int64_t anchor(const struct work *w)
{
    bool there = w->at < ical_set_count(w->before.set);
    if (w->scope == SERIES_ALL) {
        return w->before.start.wall;
    }
    return w->in_plan || w->other_rule || !there ? w->place.wall
                                                 : ical_set_at(w->before.set, w->at);
}

/* Where x goes, and from where on the series runs anew. */
static int plan(struct work *w)
{
    struct ctx *c = w->c;
    struct series_time to = w->place;
    if (w->moves && !series_time_of(c, field_set_values(w->set, w->m.activity, w->m.due), &to)) {
        return err_add(&c->err, c->arena, ERR_INVALID, "activity.due",
                       "What repeats needs a day.");
    }
    w->days = day_of(to.wall) - day_of(w->place.wall);
    int64_t time = to.is_day ? 0 : to.wall - day_of(to.wall) * ICAL_DAY;
    int64_t base = anchor(w);
    to.wall = (day_of(base) + w->days) * ICAL_DAY + time;
    w->shift = to.wall - base;
    return next_rule(w, to.wall) != 0 ? -1 : series_plan(c, w->new_rule, &to, &w->after);
}

/* The new wall time of an occurrence; false: it is none any more. */
static bool new_wall(const struct work *w, int64_t old, int64_t *out)
{
    size_t i = 0, count = ical_set_count(w->after.set), base = w->scope == SERIES_ALL ? 0 : w->at;
    if (!w->other_rule && stands_before(w, old)) {
        *out = old + w->shift;
        return true;
    }
    if (!w->other_rule) {
        bool known = series_plan_find(&w->before, old, &i) && i >= base && i - base < count;
        *out = known ? ical_set_at(w->after.set, i - base) : 0;
        return known;
    }
    int64_t day = day_of(old) + w->days;
    (void)series_plan_find(&w->after, day * ICAL_DAY, &i);
    *out = i < count ? ical_set_at(w->after.set, i) : 0;
    return i < count && day_of(*out) == day;
}

static void put_place(struct work *w, struct field_set *set, int64_t wall, bool with_due)
{
    struct value place = value_text(series_place(w->c, &w->after.start, wall));
    struct value due[FIELD_MAX_COLUMNS];
    field_set_put(set, w->m.activity, w->m.recurrence_id, &place);
    if (with_due && series_due(w->c, &w->after.start, wall, due) == 0) {
        field_set_put(set, w->m.activity, w->m.due, due);
    }
}

/* ---- Writing --------------------------------------------------------------------------------- */

static bool has_same(const struct field *f, const struct record *x, const struct record *y)
{
    bool same = true;
    for (size_t k = 0; k < f->column_count; k++) {
        same = same && value_equal(record_values(x, f)[k], record_values(y, f)[k]);
    }
    return same;
}

/* What was changed, for another occurrence: all but what is its own; of an exception, but what differs
 * there. */
static struct field_set *shared_set(struct work *w, const struct record *r, bool differs)
{
    const struct entity *e = w->m.activity;
    struct field_set *set = field_set_new(w->c->arena, e);
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        if (w->set->given[f->index] && !series_is_own(&w->m, f) &&
            (!differs || has_same(f, r, w->x))) {
            field_set_put(set, e, f, field_set_values(w->set, e, f));
        }
    }
    field_set_put(set, e, w->m.exception, record_values(r, w->m.exception));
    return set;
}

static int write_one(struct work *w, struct record *r, struct field_set *set)
{
    struct written done = {0};
    w->c->along = true;
    int rc = write_change(w->c, r, set, &done);
    w->c->along = false;
    return rc != 0 || w->c->err.code != ERR_NONE ? -1 : 0;
}

/* Was it moved alone, away from its place? */
static bool is_moved(struct work *w, const struct record *r, int64_t place)
{
    struct value due[FIELD_MAX_COLUMNS];
    return series_due(w->c, &w->before.start, place, due) != 0 ||
           !value_equal(due[0], record_value(r, w->m.due));
}

/* One other occurrence. What an exception has of its own it keeps. What stands before the series as it
 * runs since those that follow were changed keeps its time when all are: it has no place in it any
 * more. */
static int change_one(struct work *w, struct record *r)
{
    bool differs = record_value(r, w->m.exception).kind == VALUE_INT &&
                   record_value(r, w->m.exception).i != 0;
    struct field_set *set = shared_set(w, r, differs);
    int64_t old = 0, wall = 0;
    size_t at;
    field_set_put(set, w->m.activity, w->m.exception, record_values(r, w->m.exception));
    (void)read_place(text_of(r, w->m.recurrence_id), &old);
    bool planned = series_plan_find(&w->before, old, &at) || stands_before(w, old);
    if ((w->moves || w->other_rule) && planned) {
        if (new_wall(w, old, &wall)) {
            put_place(w, set, wall, !differs || !is_moved(w, r, old));
        } else if (!differs) {
            return record_trash_in(w->c, r);
        }
    }
    return w->c->err.code != ERR_NONE ? -1 : write_one(w, r, set);
}

static int change_others(struct work *w)
{
    for (size_t i = 0; i < w->count; i++) {
        if (is_taken(w, i) && change_one(w, w->list[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

/* The one somebody has in hand: what he said, and its place. */
static int change_x(struct work *w, struct written *out)
{
    bool done = record_value(w->x, w->m.done_at).kind == VALUE_INT;
    int64_t wall = w->place.wall;
    struct value no = value_int(0);
    if (w->moves || w->other_rule) {
        bool fits = new_wall(w, w->place.wall, &wall);
        w->set->given[w->m.due->index] = w->set->given[w->m.due->index] && !done;
        if (fits && !done) {
            put_place(w, w->set, wall, w->moves);
            field_set_put(w->set, w->m.activity, w->m.exception, &no);
        }
    }
    if (!w->set->given[w->m.exception->index]) {
        field_set_put(w->set, w->m.activity, w->m.exception,
                      record_values(w->x, w->m.exception));
    }
    return write_change(w->c, w->x, w->set, out);
}

/* Another rule makes what is missing: what was deleted alone is not, it stays away. */
static int find_holes(struct work *w)
{
    struct ctx *c = w->c;
    struct record **list = NULL;
    const char *left_out = series_left_out(&w->m, w->series);
    struct buf holes = {0};
    size_t count = 0;
    int64_t made;
    if (!w->other_rule || !read_place(w->made, &made)) {
        return 0;
    }
    if (series_occurrences(c, &w->m, w->series->id, true, &list, &count) != 0) {
        return -1;
    }
    for (size_t i = 0; i < ical_set_count(w->before.set); i++) {
        int64_t wall = ical_set_at(w->before.set, i);
        const char *place = series_place(c, &w->before.start, wall);
        if (wall <= made && series_instant(&w->before.start, wall) > c->now_ms / 1000 &&
            !series_leaves_out(left_out, place) && !series_is_there(&w->m, list, count, wall)) {
            buf_puts(&holes, holes.size > 0 ? " " : "");
            buf_puts(&holes, place);
        }
    }
    w->holes = holes.size > 0 ? arena_strdup(c->arena, buf_text(&holes)) : NULL;
    buf_done(&holes);
    return 0;
}

/* The times that are left out move like those that are not. */
static const char *move_left_out(struct work *w)
{
    const char *at = series_left_out(&w->m, w->series);
    if (w->holes != NULL) {
        at = arena_printf(w->c->arena, "%s %s", at != NULL ? at : "", w->holes);
        at += strspn(at, " ");
    }
    struct buf moved = {0};
    while (at != NULL && *at != '\0') {
        size_t n = strcspn(at, " ");
        int64_t old = 0, wall = 0;
        if (read_place(arena_strndup(w->c->arena, at, n), &old) && new_wall(w, old, &wall)) {
            buf_puts(&moved, moved.size > 0 ? " " : "");
            buf_puts(&moved, series_place(w->c, &w->after.start, wall));
        }
        at += n;
        at += strspn(at, " ");
    }
    const char *text = at != NULL ? arena_strdup(w->c->arena, buf_text(&moved)) : NULL;
    buf_done(&moved);
    return text;
}

/* The series itself, and the place it is made up to. */
static int change_series(struct work *w, const struct record *pattern)
{
    int64_t old = 0, made = 0;
    if ((!w->moves && !w->other_rule) || ical_set_count(w->after.set) == 0) {
        return 0; /* or it had ended before what stands in it still */
    }
    size_t due = series_plan_due(w->c, &w->after);
    (void)read_place(w->made, &old);
    if (w->other_rule || !new_wall(w, old, &made)) {
        made = ical_set_at(w->after.set, due > 0 ? due - 1 : 0);
    }
    w->after.left_out = move_left_out(w);
    if (series_save(w->c, &w->m, w->series, w->new_rule, &w->after,
                    series_place(w->c, &w->after.start, made)) != 0) {
        return -1;
    }
    return w->other_rule ? series_make_missing(w->c, &w->m, pattern, w->series->id, &w->after, due)
                         : 0;
}

/* Who is given all of a series has it: he says when the next ones are. */
static int give_series(struct work *w)
{
    const struct field *given = w->m.activity->owner, *kept = w->m.entity->owner;
    struct record *series;
    bool all = w->scope == SERIES_ALL || !begins_before_x(w), changed;
    if (!all || given == NULL || kept == NULL || !w->set->given[given->index]) {
        return 0;
    }
    if (rows_load(w->c->db, w->m.entity, w->series->id, w->c->arena, &series, &w->c->err) != 0) {
        return -1;
    }
    struct field_set *set = field_set_new(w->c->arena, w->m.entity);
    field_set_put(set, w->m.entity, kept, field_set_values(w->set, w->m.activity, given));
    return record_change_in(w->c, series, set, &changed);
}

/* ---- No more --------------------------------------------------------------------------------- */

/* The series ends with the last that stays: x, or what comes before it. */
static int end_series(struct work *w, bool with_x)
{
    struct ical_rule rule;
    if (ical_rule_read(w->rule, &rule, &w->c->err) != 0) {
        return -1;
    }
    rule.count = 0;
    rule.has_until = true;
    rule.until_is_utc = false;
    rule.until_is_day = w->place.is_day;
    size_t stay = w->at + (with_x && w->in_plan);
    rule.until = stay > 0 ? ical_set_at(w->before.set, stay - 1)
                          : w->place.wall - (w->place.is_day ? ICAL_DAY : 1);
    return series_save(w->c, &w->m, w->series, rule_text(w->c, &rule), &w->before, w->made);
}

static int trash_reached(struct work *w)
{
    for (size_t i = 0; i < w->count; i++) {
        if (is_taken(w, i) && record_trash_in(w->c, w->list[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

/* "repeat": null: those that are reached go; x stays, and is alone when it was all. */
static int stop_repeating(struct work *w, struct written *out)
{
    struct value none = value_null();
    bool all = w->scope == SERIES_ALL || !begins_before_x(w);
    if (find_foreign(w, ACTION_DELETE, true) != 0 || trash_reached(w) != 0 ||
        (all ? record_trash_in(w->c, w->series) : end_series(w, true)) != 0) {
        return -1;
    }
    if (all) {
        field_set_put(w->set, w->m.activity, w->m.series, &none);
        field_set_put(w->set, w->m.activity, w->m.recurrence_id, &none);
        field_set_put(w->set, w->m.activity, w->m.exception, &none);
    }
    return write_change(w->c, w->x, w->set, out);
}

/* ---- The two ways in ------------------------------------------------------------------------- */

static int change_many(struct work *w, const struct json *repeat, struct written *out)
{
    struct ctx *c = w->c;
    const struct value *due = field_set_values(w->set, w->m.activity, w->m.due);
    if (load(w) != 0) {
        return -1;
    }
    if (repeat != NULL && repeat->type == JSON_NULL) {
        return stop_repeating(w, out);
    }
    w->moves = w->set->given[w->m.due->index] &&
               (!value_equal(due[0], record_value(w->x, w->m.due)) ||
                !value_equal(due[2], record_values(w->x, w->m.due)[2]));
    w->new_rule = w->rule;
    if (repeat != NULL && (w->new_rule = series_rule(c, repeat->text, w->place.is_day)) == NULL) {
        return -1;
    }
    w->other_rule = repeat != NULL && strcmp(w->new_rule, w->rule) != 0;
    bool anew = w->moves || w->other_rule;
    if (find_foreign(w, ACTION_EDIT, anew) != 0 || (anew && plan(w) != 0) || find_holes(w) != 0 ||
        change_others(w) != 0 || change_x(w, out) != 0 || c->err.code != ERR_NONE) {
        return -1;
    }
    return change_series(w, out->record) != 0 ? -1 : give_series(w);
}

int series_change(struct ctx *c, struct record *before, struct field_set *set,
                  const struct json *repeat, enum series_scope scope, struct written *out)
{
    struct work w = {.c = c, .x = before, .set = set, .scope = scope};
    bool can = series_model(c, before->entity, &w.m);
    bool one_of = can && record_value(before, w.m.series).kind == VALUE_INT;
    if (repeat != NULL && repeat->type != JSON_NULL && repeat->type != JSON_STRING) {
        return err_add(&c->err, c->arena, ERR_INVALID, "activity." SERIES_REPEAT,
                       "The rule is a text like FREQ=WEEKLY;BYDAY=MO, or null.");
    }
    if (one_of && repeat != NULL && scope == SERIES_THIS) {
        return err_add(&c->err, c->arena, ERR_INVALID, "activity." SERIES_REPEAT,
                       "How it repeats concerns more than one: say scope=following or scope=all.");
    }
    if (one_of && scope != SERIES_THIS) {
        int rc = change_many(&w, repeat, out);
        out->left = w.left;
        return rc;
    }
    if (write_change(c, before, set, out) != 0 || c->err.code != ERR_NONE) {
        return -1;
    }
    return can && repeat != NULL && repeat->type == JSON_STRING
               ? series_begin(c, &w.m, out, repeat->text)
               : 0;
}

int series_remove(struct ctx *c, struct record *r, enum series_scope scope, size_t *left)
{
    struct work w = {.c = c, .x = r, .scope = scope};
    *left = 0;
    if (scope == SERIES_THIS || !series_model(c, r->entity, &w.m) ||
        record_value(r, w.m.series).kind != VALUE_INT) {
        return record_trash_in(c, r);
    }
    if (load(&w) != 0) {
        return -1;
    }
    bool all = scope == SERIES_ALL || !begins_before_x(&w);
    if (find_foreign(&w, ACTION_DELETE, true) != 0 || trash_reached(&w) != 0 ||
        record_trash_in(c, r) != 0) {
        return -1;
    }
    *left = w.left;
    return all ? record_trash_in(c, w.series) : end_series(&w, false);
}
