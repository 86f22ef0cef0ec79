/*
 * Files of records over HTTP: in as a form or as plain bytes, out with ranges. A file of a user never
 * runs in our pages: it is an attachment in a sandbox, and shown in place only when its first bytes
 * say that it is a picture or a PDF.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "api/route.h"
#include "base/fs.h"
#include "base/str.h"
#include "core/file.h"
#include "exchange/multipart.h"

#define PIECE 65536

/* ---- in -------------------------------------------------------------------------------------- */

struct taking {
    struct file_intake *in;
    bool file; /* the part that comes now is one */
};

static int part_begin(void *data, const struct multipart_part *part, struct err *e)
{
    struct taking *t = data;
    (void)e; /* that of the ctx, which the intake fills */
    t->file = part->file_name != NULL && part->file_name[0] != '\0';
    return t->file ? file_intake_file(t->in, part->file_name, part->type) : 0;
}

static int part_bytes(void *data, const void *bytes, size_t n, struct err *e)
{
    struct taking *t = data;
    (void)e;
    return t->file ? file_intake_bytes(t->in, bytes, n) : 0;
}

static int part_end(void *data, struct err *e)
{
    struct taking *t = data;
    (void)e;
    return t->file ? file_intake_end(t->in) : 0;
}

static int cut_off(struct request *q)
{
    return ctx_fail(q->ctx, ERR_MALFORMED, "", "The file was cut off on its way; nothing was kept.");
}

/* Hands on every piece of the body; what announced its length must have it. */
static int read_all(struct request *q, int (*take)(void *to, const void *bytes, size_t n, struct err *e),
                    void *to)
{
    char *piece = arena_alloc(q->ctx->arena, PIECE);
    int64_t got = 0;
    long n;
    while ((n = q->read(q->io, piece, PIECE)) > 0) {
        got += n;
        if (take(to, piece, (size_t)n, &q->ctx->err) != 0) {
            return -1;
        }
    }
    return n < 0 || (q->body_size >= 0 && got != q->body_size) ? cut_off(q) : 0;
}

static int take_form(void *to, const void *bytes, size_t n, struct err *e)
{
    return multipart_feed(to, bytes, n, e);
}

static int read_form(struct request *q, const char *type, struct file_intake *in)
{
    struct taking taking = {.in = in};
    struct multipart form;
    const struct multipart_events events = {part_begin, part_bytes, part_end, &taking};
    int rc = multipart_init(&form, type, &events, &q->ctx->err);
    if (rc == 0) {
        rc = read_all(q, take_form, &form);
    }
    if (rc == 0) {
        rc = multipart_end(&form, &q->ctx->err);
    }
    multipart_done(&form);
    return rc;
}

static int take_bytes(void *to, const void *bytes, size_t n, struct err *e)
{
    (void)e;
    return file_intake_bytes(to, bytes, n);
}

/* The body is the file: its name stands in the address or in Content-Disposition. */
static int read_plain(struct request *q, const char *type, struct file_intake *in)
{
    struct ctx *c = q->ctx;
    const char *name = request_param(q, "name");
    const char *disposition = request_header(q, "Content-Disposition");
    if (name == NULL && disposition != NULL) {
        name = header_parameter(c->arena, disposition, "filename");
    }
    if (name == NULL) {
        return ctx_fail(c, ERR_MALFORMED, "Content-Disposition",
                        "Say what the file is called: Content-Disposition: attachment; "
                        "filename=\"…\", or ?name=….");
    }
    if (q->body_size > file_bytes_max()) {
        return file_too_large(c);
    }
    return file_intake_file(in, name, type) != 0 || read_all(q, take_bytes, in) != 0
               ? -1
               : file_intake_end(in);
}

int api_files_add(struct request *q, struct reply *r)
{
    struct record_result result = {0};
    struct file_intake *in = NULL;
    const char *type = request_header(q, "Content-Type");
    const struct file_target target = {q->entity, q->id, request_param(q, "field")};
    keep_result(q, &result, 201);
    if (q->ctx->err.code != ERR_NONE ||
        file_intake_begin(q->ctx, &target, q->body_size, &in) != 0 ||
        (multipart_is(type) ? read_form(q, type, in) : read_plain(q, type, in)) != 0 ||
        file_intake_keep(in, &result) != 0) {
        return -1;
    }
    r->status = 201;
    reply_etag(r, result.version);
    reply_change(r, result.change);
    reply_text(r, result.body, result.body_size);
    return 0;
}

/* ---- out ------------------------------------------------------------------------------------- */

/* RFC 8187: what is neither a letter nor a digit is written in hexadecimal digits. */
static void print_disposition(struct reply *r, const char *kind, const char *name)
{
    buf_printf(&r->head, "Content-Disposition: %s; filename*=UTF-8''", kind);
    for (const char *s = name; *s != '\0'; s++) {
        if (isalnum((unsigned char)*s) || strchr("-._~", *s) != NULL) {
            buf_putc(&r->head, *s);
        } else {
            buf_printf(&r->head, "%%%02X", (unsigned)(unsigned char)*s);
        }
    }
    buf_puts(&r->head, "\r\n");
}

