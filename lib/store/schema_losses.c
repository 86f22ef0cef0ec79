/*
 * What applying a model would take from the records that are there, beside fields and tables: keys
 * they hold and the new model does not know (options, stages, pipelines, roles), and saved views
 * that would not work any more. Compared with the applied model, so that each loss is said once.
 *
 * A key without a list is kept in its record: it needs a yes. Where the result could not be used
 * (a deal on no board, a person who cannot sign in) the plan is refused; in the trash it is a loss
 * like the others.
 */
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "model/expr.h"
#include "model/field_type.h"
#include "store/schema_planner.h"

#define IDS_LISTED 5

/* A key that records hold. */
struct use {
    const char *pipeline, *key; /* pipeline: of a stage, else NULL */
    int64_t count, trashed;
};

/* Where the keys of a field stand, as SQL over the record r; a list has a row for each. */
struct place {
    const struct field *f, *was; /* in the model to apply; in the applied one, or NULL */
    const char *from, *key, *pipeline; /* pipeline: "NULL" but for stages */
};

static const char *column_of(struct planner *p, const struct table_entity *te,
                             const struct field *f)
{
    const struct table_field *tf = f ? tables_field(te, f->name, 0) : NULL;
    return tf ? arena_printf(p->a, "r.%s", quoted(p->a, tf->column)) : NULL;
}

/* False when there is no such column yet. */
static bool find_place(struct planner *p, const struct table_entity *te, const struct field *f,
                       struct place *out)
{
    const char *column = column_of(p, te, f);
    const char *table = table_name(p->a, te->name);
    bool list = field_is_list(f);
    *out = (struct place){.f = f, .key = list ? "j.value" : column, .pipeline = "NULL"};
    if (column == NULL) {
        return false;
    }
    out->from = list ? arena_printf(p->a, "%s r, json_each(%s) j", table, column)
                     : arena_printf(p->a, "%s r", table);
    if (f == f->entity->stage) {
        out->pipeline = column_of(p, te, f->entity->pipeline);
    }
    return out->pipeline != NULL;
}

static int read_uses(struct planner *p, const struct place *at, struct use **out, size_t *count)
{
    size_t room = 64;
    struct use *list = ARENA_ARRAY(p->a, struct use, room);
    sqlite3_stmt *st =
        stmt_get(p->db,
                 arena_printf(p->a,
                              "SELECT %s, %s, count(*), count(r.deleted_at) FROM %s WHERE %s IS "
                              "NOT NULL GROUP BY 1, 2",
                              at->pipeline, at->key, at->from, at->key),
                 p->e);
    *count = 0;
    if (!st) {
        return -1;
    }
    int rc;
    while ((rc = stmt_step(p->db, st, p->e)) == 1) {
        if (*count == room) {
            struct use *more = ARENA_ARRAY(p->a, struct use, 2 * room);
            memcpy(more, list, room * sizeof(*list));
            list = more;
            room *= 2;
        }
        list[(*count)++] = (struct use){.pipeline = stmt_text(st, 0, p->a),
                                        .key = stmt_text(st, 1, p->a),
                                        .count = sqlite3_column_int64(st, 2),
                                        .trashed = sqlite3_column_int64(st, 3)};
    }
    stmt_done(st);
    *out = list;
    return rc < 0 ? -1 : 0;
}

/* "id 3", "ids 3, 5, 9", or "first ids 3, 5, 9, 12, 14" of more. */
static int list_ids(struct planner *p, const struct place *at, const struct use *use,
                    const char **out)
{
    sqlite3_stmt *st = stmt_get(
        p->db,
        arena_printf(p->a,
                     "SELECT r.id FROM %s WHERE %s IS ?1 AND %s = ?2 ORDER BY r.id LIMIT ?3",
                     at->from, at->pipeline, at->key),
        p->e);
    if (!st) {
        return -1;
    }
    stmt_bind_text(st, 1, use->pipeline);
    stmt_bind_text(st, 2, use->key);
    sqlite3_bind_int64(st, 3, IDS_LISTED);
    const char *text = use->count > IDS_LISTED ? "first ids" : use->count == 1 ? "id" : "ids";
    const char *before = " ";
    int rc;
    while ((rc = stmt_step(p->db, st, p->e)) == 1) {
        text = arena_printf(p->a, "%s%s%lld", text, before,
                            (long long)sqlite3_column_int64(st, 0));
        before = ", ";
    }
    stmt_done(st);
    *out = text;
    return rc < 0 ? -1 : 0;
}

