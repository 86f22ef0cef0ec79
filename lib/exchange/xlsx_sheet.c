/* Rows of a sheet; see xlsx.h. The parser is paused behind each row. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "exchange/xlsx.h"

#define PIECE       65536
#define COLUMNS_MAX 16384
#define ROWS_MAX    1048576

enum cell_type { NUMBER, SHARED, BOOLEAN, FAILED, OWN_TEXT, FORMULA_TEXT, ISO_DATE };

static enum cell_type type_of(const char *name)
{
    static const struct {
        const char *name;
        enum cell_type type;
    } TYPES[] = {{"s", SHARED},   {"b", BOOLEAN},        {"e", FAILED}, {"inlineStr", OWN_TEXT},
                 {"d", ISO_DATE}, {"str", FORMULA_TEXT}, {"n", NUMBER}, {NULL, NUMBER}};
    size_t i = 0;
    while (name != NULL && TYPES[i].name != NULL && strcmp(TYPES[i].name, name) != 0) {
        i++;
    }
    return name != NULL ? TYPES[i].type : NUMBER;
}

/* "BC7": column 54, row 7; 0 for what is missing. */
static void read_address(const char *text, uint32_t *column, uint32_t *row)
{
    uint32_t c = 0, r = 0;
    for (; *text >= 'A' && *text <= 'Z' && c <= COLUMNS_MAX; text++) {
        c = c * 26 + (uint32_t)(*text - 'A') + 1;
    }
    for (; *text >= '0' && *text <= '9' && r <= ROWS_MAX; text++) {
        r = r * 10 + (uint32_t)(*text - '0');
    }
    *column = c;
    *row = r;
}

static void refuse(struct xlsx_rows *r, const char *why)
{
    if (r->failure == NULL) {
        r->failure = why;
        r->failure_column = r->column;
    }
}

static void begin_row(struct xlsx_rows *r, const char **attributes)
{
    const char *number = xml_attribute(attributes, "r");
    uint32_t row = number != NULL ? (uint32_t)strtoul(number, NULL, 10) : r->row + 1;
    if (row <= r->row || row > ROWS_MAX) {
        refuse(r, "The rows of the sheet are not in order.");
        row = r->row + 1;
    }
    r->row = row;
    r->next_column = 0;
    buf_clear(&r->texts);
    buf_clear(&r->cells);
}

static void begin_cell(struct xlsx_rows *r, const char **attributes)
{
    const char *address = xml_attribute(attributes, "r"), *style = xml_attribute(attributes, "s");
    uint32_t column = 0, row = 0;
    if (address != NULL) {
        read_address(address, &column, &row);
    }
    r->column = column > 0 ? column - 1 : r->next_column;
    if (r->column >= COLUMNS_MAX || r->column < r->next_column) {
        refuse(r, "The cells of a row are not in order.");
        r->column = r->next_column < COLUMNS_MAX ? r->next_column : COLUMNS_MAX - 1;
    }
    r->next_column = r->column + 1;
    r->type = type_of(xml_attribute(attributes, "t"));
    r->style = style != NULL ? strtoul(style, NULL, 10) : 0;
    r->has_value = r->has_formula = false;
    buf_clear(&r->value);
}

static void add_merge(struct xlsx_rows *r, const char *range)
{
    struct xlsx_merge m = {0};
    uint32_t last_column = 0, column = 0;
    const char *colon = range != NULL ? strchr(range, ':') : NULL;
    if (colon == NULL) {
        return;
    }
    read_address(range, &column, &m.row);
    read_address(colon + 1, &last_column, &m.last_row);
    m.column = column - 1;
    if (column > 0 && m.last_row > m.row &&
        r->merges.size < XLSX_MERGES_MAX * sizeof(struct xlsx_merge)) {
        buf_add(&r->merges, &m, sizeof m);
    }
}

static void on_begin(void *data, const char *name, const char **attributes)
{
    struct xlsx_rows *r = data;
    if (strcmp(name, "row") == 0) {
        begin_row(r, attributes);
    } else if (strcmp(name, "c") == 0) {
        begin_cell(r, attributes);
    } else if (strcmp(name, "v") == 0) {
        r->in_value = r->has_value = true;
    } else if (strcmp(name, "t") == 0) {
        r->in_text = r->has_value = true;
    } else if (strcmp(name, "f") == 0) {
        r->has_formula = true;
    } else if (strcmp(name, "rPh") == 0) {
        r->in_phonetic = true;
    } else if (strcmp(name, "mergeCell") == 0) {
        add_merge(r, xml_attribute(attributes, "ref"));
    }
}

