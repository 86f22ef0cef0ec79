/*
 * Activities that repeat. A series is a record of the entity `activity_series`: a rule of RFC 5545
 * and the local time it starts at. Its occurrences are activities like any other, made ahead and
 * rolled on once a day; each knows its series and the wall time it has there (`recurrence_id`), so
 * 09:00 stays 09:00 on both sides of a clock change. One that was changed by itself is an
 * `exception` and keeps what differs when the series changes; what is done is never rewritten.
 */
#ifndef KONTOR_CORE_SERIES_H
#define KONTOR_CORE_SERIES_H

#include "core/record.h"

#define SERIES_AHEAD_MONTHS 12
#define SERIES_AHEAD_MOST   400 /* occurrences to come of one series: more than days in a year */
#define SERIES_FIELD        "series" /* of an activity: the link to its series */
#define SERIES_REPEAT       "repeat" /* member of an activity's body: the rule, null: no more */

/* "this", "following", "all", NULL: this. -1: none of these (ERR_MALFORMED). */
int series_scope_read(struct ctx *c, const char *text, enum series_scope *out);

/* {"rule","occurrences":["2026-11-21T09:00:00+01:00[Europe/Berlin]",…],"more"}: what a rule gives from
 * a start on, at most `most`. */
int series_preview(struct ctx *c, const char *rule, const char *start, int64_t most,
                   struct json_writer *w);

/* A timer's: makes the job that rolls all series on, and one slice of that job. */
int series_timer(struct ctx *c, int64_t record, const char *key);
int series_slice(struct ctx *c, int64_t job, bool *more);

#endif
