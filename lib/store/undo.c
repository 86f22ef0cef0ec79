/*
 * What undoing a change-set would do, record by record; see change.h. Reading only: core writes the
 * steps, with rights, validation and a set of its own, so an undo can be undone the same way.
 *
 * A set with children (import, bulk change) counts as one: for each field what stood before the
 * first of them that wrote it is what comes back, compared with what the last of them left. A field
 * whose present value is not what was left has been changed since and stays. A root may hold
 * hundreds of thousands of records and is undone in slices: the writer keeps its sorted record ids
 * in a temporary table from the first slice to the last, beside those of other roots.
 */
#include <stdlib.h>
#include <string.h>

#include "model/unite.h"
#include "store/change_private.h"
#include "store/merged.h"
#include "store/rows_private.h"

static int is_merge(struct db *db, int64_t set, bool *out, struct err *e)
{
    int64_t origin = set, source = 0;
    if (merged_origin(db, set, &origin, e) != 0 ||
        db_get_int(db, "SELECT source FROM change_set WHERE id = ?1", &origin, 1, 0, &source, e) !=
            0) {
        return -1;
    }
    *out = source == SOURCE_MERGE;
    return 0;
}

static int load_sets(struct db *db, int64_t root, struct arena *a, struct sets *out, struct err *e)
{
    static const char COUNT_SQL[] =
        "WITH RECURSIVE t(id) AS (SELECT ?1 UNION SELECT s.id FROM t CROSS JOIN change_set s"
        " ON s.parent = t.id) SELECT count(*) FROM t";
    static const char SQL[] =
        "WITH RECURSIVE t(id) AS (SELECT ?1 UNION SELECT s.id FROM t CROSS JOIN change_set s"
        " ON s.parent = t.id) SELECT id FROM t ORDER BY id";
    int64_t count = 0;
    if (db_get_int(db, COUNT_SQL, &root, 1, 0, &count, e) != 0 ||
        is_merge(db, root, &out->by_parts, e) != 0) {
        return -1;
    }
    out->ids = ARENA_ARRAY(a, int64_t, (size_t)count);
    out->count = 0;
    sqlite3_stmt *st = stmt_get(db, SQL, e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, root);
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1 && out->count < (size_t)count) {
        out->ids[out->count++] = sqlite3_column_int64(st, 0);
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

bool sets_have(const struct sets *s, int64_t set)
{
    return bsearch(&set, s->ids, s->count, sizeof(set), compare_ids) != NULL;
}

/* ---- which records --------------------------------------------------------------------------- */

/* Whether there is the table at all; in a transaction that is rolled back it goes again. */
static bool has_table(struct db *db)
{
    int64_t tables = 0;
    struct err ignored = {0};
    return db_get_int(db, "SELECT count(*) FROM temp.sqlite_schema WHERE name = 'undo_record'",
                      NULL, 0, 0, &tables, &ignored) == 0 &&
           tables != 0;
}

int change_undo_forget(struct db *db, int64_t set, struct err *e)
{
    return !has_table(db) ? 0
                          : db_run_ints(db, "DELETE FROM temp.undo_record WHERE root = ?1", &set, 1,
                                        e);
}

static int fill_temporary(struct db *db, int64_t root, const struct sets *s, struct err *e)
{
    if (db_run(db,
               "CREATE TABLE IF NOT EXISTS temp.undo_record(root INTEGER, record INTEGER, PRIMARY "
               "KEY(root, record))"
               " WITHOUT ROWID",
               e) != 0 ||
        change_undo_forget(db, root, e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < s->count; i++) {
        const int64_t values[] = {root, s->ids[i]};
        if (db_run_ints(db,
                        "INSERT OR IGNORE INTO temp.undo_record SELECT DISTINCT ?1, record FROM "
                        "change WHERE cs = ?2",
                        values, COUNT(values), e) != 0) {
            return -1;
        }
    }
    return 0;
}

/* True when the temporary table holds this root's records from an earlier slice. */
static bool has_temporary(struct db *db, int64_t root)
{
    int64_t rows = 0;
    struct err ignored = {0};
    return has_table(db) && db_get_int(db, "SELECT 1 FROM temp.undo_record WHERE root = ?1 LIMIT 1", &root, 1, 0,
                      &rows, &ignored) == 0 &&
           rows == 1;
}

static int next_records(struct db *db, int64_t root, const struct sets *s, int64_t after,
                        size_t limit, struct arena *a, int64_t **out, size_t *count, struct err *e)
{
    bool temporary = db->writer && s->count > 1;
    if (temporary && (after == 0 || !has_temporary(db, root)) &&
        fill_temporary(db, root, s, e) != 0) {
        return -1;
    }
    const char *sql =
        temporary
            ? "SELECT record FROM temp.undo_record WHERE root = ?1 AND record > ?2 ORDER BY record "
              "LIMIT ?3"
            : "SELECT DISTINCT c.record FROM (SELECT ?1 AS id UNION ALL SELECT id FROM change_set"
              " WHERE parent = ?1) t CROSS JOIN change c ON c.cs = t.id WHERE c.record > ?2"
              " ORDER BY c.record LIMIT ?3";
    sqlite3_stmt *st = stmt_get(db, sql, e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, root);
    sqlite3_bind_int64(st, 2, after);
    sqlite3_bind_int64(st, 3, (int64_t)limit);
    *out = ARENA_ARRAY(a, int64_t, limit);
    *count = 0;
    int rc = 0;
    while (*count < limit && (rc = stmt_step(db, st, e)) == 1) {
        (*out)[(*count)++] = sqlite3_column_int64(st, 0);
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

/* ---- one record ------------------------------------------------------------------------------ */

/* One column within the sets. */
struct touched {
    int64_t field;
    int64_t first, last; /* of the sets that wrote it */
    struct value before; /* the first of them */
};

/* The columns of a record that the sets wrote; and whether others wrote it since. */
static int load_touched(struct db *db, const struct entity *entity, int64_t record,
                        const struct sets *s, struct arena *a, struct touched *out, size_t *count,
                        struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        db,
        "SELECT c.field, c.cs, c.before FROM field f CROSS JOIN change c ON c.field = f.id"
        " AND c.record = ?2 AND c.cs BETWEEN ?3 AND ?4 WHERE f.entity = ?1 AND f.derived = 0"
        " ORDER BY c.field, c.cs",
        e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, entity->id);
    sqlite3_bind_int64(st, 2, record);
    sqlite3_bind_int64(st, 3, s->ids[0]);
    sqlite3_bind_int64(st, 4, s->ids[s->count - 1]);
    size_t n = 0;
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1) {
        int64_t field = sqlite3_column_int64(st, 0);
        int64_t set = sqlite3_column_int64(st, 1);
        if (!sets_have(s, set)) {
            continue;
        }
        if (n == 0 || out[n - 1].field != field) {
            if (!entity_column_by_id(entity, field) && pseudo_of(entity, field) == PSEUDO_NONE) {
                continue; /* a field that is no longer in the model: undo_gone.c */
            }
            out[n++] = (struct touched){
                .field = field, .first = set, .before = stmt_value(st, 2, a)};
        }
        out[n - 1].last = set;
    }
    stmt_done(st);
    *count = n;
    return rc < 0 ? -1 : 0;
}

/* Fields others changed after the sets, for a record the sets created. */
static int add_later_fields(struct db *db, const struct sets *s, struct arena *a,
                            struct undo_step *step, struct err *e)
{
    const struct entity *entity = step->entity;
    for (size_t i = 0; i < entity->column_count; i++) {
        const struct column *c = entity->columns[i];
        if (column_is_derived(c) ||
            (step->kept_count > 0 && step->kept[step->kept_count - 1] == c->field)) {
            continue;
        }
        struct value left = value_null();
        struct value now = value_null();
        if (change_value_after(db, entity, c->id, step->record, s->ids[s->count - 1], a, &left,
                               e) != 0 ||
            change_value_after(db, entity, c->id, step->record, INT64_MAX, a, &now, e) != 0) {
            return -1;
        }
        if (!value_equal(left, now)) {
            step->kept[step->kept_count++] = c->field;
        }
    }
    step->kept_record = step->kept_count > 0;
    return 0;
}

/* The sets that wrote a field, first and last. */
struct span {
    int64_t first, last;
};

/* A field of several columns may have been written by fewer of the sets than it has columns. */
static struct span span_of(const struct entity *entity, const struct touched *list, size_t count,
                           const struct field *f)
{
    struct span span = {INT64_MAX, 0};
    for (size_t i = 0; i < count; i++) {
        const struct column *c = entity_column_by_id(entity, list[i].field);
        if (c != NULL && c->field == f) {
            span.first = list[i].first < span.first ? list[i].first : span.first;
            span.last = list[i].last > span.last ? list[i].last : span.last;
        }
    }
    return span;
}

static int value_before(struct db *db, const struct touched *list, size_t count,
                        const struct column *c, int64_t record, int64_t set, struct arena *a,
                        struct value *out, struct err *e)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].field == c->id && list[i].first == set) {
            *out = list[i].before;
            return 0;
        }
    }
    return change_value_at(db, c, record, set - 1, a, out, e);
}

