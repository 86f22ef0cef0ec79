/*
 * Lists sorted by what a link points to: the company of contacts, or its city. To sort all contacts
 * the company of each would be looked up. Instead the targets lead, in the order of their own index,
 * and the link's index has the records of each; those in the trash, which have no such index and
 * are few, are merged in. Records without a target, or with one that has no value or is not seen, come
 * last in both directions: they are a second statement, read when the first has no more rows.
 *
 * Only where the reader sees many records: few are sorted as fast, and the walk could meet them late.
 * The rows and their order are the same either way, so the cursors are too.
 *
 * A list of what found("text") gives is decided here too: few hits lead, to be sorted; of many the
 * first are soon met along the index of titles. They are counted as they come, up to the limit.
 */
#include <stdio.h>

#include "base/str.h"
#include "model/field_type.h"
#include "store/query_private.h"

#define MANY    10000 /* as lists are counted: so the count is there already */
#define TARGETS 1000

static bool is_title(const struct field *f)
{
    return f->system && str_eq(f->name, "title");
}

/* The link that is followed and the field of its target (NULL: the title); false: no such order. */
static bool is_followed(const struct sort_key *key, const struct field **link,
                        const struct field **leaf)
{
    const struct field *f = key->field;
    const struct expr *x = key->by;
    *leaf = NULL;
    if (f != NULL) {
        *link = f;
        return f->type->sort == SORT_TITLE;
    }
    if (x->op != EXPR_FIELD || x->up != 0 || x->path_count != 1 || x->attribute != ATTR_NONE) {
        return false;
    }
    *link = x->path[0];
    *leaf = is_title(x->field) ? NULL : x->field;
    return *leaf == NULL || (has_key(x->field) && is_indexed(x->field));
}

/* Both have an index of their own. */
static bool is_linked(const struct field *link)
{
    return field_is_link(link) && !link->system && link->compute == NULL &&
           link->column_count > 0 && link->to != NULL && link->to->sql_table != NULL;
}

static int is_many(const struct query *q, const struct list_spec *spec, bool *many, struct err *e)
{
    int64_t count;
    return query_count(q->db, q->c.who, spec, MANY, &count, many, e);
}

/* Who sees a part of the records would pass all of those of a colleague or a team he sees none of:
 * it takes many targets, each with few records. */
static int does_pay(const struct query *q, const struct entity *to, bool *pays, struct err *e)
{
    const struct list_spec all = {.entity = q->spec->entity, .action = q->spec->action};
    const struct list_spec targets = {.entity = to, .action = ACTION_SEE};
    bool never;
    int64_t count;
    if (is_many(q, &all, pays, e) != 0) {
        return -1;
    }
    bool part = rights_of(&q->c, all.entity, all.action, &never) != NULL;
    return !*pays || !part ? 0
                           : query_count(q->db, q->c.who, &targets, TARGETS, &count, pays, e);
}

int query_lead(struct query *q, struct err *e)
{
    const struct list_spec *spec = q->spec;
    const struct field *link = NULL, *leaf = NULL;
    bool pays = false;
    bool plain = spec->sort_count > 0 && q->key_count > 0 && spec->limit > 0 &&
                 q->filter == NULL && q->c.as_of == 0 && query_life(spec) == LIFE_LIVING &&
                 spec->only == NULL && spec->among == NULL;
    if (!plain || !is_followed(&spec->sort[0], &link, &leaf) || !is_linked(link)) {
        return 0;
    }
    if (does_pay(q, link->to, &pays, e) != 0) {
        return -1;
    }
    if (!pays) {
        return 0;
    }
    q->lead = link;
    q->lead_value = q->keys[0].text;
    q->target = scope_new(&q->c, link->to, NULL);
    q->keys[0].nullable = false;
    if (leaf == NULL) {
        put_title_key(&q->c, &q->target);
    } else {
        put_key(&q->c, &q->target, leaf);
    }
    q->keys[0].text = sql_cut(&q->sql, 0);
    return 0;
}

void query_lead_rest(struct query *q)
{
    q->rest = true;
    q->after = NULL;
    q->keys[0].text = "NULL";
    q->keys[0].nullable = true;
}

/* "FROM company t1 CROSS JOIN contact t0 …": of living targets, or those in the trash. */
void query_from_lead(struct query *q, bool trash)
{
    char through[200];
    const struct scope_row *to = &q->target;
    snprintf(through, sizeof through, "%s t%d CROSS JOIN ", to->entity->sql_table, to->alias);
    records_from(&q->c, &q->row, through, LIFE_LIVING, q->spec->action);
    sql_add(&q->sql, " AND ");
    put_deleted_at(&q->c, to);
    sql_add(&q->sql, trash ? " IS NOT NULL" : " IS NULL");
    put_rights(&q->c, to, ACTION_SEE);
    sql_add(&q->sql, " AND ");
    put_column(&q->c, &q->row, value_column(q->lead));
    sql_printf(&q->sql, "=t%d.id AND %s IS NOT NULL", to->alias, q->keys[0].text);
    if (q->lead_from.kind != VALUE_NULL) { /* a range for the index; q->after says the rest */
        sql_printf(&q->sql, " AND %s%s", q->keys[0].text, q->keys[0].descending ? "<=" : ">=");
        sql_bind(&q->sql, q->lead_from);
    }
    if (q->after != NULL) {
        sql_add(&q->sql, " AND ");
        sql_add(&q->sql, q->after);
    }
}

/* ---- found ---- */

static bool is_found(const struct expr *x)
{
    return x != NULL && x->op == EXPR_CALL && x->function == FN_FOUND;
}

bool query_stream(struct query *q)
{
    size_t start = q->sql.text.size;
    if (!is_found(q->indexed) || q->spec->among != NULL ||
        !put_found_ids(&q->c, q->spec->entity, q->indexed)) {
        return false;
    }
    q->stream = arena_printf(q->arena, "(%s) f CROSS JOIN ", sql_cut(&q->sql, start));
    q->c.streamed = q->indexed;
    put_test(&q->c, &q->row, q->spec->filter, false);
    q->filter = sql_cut(&q->sql, start);
    return true;
}

int query_found(struct query *q, struct err *e)
{
    const struct list_spec *spec = q->spec;
    const struct list_spec all = {.entity = spec->entity, .action = spec->action};
    const struct expr *x = q->indexed;
    bool many = false;
    bool walks = q->key_count == 1 && q->keys[0].indexed && spec->limit > 0 &&
                 query_life(spec) == LIFE_LIVING && spec->only == NULL && spec->among == NULL;
    if (!is_found(x) || !walks) {
        return 0;
    }
    if (is_many(q, &all, &many, e) != 0 || (many && is_many(q, spec, &many, e) != 0)) {
        return -1;
    }
    if (!many) {
        return 0;
    }
    q->c.walked = x;
    put_test(&q->c, &q->row, spec->filter, false);
    q->filter = sql_cut(&q->sql, 0);
    if (!rights_arms(&q->c, spec->entity, spec->action, &q->rule)) {
        q->rule = NULL;
    }
    return 0;
}
