/*
 * How soon somebody must answer (response.yaml): for an entity with the fields respond_by,
 * responded_at and answered_late, working hours by condition. lib/rules/response.c runs the clock.
 */
#ifndef KONTOR_MODEL_RESPONSE_H
#define KONTOR_MODEL_RESPONSE_H

#include "model/rule.h"

#define RESPONSE_FILE  "response.yaml"
#define RESPONSE_TIMER "response" /* kind of the timer row that strikes, once */

struct response_step {
    const struct expr *test; /* NULL: all that came so far */
    int64_t work_ms;
};

struct response {
    const struct entity *entity;
    const struct field *by;   /* until when; empty once there is an answer */
    const struct field *at;   /* the first answer */
    const struct field *late; /* whether it came too late */
    struct response_step *steps; /* the first that holds */
    size_t step_count;
    struct people *tell; /* when nobody has answered in time */
    size_t tell_count;
};

/* Of this entity; NULL: nobody waits for an answer. */
const struct response *response_of(const struct model *m, const struct entity *e);

#endif
