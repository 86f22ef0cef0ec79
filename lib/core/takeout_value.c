/* Values in the files of a full export, see takeout_private.h. */
#include <stdio.h>

#include "base/str.h"
#include "core/takeout_private.h"

#define EXACT_MAX ((int64_t)1 << 53) /* larger ones are rounded by readers that use doubles */

void takeout_print_stored(struct json_writer *w, struct value v)
{
    char digits[24];
    if (v.kind == VALUE_TEXT) {
        jw_text_n(w, v.s, v.n);
    } else if (v.kind == VALUE_NULL) {
        jw_null(w);
    } else if (v.i > -EXACT_MAX && v.i < EXACT_MAX) {
        jw_int(w, v.i);
    } else {
        snprintf(digits, sizeof(digits), "%lld", (long long)v.i);
        jw_object(w);
        jw_kv_text(w, "int", digits);
        jw_object_end(w);
    }
}

int takeout_read_stored(const struct json *j, struct value *out)
{
    int64_t i = 0;
    if (j->type == JSON_STRING) {
        *out = value_text(j->text);
        return 0;
    }
    if (j->type == JSON_NULL) {
        *out = value_null();
        return 0;
    }
    const char *digits = json_text(j, "int");
    if (digits != NULL ? str_to_int(digits, &i) != 0 : json_int(j, &i) != 0) {
        return -1;
    }
    *out = value_int(i);
    return 0;
}

static int read_columns(const struct field *f, const struct json *list,
                        struct value out[FIELD_MAX_COLUMNS])
{
    size_t n = 0;
    for (const struct json *j = list->child; j != NULL; j = j->next) {
        if (n == f->column_count || takeout_read_stored(j, &out[n++]) != 0) {
            return -1;
        }
    }
    return list->type == JSON_ARRAY && n == f->column_count ? 0 : -1;
}

int takeout_read_field(const struct ctx *c, struct arena *a, const struct field *f,
                       const struct json *printed, const struct json *stored,
                       struct value out[FIELD_MAX_COLUMNS], struct err *e)
{
    struct err ignored = {0};
    struct parsed parsed = {0};
    const struct parse_context context = {.arena = a, .model = c->model};
    for (size_t i = 0; i < FIELD_MAX_COLUMNS; i++) {
        out[i] = value_null();
    }
    if (stored != NULL) {
        return read_columns(f, stored, out) == 0
                   ? 0
                   : err_fail(e != NULL ? e : &ignored, ERR_INVALID, f->name,
                              "is no list of the field's columns");
    }
    if (printed == NULL || printed->type == JSON_NULL) {
        return 0;
    }
    if (f->type->parse_json(&context, f, printed, &parsed, e != NULL ? e : &ignored) != 0 ||
        parsed.reference_count > 0) {
        return -1;
    }
    for (size_t i = 0; i < f->column_count; i++) {
        out[i] = parsed.values[i];
    }
    return 0;
}
