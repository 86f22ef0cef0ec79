/*
 * Guessing how a CSV file is written; see csv_detect in csv.h.
 *
 * Each delimiter is tried with the real reader on the sample. The best is the one under which most
 * rows have the same number of columns (at least two), then the one with more columns. Row one is a
 * header unless it holds something that names no column (a number, a date, an address) or a text
 * that comes again below in the same column.
 */
#include <string.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "exchange/csv.h"
#include "exchange/number.h"

#define ROWS_MAX 200
#define TEXT_ROWS_MAX      6 /* rows of text before the header */
#define COLUMNS_AFTER_TEXT 3 /* columns a file has at least for them to be looked for */
#define COLUMNS_COMPARED   64
#define FEW_COLUMNS        3 /* in fewer, one value that stands in the first row, too, tells that it has no names */
#define SAME_IN_NAMES      1 /* else that many columns may have a value like their name: Done, "Done" */

/* On a tie the first wins: commas stand inside cells more often than the others. */
static const char DELIMITERS[] = {'\t', ';', '|', ','};

/* What a sample looks like under one delimiter. */
struct shape {
    size_t rows;    /* looked at */
    size_t agree;   /* with the most frequent number of columns */
    size_t columns; /* that number */
};

/* Excel's first line "sep=;" names the delimiter. */
static bool take_sep_line(const char *sample, size_t n, struct csv_format *out)
{
    if (n < 6 || memcmp(sample, "sep=", 4) != 0 || (sample[5] != '\n' && sample[5] != '\r') ||
        !memchr(DELIMITERS, sample[4], sizeof(DELIMITERS))) {
        return false;
    }
    out->delimiter = sample[4];
    out->skip = n > 6 && sample[5] == '\r' && sample[6] == '\n' ? 7 : 6;
    return true;
}

/* The next row of a sample that is fed whole. An error ends the sample. */
static bool next_row(struct csv_reader *r, struct csv_row *row)
{
    struct err ignored = {0};
    return csv_reader_next(r, row, &ignored) == 1;
}

static struct shape shape_of(const char *sample, size_t n, bool whole, struct csv_format format)
{
    size_t counts[ROWS_MAX];
    struct shape s = {0};
    struct csv_reader r;
    struct csv_row row;
    csv_reader_init(&r, &format);
    csv_reader_feed(&r, sample, n);
    if (whole) {
        csv_reader_end(&r);
    }
    while (s.rows < ROWS_MAX && next_row(&r, &row)) {
        counts[s.rows++] = row.count;
    }
    csv_reader_done(&r);
    for (size_t i = 0; i < s.rows; i++) {
        size_t same = 0;
        for (size_t j = 0; j < s.rows; j++) {
            same += counts[j] == counts[i] ? 1 : 0;
        }
        if (counts[i] > 1 && same > s.agree) {
            s.agree = same;
            s.columns = counts[i];
        }
    }
    return s;
}

/* Some programs write sentences and an empty line before the header (LinkedIn): bytes to leave out
 * before the first row that has all columns, 0: none. Rows before it have one cell. */
static size_t lines_before(const char *sample, size_t n, bool whole, const struct csv_format *format,
                           size_t columns)
{
    struct csv_reader r;
    struct csv_row row;
    size_t skip = 0, before = 0;
    csv_reader_init(&r, format);
    csv_reader_feed(&r, sample, n);
    if (whole) {
        csv_reader_end(&r);
    }
    while (columns >= COLUMNS_AFTER_TEXT && before <= TEXT_ROWS_MAX && next_row(&r, &row)) {
        size_t at = (size_t)row.offset;
        if (row.count == columns) {
            bool empty_line = at > 1 && sample[at - 1] == '\n' &&
                              (sample[at - 2] == '\n' ||
                               (at > 2 && sample[at - 2] == '\r' && sample[at - 3] == '\n'));
            skip = before > 0 && empty_line ? at : 0;
            break;
        }
        before++;
        if (row.count != 1) {
            break;
        }
    }
    csv_reader_done(&r);
    return skip;
}

static bool is_better(const struct shape *a, const struct shape *b)
{
    if (b->rows == 0) {
        return a->agree > 0;
    }
    size_t left = a->agree * b->rows;
    size_t right = b->agree * a->rows;
    return left != right ? left > right : a->columns > b->columns;
}

