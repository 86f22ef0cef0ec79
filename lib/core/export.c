/*
 * Records out, as CSV or NDJSON. The rows are read in one snapshot into an unnamed file first, so
 * that a slow receiver never holds a reader, and a client that goes away costs nothing. Every
 * export is logged with its filter and row count.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "core/account.h"
#include "core/mention.h"
#include "core/parts.h"
#include "core/transfer.h"
#include "exchange/csv.h"

#define PIECE         65536
#define TIME_LIMIT_MS (30 * 60 * 1000)

struct export
{
    struct ctx *c;
    const struct entity *entity;
    const struct field **fields;
    size_t field_count;
    bool csv;
    struct buf out;
    struct csv_writer writer;
    struct arena row; /* of one row's records; given back after it */
    int fd;
    int64_t rows;
};

/* Computed fields that are not stored come as one value at the scale of their expression. */
static bool at_read(const struct field *f)
{
    return f->compute != NULL && !f->stored;
}

static size_t width_of(const struct field *f)
{
    return at_read(f) ? 1 : f->column_count;
}

/* The values as the field's type prints them. */
static const struct value *typed(const struct field *f, const struct value *values,
                                 struct value own[FIELD_MAX_COLUMNS])
{
    if (!at_read(f)) {
        return values;
    }
    const struct expr_type *type = &f->compute->type;
    own[0] = values[0];
    own[1] = own[2] = value_null();
    if ((type->kind == KIND_NUMBER || type->kind == KIND_MONEY) && own[0].kind == VALUE_INT) {
        own[0].i = rescale(own[0].i, type->places, f->places);
    }
    return own;
}

/* What an export holds unless fields are named: all but what changes by itself. */
static bool by_default(const struct ctx *c, const struct field *f)
{
    static const char *const LEFT_OUT[] = {"version", "updated_at", "updated_by", "deleted_at",
                                           "title"};
    for (size_t i = 0; i < COUNT(LEFT_OUT); i++) {
        if (f->system && strcmp(f->name, LEFT_OUT[i]) == 0) {
            return false;
        }
    }
    return !f->hidden && !at_read(f) && !field_is_extract(f) && access_sees(c, f);
}

static int choose_fields(struct export *x, const char *names)
{
    struct ctx *c = x->c;
    x->fields = ARENA_ARRAY(c->arena, const struct field *, x->entity->field_count + 1);
    for (size_t i = 0; names == NULL && i < x->entity->field_count; i++) {
        if (by_default(c, x->entity->fields[i])) {
            x->fields[x->field_count++] = x->entity->fields[i];
        }
    }
    while (names != NULL && *names != 0) {
        size_t n = strcspn(names, ",");
        const char *name = str_trim(c->arena, arena_strndup(c->arena, names, n));
        const struct field *f = access_field(c, x->entity, name, ERR_MALFORMED, "fields");
        if (f == NULL) {
            return -1;
        }
        if (x->field_count == x->entity->field_count) {
            return ctx_fail(c, ERR_MALFORMED, "fields", "Name each field once.");
        }
        x->fields[x->field_count++] = f;
        names += n + (names[n] == ',');
    }
    return 0;
}

static int flush(struct export *x)
{
    const char *at = x->out.data;
    size_t n = x->out.size;
    while (n > 0) {
        ssize_t done = write(x->fd, at, n);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            return ctx_fail(x->c, errno == ENOSPC ? ERR_FULL : ERR_INTERNAL, "",
                            "The export cannot be stored: %s.", strerror(errno));
        }
        at += done;
        n -= (size_t)done;
    }
    buf_clear(&x->out);
    return 0;
}

/* Anything may stand in it, also what a spreadsheet takes for a formula. */
static bool is_text(const struct field *f)
{
    return f->type->expr_kind == KIND_TEXT || f->type->form == FORM_POINTS ||
           f->type->form == FORM_ADDRESSES;
}

