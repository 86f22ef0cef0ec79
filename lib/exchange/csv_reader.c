/*
 * CSV reader; see csv.h. One state per place a byte can stand in; runs of ordinary bytes are copied
 * whole. Cells lie one behind the other in `text`, each with its NUL; their addresses are filled in
 * when the row is complete, because the buffer moves while it grows.
 */
#include <string.h>

#include "base/attr.h"
#include "base/err.h"
#include "exchange/csv.h"

enum state {
    AT_ROW,   /* nothing of the row has come */
    AT_CELL,  /* behind a delimiter */
    PLAIN,    /* in a cell without quotes, or behind the closing quote of one */
    QUOTED,   /* between quotes */
    AT_QUOTE, /* behind a quote between quotes: the end, or half of a doubled one */
    AT_CR     /* the row is complete; a LF would belong to its end */
};

enum kind { ORDINARY, DELIMITER, QUOTE, CR, LF, NUL };

void csv_reader_init(struct csv_reader *r, const struct csv_format *format)
{
    *r = (struct csv_reader){.format = *format, .line = 1, .skip = format->skip};
    r->kind[(unsigned char)format->delimiter] = DELIMITER;
    r->kind[(unsigned char)format->quote] = QUOTE;
    r->kind['\r'] = CR;
    r->kind['\n'] = LF;
    r->kind['\0'] = NUL;
}

void csv_reader_done(struct csv_reader *r)
{
    buf_done(&r->text);
    buf_done(&r->cells);
}

void csv_reader_resume(struct csv_reader *r, uint64_t offset, uint64_t line)
{
    r->offset = offset;
    r->line = line;
    r->skip = offset > 0 ? 0 : r->skip;
}

void csv_reader_feed(struct csv_reader *r, const char *bytes, size_t n)
{
    r->next = bytes;
    r->left = n;
}

void csv_reader_end(struct csv_reader *r)
{
    r->ended = true;
}

static int fail(struct csv_reader *r, uint64_t line, const char *why, struct err *e)
{
    r->failure = why;
    r->row_line = line;
    return err_fail(e, ERR_INVALID, "", "Line %llu: %s", (unsigned long long)line, why);
}

static void take(struct csv_reader *r, size_t n)
{
    r->next += n;
    r->left -= n;
    r->offset += n;
}

/* ---- Cells and rows ---------------------------------------------------------------------------
 */

static size_t cell_count(const struct csv_reader *r)
{
    return r->cells.size / sizeof(struct csv_cell);
}

static void begin_row(struct csv_reader *r)
{
    buf_clear(&r->text);
    buf_clear(&r->cells);
    r->cell_start = 0;
    r->cell_quoted = false;
    r->row_line = r->line;
    r->row_offset = r->offset;
}

static void end_cell(struct csv_reader *r)
{
    struct csv_cell cell = {.size = r->text.size - r->cell_start, .quoted = r->cell_quoted};
    buf_putc(&r->text, '\0');
    buf_add(&r->cells, &cell, sizeof(cell));
    r->cell_start = r->text.size;
    r->cell_quoted = false;
}

static bool row_is_empty(const struct csv_reader *r)
{
    return r->cells.size == 0 && r->text.size == 0 && !r->cell_quoted;
}

/* Ends the row: false when it was an empty line. */
static bool give_row(struct csv_reader *r, struct csv_row *row)
{
    r->state = AT_ROW;
    if (row_is_empty(r)) {
        return false;
    }
    end_cell(r);
    struct csv_cell *cells = (void *)r->cells.data;
    const char *text = r->text.data;
    for (size_t i = 0; i < cell_count(r); i++) {
        cells[i].text = text;
        text += cells[i].size + 1;
    }
    *row = (struct csv_row){
        .cells = cells, .count = cell_count(r), .line = r->row_line, .offset = r->row_offset};
    return true;
}

