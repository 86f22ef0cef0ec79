/* The firm's calendar: on which days nobody works, for pages that show days. */
#include "api/route.h"
#include "base/clock.h"
#include "model/calendar.h"

#define DAYS_MAX 800

static int read_day(struct request *q, const char *key, int64_t *out)
{
    const char *text = request_param(q, key);
    if (text == NULL || !clock_is_date(text)) {
        return ctx_fail(q->ctx, ERR_MALFORMED, key, "Say a date like 2026-11-21.");
    }
    *out = clock_days_of(text);
    return 0;
}

/* Days in a row with the same name are one. */
static void print_holidays(const struct calendar *c, int64_t from, int64_t until, struct json_writer *w)
{
    for (int64_t day = from; c != NULL && day <= until; day++) {
        const struct holiday *h = calendar_holiday(c, day);
        int64_t last = day;
        if (h == NULL) {
            continue;
        }
        while (last < until && calendar_holiday(c, last + 1) == h) {
            last++;
        }
        char text[CLOCK_DATE_SIZE];
        jw_object(w);
        clock_date_from_days(day, text);
        jw_kv_text(w, "from", text);
        clock_date_from_days(last, text);
        jw_kv_text(w, "until", text);
        jw_kv_text(w, "name", h->name);
        jw_object_end(w);
        day = last;
    }
}

static void print_hours(const struct calendar *c, struct json_writer *w)
{
    for (int day = 0; day < 7; day++) {
        jw_array(w);
        for (size_t i = 0; c != NULL && i < c->span_counts[day]; i++) {
            jw_array(w);
            jw_int(w, c->spans[day][i].from);
            jw_int(w, c->spans[day][i].to);
            jw_array_end(w);
        }
        jw_array_end(w);
    }
}

int api_calendar(struct request *q, struct reply *r)
{
    const struct model *m = q->ctx->model;
    const char *team = request_param(q, "team");
    const struct calendar *c = calendar_of(m, team);
    struct json_writer w;
    int64_t from, until;
    if (read_day(q, "from", &from) != 0 || read_day(q, "until", &until) != 0) {
        return -1;
    }
    if (until < from || until - from > DAYS_MAX) {
        return ctx_fail(q->ctx, ERR_MALFORMED, "until", "At most %d days, the first one before the last.",
                        DAYS_MAX);
    }
    jw_init(&w, &r->body);
    jw_object(&w);
    jw_kv_text(&w, "zone", c != NULL ? c->zone : m->company.zone);
    jw_kv_bool(&w, "always", c == NULL);
    jw_key(&w, "hours");
    jw_array(&w);
    print_hours(c, &w);
    jw_array_end(&w);
    jw_key(&w, "holidays");
    jw_array(&w);
    print_holidays(c, from, until, &w);
    jw_array_end(&w);
    jw_object_end(&w);
    return 0;
}
