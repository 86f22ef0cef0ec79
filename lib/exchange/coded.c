/* See coded.h. */
#include "exchange/coded.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "exchange/encoding.h"

static int value_of(char c)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c != '\0' ? strchr(DIGITS, c) : NULL;
    return at != NULL ? (int)(at - DIGITS) : -1;
}

int coded_base64(const char *text, size_t n, struct buf *out)
{
    unsigned bits = 0, count = 0;
    bool ended = false;
    for (size_t i = 0; i < n; i++) {
        if (text[i] == ' ' || text[i] == '\t' || text[i] == '\r' || text[i] == '\n') {
            continue;
        }
        int value = value_of(text[i]);
        if (text[i] == '=' && count % 4 != 1) {
            ended = true;
            continue;
        }
        if (value < 0 || ended) {
            return -1;
        }
        bits = bits << 6 | (unsigned)value;
        count++;
        if (count % 4 != 1) {
            buf_putc(out, (char)(bits >> (6 - 2 * ((count + 3) % 4)) & 0xff));
        }
    }
    return count % 4 == 1 ? -1 : 0;
}

static int hex_of(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

void coded_quoted_printable(const char *text, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        size_t left = n - i;
        if (text[i] != '=') {
            buf_putc(out, text[i]);
        } else if (left > 2 && hex_of(text[i + 1]) >= 0 && hex_of(text[i + 2]) >= 0) {
            buf_putc(out, (char)(hex_of(text[i + 1]) << 4 | hex_of(text[i + 2])));
            i += 2;
        } else if (left > 1 && (text[i + 1] == '\n' || text[i + 1] == '\r')) {
            i += left > 2 && text[i + 1] == '\r' && text[i + 2] == '\n' ? 2 : 1;
        } else if (left > 1) {
            buf_putc(out, '=');
        }
    }
}

static bool decode_as(const char *bytes, size_t n, enum encoding encoding, struct buf *out)
{
    struct decoder d;
    struct err e = {0};
    size_t before = out->size;
    decoder_init(&d, encoding);
    if (encoding != ENCODING_NONE && decoder_feed(&d, bytes, n, out, &e) == 0 &&
        decoder_end(&d, &e) == 0) {
        return true;
    }
    out->size = before;
    return false;
}

bool coded_text(const char *bytes, size_t n, const char *charset, struct buf *out)
{
    if (n == 0) {
        return true;
    }
    size_t before = out->size;
    bool done = (charset != NULL && decode_as(bytes, n, encoding_find(charset), out)) ||
                decode_as(bytes, n, ENCODING_UTF_8, out) ||
                decode_as(bytes, n, ENCODING_WINDOWS_1252, out);
    if (done && memchr(out->data + before, 0, out->size - before) != NULL) {
        out->size = before;
        return false;
    }
    return done;
}
