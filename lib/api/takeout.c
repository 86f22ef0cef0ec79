/* Everything out, for owners and the CLI; everything in, for the CLI alone. */
#include <stdio.h>

#include "api/route.h"
#include "base/clock.h"
#include "core/takeout.h"

struct out {
    struct reply *r;
};

static int send_piece(void *data, const char *bytes, size_t n)
{
    const struct out *out = data;
    return out->r->write(out->r->io, out->r, bytes, n);
}

int api_takeout_get(struct request *q, struct reply *r)
{
    char day[CLOCK_DATE_SIZE];
    struct out out = {r};
    clock_date_of(q->ctx->now_ms, day);
    r->type = "application/zip";
    reply_header(r, "Content-Disposition",
                 arena_printf(q->ctx->arena, "attachment; filename=\"kontor-%s.zip\"", day));
    return takeout_export(q->ctx, send_piece, &out);
}

struct in {
    struct request *q;
    int64_t got;
};

static long receive_piece(void *data, void *bytes, size_t room)
{
    struct in *in = data;
    long n = in->q->read(in->q->io, bytes, room);
    in->got += n > 0 ? n : 0;
    bool cut = n == 0 && in->q->body_size >= 0 && in->got != in->q->body_size;
    return cut ? -1 : n;
}

int api_takeout_put(struct request *q, struct reply *r)
{
    struct in in = {.q = q};
    struct takeout_result result;
    struct json_writer w;
    if (takeout_import(q->ctx, receive_piece, &in, &result) != 0) {
        return -1;
    }
    jw_init(&w, &r->body);
    jw_object(&w);
    jw_kv_int(&w, "records", result.records);
    jw_kv_int(&w, "changes", result.changes);
    jw_kv_int(&w, "files", result.files);
    jw_kv_int(&w, "left", result.left);
    jw_object_end(&w);
    return 0;
}
