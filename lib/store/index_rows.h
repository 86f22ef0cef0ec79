/*
 * Rows that are derived from a record for finding it: full text, handles (e-mail, phone, domain),
 * links to any record. Kept by rows*.c in the transaction of the record itself; nothing else writes
 * these tables. Writer connection only.
 */
#ifndef KONTOR_STORE_INDEX_ROWS_H
#define KONTOR_STORE_INDEX_ROWS_H

#include "store/db.h"
#include "store/rows.h"

/* What the rows of the index are made of: with another number they are made anew at the next start. */
#define SEARCH_LAYOUT 2

/* Notes that the record's search row is to be written (or dropped) at the end of the group;
 * search_flush does it. Entities without any searchable field have none. */
void search_put(struct db *db, const struct record *r, struct arena *a);
void search_drop(struct db *db, const struct entity *entity, int64_t record);
int search_flush(struct db *db, struct err *e);
void search_clear(struct db *db); /* after the group, committed or not */
/* All rows of an entity leave the index at once (its definition changed, or it is gone). */
int search_drop_all(struct db *db, const char *sql_table, struct err *e);
int search_drop_every(struct db *db, struct err *e); /* of all entities: that takes no time */
bool search_has(const struct entity *entity);
/* Fields that point to what a record is about, its company, the records of a note; not who looks
 * after it: search rows have tokens of their targets. */
bool search_points(const struct field *f);

/* The handles and links of one field of one record: taken away, or added for `value` (null: none).
 */
bool handle_has(const struct field *f);
int handle_add(struct db *db, const struct field *f, int64_t record, struct value value,
               struct arena *a, struct err *e);
int handle_take(struct db *db, const struct field *f, int64_t record, struct err *e);
int handle_drop(struct db *db, int64_t record, struct err *e); /* all of a record */
int ref_add(struct db *db, const struct field *f, int64_t record, struct value value,
            struct arena *a, struct err *e);
int ref_take(struct db *db, const struct field *f, int64_t record, struct err *e);
/* The same for tags. */
bool tagged_has(const struct field *f);
int tagged_add(struct db *db, const struct field *f, int64_t record, struct value value,
               struct arena *a, struct err *e);
int tagged_take(struct db *db, const struct field *f, int64_t record, struct err *e);

/* Before a statement on the writer reads stored computed fields of some entities (bits), waiting
 * roll-ups of these are written; rows_reads adds a field's entity. */
int rows_settle_for(struct db *db, uint64_t entities, struct err *e);
void rows_reads(const struct field *f, uint64_t *entities);

#endif
