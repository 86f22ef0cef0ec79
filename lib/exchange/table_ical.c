/*
 * Calendars as rows: one event or task a row, with the columns of an activity. What repeats by a rule
 * that activities can have is one row with that rule (`rrule`) and the times it leaves out; each time
 * that was changed or added is a row after it, which says which one it is (`occurrence`, and `uid` with
 * that time behind it). What repeats in other ways is a row for each time it is, from a year ago to a
 * year ahead; what was called off is none. What comes in otherwise than it stands there, or not at all,
 * is noted. The whole file is read when it is opened.
 *
 * For records that have a first and a last day (absences) the same file is a list of days: each event
 * is a row with `from`, `until`, what it is called and whose it is, and what repeats one for each time.
 */
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "exchange/ical.h"
#include "exchange/table_private.h"

#define ROWS_MOST  50000
#define TIMES_MOST 400 /* of one event that is no series here */
#define SET_MOST   20000
#define LOOKS_MOST 50000000 /* of all that repeats; thousands of events over ten years need less */
#define NOTES_MOST 60
#define YEAR       (366 * ICAL_DAY)
#define MONTH      (31 * ICAL_DAY)
#define DAY_LEAST  (6 * 3600) /* seconds: an event with times that fills a working day */

enum column {
    UID,
    SUBJECT,
    KIND,
    DUE,
    DURATION,
    PLACE,
    PRIORITY,
    DESCRIPTION,
    DONE_AT,
    REPEATS,
    LEFT_OUT,
    CHANGED,
    OCCURRENCE,
    ALARMS,
    PEOPLE,
    URL,
    CATEGORIES,
    FROM,
    UNTIL,
    NOTE,
    WHO,
    COLUMNS
};

/* `extra`: not every firm's records have a place for it. */
static const struct {
    const char *name;
    bool extra;
} NAMES[COLUMNS] = {
    [UID] = {"uid", true},           [SUBJECT] = {"subject", false},
    [KIND] = {"kind", false},        [DUE] = {"due", false},
    [DURATION] = {"duration", true}, [PLACE] = {"place", true},
    [PRIORITY] = {"priority", true}, [DESCRIPTION] = {"description", true},
    [DONE_AT] = {"done_at", false},  [REPEATS] = {"rrule", true},
    [LEFT_OUT] = {"exdate", true}, [CHANGED] = {"differing", true},
    [OCCURRENCE] = {"occurrence", true}, [ALARMS] = {"alarms", true},
    [PEOPLE] = {"people", true},     [URL] = {"url", true},
    [CATEGORIES] = {"categories", true},
    [FROM] = {"from", false},        [UNTIL] = {"until", false},
    [NOTE] = {"note", true},         [WHO] = {"user", true},
};
/* Which columns a list of days has; WHO only where somebody is named: else a person says it once. */
static const enum column DAYS[] = {UID, FROM, UNTIL, NOTE, WHO};

/* What is noted of a calendar; browsers know these sentences. */
static const char OFF[] = "Called off";
static const char OLD[] = "Repeated, and over for more than a year";
static const char SINGLE[] = "Repeats in a way activities cannot: taken in one by one, a year ahead";
static const char EACH[] = "Repeats: taken in one by one, a year ahead";
static const char FULL[] = "More than a file may have";
static const char BROKEN[] = "How it repeats cannot be read: taken in once";
static const char SHORT[] = "Less than a day: absences are whole days";
static const char TASK[] = "A task: nobody is away for it";
static const char MUCH[] = "The file repeats too much: taken in once";

struct calendar_row {
    const char *cells[COLUMNS];
    uint64_t line;
};

struct changed {
    const char *place;
    bool off; /* called off */
    struct changed *next;
};

struct calendar_rows {
    struct calendar_row *list;
    size_t count, room, next;
    int numbers[COLUMNS];
    struct ical_calendar calendar;
    struct map masters; /* uid → the item that repeats */
    struct map keys;    /* uid and time of those that were changed */
    struct map changed; /* uid → list of them */
    struct table_note notes[NOTES_MOST];
    int64_t from, to; /* wall seconds */
    int64_t looks;    /* that what repeats took so far */
    bool days;        /* a list of days */
    bool named;       /* of somebody, at least one */
};

