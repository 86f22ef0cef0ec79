/*
 * A sheet of a workbook as rows; see table.h. The header is the first row that is about as wide as
 * the table: a title above it is passed over. A cell that is merged over several rows counts in
 * each of them. Columns without a name are left out if they are empty.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "exchange/table_private.h"
#include "exchange/xlsx.h"

#define LOOKED_AT 50 /* rows that are looked at for the header */

struct xlsx_table {
    struct xlsx_book book;
    struct xlsx_rows rows;
    bool opened; /* rows are */
    size_t sheet;
    uint32_t header;           /* row of the header */
    uint32_t width;            /* columns with anything in them */
    int *columns;              /* by column of the sheet: column of the table, -1 none */
    struct xlsx_merge *merges; /* by row */
    size_t merge_count, merge_next;
    struct held {
        uint32_t last_row; /* up to which the value counts; 0: none is held */
        const char *text;
        bool exact;
    } * held;     /* by column of the sheet */
    bool *filled; /* by column of the sheet: something stands below the header */
};

static const struct xlsx_cell *cells_of(const struct xlsx_rows *rows, size_t *count)
{
    *count = rows->cells.size / sizeof(struct xlsx_cell);
    return (const struct xlsx_cell *)(const void *)rows->cells.data;
}

static int open_rows(struct table *r, size_t sheet, struct err *e)
{
    struct xlsx_table *own = r->own;
    if (own->opened) {
        xlsx_rows_close(&own->rows);
    }
    own->opened = true;
    return xlsx_rows_open(&own->book, sheet, &own->rows, e);
}

/* "B" of 1. */
static const char *letters_of(uint32_t column, char out[8])
{
    char *at = out + 7;
    *at = '\0';
    for (uint32_t n = column + 1; n > 0; n = (n - 1) / 26) {
        *--at = (char)('A' + (n - 1) % 26);
    }
    return at;
}

static int next_row(struct table *r, struct err *e)
{
    struct xlsx_table *own = r->own;
    int rc = xlsx_rows_next(&own->rows, e);
    r->place = own->rows.row;
    if (rc < 0 && own->rows.failure != NULL) {
        char letters[8];
        err_clear(e);
        return table_fail(r, own->rows.row, e, "Cell %s%u: %s",
                          letters_of(own->rows.failure_column, letters), (unsigned)own->rows.row,
                          own->rows.failure);
    }
    return rc;
}

/* ---- which sheet ----------------------------------------------------------------------------- */

static int sheet_is(const struct xlsx_book *b, size_t i, const char *asked)
{
    int64_t number;
    return strcasecmp(b->sheets[i].name, asked) == 0 ||
           (str_to_int(asked, &number) == 0 && number == (int64_t)i + 1);
}

static int named_sheet(struct table *r, size_t *out, struct err *e)
{
    const struct xlsx_book *b = &((struct xlsx_table *)r->own)->book;
    struct buf names = {0};
    for (size_t i = 0; i < b->sheet_count; i++) {
        if (sheet_is(b, i, r->options.sheet)) {
            *out = i;
            buf_done(&names);
            return 0;
        }
        buf_printf(&names, "%s%s", i > 0 ? ", " : "", b->sheets[i].name);
    }
    table_fail(r, 0, e, "There is no sheet “%.60s”; the file has %.200s.", r->options.sheet,
               buf_text(&names));
    buf_done(&names);
    return -1;
}

/* The first that is not hidden and has a row; the first one if none has. */
static int any_sheet(struct table *r, size_t *out, struct err *e)
{
    const struct xlsx_book *b = &((struct xlsx_table *)r->own)->book;
    *out = 0;
    for (size_t i = 0; i < b->sheet_count; i++) {
        int rc = b->sheets[i].hidden || open_rows(r, i, e) != 0 ? 0 : next_row(r, e);
        if (e->code != ERR_NONE) {
            r->info.sheet = b->sheets[i].name;
            return -1;
        }
        if (rc == 1) {
            *out = i;
            return 0;
        }
    }
    return 0;
}

/* ---- which columns --------------------------------------------------------------------------- */

struct look {
    uint32_t rows[LOOKED_AT];
    size_t counts[LOOKED_AT];
    size_t count;
};

static uint32_t header_of(const struct look *l)
{
    size_t most = 0, i = 0;
    for (size_t k = 0; k < l->count; k++) {
        most = l->counts[k] > most ? l->counts[k] : most;
    }
    while (i < l->count && l->counts[i] * 2 < most) {
        i++;
    }
    return i < l->count ? l->rows[i] : 0;
}

/* Reads the sheet to its end: how wide it is, where its header, what is merged. */
static int measure(struct table *r, struct err *e)
{
    struct xlsx_table *own = r->own;
    struct look look = {.count = 0};
    size_t count, merged;
    int rc;
    if (open_rows(r, own->sheet, e) != 0) {
        return -1;
    }
    while ((rc = next_row(r, e)) == 1) {
        const struct xlsx_cell *cells = cells_of(&own->rows, &count);
        own->width =
            cells[count - 1].column + 1 > own->width ? cells[count - 1].column + 1 : own->width;
        if (look.count < LOOKED_AT) {
            look.rows[look.count] = own->rows.row;
            look.counts[look.count++] = count;
        }
    }
    if (own->width > CSV_COLUMNS_MAX) {
        return table_fail(r, 0, e, "The sheet has more than %d columns.", CSV_COLUMNS_MAX);
    }
    own->header = header_of(&look);
    merged = own->rows.merges.size;
    own->merge_count = merged / sizeof(struct xlsx_merge);
    own->merges = ARENA_ARRAY(r->arena, struct xlsx_merge, own->merge_count + 1);
    if (merged > 0) {
        memcpy(own->merges, own->rows.merges.data, merged);
    }
    return rc;
}

