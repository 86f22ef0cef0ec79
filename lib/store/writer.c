/*
 * The writer thread: the only one that writes and checkpoints.
 *
 * It takes what waits together as one group (at most 64 commands or 5 ms), runs each command in a
 * savepoint of one transaction, commits, tells the hook, wakes the callers. Dry runs have
 * transactions of their own that are always rolled back, slices of long writes theirs; both come
 * after the normal commands of a turn, and a slice waits while normal ones keep coming, but not
 * longer than SLICE_PAUSE_MS. When the transaction is lost (full disk, memory, I/O) or the commit
 * fails, every command of the group runs again alone. Between groups the log is copied into the
 * database (PASSIVE above 4 MB, or 24 MB while slices come; RESTART above 64 MB; TRUNCATE when
 * idle).
 */
#include <assert.h>
#include <errno.h>
#include <time.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "store/index_rows.h"
#include "store/statistics.h"
#include "store/store_private.h"

#define GROUP_MAX      64
#define GROUP_MS       5
#define DRY_MAX        8
#define SLICE_PAUSE_MS 40
#define SLICE_MS       90 /* what a slice may take in all, its commit included */
#define SLICE_WORK_MS  60 /* what it may use for its records at most, */
#define SLICE_LEAST_MS 10 /* and at least */
#define IDLE_MS        1000
#define FRAME_BYTES    (4096 + 24)
#define WAL_PASSIVE    ((int64_t)4 << 20)
#define WAL_SLICES     ((int64_t)24 << 20) /* while slices come: they touch the same pages */
#define SLICES_REST_MS 100                 /* without one for so long: no more come */
#define WAL_STEP       ((int64_t)1 << 20)
#define WAL_RESTART    ((int64_t)64 << 20)
#define FULL_UNTIL     ((uint64_t)1 << 20) /* free bytes that end a full disk */
#define ANALYZE_EVERY  50000 /* rows written between two looks at the planner's statistics */

/* ---- one command ----------------------------------------------------------------------------- */

static void fail_fatal(struct err *e)
{
    err_fail(e, ERR_BUSY, "", "The database cannot be used any more; Kontor has to be restarted.");
}

static void run_request(struct db *db, struct request *r)
{
    err_clear(r->e);
    db->open_set = NULL;
    r->result = r->run(db, r->caller, r->e);
    assert(r->result == 0 || r->e->code != ERR_NONE);
}

static bool is_lost(const struct db *db)
{
    return sqlite3_get_autocommit(db->handle) != 0;
}

/* Runs one command of several in its savepoint. False: the transaction is lost. */
static bool run_command(struct db *db, struct request *r)
{
    struct err own = {0};
    size_t events = db->event_count;
    size_t search = db->search_count;
    if (db_run(db, "SAVEPOINT command", &own) != 0) {
        return false;
    }
    run_request(db, r);
    if (r->result == 0) {
        return db_run(db, "RELEASE command", &own) == 0;
    }
    db->event_count = events;
    db->search_count = search;
    return !is_lost(db) && db_run(db, "ROLLBACK TO command", &own) == 0 &&
           db_run(db, "RELEASE command", &own) == 0;
}

static void roll_back(struct db *db)
{
    struct err ignored = {0};
    if (!is_lost(db)) {
        db_run(db, "ROLLBACK", &ignored);
    }
}

static void forget_group(struct db *db)
{
    db->event_count = 0;
    search_clear(db);
}

/* ---- one group ------------------------------------------------------------------------------- */

static int was_lost(const struct request *r, struct err *e)
{
    return err_fail(e, r->e->code != ERR_NONE ? r->e->code : ERR_INTERNAL, "", "%s",
                    r->e->code != ERR_NONE ? r->e->text : "The write was interrupted.");
}

/* A command that has the transaction to itself needs no savepoint (and no copies of the pages it
 * touches): what it wrote goes with the transaction. */
static int run_alone(struct db *db, struct request *r, struct err *e)
{
    run_request(db, r);
    if (is_lost(db)) {
        return was_lost(r, e);
    }
    if (r->result != 0) {
        roll_back(db);
        forget_group(db);
        return 0;
    }
    return search_flush(db, e) != 0 || db_run(db, "COMMIT", e) != 0 ? -1 : 0;
}

/* One transaction of all of list. 0; or -1 with e: nothing of it is in the database, none has been
 * answered. */
