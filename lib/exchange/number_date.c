/*
 * Dates and times as people write them; see number.h. A date is three groups of digits with one
 * kind of separator, or eight digits; which group is the year, month and day follows from the
 * year's four digits or from the order the caller knows.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "exchange/number.h"

#define CENTURY_TURN 70 /* "69" is 2069, "70" is 1970 */

struct groups {
    int value[3];
    int digits[3];
    char separator; /* 0: eight digits in a row */
};

static void skip_blanks(const char **s)
{
    while (**s == ' ' || **s == '\t') {
        (*s)++;
    }
}

/* Up to `most` digits at *s; their number. */
static int scan_group(const char **s, int most, int *out)
{
    int digits = 0;
    int value = 0;
    for (; digits < most && isdigit((unsigned char)**s); digits++, (*s)++) {
        value = value * 10 + (**s - '0');
    }
    *out = value;
    return digits;
}

static int split_eight(const char **s, struct groups *g)
{
    const int sizes[3] = {4, 2, 2};
    const char *p = *s;
    for (int i = 0; i < 3; i++) {
        g->digits[i] = scan_group(&p, sizes[i], &g->value[i]);
        if (g->digits[i] != sizes[i]) {
            return -1;
        }
    }
    *s = p;
    return isdigit((unsigned char)*p) ? -1 : 0;
}

/* Three groups at *s; moves *s behind them. "21. 11. 2026" may have blanks behind its points. */
static int split(const char **s, struct groups *g)
{
    *g = (struct groups){0};
    const char *p = *s;
    for (int i = 0; i < 3; i++) {
        g->digits[i] = scan_group(&p, 4, &g->value[i]);
        if (g->digits[i] == 0 || isdigit((unsigned char)*p)) {
            return split_eight(s, g);
        }
        if (i == 2) {
            break;
        }
        if (*p == '\0' || !strchr("./-", *p) || (g->separator != 0 && *p != g->separator)) {
            return -1;
        }
        g->separator = *p++;
        if (g->separator == '.') {
            skip_blanks(&p);
        }
    }
    *s = p;
    return 0;
}

static int full_year(int value, int digits)
{
    if (digits == 4) {
        return value;
    }
    return digits == 2 ? value + (value < CENTURY_TURN ? 2000 : 1900) : -1;
}

/* Which groups are year, month and day, for each order. */
static const struct {
    enum date_order order;
    int year, month, day;
} ORDERS[] = {{DATE_ORDER_YMD, 0, 1, 2},
              {DATE_ORDER_DMY, 2, 1, 0},
              {DATE_ORDER_MDY, 2, 0, 1},
              {DATE_ORDER_NONE, 0, 0, 0}};

static int print_date(const struct groups *g, enum date_order order, char out[NUMBER_DATE_SIZE])
{
    if (g->digits[0] == 4) {
        order = DATE_ORDER_YMD;
    }
    size_t i = 0;
    while (ORDERS[i].order != order) {
        i++;
    }
    int year = full_year(g->value[ORDERS[i].year], g->digits[ORDERS[i].year]);
    int month = g->value[ORDERS[i].month];
    int day = g->value[ORDERS[i].day];
    if (order == DATE_ORDER_NONE || year < 1 || month > 99 || day > 99) {
        return -1;
    }
    char text[40];
    snprintf(text, sizeof(text), "%04d-%02d-%02d", year, month, day);
    if (!clock_is_date(text)) {
        return -1;
    }
    memcpy(out, text, NUMBER_DATE_SIZE);
    return 0;
}

enum date_order number_date_order(const char *text)
{
    struct groups g;
    char date[NUMBER_DATE_SIZE];
    skip_blanks(&text);
    if (split(&text, &g)) {
        return DATE_ORDER_NONE;
    }
    if (g.digits[0] == 4) {
        return print_date(&g, DATE_ORDER_YMD, date) == 0 ? DATE_ORDER_YMD : DATE_ORDER_NONE;
    }
    bool dmy = print_date(&g, DATE_ORDER_DMY, date) == 0;
    bool mdy = print_date(&g, DATE_ORDER_MDY, date) == 0;
    if (dmy && mdy) {
        return g.separator == '.' ? DATE_ORDER_DMY : DATE_ORDER_NONE;
    }
    return dmy ? DATE_ORDER_DMY : mdy ? DATE_ORDER_MDY : DATE_ORDER_NONE;
}

