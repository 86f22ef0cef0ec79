/*
 * Roll-ups: stored computed fields that count or sum other records. A write only marks the records
 * whose roll-ups it may change; each of them is computed once, when the change-set ends or when a
 * statement is about to read such a field of their entity (sql_statement). So a thousand children of
 * one parent cost one sum, not a thousand. See rows.h.
 *
 * What is computed changes others only upwards: a field of one rank is made of lower ones. So a change
 * goes no further than there are ranks, also where records point to each other in a ring.
 *
 * Marks are only ever added while a set is open: a savepoint that is taken back forgets those that
 * came since and finds undone again what was computed since.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "model/expr.h"
#include "model/field_type.h"
#include "store/index_rows.h"
#include "store/rows_private.h"
#include "store/store_private.h"

#define LATELY 8 /* marks looked at before the same one is added again */

struct rollup {
    const struct entity *entity;
    int64_t id;
    int depth;
};

/* How far a write has come: from field to field computed from it; outwards from a record to what
 * counts others by it. */
struct reach {
    int depth, outwards;
};

/* A record before and after a write; NULL where there is none. */
struct pair {
    const struct record *before, *after;
};

static bool alive(const struct record *r)
{
    return r && r->deleted_at == 0;
}

static bool differs(const struct pair *p, const struct field *f)
{
    int i = rows_column_index(p->before->entity, f);
    for (size_t k = 0; i >= 0 && k < f->column_count; k++) {
        if (!value_equal(p->before->values[(size_t)i + k], p->after->values[(size_t)i + k])) {
            return true;
        }
    }
    return i < 0; /* a system field: who knows */
}

/* Whether a write can matter to roll-ups over one link field. */
struct search {
    const struct field *by;
    const struct pair *pair; /* NULL: any write */
    bool found;
};

/* Visits measure and condition of an aggregate: do they read a field that changed? */
static void look_at_child(const struct expr *node, void *data)
{
    struct search *s = data;
    if (node->op == EXPR_AGGREGATE) {
        s->found = true; /* within another: its fields belong to other records */
    } else if (node->op == EXPR_FIELD && node->up == 0) {
        s->found = s->found || differs(s->pair, node->path_count > 0 ? node->path[0] : node->field);
    }
}

static void look_at(const struct expr *node, void *data)
{
    struct search *s = data;
    if (node->op == EXPR_FIELD && node->field->compute && !node->field->stored) {
        expr_walk(node->field->compute, look_at, s); /* stands in its place */
    }
    if (s->found || node->op != EXPR_AGGREGATE || node->path_count > 0 ||
        node->relation->by != s->by) {
        return;
    }
    const struct pair *p = s->pair;
    if (!p || alive(p->before) != alive(p->after) || (alive(p->before) && differs(p, s->by))) {
        s->found = true;
        return;
    }
    if (node->measure) {
        expr_walk(node->measure, look_at_child, s);
    }
    if (node->where) {
        expr_walk(node->where, look_at_child, s);
    }
}

static bool entity_rolls_up(const struct entity *parent, const struct field *by,
                            const struct pair *p)
{
    struct search s = {.by = by, .pair = p};
    for (size_t i = 0; i < parent->field_count && !s.found; i++) {
        const struct field *f = parent->fields[i];
        if (f->compute && f->stored && f->columns && f->compute->aggregates) {
            expr_walk(f->compute, look_at, &s);
        }
    }
    return s.found;
}

/* Ids a link field holds: one, or a list. */
static size_t targets_of(struct arena *a, const struct record *r, const struct field *by,
                         int64_t **out)
{
    struct value v = r ? record_value(r, by) : value_null();
    *out = NULL;
    if (v.kind == VALUE_INT) {
        *out = ARENA_NEW(a, int64_t);
        **out = v.i;
        return 1;
    }
    const struct json *list = NULL;
    struct err ignored = {0};
    if (v.kind != VALUE_TEXT || json_parse(a, v.s, v.n, &list, &ignored) != 0) {
        return 0;
    }
    size_t count = 0;
    *out = ARENA_ARRAY(a, int64_t, list->count);
    for (const struct json *item = list->child; item; item = item->next) {
        count += json_int(item, &(*out)[count]) == 0;
    }
    return count;
}

