/*
 * May somebody take back all of a large change-set? One question for each kind of record it wrote,
 * instead of a plan for each of its records: is there one he may not change? Only a first look, so
 * that nothing is begun that would be refused; the undo asks again for every record.
 */
#include "store/change.h"
#include "store/db.h"
#include "store/expr_sql.h"

/* Rows of `change` (c) whose record may not be had for the action. */
static void put_refused(struct compile *c, const struct entity *entity, enum action action,
                        const char *rows)
{
    struct scope_row r = scope_new(c, entity, NULL);
    sql_printf(c->sql, "(%s AND NOT EXISTS(SELECT 1", rows);
    records_from(c, &r, "", LIFE_ANY, action);
    sql_printf(c->sql, " AND t%d.id = c.record))", r.alias);
}

int change_undo_permits(struct db *db, const struct who *who, int64_t set,
                        const struct entity *entity, struct arena *a, struct err *e)
{
    static const char TOUCHED[] =
        "WITH RECURSIVE s(id) AS (SELECT ?1 UNION SELECT x.id FROM s CROSS JOIN change_set x"
        " ON x.parent = s.id) SELECT 1 FROM s CROSS JOIN change c ON c.cs = s.id"
        " CROSS JOIN field f ON f.id = c.field AND f.entity = ?2 AND f.derived = 0 WHERE ";
    struct sql sql;
    struct compile c;
    sql_init(&sql, a);
    compile_init(&c, &sql, who, e);
    sql_keep(&sql, value_int(set));
    sql_keep(&sql, value_int(entity->id));
    sql_add(&sql, TOUCHED);
    put_refused(&c, entity, ACTION_DELETE, "c.field < 0"); /* created, trashed or restored */
    sql_add(&sql, " OR ");
    put_refused(&c, entity, ACTION_EDIT, "c.field > 0");
    sql_add(&sql, " LIMIT 1");
    sqlite3_stmt *st = compile_end(&c) == 0 ? sql_statement(db, &sql, e) : NULL;
    int rc = st != NULL ? stmt_step(db, st, e) : -1;
    stmt_done(st);
    sql_done(&sql);
    return rc < 0 ? -1 : rc == 0;
}
