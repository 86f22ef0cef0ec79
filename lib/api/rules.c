/* The rules of the firm, to look at: they stand in files. */
#include "api/route.h"
#include "rules/rules.h"

int api_rules(struct request *q, struct reply *r)
{
    return rules_print(q->ctx, &r->body);
}
