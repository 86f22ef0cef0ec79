/*
 * Recurrence rules of RFC 5545 (RRULE): read, written and expanded, as pure functions on wall time:
 * seconds since 1970-01-01T00:00 as a clock on the wall shows them, without any zone. Who has a zone
 * gives the start and takes the occurrences in it, so a rule says 09:00 on both sides of a clock
 * change.
 *
 * A rule is of fixed size whatever it says, and an expansion has an end whatever it asks for: it
 * stops at the caller's last second and after ICAL_RECUR_STEPS looks at a day or an hour.
 */
#ifndef KONTOR_EXCHANGE_ICAL_RULE_H
#define KONTOR_EXCHANGE_ICAL_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

#define ICAL_DAY             86400
#define ICAL_RECUR_STEPS     1000000
#define ICAL_NTH_MAX         53
#define ICAL_YEAR_DAYS       366
#define ICAL_PERIOD_DAYS     371 /* a year of 53 weeks */
#define ICAL_INTERVAL_MAX    100000
#define ICAL_RULE_TEXT_MAX   4000

enum ical_frequency {
    ICAL_YEARLY,
    ICAL_MONTHLY,
    ICAL_WEEKLY,
    ICAL_DAILY,
    ICAL_HOURLY,
    ICAL_MINUTELY,
    ICAL_SECONDLY
};

struct ical_numbers { /* a set of numbers -N..-1 and 1..N (or 0..N) */
    bool any;
    uint64_t plus[6], minus[6];
};

struct ical_rule {
    enum ical_frequency frequency;
    int interval;
    int64_t count;   /* 0: no limit */
    bool has_until;
    bool until_is_day; /* that whole day belongs to it */
    bool until_is_utc; /* the caller turns it into wall time before he expands */
    int64_t until;
    int week_start; /* 0 is Monday */
    struct ical_numbers seconds, minutes, hours, month_days, year_days, weeks, months, positions;
    bool has_days;
    uint8_t every_day;                /* weekdays without a number: bit 0 is Monday */
    uint8_t nth_day[ICAL_NTH_MAX + 1]; /* [2] bit 1: the 2nd Tuesday */
    uint8_t last_day[ICAL_NTH_MAX + 1]; /* [1] bit 4: the last Friday */
    bool has_nth;
};

/* Reads "FREQ=WEEKLY;BYDAY=MO,WE". -1: `e` says which part is wrong. */
int ical_rule_read(const char *text, struct ical_rule *out, struct err *e);
/* Appends it in one spelling: equal rules give equal texts. */
void ical_rule_write(struct buf *out, const struct ical_rule *rule);

struct ical_recur {
    struct ical_rule rule;
    int64_t start, last; /* wall seconds; nothing after `last` is given */
    int64_t given;       /* so many so far */
    int64_t steps;       /* looks so far */
    int64_t most_steps;  /* ICAL_RECUR_STEPS, unless the caller makes it less */
    int64_t period;      /* number of the period in `days` */
    int64_t base;        /* of periods below a day: where the present one begins */
    bool ended, exhausted; /* exhausted: ended because of ICAL_RECUR_STEPS */
    int64_t days[ICAL_PERIOD_DAYS]; /* the days of the period that fit */
    size_t day_count;
    uint8_t hours[24], minutes[60], seconds[60];
    size_t hour_count, minute_count, second_count;
    int64_t index, total;               /* next candidate of the period, and how many it has */
    int64_t chosen[2 * ICAL_YEAR_DAYS]; /* BYSETPOS: these candidates only */
    size_t chosen_count;
    struct { /* of the year looked at last */
        int year;
        int64_t first; /* its 1 January as a day since 1970 */
        bool leap;
    } year;
};

/* Expands `rule` from `start` on; `is_day`: it is a day without a time. `last`: the last wall second
 * of interest. */
void ical_recur_start(struct ical_recur *r, const struct ical_rule *rule, int64_t start,
                      bool is_day, int64_t last);
/* The next occurrence; false: there is none. */
bool ical_recur_next(struct ical_recur *r, int64_t *out);

/* Days since 1970 of a day of the Gregorian calendar and back. */
int64_t ical_day_of(int year, int month, int day);
void ical_day_print(int64_t day, int *year, int *month, int *month_day);
/* "20260131" or "2026-01-31" with "T090000" or "T09:00[:00]" behind it, or without, and "Z".
 * Wall seconds; false: no such day or time. */
bool ical_time_read(const char *text, size_t n, int64_t *out, bool *is_day, bool *is_utc);
/* "20260131T090000", or "20260131". */
void ical_time_write(struct buf *out, int64_t at, bool is_day, bool is_utc);

#endif
