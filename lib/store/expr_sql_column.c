/*
 * Columns of a record, now or as of a change-set: the value at set N is the earliest before-image
 * after N, else the current one. A plain coalesce would be wrong where the before-image is NULL,
 * hence CASE WHEN EXISTS. See expr_sql.h.
 */
#include "base/str.h"
#include "model/address.h"
#include "store/index_rows.h"
#include "store/expr_sql.h"

/* The current value, as text of its own. */
static void put_plain(struct compile *c, const struct scope_row *r, const char *name)
{
    sql_add_column(c->sql, r->alias, name);
}

/* One seek in change per value: its key is (field, record, cs). */
static void put_as_of(struct compile *c, const struct scope_row *r, int64_t field, const char *name)
{
    long long f = (long long)field;
    sql_printf(
        c->sql,
        "CASE WHEN EXISTS(SELECT 1 FROM change WHERE field=%lld AND record=t%d.id AND cs>?%zu)"
        " THEN (SELECT before FROM change WHERE field=%lld AND record=t%d.id AND cs>?%zu"
        " ORDER BY cs LIMIT 1) ELSE t%d.%s END",
        f, r->alias, c->as_of, f, r->alias, c->as_of, r->alias, name);
}

static void put_either(struct compile *c, const struct scope_row *r, int64_t field,
                       const char *name)
{
    if (c->as_of == 0 || field == 0) {
        put_plain(c, r, name);
    } else {
        put_as_of(c, r, field, name);
    }
}

void put_title(struct compile *c, const struct scope_row *r)
{
    put_either(c, r, pseudo_field(r->entity->id, PSEUDO_TITLE), "title");
}

/* As of a moment the key is made anew from the parts of that moment. */
void put_title_key(struct compile *c, const struct scope_row *r)
{
    if (c->as_of == 0) {
        put_plain(c, r, "title_k");
        return;
    }
    if (r->entity->title_sort_count == 0) {
        sql_add(c->sql, "kfold(");
        put_title(c, r);
        sql_add(c->sql, ")");
        return;
    }
    sql_add(c->sql, "kfold(coalesce(nullif(concat_ws(' '");
    for (size_t i = 0; i < r->entity->title_sort_count; i++) {
        sql_add(c->sql, ",");
        put_field(c, r, r->entity->title_sort[i]);
    }
    sql_add(c->sql, "),'')");
    for (size_t i = 0; i < r->entity->title_else_count; i++) {
        sql_add(c->sql, ",");
        put_field(c, r, r->entity->title_else[i]);
    }
    sql_add(c->sql, ",''))");
}

/* System columns keep their present value, but for the title and the trash. */
static int64_t system_field(const struct entity *e, const char *name)
{
    if (str_eq(name, "title")) {
        return pseudo_field(e->id, PSEUDO_TITLE);
    }
    return str_eq(name, "deleted_at") ? pseudo_field(e->id, PSEUDO_DELETED_AT) : 0;
}

/* With what the plain columns beside it hold; of those he does not see nothing is there. */
static void put_addresses(struct compile *c, const struct scope_row *r, const struct column *column)
{
    sql_printf(c->sql, "kaddress(%u,", address_mask(column->field));
    put_either(c, r, column->id, column->sql_name);
    for (int i = 0; i < ADDRESS_PARTS; i++) {
        const struct field *m = address_mirror(column->field, (enum address_part)i);
        bool seen = m != NULL && (c->trusted || c->who->role == NULL || role_sees(c->who->role, m));
        sql_add(c->sql, seen ? "," : ",NULL");
        if (seen) {
            put_either(c, r, m->columns[0].id, m->columns[0].sql_name);
        }
    }
    sql_add(c->sql, ")");
}

void put_column(struct compile *c, const struct scope_row *r, const struct column *column)
{
    if (column->field->system) {
        put_either(c, r, system_field(r->entity, column->field->name), column->sql_name);
        return;
    }
    rows_reads(column->field, &c->sql->reads);
    if (address_is_shared(column->field)) {
        put_addresses(c, r, column);
        return;
    }
    put_either(c, r, column->id, column->sql_name);
}

void put_deleted_at(struct compile *c, const struct scope_row *r)
{
    put_either(c, r, pseudo_field(r->entity->id, PSEUDO_DELETED_AT), "deleted_at");
}

void put_life(struct compile *c, const struct scope_row *r, enum life life)
{
    if (c->as_of != 0) {
        sql_printf(c->sql, "t%d.created_cs<=?%zu", r->alias, c->as_of);
    }
    if (life == LIFE_ANY) {
        sql_add(c->sql, c->as_of == 0 ? "1" : "");
        return;
    }
    sql_add(c->sql, c->as_of == 0 ? "" : " AND (");
    put_deleted_at(c, r);
    sql_add(c->sql, c->as_of == 0 ? "" : ")");
    sql_add(c->sql, life == LIFE_LIVING ? " IS NULL" : " IS NOT NULL");
    if (life == LIFE_TRASH) { /* what was merged lives on under another id */
        sql_printf(c->sql,
                   " AND NOT EXISTS(SELECT 1 FROM merged WHERE record=t%d.id AND undone=0)",
                   r->alias);
    }
}

const struct column *value_column(const struct field *f)
{
    return f->column_count == 0 ? NULL : &f->columns[f->type->compared];
}

bool is_indexed(const struct field *f)
{
    bool always = f->type->kind == TYPE_ID || field_is_link(f) || f == f->entity->stage;
    return f->column_count > 0 && (always || f->unique || f->indexed);
}

/* The parameter with the set before the change. */
static size_t since_of(struct compile *c)
{
    if (c->since == 0) {
        c->since = sql_keep(c->sql, value_int(c->who->since));
    }
    return c->since;
}

/* The value as of the set before; a record made since then had none. */
void put_was(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    const struct scope_row *own = scope_of(c, r, x->args[0]);
    size_t as_of = c->as_of;
    sql_printf(c->sql, "CASE WHEN t%d.created_cs<=?%zu THEN ", own->alias, since_of(c));
    c->as_of = since_of(c);
    put_field(c, own, x->args[0]->field);
    c->as_of = as_of;
    sql_add(c->sql, " END");
}

/* One seek for each column of the field; of a new record whether it is filled. */
void put_changed(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    const struct scope_row *own = scope_of(c, r, x->args[0]);
    const struct field *f = x->args[0]->field;
    sql_printf(c->sql, "CASE WHEN t%d.created_cs>?%zu THEN ", own->alias, since_of(c));
    put_column(c, own, value_column(f));
    sql_add(c->sql, " IS NOT NULL ELSE ");
    for (size_t i = 0; i < f->column_count; i++) {
        sql_printf(c->sql,
                   "%sEXISTS(SELECT 1 FROM change WHERE field=%lld AND record=t%d.id AND cs>?%zu)",
                   i == 0 ? "" : " OR ", (long long)f->columns[i].id, own->alias, since_of(c));
    }
    sql_add(c->sql, " END");
}
