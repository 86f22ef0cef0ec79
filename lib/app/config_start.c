/*
 * The first model of a process. What is applied stands in the database: the customer's texts and
 * the built-in ones they were applied with. A later program has other built-in texts; where these
 * only add, they are applied at once, and where they clash with what the customer applied or would
 * lose something, those of before stay in force and it is said where and what to do. So a new
 * program never takes the commands away that mend it. Indexes it makes otherwise come the same way.
 */
#include <stdio.h>
#include <string.h>

#include "app/config_parts.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"

struct applied {
    struct sources own, builtin; /* builtin: none when an earlier version applied them */
};

static struct db *take_reader(struct app *app, struct err *e)
{
    struct db *db = store_reader_take(app->store, 0);
    if (db == NULL) {
        err_fail(e, ERR_BUSY, "", "The database does not take requests at the moment.");
    }
    return db;
}

static int read_applied(struct app *app, struct arena *a, struct applied *out, struct err *e)
{
    struct db *db = take_reader(app, e);
    *out = (struct applied){0};
    if (db == NULL) {
        return -1;
    }
    int rc = schema_applied_sources(db, a, &out->own.list, &out->own.count, e);
    if (rc == 0) {
        rc = schema_applied_builtin(db, a, &out->builtin.list, &out->builtin.count, e);
    }
    store_reader_give(app->store, db);
    return rc;
}

static int bind(struct app *app, struct model *model, struct err *e)
{
    struct db *db = take_reader(app, e);
    if (db == NULL) {
        return -1;
    }
    int rc = schema_bind(db, model, e);
    store_reader_give(app->store, db);
    return rc;
}

/* Whether indexes and search are as this version makes them. */
static bool is_up_to_date(struct app *app, const struct model *model, struct arena *a)
{
    struct err ignored = {0};
    bool fit = true, sought = true;
    struct db *db = take_reader(app, &ignored);
    if (db != NULL) {
        schema_indexes_fit(db, model, a, &fit, &ignored);
        schema_search_fits(db, model, a, &sought, &ignored);
        store_reader_give(app->store, db);
    }
    return fit && sought;
}

static void use(struct app *app, struct candidate *candidate)
{
    config_use_settings(app, &candidate->settings);
    app_model_set(app, candidate->model);
}

/* Applies what loses nothing. */
static int upgrade(struct app *app, struct candidate *candidate, struct arena *a, struct err *e)
{
    struct plan plan;
    if (config_plan(app, candidate->model, a, &plan, e) != 0) {
        return -1;
    }
    const struct plan_step *loss = config_first_loss(&plan);
    if (loss != NULL) {
        return err_fail(e, ERR_INVALID, loss->where != NULL ? loss->where : "", "%s", loss->text);
    }
    return config_apply(app, candidate, 0, false, a, e);
}

static bool same_sources(const struct sources *x, const struct sources *y)
{
    bool same = x->count == y->count;
    for (size_t i = 0; same && i < x->count; i++) {
        bool found = false;
        for (size_t k = 0; !found && k < y->count; k++) {
            found = str_eq(x->list[i].name, y->list[k].name) &&
                    x->list[i].size == y->list[k].size &&
                    memcmp(x->list[i].text, y->list[k].text, x->list[i].size) == 0;
        }
        same = found;
    }
    return same;
}

/* The applied texts with the built-in ones of this program. */
static int start_present(struct app *app, const struct applied *applied, struct candidate *out,
                         struct arena *a, struct err *e)
{
    struct sources builtin = {0};
    struct err unbound = {0}, why = {0};
    if (model_builtin_sources(a, &builtin.list, &builtin.count) != 0) {
        return err_fail(e, ERR_INTERNAL, "", "The built-in model cannot be read.");
    }
    if (config_link(a, &builtin, &applied->own, out, e) != 0) {
        return -1;
    }
    bool bound = bind(app, out->model, &unbound) == 0;
    if (bound && same_sources(&builtin, &applied->builtin) && is_up_to_date(app, out->model, a)) {
        use(app, out);
        return 0;
    }
    if (!bound && unbound.code != ERR_INVALID) {
        *e = unbound;
    } else if (upgrade(app, out, a, &why) == 0) {
        return 0;
    } else if (bound && why.code != ERR_INVALID) { /* no room: the next start does it */
        log_warn("%s", config_first_problem(&why, a));
        use(app, out);
        return 0;
    } else {
        *e = why;
    }
    model_release(out->model);
    return -1;
}

/* Everything as it was applied, by whatever program that was. */
static int start_held(struct app *app, const struct applied *applied, struct candidate *out,
                      struct arena *a, const struct err *why)
{
    struct err e = {0};
    if (applied->builtin.count == 0 ||
        config_link(a, &applied->builtin, &applied->own, out, &e) != 0) {
        return -1;
    }
    if (bind(app, out->model, &e) != 0) {
        model_release(out->model);
        return -1;
    }
    snprintf(app->held, sizeof app->held,
             "This version of Kontor does not go with the applied configuration and runs with the "
             "built-in records of the version before: %s Change the files in conf, then kontor "
             "plan, kontor apply.",
             config_first_problem(why, a));
    log_warn("%s", app->held);
    use(app, out);
    return 0;
}

/* The files in conf, where they lose nothing of what is applied: the last way out. */
static int start_with_files(struct app *app, struct candidate *out, struct arena *a,
                            struct err *e)
{
    if (config_read_files(app->conf, a, out, e) != 0) {
        return -1;
    }
    if (upgrade(app, out, a, e) != 0) {
        model_release(out->model);
        return -1;
    }
    return 0;
}

int config_start(struct app *app, struct err *e)
{
    struct arena *a = &app->arena;
    struct candidate candidate = {0};
    struct applied applied;
    struct err why = {0}, ignored = {0};
    if (read_applied(app, a, &applied, e) != 0) {
        return -1;
    }
    if (applied.own.count + applied.builtin.count == 0) {
        if (start_with_files(app, &candidate, a, e) != 0) {
            return -1;
        }
    } else if (start_present(app, &applied, &candidate, a, &why) != 0 &&
               (why.code != ERR_INVALID ||
                (start_held(app, &applied, &candidate, a, &why) != 0 &&
                 start_with_files(app, &candidate, a, &ignored) != 0))) {
        *e = why;
        return -1;
    }
    app->settings = candidate.settings;
    app->running = true;
    return 0;
}
