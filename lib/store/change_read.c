/*
 * Reading change-sets: history of a record, what a set did, lists of sets, a record as of a set.
 * See change.h. Works on any connection. The value a row left is not in the row: it is the next
 * before-image of that column, else the current value.
 */
#include <string.h>

#include "base/str.h"
#include "store/change_private.h"
#include "store/db.h"
#include "store/rows.h"

#define RECORDS_CAP (CHANGE_RECORDS_MAX + 1)

/* ---- columns by id --------------------------------------------------------------------------- */

const struct column *entity_column_by_id(const struct entity *entity, int64_t id)
{
    for (size_t i = 0; i < entity->column_count; i++) {
        if (entity->columns[i]->id == id) {
            return entity->columns[i];
        }
    }
    return NULL;
}

enum pseudo pseudo_of(const struct entity *entity, int64_t field)
{
    for (enum pseudo p = PSEUDO_CREATED; p <= PSEUDO_TITLE; p++) {
        if (pseudo_field(entity->id, p) == field) {
            return p;
        }
    }
    return PSEUDO_NONE;
}

/* The current value of a column, pseudo columns included. */
static int current_value(struct db *db, const struct entity *entity, const char *sql_name,
                         int64_t record, struct arena *a, struct value *out, struct err *e)
{
    buf_clear(&db->text);
    buf_printf(&db->text, "SELECT %s FROM %s WHERE id = ?1", sql_name, entity->sql_table);
    sqlite3_stmt *st = stmt_get(db, buf_text(&db->text), e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, record);
    int rc = stmt_step(db, st, e);
    *out = rc == 1 ? stmt_value(st, 0, a) : value_null();
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static const char *physical(const struct entity *entity, int64_t field)
{
    static const char *const PSEUDOS[] = {[PSEUDO_NONE] = NULL,
                                          [PSEUDO_CREATED] = "title",
                                          [PSEUDO_DELETED_AT] = "deleted_at",
                                          [PSEUDO_TITLE] = "title"};
    const struct column *c = entity_column_by_id(entity, field);
    return c ? c->sql_name : PSEUDOS[pseudo_of(entity, field)];
}

/* The next before-image. 1: there is one, 0: the current value holds, -1 error. */
static int next_before(struct db *db, int64_t field, int64_t record, int64_t set, struct arena *a,
                       struct value *out, struct err *e)
{
    sqlite3_stmt *st =
        stmt_get(db,
                 "SELECT before FROM change WHERE field = ?1 AND record = ?2 AND cs > ?3"
                 " ORDER BY cs LIMIT 1",
                 e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, field);
    sqlite3_bind_int64(st, 2, record);
    sqlite3_bind_int64(st, 3, set);
    int rc = stmt_step(db, st, e);
    if (rc == 1) {
        *out = stmt_value(st, 0, a);
    }
    stmt_done(st);
    return rc;
}

int change_value_of(struct db *db, const struct entity *entity, int64_t field,
                    const char *sql_name, int64_t record, int64_t set, struct arena *a,
                    struct value *out, struct err *e)
{
    int rc = next_before(db, field, record, set, a, out, e);
    if (rc != 0) {
        return rc < 0 ? -1 : 0;
    }
    return current_value(db, entity, sql_name, record, a, out, e);
}

int change_value_after(struct db *db, const struct entity *entity, int64_t field, int64_t record,
                       int64_t set, struct arena *a, struct value *out, struct err *e)
{
    return change_value_of(db, entity, field, physical(entity, field), record, set, a, out, e);
}

static struct value pseudo_value(const struct record *r, enum pseudo p)
{
    if (p == PSEUDO_DELETED_AT) {
        return r->deleted_at != 0 ? value_int(r->deleted_at) : value_null();
    }
    return value_text(r->title);
}

/* The same for many values of one record, which is read once: *now, NULL at first. */
static int value_after(struct db *db, const struct entity *entity, const struct change_row *row,
                       int64_t field, struct arena *a, struct record **now, struct value *out,
                       struct err *e)
{
    int rc = next_before(db, field, row->record, row->set, a, out, e);
    if (rc != 0) {
        return rc < 0 ? -1 : 0;
    }
    if (*now == NULL && rows_load(db, entity, row->record, a, now, e) != 0) {
        return -1;
    }
    *out = row->column == NULL ? pseudo_value(*now, pseudo_of(entity, field)) : value_null();
    for (size_t i = 0; i < entity->column_count; i++) {
        *out = entity->columns[i] == row->column ? (*now)->values[i] : *out;
    }
    return 0;
}

int change_value_at(struct db *db, const struct column *column, int64_t record, int64_t set,
                    struct arena *a, struct value *out, struct err *e)
{
    return change_value_after(db, column->field->entity, column->id, record, set, a, out, e);
}

int change_values_at(struct db *db, const struct entity *entity, int64_t record, int64_t set,
                     struct arena *a, struct value *values, struct err *e)
{
    for (size_t i = 0; i < entity->column_count; i++) {
        if (change_value_after(db, entity, entity->columns[i]->id, record, set, a, &values[i], e) !=
            0) {
            return -1;
        }
    }
    return 0;
}

int change_origin(struct db *db, const struct column *column, int64_t record,
                  enum change_source *source, bool *written, struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        db,
        "SELECT s.source, EXISTS (SELECT 1 FROM change WHERE field = ?2 AND record = ?3)"
        " FROM change c JOIN change_set s ON s.id = c.cs WHERE c.field = ?1 AND c.record = ?3"
        " ORDER BY c.cs LIMIT 1",
        e);
    *source = SOURCE_NONE;
    *written = false;
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, pseudo_field(column->field->entity->id, PSEUDO_CREATED));
    sqlite3_bind_int64(st, 2, column->id);
    sqlite3_bind_int64(st, 3, record);
    int rc = stmt_step(db, st, e);
    if (rc == 1) {
        *source = (enum change_source)sqlite3_column_int(st, 0);
        *written = sqlite3_column_int(st, 1) != 0;
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int change_of_version(struct db *db, const struct entity *entity, int64_t record, int64_t version,
                      int64_t *set, struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        db,
        "SELECT DISTINCT c.cs FROM field f CROSS JOIN change c ON c.field = f.id AND c.record = ?2"
        " WHERE f.entity = ?1 AND f.derived = 0 ORDER BY c.cs LIMIT 2 OFFSET ?3",
        e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, entity->id);
    sqlite3_bind_int64(st, 2, record);
    sqlite3_bind_int64(st, 3, version > 0 ? version - 1 : 0);
    int rc = stmt_step(db, st, e);
    bool had = rc == 1 && version > 0;
    if (rc == 1) {
        rc = stmt_step(db, st, e);
    }
    int64_t next = rc == 1 ? sqlite3_column_int64(st, 0) : 0;
    stmt_done(st);
    if (rc < 0) {
        return -1;
    }
    *set = next - 1;
    if (!had) {
        *set = 0;
    } else if (next == 0) {
        return db_get_int(db, "SELECT max(id) FROM change_set", NULL, 0, 0, set, e);
    }
    return 0;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* What a row of the pseudo columns is to people. Titles are derived: they are not shown. */
static enum operation operation_of(const struct entity *entity, int64_t field, struct value after)
{
    switch (pseudo_of(entity, field)) {
    case PSEUDO_CREATED:
        return OP_CREATE;
    case PSEUDO_DELETED_AT:
        return after.kind == VALUE_NULL ? OP_RESTORE : OP_DELETE;
    default:
        return OP_UPDATE;
    }
}

/* A row of SELECT cs, at, actor, source, field, record, before, reason. 1: filled, 0: nothing to show, -1
 * error. */
static int read_row(struct db *db, sqlite3_stmt *st, const struct entity *entity,
                    const struct role *role, struct arena *a, struct record **now,
                    struct change_row *row, struct err *e)
{
    int64_t field = sqlite3_column_int64(st, 4);
    const struct column *c = entity_column_by_id(entity, field);
    enum pseudo p = c ? PSEUDO_NONE : pseudo_of(entity, field);
    if ((!c && (p == PSEUDO_NONE || p == PSEUDO_TITLE)) ||
        (c && role && !role_sees(role, c->field))) {
        return 0;
    }
    *row = (struct change_row){.set = sqlite3_column_int64(st, 0),
                               .at_ms = sqlite3_column_int64(st, 1),
                               .actor = sqlite3_column_int64(st, 2),
                               .source = (enum change_source)sqlite3_column_int(st, 3),
                               .record = sqlite3_column_int64(st, 5),
                               .entity = entity,
                               .column = c,
                               .before = stmt_value(st, 6, a),
                               .reason = stmt_text(st, 7, a)};
    if (value_after(db, entity, row, field, a, now, &row->after, e) != 0) {
        return -1;
    }
    row->op = operation_of(entity, field, row->after);
    return 1;
}

int change_history(struct db *db, const struct model *m, const struct role *role,
                   const struct entity *entity, int64_t record, int64_t before_set, size_t limit,
                   struct arena *a, struct change_row **out, size_t *count, struct err *e)
{
    (void)m;
    sqlite3_stmt *st = stmt_get(
        db,
        "SELECT c.cs, s.at, s.actor, s.source, c.field, c.record, c.before, s.reason FROM field f"
        " CROSS JOIN change c ON c.field = f.id AND c.record = ?2 AND c.cs < ?3"
        " CROSS JOIN change_set s ON s.id = c.cs WHERE f.entity = ?1 ORDER BY c.cs DESC, c.field",
        e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, entity->id);
    sqlite3_bind_int64(st, 2, record);
    sqlite3_bind_int64(st, 3, before_set != 0 ? before_set : INT64_MAX);
    size_t room = limit + entity->column_count + PSEUDO_COUNT; /* the last set is given whole */
    struct change_row *rows = ARENA_ARRAY(a, struct change_row, room);
    struct record *now = NULL;
    size_t n = 0;
    int rc = 0;
    while (rc >= 0 && n < room && (rc = stmt_step(db, st, e)) == 1) {
        if (n >= limit && n > 0 && sqlite3_column_int64(st, 0) != rows[n - 1].set) {
            break;
        }
        rc = read_row(db, st, entity, role, a, &now, &rows[n], e);
        n += rc == 1;
    }
    stmt_done(st);
    if (rc < 0) {
        return -1;
    }
    *out = rows;
    *count = n;
    return 0;
}

/* What change_news has read so far. */
struct news {
    struct db *db;
    const struct model *m;
    const struct role *role;
    struct arena *a;
    struct change_row *rows;
    size_t count, room, sets;
    struct record **now; /* the records as they are, by the order they were met in */
    size_t now_count, most;
};

static struct record **now_of(struct news *n, int64_t id)
{
    size_t i = 0;
    while (i < n->now_count && n->now[i]->id != id) {
        i++;
    }
    return &n->now[i];
}

static void make_room(struct news *n)
{
    if (n->count < n->room) {
        return;
    }
    size_t room = n->room == 0 ? 128 : 2 * n->room;
    struct change_row *rows = ARENA_ARRAY(n->a, struct change_row, room);
    if (n->count > 0) {
        memcpy(rows, n->rows, n->count * sizeof(*rows));
    }
    n->rows = rows;
    n->room = room;
}

/* 1: taken or nothing to show, 0: there is enough, -1 error. */
static int take_news(struct news *n, sqlite3_stmt *st, struct err *e)
{
    const struct change_row *last = n->count > 0 ? &n->rows[n->count - 1] : NULL;
    int64_t set = sqlite3_column_int64(st, 0), record = sqlite3_column_int64(st, 5);
    const struct entity *entity = model_entity_by_id(n->m, sqlite3_column_int64(st, 8));
    bool next = last == NULL || last->set != set || last->record != record;
    if (next && n->sets == n->most) {
        return 0;
    }
    make_room(n);
    struct record **now = now_of(n, record);
    int rc = entity == NULL ? 0
                            : read_row(n->db, st, entity, n->role, n->a, now, &n->rows[n->count], e);
    n->now_count += *now != NULL && now == &n->now[n->now_count];
    if (rc < 0) {
        return -1;
    }
    n->count += rc == 1;
    n->sets += rc == 1 && next;
    return 1;
}

int change_news(struct db *db, const struct model *m, const struct role *role, const char *ids,
                const struct change_place *before, int64_t actor, size_t most, struct arena *a,
                struct change_row **out, size_t *count, struct err *e)
{
    struct news n = {.db = db, .m = m, .role = role, .a = a, .most = most};
    n.now = ARENA_ARRAY(a, struct record *, most + 1);
    sqlite3_stmt *st = stmt_get(
        db,
        "SELECT c.cs, s.at, s.actor, s.source, c.field, c.record, c.before, s.reason, d.entity"
        " FROM json_each(?1) j CROSS JOIN doc d ON d.id = j.value"
        " CROSS JOIN field f ON f.entity = d.entity AND f.derived = 0"
        " CROSS JOIN change c ON c.field = f.id AND c.record = d.id AND c.cs <= ?2"
        " CROSS JOIN change_set s ON s.id = c.cs AND (?4 = 0 OR s.actor = ?4)"
        " WHERE c.cs < ?2 OR c.record < ?3"
        " ORDER BY c.cs DESC, c.record DESC, c.field",
        e);
    if (!st) {
        return -1;
    }
    stmt_bind_text(st, 1, ids);
    sqlite3_bind_int64(st, 2, before->set != 0 ? before->set : INT64_MAX);
    sqlite3_bind_int64(st, 3, before->record);
    sqlite3_bind_int64(st, 4, actor);
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1 && (rc = take_news(&n, st, e)) == 1) {
    }
    stmt_done(st);
    *out = n.rows;
    *count = n.count;
    return rc < 0 ? -1 : 0;
}

