/*
 * Time; see clock.h. Calendar arithmetic is our own (days from civil, proleptic Gregorian, as in
 * Howard Hinnant's "chrono-compatible low-level date algorithms"); only the offset of the company's
 * zone comes from the C library, by localtime_r.
 *
 * A wall time of the zone is turned into an instant by trying the offsets of the day before and the
 * day after: a time that exists twice is its first occurrence, one that a clock change skips moves
 * forward by the gap, so the start of a day is always the first instant of that day.
 *
 * State: the test offset (atomic) and the process zone (TZ, set at start and on reload; not changed
 * when the name stays the same, because setenv and getenv of other threads do not go together).
 */
#include "base/clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define DAY_S         INT64_C(86400)
#define DAYS_MIN      INT64_C(-719162) /* 0001-01-01 */
#define DAYS_MAX      INT64_C(2932896) /* 9999-12-31 */
#define MONTHS_MAX    INT64_C(120000)
#define DAYS_APART    (DAYS_MAX - DAYS_MIN)
#define ZONE_SIZE_MAX 64
#define ZONE_FOLDER   "/usr/share/zoneinfo/"

static _Atomic int64_t offset_ms = 0;
static char zone_name[ZONE_SIZE_MAX + 1] = "UTC";

static int64_t read_clock_ms(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_now_ms(void)
{
    return read_clock_ms(CLOCK_REALTIME) + atomic_load_explicit(&offset_ms, memory_order_relaxed);
}

int64_t clock_thread_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_monotonic_ms(void)
{
    return read_clock_ms(CLOCK_MONOTONIC);
}

void clock_set_offset(int64_t ms)
{
    atomic_store_explicit(&offset_ms, ms, memory_order_relaxed);
}

/* ---- Zone ------------------------------------------------------------------------------------ */

static bool zone_name_is_plain(const char *zone)
{
    size_t n = strlen(zone);
    if (n == 0 || n > ZONE_SIZE_MAX || zone[0] == '/' || strstr(zone, "..")) {
        return false;
    }
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    return strspn(zone, allowed) == n;
}

/* A regular file that begins with the magic of RFC 8536. */
static bool zone_has_file(const char *zone)
{
    char path[sizeof(ZONE_FOLDER) + ZONE_SIZE_MAX];
    snprintf(path, sizeof(path), "%s%s", ZONE_FOLDER, zone);
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
        return false;
    }
    FILE *f = fopen(path, "re");
    if (!f) {
        return false;
    }
    char magic[4] = {0};
    size_t n = fread(magic, 1, sizeof(magic), f);
    fclose(f);
    return n == sizeof(magic) && memcmp(magic, "TZif", sizeof(magic)) == 0;
}

int clock_set_zone(const char *zone)
{
    if (!zone || !zone_name_is_plain(zone)) {
        return -1;
    }
    char value[ZONE_SIZE_MAX + 2];
    if (zone_has_file(zone)) {
        snprintf(value, sizeof(value), ":%s", zone);
    } else if (strcmp(zone, "UTC") == 0) {
        snprintf(value, sizeof(value), "UTC0");
    } else {
        return -1;
    }
    const char *now = getenv("TZ");
    if (!now || strcmp(now, value) != 0) {
        setenv("TZ", value, 1);
    }
    if (strcmp(zone_name, zone) != 0) {
        snprintf(zone_name, sizeof(zone_name), "%s", zone);
    }
    tzset();
    return 0;
}

const char *clock_zone(void)
{
    return zone_name;
}

/* Seconds east of UTC in the company's zone at the instant `s`. */
static int64_t zone_offset_s(int64_t s)
{
    time_t t = (time_t)s;
    struct tm tm;
    return localtime_r(&t, &tm) ? tm.tm_gmtoff : 0;
}

/* Instant of a wall time given as seconds as if it were UTC. */
static int64_t zone_instant_s(int64_t wall_s)
{
    int64_t before = zone_offset_s(wall_s - DAY_S);
    int64_t after = zone_offset_s(wall_s + DAY_S);
    int64_t first = wall_s - before;
    int64_t second = wall_s - after;
    if (zone_offset_s(first) == before) {
        return first;
    }
    return zone_offset_s(second) == after ? second : first;
}

/* ---- Calendar -------------------------------------------------------------------------------- */

struct civil {
    int64_t year;
    int month; /* 1..12 */
    int day;   /* 1..31 */
};

