/*
 * A field type more, for test/http/field_types.py: a colour like "#1a2b3c". The way in and the row,
 * as they would stand in lib/model; CMakeLists.txt puts the row into a copy of field_type.c.
 */
#ifndef KONTOR_TEST_COLOUR_H
#define KONTOR_TEST_COLOUR_H

#include <ctype.h>

#include "base/arena.h"
#include "model/types.h"

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
    char *colour = arena_strdup(c->arena, s);
    for (char *p = colour; *p != '\0'; p++) {
        *p = (char)tolower((unsigned char)*p);
    }
    *out = (struct parsed){.values = {value_text(colour)}};
    return 0;
}

#define COLOUR_ROW                                                                                 \
    {.name = "colour", .declarable = true, TEXT_COLUMN,                                            \
     WAYS(type_text_from_json, colour_from_text, type_text_to_json, type_text_to_text),            \
     .expr_kind = KIND_TEXT, .sort = SORT_VALUE, .places = -1, .groupable = true,                  \
     .uniqueable = true, .searchable = true, .entitling = true, .widget = "colour",                \
     .schema = "{\"type\":[\"string\",\"null\"],\"pattern\":\"^#[0-9a-f]{6}$\"}",                  \
     .example = "\"#1a2b3c\"", .doc = "a colour"}

#endif
