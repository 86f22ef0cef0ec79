/* The scheduler: see jobs.h. */
#include "jobs/jobs.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "core/account.h"
#include "core/record.h"
#include "core/transfer.h"
#include "store/jobs.h"

#define LEASE_MS      60000
#define LOOK_AGAIN_MS 60000
#define TURN_MS       200 /* of a job, when others are due */
#define READ_AGAIN_MS 2000
#define KEPT_NAMED    5 /* records in the text of a job that was taken back */
#define FULL_AGAIN_MS 10000 /* a job waits for room on the disk as long as it takes */

/* After the n-th failure for want of time: 1 min, 5, 30, 2 h, 12 h, then the job has failed. */
static const int64_t BACK_OFF_MS[] = {60000, 300000, 1800000, 7200000, 43200000};

struct jobs {
    struct arena own; /* this struct lies in it */
    struct jobs_options options;
    pthread_t thread;
    pthread_mutex_t lock; /* guards woken, stopping */
    pthread_cond_t signal;
    bool woken, stopping, stopped;
    struct trial trial; /* of the scheduler thread */
};

/* ---- one unit of work as somebody ------------------------------------------------------------ */

static void work_begin(const struct jobs_options *o, struct arena *a, struct ctx *c)
{
    struct actor system = {.source = SOURCE_CLI, .name = "scheduler"};
    struct model *m = o->model(o->data);
    arena_init(a);
    ctx_begin(c, a, o->store, m, &system);
    model_release(m);
}

static void work_end(struct arena *a, struct ctx *c)
{
    ctx_end(c);
    arena_done(a);
}

struct lease {
    struct job job;
    int64_t next_due;
};

static int lease_write(struct ctx *c, void *data)
{
    struct lease *l = data;
    return jobs_lease(c->db, clock_now_ms(), LEASE_MS, c->arena, &l->job, &l->next_due, &c->err);
}

static int save_write(struct ctx *c, void *data)
{
    const struct job *j = data;
    if (jobs_save(c->db, j, clock_now_ms(), &c->err) != 0) {
        return -1;
    }
    return j->state == JOB_FAILED ? import_tell(c, j) : 0;
}

static const struct job_kind *kind_of(const struct jobs_options *o, const char *name)
{
    for (const struct job_kind *k = o->kinds; k->name != NULL; k++) {
        if (strcmp(k->name, name) == 0) {
            return k;
        }
    }
    return NULL;
}

/* ---- when a job goes wrong ------------------------------------------------------------------- */

/* What an undo left alone, because somebody changed it since: "3 records changed since (contact 5,
 * …)"; NULL: nothing. */
static const char *kept_by(struct ctx *c, const struct record_result *undone)
{
    const struct json *body = NULL;
    struct err ignored = {0};
    int64_t count = 0, id = 0;
    const char *names = "";
    if (json_parse(c->arena, undone->body, undone->body_size, &body, &ignored) != 0) {
        return NULL;
    }
    const struct json *list = json_find(body, "kept"), *all = json_find(body, "kept_count");
    const struct json *one = list != NULL ? list->child : NULL;
    for (int i = 0; one != NULL && i < KEPT_NAMED; i++, one = one->next) {
        const char *entity = json_text(one, "entity");
        bool named = entity != NULL && json_int(json_find(one, "id"), &id) == 0;
        names = !named ? names
                       : arena_printf(c->arena, "%s%s%s %lld", names, *names != 0 ? ", " : "",
                                      entity, (long long)id);
    }
    count = list != NULL ? (int64_t)list->count : 0;
    if (all != NULL) {
        (void)json_int(all, &count);
    }
    return count == 0 ? NULL
                      : arena_printf(c->arena, "%lld record%s changed since (%s%s)",
                                     (long long)count, count == 1 ? "" : "s", names,
                                     count > KEPT_NAMED ? ", …" : "");
}

