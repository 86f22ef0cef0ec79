/*
 * Records as JSON. A plan says once which fields a role gets, where their values stand in a row and
 * how they are written; then each row goes straight from the statement into the reply, without a
 * tree and without memory per row.
 *
 * Some parts need more than the row: titles of a list of records, linked records that were asked
 * for (`expand`), the next step. With those, the rows of a page are held and everything missing is
 * read for the whole page at once: one query per kind, never one per row.
 */
#include "core/print_plan.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "core/build.h"

/* ---- Values ---------------------------------------------------------------------------------- */

void print_sum(const struct ctx *c, struct buf *out, struct value sum)
{
    int places = c->model->company.currency_places;
    if (sum.kind != VALUE_TEXT) {
        print_scaled(out, sum.kind == VALUE_INT ? sum.i : 0, places);
        return;
    }
    size_t whole = sum.n - (size_t)places; /* it has more digits than 64 bits give */
    buf_add(out, sum.s, whole);
    if (places > 0) {
        buf_putc(out, '.');
        buf_add(out, sum.s + whole, (size_t)places);
    }
}

struct link_title print_target(const struct title_row *row)
{
    return row == NULL || row->hidden ? (struct link_title){0}
                                      : (struct link_title){row->title, row->deleted};
}

void print_link(struct json_writer *w, int64_t id, const struct link_title *to)
{
    if (id == 0) {
        jw_null(w);
        return;
    }
    if (to == NULL || to->text == NULL) {
        jw_raw(w, "{\"hidden\":true}", 15);
        return;
    }
    jw_object(w);
    jw_kv_int(w, "id", id);
    jw_kv_text(w, "title", to->text);
    if (to->deleted) {
        jw_kv_bool(w, "deleted", true);
    }
    jw_object_end(w);
}

void print_value(struct json_writer *w, const struct ctx *c, const struct field *f,
                 const struct value *values, const struct link_title *to)
{
    (void)c;
    if (values[0].kind == VALUE_NULL) {
        if (field_is_list(f)) {
            jw_raw(w, "[]", 2);
        } else {
            jw_null(w);
        }
    } else if (field_is_link(f)) {
        print_link(w, values[0].i, to);
    } else {
        f->type->print_json(w, f, values);
    }
}

size_t print_ids(struct arena *a, struct value v, int64_t **out)
{
    *out = NULL;
    if (v.kind != VALUE_TEXT) {
        return 0;
    }
    size_t room = 1;
    for (size_t i = 0; i < v.n; i++) {
        room += v.s[i] == ',';
    }
    int64_t *ids = ARENA_ARRAY(a, int64_t, room);
    size_t count = 0;
    for (size_t i = 0; i < v.n;) {
        if (v.s[i] < '0' || v.s[i] > '9') {
            i++;
            continue;
        }
        int64_t id = 0;
        for (; i < v.n && v.s[i] >= '0' && v.s[i] <= '9'; i++) {
            id = id * 10 + (v.s[i] - '0');
        }
        ids[count++] = id;
    }
    *out = ids;
    return count;
}

int print_titles(struct ctx *c, const int64_t *ids, size_t count, struct title_row **out)
{
    struct db *db = ctx_db(c);
    struct who who = ctx_who(c);
    struct title_row *rows = ARENA_ARRAY(c->arena, struct title_row, count + 1);
    if (db == NULL || query_titles(db, &who, ids, count, c->arena, rows, &c->err) != 0) {
        return -1;
    }
    *out = rows;
    return 0;
}

/* ---- Rows ------------------------------------------------------------------------------------ */

/* One value. What is stored stands at the places of the field, what was evaluated at those of its
 * expression. */
static void print_computed(struct json_writer *w, const struct ctx *c, const struct cell *cell,
                           struct value v)
{
    const struct field *f = cell->field;
    struct value values[FIELD_MAX_COLUMNS] = {v};
    if (!f->stored) {
        keep_scaled(c, f, f->compute, v, values);
    }
    print_value(w, c, f, values, NULL);
}

void print_change_time(struct json_writer *w, const char *key, int64_t at_ms)
{
    char at[CLOCK_INSTANT_SIZE];
    clock_print_instant(at_ms, at);
    jw_kv_text(w, key, at_ms > CHANGE_BEFORE_HISTORY ? at : NULL);
}

void print_record_link(struct json_writer *w, const struct title_row *row)
{
    jw_object(w);
    if (row == NULL || row->hidden) {
        jw_kv_bool(w, "hidden", true);
    } else {
        jw_kv_int(w, "id", row->id);
        jw_kv_text(w, "title", row->title);
        jw_kv_text(w, "entity", row->entity->name);
        if (row->deleted) {
            jw_kv_bool(w, "deleted", true);
        }
    }
    jw_object_end(w);
}

static void print_records(struct json_writer *w, const struct print_plan *p, struct value v)
{
    int64_t *ids = NULL;
    size_t count = print_ids(p->c->arena, v, &ids);
    jw_array(w);
    for (size_t i = 0; i < count; i++) {
        print_record_link(w, page_title(p, ids[i]));
    }
    jw_array_end(w);
}

