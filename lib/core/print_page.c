/*
 * What a page of rows needs beyond its rows, read for all of them at once: titles of listed
 * records, expanded links, next steps. See print_plan.h.
 */
#include <stdlib.h>
#include <string.h>

#include "core/build.h"
#include "core/print_plan.h"

#define DAY_MS 86400000

/* ---- Holding rows ---------------------------------------------------------------------------- */

struct value print_kept(struct arena *a, struct value v)
{
    if (v.kind == VALUE_TEXT) {
        v.s = arena_strndup(a, v.s, v.n);
    }
    return v;
}

static const struct value *copy_values(struct arena *a, const struct value *values, size_t count)
{
    struct value *copy = ARENA_ARRAY(a, struct value, count + 1);
    for (size_t i = 0; i < count; i++) {
        copy[i] = print_kept(a, values[i]);
    }
    return copy;
}

void page_hold(struct print_plan *p, const struct list_row *row)
{
    struct arena *a = p->c->arena;
    if (p->rows == p->held_room) {
        size_t room = p->held_room == 0 ? 64 : 2 * p->held_room;
        struct list_row *more = ARENA_ARRAY(a, struct list_row, room);
        if (p->rows > 0) {
            memcpy(more, p->held, sizeof(*more) * p->rows);
        }
        p->held = more;
        p->held_room = room;
    }
    struct link_title *titles = ARENA_ARRAY(a, struct link_title, p->field_count + 1);
    for (size_t i = 0; i < p->field_count; i++) {
        titles[i] = (struct link_title){arena_strdup(a, row->titles[i].text), row->titles[i].deleted};
    }
    p->held[p->rows] = (struct list_row){.id = row->id,
                                         .version = row->version,
                                         .values = copy_values(a, row->values, p->value_count),
                                         .titles = titles,
                                         .extra = copy_values(a, row->extra, p->extra_count)};
}

/* ---- Sets of ids ----------------------------------------------------------------------------- */

struct id_set {
    int64_t *ids;
    size_t count, room;
};

static void id_add(struct arena *a, struct id_set *s, int64_t id)
{
    if (s->count == s->room) {
        size_t room = s->room == 0 ? 64 : 2 * s->room;
        int64_t *more = ARENA_ARRAY(a, int64_t, room);
        if (s->count > 0) {
            memcpy(more, s->ids, sizeof(*more) * s->count);
        }
        s->ids = more;
        s->room = room;
    }
    s->ids[s->count++] = id;
}

static int by_id(const void *x, const void *y)
{
    const int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return a < b ? -1 : a > b;
}

static void id_sort(struct id_set *s)
{
    if (s->count < 2) {
        return;
    }
    qsort(s->ids, s->count, sizeof(*s->ids), by_id);
    size_t n = 1;
    for (size_t i = 1; i < s->count; i++) {
        if (s->ids[i] != s->ids[n - 1]) {
            s->ids[n++] = s->ids[i];
        }
    }
    s->count = n;
}

/* ---- Titles of listed records ---------------------------------------------------------------- */

static int read_titles(struct print_plan *p)
{
    struct id_set set = {0};
    for (size_t i = 0; i < p->cell_count; i++) {
        const struct cell *cell = &p->cells[i];
        for (size_t r = 0; cell->how == CELL_RECORDS && r < p->rows; r++) {
            int64_t *ids = NULL;
            size_t count = print_ids(p->c->arena, p->held[r].values[cell->at], &ids);
            for (size_t k = 0; k < count; k++) {
                id_add(p->c->arena, &set, ids[k]);
            }
        }
    }
    id_sort(&set);
    p->title_count = set.count;
    return set.count == 0 ? 0 : print_titles(p->c, set.ids, set.count, &p->titles);
}

/* All rows of titles, slices and steps begin with their id. */
static int find_id(const void *key, const void *row)
{
    return by_id(key, row);
}

const struct title_row *page_title(const struct print_plan *p, int64_t id)
{
    if (p->title_count == 0) {
        return NULL;
    }
    return bsearch(&id, p->titles, p->title_count, sizeof(*p->titles), find_id);
}

/* ---- Expanded links -------------------------------------------------------------------------- */

const struct slice *page_expanded(const struct expansion *x, int64_t id)
{
    return x->count == 0 ? NULL : bsearch(&id, x->slices, x->count, sizeof(*x->slices), find_id);
}

static int read_expansion(struct print_plan *p, const struct cell *cell)
{
    struct ctx *c = p->c;
    struct expansion *x = cell->expand;
    struct id_set set = {0};
    for (size_t r = 0; r < p->rows; r++) {
        struct value v = p->held[r].values[cell->at];
        if (v.kind == VALUE_INT && p->held[r].titles[cell->slot].text != NULL) {
            id_add(c->arena, &set, v.i);
        }
    }
    id_sort(&set);
    x->count = 0;
    buf_clear(&x->text);
    if (set.count == 0) {
        return 0;
    }
    struct json_writer w;
    jw_init(&w, &x->text);
    jw_array(&w);
    x->slices = x->plan->marks = ARENA_ARRAY(c->arena, struct slice, set.count + 1);
    struct list_spec spec = {.action = ACTION_SEE,
                             .filter = build_ids(c->arena, cell->field->to, set.ids, set.count),
                             .limit = set.count,
                             .both = true,
                             .as_of = p->as_of};
    const char *next = NULL;
    int rc = print_list(c, x->plan, &spec, &w, &next, &x->count, NULL);
    if (rc == 0 && x->count > 1) {
        qsort(x->slices, x->count, sizeof(*x->slices), by_id);
    }
    return rc;
}

