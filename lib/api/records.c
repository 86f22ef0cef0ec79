/* Records of any entity: each handler reads its parameters, calls lib/core and passes the JSON on.
 */
#include <stdio.h>

#include "api/route.h"
#include "base/str.h"
#include "core/series.h"
#include "core/stages.h"
#include "core/transfer.h"

struct export_target {
    struct request *request;
    struct reply *reply;
};

static int export_piece(void *data, const char *bytes, size_t n)
{
    struct export_target *t = data;
    return t->reply->write(t->reply->io, t->reply, bytes, n);
}

/* What stands between cells: ",", ";", "|" or "tab"; 0: anything else. */
static char delimiter_of(struct request *q)
{
    static const struct {
        const char *name;
        char sign;
    } SIGNS[] = {{",", ','}, {";", ';'}, {"|", '|'}, {"tab", '\t'}, {"\t", '\t'}};
    const char *given = request_param(q, "delimiter");
    for (size_t i = 0; i < COUNT(SIGNS); i++) {
        if (given == NULL || str_eq(SIGNS[i].name, given)) {
            return SIGNS[i].sign;
        }
    }
    return 0;
}

/* What a file has no place for. */
static int check_file_params(struct request *q)
{
    static const char *const PAGES_ONLY[] = {"cursor", "expand", "group", "exportable"};
    for (size_t i = 0; i < COUNT(PAGES_ONLY); i++) {
        if (request_param(q, PAGES_ONLY[i]) != NULL) {
            return ctx_fail(q->ctx, ERR_MALFORMED, PAGES_ONLY[i], "A file takes no %s.",
                            PAGES_ONLY[i]);
        }
    }
    return 0;
}

/* The words of the address that say which records, in which order. */
static int read_list(struct request *q, int64_t limit_max, struct list_request *out)
{
    *out = (struct list_request){
        .filter = request_param(q, "filter"),
        .sort = request_param(q, "sort"),
        .fields = request_param(q, "fields"),
        .expand = request_param(q, "expand"),
        .cursor = request_param(q, "cursor"),
        .as_of = request_param(q, "as_of"),
        .view = request_param(q, "view"),
        .group = request_param(q, "group"),
    };
    return request_flag(q, "trash", false, &out->trash) != 0 ||
                   request_flag(q, "exportable", false, &out->exportable) != 0 ||
                   request_int(q, "limit", 0, 1, limit_max, &out->limit) != 0
               ? -1
               : 0;
}

/* The list as a file, whole unless a limit is given. `guard`: keep spreadsheets from taking text
 * for formulas; programs say guard=0. The mark of UTF-8 comes with it unless mark says otherwise. */
static int export_list(struct request *q, struct reply *r, const char *format, bool guard)
{
    bool mark = guard;
    const struct export_format *f = export_format_find(format);
    if (f == NULL) {
        return ctx_fail(q->ctx, ERR_MALFORMED, "format",
                        "The format must be csv, ndjson, xlsx or vcf.");
    }
    char delimiter = delimiter_of(q);
    if (delimiter == 0) {
        return ctx_fail(q->ctx, ERR_MALFORMED, "delimiter",
                        "The delimiter must be a comma, a semicolon, tab or |.");
    }
    struct export_target target = {q, r};
    if (request_flag(q, "mark", guard, &mark) != 0) {
        return -1;
    }
    int64_t card = 4;
    if (request_int(q, "card", 4, 3, 4, &card) != 0) {
        return -1;
    }
    struct export_request export = {.entity = q->entity,
                                    .format = format,
                                    .card_version = (int)card,
                                    .delimiter = delimiter,
                                    .guard = guard,
                                    .mark = mark};
    if (check_file_params(q) != 0 || read_list(q, INT64_MAX, &export.list) != 0) {
        return -1;
    }
    if (r->write == NULL) {
        return ctx_fail(q->ctx, ERR_INTERNAL, "", "This transport cannot stream.");
    }
    r->type = f->type;
    char name[160];
    snprintf(name, sizeof name, "attachment; filename=\"%s.%s\"", q->entity->plural, f->suffix);
    reply_header(r, "Content-Disposition", name);
    return export_records(q->ctx, &export, export_piece, &target);
}

int api_records_list(struct request *q, struct reply *r)
{
    struct list_request list;
    const char *format = request_param(q, "format");
    if (format != NULL && !str_eq(format, "json")) {
        return ctx_may(q->ctx, ACTION_EXPORT, q->entity)
                   ? export_list(q, r, format, true)
                   : ctx_fail(q->ctx, ERR_FORBIDDEN, "format", "Your role may not export %s.",
                              q->entity->label_plural);
    }
    if (read_list(q, 500, &list) != 0) {
        return -1;
    }
    r->pack = true;
    return record_list(q->ctx, q->entity, &list, &r->body);
}

