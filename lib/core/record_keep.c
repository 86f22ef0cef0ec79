/*
 * What follows from what was set: defaults of a new record, and the parts of a pipeline that move
 * together (pipeline, stage, percent, since when, won and lost dates). A caller who names one of
 * these fields himself keeps his value.
 */
#include <string.h>

#include "base/clock.h"
#include "core/parts.h"

/* ---- Values of expressions as values of fields ----------------------------------------------- */

void keep_scaled(const struct ctx *c, const struct field *f, const struct expr *x, struct value v,
                 struct value *out)
{
    out[0] = v;
    out[1] = out[2] = value_null();
    if (v.kind != VALUE_INT) {
        return;
    }
    bool number = x->type.kind == KIND_NUMBER || x->type.kind == KIND_MONEY;
    if (f->type->kind == TYPE_MONEY) {
        int places = c->model->company.currency_places;
        out[0] = value_int(rescale(v.i, x->type.places, places));
        out[1] = value_text(c->model->company.currency);
        out[2] = out[0];
    } else if (number) {
        out[0] = value_int(rescale(v.i, x->type.places, f->places));
    }
}

/* An instant in the form of a date or instant field. */
static struct value moment_value(const struct ctx *c, const struct field *f, int64_t at_ms)
{
    if (f->type->expr_kind == KIND_INSTANT) {
        return value_int(at_ms);
    }
    char date[CLOCK_DATE_SIZE];
    clock_date_of(at_ms, date);
    return value_text(arena_strdup(c->arena, date));
}

void keep_value(const struct ctx *c, const struct field *f, const struct expr *x, struct value v,
                struct value *out)
{
    keep_scaled(c, f, x, v, out);
    enum expr_kind kind = f->type->expr_kind;
    if (f->type->local && x->type.kind == KIND_DATE && v.kind == VALUE_TEXT) {
        local_values(c->arena, v.s, out);
    } else if (x->type.kind == KIND_DATE && kind == KIND_INSTANT && v.kind == VALUE_TEXT) {
        int64_t at = 0;
        out[0] = clock_date_start(v.s, &at) == 0 ? value_int(at) : value_null();
    } else if (x->type.kind == KIND_INSTANT && kind == KIND_DATE && v.kind == VALUE_INT) {
        out[0] = moment_value(c, f, v.i);
    } else if (f->type->form == FORM_KEYS && v.kind == VALUE_TEXT && v.s[0] != '[') {
        out[0] = value_text(arena_printf(c->arena, "[\"%s\"]", v.s));
    }
}

static void default_values(const struct ctx *c, const struct field *f, const struct expr *x,
                           struct value v, struct value *out)
{
    if (f->initial_values != NULL) {
        memcpy(out, f->initial_values, FIELD_MAX_COLUMNS * sizeof(*out));
        return;
    }
    keep_value(c, f, x, v, out);
}

/* ---- Defaults -------------------------------------------------------------------------------- */

static bool is_empty(const struct record *r, const struct field *f)
{
    return value_is_empty(record_value(r, f));
}

static void set_one(struct record *r, const struct field *f, struct value v)
{
    struct value values[FIELD_MAX_COLUMNS] = {v, value_null(), value_null()};
    record_set(r, f, values);
}

static int keep_initial(struct ctx *c, struct record *r, const struct field *f)
{
    struct who who = ctx_who(c);
    struct value v = value_null();
    struct value values[FIELD_MAX_COLUMNS];
    const struct value *literal = expr_literal(f->initial);
    if (literal != NULL) {
        v = *literal;
    } else if (query_eval_constant(c->db, &who, f->initial, c->arena, &v, &c->err) != 0) {
        return -1;
    }
    default_values(c, f, f->initial, v, values);
    record_set(r, f, values);
    return 0;
}

bool record_default(const struct ctx *c, const struct field *f, struct value out[FIELD_MAX_COLUMNS])
{
    const struct value *literal = f->initial == NULL ? NULL : expr_literal(f->initial);
    if (literal == NULL) {
        return false;
    }
    default_values(c, f, f->initial, *literal, out);
    return out[0].kind != VALUE_NULL;
}

