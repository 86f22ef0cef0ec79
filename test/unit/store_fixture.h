/*
 * A store in a folder of its own with a small model, for tests of lib/store. Values are given as
 * text ("name=Acme,city=Bern"): what the columns hold, without the parsers of field types. Every
 * call that writes is one command and one change-set.
 */
#ifndef KONTOR_TEST_STORE_FIXTURE_H
#define KONTOR_TEST_STORE_FIXTURE_H

#include "unit.h"

#include "model/model.h"
#include "store/rows.h"
#include "store/schema_plan.h"
#include "store/store.h"

struct fixture {
    struct arena a;
    char *dir;
    struct store *s;
    struct model *m;
    struct err e;             /* of the last call that failed */
    struct event events[256]; /* committed so far */
    size_t event_count;
    int64_t parent; /* of the sets to come */
    int64_t undo_of;
};

int fixture_setup(void **state);    /* *state: a fixture with the built-in model applied */
int fixture_teardown(void **state); /* also removes the folder */
#define STORE_TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

/* A model of the built-in files and conf texts by name (NULL-terminated pairs name, text); fails
 * the test on messages. */
struct model *fixture_model(struct fixture *f, ...);
/* Applies it and makes it the fixture's; -1 with f->e. */
int fixture_apply(struct fixture *f, struct model *m);

const struct entity *fixture_entity(struct fixture *f, const char *name);
const struct field *fixture_field(struct fixture *f, const char *entity, const char *field);

/* Each is a command of its own; -1 with f->e when it fails. */
int64_t fixture_insert(struct fixture *f, const char *entity, const char *values); /* id */
int64_t fixture_update(struct fixture *f, int64_t id,
                       const char *values); /* change-set, 0: nothing changed */
int64_t fixture_trash(struct fixture *f, int64_t id);
int64_t fixture_restore(struct fixture *f, int64_t id);
int64_t fixture_root(
    struct fixture *f); /* an empty root; later sets are its children until f->parent is 0 again */
struct undone {
    int64_t set;
    size_t steps, kept, kept_records;
};
int fixture_undo(struct fixture *f, int64_t set, struct undone *out);
int fixture_sql(struct fixture *f, const char *sql); /* in the writer, past all rules */

int64_t fixture_int(struct fixture *f,
                    const char *sql); /* first column of the first row; -1 when there is none */
char *fixture_text(struct fixture *f, const char *sql);
struct record *fixture_load(struct fixture *f, int64_t id);
const char *fixture_value(struct fixture *f, int64_t id,
                          const char *field); /* as text; "" for null */
/* Deviations chain_verify reports. */
int fixture_chain(struct fixture *f);

#endif
