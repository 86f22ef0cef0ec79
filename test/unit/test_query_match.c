/* Conditions of rules over several records: what was() and changed() say, and how SQLite gets there. */
#include "store_fixture.h"

#include "model/rule.h"
#include "store/db.h"
#include "store/query.h"

static const char RULES[] =
    "- {name: was, after: deal.updated, if: 'was(stage) = \"proposal\"', do: {set: {source: other}}}\n"
    "- {name: changed, after: deal.updated, if: 'changed(amount)', do: {set: {source: other}}}\n"
    "- {name: both, after: deal.updated, if: 'was(name) != name and company.city = \"Kiel\"', do: {set: {source: other}}}\n";

static struct fixture *with_rules(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_apply(f, fixture_model(f, "rules.yaml", RULES, NULL)), 0);
    return f;
}

/* "110": which of the three rules hold for the records, one after the other, since the set. */
static void holds(struct fixture *f, const int64_t *ids, size_t count, int64_t since,
                  const char *wanted)
{
    const struct expr *tests[3];
    bool hits[30];
    char text[31];
    struct who who = {.model = f->m, .now_ms = 1, .since = since};
    struct db *db = store_reader_take(f->s, 0);
    for (size_t i = 0; i < 3; i++) {
        tests[i] = f->m->rules[i].test;
    }
    assert_int_equal(query_match(db, &who, fixture_entity(f, "deal"), ids, count, tests, 3, &f->a,
                                 hits, &f->e),
                     0);
    for (size_t i = 0; i < 3 * count; i++) {
        text[i] = hits[i] ? '1' : '0';
    }
    text[3 * count] = '\0';
    store_reader_give(f->s, db);
    assert_string_equal(text, wanted);
}

static void query_match__knows_what_was(void **state)
{
    struct fixture *f = with_rules(state);
    int64_t firm = fixture_insert(f, "company", "name=Acme,city=Kiel");
    char values[100];
    snprintf(values, sizeof values, "name=One,stage=proposal,company=%lld", (long long)firm);
    int64_t one = fixture_insert(f, "deal", values);
    int64_t two = fixture_insert(f, "deal", "name=Two,stage=proposal");
    int64_t first = fixture_update(f, one, "stage=won");
    holds(f, &one, 1, first - 1, "100");
    holds(f, &two, 1, first - 1, "100"); /* it was and is */
    int64_t second = fixture_update(f, one, "name=Other");
    holds(f, &one, 1, second - 1, "001");
    holds(f, &one, 1, first - 1, "101"); /* all since then is one change */
    holds(f, (int64_t[]){one, two}, 2, first - 1, "101100");
    int64_t made = fixture_insert(f, "deal", "name=New,stage=proposal,amount_base=500");
    holds(f, (int64_t[]){one, made}, 2, fixture_int(f, "SELECT max(id) - 1 FROM change_set"),
          "000010"); /* nothing was before it was made */
}

/* Whatever the tables hold, records are sought by their ids, changes by field and record. */
static void plan_is_seeks(struct fixture *f, struct db *db, const char *mark)
{
    bool found = false;
    for (sqlite3_stmt *st = sqlite3_next_stmt(db->handle, NULL); st != NULL;
         st = sqlite3_next_stmt(db->handle, st)) {
        const char *sql = sqlite3_sql(st);
        if (sql == NULL || strstr(sql, mark) == NULL || strstr(sql, "created_cs") == NULL) {
            continue;
        }
        sqlite3_stmt *plan = NULL;
        char *text = arena_printf(&f->a, "EXPLAIN QUERY PLAN %s", sql);
        assert_int_equal(sqlite3_prepare_v2(db->handle, text, -1, &plan, NULL), SQLITE_OK);
        while (sqlite3_step(plan) == SQLITE_ROW) {
            const char *line = (const char *)sqlite3_column_text(plan, 3);
            bool list = strstr(line, "VIRTUAL TABLE") != NULL; /* the ids themselves */
            if (!list && (strstr(line, "SCAN") != NULL || strstr(line, "BLOOM") != NULL ||
                          strstr(line, "AUTOMATIC") != NULL)) {
                fail_msg("%s in %s", line, sql);
            }
        }
        sqlite3_finalize(plan);
        found = true;
    }
    assert_true(found);
}

static void query_match__never_walks_a_table(void **state)
{
    struct fixture *f = with_rules(state);
    int64_t ids[20];
    for (size_t i = 0; i < 20; i++) {
        ids[i] = fixture_insert(f, "deal", "name=One,stage=proposal");
        fixture_update(f, ids[i], "stage=won");
    }
    fixture_sql(f, "ANALYZE");
    const struct expr *tests[3] = {f->m->rules[0].test, f->m->rules[1].test, f->m->rules[2].test};
    bool hits[60];
    struct who who = {.model = f->m, .now_ms = 1, .since = 1};
    struct db *db = store_reader_take(f->s, 0);
    const struct entity *deal = fixture_entity(f, "deal");
    for (size_t n = 1; n <= 20; n += 19) {
        assert_int_equal(query_match(db, &who, deal, ids, n, tests, 3, &f->a, hits, &f->e), 0);
    }
    plan_is_seeks(f, db, "json_each");
    plan_is_seeks(f, db, "SELECT t0.id");
    store_reader_give(f->s, db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(query_match__knows_what_was),
        STORE_TEST(query_match__never_walks_a_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
