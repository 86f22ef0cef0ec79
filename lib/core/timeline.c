/*
 * The timeline of a record: notes and activities that point to it and the changes of its fields,
 * merged by time, newest first. Three streams, each read from its own position by its own index;
 * the cursor is the three positions. Everything is what the actor may see: notes and activities by
 * their own rights, changes by the rights to the fields.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "core/build.h"
#include "core/timeline.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     200
#define HISTORY_ROWS  400 /* change rows read at once */

/* ---- What is asked for ----------------------------------------------------------------------- */

static int read_kinds(struct timeline *t, const char *kinds)
{
    struct ctx *c = t->c;
    while (kinds != NULL && *kinds != '\0') {
        size_t n = strcspn(kinds, ",");
        const char *kind = str_trim(c->arena, arena_strndup(c->arena, kinds, n));
        if (t->kind_count == KINDS_MAX) {
            return ctx_fail(c, ERR_MALFORMED, "kind", "At most %d kinds can be named.", KINDS_MAX);
        }
        if (*kind != '\0') {
            t->kinds[t->kind_count++] = kind;
        }
        t->open = t->open || strcmp(kind, "open") == 0;
        kinds += n + (kinds[n] == ',' ? 1 : 0);
    }
    return 0;
}

static bool wants(const struct timeline *t, const char *kind)
{
    for (size_t i = 0; i < t->kind_count; i++) {
        if (strcmp(t->kinds[i], kind) == 0) {
            return true;
        }
    }
    return t->kind_count == 0;
}

/* "noteat.noteid.workat.workid.set" */
static int read_cursor(struct timeline *t, const char *cursor)
{
    int64_t *positions[] = {&t->notes.pos_at, &t->notes.pos_id, &t->work.pos_at, &t->work.pos_id,
                            &t->pos_set};
    const char *s = cursor;
    for (size_t i = 0; i < COUNT(positions); i++) {
        size_t n = strcspn(s, ".");
        if (str_to_int(arena_strndup(t->c->arena, s, n), positions[i]) != 0 ||
            (s[n] == '.') != (i + 1 < COUNT(positions))) {
            return ctx_fail(t->c, ERR_MALFORMED, "cursor",
                            "This cursor is not from an earlier answer.");
        }
        s += n + 1;
    }
    return 0;
}

/* ---- Notes and activities -------------------------------------------------------------------- */

static const struct field *field_of(const struct ctx *c, const struct entity *e, const char *name)
{
    const struct field *f = entity_field_find(e, name);
    return f != NULL && access_sees(c, f) ? f : NULL;
}

static const struct field *first_longtext(const struct ctx *c, const struct entity *e)
{
    for (size_t i = 0; i < e->field_count; i++) {
        if (e->fields[i]->type->kind == TYPE_LONGTEXT && access_sees(c, e->fields[i])) {
            return e->fields[i];
        }
    }
    return NULL;
}

static void set_slots(struct stream *s)
{
    size_t at = 0;
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        if (s->fields[i] != NULL) {
            s->at[i] = at;
            s->read[s->count++] = s->fields[i];
            at += s->fields[i]->column_count > 0 ? s->fields[i]->column_count : 1;
        }
    }
}

/* False: this model or actor has no such entity. */
static bool open_notes(struct timeline *t)
{
    struct ctx *c = t->c;
    const struct entity *e = model_entity_find(c->model, "note");
    if (e == NULL || !ctx_may(c, ACTION_SEE, e)) {
        return false;
    }
    struct stream *s = &t->notes;
    s->entity = e;
    for (size_t i = 0; i < e->field_count; i++) {
        if (e->fields[i]->type->kind == TYPE_RECORDS && access_sees(c, e->fields[i])) {
            s->records = e->fields[i];
        }
    }
    s->fields[SLOT_AT] = field_of(c, e, "created_at");
    s->fields[SLOT_BY] = field_of(c, e, "created_by");
    s->fields[SLOT_TEXT] = first_longtext(c, e);
    set_slots(s);
    return s->records != NULL && s->fields[SLOT_AT] != NULL;
}

static bool open_work(struct timeline *t)
{
    struct ctx *c = t->c;
    struct activity_model m;
    if (!next_activity(c, t->entity, &m)) {
        return false;
    }
    struct stream *s = &t->work;
    s->entity = m.entity;
    s->records = m.records;
    s->fields[SLOT_AT] = t->open ? field_of(c, m.entity, "created_at") : m.done_at;
    s->fields[SLOT_BY] = m.entity->owner != NULL && access_sees(c, m.entity->owner)
                             ? m.entity->owner
                             : field_of(c, m.entity, "created_by");
    s->fields[SLOT_KIND] = m.kind;
    s->fields[SLOT_SUBJECT] = m.subject;
    s->fields[SLOT_TEXT] = first_longtext(c, m.entity);
    s->fields[SLOT_DUE] = m.due;
    s->fields[SLOT_DONE] = m.done_at;
    set_slots(s);
    return true;
}

