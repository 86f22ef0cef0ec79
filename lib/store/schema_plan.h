/*
 * Model → tables. Compares a model with the live database, says what would change (the plan), and applies it as DDL in one
 * transaction, giving every entity and column its id. Fields that vanish keep their column (hidden); renames and
 * conversions are refused with a clear text for now.
 */
#ifndef KONTOR_STORE_SCHEMA_PLAN_H
#define KONTOR_STORE_SCHEMA_PLAN_H

#include "model/model.h"
#include "store/store.h"

enum step_kind { STEP_NONE, STEP_ADD_ENTITY, STEP_ADD_FIELD, STEP_REMOVE_ENTITY, STEP_REMOVE_FIELD, STEP_RETURN_FIELD,
                 STEP_ADD_INDEX, STEP_ASIDE, STEP_CHANGE, STEP_REFUSE };
struct plan_step {
    enum step_kind kind;
    const char *entity, *field; /* may be NULL */
    const char *where;          /* "file:line:column" when one place of the files is to blame, else NULL */
    const char *text;           /* one sentence with counts ("field tier leaves contact: 12 records hold a value") */
    bool loses;                 /* needs --yes */
};
struct plan {
    struct plan_step *steps;
    size_t count;
    bool refused, loses;
    bool differs;  /* texts differ from the applied ones */
    bool currency; /* the base currency is another than the applied one */
};

/* Where a step's text belongs: its place in the files, else "entity.field". In the arena. */
const char *plan_step_where(struct arena *a, const struct plan_step *step);

/* Reads only. `m` may be unbound. */
int schema_plan(struct db *db, const struct model *m, struct arena *a, struct plan *out, struct err *e);
/* In the writer, inside the command's savepoint: DDL, ids, stores the sources as applied, binds m (ids, sql names).
 * A change-set of source CONFIG records it. */
int schema_apply(struct db *db, struct model *m, int64_t actor, struct arena *a, struct err *e);
/* Binds a model whose sources are the applied ones (start-up). ERR_INVALID when they differ from the tables. */
int schema_bind(struct db *db, struct model *m, struct err *e);
/* Whether titles and rows of the search are made as this version makes them; else schema_apply makes them anew. */
int schema_search_fits(struct db *db, const struct model *m, struct arena *a, bool *out, struct err *e);
/* Whether the tables have the indexes the model wants, under their names: those of an earlier version, or an earlier
 * version's mistake, are brought over by schema_apply. */
int schema_indexes_fit(struct db *db, const struct model *m, struct arena *a, bool *out, struct err *e);
/* How often a configuration was applied to this database; a bound model carries it as its generation. */
int schema_generation(struct db *db, int64_t *out, struct err *e);
/* The applied sources: the customer's, none on a new database; and the built-in ones they were applied with, none on a
 * database that an earlier version wrote last. */
int schema_applied_sources(struct db *db, struct arena *a, struct source **out, size_t *count, struct err *e);
int schema_applied_builtin(struct db *db, struct arena *a, struct source **out, size_t *count, struct err *e);
/* Both as a model, not bound; NULL when there are none or they do not link. */
int schema_applied_model(struct db *db, struct arena *a, struct model **out, struct err *e);

#endif
