/* The writer: groups, savepoints, dry runs, what happens when a transaction is lost; and readers
 * that cannot write. */
#include "store_fixture.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <time.h>

#include "base/fs.h"
#include "store/db.h"
#include "store/store_private.h"

static int64_t fact(struct fixture *f, const char *key)
{
    const char *sql =
        arena_printf(&f->a, "SELECT CAST(value AS INTEGER) FROM fact WHERE key = '%s'", key);
    return fixture_int(f, sql);
}

static int add_fact(struct db *db, const char *key, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "INSERT INTO fact(key, value) VALUES(?1, '1')"
                                " ON CONFLICT(key) DO UPDATE SET value = value + 1",
                                e);
    if (!st) {
        return -1;
    }
    stmt_bind_text(st, 1, key);
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc;
}

static int add(struct db *db, void *caller, struct err *e)
{
    return add_fact(db, caller, e);
}

static int add_and_refuse(struct db *db, void *caller, struct err *e)
{
    db_emit(db, &(struct event){.record = 1, .op = OP_UPDATE});
    return add_fact(db, caller, e) != 0 ? -1 : err_fail(e, ERR_INVALID, "x.y", "No.");
}

static void writer__forgets_a_refused_command_only(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    assert_int_equal(store_write(f->s, WRITE_NORMAL, add, "good", &e), 0);
    assert_int_equal(store_write(f->s, WRITE_NORMAL, add_and_refuse, "bad", &e), -1);
    assert_string_equal(e.where, "x.y");
    assert_int_equal(fact(f, "good"), 1);
    assert_int_equal(fact(f, "bad"), -1);
    assert_int_equal(f->event_count, 0);
}

static void writer__keeps_nothing_of_a_dry_run(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    assert_int_equal(store_write(f->s, WRITE_DRY, add, "dry", &e), 0);
    assert_int_equal(fact(f, "dry"), -1);
    struct store_figures figures;
    store_figures(f->s, &figures);
    assert_int_equal(figures.dry_runs, 1);
}

struct crowd {
    struct fixture *f;
    pthread_barrier_t start;
};

static void *write_many(void *data)
{
    struct crowd *c = data;
    pthread_barrier_wait(&c->start);
    for (int i = 0; i < 50; i++) {
        struct err e = {0};
        if (store_write(c->f->s, i % 10 == 9 ? WRITE_SLICE : WRITE_NORMAL, add, "many", &e) != 0) {
            return "failed";
        }
    }
    return NULL;
}

static void writer__commits_what_waits_together(void **state)
{
    struct fixture *f = *state;
    struct crowd c = {.f = f};
    pthread_t threads[16];
    pthread_barrier_init(&c.start, NULL, COUNT(threads));
    for (size_t i = 0; i < COUNT(threads); i++) {
        pthread_create(&threads[i], NULL, write_many, &c);
    }
    for (size_t i = 0; i < COUNT(threads); i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        assert_null(result);
    }
    pthread_barrier_destroy(&c.start);
    assert_int_equal(fact(f, "many"), 16 * 50);
    struct store_figures figures;
    store_figures(f->s, &figures);
    assert_true(figures.groups < figures.commands);
}

/* ---- beside a long write --------------------------------------------------------------------- */

struct beside {
    struct fixture *f;
    sem_t slice_runs;
    int64_t log, copied; /* bytes of the log, and of it in the database, when the write came */
};

static bool somebody_waits(struct store *s)
{
    pthread_mutex_lock(&s->lock);
    bool waits = s->queues[WRITE_NORMAL].head != NULL;
    pthread_mutex_unlock(&s->lock);
    return waits;
}

static int fill_log(struct db *db, void *caller, struct err *e)
{
    struct beside *b = caller;
    sem_post(&b->slice_runs);
    while (!somebody_waits(b->f->s)) {
        sched_yield();
    }
    return db_run(db, "INSERT INTO fact(key, value) VALUES('big', hex(zeroblob(15000000)))", e);
}

