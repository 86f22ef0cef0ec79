/* What a handler leaves: status, headers, body. The one place where an error code becomes a status.
 */
#include <string.h>

#include "api/route.h"

static const struct {
    enum err_code code;
    int status;
    const char *name;
} STATUSES[] = {
    {ERR_MALFORMED, 400, "malformed"},
    {ERR_UNAUTHENTICATED, 401, "unauthenticated"},
    {ERR_FORBIDDEN, 403, "forbidden"},
    {ERR_UNCONFIRMED, 403, "confirm"},
    {ERR_NOT_FOUND, 404, "not_found"},
    {ERR_METHOD, 405, "method"},
    {ERR_CONFLICT, 409, "conflict"},
    {ERR_STALE, 412, "stale"},
    {ERR_TOO_LARGE, 413, "too_large"},
    {ERR_INVALID, 422, "invalid"},
    {ERR_NEEDS_VERSION, 428, "needs_version"},
    {ERR_RATE, 429, "rate"},
    {ERR_INTERNAL, 500, "internal"},
    {ERR_BUSY, 503, "busy"},
    {ERR_FULL, 507, "full"},
    {ERR_UNFINISHED, 503, "unfinished"},
    {ERR_NONE, 0, NULL},
};

static size_t status_row(enum err_code code)
{
    size_t i = 0;
    while (STATUSES[i].name != NULL && STATUSES[i].code != code) {
        i++;
    }
    return i;
}

int http_status(enum err_code code)
{
    size_t i = status_row(code);
    return STATUSES[i].name != NULL ? STATUSES[i].status : 500;
}

void reply_error(struct reply *r, const struct ctx *c, const struct err *e)
{
    size_t row = status_row(e->code);
    r->status = http_status(e->code);
    r->type = NULL;
    buf_clear(&r->body);
    struct json_writer w;
    jw_init(&w, &r->body);
    jw_object(&w);
    jw_key(&w, "error");
    jw_object(&w);
    jw_kv_text(&w, "code", STATUSES[row].name != NULL ? STATUSES[row].name : "internal");
    jw_kv_text(&w, "text", e->text);
    jw_key(&w, "fields");
    jw_array(&w);
    for (const struct err_item *item = e->items; item != NULL; item = item->next) {
        jw_object(&w);
        jw_kv_text(&w, "where", item->where);
        jw_kv_text(&w, "text", item->text);
        jw_object_end(&w);
    }
    if (e->items == NULL && e->where[0] != 0) {
        jw_object(&w);
        jw_kv_text(&w, "where", e->where);
        jw_kv_text(&w, "text", e->text);
        jw_object_end(&w);
    }
    jw_array_end(&w);
    if (c != NULL && e->code == ERR_UNFINISHED) {
        jw_kv_int(&w, "job", c->began_job);
        jw_kv_int(&w, "change", c->began_root);
    }
    jw_kv_text(&w, "trace", c != NULL ? c->trace : "");
    jw_object_end(&w);
    if (c != NULL && c->dry_run) {
        jw_kv_bool(&w, "dry_run", true);
    }
    jw_object_end(&w);
}

void reply_header(struct reply *r, const char *name, const char *value)
{
    buf_puts(&r->head, name);
    buf_add(&r->head, ": ", 2);
    buf_puts(&r->head, value);
    buf_add(&r->head, "\r\n", 2);
}

void reply_etag(struct reply *r, int64_t version)
{
    if (version > 0) {
        buf_puts(&r->head, "ETag: \"");
        buf_int(&r->head, version);
        buf_puts(&r->head, "\"\r\n");
    }
}

void reply_change(struct reply *r, int64_t change)
{
    if (change > 0) {
        buf_puts(&r->head, "X-Kontor-Change: ");
        buf_int(&r->head, change);
        buf_puts(&r->head, "\r\n");
    }
}

void reply_left(struct reply *r, size_t left)
{
    if (left > 0) {
        buf_puts(&r->head, "X-Kontor-Left: ");
        buf_int(&r->head, (int64_t)left);
        buf_puts(&r->head, "\r\n");
    }
}

void reply_text(struct reply *r, const char *json, size_t n)
{
    buf_clear(&r->body);
    buf_add(&r->body, json, n);
}

void reply_dry(struct reply *r)
{
    static const char mark[] = "\"dry_run\":true";
    if (r->body.size < 2 || r->body.data[0] != '{' || r->body.data[r->body.size - 1] != '}' ||
        strstr(r->body.data, mark) != NULL) {
        return;
    }
    r->body.data[--r->body.size] = 0;
    if (r->body.size > 1) {
        buf_putc(&r->body, ',');
    }
    buf_puts(&r->body, mark);
    buf_putc(&r->body, '}');
}
