/*
 * When people have time: what of their days is taken, without saying by what, and the next times at
 * which all of them are at work and none is taken.
 */
#ifndef KONTOR_CORE_FREE_H
#define KONTOR_CORE_FREE_H

#include "base/buf.h"
#include "core/ctx.h"

#define FREE_PEOPLE_MAX 20
#define FREE_DAYS_MAX   31

struct free_ask {
    const int64_t *users; /* at least one */
    size_t count;
    int64_t minutes;
    int64_t from_ms, until_ms;
};

/*
 * {"busy":[{"user":4,"spans":[{"from","until"}]}],"slots":[{"from","until"}]}. Taken is a person by
 * work with a time and a duration that is his or that he takes part in and that is not done, and by
 * absences, whoever may see them: what they are is never told, and spans that touch are one. Work
 * hours and holidays are those of each person's team; without calendar.yaml Monday to Friday, 9 to
 * 17. ERR_NOT_FOUND for who is no user the actor sees.
 */
int free_print(struct ctx *c, const struct free_ask *ask, struct buf *out);

#endif