static int look(struct db *db, void *caller, struct err *e)
{
    struct beside *b = caller;
    b->log = atomic_load(&b->f->s->wal_bytes);
    b->copied = b->f->s->checkpoint_bytes;
    return add_fact(db, "beside", e);
}

static void *write_beside(void *data)
{
    struct beside *b = data;
    struct err e = {0};
    sem_wait(&b->slice_runs);
    return store_write(b->f->s, WRITE_NORMAL, look, b, &e) == 0 ? NULL : "failed";
}

static void writer__copies_the_log_after_those_who_waited_for_a_slice(void **state)
{
    struct beside b = {.f = *state};
    struct err e = {0};
    pthread_t thread;
    void *failed = NULL;
    sem_init(&b.slice_runs, 0, 0);
    pthread_create(&thread, NULL, write_beside, &b);
    assert_int_equal(store_write(b.f->s, WRITE_SLICE, fill_log, &b, &e), 0);
    pthread_join(thread, &failed);
    assert_null(failed);
    assert_true(b.log > 24 << 20);
    assert_int_equal(b.copied, 0);
    assert_int_equal(store_write(b.f->s, WRITE_NORMAL, look, &b, &e), 0);
    assert_true(b.copied > 24 << 20);
    sem_destroy(&b.slice_runs);
}

/* ---- a lost transaction ---------------------------------------------------------------------- */

struct member {
    struct fixture *f;
    const char *key;
    sem_t *wait; /* held back until it is posted */
    atomic_bool running;
    int runs, lose;
    enum err_code code;
};

static int member_run(struct db *db, void *caller, struct err *e)
{
    struct member *m = caller;
    m->runs++;
    atomic_store(&m->running, true);
    if (m->wait) {
        sem_wait(m->wait);
    }
    if (m->lose >= m->runs) { /* as SQLite does it on I/O errors: everything is rolled back */
        db_run(db, "ROLLBACK", e);
        return err_fail(e, ERR_INTERNAL, "", "lost");
    }
    return add_fact(db, m->key, e);
}

static void *member_main(void *data)
{
    struct member *m = data;
    struct err e = {0};
    store_write(m->f->s, WRITE_NORMAL, member_run, m, &e);
    m->code = e.code;
    return NULL;
}

static size_t waiting(struct store *s)
{
    pthread_mutex_lock(&s->lock);
    size_t n = s->queues[WRITE_NORMAL].count;
    pthread_mutex_unlock(&s->lock);
    return n;
}

