/*
 * What comes in when: records of pipelines by the month they close in, won, committed, best case
 * and weighted, against targets, beside the same question a week earlier; and what changed since a
 * day. Figures come from the store for the whole filter, with the actor's rights and in the
 * company's currency; what they mean is said here.
 */
#ifndef KONTOR_CORE_FORECAST_H
#define KONTOR_CORE_FORECAST_H

#include "core/parts.h"

#define FORECAST_MONTHS_MAX 36
#define CLOSE_FIELD         "close_date" /* when an open record is expected to be won */

struct forecast_wish {
    const char *pipeline; /* id; NULL or "": all of deals together */
    const char *from, *to; /* months, quarters or years: "2026-11"; NULL: from this month, six of them */
    const char *by;        /* "month" (NULL), "owner" or "team" */
    const char *filter, *as_of;
};
/* {"months":[…],"groups":[{"id","title","months":[figures],"total":figures}],"total":figures …} */
int forecast_print(struct ctx *c, const struct forecast_wish *wish, struct buf *out);

/* ---- changed.c ---- */

struct changed_wish {
    const char *pipeline; /* id; NULL or "": all of deals together */
    const char *since;    /* a day, from its beginning on, or a moment; NULL: this week's Monday */
    const char *filter;   /* of the records as they are now, of gone ones as they were */
    const char *as_of;    /* up to then; NULL: up to now */
    int64_t limit;        /* of records told per kind */
};
/* {"since","kinds":[{"id","count","sum","items":[…]}]}: what differs between the two moments. What was
 * done and taken back in between does not count. */
int changed_print(struct ctx *c, const struct changed_wish *wish, struct buf *out);
/* The pipeline a request names, or its entity: what deals go through. ERR_NOT_FOUND for who may not
 * know of it. */
int forecast_scope(struct ctx *c, const char *pipeline, const struct pipeline **p,
                   const struct entity **e);

/* ---- target.c ---- */

/* Whose target: all zero for the firm. */
struct target_of {
    int64_t person, team;
};
struct target_goal {
    bool has_money, has_count;
    int64_t money, count;
};
struct target_book; /* the targets of one pipeline, or of all of an entity, with their people */
int target_book_read(struct ctx *c, const struct entity *e, const struct pipeline *p,
                     struct target_book **out);
/* What somebody has to win in a month (year * 12 + month - 1). What is not said of the firm is the
 * sum of its teams, of a team that of its people. */
struct target_goal target_goal_of(const struct target_book *b, struct target_of whom, int month);
/* Persons or teams with a target at some time: their ids. */
size_t target_people(const struct target_book *b, const int64_t **out);
size_t target_teams(const struct target_book *b, const int64_t **out);
bool target_is_any(const struct target_book *b);
/* The person's team; 0 if none. */
int64_t target_team_of(const struct target_book *b, int64_t person);

/* Months as numbers: "2026-11", of a quarter or year the first or the last; -1 for other text. */
int month_parse(const char *text, bool last);
void month_print(int month, char out[8]); /* "2026-11" */
/* The first day of a month, "2026-11-01". */
void month_day(int month, char out[11]);

#endif
