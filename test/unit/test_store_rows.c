/* Records: titles and keys, unique values and the trash, handles, links, access tokens, roll-ups.
 */
#include "store_fixture.h"

#include "base/str.h"
#include "store/db.h"

static void rows__makes_titles_and_sort_keys(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_insert(f, "contact", "first_name=Émile,last_name=Groß");
    struct record *r = fixture_load(f, id);
    assert_string_equal(r->title, "Émile Groß");
    assert_string_equal(fixture_text(f, "SELECT title_k FROM e_contact"), "gross emile");
    assert_string_equal(fixture_text(f, "SELECT last_name_k FROM e_contact"), "gross");
    int64_t set = fixture_update(f, id, "last_name=Petit");
    assert_string_equal(fixture_load(f, id)->title, "Émile Petit");
    assert_string_equal(fixture_text(f, "SELECT title_k FROM e_contact"), "petit emile");
    char *sql = arena_printf(&f->a, "SELECT count(*) FROM change WHERE cs = %lld", (long long)set);
    assert_int_equal(fixture_int(f, sql), 2); /* last_name, and the title for as-of */
    id = fixture_insert(f, "contact", "city=Bern");
    sql = arena_printf(&f->a, "#%lld", (long long)id);
    assert_string_equal(fixture_load(f, id)->title, sql);
}

static void rows__keeps_unique_values_among_the_living(void **state)
{
    struct fixture *f = *state;
    int64_t first = fixture_insert(f, "user", "name=Ann,email=ann@example.org,role=member");
    assert_int_equal(fixture_insert(f, "user", "name=Other,email=ANN@example.org,role=member"), -1);
    assert_int_equal(f->e.code, ERR_CONFLICT);
    assert_string_equal(f->e.where, "user.email");
    assert_true(fixture_trash(f, first) > 0);
    int64_t second = fixture_insert(f, "user", "name=Other,email=ANN@example.org,role=member");
    assert_true(second > first);
    assert_int_equal(fixture_restore(f, first), -1);
    assert_int_equal(f->e.code, ERR_CONFLICT);
    assert_string_equal(f->e.where, "user.email");
    assert_true(fixture_update(f, second, "email=other@example.org") > 0);
    assert_true(fixture_restore(f, first) > 0);
    assert_int_equal(fixture_load(f, first)->version, 3);
    assert_int_equal(fixture_chain(f), 0);
}

static size_t find(struct fixture *f, enum handle_kind kind, const char *value, int64_t *first)
{
    struct db *db = store_reader_take(f->s, 0);
    int64_t *ids = NULL;
    size_t count = 0;
    assert_int_equal(handle_find(db, NULL, kind, value, NULL, 10, &f->a, &ids, &count, &f->e), 0);
    store_reader_give(f->s, db);
    *first = count > 0 ? ids[0] : 0;
    return count;
}

static void rows__finds_living_records_by_handle(void **state)
{
    struct fixture *f = *state;
    int64_t found = 0;
    int64_t id =
        fixture_insert(f, "contact", "last_name=Lee,emails=[{\"value\":\"Ann.Lee@Example.org\"}]");
    assert_int_equal(find(f, HANDLE_EMAIL, "ann.lee@example.org", &found), 1);
    assert_int_equal(found, id);
    fixture_update(f, id, "emails=[{\"value\":\"a@example.org\"}]");
    assert_int_equal(find(f, HANDLE_EMAIL, "ann.lee@example.org", &found), 0);
    assert_int_equal(find(f, HANDLE_EMAIL, "a@example.org", &found), 1);
    fixture_trash(f, id);
    assert_int_equal(find(f, HANDLE_EMAIL, "a@example.org", &found), 0);
    fixture_restore(f, id);
    assert_int_equal(find(f, HANDLE_EMAIL, "a@example.org", &found), 1);
}