static int64_t days_from_civil(struct civil c)
{
    int64_t y = c.month <= 2 ? c.year - 1 : c.year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (c.month > 2 ? c.month - 3 : c.month + 9) + 2) / 5 + c.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

/* Of days from DAYS_MIN on: small numbers without a sign divide fast, and every list is full of
 * moments. */
static struct civil civil_from_days(int64_t since_1970)
{
    uint32_t days = (uint32_t)(since_1970 + 719468);
    uint32_t era = days / 146097;
    uint32_t day_of_era = days - era * 146097;
    uint32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint32_t shifted = (5 * day_of_year + 2) / 153;
    struct civil c = {.year = (int64_t)year_of_era + (int64_t)era * 400,
                      .month = (int)(shifted < 10 ? shifted + 3 : shifted - 9),
                      .day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1)};
    c.year += c.month <= 2 ? 1 : 0;
    return c;
}

static int days_in_month(int64_t year, int month)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : DAYS[month - 1];
}

/* Whole part of a division that rounds down, as times before 1970 need it. */
static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

static int64_t clamp_days(int64_t days)
{
    if (days < DAYS_MIN) {
        return DAYS_MIN;
    }
    return days > DAYS_MAX ? DAYS_MAX : days;
}

static void print_digits(char *out, uint32_t value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* Exactly `count` digits at *s; moves *s behind them. */
static int scan_digits(const char **s, int count, int *out)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        char c = (*s)[i];
        if (c < '0' || c > '9') {
            return -1;
        }
        value = value * 10 + (c - '0');
    }
    *s += count;
    *out = value;
    return 0;
}

static bool scan_char(const char **s, char c)
{
    if (**s != c) {
        return false;
    }
    (*s)++;
    return true;
}

/* A real day "YYYY-MM-DD" at *s; moves *s behind it. */
static int scan_date(const char **s, int64_t *out_days)
{
    int year, month, day;
    if (scan_digits(s, 4, &year) || !scan_char(s, '-') || scan_digits(s, 2, &month) ||
        !scan_char(s, '-') || scan_digits(s, 2, &day)) {
        return -1;
    }
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
        return -1;
    }
    *out_days = days_from_civil((struct civil){.year = year, .month = month, .day = day});
    return 0;
}

bool clock_is_date(const char *s)
{
    int64_t days;
    return s && scan_date(&s, &days) == 0 && *s == '\0';
}

int64_t clock_days_of(const char *date)
{
    int64_t days;
    return date && scan_date(&date, &days) == 0 ? days : 0;
}

void clock_date_from_days(int64_t days, char out[CLOCK_DATE_SIZE])
{
    struct civil c = civil_from_days(clamp_days(days));
    memcpy(out, "YYYY-MM-DD", CLOCK_DATE_SIZE);
    print_digits(out, (uint32_t)c.year, 4);
    print_digits(out + 5, (uint32_t)c.month, 2);
    print_digits(out + 8, (uint32_t)c.day, 2);
}

void clock_date_of(int64_t ms, char out[CLOCK_DATE_SIZE])
{
    int64_t s = floor_div(ms, 1000);
    clock_date_from_days(floor_div(s + zone_offset_s(s), DAY_S), out);
}

int clock_date_start(const char *date, int64_t *out_ms)
{
    if (!clock_is_date(date)) {
        return -1;
    }
    *out_ms = zone_instant_s(clock_days_of(date) * DAY_S) * 1000;
    return 0;
}

int clock_date_end(const char *date, int64_t *out_ms)
{
    if (!clock_is_date(date)) {
        return -1;
    }
    *out_ms = zone_instant_s((clock_days_of(date) + 1) * DAY_S) * 1000;
    return 0;
}

/* The day so many months later; numbers of months and days that no calendar has: -1. */
static int shift_days(int64_t days, int64_t months, int64_t more, int64_t *out)
{
    if (months < -MONTHS_MAX || months > MONTHS_MAX || more < -DAYS_APART || more > DAYS_APART ||
        days < DAYS_MIN || days > DAYS_MAX) {
        return -1;
    }
    struct civil c = civil_from_days(days);
    int64_t month = c.year * 12 + c.month - 1 + months;
    c.year = floor_div(month, 12);
    c.month = (int)(month - c.year * 12) + 1;
    if (c.year < 1 || c.year > 9999) {
        return -1;
    }
    int last = days_in_month(c.year, c.month);
    c.day = c.day > last ? last : c.day;
    *out = days_from_civil(c) + more;
    return 0;
}

