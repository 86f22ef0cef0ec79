/*
 * Tags renamed, merged or taken off for good: every record that has one is changed, in slices under
 * one root (long_write.h), so that one undo takes all of it back. Saved views that quote them and the
 * tags themselves change in the last slice. Who may change and delete every tag may do this, whatever he may do with the records:
 * they mean the same as before.
 */
#include <string.h>

#include "base/str.h"
#include "core/long_write.h"
#include "store/tagged.h"

#define FROM_MAX 100

struct replace {
    struct ctx *c;
    const struct entity *entity; /* tag */
    int64_t from[FROM_MAX];
    const char *keys[FROM_MAX]; /* tight folds of their names */
    size_t count;
    int64_t into;     /* the tag that stays; 0: none does */
    const char *name; /* its name afterwards; NULL: none */

    int64_t after;
    size_t rows, at; /* at: which of `keys` is looked for */
    int64_t changed, views;
};

/* ---- The request ----------------------------------------------------------------------------- */

static int malformed(struct ctx *c, const char *where, const char *text)
{
    return ctx_fail(c, ERR_MALFORMED, where, "%s", text);
}

static int load_tag(struct replace *x, int64_t id, const char *where, struct record **out)
{
    struct ctx *c = x->c;
    if (rows_load(c->db, x->entity, id, c->arena, out, &c->err) == 0 && (*out)->deleted_at == 0) {
        return 0;
    }
    if (c->err.code != ERR_NONE && c->err.code != ERR_NOT_FOUND) {
        return -1;
    }
    err_clear(&c->err);
    return err_add(&c->err, c->arena, ERR_INVALID, where, "There is no tag with the id %lld.",
                   (long long)id);
}

static int read_from(struct replace *x, const struct json *from)
{
    struct ctx *c = x->c;
    struct record *r = NULL;
    if (from == NULL || from->type != JSON_ARRAY || from->count == 0 || from->count > FROM_MAX) {
        return malformed(c, "from", "\"from\" is a list of the ids of 1 to 100 tags.");
    }
    for (const struct json *one = from->child; one != NULL; one = one->next) {
        if (json_int(one, &x->from[x->count]) != 0) {
            return malformed(c, "from", "\"from\" is a list of the ids of 1 to 100 tags.");
        }
        if (load_tag(x, x->from[x->count], "from", &r) != 0) {
            return -1;
        }
        x->keys[x->count++] = str_fold_tight(c->arena, r->title);
    }
    return 0;
}

static bool is_from(const struct replace *x, int64_t id)
{
    for (size_t i = 0; i < x->count; i++) {
        if (x->from[i] == id) {
            return true;
        }
    }
    return false;
}

/* The name is read as the field reads it; it must not be that of another tag. */
static int read_name(struct replace *x, const char *name)
{
    struct ctx *c = x->c;
    const struct field *f = entity_field_find(x->entity, "name");
    struct parse_context pc = {.arena = c->arena, .model = c->model};
    struct parsed parsed = {0};
    struct tag_row same;
    struct err e = {0};
    if (f->type->parse_text(&pc, f, name, &parsed, &e) != 0 ||
        parsed.values[0].kind != VALUE_TEXT || str_utf8_length(parsed.values[0].s) > 60 ||
        strpbrk(parsed.values[0].s, ";,") != NULL ||
        *str_fold_tight(c->arena, parsed.values[0].s) == '\0') {
        return err_add(&c->err, c->arena, ERR_INVALID, "tag.name",
                       "A tag has letters or digits, at most 60 characters, and neither comma nor "
                       "semicolon.");
    }
    x->name = parsed.values[0].s;
    if (tag_find(c->db, x->entity, x->name, c->arena, &same, &c->err) != 0) {
        return -1;
    }
    return same.id == 0 || same.id == x->into
               ? 0
               : err_add(&c->err, c->arena, ERR_INVALID, "tag.name",
                         "There is a tag “%.60s” already: merge them.", same.name);
}