/* What a half-done long write has written is taken back: finished or undone, never in between. */
static void take_back(struct ctx *c, struct job *j)
{
    struct record_result out = {0};
    err_clear(&c->err);
    c->job = j->id;
    if (j->root != 0 && change_undo(c, j->root, &out) == 0) {
        const char *kept = kept_by(c, &out);
        j->error = kept == NULL ? arena_printf(c->arena, "%s Nothing of it was kept.", j->error)
                                : arena_printf(c->arena, "%s It was taken back, but for %s.",
                                               j->error, kept);
    } else if (j->root != 0) {
        j->error = arena_printf(c->arena, "%s Change %lld could not be undone: %s", j->error,
                                (long long)j->root, c->err.text);
    }
}

/* Whether the job is worth another try, and when. */
static bool try_again(struct job *j, enum err_code why)
{
    int64_t wait_ms = FULL_AGAIN_MS;
    if (why == ERR_BUSY && j->tries < (int)COUNT(BACK_OFF_MS)) {
        wait_ms = BACK_OFF_MS[j->tries++];
    } else if (why != ERR_FULL) {
        return false;
    }
    j->state = JOB_WAITING;
    j->due_at = clock_now_ms() + wait_ms;
    return true;
}

static void save(struct ctx *c, struct job *j)
{
    err_clear(&c->err);
    if (ctx_write_fixed(c, save_write, j) != 0) {
        log_error("job %lld: its state could not be stored: %s", (long long)j->id, c->err.text);
    }
}

/* A long write whose taking back was cut off does not go on: the undo does, with a job of its own. */
static bool is_taken_back(const struct jobs_options *o, int64_t id)
{
    struct arena a;
    struct ctx c;
    struct job j;
    int64_t by = 0;
    work_begin(o, &a, &c);
    bool undone = ctx_db(&c) != NULL && jobs_find(c.db, id, &a, &j, &c.err) == 0 && j.root != 0 &&
                  change_undone_by(c.db, j.root, &by, &c.err) == 0 && by != 0;
    ctx_release(&c);
    if (undone) {
        j.error = arena_printf(&a, "%s%sChange %lld takes back what it wrote.",
                               j.error != NULL ? j.error : "", j.error != NULL ? " " : "",
                               (long long)by);
        j.state = JOB_FAILED;
        log_warn("job %lld (%s): %s", (long long)id, j.kind, j.error);
        save(&c, &j);
    }
    work_end(&a, &c);
    return undone;
}

static void failed(const struct jobs_options *o, int64_t id, const struct err *why)
{
    struct arena a;
    struct ctx c;
    struct job j;
    work_begin(o, &a, &c);
    if (ctx_db(&c) != NULL && jobs_find(c.db, id, &a, &j, &c.err) == 0) {
        ctx_release(&c);
        bool told = str_eq(j.error, why->text); /* waiting goes on: said once */
        j.error = arena_strdup(&a, why->text);
        if (!try_again(&j, why->code)) {
            save(&c, &j); /* its reason outlives a power cut from here on, see is_taken_back */
            take_back(&c, &j);
            j.state = JOB_FAILED;
            told = false;
        }
        err_clear(&c.err);
        if (!told) {
            log_warn("job %lld (%s): %s", (long long)id, j.kind, j.error);
        }
        save(&c, &j);
    }
    work_end(&a, &c);
}

/* ---- running --------------------------------------------------------------------------------- */

static bool is_stopping(struct jobs *j)
{
    pthread_mutex_lock(&j->lock);
    bool stopping = j->stopping;
    pthread_mutex_unlock(&j->lock);
    return stopping;
}

static int slice(struct jobs *j, const struct job_kind *kind, const struct job *job, bool *more,
                 int64_t *pause_ms, struct err *e)
{
    struct arena a;
    struct ctx c;
    work_begin(&j->options, &a, &c);
    c.trial = &j->trial;
    c.job = job->id;
    int rc = job->user != 0 ? account_by_job(&c, job->user, job->params) : 0;
    if (rc == 0) {
        rc = kind->slice(&c, job->id, more);
    }
    if (rc != 0 && c.stale != 0) {
        *more = true; /* again, with the model of now */
        rc = 0;
    }
    if (rc != 0) {
        err_fail(e, c.err.code != ERR_NONE ? c.err.code : ERR_INTERNAL, c.err.where, "%s",
                 c.err.text);
    }
    *pause_ms = c.pause_ms;
    work_end(&a, &c);
    return rc;
}

