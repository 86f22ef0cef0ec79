/* The plan under construction: shared by schema_plan.c, schema_losses.c and
 * schema_pipelines.c. */
#ifndef KONTOR_STORE_SCHEMA_PLANNER_H
#define KONTOR_STORE_SCHEMA_PLANNER_H

#include "store/schema_tables.h"

struct planner {
    struct db *db;
    const struct model *m;
    const struct model *then; /* the applied one; NULL: none, or it does not link any more */
    struct arena *a;
    struct plan *plan;
    size_t room;
    struct index_have *indexes;
    size_t index_count;
    struct source *applied; /* the customer's files in force */
    size_t applied_count;
    struct err *e;
};

void plan_add(struct planner *p, enum step_kind kind, const char *entity, const char *field,
              const char *text);
void plan_last_loses(struct planner *p); /* the step added last needs a yes */
const char *plan_records(struct arena *a, int64_t n); /* "1 record", "2 records" */
/* What records hold and the model no longer knows: keys of choices, stages, pipelines and roles;
 * and views people saved that would not work any more. */
int plan_losses(struct planner *p, const struct tables *t);
/* Pipelines, their stages, gates and teams that come, go or change: a sentence each. */
int plan_pipelines(struct planner *p, const struct tables *t);

#endif
