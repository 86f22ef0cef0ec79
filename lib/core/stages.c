/*
 * How long records stay in the stages of a pipeline, where they go from there and how long it takes
 * to win or lose them: from change-sets, so that it is right for any past time, too. A move that was
 * undone never was. A record is in a stage from a change of stage (or pipeline) to the next; when its
 * last stay began, was won or lost, is what the record itself says (a file may know better than the
 * day it came in).
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
#include "store/stages.h"

#define STAYS_MAX 512 /* of one record; older ones beyond it count as one */
#define YEAR_DAYS 365

struct moving { /* a record, as far as it matters here */
    int64_t id, created_ms, since_ms, won_ms, lost_ms; /* 0: not said */
    const char *pipeline, *stage;
};

struct step { /* what one set did to it */
    int64_t set, parent, undo_of, at_ms;
    const char *stage, *pipeline; /* before it; NULL: untouched */
};

struct stay {
    const char *pipeline, *stage;
    int64_t from_ms, to_ms; /* to_ms 0: it is there still */
};

struct walk {
    struct ctx *c;
    struct moving *list;
    size_t count, room, at; /* at: the record whose changes are read */
    struct step steps[STAYS_MAX];
    size_t step_count;
    struct stay stays[STAYS_MAX + 1];
    size_t stay_count;
    void (*take)(void *data, const struct moving *m, const struct stay *stays, size_t count);
    void *data;
};

/* ---- records --------------------------------------------------------------------------------- */

static int64_t moment(const struct field *f, struct value v)
{
    int64_t at = 0;
    if (f == NULL || v.kind == VALUE_INT) {
        return v.kind == VALUE_INT ? v.i : 0;
    }
    return v.kind == VALUE_TEXT && clock_date_start(v.s, &at) == 0 ? at : 0;
}

enum part { PART_PIPELINE, PART_STAGE, PART_CREATED, PART_SINCE, PART_WON, PART_LOST, PART_COUNT };

struct reading {
    struct walk *walk;
    const struct field *fields[PART_COUNT];
    size_t at[PART_COUNT]; /* its first value in a row; 0 for PART_PIPELINE */
    bool has[PART_COUNT];
};

static struct value part_of(const struct reading *r, const struct list_row *row, enum part p)
{
    return r->has[p] ? row->values[r->at[p]] : value_null();
}

static int take_record(void *data, const struct list_row *row)
{
    struct reading *r = data;
    struct walk *w = r->walk;
    struct arena *a = w->c->arena;
    if (w->count == w->room) {
        size_t room = w->room > 0 ? 2 * w->room : 256;
        struct moving *more = ARENA_ARRAY(a, struct moving, room);
        if (w->count > 0) {
            memcpy(more, w->list, w->count * sizeof(*more));
        }
        w->list = more;
        w->room = room;
    }
    struct value pipeline = part_of(r, row, PART_PIPELINE), stage = part_of(r, row, PART_STAGE);
    w->list[w->count++] = (struct moving){
        .id = row->id,
        .created_ms = moment(NULL, part_of(r, row, PART_CREATED)),
        .since_ms = moment(r->fields[PART_SINCE], part_of(r, row, PART_SINCE)),
        .won_ms = moment(r->fields[PART_WON], part_of(r, row, PART_WON)),
        .lost_ms = moment(r->fields[PART_LOST], part_of(r, row, PART_LOST)),
        .pipeline = pipeline.kind == VALUE_TEXT ? arena_strdup(a, pipeline.s) : "",
        .stage = stage.kind == VALUE_TEXT ? arena_strdup(a, stage.s) : ""};
    return 0;
}

/* All records the actor sees for which the filter holds, by id. */
static int read_records(struct walk *w, const struct entity *e, const struct expr *filter,
                        const int64_t *only)
{
    struct ctx *c = w->c;
    const struct field *wanted[PART_COUNT] = {
        [PART_PIPELINE] = e->pipeline,
        [PART_STAGE] = e->stage,
        [PART_CREATED] = entity_field_find(e, "created_at"),
        [PART_SINCE] = keep_follower(e, FOLLOWS_ENTERED),
        [PART_WON] = keep_follower(e, FOLLOWS_WON),
        [PART_LOST] = keep_follower(e, FOLLOWS_LOST)};
    struct reading r = {.walk = w};
    const struct field *fields[PART_COUNT];
    size_t count = 0, values = 0;
    for (int p = 0; p < PART_COUNT; p++) {
        if (wanted[p] != NULL) {
            r.fields[p] = wanted[p];
            r.has[p] = true;
            r.at[p] = values;
            fields[count++] = wanted[p];
            values += wanted[p]->column_count > 0 ? wanted[p]->column_count : 1;
        }
    }
    struct list_spec spec = {.entity = e,
                             .action = ACTION_SEE,
                             .filter = filter,
                             .fields = fields,
                             .field_count = count,
                             .only = only};
    struct who who = ctx_who(c);
    return query_list(c->db, &who, &spec, c->arena, take_record, &r, NULL, &c->err);
}

