/*
 * Single writes as requests make them: rights, version, parsing, the write itself, and the record
 * as it then stands for the answer. Each runs as one command of the writer, or the same and rolled
 * back for a dry run. See record.h.
 */
#include "core/record.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "core/parts.h"
#include "core/series_parts.h"

struct command {
    const struct entity *entity;
    int64_t id, if_match;
    const struct json *body;
    enum series_scope scope;
    struct record_result *out;
};

/* ---- Answers --------------------------------------------------------------------------------- */

static void print_names(struct json_writer *w, const char *key, const char **names, size_t count)
{
    jw_key(w, key);
    jw_array(w);
    for (size_t i = 0; i < count; i++) {
        jw_text(w, names[i]);
    }
    jw_array_end(w);
}

void draft_print_names(struct json_writer *w, const struct draft *d)
{
    print_names(w, "required", d->required, d->required_count);
    print_names(w, "hidden", d->hidden, d->hidden_count);
    print_names(w, "readonly", d->readonly, d->readonly_count);
}

/* {"draft":{…}} */
static int print_draft(struct ctx *c, const struct record *before, const struct written *done,
                       struct buf *out)
{
    struct json_writer w;
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "draft");
    jw_object(&w);
    draft_print_names(&w, &done->draft);
    jw_key(&w, "warnings");
    int rc = check_warnings(c, before, done->record, &w);
    if (rc == 0) {
        jw_key(&w, "offers");
        rc = check_offers(c, done->record, &w);
    }
    jw_object_end(&w);
    jw_object_end(&w);
    return rc;
}

/* The draft goes into the object that ends `text`. */
static int add_draft(struct ctx *c, const struct record *before, const struct written *done,
                     struct buf *text)
{
    struct buf more = {0};
    int rc = print_draft(c, before, done, &more);
    text->size--;
    buf_putc(text, ',');
    buf_add(text, more.data + 1, more.size - 1);
    buf_done(&more);
    return rc;
}

/* A record that left the actor's sight by this very write: what he may still know. */
static void print_gone(const struct record *r, struct buf *text)
{
    struct json_writer w;
    jw_init(&w, text);
    jw_object(&w);
    jw_kv_int(&w, "id", r->id);
    jw_kv_text(&w, "entity", r->entity->name);
    jw_kv_int(&w, "version", r->version);
    jw_kv_bool(&w, "hidden", true);
    jw_object_end(&w);
}

static int print_record(struct ctx *c, const struct record *r, struct buf *text, int64_t *version)
{
    struct json_writer w;
    jw_init(&w, text);
    if (record_print(c, r->entity, r->id, 0, NULL, NULL, &w, version) == 0) {
        return 0;
    }
    if (c->err.code != ERR_NOT_FOUND) {
        return -1;
    }
    err_clear(&c->err);
    *version = r->version;
    print_gone(r, text);
    return 0;
}

static void keep_body(struct ctx *c, struct buf *text, struct record_result *out)
{
    out->body = arena_strndup(c->arena, buf_text(text), text->size);
    out->body_size = text->size;
    buf_done(text);
}

static int answer(struct ctx *c, const struct record *before, const struct written *done,
                  struct record_result *out)
{
    struct buf text = {0};
    int64_t version = 0;
    int rc = print_record(c, done->record, &text, &version);
    if (rc == 0 && c->dry_run) {
        rc = add_draft(c, before, done, &text);
    }
    *out = (struct record_result){.id = done->record->id,
                                  .version = version,
                                  .change = c->change.id,
                                  .left = done->left};
    keep_body(c, &text, out);
    return rc;
}

/* A form that is not complete yet wants to know the rest all the same: the draft beside the error. */
static int refuse_draft(struct ctx *c, const struct record *before, const struct written *done,
                        struct record_result *out)
{
    struct err said = c->err;
    struct buf text = {0};
    if (!c->dry_run || done->record == NULL || said.code != ERR_INVALID) {
        return -1;
    }
    err_clear(&c->err);
    if (print_draft(c, before, done, &text) != 0) {
        buf_done(&text);
        return -1;
    }
    c->err = said;
    keep_body(c, &text, out);
    return -1;
}

/* ---- Commands -------------------------------------------------------------------------------- */

/* Problems of single values do not keep us from looking at the rest: all are reported together. */
static int parse_body(struct ctx *c, const struct command *cmd, bool create, struct field_set *set)
{
    *set = *field_set_new(c->arena, cmd->entity);
    if (record_parse(c, cmd->entity, cmd->body, cmd->id, create, set) == 0) {
        return 0;
    }
    return c->err.code == ERR_INVALID && c->err.item_count > 0 ? 0 : -1;
}

