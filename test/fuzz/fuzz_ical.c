/* Calendars with their recurrence, and rules alone: read, expanded, written and read again. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "exchange/ical.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LAST (ical_day_of(2100, 1, 1) * ICAL_DAY)

/* A rule means the same after it was written. */
static void try_rule(struct arena *a, const uint8_t *data, size_t size)
{
    struct ical_rule rule, again;
    struct err e = {0};
    struct buf first = {0}, second = {0};
    if (ical_rule_read(arena_strndup(a, (const char *)data, size), &rule, &e) == 0) {
        ical_rule_write(&first, &rule);
        if (ical_rule_read(buf_text(&first), &again, &e) != 0) {
            abort();
        }
        ical_rule_write(&second, &again);
        if (strcmp(buf_text(&first), buf_text(&second)) != 0) {
            abort();
        }
    }
    buf_done(&first);
    buf_done(&second);
}

static void try_calendar(struct arena *a, const char *bytes, size_t size)
{
    struct ical_calendar calendar, again;
    struct err e = {0};
    struct buf out = {0};
    struct ical_writer w;
    if (ical_read(a, bytes, size, "Europe/Berlin", &calendar, &e) != 0) {
        return;
    }
    ical_write_begin(&w, a, &out, calendar.method, calendar.name, calendar.name);
    for (size_t i = 0; i < calendar.count && i < 10; i++) {
        (void)ical_set_of(a, &calendar.items[i], LAST, 50, &e);
        (void)ical_length(&calendar.items[i], "Europe/Berlin");
        ical_write_item(&w, &calendar.items[i], 0);
    }
    ical_write_end(&w);
    if (ical_read(a, buf_text(&out), out.size, NULL, &again, &e) != 0) {
        abort();
    }
    buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct buf known = {0};
    arena_init(&a);
    try_rule(&a, data, size);
    try_calendar(&a, (const char *)data, size);
    buf_puts(&known, "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260309T090000\nRRULE:");
    buf_add(&known, data, size);
    try_calendar(&a, known.data, known.size);
    buf_done(&known);
    arena_done(&a);
    return 0;
}
