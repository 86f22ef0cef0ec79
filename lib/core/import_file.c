/*
 * The file of an import: spooled as it came (.raw), then read once from end to end, in whatever
 * format it is (exchange/table.h), before anything is written. A file that was cut off (inside
 * quotes, inside a character) ends here. The rows are kept as CSV of one kind (.csv, see SPOOLED),
 * each with the place it had in the file before its cells, so that everything behind reads any
 * format alike and any row by its offset. The same pass asks all cells how numbers and dates are
 * written (import_guess.c), so that a column is read one way from its first row on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "core/import.h"
#include "exchange/picture.h"
#include "exchange/table.h"

#define PIECE      65536
#define CELL_TELLS 64   /* bytes: longer ones are no numbers or dates */
#define PIECE_JUMP 1024 /* after a jump: lists that are sorted ask for one row here, one there */

/* Of the file of rows. */
static const struct csv_format SPOOLED = {
    .delimiter = ',', .quote = '"', .cell_max = PICTURE_TEXT_MAX};

char *import_path(struct ctx *c, int64_t job, const char *suffix)
{
    const char *spool =
        c->spool != NULL ? c->spool : arena_printf(c->arena, "%s/spool", store_dir(c->store));
    return arena_printf(c->arena, "%s/import-%lld%s", spool, (long long)job, suffix);
}

static int file_error(struct ctx *c, const char *doing)
{
    enum err_code code = errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_INTERNAL;
    return ctx_fail(c, code, "", "The spool file cannot be %s: %s.", doing, strerror(errno));
}

/* ---- the raw file, as lib/exchange reads it ---------------------------------------------------
 */

static long read_raw(void *data, void *out, size_t n, uint64_t at)
{
    return (long)fs_read_at(*(const int *)data, out, n, (int64_t)at);
}

const char *import_where(struct ctx *c, const struct import_file *f, const char *name,
                         uint64_t place)
{
    return table_where(c->arena, f->kind, name, f->sheet, place);
}

/* ---- the reading pass: raw → rows ------------------------------------------------------------ */

struct pass {
    struct table *rows;
    struct import_file *out;
    const char *name;
    struct csv_writer writer;
    struct buf text; /* rows not yet in the file */
    int fd;
    const char *path; /* of fd */
};

/* The next piece of the rows, which must leave room for others as the raw file had to. */
static int write_piece(struct ctx *c, struct pass *p)
{
    if (!fs_leaves_room(p->path, p->text.size)) {
        errno = ENOSPC;
        return file_error(c, "written");
    }
    if (fs_write_at(p->fd, p->text.data, p->text.size, (off_t)p->out->size) != 0) {
        return file_error(c, "written");
    }
    p->out->size += p->text.size;
    buf_clear(&p->text);
    return 0;
}

static void take_info(struct ctx *c, const struct table_info *info, struct import_file *out)
{
    out->kind = info->format;
    out->format = info->csv;
    out->encoding = info->encoding;
    out->marked = info->marked;
    out->sheet = info->sheet;
    out->sheets = info->sheets;
    out->sheet_count = info->sheet_count;
    out->header_count = info->column_count;
    out->header = ARENA_ARRAY(c->arena, const char *, info->column_count + 1);
    out->extra = arena_alloc(c->arena, info->column_count + 1);
    out->left = arena_alloc(c->arena, info->column_count + 1);
    out->votes = ARENA_ARRAY(c->arena, struct import_votes, info->column_count + 1);
    out->note_count = info->note_count;
    out->notes = ARENA_ARRAY(c->arena, struct table_note, info->note_count + 1);
    for (size_t i = 0; i < info->note_count; i++) {
        out->notes[i] = info->notes[i];
    }
    for (size_t i = 0; i < info->column_count; i++) {
        out->header[i] = info->columns[i].name;
        out->extra[i] = info->columns[i].extra;
    }
}

/* The place, then the cells; not the empty ones at the end, of which a small file may have many. */
static void take_row(struct ctx *c, struct pass *p, const struct table_row *row)
{
    char place[24];
    size_t count = p->out->header_count;
    while (count > 0 && row->cells[count - 1].size == 0) {
        count--;
    }
    snprintf(place, sizeof place, "%llu", (unsigned long long)row->place);
    csv_write_plain(&p->writer, place);
    for (size_t i = 0; i < count; i++) {
        const struct table_cell *cell = &row->cells[i];
        if (cell->size > 0 && cell->size < CELL_TELLS) {
            import_vote(c, &p->out->votes[i], cell, row->place);
        }
        csv_write_plain(&p->writer, cell->text);
    }
    csv_write_end_row(&p->writer);
    p->out->rows++;
}

