/*
 * Who gets a record: the first there is, whose turn it is, or the least busy of those who fit. The
 * order of turns is kept in the database (store/turns), so it is fair across restarts; all writes
 * pass one thread, so two enquiries at once get two people.
 */
#include <string.h>

#include "base/log.h"
#include "core/absence.h"
#include "core/assigned.h"
#include "core/notification.h"
#include "core/rule.h"
#include "model/calendar.h"
#include "rules/rules.h"
#include "store/query.h"
#include "store/turns.h"

#define NAMED_MAX 3 /* people whose absence is told */

struct choice {
    struct step *s;
    const struct assignment *a;
    int64_t *ids;
    size_t count;
    int64_t *turns, *load; /* by ids */
    int64_t owner;         /* whose it was; 0: nobody's */
    bool counts;           /* it is one of those that keep its owner busy */
    const char *passed;    /* "Ben was not available"; "" nobody was passed over */
    size_t passed_count;
};

/* "[1,2]" */
static const char *ids_text(struct arena *a, const int64_t *ids, size_t count)
{
    const char *text = "";
    for (size_t i = 0; i < count; i++) {
        text = arena_printf(a, "%s%s%lld", text, i == 0 ? "" : ",", (long long)ids[i]);
    }
    return arena_printf(a, "[%s]", text);
}

