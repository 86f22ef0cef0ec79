/*
 * How a row turned out, as a line of JSON for people: for every record it made, changed or found what
 * a new one gets and what an update changes (before and after), or the cells of a row that was
 * rejected with the reasons. Made within the write, so that it says what happened. See
 * core/import_status.c.
 */
#include <string.h>

#include "base/buf.h"
#include "core/import.h"
#include "core/parts.h"
#include "model/address.h"

static void print_list_of(struct ctx *c, struct json_writer *w, struct value v)
{
    int64_t *ids = NULL;
    struct title_row *rows = NULL;
    size_t count = print_ids(c->arena, v, &ids);
    jw_array(w);
    if (count > 0 && print_titles(c, ids, count, &rows) == 0) {
        for (size_t i = 0; i < count; i++) {
            print_record_link(w, &rows[i]);
        }
    }
    jw_array_end(w);
}

static void print_field(struct ctx *c, struct json_writer *w, const struct field *f,
                        const struct value *values)
{
    struct title_row *row = NULL;
    struct link_title title = {0};
    if (field_is_records(f)) {
        print_list_of(c, w, values[0]);
        return;
    }
    if (field_is_link(f) && values[0].kind == VALUE_INT &&
        print_titles(c, &values[0].i, 1, &row) == 0) {
        title = print_target(row);
    }
    print_value(w, c, f, values, &title);
}

static bool same(const struct field *f, const struct value *a, const struct value *b)
{
    bool all = true;
    for (size_t i = 0; i < f->column_count; i++) {
        all = all && value_equal(a[i], b[i]);
    }
    return all;
}

static const struct value *values_of(const struct record *r, const struct field *f)
{
    for (size_t i = 0; i < r->entity->column_count; i++) {
        if (r->entity->columns[i]->field == f) {
            return &r->values[i];
        }
    }
    return NULL;
}

static bool has_column(const struct import_plan *p, const struct field *f)
{
    bool found = false;
    for (size_t i = 0; p != NULL && !found && i < p->column_count; i++) {
        found = p->columns[i].field == f;
    }
    return found;
}

/* What a new record holds by itself in a field that the file has a column for: nobody named an
 * owner, so it is whoever imports. */
static const struct value *own_value(const struct import_shown *s, const struct field *f)
{
    const struct value *v = s->made != NULL && has_column(s->plan, f) ? values_of(s->made, f) : NULL;
    return v != NULL && v[0].kind != VALUE_NULL ? v : NULL;
}

/* The plain fields beside addresses hold parts of the primary one: shown whole. */
static const struct value *whole(struct ctx *c, const struct import_shown *s, const struct field *f,
                                 const struct value *own, bool old)
{
    struct value mirrors[ADDRESS_PARTS];
    if (own == NULL || !address_is_shared(f)) {
        return own;
    }
    for (int i = 0; i < ADDRESS_PARTS; i++) {
        const struct field *m = address_mirror(f, (enum address_part)i);
        bool given = m != NULL && !old && s->set->given[m->index];
        mirrors[i] = m == NULL           ? value_null()
                     : given             ? field_set_values(s->set, s->entity, m)[0]
                     : s->before != NULL ? record_value(s->before, m)
                                         : value_null();
    }
    struct value *all = ARENA_NEW(c->arena, struct value);
    *all = address_whole(c->arena, own[0], address_mask(f), mirrors);
    return all;
}

/* The fields that the row sets; old: only those whose value another one had before. */
static void print_fields(struct ctx *c, struct json_writer *w, const char *key,
                         const struct import_shown *s, bool old)
{
    const struct entity *e = s->entity;
    const struct record *before = s->before;
    const struct field_set *set = s->set;
    jw_key(w, key);
    jw_object(w);
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        const struct value *new =
            set->given[f->index] ? field_set_values(set, e, f) : own_value(s, f);
        const struct value *was = new != NULL && before != NULL ? values_of(before, f) : NULL;
        new = whole(c, s, f, new, false);
        was = whole(c, s, f, was, true);
        if (new == NULL || !access_sees(c, f) || (old && (was == NULL || same(f, was, new)))) {
            continue;
        }
        jw_key_text(w, f->name);
        print_field(c, w, f, old ? was : new);
    }
    jw_object_end(w);
}

static const char *ended(struct ctx *c, struct buf *text)
{
    const char *line = arena_strndup(c->arena, text->data, text->size);
    buf_done(text);
    return line;
}

static const char *const RESULTS[] = {
    [ROW_CREATED] = "created", [ROW_UPDATED] = "updated", [ROW_UNCHANGED] = "unchanged"};

void import_show(struct ctx *c, const struct row_run *run, struct import_shown shown)
{
    struct import_shown_list *list = run->list;
    if (list == NULL) {
        return;
    }
    struct import_shown *kept = ARENA_NEW(c->arena, struct import_shown);
    *kept = shown;
    kept->main = shown.via == NULL && run->plan == list->main;
    kept->next = NULL;
    *(list->first == NULL ? &list->first : &list->last->next) = kept;
    list->last = kept;
}

