/* The hashes of the audit chain, used by change.c (writing) and chain.c (verifying); see change.h
 * for what they are. */
#ifndef KONTOR_STORE_COMMITMENT_H
#define KONTOR_STORE_COMMITMENT_H

#include "base/crypto.h"
#include "store/change.h"

#define SALT_SIZE 16
#define LEAF_SIZE CRYPTO_HASH_SIZE

struct change_header {
    int64_t id, at_ms, actor, source, parent, undo_of, n;
    const char *reason; /* may be NULL */
};

/* Salt of one value of a created record, from the salt of its "created" row. */
void salt_derive(const unsigned char seed[SALT_SIZE], int64_t column, unsigned char out[SALT_SIZE]);
/* leaf of: in `set`, `column` of `record` became `value`. */
void leaf_hash(int64_t set, int64_t column, int64_t record, enum operation op,
               const unsigned char salt[SALT_SIZE], struct value value,
               unsigned char out[LEAF_SIZE]);
/* hash of a set: begin, leaves in order of (column, record), end. */
void set_hash_begin(struct crypto_hash *h, const unsigned char previous[CRYPTO_HASH_SIZE],
                    const struct change_header *header);

#endif
