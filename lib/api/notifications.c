/* What the signed-in user is told: the list behind the bell, its count, and what he has seen; and
 * whom and what he can name in a text. */
#include "api/route.h"
#include "core/mention.h"
#include "core/notification.h"
#include "core/remind_step.h"

int api_notifications(struct request *q, struct reply *r)
{
    struct notification_asked asked = {.cursor = request_param(q, "cursor"),
                                        .kind = request_param(q, "kind")};
    if (request_int(q, "limit", 0, 1, 100, &asked.limit) != 0 ||
        request_int(q, "digest", 0, 1, INT64_MAX, &asked.digest) != 0 ||
        request_flag(q, "unseen", false, &asked.unseen) != 0) {
        return -1;
    }
    return notification_list(q->ctx, &asked, &r->body);
}

int api_notifications_count(struct request *q, struct reply *r)
{
    int64_t count;
    if (notification_count(q->ctx, &count) != 0) {
        return -1;
    }
    buf_printf(&r->body, "{\"unseen\":%lld}", (long long)count);
    return 0;
}

/* {"id"}: one; {"id", "group": true}: all about its record; {"record"}: all about that one, which is
 * being looked at; {"kind","key"}; {"all": true}. */
int api_notifications_seen(struct request *q, struct reply *r)
{
    struct ctx *c = q->ctx;
    const char *kind = json_text(q->body, "kind"), *key = json_text(q->body, "key");
    const struct json *one = json_find(q->body, "id"), *about = json_find(q->body, "record");
    int64_t id = 0;
    r->status = 204;
    if (about != NULL && json_int(about, &id) == 0 && id > 0) {
        return notification_seen_about(c, id);
    }
    if (kind != NULL && key != NULL) {
        return notification_seen_key(c, kind, key);
    }
    if (one != NULL ? json_int(one, &id) != 0 || id <= 0 : !json_true(q->body, "all")) {
        return ctx_fail(c, ERR_INVALID, "id",
                        "Say which: {\"id\"}, {\"record\"}, {\"kind\", \"key\"} or {\"all\": true}.");
    }
    return notification_seen(c, id, json_true(q->body, "group"));
}

/* {"id","minutes"} */
int api_notifications_snooze(struct request *q, struct reply *r)
{
    struct ctx *c = q->ctx;
    const struct json *one = json_find(q->body, "id"), *later = json_find(q->body, "minutes");
    int64_t id = 0, minutes = 0;
    r->status = 204;
    if (one == NULL || json_int(one, &id) != 0 || id <= 0) {
        return ctx_fail(c, ERR_INVALID, "id", "Say which reminder: {\"id\": 5, \"minutes\": 10}.");
    }
    if (later == NULL || json_int(later, &minutes) != 0 || minutes < 1 ||
        minutes > SNOOZE_MINUTES_MAX) {
        return ctx_fail(c, ERR_INVALID, "minutes", "Say for how many minutes, from 1 to %d.",
                        SNOOZE_MINUTES_MAX);
    }
    return remind_snooze(c, id, minutes);
}

int api_records_readers(struct request *q, struct reply *r)
{
    return mention_suggest(q->ctx, q->entity, q->id, request_param(q, "q"), &r->body);
}

int api_titles(struct request *q, struct reply *r)
{
    return mention_titles(q->ctx, request_param(q, "ids"), &r->body);
}
