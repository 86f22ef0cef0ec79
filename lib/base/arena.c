/*
 * Arena: bump allocation in blocks; see arena.h for the contract.
 *
 * The newest block is the one being filled. A request that does not fit gets a new normal block;
 * one of more than a quarter of a block gets a block of its own, put behind the newest so that the
 * space left there stays in use. Blocks grow with the arena (16 KiB up to 256 KiB), so that a model
 * of megabytes takes few of them and a small request takes one, which arena_reset keeps.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define BLOCK_SIZE     ((size_t)16 * 1024)
#define BLOCK_SIZE_MAX ((size_t)256 * 1024)
#define ALIGNMENT      alignof(max_align_t)

struct arena_block {
    struct arena_block *next; /* older block */
    size_t room;              /* bytes in data */
    size_t fill;              /* bytes taken, a multiple of ALIGNMENT */
    bool lent;                /* not ours to free */
    alignas(max_align_t) char data[];
};

struct arena_deferred {
    void (*done)(void *);
    void *object;
    struct arena_deferred *next; /* the one registered before */
};

void arena_init(struct arena *a)
{
    *a = (struct arena){0};
}

void arena_init_in(struct arena *a, struct arena_room *room)
{
    struct arena_block *b = (struct arena_block *)room->bytes;
    *b = (struct arena_block){.room = sizeof(room->bytes) - sizeof(*b), .lent = true};
    *a = (struct arena){.head = b};
}

static void run_deferred(struct arena *a)
{
    while (a->deferred) {
        struct arena_deferred *d = a->deferred;
        a->deferred = d->next;
        d->done(d->object);
    }
}

/* Frees all blocks but `keep`. */
static void free_blocks(struct arena *a, const struct arena_block *keep)
{
    struct arena_block *b = a->head;
    while (b) {
        struct arena_block *next = b->next;
        if (b != keep && !b->lent) {
            free(b);
        }
        b = next;
    }
}

void arena_done(struct arena *a)
{
    run_deferred(a);
    free_blocks(a, NULL);
    arena_init(a);
}

void arena_reset(struct arena *a)
{
    run_deferred(a);
    struct arena_block *keep = a->head;
    while (keep && keep->room != BLOCK_SIZE) {
        keep = keep->next;
    }
    free_blocks(a, keep);
    arena_init(a);
    if (keep) {
        keep->next = NULL;
        keep->fill = 0;
        a->head = keep;
    }
}

static struct arena_block *new_block(size_t room)
{
    struct arena_block *b = memory_take(sizeof(*b) + room);
    b->next = NULL;
    b->room = room;
    b->fill = 0;
    b->lent = false;
    return b;
}

/* The slow way: the newest block has no room for `size`. Returns the block to take from. */
static struct arena_block *add_block(struct arena *a, size_t size)
{
    size_t normal = BLOCK_SIZE;
    while (normal < BLOCK_SIZE_MAX && normal < a->used) {
        normal *= 2;
    }
    if (a->head && size > normal / 4) {
        struct arena_block *own = new_block(size);
        own->next = a->head->next;
        a->head->next = own;
        return own;
    }
    struct arena_block *b = new_block(size > normal ? size : normal);
    b->next = a->head;
    a->head = b;
    return b;
}

/* Aligned memory, not zeroed. */
static void *take(struct arena *a, size_t size)
{
    if (size > SIZE_MAX / 2) {
        memory_out();
    }
    size_t rounded = size > 0 ? (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1) : ALIGNMENT;
    struct arena_block *b = a->head;
    if (!b || b->room - b->fill < rounded) {
        b = add_block(a, rounded);
    }
    void *p = b->data + b->fill;
    b->fill += rounded;
    a->used += rounded;
    return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
    return memset(take(a, size), 0, size);
}

char *arena_strdup(struct arena *a, const char *s)
{
    return s ? arena_strndup(a, s, strlen(s)) : NULL;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    char *copy = take(a, n + 1);
    if (n > 0) {
        memcpy(copy, s, n);
    }
    copy[n] = '\0';
    return copy;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(a, format, args);
    va_end(args);
    return text;
}

char *arena_vprintf(struct arena *a, const char *format, va_list args)
{
    char first[256];
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(first, sizeof(first), format, args);
    if (n < 0) {
        memory_out();
    }
    char *text = take(a, (size_t)n + 1);
    if ((size_t)n < sizeof(first)) {
        memcpy(text, first, (size_t)n + 1);
    } else {
        vsnprintf(text, (size_t)n + 1, format, again);
    }
    va_end(again);
    return text;
}

void arena_defer(struct arena *a, void (*done)(void *), void *object)
{
    struct arena_deferred *d = take(a, sizeof(*d));
    *d = (struct arena_deferred){.done = done, .object = object, .next = a->deferred};
    a->deferred = d;
}
