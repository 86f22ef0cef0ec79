/* Why rows were rejected: read from the file of rejected rows while it streams by. */
#ifndef KONTOR_CMD_REJECTS_H
#define KONTOR_CMD_REJECTS_H

#include "base/arena.h"
#include "exchange/csv.h"

#define REASONS_MAX 10 /* told; more are only counted */

struct reason {
    const char *column, *value, *text;
    long rows;
};

struct rejects {
    struct arena *arena;
    struct csv_reader reader;
    bool begun;     /* the format is known */
    bool unclear;   /* cannot be read: nothing is told */
    size_t columns; /* 0: the header has not come */
    struct reason reasons[REASONS_MAX];
    size_t count;
    long others; /* rows with other reasons */
};

void rejects_init(struct rejects *r, struct arena *a);
/* The next piece of the file. */
void rejects_feed(struct rejects *r, const char *bytes, size_t n);
/* After the last piece: one line for each reason on standard output. */
void rejects_print(struct rejects *r);
void rejects_done(struct rejects *r);

#endif
