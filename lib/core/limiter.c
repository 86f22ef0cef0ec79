/* Guess limits: see limiter.h. One small table of counters; the least important gives way. */
#include "core/limiter.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/crypto.h"

#define SLOTS      4096
#define PLACES     8 /* where a key may stand */
#define WINDOW_MS  (15 * 60 * 1000)
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

/* An office shares one IPv4 address: that counts whole. A customer has a /64 of IPv6. */
static void prefix_of(const char *address, char out[64])
{
    struct in6_addr six;
    snprintf(out, 64, "%s", address != NULL ? address : "");
    out[strcspn(out, "%")] = 0;
    if (inet_pton(AF_INET6, out, &six) == 1 && !IN6_IS_ADDR_V4MAPPED(&six)) {
        memset(six.s6_addr + 8, 0, 8);
        inet_ntop(AF_INET6, &six, out, 64);
    }
}

static void key_of(const struct rule *rule, const char *account, const char *address,
                   unsigned char out[16])
{
    char prefix[64], text[512];
    unsigned char hash[CRYPTO_HASH_SIZE];
    prefix_of(address, prefix);
    int n = snprintf(text, sizeof text, "%s\n%s\n%s", rule->name, rule->account ? account : "",
                     rule->address ? prefix : "");
    crypto_sha256(text, n > 0 && (size_t)n < sizeof text ? (size_t)n : sizeof text - 1, hash);
    memcpy(out, hash, 16);
}

static struct counter *place_of(const unsigned char key[16], unsigned i)
{
    unsigned start;
    memcpy(&start, key, sizeof start);
    return &counters[(start + i) % SLOTS];
}

/* NULL: no failure is known. Looking takes nobody's place: who is told to wait must not be able to
 * push out the counter that says so by asking about others. */
static struct counter *find(const unsigned char key[16])
{
    for (unsigned i = 0; i < PLACES; i++) {
        struct counter *c = place_of(key, i);
        if (c->last_ms != 0 && memcmp(c->key, key, sizeof c->key) == 0) {
            return c;
        }
    }
    return NULL;
}

static int failures_of(const struct counter *c, int64_t now_ms)
{
    return now_ms - c->last_ms > WINDOW_MS ? 0 : c->failures;
}

/* The counter of a key, or one for it: of its places the one with the fewest failures gives way,
 * the oldest among equals. */
static struct counter *take(const unsigned char key[16], int64_t now_ms)
{
    struct counter *c = find(key);
    if (c != NULL) {
        return c;
    }
    c = place_of(key, 0);
    for (unsigned i = 1; i < PLACES; i++) {
        struct counter *one = place_of(key, i);
        int fewer = failures_of(one, now_ms) - failures_of(c, now_ms);
        c = fewer < 0 || (fewer == 0 && one->last_ms < c->last_ms) ? one : c;
    }
    memcpy(c->key, key, sizeof c->key);
    c->failures = 0;
    c->last_ms = 0;
    return c;
}

static int wait_of(const struct counter *c, const struct rule *rule, int64_t now_ms)
{
    if (c == NULL || now_ms - c->last_ms > WINDOW_MS || c->failures < rule->free) {
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
        int wait = wait_of(find(key), &RULES[i], now_ms);
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
        struct counter *c = take(key, now_ms);
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
    struct counter *c = find(key);
    if (c != NULL) {
        c->last_ms = 0;
        c->failures = 0;
    }
    pthread_mutex_unlock(&lock);
}
