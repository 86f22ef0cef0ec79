/*
 * Writing records: the one way in, for one record at a time, inside a running write. Row first,
 * then what the store derives from it, then validation of what now stands there; whoever called
 * decides about the savepoint when it fails.
 */
#include <string.h>

#include "core/absence.h"
#include "core/assigned.h"
#include "core/file.h"
#include "core/mention.h"
#include "core/parts.h"
#include "core/remind.h"
#include "core/rule.h"
#include "core/series_parts.h"
#include "model/response.h"
#include "store/jobs.h"

/* ---- Values ---------------------------------------------------------------------------------- */

static void apply_set(struct record *r, const struct field_set *set)
{
    const struct entity *e = r->entity;
    for (size_t i = 0; i < e->column_count; i++) {
        if (set->given[e->columns[i]->field->index]) {
            r->values[i] = set->values[i];
        }
    }
}

/* A record that goes back to a time before it was counted keeps its number. */
static void keep_serials(const struct record *before, struct record *after)
{
    for (size_t i = 0; i < after->entity->column_count; i++) {
        if (after->entity->columns[i]->field->type->serial && after->values[i].kind == VALUE_NULL) {
            after->values[i] = before->values[i];
        }
    }
}

static struct record *copy_record(struct arena *a, const struct record *r)
{
    struct record *copy = record_new(a, r->entity);
    struct value *values = copy->values;
    *copy = *r;
    copy->values = values;
    memcpy(values, r->values, sizeof(*values) * r->entity->column_count);
    return copy;
}

/* The ids of `before` that the actor may not see stay in a list he writes: what he cannot see he
 * cannot take away. */
static int keep_unseen(struct ctx *c, const struct record *before, struct record *after,
                       const struct field *f)
{
    int64_t *ids = NULL, *set = NULL;
    size_t count = print_ids(c->arena, record_value(before, f), &ids);
    struct title_row *rows = NULL;
    if (count == 0 || c->actor.role == NULL) {
        return 0;
    }
    if (print_titles(c, ids, count, &rows) != 0) {
        return -1;
    }
    size_t set_count = print_ids(c->arena, record_value(after, f), &set);
    char *text = arena_strdup(c->arena, "");
    for (size_t i = 0; i < set_count; i++) {
        text =
            arena_printf(c->arena, "%s%s%lld", text, *text != '\0' ? "," : "", (long long)set[i]);
    }
    for (size_t i = 0; i < count; i++) {
        bool again = false;
        for (size_t k = 0; k < set_count && !again; k++) {
            again = set[k] == ids[i];
        }
        if (rows[i].hidden && !again) {
            text = arena_printf(c->arena, "%s%s%lld", text, *text != '\0' ? "," : "",
                                (long long)ids[i]);
        }
    }
    struct value v =
        *text != '\0' ? value_text(arena_printf(c->arena, "[%s]", text)) : value_null();
    record_set(after, f, &v);
    return 0;
}