/* Status, version and change of a write whose body is already printed. */
static int written(struct reply *r, const struct record_result *result, int status)
{
    r->status = status;
    reply_etag(r, result->version);
    reply_change(r, result->change);
    reply_left(r, result->left);
    if (status != 204) {
        reply_text(r, result->body, result->body_size);
    }
    return 0;
}

/* A refused write that has more to say: a stale one the record as it stands and as it was
 * (`{"error":…,"current":…,"base":…}`), a dry run its draft. */
static int refused(struct request *q, struct reply *r, const struct record_result *result)
{
    enum err_code code = q->ctx->err.code;
    bool draft = code == ERR_INVALID && q->ctx->dry_run;
    if ((code != ERR_STALE && !draft) || result->body == NULL || result->body_size < 2) {
        return -1;
    }
    reply_error(r, q->ctx, &q->ctx->err);
    r->body.data[--r->body.size] = 0;
    buf_putc(&r->body, ',');
    buf_add(&r->body, result->body + 1, result->body_size - 1);
    return -1;
}

static int need_body(struct request *q)
{
    if (q->body != NULL && q->body->type == JSON_OBJECT) {
        return 0;
    }
    return ctx_fail(q->ctx, ERR_MALFORMED, "", "The body must be a JSON object.");
}

int api_records_create(struct request *q, struct reply *r)
{
    struct record_result result = {0};
    keep_result(q, &result, 201);
    if (need_body(q) != 0) {
        return -1;
    }
    if (record_create(q->ctx, q->entity, q->body, &result) != 0) {
        return refused(q, r, &result);
    }
    return written(r, &result, 201);
}

static int print_one(struct request *q, struct reply *r, int64_t id, int64_t as_of,
                     int64_t *version)
{
    struct json_writer w;
    jw_init(&w, &r->body);
    return record_print(q->ctx, q->entity, id, as_of, request_param(q, "fields"),
                        request_param(q, "expand"), &w, version);
}

/* The id of a record that was merged gives the one it was merged into. */
static int print_survivor(struct request *q, struct reply *r, int64_t as_of, int64_t *version)
{
    struct err absent = q->ctx->err;
    int64_t id = q->id;
    bool followed = false;
    err_clear(&q->ctx->err);
    buf_clear(&r->body);
    if (record_follow(q->ctx, q->entity, &id, &followed) != 0) {
        return -1;
    }
    if (!followed) {
        q->ctx->err = absent;
        return -1;
    }
    if (print_one(q, r, id, as_of, version) != 0) {
        return -1;
    }
    r->body.size--;
    buf_printf(&r->body, ",\"merged_into\":%lld}", (long long)id);
    return 0;
}

/* "external": the ids it had in programs it came from, if there are any. */
static int add_origins(struct request *q, struct reply *r)
{
    struct buf list = {0};
    int rc = import_origins(q->ctx, q->id, &list);
    if (rc == 0 && list.size > 0 && r->body.size > 1) {
        r->body.data[--r->body.size] = 0;
        buf_printf(&r->body, ",\"external\":%s}", buf_text(&list));
    }
    buf_done(&list);
    return rc;
}

int api_records_get(struct request *q, struct reply *r)
{
    const char *as_of_text = request_param(q, "as_of");
    int64_t as_of = 0, version = 0;
    if (as_of_text != NULL && record_as_of(q->ctx, as_of_text, &as_of) != 0) {
        return -1;
    }
    if (print_one(q, r, q->id, as_of, &version) != 0 &&
        (q->ctx->err.code != ERR_NOT_FOUND || print_survivor(q, r, as_of, &version) != 0)) {
        return -1;
    }
    reply_etag(r, version);
    return as_of == 0 && request_param(q, "fields") == NULL ? add_origins(q, r) : 0;
}

int api_records_update(struct request *q, struct reply *r)
{
    int64_t if_match;
    enum series_scope scope;
    struct record_result result = {0};
    if (need_body(q) != 0 || request_if_match(q, &if_match) != 0 ||
        series_scope_read(q->ctx, request_param(q, "scope"), &scope) != 0) {
        return -1;
    }
    if (record_update_scope(q->ctx, q->entity, q->id, if_match, q->body, scope, &result) != 0) {
        return refused(q, r, &result);
    }
    return written(r, &result, 200);
}

