/* Rows that are no records: credentials, sessions, tokens, codes, answers, facts; jobs and timers.
 */
#include "store_fixture.h"

#include "store/accounts.h"
#include "store/db.h"
#include "store/jobs.h"

/* Runs a test's body as one command: the calls below are all made on the writer's connection. */
struct body {
    struct fixture *f;
    void (*run)(struct fixture *f, struct db *db);
};

static int run_body(struct db *db, void *caller, struct err *e)
{
    struct body *b = caller;
    (void)e;
    b->run(b->f, db);
    return 0;
}

static void in_writer(struct fixture *f, void (*run)(struct fixture *f, struct db *db))
{
    struct body b = {.f = f, .run = run};
    assert_int_equal(store_write(f->s, WRITE_NORMAL, run_body, &b, &f->e), 0);
}

static void credentials(struct fixture *f, struct db *db)
{
    struct credential c;
    struct err e = {0};
    assert_int_equal(accounts_credential(db, 5, &f->a, &c, &e), 0);
    assert_null(c.password);
    assert_int_equal(c.epoch, 0);
    assert_int_equal(accounts_set_password(db, 5, "stored", 100, &e), 0);
    assert_int_equal(accounts_bump_epoch(db, 5, &e), 0);
    assert_int_equal(accounts_bump_epoch(db, 6, &e), 0);
    assert_int_equal(accounts_credential(db, 5, &f->a, &c, &e), 0);
    assert_string_equal(c.password, "stored");
    assert_int_equal(c.epoch, 2);
    assert_int_equal(accounts_credential(db, 6, &f->a, &c, &e), 0);
    assert_null(c.password);
    assert_int_equal(c.epoch, 1);
}

static void accounts__count_epochs(void **state)
{
    in_writer(*state, credentials);
}

