/* Shared by rows*.c and schema_plan*.c: titles, keys, refilling of derived columns. Writer
 * connection only. */
#ifndef KONTOR_STORE_ROWS_PRIVATE_H
#define KONTOR_STORE_ROWS_PRIVATE_H

#include "store/db.h"
#include "store/rows.h"

#define TITLE_BYTES 240 /* of a title's sort key, and of one part that comes from a long text */

struct title_pair {
    char *title, *key; /* key: folded sort key, at most TITLE_BYTES */
};
/* Of the record's own fields: a title is never made of links, whose targets have names of their
 * own and rights of their own. */
void title_make(struct arena *a, const struct record *r, struct title_pair *out);
/* Folded value for the key column of a text. */
struct value key_make(struct arena *a, struct value v);

#define REFRESH_TITLES   1u
#define REFRESH_COMPUTED 2u
#define REFRESH_KEYS     4u
#define REFRESH_SEARCH   8u
#define REFRESH_INDEX    16u /* handles and links, of a field that returns */
#define REFRESH_SERIALS  32u /* numbers for records that have none, in the order of their ids */
/* Makes derived columns and rows of every record of an entity anew (after a change of their
 * definition). */
int rows_refresh(struct db *db, const struct model *m, struct change_set *cs,
                 const struct entity *entity, unsigned what, struct err *e);
/* on_refresh of the store's hooks. */
void rows_refresh_tell(struct db *db, const struct entity *entity, int64_t done, int64_t of);
/* rows_compute, and whether anything was written. */
int rows_compute_changed(struct db *db, const struct model *m, struct change_set *cs,
                         struct record *r, bool *changed, struct err *e);
/* Handles and links of a record, made anew. */
int rows_index(struct db *db, const struct record *r, struct arena *a, struct err *e);
/* The marks of a set that takes its memory elsewhere from now on. */
void rows_rollup_move(struct rollups *p, struct arena *home);
/* rows_serial.c: a new record gets the numbers it was not given, the counters move beyond those it was. */
int rows_serial_fill(struct db *db, struct record *r, struct err *e);
/* A record got this number: the next one is above it. */
int rows_serial_pass(struct db *db, const struct column *c, struct value v, struct err *e);
/* An existing record gets the numbers it lacks: history knows it, version does not. */
int rows_serial_refresh(struct db *db, struct change_set *cs, struct record *r, struct err *e);
/* One column of a row, as it stands in r->entity; nothing that follows from it. */
int rows_put(struct db *db, const struct record *r, const struct column *c, struct value v,
             struct err *e);
/* Every record of an entity by id, in the bin or not: rows_read reads the row the statement stands on. */
sqlite3_stmt *rows_all(struct db *db, const struct entity *e, struct err *err);
struct record *rows_read(sqlite3_stmt *st, const struct entity *e, struct arena *a);
/* A record of another database as it is, with id, times and version; title, keys and index rows are
 * made, history is not, nor what hangs on other records, which may come later: the rows of links to many and
 * the search row. */
int rows_put_whole(struct db *db, struct record *r, struct arena *a, struct err *e);
struct record *rows_copy(struct arena *a, const struct record *r);
/* Position of a field's first column in entity->columns; -1 when nothing is stored. */
int rows_column_index(const struct entity *entity, const struct field *f);
/* A column whose values follow from others: history knows it, version and undo do not. */
bool column_is_derived(const struct column *c);

#endif
