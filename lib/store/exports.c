/* See exports.h. */
#include "store/exports.h"

#include "store/db.h"

int exports_add(struct db *db, const struct export_entry *entry, struct err *e)
{
    sqlite3_stmt *st =
        stmt_get(db,
                 "INSERT INTO export_log(at, user, actor, entity, format, filter, records)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                 e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, entry->at);
    sqlite3_bind_int64(st, 2, entry->user);
    stmt_bind_text(st, 3, entry->actor);
    stmt_bind_text(st, 4, entry->entity);
    stmt_bind_text(st, 5, entry->format);
    stmt_bind_text(st, 6, entry->filter);
    sqlite3_bind_int64(st, 7, entry->records);
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int exports_list(struct db *db, int64_t before, size_t limit, struct arena *a,
                 struct export_entry **out, size_t *count, struct err *e)
{
    sqlite3_stmt *st =
        stmt_get(db,
                 "SELECT id, at, user, actor, entity, format, filter, records FROM export_log"
                 " WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
                 e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, before != 0 ? before : INT64_MAX);
    sqlite3_bind_int64(st, 2, (int64_t)limit);
    struct export_entry *rows = ARENA_ARRAY(a, struct export_entry, limit + 1);
    size_t n = 0;
    int rc = 0;
    while (n < limit && (rc = stmt_step(db, st, e)) == 1) {
        rows[n++] = (struct export_entry){.id = sqlite3_column_int64(st, 0),
                                          .at = sqlite3_column_int64(st, 1),
                                          .user = sqlite3_column_int64(st, 2),
                                          .actor = stmt_text(st, 3, a),
                                          .entity = stmt_text(st, 4, a),
                                          .format = stmt_text(st, 5, a),
                                          .filter = stmt_text(st, 6, a),
                                          .records = sqlite3_column_int64(st, 7)};
    }
    stmt_done(st);
    *out = rows;
    *count = n;
    return rc < 0 ? -1 : 0;
}