/* Runs the first alone and holds it, so that the others wait together and become one group. */
static void run_as_group(struct member *members, size_t count)
{
    pthread_t threads[8];
    sem_t hold;
    sem_init(&hold, 0, 0);
    members[0].wait = &hold;
    for (size_t i = 0; i < count; i++) {
        pthread_create(&threads[i], NULL, member_main, &members[i]);
        while (i == 0 ? !atomic_load(&members[0].running) : waiting(members[0].f->s) < i) {
            sched_yield();
        }
    }
    sem_post(&hold);
    for (size_t i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
    sem_destroy(&hold);
}

static int pause_in_slice(struct db *db, void *caller, struct err *e)
{
    (void)db;
    (void)e;
    const int64_t *ms = caller;
    struct timespec rest = {.tv_nsec = *ms * 1000000};
    nanosleep(&rest, NULL);
    return 0;
}

/* The next slice's time after one that took `ms`. */
static int64_t after_slice(struct fixture *f, int64_t ms)
{
    struct store_figures figures;
    assert_int_equal(store_write(f->s, WRITE_SLICE, pause_in_slice, &ms, &f->e), 0);
    store_figures(f->s, &figures);
    return figures.slice_ms;
}

static void writer__makes_slices_smaller_after_a_long_one(void **state)
{
    struct fixture *f = *state;
    struct store_figures figures;
    store_figures(f->s, &figures);
    int64_t whole = figures.slice_ms;
    int64_t less = after_slice(f, 3 * whole);
    assert_in_range(less, 1, whole - 1);
    int64_t least = after_slice(f, 3 * whole);
    assert_in_range(least, 1, less - 1);
    for (int i = 0; i < 500 && less < whole; i++) {
        less = after_slice(f, 0); /* and as before when the load is gone */
    }
    assert_int_equal(less, whole);
}

static void writer__runs_everybody_again_alone_when_the_transaction_is_lost(void **state)
{
    struct fixture *f = *state;
    struct member m[] = {{.f = f, .key = "first"},
                         {.f = f, .key = "a"},
                         {.f = f, .key = "b", .lose = 1},
                         {.f = f, .key = "c"}};
    run_as_group(m, COUNT(m));
    assert_int_equal(m[1].runs, 2);
    assert_int_equal(m[2].runs, 2);
    for (size_t i = 0; i < COUNT(m); i++) {
        assert_int_equal(m[i].code, ERR_NONE);
        assert_int_equal(fact(f, m[i].key), 1);
    }
    struct store_figures figures;
    store_figures(f->s, &figures);
    assert_int_equal(figures.retries, 3);
}

static void writer__blames_only_the_command_that_loses_the_transaction(void **state)
{
    struct fixture *f = *state;
    struct member m[] = {{.f = f, .key = "first"},
                         {.f = f, .key = "a"},
                         {.f = f, .key = "b", .lose = 9},
                         {.f = f, .key = "c"}};
    run_as_group(m, COUNT(m));
    assert_int_equal(m[2].code, ERR_INTERNAL);
    assert_int_equal(fact(f, "a"), 1);
    assert_int_equal(fact(f, "b"), -1);
    assert_int_equal(fact(f, "c"), 1);
}

static void writer__survives_a_full_disk(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    assert_int_equal(fixture_sql(f, "PRAGMA max_page_count=1"),
                     0); /* means: no page more than there are */
    assert_int_equal(
        fixture_sql(f, "CREATE TABLE big(x); INSERT INTO big VALUES(zeroblob(1000000))"), -1);
    assert_int_equal(f->e.code, ERR_FULL);
    assert_true(store_is_full(f->s));
    assert_false(store_is_fatal(f->s));
    assert_int_equal(fixture_sql(f, "PRAGMA max_page_count=1000000"), 0);
    assert_int_equal(store_write(f->s, WRITE_NORMAL, add, "after", &e), 0);
    assert_false(store_is_full(f->s));
    assert_int_equal(fact(f, "after"), 1);
}

/* ---- events and search ----------------------------------------------------------------------- */

static void writer__tells_events_after_the_commit(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_insert(f, "team", "name=North");
    assert_int_equal(f->event_count, 1);
    assert_int_equal(f->events[0].record, id);
    assert_int_equal(f->events[0].op, OP_CREATE);
    assert_int_equal(f->events[0].entity, fixture_entity(f, "team")->id);
    assert_int_equal(fixture_insert(f, "team", "name=NORTH"), -1);
    assert_int_equal(f->e.code, ERR_CONFLICT);
    assert_int_equal(f->event_count, 1);
}

static void writer__indexes_for_search_with_the_commit(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_insert(f, "company", "name=Zürcher Käse,city=Gossau");
    assert_int_equal(
        fixture_int(f, "SELECT rowid FROM search_words WHERE search_words MATCH 'title : kase'"),
        id);
    assert_int_equal(
        fixture_int(f, "SELECT rowid FROM search_parts WHERE search_parts MATCH 'rch AND che'"),
        id);
    fixture_update(f, id, "name=Brot");
    assert_int_equal(
        fixture_int(f, "SELECT count(*) FROM search_words WHERE search_words MATCH 'title : kase'"),
        0);
    assert_int_equal(
        fixture_int(
            f, "SELECT rowid FROM search_words WHERE search_words MATCH '(bro* goss*)'"),
        id);
    fixture_trash(f, id);
    assert_int_equal(
        fixture_int(f, "SELECT count(*) FROM search_words WHERE search_words MATCH 'title : brot'"),
        0);
    fixture_restore(f, id);
    assert_int_equal(
        fixture_int(f, "SELECT count(*) FROM search_words WHERE search_words MATCH 'title : brot'"),
        1);
}

/* ---- readers and files ----------------------------------------------------------------------- */

static void reader__cannot_write(void **state)
{
    struct fixture *f = *state;
    static const char *const REFUSED[] = {"INSERT INTO fact VALUES('x', 'y')",
                                          "DELETE FROM change",
                                          "CREATE TABLE x(y)",
                                          "CREATE TEMP TABLE x(y)",
                                          "PRAGMA query_only=OFF",
                                          "PRAGMA table_info(fact)",
                                          "ATTACH 'x' AS y",
                                          "VACUUM"};
    struct db *db = store_reader_take(f->s, 0);
    for (size_t i = 0; i < COUNT(REFUSED); i++) {
        struct err e = {0};
        assert_int_equal(db_run(db, REFUSED[i], &e), -1);
    }
    store_reader_give(f->s, db);
}

static void reader__is_ended_when_it_takes_too_long(void **state)
{
    struct fixture *f = *state;
    struct db *db = store_reader_take(f->s, 0);
    struct err e = {0};
    int64_t n = 0;
    db_limit_ms(db, 20);
    assert_int_equal(db_get_int(db,
                                "WITH RECURSIVE x(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM x) "
                                "SELECT count(*) FROM x",
                                NULL, 0, 0, &n, &e),
                     -1);
    assert_int_equal(e.code, ERR_BUSY);
    store_reader_give(f->s, db);
}

static void reader__sees_one_snapshot(void **state)
{
    struct fixture *f = *state;
    struct db *db = store_reader_take(f->s, 0);
    struct err e = {0};
    int64_t before = 0, after = 0;
    assert_int_equal(db_read_begin(db, &e), 0);
    db_get_int(db, "SELECT count(*) FROM fact", NULL, 0, 0, &before, &e);
    assert_int_equal(store_write(f->s, WRITE_NORMAL, add, "new", &e), 0);
    db_get_int(db, "SELECT count(*) FROM fact", NULL, 0, 0, &after, &e);
    assert_int_equal(after, before);
    db_read_end(db);
    db_get_int(db, "SELECT count(*) FROM fact", NULL, 0, 0, &after, &e);
    assert_int_equal(after, before + 1);
    store_reader_give(f->s, db);
}

static void store__refuses_a_second_process_and_a_newer_database(void **state)
{
    struct fixture *f = *state;
    struct store *second = NULL;
    struct err e = {0};
    const struct store_options options = {.dir = f->dir};
    assert_int_equal(store_open(&options, &second, &e), -1);
    assert_int_equal(e.code, ERR_BUSY);
    assert_int_equal(fixture_sql(f, "PRAGMA user_version=99"), 0);
    store_close(f->s);
    f->s = NULL;
    err_clear(&e);
    assert_int_equal(store_open(&options, &second, &e), -1);
    assert_int_equal(e.code, ERR_INVALID);
    const struct store_options nowhere = {.dir = fs_join(&f->a, f->dir, "nowhere")};
    err_clear(&e);
    assert_int_equal(store_open(&nowhere, &second, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
}

static void store__keeps_everything_over_a_restart(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    int64_t id = fixture_insert(f, "company", "name=Acme");
    store_close(f->s);
    assert_false(fs_exists(fs_join(&f->a, f->dir, "kontor.db-wal")));
    const struct store_options options = {.dir = f->dir};
    assert_int_equal(store_open(&options, &f->s, &e), 0);
    struct model *m = fixture_model(f, NULL);
    struct db *db = store_reader_take(f->s, 0);
    assert_int_equal(schema_bind(db, m, &e), 0);
    store_reader_give(f->s, db);
    model_release(f->m);
    f->m = m;
    assert_string_equal(fixture_load(f, id)->title, "Acme");
    assert_true(fixture_insert(f, "company", "name=Next") > id);
    assert_int_equal(fixture_chain(f), 0);
}

static void note_fatal(void *data)
{
    *(int *)data += 1;
}

static void store__stops_for_good_when_the_database_is_damaged(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    int fatal = 0;
    fixture_insert(f, "company", "name=Acme");
    char *path = fs_join(&f->a, f->dir, "kontor.db");
    char *root = arena_printf(
        &f->a, "%lld",
        (long long)fixture_int(f, "SELECT rootpage FROM sqlite_schema WHERE name = 'fact'"));
    store_close(f->s);
    f->s = NULL;
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, (atol(root) - 1) * 4096, SEEK_SET);
    for (int i = 0; i < 4096; i++) {
        fputc(0xa5, file);
    }
    fclose(file);
    const struct store_options options = {.dir = f->dir,
                                          .hooks = {.on_fatal = note_fatal, .data = &fatal}};
    assert_int_equal(store_open(&options, &f->s, &e), 0);
    assert_int_equal(store_write(f->s, WRITE_NORMAL, add, "x", &e), -1);
    assert_int_equal(e.code, ERR_BUSY);
    assert_true(store_is_fatal(f->s));
    assert_int_equal(fatal, 1);
    err_clear(&e);
    assert_int_equal(store_write(f->s, WRITE_NORMAL, add, "y", &e), -1);
    assert_int_equal(e.code, ERR_BUSY);
    assert_null(store_reader_take(f->s, 0));
}

static void store__makes_a_private_snapshot(void **state)
{
    struct fixture *f = *state;
    struct store *copy = NULL;
    struct err e = {0};
    assert_int_equal(store_write(f->s, WRITE_NORMAL, add, "both", &e), 0);
    assert_int_equal(store_snapshot(f->s, &copy, &e), 0);
    assert_int_equal(store_write(copy, WRITE_NORMAL, add, "copy", &e), 0);
    struct db *db = store_reader_take(copy, 0);
    int64_t n = 0;
    assert_int_equal(db_get_int(db, "SELECT count(*) FROM fact WHERE key IN ('both', 'copy')", NULL,
                                0, 0, &n, &e),
                     0);
    assert_int_equal(n, 2);
    store_reader_give(copy, db);
    struct store *second = NULL, *third = NULL;
    assert_int_equal(store_snapshot(f->s, &second, &e), 0);
    assert_int_equal(store_snapshot(f->s, &third, &e), -1); /* the disk is not for copies */
    assert_int_equal(e.code, ERR_BUSY);
    err_clear(&e);
    store_close(second);
    assert_int_equal(store_snapshot(f->s, &third, &e), 0);
    store_close(third);
    store_close(copy);
    assert_int_equal(fact(f, "copy"), -1);
    const char **files = NULL;
    size_t count = 0;
    assert_int_equal(fs_list(&f->a, fs_join(&f->a, f->dir, "tmp"), "", &files, &count, &e), 0);
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(writer__forgets_a_refused_command_only),
        STORE_TEST(writer__keeps_nothing_of_a_dry_run),
        STORE_TEST(writer__commits_what_waits_together),
        STORE_TEST(writer__copies_the_log_after_those_who_waited_for_a_slice),
        STORE_TEST(writer__runs_everybody_again_alone_when_the_transaction_is_lost),
        STORE_TEST(writer__makes_slices_smaller_after_a_long_one),
        STORE_TEST(writer__blames_only_the_command_that_loses_the_transaction),
        STORE_TEST(writer__survives_a_full_disk),
        STORE_TEST(writer__tells_events_after_the_commit),
        STORE_TEST(writer__indexes_for_search_with_the_commit),
        STORE_TEST(reader__cannot_write),
        STORE_TEST(reader__is_ended_when_it_takes_too_long),
        STORE_TEST(reader__sees_one_snapshot),
        STORE_TEST(store__refuses_a_second_process_and_a_newer_database),
        STORE_TEST(store__keeps_everything_over_a_restart),
        STORE_TEST(store__stops_for_good_when_the_database_is_damaged),
        STORE_TEST(store__makes_a_private_snapshot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
