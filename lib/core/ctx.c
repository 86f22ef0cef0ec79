/*
 * The unit of work: connections, the way to the writer, who is asking. A write runs in the writer
 * thread while its caller waits, so everything it allocates lives in the caller's arena. See ctx.h.
 */
#include "core/ctx.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "core/account.h"
#include "core/parts.h"
#include "store/nested.h"
#include "store/schema_plan.h"

struct old_model {
    struct model *model;
    struct old_model *next;
};

/* An id for log lines, not a secret: the nanosecond and the place of the ctx, well mixed. */
static void make_trace(const struct ctx *c, char out[17])
{
    static const char HEX[] = "0123456789abcdef";
    struct timespec now = {0};
    timespec_get(&now, TIME_UTC);
    uint64_t x = ((uint64_t)now.tv_sec << 30 ^ (uint64_t)now.tv_nsec) ^ (uint64_t)(uintptr_t)c
                                                                            << 20;
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    x ^= x >> 31;
    for (int i = 0; i < 16; i++, x >>= 4) {
        out[i] = HEX[x & 15];
    }
    out[16] = '\0';
}

void ctx_begin(struct ctx *c, struct arena *a, struct store *s, struct model *m,
               const struct actor *actor)
{
    *c = (struct ctx){.arena = a, .store = s, .model = model_take(m), .now_ms = clock_now_ms()};
    c->actor = *actor;
    if (actor->anonymous) {
        c->actor.role = m->nobody;
    }
    make_trace(c, c->trace);
}

void ctx_release(struct ctx *c)
{
    if (c->db != NULL && !c->in_write) {
        db_cost_add(c->db, &c->cost);
        store_reader_give(c->store, c->db);
        c->db = NULL;
    }
}

void ctx_end(struct ctx *c)
{
    ctx_release(c);
    if (c->model != NULL) {
        model_release(c->model);
        c->model = NULL;
    }
    for (; c->earlier != NULL; c->earlier = c->earlier->next) {
        model_release(c->earlier->model);
    }
}

void trial_end(struct trial *t)
{
    if (t->copy != NULL) {
        store_close(t->copy);
    }
    *t = (struct trial){0};
}

int ctx_renew(struct ctx *c)
{
    const struct role *role = c->actor.role;
    ctx_release(c);
    struct model *now = store_model_take(c->store, c->stale);
    if (now == NULL) {
        return ctx_fail(c, ERR_BUSY, "", "The configuration is being changed; try again.");
    }
    struct old_model *old = ARENA_NEW(c->arena, struct old_model);
    *old = (struct old_model){c->model, c->earlier};
    c->earlier = old;
    c->model = now;
    c->stale = 0;
    err_clear(&c->err);
    c->actor.role = c->actor.anonymous ? now->nobody
                    : role != NULL     ? model_role_find(now, role->id)
                                       : NULL;
    if (role != NULL && c->actor.role == NULL) {
        c->actor.role = now->nobody;
        return ctx_fail(c, ERR_UNAUTHENTICATED, "", "Sign in again.");
    }
    return 0;
}

struct db *ctx_db(struct ctx *c)
{
    if (c->db == NULL) {
        c->db = store_reader_take(c->store, c->actor.user);
        if (c->db == NULL) {
            ctx_fail(c, ERR_BUSY, "", "The database does not take requests at the moment.");
        } else {
            db_cost_begin(c->db);
        }
    }
    return c->db;
}

struct who ctx_who(const struct ctx *c)
{
    return (struct who){.model = c->model,
                        .role = c->actor.anonymous ? c->model->nobody : c->actor.role,
                        .user = c->actor.user,
                        .team = c->actor.team,
                        .shared = c->actor.shared,
                        .now_ms = c->now_ms};
}

int64_t ctx_rates_ms(const struct ctx *c)
{
    return c->in_write && c->change.stamp_ms > 0 ? c->change.stamp_ms : c->now_ms;
}