/* A new activity that repeats. */
static int begin_series(struct ctx *c, const struct command *cmd, struct written *done)
{
    const struct json *repeat = series_asked(c, cmd->entity, cmd->body);
    struct field_set *nothing = field_set_new(c->arena, cmd->entity);
    return repeat == NULL || repeat->type == JSON_NULL
               ? 0
               : series_change(c, done->record, nothing, repeat, SERIES_THIS, done);
}

static int run_create(struct ctx *c, void *params)
{
    struct command *cmd = params;
    struct field_set set;
    struct written done = {0};
    if (parse_body(c, cmd, true, &set) != 0) {
        return -1;
    }
    if (write_insert(c, cmd->entity, &set, &done) != 0) {
        return refuse_draft(c, NULL, &done, cmd->out);
    }
    const struct json *users = json_find(cmd->body, SHARE_WITH);
    if ((users != NULL && share_with(c, done.record, users) != 0) ||
        then_create(c, done.record, cmd->body) != 0) {
        return -1;
    }
    if (begin_series(c, cmd, &done) != 0) {
        return refuse_draft(c, NULL, &done, cmd->out);
    }
    if (ctx_settle(c) != 0) {
        return -1;
    }
    return answer(c, NULL, &done, cmd->out);
}

int record_create(struct ctx *c, const struct entity *e, const struct json *body,
                  struct record_result *out)
{
    struct command cmd = {.entity = e, .body = body, .out = out};
    *out = (struct record_result){0};
    if (access_entity(c, ACTION_CREATE, e) != 0 || ctx_write(c, run_create, &cmd) != 0) {
        return -1;
    }
    out->change = c->change.id;
    return 0;
}

/* The record, when the actor may do this with it and knows its version. */
static int load_for(struct ctx *c, const struct command *cmd, enum action action, struct record **r)
{
    if (record_permit(c, action, cmd->entity, cmd->id, false) != 0 ||
        rows_load(c->db, cmd->entity, cmd->id, c->arena, r, &c->err) != 0) {
        return -1;
    }
    return record_check_version(c, *r, cmd->if_match, cmd->out);
}

/* The next steps of a record of a pipeline come before its own change: they may be what the gate of
 * the stage asks for. Those of an activity come after it, they concern what it then concerns. */
static int steps_first(struct ctx *c, const struct command *cmd, struct record **before)
{
    if (cmd->entity == c->model->work || json_find(cmd->body, THEN) == NULL) {
        return 0;
    }
    return then_create(c, *before, cmd->body) != 0
               ? -1
               : rows_load(c->db, cmd->entity, cmd->id, c->arena, before, &c->err);
}

static int run_update(struct ctx *c, void *params)
{
    struct command *cmd = params;
    struct field_set set;
    struct record *before = NULL;
    struct written done = {0};
    if (load_for(c, cmd, ACTION_EDIT, &before) != 0 || steps_first(c, cmd, &before) != 0 ||
        parse_body(c, cmd, false, &set) != 0) {
        return -1;
    }
    const struct json *repeat = series_asked(c, cmd->entity, cmd->body);
    if (series_change(c, before, &set, repeat, cmd->scope, &done) != 0 ||
        c->err.code != ERR_NONE) {
        return refuse_draft(c, before, &done, cmd->out);
    }
    if ((cmd->entity == c->model->work && then_create(c, done.record, cmd->body) != 0) ||
        ctx_settle(c) != 0) {
        return -1;
    }
    return answer(c, before, &done, cmd->out);
}

/* Runs a command on one record; a stale version keeps the body for the answer. */
static int run_command(struct ctx *c, int (*run)(struct ctx *c, void *params), struct command *cmd)
{
    *cmd->out = (struct record_result){0};
    if (ctx_write(c, run, cmd) != 0) {
        return -1;
    }
    cmd->out->change = c->change.id;
    return 0;
}

int record_update_scope(struct ctx *c, const struct entity *e, int64_t id, int64_t if_match,
                        const struct json *body, enum series_scope scope,
                        struct record_result *out)
{
    struct command cmd = {.entity = e, .id = id, .if_match = if_match, .body = body,
                          .scope = scope, .out = out};
    return run_command(c, run_update, &cmd);
}

int record_update(struct ctx *c, const struct entity *e, int64_t id, int64_t if_match,
                  const struct json *body, struct record_result *out)
{
    return record_update_scope(c, e, id, if_match, body, SERIES_THIS, out);
}

static int run_trash(struct ctx *c, void *params)
{
    struct command *cmd = params;
    struct record *r = NULL;
    if (load_for(c, cmd, ACTION_DELETE, &r) != 0) {
        return -1;
    }
    size_t left = 0;
    if (then_create(c, r, cmd->body) != 0 || series_remove(c, r, cmd->scope, &left) != 0) {
        return -1;
    }
    *cmd->out = (struct record_result){.id = r->id, .version = r->version, .left = left};
    struct buf text = {0};
    buf_puts(&text, c->dry_run ? "{\"dry_run\":true}" : "");
    keep_body(c, &text, cmd->out);
    return 0;
}

