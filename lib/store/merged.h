/*
 * Records that were merged into another one. They lie beside the living ones and beside the trash;
 * their ids lead to the survivor. The set that merged them says what was done: an undo of it brings
 * them back (merged_settle), and its own undo merges them again.
 */
#ifndef KONTOR_STORE_MERGED_H
#define KONTOR_STORE_MERGED_H

#include "store/rows.h"

struct merged_row {
    int64_t record, survivor, set;
};

int merged_add(struct db *db, int64_t record, int64_t survivor, int64_t set, struct err *e);
/* Into which one, and by which set; out->record 0: it is not merged now. */
int merged_find(struct db *db, int64_t record, struct merged_row *out, struct err *e);
/* Where an id leads to, through any number of merges; 0: the record is not merged. */
int merged_survivor(struct db *db, int64_t record, int64_t *out, struct err *e);
/* All that are merged into a record now, also through others. */
int merged_into(struct db *db, int64_t survivor, struct arena *a, int64_t **ids, size_t *count,
                struct err *e);
/* What a set merged, whatever became of it since; none: it is no merge. */
int merged_by(struct db *db, int64_t set, struct arena *a, struct merged_row **rows, size_t *count,
              struct err *e);
/* The set that stands at the beginning of undo, undo of the undo …: `set` itself if it undoes none. */
int merged_origin(struct db *db, int64_t set, int64_t *out, struct err *e);
/* After an undo (or the undo of one): each record of the set is merged while it is not living. */
int merged_settle(struct db *db, const struct model *m, int64_t set, struct err *e);
/* A later merge that is in force and wrote a field of a record that this one (a root) wrote too, other
 * than adding to a list: they have to be taken apart in order. 0 when there is none. */
int merged_later(struct db *db, const struct model *m, int64_t set, int64_t *later, struct err *e);

/* The newest merge in force of the same kind of records, made after this one; 0: none. */
int merged_newest(struct db *db, int64_t set, int64_t *newest, struct err *e);

/* Records, living or not, whose link field or list of links f holds one of these ids; at most
 * limit. */
int merged_pointing(struct db *db, const struct field *f, const int64_t *targets, size_t count,
                    size_t limit, struct arena *a, int64_t **ids, size_t *found, struct err *e);
/* Other living records of a link entity with the same two ends as r; at most limit. */
int merged_twins(struct db *db, const struct record *r, const struct field *const ends[2],
                 size_t limit, struct arena *a, int64_t **ids, size_t *found, struct err *e);

#endif
