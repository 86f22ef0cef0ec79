/* Configuration, status, backup, live, health: what the API passes on to the host (lib/app), which
 * owns them. */
#include "api/route.h"
#include "base/clock.h"
#include "base/str.h"
#include "store/accounts.h"

int api_health(struct request *q, struct reply *r)
{
    if (store_is_fatal(q->ctx->store)) {
        return ctx_fail(q->ctx, ERR_BUSY, "",
                        "The database cannot be used; the service is restarting.");
    }
    buf_puts(&r->body, store_is_full(q->ctx->store)
                           ? "{\"ok\":false,\"text\":\"The disk is full.\"}"
                           : "{\"ok\":true}");
    return 0;
}

int api_metrics(struct request *q, struct reply *r)
{
    const struct api_host *host = &request_api(q)->host;
    r->type = "text/plain; version=0.0.4; charset=utf-8";
    return host->metrics_print(host->data, q->ctx, &r->body);
}

int api_events(struct request *q, struct reply *r)
{
    const char *last = request_header(q, "Last-Event-ID");
    if (last == NULL) {
        last = request_param(q, "last_event_id"); /* a new EventSource cannot send the header */
    }
    if (last != NULL && (str_to_int(last, &r->last_event) != 0 || r->last_event < 0)) {
        return ctx_fail(q->ctx, ERR_MALFORMED, "last_event_id",
                        "The last event is named by its number.");
    }
    r->events = true;
    return 0;
}

int api_config_get(struct request *q, struct reply *r)
{
    const struct api_host *host = &request_api(q)->host;
    return host->config_print(host->data, q->ctx, false, &r->body);
}

int api_config_check(struct request *q, struct reply *r)
{
    const struct api_host *host = &request_api(q)->host;
    return host->config_print(host->data, q->ctx, true, &r->body);
}

int api_config_apply(struct request *q, struct reply *r)
{
    const struct api_host *host = &request_api(q)->host;
    return host->config_apply(host->data, q->ctx, json_true(q->body, "yes"), &r->body);
}

int api_status(struct request *q, struct reply *r)
{
    const struct api_host *host = &request_api(q)->host;
    return host->status_print(host->data, q->ctx, &r->body);
}

int api_backup(struct request *q, struct reply *r)
{
    const struct api_host *host = &request_api(q)->host;
    r->type = "application/octet-stream";
    return host->backup(host->data, q->ctx, r);
}

static int keep_backup(struct ctx *c, void *data)
{
    return accounts_set_fact(c->db, "last_backup", data, &c->err);
}

int api_backup_done(struct request *q, struct reply *r)
{
    char now[CLOCK_INSTANT_SIZE];
    struct json_writer w;
    clock_print_instant(q->ctx->now_ms, now);
    jw_init(&w, &r->body);
    jw_object(&w);
    jw_kv_text(&w, "at", now);
    jw_kv_text(&w, "file", json_text(q->body, "file"));
    jw_kv_bool(&w, "ok", true);
    jw_object_end(&w);
    return ctx_write_fixed(q->ctx, keep_backup, arena_strndup(q->ctx->arena, r->body.data, r->body.size));
}
