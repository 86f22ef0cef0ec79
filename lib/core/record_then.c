/*
 * The next steps that are planned while an activity is written or ticked off: one request, one
 * change-set, one undo.
 */
#include <string.h>

#include "core/build.h"
#include "core/parts.h"

#define STEPS_MAX 20

bool then_is_asked(const struct entity *e, const char *member)
{
    return e->story.done != NULL && strcmp(member, THEN) == 0;
}

/* What is wrong with a step is told at "activity.then.due", not at the field of the entry. */
static void rename_problems(struct ctx *c, const struct entity *e)
{
    size_t n = strlen(e->name);
    for (struct err_item *i = c->err.items; i != NULL; i = i->next) {
        if (strncmp(i->where, e->name, n) == 0 && i->where[n] == '.') {
            i->where = arena_printf(c->arena, "%s." THEN "%s", e->name, i->where + n);
        }
    }
}

static int create_one(struct ctx *c, const struct record *entry, const struct json *step)
{
    const struct entity *e = entry->entity;
    const struct field *links = e->story.records;
    struct field_set *set = field_set_new(c->arena, e);
    struct written done = {0};
    if (step->type != JSON_OBJECT) {
        return ctx_fail(c, ERR_MALFORMED, THEN, "Name the next steps as objects.");
    }
    int rc = record_parse(c, e, step, 0, true, set);
    if (rc == 0 && !set->given[links->index]) {
        struct value v = record_value(entry, links);
        field_set_put(set, e, links, &v);
    }
    rc = rc == 0 ? write_insert(c, e, set, &done) : rc;
    if (rc != 0) {
        rename_problems(c, e);
    }
    return rc;
}

int then_create(struct ctx *c, const struct record *entry, const struct json *body)
{
    const struct entity *e = entry->entity;
    const struct json *list = then_is_asked(e, THEN) ? json_find(body, THEN) : NULL;
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

static bool is_open(const struct record *r)
{
    return r != NULL && r->deleted_at == 0 &&
           record_value(r, r->entity->story.done).kind == VALUE_NULL;
}

/* Is nothing planned about it any more? */
static int has_none(struct ctx *c, const struct record *r, bool *out)
{
    const struct story *s = &c->model->work->story;
    const struct entity *e = r->entity;
    const struct who system = {.model = c->model, .now_ms = c->now_ms};
    const struct relation *rel = e->relations;
    struct value answer;
    while (rel < e->relations + e->relation_count && rel->by != s->records) {
        rel++;
    }
    if (rel == e->relations + e->relation_count) {
        return 0;
    }
    const struct expr *count = build_aggregate(c->arena, FN_COUNT, rel, 0, NULL,
                                               build_empty(c->arena, s->done, true));
    if (query_eval(c->db, &system, e, r->id, &count, 1, c->arena, &answer, &c->err) != 0) {
        return -1;
    }
    *out = answer.kind != VALUE_INT || answer.i == 0;
    return 0;
}

static int check_one(struct ctx *c, const struct title_row *row)
{
    struct record *r = NULL;
    bool none = false;
    if (row->entity == NULL || row->hidden || row->entity->pipeline == NULL) {
        return 0;
    }
    if (rows_load(c->db, row->entity, row->id, c->arena, &r, &c->err) != 0) {
        return -1;
    }
    const struct pipeline *p = keep_pipeline_of(c, r);
    const struct stage *s = keep_stage_of(c, r);
    if (p == NULL || s == NULL || !p->next_step || s->kind != STAGE_OPEN || r->deleted_at != 0) {
        return 0;
    }
    if (has_none(c, r, &none) != 0) {
        return -1;
    }
    return none ? err_add(&c->err, c->arena, ERR_INVALID,
                          arena_printf(c->arena, "%s." THEN, c->model->work->name),
                          "“%s” is open and nothing else is planned for it: plan the next step.",
                          row->title)
                : 0;
}

int then_check(struct ctx *c, const struct record *before, const struct record *after)
{
    const struct entity *e = before->entity;
    const struct who system = {.model = c->model, .now_ms = c->now_ms};
    int64_t *ids = NULL;
    if (e != c->model->work || !is_open(before) || is_open(after)) {
        return 0;
    }
    size_t count = print_ids(c->arena, record_value(before, e->story.records), &ids);
    struct title_row *rows = ARENA_ARRAY(c->arena, struct title_row, count + 1);
    if (count > 0 && query_titles(c->db, &system, ids, count, c->arena, rows, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (check_one(c, &rows[i]) != 0) {
            return -1;
        }
    }
    return 0;
}
