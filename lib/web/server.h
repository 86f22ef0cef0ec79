/* What the files of lib/web share: the server, memory for requests, a request that is on its way.
 * Private to lib/web. */
#ifndef KONTOR_WEB_SERVER_H
#define KONTOR_WEB_SERVER_H

#include <pthread.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "civetweb.h"
#include "web/guard.h"
#include "web/hosts.h"
#include "web/web.h"

struct live;

/* Memory of a request that is on its way; kept for the next one (scratch.c). */
struct scratch {
    struct arena arena;
    struct buf out;  /* status line, headers and body of an answer */
    struct buf head; /* reply.head */
    struct buf body; /* reply.body */
    struct scratch *next;
};

struct scratch_pool {
    pthread_mutex_t lock;
    struct scratch *idle; /* last in first out */
    size_t count;
};
void scratch_pool_begin(struct scratch_pool *p);
void scratch_pool_end(struct scratch_pool *p); /* all have been given back */
struct scratch *scratch_take(struct scratch_pool *p);
void scratch_give(struct scratch_pool *p, struct scratch *w);

struct web {
    struct arena arena; /* copies of the settings */
    struct web_settings settings;
    struct web_host host;
    struct mg_context *server;
    struct guard *guard;
    struct hosts hosts;
    struct scratch_pool scratch;
    struct live *live;
    int port;
    bool secure; /* TLS is ours */
    struct err tls_error; /* why the certificate could not be used, at the start */
};


/* A request that passed the gate. Lives on the stack of its worker. */
struct http {
    struct web *web;
    struct scratch *scratch;
    struct mg_connection *conn;
    const struct mg_request_info *info;
    struct seat *seat;
    const char *method;
    const char *path;      /* decoded once, in the request's arena */
    const char *authority; /* Host as sent */
    const char *address;   /* of the client; behind a trusted proxy what that one says */
    bool secure;           /* the browser used https */
    bool head;             /* HEAD: the body stays here */
    bool old;              /* HTTP/1.0 */
    bool close;            /* the connection ends with this answer */
    bool expects;          /* waits for 100 Continue */
    bool began;            /* the status line is out (streams) */
    bool sized;            /* with the length of the body: no chunks */
    int64_t size, got;     /* body bytes announced and read */
};

const char *http_header(const struct http *h,
                        const char *name); /* NULL when absent; names of any case */

#endif