static int try_group(struct store *s, struct request **list, size_t count, struct err *e)
{
    struct db *db = s->writer;
    if (db_run(db, "BEGIN IMMEDIATE", e) != 0) {
        return -1;
    }
    if (count == 1) {
        return run_alone(db, list[0], e);
    }
    for (size_t i = 0; i < count; i++) {
        if (!run_command(db, list[i])) {
            return was_lost(list[i], e);
        }
    }
    return search_flush(db, e) != 0 || db_run(db, "COMMIT", e) != 0 ? -1 : 0;
}

/* A full disk takes small writes that reuse pages, and commands that write nothing: only room ends
 * it. */
static void settle_full(struct store *s, struct request **list, size_t count)
{
    bool wrote = false;
    for (size_t i = 0; i < count; i++) {
        if (list[i]->result != 0 && list[i]->e->code == ERR_FULL) {
            atomic_store(&s->full, true);
            return;
        }
        wrote = wrote || list[i]->result == 0;
    }
    if (wrote && atomic_load(&s->full) && fs_has_room(s->path, FULL_UNTIL)) {
        atomic_store(&s->full, false);
    }
}

static void after_commit(struct store *s, struct request **list, size_t count)
{
    struct db *db = s->writer;
    atomic_fetch_add(&s->commits, 1);
    atomic_fetch_add(&s->groups, 1);
    atomic_fetch_add(&s->commands, (long long)count);
    settle_full(s, list, count);
    if (db->event_count > 0 && s->hooks.on_commit) {
        s->hooks.on_commit(s->hooks.data, db->events, db->event_count);
    }
    if (db->timer_sooner && s->hooks.on_timer) {
        s->hooks.on_timer(s->hooks.data);
    }
    db->timer_sooner = false;
}

static void run_group(struct store *s, struct request **list, size_t count)
{
    struct err e = {0};
    if (try_group(s, list, count, &e) == 0) {
        after_commit(s, list, count);
        forget_group(s->writer);
        return;
    }
    roll_back(s->writer);
    forget_group(s->writer);
    if (count > 1 && !atomic_load(&s->fatal)) {
        for (size_t i = 0; i < count; i++) {
            atomic_fetch_add(&s->retries, 1);
            run_group(s, &list[i], 1);
        }
        return;
    }
    if (e.code == ERR_FULL) {
        atomic_store(&s->full, true);
    }
    for (size_t i = 0; i < count; i++) {
        list[i]->result = -1;
        err_clear(list[i]->e);
        if (atomic_load(&s->fatal)) {
            fail_fatal(list[i]->e);
        }
        err_fail(list[i]->e, e.code, "", "%s", e.text);
    }
}

/* Dry runs: the real thing, rolled back; a transaction lost on the way is the answer of that one
 * only. */
static void run_dry(struct store *s, struct request *r)
{
    struct db *db = s->writer;
    struct err e = {0};
    atomic_fetch_add(&s->dry_runs, 1);
    bool begun = db_run(db, "BEGIN IMMEDIATE", &e) == 0;
    err_clear(r->e);
    if (begun) {
        run_request(db, r);
    }
    if (!begun || (r->result == 0 && is_lost(db))) {
        r->result = -1;
        err_fail(r->e, e.code != ERR_NONE ? e.code : ERR_INTERNAL, "", "%s",
                 e.code != ERR_NONE ? e.text : "The trial was interrupted.");
    }
    roll_back(db);
    forget_group(db);
}

/* ---- the queues ------------------------------------------------------------------------------ */

static struct request *queue_take(struct request_queue *q)
{
    struct request *r = q->head;
    if (r) {
        q->head = r->next;
        q->tail = q->head ? q->tail : NULL;
        q->count--;
    }
    return r;
}

static size_t take_some(struct store *s, enum write_class kind, struct request **list, size_t most)
{
    size_t n = 0;
    pthread_mutex_lock(&s->lock);
    while (n < most && (list[n] = queue_take(&s->queues[kind])) != NULL) {
        n++;
    }
    pthread_mutex_unlock(&s->lock);
    return n;
}

static bool something_waits(const struct store *s)
{
    return s->queues[WRITE_NORMAL].head || s->queues[WRITE_DRY].head || s->queues[WRITE_SLICE].head;
}

static void answer(struct request **list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sem_post(&list[i]->done); /* from here on the request is gone */
    }
}

static bool refuse_when_fatal(struct store *s, struct request **list, size_t count)
{
    if (!atomic_load(&s->fatal)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        list[i]->result = -1;
        err_clear(list[i]->e);
        fail_fatal(list[i]->e);
    }
    return true;
}

