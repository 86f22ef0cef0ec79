/* Who is asking: sign-in, first set-up, one-time links, the own profile, API tokens. The rules are
 * lib/core/account's. */
#include <string.h>

#include "api/route.h"
#include "base/str.h"
#include "core/account.h"
#include "core/notice_plan.h"
#include "core/notification.h"
#include "store/accounts.h"

static const char *agent_of(struct request *q)
{
    const char *agent = request_header(q, "User-Agent");
    return arena_strndup(q->ctx->arena, agent != NULL ? agent : "",
                         agent != NULL ? strnlen(agent, 200) : 0);
}

/* Teams by id and title, as a list or the one there is; those that are gone are left out. */
static int print_teams(struct ctx *c, struct json_writer *w, const int64_t *ids, size_t count,
                       bool list)
{
    struct title_row rows[LEADS_MAX] = {{0}};
    struct who who = ctx_who(c);
    bool none = true;
    if (count > 0 && query_titles(c->db, &who, ids, count, c->arena, rows, &c->err) != 0) {
        return -1;
    }
    if (list) {
        jw_array(w);
    }
    for (size_t i = 0; i < count; i++) {
        if (rows[i].title != NULL && !rows[i].hidden) {
            jw_object(w);
            jw_kv_int(w, "id", ids[i]);
            jw_kv_text(w, "title", rows[i].title);
            jw_object_end(w);
            none = false;
        }
    }
    if (list) {
        jw_array_end(w);
    } else if (none) {
        jw_null(w);
    }
    return 0;
}

/* The signed-in user as clients see him. */
static int print_me(struct request *q, struct json_writer *w, const char *csrf)
{
    struct ctx *c = q->ctx;
    struct db *db = ctx_db(c);
    const struct entity *users = model_entity_find(c->model, ENTITY_USER);
    struct record *user = NULL;
    const char *prefs = "{}";
    int64_t unseen = 0, *leads = NULL;
    size_t lead_count = 0;
    if (db == NULL) {
        return -1;
    }
    if (c->actor.user != 0 && (rows_load(db, users, c->actor.user, c->arena, &user, &c->err) != 0 ||
                               accounts_prefs(db, c->actor.user, c->arena, &prefs, &c->err) != 0 ||
                               notification_count(c, &unseen) != 0 ||
                               account_leads(c, &leads, &lead_count) != 0)) {
        return -1;
    }
    jw_object(w);
    jw_kv_int(w, "id", c->actor.user);
    jw_kv_text(w, "name", user != NULL ? user->title : c->actor.name);
    struct value email =
        user != NULL ? record_value(user, entity_field_find(users, "email")) : value_null();
    jw_kv_text(w, "email", email.kind == VALUE_TEXT ? email.s : NULL);
    jw_kv_text(w, "role", c->actor.role != NULL ? c->actor.role->id : "system");
    jw_kv_bool(w, "admin", ctx_is_admin(c));
    jw_key(w, "team");
    if (print_teams(c, w, &c->actor.team, c->actor.team != 0 ? 1 : 0, false) != 0) {
        return -1;
    }
    jw_key(w, "leads");
    if (print_teams(c, w, leads, lead_count, true) != 0) {
        return -1;
    }
    jw_key(w, "prefs");
    jw_raw(w, prefs, strlen(prefs));
    jw_kv_int(w, "unseen", unseen);
    if (csrf != NULL) {
        jw_kv_text(w, "csrf", csrf);
    }
    jw_object_end(w);
    return 0;
}

static int print_session(struct request *q, struct reply *r, const char *csrf)
{
    struct json_writer w;
    jw_init(&w, &r->body);
    jw_object(&w);
    jw_key(&w, "user");
    if (print_me(q, &w, NULL) != 0) {
        return -1;
    }
    jw_kv_text(&w, "csrf", csrf);
    jw_object_end(&w);
    return 0;
}

/* After a successful sign-in of any kind: become that user for the rest of the request, set the
 * cookie, answer. */
