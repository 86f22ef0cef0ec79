/* Calendars, read; see ical.h. Zones may stand behind the times that name them, so times are settled
 * when all is read. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/zone.h"
#include "exchange/coded.h"
#include "exchange/ical_private.h"

#define ZONE_BUDGET 2000000
#define DEPTH_MAX   64
#define HEAD_MAX    2048 /* of a line: its coding is told by then */

/* An alarm that needs the times of its item, which are settled at the end. */
struct late_alarm {
    size_t item, slot;
    struct ical_time at; /* or from the end of the item */
    struct late_alarm *next;
};

enum within { IN_NOTHING, IN_CALENDAR, IN_ITEM, IN_ALARM, IN_ZONE, IN_PART, IN_OTHER };

struct reading {
    struct arena *arena;
    const char *at, *end;
    uint64_t line, next_line; /* numbers: of the property in hand, of what comes next */
    struct buf text;          /* the property in hand, unfolded */
    const char *company;
    struct ical_calendar *out;
    enum within within[DEPTH_MAX];
    size_t depth, too_deep;
    struct ical_item *item;
    struct ical_zone *zone; /* of a VTIMEZONE */
    struct ical_part part;
    bool alarm_is_set, alarm_is_of_end;
    struct ical_time alarm_time;
    int64_t alarm_before;
    struct late_alarm *late;
    struct ical_zone zones[ICAL_ZONES_MAX];
    size_t zone_count;
    int64_t zone_budget;
};

