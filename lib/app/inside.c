/* See inside.h. */
#include "app/inside.h"

#include <string.h>

#include "base/str.h"
#include "core/account.h"

/* What the two adapters of a request share. */
struct run {
    const struct inside_request *request;
    const struct inside_sink *sink;
    bool began, failed;
};

static const char *read_header(void *io, const char *name)
{
    const struct run *run = io;
    return run->request->header != NULL ? run->request->header(run->request->io, name) : NULL;
}

static long read_body(void *io, void *out, size_t room)
{
    const struct run *run = io;
    return run->request->read != NULL ? run->request->read(run->request->io, out, room) : 0;
}

static int begin(struct run *run, const struct reply *r)
{
    run->began = true;
    run->failed = run->sink->begin(run->sink->data, r->status, buf_text(&r->head)) != 0;
    return run->failed ? -1 : 0;
}

static int write_piece(void *io, struct reply *r, const void *bytes, size_t n)
{
    struct run *run = io;
    r->streamed = true;
    if (!run->began && begin(run, r) != 0) {
        return -1;
    }
    run->failed = run->failed || run->sink->piece(run->sink->data, bytes, n) != 0;
    return run->failed ? -1 : 0;
}

/* The system, or the user named by --as with his rights; whoever reaches the socket is trusted to
 * choose. */
static int become(struct ctx *c, const struct inside_request *request)
{
    if (request->as == NULL) {
        return 0;
    }
    c->actor.anonymous = true;
    if (account_by_email(c, request->as) != 0) {
        return -1;
    }
    c->actor.source = SOURCE_CLI;
    return 0;
}

static void finish(struct run *run, struct reply *r)
{
    bool whole = !r->broken;
    if (!r->streamed && begin(run, r) == 0) {
        run->failed = run->sink->piece(run->sink->data, r->body.data, r->body.size) != 0;
    }
    run->failed = run->failed || run->sink->end(run->sink->data, whole) != 0;
}

int inside_run(struct app *app, const struct inside_request *request,
               const struct inside_sink *sink)
{
    struct run run = {.request = request, .sink = sink};
    struct arena a;
    struct ctx c;
    arena_init(&a);
    struct model *model = app_model_take(app);
    const struct actor actor = {.source = SOURCE_CLI,
                                .name = arena_printf(&a, "cli:%s", request->os_user)};
    ctx_begin(&c, &a, app->store, model, &actor);
    model_release(model);
    const char *query = strchr(request->target, '?');
    struct request q = {
        .ctx = &c,
        .method = request->method,
        .path = query != NULL
                    ? arena_strndup(&a, request->target, (size_t)(query - request->target))
                    : request->target,
        .query = query != NULL ? query + 1 : NULL,
        .address = "cli",
        .header = read_header,
        .read = read_body,
        .io = &run,
        .body_size = -1,
    };
    struct reply r = {.status = 200, .write = write_piece, .io = &run};
    if (become(&c, request) == 0) {
        api_handle(app->api, &q, &r);
    } else {
        reply_error(&r, &c, &c.err);
    }
    ctx_release(&c);
    finish(&run, &r);
    ctx_end(&c);
    buf_done(&r.head);
    buf_done(&r.body);
    arena_done(&a);
    return run.failed ? -1 : 0;
}
