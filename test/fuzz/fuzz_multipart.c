/*
 * Forms with files: the parser on any bytes. What it hands on does not depend on how the input is cut
 * into pieces; every part that begins also ends unless the form is refused. The first byte chooses the
 * size of the pieces, the first line the Content-Type.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "exchange/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    struct buf text;
    size_t open;
};

static void must(int ok)
{
    if (!ok) {
        abort();
    }
}

static int on_begin(void *data, const struct multipart_part *part, struct err *e)
{
    struct seen *seen = data;
    (void)e;
    must(seen->open++ == 0);
    must(part->file_name == NULL || str_is_utf8(part->file_name, strlen(part->file_name)));
    buf_printf(&seen->text, "<%s|%s|%s>", part->name,
               part->file_name != NULL ? part->file_name : "-",
               part->type != NULL ? part->type : "-");
    return 0;
}

static int on_bytes(void *data, const void *bytes, size_t n, struct err *e)
{
    struct seen *seen = data;
    (void)e;
    must(seen->open == 1);
    buf_add(&seen->text, bytes, n);
    return 0;
}

static int on_end(void *data, struct err *e)
{
    struct seen *seen = data;
    (void)e;
    must(seen->open-- == 1);
    buf_puts(&seen->text, "</>");
    return 0;
}

static int run(const char *type, const uint8_t *data, size_t size, size_t piece, struct seen *seen)
{
    struct multipart m;
    struct err e = {0};
    const struct multipart_events events = {on_begin, on_bytes, on_end, seen};
    int rc = multipart_init(&m, type, &events, &e);
    for (size_t at = 0; rc == 0 && at < size; at += piece) {
        rc = multipart_feed(&m, data + at, size - at < piece ? size - at : piece, &e);
    }
    rc = rc == 0 ? multipart_end(&m, &e) : rc;
    must((rc != 0) == (e.code != ERR_NONE));
    must(rc != 0 || seen->open == 0);
    multipart_done(&m);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    struct arena a;
    struct seen whole = {0}, cut = {0};
    size_t piece = (size_t)data[0] % 37 + 1;
    const uint8_t *line = memchr(data + 1, '\n', size - 1);
    size_t n = line != NULL ? (size_t)(line - data) - 1 : size - 1;
    arena_init(&a);
    const char *type = arena_strndup(&a, (const char *)data + 1, n);
    const uint8_t *body = data + 1 + n + (line != NULL);
    size_t left = size - (size_t)(body - data);
    multipart_is(type);
    header_parameter(&a, type, "filename");
    int rc = run(type, body, left, left + 1, &whole);
    must(run(type, body, left, piece, &cut) == rc);
    must(rc != 0 || (whole.text.size == cut.text.size &&
                     strcmp(buf_text(&whole.text), buf_text(&cut.text)) == 0));
    buf_done(&whole.text);
    buf_done(&cut.text);
    arena_done(&a);
    return 0;
}
