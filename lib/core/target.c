/*
 * Targets of targets.yaml with the people they are about, who stand in the database: names of teams
 * and addresses of persons become ids here, once per request. See forecast.h.
 */
#include <limits.h>
#include <string.h>

#include "base/str.h"
#include "core/forecast.h"

struct owned { /* a target with whom it is about */
    const struct target *target;
    struct target_of whom;
};
struct member {
    int64_t id, team;
};

struct target_book {
    struct arena *arena;
    const struct pipeline *pipeline; /* NULL: all of the entity */
    struct owned *list;
    size_t count;
    struct member *members; /* active users */
    size_t member_count, member_room;
    int64_t *people, *teams; /* with a target, each once */
    size_t people_count, team_count;
};

/* ---- Months ---------------------------------------------------------------------------------- */

int month_parse(const char *text, bool last)
{
    enum target_span span = SPAN_NONE;
    int month = target_month(text, &span);
    return month < 0 || !last ? month : month + (int)span - 1;
}

void month_print(int month, char out[8])
{
    int year = month / 12 % 10000, rest = month % 12 + 1;
    const char digits[] = {(char)('0' + year / 1000), (char)('0' + year / 100 % 10),
                           (char)('0' + year / 10 % 10), (char)('0' + year % 10), '-',
                           (char)('0' + rest / 10), (char)('0' + rest % 10), '\0'};
    memcpy(out, digits, sizeof digits);
}

void month_day(int month, char out[11])
{
    month_print(month, out);
    memcpy(out + 7, "-01", 4);
}

/* ---- People ---------------------------------------------------------------------------------- */

enum { USER_EMAIL, USER_TEAM, USER_FIELDS };

static struct member *add_member(struct target_book *b)
{
    if (b->member_count == b->member_room) {
        size_t room = b->member_room == 0 ? 32 : b->member_room * 2;
        struct member *more = ARENA_ARRAY(b->arena, struct member, room);
        for (size_t i = 0; i < b->member_count; i++) {
            more[i] = b->members[i];
        }
        b->members = more;
        b->member_room = room;
    }
    return &b->members[b->member_count++];
}

static int take_user(void *data, const struct list_row *row)
{
    struct target_book *b = data;
    struct member *m = add_member(b);
    *m = (struct member){.id = row->id};
    const struct value email = row->values[USER_EMAIL], team = row->values[USER_TEAM];
    m->team = team.kind == VALUE_INT ? team.i : 0;
    for (size_t i = 0; email.kind == VALUE_TEXT && i < b->count; i++) {
        if (str_eq(b->list[i].target->person, email.s)) {
            b->list[i].whom.person = row->id;
        }
    }
    return 0;
}

static int take_team(void *data, const struct list_row *row)
{
    struct target_book *b = data;
    const struct value name = row->values[0];
    for (size_t i = 0; name.kind == VALUE_TEXT && i < b->count; i++) {
        if (str_eq(b->list[i].target->team, name.s)) {
            b->list[i].whom.team = row->id;
        }
    }
    return 0;
}

/* Whose target it is, is nobody's secret: who may see which is decided by who asks for it. */
static int read_people(struct ctx *c, const char *entity, const char *const *names, size_t count,
                       list_function take, struct target_book *b)
{
    const struct entity *e = model_entity_find(c->model, entity);
    const struct who who = {.model = c->model, .now_ms = c->now_ms};
    const struct field *fields[USER_FIELDS];
    for (size_t i = 0; i < count; i++) {
        fields[i] = e != NULL ? entity_field_find(e, names[i]) : NULL;
        if (fields[i] == NULL) {
            return 0;
        }
    }
    const struct list_spec spec = {
        .entity = e, .action = ACTION_SEE, .fields = fields, .field_count = count};
    const char *next = NULL;
    return query_list(c->db, &who, &spec, c->arena, take, b, &next, &c->err);
}

static void add_id(int64_t *ids, size_t *count, int64_t id)
{
    for (size_t i = 0; i < *count; i++) {
        if (ids[i] == id) {
            return;
        }
    }
    if (id != 0) {
        ids[(*count)++] = id;
    }
}

/* Those whose person or team is not there are nobody's. */
static void keep_known(struct target_book *b)
{
    size_t n = 0;
    b->people = ARENA_ARRAY(b->arena, int64_t, b->count);
    b->teams = ARENA_ARRAY(b->arena, int64_t, b->count);
    for (size_t i = 0; i < b->count; i++) {
        const struct owned *o = &b->list[i];
        if ((o->target->person != NULL && o->whom.person == 0) ||
            (o->target->team != NULL && o->whom.team == 0)) {
            continue;
        }
        add_id(b->people, &b->people_count, o->whom.person);
        add_id(b->teams, &b->team_count, o->whom.team);
        b->list[n++] = *o;
    }
    b->count = n;
}

/* A target of no pipeline is about all there are, maybe only this one. */
static bool is_about(const struct model *m, const struct target *t, const struct entity *e,
                     const struct pipeline *p)
{
    size_t pipelines = 0;
    for (size_t i = 0; i < m->pipeline_count; i++) {
        pipelines += m->pipelines[i].entity == e;
    }
    return t->entity == e &&
           (p == NULL || t->pipeline == p || (t->pipeline == NULL && pipelines == 1));
}

