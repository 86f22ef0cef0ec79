/*
 * The server: civetweb's options and callbacks. One callback sees every request (begin_request) and
 * answers it, so none of civetweb's own handlers is ever reached; its own refusals of unreadable
 * requests are written by us as well (http_error). See web.h.
 */
#include "web/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/str.h"
#include "base/tls.h"
#include "store/change.h"
#include "web/answer.h"
#include "web/assets.h"
#include "web/gate.h"
#include "web/handler.h"
#include "web/listen.h"
#include "web/live.h"

#define QUIET_MS    150 /* at the end, until the sockets are closed: nothing came for so long, */
#define LINGER_MS   2000 /* or this is over */
#define FEEDS       "/feeds/" /* private addresses: what follows is a secret */
#define FEW_THREADS 256 /* below this, idle connections are closed soon */

static bool is_api(const char *path)
{
    return str_starts(path, "/api/") || str_eq(path, "/healthz") || str_eq(path, "/metrics") ||
           str_starts(path, "/forms/") || str_starts(path, FEEDS);
}

static void route(struct http *h)
{
    struct refusal refusal = gate_check(h);
    if (refusal.status != 0) {
        answer_refuse(h, refusal.status, refusal.text);
    } else if (is_api(h->path)) {
        handler_api(h);
    } else {
        assets_serve(h);
    }
}

/* The request takes memory that scratch_give gets back. */
static struct http begin_http(struct mg_connection *conn)
{
    const struct mg_request_info *info = mg_get_request_info(conn);
    struct web *web = info->user_data;
    return (struct http){
        .web = web,
        .scratch = scratch_take(&web->scratch),
        .conn = conn,
        .info = info,
        .method = "GET",
    };
}

static int on_request(struct mg_connection *conn)
{
    struct http h = begin_http(conn);
    h.seat = guard_begin(h.web->guard, h.info->remote_addr, h.info->remote_port);
    route(&h); /* without a seat the gate refuses it, knowing what of it is still to be read */
    if (h.seat != NULL) {
        guard_end(h.web->guard, h.seat);
    }
    scratch_give(&h.web->scratch, h.scratch);
    return h.seat != NULL ? 200 : 503;
}

/* What civetweb could not read at all. Nothing of the request is believed, not even its headers. */
static int on_unreadable(struct mg_connection *conn, int status, const char *text)
{
    (void)text;
    struct http h = begin_http(conn);
    h.close = true;
    answer_refuse(&h, status == 413 || status == 431 ? 413 : 400, "The request cannot be read.");
    scratch_give(&h.web->scratch, h.scratch);
    return 0;
}

/* civetweb does not say yet who it is; it is known when a request begins. */
static int on_connection(const struct mg_connection *conn, void **data)
{
    struct web *web = mg_get_user_data(mg_get_context(conn));
    *data = web;
    guard_enter(web->guard);
    return 0;
}

/* Also called for connections that never got so far (TLS failed): they have no data. */
static void on_close(const struct mg_connection *conn)
{
    struct web *web = mg_get_user_connection_data(conn);
    if (web != NULL) {
        guard_leave(web->guard);
    }
}

static int on_message(const struct mg_connection *conn, const char *message)
{
    (void)conn;
    log_debug("http: %s", message);
    return 1;
}

/* civetweb would put a line together for every request, whether anybody wants it or not. */
static void on_done(const struct mg_connection *conn, int status)
{
    const struct mg_request_info *info = mg_get_request_info(conn);
    bool secret = info->request_uri != NULL && str_starts(info->request_uri, FEEDS);
    log_debug("http: %s \"%s %s\" %d", info->remote_addr, info->request_method,
              secret ? FEEDS "..." : info->request_uri, status);
}

static int on_tls(void *context, void *data)
{
    struct web *web = data;
    const struct web_settings *s = &web->settings;
    return tls_prepare(context, s->certificate, s->key, &web->tls_error) == 0 ? 1 : -1;
}

static const char **copy_list(struct arena *a, const char *const *list, size_t count)
{
    const char **copy = ARENA_ARRAY(a, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        copy[i] = arena_strdup(a, list[i]);
    }
    return copy;
}

static void copy_settings(struct web *web, const struct web_settings *from)
{
    struct arena *a = &web->arena;
    web->settings = *from;
    web->settings.listen = arena_strdup(a, from->listen);
    web->settings.certificate = arena_strdup(a, from->certificate);
    web->settings.key = arena_strdup(a, from->key);
    web->settings.static_dir = arena_strdup(a, from->static_dir);
    web->settings.hosts = copy_list(a, from->hosts, from->host_count);
    web->settings.proxies = copy_list(a, from->proxies, from->proxy_count);
    web->secure = from->certificate != NULL;
    hosts_init(&web->hosts, a, &web->settings);
}

