/*
 * One row per route: the table in routes.c is the whole outside of the API. Handlers return 0 or -1
 * with ctx->err filled; what they print goes into reply->body. Private to lib/api.
 */
#ifndef KONTOR_API_ROUTE_H
#define KONTOR_API_ROUTE_H

#include "api/api.h"
#include "core/record.h"

typedef int (*route_handler)(struct request *q, struct reply *r);

struct route {
    const char *method;
    const char *
        pattern; /* segments; ":plural" an entity, ":id" a record or row, ":name" any one segment */
    enum need need;
    enum action action; /* right on :plural that the role must have in some scope; ACTION_NONE:
                           decided by the handler */
    enum body_kind body;
    size_t limit;       /* bytes of a BODY_JSON body, 0: 1 MiB */
    const char *params; /* names of query parameters, separated by blanks; "*": any, as they may be */
    route_handler handler;
    const char *help; /* one line, for the OpenAPI document */
};

#define PATH_SEGMENTS 8

extern const struct route ROUTES[]; /* ends with a zero row */

/* Handlers, by family. */
int api_records_list(struct request *q, struct reply *r);
int api_records_create(struct request *q, struct reply *r);
int api_records_get(struct request *q, struct reply *r);
int api_records_update(struct request *q, struct reply *r);
int api_records_delete(struct request *q, struct reply *r);
int api_records_bulk(struct request *q, struct reply *r);
int api_records_merge(struct request *q, struct reply *r);
int api_records_convert(struct request *q, struct reply *r);
int api_records_restore(struct request *q, struct reply *r);
int api_records_tree(struct request *q, struct reply *r);
int api_records_timeline(struct request *q, struct reply *r);
int api_records_readers(struct request *q, struct reply *r);
int api_records_present(struct request *q, struct reply *r);
int api_titles(struct request *q, struct reply *r);
int api_calendar(struct request *q, struct reply *r);
int api_calendar_free(struct request *q, struct reply *r);
int api_calendar_zones(struct request *q, struct reply *r);
int api_rules(struct request *q, struct reply *r);
int api_exports(struct request *q, struct reply *r);
int api_records_export(struct request *q, struct reply *r);
int api_recurrence(struct request *q, struct reply *r);
int api_feeds_list(struct request *q, struct reply *r);
int api_feeds_make(struct request *q, struct reply *r);
int api_feeds_remove(struct request *q, struct reply *r);
int api_feed_read(struct request *q, struct reply *r);
int api_invitation(struct request *q, struct reply *r);
int api_records_filter(struct request *q, struct reply *r);
int api_board(struct request *q, struct reply *r);
int api_board_stages(struct request *q, struct reply *r);
int api_board_stays(struct request *q, struct reply *r);
int api_record_score(struct request *q, struct reply *r);
int api_record_stages(struct request *q, struct reply *r);
int api_forecast(struct request *q, struct reply *r);
int api_forecast_changes(struct request *q, struct reply *r);
int api_search(struct request *q, struct reply *r);
int api_tags_uses(struct request *q, struct reply *r);
int api_tags_replace(struct request *q, struct reply *r);
int api_trash(struct request *q, struct reply *r);
int api_duplicates(struct request *q, struct reply *r);
int api_duplicates_dismiss(struct request *q, struct reply *r);
int api_changes_list(struct request *q, struct reply *r);
int api_changes_undo(struct request *q, struct reply *r);

int api_session_create(struct request *q, struct reply *r);
int api_session_get(struct request *q, struct reply *r);
int api_session_delete(struct request *q, struct reply *r);
int api_session_confirm(struct request *q, struct reply *r);
int api_session_link(struct request *q, struct reply *r);
int api_setup_get(struct request *q, struct reply *r);
int api_setup_post(struct request *q, struct reply *r);
int api_me_get(struct request *q, struct reply *r);
int api_me_update(struct request *q, struct reply *r);
int api_me_password(struct request *q, struct reply *r);
int api_me_sessions(struct request *q, struct reply *r);
int api_me_session_end(struct request *q, struct reply *r);
int api_tokens_list(struct request *q, struct reply *r);
int api_tokens_create(struct request *q, struct reply *r);
int api_tokens_delete(struct request *q, struct reply *r);
int api_user_link(struct request *q, struct reply *r);
int api_user_add(struct request *q, struct reply *r);
int api_user_passwords(struct request *q, struct reply *r);
int api_user_password(struct request *q, struct reply *r);