/* Single quotes count as quotes only if cells begin and end with them and none does with ". */
static char find_quote(const char *sample, size_t n, char delimiter)
{
    size_t opened = 0;
    size_t closed = 0;
    for (size_t i = 0; i < n; i++) {
        bool first = i == 0 || sample[i - 1] == delimiter || sample[i - 1] == '\n';
        bool last = i + 1 == n || sample[i + 1] == delimiter || sample[i + 1] == '\n' ||
                    sample[i + 1] == '\r';
        if (sample[i] == '"' && (first || last)) {
            return '"';
        }
        opened += sample[i] == '\'' && first ? 1 : 0;
        closed += sample[i] == '\'' && last ? 1 : 0;
    }
    return opened > 1 && opened == closed ? '\'' : '"';
}

/* ---- Header -----------------------------------------------------------------------------------
 */

/* A text that names no column: a value of its own kind. */
static bool is_value(const char *text)
{
    int64_t number;
    char date[NUMBER_DATE_SIZE];
    return number_parse(text, 0, 0, &number) == 0 || number_parse(text, ',', 0, &number) == 0 ||
           number_parse_date(text, DATE_ORDER_DMY, date) == 0 ||
           number_parse_date(text, DATE_ORDER_MDY, date) == 0 || strchr(text, '@');
}

static bool can_be_header(const struct csv_row *row)
{
    size_t empty = 0;
    for (size_t i = 0; i < row->count; i++) {
        if (is_value(row->cells[i].text)) {
            return false;
        }
        empty += row->cells[i].size == 0 ? 1 : 0;
    }
    return empty * 2 <= row->count;
}

/* Marks in `same` the columns in which the row has the text of the first row, whose cells lie in `first`,
 * each with its NUL; gives how many are marked. */
static size_t mark_same(const struct csv_row *row, const struct buf *first, bool *same)
{
    const char *name = buf_text(first);
    const char *end = name + first->size;
    size_t count = 0;
    for (size_t i = 0; i < COLUMNS_COMPARED && name < end; i++) {
        same[i] = same[i] || (i < row->count && *name != '\0' && strcmp(name, row->cells[i].text) == 0);
        count += same[i];
        name += strlen(name) + 1;
    }
    return count;
}

static bool find_header(const char *sample, size_t n, bool whole, const struct csv_format *format)
{
    struct csv_reader r;
    struct csv_row row;
    struct buf first = {0};
    csv_reader_init(&r, format);
    csv_reader_feed(&r, sample, n);
    if (whole) {
        csv_reader_end(&r);
    }
    bool header = true, same[COLUMNS_COMPARED] = {false};
    size_t few = 1;
    if (next_row(&r, &row)) {
        header = can_be_header(&row);
        few = row.count < FEW_COLUMNS ? 1 : SAME_IN_NAMES + 1;
        for (size_t i = 0; i < row.count; i++) {
            buf_add(&first, row.cells[i].text, row.cells[i].size + 1);
        }
    }
    for (size_t i = 1; header && i < ROWS_MAX && next_row(&r, &row); i++) {
        header = mark_same(&row, &first, same) < few;
    }
    buf_done(&first);
    csv_reader_done(&r);
    return header;
}

void csv_detect(const char *sample, size_t n, bool whole, struct csv_format *out)
{
    struct csv_format found = {.delimiter = ',', .quote = '"', .header = true};
    if (!take_sep_line(sample, n, &found)) {
        struct shape best = {0};
        for (size_t i = 0; i < COUNT(DELIMITERS); i++) {
            struct csv_format tried = {.delimiter = DELIMITERS[i]};
            tried.quote = find_quote(sample, n, DELIMITERS[i]);
            struct shape shape = shape_of(sample, n, whole, tried);
            if (is_better(&shape, &best)) {
                best = shape;
                found.delimiter = DELIMITERS[i];
            }
        }
        found.quote = find_quote(sample, n, found.delimiter);
        found.skip = lines_before(sample, n, whole, &found, best.columns);
    }
    found.quote = find_quote(sample, n, found.delimiter);
    found.header = find_header(sample, n, whole, &found);
    *out = found;
}
