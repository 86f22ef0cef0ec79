/*
 * Taking a change-set back: everything it did to every record, as one new change-set. What others
 * changed since stays and is listed as kept. Rights come first and for the whole: who may not touch
 * one of the records takes back nothing.
 *
 * The rules for edits (required fields, gates) do not apply: the state was valid when it was made.
 * What must always hold does: unique values, an administrator left, a stage that belongs to its
 * pipeline. Taking back a merge needs the rights to the records it merged, not to all that pointed at
 * them, and has to be in order: what was merged on, or had the same field merged into it again, has to
 * be taken apart in the order it was put together. A record whose unique value another one took since is kept too. Up to BULK_SLICE records
 * are one transaction; more run in slices (long_write.h), where a record that cannot be taken back
 * for whatever reason is kept. One record at a time: undo_record.c.
 */
#include <string.h>

#include "core/long_write.h"
#include "core/undo_record.h"
#include "store/external.h"
#include "store/merged.h"
#include "store/notifications.h"

#define PERMIT_MS 10000 /* for looking at the rights to the records of a large set */

/* ---- May it be undone? ----------------------------------------------------------------------- */

/* What came in slices goes back as a whole: a slice ends where time was up, not where a matter did. */
static int refuse_part(struct ctx *c, const struct change_info *part)
{
    struct change_info whole = *part;
    while (whole.parent != 0) {
        if (change_info_find(c->db, c->model, whole.parent, c->arena, &whole, &c->err) != 0) {
            return -1;
        }
    }
    return ctx_fail(c, ERR_CONFLICT, "", "Change %lld is part of change %lld: undo %lld.",
                    (long long)part->id, (long long)whole.id, (long long)whole.id);
}

static int refuse_undone(struct ctx *c, int64_t set, int64_t by)
{
    struct change_info undo;
    bool undoing = false;
    if (change_info_find(c->db, c->model, by, c->arena, &undo, &c->err) != 0 ||
        jobs_writing(c->db, by, c->job, &undoing, &c->err) != 0) {
        return -1;
    }
    if (undoing) {
        return ctx_fail(c, ERR_CONFLICT, "",
                        "Change %lld is being undone by change %lld; wait for its end.",
                        (long long)set, (long long)by);
    }
    return undo.undone_by != 0
               ? 0
               : ctx_fail(c, ERR_CONFLICT, "", "Change %lld is undone already by change %lld.",
                          (long long)set, (long long)by);
}

/* The merge at the beginning of what is taken back, with its records; *count 0: it is none. */
static int find_merge(struct ctx *c, int64_t set, struct merged_row **rows, size_t *count)
{
    int64_t origin = set;
    return ctx_db(c) == NULL || merged_origin(c->db, set, &origin, &c->err) != 0
               ? -1
               : merged_by(c->db, origin, c->arena, rows, count, &c->err);
}

static int refuse_order(struct ctx *c, int64_t later)
{
    return ctx_fail(c, ERR_CONFLICT, "",
                    "These records were merged again by change %lld since; undo change %lld first.",
                    (long long)later, (long long)later);
}

/* Is there a merge in force that stands on this one? */
static int check_order(struct ctx *c, int64_t set)
{
    struct merged_row *rows = NULL, now;
    size_t count = 0;
    int64_t later = 0;
    if (find_merge(c, set, &rows, &count) != 0) {
        return -1;
    }
    for (size_t i = 0; i <= count && count > 0; i++) {
        int64_t id = i == 0 ? rows[0].survivor : rows[i - 1].record;
        if (merged_find(c->db, id, &now, &c->err) != 0) {
            return -1;
        }
        if (now.record != 0 && now.set != rows[0].set) {
            return refuse_order(c, now.set);
        }
    }
    if (count == 0) {
        return 0;
    }
    if (merged_later(c->db, c->model, rows[0].set, &later, &c->err) != 0) {
        return -1;
    }
    return later == 0 ? 0 : refuse_order(c, later);
}

