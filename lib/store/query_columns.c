/*
 * What is read of each row of a list: stored columns as they are, computed fields as expressions,
 * titles of linked records.
 *
 * Titles are looked up by id beside the list and kept by the connection (title_cache.h): pages name
 * the same owners, teams and companies again and again. In lists without end, as of a past moment
 * and where rights depend on more than who asks, the title is part of the statement.
 */
#include "model/field_type.h"
#include "store/query_private.h"
#include "store/title_cache.h"

/* Written member by member where it stays: a struct that is returned and copied waits for its own
 * stores in every column of every row. */
void column_read(sqlite3_stmt *st, int column, struct value *out)
{
    sqlite3_value *v = sqlite3_column_value(st, column);
    int type = sqlite3_value_type(v);
    out->kind = VALUE_NULL;
    out->i = 0;
    out->s = NULL;
    out->n = 0;
    if (type == SQLITE_INTEGER) {
        out->kind = VALUE_INT;
        out->i = sqlite3_value_int64(v);
    } else if (type == SQLITE_TEXT) {
        out->kind = VALUE_TEXT;
        out->s = (const char *)sqlite3_value_text(v);
        out->n = (size_t)sqlite3_value_bytes(v);
    }
}

#define MARK_LIVING  '.'
#define MARK_DELETED '-'

static bool is_link(const struct field *f)
{
    return field_is_link(f) && f->to != NULL && f->column_count > 0;
}

static bool is_inlined(const struct field *f)
{
    return f->compute != NULL && !f->stored;
}

/* Something of a row: a column of a field, the title of what it links to. */
typedef void part(struct query *q, const struct scope_row *r, const struct field *f, size_t column);

/* Writes `what` of the record at the end of a path; NULL where a step leads nowhere the actor may go. */
static void put_there(struct query *q, const struct scope_row *r, const struct field_path *path,
                      size_t step, part *what, const struct field *f, size_t column)
{
    if (path == NULL || step == path->count) {
        what(q, r, f, column);
        return;
    }
    const struct field *link = path->links[step];
    struct scope_row to = scope_new(&q->c, link->to, NULL);
    sql_add(&q->sql, "(SELECT ");
    put_there(q, &to, path, step + 1, what, f, column);
    records_from(&q->c, &to, "", LIFE_ANY, q->spec->action);
    sql_printf(&q->sql, " AND t%d.id=", to.alias);
    put_field(&q->c, r, link);
    sql_add(&q->sql, ")");
}

/* Rights are those of now, the words those of the moment asked for. In front of the title stands
 * whether it lay in the trash then: one subquery tells both. */
static void put_target_title(struct query *q, const struct scope_row *r, const struct field *link,
                             size_t column)
{
    (void)column;
    struct scope_row to = scope_new(&q->c, link->to, NULL);
    sql_add(&q->sql, "(SELECT iif(");
    put_deleted_at(&q->c, &to);
    sql_printf(&q->sql, " IS NULL,'%c','%c')||", MARK_LIVING, MARK_DELETED);
    put_title(&q->c, &to);
    records_from(&q->c, &to, "", LIFE_ANY, ACTION_SEE);
    sql_printf(&q->sql, " AND t%d.id=", to.alias);
    put_column(&q->c, r, value_column(link));
    sql_add(&q->sql, ")");
}

static void put_part(struct query *q, const struct scope_row *r, const struct field *f,
                     size_t column)
{
    if (is_inlined(f)) {
        put_result(&q->c, r, f->compute);
    } else {
        put_column(&q->c, r, &f->columns[column]);
    }
}

static const struct field_path *path_of(const struct query *q, size_t field)
{
    return q->spec->paths != NULL ? &q->spec->paths[field] : NULL;
}

static int put_values(struct query *q, size_t field)
{
    const struct field *f = q->spec->fields[field];
    size_t count = is_inlined(f) ? 1 : f->column_count;
    for (size_t i = 0; i < count; i++) {
        sql_add(&q->sql, ",");
        put_there(q, &q->row, path_of(q, field), 0, put_part, f, i);
    }
    return (int)count;
}

/* How titles of a link's targets are found: by the statement, or by id with a key to keep them. */
static bool is_title_in_row(struct query *q, const struct field *f, uint64_t *key)
{
    bool never;
    const struct expr *rule = rights_of(&q->c, f->to, ACTION_SEE, &never);
    *key = never ? 0 : title_cache_key(q->c.who, rule);
    return q->spec->limit == 0 || q->c.as_of != 0 || *key == 0;
}

