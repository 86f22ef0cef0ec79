/* See picture.h. */
#include "exchange/picture.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"
#include "exchange/coded.h"

static const struct {
    const char *start;
    size_t size;
    const char *then; /* further bytes, from the eighth on; NULL */
    const char *type;
} PICTURES[] = {
    {"\x89PNG\r\n\x1a\n", 8, NULL, "image/png"},
    {"\xff\xd8\xff", 3, NULL, "image/jpeg"},
    {"GIF87a", 6, NULL, "image/gif"},
    {"GIF89a", 6, NULL, "image/gif"},
    {"RIFF", 4, "WEBP", "image/webp"},
};
#define THEN_AT 8

const char *picture_type(const void *start, size_t n)
{
    const char *bytes = start;
    for (size_t i = 0; i < COUNT(PICTURES); i++) {
        const char *then = PICTURES[i].then;
        if (n >= PICTURES[i].size && memcmp(bytes, PICTURES[i].start, PICTURES[i].size) == 0 &&
            (then == NULL || (n >= THEN_AT + strlen(then) &&
                              memcmp(bytes + THEN_AT, then, strlen(then)) == 0))) {
            return PICTURES[i].type;
        }
    }
    return NULL;
}

bool picture_is(const char *text)
{
    return strncasecmp(text, "data:image/", 11) == 0;
}

/* The base64 of a data: URI; NULL: it is none. */
static const char *payload_of(const char *uri)
{
    static const char CODED[] = ";base64";
    const char *comma = strncasecmp(uri, "data:", 5) == 0 ? strchr(uri, ',') : NULL;
    bool coded = comma != NULL && (size_t)(comma - uri) >= sizeof CODED - 1 &&
                 strncasecmp(comma - (sizeof CODED - 1), CODED, sizeof CODED - 1) == 0;
    return coded ? comma + 1 : NULL;
}

static const char *decode(const char *text, struct buf *out)
{
    size_t before = out->size;
    if (text == NULL || coded_base64(text, strlen(text), out) != 0) {
        return NULL;
    }
    return picture_type(buf_text(out) + before, out->size - before);
}

const char *picture_read(const char *uri, struct buf *out)
{
    return decode(payload_of(uri), out);
}

const char *picture_uri(struct arena *a, const char *text, bool base64)
{
    struct buf bytes = {0}, made = {0};
    const char *uri = NULL;
    const char *type = decode(base64 ? text : payload_of(text), &bytes);
    if (type != NULL) {
        buf_printf(&made, "data:%s;base64,", type);
        picture_base64(&made, bytes.data, bytes.size);
        uri = made.size <= PICTURE_TEXT_MAX ? arena_strndup(a, made.data, made.size) : NULL;
    }
    buf_done(&bytes);
    buf_done(&made);
    return uri;
}

void picture_base64(struct buf *out, const void *bytes, size_t n)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *at = bytes;
    buf_reserve(out, n / 3 * 4 + 4);
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        unsigned bits = (unsigned)at[i] << 16 | (left > 1 ? (unsigned)at[i + 1] << 8 : 0) |
                        (left > 2 ? at[i + 2] : 0);
        buf_putc(out, DIGITS[bits >> 18]);
        buf_putc(out, DIGITS[bits >> 12 & 63]);
        buf_putc(out, left > 1 ? DIGITS[bits >> 6 & 63] : '=');
        buf_putc(out, left > 2 ? DIGITS[bits & 63] : '=');
    }
}
