/*
 * One expression, one meaning: every case of query_cases.h gives the rows that plain C finds in the
 * structs the records were made of, as a list filter, in the place of rights, on single records,
 * inside a roll-up, and as of a moment whose values were all changed since.
 */
#include "query_fixture.h"

#include "base/fs.h"

#define NONE   INT64_MIN
#define THINGS 60
#define NOW    1795269900000LL /* 2026-11-21T14:05:00Z */
#define NOON   1795262400000LL /* 2026-11-21T12:00:00Z */

struct thing {
    int64_t n, d, q, p, amount, at; /* d: 2 places, q: 4, p: 2, amount: base minor units */
    int64_t flag;                   /* 0, 1, NONE */
    bool usd, phone;
    const char *name, *note, *kind, *marks, *email, *day;
    int company; /* 0: none; 1 Acme, 2 Beta, 3 in the trash */
    int parts;
    int64_t id;
};

/* ---- what the operators mean ---- */

static bool both(int64_t a, int64_t b)
{
    return a != NONE && b != NONE;
}

static bool different(int64_t a, int64_t b)
{
    return a != b;
}

#define EQ(a, b)        ((a) != NONE && (a) == (b))
#define NE(a, b)        ((a) == NONE || (a) != (b))
#define LT(a, b)        ((a) != NONE && (a) < (b))
#define LE(a, b)        ((a) != NONE && (a) <= (b))
#define GT(a, b)        ((a) != NONE && (a) > (b))
#define GE(a, b)        ((a) != NONE && (a) >= (b))
#define IS(a, b)        ((a) != NULL && strcmp((a), (b)) == 0)
#define HAS(a, part)    ((a) != NULL && strstr(fold(a), (part)) != NULL)
#define BEGINS(a, part) ((a) != NULL && strncmp(fold(a), (part), strlen(part)) == 0)
#define BEFORE(a, b)    ((a) != NULL && strcmp((a), (b)) < 0)
#define AFTER(a, b)     ((a) != NULL && strcmp((a), (b)) > 0)

static struct arena *scratch;

static const char *fold(const char *s)
{
    return str_fold(scratch, s, strlen(s));
}

