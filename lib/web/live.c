/* See live.h. */
#include "web/live.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/str.h"
#include "core/record.h"
#include "model/expr.h"
#include "store/query.h"
#include "web/answer.h"
#include "web/presence.h"
#include "web/session.h"

#define RING_SIZE       4096
#define BATCH           512  /* more in one tick: the stream is told to load again */
#define ASKED           200  /* records in one question; an expression's list may hold 300 */
#define TICK_MS         1000 /* how often the user is looked up */
#define SPACING_MS      200  /* between two ticks of a busy stream */
#define HEARTBEAT_MS    15000

struct live {
    pthread_mutex_t lock;
    pthread_cond_t news;
    struct event ring[RING_SIZE];
    uint64_t head;    /* events ever added; the newest is ring[(head - 1) % RING_SIZE] */
    uint64_t tail;    /* oldest that is still there */
    int64_t floor;    /* newest change-set that is no longer in the ring */
    unsigned configs; /* model changes so far */
    struct presence *presence; /* the streams, and what is open in their pages */
    bool closed;
};

/* Where one stream stands. */
struct stream {
    struct http *http;
    struct live *live;
    struct presence_place *place;
    uint64_t next;      /* position in the ring */
    unsigned configs;   /* model changes told */
    int64_t told_ms;    /* last bytes written */
    struct arena arena; /* of one tick */
};

/* What a stream found in one look at the ring. */
struct news {
    struct event events[BATCH];
    size_t count;
    bool config, resync, closed;
    bool presence; /* others came to, left or edit what is open here */
};

struct live *live_new(int64_t newest, int streams)
{
    struct live *live = memory_take(sizeof *live);
    memset(live, 0, sizeof *live);
    live->floor = newest;
    live->presence = presence_new(streams);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&live->lock, NULL);
    pthread_cond_init(&live->news, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return live;
}

void live_free(struct live *live)
{
    pthread_cond_destroy(&live->news);
    pthread_mutex_destroy(&live->lock);
    presence_free(live->presence);
    free(live);
}

void live_add(struct live *live, const struct event *events, size_t count)
{
    pthread_mutex_lock(&live->lock);
    for (size_t i = 0; i < count; i++) {
        struct event *slot = &live->ring[live->head % RING_SIZE];
        if (live->head - live->tail == RING_SIZE) {
            live->floor = slot->change_set;
            live->tail++;
        }
        *slot = events[i];
        live->head++;
    }
    pthread_cond_broadcast(&live->news);
    pthread_mutex_unlock(&live->lock);
}

/* Entities and fields have other numbers now: what is in the ring can no longer be read. */
void live_config(struct live *live)
{
    pthread_mutex_lock(&live->lock);
    if (live->head > live->tail) {
        live->floor = live->ring[(live->head - 1) % RING_SIZE].change_set;
    }
    live->tail = live->head;
    live->configs++;
    pthread_cond_broadcast(&live->news);
    pthread_mutex_unlock(&live->lock);
}

void live_close(struct live *live)
{
    pthread_mutex_lock(&live->lock);
    live->closed = true;
    pthread_cond_broadcast(&live->news);
    pthread_mutex_unlock(&live->lock);
}

static struct timespec in_ms(int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (ms % 1000) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    return until;
}

/* Takes what is new since the last look; waits up to a tick for it. */
static void look(struct stream *s, struct news *out)
{
    struct live *live = s->live;
    struct timespec until = in_ms(TICK_MS);
    *out = (struct news){0};
    pthread_mutex_lock(&live->lock);
    while (!live->closed && s->next == live->head && s->configs == live->configs &&
           !s->place->news &&
           pthread_cond_timedwait(&live->news, &live->lock, &until) != ETIMEDOUT) {
    }
    out->closed = live->closed;
    out->config = s->configs != live->configs;
    s->configs = live->configs;
    out->presence = s->place->news;
    s->place->news = false;
    out->resync = s->next < live->tail || live->head - s->next > BATCH;
    for (uint64_t i = out->resync ? live->head : s->next; i < live->head; i++) {
        out->events[out->count++] = live->ring[i % RING_SIZE];
    }
    s->next = live->head;
    pthread_mutex_unlock(&live->lock);
}