static struct item *add_item(struct timeline *t)
{
    if (t->count == t->room) {
        size_t room = t->room == 0 ? 64 : 2 * t->room;
        struct item *more = ARENA_ARRAY(t->c->arena, struct item, room);
        if (t->count > 0) {
            memcpy(more, t->items, sizeof(*more) * t->count);
        }
        t->items = more;
        t->room = room;
    }
    struct item *item = &t->items[t->count++];
    *item = (struct item){0};
    return item;
}

static int take_row(void *data, const struct list_row *row)
{
    struct timeline *t = data;
    const struct stream *s = t->reading;
    struct item *item = add_item(t);
    size_t read = 0;
    item->id = row->id;
    item->entity = s->entity;
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        if (s->fields[i] == NULL) {
            continue;
        }
        struct value v = row->values[s->at[i]];
        if (v.kind == VALUE_TEXT) {
            v.s = arena_strndup(t->c->arena, v.s, v.n);
        }
        item->values[i] = v;
        if (i == SLOT_BY) {
            item->by_title = arena_strdup(t->c->arena, row->titles[read]);
        }
        read++;
    }
    item->at = item->values[SLOT_AT].i;
    return 0;
}

static const struct expr *after_position(struct ctx *c, const struct stream *s)
{
    if (s->pos_id == 0) {
        return NULL;
    }
    struct arena *a = c->arena;
    const struct field *at = s->fields[SLOT_AT], *id = entity_field_find(s->entity, "id");
    struct value when = value_int(s->pos_at);
    const struct expr *tie = build_test(a, EXPR_AND, build_compare(a, at, EXPR_EQ, when),
                                        build_compare(a, id, EXPR_LT, value_int(s->pos_id)));
    return build_or(a, build_compare(a, at, EXPR_LT, when), tie);
}

/* Conditions on the kind of an activity that were asked for. */
static const struct expr *kinds_filter(struct timeline *t, const struct stream *s)
{
    const struct expr *any = NULL;
    for (size_t i = 0; i < t->kind_count && s->fields[SLOT_KIND] != NULL; i++) {
        if (strcmp(t->kinds[i], "open") != 0) {
            any = build_or(
                t->c->arena, any,
                build_compare(t->c->arena, s->fields[SLOT_KIND], EXPR_EQ, value_text(t->kinds[i])));
        }
    }
    return any;
}

static const struct expr *points_here(struct timeline *t, const struct stream *s)
{
    struct arena *a = t->c->arena;
    const struct field *id = entity_field_find(t->entity, "id");
    return build_test(a, EXPR_CONTAINS, build_field(a, s->records),
                      build_value(a, id, value_int(t->record->id)));
}

static struct list_spec stream_spec(struct stream *s, const struct expr *filter)
{
    return (struct list_spec){.entity = s->entity,
                              .action = ACTION_SEE,
                              .filter = filter,
                              .fields = s->read,
                              .field_count = s->count};
}

static int read_stream(struct timeline *t, struct stream *s)
{
    struct ctx *c = t->c;
    struct arena *a = c->arena;
    const struct expr *filter = expr_and(a, points_here(t, s), after_position(c, s));
    if (s == &t->work) {
        filter = expr_and(a, filter, kinds_filter(t, s));
        filter = expr_and(a, filter, build_empty(a, s->fields[SLOT_DONE], false));
    }
    struct list_spec spec = stream_spec(s, filter);
    spec.limit = t->limit + 1;
    spec.sort[spec.sort_count++] =
        (struct sort_key){.field = s->fields[SLOT_AT], .descending = true};
    spec.sort[spec.sort_count++] =
        (struct sort_key){.field = entity_field_find(s->entity, "id"), .descending = true};
    struct who who = ctx_who(c);
    const char *next = NULL;
    t->reading = s;
    return query_list(c->db, &who, &spec, a, take_row, t, &next, &c->err);
}

/* ---- Changes --------------------------------------------------------------------------------- */

/* Groups the rows of one set into an item; returns the number of rows taken. */
static size_t take_set(struct timeline *t, const struct change_row *rows, size_t count)
{
    size_t n = 1;
    bool told = timeline_tells(&rows[0]);
    while (n < count && rows[n].set == rows[0].set) {
        told = told || timeline_tells(&rows[n]);
        n++;
    }
    if (told) {
        struct item *item = add_item(t);
        item->at = rows[0].at_ms;
        item->id = rows[0].set;
        item->rows = rows;
        item->row_count = n;
    }
    return n;
}

