/*
 * How long records stay in the stages of a pipeline, where they go from there and how long it takes
 * to win or lose them: from their stays (stays.h), so that it is right for any past time, too.
 *
 * Times count in seconds; what nobody stayed through has no median (null).
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "core/build.h"
#include "core/parts.h"
#include "core/stages.h"
#include "core/stays.h"

#define YEAR_DAYS 365

/* ---- medians --------------------------------------------------------------------------------- */

struct times {
    int64_t *list;
    size_t count, room;
};

static void times_add(struct arena *a, struct times *t, int64_t ms)
{
    if (t->count == t->room) {
        size_t room = t->room > 0 ? 2 * t->room : 64;
        int64_t *more = ARENA_ARRAY(a, int64_t, room);
        if (t->count > 0) {
            memcpy(more, t->list, t->count * sizeof(*more));
        }
        t->list = more;
        t->room = room;
    }
    t->list[t->count++] = ms;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void print_median(struct json_writer *w, const char *key, struct times *t)
{
    jw_key(w, key);
    if (t->count == 0) {
        jw_null(w);
        return;
    }
    qsort(t->list, t->count, sizeof(*t->list), by_size);
    size_t middle = t->count / 2;
    int64_t ms = t->count % 2 == 1 ? t->list[middle]
                                   : t->list[middle - 1] / 2 + t->list[middle] / 2;
    jw_int(w, ms / 1000);
}

/* ---- a pipeline in a period ------------------------------------------------------------------ */

/* Where one that left a stage went: another open stage further on or before, an end, or another
 * pipeline. */
enum way { WAY_FORWARD, WAY_BACK, WAY_WON, WAY_LOST, WAY_MOVED, WAYS_COUNT };
static const char *const WAYS[] = {"forward", "back", "won", "lost", "moved"};

struct stage_figures {
    int64_t entered, left, ways[WAYS_COUNT], here;
    struct times stays, ages;
};

struct stay_row { /* one stay behind the figures of a stage */
    int64_t record, from_ms, to_ms, ms;
    enum way way;
    const char *pipeline, *stage; /* where it went */
};

struct stay_list {
    const struct stage *of; /* NULL: nothing is listed */
    bool here;              /* those that are there at the end, else those that left */
    struct stay_row *rows;
    size_t count, room;
};

struct report {
    struct walk walk;
    const struct pipeline *pipeline;
    int64_t from_ms, to_ms, now_ms; /* to_ms: the first moment after */
    struct stage_figures *stages;
    int64_t won, lost;
    struct times won_cycles, lost_cycles;
    struct stay_list list;
};

static bool is_within(const struct report *r, int64_t at_ms)
{
    return at_ms >= r->from_ms && at_ms < r->to_ms;
}

static const struct stage *stage_in(const struct report *r, const struct stay *s)
{
    return strcmp(s->pipeline, r->pipeline->id) == 0 ? pipeline_stage_find(r->pipeline, s->stage)
                                                     : NULL;
}

static enum way way_of(const struct stage *from, const struct stage *to)
{
    return to == NULL               ? WAY_MOVED
           : to->kind == STAGE_WON  ? WAY_WON
           : to->kind == STAGE_LOST ? WAY_LOST
           : to > from              ? WAY_FORWARD
                                    : WAY_BACK;
}

static void list_stay(struct report *r, const struct stay_row *row)
{
    struct stay_list *l = &r->list;
    if (l->count == l->room) {
        size_t room = l->room > 0 ? 2 * l->room : 64;
        struct stay_row *more = ARENA_ARRAY(r->walk.c->arena, struct stay_row, room);
        if (l->count > 0) {
            memcpy(more, l->rows, l->count * sizeof(*more));
        }
        l->rows = more;
        l->room = room;
    }
    l->rows[l->count++] = *row;
}

static void note_leaving(struct report *r, const struct stage *stage, int64_t record,
                         const struct stay *s)
{
    struct stage_figures *f = &r->stages[stage - r->pipeline->stages];
    const struct stay *next = s + 1;
    const struct stay_row row = {.record = record,
                                 .from_ms = s->from_ms,
                                 .to_ms = s->to_ms,
                                 .ms = s->to_ms - s->from_ms,
                                 .way = way_of(stage, stage_in(r, next)),
                                 .pipeline = next->pipeline,
                                 .stage = next->stage};
    f->left++;
    f->ways[row.way]++;
    times_add(r->walk.c->arena, &f->stays, row.ms);
    if (r->list.of == stage && !r->list.here) {
        list_stay(r, &row);
    }
}

/* It is there at the end of the period. */
static void note_here(struct report *r, const struct stage *stage, int64_t record,
                      const struct stay *s)
{
    struct stage_figures *f = &r->stages[stage - r->pipeline->stages];
    int64_t until = r->to_ms < r->now_ms ? r->to_ms : r->now_ms;
    const struct stay_row row = {.record = record,
                                 .from_ms = s->from_ms,
                                 .ms = until > s->from_ms ? until - s->from_ms : 0};
    f->here++;
    times_add(r->walk.c->arena, &f->ages, row.ms);
    if (r->list.of == stage && r->list.here) {
        list_stay(r, &row);
    }
}

/* Did it go on in its pipeline after that end, within the period? Then that was none: a deal that is
 * set back and won again was won once. */
static bool is_taken_back(const struct report *r, const struct stay *stays, size_t count, size_t i)
{
    for (size_t k = i + 1; k < count; k++) {
        if (stays[k].from_ms < r->to_ms && stage_in(r, &stays[k]) != NULL) {
            return true;
        }
    }
    return false;
}

/* A record that came in as won or lost had no way there that could be measured. */
static void note_end(struct report *r, const struct stage *s, const struct stay *stays, size_t i)
{
    int64_t ms = stays[i].from_ms - stays[0].from_ms;
    bool won = s->kind == STAGE_WON;
    *(won ? &r->won : &r->lost) += 1;
    if (i > 0) {
        times_add(r->walk.c->arena, won ? &r->won_cycles : &r->lost_cycles, ms);
    }
}

static void take_stays(void *data, const struct moving *m, const struct stay *stays, size_t count)
{
    struct report *r = data;
    for (size_t i = 0; i < count; i++) {
        const struct stay *s = &stays[i];
        const struct stage *stage = stage_in(r, s);
        if (stage == NULL) {
            continue;
        }
        r->stages[stage - r->pipeline->stages].entered += is_within(r, s->from_ms);
        if (s->to_ms != 0 && is_within(r, s->to_ms)) {
            note_leaving(r, stage, m->id, s);
        }
        if (s->from_ms < r->to_ms && (s->to_ms == 0 || s->to_ms >= r->to_ms)) {
            note_here(r, stage, m->id, s);
        }
        if (stage->kind != STAGE_OPEN && is_within(r, s->from_ms) &&
            !is_taken_back(r, stays, count, i)) {
            note_end(r, stage, stays, i);
        }
    }
}

/* Of those that left, how many went on: "62.50" percent; null when none left. */
static void print_conversion(struct json_writer *w, const struct stage_figures *f)
{
    jw_key(w, "conversion");
    if (f->left == 0) {
        jw_null(w);
        return;
    }
    struct buf text = {0};
    int64_t passed = f->ways[WAY_FORWARD] + f->ways[WAY_WON];
    print_scaled(&text, rescale(passed * 100000 / f->left, 3, 2), 2);
    jw_text(w, buf_text(&text));
    buf_done(&text);
}

static void print_stage(struct json_writer *w, const struct stage *s, struct stage_figures *f)
{
    jw_object(w);
    jw_kv_text(w, "id", s->id);
    jw_kv_int(w, "entered", f->entered);
    jw_kv_int(w, "left", f->left);
    for (enum way way = 0; way < WAYS_COUNT; way++) {
        jw_kv_int(w, WAYS[way], f->ways[way]);
    }
    print_conversion(w, f);
    print_median(w, "typical_s", &f->stays);
    jw_kv_int(w, "here", f->here);
    print_median(w, "age_s", &f->ages);
    jw_object_end(w);
}

static void print_end(struct json_writer *w, const char *key, int64_t count, struct times *cycles)
{
    jw_key(w, key);
    jw_object(w);
    jw_kv_int(w, "count", count);
    print_median(w, "cycle_s", cycles);
    jw_object_end(w);
}

static void print_moment(struct json_writer *w, const char *key, int64_t ms)
{
    char text[CLOCK_INSTANT_SIZE];
    clock_print_instant(ms, text);
    jw_kv_text(w, key, text);
}

static void print_report(struct report *r, struct buf *out)
{
    struct json_writer w;
    jw_init(&w, out);
    jw_object(&w);
    print_moment(&w, "from", r->from_ms);
    print_moment(&w, "to", r->to_ms);
    jw_key(&w, "stages");
    jw_array(&w);
    for (size_t i = 0; i < r->pipeline->stage_count; i++) {
        print_stage(&w, &r->pipeline->stages[i], &r->stages[i]);
    }
    jw_array_end(&w);
    print_end(&w, "won", r->won, &r->won_cycles);
    print_end(&w, "lost", r->lost, &r->lost_cycles);
    jw_object_end(&w);
}

/* A day (its start, or with `end` the start of the next) or a moment; NULL: the fallback. */
static int read_moment(struct ctx *c, const char *where, const char *text, bool end,
                       int64_t fallback, int64_t *out)
{
    *out = fallback;
    if (text == NULL || *text == '\0') {
        return 0;
    }
    int rc = !clock_is_date(text) ? clock_parse_instant(text, out)
             : end                ? clock_date_end(text, out)
                                  : clock_date_start(text, out);
    return rc == 0 ? 0
                   : ctx_fail(c, ERR_MALFORMED, where,
                              "“%.60s” is neither a date nor a time like “2026-11-21T14:05:00Z”.",
                              text);
}

static int64_t year_before(int64_t ms)
{
    return ms - (int64_t)YEAR_DAYS * 86400000;
}

static int sees_stages(struct ctx *c, const struct entity *e)
{
    return access_sees(c, e->stage) && access_sees(c, e->pipeline)
               ? 0
               : ctx_fail(c, ERR_FORBIDDEN, "", "You may not see the stages of %s.",
                          e->label_plural);
}

/* Walks over what is asked for; the figures, and rows if list.of is set, are in r then. */
static int read_report(struct report *r, struct ctx *c, const struct pipeline *p,
                       const struct stages_wish *wish)
{
    const struct expr *filter = NULL;
    r->pipeline = p;
    r->now_ms = c->now_ms;
    r->walk.c = c;
    r->walk.take = take_stays;
    r->walk.data = r;
    r->stages = ARENA_ARRAY(c->arena, struct stage_figures, p->stage_count);
    if (access_entity(c, ACTION_SEE, p->entity) != 0 || sees_stages(c, p->entity) != 0 ||
        list_filter(c, p->entity, wish->filter, &filter) != 0 ||
        read_moment(c, "to", wish->to, true, c->now_ms + 1, &r->to_ms) != 0 ||
        read_moment(c, "from", wish->from, false, year_before(r->to_ms), &r->from_ms) != 0) {
        return -1;
    }
    if (r->from_ms >= r->to_ms) {
        return ctx_fail(c, ERR_MALFORMED, "from", "“from” must lie before “to”.");
    }
    return stays_walk(&r->walk, p->entity, filter, NULL);
}

int stages_print(struct ctx *c, const struct pipeline *p, const struct stages_wish *wish,
                 struct buf *out)
{
    struct report *r = ARENA_NEW(c->arena, struct report);
    if (read_report(r, c, p, wish) != 0) {
        return -1;
    }
    print_report(r, out);
    return 0;
}

/* ---- the stays behind the figures of a stage ------------------------------------------------- */

/* Longest first, so that the median stands in the middle. */
static int by_length(const void *a, const void *b)
{
    const struct stay_row *x = a, *y = b;
    return x->ms != y->ms           ? (x->ms < y->ms) - (x->ms > y->ms)
           : x->record != y->record ? (x->record > y->record) - (x->record < y->record)
                                    : (x->from_ms > y->from_ms) - (x->from_ms < y->from_ms);
}

static void print_row(struct json_writer *w, const struct report *r, const struct stay_row *row,
                      const struct title_row *title)
{
    jw_object(w);
    jw_kv_int(w, "id", row->record);
    jw_kv_text(w, "title", title->title);
    print_moment(w, "entered_at", row->from_ms);
    jw_kv_int(w, "stay_s", row->ms / 1000);
    if (!r->list.here) {
        print_moment(w, "left_at", row->to_ms);
        jw_kv_text(w, "way", WAYS[row->way]);
        jw_kv_text(w, "to_pipeline", row->pipeline);
        jw_kv_text(w, "to_stage", row->stage);
    }
    jw_object_end(w);
}

static int print_rows(struct json_writer *w, struct report *r, const struct stay_row *rows,
                      size_t count)
{
    struct ctx *c = r->walk.c;
    struct who who = ctx_who(c);
    int64_t *ids = ARENA_ARRAY(c->arena, int64_t, count + 1);
    struct title_row *titles = ARENA_ARRAY(c->arena, struct title_row, count + 1);
    for (size_t i = 0; i < count; i++) {
        ids[i] = rows[i].record;
    }
    if (count > 0 && query_titles(c->db, &who, ids, count, c->arena, titles, &c->err) != 0) {
        return -1;
    }
    jw_key(w, "items");
    jw_array(w);
    for (size_t i = 0; i < count; i++) {
        print_row(w, r, &rows[i], &titles[i]);
    }
    jw_array_end(w);
    return 0;
}

int stages_print_stays(struct ctx *c, const struct pipeline *p, const struct stages_wish *wish,
                       const struct stays_wish *which, struct buf *out)
{
    struct report *r = ARENA_NEW(c->arena, struct report);
    struct stay_list *l = &r->list;
    l->here = which->here;
    l->of = which->stage != NULL ? pipeline_stage_find(p, which->stage) : NULL;
    if (l->of == NULL) {
        return ctx_fail(c, ERR_MALFORMED, "stage", "The pipeline has no stage “%.60s”.",
                        which->stage != NULL ? which->stage : "");
    }
    if (read_report(r, c, p, wish) != 0) {
        return -1;
    }
    if (l->count > 0) {
        qsort(l->rows, l->count, sizeof(*l->rows), by_length);
    }
    size_t from = (size_t)which->offset < l->count ? (size_t)which->offset : l->count;
    size_t count = l->count - from < (size_t)which->limit ? l->count - from : (size_t)which->limit;
    struct json_writer w;
    jw_init(&w, out);
    jw_object(&w);
    print_moment(&w, "from", r->from_ms);
    print_moment(&w, "to", r->to_ms);
    jw_key(&w, "stage");
    print_stage(&w, l->of, &r->stages[l->of - p->stages]);
    jw_kv_int(&w, "count", (int64_t)l->count);
    if (print_rows(&w, r, l->rows + from, count) != 0) {
        return -1;
    }
    jw_kv_text(&w, "next", from + count < l->count
                               ? arena_printf(c->arena, "%zu", from + count)
                               : NULL);
    jw_object_end(&w);
    return 0;
}

/* ---- the way of one record ------------------------------------------------------------------- */

struct path {
    struct walk walk;
    struct json_writer w;
    bool found;
};

static void print_stay(struct path *p, const struct pipeline *pipe, const struct stage *s,
                       const struct stay *stays, size_t count)
{
    int64_t ms = 0, visits = 0, entered = 0;
    const int64_t now = p->walk.c->now_ms;
    bool here = false;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(stays[i].pipeline, pipe->id) == 0 && strcmp(stays[i].stage, s->id) == 0) {
            int64_t to = stays[i].to_ms != 0 ? stays[i].to_ms : now;
            ms += to > stays[i].from_ms ? to - stays[i].from_ms : 0;
            entered = stays[i].from_ms;
            here = stays[i].to_ms == 0;
            visits++;
        }
    }
    jw_object(&p->w);
    jw_kv_text(&p->w, "id", s->id);
    jw_kv_int(&p->w, "visits", visits);
    if (visits > 0) {
        jw_kv_int(&p->w, "stay_s", ms / 1000);
        print_moment(&p->w, "entered_at", entered);
    }
    if (here) {
        jw_kv_bool(&p->w, "here", true);
    }
    jw_object_end(&p->w);
}

