/*
 * ROUTES: THE table. Every way into Kontor over HTTP or the CLI's channel is a row here, and api_new refuses to start when a row
 * lacks its need or its help. Literal paths come before ":plural" ones. The first match wins.
 */
#include "api/route.h"

#define LIST_PARAMS "filter sort fields expand limit cursor as_of view group trash"

#define V1 "/api/v1"

const struct route ROUTES[] = {
    {"GET", "/healthz", NEED_PUBLIC, ACTION_NONE, BODY_NONE, 0, "", api_health, "Whether the server is well"},
    {"GET", V1 "/setup", NEED_PUBLIC, ACTION_NONE, BODY_NONE, 0, "", api_setup_get, "Whether the first set-up is still to do"},
    {"POST", V1 "/setup", NEED_PUBLIC, ACTION_NONE, BODY_JSON, 65536, "", api_setup_post,
     "First set-up with the one-time code the server printed"},
    {"POST", V1 "/session", NEED_PUBLIC, ACTION_NONE, BODY_JSON, 65536, "", api_session_create, "Sign in"},
    {"GET", V1 "/session", NEED_USER, ACTION_NONE, BODY_NONE, 0, "", api_session_get, "Who is signed in"},
    {"DELETE", V1 "/session", NEED_USER, ACTION_NONE, BODY_NONE, 0, "", api_session_delete, "Sign out"},
    {"POST", V1 "/session/link", NEED_PUBLIC, ACTION_NONE, BODY_JSON, 65536, "", api_session_link,
     "Set a password with a one-time link and sign in"},
    {"GET", V1 "/me", NEED_USER, ACTION_NONE, BODY_NONE, 0, "", api_me_get, "The signed-in user"},
    {"PATCH", V1 "/me", NEED_USER, ACTION_NONE, BODY_JSON, 65536, "dry_run", api_me_update, "Own name and preferences"},
    {"POST", V1 "/me/password", NEED_USER, ACTION_NONE, BODY_JSON, 65536, "", api_me_password, "Change the own password"},
    {"GET", V1 "/me/sessions", NEED_USER, ACTION_NONE, BODY_NONE, 0, "", api_me_sessions, "Own sessions"},
    {"DELETE", V1 "/me/sessions/:id", NEED_USER, ACTION_NONE, BODY_NONE, 0, "", api_me_session_end, "End one own session"},
    {"GET", V1 "/tokens", NEED_USER, ACTION_NONE, BODY_NONE, 0, "user", api_tokens_list, "API tokens, without their secrets"},
    {"POST", V1 "/tokens", NEED_USER, ACTION_NONE, BODY_JSON, 65536, "", api_tokens_create, "Make an API token; shown once"},
    {"DELETE", V1 "/tokens/:id", NEED_USER, ACTION_NONE, BODY_NONE, 0, "", api_tokens_delete, "Revoke an API token"},
    {"GET", V1 "/meta", NEED_USER, ACTION_NONE, BODY_NONE, 0, "", api_meta, "Entities, fields, pipelines, roles as the caller may see them"},
    {"GET", V1 "/openapi.json", NEED_USER, ACTION_NONE, BODY_NONE, 0, "", api_openapi, "This API as an OpenAPI 3.1 document"},
    {"GET", V1 "/events", NEED_USER, ACTION_NONE, BODY_NONE, 0, "last_event_id", api_events, "Live changes as server-sent events"},
    {"GET", V1 "/search", NEED_USER, ACTION_NONE, BODY_NONE, 0, "q kind limit", api_search, "Search everything the caller may see"},
    {"GET", V1 "/trash", NEED_USER, ACTION_NONE, BODY_NONE, 0, "cursor limit", api_trash, "Deleted records of every kind"},
    {"GET", V1 "/changes", NEED_USER, ACTION_NONE, BODY_NONE, 0, "parent cursor limit mine entity id", api_changes_list,
     "Change-sets, newest first"},
    {"POST", V1 "/changes/:id/undo", NEED_USER, ACTION_NONE, BODY_NONE, 0, "", api_changes_undo, "Take a change-set back"},
    {"GET", V1 "/boards/:name", NEED_USER, ACTION_NONE, BODY_NONE, 0, "filter as_of", api_board, "Count and sums per stage of a pipeline"},
    {"GET", V1 "/config", NEED_ADMIN, ACTION_NONE, BODY_NONE, 0, "", api_config_get, "Configuration as applied, problems and plan"},
    {"POST", V1 "/config/check", NEED_ADMIN, ACTION_NONE, BODY_JSON, 0, "", api_config_check, "Read the files again without applying"},
    {"POST", V1 "/config/apply", NEED_ADMIN, ACTION_NONE, BODY_JSON, 0, "", api_config_apply, "Apply the files"},
    {"GET", V1 "/status", NEED_ADMIN, ACTION_NONE, BODY_NONE, 0, "", api_status, "Version, sizes, last backup, problems"},
    {"GET", V1 "/backup", NEED_SYSTEM, ACTION_NONE, BODY_NONE, 0, "", api_backup, "A backup as one stream"},
    {"POST", V1 "/system/backup", NEED_SYSTEM, ACTION_NONE, BODY_JSON, 65536, "", api_backup_done, "A backup was checked and is in place"},
    {"POST", V1 "/system/users", NEED_SYSTEM, ACTION_NONE, BODY_JSON, 65536, "", api_user_add, "Add a user with a password"},
    {"POST", V1 "/system/password", NEED_SYSTEM, ACTION_NONE, BODY_JSON, 65536, "", api_user_password, "Set a user's password"},
    {"POST", V1 "/imports", NEED_USER, ACTION_NONE, BODY_JSON, 2097152, "", api_import_create, "Begin an import"},
    {"PUT", V1 "/imports/:id/data", NEED_USER, ACTION_NONE, BODY_STREAM, 0, "", api_import_data, "The file of an import"},
    {"GET", V1 "/imports/:id", NEED_USER, ACTION_NONE, BODY_NONE, 0, "", api_import_status, "Progress and result of an import"},
    {"GET", V1 "/imports/:id/rejects", NEED_USER, ACTION_NONE, BODY_NONE, 0, "", api_import_rejects, "Rejected rows as CSV"},
    {"POST", V1 "/users/:id/link", NEED_ADMIN, ACTION_NONE, BODY_NONE, 0, "", api_user_link, "One-time link to set a password"},
    {"GET", V1 "/:plural", NEED_USER, ACTION_SEE, BODY_NONE, 0, LIST_PARAMS, api_records_list, "List records"},
    {"POST", V1 "/:plural", NEED_USER, ACTION_CREATE, BODY_JSON, 0, "dry_run", api_records_create, "Create a record"},
    {"POST", V1 "/:plural/bulk", NEED_USER, ACTION_SEE, BODY_JSON, 0, "dry_run", api_records_bulk, "Change or delete many records at once"},
    {"GET", V1 "/:plural/export", NEED_USER, ACTION_EXPORT, BODY_NONE, 0, "format filter fields guard", api_records_export,
     "Records as CSV or NDJSON"},
    {"GET", V1 "/:plural/:id", NEED_USER, ACTION_SEE, BODY_NONE, 0, "fields expand as_of", api_records_get, "One record"},
    {"PATCH", V1 "/:plural/:id", NEED_USER, ACTION_SEE, BODY_JSON, 0, "dry_run", api_records_update, "Change a record"},
    {"DELETE", V1 "/:plural/:id", NEED_USER, ACTION_SEE, BODY_NONE, 0, "dry_run", api_records_delete, "Move a record to the trash"},
    {"GET", V1 "/:plural/:id/timeline", NEED_USER, ACTION_SEE, BODY_NONE, 0, "cursor kind limit", api_records_timeline,
     "Notes, activities and changes of a record"},
    {"POST", V1 "/:plural/:id/restore", NEED_USER, ACTION_SEE, BODY_JSON, 0, "dry_run", api_records_restore,
     "Out of the trash, one value back, or the whole record to a moment"},
    {0},
};