/* Day of a moment in Berlin, by the C library. */
static const char *day_of(int64_t ms)
{
    time_t s = (time_t)(ms / 1000);
    struct tm tm;
    localtime_r(&s, &tm);
    return arena_printf(scratch, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

static bool on(int64_t ms, const char *day)
{
    return ms != NONE && strcmp(day_of(ms), day) == 0;
}

static bool before(int64_t ms, const char *day)
{
    return strcmp(day_of(ms), day) < 0;
}

static bool after(int64_t ms, const char *day)
{
    return strcmp(day_of(ms), day) > 0;
}

#define NAME2(a, b) a##b
#define NAME(a, b)  NAME2(a, b)
#define CASE(text, meaning)                                                                        \
    static bool NAME(case_, __LINE__)(const struct thing *t)                                       \
    {                                                                                              \
        (void)t;                                                                                   \
        return (meaning);                                                                          \
    }
#include "query_cases.h"
#undef CASE

#define CASE(text, meaning) {text, NAME(case_, __LINE__)},
static const struct {
    const char *text;
    bool (*holds)(const struct thing *t);
} CASES[] = {
#include "query_cases.h"
};
#undef CASE

/* ---- the records ---- */

static const int64_t NUMBERS[] = {3, NONE, 0, -2, 5, 1, 12, 4, 2};
static const int64_t DECIMALS[] = {150, 123, NONE, 0, 124, 200, -50, 99, 7500};
static const int64_t FINE[] = {12345, NONE, 15000, 12300, 0, -5000, 20000};
static const int64_t PERCENTS[] = {1250, NONE, 5000, 10000, 5001, 0};
static const int64_t AMOUNTS[] = {9990, NONE, 150000, 100000, 0, 100001, -500};
static const int64_t FLAGS[] = {1, 0, NONE};
static const int64_t MOMENTS[] = {NOON,
                                  NONE,
                                  NOW,
                                  NOON - 86400000LL,
                                  1795215600000LL /* midnight in Berlin */,
                                  1795215599000LL,
                                  NOW + 3600000,
                                  1774746000000LL,
                                  NOW - 31LL * 86400000,
                                  -86400000};
static const char *const NAMES[] = {"Acme GmbH",      "acme gmbh",   NULL,        "Zoo",
                                    "Émile Großmann", "O'Hara & Co", "100% rein", "snake_case",
                                    "Bäcker",         "A",           "Acme"};
static const char *const NOTES[] = {"call back", NULL, "Call BACK soon: Zoo", "b", "Acme GmbH",
                                    "nothing",   NULL};
static const char *const KINDS[] = {"red", NULL, "green", "blue"};
static const char *const MARKS[] = {"a", "ab", NULL, "b", "abc"};
static const char *const EMAILS[] = {"ada@example.com", NULL, "bob@other.org", "Eve@EXAMPLE.com",
                                     NULL};
static const char *const DAYS[] = {"2026-11-21", NULL,         "2026-11-20", "2026-01-31",
                                   "2024-02-29", "2026-11-07", "2026-11-08", "2027-02-21",
                                   "2026-10-01", "2026-11-16", "2025-12-31", "2026-01-28",
                                   "2027-02-20"};

#define PICK(list, i) ((list)[(size_t)(i) % COUNT(list)])

static struct thing make_thing(int i)
{
    return (struct thing){.n = PICK(NUMBERS, i),
                          .d = PICK(DECIMALS, i * 2 + i / 9),
                          .q = PICK(FINE, i * 3),
                          .p = PICK(PERCENTS, i + i / 6),
                          .amount = PICK(AMOUNTS, i * 5 + 1),
                          .usd = i % 4 == 1,
                          .flag = PICK(FLAGS, i + i / 3),
                          .at = PICK(MOMENTS, i * 7),
                          .name = PICK(NAMES, i * 3),
                          .note = PICK(NOTES, i),
                          .kind = PICK(KINDS, i * 3 + i / 4),
                          .marks = PICK(MARKS, i * 2),
                          .email = PICK(EMAILS, i),
                          .phone = i % 3 == 0,
                          .day = PICK(DAYS, i * 4),
                          .company = (i * 3 + i / 5) % 4,
                          .parts = i % 7 == 2   ? 1
                                   : i % 7 == 4 ? 2
                                                : 0};
}

static const char *scaled(struct arena *a, int64_t i, int places)
{
    struct buf text = {0};
    print_scaled(&text, i, places);
    const char *out = arena_strdup(a, buf_text(&text));
    buf_done(&text);
    return out;
}

struct firm {
    struct world world;
    struct thing things[THINGS];
    int64_t companies[4];
    int64_t parts[2 * THINGS];
    size_t part_count;
    int64_t first; /* change-set after which everything was as in `things` */
};

static const char *number(struct arena *a, int64_t i, int places)
{
    return i == NONE ? "" : scaled(a, i, places);
}

static const char *moment(struct arena *a, int64_t ms)
{
    char *out = arena_alloc(a, CLOCK_INSTANT_SIZE);
    if (ms != NONE) {
        clock_print_instant(ms, out);
    }
    return out;
}

static void fill(struct firm *f, struct record *r, const struct thing *t)
{
    struct world *w = &f->world;
    struct arena *a = w->arena;
    const char *marks = t->marks == NULL ? "" : t->marks;
    const char *list = strlen(marks) == 3 ? "a; b; c" : strlen(marks) == 2 ? "a; b" : marks;
    int64_t own = t->usd && t->amount != NONE ? 2 * t->amount : t->amount;
    const char *amount =
        own == NONE ? "" : arena_printf(a, "%s %s", scaled(a, own, 2), t->usd ? "USD" : "EUR");
    world_set(w, r, "n", number(a, t->n, 0));
    world_set(w, r, "d", number(a, t->d, 2));
    world_set(w, r, "q", number(a, t->q, 4));
    world_set(w, r, "p", number(a, t->p, 2));
    world_set(w, r, "amount", amount);
    world_set(w, r, "flag", t->flag == NONE ? "" : t->flag ? "true" : "false");
    world_set(w, r, "at", moment(a, t->at));
    world_set(w, r, "name", t->name ? t->name : "");
    world_set(w, r, "note", t->note ? t->note : "");
    world_set(w, r, "kind", t->kind ? t->kind : "");
    world_set(w, r, "marks", list);
    world_set(w, r, "emails", t->email ? t->email : "");
    world_set(w, r, "phones", t->phone ? "030 / 1234 - 56" : "");
    world_set(w, r, "day", t->day ? t->day : "");
    world_set(w, r, "company", t->company ? scaled(a, f->companies[t->company], 0) : "");
}

static const char *id_text(struct firm *f, int64_t id)
{
    return scaled(f->world.arena, id, 0);
}

static int write_companies(struct firm *f, struct db *db, struct change_set *cs, struct err *e)
{
    struct world *w = &f->world;
    const char *const acme[] = {"name", "Acme", "city", "Berlin", "employees", "10", NULL};
    f->companies[1] = world_insert(w, db, cs, "company", acme, e);
    const char *const beta[] = {"name", "Beta", "parent", id_text(f, f->companies[1]), NULL};
    f->companies[2] = world_insert(w, db, cs, "company", beta, e);
    const char *const gone[] = {"name", "Gone", "city", "Berlin", "employees", "10", NULL};
    f->companies[3] = world_insert(w, db, cs, "company", gone, e);
    return f->companies[1] > 0 && f->companies[2] > 0 && f->companies[3] > 0 ? 0 : -1;
}

static int write_thing(struct firm *f, struct db *db, struct change_set *cs, int i, struct err *e)
{
    struct world *w = &f->world;
    struct record *r = record_new(w->arena, model_entity_find(w->model, "thing"));
    f->things[i] = make_thing(i);
    fill(f, r, &f->things[i]);
    if (rows_insert(db, w->model, cs, r, e) != 0) {
        return -1;
    }
    f->things[i].id = r->id;
    for (int k = 0; k < f->things[i].parts; k++) {
        const char *const part[] = {
            "name", "part", "size", k == 0 ? "10" : "20", "thing", id_text(f, r->id), NULL};
        int64_t id = world_insert(w, db, cs, "part", part, e);
        if (id < 0) {
            return -1;
        }
        f->parts[f->part_count++] = id;
    }
    return 0;
}

static int write_first(struct world *w, struct db *db, struct change_set *cs, void *data,
                       struct err *e)
{
    struct firm *f = data;
    struct record *gone;
    if (write_companies(f, db, cs, e) != 0) {
        return -1;
    }
    for (int i = 0; i < THINGS; i++) {
        if (write_thing(f, db, cs, i, e) != 0) {
            return -1;
        }
    }
    return rows_load(db, model_entity_find(w->model, "company"), f->companies[3], w->arena, &gone,
                     e) == 0
               ? rows_trash(db, w->model, cs, gone, e)
               : -1;
}

static int update(struct world *w, struct db *db, struct change_set *cs, struct record *before,
                  struct record *after, struct err *e)
{
    bool changed;
    return rows_update(db, w->model, cs, before, after, &changed, e);
}

static struct record *load(struct world *w, struct db *db, const char *entity, int64_t id)
{
    struct record *r = NULL;
    struct err e = {0};
    world_check(&e, rows_load(db, model_entity_find(w->model, entity), id, w->arena, &r, &e));
    return r;
}

/* Every thing gets the values of another one; every sixth goes to the trash. */
static int change_things(struct firm *f, struct db *db, struct change_set *cs, struct err *e)
{
    struct world *w = &f->world;
    for (int i = 0; i < THINGS; i++) {
        struct record *before = load(w, db, "thing", f->things[i].id);
        struct record *r = load(w, db, "thing", f->things[i].id);
        struct thing other = make_thing(i * 11 + 17);
        fill(f, r, &other);
        if (update(w, db, cs, before, r, e) != 0 ||
            (i % 6 == 5 && rows_trash(db, w->model, cs, load(w, db, "thing", r->id), e) != 0)) {
            return -1;
        }
    }
    return 0;
}

/* Companies change their names, parts their things and sizes; some go, one comes back. */
static int change_others(struct firm *f, struct db *db, struct change_set *cs, struct err *e)
{
    struct world *w = &f->world;
    static const char *const CITIES[] = {"", "Hamburg", "Berlin", "Bonn"};
    for (int i = 1; i <= 3; i++) {
        struct record *before = load(w, db, "company", f->companies[i]),
                      *r = load(w, db, "company", before->id);
        world_set(w, r, "name", i == 1 ? "Beta" : "Acme");
        world_set(w, r, "city", CITIES[i]);
        world_set(w, r, "employees", "1");
        world_set(w, r, "parent", i == 1 ? id_text(f, f->companies[2]) : "");
        if (update(w, db, cs, before, r, e) != 0) {
            return -1;
        }
    }
    if (rows_restore(db, w->model, cs, load(w, db, "company", f->companies[3]), e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < f->part_count; i++) {
        struct record *before = load(w, db, "part", f->parts[i]),
                      *r = load(w, db, "part", f->parts[i]);
        world_set(w, r, "size", i % 2 ? "" : "77");
        world_set(w, r, "thing", id_text(f, f->things[(i * 13 + 1) % THINGS].id));
        if (update(w, db, cs, before, r, e) != 0 ||
            (i % 3 == 0 && rows_trash(db, w->model, cs, load(w, db, "part", r->id), e) != 0)) {
            return -1;
        }
    }
    return 0;
}

static int write_second(struct world *w, struct db *db, struct change_set *cs, void *data,
                        struct err *e)
{
    struct firm *f = data;
    static const char *const extra[] = {"name", "Acme GmbH", "n", "3", "kind", "red", NULL};
    return change_things(f, db, cs, e) == 0 && change_others(f, db, cs, e) == 0 &&
                   world_insert(w, db, cs, "thing", extra, e) > 0
               ? 0
               : -1;
}

/* A file of test/data/things, which test/http/conditions.py uses too. */
static const char *file(struct arena *a, const char *name)
{
    struct buf text = {0};
    struct err e = {0};
    const char *path = arena_printf(a, "%s/test/data/things/%s", KONTOR_SOURCE_DIR, name);
    world_check(&e, fs_read(path, 1 << 16, &text, &e));
    const char *copy = arena_strdup(a, buf_text(&text));
    buf_done(&text);
    return copy;
}

static int firm_setup(void **state)
{
    struct arena *a = malloc(sizeof(*a));
    arena_init(a);
    scratch = a;
    struct firm *f = ARENA_NEW(a, struct firm);
    fixture_files files = {
        "kontor.yaml",         file(a, "kontor.yaml"),
        "entities/thing.yaml", file(a, "entities/thing.yaml"),
        "entities/part.yaml",  file(a, "entities/part.yaml"),
    };
    world_open(&f->world, a, files);
    f->world.system.now_ms = NOW;
    f->first = world_write(&f->world, write_first, f);
    *state = f;
    return 0;
}

static int firm_teardown(void **state)
{
    struct firm *f = *state;
    world_close(&f->world);
    return 0;
}

/* ---- comparing ---- */

static size_t failures;

static void report(const char *how, const char *text, const struct firm *f,
                   const struct world_ids *ids, bool (*holds)(const struct thing *t), bool negated)
{
    for (size_t i = 0; i < THINGS; i++) {
        const struct thing *t = &f->things[i];
        size_t found = 0;
        for (size_t k = 0; k < ids->count; k++) {
            found += ids->ids[k] == t->id;
        }
        if (found != (size_t)(holds(t) != negated)) {
            print_message("%s: %s: thing %zu %s\n", how, text, i, found ? "too much" : "missing");
            failures++;
            return;
        }
    }
    size_t expected = 0;
    for (size_t i = 0; i < THINGS; i++) {
        expected += holds(&f->things[i]) != negated;
    }
    if (expected != ids->count) {
        print_message("%s: %s: %zu rows, expected %zu\n", how, text, ids->count, expected);
        failures++;
    }
}

static struct list_spec spec_of(struct firm *f, const struct expr *filter, int64_t as_of)
{
    return (struct list_spec){.entity = model_entity_find(f->world.model, "thing"),
                              .action = ACTION_SEE,
                              .filter = filter,
                              .as_of = as_of};
}

/* As a filter, and its opposite: no row may be lost between x and not x. */
static void check_list(struct firm *f, size_t i, int64_t as_of)
{
    struct world *w = &f->world;
    const char *texts[] = {CASES[i].text, arena_printf(w->arena, "not (%s)", CASES[i].text)};
    for (size_t k = 0; k < 2; k++) {
        struct world_ids ids;
        struct list_spec spec = spec_of(f, world_expr(w, "thing", texts[k]), as_of);
        world_list(w, &w->system, &spec, &ids, NULL);
        report(as_of ? "as of" : "list", texts[k], f, &ids, CASES[i].holds, k == 1);
    }
}

static void query__list_filters_mean_what_they_say(void **state)
{
    struct firm *f = *state;
    failures = 0;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        check_list(f, i, 0);
    }
    assert_true(COUNT(CASES) >= 150);
    assert_int_equal(failures, 0);
}

/* A role that may see what fits the expression. */
static struct role role_with(struct firm *f, const struct expr *x)
{
    const struct model *m = f->world.model;
    struct role role = *model_role_find(m, "admin");
    struct entity_rights *rights =
        ARENA_ARRAY(f->world.arena, struct entity_rights, m->entity_count);
    memcpy(rights, role.rights, m->entity_count * sizeof(*rights));
    int thing = model_entity_find(m, "thing")->index;
    rights[thing].visible[ACTION_SEE] = x;
    rights[thing].everything[ACTION_SEE] = false;
    role.rights = rights;
    return role;
}

static void query__rights_mean_what_filters_mean(void **state)
{
    struct firm *f = *state;
    struct world *w = &f->world;
    failures = 0;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct role role = role_with(f, world_expr(w, "thing", CASES[i].text));
        struct who who = w->system;
        struct world_ids ids;
        struct list_spec spec = spec_of(f, NULL, 0);
        who.role = &role;
        world_list(w, &who, &spec, &ids, NULL);
        report("rights", CASES[i].text, f, &ids, CASES[i].holds, false);
    }
    assert_int_equal(failures, 0);
}

static void query__conditions_on_one_record_mean_the_same(void **state)
{
    struct firm *f = *state;
    struct world *w = &f->world;
    const struct expr *exprs[COUNT(CASES)];
    struct value values[COUNT(CASES)];
    struct err e = {0};
    failures = 0;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        exprs[i] = world_expr(w, "thing", CASES[i].text);
    }
    struct db *db = store_reader_take(w->store, 0);
    for (size_t k = 0; k < THINGS; k++) {
        world_check(&e, query_eval(db, &w->system, model_entity_find(w->model, "thing"),
                                   f->things[k].id, exprs, COUNT(CASES), w->arena, values, &e));
        for (size_t i = 0; i < COUNT(CASES); i++) {
            bool empty = values[i].kind == VALUE_NULL &&
                         exprs[i]->op == EXPR_FIELD; /* a bool without value */
            if ((values[i].kind != VALUE_INT && !empty) ||
                values[i].i != CASES[i].holds(&f->things[k])) {
                print_message("eval: %s: thing %zu\n", CASES[i].text, k);
                failures++;
            }
        }
    }
    store_reader_give(w->store, db);
    assert_int_equal(failures, 0);
}

