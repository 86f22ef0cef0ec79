/* Change-sets: before-images, as of, history, undo with clashes, the audit chain. */
#include <time.h>

#include "store_fixture.h"

#include "base/clock.h"
#include "base/str.h"
#include "store/db.h"

static void change__keeps_the_before_image_of_what_changed(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_insert(f, "company", "name=Acme,city=Bern");
    int64_t set = fixture_update(f, id, "city=Basel,name=Acme");
    assert_true(set > 0);
    assert_int_equal(fixture_update(f, id, "city=Basel"), 0);
    char *sql = arena_printf(&f->a, "SELECT count(*) FROM change WHERE cs = %lld", (long long)set);
    assert_int_equal(fixture_int(f, sql), 1);
    sql = arena_printf(&f->a, "SELECT before FROM change WHERE cs = %lld", (long long)set);
    assert_string_equal(fixture_text(f, sql), "Bern");
    struct record *r = fixture_load(f, id);
    assert_int_equal(r->version, 2);
    assert_int_equal(r->updated_by, 7);
    assert_string_equal(r->title, "Acme");
}

static const char *value_at(struct fixture *f, int64_t id, int64_t set, const char *field)
{
    struct db *db = store_reader_take(f->s, 0);
    struct record *r = record_new(&f->a, fixture_load(f, id)->entity);
    assert_int_equal(change_values_at(db, r->entity, id, set, &f->a, r->values, &f->e), 0);
    store_reader_give(f->s, db);
    struct value v = record_value(r, fixture_field(f, r->entity->name, field));
    return v.kind == VALUE_TEXT ? v.s : "";
}

static void change__tells_values_as_of_a_set(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_insert(f, "company", "name=Acme,city=Bern");
    int64_t a = fixture_update(f, id, "city=");
    int64_t b = fixture_update(f, id, "city=Chur,industry=Wood");
    assert_string_equal(value_at(f, id, a - 1, "city"), "Bern");
    assert_string_equal(value_at(f, id, a, "city"), "");
    assert_string_equal(value_at(f, id, b, "city"), "Chur");
    assert_string_equal(value_at(f, id, a, "industry"), "");
    struct db *db = store_reader_take(f->s, 0);
    int64_t set = 0;
    assert_int_equal(change_of_version(db, fixture_entity(f, "company"), id, 1, &set, &f->e), 0);
    assert_int_equal(set, a - 1);
    assert_int_equal(change_of_version(db, fixture_entity(f, "company"), id, 2, &set, &f->e), 0);
    assert_int_equal(set, b - 1);
    assert_int_equal(change_of_version(db, fixture_entity(f, "company"), id, 3, &set, &f->e), 0);
    assert_int_equal(set, b);
    assert_int_equal(change_of_version(db, fixture_entity(f, "company"), id, 4, &set, &f->e), 0);
    assert_int_equal(set, 0);
    assert_int_equal(change_at(db, clock_now_ms() + 1000, &set, &f->e), 0);
    assert_int_equal(set, b);
    assert_int_equal(change_at(db, 0, &set, &f->e), 0);
    assert_int_equal(set, 0);
    store_reader_give(f->s, db);
}

static void change__shows_history_newest_first(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_insert(f, "company", "name=Acme,city=Bern");
    fixture_update(f, id, "city=Basel");
    fixture_trash(f, id);
    struct db *db = store_reader_take(f->s, 0);
    struct change_row *rows = NULL;
    size_t count = 0;
    const struct entity *company = fixture_entity(f, "company");
    assert_int_equal(
        change_history(db, f->m, NULL, company, id, 0, 10, &f->a, &rows, &count, &f->e), 0);
    assert_int_equal(count, 3);
    assert_int_equal(rows[0].op, OP_DELETE);
    assert_int_equal(rows[1].op, OP_UPDATE);
    assert_string_equal(rows[1].before.s, "Bern");
    assert_string_equal(rows[1].after.s, "Basel");
    assert_int_equal(rows[2].op, OP_CREATE);
    assert_int_equal(
        change_history(db, f->m, NULL, company, id, rows[1].set, 10, &f->a, &rows, &count, &f->e),
        0);
    assert_int_equal(count, 1);
    struct change_info *list = NULL;
    assert_int_equal(change_list(db, f->m, 0, 0, 7, 10, &f->a, &list, &count, &f->e), 0);
    assert_int_equal(count, 3);
    assert_int_equal(list[0].first_record, id);
    assert_string_equal(list[0].first_entity->name, "company");
    assert_int_equal(list[0].records, 1);
    store_reader_give(f->s, db);
}

