/* calendar.yaml: working hours, holidays, calendars of teams. See calendar.h. */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/zone.h"
#include "model/calendar.h"
#include "model/load.h"

#define SPANS_MAX    12 /* of a day */
#define TEAMS_MAX    200
#define HOLIDAYS_MAX 20000

static const struct import_key KEYS[] = {
    {"hours", "working hours by weekday, a day or a range; a span may go past midnight",
     "hours: {mon-thu: \"08:00-12:00, 13:00-17:00\", fri: \"08:00-14:00\"}"},
    {"zone", "the time zone they are meant in; without it the firm's", "zone: Europe/Vienna"},
    {"holidays",
     "days on which nobody works: a date, two dates, a day of every year, each with a name, or an .ics file in "
     "the folder `holidays`",
     "holidays: [2026-12-24 Christmas Eve, 12-25 Christmas, 2026-07-20 - 2026-07-31 Summer break, holidays/sh.ics]"},
    {"teams", "calendars of teams, by their names; what one does not say is as the firm's",
     "teams: {Night desk: {hours: {mon-fri: \"22:00-06:00\"}}}"},
    {NULL, NULL, NULL},
};

static const char *const DAYS[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/* ---- hours ----------------------------------------------------------------------------------- */

static int find_day(const char *text, size_t size)
{
    for (int i = 0; i < 7; i++) {
        if (size == 3 && strncmp(DAYS[i], text, 3) == 0) {
            return i;
        }
    }
    return -1;
}

/* "mon", "mon-thu" */
static bool read_days(struct loader *l, const struct yaml *node, int *first, int *last)
{
    const char *dash = strchr(node->key, '-');
    size_t n = dash != NULL ? (size_t)(dash - node->key) : strlen(node->key);
    *first = find_day(node->key, n);
    *last = dash != NULL ? find_day(dash + 1, strlen(dash + 1)) : *first;
    if (*first < 0 || *last < *first) {
        load_key_error(l, node, "must be a day or a range of days, like mon or mon-fri");
        return false;
    }
    return true;
}

/* "08:30" at *s; -1: it is none. */
static int read_minute(const char **s)
{
    const char *t = *s;
    if (strspn(t, "0123456789") != 2 || t[2] != ':' || strspn(t + 3, "0123456789") != 2) {
        return -1;
    }
    int minute = ((t[0] - '0') * 10 + t[1] - '0') * 60 + (t[3] - '0') * 10 + t[4] - '0';
    *s = t + 5;
    return t[3] > '5' || minute > 1440 ? -1 : minute;
}

/* "08:00-12:00, 13:00-17:00" */
static size_t read_spans(struct loader *l, const struct yaml *node, struct work_span **out)
{
    const char *s = load_text(l, node);
    size_t n = 0;
    *out = ARENA_ARRAY(l->arena, struct work_span, SPANS_MAX);
    while (s != NULL && n < SPANS_MAX) {
        struct work_span span = {.from = read_minute(&s), .to = -1};
        if (span.from >= 0 && *s == '-') {
            s++;
            span.to = read_minute(&s);
        }
        span.to += span.to >= 0 && span.to <= span.from ? 1440 : 0;
        if (span.to < 0 || (n > 0 && span.from < (*out)[n - 1].to) || span.to > 2 * 1440) {
            break;
        }
        (*out)[n++] = span;
        if (*s == '\0') {
            return n;
        }
        s += *s == ',';
        s += strspn(s, " ");
    }
    if (s != NULL) {
        load_error(l, node, "must be times in order, like 08:00-12:00, 13:00-17:00");
    }
    return 0;
}

static void read_hours(struct loader *l, const struct yaml *node, struct calendar *c)
{
    if (node->type != YAML_MAP) {
        load_error(l, node, "must be a map of days and hours, like {mon-fri: \"08:00-17:00\"}");
        return;
    }
    memset(c->spans, 0, sizeof c->spans);
    memset(c->span_counts, 0, sizeof c->span_counts);
    for (const struct yaml *n = node->child; n != NULL; n = n->next) {
        int first, last;
        struct work_span *spans;
        size_t count = read_spans(l, n, &spans);
        if (!read_days(l, n, &first, &last)) {
            continue;
        }
        for (int day = first; day <= last; day++) {
            if (c->spans[day] != NULL) {
                load_key_error(l, n, "%s has hours already", DAYS[day]);
            }
            c->spans[day] = spans;
            c->span_counts[day] = count;
        }
    }
}

/* ---- holidays -------------------------------------------------------------------------------- */

static bool add_file(struct loader *l, const struct yaml *node, struct calendar *c)
{
    for (size_t i = 0; i < l->m->source_count; i++) {
        const struct source *s = &l->m->sources[i];
        struct holiday *list;
        if (s->builtin || strcmp(s->name, node->text) != 0) {
            continue;
        }
        size_t n = holidays_read(l->arena, s->text, s->size, &list);
        if (n == 0) {
            load_error(l, node, "%s has no whole days", s->name);
        }
        for (size_t k = 0; k < n && c->holiday_count < HOLIDAYS_MAX; k++) {
            c->holidays[c->holiday_count++] = list[k];
        }
        return true;
    }
    load_error(l, node, "there is no file \"%s\"; .ics files lie in the folder holidays",
               node->text);
    return false;
}

/* "12-25" at the start: month and day of every year. */
static bool read_yearly(const char *text, struct holiday *out)
{
    char date[CLOCK_DATE_SIZE] = "2000-";
    if (strlen(text) < 5 || text[2] != '-' || (text[5] != '\0' && text[5] != ' ')) {
        return false;
    }
    memcpy(date + 5, text, 5);
    date[10] = '\0';
    if (!clock_is_date(date)) {
        return false;
    }
    out->first = out->last = ((text[0] - '0') * 10 + text[1] - '0') * 100 + (text[3] - '0') * 10 +
                             text[4] - '0';
    out->yearly = true;
    out->name = text[5] == ' ' ? text + 6 : "";
    return true;
}

static bool read_date(const char **s, int64_t *out)
{
    char date[CLOCK_DATE_SIZE] = "";
    if (strlen(*s) < 10) {
        return false;
    }
    memcpy(date, *s, 10);
    if (!clock_is_date(date)) {
        return false;
    }
    *s += 10;
    *out = clock_days_of(date);
    return true;
}

/* "2026-12-24 Name", "2026-07-20 - 2026-07-31 Name" */
static bool read_dates(const char *text, struct holiday *out)
{
    const char *s = text;
    if (!read_date(&s, &out->first)) {
        return false;
    }
    out->last = out->first;
    if (str_starts(s, " - ")) {
        s += 3;
        if (!read_date(&s, &out->last) || out->last < out->first) {
            return false;
        }
    }
    if (*s != '\0' && *s != ' ') {
        return false;
    }
    out->name = s + strspn(s, " ");
    return true;
}

/* What is written like a day is said for what it is; the rest is told how days look. */
static void refuse_day(struct loader *l, const struct yaml *node)
{
    const char *s = node->text;
    int64_t first = 0, last = 0;
    const char *digits = "0123456789-";
    if (!read_date(&s, &first) && strspn(s, digits) == 10) {
        load_error(l, node, "there is no day %.10s", s);
    } else if (s != node->text && str_starts(s, " - ") && strspn(s + 3, digits) == 10) {
        s += 3;
        if (read_date(&s, &last)) {
            load_error(l, node, "ends before it begins");
        } else {
            load_error(l, node, "there is no day %.10s", s);
        }
    } else {
        load_error(l, node,
                   "must be a day with its name, like 2026-12-24 Christmas Eve, 12-25 Christmas or "
                   "2026-07-20 - 2026-07-31 Summer break, or an .ics file");
    }
}

static void read_holidays(struct loader *l, const struct yaml *node, struct calendar *c)
{
    size_t count = 0;
    const struct yaml **items = load_items(l, node, &count);
    c->holidays = ARENA_ARRAY(l->arena, struct holiday, HOLIDAYS_MAX);
    c->holiday_count = 0;
    for (size_t i = 0; i < count && c->holiday_count < HOLIDAYS_MAX; i++) {
        struct holiday h = {0};
        if (str_ends(items[i]->text, ".ics")) {
            add_file(l, items[i], c);
        } else if (read_yearly(items[i]->text, &h) || read_dates(items[i]->text, &h)) {
            c->holidays[c->holiday_count++] = h;
        } else {
            refuse_day(l, items[i]);
        }
    }
}

/* ---- the file -------------------------------------------------------------------------------- */

static void read_calendar(struct loader *l, const struct yaml *node, struct calendar *c)
{
    const struct yaml *hours = yaml_find(node, "hours"), *zone = yaml_find(node, "zone");
    const struct yaml *holidays = yaml_find(node, "holidays");
    const char *name = load_text(l, zone);
    if (name != NULL && zone_is_known(name)) {
        c->zone = name;
    } else if (name != NULL) {
        load_error(l, zone, "\"%s\" is not a time zone like Europe/Berlin", name);
    }
    if (hours != NULL) {
        read_hours(l, hours, c);
    }
    if (holidays != NULL) {
        read_holidays(l, holidays, c);
    }
}

static void read_teams(struct loader *l, const struct yaml *node)
{
    static const char *const OF_TEAMS[] = {"hours", "zone", "holidays", NULL};
    struct model *m = l->m;
    if (node->type != YAML_MAP || node->count > TEAMS_MAX) {
        load_error(l, node, "must be a map of at most %d teams", TEAMS_MAX);
        return;
    }
    for (const struct yaml *n = node->child; n != NULL; n = n->next) {
        if (load_check_keys(l, n, OF_TEAMS)) {
            struct calendar *c = &m->calendars[m->calendar_count++];
            *c = m->calendars[0];
            c->team = n->key;
            c->where = yaml_key_where(l->arena, n);
            read_calendar(l, n, c);
        }
    }
}

void load_calendar(struct loader *l)
{
    const struct document *d = load_document(l, CALENDAR_FILE, false);
    if (d == NULL || !load_check_table(l, d->root, KEYS)) {
        return;
    }
    const struct yaml *teams = yaml_find(d->root, "teams");
    l->m->calendars = ARENA_ARRAY(l->arena, struct calendar, TEAMS_MAX + 1);
    l->m->calendars[0].zone = l->m->company.zone;
    l->m->calendar_count = 1;
    if (yaml_find(d->root, "hours") == NULL) {
        load_error(l, d->root, "a calendar needs its hours");
    }
    read_calendar(l, d->root, &l->m->calendars[0]);
    if (teams != NULL) {
        read_teams(l, teams);
    }
}

void calendar_write_reference(struct buf *out)
{
    buf_puts(out, "\n## Working hours\n\nIn `calendar.yaml`. Without it every hour is worked; "
                  "digests of notifications and quiet days then go by Monday to Friday.\n\n"
                  "| Key | Meaning | Example |\n|---|---|---|\n");
    for (const struct import_key *k = KEYS; k->name != NULL; k++) {
        buf_printf(out, "| `%s` | %s | `%s` |\n", k->name, k->meaning, k->example);
    }
}
