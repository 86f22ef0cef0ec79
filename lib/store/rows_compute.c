/*
 * Stored computed fields: a record's own, and the roll-ups of others that count or sum it. SQLite
 * evaluates them through query_eval with the rights of the system; what differs is written as
 * derived columns. Also the refilling of derived columns after a change of the configuration. See
 * rows.h.
 */
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "model/expr.h"
#include "model/field_type.h"
#include "store/index_rows.h"
#include "store/query.h"
#include "store/rows_private.h"

#define ROLLUP_DEPTH   5
#define COMPUTE_ROUNDS 5 /* computed fields that use each other settle after a few */
#define REFRESH_BATCH  500

/* ---- values ---------------------------------------------------------------------------------- */

/* The columns of a computed field from what its expression gave. */
static void spread(const struct model *m, const struct field *f, struct value v, struct value *out)
{
    bool number = f->compute->type.kind == KIND_NUMBER || f->compute->type.kind == KIND_MONEY;
    if (v.kind == VALUE_INT && number) {
        int places = f->type->kind == TYPE_INTEGER ? 0 : f->places;
        v.i = rescale(v.i, f->compute->type.places, places);
    }
    out[0] = v;
    if (f->type->kind == TYPE_MONEY) {
        out[1] = v.kind == VALUE_NULL ? v : value_text(m->company.currency);
        out[2] = v;
    }
}

static size_t computed_of(const struct entity *entity, struct arena *a, const struct field ***out)
{
    size_t count = 0;
    *out = NULL;
    for (size_t i = 0; i < entity->field_count; i++) {
        const struct field *f = entity->fields[i];
        if (!f->compute || !f->stored || !f->columns) {
            continue;
        }
        if (!*out) {
            *out = ARENA_ARRAY(a, const struct field *, entity->field_count);
        }
        (*out)[count++] = f;
    }
    return count;
}

static struct record *copy_record(struct arena *a, const struct record *r)
{
    struct record *copy = ARENA_NEW(a, struct record);
    *copy = *r;
    copy->values = ARENA_ARRAY(a, struct value, r->entity->column_count + 1);
    memcpy(copy->values, r->values, r->entity->column_count * sizeof(*r->values));
    return copy;
}

/* ---- own fields ------------------------------------------------------------------------------ */

