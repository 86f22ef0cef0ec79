/*
 * Expression → SQL. A checked expression becomes SQL text in one of two modes: now, or as of a
 * change-set.
 *
 * What holds everywhere: a value that is empty is NULL in SQL; a test is never NULL when it is
 * asked for exactly
 * (`not (x = 1)` is true for an empty x), and at the top of a WHERE it stays `column = ?`, so that
 * indexes serve it. Rows of records come out of one function, records_from, which adds "not in the
 * trash" and the reader's rights: no other text names an entity's table. Rights are always those of
 * now; values and the trash are as of the asked moment.
 *
 * Used by query*.c only. Everything lives for one statement.
 */
#ifndef KONTOR_STORE_EXPR_SQL_H
#define KONTOR_STORE_EXPR_SQL_H

#include "store/query.h"
#include "store/sql.h"

#define COMPILE_TEXT_MAX                                                                           \
    200000 /* bytes: computed fields are written out wherever they are used                        \
            */
#define COMPILE_DEPTH_MAX                                                                          \
    200 /* nested sub-selects and conditions; SQLite's own limit is higher                         \
         */

struct compile {
    struct sql *sql;
    const struct who *who;
    struct err *e;
    size_t as_of;                /* parameter with the change-set; 0: now */
    size_t since;                /* parameter with the set before the change that rules look at */
    size_t now, today, me, team; /* their parameters, 0 until used */
    int aliases;                 /* tables named so far */
    int depth;
    bool known;   /* the records are known by their ids: what is asked begins with them */
    bool trusted; /* inside a rule about rights: what it looks at is not filtered again */
    const struct expr *walked;   /* found() that is tested for each record, and does not lead */
    const struct expr *streamed; /* found() whose ids come as "f" beside the record */
    bool strict;  /* inside a right to more than seeing: what is only shared does not count */
    bool failed;
};

/* A record that expressions are about: table `t<alias>`. up: the record around it (aggregates),
 * NULL at the top. */
struct scope_row {
    const struct entity *entity;
    int alias;
    const struct scope_row *up;
};

enum life { LIFE_ANY, LIFE_LIVING, LIFE_TRASH };

void compile_init(struct compile *c, struct sql *s, const struct who *who, struct err *e);
struct scope_row scope_new(struct compile *c, const struct entity *entity,
                           const struct scope_row *up);
/* Keeps the first failure; the text is useless from then on. */
void compile_fail(struct compile *c, const char *text);
/* 0, or -1 when something failed on the way. */
int compile_end(const struct compile *c);

/* ---- expr_sql.c: conditions ---- */

/* A condition. exact: 0 or 1, never NULL. Else NULL may stand for false. */
void put_test(struct compile *c, const struct scope_row *r, const struct expr *x, bool exact);
/* Any expression as a result: conditions as 0 or 1. */
void put_result(struct compile *c, const struct scope_row *r, const struct expr *x);
bool is_row_free(const struct expr *x); /* the same for every row */

/* ---- expr_sql_value.c: values ---- */

/* NULL when empty; numbers with the places of x->type. */
void put_value(struct compile *c, const struct scope_row *r, const struct expr *x);
void put_scaled(struct compile *c, const struct scope_row *r, const struct expr *x, int places);
/* A literal that has fewer digits behind the point than its type says loses the zeros. */
int needed_places(const struct expr *x);
/* A field of the row itself as expressions see it (money: base amount; computed: its expression;
 * unseen links: NULL). */
void put_field(struct compile *c, const struct scope_row *r, const struct field *f);
bool is_text_kind(enum expr_kind kind);

/* ---- expr_sql_text.c ---- */

bool has_key(const struct field *f); /* a text with a folded key column beside it */
void put_key(struct compile *c, const struct scope_row *r, const struct field *f);
void put_alike(struct compile *c, const struct scope_row *r, const struct expr *x);
/* A test of such a text against constants: true when written. */
bool put_text_test(struct compile *c, const struct scope_row *r, const struct expr *x);

/* ---- expr_sql_time.c ---- */

void put_day(struct compile *c, const struct scope_row *r,
             const struct expr *x); /* date or moment → date */
void put_shift(struct compile *c, const struct scope_row *r,
               const struct expr *x); /* time ± duration */
void put_call(struct compile *c, const struct scope_row *r, const struct expr *x);
/* was(field), changed(field): by what was written after who->since. */
void put_was(struct compile *c, const struct scope_row *r, const struct expr *x);
void put_changed(struct compile *c, const struct scope_row *r, const struct expr *x);
/* Compares a date with a moment. */
void put_time_test(struct compile *c, const struct scope_row *r, const struct expr *x);