static int check_set(struct ctx *c, int64_t set)
{
    struct change_info info;
    bool writing = false;
    const char *gone = NULL;
    if (ctx_db(c) == NULL ||
        change_info_find(c->db, c->model, set, c->arena, &info, &c->err) != 0 ||
        jobs_writing(c->db, set, c->job, &writing, &c->err) != 0 ||
        change_gone_entity(c->db, set, c->arena, &gone, &c->err) != 0) {
        return -1;
    }
    if (info.parent != 0) {
        return refuse_part(c, &info);
    }
    if (info.source == SOURCE_CONFIG) {
        return ctx_fail(
            c, ERR_CONFLICT, "",
            "Change %lld changed the configuration; put the earlier files back and apply them.",
            (long long)set);
    }
    if (writing) {
        return ctx_fail(c, ERR_CONFLICT, "", "Change %lld is still being made; wait for its end.",
                        (long long)set);
    }
    if (gone != NULL) {
        return ctx_fail(c, ERR_CONFLICT, "",
                        "Change %lld wrote records of %s, which has left the configuration; bring it "
                        "back first.",
                        (long long)set, gone);
    }
    if (info.undone_by != 0 && refuse_undone(c, set, info.undone_by) != 0) {
        return -1;
    }
    return check_order(c, set);
}

static bool touches_field(const struct change_touch *touches, size_t count, const struct field *f)
{
    for (size_t i = 0; i < count; i++) {
        if (touches[i].field == f) {
            return true;
        }
    }
    return false;
}

static bool may_set(const struct ctx *c, const struct change_touch *touches, size_t count,
                    const struct field *f)
{
    if (f->compute != NULL || role_edits(c->actor.role, f) ||
        (field_is_records(f) && undo_follows(f->entity, touches, count))) {
        return true;
    }
    /* What moved along with the stage comes back with it. */
    return (keep_follows_stage(f) || keep_says_why_lost(f)) &&
           touches_field(touches, count, f->entity->stage) &&
           role_edits(c->actor.role, f->entity->stage);
}

/* The rights to what the set wrote, apart from the rights to single records. *whole: those need
 * not be looked at. */
static int permit_touches(struct ctx *c, int64_t set, bool *whole)
{
    struct change_touch *touches = NULL;
    size_t count = 0;
    if (change_touches(c->db, c->model, set, c->arena, &touches, &count, &c->err) != 0) {
        return -1;
    }
    *whole = true;
    for (size_t i = 0; c->actor.role != NULL && i < count; i++) {
        const struct field *f = touches[i].field;
        if (user_permit_touch(c, &touches[i]) != 0) {
            return -1;
        }
        *whole = *whole && undo_may_all(c, touches[i].entity);
        if (f != NULL && !may_set(c, touches, count, f)) {
            return ctx_fail(c, ERR_FORBIDDEN, "",
                            "This change touches fields you may not change; nothing was undone.");
        }
    }
    return 0;
}

static int refuse_records(struct ctx *c)
{
    err_clear(&c->err);
    return ctx_fail(c, ERR_FORBIDDEN, "",
                    "This change touches records you may not change; nothing was undone.");
}

/* Each of the few records of a small set. */
static int permit_records(struct ctx *c, int64_t set)
{
    struct undo_step *steps = NULL;
    struct change_touch *touches = NULL;
    size_t count = 0, touch_count = 0;
    if (change_undo_plan(c->db, c->model, set, 0, BULK_SLICE + 1, c->arena, &steps, &count,
                         &c->err) != 0 ||
        change_touches(c->db, c->model, set, c->arena, &touches, &touch_count, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (undo_permit(c, touches, touch_count, &steps[i]) != 0) {
            bool refused = c->err.code == ERR_NOT_FOUND || c->err.code == ERR_FORBIDDEN;
            return refused ? refuse_records(c) : -1;
        }
    }
    return 0;
}

static bool is_first(const struct change_touch *touches, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (touches[k].entity == touches[i].entity) {
            return false;
        }
    }
    return true;
}

static bool only_updates(const struct entity *e, const struct change_touch *touches, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (touches[i].entity == e && touches[i].field == NULL) {
            return false;
        }
    }
    return true;
}

