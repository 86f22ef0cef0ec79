/*
 * What pointed at merged records points at the survivor: links, lists of links, in every entity, in
 * the trash too. A link record (a position, a participant) that thereby says what another one says
 * already is folded into that one.
 */
#include <string.h>

#include "core/long_write.h"
#include "core/merge.h"
#include "store/merged.h"

#define MOVE_AT_ONCE 100 /* looked up at once */
#define TWINS_MAX    20

static bool is_merged(const struct merge *m, int64_t id)
{
    for (size_t i = 0; i < m->from_count; i++) {
        if (m->from[i] == id) {
            return true;
        }
    }
    return false;
}

static bool may_point(const struct merge *m, const struct field *f)
{
    bool link = field_is_link(f) && f->to == m->entity;
    return f->column_count == 1 && f->compute == NULL && !f->system &&
           (link || field_is_records(f));
}

/* ---- One record ------------------------------------------------------------------------------ */

/* Each id once, the merged ones as the survivor; never the record itself. */
static struct value list_of(struct merge *m, const struct record *r, struct value v)
{
    struct arena *a = m->c->arena;
    int64_t *ids = NULL;
    size_t count = print_ids(a, v, &ids), n = 0;
    struct buf text = {0};
    for (size_t i = 0; i < count; i++) {
        int64_t id = is_merged(m, ids[i]) ? m->into : ids[i];
        bool again = id == r->id;
        for (size_t k = 0; k < n && !again; k++) {
            again = ids[k] == id;
        }
        if (!again) {
            buf_printf(&text, n == 0 ? "[%lld" : ",%lld", (long long)id);
            ids[n++] = id;
        }
    }
    buf_putc(&text, ']');
    struct value out = n == 0 ? value_null() : value_text(arena_strndup(a, text.data, text.size));
    buf_done(&text);
    return out;
}

static void point_on(struct merge *m, struct record *r)
{
    for (size_t i = 0; i < r->entity->column_count; i++) {
        const struct field *f = r->entity->columns[i]->field;
        struct value *value = &r->values[i];
        if (may_point(m, f) && field_is_records(f)) {
            *value = list_of(m, r, *value);
        } else if (may_point(m, f) && value->kind == VALUE_INT && is_merged(m, value->i)) {
            *value = r->id == m->into ? value_null() : value_int(m->into);
        }
    }
}

/* ---- Doubles of link records ----------------------------------------------------------------- */

/* The two ends of an entity that does nothing but link them; false: it is none. */
static bool ends_of(const struct entity *e, const struct field *ends[2])
{
    if (!e->visible_all || e->visible_by_count != 2) {
        return false;
    }
    ends[0] = e->visible_by[0];
    ends[1] = e->visible_by[1];
    return field_is_link(ends[0]) && field_is_link(ends[1]) && ends[0]->column_count == 1 &&
           ends[1]->column_count == 1;
}

static bool says_something(const struct entity *e, const struct field *f)
{
    return f->compute == NULL && !f->system && f != e->owner && f != e->team && !f->type->serial;
}

/* Does one of them say nothing the other says otherwise? */
static bool agree(const struct record *x, const struct record *y)
{
    for (size_t i = 0; i < x->entity->column_count; i++) {
        if (says_something(x->entity, x->entity->columns[i]->field) &&
            !value_is_empty(x->values[i]) && !value_is_empty(y->values[i]) &&
            !value_equal(x->values[i], y->values[i])) {
            return false;
        }
    }
    return true;
}

static int fold_into(struct merge *m, struct record *twin, struct record *r)
{
    struct ctx *c = m->c;
    struct record *after = record_copy(c->arena, twin);
    bool changed = false;
    for (size_t i = 0; i < r->entity->column_count; i++) {
        if (says_something(r->entity, r->entity->columns[i]->field) &&
            value_is_empty(after->values[i])) {
            after->values[i] = r->values[i];
        }
    }
    if (record_trash_in(c, r) != 0 || write_back(c, twin, after, &changed) != 0) {
        return -1;
    }
    m->folded++;
    return 0;
}

static int fold(struct merge *m, struct record *r)
{
    struct ctx *c = m->c;
    const struct field *ends[2];
    int64_t *ids = NULL;
    size_t count = 0;
    if (r->deleted_at != 0 || !ends_of(r->entity, ends)) {
        return 0;
    }
    if (merged_twins(c->db, r, ends, TWINS_MAX, c->arena, &ids, &count, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        struct record *twin = NULL;
        if (rows_load(c->db, r->entity, ids[i], c->arena, &twin, &c->err) != 0) {
            return -1;
        }
        if (agree(twin, r)) {
            return fold_into(m, twin, r);
        }
    }
    return 0;
}

static int move_one(struct merge *m, const struct entity *e, int64_t id)
{
    struct ctx *c = m->c;
    struct record *r = NULL;
    bool changed = false;
    if (rows_load(c->db, e, id, c->arena, &r, &c->err) != 0) {
        return -1;
    }
    struct record *after = record_copy(c->arena, r);
    point_on(m, after);
    return write_back(c, r, after, &changed) != 0 ? -1 : fold(m, after);
}

/* ---- All of them ----------------------------------------------------------------------------- */

/* He is told of those he may see. */
static int count_seen(struct merge *m, const struct entity *e, const int64_t *ids, size_t count)
{
    int64_t *seen = NULL;
    size_t n = 0;
    if (count > 0 &&
        record_permitted(m->c, ACTION_SEE, e, ids, count, false, &seen, &n) != 0) {
        return -1;
    }
    m->moved[e->index] += (int64_t)n;
    return 0;
}

/* Those found have to be moved before others can be found. */
static int move_field(struct merge *m, const struct field *f, bool limited, size_t *done,
                      bool *more)
{
    struct ctx *c = m->c;
    for (size_t count = MOVE_AT_ONCE; count == MOVE_AT_ONCE && !*more;) {
        int64_t *ids = NULL;
        size_t moved = 0;
        if (merged_pointing(c->db, f, m->from, m->from_count, MOVE_AT_ONCE, c->arena, &ids, &count,
                            &c->err) != 0) {
            return -1;
        }
        while (moved < count && !(limited && long_write_full(c, *done))) {
            if (move_one(m, f->entity, ids[moved]) != 0) {
                return -1;
            }
            moved++;
            (*done)++;
        }
        *more = moved < count;
        if (count_seen(m, f->entity, ids, moved) != 0) {
            return -1;
        }
    }
    return 0;
}

int merge_move(struct merge *m, bool limited, bool *more)
{
    const struct model *model = m->c->model;
    size_t done = 0;
    *more = false;
    for (size_t i = 0; i < model->entity_count && !*more; i++) {
        const struct entity *e = model->entities[i];
        for (size_t k = 0; k < e->column_count && !*more; k++) {
            const struct field *f = e->columns[k]->field;
            if (may_point(m, f) && move_field(m, f, limited, &done, more) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

int merge_count(struct merge *m, int64_t cap, int64_t *out)
{
    struct ctx *c = m->c;
    *out = 0;
    for (size_t i = 0; i < c->model->entity_count && *out < cap; i++) {
        const struct entity *e = c->model->entities[i];
        for (size_t k = 0; k < e->column_count && *out < cap; k++) {
            int64_t *ids = NULL;
            size_t count = 0;
            if (!may_point(m, e->columns[k]->field)) {
                continue;
            }
            if (merged_pointing(c->db, e->columns[k]->field, m->from, m->from_count, (size_t)cap,
                                c->arena, &ids, &count, &c->err) != 0) {
                return -1;
            }
            *out += (int64_t)count;
        }
    }
    return 0;
}
