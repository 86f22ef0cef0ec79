/*
 * An import from the outside: opened, fed, closed, asked about. The job row holds everything a
 * restart needs: params say what was asked and how the file is written, position says how far it is
 * (import_run.c). See core/transfer.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "core/account.h"
#include "core/import_job.h"
#include "core/parts.h"
#include "exchange/encoding.h"

#define NEVER       IMPORT_NEVER
#define OPEN_MAX_MS (24 * 3600000LL) /* an upload that takes longer is not coming any more */
#define DRAFT_MAX_MS (30 * 24 * 3600000LL) /* drafts wait so long for their person */
#define KEPT_MAX_MS (30 * 24 * 3600000LL) /* results and rejected rows can be asked for so long */

static int64_t number_in(const struct json *object, const char *key)
{
    int64_t out = 0;
    const struct json *m = json_find(object, key);
    return m != NULL && json_int(m, &out) == 0 ? out : 0;
}

int import_job_load(struct ctx *c, int64_t id, struct import_job *out)
{
    struct db *db = ctx_db(c);
    const struct json *params = NULL;
    if (db == NULL || jobs_find(db, id, c->arena, &out->job, &c->err) != 0) {
        return -1;
    }
    if (!str_eq(out->job.kind, "import") || (!ctx_is_admin(c) && out->job.user != c->actor.user)) {
        return ctx_fail(c, ERR_NOT_FOUND, "", "There is no such import.");
    }
    if (json_parse(c->arena, out->job.params, strlen(out->job.params), &params, &c->err) != 0) {
        return -1;
    }
    const char *entity = json_text(params, "entity");
    out->request = (struct import_request){
        .entity = entity != NULL ? model_entity_find(c->model, entity) : NULL,
        .file_name = json_text(params, "file_name"),
        .map_yaml = json_text(params, "map"),
        .map_name = json_text(params, "map_name"),
        .map_user = number_in(params, "map_user"),
        .match = json_text(params, "match"),
        .at = json_text(params, "at"),
        .decimal = json_text(params, "decimal"),
        .encoding = json_text(params, "encoding"),
        .delimiter = json_text(params, "delimiter"),
        .sheet = json_text(params, "sheet"),
        .by = json_text(params, "by"),
        .dates = json_text(params, "dates"),
        .rules = json_text(params, "rules"),
        .clear = json_true(params, "clear"),
        .wizard = json_true(params, "wizard"),
        .guess = json_true(params, "guess"),
        .draft = number_in(params, "draft"),
        .check = number_in(params, "check"),
        .run = number_in(params, "run"),
        .corrects = number_in(params, "corrects"),
        .corrected = number_in(params, "corrected"),
        .create_links = json_true(params, "create_links"),
        .no_gates = json_true(params, "no_gates"),
        .dry_run = json_true(params, "dry_run")};
    account_read_limits(params, &out->limits);
    out->file_json = json_find(params, "file");
    if (out->request.entity == NULL) {
        return ctx_fail(c, ERR_INVALID, "entity",
                        "The entity of this import is not part of the configuration any more.");
    }
    return 0;
}

const char *import_params(struct ctx *c, const struct import_request *q,
                          const struct actor *limits, const struct import_file *f)
{
    struct buf text = {0};
    struct json_writer w;
    jw_init(&w, &text);
    jw_object(&w);
    jw_kv_text(&w, "entity", q->entity->name);
    jw_kv_text(&w, "file_name", q->file_name);
    jw_kv_text(&w, "map", q->map_yaml);
    jw_kv_text(&w, "map_name", q->map_name);
    jw_kv_int(&w, "map_user", q->map_user);
    jw_kv_text(&w, "match", q->match);
    jw_kv_text(&w, "at", q->at);
    jw_kv_text(&w, "decimal", q->decimal);
    jw_kv_text(&w, "encoding", q->encoding);
    jw_kv_text(&w, "delimiter", q->delimiter);
    jw_kv_text(&w, "sheet", q->sheet);
    jw_kv_text(&w, "by", q->by);
    jw_kv_text(&w, "dates", q->dates);
    jw_kv_text(&w, "rules", q->rules);
    jw_kv_bool(&w, "clear", q->clear);
    jw_kv_bool(&w, "wizard", q->wizard);
    jw_kv_bool(&w, "guess", q->guess);
    jw_kv_int(&w, "draft", q->draft);
    jw_kv_int(&w, "check", q->check);
    jw_kv_int(&w, "run", q->run);
    jw_kv_int(&w, "corrects", q->corrects);
    jw_kv_int(&w, "corrected", q->corrected);
    jw_kv_bool(&w, "create_links", q->create_links);
    jw_kv_bool(&w, "no_gates", q->no_gates);
    jw_kv_bool(&w, "dry_run", q->dry_run);
    account_print_limits(limits, &w);
    if (f != NULL) {
        jw_key(&w, "file");
        import_file_print(f, &w);
    }
    jw_object_end(&w);
    const char *json = arena_strndup(c->arena, text.data, text.size);
    buf_done(&text);
    return json;
}