static void print_expanded(struct json_writer *w, const struct print_plan *p,
                           const struct cell *cell, int64_t id,
                           const struct link_title *to)
{
    jw_object(w);
    jw_kv_int(w, "id", id);
    jw_kv_text(w, "title", to->text);
    if (to->deleted) {
        jw_kv_bool(w, "deleted", true);
    }
    const struct slice *s = page_expanded(cell->expand, id);
    jw_key(w, "record");
    if (s != NULL) {
        jw_raw(w, cell->expand->text.data + s->start, s->size);
    } else {
        jw_null(w);
    }
    jw_object_end(w);
    (void)p;
}

static void print_cell(struct json_writer *w, const struct print_plan *p, const struct cell *cell,
                       const struct list_row *row)
{
    const struct value *values = row->values + cell->at;
    const struct link_title *to = &row->titles[cell->slot];
    jw_ready_key(w, cell->key, cell->key_size);
    if (cell->how == CELL_COMPUTED) {
        print_computed(w, p->c, cell, values[0]);
    } else if (cell->how == CELL_RECORDS) {
        print_records(w, p, values[0]);
    } else if (cell->expand != NULL && values[0].kind == VALUE_INT && to->text != NULL) {
        print_expanded(w, p, cell, values[0].i, to);
    } else {
        print_value(w, p->c, cell->field, values, to);
    }
}

static void print_row(const struct print_plan *p, struct json_writer *w, const struct list_row *row)
{
    const struct value *title = row->values;
    jw_object(w);
    jw_kv_int(w, "id", row->id);
    jw_ready_key(w, p->head, p->head_size);
    jw_int(w, row->version);
    jw_key(w, "title");
    if (title->kind == VALUE_TEXT) {
        jw_text_n(w, title->s, title->n);
    } else {
        jw_text_n(w, "", 0);
    }
    for (size_t i = 0; i < p->cell_count; i++) {
        if (p->cells[i].how != CELL_SILENT) {
            print_cell(w, p, &p->cells[i], row);
        }
    }
    if (p->idle_at >= 0) {
        print_idle_days(w, p, row);
    }
    if (p->next_at >= 0) {
        print_next_step(w, p, row);
    }
    jw_object_end(w);
}

static void print_marked(struct print_plan *p, const struct list_row *row)
{
    if (p->marks == NULL) {
        print_row(p, p->out, row);
        return;
    }
    size_t comma = p->rows > 0 ? 1 : 0;
    size_t start = p->out->out->size + comma;
    print_row(p, p->out, row);
    p->marks[p->rows] =
        (struct slice){.id = row->id, .start = start, .size = p->out->out->size - start};
}

static int take_row(void *data, const struct list_row *row)
{
    struct print_plan *p = data;
    p->last_version = row->version;
    if (p->defers) {
        page_hold(p, row);
    } else {
        print_marked(p, row);
    }
    p->rows++;
    return 0;
}

static int print_held(struct print_plan *p)
{
    size_t count = p->rows;
    if (page_complete(p) != 0) {
        return -1;
    }
    for (p->rows = 0; p->rows < count; p->rows++) {
        print_marked(p, &p->held[p->rows]);
    }
    return 0;
}

int print_list(struct ctx *c, struct print_plan *plan, struct list_spec *spec,
               struct json_writer *w, const char **next, size_t *rows, int64_t *last_version)
{
    struct db *db = ctx_db(c);
    struct who who = ctx_who(c);
    if (db == NULL) {
        return -1;
    }
    spec->entity = plan->entity;
    spec->fields = plan->fields;
    spec->field_count = plan->field_count;
    spec->extra = plan->extra;
    spec->extra_count = plan->extra_count;
    plan->out = w;
    plan->rows = 0;
    plan->as_of = spec->as_of;
    *next = NULL;
    if (query_list(db, &who, spec, c->arena, take_row, plan, next, &c->err) != 0) {
        return -1;
    }
    if (plan->defers && print_held(plan) != 0) {
        return -1;
    }
    *rows = plan->rows;
    if (last_version != NULL) {
        *last_version = plan->last_version;
    }
    return 0;
}

int record_print(struct ctx *c, const struct entity *e, int64_t id, int64_t as_of,
                 const char *fields, const char *expand, struct json_writer *w, int64_t *version)
{
    struct print_plan *plan = NULL;
    const char *next = NULL;
    size_t rows = 0;
    if (c->actor.anonymous) {
        return ctx_fail(c, ERR_UNAUTHENTICATED, "", "Sign in first.");
    }
    if (as_of >= 0 && ctx_may(c, ACTION_SEE, e)) {
        struct list_spec spec = {.action = ACTION_SEE, .only = &id, .limit = 1, .as_of = as_of};
        if (print_plan_make(c, e, fields, expand, false, &plan) != 0 ||
            print_list(c, plan, &spec, w, &next, &rows, version) != 0) {
            return -1;
        }
    }
    if (rows == 0) {
        return ctx_fail(c, ERR_NOT_FOUND, "", "There is no %s with the id %lld.", e->name,
                        (long long)id);
    }
    return 0;
}