static int signed_in(struct request *q, struct reply *r, const struct signed_in *s)
{
    const char *csrf = NULL;
    int64_t session = 0;
    if (account_by_session(q->ctx, s->cookie, &csrf, &session) != 0) {
        return -1;
    }
    reply_cookie(q, r, s->cookie);
    return print_session(q, r, csrf);
}

static const char *member(struct request *q, const char *key)
{
    const char *text = json_text(q->body, key);
    return text != NULL ? text : "";
}

/* A refused password: when to try again. */
static int wait_if_rated(struct request *q, struct reply *r, int retry_s)
{
    if (q->ctx->err.code == ERR_RATE) {
        reply_header(r, "Retry-After", arena_printf(q->ctx->arena, "%d", retry_s));
    }
    return -1;
}

int api_session_create(struct request *q, struct reply *r)
{
    struct signed_in s;
    int retry_s = 0;
    if (account_sign_in(q->ctx, member(q, "email"), member(q, "password"), q->address, agent_of(q),
                        &s, &retry_s) != 0) {
        return wait_if_rated(q, r, retry_s);
    }
    return signed_in(q, r, &s);
}

/* Also for nobody: a browser asks this first, and an error would show up in its console. Whose
 * Kontor it is stands above the sign-in. */
int api_session_get(struct request *q, struct reply *r)
{
    bool needed;
    if (!q->ctx->actor.anonymous) {
        return print_session(q, r, q->csrf);
    }
    if (account_setup_needed(q->ctx, &needed) != 0) {
        return -1;
    }
    const char *company = q->ctx->model->company.name;
    struct json_writer w;
    jw_init(&w, &r->body);
    jw_object(&w);
    jw_key(&w, "user");
    jw_null(&w);
    jw_kv_bool(&w, "setup", needed);
    if (!needed && strcmp(company, COMPANY_NAME) != 0) {
        jw_kv_text(&w, "company", company);
    }
    jw_object_end(&w);
    return 0;
}

int api_session_delete(struct request *q, struct reply *r)
{
    if (q->cookie != NULL && account_sign_out(q->ctx, q->cookie) != 0) {
        return -1;
    }
    reply_cookie(q, r, NULL);
    r->status = 204;
    return 0;
}

/* Without a password: whether the last one still counts. */
int api_session_confirm(struct request *q, struct reply *r)
{
    struct signed_in s;
    int retry_s = 0;
    if (json_find(q->body, "password") == NULL || q->session == 0) {
        r->status = 204;
        return account_confirmed(q->ctx);
    }
    if (account_confirm(q->ctx, q->session, member(q, "password"), q->address, &s, &retry_s) != 0) {
        return wait_if_rated(q, r, retry_s);
    }
    r->secret = true;
    return signed_in(q, r, &s);
}

int api_session_link(struct request *q, struct reply *r)
{
    struct signed_in s;
    if (json_true(q->body, "check")) {
        r->status = 204;
        return account_check_code(q->ctx, member(q, "code"));
    }
    if (account_use_code(q->ctx, member(q, "code"), member(q, "password"), agent_of(q), &s) != 0) {
        return -1;
    }
    return signed_in(q, r, &s);
}

/* What init was told: all of it, when anything is not as shipped. */
static void print_known(struct json_writer *w, const struct company *known)
{
    const struct {
        const char *key, *value, *shipped;
    } rows[] = {{"name", known->name, COMPANY_NAME},
                {"currency", known->currency, COMPANY_CURRENCY},
                {"zone", known->zone, COMPANY_ZONE}};
    jw_key(w, "company");
    jw_object(w);
    bool told = false;
    for (size_t i = 0; i < COUNT(rows); i++) {
        told = told || strcmp(rows[i].value, rows[i].shipped) != 0;
    }
    for (size_t i = 0; told && i < COUNT(rows); i++) {
        jw_kv_text(w, rows[i].key, rows[i].value);
    }
    jw_object_end(w);
}

int api_setup_get(struct request *q, struct reply *r)
{
    bool needed;
    if (account_setup_needed(q->ctx, &needed) != 0) {
        return -1;
    }
    struct json_writer w;
    jw_init(&w, &r->body);
    jw_object(&w);
    jw_kv_bool(&w, "needed", needed);
    if (needed) {
        print_known(&w, &q->ctx->model->company);
    }
    jw_object_end(&w);
    return 0;
}

