/*
 * Notes and activities of who sees few records: their rights follow from what they point to, and the
 * newest of a million would be tried one after the other until fifty point to one of his. So the
 * records he sees lead, over the index of links to them, beside what he owns. The set holds all that
 * his rights could let through (no record ever leaves its table); the rights themselves are still
 * tested. Of many notes they are counted like that for whoever sees more, as they come, up to the
 * limit. See query.h.
 */
#include "model/field_type.h"
#include "store/query_private.h"

#define FEW 1000 /* records of a kind */

/* "owner = me or visible(links)": the set follows from the parts. */
static bool is_gathered(const struct expr *rule)
{
    if (rule->op != EXPR_OR) {
        return rights_is_arm(rule) || (rule->op == EXPR_VISIBLE && !rule->all &&
                                       field_is_records(rule->args[0]->field));
    }
    for (size_t i = 0; i < rule->arg_count; i++) {
        if (!is_gathered(rule->args[i])) {
            return false;
        }
    }
    return true;
}

static bool points(const struct expr *rule)
{
    bool any = rule->op == EXPR_VISIBLE;
    for (size_t i = 0; rule->op == EXPR_OR && i < rule->arg_count; i++) {
        any = any || points(rule->args[i]);
    }
    return any;
}

/* Kinds of records that give rights to what points to them, as in put_visible. */
static bool gives_rights(const struct compile *c, const struct entity *e)
{
    bool never;
    rights_of(c, e, ACTION_SEE, &never);
    return e->timeline && !never;
}

static int sees_few(const struct query *q, bool *few, struct err *e)
{
    const struct model *m = q->c.who->model;
    bool more = false;
    for (size_t i = 0; i < m->entity_count && !more; i++) {
        const struct list_spec all = {.entity = m->entities[i], .action = ACTION_SEE};
        int64_t count;
        if (gives_rights(&q->c, all.entity) &&
            query_count(q->db, q->c.who, &all, FEW, &count, &more, e) != 0) {
            return -1;
        }
    }
    *few = !more;
    return 0;
}

static void put_pointing(struct query *q, const struct entity *to, const struct field *f, bool trash)
{
    struct compile *c = &q->c;
    struct scope_row t = scope_new(c, to, NULL);
    sql_printf(c->sql, " UNION ALL SELECT r%d.record FROM %s t%d CROSS JOIN ref r%d WHERE ", t.alias,
               to->sql_table, t.alias, t.alias);
    put_deleted_at(c, &t);
    sql_add(c->sql, trash ? " IS NOT NULL" : " IS NULL");
    put_rights(c, &t, ACTION_SEE);
    sql_printf(c->sql, " AND r%d.target=t%d.id AND r%d.field=%lld", t.alias, t.alias,
               t.alias, (long long)f->columns[0].id);
}

/* Each part as " UNION ALL SELECT …". */
static void put_gathered(struct query *q, const struct expr *rule)
{
    const struct model *m = q->c.who->model;
    for (size_t i = 0; rule->op == EXPR_OR && i < rule->arg_count; i++) {
        put_gathered(q, rule->args[i]);
    }
    for (size_t i = 0; rule->op == EXPR_VISIBLE && i < m->entity_count; i++) {
        if (gives_rights(&q->c, m->entities[i])) {
            put_pointing(q, m->entities[i], rule->args[0]->field, false);
            put_pointing(q, m->entities[i], rule->args[0]->field, true);
        }
    }
    if (rights_is_arm(rule)) {
        struct scope_row own = scope_new(&q->c, q->spec->entity, NULL);
        sql_printf(&q->sql, " UNION ALL SELECT t%d.id", own.alias);
        q->c.trusted = true;
        records_from(&q->c, &own, "", LIFE_LIVING, ACTION_SEE);
        sql_add(&q->sql, " AND ");
        put_test(&q->c, &own, rule, false);
        q->c.trusted = false;
    }
}

/* What the rights let through, as "SELECT … UNION ALL …": a record perhaps twice. */
static const char *gathered(struct query *q, const struct expr *rule)
{
    size_t start = q->sql.text.size;
    sql_add(&q->sql, "SELECT NULL id");
    put_gathered(q, rule);
    return sql_cut(&q->sql, start);
}

int query_few(struct query *q, struct err *e)
{
    const struct list_spec *spec = q->spec;
    bool never, few = false;
    const struct expr *rule = rights_of(&q->c, spec->entity, spec->action, &never);
    bool served = q->indexed != NULL && q->indexed->op != EXPR_CALL; /* found() may find many */
    if (rule == NULL || spec->action != ACTION_SEE || served || spec->only != NULL ||
        spec->among != NULL || q->c.as_of != 0 || query_life(spec) != LIFE_LIVING ||
        !points(rule) || !is_gathered(rule)) {
        return 0;
    }
    if (sees_few(q, &few, e) != 0) {
        return -1;
    }
    if (few) {
        q->few = arena_printf(q->arena, " AND t%d.id IN (%s)", q->row.alias, gathered(q, rule));
    } else {
        q->pointing = rule;
    }
    return 0;
}

int query_pointing(struct query *q, bool *twice, struct err *e)
{
    const struct who system = {.model = q->c.who->model, .now_ms = q->c.who->now_ms};
    const struct list_spec every = {.entity = q->spec->entity, .action = ACTION_SEE};
    bool big = false;
    int64_t count;
    if (q->pointing == NULL || q->stream != NULL) {
        return 0;
    }
    if (query_count(q->db, &system, &every, BIG_TABLE, &count, &big, e) != 0) {
        return -1;
    }
    if (big) {
        q->stream = arena_printf(q->arena, "(%s) f CROSS JOIN ", gathered(q, q->pointing));
        q->few = arena_printf(q->arena, " AND t%d.id=f.id", q->row.alias);
        *twice = true;
    }
    return 0;
}
