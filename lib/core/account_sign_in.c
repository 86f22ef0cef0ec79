/*
 * Passwords and the ways to a session: sign-in, one-time links, first set-up, adding users. An unknown address costs as much time as
 * a wrong password and reads the same.
 */
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/str.h"
#include "core/account_private.h"
#include "core/limiter.h"
#include "core/password_rules.h"
#include "core/record.h"
#include "store/accounts.h"

#define CODE_LIFE_MS (24 * 3600000LL)

/* ---- sessions -------------------------------------------------------------------------------------------------------------- */

static void new_cookie(struct ctx *c, struct signed_in *out)
{
    unsigned char secret[32];
    crypto_random(secret, sizeof secret);
    snprintf(out->cookie, sizeof out->cookie, "%s", crypto_base64url(c->arena, secret, sizeof secret));
    crypto_wipe(secret, sizeof secret);
}

static int session_add_in(struct ctx *c, int64_t user, const char *agent, struct signed_in *out)
{
    unsigned char csrf[24];
    struct credential credential;
    if (accounts_credential(c->db, user, c->arena, &credential, &c->err) != 0) {
        return -1;
    }
    new_cookie(c, out);
    crypto_random(csrf, sizeof csrf);
    out->csrf = crypto_base64url(c->arena, csrf, sizeof csrf);
    out->user = user;
    struct session s = {.user = user,
                        .epoch = credential.epoch,
                        .created_at = c->now_ms,
                        .seen_at = c->now_ms,
                        .csrf = out->csrf,
                        .agent = agent};
    crypto_sha256(out->cookie, strlen(out->cookie), s.hash);
    return accounts_session_add(c->db, &s, &c->err);
}

struct sign_in {
    int64_t user;
    const char *agent;
    const char *rehash; /* new form of the password when the stored one is outdated, else NULL */
    struct signed_in *out;
};

static int sign_in_write(struct ctx *c, void *data)
{
    struct sign_in *s = data;
    if (s->rehash != NULL && accounts_rehash(c->db, s->user, s->rehash, &c->err) != 0) {
        return -1;
    }
    return session_add_in(c, s->user, s->agent, s->out);
}

/* The one place where somebody's password is tried: slow guesses, the same answer for unknown users. */
static int try_password(struct ctx *c, const char *email, const char *password, const char *address, struct sign_in *s,
                        int *retry_s)
{
    const char *account = str_fold(c->arena, email, strnlen(email, 320));
    int log_n = account_settings_now().password_log_n;
    *retry_s = limiter_wait_s(account, address, c->now_ms);
    if (*retry_s > 0) {
        return ctx_fail(c, ERR_RATE, "", "Too many wrong passwords. Try again in %d seconds.", *retry_s);
    }
    struct user u = {0};
    struct credential credential = {0};
    bool known = strlen(password) <= 1024 && account_id_of_email(c, email, &s->user) == 0 &&
                 account_load_user(c, s->user, &u) == 0 && u.active &&
                 accounts_credential(ctx_db(c), s->user, c->arena, &credential, &c->err) == 0;
    ctx_release(c);
    bool good = crypto_password_check(password, known ? credential.password : NULL, log_n);
    if (!known || !good) {
        err_clear(&c->err);
        limiter_failed(account, address, c->now_ms);
        return ctx_fail(c, ERR_UNAUTHENTICATED, "", "The e-mail address or the password is wrong.");
    }
    limiter_passed(account, address);
    if (crypto_password_outdated(credential.password, log_n)) {
        s->rehash = crypto_password_hash(c->arena, password, log_n);
    }
    return 0;
}

int account_sign_in(struct ctx *c, const char *email, const char *password, const char *address, const char *agent,
                    struct signed_in *out, int *retry_s)
{
    struct sign_in s = {.agent = agent, .out = out};
    return try_password(c, email, password, address, &s, retry_s) != 0 ? -1 : ctx_write_fixed(c, sign_in_write, &s);
}

struct rotation {
    int64_t session, user;
    unsigned char hash[CRYPTO_HASH_SIZE];
};

static int rotation_write(struct ctx *c, void *data)
{
    const struct rotation *r = data;
    return accounts_session_rotate(c->db, r->session, r->user, r->hash, c->now_ms, &c->err);
}

int account_confirm(struct ctx *c, int64_t session, const char *password, const char *address, struct signed_in *out,
                    int *retry_s)
{
    struct sign_in s = {.out = out};
    struct user u;
    if (account_load_user(c, c->actor.user, &u) != 0) {
        return -1;
    }
    if (try_password(c, u.email != NULL ? u.email : "", password, address, &s, retry_s) != 0) {
        if (c->err.code == ERR_UNAUTHENTICATED) {
            err_clear(&c->err);
            ctx_fail(c, ERR_INVALID, "password", "The password is wrong.");
        }
        return -1;
    }
    struct rotation r = {.session = session, .user = c->actor.user};
    new_cookie(c, out);
    crypto_sha256(out->cookie, strlen(out->cookie), r.hash);
    int rc = ctx_write_fixed(c, rotation_write, &r);
    account_forget();
    return rc;
}

