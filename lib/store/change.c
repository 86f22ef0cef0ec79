/*
 * Writing change-sets; see change.h.
 *
 * While a set is open, its leaves are kept in the order they came, with a hash table of chains over
 * them (newest first), so that a second change of the same column in the same set replaces the
 * first (its before-image stays the earliest), a change of a record made in this very set becomes
 * part of its creation, and a savepoint can be taken back by cutting the list. Only one set may be
 * open at a time: its hash continues that of the set before.
 */
#include "store/change.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "store/change_private.h"
#include "store/commitment.h"
#include "store/rows_private.h"

#define SALTS_AT_ONCE 16
#define TOUCH 0 /* "column" of the leaf that marks a record as raised; no column has id 0 */

struct change_leaf {
    int64_t column, record;
    uint32_t older; /* position + 1 of the next older leaf in the same bucket */
    bool empty;     /* a value of a created record that is null: no part of the hash */
    bool made;      /* part of a creation: its salt derives */
    unsigned char salt[SALT_SIZE];
    unsigned char hash[LEAF_SIZE];
};

static const char *const SOURCES[] = {
    [SOURCE_NONE] = "",       [SOURCE_UI] = "ui",         [SOURCE_API] = "api",
    [SOURCE_CLI] = "cli",     [SOURCE_IMPORT] = "import", [SOURCE_BULK] = "bulk",
    [SOURCE_UNDO] = "undo",   [SOURCE_RULE] = "rule",     [SOURCE_CONFIG] = "config",
    [SOURCE_SETUP] = "setup", [SOURCE_MERGE] = "merge",
    [SOURCE_FORM] = "form",
};

const char *source_name(enum change_source s)
{
    return (size_t)s < COUNT(SOURCES) ? SOURCES[s] : "";
}

/* ---- leaves of the open set ------------------------------------------------------------------ */

static size_t bucket_of(const struct change_set *cs, int64_t column, int64_t record)
{
    uint64_t h = (uint64_t)record * 0x9e3779b97f4a7c15u ^ (uint64_t)column * 0xc2b2ae3d27d4eb4fu;
    return (size_t)(h >> 32) & (cs->bucket_count - 1);
}

static struct change_leaf *leaf_find(const struct change_set *cs, int64_t column, int64_t record)
{
    if (cs->bucket_count == 0) {
        return NULL;
    }
    uint32_t at = cs->buckets[bucket_of(cs, column, record)];
    while (at != 0) {
        struct change_leaf *leaf = &cs->leaves[at - 1];
        if (leaf->column == column && leaf->record == record) {
            return leaf;
        }
        at = leaf->older;
    }
    return NULL;
}

static void link_leaf(struct change_set *cs, size_t i)
{
    uint32_t *bucket = &cs->buckets[bucket_of(cs, cs->leaves[i].column, cs->leaves[i].record)];
    cs->leaves[i].older = *bucket;
    *bucket = (uint32_t)i + 1;
}

/* Leaves and buckets, new in cs->arena, for `room` leaves. */
static void take_room(struct change_set *cs, size_t room)
{
    struct change_leaf *leaves = ARENA_ARRAY(cs->arena, struct change_leaf, room);
    if (cs->leaf_count > 0) {
        memcpy(leaves, cs->leaves, cs->leaf_count * sizeof(*leaves));
    }
    cs->leaves = leaves;
    cs->leaf_room = room;
    cs->bucket_count = 2 * room;
    cs->buckets = ARENA_ARRAY(cs->arena, uint32_t, cs->bucket_count);
    cs->leaf_arena = cs->arena;
    for (size_t i = 0; i < cs->leaf_count; i++) {
        link_leaf(cs, i);
    }
}

void change_move(struct change_set *cs, struct arena *home)
{
    cs->arena = home;
    cs->salt_bytes = 0;
    if (cs->leaf_room > 0 && cs->leaf_arena != home) {
        take_room(cs, cs->leaf_room);
    }
    rows_rollup_move(&cs->rollups, home);
}

static struct change_leaf *leaf_add(struct change_set *cs, int64_t column, int64_t record)
{
    if (cs->leaf_count == cs->leaf_room) {
        take_room(cs, cs->leaf_room ? 2 * cs->leaf_room : 32);
    }
    struct change_leaf *leaf = &cs->leaves[cs->leaf_count];
    *leaf = (struct change_leaf){.column = column, .record = record};
    link_leaf(cs, cs->leaf_count++);
    return leaf;
}