int api_setup_post(struct request *q, struct reply *r)
{
    struct signed_in s;
    const struct api_host *host = &request_api(q)->host;
    const char *company = json_text(q->body, "company");
    if (account_setup_check(q->ctx, member(q, "code"), q->body) != 0) {
        return -1;
    }
    if (company != NULL &&
        host->setup_company(host->data, q->ctx, company, json_text(q->body, "currency"),
                            json_text(q->body, "zone")) != 0) {
        return -1;
    }
    if (account_setup(q->ctx, member(q, "code"), q->body, agent_of(q), &s) != 0) {
        return -1;
    }
    if (signed_in(q, r, &s) != 0) {
        return -1;
    }
    return json_true(q->body, "sample") ? host->sample(host->data, q->ctx) : 0;
}

int api_me_get(struct request *q, struct reply *r)
{
    struct json_writer w;
    jw_init(&w, &r->body);
    return print_me(q, &w, q->csrf);
}

/* Preferences are merged key by key; null takes a key away. */
static const char *merge_prefs(struct ctx *c, const char *stored, const struct json *change)
{
    const struct json *old = NULL;
    struct err ignored = {0};
    struct buf out = {0};
    if (json_parse(c->arena, stored, strlen(stored), &old, &ignored) != 0) {
        old = NULL;
    }
    buf_putc(&out, '{');
    const struct json *sides[] = {old, change};
    for (size_t side = 0; side < COUNT(sides); side++) {
        for (const struct json *m = sides[side] != NULL ? sides[side]->child : NULL; m != NULL;
             m = m->next) {
            if ((side == 0 && json_find(change, m->key) != NULL) || m->type == JSON_NULL) {
                continue;
            }
            if (out.size > 1) {
                buf_putc(&out, ',');
            }
            json_escape(&out, m->key, strlen(m->key));
            buf_putc(&out, ':');
            json_print(&out, m);
        }
    }
    buf_putc(&out, '}');
    const char *text = arena_strndup(c->arena, out.data, out.size);
    buf_done(&out);
    return text;
}

struct me_update {
    const char *name;
    const struct json *prefs;
    struct request *request;
    struct reply *reply;
};

/* Prints the answer too: after a dry run nothing is left to print. */
static int me_write(struct ctx *c, void *data)
{
    const struct me_update *u = data;
    if (u->prefs != NULL) {
        const char *stored;
        if (accounts_prefs(c->db, c->actor.user, c->arena, &stored, &c->err) != 0) {
            return -1;
        }
        const char *merged = merge_prefs(c, stored, u->prefs);
        if (strlen(merged) > 65536) {
            return ctx_fail(c, ERR_TOO_LARGE, "prefs", "Preferences may take 64 KiB at most.");
        }
        if (accounts_set_prefs(c->db, c->actor.user, merged, &c->err) != 0 ||
            (notice_plan_said(u->prefs) && notification_replan(c) != 0)) {
            return -1;
        }
    }
    if (u->name != NULL && account_rename(c, u->name) != 0) {
        return -1;
    }
    buf_clear(&u->reply->body);
    return api_me_get(u->request, u->reply);
}

int api_me_update(struct request *q, struct reply *r)
{
    struct me_update u = {json_text(q->body, "name"), json_find(q->body, "prefs"), q, r};
    for (const struct json *m = q->body != NULL ? q->body->child : NULL; m != NULL; m = m->next) {
        if (m->key == NULL || (strcmp(m->key, "name") != 0 && strcmp(m->key, "prefs") != 0)) {
            return ctx_fail(q->ctx, ERR_MALFORMED, "",
                            "What one changes of oneself is \"name\" and \"prefs\".");
        }
    }
    if (u.prefs != NULL && u.prefs->type != JSON_OBJECT) {
        return ctx_fail(q->ctx, ERR_INVALID, "prefs", "prefs must be an object.");
    }
    if (q->ctx->actor.user == 0) {
        return ctx_fail(q->ctx, ERR_FORBIDDEN, "", "The system has no profile.");
    }
    if (u.prefs != NULL && notice_plan_check(q->ctx, u.prefs) != 0) {
        return -1;
    }
    return ctx_write(q->ctx, me_write, &u);
}

