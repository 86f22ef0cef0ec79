/*
 * What changed in pipelines since a day: the records that were touched are read twice, as they were
 * and as they are, and told by what differs. So what was done and undone in between is nothing, and
 * a record that moved twice moved once. See forecast.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "core/build.h"
#include "core/forecast.h"

#define TOUCHED_MAX 50000

enum kind {
    KIND_NEW_ONE,
    KIND_WON,
    KIND_LOST,
    KIND_MOVED,
    KIND_WORTH,
    KIND_LATER,
    KIND_SOONER,
    KIND_GONE,
    KINDS_COUNT
};
static const char *const KINDS[] = {"new",    "won",     "lost",   "moved",
                                    "amount", "slipped", "sooner", "removed"};

enum { PART_STAGE, PART_PIPELINE, PART_AMOUNT, PART_CLOSE, PART_FITS, PARTS_COUNT };

struct state { /* a record at one of the two moments */
    int64_t id, owner, amount;
    const char *pipeline, *stage, *close; /* NULL: empty */
    enum stage_kind kind;
    bool fits; /* the filter */
};

struct states {
    struct changed *of;
    struct state *list; /* in order of id */
    size_t count, room;
};

struct told { /* one line of a kind */
    const struct state *before, *now; /* NULL: not there */
};

struct changed {
    struct ctx *c;
    const struct entity *entity;
    const struct pipeline *pipeline;
    const struct field *amount, *close;
    const struct expr *parts[PARTS_COUNT];
    int64_t since_ms, since_set, until_set; /* sets: -1 nothing was there; until 0: now */
    int64_t limit;
    struct states before, now;
    struct told *told[KINDS_COUNT];
    size_t counts[KINDS_COUNT];
    int64_t sums[KINDS_COUNT];
    bool wide[KINDS_COUNT];
};

/* ---- The two moments ------------------------------------------------------------------------- */

/* Monday of the week of a day. */
static void week_start(const char *today, char out[CLOCK_DATE_SIZE])
{
    int64_t days = clock_days_of(today);
    clock_date_from_days(days - (((days + 3) % 7) + 7) % 7, out);
}

static int read_since(struct changed *k, const char *since)
{
    struct ctx *c = k->c;
    char day[CLOCK_DATE_SIZE];
    clock_date_of(c->now_ms, day);
    week_start(day, day);
    if (since == NULL || *since == '\0') {
        since = day;
    }
    if (clock_is_date(since)) {
        clock_date_start(since, &k->since_ms);
        k->since_ms--;
    } else if (clock_parse_instant(since, &k->since_ms) != 0) {
        return ctx_fail(c, ERR_MALFORMED, "since",
                        "“%.60s” is neither a date nor a time like “2026-11-21T14:05:00Z”.", since);
    }
    if (ctx_db(c) == NULL || change_at(c->db, k->since_ms, &k->since_set, &c->err) != 0) {
        return -1;
    }
    k->since_set = k->since_set == 0 ? -1 : k->since_set;
    return 0;
}

static char *text_of(struct arena *a, struct value v)
{
    return v.kind == VALUE_TEXT && v.n > 0 ? arena_strndup(a, v.s, v.n) : NULL;
}

static int take_state(void *data, const struct list_row *row)
{
    struct states *list = data;
    const struct changed *k = list->of;
    struct arena *a = k->c->arena;
    struct state *s = &list->list[list->count++];
    const struct value amount = row->extra[PART_AMOUNT], fits = row->extra[PART_FITS];
    *s = (struct state){.id = row->id,
                        .amount = k->amount != NULL && amount.kind == VALUE_INT ? amount.i : 0,
                        .stage = text_of(a, row->extra[PART_STAGE]),
                        .pipeline = text_of(a, row->extra[PART_PIPELINE]),
                        .close = k->close != NULL ? text_of(a, row->extra[PART_CLOSE]) : NULL,
                        .fits = fits.kind == VALUE_INT && fits.i != 0};
    if (row->values != NULL && k->entity->owner != NULL && row->values[0].kind == VALUE_INT) {
        s->owner = row->values[0].i;
    }
    const struct pipeline *p =
        s->pipeline != NULL ? model_pipeline_find(k->c->model, s->pipeline) : NULL;
    const struct stage *stage = p != NULL ? pipeline_stage_find(p, s->stage) : NULL;
    s->kind = stage != NULL ? stage->kind : STAGE_OPEN;
    return 0;
}

