/* Long writes in slices; see long_write.h. */
#include "core/long_write.h"

#include <string.h>

#include "base/clock.h"
#include "core/account.h"

#define LEASE_MS 60000 /* how long a slice may be away before lib/jobs takes over */
#define ROWS_LEAST 16 /* records a slice looks up at least */

struct beginning {
    const struct long_write *what;
    struct job job;
};

/* The JSON object with what its actor may not do: whoever goes on with the job may not either. */
static const char *with_limits(struct ctx *c, const char *params)
{
    struct buf text = {0};
    struct json_writer w;
    jw_init(&w, &text);
    jw_object(&w);
    account_print_limits(&c->actor, &w);
    buf_printf(&text, ",%s", params + 1);
    const char *copy = arena_strndup(c->arena, text.data, text.size);
    buf_done(&text);
    return copy;
}

static int run_begin(struct ctx *c, void *params)
{
    struct beginning *b = params;
    struct change_set root = {.actor = c->actor.user,
                              .source = b->what->source,
                              .reason = c->reason != NULL    ? c->reason
                                        : c->actor.user == 0 ? c->actor.name
                                                             : NULL,
                              .undo_of = b->what->undo_of,
                              .job = c->job};
    int64_t now = clock_now_ms();
    if (b->what->check != NULL && b->what->check(c, b->what->undo_of) != 0) {
        return -1;
    }
    if (change_root(c->db, &root, c->arena, &c->err) != 0) {
        return -1;
    }
    b->job = (struct job){.user = c->actor.user,
                          .root = root.id,
                          .kind = b->what->kind,
                          .params = with_limits(c, b->what->params),
                          .position = "{}",
                          .state = JOB_RUNNING,
                          .due_at = now,
                          .lease_until = now + LEASE_MS,
                          .created_at = now,
                          .updated_at = now};
    if (jobs_add(c->db, &b->job, &c->err) != 0) {
        return -1;
    }
    c->began_job = b->job.id;
    c->began_root = root.id;
    return 0;
}

/* Each slice with memory of its own: a long write is not held in memory as a whole. */
static int run_slice(struct ctx *c, const struct long_write *what, int64_t job, bool *more)
{
    struct arena *home = c->arena;
    struct arena own;
    arena_init(&own);
    c->arena = &own;
    int rc = what->slice(c, job, more);
    c->arena = home;
    if (rc != 0) {
        struct err failed = c->err;
        err_clear(&c->err);
        err_fail(&c->err, failed.code, failed.where, "%s", failed.text);
    }
    arena_done(&own);
    return rc;
}

static int run_slices(struct ctx *c, const struct long_write *what, const char **result,
                      int64_t *root)
{
    struct beginning b = {.what = what};
    if (ctx_write(c, run_begin, &b) != 0) {
        c->began_job = c->began_root = 0;
        return -1;
    }
    for (bool more = true; more;) {
        if (run_slice(c, what, b.job.id, &more) != 0) {
            if (c->stale == 0 || ctx_renew(c) != 0) {
                return -1;
            }
            more = true; /* the same slice again, read anew by the model of now */
        }
        if (more && store_ends_soon(c->store)) {
            return ctx_fail(c, ERR_BUSY, "", "Kontor is stopping.");
        }
    }
    struct job done = {0};
    if (ctx_db(c) == NULL || jobs_find(c->db, b.job.id, c->arena, &done, &c->err) != 0) {
        return -1;
    }
    *result = done.position;
    *root = b.job.root;
    ctx_release(c);
    return 0;
}

static int run_leave(struct ctx *c, void *params)
{
    (void)params;
    return jobs_yield(c->db, c->began_job, clock_now_ms(), &c->err);
}

/* What has begun goes on without its caller: lib/jobs runs the other slices, or takes all back. It
 * need not wait for the end of the lease; where that cannot be written, it does. */
static int unfinished(struct ctx *c)
{
    struct err why = c->err;
    bool waits = why.code == ERR_BUSY || why.code == ERR_FULL;
    err_clear(&c->err);
    (void)ctx_write_fixed(c, run_leave, NULL);
    err_clear(&c->err);
    return ctx_fail(c, ERR_UNFINISHED, "",
                    "%s Change %lld is done in part. Do not send it again: Kontor goes on with it "
                    "by itself (job %lld)%s",
                    why.code == ERR_FULL ? "The disk is full." : why.text, (long long)c->began_root,
                    (long long)c->began_job,
                    waits ? ", at its next start at the latest." : ", or takes it back.");
}

int long_write_run(struct ctx *c, const struct long_write *what, const char **result, int64_t *root)
{
    if (!c->dry_run) {
        c->began_job = c->began_root = 0;
        int done = run_slices(c, what, result, root);
        return done != 0 && c->began_job != 0 ? unfinished(c) : done;
    }
    struct store *copy = NULL;
    ctx_release(c);
    if (store_snapshot(c->store, &copy, &c->err) != 0) {
        return -1;
    }
    struct ctx private;
    ctx_begin(&private, c->arena, copy, c->model, &c->actor);
    private.now_ms = c->now_ms;
    private.reason = c->reason;
    int rc = run_slices(&private, what, result, root);
    if (rc != 0) {
        c->err = private.err;
        c->stale = private.stale;
    }
    ctx_end(&private);
    store_close(copy);
    return rc;
}

int long_write_slice(struct ctx *c, enum change_source source,
                     int (*run)(struct ctx *c, void *slice_call), int64_t job, bool *more)
{
    struct slice_call s = {.job = job};
    struct job found = {0};
    if (ctx_db(c) == NULL || jobs_find(c->db, job, c->arena, &found, &c->err) != 0) {
        return -1;
    }
    enum change_source as = c->as;
    c->as = source;
    int rc = ctx_write_slice(c, found.root, run, &s);
    c->as = as;
    *more = rc == 0 && s.more;
    return rc;
}

int64_t position_int(const struct json *position, const char *key)
{
    int64_t i = 0;
    const struct json *j = json_find(position, key);
    return j != NULL && json_int(j, &i) == 0 ? i : 0;
}

void position_items(const struct json *position, const char *key, struct buf *out)
{
    const struct json *list = json_find(position, key);
    for (const struct json *one = list != NULL ? list->child : NULL; one != NULL; one = one->next) {
        if (out->size > 0) {
            buf_putc(out, ',');
        }
        json_print(out, one);
    }
}

int long_write_load(struct ctx *c, int64_t id, struct job *job, const struct json **params,
                    const struct json **position)
{
    if (jobs_find(c->db, id, c->arena, job, &c->err) != 0 ||
        json_parse(c->arena, job->params, strlen(job->params), params, &c->err) != 0) {
        return -1;
    }
    const char *text = job->position != NULL ? job->position : "{}";
    return json_parse(c->arena, text, strlen(text), position, &c->err);
}

int long_write_save(struct ctx *c, struct job *job, const char *position, bool more)
{
    int64_t now = clock_now_ms();
    job->position = position;
    job->state = more ? JOB_RUNNING : JOB_DONE;
    job->lease_until = more ? now + LEASE_MS : 0;
    job->result = more ? NULL : position;
    return jobs_save(c->db, job, now, &c->err);
}

bool long_write_full(const struct ctx *c, size_t done)
{
    return done > 0 && store_slice_over(c->store);
}

size_t long_write_rows(size_t limit, size_t done)
{
    size_t rows = done < limit ? done : 2 * limit;
    return rows < ROWS_LEAST ? ROWS_LEAST : rows > BULK_SLICE ? BULK_SLICE : rows;
}
