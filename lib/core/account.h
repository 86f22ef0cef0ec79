/*
 * Who is asking: passwords, sessions, tokens, one-time links, guess limits. Users themselves are records (entity user); a user
 * without e-mail cannot sign in. Every credential stores the user's epoch; password change, role change and disabling raise it, and
 * account_by_* is the one place that checks it.
 */
#ifndef KONTOR_CORE_ACCOUNT_H
#define KONTOR_CORE_ACCOUNT_H

#include "base/json.h"
#include "core/ctx.h"

struct account_settings { int password_log_n; int64_t session_idle_ms, session_max_ms; };
void account_configure(const struct account_settings *s); /* at start and after every apply, by app; from any thread */
struct account_settings account_settings_now(void);

#define SESSION_COOKIE_SIZE 48
struct signed_in { char cookie[SESSION_COOKIE_SIZE]; const char *csrf; int64_t user; };

/* Limits: per account from unknown devices and per address prefix; delay grows, ERR_RATE with *retry_s. */
int account_sign_in(struct ctx *c, const char *email, const char *password, const char *address, const char *agent,
                    struct signed_in *out, int *retry_s);
/* Fills actor (user, team, role, source UI) from a cookie; csrf: the session's token. ERR_UNAUTHENTICATED. */
int account_by_session(struct ctx *c, const char *cookie, const char **csrf, int64_t *session);
int account_by_token(struct ctx *c, const char *token, const char *address); /* "kt_…" */
/* The owner of a calendar address, who may read. ERR_UNAUTHENTICATED: he is active no more, or has another password since. */
int account_by_feed(struct ctx *c, int64_t user, int64_t epoch);
/* Accounts are changed by persons who have just given their password: ERR_FORBIDDEN for a token, ERR_UNCONFIRMED for a session
 * whose password is older than five minutes. The CLI and jobs pass. */
int account_in_person(struct ctx *c);
int account_confirmed(struct ctx *c);
/* The signed-in user gives his password once more: the session goes on under another cookie. ERR_INVALID, ERR_RATE. */
int account_confirm(struct ctx *c, int64_t session, const char *password, const char *address, struct signed_in *out,
                    int *retry_s);
int account_by_email(struct ctx *c, const char *email);                      /* CLI --as; the channel is trusted */
/* Jobs: the one who asked for them, with no more than he had then: what account_print_limits wrote into the params. */
int account_by_job(struct ctx *c, int64_t user, const char *params);
void account_print_limits(const struct actor *who, struct json_writer *w);
void account_read_limits(const struct json *params, struct actor *who);
/* As whom queries see what this user sees; out->user 0: he is not active. */
int account_who(struct ctx *c, int64_t user, struct who *out);
int account_is_active(struct ctx *c, int64_t user, bool *out);
int account_sign_out(struct ctx *c, const char *cookie);
/* Checks the policy; ends every session and token of the user but session `keep` (0: none is kept). */
int account_set_password(struct ctx *c, int64_t user, const char *old_or_null, const char *password, int64_t keep);
int account_end_session(struct ctx *c, int64_t session); /* one of the actor's own */
int account_rename(struct ctx *c, const char *name);     /* the actor's own name; inside a write */
/* Users that have a password, in order of id. */
int account_with_password(struct ctx *c, int64_t **out, size_t *count);
/* Ids of the teams the actor leads, at most LEADS_MAX; no right hangs on it. */
#define LEADS_MAX 50
int account_leads(struct ctx *c, int64_t **out, size_t *count);
/* By e-mail or id text: an existing, living user. ERR_NOT_FOUND. */
int account_find_user(struct ctx *c, const char *text, int64_t *out);
/* Drops the short-lived cache of who a cookie or token is. */
void account_forget(void);
/* One-time link: kind "invite" or "reset"; text for the URL. 24 h. */
int account_make_code(struct ctx *c, const char *kind, int64_t user, const char **code, int64_t *expires_at);
/* Whether such a link would do, without using it: 0, or ERR_INVALID. */
int account_check_code(struct ctx *c, const char *code);
int account_use_code(struct ctx *c, const char *code, const char *password, const char *agent, struct signed_in *out);
/* First run: needed while no active user with a password exists. The set-up code is made by the daemon at start. */
int account_setup_needed(struct ctx *c, bool *out);
/* Everything account_setup would refuse, without doing anything. */
int account_setup_check(struct ctx *c, const char *code, const struct json *body);
int account_setup(struct ctx *c, const char *code, const struct json *body, const char *agent, struct signed_in *out);
/* Creates a user record plus password (init, CLI `user add`); role NULL: member. */
int account_add_user(struct ctx *c, const char *email, const char *name, const char *role, const char *team, const char *password, int64_t *id);
int account_token_make(struct ctx *c, int64_t user, const char *name, enum token_scope scope, int64_t expires_at, const char **text, int64_t *id);
/* Called by core/record when a user's role, team, e-mail or active flag changed, inside that write. */
int account_user_changed(struct ctx *c, int64_t user);

#endif
