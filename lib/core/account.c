/*
 * Who is asking: sessions and tokens become actors here, and nowhere else. A credential is good while it is not too old, its user
 * lives and is active, and its epoch is the user's. See account.h; sign-in and passwords are in account_sign_in.c.
 */
#include "core/account.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/str.h"
#include "core/account_cache.h"
#include "core/account_private.h"
#include "core/record.h"
#include "store/accounts.h"
#include "store/shares.h"

#define TOUCH_MS 60000
#define CONFIRMED_MS (5 * 60000LL) /* how long a password that was given counts */

static pthread_mutex_t settings_lock = PTHREAD_MUTEX_INITIALIZER;
/* Guarded by settings_lock: a reload replaces it beside requests. */
static struct account_settings settings = {.password_log_n = 15, .session_idle_ms = 8 * 3600000LL,
                                           .session_max_ms = 14 * 86400000LL};

void account_configure(const struct account_settings *s)
{
    pthread_mutex_lock(&settings_lock);
    settings = *s;
    pthread_mutex_unlock(&settings_lock);
}

struct account_settings account_settings_now(void)
{
    pthread_mutex_lock(&settings_lock);
    struct account_settings now = settings;
    pthread_mutex_unlock(&settings_lock);
    return now;
}

struct actor account_become_system(struct ctx *c, enum change_source source)
{
    struct actor before = c->actor;
    c->actor = (struct actor){.source = source, .name = before.name != NULL ? before.name : "system"};
    return before;
}

int account_load_user(struct ctx *c, int64_t id, struct user *out)
{
    const struct entity *users = model_entity_find(c->model, ENTITY_USER);
    struct db *db = ctx_db(c);
    struct record *r = NULL;
    if (db == NULL || rows_load(db, users, id, c->arena, &r, &c->err) != 0) {
        return -1;
    }
    struct value email = record_value(r, entity_field_find(users, "email"));
    struct value role = record_value(r, entity_field_find(users, "role"));
    struct value team = record_value(r, entity_field_find(users, "team"));
    struct value active = record_value(r, entity_field_find(users, "active"));
    *out = (struct user){.id = id,
                         .name = r->title,
                         .email = email.kind == VALUE_TEXT ? email.s : NULL,
                         .role = role.kind == VALUE_TEXT ? role.s : NULL,
                         .team = team.kind == VALUE_INT ? team.i : 0,
                         .active = active.kind == VALUE_INT && active.i == 1 && r->deleted_at == 0};
    return 0;
}

static int refuse(struct ctx *c)
{
    err_clear(&c->err);
    return ctx_fail(c, ERR_UNAUTHENTICATED, "", "Sign in again.");
}

/* The actor of an identity, with the role as the pinned model defines it. */
static int become(struct ctx *c, const struct identity *who, enum change_source source)
{
    const struct role *role = model_role_find(c->model, who->role);
    if (role == NULL) {
        return refuse(c);
    }
    ctx_release(c); /* a reader is his from now on, and counts for him */
    c->actor = (struct actor){.user = who->user,
                              .team = who->team,
                              .shared = who->shared,
                              .role = role,
                              .token = (enum token_scope)who->scope,
                              .source = source,
                              .name = arena_strdup(c->arena, who->name)};
    return 0;
}

/* The living, active user behind a credential of this epoch. */
static int identify(struct ctx *c, int64_t user, int64_t epoch, struct identity *out)
{
    struct user u;
    struct credential credential;
    if (account_load_user(c, user, &u) != 0 || !u.active || u.role == NULL ||
        accounts_credential(ctx_db(c), user, c->arena, &credential, &c->err) != 0 || credential.epoch != epoch ||
        shares_any(ctx_db(c), c->model, user, &out->shared, &c->err) != 0) {
        return refuse(c);
    }
    out->user = user;
    out->team = u.team;
    snprintf(out->role, sizeof out->role, "%s", u.role);
    snprintf(out->name, sizeof out->name, "%.100s", u.name);
    return 0;
}

struct touch {
    int64_t id;
    bool token;
};

static int touch_write(struct ctx *c, void *data)
{
    const struct touch *t = data;
    return t->token ? accounts_token_touch(c->db, t->id, c->now_ms, &c->err)
                    : accounts_session_touch(c->db, t->id, c->now_ms, &c->err);
}

/* Notes the use of a credential, at most once a minute. A full disk must not sign people out, so failing is no failure. */
static void touch(struct ctx *c, const unsigned char hash[CRYPTO_HASH_SIZE], struct identity *who)
{
    if (c->passive || c->now_ms - who->used_ms < TOUCH_MS || c->in_write) {
        return;
    }
    struct touch t = {who->session, who->scope != 0};
    ctx_release(c);
    if (ctx_write_fixed(c, touch_write, &t) != 0) {
        err_clear(&c->err);
    }
    who->used_ms = c->now_ms;
    account_cache_put(hash, c->now_ms, who);
}

