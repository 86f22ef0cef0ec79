/*
 * The one query builder: expressions and lists become SQL here and nowhere else, in two modes (now, as of a
 * change-set), always with the reader's visibility added. Names come from the model, user text is only ever bound.
 *
 * Rights: `who->role` NULL is the system (CLI with all rights, roll-ups): sees everything. Else the role's visibility
 * expression of the entity is part of every WHERE, also for linked records and aggregates inside expressions: an unseen
 * link target is empty. Visibility is always *now*, only the user's filter is as-of. Fields a role may not see are
 * unknown to its expressions (expr_compile) and left out of results.
 */
#ifndef KONTOR_STORE_QUERY_H
#define KONTOR_STORE_QUERY_H

#include "model/expr.h"
#include "store/rows.h"

struct who {
    const struct model *model;
    const struct role *role; /* NULL: the system */
    int64_t user, team;      /* 0: none */
    int64_t now_ms;          /* fixed for the unit of work: today() now() */
    int64_t since;           /* rules: was() and changed() look at what was written after this set */
    bool shared;             /* others may share records with him: what they do counts as seen */
};

/* A column to read: a field's stored columns, a computed expression, or a link with its title. */
struct sort_key {
    const struct field *field; /* path is not supported here */
    bool descending;
    const struct expr *by;     /* instead of field: any expression (deals' urgency) */
};

/* Links walked from the record to the one that has a field. */
struct field_path {
    const struct field **links;
    size_t count; /* 0: the record itself */
};

struct list_spec {
    const struct entity *entity;
    enum action action;           /* whose visibility: ACTION_SEE, ACTION_EDIT, ACTION_DELETE, ACTION_EXPORT */
    const struct expr *filter;    /* NULL: everything */
    const struct field **fields;  /* what to read; system fields allowed */
    const struct field_path *paths; /* by position of `fields`; NULL: all are of the record itself. A linked record with
                                     * which `action` is not allowed has no values */
    size_t field_count;
    const struct expr **extra;    /* further expressions to read per row (next_step …) */
    size_t extra_count;
    struct sort_key sort[SORTS_MAX];
    size_t sort_count;            /* id is always the last key */
    size_t limit;                 /* rows wanted; 0: no limit (exports) */
    const char *cursor;           /* from an earlier answer; NULL: from the start; malformed: ERR_MALFORMED */
    int64_t as_of;                /* change-set id; 0: now */
    bool trash;                   /* only the trash instead of only the living */
    bool both;                    /* living and trash */
    const int64_t *only;          /* id of one record; NULL: all */
    bool by_month;                /* query_group: by the month, "2026-11", of a date or moment */
    const char *among;            /* ids as JSON, "[1,2]": only these; NULL: all */
};

/* The target of a link as its reader sees it. */
struct link_title {
    const char *text; /* NULL: hidden or absent */
    bool deleted;     /* it lies in the trash */
};

/* One row as handed to the callback; everything is valid only during the call. */
struct list_row {
    int64_t id, version;
    const struct value *values;   /* by position: columns of fields[0], fields[1] …; a computed field gives one value */
    const struct link_title *titles; /* by field position: of link fields */
    const struct value *extra;
};
typedef int (*list_function)(void *data, const struct list_row *row); /* not 0 ends the list */

/* Streams the rows. *next: cursor of the following page in the arena, NULL at the end. */
int query_list(struct db *db, const struct who *who, const struct list_spec *spec, struct arena *a, list_function row, void *data,
               const char **next, struct err *e);
/* Exact up to `cap`; *more when there are more. Cached per text and bindings until the next commit. */
int query_count(struct db *db, const struct who *who, const struct list_spec *spec, int64_t cap, int64_t *out, bool *more, struct err *e);
/* Ids in id order, id > after, at most limit (bulk, undo slices). */
int query_ids(struct db *db, const struct who *who, const struct list_spec *spec, int64_t after, size_t limit, struct arena *a,
              int64_t **ids, size_t *count, struct err *e);
/* 1 when the actor may do `action` with this record now (living or, with trash, deleted), 0 when not or absent, -1 error. */
int query_permits(struct db *db, const struct who *who, enum action action, const struct entity *entity, int64_t id, bool trash,
                  struct err *e);

struct group_row {
    struct value key;
    struct link_title title; /* of a link key */
    int64_t count;
    const struct value *sums; /* by measures: whole numbers, or the text of one that fits no 64 bits */
};
/* count and sum(measure) by a field, or in total when `by` is NULL; at most limit groups, largest first. A measure
 * build_share has made gives the sum of the shares, rounded once. */
