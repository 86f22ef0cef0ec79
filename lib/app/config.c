/*
 * See config.h. Nothing is changed before the whole new configuration has been read, linked and
 * planned, so any failure leaves everything as it is. Texts of a candidate's settings are copied
 * into the app when they are taken over.
 */
#include "app/config.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "core/account.h"
#include "store/accounts.h"

#define LOW_LOG_N    10
#define NORMAL_LOG_N 15

static int run_plan(struct app *app, const struct model *model, struct arena *a, struct plan *out,
                    struct err *e)
{
    struct db *db = store_reader_take(app->store);
    if (db == NULL) {
        return err_fail(e, ERR_BUSY, "", "The database does not take requests at the moment.");
    }
    int rc = schema_plan(db, model, a, out, e);
    store_reader_give(app->store, db);
    return rc;
}

int config_link(struct arena *a, struct source *files, size_t count, struct candidate *out,
                struct err *e)
{
    struct source *builtin;
    size_t builtin_count;
    out->files = files;
    out->file_count = count;
    out->model = NULL;
    if (model_builtin_sources(a, &builtin, &builtin_count) != 0) {
        return err_fail(e, ERR_INTERNAL, "", "The built-in model cannot be read.");
    }
    struct source *all = ARENA_ARRAY(a, struct source, builtin_count + count + 1);
    memcpy(all, builtin, builtin_count * sizeof *all);
    if (count > 0) {
        memcpy(all + builtin_count, files, count * sizeof *all);
    }
    struct model *model = NULL;
    if (model_load(all, builtin_count + count, &model, e, a) != 0) {
        return -1;
    }
    if (settings_read(a, model->settings, &out->settings, e) != 0) {
        model_release(model);
        return -1;
    }
    out->model = model;
    return 0;
}

/* As config_read; without the folder there are no files. */
static int read_files(const char *conf, struct arena *a, struct candidate *out, struct err *e)
{
    struct source *files = NULL;
    size_t count = 0;
    *out = (struct candidate){0};
    model_unread_files(a, conf, &out->notes);
    if (model_read_dir(a, conf, &files, &count, e) != 0) {
        return -1;
    }
    return config_link(a, files, count, out, e);
}

int config_read(const char *conf, struct arena *a, struct candidate *out, struct err *e)
{
    *out = (struct candidate){0};
    return fs_is_dir(conf) ? read_files(conf, a, out, e)
                           : err_add(e, a, ERR_NOT_FOUND, conf, "There is no such folder.");
}

/* ---- Taking over ------------------------------------------------------------------------------
 */

static enum log_level level_of(const char *name)
{
    static const struct {
        const char *name;
        enum log_level level;
    } levels[] = {{"error", LOG_LEVEL_ERROR}, {"warn", LOG_LEVEL_WARN}, {"info", LOG_LEVEL_INFO}};
    for (size_t i = 0; i < COUNT(levels); i++) {
        if (strcmp(levels[i].name, name) == 0) {
            return levels[i].level;
        }
    }
    return LOG_LEVEL_DEBUG;
}

/* What works at once; the rest waits for the next start and is said. */
static void use_settings(struct app *app, const struct settings *s)
{
    const struct account_settings account = {
        .password_log_n = strcmp(s->password_cost, "low") == 0 ? LOW_LOG_N : NORMAL_LOG_N,
        .session_idle_ms = s->session_idle,
        .session_max_ms = s->session_max,
    };
    account_configure(&account);
    if (app->daemon) {
        log_set_level(level_of(s->log_level)); /* commands say what they do themselves */
    }
    const char *key = app->running ? settings_restart_needed(&app->settings, s) : NULL;
    if (key != NULL) {
        log_warn("The setting \"%s\" changed: it takes effect at the next start.", key);
    }
}

struct apply {
    struct model *model;
    int64_t actor;
    struct arena *arena;
};

static int apply_write(struct db *db, void *caller, struct err *e)
{
    struct apply *apply = caller;
    char now[CLOCK_INSTANT_SIZE];
    clock_print_instant(clock_now_ms(), now);
    return schema_apply(db, apply->model, apply->actor, apply->arena, e) != 0
               ? -1
               : accounts_set_fact(db, "config_applied_at", now, e);
}

