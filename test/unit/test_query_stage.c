/*
 * What a pipeline says about a stage, in filters: also when two pipelines say different things
 * about a stage of the same name, across links, in sums, and as of a past set.
 */
#include "query_fixture.h"

static const struct deal {
    const char *name, *pipeline, *stage, *amount, *kind;
    int percent;
} DEALS[] = {
    {"a", "sales", "talk", "100 EUR", "open", 20},
    {"b", "sales", "won", "200 EUR", "won", 100},
    {"c", "sales", "lost", "", "lost", 0},
    {"d", "service", "talk", "400 EUR", "lost", 0},
    {"e", "service", "visit", "800 EUR", "open", 50},
};

struct yard {
    struct world world;
    int64_t company, deals[COUNT(DEALS)], first;
};

static int write_deals(struct world *w, struct db *db, struct change_set *cs, void *data,
                       struct err *e)
{
    struct yard *y = data;
    static const char *const company[] = {"name", "Acme", NULL};
    y->company = world_insert(w, db, cs, "company", company, e);
    for (size_t i = 0; i < COUNT(DEALS); i++) {
        const struct deal *d = &DEALS[i];
        const char *id = arena_printf(w->arena, "%lld", (long long)y->company);
        const char *const deal[] = {"name",   d->name,   "pipeline", d->pipeline, "stage", d->stage,
                                    "amount", d->amount, "company",  id,          NULL};
        y->deals[i] = world_insert(w, db, cs, "deal", deal, e);
        if (y->deals[i] < 0) {
            return -1;
        }
    }
    return 0;
}

static int move_all(struct world *w, struct db *db, struct change_set *cs, void *data,
                    struct err *e)
{
    struct yard *y = data;
    const struct entity *deal = model_entity_find(w->model, "deal");
    for (size_t i = 0; i < COUNT(DEALS); i++) {
        struct record *before, *after;
        bool changed;
        if (rows_load(db, deal, y->deals[i], w->arena, &before, e) != 0 ||
            rows_load(db, deal, y->deals[i], w->arena, &after, e) != 0) {
            return -1;
        }
        world_set(w, after, "pipeline", "sales");
        world_set(w, after, "stage", "won");
        if (rows_update(db, w->model, cs, before, after, &changed, e) != 0) {
            return -1;
        }
    }
    return 0;
}

static int yard_setup(void **state)
{
    static fixture_files FILES = {
        "pipelines.yaml",
        "sales:\n  entity: deal\n  label: Sales\n  stages:\n"
        "    - {id: talk, label: Talk, percent: 20}\n    - {id: won, label: Won, kind: won}\n"
        "    - {id: lost, label: Lost, kind: lost}\n"
        "service:\n  entity: deal\n  label: Service\n  stages:\n"
        "    - {id: visit, label: Visit, percent: 50}\n"
        "    - {id: talk, label: Refused, kind: lost}\n    - {id: paid, label: Paid, kind: won}\n",
        NULL};
    struct arena *a = malloc(sizeof(*a));
    arena_init(a);
    struct yard *y = ARENA_NEW(a, struct yard);
    world_open(&y->world, a, FILES);
    y->first = world_write(&y->world, write_deals, y);
    *state = y;
    return 0;
}

static int yard_teardown(void **state)
{
    struct yard *y = *state;
    world_close(&y->world);
    return 0;
}

/* The names of the deals that fit, in order. */
static const char *names(struct yard *y, const char *filter, int64_t as_of)
{
    struct world_ids ids;
    char out[COUNT(DEALS) + 1] = "";
    const struct list_spec spec = {.entity = model_entity_find(y->world.model, "deal"),
                                   .action = ACTION_SEE,
                                   .filter = world_expr(&y->world, "deal", filter),
                                   .as_of = as_of};
    world_list(&y->world, &y->world.system, &spec, &ids, NULL);
    for (size_t i = 0; i < ids.count; i++) {
        for (size_t k = 0; k < COUNT(DEALS); k++) {
            out[i] = y->deals[k] == ids.ids[i] ? DEALS[k].name[0] : out[i];
        }
    }
    return arena_strdup(y->world.arena, out);
}

static const struct {
    const char *filter, *names;
} CASES[] = {
    {"stage.kind = \"open\"", "ae"},
    {"stage.kind = \"lost\"", "cd"},
    {"stage.kind != \"lost\"", "abe"},
    {"not (stage.kind = \"open\")", "bcd"},
    {"stage.kind in (\"won\", \"lost\")", "bcd"},
    {"stage.kind not in (\"won\", \"lost\")", "ae"},
    {"stage.percent > 10", "abe"},
    {"stage.percent = 20", "a"},
    {"stage.percent = 0", "cd"},
    {"stage.label = \"Talk\"", "a"},
    {"stage.label contains \"use\"", "d"},
    {"stage = \"talk\"", "ad"},
    {"stage = \"talk\" and pipeline = \"sales\"", "a"},
    {"open", "ae"},
    {"not open", "bcd"},
    {"weighted is empty", "abcde"},
    {"amount * stage.percent / 100 = 20", "a"},
    {"sum(company.deals.amount where stage.kind = \"open\") = 900", "abcde"},
    {"company.open_value >= 0 or company.open_value is empty", "abcde"},
    {"count(company.deals where stage.kind = \"lost\") = 2", "abcde"},
};

static void check_all(struct yard *y, int64_t as_of)
{
    for (size_t i = 0; i < COUNT(CASES); i++) {
        const char *found = names(y, CASES[i].filter, as_of);
        if (strcmp(found, CASES[i].names) != 0) {
            print_message("%s\n", CASES[i].filter);
        }
        assert_string_equal(found, CASES[i].names);
    }
}

static void query__stages_mean_what_their_pipeline_says(void **state)
{
    check_all(*state, 0);
}

static void query__lists_sort_stages_as_the_pipeline_does(void **state)
{
    struct yard *y = *state;
    struct world_ids ids;
    struct list_spec spec = {.entity = model_entity_find(y->world.model, "deal"),
                             .action = ACTION_SEE};
    spec.sort[spec.sort_count++].field = fixture_field(y->world.model, "deal", "stage");
    world_list(&y->world, &y->world.system, &spec, &ids, NULL);
    assert_int_equal(ids.count, COUNT(DEALS));
    assert_int_equal(ids.ids[0], y->deals[0]);
    assert_int_equal(ids.ids[2], y->deals[1]);
    assert_int_equal(ids.ids[3], y->deals[2]);
    assert_int_equal(ids.ids[4], y->deals[4]);
}

/* Last: moves every deal. */
static void query__stages_of_the_past_are_kept(void **state)
{
    struct yard *y = *state;
    world_write(&y->world, move_all, y);
    assert_string_equal(names(y, "stage.kind = \"won\"", 0), "abcde");
    check_all(y, y->first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(query__stages_mean_what_their_pipeline_says),
        cmocka_unit_test(query__lists_sort_stages_as_the_pipeline_does),
        cmocka_unit_test(query__stages_of_the_past_are_kept),
    };
    return cmocka_run_group_tests(tests, yard_setup, yard_teardown);
}
