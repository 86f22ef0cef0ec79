/*
 * Expressions on one record, on none, and the names of records. See query.h.
 *
 * query_eval looks at the record as it stands on this connection, in the trash or not, because the
 * writer asks about rows it has just written; what the record links to is seen with the rights of
 * `who`.
 */
#include <stdlib.h>
#include <string.h>

#include "store/index_rows.h"
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
    c.known = true;
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

/* ---- many records ---------------------------------------------------------------------------- */

static const char *ids_text(struct arena *a, const int64_t *ids, size_t count)
{
    struct buf text = {0};
    for (size_t i = 0; i < count; i++) {
        buf_printf(&text, "%c%lld", i == 0 ? '[' : ',', (long long)ids[i]);
    }
    buf_putc(&text, ']');
    const char *list = arena_strndup(a, text.data, text.size);
    buf_done(&text);
    return list;
}

/* One record is looked for by its id, several by walking their list: never the whole table. */
static void put_among(struct compile *c, struct sql *sql, struct scope_row *r, const int64_t *ids,
                      size_t count)
{
    c->trusted = true; /* the records themselves are the caller's */
    if (count == 1) {
        records_from(c, r, "", LIFE_ANY, ACTION_SEE);
        sql_printf(sql, " AND t%d.id=", r->alias);
        sql_bind(sql, value_int(ids[0]));
        return;
    }
    int list = c->aliases++;
    size_t at = sql_keep(sql, value_text(ids_text(sql->arena, ids, count)));
    records_from(c, r, arena_printf(sql->arena, "json_each(?%zu) t%d CROSS JOIN ", at, list),
                 LIFE_ANY, ACTION_SEE);
    sql_printf(sql, " AND t%d.id=t%d.value", r->alias, list);
}