/* Exactly one of "into", "name" and "delete". */
static int read_target(struct replace *x, const struct json *body)
{
    struct ctx *c = x->c;
    const struct json *into = json_find(body, "into");
    const char *name = json_text(body, "name");
    struct record *r = NULL;
    if ((into != NULL) + (name != NULL) + json_true(body, "delete") != 1) {
        return malformed(c, "",
                         "Say what comes in their place: exactly one of \"into\" (a tag), \"name\" "
                         "(a new name) and \"delete\": true.");
    }
    if (into == NULL && name == NULL) {
        return 0;
    }
    if (into == NULL) {
        x->into = x->from[0];
        return x->count == 1 ? read_name(x, name)
                             : malformed(c, "from", "One tag is renamed at a time.");
    }
    if (json_int(into, &x->into) != 0) {
        return malformed(c, "into", "\"into\" is the id of a tag.");
    }
    if (is_from(x, x->into)) {
        return malformed(c, "into", "A tag cannot be merged into itself.");
    }
    if (load_tag(x, x->into, "into", &r) != 0) {
        return -1;
    }
    x->name = r->title;
    return 0;
}

static int read_replace(struct ctx *c, const struct json *body, struct replace *x)
{
    *x = (struct replace){.c = c, .entity = model_entity_find(c->model, ENTITY_TAG)};
    if (x->entity == NULL) {
        return ctx_fail(c, ERR_NOT_FOUND, "", "There are no tags.");
    }
    if (body == NULL || body->type != JSON_OBJECT) {
        return malformed(c, "", "The body must be a JSON object.");
    }
    return read_from(x, json_find(body, "from")) != 0 ? -1 : read_target(x, body);
}

/* ---- One record ------------------------------------------------------------------------------ */

static int swap_one(struct replace *x, int64_t id)
{
    struct ctx *c = x->c;
    const struct entity *e = NULL;
    struct record *before = NULL;
    bool changed = false;
    if (rows_entity_of(c->db, c->model, id, &e, &c->err) != 0) {
        return -1;
    }
    if (e == NULL) { /* of an entity that has left the model */
        return 0;
    }
    if (rows_load(c->db, e, id, c->arena, &before, &c->err) != 0) {
        return -1;
    }
    struct record *after = record_copy(c->arena, before);
    for (size_t i = 0; i < e->field_count; i++) {
        if (field_is_tags(e->fields[i]) && e->fields[i]->column_count > 0) {
            tag_swap(c, after, e->fields[i], x->keys, x->count, x->name);
        }
    }
    int rc = write_back(c, before, after, &changed);
    x->changed += changed ? 1 : 0;
    return rc;
}

/* The records of one tag after the other. */
static int run_some(struct replace *x, bool *more)
{
    struct ctx *c = x->c;
    size_t done = 0;
    while (x->at < x->count) {
        int64_t *ids = NULL;
        size_t count = 0, i = 0;
        if (tagged_next(c->db, x->keys[x->at], x->after, x->rows, c->arena, &ids, &count,
                        &c->err) != 0) {
            return -1;
        }
        for (; i < count && !long_write_full(c, done); i++, done++) {
            if (swap_one(x, ids[i]) != 0) {
                return -1;
            }
            x->after = ids[i];
        }
        if (i < count || count == x->rows) {
            *more = true;
            break;
        }
        x->at++;
        x->after = 0;
    }
    x->rows = long_write_rows(x->rows, done);
    return 0;
}

