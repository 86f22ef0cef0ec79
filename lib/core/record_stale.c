/*
 * Who writes names the version he knows. If it is not the newest, the answer holds the record now, as
 * it was in that version, and who wrote each field since: enough to keep what does not clash and to
 * ask about what does.
 */
#include "core/parts.h"
#include "store/change.h"

#define ROWS_MAX 1000 /* of its history; what was written before them has no name beside it */

static bool is_said(const struct change_row *rows, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (rows[i].column != NULL && rows[i].column->field == rows[at].column->field) {
            return true;
        }
    }
    return false;
}

/* {"name":{"by":{user},"at":"…"}}: of the fields written since that set the last one who did. */
static int print_writers(struct ctx *c, const struct record *r, int64_t since,
                         struct json_writer *w)
{
    struct change_row *rows = NULL;
    struct title_row *titles = NULL;
    size_t count = 0;
    if (change_history(c->db, c->model, c->actor.role, r->entity, r->id, 0, ROWS_MAX, c->arena,
                       &rows, &count, &c->err) != 0) {
        return -1;
    }
    int64_t *actors = ARENA_ARRAY(c->arena, int64_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        actors[i] = rows[i].actor;
    }
    if (count > 0 && print_titles(c, actors, count, &titles) != 0) {
        return -1;
    }
    jw_object(w);
    for (size_t i = 0; i < count && rows[i].set > since; i++) {
        if (rows[i].column == NULL || rows[i].column->field == NULL || is_said(rows, i)) {
            continue;
        }
        const struct link_title by = print_target(&titles[i]);
        jw_key(w, rows[i].column->field->name);
        jw_object(w);
        jw_key(w, "by");
        print_link(w, rows[i].actor, &by);
        print_change_time(w, "at", rows[i].at_ms);
        jw_object_end(w);
    }
    jw_object_end(w);
    return 0;
}

static int print_stale(struct ctx *c, const struct record *r, int64_t known, struct json_writer *w)
{
    int64_t set = 0, version = 0;
    jw_object(w);
    jw_key(w, "current");
    if (record_print(c, r->entity, r->id, 0, NULL, NULL, w, &version) != 0 ||
        change_of_version(c->db, r->entity, r->id, known, &set, &c->err) != 0) {
        return -1;
    }
    jw_key(w, "base");
    if (set == 0 || record_print(c, r->entity, r->id, set, NULL, NULL, w, &version) != 0) {
        err_clear(&c->err);
        jw_null(w);
        set = 0;
    }
    jw_key(w, "changed");
    if (set == 0) {
        jw_null(w);
    } else if (print_writers(c, r, set, w) != 0) {
        return -1;
    }
    jw_object_end(w);
    return 0;
}

static int answer_stale(struct ctx *c, const struct record *r, int64_t known,
                        struct record_result *out)
{
    struct buf text = {0};
    struct json_writer w;
    jw_init(&w, &text);
    int rc = print_stale(c, r, known, &w);
    out->body = arena_strndup(c->arena, buf_text(&text), text.size);
    out->body_size = text.size;
    buf_done(&text);
    if (rc != 0) {
        return -1;
    }
    return ctx_fail(c, ERR_STALE, "", "Somebody changed this %s meanwhile: it is now version %lld.",
                    r->entity->name, (long long)r->version);
}

int record_check_version(struct ctx *c, const struct record *r, int64_t if_match,
                         struct record_result *out)
{
    if (if_match < 0) {
        return ctx_fail(c, ERR_NEEDS_VERSION, "",
                        "Send If-Match with the version you know (it is now \"%lld\"), or *.",
                        (long long)r->version);
    }
    return if_match == 0 || if_match == r->version ? 0 : answer_stale(c, r, if_match, out);
}
