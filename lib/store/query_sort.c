/*
 * The order of a list and the way to it. Texts are sorted by their folded key, links by the title
 * of their target, choices and stages in the order of the model; empty values come last in both
 * directions; the id decides among equals.
 */
#include "base/str.h"
#include "model/field_type.h"
#include "store/query_private.h"

#define OPTIONS_MAX 200

static void put_option(struct query *q, const char *id, size_t position)
{
    sql_add(&q->sql, " WHEN ");
    sql_bind(&q->sql, value_text(id));
    sql_printf(&q->sql, " THEN %zu", position);
}

static void put_option_order(struct query *q, const struct field *f)
{
    size_t start = q->sql.text.size, n = 0;
    sql_add(&q->sql, "CASE ");
    put_field(&q->c, &q->row, f);
    struct option option;
    while (n < OPTIONS_MAX && field_option(q->c.who->model, f, n, &option)) {
        put_option(q, option.id, n++);
    }
    sql_add(&q->sql, " END");
    if (n == 0) {
        sql_cut(&q->sql, start);
        put_field(&q->c, &q->row, f);
    }
}

static void put_title_leaf(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    (void)x;
    put_title_key(c, r);
}

/* Sorted by what is read: the title of the target. */
static void put_link_key(struct query *q, const struct field *f)
{
    const struct expr walk = {.op = EXPR_FIELD, .path = &f, .path_count = 1};
    put_path(&q->c, &q->row, &walk, put_title_leaf);
}

static void put_folded(struct query *q, const struct field *f)
{
    sql_add(&q->sql, "nullif(kfold(");
    put_field(&q->c, &q->row, f);
    sql_add(&q->sql, "),'')");
}

static void put_field_key(struct query *q, const struct field *f)
{
    bool stored = f->column_count > 0;
    if (f->system && str_eq(f->name, "title")) {
        put_title_key(&q->c, &q->row);
    } else if (f->type->sort == SORT_TITLE && stored && f->to != NULL) {
        put_link_key(q, f);
    } else if (f->type->sort == SORT_OPTIONS && stored) {
        put_option_order(q, f);
    } else if (has_key(f) && q->c.as_of == 0) {
        put_key(&q->c, &q->row, f);
    } else if (f->type->sort == SORT_FOLDED) {
        put_folded(q, f);
    } else {
        put_field(&q->c, &q->row, f);
    }
}

static void put_key_leaf(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    if (x->field->system) {
        put_title_key(c, r);
    } else {
        put_key(c, r, x->field);
    }
}

static void put_expr_key(struct query *q, const struct expr *x)
{
    bool way = x->op == EXPR_FIELD && x->path_count > 0 && x->up == 0 && q->c.as_of == 0;
    if (way && ((x->field->system && str_eq(x->field->name, "title")) || has_key(x->field))) {
        put_path(&q->c, &q->row, x, put_key_leaf); /* folded already */
        return;
    }
    bool text = x->type.kind == KIND_TEXT;
    sql_add(&q->sql, text ? "nullif(kfold(" : "");
    put_result(&q->c, &q->row, x);
    sql_add(&q->sql, text ? "),'')" : "");
}

/* System fields have a value in every row, but for the trash. */
static bool is_nullable(const struct sort_key *key)
{
    return key->field == NULL || !key->field->system || str_eq(key->field->name, "deleted_at") ||
           field_is_link(key->field);
}

/* Ids and times of creation both only grow: the last key may be the id instead, which needs no
 * index. */
static bool is_id_order(const struct list_spec *spec, size_t i)
{
    const struct field *f = spec->sort[i].field;
    return f != NULL && f->system &&
           (f->type->kind == TYPE_ID ||
            (str_eq(f->name, "created_at") && i + 1 == spec->sort_count));
}

static void add_key(struct query *q, const struct sort_key *key)
{
    struct query_key *out = &q->keys[q->key_count++];
    if (key->field != NULL) {
        put_field_key(q, key->field);
    } else {
        put_expr_key(q, key->by);
    }
    out->text = sql_cut(&q->sql, 0);
    out->descending = key->descending;
    out->nullable = is_nullable(key);
    out->indexed = key->field != NULL && key->field->system && str_eq(key->field->name, "title");
}

/* An index of a field goes on with the title: so does a list that is sorted by it alone, also one of
 * the past, which has no index but shall show the same order. */
static void follow_index(struct query *q)
{
    const struct list_spec *spec = q->spec;
    const struct field *f = spec->sort_count == 1 ? spec->sort[0].field : NULL;
    const struct field *title = entity_field_find(spec->entity, "title");
    bool plain = f != NULL && f->indexed && !f->unique && f->to == NULL && f->option_count == 0;
    if (plain && title != NULL && q->key_count == 1) {
        add_key(q, &(struct sort_key){.field = title, .descending = spec->sort[0].descending});
    }
}

int query_sort(struct query *q, struct err *e)
{
    const struct list_spec *spec = q->spec;
    if (spec->sort_count > SORTS_MAX) {
        return err_fail(e, ERR_MALFORMED, "", "a list can be sorted by at most %d fields",
                        SORTS_MAX);
    }
    for (size_t i = 0; i < spec->sort_count; i++) {
        q->id_descending = spec->sort[i].descending;
        if (is_id_order(spec, i)) {
            return 0; /* nothing behind the id can matter */
        }
        add_key(q, &spec->sort[i]);
    }
    follow_index(q);
    return 0;
}

/* Reading in the order of an index is right when most rows fit; with a filter no index serves, all
 * rows are looked at anyway, and then in the order of the table. */
void query_decide(struct query *q)
{
    const struct list_spec *spec = q->spec;
    bool by_title = q->key_count == 1 && q->keys[0].indexed && q->c.as_of == 0;
    const struct expr *rule;
    if (q->indexed != NULL || spec->only != NULL || spec->among != NULL) {
        return;
    }
    if (by_title && spec->limit > 0 && query_life(spec) == LIFE_LIVING &&
        rights_arms(&q->c, spec->entity, spec->action, &rule)) {
        q->rule = rule;
        return;
    }
    q->scans = q->filter != NULL;
    if (q->scans && by_title &&
        rights_of(&q->c, spec->entity, spec->action, &(bool){false}) == NULL) {
        q->keys[0].text = arena_printf(q->arena, "+%s", q->keys[0].text);
    }
}
