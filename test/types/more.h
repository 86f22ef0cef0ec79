/*
 * Field types more, for test/http/field_types.py: a colour like "#1a2b3c", a list of accounts like
 * "@ada", a period like "2026-01-01/2026-03-31" in two columns, a ticket like "T-17" from a counter. Their ways in and out and their rows
 * as they would stand in lib/model; CMakeLists.txt puts the rows into a copy of field_type.c.
 */
#ifndef KONTOR_TEST_MORE_H
#define KONTOR_TEST_MORE_H

#include <ctype.h>

#include "base/arena.h"
#include "base/clock.h"
#include "model/types.h"

static char *lower(struct arena *a, const char *text)
{
    char *copy = arena_strdup(a, text);
    for (char *p = copy; *p != '\0'; p++) {
        *p = (char)tolower((unsigned char)*p);
    }
    return copy;
}

static TYPE_PARSE_TEXT(colour_from_text)
{
    (void)f;
    const char *s = type_clean(c, in, e);
    if (s == NULL) {
        return -1;
    }
    if (*s == '\0') {
        *out = (struct parsed){0};
        return 0;
    }
    if (*s != '#' || strspn(s + 1, "0123456789abcdefABCDEF") != 6 || s[7] != '\0') {
        return type_refuse(c, e, "%s is not a colour like \"#1a2b3c\"", type_quote(c->arena, s));
    }
    *out = (struct parsed){.values = {value_text(lower(c->arena, s))}};
    return 0;
}

static bool account_fits(const char *text)
{
    return text[0] == '@' && text[1] != '\0' && strchr(text, ' ') == NULL;
}

static const struct point_type ACCOUNTS = {
    .noun = "account",
    .example = "an account like \"@ada\"",
    .fits = account_fits,
    .separators = ";,\n",
    .normalise = lower,
    .by_part = true,
};

/* First day, last day: expressions see the last column. */
static TYPE_PARSE_TEXT(period_from_text)
{
    (void)f;
    const char *s = type_clean(c, in, e);
    if (s == NULL) {
        return -1;
    }
    if (*s == '\0') {
        *out = (struct parsed){0};
        return 0;
    }
    const char *from = arena_strndup(c->arena, s, strcspn(s, "/"));
    const char *to = s + strlen(from) + (s[strlen(from)] == '/');
    if (!clock_is_date(from) || !clock_is_date(to) || strcmp(from, to) > 0) {
        return type_refuse(c, e, "%s is not a period like \"2026-01-01/2026-03-31\"",
                           type_quote(c->arena, s));
    }
    *out = (struct parsed){.values = {value_text(from), value_text(to)}};
    return 0;
}

static TYPE_PRINT_TEXT(period_to_text)
{
    (void)f;
    buf_printf(out, "%s/%s", values[0].s, values[1].s);
}

static TYPE_PRINT_JSON(period_to_json)
{
    struct buf text = {0};
    period_to_text(&text, f, values);
    jw_text(w, buf_text(&text));
    buf_done(&text);
}

static TYPE_PARSE_TEXT(ticket_from_text)
{
    const char *s = type_clean(c, in, e);
    if (s == NULL) {
        return -1;
    }
    if (*s != '\0' && strncmp(s, "T-", 2) != 0) {
        return type_refuse(c, e, "%s is not a ticket like \"T-17\"", type_quote(c->arena, s));
    }
    return type_serial_from_text(c, f, *s != '\0' ? s + 2 : s, out, e);
}

static TYPE_PRINT_TEXT(ticket_to_text)
{
    (void)f;
    buf_printf(out, "T-%lld", (long long)values[0].i);
}

static TYPE_PRINT_JSON(ticket_to_json)
{
    struct buf text = {0};
    ticket_to_text(&text, f, values);
    jw_text(w, buf_text(&text));
    buf_done(&text);
}

#define MORE_ROWS                                                                                  \
    {.name = "colour", .declarable = true, TEXT_COLUMN,                                            \
     WAYS(type_text_from_json, colour_from_text, type_text_to_json, type_text_to_text),            \
     .expr_kind = KIND_TEXT, .sort = SORT_VALUE, .places = -1, .groupable = true,                  \
     .uniqueable = true, .searchable = true, .entitling = true, .visitor = VISITOR_LINE,            \
     .widget = "colour",                                                                           \
     .schema = "{\"type\":[\"string\",\"null\"],\"pattern\":\"^#[0-9a-f]{6}$\"}",                  \
     .example = "\"#1a2b3c\"", .doc = "a colour"},                                                 \
    {.name = "accounts", .declarable = true, TEXT_COLUMN,                                          \
     WAYS(type_contact_from_json, type_contact_from_text, type_list_to_json,                       \
          type_contact_to_text),                                                                   \
     .expr_kind = KIND_LIST, .form = FORM_POINTS, .points = &ACCOUNTS, .places = -1,               \
     .searchable = true, .widget = "accounts", .schema = A_POINTS,                                 \
     .example = "[{\"value\":\"@ada\",\"label\":\"\",\"primary\":true,\"opt_out\":false}]",        \
     .doc = "accounts"},                                                                           \
    {.name = "period", .declarable = true, .column_count = 2, .suffix = {"", "_to"},                \
     .sql_type = {"TEXT", "TEXT"}, .compared = 1,                                                  \
     WAYS(type_text_from_json, period_from_text, period_to_json, period_to_text),                  \
     .expr_kind = KIND_DATE, .sort = SORT_VALUE, .places = -1, .widget = "period",                 \
     .example = "\"2026-01-01/2026-03-31\"", .doc = "first and last day"},                         \
    {.name = "ticket", .declarable = true, INTEGER_COLUMN,                                         \
     WAYS(type_text_from_json, ticket_from_text, ticket_to_json, ticket_to_text),                  \
     LIMITS(type_serial_limit, type_scaled_limit_to_text), .expr_kind = KIND_NUMBER,               \
     .sort = SORT_VALUE, .places = -1, .uniqueable = true, .entitling = true, .serial = true,      \
     .widget = "ticket", .example = "\"T-17\"", .doc = "a ticket"},

#endif
