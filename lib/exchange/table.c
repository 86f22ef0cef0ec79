/*
 * Rows of any format: which one it is, and what the readers share. See table.h, table_private.h.
 */
#include "exchange/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "exchange/picture.h"
#include "exchange/table_private.h"

#define HEAD_SIZE 4096 /* bytes by which a format is known */

static const struct table_kind *const FORMATS[] = {&TABLE_CSV_KIND,  &TABLE_NDJSON_KIND,
                                                   &TABLE_LDIF_KIND, &TABLE_VCARD_KIND,
                                                   &TABLE_XLSX_KIND, &TABLE_CALENDAR_KIND, NULL};

static const struct table_kind *kind_of(enum table_format format)
{
    size_t i = 0;
    while (FORMATS[i] != NULL && FORMATS[i]->format != format) {
        i++;
    }
    return FORMATS[i];
}

const char *table_format_name(enum table_format format)
{
    const struct table_kind *kind = kind_of(format);
    return kind != NULL ? kind->name : "";
}

enum table_format table_format_find(const char *name)
{
    for (size_t i = 0; FORMATS[i] != NULL; i++) {
        if (strcasecmp(FORMATS[i]->name, name) == 0) {
            return FORMATS[i]->format;
        }
    }
    return TABLE_NONE;
}

const char *table_where(struct arena *a, enum table_format format, const char *name,
                        const char *sheet, uint64_t place)
{
    const struct table_kind *kind = kind_of(format);
    unsigned long long at = place;
    if (place == 0) {
        return sheet != NULL ? arena_printf(a, "%s: sheet %s", name, sheet) : arena_strdup(a, name);
    }
    if (kind == NULL || kind->place == NULL) {
        return arena_printf(a, "%s:%llu", name, at);
    }
    return sheet != NULL ? arena_printf(a, "%s: sheet %s, %s %llu", name, sheet, kind->place, at)
                         : arena_printf(a, "%s: %s %llu", name, kind->place, at);
}

long table_read_memory(void *table_memory, void *out, size_t n, uint64_t at)
{
    const struct table_memory *m = table_memory;
    size_t left = at < m->size ? m->size - (size_t)at : 0;
    n = n < left ? n : left;
    memcpy(out, n > 0 ? m->bytes + at : "", n);
    return (long)n;
}

int table_fail(struct table *r, uint64_t place, struct err *e, const char *format, ...)
{
    va_list args;
    char text[400];
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    r->place = place;
    return err_fail(e, ERR_INVALID, "", "%s", text);
}

/* ---- what it is ------------------------------------------------------------------------------ */

/* Formats that are not read, said by name rather than as a CSV that makes no sense. */
static const struct {
    const char *begin;
    size_t size;
    const char *text;
} STRANGERS[] = {
    {"\xd0\xcf\x11\xe0", 4,
     "This is a file of an old Excel (.xls), or a workbook locked by a password; save it as an "
     "Excel "
     "workbook (.xlsx) or as CSV."},
    {"%PDF", 4, "This is a PDF, not a table; ask for the data as CSV or XLSX."},
    {NULL, 0, NULL},
};

static int read_all(struct table *r, struct encoding_probe *p, struct err *e)
{
    uint64_t at = 0;
    char *piece = r->text->piece;
    long n;
    while ((n = r->source.read(r->source.data, piece, TABLE_PIECE, at)) > 0) {
        encoding_probe_feed(p, piece, (size_t)n);
        at += (uint64_t)n;
    }
    return n < 0 ? err_fail(e, ERR_INTERNAL, "", "The file cannot be read.") : 0;
}

/* marked: it bears the mark of UTF-8, or is in an encoding of the past: a spreadsheet wrote it. */
static int find_encoding(struct table *r, enum encoding *out, struct err *e)
{
    struct encoding_probe p = {0};
    if (read_all(r, &p, e) != 0) {
        return -1;
    }
    *out = encoding_probe_answer(&p);
    if (r->options.encoding != NULL) {
        *out = encoding_find(r->options.encoding);
        if (*out == ENCODING_NONE) {
            return table_fail(r, 0, e, "There is no encoding “%.40s”; some there are: %s.",
                              r->options.encoding, ENCODING_EXAMPLES);
        }
    }
    r->info.marked = *out != ENCODING_UTF_8 || memcmp(p.start, "\xEF\xBB\xBF", 3) == 0;
    r->info.encoding = encoding_name(*out);
    return 0;
}