/* Slices may run now: nobody else waits, or they have waited long enough. */
static bool slice_is_due(struct store *s)
{
    pthread_mutex_lock(&s->lock);
    bool alone = !s->queues[WRITE_NORMAL].head && !s->queues[WRITE_DRY].head;
    pthread_mutex_unlock(&s->lock);
    return alone || clock_monotonic_ms() - s->slice_end_ms >= SLICE_PAUSE_MS;
}

static void turn_normal(struct store *s)
{
    struct request *list[GROUP_MAX];
    size_t n = take_some(s, WRITE_NORMAL, list, GROUP_MAX);
    if (n > 0) {
        if (!refuse_when_fatal(s, list, n)) {
            run_group(s, list, n);
        }
        answer(list, n);
    }
}

static void turn_dry(struct store *s)
{
    struct request *list[DRY_MAX];
    size_t n = take_some(s, WRITE_DRY, list, DRY_MAX);
    for (size_t i = 0; i < n; i++) {
        if (!refuse_when_fatal(s, &list[i], 1)) {
            run_dry(s, list[i]);
        }
        answer(&list[i], 1);
    }
}

bool store_slice_over(struct store *s)
{
    return clock_monotonic_ms() - s->slice_begin_ms >= atomic_load(&s->slice_work_ms);
}

/* A slice that took too long makes the next one smaller, in proportion; then they grow again. */
static void pace_slices(struct store *s)
{
    int64_t took = s->slice_end_ms - s->slice_begin_ms;
    int64_t work = atomic_load(&s->slice_work_ms);
    work = took > SLICE_MS ? work * SLICE_MS / took : work + 1;
    work = work < SLICE_LEAST_MS ? SLICE_LEAST_MS : work > SLICE_WORK_MS ? SLICE_WORK_MS : work;
    atomic_store(&s->slice_work_ms, work);
}

/* Whoever came while the slice ran does not wait for the upkeep after it as well. */
static void turn_slice(struct store *s)
{
    struct request *list[1];
    if (slice_is_due(s) && take_some(s, WRITE_SLICE, list, 1) == 1) {
        s->slice_begin_ms = clock_monotonic_ms();
        if (!refuse_when_fatal(s, list, 1)) {
            run_group(s, list, 1);
        }
        s->slice_end_ms = clock_monotonic_ms();
        pace_slices(s);
        answer(list, 1);
        turn_normal(s);
    }
}

/* ---- upkeep ---------------------------------------------------------------------------------- */

static int on_wal(void *data, sqlite3 *handle, const char *name, int frames)
{
    struct store *s = data;
    (void)handle;
    (void)name;
    s->wal_frames = frames;
    atomic_store(&s->wal_bytes, (long long)frames * FRAME_BYTES);
    return SQLITE_OK;
}

/* Tried again and again while the disk is full, told once. */
static void checkpoint_fails(struct store *s, const struct err *e)
{
    if (e->code != ERR_FULL) {
        log_error("checkpoint: %s", e->text);
        return;
    }
    atomic_store(&s->full, true);
    if (!s->checkpoint_failed) {
        s->checkpoint_failed = true;
        log_warn("The disk is full: what was saved stays in kontor.db-wal until there is room.");
    }
}

static void checkpoint(struct store *s, int mode, int wait_ms)
{
    int frames = 0;
    int copied = 0;
    sqlite3_busy_timeout(s->writer->handle, wait_ms);
    int rc = sqlite3_wal_checkpoint_v2(s->writer->handle, NULL, mode, &frames, &copied);
    sqlite3_busy_timeout(s->writer->handle, 5000);
    if (rc != SQLITE_OK && (rc & 0xff) != SQLITE_BUSY && (rc & 0xff) != SQLITE_LOCKED) {
        struct err e = {0};
        db_fail(s->writer, &e);
        checkpoint_fails(s, &e);
    } else if (rc == SQLITE_OK) {
        s->checkpoint_failed = false;
        if (mode == SQLITE_CHECKPOINT_TRUNCATE) {
            s->wal_frames = 0;
            atomic_store(&s->wal_bytes, 0);
        }
    }
}

static bool has_slices(const struct store *s)
{
    return s->slice_end_ms != 0 && clock_monotonic_ms() - s->slice_end_ms < SLICES_REST_MS;
}