static int take_hits(struct db *db, const struct sql *sql, const int64_t *ids, size_t id_count,
                     size_t expr_count, bool *hits, struct err *e)
{
    sqlite3_stmt *st = sql_statement(db, sql, e);
    int rc = st == NULL ? -1 : 0;
    size_t at = 0;
    while (rc >= 0 && (rc = stmt_step(db, st, e)) == 1) {
        int64_t id = sqlite3_column_int64(st, 0);
        while (at < id_count && ids[at] != id) {
            at++; /* in the order of the list */
        }
        for (size_t k = 0; at < id_count && k < expr_count; k++) {
            hits[at * expr_count + k] = sqlite3_column_int64(st, (int)k + 1) != 0;
        }
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int query_match(struct db *db, const struct who *who, const struct entity *entity,
                const int64_t *ids, size_t id_count, const struct expr **exprs, size_t expr_count,
                struct arena *a, bool *hits, struct err *e)
{
    struct sql sql;
    struct compile c;
    memset(hits, 0, id_count * expr_count * sizeof(*hits));
    sql_init(&sql, a);
    compile_init(&c, &sql, who, e);
    c.known = true;
    struct scope_row r = scope_new(&c, entity, NULL);
    sql_printf(&sql, "SELECT t%d.id", r.alias);
    for (size_t i = 0; i < expr_count; i++) {
        sql_add(&sql, ",");
        put_test(&c, &r, exprs[i], true);
    }
    put_among(&c, &sql, &r, ids, id_count);
    int rc = compile_end(&c) != 0 ? -1 : take_hits(db, &sql, ids, id_count, expr_count, hits, e);
    sql_done(&sql);
    return rc;
}

static int take_ids(struct db *db, const struct sql *sql, struct arena *a, int64_t **out,
                    size_t *count, struct err *e)
{
    sqlite3_stmt *st = sql_statement(db, sql, e);
    size_t room = 0, n = 0;
    int64_t *ids = NULL;
    int rc = st == NULL ? -1 : 0;
    while (rc >= 0 && (rc = stmt_step(db, st, e)) == 1) {
        if (n == room) {
            room = room == 0 ? 32 : 2 * room;
            int64_t *more = ARENA_ARRAY(a, int64_t, room);
            if (n > 0) {
                memcpy(more, ids, n * sizeof(*ids));
            }
            ids = more;
        }
        ids[n++] = sqlite3_column_int64(st, 0);
    }
    stmt_done(st);
    *out = ids;
    *count = n;
    return rc < 0 ? -1 : 0;
}

int query_fitting(struct db *db, const struct who *who, const struct fitting *what,
                     struct arena *a, int64_t **out, size_t *count, struct err *e)
{
    struct sql sql;
    struct compile c;
    sql_init(&sql, a);
    compile_init(&c, &sql, who, e);
    c.known = what->among != NULL;
    struct scope_row around = scope_new(&c, what->around, NULL);
    struct scope_row r = scope_new(&c, what->from, &around);
    sql_printf(&sql, "SELECT t%d.id", r.alias);
    records_from(&c, &r,
                 arena_printf(a, "%s t%d CROSS JOIN ", what->around->sql_table, around.alias),
                 LIFE_LIVING, ACTION_SEE);
    sql_printf(&sql, " AND t%d.id=", around.alias);
    sql_bind(&sql, value_int(what->id));
    if (what->among != NULL) {
        sql_printf(&sql, " AND t%d.id IN (SELECT value FROM json_each(", r.alias);
        sql_bind(&sql, value_text(what->among));
        sql_add(&sql, "))");
    }
    if (what->test != NULL) {
        sql_add(&sql, " AND ");
        put_test(&c, &r, what->test, false);
    }
    sql_printf(&sql, " ORDER BY t%d.id", r.alias);
    int rc = compile_end(&c) != 0 ? -1 : take_ids(db, &sql, a, out, count, e);
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

/* ---- titles of many records ------------------------------------------------------------------ */

#define KINDS_AT_ONCE 12 /* of records in one query */

/* Records in the order of their ids, whatever order they are asked for in. */
struct naming {
    struct db *db;
    const struct who *who;
    struct arena *a;
    struct title_row **by_id;
    size_t count;
    struct err *e;
};

static int compare_ids(const void *x, const void *y)
{
    const struct title_row *a = *(struct title_row *const *)x, *b = *(struct title_row *const *)y;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* "[1,2,3]" of the rows of an entity; with NULL of all. NULL when there are none. */
static const char *list_ids(const struct naming *n, const struct entity *entity)
{
    struct buf text = {0};
    for (size_t i = 0; i < n->count; i++) {
        const struct title_row *row = n->by_id[i];
        if (row->entity == entity && (i == 0 || n->by_id[i - 1]->id != row->id)) {
            buf_printf(&text, "%c%lld", text.size == 0 ? '[' : ',', (long long)row->id);
        }
    }
    buf_putc(&text, ']');
    const char *list = text.size > 1 ? arena_strndup(n->a, text.data, text.size) : NULL;
    buf_done(&text);
    return list;
}

/* The first of the rows with this id, NULL if none; others follow it. */
static struct title_row **find_row(const struct naming *n, int64_t id)
{
    size_t low = 0, high = n->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (n->by_id[middle]->id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return &n->by_id[low];
}

static bool is_row_of(const struct naming *n, struct title_row *const *row, int64_t id)
{
    return row < n->by_id + n->count && (*row)->id == id;
}

static int read_entities(struct naming *n)
{
    const char *ids = list_ids(n, NULL);
    sqlite3_stmt *st =
        ids == NULL ? NULL
                    : stmt_get(n->db,
                               "SELECT d.id,d.entity FROM json_each(?1) j CROSS JOIN doc d"
                               " ON d.id=j.value",
                               n->e);
    if (st == NULL) {
        return ids == NULL ? 0 : -1;
    }
    stmt_bind_text(st, 1, ids);
    int rc;
    while ((rc = stmt_step(n->db, st, n->e)) == 1) {
        int64_t id = sqlite3_column_int64(st, 0);
        const struct entity *entity = model_entity_by_id(n->who->model, sqlite3_column_int64(st, 1));
        for (struct title_row **row = find_row(n, id); is_row_of(n, row, id); row++) {
            (*row)->entity = entity;
        }
    }
    stmt_done(st);
    return rc;
}

/* Titles of what the reader may see of one kind. */
static void put_titles(struct compile *c, const struct entity *entity, const char *ids)
{
    struct scope_row r = scope_new(c, entity, NULL);
    sql_printf(c->sql, "SELECT t%d.id,", r.alias);
    put_title(c, &r);
    sql_add(c->sql, ",");
    put_deleted_at(c, &r);
    records_from(c, &r, "", LIFE_ANY, ACTION_SEE);
    sql_printf(c->sql, " AND t%d.id IN (SELECT value FROM json_each(", r.alias);
    sql_bind(c->sql, value_text(ids));
    sql_add(c->sql, "))");
}

static int take_titles(struct naming *n, sqlite3_stmt *st)
{
    int rc;
    while ((rc = stmt_step(n->db, st, n->e)) == 1) {
        int64_t id = sqlite3_column_int64(st, 0);
        for (struct title_row **row = find_row(n, id); is_row_of(n, row, id); row++) {
            (*row)->title = stmt_text(st, 1, n->a);
            (*row)->deleted = sqlite3_column_type(st, 2) != SQLITE_NULL;
            (*row)->hidden = (*row)->title == NULL;
        }
    }
    stmt_done(st);
    return rc;
}

/* The next kinds there are records of, in one query; *at goes behind them. */
static int read_titles(struct naming *n, size_t *at)
{
    const struct model *m = n->who->model;
    struct sql sql;
    struct compile c;
    size_t kinds = 0;
    sql_init(&sql, n->a);
    compile_init(&c, &sql, n->who, n->e);
    for (; *at < m->entity_count && kinds < KINDS_AT_ONCE; (*at)++) {
        const char *ids = list_ids(n, m->entities[*at]);
        if (ids != NULL) {
            sql_add(&sql, kinds++ > 0 ? " UNION ALL " : "");
            put_titles(&c, m->entities[*at], ids);
        }
    }
    int rc = compile_end(&c);
    if (rc == 0 && kinds > 0) {
        sqlite3_stmt *st = sql_statement(n->db, &sql, n->e);
        rc = st == NULL ? -1 : take_titles(n, st);
    }
    sql_done(&sql);
    return rc;
}

int query_titles(struct db *db, const struct who *who, const int64_t *ids, size_t count,
                 struct arena *a, struct title_row *out, struct err *e)
{
    struct naming n = {.db = db, .who = who, .a = a, .count = count, .e = e};
    n.by_id = ARENA_ARRAY(a, struct title_row *, count + 1);
    for (size_t i = 0; i < count; i++) {
        out[i] = (struct title_row){.id = ids[i], .hidden = true};
        n.by_id[i] = &out[i];
    }
    if (count > 1) {
        qsort(n.by_id, count, sizeof(*n.by_id), compare_ids);
    }
    if (read_entities(&n) != 0) {
        return -1;
    }
    for (size_t at = 0; at < who->model->entity_count;) {
        if (read_titles(&n, &at) != 0) {
            return -1;
        }
    }
    return 0;
}
