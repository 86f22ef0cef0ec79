/* The firm's calendar: on which days nobody works, for pages that show days. */
#include <string.h>

#include "api/route.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/zone.h"
#include "core/free.h"
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

static void print_zone(void *w, const char *zone)
{
    jw_text(w, zone);
}

int api_calendar_zones(struct request *q, struct reply *r)
{
    struct json_writer w;
    (void)q;
    jw_init(&w, &r->body);
    jw_object(&w);
    jw_key(&w, "zones");
    jw_array(&w);
    zone_each(print_zone, &w);
    jw_array_end(&w);
    jw_object_end(&w);
    return 0;
}

/* "4,11": ids of people. */
static int read_people(struct request *q, int64_t ids[FREE_PEOPLE_MAX], size_t *count)
{
    const char *text = request_param(q, "users");
    *count = 0;
    for (const char *at = text; at != NULL && *at != '\0';) {
        size_t n = strcspn(at, ",");
        if (*count == FREE_PEOPLE_MAX ||
            str_to_int(arena_strndup(q->ctx->arena, at, n), &ids[*count]) != 0) {
            return ctx_fail(q->ctx, ERR_MALFORMED, "users", "Say ids of at most %d people: 4,11.",
                            FREE_PEOPLE_MAX);
        }
        (*count)++;
        at += n + (at[n] == ',');
    }
    return *count > 0 ? 0 : ctx_fail(q->ctx, ERR_MALFORMED, "users", "Say whose time it is about: 4,11.");
}

int api_calendar_free(struct request *q, struct reply *r)
{
    const char *minutes = request_param(q, "minutes"), *from = request_param(q, "from");
    const char *days = request_param(q, "days");
    int64_t ids[FREE_PEOPLE_MAX], n = 14;
    struct free_ask ask = {.users = ids, .minutes = 30, .from_ms = q->ctx->now_ms};
    int64_t begin = 0;
    if (read_people(q, ids, &ask.count) != 0) {
        return -1;
    }
    if (minutes != NULL && (str_to_int(minutes, &ask.minutes) != 0 || ask.minutes < 5 || ask.minutes > 1440)) {
        return ctx_fail(q->ctx, ERR_MALFORMED, "minutes", "From 5 to 1440 minutes.");
    }
    if (days != NULL && (str_to_int(days, &n) != 0 || n < 1 || n > FREE_DAYS_MAX)) {
        return ctx_fail(q->ctx, ERR_MALFORMED, "days", "From 1 to %d days.", FREE_DAYS_MAX);
    }
    if (from != NULL && (!clock_is_date(from) || clock_date_start(from, &begin) != 0)) {
        return ctx_fail(q->ctx, ERR_MALFORMED, "from", "Say a date like 2026-11-21.");
    }
    ask.from_ms = begin > ask.from_ms ? begin : ask.from_ms;
    ask.until_ms = ask.from_ms + n * 24 * 3600000LL;
    return free_print(q->ctx, &ask, &r->body);
}
