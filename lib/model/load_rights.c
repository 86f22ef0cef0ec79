/*
 * What each role may do with records: for every role, entity and action one condition over the
 * record.
 *
 * The ladder none, own, team, all is written in YAML; here it becomes expressions that the query
 * builder adds to everything it reads. Rights of derived things (notes, link entities) hang on the
 * records they point to. No action reaches further than seeing. What is shared (EXPR_SHARED) is seen
 * and nothing else. Users, teams and saved views have fixed rights.
 */
#include <string.h>

#include "base/str.h"
#include "model/load.h"

static const char *const ACTIONS[] = {"", "see", "create", "edit", "delete", "export", "import"};
static const char *const ACTION_KEYS[] = {"see",    "create", "edit", "delete",
                                          "export", "import", NULL};
static const char *const SCOPES[] = {"none", "own", "team", "all"};

#define ALL_ACTIONS                                                                                \
    {                                                                                              \
        SCOPE_NONE, SCOPE_ALL, SCOPE_ALL, SCOPE_ALL, SCOPE_ALL, SCOPE_ALL, SCOPE_ALL               \
    }

/* Entities whose rights no role file can change. */
static const struct {
    const char *entity;
    enum scope scope[ACTION_COUNT], admin[ACTION_COUNT];
    const char *own, *team; /* conditions of the ladder where there is no owner */
} FIXED[] = {
    {ENTITY_USER,
     {[ACTION_SEE] = SCOPE_ALL, [ACTION_EXPORT] = SCOPE_ALL},
     ALL_ACTIONS,
     "id = me",
     "team = my_team or id = me"},
    {ENTITY_TEAM,
     {[ACTION_SEE] = SCOPE_ALL, [ACTION_EXPORT] = SCOPE_ALL},
     ALL_ACTIONS,
     "id = my_team",
     "id = my_team"},
    {ENTITY_VIEW,
     {SCOPE_NONE, SCOPE_OWN, SCOPE_ALL, SCOPE_OWN, SCOPE_OWN, SCOPE_OWN, SCOPE_NONE},
     {SCOPE_NONE, SCOPE_OWN, SCOPE_ALL, SCOPE_ALL, SCOPE_ALL, SCOPE_OWN, SCOPE_NONE},
     "owner = me",
     "owner = me or team = my_team"},
};

