/* The configuration as the API shows it: the files, their problems, the plan; and the first
 * set-up's edit of kontor.yaml. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/config.h"
#include "base/embed.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/str.h"
#include "store/accounts.h"

/* "file:line:column" taken apart; line and column 0 when absent. */
static void print_where(struct json_writer *w, const char *where, bool with_file)
{
    const char *colon = strchr(where, ':');
    int line = 0, column = 0;
    if (colon != NULL) {
        sscanf(colon, ":%d:%d", &line, &column);
    }
    if (with_file) {
        jw_key(w, "file");
        jw_text_n(w, where, colon != NULL ? (size_t)(colon - where) : strlen(where));
    }
    jw_kv_int(w, "line", line);
    jw_kv_int(w, "column", column);
}

static bool is_of_file(const struct err_item *item, const char *file)
{
    size_t n = strlen(file);
    return strncmp(item->where, file, n) == 0 && (item->where[n] == ':' || item->where[n] == 0);
}

/* Problems of one file, or with NULL of all, with the file's name. */
static void print_problems(struct json_writer *w, const struct err *e, const char *file)
{
    jw_key(w, "problems");
    jw_array(w);
    for (const struct err_item *item = e->items; item != NULL; item = item->next) {
        if (file == NULL || is_of_file(item, file)) {
            jw_object(w);
            print_where(w, item->where, file == NULL);
            jw_kv_text(w, "text", item->text);
            jw_object_end(w);
        }
    }
    if (file == NULL && e->items == NULL && e->code != ERR_NONE) {
        jw_object(w);
        print_where(w, e->where, true);
        jw_kv_text(w, "text", e->text);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void print_files(struct json_writer *w, const struct candidate *candidate,
                        const struct err *e)
{
    jw_key(w, "files");
    jw_array(w);
    for (size_t i = 0; i < candidate->file_count; i++) {
        const struct source *file = &candidate->files[i];
        jw_object(w);
        jw_kv_text(w, "name", file->name);
        jw_key(w, "text");
        if (str_is_utf8(file->text, file->size)) {
            jw_text_n(w, file->text, file->size);
        } else {
            jw_text(w, "");
        }
        print_problems(w, e, file->name);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static const char *const KINDS[] = {
    [STEP_NONE] = "change",
    [STEP_ADD_ENTITY] = "add_entity",
    [STEP_ADD_FIELD] = "add_field",
    [STEP_REMOVE_ENTITY] = "remove_entity",
    [STEP_REMOVE_FIELD] = "remove_field",
    [STEP_RETURN_FIELD] = "return_field",
    [STEP_ADD_INDEX] = "add_index",
    [STEP_ASIDE] = "set_aside",
    [STEP_CHANGE] = "change",
    [STEP_REFUSE] = "refuse",
};

static void print_plan(struct json_writer *w, const struct plan *plan)
{
    jw_key(w, "plan");
    jw_array(w);
    for (size_t i = 0; i < plan->count; i++) {
        const struct plan_step *step = &plan->steps[i];
        jw_object(w);
        jw_kv_text(w, "kind", KINDS[step->kind]);
        jw_kv_text(w, "text", step->text);
        if (step->where != NULL) {
            jw_kv_text(w, "where", step->where);
        }
        if (step->entity != NULL) {
            jw_kv_text(w, "entity", step->entity);
        }
        if (step->field != NULL) {
            jw_kv_text(w, "field", step->field);
        }
        jw_kv_bool(w, "loses", step->loses);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void print_notes(struct json_writer *w, const struct err *notes)
{
    jw_key(w, "notes");
    jw_array(w);
    for (const struct err_item *item = notes->items; item != NULL; item = item->next) {
        jw_object(w);
        jw_kv_text(w, "file", item->where);
        jw_kv_text(w, "text", item->text);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void print_config(struct buf *out, const char *folder, const struct candidate *candidate,
                         const struct err *problems, const char *applied_at,
                         const struct plan *plan)
{
    struct json_writer w;
    jw_init(&w, out);
    jw_object(&w);
    print_files(&w, candidate, problems);
    jw_kv_text(&w, "applied_at", applied_at);
    jw_kv_text(&w, "folder", folder);
    print_problems(&w, problems, NULL);
    print_notes(&w, &candidate->notes);
    print_plan(&w, plan);
    jw_kv_bool(&w, "differs", candidate->model == NULL || plan->differs);
    jw_object_end(&w);
}

int config_host_print(void *data, struct ctx *c, bool reread, struct buf *out)
{
    (void)reread; /* the files are read each time: what is shown is never old */
    struct app *app = data;
    struct candidate candidate;
    struct plan plan = {0};
    struct err problems = {0};
    const char *applied_at = NULL;
    struct db *db = ctx_db(c);
    if (db == NULL || accounts_fact(db, "config_applied_at", c->arena, &applied_at, &c->err) != 0) {
        return -1;
    }
    bool sound = config_read(app->conf, c->arena, &candidate, &problems) == 0;
    int rc = sound ? schema_plan(db, candidate.model, c->arena, &plan, &c->err) : 0;
    rc = sound && rc == 0 ? config_note_tags(c, &candidate) : rc;
    rc = sound && rc == 0 ? config_note_people(c, &candidate) : rc;
    if (rc == 0) {
        char folder[PATH_MAX];
        bool there = realpath(app->conf, folder) != NULL;
        config_note(app, &candidate, &plan, &problems, c->arena);
        print_config(out, there ? folder : app->conf, &candidate, &problems, applied_at, &plan);
    }
    if (candidate.model != NULL) {
        model_release(candidate.model);
    }
    return rc;
}

/* ---- kontor.yaml of the first set-up ----------------------------------------------------------
 */

static void put_quoted(struct buf *out, const char *text)
{
    buf_putc(out, '"');
    for (const char *p = text; *p != 0; p++) {
        if (*p == '"' || *p == '\\') {
            buf_putc(out, '\\');
        }
        buf_putc(out, (unsigned char)*p < ' ' ? ' ' : *p);
    }
    buf_putc(out, '"');
}

/* Replaces the value of a line "key: …" (also a commented one), or adds the line at the end. */
static const char *with_value(struct arena *a, const char *yaml, const char *key, const char *value)
{
    struct buf out = {0};
    bool done = value == NULL;
    size_t n = strlen(key);
    for (const char *line = yaml; *line != 0;) {
        size_t size = strcspn(line, "\n");
        const char *start = line[0] == '#' ? line + 1 + (line[1] == ' ') : line;
        if (!done && strncmp(start, key, n) == 0 && start[n] == ':') {
            buf_printf(&out, "%s: ", key);
            put_quoted(&out, value);
            done = true;
        } else {
            buf_add(&out, line, size);
        }
        buf_putc(&out, '\n');
        line += size + (line[size] == '\n');
    }
    if (!done) {
        buf_printf(&out, "%s: ", key);
        put_quoted(&out, value);
        buf_putc(&out, '\n');
    }
    const char *text = arena_strndup(a, buf_text(&out), out.size);
    buf_done(&out);
    return text;
}

const char *config_with_company(struct arena *a, const char *yaml, const char *name,
                                const char *currency, const char *zone)
{
    yaml = with_value(a, yaml, "name", name);
    yaml = with_value(a, yaml, "currency", currency);
    return with_value(a, yaml, "zone", zone);
}

int config_host_setup(void *data, struct ctx *c, const char *name, const char *currency,
                      const char *zone)
{
    struct app *app = data;
    struct buf old = {0}, ignored = {0};
    const char *path = fs_join(c->arena, app->conf, "kontor.yaml");
    if (fs_exists(path) && fs_read(path, 1 << 20, &old, &c->err) != 0) {
        return -1;
    }
    const char *text = config_with_company(c->arena, buf_text(&old), name, currency, zone);
    int rc = c->dry_run ? 0 : fs_make_dirs(app->conf, &c->err);
    if (rc == 0 && !c->dry_run) {
        rc = fs_write_atomic(path, text, strlen(text), 0600, &c->err);
    }
    if (rc == 0 && !c->dry_run && config_host_apply(app, c, false, &ignored) != 0) {
        struct err restore = {0};
        fs_write_atomic(path, buf_text(&old), old.size, 0600, &restore);
        rc = -1;
    }
    buf_done(&old);
    buf_done(&ignored);
    return rc;
}

const char *config_initial(struct arena *a, const char *name, const char *currency,
                           const char *zone)
{
    const struct embed_file *shipped = embed_find("conf/kontor.yaml");
    const char *text =
        shipped != NULL ? arena_strndup(a, (const char *)shipped->raw, shipped->raw_size) : "";
    return config_with_company(a, text, name, currency, zone);
}
