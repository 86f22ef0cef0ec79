/*
 * Writing records: insert, update, trash, restore. Each keeps together what belongs together: the
 * table row with its version, title and keys, the change rows, the handle and link rows, the search
 * row, the event. See rows.h.
 */
#include <string.h>

#include "base/str.h"
#include "model/field_type.h"
#include "store/index_rows.h"
#include "store/rows_private.h"
#include "store/twin.h"

/* ---- events ---------------------------------------------------------------------------------- */

static void set_bit(struct event *ev, const struct field *f)
{
    int bit = f->index < 255 ? f->index : 255;
    ev->fields[bit / 64] |= (uint64_t)1 << (bit % 64);
}

/* A second event of the same record in the same set joins the first. */
static void emit(struct db *db, const struct event *ev)
{
    for (size_t i = db->event_count; i > 0 && i + 8 > db->event_count; i--) {
        struct event *old = &db->events[i - 1];
        if (old->to == 0 && old->change_set == ev->change_set && old->record == ev->record && ev->op == OP_UPDATE) {
            old->version = ev->version;
            for (size_t k = 0; k < COUNT(old->fields); k++) {
                old->fields[k] |= ev->fields[k];
            }
            return;
        }
    }
    db_emit(db, ev);
}

static struct event event_of(const struct change_set *cs, const struct record *r, enum operation op)
{
    return (struct event){.change_set = cs->id,
                          .record = r->id,
                          .version = r->version,
                          .actor = cs->actor,
                          .entity = r->entity->id,
                          .op = op};
}

/* ---- index rows ------------------------------------------------------------------------------ */

/* Handles and links of a living record: added for all of its filled fields. */
static int add_index_rows(struct db *db, const struct record *r, bool handles, bool refs,
                          struct arena *a, struct err *e)
{
    for (size_t i = 0; i < r->entity->column_count; i++) {
        const struct field *f = r->entity->columns[i]->field;
        if (r->values[i].kind == VALUE_NULL) {
            continue;
        }
        if (handles && handle_has(f) && handle_add(db, f, r->id, r->values[i], a, e) != 0) {
            return -1;
        }
        if (refs && field_is_records(f) && ref_add(db, f, r->id, r->values[i], a, e) != 0) {
            return -1;
        }
        if (refs && tagged_has(f) && tagged_add(db, f, r->id, r->values[i], a, e) != 0) {
            return -1;
        }
    }
    return 0;
}

/* One changed column of an existing record. */
static int replace_index_rows(struct db *db, const struct record *r, size_t i, struct arena *a,
                              struct err *e)
{
    const struct field *f = r->entity->columns[i]->field;
    if (handle_has(f) && r->deleted_at == 0) {
        return handle_take(db, f, r->id, e) != 0 ? -1
                                                 : handle_add(db, f, r->id, r->values[i], a, e);
    }
    if (tagged_has(f)) {
        return tagged_take(db, f, r->id, e) != 0 ? -1
                                                 : tagged_add(db, f, r->id, r->values[i], a, e);
    }
    if (field_is_records(f)) {
        return ref_take(db, f, r->id, e) != 0 ? -1 : ref_add(db, f, r->id, r->values[i], a, e);
    }
    return 0;
}

/* ---- insert ---------------------------------------------------------------------------------- */

/* The columns of an INSERT in the order of bind_insert. */
static const char *insert_text(struct db *db, const struct entity *e)
{
    struct buf *sql = &db->text;
    size_t count = 10;
    buf_clear(sql);
    buf_printf(
        sql,
        "INSERT INTO %s(id, version, created_cs, created_at, created_by, updated_at, updated_by,"
        " title, title_k",
        e->sql_table);
    for (size_t i = 0; i < e->column_count; i++) {
        buf_puts(sql, ", ");
        buf_puts(sql, e->columns[i]->sql_name);
        if (column_has_key(e->columns[i])) {
            buf_printf(sql, ", \"%s_k\"", e->columns[i]->name);
            count++;
        }
        count++;
    }
    buf_puts(sql, ") VALUES(?");
    for (size_t i = 2; i < count; i++) {
        buf_puts(sql, ",?");
    }
    buf_puts(sql, ")");
    return buf_text(sql);
}

