/*
 * The guard at the door: what is in flight, who is too slow, and how many connections one address
 * holds.
 *
 * Each request on its way has a seat. A thread of ours (the only one of lib/web) looks around four
 * times a second and shuts the sockets of seats whose deadline has passed: civetweb's own time
 * limit starts anew with every byte, so a dripping body or a reader that takes nothing would hold a
 * worker for ever. While more connections are open than one address may hold, it also counts them
 * by address and shuts idle ones beyond the limit, those still waiting for a worker included.
 * civetweb keeps its sockets to itself, so they are found among the process's open files by their
 * two ends; that costs only when somebody misbehaves. The lock guards the seats; deadlines and the
 * count of connections are atomic.
 */
#ifndef KONTOR_WEB_GUARD_H
#define KONTOR_WEB_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "web/hosts.h"

struct guard;
struct seat;

struct guard_settings {
    int seats;                 /* workers: more requests cannot be on their way */
    bool handshakes;           /* TLS: connections are ours before guard_enter hears of them */
    int per_address;           /* connections one address may hold */
    const struct hosts *hosts; /* whose trusted proxies are not counted */
};

int guard_new(const struct guard_settings *settings, struct guard **out, struct err *e);
void guard_free(struct guard *g);           /* ends the thread */
void guard_port(struct guard *g, int port); /* where we listen: only these sockets are ours */

/* A worker begins or ends with a connection. */
void guard_enter(struct guard *g);
void guard_leave(struct guard *g);
bool guard_crowded(
    const struct guard *g); /* three quarters of the workers are taken: no keep-alive */

/* A request begins; NULL: draining, it must be refused (and is not counted). */
struct seat *guard_begin(struct guard *g, const char *address, int port);
void guard_end(struct guard *g, struct seat *s);

/* The socket is shut unless guard_ease comes first. `bytes` still to move earn time beyond `ms`.
 * A NULL seat is fine. */
void guard_press(struct seat *s, int64_t ms, int64_t bytes);
void guard_ease(struct seat *s);

void guard_drain(struct guard *g); /* guard_begin says no from here on */
bool guard_draining(struct guard *g);
bool guard_wait_idle(struct guard *g, int limit_ms); /* nothing in flight any more */
/* Whoever sends a request while the last ones end still gets his refusal: returns when none came for quiet_ms, at the latest after
 * limit_ms. */
void guard_wait_quiet(struct guard *g, int quiet_ms, int limit_ms);

#endif
