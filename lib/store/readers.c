/*
 * The pool of reader connections; see store.h. There are two for each core, and one user never has
 * all of them: whoever sends many slow requests waits for himself, not the others for him. Of those
 * who wait, the one who has the fewest readers goes first, then the one who came first.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/store_private.h"

#define READER_LIMIT_MS 5000
#define REST_MS         10000 /* after so long without a reader taken */

struct reader_wait {
    int64_t user;
    pthread_cond_t ready; /* look again */
    struct reader_wait *next;
};

void readers_begin(struct reader_pool *p, size_t max)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    p->max = max > 0 ? max : cores > 0 ? 2 * (size_t)cores : 2;
    p->idle = memory_take(p->max * sizeof(*p->idle));
    p->users = memory_take(p->max * sizeof(*p->users));
    pthread_mutex_init(&p->lock, NULL);
}

void readers_end(struct reader_pool *p)
{
    for (size_t i = 0; i < p->idle_count; i++) {
        db_close(p->idle[i]);
    }
    free(p->idle);
    free(p->users);
    pthread_mutex_destroy(&p->lock);
}

static size_t held_by(const struct reader_pool *p, int64_t user)
{
    size_t held = 0;
    for (size_t i = 0; i < p->out_count; i++) {
        held += p->users[i] == user;
    }
    return held;
}

/* How many a waiter counts as having; the system does not wait for itself. */
static size_t weight(const struct reader_pool *p, int64_t user)
{
    return user != 0 ? held_by(p, user) : 0;
}

/* Somebody else waits who has fewer. Whoever has as many may be overtaken: a thread that goes on
 * with the reader it has just given back needs no other to be woken, and that is what makes a busy
 * server fast. */
static bool is_behind(const struct reader_pool *p, int64_t user, size_t held)
{
    for (const struct reader_wait *w = p->waiting; w != NULL; w = w->next) {
        if (w->user != user && weight(p, w->user) < held) {
            return true;
        }
    }
    return false;
}

static size_t share(const struct reader_pool *p)
{
    return p->max > 1 ? p->max - 1 : 1; /* one is left for the others */
}

static bool may_enter(const struct reader_pool *p, int64_t user)
{
    size_t held = weight(p, user);
    return p->out_count < p->max && held < share(p) && !is_behind(p, user, held);
}

/* Wakes who has fewest, of those the one who came first, if there is something for him. */
static void wake_next(struct reader_pool *p)
{
    struct reader_wait *best = NULL;
    size_t least = share(p);
    for (struct reader_wait *w = p->waiting; w != NULL && p->out_count < p->max; w = w->next) {
        size_t held = weight(p, w->user);
        if (held < least) {
            least = held;
            best = w;
        }
    }
    if (best != NULL) {
        pthread_cond_signal(&best->ready);
    }
}

static void wait_turn(struct reader_pool *p, int64_t user)
{
    struct reader_wait me = {.user = user, .ready = PTHREAD_COND_INITIALIZER};
    struct reader_wait **at = &p->waiting;
    while (*at != NULL) {
        at = &(*at)->next;
    }
    *at = &me;
    p->wait_count++;
    while (!may_enter(p, user)) {
        pthread_cond_wait(&me.ready, &p->lock);
    }
    for (at = &p->waiting; *at != &me; at = &(*at)->next) {
    }
    *at = me.next;
    p->wait_count--;
    pthread_cond_destroy(&me.ready);
}

/* A place in the pool for this user, with an idle reader or NULL: one is to be opened. */
static struct db *enter(struct reader_pool *p, int64_t user)
{
    pthread_mutex_lock(&p->lock);
    if (!may_enter(p, user)) {
        wait_turn(p, user);
    }
    p->rested = false;
    p->users[p->out_count++] = user;
    struct db *db = p->idle_count > 0 ? p->idle[--p->idle_count] : NULL;
    wake_next(p); /* there may be more than this one */
    pthread_mutex_unlock(&p->lock);
    return db;
}

/* Gives the place back; db NULL: there is no reader to come back with it. */
static void leave(struct reader_pool *p, int64_t user, struct db *db)
{
    pthread_mutex_lock(&p->lock);
    size_t i = 0;
    while (p->users[i] != user) {
        i++;
    }
    p->users[i] = p->users[--p->out_count];
    p->left_ms = clock_monotonic_ms();
    if (db != NULL) {
        p->idle[p->idle_count++] = db;
    }
    wake_next(p);
    pthread_mutex_unlock(&p->lock);
}

struct db *store_reader_take(struct store *s, int64_t user)
{
    if (atomic_load(&s->fatal)) {
        return NULL;
    }
    struct db *db = enter(&s->pool, user);
    int64_t statistics = atomic_load(&s->statistics);
    if (db != NULL && db->statistics != statistics) {
        db_close(db); /* it planned with old statistics; SQLite reads them when it opens */
        db = NULL;
    }
    if (db == NULL) {
        struct err e = {0};
        db = db_open(s, s->path, false, &e);
        if (db == NULL) {
            log_error("a reader cannot be opened: %s", e.text);
            leave(&s->pool, user, NULL);
            return NULL;
        }
    }
    db->user = user;
    db->statistics = statistics;
    db_limit_ms(db, READER_LIMIT_MS);
    return db;
}

void store_reader_give(struct store *s, struct db *db)
{
    if (db == NULL) {
        return;
    }
    db_read_end(db);
    db->deadline_ms = 0;
    leave(&s->pool, db->user, db);
}

/* How many readers have something to give up; 0: somebody reads, or has read lately. */
static size_t count_resting(struct reader_pool *p)
{
    pthread_mutex_lock(&p->lock);
    bool rests = !p->rested && p->out_count == 0 && clock_monotonic_ms() - p->left_ms >= REST_MS;
    size_t count = rests ? p->idle_count : 0;
    pthread_mutex_unlock(&p->lock);
    return count;
}

void store_rest(struct store *s)
{
    size_t count = count_resting(&s->pool);
    struct db **readers = count > 0 ? memory_take(count * sizeof(struct db *)) : NULL;
    for (size_t i = 0; i < count; i++) {
        readers[i] = store_reader_take(s, 0);
        if (readers[i] != NULL) {
            sqlite3_db_release_memory(readers[i]->handle);
        }
    }
    for (size_t i = 0; i < count; i++) {
        store_reader_give(s, readers[i]);
    }
    free(readers);
    if (count > 0) {
        memory_trim();
        pthread_mutex_lock(&s->pool.lock);
        s->pool.rested = s->pool.out_count == 0;
        pthread_mutex_unlock(&s->pool.lock);
    }
}