static int read_changes(struct timeline *t)
{
    struct ctx *c = t->c;
    int64_t before = t->pos_set;
    size_t start = t->count;
    while (t->count - start <= t->limit) {
        struct change_row *rows = NULL;
        size_t count = 0;
        if (change_history(c->db, c->model, c->actor.role, t->entity, t->record->id, before,
                           HISTORY_ROWS, c->arena, &rows, &count, &c->err) != 0) {
            return -1;
        }
        for (size_t i = 0; i < count;) {
            before = rows[i].set;
            i += take_set(t, rows + i, count - i);
        }
        if (count == 0) {
            return 0;
        }
    }
    return 0;
}

/* ---- Merging --------------------------------------------------------------------------------- */

static int newest_first(const void *x, const void *y)
{
    const struct item *a = x, *b = y;
    if (a->at != b->at) {
        return a->at > b->at ? -1 : 1;
    }
    return a->id > b->id ? -1 : a->id < b->id;
}

static void advance(struct timeline *t, const struct item *item)
{
    if (item->entity == NULL) {
        t->pos_set = item->id;
        return;
    }
    struct stream *s = item->entity == t->notes.entity ? &t->notes : &t->work;
    s->pos_at = item->at;
    s->pos_id = item->id;
}

static int print_page(struct timeline *t, struct buf *out)
{
    struct json_writer w;
    size_t shown = t->count < t->limit ? t->count : t->limit;
    if (t->count > 1) {
        qsort(t->items, t->count, sizeof(*t->items), newest_first);
    }
    if (timeline_titles(t, shown) != 0) {
        return -1;
    }
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "items");
    jw_array(&w);
    for (size_t i = 0; i < shown; i++) {
        timeline_print_item(t, &w, &t->items[i]);
        advance(t, &t->items[i]);
    }
    jw_array_end(&w);
    jw_kv_text(&w, "next",
               t->count == shown
                   ? NULL
                   : arena_printf(t->c->arena, "%lld.%lld.%lld.%lld.%lld",
                                  (long long)t->notes.pos_at, (long long)t->notes.pos_id,
                                  (long long)t->work.pos_at, (long long)t->work.pos_id,
                                  (long long)t->pos_set));
    jw_object_end(&w);
    return 0;
}

/* Only what is to be done: by due, undated last; the cursor is the list's own. */
static int print_open(struct timeline *t, const char *cursor, struct buf *out)
{
    struct ctx *c = t->c;
    struct arena *a = c->arena;
    const char *next = NULL;
    if (open_work(t)) {
        struct stream *s = &t->work;
        const struct expr *filter =
            expr_and(a, points_here(t, s), build_empty(a, s->fields[SLOT_DONE], true));
        struct list_spec spec = stream_spec(s, expr_and(a, filter, kinds_filter(t, s)));
        spec.limit = t->limit;
        spec.cursor = cursor;
        spec.sort[spec.sort_count++] =
            (struct sort_key){.by = build_empty(a, s->fields[SLOT_DUE], true)};
        spec.sort[spec.sort_count++] = (struct sort_key){.field = s->fields[SLOT_DUE]};
        struct who who = ctx_who(c);
        t->reading = s;
        if (query_list(c->db, &who, &spec, a, take_row, t, &next, &c->err) != 0) {
            return -1;
        }
    }
    struct json_writer w;
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "items");
    jw_array(&w);
    for (size_t i = 0; i < t->count; i++) {
        timeline_print_item(t, &w, &t->items[i]);
    }
    jw_array_end(&w);
    jw_kv_text(&w, "next", next);
    jw_object_end(&w);
    return 0;
}

static bool wants_work(const struct timeline *t)
{
    for (size_t i = 0; i < t->kind_count; i++) {
        if (strcmp(t->kinds[i], "note") != 0 && strcmp(t->kinds[i], "change") != 0) {
            return true;
        }
    }
    return t->kind_count == 0;
}

int timeline_list(struct ctx *c, const struct entity *e, int64_t id, const char *kinds,
                  const char *cursor, int64_t limit, struct buf *out)
{
    struct timeline t = {.c = c, .entity = e, .limit = limit <= 0 ? LIMIT_DEFAULT : (size_t)limit};
    t.limit = t.limit > LIMIT_MAX ? LIMIT_MAX : t.limit;
    cursor = cursor != NULL && *cursor != '\0' ? cursor : NULL;
    if (record_permit(c, ACTION_SEE, e, id, false) != 0 ||
        rows_load(c->db, e, id, c->arena, &t.record, &c->err) != 0 || read_kinds(&t, kinds) != 0) {
        return -1;
    }
    if (t.open) {
        return print_open(&t, cursor, out);
    }
    if (cursor != NULL && read_cursor(&t, cursor) != 0) {
        return -1;
    }
    if (wants(&t, "note") && e->timeline && open_notes(&t) && read_stream(&t, &t.notes) != 0) {
        return -1;
    }
    if (wants_work(&t) && open_work(&t) && read_stream(&t, &t.work) != 0) {
        return -1;
    }
    if (wants(&t, "change") && read_changes(&t) != 0) {
        return -1;
    }
    return print_page(&t, out);
}
