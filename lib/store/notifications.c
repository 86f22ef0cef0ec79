/* Rows of the table notification; see notifications.h. */
#include "store/notifications.h"

#include "store/db.h"
#include "store/merged.h"

#define COLUMNS "id, user, kind, record, entry, key, actor, params, made_at, seen_at"

/* The pages of the user hear of it; the number is that of the newest change-set, so that the events
 * of a ring stay in order. */
static int emit(struct db *db, int64_t user, struct err *e)
{
    struct event event = {.to = user};
    if (db_counter(db, "change_set", &event.change_set, e) != 0) {
        return -1;
    }
    db_emit(db, &event);
    return 0;
}

int notifications_add(struct db *db, const struct notification *n, bool *told, struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        db,
        "INSERT INTO notification(user, kind, record, entry, key, actor, params, made_at, seen_at)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0)"
        " ON CONFLICT(user, kind, record, key) DO NOTHING RETURNING id",
        e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, n->user);
    stmt_bind_text(st, 2, n->kind);
    sqlite3_bind_int64(st, 3, n->record);
    sqlite3_bind_int64(st, 4, n->entry);
    stmt_bind_text(st, 5, n->key);
    sqlite3_bind_int64(st, 6, n->actor);
    stmt_bind_text(st, 7, n->params != NULL ? n->params : "{}");
    sqlite3_bind_int64(st, 8, n->made_at);
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    if (rc < 0) {
        return -1;
    }
    *told = rc == 1;
    return rc == 1 ? emit(db, n->user, e) : 0;
}

static void read_row(sqlite3_stmt *st, struct arena *a, struct notification *out)
{
    *out = (struct notification){.id = sqlite3_column_int64(st, 0),
                                 .user = sqlite3_column_int64(st, 1),
                                 .kind = stmt_text(st, 2, a),
                                 .record = sqlite3_column_int64(st, 3),
                                 .entry = sqlite3_column_int64(st, 4),
                                 .key = stmt_text(st, 5, a),
                                 .actor = sqlite3_column_int64(st, 6),
                                 .params = stmt_text(st, 7, a),
                                 .made_at = sqlite3_column_int64(st, 8),
                                 .seen_at = sqlite3_column_int64(st, 9)};
}

#define LIST_SQL "SELECT " COLUMNS " FROM notification WHERE user = ?1 AND id < ?2 "
#define LIST_END "ORDER BY id DESC LIMIT ?3"

int notifications_list(struct db *db, int64_t user, bool unseen, int64_t before, size_t limit,
                       struct arena *a, struct notification **out, size_t *count, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db, unseen ? LIST_SQL "AND seen_at = 0 " LIST_END
                                           : LIST_SQL LIST_END,
                                e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, user);
    sqlite3_bind_int64(st, 2, before != 0 ? before : INT64_MAX);
    sqlite3_bind_int64(st, 3, (int64_t)limit);
    struct notification *rows = ARENA_ARRAY(a, struct notification, limit + 1);
    size_t n = 0;
    int rc = 0;
    while (n < limit && (rc = stmt_step(db, st, e)) == 1) {
        read_row(st, a, &rows[n++]);
    }
    stmt_done(st);
    if (rc < 0) {
        return -1;
    }
    *out = rows;
    *count = n;
    return 0;
}

int notifications_find(struct db *db, int64_t user, int64_t id, struct arena *a,
                       struct notification *out, struct err *e)
{
    sqlite3_stmt *st =
        stmt_get(db, "SELECT " COLUMNS " FROM notification WHERE user = ?1 AND id = ?2", e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, user);
    sqlite3_bind_int64(st, 2, id);
    int rc = stmt_step(db, st, e);
    if (rc == 1) {
        read_row(st, a, out);
    }
    stmt_done(st);
    return rc == 0 ? err_fail(e, ERR_NOT_FOUND, "", "There is no such notification.") : rc < 0 ? -1 : 0;
}

#define SEEN_SQL "UPDATE notification SET seen_at = ?2 WHERE user = ?1 AND seen_at = 0"
/* About a record, or one that was merged into it. */
#define ABOUT_SQL                                                                                  \
    " AND record IN (WITH RECURSIVE m(id) AS (SELECT ?3 UNION SELECT x.record FROM m CROSS JOIN"    \
    " merged x ON x.survivor = m.id AND x.undone = 0) SELECT id FROM m)"

int notifications_seen(struct db *db, int64_t user, int64_t id, bool group, int64_t now_ms,
                       struct err *e)
{
    const int64_t values[] = {user, now_ms, id};
    int64_t record = 0;
    if (id != 0 && db_get_int(db, "SELECT record FROM notification WHERE user = ?1 AND id = ?2",
                              (const int64_t[]){user, id}, 2, -1, &record, e) != 0) {
        return -1;
    }
    if (record < 0) {
        return err_fail(e, ERR_NOT_FOUND, "", "There is no such notification.");
    }
    int64_t survivor = 0;
    if (group && merged_survivor(db, record, &survivor, e) != 0) {
        return -1;
    }
    const int64_t about[] = {user, now_ms, survivor != 0 ? survivor : record};
    int rc = id == 0 ? db_run_ints(db, SEEN_SQL, values, 2, e)
             : group && record != 0
                 ? db_run_ints(db, SEEN_SQL ABOUT_SQL, about, 3, e)
                 : db_run_ints(db, SEEN_SQL " AND id = ?3", values, 3, e);
    return rc != 0 ? -1 : emit(db, user, e);
}

int notifications_seen_key(struct db *db, int64_t user, const char *kind, const char *key,
                           int64_t now_ms, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db, SEEN_SQL " AND kind = ?3 AND key = ?4", e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, user);
    sqlite3_bind_int64(st, 2, now_ms);
    stmt_bind_text(st, 3, kind);
    stmt_bind_text(st, 4, key);
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : emit(db, user, e);
}

int notifications_drop(struct db *db, const char *kind, int64_t record, const char *key,
                       struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "DELETE FROM notification WHERE record = ?1 AND kind = ?2"
                                " AND substr(key, 1, length(?3)) = ?3 AND seen_at = 0"
                                " RETURNING user",
                                e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, record);
    stmt_bind_text(st, 2, kind);
    stmt_bind_text(st, 3, key);
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1 &&
           emit(db, sqlite3_column_int64(st, 0), e) == 0) {
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int notifications_forget(struct db *db, int64_t before_ms, const char *today, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "DELETE FROM notification WHERE made_at < ?1"
                                " AND coalesce(json_extract(params, '$.date'), '') < ?2",
                                e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, before_ms);
    stmt_bind_text(st, 2, today);
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}