static enum table_format format_of_text(const char *head, size_t n)
{
    struct decoder d;
    struct buf text = {0};
    struct err cut = {0}; /* the beginning may end anywhere */
    enum table_format found = TABLE_CSV;
    decoder_init(&d, encoding_detect(head, n));
    decoder_feed(&d, head, n, &text, &cut);
    const char *begin = buf_text(&text) + strspn(buf_text(&text), " \t\r\n");
    for (size_t i = 0; FORMATS[i] != NULL && found == TABLE_CSV; i++) {
        if (FORMATS[i]->is != NULL && FORMATS[i]->is(begin)) {
            found = FORMATS[i]->format;
        }
    }
    buf_done(&text);
    return found;
}

static int find_format(struct table *r, enum table_format *out, struct err *e)
{
    char *head = r->text->piece;
    long n = r->source.read(r->source.data, head, HEAD_SIZE, 0);
    if (n < 0) {
        return err_fail(e, ERR_INTERNAL, "", "The file cannot be read.");
    }
    for (size_t i = 0; STRANGERS[i].begin != NULL; i++) {
        if ((size_t)n >= STRANGERS[i].size &&
            memcmp(head, STRANGERS[i].begin, STRANGERS[i].size) == 0) {
            return table_fail(r, 0, e, "%s", STRANGERS[i].text);
        }
    }
    *out = n >= 4 && memcmp(head, "PK\3\4", 4) == 0 ? TABLE_XLSX : format_of_text(head, (size_t)n);
    return 0;
}

/* ---- columns and rows of formats without a header -------------------------------------------- */

int table_column(struct table *r, const char *name, size_t n, bool extra)
{
    uintptr_t known = (uintptr_t)map_find_n(&r->columns, name, n);
    if (known != 0 || r->info.columns != NULL) {
        return (int)known - 1;
    }
    struct table_column column = {.name = arena_strndup(r->arena, name, n), .extra = extra};
    buf_add(&r->column_list, &column, sizeof column);
    uintptr_t count = r->column_list.size / sizeof column;
    if (count > CSV_COLUMNS_MAX) {
        return -1;
    }
    map_set(&r->columns, column.name, (void *)count);
    return (int)count - 1;
}

void table_columns_end(struct table *r)
{
    size_t count = r->column_list.size / sizeof(struct table_column);
    struct table_column *columns = ARENA_ARRAY(r->arena, struct table_column, count + 1);
    if (count > 0) {
        memcpy(columns, r->column_list.data, r->column_list.size);
    }
    r->info.columns = columns;
    r->info.column_count = count;
}

bool table_has(const struct table *r, const char *column)
{
    return r->options.has != NULL ? r->options.has(r->options.has_data, column)
                                  : strcmp(column, "name") != 0;
}

/* A piece of a cell, in cell_texts. */
struct part {
    size_t start, size;
    size_t next; /* number of the next piece of the same cell, from 1 on; 0: none */
    bool exact;
    const char *between;
};

void table_row_begin(struct table *r)
{
    buf_clear(&r->cell_texts);
    buf_clear(&r->parts);
    for (size_t i = 0; i < r->info.column_count && r->ends != NULL; i++) {
        r->ends[i] = (struct table_ends){0};
    }
}

void table_put(struct table *r, int column, const char *text, size_t n, bool exact,
               const char *between)
{
    struct part part = {r->cell_texts.size, n, 0, exact, between};
    if (column < 0 || n == 0 || r->ends == NULL) {
        return;
    }
    struct table_ends *ends = &r->ends[column];
    buf_add(&r->cell_texts, text, n);
    buf_putc(&r->cell_texts, '\0');
    buf_add(&r->parts, &part, sizeof part);
    size_t number = r->parts.size / sizeof part;
    if (ends->first == 0) {
        ends->first = number;
    } else {
        ((struct part *)(void *)r->parts.data)[ends->last - 1].next = number;
    }
    ends->last = number;
}

