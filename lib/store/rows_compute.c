/*
 * Stored computed fields of a record: SQLite evaluates them through query_eval with the rights of
 * the system; what differs is written as derived columns. Also the refilling of derived columns
 * after a change of the configuration. Roll-ups of other records: rows_rollup.c. See rows.h.
 */
#include <string.h>

#include "base/str.h"
#include "model/expr.h"
#include "model/field_type.h"
#include "store/index_rows.h"
#include "store/query.h"
#include "store/rows_private.h"
#include "store/store_private.h"
#include "store/twin.h"

#define REFRESH_BATCH 500

/* ---- values ---------------------------------------------------------------------------------- */

/* The columns of a computed field from what its expression gave. */
static void spread(const struct model *m, const struct field *f, struct value v, struct value *out)
{
    bool number = f->compute->type.kind == KIND_NUMBER || f->compute->type.kind == KIND_MONEY;
    if (v.kind == VALUE_INT && number) {
        v.i = rescale(v.i, f->compute->type.places, f->places);
    }
    out[0] = v;
    if (f->type->kind == TYPE_MONEY) {
        out[1] = v.kind == VALUE_NULL ? v : value_text(m->company.currency);
        out[2] = v;
    }
}

/* In the order of their ranks: what is computed from computed fields stands behind them. */
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
        size_t at = count++;
        for (; at > 0 && (*out)[at - 1]->rank > f->rank; at--) {
            (*out)[at] = (*out)[at - 1];
        }
        (*out)[at] = f;
    }
    return count;
}

struct record *rows_copy(struct arena *a, const struct record *r)
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

static bool field_differs(const struct record *r, const struct record *after,
                          const struct field *f)
{
    size_t at = (size_t)rows_column_index(r->entity, f);
    for (size_t k = 0; k < f->column_count; k++) {
        if (!value_equal(r->values[at + k], after->values[at + k])) {
            return true;
        }
    }
    return false;
}

/* The lowest rank that differs is right: what it is computed from does not. Those above were
 * computed from old values: they keep what they had for now. Returns how many fields are done. */
static size_t keep_lowest(const struct record *r, struct record *after, const struct field **fields,
                          size_t count)
{
    size_t done = 0;
    while (done < count && !field_differs(r, after, fields[done])) {
        done++;
    }
    const int rank = done < count ? fields[done]->rank : 0;
    while (done < count && fields[done]->rank == rank) {
        done++;
    }
    for (size_t i = done; i < count; i++) {
        record_set(after, fields[i], &r->values[rows_column_index(r->entity, fields[i])]);
    }
    return done;
}

int rows_compute_changed(struct db *db, const struct model *m, struct change_set *cs,
                         struct record *r, bool *changed, struct err *e)
{
    *changed = false;
    const struct field **fields = NULL;
    const size_t count = computed_of(r->entity, cs->arena, &fields);
    for (size_t done = 0; done < count;) {
        struct record *after = rows_copy(cs->arena, r);
        bool written = false;
        if (evaluate(db, m, cs->arena, after, fields + done, count - done, e) != 0) {
            return -1;
        }
        done += keep_lowest(r, after, fields + done, count - done);
        if (rows_update(db, m, cs, r, after, &written, e) != 0) {
            return -1;
        }
        if (written) {
            *changed = true;
            memcpy(r->values, after->values, r->entity->column_count * sizeof(*r->values));
            r->title = after->title;
        }
    }
    return 0;
}

int rows_compute(struct db *db, const struct model *m, struct change_set *cs, struct record *r,
                 struct err *e)
{
    bool changed = false;
    return rows_compute_changed(db, m, cs, r, &changed, e);
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
    if (((what & REFRESH_SERIALS) && rows_serial_refresh(db, cs, r, e) != 0) ||
        ((what & REFRESH_COMPUTED) && rows_compute(db, m, cs, r, e) != 0) ||
        ((what & REFRESH_KEYS) && refresh_keys(db, r, cs->arena, e) != 0) ||
        ((what & REFRESH_INDEX) && rows_index(db, r, cs->arena, e) != 0) ||
        ((what & REFRESH_TITLES) && refresh_title(db, cs, r, e) != 0)) {
        return -1;
    }
    if ((what & (REFRESH_SEARCH | REFRESH_TITLES)) && r->deleted_at == 0) {
        search_put(db, r, cs->arena);
        return twin_add(db, r, cs->arena, e);
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

void rows_refresh_tell(struct db *db, const struct entity *entity, int64_t done, int64_t of)
{
    const struct store_hooks *hooks = db->store != NULL ? &db->store->hooks : NULL;
    if (hooks != NULL && hooks->on_refresh != NULL) {
        hooks->on_refresh(hooks->data, entity->label_plural, done, of);
    }
}

int rows_refresh(struct db *db, const struct model *m, struct change_set *cs,
                 const struct entity *entity, unsigned what, struct err *e)
{
    int64_t ids[REFRESH_BATCH];
    int64_t last = 0, done = 0, of = 0;
    size_t count = REFRESH_BATCH;
    bool alone = db->search_count == 0; /* else rows of other commands would go with ours */
    if (db_get_int(db, arena_printf(cs->arena, "SELECT count(*) FROM %s", entity->sql_table), NULL,
                   0, 0, &of, e) != 0) {
        return -1;
    }
    while (count == REFRESH_BATCH) {
        rows_refresh_tell(db, entity, done, of);
        if (next_ids(db, entity, last, ids, &count, e) != 0 ||
            refresh_batch(db, m, cs, entity, ids, count, what, e) != 0 ||
            (alone && search_flush(db, e) != 0)) {
            return -1;
        }
        last = count > 0 ? ids[count - 1] : last;
        done += (int64_t)count;
    }
    return 0;
}
