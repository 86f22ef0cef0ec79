/*
 * Names in expressions: fields of the record, of linked records, of records that link here.
 *
 * A name is looked up in the innermost scope first and then outwards, so that a condition within an
 * aggregate can use fields of both sides. Fields the role may not see are unknown names.
 */
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "model/check.h"

/* Parts of a field that are no records. */
static const struct {
    enum expr_kind of; /* kind of field it belongs to */
    enum type_kind type;
    const char *name;
    enum expr_attribute attribute;
    enum expr_kind kind;
} ATTRIBUTES[] = {
    {KIND_CHOICE, TYPE_STAGE, "kind", ATTR_STAGE_KIND, KIND_CHOICE},
    {KIND_CHOICE, TYPE_STAGE, "label", ATTR_STAGE_LABEL, KIND_TEXT},
    {KIND_CHOICE, TYPE_STAGE, "percent", ATTR_STAGE_PERCENT, KIND_NUMBER},
    {KIND_CHOICE, TYPE_STAGE, "forecast", ATTR_STAGE_FORECAST, KIND_CHOICE},
    {KIND_MONEY, TYPE_MONEY, "currency", ATTR_CURRENCY, KIND_TEXT},
    {KIND_MONEY, TYPE_MONEY, "own", ATTR_OWN, KIND_NUMBER},
};

static const struct field *find_field(const struct check *c, const struct entity *e,
                                      const char *name)
{
    const struct field *f = entity_field_find(e, name);
    const struct role *role = c->request->role;
    return f == NULL || f->hidden || (role != NULL && !role_sees(role, f)) ? NULL : f;
}

static const struct relation *find_relation(const struct check *c, const struct entity *e,
                                            const char *name)
{
    const struct relation *r = entity_relation_find(e, name);
    const struct role *role = c->request->role;
    return r == NULL || (role != NULL && !role_sees(role, r->by)) ? NULL : r;
}

static int refuse_name(struct check *c, const struct entity *e, const char *name, int position)
{
    const char **names = ARENA_ARRAY(c->arena, const char *, e->field_count + e->relation_count);
    size_t n = 0;
    for (size_t i = 0; i < e->field_count; i++) {
        if (find_field(c, e, e->fields[i]->name) != NULL) {
            names[n++] = e->fields[i]->name;
        }
    }
    for (size_t i = 0; i < e->relation_count; i++) {
        if (find_relation(c, e, e->relations[i].name) != NULL) {
            names[n++] = e->relations[i].name;
        }
    }
    const char *near = str_nearest(name, names, n);
    if (near == NULL) {
        return CHECK_REFUSE(c, position, "there is no field \"%.60s\" in %s", name, e->name);
    }
    return CHECK_REFUSE(c, position, "there is no field \"%.60s\" in %s; do you mean \"%s\"?", name,
                        e->name, near);
}

/* Where the first name belongs: sets the scope; *skip is 1 when the name is that of the list
 * itself. */
static const struct entity *find_scope(const struct check *c, const char *name, size_t count,
                                       int *up, size_t *skip)
{
    *skip = 0;
    for (size_t i = c->scope_count; i-- > 0;) {
        const struct check_scope *scope = &c->scopes[i];
        *up = (int)(c->scope_count - 1 - i);
        if (find_field(c, scope->entity, name) != NULL ||
            find_relation(c, scope->entity, name) != NULL) {
            return scope->entity;
        }
        if (count > 1 && str_eq(scope->relation, name)) {
            *skip = 1;
            return scope->entity;
        }
    }
    *up = 0;
    return c->scopes[c->scope_count - 1].entity;
}

/* Sees to it that a computed field has its type, and takes over what its expression does. */
static int resolve(struct check *c, const struct field *f)
{
    const struct expr_request *request = c->request;
    if (request->resolve != NULL && request->resolve(request->data, f) != 0) {
        return CHECK_REFUSE(c, 0, "%s", EXPR_REPORTED);
    }
    if (f->compute != NULL && !f->stored) {
        c->varies |= f->compute->varies;
        c->climbs |= f->compute->climbs;
        c->aggregates |= f->compute->aggregates;
    }
    return 0;
}

static void add_step(struct check *c, struct expr *x, const struct field *f)
{
    const struct field **path = ARENA_ARRAY(c->arena, const struct field *, x->path_count + 1);
    for (size_t i = 0; i < x->path_count; i++) {
        path[i] = x->path[i];
    }
    path[x->path_count++] = f;
    x->path = path;
    c->climbs = true;
}

static int take_attribute(struct check *c, struct expr *x, const char *name, int position)
{
    const struct field *f = x->field;
    const char *names[COUNT(ATTRIBUTES)];
    size_t n = 0;
    for (size_t i = 0; i < COUNT(ATTRIBUTES); i++) {
        if (ATTRIBUTES[i].type != f->type->kind || f->compute != NULL) {
            continue;
        }
        names[n++] = ATTRIBUTES[i].name;
        if (strcmp(ATTRIBUTES[i].name, name) == 0) {
            x->attribute = ATTRIBUTES[i].attribute;
            x->type = (struct expr_type){.kind = ATTRIBUTES[i].kind, .field = f};
            x->type.places = x->attribute == ATTR_OWN ? f->places : 0;
            return 0;
        }
    }
    if (n == 0) {
        return CHECK_REFUSE(c, position, "\"%s\" is %s and has no \"%.60s\"", f->name,
                            check_describe(c, x), name);
    }
    const char *near = str_nearest(name, names, n);
    return CHECK_REFUSE(c, position, "\"%s\" has no \"%.60s\"; do you mean \"%s\"?", f->name, name,
                        near != NULL ? near : names[0]);
}