int api_notifications(struct request *q, struct reply *r);
int api_notifications_count(struct request *q, struct reply *r);
int api_notifications_seen(struct request *q, struct reply *r);
int api_notifications_snooze(struct request *q, struct reply *r);

int api_import_create(struct request *q, struct reply *r);
int api_import_data(struct request *q, struct reply *r);
int api_import_status(struct request *q, struct reply *r);
int api_import_rejects(struct request *q, struct reply *r);
int api_import_list(struct request *q, struct reply *r);
int api_import_recipe(struct request *q, struct reply *r);
int api_import_recipe_drop(struct request *q, struct reply *r);
int api_import_adjust(struct request *q, struct reply *r);
int api_import_look(struct request *q, struct reply *r);
int api_import_check(struct request *q, struct reply *r);
int api_import_run(struct request *q, struct reply *r);
int api_import_cancel(struct request *q, struct reply *r);
int api_import_preview(struct request *q, struct reply *r);

int api_files_add(struct request *q, struct reply *r);
int api_files_get(struct request *q, struct reply *r);

int api_form_show(struct request *q, struct reply *r);
int api_form_take(struct request *q, struct reply *r);
int api_form_style(struct request *q, struct reply *r);
int api_forms(struct request *q, struct reply *r);

int api_meta(struct request *q, struct reply *r);
int api_openapi(struct request *q, struct reply *r);
int api_events(struct request *q, struct reply *r);
int api_config_get(struct request *q, struct reply *r);
int api_config_check(struct request *q, struct reply *r);
int api_config_apply(struct request *q, struct reply *r);
int api_status(struct request *q, struct reply *r);
int api_backup(struct request *q, struct reply *r);
int api_backup_done(struct request *q, struct reply *r);
int api_takeout_get(struct request *q, struct reply *r);
int api_takeout_put(struct request *q, struct reply *r);
int api_health(struct request *q, struct reply *r);
int api_metrics(struct request *q, struct reply *r);

/* Helpers of request.c and reply.c. */
struct path {
    const char *at[PATH_SEGMENTS];
    size_t size[PATH_SEGMENTS];
    size_t count;
};
struct pattern {
    const struct route *route;
    struct path path;
};
struct api {
    struct api_host host;
    struct arena arena; /* holds the api itself */
    struct pattern *patterns; /* of ROUTES, taken apart, in their order */
    size_t pattern_count;
};
const struct api *request_api(const struct request *q);
/* A parameter that is a whole number within [min, max]; absent gives `missing`. -1 with
 * ERR_MALFORMED. */
int request_int(struct request *q, const char *name, int64_t missing, int64_t min, int64_t max,
                int64_t *out);
/* application/x-www-form-urlencoded, one name or value; NULL when it is not well-formed UTF-8 or
 * holds a NUL. */
char *param_decode(struct arena *a, const char *s, size_t n);
/* "1" or "true", "0" or "false"; absent gives `missing`. -1 with ERR_MALFORMED for anything else. */
int request_flag(struct request *q, const char *name, bool missing, bool *out);
/* If-Match: -1 absent, 0 "*", else the version; malformed: -1 with err. */
int request_if_match(struct request *q, int64_t *out);
const char *request_header(struct request *q, const char *name);
/* Cursor or other text parameters are passed on as they are. */
void reply_dry(
    struct reply *r); /* "dry_run":true at the end of a body that does not say so itself */
void reply_header(struct reply *r, const char *name, const char *value);
void reply_etag(struct reply *r, int64_t version);
void reply_change(struct reply *r, int64_t change);
void reply_left(struct reply *r, size_t left); /* how many were somebody else's and stayed; 0: nothing is said */
void reply_text(struct reply *r, const char *json, size_t n);
void reply_cookie(struct request *q, struct reply *r, const char *cookie); /* NULL: takes it away */

/* idempotency.c: see there. */
struct keeper;
int keep_begin(struct request *q, struct reply *r, struct keeper **out, bool *replayed);
void keep_result(struct request *q, const struct record_result *result, int status);
int keep_end(struct request *q, struct reply *r, struct keeper *k, int rc);

/* meta.c, shared with openapi.c */
const char *meta_type_name(const struct field *f);

#endif