/* What the actor may see of a field of type records. */
static size_t read_records(struct export *x, struct value v, struct title_row **out)
{
    struct ctx *c = x->c;
    int64_t *ids = NULL;
    size_t count = print_ids(&x->row, v, &ids);
    struct who who = ctx_who(c);
    *out = ARENA_ARRAY(&x->row, struct title_row, count + 1);
    return count > 0 && query_titles(c->db, &who, ids, count, &x->row, *out, &c->err) == 0 ? count
                                                                                           : 0;
}

static void csv_records(struct export *x, struct value v)
{
    struct title_row *rows = NULL;
    struct buf text = {0};
    size_t count = read_records(x, v, &rows);
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].hidden) {
            records_cell_add(&text, &rows[i]);
        }
    }
    csv_write_text(&x->writer, text.size > 0 ? buf_text(&text) : NULL);
    buf_done(&text);
    arena_reset(&x->row);
}

static void json_records(struct export *x, struct json_writer *w, struct value v)
{
    struct title_row *rows = NULL;
    size_t count = read_records(x, v, &rows);
    jw_array(w);
    for (size_t i = 0; i < count; i++) {
        print_record_link(w, &rows[i]);
    }
    jw_array_end(w);
    arena_reset(&x->row);
}

static void json_entry(struct export *x, struct json_writer *w, const char *entry)
{
    struct buf text = {0};
    (void)mention_export(x->c, &x->row, entry, &text);
    jw_text(w, buf_text(&text));
    buf_done(&text);
    arena_reset(&x->row);
}

static void csv_cell(struct export *x, const struct field *f, const struct value *values,
                     const char *title)
{
    if (values[0].kind == VALUE_NULL) {
        csv_write_text(&x->writer, NULL);
        return;
    }
    if (field_is_link(f)) {
        csv_write_text(&x->writer, title);
        return;
    }
    if (field_is_records(f)) {
        csv_records(x, values[0]);
        return;
    }
    struct buf text = {0};
    if (f == mention_field(f->entity)) {
        (void)mention_export(x->c, &x->row, values[0].s, &text); /* x->c->err ends the list */
        arena_reset(&x->row);
    } else {
        f->type->print_text(&text, f, values);
    }
    if (is_text(f)) {
        csv_write_text(&x->writer, buf_text(&text));
    } else {
        csv_write_plain(&x->writer, buf_text(&text));
    }
    buf_done(&text);
}

static void json_row(struct export *x, const struct list_row *row)
{
    struct json_writer w;
    size_t column = 0;
    jw_init(&w, &x->out);
    jw_object(&w);
    for (size_t i = 0; i < x->field_count; i++) {
        const struct field *f = x->fields[i];
        jw_key(&w, f->name);
        struct value own[FIELD_MAX_COLUMNS];
        if (field_is_records(f)) {
            json_records(x, &w, row->values[column]);
        } else if (f == mention_field(f->entity) && row->values[column].kind == VALUE_TEXT) {
            json_entry(x, &w, row->values[column].s);
        } else {
            print_value(&w, x->c, f, typed(f, &row->values[column], own), &row->titles[i]);
        }
        column += width_of(f);
    }
    jw_object_end(&w);
    buf_putc(&x->out, '\n');
}

static int take_row(void *data, const struct list_row *row)
{
    struct export *x = data;
    size_t column = 0;
    x->rows++;
    if (!x->csv) {
        json_row(x, row);
    } else {
        for (size_t i = 0; i < x->field_count; i++) {
            const struct field *f = x->fields[i];
            struct value own[FIELD_MAX_COLUMNS];
            csv_cell(x, f, typed(f, &row->values[column], own), row->titles[i].text);
            column += width_of(f);
        }
        csv_write_end_row(&x->writer);
    }
    if (x->c->err.code != ERR_NONE) {
        return -1;
    }
    return x->out.size >= PIECE ? flush(x) : 0;
}

