/*
 * HTTP: the only user of civetweb. Brings browsers and programs to lib/api, serves the UI's files
 * and the live stream.
 *
 * Every request passes gate_check() first (gate.c): one order, one function. Then lib/api answers
 * /api/, /healthz and /metrics, assets.c everything else. Called by lib/app only. Threads:
 * civetweb's workers, one connection each; all functions here may be called from any thread,
 * web_stop from none of them.
 */
#ifndef KONTOR_WEB_WEB_H
#define KONTOR_WEB_WEB_H

#include "api/api.h"
#include "store/store.h"

struct web;

struct web_settings {
    const char *listen;            /* "127.0.0.1:8080", "[::]:443"; port 0: any free one */
    const char *certificate, *key; /* PEM files; NULL: plain HTTP */
    const char *const *hosts; /* what Host may say; none: own names and addresses; "*": anything */
    size_t host_count;
    const char *const *proxies; /* addresses whose X-Forwarded-For and -Proto are believed */
    size_t proxy_count;
    int threads;                 /* workers, 4 .. 4096 */
    int connections_per_address; /* served at once; 0: half of the threads */
    const char *static_dir; /* files of the UI from disk (development); NULL: the embedded ones */
};

/* What app gives: where requests go. */
struct web_host {
    void *data;
    struct model *(*model_take)(void *data); /* the present model, one reference for the caller */
    struct store *store;
    struct api *api;
};

/* Listens and serves from here on. Texts of the settings are copied. */
int web_start(const struct web_settings *settings, const struct web_host *host, struct web **out,
              struct err *e);
int web_port(const struct web *web); /* the first port that is listened on */
/* Refuses new requests with 503, closes the live streams, waits until every request in flight has
 * its answer, at most limit_ms. True: all were answered. */
bool web_drain(struct web *web, int limit_ms);
void web_stop(struct web *web); /* ends the threads and frees */

/* A commit happened: for the live streams. Called by the writer thread; quick. */
void web_events(struct web *web, const struct event *events, size_t count);
/* A page says which record is open in it; false: the user has no such stream. */
bool web_present(struct web *web, const struct api_present *said);
/* The model changed: open browsers are told to load it again. */
void web_config_changed(struct web *web);

#endif
