/* Tells whoever began an import that it is over, when it lasted or failed: nobody watches it then. */
#include <string.h>

#include "base/clock.h"
#include "core/import_job.h"
#include "core/notification.h"
#include "core/transfer.h"

#define LASTED_MS 10000

static const char *const COUNTS[] = {"created", "updated", "unchanged", "rejected"};

static const struct json *read(struct ctx *c, const char *text)
{
    const struct json *tree = NULL;
    struct err ignored = {0};
    if (text == NULL || json_parse(c->arena, text, strlen(text), &tree, &ignored) != 0) {
        return NULL;
    }
    return tree;
}

static const char *about(struct ctx *c, const struct job *j, const struct json *params)
{
    const struct json *position = read(c, j->position);
    struct buf text = {0};
    struct json_writer w;
    jw_init(&w, &text);
    jw_object(&w);
    jw_kv_int(&w, "job", j->id);
    jw_kv_text(&w, "entity", json_text(params, "entity"));
    jw_kv_text(&w, "file", json_text(params, "file_name"));
    jw_kv_bool(&w, "failed", j->state == JOB_FAILED);
    for (size_t i = 0; i < COUNT(COUNTS) && j->state != JOB_FAILED; i++) {
        int64_t n = 0;
        (void)json_int(json_find(position, COUNTS[i]), &n);
        jw_kv_int(&w, COUNTS[i], n);
    }
    jw_object_end(&w);
    const char *json = arena_strndup(c->arena, text.data, text.size);
    buf_done(&text);
    return json;
}

int import_tell(struct ctx *c, const struct job *j)
{
    const struct json *params = read(c, j->params);
    bool lasted = clock_now_ms() - j->created_at >= LASTED_MS;
    if (strcmp(j->kind, "import") != 0 || json_true(params, "dry_run") ||
        (!lasted && j->state != JOB_FAILED)) {
        return 0;
    }
    /* what a failed one wrote is taken back, and what is undone is not told */
    return notify(c, &(struct notification){
                         .user = j->user,
                         .kind = NOTIFY_IMPORT,
                         .cs = j->state == JOB_FAILED ? 0 : j->root,
                         .key = arena_printf(c->arena, "%lld", (long long)j->id),
                         .params = about(c, j, params),
                     });
}
