/*
 * Recurrence rules expanded; see ical_rule.h. A period (a year, month, week, day, or less) is looked
 * at day by day: the days that pass every BY… part, times the hours, minutes and seconds, are its
 * candidates, in order; BYSETPOS chooses among them by number. So nothing has to be sorted, and a
 * period costs the same whatever the rule says.
 */
#include "exchange/ical_rule.h"

#include <string.h>

#define LAST_YEAR 9999

static bool has(const uint64_t *bits, int64_t n)
{
    return n >= 0 && n < 384 && (bits[n / 64] >> (n % 64) & 1) != 0;
}

/* Is `n` of 1..`most` in the set, counted from the front or from the end? */
static bool in_set(const struct ical_numbers *set, int64_t n, int64_t most)
{
    return has(set->plus, n) || has(set->minus, most + 1 - n);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return (a >= 0 ? a : a - (b - 1)) / b;
}

static int weekday_of(int64_t day) /* 1970-01-01 was a Thursday; 0 is Monday */
{
    return (int)(((day + 3) % 7 + 7) % 7);
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return DAYS[month - 1] + (month == 2 && is_leap(year));
}

static void look_at_year(struct ical_recur *r, int year)
{
    if (r->year.year != year) {
        r->year.year = year;
        r->year.first = ical_day_of(year, 1, 1);
        r->year.leap = is_leap(year);
    }
}

/* ---- does a day fit? ------------------------------------------------------------------------- */

/* The first day of week 1: the first that has four days of the year. */
static int64_t first_week(int year, int week_start)
{
    int64_t first = ical_day_of(year, 1, 1);
    int64_t into = (weekday_of(first) - week_start + 7) % 7;
    return into <= 3 ? first - into : first - into + 7;
}

/* Weeks belong to the year most of their days are in. */
static bool week_fits(const struct ical_rule *rule, int64_t day, int year)
{
    int64_t first = first_week(year, rule->week_start);
    int64_t next = first_week(year + 1, rule->week_start);
    if (day < first) {
        next = first;
        first = first_week(year - 1, rule->week_start);
    } else if (day >= next) {
        first = next;
        next = first_week(year + 2, rule->week_start);
    }
    return in_set(&rule->weeks, (day - first) / 7 + 1, (next - first) / 7);
}

/* The `at`th of `size` days of a year or month: which of its weekday is it, from both ends? */
static bool nth_fits(const struct ical_rule *rule, int weekday, int64_t at, int64_t size)
{
    int64_t front = at / 7 + 1, back = (size - 1 - at) / 7 + 1;
    return (rule->nth_day[front] >> weekday & 1) != 0 || (rule->last_day[back] >> weekday & 1) != 0;
}

static bool weekday_fits(const struct ical_recur *r, int64_t day, int month, int month_day)
{
    const struct ical_rule *rule = &r->rule;
    int weekday = weekday_of(day);
    bool of_year = rule->frequency == ICAL_YEARLY && !rule->months.any;
    if ((rule->every_day >> weekday & 1) != 0) {
        return true;
    }
    if (!rule->has_nth) {
        return false;
    }
    return of_year ? nth_fits(rule, weekday, day - r->year.first, 365 + r->year.leap)
                   : nth_fits(rule, weekday, month_day - 1, month_days(r->year.year, month));
}

static bool day_fits(struct ical_recur *r, int64_t day)
{
    const struct ical_rule *rule = &r->rule;
    int year, month, month_day;
    ical_day_print(day, &year, &month, &month_day);
    look_at_year(r, year);
    r->steps++;
    return (!rule->months.any || has(rule->months.plus, month)) &&
           (!rule->weeks.any || week_fits(rule, day, year)) &&
           (!rule->year_days.any ||
            in_set(&rule->year_days, day - r->year.first + 1, 365 + r->year.leap)) &&
           (!rule->month_days.any ||
            in_set(&rule->month_days, month_day, month_days(year, month))) &&
           (!rule->has_days || weekday_fits(r, day, month, month_day));
}

