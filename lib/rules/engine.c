/* Which rules hold for which records, and in which order they act; see rules.h. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "rules/rules.h"
#include "store/query.h"

#define MATCH_ROWS 500 /* records asked about in one statement */

struct act {
    const struct rule *rule;
    int64_t record;
};

struct engine {
    struct ctx *c;
    int64_t since; /* the newest set before this write */
    struct touched *touched;
    size_t touched_count;
    struct act *todo, *done; /* of this round; of all rounds */
    size_t todo_count, todo_room, done_count, done_room;
    const struct rule **asked; /* of the entity that is looked at */
    const struct expr **tests; /* of asked that have one */
    size_t asked_count, test_count;
    struct loads loads;
};

/* ---- what happened --------------------------------------------------------------------------- */

static int by_entity_and_id(const void *a, const void *b)
{
    const struct touched *x = a, *y = b;
    if (x->entity != y->entity) {
        return x->entity->index - y->entity->index;
    }
    return (x->id > y->id) - (x->id < y->id);
}

/* The events as one row a record. */
static void collect(struct engine *g)
{
    struct ctx *c = g->c;
    size_t end = db_event_count(c->db), n = 0;
    g->touched = ARENA_ARRAY(c->arena, struct touched, end - c->events_seen + 1);
    for (size_t i = c->events_seen; i < end; i++) {
        const struct event *ev = db_event(c->db, i);
        const struct entity *e = ev->to == 0 ? model_entity_by_id(c->model, ev->entity) : NULL;
        if (e != NULL) {
            g->touched[n] =
                (struct touched){.entity = e, .id = ev->record, .ops = 1u << ev->op};
            memcpy(g->touched[n++].fields, ev->fields, sizeof ev->fields);
        }
    }
    c->events_seen = end;
    if (n > 1) {
        qsort(g->touched, n, sizeof *g->touched, by_entity_and_id);
    }
    g->touched_count = 0;
    for (size_t i = 0; i < n; i++) {
        struct touched *last = g->touched_count > 0 ? &g->touched[g->touched_count - 1] : NULL;
        if (last == NULL || by_entity_and_id(last, &g->touched[i]) != 0) {
            g->touched[g->touched_count++] = g->touched[i];
            continue;
        }
        last->ops |= g->touched[i].ops;
        for (size_t k = 0; k < COUNT(last->fields); k++) {
            last->fields[k] |= g->touched[i].fields[k];
        }
    }
}

static bool has_field(const struct touched *t, const struct field *f)
{
    int bit = f->index < 255 ? f->index : 255;
    return (t->fields[bit / 64] >> (bit % 64) & 1) != 0;
}

/* Something a person could have written. */
static bool has_own_field(const struct touched *t)
{
    for (size_t i = 0; i < t->entity->field_count; i++) {
        const struct field *f = t->entity->fields[i];
        if (f->compute == NULL && !f->system && has_field(t, f)) {
            return true;
        }
    }
    return false;
}

static bool fits(const struct rule_trigger *trigger, const struct touched *t)
{
    switch (trigger->event) {
    case RULE_CREATED:
        return (t->ops >> OP_CREATE & 1) != 0;
    case RULE_UPDATED:
        return (t->ops >> OP_UPDATE & 1) != 0 && has_own_field(t);
    case RULE_FIELD:
        return has_field(t, trigger->field);
    case RULE_DELETED:
        return (t->ops >> OP_DELETE & 1) != 0;
    default:
        return (t->ops >> OP_RESTORE & 1) != 0;
    }
}

static bool waits(const struct rule *rule, const struct touched *t)
{
    for (size_t i = 0; !rule->before && i < rule->trigger_count; i++) {
        if (fits(&rule->triggers[i], t)) {
            return true;
        }
    }
    return false;
}

/* ---- which rules hold ------------------------------------------------------------------------ */

