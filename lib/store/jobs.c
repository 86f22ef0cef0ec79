/* Job rows and timer rows; see jobs.h. */
#include "store/jobs.h"

#include "store/db.h"

#define JOB_COLUMNS                                                                                \
    "id, kind, user, root, params, position, result, error, state, due_at, lease_until, "          \
    "created_at, updated_at, "                                                                     \
    "tries"

static int finish(struct db *db, sqlite3_stmt *st, struct err *e)
{
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int jobs_add(struct db *db, struct job *j, struct err *e)
{
    if (db_next(db, "job", &j->id, e) != 0) {
        return -1;
    }
    sqlite3_stmt *st = stmt_get(db,
                                "INSERT INTO job(" JOB_COLUMNS
                                ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
                                " ?12, ?13, ?14)",
                                e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, j->id);
    stmt_bind_text(st, 2, j->kind);
    sqlite3_bind_int64(st, 3, j->user);
    sqlite3_bind_int64(st, 4, j->root);
    stmt_bind_text(st, 5, j->params ? j->params : "{}");
    stmt_bind_text(st, 6, j->position);
    stmt_bind_text(st, 7, j->result);
    stmt_bind_text(st, 8, j->error);
    sqlite3_bind_int(st, 9, j->state != JOB_NONE ? j->state : JOB_WAITING);
    sqlite3_bind_int64(st, 10, j->due_at);
    sqlite3_bind_int64(st, 11, j->lease_until);
    sqlite3_bind_int64(st, 12, j->created_at);
    sqlite3_bind_int64(st, 13, j->updated_at != 0 ? j->updated_at : j->created_at);
    sqlite3_bind_int(st, 14, j->tries);
    return finish(db, st, e);
}

static void read_job(sqlite3_stmt *st, struct arena *a, struct job *out)
{
    *out = (struct job){.id = sqlite3_column_int64(st, 0),
                        .kind = stmt_text(st, 1, a),
                        .user = sqlite3_column_int64(st, 2),
                        .root = sqlite3_column_int64(st, 3),
                        .params = stmt_text(st, 4, a),
                        .position = stmt_text(st, 5, a),
                        .result = stmt_text(st, 6, a),
                        .error = stmt_text(st, 7, a),
                        .state = (enum job_state)sqlite3_column_int(st, 8),
                        .due_at = sqlite3_column_int64(st, 9),
                        .lease_until = sqlite3_column_int64(st, 10),
                        .created_at = sqlite3_column_int64(st, 11),
                        .updated_at = sqlite3_column_int64(st, 12),
                        .tries = sqlite3_column_int(st, 13)};
}

int jobs_find(struct db *db, int64_t id, struct arena *a, struct job *out, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db, "SELECT " JOB_COLUMNS " FROM job WHERE id = ?1", e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, id);
    int rc = stmt_step(db, st, e);
    if (rc == 1) {
        read_job(st, a, out);
    }
    stmt_done(st);
    return rc == 0 ? err_fail(e, ERR_NOT_FOUND, "", "There is no such job.") : rc < 0 ? -1 : 0;
}