/* Goes to the row behind the header; `names`: takes it, and then looks which columns are filled. */
static int to_data(struct table *r, const char **names, struct err *e)
{
    struct xlsx_table *own = r->own;
    size_t count;
    int rc = open_rows(r, own->sheet, e) != 0 ? -1 : next_row(r, e);
    while (rc == 1 && own->rows.row < own->header) {
        rc = next_row(r, e);
    }
    const struct xlsx_cell *cells = cells_of(&own->rows, &count);
    for (size_t i = 0; rc == 1 && names != NULL && i < count; i++) {
        names[cells[i].column] =
            str_trim(r->arena, arena_strdup(r->arena, own->rows.texts.data + cells[i].start));
    }
    while (names != NULL && rc == 1 && (rc = next_row(r, e)) == 1) {
        cells = cells_of(&own->rows, &count);
        for (size_t i = 0; i < count; i++) {
            own->filled[cells[i].column] = true;
        }
    }
    return rc < 0 ? -1 : 0;
}

static int by_row(const void *a, const void *b)
{
    const struct xlsx_merge *x = a, *y = b;
    return x->row < y->row ? -1 : x->row > y->row;
}

static int find_columns(struct table *r, struct err *e)
{
    struct xlsx_table *own = r->own;
    const char **names = ARENA_ARRAY(r->arena, const char *, own->width + 1);
    struct table_column *columns = ARENA_ARRAY(r->arena, struct table_column, own->width + 1);
    own->columns = ARENA_ARRAY(r->arena, int, own->width + 1);
    own->held = ARENA_ARRAY(r->arena, struct held, own->width + 1);
    own->filled = ARENA_ARRAY(r->arena, bool, own->width + 1);
    if (own->header == 0) {
        return 0;
    }
    if (to_data(r, names, e) != 0) {
        return -1;
    }
    for (uint32_t i = 0; i < own->width; i++) {
        bool taken = names[i] != NULL || own->filled[i];
        own->columns[i] = taken ? (int)r->info.column_count : -1;
        if (taken) {
            columns[r->info.column_count++].name = names[i] != NULL ? names[i] : "";
        }
    }
    r->info.columns = columns;
    qsort(own->merges, own->merge_count, sizeof *own->merges, by_row);
    return to_data(r, NULL, e);
}

static int xlsx_table_open(struct table *r, struct err *e)
{
    struct xlsx_table *own = ARENA_NEW(r->arena, struct xlsx_table);
    r->own = own;
    if (xlsx_open(r->arena, &r->source, &own->book, e) != 0) {
        return -1;
    }
    r->info.sheet_count = own->book.sheet_count;
    r->info.sheets = ARENA_ARRAY(r->arena, const char *, own->book.sheet_count);
    for (size_t i = 0; i < own->book.sheet_count; i++) {
        r->info.sheets[i] = own->book.sheets[i].name;
    }
    int rc =
        r->options.sheet != NULL ? named_sheet(r, &own->sheet, e) : any_sheet(r, &own->sheet, e);
    if (rc != 0) {
        return -1;
    }
    r->info.sheet = own->book.sheets[own->sheet].name;
    return measure(r, e) != 0 || find_columns(r, e) != 0 ? -1 : 0;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* Merges that begin in this row: the value of their first cell counts up to their last row. */
static void hold_merged(struct table *r)
{
    struct xlsx_table *own = r->own;
    uint32_t row = own->rows.row;
    size_t count;
    const struct xlsx_cell *cells = cells_of(&own->rows, &count);
    for (; own->merge_next < own->merge_count && own->merges[own->merge_next].row <= row;
         own->merge_next++) {
        const struct xlsx_merge *m = &own->merges[own->merge_next];
        for (size_t i = 0; m->row == row && i < count; i++) {
            if (cells[i].column == m->column) {
                own->held[m->column] = (struct held){
                    m->last_row, arena_strdup(r->arena, own->rows.texts.data + cells[i].start),
                    cells[i].exact};
            }
        }
    }
}

static int xlsx_table_next(struct table *r, struct table_row *out, struct err *e)
{
    struct xlsx_table *own = r->own;
    size_t count;
    int rc = next_row(r, e);
    if (rc != 1) {
        return rc;
    }
    const struct xlsx_cell *cells = cells_of(&own->rows, &count);
    table_row_begin(r);
    hold_merged(r);
    for (size_t i = 0; i < count; i++) {
        table_put(r, own->columns[cells[i].column], own->rows.texts.data + cells[i].start,
                  cells[i].size, cells[i].exact, " ");
    }
    for (uint32_t i = 0; own->merge_count > 0 && i < own->width; i++) {
        struct held *h = &own->held[i];
        bool free = own->columns[i] >= 0 && r->ends[own->columns[i]].first == 0;
        if (h->last_row >= own->rows.row && free) {
            table_put(r, own->columns[i], h->text, strlen(h->text), h->exact, "");
        }
    }
    return table_row_end(r, own->rows.row, out);
}

static void xlsx_table_close(struct table *r)
{
    struct xlsx_table *own = r->own;
    if (own != NULL) {
        if (own->opened) {
            xlsx_rows_close(&own->rows);
        }
        xlsx_close(&own->book);
    }
}

const struct table_kind TABLE_XLSX_KIND = {.format = TABLE_XLSX,
                                           .name = "xlsx",
                                           .place = "row",
                                           .packed = true,
                                           .open = xlsx_table_open,
                                           .next = xlsx_table_next,
                                           .close = xlsx_table_close};
