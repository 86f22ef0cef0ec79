/*
 * A whole record back to a moment. What it held then may not fit any more: an option is gone, a
 * limit was set, a link leads into the bin, somebody else has the unique value. Such a field stays
 * as it is and is told, like what an undo keeps; the others come back. The rules of the whole
 * record (conditions, gates, an administrator left) decide about the whole.
 */
#include <string.h>

#include "base/str.h"
#include "core/parts.h"

/* A record on its way back to a moment. */
struct moment {
    struct record *before;
    struct field_set *fields;
    struct written *done;
    const char **why; /* by field->index: cannot come back; NULL: comes, or is as it was */
    size_t left;      /* how many cannot */
};

static bool differs(const struct moment *m, const struct field *f)
{
    const struct value *now = record_values(m->before, f);
    const struct value *then = field_set_values(m->fields, m->before->entity, f);
    for (size_t i = 0; now != NULL && i < f->column_count; i++) {
        if (!value_equal(now[i], then[i])) {
            return true;
        }
    }
    return false;
}

static void leave(struct moment *m, const struct field *f, const char *why)
{
    m->fields->given[f->index] = false;
    m->why[f->index] = why;
    m->left++;
}

static int leave_unfit(struct ctx *c, struct moment *m)
{
    const struct entity *e = m->before->entity;
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        const char *why = NULL;
        if (!m->fields->given[i] || !differs(m, f)) {
            continue;
        }
        if (record_fits(c, m->before, f, field_set_values(m->fields, e, f), &why) != 0) {
            return -1;
        }
        if (why != NULL) {
            leave(m, f, why);
        }
    }
    return 0;
}

/* A unique value that another record has now; false: the error is about something else. */
static bool leave_clash(struct ctx *c, struct moment *m)
{
    const struct entity *e = m->before->entity;
    size_t n = strlen(e->name);
    bool named = strncmp(c->err.where, e->name, n) == 0 && c->err.where[n] == '.';
    const struct field *f = named ? entity_field_find(e, c->err.where + n + 1) : NULL;
    if (c->err.code != ERR_CONFLICT || f == NULL || !m->fields->given[f->index]) {
        return false;
    }
    leave(m, f, arena_strdup(c->arena, c->err.text));
    err_clear(&c->err);
    return true;
}

static int write_moment(struct ctx *c, void *params)
{
    struct moment *m = params;
    return write_change(c, m->before, m->fields, m->done);
}

/* As the kept ones of an undo. */
static void print_left(const struct moment *m, struct buf *out)
{
    const struct entity *e = m->before->entity;
    struct json_writer w;
    jw_init(&w, out);
    jw_array(&w);
    for (size_t i = 0; i < e->field_count; i++) {
        if (m->why[i] == NULL) {
            continue;
        }
        jw_object(&w);
        jw_kv_text(&w, "entity", e->name);
        jw_kv_int(&w, "id", m->before->id);
        jw_kv_text(&w, "title", m->before->title);
        jw_key(&w, "fields");
        jw_array(&w);
        jw_text(&w, e->fields[i]->name);
        jw_array_end(&w);
        jw_kv_text(&w, "text", m->why[i]);
        jw_object_end(&w);
    }
    jw_array_end(&w);
}

/* The record as it is and as it was; every field the actor may write is given. */
static int load_moment(struct ctx *c, const struct entity *e, int64_t id, const char *at,
                       struct moment *m)
{
    int64_t set = 0;
    if (record_permit(c, ACTION_EDIT, e, id, false) != 0 || record_as_of(c, at, &set) != 0 ||
        rows_load(c->db, e, id, c->arena, &m->before, &c->err) != 0) {
        return -1;
    }
    if (set < m->before->created_cs) {
        return ctx_fail(c, ERR_INVALID, "at", "This %s did not exist then.", e->name);
    }
    m->fields = field_set_new(c->arena, e);
    m->why = ARENA_ARRAY(c->arena, const char *, e->field_count + 1);
    for (size_t i = 0; i < e->field_count; i++) {
        m->fields->given[i] = access_sees(c, e->fields[i]) && access_sets(c, e->fields[i]);
        m->why[i] = NULL;
    }
    return change_values_at(c->db, e, id, set, c->arena, m->fields->values, &c->err);
}

int moment_restore(struct ctx *c, const struct entity *e, int64_t id, const struct json *at,
                   struct written *done, struct buf *left)
{
    struct moment m = {.done = done};
    if (at->type != JSON_STRING) {
        return ctx_fail(c, ERR_MALFORMED, "at", "\"at\" is a time like \"2026-11-21T14:05:00Z\".");
    }
    if (load_moment(c, e, id, at->text, &m) != 0 || leave_unfit(c, &m) != 0) {
        return -1;
    }
    for (bool fatal = false; ctx_try(c, write_moment, &m, &fatal) != 0;) {
        if (fatal || !leave_clash(c, &m)) {
            return -1;
        }
    }
    if (m.left > 0) {
        print_left(&m, left);
    }
    return 0;
}
