/*
 * CSV in and out (RFC 4180 and what programs make of it), on UTF-8, without I/O.
 *
 * The reader is fed with pieces of any size and gives whole rows: quotes with doubled quotes and
 * line breaks inside, LF, CRLF or lone CR as line end, stray quotes taken as text, empty lines
 * skipped. NUL, a cell over 1 MiB, a row over 4 MiB or 5,000 columns, and an end inside quotes
 * ("cut off") are errors: whoever reads to the end before writing imports all of a file or nothing.
 * Rows may have any number of cells; whether that is right is the caller's matter.
 *
 * The writer quotes what needs it and, with `guard`, puts an apostrophe before text that a
 * spreadsheet would run as a formula; csv_unguard takes exactly that apostrophe away again.
 *
 * Used by import and export (core) and by tests. Objects belong to one thread at a time; memory is
 * in their buffers, freed with _done.
 */
#ifndef KONTOR_EXCHANGE_CSV_H
#define KONTOR_EXCHANGE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;

#define CSV_CELL_MAX    ((size_t)1024 * 1024)
#define CSV_ROW_MAX     ((size_t)4 * 1024 * 1024)
#define CSV_COLUMNS_MAX 5000

struct csv_format {
    char delimiter; /* ',' ';' TAB '|' */
    char quote;     /* '"', rarely '\'' */
    bool header;    /* the first row names the columns */
    size_t skip;    /* bytes before the first row: a line "sep=;" */
    size_t cell_max; /* of files of our own making: bytes of a cell; 0: CSV_CELL_MAX */
};

/* Guesses from a sample of UTF-8 (64 KiB are enough; `whole`: the sample is the whole file).
 * Never fails: what says nothing is comma, quote and a header. */
void csv_detect(const char *sample, size_t n, bool whole, struct csv_format *out);

/* ---- Reader */

struct csv_cell {
    const char *text; /* NUL-terminated; valid until the next row is asked for */
    size_t size;
    bool quoted; /* began with a quote: "" is then an empty text, not an empty cell */
};

struct csv_row {
    const struct csv_cell *cells;
    size_t count;    /* at least 1 */
    uint64_t line;   /* where the row begins, 1-based; line breaks inside cells count */
    uint64_t offset; /* bytes of the input up to the row's begin */
};

struct csv_reader {
    struct csv_format format;
    const char *next;  /* what is left of the piece fed last */
    size_t left;       /* bytes of it */
    uint64_t offset;   /* bytes taken; after a row: where the next row or empty line begins */
    uint64_t line;     /* of the next byte */
    uint64_t row_line; /* where the row being read began */
    uint64_t row_offset;
    uint64_t quote_line;     /* where the quote opened last stands */
    size_t skip;             /* bytes to drop before the first row */
    int state;               /* enum state of csv_reader.c */
    size_t cell_start;       /* of the open cell, in text */
    bool cell_quoted;        /* of the open cell */
    bool ended;              /* csv_reader_end was called */
    const char *failure;     /* why reading stopped for good, or NULL */
    struct buf text;         /* cells of the row, each with its NUL */
    struct buf cells;        /* array of struct csv_cell */
    unsigned char kind[256]; /* class of each byte, from format */
};

void csv_reader_init(struct csv_reader *r, const struct csv_format *format);
void csv_reader_done(struct csv_reader *r);
/* To go on at a row of an earlier run: `offset` and `line` as they were in the reader then. The
 * caller feeds the bytes from there. Only right after csv_reader_init. */
void csv_reader_resume(struct csv_reader *r, uint64_t offset, uint64_t line);
/* Hands over the next piece. It must stay as it is until csv_reader_next has returned 0; the piece
 * before must be used up. */
void csv_reader_feed(struct csv_reader *r, const char *bytes, size_t n);
/* No more pieces come. */
void csv_reader_end(struct csv_reader *r);
/* 1: a row. 0: the piece is used up: feed the next one, or after csv_reader_end: that was all.
 * -1: ERR_INVALID, the text begins with the line; every later call gives -1 again. */
int csv_reader_next(struct csv_reader *r, struct csv_row *row, struct err *e);

/* ---- Writer */

struct csv_writer {
    struct buf *out;
    char delimiter;
    bool crlf;  /* line ends of RFC 4180 instead of LF */
    bool guard; /* csv_write_text puts the apostrophe */
    bool begun; /* the row has a cell */
    bool special[256]; /* bytes that a bare cell does not have */
};

void csv_writer_init(struct csv_writer *w, struct buf *out, char delimiter, bool crlf, bool guard);
/* Before the first row: the mark by which spreadsheets know UTF-8. */
void csv_write_mark(struct csv_writer *w);
/* A cell of text; NULL is an empty cell. */
void csv_write_text(struct csv_writer *w, const char *s);
void csv_write_text_n(struct csv_writer *w, const char *s, size_t n);
/* A cell of our own making (number, date, id, heading): never guarded, quoted if need be. */
void csv_write_plain(struct csv_writer *w, const char *s);
void csv_write_end_row(struct csv_writer *w);

/* Without the apostrophe of the guard: "'=x" gives "=x", "''=x" gives "'=x", "'x" stays. */
const char *csv_unguard(const char *s);

#endif