struct session_end {
    int64_t id, user;
};

static int session_end_write(struct ctx *c, void *data)
{
    const struct session_end *s = data;
    return accounts_session_remove(c->db, s->id, s->user, &c->err);
}

int account_end_session(struct ctx *c, int64_t session)
{
    struct session_end s = {session, c->actor.user};
    int rc = ctx_write_fixed(c, session_end_write, &s);
    account_forget();
    return rc;
}

int account_sign_out(struct ctx *c, const char *cookie)
{
    unsigned char hash[CRYPTO_HASH_SIZE];
    struct session s;
    struct db *db = ctx_db(c);
    crypto_sha256(cookie, strlen(cookie), hash);
    if (db == NULL || accounts_session_find(db, hash, c->arena, &s, &c->err) != 0) {
        return -1;
    }
    return account_end_session(c, s.id);
}

/* ---- passwords and one-time links ------------------------------------------------------------------------------------------- */

static int check_rules(struct ctx *c, const char *password, const char *name, const char *email)
{
    const char *problem = password_problem(c->arena, password, c->model->company.name, name, email);
    if (problem != NULL) {
        return err_add(&c->err, c->arena, ERR_INVALID, "password", "%s", problem);
    }
    return 0;
}

struct new_password {
    int64_t user, keep;
    const char *stored;
};

static int password_write(struct ctx *c, void *data)
{
    const struct new_password *p = data;
    if (accounts_set_password(c->db, p->user, p->stored, c->now_ms, &c->err) != 0 ||
        accounts_set_fact(c->db, "setup_done", "1", &c->err) != 0) {
        return -1;
    }
    return p->keep != 0 ? accounts_session_renew(c->db, p->keep, p->user, &c->err) : 0;
}

int account_set_password(struct ctx *c, int64_t user, const char *old_or_null, const char *password, int64_t keep)
{
    int log_n = account_settings_now().password_log_n;
    struct user u;
    struct credential credential;
    if (account_load_user(c, user, &u) != 0) {
        return -1;
    }
    if (u.email == NULL) {
        return ctx_fail(c, ERR_INVALID, "email", "This user has no e-mail address and cannot sign in.");
    }
    if (old_or_null != NULL) {
        int wait = limiter_wait_s(u.email, "password change", c->now_ms);
        if (wait > 0) {
            return ctx_fail(c, ERR_RATE, "", "Too many wrong passwords. Try again in %d seconds.", wait);
        }
        if (accounts_credential(ctx_db(c), user, c->arena, &credential, &c->err) != 0) {
            return -1;
        }
        ctx_release(c);
        if (!crypto_password_check(old_or_null, credential.password, log_n)) {
            limiter_failed(u.email, "password change", c->now_ms);
            return err_add(&c->err, c->arena, ERR_INVALID, "old", "The old password is wrong.");
        }
    }
    if (check_rules(c, password, u.name, u.email) != 0) {
        return -1;
    }
    ctx_release(c);
    struct new_password p = {user, keep, crypto_password_hash(c->arena, password, log_n)};
    int rc = ctx_write_fixed(c, password_write, &p);
    account_forget();
    return rc;
}

struct code_write {
    const char *kind;
    int64_t user, expires_at;
    unsigned char hash[CRYPTO_HASH_SIZE];
};

static int code_write(struct ctx *c, void *data)
{
    const struct code_write *w = data;
    return accounts_code_set(c->db, w->kind, w->user, w->hash, w->expires_at, &c->err);
}

int account_make_code(struct ctx *c, const char *kind, int64_t user, const char **code, int64_t *expires_at)
{
    unsigned char secret[24];
    struct code_write w = {.kind = kind, .user = user, .expires_at = c->now_ms + CODE_LIFE_MS};
    if (user != 0) {
        struct user u;
        if (account_load_user(c, user, &u) != 0) {
            return -1;
        }
        if (u.email == NULL || !u.active) {
            return ctx_fail(c, ERR_INVALID, "email", "Only an active user with an e-mail address can get a link.");
        }
    }
    crypto_random(secret, sizeof secret);
    char *text = crypto_base64url(c->arena, secret, sizeof secret);
    crypto_sha256(text, strlen(text), w.hash);
    if (ctx_write_fixed(c, code_write, &w) != 0) {
        return -1;
    }
    *code = text;
    *expires_at = w.expires_at;
    return 0;
}

