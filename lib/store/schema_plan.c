/*
 * What applying a model would change, as sentences with counts; reads only. Doing it is
 * schema_apply.c. See schema_plan.h.
 */
#include "store/schema_plan.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/yaml.h"
#include "model/field_type.h"
#include "store/schema_planner.h"

#define CURRENCY_PART 1 /* of a money field's columns: the code; the others are amounts */

void plan_add(struct planner *p, enum step_kind kind, const char *entity, const char *field,
              const char *text)
{
    struct plan *plan = p->plan;
    if (plan->count == p->room) {
        size_t room = p->room ? 2 * p->room : 32;
        struct plan_step *steps = ARENA_ARRAY(p->a, struct plan_step, room);
        if (plan->count > 0) {
            memcpy(steps, plan->steps, plan->count * sizeof(*steps));
        }
        plan->steps = steps;
        p->room = room;
    }
    plan->steps[plan->count++] =
        (struct plan_step){.kind = kind, .entity = entity, .field = field, .text = text};
    plan->refused = plan->refused || kind == STEP_REFUSE;
}

/* A refusal that is said of a field of the files. */
static void refuse_field(struct planner *p, const struct field *f, const char *text)
{
    plan_add(p, STEP_REFUSE, f->entity->name, f->name, text);
    p->plan->steps[p->plan->count - 1].where = f->where;
}

void plan_last_loses(struct planner *p)
{
    p->plan->steps[p->plan->count - 1].loses = true;
    p->plan->loses = true;
}

const char *plan_step_where(struct arena *a, const struct plan_step *step)
{
    if (step->where) {
        return step->where;
    }
    return arena_printf(a, "%s%s%s", step->entity ? step->entity : "conf", step->field ? "." : "",
                        step->field ? step->field : "");
}

/* Counts rows; `condition` is made from the model. */
static int count_rows(struct planner *p, const char *entity, const char *condition, int64_t *out)
{
    const char *sql =
        arena_printf(p->a, "SELECT count(*) FROM %s%s", table_name(p->a, entity), condition);
    return db_get_int(p->db, sql, NULL, 0, 0, out, p->e);
}

const char *plan_records(struct arena *a, int64_t n)
{
    return arena_printf(a, "%lld record%s", (long long)n, n == 1 ? "" : "s");
}

static const char *hold(struct arena *a, int64_t n)
{
    return arena_printf(a, "%s %s a value", plan_records(a, n), n == 1 ? "holds" : "hold");
}

/* ---- fields ---------------------------------------------------------------------------------- */

static int plan_unique(struct planner *p, const struct entity *entity,
                       const struct table_entity *te, const struct field *f)
{
    const struct column *c = &f->columns[f->type->compared];
    const struct table_field *tf = tables_field(te, f->name, c->part);
    if (!tf) {
        return 0;
    }
    const char *sought = quoted(p->a, tf->column);
    if (column_has_key(c)) { /* close to the folded key, which may not exist yet */
        sought = arena_printf(p->a, "lower(%s)", sought);
    }
    const char *sql = arena_printf(
        p->a,
        "SELECT count(*) FROM (SELECT 1 FROM %s WHERE deleted_at IS NULL AND %s IS NOT NULL"
        " GROUP BY %s HAVING count(*) > 1)",
        table_name(p->a, entity->name), sought, sought);
    int64_t doubles = 0;
    if (db_get_int(p->db, sql, NULL, 0, 0, &doubles, p->e) != 0) {
        return -1;
    }
    if (doubles > 0) {
        refuse_field(
            p, f,
            arena_printf(p->a,
                         "Field %s of %s cannot become unique: %lld value%s more than once.",
                         f->name, entity->name, (long long)doubles,
                         doubles == 1 ? " occurs" : "s occur"));
    }
    return 0;
}

/* One that earlier versions gave another name is made anew without a word. */
static bool has_index(const struct planner *p, const struct index_want *want)
{
    for (size_t i = 0; i < p->index_count; i++) {
        if (index_is_like(&p->indexes[i], want)) {
            return true;
        }
    }
    return false;
}