static void note(struct table *r, const char *text, uint64_t line)
{
    struct calendar_rows *own = r->own;
    size_t i = 0;
    while (i < r->info.note_count && strcmp(own->notes[i].text, text) != 0) {
        i++;
    }
    if (i == NOTES_MOST) {
        return;
    }
    if (i == r->info.note_count) {
        own->notes[i] = (struct table_note){.text = text, .place = line};
        r->info.note_count++;
    }
    own->notes[i].count++;
}

/* ---- times ----------------------------------------------------------------------------------- */

static int64_t day_start(int64_t wall)
{
    return (wall >= 0 ? wall : wall - (ICAL_DAY - 1)) / ICAL_DAY * ICAL_DAY;
}

/* "2026-11-21T09:00:00", or the day. */
static const char *place_text(struct arena *a, bool is_day, int64_t wall)
{
    int year, month, month_day, time = (int)(wall - day_start(wall));
    ical_day_print(day_start(wall) / ICAL_DAY, &year, &month, &month_day);
    const char *date = arena_printf(a, "%04d-%02d-%02d", year, month, month_day);
    return is_day ? date
                  : arena_printf(a, "%sT%02d:%02d:%02d", date, time / 3600, time / 60 % 60,
                                 time % 60);
}

static const char *time_text(struct arena *a, const struct ical_time *t, int64_t wall)
{
    const char *place = place_text(a, t->is_day, wall);
    return t->is_day         ? place
           : t->zone != NULL ? arena_printf(a, "%s[%s]", place, t->zone)
           : t->is_utc       ? arena_printf(a, "%sZ", place)
                             : place;
}

static bool is_off(const struct ical_item *item)
{
    return strcasecmp(item->status, "CANCELLED") == 0;
}

static const struct ical_time *when_of(const struct ical_item *item)
{
    return item->start.is_set ? &item->start : &item->end;
}

/* What has no id of its own is known by when and what it is. */
static const char *id_of(struct arena *a, const struct ical_item *item)
{
    const struct ical_time *when = when_of(item);
    return item->uid[0] != '\0' ? item->uid
                                : arena_printf(a, "%s %.100s",
                                               when->is_set ? time_text(a, when, when->wall) : "",
                                               item->summary);
}

/* What tells one occurrence from the others. */
static const char *key_of(struct arena *a, const struct ical_item *item, int64_t wall)
{
    struct buf out = {0};
    buf_printf(&out, "%s/", id_of(a, item));
    ical_time_write(&out, wall, item->start.is_day, false);
    const char *key = arena_strdup(a, buf_text(&out));
    buf_done(&out);
    return key;
}

static const struct ical_item *master_of(struct table *r, const struct ical_item *item)
{
    struct calendar_rows *own = r->own;
    return map_find(&own->masters, item->uid);
}

/* ---- cells ----------------------------------------------------------------------------------- */

static const char *done_text(struct arena *a, const struct ical_item *item)
{
    const struct ical_time *t = item->completed.is_set && !item->completed.is_day ? &item->completed
                                : strcasecmp(item->status, "COMPLETED") != 0     ? NULL
                                : item->stamp.is_set                             ? &item->stamp
                                                                                 : when_of(item);
    return t != NULL && t->is_set && !t->is_day ? time_text(a, t, t->wall) : "";
}

static const char *alarms_text(struct arena *a, const struct ical_item *item)
{
    const char *text = "";
    for (size_t i = 0; i < item->alarm_count; i++) {
        int64_t minutes = item->alarms[i] > 0 ? item->alarms[i] : 0;
        text = arena_printf(a, "%s%s%lld", text, i > 0 ? "; " : "", (long long)minutes);
    }
    return text;
}

/* "Name <address>", without what would part it from the next. */
static void add_person(struct buf *out, const struct ical_person *p)
{
    if (p->mail == NULL || p->mail[0] == '\0') {
        return;
    }
    buf_puts(out, out->size > 0 ? "; " : "");
    for (const char *c = p->name != NULL ? p->name : ""; *c != '\0'; c++) {
        buf_putc(out, strchr(";<>\n\r", *c) != NULL ? ' ' : *c);
    }
    bool named = p->name != NULL && p->name[0] != '\0';
    buf_printf(out, named ? " <%s>" : "<%s>", p->mail);
}

static const char *people_text(struct arena *a, const struct ical_item *item)
{
    struct buf out = {0};
    add_person(&out, &item->organizer);
    for (size_t i = 0; i < item->people_count; i++) {
        bool same = item->organizer.mail != NULL && item->people[i].mail != NULL &&
                    strcasecmp(item->organizer.mail, item->people[i].mail) == 0;
        if (!same) {
            add_person(&out, &item->people[i]);
        }
    }
    const char *text = arena_strdup(a, buf_text(&out));
    buf_done(&out);
    return text;
}

