/*
 * Inside table.h: what the readers of the formats share. Each is a row of FORMATS (table.c) with
 * its functions: `open` fills the info, so that `next` gives the first row; `close` frees.
 */
#ifndef KONTOR_EXCHANGE_TABLE_PRIVATE_H
#define KONTOR_EXCHANGE_TABLE_PRIVATE_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "exchange/encoding.h"
#include "exchange/table.h"

#define TABLE_PIECE 65536

/* The file as UTF-8, piece by piece, with its lines counted. */
struct table_text {
    const struct table_source *source;
    struct decoder decoder;
    enum encoding encoding;
    uint64_t at; /* of the next piece */
    bool ended;
    struct buf decoded; /* the piece */
    const char *next;   /* what table_text_line has not taken of it */
    size_t left;
    bool after_cr; /* a LF that comes first belongs to the line end before */
    uint64_t line; /* number of the line given last */
    char piece[TABLE_PIECE];
};
/* From the beginning of the file (again). ENCODING_NONE: the bytes as they are. */
void table_text_begin(struct table_text *t, const struct table_source *source,
                      enum encoding encoding);
void table_text_done(struct table_text *t);
/* 1: the next piece in `decoded`. 0: the end. */
int table_text_piece(struct table_text *t, struct err *e);
/* The next line without its end (LF, CRLF or CR), replacing what is in `line`. 1, 0 the end, -1.
 * Bytes of a line beyond `most` are an error. */
int table_text_line(struct table_text *t, struct buf *line, size_t most, struct err *e);

/* The pieces of a cell, by their number from 1 on; 0: none. */
struct table_ends {
    size_t first, last;
};

struct table {
    struct arena *arena;
    struct table_source source;
    struct table_options options;
    struct table_info info;
    const struct table_kind *kind;
    uint64_t place;
    struct table_text *text;
    void *own;                /* of the format */
    struct table_cell *cells; /* of the row given last */
    struct buf cell_texts;    /* of the row being made, see table_put */
    struct buf parts;         /* what cell_texts holds */
    struct table_ends *ends;  /* by column; NULL while the file is opened */
    struct map columns;       /* name → its number + 1, see table_column */
    struct buf column_list;   /* array of struct table_column */
    bool closed;
};

struct table_kind {
    enum table_format format;
    const char *name;
    const char *place; /* for table_where; NULL: a line */
    bool packed;       /* bytes, in no encoding */
    /* Is this text, the beginning of a file without blanks before, of the format? NULL: it is known
     * otherwise. */
    bool (*is)(const char *text);
    int (*open)(struct table *r, struct err *e);
    int (*next)(struct table *r, struct table_row *out, struct err *e);
    void (*close)(struct table *r); /* may be NULL */
};

int table_fail(struct table *r, uint64_t place, struct err *e, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* For formats whose columns come to light row by row: the number of a column, made when new (while
 * the file is opened); -1: it is not there and cannot be made any more. */
int table_column(struct table *r, const char *name, size_t n, bool extra);
/* Makes the columns found so far those of the file. */
void table_columns_end(struct table *r);

/* There is a place for this column, as far as the caller said. */
bool table_has(const struct table *r, const char *column);

/* A row is put together of cells in any order; several of one column are parted by `between`.
 * Nothing is kept while the file is opened. */
void table_row_begin(struct table *r);
void table_put(struct table *r, int column, const char *text, size_t n, bool exact,
               const char *between);
/* For the `next` of a format to return: 1. */
int table_row_end(struct table *r, uint64_t place, struct table_row *out);

extern const struct table_kind TABLE_CSV_KIND, TABLE_NDJSON_KIND, TABLE_LDIF_KIND, TABLE_VCARD_KIND,
    TABLE_XLSX_KIND, TABLE_CALENDAR_KIND;

#endif
