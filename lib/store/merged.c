/* Merged records; see merged.h. */
#include "store/merged.h"

#include <string.h>

#include "base/buf.h"
#include "model/unite.h"
#include "store/change_private.h"
#include "store/db.h"

#define CHAIN_MAX 100 /* merges one after the other, undos of undos: more is a mistake of ours */

/* Ids of a statement's first column, which is done then. */
static int read_ids(struct db *db, sqlite3_stmt *st, size_t limit, struct arena *a, int64_t **ids,
                    size_t *count, struct err *e)
{
    size_t room = 16, n = 0;
    int64_t *list = ARENA_ARRAY(a, int64_t, room);
    int rc = 0;
    while (n < limit && (rc = stmt_step(db, st, e)) == 1) {
        if (n == room) {
            int64_t *more = ARENA_ARRAY(a, int64_t, 2 * room);
            memcpy(more, list, room * sizeof(*list));
            list = more;
            room *= 2;
        }
        list[n++] = sqlite3_column_int64(st, 0);
    }
    stmt_done(st);
    *ids = list;
    *count = n;
    return rc < 0 ? -1 : 0;
}

int merged_add(struct db *db, int64_t record, int64_t survivor, int64_t set, struct err *e)
{
    const int64_t values[] = {record, set, survivor};
    return db_run_ints(db, "INSERT INTO merged(record, cs, survivor) VALUES(?1, ?2, ?3)", values,
                       COUNT(values), e);
}

static int step_row(struct db *db, sqlite3_stmt *st, struct merged_row *out, struct err *e)
{
    int rc = stmt_step(db, st, e);
    if (rc == 1) {
        *out = (struct merged_row){.record = sqlite3_column_int64(st, 0),
                                   .survivor = sqlite3_column_int64(st, 1),
                                   .set = sqlite3_column_int64(st, 2)};
    }
    return rc;
}

