/*
 * The model as clients see it: what the caller may see of entities, fields, pipelines, roles.
 * Everything the UI draws comes from here; it knows no entity by name. The ETag is a hash of the
 * answer, so browsers ask cheaply.
 */
#include <stdio.h>

#include "api/meta_views.h"
#include "api/route.h"
#include "core/transfer.h"
#include "base/crypto.h"
#include "base/str.h"
#include "core/file.h"
#include "core/mention.h"
#include "core/notification.h"
#include "model/field_type.h"
#include "model/response.h"
#include "model/likeness.h"

static const char *const SCOPE_NAMES[] = {"none", "own", "team", "all"};

/* What a field's values are to expressions, and so to filters and columns of a list. */
static const char *const KIND_NAMES[] = {
    [KIND_BOOL] = "bool",   [KIND_TEXT] = "text",     [KIND_NUMBER] = "number",
    [KIND_MONEY] = "money", [KIND_DATE] = "date",     [KIND_INSTANT] = "instant",
    [KIND_LIST] = "list",   [KIND_CHOICE] = "choice", [KIND_LINK] = "link"};

const char *meta_type_name(const struct field *f)
{
    return f->type->name;
}

static void print_names(struct json_writer *w, const char *key, const struct ctx *c,
                        const struct field **fields, size_t n)
{
    jw_key(w, key);
    jw_array(w);
    for (size_t i = 0; i < n; i++) {
        if (c->actor.role == NULL || role_sees(c->actor.role, fields[i])) {
            jw_text(w, fields[i]->name);
        }
    }
    jw_array_end(w);
}

static void print_options(struct json_writer *w, const struct field *f)
{
    jw_key(w, "options");
    jw_array(w);
    for (size_t i = 0; i < f->option_count; i++) {
        jw_object(w);
        jw_kv_text(w, "id", f->options[i].id);
        jw_kv_text(w, "label", f->options[i].label);
        if (f->options[i].icon != NULL) {
            jw_kv_text(w, "icon", f->options[i].icon);
        }
        if (f->options[i].parent != NULL) {
            jw_kv_text(w, "parent", f->options[i].parent);
        }
        jw_object_end(w);
    }
    jw_array_end(w);
}

/* Limits in the unit the user types. */
static void print_limit(struct json_writer *w, const char *key, const struct field *f,
                        int64_t limit)
{
    struct buf text = {0};
    f->type->print_limit(&text, f, limit);
    jw_kv_text(w, key, buf_text(&text));
    buf_done(&text);
}

static void print_reminders(struct json_writer *w, const struct field *f)
{
    jw_key(w, "remind");
    jw_array(w);
    for (size_t i = 0; i < f->reminder_count; i++) {
        jw_object(w);
        jw_kv_int(w, "days", f->reminders[i].days);
        jw_kv_bool(w, "yearly", f->reminders[i].yearly);
        jw_kv_text(w, "to", f->reminders[i].to->name);
        jw_object_end(w);
    }
    jw_array_end(w);
}

/* true of a link that holds what a record became; else ["contact.emails", …], alternatives with " or ". */
static void print_becomes(struct json_writer *w, const struct ctx *c, const struct field *f)
{
    jw_key(w, "becomes");
    if (f->holds) {
        jw_bool(w, true);
        return;
    }
    jw_array(w);
    for (size_t i = 0; i < f->becomes_count; i++) {
        const struct field *to = f->becomes[i].to;
        if (c->actor.role == NULL || role_sees(c->actor.role, to)) {
            jw_text(w, arena_printf(c->arena, "%s%s.%s", f->becomes[i].otherwise ? "or " : "",
                                    to->entity->name, to->name));
        }
    }
    jw_array_end(w);
}

