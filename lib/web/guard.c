/* See guard.h. */
#include "web/guard.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"

#define LOOK_EVERY_MS    500
#define SLOWEST_BYTES_MS 16 /* bytes per millisecond a peer must manage: 16 KB/s */
#define ADDRESS_SIZE     48

struct seat {
    bool used;
    char address[ADDRESS_SIZE];
    int remote_port, local_port;
    atomic_llong deadline_ms; /* monotonic; 0: none */
};

struct guard {
    pthread_mutex_t lock;
    pthread_cond_t idle, stop;
    pthread_t thread;
    bool stopping, draining;
    int in_flight;
    atomic_int taken;
    int count, per_address;
    struct seat *seats;
};

static bool same_end(const struct sockaddr_storage *at, socklen_t size, const char *address,
                     int port)
{
    int found = at->ss_family == AF_INET    ? ntohs(((const struct sockaddr_in *)at)->sin_port)
                : at->ss_family == AF_INET6 ? ntohs(((const struct sockaddr_in6 *)at)->sin6_port)
                                            : -1;
    if (found != port) {
        return false;
    }
    char text[ADDRESS_SIZE + 16];
    return address == NULL || (getnameinfo((const struct sockaddr *)at, size, text, sizeof text,
                                           NULL, 0, NI_NUMERICHOST) == 0 &&
                               strcmp(text, address) == 0);
}

static bool is_socket_of(int fd, const struct seat *s)
{
    struct sockaddr_storage peer, own;
    socklen_t peer_size = sizeof peer, own_size = sizeof own;
    return getpeername(fd, (struct sockaddr *)&peer, &peer_size) == 0 &&
           same_end(&peer, peer_size, s->address, s->remote_port) &&
           getsockname(fd, (struct sockaddr *)&own, &own_size) == 0 &&
           same_end(&own, own_size, NULL, s->local_port);
}

/* Shuts the socket of a seat; the caller holds the lock, so the worker cannot have closed it yet.
 */
static void shut(const struct seat *s)
{
    DIR *dir = opendir("/proc/self/fd");
    if (dir == NULL) {
        return;
    }
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        int fd = atoi(entry->d_name);
        if (fd > 2 && is_socket_of(fd, s)) {
            shutdown(fd, SHUT_RDWR);
            break;
        }
    }
    closedir(dir);
}

static void look(struct guard *g)
{
    int64_t now = clock_monotonic_ms();
    for (int i = 0; i < g->count; i++) {
        struct seat *s = &g->seats[i];
        int64_t deadline = atomic_load_explicit(&s->deadline_ms, memory_order_relaxed);
        if (s->used && deadline != 0 && deadline < now) {
            atomic_store(&s->deadline_ms, 0);
            shut(s);
        }
    }
}

static void *watch(void *data)
{
    struct guard *g = data;
    pthread_mutex_lock(&g->lock);
    while (!g->stopping) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += LOOK_EVERY_MS * 1000000L;
        if (until.tv_nsec >= 1000000000L) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000L;
        }
        pthread_cond_timedwait(&g->stop, &g->lock, &until);
        look(g);
    }
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

int guard_new(int seats, int per_address, struct guard **out, struct err *e)
{
    struct guard *g = memory_take(sizeof *g);
    memset(g, 0, sizeof *g);
    g->count = seats;
    g->per_address = per_address;
    g->seats = memory_take(sizeof *g->seats * (size_t)seats);
    memset(g->seats, 0, sizeof *g->seats * (size_t)seats);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->idle, &monotonic);
    pthread_cond_init(&g->stop, &monotonic);
    pthread_condattr_destroy(&monotonic);
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

struct seat *guard_enter(struct guard *g, const char *address, int remote_port, int local_port)
{
    struct seat *found = NULL;
    int same = 0;
    pthread_mutex_lock(&g->lock);
    for (int i = 0; i < g->count; i++) {
        struct seat *s = &g->seats[i];
        if (!s->used) {
            found = found != NULL ? found : s;
        } else if (strcmp(s->address, address) == 0) {
            same++;
        }
    }
    if (found != NULL) {
        found->used = true;
        strncpy(found->address, address, ADDRESS_SIZE - 1);
        found->remote_port = remote_port;
        found->local_port = local_port;
        atomic_store(&found->deadline_ms, 0);
        atomic_fetch_add(&g->taken, 1);
        if (same >= g->per_address) {
            shut(found);
        }
    }
    pthread_mutex_unlock(&g->lock);
    return found;
}

void guard_leave(struct guard *g, struct seat *s)
{
    if (s != NULL) {
        pthread_mutex_lock(&g->lock);
        s->used = false;
        atomic_fetch_sub(&g->taken, 1);
        pthread_mutex_unlock(&g->lock);
    }
}

bool guard_begin(struct guard *g, struct seat *s)
{
    (void)s;
    pthread_mutex_lock(&g->lock);
    bool open = !g->draining;
    g->in_flight += open;
    pthread_mutex_unlock(&g->lock);
    return open;
}

void guard_end(struct guard *g, struct seat *s)
{
    guard_ease(s);
    pthread_mutex_lock(&g->lock);
    if (--g->in_flight == 0 && g->draining) {
        pthread_cond_broadcast(&g->idle);
    }
    pthread_mutex_unlock(&g->lock);
}

bool guard_crowded(const struct guard *g)
{
    return atomic_load_explicit(&g->taken, memory_order_relaxed) * 4 > g->count * 3;
}

void guard_press(struct seat *s, int64_t ms, int64_t bytes)
{
    if (s != NULL) {
        atomic_store_explicit(&s->deadline_ms, clock_monotonic_ms() + ms + bytes / SLOWEST_BYTES_MS,
                              memory_order_relaxed);
    }
}

void guard_ease(struct seat *s)
{
    if (s != NULL) {
        atomic_store_explicit(&s->deadline_ms, 0, memory_order_relaxed);
    }
}

void guard_drain(struct guard *g)
{
    pthread_mutex_lock(&g->lock);
    g->draining = true;
    pthread_mutex_unlock(&g->lock);
}

bool guard_draining(const struct guard *g)
{
    struct guard *own = (struct guard *)g;
    pthread_mutex_lock(&own->lock);
    bool draining = g->draining;
    pthread_mutex_unlock(&own->lock);
    return draining;
}

bool guard_wait_idle(struct guard *g, int limit_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += limit_ms / 1000;
    until.tv_nsec += (limit_ms % 1000) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_mutex_lock(&g->lock);
    int rc = 0;
    while (g->in_flight > 0 && rc != ETIMEDOUT) {
        rc = pthread_cond_timedwait(&g->idle, &g->lock, &until);
    }
    bool idle = g->in_flight == 0;
    pthread_mutex_unlock(&g->lock);
    return idle;
}
