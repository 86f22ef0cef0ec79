/* The applied texts as the database keeps them, beside the tables that were made from them; see
 * schema_plan.h. */
#include <string.h>

#include "store/db.h"
#include "store/schema_plan.h"

/* Names of built-in files begin with this, the customer's never do. */
#define BUILTIN "name >= 'schema/' AND name < 'schema0'"

static int read_sources(struct db *db, const char *sql, const char *counting, bool builtin,
                        struct arena *a, struct source **out, size_t *count, struct err *e)
{
    int64_t most = 0;
    if (db_get_int(db, counting, NULL, 0, 0, &most, e) != 0) {
        return -1;
    }
    struct source *list = ARENA_ARRAY(a, struct source, (size_t)most + 1);
    size_t n = 0;
    sqlite3_stmt *st = stmt_get(db, sql, e);
    if (!st) {
        return -1;
    }
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1 && n < (size_t)most) {
        list[n] = (struct source){.name = stmt_text(st, 0, a),
                                  .text = stmt_text(st, 1, a),
                                  .size = (size_t)sqlite3_column_bytes(st, 1),
                                  .builtin = builtin};
        n++;
    }
    stmt_done(st);
    *out = list;
    *count = n;
    return rc < 0 ? -1 : 0;
}

int schema_applied_sources(struct db *db, struct arena *a, struct source **out, size_t *count,
                           struct err *e)
{
    return read_sources(db, "SELECT name, text FROM config WHERE NOT (" BUILTIN ") ORDER BY name",
                        "SELECT count(*) FROM config WHERE NOT (" BUILTIN ")", false, a, out,
                        count, e);
}

int schema_applied_builtin(struct db *db, struct arena *a, struct source **out, size_t *count,
                           struct err *e)
{
    return read_sources(db, "SELECT name, text FROM config WHERE " BUILTIN " ORDER BY name",
                        "SELECT count(*) FROM config WHERE " BUILTIN, true, a, out, count, e);
}

int schema_applied_model(struct db *db, struct arena *a, struct model **out, struct err *e)
{
    struct source *own = NULL, *builtin = NULL;
    size_t own_count = 0, builtin_count = 0;
    struct err ignored = {0};
    *out = NULL;
    if (schema_applied_sources(db, a, &own, &own_count, e) != 0 ||
        schema_applied_builtin(db, a, &builtin, &builtin_count, e) != 0) {
        return -1;
    }
    if (own_count == 0 && builtin_count == 0) {
        return 0;
    }
    if (builtin_count == 0 && model_builtin_sources(a, &builtin, &builtin_count) != 0) {
        return err_fail(e, ERR_INTERNAL, "", "The built-in model cannot be read.");
    }
    struct source *all = ARENA_ARRAY(a, struct source, builtin_count + own_count);
    memcpy(all, builtin, builtin_count * sizeof(*all));
    if (own_count > 0) {
        memcpy(all + builtin_count, own, own_count * sizeof(*all));
    }
    if (model_load(all, builtin_count + own_count, out, &ignored, a) != 0) {
        *out = NULL;
    }
    return 0;
}
