/* See notice_plan.h. */
#include "core/notice_plan.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/zone.h"
#include "core/account.h"
#include "core/notification.h"
#include "store/accounts.h"

#define DAY_S         86400
#define DAY_MINUTES   1440
#define QUIET_STEPS   64  /* spans that follow each other, then it is told all the same */
#define DIGEST_DAYS   366 /* looked through for a day that is worked */
#define DIGEST_MINUTE (8 * 60)

const char *const NOTICE_WAYS[WAY_COUNT] = {"on", "digest", "off"};

static const char *const DAYS[7] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/* ---- Reading --------------------------------------------------------------------------------- */

/* "07:30" */
static int minute_of(const char *text, int *out)
{
    if (text == NULL || strlen(text) != 5 || text[2] != ':') {
        return -1;
    }
    for (int i = 0; i < 5; i++) {
        if (i != 2 && (text[i] < '0' || text[i] > '9')) {
            return -1;
        }
    }
    int hour = (text[0] - '0') * 10 + text[1] - '0', rest = (text[3] - '0') * 10 + text[4] - '0';
    *out = hour * 60 + rest;
    return hour < 24 && rest < 60 ? 0 : -1;
}

static int days_of(const struct json *list, unsigned *out)
{
    *out = 0;
    if (list == NULL || list->type != JSON_ARRAY) {
        return -1;
    }
    for (const struct json *one = list->child; one != NULL; one = one->next) {
        size_t day = 0;
        while (day < COUNT(DAYS) && (one->type != JSON_STRING || !str_eq(one->text, DAYS[day]))) {
            day++;
        }
        if (day == COUNT(DAYS)) {
            return -1;
        }
        *out |= 1U << day;
    }
    return 0;
}

static int way_of(const struct json *said)
{
    int way = 0;
    while (way < WAY_COUNT && (said->type != JSON_STRING || !str_eq(said->text, NOTICE_WAYS[way]))) {
        way++;
    }
    return way;
}

static void read_digest(const struct json *said, struct notice_plan *p)
{
    int minute = 0;
    p->digest_minute = minute_of(json_text(said, "at"), &minute) == 0 ? minute : DIGEST_MINUTE;
    p->digest_all = str_eq(json_text(said, "days"), "all");
}

static void read_quiet(const struct json *said, struct notice_plan *p)
{
    p->free = json_true(said, "free");
    p->quiet = minute_of(json_text(said, "from"), &p->from) == 0 &&
               minute_of(json_text(said, "to"), &p->to) == 0 &&
               days_of(json_find(said, "days"), &p->days) == 0;
}

int calendar_for_user(struct ctx *c, int64_t user, const struct calendar **out)
{
    struct who who;
    struct title_row team = {0};
    const struct who system = {.model = c->model, .now_ms = c->now_ms};
    if (c->model->calendar_count > 1) {
        if (account_who(c, user, &who) != 0 ||
            (who.team != 0 &&
             query_titles(c->db, &system, &who.team, 1, c->arena, &team, &c->err) != 0)) {
            return -1;
        }
    }
    *out = calendar_of(c->model, team.title);
    return 0;
}

int notice_plan_load(struct ctx *c, int64_t user, struct notice_plan *out)
{
    const char *text = NULL;
    const struct json *prefs = NULL;
    struct err ignored = {0};
    *out = (struct notice_plan){0};
    if (ctx_db(c) == NULL || calendar_for_user(c, user, &out->calendar) != 0 ||
        accounts_prefs(c->db, user, c->arena, &text, &c->err) != 0) {
        return -1;
    }
    (void)json_parse(c->arena, text, strlen(text), &prefs, &ignored);
    out->ways = json_find(prefs, "notify");
    out->zone = json_text(prefs, "zone");
    if (out->zone == NULL || !zone_is_known(out->zone)) {
        out->zone = clock_zone();
    }
    read_digest(json_find(prefs, "digest"), out);
    read_quiet(json_find(prefs, "quiet"), out);
    return 0;
}

/* ---- Checking what is said ------------------------------------------------------------------- */

static int check_ways(struct ctx *c, const struct json *said)
{
    if (said->type != JSON_OBJECT) {
        return ctx_fail(c, ERR_INVALID, "prefs.notify",
                        "Say the way of each kind: {\"mention\": \"digest\"}.");
    }
    for (const struct json *one = said->child; one != NULL; one = one->next) {
        int way = way_of(one);
        const struct notification_kind *kind = notification_kind(one->key);
        const char *where = arena_printf(c->arena, "prefs.notify.%s", one->key);
        if (kind == NULL) {
            return ctx_fail(c, ERR_INVALID, where, "Nobody is told of anything named so.");
        }
        if (way == WAY_COUNT) {
            return ctx_fail(c, ERR_INVALID, where, "The ways are on, digest and off.");
        }
        if (way == WAY_DIGEST && !kind->digest) {
            return ctx_fail(c, ERR_INVALID, where, "This cannot wait for a digest: on or off.");
        }
    }
    return 0;
}