static void job_failed(struct jobs *j, const struct job *job, const struct err *why)
{
    if (j->trial.job == job->id) {
        trial_end(&j->trial);
    }
    if (why->code != ERR_BUSY || !store_ends_soon(j->options.store)) { /* else: at the next start */
        failed(&j->options, job->id, why);
    }
}

struct turn {
    int64_t job, due_at;
};

static int yield_write(struct ctx *c, void *data)
{
    const struct turn *t = data;
    return jobs_yield(c->db, t->job, t->due_at, &c->err);
}

/* The next job's turn, if one is due or this one has to wait: it goes on after that. */
static bool gives_way(struct jobs *j, int64_t job, int64_t pause_ms)
{
    struct arena a;
    struct ctx c;
    bool due = false;
    work_begin(&j->options, &a, &c);
    struct turn t = {job, c.now_ms + pause_ms};
    bool known = ctx_db(&c) != NULL && jobs_due(c.db, c.now_ms, job, &due, &c.err) == 0;
    bool gives = known && (due || pause_ms > 0) && ctx_write_fixed(&c, yield_write, &t) == 0;
    work_end(&a, &c);
    return gives;
}

static void run_job(struct jobs *j, const struct jobs_options *o, const struct job *job)
{
    const struct job_kind *kind = kind_of(o, job->kind);
    struct err e = {0};
    bool more = true;
    int64_t began = clock_monotonic_ms(), pause_ms = 0;
    if (kind == NULL) {
        err_fail(&e, ERR_INVALID, "", "This Kontor knows no jobs of the kind “%s”.", job->kind);
        failed(o, job->id, &e);
        return;
    }
    if (is_taken_back(o, job->id)) {
        return;
    }
    while (more && !is_stopping(j)) {
        if (slice(j, kind, job, &more, &pause_ms, &e) != 0) {
            job_failed(j, job, &e);
            return;
        }
        if (more && (pause_ms > 0 || clock_monotonic_ms() - began >= TURN_MS)) {
            if (gives_way(j, job->id, pause_ms) || pause_ms > 0) {
                return;
            }
            began = clock_monotonic_ms();
        }
    }
}

/* Runs the job that is due; false when there is none. *next_due: when the next one is, INT64_MAX if
 * never. */
static bool run_due(struct jobs *j, const struct jobs_options *o, int64_t *next_due)
{
    struct arena a;
    struct ctx c;
    struct lease l = {.next_due = INT64_MAX};
    work_begin(o, &a, &c);
    bool found = ctx_write_fixed(&c, lease_write, &l) == 0;
    *next_due = l.next_due;
    if (found) {
        run_job(j, o, &l.job);
    } else if (c.err.code != ERR_NOT_FOUND) {
        bool full = c.err.code == ERR_FULL;
        if (!full) {
            log_warn("jobs: %s", c.err.text);
        }
        *next_due = clock_now_ms() + (full ? FULL_AGAIN_MS : LOOK_AGAIN_MS);
    }
    work_end(&a, &c);
    return found;
}

/* ---- timers ---------------------------------------------------------------------------------- */

struct firing {
    const struct jobs_options *options;
    const struct timer_kind *kind;
    const struct timer *timer;
};

/* The effect and the end (or the next date) of a timer are one transaction: it fires exactly once.
 * The next date is set before, so that what fires may bring it forward. */
static int fire_write(struct ctx *c, void *data)
{
    const struct firing *f = data;
    struct timer next = *f->timer;
    next.due_at = c->now_ms + f->kind->every_ms;
    int rc = f->kind->every_ms == 0
                 ? timers_cancel(c->db, next.kind, next.record, next.key, &c->err)
                 : timers_set(c->db, &next, &c->err);
    return rc != 0 ? -1 : f->kind->fire(c, next.record, next.key);
}

static void fire(const struct jobs_options *o, struct ctx *c, const struct timer *t)
{
    for (const struct timer_kind *k = o->timers; k->name != NULL; k++) {
        struct firing f = {o, k, t};
        if (strcmp(k->name, t->kind) == 0 && ctx_write(c, fire_write, &f) != 0) {
            log_warn("timer %s: %s", t->kind, c->err.text);
            err_clear(&c->err);
        }
    }
}

