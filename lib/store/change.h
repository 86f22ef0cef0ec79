/*
 * Change-sets: every write is one, and can be taken back. Layout B of the design: one narrow row per changed column
 * with its before-image, one row per set, all sets chained by hash.
 *
 * A set's time never runs backwards: at = max(clock, newest at), so "N at this date" is a binary search on id. It is the order of
 * history, not a record's: created_at and the like take the clock as it is, so that one that was wrong once spoils no records.
 * Imports that were undone may be set aside: the next dated import begins before them (change_time.c). What the system
 * itself does before there is any history (configuration, first users) lies before all history: at = 1, so that old data can
 * be loaded with its own dates afterwards.
 * Derived columns (title, stored computed fields) write rows too, so that as-of finds them, but do not raise the
 * record's version and are recomputed, not restored, by undo.
 *
 * Chain: commitment = SHA-256(salt ‖ column id ‖ value set); leaf = SHA-256(set, column, record, operation ‖
 * commitment); hash = SHA-256(previous hash ‖ header ‖ leaves in order of (column, record)). The salt of a
 * created record's values derives from the salt of its "created" row: HMAC(salt, column id).
 */
#ifndef KONTOR_STORE_CHANGE_H
#define KONTOR_STORE_CHANGE_H

#include "model/model.h"
#include "store/store.h"

enum change_source { SOURCE_NONE, SOURCE_UI, SOURCE_API, SOURCE_CLI, SOURCE_IMPORT, SOURCE_BULK, SOURCE_UNDO, SOURCE_RULE, SOURCE_CONFIG, SOURCE_SETUP, SOURCE_MERGE, SOURCE_FORM };
const char *source_name(enum change_source s);

/* The time of what the set-up did: before all history. */
#define CHANGE_BEFORE_HISTORY 1

struct change_leaf; /* private to change.c */
struct rollup;      /* private to rows_rollup.c */

/* Records whose roll-ups are to be computed, in the order they were marked. */
struct rollups {
    struct rollup *list;
    size_t count, done, room; /* those from `done` on are waiting */
    uint64_t entities;        /* bits of the entities of those waiting, maybe of more */
    const struct model *model;
    bool busy;
};

struct change_set {
    int64_t id;     /* 0: not begun */
    int64_t at_ms;
    int64_t stamp_ms; /* created_at, updated_at, won_at … of its records: the clock as it is, or the date of the row (import --at) */
    int64_t job;      /* whose work it is: a dated import is in the way of all others; 0 none */
    bool sets_aside;  /* begins before an import that was undone (change_time.c) */
    int64_t actor;  /* user id; 0: the system */
    enum change_source source;
    const char *reason; /* "import contacts.csv", "cli:root"; may be NULL */
    int64_t parent;     /* root of a sliced operation, 0 if none */
    int64_t undo_of;    /* 0 if none */
    int64_t n;          /* change rows */
    bool finished;      /* its row is written: nothing more goes into it */
    bool keep_empty;    /* written even without changes (configuration) */
    struct arena *arena;
    struct arena *leaf_arena; /* where leaves and buckets live */
    struct change_leaf *leaves;
    size_t leaf_count, leaf_room;
    uint32_t *buckets; /* leaves by column and record, newest first */
    size_t bucket_count;
    unsigned char *salts; /* random bytes not used yet */
    size_t salt_bytes;
    struct rollups rollups;
};

/* Begins a set lazily: nothing is written before the first change. The caller has filled actor, source, reason, parent,
 * undo_of, job; at_ms 0 means now, else a given past moment not before the newest set (import --at): ERR_INVALID. A root may lie
 * before imports that were undone. Its first change is ERR_BUSY while a dated import of another job runs. */
int change_begin(struct db *db, struct change_set *cs, struct arena *a, struct err *e);
int change_add(struct db *db, struct change_set *cs, const struct column *column, int64_t record,
               struct value before, struct value after, struct err *e);
/* System columns deleted_at and title have pseudo columns per entity: */
int change_created(struct db *db, struct change_set *cs, const struct entity *entity, int64_t record,
                   const struct value *values, struct value title, struct err *e); /* values by entity->columns */
int change_deleted_at(struct db *db, struct change_set *cs, const struct entity *entity, int64_t record,
                      struct value before, struct value after, struct err *e);
