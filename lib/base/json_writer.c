/*
 * Writing JSON straight into a buffer; see json.h. This is the hot path of every list: an item
 * costs one reserve and a copy of whole runs. Text is looked at eight bytes at a time; only a byte
 * that needs an escape, or one beyond ASCII (which must be well-formed UTF-8), leaves the run. A
 * byte that is no UTF-8 becomes U+FFFD, so the output is valid JSON whatever comes in.
 */
#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"

#define EACH_BYTE(b) (UINT64_C(0x0101010101010101) * (b))
#define HIGH_BITS    EACH_BYTE(0x80)

/* ---- Escaping -------------------------------------------------------------------------------- */

/* High bit set for each byte equal to 0 in x (exact for the lowest such byte). */
static uint64_t zero_bytes(uint64_t x)
{
    return (x - EACH_BYTE(1)) & ~x & HIGH_BITS;
}

/* Some of the eight bytes is below 0x20, a quote, a backslash, DEL or beyond ASCII. */
static inline bool eight_need_care(const char *s)
{
    uint64_t x;
    memcpy(&x, s, sizeof(x));
    uint64_t control = (x - EACH_BYTE(0x20)) & ~x & HIGH_BITS;
    return ((x & HIGH_BITS) | control | zero_bytes(x ^ EACH_BYTE('"')) |
            zero_bytes(x ^ EACH_BYTE('\\')) | zero_bytes(x ^ EACH_BYTE(0x7f))) != 0;
}

/* The same for four to seven bytes: two halves that overlap. */
static bool short_needs_care(const char *s, size_t n)
{
    char eight[8];
    memcpy(eight, s, 4);
    memcpy(eight + 4, s + n - 4, 4);
    return eight_need_care(eight);
}

static bool needs_care(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\' || c >= 0x7f;
}

/* Length of the run at the start of s that is copied as it is. */
static size_t plain_run(const char *s, size_t n)
{
    size_t i = 0;
    while (n - i >= 8 && !eight_need_care(s + i)) {
        i += 8;
    }
    if (n - i < 8 && (i >= 8 ? !eight_need_care(s + n - 8) : n >= 4 && !short_needs_care(s, n))) {
        return n;
    }
    while (i < n && !needs_care((unsigned char)s[i])) {
        i++;
    }
    return i;
}

static void put_escape(struct buf *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char SHORT[32] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (c == '"' || c == '\\') {
        buf_add(out, (char[]){'\\', (char)c}, 2);
    } else if (c < 0x20 && SHORT[c]) {
        buf_add(out, (char[]){'\\', SHORT[c]}, 2);
    } else {
        buf_add(out, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
    }
}

/* One character that needs care; returns the bytes taken from s. */
static size_t put_careful(struct buf *out, const char *s, size_t n)
{
    unsigned char c = (unsigned char)s[0];
    if (c < 0x80) {
        put_escape(out, c);
        return 1;
    }
    size_t size = str_utf8_sequence(s, n);
    if (size == 0) {
        buf_add(out, "\xef\xbf\xbd", 3);
        return 1;
    }
    if (size == 3 && memcmp(s, "\xe2\x80", 2) == 0 && (s[2] == '\xa8' || s[2] == '\xa9')) {
        buf_add(out, s[2] == '\xa8' ? "\\u2028" : "\\u2029", 6);
        return 3;
    }
    buf_add(out, s, size);
    return size;
}

void json_escape(struct buf *out, const char *s, size_t n)
{
    buf_room(out, n + 2);
    out->data[out->size++] = '"';
    size_t i = 0;
    for (;;) {
        size_t run = plain_run(s + i, n - i);
        buf_room(out, run + 1);
        memcpy(out->data + out->size, s + i, run);
        out->size += run;
        i += run;
        if (i == n) {
            break;
        }
        i += put_careful(out, s + i, n - i);
    }
    out->data[out->size++] = '"';
    out->data[out->size] = '\0';
}

/* ---- Writer ---------------------------------------------------------------------------------- */

void jw_init(struct json_writer *w, struct buf *out)
{
    *w = (struct json_writer){.out = out};
}

/* The comma before an item, if one is due; the next item will need one. */
static inline void begin_item(struct json_writer *w)
{
    if (w->comma[w->depth]) {
        buf_putc(w->out, ',');
    }
    w->comma[w->depth] = true;
}

static void open_level(struct json_writer *w, char bracket)
{
    begin_item(w);
    buf_putc(w->out, bracket);
    assert(w->depth + 1U < COUNT(w->comma));
    w->comma[++w->depth] = false;
}

static void close_level(struct json_writer *w, char bracket)
{
    assert(w->depth > 0);
    w->depth--;
    w->comma[w->depth] = true;
    buf_putc(w->out, bracket);
}

void jw_object(struct json_writer *w)
{
    open_level(w, '{');
}

void jw_object_end(struct json_writer *w)
{
    close_level(w, '}');
}

void jw_array(struct json_writer *w)
{
    open_level(w, '[');
}

void jw_array_end(struct json_writer *w)
{
    close_level(w, ']');
}

/* The value that follows a key needs no comma: the key's was written, the next is due after it. */
static void end_key(struct json_writer *w)
{
    buf_putc(w->out, ':');
    w->comma[w->depth] = false;
}

void jw_key_n(struct json_writer *w, const char *key, size_t n)
{
    struct buf *b = w->out;
    buf_room(b, n + 4);
    char *p = b->data + b->size;
    if (w->comma[w->depth]) {
        *p++ = ',';
    }
    *p++ = '"';
    memcpy(p, key, n);
    p += n;
    *p++ = '"';
    *p++ = ':';
    *p = '\0';
    b->size = (size_t)(p - b->data);
    w->comma[w->depth] = false;
}

void jw_ready_key(struct json_writer *w, const char *text, size_t n)
{
    assert(w->comma[w->depth]);
    buf_add(w->out, text, n);
    w->comma[w->depth] = false;
}

void jw_key_text(struct json_writer *w, const char *key)
{
    begin_item(w);
    json_escape(w->out, key, strlen(key));
    end_key(w);
}

void jw_text(struct json_writer *w, const char *s)
{
    if (!s) {
        jw_null(w);
        return;
    }
    jw_text_n(w, s, strlen(s));
}

void jw_text_n(struct json_writer *w, const char *s, size_t n)
{
    begin_item(w);
    json_escape(w->out, s, n);
}

void jw_int(struct json_writer *w, int64_t i)
{
    begin_item(w);
    buf_int(w->out, i);
}

void jw_bool(struct json_writer *w, bool b)
{
    begin_item(w);
    buf_add(w->out, b ? "true" : "false", b ? 4 : 5);
}

void jw_null(struct json_writer *w)
{
    begin_item(w);
    buf_add(w->out, "null", 4);
}

void jw_plain(struct json_writer *w, const char *s, size_t n)
{
    begin_item(w);
    buf_room(w->out, n + 2);
    char *p = w->out->data + w->out->size;
    *p++ = '"';
    memcpy(p, s, n);
    p[n] = '"';
    p[n + 1] = '\0';
    w->out->size += n + 2;
}

void jw_raw(struct json_writer *w, const char *json, size_t n)
{
    begin_item(w);
    buf_add(w->out, json, n);
}

void jw_kv_instant(struct json_writer *w, const char *key, int64_t ms)
{
    char text[CLOCK_INSTANT_SIZE];
    jw_key(w, key);
    if (ms == 0) {
        jw_null(w);
        return;
    }
    clock_print_instant(ms, text);
    jw_text(w, text);
}
