/* See form_limit.h. One table of counters, in which the least counted gives way. */
#include "core/form_limit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"

#define SLOTS     8192
#define PLACES    8 /* where a key may stand */
#define HOUR_MS   3600000LL
#define BAD_MAX   60 /* tries in an hour */
#define NET_MAX   3  /* entries of one network while a form is flooded */

/* Of what a counter counts: addresses are taken together by so many bits. */
enum what { WHAT_ADDRESS, WHAT_NET, WHAT_FORM, WHAT_BAD, WHAT_CALENDAR };
static const struct {
    int bits4, bits6;
    bool form;
} WHATS[] = {
    [WHAT_ADDRESS] = {32, 64, true},
    [WHAT_NET] = {24, 48, true},
    [WHAT_FORM] = {0, 0, true},
    [WHAT_BAD] = {32, 64, false},
    [WHAT_CALENDAR] = {32, 64, false},
};

struct counter {
    unsigned char key[16];
    int n;
    int64_t since_ms; /* of its hour; 0: free slot */
};

static struct counter counters[SLOTS];
static struct form_tally tallies[FORM_TALLIES];
static size_t tally_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards all three */

/* The first bits of an address, as bytes; an IPv4 address within IPv6 is one. */
static size_t prefix_of(const char *address, enum what what, unsigned char out[16])
{
    char text[64];
    struct in6_addr six;
    struct in_addr four;
    unsigned char bytes[16] = {0};
    int bits = WHATS[what].bits6;
    snprintf(text, sizeof text, "%s", address != NULL ? address : "");
    text[strcspn(text, "%")] = '\0';
    bool mapped = inet_pton(AF_INET6, text, &six) == 1;
    if (mapped) {
        memcpy(bytes, six.s6_addr, 16);
        mapped = IN6_IS_ADDR_V4MAPPED(&six);
    }
    if (mapped || inet_pton(AF_INET, text, &four) == 1) {
        memcpy(bytes, mapped ? (const void *)(six.s6_addr + 12) : (const void *)&four, 4);
        bits = WHATS[what].bits4;
    }
    memset(out, 0, 16);
    memcpy(out, bytes, (size_t)bits / 8);
    return 16;
}

static void key_of(enum what what, const struct form *form, const char *address,
                   unsigned char out[16])
{
    unsigned char text[96] = {(unsigned char)what}, hash[CRYPTO_HASH_SIZE];
    size_t n = 1 + prefix_of(address, what, text + 1);
    if (WHATS[what].form) {
        n += (size_t)snprintf((char *)text + n, sizeof text - n, "%s", form->name);
    }
    crypto_sha256(text, n, hash);
    memcpy(out, hash, 16);
}

static struct counter *place_of(const unsigned char key[16], unsigned i)
{
    unsigned start;
    memcpy(&start, key, sizeof start);
    return &counters[(start + i) % SLOTS];
}

static int count_of(const struct counter *c, int64_t now_ms)
{
    return c->since_ms == 0 || now_ms - c->since_ms > HOUR_MS ? 0 : c->n;
}

/* NULL: nothing was counted. Looking takes nobody's place. */
static struct counter *find(const unsigned char key[16])
{
    for (unsigned i = 0; i < PLACES; i++) {
        struct counter *c = place_of(key, i);
        if (c->since_ms != 0 && memcmp(c->key, key, sizeof c->key) == 0) {
            return c;
        }
    }
    return NULL;
}

static int look(enum what what, const struct form *form, const char *address, int64_t now_ms)
{
    unsigned char key[16];
    key_of(what, form, address, key);
    const struct counter *c = find(key);
    return c != NULL ? count_of(c, now_ms) : 0;
}

static void add(enum what what, const struct form *form, const char *address, int64_t now_ms)
{
    unsigned char key[16];
    key_of(what, form, address, key);
    struct counter *c = find(key);
    for (unsigned i = 0; c == NULL && i < PLACES; i++) {
        struct counter *one = place_of(key, i);
        c = one->since_ms == 0 ? one : NULL;
    }
    if (c == NULL) {
        c = place_of(key, 0);
        for (unsigned i = 1; i < PLACES; i++) {
            struct counter *one = place_of(key, i);
            c = count_of(one, now_ms) < count_of(c, now_ms) ? one : c;
        }
    }
    bool fresh = memcmp(c->key, key, sizeof c->key) != 0 || count_of(c, now_ms) == 0;
    if (fresh) {
        memcpy(c->key, key, sizeof c->key);
        c->n = 0;
        c->since_ms = now_ms;
    }
    c->n++;
}

