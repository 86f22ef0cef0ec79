/*
 * The next steps that are planned while an activity is written, ticked off or deleted, or while a
 * record of a pipeline is written: one request, one change-set, one undo.
 */
#include <string.h>

#include "core/parts.h"
#include "core/series.h"

#define STEPS_MAX 20

bool then_is_asked(const struct ctx *c, const struct entity *e, const char *member)
{
    bool of_pipeline = e->pipeline != NULL && e->timeline && c->model->work != NULL;
    return (e->story.done != NULL || of_pipeline) && strcmp(member, THEN) == 0;
}

/* What is wrong with a step is told at "activity.then.due" or "deal.then.due", not at the field of
 * the entry. */
static void rename_problems(struct ctx *c, const struct entity *entry)
{
    const char *work = c->model->work->name;
    size_t n = strlen(work);
    for (struct err_item *i = c->err.items; i != NULL; i = i->next) {
        if (strncmp(i->where, work, n) == 0 && i->where[n] == '.') {
            i->where = arena_printf(c->arena, "%s." THEN "%s", entry->name, i->where + n);
        }
    }
}

/* A step concerns what its entry concerns; one of a deal concerns the deal. */
static struct value concerns(struct ctx *c, const struct record *entry)
{
    return entry->entity == c->model->work
               ? record_value(entry, entry->entity->story.records)
               : value_text(arena_printf(c->arena, "[%lld]", (long long)entry->id));
}

static int create_one(struct ctx *c, const struct record *entry, const struct json *step)
{
    const struct entity *e = c->model->work;
    const struct field *links = e->story.records;
    struct field_set *set = field_set_new(c->arena, e);
    struct written done = {0};
    if (step->type != JSON_OBJECT) {
        return ctx_fail(c, ERR_MALFORMED, THEN, "Name the next steps as objects.");
    }
    if (json_find(step, THEN) != NULL || json_find(step, SERIES_REPEAT) != NULL) {
        return ctx_fail(c, ERR_MALFORMED, THEN, "A next step happens once, and has none of its own.");
    }
    int rc = record_parse(c, e, step, 0, true, set);
    if (rc == 0 && !set->given[links->index]) {
        struct value v = concerns(c, entry);
        field_set_put(set, e, links, &v);
    }
    rc = rc == 0 ? write_insert(c, e, set, &done) : rc;
    if (rc != 0) {
        rename_problems(c, entry->entity);
    }
    return rc;
}

int then_create(struct ctx *c, const struct record *entry, const struct json *body)
{
    const struct entity *e = c->model->work;
    const struct json *list = body != NULL && then_is_asked(c, entry->entity, THEN)
                                  ? json_find(body, THEN)
                                  : NULL;
    if (list == NULL) {
        return 0;
    }
    if (list->type != JSON_ARRAY || list->count > STEPS_MAX) {
        return ctx_fail(c, ERR_MALFORMED, THEN, "Name the next steps as a list, at most %d.",
                        STEPS_MAX);
    }
    if (list->count > 0 && access_entity(c, ACTION_CREATE, e) != 0) {
        return -1;
    }
    for (const struct json *one = list->child; one != NULL; one = one->next) {
        if (create_one(c, entry, one) != 0) {
            return -1;
        }
    }
    return 0;
}