int change_title(struct db *db, struct change_set *cs, const struct entity *entity, int64_t record,
                 struct value before, struct value after, struct err *e);
/* Writes the set's row with its hash. A set without changes leaves no trace (id stays unused: taken back). */
int change_finish(struct db *db, struct change_set *cs, struct err *e);
/* A root set without changes of its own, for sliced operations: written at once. */
int change_root(struct db *db, struct change_set *cs, struct arena *a, struct err *e);

/* The set as it was when *to was copied from it: for savepoints inside a command. The rows go with the savepoint. */
void change_rewind(struct change_set *cs, const struct change_set *to);
/* For long commands that work in batches: while cs->arena is that of a batch, the set takes memory there; before the batch
 * ends, change_move brings it home to its own arena. */
void change_move(struct change_set *cs, struct arena *home);
/* Gives the set its id if it has none yet. */
int change_need_id(struct db *db, struct change_set *cs, struct err *e);
/* True the first time in this set: a set raises a record's version once, however often it writes. */
bool change_first_touch(struct change_set *cs, int64_t record);

/* Newest set at or before an instant, apart from those set aside; 0 if none. */
int change_at(struct db *db, int64_t at_ms, int64_t *out, struct err *e);
int change_newest(struct db *db, int64_t *at_ms, struct err *e); /* time of the newest set; 0 if none */
/* The same apart from imports that were undone whole, with nothing beside them, at the end of the chain. */
int change_newest_lasting(struct db *db, int64_t *at_ms, struct err *e);

struct change_row { /* one changed column, for history and timelines */
    int64_t set, at_ms, actor, record;
    enum change_source source;
    const char *reason; /* of the set; may be NULL */
    const struct entity *entity;
    const struct column *column; /* NULL: "created", "deleted_at" or title, see op */
    enum operation op;           /* OP_CREATE, OP_DELETE, OP_RESTORE or OP_UPDATE */
    struct value before, after;
};
/* Rows of one record, newest first, before set `before_set` (0: from the newest); at most limit rows, whole sets. Fields the
 * role may not see are left out. */
int change_history(struct db *db, const struct model *m, const struct role *role, const struct entity *entity, int64_t record,
                   int64_t before_set, size_t limit, struct arena *a, struct change_row **out, size_t *count, struct err *e);

/* The same of several records, `ids` as JSON: within a set the largest id first, before that place (set 0: from the newest);
 * what `most` sets did to one record each, whole; of one actor, or (0) of all. Computed values are left out. */
struct change_place {
    int64_t set, record;
};
int change_news(struct db *db, const struct model *m, const struct role *role, const char *ids, const struct change_place *before,
                int64_t actor, size_t most, struct arena *a, struct change_row **out, size_t *count, struct err *e);

/* Records of an entity that were made, deleted or changed in one of these columns by sets after one and
 * up to another, in order of id, at most limit. */
struct change_span {
    int64_t after, until; /* ids of sets; until 0: the newest */
};
int change_touched(struct db *db, const struct entity *entity, const struct column *const *columns, size_t column_count,
                   const struct change_span *span, size_t limit, struct arena *a, int64_t **out, size_t *count, struct err *e);

/* The value of a record's column as the set left it. */
int change_value_at(struct db *db, const struct column *column, int64_t record, int64_t set, struct arena *a,
                    struct value *out, struct err *e);

/* What kind of set made a record (SOURCE_NONE: one that is not finished), and whether the column was
 * written by later ones. */
int change_origin(struct db *db, const struct column *column, int64_t record, enum change_source *source,
                  bool *written, struct err *e);

struct change_touch { /* a column that a set wrote */
    int64_t set;
    const struct entity *entity;
    const struct field *field; /* NULL: created, in the trash or not, the title */
    enum operation op;         /* OP_CREATE, OP_DELETE, OP_RESTORE, OP_UPDATE */
};
/* What a set and those below it wrote, each column once; nothing about fields that are gone. */
int change_touches(struct db *db, const struct model *m, int64_t set, struct arena *a, struct change_touch **out, size_t *count,
                   struct err *e);

/* The same of several small sets (those of one record) in one query; set: which of them. At most limit. */
int change_touches_each(struct db *db, const struct model *m, const int64_t *sets, size_t set_count, size_t limit,
                        struct arena *a, struct change_touch **out, size_t *count, struct err *e);