/* Those who meet the assignment's condition, in the order they were named. */
static int keep_fitting(struct choice *x)
{
    struct ctx *c = x->s->c;
    struct fitting what = {.from = model_entity_find(c->model, ENTITY_USER),
                           .around = x->s->entity,
                           .id = x->s->id,
                           .test = x->a->test,
                           .among = ids_text(c->arena, x->ids, x->count)};
    struct who who = ctx_who(c);
    int64_t *fit = NULL;
    size_t count = 0, kept = 0;
    if (x->a->test == NULL || x->count == 0) {
        return 0;
    }
    if (query_fitting(c->db, &who, &what, c->arena, &fit, &count, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < x->count; i++) {
        for (size_t k = 0; k < count; k++) {
            if (fit[k] == x->ids[i]) {
                x->ids[kept++] = x->ids[i];
                break;
            }
        }
    }
    x->count = kept;
    return 0;
}

/* ---- who is there ---------------------------------------------------------------------------- */

/* Is it a working hour of his team, or of the firm? */
static int is_at_work(struct choice *x, int64_t user, bool *out)
{
    struct ctx *c = x->s->c;
    const struct entity *users = model_entity_find(c->model, ENTITY_USER);
    const struct field *team = entity_field_find(users, "team");
    const char *name = NULL;
    struct record *r = NULL;
    if (rows_load(c->db, users, user, c->arena, &r, &c->err) != 0) {
        return -1;
    }
    struct value v = team != NULL ? record_value(r, team) : value_null();
    if (v.kind == VALUE_INT && rules_name(c, v.i, &name) != 0) {
        return -1;
    }
    *out = calendar_works(calendar_of(c->model, name), c->now_ms);
    return 0;
}

/* Whoever sees the record reads this: it does not tell leave from the end of a working day. */
static int pass_over(struct choice *x, int64_t user)
{
    struct ctx *c = x->s->c;
    const char *name = NULL;
    if (x->passed_count++ >= NAMED_MAX) {
        return 0;
    }
    if (rules_name(c, user, &name) != 0) {
        return -1;
    }
    x->passed = arena_printf(c->arena, "%s, %s was not available", x->passed, name);
    return 0;
}

/* Keeps those for whom `out` is not set; if that leaves nobody and `all_or_none`, everybody. */
static int leave_out(struct choice *x, const bool *out, bool all_or_none)
{
    size_t left = 0, kept = 0;
    for (size_t i = 0; i < x->count; i++) {
        left += !out[i];
    }
    if (left == 0 && all_or_none) {
        return 0;
    }
    for (size_t i = 0; i < x->count; i++) {
        if (!out[i]) {
            x->ids[kept++] = x->ids[i];
        } else if (pass_over(x, x->ids[i]) != 0) {
            return -1;
        }
    }
    x->count = kept;
    return 0;
}

/* Without those who are away today, and without those who have finished for today, as long as others
 * work: in the night everybody has. */
static int keep_present(struct choice *x)
{
    struct ctx *c = x->s->c;
    bool *out = ARENA_ARRAY(c->arena, bool, x->count + 1);
    if (absence_today(c, x->ids, x->count, out) != 0 || leave_out(x, out, false) != 0) {
        return -1;
    }
    for (size_t i = 0; i < x->count; i++) {
        bool works = true;
        if (is_at_work(x, x->ids[i], &works) != 0) {
            return -1;
        }
        out[i] = !works;
    }
    return leave_out(x, out, true);
}

/* ---- how busy -------------------------------------------------------------------------------- */

struct load {
    int64_t user, count;
};

static void add_load(struct ctx *c, struct loads *l, int64_t user, int64_t more)
{
    size_t i = 0;
    while (i < l->count && l->list[i].user != user) {
        i++;
    }
    if (i == l->room) {
        size_t room = l->room == 0 ? 64 : 2 * l->room;
        struct load *bigger = ARENA_ARRAY(c->arena, struct load, room);
        if (l->count > 0) {
            memcpy(bigger, l->list, l->count * sizeof *bigger);
        }
        l->list = bigger;
        l->room = room;
    }
    if (i == l->count) {
        l->list[l->count++] = (struct load){.user = user};
    }
    l->list[i].count += more;
}

/* The open records of one kind, by owner. */
static int count_open(struct choice *x, const struct entity *e, const struct expr *open)
{
    struct ctx *c = x->s->c;
    struct who who = ctx_who(c);
    struct list_spec spec = {.entity = e, .action = ACTION_SEE, .filter = open};
    struct group_row *groups = NULL;
    size_t count = 0;
    if (query_group(c->db, &who, &spec, e->owner, NULL, 0, 100000, c->arena, &groups, &count,
                    &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (groups[i].key.kind == VALUE_INT) {
            add_load(c, x->s->loads, groups[i].key.i, groups[i].count);
        }
    }
    return 0;
}

static bool wrote(const struct event *ev, const struct field *f)
{
    int bit = f == NULL ? 0 : f->index < 255 ? f->index : 255;
    return f != NULL && (ev->fields[bit / 64] >> (bit % 64) & 1) != 0;
}

/* May this have made somebody more or less busy? What is open is told by stage or by being done. */
static bool is_load(const struct assignment *a, const struct event *ev)
{
    for (size_t i = 0; i < a->busy_count; i++) {
        const struct entity *e = a->busy[i];
        if (e->id == ev->entity &&
            (ev->op != OP_UPDATE || wrote(ev, e->owner) || wrote(ev, e->stage) ||
             wrote(ev, e->story.done))) {
            return true;
        }
    }
    return false;
}

static bool is_counted(const struct choice *x)
{
    const struct loads *l = x->s->loads;
    size_t end = db_event_count(x->s->c->db);
    bool same = l->of == x->a && l->seen <= end;
    for (size_t i = l->seen; same && i < end; i++) {
        same = !is_load(x->a, db_event(x->s->c->db, i));
    }
    return same;
}

static int count_all(struct choice *x)
{
    *x->s->loads = (struct loads){.of = x->a};
    for (size_t i = 0; i < x->a->busy_count; i++) {
        if (count_open(x, x->a->busy[i], x->a->busy_open[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

static int owner_of(struct step *s, int64_t *out)
{
    struct ctx *c = s->c;
    struct record *r = NULL;
    if (rows_load(c->db, s->entity, s->id, c->arena, &r, &c->err) != 0) {
        return -1;
    }
    struct value owner = record_value(r, s->entity->owner);
    *out = owner.kind == VALUE_INT ? owner.i : 0;
    return 0;
}

/* How often the record itself is among those that count: 1, or 0. */
static int counts_itself(struct choice *x, bool *out)
{
    struct ctx *c = x->s->c;
    struct who who = ctx_who(c);
    *out = false;
    for (size_t i = 0; i < x->a->busy_count; i++) {
        if (x->a->busy[i] != x->s->entity) {
            continue;
        }
        *out = x->a->busy_open[i] == NULL;
        return *out ? 0
                    : query_match(c->db, &who, x->s->entity, &x->s->id, 1, &x->a->busy_open[i], 1,
                                  c->arena, out, &c->err);
    }
    return 0;
}

/* The one that is given away does not count. */
static int find_load(struct choice *x)
{
    const struct loads *l = x->s->loads;
    if ((!is_counted(x) && count_all(x) != 0) || counts_itself(x, &x->counts) != 0 ||
        owner_of(x->s, &x->owner) != 0) {
        return -1;
    }
    x->s->loads->seen = db_event_count(x->s->c->db);
    for (size_t k = 0; k < x->count; k++) {
        for (size_t i = 0; i < l->count; i++) {
            x->load[k] += l->list[i].user == x->ids[k] ? l->list[i].count : 0;
        }
        x->load[k] -= x->counts && x->owner == x->ids[k];
    }
    return 0;
}

/* After it was given away: what that changed is known. */
static int keep_load(struct choice *x)
{
    struct ctx *c = x->s->c;
    struct loads *l = x->s->loads;
    int64_t now = 0;
    if (x->a->how != ASSIGN_LEAST_BUSY || l->of != x->a || x->count == 0) {
        return 0;
    }
    if (owner_of(x->s, &now) != 0) {
        return -1;
    }
    if (x->counts) {
        add_load(c, l, x->owner, x->owner != 0 ? -1 : 0);
        add_load(c, l, now, 1);
    }
    l->seen = db_event_count(c->db);
    return 0;
}

/* ---- choosing -------------------------------------------------------------------------------- */

static bool is_better(const struct choice *x, size_t i, size_t best)
{
    if (x->a->how == ASSIGN_LEAST_BUSY && x->load[i] != x->load[best]) {
        return x->load[i] < x->load[best];
    }
    return x->turns[i] < x->turns[best];
}

static int choose(struct choice *x, int64_t *out)
{
    struct ctx *c = x->s->c;
    size_t best = 0;
    *out = 0;
    if (x->count == 0) {
        return 0;
    }
    *out = x->ids[0];
    if (x->a->how == ASSIGN_FIRST) {
        return 0;
    }
    x->turns = ARENA_ARRAY(c->arena, int64_t, x->count);
    x->load = ARENA_ARRAY(c->arena, int64_t, x->count);
    if (turns_read(c->db, x->s->rule->name, x->ids, x->count, x->turns, &c->err) != 0 ||
        (x->a->how == ASSIGN_LEAST_BUSY && find_load(x) != 0)) {
        return -1;
    }
    for (size_t i = 1; i < x->count; i++) {
        best = is_better(x, i, best) ? i : best;
    }
    *out = x->ids[best];
    return turns_take(c->db, x->s->rule->name, *out, &c->err);
}

static int choose_otherwise(struct choice *x, int64_t *out, bool *other)
{
    int64_t *ids = NULL;
    size_t count = 0;
    *other = *out == 0 && x->a->otherwise != NULL;
    if (!*other) {
        return 0;
    }
    if (rules_people(x->s, x->a->otherwise, 1, &ids, &count) != 0) {
        return -1;
    }
    *out = count > 0 ? ids[0] : 0;
    return 0;
}

/* ---- giving ---------------------------------------------------------------------------------- */

/* The team goes with the owner, if he has one. */
static int put_team(struct ctx *c, const struct entity *e, int64_t user, struct field_set *set)
{
    const struct entity *users = model_entity_find(c->model, ENTITY_USER);
    const struct field *team = entity_field_find(users, "team");
    struct record *r = NULL;
    if (e->team == NULL || team == NULL) {
        return 0;
    }
    if (rows_load(c->db, users, user, c->arena, &r, &c->err) != 0) {
        return -1;
    }
    struct value v = record_value(r, team);
    if (v.kind == VALUE_INT) {
        field_set_put(set, e, e->team, &v);
    }
    return 0;
}

static int tell(struct step *s, int64_t user, const char *why)
{
    struct ctx *c = s->c;
    struct buf params = {0};
    struct json_writer w;
    if (c->rules == RULES_SILENT) {
        return 0;
    }
    jw_init(&w, &params);
    jw_object(&w);
    jw_kv_text(&w, "rule", s->rule->name);
    jw_kv_text(&w, "why", why);
    jw_object_end(&w);
    int rc = assigned_to(c, s->id, user, arena_strndup(c->arena, params.data, params.size));
    buf_done(&params);
    return rc;
}

static int give(struct step *s, int64_t user, const char *why)
{
    struct ctx *c = s->c;
    struct record *before = NULL;
    bool changed = false;
    const char *name = NULL;
    struct field_set *set = field_set_new(c->arena, s->entity);
    const struct value owner = value_int(user);
    field_set_put(set, s->entity, s->entity->owner, &owner);
    if (rows_load(c->db, s->entity, s->id, c->arena, &before, &c->err) != 0 ||
        put_team(c, s->entity, user, set) != 0 ||
        record_change_in(c, before, set, &changed) != 0 || rules_name(c, user, &name) != 0) {
        return -1;
    }
    s->said = arena_printf(c->arena, "assigned to %s: %s", name, why);
    return tell(s, user, why);
}

/* How it was chosen, for people: by their names, not by their addresses. */
static int print_how(struct ctx *c, const struct assignment *a, const char **out)
{
    struct assignment named = *a;
    named.to = ARENA_ARRAY(c->arena, struct people, a->to_count);
    for (size_t i = 0; i < a->to_count; i++) {
        int64_t id = 0;
        named.to[i] = a->to[i];
        if (a->to[i].kind == PEOPLE_USER && rules_account(c, &a->to[i], &id) != 0) {
            return -1;
        }
        if (id != 0 && rules_name(c, id, &named.to[i].name) != 0) {
            return -1;
        }
    }
    *out = rule_assignment_print(c->arena, &named);
    return 0;
}

/* It stays where it is. What comes one by one should wait for nobody: administrators are told. */
static int nobody(struct step *s, const char *why)
{
    struct ctx *c = s->c;
    enum change_source source = c->actor.source;
    if (source == SOURCE_IMPORT || source == SOURCE_BULK) {
        log_warn("rule %s, %s %lld: nobody to assign it to", s->rule->name, s->entity->name,
                 (long long)s->id);
        return 0;
    }
    return rules_failed(c, s->rule, s->id,
                        arena_printf(c->arena, "There was nobody to assign it to (%s).", why));
}

int rules_assign(struct step *s)
{
    struct choice x = {.s = s, .a = s->action->assign, .passed = ""};
    const char *why = NULL;
    int64_t user = 0;
    bool other = false;
    if (print_how(s->c, x.a, &why) != 0 ||
        rules_people(s, x.a->to, x.a->to_count, &x.ids, &x.count) != 0 || keep_fitting(&x) != 0 ||
        keep_present(&x) != 0 || choose(&x, &user) != 0 || choose_otherwise(&x, &user, &other) != 0) {
        return -1;
    }
    if (user == 0) {
        return nobody(s, why);
    }
    if (other) {
        why = arena_printf(s->c->arena, "nobody for %s", why);
    }
    why = arena_printf(s->c->arena, "%s%s", why, x.passed);
    return give(s, user, why) != 0 ? -1 : keep_load(&x);
}
