/*
 * One record of an undo, and those that have to be written together; see undo_record.h.
 *
 * A clash that stays one concerns few: each try without those it hit shows who else must stay.
 * Where that goes on and on (a long row of values each of which moved to the next record), all
 * stay.
 */
#include "core/undo_record.h"

#include <string.h>

#include "core/series_parts.h"
#include "store/merged.h"

/* Those that wait are tried again, each time without the clashes of the time before, until so many
 * records were written: the writer is held meanwhile. */
#define TRIES_RECORDS (2 * UNDO_WAITS_MAX)

bool undo_may_all(const struct ctx *c, const struct entity *e)
{
    const bool *everything =
        c->actor.role == NULL ? NULL : c->actor.role->rights[e->index].everything;
    return everything == NULL || (everything[ACTION_EDIT] && everything[ACTION_DELETE]);
}

static bool follows_tags(const struct entity *e, const struct change_touch *touches, size_t count)
{
    bool tags = false, filters = strcmp(e->name, ENTITY_VIEW) == 0;
    for (size_t i = 0; i < count; i++) {
        const struct field *f = touches[i].field;
        tags = tags || strcmp(touches[i].entity->name, ENTITY_TAG) == 0;
        filters = filters &&
                  (touches[i].entity != e || (f != NULL && strcmp(f->name, "filter") == 0));
    }
    return tags && filters;
}

static bool follows_conversion(const struct entity *e, const struct change_touch *touches, size_t count)
{
    bool converted = false, lists = true;
    for (size_t i = 0; i < count; i++) {
        const struct field *f = touches[i].field;
        if (f != NULL) {
            converted = converted || f->holds;
            lists = lists && (touches[i].entity != e || field_is_records(f));
        }
    }
    return converted && lists;
}

bool undo_follows(const struct entity *e, const struct change_touch *touches, size_t count)
{
    return follows_tags(e, touches, count) || follows_conversion(e, touches, count);
}

int undo_permit(struct ctx *c, const struct change_touch *touches, size_t count,
                const struct undo_step *step)
{
    enum action action = step->op == OP_UPDATE ? ACTION_EDIT : ACTION_DELETE;
    bool follows = action == ACTION_EDIT && undo_follows(step->entity, touches, count);
    return follows || undo_may_all(c, step->entity)
               ? 0
               : record_permit(c, action, step->entity, step->record, true);
}

/* ---- One record ------------------------------------------------------------------------------ */

static void begin_kept(struct undo *u, struct json_writer *w, const struct undo_step *step)
{
    struct title_row *row = NULL;
    if (u->kept.size > 0) {
        buf_putc(&u->kept, ',');
    }
    jw_init(w, &u->kept);
    jw_object(w);
    jw_kv_text(w, "entity", step->entity->name);
    jw_kv_int(w, "id", step->record);
    if (print_titles(u->c, &step->record, 1, &row) == 0) {
        jw_kv_text(w, "title", row->hidden ? NULL : row->title);
    }
}

static void note_kept(struct undo *u, const struct undo_step *step, const struct field *also)
{
    struct json_writer w;
    if (step->kept_count + step->kept_gone_count == 0 && !step->kept_record && also == NULL) {
        return;
    }
    if (u->kept_count++ >= UNDO_KEPT_MAX) {
        return;
    }
    begin_kept(u, &w, step);
    jw_key(&w, "fields");
    jw_array(&w);
    for (size_t i = 0; i < step->kept_count; i++) {
        if (access_sees(u->c, step->kept[i])) {
            jw_text(&w, step->kept[i]->name);
        }
    }
    for (size_t i = 0; i < step->kept_gone_count; i++) {
        if (u->c->actor.role == NULL || u->c->actor.role->admin) { /* nobody has rights to it now */
            jw_text(&w, step->kept_gone[i]);
        }
    }
    if (also != NULL && access_sees(u->c, also)) {
        jw_text(&w, also->name);
    }
    jw_array_end(&w);
    jw_object_end(&w);
}

