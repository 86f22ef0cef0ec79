/* One record that another one becomes: new, or complemented; see convert.h. */
#include <string.h>

#include "core/convert.h"
#include "model/address.h"
#include "model/unite.h"

/* ---- Values of the source -------------------------------------------------------------------- */

static bool is_wanted(const struct convert *v, const struct entity *e)
{
    for (size_t i = 0; i < v->count; i++) {
        if (v->targets[i].entity == e) {
            return v->targets[i].body != NULL;
        }
    }
    return false;
}

/* Of the entries of a field the one that gives to entity e; of alternatives only the first wanted. */
static const struct field *given_to(const struct convert *v, const struct field *f, const struct entity *e)
{
    bool taken = false;
    for (size_t i = 0; i < f->becomes_count; i++) {
        const struct becoming *b = &f->becomes[i];
        taken = b->otherwise && taken;
        if (!taken && b->to->entity == e) {
            return b->to;
        }
        taken = taken || is_wanted(v, b->to->entity);
    }
    return NULL;
}

static bool has_option(const struct field *f, struct value v)
{
    for (size_t i = 0; v.kind == VALUE_TEXT && i < f->option_count; i++) {
        if (strcmp(f->options[i].id, v.s) == 0) {
            return true;
        }
    }
    return f->type->options != OPTIONS_OWN || field_unites(f);
}

/* The value as readers see it, by the columns of the field that takes it; false: there is none. */
static bool value_of(const struct convert *v, const struct field *f, const struct field *to,
                     struct value out[FIELD_MAX_COLUMNS])
{
    struct value whole = address_is_shared(f) ? record_addresses(v->c->arena, v->source, f)
                                              : record_value(v->source, f);
    if (value_is_empty(whole) || !has_option(to, whole)) {
        return false;
    }
    memcpy(out, record_values(v->source, f), sizeof(*out) * f->column_count);
    out[0] = whole;
    return true;
}

/* What stands in an existing record stays; lists are united. before NULL: a new record. */
static void put_value(const struct convert *v, const struct record *before, const struct field *to,
                      struct value *values, struct field_set *set)
{
    if (before != NULL) {
        struct value now = address_is_shared(to) ? record_addresses(v->c->arena, before, to)
                                                 : record_value(before, to);
        if (!value_is_empty(now) && !field_unites(to)) {
            return;
        }
        values[0] = field_unites(to) ? unite_lists(v->c->arena, to, now, values[0]) : values[0];
        if (value_equal(values[0], now)) {
            return;
        }
    }
    field_set_put(set, to->entity, to, values);
}

static void put_values(const struct convert *v, const struct outcome *t, const struct record *before,
                       struct field_set *set)
{
    for (size_t i = 0; i < v->entity->field_count; i++) {
        const struct field *f = v->entity->fields[i];
        const struct field *to = given_to(v, f, t->entity);
        struct value values[FIELD_MAX_COLUMNS] = {{0}};
        bool may = to != NULL && !set->given[to->index] && access_sees(v->c, f) && access_sets(v->c, to);
        if (may && value_of(v, f, to, values)) {
            put_value(v, before, to, values, set);
        }
    }
}

/* ---- What belongs together ------------------------------------------------------------------- */

static const struct field *link_to(const struct entity *e, const struct entity *to)
{
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        if (field_is_link(f) && !f->system && !f->hidden && f->compute == NULL && !f->readonly.always &&
            f->to == to && f->column_count == 1) {
            return f;
        }
    }
    return NULL;
}

/* The person belongs to the company, the deal to both. */
static void put_links(const struct convert *v, size_t at, const struct record *before, struct field_set *set)
{
    const struct outcome *t = &v->targets[at];
    for (size_t i = 0; i < at; i++) {
        const struct field *f = link_to(t->entity, v->targets[i].entity);
        bool free = f != NULL && v->targets[i].id != 0 && !set->given[f->index] && access_sets(v->c, f) &&
                    (before == NULL || value_is_empty(record_value(before, f)));
        if (free) {
            const struct value id = value_int(v->targets[i].id);
            field_set_put(set, t->entity, f, &id);
        }
    }
}

/* Whose the source is, his is what was made of it, as far as the actor may give it away. */
static void put_owner(const struct convert *v, const struct outcome *t, struct field_set *set)
{
    const struct entity *e = t->entity;
    const struct field *from[] = {v->entity->owner, v->entity->team}, *to[] = {e->owner, e->team};
    const struct role *role = v->c->actor.role;
    bool may = role == NULL || role->rights[e->index].everything[ACTION_CREATE];
    for (size_t i = 0; may && i < COUNT(from); i++) {
        if (from[i] != NULL && to[i] != NULL && !set->given[to[i]->index] && access_sets(v->c, to[i]) &&
            record_value(v->source, from[i]).kind == VALUE_INT) {
            field_set_put(set, e, to[i], record_values(v->source, from[i]));
        }
    }
}

