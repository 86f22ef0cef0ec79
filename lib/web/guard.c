/* See guard.h. */
#include "web/guard.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"

#define LOOK_EVERY_MS    250
#define QUIET_LOOK_MS    10
#define SLOWEST_BYTES_MS 16   /* bytes per millisecond a peer must manage: 16 KB/s */
#define ADDRESS_SIZE     64   /* an IPv6 address with the name of its interface */
#define ADDRESSES_MAX    4096 /* told apart in one look; the rest is not counted */

struct seat {
    struct seat *next; /* free ones */
    bool used;
    char address[ADDRESS_SIZE];
    int port;                 /* the peer's */
    atomic_llong deadline_ms; /* monotonic; 0: none */
};

struct guard {
    struct guard_settings settings;
    pthread_mutex_t lock;
    pthread_cond_t idle, stop;
    pthread_t thread;
    bool stopping;
    atomic_bool draining;
    int in_flight;
    atomic_int connections, port;
    atomic_llong spoken_ms; /* when a request was last answered or refused; monotonic */
    struct seat *seats, *free;
};

/* ---- Sockets ----------------------------------------------------------------------------------
 */

struct peer {
    char address[ADDRESS_SIZE];
    int port;
};

static int port_of(const struct sockaddr_storage *at)
{
    if (at->ss_family == AF_INET) {
        return ntohs(((const struct sockaddr_in *)at)->sin_port);
    }
    return at->ss_family == AF_INET6 ? ntohs(((const struct sockaddr_in6 *)at)->sin6_port) : -1;
}

/* The other end of a connection to our port. */
static bool is_ours(struct guard *g, int fd, struct peer *peer)
{
    struct sockaddr_storage own, other;
    socklen_t own_size = sizeof own, other_size = sizeof other;
    if (getsockname(fd, (struct sockaddr *)&own, &own_size) != 0 ||
        port_of(&own) != atomic_load(&g->port) ||
        getpeername(fd, (struct sockaddr *)&other, &other_size) != 0) {
        return false;
    }
    peer->port = port_of(&other);
    return getnameinfo((struct sockaddr *)&other, other_size, peer->address, sizeof peer->address,
                       NULL, 0, NI_NUMERICHOST) == 0;
}

/* Calls visit for each of our connections. The lock is held, so no seat is given back meanwhile. */
static void for_each_socket(struct guard *g,
                            void (*visit)(struct guard *g, int fd, const struct peer *peer,
                                          void *data),
                            void *data)
{
    DIR *dir = opendir("/proc/self/fd");
    if (dir == NULL) {
        return;
    }
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        struct peer peer;
        int fd = atoi(entry->d_name);
        if (fd > 2 && fd != dirfd(dir) && is_ours(g, fd, &peer)) {
            visit(g, fd, &peer, data);
        }
    }
    closedir(dir);
}

static struct seat *find_seat(struct guard *g, const struct peer *peer)
{
    for (int i = 0; i < g->settings.seats; i++) {
        struct seat *s = &g->seats[i];
        if (s->used && s->port == peer->port && strcmp(s->address, peer->address) == 0) {
            return s;
        }
    }
    return NULL;
}

/* ---- Looking around ---------------------------------------------------------------------------
 */

static bool is_late(const struct seat *s, int64_t now)
{
    int64_t deadline = atomic_load_explicit(&s->deadline_ms, memory_order_relaxed);
    return s->used && deadline != 0 && deadline < now;
}

static void shut_if_late(struct guard *g, int fd, const struct peer *peer, void *data)
{
    const int64_t *now = data;
    struct seat *s = find_seat(g, peer);
    if (s != NULL && is_late(s, *now)) {
        atomic_store(&s->deadline_ms, 0);
        shutdown(fd, SHUT_RDWR);
    }
}

/* Connections by address; open addressing, nothing is taken out again. A row with count 0 is free.
 */
struct census {
    struct {
        char address[ADDRESS_SIZE];
        int count;
    } rows[ADDRESSES_MAX];
};

static int *count_of(struct census *census, const char *address)
{
    uint32_t hash = 2166136261u;
    for (const char *p = address; *p != 0; p++) {
        hash = (hash ^ (unsigned char)*p) * 16777619u;
    }
    for (uint32_t i = 0; i < ADDRESSES_MAX; i++) {
        uint32_t at = (hash + i) % ADDRESSES_MAX;
        if (census->rows[at].count == 0) {
            snprintf(census->rows[at].address, ADDRESS_SIZE, "%s", address);
            return &census->rows[at].count;
        }
        if (strcmp(census->rows[at].address, address) == 0) {
            return &census->rows[at].count;
        }
    }
    return NULL;
}

/* What is not answering a request may go; it would have had to wait anyway. */
static void shut_if_many(struct guard *g, int fd, const struct peer *peer, void *data)
{
    int *count = count_of(data, peer->address);
    if (count != NULL && ++*count > g->settings.per_address &&
        !hosts_is_proxy(g->settings.hosts, peer->address) && find_seat(g, peer) == NULL) {
        shutdown(fd, SHUT_RDWR);
    }
}

