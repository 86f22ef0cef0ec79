/*
 * Errors. A fallible function returns 0 or -1; with -1 it has filled exactly one struct err. The
 * first message wins: failing twice keeps the first. Validation collects several items. The HTTP
 * status and the exit code follow from `code` in one place each (lib/api, cmd).
 */
#ifndef KONTOR_BASE_ERR_H
#define KONTOR_BASE_ERR_H

#include <stddef.h>

#include "base/attr.h"

struct arena;

enum err_code {
    ERR_NONE,
    ERR_MALFORMED,       /* the request cannot be read: 400 */
    ERR_UNAUTHENTICATED, /* 401 */
    ERR_FORBIDDEN,       /* no right to the action: 403 */
    ERR_UNCONFIRMED,     /* the password must be given once more: 403 */
    ERR_NOT_FOUND,       /* absent or not visible: 404 */
    ERR_METHOD,          /* the address takes other methods: 405 */
    ERR_CONFLICT,        /* unique or idempotency clash: 409 */
    ERR_STALE,           /* version mismatch: 412 */
    ERR_TOO_LARGE,       /* 413 */
    ERR_INVALID,         /* validation: 422 */
    ERR_NEEDS_VERSION,   /* If-Match is missing: 428 */
    ERR_RATE,            /* 429 */
    ERR_BUSY,            /* shutting down, time limit of a read: 503 */
    ERR_FULL,            /* disk full: 507 */
    ERR_UNFINISHED,      /* a long write is done in part and goes on by itself: 503 */
    ERR_INTERNAL         /* 500; text says nothing of internals, the log does */
};

struct err_item {
    const char *where; /* "entity.field", or "file:line:column" for configuration; never NULL */
    const char *text;  /* one sentence */
    struct err_item *next;
};

struct err {
    enum err_code code;     /* ERR_NONE while nothing failed */
    char where[160];        /* of the first message, may be "" */
    char text[480];         /* first message */
    struct err_item *items; /* every message added with err_add, in the arena given there */
    struct err_item *last;
    size_t item_count;
};

/* Fills e unless it is filled already; always returns -1, so `return err_fail(...)` is one line. */
int err_fail(struct err *e, enum err_code code, const char *where, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* Adds one item (and makes it the message if it is the first). Code becomes `code` if none is set.
 * Returns -1. */
int err_add(struct err *e, struct arena *a, enum err_code code, const char *where,
            const char *format, ...) PRINTF_LIKE(5, 6);
void err_clear(struct err *e);
/* Its messages as copies in `a`, for when the arena they were made in ends. */
void err_keep(struct err *e, struct arena *a);

#endif