static int check_size(struct csv_reader *r, struct err *e)
{
    size_t own = r->format.cell_max;
    if (r->text.size - r->cell_start > (own > 0 ? own : CSV_CELL_MAX)) {
        return fail(r, r->row_line, "a cell is larger than 1 MiB; a quote may be missing.", e);
    }
    if (r->text.size > CSV_ROW_MAX + own) {
        return fail(r, r->row_line, "a row is larger than 4 MiB.", e);
    }
    if (cell_count(r) >= CSV_COLUMNS_MAX) {
        return fail(r, r->row_line, "a row has more than 5,000 columns.", e);
    }
    return 0;
}

/* ---- Bytes ------------------------------------------------------------------------------------
 */

static void put_run(struct csv_reader *r)
{
    size_t n = 0;
    while (n < r->left && r->kind[(unsigned char)r->next[n]] == ORDINARY) {
        n++;
    }
    buf_add(&r->text, r->next, n);
    take(r, n);
}

static void put_byte(struct csv_reader *r)
{
    buf_putc(&r->text, *r->next);
    take(r, 1);
}

/* A byte between quotes. A line break counts once, also as CR and LF. */
static void take_quoted(struct csv_reader *r, enum kind kind)
{
    if (kind == ORDINARY) {
        put_run(r);
        return;
    }
    if (kind == QUOTE) {
        r->state = AT_QUOTE;
        take(r, 1);
        return;
    }
    bool after_cr = r->text.size > r->cell_start && r->text.data[r->text.size - 1] == '\r';
    if (kind == CR || (kind == LF && !after_cr)) {
        r->line++;
    }
    put_byte(r);
}

/* A byte outside quotes. True when the row is complete. */
static bool take_plain(struct csv_reader *r, enum kind kind)
{
    switch (kind) {
    case DELIMITER:
        end_cell(r);
        r->state = AT_CELL;
        take(r, 1);
        return false;
    case CR:
        r->state = AT_CR;
        take(r, 1);
        return false;
    case LF:
        r->line++;
        take(r, 1);
        return true;
    case QUOTE:
        if (r->state == AT_ROW || r->state == AT_CELL) {
            r->state = QUOTED;
            r->cell_quoted = true;
            r->quote_line = r->line;
            take(r, 1);
            return false;
        }
        put_byte(r);
        return false;
    default:
        r->state = PLAIN;
        put_run(r);
        return false;
    }
}

/* Takes at least one byte. True when the row is complete. */
static bool take_some(struct csv_reader *r, enum kind kind)
{
    if (r->state == AT_CR) {
        take(r, kind == LF ? 1 : 0);
        r->line++;
        return true;
    }
    if (r->state == AT_QUOTE) {
        if (kind == QUOTE) {
            r->state = QUOTED;
            put_byte(r);
            return false;
        }
        r->state = PLAIN;
    }
    if (r->state == QUOTED) {
        take_quoted(r, kind);
        return false;
    }
    return take_plain(r, kind);
}

/* Nothing is left and nothing comes. */
static int finish(struct csv_reader *r, struct csv_row *row, struct err *e)
{
    if (r->state == QUOTED) {
        return fail(
            r, r->quote_line,
            "the file ends inside quotes opened here: it was cut off, or a quote is missing.", e);
    }
    if (r->state == AT_ROW) {
        return 0;
    }
    r->line += r->state == AT_CR ? 1 : 0;
    return give_row(r, row) ? 1 : 0;
}

static void drop_skipped(struct csv_reader *r)
{
    size_t n = r->skip < r->left ? r->skip : r->left;
    take(r, n);
    r->skip -= n;
    r->line += r->skip == 0 && n > 0 ? 1 : 0;
}

int csv_reader_next(struct csv_reader *r, struct csv_row *row, struct err *e)
{
    if (r->failure) {
        return fail(r, r->row_line, r->failure, e);
    }
    drop_skipped(r);
    if (r->state == AT_ROW) {
        begin_row(r);
    }
    while (r->left > 0) {
        enum kind kind = r->kind[(unsigned char)*r->next];
        if (kind == NUL) {
            return fail(r, r->line, "the file has a NUL byte; it is not a text file.", e);
        }
        bool complete = take_some(r, kind);
        if (check_size(r, e)) {
            return -1;
        }
        if (complete) {
            if (give_row(r, row)) {
                return 1;
            }
            begin_row(r);
        }
    }
    return r->ended ? finish(r, row, e) : 0;
}
