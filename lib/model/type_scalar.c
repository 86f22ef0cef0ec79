/*
 * Field types with one plain value: text, numbers, dates, yes and no.
 * Called through FIELD_TYPES only; nothing is kept between calls, so any thread may call.
 */
#include <ctype.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "model/types.h"

#define QUOTE_MAX 60

int type_refuse(const struct parse_context *c, struct err *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = arena_vprintf(c->arena, format, args);
    va_end(args);
    return err_add(e, c->arena, ERR_INVALID, "", "%s", text);
}

int type_mark(const struct parse_context *c, const struct json *j, struct marks *out, struct err *e)
{
    bool *mark = mark_named(out, MARK_KEYS, j->key);
    if (mark == NULL) {
        return 0;
    }
    if (j->type != JSON_BOOL && j->type != JSON_NULL) {
        return type_refuse(c, e, "\"%s\" must be true or false", j->key);
    }
    *mark = j->type == JSON_BOOL && j->boolean;
    return 1;
}

const char *type_quote(struct arena *a, const char *text)
{
    size_t n = strlen(text);
    if (n <= QUOTE_MAX) {
        return arena_printf(a, "\"%s\"", text);
    }
    n = QUOTE_MAX;
    while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80) {
        n--;
    }
    return arena_printf(a, "\"%.*s…\"", (int)n, text);
}

static bool is_control(char ch)
{
    return (unsigned char)ch < 0x20 || ch == 0x7f;
}

static int check_text(const struct parse_context *c, const char *s, const char *allowed,
                      struct err *e)
{
    if (!str_is_utf8(s, strlen(s))) {
        return type_refuse(c, e, "this is not valid UTF-8 text");
    }
    for (; *s != '\0'; s++) {
        if (is_control(*s) && strchr(allowed, *s) == NULL) {
            return type_refuse(c, e,
                               *s == '\n' || *s == '\r'
                                   ? "line breaks are not allowed here"
                                   : "control characters are not allowed here");
        }
    }
    return 0;
}

const char *type_clean(const struct parse_context *c, const char *in, struct err *e)
{
    if (!str_is_utf8(in, strlen(in))) {
        type_refuse(c, e, "this is not valid UTF-8 text");
        return NULL;
    }
    const char *s = str_trim(c->arena, in);
    return check_text(c, s, "", e) == 0 ? s : NULL;
}

static int check_length(const struct parse_context *c, const struct field *f, const char *s,
                        struct err *e)
{
    int64_t length = (int64_t)str_utf8_length(s);
    int64_t max = f->has_max ? f->max : f->type->length_max;
    if (length > max) {
        return type_refuse(c, e, "has %lld characters, at most %lld are allowed", (long long)length,
                           (long long)max);
    }
    if (f->has_min && length < f->min) {
        return type_refuse(c, e, "has %lld characters, at least %lld are needed", (long long)length,
                           (long long)f->min);
    }
    return 0;
}

static int take_text(const struct parse_context *c, const struct field *f, const char *s,
                     struct parsed *out, struct err *e)
{
    if (*s != '\0' && check_length(c, f, s, e) != 0) {
        return -1;
    }
    *out = (struct parsed){.values = {*s == '\0' ? value_null() : value_text(s)}};
    return 0;
}

/* Without blanks at its ends; nothing when there is nothing to be seen: blanks, zero-width signs. */
static const char *trimmed(const struct parse_context *c, const char *in)
{
    const char *s = str_trim(c->arena, in);
    for (const char *at = s; *at != '\0'; at++) {
        if (*at > ' ' && *at < 0x7f) {
            return s;
        }
    }
    bool nothing = str_is_utf8(s, strlen(s)) && *str_fold(c->arena, s, strlen(s)) == '\0';
    return nothing ? "" : s;
}

TYPE_PARSE_TEXT(type_text_from_text)
{
    const char *s = trimmed(c, in);
    return check_text(c, s, "", e) != 0 ? -1 : take_text(c, f, s, out, e);
}

