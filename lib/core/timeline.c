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
#include "core/timeline.h"
#include "store/merged.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     200
#define HISTORY_ROWS  400 /* change rows read at once */

/* Words for kinds that are no entity's and no option's. */
#define KIND_CHANGE "change"
#define KIND_OPEN   "open" /* only what is to be done */

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
        kinds += n + (kinds[n] == ',' ? 1 : 0);
    }
    return 0;
}

static bool names(const struct timeline *t, const char *kind)
{
    for (size_t i = 0; i < t->kind_count; i++) {
        if (strcmp(t->kinds[i], kind) == 0) {
            return true;
        }
    }
    return false;
}

/* Were entries of this stream asked for: by their entity, or by an option of their kind? */
static bool wants(const struct timeline *t, const struct stream *s)
{
    const struct field *kind = s->fields[SLOT_KIND];
    bool named = t->kind_count == 0 || names(t, s->entity->name);
    for (size_t i = 0; kind != NULL && i < kind->option_count; i++) {
        named = named || names(t, kind->options[i].id);
    }
    return named;
}

/* "at.id.at.id.set": two numbers for each stream, one for the changes */
static int read_cursor(struct timeline *t, const char *cursor)
{
    size_t count = 2 * t->stream_count + 1;
    int64_t **positions = ARENA_ARRAY(t->c->arena, int64_t *, count);
    for (size_t i = 0; i < t->stream_count; i++) {
        positions[2 * i] = &t->streams[i].pos_at;
        positions[2 * i + 1] = &t->streams[i].pos_id;
    }
    positions[count - 1] = &t->pos_set;
    const char *s = cursor;
    for (size_t i = 0; i < count; i++) {
        size_t n = strcspn(s, ".");
        if (str_to_int(arena_strndup(t->c->arena, s, n), positions[i]) != 0 ||
            (s[n] == '.') != (i + 1 < count)) {
            return ctx_fail(t->c, ERR_MALFORMED, "cursor",
                            "This cursor is not from an earlier answer.");
        }
        s += n + 1;
    }
    return 0;
}

static const char *print_cursor(const struct timeline *t)
{
    struct buf text = {0};
    for (size_t i = 0; i < t->stream_count; i++) {
        buf_printf(&text, "%lld.%lld.", (long long)t->streams[i].pos_at,
                   (long long)t->streams[i].pos_id);
    }
    buf_printf(&text, "%lld", (long long)t->pos_set);
    const char *cursor = arena_strdup(t->c->arena, buf_text(&text));
    buf_done(&text);
    return cursor;
}

/* ---- Entries --------------------------------------------------------------------------------- */

