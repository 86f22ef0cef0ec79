/*
 * Text encodings: the probe that guesses and the decoder to UTF-8; see encoding.h.
 *
 * A codec is one row of CODECS: a function that decodes one code point. The decoder copies runs of
 * ASCII itself where the encoding has them, asks the codec for the rest, and keeps what is left of
 * an incomplete sequence for the next piece.
 */
#include "exchange/encoding.h"
#include "exchange/encoding_tables.h"

#include <ctype.h>
#include <string.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

#define PATTERN_BYTES   65536 /* how far the pattern of NULs is looked at */
#define BYTE_ORDER_MARK 0xfeff

/* ---- Codecs -----------------------------------------------------------------------------------
 */

/* Decodes one code point: bytes taken, 0 when more are needed, -1 when this is not the encoding. */
typedef int (*decode_one)(const unsigned char *p, size_t n, uint32_t *code_point);

static int decode_utf_8(const unsigned char *p, size_t n, uint32_t *code_point)
{
    static const unsigned char SIZES[16] = {1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 2, 2, 3, 4};
    static const unsigned char MASKS[5] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    size_t size = SIZES[p[0] >> 4];
    if (size == 0 || p[0] == 0xc0 || p[0] == 0xc1 || p[0] > 0xf4) {
        return -1;
    }
    for (size_t i = 1; i < size; i++) {
        if (i == n) {
            return 0;
        }
        if ((p[i] & 0xc0) != 0x80) {
            return -1;
        }
    }
    if (p[0] != 0 && str_utf8_sequence((const char *)p, n) != size) {
        return -1;
    }
    uint32_t c = p[0] & MASKS[size];
    for (size_t i = 1; i < size; i++) {
        c = c << 6 | (p[i] & 0x3f);
    }
    *code_point = c;
    return (int)size;
}

static uint32_t unit_16(const unsigned char *p, bool big)
{
    return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static int decode_16(const unsigned char *p, size_t n, bool big, uint32_t *code_point)
{
    if (n < 2) {
        return 0;
    }
    uint32_t unit = unit_16(p, big);
    if (unit < 0xd800 || unit > 0xdfff) {
        *code_point = unit;
        return 2;
    }
    if (unit > 0xdbff) {
        return -1;
    }
    if (n < 4) {
        return 0;
    }
    uint32_t low = unit_16(p + 2, big);
    if (low < 0xdc00 || low > 0xdfff) {
        return -1;
    }
    *code_point = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    return 4;
}

static int decode_utf_16le(const unsigned char *p, size_t n, uint32_t *code_point)
{
    return decode_16(p, n, false, code_point);
}

static int decode_utf_16be(const unsigned char *p, size_t n, uint32_t *code_point)
{
    return decode_16(p, n, true, code_point);
}

static int decode_32(const unsigned char *p, size_t n, bool big, uint32_t *code_point)
{
    if (n < 4) {
        return 0;
    }
    uint32_t first = unit_16(p, big);
    uint32_t second = unit_16(p + 2, big);
    uint32_t c = big ? first << 16 | second : second << 16 | first;
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
        return -1;
    }
    *code_point = c;
    return 4;
}

static int decode_utf_32le(const unsigned char *p, size_t n, uint32_t *code_point)
{
    return decode_32(p, n, false, code_point);
}

static int decode_utf_32be(const unsigned char *p, size_t n, uint32_t *code_point)
{
    return decode_32(p, n, true, code_point);
}

static const struct {
    enum encoding encoding;
    const char *name;
    bool ascii; /* bytes below 0x80 are themselves */
    decode_one decode;
} CODECS[] = {
    {ENCODING_UTF_8, "UTF-8", true, decode_utf_8},
    {ENCODING_UTF_16LE, "UTF-16LE", false, decode_utf_16le},
    {ENCODING_UTF_16BE, "UTF-16BE", false, decode_utf_16be},
    {ENCODING_UTF_32LE, "UTF-32LE", false, decode_utf_32le},
    {ENCODING_UTF_32BE, "UTF-32BE", false, decode_utf_32be},
    {ENCODING_NONE, "", false, NULL},
};

static size_t codec_of(enum encoding encoding)
{
    size_t i = 0;
    while (CODECS[i].decode && CODECS[i].encoding != encoding) {
        i++;
    }
    return i;
}

static const struct encoding_table *table_of(enum encoding encoding)
{
    const struct encoding_table *t = ENCODING_TABLES;
    while (t->encoding != ENCODING_NONE && t->encoding != encoding) {
        t++;
    }
    return t;
}

const char *encoding_name(enum encoding encoding)
{
    return encoding > ENCODING_SINGLE ? table_of(encoding)->name : CODECS[codec_of(encoding)].name;
}

