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
#define LIMITS(in_text, out_text) .parse_limit = (in_text), .print_limit = (out_text)
#define A_POINTS                  "{\"$ref\":\"#/components/schemas/Points\"}"
#define A_LINK                    "{\"$ref\":\"#/components/schemas/Link\"}"

static const struct point_type EMAILS = {
    .noun = "e-mail address",
    .example = "an e-mail address like \"ada@example.com\"",
    .fits = email_fits,
    .separators = ";,\n",
    .handle = HANDLE_EMAIL,
    .normalise = handle_email,
    .reaches = true,
    .by_part = true,
};
static const struct point_type PHONES = {
    .noun = "phone number",
    .example = "a phone number like \"+49 30 123456\"",
    .fits = phone_fits,
    .separators = ";\n",
    .handle = HANDLE_PHONE,
    .normalise = handle_phone,
    .reaches = true,
    .by_digits = true,
};
static const struct point_type WEB_LINKS = {
    .noun = "web address",
    .example = "a web address like \"https://example.com\"",
    .fits = web_link_fits,
    .separators = ";\n",
    .handle = HANDLE_DOMAIN,
    .normalise = handle_domain,
    .own_entity = true,
};

const struct field_type FIELD_TYPES[] = {
    {.name = "id", .kind = TYPE_ID, INTEGER_COLUMN,
     WAYS(type_number_from_json, type_integer_from_text, type_integer_to_json,
          type_integer_to_text),
     .expr_kind = KIND_LINK, .sort = SORT_VALUE, .places = -1, .widget = "integer",
     .schema = "{\"type\":\"integer\"}", .example = "7", .doc = "the record's number"},
    {.name = "text", .declarable = true, TEXT_COLUMN,
     WAYS(type_text_from_json, type_text_from_text, type_text_to_json, type_text_to_text),
     LIMITS(type_length_limit, type_scaled_limit_to_text), .expr_kind = KIND_TEXT,
     .words = WORDS_LINE, .sort = SORT_FOLDED, .length_max = 1000, .places = -1, .groupable = true,
     .uniqueable = true, .searchable = true, .entitling = true, .widget = "text",
     .example = "\"Ada Lovelace\"",
     .doc = "one line of text, up to 1,000 characters; min and max limit the length"},
    {.name = "longtext", .declarable = true, TEXT_COLUMN,
     WAYS(type_text_from_json, type_longtext_from_text, type_text_to_json, type_text_to_text),
     LIMITS(type_length_limit, type_scaled_limit_to_text), .expr_kind = KIND_TEXT,
     .words = WORDS_LINES, .length_max = 100000, .places = -1, .searchable = true,
     .entitling = true, .bulky = true, .widget = "longtext",
     .example = "\"First line\\nsecond line\"",
     .doc = "text with line breaks, up to 100,000 characters"},
    {.name = "integer", .declarable = true, INTEGER_COLUMN,
     WAYS(type_number_from_json, type_integer_from_text, type_integer_to_json,
          type_integer_to_text),
     LIMITS(type_scaled_limit, type_scaled_limit_to_text), .expr_kind = KIND_NUMBER,
     .sort = SORT_VALUE, .places = -1, .groupable = true, .uniqueable = true, .entitling = true,
     .widget = "integer", .schema = "{\"type\":[\"integer\",\"null\"]}", .example = "-42",
     .doc = "a whole number"},
    {.name = "number", .declarable = true, INTEGER_COLUMN,
     WAYS(type_number_from_json, type_serial_from_text, type_integer_to_json,
          type_integer_to_text),
     LIMITS(type_serial_limit, type_scaled_limit_to_text), .expr_kind = KIND_NUMBER,
     .sort = SORT_VALUE, .places = -1, .uniqueable = true, .searchable = true, .entitling = true,
     .serial = true, .widget = "number", .schema = "{\"type\":[\"integer\",\"null\"]}",
     .example = "1001",
     .doc = "a running number, given when a record is made; unique; min is the first one (1)"},
    {.name = "decimal", .declarable = true, INTEGER_COLUMN,
     WAYS(type_number_from_json, type_scaled_from_text, type_scaled_to_json, type_scaled_to_text),
     LIMITS(type_scaled_limit, type_scaled_limit_to_text), .expr_kind = KIND_NUMBER,
     .sort = SORT_VALUE, .places = 2, .widget = "decimal", .example = "\"12.50\"",
     .doc = "an exact number; places: digits after the point (2)"},
    {.name = "money", .kind = TYPE_MONEY, .declarable = true, .column_count = 3,
     .suffix = {"", "_cur", "_base"}, .sql_type = {"INTEGER", "TEXT", "INTEGER"},
     WAYS(type_money_from_json, type_money_from_text, type_money_to_json, type_money_to_text),
     LIMITS(type_scaled_limit, type_scaled_limit_to_text), .expr_kind = KIND_MONEY,
     .sort = SORT_VALUE, .places = -1, .widget = "money",
     .schema = "{\"$ref\":\"#/components/schemas/Money\"}",
     .example = "{\"value\":\"1234.50\",\"currency\":\"EUR\"}",
     .doc = "an amount with its currency; compared and summed in the base currency"},
    {.name = "percent", .kind = TYPE_PERCENT, .declarable = true, INTEGER_COLUMN,
     WAYS(type_number_from_json, type_scaled_from_text, type_scaled_to_json, type_scaled_to_text),
     LIMITS(type_scaled_limit, type_scaled_limit_to_text), .expr_kind = KIND_NUMBER,
     .sort = SORT_VALUE, .places = 2, .widget = "percent", .example = "\"12.50\"",
     .doc = "a percentage; 12.50 means 12.5 %"},
    {.name = "date", .declarable = true, TEXT_COLUMN,
     WAYS(type_text_from_json, type_date_from_text, type_text_to_json, type_text_to_text),
     LIMITS(type_date_limit, type_date_limit_to_text), .expr_kind = KIND_DATE, .sort = SORT_VALUE,
     .places = -1, .groupable = true, .uniqueable = true, .entitling = true, .widget = "date",
     .schema = "{\"type\":[\"string\",\"null\"],\"format\":\"date\"}", .example = "\"2026-11-21\"",
     .doc = "a day without a time"},
    {.name = "instant", .declarable = true, INTEGER_COLUMN,
     WAYS(type_text_from_json, type_instant_from_text, type_instant_to_json,
          type_instant_to_text),
     .expr_kind = KIND_INSTANT, .sort = SORT_VALUE, .places = -1, .widget = "instant",
     .schema = "{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"}",
     .example = "\"2026-11-21T14:05:00Z\"", .doc = "a moment, kept in UTC"},
    {.name = "bool", .declarable = true, INTEGER_COLUMN,
     WAYS(type_bool_from_json, type_bool_from_text, type_bool_to_json, type_bool_to_text),
     .expr_kind = KIND_BOOL, .sort = SORT_VALUE, .places = -1, .groupable = true, .widget = "bool",
     .schema = "{\"type\":[\"boolean\",\"null\"]}", .example = "true", .doc = "yes or no"},
    {.name = "choice", .declarable = true, TEXT_COLUMN,
     WAYS(type_choice_from_json, type_choice_from_text, type_text_to_json, type_text_to_text),
     .expr_kind = KIND_CHOICE, .options = OPTIONS_OWN, .sort = SORT_OPTIONS, .places = -1,
     .groupable = true, .entitling = true, .widget = "choice", .example = "\"first\"",
     .doc = "one of the options under of"},
    {.name = "choices", .declarable = true, TEXT_COLUMN,
     WAYS(type_keys_from_json, type_keys_from_text, type_list_to_json, type_keys_to_text),
     .expr_kind = KIND_LIST, .form = FORM_KEYS, .options = OPTIONS_OWN, .places = -1,
     .widget = "choices", .schema = "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}",
     .example = "[\"first\",\"second\"]", .doc = "any number of the options under of"},
    {.name = "emails", .declarable = true, TEXT_COLUMN,
     WAYS(type_contact_from_json, type_contact_from_text, type_list_to_json,
          type_contact_to_text),
     .expr_kind = KIND_LIST, .form = FORM_POINTS, .points = &EMAILS, .places = -1,
     .searchable = true, .widget = "emails", .schema = A_POINTS,
     .example = "[{\"value\":\"ada@example.com\",\"label\":\"work\",\"primary\":true,"
                "\"opt_out\":false}]",
     .doc = "e-mail addresses, one of them the primary one"},
    {.name = "phones", .declarable = true, TEXT_COLUMN,
     WAYS(type_contact_from_json, type_contact_from_text, type_list_to_json,
          type_contact_to_text),
     .expr_kind = KIND_LIST, .form = FORM_POINTS, .points = &PHONES, .places = -1,
     .searchable = true, .widget = "phones", .schema = A_POINTS,
     .example = "[{\"value\":\"+49 30 123456\",\"label\":\"\",\"primary\":true,"
                "\"opt_out\":false}]",
     .doc = "phone numbers, one of them the primary one"},
    {.name = "links", .declarable = true, TEXT_COLUMN,
     WAYS(type_contact_from_json, type_contact_from_text, type_list_to_json,
          type_contact_to_text),
     .expr_kind = KIND_LIST, .form = FORM_POINTS, .points = &WEB_LINKS, .places = -1,
     .searchable = true, .widget = "links", .schema = A_POINTS,
     .example = "[{\"value\":\"https://example.com\",\"label\":\"\",\"primary\":true,"
                "\"opt_out\":false}]",
     .doc = "web addresses, one of them the primary one"},
    {.name = "addresses", .declarable = true, TEXT_COLUMN,
     WAYS(type_address_from_json, type_address_from_text, type_address_to_json,
          type_address_to_text),
     .expr_kind = KIND_LIST, .form = FORM_ADDRESSES, .places = -1, .searchable = true,
     .bulky = true, .widget = "addresses", .schema = "{\"$ref\":\"#/components/schemas/Addresses\"}",
     .example = "[{\"label\":\"billing\",\"street\":\"Hauptstr. 1\",\"postcode\":\"20095\","
                "\"city\":\"Hamburg\",\"region\":\"\",\"country\":\"Germany\",\"primary\":true,"
                "\"country_code\":\"DE\",\"text\":\"Hauptstr. 1\\n20095 Hamburg\\nGERMANY\"}]",
     .doc = "postal addresses, one of them the primary one"},
    {.name = "link", .declarable = true, INTEGER_COLUMN,
     WAYS(type_link_from_json, type_link_from_text, type_integer_to_json, type_integer_to_text),
     .expr_kind = KIND_LINK, .form = FORM_LINK, .sort = SORT_TITLE, .places = -1,
     .groupable = true, .widget = "link", .schema = A_LINK, .example = "12",
     .doc = "one record of the entity under to"},
    {.name = "user", .declarable = true, INTEGER_COLUMN,
     WAYS(type_link_from_json, type_link_from_text, type_integer_to_json, type_integer_to_text),
     .expr_kind = KIND_LINK, .form = FORM_LINK, .to = ENTITY_USER, .sort = SORT_TITLE, .places = -1,
     .groupable = true, .widget = "user", .schema = A_LINK, .example = "3",
     .doc = "one of the people who use Kontor"},
    {.name = "file", .declarable = true, INTEGER_COLUMN,
     WAYS(type_link_from_json, type_link_from_text, type_integer_to_json, type_integer_to_text),
     .expr_kind = KIND_LINK, .form = FORM_LINK, .to = ENTITY_FILE, .sort = SORT_TITLE, .places = -1,
     .bulky = true, .widget = "file", .schema = A_LINK, .example = "12",
     .doc = "one file that is attached to the record"},
    {.name = "records", .declarable = true, TEXT_COLUMN,
     WAYS(type_records_from_json, type_records_from_text, type_list_to_json,
          type_records_to_text),
     .expr_kind = KIND_LIST, .form = FORM_RECORDS, .places = -1, .bulky = true,
     .widget = "records", .schema = "{\"type\":\"array\",\"items\":" A_LINK "}",
     .example = "[4,11]", .doc = "any number of records of any entity"},
    {.name = "pipeline", .kind = TYPE_PIPELINE, .declarable = true, TEXT_COLUMN,
     WAYS(type_choice_from_json, type_choice_from_text, type_text_to_json, type_text_to_text),
     .expr_kind = KIND_CHOICE, .options = OPTIONS_PIPELINES, .sort = SORT_VALUE, .places = -1,
     .groupable = true, .widget = "pipeline", .example = "\"sales\"",
     .doc = "one of the entity's pipelines"},
    {.name = "stage", .kind = TYPE_STAGE, .declarable = true, TEXT_COLUMN,
     WAYS(type_choice_from_json, type_choice_from_text, type_text_to_json, type_text_to_text),
     .expr_kind = KIND_CHOICE, .options = OPTIONS_STAGES, .sort = SORT_OPTIONS, .places = -1,
     .groupable = true, .widget = "stage", .example = "\"enquiry\"",
     .doc = "a stage of the record's pipeline"},
    {.name = "tags", .declarable = true, TEXT_COLUMN,
     WAYS(type_keys_from_json, type_keys_from_text, type_list_to_json, type_keys_to_text),
     .expr_kind = KIND_LIST, .form = FORM_KEYS, .governed = true, .places = -1, .widget = "tags",
     .schema = "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}",
     .example = "[\"VIP\",\"Fair 2026\"]",
     .doc = "any number of tags; a new one is made when it is first used"},
    {.name = "words", .stored_as = "tags", TEXT_COLUMN,
     WAYS(type_keys_from_json, type_keys_from_text, type_list_to_json, type_keys_to_text),
     .expr_kind = KIND_LIST, .form = FORM_KEYS, .places = -1, .bulky = true, .widget = "tags",
     .schema = "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}",
     .example = "[\"name\",\"city\"]", .doc = "any number of free words"},
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
