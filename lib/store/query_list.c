/*
 * Lists: rows of one entity that fit a filter, that the reader may see, in an order, page by page.
 * See query.h.
 *
 * A page asks for one row more than it hands out: if that row is there, there is a next page, and
 * its cursor is made of the last row handed out. Rows are passed on as they come; nothing of them
 * is kept.
 */
#include <string.h>

#include "base/clock.h"
#include "store/query_private.h"

/* A list on its way: the statement's shape and the place reached. */
struct walk {
    struct query q;
    struct list_columns columns;
    struct cursor last;
    size_t count; /* handed out */
};

/* id, version, sort keys, then what was asked for. */
static void put_head(struct walk *w)
{
    struct query *q = &w->q;
    sql_printf(&q->sql, "SELECT t%d.id,t%d.version", q->row.alias, q->row.alias);
    for (size_t i = 0; i < q->key_count; i++) {
        sql_add(&q->sql, ",");
        sql_add(&q->sql, q->keys[i].text);
    }
    columns_put(q, &w->columns, 2 + (int)q->key_count);
}

/* By numbers of result columns: so the same text serves one SELECT and two that are merged. */
static void put_order(struct query *q)
{
    sql_add(&q->sql, " ORDER BY ");
    for (size_t i = 0; i < q->key_count; i++) {
        const struct query_key *k = &q->keys[i];
        sql_printf(&q->sql, "%zu%s,", i + 3,
                   k->descending ? " DESC"
                   : k->nullable ? " NULLS LAST"
                                 : "");
    }
    sql_printf(&q->sql, "1%s", q->id_descending ? " DESC" : "");
    if (q->spec->limit > 0) {
        /* In the text: with a bound limit SQLite would plan the statement anew at every execution.
         */
        sql_printf(&q->sql, " LIMIT %zu", q->spec->limit + 1);
    }
}

/* The targets of a link lead: the living, then those in the trash, merged. */
static void build_led(struct walk *w)
{
    struct query *q = &w->q;
    for (int trash = 0; trash <= 1; trash++) {
        sql_add(&q->sql, trash ? " UNION ALL " : "");
        put_head(w);
        query_from_lead(q, trash != 0);
    }
    put_order(q);
}

/* Where the page begins; a list led by targets begins with its rest behind these. */
static int begin_page(struct query *q, struct err *e)
{
    struct cursor at;
    bool later = q->spec->cursor != NULL;
    if ((later && cursor_read(q, q->spec->cursor, &at, e) != 0) || query_lead(q, e) != 0 ||
        query_found(q, e) != 0) {
        return -1;
    }
    if (later && q->lead != NULL) {
        q->lead_from = at.values[0];
        if (q->lead_from.kind == VALUE_NULL) {
            query_lead_rest(q);
        }
    }
    if (later) {
        query_after(q, &at);
    }
    return 0;
}

static int build(struct walk *w, struct err *e)
{
    struct query *q = &w->q;
    bool candidates = false;
    if (begin_page(q, e) != 0) {
        return -1;
    }
    if (q->lead != NULL && !q->rest) {
        build_led(w);
        return compile_end(&q->c);
    }
    if (query_candidates(q, &candidates, e) != 0) {
        return -1;
    }
    size_t arms = q->rule != NULL ? q->rule->arg_count : 1;
    for (size_t arm = 0; arm < arms; arm++) {
        sql_add(&q->sql, arm > 0 ? " UNION " : "");
        put_head(w);
        query_from(q, arm);
    }
    if (candidates) {
        sql_printf(&q->sql, " AND t%d.id IN (SELECT id FROM k)", q->row.alias);
    }
    put_order(q);
    return compile_end(&q->c);
}

static struct value keep(struct arena *a, struct value v)
{
    if (v.kind == VALUE_TEXT) {
        v.s = arena_strndup(a, v.s, v.n);
    }
    return v;
}

static void remember(struct walk *w, sqlite3_stmt *st)
{
    w->last.id = sqlite3_column_int64(st, 0);
    for (size_t i = 0; i < w->q.key_count; i++) {
        struct value v;
        column_read(st, 2 + (int)i, &v);
        w->last.values[i] = keep(w->q.arena, v);
    }
}

static int hand_out(struct walk *w, sqlite3_stmt *st, list_function row, void *data, bool *stop,
                    struct err *e)
{
    struct list_row out = {.id = sqlite3_column_int64(st, 0),
                           .version = sqlite3_column_int64(st, 1)};
    if (columns_read(&w->q, &w->columns, st, &out, e) != 0) {
        return -1;
    }
    *stop = row(data, &out) != 0;
    return 0;
}