int api_records_delete(struct request *q, struct reply *r)
{
    int64_t if_match;
    enum series_scope scope;
    struct record_result result = {0};
    if (request_if_match(q, &if_match) != 0 ||
        series_scope_read(q->ctx, request_param(q, "scope"), &scope) != 0) {
        return -1;
    }
    if (record_trash_scope(q->ctx, q->entity, q->id, if_match, q->body, scope, &result) != 0) {
        return refused(q, r, &result);
    }
    return written(r, &result, 204);
}

int api_records_bulk(struct request *q, struct reply *r)
{
    struct record_result result = {0};
    keep_result(q, &result, 200);
    if (need_body(q) != 0 || record_bulk(q->ctx, q->entity, q->body, &result) != 0) {
        return -1;
    }
    return written(r, &result, 200);
}

int api_records_merge(struct request *q, struct reply *r)
{
    struct record_result result = {0};
    keep_result(q, &result, 200);
    if (need_body(q) != 0 || record_merge(q->ctx, q->entity, q->body, &result) != 0) {
        return -1;
    }
    result.version = 0; /* the answer is not the record */
    return written(r, &result, 200);
}

int api_records_convert(struct request *q, struct reply *r)
{
    struct record_result result = {0};
    keep_result(q, &result, 200);
    if (need_body(q) != 0) {
        return -1;
    }
    if (record_convert(q->ctx, q->entity, q->id, q->body, &result) != 0) {
        return refused(q, r, &result);
    }
    result.version = 0; /* the answer is not the record */
    return written(r, &result, 200);
}

int api_records_restore(struct request *q, struct reply *r)
{
    struct record_result result = {0};
    keep_result(q, &result, 200);
    static const struct json NOTHING = {.type = JSON_OBJECT};
    if (record_restore(q->ctx, q->entity, q->id, q->body != NULL ? q->body : &NOTHING, &result) !=
        0) {
        return -1;
    }
    return written(r, &result, 200);
}

int api_records_timeline(struct request *q, struct reply *r)
{
    int64_t limit;
    bool open;
    if (request_int(q, "limit", 50, 1, 200, &limit) != 0 ||
        request_flag(q, "open", false, &open) != 0) {
        return -1;
    }
    const char *with = request_param(q, "with");
    struct timeline_request t = {.kinds = open ? "open" : request_param(q, "kind"),
                                 .text = request_param(q, "q"),
                                 .with = with != NULL && strcmp(with, "related") == 0,
                                 .cursor = request_param(q, "cursor"),
                                 .limit = limit};
    if (with != NULL && *with != '\0' && !t.with) {
        return ctx_fail(q->ctx, ERR_MALFORMED, "with", "A timeline can be read with=related.");
    }
    if (request_int(q, "by", 0, 1, INT64_MAX, &t.by) != 0) {
        return -1;
    }
    return timeline_list(q->ctx, q->entity, q->id, &t, &r->body);
}

int api_records_tree(struct request *q, struct reply *r)
{
    return tree_print(q->ctx, q->entity, q->id, &r->body);
}

int api_records_export(struct request *q, struct reply *r)
{
    const char *format = request_param(q, "format");
    bool guard;
    if (request_flag(q, "guard", true, &guard) != 0) {
        return -1;
    }
    return export_list(q, r, format != NULL ? format : "csv", guard);
}

int api_exports(struct request *q, struct reply *r)
{
    int64_t limit, before = 0;
    if (request_int(q, "limit", 50, 1, 500, &limit) != 0 ||
        request_int(q, "cursor", 0, 1, INT64_MAX, &before) != 0) {
        return -1;
    }
    return export_log_print(q->ctx, before, limit, &r->body);
}

int api_records_filter(struct request *q, struct reply *r)
{
    return filter_print(q->ctx, q->entity, request_param(q, "text"), &r->body);
}

static const struct pipeline *pipeline_of(struct request *q)
{
    const struct pipeline *p = model_pipeline_find(q->ctx->model, q->name);
    if (p == NULL || !ctx_may(q->ctx, ACTION_SEE, p->entity)) {
        ctx_fail(q->ctx, ERR_NOT_FOUND, "", "There is no pipeline of this name.");
        return NULL;
    }
    return p;
}

int api_board_stages(struct request *q, struct reply *r)
{
    const struct stages_wish wish = {.filter = request_param(q, "filter"),
                                     .from = request_param(q, "from"),
                                     .to = request_param(q, "to")};
    const struct pipeline *p = pipeline_of(q);
    return p == NULL ? -1 : stages_print(q->ctx, p, &wish, &r->body);
}