/* A list that others may have changed as well: what the sets did to it is taken back, the rest
 * stays and is told. `now` is neither what was before nor what they left. */
static void plan_part(const struct field *f, const struct value was[3], struct arena *a,
                      struct undo_step *step)
{
    struct value rest = unite_take_back(a, f, was[0], was[1], was[2]);
    if (!value_equal(rest, was[2])) {
        step->columns[step->count] = &f->columns[0];
        step->before[step->count++] = rest;
    }
    if (!value_equal(rest, was[0])) {
        step->kept[step->kept_count++] = f;
    }
}

/* One field: comes back, stays, or has come back already, always as a whole. An amount, its
 * currency and what it was worth then belong together: all columns stood like that at one time. */
static int plan_field(struct db *db, const struct sets *s, const struct touched *list, size_t count,
                      const struct field *f, const struct record *now, struct arena *a,
                      struct undo_step *step, struct err *e)
{
    const struct span span = span_of(step->entity, list, count, f);
    const struct value *present = record_values(now, f);
    struct value before[FIELD_MAX_COLUMNS];
    struct value left = value_null();
    bool is_back = true, is_left = true;
    for (size_t k = 0; k < f->column_count; k++) {
        const struct column *c = &f->columns[k];
        if (value_before(db, list, count, c, step->record, span.first, a, &before[k], e) != 0 ||
            change_value_at(db, c, step->record, span.last, a, &left, e) != 0) {
            return -1;
        }
        is_back = is_back && value_equal(present[k], before[k]);
        is_left = is_left && value_equal(present[k], left);
    }
    if (is_back) {
        return 0;
    }
    if (!is_left && s->by_parts && field_unites(f)) {
        plan_part(f, (const struct value[]){before[0], left, present[0]}, a, step);
        return 0;
    }
    if (!is_left) {
        step->kept[step->kept_count++] = f;
        return 0;
    }
    for (size_t k = 0; k < f->column_count; k++) {
        step->columns[step->count] = &f->columns[k];
        step->before[step->count++] = before[k];
    }
    return 0;
}

