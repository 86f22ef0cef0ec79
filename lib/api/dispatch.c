/*
 * One request through the API: find the route, check its need, read the body, run the handler, make
 * the answer. The order is the same for every transport and every route, and visible in api_handle.
 */
#include <assert.h>
#include <string.h>
#include <strings.h>

#include "api/route.h"
#include "base/log.h"
#include "base/str.h"
#include "core/account.h"

#define JSON_LIMIT (1u << 20)
#define AGAIN_MAX  3 /* a request that was overtaken by an apply begins again so often */

const struct api *request_api(const struct request *q)
{
    return q->api;
}

static int split(const char *text, struct path *out)
{
    out->count = 0;
    while (*text == '/') {
        const char *start = text + 1;
        const char *end = strchr(start, '/');
        size_t n = end != NULL ? (size_t)(end - start) : strlen(start);
        if (n == 0 || out->count == PATH_SEGMENTS) {
            return -1;
        }
        out->at[out->count] = start;
        out->size[out->count++] = n;
        text = start + n;
    }
    return 0;
}

static size_t route_count(void)
{
    size_t n = 0;
    while (ROUTES[n].method != NULL) {
        n++;
    }
    return n;
}

int api_new(const struct api_host *host, struct api **out, struct err *e)
{
    struct arena a;
    size_t count = route_count();
    for (const struct route *row = ROUTES; row->method != NULL; row++) {
        if (row->need == NEED_UNSET || row->help == NULL || row->params == NULL ||
            row->handler == NULL) {
            return err_fail(e, ERR_INTERNAL, row->pattern,
                            "The route %s %s lacks its need, help or handler.", row->method,
                            row->pattern);
        }
    }
    arena_init(&a);
    struct api *api = ARENA_NEW(&a, struct api);
    struct pattern *patterns = ARENA_ARRAY(&a, struct pattern, count);
    for (size_t i = 0; i < count; i++) {
        patterns[i].route = &ROUTES[i];
        int rc = split(ROUTES[i].pattern, &patterns[i].path);
        assert(rc == 0);
    }
    *api = (struct api){
        .host = *host, .arena = a, .patterns = patterns, .pattern_count = count};
    *out = api;
    return 0;
}

void api_free(struct api *api)
{
    struct arena a = api->arena; /* it holds the api itself */
    arena_done(&a);
}

static bool segment_matches(const char *pattern, size_t pattern_size, const char *text, size_t n)
{
    if (pattern[0] != ':') {
        return pattern_size == n && memcmp(pattern, text, n) == 0;
    }
    if (pattern_size == 3 && memcmp(pattern, ":id", 3) == 0) {
        for (size_t i = 0; i < n; i++) {
            if (text[i] < '0' || text[i] > '9') {
                return false;
            }
        }
        return n <= 18;
    }
    return true;
}

/* From the end: all begin alike. */
static bool matches(const struct path *pattern, const struct path *path)
{
    size_t i = path->count;
    if (pattern->count != i) {
        return false;
    }
    while (i > 0 && segment_matches(pattern->at[i - 1], pattern->size[i - 1], path->at[i - 1],
                                    path->size[i - 1])) {
        i--;
    }
    return i == 0;
}

/* The first row that fits the path and, unless it is NULL, the method. */
static const struct pattern *route_find(const struct api *api, const char *method,
                                        const struct path *path)
{
    for (size_t i = 0; i < api->pattern_count; i++) {
        const struct pattern *p = &api->patterns[i];
        if (p->path.count == path->count &&
            (method == NULL || strcmp(p->route->method, method) == 0) && matches(&p->path, path)) {
            return p;
        }
    }
    return NULL;
}

enum need api_need(struct api *api, const char *method, const char *text)
{
    struct path path;
    const struct pattern *p = split(text, &path) == 0 ? route_find(api, method, &path) : NULL;
    return p != NULL ? p->route->need : NEED_UNSET;
}

/* Fills entity, id and name from the path. */
static int bind_path(struct request *q, const struct path *pattern, const struct path *path)
{
    for (size_t i = 0; i < path->count; i++) {
        const char *text = arena_strndup(q->ctx->arena, path->at[i], path->size[i]);
        if (strncmp(pattern->at[i], ":plural", 7) == 0) {
            q->entity = model_plural_find(q->ctx->model, text);
            if (q->entity == NULL) {
                return ctx_fail(q->ctx, ERR_NOT_FOUND, "", "There is nothing at this address.");
            }
        } else if (strncmp(pattern->at[i], ":id", 3) == 0) {
            if (str_to_id(text, &q->id) != 0) {
                return ctx_fail(q->ctx, ERR_NOT_FOUND, "", "There is nothing at this address.");
            }
        } else if (pattern->at[i][0] == ':') {
            q->name = text;
        }
    }
    return 0;
}

