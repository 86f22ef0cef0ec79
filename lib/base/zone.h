/*
 * Offsets of any zone of the IANA database, and local times in it: a day without a time, or a wall
 * time with the zone it was agreed on in, as RFC 9557 writes it: 2026-11-21T14:05:00+01:00[Europe/Berlin].
 *
 * Rules come from the system's zoneinfo files (RFC 8536). Each thread keeps the one used last.
 */
#ifndef KONTOR_BASE_ZONE_H
#define KONTOR_BASE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define ZONE_NAME_SIZE  65
#define LOCAL_TEXT_SIZE 24 /* "2026-11-21T14:05:00.123" and NUL */

bool zone_is_known(const char *zone);
/* Tells the names people choose from, one or a few for each country, of those that are known. */
void zone_each(void (*tell)(void *of, const char *zone), void *of);
/* Seconds east of UTC in the zone at an instant in seconds; -1: no such zone. */
int zone_offset(const char *zone, int64_t at_s, int64_t *out_s);
/* Instant of a wall time given as seconds as if it were UTC: of a time that exists twice the first,
 * one that a clock change skips moves forward by the gap. -1: no such zone. */
int zone_instant(const char *zone, int64_t wall_s, int64_t *out_s);

struct local_time {
    int64_t at_ms;              /* the instant; of a day its last millisecond in the company's zone */
    char text[LOCAL_TEXT_SIZE]; /* "2026-11-21", or the wall time "2026-11-21T14:05:00" */
    char zone[ZONE_NAME_SIZE];  /* IANA name; "" of a day */
};

enum local_problem {
    LOCAL_FINE,
    LOCAL_UNREADABLE, /* no day and no time */
    LOCAL_NO_ZONE,    /* no such zone */
    LOCAL_NO_OFFSET   /* the zone has another offset at that time */
};

/* "2026-11-21"; a wall time with offset and zone, with one of them or with neither: Z alone means the
 * zone UTC, any other offset alone and none at all the company's. *out only when LOCAL_FINE. */
enum local_problem local_parse(const char *s, struct local_time *out);
/* An instant as it stands in the company's zone. */
void local_of_instant(int64_t at_ms, struct local_time *out);
/* "2026-11-21", "2026-11-21T14:05:00+01:00[Europe/Berlin]"; in UTC "2026-11-21T14:05:00Z". */
void local_print(struct buf *out, const struct local_time *t);

#endif