/* ---- what a rule leaves to the start ---------------------------------------------------------- */

static void set_number(struct ical_numbers *set, int64_t n)
{
    set->any = true;
    set->plus[n / 64] |= UINT64_C(1) << (n % 64);
}

/* Weekdays with a number mean something within a month or year only. */
static void plain_days(struct ical_rule *rule)
{
    for (int i = 1; i <= ICAL_NTH_MAX; i++) {
        rule->every_day |= rule->nth_day[i] | rule->last_day[i];
    }
    rule->has_nth = false;
}

static void fill_days(struct ical_rule *rule, int64_t start)
{
    bool dated = rule->month_days.any && !rule->year_days.any && !rule->has_days;
    int64_t day = floor_div(start, ICAL_DAY);
    int year, month, month_day;
    bool says = rule->month_days.any || rule->year_days.any || rule->has_days;
    ical_day_print(day, &year, &month, &month_day);
    if (rule->frequency == ICAL_YEARLY && dated && !rule->weeks.any && !rule->months.any) {
        set_number(&rule->months, month);
    }
    if (rule->has_nth && (rule->frequency > ICAL_MONTHLY || rule->weeks.any)) {
        plain_days(rule);
    }
    if (!says && (rule->frequency == ICAL_WEEKLY || rule->weeks.any) &&
        rule->frequency <= ICAL_WEEKLY) {
        rule->has_days = true;
        rule->every_day = (uint8_t)(1U << weekday_of(day));
    } else if (!says && rule->frequency <= ICAL_MONTHLY) {
        set_number(&rule->month_days, month_day);
        if (rule->frequency == ICAL_YEARLY && !rule->months.any) {
            set_number(&rule->months, month);
        }
    }
}

static void fill_times(struct ical_rule *rule, int64_t start)
{
    int64_t time = start - floor_div(start, ICAL_DAY) * ICAL_DAY;
    if (!rule->hours.any && rule->frequency < ICAL_HOURLY) {
        set_number(&rule->hours, time / 3600);
    }
    if (!rule->minutes.any && rule->frequency < ICAL_MINUTELY) {
        set_number(&rule->minutes, time / 60 % 60);
    }
    if (!rule->seconds.any && rule->frequency < ICAL_SECONDLY) {
        set_number(&rule->seconds, time % 60);
    }
}

static size_t list_of(const struct ical_numbers *set, int most, uint8_t *out)
{
    size_t n = 0;
    for (int i = 0; i < most; i++) {
        if (has(set->plus, i)) {
            out[n++] = (uint8_t)i;
        }
    }
    return n;
}

/* ---- periods --------------------------------------------------------------------------------- */

static int64_t unit_of(const struct ical_recur *r)
{
    return r->rule.frequency == ICAL_HOURLY ? 3600 : r->rule.frequency == ICAL_MINUTELY ? 60 : 1;
}

/* The year that a day's week belongs to. */
static int year_of_week(int64_t day, int week_start)
{
    int year, month, month_day;
    ical_day_print(day, &year, &month, &month_day);
    if (day < first_week(year, week_start)) {
        return year - 1;
    }
    return day >= first_week(year + 1, week_start) ? year + 1 : year;
}

/* With BYWEEKNO a year is its weeks, whole ones. */
static void period_weeks(const struct ical_recur *r, int64_t step, int64_t *from, int64_t *to)
{
    int start = r->rule.week_start;
    int64_t year = year_of_week(floor_div(r->start, ICAL_DAY), start) + step;
    year = year <= LAST_YEAR ? year : LAST_YEAR + 1;
    *from = first_week((int)year, start);
    *to = first_week((int)year + 1, start);
}