/* What goes along with a deletion. */
static int check_trash(struct ctx *c, const struct entity *e, const struct json *body)
{
    if (body != NULL && body->type != JSON_OBJECT) {
        return ctx_fail(c, ERR_MALFORMED, "", "The body must be a JSON object.");
    }
    for (const struct json *m = body != NULL ? body->child : NULL; m != NULL; m = m->next) {
        if (!then_is_asked(c, e, m->key)) {
            return ctx_fail(c, ERR_MALFORMED, arena_printf(c->arena, "%.60s", m->key),
                            "Deleting a %s knows no such member.", e->name);
        }
    }
    return 0;
}

int record_trash_scope(struct ctx *c, const struct entity *e, int64_t id, int64_t if_match,
                       const struct json *body, enum series_scope scope, struct record_result *out)
{
    struct command cmd = {.entity = e, .id = id, .if_match = if_match, .body = body,
                          .scope = scope, .out = out};
    *out = (struct record_result){0};
    return check_trash(c, e, body) != 0 ? -1 : run_command(c, run_trash, &cmd);
}

int record_trash(struct ctx *c, const struct entity *e, int64_t id, int64_t if_match,
                 struct record_result *out)
{
    return record_trash_scope(c, e, id, if_match, NULL, SERIES_THIS, out);
}

/* ---- Restoring ------------------------------------------------------------------------------- */

#define ACTION_RESTORE ACTION_DELETE /* who may delete it may take it back */

/* A session that has to give its password once more is asked for it then. */
static int permit_entity(struct ctx *c, const struct entity *e, bool *may)
{
    *may = ctx_may(c, ACTION_RESTORE, e);
    if (!*may || user_permit_all(c, e) == 0) {
        return 0;
    }
    *may = c->err.code == ERR_UNCONFIRMED;
    if (!*may && c->err.code != ERR_FORBIDDEN) {
        return -1;
    }
    err_clear(&c->err);
    return 0;
}

int record_restorable(struct ctx *c, const struct entity *e, const int64_t *ids, size_t count,
                      int64_t **out, size_t *out_count)
{
    bool may = false;
    *out_count = 0;
    return permit_entity(c, e, &may) != 0 ? -1
           : may ? record_permitted(c, ACTION_RESTORE, e, ids, count, true, out, out_count)
                 : 0;
}

static int restore_from_trash(struct ctx *c, const struct command *cmd, struct written *done)
{
    struct record *r = NULL;
    if (record_permit(c, ACTION_RESTORE, cmd->entity, cmd->id, true) != 0 ||
        merge_refuse_restore(c, cmd->entity, cmd->id) != 0 ||
        rows_load(c->db, cmd->entity, cmd->id, c->arena, &r, &c->err) != 0 ||
        record_restore_in(c, r) != 0) {
        return -1;
    }
    *done = (struct written){.record = r, .changed = true};
    return 0;
}

/* The values a field had before change-set `set`, all of them: what belongs together comes back
 * together. ERR_NOT_FOUND when that set did not change it. */