/* The team of a user, 0 if none. */
static int team_of(struct ctx *c, const struct entity *users, int64_t user, int64_t *team)
{
    *team = 0;
    if (user == c->actor.user) {
        *team = c->actor.team;
        return 0;
    }
    const struct field *f = entity_field_find(users, "team");
    struct record *r = NULL;
    if (f == NULL) {
        return 0;
    }
    if (rows_load(c->db, users, user, c->arena, &r, &c->err) != 0) {
        return -1;
    }
    struct value v = record_value(r, f);
    *team = v.kind == VALUE_INT ? v.i : 0;
    return 0;
}

int keep_team(struct ctx *c, struct record *r, const bool *given)
{
    const struct entity *e = r->entity;
    if (e->team == NULL || given[e->team->index] || !is_empty(r, e->team) || e->owner == NULL ||
        is_empty(r, e->owner)) {
        return 0;
    }
    int64_t team = 0;
    const struct entity *users = model_entity_find(c->model, ENTITY_USER);
    if (team_of(c, users, record_value(r, e->owner).i, &team) != 0) {
        return -1;
    }
    if (team != 0) {
        set_one(r, e->team, value_int(team));
    }
    return 0;
}

static int keep_owner(struct ctx *c, struct record *r, const bool *given)
{
    const struct entity *e = r->entity;
    if (e->owner != NULL && !given[e->owner->index] && is_empty(r, e->owner) &&
        c->actor.user != 0) {
        set_one(r, e->owner, value_int(c->actor.user));
    }
    return keep_team(c, r, given);
}

int keep_defaults(struct ctx *c, struct record *r, const bool *given)
{
    const struct entity *e = r->entity;
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        if (f->initial == NULL || f->system || f->hidden || f->column_count == 0 || given[i]) {
            continue;
        }
        if (keep_initial(c, r, f) != 0) {
            return -1;
        }
    }
    return keep_owner(c, r, given);
}

/* ---- Amounts --------------------------------------------------------------------------------- */

void keep_rates(const struct record *before, struct record *after)
{
    const struct entity *e = after->entity;
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        if (f->type->kind != TYPE_MONEY || f->column_count < FIELD_MAX_COLUMNS ||
            f->compute != NULL) {
            continue;
        }
        const struct value *was = record_values(before, f), *is = record_values(after, f);
        if (value_equal(was[0], is[0]) && value_equal(was[1], is[1])) {
            record_set(after, f, was);
        }
    }
}

/* ---- Pipelines ------------------------------------------------------------------------------- */

const struct pipeline *keep_pipeline_of(const struct ctx *c, const struct record *r)
{
    const struct entity *e = r->entity;
    if (e->pipeline == NULL) {
        return NULL;
    }
    struct value v = record_value(r, e->pipeline);
    return v.kind == VALUE_TEXT ? model_pipeline_find(c->model, v.s) : NULL;
}

const struct stage *keep_stage_of(const struct ctx *c, const struct record *r)
{
    const struct pipeline *p = keep_pipeline_of(c, r);
    if (p == NULL || r->entity->stage == NULL) {
        return NULL;
    }
    struct value v = record_value(r, r->entity->stage);
    return v.kind == VALUE_TEXT ? pipeline_stage_find(p, v.s) : NULL;
}

/* How well a pipeline suits the people of a team (NULL: none): theirs, everybody's, others'. */
#define SUITS_BEST 2
static int suits(const struct pipeline *p, const char *team)
{
    for (size_t i = 0; i < p->team_count; i++) {
        if (team != NULL && strcmp(p->teams[i], team) == 0) {
            return SUITS_BEST;
        }
    }
    return p->team_count == 0 ? 1 : 0;
}

/* Does a pipeline of the entity (NULL: of any) name teams? */
static bool names_teams(const struct model *m, const struct entity *e)
{
    for (size_t i = 0; i < m->pipeline_count; i++) {
        const struct pipeline *p = &m->pipelines[i];
        if (p->team_count > 0 && (e == NULL || p->entity == e)) {
            return true;
        }
    }
    return false;
}

/* The name of a team, whoever may see it; NULL for 0. */
static int team_name(struct ctx *c, int64_t id, const char **name)
{
    struct title_row row = {0};
    struct who who = ctx_who(c);
    who.role = NULL;
    *name = NULL;
    if (id == 0) {
        return 0;
    }
    if (query_titles(c->db, &who, &id, 1, c->arena, &row, &c->err) != 0) {
        return -1;
    }
    *name = row.title;
    return 0;
}

