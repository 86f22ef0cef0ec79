/*
 * Exports as a workbook: what is a number, an amount, a date or yes/no is one in the sheet, too.
 * Columns bear the labels of their fields, as far as an import knows them by these; instants are in
 * the company's zone.
 */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/zone.h"
#include "core/export_private.h"
#include "core/import.h"
#include "exchange/xlsx_writer.h"

static int take_bytes(void *data, const char *bytes, size_t n)
{
    struct export *x = data;
    buf_add(&x->out, bytes, n);
    return 0;
}

static bool is_id(const struct field *f)
{
    return f->type->expr_kind == KIND_LINK && f->type->form == FORM_PLAIN;
}

/* A column's name for people, "Company · City". */
static const char *label_of(struct arena *a, const struct export *x, size_t column)
{
    const struct field_path *path = &x->paths[column];
    const char *label = x->fields[column]->label;
    for (size_t i = path->count; i > 0; i--) {
        label = arena_printf(a, "%s" IMPORT_LINKED_SIGN "%s", path->links[i - 1]->label, label);
    }
    return label;
}

/* Its label, unless that means another field or stands for several. */
static const char *header_of(const struct export *x, size_t column)
{
    const struct field *f = x->fields[column];
    const char *label = label_of(x->c->arena, x, column);
    const struct field *meant = import_field_of(x->c, x->entity, label);
    bool linked = x->paths[column].count > 0;
    bool fits = linked ? meant == NULL && import_is_linked(x->c, x->entity, label)
                       : !is_id(f) && meant == f;
    return fits ? label : x->names[column]; /* rows are matched by a column called id */
}

static void sheet_begin(struct export *x)
{
    const char **headers = ARENA_ARRAY(x->c->arena, const char *, x->field_count + 1);
    for (size_t i = 0; i < x->field_count; i++) {
        headers[i] = header_of(x, i);
    }
    x->own = xlsx_writer_new(x->c->arena, take_bytes, x, x->c->now_ms / 1000,
                             x->entity->label_plural, headers, x->field_count);
}

/* "1234.50 EUR" */
static void put_money(struct export *x, const char *text)
{
    const char *blank = strchr(text, ' ');
    const char *currency = blank != NULL ? blank + 1 : x->c->model->company.currency;
    size_t n = blank != NULL ? (size_t)(blank - text) : strlen(text);
    xlsx_put_money(x->own, arena_strndup(&x->row, text, n), currency);
}

static int two_digits(const char *s)
{
    return (s[0] - '0') * 10 + (s[1] - '0');
}

/* The wall time of the company's zone; what was agreed on in another zone keeps that one, as text. */
static void put_instant(struct export *x, const char *text)
{
    struct local_time t;
    const char *zone = strchr(text, '[');
    bool own = zone == NULL || str_eq(zone, arena_printf(&x->row, "[%s]", clock_zone()));
    if (clock_is_date(text)) {
        xlsx_put_date(x->own, text);
        return;
    }
    if (!own || local_parse(text, &t) != LOCAL_FINE) {
        xlsx_put_text(x->own, text);
        return;
    }
    local_of_instant(t.at_ms, &t);
    const char *time = t.text + CLOCK_DATE_SIZE;
    int seconds = (two_digits(time) * 60 + two_digits(time + 3)) * 60 + two_digits(time + 6);
    xlsx_put_time(x->own, arena_strndup(&x->row, t.text, CLOCK_DATE_SIZE - 1), seconds);
}

/* A single address or link leads somewhere. */
static void put_point(struct export *x, const struct field *f, const struct value *values,
                      const char *text)
{
    const char **points = NULL;
    size_t count = point_texts(&x->row, values[0], &points);
    enum handle_kind kind = field_handle(f);
    const char *before = kind == HANDLE_EMAIL ? "mailto:"
                         : kind == HANDLE_DOMAIN && count == 1 && strstr(points[0], "://") == NULL
                             ? "https://"
                             : "";
    if (count != 1 || strcmp(points[0], text) != 0 || kind == HANDLE_PHONE) {
        xlsx_put_text(x->own, text);
        return;
    }
    xlsx_put_link(x->own, text, arena_printf(&x->row, "%s%s", before, text));
}

static void put_cell(struct export *x, const struct field *f, const struct value *values,
                     const char *text)
{
    bool digits = text != NULL && text[0] != '\0' && strspn(text, "-0123456789.") == strlen(text) &&
                  strlen(text) <= 16;
    if (text == NULL) {
        xlsx_put_text(x->own, NULL);
    } else if (f->type->kind == TYPE_PERCENT && digits) {
        xlsx_put_percent(x->own, text);
    } else if ((f->type->expr_kind == KIND_NUMBER || is_id(f)) && digits) {
        xlsx_put_number(x->own, text);
    } else if (f->type->expr_kind == KIND_MONEY) {
        put_money(x, text);
    } else if (f->type->expr_kind == KIND_DATE) {
        xlsx_put_date(x->own, text);
    } else if (f->type->expr_kind == KIND_INSTANT) {
        put_instant(x, text);
    } else if (f->type->expr_kind == KIND_BOOL) {
        xlsx_put_bool(x->own, strcmp(text, "true") == 0);
    } else if (f->type->form == FORM_POINTS) {
        put_point(x, f, values, text);
    } else {
        xlsx_put_text(x->own, text);
    }
}

static void sheet_row(struct export *x, const struct list_row *row)
{
    size_t column = 0;
    xlsx_row_begin(x->own);
    for (size_t i = 0; i < x->field_count; i++) {
        const struct field *f = x->fields[i];
        struct value own[FIELD_MAX_COLUMNS];
        const struct value *values = export_typed(f, &row->values[column], own);
        put_cell(x, f, values, export_text(x, f, values, row->titles[i].text));
        column += export_width(f);
    }
    if (xlsx_row_end(x->own) != 0) {
        ctx_fail(x->c, ERR_INVALID, "format",
                 "A sheet holds %d rows; take a filter, or another format.", XLSX_ROWS_MAX - 1);
    }
}

static void sheet_end(struct export *x)
{
    if (xlsx_finish(x->own) != 0) {
        ctx_fail(x->c, ERR_INTERNAL, "", "The workbook cannot be packed.");
    }
}

const struct export_row_functions EXPORT_XLSX = {sheet_begin, sheet_row, sheet_end};