/* The first day of period `r->period` and the day after its last. */
static void period_days(const struct ical_recur *r, int64_t *from, int64_t *to)
{
    int64_t day = floor_div(r->start, ICAL_DAY), step = r->period * r->rule.interval;
    int year, month, month_day;
    ical_day_print(day, &year, &month, &month_day);
    if (r->rule.frequency == ICAL_DAILY) {
        *from = day + step;
        *to = *from + 1;
    } else if (r->rule.frequency == ICAL_WEEKLY) {
        *from = day - (weekday_of(day) - r->rule.week_start + 7) % 7 + step * 7;
        *to = *from + 7;
    } else if (r->rule.frequency == ICAL_MONTHLY) {
        int64_t months = (int64_t)year * 12 + month - 1 + step;
        year = (int)(months / 12 <= LAST_YEAR ? months / 12 : LAST_YEAR + 1);
        month = (int)(months % 12) + 1;
        *from = ical_day_of(year, month, 1);
        *to = *from + month_days(year, month);
    } else if (r->rule.weeks.any) {
        period_weeks(r, step, from, to);
    } else {
        year = (int)(year + step <= LAST_YEAR ? year + step : LAST_YEAR + 1);
        *from = ical_day_of(year, 1, 1);
        *to = *from + 365 + is_leap(year);
    }
}

static void take_numbers(uint8_t *list, size_t *count, int64_t number)
{
    list[0] = (uint8_t)number;
    *count = 1;
}

/* The next hour, minute or second of the rule from `from` on that may fit; -1: it does, else when to
 * look again. */
static int64_t look_at_time(struct ical_recur *r, int64_t at)
{
    const struct ical_rule *rule = &r->rule;
    int64_t day = floor_div(at, ICAL_DAY), time = at - day * ICAL_DAY;
    if (r->day_count == 0 || r->days[0] != day) {
        if (!day_fits(r, day)) {
            return (day + 1) * ICAL_DAY;
        }
        r->days[0] = day;
        r->day_count = 1;
    }
    r->steps++;
    if (rule->hours.any && !has(rule->hours.plus, time / 3600)) {
        return at - at % 3600 + 3600;
    }
    if (rule->frequency >= ICAL_MINUTELY && rule->minutes.any &&
        !has(rule->minutes.plus, time / 60 % 60)) {
        return at - at % 60 + 60;
    }
    bool second = rule->frequency != ICAL_SECONDLY || !rule->seconds.any ||
                  has(rule->seconds.plus, time % 60);
    return second ? -1 : at + 1;
}

/* Periods below a day: goes on to the next that fits. */
static void next_short_period(struct ical_recur *r)
{
    int64_t unit = unit_of(r), step = unit * r->rule.interval;
    for (;;) {
        r->period++;
        r->base = r->start - ((r->start % unit) + unit) % unit + r->period * step;
        if (r->base > r->last || r->steps >= r->most_steps) {
            r->exhausted = r->base <= r->last;
            r->ended = true;
            return;
        }
        int64_t again = look_at_time(r, r->base);
        if (again < 0) {
            break;
        }
        int64_t skip = (again - r->base + step - 1) / step;
        r->period += skip > 1 ? skip - 1 : 0;
    }
    int64_t time = r->base - floor_div(r->base, ICAL_DAY) * ICAL_DAY;
    take_numbers(r->hours, &r->hour_count, time / 3600);
    if (r->rule.frequency >= ICAL_MINUTELY) {
        take_numbers(r->minutes, &r->minute_count, time / 60 % 60);
    }
    if (r->rule.frequency == ICAL_SECONDLY) {
        take_numbers(r->seconds, &r->second_count, time % 60);
    }
}

static void next_long_period(struct ical_recur *r)
{
    int64_t from, to;
    r->day_count = 0;
    while (r->day_count == 0) {
        r->period++;
        period_days(r, &from, &to);
        if (from > floor_div(r->last, ICAL_DAY) || r->steps >= r->most_steps) {
            r->exhausted = from <= floor_div(r->last, ICAL_DAY);
            r->ended = true;
            return;
        }
        for (int64_t day = from; day < to; day++) {
            if (day_fits(r, day)) {
                r->days[r->day_count++] = day;
            }
        }
    }
}