struct code_use {
    unsigned char hash[CRYPTO_HASH_SIZE];
    int64_t user; /* 0: the code's own */
    const char *stored, *agent;
    struct signed_in *out;
};

/* Takes the code, sets the password and opens a session in one step: a code cannot be used twice, not even at the same time. */
static int code_use_write(struct ctx *c, void *data)
{
    struct code_use *u = data;
    const char *kind;
    int64_t owner;
    if (accounts_code_use(c->db, u->hash, c->now_ms, c->arena, &kind, &owner, &c->err) != 0) {
        return -1;
    }
    int64_t user = owner != 0 ? owner : u->user;
    if (accounts_set_password(c->db, user, u->stored, c->now_ms, &c->err) != 0 ||
        accounts_set_fact(c->db, "setup_done", "1", &c->err) != 0) {
        return -1;
    }
    return session_add_in(c, user, u->agent, u->out);
}

static int bad_code(struct ctx *c)
{
    err_clear(&c->err);
    return ctx_fail(c, ERR_INVALID, "code", "This link is not valid any more. Ask for a new one.");
}

/* Whose code it is; he is active. */
static int code_owner(struct ctx *c, const char *code, unsigned char hash[CRYPTO_HASH_SIZE], struct user *out)
{
    const char *kind;
    int64_t user;
    struct db *db = ctx_db(c);
    if (db == NULL) {
        return -1;
    }
    crypto_sha256(code, strlen(code), hash);
    if (accounts_code_peek(db, hash, c->now_ms, c->arena, &kind, &user, &c->err) != 0 || user == 0 ||
        account_load_user(c, user, out) != 0 || !out->active) {
        return bad_code(c);
    }
    return 0;
}

int account_check_code(struct ctx *c, const char *code)
{
    unsigned char hash[CRYPTO_HASH_SIZE];
    struct user u;
    return code_owner(c, code, hash, &u);
}

int account_use_code(struct ctx *c, const char *code, const char *password, const char *agent, struct signed_in *out)
{
    struct code_use use = {.agent = agent, .out = out};
    struct user u;
    if (code_owner(c, code, use.hash, &u) != 0) {
        return -1;
    }
    if (check_rules(c, password, u.name, u.email) != 0) {
        return -1;
    }
    ctx_release(c);
    use.stored = crypto_password_hash(c->arena, password, account_settings_now().password_log_n);
    if (ctx_write(c, code_use_write, &use) != 0) {
        return c->err.code == ERR_NOT_FOUND ? bad_code(c) : -1;
    }
    account_forget();
    return 0;
}

/* ---- users and first set-up -------------------------------------------------------------------------------------------------- */

int account_setup_needed(struct ctx *c, bool *out)
{
    const char *done = NULL;
    struct db *db = ctx_db(c);
    if (db == NULL || accounts_fact(db, "setup_done", c->arena, &done, &c->err) != 0) {
        return -1;
    }
    *out = done == NULL;
    return 0;
}

int account_setup_check(struct ctx *c, const char *code, const struct json *body)
{
    unsigned char hash[CRYPTO_HASH_SIZE];
    const char *kind, *email = json_text(body, "email"), *password = json_text(body, "password");
    int64_t user;
    struct db *db = ctx_db(c);
    if (db == NULL) {
        return -1;
    }
    crypto_sha256(code, strlen(code), hash);
    if (accounts_code_peek(db, hash, c->now_ms, c->arena, &kind, &user, &c->err) != 0 || user != 0) {
        return bad_code(c);
    }
    if (email == NULL || !email_fits(email)) {
        err_add(&c->err, c->arena, ERR_INVALID, "email", "Enter the e-mail address you will sign in with.");
    }
    if (password == NULL) {
        err_add(&c->err, c->arena, ERR_INVALID, "password", "Enter a password.");
    } else {
        check_rules(c, password, json_text(body, "name"), email);
    }
    return c->err.code == ERR_NONE ? 0 : -1;
}

static void body_text(struct json_writer *w, const char *key, const char *text)
{
    if (text != NULL && text[0] != 0) {
        jw_kv_text(w, key, text);
    }
}

static int create_from(struct ctx *c, const char *entity, struct buf *text, int64_t *id)
{
    const struct json *body = NULL;
    struct record_result result = {0};
    int rc = json_parse(c->arena, text->data, text->size, &body, &c->err);
    if (rc == 0) {
        rc = record_create(c, model_entity_find(c->model, entity), body, &result);
    }
    buf_done(text);
    *id = result.id;
    return rc;
}