/* Hands out what the statement has; *over: the page is full, or the caller wants no more. */
static int run_statement(struct walk *w, list_function row, void *data, const char **next,
                         bool *over, struct err *e)
{
    sqlite3_stmt *st = query_statement(&w->q, e);
    if (st == NULL) {
        return -1;
    }
    size_t limit = w->q.spec->limit;
    int rc = 0;
    while (!*over && (rc = stmt_step(w->q.db, st, e)) == 1) {
        if (limit > 0 && w->count == limit) {
            *next = cursor_write(&w->q, &w->last);
            *over = true;
            break;
        }
        if (++w->count == limit) {
            remember(w, st);
        }
        if (hand_out(w, st, row, data, over, e) != 0) {
            rc = -1;
            break;
        }
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static int run(struct walk *w, list_function row, void *data, const char **next, struct err *e)
{
    struct query *q = &w->q;
    bool over = false;
    if (run_statement(w, row, data, next, &over, e) != 0) {
        return -1;
    }
    if (over || q->lead == NULL || q->rest) {
        return 0;
    }
    query_lead_rest(q);
    sql_cut(&q->sql, 0);
    put_head(w);
    query_from(q, 0);
    put_order(q);
    return compile_end(&q->c) != 0 ? -1 : run_statement(w, row, data, next, &over, e);
}

/* The first field of the filter: an index on it would help. */
static void find_field(const struct expr *x, void *data)
{
    const struct field **found = data;
    if (*found == NULL && x->op == EXPR_FIELD && x->path_count == 0 && x->up == 0) {
        *found = x->field;
    }
}

static int run_limited(struct walk *w, list_function row, void *data, const char **next,
                       struct err *e)
{
    struct db *db = w->q.db;
    int64_t before = db->deadline_ms, own = clock_monotonic_ms() + LIST_LIMIT_MS;
    struct err failure = {0};
    bool shorter = before == 0 || own < before;
    db->deadline_ms = shorter ? own : before;
    int rc = run(w, row, data, next, &failure);
    db->deadline_ms = before;
    if (rc == 0) {
        return 0;
    }
    const struct field *f = NULL;
    expr_walk(w->q.spec->filter, find_field, &f);
    if (failure.code != ERR_BUSY || f == NULL || !shorter) {
        return err_fail(e, failure.code, failure.where, "%s", failure.text);
    }
    return err_fail(e, ERR_BUSY, "",
                    "this list takes too long; an index on %s (index: true) would help", f->name);
}

int query_list(struct db *db, const struct who *who, const struct list_spec *spec, struct arena *a,
               list_function row, void *data, const char **next, struct err *e)
{
    struct walk w = {0};
    const char *following = NULL;
    int rc = query_begin(&w.q, db, who, spec, a, e);
    if (rc == 0) {
        rc = build(&w, e);
    }
    if (rc == 0) {
        bool limited = w.q.scans && spec->limit > 0 && !db->writer;
        rc =
            limited ? run_limited(&w, row, data, &following, e) : run(&w, row, data, &following, e);
    }
    query_end(&w.q);
    if (rc == 0 && next != NULL) {
        *next = following;
    }
    return rc;
}

/* ---- for tests and `kontor doctor`
 * ------------------------------------------------------------------------ */

static int read_plan(struct walk *w, struct arena *a, const char **plan, struct err *e)
{
    struct sql explain = w->q.sql;
    struct buf text = {0}, lines = {0};
    buf_printf(&text, "EXPLAIN QUERY PLAN %s", buf_text(&w->q.sql.text));
    explain.text = text;
    sqlite3_stmt *st = sql_statement(w->q.db, &explain, e);
    int rc = st == NULL ? -1 : 0;
    while (rc >= 0 && (rc = stmt_step(w->q.db, st, e)) == 1) {
        buf_printf(&lines, "%s\n", (const char *)sqlite3_column_text(st, 3));
    }
    stmt_done(st);
    *plan = arena_strndup(a, buf_text(&lines), lines.size);
    buf_done(&text);
    buf_done(&lines);
    return rc < 0 ? -1 : 0;
}

int query_explain(struct db *db, const struct who *who, const struct list_spec *spec,
                  struct arena *a, const char **sql, const char **plan, struct err *e)
{
    struct walk w = {0};
    int rc = query_begin(&w.q, db, who, spec, a, e);
    if (rc == 0) {
        rc = build(&w, e);
    }
    if (rc == 0) {
        *sql = arena_strdup(a, buf_text(&w.q.sql.text));
        rc = read_plan(&w, a, plan, e);
    }
    query_end(&w.q);
    return rc;
}