/* The field in which a record clashed with another one. */
static const struct field *clash_of(const struct undo_step *step, const struct err *why)
{
    size_t n = strlen(step->entity->name);
    bool named = strncmp(why->where, step->entity->name, n) == 0 && why->where[n] == '.';
    return named ? entity_field_find(step->entity, why->where + n + 1) : NULL;
}

/* A record that could not be taken back: kept, with the reason. */
static void note_failed(struct undo *u, const struct undo_step *step, const struct err *why)
{
    struct json_writer w;
    const struct field *f = clash_of(step, why);
    u->ring = u->ring || (f != NULL && f == step->entity->tree);
    if (u->kept_count++ >= UNDO_KEPT_MAX) {
        return;
    }
    begin_kept(u, &w, step);
    jw_key(&w, "fields");
    jw_array(&w);
    if (f != NULL && access_sees(u->c, f)) {
        jw_text(&w, f->name);
    }
    jw_array_end(&w);
    jw_kv_text(&w, "text", why->text);
    jw_object_end(&w);
}

static void put_columns(struct record *r, const struct undo_step *step)
{
    for (size_t i = 0; i < step->count; i++) {
        for (size_t k = 0; k < r->entity->column_count; k++) {
            if (r->entity->columns[k] == step->columns[i]) {
                r->values[k] = step->before[i];
            }
        }
    }
}

/* A stage given back into a pipeline that was changed since: both stay as they are now. The field
 * that was kept, or NULL. */
static const struct field *mend_stage(struct ctx *c, const struct record *now, struct record *after)
{
    const struct entity *e = after->entity;
    if (e->stage == NULL || e->pipeline == NULL || keep_stage_of(c, after) != NULL ||
        keep_stage_of(c, now) == NULL) {
        return NULL;
    }
    record_set(after, e->stage, record_values(now, e->stage));
    record_set(after, e->pipeline, record_values(now, e->pipeline));
    return e->stage;
}

struct undo_one {
    const struct undo *undo;
    const struct undo_step *step;
    bool changed;
    int64_t along; /* records that went with it */
    const struct field *also_kept;
};

static int put_back(struct ctx *c, struct undo_one *one, struct record *now)
{
    struct record *after = record_new(c->arena, now->entity);
    struct value *values = after->values;
    *after = *now;
    after->values = values;
    memcpy(values, now->values, sizeof(*values) * now->entity->column_count);
    put_columns(after, one->step);
    one->also_kept = mend_stage(c, now, after);
    if (write_back(c, now, after, &one->changed) != 0) {
        return -1;
    }
    *now = *after;
    return 0;
}

/* A record that is part of another one since: 1 with the reason. What it held comes back to it, for
 * when it is taken out of the other one; it does not come back itself. */
static int is_merged_since(const struct undo *u, const struct undo_step *step, struct err *why)
{
    struct ctx *c = u->c;
    struct merged_row row;
    struct title_row *survivor = NULL;
    if (merged_find(c->db, step->record, &row, &c->err) != 0) {
        return -1;
    }
    if (row.record == 0 || row.set == u->merge) {
        return 0;
    }
    if (print_titles(c, &row.survivor, 1, &survivor) != 0) {
        return -1;
    }
    err_fail(why, ERR_CONFLICT, "", "It was merged into %s by change %lld since: there it stays.",
             survivor->hidden ? "another record"
                              : arena_printf(c->arena, "“%.100s”", survivor->title),
             (long long)row.set);
    return 1;
}

static int undo_one(struct ctx *c, void *params)
{
    struct undo_one *one = params;
    struct err since;
    const struct undo_step *step = one->step;
    struct record *r = NULL;
    one->changed = false;
    one->along = 0;
    one->also_kept = NULL;
    if (rows_load(c->db, step->entity, step->record, c->arena, &r, &c->err) != 0) {
        return -1;
    }
    if (step->op != OP_CREATE && step->count > 0 &&
        (put_back(c, one, r) != 0 || series_set_back(c, r, &one->along) != 0)) {
        return -1;
    }
    if (step->gone_count > 0) {
        one->changed = true;
        if (rows_update_gone(c->db, &c->change, r, step, &c->err) != 0) {
            return -1;
        }
    }
    bool to_trash = step->op == OP_CREATE || step->op == OP_RESTORE;
    if (to_trash && !step->kept_record && r->deleted_at == 0) {
        one->changed = true;
        return record_trash_in(c, r) != 0 ? -1 : series_undone(c, r, &one->along);
    }
    if (step->op != OP_DELETE || r->deleted_at == 0) {
        return 0;
    }
    int merged = is_merged_since(one->undo, step, &since);
    if (merged != 0) {
        return merged < 0 ? -1 : 0;
    }
    one->changed = true;
    return record_restore_in(c, r);
}