/* ---- The next step --------------------------------------------------------------------------- */

static int64_t step_id(const struct print_plan *p, const struct list_row *row)
{
    const struct value *ids = row->extra + p->next_at;
    return ids[0].kind == VALUE_INT ? ids[0].i : ids[1].kind == VALUE_INT ? ids[1].i : 0;
}

static int take_step(void *data, const struct list_row *row)
{
    struct print_plan *p = data;
    struct arena *a = p->c->arena;
    struct step *s = &p->steps[p->step_count++];
    *s = (struct step){.id = row->id,
                       .subject = print_kept(a, row->values[0]),
                       .kind = print_kept(a, row->values[1])};
    for (size_t i = 0; i < p->activity.due->column_count; i++) {
        s->due[i] = print_kept(a, row->values[2 + i]);
    }
    return 0;
}

static int read_steps(struct print_plan *p)
{
    struct ctx *c = p->c;
    struct id_set set = {0};
    for (size_t r = 0; r < p->rows; r++) {
        int64_t id = step_id(p, &p->held[r]);
        if (id != 0) {
            id_add(c->arena, &set, id);
        }
    }
    id_sort(&set);
    p->step_count = 0;
    if (set.count == 0) {
        return 0;
    }
    p->steps = ARENA_ARRAY(c->arena, struct step, set.count + 1);
    const struct activity_model *m = &p->activity;
    const struct field *fields[] = {m->subject, m->kind, m->due};
    struct list_spec spec = {.entity = m->entity,
                             .action = ACTION_SEE,
                             .filter = build_ids(c->arena, m->entity, set.ids, set.count),
                             .fields = fields,
                             .field_count = COUNT(fields),
                             .limit = set.count};
    struct who who = ctx_who(c);
    const char *next = NULL;
    if (query_list(c->db, &who, &spec, c->arena, take_step, p, &next, &c->err) != 0) {
        return -1;
    }
    if (p->step_count > 1) {
        qsort(p->steps, p->step_count, sizeof(*p->steps), by_id);
    }
    return 0;
}

void print_next_step(struct json_writer *w, const struct print_plan *p, const struct list_row *row)
{
    int64_t id = step_id(p, row);
    const struct step *s = id == 0 || p->step_count == 0
                               ? NULL
                               : bsearch(&id, p->steps, p->step_count, sizeof(*p->steps), find_id);
    jw_key(w, "next_step");
    if (s == NULL) {
        jw_null(w);
        return;
    }
    jw_object(w);
    jw_kv_int(w, "id", s->id);
    jw_key(w, "subject");
    print_value(w, p->c, p->activity.subject, &s->subject, NULL);
    jw_key(w, "due");
    print_value(w, p->c, p->activity.due, s->due, NULL);
    jw_key(w, "kind");
    print_value(w, p->c, p->activity.kind, &s->kind, NULL);
    jw_object_end(w);
}

/* ---- Idle ------------------------------------------------------------------------------------ */

static const struct stage *stage_of_row(const struct print_plan *p, const struct list_row *row)
{
    if (p->pipeline == NULL || p->stage == NULL) {
        return NULL;
    }
    struct value pipeline = row->values[p->pipeline->at], stage = row->values[p->stage->at];
    const struct pipeline *known =
        pipeline.kind == VALUE_TEXT ? model_pipeline_find(p->c->model, pipeline.s) : NULL;
    return known != NULL && stage.kind == VALUE_TEXT ? pipeline_stage_find(known, stage.s) : NULL;
}

/* Whole days since the stage was entered or something was done, whichever is later; null when the
 * record is closed. */
void print_idle_days(struct json_writer *w, const struct print_plan *p, const struct list_row *row)
{
    const struct stage *stage = stage_of_row(p, row);
    struct value since = p->since != NULL ? row->values[p->since->at] : value_null();
    bool has_done =
        p->extra_count > (size_t)p->idle_at && (p->next_at < 0 || p->next_at != p->idle_at);
    struct value done = has_done ? row->extra[p->idle_at] : value_null();
    int64_t last = since.kind == VALUE_INT ? since.i : 0;
    if (done.kind == VALUE_INT && done.i > last) {
        last = done.i;
    }
    jw_key(w, "idle_days");
    if (last == 0 || stage == NULL || stage->kind != STAGE_OPEN) {
        jw_null(w);
    } else {
        jw_int(w, p->c->now_ms > last ? (p->c->now_ms - last) / DAY_MS : 0);
    }
}

int page_complete(struct print_plan *p)
{
    if (read_titles(p) != 0) {
        return -1;
    }
    for (size_t i = 0; i < p->cell_count; i++) {
        if (p->cells[i].expand != NULL && read_expansion(p, &p->cells[i]) != 0) {
            return -1;
        }
    }
    return p->next_at >= 0 ? read_steps(p) : 0;
}
