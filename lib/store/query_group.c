/*
 * Groups: how many records and which sums, by the value of a field or in total. A link the reader
 * may not follow counts as empty. See query.h.
 */
#include "model/field_type.h"
#include "store/query_private.h"

static void put_month(struct query *q, const struct expr *x)
{
    sql_add(&q->sql, "substr(");
    put_day(&q->c, &q->row, x);
    sql_add(&q->sql, ",1,7)");
}

static void put_key_of(struct query *q, const struct field *by)
{
    if (by == NULL) {
        sql_add(&q->sql, "NULL");
        return;
    }
    if (q->spec->by_month) {
        const struct expr x = {.op = EXPR_FIELD, .field = by, .type = expr_type_of(by)};
        put_month(q, &x);
        return;
    }
    bool text = by->type->expr_kind == KIND_TEXT || by->type->expr_kind == KIND_CHOICE;
    sql_add(&q->sql, text ? "nullif(" : "");
    put_field(&q->c, &q->row, by);
    sql_add(&q->sql, text ? ",'')" : "");
}

/* A sum may be wider than any number of the database. */
static void put_measure(struct query *q, const struct expr *x)
{
    bool share = x->op == EXPR_MUL;
    sql_add(&q->sql, share ? "kshare(" : "ktotal(");
    put_result(&q->c, &q->row, share ? x->args[0] : x);
    if (share) {
        int64_t divisor = 100;
        for (int i = 0; i < x->args[1]->type.places; i++) {
            divisor *= 10;
        }
        sql_add(&q->sql, ",");
        put_result(&q->c, &q->row, x->args[1]);
        sql_printf(&q->sql, ",%lld", (long long)divisor);
    }
    sql_add(&q->sql, ")");
}

static void build(struct query *q, const struct field *by, const struct expr **measures,
                  size_t count, size_t limit)
{
    sql_add(&q->sql, "SELECT ");
    put_key_of(q, by);
    sql_add(&q->sql, ",count(*)");
    for (size_t i = 0; i < count; i++) {
        sql_add(&q->sql, ",");
        put_measure(q, measures[i]);
    }
    query_from(q, 0);
    sql_printf(&q->sql, "%s LIMIT %zu", by != NULL ? " GROUP BY 1 ORDER BY 2 DESC,1" : "", limit);
}

static int read_row(struct query *q, sqlite3_stmt *st, size_t measure_count, struct group_row *out)
{
    struct value *sums = ARENA_ARRAY(q->arena, struct value, measure_count);
    for (size_t i = 0; i < measure_count; i++) {
        sums[i] = stmt_value(st, 2 + (int)i, q->arena);
    }
    *out = (struct group_row){
        .key = stmt_value(st, 0, q->arena), .count = sqlite3_column_int64(st, 1), .sums = sums};
    return 0;
}

static int read_rows(struct query *q, size_t measure_count, size_t limit, struct group_row *out,
                     size_t *count, struct err *e)
{
    sqlite3_stmt *st = query_statement(q, e);
    int rc = st == NULL ? -1 : 0;
    size_t n = 0;
    while (rc >= 0 && n < limit && (rc = stmt_step(q->db, st, e)) == 1) {
        read_row(q, st, measure_count, &out[n++]);
    }
    stmt_done(st);
    *count = n;
    return rc < 0 ? -1 : 0;
}

