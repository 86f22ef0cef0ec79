/*
 * From record to record: links by dot, aggregates over the records that link here, rights that
 * follow from links. Every step goes through records_from, so what the reader may not see is not
 * there. See expr_sql.h.
 */
#include <stdio.h>

#include "base/attr.h"
#include "model/field_type.h"
#include "store/expr_sql.h"

const struct expr *rights_of(const struct compile *c, const struct entity *e, enum action action,
                             bool *never)
{
    const struct role *role = c->who->role;
    *never = false;
    if (role == NULL || c->trusted) {
        return NULL;
    }
    const struct entity_rights *rights = &role->rights[e->index];
    if (rights->visible[action] == NULL) {
        *never = true;
        return NULL;
    }
    bool shared = action == ACTION_SEE && c->who->shared && !c->strict;
    return rights->everything[action] ? NULL : shared ? rights->shared : rights->visible[action];
}

/* A rule about rights: of now, and trusted in what it looks at. */
static void put_rule(struct compile *c, const struct scope_row *r, const struct expr *rule)
{
    const struct scope_row own = {.entity = r->entity, .alias = r->alias};
    size_t as_of = c->as_of;
    bool trusted = c->trusted;
    c->as_of = 0;
    c->trusted = true;
    put_test(c, &own, rule, false);
    c->as_of = as_of;
    c->trusted = trusted;
}

void put_rights(struct compile *c, const struct scope_row *r, enum action action)
{
    bool never;
    const struct expr *rule = rights_of(c, r->entity, action, &never);
    if (never) {
        sql_add(c->sql, " AND 0");
    } else if (rule != NULL) {
        bool strict = c->strict;
        c->strict = strict || action != ACTION_SEE;
        sql_add(c->sql, " AND ");
        put_rule(c, r, rule);
        c->strict = strict;
    }
}

void records_from(struct compile *c, const struct scope_row *r, const char *through, enum life life,
                  enum action action)
{
    sql_printf(c->sql, " FROM %s%s t%d WHERE ", through, r->entity->sql_table, r->alias);
    put_life(c, r, life);
    put_rights(c, r, action);
}

/* `owner = me`, `team = my_team`: a column of the row equals what is known of the reader; or it is
 * one of the few records shared with him. */
bool rights_is_arm(const struct expr *x)
{
    if (x->op == EXPR_SHARED) {
        return true;
    }
    return x->op == EXPR_EQ && x->args[0]->op == EXPR_FIELD && x->args[0]->path_count == 0 &&
           is_indexed(x->args[0]->field) && x->args[1]->op == EXPR_CALL && is_row_free(x->args[1]);
}

bool rights_arms(const struct compile *c, const struct entity *e, enum action action,
                 const struct expr **rule)
{
    bool never;
    *rule = rights_of(c, e, action, &never);
    if (*rule == NULL || (*rule)->op != EXPR_OR || (*rule)->arg_count < 2) {
        return false;
    }
    for (size_t i = 0; i < (*rule)->arg_count; i++) {
        if (!rights_is_arm((*rule)->args[i])) {
            return false;
        }
    }
    return true;
}

void records_from_arm(struct compile *c, const struct scope_row *r, enum life life,
                      const struct expr *rule, size_t arm, bool apart)
{
    bool trusted = c->trusted;
    sql_printf(c->sql, " FROM %s t%d WHERE ", r->entity->sql_table, r->alias);
    put_life(c, r, life);
    c->trusted = true;
    for (size_t i = apart ? 0 : arm; i <= arm; i++) {
        sql_add(c->sql, i < arm ? " AND NOT " : " AND ");
        put_test(c, r, rule->args[i], i < arm);
    }
    c->trusted = trusted;
}

bool is_restricted(const struct compile *c, const struct entity *target)
{
    bool never;
    return target != NULL && (rights_of(c, target, ACTION_SEE, &never) != NULL || never);
}

void put_target_seen(struct compile *c, const struct scope_row *r, const struct field *link)
{
    if (!is_restricted(c, link->to)) {
        return;
    }
    struct scope_row to = scope_new(c, link->to, NULL);
    sql_printf(c->sql, " AND EXISTS(SELECT 1");
    records_from(c, &to, "", LIFE_ANY, ACTION_SEE);
    sql_printf(c->sql, " AND t%d.id=", to.alias);
    put_column(c, r, value_column(link));
    sql_add(c->sql, ")");
}