/* ---- expr_sql_stage.c: what the pipeline says about a stage ---- */

bool is_stage_attribute(const struct expr *x);
/* The value of stage.kind … of the row r. */
void put_stage_value(struct compile *c, const struct scope_row *r, const struct expr *x);
/* stage.kind = "open" as stage IN (…): true when written; false: compare the values. */
bool put_stage_test(struct compile *c, const struct scope_row *r, const struct expr *x);

/* ---- expr_sql_found.c: what the search finds ---- */

/* The ids of found(x), a record perhaps twice: "WITH … SELECT …"; false: nothing was written. */
bool put_found_ids(struct compile *c, const struct entity *e, const struct expr *x);
void put_found(struct compile *c, const struct scope_row *r, const struct expr *x);

/* ---- expr_sql_link.c: from record to record ---- */

typedef void put_leaf(struct compile *c, const struct scope_row *r, const struct expr *x);
/* The scope x speaks of. */
const struct scope_row *scope_of(struct compile *c, const struct scope_row *r,
                                 const struct expr *x);
/* Walks x->path from r and writes leaf there: a scalar sub-select per step, empty when unseen or in
 * the trash. */
void put_path(struct compile *c, const struct scope_row *r, const struct expr *x, put_leaf *leaf);
void put_aggregate(struct compile *c, const struct scope_row *r, const struct expr *x);
void put_visible(struct compile *c, const struct scope_row *r, const struct expr *x);
/* Somebody shares the record with the reader, today. */
void put_shared(struct compile *c, const struct scope_row *r, const struct expr *x);
/* "SELECT t2.target …": the ids of what is shared with him; gives the alias of its row of ref. */
int put_shared_ids(struct compile *c);
/* `list contains x` for fields of type records. */
void put_ref_test(struct compile *c, const struct scope_row *r, const struct expr *x);
/* within(link, id): the records below one in its tree, as far as the reader sees them. */
void put_within(struct compile *c, const struct scope_row *r, const struct expr *x);
/* next_of(link): no open one of the same link and owner comes before it, from today on. */
void put_next_of(struct compile *c, const struct scope_row *r, const struct expr *x);
/* True when some targets of the link may be hidden from the reader. */
bool is_restricted(const struct compile *c, const struct entity *target);
/* " AND EXISTS(target that may be seen)" behind a test of the link's column. */
void put_target_seen(struct compile *c, const struct scope_row *r, const struct field *link);

/*
 * "FROM e_deal t3 WHERE life AND rights": THE way to rows of records. through: "ref r3 CROSS JOIN "
 * or "" before the table. Conditions may follow with " AND ".
 */
void records_from(struct compile *c, const struct scope_row *r, const char *through, enum life life,
                  enum action action);
/*
 * The same in parts: rights like "team = my_team or owner = me" are two walks along two indexes
 * that are merged (UNION) in the order of the title. rights_arms says whether the rule is like
 * that; then each of its arguments is an arm. A record may be in several, unless `apart`: then
 * earlier arms are left out of later ones.
 */
bool rights_arms(const struct compile *c, const struct entity *e, enum action action,
                 const struct expr **rule);
void records_from_arm(struct compile *c, const struct scope_row *r, enum life life,
                      const struct expr *rule, size_t arm, bool apart);
bool rights_is_arm(const struct expr *x); /* "owner = me": an index has such records */
/* When it went to the trash, or null. */
void put_deleted_at(struct compile *c, const struct scope_row *r);
/* Living, in the trash, or any ("1"); as of a set also: it existed. */
void put_life(struct compile *c, const struct scope_row *r, enum life life);
/* " AND (rights)" or nothing. */
void put_rights(struct compile *c, const struct scope_row *r, enum action action);
/* The rule that decides; NULL: everything (`*never` false) or nothing (`*never` true). */
const struct expr *rights_of(const struct compile *c, const struct entity *e, enum action action,
                             bool *never);

/* ---- expr_sql_column.c: columns, now and as of ---- */

void put_column(struct compile *c, const struct scope_row *r, const struct column *column);
void put_title(struct compile *c, const struct scope_row *r);
void put_title_key(struct compile *c, const struct scope_row *r); /* what titles are sorted by */
/* Column that stands for the field in comparisons and sums: the base amount of money. */
const struct column *value_column(const struct field *f);
bool is_indexed(const struct field *f); /* an index begins with its column */

#endif