/* Line ends become \n, whatever system the text comes from. */
static char *unix_lines(struct arena *a, const char *in)
{
    char *s = arena_strdup(a, in), *to = s;
    for (const char *from = s; *from != '\0'; from++) {
        if (*from == '\r') {
            *to++ = '\n';
            from += from[1] == '\n';
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    return s;
}

TYPE_PARSE_TEXT(type_longtext_from_text)
{
    const char *s = trimmed(c, in);
    return check_text(c, s, "\n\t\r", e) != 0 ? -1
                                              : take_text(c, f, unix_lines(c->arena, s), out, e);
}

static int check_range(const struct parse_context *c, const struct field *f, int64_t n, int places,
                       struct err *e)
{
    bool low = f->has_min && n < f->min;
    if (!low && !(f->has_max && n > f->max)) {
        return 0;
    }
    struct buf limit = {0};
    print_scaled(&limit, low ? f->min : f->max, places);
    type_refuse(c, e, low ? "must be at least %s" : "must be at most %s", buf_text(&limit));
    buf_done(&limit);
    return -1;
}

static int take_int(int64_t n, struct parsed *out)
{
    *out = (struct parsed){.values = {value_int(n)}};
    return 0;
}

static int take_null(struct parsed *out)
{
    *out = (struct parsed){0};
    return 0;
}

TYPE_PARSE_TEXT(type_integer_from_text)
{
    const char *s = type_clean(c, in, e);
    int64_t n;
    if (s == NULL) {
        return -1;
    }
    if (*s == '\0') {
        return take_null(out);
    }
    if (parse_scaled(s, 0, &n) != 0) {
        return type_refuse(c, e, "%s is not a whole number", type_quote(c->arena, s));
    }
    return check_range(c, f, n, 0, e) == 0 ? take_int(n, out) : -1;
}

static bool is_serial(int64_t n)
{
    return n >= 1 && n <= TYPE_SERIAL_MAX;
}

/* `min` is where counting begins: older numbers may be smaller. */
TYPE_PARSE_TEXT(type_serial_from_text)
{
    (void)f;
    const char *s = type_clean(c, in, e);
    int64_t n;
    if (s == NULL) {
        return -1;
    }
    if (*s == '\0') {
        return take_null(out);
    }
    if (parse_scaled(s, 0, &n) != 0 || !is_serial(n)) {
        return type_refuse(c, e, "%s is not a number from 1 to %lld", type_quote(c->arena, s),
                           (long long)TYPE_SERIAL_MAX);
    }
    return take_int(n, out);
}

TYPE_PARSE_TEXT(type_scaled_from_text)
{
    const char *s = type_clean(c, in, e);
    int64_t n;
    if (s == NULL) {
        return -1;
    }
    if (*s == '\0') {
        return take_null(out);
    }
    if (parse_scaled(s, f->places, &n) != 0) {
        return type_refuse(
            c, e, "%s is not a number like \"12.5\" with at most %d digits after the point",
            type_quote(c->arena, s), f->places);
    }
    return check_range(c, f, n, f->places, e) == 0 ? take_int(n, out) : -1;
}

/* "24.12.2026" is unambiguous and common in files; everything else is ISO 8601. */
const char *type_read_date(struct arena *a, const char *s)
{
    if (clock_is_date(s)) {
        return arena_strdup(a, s);
    }
    int part[3] = {0};
    size_t n = 0, digits = 0;
    for (; *s != '\0' && n < 3; s++) {
        if (*s == '.' && digits > 0) {
            n++;
            digits = 0;
        } else if (isdigit((unsigned char)*s) && ++digits <= 4) {
            part[n] = part[n] * 10 + (*s - '0');
        } else {
            return NULL;
        }
    }
    char *date = arena_printf(a, "%04d-%02d-%02d", part[2], part[1], part[0]);
    return n == 2 && digits == 4 && clock_is_date(date) ? date : NULL;
}

/* Written well, only there is no such day: "30.02.2026", "2026-02-30". */
static bool looks_like_date(const char *s)
{
    size_t digits = strspn(s, "0123456789");
    const char *separator = s + digits;
    if (digits == 0 || *separator == '\0' || strchr(".-/", *separator) == NULL) {
        return false;
    }
    size_t middle = strspn(separator + 1, "0123456789");
    const char *last = separator + 1 + middle;
    return middle > 0 && *last == *separator && last[1] != '\0' &&
           last[1 + strspn(last + 1, "0123456789")] == '\0';
}

TYPE_PARSE_TEXT(type_date_from_text)
{
    const char *s = type_clean(c, in, e);
    if (s == NULL) {
        return -1;
    }
    if (*s == '\0') {
        return take_null(out);
    }
    const char *date = type_read_date(c->arena, s);
    if (date == NULL) {
        return type_refuse(c, e,
                           looks_like_date(s) ? "there is no day %s"
                                              : "%s is not a date like \"2026-11-21\"",
                           type_quote(c->arena, s));
    }
    int64_t day = clock_days_of(date);
    if ((f->has_min && day < f->min) || (f->has_max && day > f->max)) {
        bool low = f->has_min && day < f->min;
        char limit[CLOCK_DATE_SIZE];
        clock_date_from_days(low ? f->min : f->max, limit);
        return type_refuse(c, e, "must not be %s %s", low ? "before" : "after", limit);
    }
    *out = (struct parsed){.values = {value_text(date)}};
    return 0;
}

TYPE_PARSE_TEXT(type_instant_from_text)
{
    (void)f;
    const char *s = type_clean(c, in, e);
    int64_t ms;
    if (s == NULL) {
        return -1;
    }
    if (*s == '\0') {
        return take_null(out);
    }
    const char *date = type_read_date(c->arena, s);
    if (clock_parse_instant(date != NULL ? date : s, &ms) != 0) {
        return type_refuse(c, e, "%s is not a time like \"2026-11-21T14:05:00Z\"",
                           type_quote(c->arena, s));
    }
    return take_int(ms, out);
}

static const struct {
    const char *word;
    bool yes;
} BOOL_WORDS[] = {{"true", true}, {"false", false}, {"yes", true}, {"no", false},
                  {"1", true},    {"0", false},     {"y", true},   {"n", false},
                  {"on", true},   {"off", false},   {"ja", true},  {"nein", false}};

TYPE_PARSE_TEXT(type_bool_from_text)
{
    (void)f;
    const char *s = type_clean(c, in, e);
    if (s == NULL) {
        return -1;
    }
    if (*s == '\0') {
        return take_null(out);
    }
    for (size_t i = 0; i < COUNT(BOOL_WORDS); i++) {
        if (strcasecmp(BOOL_WORDS[i].word, s) == 0) {
            return take_int(BOOL_WORDS[i].yes, out);
        }
    }
    return type_refuse(c, e, "%s is neither yes nor no", type_quote(c->arena, s));
}

TYPE_PARSE_JSON(type_text_from_json)
{
    if (in->type != JSON_STRING) {
        return type_refuse(c, e, "must be a text");
    }
    return f->type->parse_text(c, f, in->text, out, e);
}

TYPE_PARSE_JSON(type_number_from_json)
{
    if (in->type != JSON_STRING && in->type != JSON_NUMBER) {
        return type_refuse(c, e, "must be a number");
    }
    return f->type->parse_text(c, f, in->text, out, e);
}

TYPE_PARSE_JSON(type_bool_from_json)
{
    if (in->type == JSON_BOOL) {
        return take_int(in->boolean, out);
    }
    if (in->type != JSON_STRING) {
        return type_refuse(c, e, "must be true or false");
    }
    return f->type->parse_text(c, f, in->text, out, e);
}

TYPE_PRINT_JSON(type_text_to_json)
{
    (void)f;
    jw_text_n(w, values[0].s, values[0].n);
}

TYPE_PRINT_JSON(type_integer_to_json)
{
    (void)f;
    jw_int(w, values[0].i);
}

TYPE_PRINT_JSON(type_scaled_to_json)
{
    struct buf text = {0};
    print_scaled(&text, values[0].i, f->places);
    jw_text_n(w, text.data, text.size);
    buf_done(&text);
}

TYPE_PRINT_JSON(type_instant_to_json)
{
    (void)f;
    char text[CLOCK_INSTANT_SIZE];
    jw_plain(w, text, clock_print_instant(values[0].i, text));
}

TYPE_PRINT_JSON(type_bool_to_json)
{
    (void)f;
    jw_bool(w, values[0].i != 0);
}

TYPE_PRINT_TEXT(type_text_to_text)
{
    (void)f;
    buf_add(out, values[0].s, values[0].n);
}

TYPE_PRINT_TEXT(type_integer_to_text)
{
    (void)f;
    buf_int(out, values[0].i);
}

TYPE_PRINT_TEXT(type_scaled_to_text)
{
    print_scaled(out, values[0].i, f->places);
}

TYPE_PRINT_TEXT(type_instant_to_text)
{
    (void)f;
    char text[CLOCK_INSTANT_SIZE];
    clock_print_instant(values[0].i, text);
    buf_puts(out, text);
}

TYPE_PRINT_TEXT(type_bool_to_text)
{
    (void)f;
    buf_puts(out, values[0].i != 0 ? "true" : "false");
}

TYPE_PARSE_LIMIT(type_length_limit)
{
    int64_t length;
    if (parse_scaled(text, 0, &length) != 0 || length < 0 || length > f->type->length_max) {
        return -1;
    }
    *out = length;
    return 0;
}

TYPE_PARSE_LIMIT(type_scaled_limit)
{
    return parse_scaled(text, f->places, out);
}

TYPE_PARSE_LIMIT(type_serial_limit)
{
    (void)f;
    int64_t n;
    if (parse_scaled(text, 0, &n) != 0 || !is_serial(n)) {
        return -1;
    }
    *out = n;
    return 0;
}

TYPE_PARSE_LIMIT(type_date_limit)
{
    (void)f;
    if (!clock_is_date(text)) {
        return -1;
    }
    *out = clock_days_of(text);
    return 0;
}

TYPE_PRINT_LIMIT(type_scaled_limit_to_text)
{
    print_scaled(out, limit, f->places);
}

TYPE_PRINT_LIMIT(type_date_limit_to_text)
{
    (void)f;
    char date[CLOCK_DATE_SIZE];
    clock_date_from_days(limit, date);
    buf_puts(out, date);
}