/* The team of this name, made if there is none. */
static int team_of(struct ctx *c, const char *name, int64_t *out)
{
    const struct entity *teams = model_entity_find(c->model, ENTITY_TEAM);
    struct who who = {.model = c->model, .now_ms = c->now_ms};
    struct list_spec spec = {.entity = teams, .action = ACTION_SEE};
    const char *key = str_fold(c->arena, name, strlen(name));
    int64_t *ids;
    size_t count;
    struct db *db = ctx_db(c);
    if (db == NULL || query_ids(db, &who, &spec, 0, 10000, c->arena, &ids, &count, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        struct record *r;
        if (rows_load(db, teams, ids[i], c->arena, &r, &c->err) != 0) {
            return -1;
        }
        if (strcmp(str_fold(c->arena, r->title, strlen(r->title)), key) == 0) {
            *out = ids[i];
            return 0;
        }
    }
    struct buf text = {0};
    struct json_writer w;
    ctx_release(c);
    jw_init(&w, &text);
    jw_object(&w);
    jw_kv_text(&w, "name", name);
    jw_object_end(&w);
    return create_from(c, ENTITY_TEAM, &text, out);
}

struct add_user {
    int64_t user;
    const char *stored;
};

static int add_user_write(struct ctx *c, void *data)
{
    const struct add_user *u = data;
    if (accounts_set_password(c->db, u->user, u->stored, c->now_ms, &c->err) != 0) {
        return -1;
    }
    return accounts_set_fact(c->db, "setup_done", "1", &c->err);
}

static int add_user(struct ctx *c, const char *email, const char *name, const char *role, const char *team,
                    const char *password, int64_t *id)
{
    int64_t team_id = 0;
    struct buf text = {0};
    struct json_writer w;
    if (password != NULL && check_rules(c, password, name, email) != 0) {
        return -1;
    }
    if (team != NULL && team[0] != 0 && team_of(c, team, &team_id) != 0) {
        return -1;
    }
    ctx_release(c);
    jw_init(&w, &text);
    jw_object(&w);
    body_text(&w, "name", name != NULL && name[0] != 0 ? name : email);
    body_text(&w, "email", email);
    body_text(&w, "role", role != NULL ? role : "member");
    jw_kv_bool(&w, "active", true);
    if (team_id != 0) {
        jw_kv_int(&w, "team", team_id);
    }
    jw_object_end(&w);
    if (create_from(c, ENTITY_USER, &text, id) != 0) {
        return -1;
    }
    if (password == NULL) {
        return 0;
    }
    ctx_release(c);
    struct add_user add = {*id, crypto_password_hash(c->arena, password, account_settings_now().password_log_n)};
    return ctx_write(c, add_user_write, &add);
}

int account_add_user(struct ctx *c, const char *email, const char *name, const char *role, const char *team,
                     const char *password, int64_t *id)
{
    if (email != NULL && !email_fits(email)) {
        return err_add(&c->err, c->arena, ERR_INVALID, "email", "“%s” is not an e-mail address.", email);
    }
    if (email == NULL && password != NULL) {
        return err_add(&c->err, c->arena, ERR_INVALID, "email", "A user who signs in needs an e-mail address.");
    }
    return add_user(c, email, name, role, team, password, id);
}

int account_setup(struct ctx *c, const char *code, const struct json *body, const char *agent, struct signed_in *out)
{
    struct code_use use = {.agent = agent, .out = out};
    const char *email = json_text(body, "email"), *name = json_text(body, "name");
    if (account_setup_check(c, code, body) != 0) {
        return -1;
    }
    struct actor before = account_become_system(c, SOURCE_SETUP);
    int rc = account_id_of_email(c, email, &use.user);
    if (rc != 0 && c->err.code == ERR_NOT_FOUND) {
        err_clear(&c->err);
        rc = add_user(c, email, name, "admin", NULL, NULL, &use.user);
    }
    if (rc == 0) {
        ctx_release(c);
        use.stored = crypto_password_hash(c->arena, json_text(body, "password"), account_settings_now().password_log_n);
        crypto_sha256(code, strlen(code), use.hash);
        rc = ctx_write(c, code_use_write, &use);
    }
    c->actor = before;
    return rc;
}

int account_rename(struct ctx *c, const char *name)
{
    const struct entity *users = model_entity_find(c->model, ENTITY_USER);
    const struct field *f = entity_field_find(users, "name");
    struct record *r;
    bool changed;
    if (strlen(name) == 0 || strlen(name) > 400) {
        return err_add(&c->err, c->arena, ERR_INVALID, "user.name", "A name has 1 to 100 characters.");
    }
    if (rows_load(c->db, users, c->actor.user, c->arena, &r, &c->err) != 0) {
        return -1;
    }
    struct value value = value_text(name);
    struct field_set *set = field_set_new(c->arena, users);
    field_set_put(set, users, f, &value);
    struct actor before = account_become_system(c, SOURCE_UI);
    int rc = record_change_in(c, r, set, &changed);
    c->actor = before;
    return rc;
}
