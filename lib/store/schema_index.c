/*
 * Which indexes an entity's table has. Each costs on every write, so there are few: the title, the
 * title within an owner or team, links, the stage, fields with `index: true` or `unique: true`, the
 * last change, the trash. All but that leave the trash out. Their names have a dot, which no entity
 * and no field can have: work.order_code and work_order.code are two.
 */
#include <string.h>

#include "base/str.h"
#include "model/field_type.h"
#include "store/schema_tables.h"

#define PLAIN_INDEX  "CREATE INDEX "
#define UNIQUE_INDEX "CREATE UNIQUE INDEX "

/* The list under construction. */
struct wants {
    struct arena *a;
    const struct entity *entity;
    struct index_want *items;
    size_t count;
};

static void add(struct wants *w, const char *suffix, const char *columns, const char *where,
                const struct field *unique)
{
    const char *name = arena_printf(w->a, "%s_%s.%s", unique ? "u" : "i", w->entity->name, suffix);
    const char *table = arena_printf(w->a, "e_%s", w->entity->name);
    const char *stands = arena_printf(w->a, " ON \"%s\"(%s) WHERE deleted_at IS %s", table, columns,
                                      where);
    w->items[w->count++] = (struct index_want){
        .name = name,
        .table = table,
        .stands = stands,
        .sql = arena_printf(w->a, "%s\"%s\"%s", unique ? UNIQUE_INDEX : PLAIN_INDEX, name, stands),
        .unique = unique,
    };
}

/* The column by which a field is sought: the folded key of a text, the base amount of money. */
static const char *sought(struct wants *w, const struct field *f)
{
    const struct column *c = &f->columns[f->type->compared];
    return quoted(w->a, column_has_key(c) ? column_key(w->a, c) : c->name);
}

static void add_field(struct wants *w, const struct field *f)
{
    const char *column = sought(w, f);
    if (f->unique) {
        add(w, f->name, column, "NULL", f);
    }
    if (f == w->entity->owner || f == w->entity->team || (f->indexed && !f->unique)) {
        add(w, f->name, arena_printf(w->a, "%s, title_k", column), "NULL", NULL);
    } else if (!f->unique && (field_is_link(f) || f == w->entity->stage)) {
        add(w, f->name, column, "NULL", NULL);
    }
}

size_t index_wants(struct arena *a, const struct entity *entity, struct index_want **out)
{
    struct wants w = {.a = a,
                      .entity = entity,
                      .items = ARENA_ARRAY(a, struct index_want, 2 * entity->field_count + 3)};
    add(&w, "0title", "title_k", "NULL", NULL);
    add(&w, "0trash", "deleted_at", "NOT NULL", NULL);
    add(&w, "0updated", "updated_at", "NULL", NULL);
    for (size_t i = 0; i < entity->field_count; i++) {
        if (entity->fields[i]->columns && !entity->fields[i]->system) {
            add_field(&w, entity->fields[i]);
        }
    }
    *out = w.items;
    return w.count;
}

bool index_is(const struct index_have *have, const struct index_want *want)
{
    return str_eq(have->name, want->name) && str_eq(have->table, want->table) &&
           str_eq(have->sql, want->sql);
}

bool index_is_like(const struct index_have *have, const struct index_want *want)
{
    return str_eq(have->table, want->table) &&
           str_starts(have->sql, want->unique ? UNIQUE_INDEX : PLAIN_INDEX) &&
           str_ends(have->sql, want->stands);
}

int index_haves(struct db *db, struct arena *a, struct index_have **out, size_t *count,
                struct err *e)
{
    int64_t most = 0;
    if (db_get_int(db, "SELECT count(*) FROM sqlite_schema WHERE type = 'index'", NULL, 0, 0, &most,
                   e) != 0) {
        return -1;
    }
    struct index_have *have = ARENA_ARRAY(a, struct index_have, (size_t)most + 1);
    sqlite3_stmt *st = stmt_get(db,
                                "SELECT name, sql, tbl_name FROM sqlite_schema WHERE type = 'index'"
                                " AND sql IS NOT NULL AND substr(tbl_name, 1, 2) = 'e_'",
                                e);
    if (!st) {
        return -1;
    }
    size_t n = 0;
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1 && n < (size_t)most) {
        have[n].name = stmt_text(st, 0, a);
        have[n].sql = stmt_text(st, 1, a);
        have[n++].table = stmt_text(st, 2, a);
    }
    stmt_done(st);
    if (rc < 0) {
        return -1;
    }
    *out = have;
    *count = n;
    return 0;
}

static bool is_among(const struct index_want *want, const struct index_have *have, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (index_is(&have[i], want)) {
            return true;
        }
    }
    return false;
}

int schema_indexes_fit(struct db *db, const struct model *m, struct arena *a, bool *out,
                       struct err *e)
{
    struct index_have *have = NULL;
    size_t have_count = 0;
    if (index_haves(db, a, &have, &have_count, e) != 0) {
        return -1;
    }
    *out = true;
    for (size_t i = 0; i < m->entity_count; i++) {
        struct index_want *wants = NULL;
        size_t count = index_wants(a, m->entities[i], &wants);
        for (size_t k = 0; k < count; k++) {
            *out = *out && is_among(&wants[k], have, have_count);
        }
    }
    return 0;
}
