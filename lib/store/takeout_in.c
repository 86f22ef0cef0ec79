/* Loading everything into an empty database, see takeout.h. */
#include <string.h>

#include "base/crypto.h"
#include "base/map.h"
#include "base/str.h"
#include "store/change_private.h"
#include "store/commitment.h"
#include "store/index_rows.h"
#include "store/rows_private.h"
#include "store/takeout.h"
#include "store/takeout_private.h"

#define SEARCH_ROWS_MAX 2000 /* kept in memory before they go into the index */

struct secret { /* of a user that was there before */
    const char *email, *password;
    int64_t epoch, changed_at;
    struct secret *next;
};

struct takeout_load {
    struct db *db;
    const struct model *m;
    struct arena *arena;
    struct field_names names;
    struct map fields; /* "entity.field.part", pseudo ones "entity:created" → struct field_name */
    struct secret *secrets;
    int64_t last_record, last_set;
};

/* ---- is it empty? ---------------------------------------------------------------------------- */

static const char *table_sql(struct arena *a, const char *before, const struct entity *e)
{
    return arena_printf(a, "%s %s", before, e->sql_table);
}

static int check_empty(struct takeout_load *l, struct err *e)
{
    for (size_t i = 0; i < l->m->entity_count; i++) {
        const struct entity *entity = l->m->entities[i];
        int64_t count = 0;
        if (db_get_int(l->db, table_sql(l->arena, "SELECT count(*) FROM", entity), NULL, 0, 0,
                       &count, e) != 0) {
            return -1;
        }
        if (count > 0 && !entity_is_account(entity)) {
            return err_fail(e, ERR_CONFLICT, "",
                            "This system is not empty: it holds %lld %s. Everything goes into a new "
                            "one (kontor init).",
                            (long long)count, count == 1 ? entity->label : entity->label_plural);
        }
    }
    return 0;
}

static const struct field *email_field(const struct model *m)
{
    const struct entity *user = model_entity_find(m, ENTITY_USER);
    return user != NULL ? entity_field_find(user, "email") : NULL;
}

static int remember_secrets(struct takeout_load *l, struct err *e)
{
    const struct field *email = email_field(l->m);
    sqlite3_stmt *st =
        stmt_get(l->db,
                 arena_printf(l->arena,
                              "SELECT u.%s, c.password, c.epoch, c.changed_at FROM credential c"
                              " JOIN %s u ON u.id = c.user WHERE c.password IS NOT NULL",
                              email->columns->sql_name, email->entity->sql_table),
                 e);
    if (!st) {
        return -1;
    }
    int rc;
    while ((rc = stmt_step(l->db, st, e)) == 1) {
        struct secret *s = ARENA_NEW(l->arena, struct secret);
        *s = (struct secret){.email = stmt_text(st, 0, l->arena),
                             .password = stmt_text(st, 1, l->arena),
                             .epoch = sqlite3_column_int64(st, 2),
                             .changed_at = sqlite3_column_int64(st, 3),
                             .next = l->secrets};
        l->secrets = s;
    }
    stmt_done(st);
    return rc;
}

