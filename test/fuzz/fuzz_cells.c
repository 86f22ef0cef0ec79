/*
 * Cells of fields that hold several things: addresses, contact points, tags. Any text is accepted or
 * refused; what was accepted is printed to a cell that gives the same again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/address.h"
#include "model/field_type.h"

static const char *const TYPES[] = {"addresses", "emails", "phones", "links", "tags"};

/* The text of the value, or NULL: refused or empty. */
static const char *parse(const struct parse_context *c, const struct field *f, const char *text)
{
    struct parsed out = {0};
    struct err e = {0};
    if (f->type->parse_text(c, f, text, &out, &e) != 0) {
        if (e.text[0] == '\0') {
            abort();
        }
        return NULL;
    }
    return out.values[0].kind == VALUE_TEXT ? out.values[0].s : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    arena_init(&a);
    const struct parse_context c = {.arena = &a};
    struct entity e = {.name = "thing"};
    struct field f = {.name = "cell", .entity = &e};
    const char *text = arena_strndup(&a, (const char *)data, size);
    for (size_t i = 0; i < COUNT(TYPES); i++) {
        struct buf cell = {0};
        f.type = field_type_find(TYPES[i]);
        const char *value = parse(&c, &f, text);
        if (value != NULL) {
            struct value v = value_text(value);
            f.type->print_text(&cell, &f, &v);
            const char *again = parse(&c, &f, buf_text(&cell));
            if (again == NULL || strcmp(value, again) != 0) {
                abort();
            }
        }
        buf_done(&cell);
    }
    arena_done(&a);
    return 0;
}