int merged_find(struct db *db, int64_t record, struct merged_row *out, struct err *e)
{
    *out = (struct merged_row){0};
    sqlite3_stmt *st = stmt_get(
        db, "SELECT record, survivor, cs FROM merged WHERE record = ?1 AND undone = 0", e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, record);
    int rc = step_row(db, st, out, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int merged_survivor(struct db *db, int64_t record, int64_t *out, struct err *e)
{
    struct merged_row row = {.survivor = record};
    *out = 0;
    for (int i = 0; i < CHAIN_MAX; i++) {
        if (merged_find(db, row.survivor, &row, e) != 0) {
            return -1;
        }
        if (row.record == 0) {
            return 0;
        }
        *out = row.survivor;
    }
    return 0;
}

int merged_into(struct db *db, int64_t survivor, struct arena *a, int64_t **ids, size_t *count,
                struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        db,
        "WITH RECURSIVE m(id) AS (SELECT record FROM merged WHERE survivor = ?1 AND undone = 0"
        " UNION SELECT x.record FROM m CROSS JOIN merged x ON x.survivor = m.id AND x.undone = 0)"
        " SELECT id FROM m",
        e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, survivor);
    return read_ids(db, st, SIZE_MAX, a, ids, count, e);
}

int merged_by(struct db *db, int64_t set, struct arena *a, struct merged_row **rows, size_t *count,
              struct err *e)
{
    size_t room = 16;
    *count = 0;
    *rows = ARENA_ARRAY(a, struct merged_row, room);
    sqlite3_stmt *st = stmt_get(
        db, "SELECT record, survivor, cs FROM merged WHERE cs = ?1 ORDER BY record", e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, set);
    int rc;
    while ((rc = step_row(db, st, &(*rows)[*count], e)) == 1) {
        if (++*count == room) {
            struct merged_row *more = ARENA_ARRAY(a, struct merged_row, 2 * room);
            memcpy(more, *rows, room * sizeof(*more));
            *rows = more;
            room *= 2;
        }
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int merged_origin(struct db *db, int64_t set, int64_t *out, struct err *e)
{
    int64_t of = set;
    for (int i = 0; of != 0 && i < CHAIN_MAX; i++) {
        *out = of;
        if (db_get_int(db, "SELECT undo_of FROM change_set WHERE id = ?1", out, 1, 0, &of, e) !=
            0) {
            return -1;
        }
    }
    return 0;
}

int merged_settle(struct db *db, const struct model *m, int64_t set, struct err *e)
{
    struct arena a;
    struct merged_row *rows = NULL;
    size_t count = 0;
    arena_init(&a);
    int rc = merged_by(db, set, &a, &rows, &count, e);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        const struct entity *entity = NULL;
        struct record *r = NULL;
        rc = rows_entity_of(db, m, rows[i].record, &entity, e);
        if (rc != 0 || entity == NULL) {
            continue;
        }
        rc = rows_load(db, entity, rows[i].record, &a, &r, e);
        if (rc == 0) {
            const int64_t values[] = {rows[i].record, set, r->deleted_at == 0};
            rc = db_run_ints(db, "UPDATE merged SET undone = ?3 WHERE record = ?1 AND cs = ?2",
                             values, COUNT(values), e);
        }
    }
    arena_done(&a);
    return rc;
}

/* A row of SELECT merge, field, record, set and before of it, set and before of the earlier one: does
 * the order matter? Not where both only added to a list. 1, 0, -1. */
static int is_in_the_way(struct db *db, const struct model *m, sqlite3_stmt *row, struct arena *a,
                         struct err *e)
{
    int64_t field = sqlite3_column_int64(row, 1), record = sqlite3_column_int64(row, 2);
    const struct column *c = NULL;
    bool adds = true;
    for (size_t i = 0; i < m->entity_count && c == NULL; i++) {
        c = entity_column_by_id(m->entities[i], field);
    }
    if (c == NULL || !field_unites(c->field)) {
        return c != NULL;
    }
    for (int at = 3; at <= 5; at += 2) {
        struct value left = value_null();
        if (change_value_at(db, c, record, sqlite3_column_int64(row, at), a, &left, e) != 0) {
            return -1;
        }
        adds = adds && unite_only_adds(a, c->field, stmt_value(row, at + 1, a), left);
    }
    return !adds;
}

int merged_later(struct db *db, const struct model *m, int64_t set, int64_t *later, struct err *e)
{
    struct arena a;
    sqlite3_stmt *st = stmt_get(
        db,
        "SELECT r.cs, c.field, n.record, n.cs, n.before, c.cs, c.before FROM (SELECT ?1 AS id UNION ALL SELECT id"
        " FROM change_set WHERE parent = ?1) t CROSS JOIN change c ON c.cs = t.id CROSS JOIN field f"
        " ON f.id = c.field AND f.derived = 0 CROSS JOIN change n ON n.field = c.field"
        " AND n.record = c.record AND n.cs > c.cs CROSS JOIN change_set s ON s.id = n.cs"
        " CROSS JOIN merged r ON r.cs = coalesce(s.parent, s.id) AND r.undone = 0 AND r.cs > ?1",
        e);
    *later = 0;
    if (!st) {
        return -1;
    }
    arena_init(&a);
    sqlite3_bind_int64(st, 1, set);
    int rc = 0;
    while (*later == 0 && (rc = stmt_step(db, st, e)) == 1) {
        int64_t merge = sqlite3_column_int64(st, 0);
        rc = is_in_the_way(db, m, st, &a, e);
        if (rc < 0) {
            break;
        }
        *later = rc == 1 ? merge : 0;
    }
    stmt_done(st);
    arena_done(&a);
    return rc < 0 ? -1 : 0;
}

int merged_newest(struct db *db, int64_t set, int64_t *newest, struct err *e)
{
    return db_get_int(db,
                      "SELECT max(m.cs) FROM merged o CROSS JOIN doc a ON a.id = o.survivor"
                      " CROSS JOIN merged m ON m.cs > o.cs AND m.undone = 0 CROSS JOIN doc b"
                      " ON b.id = m.survivor AND b.entity = a.entity WHERE o.cs = ?1",
                      &set, 1, 0, newest, e);
}

/* ---- Who points at them ---------------------------------------------------------------------- */

static void bind_ids(sqlite3_stmt *st, const int64_t *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sqlite3_bind_int64(st, (int)i + 2, ids[i]);
    }
}

static void put_ids(struct buf *sql, size_t count)
{
    buf_puts(sql, " IN (");
    for (size_t i = 0; i < count; i++) {
        buf_printf(sql, i == 0 ? "?%zu" : ",?%zu", i + 2);
    }
    buf_puts(sql, ")");
}

int merged_pointing(struct db *db, const struct field *f, const int64_t *targets, size_t count,
                    size_t limit, struct arena *a, int64_t **ids, size_t *found, struct err *e)
{
    struct buf *sql = &db->text;
    buf_clear(sql);
    if (field_is_records(f)) {
        buf_puts(sql, "SELECT DISTINCT record FROM ref WHERE target");
        put_ids(sql, count);
        buf_printf(sql, " AND field = %lld", (long long)f->columns[0].id);
    } else {
        static const char *const LIVES[] = {"NULL", "NOT NULL"}; /* each has its indexes */
        for (size_t i = 0; i < COUNT(LIVES); i++) {
            buf_printf(sql, "%sSELECT id FROM %s WHERE deleted_at IS %s AND %s",
                       i == 0 ? "" : " UNION ALL ", f->entity->sql_table, LIVES[i],
                       f->columns[0].sql_name);
            put_ids(sql, count);
        }
    }
    buf_puts(sql, " LIMIT ?1");
    sqlite3_stmt *st = stmt_get(db, buf_text(sql), e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, (int64_t)limit);
    bind_ids(st, targets, count);
    return read_ids(db, st, limit, a, ids, found, e);
}

int merged_twins(struct db *db, const struct record *r, const struct field *const ends[2],
                 size_t limit, struct arena *a, int64_t **ids, size_t *found, struct err *e)
{
    const struct value values[] = {record_value(r, ends[0]), record_value(r, ends[1])};
    buf_clear(&db->text);
    buf_printf(&db->text,
               "SELECT id FROM %s WHERE deleted_at IS NULL AND %s = ?1 AND %s = ?2 AND id <> ?3"
               " ORDER BY id LIMIT ?4",
               r->entity->sql_table, ends[0]->columns[0].sql_name, ends[1]->columns[0].sql_name);
    sqlite3_stmt *st = stmt_get(db, buf_text(&db->text), e);
    if (!st) {
        return -1;
    }
    stmt_bind_value(st, 1, values[0]);
    stmt_bind_value(st, 2, values[1]);
    sqlite3_bind_int64(st, 3, r->id);
    sqlite3_bind_int64(st, 4, (int64_t)limit);
    return read_ids(db, st, limit, a, ids, found, e);
}