static int bad_file(struct ctx *c, const struct pass *p, uint64_t place, const char *text)
{
    const char *copy = arena_strdup(c->arena, text);
    err_clear(&c->err);
    return err_add(&c->err, c->arena, ERR_INVALID, import_where(c, p->out, p->name, place), "%s",
                   copy);
}

static int check_header(struct ctx *c, const struct pass *p)
{
    const struct import_file *f = p->out;
    if (f->header_count == 0 || (f->kind == TABLE_CSV && !f->format.header)) {
        return bad_file(c, p, 1,
                        f->header_count == 0 ? "The file is empty."
                                             : "The first row does not name the columns.");
    }
    return f->header_count > IMPORT_COLUMNS_MAX
               ? bad_file(c, p, 1, "The file has more than 1,000 columns.")
               : 0;
}

static int read_all(struct ctx *c, struct pass *p)
{
    struct table_row row;
    int rc, written = 0;
    while (written == 0 && (rc = table_next(p->rows, &row, &c->err)) == 1) {
        take_row(c, p, &row);
        if (p->text.size >= PIECE) {
            written = write_piece(c, p);
        }
    }
    if (written != 0) {
        return -1;
    }
    if (rc < 0) {
        return c->err.code == ERR_INVALID ? bad_file(c, p, table_place(p->rows), c->err.text) : -1;
    }
    return write_piece(c, p) != 0 ? -1 : 0;
}

/* What a person said of the file goes before what was found out. */
static void take_said(const struct import_request *q, struct import_file *f)
{
    static const char *const ORDERS[] = {
        [DATE_ORDER_YMD] = "YMD", [DATE_ORDER_DMY] = "DMY", [DATE_ORDER_MDY] = "MDY"};
    for (size_t order = 1; q->dates != NULL && order < COUNT(ORDERS); order++) {
        if (str_eq(ORDERS[order], q->dates)) {
            memset(f->orders, (int)order, f->header_count);
        }
    }
}

struct asked {
    struct ctx *c;
    const struct entity *entity;
};

static bool has_field(void *data, const char *column)
{
    const struct asked *q = data;
    return import_field_of(q->c, q->entity, column) != NULL;
}

static int convert(struct ctx *c, struct pass *p, int raw, const struct import_request *q)
{
    const struct table_source source = {read_raw, &raw};
    struct asked asked = {c, q->entity};
    const struct table_options options = {.name = q->file_name,
                                          .encoding = q->encoding,
                                          .delimiter = q->delimiter != NULL ? q->delimiter[0] : 0,
                                          .sheet = q->sheet,
                                          .has = q->guess ? NULL : has_field,
                                          .has_data = &asked};
    bool opened = table_open(c->arena, &source, &options, &p->rows, &c->err) == 0;
    if (!opened) {
        p->out->kind = table_info(p->rows)->format;
        p->out->sheet = table_info(p->rows)->sheet;
        return c->err.code == ERR_INVALID ? bad_file(c, p, table_place(p->rows), c->err.text) : -1;
    }
    take_info(c, table_info(p->rows), p->out);
    csv_writer_init(&p->writer, &p->text, SPOOLED.delimiter, false, false);
    int rc = check_header(c, p) != 0 ? -1 : read_all(c, p);
    table_close(p->rows);
    if (rc == 0 && fsync(p->fd) != 0) {
        return file_error(c, "written");
    }
    if (rc == 0) {
        import_take_votes(c, p->out);
        take_said(q, p->out);
    }
    return rc;
}

