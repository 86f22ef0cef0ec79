/*
 * FIELD_TYPES: the table of field types, see field_type.h. The functions of the rows stand in type_*.c.
 */
#include "model/field_type.h"

#include <string.h>

#include "model/types.h"

#define TEXT_COLUMN    .column_count = 1, .suffix = {""}, .sql_type = {"TEXT"}
#define INTEGER_COLUMN .column_count = 1, .suffix = {""}, .sql_type = {"INTEGER"}
#define WAYS(in_json, in_text, out_json, out_text)                                                 \
    .parse_json = (in_json), .parse_text = (in_text), .print_json = (out_json),                    \
    .print_text = (out_text)

const struct field_type FIELD_TYPES[] = {
    {.name = "id", .kind = TYPE_ID, INTEGER_COLUMN,
     WAYS(type_number_from_json, type_integer_from_text, type_integer_to_json,
          type_integer_to_text),
     .sortable = true, .places = -1, .expr_kind = KIND_LINK, .widget = "integer", .example = "7",
     .doc = "the record's number"},
    {.name = "text", .kind = TYPE_TEXT, .declarable = true, TEXT_COLUMN,
     WAYS(type_text_from_json, type_text_from_text, type_text_to_json, type_text_to_text),
     .sortable = true, .groupable = true, .uniqueable = true, .searchable = true, .limited = true,
     .places = -1, .expr_kind = KIND_TEXT, .widget = "text", .example = "\"Ada Lovelace\"",
     .doc = "one line of text, up to 1,000 characters; min and max limit the length"},
    {.name = "longtext", .kind = TYPE_LONGTEXT, .declarable = true, TEXT_COLUMN,
     WAYS(type_text_from_json, type_longtext_from_text, type_text_to_json, type_text_to_text),
     .searchable = true, .limited = true, .places = -1, .expr_kind = KIND_TEXT,
     .widget = "longtext", .example = "\"First line\\nsecond line\"",
     .doc = "text with line breaks, up to 100,000 characters"},
    {.name = "integer", .kind = TYPE_INTEGER, .declarable = true, INTEGER_COLUMN,
     WAYS(type_number_from_json, type_integer_from_text, type_integer_to_json,
          type_integer_to_text),
     .sortable = true, .groupable = true, .uniqueable = true, .limited = true, .places = -1,
     .expr_kind = KIND_NUMBER, .widget = "integer", .example = "-42", .doc = "a whole number"},
    {.name = "decimal", .kind = TYPE_DECIMAL, .declarable = true, INTEGER_COLUMN,
     WAYS(type_number_from_json, type_scaled_from_text, type_scaled_to_json, type_scaled_to_text),
     .sortable = true, .limited = true, .places = 2, .expr_kind = KIND_NUMBER,
     .widget = "decimal", .example = "\"12.50\"",
     .doc = "an exact number; places: digits after the point (2)"},
    {.name = "money", .kind = TYPE_MONEY, .declarable = true, .column_count = 3,
     .suffix = {"", "_cur", "_base"}, .sql_type = {"INTEGER", "TEXT", "INTEGER"},
     WAYS(type_money_from_json, type_money_from_text, type_money_to_json, type_money_to_text),
     .sortable = true, .limited = true, .places = -1, .expr_kind = KIND_MONEY, .widget = "money",
     .example = "{\"value\":\"1234.50\",\"currency\":\"EUR\"}",
     .doc = "an amount with its currency; compared and summed in the base currency"},
    {.name = "percent", .kind = TYPE_PERCENT, .declarable = true, INTEGER_COLUMN,
     WAYS(type_number_from_json, type_scaled_from_text, type_scaled_to_json, type_scaled_to_text),
     .sortable = true, .limited = true, .places = 2, .expr_kind = KIND_NUMBER,
     .widget = "percent", .example = "\"12.50\"", .doc = "a percentage; 12.50 means 12.5 %"},
    {.name = "date", .kind = TYPE_DATE, .declarable = true, TEXT_COLUMN,
     WAYS(type_text_from_json, type_date_from_text, type_text_to_json, type_text_to_text),
     .sortable = true, .groupable = true, .uniqueable = true, .limited = true, .places = -1,
     .expr_kind = KIND_DATE, .widget = "date", .example = "\"2026-11-21\"",
     .doc = "a day without a time"},
    {.name = "instant", .kind = TYPE_INSTANT, .declarable = true, INTEGER_COLUMN,
     WAYS(type_text_from_json, type_instant_from_text, type_instant_to_json,
          type_instant_to_text),
     .sortable = true, .places = -1, .expr_kind = KIND_INSTANT, .widget = "instant",
     .example = "\"2026-11-21T14:05:00Z\"", .doc = "a moment, kept in UTC"},
    {.name = "bool", .kind = TYPE_BOOL, .declarable = true, INTEGER_COLUMN,
     WAYS(type_bool_from_json, type_bool_from_text, type_bool_to_json, type_bool_to_text),
     .sortable = true, .groupable = true, .places = -1, .expr_kind = KIND_BOOL, .widget = "bool",
     .example = "true", .doc = "yes or no"},
    {.name = "choice", .kind = TYPE_CHOICE, .declarable = true, TEXT_COLUMN,
     WAYS(type_choice_from_json, type_choice_from_text, type_text_to_json, type_text_to_text),
     .sortable = true, .groupable = true, .searchable = false, .places = -1,
     .expr_kind = KIND_CHOICE, .widget = "choice", .example = "\"first\"",
     .doc = "one of the options under of"},
    {.name = "choices", .kind = TYPE_CHOICES, .declarable = true, TEXT_COLUMN,
     WAYS(type_keys_from_json, type_keys_from_text, type_list_to_json, type_keys_to_text),
     .places = -1, .expr_kind = KIND_LIST, .widget = "choices",
     .example = "[\"first\",\"second\"]", .doc = "any number of the options under of"},
    {.name = "emails", .kind = TYPE_EMAILS, .declarable = true, TEXT_COLUMN,
     WAYS(type_contact_from_json, type_contact_from_text, type_list_to_json,
          type_contact_to_text),
     .searchable = true, .places = -1, .expr_kind = KIND_LIST, .widget = "emails",
     .example = "[{\"value\":\"ada@example.com\",\"label\":\"work\",\"primary\":true,"
                "\"opt_out\":false}]",
     .doc = "e-mail addresses, one of them the primary one"},
    {.name = "phones", .kind = TYPE_PHONES, .declarable = true, TEXT_COLUMN,
     WAYS(type_contact_from_json, type_contact_from_text, type_list_to_json,
          type_contact_to_text),
     .searchable = true, .places = -1, .expr_kind = KIND_LIST, .widget = "phones",
     .example = "[{\"value\":\"+49 30 123456\",\"label\":\"\",\"primary\":true,"
                "\"opt_out\":false}]",
     .doc = "phone numbers, one of them the primary one"},
    {.name = "links", .kind = TYPE_LINKS, .declarable = true, TEXT_COLUMN,
     WAYS(type_contact_from_json, type_contact_from_text, type_list_to_json,
          type_contact_to_text),
     .searchable = true, .places = -1, .expr_kind = KIND_LIST, .widget = "links",
     .example = "[{\"value\":\"https://example.com\",\"label\":\"\",\"primary\":true,"
                "\"opt_out\":false}]",
     .doc = "web addresses, one of them the primary one"},
    {.name = "link", .kind = TYPE_LINK, .declarable = true, INTEGER_COLUMN,
     WAYS(type_link_from_json, type_link_from_text, type_integer_to_json, type_integer_to_text),
     .sortable = true, .groupable = true, .places = -1, .expr_kind = KIND_LINK, .widget = "link",
     .example = "12", .doc = "one record of the entity under to"},
    {.name = "user", .kind = TYPE_USER, .declarable = true, INTEGER_COLUMN,
     WAYS(type_link_from_json, type_link_from_text, type_integer_to_json, type_integer_to_text),
     .sortable = true, .groupable = true, .places = -1, .expr_kind = KIND_LINK, .widget = "user",
     .example = "3", .doc = "one of the people who use Kontor"},
    {.name = "records", .kind = TYPE_RECORDS, .declarable = true, TEXT_COLUMN,
     WAYS(type_records_from_json, type_records_from_text, type_list_to_json,
          type_records_to_text),
     .places = -1, .expr_kind = KIND_LIST, .widget = "records", .example = "[4,11]",
     .doc = "any number of records of any entity"},
    {.name = "pipeline", .kind = TYPE_PIPELINE, .declarable = true, TEXT_COLUMN,
     WAYS(type_choice_from_json, type_choice_from_text, type_text_to_json, type_text_to_text),
     .sortable = true, .groupable = true, .places = -1, .expr_kind = KIND_CHOICE,
     .widget = "pipeline", .example = "\"sales\"", .doc = "one of the entity's pipelines"},
    {.name = "stage", .kind = TYPE_STAGE, .declarable = true, TEXT_COLUMN,
     WAYS(type_choice_from_json, type_choice_from_text, type_text_to_json, type_text_to_text),
     .sortable = true, .groupable = true, .places = -1, .expr_kind = KIND_CHOICE,
     .widget = "stage", .example = "\"enquiry\"", .doc = "a stage of the record's pipeline"},
    {.name = "tags", .kind = TYPE_TAGS, TEXT_COLUMN,
     WAYS(type_keys_from_json, type_keys_from_text, type_list_to_json, type_keys_to_text),
     .places = -1, .expr_kind = KIND_LIST, .widget = "tags", .example = "[\"vip\",\"fair 2026\"]",
     .doc = "any number of free words"},
    {0},
};

const struct field_type *field_type_find(const char *name)
{
    for (const struct field_type *t = FIELD_TYPES; t->name != NULL; t++) {
        if (strcmp(t->name, name) == 0) {
            return t;
        }
    }
    return NULL;
}