static bool listed(const char *params, const char *name, size_t n)
{
    for (const char *p = params; *p != 0;) {
        size_t word = strcspn(p, " ");
        if (word == n && memcmp(p, name, n) == 0) {
            return true;
        }
        p += word + (p[word] == ' ');
    }
    return false;
}

/* Parameters of every write besides its own. */
#define WRITE_PARAMS "dry_run"

static int check_param(struct request *q, const char *pair, size_t n)
{
    struct ctx *c = q->ctx;
    size_t name = 0;
    while (name < n && pair[name] != '=') {
        name++;
    }
    bool writes = strcmp(q->route->method, "GET") != 0;
    if (!listed(q->route->params, pair, name) && !(writes && listed(WRITE_PARAMS, pair, name))) {
        return ctx_fail(c, ERR_MALFORMED, "query",
                        "This address knows no parameter %s; it knows: %s.",
                        arena_strndup(c->arena, pair, name < 40 ? name : 40),
                        q->route->params[0] != 0 ? q->route->params
                        : writes                 ? WRITE_PARAMS
                                                 : "none");
    }
    if (name < n && param_decode(c->arena, pair + name + 1, n - name - 1) == NULL) {
        return ctx_fail(c, ERR_MALFORMED, "query", "The parameter %s is not properly encoded.",
                        arena_strndup(c->arena, pair, name));
    }
    return 0;
}

/* Does the name at `pair` stand before it in the query already? */
static bool is_repeated(const char *query, const char *pair)
{
    size_t n = strcspn(pair, "=&");
    for (const char *p = query; p < pair; p += strcspn(p, "&") + 1) {
        if (strcspn(p, "=&") == n && memcmp(p, pair, n) == 0) {
            return true;
        }
    }
    return false;
}

/* Every parameter is one the route knows, well encoded and there once: a handler that finds none
 * can rely on there being none, and no two readers of a request take different ones. */
static int check_params(struct request *q)
{
    for (const char *p = str_eq(q->route->params, "*") ? NULL : q->query; p != NULL && *p != 0;) {
        size_t n = strcspn(p, "&");
        if (n > 0 && check_param(q, p, n) != 0) {
            return -1;
        }
        if (n > 0 && is_repeated(q->query, p)) {
            return ctx_fail(q->ctx, ERR_MALFORMED, "query", "The parameter %s stands twice.",
                            arena_strndup(q->ctx->arena, p, strcspn(p, "=&")));
        }
        p += n + (p[n] == '&');
    }
    return 0;
}

/* Asked from this machine itself. A proxy on it asks for others: it says so in one of these. */
static bool is_local(struct request *q)
{
    static const char *const FORWARDED[] = {"X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"};
    bool local = str_starts(q->address, "127.") || str_eq(q->address, "::1") ||
                 str_starts(q->address, "::ffff:127.");
    for (size_t i = 0; local && i < COUNT(FORWARDED); i++) {
        local = request_header(q, FORWARDED[i]) == NULL;
    }
    return local;
}

/* An administrator's token may, whatever its scope: a monitoring program needs none but to read. */
static int check_watch(struct request *q)
{
    const struct actor *who = &q->ctx->actor;
    bool admin = !who->anonymous && (who->role == NULL || who->role->admin);
    return admin || is_local(q)
               ? 0
               : ctx_fail(q->ctx, ERR_FORBIDDEN, "", "Only an administrator may do this.");
}

/* Before anything of the path is looked up: nobody learns which kinds of records there are. */
static int check_signed_in(struct request *q)
{
    bool open = q->route->need == NEED_PUBLIC || q->route->need == NEED_STRANGER ||
                (q->route->need == NEED_WATCH && is_local(q));
    return !open && q->ctx->actor.anonymous
               ? ctx_fail(q->ctx, ERR_UNAUTHENTICATED, "", "Sign in first.")
               : 0;
}

/* What the needs of a signed-in caller ask for. */
static const struct {
    bool admin, person, confirmed;
} NEEDS[] = {
    [NEED_PERSON] = {.person = true},
    [NEED_CONFIRMED] = {.person = true, .confirmed = true},
    [NEED_ADMIN] = {.admin = true},
    [NEED_ADMIN_CONFIRMED] = {.admin = true, .person = true, .confirmed = true},
    [NEED_SYSTEM] = {.admin = false},
};