static int values_before(struct ctx *c, const struct record *r, const struct field *f, int64_t set,
                         struct value *out)
{
    struct change_row *rows = NULL;
    size_t count = 0;
    bool found = false;
    if (change_history(c->db, c->model, c->actor.role, r->entity, r->id, set + 1, 1, c->arena,
                       &rows, &count, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count && !found; i++) {
        found = rows[i].set == set && rows[i].op == OP_UPDATE && rows[i].column != NULL &&
                rows[i].column->field == f;
    }
    for (size_t k = 0; found && k < f->column_count; k++) {
        if (change_value_at(c->db, &f->columns[k], r->id, set - 1, c->arena, &out[k], &c->err) !=
            0) {
            return -1;
        }
    }
    return found ? 0
                 : ctx_fail(c, ERR_NOT_FOUND, "change", "Change %lld did not change %s.",
                            (long long)set, f->name);
}

/* Why it was lost went with the stage in that change: it comes back with it. */
static int put_why_lost(struct ctx *c, const struct record *before, int64_t set,
                        struct field_set *fields)
{
    struct value values[FIELD_MAX_COLUMNS];
    for (size_t i = 0; i < before->entity->field_count; i++) {
        const struct field *f = before->entity->fields[i];
        if (!keep_says_why_lost(f) || !value_is_empty(record_value(before, f))) {
            continue;
        }
        if (values_before(c, before, f, set, values) == 0) {
            field_set_put(fields, before->entity, f, values);
        } else if (c->err.code != ERR_NOT_FOUND) {
            return -1;
        }
        err_clear(&c->err);
    }
    return 0;
}

static int restore_field(struct ctx *c, const struct command *cmd, const struct json *change,
                         struct written *done)
{
    const char *name = json_text(cmd->body, "field");
    const struct field *f = NULL;
    struct record *before = NULL;
    struct value values[FIELD_MAX_COLUMNS];
    int64_t set = 0;
    if (change == NULL || json_int(change, &set) != 0 || set < 1 || name == NULL) {
        return ctx_fail(c, ERR_MALFORMED, "",
                        "Restoring a value needs \"change\" (a number) and \"field\".");
    }
    if (record_permit(c, ACTION_EDIT, cmd->entity, cmd->id, false) != 0 ||
        (f = access_field(c, cmd->entity, name, ERR_MALFORMED, "field")) == NULL) {
        return -1;
    }
    if (!access_sets(c, f)) {
        return ctx_fail(c, ERR_FORBIDDEN, "", "You may not change %s.", f->name);
    }
    if (rows_load(c->db, cmd->entity, cmd->id, c->arena, &before, &c->err) != 0 ||
        values_before(c, before, f, set, values) != 0) {
        return -1;
    }
    const char *why = NULL;
    if (record_fits(c, before, f, values, &why) != 0) {
        return -1;
    }
    if (why != NULL) {
        return err_add(&c->err, c->arena, ERR_INVALID,
                       arena_printf(c->arena, "%s.%s", cmd->entity->name, f->name), "%s", why);
    }
    struct field_set *fields = field_set_new(c->arena, cmd->entity);
    field_set_put(fields, cmd->entity, f, values);
    if (f == cmd->entity->stage && put_why_lost(c, before, set, fields) != 0) {
        return -1;
    }
    return write_change(c, before, fields, done);
}

/* Exactly one of: nothing (out of the bin), "change" and "field", "at". */
static int check_restore(struct ctx *c, const struct json *body)
{
    static const char *const KEYS[] = {"change", "field", "at", THEN};
    if (body->type != JSON_OBJECT) {
        return ctx_fail(c, ERR_MALFORMED, "", "The body must be a JSON object.");
    }
    for (const struct json *m = body->child; m != NULL; m = m->next) {
        bool known = false;
        for (size_t i = 0; i < COUNT(KEYS); i++) {
            known = known || str_eq(m->key, KEYS[i]);
        }
        if (!known) {
            return ctx_fail(c, ERR_MALFORMED, arena_printf(c->arena, "%.60s", m->key),
                            "Restoring knows \"change\" with \"field\", or \"at\", or nothing: "
                            "then the record comes out of the bin; and its next steps, \"then\".");
        }
    }
    bool value = json_find(body, "change") != NULL || json_find(body, "field") != NULL;
    return value && json_find(body, "at") != NULL
               ? ctx_fail(c, ERR_MALFORMED, "at",
                          "Restore one value, with \"change\" and \"field\", or the record, with "
                          "\"at\"; not both.")
               : 0;
}

/* {…} becomes {…,"kept":[…]} */
static void add_left(struct ctx *c, const struct buf *left, struct record_result *out)
{
    if (left->size > 0) {
        out->body = arena_printf(c->arena, "%.*s,\"kept\":%.*s}", (int)out->body_size - 1, out->body,
                                 (int)left->size, left->data);
        out->body_size = strlen(out->body);
    }
}

static int run_restore(struct ctx *c, void *params)
{
    struct command *cmd = params;
    struct written done = {0};
    struct buf left = {0};
    const struct json *body = cmd->body, *at = json_find(body, "at");
    bool value = json_find(body, "change") != NULL || json_find(body, "field") != NULL;
    int rc = value        ? restore_field(c, cmd, json_find(body, "change"), &done)
             : at != NULL ? moment_restore(c, cmd->entity, cmd->id, at, &done, &left)
                          : restore_from_trash(c, cmd, &done);
    if (rc == 0) {
        rc = then_create(c, done.record, body);
    }
    if (rc == 0) {
        rc = answer(c, done.record, &done, cmd->out);
    }
    if (rc == 0) {
        add_left(c, &left, cmd->out);
    }
    buf_done(&left);
    return rc == 0 ? 0 : -1;
}

int record_restore(struct ctx *c, const struct entity *e, int64_t id, const struct json *body,
                   struct record_result *out)
{
    struct command cmd = {.entity = e, .id = id, .body = body, .out = out};
    *out = (struct record_result){0};
    return check_restore(c, body) != 0 ? -1 : run_command(c, run_restore, &cmd);
}