/* Writes the model to the database and makes it the present one; takes the candidate's reference
 * over on success. */
static int apply(struct app *app, struct candidate *candidate, int64_t actor, bool dry_run,
                 struct arena *a, struct err *e)
{
    struct apply params = {candidate->model, actor, a};
    if (store_write(app->store, dry_run ? WRITE_DRY : WRITE_NORMAL, apply_write, &params, e) != 0) {
        return -1;
    }
    if (dry_run) {
        model_release(candidate->model);
        return 0;
    }
    use_settings(app, &candidate->settings);
    app_model_set(app, candidate->model);
    log_info("Configuration %s applied.", candidate->model->version);
    return 0;
}

/* ---- Start ------------------------------------------------------------------------------------
 */

static int read_applied(struct app *app, struct arena *a, struct source **files, size_t *count,
                        struct err *e)
{
    struct db *db = store_reader_take(app->store);
    if (db == NULL) {
        return err_fail(e, ERR_BUSY, "", "The database does not take requests at the moment.");
    }
    int rc = schema_applied_sources(db, a, files, count, e);
    store_reader_give(app->store, db);
    return rc;
}

static int bind(struct app *app, struct model *model, struct err *e)
{
    struct db *db = store_reader_take(app->store);
    if (db == NULL) {
        return err_fail(e, ERR_BUSY, "", "The database does not take requests at the moment.");
    }
    int rc = schema_bind(db, model, e);
    store_reader_give(app->store, db);
    return rc;
}

/* The built-in model of this program may be newer than the tables: what only adds is applied. */
static int upgrade(struct app *app, struct candidate *candidate, struct arena *a, struct err *e)
{
    struct plan plan;
    if (run_plan(app, candidate->model, a, &plan, e) != 0) {
        return -1;
    }
    if (plan.refused || plan.loses) {
        return err_fail(e, ERR_INVALID, "",
                        "This version of Kontor would lose data of the applied configuration: %s",
                        plan.count > 0 ? plan.steps[0].text : "");
    }
    return apply(app, candidate, 0, false, a, e);
}

/* Everything that needs a candidate and may fail: its reference is given back here. */
static int start_with(struct app *app, struct candidate *candidate, bool applied, struct arena *a,
                      struct err *e)
{
    struct err unbound = {0};
    if (applied && bind(app, candidate->model, &unbound) == 0) {
        use_settings(app, &candidate->settings);
        app_model_set(app, candidate->model);
        return 0;
    }
    if (applied && unbound.code != ERR_INVALID) {
        *e = unbound;
    } else if (upgrade(app, candidate, a, e) == 0) {
        return 0;
    }
    model_release(candidate->model);
    return -1;
}

int config_start(struct app *app, struct err *e)
{
    struct arena *a = &app->arena;
    struct candidate candidate;
    struct source *files = NULL;
    size_t count = 0;
    if (read_applied(app, a, &files, &count, e) != 0) {
        return -1;
    }
    bool applied = count > 0;
    int rc = applied ? config_link(a, files, count, &candidate, e)
                     : read_files(app->conf, a, &candidate, e);
    if (rc != 0 || start_with(app, &candidate, applied, a, e) != 0) {
        return -1;
    }
    app->settings = candidate.settings;
    app->running = true;
    return 0;
}

/* ---- Reload -----------------------------------------------------------------------------------
 */

static void set_notice(struct app *app, const char *text)
{
    pthread_mutex_lock(&app->lock);
    strncpy(app->notice, text, sizeof app->notice - 1);
    pthread_mutex_unlock(&app->lock);
}

static const char *first_problem(const struct err *e, struct arena *a)
{
    return e->where[0] != 0 ? arena_printf(a, "%s: %s", e->where, e->text) : e->text;
}

