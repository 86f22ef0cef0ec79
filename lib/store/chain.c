/*
 * Verifying the audit chain: every hash is computed again from the change rows and from the values
 * they left, which are the next before-images or, for the newest, the current rows. So an altered
 * row, an altered before-image, a removed set and a record that came from nowhere all show. One
 * read transaction; memory for one set at a time. See change.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/change_private.h"
#include "store/commitment.h"
#include "store/schema_tables.h"

struct chain_column {
    int64_t id;
    int at; /* column of the row statement */
};

/* An entity's table with all its columns, those of removed fields too. */
struct chain_entity {
    int64_t id;
    const char *name, *row_sql; /* SELECT of all columns of one record */
    struct chain_column *columns;
    size_t count;
};

struct leaf {
    int64_t column, record;
    unsigned char hash[LEAF_SIZE];
};

struct verifier {
    struct db *db;
    struct err *e;
    void (*bad)(void *data, int64_t set, const char *text);
    void *data;
    struct chain_entity *entities;
    size_t entity_count;
    struct crypto_hash *hash;
    struct arena set_arena; /* reset for each set */
    struct leaf *leaves;    /* of the set, in set_arena */
    size_t leaf_count, leaf_room;
};

/* ---- tables ---------------------------------------------------------------------------------- */

static void describe(struct arena *a, const struct table_entity *te, struct chain_entity *out)
{
    const char *list = "title, deleted_at";
    *out = (struct chain_entity){.id = te->id, .name = te->name};
    out->columns = ARENA_ARRAY(a, struct chain_column, te->count + 2);
    out->columns[out->count++] =
        (struct chain_column){.id = pseudo_field(te->id, PSEUDO_TITLE), .at = 0};
    out->columns[out->count++] =
        (struct chain_column){.id = pseudo_field(te->id, PSEUDO_DELETED_AT), .at = 1};
    for (size_t i = 0; i < te->count; i++) {
        list = arena_printf(a, "%s, \"%s\"", list, te->fields[i].column);
        out->columns[out->count] =
            (struct chain_column){.id = te->fields[i].id, .at = (int)out->count};
        out->count++;
    }
    out->row_sql =
        arena_printf(a, "SELECT %s FROM %s WHERE id = ?1", list, table_name(a, te->name));
}

static int load_entities(struct verifier *v, struct arena *a)
{
    struct tables t = {0};
    if (tables_read(v->db, a, &t, v->e) != 0) {
        return -1;
    }
    v->entities = ARENA_ARRAY(a, struct chain_entity, t.count + 1);
    v->entity_count = t.count;
    for (size_t i = 0; i < t.count; i++) {
        describe(a, &t.entities[i], &v->entities[i]);
    }
    return 0;
}