static const char *priority_text(const struct ical_item *item)
{
    return item->priority == 0   ? ""
           : item->priority < 5  ? "high"
           : item->priority == 5 ? "normal"
                                 : "low";
}

/* ---- rows ------------------------------------------------------------------------------------ */

static struct calendar_row *new_row(struct table *r)
{
    struct calendar_rows *own = r->own;
    if (own->count == own->room) {
        size_t room = own->room > 0 ? own->room * 2 : 32;
        struct calendar_row *list = ARENA_ARRAY(r->arena, struct calendar_row, room);
        memcpy(list, own->list != NULL ? own->list : list, own->count * sizeof *list);
        own->list = list;
        own->room = room;
    }
    struct calendar_row *row = &own->list[own->count++];
    for (size_t i = 0; i < COLUMNS; i++) {
        row->cells[i] = "";
    }
    return row;
}

/* How long it lasts; of days without a time 0 for one, else as many times 24 hours. */
static int64_t minutes_of(const struct ical_item *item, bool is_day)
{
    int64_t seconds = ical_length(item, clock_zone());
    int64_t days = (seconds + ICAL_DAY / 2) / ICAL_DAY;
    return !is_day ? seconds / 60 : days > 1 ? days * (ICAL_DAY / 60) : 0;
}

struct span {
    int64_t first, last; /* wall seconds in the firm's zone, the last one within the event */
};

/* Times count in the zone they are written in; what is in UTC, in the firm's. DTEND is the first
 * moment after an event (RFC 5545, 3.6.1): the day before it is the last one. */
static struct span span_of(const struct ical_item *item, int64_t wall)
{
    struct ical_time from = *when_of(item), to = {.is_utc = true};
    const struct ical_time there = {.zone = from.zone != NULL ? from.zone : clock_zone()};
    int64_t seconds = ical_length(item, clock_zone());
    from.wall = wall;
    if (from.is_day) {
        int64_t days = (seconds + ICAL_DAY / 2) / ICAL_DAY;
        return (struct span){wall, wall + (days > 1 ? days : 1) * ICAL_DAY - 1};
    }
    to.wall = ical_instant(&from, clock_zone()) + (seconds > 0 ? seconds - 1 : 0);
    return (struct span){ical_wall_like(&from, &there), ical_wall_like(&to, &there)};
}

/* Why an event is no row of a list of days; NULL: it is one. */
static const char *no_day(const struct ical_item *item, struct span days)
{
    bool whole = when_of(item)->is_day || days.last - days.first + 1 >= DAY_LEAST;
    return item->kind == ICAL_TODO || !when_of(item)->is_set ? TASK : whole ? NULL : SHORT;
}

static struct calendar_row *put_days(struct table *r, const struct ical_item *item,
                                     struct span days, const char *uid, const char *mail)
{
    struct calendar_rows *own = r->own;
    if (own->count == ROWS_MOST) {
        note(r, FULL, item->line);
        return NULL;
    }
    struct calendar_row *row = new_row(r);
    bool open = item->privacy[0] == '\0' || strcasecmp(item->privacy, "PUBLIC") == 0;
    row->line = item->line;
    row->cells[UID] = uid;
    row->cells[FROM] = place_text(r->arena, true, days.first);
    row->cells[UNTIL] = place_text(r->arena, true, days.last);
    row->cells[NOTE] = open ? item->summary : "";
    row->cells[WHO] = mail != NULL ? mail : "";
    own->named = own->named || row->cells[WHO][0] != '\0';
    return row;
}

static bool takes_part(const struct ical_person *p)
{
    return p->mail != NULL && p->mail[0] != '\0' && !p->apart &&
           strcasecmp(p->state, "DECLINED") != 0;
}

/* A row for each who takes part, else one of who invites. */
static struct calendar_row *add_days(struct table *r, const struct ical_item *item,
                                     const char *uid, int64_t wall)
{
    struct span days = span_of(item, wall);
    const char *why = no_day(item, days);
    struct calendar_row *row = NULL;
    if (why != NULL) {
        note(r, why, item->line);
        return NULL;
    }
    for (size_t i = 0; i < item->people_count; i++) {
        const char *mail = item->people[i].mail;
        if (takes_part(&item->people[i])) {
            row = put_days(r, item, days,
                           row == NULL ? uid : arena_printf(r->arena, "%s/%s", uid, mail), mail);
        }
    }
    return row != NULL ? row : put_days(r, item, days, uid, item->organizer.mail);
}