static int plan_indexes(struct planner *p, const struct entity *entity,
                        const struct table_entity *te)
{
    struct index_want *wants = NULL;
    size_t count = index_wants(p->a, entity, &wants);
    for (size_t i = 0; i < count; i++) {
        if (has_index(p, &wants[i])) {
            continue;
        }
        const struct field *f = wants[i].unique;
        plan_add(p, STEP_ADD_INDEX, entity->name, f ? f->name : NULL,
                 arena_printf(p->a, "%s gets the index %s.", entity->label, wants[i].name));
        const struct table_field *tf = f ? tables_field(te, f->name, 0) : NULL;
        if (tf && str_eq(tf->type, type_text(p->a, f)) && plan_unique(p, entity, te, f) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Money has the places of the base currency: what that may change to is plan_currency's affair. */
static bool is_money(const struct table_field *tf)
{
    return str_starts(tf->type, "money:") || str_starts(tf->type, "computed money:");
}

/* What is there, and every value it had before, is of the new type as it stands. */
static bool widens(const struct table_field *tf, const struct field *f)
{
    return f->type->widens != NULL && str_eq(tf->type, f->type->widens) && !f->compute;
}

static void refuse_type(struct planner *p, const struct column *c, const struct table_field *tf)
{
    const struct field *f = c->field;
    refuse_field(
        p, f,
        arena_printf(p->a,
                     "Field %s of %s changes from %s to %s: renames and conversions come with "
                     "a later release.",
                     f->name, f->entity->name, tf->type, type_text(p->a, f)));
}

/* A field that comes with the program takes the place of one of the customer's, which was there
 * first or has left: its column keeps what it holds, under another name. */
static bool takes_place(const struct planner *p, const struct field *f)
{
    const struct entity *e = p->then ? model_entity_find(p->then, f->entity->name) : NULL;
    const struct field *was = e ? entity_field_find(e, f->name) : NULL;
    return !f->custom && p->then && (!was || was->custom);
}

static int plan_aside(struct planner *p, const struct field *f, const struct table_field *tf)
{
    int64_t filled = 0;
    if (count_rows(p, f->entity->name, arena_printf(p->a, " WHERE \"%s\" IS NOT NULL", tf->column),
                   &filled) != 0) {
        return -1;
    }
    plan_add(p, STEP_ASIDE, f->entity->name, f->name,
             arena_printf(p->a,
                          "Field %s (%s) of this version takes the place of yours (%s) in %s: %s; "
                          "the column is kept and hidden.",
                          f->name, type_text(p->a, f), tf->type, f->entity->name,
                          hold(p->a, filled)));
    if (filled > 0 && !tf->gone) {
        plan_last_loses(p);
    }
    return 0;
}

/* A counted field numbers the records that have no number yet. */
static int plan_serials(struct planner *p, const struct field *f, const char *condition)
{
    int64_t count = 0;
    if (!f->type->serial) {
        return 0;
    }
    if (count_rows(p, f->entity->name, condition, &count) != 0) {
        return -1;
    }
    if (count > 0) {
        plan_add(p, STEP_CHANGE, f->entity->name, f->name,
                 arena_printf(p->a, "%s of %s %s a number in %s, in the order they were made.",
                              plan_records(p->a, count), f->entity->name,
                              count == 1 ? "gets" : "get", f->name));
    }
    return 0;
}

/* One field of an entity that has a table; first column only, the others follow. */
static int plan_field(struct planner *p, const struct entity *entity, const struct table_entity *te,
                      const struct column *c)
{
    const struct field *f = c->field;
    const struct table_field *tf = tables_field(te, f->name, c->part);
    if (!tf) {
        plan_add(p, STEP_ADD_FIELD, entity->name, f->name,
                 arena_printf(p->a, "Field %s (%s) is added to %s.", f->name, type_text(p->a, f),
                              entity->name));
        return plan_serials(p, f, "");
    }
    if (widens(tf, f)) {
        plan_add(p, STEP_CHANGE, entity->name, f->name,
                 arena_printf(p->a, "Field %s of %s becomes %s; what it holds (%s) stays.", f->name,
                              entity->name, f->type->name, tf->type));
    } else if (!str_eq(tf->type, type_text(p->a, f)) &&
               !(is_money(tf) && f->type->kind == TYPE_MONEY)) {
        if (takes_place(p, f)) {
            return plan_aside(p, f, tf);
        }
        refuse_type(p, c, tf);
        return 0;
    }
    if (tf->gone) {
        int64_t filled = 0; /* counted for the words only: it reads the whole table */
        if (count_rows(p, entity->name,
                       arena_printf(p->a, " WHERE \"%s\" IS NOT NULL", tf->column),
                       &filled) != 0) {
            return -1;
        }
        plan_add(p, STEP_RETURN_FIELD, entity->name, f->name,
                 arena_printf(p->a, "Field %s returns to %s: %s.", f->name, entity->name,
                              hold(p->a, filled)));
        return plan_serials(p, f, arena_printf(p->a, " WHERE \"%s\" IS NULL", tf->column));
    }
    if (f->compute && !str_eq(tf->definition, column_definition(p->a, p->m, c))) {
        plan_add(
            p, STEP_CHANGE, entity->name, f->name,
            arena_printf(p->a, "Computed field %s of %s is computed anew.", f->name, entity->name));
    }
    return 0;
}

/* Columns that were kept and are called like one that is needed now. */
static int plan_rooms(struct planner *p, const struct entity *entity, const struct table_entity *te)
{
    struct room *rooms = NULL;
    size_t count = 0;
    if (rooms_needed(p->db, p->a, entity, te, &rooms, &count, p->e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        const struct table_field *tf = rooms[i].holder;
        int64_t filled = 0;
        if (rooms[i].kind != ROOM_MOVE) {
            continue;
        }
        if (count_rows(p, entity->name, arena_printf(p->a, " WHERE \"%s\" IS NOT NULL", tf->column),
                       &filled) != 0) {
            return -1;
        }
        const struct field *f = rooms[i].column->field;
        plan_add(p, STEP_CHANGE, entity->name, f->name,
                 arena_printf(p->a,
                              "Field %s of %s needs the column %s: what is there of the field %s, "
                              "which %s no longer has, is kept under another name; %s.",
                              f->name, entity->name, tf->column, tf->name, entity->name,
                              hold(p->a, filled)));
        p->plan->steps[p->plan->count - 1].where = f->where;
    }
    return 0;
}

static bool model_has(const struct entity *entity, const struct table_field *tf)
{
    for (size_t i = 0; i < entity->column_count; i++) {
        if (str_eq(entity->columns[i]->field->name, tf->name)) {
            return true;
        }
    }
    return false;
}

static int plan_removed_fields(struct planner *p, const struct entity *entity,
                               const struct table_entity *te)
{
    for (size_t i = 0; i < te->count; i++) {
        const struct table_field *tf = &te->fields[i];
        if (tf->gone || tf->part != 0 || model_has(entity, tf)) {
            continue;
        }
        int64_t filled = 0;
        if (count_rows(p, entity->name, arena_printf(p->a, " WHERE \"%s\" IS NOT NULL", tf->column),
                       &filled) != 0) {
            return -1;
        }
        plan_add(p, STEP_REMOVE_FIELD, entity->name, tf->name,
                 arena_printf(p->a, "Field %s leaves %s: %s; the column is kept and hidden.",
                              tf->name, entity->name, hold(p->a, filled)));
        if (filled > 0) {
            plan_last_loses(p);
        }
    }
    return 0;
}

/* ---- entities -------------------------------------------------------------------------------- */

static int plan_texts(struct planner *p, const struct entity *entity, const struct table_entity *te)
{
    if (str_eq(entity_definition(p->a, entity), te->definition)) {
        return 0;
    }
    int64_t count = 0;
    if (count_rows(p, entity->name, "", &count) != 0) {
        return -1;
    }
    plan_add(p, STEP_CHANGE, entity->name, NULL,
             arena_printf(p->a, "Titles and search of %s are made anew: %s.", entity->name,
                          plan_records(p->a, count)));
    return 0;
}

static int plan_entity(struct planner *p, const struct entity *entity,
                       const struct table_entity *te)
{
    if (!te) {
        plan_add(p, STEP_ADD_ENTITY, entity->name, NULL,
                 arena_printf(p->a, "Entity %s is new.", entity->name));
        return 0;
    }
    if (te->gone) {
        int64_t count = 0;
        if (count_rows(p, entity->name, "", &count) != 0) {
            return -1;
        }
        plan_add(
            p, STEP_ADD_ENTITY, entity->name, NULL,
            arena_printf(p->a, "Entity %s returns with %s.", entity->name, plan_records(p->a, count)));
    }
    for (size_t i = 0; i < entity->column_count; i++) {
        if (entity->columns[i]->part == 0 && plan_field(p, entity, te, entity->columns[i]) != 0) {
            return -1;
        }
    }
    return plan_removed_fields(p, entity, te) != 0 || plan_rooms(p, entity, te) != 0 ||
                   plan_indexes(p, entity, te) != 0 || plan_texts(p, entity, te) != 0
               ? -1
               : 0;
}

static int plan_removed_entities(struct planner *p, const struct model *m, const struct tables *t)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct table_entity *te = &t->entities[i];
        int64_t count = 0;
        if (te->gone || model_entity_find(m, te->name)) {
            continue;
        }
        if (count_rows(p, te->name, "", &count) != 0) {
            return -1;
        }
        plan_add(p, STEP_REMOVE_ENTITY, te->name, NULL,
                 arena_printf(p->a, "Entity %s leaves: %s; its table is kept and hidden.", te->name,
                              plan_records(p->a, count)));
        if (count > 0) {
            plan_last_loses(p);
        }
    }
    return 0;
}

/* ---- texts ----------------------------------------------------------------------------------- */

static bool same_text(const struct source *x, const struct source *y)
{
    return x->size == y->size && memcmp(x->text, y->text, x->size) == 0;
}

static const struct source *find_source(const struct source *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (!list[i].builtin && str_eq(list[i].name, name)) {
            return &list[i];
        }
    }
    return NULL;
}

/* What a file leaves behind when it is deleted, and what another text of it means where no other
 * line of the plan says so. `loses`: nothing else of the plan shows what its end does. */
static const struct {
    const char *name, *gone, *changed;
    bool loses;
} FILES[] = {
    {COMPANY_FILE, "the company's settings go back to their defaults", NULL, true},
    {"pipelines.yaml", "the pipelines that come with Kontor are used again", NULL, true},
    {"roles.yaml", "the roles that come with Kontor are used again", "who may do what", true},
    {"views.yaml", "its views are not offered any more", NULL, false},
    {"forms.yaml", "the forms of websites are no longer served", "what forms of websites ask and do",
     true},
    {"rules.yaml", "nothing is done or refused by rules any more",
     "what is done or refused by itself when records change", true},
    {"response.yaml", "no clock of first answers runs any more",
     "when enquiries are to be answered and who is told", true},
    {"calendar.yaml", "there are no working hours and no holidays any more",
     "working hours and holidays", true},
    {"holidays/", "its days are no holidays any more", "which days are holidays", false},
    {"targets.yaml", "forecasts have no targets any more", "the targets of forecasts", true},
    {"follow_ups.yaml", "the follow-ups that come with Kontor are suggested again",
     "what is suggested as a next step", false},
    {"fields.yaml", "what it added to the built-in records leaves them", NULL, false},
    {"imports/", "files with its header are mapped by their names again", NULL, false},
    {"entities/", "its kind of record leaves", NULL, false},
};

/* A deleted file is as quiet as a forgotten one: it is always said. */
static void plan_gone(struct planner *p, const char *name)
{
    for (size_t i = 0; i < COUNT(FILES); i++) {
        if (str_starts(name, FILES[i].name)) {
            plan_add(p, STEP_CHANGE, NULL, NULL,
                     arena_printf(p->a, "%s is gone: %s.", name, FILES[i].gone));
            if (FILES[i].loses) {
                plan_last_loses(p);
            }
        }
    }
}

static void plan_changed(struct planner *p, const char *name, bool is_new)
{
    for (size_t i = 0; i < COUNT(FILES); i++) {
        if (FILES[i].changed != NULL && str_starts(name, FILES[i].name)) {
            plan_add(p, STEP_CHANGE, NULL, NULL,
                     arena_printf(p->a, "%s %s: %s.", name, is_new ? "is new" : "is another",
                                  FILES[i].changed));
        }
    }
}

static void compare_sources(struct planner *p, const struct model *m)
{
    for (size_t i = 0; i < m->source_count; i++) {
        const struct source *now = &m->sources[i];
        const struct source *then =
            now->builtin ? NULL : find_source(p->applied, p->applied_count, now->name);
        if (!now->builtin && (!then || !same_text(now, then))) {
            p->plan->differs = true;
            plan_changed(p, now->name, then == NULL);
        }
    }
    for (size_t i = 0; i < p->applied_count; i++) {
        if (!find_source(m->sources, m->source_count, p->applied[i].name)) {
            p->plan->differs = true;
            plan_gone(p, p->applied[i].name);
        }
    }
}

/* ---- the base currency ----------------------------------------------------------------------- */

/* What the applied files say, in the plan's arena. */
static const char *applied_currency(const struct planner *p)
{
    const struct source *file = find_source(p->applied, p->applied_count, COMPANY_FILE);
    const struct yaml *root = NULL;
    struct err ignored = {0};
    if (!file || yaml_parse(p->a, file->name, file->text, file->size, &root, &ignored) != 0) {
        return COMPANY_CURRENCY;
    }
    const struct yaml *code = yaml_find(root, "currency");
    return code && code->type == YAML_SCALAR ? code->text : COMPANY_CURRENCY;
}

/* Records with an amount in any column of money (hidden ones too), or that had one: history and
 * comparisons with the past read it. Zero is zero in every currency. */
static int count_amounts(struct planner *p, const struct table_entity *te, int64_t *out)
{
    struct buf sql = {0};
    bool any = false;
    buf_printf(&sql, "SELECT count(*) FROM %s r WHERE 0", table_name(p->a, te->name));
    for (size_t i = 0; i < te->count; i++) {
        const struct table_field *tf = &te->fields[i];
        if (is_money(tf) && tf->part != CURRENCY_PART) {
            buf_printf(&sql,
                       " OR r.\"%s\" <> 0 OR EXISTS (SELECT 1 FROM change WHERE field = %lld"
                       " AND record = r.id AND before <> 0)",
                       tf->column, (long long)tf->id);
            any = true;
        }
    }
    *out = 0;
    int rc = any ? db_get_int(p->db, buf_text(&sql), NULL, 0, 0, out, p->e) : 0;
    buf_done(&sql);
    return rc;
}

/* Base amounts are stored: another base currency would make other sums of the same numbers. */
static int plan_currency(struct planner *p, const struct model *m, const struct tables *t)
{
    const struct company *now = &m->company;
    const char *then = applied_currency(p);
    int64_t all = 0;
    if (t->count == 0 || str_eq(then, now->currency)) {
        return 0;
    }
    p->plan->currency = true;
    for (size_t i = 0; i < t->count; i++) {
        int64_t n;
        if (count_amounts(p, &t->entities[i], &n) != 0) {
            return -1;
        }
        all += n;
    }
    if (all == 0) {
        plan_add(p, STEP_CHANGE, NULL, NULL,
                 arena_printf(p->a, "The currency changes from %s to %s: no amounts are stored.",
                              then, now->currency));
    } else {
        plan_add(p, STEP_REFUSE, NULL, NULL,
                 arena_printf(p->a,
                              "The currency cannot change from %s to %s: %s %s amounts counted in "
                              "%s. Write \"currency: %s\" again; another currency needs a new data "
                              "directory.",
                              then, now->currency, plan_records(p->a, all), all == 1 ? "holds" : "hold",
                              then, then));
    }
    p->plan->steps[p->plan->count - 1].where = now->currency_where;
    return 0;
}

static int plan_all(struct planner *p, const struct tables *t)
{
    const struct model *m = p->m;
    if (plan_currency(p, m, t) != 0) {
        return -1;
    }
    compare_sources(p, m);
    for (size_t i = 0; i < m->entity_count; i++) {
        if (plan_entity(p, m->entities[i], tables_entity(t, m->entities[i]->name)) != 0) {
            return -1;
        }
    }
    return plan_removed_entities(p, m, t) != 0 || plan_losses(p, t) != 0 ||
                   plan_pipelines(p, t) != 0
               ? -1
               : 0;
}

int schema_plan(struct db *db, const struct model *m, struct arena *a, struct plan *out,
                struct err *e)
{
    struct planner p = {.db = db, .m = m, .a = a, .plan = out, .e = e};
    struct tables t = {0};
    struct model *then = NULL;
    *out = (struct plan){0};
    if (tables_read(db, a, &t, e) != 0 || index_haves(db, a, &p.indexes, &p.index_count, e) != 0 ||
        schema_applied_sources(db, a, &p.applied, &p.applied_count, e) != 0 ||
        schema_applied_model(db, a, &then, e) != 0) {
        return -1;
    }
    p.then = then;
    int rc = plan_all(&p, &t);
    if (then) {
        model_release(then);
    }
    return rc;
}
