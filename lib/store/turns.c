/* See turns.h. */
#include "store/turns.h"

#include "store/db.h"

int turns_read(struct db *db, const char *rule, const int64_t *users, size_t count, int64_t *last,
               struct err *e)
{
    for (size_t i = 0; i < count; i++) {
        sqlite3_stmt *st = stmt_get(db, "SELECT last FROM turn WHERE rule = ?1 AND user = ?2", e);
        if (st == NULL) {
            return -1;
        }
        stmt_bind_text(st, 1, rule);
        sqlite3_bind_int64(st, 2, users[i]);
        int rc = stmt_step(db, st, e);
        last[i] = rc == 1 ? sqlite3_column_int64(st, 0) : 0;
        stmt_done(st);
        if (rc < 0) {
            return -1;
        }
    }
    return 0;
}

int turns_take(struct db *db, const char *rule, int64_t user, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "INSERT INTO turn(rule, user, last) VALUES(?1, ?2, (SELECT"
                                " coalesce(max(last), 0) + 1 FROM turn WHERE rule = ?1))"
                                " ON CONFLICT(rule, user) DO UPDATE SET last = excluded.last",
                                e);
    if (st == NULL) {
        return -1;
    }
    stmt_bind_text(st, 1, rule);
    sqlite3_bind_int64(st, 2, user);
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}
