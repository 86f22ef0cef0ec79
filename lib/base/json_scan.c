/* The strict look at a JSON text before cJSON reads it; see json_scan.h. */
#include "base/json_scan.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

#define DEPTH_MAX      64
#define INTEGER_DIGITS 16 /* 2^53 = 9007199254740992 has as many */

struct scan {
    const char *text;
    size_t size;
    size_t at; /* next byte */
    struct err *e;
};

static int fail_at(struct scan *s, size_t at, const char *what)
{
    return err_fail(s->e, ERR_MALFORMED, "", "The JSON is wrong at byte %zu: %s.", at + 1, what);
}

static char peek(const struct scan *s)
{
    return s->at < s->size ? s->text[s->at] : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t skip_digits(struct scan *s)
{
    size_t start = s->at;
    while (is_digit(peek(s))) {
        s->at++;
    }
    return s->at - start;
}

/* ---- Numbers --------------------------------------------------------------------------------- */

/* Digits of an integer stay within 2^53. Leading zeros were refused before. */
static bool integer_fits(const char *digits, size_t n)
{
    return n < INTEGER_DIGITS ||
           (n == INTEGER_DIGITS && memcmp(digits, "9007199254740992", INTEGER_DIGITS) <= 0);
}

static int scan_number(struct scan *s)
{
    size_t start = s->at;
    s->at += peek(s) == '-' ? 1 : 0;
    size_t first = s->at;
    size_t n = skip_digits(s);
    bool integer = true;
    if (n == 0 || (n > 1 && s->text[first] == '0')) {
        return fail_at(s, start, "a number is not written as JSON wants it");
    }
    if (peek(s) == '.') {
        s->at++;
        integer = false;
        if (skip_digits(s) == 0) {
            return fail_at(s, start, "a number ends with its point");
        }
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->at++;
        integer = false;
        s->at += peek(s) == '+' || peek(s) == '-' ? 1 : 0;
        if (skip_digits(s) == 0) {
            return fail_at(s, start, "a number has no exponent after e");
        }
    }
    if (integer && !integer_fits(s->text + first, n)) {
        return fail_at(s, start, "an integer is beyond 2^53; send it as text");
    }
    return 0;
}

/* ---- Strings --------------------------------------------------------------------------------- */

static int hex_value(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Four hexadecimal digits at `at`, or -1. */
static int hex_unit(const struct scan *s, size_t at)
{
    int unit = 0;
    for (size_t i = at; i < at + 4; i++) {
        int digit = i < s->size ? hex_value(s->text[i]) : -1;
        if (digit < 0) {
            return -1;
        }
        unit = unit * 16 + digit;
    }
    return unit;
}

/* At the u of \uXXXX: a code point but NUL, or a whole surrogate pair. */
static int scan_unicode(struct scan *s)
{
    int unit = hex_unit(s, s->at + 1);
    if (unit < 0) {
        return fail_at(s, s->at, "\\u needs four hexadecimal digits");
    }
    if (unit == 0) {
        return fail_at(s, s->at, "text must not contain NUL");
    }
    s->at += 5;
    if (unit < 0xd800 || unit > 0xdfff) {
        return 0;
    }
    bool pair = unit <= 0xdbff && s->size - s->at >= 6 && memcmp(s->text + s->at, "\\u", 2) == 0;
    int low = pair ? hex_unit(s, s->at + 2) : -1;
    if (low < 0xdc00 || low > 0xdfff) {
        return fail_at(s, s->at - 5, "half of a surrogate pair");
    }
    s->at += 6;
    return 0;
}

static int scan_escape(struct scan *s)
{
    s->at++;
    if (peek(s) == 'u') {
        return scan_unicode(s);
    }
    if (peek(s) == '\0' || !strchr("\"\\/bfnrt", peek(s))) {
        return fail_at(s, s->at, "an unknown escape in a string");
    }
    s->at++;
    return 0;
}

static int scan_string(struct scan *s)
{
    size_t start = s->at++;
    while (s->at < s->size) {
        unsigned char c = (unsigned char)s->text[s->at];
        if (c == '"') {
            s->at++;
            return 0;
        }
        if (c == '\\') {
            if (scan_escape(s)) {
                return -1;
            }
            continue;
        }
        if (c < 0x20) {
            return fail_at(s, s->at, "a control character in a string; write it escaped");
        }
        size_t n = c < 0x80 ? 1 : str_utf8_sequence(s->text + s->at, s->size - s->at);
        if (n == 0) {
            return fail_at(s, s->at, "text that is not UTF-8");
        }
        s->at += n;
    }
    return fail_at(s, start, "a string has no end");
}

/* ---- The text -------------------------------------------------------------------------------- */

static int scan_literal(struct scan *s)
{
    static const char *const WORDS[] = {"true", "false", "null", NULL};
    for (size_t i = 0; WORDS[i]; i++) {
        size_t n = strlen(WORDS[i]);
        if (s->size - s->at >= n && memcmp(s->text + s->at, WORDS[i], n) == 0) {
            s->at += n;
            return 0;
        }
    }
    return fail_at(s, s->at, "this is not JSON");
}

/* One word that is not a bracket. */
static int scan_word(struct scan *s)
{
    char c = peek(s);
    if (c == '"') {
        return scan_string(s);
    }
    if (c == '-' || is_digit(c)) {
        return scan_number(s);
    }
    if (c == ',' || c == ':') {
        s->at++;
        return 0;
    }
    return scan_literal(s);
}

static void skip_blanks(struct scan *s)
{
    for (; s->at < s->size; s->at++) {
        char c = s->text[s->at];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
            return;
        }
    }
}

int json_scan(const char *text, size_t size, size_t *end, struct err *e)
{
    struct scan s = {.text = text, .size = size, .e = e};
    char closes[DEPTH_MAX];
    size_t depth = 0;
    size_t value_end = 0;
    for (skip_blanks(&s); s.at < s.size; skip_blanks(&s)) {
        char c = peek(&s);
        if (c == '{' || c == '[') {
            if (depth == DEPTH_MAX) {
                return fail_at(&s, s.at, "it is nested deeper than 64");
            }
            closes[depth++] = c == '{' ? '}' : ']';
            s.at++;
        } else if (c == '}' || c == ']') {
            if (depth == 0 || closes[depth - 1] != c) {
                return fail_at(&s, s.at, "a bracket closes what is not open");
            }
            depth--;
            s.at++;
        } else if (scan_word(&s)) {
            return -1;
        }
        value_end = s.at;
    }
    if (value_end == 0 || depth > 0) {
        return fail_at(&s, size, "it ends too early");
    }
    *end = value_end;
    return 0;
}
