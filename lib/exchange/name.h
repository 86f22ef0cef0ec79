/* Whole names of people as they are written in one cell, taken apart. */
#ifndef KONTOR_EXCHANGE_NAME_H
#define KONTOR_EXCHANGE_NAME_H

#include "base/arena.h"

struct name {
    const char *title; /* "Dr.", "Frau Prof."; "" if none */
    const char *first; /* "" if there is only one word */
    const char *last;  /* with what belongs to it: "von der Heide" */
};
/* "Prof. Dr. Anna-Lena von der Heide" or "Heide, Dr. Anna-Lena von der"; `text` is trimmed and not
 * empty. Parts live in `a`. */
void name_split(struct arena *a, const char *text, struct name *out);

#endif
