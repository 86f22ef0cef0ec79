/*
 * The trash of all entities, or of one, in one list, newest first. One query per entity the actor
 * may see, each by its own index; the cursor is the last item's time and id. Which of a page's
 * records the actor may restore is asked once for each entity that has some on it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "core/build.h"
#include "core/parts.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     200

struct trashed {
    int64_t at, id, by;
    const struct entity *entity;
    const char *title, *by_title;
    bool restorable;
};

struct trash {
    struct ctx *c;
    size_t limit;
    bool links;             /* what points at them is counted */
    int64_t pos_at, pos_id; /* last item of the page before; 0: none */
    const struct entity *reading;
    struct trashed *items;
    size_t count, room;
};

enum part { COLUMN_TITLE, COLUMN_AT, COLUMN_BY, COLUMN_COUNT };
static const char *const COLUMNS[] = {"title", "deleted_at", "updated_by"};

static int take_row(void *data, const struct list_row *row)
{
    struct trash *t = data;
    struct arena *a = t->c->arena;
    if (t->count == t->room) {
        size_t room = t->room == 0 ? 64 : 2 * t->room;
        struct trashed *more = ARENA_ARRAY(a, struct trashed, room);
        if (t->count > 0) {
            memcpy(more, t->items, sizeof(*more) * t->count);
        }
        t->items = more;
        t->room = room;
    }
    const struct value *v = row->values;
    t->items[t->count++] = (struct trashed){.at = v[COLUMN_AT].i,
                                            .id = row->id,
                                            .by = v[COLUMN_BY].i,
                                            .entity = t->reading,
                                            .title = arena_strdup(a, v[COLUMN_TITLE].s),
                                            .by_title = arena_strdup(a, row->titles[COLUMN_BY].text)};
    return 0;
}

static const struct expr *after_position(const struct trash *t, const struct field *at,
                                         const struct field *id)
{
    struct arena *a = t->c->arena;
    if (t->pos_id == 0) {
        return NULL;
    }
    struct value when = value_int(t->pos_at);
    const struct expr *tie = build_test(a, EXPR_AND, build_compare(a, at, EXPR_EQ, when),
                                        build_compare(a, id, EXPR_LT, value_int(t->pos_id)));
    return build_or(a, build_compare(a, at, EXPR_LT, when), tie);
}

static int read_entity(struct trash *t, const struct entity *e)
{
    struct ctx *c = t->c;
    const struct field *fields[COLUMN_COUNT];
    for (size_t i = 0; i < COUNT(fields); i++) {
        fields[i] = entity_field_find(e, COLUMNS[i]);
        if (fields[i] == NULL) {
            return 0;
        }
    }
    const struct field *id = entity_field_find(e, "id");
    struct list_spec spec = {.entity = e,
                             .action = ACTION_SEE,
                             .filter = after_position(t, fields[COLUMN_AT], id),
                             .fields = fields,
                             .field_count = COUNT(fields),
                             .sort = {{.field = fields[COLUMN_AT], .descending = true},
                                      {.field = id, .descending = true}},
                             .sort_count = 2,
                             .limit = t->limit + 1,
                             .trash = true};
    struct who who = ctx_who(c);
    const char *next = NULL;
    t->reading = e;
    return query_list(c->db, &who, &spec, c->arena, take_row, t, &next, &c->err);
}

static int newest_first(const void *x, const void *y)
{
    const struct trashed *a = x, *b = y;
    if (a->at != b->at) {
        return a->at > b->at ? -1 : 1;
    }
    return a->id > b->id ? -1 : a->id < b->id;
}

static bool is_among(const int64_t *ids, size_t count, int64_t id)
{
    size_t i = 0;
    while (i < count && ids[i] != id) {
        i++;
    }
    return i < count;
}

