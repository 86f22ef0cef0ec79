/*
 * Rules of the firm (rules.yaml): before or after a change, under a condition, do something. Read
 * and checked by load_rule*.c; lib/rules runs those with `after`, core/record_check.c asks those
 * with `before` together with what else must hold of a written record.
 */
#ifndef KONTOR_MODEL_RULE_H
#define KONTOR_MODEL_RULE_H

#include "model/model.h"

#define RULES_MAX        500
#define RULE_ACTIONS_MAX 20 /* of one rule */

enum rule_event {
    RULE_CREATED = 1,
    RULE_UPDATED, /* any field a person may set */
    RULE_FIELD,   /* this field was altered, or filled in a new record */
    RULE_DELETED, /* moved to the bin */
    RULE_RESTORED
};

struct rule_trigger {
    enum rule_event event;
    const struct field *field; /* RULE_FIELD; else NULL */
};

/* "Call {first_name}": texts and values in turn; each piece has one of the two. */
struct rule_piece {
    const char *text;
    const struct expr *value;
};
struct rule_text {
    struct rule_piece *pieces;
    size_t count;
    const char *source; /* as written */
};

/* What a field gets: exactly one of these, or none: it is emptied. */
struct rule_set {
    const struct field *field;
    const struct value *values; /* by the field's columns */
    const struct expr *expr;    /* about the rule's record */
    const struct rule_text *text;
    const char *source; /* as written; NULL: it is emptied */
};

/* Somebody: who stands in a field, a user, the members of a team. */
enum people_kind { PEOPLE_FIELD = 1, PEOPLE_USER, PEOPLE_TEAM };
struct people {
    enum people_kind kind;
    const struct expr *expr; /* PEOPLE_FIELD: a link to a user or a team */
    const char *name;        /* e-mail or name of the user, name of the team: found when it runs */
    const char *where;       /* of the name, in its file */
};

enum rule_action_id { RULE_REFUSE = 1, RULE_ASSIGN, RULE_SET, RULE_CREATE, RULE_NOTIFY };

/* THE table of actions, by which rules are checked and conf/README.md is made; lib/rules runs them. */
struct rule_action_row {
    enum rule_action_id id;
    const char *name;
    bool before; /* belongs to rules with `before`, else to those with `after` */
    const char *meaning, *example;
};
extern const struct rule_action_row RULE_ACTIONS[]; /* ends with a zero row */

enum assign_how { ASSIGN_FIRST = 1, ASSIGN_ROUND_ROBIN, ASSIGN_LEAST_BUSY };
struct assignment {
    enum assign_how how;
    struct people *to; /* candidates, or with ASSIGN_FIRST the first there is */
    size_t to_count;
    const struct expr *test; /* about a user, around him the record; NULL: all fit */
    const struct people *otherwise; /* when nobody is left; NULL: it stays as it is */
    const struct entity **busy;     /* ASSIGN_LEAST_BUSY: whose open records count */
    const struct expr **busy_open;  /* by busy: what is open; NULL: all that lives */
    size_t busy_count;
    const char *test_text; /* as written */
};

struct rule_action {
    const struct rule_action_row *row;
    const struct rule_text *text; /* refuse, notify */
    const struct field *field;    /* refuse: beside which field it is said; NULL: of the record */
    const struct entity *entity;  /* create */
    struct rule_set *sets;        /* set, create */
    size_t set_count;
    struct people *to; /* notify */
    size_t to_count;
    const struct assignment *assign;
};

struct rule {
    const char *name, *help; /* help may be NULL */
    const struct entity *entity;
    bool before;
    struct rule_trigger *triggers;
    size_t trigger_count;
    const struct expr *test; /* NULL: always */
    const char *test_text;
    struct rule_action *actions;
    size_t action_count;
    const char *where;
};

/* "lead.created": a trigger as it is written. */
const char *rule_trigger_print(struct arena *a, const struct rule *r, const struct rule_trigger *t);
/* "round robin of team Solar" */
const char *rule_assignment_print(struct arena *a, const struct assignment *x);
/* One line in words of all an action does. */
const char *rule_action_print(struct arena *a, const struct rule_action *x);

#endif