static bool find_touch(const struct model *m, int64_t field, struct change_touch *out)
{
    if (field < 0) {
        *out = (struct change_touch){.entity = model_entity_by_id(m, -field / PSEUDO_COUNT)};
        return out->entity != NULL;
    }
    for (size_t i = 0; i < m->entity_count; i++) {
        const struct column *c = entity_column_by_id(m->entities[i], field);
        if (c != NULL) {
            *out = (struct change_touch){.entity = m->entities[i], .field = c->field};
            return true;
        }
    }
    return false;
}

int change_touches(struct db *db, const struct model *m, int64_t set, struct arena *a,
                   struct change_touch **out, size_t *count, struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        db,
        "WITH RECURSIVE t(id) AS (SELECT ?1 UNION SELECT s.id FROM t CROSS JOIN change_set s"
        " ON s.parent = t.id) SELECT DISTINCT c.field FROM t CROSS JOIN change c ON c.cs = t.id",
        e);
    if (!st) {
        return -1;
    }
    size_t room = 0;
    for (size_t i = 0; i < m->entity_count; i++) {
        room += m->entities[i]->column_count + PSEUDO_COUNT;
    }
    *out = ARENA_ARRAY(a, struct change_touch, room + 1);
    *count = 0;
    sqlite3_bind_int64(st, 1, set);
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1 && *count < room) {
        *count += find_touch(m, sqlite3_column_int64(st, 0), &(*out)[*count]);
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static enum operation op_of_touch(int64_t field, bool had_value)
{
    if (field >= 0 || -field % PSEUDO_COUNT == PSEUDO_TITLE) {
        return OP_UPDATE;
    }
    return -field % PSEUDO_COUNT == PSEUDO_CREATED ? OP_CREATE : had_value ? OP_RESTORE : OP_DELETE;
}

int change_touches_each(struct db *db, const struct model *m, const int64_t *sets, size_t set_count,
                        size_t limit, struct arena *a, struct change_touch **out, size_t *count,
                        struct err *e)
{
    struct buf list = {0};
    sqlite3_stmt *st = stmt_get(
        db,
        "SELECT j.value, c.field, c.before IS NOT NULL FROM json_each(?1) j CROSS JOIN change c"
        " ON c.cs = j.value UNION ALL SELECT j.value, c.field, c.before IS NOT NULL"
        " FROM json_each(?1) j CROSS JOIN change_set s ON s.parent = j.value CROSS JOIN change c"
        " ON c.cs = s.id LIMIT ?2",
        e);
    if (!st) {
        return -1;
    }
    for (size_t i = 0; i < set_count; i++) {
        buf_printf(&list, i == 0 ? "[%lld" : ",%lld", (long long)sets[i]);
    }
    buf_puts(&list, set_count == 0 ? "[]" : "]");
    stmt_bind_text(st, 1, buf_text(&list));
    sqlite3_bind_int64(st, 2, (int64_t)limit);
    *out = ARENA_ARRAY(a, struct change_touch, limit + 1);
    *count = 0;
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1 && *count < limit) {
        struct change_touch *touch = &(*out)[*count];
        int64_t field = sqlite3_column_int64(st, 1);
        *count += find_touch(m, field, touch);
        touch->set = sqlite3_column_int64(st, 0);
        touch->op = op_of_touch(field, sqlite3_column_int(st, 2) != 0);
    }
    stmt_done(st);
    buf_done(&list);
    return rc < 0 ? -1 : 0;
}