static int check_need(struct request *q)
{
    struct ctx *c = q->ctx;
    const struct route *row = q->route;
    bool reads = strcmp(row->method, "GET") == 0;
    if (row->need == NEED_PUBLIC || row->need == NEED_STRANGER) {
        return 0;
    }
    if (row->need == NEED_WATCH) {
        return check_watch(q);
    }
    if (row->need == NEED_SYSTEM && c->actor.role != NULL) {
        return str_eq(q->address, "cli")
                   ? ctx_fail(c, ERR_FORBIDDEN, "",
                              "This is done for the whole system, not as a user: leave out --as.")
                   : ctx_fail(c, ERR_NOT_FOUND, "", "There is nothing at this address.");
    }
    if (NEEDS[row->need].admin &&
        (!ctx_is_admin(c) || c->actor.token == TOKEN_READ || c->actor.token == TOKEN_WRITE)) {
        return ctx_fail(c, ERR_FORBIDDEN, "", "Only an administrator may do this.");
    }
    if ((NEEDS[row->need].person && account_in_person(c) != 0) ||
        (NEEDS[row->need].confirmed && account_confirmed(c) != 0)) {
        return -1;
    }
    if (c->actor.token == TOKEN_READ && !reads) {
        return ctx_fail(c, ERR_FORBIDDEN, "", "This token may only read.");
    }
    if (q->entity != NULL && row->action != ACTION_NONE && !ctx_may(c, row->action, q->entity)) {
        return ctx_fail(c, ERR_FORBIDDEN, "", "Your role may not do this with %s.",
                        q->entity->label_plural);
    }
    return 0;
}

static int read_json(struct request *q)
{
    struct ctx *c = q->ctx;
    size_t limit = q->route->limit != 0 ? q->route->limit : JSON_LIMIT;
    if (q->body_size == 0 || (q->body_size < 0 && q->read == NULL)) {
        return 0;
    }
    if (q->body_size > (int64_t)limit) {
        return ctx_fail(c, ERR_TOO_LARGE, "", "The body is larger than %zu bytes.", limit);
    }
    const char *type = request_header(q, "Content-Type");
    if (type != NULL && (strncasecmp(type, "application/json", 16) != 0 ||
                         strchr("; \t", type[16]) == NULL)) {
        return ctx_fail(c, ERR_MALFORMED, "Content-Type",
                        "Send JSON with Content-Type application/json.");
    }
    size_t room = q->body_size > 0 ? (size_t)q->body_size : 65536;
    size_t used = 0;
    char *text = arena_alloc(c->arena, room + 1);
    for (;;) {
        if (used == room) {
            if (q->body_size > 0) {
                break;
            }
            if (room >= limit) {
                return ctx_fail(c, ERR_TOO_LARGE, "", "The body is larger than %zu bytes.", limit);
            }
            char *wider = arena_alloc(c->arena, room * 2 + 1);
            memcpy(wider, text, used);
            text = wider;
            room *= 2;
        }
        long n = q->read(q->io, text + used, room - used);
        if (n < 0) {
            return ctx_fail(c, ERR_MALFORMED, "", "The body was cut off.");
        }
        if (n == 0) {
            break;
        }
        used += (size_t)n;
    }
    if (q->body_size > 0 && used != (size_t)q->body_size) {
        return ctx_fail(c, ERR_MALFORMED, "", "The body was cut off.");
    }
    return used == 0 ? 0 : json_parse(c->arena, text, used, &q->body, &c->err);
}

/* Bodies are taken as they are. */
static int check_encoding(struct request *q)
{
    const char *coding = request_header(q, "Content-Encoding");
    return q->route->body == BODY_NONE || coding == NULL || strcasecmp(coding, "identity") == 0
               ? 0
               : ctx_fail(q->ctx, ERR_MALFORMED, "Content-Encoding",
                          "Send the body as it is, not packed as %.40s.", coding);
}

/* `?dry_run=draft`: a form asks while it is being filled in. That something is missing yet is its
 * answer, not a failure that a browser should log: 200 with the error in the body. */
static int read_dry_run(struct request *q)
{
    if (q->route->need == NEED_STRANGER) {
        return 0;
    }
    q->ctx->draft = str_eq(request_param(q, "dry_run"), "draft");
    q->ctx->dry_run = q->ctx->draft;
    return q->ctx->draft ? 0 : request_flag(q, "dry_run", false, &q->ctx->dry_run);
}

