/*
 * See config.h. Nothing is changed before the whole new configuration has been read, linked and
 * planned, so any failure leaves everything as it is. Texts of a candidate's settings are copied
 * into the app when they are taken over.
 */
#include "app/config_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "base/yaml.h"
#include "core/account.h"
#include "core/file.h"
#include "store/accounts.h"

#define LOW_LOG_N    10
#define NORMAL_LOG_N 15

int config_plan(struct app *app, const struct model *model, struct arena *a, struct plan *out,
                struct err *e)
{
    struct db *db = store_reader_take(app->store, 0);
    if (db == NULL) {
        return err_fail(e, ERR_BUSY, "", "The database does not take requests at the moment.");
    }
    int rc = schema_plan(db, model, a, out, e);
    store_reader_give(app->store, db);
    return rc;
}

/* kontor.yaml by itself; NULL: there is none, or it is no YAML. */
static const struct yaml *settings_of(struct arena *a, const struct source *files, size_t count)
{
    const struct yaml *root = NULL;
    struct err ignored = {0};
    for (size_t i = 0; i < count; i++) {
        if (strcmp(files[i].name, "kontor.yaml") == 0 &&
            yaml_parse(a, files[i].name, files[i].text, files[i].size, &root, &ignored) == 0) {
            return root;
        }
    }
    return NULL;
}

int config_link(struct arena *a, const struct sources *builtin, const struct sources *own,
                struct candidate *out, struct err *e)
{
    size_t count = builtin->count + own->count;
    out->files = own->list;
    out->file_count = own->count;
    out->model = NULL;
    struct source *all = ARENA_ARRAY(a, struct source, count + 1);
    memcpy(all, builtin->list, builtin->count * sizeof *all);
    if (own->count > 0) {
        memcpy(all + builtin->count, own->list, own->count * sizeof *all);
    }
    struct model *model = NULL;
    if (model_load(all, count, &model, e, a) != 0) {
        settings_read(a, settings_of(a, own->list, own->count), &out->settings, e);
        return -1;
    }
    if (settings_read(a, model->settings, &out->settings, e) != 0) {
        model_release(model);
        return -1;
    }
    out->model = model;
    return 0;
}

int config_read_files(const char *conf, struct arena *a, struct candidate *out, struct err *e)
{
    struct sources own = {0}, builtin = {0};
    *out = (struct candidate){0};
    model_unread_files(a, conf, &out->notes);
    if (model_read_dir(a, conf, &own.list, &own.count, e) != 0) {
        return -1;
    }
    if (model_builtin_sources(a, &builtin.list, &builtin.count) != 0) {
        return err_fail(e, ERR_INTERNAL, "", "The built-in model cannot be read.");
    }
    if (config_link(a, &builtin, &own, out, e) != 0) {
        return -1;
    }
    config_note_gaps(out->model, a, &out->notes);
    return 0;
}

int config_read(const char *conf, struct arena *a, struct candidate *out, struct err *e)
{
    *out = (struct candidate){0};
    if (!fs_is_dir(conf)) {
        return err_add(e, a, ERR_NOT_FOUND, conf, "There is no such folder.");
    }
    int rc = config_read_files(conf, a, out, e);
    if (settings_check(a, settings_of(a, out->files, out->file_count), &out->settings, e) != 0 &&
        rc == 0) {
        model_release(out->model);
        out->model = NULL;
        rc = -1;
    }
    return rc;
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
void config_use_settings(struct app *app, const struct settings *s)
{
    const struct account_settings account = {
        .password_log_n = strcmp(s->password_cost, "low") == 0 ? LOW_LOG_N : NORMAL_LOG_N,
        .session_idle_ms = s->session_idle,
        .session_max_ms = s->session_max,
    };
    const struct file_limits files = {s->file_max << 20, s->files_quota << 20};
    file_configure(&files);
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

int config_apply(struct app *app, struct candidate *candidate, int64_t actor, bool dry_run,
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
    config_use_settings(app, &candidate->settings);
    app_model_set(app, candidate->model);
    pthread_mutex_lock(&app->lock);
    app->held[0] = 0;
    pthread_mutex_unlock(&app->lock);
    log_info("Configuration %s applied.", candidate->model->version);
    return 0;
}

/* ---- Reload -----------------------------------------------------------------------------------
 */

/* `about`: the files it is about, NULL when they have problems. Browsers ask anew when it is another. */
static void set_notice(struct app *app, const char *text, const struct model *about)
{
    char was[sizeof app->notice];
    pthread_mutex_lock(&app->lock);
    memcpy(was, app->notice, sizeof was);
    snprintf(app->notice, sizeof app->notice, "%s", app->held[0] != 0 ? app->held : text);
    snprintf(app->notice_about, sizeof app->notice_about, "%s",
             about != NULL ? about->version : "");
    bool other = strcmp(was, app->notice) != 0;
    pthread_mutex_unlock(&app->lock);
    struct web *web = atomic_load(&app->web);
    if (other && web != NULL) {
        web_config_changed(web);
    }
}

const char *config_first_problem(const struct err *e, struct arena *a)
{
    return e->where[0] != 0 ? arena_printf(a, "%s: %s", e->where, e->text) : e->text;
}

const struct plan_step *config_first_loss(const struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->steps[i].kind == STEP_REFUSE || plan->steps[i].loses) {
            return &plan->steps[i];
        }
    }
    return NULL;
}

