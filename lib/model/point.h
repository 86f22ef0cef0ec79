/*
 * Ways to reach somebody: what is said of one, and lists of contact points as they are stored.
 *
 * Stored and printed as {"value","label","primary","opt_out"} and, where it is so, "invalid". A postal
 * address (address.h) has the same marks, opt_out and invalid where it is so.
 */
#ifndef KONTOR_MODEL_POINT_H
#define KONTOR_MODEL_POINT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/json.h"
#include "model/value.h"

struct marks {
    bool primary; /* one of a list */
    bool opt_out; /* not to be used for mailings */
    bool invalid; /* it does not reach anybody */
};

enum mark {
    MARK_PRIMARY,
    MARK_OPT_OUT,
    MARK_INVALID,
    MARKS
};

extern const char *const MARK_KEYS[MARKS];  /* members of JSON */
extern const char *const MARK_WORDS[MARKS]; /* in the brackets of a cell */

bool *mark_of(struct marks *m, enum mark i);
/* The one that `names` (MARK_KEYS or MARK_WORDS) calls `name`; NULL: none. */
bool *mark_named(struct marks *m, const char *const names[MARKS], const char *name);
struct marks marks_read(const struct json *entry);
void marks_take(struct marks *m, const struct json_member *member); /* if it is one, and true */

struct point {
    const char *value, *label; /* label: "" none */
    struct marks is;
};

/* A stored list, with room for `room` entries more; texts in `a`. The number of entries. */
size_t points_read(struct arena *a, struct value list, size_t room, struct point **out);
/* A list as it is stored, null when there are none. */
struct value points_print(struct arena *a, const struct point *points, size_t count);

#endif
