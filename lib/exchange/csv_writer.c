/*
 * CSV writer and the guard against formulas; see csv.h.
 *
 * A text that begins with any number of apostrophes and then = + - @ TAB or CR gets one more
 * apostrophe; csv_unguard takes one away from exactly such texts. So what the guard wrote comes
 * back as it was, also when the text had an apostrophe of its own. Without the guard only texts
 * with one of their own get it, since the reader would take that one away; the others are bare.
 */
#include <string.h>

#include "exchange/csv.h"

/* What stands behind the apostrophes at the begin of s would be run as a formula. */
static bool is_formula(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && s[i] == '\'') {
        i++;
    }
    return i < n && s[i] != '\0' && strchr("=+-@\t\r", s[i]);
}

const char *csv_unguard(const char *s)
{
    return s[0] == '\'' && is_formula(s, strlen(s)) ? s + 1 : s;
}

void csv_writer_init(struct csv_writer *w, struct buf *out, char delimiter, bool crlf, bool guard)
{
    *w = (struct csv_writer){.out = out, .delimiter = delimiter, .crlf = crlf, .guard = guard};
    w->special[(unsigned char)delimiter] = true;
    for (const char *s = "\"\n\r\t"; *s != '\0'; s++) {
        w->special[(unsigned char)*s] = true;
    }
}

void csv_write_mark(struct csv_writer *w)
{
    buf_puts(w->out, "\xEF\xBB\xBF");
}

static bool needs_quotes(const struct csv_writer *w, const char *s, size_t n)
{
    if (n > 0 && (s[0] == ' ' || s[n - 1] == ' ' || s[0] == '\'')) {
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        if (w->special[(unsigned char)s[i]]) {
            return true;
        }
    }
    return false;
}

static void begin_cell(struct csv_writer *w)
{
    if (w->begun) {
        buf_putc(w->out, w->delimiter);
    }
    w->begun = true;
}

static void put_quoted(struct csv_writer *w, const char *s, size_t n, bool guarded)
{
    buf_add(w->out, "\"'", guarded ? 2 : 1);
    const char *end = s + n;
    while (s < end) {
        const char *quote = memchr(s, '"', (size_t)(end - s));
        const char *stop = quote ? quote + 1 : end;
        buf_add(w->out, s, (size_t)(stop - s));
        if (quote) {
            buf_putc(w->out, '"');
        }
        s = stop;
    }
    buf_putc(w->out, '"');
}

void csv_write_text(struct csv_writer *w, const char *s)
{
    csv_write_text_n(w, s ? s : "", s ? strlen(s) : 0);
}

void csv_write_text_n(struct csv_writer *w, const char *s, size_t n)
{
    begin_cell(w);
    bool guarded = (w->guard || (n > 0 && s[0] == '\'')) && is_formula(s, n);
    if (guarded || needs_quotes(w, s, n)) {
        put_quoted(w, s, n, guarded);
    } else {
        buf_add(w->out, s, n);
    }
}

void csv_write_plain(struct csv_writer *w, const char *s)
{
    size_t n = strlen(s);
    begin_cell(w);
    if (needs_quotes(w, s, n)) {
        put_quoted(w, s, n, false);
    } else {
        buf_add(w->out, s, n);
    }
}

/* A row of one empty cell would be an empty line, which readers skip: it is written as "". */
void csv_write_end_row(struct csv_writer *w)
{
    const struct buf *b = w->out;
    if (b->size == 0 || b->data[b->size - 1] == '\n') {
        buf_puts(w->out, "\"\"");
    }
    buf_puts(w->out, w->crlf ? "\r\n" : "\n");
    w->begun = false;
}
