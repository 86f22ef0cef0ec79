/*
 * See daemon.h. The main thread only waits for signals: TERM and INT end, HUP reads the
 * configuration again, USR1 is sent by the store when the disk failed it. Stopping: no new
 * requests, live streams close, long writes stop between two slices, every request in flight gets
 * its answer (10 s at most), then the threads, then the database.
 */
#include "app/daemon.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "app/channel.h"
#include "app/config.h"
#include "app/notify.h"
#include "app/status.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "core/account.h"
#include "store/accounts.h"

#define DRAIN_MS     10000
#define SWEEP_MS     (10 * 60000)
#define TURN_MS      1000 /* the main thread looks around so often */
#define FILES_WANTED 16384
#define HEAPS        4 /* two cores use no more; glibc makes sixteen there, each with its own gaps */

struct house {
    struct app app;
    struct channel channel;
    struct web *web;
    const struct daemon_options *options;
    char url[300];
};

static void take_signals(sigset_t *set)
{
    static const int wanted[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
    sigemptyset(set);
    for (size_t i = 0; i < COUNT(wanted); i++) {
        sigaddset(set, wanted[i]);
    }
    pthread_sigmask(SIG_BLOCK, set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

/* Each browser holds up to six connections; the usual soft limit of 1,024 files is too low. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < FILES_WANTED) {
        limit.rlim_cur = limit.rlim_max < FILES_WANTED ? limit.rlim_max : FILES_WANTED;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* The heaps of the C library, mallopt(3). Elsewhere than with glibc there is nothing to limit. */
static void limit_heaps(void)
{
#ifdef M_ARENA_MAX
    mallopt(M_ARENA_MAX, HEAPS);
#endif
}

/* ---- Start ------------------------------------------------------------------------------------
 */

static bool is_loopback(const char *listen)
{
    return str_starts(listen, "127.") || str_starts(listen, "[::1]:") ||
           str_starts(listen, "localhost:");
}

/* What is printed and clicked: the address listened on, or this machine's own for "any". */
static void make_url(struct house *h, const char *listen, bool tls)
{
    const char *colon = strrchr(listen, ':');
    size_t n = colon != NULL ? (size_t)(colon - listen) : 0;
    bool any =
        n == 0 || str_starts(listen, "0.0.0.0:") || str_starts(listen, "[::]:") || listen[0] == '+';
    snprintf(h->url, sizeof h->url, "%s://%.*s:%d", tls ? "https" : "http",
             any ? 9 : (int)(n < 200 ? n : 200), any ? "127.0.0.1" : listen, web_port(h->web));
}

static struct model *take_model(void *data)
{
    return app_model_take(data);
}

static int start_web(struct house *h, struct err *e)
{
    const struct settings *s = &h->app.settings;
    const char *listen = h->options->listen != NULL ? h->options->listen : s->listen;
    bool tls = s->tls_certificate[0] != 0;
    h->app.insecure = !tls && !is_loopback(listen);
    if (h->app.insecure && !h->options->insecure_http) {
        return err_fail(e, ERR_INVALID, "listen",
                        "Listening on %s without encryption: set tls_certificate and tls_key, or "
                        "say --insecure-http.",
                        listen);
    }
    const struct web_settings web = {
        .listen = listen,
        .certificate = tls ? s->tls_certificate : NULL,
        .key = tls ? s->tls_key : NULL,
        .hosts = s->hosts.items,
        .host_count = s->hosts.count,
        .proxies = s->trusted_proxies.items,
        .proxy_count = s->trusted_proxies.count,
        .threads = (int)s->threads,
        .connections_per_address = (int)s->connections_per_address,
        .static_dir = h->options->static_dir,
    };
    const struct web_host host = {
        .data = &h->app,
        .model_take = take_model,
        .store = h->app.store,
        .api = h->app.api,
    };
    if (web_start(&web, &host, &h->web, e) != 0) {
        return -1;
    }
    atomic_store(&h->app.web, h->web);
    make_url(h, listen, tls);
    app_reached_at(&h->app, listen, web_port(h->web));
    return 0;
}

static void begin_system(struct house *h, struct arena *a, struct ctx *c)
{
    const struct actor system = {.source = SOURCE_SETUP, .name = "system"};
    struct model *model = app_model_take(&h->app);
    arena_init(a);
    ctx_begin(c, a, h->app.store, model, &system);
    model_release(model);
}

/* While nobody can sign in: a link that works once. */
static int print_setup_link(struct house *h, struct err *e)
{
    struct arena a;
    struct ctx c;
    bool needed = false;
    const char *code = NULL;
    int64_t expires_at;
    begin_system(h, &a, &c);
    int rc = account_setup_needed(&c, &needed);
    if (rc == 0 && needed) {
        rc = account_make_code(&c, "setup", 0, &code, &expires_at);
    }
    if (rc == 0 && needed) {
        printf("setup %s/setup?code=%s\n", h->url, code);
    }
    if (rc != 0) {
        err_fail(e, c.err.code, c.err.where, "%s", c.err.text);
    }
    ctx_end(&c);
    arena_done(&a);
    return rc;
}

/* `serve` where nothing was set up begins with an empty firm; a slip in --data is told by this. */
static void tell_new(const struct daemon_options *o)
{
    struct err ignored = {0};
    char database[4096];
    snprintf(database, sizeof database, "%s/kontor.db", o->data);
    if (!fs_exists(database)) {
        log_warn("There is no installation in %s: a new, empty one is made. If there should be one, "
                 "stop this and look at --data.",
                 o->data);
        fs_make_dirs(o->conf, &ignored);
    }
}

/* Everything the firm knows lies in that folder. */
static void tell_open(const char *data)
{
    static const char *const NAMES[] = {"", "/kontor.db"};
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s%s", data, NAMES[i]);
        unsigned mode = fs_open_to_others(path);
        if (mode != 0) {
            log_warn("%s is open to all users of this machine (mode %03o): chmod o-rwx %s closes it.",
                     path, mode, path);
        }
    }
}

static void tell_clock(struct house *h)
{
    struct arena a;
    arena_init(&a);
    const char *late = status_clock(h->app.store, &a);
    if (late != NULL) {
        log_warn("%s", late);
    }
    arena_done(&a);
}

static int start(struct house *h, struct err *e)
{
    const struct app_options app = {
        .data = h->options->data,
        .conf = h->options->conf,
        .create = true,
        .daemon = true,
        .messages = h->options->messages};
    tell_new(h->options);
    if (app_open(&h->app, &app, e) != 0) {
        return -1;
    }
    if (channel_start(&h->channel, &h->app, e) != 0) {
        app_close(&h->app);
        return -1;
    }
    if (start_web(h, e) != 0 || print_setup_link(h, e) != 0) {
        channel_stop(&h->channel, 0);
        if (h->web != NULL) {
            web_stop(h->web);
        }
        app_close(&h->app);
        return -1;
    }
    config_compare(&h->app);
    tell_open(h->options->data);
    tell_clock(h);
    return 0;
}

/* ---- Running ----------------------------------------------------------------------------------
 */

static int sweep_write(struct ctx *c, void *data)
{
    const struct account_settings *s = data;
    return accounts_sweep(c->db, c->now_ms, s->session_idle_ms, s->session_max_ms, &c->err);
}

/* Drops what has expired. */
static void sweep(struct house *h)
{
    struct arena a;
    struct ctx c;
    begin_system(h, &a, &c);
    struct account_settings now = account_settings_now();
    if (ctx_write_fixed(&c, sweep_write, &now) != 0) {
        log_warn("Expired sessions could not be removed: %s", c.err.text);
    }
    ctx_end(&c);
    arena_done(&a);
}

/* The database answers: only then systemd hears from us. */
static bool is_well(struct house *h)
{
    struct err e = {0};
    int64_t newest;
    struct db *db = store_reader_take(h->app.store, 0);
    if (db == NULL) {
        return false;
    }
    bool well = change_at(db, INT64_MAX, &newest, &e) == 0 && !store_is_fatal(h->app.store);
    store_reader_give(h->app.store, db);
    return well;
}

static void reload(struct house *h)
{
    char state[64];
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%lld",
             now.tv_sec * 1000000LL + now.tv_nsec / 1000);
    notify_send(state);
    config_reload(&h->app);
    notify_send("READY=1");
}

/* Until TERM or INT. */
static void run(struct house *h, const sigset_t *signals)
{
    int64_t watchdog_ms = notify_watchdog_ms();
    int64_t pinged = clock_monotonic_ms(), swept = pinged;
    for (;;) {
        const struct timespec turn = {.tv_sec = TURN_MS / 1000};
        int signal_number = sigtimedwait(signals, NULL, &turn);
        if (atomic_load(&h->app.fatal)) {
            log_error("The database failed; ending so that a restart can recover it.");
            _exit(DAEMON_FATAL);
        }
        if (signal_number == SIGTERM || signal_number == SIGINT) {
            return;
        }
        if (signal_number == SIGHUP) {
            reload(h);
        }
        store_rest(h->app.store);
        int64_t now = clock_monotonic_ms();
        if (watchdog_ms > 0 && now - pinged >= watchdog_ms / 3 && is_well(h)) {
            notify_send("WATCHDOG=1");
            pinged = now;
        }
        if (now - swept >= SWEEP_MS) {
            sweep(h);
            swept = now;
        }
    }
}

static void stop(struct house *h)
{
    notify_send("STOPPING=1");
    log_info("Stopping.");
    store_end_soon(h->app.store);
    if (!web_drain(h->web, DRAIN_MS)) {
        log_warn("Some requests did not end within %d s.", DRAIN_MS / 1000);
    }
    channel_stop(&h->channel, DRAIN_MS);
    app_stop_jobs(&h->app); /* from here on nothing is committed, so nobody calls into web */
    atomic_store(&h->app.web, NULL);
    web_stop(h->web);
    app_close(&h->app);
}

int daemon_run(const struct daemon_options *options, struct err *e)
{
    sigset_t signals;
    struct house house = {.options = options};
    take_signals(&signals);
    raise_file_limit();
    limit_heaps();
    if (start(&house, e) != 0) {
        return -1;
    }
    printf("ready %s\n", house.url);
    fflush(stdout);
    notify_send(atomic_load(&house.app.refresh_told_ms) != 0 ? "READY=1\nSTATUS=" : "READY=1");
    log_info("Serving %s.", house.url);
    run(&house, &signals);
    stop(&house);
    return 0;
}
