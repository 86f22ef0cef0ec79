/* The forecast as JSON, with the targets the reader may know; see forecast.h. */
#include "base/str.h"
#include "core/forecast_parts.h"

static const char *const FIGURES[FIG_COUNT] = {
    [FIG_WON] = "won",
    [FORECAST_OMITTED] = "omitted",
    [FORECAST_PIPELINE] = "pipeline",
    [FORECAST_BEST] = "best",
    [FORECAST_COMMIT] = "commit",
    [FIG_WEIGHTED] = "weighted",
};
static const char *const SLOTS[SLOTS_MORE] = {
    [SLOT_BEFORE] = "before", [SLOT_AFTER] = "after", [SLOT_UNDATED] = "undated"};

/* ---- Whose targets --------------------------------------------------------------------------- */

static enum scope scope_of(const struct outlook *f)
{
    const struct role *role = f->c->actor.role;
    return role == NULL ? SCOPE_ALL : role->rights[f->entity->index].scope[ACTION_SEE];
}

bool outlook_tells(const struct outlook *f, struct target_of whom)
{
    const struct actor *me = &f->c->actor;
    enum scope scope = scope_of(f);
    if (scope == SCOPE_ALL || (whom.person != 0 && whom.person == me->user)) {
        return true;
    }
    int64_t team = whom.person != 0 ? target_team_of(f->book, whom.person) : whom.team;
    return scope == SCOPE_TEAM && team != 0 && team == me->team;
}

/* `owner = 12`, `owner = me`, `team = my_team`: a filter that asks for all of somebody. */
static bool is_of_somebody(const struct outlook *f, struct target_of *out)
{
    const struct actor *me = &f->c->actor;
    int64_t id = 0;
    const struct field *link = expr_one_link(f->filter, me->user, me->team, &id);
    out->person = link != NULL && link == f->entity->owner ? id : 0;
    out->team = link != NULL && link == f->entity->team ? id : 0;
    return out->person != 0 || out->team != 0;
}

/* Whose target stands beside all figures together; false: a filter asks for other records. */
static bool whose_total(const struct outlook *f, struct target_of *out)
{
    *out = (struct target_of){0};
    if (f->filter != NULL) {
        return is_of_somebody(f, out);
    }
    enum scope scope = scope_of(f);
    if (scope == SCOPE_TEAM) {
        out->team = f->c->actor.team;
    } else if (scope == SCOPE_OWN) {
        out->person = f->c->actor.user;
    }
    return scope == SCOPE_ALL || out->team != 0 || out->person != 0;
}

struct target_of outlook_whose(const struct outlook *f, const struct group *g)
{
    return f->by == BY_OWNER ? (struct target_of){.person = g->id}
                             : (struct target_of){.team = g->id};
}

/* ---- The answer ------------------------------------------------------------------------------ */

static void print_amount(const struct outlook *f, struct json_writer *w, const char *key,
                         int64_t sum)
{
    struct buf text = {0};
    print_sum(f->c, &text, value_int(sum));
    jw_key(w, key);
    jw_object(w);
    jw_kv_text(w, "value", buf_text(&text));
    jw_kv_text(w, "currency", f->c->model->company.currency);
    jw_object_end(w);
    buf_done(&text);
}

static void print_amount_or_null(const struct outlook *f, struct json_writer *w, const char *key,
                                 bool known, int64_t sum)
{
    if (known) {
        print_amount(f, w, key, sum);
    } else {
        jw_key(w, key);
        jw_null(w);
    }
}

static void print_figures(const struct outlook *f, struct json_writer *w, const struct cell *cell)
{
    for (int i = 0; i < FIG_COUNT; i++) {
        if (f->amount != NULL) {
            print_amount_or_null(f, w, FIGURES[i], !cell->wide, cell->sum[i]);
        }
        if (i != FIG_WEIGHTED) {
            jw_kv_int(w, arena_printf(f->c->arena, "%s_count", FIGURES[i]), cell->count[i]);
        }
    }
}

/* What it comes to when the rest of these months goes like the days of them that are over. */
static bool pace_of(const struct outlook *f, int from, int to, int64_t won, int64_t *out)
{
    char first[CLOCK_DATE_SIZE], end[CLOCK_DATE_SIZE];
    month_day(from, first);
    month_day(to + 1, end);
    int64_t all = clock_days_of(end) - clock_days_of(first);
    int64_t over = clock_days_of(f->today) - clock_days_of(first) + 1;
    int64_t product = 0;
    if (over < 1 || over > all || __builtin_mul_overflow(won, all, &product)) {
        return false;
    }
    *out = (product + (product < 0 ? -over / 2 : over / 2)) / over;
    return true;
}

