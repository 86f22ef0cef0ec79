/*
 * Text encodings of files people bring: finding out which one, and turning it into UTF-8.
 *
 * Both halves stream and do no I/O. The probe is fed with all of a file (or its beginning) and then
 * asked; the decoder carries incomplete sequences from one piece to the next. What it gives out is
 * well-formed UTF-8 without byte order mark (NUL may be in it: the format on top refuses that);
 * anything else is an error with its byte position, never a silent replacement. An input that ends
 * inside a sequence was cut off and is an error too. Used by the CSV import (core) and by tests.
 * Not thread-safe per object; no state besides the objects.
 */
#ifndef KONTOR_EXCHANGE_ENCODING_H
#define KONTOR_EXCHANGE_ENCODING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;

enum encoding {
    ENCODING_NONE,
    ENCODING_UTF_8,
    ENCODING_UTF_16LE,
    ENCODING_UTF_16BE,
    ENCODING_UTF_32LE,
    ENCODING_UTF_32BE,
    ENCODING_SINGLE, /* from here on: one byte a character, see encoding_tables.h */
    ENCODING_WINDOWS_1250,
    ENCODING_WINDOWS_1251,
    ENCODING_WINDOWS_1252,
    ENCODING_WINDOWS_1253,
    ENCODING_WINDOWS_1254,
    ENCODING_WINDOWS_1255,
    ENCODING_WINDOWS_1256,
    ENCODING_WINDOWS_1257,
    ENCODING_WINDOWS_1258,
    ENCODING_ISO_8859_1,
    ENCODING_ISO_8859_2,
    ENCODING_ISO_8859_3,
    ENCODING_ISO_8859_4,
    ENCODING_ISO_8859_5,
    ENCODING_ISO_8859_6,
    ENCODING_ISO_8859_7,
    ENCODING_ISO_8859_8,
    ENCODING_ISO_8859_9,
    ENCODING_ISO_8859_10,
    ENCODING_ISO_8859_11,
    ENCODING_ISO_8859_13,
    ENCODING_ISO_8859_14,
    ENCODING_ISO_8859_15,
    ENCODING_ISO_8859_16,
    ENCODING_KOI8_R,
    ENCODING_IBM_437,
    ENCODING_IBM_850,
    ENCODING_MAC_ROMAN
};

/* "UTF-8", "Windows-1252"; "" for ENCODING_NONE. */
const char *encoding_name(enum encoding encoding);
/* By any of its usual names, case and punctuation aside ("utf8", "cp1252"); ENCODING_NONE: there is
 * none. */
enum encoding encoding_find(const char *name);
#define ENCODING_EXAMPLES "UTF-8, UTF-16LE, Windows-1250, ISO-8859-2, KOI8-R"
/* Collects what the bytes of a file say about their encoding. `{0}` is a new one. */
struct encoding_probe {
    unsigned char start[4];  /* first bytes, for the byte order mark */
    uint64_t size;           /* bytes seen */
    uint64_t nul[4];         /* NUL bytes by position modulo 4, within the first 64 KiB */
    uint64_t nul_base;       /* bytes looked at for nul[] */
    uint64_t good;           /* well-formed sequences of UTF-8 beyond ASCII */
    uint64_t bad;            /* bytes that are not UTF-8 */
    uint64_t upper[128];     /* how often each byte from 0x80 on */
    uint64_t in_runs;        /* of these: the third or a later one without ASCII between */
    unsigned char run;       /* of such bytes up to here, at most 3 */
    unsigned char need;      /* tail bytes the begun sequence still wants */
    unsigned char low, high; /* bounds of the next of them */
};
void encoding_probe_feed(struct encoding_probe *p, const void *bytes, size_t n);
/*
 * The best guess: byte order mark; else UTF-16/32 by their pattern of NULs; else UTF-8 if the bytes
 * are (or are but for a few: then the decoder names the wrong byte); else an encoding of one byte a
 * character, by the letters that are frequent in the languages that use it; else Windows-1252.
 */
enum encoding encoding_probe_answer(const struct encoding_probe *p);
/* Short form for a sample in memory. */
enum encoding encoding_detect(const void *sample, size_t n);

/* Turns pieces of a file into UTF-8. */
struct decoder {
    enum encoding encoding;
    unsigned char carry[8]; /* begun sequence */
    size_t carry_size;
    uint64_t at;  /* position of carry (or of the next byte) in the input */
    bool started; /* the byte order mark, if any, is behind us */
};
void decoder_init(struct decoder *d, enum encoding encoding);
/* Appends to out. -1 with ERR_INVALID and the byte position; the decoder is of no use then. */
int decoder_feed(struct decoder *d, const void *bytes, size_t n, struct buf *out, struct err *e);
/* The input is complete: -1 with ERR_INVALID when it ended inside a sequence. */
int decoder_end(struct decoder *d, struct err *e);

#endif