/* A large set as a whole; its slices look at each record again. */
static int permit_entities(struct ctx *c, int64_t set)
{
    struct change_touch *touches = NULL;
    size_t count = 0;
    const struct who who = ctx_who(c);
    if (change_touches(c->db, c->model, set, c->arena, &touches, &count, &c->err) != 0) {
        return -1;
    }
    if (!c->in_write) {
        db_limit_ms(c->db, PERMIT_MS);
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_first(touches, i) || undo_may_all(c, touches[i].entity) ||
            (undo_follows(touches[i].entity, touches, count) &&
             only_updates(touches[i].entity, touches, count))) {
            continue;
        }
        int all = change_undo_permits(c->db, &who, set, touches[i].entity, c->arena, &c->err);
        if (all <= 0) {
            return all < 0 ? -1 : refuse_records(c);
        }
    }
    return 0;
}

/* The rights that the merge itself needed. */
static int permit_merge(struct ctx *c, const struct merged_row *rows, size_t count)
{
    const struct entity *e = NULL;
    if (rows_entity_of(c->db, c->model, rows[0].survivor, &e, &c->err) != 0 || e == NULL) {
        return -1;
    }
    int rc = record_permit(c, ACTION_EDIT, e, rows[0].survivor, true);
    for (size_t i = 0; i < count && rc == 0; i++) {
        rc = record_permit(c, ACTION_DELETE, e, rows[i].record, true);
    }
    bool refused = c->err.code == ERR_NOT_FOUND || c->err.code == ERR_FORBIDDEN;
    return rc != 0 && refused ? refuse_records(c) : rc;
}

/* Rights to all of the set; *count: how many records it has, as far as that decides between small
 * and large. */
static int permit_all(struct ctx *c, int64_t set, int64_t *count)
{
    struct change_info info;
    struct merged_row *rows = NULL;
    size_t merged = 0;
    bool whole = false;
    if (find_merge(c, set, &rows, &merged) != 0) {
        return -1;
    }
    if (merged > 0) {
        *count = 0;
        if (permit_merge(c, rows, merged) != 0 ||
            change_info_find(c->db, c->model, set, c->arena, &info, &c->err) != 0) {
            return -1;
        }
        *count = info.records;
        return 0;
    }
    if (permit_touches(c, set, &whole) != 0 ||
        change_info_find(c->db, c->model, set, c->arena, &info, &c->err) != 0) {
        return -1;
    }
    *count = info.records;
    if (whole) {
        return 0;
    }
    return info.records > BULK_SLICE ? permit_entities(c, set) : permit_records(c, set);
}

/* What the list of changes promises: the rights of now, without a look at every record of a large
 * one, and nothing of what stands against it. */
int undo_offered(struct ctx *c, const struct change_info *info, bool *offered)
{
    struct merged_row *rows = NULL;
    size_t merged = 0;
    bool whole = false;
    *offered = false;
    if (info->parent != 0 || info->undone_by != 0 || info->source == SOURCE_CONFIG ||
        info->records == 0 || c->actor.anonymous || c->actor.token == TOKEN_READ) {
        return 0;
    }
    if (c->actor.role == NULL || info->records > BULK_SLICE) {
        *offered = ctx_is_admin(c) || info->actor == c->actor.user;
        return 0;
    }
    int rc = find_merge(c, info->id, &rows, &merged);
    if (rc == 0 && merged > 0) {
        rc = permit_merge(c, rows, merged);
    } else if (rc == 0) {
        rc = permit_touches(c, info->id, &whole);
        rc = rc == 0 && !whole ? permit_entities(c, info->id) : rc;
    }
    *offered = rc == 0;
    bool refused = c->err.code == ERR_FORBIDDEN || c->err.code == ERR_NOT_FOUND ||
                   c->err.code == ERR_UNCONFIRMED;
    if (rc != 0 && refused) {
        *offered = c->err.code == ERR_UNCONFIRMED; /* he is asked for his password then */
        err_clear(&c->err);
        return 0;
    }
    return rc;
}

/* ---- The answer ------------------------------------------------------------------------------ */

