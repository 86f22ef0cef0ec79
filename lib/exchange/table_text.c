/* A file as pieces and lines of UTF-8; see table_private.h. */
#include <string.h>

#include "exchange/table_private.h"

void table_text_begin(struct table_text *t, const struct table_source *source,
                      enum encoding encoding)
{
    t->source = source;
    t->encoding = encoding;
    decoder_init(&t->decoder, encoding);
    t->at = 0;
    t->line = 0;
    t->left = 0;
    t->ended = t->after_cr = false;
}

void table_text_done(struct table_text *t)
{
    buf_done(&t->decoded);
}

int table_text_piece(struct table_text *t, struct err *e)
{
    buf_clear(&t->decoded);
    while (!t->ended && t->decoded.size == 0) {
        long n = t->source->read(t->source->data, t->piece, sizeof t->piece, t->at);
        if (n < 0) {
            return err_fail(e, ERR_INTERNAL, "", "The file cannot be read.");
        }
        t->ended = n == 0;
        t->at += (uint64_t)n;
        if (t->encoding == ENCODING_NONE) {
            buf_add(&t->decoded, t->piece, (size_t)n);
        } else if (n == 0 ? decoder_end(&t->decoder, e) != 0
                          : decoder_feed(&t->decoder, t->piece, (size_t)n, &t->decoded, e) != 0) {
            return -1;
        }
    }
    t->next = t->decoded.data;
    t->left = t->decoded.size;
    return t->left > 0;
}

/* Takes the rest of the line out of the piece; true: its end is there. */
static bool take_line(struct table_text *t, struct buf *line)
{
    if (t->after_cr && t->left > 0) {
        t->after_cr = false;
        t->left -= *t->next == '\n';
        t->next += *t->next == '\n';
    }
    size_t n = 0;
    while (n < t->left && t->next[n] != '\n' && t->next[n] != '\r') {
        n++;
    }
    buf_add(line, t->next, n);
    bool ends = n < t->left;
    t->after_cr = ends && t->next[n] == '\r';
    t->next += n + ends;
    t->left -= n + ends;
    return ends;
}

int table_text_line(struct table_text *t, struct buf *line, size_t most, struct err *e)
{
    bool begun = false, ends = false;
    buf_clear(line);
    t->line++;
    while (!ends) {
        if (t->left == 0) {
            int rc = table_text_piece(t, e);
            if (rc <= 0) {
                return rc < 0 ? -1 : begun && line->size > 0;
            }
        }
        ends = take_line(t, line);
        begun = true;
        if (line->size > most) {
            return err_fail(e, ERR_INVALID, "", "This line is longer than %zu bytes.", most);
        }
    }
    return 1;
}
