/*
 * Zones; see zone.h. A zoneinfo file holds the moments at which the offset changes, and a line of
 * POSIX TZ rules ("CET-1CEST,M3.5.0,M10.5.0/3") for all that comes after the last of them. The file
 * is read anew when a thread turns to another zone; everything in it is checked against its size.
 */
#include "base/zone.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define DAY_S        INT64_C(86400)
#define FILE_MAX     8192
#define HEADER_SIZE  44
#define FOLDER       "/usr/share/zoneinfo/"
#define ZONE_UTC     "UTC"
#define RULE_S_MAX   (INT64_C(168) * 3600)

/* What stands behind the name of a zone. */
struct rules {
    char zone[ZONE_NAME_SIZE]; /* "": none was read yet */
    unsigned char file[FILE_MAX + 1];
    size_t count;                         /* changes */
    const unsigned char *at, *type_of;    /* 8 and 1 bytes each */
    const unsigned char *types;           /* 6 bytes each */
    size_t type_count;
    const char *footer; /* "" when there is none */
};

static _Thread_local struct rules last;

/* ---- The file -------------------------------------------------------------------------------- */

static int64_t big_endian(const unsigned char *p, size_t n)
{
    uint64_t v = (p[0] & 0x80) ? UINT64_MAX : 0;
    for (size_t i = 0; i < n; i++) {
        v = v << 8 | p[i];
    }
    return (int64_t)v;
}

/* The block at `at` with times of so many bytes; gives its size, 0: it does not fit. */
static size_t block_size(const unsigned char *p, size_t room, size_t width, struct rules *out)
{
    if (room < HEADER_SIZE || memcmp(p, "TZif", 4) != 0) {
        return 0;
    }
    size_t n[6]; /* UT flags, standard flags, leap seconds, changes, types, letters */
    for (size_t i = 0; i < 6; i++) {
        int64_t count = big_endian(p + 20 + 4 * i, 4);
        if (count < 0 || count > FILE_MAX) {
            return 0;
        }
        n[i] = (size_t)count;
    }
    size_t size = HEADER_SIZE + n[3] * (width + 1) + n[4] * 6 + n[5] + n[2] * (width + 4) + n[1] + n[0];
    if (size > room || n[4] == 0) {
        return 0;
    }
    out->count = n[3];
    out->at = p + HEADER_SIZE;
    out->type_of = out->at + n[3] * width;
    out->types = out->type_of + n[3];
    out->type_count = n[4];
    return size;
}

static bool types_fit(const struct rules *r)
{
    for (size_t i = 0; i < r->count; i++) {
        if (r->type_of[i] >= r->type_count) {
            return false;
        }
    }
    return true;
}

static int read_file(const char *zone, struct rules *r)
{
    char path[sizeof(FOLDER) + ZONE_NAME_SIZE];
    snprintf(path, sizeof(path), "%s%s", FOLDER, zone);
    FILE *f = fopen(path, "re");
    if (f == NULL) {
        return -1;
    }
    size_t size = fread(r->file, 1, FILE_MAX, f);
    fclose(f);
    r->file[size] = '\0';
    size_t first = block_size(r->file, size, 4, r); /* for programs of long ago */
    size_t second = first > 0 ? block_size(r->file + first, size - first, 8, r) : 0;
    if (second == 0 || !types_fit(r)) {
        return -1;
    }
    char *footer = (char *)r->file + first + second;
    char *end = *footer == '\n' ? strchr(footer + 1, '\n') : NULL;
    r->footer = end != NULL ? footer + 1 : "";
    if (end != NULL) {
        *end = '\0';
    }
    return 0;
}

