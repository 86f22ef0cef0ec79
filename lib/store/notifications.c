/* Rows of the table notification; see notifications.h. */
#include "store/notifications.h"

#include <string.h>

#include "store/db.h"
#include "store/merged.h"

#define COLUMNS                                                                                    \
    "id, user, kind, record, entry, key, actor, params, made_at, seen_at, due_at, digest, cs,"  \
    " gone"

/* The number is that of the newest change-set, so that the events of a ring stay in order. */
int notifications_stir(struct db *db, int64_t user, struct err *e)
{
    struct event event = {.to = user};
    if (db_counter(db, "change_set", &event.change_set, e) != 0) {
        return -1;
    }
    db_emit(db, &event);
    return 0;
}

/* What was no longer true is told once more when it is again. */
static int make_room(struct db *db, const struct notification *n, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "DELETE FROM notification WHERE user = ?1 AND kind = ?2"
                                " AND record = ?3 AND key = ?4 AND gone <> 0",
                                e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, n->user);
    stmt_bind_text(st, 2, n->kind);
    sqlite3_bind_int64(st, 3, n->record);
    stmt_bind_text(st, 4, n->key);
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int notifications_add(struct db *db, struct notification *n, struct err *e)
{
    if (make_room(db, n, e) != 0) {
        return -1;
    }
    sqlite3_stmt *st = stmt_get(
        db,
        "INSERT INTO notification(user, kind, record, entry, key, actor, params, made_at, seen_at,"
        " due_at, digest, cs)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10, ?11)"
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
    sqlite3_bind_int64(st, 9, n->due_at);
    sqlite3_bind_int64(st, 10, n->digest);
    sqlite3_bind_int64(st, 11, n->cs);
    int rc = stmt_step(db, st, e);
    n->id = rc == 1 ? sqlite3_column_int64(st, 0) : 0;
    stmt_done(st);
    if (rc < 0) {
        return -1;
    }
    bool now = n->digest == 0 && n->due_at <= n->made_at;
    return rc == 1 && now ? notifications_stir(db, n->user, e) : 0;
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
                                 .seen_at = sqlite3_column_int64(st, 9),
                                 .due_at = sqlite3_column_int64(st, 10),
                                 .digest = sqlite3_column_int64(st, 11),
                                 .cs = sqlite3_column_int64(st, 12),
                                 .gone = sqlite3_column_int64(st, 13)};
}

/* Rows of a statement that is bound, at most limit. */
static int read_rows(struct db *db, sqlite3_stmt *st, size_t limit, struct arena *a,
                     struct notification **out, size_t *count, struct err *e)
{
    size_t n = 0, room = limit < 32 ? limit : 32;
    struct notification *rows = ARENA_ARRAY(a, struct notification, room + 1);
    int rc = 0;
    while (n < limit && (rc = stmt_step(db, st, e)) == 1) {
        if (n == room) {
            struct notification *more = ARENA_ARRAY(a, struct notification, 2 * room + 1);
            memcpy(more, rows, n * sizeof(*rows));
            rows = more;
            room *= 2;
        }
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

#define LIST_SQL                                                                                   \
    "SELECT " COLUMNS                                                                              \
    " FROM notification WHERE user = ?1 AND digest = ?2 AND due_at <= ?3 AND id < ?4"                \
    " AND (?6 IS NULL OR kind = ?6) "
#define LIST_END "ORDER BY id DESC LIMIT ?5"

int notifications_list(struct db *db, const struct notification_page *page, size_t limit,
                       struct arena *a, struct notification **out, size_t *count, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db, page->unseen ? LIST_SQL "AND seen_at = 0 " LIST_END
                                                 : LIST_SQL LIST_END,
                                e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, page->user);
    sqlite3_bind_int64(st, 2, page->digest);
    sqlite3_bind_int64(st, 3, page->now_ms);
    sqlite3_bind_int64(st, 4, page->before != 0 ? page->before : INT64_MAX);
    sqlite3_bind_int64(st, 5, (int64_t)limit);
    stmt_bind_text(st, 6, page->kind);
    return read_rows(db, st, limit, a, out, count, e);
}

int notifications_waiting(struct db *db, int64_t user, int64_t now_ms, struct arena *a,
                          struct notification **out, size_t *count, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "SELECT " COLUMNS " FROM notification WHERE user = ?1"
                                " AND seen_at = 0 AND (digest = -1 OR due_at > ?2) ORDER BY id",
                                e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, user);
    sqlite3_bind_int64(st, 2, now_ms);
    return read_rows(db, st, SIZE_MAX, a, out, count, e);
}

int notifications_plan(struct db *db, const struct notification *n, struct err *e)
{
    const int64_t values[] = {n->id, n->due_at, n->digest};
    return db_run_ints(db, "UPDATE notification SET due_at = ?2, digest = ?3 WHERE id = ?1", values,
                       3, e);
}

int notifications_remove(struct db *db, int64_t id, struct err *e)
{
    return db_run_ints(db, "DELETE FROM notification WHERE id = ?1", &id, 1, e);
}

int notifications_collect(struct db *db, int64_t user, int64_t digest, struct err *e)
{
    const int64_t values[] = {user, digest};
    return db_run_ints(db,
                       "UPDATE notification SET digest = CASE seen_at WHEN 0 THEN ?2 ELSE 0 END"
                       " WHERE user = ?1 AND digest = -1",
                       values, 2, e);
}