static int read_rows(struct export *x, struct list_spec *spec)
{
    struct ctx *c = x->c;
    struct who who = ctx_who(c);
    struct db *db = ctx_db(c);
    if (db == NULL) {
        return -1;
    }
    db_limit_ms(db, TIME_LIMIT_MS);
    if (x->csv) {
        for (size_t i = 0; i < x->field_count; i++) {
            csv_write_plain(&x->writer, x->fields[i]->name);
        }
        csv_write_end_row(&x->writer);
    }
    spec->fields = x->fields;
    spec->field_count = x->field_count;
    bool before = spec->as_of < 0; /* of a time when there was nothing */
    if ((!before && query_list(db, &who, spec, c->arena, take_row, x, NULL, &c->err) != 0) ||
        c->err.code != ERR_NONE) {
        return -1;
    }
    ctx_release(c);
    return flush(x);
}

static int send_rows(struct export *x, export_sink sink, void *data)
{
    char *piece = arena_alloc(x->c->arena, PIECE);
    off_t at = 0;
    ssize_t n;
    while ((n = fs_read_at(x->fd, piece, PIECE, at)) > 0) {
        if (sink(data, piece, (size_t)n) != 0) {
            return ctx_fail(x->c, ERR_BUSY, "", "The receiver went away.");
        }
        at += n;
    }
    return n < 0 ? ctx_fail(x->c, ERR_INTERNAL, "", "The export cannot be read back.") : 0;
}

/* An export holds a reader while it reads, maybe for minutes; the rest of the pool stays for pages. */
#define READING_MAX 2
static atomic_int reading;

int export_turn(struct ctx *c)
{
    if (atomic_fetch_add(&reading, 1) < READING_MAX) {
        return 0;
    }
    atomic_fetch_sub(&reading, 1);
    return ctx_fail(c, ERR_BUSY, "", "Other exports are running; try again in a minute.");
}

void export_turn_end(void)
{
    atomic_fetch_sub(&reading, 1);
}

/* Which records and fields; the actor may have them. */
static int read_request(struct export *x, const struct export_request *q, struct list_spec *spec)
{
    struct ctx *c = x->c;
    if (!ctx_may(c, ACTION_EXPORT, x->entity)) {
        return ctx_fail(c, ERR_FORBIDDEN, "", "Your role may not export %s.",
                        x->entity->label_plural);
    }
    if (choose_fields(x, q->list.fields) != 0 || list_read(c, x->entity, &q->list, spec) != 0) {
        return -1;
    }
    spec->action = ACTION_EXPORT;
    spec->limit = (size_t)q->list.limit;
    return spec->filter == NULL ? account_confirmed(c) : 0; /* everything there is of a kind */
}

int export_records(struct ctx *c, const struct export_request *q, export_sink sink, void *data)
{
    struct export x = {.c = c, .entity = q->entity, .csv = str_eq(q->format, "csv"), .fd = -1};
    struct list_spec spec;
    if (read_request(&x, q, &spec) != 0) {
        return -1;
    }
    x.fd = open(store_dir(c->store), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (x.fd < 0) {
        return ctx_fail(c, ERR_INTERNAL, "", "The export cannot be stored: %s.", strerror(errno));
    }
    arena_init(&x.row);
    csv_writer_init(&x.writer, &x.out, q->delimiter, true, q->guard);
    if (x.csv && q->mark) {
        csv_write_mark(&x.writer);
    }
    int rc = export_turn(c);
    if (rc == 0) {
        rc = read_rows(&x, &spec);
        export_turn_end();
    }
    if (rc == 0) {
        log_info("%s: %s exported %lld %s, filter: %s", c->trace,
                 c->actor.name != NULL ? c->actor.name : "system", (long long)x.rows,
                 q->entity->plural, spec.filter != NULL ? "yes" : "none");
        rc = send_rows(&x, sink, data);
    }
    buf_done(&x.out);
    arena_done(&x.row);
    close(x.fd);
    return rc;
}
