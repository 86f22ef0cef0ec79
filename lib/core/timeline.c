/*
 * The timeline of a record: what points to it through a field of type records (notes, activities,
 * and what a customer has besides: struct story) and the changes of its fields, merged by time,
 * newest first. A stream for each such entity and one of changes, each read in one query from its
 * own position by its own index; the cursor is all the positions. Everything is what the actor may
 * see: entries by the rights of their entity, changes by the rights to the fields.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "core/build.h"
#include "core/series.h"
#include "core/timeline.h"
#include "store/merged.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     200
#define HISTORY_ROWS  400 /* change rows read at once */
#define PINNED_MAX    10

/* ---- Entries --------------------------------------------------------------------------------- */

static const struct field *if_seen(const struct ctx *c, const struct field *f)
{
    return f != NULL && access_sees(c, f) ? f : NULL;
}

static void set_slots(struct stream *s)
{
    size_t at = 0;
    s->count = 0;
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        if (s->fields[i] != NULL) {
            s->at[i] = at;
            s->read[s->count++] = s->fields[i];
            at += s->fields[i]->column_count > 0 ? s->fields[i]->column_count : 1;
        }
    }
}

/* Who wrote it down; of work, who is to do it. */
static const struct field *by_whom(const struct ctx *c, const struct entity *e)
{
    const struct field *owner = e->story.done != NULL ? if_seen(c, e->owner) : NULL;
    return owner != NULL ? owner : if_seen(c, entity_field_find(e, "created_by"));
}

static void add_stream(struct timeline *t, const struct entity *e)
{
    struct ctx *c = t->c;
    const struct story *story = &e->story;
    struct stream *s = &t->streams[t->stream_count++];
    *s = (struct stream){.entity = e};
    s->fields[SLOT_AT] = if_seen(c, story->at);
    s->fields[SLOT_BY] = by_whom(c, e);
    s->fields[SLOT_KIND] = if_seen(c, story->kind);
    s->fields[SLOT_SUBJECT] = if_seen(c, story->subject);
    s->fields[SLOT_TEXT] = if_seen(c, story->text);
    s->fields[SLOT_DUE] = if_seen(c, story->due);
    s->fields[SLOT_DONE] = if_seen(c, story->done);
    s->fields[SLOT_SERIES] =
        e == c->model->work ? if_seen(c, entity_field_find(e, SERIES_FIELD)) : NULL;
    s->fields[SLOT_PIN] = if_seen(c, story->pin);
    s->fields[SLOT_RECORDS] = t->with ? if_seen(c, story->records) : NULL;
}

static void add_streams(struct timeline *t)
{
    const struct model *m = t->c->model;
    t->streams = ARENA_ARRAY(t->c->arena, struct stream, m->entity_count);
    for (size_t i = 0; i < m->entity_count; i++) {
        if (m->entities[i]->story.records != NULL) {
            add_stream(t, m->entities[i]);
        }
    }
}

bool timeline_points(const struct ctx *c, const struct entity *e, const struct field *f)
{
    return field_is_records(f) && f->column_count > 0 && f != e->story.pin && access_sees(c, f) &&
           (e != c->model->work || f == e->story.records);
}

static bool tells_at_all(const struct ctx *c, const struct entity *e)
{
    for (size_t i = 0; i < e->field_count; i++) {
        if (timeline_points(c, e, e->fields[i])) {
            return true;
        }
    }
    return false;
}

/* May the actor see that there are such entries, and where they belong? */
static bool is_shown(const struct timeline *t, const struct stream *s)
{
    const struct ctx *c = t->c;
    const struct entity *e = s->entity;
    struct activity_model m;
    if (t->by != 0 && s->fields[SLOT_BY] == NULL) {
        return false;
    }
    if (e == c->model->work) {
        return next_activity(c, t->entity, &m);
    }
    return t->entity->timeline && ctx_may(c, ACTION_SEE, e) && tells_at_all(c, e) &&
           s->fields[SLOT_AT] != NULL;
}