/* Rights may have changed since the whole was permitted; those to a merge are to the merged. */
static int permit_one(const struct undo *u, const struct undo_step *step)
{
    return u->whole || u->merge != 0 ? 0 : undo_permit(u->c, u->touches, u->touch_count, step);
}

static int undo_permitted(struct ctx *c, void *params)
{
    const struct undo_one *one = params;
    size_t from = next_begin(c);
    if (permit_one(one->undo, one->step) != 0 || undo_one(c, params) != 0) {
        return -1;
    }
    return one->undo->whole ? 0 : next_keep(c, from); /* a whole one is looked at when all is back */
}

static void note_done(struct undo *u, const struct undo_one *one)
{
    u->undone += (one->changed ? 1 : 0) + one->along;
    note_kept(u, one->step, one->also_kept);
}

bool undo_wait(struct undo *u, int64_t record)
{
    if (u->wait_count == UNDO_WAITS_MAX) {
        return false;
    }
    if (u->waits == NULL) {
        u->waits = ARENA_ARRAY(u->c->arena, int64_t, UNDO_WAITS_MAX);
    }
    u->waits[u->wait_count++] = record;
    return true;
}

/* Others built on a record since it was made: it stays, with the reason. */
static int note_used(struct undo *u, const struct undo_step *step)
{
    struct ctx *c = u->c;
    struct title_row *by = NULL;
    struct err why = {0};
    if (print_titles(c, &step->used_by, 1, &by) != 0) {
        return -1;
    }
    err_fail(&why, ERR_CONFLICT, "", "%s points at it since.",
             by->hidden ? "Another record" : arena_printf(c->arena, "“%.100s”", by->title));
    note_failed(u, step, &why);
    return 0;
}

/* A series that was only rolled on since is as it was made, or changed. */
static void forget_rolled(const struct ctx *c, struct undo_step *step)
{
    bool rolled = step->kept_count > 0 && step->kept_gone_count == 0;
    for (size_t i = 0; i < step->kept_count && rolled; i++) {
        rolled = series_is_made_until(c, step->kept[i]);
    }
    if (rolled) {
        step->kept_count = 0;
        step->kept_record = false;
    }
}

int undo_record(struct undo *u, const struct undo_step *taken)
{
    struct ctx *c = u->c;
    struct undo_step own = *taken;
    const struct undo_step *step = &own;
    forget_rolled(c, &own);
    if (step->used_by != 0) {
        return note_used(u, step);
    }
    struct undo_one one = {.undo = u, .step = step};
    struct err since = {0};
    bool fatal = false;
    int merged = is_merged_since(u, step, &since);
    if (merged < 0) {
        return -1;
    }
    if (ctx_try(c, undo_permitted, &one, &fatal) == 0) {
        note_done(u, &one);
        if (merged > 0 && u->merge == 0) {
            note_failed(u, step, &since);
        }
        return 0;
    }
    bool clash = c->err.code == ERR_CONFLICT;
    if (fatal || (u->whole && !clash)) {
        return -1;
    }
    struct err why = c->err;
    err_clear(&c->err);
    if (!clash || !undo_wait(u, step->record)) {
        note_failed(u, step, &why);
    }
    return 0;
}

/* ---- Those that wait for others -------------------------------------------------------------- */

struct together {
    struct undo *undo;
    struct undo_step *steps;
    struct undo_one *ones;
    struct err *why; /* code ERR_NONE: it comes back */
    size_t count;
    bool clashed; /* one of them did in this try */
};

