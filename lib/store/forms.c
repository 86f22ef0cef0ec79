/* See forms.h. */
#include "store/forms.h"

#include "store/db.h"

#define COUNTS_MAX 5000 /* of all forms and outcomes together */

static int finish(struct db *db, sqlite3_stmt *st, struct err *e)
{
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int forms_use_token(struct db *db, const unsigned char token[FORM_TOKEN_SIZE], int64_t until_ms,
                    struct err *e)
{
    sqlite3_stmt *st =
        stmt_get(db, "INSERT INTO form_token(hash, until_at) VALUES(?1, ?2)"
                     " ON CONFLICT(hash) DO NOTHING RETURNING until_at", e);
    if (!st) {
        return -1;
    }
    stmt_bind_blob(st, 1, token, FORM_TOKEN_SIZE);
    sqlite3_bind_int64(st, 2, until_ms);
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc == 1  ? 0
           : rc < 0 ? -1
                    : err_fail(e, ERR_CONFLICT, "token", "This was sent already.");
}

int forms_count(struct db *db, const struct form_count *more, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "INSERT INTO form_count(form, day, outcome, n, last_at)"
                                " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(form, day, outcome) DO UPDATE"
                                " SET n = n + excluded.n, last_at = max(last_at, excluded.last_at)",
                                e);
    if (!st) {
        return -1;
    }
    stmt_bind_text(st, 1, more->form);
    stmt_bind_text(st, 2, more->day);
    stmt_bind_text(st, 3, more->outcome);
    sqlite3_bind_int64(st, 4, more->n);
    sqlite3_bind_int64(st, 5, more->last_at);
    return finish(db, st, e);
}

int forms_counts(struct db *db, const char *since, struct arena *a, struct form_count **out,
                 size_t *count, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "SELECT form, outcome, sum(n), max(last_at) FROM form_count"
                                " WHERE day >= ?1 GROUP BY form, outcome LIMIT ?2",
                                e);
    if (!st) {
        return -1;
    }
    stmt_bind_text(st, 1, since);
    sqlite3_bind_int64(st, 2, COUNTS_MAX);
    struct form_count *rows = ARENA_ARRAY(a, struct form_count, COUNTS_MAX);
    size_t n = 0;
    int rc = 0;
    while ((rc = stmt_step(db, st, e)) == 1) {
        rows[n++] = (struct form_count){.form = stmt_text(st, 0, a),
                                        .outcome = stmt_text(st, 1, a),
                                        .n = sqlite3_column_int64(st, 2),
                                        .last_at = sqlite3_column_int64(st, 3)};
    }
    stmt_done(st);
    *out = rows;
    *count = n;
    return rc < 0 ? -1 : 0;
}

int forms_tidy(struct db *db, int64_t now_ms, const char *since, struct err *e)
{
    if (db_run_ints(db, "DELETE FROM form_token WHERE until_at < ?1", &now_ms, 1, e) != 0) {
        return -1;
    }
    sqlite3_stmt *st = stmt_get(db, "DELETE FROM form_count WHERE day < ?1", e);
    if (!st) {
        return -1;
    }
    stmt_bind_text(st, 1, since);
    return finish(db, st, e);
}
