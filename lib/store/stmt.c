/*
 * Prepared statements of one connection; see db.h.
 *
 * A prepare costs three times a look-up by key, so statements are kept by their text: a small
 * direct table by the address of the text (literals hit it always), behind it a hash of the text
 * itself. The least recently used of too many is dropped. A statement that is still stepping is
 * never handed out a second time: a twin is prepared. Belongs to the connection's thread.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "store/stmt_cache.h"

#define BUCKETS        512
#define SHORTCUTS      256
#define STATEMENTS_MAX 384

struct entry {
    sqlite3_stmt *st;
    char *sql;
    uint64_t hash;
    uint64_t used; /* tick of the last use */
    struct entry *next;
};

struct stmt_cache {
    struct entry *buckets[BUCKETS];
    struct entry *shortcuts[SHORTCUTS];
    size_t count;
    uint64_t tick; /* statements handed out so far */
    uint64_t mark; /* tick when the present unit of work began */
    int64_t different; /* statements it used */
};

struct stmt_cache *stmt_cache_new(void)
{
    struct stmt_cache *c = memory_take(sizeof(*c));
    memset(c, 0, sizeof(*c));
    return c;
}

static void entry_free(struct entry *x)
{
    sqlite3_finalize(x->st);
    free(x->sql);
    free(x);
}

void stmt_cache_free(struct stmt_cache *c)
{
    if (!c) {
        return;
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        while (c->buckets[i]) {
            struct entry *x = c->buckets[i];
            c->buckets[i] = x->next;
            entry_free(x);
        }
    }
    free(c);
}

static uint64_t hash_text(const char *s)
{
    uint64_t h = 1469598103934665603u;
    for (; *s; s++) {
        h = (h ^ (unsigned char)*s) * 1099511628211u;
    }
    return h;
}

static struct entry **shortcut_of(struct stmt_cache *c, const char *sql)
{
    uintptr_t p = (uintptr_t)sql;
    return &c->shortcuts[(p ^ (p >> 8)) % SHORTCUTS];
}

static struct entry *find(struct stmt_cache *c, const char *sql, uint64_t hash)
{
    for (struct entry *x = c->buckets[hash % BUCKETS]; x; x = x->next) {
        if (x->hash == hash && strcmp(x->sql, sql) == 0 && !sqlite3_stmt_busy(x->st)) {
            return x;
        }
    }
    return NULL;
}

/* Drops the idle statement that was not used for the longest time. */
static void drop_oldest(struct stmt_cache *c)
{
    struct entry **oldest = NULL;
    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct entry **at = &c->buckets[i]; *at; at = &(*at)->next) {
            if (!sqlite3_stmt_busy((*at)->st) && (!oldest || (*at)->used < (*oldest)->used)) {
                oldest = at;
            }
        }
    }
    if (!oldest) {
        return;
    }
    struct entry *x = *oldest;
    *oldest = x->next;
    for (size_t i = 0; i < SHORTCUTS; i++) {
        if (c->shortcuts[i] == x) {
            c->shortcuts[i] = NULL;
        }
    }
    entry_free(x);
    c->count--;
}

static struct entry *prepare(struct db *db, const char *sql, uint64_t hash, struct err *e)
{
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL) !=
        SQLITE_OK) {
        log_error("statement: %s", sql); /* holds no user data: values are bound */
        db_fail(db, e);
        return NULL;
    }
    struct stmt_cache *c = db->statements;
    if (c->count >= STATEMENTS_MAX) {
        drop_oldest(c);
    }
    struct entry *x = memory_take(sizeof(*x));
    size_t size = strlen(sql) + 1;
    *x = (struct entry){.st = st, .sql = memory_take(size), .hash = hash};
    memcpy(x->sql, sql, size);
    x->next = c->buckets[hash % BUCKETS];
    c->buckets[hash % BUCKETS] = x;
    c->count++;
    return x;
}

sqlite3_stmt *stmt_get(struct db *db, const char *sql, struct err *e)
{
    struct stmt_cache *c = db->statements;
    struct entry **shortcut = shortcut_of(c, sql);
    struct entry *x = *shortcut;
    if (!x || strcmp(x->sql, sql) != 0 || sqlite3_stmt_busy(x->st)) {
        uint64_t hash = hash_text(sql);
        x = find(c, sql, hash);
        if (!x) {
            x = prepare(db, sql, hash, e);
        }
        if (!x) {
            return NULL;
        }
        *shortcut = x;
    }
    c->different += x->used <= c->mark;
    x->used = ++c->tick;
    return x->st;
}

void db_cost_begin(struct db *db)
{
    db->statements->mark = db->statements->tick;
    db->statements->different = 0;
}

void db_cost_add(const struct db *db, struct query_cost *sum)
{
    sum->queries += db->statements->different;
    sum->runs += (int64_t)(db->statements->tick - db->statements->mark);
}

int stmt_step(struct db *db, sqlite3_stmt *st, struct err *e)
{
    int rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        return 1;
    }
    return rc == SQLITE_DONE ? 0 : db_fail(db, e);
}

void stmt_done(sqlite3_stmt *st)
{
    if (st) {
        sqlite3_reset(st);
        sqlite3_clear_bindings(st);
    }
}

void stmt_bind_value(sqlite3_stmt *st, int index, struct value v)
{
    switch (v.kind) {
    case VALUE_INT:
        sqlite3_bind_int64(st, index, v.i);
        break;
    case VALUE_TEXT:
        sqlite3_bind_text64(st, index, v.s, v.n, SQLITE_STATIC, SQLITE_UTF8);
        break;
    case VALUE_NULL:
        sqlite3_bind_null(st, index);
        break;
    }
}

void stmt_bind_text(sqlite3_stmt *st, int index, const char *s)
{
    if (s) {
        sqlite3_bind_text(st, index, s, -1, SQLITE_STATIC);
    } else {
        sqlite3_bind_null(st, index);
    }
}

void stmt_bind_blob(sqlite3_stmt *st, int index, const void *data, size_t n)
{
    sqlite3_bind_blob64(st, index, data, n, SQLITE_TRANSIENT);
}

struct value stmt_value(sqlite3_stmt *st, int column, struct arena *a)
{
    switch (sqlite3_column_type(st, column)) {
    case SQLITE_INTEGER:
        return value_int(sqlite3_column_int64(st, column));
    case SQLITE_TEXT: {
        const char *s = (const char *)sqlite3_column_text(st, column);
        size_t n = (size_t)sqlite3_column_bytes(st, column);
        return (struct value){.kind = VALUE_TEXT, .s = arena_strndup(a, s, n), .n = n};
    }
    default:
        return value_null();
    }
}

char *stmt_text(sqlite3_stmt *st, int column, struct arena *a)
{
    const char *s = (const char *)sqlite3_column_text(st, column);
    return s ? arena_strndup(a, s, (size_t)sqlite3_column_bytes(st, column)) : NULL;
}
