/*
 * Text: comparing, UTF-8, trimming, nearest names, identifiers, integers; see str.h. Folding is in
 * fold.c. No locale is consulted; nothing here keeps state.
 */
#include "base/str.h"

#include <string.h>
#include <utf8proc.h>

#include "base/arena.h"

#define NEAREST_SIZE_MAX    64
#define IDENTIFIER_SIZE_MAX 60

bool str_eq(const char *a, const char *b)
{
    if (!a || !b) {
        return a == b;
    }
    return strcmp(a, b) == 0;
}

bool str_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix)
{
    size_t n = strlen(s);
    size_t m = strlen(suffix);
    return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

/* ---- UTF-8 ----------------------------------------------------------------------------------- */

static bool is_tail(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

size_t str_utf8_sequence(const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s;
    if (n == 0 || p[0] == 0) {
        return 0;
    }
    if (p[0] < 0x80) {
        return 1;
    }
    if (p[0] >= 0xc2 && p[0] <= 0xdf) {
        return n >= 2 && is_tail(p[1]) ? 2 : 0;
    }
    if ((p[0] & 0xf0) == 0xe0) {
        unsigned char low = p[0] == 0xe0 ? 0xa0 : 0x80;
        unsigned char high = p[0] == 0xed ? 0x9f : 0xbf;
        return n >= 3 && p[1] >= low && p[1] <= high && is_tail(p[2]) ? 3 : 0;
    }
    if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        unsigned char low = p[0] == 0xf0 ? 0x90 : 0x80;
        unsigned char high = p[0] == 0xf4 ? 0x8f : 0xbf;
        bool whole = n >= 4 && is_tail(p[2]) && is_tail(p[3]);
        return whole && p[1] >= low && p[1] <= high ? 4 : 0;
    }
    return 0;
}

/* Eight bytes that are all ASCII and none of them NUL. */
static bool eight_plain(const char *s)
{
    uint64_t word;
    memcpy(&word, s, sizeof(word));
    uint64_t zero = (word - UINT64_C(0x0101010101010101)) & ~word;
    return ((word | zero) & UINT64_C(0x8080808080808080)) == 0;
}

bool str_is_utf8(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n) {
        if (n - i >= 8 && eight_plain(s + i)) {
            i += 8;
            continue;
        }
        size_t size = str_utf8_sequence(s + i, n - i);
        if (size == 0) {
            return false;
        }
        i += size;
    }
    return true;
}

size_t str_utf8_put(int32_t code_point, char out[STR_UTF8_MAX])
{
    utf8proc_ssize_t n = utf8proc_codepoint_valid(code_point)
                             ? utf8proc_encode_char(code_point, (utf8proc_uint8_t *)out)
                             : 0;
    return n > 0 ? (size_t)n : 0;
}

size_t str_utf8_length(const char *s)
{
    size_t count = 0;
    for (; *s; s++) {
        count += is_tail((unsigned char)*s) ? 0 : 1;
    }
    return count;
}

bool str_is_blank(int32_t code_point)
{
    if (code_point < 0x80) {
        return code_point == ' ' || (code_point >= '\t' && code_point <= '\r');
    }
    if (code_point == 0x85) {
        return true;
    }
    utf8proc_category_t c = utf8proc_category(code_point);
    return c == UTF8PROC_CATEGORY_ZS || c == UTF8PROC_CATEGORY_ZL || c == UTF8PROC_CATEGORY_ZP;
}

/* Bytes of the blank at s, 0 when there is none. */
static size_t blank_size(const char *s, size_t n)
{
    size_t size = str_utf8_sequence(s, n);
    utf8proc_int32_t code_point;
    if (size == 0 ||
        utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)size, &code_point) <= 0) {
        return 0;
    }
    return str_is_blank(code_point) ? size : 0;
}

const char *str_trim(struct arena *a, const char *s)
{
    if (!s) {
        return NULL;
    }
    const char *start = s;
    size_t n = strlen(s);
    for (size_t size; (size = blank_size(start, n)) > 0; start += size) {
        n -= size;
    }
    while (n > 0) {
        size_t last = 1;
        while (last < n && last < 4 && is_tail((unsigned char)start[n - last])) {
            last++;
        }
        if (blank_size(start + n - last, last) != last) {
            break;
        }
        n -= last;
    }
    return arena_strndup(a, start, n);
}

/* ---- Nearest name ---------------------------------------------------------------------------- */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edit distance with neighbours swapped counting one; both at most NEAREST_SIZE_MAX bytes. */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
    unsigned char rows[3][NEAREST_SIZE_MAX + 1];
    unsigned char *before = rows[0];
    unsigned char *above = rows[1];
    unsigned char *row = rows[2];
    for (size_t j = 0; j <= m; j++) {
        above[j] = (unsigned char)j;
    }
    for (size_t i = 1; i <= n; i++) {
        row[0] = (unsigned char)i;
        for (size_t j = 1; j <= m; j++) {
            size_t cost = above[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
            cost = least(cost, least(above[j], row[j - 1]) + 1U);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                cost = least(cost, before[j - 2] + 1U);
            }
            row[j] = (unsigned char)cost;
        }
        unsigned char *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[m];
}

const char *str_nearest(const char *name, const char *const *candidates, size_t count)
{
    size_t n = strlen(name);
    if (n > NEAREST_SIZE_MAX) {
        return NULL;
    }
    size_t limit = n / 3 > 2 ? n / 3 : 2;
    const char *best = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t m = candidates[i] ? strlen(candidates[i]) : 0;
        if (m == 0 || m > NEAREST_SIZE_MAX || m > n + limit || n > m + limit) {
            continue;
        }
        size_t d = distance(name, n, candidates[i], m);
        if (d <= limit && d < (n > m ? n : m)) {
            best = candidates[i];
            if (d == 0) {
                break;
            }
            limit = d - 1;
        }
    }
    return best;
}

/* ---- Identifiers and integers ---------------------------------------------------------------- */

bool str_is_identifier(const char *s)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    if (s[0] < 'a' || s[0] > 'z') {
        return false;
    }
    size_t n = strspn(s, allowed);
    return s[n] == '\0' && n <= IDENTIFIER_SIZE_MAX;
}

int str_to_int(const char *s, int64_t *out)
{
    bool negative = s[0] == '-';
    const char *p = negative ? s + 1 : s;
    uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1U : 0U);
    uint64_t value = 0;
    if (*p == '\0') {
        return -1;
    }
    for (; *p; p++) {
        if (*p < '0' || *p > '9') {
            return -1;
        }
        uint64_t digit = (uint64_t)(*p - '0');
        if (value > (limit - digit) / 10) {
            return -1;
        }
        value = value * 10 + digit;
    }
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return 0;
}

int str_to_id(const char *s, int64_t *out)
{
    return s[0] < '1' || s[0] > '9' ? -1 : str_to_int(s, out);
}
