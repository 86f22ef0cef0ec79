/*
 * Boards: the stages of a pipeline with how many records stand in each, what they are worth and
 * what that is worth weighted by their chance. Totals come from the database for the whole filter;
 * the cards are an ordinary list.
 */
#include <string.h>

#include "core/build.h"
#include "core/parts.h"

#define STAGES_MAX 200

struct board {
    struct ctx *c;
    const struct pipeline *pipeline;
    const struct field *amount;     /* NULL: the entity has none the actor sees */
    const struct expr *measures[2]; /* amount, the share of it */
    size_t measure_count;
    struct group_row *groups;
    size_t group_count;
};

static const struct field *first_of(const struct ctx *c, const struct entity *e,
                                    enum type_kind kind)
{
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        if (f->type->kind == kind && f->column_count > 0 && access_sees(c, f)) {
            return f;
        }
    }
    return NULL;
}

const struct field *board_measures(struct ctx *c, const struct entity *e,
                                   const struct expr *out[2])
{
    const struct field *amount = first_of(c, e, TYPE_MONEY);
    if (amount == NULL) {
        return NULL;
    }
    /* Weighted by each record's own percent, or by the stage's when the records have none. */
    const struct field *percent = first_of(c, e, TYPE_PERCENT);
    out[0] = build_field(c->arena, amount);
    out[1] = build_share(c->arena, out[0],
                         percent != NULL ? build_field(c->arena, percent)
                                         : build_stage_percent(c->arena, e->stage));
    return amount;
}

static const struct group_row *group_find(const struct board *b, const struct stage *s)
{
    for (size_t i = 0; i < b->group_count; i++) {
        const struct value key = b->groups[i].key;
        if (key.kind == VALUE_TEXT && strcmp(key.s, s->id) == 0) {
            return &b->groups[i];
        }
    }
    return NULL;
}

static void print_money(const struct board *b, struct json_writer *w, const char *key,
                        const struct group_row *g, size_t measure)
{
    struct buf text = {0};
    print_sum(b->c, &text, g != NULL ? g->sums[measure] : value_int(0));
    jw_key(w, key);
    jw_object(w);
    jw_kv_text(w, "value", buf_text(&text));
    jw_kv_text(w, "currency", b->c->model->company.currency);
    jw_object_end(w);
    buf_done(&text);
}

static void print_stage(const struct board *b, struct json_writer *w, const struct stage *s)
{
    const struct group_row *g = group_find(b, s);
    jw_object(w);
    jw_kv_text(w, "id", s->id);
    jw_kv_int(w, "count", g != NULL ? g->count : 0);
    if (b->amount != NULL) {
        print_money(b, w, "sum", g, 0);
        print_money(b, w, "weighted", g, 1);
    }
    jw_object_end(w);
}

static int read_groups(struct board *b, const char *filter, int64_t as_of)
{
    struct ctx *c = b->c;
    const struct entity *e = b->pipeline->entity;
    struct list_spec spec = {.entity = e, .action = ACTION_SEE, .as_of = as_of};
    if (list_filter(c, e, filter, &spec.filter) != 0) {
        return -1;
    }
    if (as_of < 0) {
        return 0;
    }
    const struct expr *here =
        build_compare(c->arena, e->pipeline, EXPR_EQ, value_text(b->pipeline->id));
    spec.filter = expr_and(c->arena, here, spec.filter);
    struct who who = ctx_who(c);
    return query_group(c->db, &who, &spec, e->stage, b->measures, b->measure_count, STAGES_MAX,
                       c->arena, &b->groups, &b->group_count, &c->err);
}

int board_print(struct ctx *c, const struct pipeline *p, const char *filter, const char *as_of,
                struct buf *out)
{
    struct board b = {.c = c, .pipeline = p};
    int64_t set = 0;
    if (access_entity(c, ACTION_SEE, p->entity) != 0 || ctx_db(c) == NULL ||
        record_as_of(c, as_of, &set) != 0) {
        return -1;
    }
    if (!access_sees(c, p->entity->stage) || !access_sees(c, p->entity->pipeline)) {
        return ctx_fail(c, ERR_FORBIDDEN, "", "You may not see the stages of %s.",
                        p->entity->label_plural);
    }
    b.amount = board_measures(c, p->entity, b.measures);
    b.measure_count = b.amount != NULL ? COUNT(b.measures) : 0;
    if (read_groups(&b, filter, set) != 0) {
        return -1;
    }
    struct json_writer w;
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "stages");
    jw_array(&w);
    for (size_t i = 0; i < p->stage_count; i++) {
        print_stage(&b, &w, &p->stages[i]);
    }
    jw_array_end(&w);
    if (as_of != NULL && *as_of != '\0') {
        jw_kv_text(&w, "as_of", as_of);
    }
    jw_object_end(&w);
    return 0;
}
