/*
 * What core itself does for rules (model/rule.h): the ones with `before` are asked when a record is
 * checked, and texts of rules are written for somebody. Those with `after` are lib/rules'.
 */
#ifndef KONTOR_CORE_RULE_H
#define KONTOR_CORE_RULE_H

#include "core/record.h"
#include "model/rule.h"

/* The text about a record as this reader may know it: fields he does not see are "…", what a link
 * leads to that he does not see is left out. */
int rule_say(struct ctx *c, const struct who *reader, const struct rule_text *text,
             const struct entity *e, int64_t id, const char **out);
/* Does a rule with `before` wait for this? before NULL: a new record. */
bool rule_waits(const struct rule *rule, const struct record *before, const struct record *r);
/* Refuses that a record goes to the bin, or comes back: items of c->err. */
int rule_refuse_move(struct ctx *c, const struct record *r, enum rule_event event);
/* The refusals of a rule whose condition holds, as items of c->err. */
int rule_refuse(struct ctx *c, const struct rule *rule, const struct record *r);
/* A value that an expression gave, as the field's columns. */
void rule_value(const struct ctx *c, const struct field *f, const struct expr *x, struct value v,
                struct value out[FIELD_MAX_COLUMNS]);

#endif
