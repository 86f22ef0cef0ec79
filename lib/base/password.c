/*
 * Password hashes: scrypt (RFC 7914) with the parameters in the stored text; declared in crypto.h.
 *
 * A hash takes 32 MiB and some 200 ms with the default ln=15, so at most two are computed at once
 * in the process: a semaphore, the only state here, guards memory and leaves cores for other work.
 * A stored text that is missing or malformed costs the same time as a real one, so nobody learns
 * from the answer's delay whether an account exists.
 */
#include <errno.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/crypto.h"
#include "base/log.h"

#define SALT_SIZE       16
#define LOG_N_MIN       10
#define LOG_N_MAX       17
#define R_DEFAULT       8
#define P_DEFAULT       3
#define R_MAX           16
#define P_MAX           8
#define SLOTS           2
#define STORED_SIZE_MAX 160

/* A stored password, taken apart. */
struct stored {
    unsigned log_n, r, p;
    unsigned char salt[SALT_SIZE];
    unsigned char hash[CRYPTO_HASH_SIZE];
};

static pthread_once_t started = PTHREAD_ONCE_INIT;
static sem_t slots;

static void start(void)
{
    if (sem_init(&slots, 0, SLOTS) != 0) {
        abort();
    }
}

static unsigned clamp_log_n(int log_n)
{
    if (log_n < LOG_N_MIN) {
        return LOG_N_MIN;
    }
    return log_n > LOG_N_MAX ? LOG_N_MAX : (unsigned)log_n;
}

/* Fills s->hash from the password and the parameters in s. */
static void derive(const char *password, struct stored *s)
{
    pthread_once(&started, start);
    while (sem_wait(&slots) != 0 && errno == EINTR) {
    }
    uint64_t n = UINT64_C(1) << s->log_n;
    uint64_t memory = 128 * (uint64_t)s->r * (n + s->p + 2) + (UINT64_C(1) << 20);
    int ok = EVP_PBE_scrypt(password, strlen(password), s->salt, SALT_SIZE, n, s->r, s->p, memory,
                            s->hash, sizeof(s->hash));
    sem_post(&slots);
    if (ok != 1) {
        log_error("OpenSSL failed: scrypt");
        abort();
    }
}

char *crypto_password_hash(struct arena *a, const char *password, int log_n)
{
    struct stored s = {.log_n = clamp_log_n(log_n), .r = R_DEFAULT, .p = P_DEFAULT};
    crypto_random(s.salt, sizeof(s.salt));
    derive(password, &s);
    char *text = arena_printf(a, "scrypt$ln=%u,r=%u,p=%u$%s$%s", s.log_n, s.r, s.p,
                              crypto_base64url(a, s.salt, sizeof(s.salt)),
                              crypto_base64url(a, s.hash, sizeof(s.hash)));
    crypto_wipe(&s, sizeof(s));
    return text;
}

/* base64url of exactly `size` bytes. */
static bool take_bytes(struct arena *a, const char *text, unsigned char *out, size_t size)
{
    unsigned char *bytes;
    size_t n;
    if (crypto_unbase64url(a, text, &bytes, &n) || n != size) {
        return false;
    }
    memcpy(out, bytes, size);
    return true;
}

static bool take_apart(const char *text, struct stored *s)
{
    char salt[40], hash[64], extra;
    if (!text || strlen(text) > STORED_SIZE_MAX ||
        sscanf(text, "scrypt$ln=%2u,r=%2u,p=%2u$%39[^$]$%63[^$]%c", &s->log_n, &s->r, &s->p, salt,
               hash, &extra) != 5) {
        return false;
    }
    if (s->log_n < LOG_N_MIN || s->log_n > LOG_N_MAX || s->r < 1 || s->r > R_MAX || s->p < 1 ||
        s->p > P_MAX) {
        return false;
    }
    struct arena a;
    arena_init(&a);
    bool ok = take_bytes(&a, salt, s->salt, sizeof(s->salt)) &&
              take_bytes(&a, hash, s->hash, sizeof(s->hash));
    arena_done(&a);
    return ok;
}

bool crypto_password_check(const char *password, const char *stored, int log_n)
{
    struct stored s = {0};
    bool well_formed = take_apart(stored, &s);
    if (!well_formed) {
        s = (struct stored){.log_n = clamp_log_n(log_n), .r = R_DEFAULT, .p = P_DEFAULT};
    }
    struct stored given = s;
    derive(password, &given);
    bool same = crypto_equal(given.hash, s.hash, sizeof(s.hash));
    crypto_wipe(&given, sizeof(given));
    return well_formed && same;
}

bool crypto_password_outdated(const char *stored, int log_n)
{
    struct stored s = {0};
    return !take_apart(stored, &s) || s.log_n != clamp_log_n(log_n) || s.r != R_DEFAULT ||
           s.p != P_DEFAULT;
}
