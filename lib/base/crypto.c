/*
 * Cryptography through OpenSSL; see crypto.h. Passwords are in password.c.
 *
 * SHA-256 is fetched once and a digest context per thread is kept, because fetching and allocating
 * cost more than hashing 32 bytes. State: the fetched digest and the key of the per-thread
 * contexts, both set by pthread_once and never changed.
 */
#include "base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/memory.h"

struct crypto_hash {
    EVP_MD_CTX *context;
};

static pthread_once_t started = PTHREAD_ONCE_INIT;
static pthread_key_t context_key;
static EVP_MD *sha256;
static _Thread_local EVP_MD_CTX *thread_context;

/* Ends the process when the library fails where it cannot with valid arguments. */
static void must(bool ok, const char *what)
{
    if (!ok) {
        log_error("OpenSSL failed: %s", what);
        abort();
    }
}

static void free_context(void *context)
{
    EVP_MD_CTX_free(context);
}

static void start(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    must(sha256 != NULL, "no SHA-256");
    must(pthread_key_create(&context_key, free_context) == 0, "no thread key");
}

void crypto_init(void)
{
    pthread_once(&started, start);
}

void crypto_random(void *out, size_t n)
{
    unsigned char *p = out;
    while (n > 0) {
        int some = n > 65536 ? 65536 : (int)n;
        must(RAND_bytes(p, some) == 1, "no random bytes");
        p += some;
        n -= (size_t)some;
    }
}

/* ---- Digests --------------------------------------------------------------------------------- */

static EVP_MD_CTX *new_context(void)
{
    crypto_init();
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context) {
        memory_out();
    }
    must(EVP_DigestInit_ex2(context, sha256, NULL) == 1, "digest start");
    return context;
}

static EVP_MD_CTX *context_of_thread(void)
{
    if (!thread_context) {
        thread_context = new_context();
        pthread_setspecific(context_key, thread_context);
    }
    return thread_context;
}

void crypto_sha256(const void *data, size_t n, unsigned char out[CRYPTO_HASH_SIZE])
{
    EVP_MD_CTX *context = context_of_thread();
    must(EVP_DigestInit_ex2(context, NULL, NULL) == 1 && EVP_DigestUpdate(context, data, n) == 1 &&
             EVP_DigestFinal_ex(context, out, NULL) == 1,
         "digest");
}

void crypto_hmac(const void *key, size_t key_size, const void *data, size_t n,
                 unsigned char out[CRYPTO_HASH_SIZE])
{
    unsigned size = 0;
    crypto_init();
    must(HMAC(sha256, key, (int)key_size, data, n, out, &size) != NULL && size == CRYPTO_HASH_SIZE,
         "no HMAC");
}

struct crypto_hash *crypto_hash_new(void)
{
    struct crypto_hash *h = memory_take(sizeof(*h));
    h->context = new_context();
    return h;
}

void crypto_hash_reset(struct crypto_hash *h)
{
    must(EVP_DigestInit_ex2(h->context, NULL, NULL) == 1, "digest reset");
}

void crypto_hash_add(struct crypto_hash *h, const void *data, size_t n)
{
    must(EVP_DigestUpdate(h->context, data, n) == 1, "digest update");
}

void crypto_hash_end(struct crypto_hash *h, unsigned char out[CRYPTO_HASH_SIZE])
{
    must(EVP_DigestFinal_ex(h->context, out, NULL) == 1, "digest end");
}

void crypto_hash_free(struct crypto_hash *h)
{
    if (h) {
        EVP_MD_CTX_free(h->context);
        free(h);
    }
}

bool crypto_equal(const void *a, const void *b, size_t n)
{
    return CRYPTO_memcmp(a, b, n) == 0;
}

void crypto_wipe(void *p, size_t n)
{
    OPENSSL_cleanse(p, n);
}

/* ---- Text forms ------------------------------------------------------------------------------ */

char *crypto_hex(struct arena *a, const void *data, size_t n)
{
    static const char DIGITS[] = "0123456789abcdef";
    const unsigned char *bytes = data;
    char *text = arena_alloc(a, 2 * n + 1);
    for (size_t i = 0; i < n; i++) {
        text[2 * i] = DIGITS[bytes[i] >> 4];
        text[2 * i + 1] = DIGITS[bytes[i] & 15];
    }
    return text;
}

static const char BASE64URL[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

char *crypto_base64url(struct arena *a, const void *data, size_t n)
{
    const unsigned char *bytes = data;
    char *text = arena_alloc(a, n / 3 * 4 + 5);
    char *p = text;
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        unsigned word = (unsigned)bytes[i] << 16;
        word |= left > 1 ? (unsigned)bytes[i + 1] << 8 : 0;
        word |= left > 2 ? (unsigned)bytes[i + 2] : 0;
        *p++ = BASE64URL[word >> 18];
        *p++ = BASE64URL[word >> 12 & 63];
        if (left > 1) {
            *p++ = BASE64URL[word >> 6 & 63];
        }
        if (left > 2) {
            *p++ = BASE64URL[word & 63];
        }
    }
    return text;
}

int crypto_unbase64url(struct arena *a, const char *s, unsigned char **out, size_t *n)
{
    size_t size = strlen(s);
    if (size % 4 == 1) {
        return -1;
    }
    unsigned char *bytes = arena_alloc(a, size / 4 * 3 + 3);
    size_t count = 0;
    unsigned word = 0;
    int bits = 0;
    for (size_t i = 0; i < size; i++) {
        const char *found = strchr(BASE64URL, s[i]);
        if (!found) {
            return -1;
        }
        word = (word << 6 | (unsigned)(found - BASE64URL)) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes[count++] = (unsigned char)(word >> bits);
        }
    }
    if ((word & ((1U << bits) - 1)) != 0) {
        return -1;
    }
    *out = bytes;
    *n = count;
    return 0;
}
