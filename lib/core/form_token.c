/*
 * Tokens of public forms: when it was shown, 16 random bytes, and an HMAC over both and the name of
 * the form under a key in the database, so that a token outlives a restart and nobody else makes one.
 * Nothing is kept of a form that is shown; of one that was sent its HMAC, until the token expires.
 */
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "core/form.h"
#include "store/accounts.h"

#define SECRET_FACT "form_secret"
#define SECRET_SIZE 32
#define RANDOM_SIZE 16
#define HEAD_SIZE   (8 + RANDOM_SIZE)
#define TOKEN_SIZE  (HEAD_SIZE + CRYPTO_HASH_SIZE)
#define OPEN_MS     (12 * 3600000LL)
#define EVEN_MS     60000 /* clocks are set by so much now and then */

static int make_secret(struct ctx *c, void *unused)
{
    const char *text = NULL;
    unsigned char secret[SECRET_SIZE];
    (void)unused;
    if (accounts_fact(c->db, SECRET_FACT, c->arena, &text, &c->err) != 0) {
        return -1;
    }
    if (text != NULL) {
        return 0; /* somebody was faster */
    }
    crypto_random(secret, sizeof secret);
    text = crypto_base64url(c->arena, secret, sizeof secret);
    crypto_wipe(secret, sizeof secret);
    return accounts_set_fact(c->db, SECRET_FACT, text, &c->err);
}

static int read_secret(struct ctx *c, const char **text)
{
    return ctx_db(c) == NULL || accounts_fact(c->db, SECRET_FACT, c->arena, text, &c->err) != 0 ? -1
                                                                                                : 0;
}

static int find_secret(struct ctx *c, unsigned char out[SECRET_SIZE])
{
    const char *text = NULL;
    unsigned char *bytes = NULL;
    size_t n = 0;
    if (read_secret(c, &text) != 0) {
        return -1;
    }
    if (text == NULL && (ctx_write_fixed(c, make_secret, NULL) != 0 || read_secret(c, &text) != 0)) {
        return -1;
    }
    if (text == NULL || crypto_unbase64url(c->arena, text, &bytes, &n) != 0 || n != SECRET_SIZE) {
        return ctx_fail(c, ERR_INTERNAL, "", "The key of the forms cannot be read.");
    }
    memcpy(out, bytes, SECRET_SIZE);
    crypto_wipe(bytes, n);
    return 0;
}

static int sign(struct ctx *c, const struct form *form, const unsigned char *head,
                unsigned char out[CRYPTO_HASH_SIZE])
{
    unsigned char secret[SECRET_SIZE], text[HEAD_SIZE + 64] = {0};
    size_t n = strlen(form->name);
    if (find_secret(c, secret) != 0) {
        return -1;
    }
    memcpy(text, head, HEAD_SIZE);
    memcpy(text + HEAD_SIZE, form->name, n < 64 ? n : 64);
    crypto_hmac(secret, sizeof secret, text, sizeof text, out);
    crypto_wipe(secret, sizeof secret);
    return 0;
}

const char *form_token(struct ctx *c, const struct form *form)
{
    unsigned char token[TOKEN_SIZE];
    for (int i = 0; i < 8; i++) {
        token[i] = (unsigned char)(c->now_ms >> (56 - 8 * i));
    }
    crypto_random(token + 8, RANDOM_SIZE);
    return sign(c, form, token, token + HEAD_SIZE) == 0
               ? crypto_base64url(c->arena, token, sizeof token)
               : NULL;
}

enum form_outcome form_token_check(struct ctx *c, const struct form *form, const char *token,
                                   unsigned char id[32], int64_t *until_ms)
{
    unsigned char *bytes = NULL, right[CRYPTO_HASH_SIZE];
    size_t n = 0;
    uint64_t at = 0;
    if (token == NULL || strlen(token) > 2 * TOKEN_SIZE ||
        crypto_unbase64url(c->arena, token, &bytes, &n) != 0 || n != TOKEN_SIZE) {
        return FORM_IS_FORGED;
    }
    if (sign(c, form, bytes, right) != 0) {
        return FORM_FAILED;
    }
    if (!crypto_equal(bytes + HEAD_SIZE, right, sizeof right)) {
        return FORM_IS_FORGED;
    }
    for (int i = 0; i < 8; i++) {
        at = at << 8 | bytes[i];
    }
    int64_t age = c->now_ms - (int64_t)at;
    memcpy(id, right, sizeof right);
    *until_ms = (int64_t)at + OPEN_MS + EVEN_MS;
    return age > OPEN_MS || age < -EVEN_MS           ? FORM_IS_EXPIRED
           : age < (int64_t)form->wait_seconds * 1000 ? FORM_IS_EARLY
                                                      : FORM_TAKEN;
}