static bool is_plain(const char *zone)
{
    static const char ALLOWED[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    size_t n = strlen(zone);
    return n > 0 && n < ZONE_NAME_SIZE && zone[0] != '/' && zone[n - 1] != '/' &&
           strstr(zone, "//") == NULL && strspn(zone, ALLOWED) == n;
}

static const struct rules *rules_of(const char *zone)
{
    if (strcmp(last.zone, zone) == 0) {
        return *zone != '\0' ? &last : NULL;
    }
    last.zone[0] = '\0';
    if (!is_plain(zone) || read_file(zone, &last) != 0) {
        return NULL;
    }
    snprintf(last.zone, sizeof(last.zone), "%s", zone);
    return &last;
}

/* ---- What comes after the last change -------------------------------------------------------- */

static void skip_name(const char **s)
{
    if (**s == '<') {
        *s += strcspn(*s, ">");
        *s += **s == '>';
        return;
    }
    while ((**s >= 'A' && **s <= 'Z') || (**s >= 'a' && **s <= 'z')) {
        (*s)++;
    }
}

static int64_t scan_number(const char **s)
{
    int64_t n = 0;
    for (; **s >= '0' && **s <= '9'; (*s)++) {
        n = n < RULE_S_MAX ? n * 10 + (**s - '0') : n;
    }
    return n;
}

/* "[+-]hh[:mm[:ss]]" in seconds. */
static int64_t scan_span(const char **s)
{
    int sign = **s == '-' ? -1 : 1;
    *s += **s == '-' || **s == '+';
    int64_t span = scan_number(s) * 3600, unit = 60;
    for (; **s == ':' && unit > 0; unit /= 60) {
        (*s)++;
        span += scan_number(s) * unit;
    }
    return sign * (span < RULE_S_MAX ? span : RULE_S_MAX);
}

/* Its first day; months from 1, the thirteenth is January of the next year. */
static int64_t first_of(int64_t year, int64_t month)
{
    char date[32];
    year += month > 12;
    snprintf(date, sizeof(date), "%04u-%02u-01", (unsigned)(year < 1 || year > 9999 ? 1 : year),
             (unsigned)(month < 1 || month > 12 ? 1 : month));
    return clock_days_of(date);
}

/* "M3.5.0": the fifth (last) Sunday of March. */
static int64_t weekday_rule(const char **s, int64_t year)
{
    (*s)++;
    int64_t month = scan_number(s);
    *s += **s == '.';
    int64_t week = scan_number(s);
    *s += **s == '.';
    int64_t weekday = scan_number(s);
    int64_t first = first_of(year, month);
    int64_t day = first + (weekday - (first + 4) % 7 + 7) % 7 + (week - 1) * 7;
    return week == 5 && day >= first_of(year, month + 1) ? day - 7 : day;
}

/* ",RULE[/TIME]": the wall time of the change in that year, as if it were UTC. */
static int64_t scan_change(const char **s, int64_t year)
{
    int64_t day;
    *s += **s == ',';
    if (**s == 'M') {
        day = weekday_rule(s, year);
    } else {
        bool julian = **s == 'J'; /* days from 1, 29 February does not count */
        *s += julian;
        int64_t n = scan_number(s);
        bool leap = first_of(year + 1, 1) - first_of(year, 1) == 366;
        day = first_of(year, 1) + (julian ? n - 1 + (leap && n >= 60) : n);
    }
    int64_t time = 2 * 3600;
    if (**s == '/') {
        (*s)++;
        time = scan_span(s);
    }
    return day * DAY_S + time;
}

static int64_t offset_by_rule(const char *s, int64_t at_s)
{
    char date[CLOCK_DATE_SIZE];
    skip_name(&s);
    int64_t standard = -scan_span(&s);
    if (*s == '\0') {
        return standard;
    }
    skip_name(&s);
    int64_t summer = standard + 3600;
    if (*s != ',' && *s != '\0') {
        summer = -scan_span(&s);
    }
    int64_t wall = at_s + standard;
    clock_date_from_days((wall - ((wall % DAY_S) + DAY_S) % DAY_S) / DAY_S, date);
    int64_t year = (date[0] - '0') * 1000 + (date[1] - '0') * 100 + (date[2] - '0') * 10 + (date[3] - '0');
    int64_t begins = scan_change(&s, year) - standard;
    int64_t ends = scan_change(&s, year) - summer;
    bool is_summer = begins < ends ? at_s >= begins && at_s < ends : at_s >= begins || at_s < ends;
    return is_summer ? summer : standard;
}

/* ---- Offsets --------------------------------------------------------------------------------- */

/* Changes at or before the instant. */
static size_t changes_until(const struct rules *r, int64_t at_s)
{
    size_t low = 0, high = r->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (big_endian(r->at + 8 * middle, 8) <= at_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

int zone_offset(const char *zone, int64_t at_s, int64_t *out_s)
{
    if (strcmp(zone, ZONE_UTC) == 0) {
        *out_s = 0;
        return 0;
    }
    const struct rules *r = rules_of(zone);
    if (r == NULL) {
        return -1;
    }
    size_t n = changes_until(r, at_s);
    if (n == r->count && r->footer[0] != '\0') {
        *out_s = offset_by_rule(r->footer, at_s);
        return 0;
    }
    size_t type = n == 0 ? 0 : r->type_of[n - 1];
    *out_s = big_endian(r->types + 6 * type, 4);
    return 0;
}

/* Files that lie beside the zones of the database and are none: the same with leap seconds or
 * without, what this machine is set to, and what stands for no zone. */
static const char *const NO_ZONES[] = {"right/", "posix/", "posixrules", "localtime", "Factory"};

bool zone_is_known(const char *zone)
{
    int64_t offset;
    for (size_t i = 0; i < sizeof NO_ZONES / sizeof NO_ZONES[0]; i++) {
        if (strncmp(zone, NO_ZONES[i], strlen(NO_ZONES[i])) == 0) {
            return false;
        }
    }
    return zone_offset(zone, 0, &offset) == 0;
}

void zone_each(void (*tell)(void *of, const char *zone), void *of)
{
    char line[512], zone[ZONE_NAME_SIZE]; /* country, place, name and, at times, a note */
    FILE *f = fopen(FOLDER "zone.tab", "re");
    while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
        if (line[0] != '#' && sscanf(line, "%*s %*s %64s", zone) == 1 && zone_is_known(zone)) {
            tell(of, zone);
        }
    }
    if (f != NULL) {
        fclose(f);
    }
}

int zone_instant(const char *zone, int64_t wall_s, int64_t *out_s)
{
    int64_t before = 0, after = 0, there = 0;
    if (zone_offset(zone, wall_s - DAY_S, &before) != 0) {
        return -1;
    }
    zone_offset(zone, wall_s + DAY_S, &after);
    zone_offset(zone, wall_s - before, &there);
    if (there != before) {
        zone_offset(zone, wall_s - after, &there);
        before = there == after ? after : before;
    }
    *out_s = wall_s - before;
    return 0;
}

/* ---- Local times ----------------------------------------------------------------------------- */

static int64_t seconds_of(int64_t ms)
{
    return ms / 1000 - (ms % 1000 < 0);
}

/* Wall time and zone of the instant; false: it is in no year that has a text. */
static bool settle(int64_t at_ms, const char *zone, struct local_time *out)
{
    int64_t east = 0;
    char text[CLOCK_INSTANT_SIZE];
    zone_offset(zone, seconds_of(at_ms), &east);
    size_t n = clock_print_instant(at_ms + east * 1000, text);
    text[n - 1] = '\0'; /* without Z */
    out->at_ms = at_ms;
    snprintf(out->text, sizeof(out->text), "%.23s", text);
    snprintf(out->zone, sizeof(out->zone), "%s", zone);
    int64_t again;
    text[n - 1] = 'Z';
    return clock_parse_instant(text, &again) == 0 && again == at_ms + east * 1000;
}

void local_of_instant(int64_t at_ms, struct local_time *out)
{
    settle(at_ms, clock_zone(), out);
}

/* Where an offset begins behind the time: at Z, + or -; the end of the text when there is none. */
static const char *find_offset(const char *s)
{
    size_t date = strlen("2026-11-21");
    return strlen(s) <= date ? s + strlen(s) : s + date + strcspn(s + date, "Zz+-");
}

/* Takes "[Europe/Berlin]" off the end of `s`. */
static enum local_problem cut_zone(char *s, char zone[ZONE_NAME_SIZE])
{
    size_t n = strlen(s);
    char *open = strchr(s, '[');
    zone[0] = '\0';
    if (open == NULL) {
        return LOCAL_FINE;
    }
    if (s[n - 1] != ']' || strchr(open, ']') != s + n - 1) {
        return LOCAL_UNREADABLE;
    }
    s[n - 1] = *open = '\0';
    const char *name = open + 1 + (open[1] == '!');
    if (strlen(name) >= ZONE_NAME_SIZE || !zone_is_known(name)) {
        return LOCAL_NO_ZONE;
    }
    snprintf(zone, ZONE_NAME_SIZE, "%s", name);
    return LOCAL_FINE;
}

static enum local_problem parse_moment(char *s, struct local_time *out)
{
    char zone[ZONE_NAME_SIZE];
    enum local_problem problem = cut_zone(s, zone);
    const char *offset = find_offset(s);
    bool named = zone[0] != '\0', given = *offset != '\0';
    int64_t ms, at_s;
    if (problem != LOCAL_FINE) {
        return problem;
    }
    if (!named) {
        snprintf(zone, sizeof(zone), "%s", *offset == 'Z' || *offset == 'z' ? ZONE_UTC : clock_zone());
    }
    if (!given) {
        s[strlen(s) + 1] = '\0';
        s[strlen(s)] = 'Z';
    }
    if (strlen(s) <= CLOCK_DATE_SIZE || clock_parse_instant(s, &ms) != 0) {
        return LOCAL_UNREADABLE;
    }
    if (!given) {
        zone_instant(zone, seconds_of(ms), &at_s);
        ms = at_s * 1000 + (ms - seconds_of(ms) * 1000);
    }
    struct local_time t;
    if (!settle(ms, zone, &t)) {
        return LOCAL_UNREADABLE;
    }
    /* An offset that is not the zone's there would put the wall time somewhere else. */
    if (given && named && *offset != 'Z' && *offset != 'z') {
        struct buf wall = {0};
        local_print(&wall, &t);
        const char *printed = buf_text(&wall);
        bool same = strncmp(find_offset(printed), offset, strlen(offset)) == 0 ||
                    strcmp(zone, ZONE_UTC) == 0;
        buf_done(&wall);
        if (!same) {
            return LOCAL_NO_OFFSET;
        }
    }
    *out = t;
    return LOCAL_FINE;
}

enum local_problem local_parse(const char *s, struct local_time *out)
{
    int64_t end;
    char text[ZONE_NAME_SIZE + 64];
    if (clock_date_end(s, &end) == 0) {
        *out = (struct local_time){.at_ms = end - 1};
        snprintf(out->text, sizeof(out->text), "%s", s);
        return LOCAL_FINE;
    }
    if (strlen(s) + 2 > sizeof(text)) {
        return LOCAL_UNREADABLE;
    }
    snprintf(text, sizeof(text), "%s", s);
    return parse_moment(text, out);
}

void local_print(struct buf *out, const struct local_time *t)
{
    int64_t wall = 0, east = 0;
    buf_puts(out, t->text);
    if (t->zone[0] == '\0') {
        return;
    }
    if (strcmp(t->zone, ZONE_UTC) == 0) {
        buf_puts(out, "Z");
        return;
    }
    char text[CLOCK_INSTANT_SIZE];
    snprintf(text, sizeof(text), "%sZ", t->text);
    if (clock_parse_instant(text, &wall) == 0) {
        east = (wall - t->at_ms) / 60000;
    }
    unsigned minutes = (unsigned)(east < 0 ? -east : east);
    buf_printf(out, "%c%02u:%02u[%s]", east < 0 ? '-' : '+', minutes / 60, minutes % 60, t->zone);
}
