/*
 * The pool of reader connections; see store.h. There are two for each core, and one user never has
 * all of them: whoever sends many slow requests waits for himself, not the others for him. Of those
 * who wait, the one who has the fewest readers goes first, then the one who came first.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "store/store_private.h"

#define READER_LIMIT_MS 5000

struct reader_wait {
    int64_t user;
    bool served;
    struct db *db; /* once served: an idle one, or NULL: open one */
    pthread_cond_t ready;
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

/* Takes who is next out of the queue. NULL: nobody waits who may have one more. */
static struct reader_wait *take_next(struct reader_pool *p)
{
    struct reader_wait **best = NULL;
    size_t least = p->max > 1 ? p->max - 1 : 1; /* one is left for the others */
    for (struct reader_wait **w = &p->waiting; *w != NULL; w = &(*w)->next) {
        size_t held = (*w)->user != 0 ? held_by(p, (*w)->user) : 0;
        if (held < least) {
            least = held;
            best = w;
        }
    }
    struct reader_wait *next = best != NULL ? *best : NULL;
    if (next != NULL) {
        *best = next->next;
        p->wait_count--;
    }
    return next;
}

/* Hands out what there is. With the lock held. */
static void serve(struct reader_pool *p)
{
    struct reader_wait *w;
    while (p->out_count < p->max && (w = take_next(p)) != NULL) {
        p->users[p->out_count++] = w->user;
        w->db = p->idle_count > 0 ? p->idle[--p->idle_count] : NULL;
        w->served = true;
        pthread_cond_signal(&w->ready);
    }
}

/* A place in the pool for this user, with an idle reader or NULL. Waits its turn. */
static struct db *enter(struct reader_pool *p, int64_t user)
{
    struct reader_wait me = {.user = user, .ready = PTHREAD_COND_INITIALIZER};
    pthread_mutex_lock(&p->lock);
    struct reader_wait **last = &p->waiting;
    while (*last != NULL) {
        last = &(*last)->next;
    }
    *last = &me;
    p->wait_count++;
    serve(p);
    while (!me.served) {
        pthread_cond_wait(&me.ready, &p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    pthread_cond_destroy(&me.ready);
    return me.db;
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
    if (db != NULL) {
        p->idle[p->idle_count++] = db;
    }
    serve(p);
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
