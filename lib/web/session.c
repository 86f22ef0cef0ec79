/*
 * See session.h. Writes by cookie need two proofs: that the browser itself says the request comes
 * from our own pages (Sec-Fetch-Site, Origin), and the token that only our pages know. Requests
 * with a bearer token carry no cookie authority and need neither.
 */
#include "web/session.h"

#include <string.h>
#include <strings.h>

#include "base/crypto.h"
#include "base/str.h"
#include "core/account.h"

const char *session_cookie(struct http *h, const char *name)
{
    const char *all = http_header(h, "Cookie");
    size_t n = strlen(name);
    while (all != NULL && *all != 0) {
        all += strspn(all, "; \t");
        size_t size = strcspn(all, ";");
        if (size > n && strncmp(all, name, n) == 0 && all[n] == '=') {
            return str_trim(&h->scratch->arena,
                            arena_strndup(&h->scratch->arena, all + n + 1, size - n - 1));
        }
        all += size;
    }
    return NULL;
}

static bool is_write(const struct http *h)
{
    return strcmp(h->method, "GET") != 0 && !h->head;
}

/* The page that sends the request is one of ours, as far as the browser tells. */
static bool is_own_site(struct http *h)
{
    const char *site = http_header(h, "Sec-Fetch-Site");
    if (site != NULL && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0) {
        return false;
    }
    const char *origin = http_header(h, "Origin");
    if (origin == NULL) {
        return true;
    }
    const char *scheme = h->secure ? "https://" : "http://";
    size_t n = strlen(scheme);
    return strncasecmp(origin, scheme, n) == 0 && strcasecmp(origin + n, h->authority) == 0;
}

static int by_token(struct request *q, const char *authorization)
{
    if (strncasecmp(authorization, "Bearer ", 7) != 0) {
        return ctx_fail(q->ctx, ERR_UNAUTHENTICATED, "Authorization", "Send \"Bearer kt_…\".");
    }
    return account_by_token(q->ctx, authorization + 7 + strspn(authorization + 7, " "), q->address);
}

static int check_csrf(struct http *h, struct request *q)
{
    const char *sent = http_header(h, "X-CSRF-Token");
    if (sent == NULL || strlen(sent) != strlen(q->csrf) ||
        !crypto_equal(sent, q->csrf, strlen(sent))) {
        return ctx_fail(q->ctx, ERR_FORBIDDEN, "X-CSRF-Token",
                        "The CSRF token is missing or not the session's.");
    }
    return 0;
}

int session_authenticate(struct http *h, struct request *q)
{
    const char *authorization = http_header(h, "Authorization");
    if (authorization != NULL) {
        return by_token(q, authorization);
    }
    if (is_write(h) && !is_own_site(h)) {
        return ctx_fail(q->ctx, ERR_FORBIDDEN, "Origin",
                        "The request comes from a page of another site.");
    }
    const char *cookie = session_cookie(h, session_cookie_name(h->secure));
    if (cookie == NULL) {
        return 0;
    }
    if (account_by_session(q->ctx, cookie, &q->csrf, &q->session) != 0) {
        bool unknown = q->ctx->err.code == ERR_UNAUTHENTICATED;
        if (unknown) {
            err_clear(&q->ctx->err);
            q->ctx->actor.anonymous = true;
        }
        return unknown ? 0 : -1;
    }
    q->cookie = cookie;
    if (!is_write(h) || api_need(h->web->host.api, h->method, h->path) == NEED_PUBLIC) {
        return 0;
    }
    return check_csrf(h, q);
}
