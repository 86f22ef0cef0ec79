/*
 * Inside an export: its formats are the rows of EXPORT_FORMATS (export.c). export_rows.c writes CSV
 * and NDJSON, export_sheet.c workbooks, export_card.c vCards.
 */
#ifndef KONTOR_CORE_EXPORT_PRIVATE_H
#define KONTOR_CORE_EXPORT_PRIVATE_H

#include "core/parts.h"
#include "core/transfer.h"
#include "exchange/csv.h"

struct export
{
    struct ctx *c;
    const struct export_request *request;
    const struct entity *entity;
    const struct field **fields;
    const char **names;       /* of the columns, by field: "city", "company.city" */
    struct field_path *paths; /* by field: the links to who has it */
    size_t field_count;
    const struct export_format *format;
    struct buf out; /* not yet in the file */
    struct csv_writer writer;
    struct buf cell; /* the text of one */
    void *own;        /* of the format */
    struct arena row; /* of one row's records; given back after it */
    int fd;
    int64_t rows;
};

/* A row of the list. Errors go to x->c->err, which ends the list. */
struct export_row_functions {
    void (*begin)(struct export *x);
    void (*row)(struct export *x, const struct list_row *row);
    void (*end)(struct export *x);
};
extern const struct export_row_functions EXPORT_CSV, EXPORT_NDJSON, EXPORT_XLSX, EXPORT_CARDS;

/* Columns of a field in the values of a row. */
size_t export_width(const struct field *f);
/* The values as the field's type prints them. */
const struct value *export_typed(const struct field *f, const struct value *values,
                                 struct value own[FIELD_MAX_COLUMNS]);
/* The text of a cell, empty for null; NULL for an empty one. In x->row. */
const char *export_text(struct export *x, const struct field *f, const struct value *values,
                        const char *title);

#endif
