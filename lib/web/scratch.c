/*
 * Memory for requests, see server.h. It belongs to the requests that are on their way, not to the
 * threads: a thousand workers take turns, and what each of them kept of its largest answer would add
 * up to hundreds of megabytes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/str.h"
#include "web/server.h"

#define KEPT_BYTES 65536 /* of each buffer, between requests */
#define KEPT       32    /* that wait for the next request; more are freed */

void scratch_pool_begin(struct scratch_pool *p)
{
    pthread_mutex_init(&p->lock, NULL);
}

static void scratch_free(struct scratch *w)
{
    arena_done(&w->arena);
    buf_done(&w->out);
    buf_done(&w->head);
    buf_done(&w->body);
    free(w);
}

void scratch_pool_end(struct scratch_pool *p)
{
    while (p->idle != NULL) {
        struct scratch *next = p->idle->next;
        scratch_free(p->idle);
        p->idle = next;
    }
    pthread_mutex_destroy(&p->lock);
}

struct scratch *scratch_take(struct scratch_pool *p)
{
    pthread_mutex_lock(&p->lock);
    struct scratch *w = p->idle;
    if (w != NULL) {
        p->idle = w->next;
        p->count--;
    }
    pthread_mutex_unlock(&p->lock);
    if (w == NULL) {
        w = memory_take(sizeof(*w));
        memset(w, 0, sizeof(*w));
        arena_init(&w->arena);
    }
    return w;
}

static void trim(struct scratch *w)
{
    struct buf *kept[] = {&w->out, &w->head, &w->body};
    for (size_t i = 0; i < COUNT(kept); i++) {
        if (kept[i]->room > KEPT_BYTES) {
            buf_done(kept[i]);
        }
    }
    arena_reset(&w->arena);
}

void scratch_give(struct scratch_pool *p, struct scratch *w)
{
    trim(w);
    pthread_mutex_lock(&p->lock);
    bool keep = p->count < KEPT;
    if (keep) {
        w->next = p->idle;
        p->idle = w;
        p->count++;
    }
    pthread_mutex_unlock(&p->lock);
    if (!keep) {
        scratch_free(w);
    }
}
