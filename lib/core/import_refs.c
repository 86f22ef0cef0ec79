/*
 * Ids that records had in the system a file comes from. They are kept beside the records (table
 * external), so that a second file links up by them and the same file changes instead of doubling.
 * See import_parts.c for the plan and store/external.h for the table.
 */
#include <string.h>

#include "base/str.h"
#include "core/import.h"
#include "core/parts.h"
#include "store/external.h"
#include "store/merged.h"

#define SALESFORCE       "salesforce"
#define SALESFORCE_LONG  18 /* the same id with a checksum behind it */
#define SALESFORCE_SHORT 15

/* As it is kept: the first of several, in the short form. */
static const char *normal(struct ctx *c, const char *system, const char *text)
{
    const char *one = str_trim(c->arena, arena_strndup(c->arena, text, strcspn(text, ";")));
    bool longer = strcmp(system, SALESFORCE) == 0 && strlen(one) == SALESFORCE_LONG;
    return longer ? arena_strndup(c->arena, one, SALESFORCE_SHORT) : one;
}

/* The oldest living record of the entity that the actor may see: nobody takes an id from a record by
 * bringing it for one of his own. */
static int find(struct ctx *c, const char *system, const struct entity *e, const char *key,
                int64_t *id)
{
    struct who who = ctx_who(c);
    int64_t noted = 0, survivor = 0;
    int seen = 0;
    *id = 0;
    while (seen == 0) {
        if (external_next(c->db, system, e->name, key, &noted, &c->err) != 0) {
            return -1;
        }
        if (noted == 0) {
            return 0;
        }
        if (merged_survivor(c->db, noted, &survivor, &c->err) != 0) {
            return -1;
        }
        survivor = survivor != 0 ? survivor : noted;
        seen = query_permits(c->db, &who, ACTION_SEE, e, survivor, false, &c->err);
    }
    *id = seen > 0 ? survivor : 0;
    return seen < 0 ? -1 : 0;
}

const char *import_ref_own(struct ctx *c, const struct row_run *run)
{
    const struct import_plan *p = run->plan;
    for (size_t i = 0; i < p->column_count; i++) {
        if (p->columns[i].own_ref) {
            const char *text = import_cell_text(c, &p->columns[i], run->row, i);
            return text[0] != 0 ? normal(c, p->system, text) : NULL;
        }
    }
    return NULL;
}

int import_ref_known(struct ctx *c, const char *system, const struct entity *e, const char *key,
                     int64_t *id)
{
    return find(c, system, e, key, id);
}

int import_ref_find(struct ctx *c, const struct row_run *run, int64_t *id)
{
    const char *key = import_ref_own(c, run);
    *id = 0;
    return key == NULL ? 0 : find(c, run->plan->system, run->plan->entity, key, id);
}