static void print_field(struct json_writer *w, const struct ctx *c, const struct field *f)
{
    bool edits = c->actor.role == NULL || role_edits(c->actor.role, f);
    jw_object(w);
    jw_kv_text(w, "name", f->name);
    jw_kv_text(w, "label", f->label);
    jw_kv_text(w, "type", meta_type_name(f));
    jw_kv_text(w, "kind", KIND_NAMES[f->type->expr_kind]);
    jw_kv_text(w, "widget", f->type->widget);
    if (f->help != NULL) {
        jw_kv_text(w, "help", f->help);
    }
    jw_kv_bool(w, "required", f->required.always);
    jw_kv_bool(w, "readonly", f->system || f->compute != NULL || f->readonly.always || f->type->serial || !edits);
    const struct response *clock = response_of(c->model, f->entity);
    if (clock != NULL && clock->by == f) {
        jw_kv_bool(w, "clock", true);
    }
    jw_kv_bool(w, "unique", f->unique);
    jw_kv_bool(w, "custom", f->custom);
    jw_kv_bool(w, "system", f->system);
    jw_kv_bool(w, "computed", f->compute != NULL);
    jw_kv_bool(w, "serial", f->type->serial);
    jw_kv_bool(w, "sort", f->type->sort != SORT_NONE);
    jw_kv_bool(w, "group_by", f->type->groupable);
    if (f->indexed) {
        jw_kv_bool(w, "index", true);
    }
    jw_kv_bool(w, "filter", true);
    jw_kv_bool(w, "search", f->search);
    jw_kv_bool(w, "required_if", f->required.when != NULL);
    jw_kv_bool(w, "visible_if", f->visible.when != NULL);
    jw_kv_bool(w, "readonly_if", f->readonly.when != NULL);
    jw_kv_bool(w, "mentions", f == mention_field(f->entity));
    if (f->reminder_count > 0) {
        print_reminders(w, f);
    }
    if (f->option_count > 0) {
        print_options(w, f);
    }
    if (f->options_where != NULL && ctx_is_admin(c) && !str_starts(f->options_where, "schema/")) {
        jw_kv_text(w, "options_at", f->options_where);
    }
    if (f->to != NULL) {
        jw_kv_text(w, "to", f->to->name);
    }
    if (f->holds || f->becomes_count > 0) {
        print_becomes(w, c, f);
    }
    if (f->reverse != NULL) {
        jw_kv_text(w, "reverse", f->reverse);
    }
    if (f->has_min) {
        print_limit(w, "min", f, f->min);
    }
    if (f->has_max) {
        print_limit(w, "max", f, f->max);
    }
    jw_kv_int(w, "places", f->places);
    struct value initial[FIELD_MAX_COLUMNS];
    if (record_default(c, f, initial)) {
        jw_key(w, "default");
        f->type->print_json(w, f, initial);
    }
    if (f->initial != NULL && expr_is_me(f->initial)) {
        jw_kv_bool(w, "default_me", true);
    }
    if (f->initial != NULL && expr_is_today(f->initial)) {
        jw_kv_bool(w, "default_today", true);
    }
    if (f->group != NULL) {
        jw_kv_text(w, "group", f->group);
    }
    jw_object_end(w);
}

static void print_can(struct json_writer *w, const struct ctx *c, const struct entity *e)
{
    static const struct {
        const char *name;
        enum action action;
        bool flag;
    } CAN[] = {{"see", ACTION_SEE, false},      {"create", ACTION_CREATE, true},
               {"edit", ACTION_EDIT, false},    {"delete", ACTION_DELETE, false},
               {"export", ACTION_EXPORT, true}, {"import", ACTION_IMPORT, true}};
    jw_key(w, "can");
    jw_object(w);
    for (size_t i = 0; i < COUNT(CAN); i++) {
        enum scope scope = c->actor.role != NULL
                               ? c->actor.role->rights[e->index].scope[CAN[i].action]
                               : SCOPE_ALL;
        if (CAN[i].flag) {
            jw_kv_bool(w, CAN[i].name, scope != SCOPE_NONE);
        } else {
            jw_kv_text(w, CAN[i].name, SCOPE_NAMES[scope]);
        }
        if (CAN[i].action == ACTION_EXPORT) {
            jw_kv_text(w, "export_scope", SCOPE_NAMES[scope]);
            jw_kv_int(w, "export_unasked", EXPORT_UNASKED_MAX);
        }
    }
    jw_object_end(w);
}

static void print_columns(struct json_writer *w, const struct ctx *c, const struct entity *e,
                          const struct view *v)
{
    jw_key(w, "columns");
    jw_array(w);
    for (size_t i = 0; i < v->column_count; i++) {
        if (!meta_is_hidden(c, e, v->columns[i])) {
            jw_text(w, v->columns[i]);
        }
    }
    jw_array_end(w);
}

