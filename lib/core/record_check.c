/*
 * Validation of the row as it was written, so that nothing can disagree with what is stored. Every
 * boolean expression the record depends on (required, visible and read-only conditions, the gate of
 * a stage) is evaluated in one query; then all problems are collected as items "entity.field".
 *
 * Rules are the business's, not the actor's: they are evaluated with system rights (but `me` stays
 * the actor), so that the same record is right or wrong whoever saves it.
 */
#include <string.h>

#include "base/str.h"
#include "core/absence.h"
#include "core/build.h"
#include "core/gate_tell.h"
#include "core/parts.h"
#include "core/rule.h"

enum asks { ASKS_REQUIRED, ASKS_VISIBLE, ASKS_READONLY, ASKS_GATE, ASKS_ACTIVITY, ASKS_RULE };

struct question {
    enum asks asks;
    const struct field *field; /* NULL for the gate and rules */
    const struct gate_activity *activity;
    const struct rule *rule;   /* ASKS_RULE */
};

struct check {
    struct ctx *c;
    const struct record *before, *r;
    const bool *given;
    const struct stage *stage; /* NULL: no pipeline */
    bool entered;              /* the stage is new to the record */
    bool *unmet;               /* out: an import without gates is let past something the stage asks for */
    bool draft;                /* a form asks what it may offer */
    struct question *questions;
    const struct expr **exprs;
    struct value *answers;
    size_t count;
    bool *required, *hidden, *readonly; /* by field->index */
};

/* ---- Questions ------------------------------------------------------------------------------- */

static void ask(struct check *k, enum asks asks, const struct field *f, const struct expr *x)
{
    if (x != NULL) {
        k->questions[k->count] = (struct question){.asks = asks, .field = f};
        k->exprs[k->count++] = x;
    }
}

static bool holds(struct value v)
{
    return v.kind == VALUE_INT && v.i != 0;
}

static void note_answer(struct check *k, const struct question *q, struct value v)
{
    if (q->asks == ASKS_REQUIRED) {
        k->required[q->field->index] = holds(v);
    } else if (q->asks == ASKS_VISIBLE) {
        k->hidden[q->field->index] = !holds(v);
    } else if (q->asks == ASKS_READONLY) {
        k->readonly[q->field->index] = holds(v);
    }
}

/* Is such work planned or done about the record? */
static const struct expr *activity_expr(const struct check *k, const struct gate_activity *wanted)
{
    struct arena *a = k->c->arena;
    const struct entity *e = k->r->entity;
    const struct story *s = &k->c->model->work->story;
    const struct expr *where = wanted->done ? build_empty(a, s->done, false) : NULL;
    const struct relation *r = e->relations;
    while (r < e->relations + e->relation_count && r->by != s->records) {
        r++;
    }
    if (r == e->relations + e->relation_count) {
        return NULL; /* nothing can be planned about such records */
    }
    if (wanted->kind != NULL) {
        const struct expr *kind =
            build_compare(a, s->kind, EXPR_EQ, value_text(wanted->kind->id));
        where = where == NULL ? kind : build_test(a, EXPR_AND, kind, where);
    }
    return build_test(a, EXPR_GT, build_aggregate(a, FN_COUNT, r, 0, NULL, where),
                      build_count_literal(a, 0));
}

static void ask_gate(struct check *k)
{
    const struct stage *s = k->stage;
    ask(k, ASKS_GATE, NULL, s->gate_if);
    for (size_t i = 0; i < s->gate_activity_count; i++) {
        size_t at = k->count;
        ask(k, ASKS_ACTIVITY, NULL, activity_expr(k, &s->gate_activities[i]));
        k->questions[at].activity = &s->gate_activities[i];
    }
}

static bool gate_passed(const struct check *k)
{
    for (size_t i = 0; i < k->count; i++) {
        if (k->questions[i].asks == ASKS_GATE) {
            return holds(k->answers[i]);
        }
    }
    return true;
}

/* Rules with `before` that wait for such a change: whether they refuse it. */
static void ask_rules(struct check *k)
{
    const struct model *m = k->c->model;
    for (size_t i = 0; !k->c->no_gates && i < m->rule_count; i++) {
        const struct rule *rule = &m->rules[i];
        if (rule->before && rule->entity == k->r->entity && rule_waits(rule, k->before, k->r)) {
            ask(k, ASKS_RULE, NULL, rule->test != NULL ? rule->test : expr_true(k->c->arena));
            k->questions[k->count - 1].rule = rule;
        }
    }
}