/* ---- stays ----------------------------------------------------------------------------------- */

static void add_stay(struct walk *w, const char *pipeline, const char *stage, int64_t from)
{
    struct stay *last = w->stay_count > 0 ? &w->stays[w->stay_count - 1] : NULL;
    if (last != NULL && strcmp(last->pipeline, pipeline) == 0 && strcmp(last->stage, stage) == 0) {
        return;
    }
    if (last != NULL) {
        last->to_ms = from;
    }
    w->stays[w->stay_count++] = (struct stay){.pipeline = pipeline, .stage = stage, .from_ms = from};
}

static enum stage_kind kind_of(const struct walk *w, const struct stay *s)
{
    const struct pipeline *p = model_pipeline_find(w->c->model, s->pipeline);
    const struct stage *stage = p == NULL ? NULL : pipeline_stage_find(p, s->stage);
    return stage != NULL ? stage->kind : STAGE_OPEN;
}

/* What the record says about its last stay goes before the day it was written down. */
static void correct_last(struct walk *w, const struct moving *m)
{
    struct stay *last = &w->stays[w->stay_count - 1];
    enum stage_kind kind = kind_of(w, last);
    int64_t said = kind == STAGE_WON && m->won_ms != 0    ? m->won_ms
                   : kind == STAGE_LOST && m->lost_ms != 0 ? m->lost_ms
                                                           : m->since_ms;
    struct stay *before = w->stay_count > 1 ? last - 1 : NULL;
    if (said != 0 && (before == NULL || said >= before->from_ms)) {
        last->from_ms = said;
        if (before != NULL) {
            before->to_ms = said;
        }
    }
}

/* A step and the one that took it back never were. */
static void drop_undone(struct walk *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->step_count; i++) {
        const struct step *s = &w->steps[i], *last = n > 0 ? &w->steps[n - 1] : NULL;
        bool takes_back = last != NULL && s->undo_of != 0 &&
                          (s->undo_of == last->set || s->undo_of == last->parent);
        if (takes_back) {
            n--;
        } else {
            w->steps[n++] = *s;
        }
    }
    w->step_count = n;
}

/* The steps say what was before each of them; what was after one is what was before the next. */
static void end_record(struct walk *w)
{
    const struct moving *m = &w->list[w->at];
    const char *pipelines[STAYS_MAX + 1], *stages[STAYS_MAX + 1];
    drop_undone(w);
    pipelines[w->step_count] = m->pipeline;
    stages[w->step_count] = m->stage;
    for (size_t i = w->step_count; i-- > 0;) {
        const struct step *s = &w->steps[i];
        pipelines[i] = s->pipeline != NULL ? s->pipeline : pipelines[i + 1];
        stages[i] = s->stage != NULL ? s->stage : stages[i + 1];
    }
    w->stay_count = 0;
    for (size_t i = 0; i <= w->step_count; i++) {
        add_stay(w, pipelines[i], stages[i], i == 0 ? m->created_ms : w->steps[i - 1].at_ms);
    }
    correct_last(w, m);
    w->take(w->data, m, w->stays, w->stay_count);
    w->step_count = 0;
    w->at++;
}

