/*
 * References inside long texts: "@[12 Max Muster]" mentions the user with id 12, "#[77]" names the
 * record with id 77. The id survives renaming; the name beside a user's is what he was called then,
 * so that the text can be read and found as it stands. A record's name is not written down: not
 * everybody who reads the text may see the record.
 */
#ifndef KONTOR_MODEL_TEXT_REF_H
#define KONTOR_MODEL_TEXT_REF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

struct text_ref {
    char sign;          /* '@' or '#' */
    int64_t id;         /* 0: the brackets begin with no number */
    const char *name;   /* what follows the number, or all of it; not terminated */
    size_t name_size;
    const char *begin, *end; /* of the whole reference in the text */
};

/* The next reference at or after s; false when there is none. */
bool text_ref_next(const char *s, struct text_ref *out);
/* Is there any? Cheap. */
bool text_ref_any(const char *s);
/* The text as people read it: "@Max Muster", and "#…" for what only its readers may be told. */
void text_ref_plain(struct buf *out, const char *s);
#define TEXT_REFS_MAX 100 /* of one text that mean anything */
/* The ids of users ('@') or records ('#') in it, each once; count of them. */
size_t text_ref_ids(struct arena *a, const char *s, char sign, int64_t **out);

#endif
