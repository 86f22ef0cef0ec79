/*
 * The action assign: who gets a record. {to: owner of the company}, {round_robin: […]} or
 * {least_busy: […]} of users and teams, with a condition every candidate must meet.
 */
#include <string.h>

#include "base/str.h"
#include "model/load.h"

#define CANDIDATES_MAX 50
#define BUSY_MAX       10

const struct import_key ASSIGN_KEYS[] = {
    {"to", "the first of these users and teams' members there is", "to: [company.owner, {team: Sales}]"},
    {"round_robin", "one after the other, also across restarts", "round_robin: [{team: Solar}, ben@firm.example]"},
    {"least_busy", "who has the fewest open records", "least_busy: [{team: Solar}]"},
    {"by", "with `least_busy`: lists whose open records count; without it those of the rule's entity",
     "by: [leads, activities]"},
    {"if", "a condition on each candidate: his fields, and those of the record (`lead.city` where both have one)",
     "if: 'territory = lead.city'"},
    {"otherwise", "who gets it when nobody is left; without it the owner stays as he is",
     "otherwise: anna@firm.example"},
    {NULL, NULL, NULL},
};

static const struct {
    const char *key;
    enum assign_how how;
} WAYS[] = {
    {"to", ASSIGN_FIRST}, {"round_robin", ASSIGN_ROUND_ROBIN}, {"least_busy", ASSIGN_LEAST_BUSY}};

static void read_candidates(struct loader *l, const struct entity *e, const struct yaml *node,
                            struct assignment *a)
{
    bool list = node->type == YAML_LIST;
    if (list && (node->count == 0 || node->count > CANDIDATES_MAX)) {
        load_error(l, node, "must name 1 to %d users and teams", CANDIDATES_MAX);
        return;
    }
    a->to = ARENA_ARRAY(l->arena, struct people, list ? node->count : 1);
    for (const struct yaml *n = list ? node->child : node; n != NULL; n = list ? n->next : NULL) {
        a->to_count += load_people(l, e, n, &a->to[a->to_count]);
    }
}

/* The condition on a candidate: his own fields first, then those of the record, which are also
 * "lead.country". */
static const struct expr *read_test(struct loader *l, const struct entity *e,
                                    const struct yaml *node)
{
    const struct entity *users = model_entity_find(l->m, ENTITY_USER);
    bool changes = l->changes;
    l->around = e;
    l->changes = false;
    const struct expr *x = load_expr(l, node, users, KIND_BOOL, NULL);
    l->around = NULL;
    l->changes = changes;
    return x;
}

/* What of these records is still to be worked on; NULL: all. */
static const struct expr *open_of(struct loader *l, const struct yaml *node, const struct entity *e)
{
    struct yaml text = *node; /* a table where the list goes without saying */
    text.type = YAML_SCALAR;
    text.quoted = true;
    text.child = NULL;
    text.count = 0;
    bool work = e == l->m->work;
    if (!work && e->stage == NULL) {
        return NULL;
    }
    text.text = work ? arena_printf(l->arena, "%s is empty", e->story.done->name)
                     : arena_printf(l->arena, "%s.kind = \"open\"", e->stage->name);
    return load_expr(l, &text, e, KIND_BOOL, NULL);
}

static const struct entity *busy_with(struct loader *l, const struct yaml *node, const char *plural)
{
    const struct entity *e = model_plural_find(l->m, plural);
    const char **names = ARENA_ARRAY(l->messages, const char *, l->m->entity_count);
    size_t n = 0;
    if (e != NULL && e->owner != NULL) {
        return e;
    }
    for (size_t i = 0; i < l->m->entity_count; i++) {
        if (l->m->entities[i]->owner != NULL) {
            names[n++] = l->m->entities[i]->plural;
        }
    }
    load_unknown(l, node, "list of records with an owner", plural, names, n);
    return NULL;
}

static void read_busy(struct loader *l, const struct entity *e, const struct yaml *whole,
                      const struct yaml *node, struct assignment *a)
{
    size_t count = 0;
    const struct yaml **items = load_items(l, node, &count);
    if (count > BUSY_MAX) {
        load_error(l, node, "more than %d lists", BUSY_MAX);
        return;
    }
    a->busy = ARENA_ARRAY(l->arena, const struct entity *, count + 1);
    a->busy_open = ARENA_ARRAY(l->arena, const struct expr *, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct entity *with = busy_with(l, items[i], items[i]->text);
        if (with != NULL) {
            a->busy_open[a->busy_count] = open_of(l, items[i], with);
            a->busy[a->busy_count++] = with;
        }
    }
    if (node == NULL) {
        a->busy_open[0] = open_of(l, whole, e);
        a->busy[a->busy_count++] = e;
    }
}

static void read_otherwise(struct loader *l, const struct entity *e, const struct yaml *node,
                           struct assignment *a)
{
    struct people *p = ARENA_NEW(l->arena, struct people);
    if (node != NULL && load_people(l, e, node, p)) {
        a->otherwise = p;
    }
}

const struct assignment *load_assignment(struct loader *l, const struct entity *e,
                                         const struct yaml *node)
{
    struct assignment *a = ARENA_NEW(l->arena, struct assignment);
    if (node->type == YAML_SCALAR) { /* assign: company.owner */
        a->how = ASSIGN_FIRST;
        read_candidates(l, e, node, a);
        return a;
    }
    if (!load_check_table(l, node, ASSIGN_KEYS)) {
        return NULL;
    }
    for (size_t i = 0; i < COUNT(WAYS); i++) {
        const struct yaml *way = yaml_find(node, WAYS[i].key);
        if (way != NULL && a->how != 0) {
            load_key_error(l, way, "an assignment has one of to, round_robin and least_busy");
            return NULL;
        }
        if (way != NULL) {
            a->how = WAYS[i].how;
            read_candidates(l, e, way, a);
        }
    }
    if (a->how == 0) {
        load_error(l, node, "an assignment needs to, round_robin or least_busy");
        return NULL;
    }
    const struct yaml *test = yaml_find(node, "if"), *by = yaml_find(node, "by");
    a->test = test == NULL ? NULL : read_test(l, e, test);
    a->test_text = load_text(l, test);
    read_otherwise(l, e, yaml_find(node, "otherwise"), a);
    if (a->how == ASSIGN_LEAST_BUSY) {
        read_busy(l, e, node, by, a);
    } else if (by != NULL) {
        load_key_error(l, by, "by says whose records count for least_busy");
    }
    return a;
}