static int add_job(struct ctx *c, void *data)
{
    return jobs_add(c->db, data, &c->err);
}


/* ---- files nobody needs any more ------------------------------------------------------------- */

static bool is_over(const struct job *j)
{
    return j->state == JOB_DONE || j->state == JOB_FAILED || j->state == JOB_CANCELLED;
}

/* The job of a spool file "import-12.raw"; 0 if it is none. */
static int64_t job_of(struct ctx *c, const char *name)
{
    int64_t id = 0;
    const char *dot = strchr(name, '.');
    bool ours = str_starts(name, "import-") && dot != NULL;
    return ours && str_to_int(arena_strndup(c->arena, name + 7, (size_t)(dot - name - 7)), &id) == 0
               ? id
               : 0;
}

static void tidy_file(struct ctx *c, int64_t id, const char *path)
{
    struct job j = {0};
    bool found = jobs_find(c->db, id, c->arena, &j, &c->err) == 0;
    bool gone = !found && c->err.code == ERR_NOT_FOUND;
    err_clear(&c->err);
    bool told = str_ends(path, ".rejects.csv") || str_ends(path, ".preview");
    if (gone || (found && is_over(&j) && !told)) {
        unlink(path);
    }
}

/* An upload that is not coming any more. */
static int cancel_open(struct ctx *c)
{
    int64_t now = c->now_ms;
    return jobs_cancel_open(c->db, "import", NEVER, now - OPEN_MAX_MS, now, &c->err) != 0 ||
                   jobs_cancel_open(c->db, "import", IMPORT_DRAFT, now - DRAFT_MAX_MS, now,
                                    &c->err) != 0
               ? -1
               : 0;
}

