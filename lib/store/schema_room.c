/*
 * The physical columns a model needs, against those its tables have. A field takes a column for
 * each of its parts ("worth", "worth_cur", "worth_base") and the folded key of a text takes one
 * more
 * ("city_k"). Fields that left keep theirs, and may have been called like any of these: such a
 * column is kept under a name no field can have ("city_k~17") and gets its own back when its field
 * returns. A key that is left over holds nothing of its own and goes. The model's own names never
 * clash: link_field.c refuses that.
 */
#include <string.h>

#include "base/str.h"
#include "store/schema_tables.h"

/* What one entity needs, under construction. */
struct rooms {
    struct db *db;
    struct arena *a;
    const struct entity *entity;
    const struct table_entity *te;
    const char **names; /* the table's columns */
    size_t name_count;
    struct room *items;
    size_t count;
};

/* A statement tells its columns by itself: readers may not ask the schema. */
static int read_names(struct rooms *r, struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        r->db, arena_printf(r->a, "SELECT * FROM %s LIMIT 0", table_name(r->a, r->entity->name)),
        e);
    if (!st) {
        return -1;
    }
    int rc =
        stmt_step(r->db, st, e); /* a statement of before an earlier change is made anew here */
    r->name_count = (size_t)sqlite3_column_count(st);
    r->names = ARENA_ARRAY(r->a, const char *, r->name_count + 1);
    for (size_t i = 0; i < r->name_count; i++) {
        r->names[i] = arena_strdup(r->a, sqlite3_column_name(st, (int)i));
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static bool is_there(const struct rooms *r, const char *name)
{
    for (size_t i = 0; i < r->name_count; i++) {
        if (str_eq(r->names[i], name)) {
            return true;
        }
    }
    return false;
}

static const struct table_field *holder_of(const struct rooms *r, const char *name)
{
    for (size_t i = 0; i < r->te->count; i++) {
        if (str_eq(r->te->fields[i].column, name)) {
            return &r->te->fields[i];
        }
    }
    return NULL;
}

static void need(struct rooms *r, enum room_kind kind, const struct column *c,
                 const struct table_field *holder, const char *from, const char *to)
{
    r->items[r->count++] =
        (struct room){.kind = kind, .column = c, .holder = holder, .from = from, .to = to};
}

/* The column that is called so makes room, when it is not `own`. */
static void clear(struct rooms *r, const struct column *c, const char *name,
                  const struct table_field *own)
{
    const struct table_field *holder = holder_of(r, name);
    if (holder && holder != own) {
        need(r, ROOM_MOVE, c, holder, name,
             arena_printf(r->a, "%s~%lld", name, (long long)holder->id));
    }
}

static void look_at(struct rooms *r, const struct column *c)
{
    const struct table_field *own = tables_field(r->te, c->field->name, c->part);
    clear(r, c, c->name, own);
    if (column_has_key(c)) {
        clear(r, c, column_key(r->a, c), NULL);
    }
    if (!holder_of(r, c->name) && is_there(r, c->name)) {
        need(r, ROOM_DROP, c, NULL, c->name, NULL);
    }
}

static void look_back(struct rooms *r, const struct column *c)
{
    const struct table_field *own = tables_field(r->te, c->field->name, c->part);
    if (own && !str_eq(own->column, c->name)) {
        need(r, ROOM_BACK, c, own, own->column, c->name);
    }
}

int rooms_needed(struct db *db, struct arena *a, const struct entity *entity,
                 const struct table_entity *te, struct room **out, size_t *count, struct err *e)
{
    struct rooms r = {.db = db,
                      .a = a,
                      .entity = entity,
                      .te = te,
                      .items = ARENA_ARRAY(a, struct room, 4 * entity->column_count + 1)};
    if (read_names(&r, e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < entity->column_count; i++) {
        look_at(&r, entity->columns[i]);
    }
    for (size_t i = 0; i < entity->column_count; i++) {
        look_back(&r, entity->columns[i]);
    }
    *out = r.items;
    *count = r.count;
    return 0;
}

/* ---- making it ------------------------------------------------------------------------------- */

/* Indexes that stand on the column: they are made anew where they are wanted. */
static int drop_indexes_on(struct db *db, struct arena *a, const char *entity, const char *column,
                           struct err *e)
{
    struct index_have *have = NULL;
    size_t count = 0;
    const char *table = arena_printf(a, "e_%s", entity), *name = quoted(a, column);
    if (index_haves(db, a, &have, &count, e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (str_eq(have[i].table, table) && strstr(have[i].sql, name) &&
            db_run_script(db, arena_printf(a, "DROP INDEX %s", quoted(a, have[i].name)), e) != 0) {
            return -1;
        }
    }
    return 0;
}

int column_rename(struct db *db, struct arena *a, const char *entity, const char *from,
                  const char *to, struct err *e)
{
    return db_run_script(db,
                         arena_printf(a, "ALTER TABLE %s RENAME COLUMN %s TO %s",
                                      table_name(a, entity), quoted(a, from), quoted(a, to)),
                         e);
}

static int note_name(struct db *db, const struct table_field *holder, const char *name,
                     struct err *e)
{
    sqlite3_stmt *st = stmt_get(db, "UPDATE field SET \"column\" = ?2 WHERE id = ?1", e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, holder->id);
    stmt_bind_text(st, 2, name);
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

/* A key that stood in a kept column is made anew in one of its own. */
static int forget_key(struct db *db, const struct table_entity *te, const struct column *c,
                      struct err *e)
{
    const struct table_field *tf = tables_field(te, c->field->name, c->part);
    return tf ? db_run_ints(db,
                            "UPDATE field SET definition = '' WHERE id = ?1 AND definition = 'key'",
                            &tf->id, 1, e)
              : 0;
}

static int make_one(struct db *db, struct arena *a, const struct table_entity *te,
                    const struct room *room, struct err *e)
{
    if (room->kind == ROOM_DROP) {
        return drop_indexes_on(db, a, te->name, room->from, e) != 0
                   ? -1
                   : db_run_script(db,
                                   arena_printf(a, "ALTER TABLE %s DROP COLUMN %s",
                                                table_name(a, te->name), quoted(a, room->from)),
                                   e);
    }
    if (column_rename(db, a, te->name, room->from, room->to, e) != 0 ||
        note_name(db, room->holder, room->to, e) != 0) {
        return -1;
    }
    return room->kind == ROOM_MOVE ? forget_key(db, te, room->column, e) : 0;
}

int rooms_make(struct db *db, struct arena *a, const struct entity *entity,
               const struct table_entity *te, struct err *e)
{
    struct room *rooms = NULL;
    size_t count = 0;
    if (rooms_needed(db, a, entity, te, &rooms, &count, e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (make_one(db, a, te, &rooms[i], e) != 0) {
            return -1;
        }
    }
    return 0;
}
