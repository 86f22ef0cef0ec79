/* Reading everything, see takeout.h. */
#include <string.h>

#include "base/str.h"
#include "store/commitment.h"
#include "store/db.h"
#include "store/rows_private.h"
#include "store/schema_tables.h"
#include "store/takeout.h"
#include "store/takeout_private.h"

const struct takeout_table TAKEOUT_TABLES[] = {
    {"counter", TAKEOUT_OTHER, NULL, NULL},
    {"entity", TAKEOUT_OTHER, NULL, NULL},
    {"field", TAKEOUT_OTHER, NULL, NULL},
    {"config", TAKEOUT_OTHER, NULL, NULL},
    {"change_set", TAKEOUT_OTHER, NULL, NULL},
    {"change", TAKEOUT_OTHER, NULL, NULL},
    {"doc", TAKEOUT_DERIVED, NULL, NULL},
    {"ref", TAKEOUT_DERIVED, NULL, NULL},
    {"handle", TAKEOUT_DERIVED, NULL, NULL},
    {"tagged", TAKEOUT_DERIVED, NULL, NULL},
    {"twin", TAKEOUT_DERIVED, NULL, NULL},
    {"apart", TAKEOUT_KEPT, NULL, NULL},
    {"search_words", TAKEOUT_DERIVED, NULL, NULL},
    {"search_texts", TAKEOUT_DERIVED, NULL, NULL},
    {"search_known", TAKEOUT_OTHER, NULL, NULL},
    {"search_parts", TAKEOUT_DERIVED, NULL, NULL},
    {"credential", TAKEOUT_LEFT, NULL, NULL},
    {"session", TAKEOUT_LEFT, NULL, NULL},
    {"token", TAKEOUT_LEFT, NULL, NULL},
    {"code", TAKEOUT_LEFT, NULL, NULL},
    {"answer", TAKEOUT_LEFT, NULL, NULL},
    {"pref", TAKEOUT_KEPT, NULL, NULL},
    {"fact", TAKEOUT_KEPT, "key IN ('set_aside', 'reminded', 'steps')", NULL},
    {"job", TAKEOUT_LEFT, NULL, NULL},
    {"timer", TAKEOUT_KEPT, "record > 0", "kind, record, key, due_at"},
    {"notification", TAKEOUT_KEPT, NULL, NULL},
    {"merged", TAKEOUT_KEPT, NULL, NULL},
    {"import_recipe", TAKEOUT_KEPT, NULL, NULL},
    {"external", TAKEOUT_KEPT, NULL, NULL},
    {"turn", TAKEOUT_KEPT, NULL, NULL},
    {"stored_file", TAKEOUT_OTHER, NULL, NULL},
    {"export_log", TAKEOUT_KEPT, NULL, NULL},
    {"form_token", TAKEOUT_LEFT, NULL, NULL},
    {"feed", TAKEOUT_LEFT, NULL, NULL},
    {"form_count", TAKEOUT_KEPT, NULL, NULL},
    {NULL, TAKEOUT_NONE, NULL, NULL},
};

/* ---- records --------------------------------------------------------------------------------- */

int takeout_records(struct db *db, const struct entity *entity,
                    int (*visit)(void *data, struct record *r), void *data, struct err *e)
{
    struct arena row;
    sqlite3_stmt *st = rows_all(db, entity, e);
    if (!st) {
        return -1;
    }
    arena_init(&row);
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1) {
        if (visit(data, rows_read(st, entity, &row)) != 0) {
            rc = -1;
            break;
        }
        arena_reset(&row);
    }
    stmt_done(st);
    arena_done(&row);
    return rc;
}

/* ---- names ----------------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
    const struct field_name *x = a;
    const struct field_name *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

int field_names_read(struct db *db, struct arena *a, struct field_names *out, struct err *e)
{
    int64_t count = 0;
    if (db_get_int(db, "SELECT count(*) FROM field", NULL, 0, 0, &count, e) != 0) {
        return -1;
    }
    *out = (struct field_names){.list = ARENA_ARRAY(a, struct field_name, (size_t)count + 1)};
    sqlite3_stmt *st = stmt_get(db,
                                "SELECT f.id, f.entity, n.name, f.name, f.part FROM field f"
                                " JOIN entity n ON n.id = f.entity",
                                e);
    if (!st) {
        return -1;
    }
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1 && out->count < (size_t)count) {
        out->list[out->count++] = (struct field_name){.id = sqlite3_column_int64(st, 0),
                                                      .entity_id = sqlite3_column_int64(st, 1),
                                                      .entity = stmt_text(st, 2, a),
                                                      .field = stmt_text(st, 3, a),
                                                      .part = sqlite3_column_int(st, 4)};
    }
    stmt_done(st);
    qsort(out->list, out->count, sizeof(*out->list), compare_names);
    return rc < 0 ? -1 : 0;
}

const struct field_name *field_name_of(const struct field_names *names, int64_t id)
{
    const struct field_name key = {.id = id};
    return bsearch(&key, names->list, names->count, sizeof(key), compare_names);
}

/* ---- changes --------------------------------------------------------------------------------- */

struct set_reader {
    struct db *db;
    const struct field_names *names;
    struct arena *a; /* of one set */
    struct err *e;
};

