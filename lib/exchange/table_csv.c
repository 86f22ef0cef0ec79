/* CSV as rows; see table.h. The first row names the columns; each later one has at most as many
 * cells that are not empty. */
#include <string.h>

#include "base/str.h"
#include "exchange/table_private.h"

struct csv_rows {
    struct csv_reader reader;
    bool ended; /* what comes now is a last row without a line end */
};

/* 1 a row, 0 the end, -1 error. */
static int next_row(struct table *r, struct csv_row *row, struct err *e)
{
    struct csv_rows *own = r->own;
    for (;;) {
        int rc = csv_reader_next(&own->reader, row, e);
        if (rc < 0) {
            r->place = own->reader.row_line;
        }
        if (rc != 0 || own->ended) {
            return rc;
        }
        rc = table_text_piece(r->text, e);
        if (rc < 0) {
            r->place = 0;
            return -1;
        }
        if (rc == 0) {
            csv_reader_end(&own->reader);
            own->ended = true;
        } else {
            csv_reader_feed(&own->reader, r->text->decoded.data, r->text->decoded.size);
        }
    }
}

static void take_header(struct table *r, const struct csv_row *row)
{
    struct table_column *columns = ARENA_ARRAY(r->arena, struct table_column, row->count);
    for (size_t i = 0; i < row->count; i++) {
        columns[i].name =
            str_trim(r->arena, arena_strndup(r->arena, row->cells[i].text, row->cells[i].size));
    }
    r->info.columns = columns;
    r->info.column_count = row->count;
}

static int detect(struct table *r, struct err *e)
{
    if (table_text_piece(r->text, e) < 0) {
        r->place = 0;
        return -1;
    }
    const struct buf *piece = &r->text->decoded;
    csv_detect(buf_text(piece), piece->size, r->text->at < TABLE_PIECE, &r->info.csv);
    if (r->options.delimiter != 0) {
        r->info.csv.delimiter = r->options.delimiter;
    }
    table_text_begin(r->text, &r->source, r->text->encoding);
    return 0;
}

static int csv_open(struct table *r, struct err *e)
{
    struct csv_rows *own = ARENA_NEW(r->arena, struct csv_rows);
    struct csv_row row;
    r->own = own;
    if (detect(r, e) != 0) {
        return -1;
    }
    csv_reader_init(&own->reader, &r->info.csv);
    csv_reader_feed(&own->reader, "", 0);
    int rc = next_row(r, &row, e);
    if (rc == 1) {
        take_header(r, &row);
    }
    return rc < 0 ? -1 : 0;
}

static int check_row(struct table *r, const struct csv_row *row, struct err *e)
{
    const struct csv_rows *own = r->own;
    size_t columns = r->info.column_count;
    for (size_t i = columns; i < row->count; i++) {
        if (row->cells[i].size > 0) {
            return table_fail(r, row->line, e, "This row has %zu cells, the header has %zu.",
                              row->count, columns);
        }
    }
    /* Programs give every row all its cells and end its line: a last row that lacks both was cut
     * off. */
    if (own->ended && row->count < columns) {
        return table_fail(r, row->line, e,
                          "The file ends within this row, at cell %zu of %zu: it may have been cut "
                          "off. If it is whole, end the line.",
                          row->count, columns);
    }
    return 0;
}

static int csv_next(struct table *r, struct table_row *out, struct err *e)
{
    struct csv_row row;
    int rc = next_row(r, &row, e);
    if (rc <= 0 || check_row(r, &row, e) != 0) {
        return rc <= 0 ? rc : -1;
    }
    for (size_t i = 0; i < r->info.column_count; i++) {
        const char *text = i < row.count ? csv_unguard(row.cells[i].text) : "";
        size_t size = i < row.count ? row.cells[i].size - (size_t)(text - row.cells[i].text) : 0;
        r->cells[i] = (struct table_cell){.text = text, .size = size};
    }
    *out = (struct table_row){r->cells, row.line};
    return 1;
}

static void csv_close(struct table *r)
{
    struct csv_rows *own = r->own;
    if (own != NULL) {
        csv_reader_done(&own->reader);
    }
}

const struct table_kind TABLE_CSV_KIND = {
    .format = TABLE_CSV, .name = "csv", .open = csv_open, .next = csv_next, .close = csv_close};