static const struct field *if_seen(const struct ctx *c, const struct field *f)
{
    return f != NULL && access_sees(c, f) ? f : NULL;
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

static bool tells(const struct ctx *c, const struct entity *e, const struct field *f)
{
    return field_is_records(f) && f->column_count > 0 && access_sees(c, f) &&
           (e != c->model->work || f == e->story.records);
}

static bool tells_at_all(const struct ctx *c, const struct entity *e)
{
    for (size_t i = 0; i < e->field_count; i++) {
        if (tells(c, e, e->fields[i])) {
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
    if (e == c->model->work) {
        return next_activity(c, t->entity, &m);
    }
    return t->entity->timeline && ctx_may(c, ACTION_SEE, e) && tells_at_all(c, e) &&
           s->fields[SLOT_AT] != NULL;
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
    struct stream *s = t->reading;
    struct item *item = add_item(t);
    size_t read = 0;
    item->id = row->id;
    item->stream = s;
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
            item->by_title = arena_strdup(t->c->arena, row->titles[read].text);
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

/* Conditions on the kind of an entry that were asked for. */
static const struct expr *kinds_filter(struct timeline *t, const struct stream *s)
{
    const struct expr *any = NULL;
    if (s->fields[SLOT_KIND] == NULL || names(t, s->entity->name)) {
        return NULL;
    }
    for (size_t i = 0; i < t->kind_count; i++) {
        if (strcmp(t->kinds[i], KIND_OPEN) != 0) {
            any = build_or(
                t->c->arena, any,
                build_compare(t->c->arena, s->fields[SLOT_KIND], EXPR_EQ, value_text(t->kinds[i])));
        }
    }
    return any;
}

/* Through one of the fields it points with that the actor sees; work by the one of its next steps. */
static const struct expr *points_here(struct timeline *t, const struct stream *s)
{
    struct arena *a = t->c->arena;
    const struct entity *e = s->entity;
    const struct field *id = entity_field_find(t->entity, "id");
    const struct expr *any = NULL;
    for (size_t i = 0; i < e->field_count; i++) {
        if (tells(t->c, e, e->fields[i])) {
            any = build_or(a, any,
                           build_test(a, EXPR_CONTAINS, build_field(a, e->fields[i]),
                                      build_value(a, id, value_int(t->record->id))));
        }
    }
    return any;
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

static int read_stream(struct timeline *t, struct stream *s)
{
    struct ctx *c = t->c;
    struct arena *a = c->arena;
    const struct expr *filter = expr_and(a, points_here(t, s), after_position(c, s));
    filter = expr_and(a, filter, kinds_filter(t, s));
    if (s->fields[SLOT_DONE] != NULL) {
        filter = expr_and(a, filter, build_empty(a, s->fields[SLOT_DONE], false));
    }
    struct list_spec spec = stream_spec(t, s, filter);
    spec.limit = t->limit + 1;
    spec.sort[spec.sort_count++] =
        (struct sort_key){.field = s->fields[SLOT_AT], .descending = true};
    spec.sort[spec.sort_count++] =
        (struct sort_key){.field = entity_field_find(s->entity, "id"), .descending = true};
    struct who who = ctx_who(c);
    const char *next = NULL;
    return query_list(c->db, &who, &spec, a, take_row, t, &next, &c->err);
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
    if (told) {
        struct item *item = add_item(t);
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
    return a->id > b->id ? -1 : a->id < b->id;
}

static void advance(struct timeline *t, const struct item *item)
{
    if (item->stream == NULL) {
        t->pos_set = item->id;
        return;
    }
    item->stream->pos_at = item->at;
    item->stream->pos_id = item->id;
}

static bool is_same_set(const struct item *x, const struct item *y)
{
    return x->stream == NULL && y->stream == NULL && x->id == y->id;
}

static int print_page(struct timeline *t, struct buf *out)
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
    jw_kv_text(&w, "next", t->count == shown ? NULL : print_cursor(t));
    jw_object_end(&w);
    return 0;
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
        const struct expr *filter =
            expr_and(a, points_here(t, s), build_empty(a, s->fields[SLOT_DONE], true));
        struct list_spec spec = stream_spec(t, s, expr_and(a, filter, kinds_filter(t, s)));
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
        if (wants(t, s) && is_shown(t, s) && read_stream(t, s) != 0) {
            return -1;
        }
    }
    return t->kind_count == 0 || names(t, KIND_CHANGE) ? read_changes(t) : 0;
}

int timeline_list(struct ctx *c, const struct entity *e, int64_t id, const char *kinds,
                  const char *cursor, int64_t limit, struct buf *out)
{
    struct timeline t = {.c = c, .entity = e, .limit = limit <= 0 ? LIMIT_DEFAULT : (size_t)limit};
    t.limit = t.limit > LIMIT_MAX ? LIMIT_MAX : t.limit;
    bool merged = false;
    cursor = cursor != NULL && *cursor != '\0' ? cursor : NULL;
    if (record_follow(c, e, &id, &merged) != 0 || record_permit(c, ACTION_SEE, e, id, false) != 0 ||
        rows_load(c->db, e, id, c->arena, &t.record, &c->err) != 0 || read_kinds(&t, kinds) != 0) {
        return -1;
    }
    add_streams(&t);
    if (names(&t, KIND_OPEN)) {
        return print_open(&t, cursor, out);
    }
    if ((cursor != NULL && read_cursor(&t, cursor) != 0) || read_streams(&t) != 0) {
        return -1;
    }
    return print_page(&t, out);
}