static int add_change(struct set_reader *r, struct takeout_set *set, size_t *room, sqlite3_stmt *st)
{
    const struct field_name *name = field_name_of(r->names, sqlite3_column_int64(st, 0));
    if (!name) {
        return err_fail(r->e, ERR_INTERNAL, "", "A change names a field that does not exist.");
    }
    if (set->count == *room) {
        size_t more = *room > 0 ? 2 * *room : 16;
        struct takeout_change *list = ARENA_ARRAY(r->a, struct takeout_change, more);
        if (set->count > 0) {
            memcpy(list, set->changes, set->count * sizeof(*list));
        }
        set->changes = list;
        *room = more;
    }
    set->changes[set->count++] = (struct takeout_change){.entity = name->entity,
                                                         .field = name->field,
                                                         .pseudo = name->id < 0,
                                                         .part = name->part,
                                                         .record = sqlite3_column_int64(st, 1),
                                                         .before = stmt_value(st, 2, r->a)};
    return 0;
}

static int read_changes(struct set_reader *r, struct takeout_set *set)
{
    size_t room = 0;
    sqlite3_stmt *st =
        stmt_get(r->db, "SELECT field, record, before FROM change WHERE cs = ?1", r->e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, set->id);
    int rc;
    while ((rc = stmt_step(r->db, st, r->e)) == 1) {
        if (add_change(r, set, &room, st) != 0) {
            rc = -1;
            break;
        }
    }
    stmt_done(st);
    return rc;
}

static void read_set(sqlite3_stmt *st, struct arena *a, struct takeout_set *out)
{
    *out = (struct takeout_set){.id = sqlite3_column_int64(st, 0),
                                .at_ms = sqlite3_column_int64(st, 1),
                                .actor = sqlite3_column_int64(st, 2),
                                .source = (enum change_source)sqlite3_column_int(st, 3),
                                .reason = stmt_text(st, 4, a),
                                .parent = sqlite3_column_int64(st, 5),
                                .undo_of = sqlite3_column_int64(st, 6)};
}

static int each_set(struct set_reader *r, int (*visit)(void *data, const struct takeout_set *set),
                    void *data)
{
    sqlite3_stmt *st = stmt_get(r->db,
                                "SELECT id, at, actor, source, reason, parent, undo_of"
                                " FROM change_set ORDER BY id",
                                r->e);
    if (!st) {
        return -1;
    }
    int rc;
    while ((rc = stmt_step(r->db, st, r->e)) == 1) {
        struct takeout_set set;
        read_set(st, r->a, &set);
        if (read_changes(r, &set) != 0 || visit(data, &set) != 0) {
            rc = -1;
            break;
        }
        arena_reset(r->a);
    }
    stmt_done(st);
    return rc;
}

int takeout_sets(struct db *db, int (*visit)(void *data, const struct takeout_set *set), void *data,
                 struct err *e)
{
    struct arena fixed, turn;
    struct field_names names;
    arena_init(&fixed);
    arena_init(&turn);
    struct set_reader r = {.db = db, .names = &names, .a = &turn, .e = e};
    int rc = field_names_read(db, &fixed, &names, e);
    rc = rc == 0 ? each_set(&r, visit, data) : rc;
    arena_done(&fixed);
    arena_done(&turn);
    return rc;
}

/* ---- rows of fixed tables -------------------------------------------------------------------- */

/* Ids of entities and fields as names. */
static struct value named(struct arena *a, const struct field_names *names, const char *column,
                          struct value v)
{
    if (v.kind != VALUE_INT || !takeout_is_id(column)) {
        return v;
    }
    for (size_t i = 0; i < names->count; i++) {
        const struct field_name *n = &names->list[i];
        if (str_eq(column, "field") && n->id == v.i) {
            return value_text(arena_printf(a, "%s.%s", n->entity, n->field));
        }
        if (!str_eq(column, "field") && n->entity_id == v.i) {
            return value_text(n->entity);
        }
    }
    return v;
}

bool takeout_is_id(const char *column)
{
    return str_eq(column, "entity") || str_eq(column, "field") || str_eq(column, "target_entity");
}

static int each_row(struct db *db, sqlite3_stmt *st, const struct field_names *names,
                    int (*visit)(void *data, const struct takeout_row *row), void *data,
                    struct err *e)
{
    struct arena a;
    int rc;
    arena_init(&a);
    while ((rc = stmt_step(db, st, e)) == 1) {
        size_t count = (size_t)sqlite3_column_count(st);
        struct takeout_row row = {.names = ARENA_ARRAY(&a, const char *, count + 1),
                                  .values = ARENA_ARRAY(&a, struct value, count + 1),
                                  .count = count};
        for (size_t i = 0; i < count; i++) {
            row.names[i] = sqlite3_column_name(st, (int)i);
            row.values[i] = named(&a, names, row.names[i], stmt_value(st, (int)i, &a));
        }
        if (visit(data, &row) != 0) {
            rc = -1;
            break;
        }
        arena_reset(&a);
    }
    arena_done(&a);
    return rc;
}

int takeout_rows(struct db *db, const struct takeout_table *table,
                 int (*visit)(void *data, const struct takeout_row *row), void *data, struct err *e)
{
    struct arena a;
    struct field_names names;
    arena_init(&a);
    int rc = field_names_read(db, &a, &names, e);
    sqlite3_stmt *st = NULL;
    if (rc == 0) {
        st = stmt_get(db,
                      arena_printf(&a, "SELECT %s FROM %s WHERE %s ORDER BY %s",
                                   table->columns != NULL ? table->columns : "*", table->name,
                                   table->where != NULL ? table->where : "1",
                                   table->columns != NULL ? table->columns : "1"),
                      e);
    }
    rc = st != NULL ? each_row(db, st, &names, visit, data, e) : -1;
    stmt_done(st);
    arena_done(&a);
    return rc;
}
