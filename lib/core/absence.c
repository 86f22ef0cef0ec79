/* See absence.h. */
#include "core/absence.h"

#include <string.h>

#include "base/str.h"

void absence_keep(const struct ctx *c, struct record *r)
{
    const struct field *user =
        str_eq(r->entity->name, ENTITY_ABSENCE) ? entity_field_find(r->entity, "user") : NULL;
    (void)c;
    if (user != NULL && r->entity->owner != NULL) {
        struct value v = record_value(r, user);
        if (v.kind == VALUE_INT) {
            record_set(r, r->entity->owner, &v);
        }
    }
}

bool absence_is_moved(const struct record *before, const struct record *r)
{
    const struct field *owner = r->entity->owner;
    return str_eq(r->entity->name, ENTITY_ABSENCE) && owner != NULL &&
           !value_equal(record_value(before, owner), record_value(r, owner));
}

void absence_check(struct ctx *c, const struct record *r)
{
    const struct entity *e = r->entity;
    bool absence = str_eq(e->name, ENTITY_ABSENCE);
    const struct field *from = absence ? entity_field_find(e, "from") : NULL;
    const struct field *until = absence ? entity_field_find(e, "until") : NULL;
    if (from == NULL || until == NULL) {
        return;
    }
    struct value first = record_value(r, from), last = record_value(r, until);
    if (first.kind == VALUE_TEXT && last.kind == VALUE_TEXT && strcmp(last.s, first.s) < 0) {
        err_add(&c->err, c->arena, ERR_INVALID, ENTITY_ABSENCE ".until",
                "%s is before the first day.", until->label);
    }
}

int absence_today(struct ctx *c, const int64_t *users, size_t count, bool *away)
{
    static const char TEST[] =
        "count(absences where from <= today() and (until is empty or until >= today())) > 0";
    const struct entity *e = model_entity_find(c->model, ENTITY_USER);
    struct who who = {.model = c->model, .now_ms = c->now_ms};
    const struct expr *test = NULL;
    if (count == 0) {
        return 0;
    }
    return expr_compile(c->arena, c->model, e, NULL, TEST, KIND_BOOL, &test, &c->err) != 0 ||
                   query_match(c->db, &who, e, users, count, &test, 1, c->arena, away, &c->err) != 0
               ? -1
               : 0;
}
