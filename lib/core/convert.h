/*
 * Conversion: a record (a lead) becomes records of other kinds (company, contact, deal), as one change
 * that is undone like any other. Which kinds and which values go where is in the model (`becomes`,
 * model/load_becomes.c). The record stays, with links to what it became, in the won stage of its
 * pipeline; it is converted once: a second request is answered with what the first one did, unless
 * somebody set it back into an open stage.
 *
 * Each target is a new record or one that is there. A new one gets the values of the source that the
 * actor sees, owner and team of the source, and what the request says; one that is there is complemented
 * (empty fields filled, lists united) if he may edit it, else only linked. Whatever points at the source
 * in a list of records (activities, notes, files) points at the targets, too, whoever it belongs to; who
 * was shown the source is shown what was made of it. Split between convert.c (the request, the answer),
 * convert_make.c (one target) and convert_move.c (what points at the source).
 */
#ifndef KONTOR_CORE_CONVERT_H
#define KONTOR_CORE_CONVERT_H

#include "core/parts.h"

#define CONVERT_MAX 8 /* kinds a record becomes */

struct outcome {
    const struct field *holder;
    const struct entity *entity;
    const struct json *body; /* NULL: none is wanted */
    int64_t id;              /* of the record, 0: none yet */
    bool made;               /* it is a new one */
    struct written written;
};

struct convert {
    struct ctx *c;
    const struct entity *entity;
    struct record *source;
    struct outcome targets[CONVERT_MAX];
    size_t count;
};

/* convert_make.c: makes or complements target `at`; those before it are there. What is wrong with its
 * values is among the items of c->err, and -1 only when nothing can go on. */
int convert_make(struct convert *v, size_t at);
/* convert_move.c */
int convert_move(struct convert *v);

#endif
