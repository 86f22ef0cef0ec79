/*
 * Which teams somebody leads: those that name him, and his own while it names nobody, where his role
 * may change what its people plan. It is no right: what he sees and changes is up to his role. Told
 * with who he is, so that pages know whom to show "My team". See account.h.
 */
#include "core/account.h"
#include "core/build.h"

/* May the role change what others of the team have to do? */
static bool reaches_team(const struct ctx *c)
{
    const struct model *m = c->model;
    const struct role *role = c->actor.role;
    for (size_t i = 0; i < m->entity_count; i++) {
        if (m->entities[i]->story.done != NULL) {
            return role == NULL ||
                   role->rights[m->entities[i]->index].scope[ACTION_EDIT] >= SCOPE_TEAM;
        }
    }
    return false;
}

int account_leads(struct ctx *c, int64_t **out, size_t *count)
{
    const struct entity *teams = model_entity_find(c->model, ENTITY_TEAM);
    const char *text = reaches_team(c) ? "lead = me or (lead is empty and id = my_team)" : "lead = me";
    const struct who who = ctx_who(c);
    struct list_spec spec = {.entity = teams, .action = ACTION_SEE};
    struct db *db = ctx_db(c);
    *count = 0;
    if (c->actor.user == 0 || entity_field_find(teams, "lead") == NULL) {
        return 0; /* a model of before, which stays in force while that of this program would lose data */
    }
    return db == NULL || expr_compile(c->arena, c->model, teams, NULL, text, KIND_BOOL,
                                      &spec.filter, &c->err) != 0
               ? -1
               : query_ids(db, &who, &spec, 0, LEADS_MAX, c->arena, out, count, &c->err);
}
