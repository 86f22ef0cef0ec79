/* What the files of lib/web share: the server, a worker's memory, a request that is on its way.
 * Private to lib/web. */
#ifndef KONTOR_WEB_SERVER_H
#define KONTOR_WEB_SERVER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "civetweb.h"
#include "web/guard.h"
#include "web/hosts.h"
#include "web/web.h"

struct live;

struct web {
    struct arena arena; /* copies of the settings */
    struct web_settings settings;
    struct web_host host;
    struct mg_context *server;
    struct guard *guard;
    struct hosts hosts;
    struct live *live;
    int port;
    bool secure; /* TLS is ours */
    struct err tls_error; /* why the certificate could not be used, at the start */
};

/* Memory of one worker thread, kept from request to request. */
struct worker {
    struct arena arena;
    struct buf out;  /* status line, headers and body of an answer */
    struct buf head; /* reply.head */
    struct buf body; /* reply.body */
};

/* A request that passed the gate. Lives on the stack of its worker. */
struct http {
    struct web *web;
    struct worker *worker;
    struct mg_connection *conn;
    const struct mg_request_info *info;
    struct seat *seat;
    const char *method;
    const char *path;      /* decoded once, in the worker's arena */
    const char *authority; /* Host as sent */
    const char *address;   /* of the client; behind a trusted proxy what that one says */
    bool secure;           /* the browser used https */
    bool head;             /* HEAD: the body stays here */
    bool old;              /* HTTP/1.0 */
    bool close;            /* the connection ends with this answer */
    bool expects;          /* waits for 100 Continue */
    bool began;            /* the status line is out (streams) */
    int64_t size, got;     /* body bytes announced and read */
};

const char *http_header(const struct http *h,
                        const char *name); /* NULL when absent; names of any case */

#endif