/* ---- sets ------------------------------------------------------------------------------------ */

/* An undo that found nothing it could take back, and is at its end, took nothing back. */
int change_undone_by(struct db *db, int64_t set, int64_t *out, struct err *e)
{
    int64_t undo = 0;
    int64_t again = 0;
    *out = 0;
    if (db_get_int(db,
                   "SELECT u.id FROM change_set u WHERE u.undo_of = ?1 AND u.parent IS NULL AND (u.n > 0"
                   " OR EXISTS (SELECT 1 FROM change_set p WHERE p.parent = u.id)"
                   " OR EXISTS (SELECT 1 FROM job j WHERE j.root = u.id AND j.state IN (1, 2)))"
                   " ORDER BY u.id DESC LIMIT 1",
                   &set, 1, 0, &undo, e) != 0) {
        return -1;
    }
    if (undo != 0 && change_undone_by(db, undo, &again, e) != 0) {
        return -1;
    }
    *out = again == 0 ? undo : 0;
    return 0;
}

/* How many records, and of which entities they are, most first. */
static int count_records(struct db *db, const struct model *m, struct change_info *info,
                         struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        db,
        "WITH sets(id) AS (SELECT ?1 UNION ALL SELECT id FROM change_set WHERE parent = ?1)"
        " SELECT entity, count(*) FROM (SELECT DISTINCT f.entity, c.record FROM sets"
        " CROSS JOIN change c ON c.cs = sets.id"
        " CROSS JOIN field f ON f.id = c.field AND f.derived = 0 LIMIT ?2)"
        " GROUP BY entity ORDER BY count(*) DESC, entity",
        e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, info->id);
    sqlite3_bind_int64(st, 2, RECORDS_CAP);
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1) {
        const struct entity *entity = model_entity_by_id(m, sqlite3_column_int64(st, 0));
        int64_t n = sqlite3_column_int64(st, 1);
        info->records += n;
        if (entity != NULL && info->part_count < CHANGE_PARTS) {
            info->parts[info->part_count++] = (struct change_part){entity, n};
        }
    }
    stmt_done(st);
    return rc;
}