void change_rewind(struct change_set *cs, const struct change_set *to)
{
    while (cs->leaf_count > to->leaf_count) {
        struct change_leaf *leaf = &cs->leaves[--cs->leaf_count];
        cs->buckets[bucket_of(cs, leaf->column, leaf->record)] = leaf->older;
    }
    cs->id = to->id;
    cs->n = to->n;
    cs->rollups.count = to->rollups.count;
    cs->rollups.done = to->rollups.done;
    cs->rollups.entities = to->rollups.entities;
}

bool change_first_touch(struct change_set *cs, int64_t record)
{
    if (leaf_find(cs, TOUCH, record)) {
        return false;
    }
    leaf_add(cs, TOUCH, record)->empty = true;
    return true;
}

static void take_salt(struct change_set *cs, unsigned char out[SALT_SIZE])
{
    if (cs->salt_bytes < SALT_SIZE) {
        cs->salt_bytes = (size_t)SALTS_AT_ONCE * SALT_SIZE;
        cs->salts = arena_alloc(cs->arena, cs->salt_bytes);
        crypto_random(cs->salts, cs->salt_bytes);
    }
    cs->salt_bytes -= SALT_SIZE;
    memcpy(out, cs->salts + cs->salt_bytes, SALT_SIZE);
}

/* ---- begin ----------------------------------------------------------------------------------- */

/* Nothing has happened yet, and it is the system that configures or adds users. */
static bool is_set_up(const struct change_set *cs, int64_t newest)
{
    bool system = cs->actor == 0 && (cs->source == SOURCE_CLI || cs->source == SOURCE_CONFIG ||
                                     cs->source == SOURCE_SETUP);
    return system && cs->at_ms == 0 && newest <= CHANGE_BEFORE_HISTORY;
}

/* A dated import may begin before what an undone one left. */
static int begin_dated(struct db *db, struct change_set *cs, int64_t newest, struct err *e)
{
    int64_t lasting = newest;
    if (cs->at_ms < newest && cs->keep_empty && change_newest_lasting(db, &lasting, e) != 0) {
        return -1;
    }
    if (cs->at_ms < lasting) {
        return err_fail(e, ERR_INVALID, "",
                        "The date lies before the newest change; changes must come in "
                        "order of their dates.");
    }
    cs->sets_aside = cs->at_ms < newest;
    return 0;
}

int change_begin(struct db *db, struct change_set *cs, struct arena *a, struct err *e)
{
    int64_t newest = 0, now = clock_now_ms();
    if (change_newest(db, &newest, e) != 0) {
        return -1;
    }
    cs->sets_aside = cs->finished = false;
    cs->stamp_ms = cs->at_ms != 0 ? cs->at_ms : now;
    if (is_set_up(cs, newest)) {
        cs->source = cs->source == SOURCE_CLI ? SOURCE_SETUP : cs->source;
        cs->at_ms = CHANGE_BEFORE_HISTORY;
    } else if (cs->at_ms == 0) {
        cs->at_ms = now > newest ? now : newest;
    } else if (begin_dated(db, cs, newest, e) != 0) {
        return -1;
    }
    cs->id = 0;
    cs->n = 0;
    cs->arena = a;
    cs->leaves = NULL;
    cs->buckets = NULL;
    cs->salts = NULL;
    cs->leaf_count = cs->leaf_room = cs->bucket_count = cs->salt_bytes = 0;
    cs->rollups = (struct rollups){0};
    db->open_set = NULL;
    return 0;
}

/* Times rise with ids: the root of a long write begins within its first slice and is there before
 * the slice has an id, maybe a millisecond later than the slice began. What the system configures
 * while a dated import waits for its next slice bears the import's date. */
static int take_time(struct db *db, struct change_set *cs, struct err *e)
{
    int64_t newest = 0;
    bool waits = false;
    if (change_may_begin(db, cs, &waits, e) != 0) {
        return -1;
    }
    if (cs->sets_aside) {
        return change_set_aside(db, e);
    }
    if (change_newest(db, &newest, e) != 0) {
        return -1;
    }
    waits = waits && cs->at_ms != CHANGE_BEFORE_HISTORY;
    cs->at_ms = cs->at_ms < newest || waits ? newest : cs->at_ms;
    return 0;
}