/* Nothing may run or load; only our own pages may show it in a frame. */
#define POLICY                                                                                     \
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"

static void print_head(struct reply *r, const struct file_view *view, bool in_place)
{
    bool shown = in_place && view->shown_as != NULL;
    r->type = shown ? view->shown_as : view->media_type;
    r->policy = POLICY;
    r->cache = "private, no-cache";
    print_disposition(r, shown ? "inline" : "attachment", view->name != NULL ? view->name : "file");
    reply_header(r, "Accept-Ranges", "bytes");
    reply_header(r, "Vary", "Accept");
    reply_header(r, "ETag", r->tag);
}

struct range {
    int64_t from, to; /* the last byte, included */
};

static bool digits(const char **s, int64_t *out)
{
    size_t n = strspn(*s, "0123456789");
    *out = 0;
    for (size_t i = 0; i < n && i < 18; i++) {
        *out = *out * 10 + ((*s)[i] - '0');
    }
    *s += n;
    return n > 0 && n <= 18;
}

/* RFC 9110, 14: one range; 1 there is one, 0 none or none that we read, -1 beyond the end. */
static int read_range(const char *text, int64_t size, struct range *out)
{
    int64_t from, to;
    if (text == NULL || strncasecmp(text, "bytes=", 6) != 0) {
        return 0;
    }
    const char *s = text + 6;
    bool has_from = digits(&s, &from);
    if (*s++ != '-') {
        return 0;
    }
    bool has_to = digits(&s, &to);
    if (*s != '\0' || (!has_from && !has_to) || (has_from && has_to && to < from)) {
        return 0;
    }
    if (!has_from) {
        from = to < size ? size - to : 0;
        to = to > 0 ? size - 1 : -1;
    } else {
        to = has_to && to < size ? to : size - 1;
    }
    *out = (struct range){from, to};
    return from < size && to >= from ? 1 : -1;
}

static int refuse_range(struct request *q, struct reply *r, int64_t size)
{
    struct err e = {0};
    err_fail(&e, ERR_MALFORMED, "Range", "The file has %lld bytes.", (long long)size);
    buf_clear(&r->head);
    reply_error(r, q->ctx, &e);
    r->status = 416;
    r->policy = r->tag = NULL;
    buf_printf(&r->head, "Content-Range: bytes */%lld\r\n", (long long)size);
    return 0;
}

static int send_bytes(struct request *q, struct reply *r, const struct file_view *view,
                      const struct range *part)
{
    char *piece = arena_alloc(q->ctx->arena, PIECE);
    r->length = part->to - part->from + 1;
    for (int64_t at = part->from; at <= part->to;) {
        size_t want = part->to - at + 1 < PIECE ? (size_t)(part->to - at + 1) : PIECE;
        ssize_t n = fs_read_at(view->fd, piece, want, at);
        if (n <= 0) {
            return ctx_fail(q->ctx, ERR_INTERNAL, "", "The file cannot be read.");
        }
        if (r->write(r->io, r, piece, (size_t)n) != 0) {
            return -1;
        }
        at += n;
    }
    return 0;
}

/* Programs that want the record, not its bytes, ask for JSON or for fields. */
static bool wants_record(struct request *q)
{
    const char *accept = request_header(q, "Accept");
    return (accept != NULL && strstr(accept, "application/json") != NULL &&
            strstr(accept, "*/*") == NULL) ||
           request_param(q, "fields") != NULL || request_param(q, "expand") != NULL ||
           request_param(q, "as_of") != NULL;
}

static bool is_known(struct request *q, const struct reply *r)
{
    const char *known = request_header(q, "If-None-Match");
    return known != NULL && str_eq(known, r->tag);
}

int api_files_get(struct request *q, struct reply *r)
{
    struct file_view view;
    bool in_place = false;
    q->entity = file_entity(q->ctx->model);
    if (q->entity != NULL && !ctx_may(q->ctx, ACTION_SEE, q->entity)) {
        return ctx_fail(q->ctx, ERR_FORBIDDEN, "", "Your role may not see files.");
    }
    if (q->entity != NULL && wants_record(q)) {
        return api_records_get(q, r);
    }
    if (request_flag(q, "inline", false, &in_place) != 0 ||
        file_fetch(q->ctx, q->id, &view) != 0) {
        return -1;
    }
    r->tag = arena_printf(q->ctx->arena, "\"%s\"", view.hash);
    print_head(r, &view, in_place);
    struct range part = {0, view.size - 1};
    const char *same = request_header(q, "If-Range");
    int ranged = same == NULL || str_eq(same, r->tag)
                     ? read_range(request_header(q, "Range"), view.size, &part)
                     : 0;
    if (is_known(q, r) || view.size == 0) {
        return 0;
    }
    if (ranged < 0) {
        return refuse_range(q, r, view.size);
    }
    if (ranged > 0) {
        r->status = 206;
        buf_printf(&r->head, "Content-Range: bytes %lld-%lld/%lld\r\n", (long long)part.from,
                   (long long)part.to, (long long)view.size);
    } else {
        part = (struct range){0, view.size - 1};
    }
    return send_bytes(q, r, &view, &part);
}
