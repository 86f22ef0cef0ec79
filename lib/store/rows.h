/*
 * Records of any entity, driven by the model: insert, update, trash, restore. Writer connection only (loads also on
 * readers). Callers (lib/core/record) have checked rights and values; rows keeps what belongs together in one place:
 * the table row, change rows, version, title and its sort key, multi-value index rows (ref, handle), search index, events.
 */
#ifndef KONTOR_STORE_ROWS_H
#define KONTOR_STORE_ROWS_H

#include "model/field_type.h"
#include "store/change.h"

struct record {
    const struct entity *entity;
    int64_t id, version, created_cs, created_at, created_by, updated_at, updated_by;
    int64_t deleted_at;   /* 0: not in the trash */
    const char *title;
    struct value *values; /* by entity->columns */
};

struct record *record_new(struct arena *a, const struct entity *e);
/* First value of a field (its column part 0), or null if the field is not stored. */
struct value record_value(const struct record *r, const struct field *f);
const struct value *record_values(const struct record *r, const struct field *f); /* its columns, contiguous; NULL if not stored */
void record_set(struct record *r, const struct field *f, const struct value *values);

/* The record as it is now, in the trash or not; ERR_NOT_FOUND. No rights are checked here. */
int rows_load(struct db *db, const struct entity *e, int64_t id, struct arena *a, struct record **out, struct err *err);
/* Writes a new record: takes the id, fills system values from cs, title, indexes, change rows, event. Unique clash: ERR_CONFLICT,
 * where "entity.field". */
int rows_insert(struct db *db, const struct model *m, struct change_set *cs, struct record *r, struct err *e);
/* Writes the columns that differ; version + 1 unless only derived columns differ. *changed tells. Unique clash as above. */
int rows_update(struct db *db, const struct model *m, struct change_set *cs, const struct record *before, struct record *after,
                bool *changed, struct err *e);
/* Writes columns of fields that are no longer in the model, as undo plans them (change.h): history and version know it. */
int rows_update_gone(struct db *db, struct change_set *cs, struct record *r, const struct undo_step *step, struct err *e);
int rows_trash(struct db *db, const struct model *m, struct change_set *cs, struct record *r, struct err *e);
int rows_restore(struct db *db, const struct model *m, struct change_set *cs, struct record *r, struct err *e);
/* Marks the records whose stored roll-ups depend on this one (before and/or after may be NULL). They are computed, each once,
 * with system rights and written as derived changes: by rows_settle, at the latest by change_finish, and before a statement
 * of this set reads them. */
int rows_rollup(struct db *db, const struct model *m, struct change_set *cs, const struct record *before,
                const struct record *after, struct err *e);
int rows_settle(struct db *db, struct change_set *cs, struct err *e);
/* Its own stored computed fields, evaluated on the written row; writes and updates r. */
int rows_compute(struct db *db, const struct model *m, struct change_set *cs, struct record *r, struct err *e);
/* The way from a record up along the links of a tree to another one, both ends included; count 0: it does not lead there.
 * `to` 0: up to the top. */
int rows_way_up(struct db *db, const struct field *tree, int64_t from, int64_t to, struct arena *a, int64_t **ids, size_t *count,
                struct err *e);
/* Entity of any id: NULL with no error when there is no such record. */
int rows_entity_of(struct db *db, const struct model *m, int64_t id, const struct entity **out, struct err *e);

/* Handle index: living records that hold a normalised e-mail, phone or domain in a field that `who` sees (NULL: the system),
 * and that he may see themselves. */
struct who;
int handle_find(struct db *db, const struct who *who, enum handle_kind kind, const char *normalised,
                const struct entity *only /* or NULL */, size_t limit, struct arena *a, int64_t **ids, size_t *count,
                struct err *e);
/* Handles of records that have several of this kind, record by record; visit says whether to go on. */
int handle_shared(struct db *db, enum handle_kind kind,
                  bool (*visit)(void *data, int64_t record, const char *normalised), void *data, struct err *e);

#endif