const struct scope_row *scope_of(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    for (int i = 0; i < x->up; i++) {
        if (r->up == NULL) {
            compile_fail(c, "the expression refers to a record that is not there");
            return r;
        }
        r = r->up;
    }
    return r;
}

static void put_step(struct compile *c, const struct scope_row *r, const struct expr *x,
                     size_t step, put_leaf *leaf)
{
    if (step == x->path_count) {
        leaf(c, r, x);
        return;
    }
    const struct field *link = x->path[step];
    struct scope_row to = scope_new(c, link->to, NULL);
    sql_add(c->sql, "(SELECT ");
    put_step(c, &to, x, step + 1, leaf);
    records_from(c, &to, "", LIFE_ANY, ACTION_SEE);
    sql_printf(c->sql, " AND t%d.id=", to.alias);
    if (link->compute != NULL && !link->stored) {
        put_field(c, r, link);
    } else {
        put_column(c, r, value_column(link));
    }
    sql_add(c->sql, ")");
}

void put_path(struct compile *c, const struct scope_row *r, const struct expr *x, put_leaf *leaf)
{
    put_step(c, r, x, 0, leaf);
}

static void put_id(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    (void)x;
    sql_printf(c->sql, "t%d.id", r->alias);
}

static void put_measure(struct compile *c, const struct scope_row *child, const struct expr *x)
{
    switch (x->function) {
    case FN_SUM:
        sql_add(c->sql, "ksum(");
        put_value(c, child, x->measure);
        sql_add(c->sql, ")");
        break;
    case FN_AVG:
        sql_add(c->sql, "kdiv(ksum(");
        put_value(c, child, x->measure);
        sql_add(c->sql, "),count(");
        put_value(c, child, x->measure);
        sql_add(c->sql, "),0)");
        break;
    case FN_MIN:
    case FN_MAX:
        sql_add(c->sql, x->function == FN_MIN ? "min(" : "max(");
        put_value(c, child, x->measure);
        sql_add(c->sql, ")");
        break;
    default:
        sql_add(c->sql, "count(*)");
    }
}

/* The record whose children are meant. */
static void put_parent(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    put_path(c, scope_of(c, r, x), x, put_id);
}

/* Does the list of ids in a value hold the parent? */
static void put_holds(struct compile *c, const struct scope_row *r, const struct expr *x,
                      const char *list)
{
    int alias = c->aliases++;
    sql_printf(c->sql,
               "EXISTS(SELECT 1 FROM json_each(coalesce(%s,'[]')) t%d WHERE t%d.value=", list,
               alias, alias);
    put_parent(c, r, x);
    sql_add(c->sql, ")");
}

/* Candidates by their present link, in the two parts that have indexes: living, in the trash. */
static void put_linking(struct compile *c, const struct scope_row *r, const struct expr *x,
                        const char *part)
{
    sql_printf(c->sql, "id FROM %s WHERE deleted_at %s AND %s=", x->relation->from->sql_table, part,
               value_column(x->relation->by)->sql_name);
    put_parent(c, r, x);
}

/*
 * Children as of a set: those that link here now and those whose link changed since, each tested by
 * its link of then. The changes of one field since N are few compared with its records.
 */
static void put_children_as_of(struct compile *c, const struct scope_row *r, const struct expr *x,
                               const struct scope_row *child)
{
    const struct field *by = x->relation->by;
    const struct column *column = value_column(by);
    bool many = field_is_records(by);
    sql_printf(c->sql, " AND t%d.id IN (SELECT ", child->alias);
    if (many) {
        sql_printf(c->sql, "record FROM ref WHERE field=%lld AND target=", (long long)column->id);
        put_parent(c, r, x);
    } else {
        put_linking(c, r, x, "IS NULL");
        sql_add(c->sql, " UNION ALL SELECT ");
        put_linking(c, r, x, "IS NOT NULL");
    }
    sql_printf(c->sql, " UNION SELECT record FROM change WHERE field=%lld AND cs>?%zu AND ",
               (long long)column->id, c->as_of);
    if (many) {
        put_holds(c, r, x, "before");
    } else {
        sql_add(c->sql, "before=");
        put_parent(c, r, x);
    }
    sql_add(c->sql, ") AND ");
    size_t start = c->sql->text.size;
    put_column(c, child, column);
    if (many) {
        put_holds(c, r, x, sql_cut(c->sql, start));
    } else {
        sql_add(c->sql, "=");
        put_parent(c, r, x);
    }
}

