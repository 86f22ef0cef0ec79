/*
 * Counting, ids of a list, and the question whether somebody may do something with a record. See
 * query.h.
 *
 * Counts are kept per connection until the next commit: every page of a list asks for the same one.
 * Nothing is kept inside a read transaction (its snapshot may be older) or on the writer.
 */
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/memory.h"
#include "store/query_private.h"

#define COUNTS_MAX 64
#define CACHE_NAME "kontor_counts"

struct count_slot {
    unsigned char key[CRYPTO_HASH_SIZE]; /* of text and bindings */
    int64_t commits;                     /* when it was counted; -1: empty */
    int64_t count;
};

struct count_cache {
    struct count_slot slots[COUNTS_MAX];
};

static struct count_cache *cache_of(struct db *db)
{
    struct count_cache *cache = sqlite3_get_clientdata(db->handle, CACHE_NAME);
    if (cache == NULL && !db->writer && db->store != NULL) {
        cache = memory_take(sizeof(*cache));
        for (size_t i = 0; i < COUNTS_MAX; i++) {
            cache->slots[i].commits = -1;
        }
        if (sqlite3_set_clientdata(db->handle, CACHE_NAME, cache, free) != SQLITE_OK) {
            return NULL; /* SQLite has freed it */
        }
    }
    return cache;
}

/* The slot of a statement, with its key filled in; NULL when counts must not be kept here. */
static struct count_slot *slot_of(struct query *q, unsigned char key[CRYPTO_HASH_SIZE])
{
    struct count_cache *cache = sqlite3_get_autocommit(q->db->handle) ? cache_of(q->db) : NULL;
    if (cache == NULL) {
        return NULL;
    }
    struct buf text = {0};
    buf_add(&text, buf_text(&q->sql.text), q->sql.text.size);
    for (size_t i = 0; i < q->sql.bind_count; i++) {
        struct value v = q->sql.binds[i];
        buf_printf(&text, ";%d:%lld:", (int)v.kind, (long long)v.i);
        buf_add(&text, v.s ? v.s : "", v.kind == VALUE_TEXT ? v.n : 0);
    }
    crypto_sha256(buf_text(&text), text.size, key);
    buf_done(&text);
    return &cache->slots[key[0] % COUNTS_MAX];
}

