/*
 * The file of an import: spooled, decoded to UTF-8, read once from end to end before anything is
 * written. A file that was cut off (inside quotes, inside a character) ends here. The same pass
 * asks all cells how numbers and dates are written (import_guess.c), so that a column is read one
 * way from its first row on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "core/import.h"
#include "exchange/encoding.h"

#define PIECE         65536
#define CELL_TELLS    64 /* bytes: longer ones are no numbers or dates */
#define PIECE_JUMP    1024 /* after a jump: lists that are sorted ask for one row here, one there */

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

/* marked: it bears the mark of UTF-8, or is in an encoding of the past: a spreadsheet wrote it. */
static int probe(struct ctx *c, int fd, enum encoding *encoding, bool *marked)
{
    struct encoding_probe p = {0};
    char *piece = arena_alloc(c->arena, PIECE);
    off_t at = 0;
    ssize_t n;
    while ((n = fs_read_at(fd, piece, PIECE, at)) > 0) {
        encoding_probe_feed(&p, piece, (size_t)n);
        at += n;
    }
    *encoding = encoding_probe_answer(&p);
    *marked = *encoding != ENCODING_UTF_8 || memcmp(p.start, "\xEF\xBB\xBF", 3) == 0;
    return n < 0 ? file_error(c, "read") : 0;
}

/* The next piece of the decoded file, which must leave room for others as the raw one had to. */
static int write_piece(struct ctx *c, int fd, const char *path, const struct buf *out, off_t *at)
{
    if (!fs_leaves_room(path, out->size)) {
        errno = ENOSPC;
        return file_error(c, "written");
    }
    if (fs_write_at(fd, out->data, out->size, *at) != 0) {
        return file_error(c, "written");
    }
    *at += (off_t)out->size;
    return 0;
}

/* What was read is the whole file. */
static int check_size(struct ctx *c, int fd, off_t n)
{
    struct stat file;
    if (fstat(fd, &file) != 0) {
        return file_error(c, "read");
    }
    return file.st_size == n ? 0 : ctx_fail(c, ERR_INTERNAL, "", "The spool file was cut off.");
}

struct decoding {
    int from, to;
    const char *path; /* of `to` */
    off_t read, written;
};

static int decode_pieces(struct ctx *c, struct decoding *g, struct decoder *d, struct buf *out)
{
    char *piece = arena_alloc(c->arena, PIECE);
    ssize_t n;
    while ((n = fs_read_at(g->from, piece, PIECE, g->read)) > 0) {
        buf_clear(out);
        if (decoder_feed(d, piece, (size_t)n, out, &c->err) != 0 ||
            write_piece(c, g->to, g->path, out, &g->written) != 0) {
            return -1;
        }
        g->read += n;
    }
    if (n < 0) {
        return file_error(c, "read");
    }
    return check_size(c, g->from, g->read) != 0 ? -1 : decoder_end(d, &c->err);
}

/* raw → UTF-8. */
static int decode(struct ctx *c, struct decoding *g, const char *name, struct import_file *f)
{
    struct decoder d;
    struct buf out = {0};
    enum encoding encoding;
    if (probe(c, g->from, &encoding, &f->marked) != 0) {
        return -1;
    }
    f->encoding = encoding_name(encoding);
    decoder_init(&d, encoding);
    int rc = decode_pieces(c, g, &d, &out);
    buf_done(&out);
    if (rc != 0 && c->err.code == ERR_INVALID) {
        char text[400];
        snprintf(text, sizeof text, "%.390s", c->err.text);
        err_clear(&c->err);
        return err_add(&c->err, c->arena, ERR_INVALID, name, "%s", text);
    }
    return rc == 0 && fsync(g->to) != 0 ? file_error(c, "written") : rc;
}

/* ---- the reading pass ------------------------------------------------------------------------ */

static void take_header(struct ctx *c, const struct csv_row *row, struct import_file *out)
{
    out->header_count = row->count;
    out->header = ARENA_ARRAY(c->arena, const char *, row->count);
    for (size_t i = 0; i < row->count; i++) {
        out->header[i] =
            str_trim(c->arena, arena_strndup(c->arena, row->cells[i].text, row->cells[i].size));
    }
}

static void take_row(struct ctx *c, const struct csv_row *row, struct import_file *out)
{
    for (size_t i = 0; i < row->count && i < out->header_count; i++) {
        if (row->cells[i].size > 0 && row->cells[i].size < CELL_TELLS) {
            import_vote(c, &out->votes[i], row->cells[i].text, row->line);
        }
    }
    out->rows++;
}

static int bad_row(struct ctx *c, const char *name, uint64_t line, const char *text)
{
    err_clear(&c->err);
    return err_add(&c->err, c->arena, ERR_INVALID,
                   arena_printf(c->arena, "%s:%llu", name, (unsigned long long)line), "%s", text);
}

struct pass {
    struct csv_reader reader;
    struct import_file *out;
    const char *name;
    bool ended; /* what comes now is a last row without a line end */
};

/* Programs give every row all its cells and end its line: a last row that lacks both was cut off. */
static int check_whole(struct ctx *c, const struct pass *p, const struct csv_row *row)
{
    if (!p->ended || row->count >= p->out->header_count) {
        return 0;
    }
    return bad_row(c, p->name, row->line,
                   arena_printf(c->arena,
                                "The file ends within this row, at cell %zu of %zu: it may have been "
                                "cut off. If it is whole, end the line.",
                                row->count, p->out->header_count));
}

