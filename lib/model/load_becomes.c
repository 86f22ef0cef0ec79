/*
 * What a record becomes: the links with `becomes: true` hold the records it was converted into, the
 * other fields with `becomes` say which of their fields take its values. Linked once all fields have
 * their types; core/convert.c goes by it.
 */
#include <string.h>

#include "base/str.h"
#include "model/field_type.h"
#include "model/load.h"

#define BECOMES_MAX 8

static const struct yaml *said(struct entity_def *d, size_t i)
{
    return d->fields[i].yaml != NULL ? load_def_key(&d->fields[i], "becomes") : NULL;
}

static bool is_true(const struct yaml *node)
{
    return node != NULL && node->type == YAML_SCALAR && strcmp(node->text, "true") == 0;
}

/* A link that holds what the record became. */
static void link_holder(struct loader *l, struct entity *e, struct field *f,
                        const struct yaml *node)
{
    if (!field_is_link(f) || f->to == NULL || f->to == f->entity || entity_is_account(f->to) ||
        f->compute != NULL) {
        load_error(l, node, "only a link to another kind of record holds what a record becomes");
        return;
    }
    if (entity_holder(e, f->to) != NULL) {
        load_error(l, node, "%s has a link that holds the %s it becomes already", f->entity->name,
                   f->to->name);
        return;
    }
    f->holds = true;
    e->converts = true;
}

/* Whatever the one may hold the other may. */
static bool has_room(const struct field *from, const struct field *to)
{
    return (!to->has_max || (from->has_max && from->max <= to->max)) &&
           (!to->has_min || (from->has_min && from->min >= to->min));
}

static bool fits(const struct field *from, const struct field *to)
{
    bool words = field_is_words(from) && field_is_words(to);
    return (from->type == to->type || words) && from->to == to->to && to->compute == NULL &&
           !to->system && !to->readonly.always && !to->type->serial;
}

/* "contact.emails" */
static const struct field *find_target(struct loader *l, const struct field *f,
                                       const struct yaml *node, const char *text)
{
    const char *dot = strchr(text, '.');
    if (dot == NULL) {
        load_error(l, node, "must name a field of what it becomes, like \"contact.emails\"");
        return NULL;
    }
    const char *name = arena_strndup(l->messages, text, (size_t)(dot - text));
    struct entity_def *d = load_entity_def(l, node, name);
    if (d == NULL) {
        return NULL;
    }
    if (entity_holder(f->entity, d->entity) == NULL) {
        load_error(l, node, "%s has no link with \"becomes: true\" to %s", f->entity->name, name);
        return NULL;
    }
    const struct yaml named = {.type = YAML_SCALAR, .text = arena_strdup(l->messages, dot + 1),
                               .line = node->line, .column = node->column, .file = node->file};
    const struct field *to = load_field(l, d->entity, &named);
    if (to != NULL && !fits(f, to)) {
        load_error(l, node, "\"%s\" cannot become %s: it holds another kind of value", f->name, text);
        return NULL;
    }
    if (to != NULL && !has_room(f, to)) {
        load_error(l, node, "\"%s\" may hold what %s does not take; give it the same min and max",
                   f->name, text);
        return NULL;
    }
    return to;
}

/* One entry: fields with " or " between them, of which the first takes the value whose record is made. */
static void link_one(struct loader *l, struct field *f, const struct yaml *node, struct becoming *list)
{
    const char *text = load_text(l, node);
    for (bool otherwise = false; text != NULL; otherwise = true) {
        const char *or = strstr(text, " or ");
        size_t n = or != NULL ? (size_t)(or - text) : strlen(text);
        const struct field *to = find_target(l, f, node, arena_strndup(l->messages, text, n));
        if (to != NULL && f->becomes_count == BECOMES_MAX) {
            load_error(l, node, "becomes more than %d fields", BECOMES_MAX);
        } else if (to != NULL) {
            list[f->becomes_count++] = (struct becoming){to, otherwise};
        }
        text = or != NULL ? or + 4 : NULL;
    }
}

static void link_values(struct loader *l, struct field *f, const struct yaml *node)
{
    size_t count = 0;
    const struct yaml **items = load_items(l, node, &count);
    struct becoming *list = ARENA_ARRAY(l->arena, struct becoming, BECOMES_MAX);
    f->becomes = list;
    if (f->column_count == 0 || field_is_records(f)) {
        load_error(l, node, "a field of this type becomes nothing");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        link_one(l, f, items[i], list);
    }
}

void link_becomes(struct loader *l)
{
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < l->m->entity_count; i++) {
            struct entity_def *d = &l->defs[i];
            for (size_t k = 0; k < d->entity->field_count; k++) {
                const struct yaml *node = said(d, k);
                if (node != NULL && pass == 0 && is_true(node)) {
                    link_holder(l, d->entity, d->fields[k].field, node);
                } else if (node != NULL && pass == 1 && !is_true(node)) {
                    link_values(l, d->fields[k].field, node);
                }
            }
        }
    }
}
