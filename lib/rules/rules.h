/*
 * The rules of the firm (model/rule.h) that act after a change.
 *
 * Core calls RULES_HOOKS.settle within the write, when the records stand there, roll-ups included.
 * What happened comes as the events of the write; per entity one statement asks the conditions of
 * all rules that wait for such a change, a column each, about all records it happened to
 * (query_match). Then each rule that holds for a record acts on it in a change-set of its own below
 * the same root, from SOURCE_RULE, with the rule's name and what it did as the reason; undo of the
 * root takes all back, a dry run shows it. What rules write may wake rules again, at most
 * RULE_DEPTH_MAX times; a rule acts once on a record within a write. An action that fails refuses
 * the write that caused it; of what a visitor sent through a form only the rule is left out, and
 * administrators are told.
 *
 * Rules act with the rights of the system: conditions see everything, and nobody needs a right for
 * what a rule of the firm does. What they tell people is written with the rights of who reads it.
 */
#ifndef KONTOR_RULES_RULES_H
#define KONTOR_RULES_RULES_H

#include "base/buf.h"
#include "core/ctx.h"
#include "model/rule.h"
#include "store/rows.h"

#define RULE_DEPTH_MAX 5

extern const struct ctx_hooks RULES_HOOKS;

/* {"items":[{"name","help","when","changes":[…],"if","do":[…],"problems":[…]}]}: all rules in their
 * order. problems: users and teams they name that are not there. */
int rules_print(struct ctx *c, struct buf *out);

/* A timer (RESPONSE_TIMER): nobody has answered in time. */
int response_fire(struct ctx *c, int64_t record, const char *key);

/* ---- inside lib/rules ---- */

/* What happened to one record since rules last looked. */
struct touched {
    const struct entity *entity;
    int64_t id;
    unsigned ops; /* bit per enum operation */
    uint64_t fields[4];
};

/* How busy everybody is, counted once as long as nothing but what assign.c gives away changes it. */
struct loads {
    const struct assignment *of;
    struct load *list; /* in the arena */
    size_t count, room;
    size_t seen; /* events of the write that are in it */
};

/* One rule at one record. */
struct step {
    struct ctx *c;
    struct loads *loads; /* of this settling */
    const struct rule *rule;
    const struct rule_action *action;
    const struct entity *entity;
    int64_t id;
    const char *said; /* what was done, for the history; NULL: the rule's name says it */
};

/* THE table of actions: a row runs an action of RULE_ACTIONS. 0, or -1 with c->err. */
struct action_type {
    enum rule_action_id id;
    int (*run)(struct step *s);
};
extern const struct action_type ACTION_TYPES[]; /* ends with a zero row */

/* response.c: the clock of first answers begins, moves and ends. since: the newest set before this
 * write. */
int response_watch(struct ctx *c, const struct touched *t, size_t count, int64_t since);

/* failed.c: a rule could not act on what a visitor sent, which is kept; administrators are told. */
int rules_failed(struct ctx *c, const struct rule *rule, int64_t record, const char *why);

/* assign.c */
int rules_assign(struct step *s);
/* people.c: active users, each once, in the arena; titles may be NULL. */
int rules_people(struct step *s, const struct people *to, size_t count, int64_t **out, size_t *n);
/* Name and, of a user, address → id; 0: there is none, or several. */
int rules_account(struct ctx *c, const struct people *p, int64_t *id);
/* A member of the entity user or team: his name. */
int rules_name(struct ctx *c, int64_t id, const char **out);

#endif
