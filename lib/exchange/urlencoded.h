/*
 * application/x-www-form-urlencoded, as browsers send forms (URL standard, 5.1): a whole body as names
 * and values. Strict where a browser never errs: broken escapes, bytes that are no UTF-8 and NUL are
 * refused, and so is more than a form of ours can hold.
 */
#ifndef KONTOR_EXCHANGE_URLENCODED_H
#define KONTOR_EXCHANGE_URLENCODED_H

#include <stddef.h>

struct arena;

#define URLENCODED_PAIRS_MAX 200
#define URLENCODED_NAME_MAX  100 /* bytes, decoded */

struct urlencoded {
    struct {
        const char *name, *value; /* decoded; never NULL */
    } pairs[URLENCODED_PAIRS_MAX];
    size_t count;
};

enum urlencoded_result { URLENCODED_OK, URLENCODED_BROKEN, URLENCODED_TOO_MANY };

/* Texts land in the arena. */
enum urlencoded_result urlencoded_read(struct arena *a, const char *text, size_t size,
                                       struct urlencoded *out);
/* The value of the first pair of this name; NULL when there is none. */
const char *urlencoded_find(const struct urlencoded *u, const char *name);

#endif
