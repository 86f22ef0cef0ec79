/* What the files behind core/series.h share. Everything runs within a write. */
#ifndef KONTOR_CORE_SERIES_PARTS_H
#define KONTOR_CORE_SERIES_PARTS_H

#include "core/parts.h"
#include "core/series.h"
#include "exchange/ical.h"

/* The fields of occurrences and of their series. */
struct series_model {
    const struct entity *activity, *entity;
    const struct field *series, *recurrence_id, *exception, *due, *done_at; /* of the activity */
    const struct field *rule, *start, *made_until;                         /* of the series */
    const struct field *left_out; /* times of the rule at which it is not; NULL: there is no such field */
};
/* false: activities of `e` do not repeat (or the model has none of this). */
bool series_model(const struct ctx *c, const struct entity *e, struct series_model *out);

/* A place in time as a series counts: a wall time in its zone. */
struct series_time {
    int64_t wall;
    bool is_day;
    const char *zone; /* NULL: a day */
};
bool series_time_of(struct ctx *c, const struct value *local, struct series_time *out);
/* The columns of a local time. */
int series_due(struct ctx *c, const struct series_time *like, int64_t wall, struct value out[]);
/* "2026-11-21T09:00:00", or "2026-11-21". */
const char *series_place(struct ctx *c, const struct series_time *like, int64_t wall);

struct series_plan {
    struct series_time start;
    const char *left_out; /* places parted by blanks that are not made; NULL: none */
    int64_t over_s;       /* how long they take, when those that are over are done; < 0: they are not */
    struct ical_set *set; /* wall times of all occurrences from the start on, up to the horizon */
};
/* The occurrences of a rule; too many of them are cut. */
int series_plan(struct ctx *c, const char *rule, const struct series_time *start,
                struct series_plan *out);
/* Position of a wall time in the plan; false: it is none. */
bool series_plan_find(const struct series_plan *plan, int64_t wall, size_t *out);
/* Does the list of places have this one (or its day)? */
bool series_leaves_out(const char *left_out, const char *place);
/* Moment of a wall time, in seconds. */
int64_t series_instant(const struct series_time *like, int64_t wall);
/* How many of the plan's occurrences are to be there now. */
size_t series_plan_due(const struct ctx *c, const struct series_plan *plan);

/* Is this something every occurrence has of its own: when it is, whether and how it was done? */
bool series_is_own(const struct series_model *m, const struct field *f);
/* Done, if the plan says so of those that are over. */
void series_put_done(struct ctx *c, const struct series_model *m, const struct series_plan *plan,
                     int64_t wall, struct field_set *set);
/* Makes the occurrences of the plan with these numbers from the pattern of another activity. */
int series_make(struct ctx *c, const struct series_model *m, const struct record *pattern,
                int64_t series, const struct series_plan *plan, size_t from, size_t to);
/* The record of a new series, with what the first of its activities has. */
int series_insert(struct ctx *c, const struct series_model *m, const struct record *first,
                  const struct series_plan *plan, const char *rule, int64_t made, int64_t *out);
/* A new series that begins with this activity, which becomes its first occurrence. */
int series_begin(struct ctx *c, const struct series_model *m, struct written *first,
                 const char *rule);
/* Writes rule, start, how far it is made and, where the plan has them, the times left out. */
int series_save(struct ctx *c, const struct series_model *m, struct record *series,
                const char *rule, const struct series_plan *plan, const char *made_until);
/* Its places that are left out; NULL: none. */
const char *series_left_out(const struct series_model *m, const struct record *series);
/* Is this member of a body the rule? And the rule: a text, or null; NULL: nothing is said. */
bool series_is_asked(const struct ctx *c, const struct entity *e, const char *member);
const struct json *series_asked(const struct ctx *c, const struct entity *e,
                                const struct json *body);
/* One change of an activity and, by scope, of others of its series. `repeat`: the member of the body,
 * or NULL. */
int series_change(struct ctx *c, struct record *before, struct field_set *set,
                  const struct json *repeat, enum series_scope scope, struct written *out);
/* Into the trash: this one and, by scope, others that are not done. */
int series_remove(struct ctx *c, struct record *r, enum series_scope scope, size_t *left);
/* How far a series is made: its timer writes that, nobody else. */
bool series_is_made_until(const struct ctx *c, const struct field *f);
/* The making of a series was taken back: what its timer made since, and nobody touched, goes, too.
 * Does nothing for other records. */
int series_undone(struct ctx *c, const struct record *series, int64_t *count);
/* The change of a series was taken back after its timer had gone on with it: what that made by the plan
 * of then, and nobody touched, goes, and the next day makes what the plan of before gives instead.
 * Does nothing for other records, and unless c undoes. */
int series_set_back(struct ctx *c, struct record *series, int64_t *count);
/* An occurrence that is changed by itself becomes an exception. */
void series_mark(const struct ctx *c, const struct record *before, struct record *after,
                 const bool *given);
/* Times of a plan that are not there yet, from now on and as far as the series is made. */
int series_make_missing(struct ctx *c, const struct series_model *m, const struct record *pattern,
                        int64_t series, const struct series_plan *plan, size_t due);
/* series_take.c: a series as another calendar has it. */
struct series_told {
    const char *rule, *left_out; /* left_out: as in a plan */
    const char *gone;            /* those of them that are not at another time either */
    bool over_is_done;           /* those that are over are done */
};
/* A new one: `set` is what its activities have, due when it starts. `before`: a single activity that
 * becomes the first of them, or NULL. *made: activities; 0: there is none a year back and ahead, and
 * nothing was written. first: the first of them. */
int series_take(struct ctx *c, const struct series_model *m, struct record *before,
                struct field_set *set, const struct series_told *told, struct written *first,
                size_t *made);
/* One that was taken already; *changed: something of it. *x: one of its activities, NULL: none. */
int series_take_again(struct ctx *c, const struct series_model *m, int64_t series,
                      struct field_set *set, const struct series_told *told, struct record **x,
                      bool *changed);
/* Living occurrences of a series, in the order of their place; those that are done too if asked for.
 */
int series_occurrences(struct ctx *c, const struct series_model *m, int64_t series, bool done,
                       struct record ***out, size_t *count);
/* Is one of them on that day? */
bool series_is_there(const struct series_model *m, struct record **list, size_t count, int64_t wall);
/* A rule that was read and checked for use here, in one spelling; NULL: c->err says why not. */
const char *series_rule(struct ctx *c, const char *text, bool is_day);

#endif