static void on_text(void *data, const char *bytes, size_t n)
{
    struct xlsx_rows *r = data;
    if ((r->in_value || (r->in_text && !r->in_phonetic)) && r->value.size + n <= CSV_CELL_MAX * 2) {
        buf_add(&r->value, bytes, n);
    }
}

static const char *text_of(struct xlsx_rows *r, size_t *size)
{
    const char *value = buf_text(&r->value);
    *size = r->value.size;
    if (r->type == SHARED) {
        const char *shared = xlsx_text(r->book, strtoul(value, NULL, 10), size);
        if (shared == NULL) {
            refuse(r, "A cell names a text that is not there.");
            *size = 0;
        }
        return shared;
    }
    if (r->type == BOOLEAN) {
        value = strcmp(value, "1") == 0 ? "true" : "false";
        *size = strlen(value);
    } else if (r->type == ISO_DATE) {
        const char *midnight = strstr(value, "T00:00:00");
        *size = midnight != NULL ? (size_t)(midnight - value) : *size;
    } else if (r->value.size > 0) {
        *size = xlsx_unescape(r->value.data, r->value.size);
    }
    return value;
}

static void end_cell(struct xlsx_rows *r)
{
    struct xlsx_cell cell = {.column = r->column, .start = r->texts.size};
    if (r->has_formula && !r->has_value) {
        refuse(r,
               "This formula has no result; open the file in a spreadsheet program and save it.");
    }
    if (r->value.size == 0) {
        return;
    }
    if (r->type == NUMBER) {
        bool known = r->style < r->book->format_count;
        xlsx_number_print(&r->texts, buf_text(&r->value),
                          known ? &r->book->formats[r->style] : NULL, r->book->from_1904);
    } else {
        size_t size = 0;
        const char *text = text_of(r, &size);
        buf_add(&r->texts, text, size);
    }
    cell.size = r->texts.size - cell.start;
    cell.exact = r->type == NUMBER || r->type == BOOLEAN || r->type == ISO_DATE;
    buf_putc(&r->texts, '\0');
    if (cell.size > 0) {
        buf_add(&r->cells, &cell, sizeof cell);
    }
}

static void on_end(void *data, const char *name)
{
    struct xlsx_rows *r = data;
    if (strcmp(name, "c") == 0) {
        end_cell(r);
    } else if (strcmp(name, "v") == 0) {
        r->in_value = false;
    } else if (strcmp(name, "t") == 0) {
        r->in_text = false;
    } else if (strcmp(name, "rPh") == 0) {
        r->in_phonetic = false;
    } else if (strcmp(name, "row") == 0 && (r->cells.size > 0 || r->failure != NULL)) {
        r->row_done = true;
        xml_pause(r->xml);
    }
}

int xlsx_rows_open(struct xlsx_book *b, size_t sheet, struct xlsx_rows *out, struct err *e)
{
    static const struct xml_handler HANDLER = {on_begin, on_end, on_text};
    *out = (struct xlsx_rows){.book = b};
    if (zip_file_open(b->zip, b->sheets[sheet].part, &out->file, e) != 0) {
        return -1;
    }
    if (out->file == NULL) {
        return err_fail(e, ERR_INVALID, "", "The sheet is not in the file.");
    }
    out->piece = arena_alloc(b->arena, PIECE);
    out->xml = xml_reader_new(&HANDLER, out);
    return 0;
}

void xlsx_rows_close(struct xlsx_rows *r)
{
    xml_reader_free(r->xml);
    r->xml = NULL;
    if (r->file != NULL) {
        zip_file_close(r->file);
        r->file = NULL;
    }
    buf_done(&r->texts);
    buf_done(&r->cells);
    buf_done(&r->merges);
    buf_done(&r->value);
}

/* Goes on parsing up to the end of a row. 1, 0: the piece is used up, -1. */
static int go_on(struct xlsx_rows *r, struct err *e)
{
    if (r->paused) {
        r->paused = false;
        return xml_resume(r->xml, e);
    }
    long n = zip_file_read(r->file, r->piece, PIECE, e);
    if (n < 0) {
        return -1;
    }
    r->ended = n == 0;
    return xml_feed(r->xml, r->piece, (size_t)n, r->ended, e);
}

int xlsx_rows_next(struct xlsx_rows *r, struct err *e)
{
    r->row_done = false;
    while (!r->row_done && (!r->ended || r->paused)) {
        int rc = go_on(r, e);
        if (rc < 0) {
            return -1;
        }
        r->paused = rc == 1;
    }
    return r->failure != NULL ? err_fail(e, ERR_INVALID, "", "%s", r->failure) : r->row_done;
}