int query_group(struct db *db, const struct who *who, const struct list_spec *spec, const struct field *by,
                const struct expr **measures, size_t measure_count, size_t limit, struct arena *a,
                struct group_row **out, size_t *count, struct err *e);

/* The same by several keys at once, in no order. */
struct cube_key {
    const struct expr *x;
    bool month; /* of a date or moment: "2026-11" */
};
struct cube_row {
    const struct value *keys, *sums; /* links: the id, NULL when the reader may not follow it */
    int64_t count;
};
#define CUBE_KEYS_MAX 6
int query_cube(struct db *db, const struct who *who, const struct list_spec *spec,
               const struct cube_key *keys, size_t key_count, const struct expr **measures,
               size_t measure_count, struct arena *a, struct cube_row **out, size_t *count,
               struct err *e);

/* Evaluates expressions on one record as it stands on this connection (validation, gates, computed): out[i]; a boolean is int
 * 0/1 or null. Rights of `who` for what it links to. One SELECT. */
int query_eval(struct db *db, const struct who *who, const struct entity *entity, int64_t id, const struct expr **exprs, size_t count,
               struct arena *a, struct value *out, struct err *e);
/* Conditions on several records of an entity (at least one), in the trash or not: hits[i * expr_count + k] of ids[i] and exprs[k].
 * One SELECT with a column for each. */
int query_match(struct db *db, const struct who *who, const struct entity *entity, const int64_t *ids, size_t id_count,
                const struct expr **exprs, size_t expr_count, struct arena *a, bool *hits, struct err *e);
/* Living records of `from` for which `test` holds (NULL: all), among `among` (ids as JSON; NULL: all), in order of id. The record
 * `id` of `around` stands around each of them. With system rights. */
struct fitting {
    const struct entity *from, *around;
    int64_t id;
    const struct expr *test;
    const char *among;
};
int query_fitting(struct db *db, const struct who *who, const struct fitting *what, struct arena *a, int64_t **out,
                     size_t *count, struct err *e);
/* The same without a record (defaults). */
int query_eval_constant(struct db *db, const struct who *who, const struct expr *x, struct arena *a, struct value *out, struct err *e);

struct title_row { int64_t id; const struct entity *entity; const char *title; bool hidden, deleted; };
/* Titles of any records, in the order given; hidden when absent or not visible to who. */
int query_titles(struct db *db, const struct who *who, const int64_t *ids, size_t count, struct arena *a, struct title_row *out,
                 struct err *e);

/* SQL text of an expression or list with its plan, for tests (lint of EXPLAIN QUERY PLAN) and `kontor doctor`. */
int query_explain(struct db *db, const struct who *who, const struct list_spec *spec, struct arena *a, const char **sql,
                  const char **plan, struct err *e);

/* ---- search ---- */

#define SEARCH_RANKED 500 /* hits that are compared and can be paged through */

struct search_spec {
    const char *text;          /* as typed */
    const struct entity *kind; /* NULL: all */
    size_t limit, offset;      /* of the best; together at most SEARCH_RANKED */
    bool whole;                /* everything there is, with counts by kind: the page of results */
    bool suggest;              /* with what may have been meant, when little is found */
};
struct search_hit {
    int64_t id;
    const struct entity *entity;
    const char *title;
    const char *snippet; /* the field that shows what was typed, shortened; or NULL */
    const char *about;   /* title of a record it points to, its company first; or NULL */
    bool ended;          /* a deal that is won or lost, a task that is done */
    int64_t picture;     /* file shown in place of initials, whether he sees it or not; 0: none */
};
struct search_kind {
    const struct entity *entity;
    size_t count;
    bool more; /* at least so many */
};
struct search_result {
    struct search_hit *hits;
    size_t count;
    size_t total; /* found altogether, as far as looked at; offset + count when there is no more */
    bool more;    /* there are more than total */
    struct search_kind *kinds; /* most hits first; of the one asked for alone */
    size_t kind_count;
    const char **suggestions; /* texts each of which finds something the reader sees */
    size_t suggestion_count;
};
/* Words and beginnings, digits for phones, parts of names, people with words of their company; only
 * what who may see; best first: titles that are or begin with the text, then titles with its words,
 * fields, texts; what lives before what has ended, own before others'. */
int search_find(struct db *db, const struct who *who, const struct search_spec *spec,
                struct arena *a, struct search_result *out, struct err *e);

#endif
