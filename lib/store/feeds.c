/* See feeds.h. */
#include "store/feeds.h"

#include <string.h>

#include "store/db.h"

#define COLUMNS "id, hash, user, epoch, entity, view, name, created_at, used_at"

static void read_feed(sqlite3_stmt *st, struct arena *a, struct feed *out)
{
    *out = (struct feed){.id = sqlite3_column_int64(st, 0),
                         .user = sqlite3_column_int64(st, 2),
                         .epoch = sqlite3_column_int64(st, 3),
                         .entity = arena_strdup(a, (const char *)sqlite3_column_text(st, 4)),
                         .view = arena_strdup(a, (const char *)sqlite3_column_text(st, 5)),
                         .name = arena_strdup(a, (const char *)sqlite3_column_text(st, 6)),
                         .created_at = sqlite3_column_int64(st, 7),
                         .used_at = sqlite3_column_int64(st, 8)};
    if (sqlite3_column_bytes(st, 1) == (int)sizeof out->hash) {
        memcpy(out->hash, sqlite3_column_blob(st, 1), sizeof out->hash);
    }
}

int feeds_add(struct db *db, struct feed *f, struct err *e)
{
    int64_t have = 0;
    const int64_t user[] = {f->user};
    if (db_get_int(db, "SELECT count(*) FROM feed WHERE user = ?1", user, 1, 0, &have, e) != 0) {
        return -1;
    }
    if (have >= FEEDS_MOST) {
        return err_fail(e, ERR_INVALID, "name", "You have %d calendar addresses: revoke one first.",
                        FEEDS_MOST);
    }
    sqlite3_stmt *st = stmt_get(db,
                                "INSERT INTO feed(hash, user, epoch, entity, view, name, created_at)"
                                " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id",
                                e);
    if (!st) {
        return -1;
    }
    stmt_bind_blob(st, 1, f->hash, sizeof f->hash);
    sqlite3_bind_int64(st, 2, f->user);
    sqlite3_bind_int64(st, 3, f->epoch);
    stmt_bind_text(st, 4, f->entity);
    stmt_bind_text(st, 5, f->view);
    stmt_bind_text(st, 6, f->name);
    sqlite3_bind_int64(st, 7, f->created_at);
    int rc = stmt_step(db, st, e);
    f->id = rc == 1 ? sqlite3_column_int64(st, 0) : 0;
    stmt_done(st);
    return rc == 1 ? 0 : -1;
}

int feeds_find(struct db *db, const unsigned char hash[32], struct arena *a, struct feed *out,
               struct err *e)
{
    sqlite3_stmt *st = stmt_get(db, "SELECT " COLUMNS " FROM feed WHERE hash = ?1", e);
    if (!st) {
        return -1;
    }
    stmt_bind_blob(st, 1, hash, 32);
    int rc = stmt_step(db, st, e);
    if (rc == 1) {
        read_feed(st, a, out);
    }
    stmt_done(st);
    return rc == 1  ? 0
           : rc < 0 ? -1
                    : err_fail(e, ERR_NOT_FOUND, "", "There is no such calendar.");
}

int feeds_list(struct db *db, int64_t user, struct arena *a, struct feed **out, size_t *count,
               struct err *e)
{
    sqlite3_stmt *st =
        stmt_get(db, "SELECT " COLUMNS " FROM feed WHERE user = ?1 ORDER BY id LIMIT ?2", e);
    int rc = 0;
    if (!st) {
        return -1;
    }
    *out = ARENA_ARRAY(a, struct feed, FEEDS_MOST);
    *count = 0;
    sqlite3_bind_int64(st, 1, user);
    sqlite3_bind_int64(st, 2, FEEDS_MOST);
    while (*count < FEEDS_MOST && (rc = stmt_step(db, st, e)) == 1) {
        read_feed(st, a, &(*out)[(*count)++]);
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int feeds_touch(struct db *db, int64_t id, int64_t now_ms, struct err *e)
{
    const int64_t values[] = {id, now_ms};
    return db_run_ints(db, "UPDATE feed SET used_at = ?2 WHERE id = ?1", values, 2, e);
}

int feeds_remove(struct db *db, int64_t id, int64_t user, struct err *e)
{
    const int64_t values[] = {id, user};
    int64_t have = 0;
    if (db_get_int(db, "SELECT count(*) FROM feed WHERE id = ?1 AND (?2 = 0 OR user = ?2)", values,
                   2, 0, &have, e) != 0) {
        return -1;
    }
    return have == 0 ? err_fail(e, ERR_NOT_FOUND, "", "There is no such calendar address.")
                     : db_run_ints(db, "DELETE FROM feed WHERE id = ?1", &id, 1, e);
}