/* deleted_at decides what kind of step it is. In the trash is in the trash, whenever it got there. */
static int plan_deleted(struct db *db, const struct touched *t, const struct record *now,
                        struct arena *a, struct undo_step *step, struct err *e)
{
    struct value left = value_null();
    if (pseudo_of(step->entity, t->field) != PSEUDO_DELETED_AT) {
        return 0;
    }
    if (change_value_after(db, step->entity, t->field, step->record, t->last, a, &left, e) != 0) {
        return -1;
    }
    bool gone = left.kind != VALUE_NULL;
    if (gone == (now->deleted_at != 0) && gone == (t->before.kind == VALUE_NULL)) {
        step->op = gone ? OP_DELETE : OP_RESTORE;
    }
    return 0;
}

static bool is_planned(const struct entity *entity, const struct touched *list, size_t count,
                       const struct field *f)
{
    for (size_t i = 0; i < count; i++) {
        const struct column *c = entity_column_by_id(entity, list[i].field);
        if (c != NULL && c->field == f) {
            return true;
        }
    }
    return false;
}

static int plan_touched(struct db *db, const struct sets *s, const struct touched *list,
                        size_t count, const struct record *now, struct arena *a, struct undo_step *step,
                        struct err *e)
{
    for (size_t i = 0; i < count; i++) {
        const struct column *c = entity_column_by_id(step->entity, list[i].field);
        if (c == NULL && plan_deleted(db, &list[i], now, a, step, e) != 0) {
            return -1;
        }
        if (c != NULL && !is_planned(step->entity, list, i, c->field) &&
            plan_field(db, s, list, count, c->field, now, a, step, e) != 0) {
            return -1;
        }
    }
    return 0;
}

