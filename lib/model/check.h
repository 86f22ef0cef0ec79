/*
 * Inside lib/model: what the parts of the checker share (expr_check.c: operators; expr_name.c:
 * names and aggregates; expr_coerce.c: literals take the type of the other side).
 */
#ifndef KONTOR_MODEL_CHECK_H
#define KONTOR_MODEL_CHECK_H

#include "model/field_type.h"
#include "model/syntax.h"

#define CHECK_SCOPES_MAX 8

struct check_scope {
    const struct entity *entity;
    const char *relation; /* name of the list whose records these are; NULL for the outermost */
};

struct check {
    const struct expr_request *request;
    struct arena *arena;
    struct expr_message *message;
    struct check_scope scopes[CHECK_SCOPES_MAX];
    size_t scope_count; /* the last one is the innermost */
    bool varies, climbs, aggregates;
};

#define CHECK_REFUSE(c, at, ...) expr_refuse((c)->arena, (c)->message, (at), __VA_ARGS__)

/* Every one returns NULL (or -1) with the message set when it refuses. */
struct expr *check_node(struct check *c, const struct syntax *s);
/* The same, and it must be a condition. */
struct expr *check_condition(struct check *c, const struct syntax *s);
struct expr *check_names(struct check *c, const struct syntax *s);
struct expr *check_aggregate(struct check *c, const struct syntax *s);
/* Brings two sides of a comparison to types that compare: a literal takes the type of the other
 * side. */
int coerce_pair(struct check *c, struct expr **a, struct expr **b);
/* Makes x fit a wanted kind (a default, a computed field); field may be NULL. */
int coerce_to(struct check *c, struct expr **x, enum expr_kind want, const struct field *field);
/* A link compared with a text is its title; people also their e-mail address. */
int coerce_to_text(struct check *c, struct expr **x, struct expr *text);
/* The text must be an option of the choice (or list of choices) x. */
int coerce_option(struct check *c, const struct expr *x, struct expr *text);

struct expr *check_new(struct check *c, enum expr_op op, int position, enum expr_kind kind);
/* "a number", "the choice stage": for messages. */
const char *check_describe(struct check *c, const struct expr *x);
const char *check_kind_name(enum expr_kind kind);

#endif
