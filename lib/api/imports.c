/* Imports in two steps, for the browser and the CLI alike: make the job, then send the file as a
 * stream; then ask how far it is. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "api/route.h"
#include "base/fs.h"
#include "core/transfer.h"

/* Of a file that decides itself what its rows are. */
static const struct entity *any_entity(const struct ctx *c)
{
    const struct entity *found = NULL;
    for (size_t i = 0; i < c->model->entity_count && found == NULL; i++) {
        const struct entity *e = c->model->entities[i];
        found = ctx_may(c, ACTION_IMPORT, e) && !entity_is_account(e) ? e : NULL;
    }
    return found;
}

int api_import_create(struct request *q, struct reply *r)
{
    const char *name = json_text(q->body, "entity");
    bool wizard = json_true(q->body, "wizard");
    struct import_request import = {
        .entity = name != NULL ? model_entity_find(q->ctx->model, name)
                  : wizard     ? any_entity(q->ctx)
                               : NULL,
        .guess = wizard && name == NULL,
    };
    int64_t job;
    if (import_said(q->ctx, q->body, true, &import) != 0) {
        return -1;
    }
    if (import.entity == NULL || !ctx_may(q->ctx, ACTION_SEE, import.entity)) {
        return ctx_fail(q->ctx, ERR_INVALID, "entity", "There is no entity “%s”.",
                        name != NULL ? name : "");
    }
    if (import_open(q->ctx, &import, &job) != 0) {
        return -1;
    }
    r->status = 201;
    buf_printf(&r->body, "{\"id\":%lld}", (long long)job);
    return 0;
}

int api_import_data(struct request *q, struct reply *r)
{
    char piece[65536];
    int64_t got = 0;
    long n;
    if (import_feed(q->ctx, q->id, "", 0) != 0) { /* whoever else sends it is refused from here on */
        return -1;
    }
    while ((n = q->read(q->io, piece, sizeof piece)) > 0) {
        if (import_feed(q->ctx, q->id, piece, (size_t)n) != 0) {
            return -1;
        }
        got += n;
    }
    bool complete = n == 0 && (q->body_size < 0 || got == q->body_size);
    if (import_close(q->ctx, q->id, complete) != 0) {
        return -1;
    }
    if (!complete) {
        return ctx_fail(q->ctx, ERR_MALFORMED, "",
                        "The file was cut off on its way; nothing was imported.");
    }
    const struct api_host *host = &request_api(q)->host;
    host->jobs_wake(host->data);
    return import_status(q->ctx, q->id, &r->body);
}

int api_import_status(struct request *q, struct reply *r)
{
    return import_status(q->ctx, q->id, &r->body);
}

int api_import_recipe(struct request *q, struct reply *r)
{
    r->status = 201;
    return import_recipe_save(q->ctx, q->body, &r->body);
}

int api_import_recipe_drop(struct request *q, struct reply *r)
{
    r->status = 204;
    return import_recipe_drop(q->ctx, q->id);
}

int api_import_list(struct request *q, struct reply *r)
{
    return import_list(q->ctx, &r->body);
}

int api_import_adjust(struct request *q, struct reply *r)
{
    return import_adjust(q->ctx, q->id, q->body) != 0 ? -1
                                                      : import_status(q->ctx, q->id, &r->body);
}

static int start(struct request *q, struct reply *r, bool dry_run)
{
    int64_t job;
    const struct api_host *host = &request_api(q)->host;
    if (import_start(q->ctx, q->id, dry_run, &job) != 0) {
        return -1;
    }
    host->jobs_wake(host->data);
    return import_status(q->ctx, q->id, &r->body);
}

int api_import_check(struct request *q, struct reply *r)
{
    return start(q, r, true);
}

int api_import_run(struct request *q, struct reply *r)
{
    return start(q, r, false);
}

int api_import_cancel(struct request *q, struct reply *r)
{
    return import_cancel(q->ctx, q->id) != 0 ? -1 : import_status(q->ctx, q->id, &r->body);
}

int api_import_look(struct request *q, struct reply *r)
{
    return import_look(q->ctx, q->id, &r->body);
}

int api_import_preview(struct request *q, struct reply *r)
{
    return import_preview(q->ctx, q->id, &r->body);
}

int api_import_rejects(struct request *q, struct reply *r)
{
    const char *path;
    if (import_rejects(q->ctx, q->id, &path) != 0) {
        return -1;
    }
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) {
        return ctx_fail(q->ctx, ERR_NOT_FOUND, "", "This import rejected no rows.");
    }
    r->type = "text/csv; charset=utf-8";
    reply_header(r, "Content-Disposition", "attachment; filename=\"rejected-rows.csv\"");
    char piece[65536];
    ssize_t n;
    int64_t at = 0;
    int rc = 0;
    while (rc == 0 && (n = fs_read_at(fd, piece, sizeof piece, at)) > 0) {
        rc = r->write(r->io, r, piece, (size_t)n);
        at += n;
    }
    close(fd);
    return rc == 0 && n < 0
               ? ctx_fail(q->ctx, ERR_INTERNAL, "", "The rejected rows cannot be read.")
               : rc;
}
