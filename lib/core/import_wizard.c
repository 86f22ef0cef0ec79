/*
 * Drafts: an import that a person prepares. Its file is taken in first and waits; what is said about
 * it (entity, mapping, how it is written) is kept with the job, so that a closed browser loses
 * nothing. A trial and the run are imports of their own on the same file, which they get by a hard
 * link: there is no second way for rows to come in. See core/transfer.h.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "core/import_job.h"
#include "core/parts.h"

static bool is_prepared(const struct job *j)
{
    return j->state == JOB_WAITING && j->due_at == IMPORT_DRAFT;
}

static int over(struct ctx *c)
{
    return ctx_fail(c, ERR_CONFLICT, "", "This import is not being prepared any more.");
}

static int load_draft(struct ctx *c, int64_t id, struct import_job *out)
{
    if (import_job_load(c, id, out) != 0) {
        return -1;
    }
    ctx_release(c);
    if (!out->request.wizard || !is_prepared(&out->job)) {
        return over(c);
    }
    return import_file_parse(c, out->file_json, &out->file);
}

static int save(struct ctx *c, struct import_job *j)
{
    j->job.params = import_params(c, &j->request, &j->limits, &j->file);
    return ctx_write_fixed(c, import_job_ready, &j->job);
}

/* ---- what a person says ---------------------------------------------------------------------- */

static int take_entity(struct ctx *c, const struct json *body, struct import_request *q)
{
    const char *name = json_text(body, "entity");
    const struct entity *e = name != NULL ? model_entity_find(c->model, name) : q->entity;
    if (e == NULL || !ctx_may(c, ACTION_IMPORT, e)) {
        return ctx_fail(c, ERR_INVALID, "entity", "There is no entity “%s” you may import.",
                        name != NULL ? name : "");
    }
    q->entity = e;
    return user_permit_all(c, e);
}

int import_adjust(struct ctx *c, int64_t draft, const struct json *body)
{
    struct import_job j;
    if (load_draft(c, draft, &j) != 0) {
        return -1;
    }
    struct import_request *q = &j.request, was = j.request;
    if (import_said(c, body, false, q) != 0 || take_entity(c, body, q) != 0 ||
        import_said_check(c, q) != 0) {
        return -1;
    }
    q->guess = false;
    bool other = !str_eq(was.encoding, q->encoding) || !str_eq(was.delimiter, q->delimiter) ||
                 !str_eq(was.dates, q->dates) || !str_eq(was.sheet, q->sheet) ||
                 was.entity != q->entity;
    if (other && import_file_check(c, draft, q, &j.file) != 0) {
        return -1;
    }
    bool sheet = !str_eq(was.sheet, q->sheet) && json_find(body, "entity") == NULL;
    if (sheet && import_guess_entity(c, &j) != 0) {
        return -1;
    }
    return save(c, &j);
}

/* ---- trial and run --------------------------------------------------------------------------- */

struct start {
    struct import_job *draft, *run;
};

/* The trial or run is there in the same write that says so in the draft: of two that would begin the
 * run, one comes too late. */
static int claim(struct ctx *c, void *data)
{
    struct start *s = data;
    struct import_request *said = &s->draft->request;
    struct job *job = &s->draft->job, now;
    bool dry_run = s->run->request.dry_run;
    if (jobs_find(c->db, job->id, c->arena, &now, &c->err) != 0) {
        return -1;
    }
    if (!is_prepared(&now)) {
        return over(c);
    }
    if (jobs_add(c->db, &s->run->job, &c->err) != 0) {
        return -1;
    }
    said->check = dry_run ? s->run->job.id : 0;
    said->run = dry_run ? 0 : s->run->job.id;
    job->state = dry_run ? JOB_WAITING : JOB_DONE;
    job->params = import_params(c, said, &s->draft->limits, &s->draft->file);
    return jobs_save(c->db, job, c->now_ms, &c->err);
}