/* The first `shown` items that are of the entity, and those of them the actor may restore. */
static int mark_entity(struct trash *t, const struct entity *e, size_t shown)
{
    int64_t *ids = ARENA_ARRAY(t->c->arena, int64_t, shown), *may = NULL;
    size_t count = 0, may_count = 0;
    for (size_t i = 0; i < shown; i++) {
        if (t->items[i].entity == e) {
            ids[count++] = t->items[i].id;
        }
    }
    if (count > 0 && record_restorable(t->c, e, ids, count, &may, &may_count) != 0) {
        return -1;
    }
    for (size_t i = 0; i < shown; i++) {
        if (t->items[i].entity == e) {
            t->items[i].restorable = is_among(may, may_count, t->items[i].id);
        }
    }
    return 0;
}

static int mark_restorable(struct trash *t, size_t shown)
{
    int rc = 0;
    for (size_t i = 0; shown > 0 && i < t->c->model->entity_count && rc == 0; i++) {
        rc = mark_entity(t, t->c->model->entities[i], shown);
    }
    return rc;
}

static int print_page(const struct trash *t, size_t shown, struct buf *out)
{
    struct json_writer w;
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "items");
    jw_array(&w);
    for (size_t i = 0; i < shown; i++) {
        const struct trashed *one = &t->items[i];
        char at[CLOCK_INSTANT_SIZE];
        clock_print_instant(one->at, at);
        jw_object(&w);
        jw_kv_text(&w, "entity", one->entity->name);
        jw_kv_int(&w, "id", one->id);
        jw_kv_text(&w, "title", one->title);
        jw_kv_text(&w, "deleted_at", at);
        jw_key(&w, "deleted_by");
        print_link(&w, one->by, &(struct link_title){.text = one->by_title});
        jw_kv_bool(&w, "restorable", one->restorable);
        if (t->links && trash_links(t->c, one->entity, one->id, &w) != 0) {
            return -1;
        }
        jw_object_end(&w);
    }
    jw_array_end(&w);
    const struct trashed *last = shown > 0 ? &t->items[shown - 1] : NULL;
    jw_kv_text(
        &w, "next",
        t->count > shown && last != NULL
            ? arena_printf(t->c->arena, "%lld.%lld", (long long)last->at, (long long)last->id)
            : NULL);
    jw_object_end(&w);
    return 0;
}

static int read_cursor(struct trash *t, const char *cursor)
{
    size_t n = strcspn(cursor, ".");
    if (cursor[n] != '.' || str_to_int(arena_strndup(t->c->arena, cursor, n), &t->pos_at) != 0 ||
        str_to_int(cursor + n + 1, &t->pos_id) != 0) {
        return ctx_fail(t->c, ERR_MALFORMED, "cursor",
                        "This cursor is not from an earlier answer.");
    }
    return 0;
}

int trash_list(struct ctx *c, const struct entity *only, const char *cursor, int64_t limit,
               bool links, struct buf *out)
{
    struct trash t = {
        .c = c, .limit = limit <= 0 ? LIMIT_DEFAULT : (size_t)limit, .links = links};
    t.limit = t.limit > LIMIT_MAX ? LIMIT_MAX : t.limit;
    if (c->actor.anonymous) {
        return ctx_fail(c, ERR_UNAUTHENTICATED, "", "Sign in first.");
    }
    if (ctx_db(c) == NULL || (cursor != NULL && *cursor != '\0' && read_cursor(&t, cursor) != 0)) {
        return -1;
    }
    for (size_t i = 0; i < c->model->entity_count; i++) {
        const struct entity *e = c->model->entities[i];
        bool asked = only == NULL || e == only;
        if (asked && ctx_may(c, ACTION_SEE, e) && read_entity(&t, e) != 0) {
            return -1;
        }
    }
    if (t.count > 1) {
        qsort(t.items, t.count, sizeof(*t.items), newest_first);
    }
    size_t shown = t.count < t.limit ? t.count : t.limit;
    if (mark_restorable(&t, shown) != 0) {
        return -1;
    }
    return print_page(&t, shown, out);
}