int jobs_of_kind(struct db *db, const char *kind, int64_t user, size_t limit, struct arena *a,
                 int64_t **ids, size_t *count, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "SELECT id FROM job WHERE kind = ?1 AND (?2 = 0 OR user = ?2)"
                                " ORDER BY id DESC LIMIT ?3",
                                e);
    if (!st) {
        return -1;
    }
    stmt_bind_text(st, 1, kind);
    sqlite3_bind_int64(st, 2, user);
    sqlite3_bind_int64(st, 3, (int64_t)limit);
    *ids = ARENA_ARRAY(a, int64_t, limit + 1);
    *count = 0;
    int rc = 0;
    while (*count < limit && (rc = stmt_step(db, st, e)) == 1) {
        (*ids)[(*count)++] = sqlite3_column_int64(st, 0);
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

/* When the next job is due or its lease ends; INT64_MAX when there is none. */
static int next_job(struct db *db, int64_t *out, struct err *e)
{
    return db_get_int(
        db,
        "SELECT coalesce(min(CASE state WHEN 1 THEN due_at ELSE max(due_at, lease_until) END),"
        " 9223372036854775807) FROM job WHERE state IN (1, 2)",
        NULL, 0, INT64_MAX, out, e);
}

int jobs_lease(struct db *db, int64_t now_ms, int64_t lease_ms, struct arena *a, struct job *out,
               int64_t *next_due, struct err *e)
{
    sqlite3_stmt *st =
        stmt_get(db,
                 "SELECT " JOB_COLUMNS " FROM job WHERE state IN (1, 2) AND due_at <= ?1"
                 " AND (state = 1 OR lease_until <= ?1) ORDER BY due_at, id LIMIT 1",
                 e);
    if (!st) {
        return -1;
    }
    struct job found = {0};
    sqlite3_bind_int64(st, 1, now_ms);
    int rc = stmt_step(db, st, e);
    if (rc == 1) {
        read_job(st, a, &found);
    }
    stmt_done(st);
    if (rc < 0) {
        return -1;
    }
    if (rc == 1) {
        found.state = JOB_RUNNING;
        found.lease_until = now_ms + lease_ms;
        if (jobs_save(db, &found, now_ms, e) != 0) {
            return -1;
        }
    }
    if (next_job(db, next_due, e) != 0) {
        return -1;
    }
    if (rc == 0) {
        return err_fail(e, ERR_NOT_FOUND, "", "No job is due.");
    }
    *out = found;
    return 0;
}

int jobs_save(struct db *db, const struct job *j, int64_t now_ms, struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        db,
        "UPDATE job SET state = ?2, position = ?3, result = ?4, error = ?5, lease_until = ?6,"
        " tries = ?7, due_at = ?8, root = ?9, updated_at = ?10, params = ?11 WHERE id = ?1",
        e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, j->id);
    sqlite3_bind_int(st, 2, j->state);
    stmt_bind_text(st, 3, j->position);
    stmt_bind_text(st, 4, j->result);
    stmt_bind_text(st, 5, j->error);
    sqlite3_bind_int64(st, 6, j->lease_until);
    sqlite3_bind_int(st, 7, j->tries);
    sqlite3_bind_int64(st, 8, j->due_at);
    sqlite3_bind_int64(st, 9, j->root);
    sqlite3_bind_int64(st, 10, now_ms);
    stmt_bind_text(st, 11, j->params);
    return finish(db, st, e);
}

int jobs_writing(struct db *db, int64_t root, int64_t except, bool *out, struct err *e)
{
    const int64_t values[] = {root, except};
    int64_t found = 0;
    int rc = db_get_int(db, "SELECT 1 FROM job WHERE state IN (1, 2) AND root = ?1 AND id != ?2",
                        values, 2, 0, &found, e);
    *out = found != 0;
    return rc;
}

int jobs_first_load(struct db *db, int64_t except, int64_t *out, struct err *e)
{
    return db_get_int(db,
                      "SELECT id FROM job WHERE state IN (1, 2) AND due_at < 9223372036854775807"
                      " AND kind = 'import' AND id != ?1"
                      " AND json_extract(params, '$.at') IS NOT NULL"
                      " AND NOT coalesce(json_extract(params, '$.dry_run'), 0) ORDER BY id LIMIT 1",
                      &except, 1, 0, out, e);
}

int jobs_unfinished(struct db *db, int64_t except, int64_t *out, struct err *e)
{
    return db_get_int(db, "SELECT id FROM job WHERE state IN (1, 2) AND root != 0 AND id != ?1",
                      &except, 1, 0, out, e);
}

int jobs_due(struct db *db, int64_t now_ms, int64_t except, bool *out, struct err *e)
{
    const int64_t values[] = {now_ms, except};
    int64_t found = 0;
    int rc = db_get_int(db,
                        "SELECT 1 FROM job WHERE state IN (1, 2) AND due_at <= ?1 AND id != ?2"
                        " AND (state = 1 OR lease_until <= ?1) LIMIT 1",
                        values, 2, 0, &found, e);
    *out = found != 0;
    return rc;
}

int jobs_yield(struct db *db, int64_t id, int64_t due_at, struct err *e)
{
    const int64_t values[] = {id, due_at};
    return db_run_ints(
        db, "UPDATE job SET due_at = ?2, lease_until = 0 WHERE id = ?1 AND state = 2", values, 2, e);
}

int jobs_cancel_open(struct db *db, const char *kind, int64_t due_at, int64_t before_ms,
                     int64_t now_ms, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "UPDATE job SET state = 5, updated_at = ?4 WHERE state = 1 AND"
                                " kind = ?1 AND due_at = ?2 AND created_at < ?3",
                                e);
    if (!st) {
        return -1;
    }
    stmt_bind_text(st, 1, kind);
    sqlite3_bind_int64(st, 2, due_at);
    sqlite3_bind_int64(st, 3, before_ms);
    sqlite3_bind_int64(st, 4, now_ms);
    return finish(db, st, e);
}