/* Nothing was begun: the draft is as it was. Always -1. */
static int reopen(struct ctx *c, struct job *draft)
{
    struct err why = c->err;
    err_clear(&c->err);
    if (ctx_write_fixed(c, import_job_ready, draft) != 0) {
        err_clear(&c->err);
    }
    c->err = why;
    return -1;
}

static int link_file(struct ctx *c, int64_t from, int64_t to)
{
    if (link(import_path(c, from, ".raw"), import_path(c, to, ".raw")) != 0) {
        return ctx_fail(c, errno == ENOSPC ? ERR_FULL : ERR_INTERNAL, "",
                        "The file of this import cannot be used: %s.", strerror(errno));
    }
    return 0;
}

/* The trial before is of no use any more. */
static void drop_check(struct ctx *c, int64_t check)
{
    if (check != 0 && import_cancel(c, check) != 0) {
        err_clear(&c->err);
    }
    if (check != 0) {
        unlink(import_path(c, check, ".preview"));
        unlink(import_path(c, check, ".rejects.csv"));
    }
}

int import_start(struct ctx *c, int64_t draft, bool dry_run, int64_t *job)
{
    struct import_job j, run;
    if (load_draft(c, draft, &j) != 0 || take_entity(c, NULL, &j.request) != 0) {
        return -1;
    }
    run = j;
    run.request.wizard = false;
    run.request.draft = draft;
    run.request.check = run.request.run = 0;
    run.request.dry_run = dry_run;
    run.job = (struct job){.user = j.job.user,
                           .kind = "import",
                           .params = import_params(c, &run.request, &j.limits, NULL),
                           .position = "{}",
                           .state = JOB_WAITING,
                           .due_at = IMPORT_NEVER,
                           .created_at = c->now_ms};
    if (run.request.map_yaml == NULL) {
        struct import_suggestion s;
        if (import_suggest(c, run.request.entity, &j.file, NULL, &s) != 0) {
            return -1;
        }
        run.request.map_yaml = j.request.map_yaml = s.map;
        run.job.params = import_params(c, &run.request, &j.limits, NULL);
    }
    struct job was = j.job;
    struct start start = {&j, &run};
    int64_t check = j.request.check;
    was.params = import_params(c, &j.request, &j.limits, &j.file);
    ctx_release(c);
    if (ctx_write_fixed(c, claim, &start) != 0) {
        return -1;
    }
    if (link_file(c, draft, run.job.id) != 0) {
        import_give_up(c, &run, JOB_FAILED);
        return reopen(c, &was);
    }
    if (import_begin(c, &run) != 0) {
        return reopen(c, &was);
    }
    *job = run.job.id;
    if (!c->dry_run) {
        drop_check(c, check);
    }
    if (!dry_run && !c->dry_run) {
        import_spool_drop(c, draft);
    }
    return 0;
}

/* ---- the end --------------------------------------------------------------------------------- */

static int run_cancel(struct ctx *c, void *data)
{
    struct job *j = data;
    if (jobs_find(c->db, j->id, c->arena, j, &c->err) != 0) {
        return -1;
    }
    if (j->state != JOB_WAITING && j->state != JOB_RUNNING) {
        return 0;
    }
    j->state = JOB_CANCELLED;
    return jobs_save(c->db, j, c->now_ms, &c->err);
}

int import_cancel(struct ctx *c, int64_t job)
{
    struct import_job j;
    if (import_job_load(c, job, &j) != 0) {
        return -1;
    }
    ctx_release(c);
    bool at_work = j.job.state == JOB_RUNNING || j.job.due_at < IMPORT_DRAFT;
    if (ctx_write_fixed(c, run_cancel, &j.job) != 0) {
        return -1;
    }
    if (j.request.check != 0 && !c->dry_run) {
        drop_check(c, j.request.check);
    }
    if (!at_work && !c->dry_run) {
        import_spool_drop(c, job);
    }
    return 0;
}