/* "3 records (ids 5, 6, 9; 1 of them in the trash)" */
static int describe(struct planner *p, const struct place *at, const struct use *use,
                    const char **out)
{
    const char *ids = NULL;
    if (list_ids(p, at, use, &ids) != 0) {
        return -1;
    }
    const char *trash = use->trashed == 0 ? ""
                        : use->trashed == use->count
                            ? "; in the trash"
                            : arena_printf(p->a, "; %lld of them in the trash",
                                           (long long)use->trashed);
    *out = arena_printf(p->a, "%s (%s%s)", plan_records(p->a, use->count), ids, trash);
    return 0;
}

/* ---- keys without a list --------------------------------------------------------------------- */

static bool has_option(const struct model *m, const struct field *f, const char *key)
{
    struct option o;
    for (size_t i = 0; field_option(m, f, i, &o); i++) {
        if (str_eq(o.id, key)) {
            return true;
        }
    }
    return false;
}

static const struct pipeline *pipeline_of(const struct model *m, const char *entity,
                                          const char *id)
{
    const struct pipeline *pl = id ? model_pipeline_find(m, id) : NULL;
    return pl && str_eq(pl->entity->name, entity) ? pl : NULL;
}

/* Does the model know what the record holds? A stage belongs to a pipeline, and goes with it. */
static bool knows(const struct model *m, const struct field *f, const struct use *use)
{
    if (f != f->entity->stage || use->pipeline == NULL) {
        return has_option(m, f, use->key);
    }
    const struct pipeline *pl = pipeline_of(m, f->entity->name, use->pipeline);
    return pl && pipeline_stage_find(pl, use->key);
}

/* "gold, silver", of what both models know; none: "nothing" */
static const char *what_remains(struct planner *p, const struct place *at, const struct use *use)
{
    const struct field *f = at->f;
    const struct pipeline *pl =
        f == f->entity->stage ? pipeline_of(p->m, f->entity->name, use->pipeline) : NULL;
    const char *text = "";
    struct option o;
    for (size_t i = 0; pl ? i < pl->stage_count : field_option(p->m, f, i, &o); i++) {
        const struct use other = {use->pipeline, pl ? pl->stages[i].id : o.id, 0, 0};
        if (!at->was || knows(p->then, at->was, &other)) {
            text = arena_printf(p->a, "%s%s%s", text, *text ? ", " : "", other.key);
        }
    }
    return *text ? text : "nothing";
}

static const char *place_in_files(struct planner *p, const struct field *f, const struct use *use)
{
    if (f != f->entity->stage && f != f->entity->pipeline) {
        return f->options_where ? f->options_where : f->where;
    }
    const struct pipeline *pl = pipeline_of(p->m, f->entity->name, use->pipeline);
    return pl && pl->stages_where ? pl->stages_where : "pipelines.yaml";
}

/* A person's role: without it there is no signing in. */
static bool is_role(const struct field *f)
{
    return str_eq(f->entity->name, ENTITY_USER) && str_eq(f->name, "role");
}

/* What goes, from where, and what that does to the records. */
static const char *sentence(struct planner *p, const struct place *at, const struct use *use,
                            const char *who, bool refused)
{
    const struct field *f = at->f;
    const char *rest = what_remains(p, at, use);
    bool one = use->count == 1;
    if (is_role(f)) {
        return arena_printf(p->a, "Role %s leaves: %s %s it%s; roles are %s.", use->key, who,
                            one ? "has" : "have",
                            refused ? " and could not sign in; give another role first" : "", rest);
    }
    if (f == f->entity->stage || f == f->entity->pipeline) {
        const char *what = f == f->entity->pipeline
                               ? arena_printf(p->a, "Pipeline %s leaves %s", use->key,
                                              f->entity->name)
                               : arena_printf(p->a, "Stage %s leaves pipeline %s of %s", use->key,
                                              use->pipeline, f->entity->name);
        return arena_printf(p->a, "%s: %s %s in it%s; there %s %s.", what, who, one ? "is" : "are",
                            refused ? " and would be on no board; move them first" : "",
                            strchr(rest, ',') ? "are" : "is", rest);
    }
    return arena_printf(p->a,
                        "Option %s of %s.%s leaves: %s %s it and would keep it, where no filter, "
                        "form or import knows it; there %s %s.",
                        use->key, f->entity->name, f->name, who, one ? "holds" : "hold",
                        strchr(rest, ',') ? "are" : "is", rest);
}