/* BYSETPOS: the numbers of the candidates that are taken, in order, none twice. */
static void choose(struct ical_recur *r)
{
    const struct ical_numbers *set = &r->rule.positions;
    r->chosen_count = 0;
    for (int64_t i = 0; i < r->total && i < ICAL_YEAR_DAYS; i++) {
        if (in_set(set, i + 1, r->total)) {
            r->chosen[r->chosen_count++] = i;
        }
    }
    int64_t tail = r->total - ICAL_YEAR_DAYS;
    for (int64_t i = tail > ICAL_YEAR_DAYS ? tail : ICAL_YEAR_DAYS; i < r->total; i++) {
        if (has(set->minus, r->total - i)) {
            r->chosen[r->chosen_count++] = i;
        }
    }
    r->total = (int64_t)r->chosen_count;
}

static void next_period(struct ical_recur *r)
{
    if (r->rule.frequency >= ICAL_HOURLY) {
        next_short_period(r);
    } else {
        next_long_period(r);
    }
    r->index = 0;
    r->total = (int64_t)(r->day_count * r->hour_count * r->minute_count * r->second_count);
    if (r->rule.positions.any) {
        choose(r);
    }
}

static int64_t candidate(const struct ical_recur *r, int64_t i)
{
    int64_t seconds = (int64_t)r->second_count, minutes = (int64_t)r->minute_count;
    int64_t hours = (int64_t)r->hour_count;
    i = r->rule.positions.any ? r->chosen[i] : i;
    int64_t second = r->seconds[i % seconds], minute = r->minutes[i / seconds % minutes];
    int64_t hour = r->hours[i / seconds / minutes % hours];
    return r->days[i / seconds / minutes / hours] * ICAL_DAY + hour * 3600 + minute * 60 + second;
}

void ical_recur_start(struct ical_recur *r, const struct ical_rule *rule, int64_t start,
                      bool is_day, int64_t last)
{
    static const struct ical_numbers NONE = {0};
    int64_t end = ical_day_of(LAST_YEAR, 12, 31) * ICAL_DAY + ICAL_DAY - 1;
    memset(r, 0, sizeof *r);
    r->rule = *rule;
    r->start = start;
    r->last = last < end ? last : end;
    if (rule->has_until) {
        int64_t until = rule->until + (rule->until_is_day ? ICAL_DAY - 1 : 0);
        r->last = until < r->last ? until : r->last;
    }
    r->period = -1;
    r->most_steps = ICAL_RECUR_STEPS;
    if (is_day) { /* days have no hours */
        r->rule.hours = r->rule.minutes = r->rule.seconds = NONE;
    }
    fill_days(&r->rule, start);
    fill_times(&r->rule, start);
    r->hour_count = list_of(&r->rule.hours, 24, r->hours);
    r->minute_count = list_of(&r->rule.minutes, 60, r->minutes);
    r->second_count = list_of(&r->rule.seconds, 60, r->seconds);
    bool none = r->rule.seconds.any && r->second_count == 0; /* the 60th only: it is nearly never */
    r->ended = none || start > r->last || (is_day && rule->frequency > ICAL_DAILY);
}

bool ical_recur_next(struct ical_recur *r, int64_t *out)
{
    while (!r->ended && (r->rule.count == 0 || r->given < r->rule.count)) {
        if (r->index >= r->total) {
            next_period(r);
            continue;
        }
        r->steps++;
        int64_t at = candidate(r, r->index++);
        if (at > r->last) {
            r->ended = true;
        } else if (at >= r->start) {
            r->given++;
            *out = at;
            return true;
        }
    }
    return false;
}