/* First record, its entity, number of records: of the set or, for a root, of its children too. A
 * record of which only derived columns changed (a company's sum of deals) does not count. */
static int fill_records(struct db *db, const struct model *m, struct change_info *info,
                        struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        db,
        "WITH sets(id) AS (SELECT ?1 UNION ALL SELECT id FROM change_set WHERE parent = ?1)"
        " SELECT c.record, d.entity, c.field, c.before IS NOT NULL"
        " FROM sets CROSS JOIN change c ON c.cs = sets.id"
        " CROSS JOIN field f ON f.id = c.field AND f.derived = 0"
        " CROSS JOIN doc d ON d.id = c.record LIMIT 1",
        e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, info->id);
    int rc = stmt_step(db, st, e);
    if (rc == 1) {
        info->first_record = sqlite3_column_int64(st, 0);
        info->first_entity = model_entity_by_id(m, sqlite3_column_int64(st, 1));
        info->first_op =
            op_of_touch(sqlite3_column_int64(st, 2), sqlite3_column_int(st, 3) != 0);
    }
    stmt_done(st);
    if (rc <= 0) {
        return rc;
    }
    return count_records(db, m, info, e) != 0
               ? -1
               : db_get_int(db, "SELECT sum(n) FROM change_set WHERE id = ?1 OR parent = ?1",
                            &info->id, 1, info->n, &info->n, e);
}