struct item *timeline_add_item(struct timeline *t)
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
    struct stream *s = t->reading;
    struct item *item = timeline_add_item(t);
    size_t read = 0;
    item->id = row->id;
    item->stream = s;
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        if (s->fields[i] == NULL) {
            continue;
        }
        struct value v = print_kept(t->c->arena, row->values[s->at[i]]);
        for (size_t k = 0; i == SLOT_DUE && k < s->fields[i]->column_count; k++) {
            item->due[k] = print_kept(t->c->arena, row->values[s->at[i] + k]);
        }
        item->values[i] = v;
        if (i == SLOT_BY) {
            item->by_title = arena_strdup(t->c->arena, row->titles[read].text);
        }
        read++;
    }
    item->at = item->values[SLOT_AT].i;
    return 0;
}

static struct list_spec stream_spec(struct timeline *t, struct stream *s, const struct expr *filter)
{
    set_slots(s);
    t->reading = s;
    return (struct list_spec){.entity = s->entity,
                              .action = ACTION_SEE,
                              .filter = filter,
                              .fields = s->read,
                              .field_count = s->count};
}

bool timeline_by_id(const struct stream *s)
{
    return s->fields[SLOT_AT]->system && str_eq(s->fields[SLOT_AT]->name, "created_at");
}

static void sort_newest(struct list_spec *spec, const struct stream *s)
{
    if (!timeline_by_id(s)) {
        spec->sort[spec->sort_count++] =
            (struct sort_key){.field = s->fields[SLOT_AT], .descending = true};
    }
    spec->sort[spec->sort_count++] =
        (struct sort_key){.field = entity_field_find(s->entity, "id"), .descending = true};
}

static int read_stream(struct timeline *t, struct stream *s)
{
    struct ctx *c = t->c;
    struct arena *a = c->arena;
    const struct expr *filter = expr_and(a, timeline_filter(t, s), timeline_after(c, s));
    struct list_spec spec = stream_spec(t, s, filter);
    spec.limit = t->limit + 1;
    sort_newest(&spec, s);
    struct who who = ctx_who(c);
    const char *next = NULL;
    size_t start = t->count;
    int rc = query_list(c->db, &who, &spec, a, take_row, t, &next, &c->err);
    s->whole = t->target_count == 1 && s->pos_id == 0 && t->count - start <= t->limit;
    return rc;
}

/* ---- Changes --------------------------------------------------------------------------------- */

/* That a merged record went is told by the one it was merged into. */
static bool is_merge(const struct timeline *t, const struct change_row *row)
{
    return row->record != t->record->id && row->source == SOURCE_MERGE;
}

/* Groups the rows of one set into an item; returns the number of rows taken. */
static size_t take_set(struct timeline *t, const struct change_row *rows, size_t count)
{
    size_t n = 1;
    bool told = timeline_tells(&rows[0]) && !is_merge(t, &rows[0]);
    while (n < count && rows[n].set == rows[0].set) {
        told = told || (timeline_tells(&rows[n]) && !is_merge(t, &rows[n]));
        n++;
    }
    if (told && (t->by == 0 || rows[0].actor == t->by)) {
        struct item *item = timeline_add_item(t);
        item->at = rows[0].at_ms;
        item->id = rows[0].set;
        item->rows = rows;
        item->row_count = n;
    }
    return n;
}