/* ---- Times ------------------------------------------------------------------------------------
 */

struct day_time {
    int hour, minute, second;
    char zone[8]; /* "", "Z" or "+01:00" */
};

static int scan_half(const char **s, struct day_time *t)
{
    skip_blanks(s);
    bool am = strncasecmp(*s, "am", 2) == 0;
    bool pm = strncasecmp(*s, "pm", 2) == 0;
    if (!am && !pm) {
        return 0;
    }
    *s += 2;
    if (t->hour < 1 || t->hour > 12) {
        return -1;
    }
    t->hour = t->hour % 12 + (pm ? 12 : 0);
    return 0;
}

static int scan_zone(const char **s, struct day_time *t)
{
    skip_blanks(s);
    if (**s == 'Z' || **s == 'z') {
        (*s)++;
        memcpy(t->zone, "Z", 2);
        return 0;
    }
    if (**s != '+' && **s != '-') {
        return 0;
    }
    char sign = *(*s)++;
    int hour, minute;
    if (scan_group(s, 2, &hour) != 2) {
        return -1;
    }
    *s += **s == ':' ? 1 : 0;
    if (scan_group(s, 2, &minute) != 2 || hour > 23 || minute > 59) {
        return -1;
    }
    char text[32] = "";
    snprintf(text, sizeof(text), "%c%02d:%02d", sign, hour, minute);
    memcpy(t->zone, text, sizeof(t->zone));
    return 0;
}

/* What stands behind a date: nothing, or a time to the end of the text. */
static int scan_time(const char *s, struct day_time *t)
{
    *t = (struct day_time){0};
    bool comma = *s == ',';
    s += comma ? 1 : 0;
    const char *start = s;
    skip_blanks(&s);
    if (*s == '\0') {
        return comma ? -1 : 0;
    }
    if (s == start && *s++ != 'T') {
        return -1;
    }
    if (scan_group(&s, 2, &t->hour) == 0 || *s++ != ':' || scan_group(&s, 2, &t->minute) != 2) {
        return -1;
    }
    if (*s == ':') {
        s++;
        if (scan_group(&s, 2, &t->second) != 2) {
            return -1;
        }
        if (*s == '.' || *s == ',') {
            s++;
            s += strspn(s, "0123456789");
        }
    }
    if (scan_half(&s, t) || scan_zone(&s, t)) {
        return -1;
    }
    skip_blanks(&s);
    return *s == '\0' && t->hour <= 23 && t->minute <= 59 && t->second <= 59 ? 0 : -1;
}

int number_parse_date(const char *text, enum date_order order, char out[NUMBER_DATE_SIZE])
{
    struct groups g;
    struct day_time t;
    skip_blanks(&text);
    if (split(&text, &g) || scan_time(text, &t)) {
        return -1;
    }
    if (t.hour != 0 || t.minute != 0 || t.second != 0 || t.zone[0] != '\0') {
        return -1;
    }
    return print_date(&g, order, out);
}

int number_parse_instant(const char *text, enum date_order order, char out[NUMBER_INSTANT_SIZE])
{
    struct groups g;
    struct day_time t;
    char date[NUMBER_DATE_SIZE];
    skip_blanks(&text);
    if (split(&text, &g) || scan_time(text, &t) || print_date(&g, order, date)) {
        return -1;
    }
    char whole[64] = "";
    snprintf(whole, sizeof(whole), "%s%c%02d:%02d:%02d%s", date, t.zone[0] ? 'T' : ' ', t.hour,
             t.minute, t.second, t.zone);
    memcpy(out, whole, NUMBER_INSTANT_SIZE);
    return 0;
}
