/*
 * The house put together: store, applied model and API of one data directory, for the daemon and
 * for commands that run while no daemon does. Opens everything in order, hands out the present
 * model, changes it on apply and reload.
 *
 * Threads and what they share (every thread, lock and shared variable of Kontor):
 *   main          signals, watchdog, sweeping; owns struct daemon
 *   store writer  the only one that writes the database; calls on_commit and on_fatal
 *   web workers   civetweb's, one per connection; web master accepts
 *   web guard     shuts sockets of the slow; guard.lock guards seats and the count in flight
 *   live streams  run on web workers; live.lock guards the ring of recent events
 *   channel       takes commands, a thread each; channel.lock guards their count
 *   jobs          leases and runs job slices
 *   app.lock      guards app.notice and app.held; the applied model hangs on the store
 *   app.applying  held from the plan of a configuration until its model is the present one
 *   app.web       atomic pointer; set once when the server is up
 *   app.waking    atomic pointer; set once the scheduler runs, for the store writer
 *   app.address   atomic pointer to a text in the arena; set by app_open and when the server is up
 *   account settings, cache, guess counters: own locks in lib/core
 *   limits of attached files: atomics in lib/core/file.c
 */
#ifndef KONTOR_APP_APP_H
#define KONTOR_APP_APP_H

#include <pthread.h>
#include <stdatomic.h>

#include "api/api.h"
#include "app/settings.h"
#include "base/arena.h"
#include "store/store.h"
#include "web/web.h"

struct app {
    struct arena arena; /* what lives as long as this: paths, texts of running settings */
    const char *data, *conf;
    struct store *store;
    struct api *api;
    struct jobs *jobs;
    _Atomic(struct jobs *) waking; /* whom the writer wakes; NULL: not yet, or no more */
    pthread_mutex_t lock;
    pthread_mutex_t applying;
    struct settings settings; /* as the process was started with; not changed after app_open */
    bool running;             /* set by app_open: what needs a restart is not taken over any more */
    char notice[768]; /* guarded by lock; why the files differ from what is applied, "" if they do
                         not */
    char notice_about[80]; /* guarded by lock; version of the sound files it is about, else "" */
    char held[768];   /* guarded by lock; why the built-in records of an earlier version are in
                         force, "" if they are not: the notice until something is applied */
    _Atomic(struct web *) web; /* NULL in commands */
    _Atomic(const char *) address; /* where people reach this server; "" when it is not known */
    atomic_bool fatal;
    pthread_t main; /* is sent SIGUSR1 when the store is fatal */
    bool daemon;
    bool insecure; /* plain HTTP off this machine */
    int64_t started_ms;
    atomic_llong refresh_told_ms; /* when on_refresh last said something; 0: never */
};

struct app_options {
    const char *data, *conf;
    bool create; /* make an absent database */
    bool daemon; /* tell the main thread when the store fails */
    struct arena *messages; /* where those of a failure are; outlives the app */
};

/* Opens store, model (the applied one; on a new database the files of conf/ are applied) and API,
 * starts the jobs. */
int app_open(struct app *app, const struct app_options *options, struct err *e);
/* Main thread: the server is up; the port listened on (0: the one in `listen`). */
void app_reached_at(struct app *app, const char *listen, int port);
void app_stop_jobs(struct app *app); /* the running slice ends first; app_close does it too */
void app_close(struct app *app);

struct model *app_model_take(struct app *app); /* one reference for the caller */
void app_model_set(struct app *app,
                   struct model *model); /* takes the reference over; tells jobs and browsers */

#endif
