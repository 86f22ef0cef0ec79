/*
 * Workbooks (ECMA-376, SpreadsheetML), read: what sheets there are, and the rows of one of them as
 * people see them: shared and own texts, numbers without the noise of binary fractions, dates by
 * their number format in both date systems, yes/no, the results of formulas. Parts are parsed as
 * they are unpacked; in memory are the shared texts and one row. Used by table_xlsx.c.
 */
#ifndef KONTOR_EXCHANGE_XLSX_H
#define KONTOR_EXCHANGE_XLSX_H

#include "base/buf.h"
#include "base/xml.h"
#include "exchange/zip.h"

#define XLSX_SHEETS_MAX 1000
#define XLSX_TEXTS_MAX  ((size_t)1 << 29) /* bytes of all shared texts */
#define XLSX_MERGES_MAX 100000

/* What a number format makes of a number. */
struct xlsx_format {
    bool date, time; /* a serial day, and the time of it */
    bool elapsed;    /* hours beyond 24 */
    bool percent;
    int zeros;            /* leading zeros up to so many digits; 0: none */
    const char *currency; /* a sign or code, else NULL */
};

struct xlsx_sheet {
    const char *name, *part; /* of the workbook; path within the file */
    bool hidden;
};

struct xlsx_book {
    struct arena *arena;
    struct zip *zip;
    struct xlsx_sheet *sheets;
    size_t sheet_count;
    bool from_1904;
    struct xlsx_format *formats; /* by the number of a cell's style */
    size_t format_count;
    struct buf texts;   /* the shared ones, each with its NUL */
    struct buf offsets; /* where each begins: array of size_t */
};

/* -1 with ERR_INVALID: it is no workbook, or damaged. */
int xlsx_open(struct arena *a, const struct table_source *source, struct xlsx_book *out,
              struct err *e);
void xlsx_close(struct xlsx_book *b);
/* One shared text; NULL: there is none of this number. */
const char *xlsx_text(const struct xlsx_book *b, size_t number, size_t *size);

/* Reads a part of the file to its end; without it nothing is told and 0 returned. */
int xlsx_parse(struct xlsx_book *b, const char *part, const struct xml_handler *handler, void *data,
               struct err *e);

/* ---- numbers (xlsx_number.c) */

/* What a format code says: "dd.mm.yyyy", "0.00%", "#,##0.00 \"€\"". */
void xlsx_format_read(struct arena *a, const char *code, struct xlsx_format *out);
/* One of those every program knows by number. */
void xlsx_format_built_in(int number, struct xlsx_format *out);
/* The text of a cell's number: "1234.5", "2026-11-21", "2026-11-21 14:05:00", "12.5%", "7 €". */
void xlsx_number_print(struct buf *out, const char *value, const struct xlsx_format *format,
                       bool from_1904);
/* Texts hide what XML cannot hold: "_x000D_". Shortens text in place; returns its size. */
size_t xlsx_unescape(char *text, size_t n);

/* ---- rows (xlsx_sheet.c) */

struct xlsx_cell {
    uint32_t column;    /* from 0 on */
    size_t start, size; /* in xlsx_rows.texts */
    bool exact;
};
struct xlsx_merge {
    uint32_t row, last_row, column; /* rows from 1 on; the cell at the top left counts */
};
struct xlsx_rows {
    struct xlsx_book *book;
    struct zip_file *file;
    struct xml_reader *xml;
    char *piece;
    bool paused, ended;
    uint32_t row;         /* of the row given last, from 1 on */
    uint32_t next_column; /* where a cell without address is */
    struct buf texts;     /* of the row, each with its NUL */
    struct buf cells;     /* array of struct xlsx_cell; none is empty */
    struct buf merges;    /* array of struct xlsx_merge: at the end of the sheet, all */
    /* Of the cell being read: */
    int type; /* enum cell_type of xlsx_sheet.c */
    size_t style;
    uint32_t column;
    bool in_value, in_text, in_phonetic, has_value, has_formula;
    struct buf value;
    bool row_done;
    const char *failure; /* why the sheet cannot be read */
    uint32_t failure_column;
};
int xlsx_rows_open(struct xlsx_book *b, size_t sheet, struct xlsx_rows *out, struct err *e);
void xlsx_rows_close(struct xlsx_rows *r);
/* 1 a row that is not empty, 0 the end, -1. */
int xlsx_rows_next(struct xlsx_rows *r, struct err *e);

#endif