static void run_timers(const struct jobs_options *o, int64_t *next_due)
{
    struct arena a;
    struct ctx c;
    struct timer *due;
    size_t count = 0;
    work_begin(o, &a, &c);
    if (ctx_db(&c) == NULL ||
        timers_due(c.db, c.now_ms, 100, &a, &due, &count, next_due, &c.err) != 0) {
        log_warn("timers: %s", c.err.text);
        err_clear(&c.err);
        *next_due = clock_now_ms() + READ_AGAIN_MS;
    }
    ctx_release(&c);
    for (size_t i = 0; i < count; i++) {
        fire(o, &c, &due[i]);
    }
    work_end(&a, &c);
}

/* Recurring timers exist from the first start on; what fell due meanwhile fires at once. */
static int set_timers(struct ctx *c, void *data)
{
    const struct jobs_options *o = data;
    for (const struct timer_kind *k = o->timers; k->name != NULL; k++) {
        struct timer t = {.kind = k->name, .key = "", .due_at = c->now_ms + k->every_ms};
        if (k->every_ms > 0 && timers_keep(c->db, &t, &c->err) != 0) {
            return -1;
        }
    }
    return jobs_release_all(c->db, &c->err);
}

static int prepare(const struct jobs_options *o, struct err *e)
{
    struct arena a;
    struct ctx c;
    work_begin(o, &a, &c);
    int rc = ctx_write_fixed(&c, set_timers, (void *)(uintptr_t)o);
    if (rc != 0) {
        err_fail(e, c.err.code, c.err.where, "%s", c.err.text);
    }
    work_end(&a, &c);
    return rc;
}

/* ---- the thread ------------------------------------------------------------------------------ */

static void wait_until(struct jobs *j, int64_t due_ms)
{
    int64_t wait = due_ms - clock_now_ms();
    if (wait > LOOK_AGAIN_MS || due_ms == INT64_MAX) {
        wait = LOOK_AGAIN_MS;
    }
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    if (wait > 0) {
        until.tv_sec += wait / 1000;
        until.tv_nsec += (wait % 1000) * 1000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
    }
    pthread_mutex_lock(&j->lock);
    while (!j->woken && !j->stopping && wait > 0 &&
           pthread_cond_timedwait(&j->signal, &j->lock, &until) != ETIMEDOUT) {
    }
    j->woken = false;
    pthread_mutex_unlock(&j->lock);
}

static void *scheduler(void *data)
{
    struct jobs *j = data;
    while (!is_stopping(j)) {
        int64_t job_due = INT64_MAX, timer_due = INT64_MAX;
        run_timers(&j->options, &timer_due);
        if (!run_due(j, &j->options, &job_due)) {
            wait_until(j, job_due < timer_due ? job_due : timer_due);
        }
    }
    trial_end(&j->trial);
    return NULL;
}

void jobs_free(struct jobs *j)
{
    pthread_cond_destroy(&j->signal);
    pthread_mutex_destroy(&j->lock);
    struct arena own = j->own; /* j itself lies in it */
    arena_done(&own);
}

int jobs_start(const struct jobs_options *options, struct jobs **out, struct err *e)
{
    pthread_condattr_t monotonic;
    if (prepare(options, e) != 0) {
        return -1;
    }
    struct arena own;
    arena_init(&own);
    struct jobs *j = ARENA_NEW(&own, struct jobs);
    j->own = own;
    j->options = *options;
    pthread_mutex_init(&j->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&j->signal, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&j->thread, NULL, scheduler, j) != 0) {
        jobs_free(j);
        return err_fail(e, ERR_INTERNAL, "", "The scheduler thread cannot be started.");
    }
    *out = j;
    return 0;
}

void jobs_wake(struct jobs *j)
{
    pthread_mutex_lock(&j->lock);
    j->woken = true;
    pthread_cond_signal(&j->signal);
    pthread_mutex_unlock(&j->lock);
}

void jobs_stop(struct jobs *j)
{
    if (j->stopped) {
        return;
    }
    pthread_mutex_lock(&j->lock);
    j->stopping = true;
    pthread_cond_signal(&j->signal);
    pthread_mutex_unlock(&j->lock);
    pthread_join(j->thread, NULL);
    j->stopped = true;
}
