/*
 * Guess limits for every credential check. Failures are counted per account and address prefix, per account and per
 * address prefix; the wait grows with each failure over the free ones and never becomes a lock. Counters live in memory:
 * a restart forgets them, which costs an attacker more than it gives him. Thread-safe.
 */
#ifndef KONTOR_CORE_LIMITER_H
#define KONTOR_CORE_LIMITER_H

#include <stdint.h>

/* Seconds to wait before this account may be tried from this address; 0: go on. */
int limiter_wait_s(const char *account, const char *address, int64_t now_ms);
void limiter_failed(const char *account, const char *address, int64_t now_ms);
/* A good sign-in clears the account-and-address counter. */
void limiter_passed(const char *account, const char *address);

#endif
