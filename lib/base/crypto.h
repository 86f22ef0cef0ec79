/*
 * Cryptography through OpenSSL's EVP. Digests are fetched once (fetching is what costs in OpenSSL
 * 3). Functions that cannot fail with valid arguments end the process if the library fails.
 */
#ifndef KONTOR_BASE_CRYPTO_H
#define KONTOR_BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;

#define CRYPTO_HASH_SIZE 32

struct crypto_hash; /* running SHA-256, heap */

void crypto_init(void); /* once, before threads */
void crypto_random(void *out, size_t n);
void crypto_sha256(const void *data, size_t n, unsigned char out[CRYPTO_HASH_SIZE]);
/* HMAC-SHA256 (RFC 2104). */
void crypto_hmac(const void *key, size_t key_size, const void *data, size_t n,
                 unsigned char out[CRYPTO_HASH_SIZE]);
struct crypto_hash *crypto_hash_new(void);
void crypto_hash_reset(struct crypto_hash *h);
void crypto_hash_add(struct crypto_hash *h, const void *data, size_t n);
/* Afterwards reset before reuse. */
void crypto_hash_end(struct crypto_hash *h, unsigned char out[CRYPTO_HASH_SIZE]);
void crypto_hash_free(struct crypto_hash *h);
bool crypto_equal(const void *a, const void *b, size_t n); /* constant time */
void crypto_wipe(void *p, size_t n);

char *crypto_hex(struct arena *a, const void *data, size_t n);
/* RFC 4648 section 5, without padding; reading refuses anything else with -1. */
char *crypto_base64url(struct arena *a, const void *data, size_t n);
int crypto_unbase64url(struct arena *a, const char *s, unsigned char **out, size_t *n);

/* A text in a form only this process reads, for a client to hand back; `about`: what it is of, the
 * same on both ways. Says nothing of the text but its length, roughly. Unsealing refuses anything
 * else, and what another process sealed, with NULL. */
const char *crypto_seal(struct arena *a, const char *text, const char *about);
const char *crypto_unseal(struct arena *a, const char *sealed, const char *about);

/* "scrypt$ln=15,r=8,p=3$<salt>$<hash>" (base64url). log_n 10..17. Takes the two-slot semaphore. */
char *crypto_password_hash(struct arena *a, const char *password, int log_n);
/* False also for a NULL or malformed `stored`; then it spends the time of a real check. */
bool crypto_password_check(const char *password, const char *stored, int log_n);
bool crypto_password_outdated(const char *stored, int log_n);

#endif