static int read_rows(struct ctx *c, struct pass *p)
{
    struct csv_row row;
    int rc;
    while ((rc = csv_reader_next(&p->reader, &row, &c->err)) == 1) {
        if (p->out->header == NULL) {
            take_header(c, &row, p->out);
            p->out->votes = ARENA_ARRAY(c->arena, struct import_votes, row.count);
            p->out->data_offset = p->reader.offset;
            p->out->data_line = p->reader.line;
            continue;
        }
        for (size_t i = p->out->header_count; i < row.count; i++) {
            if (row.cells[i].size > 0) {
                return bad_row(c, p->name, row.line,
                               arena_printf(c->arena, "This row has %zu cells, the header has %zu.",
                                            row.count, p->out->header_count));
            }
        }
        if (check_whole(c, p, &row) != 0) {
            return -1;
        }
        take_row(c, &row, p->out);
    }
    if (rc < 0) {
        const char *text = arena_strdup(c->arena, c->err.text);
        return bad_row(c, p->name, p->reader.row_line, text);
    }
    return 0;
}

static int read_file(struct ctx *c, int fd, struct pass *p)
{
    char *piece = arena_alloc(c->arena, PIECE);
    off_t at = 0;
    ssize_t n;
    while ((n = fs_read_at(fd, piece, PIECE, at)) > 0) {
        csv_reader_feed(&p->reader, piece, (size_t)n);
        if (read_rows(c, p) != 0) {
            return -1;
        }
        at += n;
    }
    if (n < 0) {
        return file_error(c, "read");
    }
    if (check_size(c, fd, at) != 0) {
        return -1;
    }
    p->out->size = (uint64_t)at;
    csv_reader_end(&p->reader);
    p->ended = true;
    return read_rows(c, p);
}

static int check_csv(struct ctx *c, int fd, const char *name, struct import_file *out)
{
    struct pass p = {.out = out, .name = name};
    char *sample = arena_alloc(c->arena, PIECE + 1);
    ssize_t n = fs_read_at(fd, sample, PIECE, 0);
    if (n < 0) {
        return file_error(c, "read");
    }
    csv_detect(sample, (size_t)n, n < PIECE, &out->format);
    csv_reader_init(&p.reader, &out->format);
    int rc = read_file(c, fd, &p);
    csv_reader_done(&p.reader);
    if (rc != 0) {
        return -1;
    }
    if (out->header == NULL || !out->format.header) {
        return bad_row(c, name, 1,
                       out->header == NULL ? "The file is empty."
                                           : "The first row does not name the columns.");
    }
    if (out->header_count > IMPORT_COLUMNS_MAX) {
        return bad_row(c, name, 1, "The file has more than 1,000 columns.");
    }
    import_take_votes(c, out);
    return 0;
}

int import_file_check(struct ctx *c, int64_t job, const char *name, struct import_file *out)
{
    const char *raw = import_path(c, job, ".raw"), *csv = import_path(c, job, ".csv");
    int from = open(raw, O_RDONLY | O_CLOEXEC);
    int to = open(csv, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    struct decoding g = {.from = from, .to = to, .path = csv};
    *out = (struct import_file){.encoding = ""};
    int rc = from < 0 || to < 0 ? file_error(c, "opened") : decode(c, &g, name, out);
    if (rc == 0) {
        rc = check_csv(c, to, name, out);
    }
    if (from >= 0) {
        close(from);
    }
    if (to >= 0) {
        close(to);
    }
    return rc;
}

/* ---- kept with the job ----------------------------------------------------------------------- */

void import_file_print(const struct import_file *f, struct json_writer *w)
{
    char sign[2] = {f->format.delimiter, 0}, quote[2] = {f->format.quote, 0};
    jw_object(w);
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
        jw_kv_int(w, "decimal", f->decimals[i]);
        jw_kv_int(w, "order", f->orders[i]);
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

int import_file_parse(struct ctx *c, const struct json *j, struct import_file *out)
{
    const struct json *columns = json_find(j, "columns");
    const char *delimiter = json_text(j, "delimiter"), *quote = json_text(j, "quote");
    if (columns == NULL || delimiter == NULL || quote == NULL) {
        return ctx_fail(c, ERR_INTERNAL, "", "The description of an import's file cannot be read.");
    }
    const char *encoding = json_text(j, "encoding"); /* jobs of before have none */
    *out = (struct import_file){.marked = json_true(j, "marked"),
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
    out->header = ARENA_ARRAY(c->arena, const char *, columns->count + 1);
    out->decimals = arena_alloc(c->arena, columns->count + 1);
    out->orders = arena_alloc(c->arena, columns->count + 1);
    size_t i = 0;
    for (const struct json *m = columns->child; m != NULL; m = m->next, i++) {
        out->header[i] = json_text(m, "header");
        out->decimals[i] = (char)number_of(m, "decimal");
        out->orders[i] = (unsigned char)number_of(m, "order");
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
    csv_reader_init(&r->csv, &f->format);
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
    size_t count = r->file->header_count;
    out->cells = ARENA_ARRAY(c->arena, const char *, count);
    out->count = count;
    for (size_t i = 0; i < count; i++) {
        out->cells[i] =
            i < row->count ? arena_strndup(c->arena, row->cells[i].text, row->cells[i].size) : "";
    }
    out->offset = row->offset;
    out->line = row->line;
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
    csv_reader_init(&r->csv, &r->file->format);
    csv_reader_resume(&r->csv, offset, line);
    r->at = offset;
    r->size = PIECE_JUMP;
    r->ended = false;
    return import_reader_next(r, c, out);
}
