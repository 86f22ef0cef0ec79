/*
 * Titles, sort keys and folded key columns: the texts that are derived from a record's own fields
 * and stored beside them, so that any SQLite sorts and finds the way we do, without functions of
 * ours.
 */
#include <string.h>

#include "base/str.h"
#include "model/field_type.h"
#include "model/text_ref.h"
#include "store/rows_private.h"

/* n, or less so that s is not cut within a character. */
static size_t cut(const char *s, size_t n, size_t most)
{
    if (n <= most) {
        return n;
    }
    n = most;
    while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80) {
        n--;
    }
    return n;
}

struct value key_make(struct arena *a, struct value v)
{
    return v.kind == VALUE_TEXT ? value_text(str_fold(a, v.s, v.n)) : value_null();
}

/* One part of a title; long texts give the start of their first line. */
static void add_part(struct buf *out, const struct record *r, const struct field *f)
{
    const struct value *values = record_values(r, f);
    if (!values || values[0].kind == VALUE_NULL) {
        return;
    }
    if (out->size > 0 && out->data[out->size - 1] != ' ') {
        buf_putc(out, ' ');
    }
    if (field_is_words(f)) {
        struct buf plain = {0};
        text_ref_plain(&plain, values[0].s);
        const char *text = buf_text(&plain);
        buf_add(out, text, cut(text, strcspn(text, "\r\n"), TITLE_BYTES));
        buf_done(&plain);
    } else {
        f->type->print_text(out, f, values);
    }
}

static void trim_end(struct buf *text)
{
    while (text->size > 0 && text->data[text->size - 1] == ' ') {
        text->data[--text->size] = '\0';
    }
}

static char *join_parts(struct arena *a, const struct record *r, bool sort)
{
    bool own_sort = sort && r->entity->title_sort_count > 0;
    const struct field **parts = own_sort ? r->entity->title_sort : r->entity->title;
    size_t count = own_sort ? r->entity->title_sort_count : r->entity->title_count;
    struct buf text = {0};
    for (size_t i = 0; i < count; i++) {
        add_part(&text, r, parts[i]);
    }
    trim_end(&text);
    for (size_t i = 0; i < r->entity->title_else_count && text.size == 0; i++) {
        add_part(&text, r, r->entity->title_else[i]);
        trim_end(&text);
    }
    if (text.size == 0) {
        buf_printf(&text, "#%lld", (long long)r->id);
    }
    char *out = arena_strndup(a, buf_text(&text), text.size);
    buf_done(&text);
    return out;
}

void title_make(struct arena *a, const struct record *r, struct title_pair *out)
{
    const char *sort = join_parts(a, r, true);
    out->title = join_parts(a, r, false);
    out->key = str_fold(a, sort, strlen(sort));
    out->key[cut(out->key, strlen(out->key), TITLE_BYTES)] = '\0';
}