#define CHANGE_RECORDS_MAX 10000 /* counted exactly; more are one more than this */
#define CHANGE_PARTS       4     /* entities told apart */

struct change_part { /* the records of one entity */
    const struct entity *entity;
    int64_t records;
};

struct change_info {
    int64_t id, at_ms, actor, parent, undo_of, undone_by, n, first_record;
    const struct entity *first_entity; /* NULL when unknown */
    enum operation first_op;           /* what was done to the first record; a bulk change did the same to all */
    enum change_source source;
    const char *reason;
    int64_t records; /* distinct records, at most CHANGE_RECORDS_MAX + 1 */
    struct change_part parts[CHANGE_PARTS]; /* by entity, most first */
    size_t part_count;
};
/* Roots (parent=0) or the children of `parent`, newest first, id < before (0: all); actor 0: everybody's. */
int change_list(struct db *db, const struct model *m, int64_t parent, int64_t before, int64_t actor, size_t limit,
                struct arena *a, struct change_info **out, size_t *count, struct err *e);
/* The newest undo of a set that is itself not undone; 0: none. Asked for again and again while a
 * long write runs, so nothing of the set is counted. */
int change_undone_by(struct db *db, int64_t set, int64_t *out, struct err *e);
int change_info_find(struct db *db, const struct model *m, int64_t id, struct arena *a, struct change_info *out, struct err *e);

/* What undoing a set (with its children) would do to one record. */
struct undo_step {
    const struct entity *entity;
    int64_t record;
    enum operation op;     /* what the set did: OP_CREATE → undo moves to the trash, OP_DELETE → restores, OP_UPDATE, OP_RESTORE */
    size_t count;          /* columns to write back */
    const struct column **columns;
    struct value *before;
    size_t kept_count;     /* fields changed since by others (present value differs from what the set left): left alone */
    const struct field **kept;
    size_t gone_count;     /* columns of fields that are no longer in the model: they come back too */
    const struct column **gone; /* of their own; ->field has a name and the entity, no more */
    struct value *gone_before, *gone_now;
    size_t kept_gone_count; /* such fields that were changed since */
    const char **kept_gone;
    int64_t used_by;       /* a record that points at a created one and stays: that one stays, too; 0 none */
    bool kept_record;      /* a created record that was edited since: kept? false: moved to trash all the same */
};
/* Steps in order of record id, from `after_record` on, at most limit: so that long undos run in slices. */
int change_undo_plan(struct db *db, const struct model *m, int64_t set, int64_t after_record, size_t limit,
                     struct arena *a, struct undo_step **out, size_t *count, struct err *e);
/* The same for these records alone, in order of id. */
int change_undo_plan_of(struct db *db, const struct model *m, int64_t set, const int64_t *records, size_t record_count,
                        struct arena *a, struct undo_step **out, size_t *count, struct err *e);
/* An entity that has left the model and that the set (with its children) wrote; NULL: none. Its records cannot be undone. */
int change_gone_entity(struct db *db, int64_t set, struct arena *a, const char **name, struct err *e);
/* After the last slice: what was remembered of the set between slices. */
int change_undo_forget(struct db *db, int64_t set, struct err *e);
/* 1: `who` may change every record of the entity that the set (with its children) wrote; 0: not all; -1: error. */
struct who;
int change_undo_permits(struct db *db, const struct who *who, int64_t set, const struct entity *entity, struct arena *a,
                        struct err *e);
/* State of a record at a set, by columns (for restore to a moment and the 412 answer); before[] gets the values. */
int change_values_at(struct db *db, const struct entity *entity, int64_t record, int64_t set, struct arena *a,
                     struct value *values /* by entity->columns */, struct err *e);
/* The set that made version `version` current is not stored: the newest set such that the record had that version, 0 if unknown. */
int change_of_version(struct db *db, const struct entity *entity, int64_t record, int64_t version, int64_t *set, struct err *e);

/* Audit chain: recomputes every hash in one read transaction; calls bad(set, text) for each deviation. `from` 0: everything. */
int chain_verify(struct db *db, const struct model *m, int64_t from, void (*bad)(void *data, int64_t set, const char *text),
                 void *data, int64_t *checked, unsigned char head[32], struct err *e);

#endif