/* ---- marks ----------------------------------------------------------------------------------- */

static uint64_t entity_bit(const struct entity *entity)
{
    return (uint64_t)1 << (entity->index < 63 ? entity->index : 63);
}

static void take_room(struct rollups *p, struct arena *a, size_t room)
{
    struct rollup *list = ARENA_ARRAY(a, struct rollup, room);
    if (p->count > 0) {
        memcpy(list, p->list, p->count * sizeof(*list));
    }
    p->list = list;
    p->room = room;
}

void rows_rollup_move(struct rollups *p, struct arena *home)
{
    if (p->room > 0) {
        take_room(p, home, p->room);
    }
}

static void mark(struct db *db, const struct model *m, struct change_set *cs,
                 const struct entity *entity, int64_t id, int depth)
{
    struct rollups *p = &cs->rollups;
    for (size_t i = p->count; i > p->done && i + LATELY > p->count; i--) {
        if (p->list[i - 1].id == id && p->list[i - 1].depth <= depth) {
            return;
        }
    }
    if (p->count == p->room) {
        take_room(p, cs->arena, p->room ? 2 * p->room : 32);
    }
    p->list[p->count++] = (struct rollup){entity, id, depth};
    p->entities |= entity_bit(entity);
    p->model = m;
    db->open_set = cs;
}

/* What others may refuse a record for, or find it by, cannot wait. */
static bool is_urgent(const struct entity *entity)
{
    bool urgent = false;
    for (size_t i = 0; i < entity->field_count; i++) {
        const struct field *f = entity->fields[i];
        bool computed = f->compute && f->stored && f->columns;
        urgent = urgent || (computed && (f->unique || title_uses(entity, f)));
    }
    return urgent;
}

static int roll_up(struct db *db, const struct model *m, struct change_set *cs,
                   const struct pair *p, const struct reach *reach, struct err *e);

/* What counts this record may count it by what points to it: as if the whole of it had changed. */
static int roll_up_outer(struct db *db, const struct model *m, struct change_set *cs,
                         const struct entity *entity, int64_t id, const struct reach *reach,
                         struct err *e)
{
    struct record *r = NULL;
    struct err absent = {0};
    if (rows_load(db, entity, id, cs->arena, &r, &absent) != 0) {
        return absent.code == ERR_NOT_FOUND ? 0 : err_fail(e, absent.code, "", "%s", absent.text);
    }
    const struct pair gone = {.before = r};
    const struct reach further = {reach->depth, reach->outwards + 1};
    return alive(r) ? roll_up(db, m, cs, &gone, &further, e) : 0;
}

/* Marks the parents that one link field pointed to before or points to now, each once. */
static int roll_up_by(struct db *db, const struct model *m, struct change_set *cs,
                      const struct pair *p, const struct field *by, const struct reach *reach,
                      struct err *e)
{
    int64_t *ids[2] = {NULL, NULL};
    const size_t old = targets_of(cs->arena, p->before, by, &ids[0]);
    const size_t count = old + targets_of(cs->arena, p->after, by, &ids[1]);
    for (size_t i = 0; i < count; i++) {
        int64_t id = i < old ? ids[0][i] : ids[1][i - old];
        bool done = false;
        for (size_t k = 0; i >= old && k < old; k++) {
            done = done || ids[0][k] == id;
        }
        const struct entity *parent = by->to;
        if (!done && !parent && rows_entity_of(db, m, id, &parent, e) != 0) {
            return -1;
        }
        if (!done && parent && entity_rolls_up(parent, by, p)) {
            mark(db, m, cs, parent, id, reach->depth);
            if (is_urgent(parent) && rows_settle(db, cs, e) != 0) {
                return -1;
            }
        }
        if (!done && parent && by->inner && roll_up_outer(db, m, cs, parent, id, reach, e) != 0) {
            return -1;
        }
    }
    return 0;
}

