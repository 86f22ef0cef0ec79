/*
 * How long records were in which stage: all their stays, one record after the other. What they come
 * to is told by core/stages.c. Nobody outside lib/core includes this.
 */
#ifndef KONTOR_CORE_STAYS_H
#define KONTOR_CORE_STAYS_H

#include "core/record.h"

#define STAYS_MAX 512 /* of one record; older ones beyond it count as one */

struct moving { /* a record, as far as it matters here */
    int64_t id, created_ms, since_ms, won_ms, lost_ms; /* 0: not said */
    const char *pipeline, *stage;
};

struct step { /* what one set did to it */
    int64_t set, parent, undo_of, at_ms;
    const char *stage, *pipeline; /* before it; NULL: untouched */
};

struct stay {
    const char *pipeline, *stage;
    int64_t from_ms, to_ms; /* to_ms 0: it is there still */
};

struct walk { /* c, take and data are the caller's; the rest is zero at first */
    struct ctx *c;
    struct moving *list;
    size_t count, room, at; /* at: the record whose changes are read */
    struct step steps[STAYS_MAX];
    size_t step_count;
    struct stay stays[STAYS_MAX + 1];
    size_t stay_count;
    void (*take)(void *data, const struct moving *m, const struct stay *stays, size_t count);
    void *data;
};

/* Every record for which the filter holds (only: this one), with all its stays, to walk->take. */
int stays_walk(struct walk *w, const struct entity *e, const struct expr *filter,
               const int64_t *only);

#endif