static void print_views(struct json_writer *w, const struct ctx *c, const struct entity *e,
                        const struct saved_views *saved)
{
    jw_key(w, "views");
    jw_array(w);
    for (size_t i = 0; i < e->view_count; i++) {
        const struct view *v = &e->views[i];
        if (!meta_view_fits(c, e, v->filter_text, v->sort, v->by != NULL ? v->by->name : NULL)) {
            continue;
        }
        jw_object(w);
        jw_kv_text(w, "id", v->id);
        jw_kv_text(w, "label", v->label);
        jw_kv_text(w, "filter", v->filter_text);
        jw_kv_text(w, "sort", v->sort);
        print_columns(w, c, e, v);
        meta_widths_print(w, c, e, v->widths);
        jw_kv_text(w, "group_by", v->group_by);
        jw_kv_text(w, "mode", v->mode != NULL ? v->mode : "list");
        if (v->by != NULL) {
            jw_kv_text(w, "by", v->by->name);
        }
        jw_kv_bool(w, "default", v->first);
        jw_object_end(w);
    }
    meta_views_print(w, c, saved, e);
    jw_array_end(w);
}

static void print_related(struct json_writer *w, const struct ctx *c, const struct entity *e)
{
    jw_key(w, "related");
    jw_array(w);
    for (size_t i = 0; i < e->relation_count; i++) {
        const struct relation *rel = &e->relations[i];
        if (!ctx_may(c, ACTION_SEE, rel->from) ||
            (c->actor.role != NULL && !role_sees(c->actor.role, rel->by))) {
            continue;
        }
        jw_object(w);
        jw_kv_text(w, "name", rel->name);
        jw_kv_text(w, "entity", rel->from->name);
        jw_kv_text(w, "plural", rel->from->plural);
        jw_kv_text(w, "field", rel->by->name);
        jw_kv_text(w, "label", rel->label != NULL ? rel->label : rel->from->label_plural);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void print_detail(struct json_writer *w, const struct ctx *c, const struct entity *e)
{
    jw_key(w, "detail");
    jw_array(w);
    for (size_t i = 0; i < e->detail_count; i++) {
        jw_object(w);
        jw_kv_text(w, "label", e->detail[i].label);
        print_names(w, "fields", c, e->detail[i].fields, e->detail[i].count);
        jw_object_end(w);
    }
    jw_array_end(w);
}

/* What its timelines can show besides, and how entries of it are pinned to others. */
static void print_story(struct json_writer *w, const struct ctx *c, const struct entity *e)
{
    const struct entity *with[16];
    size_t count = timeline_with(c, e, with, COUNT(with));
    const struct field *pin = e->story.pin;
    jw_key(w, "timeline_with");
    jw_array(w);
    for (size_t i = 0; i < count; i++) {
        jw_text(w, with[i]->name);
    }
    jw_array_end(w);
    if (pin != NULL && (c->actor.role == NULL || role_sees(c->actor.role, pin))) {
        jw_kv_text(w, "pin", pin->name);
    }
}

/* What is suggested when one of them is done. */
static void print_follow_ups(struct json_writer *w, const struct model *m)
{
    jw_key(w, "follow_ups");
    jw_array(w);
    for (size_t i = 0; i < m->follow_up_count; i++) {
        const struct follow_up *u = &m->follow_ups[i];
        jw_object(w);
        jw_kv_text(w, "after", u->after != NULL ? u->after->id : NULL);
        jw_kv_text(w, "result", u->result != NULL ? u->result->id : NULL);
        jw_kv_text(w, "kind", u->kind->id);
        jw_kv_text(w, "subject", u->subject);
        jw_kv_int(w, "days", u->days);
        jw_kv_text(w, "at", u->at);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void print_entity(struct json_writer *w, const struct ctx *c, const struct entity *e,
                         const struct saved_views *saved)
{
    jw_object(w);
    jw_kv_text(w, "name", e->name);
    jw_kv_text(w, "plural", e->plural);
    jw_kv_text(w, "label", e->label);
    jw_kv_text(w, "label_plural", e->label_plural);
    jw_kv_text(w, "icon", e->icon);
    jw_kv_bool(w, "custom", e->custom);
    jw_kv_bool(w, "menu", e->menu);
    jw_kv_bool(w, "timeline", e->timeline);
    jw_kv_bool(w, "story", e->story.records != NULL);
    print_story(w, c, e);
    if (e == c->model->work) {
        print_follow_ups(w, c->model);
    }
    jw_kv_bool(w, "merge", record_merges(e));
    jw_kv_bool(w, "card", export_card_kind(e) != CARD_NONE);
    jw_kv_bool(w, "doubles", entity_has_doubles(e) && record_merges(e));
    print_names(w, "title", c, e->title, e->title_count);
    if (e->picture != NULL && (c->actor.role == NULL || role_sees(c->actor.role, e->picture))) {
        jw_kv_text(w, "picture", e->picture->name);
    }
    if (e->tree != NULL && (c->actor.role == NULL || role_sees(c->actor.role, e->tree))) {
        jw_kv_text(w, "tree", e->tree->name);
    }
    if (e->lines.of != NULL) {
        jw_key(w, "lines");
        jw_object(w);
        jw_kv_text(w, "of", e->lines.of->name);
        jw_kv_text(w, "sum", e->lines.sum->name);
        jw_object_end(w);
    }
    if (e->lined_by != NULL && ctx_may(c, ACTION_SEE, e->lined_by)) {
        jw_kv_text(w, "lined_by", e->lined_by->name);
    }
    print_can(w, c, e);
    jw_key(w, "fields");
    jw_array(w);
    for (size_t i = 0; i < e->field_count; i++) {
        if (!e->fields[i]->hidden &&
            (c->actor.role == NULL || role_sees(c->actor.role, e->fields[i]))) {
            print_field(w, c, e->fields[i]);
        }
    }
    jw_array_end(w);
    print_names(w, "list", c, e->list, e->list_count);
    print_names(w, "quick", c, e->quick, e->quick_count);
    jw_kv_text(w, "sort", entity_order(c->arena, e, c->actor.role));
    if (e->score_field != NULL && (c->actor.role == NULL || role_sees(c->actor.role, e->score_field))) {
        jw_key(w, "score");
        jw_object(w);
        jw_kv_text(w, "field", e->score_field->name);
        jw_kv_int(w, "hot", e->hot);
        jw_object_end(w);
    }
    if (e->pipeline != NULL) {
        jw_kv_text(w, "pipeline_field", e->pipeline->name);
        jw_kv_text(w, "stage_field", e->stage->name);
    }
    print_detail(w, c, e);
    print_views(w, c, e, saved);
    print_related(w, c, e);
    jw_object_end(w);
}

static const char *stage_kind_name(enum stage_kind kind)
{
    return kind == STAGE_WON ? "won" : kind == STAGE_LOST ? "lost" : "open";
}

/* [{"kind","done"}]: what a gate wants done; kind null: anything. */
static void print_gate_activities(struct json_writer *w, const struct stage *s)
{
    if (s->gate_activity_count == 0) {
        return;
    }
    jw_key(w, "activities");
    jw_array(w);
    for (size_t i = 0; i < s->gate_activity_count; i++) {
        const struct option *kind = s->gate_activities[i].kind;
        jw_object(w);
        jw_kv_text(w, "kind", kind != NULL ? kind->id : NULL);
        jw_kv_bool(w, "done", s->gate_activities[i].done);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void print_teams(struct json_writer *w, const struct pipeline *p)
{
    if (p->team_count == 0) {
        return;
    }
    jw_key(w, "teams");
    jw_array(w);
    for (size_t i = 0; i < p->team_count; i++) {
        jw_text(w, p->teams[i]);
    }
    jw_array_end(w);
}

static void print_stage(struct json_writer *w, const struct ctx *c, const struct stage *stage)
{
    jw_object(w);
    jw_kv_text(w, "id", stage->id);
    jw_kv_text(w, "label", stage->label);
    jw_kv_int(w, "percent", stage->percent);
    jw_kv_text(w, "kind", stage_kind_name(stage->kind));
    jw_kv_text(w, "forecast", FORECASTS[stage->forecast]);
    jw_key(w, "idle_after");
    if (stage->idle_after_ms > 0) {
        jw_int(w, stage->idle_after_ms / 86400000);
    } else {
        jw_null(w);
    }
    print_names(w, "require", c, stage->gate_require, stage->gate_require_count);
    if (stage->gate_ask_count > 0) {
        print_names(w, "ask", c, stage->gate_ask, stage->gate_ask_count);
    }
    print_gate_activities(w, stage);
    if (stage->gate_say != NULL) {
        jw_kv_text(w, "say", stage->gate_say);
    }
    jw_object_end(w);
}

static void print_pipeline(struct json_writer *w, const struct ctx *c, const struct pipeline *p)
{
    jw_object(w);
    jw_kv_text(w, "id", p->id);
    jw_kv_text(w, "label", p->label);
    jw_kv_text(w, "entity", p->entity->name);
    jw_kv_text(w, "field", p->entity->stage->name);
    if (p->b2c && (c->actor.role == NULL || role_sees(c->actor.role, p->person))) {
        jw_kv_text(w, "person", p->person->name);
        jw_kv_text(w, "firm", p->firm != NULL ? p->firm->name : "");
    }
    print_teams(w, p);
    if (p->next_step) {
        jw_kv_bool(w, "next_step", true);
    }
    if (p->card_count > 0) {
        print_names(w, "card", c, p->card, p->card_count);
    }
    jw_key(w, "stages");
    jw_array(w);
    for (size_t s = 0; s < p->stage_count; s++) {
        print_stage(w, c, &p->stages[s]);
    }
    jw_array_end(w);
    jw_object_end(w);
}

static int print_pipelines(struct json_writer *w, struct ctx *c)
{
    size_t count = 0;
    const struct pipeline **all =
        ARENA_ARRAY(c->arena, const struct pipeline *, c->model->pipeline_count + 1);
    if (record_pipelines(c, all, &count) != 0) {
        return -1;
    }
    jw_key(w, "pipelines");
    jw_array(w);
    for (size_t i = 0; i < count; i++) {
        print_pipeline(w, c, all[i]);
    }
    jw_array_end(w);
    return 0;
}

static void print_frame(struct json_writer *w, const struct ctx *c)
{
    const struct model *m = c->model;
    jw_kv_text(w, "version", m->version);
    jw_key(w, "company");
    jw_object(w);
    jw_kv_text(w, "name", m->company.name);
    jw_kv_text(w, "currency", m->company.currency);
    jw_kv_int(w, "places", m->company.currency_places);
    jw_kv_text(w, "zone", m->company.zone);
    jw_kv_int(w, "file_bytes", file_bytes_max());
    jw_object_end(w);
    jw_key(w, "languages");
    jw_raw(w, "[\"en\",\"de\"]", 11);
    jw_key(w, "roles");
    jw_array(w);
    for (size_t i = 0; i < m->role_count; i++) {
        jw_object(w);
        jw_kv_text(w, "id", m->roles[i].id);
        jw_kv_text(w, "label", m->roles[i].label);
        jw_object_end(w);
    }
    jw_array_end(w);
}

/* What a user can have told to him, or not. */
static void print_notification_kinds(struct json_writer *w)
{
    jw_key(w, "notifications");
    jw_array(w);
    for (const struct notification_kind *k = NOTIFICATION_KINDS; k->name != NULL; k++) {
        jw_object(w);
        jw_kv_text(w, "id", k->name);
        jw_kv_text(w, "label", k->label);
        jw_kv_bool(w, "on", k->on);
        jw_kv_bool(w, "digest", k->digest);
        jw_object_end(w);
    }
    jw_array_end(w);
}

/* What administrators are told of on every page. */
static void print_troubles(struct json_writer *w, struct request *q)
{
    const struct api_host *host = &request_api(q)->host;
    if (ctx_is_admin(q->ctx) && host->problems_print != NULL) {
        jw_key(w, "problems");
        jw_array(w);
        host->problems_print(host->data, w);
        jw_array_end(w);
    }
}

int api_meta(struct request *q, struct reply *r)
{
    struct ctx *c = q->ctx;
    struct saved_views saved;
    if (meta_views_load(c, &saved) != 0) {
        return -1;
    }
    struct json_writer w;
    jw_init(&w, &r->body);
    jw_object(&w);
    print_frame(&w, c);
    jw_key(&w, "entities");
    jw_array(&w);
    for (size_t i = 0; i < c->model->entity_count; i++) {
        if (ctx_may(c, ACTION_SEE, c->model->entities[i])) {
            print_entity(&w, c, c->model->entities[i], &saved);
        }
    }
    jw_array_end(&w);
    if (print_pipelines(&w, c) != 0) {
        return -1;
    }
    print_notification_kinds(&w);
    print_troubles(&w, q);
    jw_object_end(&w);
    unsigned char hash[CRYPTO_HASH_SIZE];
    crypto_sha256(r->body.data, r->body.size, hash);
    r->tag = arena_printf(c->arena, "\"%s\"", crypto_hex(c->arena, hash, 16));
    reply_header(r, "ETag", r->tag);
    r->cache = "private, no-cache";
    r->pack = true;
    return 0;
}