static int count_now(struct query *q, int64_t *out, struct err *e)
{
    sqlite3_stmt *st = query_statement(q, e);
    int rc = st == NULL ? -1 : stmt_step(q->db, st, e);
    if (rc == 1) {
        *out = sqlite3_column_int64(st, 0);
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static int count_kept(struct query *q, int64_t *out, struct err *e)
{
    unsigned char key[CRYPTO_HASH_SIZE];
    int64_t commits =
        db_commit_count(q->db); /* before counting: a commit in between makes it old at once */
    struct count_slot *slot = slot_of(q, key);
    if (slot != NULL && slot->commits == commits && memcmp(slot->key, key, sizeof(key)) == 0) {
        *out = slot->count;
        return 0;
    }
    if (count_now(q, out, e) != 0) {
        return -1;
    }
    if (slot != NULL) {
        memcpy(slot->key, key, sizeof(key));
        slot->commits = commits;
        slot->count = *out;
    }
    return 0;
}

/* The spec without what only a page needs: order, cursor. */
static struct list_spec plain(const struct list_spec *spec)
{
    struct list_spec s = *spec;
    s.sort_count = 0;
    s.cursor = NULL;
    s.limit = 0;
    return s;
}

/* "team = my_team or owner = me" is counted along the two indexes, one after the other. */
static void take_arms(struct query *q)
{
    const struct list_spec *spec = q->spec;
    const struct expr *rule;
    if (q->indexed == NULL && spec->only == NULL && q->c.as_of == 0 &&
        query_life(spec) == LIFE_LIVING && rights_arms(&q->c, spec->entity, spec->action, &rule)) {
        q->rule = rule;
        q->apart = true;
    }
}

static int build_count(struct query *q, int64_t cap, struct err *e)
{
    bool candidates;
    if (query_candidates(q, &candidates, e) != 0) {
        return -1;
    }
    take_arms(q);
    bool twice = query_stream(q);
    if (query_pointing(q, &twice, e) != 0) {
        return -1;
    }
    sql_add(&q->sql, "SELECT count(*) FROM (");
    for (size_t arm = 0; arm < (q->rule != NULL ? q->rule->arg_count : 1); arm++) {
        sql_printf(&q->sql, arm > 0 ? " UNION ALL SELECT %st%d.id" : "SELECT %st%d.id",
                   twice ? "DISTINCT " : "", q->row.alias);
        query_from(q, arm);
    }
    if (candidates) {
        sql_printf(&q->sql, " AND t%d.id IN (SELECT id FROM k)", q->row.alias);
    }
    sql_printf(&q->sql, " LIMIT %lld)", (long long)cap + 1);
    return 0;
}

int query_count(struct db *db, const struct who *who, const struct list_spec *spec, int64_t cap,
                int64_t *out, bool *more, struct err *e)
{
    struct arena a;
    struct query q;
    struct list_spec counted = plain(spec);
    int64_t count = 0;
    arena_init(&a);
    int rc = query_begin(&q, db, who, &counted, &a, e);
    if (rc == 0) {
        rc = build_count(&q, cap, e);
    }
    if (rc == 0) {
        rc = count_kept(&q, &count, e);
    }
    query_end(&q);
    arena_done(&a);
    if (rc == 0) {
        *more = count > cap;
        *out = *more ? cap : count;
    }
    return rc;
}

static int read_ids(struct query *q, size_t limit, struct arena *a, int64_t **ids, size_t *count,
                    struct err *e)
{
    sqlite3_stmt *st = query_statement(q, e);
    if (st == NULL) {
        return -1;
    }
    int64_t *found = ARENA_ARRAY(a, int64_t, limit);
    size_t n = 0;
    int rc = 0;
    while (n < limit && (rc = stmt_step(q->db, st, e)) == 1) {
        found[n++] = sqlite3_column_int64(st, 0);
    }
    stmt_done(st);
    if (rc < 0) {
        return -1;
    }
    *ids = found;
    *count = n;
    return 0;
}

int query_ids(struct db *db, const struct who *who, const struct list_spec *spec, int64_t after,
              size_t limit, struct arena *a, int64_t **ids, size_t *count, struct err *e)
{
    struct query q;
    struct list_spec counted = plain(spec);
    int rc = query_begin(&q, db, who, &counted, a, e);
    if (rc == 0) {
        sql_printf(&q.sql, "SELECT t%d.id", q.row.alias);
        query_from(&q, 0);
        sql_printf(&q.sql, " AND t%d.id>", q.row.alias);
        sql_bind(&q.sql, value_int(after));
        sql_printf(&q.sql, " ORDER BY 1 LIMIT %zu", limit);
        rc = read_ids(&q, limit, a, ids, count, e);
    }
    query_end(&q);
    return rc;
}

int query_permits(struct db *db, const struct who *who, enum action action,
                  const struct entity *entity, int64_t id, bool trash, struct err *e)
{
    struct arena a;
    struct query q;
    const struct list_spec spec = {
        .entity = entity, .action = action, .both = trash, .only = &id};
    arena_init(&a);
    int rc = query_begin(&q, db, who, &spec, &a, e);
    if (rc == 0) {
        sql_add(&q.sql, "SELECT 1");
        query_from(&q, 0);
        sqlite3_stmt *st = query_statement(&q, e);
        rc = st == NULL ? -1 : stmt_step(db, st, e);
        stmt_done(st);
    }
    query_end(&q);
    arena_done(&a);
    return rc;
}
