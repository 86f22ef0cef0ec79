/*
 * Undoing what was written into fields that have left the model since: their columns are still
 * there, with what the sets left in them, and would show it when the field returns. So they are put
 * back like the others, each field as a whole; one that was changed since is kept and told.
 */
#include <string.h>

#include "base/str.h"
#include "model/field_type.h"
#include "store/change_private.h"
#include "store/schema_tables.h"

/* A field without a place in the model, and the sets that wrote it. */
struct gone {
    struct field field; /* name and entity */
    struct column columns[FIELD_MAX_COLUMNS];
    size_t count;
    int64_t first, last;
};

static struct gone *find_gone(struct gone *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(list[i].field.name, name)) {
            return &list[i];
        }
    }
    return NULL;
}

static int count_gone(struct db *db, const struct entity *entity, int64_t *out, struct err *e)
{
    return db_get_int(db, "SELECT count(*) FROM field WHERE entity = ?1 AND gone = 1", &entity->id,
                      1, 0, out, e);
}

/* The fields that the sets wrote in this record. */
static int load_written(struct db *db, const struct undo_step *step, const struct sets *s,
                        struct arena *a, struct gone *out, size_t room, size_t *count,
                        struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        db,
        "SELECT f.name, c.cs FROM field f CROSS JOIN change c ON c.field = f.id AND c.record = ?2"
        " AND c.cs BETWEEN ?3 AND ?4 WHERE f.entity = ?1 AND f.derived = 0 AND f.gone = 1"
        " ORDER BY c.cs",
        e);
    *count = 0;
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, step->entity->id);
    sqlite3_bind_int64(st, 2, step->record);
    sqlite3_bind_int64(st, 3, s->ids[0]);
    sqlite3_bind_int64(st, 4, s->ids[s->count - 1]);
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1) {
        const char *name = stmt_text(st, 0, a);
        int64_t set = sqlite3_column_int64(st, 1);
        struct gone *g = find_gone(out, *count, name);
        if (!sets_have(s, set) || (!g && *count == room)) {
            continue;
        }
        if (!g) {
            g = &out[(*count)++];
            *g = (struct gone){.field = {.name = name, .entity = step->entity}, .first = set};
        }
        g->last = set;
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static int load_columns(struct db *db, struct arena *a, struct gone *g, struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        db, "SELECT id, \"column\" FROM field WHERE entity = ?1 AND name = ?2 ORDER BY part", e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, g->field.entity->id);
    stmt_bind_text(st, 2, g->field.name);
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1 && g->count < COUNT(g->columns)) {
        const char *name = stmt_text(st, 1, a);
        g->columns[g->count] = (struct column){.field = &g->field,
                                               .part = (int)g->count,
                                               .name = name,
                                               .sql_name = quoted(a, name),
                                               .id = sqlite3_column_int64(st, 0)};
        g->count++;
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

/* As plan_field in undo.c: comes back, stays, or has come back already. */
static int plan_gone(struct db *db, const struct gone *g, struct arena *a, struct undo_step *step,
                     struct err *e)
{
    struct value before[FIELD_MAX_COLUMNS], now[FIELD_MAX_COLUMNS];
    bool is_back = true, is_left = true;
    for (size_t k = 0; k < g->count; k++) {
        const struct column *c = &g->columns[k];
        const struct entity *entity = step->entity;
        struct value left;
        if (change_value_of(db, entity, c->id, c->sql_name, step->record, g->first - 1, a,
                            &before[k], e) != 0 ||
            change_value_of(db, entity, c->id, c->sql_name, step->record, g->last, a, &left, e) !=
                0 ||
            change_value_of(db, entity, c->id, c->sql_name, step->record, INT64_MAX, a, &now[k],
                            e) != 0) {
            return -1;
        }
        is_back = is_back && value_equal(now[k], before[k]);
        is_left = is_left && value_equal(now[k], left);
    }
    if (!is_back && !is_left) {
        step->kept_gone[step->kept_gone_count++] = g->field.name;
    }
    for (size_t k = 0; !is_back && is_left && k < g->count; k++) {
        step->gone[step->gone_count] = &g->columns[k];
        step->gone_before[step->gone_count] = before[k];
        step->gone_now[step->gone_count++] = now[k];
    }
    return 0;
}

int undo_gone_plan(struct db *db, const struct sets *s, struct arena *a, struct undo_step *step,
                   struct err *e)
{
    int64_t columns = 0;
    size_t count = 0;
    if (count_gone(db, step->entity, &columns, e) != 0) {
        return -1;
    }
    if (columns == 0) {
        return 0;
    }
    size_t room = (size_t)columns;
    struct gone *list = ARENA_ARRAY(a, struct gone, room);
    step->gone = ARENA_ARRAY(a, const struct column *, FIELD_MAX_COLUMNS * room);
    step->gone_before = ARENA_ARRAY(a, struct value, FIELD_MAX_COLUMNS * room);
    step->gone_now = ARENA_ARRAY(a, struct value, FIELD_MAX_COLUMNS * room);
    step->kept_gone = ARENA_ARRAY(a, const char *, room);
    if (load_written(db, step, s, a, list, room, &count, e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (load_columns(db, a, &list[i], e) != 0 || plan_gone(db, &list[i], a, step, e) != 0) {
            return -1;
        }
    }
    return 0;
}

int change_gone_entity(struct db *db, int64_t set, struct arena *a, const char **name,
                       struct err *e)
{
    int64_t any = 0;
    *name = NULL;
    if (db_get_int(db, "SELECT count(*) FROM entity WHERE gone = 1", NULL, 0, 0, &any, e) != 0) {
        return -1;
    }
    if (any == 0) {
        return 0;
    }
    sqlite3_stmt *st = stmt_get(
        db,
        "WITH RECURSIVE t(id) AS (SELECT ?1 UNION SELECT s.id FROM t CROSS JOIN change_set s"
        " ON s.parent = t.id) SELECT e.name FROM t CROSS JOIN change c ON c.cs = t.id"
        " CROSS JOIN field f ON f.id = c.field CROSS JOIN entity e ON e.id = f.entity"
        " WHERE e.gone = 1 LIMIT 1",
        e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, set);
    int rc = stmt_step(db, st, e);
    *name = rc == 1 ? stmt_text(st, 0, a) : NULL;
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}
