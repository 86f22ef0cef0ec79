/*
 * See sample.h. The files are CSV and go the way of every import: nothing here knows how a record
 * is written. Their names
 * ("3-deal.csv") say in which order and into which entity; "{+21}" in them is the date in 21 days.
 */
#include "app/sample.h"

#include <string.h>

#include "app/app.h"
#include "base/clock.h"
#include "base/embed.h"
#include "base/str.h"
#include "core/transfer.h"
#include "jobs/jobs.h"

#define FOLDER "schema/sample/"

/* The text with its dates put in. */
static void fill_in(struct ctx *c, const char *text, struct buf *out)
{
    char today[CLOCK_DATE_SIZE], date[CLOCK_DATE_SIZE];
    clock_date_of(c->now_ms, today);
    for (const char *mark; (mark = strstr(text, "{+")) != NULL;) {
        const char *end = strchr(mark, '}');
        int64_t days = 0;
        if (end == NULL ||
            str_to_int(arena_strndup(c->arena, mark + 2, (size_t)(end - mark - 2)), &days) != 0) {
            break;
        }
        buf_add(out, text, (size_t)(mark - text));
        clock_date_from_days(clock_days_of(today) + days, date);
        buf_puts(out, date);
        text = end + 1;
    }
    buf_puts(out, text);
}

static int import_file(struct ctx *c, const struct embed_file *file)
{
    const char *name = file->path + sizeof FOLDER - 1;
    const char *from = strchr(name, '-');
    const char *to = strchr(name, '.');
    if (from == NULL || to == NULL || to < from) {
        return 0;
    }
    const struct import_request request = {
        .entity =
            model_entity_find(c->model, arena_strndup(c->arena, from + 1, (size_t)(to - from - 1))),
        .file_name = arena_printf(c->arena, "sample-%s", from + 1),
    };
    int64_t job;
    struct buf text = {0};
    if (request.entity == NULL) {
        return 0;
    }
    fill_in(c, arena_strndup(c->arena, (const char *)file->raw, file->raw_size), &text);
    int rc = import_open(c, &request, &job);
    rc = rc == 0 ? import_feed(c, job, buf_text(&text), text.size) : rc;
    rc = rc == 0 ? import_close(c, job, true) : rc;
    buf_done(&text);
    return rc;
}

int sample_host_fill(void *data, struct ctx *c)
{
    struct app *app = data;
    for (size_t i = 0; i < embed_count(); i++) {
        const struct embed_file *file = embed_at(i);
        if (str_starts(file->path, FOLDER) && import_file(c, file) != 0) {
            return -1;
        }
    }
    jobs_wake(app->jobs);
    return 0;
}