int import_file_check(struct ctx *c, int64_t job, const struct import_request *q,
                      struct import_file *out)
{
    const char *raw = import_path(c, job, ".raw"), *csv = import_path(c, job, ".csv");
    int from = open(raw, O_RDONLY | O_CLOEXEC);
    int to = open(csv, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    struct pass p = {.out = out, .name = q->file_name, .fd = to, .path = csv};
    *out = (struct import_file){.encoding = "", .data_line = 1};
    int rc = from < 0 || to < 0 ? file_error(c, "opened") : convert(c, &p, from, q);
    buf_done(&p.text);
    if (from >= 0) {
        close(from);
    }
    if (to >= 0) {
        close(to);
    }
    return rc;
}

/* ---- kept with the job ----------------------------------------------------------------------- */

void import_file_print_sheets(const struct import_file *f, struct json_writer *w)
{
    jw_key(w, "sheets");
    jw_array(w);
    for (size_t i = 0; i < f->sheet_count; i++) {
        jw_text(w, f->sheets[i]);
    }
    jw_array_end(w);
}

void import_file_print_notes(const struct import_file *f, struct json_writer *w)
{
    jw_key(w, "notes");
    jw_array(w);
    for (size_t i = 0; i < f->note_count; i++) {
        jw_object(w);
        jw_kv_text(w, "text", f->notes[i].text);
        jw_kv_int(w, "line", (int64_t)f->notes[i].place);
        jw_kv_int(w, "count", (int64_t)f->notes[i].count);
        jw_object_end(w);
    }
    jw_array_end(w);
}

void import_file_print(const struct import_file *f, struct json_writer *w)
{
    char sign[2] = {f->format.delimiter, 0}, quote[2] = {f->format.quote, 0};
    jw_object(w);
    jw_kv_text(w, "format", table_format_name(f->kind));
    jw_kv_text(w, "sheet", f->sheet);
    import_file_print_sheets(f, w);
    import_file_print_notes(f, w);
    jw_kv_text(w, "delimiter", sign);
    jw_kv_text(w, "quote", quote);
    jw_kv_bool(w, "marked", f->marked);
    jw_kv_text(w, "encoding", f->encoding);
    jw_kv_int(w, "decimal", f->decimal);
    jw_kv_int(w, "order", f->order);
    jw_kv_int(w, "skip", (int64_t)f->format.skip);
    jw_kv_int(w, "offset", (int64_t)f->data_offset);
    jw_kv_int(w, "line", (int64_t)f->data_line);
    jw_kv_int(w, "size", (int64_t)f->size);
    jw_kv_int(w, "rows", (int64_t)f->rows);
    jw_key(w, "columns");
    jw_array(w);
    for (size_t i = 0; i < f->header_count; i++) {
        jw_object(w);
        jw_kv_text(w, "header", f->header[i]);
        jw_kv_bool(w, "extra", f->extra[i]);
        jw_kv_bool(w, "left", f->left[i]);
        jw_kv_int(w, "decimal", f->decimals[i]);
        jw_kv_int(w, "order", f->orders[i]);
        if (f->votes != NULL) {
            jw_key(w, "votes");
            import_votes_print(&f->votes[i], w);
        }
        jw_object_end(w);
    }
    jw_array_end(w);
    jw_object_end(w);
}

static int64_t number_of(const struct json *j, const char *key)
{
    int64_t out = 0;
    const struct json *m = json_find(j, key);
    return m != NULL && json_int(m, &out) == 0 ? out : 0;
}

static void parse_notes(struct ctx *c, const struct json *list, struct import_file *out)
{
    out->notes = ARENA_ARRAY(c->arena, struct table_note, list != NULL ? list->count + 1 : 1);
    for (const struct json *m = list != NULL ? list->child : NULL; m != NULL; m = m->next) {
        const char *text = json_text(m, "text");
        out->notes[out->note_count++] =
            (struct table_note){.text = text != NULL ? text : "",
                                .place = (uint64_t)number_of(m, "line"),
                                .count = (size_t)number_of(m, "count")};
    }
}

int import_file_parse(struct ctx *c, const struct json *j, struct import_file *out)
{
    const struct json *columns = json_find(j, "columns");
    const char *delimiter = json_text(j, "delimiter"), *quote = json_text(j, "quote");
    if (columns == NULL || delimiter == NULL || quote == NULL) {
        return ctx_fail(c, ERR_INTERNAL, "", "The description of an import's file cannot be read.");
    }
    const char *encoding = json_text(j, "encoding"), *format = json_text(j, "format");
    *out = (struct import_file){.marked = json_true(j, "marked"),
                                .kind = format != NULL ? table_format_find(format) : TABLE_NONE,
                                .sheet = json_text(j, "sheet"),
                                .encoding = encoding != NULL ? encoding : "",
                                .decimal = (char)number_of(j, "decimal"),
                                .order = (enum date_order)number_of(j, "order"),
                                .format = {.delimiter = delimiter[0],
                                           .quote = quote[0],
                                           .header = true,
                                           .skip = (size_t)number_of(j, "skip")},
                                .data_offset = (uint64_t)number_of(j, "offset"),
                                .data_line = (uint64_t)number_of(j, "line"),
                                .size = (uint64_t)number_of(j, "size"),
                                .rows = (uint64_t)number_of(j, "rows"),
                                .header_count = columns->count};
    const struct json *sheets = json_find(j, "sheets");
    out->sheets = ARENA_ARRAY(c->arena, const char *, sheets != NULL ? sheets->count + 1 : 1);
    for (const struct json *m = sheets != NULL ? sheets->child : NULL; m != NULL; m = m->next) {
        out->sheets[out->sheet_count++] = m->text;
    }
    parse_notes(c, json_find(j, "notes"), out);
    out->header = ARENA_ARRAY(c->arena, const char *, columns->count + 1);
    out->decimals = arena_alloc(c->arena, columns->count + 1);
    out->orders = arena_alloc(c->arena, columns->count + 1);
    out->extra = arena_alloc(c->arena, columns->count + 1);
    out->left = arena_alloc(c->arena, columns->count + 1);
    out->votes = ARENA_ARRAY(c->arena, struct import_votes, columns->count + 1);
    size_t i = 0;
    for (const struct json *m = columns->child; m != NULL; m = m->next, i++) {
        out->header[i] = json_text(m, "header");
        out->extra[i] = json_true(m, "extra");
        out->left[i] = json_true(m, "left");
        out->decimals[i] = (char)number_of(m, "decimal");
        out->orders[i] = (unsigned char)number_of(m, "order");
        import_votes_parse(json_find(m, "votes"), &out->votes[i]);
    }
    return 0;
}

/* ---- reading rows again ---------------------------------------------------------------------- */

struct import_reader {
    struct csv_reader csv;
    const struct import_file *file;
    int fd;
    uint64_t at; /* file position of the next piece */
    size_t size; /* of the next piece */
    bool begun;  /* csv stands somewhere */
    bool ended;
    char piece[PIECE];
};

/* Jobs that another program took in have the file itself, decoded, and no places. */
static const struct csv_format *spooled(const struct import_file *f)
{
    return f->kind == TABLE_NONE ? &f->format : &SPOOLED;
}

static void reader_close(void *object)
{
    import_reader_close(object);
}

struct import_reader *import_reader_open(struct ctx *c, int64_t job, const struct import_file *f)
{
    struct import_reader *r = ARENA_NEW(c->arena, struct import_reader);
    r->file = f;
    r->fd = open(import_path(c, job, ".csv"), O_RDONLY | O_CLOEXEC);
    if (r->fd < 0) {
        file_error(c, "opened");
        return NULL;
    }
    csv_reader_init(&r->csv, spooled(f));
    arena_defer(c->arena, reader_close, r);
    return r;
}

void import_reader_close(struct import_reader *r)
{
    if (r->fd >= 0) {
        csv_reader_done(&r->csv);
        close(r->fd);
        r->fd = -1;
    }
}

static void copy_row(struct ctx *c, struct import_reader *r, const struct csv_row *row,
                     struct import_row *out)
{
    size_t count = r->file->header_count, first = r->file->kind != TABLE_NONE;
    out->cells = ARENA_ARRAY(c->arena, const char *, count);
    out->count = count;
    for (size_t i = 0; i < count; i++) {
        const struct csv_cell *cell = i + first < row->count ? &row->cells[i + first] : NULL;
        const char *text = cell == NULL ? "" : arena_strndup(c->arena, cell->text, cell->size);
        out->cells[i] = first == 0 ? csv_unguard(text) : text;
    }
    out->offset = row->offset;
    out->line = first == 0 ? row->line : strtoull(row->cells[0].text, NULL, 10);
    out->next_offset = r->csv.offset;
    out->next_line = r->csv.line;
    out->at_ms = 0;
}

int import_reader_next(struct import_reader *r, struct ctx *c, struct import_row *out)
{
    struct csv_row row;
    for (;;) {
        int rc = csv_reader_next(&r->csv, &row, &c->err);
        if (rc != 0) {
            if (rc == 1) {
                copy_row(c, r, &row, out);
            }
            return rc;
        }
        if (r->ended) {
            return 0;
        }
        ssize_t n = fs_read_at(r->fd, r->piece, r->size, (int64_t)r->at);
        if (n < 0) {
            return file_error(c, "read");
        }
        if (n == 0) {
            if (r->at < r->file->size) {
                return ctx_fail(c, ERR_INTERNAL, "", "The spool file of the import was cut off.");
            }
            r->ended = true;
            csv_reader_end(&r->csv);
            continue;
        }
        r->at += (uint64_t)n;
        r->size = r->size * 4 < PIECE ? r->size * 4 : PIECE;
        csv_reader_feed(&r->csv, r->piece, (size_t)n);
    }
}

int import_reader_at(struct import_reader *r, struct ctx *c, uint64_t offset, uint64_t line,
                     struct import_row *out)
{
    if (r->begun && r->csv.offset == offset) {
        return import_reader_next(r, c, out); /* lists mostly name one row after the other */
    }
    r->begun = true;
    csv_reader_done(&r->csv);
    csv_reader_init(&r->csv, spooled(r->file));
    csv_reader_resume(&r->csv, offset, line);
    r->at = offset;
    r->size = PIECE_JUMP;
    r->ended = false;
    return import_reader_next(r, c, out);
}