static void check_rollup(struct firm *f, struct db *db, size_t i, int company)
{
    struct world *w = &f->world;
    struct err e = {0};
    struct value counted;
    const char *text = arena_printf(w->arena, "count(things where %s)", CASES[i].text);
    const struct expr *x = world_expr(w, "company", text);
    int64_t expected = 0;
    for (size_t k = 0; k < THINGS; k++) {
        expected += f->things[k].company == company && CASES[i].holds(&f->things[k]);
    }
    world_check(&e, query_eval(db, &w->system, model_entity_find(w->model, "company"),
                               f->companies[company], &x, 1, w->arena, &counted, &e));
    if (counted.i != expected) {
        print_message("roll-up: %s: company %d has %lld, expected %lld\n", CASES[i].text, company,
                      (long long)counted.i, (long long)expected);
        failures++;
    }
}

static void query__rollups_count_what_lists_show(void **state)
{
    struct firm *f = *state;
    struct db *db = store_reader_take(f->world.store, 0);
    failures = 0;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        check_rollup(f, db, i, 1);
        check_rollup(f, db, i, 2);
    }
    store_reader_give(f->world.store, db);
    assert_int_equal(failures, 0);
}

/* A random tree of cases: its text, and its meaning on every thing. */
static const char *random_tree(struct arena *a, unsigned *seed, int depth, bool *holds,
                               const struct thing *things)
{
    *seed = *seed * 1103515245u + 12345u;
    unsigned dice = *seed >> 16;
    if (depth == 0 || dice % 5 == 0) {
        size_t i = dice % COUNT(CASES);
        for (size_t k = 0; k < THINGS; k++) {
            holds[k] = CASES[i].holds(&things[k]);
        }
        return arena_printf(a, "(%s)", CASES[i].text);
    }
    bool other[THINGS];
    const char *x = random_tree(a, seed, depth - 1, holds, things);
    if (dice % 5 == 1) {
        for (size_t k = 0; k < THINGS; k++) {
            holds[k] = !holds[k];
        }
        return arena_printf(a, "not %s", x);
    }
    const char *y = random_tree(a, seed, depth - 1, other, things);
    for (size_t k = 0; k < THINGS; k++) {
        holds[k] = dice % 2 ? holds[k] && other[k] : holds[k] || other[k];
    }
    return arena_printf(a, "(%s %s %s)", x, dice % 2 ? "and" : "or", y);
}

