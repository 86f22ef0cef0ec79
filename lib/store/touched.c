/*
 * Which records of an entity changes of some columns touched within a time. Few sets are walked by
 * their ids, many by the columns, whose rows are those of the entity alone.
 */
#include "store/change_private.h"
#include "store/sql.h"
#include "store/store_private.h"

#define FEW_SETS 20000

static void put_columns(struct sql *s, const struct entity *entity,
                        const struct column *const *columns, size_t count)
{
    sql_add(s, "field IN (");
    sql_bind(s, value_int(pseudo_field(entity->id, PSEUDO_CREATED)));
    sql_add(s, ",");
    sql_bind(s, value_int(pseudo_field(entity->id, PSEUDO_DELETED_AT)));
    for (size_t i = 0; i < count; i++) {
        sql_add(s, ",");
        sql_bind(s, value_int(columns[i]->id));
    }
    sql_add(s, ")");
}

static int read_ids(struct db *db, sqlite3_stmt *st, size_t limit, struct arena *a, int64_t **out,
                    size_t *count, struct err *e)
{
    size_t n = 0, room = 0;
    int64_t *ids = NULL;
    int rc = 0;
    while (n < limit && (rc = stmt_step(db, st, e)) == 1) {
        if (n == room) {
            room = room == 0 ? 256 : room * 2;
            int64_t *more = ARENA_ARRAY(a, int64_t, room);
            for (size_t i = 0; i < n; i++) {
                more[i] = ids[i];
            }
            ids = more;
        }
        ids[n++] = sqlite3_column_int64(st, 0);
    }
    *out = ids;
    *count = n;
    return rc < 0 ? -1 : 0;
}

int change_touched(struct db *db, const struct entity *entity, const struct column *const *columns,
                   size_t column_count, const struct change_span *span, size_t limit,
                   struct arena *a, int64_t **out, size_t *count, struct err *e)
{
    int64_t last = span->until;
    if (last == 0 &&
        db_get_int(db, "SELECT max(id) FROM change_set", NULL, 0, 0, &last, e) != 0) {
        return -1;
    }
    bool few = last - span->after <= FEW_SETS;
    struct sql s;
    sql_init(&s, a);
    sql_printf(&s, "SELECT DISTINCT record FROM change%s WHERE %scs>",
               few ? " INDEXED BY change_cs" : "", few ? "" : "+");
    sql_bind(&s, value_int(span->after));
    sql_add(&s, few ? " AND cs<=" : " AND +cs<=");
    sql_bind(&s, value_int(last));
    sql_add(&s, " AND ");
    put_columns(&s, entity, columns, column_count);
    sql_printf(&s, " ORDER BY record LIMIT %zu", limit);
    sqlite3_stmt *st = sql_statement(db, &s, e);
    int rc = st != NULL ? read_ids(db, st, limit, a, out, count, e) : -1;
    stmt_done(st);
    sql_done(&s);
    return rc;
}