int change_need_id(struct db *db, struct change_set *cs, struct err *e)
{
    assert(!cs->finished);
    if (cs->id != 0) {
        return 0;
    }
    return take_time(db, cs, e) != 0 ? -1 : db_next(db, "change_set", &cs->id, e);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static int insert_row(struct db *db, struct change_set *cs, int64_t column, int64_t record,
                      struct value before, const unsigned char salt[SALT_SIZE], struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "INSERT INTO change(field, record, cs, before, salt)"
                                " VALUES(?1, ?2, ?3, ?4, ?5)",
                                e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, column);
    sqlite3_bind_int64(st, 2, record);
    sqlite3_bind_int64(st, 3, cs->id);
    stmt_bind_value(st, 4, before);
    sqlite3_bind_blob(st, 5, salt, SALT_SIZE, SQLITE_STATIC);
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    if (rc < 0) {
        return -1;
    }
    cs->n++;
    return 0;
}

/* A value of a record that this set creates: no row of its own. */
static void add_made(struct change_set *cs, const unsigned char seed[SALT_SIZE], int64_t column,
                     int64_t record, struct value value)
{
    struct change_leaf *leaf = leaf_add(cs, column, record);
    leaf->made = true;
    leaf->empty = value.kind == VALUE_NULL;
    if (!leaf->empty) {
        salt_derive(seed, column, leaf->salt);
        leaf_hash(cs->id, column, record, OP_CREATE, leaf->salt, value, leaf->hash);
    }
}

/* One changed column. Three cases: part of a creation in this set; changed before in this set; new.
 */
static int add_change(struct db *db, struct change_set *cs, int64_t entity, int64_t column,
                      int64_t record, const struct value values[2], enum operation op,
                      struct err *e)
{
    if (change_need_id(db, cs, e) != 0) {
        return -1;
    }
    const struct change_leaf *created = leaf_find(cs, pseudo_field(entity, PSEUDO_CREATED), record);
    if (created) {
        unsigned char seed[SALT_SIZE];
        memcpy(seed, created->salt, SALT_SIZE); /* adding may move the leaves */
        add_made(cs, seed, column, record, values[1]);
        return 0;
    }
    unsigned char salt[SALT_SIZE];
    const struct change_leaf *old = leaf_find(cs, column, record);
    if (old) {
        memcpy(salt, old->salt, SALT_SIZE);
    } else {
        take_salt(cs, salt);
        if (insert_row(db, cs, column, record, values[0], salt, e) != 0) {
            return -1;
        }
    }
    struct change_leaf *leaf = leaf_add(cs, column, record);
    memcpy(leaf->salt, salt, SALT_SIZE);
    leaf_hash(cs->id, column, record, op, salt, values[1], leaf->hash);
    return 0;
}

int change_add(struct db *db, struct change_set *cs, const struct column *column, int64_t record,
               struct value before, struct value after, struct err *e)
{
    const struct value values[2] = {before, after};
    return add_change(db, cs, column->field->entity->id, column->id, record, values, OP_UPDATE, e);
}

int change_deleted_at(struct db *db, struct change_set *cs, const struct entity *entity,
                      int64_t record, struct value before, struct value after, struct err *e)
{
    const struct value values[2] = {before, after};
    return add_change(db, cs, entity->id, pseudo_field(entity->id, PSEUDO_DELETED_AT), record,
                      values, after.kind == VALUE_NULL ? OP_RESTORE : OP_DELETE, e);
}

int change_title(struct db *db, struct change_set *cs, const struct entity *entity, int64_t record,
                 struct value before, struct value after, struct err *e)
{
    const struct value values[2] = {before, after};
    return add_change(db, cs, entity->id, pseudo_field(entity->id, PSEUDO_TITLE), record, values,
                      OP_UPDATE, e);
}

int change_created(struct db *db, struct change_set *cs, const struct entity *entity,
                   int64_t record, const struct value *values, struct value title, struct err *e)
{
    if (change_need_id(db, cs, e) != 0) {
        return -1;
    }
    unsigned char seed[SALT_SIZE];
    int64_t column = pseudo_field(entity->id, PSEUDO_CREATED);
    take_salt(cs, seed);
    if (insert_row(db, cs, column, record, value_null(), seed, e) != 0) {
        return -1;
    }
    struct change_leaf *leaf = leaf_add(cs, column, record);
    memcpy(leaf->salt, seed, SALT_SIZE);
    leaf_hash(cs->id, column, record, OP_CREATE, seed, value_null(), leaf->hash);
    add_made(cs, seed, pseudo_field(entity->id, PSEUDO_TITLE), record, title);
    for (size_t i = 0; i < entity->column_count; i++) {
        if (values[i].kind != VALUE_NULL) {
            add_made(cs, seed, entity->columns[i]->id, record, values[i]);
        }
    }
    return 0;
}