static void query__random_combinations_mean_what_their_parts_mean(void **state)
{
    struct firm *f = *state;
    unsigned seed = 7;
    for (int round = 0; round < 200; round++) {
        bool holds[THINGS];
        const char *text = random_tree(f->world.arena, &seed, 4, holds, f->things);
        struct world_ids ids;
        struct list_spec spec = spec_of(f, world_expr(&f->world, "thing", text), 0);
        world_list(&f->world, &f->world.system, &spec, &ids, NULL);
        size_t at = 0; /* ids come in order, as the things were made */
        for (size_t k = 0; k < THINGS; k++) {
            bool found = at < ids.count && ids.ids[at] == f->things[k].id;
            if (found != holds[k]) {
                print_message("%s: thing %zu\n", text, k);
            }
            assert_int_equal(found, holds[k]);
            at += found;
        }
        assert_int_equal(at, ids.count);
    }
}

/* Last: it changes every record. */
static void query__the_past_is_as_it_was(void **state)
{
    struct firm *f = *state;
    int64_t second = world_write(&f->world, write_second, f);
    assert_true(second > f->first);
    failures = 0;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        check_list(f, i, f->first);
    }
    assert_int_equal(failures, 0);
    struct world_ids ids;
    struct list_spec spec = spec_of(f, NULL, -1);
    world_list(&f->world, &f->world.system, &spec, &ids, NULL);
    assert_int_equal(ids.count, 0); /* before the first set there was nothing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(query__list_filters_mean_what_they_say),
        cmocka_unit_test(query__rights_mean_what_filters_mean),
        cmocka_unit_test(query__conditions_on_one_record_mean_the_same),
        cmocka_unit_test(query__rollups_count_what_lists_show),
        cmocka_unit_test(query__random_combinations_mean_what_their_parts_mean),
        cmocka_unit_test(query__the_past_is_as_it_was),
    };
    return cmocka_run_group_tests(tests, firm_setup, firm_teardown);
}
