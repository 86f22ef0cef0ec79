/* Credentials, sessions, tokens, one-time codes, idempotency answers, preferences and facts: plain
 * rows; see accounts.h. */
#include "store/accounts.h"

#include <string.h>

#include "store/db.h"

#define HASH_SIZE 32
#define DAY_MS    ((int64_t)24 * 60 * 60 * 1000)

/* Steps a statement that is to give one row: 1, 0 with ERR_NOT_FOUND when `what` is given, -1. Done
 * by the caller. */
static int one_row(struct db *db, sqlite3_stmt *st, const char *what, struct err *e)
{
    int rc = stmt_step(db, st, e);
    if (rc == 0 && what) {
        err_fail(e, ERR_NOT_FOUND, "", "%s", what);
    }
    return rc;
}

static int finish(struct db *db, sqlite3_stmt *st, struct err *e)
{
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static void read_hash(sqlite3_stmt *st, int column, unsigned char out[HASH_SIZE])
{
    memset(out, 0, HASH_SIZE);
    if (sqlite3_column_bytes(st, column) == HASH_SIZE) {
        memcpy(out, sqlite3_column_blob(st, column), HASH_SIZE);
    }
}

/* ---- credentials ----------------------------------------------------------------------------- */

int accounts_credential(struct db *db, int64_t user, struct arena *a, struct credential *out,
                        struct err *e)
{
    sqlite3_stmt *st =
        stmt_get(db, "SELECT password, epoch, changed_at FROM credential WHERE user = ?1", e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, user);
    int rc = one_row(db, st, NULL, e);
    if (rc >= 0) {
        *out = (struct credential){.user = user};
    }
    if (rc == 1) {
        out->password = stmt_text(st, 0, a);
        out->epoch = sqlite3_column_int64(st, 1);
        out->changed_at = sqlite3_column_int64(st, 2);
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int accounts_set_password(struct db *db, int64_t user, const char *stored, int64_t now_ms,
                          struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        db,
        "INSERT INTO credential(user, password, epoch, changed_at) VALUES(?1, ?2, 1, ?3)"
        " ON CONFLICT(user) DO UPDATE SET password = ?2, epoch = epoch + 1, changed_at = ?3",
        e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, user);
    stmt_bind_text(st, 2, stored);
    sqlite3_bind_int64(st, 3, now_ms);
    return finish(db, st, e);
}

int accounts_can_enter(struct db *db, int64_t user, int64_t now_ms, bool *out, struct err *e)
{
    const int64_t values[] = {user, now_ms};
    int64_t found = 0;
    if (db_get_int(db,
                   "SELECT 1 FROM credential WHERE user = ?1 AND password IS NOT NULL UNION ALL"
                   " SELECT 1 FROM code WHERE kind IN ('invite', 'reset') AND user = ?1"
                   " AND expires_at > ?2",
                   values, 2, 0, &found, e) != 0) {
        return -1;
    }
    *out = found != 0;
    return 0;
}

int accounts_with_password(struct db *db, struct arena *a, int64_t **out, size_t *count,
                           struct err *e)
{
    int64_t n = 0;
    *count = 0;
    if (db_get_int(db, "SELECT count(*) FROM credential", NULL, 0, 0, &n, e) != 0) {
        return -1;
    }
    *out = ARENA_ARRAY(a, int64_t, (size_t)n + 1);
    sqlite3_stmt *st = stmt_get(
        db, "SELECT user FROM credential WHERE password IS NOT NULL ORDER BY user", e);
    if (st == NULL) {
        return -1;
    }
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1 && *count < (size_t)n) {
        (*out)[(*count)++] = sqlite3_column_int64(st, 0);
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int accounts_bump_epoch(struct db *db, int64_t user, struct err *e)
{
    return db_run_ints(db,
                       "INSERT INTO credential(user, epoch) VALUES(?1, 1)"
                       " ON CONFLICT(user) DO UPDATE SET epoch = epoch + 1",
                       &user, 1, e);
}

int accounts_rehash(struct db *db, int64_t user, const char *stored, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db, "UPDATE credential SET password = ?2 WHERE user = ?1", e);
    if (st == NULL) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, user);
    stmt_bind_text(st, 2, stored);
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

/* ---- sessions -------------------------------------------------------------------------------- */

int accounts_session_add(struct db *db, const struct session *s, struct err *e)
{
    int64_t id = 0;
    if (db_next(db, "session", &id, e) != 0) {
        return -1;
    }
    sqlite3_stmt *st =
        stmt_get(db,
                 "INSERT INTO session(id, hash, user, epoch, created_at, seen_at, csrf, agent)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                 e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, id);
    stmt_bind_blob(st, 2, s->hash, HASH_SIZE);
    sqlite3_bind_int64(st, 3, s->user);
    sqlite3_bind_int64(st, 4, s->epoch);
    sqlite3_bind_int64(st, 5, s->created_at);
    sqlite3_bind_int64(st, 6, s->seen_at);
    stmt_bind_text(st, 7, s->csrf);
    stmt_bind_text(st, 8, s->agent);
    return finish(db, st, e);
}

static void read_session(sqlite3_stmt *st, struct arena *a, struct session *out)
{
    *out = (struct session){.id = sqlite3_column_int64(st, 0),
                            .user = sqlite3_column_int64(st, 2),
                            .epoch = sqlite3_column_int64(st, 3),
                            .created_at = sqlite3_column_int64(st, 4),
                            .seen_at = sqlite3_column_int64(st, 5),
                            .csrf = stmt_text(st, 6, a),
                            .agent = stmt_text(st, 7, a)};
    read_hash(st, 1, out->hash);
}

int accounts_session_find(struct db *db, const unsigned char hash[32], struct arena *a,
                          struct session *out, struct err *e)
{
    sqlite3_stmt *st =
        stmt_get(db,
                 "SELECT id, hash, user, epoch, created_at, seen_at, csrf, agent FROM session"
                 " WHERE hash = ?1",
                 e);
    if (!st) {
        return -1;
    }
    stmt_bind_blob(st, 1, hash, HASH_SIZE);
    int rc = one_row(db, st, "There is no such session.", e);
    if (rc == 1) {
        read_session(st, a, out);
    }
    stmt_done(st);
    return rc == 1 ? 0 : -1;
}

int accounts_session_touch(struct db *db, int64_t id, int64_t now_ms, struct err *e)
{
    const int64_t values[] = {id, now_ms};
    return db_run_ints(db, "UPDATE session SET seen_at = ?2 WHERE id = ?1", values, 2, e);
}

int accounts_session_renew(struct db *db, int64_t id, int64_t user, struct err *e)
{
    const int64_t values[] = {id, user};
    return db_run_ints(db,
                       "UPDATE session SET epoch = (SELECT epoch FROM credential WHERE user = ?2)"
                       " WHERE id = ?1 AND user = ?2",
                       values, 2, e);
}

int accounts_session_rotate(struct db *db, int64_t id, int64_t user, const unsigned char hash[32],
                            int64_t now_ms, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "UPDATE session SET hash = ?3, created_at = ?4, seen_at = ?4"
                                " WHERE id = ?1 AND user = ?2",
                                e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, id);
    sqlite3_bind_int64(st, 2, user);
    stmt_bind_blob(st, 3, hash, HASH_SIZE);
    sqlite3_bind_int64(st, 4, now_ms);
    return finish(db, st, e);
}

int accounts_session_remove(struct db *db, int64_t id, int64_t user, struct err *e)
{
    const int64_t values[] = {id, user};
    return db_run_ints(db, "DELETE FROM session WHERE id = ?1 AND user = ?2", values, 2, e);
}

/* Number of rows a list of one user will have. */
static int count_of(struct db *db, const char *sql, int64_t user, size_t *out, struct err *e)
{
    int64_t count = 0;
    if (db_get_int(db, sql, &user, 1, 0, &count, e) != 0) {
        return -1;
    }
    *out = (size_t)count;
    return 0;
}

int accounts_sessions(struct db *db, int64_t user, struct arena *a, struct session **out,
                      size_t *count, struct err *e)
{
    size_t most = 0;
    if (count_of(db, "SELECT count(*) FROM session WHERE user = ?1", user, &most, e) != 0) {
        return -1;
    }
    sqlite3_stmt *st =
        stmt_get(db,
                 "SELECT id, hash, user, epoch, created_at, seen_at, csrf, agent FROM session"
                 " WHERE user = ?1 ORDER BY seen_at DESC, id DESC",
                 e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, user);
    struct session *list = ARENA_ARRAY(a, struct session, most + 1);
    size_t n = 0;
    int rc = 0;
    while (n <= most && (rc = stmt_step(db, st, e)) == 1) {
        read_session(st, a, &list[n++]);
    }
    stmt_done(st);
    if (rc < 0) {
        return -1;
    }
    *out = list;
    *count = n;
    return 0;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

int accounts_token_add(struct db *db, struct token *t, struct err *e)
{
    if (db_next(db, "token", &t->id, e) != 0) {
        return -1;
    }
    sqlite3_stmt *st =
        stmt_get(db,
                 "INSERT INTO token(id, hash, user, epoch, created_at, expires_at, scope, name)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                 e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, t->id);
    stmt_bind_blob(st, 2, t->hash, HASH_SIZE);
    sqlite3_bind_int64(st, 3, t->user);
    sqlite3_bind_int64(st, 4, t->epoch);
    sqlite3_bind_int64(st, 5, t->created_at);
    sqlite3_bind_int64(st, 6, t->expires_at);
    sqlite3_bind_int(st, 7, t->scope);
    stmt_bind_text(st, 8, t->name);
    return finish(db, st, e);
}

static void read_token(sqlite3_stmt *st, struct arena *a, struct token *out)
{
    *out = (struct token){.id = sqlite3_column_int64(st, 0),
                          .user = sqlite3_column_int64(st, 2),
                          .epoch = sqlite3_column_int64(st, 3),
                          .created_at = sqlite3_column_int64(st, 4),
                          .expires_at = sqlite3_column_int64(st, 5),
                          .used_at = sqlite3_column_int64(st, 6),
                          .scope = sqlite3_column_int(st, 7),
                          .name = stmt_text(st, 8, a)};
    read_hash(st, 1, out->hash);
}

int accounts_token_find(struct db *db, const unsigned char hash[32], struct arena *a,
                        struct token *out, struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        db,
        "SELECT id, hash, user, epoch, created_at, expires_at, used_at, scope, name FROM token"
        " WHERE hash = ?1",
        e);
    if (!st) {
        return -1;
    }
    stmt_bind_blob(st, 1, hash, HASH_SIZE);
    int rc = one_row(db, st, "There is no such token.", e);
    if (rc == 1) {
        read_token(st, a, out);
    }
    stmt_done(st);
    return rc == 1 ? 0 : -1;
}

int accounts_token_touch(struct db *db, int64_t id, int64_t now_ms, struct err *e)
{
    const int64_t values[] = {id, now_ms};
    return db_run_ints(db, "UPDATE token SET used_at = ?2 WHERE id = ?1", values, 2, e);
}

int accounts_token_remove(struct db *db, int64_t id, int64_t user, struct err *e)
{
    const int64_t values[] = {id, user};
    int64_t found = 0;
    if (db_get_int(db, "SELECT 1 FROM token WHERE id = ?1 AND (?2 = 0 OR user = ?2)", values, 2, 0,
                   &found, e) != 0) {
        return -1;
    }
    if (!found) {
        return err_fail(e, ERR_NOT_FOUND, "", "There is no such token.");
    }
    return db_run_ints(db, "DELETE FROM token WHERE id = ?1", &id, 1, e);
}

int accounts_tokens(struct db *db, int64_t user, struct arena *a, struct token **out, size_t *count,
                    struct err *e)
{
    size_t most = 0;
    if (count_of(db, "SELECT count(*) FROM token WHERE ?1 = 0 OR user = ?1", user, &most, e) != 0) {
        return -1;
    }
    sqlite3_stmt *st = stmt_get(
        db,
        "SELECT id, hash, user, epoch, created_at, expires_at, used_at, scope, name FROM token"
        " WHERE ?1 = 0 OR user = ?1 ORDER BY id",
        e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, user);
    struct token *list = ARENA_ARRAY(a, struct token, most + 1);
    size_t n = 0;
    int rc = 0;
    while (n <= most && (rc = stmt_step(db, st, e)) == 1) {
        read_token(st, a, &list[n++]);
    }
    stmt_done(st);
    if (rc < 0) {
        return -1;
    }
    *out = list;
    *count = n;
    return 0;
}

/* ---- one-time codes -------------------------------------------------------------------------- */

int accounts_code_set(struct db *db, const char *kind, int64_t user, const unsigned char hash[32],
                      int64_t expires_at, struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        db, "INSERT OR REPLACE INTO code(hash, kind, user, expires_at) VALUES(?1, ?2, ?3, ?4)", e);
    if (!st) {
        return -1;
    }
    stmt_bind_blob(st, 1, hash, HASH_SIZE);
    stmt_bind_text(st, 2, kind);
    sqlite3_bind_int64(st, 3, user);
    sqlite3_bind_int64(st, 4, expires_at);
    return finish(db, st, e);
}

int accounts_code_peek(struct db *db, const unsigned char hash[32], int64_t now_ms, struct arena *a,
                       const char **kind, int64_t *user, struct err *e)
{
    sqlite3_stmt *st =
        stmt_get(db, "SELECT kind, user FROM code WHERE hash = ?1 AND expires_at > ?2", e);
    if (!st) {
        return -1;
    }
    stmt_bind_blob(st, 1, hash, HASH_SIZE);
    sqlite3_bind_int64(st, 2, now_ms);
    int rc = one_row(db, st, "This link is no longer valid.", e);
    if (rc == 1) {
        *kind = stmt_text(st, 0, a);
        *user = sqlite3_column_int64(st, 1);
    }
    stmt_done(st);
    return rc == 1 ? 0 : -1;
}

int accounts_code_use(struct db *db, const unsigned char hash[32], int64_t now_ms, struct arena *a,
                      const char **kind, int64_t *user, struct err *e)
{
    if (accounts_code_peek(db, hash, now_ms, a, kind, user, e) != 0) {
        return -1;
    }
    sqlite3_stmt *st = stmt_get(db, "DELETE FROM code WHERE hash = ?1", e);
    if (!st) {
        return -1;
    }
    stmt_bind_blob(st, 1, hash, HASH_SIZE);
    return finish(db, st, e);
}

/* ---- idempotency answers --------------------------------------------------------------------- */

int accounts_answer_find(struct db *db, int64_t user, const char *key, struct arena *a,
                         struct answer *out, struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        db, "SELECT request, status, headers, body FROM answer WHERE user = ?1 AND key = ?2", e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, user);
    stmt_bind_text(st, 2, key);
    int rc = one_row(db, st, "There is no such answer.", e);
    if (rc == 1) {
        *out = (struct answer){.status = sqlite3_column_int(st, 1),
                               .headers = stmt_text(st, 2, a),
                               .body = stmt_text(st, 3, a)};
        read_hash(st, 0, out->request);
    }
    stmt_done(st);
    return rc == 1 ? 0 : -1;
}

int accounts_answer_put(struct db *db, int64_t user, const char *key, const struct answer *answer,
                        int64_t now_ms, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "INSERT INTO answer(user, key, request, status, headers, body, at)"
                                " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"
                                " ON CONFLICT DO UPDATE SET status = excluded.status,"
                                " headers = excluded.headers, body = excluded.body",
                                e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, user);
    stmt_bind_text(st, 2, key);
    stmt_bind_blob(st, 3, answer->request, HASH_SIZE);
    sqlite3_bind_int(st, 4, answer->status);
    stmt_bind_text(st, 5, answer->headers);
    stmt_bind_text(st, 6, answer->body);
    sqlite3_bind_int64(st, 7, now_ms);
    return finish(db, st, e);
}