/* Why the files are not applied, or NULL when they are the applied ones. */
static const char *difference(const struct plan *plan, struct arena *a)
{
    if (plan->refused || plan->loses) {
        for (size_t i = 0; i < plan->count; i++) {
            if (plan->steps[i].kind == STEP_REFUSE || plan->steps[i].loses) {
                const char *where = plan->steps[i].where;
                return arena_printf(
                    a, "The files in conf differ from what is applied: %s%s%s See kontor plan.",
                    where != NULL ? where : "", where != NULL ? ": " : "", plan->steps[i].text);
            }
        }
    }
    return plan->differs ? "The files in conf differ from what is applied. See kontor plan." : NULL;
}

static void log_notes(const struct candidate *candidate)
{
    for (const struct err_item *item = candidate->notes.items; item != NULL; item = item->next) {
        log_warn("%s: %s", item->where, item->text);
    }
}

/* Reads the files; with `take`, applies what loses nothing. */
static void look_at_files(struct app *app, bool take, struct arena *a)
{
    struct err e = {0};
    struct candidate candidate;
    struct plan plan = {0};
    if (config_read(app->conf, a, &candidate, &e) != 0) {
        set_notice(
            app,
            arena_printf(a, "The files in conf have problems; the applied configuration stays. %s",
                         first_problem(&e, a)));
        log_warn("The files in conf have %zu problem(s); see kontor plan. First: %s", e.item_count,
                 first_problem(&e, a));
        return;
    }
    log_notes(&candidate);
    if (run_plan(app, candidate.model, a, &plan, &e) != 0) {
        log_warn("Cannot compare the files in conf: %s", e.text);
        model_release(candidate.model);
        return;
    }
    const char *text = difference(&plan, a);
    if (take && text != NULL && !plan.refused && !plan.loses) {
        if (apply(app, &candidate, 0, false, a, &e) == 0) {
            set_notice(app, "");
            return;
        }
        text = first_problem(&e, a);
    }
    model_release(candidate.model);
    set_notice(app, text != NULL ? text : "");
    if (text != NULL) {
        log_warn("%s", text);
    } else if (take) {
        log_info("The files in conf are what is applied; nothing changes.");
    }
}

void config_reload(struct app *app)
{
    struct arena a;
    arena_init(&a);
    pthread_mutex_lock(&app->applying);
    look_at_files(app, true, &a);
    pthread_mutex_unlock(&app->applying);
    arena_done(&a);
}

void config_compare(struct app *app)
{
    struct arena a;
    arena_init(&a);
    look_at_files(app, false, &a);
    arena_done(&a);
}

/* ---- The API's host ---------------------------------------------------------------------------
 */

static int apply_files(struct app *app, struct ctx *c, bool yes, struct buf *out)
{
    struct candidate candidate;
    struct plan plan = {0};
    if (config_read(app->conf, c->arena, &candidate, &c->err) != 0) {
        return -1;
    }
    int rc = run_plan(app, candidate.model, c->arena, &plan, &c->err);
    for (size_t i = 0; rc == 0 && i < plan.count; i++) {
        const struct plan_step *step = &plan.steps[i];
        if (step->kind == STEP_REFUSE || (step->loses && !yes)) {
            err_add(&c->err, c->arena, ERR_INVALID, plan_step_where(c->arena, step), "%s%s",
                    step->text, step->kind == STEP_REFUSE ? "" : " This needs a yes.");
        }
    }
    if (rc != 0 || c->err.code != ERR_NONE ||
        apply(app, &candidate, c->actor.user, c->dry_run, c->arena, &c->err) != 0) {
        model_release(candidate.model);
        return -1;
    }
    if (!c->dry_run) {
        set_notice(app, "");
        if (ctx_renew(c) != 0) {
            return -1;
        }
    }
    buf_puts(out, c->dry_run ? "{\"applied\":true,\"dry_run\":true}" : "{\"applied\":true}");
    return 0;
}

/* One at a time: else the model in memory could be another than the one in the database. */
int config_host_apply(void *data, struct ctx *c, bool yes, struct buf *out)
{
    struct app *app = data;
    ctx_release(c);
    pthread_mutex_lock(&app->applying);
    int rc = apply_files(app, c, yes, out);
    pthread_mutex_unlock(&app->applying);
    return rc;
}