int import_tidy(struct ctx *c, int64_t record, const char *key)
{
    const char **names;
    size_t count;
    const char *dir = arena_printf(c->arena, "%s/spool", store_dir(c->store));
    (void)record;
    (void)key;
    if (cancel_open(c) != 0 || jobs_forget(c->db, c->now_ms - KEPT_MAX_MS, &c->err) != 0 ||
        fs_list(c->arena, dir, "", &names, &count, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        int64_t id = job_of(c, names[i]);
        if (id != 0) {
            tidy_file(c, id, fs_join(c->arena, dir, names[i]));
        }
    }
    return 0;
}

int import_open(struct ctx *c, const struct import_request *q, int64_t *job)
{
    if (!ctx_may(c, ACTION_IMPORT, q->entity)) {
        return ctx_fail(c, ERR_FORBIDDEN, "", "Your role may not import %s.",
                        q->entity->label_plural);
    }
    if (user_permit_all(c, q->entity) != 0) {
        return -1;
    }
    if (q->at != NULL && !ctx_is_admin(c)) {
        return ctx_fail(c, ERR_FORBIDDEN, "at", "Only an administrator may date an import.");
    }
    if (q->at != NULL && !q->dry_run && import_may_load(c, 0) != 0) {
        return -1;
    }
    if (import_said_check(c, q) != 0) {
        return -1;
    }
    if (q->corrects != 0 && import_may_correct(c, q->corrects) != 0) {
        return -1;
    }
    struct import_request named = *q;
    if (import_recipe_take(c, &named) != 0) {
        return -1;
    }
    named.file_name = q->file_name != NULL ? q->file_name : "upload.csv";
    named.by = c->actor.user == 0 ? c->actor.name : NULL;
    struct job j = {.user = c->actor.user,
                    .kind = "import",
                    .params = import_params(c, &named, &c->actor, NULL),
                    .position = "{}",
                    .state = JOB_WAITING,
                    .due_at = NEVER,
                    .created_at = c->now_ms};
    if (fs_make_dirs(arena_printf(c->arena, "%s/spool", store_dir(c->store)), &c->err) != 0 ||
        ctx_write_fixed(c, add_job, &j) != 0) {
        return -1;
    }
    *job = j.id;
    return 0;
}

static int open_job(struct ctx *c, int64_t id, struct import_job *out)
{
    if (import_job_load(c, id, out) != 0) {
        return -1;
    }
    ctx_release(c);
    if (out->job.state != JOB_WAITING || out->job.due_at != NEVER) {
        return ctx_fail(c, ERR_CONFLICT, "", "This import has its file already.");
    }
    return 0;
}

/* Who sends a file holds the lock on its raw spool file; ends with the request. */
struct import_feed {
    int64_t job;
    int fd;
};

static void feed_close(void *feed)
{
    close(((struct import_feed *)feed)->fd);
}

static int feed_refuse(struct ctx *c, int why)
{
    return ctx_fail(c, why == ENOSPC || why == EDQUOT ? ERR_FULL : ERR_INTERNAL, "",
                    "The file cannot be stored: %s.", strerror(why));
}

/* One request at a time sends the file, from its beginning: what an earlier one left is gone. The
 * job is looked at again behind the lock: the one who held it may have been quicker. */
static int feed_open(struct ctx *c, int64_t job)
{
    struct import_job j;
    const char *path = import_path(c, job, ".raw");
    if (c->feeding != NULL && c->feeding->job == job) {
        return 0;
    }
    if (open_job(c, job, &j) != 0) {
        return -1;
    }
    struct import_feed *feed = ARENA_NEW(c->arena, struct import_feed);
    *feed = (struct import_feed){job, open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
    if (feed->fd < 0) {
        return feed_refuse(c, errno);
    }
    arena_defer(c->arena, feed_close, feed);
    if (flock(feed->fd, LOCK_EX | LOCK_NB) != 0) {
        return ctx_fail(c, ERR_CONFLICT, "", "The file of this import is being sent already.");
    }
    if (open_job(c, job, &j) != 0) {
        unlink(path);
        return -1;
    }
    if (ftruncate(feed->fd, 0) != 0) {
        return feed_refuse(c, errno);
    }
    c->feeding = feed;
    return 0;
}

int import_feed(struct ctx *c, int64_t job, const void *bytes, size_t n)
{
    const char *at = bytes;
    if (feed_open(c, job) != 0) {
        return -1;
    }
    if (!fs_leaves_room(import_path(c, job, ".raw"), n)) {
        unlink(import_path(c, job, ".raw"));
        return feed_refuse(c, ENOSPC);
    }
    while (n > 0) {
        ssize_t done = write(c->feeding->fd, at, n);
        if (done < 0 && errno != EINTR) {
            int why = errno;
            unlink(import_path(c, job, ".raw"));
            return feed_refuse(c, why);
        }
        at += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
    }
    return 0;
}

int import_give_up(struct ctx *c, struct import_job *j, enum job_state state)
{
    struct err why = c->err;
    err_clear(&c->err);
    j->job.state = state;
    j->job.error = arena_strdup(c->arena, why.text);
    import_spool_drop(c, j->job.id);
    ctx_release(c);
    if (ctx_write_fixed(c, import_job_ready, &j->job) != 0) {
        err_clear(&c->err);
    }
    c->err = why;
    return -1;
}

void import_spool_drop(struct ctx *c, int64_t job)
{
    static const char *const SUFFIXES[] = {".raw", ".csv", ".list0", ".list1", ".list2"};
    for (size_t i = 0; i < COUNT(SUFFIXES); i++) {
        unlink(import_path(c, job, SUFFIXES[i]));
    }
}

/* Two have a hand in an import: the job may do what both may. A password given lately by the same
 * person counts whenever it was given. */
static void join_limits(const struct ctx *c, struct import_job *j)
{
    const struct actor *sender = &c->actor;
    struct actor *limits = &j->limits;
    if (limits->token == TOKEN_NONE ||
        (sender->token != TOKEN_NONE && sender->token < limits->token)) {
        limits->token = sender->token;
    }
    limits->unconfirmed = sender->user == j->job.user
                              ? limits->unconfirmed && sender->unconfirmed
                              : limits->unconfirmed || sender->unconfirmed;
}

static int plan_as_asked(struct ctx *c, struct import_job *j, struct import_plan *plan)
{
    struct actor sender = c->actor;
    join_limits(c, j);
    c->actor.token = j->limits.token;
    c->actor.unconfirmed = j->limits.unconfirmed;
    int rc = import_plan_make(c, &j->request, &j->file, plan);
    c->actor = sender;
    return rc;
}

/* The same file comes again when the password was given. */
static int leave_open(struct ctx *c, int64_t job)
{
    import_spool_drop(c, job);
    return -1;
}

/* The file of a draft is whole; where it goes is said later. */
static int close_draft(struct ctx *c, struct import_job *j)
{
    const struct entity *asked = j->request.entity;
    if (import_file_check(c, j->job.id, &j->request, &j->file) != 0 ||
        (j->request.guess ? import_guess_entity(c, j) : import_known_entity(c, j)) != 0) {
        return import_give_up(c, j, JOB_FAILED);
    }
    /* What a card is called, and what of a calendar counts, depends on what it becomes. */
    struct import_request found = j->request;
    found.guess = false;
    if (found.entity != asked && import_file_check(c, j->job.id, &found, &j->file) != 0) {
        return import_give_up(c, j, JOB_FAILED);
    }
    j->job.params = import_params(c, &j->request, &j->limits, &j->file);
    j->job.due_at = IMPORT_DRAFT;
    ctx_release(c);
    return ctx_write_fixed(c, import_job_ready, &j->job);
}

/* Nobody said what the columns mean: a saved mapping may, or the program the file comes from. */
static int find_known(struct ctx *c, struct import_job *j)
{
    struct import_suggestion s;
    if (j->request.map_yaml != NULL) {
        return 0;
    }
    if (import_suggest(c, j->request.entity, &j->file, NULL, &s) != 0) {
        return -1;
    }
    if (str_eq(s.source, "recipe") || str_eq(s.source, "shape")) {
        j->request.map_yaml = s.map;
        j->request.map_name = s.name;
        j->request.map_user = s.user;
    }
    return 0;
}

int import_begin(struct ctx *c, struct import_job *j)
{
    struct import_plan plan;
    bool listed;
    if (import_file_check(c, j->job.id, &j->request, &j->file) != 0 || find_known(c, j) != 0 ||
        plan_as_asked(c, j, &plan) != 0 ||
        import_decide(c, j->request.file_name, &j->file, &plan) != 0 ||
        import_sort(c, j, &plan, &listed) != 0) {
        return c->err.code == ERR_UNCONFIRMED ? leave_open(c, j->job.id)
                                              : import_give_up(c, j, JOB_FAILED);
    }
    j->job.params = import_params(c, &j->request, &j->limits, &j->file);
    j->job.position = import_position_start(c, j, listed);
    j->job.due_at = c->now_ms;
    ctx_release(c);
    if (plan.at >= 0 ? ctx_write_fixed(c, import_dated_ready, j) != 0
                     : ctx_write_fixed(c, import_corrected_ready, j) != 0) {
        bool over = c->err.code == ERR_INVALID || c->err.code == ERR_CONFLICT;
        return over ? import_give_up(c, j, JOB_FAILED) : -1;
    }
    if (c->dry_run) {
        import_spool_drop(c, j->job.id); /* the job stays open */
    } else {
        unlink(import_path(c, j->job.id, ".raw"));
    }
    return 0;
}

int import_close(struct ctx *c, int64_t job, bool complete)
{
    struct import_job j;
    if (feed_open(c, job) != 0 || open_job(c, job, &j) != 0) {
        return -1;
    }
    if (!complete) {
        import_give_up(c, &j, JOB_CANCELLED);
        err_clear(&c->err);
        return 0;
    }
    return j.request.wizard ? close_draft(c, &j) : import_begin(c, &j);
}

/* ---- asking ---------------------------------------------------------------------------------- */

int import_rejects(struct ctx *c, int64_t job, const char **path)
{
    struct import_job j;
    struct import_position p;
    if (import_job_load(c, job, &j) != 0 || import_position_parse(c, &j, &p) != 0) {
        return -1;
    }
    *path = p.rejected > 0 ? import_path(c, job, ".rejects.csv") : NULL;
    return 0;
}
