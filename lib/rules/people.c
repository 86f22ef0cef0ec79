/* Users and teams that rules name. See rules.h. */
#include <string.h>

#include "core/rule.h"
#include "rules/rules.h"
#include "store/query.h"

int rules_account(struct ctx *c, const struct people *p, int64_t *id)
{
    bool team = p->kind == PEOPLE_TEAM;
    const struct entity *e = model_entity_find(c->model, team ? ENTITY_TEAM : ENTITY_USER);
    bool address = !team && strchr(p->name, '@') != NULL;
    struct lookup found = {0};
    if (record_lookup(c, e, address ? "email" : "title", p->name, &found) != 0) {
        return -1;
    }
    *id = found.count == 1 ? found.id : 0;
    return 0;
}

int rules_name(struct ctx *c, int64_t id, const char **out)
{
    struct who who = {.model = c->model, .now_ms = c->now_ms};
    struct title_row row;
    if (query_titles(c->db, &who, &id, 1, c->arena, &row, &c->err) != 0) {
        return -1;
    }
    *out = row.title != NULL ? row.title : "?";
    return 0;
}

struct list {
    int64_t *ids;
    size_t count;
};

static void add(struct list *list, int64_t id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->ids[i] == id) {
            return;
        }
    }
    list->ids[list->count++] = id;
}

#define LIST_MAX 2000 /* people a rule tells, or chooses from */

/* The active one with this id, or the active members of the team with it. */
static int add_active(struct step *s, const struct entity *e, int64_t id, struct list *list)
{
    struct ctx *c = s->c;
    const struct entity *users = model_entity_find(c->model, ENTITY_USER);
    const char *test = arena_printf(c->arena, "active = true and %s = %lld",
                                    e == users ? "id" : "team", (long long)id);
    struct fitting what = {.from = users, .around = s->entity, .id = s->id};
    struct who who = ctx_who(c);
    int64_t *ids = NULL;
    size_t count = 0;
    if (expr_compile(c->arena, c->model, users, NULL, test, KIND_BOOL, &what.test, &c->err) != 0 ||
        query_fitting(c->db, &who, &what, c->arena, &ids, &count, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count && list->count < LIST_MAX; i++) {
        add(list, ids[i]);
    }
    return 0;
}

static int add_people(struct step *s, const struct people *p, struct list *list)
{
    struct ctx *c = s->c;
    struct who who = ctx_who(c);
    const struct entity *e =
        model_entity_find(c->model, p->kind == PEOPLE_TEAM ? ENTITY_TEAM : ENTITY_USER);
    struct value v = value_null();
    int64_t id = 0;
    if (p->kind != PEOPLE_FIELD) {
        return rules_account(c, p, &id) != 0 ? -1 : id == 0 ? 0 : add_active(s, e, id, list);
    }
    if (query_eval(c->db, &who, s->entity, s->id, (const struct expr *[]){p->expr}, 1, c->arena, &v,
                   &c->err) != 0) {
        return -1;
    }
    return v.kind != VALUE_INT ? 0 : add_active(s, p->expr->type.entity, v.i, list);
}

int rules_people(struct step *s, const struct people *to, size_t count, int64_t **out, size_t *n)
{
    struct list list = {.ids = ARENA_ARRAY(s->c->arena, int64_t, LIST_MAX)};
    for (size_t i = 0; i < count; i++) {
        if (add_people(s, &to[i], &list) != 0) {
            return -1;
        }
    }
    *out = list.ids;
    *n = list.count;
    return 0;
}