int jobs_forget(struct db *db, int64_t before_ms, struct err *e)
{
    return db_run_ints(db, "DELETE FROM job WHERE state IN (3, 4, 5) AND updated_at < ?1",
                       &before_ms, 1, e);
}

int jobs_release_all(struct db *db, struct err *e)
{
    return db_run(db, "UPDATE job SET state = 1, lease_until = 0 WHERE state = 2", e);
}

/* ---- timers ---------------------------------------------------------------------------------- */

int timers_set(struct db *db, const struct timer *t, struct err *e)
{
    int64_t id = 0;
    if (db_next(db, "timer", &id, e) != 0) {
        return -1;
    }
    sqlite3_stmt *st =
        stmt_get(db,
                 "INSERT INTO timer(id, kind, record, key, due_at) VALUES(?1, ?2, ?3, ?4, ?5)"
                 " ON CONFLICT(kind, record, key) DO UPDATE SET due_at = ?5",
                 e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, id);
    stmt_bind_text(st, 2, t->kind);
    sqlite3_bind_int64(st, 3, t->record);
    stmt_bind_text(st, 4, t->key ? t->key : "");
    sqlite3_bind_int64(st, 5, t->due_at);
    db->timer_sooner = true; /* whoever waits for the next one looks again */
    return finish(db, st, e);
}

int timers_keep(struct db *db, const struct timer *t, struct err *e)
{
    sqlite3_stmt *st =
        stmt_get(db, "SELECT 1 FROM timer WHERE kind = ?1 AND record = ?2 AND key = ?3", e);
    if (!st) {
        return -1;
    }
    stmt_bind_text(st, 1, t->kind);
    sqlite3_bind_int64(st, 2, t->record);
    stmt_bind_text(st, 3, t->key ? t->key : "");
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : rc == 1 ? 0 : timers_set(db, t, e);
}

int timers_sooner(struct db *db, const struct timer *t, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "UPDATE timer SET due_at = ?4"
                                " WHERE kind = ?1 AND record = ?2 AND key = ?3 AND due_at > ?4",
                                e);
    if (!st) {
        return -1;
    }
    stmt_bind_text(st, 1, t->kind);
    sqlite3_bind_int64(st, 2, t->record);
    stmt_bind_text(st, 3, t->key ? t->key : "");
    sqlite3_bind_int64(st, 4, t->due_at);
    if (finish(db, st, e) != 0) {
        return -1;
    }
    db->timer_sooner = db->timer_sooner || sqlite3_changes64(db->handle) > 0;
    return 0;
}

int timers_cancel(struct db *db, const char *kind, int64_t record, const char *key, struct err *e)
{
    sqlite3_stmt *st =
        stmt_get(db, "DELETE FROM timer WHERE kind = ?1 AND record = ?2 AND key = ?3", e);
    if (!st) {
        return -1;
    }
    stmt_bind_text(st, 1, kind);
    sqlite3_bind_int64(st, 2, record);
    stmt_bind_text(st, 3, key ? key : "");
    return finish(db, st, e);
}

int timers_due(struct db *db, int64_t now_ms, size_t limit, struct arena *a, struct timer **out,
               size_t *count, int64_t *next_due, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "SELECT id, kind, record, key, due_at FROM timer WHERE due_at <= ?1"
                                " ORDER BY due_at, id LIMIT ?2",
                                e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, now_ms);
    sqlite3_bind_int64(st, 2, (int64_t)limit);
    struct timer *list = ARENA_ARRAY(a, struct timer, limit + 1);
    size_t n = 0;
    int rc = 0;
    while (n < limit && (rc = stmt_step(db, st, e)) == 1) {
        list[n++] = (struct timer){.id = sqlite3_column_int64(st, 0),
                                   .kind = stmt_text(st, 1, a),
                                   .record = sqlite3_column_int64(st, 2),
                                   .key = stmt_text(st, 3, a),
                                   .due_at = sqlite3_column_int64(st, 4)};
    }
    stmt_done(st);
    if (rc < 0 ||
        db_get_int(db, "SELECT due_at FROM timer WHERE due_at > ?1 ORDER BY due_at LIMIT 1",
                   &now_ms, 1, INT64_MAX, next_due, e) != 0) {
        return -1;
    }
    *out = list;
    *count = n;
    return 0;
}
