/* Guess limits: see limiter.h. One small table of counters, oldest replaced first. */
#include "core/limiter.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/crypto.h"

#define SLOTS 4096
#define WINDOW_MS (15 * 60 * 1000)
#define WAIT_MAX_S (15 * 60)

/* The three counters of a guess: how many failures are free within the window. */
static const struct rule {
    const char *name;
    bool account, address;
    int free;
} RULES[] = {
    {"pair", true, true, 5},
    {"address", false, true, 30},
    {"account", true, false, 60},
};

struct counter {
    unsigned char key[16];
    int failures;
    int64_t last_ms; /* newest failure; 0: free slot */
};

static struct counter counters[SLOTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards counters */

/* /24 of IPv4 is too wide for an office behind one address: IPv4 whole, IPv6 by /64 (four groups). */
static void prefix_of(const char *address, char out[64])
{
    snprintf(out, 64, "%s", address != NULL ? address : "");
    int groups = 0;
    for (char *p = out; *p != 0; p++) {
        if (*p == ':' && ++groups == 4) {
            *p = 0;
            return;
        }
    }
}

static void key_of(const struct rule *rule, const char *account, const char *address, unsigned char out[16])
{
    char prefix[64], text[512];
    unsigned char hash[CRYPTO_HASH_SIZE];
    prefix_of(address, prefix);
    int n = snprintf(text, sizeof text, "%s\n%s\n%s", rule->name, rule->account ? account : "", rule->address ? prefix : "");
    crypto_sha256(text, n > 0 && (size_t)n < sizeof text ? (size_t)n : sizeof text - 1, hash);
    memcpy(out, hash, 16);
}

/* The slot of a key, or the one to use for it: 8 places are looked at, the oldest gives way. */
static struct counter *slot_of(const unsigned char key[16])
{
    unsigned start;
    memcpy(&start, key, sizeof start);
    struct counter *oldest = NULL;
    for (unsigned i = 0; i < 8; i++) {
        struct counter *c = &counters[(start + i) % SLOTS];
        if (c->last_ms != 0 && memcmp(c->key, key, 16) == 0) {
            return c;
        }
        if (oldest == NULL || c->last_ms < oldest->last_ms) {
            oldest = c;
        }
    }
    memcpy(oldest->key, key, 16);
    oldest->failures = 0;
    oldest->last_ms = 0;
    return oldest;
}

static int wait_of(const struct counter *c, const struct rule *rule, int64_t now_ms)
{
    if (c->last_ms == 0 || now_ms - c->last_ms > WINDOW_MS || c->failures < rule->free) {
        return 0;
    }
    int over = c->failures - rule->free;
    int64_t wait_ms = over < 10 ? (1000LL << over) * 2 : WAIT_MAX_S * 1000LL;
    if (wait_ms > WAIT_MAX_S * 1000LL) {
        wait_ms = WAIT_MAX_S * 1000LL;
    }
    int64_t left = c->last_ms + wait_ms - now_ms;
    return left > 0 ? (int)((left + 999) / 1000) : 0;
}

int limiter_wait_s(const char *account, const char *address, int64_t now_ms)
{
    int longest = 0;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < COUNT(RULES); i++) {
        unsigned char key[16];
        key_of(&RULES[i], account, address, key);
        int wait = wait_of(slot_of(key), &RULES[i], now_ms);
        longest = wait > longest ? wait : longest;
    }
    pthread_mutex_unlock(&lock);
    return longest;
}

void limiter_failed(const char *account, const char *address, int64_t now_ms)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < COUNT(RULES); i++) {
        unsigned char key[16];
        key_of(&RULES[i], account, address, key);
        struct counter *c = slot_of(key);
        if (c->last_ms != 0 && now_ms - c->last_ms > WINDOW_MS) {
            c->failures = 0;
        }
        c->failures++;
        c->last_ms = now_ms;
    }
    pthread_mutex_unlock(&lock);
}

void limiter_passed(const char *account, const char *address)
{
    unsigned char key[16];
    key_of(&RULES[0], account, address, key);
    pthread_mutex_lock(&lock);
    slot_of(key)->last_ms = 0;
    pthread_mutex_unlock(&lock);
}