static int add_loss(struct planner *p, const struct place *at, const struct use *use)
{
    const struct field *f = at->f;
    bool needed = is_role(f) || f == f->entity->stage || f == f->entity->pipeline;
    bool refused = needed && use->trashed < use->count;
    const char *who = NULL;
    if (describe(p, at, use, &who) != 0) {
        return -1;
    }
    plan_add(p, refused ? STEP_REFUSE : STEP_CHANGE, f->entity->name, f->name,
             sentence(p, at, use, who, refused));
    p->plan->steps[p->plan->count - 1].where = place_in_files(p, f, use);
    if (!refused) {
        plan_last_loses(p);
    }
    return 0;
}

/* Is there a key that the applied model knew and this one does not? A look at the models alone. */
static bool takes_away(const struct model *then, const struct field *was, const struct model *now,
                       const struct field *is)
{
    struct option o;
    if (is == is->entity->stage) {
        for (size_t i = 0; i < then->pipeline_count; i++) {
            const struct pipeline *pl = &then->pipelines[i];
            for (size_t k = 0; pl->entity == was->entity && k < pl->stage_count; k++) {
                const struct use use = {.pipeline = pl->id, .key = pl->stages[k].id};
                if (!knows(now, is, &use)) {
                    return true;
                }
            }
        }
        return false;
    }
    for (size_t i = 0; field_option(then, was, i, &o); i++) {
        if (!has_option(now, is, o.id)) {
            return true;
        }
    }
    return false;
}

