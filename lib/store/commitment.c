/* Hashes of the audit chain. Numbers are hashed as eight bytes, lowest first; texts with their
 * length before them. */
#include "store/commitment.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define BLOCK 64 /* of SHA-256, for HMAC */
#define SMALL 448

static unsigned char *put_int(unsigned char *p, int64_t i)
{
    uint64_t u = (uint64_t)i;
    for (int k = 0; k < 8; k++) {
        *p++ = (unsigned char)(u >> (8 * k));
    }
    return p;
}

/* HMAC-SHA-256 (RFC 2104) of a key and a message that are known to be short: two plain hashes. */
void salt_derive(const unsigned char seed[SALT_SIZE], int64_t column, unsigned char out[SALT_SIZE])
{
    unsigned char inner[BLOCK + 8];
    unsigned char outer[BLOCK + CRYPTO_HASH_SIZE];
    unsigned char hash[CRYPTO_HASH_SIZE];
    memset(inner, 0x36, BLOCK);
    memset(outer, 0x5c, BLOCK);
    for (size_t i = 0; i < SALT_SIZE; i++) {
        inner[i] ^= seed[i];
        outer[i] ^= seed[i];
    }
    put_int(inner + BLOCK, column);
    crypto_sha256(inner, sizeof(inner), outer + BLOCK);
    crypto_sha256(outer, sizeof(outer), hash);
    memcpy(out, hash, SALT_SIZE);
}

/* SHA-256(salt ‖ column ‖ kind ‖ value) */
static void commit_value(const unsigned char salt[SALT_SIZE], int64_t column, struct value value,
                         unsigned char out[CRYPTO_HASH_SIZE])
{
    unsigned char small[SMALL];
    size_t need = SALT_SIZE + 8 + 1 + (value.kind == VALUE_TEXT ? value.n : 8);
    unsigned char *all = need <= sizeof(small) ? small : memory_take(need);
    unsigned char *p = all;
    memcpy(p, salt, SALT_SIZE);
    p = put_int(p + SALT_SIZE, column);
    *p++ = (unsigned char)value.kind;
    if (value.kind == VALUE_TEXT) {
        memcpy(p, value.s, value.n);
        p += value.n;
    } else if (value.kind == VALUE_INT) {
        p = put_int(p, value.i);
    }
    crypto_sha256(all, (size_t)(p - all), out);
    if (all != small) {
        free(all);
    }
}

void leaf_hash(int64_t set, int64_t column, int64_t record, enum operation op,
               const unsigned char salt[SALT_SIZE], struct value value,
               unsigned char out[LEAF_SIZE])
{
    unsigned char text[3 * 8 + 1 + CRYPTO_HASH_SIZE];
    unsigned char *p = put_int(put_int(put_int(text, set), column), record);
    *p++ = (unsigned char)op;
    commit_value(salt, column, value, p);
    crypto_sha256(text, sizeof(text), out);
}

void set_hash_begin(struct crypto_hash *h, const unsigned char previous[CRYPTO_HASH_SIZE],
                    const struct change_header *header)
{
    size_t reason = header->reason ? strlen(header->reason) : 0;
    unsigned char numbers[8 * 8];
    unsigned char *p = numbers;
    p = put_int(put_int(put_int(p, header->id), header->at_ms), header->actor);
    p = put_int(put_int(put_int(p, header->source), header->parent), header->undo_of);
    p = put_int(put_int(p, header->n), header->reason ? (int64_t)reason : -1);
    crypto_hash_reset(h);
    crypto_hash_add(h, previous, CRYPTO_HASH_SIZE);
    crypto_hash_add(h, numbers, (size_t)(p - numbers));
    if (reason > 0) {
        crypto_hash_add(h, header->reason, reason);
    }
}
