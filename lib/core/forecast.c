/*
 * The forecast: see forecast.h. Two questions to the store for each side (now, and a week before):
 * what was won by the month it was won in, and what is open by the month it is to close in. How
 * sure an open record is says its own field `forecast`, else its stage.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "core/build.h"
#include "core/forecast_parts.h"

#define GROUPS_MAX     200
#define MONTHS_DEFAULT 6

const char *const BYS[] = {"month", "owner", "team"};

/* ---- What is asked --------------------------------------------------------------------------- */

int forecast_scope(struct ctx *c, const char *pipeline, const struct pipeline **p,
                   const struct entity **e)
{
    bool named = pipeline != NULL && *pipeline != '\0';
    *p = named ? model_pipeline_find(c->model, pipeline) : NULL;
    *e = !named ? model_entity_find(c->model, ENTITY_DEAL) : *p != NULL ? (*p)->entity : NULL;
    if (*e == NULL || (*e)->stage == NULL || !ctx_may(c, ACTION_SEE, *e)) {
        return ctx_fail(c, ERR_NOT_FOUND, "", "There is no pipeline of this name.");
    }
    return 0;
}

static int read_months(struct outlook *f, const struct forecast_wish *w)
{
    struct ctx *c = f->c;
    f->from = month_parse(arena_strndup(c->arena, f->today, 7), false);
    if (w->from != NULL && *w->from != '\0') {
        f->from = month_parse(w->from, false);
    }
    f->to = f->from + MONTHS_DEFAULT - 1;
    if (w->to != NULL && *w->to != '\0') {
        f->to = month_parse(w->to, true);
    }
    if (f->from < 0 || f->to < 0) {
        return ctx_fail(c, ERR_MALFORMED, f->from < 0 ? "from" : "to",
                        "Say a month like 2026-11, a quarter like 2026-Q4 or a year like 2026.");
    }
    if (f->to < f->from || f->to - f->from >= FORECAST_MONTHS_MAX) {
        return ctx_fail(c, ERR_MALFORMED, "to", "A forecast is of 1 to %d months.",
                        FORECAST_MONTHS_MAX);
    }
    f->month_count = (size_t)(f->to - f->from) + 1;
    return 0;
}

static int read_by(struct outlook *f, const char *by)
{
    for (size_t i = 0; by != NULL && *by != '\0' && i < COUNT(BYS); i++) {
        if (strcmp(by, BYS[i]) == 0) {
            f->by = (enum by)i;
            f->group_by = f->by == BY_OWNER  ? f->entity->owner
                          : f->by == BY_TEAM ? f->entity->team
                                             : NULL;
            by = NULL;
        }
    }
    if ((by != NULL && *by != '\0') || (f->by != BY_MONTH && f->group_by == NULL)) {
        return ctx_fail(f->c, ERR_MALFORMED, "by", "A forecast is by month, owner or team.");
    }
    return 0;
}

/* Which fields say what; some of them the reader must see. */
static int find_fields(struct outlook *f)
{
    struct ctx *c = f->c;
    const struct entity *e = f->entity;
    f->close = entity_field_find(e, CLOSE_FIELD);
    f->won = keep_follower(e, FOLLOWS_WON);
    f->sure = entity_field_find(e, FORECAST_FIELD);
    if (f->sure != NULL && (f->sure->column_count == 0 || !access_sees(c, f->sure))) {
        f->sure = NULL;
    }
    if (f->close == NULL || f->close->column_count == 0 || f->won == NULL) {
        return ctx_fail(c, ERR_NOT_FOUND, "", "%s have no forecast.", e->label_plural);
    }
    const struct field *needed[] = {e->stage, e->pipeline, f->close, f->won, f->group_by};
    for (size_t i = 0; i < COUNT(needed); i++) {
        if (needed[i] != NULL && !access_sees(c, needed[i])) {
            return ctx_fail(c, ERR_FORBIDDEN, "", "You may not see %s of %s.", needed[i]->label,
                            e->label_plural);
        }
    }
    f->amount = board_measures(c, e, f->measures);
    f->measure_count = f->amount != NULL ? COUNT(f->measures) : 0;
    return 0;
}

/* The moment: the present, or the end of a past one; and a week before. */
static int read_moment(struct outlook *f, const char *as_of)
{
    struct ctx *c = f->c;
    int64_t before = 0, week_ms = 0;
    f->at_ms = c->now_ms;
    if (as_of != NULL && clock_is_date(as_of)) {
        clock_date_end(as_of, &f->at_ms);
        f->at_ms--;
    } else if (as_of != NULL && *as_of != '\0' && clock_parse_instant(as_of, &f->at_ms) != 0) {
        return ctx_fail(c, ERR_MALFORMED, "as_of",
                        "“%.60s” is neither a date nor a time like “2026-11-21T14:05:00Z”.", as_of);
    }
    clock_date_of(f->at_ms, f->today);
    clock_date_from_days(clock_days_of(f->today) - 7, f->week);
    clock_date_end(f->week, &week_ms);
    if (ctx_db(c) == NULL || record_as_of(c, as_of, &f->set) != 0 ||
        change_at(c->db, week_ms - 1, &before, &c->err) != 0) {
        return -1;
    }
    f->week_set = before == 0 ? -1 : before;
    return 0;
}

