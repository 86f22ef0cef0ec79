/*
 * Lists as of a set over many records. When the filter says `field = constant` and the present
 * column has an index, the candidates come from it: the records that have the value now and did not
 * change since, and those that had it then. Everything is still tested as of the set. Over few
 * records plain correlated look-ups are as fast.
 */
#include "base/str.h"
#include "model/field_type.h"
#include "store/query_private.h"

/* Statement over every record of the table: for the choice of a way only, no record is read. */
static int is_big(struct query *q, bool *big, struct err *e)
{
    struct sql sql;
    int64_t count = 0;
    sql_init(&sql, q->arena);
    sql_printf(&sql, "SELECT count(*) FROM (SELECT 1 FROM %s LIMIT %d)", q->row.entity->sql_table,
               BIG_TABLE + 1);
    int rc = db_get_int(q->db, buf_text(&sql.text), NULL, 0, 0, &count, e);
    sql_done(&sql);
    *big = count > BIG_TABLE;
    return rc;
}

/* The present value, by its index: of the living or of the trash. */
static void put_present(struct query *q, const struct field *f, const char *part, const char *value)
{
    sql_printf(&q->sql, "SELECT id FROM %s t%d WHERE deleted_at %s AND %s=%s",
               q->row.entity->sql_table, q->row.alias, part, value_column(f)->sql_name, value);
    if (has_key(f)) {
        sql_add(&q->sql, " AND ");
        put_key(&q->c, &q->row, f);
        sql_printf(&q->sql, "=kfold(%s)", value);
    }
    sql_add(&q->sql, " AND id NOT IN (SELECT record FROM x)");
}

int query_candidates(struct query *q, bool *used, struct err *e)
{
    const struct expr *x = q->indexed;
    *used = false;
    if (q->c.as_of == 0 || q->spec->as_of < 0 || x == NULL || x->op != EXPR_EQ ||
        x->args[0]->attribute != ATTR_NONE || x->args[0]->field->type->kind == TYPE_ID ||
        x->args[0]->field->system || value_column(x->args[0]->field) == NULL ||
        (x->args[1]->op == EXPR_LITERAL && x->args[1]->value.kind == VALUE_NULL)) {
        return 0;
    }
    if (is_big(q, used, e) != 0 || !*used) {
        return *used ? -1 : 0;
    }
    const struct field *f = x->args[0]->field;
    put_scaled(&q->c, &q->row, x->args[1], x->args[0]->type.places);
    const char *value = sql_cut(&q->sql, 0);
    sql_printf(&q->sql,
               "WITH x AS MATERIALIZED(SELECT record,min(cs),before v FROM change WHERE field=%lld "
               "AND cs>?%zu"
               " GROUP BY record),k AS MATERIALIZED(",
               (long long)value_column(f)->id, q->c.as_of);
    put_present(q, f, "IS NULL", value);
    sql_add(&q->sql, " UNION ALL ");
    put_present(q, f, "IS NOT NULL", value);
    sql_printf(&q->sql, " UNION ALL SELECT record FROM x WHERE v=%s) ", value);
    return 0;
}