int account_by_session(struct ctx *c, const char *cookie, const char **csrf, int64_t *session)
{
    unsigned char hash[CRYPTO_HASH_SIZE];
    struct identity who;
    crypto_sha256(cookie, strlen(cookie), hash);
    if (!account_cache_find(hash, c->now_ms, &who)) {
        struct session s;
        struct account_settings now = account_settings_now();
        struct db *db = ctx_db(c);
        memset(&who, 0, sizeof who);
        if (db == NULL) {
            return -1;
        }
        if (accounts_session_find(db, hash, c->arena, &s, &c->err) != 0 || c->now_ms - s.seen_at > now.session_idle_ms ||
            c->now_ms - s.created_at > now.session_max_ms || identify(c, s.user, s.epoch, &who) != 0) {
            return refuse(c);
        }
        who.session = s.id;
        who.since_ms = s.created_at;
        who.used_ms = s.seen_at;
        snprintf(who.csrf, sizeof who.csrf, "%s", s.csrf);
        account_cache_put(hash, c->now_ms, &who);
    }
    if (who.scope != 0) {
        return refuse(c); /* a token is no cookie, also while it is remembered */
    }
    touch(c, hash, &who);
    *csrf = arena_strdup(c->arena, who.csrf);
    *session = who.session;
    if (become(c, &who, SOURCE_UI) != 0) {
        return -1;
    }
    c->actor.unconfirmed = c->now_ms - who.since_ms > CONFIRMED_MS;
    return 0;
}

int account_in_person(struct ctx *c)
{
    return c->actor.token == TOKEN_NONE
               ? 0
               : ctx_fail(c, ERR_FORBIDDEN, "", "A token may not do this; it takes a person who signs in.");
}

int account_confirmed(struct ctx *c)
{
    return c->actor.unconfirmed ? ctx_fail(c, ERR_UNCONFIRMED, "", "Give your password once more for this.") : 0;
}

int account_by_token(struct ctx *c, const char *token, const char *address)
{
    (void)address;
    unsigned char hash[CRYPTO_HASH_SIZE];
    struct identity who;
    if (!str_starts(token, "kt_")) {
        return refuse(c);
    }
    crypto_sha256(token, strlen(token), hash);
    if (!account_cache_find(hash, c->now_ms, &who)) {
        struct token t;
        struct db *db = ctx_db(c);
        memset(&who, 0, sizeof who);
        if (db == NULL) {
            return -1;
        }
        if (accounts_token_find(db, hash, c->arena, &t, &c->err) != 0 || t.expires_at <= c->now_ms ||
            identify(c, t.user, t.epoch, &who) != 0) {
            return refuse(c);
        }
        who.session = t.id;
        who.scope = t.scope;
        who.used_ms = t.used_at;
        account_cache_put(hash, c->now_ms, &who);
    }
    if (who.scope == 0) {
        return refuse(c); /* a cookie is no token */
    }
    touch(c, hash, &who);
    return become(c, &who, SOURCE_API);
}

int account_by_feed(struct ctx *c, int64_t user, int64_t epoch)
{
    struct identity who;
    memset(&who, 0, sizeof who);
    if (identify(c, user, epoch, &who) != 0) {
        return -1;
    }
    who.scope = TOKEN_READ;
    return become(c, &who, SOURCE_API);
}

