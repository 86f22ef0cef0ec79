/* Shared by takeout_out.c and takeout_in.c: how a stored value stands in the files. */
#ifndef KONTOR_CORE_TAKEOUT_PRIVATE_H
#define KONTOR_CORE_TAKEOUT_PRIVATE_H

#include "base/json.h"
#include "core/takeout.h"
#include "model/field_type.h"

/* null, a text, a number, or {"int":"…"} for one that JSON readers would round. */
void takeout_print_stored(struct json_writer *w, struct value v);
int takeout_read_stored(const struct json *j, struct value *out); /* -1: none of these */
/* The values of a field from a record's line: as stored, else as its type reads them. -1: it cannot
 * (e, if not NULL, says why). */
int takeout_read_field(const struct ctx *c, struct arena *a, const struct field *f,
                       const struct json *printed, const struct json *stored,
                       struct value out[FIELD_MAX_COLUMNS], struct err *e);

#endif
