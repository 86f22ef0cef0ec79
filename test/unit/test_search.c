/*
 * Search and rights that follow from links: what somebody typed finds what he may see, in any of
 * the ways people type names, numbers and addresses, and nothing else.
 */
#include "query_fixture.h"

struct shop {
    struct world world;
    int64_t users[2], acme, beta, ada, note_acme, note_beta, call, first;
    struct who admin, ann, ben;
};

static const char *text_of(struct world *w, int64_t id)
{
    return arena_printf(w->arena, "%lld", (long long)id);
}

static int write_shop(struct world *w, struct db *db, struct change_set *cs, void *data,
                      struct err *e)
{
    struct shop *s = data;
    for (int i = 0; i < 2; i++) {
        const char *const user[] = {"name", i ? "Ben Berg" : "Ann Ahorn", "email",
                                    i ? "ben@firm.example" : "ann@firm.example", NULL};
        s->users[i] = world_insert(w, db, cs, "user", user, e);
    }
    const char *ann = text_of(w, s->users[0]), *ben = text_of(w, s->users[1]);
    const char *const acme[] = {"name",    "Acme Großhandel GmbH",
                                "phones",  "+49 30 1234567",
                                "website", "https://www.acme.example/shop",
                                "city",    "Köln",
                                "owner",   ann,
                                NULL};
    s->acme = world_insert(w, db, cs, "company", acme, e);
    const char *const beta[] = {"name", "Beta & Söhne", "phones", "030 / 987 65 43", "owner", ben,
                                NULL};
    s->beta = world_insert(w, db, cs, "company", beta, e);
    const char *const ada[] = {"first_name", "Ada",
                               "last_name",  "Lovelace",
                               "emails",     "Ada.Lovelace@acme.example",
                               "company",    text_of(w, s->acme),
                               "owner",      ann,
                               NULL};
    s->ada = world_insert(w, db, cs, "contact", ada, e);
    const char *const about_acme[] = {
        "text", "Likes the blue catalogue", "links", text_of(w, s->acme), "owner", ben, NULL};
    s->note_acme = world_insert(w, db, cs, "note", about_acme, e);
    const char *const about_beta[] = {"text", "Wants the red catalogue", "links",
                                      text_of(w, s->beta), NULL};
    s->note_beta = world_insert(w, db, cs, "note", about_beta, e);
    const char *const call[] = {
        "subject", "Ring Ada about the catalogue",
        "kind",    "call",
        "links",   arena_printf(w->arena, "%s; %s", text_of(w, s->acme), text_of(w, s->ada)),
        NULL};
    s->call = world_insert(w, db, cs, "activity", call, e);
    return s->call > 0 && s->note_beta > 0 && s->ada > 0 ? 0 : -1;
}

static int shop_setup(void **state)
{
    struct arena *a = malloc(sizeof(*a));
    arena_init(a);
    struct shop *s = ARENA_NEW(a, struct shop);
    static fixture_files FILES = {
        "roles.yaml",
        "own:\n  label: Own\n  entities:\n"
        "    \"*\": {see: own, create: all, edit: own, delete: own, export: own}\n",
        NULL};
    world_open(&s->world, a, FILES);
    s->first = world_write(&s->world, write_shop, s);
    s->admin = s->world.system;
    s->admin.role = model_role_find(s->world.model, "admin");
    s->ann = s->ben = s->world.system;
    s->ann.role = s->ben.role = model_role_find(s->world.model, "own");
    s->ann.user = s->users[0];
    s->ben.user = s->users[1];
    *state = s;
    return 0;
}

static int shop_teardown(void **state)
{
    struct shop *s = *state;
    world_close(&s->world);
    return 0;
}


static struct search_result find(struct shop *s, const struct who *who, const char *text, const char *kind)
{
    struct search_result out = {0};
    struct err e = {0};
    struct db *db = store_reader_take(s->world.store, 0);
    const struct entity *only = kind ? model_entity_find(s->world.model, kind) : NULL;
    const struct search_spec spec = {.text = text, .kind = only, .limit = 20, .suggest = true};
    world_check(&e, search_find(db, who, &spec, s->world.arena, &out, &e));
    store_reader_give(s->world.store, db);
    return out;
}