bool ctx_is_admin(const struct ctx *c)
{
    if (c->actor.anonymous) {
        return false;
    }
    bool scope = c->actor.token == TOKEN_NONE || c->actor.token == TOKEN_ADMIN;
    return scope && (c->actor.role == NULL || c->actor.role->admin);
}

int ctx_fail(struct ctx *c, enum err_code code, const char *where, const char *format, ...)
{
    char text[sizeof(c->err.text)];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return err_fail(&c->err, code, where, "%s", text);
}

bool ctx_may(const struct ctx *c, enum action action, const struct entity *e)
{
    if (c->actor.anonymous) {
        return false;
    }
    bool reads = action == ACTION_SEE || action == ACTION_EXPORT;
    if (c->actor.token == TOKEN_READ && !reads) {
        return false;
    }
    if (c->actor.role == NULL) {
        return true;
    }
    return c->actor.role->rights[e->index].scope[action] != SCOPE_NONE;
}

/* ---- Writing --------------------------------------------------------------------------------- */

struct write_call {
    struct ctx *c;
    int (*run)(struct ctx *c, void *params);
    void *params;
    int64_t parent;
    bool slice, fixed;
};

static int begin_change(struct ctx *c, int64_t parent, int64_t at_ms)
{
    c->dated_ms = at_ms;
    c->change = (struct change_set){.at_ms = at_ms,
                                    .actor = c->actor.user,
                                    .source = c->as != SOURCE_NONE ? c->as : c->actor.source,
                                    .reason = c->reason,
                                    .parent = parent,
                                    .undo_of = c->undo_of,
                                    .job = c->job};
    if (c->change.reason == NULL && c->actor.user == 0) {
        c->change.reason = c->actor.name;
    }
    return change_begin(c->db, &c->change, c->arena, &c->err);
}

/* What the caller prepared was made by the model it pinned: the tables must not be another one's. */
static int check_model(struct ctx *c)
{
    int64_t applied = 0;
    if (schema_generation(c->db, &applied, &c->err) != 0) {
        return -1;
    }
    c->stale = applied != c->model->generation ? applied : 0;
    return c->stale == 0 ? 0
                         : ctx_fail(c, ERR_BUSY, "",
                                    "The configuration was changed meanwhile; try again.");
}

/* In the writer thread, maybe more than once: whatever an earlier try left in the ctx is wiped. */
static int run_in_writer(struct db *db, void *caller, struct err *e)
{
    struct write_call *w = caller;
    struct ctx *c = w->c;
    err_clear(&c->err);
    c->db = db;
    c->in_write = true;
    size_t began = c->events_seen = next_begin(c);
    c->settling = false;
    c->settled = NULL;
    int rc = w->fixed ? 0 : check_model(c);
    if (rc == 0) {
        rc = begin_change(c, w->parent, 0);
    }
    if (rc == 0) {
        rc = w->run(c, w->params);
    }
    if (rc == 0 && !w->fixed) {
        rc = ctx_settle(c);
    }
    if (rc == 0 && !w->fixed) {
        rc = next_keep(c, began);
    }
    if (rc == 0 && c->with_effect != NULL && !c->dry_run && !w->slice) {
        rc = c->with_effect(c, c->with_effect_data);
    }
    if (rc == 0) {
        rc = change_finish(db, &c->change, &c->err);
    }
    c->in_write = false;
    c->db = NULL;
    if (rc != 0) {
        c->change.id = 0;
        *e = c->err;
    }
    return rc;
}

static int write_class(struct ctx *c, enum write_class kind, struct write_call *w)
{
    if (c->in_write) {
        return w->run(c, w->params);
    }
    ctx_release(c);
    struct err e = {0};
    int rc = store_write(c->store, c->dry_run ? WRITE_DRY : kind, run_in_writer, w, &e);
    if (rc != 0) {
        c->err = e;
        c->change.id = 0;
    }
    if (c->identities_changed) {
        /* Once more: a request in between may have remembered who somebody was before the commit. */
        c->identities_changed = false;
        account_forget();
    }
    c->wrote = c->wrote || (rc == 0 && !c->dry_run && !w->fixed);
    if (rc == 0 && !c->dry_run && !w->slice) {
        c->with_effect = NULL; /* kept with the first write; later ones belong to the same effect */
    }
    return rc;
}

