/* See notification.h. What is read of them: notification_list.c. */
#include "core/notification.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "core/account.h"
#include "core/notice_plan.h"
#include "store/jobs.h"

#define DAY_MS (24 * 3600000LL)

const struct notification_kind NOTIFICATION_KINDS[] = {
    {NOTIFY_MENTION, "Somebody mentions you in a note", true, true},
    {NOTIFY_ASSIGNED, "A record is assigned to you", true, true},
    {NOTIFY_SHARE, "Somebody shares a record with you", true, true},
    {NOTIFY_STEP, "Something you planned is due soon", true, false},
    {NOTIFY_REMINDER, "A date is coming up that you are to be reminded of", true, true},
    {NOTIFY_LATE, "Nobody has answered an enquiry in time", true, true},
    {NOTIFY_GATE, "A record of yours entered a stage unchecked", true, true},
    {NOTIFY_RULE, "A rule of the firm tells you something", true, true},
    {NOTIFY_IMPORT, "An import that took a while is finished", true, true},
    {NULL, NULL, false, false},
};

const struct notification_kind *notification_kind(const char *name)
{
    const struct notification_kind *k = NOTIFICATION_KINDS;
    while (k->name != NULL && strcmp(k->name, name) != 0) {
        k++;
    }
    return k->name != NULL ? k : NULL;
}

/* ---- Telling --------------------------------------------------------------------------------- */

/* Root of the change that is being written; 0: none is. */
static int64_t cause_of(const struct ctx *c)
{
    const struct change_set *set = c->settling && c->settled != NULL ? c->settled : &c->change;
    return set->parent != 0 ? set->parent : set->id;
}

/* A digest that is overdue is still to come: a new matter does not put it off. */
static int keep_digest(struct ctx *c, const struct notice_plan *p, int64_t user)
{
    const struct timer t = {.kind = DIGEST_TIMER,
                            .record = user,
                            .key = "",
                            .due_at = notice_plan_digest(p, c->now_ms)};
    return timers_keep(c->db, &t, &c->err);
}

/* When and in what it is told. */
static void place(const struct ctx *c, const struct notice_plan *p, enum notice_way way,
                  struct notification *n)
{
    int64_t heard = notice_plan_heard(p, c->now_ms);
    bool urgent = n->moment != 0 && n->moment <= heard;
    n->digest = way == WAY_DIGEST ? NOTIFICATION_COLLECTED : 0;
    n->due_at = way == WAY_DIGEST || urgent ? c->now_ms : heard;
}

/* Wakes whom one that waits is for, when it waits no more. */
static int see_to(struct ctx *c, const struct notice_plan *p, const struct notification *n)
{
    const struct timer t = {
        .kind = QUIET_TIMER, .record = n->user, .key = "", .due_at = n->due_at};
    if (n->digest == NOTIFICATION_COLLECTED) {
        return keep_digest(c, p, n->user);
    }
    return n->due_at > c->now_ms ? timers_set(c->db, &t, &c->err) : 0;
}

int notify(struct ctx *c, const struct notification *n)
{
    const struct notification_kind *kind = notification_kind(n->kind);
    struct who who;
    struct notice_plan plan;
    assert(kind != NULL);
    if (n->user == 0 || n->user == n->actor || c->dry_run) {
        return 0;
    }
    if (account_who(c, n->user, &who) != 0) {
        return -1;
    }
    if (who.user == 0) {
        return 0;
    }
    if (notice_plan_load(c, n->user, &plan) != 0) {
        return -1;
    }
    enum notice_way way = notice_plan_way(&plan, kind->name, kind->on ? WAY_ON : WAY_OFF);
    if (way == WAY_OFF) {
        return 0;
    }
    struct notification row = *n;
    row.made_at = c->now_ms;
    row.cs = n->cs != 0 ? n->cs : cause_of(c);
    place(c, &plan, way, &row);
    return notifications_add(c->db, &row, &c->err) != 0 ? -1
           : row.id != 0                                ? see_to(c, &plan, &row)
                                                        : 0;
}

int notification_drop(struct ctx *c, const char *kind, int64_t record, const char *key)
{
    return c->dry_run ? 0
                      : notifications_drop(c->db, kind, record, key, cause_of(c), &c->err);
}

/* ---- What waits ------------------------------------------------------------------------------ */

