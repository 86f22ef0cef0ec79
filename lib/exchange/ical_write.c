/* Calendars, written; see ical.h. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/zone.h"
#include "exchange/ical.h"

#define LINE_BYTES 75

/* One property; lines are folded between characters. */
static void put_line(struct buf *out, const struct buf *line)
{
    const char *at = buf_text(line);
    size_t left = line->size, room = LINE_BYTES;
    while (left > room) {
        size_t n = room;
        while (n > 0 && ((unsigned char)at[n] & 0xc0) == 0x80) {
            n--;
        }
        n = n == 0 ? room : n;
        buf_add(out, at, n);
        buf_puts(out, "\r\n ");
        at += n;
        left -= n;
        room = LINE_BYTES - 1;
    }
    buf_add(out, at, left);
    buf_puts(out, "\r\n");
}

static bool is_there(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static void put_escaped(struct buf *line, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n') {
            buf_puts(line, "\\n");
        } else if ((unsigned char)*text >= 0x20 || *text == '\t') {
            buf_puts(line, strchr(",;\\", *text) != NULL ? "\\" : "");
            buf_putc(line, *text);
        }
    }
}

static void write_text(struct buf *out, const char *name, const char *text)
{
    struct buf line = {0};
    if (is_there(text)) {
        buf_printf(&line, "%s:", name);
        put_escaped(&line, text);
        put_line(out, &line);
    }
    buf_done(&line);
}

/* What stands as it is: a rule, a state, an address. Control characters are left out. */
static void write_bare(struct buf *out, const char *name, const char *value)
{
    struct buf line = {0};
    if (is_there(value)) {
        buf_printf(&line, "%s:", name);
        for (; *value != '\0'; value++) {
            if ((unsigned char)*value >= 0x20) {
                buf_putc(&line, *value);
            }
        }
        put_line(out, &line);
    }
    buf_done(&line);
}

/* "DTSTART;TZID=Europe/Berlin:20260131T090000" */
static void write_time(struct buf *out, const char *name, const struct ical_time *t)
{
    struct buf line = {0};
    if (t->is_set) {
        buf_puts(&line, name);
        if (t->is_day) {
            buf_puts(&line, ";VALUE=DATE");
        } else if (t->zone != NULL && !t->is_utc) {
            buf_printf(&line, ";TZID=%s", t->zone);
        }
        buf_putc(&line, ':');
        ical_time_write(&line, t->wall, t->is_day, t->is_utc);
        put_line(out, &line);
    }
    buf_done(&line);
}

static void write_instant(struct buf *out, const char *name, int64_t at)
{
    write_time(out, name, &(struct ical_time){.is_set = true, .is_utc = true, .wall = at});
}

/* "P1D", "PT45M", "-PT15M" */
static void write_duration(struct buf *out, const char *name, int64_t seconds)
{
    struct buf line = {0};
    buf_printf(&line, "%s:%sP", name, seconds < 0 ? "-" : "");
    seconds = seconds < 0 ? -seconds : seconds;
    if (seconds > 0 && seconds % ICAL_DAY == 0) {
        buf_int(&line, seconds / ICAL_DAY);
        buf_putc(&line, 'D');
    } else if (seconds % 60 == 0) {
        buf_puts(&line, "T");
        buf_int(&line, seconds / 60);
        buf_putc(&line, 'M');
    } else {
        buf_puts(&line, "T");
        buf_int(&line, seconds);
        buf_putc(&line, 'S');
    }
    put_line(out, &line);
    buf_done(&line);
}

/* A parameter's value in quotes; what may not be in one is left out. */
static void put_parameter(struct buf *line, const char *name, const char *value)
{
    buf_printf(line, ";%s=\"", name);
    for (; *value != '\0'; value++) {
        if (*value == '"') {
            buf_puts(line, "^'");
        } else if (*value == '^') {
            buf_puts(line, "^^");
        } else if ((unsigned char)*value >= 0x20) {
            buf_putc(line, *value);
        }
    }
    buf_putc(line, '"');
}

static void write_person(struct buf *out, const char *name, const struct ical_person *p)
{
    struct buf line = {0};
    if (is_there(p->mail)) {
        buf_puts(&line, name);
        if (is_there(p->name)) {
            put_parameter(&line, "CN", p->name);
        }
        if (is_there(p->state)) {
            buf_printf(&line, ";ROLE=REQ-PARTICIPANT;PARTSTAT=%s;RSVP=%s", p->state,
                       strcmp(p->state, "NEEDS-ACTION") == 0 ? "TRUE" : "FALSE");
        }
        buf_puts(&line, ":mailto:");
        for (const char *at = p->mail; *at != '\0'; at++) {
            if ((unsigned char)*at > 0x20) {
                buf_putc(&line, *at);
            }
        }
        put_line(out, &line);
    }
    buf_done(&line);
}

static void write_alarm(struct buf *out, const char *text, int64_t minutes)
{
    buf_puts(out, "BEGIN:VALARM\r\nACTION:DISPLAY\r\n");
    write_text(out, "DESCRIPTION", is_there(text) ? text : "-");
    write_duration(out, "TRIGGER", -minutes * 60);
    buf_puts(out, "END:VALARM\r\n");
}

static void write_times(struct buf *out, const char *name, const struct ical_times *times)
{
    for (size_t i = 0; i < times->count; i++) {
        write_time(out, name, &times->list[i]);
    }
}

static void write_people(struct buf *out, const struct ical_item *item)
{
    write_person(out, "ORGANIZER", &item->organizer);
    for (size_t i = 0; i < item->people_count; i++) {
        write_person(out, "ATTENDEE", &item->people[i]);
    }
}

