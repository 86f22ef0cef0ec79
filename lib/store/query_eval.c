/*
 * Expressions on one record, on none, and the names of records. See query.h.
 *
 * query_eval looks at the record as it stands on this connection, in the trash or not, because the
 * writer asks about rows it has just written; what the record links to is seen with the rights of
 * `who`.
 */
#include "store/query_private.h"

static int read_results(struct db *db, struct sql *sql, size_t count, struct arena *a,
                        struct value *out, struct err *e)
{
    sqlite3_stmt *st = sql_statement(db, sql, e);
    int rc = st == NULL ? -1 : stmt_step(db, st, e);
    for (size_t i = 0; rc == 1 && i < count; i++) {
        out[i] = stmt_value(st, (int)i, a);
    }
    stmt_done(st);
    return rc == 0 ? err_fail(e, ERR_NOT_FOUND, "", "there is no such record") : rc < 0 ? -1 : 0;
}

int query_eval(struct db *db, const struct who *who, const struct entity *entity, int64_t id,
               const struct expr **exprs, size_t count, struct arena *a, struct value *out,
               struct err *e)
{
    struct sql sql;
    struct compile c;
    if (count == 0) {
        return 0;
    }
    sql_init(&sql, a);
    compile_init(&c, &sql, who, e);
    struct scope_row r = scope_new(&c, entity, NULL);
    for (size_t i = 0; i < count; i++) {
        sql_add(&sql, i == 0 ? "SELECT " : ",");
        put_result(&c, &r, exprs[i]);
    }
    c.trusted = true; /* the record itself is the caller's */
    records_from(&c, &r, "", LIFE_ANY, ACTION_SEE);
    sql_printf(&sql, " AND t%d.id=", r.alias);
    sql_bind(&sql, value_int(id));
    int rc = compile_end(&c) != 0 ? -1 : read_results(db, &sql, count, a, out, e);
    sql_done(&sql);
    return rc;
}

int query_eval_constant(struct db *db, const struct who *who, const struct expr *x, struct arena *a,
                        struct value *out, struct err *e)
{
    struct sql sql;
    struct compile c;
    const struct scope_row none = {0};
    if (!is_row_free(x)) {
        return err_fail(e, ERR_INVALID, "", "this expression needs a record");
    }
    sql_init(&sql, a);
    compile_init(&c, &sql, who, e);
    sql_add(&sql, "SELECT ");
    put_result(&c, &none, x);
    int rc = compile_end(&c) != 0 ? -1 : read_results(db, &sql, 1, a, out, e);
    sql_done(&sql);
    return rc;
}

static const struct entity *entity_with(const struct model *m, int64_t id)
{
    for (size_t i = 0; i < m->entity_count; i++) {
        if (m->entities[i]->id == id) {
            return m->entities[i];
        }
    }
    return NULL;
}

int query_titles(struct db *db, const struct who *who, const int64_t *ids, size_t count,
                 struct arena *a, struct title_row *out, struct err *e)
{
    struct title_query *queries = ARENA_ARRAY(a, struct title_query, who->model->entity_count);
    for (size_t i = 0; i < count; i++) {
        int64_t entity = 0;
        if (db_get_int(db, "SELECT entity FROM doc WHERE id=?1", &ids[i], 1, 0, &entity, e) != 0) {
            return -1;
        }
        struct title_row *row = &out[i];
        *row = (struct title_row){.id = ids[i], .entity = entity_with(who->model, entity)};
        if (row->entity != NULL) {
            struct title_query *q = &queries[row->entity->index];
            if ((q->text == NULL && title_query(who, row->entity, a, q, e) != 0) ||
                title_read(db, q, ids[i], a, &row->title, &row->deleted, e) != 0) {
                return -1;
            }
        }
        row->hidden = row->title == NULL;
    }
    return 0;
}
