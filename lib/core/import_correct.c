/*
 * Rejected rows that come again, put right: an import of their own that says whose rows they are.
 * They go in once: the import they were rejected by remembers which one took them, from the moment
 * that one is ready to run until it is taken back. See core/transfer.h.
 */
#include "core/import_job.h"
#include "store/change.h"

/* Something of it is in, or will be. */
static bool holds(struct ctx *c, const struct import_job *j)
{
    struct change_info info = {0};
    const struct job *job = &j->job;
    if (job->state == JOB_WAITING || job->state == JOB_RUNNING) {
        return job->due_at < IMPORT_DRAFT;
    }
    if (job->root == 0) {
        return false;
    }
    if (change_info_find(c->db, c->model, job->root, c->arena, &info, &c->err) != 0) {
        err_clear(&c->err); /* it wrote nothing: the set left no trace */
        return job->state == JOB_DONE;
    }
    return info.undone_by == 0;
}

int import_corrected_by(struct ctx *c, const struct import_job *j, int64_t *out)
{
    struct import_job later;
    *out = 0;
    if (j->request.corrected == 0) {
        return 0;
    }
    if (import_job_load(c, j->request.corrected, &later) != 0) {
        bool gone = c->err.code == ERR_NOT_FOUND || c->err.code == ERR_INVALID;
        err_clear(&c->err);
        return gone ? 0 : ctx_fail(c, ERR_INTERNAL, "", "An import cannot be read.");
    }
    *out = holds(c, &later) ? later.job.id : 0;
    return 0;
}

static int refuse(struct ctx *c)
{
    return ctx_fail(c, ERR_CONFLICT, "",
                    "The rejected rows of this import were corrected and imported already.");
}

int import_may_correct(struct ctx *c, int64_t job)
{
    struct import_job j;
    int64_t by = 0;
    if (import_job_load(c, job, &j) != 0 || import_corrected_by(c, &j, &by) != 0) {
        return -1;
    }
    ctx_release(c);
    return by != 0 ? refuse(c) : 0;
}

int import_corrected_ready(struct ctx *c, void *import_job)
{
    struct import_job *j = import_job, before;
    int64_t by = 0;
    if (j->request.corrects == 0 || j->request.dry_run) {
        return import_job_ready(c, &j->job);
    }
    if (import_job_load(c, j->request.corrects, &before) != 0 ||
        import_corrected_by(c, &before, &by) != 0) {
        return -1;
    }
    if (by != 0 && by != j->job.id) {
        return refuse(c);
    }
    bool whole = before.file_json != NULL;
    if (whole && import_file_parse(c, before.file_json, &before.file) != 0) {
        return -1;
    }
    before.request.corrected = j->job.id;
    before.job.params =
        import_params(c, &before.request, &before.limits, whole ? &before.file : NULL);
    return import_job_ready(c, &before.job) != 0 ? -1 : import_job_ready(c, &j->job);
}
