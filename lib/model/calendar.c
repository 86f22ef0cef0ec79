/* See calendar.h. */
#include "model/calendar.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/zone.h"

#define DAY_S    86400
#define DAYS_MAX 3660

const struct calendar *calendar_of(const struct model *m, const char *team)
{
    for (size_t i = 1; team != NULL && i < m->calendar_count; i++) {
        if (str_eq(m->calendars[i].team, team)) {
            return &m->calendars[i];
        }
    }
    return m->calendar_count > 0 ? &m->calendars[0] : NULL;
}

const struct holiday *calendar_holiday(const struct calendar *c, int64_t day)
{
    char date[CLOCK_DATE_SIZE];
    clock_date_from_days(day, date);
    int64_t of_year = (date[5] - '0') * 1000 + (date[6] - '0') * 100 + (date[8] - '0') * 10 +
                      (date[9] - '0');
    for (size_t i = 0; i < c->holiday_count; i++) {
        const struct holiday *h = &c->holidays[i];
        int64_t at = h->yearly ? of_year : day;
        if (at >= h->first && at <= h->last) {
            return h;
        }
    }
    return NULL;
}

/* Seconds; the wall time so many minutes after a day began. */
static int64_t moment(const struct calendar *c, int64_t day, int minute)
{
    int64_t at = 0;
    return zone_instant(c->zone, day * DAY_S + (int64_t)minute * 60, &at) == 0 ? at : 0;
}

/* The day it is in the calendar's zone. */
static int64_t day_of(const struct calendar *c, int64_t at_s)
{
    int64_t offset = 0;
    (void)zone_offset(c->zone, at_s, &offset);
    int64_t wall = at_s + offset;
    return wall >= 0 ? wall / DAY_S : -((-wall + DAY_S - 1) / DAY_S);
}

static int weekday(int64_t day)
{
    return (int)(((day + 3) % 7 + 7) % 7); /* 1970 began on a Thursday */
}

/* Walks the worked spans from a moment on, in milliseconds; visit says whether to go on. */
struct walk {
    bool (*visit)(struct walk *w, int64_t from_ms, int64_t to_ms);
    int64_t left_ms, until_ms, sum_ms, found_ms;
};

static void walk(const struct calendar *c, int64_t at_ms, struct walk *w)
{
    int64_t first = day_of(c, at_ms / 1000) - 1, passed = at_ms;
    for (int64_t day = first; day < first + DAYS_MAX; day++) {
        int of_week = weekday(day);
        if (calendar_holiday(c, day) != NULL) {
            continue;
        }
        for (size_t i = 0; i < c->span_counts[of_week]; i++) {
            const struct work_span *s = &c->spans[of_week][i];
            int64_t from = moment(c, day, s->from) * 1000, to = moment(c, day, s->to) * 1000;
            from = from > passed ? from : passed;
            if (to <= from) {
                continue;
            }
            passed = to;
            if (!w->visit(w, from, to)) {
                return;
            }
        }
    }
}

static bool take_left(struct walk *w, int64_t from_ms, int64_t to_ms)
{
    if (w->left_ms <= to_ms - from_ms) {
        w->found_ms = from_ms + w->left_ms;
        return false;
    }
    w->left_ms -= to_ms - from_ms;
    return true;
}

int64_t calendar_add(const struct calendar *c, int64_t at_ms, int64_t work_ms)
{
    struct walk w = {.visit = take_left, .left_ms = work_ms, .found_ms = -1};
    if (c == NULL) {
        return at_ms + work_ms;
    }
    walk(c, at_ms, &w);
    return w.found_ms;
}

static bool take_sum(struct walk *w, int64_t from_ms, int64_t to_ms)
{
    if (from_ms >= w->until_ms) {
        return false;
    }
    w->sum_ms += (to_ms < w->until_ms ? to_ms : w->until_ms) - from_ms;
    return true;
}

int64_t calendar_between(const struct calendar *c, int64_t from_ms, int64_t to_ms)
{
    struct walk w = {.visit = take_sum, .until_ms = to_ms};
    if (to_ms <= from_ms) {
        return 0;
    }
    if (c == NULL) {
        return to_ms - from_ms;
    }
    walk(c, from_ms, &w);
    return w.sum_ms;
}

bool calendar_works(const struct calendar *c, int64_t at_ms)
{
    return calendar_between(c, at_ms, at_ms + 1) > 0;
}

bool calendar_works_on(const struct calendar *c, int64_t day)
{
    int of_week = weekday(day);
    return c == NULL ? of_week < 5 : c->span_counts[of_week] > 0 && calendar_holiday(c, day) == NULL;
}
