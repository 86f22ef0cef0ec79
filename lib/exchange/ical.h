/*
 * iCalendar (RFC 5545), read and written: events and tasks with their recurrence, exceptions,
 * alarms and people. What programs make of it is read, too: LF or CR as line ends, lines that lost
 * their fold, times without a zone, zones by their Windows names or by rules of their own, vCalendar
 * 1.0 with quoted-printable. Journals, free/busy and what nobody knows are passed over.
 *
 * Reading takes time and memory in proportion to the text. A text that can be read at all gives what
 * can be read of it; what cannot is in `problems` with its line.
 */
#ifndef KONTOR_EXCHANGE_ICAL_H
#define KONTOR_EXCHANGE_ICAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exchange/ical_rule.h"

struct arena;
struct buf;
struct err;

#define ICAL_FILE_MAX       (32 * 1024 * 1024)
#define ICAL_ITEMS_MAX      20000
#define ICAL_DATES_MAX      5000 /* RDATE or EXDATE of one item; more are passed over */
#define ICAL_RULES_MAX      8
#define ICAL_PEOPLE_MAX     500
#define ICAL_ALARMS_MAX     10
#define ICAL_PROBLEMS_MAX   100

struct ical_time {
    bool is_set, is_day, is_utc;
    int64_t wall;     /* seconds since 1970 in `zone` (or UTC) */
    const char *zone; /* IANA; NULL: floating, or UTC, or a day */
};

struct ical_times {
    struct ical_time *list;
    size_t count, room;
};

struct ical_person {
    const char *mail; /* without "mailto:" */
    const char *name; /* or "" */
    const char *state; /* PARTSTAT in capitals, or "" */
    bool apart;        /* a room or a thing, or somebody who is only told (CUTYPE, ROLE) */
};

enum ical_kind { ICAL_EVENT, ICAL_TODO };

struct ical_item {
    enum ical_kind kind;
    uint64_t line; /* its BEGIN */
    /* "" where nothing is said */
    const char *uid, *summary, *description, *location, *status, *url, *categories, *transparency;
    const char *privacy; /* CLASS */
    struct ical_time start, end; /* DTEND or DUE */
    struct ical_time recurrence_id, completed, stamp;
    bool this_and_future; /* RECURRENCE-ID;RANGE=THISANDFUTURE */
    bool has_duration;
    int64_t duration_s;
    const char *rules[ICAL_RULES_MAX], *not_rules[ICAL_RULES_MAX]; /* RRULE, EXRULE */
    size_t rule_count, not_rule_count;
    struct ical_times also, not_at; /* RDATE, EXDATE */
    int64_t alarms[ICAL_ALARMS_MAX]; /* minutes before the start */
    size_t alarm_count;
    struct ical_person organizer, *people;
    size_t people_count, people_room;
    int priority; /* 1 highest to 9; 0: nothing is said */
    int64_t sequence;
};

struct ical_problem {
    uint64_t line;
    const char *text;
};

struct ical_calendar {
    const char *method, *name; /* or "" */
    struct ical_item *items;
    size_t count, room;
    struct ical_problem problems[ICAL_PROBLEMS_MAX];
    size_t problem_count;
};

/* Does the text begin as a calendar? */
bool ical_is(const char *text);
/* `bytes` of UTF-8 (or of Windows-1252, which is found out); `zone`: the company's, tried first for
 * zones that are told by their rules alone. Everything lives in the arena. -1: it is no calendar. */
int ical_read(struct arena *a, const char *bytes, size_t n, const char *zone,
              struct ical_calendar *out, struct err *e);

/* UTC seconds of a time; `zone` is that of floating times and days (its midnight). */
int64_t ical_instant(const struct ical_time *t, const char *zone);
/* Length: DURATION, or from start to end; a day for days that say nothing; else 0. */
int64_t ical_length(const struct ical_item *item, const char *zone);

/* The occurrences of an item as wall times of its start, in order, none twice: start, rules and
 * RDATE without EXRULE and EXDATE. */
struct ical_set;
/* Up to the wall second `last` and `most` occurrences. NULL: a rule of it cannot be read (`e`). */
struct ical_set *ical_set_of(struct arena *a, const struct ical_item *item, int64_t last,
                             size_t most, struct err *e);
size_t ical_set_count(const struct ical_set *set);
int64_t ical_set_at(const struct ical_set *set, size_t i);
/* It was cut off at `most`, or after too much work: ICAL_RECUR_STEPS looks for all its rules. */
bool ical_set_is_cut(const struct ical_set *set);
/* So many it took. */
int64_t ical_set_looks(const struct ical_set *set);

/* A wall time of `from`'s zone as the wall time in which `like` is written. */
int64_t ical_wall_like(const struct ical_time *from, const struct ical_time *like);

/* ---- writing --------------------------------------------------------------------------------- */

struct ical_writer {
    struct buf *out;
    const char **zones; /* those a block was asked for */
    size_t zone_count, zone_room;
    struct arena *arena;
};

/* BEGIN:VCALENDAR; `method` may be NULL, `name` and `about` are the calendar's, or NULL (RFC 7986
 * 5.1 and 5.2, and what programs read that are older). */
void ical_write_begin(struct ical_writer *w, struct arena *a, struct buf *out, const char *method,
                      const char *name, const char *about);
/* The block of a zone, once; before the items that use it, with what it did in these years. */
void ical_write_zone(struct ical_writer *w, const char *zone, int from_year, int to_year);
void ical_write_item(struct ical_writer *w, const struct ical_item *item, int64_t now);
void ical_write_end(struct ical_writer *w);

/* ---- zones ----------------------------------------------------------------------------------- */

/* IANA name of a zone as programs write it: "Europe/Berlin", "/mozilla.org/…/Europe/Berlin",
 * "W. Europe Standard Time"; NULL: nobody knows it. */
const char *ical_zone_named(struct arena *a, const char *name);

#endif