static int evaluate(struct check *k)
{
    struct ctx *c = k->c;
    const struct entity *e = k->r->entity;
    size_t room = 3 * e->field_count + 2 + c->model->rule_count +
                  (k->stage != NULL ? k->stage->gate_activity_count : 0);
    k->questions = ARENA_ARRAY(c->arena, struct question, room);
    k->exprs = ARENA_ARRAY(c->arena, const struct expr *, room);
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        if (f->system || f->hidden) {
            continue;
        }
        k->required[i] = f->required.always;
        k->readonly[i] = f->readonly.always || f->compute != NULL;
        ask(k, ASKS_REQUIRED, f, f->required.when);
        ask(k, ASKS_VISIBLE, f, f->visible.when);
        ask(k, ASKS_READONLY, f, f->readonly.when);
    }
    if (k->entered) {
        ask_gate(k);
    }
    ask_rules(k);
    if (k->count == 0) {
        return 0;
    }
    k->answers = ARENA_ARRAY(c->arena, struct value, k->count);
    struct who who = ctx_who(c);
    who.role = NULL;
    who.since = c->change.id - 1;
    if (query_eval(c->db, &who, e, k->r->id, k->exprs, k->count, c->arena, k->answers, &c->err) !=
        0) {
        return -1;
    }
    for (size_t i = 0; i < k->count; i++) {
        note_answer(k, &k->questions[i], k->answers[i]);
    }
    return 0;
}

/* ---- Problems -------------------------------------------------------------------------------- */

/* The place of a problem; a field the actor may not see is not named. */
static const char *where_of(const struct check *k, const struct field *f)
{
    const struct entity *e = k->r->entity;
    return access_sees(k->c, f) ? arena_printf(k->c->arena, "%s.%s", e->name, f->name) : e->name;
}

static const char *label_of(const struct check *k, const struct field *f)
{
    return access_sees(k->c, f) ? f->label : "A field you may not see";
}

/* Something was said about this field already (it could not be read): do not say that it is
 * missing. */
static bool has_item(const struct check *k, const char *where)
{
    for (const struct err_item *i = k->c->err.items; i != NULL; i = i->next) {
        if (str_eq(i->where, where)) {
            return true;
        }
    }
    return false;
}

static bool is_filled(const struct record *r, const struct field *f)
{
    return f->column_count == 0 || !value_is_empty(record_value(r, f));
}

static bool is_changed(const struct check *k, const struct field *f)
{
    const struct value *now = record_values(k->r, f);
    if (k->before == NULL || now == NULL) {
        return now != NULL && !value_is_empty(now[0]);
    }
    const struct value *then = record_values(k->before, f);
    for (size_t i = 0; i < f->column_count; i++) {
        if (!value_equal(now[i], then[i])) {
            return true;
        }
    }
    return false;
}

static void say(const struct check *k, const struct field *f, const char *text)
{
    const char *where = where_of(k, f);
    if (!has_item(k, where)) {
        err_add(&k->c->err, k->c->arena, ERR_INVALID, where, "%s %s", label_of(k, f), text);
    }
}

static bool gate_requires(const struct check *k, const struct field *f)
{
    for (size_t i = 0; k->stage != NULL && i < k->stage->gate_require_count; i++) {
        if (k->stage->gate_require[i] == f) {
            return true;
        }
    }
    return false;
}

/* Something the stage asks for is not there: whether that is refused. */
static bool gate_holds(const struct check *k)
{
    *k->unmet = true;
    return !k->c->no_gates;
}

/* A company that is its own parent. */
static bool is_itself(const struct check *k, const struct field *f)
{
    const struct value v = record_value(k->r, f);
    return f->to == k->r->entity && f->compute == NULL && v.kind == VALUE_INT && v.i == k->r->id;
}

static void check_field(const struct check *k, const struct field *f)
{
    size_t i = (size_t)f->index;
    if (k->required[i] && !k->hidden[i] && !is_filled(k->r, f)) {
        say(k, f, "is required.");
    } else if (k->entered && gate_requires(k, f) && !is_filled(k->r, f) && gate_holds(k)) {
        say(k, f, arena_printf(k->c->arena, "is needed in the stage %s.", k->stage->label));
    }
    if (f->readonly.when != NULL && k->readonly[i] && k->given[i] && is_changed(k, f)) {
        say(k, f, "may not be changed now.");
    }
    if (is_itself(k, f) && is_changed(k, f)) {
        say(k, f, "cannot be the record itself.");
    }
}

/* "deal.stage.meeting": what is missing, for forms that offer to write it down. */
static void check_activities(const struct check *k)
{
    for (size_t i = 0; i < k->count; i++) {
        const struct gate_activity *wanted = k->questions[i].activity;
        if (wanted == NULL || holds(k->answers[i]) || !gate_holds(k)) {
            continue;
        }
        const char *what =
            wanted->kind != NULL ? wanted->kind->label : k->c->model->work->label;
        const char *where =
            arena_printf(k->c->arena, "%s.%s", where_of(k, k->r->entity->stage),
                         wanted->kind != NULL ? wanted->kind->id : k->c->model->work->name);
        err_add(&k->c->err, k->c->arena, ERR_INVALID, where,
                wanted->done ? "%s: one that is done is needed in the stage %s."
                             : "%s: one that is planned or done is needed in the stage %s.",
                what, k->stage->label);
    }
}