/* NULL: the file has too many, or the event is no days. */
static struct calendar_row *add_row(struct table *r, const struct ical_item *item, const char *uid,
                                    int64_t wall)
{
    struct calendar_rows *own = r->own;
    const struct ical_time *when = when_of(item);
    int64_t minutes = minutes_of(item, when->is_day);
    if (own->days) {
        return add_days(r, item, uid, wall);
    }
    if (own->count == ROWS_MOST) {
        note(r, FULL, item->line);
        return NULL;
    }
    struct calendar_row *row = new_row(r);
    row->line = item->line;
    row->cells[UID] = uid;
    row->cells[SUBJECT] = item->summary[0] != '\0' ? item->summary : "?";
    row->cells[KIND] = item->kind == ICAL_TODO ? "task" : "meeting";
    row->cells[DUE] = when->is_set ? time_text(r->arena, when, wall) : "";
    row->cells[DURATION] = minutes > 0 ? arena_printf(r->arena, "%lld", (long long)minutes) : "";
    row->cells[PLACE] = item->location;
    row->cells[PRIORITY] = priority_text(item);
    row->cells[DESCRIPTION] = item->description;
    row->cells[DONE_AT] = done_text(r->arena, item);
    row->cells[ALARMS] = alarms_text(r->arena, item);
    row->cells[PEOPLE] = people_text(r->arena, item);
    row->cells[URL] = item->url;
    row->cells[CATEGORIES] = item->categories;
    return row;
}

/* ---- what repeats ---------------------------------------------------------------------------- */

/* A rule that a series of activities can have, in one spelling; NULL: it cannot. */
static const char *series_rule(struct arena *a, const struct ical_item *item)
{
    struct ical_rule rule;
    struct err ignored = {0};
    if (item->rule_count != 1 || item->not_rule_count > 0 || item->uid[0] == '\0' ||
        !item->start.is_set || ical_rule_read(item->rules[0], &rule, &ignored) != 0 ||
        rule.frequency > ICAL_DAILY ||
        (!item->start.is_day && (rule.hours.any || rule.minutes.any || rule.seconds.any))) {
        return NULL;
    }
    struct buf out = {0};
    ical_rule_write(&out, &rule);
    const char *text = out.size <= 900 ? arena_strdup(a, buf_text(&out)) : NULL;
    buf_done(&out);
    return text;
}

static void add_place(struct buf *out, const char *place)
{
    buf_puts(out, out->size > 0 ? " " : "");
    buf_puts(out, place);
}

static const char *left_out_text(struct table *r, const struct ical_item *item)
{
    struct calendar_rows *own = r->own;
    struct buf out = {0};
    for (const struct changed *x = map_find(&own->changed, item->uid); x != NULL; x = x->next) {
        if (x->off) {
            add_place(&out, x->place);
        }
    }
    for (size_t i = 0; i < item->not_at.count; i++) {
        const struct ical_time *t = &item->not_at.list[i];
        int64_t time = item->start.wall - day_start(item->start.wall);
        int64_t wall = item->start.is_day ? day_start(t->wall)
                       : t->is_day        ? t->wall + time
                                          : ical_wall_like(t, &item->start);
        add_place(&out, place_text(r->arena, item->start.is_day, wall));
    }
    const char *text = arena_strdup(r->arena, buf_text(&out));
    buf_done(&out);
    return text;
}

static const char *changed_text(struct table *r, const struct ical_item *item)
{
    struct calendar_rows *own = r->own;
    struct buf out = {0};
    for (const struct changed *x = map_find(&own->changed, item->uid); x != NULL; x = x->next) {
        if (!x->off) {
            add_place(&out, x->place);
        }
    }
    const char *text = arena_strdup(r->arena, buf_text(&out));
    buf_done(&out);
    return text;
}

/* RDATE: times the rule does not give are rows of their own. */
static void add_also(struct table *r, const struct ical_item *item)
{
    struct calendar_rows *own = r->own;
    size_t given = 0;
    for (size_t i = 0; i < item->also.count && given < TIMES_MOST; i++) {
        int64_t wall = ical_wall_like(&item->also.list[i], &item->start);
        const char *key = key_of(r->arena, item, wall);
        struct calendar_row *row = NULL;
        if (wall >= own->from && map_find(&own->keys, key) == NULL) {
            row = add_row(r, item, key, wall);
            given++;
        }
        if (row != NULL) {
            row->cells[OCCURRENCE] = place_text(r->arena, item->start.is_day, wall);
        }
    }
}

