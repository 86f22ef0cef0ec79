/*
 * Time. Three kinds that never mix: instant (UTC milliseconds since 1970), date ("YYYY-MM-DD", no
 * zone), monotonic milliseconds for durations. The company's zone is the process zone
 * (clock_set_zone at start and reload). For tests the wall clock can be fixed or shifted by
 * clock_set_offset.
 */
#ifndef KONTOR_BASE_CLOCK_H
#define KONTOR_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int64_t clock_now_ms(void);       /* wall clock, plus the offset */
int64_t clock_monotonic_ms(void); /* CLOCK_MONOTONIC */
int64_t clock_thread_us(void);    /* CPU time of the calling thread, in microseconds */
void clock_set_offset(int64_t ms);
/* IANA name; -1 when the system does not know it (nothing changes then). Not while other threads
 * use the environment. */
int clock_set_zone(const char *zone);
const char *clock_zone(void); /* its name; "UTC" when none was set */

#define CLOCK_INSTANT_SIZE 25 /* "2026-11-21T14:05:00.123Z" and NUL */
#define CLOCK_DATE_SIZE    11
/* "2026-11-21T14:05:00Z"; milliseconds only when they are not 0. Returns the length. */
size_t clock_print_instant(int64_t ms, char out[CLOCK_INSTANT_SIZE]);
/* RFC 3339 with Z or offset, also "YYYY-MM-DD HH:MM[:SS]" in the company's zone and a bare date
 * (its midnight). */
int clock_parse_instant(const char *s, int64_t *out_ms);
bool clock_is_date(const char *s); /* a real day, 0001-01-01 .. 9999-12-31, exactly 10 bytes */
void clock_date_of(int64_t ms, char out[CLOCK_DATE_SIZE]); /* day in the company's zone */
int clock_date_start(const char *date, int64_t *out_ms);   /* its midnight in the company's zone */
int clock_date_end(const char *date, int64_t *out_ms);     /* the midnight after it */
/* The wall time in the company's zone so many months and then days later, as an instant: a month that
 * is too short ends on its last day, a time that a clock change skips moves forward as in
 * clock_parse_instant. Then so many milliseconds later. -1: outside the years 1 to 9999 in UTC. */
int clock_shift_instant(int64_t ms, int64_t months, int64_t days, int64_t more_ms, int64_t *out_ms);
/* Days since 1970-01-01 of a date and back (proleptic Gregorian); 0 for text that is no date, and
 * numbers beyond the years 1 to 9999 give the first or last day. */
int64_t clock_days_of(const char *date);
void clock_date_from_days(int64_t days, char out[CLOCK_DATE_SIZE]);

#endif