/* An amount that is what the lines come to is changed by them alone. */
static int check_lined(struct check *k)
{
    const struct entity *lines = k->r->entity->lined_by;
    if (k->before == NULL || lines == NULL) {
        return 0;
    }
    const struct field *sum = lines->lines.sum;
    bool wanted = k->given[sum->index] && is_changed(k, sum);
    bool has = false;
    if ((wanted || k->draft) && lines_has(k->c, k->r->entity, k->r->id, &has) != 0) {
        return -1;
    }
    k->readonly[sum->index] = k->readonly[sum->index] || has;
    if (has && wanted) {
        say(k, sum,
            arena_printf(k->c->arena, "is what the %s come to: change these.",
                         lines->label_plural));
    }
    return 0;
}

static void check_gate(const struct check *k)
{
    check_activities(k);
    if (!k->entered || gate_passed(k) || !gate_holds(k)) {
        return;
    }
    const char *where = where_of(k, k->r->entity->stage);
    const char *text =
        k->stage->gate_say != NULL
            ? k->stage->gate_say
            : arena_printf(k->c->arena, "The conditions of the stage %s are not met.",
                           k->stage->label);
    err_add(&k->c->err, k->c->arena, ERR_INVALID, where, "%s", text);
}

static int check_rules(const struct check *k)
{
    for (size_t i = 0; i < k->count; i++) {
        if (k->questions[i].asks == ASKS_RULE && holds(k->answers[i]) &&
            rule_refuse(k->c, k->questions[i].rule, k->r) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- Drafts ---------------------------------------------------------------------------------- */

static const char **names_of(const struct check *k, const bool *marked, size_t *count)
{
    const struct entity *e = k->r->entity;
    const char **names = ARENA_ARRAY(k->c->arena, const char *, e->field_count + 1);
    *count = 0;
    for (size_t i = 0; i < e->field_count; i++) {
        if (marked[i] && access_sees(k->c, e->fields[i])) {
            names[(*count)++] = e->fields[i]->name;
        }
    }
    return names;
}

static void make_draft(const struct check *k, struct draft *d)
{
    const struct entity *e = k->r->entity;
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        k->required[i] = !k->hidden[i] && (k->required[i] || gate_requires(k, f));
        k->readonly[i] = k->readonly[i] || (!f->system && !access_sets(k->c, f));
    }
    d->required = names_of(k, k->required, &d->required_count);
    d->hidden = names_of(k, k->hidden, &d->hidden_count);
    d->readonly = names_of(k, k->readonly, &d->readonly_count);
}

int check_record(struct ctx *c, const struct record *before, const struct record *r,
                 const bool *given, struct draft *draft)
{
    const struct entity *e = r->entity;
    bool unmet = false;
    struct check k = {
        .c = c, .before = before, .r = r, .given = given, .stage = keep_stage_of(c, r),
        .draft = draft != NULL};
    const struct stage *from = before != NULL ? keep_stage_of(c, before) : NULL;
    k.entered = k.stage != NULL && k.stage != from;
    k.unmet = &unmet;
    k.required = ARENA_ARRAY(c->arena, bool, e->field_count);
    k.hidden = ARENA_ARRAY(c->arena, bool, e->field_count);
    k.readonly = ARENA_ARRAY(c->arena, bool, e->field_count);
    if (evaluate(&k) != 0) {
        return -1;
    }
    const struct pipeline *p = keep_pipeline_of(c, r);
    if (p != NULL && p->firm != NULL) {
        k.required[p->firm->index] = false;
    }
    for (size_t i = 0; i < e->field_count; i++) {
        if (!e->fields[i]->system && !e->fields[i]->hidden) {
            check_field(&k, e->fields[i]);
        }
    }
    const char *above = NULL;
    if (check_lined(&k) != 0) {
        return -1;
    }
    if (tree_check(c, before, r, &above) != 0) {
        return -1;
    }
    if (above != NULL) {
        say(&k, e->tree, above);
    }
    absence_check(c, r);
    check_gate(&k);
    if (check_rules(&k) != 0) {
        return -1;
    }
    if (draft != NULL) {
        make_draft(&k, draft);
    }
    if (c->err.code != ERR_NONE) {
        return -1;
    }
    return unmet && before != NULL && draft == NULL ? gate_tell(c, r, k.stage) : 0;
}