static int take_change(void *data, const struct stage_change *change)
{
    struct walk *w = data;
    while (w->at < w->count && w->list[w->at].id < change->record) {
        end_record(w);
    }
    if (w->at == w->count) {
        return 1;
    }
    if (w->list[w->at].id > change->record) {
        return 0; /* one that is not asked for */
    }
    struct step *last = w->step_count > 0 ? &w->steps[w->step_count - 1] : NULL;
    if (last == NULL || last->set != change->set) {
        if (w->step_count == STAYS_MAX) {
            memmove(w->steps, w->steps + 1, (STAYS_MAX - 1) * sizeof(w->steps[0]));
            w->step_count--;
        }
        last = &w->steps[w->step_count++];
        *last = (struct step){.set = change->set,
                              .parent = change->parent,
                              .undo_of = change->undo_of,
                              .at_ms = change->at_ms};
    }
    const char *before = change->before != NULL ? arena_strdup(w->c->arena, change->before) : "";
    *(change->pipeline ? &last->pipeline : &last->stage) = before;
    return 0;
}

/* Every record for which the filter holds (only: this one), with all its stays. */
static int walk_stays(struct walk *w, const struct entity *e, const struct expr *filter,
                      const int64_t *only)
{
    struct ctx *c = w->c;
    if (ctx_db(c) == NULL || read_records(w, e, filter, only) != 0 ||
        stages_read(c->db, e, only != NULL ? *only : 0, take_change, w, &c->err) != 0) {
        return -1;
    }
    while (w->at < w->count) {
        end_record(w);
    }
    return 0;
}

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

struct stage_figures {
    int64_t entered, left, forward, back, won, lost, moved, here;
    struct times stays, ages;
};

struct report {
    struct walk walk;
    const struct pipeline *pipeline;
    int64_t from_ms, to_ms, now_ms; /* to_ms: the first moment after */
    struct stage_figures *stages;
    int64_t won, lost;
    struct times won_cycles, lost_cycles;
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

static void note_leaving(struct report *r, struct stage_figures *f, const struct stage *from,
                         const struct stage *to, int64_t ms)
{
    f->left++;
    times_add(r->walk.c->arena, &f->stays, ms);
    if (to == NULL) {
        f->moved++;
    } else if (to->kind == STAGE_WON) {
        f->won++;
    } else if (to->kind == STAGE_LOST) {
        f->lost++;
    } else if (to > from) {
        f->forward++;
    } else {
        f->back++;
    }
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
    (void)m;
    for (size_t i = 0; i < count; i++) {
        const struct stay *s = &stays[i];
        const struct stage *stage = stage_in(r, s);
        if (stage == NULL) {
            continue;
        }
        struct stage_figures *f = &r->stages[stage - r->pipeline->stages];
        f->entered += is_within(r, s->from_ms);
        if (s->to_ms != 0 && is_within(r, s->to_ms)) {
            note_leaving(r, f, stage, stage_in(r, s + 1), s->to_ms - s->from_ms);
        }
        if (s->from_ms < r->to_ms && (s->to_ms == 0 || s->to_ms >= r->to_ms)) {
            int64_t until = r->to_ms < r->now_ms ? r->to_ms : r->now_ms;
            f->here++;
            times_add(r->walk.c->arena, &f->ages, until > s->from_ms ? until - s->from_ms : 0);
        }
        if (stage->kind != STAGE_OPEN && is_within(r, s->from_ms)) {
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
    print_scaled(&text, rescale((f->forward + f->won) * 100000 / f->left, 3, 2), 2);
    jw_text(w, buf_text(&text));
    buf_done(&text);
}

static void print_stage(struct json_writer *w, const struct stage *s, struct stage_figures *f)
{
    jw_object(w);
    jw_kv_text(w, "id", s->id);
    jw_kv_int(w, "entered", f->entered);
    jw_kv_int(w, "left", f->left);
    jw_kv_int(w, "forward", f->forward);
    jw_kv_int(w, "back", f->back);
    jw_kv_int(w, "won", f->won);
    jw_kv_int(w, "lost", f->lost);
    jw_kv_int(w, "moved", f->moved);
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

int stages_print(struct ctx *c, const struct pipeline *p, const struct stages_wish *wish,
                 struct buf *out)
{
    const struct expr *filter = NULL;
    struct report *r = ARENA_NEW(c->arena, struct report);
    *r = (struct report){.pipeline = p, .now_ms = c->now_ms};
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
    if (walk_stays(&r->walk, p->entity, filter, NULL) != 0) {
        return -1;
    }
    print_report(r, out);
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
        walk_stays(&p->walk, e, NULL, &id) != 0) {
        return -1;
    }
    return p->found ? 0 : ctx_fail(c, ERR_NOT_FOUND, "", "There is no such %s.", e->name);
}