static int evaluate(struct db *db, const struct model *m, struct arena *a, struct record *r,
                    const struct field **fields, size_t count, struct err *e)
{
    const struct who system = {.model = m};
    const struct expr **exprs = ARENA_ARRAY(a, const struct expr *, count);
    struct value *values = ARENA_ARRAY(a, struct value, count);
    for (size_t i = 0; i < count; i++) {
        exprs[i] = fields[i]->compute;
    }
    if (query_eval(db, &system, r->entity, r->id, exprs, count, a, values, e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        struct value columns[FIELD_MAX_COLUMNS] = {{0}};
        spread(m, fields[i], values[i], columns);
        record_set(r, fields[i], columns);
    }
    return 0;
}

/* *changed may be NULL. */
static int compute(struct db *db, const struct model *m, struct change_set *cs, struct record *r,
                   bool *changed, struct err *e)
{
    const struct field **fields = NULL;
    size_t count = computed_of(r->entity, cs->arena, &fields);
    bool again = count > 0;
    for (int round = 0; again && round < COMPUTE_ROUNDS; round++) {
        struct record *after = copy_record(cs->arena, r);
        if (evaluate(db, m, cs->arena, after, fields, count, e) != 0 ||
            rows_update(db, m, cs, r, after, &again, e) != 0) {
            return -1;
        }
        if (again) {
            *changed = true;
            memcpy(r->values, after->values, r->entity->column_count * sizeof(*r->values));
            r->title = after->title;
        }
        again = again && count > 1;
    }
    return 0;
}

int rows_compute(struct db *db, const struct model *m, struct change_set *cs, struct record *r,
                 struct err *e)
{
    bool changed = false;
    return compute(db, m, cs, r, &changed, e);
}

/* ---- roll-ups -------------------------------------------------------------------------------- */

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

static int roll_up(struct db *db, const struct model *m, struct change_set *cs,
                   const struct record *before, const struct record *after, int depth,
                   struct err *e);

static int refresh_parent(struct db *db, const struct model *m, struct change_set *cs,
                          const struct entity *parent, int64_t id, int depth, struct err *e)
{
    struct record *r = NULL;
    struct err absent = {0};
    if (rows_load(db, parent, id, cs->arena, &r, &absent) != 0) {
        return absent.code == ERR_NOT_FOUND ? 0 : err_fail(e, absent.code, "", "%s", absent.text);
    }
    struct record *old = copy_record(cs->arena, r);
    bool changed = false;
    if (compute(db, m, cs, r, &changed, e) != 0) {
        return -1;
    }
    return changed ? roll_up(db, m, cs, old, r, depth + 1, e) : 0;
}

/* The parents that one link field pointed to before or points to now, each once. */
static int roll_up_by(struct db *db, const struct model *m, struct change_set *cs,
                      const struct pair *p, const struct field *by, int depth, struct err *e)
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
        if (!done && parent && entity_rolls_up(parent, by, p) &&
            refresh_parent(db, m, cs, parent, id, depth, e) != 0) {
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

static bool links(const struct field *f)
{
    return f->columns && (f->type->kind == TYPE_LINK || f->type->kind == TYPE_USER ||
                          f->type->kind == TYPE_RECORDS);
}

static int roll_up(struct db *db, const struct model *m, struct change_set *cs,
                   const struct record *before, const struct record *after, int depth,
                   struct err *e)
{
    const struct entity *entity = after ? after->entity : before->entity;
    const struct pair pair = {before, after};
    if (depth > ROLLUP_DEPTH) {
        return 0;
    }
    for (size_t i = 0; i < entity->field_count; i++) {
        const struct field *f = entity->fields[i];
        if (links(f) && anyone_rolls_up(m, f, &pair) &&
            roll_up_by(db, m, cs, &pair, f, depth, e) != 0) {
            return -1;
        }
    }
    return 0;
}

int rows_rollup(struct db *db, const struct model *m, struct change_set *cs,
                const struct record *before, const struct record *after, struct err *e)
{
    return before || after ? roll_up(db, m, cs, before, after, 1, e) : 0;
}

/* ---- refilling ------------------------------------------------------------------------------- */

static int refresh_keys(struct db *db, const struct record *r, struct arena *a, struct err *e)
{
    struct buf *sql = &db->text;
    bool any = false;
    buf_clear(sql);
    buf_printf(sql, "UPDATE %s SET ", r->entity->sql_table);
    for (size_t i = 0; i < r->entity->column_count; i++) {
        if (column_has_key(r->entity->columns[i])) {
            buf_printf(sql, "%s\"%s_k\"=?", any ? ", " : "", r->entity->columns[i]->name);
            any = true;
        }
    }
    if (!any) {
        return 0;
    }
    buf_puts(sql, " WHERE id=?");
    sqlite3_stmt *st = stmt_get(db, buf_text(sql), e);
    if (!st) {
        return -1;
    }
    int at = 1;
    for (size_t i = 0; i < r->entity->column_count; i++) {
        if (column_has_key(r->entity->columns[i])) {
            stmt_bind_value(st, at++, key_make(a, r->values[i]));
        }
    }
    sqlite3_bind_int64(st, at, r->id);
    int rc = stmt_step_unique(db, st, r->entity, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static int refresh_title(struct db *db, struct change_set *cs, struct record *r, struct err *e)
{
    struct title_pair pair = {0};
    title_make(cs->arena, r, &pair);
    if (!str_eq(pair.title, r->title) &&
        change_title(db, cs, r->entity, r->id, value_text(r->title), value_text(pair.title), e) !=
            0) {
        return -1;
    }
    r->title = pair.title;
    buf_clear(&db->text);
    buf_printf(&db->text, "UPDATE %s SET title=?2, title_k=?3 WHERE id=?1", r->entity->sql_table);
    sqlite3_stmt *st = stmt_get(db, buf_text(&db->text), e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, r->id);
    stmt_bind_text(st, 2, pair.title);
    stmt_bind_text(st, 3, pair.key);
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static int refresh_one(struct db *db, const struct model *m, struct change_set *cs,
                       struct record *r, unsigned what, struct err *e)
{
    if (((what & REFRESH_COMPUTED) && rows_compute(db, m, cs, r, e) != 0) ||
        ((what & REFRESH_KEYS) && refresh_keys(db, r, cs->arena, e) != 0) ||
        ((what & REFRESH_TITLES) && refresh_title(db, cs, r, e) != 0)) {
        return -1;
    }
    if ((what & (REFRESH_SEARCH | REFRESH_TITLES)) && r->deleted_at == 0) {
        search_put(db, r, cs->arena);
    }
    return 0;
}

static int next_ids(struct db *db, const struct entity *entity, int64_t after, int64_t *ids,
                    size_t *count, struct err *e)
{
    buf_clear(&db->text);
    buf_printf(&db->text, "SELECT id FROM %s WHERE id > ?1 ORDER BY id LIMIT %d", entity->sql_table,
               REFRESH_BATCH);
    sqlite3_stmt *st = stmt_get(db, buf_text(&db->text), e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, after);
    *count = 0;
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1) {
        ids[(*count)++] = sqlite3_column_int64(st, 0);
    }
    stmt_done(st);
    return rc;
}

/* One batch with memory of its own; what the set took from it moves to the set's arena at the end.
 */
static int refresh_batch(struct db *db, const struct model *m, struct change_set *cs,
                         const struct entity *entity, const int64_t *ids, size_t count,
                         unsigned what, struct err *e)
{
    struct arena *own = cs->arena;
    struct arena batch;
    arena_init(&batch);
    cs->arena = &batch;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        struct record *r = NULL;
        rc = rows_load(db, entity, ids[i], &batch, &r, e);
        if (rc == 0) {
            rc = refresh_one(db, m, cs, r, what, e);
        }
    }
    change_move(cs, own);
    arena_done(&batch);
    return rc;
}

int rows_refresh(struct db *db, const struct model *m, struct change_set *cs,
                 const struct entity *entity, unsigned what, struct err *e)
{
    int64_t ids[REFRESH_BATCH];
    int64_t last = 0;
    size_t count = REFRESH_BATCH;
    while (count == REFRESH_BATCH) {
        if (next_ids(db, entity, last, ids, &count, e) != 0 ||
            refresh_batch(db, m, cs, entity, ids, count, what, e) != 0) {
            return -1;
        }
        last = count > 0 ? ids[count - 1] : last;
    }
    return 0;
}
