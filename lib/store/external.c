/* Ids of other systems; see external.h. */
#include "store/external.h"

#include "store/db.h"

#define LIST_MAX 20

int external_next(struct db *db, const char *system, const char *kind, const char *key,
                  int64_t *record, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "SELECT record FROM external WHERE system = ?1 AND kind = ?2"
                                " AND key = ?3 AND record > ?4 AND gone = 0 ORDER BY record LIMIT 1",
                                e);
    if (!st) {
        return -1;
    }
    stmt_bind_text(st, 1, system);
    stmt_bind_text(st, 2, kind);
    stmt_bind_text(st, 3, key);
    sqlite3_bind_int64(st, 4, *record);
    int rc = stmt_step(db, st, e);
    *record = rc == 1 ? sqlite3_column_int64(st, 0) : 0;
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int external_put(struct db *db, const struct external *x, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "INSERT INTO external(system, kind, key, record, cs)"
                                " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET cs = ?5,"
                                " gone = 0 WHERE gone = 1",
                                e);
    if (!st) {
        return -1;
    }
    stmt_bind_text(st, 1, x->system);
    stmt_bind_text(st, 2, x->kind);
    stmt_bind_text(st, 3, x->key);
    sqlite3_bind_int64(st, 4, x->record);
    sqlite3_bind_int64(st, 5, x->change);
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int external_list(struct db *db, int64_t record, struct arena *a, struct external **out,
                  size_t *count, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "SELECT system, kind, key, cs FROM external WHERE record = ?1"
                                " AND gone = 0 ORDER BY system, kind, key LIMIT ?2",
                                e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, record);
    sqlite3_bind_int64(st, 2, LIST_MAX);
    *out = ARENA_ARRAY(a, struct external, LIST_MAX);
    *count = 0;
    int rc = 0;
    while (*count < LIST_MAX && (rc = stmt_step(db, st, e)) == 1) {
        (*out)[(*count)++] = (struct external){.system = stmt_text(st, 0, a),
                                               .kind = stmt_text(st, 1, a),
                                               .key = stmt_text(st, 2, a),
                                               .record = record,
                                               .change = sqlite3_column_int64(st, 3)};
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

/* Every undo turns those of the set it goes back to, however many undos lie between. */
int external_undone(struct db *db, int64_t change, struct err *e)
{
    return db_run_ints(db,
                       "WITH RECURSIVE t(id) AS (SELECT ?1 UNION SELECT s.undo_of FROM t"
                       " CROSS JOIN change_set s ON s.id = t.id AND s.undo_of IS NOT NULL)"
                       " UPDATE external SET gone = 1 - gone WHERE cs IN (SELECT id FROM t)",
                       &change, 1, e);
}
