/* Number formats of workbooks, and numbers printed by them; see xlsx.h. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "exchange/xlsx.h"

#define SECONDS_OF_DAY 86400
#define DAYS_MAX       2958466 /* the first day of the year 10000 */
#define DIGITS_MAX     15      /* what a spreadsheet shows of a number */

void xlsx_format_built_in(int number, struct xlsx_format *out)
{
    static const struct {
        int first, last;
        struct xlsx_format format;
    } KNOWN[] = {
        {9, 10, {.percent = true}},
        {14, 17, {.date = true}},
        {18, 21, {.time = true}},
        {22, 22, {.date = true, .time = true}},
        {27, 31, {.date = true}},
        {32, 35, {.time = true}},
        {36, 36, {.date = true}},
        {45, 45, {.time = true}},
        {46, 46, {.time = true, .elapsed = true}},
        {47, 47, {.time = true}},
        {50, 58, {.date = true}},
    };
    *out = (struct xlsx_format){0};
    for (size_t i = 0; i < COUNT(KNOWN); i++) {
        if (number >= KNOWN[i].first && number <= KNOWN[i].last) {
            *out = KNOWN[i].format;
        }
    }
}

/* Money signs that stand in a code by themselves. */
static const char *const SIGNS[] = {"€",  "$",  "£",   "¥",   "₽", "₹",
                                    "zł", "Kč", "CHF", "EUR", "USD"};

static void find_sign(const char *literal, size_t n, struct arena *a, struct xlsx_format *out)
{
    for (size_t i = 0; out->currency == NULL && i < COUNT(SIGNS); i++) {
        const char *at = memmem(literal, n, SIGNS[i], strlen(SIGNS[i]));
        if (at != NULL) {
            out->currency = arena_strdup(a, SIGNS[i]);
        }
    }
}

/* "[$€-407]" "[$EUR]" is a currency, "[h]" elapsed hours, "[Red]" and "[>0]" are nothing to us. */
static void read_bracket(struct arena *a, const char *text, size_t n, struct xlsx_format *out)
{
    if (n > 1 && text[0] == '$' && text[1] != '-' && out->currency == NULL) {
        const char *dash = memchr(text, '-', n);
        size_t size = dash != NULL ? (size_t)(dash - text) : n;
        out->currency = arena_strndup(a, text + 1, size - 1);
    }
    bool letters = n > 0;
    for (size_t i = 0; i < n; i++) {
        letters = letters && strchr("hHmMsS", text[i]) != NULL;
    }
    out->elapsed = out->elapsed || letters;
    out->time = out->time || letters;
}

/* How many characters at `code` are no pattern: quoted, escaped, in brackets, a filler. */
static size_t skip_literal(struct arena *a, const char *code, struct xlsx_format *out)
{
    const char *end;
    switch (code[0]) {
    case '"':
        end = strchr(code + 1, '"');
        find_sign(code + 1, end != NULL ? (size_t)(end - code - 1) : strlen(code + 1), a, out);
        return end != NULL ? (size_t)(end - code) + 1 : strlen(code);
    case '[':
        end = strchr(code, ']');
        read_bracket(a, code + 1, end != NULL ? (size_t)(end - code - 1) : strlen(code + 1), out);
        return end != NULL ? (size_t)(end - code) + 1 : strlen(code);
    case '\\':
    case '_':
    case '*':
        return code[1] != '\0' ? 2 : 1;
    default:
        return 0;
    }
}

void xlsx_format_read(struct arena *a, const char *code, struct xlsx_format *out)
{
    const char *whole = code;
    *out = (struct xlsx_format){0};
    bool minutes = false;
    if (strncasecmp(code, "General", 7) == 0) {
        return;
    }
    while (*code != '\0' && *code != ';') { /* of the sections the first one says it */
        size_t skipped = skip_literal(a, code, out);
        if (skipped > 0) {
            code += skipped;
            continue;
        }
        char c = (char)tolower((unsigned char)*code);
        out->date = out->date || c == 'y' || c == 'd';
        out->time = out->time || c == 'h' || c == 's';
        minutes = minutes || c == 'm';
        out->percent = out->percent || c == '%';
        code++;
    }
    out->date = out->date || (minutes && !out->time); /* "mmm" */
    if (!out->date && !out->time) {
        find_sign(whole, (size_t)(code - whole), a, out);
    }
    size_t zeros = strspn(whole, "0");
    out->zeros = zeros > 1 && whole[zeros] == '\0' ? (int)zeros : 0;
}