int ctx_write(struct ctx *c, int (*run)(struct ctx *c, void *params), void *params)
{
    struct write_call w = {.c = c, .run = run, .params = params};
    return write_class(c, WRITE_NORMAL, &w);
}

int ctx_write_fixed(struct ctx *c, int (*run)(struct ctx *c, void *params), void *params)
{
    struct write_call w = {.c = c, .run = run, .params = params, .fixed = true};
    return write_class(c, WRITE_NORMAL, &w);
}

int ctx_write_slice(struct ctx *c, int64_t parent, int (*run)(struct ctx *c, void *params),
                    void *params)
{
    struct write_call w = {.c = c, .run = run, .params = params, .parent = parent, .slice = true};
    return write_class(c, WRITE_SLICE, &w);
}

static int call_run(void *data)
{
    struct write_call *w = data;
    return w->run(w->c, w->params);
}

int ctx_try(struct ctx *c, int (*run)(struct ctx *c, void *params), void *params, bool *fatal)
{
    struct write_call w = {.c = c, .run = run, .params = params};
    bool gone = false;
    int rc = db_nested(c->db, &c->change, call_run, &w, &gone, &c->err);
    *fatal = rc != 0 && (gone || c->err.code == ERR_FULL || c->err.code == ERR_INTERNAL ||
                         c->err.code == ERR_BUSY);
    return rc;
}

int ctx_next_change(struct ctx *c, int64_t at_ms)
{
    int64_t parent = c->change.parent;
    if (ctx_settle(c) != 0 || change_finish(c->db, &c->change, &c->err) != 0) {
        return -1;
    }
    return begin_change(c, parent, at_ms);
}

/* ---- Rules ----------------------------------------------------------------------------------- */

/* What takes back, brings in whole or follows from the configuration is no change a rule waits for. */
static bool runs_rules(const struct ctx *c)
{
    enum change_source source = c->as != SOURCE_NONE ? c->as : c->actor.source;
    return c->rules != RULES_NONE && !c->settling && !c->draft && c->undo_of == 0 && 
           (c->model->rule_count > 0 || c->model->response_count > 0) &&
           source != SOURCE_UNDO && source != SOURCE_MERGE && source != SOURCE_CONFIG &&
           source != SOURCE_SETUP;
}

int ctx_settle(struct ctx *c)
{
    const struct ctx_hooks *hooks = store_hung(c->store);
    if (hooks == NULL || !runs_rules(c)) {
        c->events_seen = db_event_count(c->db);
        return 0;
    }
    struct actor actor = c->actor;
    c->settling = true;
    c->asker = actor.role;
    c->actor.role = NULL;
    int rc = hooks->settle(c);
    if (c->settled != NULL) {
        c->change = *c->settled;
        c->settled = NULL;
    }
    c->actor = actor;
    c->settling = false;
    return rc;
}

int ctx_rule_begin(struct ctx *c, const char *reason)
{
    if (c->settled == NULL) {
        if (change_finish(c->db, &c->change, &c->err) != 0) {
            return -1;
        }
        c->settled = ARENA_NEW(c->arena, struct change_set);
        *c->settled = c->change;
    }
    c->change = (struct change_set){
        .at_ms = c->dated_ms,
        .actor = c->actor.user,
        .source = SOURCE_RULE,
        .reason = reason,
        .parent = c->settled->parent != 0 ? c->settled->parent : c->settled->id,
        .job = c->job};
    return change_begin(c->db, &c->change, c->arena, &c->err);
}

int ctx_rule_end(struct ctx *c)
{
    return change_finish(c->db, &c->change, &c->err);
}