static void look(struct guard *g)
{
    int64_t now = clock_monotonic_ms();
    bool late = false;
    for (int i = 0; i < g->settings.seats && !late; i++) {
        late = is_late(&g->seats[i], now);
    }
    if (late) {
        for_each_socket(g, shut_if_late, &now);
    }
    if (g->settings.handshakes || atomic_load(&g->connections) > g->settings.per_address) {
        struct census *census = memory_take(sizeof *census);
        memset(census, 0, sizeof *census);
        for_each_socket(g, shut_if_many, census);
        free(census);
    }
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

static void *watch(void *data)
{
    struct guard *g = data;
    pthread_mutex_lock(&g->lock);
    while (!g->stopping) {
        struct timespec until = in_ms(LOOK_EVERY_MS);
        pthread_cond_timedwait(&g->stop, &g->lock, &until);
        look(g);
    }
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

/* ---- Life -------------------------------------------------------------------------------------
 */

static void init_locks(struct guard *g)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->idle, &monotonic);
    pthread_cond_init(&g->stop, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

int guard_new(const struct guard_settings *settings, struct guard **out, struct err *e)
{
    size_t size = sizeof(struct seat) * (size_t)settings->seats;
    struct guard *g = memory_take(sizeof *g);
    memset(g, 0, sizeof *g);
    g->settings = *settings;
    g->seats = memory_take(size);
    memset(g->seats, 0, size);
    for (int i = settings->seats - 1; i >= 0; i--) {
        g->seats[i].next = g->free;
        g->free = &g->seats[i];
    }
    init_locks(g);
    if (pthread_create(&g->thread, NULL, watch, g) != 0) {
        free(g->seats);
        free(g);
        return err_fail(e, ERR_INTERNAL, "", "Cannot start a thread.");
    }
    *out = g;
    return 0;
}

void guard_free(struct guard *g)
{
    pthread_mutex_lock(&g->lock);
    g->stopping = true;
    pthread_cond_signal(&g->stop);
    pthread_mutex_unlock(&g->lock);
    pthread_join(g->thread, NULL);
    pthread_cond_destroy(&g->idle);
    pthread_cond_destroy(&g->stop);
    pthread_mutex_destroy(&g->lock);
    free(g->seats);
    free(g);
}

void guard_port(struct guard *g, int port)
{
    atomic_store(&g->port, port);
}

/* ---- Connections and requests -----------------------------------------------------------------
 */

void guard_enter(struct guard *g)
{
    atomic_fetch_add(&g->connections, 1);
}

void guard_leave(struct guard *g)
{
    atomic_fetch_sub(&g->connections, 1);
}

bool guard_crowded(const struct guard *g)
{
    int taken = atomic_load_explicit(&g->connections, memory_order_relaxed);
    return taken * 4 > g->settings.seats * 3;
}

struct seat *guard_begin(struct guard *g, const char *address, int port)
{
    pthread_mutex_lock(&g->lock);
    bool draining = atomic_load(&g->draining);
    struct seat *s = draining ? NULL : g->free;
    if (draining) {
        atomic_store(&g->spoken_ms, clock_monotonic_ms());
    }
    if (s != NULL) {
        g->free = s->next;
        s->used = true;
        strncpy(s->address, address, ADDRESS_SIZE - 1);
        s->port = port;
        g->in_flight++;
    }
    pthread_mutex_unlock(&g->lock);
    return s;
}

void guard_end(struct guard *g, struct seat *s)
{
    guard_ease(s);
    atomic_store(&g->spoken_ms, clock_monotonic_ms());
    pthread_mutex_lock(&g->lock);
    s->used = false;
    s->next = g->free;
    g->free = s;
    if (--g->in_flight == 0 && atomic_load(&g->draining)) {
        pthread_cond_broadcast(&g->idle);
    }
    pthread_mutex_unlock(&g->lock);
}

void guard_press(struct seat *s, int64_t ms, int64_t bytes)
{
    if (s != NULL) {
        int64_t deadline = clock_monotonic_ms() + ms + bytes / SLOWEST_BYTES_MS;
        atomic_store_explicit(&s->deadline_ms, deadline, memory_order_relaxed);
    }
}

void guard_ease(struct seat *s)
{
    if (s != NULL) {
        atomic_store_explicit(&s->deadline_ms, 0, memory_order_relaxed);
    }
}

/* ---- Stopping ---------------------------------------------------------------------------------
 */

void guard_drain(struct guard *g)
{
    pthread_mutex_lock(&g->lock);
    atomic_store(&g->draining, true);
    pthread_mutex_unlock(&g->lock);
}

void guard_wait_quiet(struct guard *g, int quiet_ms, int limit_ms)
{
    const struct timespec a_while = {.tv_nsec = QUIET_LOOK_MS * 1000000L};
    int64_t began = clock_monotonic_ms();
    for (int64_t now = began; now - began < limit_ms && now - atomic_load(&g->spoken_ms) < quiet_ms;
         now = clock_monotonic_ms()) {
        nanosleep(&a_while, NULL);
    }
}

bool guard_draining(struct guard *g)
{
    return atomic_load_explicit(&g->draining, memory_order_relaxed);
}

bool guard_wait_idle(struct guard *g, int limit_ms)
{
    struct timespec until = in_ms(limit_ms);
    int rc = 0;
    pthread_mutex_lock(&g->lock);
    while (g->in_flight > 0 && rc != ETIMEDOUT) {
        rc = pthread_cond_timedwait(&g->idle, &g->lock, &until);
    }
    bool idle = g->in_flight == 0;
    pthread_mutex_unlock(&g->lock);
    return idle;
}