void columns_put(struct query *q, struct list_columns *out, int at)
{
    const struct list_spec *spec = q->spec;
    *out = (struct list_columns){.first_value = at};
    out->title_in_row = ARENA_ARRAY(q->arena, bool, spec->field_count);
    out->queries = ARENA_ARRAY(q->arena, struct title_query, spec->field_count);
    out->keys = ARENA_ARRAY(q->arena, uint64_t, spec->field_count);
    out->cache = title_cache_of(q->db);
    for (size_t i = 0; i < spec->field_count; i++) {
        at += put_values(q, i);
    }
    out->value_count = (size_t)(at - out->first_value);
    out->first_title = at;
    for (size_t i = 0; i < spec->field_count; i++) {
        const struct field *f = spec->fields[i];
        out->title_in_row[i] = is_link(f) && is_title_in_row(q, f, &out->keys[i]);
        if (out->title_in_row[i]) {
            sql_add(&q->sql, ",");
            put_there(q, &q->row, path_of(q, i), 0, put_target_title, f, 0);
            at++;
        }
    }
    out->first_extra = at;
    for (size_t i = 0; i < spec->extra_count; i++) {
        sql_add(&q->sql, ",");
        put_result(&q->c, &q->row, spec->extra[i]);
    }
    out->values = ARENA_ARRAY(q->arena, struct value, out->value_count);
    out->titles = ARENA_ARRAY(q->arena, struct link_title, spec->field_count);
    out->extra = ARENA_ARRAY(q->arena, struct value, spec->extra_count);
}

int title_query(const struct who *who, const struct entity *e, int64_t as_of, struct arena *a,
                struct title_query *out, struct err *err)
{
    struct sql sql;
    struct compile c;
    sql_init(&sql, a);
    compile_init(&c, &sql, who, err);
    struct scope_row r = scope_new(&c, e, NULL);
    sql_keep(&sql, value_null()); /* ?1: the id */
    c.as_of = as_of == 0 ? 0 : sql_keep(&sql, value_int(as_of));
    sql_add(&sql, "SELECT ");
    put_title(&c, &r);
    sql_add(&sql, ",");
    put_deleted_at(&c, &r);
    records_from(&c, &r, "", LIFE_ANY, ACTION_SEE);
    sql_printf(&sql, " AND t%d.id=?1", r.alias);
    out->text = sql_cut(&sql, 0);
    out->binds = sql.binds;
    out->bind_count = sql.bind_count;
    out->reads = sql.reads;
    sql_done(&sql);
    return compile_end(&c);
}

int title_read(struct db *db, const struct title_query *q, int64_t id, struct arena *a,
               struct link_title *out, struct err *err)
{
    sqlite3_stmt *st = stmt_get(db, q->text, err);
    if (st == NULL) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, id);
    for (size_t i = 1; i < q->bind_count; i++) {
        stmt_bind_value(st, (int)i + 1, q->binds[i]);
    }
    int rc = stmt_step(db, st, err);
    *out = (struct link_title){0};
    if (rc == 1) {
        out->text = stmt_text(st, 0, a);
        out->deleted = sqlite3_column_type(st, 1) != SQLITE_NULL;
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static int look_up(struct query *q, struct list_columns *k, size_t field, int64_t id, struct err *e)
{
    const struct entity *to = q->spec->fields[field]->to;
    struct title_query *query = &k->queries[field];
    if (k->cache != NULL &&
        title_cache_find(k->cache, k->keys[field], id, q->arena, &k->titles[field])) {
        return 0;
    }
    if ((query->text == NULL && title_query(q->c.who, to, 0, q->arena, query, e) != 0) ||
        title_read(q->db, query, id, q->arena, &k->titles[field], e) != 0) {
        return -1;
    }
    if (k->cache != NULL) {
        title_cache_put(k->cache, k->keys[field], id, &k->titles[field]);
    }
    return 0;
}

static int read_titles(struct query *q, struct list_columns *k, sqlite3_stmt *st, struct err *e)
{
    int in_row = k->first_title, value = 0;
    for (size_t i = 0; i < q->spec->field_count; i++) {
        const struct field *f = q->spec->fields[i];
        k->titles[i] = (struct link_title){0};
        if (k->title_in_row[i]) {
            const char *text = (const char *)sqlite3_column_text(st, in_row++);
            if (text != NULL) {
                k->titles[i] = (struct link_title){text + 1, *text == MARK_DELETED};
            }
        } else if (is_link(f) && k->values[value].kind == VALUE_INT &&
                   look_up(q, k, i, k->values[value].i, e) != 0) {
            return -1;
        }
        value += is_inlined(f) ? 1 : (int)f->column_count;
    }
    return 0;
}

int columns_read(struct query *q, struct list_columns *k, sqlite3_stmt *st, struct list_row *out,
                 struct err *e)
{
    for (size_t i = 0; i < k->value_count; i++) {
        column_read(st, k->first_value + (int)i, &k->values[i]);
    }
    for (size_t i = 0; i < q->spec->extra_count; i++) {
        column_read(st, k->first_extra + (int)i, &k->extra[i]);
    }
    out->values = k->values;
    out->titles = k->titles;
    out->extra = k->extra;
    return read_titles(q, k, st, e);
}