static int keep_lists(struct ctx *c, const struct record *before, struct record *after,
                      const bool *given)
{
    for (size_t i = 0; i < after->entity->field_count; i++) {
        const struct field *f = after->entity->fields[i];
        if (given[i] && field_is_records(f) && keep_unseen(c, before, after, f) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- One record ------------------------------------------------------------------------------ */

/* The store's refusals of a unique value become items like those of validation. */
static int as_item(struct ctx *c)
{
    if (c->err.code == ERR_CONFLICT && c->err.item_count == 0) {
        struct err clash = c->err;
        err_add(&c->err, c->arena, ERR_CONFLICT, clash.where, "%s", clash.text);
    }
    return -1;
}

static int settle(struct ctx *c, const struct record *before, struct record *r)
{
    if (rows_compute(c->db, c->model, &c->change, r, &c->err) != 0) {
        return -1;
    }
    return rows_rollup(c->db, c->model, &c->change, before, r, &c->err) != 0
               ? -1
               : lines_settle(c, before, r);
}

int write_derived(struct ctx *c, const struct record *before, struct record *after, bool *changed)
{
    keep_rates(before, after);
    if (rows_update(c->db, c->model, &c->change, before, after, changed, &c->err) != 0) {
        return as_item(c);
    }
    return *changed ? settle(c, before, after) : 0;
}

/* A new record must be one the actor may create: his own, his team's, anybody's; so must an absence
 * that comes to be about somebody else. */
static int check_created(struct ctx *c, const struct record *r)
{
    if (c->actor.role == NULL ||
        c->actor.role->rights[r->entity->index].everything[ACTION_CREATE]) {
        return 0;
    }
    struct who who = ctx_who(c);
    int permitted = query_permits(c->db, &who, ACTION_CREATE, r->entity, r->id, false, &c->err);
    if (permitted < 0) {
        return -1;
    }
    return permitted == 1 ? 0
                          : ctx_fail(c, ERR_FORBIDDEN, "", "You may not create this %s for others.",
                                     r->entity->name);
}

int write_insert(struct ctx *c, const struct entity *e, const struct field_set *set,
                 struct written *out)
{
    struct record *r = record_new(c->arena, e);
    apply_set(r, set);
    if (keep_defaults(c, r, set->given) != 0 || keep_pipeline(c, NULL, r, set->given) != 0 ||
        keep_tags(c, NULL, r, set->given) != 0 || lines_keep(c, NULL, r, set->given) != 0) {
        return -1;
    }
    user_fold(c, r);
    absence_keep(c, r);
    if (view_check(c, NULL, r) != 0 || tag_check(c, NULL, r) != 0 ||
        share_check(c, NULL, r) != 0 || file_check(c, NULL, r) != 0 || mention_settle(c, NULL, r) != 0) {
        return -1;
    }
    if (rows_insert(c->db, c->model, &c->change, r, &c->err) != 0) {
        return as_item(c);
    }
    if (settle(c, NULL, r) != 0 || user_check(c, NULL, r) != 0 || check_created(c, r) != 0 ||
        mention_tell(c, NULL, r) != 0 ||
        assigned_tell(c, NULL, r) != 0 || share_tell(c, r) != 0 ||
        remind_changed(c, NULL, r) != 0) {
        return -1;
    }
    share_changed(c, e);
    *out = (struct written){.record = r, .changed = true};
    return check_record(c, NULL, r, set->given, c->dry_run ? &out->draft : NULL);
}

/* What a form needs to know of a record nobody changed. It is not validated: what is wrong with it
 * was so before. */
static int draft_unchanged(struct ctx *c, const struct record *before, const struct record *r,
                           const bool *given, struct draft *draft)
{
    struct err said = c->err;
    err_clear(&c->err);
    int rc = check_record(c, before, r, given, draft);
    if (rc == 0 || c->err.code == ERR_INVALID) {
        c->err = said;
        return 0;
    }
    return -1;
}

static bool has_new_owner(const struct record *before, const struct record *after)
{
    const struct field *owner = before->entity->owner;
    return owner != NULL &&
           !value_equal(record_value(before, owner), record_value(after, owner));
}

int write_change(struct ctx *c, const struct record *before, const struct field_set *set,
                 struct written *out)
{
    struct record *after = copy_record(c->arena, before);
    bool changed = false;
    apply_set(after, set);
    keep_serials(before, after);
    if (keep_lists(c, before, after, set->given) != 0 ||
        (has_new_owner(before, after) && keep_team(c, after, set->given) != 0) ||
        keep_pipeline(c, before, after, set->given) != 0 ||
        keep_tags(c, before, after, set->given) != 0 ||
        lines_keep(c, before, after, set->given) != 0) {
        return -1;
    }
    keep_rates(before, after);
    keep_same_addresses(c, before, after, set->given);
    series_mark(c, before, after, set->given);
    user_fold(c, after);
    absence_keep(c, after);
    if (view_check(c, before, after) != 0 || tag_check(c, before, after) != 0 ||
        share_check(c, before, after) != 0 || file_check(c, before, after) != 0 || mention_settle(c, before, after) != 0) {
        return -1;
    }
    if (rows_update(c->db, c->model, &c->change, before, after, &changed, &c->err) != 0) {
        return as_item(c);
    }
    if (changed && (settle(c, before, after) != 0 || user_check(c, before, after) != 0 ||
                    user_changed(c, before, after) != 0 ||
                    (absence_is_moved(before, after) && check_created(c, after) != 0) ||
                    mention_tell(c, before, after) != 0 ||
                    assigned_tell(c, before, after) != 0 ||
                    remind_changed(c, before, after) != 0)) {
        return -1;
    }
    *out = (struct written){.record = after, .changed = changed};
    if (!changed) {
        return c->dry_run ? draft_unchanged(c, before, after, set->given, &out->draft) : 0;
    }
    return check_record(c, before, after, set->given, c->dry_run ? &out->draft : NULL);
}

struct record *record_copy(struct arena *a, const struct record *r)
{
    struct record *copy = record_new(a, r->entity);
    struct value *values = copy->values;
    *copy = *r;
    copy->values = values;
    memcpy(values, r->values, sizeof(*values) * r->entity->column_count);
    return copy;
}

/* A clock of first answers that runs again strikes again (lib/rules/response.c): at once, when its
 * moment has gone by meanwhile. before NULL: it comes out of the bin. */
static int clock_again(struct ctx *c, const struct record *before, const struct record *after)
{
    const struct response *p = response_of(c->model, after->entity);
    struct value by = p != NULL ? record_value(after, p->by) : value_null();
    if (by.kind != VALUE_INT || (before != NULL && value_equal(by, record_value(before, p->by)))) {
        return 0;
    }
    const struct timer t = {
        .kind = RESPONSE_TIMER, .record = after->id, .key = "", .due_at = by.i};
    return timers_set(c->db, &t, &c->err);
}

int write_back(struct ctx *c, const struct record *before, struct record *after, bool *changed)
{
    if (rows_update(c->db, c->model, &c->change, before, after, changed, &c->err) != 0) {
        return as_item(c);
    }
    if (!*changed) {
        return 0;
    }
    const char *above = NULL;
    if (tree_check(c, before, after, &above) != 0) {
        return -1;
    }
    if (above != NULL) {
        const struct field *f = after->entity->tree;
        return ctx_fail(c, ERR_CONFLICT,
                        arena_printf(c->arena, "%s.%s", after->entity->name, f->name),
                        "The record %s", above);
    }
    return settle(c, before, after) != 0 || user_check(c, before, after) != 0 ||
                   user_changed(c, before, after) != 0 || clock_again(c, before, after) != 0
               ? -1
               : 0;
}

int record_insert_in(struct ctx *c, const struct entity *e, const struct field_set *set,
                     struct record **out)
{
    struct written w = {0};
    if (write_insert(c, e, set, &w) != 0) {
        return -1;
    }
    *out = w.record;
    return 0;
}

int record_change_in(struct ctx *c, struct record *before, const struct field_set *set,
                     bool *changed)
{
    struct written w = {0};
    if (write_change(c, before, set, &w) != 0) {
        return -1;
    }
    *changed = w.changed;
    return 0;
}

int record_trash_in(struct ctx *c, struct record *r)
{
    const struct record before = *r;
    if (r->deleted_at != 0) {
        return 0;
    }
    if (user_check(c, r, NULL) != 0 || tag_check_trash(c, r) != 0 || rows_trash(c->db, c->model, &c->change, r, &c->err) != 0 ||
        rows_rollup(c->db, c->model, &c->change, &before, r, &c->err) != 0 ||
        lines_settle(c, &before, r) != 0 || rule_refuse_move(c, r, RULE_DELETED) != 0) {
        return -1;
    }
    return user_changed(c, r, NULL);
}

int record_restore_in(struct ctx *c, struct record *r)
{
    const struct record before = *r;
    if (r->deleted_at == 0) {
        return 0;
    }
    if (user_permit_all(c, r->entity) != 0) {
        return -1;
    }
    if (rows_restore(c->db, c->model, &c->change, r, &c->err) != 0) {
        return as_item(c);
    }
    share_changed(c, r->entity);
    return rows_rollup(c->db, c->model, &c->change, &before, r, &c->err) != 0 ||
                   lines_settle(c, &before, r) != 0 ||
                   rule_refuse_move(c, r, RULE_RESTORED) != 0 || clock_again(c, NULL, r) != 0
               ? -1
               : 0;
}