static void rows__keeps_links_to_any_record(void **state)
{
    struct fixture *f = *state;
    int64_t company = fixture_insert(f, "company", "name=Acme");
    int64_t note = fixture_insert(
        f, "note", arena_printf(&f->a, "text=Hello,links=[%lld]", (long long)company));
    assert_int_equal(fixture_int(f, "SELECT record FROM ref"), note);
    assert_int_equal(fixture_int(f, "SELECT target_entity FROM ref"),
                     fixture_entity(f, "company")->id);
    fixture_update(f, note, "links=");
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM ref"), 0);
}

static void rows__carries_owner_and_team_into_the_search_row(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_insert(f, "company", "name=Acme,owner=11,team=12");
    const char *sql = arena_printf(
        &f->a, "SELECT rowid FROM search_words WHERE search_words MATCH 'access : (\uE000%lld \uE00111 \uE00212)'",
        (long long)fixture_entity(f, "company")->id);
    assert_int_equal(fixture_int(f, sql), id);
    fixture_update(f, id, "owner=13");
    assert_int_equal(fixture_int(f, sql), -1);
    assert_int_equal(
        fixture_int(f, "SELECT rowid FROM search_words WHERE search_words MATCH 'access : \uE00113'"),
        id);
}

static void rows__keeps_roll_ups_of_the_parents(void **state)
{
    struct fixture *f = *state;
    int64_t a = fixture_insert(f, "company", "name=A");
    int64_t b = fixture_insert(f, "company", "name=B");
    const struct pipeline *p = &f->m->pipelines[0];
    char *values = arena_printf(
        &f->a,
        "name=Deal,company=%lld,pipeline=%s,stage=%s,amount=1000,amount_cur=EUR,amount_base=1000",
        (long long)a, p->id, p->stages[0].id);
    int64_t deal = fixture_insert(f, "deal", values);
    assert_string_equal(fixture_value(f, a, "open_value"), "1000");
    assert_int_equal(fixture_load(f, a)->version, 1); /* derived values do not raise it */
    fixture_insert(f, "deal", values);
    assert_string_equal(fixture_value(f, a, "open_value"), "2000");
    int64_t set = fixture_update(f, deal, arena_printf(&f->a, "company=%lld", (long long)b));
    assert_string_equal(fixture_value(f, a, "open_value"), "1000");
    assert_string_equal(fixture_value(f, b, "open_value"), "1000");
    fixture_trash(f, deal);
    assert_true(str_eq(fixture_value(f, b, "open_value"), "") ||
                str_eq(fixture_value(f, b, "open_value"), "0"));
    fixture_restore(f, deal);
    struct undone u;
    assert_int_equal(fixture_undo(f, set, &u), 0);
    assert_string_equal(fixture_value(f, a, "open_value"), "2000");
    assert_int_equal(fixture_chain(f), 0);
    bool told = false;
    for (size_t i = 0; i < f->event_count; i++) {
        told = told || (f->events[i].record == a && f->events[i].op == OP_UPDATE);
    }
    assert_true(told);
}

static void rows__tells_the_entity_of_any_id(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_insert(f, "team", "name=North");
    struct db *db = store_reader_take(f->s, 0);
    const struct entity *entity = NULL;
    assert_int_equal(rows_entity_of(db, f->m, id, &entity, &f->e), 0);
    assert_string_equal(entity->name, "team");
    assert_int_equal(rows_entity_of(db, f->m, id + 1000, &entity, &f->e), 0);
    assert_null(entity);
    struct record *r = NULL;
    assert_int_equal(rows_load(db, fixture_entity(f, "team"), id + 1000, &f->a, &r, &f->e), -1);
    assert_int_equal(f->e.code, ERR_NOT_FOUND);
    store_reader_give(f->s, db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(rows__makes_titles_and_sort_keys),
        STORE_TEST(rows__keeps_unique_values_among_the_living),
        STORE_TEST(rows__finds_living_records_by_handle),
        STORE_TEST(rows__keeps_links_to_any_record),
        STORE_TEST(rows__carries_owner_and_team_into_the_search_row),
        STORE_TEST(rows__keeps_roll_ups_of_the_parents),
        STORE_TEST(rows__tells_the_entity_of_any_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
