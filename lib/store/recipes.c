/* Saved mappings of imports; see recipes.h. */
#include "store/recipes.h"

#include "store/db.h"

#define COLUMNS "id, user, name, entity, map, shared"
#define LIST_MAX 500

static void read_recipe(sqlite3_stmt *st, struct arena *a, struct recipe *out)
{
    *out = (struct recipe){.id = sqlite3_column_int64(st, 0),
                           .user = sqlite3_column_int64(st, 1),
                           .name = stmt_text(st, 2, a),
                           .entity = stmt_text(st, 3, a),
                           .map = stmt_text(st, 4, a),
                           .shared = sqlite3_column_int(st, 5) != 0};
}

int recipes_list(struct db *db, int64_t user, struct arena *a, struct recipe **out, size_t *count,
                 struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "SELECT " COLUMNS " FROM import_recipe WHERE ?1 = 0 OR user = ?1"
                                " OR shared = 1 ORDER BY user <> ?1, name, id LIMIT ?2",
                                e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, user);
    sqlite3_bind_int64(st, 2, LIST_MAX);
    *out = ARENA_ARRAY(a, struct recipe, LIST_MAX);
    *count = 0;
    int rc = 0;
    while (*count < LIST_MAX && (rc = stmt_step(db, st, e)) == 1) {
        read_recipe(st, a, &(*out)[(*count)++]);
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int recipes_find(struct db *db, int64_t user, const char *name, struct arena *a, struct recipe *out,
                 struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "SELECT " COLUMNS " FROM import_recipe WHERE name = ?2 COLLATE NOCASE"
                                " AND (?1 = 0 OR user = ?1 OR shared = 1)"
                                " ORDER BY user <> ?1, id LIMIT 1",
                                e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, user);
    stmt_bind_text(st, 2, name);
    int rc = stmt_step(db, st, e);
    if (rc == 1) {
        read_recipe(st, a, out);
    }
    stmt_done(st);
    return rc == 0 ? err_fail(e, ERR_NOT_FOUND, "", "There is no such recipe.") : rc < 0 ? -1 : 0;
}

int recipes_save(struct db *db, struct recipe *r, int64_t now_ms, struct err *e)
{
    sqlite3_stmt *st =
        stmt_get(db,
                 "INSERT INTO import_recipe(user, name, entity, map, shared, updated_at)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(user, name) DO UPDATE SET"
                 " entity = ?3, map = ?4, shared = ?5, updated_at = ?6 RETURNING id",
                 e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, r->user);
    stmt_bind_text(st, 2, r->name);
    stmt_bind_text(st, 3, r->entity);
    stmt_bind_text(st, 4, r->map);
    sqlite3_bind_int(st, 5, r->shared);
    sqlite3_bind_int64(st, 6, now_ms);
    int rc = stmt_step(db, st, e);
    r->id = rc == 1 ? sqlite3_column_int64(st, 0) : 0;
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int recipes_drop(struct db *db, int64_t id, int64_t user, struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        db, "DELETE FROM import_recipe WHERE id = ?1 AND (?2 = 0 OR user = ?2) RETURNING id", e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, id);
    sqlite3_bind_int64(st, 2, user);
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc == 0 ? err_fail(e, ERR_NOT_FOUND, "", "There is no such recipe.") : rc < 0 ? -1 : 0;
}