/* ---- Figures --------------------------------------------------------------------------------- */

static void group_init(struct outlook *f, struct group *g, int64_t id)
{
    size_t n = f->month_count + SLOTS_MORE;
    *g = (struct group){.id = id,
                        .now = ARENA_ARRAY(f->c->arena, struct cell, n),
                        .last = ARENA_ARRAY(f->c->arena, struct cell, n)};
}

static struct group *group_of(struct outlook *f, int64_t id)
{
    for (size_t i = 0; i < f->group_count; i++) {
        if (f->groups[i].id == id) {
            return &f->groups[i];
        }
    }
    if (f->group_count == GROUPS_MAX) {
        f->groups_more = true;
        return NULL;
    }
    struct group *g = &f->groups[f->group_count++];
    group_init(f, g, id);
    return g;
}

void cell_add(struct cell *cell, int figure, int64_t count, struct value sum)
{
    cell->count[figure] += count;
    if (sum.kind == VALUE_TEXT ||
        (sum.kind == VALUE_INT &&
         __builtin_add_overflow(cell->sum[figure], sum.i, &cell->sum[figure]))) {
        cell->wide = true;
    }
}

static size_t slot_of(const struct outlook *f, struct value month)
{
    int m = month.kind == VALUE_TEXT ? month_parse(month.s, false) : -1;
    return m < 0         ? f->month_count + SLOT_UNDATED
           : m < f->from ? f->month_count + SLOT_BEFORE
           : m > f->to   ? f->month_count + SLOT_AFTER
                         : (size_t)(m - f->from);
}

enum { KEY_MONTH, KEY_STAGE, KEY_PIPELINE, KEY_SURE, KEY_GROUP, KEYS_COUNT };

static enum forecast sure_of(const struct outlook *f, const struct cube_row *row)
{
    const struct value own = row->keys[KEY_SURE], stage = row->keys[KEY_STAGE],
                       pipeline = row->keys[KEY_PIPELINE];
    for (size_t i = FORECAST_OMITTED; own.kind == VALUE_TEXT && i < FORECAST_COUNT; i++) {
        if (strcmp(own.s, FORECASTS[i]) == 0) {
            return (enum forecast)i;
        }
    }
    const struct pipeline *p =
        pipeline.kind == VALUE_TEXT ? model_pipeline_find(f->c->model, pipeline.s) : NULL;
    const struct stage *s =
        p != NULL && stage.kind == VALUE_TEXT ? pipeline_stage_find(p, stage.s) : NULL;
    return s != NULL ? s->forecast : FORECAST_PIPELINE;
}

static void take_row(struct outlook *f, const struct cube_row *row, bool won, bool last)
{
    const struct value none = value_null();
    size_t slot = slot_of(f, row->keys[KEY_MONTH]);
    int figure = won ? FIG_WON : (int)sure_of(f, row);
    struct group *groups[] = {&f->total, NULL};
    if (f->by != BY_MONTH) {
        const struct value id = row->keys[KEY_GROUP];
        groups[1] = group_of(f, id.kind == VALUE_INT ? id.i : 0);
    }
    for (size_t i = 0; i < COUNT(groups) && groups[i] != NULL; i++) {
        struct cell *cell = &(last ? groups[i]->last : groups[i]->now)[slot];
        cell_add(cell, figure, row->count, f->amount != NULL ? row->sums[0] : none);
        if (!won && figure != FORECAST_OMITTED) {
            cell_add(cell, FIG_WEIGHTED, row->count, f->amount != NULL ? row->sums[1] : none);
        }
    }
}

/* Conditions of our own, in the language: made with all rights. */
static int compile_own(struct outlook *f, const char *text, const struct expr **out)
{
    struct ctx *c = f->c;
    return expr_compile(c->arena, c->model, f->entity, NULL, text, KIND_BOOL, out, &c->err);
}

static const char *won_condition(const struct outlook *f)
{
    char from[CLOCK_DATE_SIZE], end[CLOCK_DATE_SIZE];
    month_day(f->from, from);
    month_day(f->to + 1, end);
    return arena_printf(f->c->arena, "%s.kind = \"won\" and %s >= \"%s\" and %s < \"%s\"",
                        f->entity->stage->name, f->won->name, from, f->won->name, end);
}

