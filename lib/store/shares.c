/* See shares.h. */
#include "store/shares.h"

#include "store/sql.h"

int shares_any(struct db *db, const struct model *m, int64_t user, bool *out, struct err *e)
{
    const struct sharing *s = &m->sharing;
    struct arena a;
    struct sql sql;
    *out = false;
    if (s->entity == NULL || s->entity->sql_table == NULL) {
        return 0;
    }
    arena_init(&a);
    sql_init(&sql, &a);
    sql_printf(&sql, "SELECT 1 FROM %s WHERE deleted_at IS NULL AND %s=", s->entity->sql_table,
               s->user->columns[0].sql_name);
    sql_bind(&sql, value_int(user));
    sql_add(&sql, " LIMIT 1");
    sqlite3_stmt *st = sql_statement(db, &sql, e);
    int rc = st == NULL ? -1 : stmt_step(db, st, e);
    stmt_done(st);
    sql_done(&sql);
    arena_done(&a);
    *out = rc == 1;
    return rc < 0 ? -1 : 0;
}
