/* See account_cache.h: a direct-mapped table under one lock. */
#include "core/account_cache.h"

#include <pthread.h>
#include <string.h>

#include "core/account.h"

#define SLOTS 1024
#define LIFE_MS 1000

struct slot {
    unsigned char hash[32];
    int64_t at_ms; /* 0: free */
    struct identity identity;
};

static struct slot slots[SLOTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards slots */

static struct slot *slot_of(const unsigned char hash[32])
{
    unsigned index;
    memcpy(&index, hash, sizeof index);
    return &slots[index % SLOTS];
}

bool account_cache_find(const unsigned char hash[32], int64_t now_ms, struct identity *out)
{
    pthread_mutex_lock(&lock);
    const struct slot *s = slot_of(hash);
    bool found = s->at_ms != 0 && now_ms >= s->at_ms && now_ms - s->at_ms < LIFE_MS && memcmp(s->hash, hash, 32) == 0;
    if (found) {
        *out = s->identity;
    }
    pthread_mutex_unlock(&lock);
    return found;
}

void account_cache_put(const unsigned char hash[32], int64_t now_ms, const struct identity *identity)
{
    pthread_mutex_lock(&lock);
    struct slot *s = slot_of(hash);
    memcpy(s->hash, hash, 32);
    s->at_ms = now_ms;
    s->identity = *identity;
    pthread_mutex_unlock(&lock);
}

void account_forget(void)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < SLOTS; i++) {
        slots[i].at_ms = 0;
    }
    pthread_mutex_unlock(&lock);
}
