/* Statistics of the planner: large groups of an index are told apart. */
#include "store_fixture.h"

#include "store/statistics.h"

static int64_t group_of(struct db *db, const char *index, const char *form)
{
    struct err e = {0};
    struct arena a;
    int64_t n = 0;
    arena_init(&a);
    const char *sql = arena_printf(
        &a, "SELECT count(*) FROM sqlite_stat1 WHERE idx = '%s' AND stat = '%s'", index, form);
    assert_int_equal(db_get_int(db, sql, NULL, 0, 0, &n, &e), 0);
    arena_done(&a);
    return n;
}

static void statistics__tell_large_groups_apart(void **state)
{
    struct err e = {0};
    struct fixture *f = *state;
    const char *path = arena_printf(&f->a, "%s/statistics.db", f->dir);
    struct db *db = db_open(NULL, path, true, &e);
    assert_non_null(db);
    assert_int_equal(
        db_run_script(db,
                      "CREATE TABLE t(id INTEGER PRIMARY KEY, country TEXT, city TEXT, name TEXT);"
                      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000)"
                      " INSERT INTO t SELECT i, 'DE', 'city ' || (i % 4), 'name ' || i FROM n;"
                      "CREATE INDEX by_country ON t(country, name);"
                      "CREATE INDEX by_city ON t(city);"
                      "CREATE INDEX by_name ON t(name);",
                      &e),
        0);
    assert_int_equal(statistics_refresh(db, &e), 0);
    assert_int_equal(group_of(db, "by_country", "8000 8000 1"), 1);
    assert_int_equal(group_of(db, "by_city", "8000 2000"), 1);
    assert_int_equal(group_of(db, "by_name", "8000 1"), 1);
    assert_int_equal(statistics_refresh(db, &e), 0);
    db_close(db);
    remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {STORE_TEST(statistics__tell_large_groups_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