static bool holds(const struct search_result *f, int64_t id)
{
    for (size_t i = 0; i < f->count; i++) {
        if (f->hits[i].id == id) {
            return true;
        }
    }
    return false;
}

static void search__finds_names_however_they_are_typed(void **state)
{
    struct shop *s = *state;
    static const char *const TEXTS[] = {
        "Acme",   "acme gross",      "ACME GROSSHANDEL", "großhandel acme", "gross",
        "ßhande", "handel",          "me groß",          "acme.example",    "koln",
        "KÖLN",   "www.acme.example"};
    for (size_t i = 0; i < COUNT(TEXTS); i++) {
        struct search_result f = find(s, &s->admin, TEXTS[i], NULL);
        if (!holds(&f, s->acme)) {
            print_message("%s\n", TEXTS[i]);
        }
        assert_true(holds(&f, s->acme));
        assert_false(holds(&f, s->beta));
    }
    assert_int_equal(find(s, &s->admin, "acme berta", NULL).count, 0);
    assert_int_equal(find(s, &s->admin, "xyz", NULL).count, 0);
}

static void search__finds_phone_numbers_in_any_form(void **state)
{
    struct shop *s = *state;
    static const char *const ACME[] = {"+49 30 1234567", "0049301234567", "030 1234567",
                                       "030/12345-67",   "(030) 1234567", "1234567",
                                       "34567",          "+49301234567"};
    static const char *const BETA[] = {"0309876543", "+49 30 9876543", "9876543", "030-987"};
    for (size_t i = 0; i < COUNT(ACME); i++) {
        struct search_result f = find(s, &s->admin, ACME[i], NULL);
        if (!holds(&f, s->acme)) {
            print_message("%s\n", ACME[i]);
        }
        assert_true(holds(&f, s->acme));
        assert_false(holds(&f, s->beta));
    }
    for (size_t i = 0; i < COUNT(BETA); i++) {
        struct search_result f = find(s, &s->admin, BETA[i], NULL);
        if (!holds(&f, s->beta)) {
            print_message("%s\n", BETA[i]);
        }
        assert_true(holds(&f, s->beta));
    }
}

static void search__finds_addresses_and_shows_where(void **state)
{
    struct shop *s = *state;
    struct search_result f = find(s, &s->admin, "ada.lovelace@ACME.example", NULL);
    assert_true(f.count >= 1);
    assert_int_equal(f.hits[0].id, s->ada);
    assert_string_equal(f.hits[0].title, "Ada Lovelace");
    assert_non_null(strstr(f.hits[0].snippet, "@acme.example"));
    f = find(s, &s->admin, "lovel", "contact");
    assert_int_equal(f.count, 1);
    assert_int_equal(find(s, &s->admin, "lovel", "company").count, 0);
    f = find(s, &s->admin, "blue", NULL);
    assert_int_equal(f.count, 1);
    assert_int_equal(f.hits[0].id, s->note_acme);
}

static void search__takes_no_operators(void **state)
{
    struct shop *s = *state;
    static const char *const TEXTS[] = {"\"",
                                        "acme\" OR \"beta",
                                        "acme OR beta",
                                        "NOT acme",
                                        "*",
                                        "acme*",
                                        "words:acme",
                                        "access:e1",
                                        "-",
                                        "()",
                                        "a AND",
                                        "NEAR(acme beta)",
                                        "^acme",
                                        "",
                                        " ",
                                        "%",
                                        "'; --",
                                        "{words}:acme",
                                        "\xc3\xa4"};
    for (size_t i = 0; i < COUNT(TEXTS); i++) {
        find(s, &s->admin, TEXTS[i], NULL);
    }
    assert_int_equal(find(s, &s->admin, "e1", NULL).count, 0); /* tokens of rights are no words */
    assert_int_equal(find(s, &s->admin, "acme OR beta", NULL).count, 0);
}