/* What is sold is called like who asks, where nothing else names it. */
static void put_name(const struct convert *v, const struct outcome *t, struct field_set *set)
{
    const struct field *name = t->entity->title_count == 1 ? t->entity->title[0] : NULL;
    if (t->entity->stage != NULL && name != NULL && field_is_words(name) && !set->given[name->index]) {
        const struct value title = value_text(v->source->title);
        field_set_put(set, t->entity, name, &title);
    }
}

/* ---- One target ------------------------------------------------------------------------------ */

/* A write whose values are wrong has said so; the others are looked at all the same. */
static int go_on(const struct convert *v, int rc)
{
    return rc != 0 && v->c->err.item_count == 0 ? -1 : 0;
}

static int make_new(struct convert *v, size_t at)
{
    struct ctx *c = v->c;
    struct outcome *t = &v->targets[at];
    struct field_set *set = field_set_new(c->arena, t->entity);
    if (access_entity(c, ACTION_CREATE, t->entity) != 0) {
        return -1;
    }
    if (record_parse(c, t->entity, t->body, 0, true, set) != 0) {
        return go_on(v, -1);
    }
    put_values(v, t, NULL, set);
    put_links(v, at, NULL, set);
    put_owner(v, t, set);
    put_name(v, t, set);
    if (keep_addresses(c, t->entity, set) != 0) {
        return go_on(v, -1);
    }
    t->made = true;
    int rc = write_insert(c, t->entity, set, &t->written);
    t->id = t->written.record != NULL ? t->written.record->id : 0;
    rc = rc == 0 ? then_create(c, t->written.record, t->body) : rc;
    return go_on(v, rc);
}

/* The body without its id. */
static const struct json *changes_of(struct ctx *c, const struct json *body)
{
    struct json *out = ARENA_NEW(c->arena, struct json), *last = NULL;
    *out = (struct json){.type = JSON_OBJECT};
    for (const struct json *m = body->child; m != NULL; m = m->next) {
        if (strcmp(m->key, "id") == 0) {
            continue;
        }
        struct json *copy = ARENA_NEW(c->arena, struct json);
        *copy = *m;
        copy->next = NULL;
        out->child = out->child == NULL ? copy : out->child;
        if (last != NULL) {
            last->next = copy;
        }
        last = copy;
        out->count++;
    }
    return out;
}

static int no_such(struct ctx *c, const struct outcome *t)
{
    err_clear(&c->err);
    return err_add(&c->err, c->arena, ERR_INVALID, t->entity->name, "There is no such %s.",
                   t->entity->label);
}

static int use_one(struct convert *v, size_t at, const struct json *id)
{
    struct ctx *c = v->c;
    struct outcome *t = &v->targets[at];
    const struct json *changes = changes_of(c, t->body);
    struct record *before = NULL;
    if (json_int(id, &t->id) != 0 || t->id < 1) {
        return ctx_fail(c, ERR_MALFORMED, t->entity->name, "\"id\" is the id of a record.");
    }
    if (record_permit(c, ACTION_SEE, t->entity, t->id, false) != 0) {
        t->id = 0;
        return c->err.code == ERR_NOT_FOUND ? go_on(v, no_such(c, t)) : -1;
    }
    if (record_permit(c, ACTION_EDIT, t->entity, t->id, false) != 0) {
        if (c->err.code != ERR_FORBIDDEN || changes->count > 0) {
            return -1;
        }
        err_clear(&c->err);
        return 0;
    }
    struct field_set *set = field_set_new(c->arena, t->entity);
    if (rows_load(c->db, t->entity, t->id, c->arena, &before, &c->err) != 0) {
        return -1;
    }
    if (record_parse(c, t->entity, changes, t->id, false, set) != 0) {
        return go_on(v, -1);
    }
    put_values(v, t, before, set);
    put_links(v, at, before, set);
    return go_on(v, keep_addresses(c, t->entity, set) != 0 ? -1 : write_change(c, before, set, &t->written));
}

int convert_make(struct convert *v, size_t at)
{
    struct outcome *t = &v->targets[at];
    if (t->body == NULL) {
        return 0;
    }
    const struct json *id = json_find(t->body, "id");
    return id != NULL ? use_one(v, at, id) : make_new(v, at);
}
