/* See absence.h. */
#include "core/absence.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/zone.h"
#include "core/notice_plan.h"

#define DAY_S 86400

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

/* The day it is where somebody is. */
static int day_of(struct ctx *c, int64_t user, char out[CLOCK_DATE_SIZE])
{
    struct notice_plan plan;
    int64_t now = c->now_ms / 1000, east = 0;
    if (notice_plan_load(c, user, &plan) != 0) {
        return -1;
    }
    (void)zone_offset(plan.zone, now, &east);
    clock_date_from_days((now + east) / DAY_S, out);
    return 0;
}

/* Of the users whose day is days[first], from that one on. */
static int away_on(struct ctx *c, const int64_t *users, char (*days)[CLOCK_DATE_SIZE], size_t count,
                   size_t first, bool *away)
{
    const struct entity *e = model_entity_find(c->model, ENTITY_USER);
    struct who who = {.model = c->model, .now_ms = c->now_ms};
    const char *day = arena_strdup(c->arena, days[first]);
    const struct expr *test = NULL;
    int64_t *of = ARENA_ARRAY(c->arena, int64_t, count);
    bool *out = ARENA_ARRAY(c->arena, bool, count);
    size_t n = 0;
    for (size_t i = first; i < count; i++) {
        if (strcmp(days[i], day) == 0) {
            of[n++] = users[i];
        }
    }
    const char *text = arena_printf(c->arena,
                                    "count(absences where from <= \"%s\" and (until is empty or"
                                    " until >= \"%s\")) > 0",
                                    day, day);
    if (expr_compile(c->arena, c->model, e, NULL, text, KIND_BOOL, &test, &c->err) != 0 ||
        query_match(c->db, &who, e, of, n, &test, 1, c->arena, out, &c->err) != 0) {
        return -1;
    }
    for (size_t i = first, k = 0; i < count; i++) {
        if (strcmp(days[i], day) == 0) {
            away[i] = out[k++];
            days[i][0] = '\0'; /* answered */
        }
    }
    return 0;
}

int absence_today(struct ctx *c, const int64_t *users, size_t count, bool *away)
{
    char(*days)[CLOCK_DATE_SIZE] = arena_alloc(c->arena, (count + 1) * sizeof *days);
    for (size_t i = 0; i < count; i++) {
        if (day_of(c, users[i], days[i]) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (days[i][0] != '\0' && away_on(c, users, days, count, i, away) != 0) {
            return -1;
        }
    }
    return 0;
}
