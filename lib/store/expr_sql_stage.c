/*
 * What the pipeline says about a stage: stage.kind, stage.label, stage.percent … The tables know
 * only the stage's key, so the model's answer is written into the statement: `stage.kind = "open"`
 * becomes `stage IN (…)`, which an index serves. Where two pipelines of an entity say different
 * things about the same key, the record's pipeline decides. See expr_sql.h.
 */
#include "base/str.h"
#include "model/field_type.h"
#include "store/expr_sql.h"

static const char *const KINDS[] = {
    [STAGE_OPEN] = "open", [STAGE_WON] = "won", [STAGE_LOST] = "lost"};

bool is_stage_attribute(const struct expr *x)
{
    return x->op == EXPR_FIELD &&
           (x->attribute == ATTR_STAGE_KIND || x->attribute == ATTR_STAGE_LABEL ||
            x->attribute == ATTR_STAGE_PERCENT || x->attribute == ATTR_STAGE_FORECAST);
}

static struct value attribute_of(const struct stage *s, enum expr_attribute attribute)
{
    switch (attribute) {
    case ATTR_STAGE_KIND:
        return value_text(KINDS[s->kind]);
    case ATTR_STAGE_LABEL:
        return value_text(s->label);
    case ATTR_STAGE_FORECAST:
        return value_text(FORECASTS[s->forecast]);
    default:
        return value_int(s->percent);
    }
}

/* Pipelines of the field's entity, in the model's order. */
static const struct pipeline *next_pipeline(const struct compile *c, const struct field *f,
                                            size_t *i)
{
    const struct model *m = c->who->model;
    while (*i < m->pipeline_count) {
        const struct pipeline *p = &m->pipelines[(*i)++];
        if (p->entity == f->entity) {
            return p;
        }
    }
    return NULL;
}

/* Does every pipeline that has a stage of this key say the same about it? */
static bool agrees(const struct compile *c, const struct expr *x, const struct stage *s)
{
    size_t i = 0;
    for (const struct pipeline *p; (p = next_pipeline(c, x->field, &i)) != NULL;) {
        const struct stage *other = pipeline_stage_find(p, s->id);
        if (other &&
            !value_equal(attribute_of(other, x->attribute), attribute_of(s, x->attribute))) {
            return false;
        }
    }
    return true;
}

static bool all_agree(const struct compile *c, const struct expr *x)
{
    size_t i = 0;
    for (const struct pipeline *p; (p = next_pipeline(c, x->field, &i)) != NULL;) {
        for (size_t k = 0; k < p->stage_count; k++) {
            if (!agrees(c, x, &p->stages[k])) {
                return false;
            }
        }
    }
    return true;
}

static void put_stage(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    put_column(c, r, value_column(x->field));
}

static void put_stages_of(struct compile *c, const struct scope_row *r, const struct expr *x,
                          const struct pipeline *p)
{
    sql_add(c->sql, "CASE ");
    put_stage(c, r, x);
    for (size_t k = 0; k < p->stage_count; k++) {
        sql_add(c->sql, " WHEN ");
        sql_bind(c->sql, value_text(p->stages[k].id));
        sql_add(c->sql, " THEN ");
        sql_bind(c->sql, attribute_of(&p->stages[k], x->attribute));
    }
    sql_add(c->sql, " END");
}

void put_stage_value(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    size_t i = 0;
    const struct pipeline *p = next_pipeline(c, x->field, &i);
    if (p == NULL) {
        sql_add(c->sql, "NULL");
        return;
    }
    if (r->entity->pipeline == NULL) {
        put_stages_of(c, r, x, p);
        return;
    }
    sql_add(c->sql, "CASE ");
    put_column(c, r, value_column(r->entity->pipeline));
    for (; p != NULL; p = next_pipeline(c, x->field, &i)) {
        sql_add(c->sql, " WHEN ");
        sql_bind(c->sql, value_text(p->id));
        sql_add(c->sql, " THEN ");
        put_stages_of(c, r, x, p);
    }
    sql_add(c->sql, " END");
}

/* Is the stage's answer among the values compared with? */
static bool is_wanted(const struct expr *x, const struct stage *s)
{
    struct value have = attribute_of(s, x->args[0]->attribute);
    for (size_t i = 1; i < x->arg_count; i++) {
        const struct expr *literal = x->args[i];
        struct value want = literal->value;
        for (int places = literal->type.places; want.kind == VALUE_INT && places > 0; places--) {
            if (want.i % 10 != 0) {
                want = value_null();
                break;
            }
            want.i /= 10;
        }
        if (value_equal(have, want)) {
            return true;
        }
    }
    return false;
}

/* Stages of one pipeline, or of all, that are wanted: "?1,?2"; NULL if there is none. */
static void put_wanted(struct compile *c, const struct expr *x)
{
    size_t i = 0;
    bool any = false;
    for (const struct pipeline *p; (p = next_pipeline(c, x->args[0]->field, &i)) != NULL;) {
        for (size_t k = 0; k < p->stage_count; k++) {
            if (is_wanted(x, &p->stages[k])) {
                sql_add(c->sql, any ? "," : "");
                sql_bind(c->sql, value_text(p->stages[k].id));
                any = true;
            }
        }
    }
    sql_add(c->sql, any ? "" : "NULL");
}

bool put_stage_test(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    const struct expr *stage = x->args[0];
    if (x->op != EXPR_EQ && x->op != EXPR_NE && x->op != EXPR_IN) {
        return false;
    }
    for (size_t i = 1; i < x->arg_count; i++) {
        if (x->args[i]->op != EXPR_LITERAL) {
            return false;
        }
    }
    if (!all_agree(c, stage)) {
        return false;
    }
    sql_add(c->sql, x->op == EXPR_NE ? "((" : "");
    put_path(c, scope_of(c, r, stage), stage, put_stage);
    sql_add(c->sql, " IN (");
    put_wanted(c, x);
    sql_add(c->sql, x->op == EXPR_NE ? ")) IS NOT TRUE)" : ")");
    return true;
}