static void problem(struct reading *r, uint64_t line, const char *text)
{
    struct ical_calendar *c = r->out;
    if (c->problem_count < ICAL_PROBLEMS_MAX) {
        c->problems[c->problem_count++] = (struct ical_problem){line, text};
    }
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* The next line of the text without its end. */
static bool bare_line(struct reading *r, const char **line, size_t *n)
{
    if (r->at >= r->end) {
        return false;
    }
    const char *at = r->at;
    while (at < r->end && *at != '\n' && *at != '\r') {
        at++;
    }
    *line = r->at;
    *n = (size_t)(at - r->at);
    at += at < r->end && *at == '\r';
    at += at < r->end && *at == '\n';
    r->at = at;
    r->next_line++;
    return true;
}

static bool is_soft_break(const struct buf *text)
{
    if (text->size == 0 || text->data[text->size - 1] != '=') {
        return false;
    }
    const char *colon = memchr(text->data, ':', text->size < HEAD_MAX ? text->size : HEAD_MAX);
    if (colon == NULL) {
        return false;
    }
    for (const char *at = text->data; at + 16 <= colon; at++) {
        if (strncasecmp(at, "QUOTED-PRINTABLE", 16) == 0) {
            return true;
        }
    }
    return false;
}

/* The next property, unfolded, in r->text. */
static bool next_property(struct reading *r)
{
    const char *line;
    size_t n;
    buf_clear(&r->text);
    do {
        r->line = r->next_line;
        if (!bare_line(r, &line, &n)) {
            return false;
        }
    } while (n == 0);
    buf_add(&r->text, line, n);
    while (r->at < r->end) {
        bool folded = *r->at == ' ' || *r->at == '\t', soft = is_soft_break(&r->text);
        if (!folded && !soft) {
            break;
        }
        r->text.size -= soft;
        (void)bare_line(r, &line, &n);
        buf_add(&r->text, line + (folded && !soft), n - (folded && !soft));
    }
    return true;
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Values of vCalendar 1.0 may be in quoted-printable. */
static const char *text_of(struct reading *r, const struct ical_property *p)
{
    const char *coding = ical_parameter(p, "ENCODING");
    if (coding == NULL || strcasecmp(coding, "QUOTED-PRINTABLE") != 0) {
        return ical_text(r->arena, p->value);
    }
    struct buf bytes = {0}, text = {0};
    coded_quoted_printable(p->value, strlen(p->value), &bytes);
    (void)coded_text(buf_text(&bytes), bytes.size, ical_parameter(p, "CHARSET"), &text);
    const char *out = ical_text(r->arena, buf_text(&text));
    buf_done(&bytes);
    buf_done(&text);
    return out;
}

/* A time with the name of its zone as it is in the file; settled later. */
static bool read_time(struct reading *r, const struct ical_property *p, const char *text, size_t n,
                      struct ical_time *out)
{
    struct ical_time t = {0};
    const char *zone = ical_parameter(p, "TZID");
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t')) {
        n--;
    }
    if (!ical_time_read(text, n, &t.wall, &t.is_day, &t.is_utc)) {
        return false;
    }
    t.is_set = true;
    t.zone = t.is_day || t.is_utc || zone == NULL || zone[0] == '\0' ? NULL : zone;
    *out = t;
    (void)r;
    return true;
}

static void take_time(struct reading *r, const struct ical_property *p, struct ical_time *out)
{
    if (!read_time(r, p, p->value, strlen(p->value), out)) {
        problem(r, r->line, arena_printf(r->arena, "%s is no day and no time", p->name));
    }
}

/* How long an entry of a list is; `time`: only its first part, a period has two. By hand: under the
 * sanitizer strcspn looks at all of the text behind it, each time. */
static size_t length_of(const char *at, bool time)
{
    size_t n = 0;
    while (at[n] != '\0' && at[n] != ',' && at[n] != ';' && !(time && at[n] == '/')) {
        n++;
    }
    return n;
}

/* A list of times; of periods their start. */
static void take_times(struct reading *r, const struct ical_property *p, struct ical_times *out)
{
    for (const char *at = p->value; *at != '\0';) {
        size_t n = length_of(at, false), time = length_of(at, true);
        struct ical_time t;
        if (!read_time(r, p, at, time < n ? time : n, &t)) {
            problem(r, r->line, arena_printf(r->arena, "%s is no day and no time", p->name));
            return;
        }
        if (out->count == out->room && out->room < ICAL_DATES_MAX) {
            size_t room = out->room > 0 ? out->room * 2 : 8;
            struct ical_time *list = ARENA_ARRAY(r->arena, struct ical_time, room);
            memcpy(list, out->list != NULL ? out->list : list, out->count * sizeof *list);
            out->list = list;
            out->room = room;
        }
        if (out->count < out->room) {
            out->list[out->count++] = t;
        }
        at += n + (at[n] != '\0');
    }
}

/* "-P1DT2H30M" in seconds. */
static bool read_duration(const char *text, int64_t *out)
{
    static const struct {
        char letter;
        int64_t seconds;
    } UNITS[] = {{'W', 604800}, {'D', 86400}, {'H', 3600}, {'M', 60}, {'S', 1}};
    bool minus = *text == '-', any = false;
    int64_t sum = 0;
    text += *text == '-' || *text == '+';
    if (*text++ != 'P') {
        return false;
    }
    while (*text != '\0') {
        int64_t n = 0;
        size_t digits = strspn(text, "0123456789"), unit = 0;
        if (*text == 'T') {
            text++;
            continue;
        }
        if (digits == 0 || digits > 9) {
            return false;
        }
        for (size_t i = 0; i < digits; i++) {
            n = n * 10 + (*text++ - '0');
        }
        while (unit < COUNT(UNITS) && UNITS[unit].letter != *text) {
            unit++;
        }
        if (unit == COUNT(UNITS)) {
            return false;
        }
        sum += n * UNITS[unit].seconds;
        any = true;
        text++;
    }
    *out = minus ? -sum : sum;
    return any;
}

/* "+0100", "-053000" */
static int64_t read_offset(const char *text)
{
    bool minus = *text == '-';
    int64_t n = 0;
    size_t digits;
    text += *text == '-' || *text == '+';
    digits = strspn(text, "0123456789");
    for (size_t i = 0; i < digits && i < 6; i++) {
        n = n * 10 + (text[i] - '0');
    }
    n = digits < 6 ? n * 100 : n;
    n = n / 10000 * 3600 + n / 100 % 100 * 60 + n % 100;
    return minus ? -n : n;
}

/* ---- items ----------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    size_t offset;
} TEXTS[] = {{"UID", offsetof(struct ical_item, uid)},
             {"SUMMARY", offsetof(struct ical_item, summary)},
             {"DESCRIPTION", offsetof(struct ical_item, description)},
             {"LOCATION", offsetof(struct ical_item, location)},
             {"STATUS", offsetof(struct ical_item, status)},
             {"URL", offsetof(struct ical_item, url)},
             {"CATEGORIES", offsetof(struct ical_item, categories)},
             {"TRANSP", offsetof(struct ical_item, transparency)},
             {"CLASS", offsetof(struct ical_item, privacy)}};

static const struct {
    const char *name;
    size_t offset;
} TIMES[] = {{"DTSTART", offsetof(struct ical_item, start)},
             {"DTEND", offsetof(struct ical_item, end)},
             {"DUE", offsetof(struct ical_item, end)},
             {"RECURRENCE-ID", offsetof(struct ical_item, recurrence_id)},
             {"COMPLETED", offsetof(struct ical_item, completed)},
             {"LAST-MODIFIED", offsetof(struct ical_item, stamp)}};

static bool take_plain(struct reading *r, const struct ical_property *p)
{
    char *item = (char *)r->item;
    for (size_t i = 0; i < COUNT(TEXTS); i++) {
        if (strcmp(TEXTS[i].name, p->name) == 0) {
            *(const char **)(void *)(item + TEXTS[i].offset) = text_of(r, p);
            return true;
        }
    }
    for (size_t i = 0; i < COUNT(TIMES); i++) {
        if (strcmp(TIMES[i].name, p->name) == 0) {
            const char *range = ical_parameter(p, "RANGE");
            take_time(r, p, (struct ical_time *)(void *)(item + TIMES[i].offset));
            r->item->this_and_future |= range != NULL && strcasecmp(range, "THISANDFUTURE") == 0;
            return true;
        }
    }
    return false;
}

static void take_rule(struct reading *r, const struct ical_property *p, const char **rules,
                      size_t *count)
{
    struct err e = {0};
    struct ical_rule rule;
    if (ical_rule_read(p->value, &rule, &e) != 0) {
        problem(r, r->line, arena_strdup(r->arena, e.text));
    } else if (*count < ICAL_RULES_MAX) {
        rules[(*count)++] = p->value;
    }
}

static bool is_one_of(const char *text, const char *const *words)
{
    while (text != NULL && *words != NULL && strcasecmp(text, *words) != 0) {
        words++;
    }
    return text != NULL && *words != NULL;
}

/* RFC 5545, 3.2.3 and 3.2.16 */
static bool is_apart(const struct ical_property *p)
{
    static const char *const THINGS[] = {"ROOM", "RESOURCE", NULL};
    static const char *const TOLD[] = {"NON-PARTICIPANT", NULL};
    return is_one_of(ical_parameter(p, "CUTYPE"), THINGS) ||
           is_one_of(ical_parameter(p, "ROLE"), TOLD);
}

static struct ical_person person_of(struct reading *r, const struct ical_property *p)
{
    const char *name = ical_parameter(p, "CN"), *state = ical_parameter(p, "PARTSTAT");
    const char *mail = str_trim(r->arena, p->value), *other = ical_parameter(p, "EMAIL");
    mail += strncasecmp(mail, "mailto:", 7) == 0 ? 7 : 0;
    return (struct ical_person){other != NULL ? other : mail, name != NULL ? name : "",
                                state != NULL ? state : "", is_apart(p)};
}

static void take_person(struct reading *r, const struct ical_property *p)
{
    struct ical_item *item = r->item;
    if (item->people_count == item->people_room && item->people_room < ICAL_PEOPLE_MAX) {
        size_t room = item->people_room > 0 ? item->people_room * 2 : 4;
        struct ical_person *people = ARENA_ARRAY(r->arena, struct ical_person, room);
        memcpy(people, item->people != NULL ? item->people : people,
               item->people_count * sizeof *people);
        item->people = people;
        item->people_room = room;
    }
    if (item->people_count < item->people_room) {
        item->people[item->people_count++] = person_of(r, p);
    }
}

static void take_item(struct reading *r, const struct ical_property *p)
{
    struct ical_item *item = r->item;
    if (take_plain(r, p)) {
        return;
    }
    if (strcmp(p->name, "RRULE") == 0) {
        take_rule(r, p, item->rules, &item->rule_count);
    } else if (strcmp(p->name, "EXRULE") == 0) {
        take_rule(r, p, item->not_rules, &item->not_rule_count);
    } else if (strcmp(p->name, "RDATE") == 0) {
        take_times(r, p, &item->also);
    } else if (strcmp(p->name, "EXDATE") == 0) {
        take_times(r, p, &item->not_at);
    } else if (strcmp(p->name, "DURATION") == 0) {
        item->has_duration = read_duration(p->value, &item->duration_s);
    } else if (strcmp(p->name, "ATTENDEE") == 0) {
        take_person(r, p);
    } else if (strcmp(p->name, "ORGANIZER") == 0) {
        item->organizer = person_of(r, p);
    } else if (strcmp(p->name, "PRIORITY") == 0) {
        item->priority = isdigit((unsigned char)p->value[0]) ? p->value[0] - '0' : 0;
    } else if (strcmp(p->name, "SEQUENCE") == 0) {
        (void)str_to_int(p->value, &item->sequence);
    }
}

static void take_alarm(struct reading *r, const struct ical_property *p)
{
    const char *related = ical_parameter(p, "RELATED");
    int64_t seconds;
    if (strcmp(p->name, "TRIGGER") != 0) {
        return;
    }
    if (read_duration(p->value, &seconds)) {
        r->alarm_is_set = true;
        r->alarm_is_of_end = related != NULL && strcasecmp(related, "END") == 0;
        r->alarm_before = -seconds;
    } else if (read_time(r, p, p->value, strlen(p->value), &r->alarm_time)) {
        r->alarm_is_set = true;
    }
}

static void end_alarm(struct reading *r)
{
    struct ical_item *item = r->item;
    if (item == NULL || !r->alarm_is_set || item->alarm_count == ICAL_ALARMS_MAX) {
        return;
    }
    if (r->alarm_time.is_set || r->alarm_is_of_end) {
        struct late_alarm *late = ARENA_NEW(r->arena, struct late_alarm);
        *late = (struct late_alarm){(size_t)(item - r->out->items), item->alarm_count,
                                    r->alarm_time, r->late};
        r->late = late;
    }
    item->alarms[item->alarm_count++] = r->alarm_before;
}

/* ---- zones ----------------------------------------------------------------------------------- */

static void take_zone(struct reading *r, const struct ical_property *p)
{
    if (strcmp(p->name, "TZID") == 0) {
        r->zone->id = ical_text(r->arena, p->value);
    } else if (strcmp(p->name, "X-LIC-LOCATION") == 0) {
        r->zone->location = ical_text(r->arena, p->value);
    }
}

static void take_part(struct reading *r, const struct ical_property *p)
{
    struct ical_time t = {0};
    if (strcmp(p->name, "DTSTART") == 0) {
        take_time(r, p, &t);
        r->part.start = t.wall;
        r->part.has_start = t.is_set;
    } else if (strcmp(p->name, "TZOFFSETFROM") == 0) {
        r->part.from = read_offset(p->value);
    } else if (strcmp(p->name, "TZOFFSETTO") == 0) {
        r->part.to = read_offset(p->value);
    } else if (strcmp(p->name, "RRULE") == 0) {
        r->part.rule = p->value;
    } else if (strcmp(p->name, "RDATE") == 0) {
        take_times(r, p, &r->part.also);
    }
}

static struct ical_zone *zone_by_id(struct reading *r, const char *id)
{
    for (size_t i = 0; i < r->zone_count; i++) {
        if (str_eq(r->zones[i].id, id)) {
            return &r->zones[i];
        }
    }
    return NULL;
}

/* A name nobody tells the rules of is kept, too: the next time it is known. */
static struct ical_zone *zone_of(struct reading *r, const struct ical_time *t)
{
    struct ical_zone *zone = zone_by_id(r, t->zone);
    int year, month, day;
    if (zone == NULL && r->zone_count == ICAL_ZONES_MAX) {
        return NULL;
    }
    if (zone == NULL) {
        zone = &r->zones[r->zone_count++];
        *zone = (struct ical_zone){.id = t->zone};
    }
    if (!zone->is_known) {
        ical_day_print(t->wall / ICAL_DAY, &year, &month, &day);
        ical_zone_end(r->arena, zone, r->company, year);
        if (zone->iana == NULL) {
            problem(r, 0, arena_printf(r->arena, "the time zone \"%.80s\" is not known", t->zone));
        }
    }
    return zone;
}

/* A time in a zone of ours; of one that is like none of them in UTC. */
static void settle(struct reading *r, struct ical_time *t)
{
    struct ical_zone *zone = t->is_set && t->zone != NULL ? zone_of(r, t) : NULL;
    if (zone == NULL) {
        t->zone = NULL;
    } else if (zone->iana != NULL && strcmp(zone->iana, "Etc/UTC") != 0) {
        t->zone = zone->iana;
    } else {
        t->is_utc = zone->iana != NULL || zone->count > 0;
        t->wall = zone->count > 0 ? ical_zone_instant(zone, t->wall) : t->wall;
        t->zone = NULL;
    }
}

static void settle_all(struct reading *r, struct ical_times *times)
{
    for (size_t i = 0; i < times->count; i++) {
        settle(r, &times->list[i]);
    }
}

static void settle_item(struct reading *r, struct ical_item *item)
{
    for (size_t i = 0; i < COUNT(TIMES); i++) {
        if (strcmp(TIMES[i].name, "DUE") != 0) { /* the same place as DTEND */
            settle(r, (struct ical_time *)(void *)((char *)item + TIMES[i].offset));
        }
    }
    settle_all(r, &item->also);
    settle_all(r, &item->not_at);
    if (!item->start.is_set && item->recurrence_id.is_set && item->kind == ICAL_EVENT) {
        item->start = item->recurrence_id;
    }
}

/* All as minutes before the start: those at an instant of their own, and before the end, too. */
static void settle_alarms(struct reading *r)
{
    for (struct late_alarm *late = r->late; late != NULL; late = late->next) {
        const struct ical_item *item = &r->out->items[late->item];
        int64_t *before = &r->out->items[late->item].alarms[late->slot];
        settle(r, &late->at);
        *before = late->at.is_set
                      ? ical_instant(&item->start, r->company) - ical_instant(&late->at, r->company)
                      : *before - ical_length(item, r->company);
    }
    for (size_t i = 0; i < r->out->count; i++) {
        for (size_t k = 0; k < r->out->items[i].alarm_count; k++) {
            r->out->items[i].alarms[k] /= 60;
        }
    }
}

/* ---- components ------------------------------------------------------------------------------ */

static void begin_item(struct reading *r, enum ical_kind kind)
{
    struct ical_calendar *c = r->out;
    if (c->count == c->room) {
        size_t room = c->room > 0 ? c->room * 2 : 16;
        struct ical_item *items = ARENA_ARRAY(r->arena, struct ical_item, room);
        memcpy(items, c->items != NULL ? c->items : items, c->count * sizeof *items);
        c->items = items;
        c->room = room;
    }
    r->item = &c->items[c->count++];
    *r->item = (struct ical_item){.kind = kind, .line = r->line, .organizer = {"", "", ""}};
    for (size_t i = 0; i < COUNT(TEXTS); i++) {
        *(const char **)(void *)((char *)r->item + TEXTS[i].offset) = "";
    }
}

static bool may_begin_item(struct reading *r)
{
    bool room = r->out->count < ICAL_ITEMS_MAX;
    if (!room) {
        problem(r, r->line, "a file has at most 20000 entries; those from here on are left out");
    }
    return room;
}

static enum within begin_component(struct reading *r, enum within outer, const char *name)
{
    bool item = outer == IN_CALENDAR || outer == IN_NOTHING;
    if (item && strcasecmp(name, "VCALENDAR") == 0) {
        return IN_CALENDAR;
    }
    if (item && (strcasecmp(name, "VEVENT") == 0 || strcasecmp(name, "VTODO") == 0) &&
        may_begin_item(r)) {
        begin_item(r, toupper((unsigned char)name[1]) == 'E' ? ICAL_EVENT : ICAL_TODO);
        return IN_ITEM;
    }
    if (item && strcasecmp(name, "VTIMEZONE") == 0 && r->zone_count < ICAL_ZONES_MAX) {
        r->zone = &r->zones[r->zone_count++];
        *r->zone = (struct ical_zone){.budget = &r->zone_budget};
        return IN_ZONE;
    }
    if (outer == IN_ITEM && strcasecmp(name, "VALARM") == 0) {
        r->alarm_is_set = r->alarm_is_of_end = false;
        r->alarm_time = (struct ical_time){0};
        r->alarm_before = 0;
        return IN_ALARM;
    }
    if (outer == IN_ZONE) {
        r->part = (struct ical_part){0};
        return IN_PART;
    }
    return IN_OTHER;
}

static void begin_any(struct reading *r, const char *name)
{
    enum within outer = r->depth > 0 ? r->within[r->depth - 1] : IN_NOTHING;
    if (r->depth == DEPTH_MAX) {
        r->too_deep++;
        return;
    }
    r->within[r->depth++] = begin_component(r, outer, name);
}

static void end_any(struct reading *r)
{
    if (r->too_deep > 0) {
        r->too_deep--;
        return;
    }
    enum within ended = r->depth > 0 ? r->within[--r->depth] : IN_NOTHING;
    if (ended == IN_ALARM) {
        end_alarm(r);
    } else if (ended == IN_PART) {
        ical_zone_part(r->arena, r->zone, &r->part);
    } else if (ended == IN_ITEM) {
        r->item = NULL;
    }
}

static void take_calendar(struct reading *r, const struct ical_property *p)
{
    if (strcmp(p->name, "METHOD") == 0) {
        r->out->method = ical_text(r->arena, p->value);
    } else if (strcmp(p->name, "X-WR-CALNAME") == 0 || strcmp(p->name, "NAME") == 0) {
        r->out->name = ical_text(r->arena, p->value);
    }
}

static void take_property(struct reading *r)
{
    static void (*const TAKE[])(struct reading *r, const struct ical_property *p) = {
        [IN_CALENDAR] = take_calendar, [IN_ITEM] = take_item, [IN_ALARM] = take_alarm,
        [IN_ZONE] = take_zone,         [IN_PART] = take_part, [IN_OTHER] = NULL};
    struct ical_property p;
    if (!ical_property_read(r->arena, buf_text(&r->text), &p)) {
        problem(r, r->line, "this line is no property");
        return;
    }
    enum within where = r->depth > 0 ? r->within[r->depth - 1] : IN_NOTHING;
    p.value = arena_strdup(r->arena, p.value);
    if (strcmp(p.name, "BEGIN") == 0) {
        begin_any(r, str_trim(r->arena, p.value));
    } else if (strcmp(p.name, "END") == 0) {
        end_any(r);
    } else if (r->too_deep == 0 && TAKE[where] != NULL) {
        TAKE[where](r, &p);
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

bool ical_is(const char *text)
{
    static const char MARK[] = "BEGIN:VCALENDAR";
    return strncasecmp(text, MARK, sizeof MARK - 1) == 0;
}

int ical_read(struct arena *a, const char *bytes, size_t n, const char *zone,
              struct ical_calendar *out, struct err *e)
{
    struct reading *r = ARENA_NEW(a, struct reading);
    struct buf text = {0};
    *out = (struct ical_calendar){.method = "", .name = ""};
    if (n > ICAL_FILE_MAX) {
        return err_fail(e, ERR_TOO_LARGE, "", "a calendar has at most %d MiB",
                        ICAL_FILE_MAX / 1024 / 1024);
    }
    if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        bytes += 3;
        n -= 3;
    }
    if (!coded_text(bytes, n, NULL, &text)) {
        buf_done(&text);
        return err_fail(e, ERR_INVALID, "", "the file is no text");
    }
    *r = (struct reading){.arena = a, .out = out, .company = zone, .zone_budget = ZONE_BUDGET,
                          .next_line = 1, .at = buf_text(&text), .end = buf_text(&text) + text.size};
    r->at += strspn(r->at, " \t\r\n");
    bool good = ical_is(r->at);
    while (good && next_property(r)) {
        take_property(r);
    }
    for (size_t i = 0; i < out->count; i++) {
        settle_item(r, &out->items[i]);
    }
    settle_alarms(r);
    buf_done(&r->text);
    buf_done(&text);
    return good ? 0
                : err_fail(e, ERR_INVALID, "",
                           "the file is no calendar: it does not begin with BEGIN:VCALENDAR");
}