int api_board_stays(struct request *q, struct reply *r)
{
    const struct stages_wish wish = {.filter = request_param(q, "filter"),
                                     .from = request_param(q, "from"),
                                     .to = request_param(q, "to")};
    struct stays_wish which = {.stage = request_param(q, "stage")};
    if (request_flag(q, "here", false, &which.here) != 0 ||
        request_int(q, "limit", 50, 1, 200, &which.limit) != 0 ||
        request_int(q, "cursor", 0, 0, INT32_MAX, &which.offset) != 0) {
        return -1;
    }
    const struct pipeline *p = pipeline_of(q);
    return p == NULL ? -1 : stages_print_stays(q->ctx, p, &wish, &which, &r->body);
}

int api_record_score(struct request *q, struct reply *r)
{
    return score_print(q->ctx, q->entity, q->id, &r->body);
}

int api_record_stages(struct request *q, struct reply *r)
{
    return stages_print_record(q->ctx, q->entity, q->id, &r->body);
}

int api_board(struct request *q, struct reply *r)
{
    const struct pipeline *p = pipeline_of(q);
    if (p == NULL) {
        return -1;
    }
    return board_print(q->ctx, p, request_param(q, "filter"), request_param(q, "as_of"), &r->body);
}

int api_search(struct request *q, struct reply *r)
{
    struct search_wish wish = {.q = request_param(q, "q"), .kind = request_param(q, "kind")};
    int64_t counts = 0;
    if (request_int(q, "limit", 20, 1, 100, &wish.limit) != 0 ||
        request_int(q, "cursor", 0, 0, 10000, &wish.offset) != 0 ||
        request_int(q, "counts", 0, 0, 1, &counts) != 0) {
        return -1;
    }
    wish.counts = counts != 0;
    return search_print(q->ctx, &wish, &r->body);
}

/* The entity the caller may see that `entity` names; NULL when it is not given. */
static int entity_param(struct request *q, const struct entity **out)
{
    const char *name = request_param(q, "entity");
    *out = name != NULL ? model_entity_find(q->ctx->model, name) : NULL;
    if (name != NULL && (*out == NULL || !ctx_may(q->ctx, ACTION_SEE, *out))) {
        return ctx_fail(q->ctx, ERR_MALFORMED, "entity", "There is no entity of this name.");
    }
    return 0;
}

int api_trash(struct request *q, struct reply *r)
{
    int64_t limit;
    bool links;
    const struct entity *e = NULL;
    if (request_int(q, "limit", 50, 1, 200, &limit) != 0 || entity_param(q, &e) != 0 ||
        request_flag(q, "links", false, &links) != 0) {
        return -1;
    }
    return trash_list(q->ctx, e, request_param(q, "cursor"), limit, links,
                      &r->body);
}

int api_duplicates(struct request *q, struct reply *r)
{
    int64_t limit;
    const struct entity *e = NULL;
    if (request_int(q, "limit", 50, 1, 200, &limit) != 0 || entity_param(q, &e) != 0) {
        return -1;
    }
    return duplicates_list(q->ctx, e, request_param(q, "cursor"), limit, &r->body);
}

int api_duplicates_dismiss(struct request *q, struct reply *r)
{
    bool dismissed = false;
    if (need_body(q) != 0 || duplicates_dismiss(q->ctx, q->body, &dismissed) != 0) {
        return -1;
    }
    buf_printf(&r->body, "{\"dismissed\":%s}", dismissed ? "true" : "false");
    return 0;
}

int api_changes_list(struct request *q, struct reply *r)
{
    int64_t limit, parent, id;
    const struct entity *e = NULL;
    bool mine;
    if (request_int(q, "limit", 50, 1, 200, &limit) != 0 ||
        request_int(q, "parent", 0, 1, INT64_MAX, &parent) != 0 ||
        request_int(q, "id", 0, 1, INT64_MAX, &id) != 0 ||
        request_flag(q, "mine", false, &mine) != 0 || entity_param(q, &e) != 0) {
        return -1;
    }
    return changes_list(q->ctx, parent, request_param(q, "cursor"), mine, e, id, limit, &r->body);
}

int api_changes_undo(struct request *q, struct reply *r)
{
    struct record_result result = {0};
    keep_result(q, &result, 200);
    if (change_undo(q->ctx, q->id, &result) != 0) {
        return -1;
    }
    return written(r, &result, 200);
}

int api_recurrence(struct request *q, struct reply *r)
{
    const char *rule = request_param(q, "rule"), *start = request_param(q, "start");
    struct json_writer w;
    int64_t limit;
    if (request_int(q, "limit", 10, 1, 100, &limit) != 0) {
        return -1;
    }
    jw_init(&w, &r->body);
    return series_preview(q->ctx, rule != NULL ? rule : "", start != NULL ? start : "", limit, &w);
}
