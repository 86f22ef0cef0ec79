/* Conversion: the request, the source, the answer; see convert.h. */
#include "core/convert.h"

#include <string.h>

#include "base/str.h"

#define HISTORY_MAX 400 /* changed columns looked at for the conversion of a record */

struct convert_call {
    const struct entity *entity;
    int64_t id;
    const struct json *body;
    struct record_result *out;
};

/* ---- The request ----------------------------------------------------------------------------- */

static void list_targets(struct convert *v)
{
    for (size_t i = 0; i < v->entity->field_count; i++) {
        const struct field *f = v->entity->fields[i];
        if (f->holds && v->count < CONVERT_MAX) {
            v->targets[v->count++] = (struct outcome){.holder = f, .entity = f->to};
        }
    }
}

static struct outcome *outcome_find(struct convert *v, const char *name)
{
    for (size_t i = 0; i < v->count; i++) {
        if (strcmp(v->targets[i].entity->name, name) == 0) {
            return &v->targets[i];
        }
    }
    return NULL;
}

static int read_body(struct convert *v, const struct json *body)
{
    struct ctx *c = v->c;
    size_t wanted = 0;
    for (const struct json *one = body->child; one != NULL; one = one->next) {
        struct outcome *t = outcome_find(v, one->key);
        if (t == NULL) {
            return ctx_fail(c, ERR_MALFORMED, one->key, "A %s does not become a “%.60s”.",
                            v->entity->name, one->key);
        }
        if (one->type != JSON_OBJECT && one->type != JSON_NULL) {
            return ctx_fail(c, ERR_MALFORMED, one->key,
                            "\"%s\" holds the fields of a new record, or the id of one that is there.",
                            t->entity->name);
        }
        t->body = one->type == JSON_OBJECT ? one : NULL;
        wanted += t->body != NULL;
    }
    return wanted > 0 ? 0
                      : ctx_fail(c, ERR_MALFORMED, "", "Say what it becomes, like {\"%s\":{}}.",
                                 v->entity->name[0] != '\0' && v->count > 0 ? v->targets[0].entity->name : "");
}

/* ---- The answer ------------------------------------------------------------------------------ */

/* As the actor sees it; null when there is none, or its owner hides it from him. */
static int print_one(struct convert *v, const struct entity *e, int64_t id, struct json_writer *w)
{
    struct ctx *c = v->c;
    int64_t version = 0;
    jw_key(w, e->name);
    int rc = id == 0 ? 0 : record_print(c, e, id, 0, NULL, NULL, w, &version);
    if (id == 0 || (rc != 0 && c->err.code == ERR_NOT_FOUND)) {
        err_clear(&c->err);
        jw_null(w);
        return 0;
    }
    return rc;
}

/* What forms want to know of each: what is required, and who it may be that is there already. */
static int print_drafts(struct convert *v, struct json_writer *w)
{
    int64_t own[CONVERT_MAX + 1] = {v->source->id};
    for (size_t i = 0; i < v->count; i++) {
        own[i + 1] = v->targets[i].id;
    }
    jw_key(w, "draft");
    jw_object(w);
    for (size_t i = 0; i < v->count; i++) {
        const struct outcome *t = &v->targets[i];
        if (!t->made || t->written.record == NULL) {
            continue;
        }
        jw_key(w, t->entity->name);
        jw_object(w);
        draft_print_names(w, &t->written.draft);
        jw_key(w, "warnings");
        if (check_twins(v->c, t->written.record, own, v->count + 1, w) != 0) {
            return -1;
        }
        jw_object_end(w);
    }
    jw_object_end(w);
    return 0;
}

static void keep_text(struct ctx *c, struct buf *text, struct record_result *out)
{
    out->body = arena_strndup(c->arena, buf_text(text), text->size);
    out->body_size = text->size;
    buf_done(text);
}

static int print_answer(struct convert *v, int64_t change, bool already, struct record_result *out)
{
    struct buf text = {0};
    struct json_writer w;
    int rc = 0;
    jw_init(&w, &text);
    jw_object(&w);
    for (size_t i = 0; i < v->count && rc == 0; i++) {
        rc = print_one(v, v->targets[i].entity, v->targets[i].id, &w);
    }
    rc = rc != 0 ? -1 : print_one(v, v->entity, v->source->id, &w);
    jw_key(&w, "change");
    if (change != 0) {
        jw_int(&w, change);
    } else {
        jw_null(&w);
    }
    jw_kv_bool(&w, "already", already);
    if (v->c->dry_run && rc == 0) {
        rc = already ? 0 : print_drafts(v, &w);
    }
    jw_object_end(&w);
    *out = (struct record_result){.id = v->source->id, .change = change};
    keep_text(v->c, &text, out);
    return rc;
}

/* A dry run whose values are wrong tells the rest all the same. */
static int refuse(struct convert *v, struct record_result *out)
{
    struct err said = v->c->err;
    struct buf text = {0};
    struct json_writer w;
    if (!v->c->dry_run || said.code != ERR_INVALID) {
        return -1;
    }
    err_clear(&v->c->err);
    jw_init(&w, &text);
    jw_object(&w);
    int rc = print_drafts(v, &w);
    jw_object_end(&w);
    if (rc == 0) {
        v->c->err = said;
        keep_text(v->c, &text, out);
    } else {
        buf_done(&text);
    }
    return -1;
}

/* ---- The source ------------------------------------------------------------------------------ */