/* Several pieces of a cell become one, behind all others. */
static struct part join_parts(struct table *r, const struct part *parts, size_t first)
{
    struct part all = {.start = r->cell_texts.size};
    struct buf joined = {0};
    for (size_t i = first; i != 0; i = parts[i - 1].next) {
        buf_puts(&joined, i != first ? parts[i - 1].between : "");
        buf_add(&joined, r->cell_texts.data + parts[i - 1].start, parts[i - 1].size);
    }
    all.size = joined.size;
    buf_add(&r->cell_texts, joined.data, joined.size);
    buf_putc(&r->cell_texts, '\0');
    buf_done(&joined);
    return all;
}

/* Texts move while the buffer grows: addresses come last. */
static void fill_cells(struct table *r)
{
    struct part *parts = (struct part *)(void *)r->parts.data;
    for (size_t i = 0; i < r->info.column_count; i++) {
        size_t first = r->ends[i].first;
        if (first != 0 && parts[first - 1].next != 0) {
            parts[first - 1] = join_parts(r, parts, first);
        }
    }
    for (size_t i = 0; i < r->info.column_count; i++) {
        size_t first = r->ends[i].first;
        const struct part *part = first != 0 ? &parts[first - 1] : NULL;
        r->cells[i] = part == NULL ? (struct table_cell){.text = ""}
                                   : (struct table_cell){r->cell_texts.data + part->start,
                                                         part->size, part->exact};
    }
}

int table_row_end(struct table *r, uint64_t place, struct table_row *out)
{
    fill_cells(r);
    r->place = place;
    *out = (struct table_row){r->cells, place};
    return 1;
}

/* ---- the reader ------------------------------------------------------------------------------ */

/* What CSV refuses, for every format: rows are kept as CSV. */
static int check_cells(struct table *r, const struct table_row *row, struct err *e)
{
    size_t all = 0;
    for (size_t i = 0; i < r->info.column_count; i++) {
        size_t size = row->cells[i].size;
        if (picture_is(row->cells[i].text) && size <= PICTURE_TEXT_MAX) {
            continue;
        }
        all += size + 1;
        if (size > CSV_CELL_MAX || all > CSV_ROW_MAX) {
            return table_fail(r, row->place, e, "There is more than %d MiB in this %s.",
                              size > CSV_CELL_MAX ? 1 : 4, size > CSV_CELL_MAX ? "cell" : "row");
        }
        if (memchr(row->cells[i].text, 0, size) != NULL) {
            return table_fail(r, row->place, e, "There is a NUL byte in “%.60s”.",
                              r->info.columns[i].name);
        }
    }
    return 1;
}

int table_next(struct table *r, struct table_row *out, struct err *e)
{
    int rc = r->kind != NULL && r->info.column_count > 0 ? r->kind->next(r, out, e) : 0;
    return rc == 1 ? check_cells(r, out, e) : rc;
}

static void close_rows(void *rows)
{
    table_close(rows);
}

void table_close(struct table *r)
{
    if (r->closed) {
        return;
    }
    if (r->kind != NULL && r->kind->close != NULL) {
        r->kind->close(r);
    }
    table_text_done(r->text);
    buf_done(&r->cell_texts);
    buf_done(&r->parts);
    buf_done(&r->column_list);
    r->closed = true;
}

static int open_rows(struct table *r, struct err *e)
{
    enum encoding encoding = ENCODING_UTF_8;
    if (find_format(r, &r->info.format, e) != 0) {
        return -1;
    }
    r->kind = kind_of(r->info.format);
    if (!r->kind->packed && find_encoding(r, &encoding, e) != 0) {
        return -1;
    }
    table_text_begin(r->text, &r->source, encoding);
    if (r->kind->open(r, e) != 0) {
        return -1;
    }
    size_t count = r->info.column_count;
    r->cells = ARENA_ARRAY(r->arena, struct table_cell, count + 1);
    r->ends = ARENA_ARRAY(r->arena, struct table_ends, count + 1);
    return 0;
}

int table_open(struct arena *a, const struct table_source *source, const struct table_options *o,
               struct table **out, struct err *e)
{
    struct table *r = ARENA_NEW(a, struct table);
    r->arena = a;
    r->source = *source;
    r->options = *o;
    r->text = ARENA_NEW(a, struct table_text);
    r->info.encoding = "";
    map_init(&r->columns, a);
    arena_defer(a, close_rows, r);
    *out = r;
    return open_rows(r, e);
}

const struct table_info *table_info(const struct table *r)
{
    return &r->info;
}

uint64_t table_place(const struct table *r)
{
    return r->place;
}