/* Finds the place after change-set *from, which is told once more: a cut may have lost part of it. 0: what comes from now on;
 * *from is then the next change-set, so that a stream that breaks before anything was told can be gone on with. False: too long
 * ago. */
static bool rewind_to(struct stream *s, int64_t *from)
{
    struct live *live = s->live;
    int64_t last = *from;
    pthread_mutex_lock(&live->lock);
    bool known = last >= live->floor;
    if (last == 0) {
        bool none = live->head == live->tail;
        *from = 1 + (none ? live->floor : live->ring[(live->head - 1) % RING_SIZE].change_set);
    }
    for (s->next = live->head; last > 0 && s->next > live->tail; s->next--) {
        if (live->ring[(s->next - 1) % RING_SIZE].change_set < last) {
            break;
        }
    }
    s->configs = live->configs;
    pthread_mutex_unlock(&live->lock);
    return last == 0 || known;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The ids from `from` on that fit into one question, as an expression; returns where to go on. */
static size_t put_ids(struct buf *text, const struct news *news, const struct entity *entity,
                      size_t from)
{
    size_t n = 0;
    buf_puts(text, "id in (");
    for (; from < news->count && n < ASKED; from++) {
        if (news->events[from].entity == entity->id) {
            buf_puts(text, n++ > 0 ? "," : "");
            buf_int(text, news->events[from].record);
        }
    }
    buf_puts(text, n > 0 ? ")" : "0)");
    return from;
}

/* Which of one question's records the actor may see: added to ids. */
static int ask_visible(struct ctx *c, struct db *db, const struct entity *entity, const char *text,
                       int64_t *ids, size_t *count)
{
    const struct expr *filter = NULL;
    int64_t *found = NULL;
    size_t n = 0;
    if (expr_compile(c->arena, c->model, entity, NULL, text, KIND_BOOL, &filter, &c->err) != 0) {
        return -1;
    }
    const struct list_spec spec = {
        .entity = entity, .action = ACTION_SEE, .filter = filter, .both = true};
    const struct who who = ctx_who(c);
    if (query_ids(db, &who, &spec, 0, ASKED, c->arena, &found, &n, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        ids[(*count)++] = found[i];
    }
    return 0;
}

/* Ids of the batch's records of one entity that the actor may see now, sorted. */
static int visible_ids(struct ctx *c, const struct news *news, const struct entity *entity,
                       int64_t **ids, size_t *count)
{
    struct buf text = {0};
    struct db *db = ctx_db(c);
    int rc = db == NULL ? -1 : 0;
    *ids = ARENA_ARRAY(c->arena, int64_t, news->count + 1);
    for (size_t i = 0; rc == 0 && i < news->count;) {
        buf_clear(&text);
        i = put_ids(&text, news, entity, i);
        rc = ask_visible(c, db, entity, buf_text(&text), *ids, count);
    }
    buf_done(&text);
    qsort(*ids, *count, sizeof **ids, by_id);
    return rc;
}

static const char *const OPERATIONS[] = {[OP_CREATE] = "create",
                                         [OP_UPDATE] = "update",
                                         [OP_DELETE] = "delete",
                                         [OP_RESTORE] = "restore"};

static void print_fields(struct json_writer *w, const struct role *role,
                         const struct entity *entity, const struct event *event)
{
    jw_key(w, "fields");
    jw_array(w);
    for (size_t i = 0; i < entity->field_count; i++) {
        const struct field *f = entity->fields[i];
        unsigned bit = f->index < 255 ? (unsigned)f->index : 255;
        bool changed = (event->fields[bit / 64] >> (bit % 64) & 1) != 0;
        if (changed && !f->system && (role == NULL || role_sees(role, f))) {
            jw_text(w, f->name);
        }
    }
    jw_array_end(w);
}

static void print_event(struct buf *out, const struct role *role, const struct entity *entity,
                        const struct event *event)
{
    struct json_writer w;
    buf_printf(out, "event: change\nid: %lld\ndata: ", (long long)event->change_set);
    jw_init(&w, out);
    jw_object(&w);
    jw_kv_int(&w, "id", event->record);
    jw_kv_text(&w, "kind", entity->name);
    jw_kv_int(&w, "version", event->version);
    jw_kv_text(&w, "op", OPERATIONS[event->op]);
    jw_kv_int(&w, "by", event->actor);
    print_fields(&w, role, entity, event);
    jw_object_end(&w);
    buf_puts(out, "\n\n");
}

/* Events may be of another model than the stream's: only the id of their entity is the same. */
static size_t entity_index(const struct model *m, int64_t id)
{
    size_t i = 0;
    while (i < m->entity_count && m->entities[i]->id != id) {
        i++;
    }
    return i;
}

/* Something for this user alone: what it is his page asks. Once a tick is enough. */
static void print_notice(const struct ctx *c, const struct news *news, struct buf *out)
{
    bool told = false;
    for (size_t i = 0; i < news->count && !told; i++) {
        told = news->events[i].to != 0 && news->events[i].to == c->actor.user;
    }
    if (told) {
        buf_puts(out, "event: notification\ndata: {}\n\n");
    }
}

/* The visible part of the news, in the order it happened. */
static int print_news(struct ctx *c, const struct news *news, struct buf *out)
{
    size_t entities = c->model->entity_count;
    int64_t **ids = ARENA_ARRAY(c->arena, int64_t *, entities);
    size_t *counts = ARENA_ARRAY(c->arena, size_t, entities);
    bool *asked = ARENA_ARRAY(c->arena, bool, entities);
    for (size_t i = 0; i < news->count; i++) {
        const struct event *event = &news->events[i];
        size_t at = entity_index(c->model, event->entity);
        if (event->to != 0 || at == entities || OPERATIONS[event->op] == NULL) {
            continue;
        }
        const struct entity *entity = c->model->entities[at];
        if (!asked[at]) {
            asked[at] = true;
            if (ctx_may(c, ACTION_SEE, entity) &&
                visible_ids(c, news, entity, &ids[at], &counts[at]) != 0) {
                return -1;
            }
        }
        if (counts[at] > 0 &&
            bsearch(&event->record, ids[at], counts[at], sizeof(int64_t), by_id) != NULL) {
            print_event(out, c->actor.role, entity, event);
        }
    }
    return 0;
}

/* Who else is at the records that are open here, as far as this user still may see them. */
static void print_presence(struct stream *s, struct ctx *c, struct buf *out)
{
    struct live *live = s->live;
    struct json_writer w;
    pthread_mutex_lock(&live->lock);
    const struct presence_place place = *s->place;
    pthread_mutex_unlock(&live->lock);
    for (size_t i = 0; i < place.tab_count; i++) {
        size_t at = entity_index(c->model, place.tabs[i].entity);
        if (at == c->model->entity_count ||
            record_permit(c, ACTION_SEE, c->model->entities[at], place.tabs[i].record, false) != 0) {
            c->err = (struct err){0};
            continue;
        }
        buf_puts(out, "event: presence\ndata: ");
        jw_init(&w, out);
        pthread_mutex_lock(&live->lock);
        presence_print(live->presence, s->place, place.tabs[i].record, &w);
        pthread_mutex_unlock(&live->lock);
        buf_puts(out, "\n\n");
    }
}

/* Looks the user up anew and prints what he may know; -1 when the stream has to end. */
static int tick(struct stream *s, const struct news *news, struct buf *out)
{
    struct web *web = s->http->web;
    const struct actor nobody = {.anonymous = true};
    struct model *model = web->host.model_take(web->host.data);
    struct ctx c;
    struct request q = {.ctx = &c, .address = s->http->address};
    ctx_begin(&c, &s->arena, web->host.store, model, &nobody);
    model_release(model);
    c.passive = true;
    int rc = session_authenticate(s->http, &q);
    rc = rc == 0 && c.actor.anonymous ? -1 : rc;
    if (rc == 0 && news->config) {
        buf_printf(out, "event: config\ndata: {\"version\":\"%s\"}\n\n", c.model->version);
    }
    if (rc == 0 && news->resync) {
        buf_puts(out, "event: resync\ndata: {}\n\n");
    }
    if (rc == 0 && news->count > 0) {
        rc = print_news(&c, news, out);
        print_notice(&c, news, out);
    }
    if (rc == 0 && news->presence) {
        print_presence(s, &c, out);
    }
    ctx_end(&c);
    return rc;
}

static int tell(struct stream *s, struct buf *out)
{
    int64_t now = clock_monotonic_ms();
    if (out->size == 0 && now - s->told_ms >= HEARTBEAT_MS) {
        buf_puts(out, ": alive\n\n");
    }
    if (out->size == 0) {
        return 0;
    }
    s->told_ms = now;
    return answer_raw(s->http, out->data, out->size);
}

/* One stream, until the reader, the session or the server goes. */
static void run(struct stream *s, bool resync)
{
    struct news *news = memory_take(sizeof *news);
    struct buf *out = &s->http->scratch->out;
    bool open = true;
    *news = (struct news){.resync = resync};
    while (open) {
        buf_clear(out);
        int64_t began = clock_monotonic_ms();
        open = tick(s, news, out) == 0 && tell(s, out) == 0 && !news->closed;
        int64_t spent = clock_monotonic_ms() - began;
        if (open && news->count > 0 && spent < SPACING_MS) {
            nanosleep(&(struct timespec){.tv_nsec = (SPACING_MS - spent) * 1000000L}, NULL);
        }
        if (open) {
            look(s, news);
        }
        arena_reset(&s->arena);
    }
    arena_done(&s->arena);
    free(news);
}

static struct presence_place *enter(struct live *live, const struct actor *who)
{
    struct presence_place *place = NULL;
    pthread_mutex_lock(&live->lock);
    if (!live->closed) {
        place = presence_enter(live->presence, who->user, who->name);
    }
    pthread_mutex_unlock(&live->lock);
    return place;
}

static void leave(struct live *live, struct presence_place *place)
{
    pthread_mutex_lock(&live->lock);
    if (presence_leave(live->presence, place)) {
        pthread_cond_broadcast(&live->news);
    }
    pthread_mutex_unlock(&live->lock);
}

bool live_present(struct live *live, const struct api_present *said)
{
    pthread_mutex_lock(&live->lock);
    int heard = presence_say(live->presence, said);
    if (heard > 0) {
        pthread_cond_broadcast(&live->news);
    }
    pthread_mutex_unlock(&live->lock);
    return heard >= 0;
}

bool live_is_stream(const char *path)
{
    return strcmp(path, "/api/v1/events") == 0 || str_ends(path, "/present");
}

void live_serve(struct http *h, struct request *q, struct reply *r)
{
    struct live *live = h->web->live;
    struct stream s = {.http = h, .live = live, .told_ms = clock_monotonic_ms()};
    s.place = enter(live, &q->ctx->actor);
    if (s.place == NULL) {
        answer_refuse(h, 503, "Too many pages are open for live changes; try again in a minute.");
        return;
    }
    ctx_release(q->ctx);
    h->old = true; /* no chunks: an event stream ends with its connection */
    h->close = true;
    const struct answer answer = {
        .status = 200, .type = "text/event-stream", .head = "X-Accel-Buffering: no\r\n"};
    int64_t from = r->last_event;
    bool known = rewind_to(&s, &from);
    char hello[128];
    int n = snprintf(hello, sizeof hello, "retry: 3000\nevent: hello\nid: %lld\ndata: {\"stream\":%lld}\n\n",
                     (long long)from, (long long)s.place->stream);
    if (answer_begin(h, &answer) == 0 && answer_raw(h, hello, (size_t)n) == 0 && !h->head) {
        run(&s, !known);
    }
    leave(live, s.place);
}