void ical_write_item(struct ical_writer *w, const struct ical_item *item, int64_t now)
{
    struct buf *out = w->out;
    const char *kind = item->kind == ICAL_EVENT ? "VEVENT" : "VTODO";
    buf_printf(out, "BEGIN:%s\r\n", kind);
    write_text(out, "UID", item->uid);
    write_instant(out, "DTSTAMP", item->stamp.is_set ? item->stamp.wall : now);
    if (item->stamp.is_set) {
        write_instant(out, "LAST-MODIFIED", item->stamp.wall);
    }
    write_time(out, "RECURRENCE-ID", &item->recurrence_id);
    write_time(out, "DTSTART", &item->start);
    write_time(out, item->kind == ICAL_EVENT ? "DTEND" : "DUE", &item->end);
    if (item->has_duration && !item->end.is_set) {
        write_duration(out, "DURATION", item->duration_s);
    }
    for (size_t i = 0; i < item->rule_count; i++) {
        write_bare(out, "RRULE", item->rules[i]);
    }
    write_times(out, "RDATE", &item->also);
    write_times(out, "EXDATE", &item->not_at);
    write_time(out, "COMPLETED", &item->completed);
    write_text(out, "SUMMARY", is_there(item->summary) ? item->summary : "-");
    write_text(out, "DESCRIPTION", item->description);
    write_text(out, "LOCATION", item->location);
    write_bare(out, "STATUS", item->status);
    write_bare(out, "TRANSP", item->transparency);
    write_bare(out, "URL", item->url);
    if (item->priority > 0) {
        buf_printf(out, "PRIORITY:%d\r\n", item->priority);
    }
    if (item->sequence > 0) {
        buf_puts(out, "SEQUENCE:");
        buf_int(out, item->sequence);
        buf_puts(out, "\r\n");
    }
    write_people(out, item);
    for (size_t i = 0; i < item->alarm_count; i++) {
        write_alarm(out, item->summary, item->alarms[i]);
    }
    buf_printf(out, "END:%s\r\n", kind);
}

void ical_write_begin(struct ical_writer *w, struct arena *a, struct buf *out, const char *method,
                      const char *name, const char *about)
{
    *w = (struct ical_writer){.out = out, .arena = a};
    buf_puts(out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Kontor//Kontor//EN\r\n"
                  "CALSCALE:GREGORIAN\r\n");
    write_bare(out, "METHOD", method);
    write_text(out, "NAME", name);
    write_text(out, "X-WR-CALNAME", name);
    write_text(out, "DESCRIPTION", about);
    write_text(out, "X-WR-CALDESC", about);
}

void ical_write_end(struct ical_writer *w)
{
    buf_puts(w->out, "END:VCALENDAR\r\n");
}

/* ---- zones ----------------------------------------------------------------------------------- */

static void put_offset(struct buf *out, const char *name, int64_t seconds)
{
    int minutes = (int)((seconds < 0 ? -seconds : seconds) / 60), rest = (int)(seconds % 60);
    buf_printf(out, "%s:%c%02d%02d", name, seconds < 0 ? '-' : '+', minutes / 60, minutes % 60);
    if (rest != 0) {
        buf_printf(out, "%02d", rest < 0 ? -rest : rest);
    }
    buf_puts(out, "\r\n");
}

/* One change of the offset, as a part of its own: what a zone did is told, not guessed from rules. */
static void write_part(struct buf *out, int64_t at, int64_t from, int64_t to)
{
    const char *kind = to > from ? "DAYLIGHT" : "STANDARD";
    buf_printf(out, "BEGIN:%s\r\nDTSTART:", kind);
    ical_time_write(out, at + from, false, false);
    buf_puts(out, "\r\n");
    put_offset(out, "TZOFFSETFROM", from);
    put_offset(out, "TZOFFSETTO", to);
    buf_printf(out, "END:%s\r\n", kind);
}

static int64_t offset_at(const char *zone, int64_t at)
{
    int64_t offset = 0;
    (void)zone_offset(zone, at, &offset);
    return offset;
}

/* The second of the change between two instants of different offsets. */
static int64_t change_between(const char *zone, int64_t low, int64_t high)
{
    int64_t before = offset_at(zone, low);
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (offset_at(zone, middle) == before) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return high;
}

static bool is_written(struct ical_writer *w, const char *zone)
{
    for (size_t i = 0; i < w->zone_count; i++) {
        if (strcmp(w->zones[i], zone) == 0) {
            return true;
        }
    }
    if (w->zone_count == w->zone_room) {
        size_t room = w->zone_room > 0 ? w->zone_room * 2 : 8;
        const char **zones = ARENA_ARRAY(w->arena, const char *, room);
        memcpy(zones, w->zones != NULL ? w->zones : zones, w->zone_count * sizeof *zones);
        w->zones = zones;
        w->zone_room = room;
    }
    w->zones[w->zone_count++] = zone;
    return false;
}

#define LOOK (20 * ICAL_DAY) /* no zone changes twice within */

void ical_write_zone(struct ical_writer *w, const char *zone, int from_year, int to_year)
{
    int64_t at = ical_day_of(from_year, 1, 1) * ICAL_DAY;
    int64_t end = ical_day_of(to_year + 1, 1, 1) * ICAL_DAY;
    if (zone == NULL || is_written(w, zone)) {
        return;
    }
    int64_t offset = offset_at(zone, at);
    buf_printf(w->out, "BEGIN:VTIMEZONE\r\nTZID:%s\r\n", zone);
    write_part(w->out, at - offset, offset, offset);
    for (; at < end; at += LOOK) {
        int64_t next = offset_at(zone, at + LOOK);
        if (next != offset) {
            write_part(w->out, change_between(zone, at, at + LOOK), offset, next);
            offset = next;
        }
    }
    buf_puts(w->out, "END:VTIMEZONE\r\n");
}