/* Letters and digits only, in small letters. */
static void bare_name(const char *name, char *out, size_t room)
{
    size_t n = 0;
    for (; *name != '\0' && n + 1 < room; name++) {
        if (isalnum((unsigned char)*name)) {
            out[n++] = (char)tolower((unsigned char)*name);
        }
    }
    out[n] = '\0';
}

enum encoding encoding_find(const char *name)
{
    static const struct {
        const char *name;
        enum encoding encoding;
    } OTHERS[] = {{"utf16", ENCODING_UTF_16LE},     {"utf32", ENCODING_UTF_32LE},
                  {"ascii", ENCODING_UTF_8},        {"usascii", ENCODING_UTF_8},
                  {"ansi", ENCODING_WINDOWS_1252},  {"latin1", ENCODING_ISO_8859_1},
                  {"latin2", ENCODING_ISO_8859_2},  {"latin5", ENCODING_ISO_8859_9},
                  {"latin9", ENCODING_ISO_8859_15}, {"koi8", ENCODING_KOI8_R},
                  {"macroman", ENCODING_MAC_ROMAN}};
    char asked[24], known[24];
    bare_name(name, asked, sizeof asked);
    for (size_t i = 0; CODECS[i].decode; i++) {
        bare_name(CODECS[i].name, known, sizeof known);
        if (strcmp(asked, known) == 0) {
            return CODECS[i].encoding;
        }
    }
    for (const struct encoding_table *t = ENCODING_TABLES; t->encoding != ENCODING_NONE; t++) {
        bare_name(t->name, known, sizeof known);
        bool page = strncmp(asked, "cp", 2) == 0 && isdigit((unsigned char)asked[2]) &&
                    strcmp(asked + 2, known + strcspn(known, "0123456789")) == 0 &&
                    strncmp(known, "iso", 3) != 0;
        if (strcmp(asked, known) == 0 || page) {
            return t->encoding;
        }
    }
    for (size_t i = 0; i < COUNT(OTHERS); i++) {
        if (strcmp(asked, OTHERS[i].name) == 0) {
            return OTHERS[i].encoding;
        }
    }
    return ENCODING_NONE;
}

/* ---- Probe ------------------------------------------------------------------------------------
 */

/* Takes a byte that begins a character of UTF-8, if it is one. */
static void probe_first(struct encoding_probe *p, unsigned char c)
{
    p->low = 0x80;
    p->high = 0xbf;
    if (c < 0x80) {
        return;
    }
    if (c >= 0xc2 && c <= 0xdf) {
        p->need = 1;
    } else if (c >= 0xe0 && c <= 0xef) {
        p->need = 2;
        p->low = c == 0xe0 ? 0xa0 : 0x80;
        p->high = c == 0xed ? 0x9f : 0xbf;
    } else if (c >= 0xf0 && c <= 0xf4) {
        p->need = 3;
        p->low = c == 0xf0 ? 0x90 : 0x80;
        p->high = c == 0xf4 ? 0x8f : 0xbf;
    } else {
        p->bad++;
    }
}

static void probe_byte(struct encoding_probe *p, unsigned char c)
{
    if (p->need == 0) {
        probe_first(p, c);
        return;
    }
    if (c < p->low || c > p->high) {
        p->need = 0;
        p->bad++;
        probe_first(p, c);
        return;
    }
    p->low = 0x80;
    p->high = 0xbf;
    p->need--;
    p->good += p->need == 0 ? 1 : 0;
}

void encoding_probe_feed(struct encoding_probe *p, const void *bytes, size_t n)
{
    const unsigned char *b = bytes;
    for (size_t i = 0; i < n && p->size + i < PATTERN_BYTES; i++) {
        uint64_t at = p->size + i;
        if (at < sizeof(p->start)) {
            p->start[at] = b[i];
        }
        p->nul[at % 4] += b[i] == 0 ? 1 : 0;
        p->nul_base++;
    }
    for (size_t i = 0; i < n; i++) {
        if (b[i] >= 0x80 || p->need > 0) {
            probe_byte(p, b[i]);
        }
        if (b[i] >= 0x80) {
            p->upper[b[i] - 0x80]++;
            p->in_runs += p->run == 2;
            p->run += p->run < 2;
        } else {
            p->run = 0;
        }
    }
    p->size += n;
}