static void bind_insert(sqlite3_stmt *st, const struct record *r, const struct title_pair *title,
                        struct arena *a)
{
    const int64_t system[] = {r->id,         r->version,    r->created_cs, r->created_at,
                              r->created_by, r->updated_at, r->updated_by};
    int at = 1;
    for (size_t i = 0; i < COUNT(system); i++) {
        sqlite3_bind_int64(st, at++, system[i]);
    }
    stmt_bind_text(st, at++, title->title);
    stmt_bind_text(st, at++, title->key);
    for (size_t i = 0; i < r->entity->column_count; i++) {
        stmt_bind_value(st, at++, r->values[i]);
        if (column_has_key(r->entity->columns[i])) {
            stmt_bind_value(st, at++, key_make(a, r->values[i]));
        }
    }
}

static int insert_row(struct db *db, struct arena *a, const struct record *r,
                      const struct title_pair *title, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db, insert_text(db, r->entity), e);
    if (!st) {
        return -1;
    }
    bind_insert(st, r, title, a);
    int rc = stmt_step_unique(db, st, r->entity, e);
    stmt_done(st);
    if (rc < 0) {
        return -1;
    }
    const int64_t doc[] = {r->id, r->entity->id};
    return db_run_ints(db, "INSERT INTO doc(id, entity) VALUES(?1, ?2)", doc, COUNT(doc), e);
}

int rows_insert(struct db *db, const struct model *m, struct change_set *cs, struct record *r,
                struct err *e)
{
    (void)m;
    struct title_pair title = {0};
    if (db_next(db, "record", &r->id, e) != 0 || change_need_id(db, cs, e) != 0 ||
        rows_serial_fill(db, r, e) != 0) {
        return -1;
    }
    title_make(cs->arena, r, &title);
    r->version = 1;
    r->created_cs = cs->id;
    r->created_at = r->updated_at = cs->stamp_ms;
    r->created_by = r->updated_by = cs->actor;
    r->deleted_at = 0;
    r->title = title.title;
    if (insert_row(db, cs->arena, r, &title, e) != 0 ||
        change_created(db, cs, r->entity, r->id, r->values, value_text(r->title), e) != 0 ||
        add_index_rows(db, r, true, true, cs->arena, e) != 0 ||
        twin_add(db, r, cs->arena, e) != 0) {
        return -1;
    }
    change_first_touch(cs, r->id);
    search_put(db, r, cs->arena);
    struct event ev = event_of(cs, r, OP_CREATE);
    for (size_t i = 0; i < r->entity->column_count; i++) {
        if (r->values[i].kind != VALUE_NULL) {
            set_bit(&ev, r->entity->columns[i]->field);
        }
    }
    emit(db, &ev);
    return 0;
}

