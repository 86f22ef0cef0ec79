/* See urlencoded.h. */
#include "exchange/urlencoded.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

static int hex_digit(char c)
{
    static const char DIGITS[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c != '\0' ? strchr(DIGITS, c) : NULL;
    return at != NULL ? (int)((at - DIGITS) % 16) : -1;
}

/* NULL: not well encoded. */
static const char *decode(struct arena *a, const char *s, size_t n)
{
    char *out = arena_alloc(a, n + 1);
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        int high = s[i] == '%' && n - i > 2 ? hex_digit(s[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(s[i + 2]) : -1;
        if (s[i] == '%' && low < 0) {
            return NULL;
        }
        out[used++] = s[i] == '%' ? (char)(high * 16 + low) : s[i] == '+' ? ' ' : s[i];
        i += s[i] == '%' ? 2 : 0;
    }
    out[used] = '\0';
    return str_is_utf8(out, used) ? out : NULL;
}

static bool read_pair(struct arena *a, const char *s, size_t n, struct urlencoded *out)
{
    const char *sign = memchr(s, '=', n);
    size_t name_size = sign != NULL ? (size_t)(sign - s) : n;
    size_t skip = sign != NULL ? name_size + 1 : n;
    const char *name = decode(a, s, name_size), *value = decode(a, s + skip, n - skip);
    if (name == NULL || value == NULL || strlen(name) > URLENCODED_NAME_MAX) {
        return false;
    }
    out->pairs[out->count].name = name;
    out->pairs[out->count].value = value;
    out->count++;
    return true;
}

enum urlencoded_result urlencoded_read(struct arena *a, const char *text, size_t size,
                                       struct urlencoded *out)
{
    out->count = 0;
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, '&', size - at);
        size_t n = end != NULL ? (size_t)(end - text) - at : size - at;
        if (n > 0 && out->count == URLENCODED_PAIRS_MAX) {
            return URLENCODED_TOO_MANY;
        }
        if (n > 0 && !read_pair(a, text + at, n, out)) {
            return URLENCODED_BROKEN;
        }
        at += n + 1;
    }
    return URLENCODED_OK;
}

const char *urlencoded_find(const struct urlencoded *u, const char *name)
{
    for (size_t i = 0; i < u->count; i++) {
        if (strcmp(u->pairs[i].name, name) == 0) {
            return u->pairs[i].value;
        }
    }
    return NULL;
}