static void undo__takes_back_an_update_and_keeps_what_changed_since(void **state)
{
    struct fixture *f = *state;
    struct undone u;
    int64_t id = fixture_insert(f, "company", "name=Acme,city=Bern,industry=Wood");
    int64_t set = fixture_update(f, id, "city=Basel,industry=Steel");
    fixture_update(f, id, "city=Chur");
    assert_int_equal(fixture_undo(f, set, &u), 0);
    assert_int_equal(u.kept, 1);
    assert_string_equal(fixture_value(f, id, "city"), "Chur");
    assert_string_equal(fixture_value(f, id, "industry"), "Wood");
}

static void undo__sees_no_clash_when_a_later_value_is_the_same(void **state)
{
    struct fixture *f = *state;
    struct undone u;
    int64_t id = fixture_insert(f, "company", "name=Acme,city=Bern");
    int64_t set = fixture_update(f, id, "city=Basel");
    fixture_update(f, id, "city=Chur");
    fixture_update(f, id, "city=Basel");
    assert_int_equal(fixture_undo(f, set, &u), 0);
    assert_int_equal(u.kept, 0);
    assert_string_equal(fixture_value(f, id, "city"), "Bern");
}

static void undo__can_be_undone(void **state)
{
    struct fixture *f = *state;
    struct undone u;
    int64_t id = fixture_insert(f, "company", "name=Acme,city=Bern");
    int64_t set = fixture_update(f, id, "city=Basel");
    assert_int_equal(fixture_undo(f, set, &u), 0);
    assert_string_equal(fixture_value(f, id, "city"), "Bern");
    int64_t first = u.set;
    assert_int_equal(fixture_undo(f, first, &u), 0);
    assert_string_equal(fixture_value(f, id, "city"), "Basel");
    struct db *db = store_reader_take(f->s, 0);
    struct change_info info;
    assert_int_equal(change_info_find(db, f->m, first, &f->a, &info, &f->e), 0);
    assert_int_equal(info.undone_by, u.set);
    assert_int_equal(change_info_find(db, f->m, set, &f->a, &info, &f->e), 0);
    assert_int_equal(info.undone_by, 0); /* its undo was undone */
    store_reader_give(f->s, db);
    assert_int_equal(fixture_chain(f), 0);
}

static void undo__trashes_what_was_created_and_restores_what_was_deleted(void **state)
{
    struct fixture *f = *state;
    struct undone u;
    int64_t id = fixture_insert(f, "company", "name=Acme");
    int64_t set = fixture_load(f, id)->created_cs;
    assert_int_equal(fixture_undo(f, set, &u), 0);
    assert_true(fixture_load(f, id)->deleted_at != 0);
    assert_int_equal(fixture_undo(f, u.set, &u), 0);
    assert_int_equal(fixture_load(f, id)->deleted_at, 0);
    set = fixture_trash(f, id);
    assert_int_equal(fixture_undo(f, set, &u), 0);
    assert_int_equal(fixture_load(f, id)->deleted_at, 0);
    fixture_update(f, id, "city=Bern");
    assert_int_equal(fixture_undo(f, fixture_load(f, id)->created_cs, &u), 0);
    assert_int_equal(u.kept_records, 1); /* edited since: left alone */
    assert_int_equal(fixture_load(f, id)->deleted_at, 0);
}

static void undo__takes_a_root_back_with_all_its_children(void **state)
{
    struct fixture *f = *state;
    struct undone u;
    int64_t old = fixture_insert(f, "company", "name=Old,city=Bern");
    int64_t root = fixture_root(f);
    assert_true(root > 0);
    int64_t ids[5];
    for (int i = 0; i < 5; i++) {
        ids[i] = fixture_insert(f, "company", arena_printf(&f->a, "name=New %d", i));
    }
    fixture_update(f, old, "city=Basel");
    fixture_update(f, old, "city=Chur");
    f->parent = 0;
    struct db *db = store_reader_take(f->s, 0);
    struct change_info info;
    assert_int_equal(change_info_find(db, f->m, root, &f->a, &info, &f->e), 0);
    assert_int_equal(info.records, 6);
    assert_int_equal(info.n, 7);
    store_reader_give(f->s, db);
    assert_int_equal(fixture_undo(f, root, &u), 0);
    assert_int_equal(u.steps, 6);
    assert_string_equal(fixture_value(f, old, "city"), "Bern");
    for (int i = 0; i < 5; i++) {
        assert_true(fixture_load(f, ids[i])->deleted_at != 0);
    }
    assert_int_equal(fixture_chain(f), 0);
}

