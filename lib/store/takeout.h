/*
 * Everything there is, out of one database and into another, empty one (`kontor export --all`,
 * `import --all`): records as they stand, in the bin or not, every change with its before-images, and
 * the fixed tables that hold what people made. Names of entities and fields stand for their ids,
 * which differ from one database to the next; ids of records and of change-sets stay.
 *
 * What is derived from records (titles, keys, full text, handles) is made anew, what is secret
 * (passwords, sessions, tokens) stays where it is. The chain of hashes begins anew over the same
 * changes, with salts of its own. See core/takeout.h.
 */
#ifndef KONTOR_STORE_TAKEOUT_H
#define KONTOR_STORE_TAKEOUT_H

#include "store/rows.h"

/* ---- out: a reader that stands in one snapshot (db_read_begin) -------------------------------- */

/* Every record of the entity, by id; r lives until visit returns. */
int takeout_records(struct db *db, const struct entity *entity,
                    int (*visit)(void *data, struct record *r), void *data, struct err *e);

struct takeout_change {
    const char *entity; /* its name */
    const char *field;  /* "created", "deleted_at" and "title" when pseudo */
    bool pseudo;
    int part;           /* of fields with several columns */
    int64_t record;
    struct value before;
};
struct takeout_set {
    int64_t id, at_ms, actor, parent, undo_of;
    enum change_source source;
    const char *reason;
    struct takeout_change *changes;
    size_t count;
};
/* Every change-set by id. Changes of entities and fields that have left the model are among them. */
int takeout_sets(struct db *db, int (*visit)(void *data, const struct takeout_set *set), void *data,
                 struct err *e);

/* THE table of the fixed tables: what becomes of each. test_takeout.c holds schema/system.sql to it. */
enum takeout_fate {
    TAKEOUT_NONE,
    TAKEOUT_KEPT,    /* its rows go along */
    TAKEOUT_OTHER,   /* goes along in another form: records, changes, files, configuration, counters */
    TAKEOUT_DERIVED, /* made anew */
    TAKEOUT_LEFT     /* secrets, and work of the day: emptied by a load */
};
struct takeout_table {
    const char *name;
    enum takeout_fate fate;
    const char *where;   /* only these rows; NULL: all */
    const char *columns; /* only these, where ids are given anew; NULL: all */
};
extern const struct takeout_table TAKEOUT_TABLES[]; /* ends with a zero row */

/* A row: names and values of its columns. The columns `entity` and `field` hold ids, which stand here
 * as names ("contact", "contact.emails"). */
struct takeout_row {
    const char **names;
    struct value *values;
    size_t count;
};
int takeout_rows(struct db *db, const struct takeout_table *table,
                 int (*visit)(void *data, const struct takeout_row *row), void *data, struct err *e);

/* ---- in: the writer, in one transaction ------------------------------------------------------- */

struct takeout_load;
/* ERR_CONFLICT unless the database holds nothing but users and teams (in the bin or not). Those and
 * all history are taken out; passwords are remembered by e-mail. */
int takeout_load_begin(struct db *db, const struct model *m, struct arena *a,
                       struct takeout_load **out, struct err *e);
/* As it is: ids, times, version. Titles, keys and indexes are made. Unique clash: ERR_CONFLICT. */
int takeout_load_record(struct takeout_load *l, struct record *r, struct arena *a, struct err *e);
/* Changes of fields the model does not have are left out, and counted in *left. */
int takeout_load_set(struct takeout_load *l, const struct takeout_set *set, int64_t *left,
                     struct err *e);
int takeout_load_row(struct takeout_load *l, const struct takeout_table *table,
                     const struct takeout_row *row, struct err *e);
/* Counters, passwords of users with the same e-mail, the chain. */
int takeout_load_end(struct takeout_load *l, struct err *e);

#endif