int target_book_read(struct ctx *c, const struct entity *e, const struct pipeline *p,
                     struct target_book **out)
{
    static const char *const USER[] = {"email", "team"}, *const TEAM[] = {"name"};
    const struct model *m = c->model;
    struct target_book *b = ARENA_NEW(c->arena, struct target_book);
    *b = (struct target_book){.arena = c->arena, .pipeline = p};
    b->list = ARENA_ARRAY(c->arena, struct owned, m->target_count + 1);
    for (size_t i = 0; i < m->target_count; i++) {
        if (is_about(m, &m->targets[i], e, p)) {
            b->list[b->count++] = (struct owned){.target = &m->targets[i]};
        }
    }
    *out = b;
    if (b->count == 0) {
        return 0;
    }
    if (read_people(c, ENTITY_USER, USER, COUNT(USER), take_user, b) != 0 ||
        read_people(c, ENTITY_TEAM, TEAM, COUNT(TEAM), take_team, b) != 0) {
        return -1;
    }
    keep_known(b);
    return 0;
}

size_t target_people(const struct target_book *b, const int64_t **out)
{
    *out = b->people;
    return b->people_count;
}

size_t target_teams(const struct target_book *b, const int64_t **out)
{
    *out = b->teams;
    return b->team_count;
}

bool target_is_any(const struct target_book *b)
{
    return b->count > 0;
}

int64_t target_team_of(const struct target_book *b, int64_t person)
{
    for (size_t i = 0; i < b->member_count; i++) {
        if (b->members[i].id == person) {
            return b->members[i].team;
        }
    }
    return 0;
}

/* ---- Figures --------------------------------------------------------------------------------- */

/* The part of a month in the target's time, so that the parts add up to it. */
static int64_t share_of(const struct target *t, int month)
{
    int span = (int)t->each, first = month - month % span, at = month % span;
    int64_t value = t->value;
    for (size_t i = 0; i < t->but_count; i++) {
        if (t->but[i].month == first) {
            value = t->but[i].value;
        }
    }
    int64_t whole = value / span, rest = value % span;
    return whole + (rest * (at + 1) / span - rest * at / span);
}

static bool is_whose(const struct owned *o, struct target_of whom)
{
    return o->whom.person == whom.person && o->whom.team == whom.team;
}

/* The shortest time that has a target in this pipeline (NULL: said of all together). */
static bool direct_in(const struct target_book *b, struct target_of whom, int month, bool money,
                      const struct pipeline *p, int64_t *out)
{
    const struct target *best = NULL;
    for (size_t i = 0; i < b->count; i++) {
        const struct target *t = b->list[i].target;
        if (is_whose(&b->list[i], whom) && t->money == money && t->pipeline == p &&
            month >= t->from && month <= t->to && (best == NULL || t->each < best->each)) {
            best = t;
        }
    }
    *out = best != NULL ? share_of(best, month) : 0;
    return best != NULL;
}

/* What is said of the pipelines together comes before the sum of what is said of each. */
static bool direct(const struct target_book *b, struct target_of whom, int month, bool money,
                   int64_t *out)
{
    if (b->pipeline != NULL && direct_in(b, whom, month, money, b->pipeline, out)) {
        return true;
    }
    if (direct_in(b, whom, month, money, NULL, out)) {
        return true;
    }
    bool any = false;
    for (size_t i = 0; b->pipeline == NULL && i < b->count; i++) {
        const struct pipeline *p = b->list[i].target->pipeline;
        bool seen = p == NULL;
        for (size_t k = 0; k < i && !seen; k++) {
            seen = b->list[k].target->pipeline == p;
        }
        int64_t one = 0;
        if (!seen && direct_in(b, whom, month, money, p, &one)) {
            *out += one;
            any = true;
        }
    }
    return any;
}

/* The people of a team; without one those of the teams that have no target of their own. */
static bool of_people(const struct target_book *b, int64_t team, int month, bool money,
                      int64_t *out)
{
    bool any = false;
    for (size_t i = 0; i < b->people_count; i++) {
        int64_t one = 0, theirs = target_team_of(b, b->people[i]);
        bool meant = team != 0 ? theirs == team
                               : theirs == 0 || !direct(b, (struct target_of){.team = theirs},
                                                        month, money, &one);
        if (meant &&
            direct(b, (struct target_of){.person = b->people[i]}, month, money, &one)) {
            *out += one;
            any = true;
        }
    }
    return any;
}

static bool of_teams(const struct target_book *b, int month, bool money, int64_t *out)
{
    bool any = false;
    for (size_t i = 0; i < b->team_count; i++) {
        int64_t one = 0;
        if (direct(b, (struct target_of){.team = b->teams[i]}, month, money, &one)) {
            *out += one;
            any = true;
        }
    }
    return any;
}

static bool goal(const struct target_book *b, struct target_of whom, int month, bool money,
                 int64_t *out)
{
    if (direct(b, whom, month, money, out)) {
        return true;
    }
    if (whom.person != 0) {
        return false;
    }
    *out = 0;
    bool teams = whom.team == 0 && of_teams(b, month, money, out);
    return of_people(b, whom.team, month, money, out) || teams;
}

struct target_goal target_goal_of(const struct target_book *b, struct target_of whom, int month)
{
    struct target_goal g = {0};
    g.has_money = goal(b, whom, month, true, &g.money);
    g.has_count = goal(b, whom, month, false, &g.count);
    return g;
}
