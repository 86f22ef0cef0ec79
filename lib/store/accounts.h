/*
 * Credentials, sessions, tokens, one-time links and guess counters: fixed tables that are not records (no history of secrets).
 * Rules (lifetimes, epochs, limits) are lib/core/account's; this is storage only. Secrets arrive hashed.
 */
#ifndef KONTOR_STORE_ACCOUNTS_H
#define KONTOR_STORE_ACCOUNTS_H

#include "store/store.h"

struct credential { int64_t user; const char *password; int64_t epoch; int64_t changed_at; };
int accounts_credential(struct db *db, int64_t user, struct arena *a, struct credential *out, struct err *e); /* absent: password NULL, epoch 0 */
/* Users with a password, in order of id. */
int accounts_with_password(struct db *db, struct arena *a, int64_t **out, size_t *count, struct err *e);
int accounts_set_password(struct db *db, int64_t user, const char *stored, int64_t now_ms, struct err *e);   /* epoch + 1 */
int accounts_rehash(struct db *db, int64_t user, const char *stored, struct err *e); /* same password, new form: epoch stays */
/* Has a password, or a link that is still good to set one. */
int accounts_can_enter(struct db *db, int64_t user, int64_t now_ms, bool *out, struct err *e);
int accounts_bump_epoch(struct db *db, int64_t user, struct err *e);

struct session { unsigned char hash[32]; int64_t id, user, epoch, created_at, seen_at; const char *csrf, *agent; };
int accounts_session_add(struct db *db, const struct session *s, struct err *e);
int accounts_session_find(struct db *db, const unsigned char hash[32], struct arena *a, struct session *out, struct err *e); /* ERR_NOT_FOUND */
int accounts_session_touch(struct db *db, int64_t id, int64_t now_ms, struct err *e);
int accounts_session_renew(struct db *db, int64_t id, int64_t user, struct err *e); /* takes the user's present epoch */
/* The password was given again: another secret, counted from now. */
int accounts_session_rotate(struct db *db, int64_t id, int64_t user, const unsigned char hash[32], int64_t now_ms,
                            struct err *e);
int accounts_session_remove(struct db *db, int64_t id, int64_t user, struct err *e);
int accounts_sessions(struct db *db, int64_t user, struct arena *a, struct session **out, size_t *count, struct err *e);

struct token { unsigned char hash[32]; int64_t id, user, epoch, created_at, expires_at, used_at; int scope; const char *name; };
int accounts_token_add(struct db *db, struct token *t, struct err *e); /* fills id */
int accounts_token_find(struct db *db, const unsigned char hash[32], struct arena *a, struct token *out, struct err *e);
int accounts_token_touch(struct db *db, int64_t id, int64_t now_ms, struct err *e);
int accounts_token_remove(struct db *db, int64_t id, int64_t user /* 0: anybody's */, struct err *e);
int accounts_tokens(struct db *db, int64_t user, struct arena *a, struct token **out, size_t *count, struct err *e);

/* One-time codes: kind "setup" (user 0), "invite", "reset". Only the newest of a user counts. */
int accounts_code_set(struct db *db, const char *kind, int64_t user, const unsigned char hash[32], int64_t expires_at, struct err *e);
int accounts_code_use(struct db *db, const unsigned char hash[32], int64_t now_ms, struct arena *a, const char **kind, int64_t *user, struct err *e); /* removes it; ERR_NOT_FOUND */
int accounts_code_peek(struct db *db, const unsigned char hash[32], int64_t now_ms, struct arena *a, const char **kind, int64_t *user, struct err *e);

/* Idempotency: key + user → request hash and stored answer; written in the same savepoint as the effect. */
struct answer { unsigned char request[32]; int status; const char *headers, *body; };
int accounts_answer_find(struct db *db, int64_t user, const char *key, struct arena *a, struct answer *out, struct err *e); /* ERR_NOT_FOUND */
int accounts_answer_put(struct db *db, int64_t user, const char *key, const struct answer *answer, int64_t now_ms, struct err *e);

/* Personal preferences: one JSON text per user. */
int accounts_prefs(struct db *db, int64_t user, struct arena *a, const char **json, struct err *e); /* "{}" when absent */
int accounts_set_prefs(struct db *db, int64_t user, const char *json, struct err *e);

/* System facts as key → text: "secret", "setup_done", "last_backup" … */
int accounts_fact(struct db *db, const char *key, struct arena *a, const char **value, struct err *e); /* NULL when absent */
int accounts_set_fact(struct db *db, const char *key, const char *value, struct err *e);
/* Drops expired sessions, tokens, codes, answers older than a day. */
int accounts_sweep(struct db *db, int64_t now_ms, int64_t session_idle_ms, int64_t session_max_ms, struct err *e);

#endif