int record_pipelines(struct ctx *c, const struct pipeline **out, size_t *count)
{
    const struct model *m = c->model;
    const char *team = NULL;
    if (names_teams(m, NULL) &&
        (ctx_db(c) == NULL || team_name(c, c->actor.team, &team) != 0)) {
        return -1;
    }
    *count = 0;
    for (int rank = SUITS_BEST; rank >= 0; rank--) {
        for (size_t i = 0; i < m->pipeline_count; i++) {
            const struct pipeline *p = &m->pipelines[i];
            if (suits(p, team) == rank && ctx_may(c, ACTION_SEE, p->entity)) {
                out[(*count)++] = p;
            }
        }
    }
    return 0;
}

/* The pipeline of a new record: of those that have the stage given, else of all of the entity, the
 * first one that suits its team best. NULL: there is none. */
static int first_pipeline(struct ctx *c, const struct record *r, const bool *given,
                          const struct pipeline **out)
{
    const struct entity *e = r->entity;
    struct value stage = record_value(r, e->stage);
    bool by_stage = given[e->stage->index] && stage.kind == VALUE_TEXT;
    const char *team = NULL;
    int best = -1;
    *out = NULL;
    if (names_teams(c->model, e)) {
        bool own = e->team != NULL && !is_empty(r, e->team);
        if (team_name(c, own ? record_value(r, e->team).i : c->actor.team, &team) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < c->model->pipeline_count; i++) {
        const struct pipeline *p = &c->model->pipelines[i];
        bool has = by_stage && pipeline_stage_find(p, stage.s) != NULL;
        int rank = suits(p, team) + (has ? SUITS_BEST + 1 : 0);
        if (p->entity == e && rank > best) {
            *out = p;
            best = rank;
        }
    }
    return 0;
}

static int bad_stage(struct ctx *c, const struct record *r, const struct pipeline *p)
{
    const struct entity *e = r->entity;
    struct value v = record_value(r, e->stage);
    const char *where = arena_printf(c->arena, "%s.%s", e->name, e->stage->name);
    char *names = arena_strdup(c->arena, "");
    for (size_t i = 0; i < p->stage_count; i++) {
        names = arena_printf(c->arena, "%s%s%s", names, i > 0 ? ", " : "", p->stages[i].id);
    }
    return err_add(&c->err, c->arena, ERR_INVALID, where,
                   "The pipeline %s has no stage “%.60s”; it has %s.", p->label,
                   v.kind == VALUE_TEXT ? v.s : "", names);
}

static bool is_percent(const struct field *f)
{
    return f->type->kind == TYPE_PERCENT;
}

static bool is_time(const struct field *f)
{
    return f->type->expr_kind == KIND_INSTANT || f->type->expr_kind == KIND_DATE;
}

static bool is_line(const struct field *f)
{
    return f->type->words == WORDS_LINE && f->column_count == 1;
}

/* What moves along with a stage where an entity has a field of this name and type: THE table. */
static const struct {
    const char *name;
    bool (*fits)(const struct field *f);
} FOLLOWERS[] = {
    [FOLLOWS_PERCENT] = {"percent", is_percent},
    [FOLLOWS_ENTERED] = {"stage_since", is_time},
    [FOLLOWS_WON] = {"won_at", is_time},
    [FOLLOWS_LOST] = {"lost_at", is_time},
    [FOLLOWS_LOST_FROM] = {"lost_from", is_line},
};

const struct field *keep_follower(const struct entity *e, enum follower which)
{
    const struct field *f = e->stage == NULL ? NULL : entity_field_find(e, FOLLOWERS[which].name);
    bool fits = f != NULL && f->column_count > 0 && f->compute == NULL && FOLLOWERS[which].fits(f);
    return fits ? f : NULL;
}

bool keep_follows_stage(const struct field *f)
{
    bool follows = f->entity->stage != NULL && f == f->entity->pipeline;
    for (int i = 0; i < FOLLOWS_COUNT; i++) {
        follows = follows || f == keep_follower(f->entity, (enum follower)i);
    }
    return follows;
}

bool keep_says_why_lost(const struct field *f)
{
    return f->entity->stage != NULL && f->column_count == 1 && f->compute == NULL &&
           (strcmp(f->name, "lost_reason") == 0 || strcmp(f->name, "lost_note") == 0);
}

static void forget_why_lost(struct record *r, const bool *given)
{
    for (size_t i = 0; i < r->entity->field_count; i++) {
        const struct field *f = r->entity->fields[i];
        if (keep_says_why_lost(f) && !given[f->index]) {
            set_one(r, f, value_null());
        }
    }
}

/* Sets such a field to now or empties it, unless the caller set it. */
static void keep_moment(struct ctx *c, struct record *r, const bool *given, enum follower which,
                        bool now)
{
    const struct field *f = keep_follower(r->entity, which);
    if (f != NULL && !given[f->index]) {
        int64_t at = c->change.stamp_ms > 0 ? c->change.stamp_ms : c->now_ms;
        set_one(r, f, now ? moment_value(c, f, at) : value_null());
    }
}

/* Reports tell by it where deals are lost. */
static void keep_lost_from(struct record *r, const bool *given, const struct stage *from,
                           const struct stage *to)
{
    const struct field *f = keep_follower(r->entity, FOLLOWS_LOST_FROM);
    bool lost = to->kind == STAGE_LOST && from != NULL;
    if (f != NULL && !given[f->index]) {
        set_one(r, f, lost ? value_text(from->id) : value_null());
    }
}

static void enter_stage(struct ctx *c, const struct stage *from, const struct stage *to,
                        struct record *r, const bool *given)
{
    const struct field *percent = keep_follower(r->entity, FOLLOWS_PERCENT);
    if (percent != NULL && !given[percent->index]) {
        set_one(r, percent, value_int(rescale(to->percent, 0, percent->places)));
    }
    keep_moment(c, r, given, FOLLOWS_ENTERED, true);
    if (from == NULL || from->kind != to->kind) {
        keep_moment(c, r, given, FOLLOWS_WON, to->kind == STAGE_WON);
        keep_moment(c, r, given, FOLLOWS_LOST, to->kind == STAGE_LOST);
        keep_lost_from(r, given, from, to);
        if (from != NULL && from->kind == STAGE_LOST) {
            forget_why_lost(r, given);
        }
    }
}

/* A value that stood there and that somebody takes away: a first one is for new records only. */
static int check_emptied(struct ctx *c, const struct record *before, const struct record *r,
                         const bool *given, const struct field *f)
{
    if (before == NULL || !given[f->index] || !is_empty(r, f) || is_empty(before, f)) {
        return 0;
    }
    return err_add(&c->err, c->arena, ERR_INVALID,
                   arena_printf(c->arena, "%s.%s", f->entity->name, f->name), "%s is required.",
                   f->label);
}

int keep_pipeline(struct ctx *c, const struct record *before, struct record *r, const bool *given)
{
    const struct entity *e = r->entity;
    if (e->pipeline == NULL || e->stage == NULL) {
        return 0;
    }
    int pipeline = check_emptied(c, before, r, given, e->pipeline);
    if (check_emptied(c, before, r, given, e->stage) != 0 || pipeline != 0) {
        return -1;
    }
    if (before != NULL && !given[e->pipeline->index] && !given[e->stage->index]) {
        return 0; /* what stands there may be older than the pipelines of today */
    }
    bool open = before == NULL && !given[e->pipeline->index] &&
                (given[e->stage->index] || names_teams(c->model, e));
    if (is_empty(r, e->pipeline) || open) {
        const struct pipeline *first = NULL;
        if (first_pipeline(c, r, given, &first) != 0 || first == NULL) {
            return c->err.code == ERR_NONE ? 0 : -1;
        }
        set_one(r, e->pipeline, value_text(first->id));
    }
    const struct pipeline *p = keep_pipeline_of(c, r);
    if (p == NULL || p->stage_count == 0) {
        const char *where = arena_printf(c->arena, "%s.%s", e->name, e->pipeline->name);
        return err_add(&c->err, c->arena, ERR_INVALID, where, "There is no such pipeline.");
    }
    bool moved = before != NULL &&
                 !value_equal(record_value(before, e->pipeline), record_value(r, e->pipeline));
    if ((moved && !given[e->stage->index]) || is_empty(r, e->stage)) {
        const struct stage *left = moved ? keep_stage_of(c, before) : NULL;
        set_one(r, e->stage, value_text(pipeline_fitting(p, left)->id));
    }
    const struct stage *to = keep_stage_of(c, r);
    if (to == NULL) {
        return bad_stage(c, r, p);
    }
    const struct stage *from = before != NULL ? keep_stage_of(c, before) : NULL;
    if (from != to) {
        enter_stage(c, from, to, r, given);
    }
    return 0;
}
