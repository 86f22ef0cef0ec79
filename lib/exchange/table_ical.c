/*
 * Calendars as rows: one event or task a row, with the columns of an activity. What repeats is a row
 * for each time it is, from a year ago to a year ahead, with those that were changed in their place;
 * what was called off is none. The whole file is read when it is opened.
 */
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "exchange/ical.h"
#include "exchange/table_private.h"

#define ROWS_MOST  50000
#define TIMES_MOST 400 /* of one event */
#define YEAR       (366 * ICAL_DAY)

enum column { UID, SUBJECT, KIND, DUE, DURATION, PLACE, PRIORITY, OUTCOME, DONE_AT, COLUMNS };
static const char *const NAMES[COLUMNS] = {"uid",   "subject",  "kind",    "due",    "duration",
                                           "place", "priority", "outcome", "done_at"};

struct calendar_row {
    const char *cells[COLUMNS];
    uint64_t line;
};

struct calendar_rows {
    struct calendar_row *list;
    size_t count, room, next;
    int numbers[COLUMNS];
    struct ical_calendar calendar;
    struct map changed; /* uid and time of those that were changed */
    int64_t from, to;   /* wall seconds */
};

/* ---- times ----------------------------------------------------------------------------------- */

static const char *time_text(struct arena *a, const struct ical_time *t, int64_t wall)
{
    int64_t day = (wall >= 0 ? wall : wall - (ICAL_DAY - 1)) / ICAL_DAY;
    int year, month, month_day, time = (int)(wall - day * ICAL_DAY);
    ical_day_print(day, &year, &month, &month_day);
    const char *date = arena_printf(a, "%04d-%02d-%02d", year, month, month_day);
    if (t->is_day) {
        return date;
    }
    const char *zone = t->zone != NULL ? arena_printf(a, "[%s]", t->zone) : t->is_utc ? "Z" : "";
    return arena_printf(a, "%sT%02d:%02d:%02d%s", date, time / 3600, time / 60 % 60, time % 60,
                        zone);
}

/* What tells one occurrence from the others. */
static const char *key_of(struct arena *a, const struct ical_item *item, int64_t wall)
{
    struct buf out = {0};
    buf_printf(&out, "%s/", item->uid);
    ical_time_write(&out, wall, item->start.is_day, false);
    const char *key = arena_strdup(a, buf_text(&out));
    buf_done(&out);
    return key;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void add_row(struct table *r, const struct ical_item *item, const char *uid, int64_t wall)
{
    struct calendar_rows *own = r->own;
    const struct ical_time *when = item->start.is_set ? &item->start : &item->end;
    int64_t minutes = when->is_day ? 0 : ical_length(item, clock_zone()) / 60;
    if (own->count == ROWS_MOST) {
        return;
    }
    if (own->count == own->room) {
        size_t room = own->room > 0 ? own->room * 2 : 32;
        struct calendar_row *list = ARENA_ARRAY(r->arena, struct calendar_row, room);
        memcpy(list, own->list != NULL ? own->list : list, own->count * sizeof *list);
        own->list = list;
        own->room = room;
    }
    struct calendar_row *row = &own->list[own->count++];
    row->line = item->line;
    row->cells[UID] = uid;
    row->cells[SUBJECT] = item->summary[0] != '\0' ? item->summary : "?";
    row->cells[KIND] = item->kind == ICAL_TODO ? "task" : "meeting";
    row->cells[DUE] = when->is_set ? time_text(r->arena, when, wall) : "";
    row->cells[DURATION] = minutes > 0 ? arena_printf(r->arena, "%lld", (long long)minutes) : "";
    row->cells[PLACE] = item->location;
    row->cells[PRIORITY] = item->priority == 0   ? ""
                           : item->priority < 5  ? "high"
                           : item->priority == 5 ? "normal"
                                                 : "low";
    row->cells[OUTCOME] = item->description;
    bool done = item->completed.is_set && !item->completed.is_day;
    row->cells[DONE_AT] = done ? time_text(r->arena, &item->completed, item->completed.wall) : "";
}

static int add_repeated(struct table *r, const struct ical_item *item, struct err *e)
{
    struct calendar_rows *own = r->own;
    struct ical_set *set = ical_set_of(r->arena, item, own->to, 20000, e);
    size_t given = 0;
    if (set == NULL) {
        return -1;
    }
    for (size_t i = 0; i < ical_set_count(set) && given < TIMES_MOST; i++) {
        int64_t wall = ical_set_at(set, i);
        const char *key = key_of(r->arena, item, wall);
        if (wall >= own->from && map_find(&own->changed, key) == NULL) {
            add_row(r, item, key, wall);
            given++;
        }
    }
    return 0;
}

static int add_item(struct table *r, const struct ical_item *item, struct err *e)
{
    const struct ical_time *when = item->start.is_set ? &item->start : &item->end;
    if (strcasecmp(item->status, "CANCELLED") == 0) {
        return 0;
    }
    if (item->recurrence_id.is_set) {
        add_row(r, item, key_of(r->arena, item, ical_wall_like(&item->recurrence_id, &item->start)),
                when->wall);
        return 0;
    }
    if (item->rule_count > 0 || item->also.count > 0) {
        return add_repeated(r, item, e);
    }
    add_row(r, item, item->uid, when->wall);
    return 0;
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

static int collect(struct table *r, struct err *e)
{
    struct calendar_rows *own = r->own;
    for (size_t i = 0; i < own->calendar.count; i++) {
        const struct ical_item *item = &own->calendar.items[i];
        if (item->recurrence_id.is_set) {
            int64_t wall = ical_wall_like(&item->recurrence_id, &item->start);
            map_set(&own->changed, key_of(r->arena, item, wall), own);
        }
    }
    for (size_t i = 0; i < own->calendar.count; i++) {
        if (add_item(r, &own->calendar.items[i], e) != 0) {
            return -1;
        }
    }
    return 0;
}

static bool calendar_is(const char *text)
{
    return ical_is(text);
}

static int calendar_open(struct table *r, struct err *e)
{
    struct calendar_rows *own = ARENA_NEW(r->arena, struct calendar_rows);
    struct buf bytes = {0};
    int64_t now = clock_now_ms() / 1000;
    r->own = own;
    map_init(&own->changed, r->arena);
    own->from = now - YEAR;
    own->to = now + YEAR;
    int rc = read_file(r, &bytes, e);
    if (rc == 0) {
        rc = ical_read(r->arena, buf_text(&bytes), bytes.size, clock_zone(), &own->calendar, e);
    }
    buf_done(&bytes);
    if (rc != 0 || collect(r, e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < COLUMNS; i++) {
        own->numbers[i] = table_column(r, NAMES[i], strlen(NAMES[i]), i == UID);
    }
    table_columns_end(r);
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
        if (row->cells[i][0] != '\0') {
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
