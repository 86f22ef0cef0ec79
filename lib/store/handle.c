/*
 * The handle index: normalised e-mail, phone number or web domain → records. Only living records
 * have rows. It answers "who is this?" for import matching and duplicates. See index_rows.h and
 * rows.h.
 */
#include "model/field_type.h"
#include "store/change_private.h"
#include "store/index_rows.h"
#include "store/query.h"

bool handle_has(const struct field *f)
{
    return field_handle(f) != HANDLE_NONE && f->columns != NULL;
}

int handle_add(struct db *db, const struct field *f, int64_t record, struct value value,
               struct arena *a, struct err *e)
{
    const struct point_type *points = f->type->points;
    const char **texts = NULL;
    size_t count = point_texts(a, value, &texts);
    for (size_t i = 0; i < count; i++) {
        const char *normal = point_key(points, a, texts[i]);
        if (!normal) {
            continue;
        }
        sqlite3_stmt *st =
            stmt_get(db,
                     "INSERT OR IGNORE INTO handle(kind, value, record, entity, field)"
                     " VALUES(?1, ?2, ?3, ?4, ?5)",
                     e);
        if (!st) {
            return -1;
        }
        sqlite3_bind_int64(st, 1, points->handle);
        stmt_bind_text(st, 2, normal);
        sqlite3_bind_int64(st, 3, record);
        sqlite3_bind_int64(st, 4, f->entity->id);
        sqlite3_bind_int64(st, 5, f->columns[0].id);
        int rc = stmt_step(db, st, e);
        stmt_done(st);
        if (rc < 0) {
            return -1;
        }
    }
    return 0;
}

int handle_take(struct db *db, const struct field *f, int64_t record, struct err *e)
{
    const int64_t values[] = {record, f->columns[0].id};
    return db_run_ints(db, "DELETE FROM handle WHERE record = ?1 AND field = ?2", values, 2, e);
}

int handle_drop(struct db *db, int64_t record, struct err *e)
{
    return db_run_ints(db, "DELETE FROM handle WHERE record = ?1", &record, 1, e);
}

/* Addresses of a field, or of a record, that the reader may not see are not there for him: 1, 0, or
 * -1 with the error. */
static int is_seen(struct db *db, const struct who *who, sqlite3_stmt *row, struct err *err)
{
    if (who == NULL || who->role == NULL) {
        return 1;
    }
    const struct entity *e = model_entity_by_id(who->model, sqlite3_column_int64(row, 1));
    const struct column *c =
        e != NULL ? entity_column_by_id(e, sqlite3_column_int64(row, 2)) : NULL;
    return c != NULL && !c->field->hidden && role_sees(who->role, c->field)
               ? query_permits(db, who, ACTION_SEE, e, sqlite3_column_int64(row, 0), false, err)
               : 0;
}

int handle_find(struct db *db, const struct who *who, enum handle_kind kind, const char *normalised,
                const struct entity *only, size_t limit, struct arena *a, int64_t **ids,
                size_t *count, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "SELECT record, entity, field FROM handle WHERE kind = ?1"
                                " AND value = ?2 AND (?3 = 0 OR entity = ?3) ORDER BY record",
                                e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, kind);
    stmt_bind_text(st, 2, normalised);
    sqlite3_bind_int64(st, 3, only ? only->id : 0);
    int64_t *found = ARENA_ARRAY(a, int64_t, limit);
    size_t n = 0;
    int rc = 0;
    while (n < limit && (rc = stmt_step(db, st, e)) == 1) {
        int64_t record = sqlite3_column_int64(st, 0);
        bool again = n > 0 && found[n - 1] == record;
        int seen = again ? 0 : is_seen(db, who, st, e);
        if (seen < 0) {
            rc = -1;
            break;
        }
        if (seen > 0) {
            found[n++] = record;
        }
    }
    stmt_done(st);
    if (rc < 0) {
        return -1;
    }
    *ids = found;
    *count = n;
    return 0;
}

int handle_shared(struct db *db, enum handle_kind kind,
                  bool (*visit)(void *data, int64_t record, const char *normalised), void *data,
                  struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "SELECT record, value FROM handle WHERE kind = ?1 AND record IN"
                                " (SELECT record FROM handle WHERE kind = ?1"
                                " GROUP BY record HAVING count(*) > 1) ORDER BY record",
                                e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, kind);
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1) {
        if (!visit(data, sqlite3_column_int64(st, 0), (const char *)sqlite3_column_text(st, 1))) {
            break;
        }
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}