int notification_replan(struct ctx *c)
{
    struct notice_plan plan;
    struct notification *rows = NULL;
    size_t count = 0;
    int64_t user = c->actor.user;
    if (timers_cancel(c->db, DIGEST_TIMER, user, "", &c->err) != 0 ||
        notice_plan_load(c, user, &plan) != 0 ||
        notifications_waiting(c->db, user, c->now_ms, c->arena, &rows, &count, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        struct notification *n = &rows[i];
        const struct notification_kind *kind = notification_kind(n->kind);
        enum notice_way way = kind == NULL ? WAY_ON : notice_plan_way(&plan, n->kind, WAY_ON);
        place(c, &plan, way, n);
        if (way == WAY_OFF ? notifications_remove(c->db, n->id, &c->err) != 0
                           : notifications_plan(c->db, n, &c->err) != 0 || see_to(c, &plan, n) != 0) {
            return -1;
        }
    }
    return count > 0 ? notifications_stir(c->db, user, &c->err) : 0;
}

int notification_heard(struct ctx *c, int64_t user, const char *key)
{
    (void)key;
    return notifications_stir(c->db, user, &c->err);
}

/* Whether anything a digest is to hold has not been seen. */
static int collects(struct ctx *c, int64_t user, bool *out)
{
    struct notification *rows = NULL;
    size_t count = 0;
    *out = false;
    if (notifications_waiting(c->db, user, c->now_ms, c->arena, &rows, &count, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        *out = *out || rows[i].digest == NOTIFICATION_COLLECTED;
    }
    return 0;
}

int notification_digest(struct ctx *c, int64_t user, const char *key)
{
    struct notice_plan plan;
    bool any = false;
    (void)key;
    if (notice_plan_load(c, user, &plan) != 0 || collects(c, user, &any) != 0) {
        return -1;
    }
    struct notification n = {.user = user,
                             .kind = NOTIFY_DIGEST,
                             .key = arena_printf(c->arena, "%lld", (long long)c->now_ms),
                             .made_at = c->now_ms};
    place(c, &plan, WAY_ON, &n);
    if (any && notifications_add(c->db, &n, &c->err) != 0) {
        return -1;
    }
    if (notifications_collect(c->db, user, n.id, &c->err) != 0) {
        return -1;
    }
    return any ? see_to(c, &plan, &n) : 0;
}

/* ---- Seen ------------------------------------------------------------------------------------ */

struct seen {
    int64_t id, about;
    bool group;
    const char *kind, *key;
};

static int seen_write(struct ctx *c, void *data)
{
    const struct seen *s = data;
    if (s->about != 0) {
        return notifications_seen_about(c->db, c->actor.user, s->about, NOTIFY_STEP, c->now_ms,
                                        &c->err);
    }
    return s->key != NULL ? notifications_seen_key(c->db, c->actor.user, s->kind, s->key, c->now_ms,
                                                   &c->err)
                          : notifications_seen(c->db, c->actor.user, s->id, s->group, c->now_ms,
                                               &c->err);
}

int notification_seen(struct ctx *c, int64_t id, bool group)
{
    struct seen s = {.id = id, .group = group};
    return ctx_write_fixed(c, seen_write, &s);
}

int notification_seen_key(struct ctx *c, const char *kind, const char *key)
{
    struct seen s = {.kind = kind, .key = key};
    return ctx_write_fixed(c, seen_write, &s);
}

int notification_seen_about(struct ctx *c, int64_t record)
{
    struct seen s = {.about = record};
    bool any = false;
    if (ctx_db(c) == NULL || notifications_any_about(c->db, c->actor.user, record, NOTIFY_STEP,
                                                     &any, &c->err) != 0) {
        return -1;
    }
    return any ? ctx_write_fixed(c, seen_write, &s) : 0;
}

/* Everything was taken elsewhere: the timers are not there any more. */
static int keep_digests(struct ctx *c)
{
    int64_t *users = NULL;
    size_t count = 0;
    struct notice_plan plan;
    if (notifications_collecting(c->db, c->arena, &users, &count, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (notice_plan_load(c, users[i], &plan) != 0 || keep_digest(c, &plan, users[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

int notification_tidy(struct ctx *c, int64_t record, const char *key)
{
    (void)record;
    (void)key;
    char today[CLOCK_DATE_SIZE];
    clock_date_of(c->now_ms, today);
    return notifications_forget(c->db, c->now_ms - NOTIFICATION_DAYS * DAY_MS, today, &c->err) != 0
               ? -1
               : keep_digests(c);
}