static int read_changes_of(struct timeline *t, int64_t record)
{
    struct ctx *c = t->c;
    int64_t before = t->pos_set;
    size_t start = t->count;
    while (t->count - start <= t->limit) {
        struct change_row *rows = NULL;
        size_t count = 0;
        if (change_history(c->db, c->model, c->actor.role, t->entity, record, before, HISTORY_ROWS,
                           c->arena, &rows, &count, &c->err) != 0) {
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

/* What happened to records before they were merged into this one belongs to its history, for those
 * who could see it. */
static int find_records(struct timeline *t)
{
    struct ctx *c = t->c;
    int64_t *merged = NULL, *seen = NULL;
    size_t count = 0, n = 0;
    if (merged_into(c->db, t->record->id, c->arena, &merged, &count, &c->err) != 0 ||
        (count > 0 && record_permitted(c, ACTION_SEE, t->entity, merged, count, true, &seen, &n) !=
                          0)) {
        return -1;
    }
    t->records = ARENA_ARRAY(c->arena, int64_t, n + 1);
    t->records[t->record_count++] = t->record->id;
    for (size_t i = 0; i < n; i++) {
        t->records[t->record_count++] = seen[i];
    }
    return 0;
}

static int read_changes(struct timeline *t)
{
    int rc = find_records(t);
    for (size_t i = 0; i < t->record_count && rc == 0; i++) {
        rc = read_changes_of(t, t->records[i]);
    }
    return rc;
}

/* ---- Merging --------------------------------------------------------------------------------- */

static int newest_first(const void *x, const void *y)
{
    const struct item *a = x, *b = y;
    if (a->at != b->at) {
        return a->at > b->at ? -1 : 1;
    }
    if (a->id != b->id || a->stream != NULL || b->stream != NULL) {
        return a->id > b->id ? -1 : a->id < b->id;
    }
    return a->rows[0].record > b->rows[0].record ? -1 : 1;
}

static void advance(struct timeline *t, const struct item *item)
{
    if (item->other) {
        t->pos_other = (struct change_place){item->id, item->rows[0].record};
        t->pos_other_at = item->at;
        return;
    }
    if (item->stream == NULL) {
        t->pos_set = item->id;
        return;
    }
    item->stream->pos_at = item->at;
    item->stream->pos_id = item->id;
}

static bool is_same_set(const struct item *x, const struct item *y)
{
    return x->stream == NULL && y->stream == NULL && x->id == y->id && !x->other && !y->other;
}

/* Pinned ones of a stream that was read to its end. */
static void take_pinned(struct timeline *t, const struct stream *s, const struct item *items,
                        size_t count)
{
    size_t most = t->count + PINNED_MAX;
    for (size_t i = 0; i < count && t->count < most; i++) {
        if (items[i].stream == s && timeline_is_pinned(t, &items[i])) {
            *timeline_add_item(t) = items[i];
        }
    }
}

/* The entries somebody pinned to the top, newest first; they stand among the others too: `items`. */
static int read_pinned(struct timeline *t, const struct item *items, size_t item_count)
{
    struct ctx *c = t->c;
    for (size_t i = 0; i < t->stream_count; i++) {
        struct stream *s = &t->streams[i];
        if (s->whole) {
            take_pinned(t, s, items, item_count);
            continue;
        }
        if (s->fields[SLOT_PIN] == NULL || !timeline_wants(t, s) || !is_shown(t, s)) {
            continue;
        }
        const struct expr *pinned =
            build_any_of(c->arena, s->fields[SLOT_PIN], &t->record->id, 1);
        struct list_spec spec =
            stream_spec(t, s, expr_and(c->arena, timeline_filter(t, s), pinned));
        spec.limit = PINNED_MAX;
        sort_newest(&spec, s);
        struct who who = ctx_who(c);
        if (query_list(c->db, &who, &spec, c->arena, take_row, t, NULL, &c->err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int print_pinned(struct timeline *t, struct json_writer *w)
{
    const struct item *items = t->items;
    size_t count = t->count;
    t->items = NULL;
    t->count = t->room = 0;
    t->target_count = 1; /* of the record itself */
    if (read_pinned(t, items, count) != 0 || timeline_titles(t, t->count) != 0) {
        return -1;
    }
    jw_key(w, "pinned");
    jw_array(w);
    for (size_t i = 0; i < t->count; i++) {
        timeline_print_item(t, w, &t->items[i]);
    }
    jw_array_end(w);
    return 0;
}

static int print_page(struct timeline *t, bool first, struct buf *out)
{
    struct json_writer w;
    size_t shown = t->count < t->limit ? t->count : t->limit;
    if (t->count > 1) {
        qsort(t->items, t->count, sizeof(*t->items), newest_first);
    }
    while (shown > 0 && shown < t->count && is_same_set(&t->items[shown - 1], &t->items[shown])) {
        shown++; /* what one set did to records that are one now stays on one page */
    }
    if (timeline_whole(t, shown) != 0 || timeline_titles(t, shown) != 0) {
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
    jw_kv_text(&w, "next", t->count == shown ? NULL : timeline_print_cursor(t));
    int rc = first ? print_pinned(t, &w) : 0;
    jw_object_end(&w);
    return rc;
}

static struct stream *stream_of_work(struct timeline *t)
{
    for (size_t i = 0; i < t->stream_count; i++) {
        if (t->streams[i].entity == t->c->model->work && is_shown(t, &t->streams[i])) {
            return &t->streams[i];
        }
    }
    return NULL;
}

/* Only what is to be done: by due, undated last; the cursor is the list's own. */
static int print_open(struct timeline *t, const char *cursor, struct buf *out)
{
    struct ctx *c = t->c;
    struct arena *a = c->arena;
    const char *next = NULL;
    struct stream *s = stream_of_work(t);
    if (s != NULL) {
        s->fields[SLOT_AT] = if_seen(c, entity_field_find(s->entity, "created_at"));
        struct list_spec spec = stream_spec(t, s, timeline_open_filter(t, s));
        spec.limit = t->limit;
        spec.cursor = cursor;
        spec.sort[spec.sort_count++] =
            (struct sort_key){.by = build_empty(a, s->fields[SLOT_DUE], true)};
        spec.sort[spec.sort_count++] = (struct sort_key){.field = s->fields[SLOT_DUE]};
        struct who who = ctx_who(c);
        if (query_list(c->db, &who, &spec, a, take_row, t, &next, &c->err) != 0) {
            return -1;
        }
    }
    if (timeline_titles(t, t->count) != 0) {
        return -1;
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

static int read_streams(struct timeline *t)
{
    for (size_t i = 0; i < t->stream_count; i++) {
        struct stream *s = &t->streams[i];
        if (timeline_wants(t, s) && is_shown(t, s) && read_stream(t, s) != 0) {
            return -1;
        }
    }
    bool changes = t->kind_count == 0 || timeline_names(t, KIND_CHANGE);
    if (!changes || t->word_count > 0) {
        return 0;
    }
    return read_changes(t) != 0 || timeline_read_others(t) != 0 ? -1 : 0;
}

/* The record, or the one it was merged into, if the actor may see it. */
static int find_record(struct timeline *t, int64_t id)
{
    struct ctx *c = t->c;
    bool merged = false;
    int rc = record_permit(c, ACTION_SEE, t->entity, id, false);
    if (rc != 0 && c->err.code == ERR_NOT_FOUND) {
        struct err missing = c->err;
        err_clear(&c->err);
        rc = record_follow(c, t->entity, &id, &merged);
        if (rc == 0 && !merged) {
            c->err = missing;
            return -1;
        }
        rc = rc == 0 ? record_permit(c, ACTION_SEE, t->entity, id, false) : rc;
    }
    return rc != 0 ? -1 : rows_load(c->db, t->entity, id, c->arena, &t->record, &c->err);
}

int timeline_list(struct ctx *c, const struct entity *e, int64_t id,
                  const struct timeline_request *q, struct buf *out)
{
    struct timeline t = {.c = c, .entity = e, .by = q->by, .with = q->with};
    t.limit = q->limit <= 0 ? LIMIT_DEFAULT : q->limit > LIMIT_MAX ? LIMIT_MAX : (size_t)q->limit;
    bool first = q->cursor == NULL || *q->cursor == '\0';
    if (find_record(&t, id) != 0 || timeline_read_request(&t, q) != 0) {
        return -1;
    }
    add_streams(&t);
    if (timeline_names(&t, KIND_OPEN)) {
        return print_open(&t, first ? NULL : q->cursor, out);
    }
    if ((!first && timeline_read_cursor(&t, q->cursor) != 0) || read_streams(&t) != 0) {
        return -1;
    }
    return print_page(&t, first, out);
}