static void add_act(struct ctx *c, struct act **list, size_t *count, size_t *room, struct act one)
{
    if (*count == *room) {
        size_t more = *room == 0 ? 16 : 2 * *room;
        struct act *bigger = ARENA_ARRAY(c->arena, struct act, more);
        if (*count > 0) {
            memcpy(bigger, *list, *count * sizeof **list);
        }
        *list = bigger;
        *room = more;
    }
    (*list)[(*count)++] = one;
}

static bool is_done(const struct engine *g, struct act one)
{
    for (size_t i = 0; i < g->done_count; i++) {
        if (g->done[i].rule == one.rule && g->done[i].record == one.record) {
            return true;
        }
    }
    return false;
}

/* The rules any of these records wakes. */
static void ask_rules(struct engine *g, const struct touched *t, size_t count)
{
    const struct model *m = g->c->model;
    g->asked_count = g->test_count = 0;
    for (size_t i = 0; i < m->rule_count; i++) {
        const struct rule *rule = &m->rules[i];
        bool woken = false;
        for (size_t k = 0; rule->entity == t->entity && k < count && !woken; k++) {
            woken = waits(rule, &t[k]);
        }
        if (woken) {
            g->asked[g->asked_count++] = rule;
            g->tests[g->test_count] = rule->test;
            g->test_count += rule->test != NULL;
        }
    }
}

static int match_some(struct engine *g, const struct touched *t, size_t count)
{
    struct ctx *c = g->c;
    int64_t *ids = ARENA_ARRAY(c->arena, int64_t, count);
    ask_rules(g, t, count);
    bool *hits = ARENA_ARRAY(c->arena, bool, count * g->test_count + 1);
    for (size_t i = 0; i < count; i++) {
        ids[i] = t[i].id;
    }
    struct who who = ctx_who(c);
    who.since = g->since;
    if (g->test_count > 0 && query_match(c->db, &who, t->entity, ids, count, g->tests,
                                         g->test_count, c->arena, hits, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0, test = 0; k < g->asked_count; k++) {
            const struct act one = {g->asked[k], t[i].id};
            bool holds = g->asked[k]->test == NULL || hits[i * g->test_count + test];
            test += g->asked[k]->test != NULL;
            if (holds && waits(g->asked[k], &t[i]) && !is_done(g, one)) {
                add_act(c, &g->todo, &g->todo_count, &g->todo_room, one);
            }
        }
    }
    return 0;
}

static int match(struct engine *g)
{
    g->todo_count = 0;
    for (size_t i = 0; i < g->touched_count;) {
        size_t n = 1;
        while (i + n < g->touched_count && n < MATCH_ROWS &&
               g->touched[i + n].entity == g->touched[i].entity) {
            n++;
        }
        if (match_some(g, &g->touched[i], n) != 0) {
            return -1;
        }
        i += n;
    }
    return 0;
}

/* ---- acting ---------------------------------------------------------------------------------- */

static int run_action(struct step *s)
{
    for (const struct action_type *t = ACTION_TYPES; t->run != NULL; t++) {
        if (t->id == s->action->row->id) {
            return t->run(s);
        }
    }
    return ctx_fail(s->c, ERR_INTERNAL, "", "The action %s is not known.", s->action->row->name);
}

/* Why it failed may name what its reader must not know: administrators are told, others are told
 * that it did. */
static int refused(struct step *s)
{
    struct ctx *c = s->c;
    bool tells = c->asker == NULL || c->asker->admin;
    const char *why = c->err.items != NULL ? c->err.items->text : c->err.text;
    if (c->err.code != ERR_INVALID && c->err.code != ERR_CONFLICT && c->err.code != ERR_FORBIDDEN) {
        return -1; /* the write itself is in trouble */
    }
    const char *text =
        arena_printf(c->arena, "The rule “%s” could not %s: %s", s->rule->name,
                     s->action->row->name, tells ? why : "an administrator finds why in the log.");
    log_warn("rule %s, %s %lld: %s", s->rule->name, s->entity->name, (long long)s->id, why);
    err_clear(&c->err);
    return err_add(&c->err, c->arena, ERR_INVALID, s->entity->name, "%s", text);
}