static void add_series(struct table *r, const struct ical_item *item, const char *rule,
                       const struct ical_set *set)
{
    struct calendar_rows *own = r->own;
    size_t count = ical_set_count(set);
    if (count > 0 && ical_set_at(set, count - 1) < own->from && item->start.wall <= own->to) {
        note(r, OLD, item->line);
        return;
    }
    struct calendar_row *row = add_row(r, item, item->uid, item->start.wall);
    if (row != NULL) {
        row->cells[REPEATS] = rule;
        row->cells[LEFT_OUT] = left_out_text(r, item);
        row->cells[CHANGED] = changed_text(r, item);
        add_also(r, item);
    }
}

static void add_single(struct table *r, const struct ical_item *item, const struct ical_set *set)
{
    struct calendar_rows *own = r->own;
    size_t count = ical_set_count(set), given = 0;
    for (size_t i = 0; i < count && given < TIMES_MOST; i++) {
        int64_t wall = ical_set_at(set, i);
        const char *key = key_of(r->arena, item, wall);
        if (wall >= own->from && map_find(&own->keys, key) == NULL) {
            (void)add_row(r, item, key, wall);
            given++;
        }
    }
    if (given == TIMES_MOST) {
        note(r, FULL, item->line);
    }
    note(r, given == 0 ? OLD : own->days ? EACH : SINGLE, item->line);
}

static void add_set(struct table *r, const struct ical_item *item, const struct ical_set *set)
{
    struct calendar_rows *own = r->own;
    const char *rule = own->days ? NULL : series_rule(r->arena, item);
    if (set == NULL) {
        note(r, own->looks < LOOKS_MOST ? BROKEN : MUCH, item->line);
        (void)add_row(r, item, id_of(r->arena, item), when_of(item)->wall);
    } else if (rule != NULL && !ical_set_is_cut(set)) {
        add_series(r, item, rule, set);
    } else {
        add_single(r, item, set);
    }
}

static void add_repeated(struct table *r, const struct ical_item *item)
{
    struct calendar_rows *own = r->own;
    struct err ignored = {0};
    struct arena work;
    const struct ical_set *set = NULL;
    int64_t to = item->start.wall > own->to ? item->start.wall : own->to;
    arena_init(&work);
    if (own->looks < LOOKS_MOST) {
        set = ical_set_of(&work, item, to, SET_MOST, &ignored);
        own->looks += set != NULL ? ical_set_looks(set) : 0;
    }
    add_set(r, item, set);
    arena_done(&work);
}

/* One time of what repeats, as it was changed. */
static void add_changed(struct table *r, const struct ical_item *item)
{
    const struct ical_item *master = master_of(r, item);
    const struct ical_time *like = master != NULL ? &master->start : &item->start;
    int64_t wall = ical_wall_like(&item->recurrence_id, like);
    const char *key = key_of(r->arena, master != NULL ? master : item, wall);
    struct calendar_row *row = add_row(r, item, key, when_of(item)->wall);
    if (row != NULL) {
        row->cells[OCCURRENCE] = place_text(r->arena, like->is_day, wall);
    }
}

static bool repeats(const struct ical_item *item)
{
    return !item->recurrence_id.is_set && (item->rule_count > 0 || item->also.count > 0);
}

static void add_item(struct table *r, const struct ical_item *item)
{
    if (is_off(item)) {
        note(r, OFF, item->line);
    } else if (repeats(item)) {
        add_repeated(r, item);
    } else if (!item->recurrence_id.is_set) {
        (void)add_row(r, item, id_of(r->arena, item), when_of(item)->wall);
    }
}

/* ---- the file -------------------------------------------------------------------------------- */

static int read_file(struct table *r, struct buf *out, struct err *e)
{
    uint64_t at = 0;
    long n;
    char *piece = r->text->piece;
    while ((n = r->source.read(r->source.data, piece, TABLE_PIECE, at)) > 0) {
        at += (uint64_t)n;
        buf_add(out, piece, (size_t)n);
        if (out->size > ICAL_FILE_MAX) {
            return table_fail(r, 0, e, "A calendar has at most 32 MiB.");
        }
    }
    return n < 0 ? err_fail(e, ERR_INTERNAL, "", "The file cannot be read.") : 0;
}