/* Two long undos take turns in the writer: neither throws away what the other one remembers. */
static void undo__remembers_each_root_by_itself(void **state)
{
    struct fixture *f = *state;
    int64_t roots[2];
    struct undone u;
    for (int i = 0; i < 2; i++) {
        roots[i] = fixture_root(f);
        fixture_insert(f, "company", arena_printf(&f->a, "name=First of %d", i));
        fixture_insert(f, "company", arena_printf(&f->a, "name=Second of %d", i));
        f->parent = 0;
    }
    assert_int_equal(fixture_undo(f, roots[0], &u), 0);
    assert_int_equal(fixture_undo(f, roots[1], &u), 0);
    assert_int_equal(fixture_sql(f, "CREATE TEMP TABLE told(n INTEGER CHECK(n = 2))"), 0);
    for (int i = 0; i < 2; i++) {
        const char *sql = arena_printf(&f->a,
                                       "INSERT INTO temp.told SELECT count(*) FROM undo_record"
                                       " WHERE root = %lld",
                                       (long long)roots[i]);
        assert_int_equal(fixture_sql(f, sql), 0);
    }
}

static int two_changes(struct db *db, void *caller, struct err *e)
{
    struct fixture *f = caller;
    struct change_set cs = {.actor = 7, .source = SOURCE_API};
    struct record *r = record_new(&f->a, fixture_entity(f, "company"));
    bool changed = false;
    if (change_begin(db, &cs, &f->a, e) != 0) {
        return -1;
    }
    record_set(r, fixture_field(f, "company", "name"),
               &(struct value){.kind = VALUE_TEXT, .s = "One", .n = 3});
    if (rows_insert(db, f->m, &cs, r, e) != 0) {
        return -1;
    }
    for (int i = 0; i < 2; i++) {
        struct record *after = NULL;
        struct value name = value_text(i == 0 ? "Two" : "Three");
        if (rows_load(db, r->entity, r->id, &f->a, &after, e) != 0) {
            return -1;
        }
        record_set(after, fixture_field(f, "company", "name"), &name);
        if (rows_update(db, f->m, &cs, r, after, &changed, e) != 0) {
            return -1;
        }
        r = after;
    }
    assert_int_equal(r->version, 1);
    return change_finish(db, &cs, e);
}

/* As the first slice of an import: it has begun when its root is made, but has no id yet. */
static int slice_before_its_root(struct db *db, void *caller, struct err *e)
{
    struct fixture *f = caller;
    struct change_set slice = {.actor = 7, .source = SOURCE_IMPORT};
    struct change_set root = slice;
    struct record *r = record_new(&f->a, fixture_entity(f, "company"));
    if (change_begin(db, &slice, &f->a, e) != 0) {
        return -1;
    }
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    if (change_root(db, &root, &f->a, e) != 0) {
        return -1;
    }
    slice.parent = root.id;
    record_set(r, fixture_field(f, "company", "name"),
               &(struct value){.kind = VALUE_TEXT, .s = "Late", .n = 4});
    return rows_insert(db, f->m, &slice, r, e) != 0 ? -1 : change_finish(db, &slice, e);
}

static void change__times_rise_with_ids(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(store_write(f->s, WRITE_NORMAL, slice_before_its_root, f, &f->e), 0);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM change_set a JOIN change_set b"
                                    " ON b.id = a.id + 1 WHERE b.at < a.at"),
                     0);
    assert_int_equal(fixture_chain(f), 0);
}

static void change__joins_what_happens_twice_in_one_set(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(store_write(f->s, WRITE_NORMAL, two_changes, f, &f->e), 0);
    assert_int_equal(fixture_int(f, "SELECT n FROM change_set ORDER BY id DESC LIMIT 1"), 1);
    assert_int_equal(fixture_chain(f), 0);
    assert_int_equal(f->event_count, 1);
    assert_int_equal(f->events[0].op, OP_CREATE);
}

static void change__reads_by_seeks_alone(void **state)
{
    struct fixture *f = *state;
    int64_t id = 0;
    for (int i = 0; i < 200; i++) {
        id = fixture_insert(f, "company", arena_printf(&f->a, "name=Company %d,city=Bern", i));
    }
    int64_t set = fixture_update(f, id, "city=Basel");
    assert_int_equal(fixture_sql(f, "ANALYZE"), 0);
    struct db *db = store_reader_take(f->s, 0);
    struct change_row *rows = NULL;
    struct change_info *list = NULL;
    struct undo_step *steps = NULL;
    struct record *r = record_new(&f->a, fixture_entity(f, "company"));
    size_t n = 0;
    assert_int_equal(change_history(db, f->m, NULL, r->entity, id, 0, 10, &f->a, &rows, &n, &f->e),
                     0);
    struct change_touch *touches = NULL;
    assert_int_equal(change_touches(db, f->m, set, &f->a, &touches, &n, &f->e), 0);
    assert_int_equal(change_touches_each(db, f->m, &set, 1, 10, &f->a, &touches, &n, &f->e), 0);
    assert_int_equal(n, 1);
    assert_string_equal(touches[0].field->name, "city");
    assert_int_equal(touches[0].op, OP_UPDATE);
    assert_int_equal(change_list(db, f->m, 0, 0, 0, 5, &f->a, &list, &n, &f->e), 0);
    assert_int_equal(change_undo_plan(db, f->m, set, 0, 10, &f->a, &steps, &n, &f->e), 0);
    assert_int_equal(change_values_at(db, r->entity, id, set - 1, &f->a, r->values, &f->e), 0);
    assert_int_equal(change_at(db, clock_now_ms(), &set, &f->e), 0);
    for (sqlite3_stmt *st = sqlite3_next_stmt(db->handle, NULL); st;
         st = sqlite3_next_stmt(db->handle, st)) {
        int steps_taken = sqlite3_stmt_status(st, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0);
        int indexes = sqlite3_stmt_status(st, SQLITE_STMTSTATUS_AUTOINDEX, 0);
        if (steps_taken > 40 || indexes > 0) {
            fail_msg("%d rows scanned by %s", steps_taken, sqlite3_sql(st));
        }
    }
    store_reader_give(f->s, db);
}