static enum encoding by_mark(const struct encoding_probe *p)
{
    static const struct {
        const char *mark;
        size_t size;
        enum encoding encoding;
    } MARKS[] = {{"\xef\xbb\xbf", 3, ENCODING_UTF_8},
                 {"\xff\xfe\0\0", 4, ENCODING_UTF_32LE},
                 {"\0\0\xfe\xff", 4, ENCODING_UTF_32BE},
                 {"\xff\xfe", 2, ENCODING_UTF_16LE},
                 {"\xfe\xff", 2, ENCODING_UTF_16BE}};
    for (size_t i = 0; i < COUNT(MARKS); i++) {
        if (p->size >= MARKS[i].size && memcmp(p->start, MARKS[i].mark, MARKS[i].size) == 0) {
            return MARKS[i].encoding;
        }
    }
    return ENCODING_NONE;
}

/* Text of Latin letters has NULs at one place of each pair (UTF-16) or at three of four (UTF-32).
 */
static enum encoding by_pattern(const struct encoding_probe *p)
{
    uint64_t quads = p->nul_base / 4;
    uint64_t even = p->nul[0] + p->nul[2];
    uint64_t odd = p->nul[1] + p->nul[3];
    if (quads > 0 && p->nul[2] * 10 >= quads * 9 && p->nul[3] * 10 >= quads * 9 &&
        p->nul[0] * 10 <= quads) {
        return ENCODING_UTF_32LE;
    }
    if (quads > 0 && p->nul[0] * 10 >= quads * 9 && p->nul[1] * 10 >= quads * 9 &&
        p->nul[3] * 10 <= quads) {
        return ENCODING_UTF_32BE;
    }
    if (odd * 10 >= p->nul_base * 2 && odd > 0 && even * 4 <= odd) {
        return ENCODING_UTF_16LE;
    }
    if (even * 10 >= p->nul_base * 2 && even > 0 && odd * 4 <= even) {
        return ENCODING_UTF_16BE;
    }
    return ENCODING_NONE;
}

/* What share of the upper bytes these are, in thousandths. */
static unsigned share_of(const struct encoding_probe *p, const char *bytes)
{
    uint64_t all = 0, these = 0;
    for (size_t i = 0; i < COUNT(p->upper); i++) {
        all += p->upper[i];
        these += strchr(bytes, (int)(char)(0x80 + i)) != NULL ? p->upper[i] : 0;
    }
    return all > 0 ? (unsigned)(these * 1000 / all) : 0;
}

/* Letters that are frequent where an encoding is used, and rare as what they are in others. Scripts
 * of their own have words of upper bytes; Latin words have one here and there. */
static const struct {
    enum encoding encoding;
    bool runs;
    const char *letters;
    unsigned least; /* thousandths of the upper bytes */
} HABITS[] = {
    {ENCODING_WINDOWS_1251, true, "\xee\xe5\xe0\xe8\xed\xf2\xf1\xeb\xe2\xf0", 450},
    {ENCODING_KOI8_R, true, "\xcf\xc5\xc1\xc9\xce\xd4\xd3\xcc\xd7\xd2", 450},
    {ENCODING_IBM_850, false, "\x84\x81\x94\x82\x87\x8e\x99\x9a\xe1", 700},
    {ENCODING_ISO_8859_5, true, "\xde\xd5\xd0\xd8\xdd\xe2\xe1\xdb\xd2\xe0", 450},
    {ENCODING_WINDOWS_1253, true, "\xe1\xef\xe9\xe5\xf4\xf3\xed\xe7\xf5\xf1\xf0\xea\xdc\xdf\xfc",
     600},
    {ENCODING_WINDOWS_1255, true, "\xe9\xe5\xe4\xec\xe0\xf8\xfa\xe1\xee\xf9", 600},
    {ENCODING_WINDOWS_1256, true, "\xc7\xe1\xed\xe3\xe6\xe4\xd1\xca\xc8\xe5", 500},
    {ENCODING_WINDOWS_1250, false, "\xb9\xb3\xbf\x9c\x9f\xea\xf1\xe6\xa5\xa3\xaf\x8c", 600},
    {ENCODING_ISO_8859_2, false, "\xb1\xb3\xbf\xb6\xbc\xea\xf1\xe6\xa1\xa3\xaf\xa6", 600},
    {ENCODING_WINDOWS_1250, false, "\xec\xf8\xf9\x9a\x9e\xe8\xf2\x9d\xef\xfd", 700},
    {ENCODING_WINDOWS_1254, false, "\xfd\xfe\xf0\xdd\xde\xd0", 500},
};

static enum encoding by_letters(const struct encoding_probe *p)
{
    enum encoding best = ENCODING_WINDOWS_1252;
    unsigned most = 0;
    uint64_t all = 0;
    for (size_t i = 0; i < COUNT(p->upper); i++) {
        all += p->upper[i];
    }
    for (size_t i = 0; i < COUNT(HABITS) && all >= 4; i++) {
        unsigned share = share_of(p, HABITS[i].letters);
        bool runs = p->in_runs * 3 > all;
        if (HABITS[i].runs == runs && share >= HABITS[i].least && share > most) {
            most = share;
            best = HABITS[i].encoding;
        }
    }
    return best;
}