static bool anyone_rolls_up(const struct model *m, const struct field *by, const struct pair *p)
{
    if (by->to) {
        return entity_rolls_up(by->to, by, p);
    }
    for (size_t i = 0; i < m->entity_count; i++) {
        if (entity_rolls_up(m->entities[i], by, p)) {
            return true;
        }
    }
    return false;
}

static int roll_up(struct db *db, const struct model *m, struct change_set *cs,
                   const struct pair *p, const struct reach *reach, struct err *e)
{
    const struct entity *entity = p->after ? p->after->entity : p->before->entity;
    if (reach->depth > m->rank_max || reach->outwards >= m->nesting) {
        return 0;
    }
    for (size_t i = 0; i < entity->field_count; i++) {
        const struct field *f = entity->fields[i];
        if (f->columns && field_refers(f) && (f->inner || anyone_rolls_up(m, f, p)) &&
            roll_up_by(db, m, cs, p, f, reach, e) != 0) {
            return -1;
        }
    }
    return 0;
}

int rows_rollup(struct db *db, const struct model *m, struct change_set *cs,
                const struct record *before, const struct record *after, struct err *e)
{
    const struct pair pair = {before, after};
    return before || after ? roll_up(db, m, cs, &pair, &(struct reach){1, 0}, e) : 0;
}

/* ---- computing ------------------------------------------------------------------------------- */

static int refresh_parent(struct db *db, struct change_set *cs, const struct rollup *parent,
                          struct err *e)
{
    const struct model *m = cs->rollups.model;
    struct record *r = NULL;
    struct err absent = {0};
    if (rows_load(db, parent->entity, parent->id, cs->arena, &r, &absent) != 0) {
        return absent.code == ERR_NOT_FOUND ? 0 : err_fail(e, absent.code, "", "%s", absent.text);
    }
    struct record *old = rows_copy(cs->arena, r);
    bool changed = false;
    atomic_fetch_add(&db->store->rollups, 1);
    if (rows_compute_changed(db, m, cs, r, &changed, e) != 0) {
        return -1;
    }
    const struct pair pair = {old, r};
    const struct reach next = {parent->depth + 1, 0};
    return changed ? roll_up(db, m, cs, &pair, &next, e) : 0;
}

static int by_id(const void *x, const void *y)
{
    const struct rollup *a = x, *b = y;
    return a->id != b->id ? (a->id < b->id ? -1 : 1) : (a->depth > b->depth) - (a->depth < b->depth);
}

/* All that is marked now; what this marks in turn comes in the next round. */
static int settle_round(struct db *db, struct change_set *cs, struct err *e)
{
    struct rollups *p = &cs->rollups;
    size_t count = p->count - p->done;
    struct rollup *list = ARENA_ARRAY(cs->arena, struct rollup, count);
    memcpy(list, p->list + p->done, count * sizeof(*list));
    p->done = p->count;
    qsort(list, count, sizeof(*list), by_id);
    for (size_t i = 0; i < count; i++) {
        if ((i == 0 || list[i].id != list[i - 1].id) &&
            refresh_parent(db, cs, &list[i], e) != 0) {
            return -1;
        }
    }
    return 0;
}

int rows_settle(struct db *db, struct change_set *cs, struct err *e)
{
    struct rollups *p = &cs->rollups;
    int rc = 0;
    if (p->busy) {
        return 0;
    }
    p->busy = true;
    while (rc == 0 && p->done < p->count) {
        rc = settle_round(db, cs, e);
    }
    p->busy = false;
    p->entities = rc == 0 ? 0 : p->entities;
    return rc;
}

void rows_reads(const struct field *f, uint64_t *entities)
{
    *entities |= f->compute && f->stored ? entity_bit(f->entity) : 0;
}

int rows_settle_for(struct db *db, uint64_t entities, struct err *e)
{
    struct change_set *cs = db->open_set;
    return cs != NULL && (cs->rollups.entities & entities) != 0 ? rows_settle(db, cs, e) : 0;
}
