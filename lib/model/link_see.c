/*
 * Who sees computed fields. A value made of others tells of them: a role that may not see a field,
 * or no record of an entity, sees nothing computed from it either, through however many computed
 * fields, links and aggregates. Where the YAML says who sees the computed field itself (`see`, or
 * `fields` of the role), that stands: somebody decided it.
 *
 * Which records are counted is not asked here: what is computed is the same for all who see it.
 */
#include "model/load.h"

struct reach {
    const uint64_t *entities; /* by entity->index: the roles that see any record of it */
    uint64_t roles;           /* that see all that was looked at */
};

static void through_link(struct reach *reach, const struct field *link)
{
    reach->roles &= link->see_roles;
    reach->roles &= link->to != NULL ? reach->entities[link->to->index] : UINT64_MAX;
}

static void look_at(const struct expr *x, void *data)
{
    struct reach *reach = data;
    for (size_t i = 0; i < x->path_count; i++) {
        through_link(reach, x->path[i]);
    }
    reach->roles &= x->field != NULL ? x->field->see_roles : UINT64_MAX;
    if (x->relation != NULL) {
        reach->roles &= x->relation->by->see_roles & reach->entities[x->relation->from->index];
    }
}

static void settle_field(const uint64_t *entities, const struct field_def *d)
{
    struct reach reach = {entities, UINT64_MAX};
    expr_walk(d->field->compute, look_at, &reach);
    d->field->see_roles &= reach.roles | d->told_roles;
}

/* What is computed from computed fields comes after them. */
static void settle_rank(struct loader *l, const uint64_t *entities, int rank)
{
    for (size_t i = 0; i < l->m->entity_count; i++) {
        const struct entity_def *d = &l->defs[i];
        for (size_t k = 0; k < d->entity->field_count; k++) {
            const struct field *f = d->entity->fields[k];
            if (f->compute != NULL && f->rank == rank) {
                settle_field(entities, &d->fields[k]);
            }
        }
    }
}

void link_see(struct loader *l)
{
    const struct model *m = l->m;
    uint64_t *entities = ARENA_ARRAY(l->messages, uint64_t, m->entity_count);
    for (size_t i = 0; i < m->entity_count; i++) {
        entities[i] = 0;
        for (size_t k = 0; k < m->role_count; k++) {
            bool sees = m->roles[k].rights[i].visible[ACTION_SEE] != NULL;
            entities[i] |= sees ? UINT64_C(1) << m->roles[k].index : 0;
        }
    }
    for (int rank = 1; rank <= m->rank_max; rank++) {
        settle_rank(l, entities, rank);
    }
}