static void print_undone(const struct undo *u, int64_t change, struct record_result *out)
{
    struct ctx *c = u->c;
    struct buf text = {0};
    struct json_writer w;
    jw_init(&w, &text);
    jw_object(&w);
    jw_kv_int(&w, "undone", u->undone);
    jw_key(&w, "kept");
    jw_array(&w);
    if (u->kept.size > 0) {
        jw_raw(&w, u->kept.data, u->kept.size);
    }
    jw_array_end(&w);
    if (u->kept_count > UNDO_KEPT_MAX) {
        jw_kv_int(&w, "kept_count", u->kept_count);
    }
    jw_key(&w, "change");
    if (change != 0) {
        jw_int(&w, change);
    } else {
        jw_null(&w);
    }
    if (c->dry_run) {
        jw_kv_bool(&w, "dry_run", true);
    }
    jw_object_end(&w);
    *out = (struct record_result){.change = change,
                                  .body = arena_strndup(c->arena, text.data, text.size),
                                  .body_size = text.size};
    buf_done(&text);
}

static int note_merge(struct undo *u)
{
    struct merged_row *rows = NULL;
    size_t count = 0;
    if (find_merge(u->c, u->set, &rows, &count) != 0) {
        return -1;
    }
    u->merge = count > 0 ? rows[0].set : 0;
    return 0;
}

/* Where a later merge moved branches of a tree under each other, this one cannot come apart first. */
static int check_tree(const struct undo *u)
{
    int64_t later = 0;
    if (u->merge == 0 || !u->ring) {
        return 0;
    }
    if (merged_newest(u->c->db, u->merge, &later, &u->c->err) != 0) {
        return -1;
    }
    return later == 0 ? 0 : refuse_order(u->c, later);
}

static int settle_merge(const struct undo *u)
{
    struct ctx *c = u->c;
    return u->merge == 0 ? 0 : merged_settle(c->db, c->model, u->merge, &c->err);
}