static void print_record(struct ctx *c, struct json_writer *w, const struct import_shown *shown)
{
    if (shown->before != NULL) {
        jw_kv_int(w, "id", shown->before->id);
        print_fields(c, w, "before", shown, true);
    }
    print_fields(c, w, "after", shown, false);
}

/* The other records, in the order they were written. */
static void print_others(struct ctx *c, struct json_writer *w, const struct row_run *run)
{
    jw_key(w, "others");
    jw_array(w);
    for (const struct import_shown *s = run->list->first; s != NULL; s = s->next) {
        if (s->main || !ctx_may(c, ACTION_SEE, s->entity)) {
            continue;
        }
        jw_object(w);
        jw_kv_text(w, "entity", s->entity->name);
        jw_kv_text(w, "result", RESULTS[s->result]);
        if (s->via != NULL) {
            jw_kv_text(w, "via",
                       arena_printf(c->arena, "%s.%s", s->via->entity->name, s->via->name));
        }
        print_record(c, w, s);
        jw_object_end(w);
    }
    jw_array_end(w);
}

/* Cells that say what is not known here and were left empty. */
static void print_lost(struct json_writer *w, const struct import_lost *lost)
{
    jw_key(w, "lost");
    jw_array(w);
    for (; lost != NULL; lost = lost->next) {
        jw_object(w);
        jw_kv_text(w, "column", lost->column);
        jw_kv_text(w, "text", lost->text);
        jw_kv_bool(w, "several", lost->several);
        jw_object_end(w);
    }
    jw_array_end(w);
}

const char *import_show_row(struct ctx *c, const struct row_run *run)
{
    struct buf text = {0};
    struct json_writer w;
    const struct import_shown *main = run->list->first;
    while (main != NULL && !main->main) {
        main = main->next;
    }
    jw_init(&w, &text);
    jw_object(&w);
    jw_kv_int(&w, "line", (int64_t)run->row->line);
    jw_kv_text(&w, "result", RESULTS[run->result]);
    if (main != NULL) {
        jw_kv_text(&w, "main", RESULTS[main->result]);
        print_record(c, &w, main);
    }
    print_others(c, &w, run);
    if (*run->lost != NULL) {
        print_lost(&w, *run->lost);
    }
    jw_object_end(&w);
    return ended(c, &text);
}

static int column_in(const struct import_plan *p, const char *where, size_t entity,
                     const char *field)
{
    const char *name = p->entity->name;
    bool own = strlen(name) == entity && memcmp(where, name, entity) == 0;
    for (size_t i = 0; own && i < p->column_count; i++) {
        const struct field *f = p->columns[i].field;
        if (f != NULL && strcmp(f->name, field) == 0) {
            return (int)i;
        }
    }
    return -1;
}

int import_column_of(const struct row_run *run, const char *where)
{
    const char *dot = strrchr(where, '.');
    const struct import_plan *p = run->plan;
    int at = dot != NULL ? column_in(p, where, (size_t)(dot - where), dot + 1) : -1;
    for (size_t i = 0; dot != NULL && at < 0 && i < p->part_count; i++) {
        at = column_in(&p->parts[i], where, (size_t)(dot - where), dot + 1);
    }
    return at;
}

static void print_cells(struct json_writer *w, const struct import_row *row)
{
    jw_key(w, "cells");
    jw_array(w);
    for (size_t i = 0; i < row->count; i++) {
        jw_text(w, strlen(row->cells[i]) < CSV_CELL_MAX ? row->cells[i] : "");
    }
    jw_array_end(w);
}

const char *import_show_left_out(struct ctx *c, const struct row_run *run)
{
    struct buf text = {0};
    struct json_writer w;
    jw_init(&w, &text);
    jw_object(&w);
    jw_kv_int(&w, "line", (int64_t)run->row->line);
    jw_kv_text(&w, "result", "left_out");
    print_cells(&w, run->row);
    jw_object_end(&w);
    return ended(c, &text);
}

const char *import_show_reject(struct ctx *c, const struct row_run *run)
{
    struct buf text = {0};
    struct json_writer w;
    jw_init(&w, &text);
    jw_object(&w);
    jw_kv_int(&w, "line", (int64_t)run->row->line);
    jw_kv_text(&w, "result", "rejected");
    print_cells(&w, run->row);
    jw_key(&w, "errors");
    jw_array(&w);
    for (const struct err_item *item = c->err.items; item != NULL; item = item->next) {
        int at = import_column_of(run, item->where);
        jw_object(&w);
        if (at < 0 && item == c->err.items && run->column != NULL) {
            jw_kv_text(&w, "column", run->column);
        } else if (at >= 0) {
            jw_kv_text(&w, "column", run->plan->columns[at].header);
        }
        jw_kv_text(&w, "text", item->text);
        jw_object_end(&w);
    }
    if (c->err.items == NULL) {
        jw_object(&w);
        jw_kv_text(&w, "text", c->err.text);
        jw_object_end(&w);
    }
    jw_array_end(&w);
    jw_object_end(&w);
    return ended(c, &text);
}
