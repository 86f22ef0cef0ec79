/*
 * Rows out of any file people bring: CSV, XLSX, vCard, LDIF, NDJSON, iCalendar, all read the same way.
 *
 * The format is found by what stands in the file; its name is a hint only. table_open finds out how
 * the file is written and what its columns are (formats without a header are read once for that),
 * table_next then gives row after row, in the order of the file. No I/O here: the bytes come from a
 * function of the caller, who keeps them as they are until table_close.
 *
 * What is in a cell is text as people write it, UTF-8, without what a format puts around it
 * (quotes, line folding, the apostrophe of the formula guard). Cells that are `exact` need no
 * guess: numbers have a point as decimal sign and no thousands, dates are YYYY-MM-DD, yes/no is
 * true or false. Lists and objects of NDJSON stay JSON texts, "[…]" or "{…}", for the type of the
 * field to read.
 *
 * Limits are those of CSV (csv.h): a cell of 1 MiB, a row of 4 MiB, 5,000 columns. Files that are
 * not whole are errors. Used by the import (core) and by tests. One thread at a time per object.
 */
#ifndef KONTOR_EXCHANGE_TABLE_H
#define KONTOR_EXCHANGE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exchange/csv.h"

struct arena;
struct err;

enum table_format { TABLE_NONE, TABLE_CSV, TABLE_NDJSON, TABLE_LDIF, TABLE_VCARD, TABLE_XLSX, TABLE_CALENDAR };

/* The bytes of the file. */
struct table_source {
    /* Bytes from `at` on, at most n: how many, 0 at the end, -1: cannot be read. */
    long (*read)(void *data, void *out, size_t n, uint64_t at);
    void *data;
};
/* For a file in memory: `data` is one of these. */
struct table_memory {
    const char *bytes;
    size_t size;
};
long table_read_memory(void *table_memory, void *out, size_t n, uint64_t at);

/* What somebody says of the file; `{0}`: everything is found out. */
struct table_options {
    const char *name;     /* of the file: a hint; may be NULL */
    const char *encoding; /* as encoding_find takes it; NULL: found out */
    char delimiter;       /* CSV; 0: found out */
    const char *sheet;    /* XLSX: its name, or its number from 1 on; NULL: the first with rows */
    /* Is there a place for a column of this name? Cards of people are read by it; NULL: for those
     * of a person. */
    bool (*has)(void *data, const char *column);
    void *has_data;
};

struct table_column {
    const char *name;
    bool extra; /* the format has it, but nobody need have a place for it (a nickname, a UID) */
};

/* Something of the file that comes in otherwise, or not at all. */
struct table_note {
    const char *text; /* one of the format's own sentences, or what is wrong with a line */
    uint64_t place;   /* of the first, see table_where */
    size_t count;     /* how often */
};

struct table_info {
    enum table_format format;
    const char *encoding; /* its name; "" where the format has but one */
    bool marked; /* from a spreadsheet that tells encodings by a mark, or in an old encoding */
    struct csv_format csv; /* CSV; header false: the first row does not name the columns */
    const char *sheet;     /* XLSX: the one that is read; else NULL */
    const char **sheets;   /* XLSX: all of them */
    size_t sheet_count;
    const struct table_column *columns;
    size_t column_count; /* 0: the file is empty */
    const struct table_note *notes;
    size_t note_count;
};

struct table_cell {
    const char *text; /* NUL-terminated; valid until the next row is asked for; "": empty */
    size_t size;
    bool exact;
};

struct table_row {
    const struct table_cell *cells; /* one for each column */
    uint64_t place;                 /* line, card or row of the sheet, from 1 on; see table_where */
};

struct table;

/* -1 with ERR_INVALID and what is wrong with the file; *out can then be asked for what is known of
 * it and for the place. Ends with the arena if table_close was not called. */
int table_open(struct arena *a, const struct table_source *source, const struct table_options *o,
               struct table **out, struct err *e);
const struct table_info *table_info(const struct table *r);
/* 1 a row, 0 the end, -1 error: the file cannot be read on from there. */
int table_next(struct table *r, struct table_row *out, struct err *e);
/* Where reading stands, or failed; 0: nowhere in particular. */
uint64_t table_place(const struct table *r);
void table_close(struct table *r);

/* "csv", "xlsx", "vcard", "ldif", "ndjson", "calendar"; "" for TABLE_NONE. */
const char *table_format_name(enum table_format format);
enum table_format table_format_find(const char *name); /* TABLE_NONE: there is none */
/* For messages: "people.csv:12", "people.vcf: card 3", "book.xlsx: sheet Contacts, row 5"; only the
 * name for place 0. `sheet` may be NULL. */
const char *table_where(struct arena *a, enum table_format format, const char *name,
                        const char *sheet, uint64_t place);

#endif