static void print_goal(const struct outlook *f, struct json_writer *w, const struct cell *cell,
                       const struct target_goal *goal)
{
    int64_t sure = 0, gap = 0;
    bool money = goal->has_money && f->amount != NULL;
    bool known = money && !cell->wide &&
                 !__builtin_add_overflow(cell->sum[FIG_WON], cell->sum[FORECAST_COMMIT], &sure) &&
                 !__builtin_sub_overflow(goal->money, sure, &gap);
    print_amount_or_null(f, w, "target", money, goal->money);
    print_amount_or_null(f, w, "gap", known, gap);
    if (goal->has_count) {
        jw_kv_int(w, "target_count", goal->count);
        jw_kv_int(w, "gap_count",
                  goal->count - cell->count[FIG_WON] - cell->count[FORECAST_COMMIT]);
    }
}

/* One cell: months from..to, with the same a week ago. */
static void print_cell(const struct outlook *f, struct json_writer *w, const struct cell *now,
                       const struct cell *last, const struct target_goal *goal, int from, int to)
{
    int64_t pace = 0;
    print_figures(f, w, now);
    print_goal(f, w, now, goal);
    if (f->amount != NULL && !now->wide && pace_of(f, from, to, now->sum[FIG_WON], &pace)) {
        print_amount(f, w, "pace", pace);
    }
    jw_key(w, "last");
    if (f->week_set < 0) {
        jw_null(w);
        return;
    }
    jw_object(w);
    print_figures(f, w, last);
    jw_object_end(w);
}

static void add_cell(struct cell *to, const struct cell *cell)
{
    to->wide |= cell->wide;
    for (int i = 0; i < FIG_COUNT; i++) {
        cell_add(to, i, cell->count[i], value_int(cell->sum[i]));
    }
}

static void add_goal(struct target_goal *to, const struct target_goal *goal)
{
    to->has_money |= goal->has_money;
    to->has_count |= goal->has_count;
    to->money += goal->money;
    to->count += goal->count;
}

static void print_months(const struct outlook *f, struct json_writer *w, const struct group *g,
                         bool told, struct target_of whom)
{
    struct cell now = {0}, last = {0};
    struct target_goal all = {0};
    jw_key(w, "months");
    jw_array(w);
    for (size_t i = 0; i < f->month_count; i++) {
        char month[11];
        int m = f->from + (int)i;
        struct target_goal goal = {0};
        if (told) {
            goal = target_goal_of(f->book, whom, m);
        }
        month_print(m, month);
        jw_object(w);
        jw_kv_text(w, "month", month);
        print_cell(f, w, &g->now[i], &g->last[i], &goal, m, m);
        jw_object_end(w);
        add_cell(&now, &g->now[i]);
        add_cell(&last, &g->last[i]);
        add_goal(&all, &goal);
    }
    jw_array_end(w);
    jw_key(w, "total");
    jw_object(w);
    print_cell(f, w, &now, &last, &all, f->from, f->to);
    jw_object_end(w);
    for (size_t i = 0; i < SLOTS_MORE; i++) {
        jw_key(w, SLOTS[i]);
        jw_object(w);
        print_figures(f, w, &g->now[f->month_count + i]);
        jw_object_end(w);
    }
}

static void print_groups(struct outlook *f, struct json_writer *w)
{
    jw_key(w, "groups");
    jw_array(w);
    for (size_t i = 0; i < f->group_count; i++) {
        const struct group *g = &f->groups[i];
        struct target_of whom = outlook_whose(f, g);
        jw_object(w);
        jw_kv_text(w, "title", g->title.text);
        jw_key(w, "id");
        if (g->id != 0) {
            jw_int(w, g->id);
        } else {
            jw_null(w);
        }
        print_months(f, w, g, g->id != 0 && f->filter == NULL && outlook_tells(f, whom), whom);
        jw_object_end(w);
    }
    jw_array_end(w);
    if (f->groups_more) {
        jw_kv_bool(w, "groups_more", true);
    }
}

void outlook_print(struct outlook *f, struct buf *out)
{
    struct json_writer writer, *w = &writer;
    struct target_of whom;
    char month[11];
    bool told = whose_total(f, &whom);
    jw_init(w, out);
    jw_object(w);
    jw_kv_text(w, "pipeline", f->pipeline != NULL ? f->pipeline->id : NULL);
    jw_kv_text(w, "entity", f->entity->name);
    jw_kv_text(w, "by", BYS[f->by]);
    month_print(f->from, month);
    jw_kv_text(w, "from", month);
    month_print(f->to, month);
    jw_kv_text(w, "to", month);
    jw_kv_text(w, "today", f->today);
    jw_kv_text(w, "last_on", f->week_set < 0 ? NULL : f->week);
    jw_kv_text(w, "currency", f->c->model->company.currency);
    jw_kv_bool(w, "targets", target_is_any(f->book));
    print_months(f, w, &f->total, told && outlook_tells(f, whom), whom);
    if (f->by != BY_MONTH) {
        print_groups(f, w);
    }
    jw_object_end(w);
}