/* Why the files are not applied, or NULL when they are the applied ones. */
static const char *difference(const struct plan *plan, struct arena *a)
{
    const struct plan_step *loss = config_first_loss(plan);
    if (loss != NULL) {
        const char *where = loss->where;
        return arena_printf(a,
                            "The files in conf differ from what is applied: %s%s%s See kontor plan.",
                            where != NULL ? where : "", where != NULL ? ": " : "", loss->text);
    }
    return plan->differs ? "The files in conf differ from what is applied. See kontor plan." : NULL;
}

static void log_notes(const struct candidate *candidate)
{
    for (const struct err_item *item = candidate->notes.items; item != NULL; item = item->next) {
        log_warn("%s: %s", item->where, item->text);
    }
}

static void note_problems(struct app *app, const struct err *problems, struct arena *a)
{
    set_notice(app,
               arena_printf(a,
                            "The files in conf have problems; the applied configuration stays. %s",
                            config_first_problem(problems, a)),
               NULL);
}

void config_note(struct app *app, const struct candidate *seen, const struct plan *plan,
                 const struct err *problems, struct arena *a)
{
    if (seen->model == NULL) {
        note_problems(app, problems, a);
        return;
    }
    const char *text = difference(plan, a);
    pthread_mutex_lock(&app->lock);
    bool known = strcmp(app->notice_about, seen->model->version) == 0 && app->notice[0] != 0;
    pthread_mutex_unlock(&app->lock);
    if (text == NULL || !known) { /* why these files could not be applied is said already */
        set_notice(app, text != NULL ? text : "", seen->model);
    }
}

void config_look_again(struct app *app, struct arena *a)
{
    struct err e = {0};
    struct candidate candidate;
    struct plan plan = {0};
    bool sound = config_read(app->conf, a, &candidate, &e) == 0;
    if (!sound || config_plan(app, candidate.model, a, &plan, &e) == 0) {
        config_note(app, &candidate, &plan, &e, a);
    }
    if (candidate.model != NULL) {
        model_release(candidate.model);
    }
}

/* Reads the files; with `take`, applies what loses nothing. */
static void look_at_files(struct app *app, bool take, struct arena *a)
{
    struct err e = {0};
    struct candidate candidate;
    struct plan plan = {0};
    if (config_read(app->conf, a, &candidate, &e) != 0) {
        note_problems(app, &e, a);
        log_warn("The files in conf have %zu problem(s); see kontor plan. First: %s", e.item_count,
                 config_first_problem(&e, a));
        return;
    }
    log_notes(&candidate);
    if (config_plan(app, candidate.model, a, &plan, &e) != 0) {
        log_warn("Cannot compare the files in conf: %s", e.text);
        model_release(candidate.model);
        return;
    }
    const char *text = difference(&plan, a);
    if (take && text != NULL && !plan.refused && !plan.loses) {
        if (config_apply(app, &candidate, 0, false, a, &e) == 0) {
            set_notice(app, "", NULL);
            return;
        }
        text = config_first_problem(&e, a);
    }
    set_notice(app, text != NULL ? text : "", candidate.model);
    model_release(candidate.model);
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
    int rc = config_plan(app, candidate.model, c->arena, &plan, &c->err);
    for (size_t i = 0; rc == 0 && i < plan.count; i++) {
        const struct plan_step *step = &plan.steps[i];
        if (step->kind == STEP_REFUSE || (step->loses && !yes)) {
            err_add(&c->err, c->arena, ERR_INVALID, plan_step_where(c->arena, step), "%s%s",
                    step->text, step->kind == STEP_REFUSE ? "" : " This needs a yes.");
        }
    }
    if (rc != 0 || c->err.code != ERR_NONE ||
        config_apply(app, &candidate, c->actor.user, c->dry_run, c->arena, &c->err) != 0) {
        model_release(candidate.model);
        return -1;
    }
    if (!c->dry_run) {
        set_notice(app, "", NULL);
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
