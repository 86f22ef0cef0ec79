/*
 * NDJSON as rows: one JSON object a line, as our own export writes it. The keys of all objects are
 * the columns, in the order in which they come up first. Texts, numbers and yes/no become cells;
 * null and an empty list are empty cells; other lists and objects stay JSON. See table.h.
 */
#include <string.h>

#include "base/json.h"
#include "exchange/table_private.h"

#define LINE_MAX_BYTES (CSV_ROW_MAX + CSV_CELL_MAX)

struct ndjson {
    struct arena line; /* of the object being read */
    struct buf text;
    struct buf nested;
};

/* The object of the next line that is not blank. 1, 0 the end, -1. */
static int next_object(struct table *r, const struct json **out, struct err *e)
{
    struct ndjson *own = r->own;
    int rc;
    while ((rc = table_text_line(r->text, &own->text, LINE_MAX_BYTES, e)) == 1) {
        const char *text = buf_text(&own->text);
        if (strspn(text, " \t") == own->text.size) {
            continue;
        }
        struct err found = {0};
        arena_reset(&own->line);
        if (json_parse(&own->line, text, own->text.size, out, &found) != 0) {
            return table_fail(r, r->text->line, e, "This line is not JSON: %s", found.text);
        }
        if ((*out)->type != JSON_OBJECT) {
            return table_fail(r, r->text->line, e,
                              "Each line must be one JSON object, {\"name\": \"…\"}.");
        }
        return 1;
    }
    r->place = rc < 0 ? r->text->line : r->place;
    return rc;
}

static int ndjson_open(struct table *r, struct err *e)
{
    struct ndjson *own = ARENA_NEW(r->arena, struct ndjson);
    const struct json *object;
    int rc;
    arena_init(&own->line);
    r->own = own;
    while ((rc = next_object(r, &object, e)) == 1) {
        for (const struct json *m = object->child; m != NULL; m = m->next) {
            if (table_column(r, m->key, strlen(m->key), false) < 0) {
                return table_fail(r, r->text->line, e, "The file has more than %d different keys.",
                                  CSV_COLUMNS_MAX);
            }
        }
    }
    table_columns_end(r);
    table_text_begin(r->text, &r->source, r->text->encoding);
    return rc;
}

static void put_member(struct table *r, const struct json *m)
{
    struct ndjson *own = r->own;
    int column = table_column(r, m->key, strlen(m->key), false);
    bool nests = m->type == JSON_ARRAY || m->type == JSON_OBJECT;
    const char *text = m->type == JSON_BOOL ? (m->boolean ? "true" : "false") : m->text;
    if (nests && m->count > 0) {
        buf_clear(&own->nested);
        json_print(&own->nested, m);
        text = buf_text(&own->nested);
    }
    if (m->type != JSON_NULL && !(nests && m->count == 0)) {
        table_put(r, column, text, strlen(text), m->type != JSON_STRING, "");
    }
}

static int ndjson_next(struct table *r, struct table_row *out, struct err *e)
{
    const struct json *object;
    int rc = next_object(r, &object, e);
    if (rc != 1) {
        return rc;
    }
    table_row_begin(r);
    for (const struct json *m = object->child; m != NULL; m = m->next) {
        put_member(r, m);
    }
    return table_row_end(r, r->text->line, out);
}

static void ndjson_close(struct table *r)
{
    struct ndjson *own = r->own;
    if (own != NULL) {
        arena_done(&own->line);
        buf_done(&own->text);
        buf_done(&own->nested);
    }
}

/* A brace, then a key in quotes or the end of the object. */
static bool ndjson_is(const char *text)
{
    if (text[0] != '{') {
        return false;
    }
    text++;
    text += strspn(text, " \t");
    return *text == '"' || *text == '}';
}

const struct table_kind TABLE_NDJSON_KIND = {.format = TABLE_NDJSON,
                                             .name = "ndjson",
                                             .is = ndjson_is,
                                             .open = ndjson_open,
                                             .next = ndjson_next,
                                             .close = ndjson_close};
