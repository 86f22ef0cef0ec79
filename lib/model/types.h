/*
 * Inside lib/model: the parse and print functions that rows of FIELD_TYPES are made of.
 *
 * Signatures as in field_type.h. A parser writes `out` only on success; empty text gives a null
 * value. Texts are copied into the context's arena, so the result never borrows the input.
 */
#ifndef KONTOR_MODEL_TYPES_H
#define KONTOR_MODEL_TYPES_H

#include "base/err.h"
#include "model/field_type.h"
#include "model/point.h"

#define TYPE_ITEMS_MAX  100 /* entries of a multi-valued field */
#define TYPE_SERIAL_MAX INT64_C(999999999999999) /* given by hand; a counter goes on from there */

#define TYPE_PARSE_JSON(name)                                                                      \
    int name(const struct parse_context *c, const struct field *f, const struct json *in,          \
             struct parsed *out, struct err *e)
#define TYPE_PARSE_TEXT(name)                                                                      \
    int name(const struct parse_context *c, const struct field *f, const char *in,                 \
             struct parsed *out, struct err *e)
#define TYPE_PRINT_JSON(name)                                                                      \
    void name(struct json_writer *w, const struct field *f, const struct value *values)
#define TYPE_PRINT_TEXT(name)                                                                      \
    void name(struct buf *out, const struct field *f, const struct value *values)
#define TYPE_PARSE_LIMIT(name) int name(const struct field *f, const char *text, int64_t *out)
#define TYPE_PRINT_LIMIT(name) void name(struct buf *out, const struct field *f, int64_t limit)

/* type_scalar.c: one value, one column */
TYPE_PARSE_JSON(type_text_from_json);
TYPE_PARSE_JSON(type_number_from_json);
TYPE_PARSE_JSON(type_bool_from_json);
TYPE_PARSE_TEXT(type_text_from_text);
TYPE_PARSE_TEXT(type_longtext_from_text);
TYPE_PARSE_TEXT(type_integer_from_text);
TYPE_PARSE_TEXT(type_serial_from_text);
TYPE_PARSE_TEXT(type_scaled_from_text);
TYPE_PARSE_TEXT(type_date_from_text);
TYPE_PARSE_TEXT(type_instant_from_text);
TYPE_PARSE_TEXT(type_bool_from_text);
TYPE_PRINT_JSON(type_text_to_json);
TYPE_PRINT_JSON(type_integer_to_json);
TYPE_PRINT_JSON(type_scaled_to_json);
TYPE_PRINT_JSON(type_instant_to_json);
TYPE_PRINT_JSON(type_bool_to_json);
TYPE_PRINT_TEXT(type_text_to_text);
TYPE_PRINT_TEXT(type_integer_to_text);
TYPE_PRINT_TEXT(type_scaled_to_text);
TYPE_PRINT_TEXT(type_instant_to_text);
TYPE_PRINT_TEXT(type_bool_to_text);
TYPE_PARSE_LIMIT(type_length_limit); /* at most type->length_max */
TYPE_PARSE_LIMIT(type_scaled_limit);
TYPE_PARSE_LIMIT(type_serial_limit); /* a number that may be given */
TYPE_PARSE_LIMIT(type_date_limit); /* days */
TYPE_PRINT_LIMIT(type_scaled_limit_to_text);
TYPE_PRINT_LIMIT(type_date_limit_to_text);

/* The day in the text, "2026-11-21" or "21.11.2026", as the first; NULL: it is none. */
const char *type_read_date(struct arena *a, const char *s);

/* type_local.c: a day, or a time with its zone */
TYPE_PARSE_TEXT(type_local_from_text);
TYPE_PRINT_JSON(type_local_to_json);
TYPE_PRINT_TEXT(type_local_to_text);

/* type_money.c */
TYPE_PARSE_JSON(type_money_from_json);
TYPE_PARSE_TEXT(type_money_from_text);
TYPE_PRINT_JSON(type_money_to_json);
TYPE_PRINT_TEXT(type_money_to_text);

/* type_choice.c: keys out of a list of options, of pipelines or of stages */
TYPE_PARSE_JSON(type_choice_from_json);
TYPE_PARSE_TEXT(type_choice_from_text);
TYPE_PARSE_JSON(type_keys_from_json);
TYPE_PARSE_TEXT(type_keys_from_text);
TYPE_PRINT_JSON(type_list_to_json); /* the stored JSON as it is */
TYPE_PRINT_TEXT(type_keys_to_text);

/* type_contact.c: e-mail addresses, phone numbers, web links */
TYPE_PARSE_JSON(type_contact_from_json);
TYPE_PARSE_TEXT(type_contact_from_text);
TYPE_PRINT_TEXT(type_contact_to_text);
/* type_contact_cell.c: a cell into its entries, and one entry into a cell. */
int type_points_split(const struct parse_context *c, const char *in, const char *separators,
                      struct point **out, size_t *count, struct err *e);
void type_point_put(struct buf *out, struct point *p, bool first);
bool phone_fits(const char *s);
bool web_link_fits(const char *s);

/* type_address.c */
TYPE_PARSE_JSON(type_address_from_json);
TYPE_PARSE_TEXT(type_address_from_text);
TYPE_PRINT_JSON(type_address_to_json);
TYPE_PRINT_TEXT(type_address_to_text);

/* type_link.c: ids of other records */
TYPE_PARSE_JSON(type_link_from_json);
TYPE_PARSE_TEXT(type_link_from_text);
TYPE_PARSE_JSON(type_records_from_json);
TYPE_PARSE_TEXT(type_records_from_text);
TYPE_PRINT_TEXT(type_records_to_text);

/* Refusal: one item without where. Always -1. */
int type_refuse(const struct parse_context *c, struct err *e, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* The text in quotes for a message, cut to 60 bytes at a character. */
const char *type_quote(struct arena *a, const char *text);
/* A member with one of MARK_KEYS into *out: 1 taken, 0 it is another member, -1 refused. */
int type_mark(const struct parse_context *c, const struct json *j, struct marks *out,
              struct err *e);
/* Trimmed copy if `in` is valid UTF-8 without control characters; NULL: refused. */
const char *type_clean(const struct parse_context *c, const char *in, struct err *e);
/* Splits at any character of `separators`, trims, leaves out empty pieces; at most TYPE_ITEMS_MAX.
 */
int type_split(const struct parse_context *c, const char *in, const char *separators,
               const char ***out, size_t *count, struct err *e);
/* Options of a choice, pipeline or stage field as {id, label}; in the arena where they are made. */
const struct option *type_options(struct arena *a, const struct model *m, const struct field *f,
                                  size_t *count);

#endif
