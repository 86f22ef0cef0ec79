/* Recurrence rules, read and written; see ical_rule.h. They are expanded by ical_recur.c. */
#include "exchange/ical_rule.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

static const char *const FREQUENCIES[] = {"YEARLY", "MONTHLY",  "WEEKLY",  "DAILY",
                                          "HOURLY", "MINUTELY", "SECONDLY"};
static const char WEEKDAYS[7][3] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};

/* ---- days ------------------------------------------------------------------------------------ */

int64_t ical_day_of(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t in_era = y - era * 400;
    int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

void ical_day_print(int64_t day, int *year, int *month, int *month_day)
{
    int64_t z = day + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t in_era = z - era * 146097;
    int64_t y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * in_year + 2) / 153;
    *month_day = (int)(in_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = (int)(y + era * 400 + (*month <= 2));
}

/* So many digits as a number; -1: there are fewer. */
static int digits(const char **at, const char *end, int n)
{
    int number = 0;
    if (end - *at < n) {
        return -1;
    }
    for (int i = 0; i < n; i++, (*at)++) {
        if (!isdigit((unsigned char)**at)) {
            return -1;
        }
        number = number * 10 + (**at - '0');
    }
    return number;
}

static void skip_sign(const char **at, const char *end, char sign)
{
    *at += *at < end && **at == sign;
}

static bool read_day(const char **at, const char *end, int64_t *out)
{
    int year = digits(at, end, 4), y, m, d;
    skip_sign(at, end, '-');
    int month = digits(at, end, 2);
    skip_sign(at, end, '-');
    int day = digits(at, end, 2);
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31) {
        return false;
    }
    *out = ical_day_of(year, month, day);
    ical_day_print(*out, &y, &m, &d);
    return m == month;
}

bool ical_time_read(const char *text, size_t n, int64_t *out, bool *is_day, bool *is_utc)
{
    const char *at = text, *end = text + n;
    int64_t day;
    *is_utc = false;
    *is_day = true;
    if (!read_day(&at, end, &day)) {
        return false;
    }
    *out = day * ICAL_DAY;
    if (at == end) {
        return true;
    }
    if (*at != 'T' && *at != 't' && *at != ' ') {
        return false;
    }
    at++;
    int hour = digits(&at, end, 2);
    skip_sign(&at, end, ':');
    int minute = digits(&at, end, 2);
    skip_sign(&at, end, ':');
    int second = at < end && isdigit((unsigned char)*at) ? digits(&at, end, 2) : 0;
    if (hour < 0 || hour > 24 || minute < 0 || minute > 59 || second < 0 || second > 60) {
        return false;
    }
    *is_day = false;
    *is_utc = at < end && (*at == 'Z' || *at == 'z');
    at += *is_utc;
    *out += hour * 3600 + minute * 60 + (second == 60 ? 59 : second);
    return at == end && (hour < 24 || (minute == 0 && second == 0));
}

void ical_time_write(struct buf *out, int64_t at, bool is_day, bool is_utc)
{
    int64_t day = (at >= 0 ? at : at - (ICAL_DAY - 1)) / ICAL_DAY;
    int year, month, month_day, rest = (int)(at - day * ICAL_DAY);
    ical_day_print(day, &year, &month, &month_day);
    buf_printf(out, "%04d%02d%02d", year, month, month_day);
    if (!is_day) {
        buf_printf(out, "T%02d%02d%02d%s", rest / 3600, rest / 60 % 60, rest % 60,
                   is_utc ? "Z" : "");
    }
}

/* ---- reading --------------------------------------------------------------------------------- */

struct part {
    const char *name;
    const char *value;
    size_t size;
    struct ical_rule *rule;
    struct err *e;
};

static int wrong(const struct part *p)
{
    return err_fail(p->e, ERR_INVALID, "rule", "%s: \"%.*s\" is no value of a recurrence rule",
                    p->name, (int)(p->size < 40 ? p->size : 40), p->value);
}

/* A whole number with a sign or without. */
static bool read_number(const char *text, size_t n, int64_t *out)
{
    bool minus = n > 0 && text[0] == '-';
    size_t i = n > 0 && (minus || text[0] == '+');
    int64_t number = 0;
    if (i == n || n - i > 10) {
        return false;
    }
    for (; i < n; i++) {
        if (!isdigit((unsigned char)text[i])) {
            return false;
        }
        number = number * 10 + (text[i] - '0');
    }
    *out = minus ? -number : number;
    return true;
}

static int read_frequency(const struct part *p)
{
    for (size_t i = 0; i < COUNT(FREQUENCIES); i++) {
        if (strlen(FREQUENCIES[i]) == p->size &&
            strncasecmp(FREQUENCIES[i], p->value, p->size) == 0) {
            p->rule->frequency = (enum ical_frequency)i;
            return 0;
        }
    }
    return wrong(p);
}