/* ---- chain ----------------------------------------------------------------------------------- */

static void make_history(struct fixture *f, int64_t *id)
{
    *id = fixture_insert(f, "company", "name=Acme,city=Bern,employees=5");
    fixture_update(f, *id, "city=Basel,employees=6");
    fixture_update(f, *id, "city=Chur");
    int64_t other = fixture_insert(f, "contact", "first_name=Ann,last_name=Lee");
    fixture_trash(f, other);
    fixture_restore(f, other);
    assert_int_equal(fixture_chain(f), 0);
}

static void tamper(struct fixture *f, const char *sql)
{
    assert_int_equal(fixture_sql(f, sql), 0);
    assert_true(fixture_chain(f) > 0);
}

static void chain__shows_an_altered_current_row(void **state)
{
    struct fixture *f = *state;
    int64_t id = 0;
    make_history(f, &id);
    tamper(f, "UPDATE e_company SET city = 'Genf'");
}

static void chain__shows_an_altered_value_of_a_creation(void **state)
{
    struct fixture *f = *state;
    int64_t id = 0;
    make_history(f, &id);
    tamper(f, "UPDATE e_contact SET first_name = 'Eve'");
}

static void chain__shows_an_altered_before_image(void **state)
{
    struct fixture *f = *state;
    int64_t id = 0;
    make_history(f, &id);
    tamper(f, "UPDATE change SET before = 'Genf' WHERE before = 'Basel'");
}

static void chain__shows_a_removed_set(void **state)
{
    struct fixture *f = *state;
    int64_t id = 0;
    make_history(f, &id);
    tamper(f, "DELETE FROM change WHERE cs = 3; DELETE FROM change_set WHERE id = 3");
}

static void chain__shows_the_newest_set_removed(void **state)
{
    struct fixture *f = *state;
    int64_t id = 0;
    make_history(f, &id);
    tamper(f, "DELETE FROM change WHERE cs = (SELECT max(id) FROM change_set);"
              "DELETE FROM change_set WHERE id = (SELECT max(id) FROM change_set)");
}

static void chain__shows_an_altered_header_and_strangers(void **state)
{
    struct fixture *f = *state;
    int64_t id = 0;
    make_history(f, &id);
    tamper(f, "UPDATE change_set SET actor = 8 WHERE id = 3");
    fixture_sql(f, "UPDATE change_set SET actor = 7 WHERE id = 3");
    assert_int_equal(fixture_chain(f), 0);
    tamper(f, "INSERT INTO e_team(id, version, created_cs, created_at, created_by, updated_at, "
              "updated_by, title,"
              " title_k) VALUES(9999, 1, 2, 0, 0, 0, 0, 'x', 'x')");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(change__keeps_the_before_image_of_what_changed),
        STORE_TEST(change__tells_values_as_of_a_set),
        STORE_TEST(change__shows_history_newest_first),
        STORE_TEST(change__times_rise_with_ids),
        STORE_TEST(change__joins_what_happens_twice_in_one_set),
        STORE_TEST(change__reads_by_seeks_alone),
        STORE_TEST(undo__takes_back_an_update_and_keeps_what_changed_since),
        STORE_TEST(undo__sees_no_clash_when_a_later_value_is_the_same),
        STORE_TEST(undo__can_be_undone),
        STORE_TEST(undo__trashes_what_was_created_and_restores_what_was_deleted),
        STORE_TEST(undo__takes_a_root_back_with_all_its_children),
        STORE_TEST(undo__remembers_each_root_by_itself),
        STORE_TEST(chain__shows_an_altered_current_row),
        STORE_TEST(chain__shows_an_altered_value_of_a_creation),
        STORE_TEST(chain__shows_an_altered_before_image),
        STORE_TEST(chain__shows_a_removed_set),
        STORE_TEST(chain__shows_the_newest_set_removed),
        STORE_TEST(chain__shows_an_altered_header_and_strangers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