/* Who was told of what is taken back, or of what that had taken back. */
static int stir_told(struct ctx *c, int64_t set)
{
    struct change_info info = {.undo_of = set};
    while (info.undo_of != 0) {
        set = info.undo_of;
        if (notifications_changed(c->db, set, &c->err) != 0 ||
            change_info_find(c->db, c->model, set, c->arena, &info, &c->err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- Small ----------------------------------------------------------------------------------- */

static int run_small(struct ctx *c, void *params)
{
    struct undo *u = params;
    struct undo_step *steps = NULL;
    size_t count = 0;
    int64_t all = 0;
    buf_clear(&u->kept);
    u->undone = u->kept_count = 0;
    u->wait_count = 0;
    u->ring = false;
    if (check_set(c, u->set) != 0 || permit_all(c, u->set, &all) != 0 || note_merge(u) != 0 ||
        change_undo_plan(c->db, c->model, u->set, 0, (size_t)all + 1, c->arena, &steps, &count,
                         &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (undo_record(u, &steps[i]) != 0) {
            return -1;
        }
    }
    if (undo_waiting(u) != 0 || check_tree(u) != 0 || settle_merge(u) != 0 ||
        external_undone(c->db, u->set, &c->err) != 0 || stir_told(c, u->set) != 0) {
        return -1;
    }
    print_undone(u, c->change.id, u->out);
    return 0;
}

/* ---- Slices ---------------------------------------------------------------------------------- */

static int run_steps(struct undo *u, struct undo_step *steps, size_t count, bool *more)
{
    size_t i = 0;
    for (; i < count && !long_write_full(u->c, i); i++) {
        if (undo_record(u, &steps[i]) != 0) {
            return -1;
        }
        u->after = steps[i].record;
    }
    *more = count == u->rows || i < count;
    u->rows = long_write_rows(u->rows, i);
    return 0;
}

static const char *position_text(struct undo *u)
{
    struct buf text = {0};
    struct json_writer w;
    jw_init(&w, &text);
    jw_object(&w);
    jw_kv_int(&w, "after", u->after);
    jw_kv_int(&w, "rows", (int64_t)u->rows);
    jw_kv_int(&w, "undone", u->undone);
    jw_kv_int(&w, "kept_count", u->kept_count);
    jw_key(&w, "kept");
    jw_array(&w);
    if (u->kept.size > 0) {
        jw_raw(&w, u->kept.data, u->kept.size);
    }
    jw_array_end(&w);
    jw_key(&w, "waits");
    jw_array(&w);
    for (size_t i = 0; i < u->wait_count; i++) {
        jw_int(&w, u->waits[i]);
    }
    jw_array_end(&w);
    jw_object_end(&w);
    const char *copy = arena_strndup(u->c->arena, text.data, text.size);
    buf_done(&text);
    return copy;
}

static void read_position(struct undo *u, const struct json *position)
{
    u->after = position_int(position, "after");
    u->rows = (size_t)position_int(position, "rows");
    u->rows = u->rows == 0 ? LONG_WRITE_ROWS : u->rows;
    u->undone = position_int(position, "undone");
    u->kept_count = position_int(position, "kept_count");
    position_items(position, "kept", &u->kept);
    const struct json *waits = json_find(position, "waits");
    for (const struct json *one = waits != NULL ? waits->child : NULL; one; one = one->next) {
        int64_t record = 0;
        if (json_int(one, &record) == 0) {
            undo_wait(u, record);
        }
    }
}

static int run_slice(struct ctx *c, void *params)
{
    struct slice_call *s = params;
    struct job job = {0};
    const struct json *body = NULL, *position = NULL;
    struct undo_step *steps = NULL;
    size_t count = 0;
    if (long_write_load(c, s->job, &job, &body, &position) != 0) {
        return -1;
    }
    struct undo u = {.c = c, .set = position_int(body, "set")};
    read_position(&u, position);
    int rc = note_merge(&u);
    if (rc == 0) {
        rc = change_touches(c->db, c->model, u.set, c->arena, &u.touches, &u.touch_count, &c->err);
    }
    if (rc == 0) {
        rc = change_undo_plan(c->db, c->model, u.set, u.after, u.rows, c->arena, &steps, &count,
                              &c->err);
    }
    if (rc == 0) {
        rc = run_steps(&u, steps, count, &s->more);
    }
    if (rc == 0 && !s->more) {
        rc = undo_waiting(&u);
    }
    if (rc == 0 && !s->more) {
        rc = settle_merge(&u);
    }
    if (rc == 0 && !s->more) {
        rc = external_undone(c->db, u.set, &c->err);
    }
    if (rc == 0 && !s->more) {
        rc = change_undo_forget(c->db, u.set, &c->err);
    }
    if (rc == 0 && !s->more) {
        rc = stir_told(c, u.set);
    }
    if (rc == 0) {
        rc = long_write_save(c, &job, position_text(&u), s->more);
    }
    buf_done(&u.kept);
    return rc;
}

int undo_slice(struct ctx *c, int64_t job, bool *more)
{
    return long_write_slice(c, SOURCE_UNDO, run_slice, job, more);
}

static int run_large(struct ctx *c, struct undo *u, int64_t *change)
{
    const struct json *position = NULL;
    const char *result = NULL;
    struct long_write what = {.kind = "undo",
                              .source = SOURCE_UNDO,
                              .undo_of = u->set,
                              .params = arena_printf(c->arena, "{\"set\":%lld}", (long long)u->set),
                              .check = check_set,
                              .slice = undo_slice};
    if (long_write_run(c, &what, &result, change) != 0 ||
        json_parse(c->arena, result, strlen(result), &position, &c->err) != 0) {
        return -1;
    }
    read_position(u, position);
    return 0;
}

/* ---- The whole ------------------------------------------------------------------------------- */

int change_undo(struct ctx *c, int64_t id, struct record_result *out)
{
    struct undo u = {.c = c, .set = id, .whole = true, .out = out};
    int64_t count = 0, change = 0;
    if (c->actor.anonymous || c->actor.token == TOKEN_READ) {
        return ctx_fail(c, c->actor.anonymous ? ERR_UNAUTHENTICATED : ERR_FORBIDDEN, "",
                        "You may not undo changes.");
    }
    if (check_set(c, id) != 0 || permit_all(c, id, &count) != 0) {
        return -1;
    }
    ctx_release(c);
    int rc = 0;
    if (count > BULK_SLICE) {
        rc = run_large(c, &u, &change);
        if (rc == 0) {
            print_undone(&u, change, out);
        }
    } else {
        enum change_source as = c->as;
        c->as = SOURCE_UNDO;
        c->undo_of = id;
        rc = ctx_write(c, run_small, &u);
        c->as = as;
        c->undo_of = 0;
    }
    buf_done(&u.kept);
    return rc;
}