int api_me_password(struct request *q, struct reply *r)
{
    if (account_set_password(q->ctx, q->ctx->actor.user, member(q, "old"), member(q, "new"),
                             q->session) != 0) {
        return -1;
    }
    r->status = 204;
    return 0;
}

int api_me_sessions(struct request *q, struct reply *r)
{
    struct db *db = ctx_db(q->ctx);
    struct session *rows;
    size_t count;
    if (db == NULL || accounts_sessions(db, q->ctx->actor.user, q->ctx->arena, &rows, &count,
                                        &q->ctx->err) != 0) {
        return -1;
    }
    struct json_writer w;
    jw_init(&w, &r->body);
    jw_object(&w);
    jw_key(&w, "items");
    jw_array(&w);
    for (size_t i = 0; i < count; i++) {
        jw_object(&w);
        jw_kv_int(&w, "id", rows[i].id);
        jw_kv_text(&w, "agent", rows[i].agent);
        jw_kv_instant(&w, "created_at", rows[i].created_at);
        jw_kv_instant(&w, "last_at", rows[i].seen_at);
        jw_kv_bool(&w, "current", rows[i].id == q->session);
        jw_object_end(&w);
    }
    jw_array_end(&w);
    jw_object_end(&w);
    return 0;
}

int api_me_session_end(struct request *q, struct reply *r)
{
    r->status = 204;
    return account_end_session(q->ctx, q->id);
}

/* Whose tokens: an administrator may name somebody (?user=E-MAIL or id), others get their own. */
static int token_user(struct request *q, const char *named, int64_t *out)
{
    *out = q->ctx->actor.user;
    if (named == NULL) {
        return *out != 0 ? 0
                         : ctx_fail(q->ctx, ERR_INVALID, "user", "Name the user the token is for.");
    }
    if (!ctx_is_admin(q->ctx)) {
        return ctx_fail(q->ctx, ERR_FORBIDDEN, "user",
                        "Only an administrator may handle tokens of others.");
    }
    return account_find_user(q->ctx, named, out);
}

static const char *const SCOPES[] = {
    [TOKEN_READ] = "read", [TOKEN_WRITE] = "write", [TOKEN_ADMIN] = "admin"};

int api_tokens_list(struct request *q, struct reply *r)
{
    struct token *rows;
    size_t count;
    int64_t user;
    if (token_user(q, request_param(q, "user"), &user) != 0) {
        return -1;
    }
    struct db *db = ctx_db(q->ctx);
    if (db == NULL || accounts_tokens(db, user, q->ctx->arena, &rows, &count, &q->ctx->err) != 0) {
        return -1;
    }
    struct json_writer w;
    jw_init(&w, &r->body);
    jw_object(&w);
    jw_key(&w, "items");
    jw_array(&w);
    for (size_t i = 0; i < count; i++) {
        jw_object(&w);
        jw_kv_int(&w, "id", rows[i].id);
        jw_kv_text(&w, "name", rows[i].name);
        jw_kv_text(&w, "scope",
                   rows[i].scope > 0 && rows[i].scope < (int)COUNT(SCOPES) ? SCOPES[rows[i].scope]
                                                                           : "read");
        jw_kv_instant(&w, "created_at", rows[i].created_at);
        jw_kv_instant(&w, "expires_at", rows[i].expires_at);
        jw_kv_instant(&w, "used_at", rows[i].used_at);
        jw_object_end(&w);
    }
    jw_array_end(&w);
    jw_object_end(&w);
    return 0;
}

/* "90d" → days; NULL means 90. At most ten years. */
static int parse_expiry(struct request *q, int64_t *out)
{
    const char *text = json_text(q->body, "expires");
    int64_t days = 90;
    if (text != NULL) {
        size_t n = strlen(text);
        if (n < 2 || text[n - 1] != 'd' ||
            str_to_int(arena_strndup(q->ctx->arena, text, n - 1), &days) != 0 || days < 1 ||
            days > 3650) {
            return ctx_fail(q->ctx, ERR_INVALID, "expires",
                            "expires must be a number of days such as 90d, at most 3650d.");
        }
    }
    *out = q->ctx->now_ms + days * 86400000;
    return 0;
}