/* The values no two records may share, of those that are to come back, and the way up a tree. */
static bool empty_unique(const struct undo_step *step, struct record *r)
{
    bool any = false;
    for (size_t i = 0; i < step->count; i++) {
        const struct field *f = step->columns[i]->field;
        struct value none[FIELD_MAX_COLUMNS] = {{.kind = VALUE_NULL}};
        if (f->unique || f == r->entity->tree) {
            record_set(r, f, none);
            any = true;
        }
    }
    return any;
}

static int make_way(struct ctx *c, const struct undo_step *step)
{
    struct record *before = NULL, *r = NULL;
    bool changed = false;
    if (rows_load(c->db, step->entity, step->record, c->arena, &before, &c->err) != 0 ||
        rows_load(c->db, step->entity, step->record, c->arena, &r, &c->err) != 0) {
        return -1;
    }
    if (!empty_unique(step, r)) {
        return 0;
    }
    return rows_update(c->db, c->model, &c->change, before, r, &changed, &c->err) != 0
               ? -1
               : rows_rollup(c->db, c->model, &c->change, before, r, &c->err);
}

/* -1 with *t->clashed: another try; without: the undo has failed. */
static int put_together(struct ctx *c, struct together *t, size_t i)
{
    bool fatal = false;
    if (ctx_try(c, undo_one, &t->ones[i], &fatal) == 0) {
        return 0;
    }
    if (fatal || (t->undo->whole && c->err.code != ERR_CONFLICT)) {
        return -1;
    }
    t->why[i] = c->err;
    t->clashed = true;
    err_clear(&c->err);
    return 0;
}

static int run_together(struct ctx *c, void *params)
{
    struct together *t = params;
    t->clashed = false;
    for (size_t i = 0; i < t->count; i++) {
        if (t->why[i].code == ERR_NONE && make_way(c, &t->steps[i]) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < t->count; i++) {
        t->ones[i] = (struct undo_one){.undo = t->undo, .step = &t->steps[i]};
        if (t->why[i].code == ERR_NONE && put_together(c, t, i) != 0) {
            t->clashed = false;
            return -1;
        }
    }
    return t->clashed ? ctx_fail(c, ERR_CONFLICT, "", "Some of it clashes.") : 0;
}

/* All who are left in it stay as they are. */
static void give_up(struct together *t)
{
    for (size_t i = 0; i < t->count; i++) {
        if (t->why[i].code == ERR_NONE) {
            err_fail(&t->why[i], ERR_CONFLICT, "",
                     "Its values belong with those of records that cannot be taken back.");
        }
    }
}

/* Whether each may come back at all; then tries until those who are left do. */
static int try_together(struct together *t)
{
    struct ctx *c = t->undo->c;
    for (size_t i = 0; i < t->count; i++) {
        if (permit_one(t->undo, &t->steps[i]) != 0) {
            t->why[i] = c->err;
            err_clear(&c->err);
        }
    }
    for (size_t tries = 0; tries * t->count < TRIES_RECORDS; tries++) {
        bool fatal = false;
        if (ctx_try(c, run_together, t, &fatal) == 0) {
            return 0;
        }
        if (fatal || !t->clashed) {
            return -1;
        }
        err_clear(&c->err);
    }
    give_up(t);
    return 0;
}

int undo_waiting(struct undo *u)
{
    struct ctx *c = u->c;
    struct together t = {.undo = u};
    if (u->wait_count == 0) {
        return 0;
    }
    if (change_undo_plan_of(c->db, c->model, u->set, u->waits, u->wait_count, c->arena, &t.steps,
                            &t.count, &c->err) != 0) {
        return -1;
    }
    t.ones = ARENA_ARRAY(c->arena, struct undo_one, t.count + 1);
    t.why = ARENA_ARRAY(c->arena, struct err, t.count + 1);
    memset(t.why, 0, (t.count + 1) * sizeof(*t.why));
    if (try_together(&t) != 0) {
        return -1;
    }
    for (size_t i = 0; i < t.count; i++) {
        if (t.why[i].code == ERR_NONE) {
            note_done(u, &t.ones[i]);
        } else {
            note_failed(u, &t.steps[i], &t.why[i]);
        }
    }
    u->wait_count = 0;
    return 0;
}
