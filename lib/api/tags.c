/* Tags, beside what they are as records: how often they are used, and changing them everywhere. */
#include "api/route.h"

int api_tags_uses(struct request *q, struct reply *r)
{
    return tags_uses(q->ctx, &r->body);
}

int api_tags_replace(struct request *q, struct reply *r)
{
    struct record_result result = {0};
    keep_result(q, &result, 200);
    if (tags_replace(q->ctx, q->body, &result) != 0) {
        return -1;
    }
    r->status = 200;
    reply_change(r, result.change);
    reply_text(r, result.body, result.body_size);
    return 0;
}
