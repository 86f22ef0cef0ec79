/*
 * CSV: the decoder, the detection and the reader on any bytes. Rows do not depend on how the input
 * is cut into pieces, what is read can be written and read again, and the parsers of cells hold.
 * The first byte chooses the size of the pieces.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "exchange/csv.h"
#include "exchange/encoding.h"
#include "exchange/number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int ok)
{
    if (!ok) {
        abort();
    }
}

/* Copies all rows to the writer. The result of the last csv_reader_next. */
static int copy_rows(const char *text, size_t n, size_t piece, const struct csv_format *format,
                     struct csv_writer *w)
{
    struct csv_reader r;
    struct csv_row row;
    struct err e = {0};
    int result = 0;
    csv_reader_init(&r, format);
    for (size_t at = 0; result == 0 && at <= n; at += piece) {
        size_t size = n - at < piece ? n - at : piece;
        csv_reader_feed(&r, text + at, size);
        if (size < piece) {
            csv_reader_end(&r);
        }
        while ((result = csv_reader_next(&r, &row, &e)) == 1) {
            must(row.count > 0);
            for (size_t i = 0; i < row.count; i++) {
                must(strlen(row.cells[i].text) == row.cells[i].size);
                const char *read = csv_unguard(row.cells[i].text); /* as an import takes it */
                csv_write_text_n(w, read, strlen(read));
            }
            csv_write_end_row(w);
        }
    }
    must((result < 0) == (e.code != ERR_NONE));
    csv_reader_done(&r);
    return result;
}

static void check_rows(const char *text, size_t n, size_t piece)
{
    struct csv_format format;
    csv_detect(text, n, true, &format);
    struct buf once = {0}, cut = {0}, again = {0};
    struct csv_writer w;
    csv_writer_init(&w, &once, format.delimiter, true, false);
    int result = copy_rows(text, n, n + 1, &format, &w);
    csv_writer_init(&w, &cut, format.delimiter, true, false);
    must(copy_rows(text, n, piece, &format, &w) == result);
    must(strcmp(buf_text(&once), buf_text(&cut)) == 0);
    format.skip = 0;
    format.quote = '"';
    csv_writer_init(&w, &again, format.delimiter, true, false);
    must(copy_rows(buf_text(&once), once.size, piece, &format, &w) == 0);
    must(strcmp(buf_text(&once), buf_text(&again)) == 0);
    buf_done(&once);
    buf_done(&cut);
    buf_done(&again);
}

static void check_cell(const char *text)
{
    int64_t number;
    bool yes;
    char date[NUMBER_DATE_SIZE], instant[NUMBER_INSTANT_SIZE];
    for (int places = 0; places <= NUMBER_PLACES_MAX; places++) {
        number_parse(text, 0, places, &number);
        number_parse(text, ',', places, &number);
    }
    char sign = number_decimal_sign(text);
    must(sign == 0 || number_parse(text, sign, 0, &number) == 0);
    enum date_order order = number_date_order(text);
    number_parse_date(text, order, date);
    number_parse_instant(text, DATE_ORDER_DMY, instant);
    number_parse_instant(text, DATE_ORDER_MDY, instant);
    number_parse_bool(text, &yes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) {
        return 0;
    }
    size_t piece = (size_t)data[0] % 37 + 1;
    struct decoder d;
    struct err e = {0};
    struct buf text = {0};
    decoder_init(&d, encoding_detect(data + 1, size - 1));
    for (size_t at = 1; at < size && e.code == ERR_NONE; at += piece) {
        decoder_feed(&d, data + at, size - at < piece ? size - at : piece, &text, &e);
    }
    if (e.code == ERR_NONE) {
        decoder_end(&d, &e);
    }
    check_rows(buf_text(&text), text.size, piece);
    check_cell(buf_text(&text));
    buf_done(&text);
    return 0;
}
