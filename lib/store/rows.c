/*
 * Records as they are: the struct, loading, finding the entity of an id. Writing is rows_write.c,
 * titles rows_title.c, computed fields rows_compute.c. See rows.h.
 */
#include "store/rows.h"

#include <string.h>

#include "base/str.h"
#include "store/rows_private.h"

struct record *record_new(struct arena *a, const struct entity *e)
{
    struct record *r = ARENA_NEW(a, struct record);
    r->entity = e;
    r->title = "";
    r->values = ARENA_ARRAY(a, struct value, e->column_count + 1);
    return r;
}

int rows_column_index(const struct entity *entity, const struct field *f)
{
    for (size_t i = 0; f->columns && i < entity->column_count; i++) {
        if (entity->columns[i] == f->columns) {
            return (int)i;
        }
    }
    return -1;
}

bool column_is_derived(const struct column *c)
{
    return c->field->compute != NULL;
}

const struct value *record_values(const struct record *r, const struct field *f)
{
    int i = rows_column_index(r->entity, f);
    return i < 0 ? NULL : &r->values[i];
}

/* System fields, by name. */
static struct value system_value(const struct record *r, const char *name)
{
    const struct {
        const char *name;
        int64_t value;
    } numbers[] = {
        {"id", r->id},
        {"version", r->version},
        {"created_at", r->created_at},
        {"created_by", r->created_by},
        {"updated_at", r->updated_at},
        {"updated_by", r->updated_by},
        {"deleted_at", r->deleted_at},
    };
    for (size_t i = 0; i < COUNT(numbers); i++) {
        if (strcmp(numbers[i].name, name) == 0) {
            return numbers[i].value == 0 ? value_null() : value_int(numbers[i].value);
        }
    }
    return strcmp(name, "title") == 0 ? value_text(r->title) : value_null();
}

struct value record_value(const struct record *r, const struct field *f)
{
    const struct value *values = record_values(r, f);
    if (values) {
        return values[0];
    }
    return f->system ? system_value(r, f->name) : value_null();
}

void record_set(struct record *r, const struct field *f, const struct value *values)
{
    int i = rows_column_index(r->entity, f);
    if (i >= 0) {
        memcpy(&r->values[i], values, f->column_count * sizeof(*values));
    }
}

static const char *load_text(struct db *db, const struct entity *e, const char *which)
{
    struct buf *sql = &db->text;
    buf_clear(sql);
    buf_puts(sql, "SELECT id, version, created_cs, created_at, created_by, updated_at, updated_by, "
                  "deleted_at, title");
    for (size_t i = 0; i < e->column_count; i++) {
        buf_puts(sql, ", ");
        buf_puts(sql, e->columns[i]->sql_name);
    }
    buf_puts(sql, " FROM ");
    buf_puts(sql, e->sql_table);
    buf_puts(sql, which);
    return buf_text(sql);
}

struct record *rows_read(sqlite3_stmt *st, const struct entity *e, struct arena *a)
{
    struct record *r = record_new(a, e);
    r->id = sqlite3_column_int64(st, 0);
    r->version = sqlite3_column_int64(st, 1);
    r->created_cs = sqlite3_column_int64(st, 2);
    r->created_at = sqlite3_column_int64(st, 3);
    r->created_by = sqlite3_column_int64(st, 4);
    r->updated_at = sqlite3_column_int64(st, 5);
    r->updated_by = sqlite3_column_int64(st, 6);
    r->deleted_at = sqlite3_column_int64(st, 7);
    r->title = stmt_text(st, 8, a);
    for (size_t i = 0; i < e->column_count; i++) {
        r->values[i] = stmt_value(st, 9 + (int)i, a);
    }
    return r;
}

sqlite3_stmt *rows_all(struct db *db, const struct entity *e, struct err *err)
{
    return stmt_get(db, load_text(db, e, " ORDER BY id"), err);
}

int rows_load(struct db *db, const struct entity *e, int64_t id, struct arena *a,
              struct record **out, struct err *err)
{
    sqlite3_stmt *st = stmt_get(db, load_text(db, e, " WHERE id = ?1"), err);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, id);
    int rc = stmt_step(db, st, err);
    if (rc == 1) {
        *out = rows_read(st, e, a);
    }
    stmt_done(st);
    if (rc == 0) {
        return err_fail(err, ERR_NOT_FOUND, "", "There is no such %s.", e->label);
    }
    return rc < 0 ? -1 : 0;
}

int rows_entity_of(struct db *db, const struct model *m, int64_t id, const struct entity **out,
                   struct err *e)
{
    int64_t entity = 0;
    if (db_get_int(db, "SELECT entity FROM doc WHERE id = ?1", &id, 1, 0, &entity, e) != 0) {
        return -1;
    }
    *out = entity != 0 ? model_entity_by_id(m, entity) : NULL;
    return 0;
}

#define WAY_MAX 1000 /* records above each other; a ring of older versions ends here too */

int rows_way_up(struct db *db, const struct field *tree, int64_t from, int64_t to, struct arena *a,
                int64_t **ids, size_t *count, struct err *e)
{
    int64_t *way = ARENA_ARRAY(a, int64_t, WAY_MAX);
    const char *sql = arena_printf(a, "SELECT %s FROM %s WHERE id = ?1", tree->columns->sql_name,
                                   tree->entity->sql_table);
    size_t n = 0;
    *count = 0;
    for (int64_t id = from; id != 0 && n < WAY_MAX;) {
        way[n++] = id;
        if (id == to) {
            *ids = way;
            *count = n;
            return 0;
        }
        if (db_get_int(db, sql, &id, 1, 0, &id, e) != 0) {
            return -1;
        }
    }
    if (to == 0) {
        *ids = way;
        *count = n;
    }
    return 0;
}