static int64_t became(const struct convert *v, const struct field *holder)
{
    struct value id = record_value(v->source, holder);
    return id.kind == VALUE_INT ? id.i : 0;
}

/* The set that wrote the links; 0: it came with the record. */
static int find_change(struct convert *v, int64_t *out)
{
    struct ctx *c = v->c;
    struct change_row *rows = NULL;
    size_t count = 0;
    *out = 0;
    if (change_history(c->db, c->model, NULL, v->entity, v->source->id, 0, HISTORY_MAX, c->arena, &rows,
                       &count, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count && *out == 0; i++) {
        const struct field *f = rows[i].column != NULL ? rows[i].column->field : NULL;
        *out = f != NULL && f->holds && rows[i].op == OP_UPDATE ? rows[i].set : 0;
    }
    return 0;
}

/* It is converted once: what it became is told again. */
static int answer_again(struct convert *v, struct record_result *out)
{
    int64_t change = 0;
    for (size_t i = 0; i < v->count; i++) {
        v->targets[i].id = became(v, v->targets[i].holder);
    }
    return find_change(v, &change) != 0 ? -1 : print_answer(v, change, true, out);
}

/* What its pipeline has for those that became others; NULL: nothing. */
static const struct stage *won_stage(const struct convert *v)
{
    const struct pipeline *p = keep_pipeline_of(v->c, v->source);
    for (size_t i = 0; p != NULL && i < p->stage_count; i++) {
        if (p->stages[i].kind == STAGE_WON) {
            return &p->stages[i];
        }
    }
    return NULL;
}

/* One that was set back into an open stage may become others anew, if its pipeline has an end to tell
 * that from: what it became may be gone, or was wrong. */
static bool is_set_back(const struct convert *v)
{
    const struct stage *now = keep_stage_of(v->c, v->source);
    return won_stage(v) != NULL && now != NULL && now->kind == STAGE_OPEN;
}

static bool is_converted(const struct convert *v)
{
    for (size_t i = 0; i < v->count; i++) {
        if (became(v, v->targets[i].holder) != 0) {
            return !is_set_back(v);
        }
    }
    return false;
}

static void put_won(const struct convert *v, struct field_set *set)
{
    const struct stage *now = keep_stage_of(v->c, v->source), *won = won_stage(v);
    if (won != NULL && (now == NULL || now->kind != STAGE_WON)) {
        const struct value stage = value_text(won->id);
        field_set_put(set, v->entity, v->entity->stage, &stage);
    }
}

/* Links and stage; its roll-ups may have been written anew since it was loaded. */
static int close_source(struct convert *v)
{
    struct ctx *c = v->c;
    struct record *before = NULL;
    struct written done = {0};
    struct field_set *set = field_set_new(c->arena, v->entity);
    for (size_t i = 0; i < v->count; i++) {
        const struct value id =
            v->targets[i].id != 0 ? value_int(v->targets[i].id) : value_null();
        field_set_put(set, v->entity, v->targets[i].holder, &id);
    }
    put_won(v, set);
    return rows_load(c->db, v->entity, v->source->id, c->arena, &before, &c->err) != 0
               ? -1
               : write_change(c, before, set, &done);
}

/* ---- The conversion -------------------------------------------------------------------------- */

/* What is wrong with one does not keep the others from being looked at. */
static int make_all(struct convert *v)
{
    struct ctx *c = v->c;
    struct err all = {0};
    for (size_t i = 0; i < v->count; i++) {
        if (convert_make(v, i) != 0) {
            return -1;
        }
        for (const struct err_item *item = c->err.items; item != NULL; item = item->next) {
            err_add(&all, c->arena, c->err.code, item->where, "%s", item->text);
        }
        err_clear(&c->err);
    }
    c->err = all;
    return all.code == ERR_NONE ? 0 : -1;
}

static int run_convert(struct ctx *c, void *params)
{
    struct convert_call *call = params;
    struct convert *v = ARENA_NEW(c->arena, struct convert);
    *v = (struct convert){.c = c, .entity = call->entity};
    list_targets(v);
    if (record_permit(c, ACTION_EDIT, v->entity, call->id, false) != 0 ||
        rows_load(c->db, v->entity, call->id, c->arena, &v->source, &c->err) != 0) {
        return -1;
    }
    if (is_converted(v)) {
        return answer_again(v, call->out);
    }
    if (read_body(v, call->body) != 0) {
        return -1;
    }
    if (make_all(v) != 0) {
        return c->err.item_count > 0 ? refuse(v, call->out) : -1;
    }
    if (convert_move(v) != 0 || close_source(v) != 0) {
        return refuse(v, call->out);
    }
    int64_t change = c->change.id;
    return rows_settle(c->db, &c->change, &c->err) != 0 || ctx_settle(c) != 0
               ? -1
               : print_answer(v, change, false, call->out);
}

int record_convert(struct ctx *c, const struct entity *e, int64_t id, const struct json *body,
                   struct record_result *out)
{
    struct convert_call call = {.entity = e, .id = id, .body = body, .out = out};
    *out = (struct record_result){0};
    if (!e->converts) {
        return ctx_fail(c, ERR_NOT_FOUND, "", "%s are not converted.", e->label_plural);
    }
    if (body->type != JSON_OBJECT) {
        return ctx_fail(c, ERR_MALFORMED, "", "The body must be a JSON object.");
    }
    return access_entity(c, ACTION_EDIT, e) != 0 ? -1 : ctx_write(c, run_convert, &call);
}
