/* Links get their target entity, targets their relations back, stored fields their columns. */
#include <string.h>

#include "base/str.h"
#include "model/address.h"
#include "model/load.h"

#define RELATIONS_MAX 200

/* ---- targets ---- */

bool names_target(const struct field *f)
{
    return field_is_link(f) && f->type->to == NULL;
}

static void link_target(struct loader *l, struct field_def *d)
{
    struct field *f = d->field;
    const struct yaml *to = d->yaml == NULL ? NULL : yaml_find(d->yaml, "to");
    if (f->type->to != NULL) {
        f->to = model_entity_find(l->m, f->type->to);
    }
    if (!names_target(f)) {
        if (to != NULL) {
            load_key_error(l, to, "only links have a target");
        }
        return;
    }
    if (d->yaml == NULL) {
        f->to = model_entity_find(l->m, ENTITY_TEAM);
    } else if (to == NULL) {
        load_error(l, d->yaml, "a link needs its target entity under \"to\"");
    } else {
        const struct entity_def *target = load_entity_def(l, to, load_text(l, to));
        f->to = target == NULL ? NULL : target->entity;
    }
}

/* A tree has one way up, along an index. */
static void link_tree(struct loader *l, struct entity_def *d, const struct field_def *fd)
{
    const struct field *f = fd->field;
    if (!f->tree) {
        return;
    }
    const struct yaml *key = yaml_find(fd->yaml, "tree");
    if (!names_target(f) || (f->to != NULL && f->to != f->entity)) {
        load_key_error(l, key, "only a link to the same entity makes a tree");
    } else if (d->entity->tree != NULL) {
        load_key_error(l, key, "%s forms a tree by \"%s\" already", f->entity->name,
                       d->entity->tree->name);
    } else {
        d->entity->tree = f;
        fd->field->indexed = true;
    }
}

/* ---- relations ---- */

/* `where` is what names the way back: the node under `reverse`, else the field itself. */
static void add_relation(struct loader *l, const struct field_def *d, struct entity *on,
                         const char *name, const struct yaml *where)
{
    if (entity_relation_find(on, name) != NULL || entity_field_find(on, name) != NULL) {
        load_key_error(l, where, "%s has \"%s\" already; name the way back to %s under \"reverse\"",
                       on->name, name, d->field->entity->plural);
        return;
    }
    if (on->relation_count == RELATIONS_MAX) {
        load_key_error(l, where, "more than %d links point to %s", RELATIONS_MAX, on->name);
        return;
    }
    if (on->relations == NULL) {
        on->relations = ARENA_ARRAY(l->arena, struct relation, RELATIONS_MAX);
    }
    on->relations[on->relation_count++] = (struct relation){
        .name = name,
        .label = where != d->yaml ? load_label_of(l, name) : NULL,
        .from = d->field->entity,
        .by = d->field,
    };
}

static const char *reverse_name(struct loader *l, const struct field_def *d)
{
    const struct yaml *node = yaml_find(d->yaml, "reverse");
    const char *name = load_text(l, node);
    if (name != NULL && !str_is_identifier(name)) {
        load_error(l, node, "must be of small letters, digits and _, like \"deals\"");
        name = NULL;
    }
    return name;
}

static void link_relation(struct loader *l, const struct field_def *d)
{
    struct field *f = d->field;
    const struct yaml *reverse = yaml_find(d->yaml, "reverse");
    const char *name = reverse_name(l, d);
    if (field_is_records(f)) {
        f->reverse = name != NULL ? name : f->entity->plural;
        for (size_t i = 0; i < l->m->entity_count; i++) {
            if (l->m->entities[i]->timeline) {
                add_relation(l, d, l->m->entities[i], f->reverse,
                             reverse != NULL ? reverse : d->yaml);
            }
        }
    } else if (f->to != NULL && (names_target(f) || name != NULL)) {
        f->reverse = name != NULL ? name : f->entity->plural;
        add_relation(l, d, l->m->entities[f->to->index], f->reverse,
                     reverse != NULL ? reverse : d->yaml);
    } else if (reverse != NULL && f->to == NULL && !names_target(f)) {
        load_key_error(l, reverse, "only links have a way back");
    }
}