/* The id of the living user with this e-mail address; ERR_NOT_FOUND. */
int account_id_of_email(struct ctx *c, const char *email, int64_t *out)
{
    const struct entity *users = model_entity_find(c->model, ENTITY_USER);
    struct db *db = ctx_db(c);
    const char *key = str_fold(c->arena, email, strlen(email));
    const struct expr *filter = NULL;
    if (db == NULL) {
        return -1;
    }
    if (key[0] == 0 || strpbrk(email, "\"\\ \t\n") != NULL ||
        expr_compile(c->arena, c->model, users, NULL, arena_printf(c->arena, "email starts with \"%s\"", key), KIND_BOOL, &filter,
                     &c->err) != 0) {
        err_clear(&c->err);
        return ctx_fail(c, ERR_NOT_FOUND, "email", "There is no such user.");
    }
    struct who who = {.model = c->model, .now_ms = c->now_ms};
    struct list_spec spec = {.entity = users, .action = ACTION_SEE, .filter = filter};
    int64_t *ids;
    size_t count;
    if (query_ids(db, &who, &spec, 0, 100, c->arena, &ids, &count, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        struct user u;
        if (account_load_user(c, ids[i], &u) != 0) {
            return -1;
        }
        if (u.email != NULL && strcmp(str_fold(c->arena, u.email, strlen(u.email)), key) == 0) {
            *out = ids[i];
            return 0;
        }
    }
    return ctx_fail(c, ERR_NOT_FOUND, "email", "There is no such user.");
}

int account_find_user(struct ctx *c, const char *text, int64_t *out)
{
    struct user u;
    if (str_to_id(text, out) == 0) {
        return account_load_user(c, *out, &u);
    }
    return account_id_of_email(c, text, out);
}

int account_by_email(struct ctx *c, const char *email)
{
    int64_t id;
    struct credential credential;
    struct identity who = {0};
    const char *caller = c->actor.name;
    if (account_id_of_email(c, email, &id) != 0 ||
        accounts_credential(ctx_db(c), id, c->arena, &credential, &c->err) != 0) {
        return -1;
    }
    if (identify(c, id, credential.epoch, &who) != 0) {
        err_clear(&c->err);
        return ctx_fail(c, ERR_FORBIDDEN, "as", "The user %s is not active.", email);
    }
    if (become(c, &who, SOURCE_CLI) != 0) {
        return -1;
    }
    c->actor.name = caller;
    return 0;
}

void account_print_limits(const struct actor *who, struct json_writer *w)
{
    jw_kv_int(w, "token", who->token);
    jw_kv_bool(w, "unconfirmed", who->unconfirmed);
}

void account_read_limits(const struct json *params, struct actor *who)
{
    int64_t token = TOKEN_NONE;
    const struct json *found = json_find(params, "token");
    bool known = found != NULL && json_int(found, &token) == 0;
    who->token = known ? (enum token_scope)token : TOKEN_NONE;
    who->unconfirmed = json_true(params, "unconfirmed");
}

int account_by_job(struct ctx *c, int64_t user, const char *params)
{
    struct credential credential;
    struct identity who = {0};
    const struct json *limits = NULL;
    struct db *db = ctx_db(c);
    if (db == NULL || accounts_credential(db, user, c->arena, &credential, &c->err) != 0 ||
        json_parse(c->arena, params, strlen(params), &limits, &c->err) != 0 ||
        identify(c, user, credential.epoch, &who) != 0 || become(c, &who, SOURCE_UI) != 0) {
        return -1;
    }
    account_read_limits(limits, &c->actor);
    return 0;
}

int account_who(struct ctx *c, int64_t user, struct who *out)
{
    struct user u;
    *out = (struct who){.model = c->model, .role = c->model->nobody, .now_ms = c->now_ms};
    if (account_load_user(c, user, &u) != 0) {
        if (c->err.code != ERR_NOT_FOUND) {
            return -1;
        }
        err_clear(&c->err);
        return 0;
    }
    const struct role *role = u.active && u.role != NULL ? model_role_find(c->model, u.role) : NULL;
    if (role != NULL) {
        out->role = role;
        out->user = user;
        out->team = u.team;
        return shares_any(c->db, c->model, user, &out->shared, &c->err);
    }
    return 0;
}

int account_is_active(struct ctx *c, int64_t user, bool *out)
{
    struct who who;
    int rc = account_who(c, user, &who);
    *out = rc == 0 && who.user != 0;
    return rc;
}

int account_with_password(struct ctx *c, int64_t **out, size_t *count)
{
    struct db *db = ctx_db(c);
    return db == NULL ? -1 : accounts_with_password(db, c->arena, out, count, &c->err);
}

int account_user_changed(struct ctx *c, int64_t user)
{
    account_forget();
    c->identities_changed = true;
    return accounts_bump_epoch(c->db, user, &c->err);
}

/* ---- tokens ---------------------------------------------------------------------------------------------------------------- */

static int token_write(struct ctx *c, void *data)
{
    struct token *t = data;
    struct credential credential;
    if (accounts_credential(c->db, t->user, c->arena, &credential, &c->err) != 0) {
        return -1;
    }
    t->epoch = credential.epoch;
    return accounts_token_add(c->db, t, &c->err);
}

int account_token_make(struct ctx *c, int64_t user, const char *name, enum token_scope scope, int64_t expires_at,
                       const char **text, int64_t *id)
{
    unsigned char secret[32];
    struct user u;
    if (account_load_user(c, user, &u) != 0) {
        return -1;
    }
    if (!u.active) {
        return ctx_fail(c, ERR_INVALID, "user", "This user is not active.");
    }
    crypto_random(secret, sizeof secret);
    char *full = arena_printf(c->arena, "kt_%s", crypto_base64url(c->arena, secret, sizeof secret));
    crypto_wipe(secret, sizeof secret);
    struct token t = {.user = user,
                      .created_at = c->now_ms,
                      .expires_at = expires_at,
                      .scope = (int)scope,
                      .name = name != NULL && name[0] != 0 ? name : "API token"};
    crypto_sha256(full, strlen(full), t.hash);
    if (ctx_write_fixed(c, token_write, &t) != 0) {
        return -1;
    }
    *text = full;
    *id = t.id;
    return 0;
}
