/*
 * Who a cookie or token is, remembered for at most a second: a page makes many requests, and each would read the session, the
 * user and the credential. account_forget() empties it, so that disabling and role changes take effect at once here and within a
 * second anywhere. Private to lib/core/account*.c.
 */
#ifndef KONTOR_CORE_ACCOUNT_CACHE_H
#define KONTOR_CORE_ACCOUNT_CACHE_H

#include <stdbool.h>
#include <stdint.h>

struct identity {
    int64_t user, team, session; /* session: id of the session or token */
    int64_t since_ms;            /* of a session: when its password was given */
    int64_t used_ms;             /* last noted use */
    int scope;                   /* enum token_scope; TOKEN_NONE: a session */
    bool shared;                 /* somebody shares a record with him, or did */
    char role[64];
    char name[128];
    char csrf[48];
};

bool account_cache_find(const unsigned char hash[32], int64_t now_ms, struct identity *out);
void account_cache_put(const unsigned char hash[32], int64_t now_ms, const struct identity *identity);

#endif