static int read_interval(const struct part *p)
{
    int64_t n;
    if (!read_number(p->value, p->size, &n) || n < 1 || n > ICAL_INTERVAL_MAX) {
        return wrong(p);
    }
    p->rule->interval = (int)n;
    return 0;
}

static int read_count(const struct part *p)
{
    return read_number(p->value, p->size, &p->rule->count) && p->rule->count > 0 ? 0 : wrong(p);
}

static int read_until(const struct part *p)
{
    struct ical_rule *r = p->rule;
    r->has_until = true;
    return ical_time_read(p->value, p->size, &r->until, &r->until_is_day, &r->until_is_utc)
               ? 0
               : wrong(p);
}

static int weekday_of(const char *text, size_t n)
{
    for (int i = 0; n == 2 && i < 7; i++) {
        if (strncasecmp(WEEKDAYS[i], text, 2) == 0) {
            return i;
        }
    }
    return -1;
}

static int read_week_start(const struct part *p)
{
    p->rule->week_start = weekday_of(p->value, p->size);
    return p->rule->week_start >= 0 ? 0 : wrong(p);
}

/* "TU", "2TU" or "-1FR" */
static bool read_one_day(struct ical_rule *r, const char *text, size_t n)
{
    int day = n >= 2 ? weekday_of(text + n - 2, 2) : -1;
    int64_t nth = 0;
    if (day < 0 || (n > 2 && !read_number(text, n - 2, &nth)) || nth > ICAL_NTH_MAX ||
        nth < -ICAL_NTH_MAX || (n > 2 && nth == 0)) {
        return false;
    }
    uint8_t *days = nth == 0 ? &r->every_day : nth > 0 ? &r->nth_day[nth] : &r->last_day[-nth];
    *days = (uint8_t)(*days | (1U << day));
    r->has_days = true;
    r->has_nth = r->has_nth || nth != 0;
    return true;
}

static int read_days(const struct part *p)
{
    const char *at = p->value, *end = at + p->size;
    while (at < end) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma != NULL ? comma : end;
        if (!read_one_day(p->rule, at, (size_t)(stop - at))) {
            return wrong(p);
        }
        at = stop + (comma != NULL);
    }
    return p->rule->has_days ? 0 : wrong(p);
}

static const struct number_part {
    const char *name;
    size_t offset;
    int least, most;
    bool minus; /* from the end, too */
} NUMBER_PARTS[] = {
    {"BYMONTH", offsetof(struct ical_rule, months), 1, 12, false},
    {"BYWEEKNO", offsetof(struct ical_rule, weeks), 1, 53, true},
    {"BYYEARDAY", offsetof(struct ical_rule, year_days), 1, 366, true},
    {"BYMONTHDAY", offsetof(struct ical_rule, month_days), 1, 31, true},
    {"BYHOUR", offsetof(struct ical_rule, hours), 0, 23, false},
    {"BYMINUTE", offsetof(struct ical_rule, minutes), 0, 59, false},
    {"BYSECOND", offsetof(struct ical_rule, seconds), 0, 60, false},
    {"BYSETPOS", offsetof(struct ical_rule, positions), 1, 366, true},
};

static struct ical_numbers *numbers_at(struct ical_rule *r, const struct number_part *part)
{
    return (struct ical_numbers *)(void *)((char *)r + part->offset);
}

static bool take_number(struct ical_numbers *set, const struct number_part *part, const char *text,
                        size_t n)
{
    int64_t number = 0;
    if (!read_number(text, n, &number)) {
        return false;
    }
    bool minus = number < 0;
    number = minus ? -number : number;
    if (number < part->least || number > part->most || (minus && !part->minus)) {
        return false;
    }
    uint64_t *bits = minus ? set->minus : set->plus;
    bits[number / 64] |= UINT64_C(1) << (number % 64);
    set->any = true;
    return true;
}

static int read_numbers(const struct part *p, const struct number_part *part)
{
    const char *at = p->value, *end = at + p->size;
    struct ical_numbers *set = numbers_at(p->rule, part);
    while (at < end) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma != NULL ? comma : end;
        if (!take_number(set, part, at, (size_t)(stop - at))) {
            return wrong(p);
        }
        at = stop + (comma != NULL);
    }
    return set->any ? 0 : wrong(p);
}

/* Calendars other than ours are not expanded; what to do about days that are not is left as it is
 * by default: they are left out. */
static int read_scale(const struct part *p)
{
    return p->size == 9 && strncasecmp(p->value, "GREGORIAN", 9) == 0 ? 0 : wrong(p);
}

static int read_skip(const struct part *p)
{
    return p->size == 4 && strncasecmp(p->value, "OMIT", 4) == 0 ? 0 : wrong(p);
}

static const struct {
    const char *name;
    int (*read)(const struct part *p);
} PARTS[] = {
    {"FREQ", read_frequency}, {"INTERVAL", read_interval}, {"COUNT", read_count},
    {"UNTIL", read_until},    {"WKST", read_week_start},   {"BYDAY", read_days},
    {"RSCALE", read_scale},   {"SKIP", read_skip},
};