static void print_path(void *data, const struct moving *m, const struct stay *stays, size_t count)
{
    struct path *p = data;
    const struct pipeline *pipe = model_pipeline_find(p->walk.c->model, m->pipeline);
    p->found = true;
    jw_object(&p->w);
    jw_kv_text(&p->w, "pipeline", m->pipeline);
    jw_key(&p->w, "stages");
    jw_array(&p->w);
    for (size_t i = 0; pipe != NULL && i < pipe->stage_count; i++) {
        print_stay(p, pipe, &pipe->stages[i], stays, count);
    }
    jw_array_end(&p->w);
    jw_object_end(&p->w);
}

int stages_print_record(struct ctx *c, const struct entity *e, int64_t id, struct buf *out)
{
    struct path *p = ARENA_NEW(c->arena, struct path);
    *p = (struct path){.walk = {.c = c, .take = print_path, .data = p}};
    jw_init(&p->w, out);
    if (e->stage == NULL) {
        return ctx_fail(c, ERR_NOT_FOUND, "", "%s go through no stages.", e->label_plural);
    }
    if (access_entity(c, ACTION_SEE, e) != 0 || sees_stages(c, e) != 0 ||
        stays_walk(&p->walk, e, NULL, &id) != 0) {
        return -1;
    }
    return p->found ? 0 : ctx_fail(c, ERR_NOT_FOUND, "", "There is no such %s.", e->name);
}