static void read_info(sqlite3_stmt *st, struct arena *a, struct change_info *info)
{
    *info = (struct change_info){.id = sqlite3_column_int64(st, 0),
                                 .at_ms = sqlite3_column_int64(st, 1),
                                 .actor = sqlite3_column_int64(st, 2),
                                 .source = (enum change_source)sqlite3_column_int(st, 3),
                                 .reason = stmt_text(st, 4, a),
                                 .parent = sqlite3_column_int64(st, 5),
                                 .undo_of = sqlite3_column_int64(st, 6),
                                 .n = sqlite3_column_int64(st, 7)};
}

/* Runs a prepared list of sets to the end, then completes each. */
static int read_infos(struct db *db, const struct model *m, sqlite3_stmt *st, size_t limit,
                      struct arena *a, struct change_info **out, size_t *count, struct err *e)
{
    struct change_info *list = ARENA_ARRAY(a, struct change_info, limit + 1);
    size_t n = 0;
    int rc = 0;
    while (n < limit && (rc = stmt_step(db, st, e)) == 1) {
        read_info(st, a, &list[n++]);
    }
    stmt_done(st);
    for (size_t i = 0; rc >= 0 && i < n; i++) {
        rc = fill_records(db, m, &list[i], e) != 0 ||
                     change_undone_by(db, list[i].id, &list[i].undone_by, e) != 0
                 ? -1
                 : 0;
    }
    if (rc < 0) {
        return -1;
    }
    *out = list;
    *count = n;
    return 0;
}