static void put_children_now(struct compile *c, const struct scope_row *r, const struct expr *x,
                             const struct scope_row *child)
{
    const struct field *by = x->relation->by;
    if (field_is_records(by)) {
        sql_printf(c->sql,
                   " AND t%d.id=r%d.record AND r%d.field=%lld AND r%d.target=", child->alias,
                   child->alias, child->alias, (long long)by->columns[0].id, child->alias);
    } else {
        sql_printf(c->sql, " AND t%d.%s=", child->alias, value_column(by)->sql_name);
    }
    put_parent(c, r, x);
}

void put_aggregate(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    const struct field *by = x->relation->by;
    if (by->column_count == 0) {
        compile_fail(c, "the expression counts records by a computed link");
        return;
    }
    struct scope_row child = scope_new(c, x->relation->from, r);
    char through[48] = "";
    if (field_is_records(by) && c->as_of == 0) {
        snprintf(through, sizeof(through), "ref r%d CROSS JOIN ", child.alias);
    }
    sql_add(c->sql, "(SELECT ");
    put_measure(c, &child, x);
    records_from(c, &child, through, LIFE_LIVING, ACTION_SEE);
    if (c->as_of == 0) {
        put_children_now(c, r, x, &child);
    } else {
        put_children_as_of(c, r, x, &child);
    }
    if (x->where != NULL) {
        sql_add(c->sql, " AND ");
        put_test(c, &child, x->where, false);
    }
    sql_add(c->sql, ")");
}

/* Rows of ref whose target may be seen: "(r.target_entity=5 AND EXISTS(…)) OR r.target_entity IN
 * (…)". asked: a condition names the target, so that what everybody may see counts, too (people). */
static void put_ref_seen(struct compile *c, int alias, bool asked)
{
    const struct model *m = c->who->model;
    const char *word = "(";
    for (size_t i = 0; i < m->entity_count; i++) {
        const struct entity *e = m->entities[i];
        bool never;
        const struct expr *rule = rights_of(c, e, ACTION_SEE, &never);
        if (never || (!e->timeline && (!asked || rule != NULL))) {
            continue; /* only entities with a timeline give rights: notes among themselves would
                         turn in circles */
        }
        sql_printf(c->sql, "%sr%d.target_entity=%lld", word, alias, (long long)e->id);
        word = " OR ";
        if (rule != NULL) {
            struct scope_row to = scope_new(c, e, NULL);
            sql_add(c->sql, " AND EXISTS(SELECT 1");
            records_from(c, &to, "", LIFE_ANY, ACTION_SEE);
            sql_printf(c->sql, " AND t%d.id=r%d.target)", to.alias, alias);
        }
    }
    sql_add(c->sql, *word == '(' ? "0" : ")");
}

static void put_ref_head(struct compile *c, const struct scope_row *r, const struct field *f,
                         int alias)
{
    sql_printf(c->sql, "EXISTS(SELECT 1 FROM ref r%d WHERE r%d.record=t%d.id AND r%d.field=%lld",
               alias, alias, r->alias, alias, (long long)f->columns[0].id);
}

/* " AND EXISTS(the record of this id may be seen)": where no row of ref stands for the link. */
static void put_doc_seen(struct compile *c, const struct scope_row *r, const struct expr *id)
{
    int alias = c->aliases++;
    sql_add(c->sql,
            " AND EXISTS(SELECT 1 FROM (SELECT id target,entity target_entity FROM doc WHERE id=");
    put_value(c, r, id);
    sql_printf(c->sql, ") r%d WHERE ", alias);
    put_ref_seen(c, alias, true);
    sql_add(c->sql, ")");
}

/* A set of records found from the target's side: a timeline starts from its record, not from all
 * notes. */