static bool is_about_values(enum err_code code)
{
    return code == ERR_INVALID || code == ERR_CONFLICT;
}

static int run_handler(struct request *q, struct reply *r)
{
    struct keeper *keeper = NULL;
    bool replayed = false;
    if (keep_begin(q, r, &keeper, &replayed) != 0) {
        return -1;
    }
    if (replayed) {
        return 0;
    }
    return keep_end(q, r, keeper, q->route->handler(q, r));
}

/* A configuration was applied while the request was on its way: nothing of it was written. What
 * cannot be done once more from the start is refused as busy, and the caller tries again. */
static bool may_begin_again(const struct request *q, const struct reply *r)
{
    const struct ctx *c = q->ctx;
    return c->stale != 0 && !c->wrote && !r->streamed && q->route->body != BODY_STREAM;
}

static void begin_again(struct reply *r, const struct reply *empty)
{
    struct buf head = r->head, body = r->body;
    *r = *empty;
    r->head = head;
    r->body = body;
    buf_clear(&r->head);
    buf_clear(&r->body);
}

static int run(struct request *q, struct reply *r, const struct pattern *pattern,
               const struct path *path)
{
    if (check_signed_in(q) != 0 || bind_path(q, &pattern->path, path) != 0 || check_need(q) != 0 ||
        check_params(q) != 0) {
        return -1;
    }
    if (read_dry_run(q) != 0 || check_encoding(q) != 0 ||
        (q->route->body == BODY_JSON && read_json(q) != 0)) {
        return -1;
    }
    const struct reply empty = *r;
    int rc = run_handler(q, r);
    for (int i = 0; rc != 0 && i < AGAIN_MAX && may_begin_again(q, r); i++) {
        begin_again(r, &empty);
        if (ctx_renew(q->ctx) != 0 || bind_path(q, &pattern->path, path) != 0 ||
            check_need(q) != 0) {
            return -1;
        }
        rc = run_handler(q, r);
    }
    return rc;
}

/* No row for this method and path; another method would do: 405. */
static void refuse_route(struct request *q, struct reply *r, bool known)
{
    if (known) {
        ctx_fail(q->ctx, ERR_METHOD, "", "This address does not take %.10s.", q->method);
    } else {
        ctx_fail(q->ctx, ERR_NOT_FOUND, "", "There is nothing at this address.");
    }
    reply_error(r, q->ctx, &q->ctx->err);
}

/* A handler failed: what it had prepared is dropped, only the wish to wait stays. */
static void refuse(struct request *q, struct reply *r)
{
    struct ctx *c = q->ctx;
    if (c->err.code == ERR_NONE) {
        ctx_fail(c, ERR_INTERNAL, "", "Something went wrong here.");
    }
    if (c->err.code == ERR_INTERNAL) {
        static const char text[] = "Something went wrong here; the log says more.";
        log_error("%s %s %s: %s", c->trace, q->method, q->route->pattern, c->err.text);
        memcpy(c->err.text, text, sizeof text);
    }
    if (c->err.code == ERR_UNFINISHED && q->api->host.jobs_wake != NULL) {
        q->api->host.jobs_wake(q->api->host.data); /* they go on with it */
    }
    r->broken = r->streamed;
    if (r->streamed || r->status == http_status(c->err.code)) {
        return; /* the handler has said it, with more than we know */
    }
    if (c->err.code != ERR_RATE) {
        buf_clear(&r->head);
    }
    if (c->err.code == ERR_BUSY) {
        reply_header(r, "Retry-After", "2");
    }
    reply_error(r, c, &c->err);
}

void api_handle(struct api *api, struct request *q, struct reply *r)
{
    struct path path;
    q->api = api;
    bool fits = split(q->path, &path) == 0;
    const struct pattern *p = fits ? route_find(api, q->method, &path) : NULL;
    if (p == NULL) {
        refuse_route(q, r, fits && route_find(api, NULL, &path) != NULL);
        return;
    }
    q->route = p->route;
    r->status = 200;
    int rc = run(q, r, p, &path);
    ctx_release(q->ctx);
    const struct query_cost *cost = &q->ctx->cost;
    log_debug("%s %s %s: %lld queries, run %lld times", q->ctx->trace, q->method, q->route->pattern,
              (long long)cost->queries, (long long)cost->runs);
    if (rc != 0) {
        refuse(q, r);
        if (q->ctx->draft && is_about_values(q->ctx->err.code)) {
            r->status = 200;
        }
    } else if (q->ctx->dry_run && !r->streamed) {
        reply_dry(r);
    }
}
