/*
 * Shared by query*.c: one statement over the records of one entity, put together from pieces: what
 * is asked (filter), who may see it (in records_from), in which order, from where on. Pieces are
 * cut out as texts with numbered parameters, so that each can stand where it is needed.
 */
#ifndef KONTOR_STORE_QUERY_PRIVATE_H
#define KONTOR_STORE_QUERY_PRIVATE_H

#include "store/db.h"
#include "store/expr_sql.h"
#include "store/query.h"

#define LIST_LIMIT_MS 2000  /* a list without a fitting index */
#define BIG_TABLE     50000 /* records from which another way pays */

struct query_key {
    const char *text; /* SQL */
    bool descending;
    bool nullable; /* empty values come last */
    bool indexed;  /* the title: an index has this order */
};

struct query {
    struct db *db;
    struct arena *arena;
    const struct list_spec *spec;
    struct sql sql;
    struct compile c;
    struct scope_row row;
    const char *filter;         /* NULL: none */
    const struct expr *indexed; /* a conjunct of the filter that an index serves; NULL if none */
    struct query_key keys[SORTS_MAX];
    size_t key_count;
    bool id_descending;
    bool scans;              /* no index fits: sort what a scan finds, under a time limit */
    const struct expr *rule; /* rights in two arms; NULL: one WHERE */
    bool apart;              /* the arms must not overlap: they are counted */
    const struct field *lead; /* sorted by what this link points to, which leads; NULL: it does not */
    struct scope_row target;  /* what it points to */
    const char *lead_value;   /* that value as the record's own: NULL in SQL for the rest */
    const char *stream; /* "(…) f CROSS JOIN ": hits of found() in front of the record; NULL: none */
    struct value lead_from;  /* of the cursor; null: from the start */
    bool rest;                /* the statement is about records without such a value */
    const char *few;         /* " AND id IN (…)": what may be seen, of few records; NULL: not needed */
    const struct expr *pointing; /* the rights, when they follow from many records; NULL: they do not */
    const char *after;       /* condition of the cursor; NULL: from the start */
    size_t filter_binds;     /* parameters up to here belong to filter and keys */
    uint64_t fingerprint;    /* of entity, filter and order: cursors are bound to it */
};

/* Compiles filter and order. Call query_end in any case. */
int query_begin(struct query *q, struct db *db, const struct who *who, const struct list_spec *spec,
                struct arena *a, struct err *e);
void query_end(struct query *q);
/* "FROM … WHERE life AND rights AND filter AND cursor", behind a SELECT; with rights in arms: that
 * of `arm`. */
void query_from(struct query *q, size_t arm);
enum life query_life(const struct list_spec *spec);
sqlite3_stmt *
query_statement(struct query *q,
                struct err *e); /* as sql_statement; NULL also after a failed compile */

/* query_sort.c */
int query_sort(struct query *q, struct err *e);
void query_decide(struct query *q); /* which way: arms, scan and sort, or the planner's own */

/* query_few.c: fills q->few, or q->pointing */
int query_few(struct query *q, struct err *e);
/* Of a big table: what the rights let through comes as it is found, some twice. */
int query_pointing(struct query *q, bool *twice, struct err *e);

/* query_lead.c: from the targets of a link to the records */
int query_lead(struct query *q, struct err *e); /* sets q->lead where that pays, and its key */
bool query_stream(struct query *q); /* hits of found() as they come, some twice; false: there is none */
int query_found(struct query *q, struct err *e); /* many hits of found(): along the titles */
void query_lead_rest(struct query *q);          /* the next statement is about the rest */
void query_from_lead(struct query *q, bool trash); /* as query_from, of living targets or others */

/* query_cursor.c */
struct cursor {
    struct value values[SORTS_MAX];
    int64_t id;
};
int cursor_read(struct query *q, const char *text, struct cursor *out, struct err *e);
const char *cursor_write(struct query *q, const struct cursor *at);
void query_after(struct query *q, const struct cursor *at); /* fills q->after */

/* query_as_of.c */
/* "WITH x AS …, k AS … " before the SELECT when that pays; then query_from adds "id IN k". */
int query_candidates(struct query *q, bool *used, struct err *e);

/* query_columns.c: what is read of a row */
struct title_cache;
struct title_query { /* SELECT title, deleted_at of a record the reader may see now; ?1 is its id */
    const char *text;
    struct value *binds;
    size_t bind_count;
    uint64_t reads; /* as in struct sql */
};
/* As they were at change-set `as_of`; 0: now. */
int title_query(const struct who *who, const struct entity *e, int64_t as_of, struct arena *a,
                struct title_query *out, struct err *err);
/* *out: the title in the arena. */
int title_read(struct db *db, const struct title_query *q, int64_t id, struct arena *a,
               struct link_title *out, struct err *err);

struct list_columns {
    size_t value_count;                        /* of fields */
    int first_value, first_title, first_extra; /* result columns */
    bool *title_in_row;          /* by field: the title is a result column, else looked up */
    struct title_query *queries; /* by field: to look it up with; made when needed */
    uint64_t *keys;              /* by field: under which it is kept */
    struct title_cache *cache;   /* NULL: nothing is kept */
    struct value *values, *extra;
    struct link_title *titles;
};
/* Writes ",column…" behind the keys; `at` is the next result column. */
void columns_put(struct query *q, struct list_columns *out, int at);
/* Reads one row; values are borrowed from the statement. */
int columns_read(struct query *q, struct list_columns *k, sqlite3_stmt *st, struct list_row *out,
                 struct err *e);
/* The value is borrowed until the next step. */
void column_read(sqlite3_stmt *st, int column, struct value *out);

#endif