static int read_users(struct db *db, sqlite3_stmt *st, struct arena *a, int64_t **out,
                      size_t *count, struct err *e)
{
    size_t n = 0, room = 16;
    int64_t *ids = ARENA_ARRAY(a, int64_t, room);
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1) {
        if (n == room) {
            int64_t *more = ARENA_ARRAY(a, int64_t, 2 * room);
            memcpy(more, ids, n * sizeof(*ids));
            ids = more;
            room *= 2;
        }
        ids[n++] = sqlite3_column_int64(st, 0);
    }
    stmt_done(st);
    *out = ids;
    *count = n;
    return rc < 0 ? -1 : 0;
}

int notifications_collecting(struct db *db, struct arena *a, int64_t **out, size_t *count,
                             struct err *e)
{
    sqlite3_stmt *st =
        stmt_get(db, "SELECT DISTINCT user FROM notification WHERE digest = -1 AND digest <> 0", e);
    return st != NULL ? read_users(db, st, a, out, count, e) : -1;
}

int notifications_changed(struct db *db, int64_t cs, struct err *e)
{
    struct arena a;
    int64_t *users = NULL;
    size_t count = 0;
    sqlite3_stmt *st =
        stmt_get(db,
                 "SELECT user FROM notification WHERE cs = ?1 AND cs <> 0"
                 " UNION SELECT user FROM notification WHERE gone = ?1 AND gone <> 0",
                 e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, cs);
    arena_init(&a);
    int rc = read_users(db, st, &a, &users, &count, e);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        rc = notifications_stir(db, users[i], e);
    }
    arena_done(&a);
    return rc;
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
#define ALL_SQL  SEEN_SQL " AND due_at <= ?2 AND digest <> -1"
#define ONE_SQL  SEEN_SQL " AND (id = ?3 OR digest = ?3)"
/* About a record, or one that was merged into it. */
#define ABOUT                                                                                      \
    " IN (WITH RECURSIVE m(id) AS (SELECT ?3 UNION SELECT x.record FROM m CROSS JOIN"               \
    " merged x ON x.survivor = m.id AND x.undone = 0) SELECT id FROM m)"

/* Digests of which nothing is left to be seen have been seen. */
static int close_digests(struct db *db, int64_t user, int64_t now_ms, struct err *e)
{
    const int64_t values[] = {user, now_ms};
    return db_run_ints(db,
                       SEEN_SQL " AND kind = 'digest' AND NOT EXISTS (SELECT 1 FROM notification i"
                                " WHERE i.digest = notification.id AND i.digest <> 0"
                                " AND i.seen_at = 0)",
                       values, 2, e) != 0
               ? -1
               : notifications_stir(db, user, e);
}

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
    int rc = id == 0 ? db_run_ints(db, ALL_SQL, values, 2, e)
             : group && record != 0
                 ? db_run_ints(db, SEEN_SQL " AND record" ABOUT, about, 3, e)
                 : db_run_ints(db, ONE_SQL, values, 3, e);
    return rc != 0 ? -1 : close_digests(db, user, now_ms, e);
}

/* A statement with user, moment or nothing, record and kind bound. */
static int run_about(struct db *db, const char *sql, int64_t user, int64_t now_ms, int64_t record,
                     const char *but, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db, sql, e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, user);
    sqlite3_bind_int64(st, 2, now_ms);
    sqlite3_bind_int64(st, 3, record);
    stmt_bind_text(st, 4, but);
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc;
}

#define SAID_SQL " AND kind <> ?4 AND (entry = ?3 OR record" ABOUT ")"

int notifications_any_about(struct db *db, int64_t user, int64_t record, const char *but, bool *any,
                            struct err *e)
{
    int rc = run_about(db,
                       "SELECT ?2 FROM notification WHERE user = ?1 AND seen_at = 0" SAID_SQL
                       " LIMIT 1",
                       user, 0, record, but, e);
    *any = rc == 1;
    return rc < 0 ? -1 : 0;
}

int notifications_seen_about(struct db *db, int64_t user, int64_t record, const char *but,
                             int64_t now_ms, struct err *e)
{
    int rc = run_about(db, SEEN_SQL SAID_SQL, user, now_ms, record, but, e);
    return rc < 0 ? -1 : close_digests(db, user, now_ms, e);
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
    return rc < 0 ? -1 : close_digests(db, user, now_ms, e);
}

int notifications_one_more(struct db *db, int64_t user, const char *kind, const char *key,
                           bool *found, struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        db,
        "UPDATE notification SET seen_at = 0, params = json_set(params, '$.count',"
        " coalesce(json_extract(params, '$.count'), 1) + 1)"
        " WHERE user = ?1 AND kind = ?2 AND key = ?3 AND gone = 0 RETURNING id",
        e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, user);
    stmt_bind_text(st, 2, kind);
    stmt_bind_text(st, 3, key);
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    *found = rc == 1;
    return rc < 0 || (*found && notifications_stir(db, user, e) != 0) ? -1 : 0;
}

int notifications_drop(struct db *db, const char *kind, int64_t record, const char *key, int64_t cs,
                       struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        db,
        "UPDATE notification SET gone = ?4 WHERE record = ?1 AND kind = ?2"
        " AND substr(key, 1, length(?3)) = ?3 AND seen_at = 0"
        " AND coalesce(json_extract(params, '$.count'), 1) = 1 AND (gone = 0 OR EXISTS"
        " (SELECT 1 FROM change_set u WHERE u.undo_of = notification.gone AND u.parent IS NULL))"
        " RETURNING user",
        e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, record);
    stmt_bind_text(st, 2, kind);
    stmt_bind_text(st, 3, key);
    sqlite3_bind_int64(st, 4, cs);
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1 &&
           notifications_stir(db, sqlite3_column_int64(st, 0), e) == 0) {
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