static void search__shows_only_what_may_be_seen(void **state)
{
    struct shop *s = *state;
    struct search_result ann = find(s, &s->ann, "catalogue", NULL),
                 ben = find(s, &s->ben, "catalogue", NULL);
    assert_true(holds(&ann, s->note_acme) && holds(&ann, s->call) && !holds(&ann, s->note_beta));
    assert_true(holds(&ben, s->note_beta) && !holds(&ben, s->call));
    static const char *const SECRETS[] = {
        "acme",         "grosshandel", "rosshan", "1234567", "ada.lovelace@acme.example",
        "acme.example", "lovelace"};
    for (size_t i = 0; i < COUNT(SECRETS); i++) {
        assert_int_equal(find(s, &s->ben, SECRETS[i], NULL).count, 0);
        assert_true(find(s, &s->ann, SECRETS[i], NULL).count > 0);
    }
}

static size_t count(struct shop *s, const struct who *who, const char *entity, const char *filter,
                    int64_t as_of)
{
    struct world_ids ids;
    const struct list_spec spec = {.entity = model_entity_find(s->world.model, entity),
                                   .action = ACTION_SEE,
                                   .filter = filter ? world_expr(&s->world, entity, filter) : NULL,
                                   .as_of = as_of};
    world_list(&s->world, who, &spec, &ids, NULL);
    return ids.count;
}

static int change_links(struct world *w, struct db *db, struct change_set *cs, void *data,
                        struct err *e)
{
    struct shop *s = data;
    struct record *r, *before;
    bool changed;
    const struct entity *activity = model_entity_find(w->model, "activity");
    if (rows_load(db, activity, s->call, w->arena, &before, e) != 0 ||
        rows_load(db, activity, s->call, w->arena, &r, e) != 0) {
        return -1;
    }
    world_set(w, r, "links", text_of(w, s->beta));
    return rows_update(db, w->model, cs, before, r, &changed, e);
}

/* Last: moves the call from Acme to Beta. */
static void query__follows_links_to_any_record(void **state)
{
    struct shop *s = *state;
    const char *here =
        arena_printf(s->world.arena, "links contains %s", text_of(&s->world, s->acme));
    const char *at_beta =
        arena_printf(s->world.arena, "links contains %s", text_of(&s->world, s->beta));
    assert_int_equal(count(s, &s->admin, "note", NULL, 0), 2);
    assert_int_equal(count(s, &s->admin, "note", here, 0), 1);
    assert_int_equal(count(s, &s->ann, "note", NULL, 0), 1);
    assert_int_equal(count(s, &s->ben, "note", NULL, 0),
                     1 + (size_t)(count(s, &s->ben, "note", "owner = me", 0) > 0));
    assert_int_equal(count(s, &s->ben, "note", here, 0),
                     0); /* his own note, but Acme is none of his */
    assert_int_equal(count(s, &s->admin, "company", "count(activities) = 1", 0), 1);
    assert_int_equal(count(s, &s->admin, "company",
                           "count(activities where kind = \"call\" and done_at is empty) > 0", 0),
                     1);
    int64_t before = s->first;
    world_write(&s->world, change_links, s);
    assert_int_equal(count(s, &s->admin, "activity", here, 0), 0);
    assert_int_equal(count(s, &s->admin, "activity", here, before), 1);
    assert_int_equal(count(s, &s->admin, "activity", at_beta, before), 0);
    assert_int_equal(
        count(s, &s->admin, "company", "count(activities) = 1 and name = \"Beta & Söhne\"", 0), 1);
    assert_int_equal(
        count(s, &s->admin, "company", "count(activities) = 1 and name = \"Beta & Söhne\"", before),
        0);
    assert_int_equal(count(s, &s->admin, "company",
                           "count(activities) = 1 and name starts with \"Acme\"", before),
                     1);
    assert_int_equal(count(s, &s->ann, "activity", NULL, 0), 0); /* rights are those of now */
    assert_int_equal(count(s, &s->ann, "activity", NULL, before), 0);
    assert_int_equal(count(s, &s->ben, "activity", NULL, before), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(search__finds_names_however_they_are_typed),
        cmocka_unit_test(search__finds_phone_numbers_in_any_form),
        cmocka_unit_test(search__finds_addresses_and_shows_where),
        cmocka_unit_test(search__takes_no_operators),
        cmocka_unit_test(search__shows_only_what_may_be_seen),
        cmocka_unit_test(query__follows_links_to_any_record),
    };
    return cmocka_run_group_tests(tests, shop_setup, shop_teardown);
}
