/* See app.h. */
#include "app/app.h"

#include <signal.h>
#include <string.h>

#include "app/address.h"
#include "app/config.h"
#include "app/job_kinds.h"
#include "app/notify.h"
#include "app/sample.h"
#include "app/status.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "core/account.h"
#include "rules/rules.h"

#define REFRESH_TELL_MS 5000
#define REFRESH_MANY    1000 /* records that are worth a word before the first */
#define MORE_TIME       "EXTEND_TIMEOUT_USEC=600000000\nSTATUS=Making derived data anew after an update"

/* Writer thread, after a commit. */
static void on_commit(void *data, const struct event *events, size_t count)
{
    struct app *app = data;
    struct web *web = atomic_load(&app->web);
    if (web != NULL) {
        web_events(web, events, count);
    }
}

/* Whatever thread met the error: the main thread ends the process at once. */
static void on_fatal(void *data)
{
    struct app *app = data;
    atomic_store(&app->fatal, true);
    if (app->daemon) {
        pthread_kill(app->main, SIGUSR1);
    }
}

/* Writer thread: a service that starts may take its time as long as systemd hears from it. */
static void on_refresh(void *data, const char *label_plural, int64_t done, int64_t of)
{
    struct app *app = data;
    int64_t now = clock_monotonic_ms(), told = atomic_load(&app->refresh_told_ms);
    if (done == 0 && of >= REFRESH_MANY) {
        log_info("Search and derived values of %s are made anew, once after an update or another "
                 "configuration. Nothing else is written meanwhile, and a start waits for it.",
                 label_plural);
    }
    if (told != 0 && now - told < REFRESH_TELL_MS) {
        return;
    }
    if (done > 0) {
        log_info("%s: %lld of %lld.", label_plural, (long long)done, (long long)of);
    }
    atomic_store(&app->refresh_told_ms, now);
    notify_send(MORE_TIME);
}

static void wake_jobs(void *data)
{
    struct app *app = data;
    jobs_wake(app->jobs);
}

static bool present(void *data, const struct api_present *said)
{
    struct app *app = data;
    struct web *web = atomic_load(&app->web);
    return web != NULL && web_present(web, said);
}

static const char *public_address(void *data)
{
    struct app *app = data;
    return atomic_load(&app->address);
}

static struct model *take_model(void *data)
{
    return app_model_take(data);
}

/* Writer thread; before there is a scheduler to wake, it looks by itself. */
static void on_timer(void *data)
{
    struct app *app = data;
    struct jobs *jobs = atomic_load(&app->waking);
    if (jobs != NULL) {
        jobs_wake(jobs);
    }
}

static int start_jobs(struct app *app, struct err *e)
{
    const struct jobs_options options = {
        .store = app->store,
        .model = take_model,
        .data = app,
        .kinds = JOB_KINDS,
        .timers = TIMER_KINDS,
    };
    if (jobs_start(&options, &app->jobs, e) != 0) {
        return -1;
    }
    atomic_store(&app->waking, app->jobs);
    jobs_wake(app->jobs); /* what it did before that moment could not wake it */
    return 0;
}

static int open_api(struct app *app, struct err *e)
{
    const struct api_host host = {
        .data = app,
        .config_print = config_host_print,
        .config_apply = config_host_apply,
        .setup_company = config_host_setup,
        .sample = sample_host_fill,
        .status_print = status_host_print,
        .problems_print = status_host_problems,
        .metrics_print = status_host_metrics,
        .backup = status_host_backup,
        .jobs_wake = wake_jobs,
        .present = present,
        .public_address = public_address,
    };
    return api_new(&host, &app->api, e);
}

int app_open(struct app *app, const struct app_options *options, struct err *e)
{
    memset(app, 0, sizeof *app);
    arena_init(&app->arena);
    pthread_mutex_init(&app->lock, NULL);
    pthread_mutex_init(&app->applying, NULL);
    crypto_init();
    app->data = arena_strdup(&app->arena, options->data);
    app->conf = arena_strdup(&app->arena, options->conf);
    app->daemon = options->daemon;
    app->main = pthread_self();
    atomic_store(&app->address, "");
    app->started_ms = clock_monotonic_ms();
    const struct store_options store = {
        .dir = app->data,
        .create = options->create,
        .hooks = {.on_commit = on_commit,
                  .on_fatal = on_fatal,
                  .on_timer = on_timer,
                  .on_refresh = on_refresh,
                  .data = app},
    };
    if (store_open(&store, &app->store, e) != 0) {
        err_keep(e, options->messages);
        app_close(app);
        return -1;
    }
    store_hang(app->store, &RULES_HOOKS);
    if (config_start(app, e) != 0 ||
        open_api(app, e) != 0 || start_jobs(app, e) != 0) {
        err_keep(e, options->messages);
        app_close(app);
        return -1;
    }
    app_reached_at(app, app->settings.listen, 0);
    return 0;
}

void app_reached_at(struct app *app, const char *listen, int port)
{
    atomic_store(&app->address, address_public(&app->arena, &app->settings, listen, port));
}

void app_stop_jobs(struct app *app)
{
    if (app->jobs != NULL) {
        jobs_stop(app->jobs); /* a request that takes long may wake them still */
    }
}

void app_close(struct app *app)
{
    app_stop_jobs(app);
    if (app->jobs != NULL) {
        atomic_store(&app->waking, NULL); /* nothing is being written any more */
        jobs_free(app->jobs);
    }
    if (app->api != NULL) {
        api_free(app->api);
    }
    if (app->store != NULL) {
        store_close(app->store);
    }
    pthread_mutex_destroy(&app->lock);
    pthread_mutex_destroy(&app->applying);
    arena_done(&app->arena);
    memset(app, 0, sizeof *app);
}

struct model *app_model_take(struct app *app)
{
    return store_model_take(app->store, 0);
}

void app_model_set(struct app *app, struct model *model)
{
    struct model *old = store_model_set(app->store, model);
    if (old == NULL || strcmp(old->company.zone, model->company.zone) != 0) {
        clock_set_zone(model->company.zone);
    }
    account_forget();
    struct web *web = atomic_load(&app->web);
    if (web != NULL) {
        web_config_changed(web);
    }
    if (old != NULL) {
        model_release(old);
    }
}