/* At last what quotes them, and the tags: the one gets its name, the others go. */
static int finish(struct replace *x)
{
    struct ctx *c = x->c;
    const struct field *f = entity_field_find(x->entity, "name");
    if (x->name != NULL && views_retag(c, x->keys, x->count, x->name, &x->views) != 0) {
        return -1;
    }
    for (size_t i = 0; i < x->count; i++) {
        struct record *r = NULL;
        bool changed = false;
        if (rows_load(c->db, x->entity, x->from[i], c->arena, &r, &c->err) != 0) {
            return -1;
        }
        if (x->from[i] == x->into) {
            struct record *after = record_copy(c->arena, r);
            struct value name = value_text(x->name);
            record_set(after, f, &name);
            if (write_back(c, r, after, &changed) != 0) {
                return -1;
            }
        } else if (record_trash_in(c, r) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- Slices ---------------------------------------------------------------------------------- */

static int run_slice(struct ctx *c, void *params)
{
    struct slice_call *s = params;
    struct job job = {0};
    const struct json *body = NULL, *position = NULL;
    struct replace x;
    if (long_write_load(c, s->job, &job, &body, &position) != 0 || read_replace(c, body, &x) != 0) {
        return -1;
    }
    x.at = (size_t)position_int(position, "at");
    x.after = position_int(position, "after");
    x.rows = (size_t)position_int(position, "rows");
    x.rows = x.rows == 0 ? LONG_WRITE_ROWS : x.rows;
    x.changed = position_int(position, "changed");
    if (run_some(&x, &s->more) != 0 || (!s->more && finish(&x) != 0)) {
        return -1;
    }
    return long_write_save(c, &job,
                           arena_printf(c->arena,
                                        "{\"at\":%zu,\"after\":%lld,\"rows\":%zu,\"changed\":%lld,"
                                        "\"views\":%lld}",
                                        x.at, (long long)x.after, x.rows, (long long)x.changed,
                                        (long long)x.views),
                           s->more);
}

int tags_slice(struct ctx *c, int64_t job, bool *more)
{
    return long_write_slice(c, SOURCE_BULK, run_slice, job, more);
}

/* ---- The whole ------------------------------------------------------------------------------- */

static int permit(struct ctx *c, const struct replace *x, bool renames)
{
    const struct role *role = c->actor.role;
    const struct entity_rights *may = role != NULL ? &role->rights[x->entity->index] : NULL;
    return may == NULL || (may->everything[ACTION_EDIT] &&
                           (renames || may->everything[ACTION_DELETE]))
               ? 0
               : ctx_fail(c, ERR_FORBIDDEN, "", "You may not change the tags of all records.");
}

int tags_replace(struct ctx *c, const struct json *body, struct record_result *out)
{
    struct replace x;
    struct buf text = {0};
    const char *result = NULL;
    const struct json *position = NULL;
    int64_t root = 0;
    *out = (struct record_result){0};
    if (ctx_db(c) == NULL || read_replace(c, body, &x) != 0 ||
        permit(c, &x, x.into == x.from[0]) != 0) {
        return -1;
    }
    ctx_release(c);
    json_print(&text, body);
    struct long_write what = {.kind = "tags",
                              .source = SOURCE_BULK,
                              .params = arena_strndup(c->arena, text.data, text.size),
                              .slice = tags_slice};
    buf_done(&text);
    if (long_write_run(c, &what, &result, &root) != 0 ||
        json_parse(c->arena, result, strlen(result), &position, &c->err) != 0) {
        return -1;
    }
    out->change = root;
    out->body = arena_printf(c->arena, "{\"changed\":%lld,\"views\":%lld,\"change\":%lld%s}",
                             (long long)position_int(position, "changed"),
                             (long long)position_int(position, "views"), (long long)root,
                             c->dry_run ? ",\"dry_run\":true" : "");
    out->body_size = strlen(out->body);
    return 0;
}

/* ---- How often they are used ----------------------------------------------------------------- */

static int add_uses(struct ctx *c, const struct field *f, struct json_writer *w)
{
    struct tag_use *uses = NULL;
    size_t count = 0;
    if (tagged_count(c->db, f, c->arena, &uses, &count, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        jw_object(w);
        jw_kv_text(w, "key", uses[i].tag);
        jw_kv_text(w, "entity", f->entity->name);
        jw_kv_text(w, "field", f->name);
        jw_kv_int(w, "count", uses[i].count);
        jw_object_end(w);
    }
    return 0;
}

/* Of what the actor sees all records of: a count tells of those he does not see. */
static bool counts(const struct ctx *c, const struct field *f)
{
    const struct role *role = c->actor.role;
    return field_is_tags(f) && !f->hidden && f->column_count > 0 && access_sees(c, f) &&
           (role == NULL || role->rights[f->entity->index].everything[ACTION_SEE]);
}

int tags_uses(struct ctx *c, struct buf *out)
{
    struct json_writer w;
    if (ctx_db(c) == NULL) {
        return -1;
    }
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "items");
    jw_array(&w);
    for (size_t i = 0; i < c->model->entity_count; i++) {
        const struct entity *e = c->model->entities[i];
        for (size_t k = 0; k < e->field_count; k++) {
            if (counts(c, e->fields[k]) && add_uses(c, e->fields[k], &w) != 0) {
                return -1;
            }
        }
    }
    jw_array_end(&w);
    jw_object_end(&w);
    return 0;
}