static int check_digest(struct ctx *c, const struct json *said)
{
    int minute;
    const char *days = json_text(said, "days");
    if (minute_of(json_text(said, "at"), &minute) != 0) {
        return ctx_fail(c, ERR_INVALID, "prefs.digest.at", "Say a time of the day: \"08:00\".");
    }
    return days == NULL || str_eq(days, "working") || str_eq(days, "all")
               ? 0
               : ctx_fail(c, ERR_INVALID, "prefs.digest.days", "The days are working or all.");
}

static int check_quiet(struct ctx *c, const struct json *said)
{
    int from = 0, to = 0;
    unsigned days = 0;
    if (minute_of(json_text(said, "from"), &from) != 0 ||
        minute_of(json_text(said, "to"), &to) != 0 || from == to) {
        return ctx_fail(c, ERR_INVALID, "prefs.quiet",
                        "Say from when to when: {\"from\": \"19:00\", \"to\": \"07:00\"}.");
    }
    return days_of(json_find(said, "days"), &days) == 0
               ? 0
               : ctx_fail(c, ERR_INVALID, "prefs.quiet.days", "Days are a list of mon to sun.");
}

static int check_zone(struct ctx *c, const struct json *said)
{
    return said->type == JSON_STRING && zone_is_known(said->text)
               ? 0
               : ctx_fail(c, ERR_INVALID, "prefs.zone",
                          "This is not a time zone like Europe/Berlin.");
}

static const struct {
    const char *key;
    int (*check)(struct ctx *c, const struct json *said);
} CHECKS[] = {
    {"notify", check_ways}, {"digest", check_digest}, {"quiet", check_quiet}, {"zone", check_zone}};

int notice_plan_check(struct ctx *c, const struct json *prefs)
{
    for (size_t i = 0; i < COUNT(CHECKS); i++) {
        const struct json *said = json_find(prefs, CHECKS[i].key);
        if (said != NULL && said->type != JSON_NULL && CHECKS[i].check(c, said) != 0) {
            return -1;
        }
    }
    return 0;
}

bool notice_plan_said(const struct json *prefs)
{
    for (size_t i = 0; i < COUNT(CHECKS); i++) {
        if (json_find(prefs, CHECKS[i].key) != NULL) {
            return true;
        }
    }
    return false;
}

/* ---- Moments --------------------------------------------------------------------------------- */

enum notice_way notice_plan_way(const struct notice_plan *p, const char *kind,
                                enum notice_way otherwise)
{
    const struct json *said = json_find(p->ways, kind);
    int way = said != NULL ? way_of(said) : WAY_COUNT;
    return way == WAY_COUNT ? otherwise : (enum notice_way)way;
}

/* The day it is in his zone. */
static int64_t day_of(const struct notice_plan *p, int64_t at_ms)
{
    int64_t offset = 0;
    (void)zone_offset(p->zone, at_ms / 1000, &offset);
    int64_t wall = at_ms / 1000 + offset;
    return wall >= 0 ? wall / DAY_S : -((-wall + DAY_S - 1) / DAY_S);
}

/* Milliseconds; the wall time so many minutes after a day began. */
static int64_t moment(const struct notice_plan *p, int64_t day, int minute)
{
    int64_t at = 0;
    return zone_instant(p->zone, day * DAY_S + (int64_t)minute * 60, &at) == 0 ? at * 1000 : 0;
}

static int weekday(int64_t day)
{
    return (int)(((day + 3) % 7 + 7) % 7); /* 1970 began on a Thursday */
}

/* The end of the quiet span that began on a day and holds the moment; the moment: none does. */
static int64_t span_end(const struct notice_plan *p, int64_t day, int64_t at_ms)
{
    if ((p->days & 1U << weekday(day)) != 0) {
        int64_t to = moment(p, day, p->to > p->from ? p->to : p->to + DAY_MINUTES);
        if (at_ms >= moment(p, day, p->from) && at_ms < to) {
            return to;
        }
    }
    if (p->free && !calendar_works_on(p->calendar, day)) {
        int64_t to = moment(p, day, DAY_MINUTES);
        if (at_ms >= moment(p, day, 0) && at_ms < to) {
            return to;
        }
    }
    return at_ms;
}

int64_t notice_plan_heard(const struct notice_plan *p, int64_t at_ms)
{
    int64_t until = at_ms;
    for (int i = 0; p->quiet && i < QUIET_STEPS; i++) {
        int64_t day = day_of(p, until), next = span_end(p, day - 1, until);
        next = next > until ? next : span_end(p, day, until);
        if (next <= until) {
            break;
        }
        until = next;
    }
    return until;
}

int64_t notice_plan_digest(const struct notice_plan *p, int64_t after_ms)
{
    int64_t first = day_of(p, after_ms), soonest = 0;
    for (int64_t day = first; day <= first + DIGEST_DAYS; day++) {
        int64_t at = moment(p, day, p->digest_minute);
        if (at <= after_ms) {
            continue;
        }
        if (p->digest_all || calendar_works_on(p->calendar, day)) {
            return at;
        }
        soonest = soonest == 0 ? at : soonest;
    }
    return soonest; /* a firm that never works */
}
