/*
 * What a stranger sends by a public form (forms.yaml) becomes a record, by the ordinary way of all
 * records: one change-set of source "form" by the system, with the evidence of what was agreed to on
 * the record's timeline. Machines are kept out by a signed token that is good once, a field nobody
 * sees, the time a person needs, and limits per address. A visitor learns nothing of what is known.
 */
#ifndef KONTOR_CORE_FORM_H
#define KONTOR_CORE_FORM_H

#include "core/ctx.h"
#include "model/form.h"

/* What became of an entry. */
enum form_outcome {
    FORM_TAKEN,
    FORM_REFUSED,     /* something was missing or wrong: no machine, he is asked again */
    FORM_IS_TRAPPED,  /* the field nobody sees was filled in */
    FORM_IS_EARLY,    /* quicker than a person */
    FORM_IS_EXPIRED,
    FORM_IS_FORGED,   /* a token of somebody else's making, or none */
    FORM_IS_REPLAYED, /* a token that was used */
    FORM_IS_TOO_MUCH, /* from this address, or of a flood */
    FORM_IS_UNREADABLE,
    FORM_IS_TOO_LARGE,
    FORM_FAILED,      /* ours: disk full, overloaded */
    FORM_OUTCOMES
};
struct form_outcome_row {
    const char *name;     /* "taken": for programs */
    int status;           /* of HTTP */
    enum form_text text;  /* what the visitor is told */
    bool bad;             /* no person does that: counts against the address */
};
extern const struct form_outcome_row FORM_OUTCOME_ROWS[]; /* by enum form_outcome */

/* What was typed into one field. */
struct form_answer {
    const char **texts;
    size_t count; /* VISITOR_SEVERAL: any; else 0 or 1 */
};
struct form_sent {
    const struct form_answer *answers; /* as form->fields */
    const char *campaign[5];           /* as FORM_CAMPAIGN; NULL: none */
    const char *page;                  /* he came from; NULL: not known */
    const char *token, *trap;          /* as sent; may be NULL */
    bool agreed;
    const char *address;
};
extern const char *const FORM_CAMPAIGN[5]; /* "utm_source" … */

struct form_result {
    enum form_outcome outcome;
    enum form_text *problems; /* as form->fields; FORM_TEXTS: none */
    bool disagreed;           /* the tick of a consent that is needed is missing */
    const char *token;        /* for the form when it is shown again */
    int64_t record, change;   /* FORM_TAKEN */
};

/* The token of a form that is shown now. NULL with c->err filled. */
const char *form_token(struct ctx *c, const struct form *form);
/* Always 0 or -1 with an outcome: -1 with c->err filled is FORM_FAILED, and FORM_IS_… stand with 0. */
int form_take(struct ctx *c, const struct form *form, const struct form_sent *sent,
              struct form_result *out);
/* Counts what was turned away before it could be read. */
void form_turned_away(const struct form *form, enum form_outcome outcome, const char *address,
                      int64_t now_ms);
/* {"items":[{"name","title",…}]}: the forms with what came in by them, for administrators. */
int form_list(struct ctx *c, struct buf *out);
/* kontor_form_entries_total{form,outcome} as Prometheus reads it. */
void form_metrics(struct ctx *c, struct buf *out);
/* A timer: writes counts down, drops old ones and used tokens that have expired. */
int form_tidy(struct ctx *c, int64_t record, const char *key);

/* form_token.c: what a token says. */
enum form_outcome form_token_check(struct ctx *c, const struct form *form, const char *token,
                                   unsigned char id[32], int64_t *until_ms);

#endif