/* ---- preferences and facts ------------------------------------------------------------------- */

int accounts_prefs(struct db *db, int64_t user, struct arena *a, const char **json, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db, "SELECT json FROM pref WHERE user = ?1", e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, user);
    int rc = one_row(db, st, NULL, e);
    if (rc >= 0) {
        *json = rc == 1 ? stmt_text(st, 0, a) : "{}";
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int accounts_set_prefs(struct db *db, int64_t user, const char *json, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db, "INSERT OR REPLACE INTO pref(user, json) VALUES(?1, ?2)", e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, user);
    stmt_bind_text(st, 2, json);
    return finish(db, st, e);
}

int accounts_fact(struct db *db, const char *key, struct arena *a, const char **value,
                  struct err *e)
{
    sqlite3_stmt *st = stmt_get(db, "SELECT value FROM fact WHERE key = ?1", e);
    if (!st) {
        return -1;
    }
    stmt_bind_text(st, 1, key);
    int rc = one_row(db, st, NULL, e);
    if (rc >= 0) {
        *value = rc == 1 ? stmt_text(st, 0, a) : NULL;
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int accounts_set_fact(struct db *db, const char *key, const char *value, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                value ? "INSERT OR REPLACE INTO fact(key, value) VALUES(?1, ?2)"
                                      : "DELETE FROM fact WHERE key = ?1",
                                e);
    if (!st) {
        return -1;
    }
    stmt_bind_text(st, 1, key);
    if (value) {
        stmt_bind_text(st, 2, value);
    }
    return finish(db, st, e);
}

int accounts_sweep(struct db *db, int64_t now_ms, int64_t session_idle_ms, int64_t session_max_ms,
                   struct err *e)
{
    const int64_t sessions[] = {now_ms - session_idle_ms, now_ms - session_max_ms};
    const int64_t old_answer = now_ms - DAY_MS;
    if (db_run_ints(db, "DELETE FROM session WHERE seen_at < ?1 OR created_at < ?2", sessions, 2,
                    e) != 0 ||
        db_run_ints(db, "DELETE FROM token WHERE expires_at > 0 AND expires_at < ?1", &now_ms, 1,
                    e) != 0 ||
        db_run_ints(db, "DELETE FROM code WHERE expires_at < ?1", &now_ms, 1, e) != 0) {
        return -1;
    }
    return db_run_ints(db, "DELETE FROM answer WHERE at < ?1", &old_answer, 1, e);
}