/* Walks names[from..] from entity e into x. */
static int walk(struct check *c, const struct syntax *s, size_t from, const struct entity *e,
                struct expr *x)
{
    for (size_t i = from; i < s->name_count; i++) {
        const char *name = s->names[i];
        if (x->field != NULL && x->type.kind == KIND_LINK && x->type.entity != NULL &&
            x->field->type->kind != TYPE_ID) {
            e = x->type.entity;
            add_step(c, x, x->field);
        } else if (x->field != NULL) {
            return i + 1 == s->name_count ? take_attribute(c, x, name, s->name_positions[i])
                                          : CHECK_REFUSE(c, s->name_positions[i],
                                                         "\"%s\" has no fields", x->field->name);
        }
        x->field = find_field(c, e, name);
        if (x->field == NULL && find_relation(c, e, name) != NULL) {
            return CHECK_REFUSE(c, s->name_positions[i],
                                "\"%s\" is a list; use count(%s) or sum(%s.field)", name, name,
                                name);
        }
        if (x->field == NULL) {
            return refuse_name(c, e, name, s->name_positions[i]);
        }
        if (resolve(c, x->field) != 0) {
            return -1;
        }
        x->type = expr_type_of(x->field);
    }
    return 0;
}

struct expr *check_names(struct check *c, const struct syntax *s)
{
    struct expr *x = check_new(c, EXPR_FIELD, s->position, KIND_NONE);
    size_t skip;
    const struct entity *e = find_scope(c, s->names[0], s->name_count, &x->up, &skip);
    return walk(c, s, skip, e, x) == 0 ? x : NULL;
}

/* Link fields up to the list; returns the index behind the list's name, 0: refused. */
static size_t walk_to_relation(struct check *c, const struct syntax *s, struct expr *x)
{
    size_t i;
    const struct entity *e = find_scope(c, s->names[0], s->name_count, &x->up, &i);
    for (; i < s->name_count; i++) {
        const struct field *f = find_field(c, e, s->names[i]);
        const struct relation *r = f == NULL ? find_relation(c, e, s->names[i]) : NULL;
        if (r != NULL) {
            x->relation = r;
            return i + 1;
        }
        if (f == NULL) {
            refuse_name(c, e, s->names[i], s->name_positions[i]);
            return 0;
        }
        struct expr_type type = resolve(c, f) == 0 ? expr_type_of(f) : (struct expr_type){0};
        if (type.kind != KIND_LINK || type.entity == NULL || f->type->kind == TYPE_ID) {
            break;
        }
        add_step(c, x, f);
        e = type.entity;
    }
    CHECK_REFUSE(c, s->position, "%s needs a list of records that link here, like %s",
                 s->function->name, s->function->example);
    return 0;
}

static int check_measure(struct check *c, const struct syntax *s, size_t from, struct expr *x)
{
    bool count = s->function->id == FN_COUNT;
    if (count != (from == s->name_count)) {
        return CHECK_REFUSE(c, s->position, "write %s", s->function->form);
    }
    if (count) {
        x->type = (struct expr_type){.kind = KIND_NUMBER};
        return 0;
    }
    struct expr *m = check_new(c, EXPR_FIELD, s->name_positions[from], KIND_NONE);
    if (walk(c, s, from, x->relation->from, m) != 0) {
        return -1;
    }
    bool number = m->type.kind == KIND_NUMBER || m->type.kind == KIND_MONEY;
    bool time = m->type.kind == KIND_DATE || m->type.kind == KIND_INSTANT;
    bool extreme = s->function->id == FN_MIN || s->function->id == FN_MAX;
    if (!number && !(time && extreme)) {
        return CHECK_REFUSE(c, s->name_positions[from], "%s needs a number%s, \"%s\" is %s",
                            s->function->name, extreme ? " or a date" : "", m->field->name,
                            check_describe(c, m));
    }
    x->measure = m;
    x->type = m->type;
    x->type.field = NULL;
    return 0;
}

struct expr *check_aggregate(struct check *c, const struct syntax *s)
{
    struct expr *x = check_new(c, EXPR_AGGREGATE, s->position, KIND_NONE);
    x->function = s->function->id;
    size_t from = walk_to_relation(c, s, x);
    if (from == 0) {
        return NULL;
    }
    if (c->scope_count == CHECK_SCOPES_MAX) {
        CHECK_REFUSE(c, s->position, "more than %d aggregates within each other",
                     CHECK_SCOPES_MAX - 1);
        return NULL;
    }
    c->scopes[c->scope_count++] =
        (struct check_scope){.entity = x->relation->from, .relation = x->relation->name};
    struct expr *where = NULL;
    int failed = check_measure(c, s, from, x);
    if (failed == 0 && s->where != NULL) {
        where = check_condition(c, s->where);
        failed = where == NULL;
    }
    c->scope_count--;
    c->aggregates = true;
    x->where = where;
    return failed ? NULL : x;
}