static const char *number(struct arena *a, int n)
{
    return arena_printf(a, "%d", n);
}

static int listen_now(struct web *web, struct err *e)
{
    struct arena *a = &web->arena;
    const struct web_settings *s = &web->settings;
    const char *options[] = {
        "listening_ports",
        arena_printf(a, "%s%s", s->listen, web->secure ? "s" : ""),
        "num_threads",
        number(a, s->threads),
        "enable_keep_alive",
        "yes",
        "keep_alive_timeout_ms",
        s->threads < FEW_THREADS ? "500" : "5000",
        "request_timeout_ms",
        "10000",
        "connection_queue",
        "512",
        "listen_backlog",
        "1024",
        "tcp_nodelay",
        "1",
        "max_request_size",
        "16384",
        "ssl_protocol_version",
        "4",
        "access_control_allow_origin",
        "",
        "access_control_allow_methods",
        "",
        "access_control_allow_headers",
        "",
        "enable_auth_domain_check",
        "no",
        "enable_directory_listing",
        "no",
        "decode_url",
        "no",
        "decode_query_string",
        "no",
        NULL,
    };
    const struct mg_callbacks callbacks = {
        .begin_request = on_request,
        .http_error = on_unreadable,
        .log_message = on_message,
        .end_request = on_done,
        .init_ssl = on_tls,
        .init_connection = on_connection,
        .connection_close = on_close,
    };
    web->server = mg_start(&callbacks, web, options);
    if (web->server == NULL) {
        return web->tls_error.code != ERR_NONE
                   ? err_fail(e, web->tls_error.code, web->tls_error.where, "%s",
                              web->tls_error.text)
                   : listen_refuse(s->listen, e);
    }
    struct mg_server_port ports[4];
    web->port = mg_get_server_ports(web->server, 4, ports) > 0 ? ports[0].port : 0;
    guard_port(web->guard, web->port);
    return 0;
}

/* The newest change-set at start: older ones were never in the ring. */
static int newest_change(struct store *store, int64_t *out, struct err *e)
{
    struct db *db = store_reader_take(store, 0);
    int rc = change_at(db, INT64_MAX, out, e);
    store_reader_give(store, db);
    return rc;
}

int web_start(const struct web_settings *settings, const struct web_host *host, struct web **out,
              struct err *e)
{
    int64_t newest = 0;
    if (listen_check(settings->listen, e) != 0 || newest_change(host->store, &newest, e) != 0) {
        return -1;
    }
    struct web *web = memory_take(sizeof *web);
    memset(web, 0, sizeof *web);
    arena_init(&web->arena);
    scratch_pool_begin(&web->scratch);
    web->host = *host;
    copy_settings(web, settings);
    const struct guard_settings guard = {
        .seats = settings->threads,
        .handshakes = web->secure,
        .per_address = settings->connections_per_address > 0 ? settings->connections_per_address
                                                             : settings->threads / 2 + 16,
        .hosts = &web->hosts,
    };
    if (guard_new(&guard, &web->guard, e) != 0) {
        scratch_pool_end(&web->scratch);
        arena_done(&web->arena);
        free(web);
        return -1;
    }
    web->live = live_new(newest, settings->threads / 2);
    mg_init_library(MG_FEATURES_TLS | MG_FEATURES_IPV6);
    if (listen_now(web, e) != 0) {
        web_stop(web);
        return -1;
    }
    *out = web;
    return 0;
}

int web_port(const struct web *web)
{
    return web->port;
}

bool web_drain(struct web *web, int limit_ms)
{
    guard_drain(web->guard);
    live_close(web->live);
    bool idle = guard_wait_idle(web->guard, limit_ms);
    guard_wait_quiet(web->guard, QUIET_MS, LINGER_MS);
    return idle;
}

void web_stop(struct web *web)
{
    if (web->server != NULL) {
        mg_stop(web->server);
    }
    mg_exit_library();
    guard_free(web->guard);
    live_free(web->live);
    scratch_pool_end(&web->scratch);
    arena_done(&web->arena);
    free(web);
}

void web_events(struct web *web, const struct event *events, size_t count)
{
    live_add(web->live, events, count);
}

bool web_present(struct web *web, const struct api_present *said)
{
    return live_present(web->live, said);
}

void web_config_changed(struct web *web)
{
    live_config(web->live);
}