static bool was_created(const struct entity *entity, const struct touched *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (pseudo_of(entity, list[i].field) == PSEUDO_CREATED) {
            return true;
        }
    }
    return false;
}

/* 1: a step; 0: nothing to do with this record; -1 error. */
static int plan_record(struct db *db, const struct model *m, const struct entity *entity,
                       int64_t record, const struct sets *s, struct arena *a, struct undo_step *step, struct err *e)
{
    size_t room = entity->column_count + PSEUDO_COUNT;
    struct touched *list = ARENA_ARRAY(a, struct touched, room);
    size_t count = 0;
    struct record *now = NULL;
    *step = (struct undo_step){.entity = entity, .record = record, .op = OP_UPDATE};
    step->columns = ARENA_ARRAY(a, const struct column *, room);
    step->before = ARENA_ARRAY(a, struct value, room);
    step->kept = ARENA_ARRAY(a, const struct field *, room);
    if (rows_load(db, entity, record, a, &now, e) != 0 ||
        load_touched(db, entity, record, s, a, list, &count, e) != 0) {
        return -1;
    }
    if (was_created(entity, list, count)) {
        step->op = OP_CREATE;
        if (now->deleted_at != 0) {
            return 0;
        }
        bool failed = add_later_fields(db, s, a, step, e) != 0 ||
                      (!step->kept_record &&
                       undo_used_by(db, m, s, entity, record, a, &step->used_by, e) != 0);
        return failed ? -1 : 1;
    }
    if (plan_touched(db, s, list, count, now, a, step, e) != 0 ||
        undo_gone_plan(db, s, a, step, e) != 0) {
        return -1;
    }
    return step->count > 0 || step->kept_count > 0 || step->gone_count > 0 ||
           step->kept_gone_count > 0 || step->op != OP_UPDATE;
}

/* Adds the record's step, when there is something to do. */
static int add_step(struct db *db, const struct model *m, int64_t record, const struct sets *s,
                    struct arena *a, struct undo_step *steps, size_t *count, struct err *e)
{
    const struct entity *entity = NULL;
    if (rows_entity_of(db, m, record, &entity, e) != 0) {
        return -1;
    }
    int rc = entity ? plan_record(db, m, entity, record, s, a, &steps[*count], e) : 0;
    *count += rc > 0 ? 1 : 0;
    return rc < 0 ? -1 : 0;
}

int change_undo_plan_of(struct db *db, const struct model *m, int64_t set, const int64_t *records,
                        size_t record_count, struct arena *a, struct undo_step **out, size_t *count,
                        struct err *e)
{
    struct sets s = {0};
    struct undo_step *steps = ARENA_ARRAY(a, struct undo_step, record_count + 1);
    *count = 0;
    if (load_sets(db, set, a, &s, e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < record_count; i++) {
        if (add_step(db, m, records[i], &s, a, steps, count, e) != 0) {
            return -1;
        }
    }
    *out = steps;
    return 0;
}

int change_undo_plan(struct db *db, const struct model *m, int64_t set, int64_t after_record,
                     size_t limit, struct arena *a, struct undo_step **out, size_t *count,
                     struct err *e)
{
    struct sets s = {0};
    int64_t *records = NULL;
    size_t n = 0;
    int64_t after = after_record;
    struct undo_step *steps = ARENA_ARRAY(a, struct undo_step, limit);
    size_t found = limit;
    *count = 0;
    if (load_sets(db, set, a, &s, e) != 0) {
        return -1;
    }
    /* Records without anything to do give no step: go on until the slice is full or the records
     * end. */
    while (n < limit && found == limit) {
        if (next_records(db, set, &s, after, limit, a, &records, &found, e) != 0) {
            return -1;
        }
        for (size_t i = 0; i < found && n < limit; i++) {
            after = records[i];
            if (add_step(db, m, records[i], &s, a, steps, &n, e) != 0) {
                return -1;
            }
        }
    }
    *out = steps;
    *count = n;
    return 0;
}
