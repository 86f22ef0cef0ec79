/* Calendars by private addresses, and invitations. Who has an address needs no session: cookies are not
 * looked at, and none is set. */
#include <stdio.h>
#include <time.h>

#include "api/route.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/str.h"
#include "core/feed.h"

#define TYPE   "text/calendar; charset=utf-8"
#define SUFFIX ".ics"

int api_feeds_list(struct request *q, struct reply *r)
{
    return feed_list(q->ctx, request_param(q, "user"), &r->body);
}

int api_feeds_make(struct request *q, struct reply *r)
{
    const struct api_host *host = &request_api(q)->host;
    const char *address = host->public_address(host->data), *token = NULL;
    struct json_writer w;
    int64_t id = 0;
    if (q->body == NULL || q->body->type != JSON_OBJECT) {
        return ctx_fail(q->ctx, ERR_MALFORMED, "", "The body must be a JSON object.");
    }
    if (feed_make(q->ctx, q->body, &token, &id) != 0) {
        return -1;
    }
    const char *link = arena_printf(q->ctx->arena, "/feeds/%s" SUFFIX, token);
    jw_init(&w, &r->body);
    jw_object(&w);
    jw_kv_int(&w, "id", id);
    jw_kv_text(&w, "link", link);
    if (address[0] != '\0') {
        jw_kv_text(&w, "url", arena_printf(q->ctx->arena, "%s%s", address, link));
    }
    jw_object_end(&w);
    r->secret = true;
    r->status = 201;
    return 0;
}

int api_feeds_remove(struct request *q, struct reply *r)
{
    r->status = 204;
    return feed_remove(q->ctx, q->id);
}

/* "Sun, 22 Nov 2026 20:00:00 GMT"; no locale has a say in it. */
static const char *http_date(struct ctx *c, int64_t ms)
{
    static const char DAYS[] = "SunMonTueWedThuFriSat", MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t at = (time_t)(ms / 1000);
    struct tm t;
    gmtime_r(&at, &t);
    return arena_printf(c->arena, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", DAYS + (size_t)t.tm_wday * 3,
                        t.tm_mday, MONTHS + (size_t)t.tm_mon * 3, t.tm_year + 1900, t.tm_hour, t.tm_min,
                        t.tm_sec);
}

int api_feed_read(struct request *q, struct reply *r)
{
    struct ctx *c = q->ctx;
    unsigned char hash[CRYPTO_HASH_SIZE];
    int64_t changed = 0;
    if (!str_ends(q->name, SUFFIX)) {
        return ctx_fail(c, ERR_NOT_FOUND, "", "There is no such calendar.");
    }
    const char *token = arena_strndup(c->arena, q->name, strlen(q->name) - strlen(SUFFIX));
    if (feed_read(c, token, q->address, &r->body, &changed) != 0) {
        if (c->err.code == ERR_RATE) {
            reply_header(r, "Retry-After", "60");
        }
        return -1;
    }
    crypto_sha256(r->body.data, r->body.size, hash);
    r->tag = arena_printf(c->arena, "\"%s\"", crypto_hex(c->arena, hash, 16));
    reply_header(r, "ETag", r->tag);
    if (changed > 0) {
        reply_header(r, "Last-Modified", http_date(c, changed));
    }
    reply_header(r, "Content-Disposition", "inline; filename=\"kontor.ics\"");
    r->type = TYPE;
    r->cache = "private, no-cache";
    return 0;
}

int api_invitation(struct request *q, struct reply *r)
{
    if (feed_invitation(q->ctx, q->entity, q->id, &r->body) != 0) {
        return -1;
    }
    reply_header(r, "Content-Disposition", "attachment; filename=\"invitation.ics\"");
    r->type = TYPE;
    return 0;
}
