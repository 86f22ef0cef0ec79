/* Index rows of possible doubles; see twin.h. */
#include "store/twin.h"

#include <string.h>

#include "base/str.h"
#include "model/likeness.h"
#include "store/db.h"

/* ---- Keys ------------------------------------------------------------------------------------ */

/* FNV-1a: 64 bits that need not keep a secret. */
static uint64_t hash(uint64_t h, const char *s)
{
    for (; *s != '\0'; s++) {
        h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    }
    return (h ^ 0xffu) * 0x100000001b3u;
}

static const char *number(struct arena *a, uint64_t h)
{
    return arena_printf(a, "%lld", (long long)(int64_t)h);
}

#define SEED 0xcbf29ce484222325u

const char *twin_name(struct arena *a, const char *title)
{
    const char *words = name_words(a, title);
    return *words != '\0' ? number(a, hash(SEED, words)) : NULL;
}

const char *twin_sound(struct arena *a, const char *title, const char *town, int64_t home)
{
    const char *sounds = name_sounds(a, title);
    const char *place = town != NULL && *town != '\0' ? str_fold_tight(a, town)
                        : home != 0 ? arena_printf(a, "@%lld", (long long)home)
                                    : NULL;
    return *sounds != '\0' && place != NULL ? number(a, hash(hash(SEED, sounds), place)) : NULL;
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static int each_key(struct db *db, const struct record *r, const char *sql, struct arena *a,
                    struct err *e)
{
    const struct entity *entity = r->entity;
    if (!entity_has_doubles(entity)) {
        return 0;
    }
    const struct field *town = entity_town(entity), *home = entity_home(entity);
    struct value t = town != NULL ? record_value(r, town) : value_null();
    struct value h = home != NULL ? record_value(r, home) : value_null();
    const char *keys[] = {twin_name(a, r->title),
                          twin_sound(a, r->title, t.kind == VALUE_TEXT ? t.s : NULL,
                                     h.kind == VALUE_INT ? h.i : 0)};
    for (size_t i = 0; i < COUNT(keys); i++) {
        int64_t key = 0;
        if (keys[i] == NULL || str_to_int(keys[i], &key) != 0) {
            continue;
        }
        const int64_t values[] = {entity->id, TWIN_NAME + (int64_t)i, key, r->id};
        if (db_run_ints(db, sql, values, COUNT(values), e) != 0) {
            return -1;
        }
    }
    return 0;
}

int twin_add(struct db *db, const struct record *r, struct arena *a, struct err *e)
{
    return each_key(db, r, "INSERT OR IGNORE INTO twin(entity, kind, key, record)"
                           " VALUES(?1, ?2, ?3, ?4)",
                    a, e);
}

int twin_drop(struct db *db, const struct record *r, struct arena *a, struct err *e)
{
    return each_key(db, r, "DELETE FROM twin WHERE entity = ?1 AND kind = ?2 AND key = ?3"
                           " AND record = ?4",
                    a, e);
}

bool twin_differs(const struct record *before, const struct record *after)
{
    const struct field *fields[] = {entity_town(after->entity), entity_home(after->entity)};
    for (size_t i = 0; i < COUNT(fields); i++) {
        if (fields[i] != NULL &&
            !value_equal(record_value(before, fields[i]), record_value(after, fields[i]))) {
            return true;
        }
    }
    return !str_eq(before->title, after->title);
}

int twin_drop_all(struct db *db, const struct entity *entity, struct err *e)
{
    return db_run_ints(db, "DELETE FROM twin WHERE entity = ?1", &entity->id, 1, e);
}

/* ---- Looking --------------------------------------------------------------------------------- */

int twin_shared(struct db *db, const struct entity *entity, int kind, const char *after,
                size_t limit, struct arena *a, const char ***values, size_t *count, struct err *e)
{
    bool handle = kind < TWIN_NAME;
    sqlite3_stmt *st = stmt_get(
        db,
        handle ? "SELECT value FROM handle WHERE kind = ?1 AND value > ?2 AND entity = ?3"
                 " GROUP BY value HAVING min(record) < max(record) ORDER BY value LIMIT ?4"
               : "SELECT key FROM twin WHERE entity = ?3 AND kind = ?1 AND key > ?2"
                 " GROUP BY key HAVING min(record) < max(record) ORDER BY key LIMIT ?4",
        e);
    int64_t number = INT64_MIN;
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, kind);
    if (handle) {
        stmt_bind_text(st, 2, after != NULL ? after : "");
    } else {
        if (after != NULL) {
            str_to_int(after, &number);
        }
        sqlite3_bind_int64(st, 2, number);
    }
    sqlite3_bind_int64(st, 3, entity->id);
    sqlite3_bind_int64(st, 4, (int64_t)limit);
    const char **list = ARENA_ARRAY(a, const char *, limit + 1);
    size_t n = 0;
    int rc = 0;
    while (n < limit && (rc = stmt_step(db, st, e)) == 1) {
        list[n++] = stmt_text(st, 0, a);
    }
    stmt_done(st);
    *values = list;
    *count = n;
    return rc < 0 ? -1 : 0;
}

int twin_find(struct db *db, const struct entity *entity, const struct twin_key *key, int64_t after,
              size_t limit, struct arena *a, int64_t **ids, size_t *count, struct err *e)
{
    bool handle = key->kind < TWIN_NAME;
    int64_t number = 0;
    sqlite3_stmt *st = stmt_get(
        db,
        handle ? "SELECT DISTINCT record FROM handle WHERE kind = ?1 AND value = ?2 AND entity = ?3"
                 " AND record > ?5 ORDER BY record LIMIT ?4"
               : "SELECT record FROM twin WHERE entity = ?3 AND kind = ?1 AND key = ?2"
                 " AND record > ?5 ORDER BY record LIMIT ?4",
        e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, key->kind);
    if (handle) {
        stmt_bind_text(st, 2, key->value);
    } else {
        str_to_int(key->value, &number);
        sqlite3_bind_int64(st, 2, number);
    }
    sqlite3_bind_int64(st, 3, entity->id);
    sqlite3_bind_int64(st, 4, (int64_t)limit);
    sqlite3_bind_int64(st, 5, after);
    *ids = ARENA_ARRAY(a, int64_t, limit + 1);
    *count = 0;
    int rc = 0;
    while (*count < limit && (rc = stmt_step(db, st, e)) == 1) {
        (*ids)[(*count)++] = sqlite3_column_int64(st, 0);
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

/* ---- Not the same ---------------------------------------------------------------------------- */

int twin_set_apart(struct db *db, int64_t x, int64_t y, int64_t user, int64_t now_ms, bool apart,
                   struct err *e)
{
    const int64_t values[] = {x < y ? x : y, x < y ? y : x, user, now_ms};
    return apart ? db_run_ints(db, "INSERT OR IGNORE INTO apart(one, other, user, at)"
                                   " VALUES(?1, ?2, ?3, ?4)",
                               values, 4, e)
                 : db_run_ints(db, "DELETE FROM apart WHERE one = ?1 AND other = ?2", values, 2, e);
}

int twin_is_apart(struct db *db, int64_t x, int64_t y, bool *out, struct err *e)
{
    const int64_t values[] = {x < y ? x : y, x < y ? y : x};
    int64_t one = 0;
    *out = false;
    if (db_get_int(db, "SELECT 1 FROM apart WHERE one = ?1 AND other = ?2", values, 2, 0, &one,
                   e) != 0) {
        return -1;
    }
    *out = one == 1;
    return 0;
}