static int read_part(struct part *p, const char *name, size_t n)
{
    for (size_t i = 0; i < COUNT(PARTS); i++) {
        if (strlen(PARTS[i].name) == n && strncasecmp(PARTS[i].name, name, n) == 0) {
            p->name = PARTS[i].name;
            return PARTS[i].read(p);
        }
    }
    for (size_t i = 0; i < COUNT(NUMBER_PARTS); i++) {
        if (strlen(NUMBER_PARTS[i].name) == n && strncasecmp(NUMBER_PARTS[i].name, name, n) == 0) {
            p->name = NUMBER_PARTS[i].name;
            return read_numbers(p, &NUMBER_PARTS[i]);
        }
    }
    if (n > 1 && (name[0] == 'X' || name[0] == 'x')) {
        return 0; /* "X-…" may be passed over */
    }
    return err_fail(p->e, ERR_INVALID, "rule", "\"%.*s\" is no part of a recurrence rule",
                    (int)(n < 40 ? n : 40), name);
}

int ical_rule_read(const char *text, struct ical_rule *out, struct err *e)
{
    struct part p = {.rule = out, .e = e};
    bool has_frequency = false;
    *out = (struct ical_rule){.interval = 1};
    if (strlen(text) > ICAL_RULE_TEXT_MAX) {
        return err_fail(e, ERR_INVALID, "rule", "a recurrence rule has at most %d characters",
                        ICAL_RULE_TEXT_MAX);
    }
    while (*text != '\0') {
        size_t n = strcspn(text, ";"), name = strcspn(text, "=;");
        p.value = text + name + (name < n);
        p.size = n - name - (name < n);
        if (n > 0 && read_part(&p, text, name) != 0) {
            return -1;
        }
        has_frequency = has_frequency || (name == 4 && strncasecmp(text, "FREQ", 4) == 0);
        text += n + (text[n] == ';');
    }
    return has_frequency ? 0
                         : err_fail(e, ERR_INVALID, "rule",
                                    "a recurrence rule begins with how often: FREQ=…");
}

/* ---- writing --------------------------------------------------------------------------------- */

static bool has_bit(const uint64_t *bits, int n)
{
    return (bits[n / 64] >> (n % 64) & 1) != 0;
}

static void write_numbers(struct buf *out, const struct number_part *part,
                          const struct ical_numbers *set)
{
    char sign = '=';
    buf_printf(out, ";%s", part->name);
    for (int i = part->least; i <= part->most; i++) {
        if (has_bit(set->plus, i)) {
            buf_printf(out, "%c%d", sign, i);
            sign = ',';
        }
    }
    for (int i = part->most; i >= part->least && part->minus; i--) {
        if (has_bit(set->minus, i)) {
            buf_printf(out, "%c-%d", sign, i);
            sign = ',';
        }
    }
}

static void write_weekdays(struct buf *out, uint8_t days, int nth, char *sign)
{
    for (int i = 0; i < 7; i++) {
        if ((days >> i & 1) != 0) {
            buf_putc(out, *sign);
            if (nth != 0) {
                buf_int(out, nth);
            }
            buf_puts(out, WEEKDAYS[i]);
            *sign = ',';
        }
    }
}

static void write_days(struct buf *out, const struct ical_rule *rule)
{
    char sign = '=';
    buf_puts(out, ";BYDAY");
    write_weekdays(out, rule->every_day, 0, &sign);
    for (int i = 1; i <= ICAL_NTH_MAX; i++) {
        write_weekdays(out, rule->nth_day[i], i, &sign);
    }
    for (int i = ICAL_NTH_MAX; i >= 1; i--) {
        write_weekdays(out, rule->last_day[i], -i, &sign);
    }
}

void ical_rule_write(struct buf *out, const struct ical_rule *rule)
{
    struct ical_rule copy = *rule;
    buf_printf(out, "FREQ=%s", FREQUENCIES[rule->frequency]);
    if (rule->interval != 1) {
        buf_printf(out, ";INTERVAL=%d", rule->interval);
    }
    for (size_t i = 0; i < COUNT(NUMBER_PARTS); i++) {
        const struct ical_numbers *set = numbers_at(&copy, &NUMBER_PARTS[i]);
        if (i == 4 && rule->has_days) {
            write_days(out, rule);
        }
        if (set->any) {
            write_numbers(out, &NUMBER_PARTS[i], set);
        }
    }
    if (rule->week_start != 0) {
        buf_printf(out, ";WKST=%s", WEEKDAYS[rule->week_start]);
    }
    if (rule->count > 0) {
        buf_puts(out, ";COUNT=");
        buf_int(out, rule->count);
    }
    if (rule->has_until) {
        buf_puts(out, ";UNTIL=");
        ical_time_write(out, rule->until, rule->until_is_day, rule->until_is_utc);
    }
}