int rows_put_whole(struct db *db, struct record *r, struct arena *a, struct err *e)
{
    struct title_pair title = {0};
    bool living = r->deleted_at == 0;
    title_make(a, r, &title);
    r->title = title.title;
    if (insert_row(db, a, r, &title, e) != 0 || add_index_rows(db, r, living, false, a, e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < r->entity->column_count; i++) {
        const struct column *c = r->entity->columns[i];
        bool tags = tagged_has(c->field);
        if (rows_serial_pass(db, c, r->values[i], e) != 0 ||
            (tags && tagged_add(db, c->field, r->id, r->values[i], a, e) != 0)) {
            return -1;
        }
    }
    if (living) {
        return twin_add(db, r, a, e);
    }
    buf_clear(&db->text);
    buf_printf(&db->text, "UPDATE %s SET deleted_at = ?2 WHERE id = ?1", r->entity->sql_table);
    const int64_t values[] = {r->id, r->deleted_at};
    return db_run_ints(db, buf_text(&db->text), values, COUNT(values), e);
}

/* ---- update ---------------------------------------------------------------------------------- */

/* What an update is about to write. */
struct update {
    const struct record *before;
    struct record *after;
    unsigned char *differs; /* by entity->columns */
    bool any, own, title, search;
    struct title_pair names;
};

static bool search_depends(const struct entity *entity, const struct field *f)
{
    return f->search || f == entity->owner || f == entity->team || title_uses(entity, f) ||
           search_points(f);
}

static void compare(struct update *u, struct arena *a)
{
    const struct entity *entity = u->after->entity;
    bool retitle = false;
    u->differs = arena_alloc(a, entity->column_count);
    for (size_t i = 0; i < entity->column_count; i++) {
        if (value_equal(u->before->values[i], u->after->values[i])) {
            continue;
        }
        const struct field *f = entity->columns[i]->field;
        u->differs[i] = 1;
        u->any = true;
        u->own = u->own || !column_is_derived(entity->columns[i]);
        u->search = u->search || search_depends(entity, f);
        retitle = retitle || title_uses(entity, f);
    }
    u->names.title = (char *)(uintptr_t)u->before->title;
    if (retitle) {
        title_make(a, u->after, &u->names);
        u->title = true;
    }
}

static const char *update_text(struct db *db, const struct update *u)
{
    const struct entity *entity = u->after->entity;
    struct buf *sql = &db->text;
    buf_clear(sql);
    buf_printf(sql, "UPDATE %s SET version=?, updated_at=?, updated_by=?", entity->sql_table);
    if (u->title) {
        buf_puts(sql, ", title=?, title_k=?");
    }
    for (size_t i = 0; i < entity->column_count; i++) {
        if (u->differs[i]) {
            buf_printf(sql, ", %s=?", entity->columns[i]->sql_name);
            if (column_has_key(entity->columns[i])) {
                buf_printf(sql, ", \"%s_k\"=?", entity->columns[i]->name);
            }
        }
    }
    buf_puts(sql, " WHERE id=?");
    return buf_text(sql);
}

static int update_row(struct db *db, const struct update *u, struct arena *a, struct err *e)
{
    const struct record *r = u->after;
    sqlite3_stmt *st = stmt_get(db, update_text(db, u), e);
    if (!st) {
        return -1;
    }
    int at = 1;
    sqlite3_bind_int64(st, at++, r->version);
    sqlite3_bind_int64(st, at++, r->updated_at);
    sqlite3_bind_int64(st, at++, r->updated_by);
    if (u->title) {
        stmt_bind_text(st, at++, u->names.title);
        stmt_bind_text(st, at++, u->names.key);
    }
    for (size_t i = 0; i < r->entity->column_count; i++) {
        if (u->differs[i]) {
            stmt_bind_value(st, at++, r->values[i]);
            if (column_has_key(r->entity->columns[i])) {
                stmt_bind_value(st, at++, key_make(a, r->values[i]));
            }
        }
    }
    sqlite3_bind_int64(st, at, r->id);
    int rc = stmt_step_unique(db, st, r->entity, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static int add_changes(struct db *db, struct change_set *cs, const struct update *u, struct err *e)
{
    const struct entity *entity = u->after->entity;
    for (size_t i = 0; i < entity->column_count; i++) {
        if (u->differs[i] && change_add(db, cs, entity->columns[i], u->after->id,
                                        u->before->values[i], u->after->values[i], e) != 0) {
            return -1;
        }
    }
    if (str_eq(u->before->title, u->names.title)) {
        return 0;
    }
    return change_title(db, cs, entity, u->after->id, value_text(u->before->title),
                        value_text(u->names.title), e);
}

static int after_update(struct db *db, const struct change_set *cs, const struct update *u,
                        struct err *e)
{
    const struct record *r = u->after;
    struct event ev = event_of(cs, r, OP_UPDATE);
    for (size_t i = 0; i < r->entity->column_count; i++) {
        if (u->differs[i]) {
            set_bit(&ev, r->entity->columns[i]->field);
            if (replace_index_rows(db, r, i, cs->arena, e) != 0 ||
                rows_serial_pass(db, r->entity->columns[i], r->values[i], e) != 0) {
                return -1;
            }
        }
    }
    if (u->search && r->deleted_at == 0) {
        search_put(db, r, cs->arena);
    }
    if (r->deleted_at == 0 && twin_differs(u->before, r) &&
        (twin_drop(db, u->before, cs->arena, e) != 0 || twin_add(db, r, cs->arena, e) != 0)) {
        return -1;
    }
    emit(db, &ev);
    return 0;
}

int rows_update(struct db *db, const struct model *m, struct change_set *cs,
                const struct record *before, struct record *after, bool *changed, struct err *e)
{
    (void)m;
    struct update u = {.before = before, .after = after};
    after->id = before->id;
    after->version = before->version;
    after->title = before->title;
    compare(&u, cs->arena);
    *changed = u.any;
    if (!u.any) {
        return 0;
    }
    if (u.own && change_first_touch(cs, after->id)) {
        after->version = before->version + 1;
        after->updated_at = cs->stamp_ms;
        after->updated_by = cs->actor;
    }
    after->title = u.names.title;
    if (add_changes(db, cs, &u, e) != 0 || update_row(db, &u, cs->arena, e) != 0) {
        return -1;
    }
    return after_update(db, cs, &u, e);
}

/* ---- fields that have left the model --------------------------------------------------------- */

int rows_put(struct db *db, const struct record *r, const struct column *c, struct value v,
             struct err *e)
{
    buf_clear(&db->text);
    buf_printf(&db->text, "UPDATE %s SET %s=?2 WHERE id=?1", r->entity->sql_table, c->sql_name);
    sqlite3_stmt *st = stmt_get(db, buf_text(&db->text), e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, r->id);
    stmt_bind_value(st, 2, v);
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static int touch(struct db *db, struct change_set *cs, struct record *r, struct err *e)
{
    if (!change_first_touch(cs, r->id)) {
        return 0;
    }
    r->version++;
    r->updated_at = cs->stamp_ms;
    r->updated_by = cs->actor;
    buf_clear(&db->text);
    buf_printf(&db->text, "UPDATE %s SET version=?2, updated_at=?3, updated_by=?4 WHERE id=?1",
               r->entity->sql_table);
    const int64_t values[] = {r->id, r->version, r->updated_at, r->updated_by};
    if (db_run_ints(db, buf_text(&db->text), values, COUNT(values), e) != 0) {
        return -1;
    }
    struct event ev = event_of(cs, r, OP_UPDATE);
    emit(db, &ev);
    return 0;
}

int rows_update_gone(struct db *db, struct change_set *cs, struct record *r,
                     const struct undo_step *step, struct err *e)
{
    for (size_t i = 0; i < step->gone_count; i++) {
        const struct column *c = step->gone[i];
        if (value_equal(step->gone_now[i], step->gone_before[i])) {
            continue;
        }
        if (change_add(db, cs, c, r->id, step->gone_now[i], step->gone_before[i], e) != 0 ||
            rows_put(db, r, c, step->gone_before[i], e) != 0) {
            return -1;
        }
    }
    return step->gone_count > 0 ? touch(db, cs, r, e) : 0;
}

int rows_index(struct db *db, const struct record *r, struct arena *a, struct err *e)
{
    for (size_t i = 0; i < r->entity->column_count; i++) {
        if (replace_index_rows(db, r, i, a, e) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- trash ----------------------------------------------------------------------------------- */

static int set_deleted(struct db *db, struct change_set *cs, struct record *r, int64_t deleted_at,
                       struct err *e)
{
    struct value before = r->deleted_at ? value_int(r->deleted_at) : value_null();
    struct value after = deleted_at ? value_int(deleted_at) : value_null();
    if (change_deleted_at(db, cs, r->entity, r->id, before, after, e) != 0) {
        return -1;
    }
    if (change_first_touch(cs, r->id)) {
        r->version++;
    }
    buf_clear(&db->text);
    buf_printf(&db->text,
               "UPDATE %s SET version=?2, updated_at=?3, updated_by=?4, deleted_at=?5 WHERE id=?1",
               r->entity->sql_table);
    sqlite3_stmt *st = stmt_get(db, buf_text(&db->text), e);
    if (!st) {
        return -1;
    }
    r->updated_at = cs->stamp_ms;
    r->updated_by = cs->actor;
    r->deleted_at = deleted_at;
    sqlite3_bind_int64(st, 1, r->id);
    sqlite3_bind_int64(st, 2, r->version);
    sqlite3_bind_int64(st, 3, r->updated_at);
    sqlite3_bind_int64(st, 4, r->updated_by);
    stmt_bind_value(st, 5, after);
    int rc = stmt_step_unique(db, st, r->entity, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int rows_trash(struct db *db, const struct model *m, struct change_set *cs, struct record *r,
               struct err *e)
{
    (void)m;
    if (r->deleted_at != 0) {
        return 0;
    }
    if (set_deleted(db, cs, r, cs->stamp_ms, e) != 0 || handle_drop(db, r->id, e) != 0 ||
        twin_drop(db, r, cs->arena, e) != 0) {
        return -1;
    }
    search_drop(db, r->entity, r->id);
    struct event ev = event_of(cs, r, OP_DELETE);
    emit(db, &ev);
    return 0;
}

int rows_restore(struct db *db, const struct model *m, struct change_set *cs, struct record *r,
                 struct err *e)
{
    (void)m;
    if (r->deleted_at == 0) {
        return 0;
    }
    if (set_deleted(db, cs, r, 0, e) != 0 ||
        add_index_rows(db, r, true, false, cs->arena, e) != 0 ||
        twin_add(db, r, cs->arena, e) != 0) {
        return -1;
    }
    search_put(db, r, cs->arena);
    struct event ev = event_of(cs, r, OP_RESTORE);
    emit(db, &ev);
    return 0;
}
