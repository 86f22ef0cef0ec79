/*
 * The pieces every query is made of; see query.h for what is promised and query_private.h for how
 * it fits together.
 *
 * Here: compiling what is asked, and the one FROM … WHERE. query_list.c streams rows, query_lead.c
 * goes to them from the targets of a link, query_count.c
 * counts, query_group.c groups, query_eval.c evaluates on one record, query_titles.c names records,
 * search_find.c searches.
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "model/field_type.h"
#include "store/query_private.h"

enum life query_life(const struct list_spec *spec)
{
    return spec->both ? LIFE_ANY : spec->trash ? LIFE_TRASH : LIFE_LIVING;
}

static uint64_t hash_bytes(uint64_t h, const void *data, size_t n)
{
    const unsigned char *p = data;
    for (size_t i = 0; i < n; i++) {
        h = (h ^ p[i]) * 1099511628211u;
    }
    return h;
}

static uint64_t hash_value(uint64_t h, struct value v)
{
    h = hash_bytes(h, &v.kind, sizeof(v.kind));
    return v.kind == VALUE_TEXT  ? hash_bytes(h, v.s, v.n)
           : v.kind == VALUE_INT ? hash_bytes(h, &v.i, sizeof(v.i))
                                 : h;
}

/* What a cursor is bound to. Who asks and when does not count: a page may be fetched after
 * midnight. */
static void take_fingerprint(struct query *q)
{
    const struct compile *c = &q->c;
    uint64_t h =
        hash_bytes(1469598103934665603u, q->spec->entity->name, strlen(q->spec->entity->name));
    enum life life = query_life(q->spec);
    h = hash_bytes(h, &life, sizeof(life));
    h = hash_bytes(h, q->filter ? q->filter : "", q->filter ? strlen(q->filter) : 0);
    for (size_t i = 0; i < q->key_count; i++) {
        h = hash_bytes(h, q->keys[i].text, strlen(q->keys[i].text));
        h = hash_bytes(h, &q->keys[i].descending, sizeof(bool));
    }
    for (size_t i = 1; i <= q->filter_binds; i++) {
        if (i != c->now && i != c->today && i != c->me && i != c->team) {
            h = hash_value(h, q->sql.binds[i - 1]);
        }
    }
    q->fingerprint = h;
}

static bool is_against_constants(const struct expr *x)
{
    for (size_t i = 1; i < x->arg_count; i++) {
        if (!is_row_free(x->args[i])) {
            return false;
        }
    }
    return true;
}

/* `company = "Acme"`: few have that title, and the link's index has their records. Only where the
 * key of titles is the folded title: else all targets are looked at, which is a scan. */
static bool is_served_by_title(const struct expr *x)
{
    const struct expr *left = x->args[0];
    return (x->op == EXPR_EQ || x->op == EXPR_IN) && left->op == EXPR_FIELD && left->up == 0 &&
           left->path_count == 1 && left->path[0]->compute == NULL && left->field->system &&
           str_eq(left->field->name, "title") && !entity_sorts_otherwise(left->path[0]->to) &&
           is_against_constants(x);
}

/* A conjunct like `company = 12` whose column has an index of its own. */
static bool is_served(const struct expr *x, bool now)
{
    const struct expr *left = x->arg_count > 0 ? x->args[0] : NULL;
    if (x->op == EXPR_CONTAINS && left->op == EXPR_FIELD && left->up == 0 &&
        left->path_count == 0 && field_is_records(left->field)) {
        return is_row_free(x->args[1]);
    }
    if (x->op == EXPR_CALL && x->function == FN_FOUND) {
        return now;
    }
    if (left != NULL && now && is_served_by_title(x)) {
        return true;
    }
    if ((x->op != EXPR_EQ && x->op != EXPR_IN) || left->op != EXPR_FIELD || left->path_count > 0 ||
        left->up > 0 || (left->attribute != ATTR_NONE && left->attribute != ATTR_STAGE_KIND) ||
        !is_indexed(left->field)) {
        return false;
    }
    return is_against_constants(x);
}

static const struct expr *find_served(const struct expr *x, bool now)
{
    if (x == NULL || x->op != EXPR_AND) {
        return x != NULL && is_served(x, now) ? x : NULL;
    }
    for (size_t i = 0; i < x->arg_count; i++) {
        const struct expr *found = find_served(x->args[i], now);
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

static bool is_constant_true(const struct expr *x)
{
    return x->op == EXPR_LITERAL && x->type.kind == KIND_BOOL && x->value.i == 1;
}

static void compile_filter(struct query *q)
{
    const struct expr *filter = q->spec->filter;
    if (filter == NULL || is_constant_true(filter)) {
        return;
    }
    put_test(&q->c, &q->row, filter, false);
    q->filter = sql_cut(&q->sql, 0);
    q->indexed = find_served(filter, q->c.as_of == 0);
}

int query_begin(struct query *q, struct db *db, const struct who *who, const struct list_spec *spec,
                struct arena *a, struct err *e)
{
    *q = (struct query){.db = db, .arena = a, .spec = spec};
    sql_init(&q->sql, a);
    compile_init(&q->c, &q->sql, who, e);
    q->row = scope_new(&q->c, spec->entity, NULL);
    if (spec->as_of != 0) {
        q->c.as_of = sql_keep(&q->sql, value_int(spec->as_of));
    }
    compile_filter(q);
    if (query_sort(q, e) != 0) {
        return -1;
    }
    q->filter_binds = q->sql.bind_count;
    take_fingerprint(q);
    query_decide(q);
    return query_few(q, e) != 0 ? -1 : compile_end(&q->c);
}

void query_end(struct query *q)
{
    sql_done(&q->sql);
}

/* The ids lead: no index of the rights may. */
static void put_among(struct query *q, enum life life)
{
    char through[64];
    snprintf(through, sizeof through, "json_each(?%zu) j CROSS JOIN ",
             sql_keep(&q->sql, value_text(q->spec->among)));
    records_from(&q->c, &q->row, through, life, q->spec->action);
    sql_printf(&q->sql, " AND t%d.id=j.value", q->row.alias);
}

void query_from(struct query *q, size_t arm)
{
    enum life life = query_life(q->spec);
    if (q->rule != NULL) {
        records_from_arm(&q->c, &q->row, life, q->rule, arm, q->apart);
    } else if (q->spec->among != NULL) {
        put_among(q, life);
    } else {
        records_from(&q->c, &q->row, q->stream != NULL ? q->stream : "", life, q->spec->action);
    }
    if (q->spec->only != NULL) {
        sql_printf(&q->sql, " AND t%d.id=", q->row.alias);
        sql_bind(&q->sql, value_int(*q->spec->only));
    }
    if (q->few != NULL) {
        sql_add(&q->sql, q->few);
    }
    if (q->filter != NULL) {
        sql_add(&q->sql, " AND ");
        sql_add(&q->sql, q->filter);
    }
    if (q->rest) {
        sql_printf(&q->sql, " AND %s IS NULL", q->lead_value);
    }
    if (q->after != NULL) {
        sql_add(&q->sql, " AND ");
        sql_add(&q->sql, q->after);
    }
}

sqlite3_stmt *query_statement(struct query *q, struct err *e)
{
    return compile_end(&q->c) != 0 ? NULL : sql_statement(q->db, &q->sql, e);
}