/* `was`: NULL of a field that returns, whose values may be older than any list at hand. */
static int plan_keys(struct planner *p, const struct field *was, const struct table_entity *te,
                     const struct field *f)
{
    struct place at;
    struct use *uses = NULL;
    size_t count = 0;
    if ((was && !takes_away(p->then, was, p->m, f)) || !find_place(p, te, f, &at)) {
        return 0;
    }
    at.was = was;
    if (read_uses(p, &at, &uses, &count) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        bool lost = !knows(p->m, f, &uses[i]) && (!was || knows(p->then, was, &uses[i]));
        bool with_pipeline = f == f->entity->stage && uses[i].pipeline &&
                             !pipeline_of(p->m, f->entity->name, uses[i].pipeline);
        if (lost && !with_pipeline && add_loss(p, &at, &uses[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

static int plan_entity_keys(struct planner *p, const struct entity *entity,
                            const struct table_entity *te)
{
    const struct entity *was = model_entity_find(p->then, entity->name);
    for (size_t i = 0; i < entity->field_count; i++) {
        const struct field *f = entity->fields[i];
        struct option first;
        if (f->column_count == 0 || f->compute || !field_option(p->m, f, 0, &first)) {
            continue;
        }
        const struct field *before = was ? entity_field_find(was, f->name) : NULL;
        bool same = before && before->type == f->type;
        if ((same || !before) && plan_keys(p, before, te, f) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- saved views ----------------------------------------------------------------------------- */

struct saved {
    int64_t id;
    const char *name, *entity, *filter, *sort, *columns, *by;
};

static bool names_field(const struct entity *e, const char *name)
{
    return name == NULL || *name == '\0' || entity_field_find(e, name) != NULL;
}

static bool sorts(struct arena *a, const struct entity *e, const char *sort)
{
    while (sort && *sort) {
        size_t n = strcspn(sort, ",");
        const char *key = str_trim(a, arena_strndup(a, sort, n));
        if (!str_eq(key + (*key == '-'), "urgency") && !names_field(e, key + (*key == '-'))) {
            return false;
        }
        sort += n + (sort[n] == ',');
    }
    return true;
}

/* What of the columns an entity has: the count of them, for two models to be compared. */
static size_t columns_known(struct arena *a, const struct entity *e, const char *columns)
{
    const struct json *list = NULL;
    struct err ignored = {0};
    size_t known = 0;
    if (columns && json_parse(a, columns, strlen(columns), &list, &ignored) == 0) {
        for (const struct json *one = list->child; one; one = one->next) {
            known += one->type == JSON_STRING && names_field(e, one->text);
        }
    }
    return known;
}

/* Why a view does not work by this model; NULL: it does. */
static const char *view_problem(struct arena *a, const struct model *m, const struct saved *v)
{
    const struct entity *e = v->entity ? model_entity_find(m, v->entity) : NULL;
    const struct expr *compiled = NULL;
    struct err why = {0};
    if (!e) {
        return arena_printf(a, "there is no entity %s", v->entity ? v->entity : "");
    }
    if (v->filter && *v->filter &&
        expr_compile(a, m, e, NULL, v->filter, KIND_BOOL, &compiled, &why) != 0) {
        return arena_printf(a, "its filter is refused: %s", why.text);
    }
    if (!sorts(a, e, v->sort)) {
        return arena_printf(a, "it is sorted by %s", v->sort);
    }
    return names_field(e, v->by) ? NULL : arena_printf(a, "its board is by %s", v->by);
}

static const char *full_stop(const char *text)
{
    size_t n = strlen(text);
    return n > 0 && strchr(".?!", text[n - 1]) ? "" : ".";
}

static void plan_view(struct planner *p, const struct saved *v)
{
    const char *why = view_problem(p->a, p->then, v) ? NULL : view_problem(p->a, p->m, v);
    const struct entity *was = v->entity ? model_entity_find(p->then, v->entity) : NULL;
    const struct entity *is = v->entity ? model_entity_find(p->m, v->entity) : NULL;
    if (!why && was && is &&
        columns_known(p->a, is, v->columns) < columns_known(p->a, was, v->columns)) {
        why = "not all of its columns are there";
    }
    if (why) {
        plan_add(p, STEP_CHANGE, ENTITY_VIEW, NULL,
                 arena_printf(p->a,
                              "The saved view “%s” of %s (record %lld) does not work any more: "
                              "%s%s",
                              v->name ? v->name : "", v->entity, (long long)v->id, why,
                              full_stop(why)));
        plan_last_loses(p);
    }
}

static int plan_views(struct planner *p, const struct table_entity *te)
{
    static const char *const NAMES[] = {"name", "entity", "filter", "sort", "columns", "by"};
    struct buf sql = {0};
    buf_puts(&sql, "SELECT id");
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        const struct table_field *tf = te ? tables_field(te, NAMES[i], 0) : NULL;
        buf_printf(&sql, ", %s", tf ? quoted(p->a, tf->column) : "NULL");
    }
    buf_printf(&sql, " FROM %s WHERE deleted_at IS NULL ORDER BY id",
               table_name(p->a, ENTITY_VIEW));
    sqlite3_stmt *st = te ? stmt_get(p->db, arena_strdup(p->a, buf_text(&sql)), p->e) : NULL;
    buf_done(&sql);
    if (!st) {
        return te ? -1 : 0;
    }
    int rc;
    while ((rc = stmt_step(p->db, st, p->e)) == 1) {
        const struct saved v = {.id = sqlite3_column_int64(st, 0),
                                .name = stmt_text(st, 1, p->a),
                                .entity = stmt_text(st, 2, p->a),
                                .filter = stmt_text(st, 3, p->a),
                                .sort = stmt_text(st, 4, p->a),
                                .columns = stmt_text(st, 5, p->a),
                                .by = stmt_text(st, 6, p->a)};
        plan_view(p, &v);
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int plan_losses(struct planner *p, const struct tables *t)
{
    if (!p->then) {
        return 0;
    }
    for (size_t i = 0; i < p->m->entity_count; i++) {
        const struct table_entity *te = tables_entity(t, p->m->entities[i]->name);
        if (te && plan_entity_keys(p, p->m->entities[i], te) != 0) {
            return -1;
        }
    }
    return plan_views(p, tables_entity(t, ENTITY_VIEW));
}
