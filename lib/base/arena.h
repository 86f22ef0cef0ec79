/*
 * Arena: memory that is freed by lifetime, not piece by piece.
 *
 * One arena per unit of work (an HTTP request, a job slice, a CLI command) and one per model.
 * Nothing taken from an arena is freed on its own. Allocation never returns NULL: when the system
 * is out of memory the process ends with a message (a CRM that drops half a request is worse than a
 * restart). Not thread-safe: an arena belongs to one thread at a time.
 */
#ifndef KONTOR_BASE_ARENA_H
#define KONTOR_BASE_ARENA_H

#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/attr.h"

struct arena_block;
struct arena_deferred;

struct arena {
    struct arena_block *head;        /* newest block, NULL when empty */
    struct arena_deferred *deferred; /* clean-ups, run newest first */
    size_t used;                     /* bytes handed out since init or reset */
};

/* An empty arena holds no memory. */
void arena_init(struct arena *a);
/* An empty arena that takes from the caller's room first: for small work that is done very often. */
struct arena_room {
    alignas(max_align_t) char bytes[1024];
};
void arena_init_in(struct arena *a, struct arena_room *room);
/* Runs the deferred clean-ups (newest first) and frees every block. */
void arena_done(struct arena *a);
/* Like arena_done, but keeps one block of normal size for the next unit of work. */
void arena_reset(struct arena *a);

/* Zeroed memory, aligned for any type. `size` 0 gives a valid unique pointer. */
void *arena_alloc(struct arena *a, size_t size);
#define ARENA_NEW(a, type)      ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (n)))

char *arena_strdup(struct arena *a, const char *s);            /* NULL gives NULL */
char *arena_strndup(struct arena *a, const char *s, size_t n); /* copies n bytes, adds NUL */
char *arena_printf(struct arena *a, const char *format, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *a, const char *format, va_list args) PRINTF_LIKE(2, 0);

/* Runs done(object) when the arena is reset or done. For objects of libraries. */
void arena_defer(struct arena *a, void (*done)(void *), void *object);

#endif
