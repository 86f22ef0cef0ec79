/* Inside timeline.c, timeline_ask.c, timeline_with.c and timeline_print.c: what a page of a timeline is made of. */
#ifndef KONTOR_CORE_TIMELINE_H
#define KONTOR_CORE_TIMELINE_H

#include "core/parts.h"
#include "store/change.h"

#define KINDS_MAX   12
#define WORDS_MAX   8
#define TARGETS_MAX 2048 /* records whose entries are told together, the newest */

/* Words for kinds that are no entity's and no option's. */
#define KIND_CHANGE "change"
#define KIND_OPEN   "open" /* only what is to be done */

enum slot {
    SLOT_AT,
    SLOT_BY,
    SLOT_KIND,
    SLOT_SUBJECT,
    SLOT_TEXT,
    SLOT_DUE,
    SLOT_DONE,
    SLOT_SERIES, /* of work that repeats */
    SLOT_PIN,
    SLOT_RECORDS, /* with others' entries: whose they are */
    SLOT_COUNT
};

struct stream { /* entries of one entity: notes, activities, a customer's own */
    const struct entity *entity;
    const struct field *fields[SLOT_COUNT]; /* NULL: has none */
    const struct field *read[SLOT_COUNT];   /* those that are there, in order */
    size_t at[SLOT_COUNT];                  /* position among the values read */
    size_t count;
    int64_t pos_at, pos_id; /* last item given out; 0: none */
    bool whole;             /* all its entries have been read, of the record itself alone */
};

struct item {
    int64_t at, id;        /* id: of the record, or of the change-set */
    struct stream *stream; /* NULL: a change */
    struct value values[SLOT_COUNT];     /* the first column of each */
    struct value due[FIELD_MAX_COLUMNS]; /* all of them */
    const char *by_title;
    const struct change_row *rows; /* of a change */
    bool other;                    /* a change of what belongs to the record */
    size_t row_count;
};

struct timeline {
    struct ctx *c;
    const struct entity *entity;
    struct record *record;
    int64_t *records; /* whose changes are told: the record, then those merged into it */
    size_t record_count;
    size_t limit;
    struct item *items;
    size_t count, room;
    int64_t pos_set;
    const char *kinds[KINDS_MAX];
    size_t kind_count;      /* 0: all */
    int64_t by;             /* only of this user; 0: everybody's */
    const char *words[WORDS_MAX];
    size_t word_count;      /* 0: any text */
    bool with;              /* entries of what belongs to the record, too */
    int64_t *targets;       /* whose entries: the record, then those */
    int64_t *target_at;     /* when these were changed last */
    struct change_place pos_other; /* of their changes */
    int64_t pos_other_at;
    size_t target_count;
    struct stream *streams; /* one of each entity that has a story, in the order of the model */
    size_t stream_count;
    struct stream *reading;
    struct title_row *titles;
    size_t title_count;
};

/* timeline_ask.c */
int timeline_read_request(struct timeline *t, const struct timeline_request *q);
int timeline_read_cursor(struct timeline *t, const char *cursor);
const char *timeline_print_cursor(const struct timeline *t);
bool timeline_names(const struct timeline *t, const char *kind); /* was it asked for by name? */
bool timeline_wants(const struct timeline *t, const struct stream *s);
/* What is told of a stream, but for the place reached; what of it is still to be done. */
const struct expr *timeline_filter(struct timeline *t, const struct stream *s);
const struct expr *timeline_open_filter(struct timeline *t, const struct stream *s);
const struct expr *timeline_after(struct ctx *c, const struct stream *s); /* NULL: from the start */

/* timeline.c: entries of e point to what they are about by f. */
bool timeline_points(const struct ctx *c, const struct entity *e, const struct field *f);
/* The order of a stream is that of its ids: they were written down when they happened. */
bool timeline_by_id(const struct stream *s);

/* A new item at the end. */
struct item *timeline_add_item(struct timeline *t);

/* timeline_with.c: changes of what belongs to the record, one more than a page has. */
int timeline_read_others(struct timeline *t);

/* timeline_print.c: the columns that a change left alone of fields it did change, as they stood
 * then. */
int timeline_whole(struct timeline *t, size_t shown);
/* Titles of everybody and everything the first `shown` items mention, in one
 * query. */
int timeline_titles(struct timeline *t, size_t shown);
bool timeline_is_pinned(const struct timeline *t, const struct item *item);
void timeline_print_item(const struct timeline *t, struct json_writer *w, const struct item *item);
bool timeline_tells(
    const struct change_row *row); /* of interest to a reader: no title, no computed value */

#endif
