/* Exports as CSV and NDJSON, and what cells of every format are made of. */
#include <string.h>

#include "base/str.h"
#include "core/export_private.h"
#include "core/mention.h"

/* Computed fields that are not stored come as one value at the scale of their expression. */
static bool at_read(const struct field *f)
{
    return f->compute != NULL && !f->stored;
}

size_t export_width(const struct field *f)
{
    return at_read(f) ? 1 : f->column_count;
}

const struct value *export_typed(const struct field *f, const struct value *values,
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

/* Numbers, amounts, days and yes or no say the same in any program; whatever else a cell holds might
 * be read as a formula. */
static bool is_text(const struct field *f)
{
    static const bool FIGURE[KIND_LINK + 1] = {[KIND_BOOL] = true,    [KIND_NUMBER] = true,
                                               [KIND_MONEY] = true,   [KIND_DATE] = true,
                                               [KIND_INSTANT] = true, [KIND_DURATION] = true};
    return !FIGURE[f->type->expr_kind];
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

static const char *records_text(struct export *x, struct value v)
{
    struct title_row *rows = NULL;
    struct buf text = {0};
    size_t count = read_records(x, v, &rows);
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].hidden) {
            records_cell_add(&text, &rows[i]);
        }
    }
    const char *cell = text.size > 0 ? arena_strdup(&x->row, buf_text(&text)) : NULL;
    buf_done(&text);
    return cell;
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
}

static void json_entry(struct export *x, struct json_writer *w, const char *entry)
{
    struct buf text = {0};
    (void)mention_export(x->c, &x->row, entry, &text);
    jw_text(w, buf_text(&text));
    buf_done(&text);
}

/* Until the next one: in `text`, or in x->row. */
static const char *cell_text(struct export *x, const struct field *f, const struct value *values,
                             const char *title, struct buf *text)
{
    if (values[0].kind == VALUE_NULL) {
        return NULL;
    }
    if (field_is_link(f)) {
        return title;
    }
    if (field_is_records(f)) {
        return records_text(x, values[0]);
    }
    buf_clear(text);
    if (f == mention_field(f->entity)) {
        (void)mention_export(x->c, &x->row, values[0].s, text); /* x->c->err ends the list */
    } else {
        f->type->print_text(text, f, values);
    }
    return buf_text(text);
}

const char *export_text(struct export *x, const struct field *f, const struct value *values,
                        const char *title)
{
    return arena_strdup(&x->row, cell_text(x, f, values, title, &x->cell));
}

static void json_row(struct export *x, const struct list_row *row)
{
    struct json_writer w;
    size_t column = 0;
    jw_init(&w, &x->out);
    jw_object(&w);
    for (size_t i = 0; i < x->field_count; i++) {
        const struct field *f = x->fields[i];
        jw_key(&w, x->names[i]);
        struct value own[FIELD_MAX_COLUMNS];
        if (field_is_records(f)) {
            json_records(x, &w, row->values[column]);
        } else if (f == mention_field(f->entity) && row->values[column].kind == VALUE_TEXT) {
            json_entry(x, &w, row->values[column].s);
        } else {
            print_value(&w, x->c, f, export_typed(f, &row->values[column], own), &row->titles[i]);
        }
        column += export_width(f);
    }
    jw_object_end(&w);
    buf_putc(&x->out, '\n');
}

static void csv_begin(struct export *x)
{
    const struct export_request *q = x->request;
    csv_writer_init(&x->writer, &x->out, q->delimiter, true, q->guard);
    if (q->mark) {
        csv_write_mark(&x->writer);
    }
    for (size_t i = 0; i < x->field_count; i++) {
        csv_write_plain(&x->writer, x->names[i]);
    }
    csv_write_end_row(&x->writer);
}

static void csv_row(struct export *x, const struct list_row *row)
{
    size_t column = 0;
    for (size_t i = 0; i < x->field_count; i++) {
        const struct field *f = x->fields[i];
        struct value own[FIELD_MAX_COLUMNS];
        const struct value *values = export_typed(f, &row->values[column], own);
        const char *text = cell_text(x, f, values, row->titles[i].text, &x->cell);
        bool any = is_text(f) || text == NULL;
        any ? csv_write_text(&x->writer, text) : csv_write_plain(&x->writer, text);
        column += export_width(f);
    }
    csv_write_end_row(&x->writer);
}

static void nothing(struct export *x)
{
    (void)x;
}

const struct export_row_functions EXPORT_CSV = {csv_begin, csv_row, nothing};
const struct export_row_functions EXPORT_NDJSON = {nothing, json_row, nothing};