static int fixed_row(const char *entity)
{
    for (size_t i = 0; i < COUNT(FIXED); i++) {
        if (strcmp(FIXED[i].entity, entity) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* ---- reading the ladder ---- */

static enum scope read_scope(struct loader *l, const struct yaml *node)
{
    const char *text = load_text(l, node);
    for (size_t i = 0; text != NULL && i < COUNT(SCOPES); i++) {
        if (strcmp(SCOPES[i], text) == 0) {
            return (enum scope)i;
        }
    }
    if (text != NULL) {
        load_unknown(l, node, "right", text, SCOPES, COUNT(SCOPES));
    }
    return SCOPE_NONE;
}

/* {see: all, edit: own} or short `all`; what is not said stays as it was. */
static void read_scopes(struct loader *l, const struct yaml *node, enum scope *scope)
{
    if (node->type == YAML_SCALAR) {
        enum scope all = read_scope(l, node);
        for (int a = ACTION_SEE; a < ACTION_COUNT; a++) {
            scope[a] = all;
        }
        return;
    }
    if (!load_check_keys(l, node, ACTION_KEYS)) {
        return;
    }
    for (int a = ACTION_SEE; a < ACTION_COUNT; a++) {
        const struct yaml *right = yaml_find(node, ACTIONS[a]);
        scope[a] = right != NULL ? read_scope(l, right) : scope[a];
    }
}

static void copy_scopes(enum scope *to, const enum scope *from)
{
    memcpy(to, from, sizeof(enum scope) * ACTION_COUNT);
}

static void read_entity_rights(struct loader *l, const struct yaml *node,
                               enum scope (*scopes)[ACTION_COUNT])
{
    struct entity_def *d = load_entity_def(l, node, node->key);
    if (d == NULL) {
        return;
    }
    if (fixed_row(d->entity->name) >= 0) {
        load_key_error(l, node, "the rights on %s are fixed", d->entity->plural);
        return;
    }
    read_scopes(l, node, scopes[d->entity->index]);
}

static void read_rights(struct loader *l, const struct role *r, enum scope (*scopes)[ACTION_COUNT])
{
    const struct yaml *entities = yaml_find(l->role_yaml[r->index], "entities");
    enum scope general[ACTION_COUNT] = {SCOPE_NONE};
    enum scope everything[ACTION_COUNT] = ALL_ACTIONS;
    if (entities != NULL && entities->type != YAML_MAP) {
        load_error(l, entities, "must be a map of entities; \"*\" stands for all");
        entities = NULL;
    }
    if (r->admin) {
        copy_scopes(general, everything);
    }
    const struct yaml *star = yaml_find(entities, "*");
    if (star != NULL) {
        read_scopes(l, star, general);
    }
    for (size_t i = 0; i < l->m->entity_count; i++) {
        int row = fixed_row(l->m->entities[i]->name);
        copy_scopes(scopes[i], row < 0 ? general : r->admin ? FIXED[row].admin : FIXED[row].scope);
    }
    for (const struct yaml *n = entities == NULL ? NULL : entities->child; n != NULL; n = n->next) {
        if (strcmp(n->key, "*") != 0) {
            read_entity_rights(l, n, scopes);
        }
    }
}

/* ---- derived rights ---- */

static void read_visible(struct loader *l, struct entity_def *d)
{
    struct entity *e = d->entity;
    const struct yaml *node = yaml_find(d->yaml, "visible");
    if (node == NULL || !load_check_model_keys(l, node, VISIBLE_KEYS, false)) {
        return;
    }
    const struct yaml *any = yaml_find(node, "any_of"), *all = yaml_find(node, "all_of");
    if (any != NULL && all != NULL) {
        load_error(l, node, "either any_of or all_of");
    }
    e->visible_all = all != NULL;
    e->visible_by = load_fields(l, e, all != NULL ? all : any, &e->visible_by_count);
    for (size_t i = 0; i < e->visible_by_count; i++) {
        if (!names_target(e->visible_by[i]) && !field_is_records(e->visible_by[i])) {
            load_error(l, node, "\"%s\" is not a link", e->visible_by[i]->name);
        }
    }
    const struct yaml *test = yaml_find(node, "if");
    e->visible_if = test == NULL ? NULL : load_expr(l, test, e, KIND_BOOL, NULL);
}

/* May the link point to records of this entity, and so take its rights? */
static bool may_lead_to(const struct field *link, const struct entity *e)
{
    return field_is_records(link) ? e->timeline : link->to == e;
}

static bool hangs_on(const struct model *m, const struct entity *from, const struct entity *e,
                     bool *looked)
{
    for (size_t i = 0; i < from->visible_by_count; i++) {
        for (size_t k = 0; k < m->entity_count; k++) {
            const struct entity *next = m->entities[k];
            if (!may_lead_to(from->visible_by[i], next) || looked[k]) {
                continue;
            }
            looked[k] = true;
            if (next == e || hangs_on(m, next, e, looked)) {
                return true;
            }
        }
    }
    return false;
}

/* Rights that go round in a circle would tell nobody anything. */
static void check_circle(struct loader *l, const struct entity_def *d)
{
    const struct entity *e = d->entity;
    bool *looked = ARENA_ARRAY(l->messages, bool, l->m->entity_count);
    if (hangs_on(l->m, e, e, looked)) {
        load_key_error(l, yaml_find(d->yaml, "visible"), "who sees %s would hang on who sees %s%s",
                       e->plural, e->plural,
                       e->timeline ? "; say timeline: false, so that nothing points to them" : "");
    }
}

static struct expr *node_of(struct loader *l, enum expr_op op, size_t args)
{
    struct expr *x = ARENA_NEW(l->arena, struct expr);
    x->op = op;
    x->type.kind = KIND_BOOL;
    x->varies = true;
    x->args = ARENA_ARRAY(l->arena, const struct expr *, args);
    x->arg_count = args;
    return x;
}

static const struct expr *either(struct loader *l, const struct expr *a, const struct expr *b)
{
    if (a == NULL || b == NULL) {
        return a == NULL ? b : a;
    }
    struct expr *x = node_of(l, EXPR_OR, 2);
    x->args[0] = a;
    x->args[1] = b;
    return x;
}

static const struct expr *field_node(struct loader *l, const struct field *f)
{
    struct expr *x = ARENA_NEW(l->arena, struct expr);
    x->op = EXPR_FIELD;
    x->field = f;
    x->type = expr_type_of(f);
    return x;
}

static const struct expr *seen_through(struct loader *l, const struct field *link, bool all)
{
    struct expr *x = node_of(l, EXPR_VISIBLE, 1);
    x->args[0] = field_node(l, link);
    x->all = all;
    x->climbs = true;
    return x;
}

/* At least one (all_of: every) record it points to is visible; for all_of an empty link is none. */
static const struct expr *derived(struct loader *l, const struct entity *e)
{
    const struct expr *x = NULL;
    for (size_t i = 0; i < e->visible_by_count; i++) {
        const struct expr *one = seen_through(l, e->visible_by[i], e->visible_all);
        x = e->visible_all ? expr_and(l->arena, x, one) : either(l, x, one);
    }
    return x;
}

/* all_of: every link points to something. NULL: there is always something. */
static const struct expr *all_filled(struct loader *l, const struct entity *e)
{
    const struct expr *x = NULL;
    for (size_t i = 0; e->visible_all && i < e->visible_by_count; i++) {
        if (!e->visible_by[i]->required.always) {
            struct expr *empty = node_of(l, EXPR_EMPTY, 1);
            empty->args[0] = field_node(l, e->visible_by[i]);
            struct expr *filled = node_of(l, EXPR_NOT, 1);
            filled->args[0] = empty;
            x = expr_and(l->arena, x, filled);
        }
    }
    return x;
}

/* ---- expressions ---- */

struct ladder {
    const struct expr *own, *team, *always, *derived, *filled;
};

static const struct expr *compile(struct loader *l, const struct entity *e, const char *text)
{
    const struct expr *x = NULL;
    struct err problem = {0};
    if (expr_compile(l->arena, l->m, e, NULL, text, KIND_BOOL, &x, &problem) != 0) {
        err_add(l->e, l->messages, ERR_INVALID, e->where, "rights of %s: %s", e->name,
                problem.text);
        return expr_true(l->arena);
    }
    return x;
}

static struct ladder make_ladder(struct loader *l, const struct entity *e)
{
    int row = fixed_row(e->name);
    return (struct ladder){
        .own = compile(l, e, row < 0 ? "owner = me" : FIXED[row].own),
        .team = compile(l, e, row < 0 ? "team = my_team or owner = me" : FIXED[row].team),
        .always = expr_true(l->arena),
        .derived = derived(l, e),
        .filled = all_filled(l, e),
    };
}

static const struct expr *by_scope(const struct ladder *ladder, enum scope scope)
{
    return scope == SCOPE_ALL ? ladder->always : scope == SCOPE_TEAM ? ladder->team : ladder->own;
}

/* Everything the link can point to is seen as a whole. */
static bool sees_targets(const struct model *m, const struct role *r, const struct field *link)
{
    for (size_t i = 0; i < m->entity_count; i++) {
        if (may_lead_to(link, m->entities[i]) && !r->rights[i].everything[ACTION_SEE]) {
            return false;
        }
    }
    return true;
}

static bool sees_everything(const struct model *m, const struct role *r, const struct entity *e)
{
    if (r->rights[e->index].scope[ACTION_SEE] != SCOPE_ALL) {
        return false;
    }
    for (size_t i = 0; i < e->visible_by_count; i++) {
        if (!sees_targets(m, r, e->visible_by[i])) {
            return false;
        }
    }
    return true;
}

/* all_of: what all links point to is seen; a record of which one points nowhere hangs on nothing, so
 * the role's own rung must reach it. */
static const struct expr *through_all(struct loader *l, const struct ladder *ladder,
                                      enum scope scope)
{
    if (ladder->filled == NULL || scope == SCOPE_ALL) {
        return ladder->derived;
    }
    return expr_and(l->arena, ladder->derived, either(l, by_scope(ladder, scope), ladder->filled));
}

/* The same or what is shared: one more way beside those of the rule, so that each keeps its index. */
static const struct expr *with_shared(struct loader *l, const struct entity *e,
                                      const struct expr *rule)
{
    if (l->m->sharing.entity == NULL || !e->timeline) {
        return rule;
    }
    bool several = rule->op == EXPR_OR;
    struct expr *x = node_of(l, EXPR_OR, (several ? rule->arg_count : 1) + 1);
    for (size_t i = 0; i + 1 < x->arg_count; i++) {
        x->args[i] = several ? rule->args[i] : rule;
    }
    x->args[x->arg_count - 1] = node_of(l, EXPR_SHARED, 0);
    return x;
}

static void make_see(struct loader *l, const struct role *r, const struct entity *e,
                     const struct ladder *ladder)
{
    struct entity_rights *rights = &r->rights[e->index];
    enum scope scope = rights->scope[ACTION_SEE];
    if (scope == SCOPE_NONE) {
        return;
    }
    rights->everything[ACTION_SEE] = sees_everything(l->m, r, e);
    if (rights->everything[ACTION_SEE]) {
        rights->visible[ACTION_SEE] = ladder->always;
        return;
    }
    const struct expr *x = by_scope(ladder, scope);
    if (ladder->derived != NULL) {
        x = e->visible_all ? through_all(l, ladder, scope)
                           : either(l, ladder->own, ladder->derived);
    }
    rights->visible[ACTION_SEE] = either(l, x, e->visible_if);
    rights->shared = with_shared(l, e, rights->visible[ACTION_SEE]);
}

/* Every other action: its own rung, and never beyond what is seen. A new record only needs its
 * rung. */
static void make_action(struct loader *l, const struct role *r, const struct entity *e,
                        const struct ladder *ladder, enum action action)
{
    struct entity_rights *rights = &r->rights[e->index];
    enum scope scope = rights->scope[action];
    if (scope == SCOPE_NONE || rights->visible[ACTION_SEE] == NULL) {
        rights->scope[action] = SCOPE_NONE;
        return;
    }
    bool narrow = scope != SCOPE_ALL;
    bool alone = action == ACTION_CREATE || action == ACTION_IMPORT;
    const struct expr *seen =
        alone || rights->everything[ACTION_SEE] ? NULL : rights->visible[ACTION_SEE];
    const struct expr *own = narrow ? by_scope(ladder, scope) : NULL;
    const struct expr *x = own != NULL && seen == own ? own : expr_and(l->arena, own, seen);
    rights->visible[action] = x != NULL ? x : ladder->always;
    rights->everything[action] = x == NULL;
}

static const struct role *make_nobody(struct loader *l)
{
    struct role *r = ARENA_NEW(l->arena, struct role);
    *r = (struct role){.id = "", .label = "", .index = -1, .where = ""};
    r->rights = ARENA_ARRAY(l->arena, struct entity_rights, l->m->entity_count + 1);
    return r;
}

static struct sharing find_sharing(const struct model *m)
{
    const struct entity *e = model_entity_find(m, ENTITY_SHARE);
    struct sharing s = {.entity = e != NULL && !e->custom ? e : NULL};
    if (s.entity != NULL) {
        s.records = entity_field_find(e, "records");
        s.user = entity_field_find(e, "user");
        s.until = entity_field_find(e, "until");
    }
    return s;
}

void link_rights(struct loader *l)
{
    struct model *m = l->m;
    m->sharing = find_sharing(m);
    enum scope(*scopes)[ACTION_COUNT] =
        arena_alloc(l->messages, sizeof *scopes * (m->entity_count + 1));
    struct ladder *ladders = ARENA_ARRAY(l->messages, struct ladder, m->entity_count);
    for (size_t i = 0; i < m->entity_count; i++) {
        read_visible(l, &l->defs[i]);
        ladders[i] = make_ladder(l, m->entities[i]);
    }
    for (size_t i = 0; i < m->entity_count; i++) {
        check_circle(l, &l->defs[i]);
    }
    m->nobody = make_nobody(l);
    for (size_t k = 0; k < m->role_count; k++) {
        struct role *r = &m->roles[k];
        r->rights = ARENA_ARRAY(l->arena, struct entity_rights, m->entity_count);
        read_rights(l, r, scopes);
        /* Plain entities first: derived ones ask what is seen of them. */
        for (int pass = 0; pass < 2; pass++) {
            for (size_t i = 0; i < m->entity_count; i++) {
                if ((m->entities[i]->visible_by_count > 0) == (pass == 1)) {
                    copy_scopes(r->rights[i].scope, scopes[i]);
                    make_see(l, r, m->entities[i], &ladders[i]);
                }
            }
        }
        for (size_t i = 0; i < m->entity_count; i++) {
            for (int a = ACTION_CREATE; a < ACTION_COUNT; a++) {
                make_action(l, r, m->entities[i], &ladders[i], (enum action)a);
            }
        }
    }
}
