/* Shared by the files of change.h: columns by their id in the change tables, values a set left,
 * times of sets. */
#ifndef KONTOR_STORE_CHANGE_PRIVATE_H
#define KONTOR_STORE_CHANGE_PRIVATE_H

#include "store/change.h"
#include "store/db.h"

const struct column *entity_column_by_id(const struct entity *entity,
                                         int64_t id); /* NULL: pseudo, or no longer there */
enum pseudo pseudo_of(const struct entity *entity, int64_t field);
const struct entity *model_entity_by_id(const struct model *m,
                                        int64_t id); /* NULL: no longer there */
/* The value `set` (or an earlier one) left in a column (a pseudo column too): the next
 * before-image, else the current. */
int change_value_after(struct db *db, const struct entity *entity, int64_t field, int64_t record,
                       int64_t set, struct arena *a, struct value *out, struct err *e);
/* The same of a column by its name, which need not be in the model. */
int change_value_of(struct db *db, const struct entity *entity, int64_t field,
                    const char *sql_name, int64_t record, int64_t set, struct arena *a,
                    struct value *out, struct err *e);

/* chain.c: the hashes of all sets, made anew from what stands in the tables (a load of everything). */
int chain_seal(struct db *db, struct err *e);

/* ---- undo.c and undo_gone.c ---- */

/* The sets to undo: the root and all below it. */
struct sets {
    int64_t *ids; /* ascending */
    size_t count;
    bool by_parts; /* a merge: of a list only what it brought is taken out again */
};
bool sets_have(const struct sets *s, int64_t set);
/* What the sets wrote into fields of a record that are no longer in the model: into the step. */
int undo_gone_plan(struct db *db, const struct sets *s, struct arena *a, struct undo_step *step,
                   struct err *e);

/* undo_used.c: a living record that points at this one, which the sets made, and stays when they are
 * undone; *by 0: none. */
int undo_used_by(struct db *db, const struct model *m, const struct sets *s,
                 const struct entity *entity, int64_t record, struct arena *a, int64_t *by,
                 struct err *e);

/* change_time.c */
int change_lasting(struct db *db, int64_t last, int64_t *out, struct err *e); /* up to `last` */
/* Sets aside what does not last at the end of the chain. */
int change_set_aside(struct db *db, struct err *e);
/* The time a set must not lie before: that of the newest one before it that was not set aside. */
int change_time_before(struct db *db, int64_t id, int64_t *at_ms, struct err *e);
/* ERR_BUSY while a dated import of another job runs. What configures is let through then; *waits:
 * it has to take the import's time. */
int change_may_begin(struct db *db, const struct change_set *cs, bool *waits, struct err *e);

#endif