static void checkpoint_if_due(struct store *s)
{
    int64_t bytes = s->wal_frames * FRAME_BYTES;
    if (bytes < s->checkpoint_bytes) {
        s->checkpoint_bytes = 0; /* the log began anew */
    }
    int64_t least = has_slices(s) ? WAL_SLICES : WAL_PASSIVE;
    if (bytes < least || bytes < s->checkpoint_bytes + WAL_STEP || atomic_load(&s->fatal)) {
        return;
    }
    if (bytes > WAL_RESTART) {
        checkpoint(s, SQLITE_CHECKPOINT_RESTART, 100);
    } else {
        checkpoint(s, SQLITE_CHECKPOINT_PASSIVE, 0);
    }
    s->checkpoint_bytes = bytes;
}

/* New statistics for the planner after many writes. */
static void refresh_statistics(struct store *s)
{
    struct err ignored = {0};
    int64_t rows = sqlite3_total_changes64(s->writer->handle);
    if (rows - s->analyzed_rows < ANALYZE_EVERY || atomic_load(&s->fatal)) {
        return;
    }
    s->analyzed_rows = rows;
    statistics_refresh(s->writer, &ignored);
    atomic_fetch_add(&s->statistics, 1);
}

/* Nothing to do for a while: empty the log, and keep no pages that the system has as well. */
static void idle(struct store *s)
{
    if (atomic_load(&s->fatal)) {
        return;
    }
    refresh_statistics(s);
    if (s->wal_frames > 0) {
        checkpoint(s, SQLITE_CHECKPOINT_TRUNCATE, 0);
    }
    sqlite3_db_release_memory(s->writer->handle);
}

/* Waits for work. False when the store is closing and nothing is left. */
static bool wait_for_work(struct store *s)
{
    bool rested = false;
    pthread_mutex_lock(&s->lock);
    while (!something_waits(s) && !s->stopping) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += IDLE_MS / 1000;
        if (rested) {
            pthread_cond_wait(&s->work, &s->lock);
        } else if (pthread_cond_timedwait(&s->work, &s->lock, &until) == ETIMEDOUT) {
            rested = true;
            pthread_mutex_unlock(&s->lock);
            idle(s);
            pthread_mutex_lock(&s->lock);
        }
    }
    bool more = something_waits(s);
    pthread_mutex_unlock(&s->lock);
    return more;
}

static void *writer_main(void *data)
{
    struct store *s = data;
    while (wait_for_work(s)) {
        turn_normal(s);
        turn_dry(s);
        turn_slice(s);
        checkpoint_if_due(s);
    }
    return NULL;
}

int writer_start(struct store *s, struct err *e)
{
    atomic_store(&s->slice_work_ms, SLICE_WORK_MS);
    sqlite3_wal_hook(s->writer->handle, on_wal, s);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->work, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&s->thread, NULL, writer_main, s) != 0) {
        return err_fail(e, ERR_INTERNAL, "", "The writer thread cannot be started.");
    }
    s->thread_runs = true;
    return 0;
}

void writer_stop(struct store *s)
{
    if (!s->thread_runs) {
        return;
    }
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_signal(&s->work);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    s->thread_runs = false;
    if (!atomic_load(&s->fatal)) {
        refresh_statistics(s); /* an import without a daemon never rests */
        checkpoint(s, SQLITE_CHECKPOINT_TRUNCATE, 1000);
    }
}

int store_write(struct store *s, enum write_class kind, write_function run, void *caller,
                struct err *e)
{
    assert(!pthread_equal(pthread_self(), s->thread));
    struct request r = {.run = run, .caller = caller, .e = e};
    if (atomic_load(&s->fatal)) {
        fail_fatal(e);
        return -1;
    }
    sem_init(&r.done, 0, 0);
    pthread_mutex_lock(&s->lock);
    if (s->stopping) {
        pthread_mutex_unlock(&s->lock);
        sem_destroy(&r.done);
        return err_fail(e, ERR_BUSY, "", "Kontor is stopping.");
    }
    struct request_queue *q = &s->queues[kind];
    if (q->tail) {
        q->tail->next = &r;
    } else {
        q->head = &r;
    }
    q->tail = &r;
    q->count++;
    pthread_cond_signal(&s->work);
    pthread_mutex_unlock(&s->lock);
    while (sem_wait(&r.done) != 0) {
        continue; /* a signal came */
    }
    sem_destroy(&r.done);
    return r.result;
}