int import_ref_other(struct ctx *c, const struct row_run *run, int64_t id, bool *other)
{
    const struct import_plan *p = run->plan;
    const char *key = import_ref_own(c, run);
    struct external *known = NULL;
    size_t count = 0;
    *other = false;
    if (key == NULL) {
        return 0;
    }
    if (external_list(c->db, id, c->arena, &known, &count, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        *other = *other || (str_eq(known[i].system, p->system) &&
                            str_eq(known[i].kind, p->entity->name) && !str_eq(known[i].key, key));
    }
    return 0;
}

int import_ref_target(struct ctx *c, const struct row_run *run, const struct import_column *column,
                      const char *text, int64_t *id)
{
    if (column->to == NULL) {
        return IMPORT_LEFT_EMPTY;
    }
    if (find(c, run->plan->system, column->to, normal(c, run->plan->system, text), id) != 0) {
        return -1;
    }
    return *id != 0 ? 0 : run->defer && column->to == run->plan->entity ? 1 : IMPORT_LEFT_EMPTY;
}

/* What leads to the record already stays as it was noted. */
static int keep(struct ctx *c, const struct row_run *run, const struct entity *e, const char *key,
                int64_t record)
{
    int64_t known;
    if (find(c, run->plan->system, e, key, &known) != 0) {
        return -1;
    }
    const struct external ref = {
        .system = run->plan->system,
        .kind = e->name,
        .key = key,
        .record = record,
        .change = c->change.parent != 0 ? c->change.parent : c->change.id,
    };
    return known == record ? 0 : external_put(c->db, &ref, &c->err);
}

/* The record a link column found by its name is known by the id beside it, too. */
static int keep_target(struct ctx *c, const struct row_run *run, size_t i,
                       const struct field_set *set)
{
    const struct import_column *column = &run->plan->columns[i];
    const struct value *v =
        set->given[column->field->index] && column->field->column_count == 1
            ? field_set_values(set, run->plan->entity, column->field)
            : NULL;
    const char *text = import_cell_text(c, column, run->row, i);
    return v == NULL || v->kind != VALUE_INT || text[0] == 0 || column->to == NULL
               ? 0
               : keep(c, run, column->to, normal(c, run->plan->system, text), v->i);
}

int import_ref_keep(struct ctx *c, const struct row_run *run, int64_t id,
                    const struct field_set *set)
{
    const struct import_plan *p = run->plan;
    const char *key = import_ref_own(c, run);
    if (key != NULL && keep(c, run, p->entity, key, id) != 0) {
        return -1;
    }
    for (size_t i = 0; i < p->column_count; i++) {
        if (p->columns[i].ref && p->columns[i].field != NULL &&
            !field_is_records(p->columns[i].field) && keep_target(c, run, i, set) != 0) {
            return -1;
        }
    }
    return 0;
}

int import_origins(struct ctx *c, int64_t record, struct buf *out)
{
    struct external *list = NULL;
    size_t count = 0;
    struct json_writer w;
    if (ctx_db(c) == NULL ||
        external_list(c->db, record, c->arena, &list, &count, &c->err) != 0) {
        return -1;
    }
    jw_init(&w, out);
    if (count > 0) {
        jw_array(&w);
        for (size_t i = 0; i < count; i++) {
            jw_object(&w);
            jw_kv_text(&w, "system", list[i].system);
            jw_kv_text(&w, "id", list[i].key);
            jw_object_end(&w);
        }
        jw_array_end(&w);
    }
    return 0;
}

/* ---- cells with several ids ------------------------------------------------------------------ */

/* The kind of record that joins two others, by two links that it must have: a participant of a deal. */
static const struct entity *joining(const struct model *m, const struct entity *one,
                                    const struct entity *other, const struct field *ends[2])
{
    for (size_t i = 0; i < m->entity_count; i++) {
        const struct entity *e = m->entities[i];
        ends[0] = ends[1] = NULL;
        for (size_t k = 0; k < e->field_count; k++) {
            const struct field *f = e->fields[k];
            bool end = field_is_link(f) && f->required.always && !f->system;
            ends[0] = end && f->to == one ? f : ends[0];
            ends[1] = end && f->to == other ? f : ends[1];
        }
        if (ends[0] != NULL && ends[1] != NULL) {
            return e;
        }
    }
    return NULL;
}

static int join(struct ctx *c, struct row_run *run, const struct entity *e,
                const struct field *const ends[2], const int64_t ids[2])
{
    struct record *made, *like = record_new(c->arena, e);
    struct field_set *set = field_set_new(c->arena, e);
    int64_t *known;
    size_t count = 0;
    for (size_t i = 0; i < 2; i++) {
        const struct value v = value_int(ids[i]);
        record_set(like, ends[i], &v);
        field_set_put(set, e, ends[i], &v);
    }
    if (merged_twins(c->db, like, ends, 1, c->arena, &known, &count, &c->err) != 0) {
        return -1;
    }
    bool may = ctx_may(c, ACTION_CREATE, e) && access_sets(c, ends[0]) && access_sets(c, ends[1]);
    if (count > 0 || !may) {
        return 0;
    }
    if (record_insert_in(c, e, set, &made) != 0) {
        return -1;
    }
    const struct import_plan plan = {.entity = e};
    struct row_run own = *run;
    own.plan = &plan;
    import_show(c, &own, (struct import_shown){.entity = e, .result = ROW_CREATED, .set = set});
    if (run->made_count < IMPORT_MADE_MAX) {
        run->made[run->made_count++] = e;
    }
    run->result = run->result == ROW_UNCHANGED ? ROW_UPDATED : run->result;
    return 0;
}

int import_refs_others(struct ctx *c, struct row_run *run, int64_t id)
{
    const struct import_plan *p = run->plan;
    const struct field *ends[2];
    for (size_t i = 0; i < p->column_count; i++) {
        const struct import_column *column = &p->columns[i];
        bool several = column->ref && column->to != NULL && field_is_link(column->field);
        const char *at = several ? strchr(import_cell_text(c, column, run->row, i), ';') : NULL;
        const struct entity *e =
            at != NULL ? joining(c->model, p->entity, column->to, ends) : NULL;
        for (; e != NULL && at != NULL; at = strchr(at + 1, ';')) {
            int64_t ids[] = {id, 0};
            const char *key = normal(c, p->system, at + 1);
            if (find(c, p->system, column->to, key, &ids[1]) != 0 ||
                (ids[1] != 0 && join(c, run, e, ends, ids) != 0)) {
                return -1;
            }
        }
    }
    return 0;
}
