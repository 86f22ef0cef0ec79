/*
 * Ids that records had in other systems: (system, kind of record, id there) → record. No field: they
 * say where a record came from, not what it is. Each remembers the change-set it came with; undoing
 * that takes it away, undoing the undo brings it back. Merged and deleted records keep theirs, and so
 * does one that an importer cannot see: several records may have one id, the oldest that lives and is
 * seen is meant.
 */
#ifndef KONTOR_STORE_EXTERNAL_H
#define KONTOR_STORE_EXTERNAL_H

#include "store/store.h"

struct external {
    const char *system, *kind, *key;
    int64_t record, change; /* change: root of the set it came with */
};
/* The next record of an id, by number; *record: the one before it (0 at first), then it; 0: no more. */
int external_next(struct db *db, const char *system, const char *kind, const char *key, int64_t *record, struct err *e);
/* Noted beside other records of that id; what is known already keeps its change-set. */
int external_put(struct db *db, const struct external *x, struct err *e);
/* Those of a record, by system. */
int external_list(struct db *db, int64_t record, struct arena *a, struct external **out, size_t *count, struct err *e);
/* A change-set (or the undo of one, and so on) is undone. */
int external_undone(struct db *db, int64_t change, struct err *e);

#endif
