/*
 * A store with a model and records, for tests of queries. `struct world` owns a data directory that
 * is removed with it. Records are given as names and texts; the types of the fields read them, as
 * an import would.
 */
#ifndef KONTOR_TEST_QUERY_FIXTURE_H
#define KONTOR_TEST_QUERY_FIXTURE_H

#include "model_fixture.h"

#include <dirent.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "model/expr.h"
#include "store/db.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/schema_plan.h"

struct world {
    struct arena *arena;
    char *folder;
    struct store *store;
    struct model *model;
    struct who system;
};

static inline void world_remove(const char *folder)
{
    DIR *d = opendir(folder);
    for (struct dirent *f; d != NULL && (f = readdir(d)) != NULL;) {
        char path[1024];
        snprintf(path, sizeof(path), "%s/%s", folder, f->d_name);
        if (f->d_name[0] != '.' && unlink(path) != 0) {
            rmdir(path);
        }
    }
    if (d != NULL) {
        closedir(d);
    }
    rmdir(folder);
}

static inline void world_check(const struct err *e, int rc)
{
    if (rc != 0) {
        print_message("%d %s: %s\n", (int)e->code, e->where, e->text);
    }
    assert_int_equal(rc, 0);
}

static inline int world_apply(struct db *db, void *caller, struct err *e)
{
    struct world *w = caller;
    return schema_apply(db, w->model, 0, w->arena, e);
}

static inline void world_open(struct world *w, struct arena *a, fixture_files files)
{
    struct err e = {0};
    clock_set_zone("Europe/Berlin");
    *w = (struct world){.arena = a, .folder = unit_folder(a)};
    w->model = (struct model *)(uintptr_t)fixture_load(a, files);
    const struct store_options options = {.dir = w->folder, .readers = 2, .create = true};
    world_check(&e, store_open(&options, &w->store, &e));
    world_check(&e, store_write(w->store, WRITE_NORMAL, world_apply, w, &e));
    w->system = (struct who){.model = w->model, .now_ms = clock_now_ms()};
}

/* With the arena, which the caller made by malloc. */
static inline void world_close(struct world *w)
{
    struct arena *a = w->arena; /* the world itself may lie in it */
    store_close(w->store);
    world_remove(w->folder);
    arena_done(a);
    free(a);
}

/* ---- writing ---- */

struct world_write {
    struct world *world;
    int (*run)(struct world *w, struct db *db, struct change_set *cs, void *data, struct err *e);
    void *data;
    int64_t change;
};

static inline int world_run(struct db *db, void *caller, struct err *e)
{
    struct world_write *ww = caller;
    struct change_set cs = {.source = SOURCE_CLI};
    if (change_begin(db, &cs, ww->world->arena, e) != 0 ||
        ww->run(ww->world, db, &cs, ww->data, e) != 0 || change_finish(db, &cs, e) != 0) {
        return -1;
    }
    ww->change = cs.id;
    return 0;
}

/* Runs in the writer as one change-set; gives its id. */
static inline int64_t world_write(struct world *w,
                                  int (*run)(struct world *w, struct db *db, struct change_set *cs,
                                             void *data, struct err *e),
                                  void *data)
{
    struct world_write ww = {.world = w, .run = run, .data = data};
    struct err e = {0};
    world_check(&e, store_write(w->store, WRITE_NORMAL, world_run, &ww, &e));
    return ww.change;
}

/* Sets a field from text; "" empties it; links take ids. */
static inline void world_set(struct world *w, struct record *r, const char *name, const char *text)
{
    const struct field *f = entity_field_find(r->entity, name);
    struct parsed parsed = {0};
    struct err e = {0};
    const struct parse_context c = {.arena = w->arena, .model = w->model};
    assert_non_null(f);
    if (*text != '\0') {
        world_check(&e, f->type->parse_text(&c, f, text, &parsed, &e));
    }
    record_set(r, f, parsed.values);
}

/* Inserts one record: name, text, …, NULL. */
static inline int64_t world_insert(struct world *w, struct db *db, struct change_set *cs,
                                   const char *entity, const char *const *pairs, struct err *e)
{
    struct record *r = record_new(w->arena, model_entity_find(w->model, entity));
    for (; *pairs != NULL; pairs += 2) {
        world_set(w, r, pairs[0], pairs[1]);
    }
    return rows_insert(db, w->model, cs, r, e) == 0 ? r->id : -1;
}

/* ---- reading ---- */

static inline const struct expr *world_expr(struct world *w, const char *entity, const char *text)
{
    const struct expr *x = NULL;
    struct err e = {0};
    int rc = expr_compile(w->arena, w->model, model_entity_find(w->model, entity), NULL, text,
                          KIND_NONE, &x, &e);
    if (rc != 0) {
        print_message("%s\n", text);
    }
    world_check(&e, rc);
    return x;
}

struct world_ids {
    int64_t ids[4096];
    size_t count;
};

static inline int world_take_id(void *data, const struct list_row *row)
{
    struct world_ids *out = data;
    assert_true(out->count < COUNT(out->ids));
    out->ids[out->count++] = row->id;
    return 0;
}

static inline void world_list(struct world *w, const struct who *who, const struct list_spec *spec,
                              struct world_ids *out, const char **next)
{
    struct err e = {0};
    struct db *db = store_reader_take(w->store, 0);
    out->count = 0;
    world_check(&e, query_list(db, who, spec, w->arena, world_take_id, out, next, &e));
    store_reader_give(w->store, db);
}

#endif