/* ---- finish ---------------------------------------------------------------------------------- */

static int compare_leaves(const void *a, const void *b)
{
    const struct change_leaf *x = *(const struct change_leaf *const *)a;
    const struct change_leaf *y = *(const struct change_leaf *const *)b;
    if (x->column != y->column) {
        return x->column < y->column ? -1 : 1;
    }
    if (x->record != y->record) {
        return x->record < y->record ? -1 : 1;
    }
    return x > y ? -1 : x < y; /* the newest first */
}

static void add_leaves(struct crypto_hash *h, const struct change_set *cs)
{
    if (cs->leaf_count == 0) {
        return;
    }
    const struct change_leaf **sorted =
        ARENA_ARRAY(cs->arena, const struct change_leaf *, cs->leaf_count);
    for (size_t i = 0; i < cs->leaf_count; i++) {
        sorted[i] = &cs->leaves[i];
    }
    qsort(sorted, cs->leaf_count, sizeof(*sorted), compare_leaves);
    const struct change_leaf *last = NULL;
    for (size_t i = 0; i < cs->leaf_count; i++) {
        const struct change_leaf *leaf = sorted[i];
        bool again = last && last->column == leaf->column && last->record == leaf->record;
        if (!again && !leaf->empty) {
            crypto_hash_add(h, leaf->hash, LEAF_SIZE);
        }
        last = leaf;
    }
}

/* The hash of the newest set; zeros before the first. */
static int previous_hash(struct db *db, unsigned char out[CRYPTO_HASH_SIZE], struct err *e)
{
    memset(out, 0, CRYPTO_HASH_SIZE);
    sqlite3_stmt *st = stmt_get(db, "SELECT hash FROM change_set ORDER BY id DESC LIMIT 1", e);
    if (!st) {
        return -1;
    }
    int rc = stmt_step(db, st, e);
    if (rc == 1 && sqlite3_column_bytes(st, 0) == CRYPTO_HASH_SIZE) {
        memcpy(out, sqlite3_column_blob(st, 0), CRYPTO_HASH_SIZE);
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static void bind_or_null(sqlite3_stmt *st, int index, int64_t id)
{
    if (id != 0) {
        sqlite3_bind_int64(st, index, id);
    }
}

static int write_set(struct db *db, const struct change_set *cs, struct err *e)
{
    unsigned char hash[CRYPTO_HASH_SIZE];
    if (previous_hash(db, hash, e) != 0) {
        return -1;
    }
    const struct change_header header = {.id = cs->id,
                                         .at_ms = cs->at_ms,
                                         .actor = cs->actor,
                                         .source = cs->source,
                                         .parent = cs->parent,
                                         .undo_of = cs->undo_of,
                                         .n = cs->n,
                                         .reason = cs->reason};
    struct crypto_hash *h = crypto_hash_new();
    set_hash_begin(h, hash, &header);
    add_leaves(h, cs);
    crypto_hash_end(h, hash);
    crypto_hash_free(h);
    sqlite3_stmt *st =
        stmt_get(db,
                 "INSERT INTO change_set(id, at, actor, source, reason, parent, undo_of, n, hash)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                 e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, cs->id);
    sqlite3_bind_int64(st, 2, cs->at_ms);
    sqlite3_bind_int64(st, 3, cs->actor);
    sqlite3_bind_int64(st, 4, cs->source);
    stmt_bind_text(st, 5, cs->reason);
    bind_or_null(st, 6, cs->parent);
    bind_or_null(st, 7, cs->undo_of);
    sqlite3_bind_int64(st, 8, cs->n);
    sqlite3_bind_blob(st, 9, hash, sizeof(hash), SQLITE_STATIC);
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int change_finish(struct db *db, struct change_set *cs, struct err *e)
{
    if (cs->finished) {
        return 0;
    }
    if (rows_settle(db, cs, e) != 0) {
        return -1;
    }
    if (cs->id == 0 && !cs->keep_empty) {
        return 0;
    }
    if (change_need_id(db, cs, e) != 0 || write_set(db, cs, e) != 0) {
        return -1;
    }
    cs->finished = true;
    return 0;
}

int change_root(struct db *db, struct change_set *cs, struct arena *a, struct err *e)
{
    cs->keep_empty = true;
    return change_begin(db, cs, a, e) != 0 ? -1 : change_finish(db, cs, e);
}
