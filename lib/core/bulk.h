/* Inside bulk.c and bulk_one.c: a bulk change and what it does to one record. */
#ifndef KONTOR_CORE_BULK_H
#define KONTOR_CORE_BULK_H

#include "core/parts.h"

enum bulk_kind { BULK_NONE, BULK_CHANGE, BULK_DELETE, BULK_RESTORE, BULK_MAKE };

#define EXAMPLES_MAX 5

struct bulk {
    struct ctx *c;
    const struct entity *entity;
    enum bulk_kind kind;
    const struct json *set, *add, *remove; /* BULK_CHANGE; NULL where not asked for */
    const struct json *make;               /* BULK_MAKE: {"note": {…}} */
    const struct entity *made;             /* its kind */
    const struct field *about;             /* the field of it that names what it is about */
    const struct expr *filter;
    bool by_filter;
    int64_t *ids; /* given, sorted, each once */
    size_t id_count;
    const char *packed; /* ids of a job */
    struct field_set fields, adds, removes;

    int64_t after; /* last id looked at */
    size_t rows;   /* how many to look up at once */
    int64_t matched, changed;
    size_t error_count, example_count;
    struct buf errors, examples; /* items of JSON lists, comma separated */
};

/* What is to be done, out of the body; the lists it adds to and takes from are lists. */
int bulk_read_what(struct bulk *b, const struct json *body);
/* Looks at the values, before the first record and again for each slice. */
int bulk_parse(struct bulk *b);
/* The right it needs to each record, and to the entity. */
enum action bulk_action(const struct bulk *b);
/* Does it to one record, within ctx_try. The first few that change are told as examples. */
int bulk_do(struct bulk *b, int64_t id, bool *changed);

#endif
