/*
 * A row of our own export that comes back: what it says of its record in the words of an export is
 * what the record says. See import.h.
 */
#include <string.h>

#include "base/str.h"
#include "core/import.h"
#include "core/parts.h"

/* The titles of the records a field points to, as an export writes them. */
static int print_links(struct ctx *c, const struct field *f, struct value v, struct buf *out)
{
    int64_t *ids = NULL;
    struct title_row *rows = NULL;
    size_t count = 1;
    if (field_is_records(f)) {
        count = print_ids(c->arena, v, &ids);
    } else {
        ids = &v.i;
    }
    if (print_titles(c, ids, count, &rows) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (rows[i].hidden) {
            continue;
        }
        if (field_is_records(f)) {
            records_cell_add(out, &rows[i]);
        } else {
            buf_puts(out, rows[i].title != NULL ? rows[i].title : "");
        }
    }
    return 0;
}

int import_cell_same(struct ctx *c, const struct record *before, const struct field *f,
                     const char *text, bool *same)
{
    struct buf out = {0};
    const struct value *values = record_values(before, f);
    int rc = 0;
    *same = false;
    if (values == NULL || values[0].kind == VALUE_NULL) {
        return 0;
    }
    if (field_refers(f)) {
        rc = print_links(c, f, values[0], &out);
    } else {
        f->type->print_text(&out, f, values);
    }
    *same = rc == 0 && out.size > 0 && strcmp(str_trim(c->arena, buf_text(&out)), text) == 0;
    buf_done(&out);
    return rc;
}