int change_list(struct db *db, const struct model *m, int64_t parent, int64_t before, int64_t actor,
                size_t limit, struct arena *a, struct change_info **out, size_t *count,
                struct err *e)
{
    const char *sql =
        parent != 0
            ? "SELECT id, at, actor, source, reason, parent, undo_of, n FROM change_set"
              " WHERE parent = ?4 AND id < ?1 AND (?2 = 0 OR actor = ?2) ORDER BY id DESC LIMIT ?3"
            : "SELECT id, at, actor, source, reason, parent, undo_of, n FROM change_set"
              " WHERE parent IS NULL AND id < ?1 AND (?2 = 0 OR actor = ?2) ORDER BY id DESC LIMIT "
              "?3";
    sqlite3_stmt *st = stmt_get(db, sql, e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, before != 0 ? before : INT64_MAX);
    sqlite3_bind_int64(st, 2, actor);
    sqlite3_bind_int64(st, 3, (int64_t)limit);
    if (parent != 0) {
        sqlite3_bind_int64(st, 4, parent);
    }
    return read_infos(db, m, st, limit, a, out, count, e);
}

int change_info_find(struct db *db, const struct model *m, int64_t id, struct arena *a,
                     struct change_info *out, struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        db,
        "SELECT id, at, actor, source, reason, parent, undo_of, n FROM change_set WHERE id = ?1",
        e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, id);
    struct change_info *list = NULL;
    size_t count = 0;
    if (read_infos(db, m, st, 1, a, &list, &count, e) != 0) {
        return -1;
    }
    if (count == 0) {
        return err_fail(e, ERR_NOT_FOUND, "", "There is no such change.");
    }
    *out = list[0];
    return 0;
}
