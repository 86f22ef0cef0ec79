/*
 * See handler.h. The adapters between civetweb and struct request / struct reply: a body is read to
 * its announced length within a time limit, an answer leaves in one write after the reader
 * connection was given back, a stream in chunks.
 */
#include "web/handler.h"

#include <string.h>

#include "base/gzip.h"
#include "base/str.h"
#include "web/answer.h"
#include "web/live.h"
#include "web/session.h"

#define READ_MS 10000

static const char *read_header(void *io, const char *name)
{
    return http_header(io, name);
}

static long read_body(void *io, void *out, size_t room)
{
    struct http *h = io;
    int64_t left = h->size - h->got;
    if (left == 0 || room == 0) {
        return 0;
    }
    if (h->expects) {
        h->expects = false;
        if (answer_raw(h, "HTTP/1.1 100 Continue\r\n\r\n", 25) != 0) {
            return -1;
        }
    }
    if (h->got == 0) {
        guard_press(h->seat, READ_MS, h->size);
    }
    int n = mg_read(h->conn, out, (int64_t)room < left ? room : (size_t)left);
    if (n <= 0) {
        h->close = true;
        return -1;
    }
    h->got += n;
    if (h->got == h->size) {
        guard_ease(h->seat);
    }
    return n;
}

static int write_piece(void *io, struct reply *r, const void *bytes, size_t n)
{
    struct http *h = io;
    if (!h->began) {
        const struct answer answer = {
            .status = r->status,
            .type = r->type,
            .cache = r->cache,
            .policy = r->policy,
            .length = r->length,
            .head = buf_text(&r->head)};
        r->streamed = true;
        if (answer_begin(h, &answer) != 0) {
            return -1;
        }
    }
    return answer_piece(h, bytes, n);
}

#define PACK_FROM 4096 /* below, three packets carry it as it is */

/* Packs the body when the reply allows it and the client takes it. */
static void pack(struct http *h, struct reply *r)
{
    if (!r->pack || r->body.size < PACK_FROM || !answer_accepts(h, "gzip")) {
        return;
    }
    struct buf packed = {0};
    gzip_pack(r->body.data, r->body.size, &packed);
    buf_clear(&r->body);
    buf_add(&r->body, packed.data, packed.size);
    buf_done(&packed);
    buf_puts(&r->head, "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n");
}

/* Only by a hash of the body: the ETag of a record is its version, for If-Match. Sums, titles of what
 * it links to, the fields asked for and the day make other bodies of the same version. */
static bool is_known(struct http *h, const struct reply *r)
{
    const char *wanted = r->tag != NULL ? http_header(h, "If-None-Match") : NULL;
    return wanted != NULL && r->status == 200 && str_eq(wanted, r->tag);
}

static void send_reply(struct http *h, struct reply *r)
{
    bool known = is_known(h, r);
    if (!known) {
        pack(h, r);
    }
    const struct answer answer = {.status = known ? 304 : r->status,
                                  .type = r->type,
                                  .cache = r->cache,
                                  .policy = r->policy,
                                  .framed = r->framed,
                                  .head = buf_text(&r->head),
                                  .body = r->body.data,
                                  .size = r->body.size};
    answer_send(h, &answer);
}

static void answer_request(struct http *h, struct request *q, struct reply *r)
{
    bool stranger = !str_starts(q->path, "/api/") &&
                    api_need(h->web->host.api, q->method, q->path) == NEED_STRANGER;
    if (stranger || session_authenticate(h, q) == 0) {
        api_handle(h->web->host.api, q, r);
    } else {
        reply_error(r, q->ctx, &q->ctx->err);
    }
    ctx_release(q->ctx);
    if (r->streamed) {
        answer_end(h, !r->broken);
    } else if (r->events) {
        live_serve(h, q, r);
    } else {
        send_reply(h, r);
    }
}

void handler_api(struct http *h)
{
    struct scratch *w = h->scratch;
    const struct actor nobody = {.anonymous = true, .source = SOURCE_API};
    struct model *model = h->web->host.model_take(h->web->host.data);
    struct ctx c;
    ctx_begin(&c, &w->arena, h->web->host.store, model, &nobody);
    model_release(model);
    c.passive = live_is_stream(h->path);
    struct request q = {
        .ctx = &c,
        .method = h->head ? "GET" : h->method,
        .path = h->path,
        .query = h->info->query_string,
        .address = h->address,
        .tls = h->secure,
        .header = read_header,
        .read = read_body,
        .io = h,
        .body_size = h->size,
    };
    struct reply r = {
        .status = 200, .head = w->head, .body = w->body, .write = write_piece, .io = h};
    buf_clear(&r.head);
    buf_clear(&r.body);
    answer_request(h, &q, &r);
    ctx_end(&c);
    w->head = r.head;
    w->body = r.body;
}