static int read_kind(struct outlook *f, bool won, bool last)
{
    struct ctx *c = f->c;
    struct arena *a = c->arena;
    const struct entity *e = f->entity;
    const char *text = won ? won_condition(f)
                           : arena_printf(a, "%s.kind = \"open\"", e->stage->name);
    struct list_spec spec = {
        .entity = e, .action = ACTION_SEE, .as_of = last ? f->week_set : f->set};
    if (spec.as_of < 0) {
        return 0;
    }
    if (compile_own(f, text, &spec.filter) != 0) {
        return -1;
    }
    if (f->pipeline != NULL) {
        spec.filter = expr_and(
            a, build_compare(a, e->pipeline, EXPR_EQ, value_text(f->pipeline->id)), spec.filter);
    }
    spec.filter = expr_and(a, spec.filter, f->filter);
    const struct cube_key keys[KEYS_COUNT] = {
        [KEY_MONTH] = {build_field(a, won ? f->won : f->close), true},
        [KEY_STAGE] = {build_field(a, e->stage), false},
        [KEY_PIPELINE] = {build_field(a, e->pipeline), false},
        [KEY_SURE] = {build_field(a, f->sure != NULL ? f->sure : e->stage), false},
        [KEY_GROUP] = {build_field(a, f->group_by != NULL ? f->group_by : e->stage), false}};
    struct who who = ctx_who(c);
    struct cube_row *rows = NULL;
    size_t count = 0;
    if (query_cube(c->db, &who, &spec, keys, KEYS_COUNT, f->measures, f->measure_count, a, &rows,
                   &count, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        take_row(f, &rows[i], won, last);
    }
    return 0;
}

/* ---- Groups ---------------------------------------------------------------------------------- */

/* Who has a target is there with nothing, too. */
static void add_people(struct outlook *f)
{
    const int64_t *ids = NULL;
    size_t count = f->by == BY_OWNER ? target_people(f->book, &ids) : target_teams(f->book, &ids);
    for (size_t i = 0; f->filter == NULL && i < count; i++) {
        struct target_of whom = outlook_whose(f, &(struct group){.id = ids[i]});
        bool any = false;
        for (int m = f->from; m <= f->to && !any; m++) {
            struct target_goal goal = target_goal_of(f->book, whom, m);
            any = goal.has_money || goal.has_count;
        }
        if (any && outlook_tells(f, whom)) {
            group_of(f, ids[i]);
        }
    }
}

static int name_groups(struct outlook *f)
{
    struct ctx *c = f->c;
    struct who who = ctx_who(c);
    int64_t *ids = ARENA_ARRAY(c->arena, int64_t, f->group_count + 1);
    struct title_row *titles = ARENA_ARRAY(c->arena, struct title_row, f->group_count + 1);
    for (size_t i = 0; i < f->group_count; i++) {
        ids[i] = f->groups[i].id;
    }
    if (f->group_count > 0 && query_titles(c->db, &who, ids, f->group_count, c->arena, titles,
                                           &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < f->group_count; i++) {
        f->groups[i].title = print_target(&titles[i]);
    }
    return 0;
}

static int by_title(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    const char *left = x->title.text, *right = y->title.text;
    if ((left == NULL) != (right == NULL)) {
        return left == NULL ? 1 : -1;
    }
    int order = left != NULL ? strcmp(left, right) : 0;
    return order != 0 ? order : (x->id > y->id) - (x->id < y->id);
}

static bool is_bare(const struct cell *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (int k = 0; k < FIG_COUNT; k++) {
            if (cells[i].count[k] != 0) {
                return false;
            }
        }
    }
    return true;
}

int forecast_print(struct ctx *c, const struct forecast_wish *wish, struct buf *out)
{
    struct outlook f = {.c = c};
    if (forecast_scope(c, wish->pipeline, &f.pipeline, &f.entity) != 0 || read_moment(&f, wish->as_of) != 0 ||
        read_months(&f, wish) != 0 || read_by(&f, wish->by) != 0 || find_fields(&f) != 0 ||
        list_filter(c, f.entity, wish->filter, &f.filter) != 0 ||
        target_book_read(c, f.entity, f.pipeline, &f.book) != 0) {
        return -1;
    }
    group_init(&f, &f.total, 0);
    f.groups = ARENA_ARRAY(c->arena, struct group, GROUPS_MAX);
    for (int i = 0; i < 4; i++) {
        if (read_kind(&f, i % 2 == 0, i >= 2) != 0) {
            return -1;
        }
    }
    /* Before the first record there is nothing to compare with. */
    f.week_set = is_bare(f.total.last, f.month_count + SLOTS_MORE) ? -1 : f.week_set;
    if (f.by != BY_MONTH) {
        add_people(&f);
        if (name_groups(&f) != 0) {
            return -1;
        }
        qsort(f.groups, f.group_count, sizeof *f.groups, by_title);
    }
    outlook_print(&f, out);
    return 0;
}