int api_tokens_create(struct request *q, struct reply *r)
{
    int64_t user, expires_at = 0, id = 0;
    const char *scope_name = json_text(q->body, "scope"), *text;
    int scope = TOKEN_READ;
    if (scope_name != NULL) {
        while (scope < (int)COUNT(SCOPES) && !str_eq(SCOPES[scope], scope_name)) {
            scope++;
        }
    }
    if (scope == (int)COUNT(SCOPES)) {
        return ctx_fail(q->ctx, ERR_INVALID, "scope", "scope must be read, write or admin.");
    }
    if (token_user(q, json_text(q->body, "user"), &user) != 0 ||
        parse_expiry(q, &expires_at) != 0 ||
        account_token_make(q->ctx, user, member(q, "name"), (enum token_scope)scope, expires_at,
                           &text, &id) != 0) {
        return -1;
    }
    struct json_writer w;
    jw_init(&w, &r->body);
    jw_object(&w);
    jw_kv_int(&w, "id", id);
    jw_kv_text(&w, "token", text);
    jw_kv_text(&w, "scope", SCOPES[scope]);
    jw_kv_instant(&w, "expires_at", expires_at);
    jw_object_end(&w);
    r->secret = true;
    r->status = 201;
    return 0;
}

static int token_remove(struct ctx *c, void *data)
{
    const int64_t *id = data;
    return accounts_token_remove(c->db, *id, ctx_is_admin(c) ? 0 : c->actor.user, &c->err);
}

int api_tokens_delete(struct request *q, struct reply *r)
{
    r->status = 204;
    if (ctx_write_fixed(q->ctx, token_remove, &q->id) != 0) {
        return -1;
    }
    account_forget();
    return 0;
}

int api_user_link(struct request *q, struct reply *r)
{
    const char *code;
    int64_t expires_at;
    if (account_make_code(q->ctx, "invite", q->id, &code, &expires_at) != 0) {
        return -1;
    }
    r->secret = true;
    const struct api_host *host = &request_api(q)->host;
    const char *address = host->public_address(host->data);
    const char *link = arena_printf(q->ctx->arena, "/signin?code=%s", code);
    struct json_writer w;
    jw_init(&w, &r->body);
    jw_object(&w);
    jw_kv_text(&w, "link", link);
    if (address[0] != 0) {
        jw_kv_text(&w, "url", arena_printf(q->ctx->arena, "%s%s", address, link));
    }
    jw_kv_instant(&w, "expires_at", expires_at);
    jw_object_end(&w);
    return 0;
}

int api_user_add(struct request *q, struct reply *r)
{
    int64_t id;
    if (account_add_user(q->ctx, json_text(q->body, "email"), json_text(q->body, "name"),
                         json_text(q->body, "role"), json_text(q->body, "team"),
                         json_text(q->body, "password"), &id) != 0) {
        return -1;
    }
    buf_printf(&r->body, "{\"id\":%lld}", (long long)id);
    r->status = 201;
    return 0;
}

int api_user_passwords(struct request *q, struct reply *r)
{
    int64_t *users = NULL;
    size_t count = 0;
    struct json_writer w;
    if (account_with_password(q->ctx, &users, &count) != 0) {
        return -1;
    }
    jw_init(&w, &r->body);
    jw_object(&w);
    jw_key(&w, "users");
    jw_array(&w);
    for (size_t i = 0; i < count; i++) {
        jw_int(&w, users[i]);
    }
    jw_array_end(&w);
    jw_object_end(&w);
    return 0;
}

int api_user_password(struct request *q, struct reply *r)
{
    int64_t user;
    if (account_find_user(q->ctx, member(q, "user"), &user) != 0 ||
        account_set_password(q->ctx, user, NULL, member(q, "password"), 0) != 0) {
        return -1;
    }
    r->status = 204;
    return 0;
}
