/*
 * Holidays out of an .ics file: the whole days of its events, those that come back every year as
 * such. Only what calendars of public holidays hold is read; all else of RFC 5545 is passed over.
 */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "model/calendar.h"

#define HOLIDAYS_MAX 5000
#define LINE_MAX_SIZE 1000

struct ics_lines {
    const char *at, *end;
    char line[LINE_MAX_SIZE];
};

/* The next line with those folded onto it. */
static bool next_line(struct ics_lines *l)
{
    size_t n = 0;
    if (l->at >= l->end) {
        return false;
    }
    for (;;) {
        while (l->at < l->end && *l->at != '\n') {
            if (*l->at != '\r' && n + 1 < sizeof l->line) {
                l->line[n++] = *l->at;
            }
            l->at++;
        }
        l->at += l->at < l->end;
        if (l->at >= l->end || (*l->at != ' ' && *l->at != '\t')) {
            break;
        }
        l->at++;
    }
    l->line[n] = '\0';
    return true;
}

/* "NAME;PARAMS:VALUE" of this name: the value. */
static const char *value_of(const char *line, const char *name)
{
    size_t n = strlen(name);
    if (strncmp(line, name, n) != 0 || (line[n] != ':' && line[n] != ';')) {
        return NULL;
    }
    const char *colon = strchr(line + n, ':');
    return colon != NULL ? colon + 1 : NULL;
}

/* "20261225" → days since 1970; false: no whole day. */
static bool read_day(const char *text, int64_t *out)
{
    char date[CLOCK_DATE_SIZE];
    if (strlen(text) != 8 || strspn(text, "0123456789") != 8) {
        return false;
    }
    memcpy(date, text, 4);
    date[4] = date[7] = '-';
    memcpy(date + 5, text + 4, 2);
    memcpy(date + 8, text + 6, 2);
    date[10] = '\0';
    if (!clock_is_date(date)) {
        return false;
    }
    *out = clock_days_of(date);
    return true;
}

/* "\," and the like as they are meant. */
static const char *plain(struct arena *a, const char *text)
{
    char *out = arena_strdup(a, text), *to = out;
    for (const char *s = out; *s != '\0'; s++) {
        s += *s == '\\' && s[1] != '\0';
        *to++ = *s;
    }
    *to = '\0';
    return out;
}

struct event {
    struct holiday day;
    bool first, last, yearly;
};

static void take_line(struct arena *a, const char *line, struct event *e)
{
    const char *v = value_of(line, "DTSTART");
    if (v != NULL) {
        e->first = read_day(v, &e->day.first);
    } else if ((v = value_of(line, "DTEND")) != NULL) {
        e->last = read_day(v, &e->day.last);
    } else if ((v = value_of(line, "SUMMARY")) != NULL) {
        e->day.name = plain(a, v);
    } else if ((v = value_of(line, "RRULE")) != NULL) {
        e->yearly = strstr(v, "FREQ=YEARLY") != NULL && strstr(v, "BY") == NULL;
    }
}

/* The end of an event is the day after it. */
static void finish(struct event *e)
{
    e->day.last = e->last && e->day.last > e->day.first ? e->day.last - 1 : e->day.first;
    if (e->yearly && e->day.last == e->day.first) {
        char date[CLOCK_DATE_SIZE];
        int64_t month = 0, day = 0;
        clock_date_from_days(e->day.first, date);
        month = (date[5] - '0') * 10 + date[6] - '0';
        day = (date[8] - '0') * 10 + date[9] - '0';
        e->day.first = e->day.last = month * 100 + day;
        e->day.yearly = true;
    }
}

size_t holidays_read(struct arena *a, const char *text, size_t size, struct holiday **out)
{
    struct ics_lines l = {.at = text, .end = text + size};
    struct event e = {0};
    size_t n = 0;
    *out = ARENA_ARRAY(a, struct holiday, HOLIDAYS_MAX);
    while (next_line(&l) && n < HOLIDAYS_MAX) {
        if (strcmp(l.line, "BEGIN:VEVENT") == 0) {
            e = (struct event){.day = {.name = ""}};
        } else if (strcmp(l.line, "END:VEVENT") == 0 && e.first) {
            finish(&e);
            (*out)[n++] = e.day;
        } else {
            take_line(a, l.line, &e);
        }
    }
    return n;
}