static int act(struct engine *g, const struct act *one)
{
    struct ctx *c = g->c;
    const struct rule *rule = one->rule;
    struct step s = {.c = c,
                     .loads = &g->loads,
                     .rule = rule,
                     .entity = rule->entity,
                     .id = one->record};
    const char *said = NULL;
    if (ctx_rule_begin(c, arena_printf(c->arena, "rule %s", rule->name)) != 0) {
        return -1;
    }
    for (size_t i = 0; i < rule->action_count; i++) {
        s.action = &rule->actions[i];
        s.said = NULL;
        if (run_action(&s) != 0) {
            return refused(&s);
        }
        if (s.said != NULL) {
            said = said == NULL ? s.said : arena_printf(c->arena, "%s; %s", said, s.said);
        }
    }
    if (said != NULL) {
        c->change.reason = arena_printf(c->arena, "rule %s: %s", rule->name, said);
    }
    add_act(c, &g->done, &g->done_count, &g->done_room, *one);
    return ctx_rule_end(c);
}

struct attempt {
    struct engine *g;
    const struct act *one;
};

static int attempt(struct ctx *c, void *data)
{
    const struct attempt *x = data;
    (void)c;
    return act(x->g, x->one);
}

/* What a visitor sent is kept whatever a rule cannot do; administrators are told. */
static int act_or_tell(struct engine *g, const struct act *one)
{
    struct ctx *c = g->c;
    struct attempt x = {.g = g, .one = one};
    struct change_set *settled = c->settled;
    bool fatal = false;
    if (c->actor.source != SOURCE_FORM) {
        return act(g, one);
    }
    if (ctx_try(c, attempt, &x, &fatal) == 0) {
        return 0;
    }
    if (fatal) {
        return -1;
    }
    const char *why = c->err.items != NULL ? c->err.items->text : c->err.text;
    c->settled = settled;
    g->loads = (struct loads){0};
    err_clear(&c->err);
    add_act(c, &g->done, &g->done_count, &g->done_room, *one);
    return rules_failed(c, one->rule, one->record, why);
}

static int too_deep(struct engine *g)
{
    struct ctx *c = g->c;
    const struct act *next = &g->todo[0];
    const char *names = "";
    size_t from = g->done_count > RULE_DEPTH_MAX ? g->done_count - RULE_DEPTH_MAX : 0;
    for (size_t i = from; i < g->done_count; i++) {
        names = arena_printf(c->arena, "%s“%s” → ", names, g->done[i].rule->name);
    }
    const char *text = arena_printf(
        c->arena, "Rules wake each other without end: %s“%s”; at most %d in a row.", names,
        next->rule->name, RULE_DEPTH_MAX);
    return c->actor.source == SOURCE_FORM
               ? rules_failed(c, next->rule, next->record, text)
               : err_add(&c->err, c->arena, ERR_INVALID, next->rule->entity->name, "%s", text);
}

static int settle(struct ctx *c)
{
    struct engine g = {.c = c, .since = c->change.id - 1};
    g.asked = ARENA_ARRAY(c->arena, const struct rule *, c->model->rule_count + 1);
    g.tests = ARENA_ARRAY(c->arena, const struct expr *, c->model->rule_count + 1);
    for (int depth = 0;; depth++) {
        if (!c->change.finished && rows_settle(c->db, &c->change, &c->err) != 0) {
            return -1;
        }
        collect(&g);
        if (g.touched_count == 0) {
            return 0;
        }
        if (match(&g) != 0 || response_watch(c, g.touched, g.touched_count, g.since) != 0) {
            return -1;
        }
        if (depth >= RULE_DEPTH_MAX && g.todo_count > 0) {
            return too_deep(&g);
        }
        for (size_t i = 0; i < g.todo_count; i++) {
            if (act_or_tell(&g, &g.todo[i]) != 0) {
                return -1;
            }
        }
    }
}

const struct ctx_hooks RULES_HOOKS = {.settle = settle};
