/*
 * The guard at the door: how many connections an address may hold, what is in flight, and who is
 * too slow.
 *
 * Each connection a worker serves has a seat. A thread of ours (the only one of lib/web) looks at
 * the seats twice a second and shuts the sockets whose deadline has passed: civetweb's own time
 * limit starts anew with every byte, so a dripping body or a reader that takes nothing would hold a
 * worker for ever. The same happens at once to a connection beyond the limit of its address.
 * civetweb keeps its sockets to itself, therefore the socket is looked up by its two ends; that
 * costs only those who misbehave. The lock guards the seats; deadlines are atomic.
 */
#ifndef KONTOR_WEB_GUARD_H
#define KONTOR_WEB_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct guard;
struct seat;

int guard_new(int seats, int per_address, struct guard **out, struct err *e);
void guard_free(struct guard *g); /* ends the thread */

/* A worker begins with a connection; NULL only if there are more workers than seats. */
struct seat *guard_enter(struct guard *g, const char *address, int remote_port, int local_port);
void guard_leave(struct guard *g, struct seat *s); /* NULL is fine */

/* A request begins; false: draining, it must be refused (and is not counted). */
bool guard_begin(struct guard *g, struct seat *s);
void guard_end(struct guard *g, struct seat *s);
bool guard_crowded(
    const struct guard *g); /* three quarters of the seats are taken: no more keep-alive */

/* The socket is shut unless guard_ease comes first. `bytes` still to move earn time beyond the
 * first `ms`. */
void guard_press(struct seat *s, int64_t ms, int64_t bytes);
void guard_ease(struct seat *s);

void guard_drain(struct guard *g); /* guard_begin says no from here on */
bool guard_draining(const struct guard *g);
bool guard_wait_idle(struct guard *g, int limit_ms); /* nothing in flight any more */

#endif
