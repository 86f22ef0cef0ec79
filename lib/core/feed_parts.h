/* What feed.c and feed_print.c share. */
#ifndef KONTOR_CORE_FEED_PARTS_H
#define KONTOR_CORE_FEED_PARTS_H

#include "core/feed.h"
#include "core/parts.h"

/* Can records of this kind stand in a calendar? The field that says when; NULL: no. */
const struct field *feed_when(const struct ctx *c, const struct entity *e);
/* Writes these records as a calendar; `about` says what it holds, or NULL; *changed grows to when
 * the newest was changed. */
int feed_print(struct ctx *c, const struct entity *e, const char *name, const char *about,
               const int64_t *ids, size_t count, struct buf *out, int64_t *changed);

#endif