static int clear(struct takeout_load *l, struct err *e)
{
    if (db_run(l->db, "DELETE FROM change", e) != 0 ||
        db_run(l->db, "DELETE FROM change_set", e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < l->m->entity_count; i++) {
        if (db_run(l->db, table_sql(l->arena, "DELETE FROM", l->m->entities[i]), e) != 0) {
            return -1;
        }
    }
    for (const struct takeout_table *t = TAKEOUT_TABLES; t->name != NULL; t++) {
        const char *where = t->where != NULL ? t->where : "1";
        if (t->fate != TAKEOUT_OTHER &&
            db_run(l->db, arena_printf(l->arena, "DELETE FROM %s WHERE %s", t->name, where), e) !=
                0) {
            return -1;
        }
    }
    return 0;
}

static const char *field_key(struct arena *a, const char *entity, const char *field, bool pseudo,
                             int part)
{
    return pseudo ? arena_printf(a, "%s:%s", entity, field)
                  : arena_printf(a, "%s.%s.%d", entity, field, part);
}

static int read_names(struct takeout_load *l, struct err *e)
{
    if (field_names_read(l->db, l->arena, &l->names, e) != 0) {
        return -1;
    }
    map_init(&l->fields, l->arena);
    for (size_t i = 0; i < l->names.count; i++) {
        struct field_name *n = &l->names.list[i];
        map_set(&l->fields, field_key(l->arena, n->entity, n->field, n->id < 0, n->part), n);
    }
    return 0;
}

int takeout_load_begin(struct db *db, const struct model *m, struct arena *a,
                       struct takeout_load **out, struct err *e)
{
    struct takeout_load *l = ARENA_NEW(a, struct takeout_load);
    *l = (struct takeout_load){.db = db, .m = m, .arena = a};
    search_clear(db);
    if (check_empty(l, e) != 0 || remember_secrets(l, e) != 0 || clear(l, e) != 0 ||
        read_names(l, e) != 0) {
        return -1;
    }
    *out = l;
    return 0;
}

/* ---- records, changes, rows ------------------------------------------------------------------ */

int takeout_load_record(struct takeout_load *l, struct record *r, struct arena *a, struct err *e)
{
    l->last_record = r->id > l->last_record ? r->id : l->last_record;
    return rows_put_whole(l->db, r, a, e);
}

static int load_change(struct takeout_load *l, int64_t set, const struct takeout_change *change,
                       const struct field_name *name, struct err *e)
{
    unsigned char salt[SALT_SIZE];
    sqlite3_stmt *st = stmt_get(l->db,
                                "INSERT INTO change(field, record, cs, before, salt)"
                                " VALUES(?1, ?2, ?3, ?4, ?5)",
                                e);
    if (!st) {
        return -1;
    }
    crypto_random(salt, sizeof(salt));
    sqlite3_bind_int64(st, 1, name->id);
    sqlite3_bind_int64(st, 2, change->record);
    sqlite3_bind_int64(st, 3, set);
    stmt_bind_value(st, 4, change->before);
    sqlite3_bind_blob(st, 5, salt, SALT_SIZE, SQLITE_STATIC);
    int rc = stmt_step(l->db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static int load_header(struct takeout_load *l, const struct takeout_set *set, int64_t n,
                       struct err *e)
{
    static const unsigned char NO_HASH[CRYPTO_HASH_SIZE];
    const int64_t ids[] = {set->id, set->at_ms, set->actor, (int64_t)set->source};
    const int64_t links[] = {set->parent, set->undo_of};
    sqlite3_stmt *st =
        stmt_get(l->db,
                 "INSERT INTO change_set(id, at, actor, source, reason, parent, undo_of, n, hash)"
                 " VALUES(?1, ?2, ?3, ?4, ?7, ?5, ?6, ?8, ?9)",
                 e);
    if (!st) {
        return -1;
    }
    for (size_t i = 0; i < COUNT(ids); i++) {
        sqlite3_bind_int64(st, (int)i + 1, ids[i]);
    }
    for (size_t i = 0; i < COUNT(links); i++) {
        if (links[i] != 0) {
            sqlite3_bind_int64(st, (int)(COUNT(ids) + i) + 1, links[i]);
        }
    }
    stmt_bind_text(st, 7, set->reason);
    sqlite3_bind_int64(st, 8, n);
    sqlite3_bind_blob(st, 9, NO_HASH, sizeof(NO_HASH), SQLITE_STATIC);
    int rc = stmt_step(l->db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int takeout_load_set(struct takeout_load *l, const struct takeout_set *set, int64_t *left,
                     struct err *e)
{
    struct arena a;
    int64_t n = 0;
    int rc = 0;
    arena_init(&a);
    for (size_t i = 0; rc == 0 && i < set->count; i++) {
        const struct takeout_change *c = &set->changes[i];
        const struct field_name *name =
            map_find(&l->fields, field_key(&a, c->entity, c->field, c->pseudo, c->part));
        if (name == NULL) {
            ++*left;
            continue;
        }
        rc = load_change(l, set->id, c, name, e);
        n++;
    }
    arena_done(&a);
    l->last_set = set->id > l->last_set ? set->id : l->last_set;
    return rc == 0 ? load_header(l, set, n, e) : -1;
}

/* Names of entities and fields as ids, in columns that hold ids: some hold the name itself. */
static struct value numbered(const struct takeout_load *l, const char *column, const char *type,
                             struct value v)
{
    if (v.kind != VALUE_TEXT || !takeout_is_id(column) || !str_eq(type, "INTEGER")) {
        return v;
    }
    for (size_t i = 0; i < l->names.count; i++) {
        const struct field_name *n = &l->names.list[i];
        size_t entity = strlen(n->entity);
        if (str_eq(column, "field")) {
            if (strncmp(v.s, n->entity, entity) == 0 && v.s[entity] == '.' &&
                str_eq(v.s + entity + 1, n->field)) {
                return value_int(n->id);
            }
        } else if (str_eq(v.s, n->entity)) {
            return value_int(n->entity_id);
        }
    }
    return value_null();
}

/* The columns a table has, so that no other name gets into the text of a statement; types: of those of
 * the row. */
static bool has_columns(sqlite3_stmt *columns, const struct takeout_row *row, struct arena *a,
                        const char **types)
{
    for (size_t i = 0; i < row->count; i++) {
        types[i] = NULL;
        for (int k = 0; types[i] == NULL && k < sqlite3_column_count(columns); k++) {
            types[i] = str_eq(sqlite3_column_name(columns, k), row->names[i])
                           ? arena_strdup(a, sqlite3_column_decltype(columns, k))
                           : NULL;
        }
        if (types[i] == NULL) {
            return false;
        }
    }
    return row->count > 0;
}

static const char *row_sql(struct arena *a, const struct takeout_table *table,
                           const struct takeout_row *row)
{
    const char *names = "", *places = "";
    for (size_t i = 0; i < row->count; i++) {
        names = arena_printf(a, "%s%s\"%s\"", names, i > 0 ? ", " : "", row->names[i]);
        places = arena_printf(a, "%s%s?", places, i > 0 ? ", " : "");
    }
    return arena_printf(a, "INSERT INTO %s(%s) VALUES(%s)", table->name, names, places);
}

static int insert_row(struct takeout_load *l, const char *sql, const struct takeout_row *row,
                      const char *const *types, struct err *e)
{
    sqlite3_stmt *st = stmt_get(l->db, sql, e);
    if (!st) {
        return -1;
    }
    for (size_t i = 0; i < row->count; i++) {
        stmt_bind_value(st, (int)i + 1, numbered(l, row->names[i], types[i], row->values[i]));
    }
    int rc = stmt_step(l->db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int takeout_load_row(struct takeout_load *l, const struct takeout_table *table,
                     const struct takeout_row *row, struct err *e)
{
    struct arena a;
    arena_init(&a);
    sqlite3_stmt *columns =
        stmt_get(l->db, arena_printf(&a, "SELECT * FROM %s", table->name), e);
    const char **types = ARENA_ARRAY(&a, const char *, row->count + 1);
    int rc = columns != NULL ? 0 : -1;
    if (rc == 0 && !has_columns(columns, row, &a, types)) {
        rc = err_fail(e, ERR_INVALID, "", "A row of table %s has columns that are not known.",
                      table->name);
    }
    stmt_done(columns);
    if (rc == 0) {
        rc = insert_row(l, row_sql(&a, table, row), row, types, e);
    }
    arena_done(&a);
    return rc;
}

/* ---- end ------------------------------------------------------------------------------------- */

static int set_counter(struct takeout_load *l, const char *name, int64_t value, struct err *e)
{
    sqlite3_stmt *st = stmt_get(l->db, "UPDATE counter SET value = ?2 WHERE name = ?1", e);
    if (!st) {
        return -1;
    }
    stmt_bind_text(st, 1, name);
    sqlite3_bind_int64(st, 2, value);
    int rc = stmt_step(l->db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

/* Who had a password here and is a user there keeps it. */
static int restore_secret(struct takeout_load *l, const struct secret *s, struct err *e)
{
    const struct field *email = email_field(l->m);
    sqlite3_stmt *st = stmt_get(l->db,
                                arena_printf(l->arena,
                                             "INSERT INTO credential(user, password, epoch, changed_at)"
                                             " SELECT id, ?2, ?3 + 1, ?4 FROM %s WHERE %s = ?1"
                                             " AND deleted_at IS NULL ORDER BY id LIMIT 1",
                                             email->entity->sql_table, email->columns->sql_name),
                                e);
    if (!st) {
        return -1;
    }
    stmt_bind_text(st, 1, s->email);
    stmt_bind_text(st, 2, s->password);
    sqlite3_bind_int64(st, 3, s->epoch);
    sqlite3_bind_int64(st, 4, s->changed_at);
    int rc = stmt_step(l->db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

struct linker {
    struct takeout_load *l;
    struct arena row;
    struct err *e;
};

static int link_record(void *data, struct record *r)
{
    struct linker *k = data;
    struct db *db = k->l->db;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < r->entity->column_count; i++) {
        const struct field *f = r->entity->columns[i]->field;
        rc = field_is_records(f) ? ref_add(db, f, r->id, r->values[i], &k->row, k->e) : 0;
    }
    if (r->deleted_at == 0) {
        search_put(db, r, &k->row);
    }
    rc = rc == 0 && db->search_count >= SEARCH_ROWS_MAX ? search_flush(db, k->e) : rc;
    arena_reset(&k->row);
    return rc;
}

/* What is made of other records as well, which are all there only now: the index rows of links to many,
 * and the search rows, which hold words and rights of what a record points to. */
static int link_records(struct takeout_load *l, struct err *e)
{
    struct linker k = {.l = l, .e = e};
    int rc = 0;
    arena_init(&k.row);
    for (size_t i = 0; rc == 0 && i < l->m->entity_count; i++) {
        rc = takeout_records(l->db, l->m->entities[i], link_record, &k, e);
    }
    arena_done(&k.row);
    return rc == 0 ? search_flush(l->db, e) : -1;
}

int takeout_load_end(struct takeout_load *l, struct err *e)
{
    for (const struct secret *s = l->secrets; s != NULL; s = s->next) {
        if (restore_secret(l, s, e) != 0) {
            return -1;
        }
    }
    if (link_records(l, e) != 0 || set_counter(l, "record", l->last_record, e) != 0 ||
        set_counter(l, "change_set", l->last_set, e) != 0 ||
        db_run(l->db,
               "UPDATE counter SET value = max(value, (SELECT coalesce(max(id), 0) FROM timer))"
               " WHERE name = 'timer'",
               e) != 0) {
        return -1;
    }
    return chain_seal(l->db, e);
}
