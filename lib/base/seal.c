/*
 * Sealed texts: what a client keeps for us and must not read; see crypto.h. AES-256-GCM under a key
 * made when the process starts and told to nobody. State: that key, set once.
 */
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/memory.h"

#define NONCE_SIZE 12
#define TAG_SIZE   16
#define STEP       128 /* lengths are told in such steps */

static pthread_once_t started = PTHREAD_ONCE_INIT;
static unsigned char key[32];

static void start(void)
{
    crypto_random(key, sizeof(key));
}

static EVP_CIPHER_CTX *begin(const unsigned char *nonce, const char *about, bool sealing)
{
    int ignored;
    pthread_once(&started, start);
    EVP_CIPHER_CTX *x = EVP_CIPHER_CTX_new();
    if (!x) {
        memory_out();
    }
    if (EVP_CipherInit_ex2(x, EVP_aes_256_gcm(), key, nonce, sealing, NULL) != 1 ||
        EVP_CipherUpdate(x, NULL, &ignored, (const unsigned char *)about, (int)strlen(about)) != 1) {
        log_error("OpenSSL failed: no AES-256-GCM");
        abort();
    }
    return x;
}

const char *crypto_seal(struct arena *a, const char *text, const char *about)
{
    size_t size = strlen(text), padded = (size / STEP + 1) * STEP;
    unsigned char *plain = arena_alloc(a, padded);
    unsigned char *out = arena_alloc(a, NONCE_SIZE + padded + TAG_SIZE);
    int n = 0;
    memset(plain, 0, padded);
    memcpy(plain, text, size);
    crypto_random(out, NONCE_SIZE);
    EVP_CIPHER_CTX *x = begin(out, about, true);
    if (EVP_CipherUpdate(x, out + NONCE_SIZE, &n, plain, (int)padded) != 1 ||
        EVP_CipherFinal_ex(x, out + NONCE_SIZE + n, &n) != 1 ||
        EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, out + NONCE_SIZE + padded) != 1) {
        log_error("OpenSSL failed: sealing");
        abort();
    }
    EVP_CIPHER_CTX_free(x);
    return crypto_base64url(a, out, NONCE_SIZE + padded + TAG_SIZE);
}

const char *crypto_unseal(struct arena *a, const char *sealed, const char *about)
{
    unsigned char *bytes = NULL;
    size_t size = 0;
    int n = 0;
    if (crypto_unbase64url(a, sealed, &bytes, &size) != 0 || size < NONCE_SIZE + STEP + TAG_SIZE) {
        return NULL;
    }
    size -= NONCE_SIZE + TAG_SIZE;
    unsigned char *plain = arena_alloc(a, size + 1);
    EVP_CIPHER_CTX *x = begin(bytes, about, false);
    bool whole =
        EVP_CipherUpdate(x, plain, &n, bytes + NONCE_SIZE, (int)size) == 1 &&
        EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, bytes + NONCE_SIZE + size) == 1 &&
        EVP_CipherFinal_ex(x, plain + n, &n) == 1;
    EVP_CIPHER_CTX_free(x);
    plain[size] = '\0';
    return whole ? (const char *)plain : NULL;
}