/* The entity a change row belongs to: pseudo ids tell by themselves, others by the record. */
static const struct chain_entity *entity_of(struct verifier *v, int64_t field)
{
    for (size_t i = 0; i < v->entity_count; i++) {
        const struct chain_entity *ce = &v->entities[i];
        if (field == pseudo_field(ce->id, PSEUDO_CREATED)) {
            return ce;
        }
        for (size_t k = 0; k < ce->count; k++) {
            if (ce->columns[k].id == field) {
                return ce;
            }
        }
    }
    return NULL;
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Current values of a record; NULL with *rc 0 when the row is missing. */
static struct value *current_row(struct verifier *v, const struct chain_entity *ce, int64_t record,
                                 int *rc)
{
    sqlite3_stmt *st = stmt_get(v->db, ce->row_sql, v->e);
    struct value *row = NULL;
    if (!st) {
        *rc = -1;
        return NULL;
    }
    sqlite3_bind_int64(st, 1, record);
    *rc = stmt_step(v->db, st, v->e);
    if (*rc == 1) {
        row = ARENA_ARRAY(&v->set_arena, struct value, ce->count);
        for (size_t i = 0; i < ce->count; i++) {
            row[i] = stmt_value(st, (int)i, &v->set_arena);
        }
        *rc = 0;
    }
    stmt_done(st);
    return row;
}

/* The value `set` left in a column: 1 in *out, 0 it is still the current one, -1 error. */
static int later_image(struct verifier *v, int64_t column, int64_t record, int64_t set,
                       struct value *out)
{
    sqlite3_stmt *st =
        stmt_get(v->db,
                 "SELECT before FROM change WHERE field = ?1 AND record = ?2 AND cs > ?3"
                 " ORDER BY cs LIMIT 1",
                 v->e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, column);
    sqlite3_bind_int64(st, 2, record);
    sqlite3_bind_int64(st, 3, set);
    int rc = stmt_step(v->db, st, v->e);
    if (rc == 1) {
        *out = stmt_value(st, 0, &v->set_arena);
    }
    stmt_done(st);
    return rc;
}

/* ---- leaves ---------------------------------------------------------------------------------- */

static unsigned char *add_leaf(struct verifier *v, int64_t column, int64_t record)
{
    if (v->leaf_count == v->leaf_room) {
        size_t room = v->leaf_room ? 2 * v->leaf_room : 64;
        struct leaf *leaves = ARENA_ARRAY(&v->set_arena, struct leaf, room);
        if (v->leaf_count > 0) {
            memcpy(leaves, v->leaves, v->leaf_count * sizeof(*leaves));
        }
        v->leaves = leaves;
        v->leaf_room = room;
    }
    struct leaf *leaf = &v->leaves[v->leaf_count++];
    leaf->column = column;
    leaf->record = record;
    return leaf->hash;
}

/* All values a creation gave. */
static int add_creation(struct verifier *v, const struct chain_entity *ce, int64_t set,
                        int64_t record, const unsigned char *seed, const struct value *row)
{
    int64_t created = pseudo_field(ce->id, PSEUDO_CREATED);
    leaf_hash(set, created, record, OP_CREATE, seed, value_null(), add_leaf(v, created, record));
    for (size_t i = 0; i < ce->count; i++) {
        int64_t column = ce->columns[i].id;
        unsigned char salt[SALT_SIZE];
        struct value value = row ? row[ce->columns[i].at] : value_null();
        if (later_image(v, column, record, set, &value) < 0) {
            return -1;
        }
        if (value.kind != VALUE_NULL) {
            salt_derive(seed, column, salt);
            leaf_hash(set, column, record, OP_CREATE, salt, value, add_leaf(v, column, record));
        }
    }
    return 0;
}

static int add_update(struct verifier *v, const struct chain_entity *ce, int64_t set,
                      int64_t column, int64_t record, const unsigned char *salt,
                      const struct value *row)
{
    struct value value = value_null();
    enum operation op = OP_UPDATE;
    for (size_t i = 0; row && i < ce->count; i++) {
        if (ce->columns[i].id == column) {
            value = row[ce->columns[i].at];
        }
    }
    if (later_image(v, column, record, set, &value) < 0) {
        return -1;
    }
    if (column == pseudo_field(ce->id, PSEUDO_DELETED_AT)) {
        op = value.kind == VALUE_NULL ? OP_RESTORE : OP_DELETE;
    }
    leaf_hash(set, column, record, op, salt, value, add_leaf(v, column, record));
    return 0;
}

/* One row of `change`: column, record, salt. */
static int add_row(struct verifier *v, int64_t set, sqlite3_stmt *st)
{
    int64_t column = sqlite3_column_int64(st, 0);
    int64_t record = sqlite3_column_int64(st, 1);
    unsigned char salt[SALT_SIZE] = {0};
    if (sqlite3_column_bytes(st, 2) == SALT_SIZE) {
        memcpy(salt, sqlite3_column_blob(st, 2), SALT_SIZE);
    }
    const struct chain_entity *ce = entity_of(v, column);
    if (!ce) {
        v->bad(v->data, set, "A change row names a field that does not exist.");
        return 0;
    }
    int rc = 0;
    struct value *row = current_row(v, ce, record, &rc);
    if (rc != 0) {
        return -1;
    }
    if (!row) {
        char text[120];
        snprintf(text, sizeof(text), "Record %lld is missing from its table.", (long long)record);
        v->bad(v->data, set, text);
    }
    return column == pseudo_field(ce->id, PSEUDO_CREATED)
               ? add_creation(v, ce, set, record, salt, row)
               : add_update(v, ce, set, column, record, salt, row);
}

static int compare_leaves(const void *a, const void *b)
{
    const struct leaf *x = a;
    const struct leaf *y = b;
    if (x->column != y->column) {
        return x->column < y->column ? -1 : 1;
    }
    return x->record < y->record ? -1 : x->record > y->record;
}

/* ---- sets ------------------------------------------------------------------------------------ */

static int load_leaves(struct verifier *v, int64_t set, int64_t *rows)
{
    sqlite3_stmt *st =
        stmt_get(v->db, "SELECT field, record, salt FROM change WHERE cs = ?1", v->e);
    if (!st) {
        return -1;
    }
    v->leaves = NULL;
    v->leaf_count = v->leaf_room = 0;
    *rows = 0;
    sqlite3_bind_int64(st, 1, set);
    int rc;
    while ((rc = stmt_step(v->db, st, v->e)) == 1) {
        ++*rows;
        if (add_row(v, set, st) != 0) {
            rc = -1;
            break;
        }
    }
    stmt_done(st);
    if (v->leaf_count > 0) {
        qsort(v->leaves, v->leaf_count, sizeof(*v->leaves), compare_leaves);
    }
    return rc;
}

/* What the hash of a set has to be; *rows: its change rows. */
static int hash_set(struct verifier *v, const struct change_header *header,
                    const unsigned char previous[CRYPTO_HASH_SIZE], int64_t *rows,
                    unsigned char hash[CRYPTO_HASH_SIZE])
{
    if (load_leaves(v, header->id, rows) != 0) {
        return -1;
    }
    set_hash_begin(v->hash, previous, header);
    for (size_t i = 0; i < v->leaf_count; i++) {
        crypto_hash_add(v->hash, v->leaves[i].hash, LEAF_SIZE);
    }
    crypto_hash_end(v->hash, hash);
    return 0;
}

static int check_set(struct verifier *v, const struct change_header *header,
                     const unsigned char previous[CRYPTO_HASH_SIZE],
                     const unsigned char stored[CRYPTO_HASH_SIZE])
{
    int64_t rows = 0;
    unsigned char hash[CRYPTO_HASH_SIZE];
    if (hash_set(v, header, previous, &rows, hash) != 0) {
        return -1;
    }
    if (rows != header->n) {
        v->bad(v->data, header->id, "Change rows were removed or added.");
    } else if (memcmp(hash, stored, CRYPTO_HASH_SIZE) != 0) {
        v->bad(v->data, header->id,
               "The hash does not fit: the change, a value it set or its predecessor was altered.");
    }
    return 0;
}

static void copy_hash(sqlite3_stmt *st, int column, unsigned char out[CRYPTO_HASH_SIZE])
{
    memset(out, 0, CRYPTO_HASH_SIZE);
    if (sqlite3_column_bytes(st, column) == CRYPTO_HASH_SIZE) {
        memcpy(out, sqlite3_column_blob(st, column), CRYPTO_HASH_SIZE);
    }
}

static int hash_before(struct verifier *v, int64_t set, int64_t *last,
                       unsigned char out[CRYPTO_HASH_SIZE])
{
    sqlite3_stmt *st = stmt_get(
        v->db, "SELECT id, hash FROM change_set WHERE id < ?1 ORDER BY id DESC LIMIT 1", v->e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, set);
    int rc = stmt_step(v->db, st, v->e);
    if (rc == 1) {
        *last = sqlite3_column_int64(st, 0);
        copy_hash(st, 1, out);
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static void read_header(sqlite3_stmt *st, struct arena *a, struct change_header *out)
{
    *out = (struct change_header){.id = sqlite3_column_int64(st, 0),
                                  .at_ms = sqlite3_column_int64(st, 1),
                                  .actor = sqlite3_column_int64(st, 2),
                                  .source = sqlite3_column_int64(st, 3),
                                  .reason = stmt_text(st, 4, a),
                                  .parent = sqlite3_column_int64(st, 5),
                                  .undo_of = sqlite3_column_int64(st, 6),
                                  .n = sqlite3_column_int64(st, 7)};
}

/* A gap in the ids or a time before that of the predecessor, apart from imports set aside. */
static int check_order(struct verifier *v, const struct change_header *header, int64_t last,
                       int64_t last_at)
{
    if (header->id != last + 1) {
        char text[120];
        snprintf(text, sizeof(text), "The changes from %lld to %lld are missing.",
                 (long long)last + 1, (long long)header->id - 1);
        v->bad(v->data, header->id, text);
    }
    if (header->at_ms < last_at && change_time_before(v->db, header->id, &last_at, v->e) != 0) {
        return -1;
    }
    if (header->at_ms < last_at) {
        v->bad(v->data, header->id, "The time lies before that of the change before it.");
    }
    return 0;
}

static int check_sets(struct verifier *v, int64_t from, int64_t *checked, int64_t *newest,
                      unsigned char head[CRYPTO_HASH_SIZE])
{
    unsigned char previous[CRYPTO_HASH_SIZE] = {0};
    int64_t last = 0;
    int64_t last_at = INT64_MIN;
    if (hash_before(v, from, &last, previous) != 0) {
        return -1;
    }
    sqlite3_stmt *st =
        stmt_get(v->db,
                 "SELECT id, at, actor, source, reason, parent, undo_of, n, hash FROM change_set"
                 " WHERE id >= ?1 ORDER BY id",
                 v->e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, from);
    int rc;
    while ((rc = stmt_step(v->db, st, v->e)) == 1) {
        struct change_header header;
        unsigned char stored[CRYPTO_HASH_SIZE];
        arena_reset(&v->set_arena);
        read_header(st, &v->set_arena, &header);
        copy_hash(st, 8, stored);
        if (check_order(v, &header, last, last_at) != 0 ||
            check_set(v, &header, previous, stored) != 0) {
            rc = -1;
            break;
        }
        memcpy(previous, stored, sizeof(previous));
        last = header.id;
        last_at = header.at_ms;
        ++*checked;
    }
    stmt_done(st);
    memcpy(head, previous, sizeof(previous));
    *newest = last;
    return rc;
}

/* Sets cut off at the end, and records no set created. */
static int check_ends(struct verifier *v, int64_t newest)
{
    int64_t counter = 0;
    if (db_get_int(v->db, "SELECT value FROM counter WHERE name = 'change_set'", NULL, 0, 0,
                   &counter, v->e) != 0) {
        return -1;
    }
    if (counter != newest) {
        v->bad(v->data, newest + 1, "The newest changes are missing.");
    }
    for (size_t i = 0; i < v->entity_count; i++) {
        const struct chain_entity *ce = &v->entities[i];
        int64_t created = pseudo_field(ce->id, PSEUDO_CREATED);
        int64_t strays = 0;
        const char *sql =
            arena_printf(&v->set_arena,
                         "SELECT count(*) FROM %s d WHERE NOT EXISTS (SELECT 1 FROM change"
                         " WHERE field = ?1 AND record = d.id AND cs = d.created_cs)",
                         table_name(&v->set_arena, ce->name));
        if (db_get_int(v->db, sql, &created, 1, 0, &strays, v->e) != 0) {
            return -1;
        }
        if (strays > 0) {
            v->bad(v->data, 0,
                   arena_printf(&v->set_arena, "%lld records of %s were created by no change.",
                                (long long)strays, ce->name));
        }
    }
    return 0;
}

int chain_verify(struct db *db, const struct model *m, int64_t from,
                 void (*bad)(void *data, int64_t set, const char *text), void *data,
                 int64_t *checked, unsigned char head[32], struct err *e)
{
    (void)m; /* the tables know more: columns of removed fields are part of the chain */
    struct verifier v = {.db = db, .e = e, .bad = bad, .data = data};
    struct arena a;
    int64_t deadline = db->deadline_ms;
    int64_t newest = 0;
    *checked = 0;
    if (db_read_begin(db, e) != 0) {
        return -1;
    }
    db->deadline_ms = 0; /* reads everything; the caller chose to */
    arena_init(&a);
    arena_init(&v.set_arena);
    v.hash = crypto_hash_new();
    int rc = load_entities(&v, &a);
    if (rc == 0) {
        rc = check_sets(&v, from > 0 ? from : 1, checked, &newest, head);
    }
    if (rc == 0 && from <= 1) {
        rc = check_ends(&v, newest);
    }
    crypto_hash_free(v.hash);
    arena_done(&v.set_arena);
    arena_done(&a);
    db->deadline_ms = deadline;
    db_read_end(db);
    return rc;
}

/* ---- sealing --------------------------------------------------------------------------------- */

/* A change of a record that is not there: the history does not belong to the records. */
static void note_wrong(void *data, int64_t set, const char *text)
{
    bool *wrong = data;
    (void)set, (void)text;
    *wrong = true;
}

static int write_hash(struct verifier *v, int64_t set, const unsigned char hash[CRYPTO_HASH_SIZE])
{
    sqlite3_stmt *st = stmt_get(v->db, "UPDATE change_set SET hash = ?2 WHERE id = ?1", v->e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, set);
    sqlite3_bind_blob(st, 2, hash, CRYPTO_HASH_SIZE, SQLITE_STATIC);
    int rc = stmt_step(v->db, st, v->e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

/* The set after `last`: 1, 0 when there is none. */
static int next_set(struct verifier *v, int64_t last, struct change_header *out)
{
    sqlite3_stmt *st = stmt_get(v->db,
                                "SELECT id, at, actor, source, reason, parent, undo_of, n"
                                " FROM change_set WHERE id > ?1 ORDER BY id LIMIT 1",
                                v->e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, last);
    int rc = stmt_step(v->db, st, v->e);
    if (rc == 1) {
        read_header(st, &v->set_arena, out);
    }
    stmt_done(st);
    return rc;
}

static int seal_sets(struct verifier *v)
{
    unsigned char hash[CRYPTO_HASH_SIZE] = {0};
    unsigned char previous[CRYPTO_HASH_SIZE];
    struct change_header header = {0};
    int64_t rows = 0;
    int rc;
    while ((rc = next_set(v, header.id, &header)) == 1) {
        memcpy(previous, hash, sizeof(previous));
        if (hash_set(v, &header, previous, &rows, hash) != 0 || write_hash(v, header.id, hash) != 0) {
            return -1;
        }
        arena_reset(&v->set_arena);
    }
    return rc;
}

int chain_seal(struct db *db, struct err *e)
{
    bool wrong = false;
    struct verifier v = {.db = db, .e = e, .bad = note_wrong, .data = &wrong};
    struct arena a;
    arena_init(&a);
    arena_init(&v.set_arena);
    v.hash = crypto_hash_new();
    int rc = load_entities(&v, &a) == 0 ? seal_sets(&v) : -1;
    crypto_hash_free(v.hash);
    arena_done(&v.set_arena);
    arena_done(&a);
    return rc != 0 || !wrong ? rc
                             : err_fail(e, ERR_INVALID, "",
                                        "The history tells of a record that is not there.");
}
