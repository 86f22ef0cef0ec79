/* What points at a converted record points at what it became, too; see convert.h. */
#include "core/convert.h"
#include "core/build.h"
#include "store/merged.h"

#define MOVE_MAX 5000 /* records that point at one */

/* May a record of this kind stand in the list? Beside what an entry is about there may be a list of
 * people who take part. */
static bool stands_in(const struct field *f, const struct entity *e)
{
    const struct story *s = &f->entity->story;
    bool about = f == s->records || f == s->pin || s->records == NULL;
    return e->timeline && (about || e->title_count > 1);
}

/* Adds the targets to a list; false: all that may are in it. */
static bool add_targets(const struct convert *v, const struct record *r, const struct field *f,
                        struct record *after)
{
    struct arena *a = v->c->arena;
    int64_t *ids = NULL;
    size_t count = print_ids(a, record_value(r, f), &ids);
    struct buf text = {0};
    bool more = false;
    for (size_t i = 0; i < count; i++) {
        buf_printf(&text, "%c%lld", i == 0 ? '[' : ',', (long long)ids[i]);
    }
    for (size_t i = 0; i < v->count; i++) {
        const struct outcome *t = &v->targets[i];
        bool there = t->id == 0 || t->id == r->id || !stands_in(f, t->entity);
        for (size_t k = 0; k < count && !there; k++) {
            there = ids[k] == t->id;
        }
        if (!there) {
            buf_printf(&text, ",%lld", (long long)t->id);
            more = true;
        }
    }
    buf_putc(&text, ']');
    struct value list = value_text(arena_strndup(a, text.data, text.size));
    buf_done(&text);
    record_set(after, f, &list);
    return more;
}

static int move_one(struct convert *v, const struct field *f, int64_t id)
{
    struct ctx *c = v->c;
    struct record *r = NULL;
    bool changed = false;
    if (rows_load(c->db, f->entity, id, c->arena, &r, &c->err) != 0) {
        return -1;
    }
    struct record *after = record_copy(c->arena, r);
    return add_targets(v, r, f, after) ? write_back(c, r, after, &changed) : 0;
}

/* ---- Who was shown the source ---------------------------------------------------------------- */

struct shown {
    struct convert *v;
    const struct record *share;
    int64_t id;
};

static int share_one(struct ctx *c, void *params)
{
    const struct shown *s = params;
    const struct sharing *of = &c->model->sharing;
    struct field_set *set = field_set_new(c->arena, of->entity);
    struct written done = {0};
    const struct value list = value_text(arena_printf(c->arena, "[%lld]", (long long)s->id));
    for (size_t i = 0; i < of->entity->field_count; i++) {
        const struct field *f = of->entity->fields[i];
        if (!f->system && f->compute == NULL && f->column_count > 0 && f != of->records) {
            field_set_put(set, of->entity, f, record_values(s->share, f));
        }
    }
    field_set_put(set, of->entity, of->records, &list);
    return write_insert(c, of->entity, set, &done);
}

/* A share that nobody could make now (its user is gone) is not made. */
static int share_on(struct convert *v, int64_t id)
{
    struct ctx *c = v->c;
    struct record *share = NULL;
    if (rows_load(c->db, c->model->sharing.entity, id, c->arena, &share, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < v->count && share->deleted_at == 0; i++) {
        const struct outcome *t = &v->targets[i];
        struct shown s = {v, share, t->id};
        bool fatal = false;
        if (!t->made || !t->entity->timeline) {
            continue;
        }
        if (ctx_try(c, share_one, &s, &fatal) != 0) {
            if (fatal) {
                return -1;
            }
            err_clear(&c->err);
        }
    }
    return 0;
}

/* ---- All of them ----------------------------------------------------------------------------- */

static int move_field(struct convert *v, const struct field *f)
{
    struct ctx *c = v->c;
    int64_t *ids = NULL;
    size_t count = 0;
    if (merged_pointing(c->db, f, &v->source->id, 1, MOVE_MAX, c->arena, &ids, &count, &c->err) != 0) {
        return -1;
    }
    if (count == MOVE_MAX) {
        return ctx_fail(c, ERR_CONFLICT, "", "More than %d records point at this one.", MOVE_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        int rc = f == c->model->sharing.records ? share_on(v, ids[i]) : move_one(v, f, ids[i]);
        if (rc != 0) {
            return -1;
        }
    }
    return 0;
}

int convert_move(struct convert *v)
{
    const struct model *m = v->c->model;
    for (size_t i = 0; i < m->entity_count; i++) {
        const struct entity *e = m->entities[i];
        for (size_t k = 0; k < e->column_count; k++) {
            const struct field *f = e->columns[k]->field;
            bool points = field_is_records(f) && f->compute == NULL && !f->system;
            if (points && move_field(v, f) != 0) {
                return -1;
            }
        }
    }
    return 0;
}
