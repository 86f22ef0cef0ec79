/*
 * The API: JSON over any transport. lib/web brings requests from HTTP, lib/app from the CLI's
 * private channel or from the CLI itself when no daemon runs: all three dispatch here, so the three
 * can never differ.
 *
 * ROUTES is THE table: method, pattern, need, body kind and limit, handler, one line of help. A
 * route without a need does not start. Handlers are 10 to 40 lines: parse, call lib/core, write
 * JSON into the reply.
 */
#ifndef KONTOR_API_API_H
#define KONTOR_API_API_H

#include "base/json.h"
#include "core/ctx.h"

/* What a route needs before its handler runs. Per-entity rights are checked by lib/core in
 * addition. */
enum need {
    NEED_UNSET,
    NEED_PUBLIC,
    NEED_STRANGER,        /* whoever: what proves who he is, is not even looked at */
    NEED_USER,
    NEED_PERSON,          /* a user in person: no token */
    NEED_CONFIRMED,       /* a person whose password was given a few minutes ago at most */
    NEED_ADMIN,
    NEED_ADMIN_CONFIRMED, /* both */
    NEED_WATCH,           /* an administrator, or a program on this machine that is no proxy */
    NEED_SYSTEM           /* only the private channel */
};
enum body_kind { BODY_NONE, BODY_JSON, BODY_STREAM };

struct request {
    struct ctx *ctx;
    const char *method;                                /* "GET" … */
    const char *path;                                  /* decoded once, normal form */
    const char *query;                                 /* raw, without "?"; may be NULL */
    const char *address;                               /* peer, "cli" on the channel */
    const char *(*header)(void *io, const char *name); /* NULL when absent */
    /* Body bytes, up to `room`: >0 bytes, 0 the declared end, -1 cut off or too slow (err filled).
     */
    long (*read)(void *io, void *out, size_t room);
    void *io;
    int64_t body_size;       /* -1: not announced (channel) */
    const struct json *body; /* BODY_JSON, parsed by api_handle; NULL for an empty body */
    /* filled by dispatch: */
    const struct api *api;
    const struct route *route;
    const struct entity *entity; /* :plural */
    int64_t id;                  /* :id */
    const char *name;            /* :name */
    bool tls;                    /* the connection is encrypted: set by the transport */
    int64_t session;             /* id of the session, 0 if none */
    const char *cookie, *csrf;   /* of the session, set by the gate */
};

struct reply {
    int status;
    struct buf head; /* further header lines "Name: value\r\n" */
    struct buf body;
    const char *type;  /* NULL: application/json */
    const char *cache; /* Cache-Control; NULL: no-store */
    /* Content-Security-Policy of a file of a user, which nothing of ours may run in; NULL: ours. */
    const char *policy;
    bool framed; /* pages of other sites may show it, as far as the policy says */
    int64_t length; /* of a stream, when it is known before; 0: it is not */
    /* For streams: sends status and head on first use, then pieces. 0/-1 (peer gone). NULL where
     * streaming is impossible. */
    int (*write)(void *io, struct reply *r, const void *bytes, size_t n);
    void *io;
    bool streamed; /* write has been used: body is not sent */
    bool broken;   /* a stream that failed on the way: the transport breaks it off */
    bool pack;     /* worth compressing and without secrets (a secret beside foreign text could be
                      guessed by its compressed length) */
    /* A hash of the body, for ETag and If-None-Match (RFC 9110, 13.1.2); NULL: an ETag, if any, is a
     * record's version, of which other bodies exist. */
    const char *tag;
    bool secret;   /* the body holds a secret shown once: not kept for idempotency */
    bool events;   /* route asked to become an event stream: web takes over */
    int64_t last_event;
};

#define PRESENCE_TAB_SIZE 33

/* What a page says about a record that is open in it. */
struct api_present {
    int64_t user, stream; /* the number the stream of live changes began with */
    const char *tab;      /* which of the browser's tabs: letters and digits */
    int64_t entity, record;
    bool editing, gone;
};

/* What app gives the API beyond the store: configuration, live, status. Table of functions so that
 * api looks up to nobody. */
struct api_host {
    void *data;
    int (*config_print)(void *data, struct ctx *c, bool reread, struct buf *out);
    int (*config_apply)(void *data, struct ctx *c, bool yes, struct buf *out);
    /* First run: writes name, currency, zone into kontor.yaml (keeping its comments) and applies
     * it. NULL members stay. */
    int (*setup_company)(void *data, struct ctx *c, const char *name, const char *currency,
                         const char *zone);
    /* First run: a few records to look at, on their way when this returns. */
    int (*sample)(void *data, struct ctx *c);
    int (*status_print)(void *data, struct ctx *c, struct buf *out);
    /* "config", "insecure", …: kinds of problems, as items of an open list. */
    void (*problems_print)(void *data, struct json_writer *w);
    int (*metrics_print)(void *data, struct ctx *c, struct buf *out);
    int (*backup)(void *data, struct ctx *c, struct reply *r);
    void (*jobs_wake)(void *data);
    /* False: the user has no such stream. */
    bool (*present)(void *data, const struct api_present *said);
    /* "https://crm.example.com", for links that are handed on; "" when it is not known. */
    const char *(*public_address)(void *data);
};

struct api;
int api_new(const struct api_host *host, struct api **out, struct err *e); /* checks ROUTES */
void api_free(struct api *api);
/* Finds the route, checks need and token scope, reads the body within the limit, runs the handler,
 * turns c->err into the error answer, keeps idempotency. Always leaves a complete reply. The
 * request's ctx->actor has been set by the transport. */
void api_handle(struct api *api, struct request *q, struct reply *r);
/* The need of a path before authentication (gate: rate and CSRF decisions); NEED_UNSET when there
 * is no such route. */
enum need api_need(struct api *api, const char *method, const char *path);

int http_status(enum err_code code); /* the one place */
void reply_error(struct reply *r, const struct ctx *c, const struct err *e);
const char *session_cookie_name(bool tls); /* "__Host-kontor" over TLS, else "kontor" */
const char *
request_param(struct request *q,
              const char *name); /* decoded, in the arena; NULL when absent */

#endif