static int by_id(const void *a, const void *b)
{
    const struct state *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static int read_states(struct changed *k, const char *among, size_t count, int64_t as_of,
                       struct states *out)
{
    struct ctx *c = k->c;
    const struct field *owner = k->entity->owner;
    bool owned = owner != NULL && access_sees(c, owner);
    const struct list_spec spec = {.entity = k->entity,
                                   .action = ACTION_SEE,
                                   .fields = &owner,
                                   .field_count = owned ? 1 : 0,
                                   .extra = k->parts,
                                   .extra_count = PARTS_COUNT,
                                   .among = among,
                                   .as_of = as_of};
    struct who who = ctx_who(c);
    const char *next = NULL;
    *out = (struct states){.of = k, .list = ARENA_ARRAY(c->arena, struct state, count)};
    if (as_of >= 0 && query_list(c->db, &who, &spec, c->arena, take_state, out, &next,
                                 &c->err) != 0) {
        return -1;
    }
    qsort(out->list, out->count, sizeof *out->list, by_id);
    return 0;
}

static const char *ids_text(struct arena *a, const int64_t *ids, size_t count)
{
    struct buf text = {0};
    buf_putc(&text, '[');
    for (size_t i = 0; i < count; i++) {
        buf_printf(&text, "%s%lld", i > 0 ? "," : "", (long long)ids[i]);
    }
    buf_putc(&text, ']');
    const char *out = arena_strdup(a, buf_text(&text));
    buf_done(&text);
    return out;
}

static int read_both(struct changed *k)
{
    struct ctx *c = k->c;
    const struct column *columns[16];
    const struct field *fields[] = {k->entity->stage, k->entity->pipeline, k->amount, k->close};
    size_t n = 0, count = 0;
    int64_t *ids = NULL;
    for (size_t i = 0; i < COUNT(fields); i++) {
        for (size_t p = 0; fields[i] != NULL && p < fields[i]->column_count; p++) {
            columns[n++] = &fields[i]->columns[p];
        }
    }
    const struct change_span span = {k->since_set > 0 ? k->since_set : 0, k->until_set};
    if (k->until_set < 0) {
        return 0;
    }
    if (change_touched(c->db, k->entity, columns, n, &span, TOUCHED_MAX, c->arena, &ids, &count,
                       &c->err) != 0) {
        return -1;
    }
    const char *among = ids_text(c->arena, ids, count);
    return count > 0 && (read_states(k, among, count, k->since_set, &k->before) != 0 ||
                         read_states(k, among, count, k->until_set, &k->now) != 0)
               ? -1
               : 0;
}

/* ---- What differs ---------------------------------------------------------------------------- */

static void tell(struct changed *k, enum kind kind, const struct told *line, int64_t sum)
{
    size_t n = k->counts[kind]++;
    k->wide[kind] |= __builtin_add_overflow(k->sums[kind], sum, &k->sums[kind]);
    if (n < (size_t)k->limit) {
        k->told[kind][n] = *line;
    }
}

static void tell_stage(struct changed *k, const struct told *line)
{
    const struct state *was = line->before, *now = line->now;
    if (str_eq(was->stage, now->stage) && str_eq(was->pipeline, now->pipeline)) {
        return;
    }
    bool ended = now->kind != STAGE_OPEN && was->kind != now->kind;
    tell(k,
         !ended                    ? KIND_MOVED
         : now->kind == STAGE_WON ? KIND_WON
                                  : KIND_LOST,
         line, now->amount);
}

static void tell_close(struct changed *k, const struct told *line)
{
    const char *was = line->before->close, *now = line->now->close;
    int later = was != NULL && now != NULL && line->now->kind == STAGE_OPEN ? strcmp(now, was) : 0;
    if (later != 0) {
        tell(k, later > 0 ? KIND_LATER : KIND_SOONER, line, line->now->amount);
    }
}

static bool is_of(const struct changed *k, const struct state *s)
{
    return k->pipeline == NULL || (s != NULL && str_eq(s->pipeline, k->pipeline->id));
}

static void tell_one(struct changed *k, const struct told *line)
{
    const struct state *was = line->before, *now = line->now;
    if ((!is_of(k, was) && !is_of(k, now)) || !(now != NULL ? now : was)->fits) {
        return;
    }
    if (now == NULL) {
        tell(k, KIND_GONE, line, was->amount);
        return;
    }
    if (was == NULL) {
        tell(k, KIND_NEW_ONE, line, now->amount);
        if (now->kind != STAGE_OPEN) {
            tell(k, now->kind == STAGE_WON ? KIND_WON : KIND_LOST, line, now->amount);
        }
        return;
    }
    tell_stage(k, line);
    if (was->amount != now->amount) {
        tell(k, KIND_WORTH, line, now->amount - was->amount);
    }
    tell_close(k, line);
}

static void compare(struct changed *k)
{
    size_t i = 0, j = 0;
    while (i < k->before.count || j < k->now.count) {
        const struct state *was = i < k->before.count ? &k->before.list[i] : NULL;
        const struct state *now = j < k->now.count ? &k->now.list[j] : NULL;
        bool first = now == NULL || (was != NULL && was->id <= now->id);
        bool second = was == NULL || (now != NULL && now->id <= was->id);
        const struct told line = {first ? was : NULL, second ? now : NULL};
        tell_one(k, &line);
        i += first;
        j += second;
    }
}

/* ---- The answer ------------------------------------------------------------------------------ */

static void print_amount(const struct changed *k, struct json_writer *w, const char *key,
                         int64_t sum)
{
    struct buf text = {0};
    print_sum(k->c, &text, value_int(sum));
    jw_key(w, key);
    jw_object(w);
    jw_kv_text(w, "value", buf_text(&text));
    jw_kv_text(w, "currency", k->c->model->company.currency);
    jw_object_end(w);
    buf_done(&text);
}

static void print_state(const struct changed *k, struct json_writer *w, const struct state *s,
                        const char *after)
{
    struct arena *a = k->c->arena;
    if (s == NULL) {
        return;
    }
    jw_kv_text(w, arena_printf(a, "stage%s", after), s->stage);
    jw_kv_text(w, arena_printf(a, "pipeline%s", after), s->pipeline);
    if (k->close != NULL) {
        jw_kv_text(w, arena_printf(a, "close_date%s", after), s->close);
    }
    if (k->amount != NULL) {
        print_amount(k, w, arena_printf(a, "amount%s", after), s->amount);
    }
}

/* Names of records and their owners: two of each line. */
static int read_titles(const struct changed *k, const struct told *list, size_t count,
                       struct title_row **out)
{
    struct ctx *c = k->c;
    struct who who = ctx_who(c);
    int64_t *ids = ARENA_ARRAY(c->arena, int64_t, 2 * count + 1);
    *out = ARENA_ARRAY(c->arena, struct title_row, 2 * count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct state *s = list[i].now != NULL ? list[i].now : list[i].before;
        ids[2 * i] = s->id;
        ids[2 * i + 1] = s->owner;
    }
    return count == 0 ? 0
                      : query_titles(c->db, &who, ids, 2 * count, c->arena, *out, &c->err);
}

static int print_lines(const struct changed *k, struct json_writer *w, enum kind kind)
{
    size_t count = k->counts[kind] < (size_t)k->limit ? k->counts[kind] : (size_t)k->limit;
    struct title_row *titles = NULL;
    if (read_titles(k, k->told[kind], count, &titles) != 0) {
        return -1;
    }
    jw_key(w, "items");
    jw_array(w);
    for (size_t i = 0; i < count; i++) {
        const struct told *line = &k->told[kind][i];
        const struct state *s = line->now != NULL ? line->now : line->before;
        const struct link_title owner = print_target(&titles[2 * i + 1]);
        jw_object(w);
        jw_kv_int(w, "id", s->id);
        jw_kv_text(w, "title", titles[2 * i].title);
        jw_key(w, "owner");
        print_link(w, s->owner, &owner);
        print_state(k, w, line->now, "");
        print_state(k, w, line->before, "_before");
        jw_object_end(w);
    }
    jw_array_end(w);
    return 0;
}

static int print_kinds(const struct changed *k, struct json_writer *w)
{
    jw_key(w, "kinds");
    jw_array(w);
    for (enum kind kind = 0; kind < KINDS_COUNT; kind++) {
        jw_object(w);
        jw_kv_text(w, "id", KINDS[kind]);
        jw_kv_int(w, "count", (int64_t)k->counts[kind]);
        if (k->amount != NULL && !k->wide[kind]) {
            print_amount(k, w, "sum", k->sums[kind]);
        }
        if (print_lines(k, w, kind) != 0) {
            return -1;
        }
        jw_object_end(w);
    }
    jw_array_end(w);
    return 0;
}

static int find_parts(struct changed *k, const char *filter)
{
    struct ctx *c = k->c;
    const struct entity *e = k->entity;
    const struct expr *measures[2], *fits = NULL;
    k->close = entity_field_find(e, CLOSE_FIELD);
    if (k->close != NULL && (k->close->column_count == 0 || !access_sees(c, k->close))) {
        k->close = NULL;
    }
    if (!access_sees(c, e->stage) || !access_sees(c, e->pipeline)) {
        return ctx_fail(c, ERR_FORBIDDEN, "", "You may not see the stages of %s.",
                        e->label_plural);
    }
    if (list_filter(c, e, filter, &fits) != 0) {
        return -1;
    }
    k->amount = board_measures(c, e, measures);
    k->parts[PART_STAGE] = build_field(c->arena, e->stage);
    k->parts[PART_PIPELINE] = build_field(c->arena, e->pipeline);
    k->parts[PART_AMOUNT] = k->amount != NULL ? measures[0] : expr_true(c->arena);
    k->parts[PART_CLOSE] =
        k->close != NULL ? build_field(c->arena, k->close) : expr_true(c->arena);
    k->parts[PART_FITS] = fits != NULL ? fits : expr_true(c->arena);
    return 0;
}

int changed_print(struct ctx *c, const struct changed_wish *wish, struct buf *out)
{
    struct changed k = {.c = c, .limit = wish->limit};
    if (forecast_scope(c, wish->pipeline, &k.pipeline, &k.entity) != 0 ||
        find_parts(&k, wish->filter) != 0 || read_since(&k, wish->since) != 0 ||
        record_as_of(c, wish->as_of, &k.until_set) != 0 || read_both(&k) != 0) {
        return -1;
    }
    for (size_t i = 0; i < KINDS_COUNT; i++) {
        k.told[i] = ARENA_ARRAY(c->arena, struct told, (size_t)wish->limit + 1);
    }
    compare(&k);
    char since[CLOCK_INSTANT_SIZE];
    struct json_writer w;
    size_t start = out->size;
    clock_print_instant(k.since_ms + 1, since);
    jw_init(&w, out);
    jw_object(&w);
    jw_kv_text(&w, "entity", k.entity->name);
    jw_kv_text(&w, "since", since);
    if (print_kinds(&k, &w) != 0) {
        out->size = start;
        return -1;
    }
    jw_object_end(&w);
    return 0;
}