void put_ref_test(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    const struct expr *list = x->args[0];
    if (c->as_of != 0 || list->path_count > 0) {
        int each = c->aliases++;
        sql_add(c->sql, "EXISTS(SELECT 1 FROM json_each(coalesce(nullif(");
        put_value(c, r, list);
        sql_printf(c->sql, ",''),'[]')) t%d WHERE t%d.value=", each, each);
        put_value(c, r, x->args[1]);
        if (c->who->role != NULL && !c->trusted) {
            put_doc_seen(c, r, x->args[1]);
        }
        sql_add(c->sql, ")");
        return;
    }
    int alias = c->aliases++;
    sql_printf(c->sql,
               "t%d.id IN (SELECT r%d.record FROM ref r%d WHERE r%d.field=%lld AND r%d.target%s",
               scope_of(c, r, list)->alias, alias, alias, alias,
               (long long)list->field->columns[0].id, alias, x->arg_count > 2 ? " IN (" : "=");
    for (size_t i = 1; i < x->arg_count; i++) {
        sql_add(c->sql, i > 1 ? "," : "");
        put_value(c, r, x->args[i]);
    }
    sql_add(c->sql, x->arg_count > 2 ? ")" : "");
    if (c->who->role != NULL && !c->trusted && !x->seen) {
        sql_add(c->sql, " AND ");
        put_ref_seen(c, alias, true);
    }
    sql_add(c->sql, ")");
}

/* Rights by a list of links to any records. */
static void put_visible_refs(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    int alias = c->aliases++;
    sql_add(c->sql, x->all ? "NOT " : "");
    put_ref_head(c, r, x->args[0]->field, alias);
    sql_add(c->sql, x->all ? " AND NOT " : " AND ");
    put_ref_seen(c, alias, false);
    sql_add(c->sql, ")");
}

static void put_visible_link(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    const struct field *link = x->args[0]->field;
    sql_printf(c->sql, "(t%d.%s IS%s NULL", r->alias, value_column(link)->sql_name,
               x->all ? "" : " NOT");
    if (!is_restricted(c, link->to)) {
        sql_add(c->sql, x->all ? " OR 1)" : ")");
        return;
    }
    struct scope_row to = scope_new(c, link->to, NULL);
    sql_add(c->sql, x->all ? " OR EXISTS(SELECT 1" : " AND EXISTS(SELECT 1");
    records_from(c, &to, "", LIFE_ANY, ACTION_SEE);
    sql_printf(c->sql, " AND t%d.id=t%d.%s))", to.alias, r->alias, value_column(link)->sql_name);
}

int put_shared_ids(struct compile *c)
{
    static const struct expr ME = {.op = EXPR_CALL, .function = FN_ME},
                             TODAY = {.op = EXPR_CALL, .function = FN_TODAY};
    const struct sharing *s = &c->who->model->sharing;
    const char *until = s->until->columns[0].sql_name;
    int share = c->aliases++, ref = c->aliases++;
    sql_printf(c->sql,
               "SELECT t%d.target FROM %s t%d CROSS JOIN ref t%d ON t%d.record=t%d.id"
               " AND t%d.field=%lld WHERE t%d.deleted_at IS NULL AND t%d.%s=",
               ref, s->entity->sql_table, share, ref, ref, share, ref,
               (long long)s->records->columns[0].id, share, share, s->user->columns[0].sql_name);
    put_call(c, NULL, &ME);
    sql_printf(c->sql, " AND (t%d.%s IS NULL OR t%d.%s>=", share, until, share, until);
    put_call(c, NULL, &TODAY);
    sql_add(c->sql, ")");
    return ref;
}

void put_shared(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    (void)x;
    sql_printf(c->sql, "t%d.id IN (", r->alias);
    put_shared_ids(c);
    sql_add(c->sql, ")");
}

/* Rights that follow from links: here the rules of the targets count again. */
void put_visible(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    bool trusted = c->trusted;
    size_t as_of = c->as_of;
    if (++c->depth > COMPILE_DEPTH_MAX) {
        compile_fail(c, "the rights of these records depend on each other");
        return;
    }
    c->trusted = false;
    c->as_of = 0;
    if (field_is_records(x->args[0]->field)) {
        put_visible_refs(c, r, x);
    } else {
        put_visible_link(c, r, x);
    }
    c->trusted = trusted;
    c->as_of = as_of;
    c->depth--;
}