/* "1.1000000000000001" is 1.1; an exponent is written out. */
static void print_plain(struct buf *out, const char *value, double number, int places)
{
    char text[48];
    if (strspn(value, "-0123456789.") == strlen(value) && strlen(value) <= DIGITS_MAX &&
        places == 0) {
        buf_puts(out, value);
        return;
    }
    snprintf(text, sizeof text, "%.*g", DIGITS_MAX, number);
    if (strchr(text, 'e') != NULL) {
        double size = fabs(number);
        snprintf(text, sizeof text, "%.*f", size >= 1 ? 0 : 20, size < 1e20 ? number : 0);
        if (size >= 1e20) {
            buf_puts(out, value);
            return;
        }
        if (strchr(text, '.') != NULL) {
            size_t n = strlen(text);
            while (text[n - 1] == '0') {
                text[--n] = '\0';
            }
            text[n - (text[n - 1] == '.')] = '\0';
        }
    }
    buf_puts(out, text);
}

/* Days from 1970-01-01 to a date (H. Hinnant's civil_from_days). */
static void print_date(struct buf *out, int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    int64_t month = mp < 10 ? mp + 3 : mp - 9;
    int64_t year = yoe + era * 400 + (month <= 2);
    buf_printf(out, "%04d-%02d-%02d", (int)year, (int)month, (int)(doy - (153 * mp + 2) / 5 + 1));
}

/* The serial number of a day; 60 of the 1900 system is a day that never was. */
static bool print_serial(struct buf *out, double number, const struct xlsx_format *f,
                         bool from_1904)
{
    if (!(number >= 0 && number < DAYS_MAX)) {
        return false;
    }
    int64_t seconds = (int64_t)floor(number * SECONDS_OF_DAY + 0.5);
    int64_t day = seconds / SECONDS_OF_DAY;
    seconds %= SECONDS_OF_DAY;
    bool dated = f->date || (!f->elapsed && day > 0 && f->time);
    if (dated) {
        int64_t base = from_1904 ? -24107 : day < 60 ? -25568 : -25569;
        print_date(out, base + day);
    }
    if (f->time || seconds != 0) {
        int hours = (int)(seconds / 3600 + (dated ? 0 : day * 24));
        buf_printf(out, "%s%02d:%02d:%02d", dated ? " " : "", hours, (int)(seconds / 60 % 60),
                   (int)(seconds % 60));
    }
    return true;
}

static void pad_zeros(struct buf *out, const char *value, int zeros)
{
    size_t n = strlen(value);
    bool digits = n > 0 && strspn(value, "0123456789") == n;
    for (size_t i = n; digits && i < (size_t)zeros; i++) {
        buf_putc(out, '0');
    }
}

void xlsx_number_print(struct buf *out, const char *value, const struct xlsx_format *format,
                       bool from_1904)
{
    static const struct xlsx_format PLAIN = {0};
    const struct xlsx_format *f = format != NULL ? format : &PLAIN;
    char *end;
    double number = strtod(value, &end);
    if (end == value || *end != '\0' || !isfinite(number)) {
        buf_puts(out, value);
        return;
    }
    if ((f->date || f->time) && print_serial(out, number, f, from_1904)) {
        return;
    }
    pad_zeros(out, value, f->zeros);
    print_plain(out, value, f->percent ? number * 100 : number, f->percent ? 2 : 0);
    if (f->percent) {
        buf_putc(out, '%');
    } else if (f->currency != NULL) {
        buf_printf(out, " %s", f->currency);
    }
}

static int hex_of(const char *p)
{
    int value = 0;
    for (int i = 0; i < 4; i++) {
        int c = tolower((unsigned char)p[i]);
        if (!isxdigit(c)) {
            return -1;
        }
        value = value * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return value;
}

size_t xlsx_unescape(char *text, size_t n)
{
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        bool escape = n - i >= 7 && text[i] == '_' && text[i + 1] == 'x' && text[i + 6] == '_';
        int code = escape ? hex_of(text + i + 2) : -1;
        if (code < 0 || code > 0x7f) {
            text[used++] = text[i];
            continue;
        }
        i += 6;
        if (code >= ' ' || code == '\n' || code == '\t') {
            text[used++] = (char)code;
        }
    }
    text[used] = '\0';
    return used;
}