static void link_pipeline_fields(struct loader *l, struct entity_def *d)
{
    struct entity *e = d->entity;
    for (size_t i = 0; i < e->field_count; i++) {
        struct field *f = e->fields[i];
        const struct field **slot = f->type->kind == TYPE_PIPELINE ? &e->pipeline
                                    : f->type->kind == TYPE_STAGE  ? &e->stage
                                                                   : NULL;
        if (slot != NULL && *slot != NULL) {
            load_key_error(l, d->fields[i].yaml, "%s has a field of type %s already", e->name,
                           f->type->name);
        } else if (slot != NULL) {
            *slot = f;
        }
    }
    size_t pipelines = 0;
    const struct pipeline *used = NULL;
    for (size_t i = 0; i < l->m->pipeline_count; i++) {
        used = l->m->pipelines[i].entity == e ? &l->m->pipelines[i] : used;
        pipelines += l->m->pipelines[i].entity == e;
    }
    if ((e->pipeline != NULL) != (e->stage != NULL)) {
        load_error(l, d->yaml, "%s needs both a field of type pipeline and one of type stage",
                   e->name);
    } else if (e->stage != NULL && pipelines == 0) {
        load_error(l, d->yaml, "%s has a stage but no pipeline; add one to pipelines.yaml",
                   e->name);
    } else if (e->stage == NULL && pipelines > 0) {
        err_add(l->e, l->messages, ERR_INVALID, used->where,
                "%s needs a field of type pipeline and one of type stage", e->name);
    }
}

void link_fields(struct loader *l)
{
    for (size_t i = 0; i < l->m->entity_count; i++) {
        struct entity_def *d = &l->defs[i];
        for (size_t k = 0; k < d->entity->field_count; k++) {
            link_target(l, &d->fields[k]);
            link_tree(l, d, &d->fields[k]);
        }
        link_pipeline_fields(l, d);
    }
    for (size_t i = 0; i < l->m->entity_count; i++) {
        struct entity_def *d = &l->defs[i];
        for (size_t k = 0; k < d->entity->field_count; k++) {
            if (d->fields[k].yaml != NULL) {
                link_relation(l, &d->fields[k]);
            }
        }
    }
}

/* ---- columns ---- */

static void make_columns(struct loader *l, struct field *f)
{
    const struct field_type *t = f->type;
    f->column_count = t->column_count;
    f->columns = ARENA_ARRAY(l->arena, struct column, t->column_count);
    for (size_t i = 0; i < t->column_count; i++) {
        f->columns[i] = (struct column){
            .field = f,
            .part = (int)i,
            .name = t->suffix[i][0] == '\0' ? f->name
                                            : arena_printf(l->arena, "%s%s", f->name, t->suffix[i]),
            .sql_type = t->sql_type[i],
            .sql_name = f->system ? f->name : NULL, /* of others: by the store */
        };
    }
}

/* "amount_base" belongs to the money field amount and can be no field of its own. */
static void check_column_names(struct loader *l, const struct field_def *d)
{
    const struct field *f = d->field;
    for (size_t i = 1; i < f->column_count; i++) {
        const struct field *other = entity_field_find(f->entity, f->columns[i].name);
        if (other != NULL) {
            err_add(l->e, l->messages, ERR_INVALID, other->where,
                    "\"%s\" is a reserved name beside the %s field \"%s\"", other->name,
                    f->type->name, f->name);
        }
    }
}

static void link_addresses(struct loader *l, struct entity *e)
{
    for (size_t i = 0; i < e->field_count; i++) {
        if (e->fields[i]->type->form == FORM_ADDRESSES) {
            e->fields[i]->beside = address_beside(l->arena, e->fields[i]);
        }
    }
}

void link_columns(struct loader *l)
{
    for (size_t i = 0; i < l->m->entity_count; i++) {
        struct entity_def *d = &l->defs[i];
        struct entity *e = d->entity;
        e->columns = ARENA_ARRAY(l->arena, struct column *, e->field_count * FIELD_MAX_COLUMNS);
        for (size_t k = 0; k < e->field_count; k++) {
            struct field *f = e->fields[k];
            if (f->compute != NULL && !f->stored) {
                continue;
            }
            make_columns(l, f);
            check_column_names(l, &d->fields[k]);
            for (size_t c = 0; !f->system && c < f->column_count; c++) {
                e->columns[e->column_count++] = &f->columns[c];
            }
        }
        link_addresses(l, e);
    }
}

/* ---- names of columns, once titles and indexes are known ---- */

/* "city_k" is the folded city, which makes lists and searches quick. */
static void refuse_key(struct loader *l, const struct column *c)
{
    const struct entity *e = c->field->entity;
    const struct field *other =
        column_has_key(c) ? entity_field_find(e, arena_printf(l->arena, "%s_k", c->name)) : NULL;
    if (other != NULL && other->column_count > 0) {
        err_add(l->e, l->messages, ERR_INVALID, other->where,
                "\"%s\" is a reserved name beside the field \"%s\"", other->name, c->field->name);
    }
}

void link_names(struct loader *l)
{
    for (size_t i = 0; i < l->m->entity_count; i++) {
        const struct entity *e = l->m->entities[i];
        for (size_t k = 0; k < e->column_count; k++) {
            refuse_key(l, e->columns[k]);
        }
    }
}
