/*
 * When the firm works (calendar.yaml): hours by weekday, holidays, a calendar of its own for a team.
 * Pure arithmetic on instants; each span of a day is brought into the calendar's zone, so a shift over
 * a clock change is as long as it really was. Without calendar.yaml every hour is worked.
 */
#ifndef KONTOR_MODEL_CALENDAR_H
#define KONTOR_MODEL_CALENDAR_H

#include "model/model.h"

#define CALENDAR_FILE "calendar.yaml"

/* Minutes of a day; `to` over 1440 is on the next one. */
struct work_span {
    int from, to;
};

/* Days since 1970, both included; yearly: month * 100 + day instead. */
struct holiday {
    int64_t first, last;
    bool yearly;
    const char *name; /* may be empty */
};

struct calendar {
    const char *team, *where; /* NULL: the firm's; where its name stands */
    const char *zone;
    struct work_span *spans[7]; /* Monday first, in order, none within another */
    size_t span_counts[7];
    struct holiday *holidays;
    size_t holiday_count;
};

/* That of the team with this name, else the firm's; NULL: there is none. */
const struct calendar *calendar_of(const struct model *m, const char *team);
/* NULL as calendar: always. */
bool calendar_works(const struct calendar *c, int64_t at_ms);
/* Whether anything is worked on a day (since 1970); NULL as calendar: Monday to Friday. */
bool calendar_works_on(const struct calendar *c, int64_t day);
/* The moment when so much has been worked since at_ms; -1: not within ten years. */
int64_t calendar_add(const struct calendar *c, int64_t at_ms, int64_t work_ms);
/* What is worked between two moments, at most ten years apart. */
int64_t calendar_between(const struct calendar *c, int64_t from_ms, int64_t to_ms);
/* The holiday a day (since 1970) is; NULL: none. */
const struct holiday *calendar_holiday(const struct calendar *c, int64_t day);

/* Whole days of an .ics file as holidays; 0 when there are none. calendar_ics.c */
size_t holidays_read(struct arena *a, const char *text, size_t size, struct holiday **out);

#endif
