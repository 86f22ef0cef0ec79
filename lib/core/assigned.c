/* See assigned.h. */
#include "core/assigned.h"

#include <string.h>

#include "base/str.h"
#include "core/notification.h"
#include "core/parts.h"

#define PEOPLE "participants"

/* What keys of these notices begin with: one record, several at once, taking part. */
#define OWN  "own:"
#define MANY "many:"
#define PART "part:"

static enum change_source source_of(const struct ctx *c)
{
    return c->as != SOURCE_NONE ? c->as : c->actor.source;
}

static bool is_told_of(const struct ctx *c, const struct entity *e)
{
    enum change_source source = source_of(c);
    return (e->timeline || e == c->model->work) && !c->settling && c->undo_of == 0 && !c->along &&
           (source == SOURCE_UI || source == SOURCE_API || source == SOURCE_BULK);
}

static int tell(struct ctx *c, int64_t record, int64_t user, const char *key, const char *params)
{
    return notify(c, &(struct notification){.user = user,
                                            .kind = NOTIFY_ASSIGNED,
                                            .record = record,
                                            .actor = c->actor.user,
                                            .key = key,
                                            .params = params});
}

/* What is handed over together is told of once, with the first of it and how many there are. */
static int tell_of_many(struct ctx *c, const struct change_set *set, int64_t record, int64_t user)
{
    bool more = false;
    int64_t root = set->parent != 0 ? set->parent : set->id;
    const char *key = arena_printf(c->arena, MANY "%lld", (long long)root);
    if (user == c->actor.user || c->dry_run) {
        return 0;
    }
    if (notifications_one_more(c->db, user, NOTIFY_ASSIGNED, key, &more, &c->err) != 0) {
        return -1;
    }
    return more ? 0 : tell(c, record, user, key, "{\"count\":1}");
}

int assigned_to(struct ctx *c, int64_t record, int64_t user, const char *params)
{
    const struct change_set *set = c->settled != NULL ? c->settled : &c->change;
    return set->source == SOURCE_BULK || set->source == SOURCE_IMPORT
               ? tell_of_many(c, set, record, user)
               : tell(c, record, user, arena_printf(c->arena, OWN "%lld", (long long)set->id),
                      params);
}

static bool is_among(const int64_t *ids, size_t count, int64_t id)
{
    for (size_t i = 0; i < count; i++) {
        if (ids[i] == id) {
            return true;
        }
    }
    return false;
}

/* Colleagues who take part from now on, and those who do no more. */
static int tell_people(struct ctx *c, const struct record *before, const struct record *r)
{
    const struct entity *e = r->entity;
    const struct field *people = e == c->model->work ? entity_field_find(e, PEOPLE) : NULL;
    const struct who system = {.model = c->model, .now_ms = c->now_ms};
    int64_t *ids = NULL, *old = NULL;
    if (people == NULL || people->column_count != 1 || !is_told_of(c, e)) {
        return 0;
    }
    size_t old_count = before != NULL ? print_ids(c->arena, record_value(before, people), &old) : 0;
    size_t count = print_ids(c->arena, record_value(r, people), &ids);
    for (size_t i = 0; i < old_count; i++) {
        const char *key = arena_printf(c->arena, PART "%lld:", (long long)old[i]);
        if (!is_among(ids, count, old[i]) &&
            notification_drop(c, NOTIFY_ASSIGNED, r->id, key) != 0) {
            return -1;
        }
    }
    struct title_row *rows = ARENA_ARRAY(c->arena, struct title_row, count + 1);
    if (count > 0 && query_titles(c->db, &system, ids, count, c->arena, rows, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        bool user = rows[i].entity != NULL && str_eq(rows[i].entity->name, ENTITY_USER);
        const char *key = arena_printf(c->arena, PART "%lld:%lld", (long long)rows[i].id,
                                       (long long)c->change.id);
        if (user && !is_among(old, old_count, rows[i].id) &&
            tell(c, r->id, rows[i].id, key, "{\"part\":true}") != 0) {
            return -1;
        }
    }
    return 0;
}

static int tell_owner(struct ctx *c, const struct record *before, const struct record *r)
{
    const struct field *owner = r->entity->owner;
    if (owner == NULL) {
        return 0;
    }
    struct value now = record_value(r, owner);
    struct value then = before != NULL ? record_value(before, owner) : value_null();
    if (value_equal(now, then)) {
        return 0;
    }
    if (before != NULL && (notification_drop(c, NOTIFY_ASSIGNED, r->id, OWN) != 0 ||
                           notification_drop(c, NOTIFY_ASSIGNED, r->id, MANY) != 0)) {
        return -1;
    }
    return now.kind == VALUE_INT && is_told_of(c, r->entity) ? assigned_to(c, r->id, now.i, "{}")
                                                             : 0;
}

int assigned_tell(struct ctx *c, const struct record *before, const struct record *r)
{
    return tell_owner(c, before, r) != 0 || tell_people(c, before, r) != 0 ? -1 : 0;
}
