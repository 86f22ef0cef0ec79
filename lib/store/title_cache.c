/* See title_cache.h: a table without chains; who comes later takes the place. */
#include "store/title_cache.h"

#include <stdlib.h>
#include <string.h>

#include "model/expr.h"

#define CACHE_NAME "kontor_titles"
#define SLOT_BITS  16

struct title_slot { /* one line of the processor's cache */
    int64_t id;
    int64_t commits; /* when it was read */
    uint64_t key;    /* 0: free */
    unsigned char size;
    bool hidden, deleted;
    char text[37]; /* not terminated */
};

struct title_cache {
    int64_t commits; /* when the present statement began */
    struct title_slot slots[1 << SLOT_BITS];
};

struct title_cache *title_cache_of(struct db *db)
{
    if (db->writer || db->store == NULL || sqlite3_get_autocommit(db->handle) == 0) {
        return NULL;
    }
    struct title_cache *cache = sqlite3_get_clientdata(db->handle, CACHE_NAME);
    if (cache == NULL) {
        cache = calloc(1, sizeof(*cache)); /* pages that are never used are never there */
        if (cache == NULL || sqlite3_set_clientdata(db->handle, CACHE_NAME, cache, free) != 0) {
            return NULL; /* SQLite has freed it */
        }
    }
    cache->commits = db_commit_count(db);
    return cache;
}

static void find_changing(const struct expr *x, void *data)
{
    bool *changing = data;
    bool fixed = x->op == EXPR_CALL ? x->function == FN_ME || x->function == FN_MY_TEAM
                                    : x->op != EXPR_AGGREGATE && x->op != EXPR_VISIBLE &&
                                          x->op != EXPR_SHARED;
    *changing = *changing || !fixed;
}

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 32);
}

uint64_t title_cache_key(const struct who *who, const struct expr *rule)
{
    bool changing = false;
    if (rule == NULL) {
        return 1;
    }
    expr_walk(rule, find_changing, &changing);
    if (changing) {
        return 0;
    }
    /* A model that is replaced lives until its last request ends, so its address is its own; the
     * next one comes with a commit. */
    uint64_t h = mix((uintptr_t)who->model, (uintptr_t)who->role);
    return mix(mix(h, (uint64_t)who->user), (uint64_t)who->team) | 2;
}

static size_t slot_of(uint64_t key, int64_t id)
{
    return (size_t)(((uint64_t)id + key) * 0x9e3779b97f4a7c15u >> (64 - SLOT_BITS));
}

bool title_cache_find(const struct title_cache *cache, uint64_t key, int64_t id, struct arena *a,
                      struct link_title *out)
{
    const struct title_slot *slot = &cache->slots[slot_of(key, id)];
    if (slot->id != id || slot->key != key || slot->commits != cache->commits) {
        return false;
    }
    *out = (struct link_title){slot->hidden ? NULL : arena_strndup(a, slot->text, slot->size),
                               slot->deleted};
    return true;
}

void title_cache_put(struct title_cache *cache, uint64_t key, int64_t id,
                     const struct link_title *title)
{
    size_t size = title->text != NULL ? strlen(title->text) : 0;
    struct title_slot *slot = &cache->slots[slot_of(key, id)];
    if (size > sizeof(slot->text)) {
        return;
    }
    *slot = (struct title_slot){.id = id,
                                .commits = cache->commits,
                                .key = key,
                                .size = (unsigned char)size,
                                .hidden = title->text == NULL,
                                .deleted = title->deleted};
    if (size > 0) {
        memcpy(slot->text, title->text, size);
    }
}