int clock_shift_instant(int64_t ms, int64_t months, int64_t days, int64_t more_ms, int64_t *out_ms)
{
    int64_t s = floor_div(ms, 1000), day, then = ms;
    if (months != 0 || days != 0) {
        int64_t wall = s + zone_offset_s(s);
        if (shift_days(floor_div(wall, DAY_S), months, days, &day) != 0) {
            return -1;
        }
        wall += (day - floor_div(wall, DAY_S)) * DAY_S;
        then = zone_instant_s(wall) * 1000 + (ms - s * 1000);
    }
    if (__builtin_add_overflow(then, more_ms, &then) || then < DAYS_MIN * DAY_S * 1000 ||
        then >= (DAYS_MAX + 1) * DAY_S * 1000) {
        return -1;
    }
    *out_ms = then;
    return 0;
}

/* ---- Instants -------------------------------------------------------------------------------- */

size_t clock_print_instant(int64_t ms, char out[CLOCK_INSTANT_SIZE])
{
    int64_t day_ms = DAY_S * 1000;
    int64_t days = clamp_days(floor_div(ms, day_ms));
    uint32_t rest = (uint32_t)(ms - floor_div(ms, day_ms) * day_ms);
    clock_date_from_days(days, out);
    memcpy(out + 10, "THH:MM:SSZ", 11);
    print_digits(out + 11, rest / 3600000, 2);
    print_digits(out + 14, rest / 60000 % 60, 2);
    print_digits(out + 17, rest / 1000 % 60, 2);
    if (rest % 1000 == 0) {
        return 20;
    }
    memcpy(out + 19, ".mmmZ", 6);
    print_digits(out + 20, rest % 1000, 3);
    return 24;
}

/* "HH:MM", ":SS" and ".fraction" if present; gives milliseconds of the day. */
static int scan_time(const char **s, int64_t *out_ms)
{
    int hour, minute, second = 0, fraction = 0;
    if (scan_digits(s, 2, &hour) || !scan_char(s, ':') || scan_digits(s, 2, &minute)) {
        return -1;
    }
    if (scan_char(s, ':')) {
        if (scan_digits(s, 2, &second)) {
            return -1;
        }
        if (scan_char(s, '.')) {
            int digits = 0;
            for (; **s >= '0' && **s <= '9'; (*s)++, digits++) {
                fraction = digits < 3 ? fraction * 10 + (**s - '0') : fraction;
            }
            if (digits == 0) {
                return -1;
            }
            for (; digits < 3; digits++) {
                fraction *= 10;
            }
        }
    }
    if (hour > 23 || minute > 59 || second > 60) {
        return -1;
    }
    *out_ms = ((hour * 60 + minute) * 60 + second) * INT64_C(1000) + fraction;
    return 0;
}

/* "Z" or "+HH:MM" at *s gives its milliseconds east of UTC. */
static int scan_offset(const char **s, int64_t *out_ms)
{
    if (scan_char(s, 'Z') || scan_char(s, 'z')) {
        *out_ms = 0;
        return 0;
    }
    int sign = **s == '-' ? -1 : 1;
    int hour, minute;
    if ((**s != '+' && **s != '-')) {
        return -1;
    }
    (*s)++;
    if (scan_digits(s, 2, &hour) || !scan_char(s, ':') || scan_digits(s, 2, &minute) || hour > 23 ||
        minute > 59) {
        return -1;
    }
    *out_ms = sign * (hour * 60 + minute) * INT64_C(60000);
    return 0;
}

int clock_parse_instant(const char *s, int64_t *out_ms)
{
    int64_t days, time_ms = 0, east_ms;
    if (!s || scan_date(&s, &days)) {
        return -1;
    }
    if (*s != '\0') {
        bool separated = scan_char(&s, 'T') || scan_char(&s, 't') || scan_char(&s, ' ');
        if (!separated || scan_time(&s, &time_ms)) {
            return -1;
        }
    }
    if (*s == '\0') {
        int64_t wall_s = days * DAY_S + time_ms / 1000;
        *out_ms = zone_instant_s(wall_s) * 1000 + time_ms % 1000;
        return 0;
    }
    if (scan_offset(&s, &east_ms) || *s != '\0') {
        return -1;
    }
    *out_ms = days * DAY_S * 1000 + time_ms - east_ms;
    return 0;
}