static void take_back(enum what what, const struct form *form, const char *address)
{
    unsigned char key[16];
    key_of(what, form, address, key);
    struct counter *c = find(key);
    if (c != NULL && c->n > 0) {
        c->n--;
    }
}

bool form_limit_enter(const struct form *form, const char *address, int64_t now_ms)
{
    pthread_mutex_lock(&lock);
    int own = look(WHAT_ADDRESS, form, address, now_ms);
    bool flooded = look(WHAT_FORM, form, address, now_ms) >= form->per_form;
    bool may = flooded ? own == 0 && look(WHAT_NET, form, address, now_ms) < NET_MAX
                       : own < form->per_address;
    for (enum what what = WHAT_ADDRESS; may && what <= WHAT_FORM; what++) {
        add(what, form, address, now_ms);
    }
    pthread_mutex_unlock(&lock);
    return may;
}

void form_limit_leave(const struct form *form, const char *address)
{
    pthread_mutex_lock(&lock);
    for (enum what what = WHAT_ADDRESS; what <= WHAT_FORM; what++) {
        take_back(what, form, address);
    }
    pthread_mutex_unlock(&lock);
}

static bool is_deaf(enum what what, const char *address, int64_t now_ms)
{
    pthread_mutex_lock(&lock);
    bool deaf = look(what, NULL, address, now_ms) >= BAD_MAX;
    pthread_mutex_unlock(&lock);
    return deaf;
}

static void note_bad(enum what what, const char *address, int64_t now_ms)
{
    pthread_mutex_lock(&lock);
    add(what, NULL, address, now_ms);
    pthread_mutex_unlock(&lock);
}

bool form_limit_deaf(const char *address, int64_t now_ms)
{
    return is_deaf(WHAT_BAD, address, now_ms);
}

void form_limit_bad(const char *address, int64_t now_ms)
{
    note_bad(WHAT_BAD, address, now_ms);
}

bool form_limit_calendar(const char *address, int64_t now_ms)
{
    bool deaf = is_deaf(WHAT_CALENDAR, address, now_ms);
    if (!deaf) {
        note_bad(WHAT_CALENDAR, address, now_ms);
    }
    return !deaf;
}

/* ---- counts ---------------------------------------------------------------------------------- */

static struct form_tally *tally_of(const char *form, enum form_outcome outcome)
{
    for (size_t i = 0; i < tally_count; i++) {
        if (tallies[i].outcome == outcome && strcmp(tallies[i].form, form) == 0) {
            return &tallies[i];
        }
    }
    if (tally_count == FORM_TALLIES) {
        return NULL;
    }
    struct form_tally *t = &tallies[tally_count++];
    *t = (struct form_tally){.outcome = outcome};
    snprintf(t->form, sizeof t->form, "%s", form);
    return t;
}

void form_counted(const char *form, enum form_outcome outcome, int64_t now_ms)
{
    pthread_mutex_lock(&lock);
    struct form_tally *t = tally_of(form, outcome);
    if (t != NULL) {
        t->n++;
        t->unsaved++;
        t->last_ms = now_ms;
    }
    pthread_mutex_unlock(&lock);
}

size_t form_tallies(struct form_tally *out, size_t room)
{
    pthread_mutex_lock(&lock);
    size_t n = tally_count < room ? tally_count : room;
    memcpy(out, tallies, n * sizeof *out);
    pthread_mutex_unlock(&lock);
    return n;
}

void form_tally_saved(const struct form_tally *of)
{
    pthread_mutex_lock(&lock);
    struct form_tally *t = tally_of(of->form, of->outcome);
    if (t != NULL) {
        t->unsaved -= of->unsaved;
    }
    pthread_mutex_unlock(&lock);
}
