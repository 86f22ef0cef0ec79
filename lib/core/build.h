/*
 * Checked expressions made by code instead of text: "this field equals that value", "id in (…)".
 * They look exactly like what expr_compile gives, so the query builder compiles them like any
 * other. Nodes live in the arena and borrow the model.
 */
#ifndef KONTOR_CORE_BUILD_H
#define KONTOR_CORE_BUILD_H

#include "model/expr.h"

const struct expr *build_field(struct arena *a, const struct field *f);
/* A literal in the stored form of field f. */
const struct expr *build_value(struct arena *a, const struct field *f, struct value v);
const struct expr *build_test(struct arena *a, enum expr_op op, const struct expr *left,
                              const struct expr *right);
/* field op value, in one. */
const struct expr *build_compare(struct arena *a, const struct field *f, enum expr_op op,
                                 struct value v);
const struct expr *build_empty(struct arena *a, const struct field *f, bool empty);
const struct expr *build_or(struct arena *a, const struct expr *x, const struct expr *y);
/* function(relation.measure where …); measure NULL for count. up: scopes between the place of use
 * and the relation's entity. */
const struct expr *build_aggregate(struct arena *a, enum expr_function function,
                                   const struct relation *relation, int up,
                                   const struct field *measure, const struct expr *where);
const struct expr *build_count_literal(struct arena *a, int64_t n); /* a plain whole number */
/* What the pipeline says about the chance of a stage: stage.percent. */
const struct expr *build_stage_percent(struct arena *a, const struct field *stage);
/* So many percent (y) of an amount: as a measure of query_group. */
const struct expr *build_share(struct arena *a, const struct expr *x, const struct expr *y);
/* A field of type records points to one of these (ids, at least one), which the caller has found the
 * actor may see; padded as below. */
const struct expr *build_any_of(struct arena *a, const struct field *f, const int64_t *ids,
                                size_t count);
/* id in (ids); the list is padded to a power of two, so that few different statements arise. */
const struct expr *build_ids(struct arena *a, const struct entity *e, const int64_t *ids,
                             size_t count);

#endif
