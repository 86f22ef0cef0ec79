/* The forecast of pipelines; what it means stands in core/forecast.h. */
#include "api/route.h"
#include "core/forecast.h"

int api_forecast(struct request *q, struct reply *r)
{
    const struct forecast_wish wish = {.pipeline = request_param(q, "pipeline"),
                                       .from = request_param(q, "from"),
                                       .to = request_param(q, "to"),
                                       .by = request_param(q, "by"),
                                       .filter = request_param(q, "filter"),
                                       .as_of = request_param(q, "as_of")};
    return forecast_print(q->ctx, &wish, &r->body);
}

int api_forecast_changes(struct request *q, struct reply *r)
{
    struct changed_wish wish = {.pipeline = request_param(q, "pipeline"),
                                .since = request_param(q, "since"),
                                .filter = request_param(q, "filter"),
                                .as_of = request_param(q, "as_of")};
    if (request_int(q, "limit", 50, 0, 500, &wish.limit) != 0) {
        return -1;
    }
    return changed_print(q->ctx, &wish, &r->body);
}