/* Downwards along the index of the link upwards, from a record the reader sees; UNION meets every
 * record once, so a ring that an older version let in ends too. */
void put_within(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    const struct field *up = x->args[0]->type.entity->tree;
    int walk = c->aliases++;
    struct scope_row top = scope_new(c, up->entity, NULL), below = scope_new(c, up->entity, NULL);
    put_value(c, r, x->args[0]);
    sql_printf(c->sql, " IN (WITH RECURSIVE w%d(id) AS (SELECT t%d.id", walk, top.alias);
    records_from(c, &top, "", LIFE_LIVING, ACTION_SEE);
    sql_printf(c->sql, " AND t%d.id=", top.alias);
    sql_bind(c->sql, x->args[1]->value);
    sql_printf(c->sql, " UNION SELECT t%d.id", below.alias);
    records_from(c, &below, arena_printf(c->sql->arena, "w%d CROSS JOIN ", walk), LIFE_LIVING,
                 ACTION_SEE);
    sql_add(c->sql, " AND ");
    put_column(c, &below, up->columns);
    sql_printf(c->sql, "=w%d.id) SELECT id FROM w%d)", walk, walk);
}

/* " AND t3.due=t1.due": the same column of two rows. */
static void put_both(struct compile *c, const struct scope_row *x, const char *sign,
                     const struct scope_row *y, const struct field *f)
{
    put_column(c, x, value_column(f));
    sql_add(c->sql, sign);
    put_column(c, y, value_column(f));
}

/* " AND (earlier, or at the same time and of a smaller id)" */
static void put_before(struct compile *c, const struct scope_row *first, const struct scope_row *r,
                       const struct field *due)
{
    sql_add(c->sql, " AND (");
    put_both(c, first, "<", r, due);
    sql_add(c->sql, " OR (");
    put_both(c, first, "=", r, due);
    sql_printf(c->sql, " AND t%d.id<t%d.id))", first->alias, r->alias);
}

/* Looked up along the index of the link: the unary plus keeps the planner from that of what is open. */
static void put_earlier(struct compile *c, const struct scope_row *r, const struct expr *x,
                        const struct expr *from_today)
{
    const struct field *link = x->args[0]->field, *owner = r->entity->owner;
    struct scope_row first = scope_new(c, r->entity, NULL);
    sql_add(c->sql, "EXISTS(SELECT 1");
    records_from(c, &first, "", LIFE_LIVING, ACTION_SEE);
    sql_add(c->sql, " AND ");
    put_both(c, &first, "=", r, link);
    if (owner != NULL) {
        sql_add(c->sql, " AND +");
        put_both(c, &first, " IS ", r, owner);
    }
    sql_add(c->sql, " AND +");
    put_column(c, &first, value_column(x->args[2]->field));
    sql_add(c->sql, " IS NULL AND ");
    put_test(c, &first, from_today, false);
    put_before(c, &first, r, x->args[1]->field);
    sql_add(c->sql, ")");
}

void put_next_of(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    static const struct expr TODAY = {
        .op = EXPR_CALL, .function = FN_TODAY, .type = {.kind = KIND_DATE}};
    const struct scope_row *own = scope_of(c, r, x->args[0]);
    struct expr due = *x->args[1];
    due.up = 0;
    const struct expr *args[] = {&due, &TODAY};
    const struct expr from_today = {
        .op = EXPR_GE, .args = args, .arg_count = COUNT(args), .type = {.kind = KIND_BOOL}};
    struct expr up_to_today = from_today;
    up_to_today.op = EXPR_LE;
    sql_add(c->sql, "(");
    put_column(c, own, value_column(x->args[0]->field));
    sql_add(c->sql, " IS NULL OR ");
    put_column(c, own, value_column(due.field));
    sql_add(c->sql, " IS NULL OR ");
    put_test(c, own, &up_to_today, true);
    sql_add(c->sql, " OR NOT ");
    put_earlier(c, own, x, &from_today);
    sql_add(c->sql, ")");
}
