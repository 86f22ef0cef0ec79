/*
 * Local times: a day without a time, or a time with the zone it was agreed on in. Three columns: the
 * instant, which everything compares and sorts by (of a day its last millisecond in the company's
 * zone, so that a day is overdue when it is over), the wall time as text, the zone's name.
 *
 * An instant alone is a local time in the company's zone: what was an instant once, and what the
 * program sets itself, needs no more.
 */
#include <stdio.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/zone.h"
#include "model/types.h"

static const char *const PROBLEMS[] = {
    [LOCAL_UNREADABLE] = "is not a day like \"2026-11-21\" or a time like "
                         "\"2026-11-21T14:05:00+01:00[Europe/Berlin]\"",
    [LOCAL_NO_ZONE] = "names a time zone that there is not; one is [Europe/Berlin]",
    [LOCAL_NO_OFFSET] = "has an offset that its time zone does not have then; leave the offset out",
};

int local_values(struct arena *a, const char *text, struct value out[FIELD_MAX_COLUMNS])
{
    struct local_time t;
    if (local_parse(text, &t) != LOCAL_FINE) {
        return -1;
    }
    out[0] = value_int(t.at_ms);
    out[1] = value_text(arena_strdup(a, t.text));
    out[2] = t.zone[0] == '\0' ? value_null() : value_text(arena_strdup(a, t.zone));
    return 0;
}

TYPE_PARSE_TEXT(type_local_from_text)
{
    (void)f;
    const char *s = type_clean(c, in, e);
    if (s == NULL) {
        return -1;
    }
    if (*s == '\0') {
        *out = (struct parsed){0};
        return 0;
    }
    const char *date = type_read_date(c->arena, s);
    s = date != NULL ? date : s;
    struct local_time t;
    enum local_problem problem = local_parse(s, &t);
    if (problem != LOCAL_FINE) {
        return type_refuse(c, e, "%s %s", type_quote(c->arena, s), PROBLEMS[problem]);
    }
    *out = (struct parsed){0};
    return local_values(c->arena, s, out->values);
}

/* What was computed of local times: the last millisecond of a day is that day. */
static void of_instant(int64_t at_ms, struct local_time *t)
{
    char day[CLOCK_DATE_SIZE];
    int64_t end = 0;
    clock_date_of(at_ms, day);
    if (clock_date_end(day, &end) == 0 && end - 1 == at_ms) {
        snprintf(t->text, sizeof(t->text), "%s", day);
    } else {
        local_of_instant(at_ms, t);
    }
}

void local_put(struct buf *out, const struct value *values)
{
    struct local_time t = {.at_ms = values[0].i};
    if (values[1].kind != VALUE_TEXT) {
        of_instant(values[0].i, &t);
    } else {
        snprintf(t.text, sizeof(t.text), "%s", values[1].s);
        snprintf(t.zone, sizeof(t.zone), "%s", values[2].kind == VALUE_TEXT ? values[2].s : "");
    }
    local_print(out, &t);
}

TYPE_PRINT_TEXT(type_local_to_text)
{
    (void)f;
    local_put(out, values);
}

TYPE_PRINT_JSON(type_local_to_json)
{
    (void)f;
    struct buf text = {0};
    local_put(&text, values);
    jw_text_n(w, text.data, text.size);
    buf_done(&text);
}
