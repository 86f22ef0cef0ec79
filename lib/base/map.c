/*
 * Hash map from text to pointer; see map.h. Open addressing with linear probing, at most three
 * quarters full. Keys may come from a request, so the hash is SipHash-1-3 keyed with the address of
 * the arena (random per process): nobody outside can prepare keys that collide.
 */
#include "base/map.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"

#define ROOM_MIN 16

struct map_slot {
    const char *key; /* NULL = free */
    void *value;
    uint64_t hash;
};

struct sip {
    uint64_t a, b, c, d;
};

static uint64_t rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static void sip_round(struct sip *s)
{
    s->a += s->b;
    s->b = rotate(s->b, 13) ^ s->a;
    s->a = rotate(s->a, 32);
    s->c += s->d;
    s->d = rotate(s->d, 16) ^ s->c;
    s->a += s->d;
    s->d = rotate(s->d, 21) ^ s->a;
    s->c += s->b;
    s->b = rotate(s->b, 17) ^ s->c;
    s->c = rotate(s->c, 32);
}

static uint64_t hash_of(const struct map *m, const char *key, size_t n)
{
    uint64_t seed = (uint64_t)(uintptr_t)m->arena * UINT64_C(0x9e3779b97f4a7c15);
    struct sip s = {seed ^ UINT64_C(0x736f6d6570736575), ~seed ^ UINT64_C(0x646f72616e646f6d),
                    seed ^ UINT64_C(0x6c7967656e657261), ~seed ^ UINT64_C(0x7465646279746573)};
    uint64_t word;
    size_t left = n;
    for (; left >= sizeof(word); left -= sizeof(word), key += sizeof(word)) {
        memcpy(&word, key, sizeof(word));
        s.d ^= word;
        sip_round(&s);
        s.a ^= word;
    }
    word = 0;
    memcpy(&word, key, left);
    word |= (uint64_t)n << 56;
    s.d ^= word;
    sip_round(&s);
    s.a ^= word;
    s.c ^= 0xff;
    sip_round(&s);
    sip_round(&s);
    sip_round(&s);
    return s.a ^ s.b ^ s.c ^ s.d;
}

void map_init(struct map *m, struct arena *a)
{
    *m = (struct map){.arena = a};
}

/* The slot that holds the key, or the free one where it belongs. There is always a free one. */
static struct map_slot *slot_of(const struct map *m, const char *key, size_t n, uint64_t hash)
{
    size_t i = (size_t)hash & (m->room - 1);
    for (;; i = (i + 1) & (m->room - 1)) {
        struct map_slot *s = &m->slots[i];
        if (!s->key) {
            return s;
        }
        if (s->hash == hash && strncmp(s->key, key, n) == 0 && s->key[n] == '\0') {
            return s;
        }
    }
}

static void grow(struct map *m)
{
    struct map_slot *old = m->slots;
    size_t old_room = m->room;
    m->room = old_room > 0 ? old_room * 2 : ROOM_MIN;
    m->slots = ARENA_ARRAY(m->arena, struct map_slot, m->room);
    for (size_t i = 0; i < old_room; i++) {
        if (old[i].key) {
            *slot_of(m, old[i].key, strlen(old[i].key), old[i].hash) = old[i];
        }
    }
}

void map_set(struct map *m, const char *key, void *value)
{
    if (m->count >= m->room - m->room / 4) {
        grow(m);
    }
    size_t n = strlen(key);
    uint64_t hash = hash_of(m, key, n);
    struct map_slot *s = slot_of(m, key, n, hash);
    if (!s->key) {
        *s = (struct map_slot){.key = key, .hash = hash};
        m->count++;
    }
    s->value = value;
}

void *map_find(const struct map *m, const char *key)
{
    return map_find_n(m, key, strlen(key));
}

void *map_find_n(const struct map *m, const char *key, size_t n)
{
    if (m->count == 0) {
        return NULL;
    }
    return slot_of(m, key, n, hash_of(m, key, n))->value;
}