static void sessions(struct fixture *f, struct db *db)
{
    struct err e = {0};
    struct session s = {.hash = {1},
                        .user = 5,
                        .epoch = 1,
                        .created_at = 10,
                        .seen_at = 10,
                        .csrf = "c",
                        .agent = "a"};
    struct session found;
    struct session *list = NULL;
    size_t count = 0;
    assert_int_equal(accounts_session_add(db, &s, &e), 0);
    assert_int_equal(accounts_session_find(db, s.hash, &f->a, &found, &e), 0);
    assert_string_equal(found.csrf, "c");
    assert_int_equal(accounts_session_touch(db, found.id, 50, &e), 0);
    assert_int_equal(accounts_sessions(db, 5, &f->a, &list, &count, &e), 0);
    assert_int_equal(count, 1);
    assert_int_equal(list[0].seen_at, 50);
    assert_int_equal(accounts_session_remove(db, found.id, 6, &e), 0); /* not his */
    assert_int_equal(accounts_session_find(db, s.hash, &f->a, &found, &e), 0);
    assert_int_equal(accounts_sweep(db, 60, 20, 100, &e), 0);
    assert_int_equal(accounts_session_find(db, s.hash, &f->a, &found, &e), 0);
    assert_int_equal(accounts_sweep(db, 71, 20, 100, &e), 0);
    assert_int_equal(accounts_session_find(db, s.hash, &f->a, &found, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
}

static void accounts__end_idle_sessions(void **state)
{
    in_writer(*state, sessions);
}

static void tokens(struct fixture *f, struct db *db)
{
    struct err e = {0};
    struct token t = {
        .hash = {2}, .user = 5, .created_at = 1, .expires_at = 90, .scope = 2, .name = "till"};
    struct token found;
    struct token *list = NULL;
    size_t count = 0;
    assert_int_equal(accounts_token_add(db, &t, &e), 0);
    assert_int_equal(accounts_token_find(db, t.hash, &f->a, &found, &e), 0);
    assert_int_equal(found.id, t.id);
    assert_int_equal(found.scope, 2);
    assert_int_equal(accounts_token_touch(db, t.id, 33, &e), 0);
    assert_int_equal(accounts_tokens(db, 5, &f->a, &list, &count, &e), 0);
    assert_int_equal(count, 1);
    assert_int_equal(list[0].used_at, 33);
    assert_int_equal(accounts_token_remove(db, t.id, 6, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    err_clear(&e);
    assert_int_equal(accounts_token_remove(db, t.id, 0, &e), 0);
    assert_int_equal(accounts_token_find(db, t.hash, &f->a, &found, &e), -1);
}

static void accounts__keep_tokens(void **state)
{
    in_writer(*state, tokens);
}

static void codes(struct fixture *f, struct db *db)
{
    struct err e = {0};
    const unsigned char first[32] = {3}, second[32] = {4};
    const char *kind = NULL;
    int64_t user = 0;
    assert_int_equal(accounts_code_set(db, "reset", 5, first, 100, &e), 0);
    assert_int_equal(accounts_code_set(db, "reset", 5, second, 100, &e), 0);
    assert_int_equal(accounts_code_use(db, first, 50, &f->a, &kind, &user, &e),
                     -1); /* only the newest counts */
    err_clear(&e);
    assert_int_equal(accounts_code_peek(db, second, 100, &f->a, &kind, &user, &e),
                     -1); /* too late */
    err_clear(&e);
    assert_int_equal(accounts_code_use(db, second, 99, &f->a, &kind, &user, &e), 0);
    assert_string_equal(kind, "reset");
    assert_int_equal(user, 5);
    assert_int_equal(accounts_code_use(db, second, 99, &f->a, &kind, &user, &e), -1); /* once */
}

static void accounts__use_codes_once(void **state)
{
    in_writer(*state, codes);
}

static void texts(struct fixture *f, struct db *db)
{
    struct err e = {0};
    const struct answer given = {.request = {9}, .status = 201, .headers = "h", .body = "{}"};
    struct answer found;
    const char *text = NULL;
    assert_int_equal(accounts_answer_put(db, 5, "k", &given, 10, &e), 0);
    assert_int_equal(accounts_answer_find(db, 5, "k", &f->a, &found, &e), 0);
    assert_int_equal(found.status, 201);
    assert_memory_equal(found.request, given.request, 32);
    assert_int_equal(accounts_answer_find(db, 6, "k", &f->a, &found, &e), -1);
    err_clear(&e);
    assert_int_equal(accounts_prefs(db, 5, &f->a, &text, &e), 0);
    assert_string_equal(text, "{}");
    assert_int_equal(accounts_set_prefs(db, 5, "{\"a\":1}", &e), 0);
    assert_int_equal(accounts_prefs(db, 5, &f->a, &text, &e), 0);
    assert_string_equal(text, "{\"a\":1}");
    assert_int_equal(accounts_fact(db, "x", &f->a, &text, &e), 0);
    assert_null(text);
    assert_int_equal(accounts_set_fact(db, "x", "y", &e), 0);
    assert_int_equal(accounts_fact(db, "x", &f->a, &text, &e), 0);
    assert_string_equal(text, "y");
}

static void accounts__keep_answers_prefs_and_facts(void **state)
{
    in_writer(*state, texts);
}

static void leases(struct fixture *f, struct db *db)
{
    struct err e = {0};
    struct job early = {.kind = "a", .params = "{}", .due_at = 100, .created_at = 1};
    struct job late = {.kind = "b", .params = "{}", .due_at = 500, .created_at = 1};
    struct job got;
    int64_t next = 0;
    assert_int_equal(jobs_add(db, &late, &e), 0);
    assert_int_equal(jobs_add(db, &early, &e), 0);
    assert_int_equal(jobs_lease(db, 50, 1000, &f->a, &got, &next, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_int_equal(next, 100);
    err_clear(&e);
    assert_int_equal(jobs_lease(db, 100, 1000, &f->a, &got, &next, &e), 0);
    assert_int_equal(got.id, early.id);
    assert_int_equal(got.state, JOB_RUNNING);
    assert_int_equal(next, 500);
    assert_int_equal(jobs_lease(db, 1100, 1000, &f->a, &got, &next, &e), 0); /* its lease is over */
    assert_int_equal(got.id, early.id);
    got.state = JOB_DONE;
    got.result = "{\"n\":1}";
    assert_int_equal(jobs_save(db, &got, 1200, &e), 0);
    assert_int_equal(jobs_find(db, early.id, &f->a, &got, &e), 0);
    assert_string_equal(got.result, "{\"n\":1}");
    assert_int_equal(jobs_lease(db, 1300, 1000, &f->a, &got, &next, &e), 0);
    assert_int_equal(jobs_release_all(db, &e), 0); /* the process that had it is gone */
    assert_int_equal(jobs_lease(db, 1301, 1000, &f->a, &got, &next, &e), 0);
    assert_int_equal(got.id, late.id);
}

static void jobs__are_leased_in_order_and_come_back(void **state)
{
    in_writer(*state, leases);
}

static void due_timers(struct fixture *f, struct db *db)
{
    struct err e = {0};
    struct timer t = {.kind = "remind", .record = 4, .key = "due", .due_at = 100};
    struct timer *list = NULL;
    size_t count = 0;
    int64_t next = 0;
    assert_int_equal(timers_set(db, &t, &e), 0);
    t.due_at = 200;
    assert_int_equal(timers_set(db, &t, &e), 0); /* moved, not doubled */
    assert_int_equal(timers_due(db, 100, 10, &f->a, &list, &count, &next, &e), 0);
    assert_int_equal(count, 0);
    assert_int_equal(next, 200);
    assert_int_equal(timers_due(db, 200, 10, &f->a, &list, &count, &next, &e), 0);
    assert_int_equal(count, 1);
    assert_int_equal(list[0].record, 4);
    assert_int_equal(timers_cancel(db, "remind", 4, "due", &e), 0);
    assert_int_equal(timers_due(db, 200, 10, &f->a, &list, &count, &next, &e), 0);
    assert_int_equal(count, 0);
}

static void timers__move_and_are_cancelled(void **state)
{
    in_writer(*state, due_timers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(accounts__count_epochs),
        STORE_TEST(accounts__end_idle_sessions),
        STORE_TEST(accounts__keep_tokens),
        STORE_TEST(accounts__use_codes_once),
        STORE_TEST(accounts__keep_answers_prefs_and_facts),
        STORE_TEST(jobs__are_leased_in_order_and_come_back),
        STORE_TEST(timers__move_and_are_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