/* Which items repeat, and which times of theirs have rows of their own. */
static void look_round(struct table *r)
{
    struct calendar_rows *own = r->own;
    for (size_t i = 0; i < own->calendar.count; i++) {
        struct ical_item *item = &own->calendar.items[i];
        if (repeats(item) && item->uid[0] != '\0') {
            map_set(&own->masters, item->uid, item);
        }
    }
    for (size_t i = 0; i < own->calendar.count; i++) {
        const struct ical_item *item = &own->calendar.items[i];
        const struct ical_item *master = item->recurrence_id.is_set ? master_of(r, item) : NULL;
        if (master != NULL) {
            int64_t wall = ical_wall_like(&item->recurrence_id, &master->start);
            struct changed *one = ARENA_NEW(r->arena, struct changed);
            *one = (struct changed){.place = place_text(r->arena, master->start.is_day, wall),
                                    .off = is_off(item),
                                    .next = map_find(&own->changed, master->uid)};
            map_set(&own->changed, master->uid, one);
            map_set(&own->keys, key_of(r->arena, master, wall), own);
        }
    }
}

static void collect(struct table *r)
{
    struct calendar_rows *own = r->own;
    look_round(r);
    for (size_t i = 0; i < own->calendar.count; i++) {
        add_item(r, &own->calendar.items[i]);
    }
    for (size_t i = 0; i < own->calendar.count; i++) {
        const struct ical_item *item = &own->calendar.items[i];
        if (item->recurrence_id.is_set && !is_off(item)) {
            add_changed(r, item);
        }
    }
    for (size_t i = 0; i < own->calendar.problem_count; i++) {
        note(r, own->calendar.problems[i].text, own->calendar.problems[i].line);
    }
    r->info.notes = own->notes;
}

static bool calendar_is(const char *text)
{
    return ical_is(text);
}

static void put_columns(struct table *r)
{
    struct calendar_rows *own = r->own;
    /* an event of nobody beside those of somebody is not that of whoever brings the file */
    for (size_t i = 0; i < own->count && own->named; i++) {
        const char **who = &own->list[i].cells[WHO];
        *who = (*who)[0] == '\0' ? "(nobody is named)" : *who;
    }
    for (size_t i = 0; i < COLUMNS; i++) {
        own->numbers[i] = -1;
    }
    for (size_t i = 0; i < (own->days ? COUNT(DAYS) : FROM); i++) {
        enum column x = own->days ? DAYS[i] : (enum column)i;
        if (x != WHO || own->named) {
            own->numbers[x] = table_column(r, NAMES[x].name, strlen(NAMES[x].name), NAMES[x].extra);
        }
    }
    table_columns_end(r);
}

static int calendar_open(struct table *r, struct err *e)
{
    struct calendar_rows *own = ARENA_NEW(r->arena, struct calendar_rows);
    struct buf bytes = {0};
    int64_t now = clock_now_ms() / 1000;
    r->own = own;
    map_init(&own->masters, r->arena);
    map_init(&own->keys, r->arena);
    map_init(&own->changed, r->arena);
    own->days = r->options.has != NULL && table_has(r, NAMES[FROM].name) &&
                table_has(r, NAMES[UNTIL].name);
    own->from = now - (own->days ? MONTH : YEAR);
    own->to = now + YEAR;
    int rc = read_file(r, &bytes, e);
    if (rc == 0) {
        rc = ical_read(r->arena, buf_text(&bytes), bytes.size, clock_zone(), &own->calendar, e);
    }
    buf_done(&bytes);
    if (rc != 0) {
        return -1;
    }
    collect(r);
    put_columns(r);
    return 0;
}

static int calendar_next(struct table *r, struct table_row *out, struct err *e)
{
    struct calendar_rows *own = r->own;
    (void)e;
    if (own->next == own->count) {
        return 0;
    }
    const struct calendar_row *row = &own->list[own->next++];
    table_row_begin(r);
    for (size_t i = 0; i < COLUMNS; i++) {
        if (own->numbers[i] >= 0 && row->cells[i][0] != '\0') {
            table_put(r, own->numbers[i], row->cells[i], strlen(row->cells[i]), true, "");
        }
    }
    return table_row_end(r, row->line, out);
}

const struct table_kind TABLE_CALENDAR_KIND = {.format = TABLE_CALENDAR,
                                               .name = "calendar",
                                               .is = calendar_is,
                                               .open = calendar_open,
                                               .next = calendar_next};