static int name_keys(struct query *q, const struct field *by, struct group_row *rows, size_t count,
                     struct err *e)
{
    bool link = by != NULL && by->to != NULL && field_is_link(by);
    struct title_query titles;
    if (!link || title_query(q->c.who, by->to, q->spec->as_of, q->arena, &titles, e) != 0) {
        return link ? -1 : 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (rows[i].key.kind == VALUE_INT &&
            title_read(q->db, &titles, rows[i].key.i, q->arena, &rows[i].title, e) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- Several keys ---------------------------------------------------------------------------- */

struct cube {
    const struct cube_key *keys;
    size_t key_count;
    const struct expr **measures;
    size_t measure_count;
    struct cube_row *rows;
    size_t count, room;
};

static void put_cube(struct query *q, const struct cube *k)
{
    sql_add(&q->sql, "SELECT count(*)");
    for (size_t i = 0; i < k->key_count; i++) {
        sql_add(&q->sql, ",");
        if (k->keys[i].month) {
            put_month(q, k->keys[i].x);
        } else {
            put_result(&q->c, &q->row, k->keys[i].x);
        }
    }
    for (size_t i = 0; i < k->measure_count; i++) {
        sql_add(&q->sql, ",");
        put_measure(q, k->measures[i]);
    }
    query_from(q, 0);
    for (size_t i = 0; i < k->key_count; i++) {
        sql_printf(&q->sql, "%s%zu", i == 0 ? " GROUP BY " : ",", i + 2);
    }
}

static struct cube_row *cube_next(struct cube *k, struct arena *a)
{
    if (k->count == k->room) {
        size_t room = k->room == 0 ? 64 : k->room * 2;
        struct cube_row *more = ARENA_ARRAY(a, struct cube_row, room);
        for (size_t i = 0; i < k->count; i++) {
            more[i] = k->rows[i];
        }
        k->rows = more;
        k->room = room;
    }
    return &k->rows[k->count++];
}

static int read_cube(struct query *q, struct cube *k, struct err *e)
{
    sqlite3_stmt *st = query_statement(q, e);
    int rc = st == NULL ? -1 : 0;
    while (rc >= 0 && (rc = stmt_step(q->db, st, e)) == 1) {
        struct value *values =
            ARENA_ARRAY(q->arena, struct value, k->key_count + k->measure_count);
        for (size_t i = 0; i < k->key_count + k->measure_count; i++) {
            values[i] = stmt_value(st, (int)i + 1, q->arena);
        }
        *cube_next(k, q->arena) = (struct cube_row){.keys = values,
                                                    .sums = values + k->key_count,
                                                    .count = sqlite3_column_int64(st, 0)};
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int query_cube(struct db *db, const struct who *who, const struct list_spec *spec,
               const struct cube_key *keys, size_t key_count, const struct expr **measures,
               size_t measure_count, struct arena *a, struct cube_row **out, size_t *count,
               struct err *e)
{
    struct query q;
    struct list_spec grouped = *spec;
    grouped.sort_count = 0;
    grouped.cursor = NULL;
    grouped.limit = 0;
    struct cube k = {keys, key_count, measures, measure_count, NULL, 0, 0};
    int rc = query_begin(&q, db, who, &grouped, a, e);
    if (rc == 0) {
        put_cube(&q, &k);
        rc = read_cube(&q, &k, e);
    }
    query_end(&q);
    if (rc == 0) {
        *out = k.rows;
        *count = k.count;
    }
    return rc;
}

int query_group(struct db *db, const struct who *who, const struct list_spec *spec,
                const struct field *by, const struct expr **measures, size_t measure_count,
                size_t limit, struct arena *a, struct group_row **out, size_t *count, struct err *e)
{
    struct query q;
    struct list_spec grouped = *spec;
    grouped.sort_count = 0;
    grouped.cursor = NULL;
    grouped.limit = 0;
    struct group_row *rows = ARENA_ARRAY(a, struct group_row, limit);
    size_t n = 0;
    int rc = query_begin(&q, db, who, &grouped, a, e);
    if (rc == 0) {
        build(&q, by, measures, measure_count, limit);
        rc = read_rows(&q, measure_count, limit, rows, &n, e);
    }
    if (rc == 0) {
        rc = name_keys(&q, by, rows, n, e);
    }
    query_end(&q);
    if (rc == 0) {
        *out = rows;
        *count = n;
    }
    return rc;
}
