/*
 * A workbook of one sheet, written row by row from front to back: texts, exact numbers, money in
 * the format of its currency, real dates and times, yes/no, links. The header is bold and stays in
 * sight; columns can be filtered. Texts stay texts: no cell is a formula. Dates before 1900 are
 * texts, as spreadsheets have none. What it makes xlsx.h reads back. Pure functions on bytes.
 */
#ifndef KONTOR_EXCHANGE_XLSX_WRITER_H
#define KONTOR_EXCHANGE_XLSX_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exchange/archive.h"

#define XLSX_ROWS_MAX 1048576 /* the header is one */
#define XLSX_TEXT_MAX 32767   /* characters of a cell: longer ones end in "…" */

struct xlsx_writer;
/* Goes with the arena. `at`: seconds since 1970, for the files inside. */
struct xlsx_writer *xlsx_writer_new(struct arena *a, archive_sink sink, void *data, int64_t at,
                                    const char *sheet, const char *const *headers, size_t count);
/* Cells of a row come from left to right; NULL texts leave theirs empty. */
void xlsx_row_begin(struct xlsx_writer *w);
void xlsx_put_text(struct xlsx_writer *w, const char *text);
/* A text that leads somewhere, while there are not too many of them. */
void xlsx_put_link(struct xlsx_writer *w, const char *text, const char *address);
void xlsx_put_number(struct xlsx_writer *w, const char *number);  /* "-12.50" */
void xlsx_put_percent(struct xlsx_writer *w, const char *number); /* "12.50" is 12.5 % */
void xlsx_put_money(struct xlsx_writer *w, const char *amount, const char *currency);
void xlsx_put_date(struct xlsx_writer *w, const char *date); /* YYYY-MM-DD */
/* A day and the seconds of it. */
void xlsx_put_time(struct xlsx_writer *w, const char *date, int seconds);
void xlsx_put_bool(struct xlsx_writer *w, bool yes);
/* -1: the sink failed, or there are more rows than a sheet holds. */
int xlsx_row_end(struct xlsx_writer *w);
int xlsx_finish(struct xlsx_writer *w);

#endif