enum encoding encoding_probe_answer(const struct encoding_probe *p)
{
    enum encoding found = by_mark(p);
    if (found == ENCODING_NONE) {
        found = by_pattern(p);
    }
    if (found != ENCODING_NONE) {
        return found;
    }
    return p->bad == 0 || p->good > p->bad * 4 ? ENCODING_UTF_8 : by_letters(p);
}

enum encoding encoding_detect(const void *sample, size_t n)
{
    struct encoding_probe p = {0};
    encoding_probe_feed(&p, sample, n);
    return encoding_probe_answer(&p);
}

/* ---- Decoder ----------------------------------------------------------------------------------
 */

void decoder_init(struct decoder *d, enum encoding encoding)
{
    *d = (struct decoder){.encoding = encoding};
}

static void put_code_point(struct decoder *d, uint32_t c, struct buf *out)
{
    bool mark = !d->started && c == BYTE_ORDER_MARK;
    d->started = true;
    if (mark) {
        return;
    }
    char bytes[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char FIRST[5] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    bytes[0] = (char)(FIRST[n] | c);
    buf_add(out, bytes, n);
}

static size_t ascii_run(const unsigned char *p, size_t n)
{
    size_t i = 0;
    while (i < n && p[i] < 0x80) {
        i++;
    }
    return i;
}

static int fail_here(const struct decoder *d, struct err *e)
{
    return err_fail(e, ERR_INVALID, "", "The file is not %s at byte %llu; save it as UTF-8.",
                    encoding_name(d->encoding), (unsigned long long)d->at + 1);
}

/* Completes the carried sequence from p. Bytes taken, or -1. */
static int finish_carry(struct decoder *d, decode_one decode, const unsigned char *p, size_t n,
                        struct buf *out, struct err *e)
{
    size_t taken = 0;
    while (d->carry_size > 0 && taken < n) {
        d->carry[d->carry_size++] = p[taken++];
        uint32_t code_point;
        int size = decode(d->carry, d->carry_size, &code_point);
        if (size < 0) {
            return fail_here(d, e);
        }
        if (size > 0) {
            put_code_point(d, code_point, out);
            d->at += (uint64_t)size;
            d->carry_size = 0;
        }
    }
    return (int)taken;
}

/* One byte a character. */
static int feed_single(struct decoder *d, const unsigned char *p, size_t n, struct buf *out,
                       struct err *e)
{
    const struct encoding_table *table = table_of(d->encoding);
    for (size_t i = 0; i < n;) {
        size_t run = ascii_run(p + i, n - i);
        buf_add(out, p + i, run);
        d->started = d->started || run > 0;
        d->at += run;
        i += run;
        if (i < n) {
            uint32_t code = table->high[p[i] - 0x80];
            if (code == 0) {
                return fail_here(d, e);
            }
            put_code_point(d, code, out);
            d->at++;
            i++;
        }
    }
    return 0;
}

int decoder_feed(struct decoder *d, const void *bytes, size_t n, struct buf *out, struct err *e)
{
    if (d->encoding > ENCODING_SINGLE) {
        return feed_single(d, bytes, n, out, e);
    }
    size_t codec = codec_of(d->encoding);
    decode_one decode = CODECS[codec].decode;
    if (!decode) {
        return err_fail(e, ERR_INVALID, "", "The encoding of the file is not known.");
    }
    const unsigned char *p = bytes;
    int taken = finish_carry(d, decode, p, n, out, e);
    if (taken < 0) {
        return -1;
    }
    size_t i = (size_t)taken;
    while (i < n) {
        size_t run = CODECS[codec].ascii ? ascii_run(p + i, n - i) : 0;
        if (run > 0) {
            buf_add(out, p + i, run);
            d->started = true;
            d->at += run;
            i += run;
            continue;
        }
        uint32_t code_point;
        int size = decode(p + i, n - i, &code_point);
        if (size < 0) {
            return fail_here(d, e);
        }
        if (size == 0) {
            d->carry_size = n - i;
            memcpy(d->carry, p + i, n - i);
            return 0;
        }
        put_code_point(d, code_point, out);
        d->at += (uint64_t)size;
        i += (size_t)size;
    }
    return 0;
}

int decoder_end(struct decoder *d, struct err *e)
{
    if (d->carry_size == 0) {
        return 0;
    }
    return err_fail(e, ERR_INVALID, "",
                    "The file ends inside a character (%s, byte %llu): it was cut off.",
                    encoding_name(d->encoding), (unsigned long long)d->at + 1);
}
