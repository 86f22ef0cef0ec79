/*
 * Lists sorted by what a link points to: the targets lead where there are many records, and the rows
 * are the same, in the same order, as if the target of each had been looked up. Other ways that
 * depend on how many records there are, or are seen, give the same rows too.
 */
#include "query_fixture.h"

#define CONTACTS  12000 /* more than are sorted one by one */
#define COMPANIES 300
#define NOTES     51000 /* a big table */
#define PAGE      997

struct house {
    struct world world;
    int64_t first_company, user;
    struct who admin, owner, few;
};

/* Names and cities in no order, each name three times, some cities empty; every 30th lies in the
 * trash. Contacts without a company, and with one that is not there. */
static int write_all(struct db *db, void *caller, struct err *e)
{
    struct house *h = caller;
    const struct model *m = h->world.model;
    const int64_t company[] = {COMPANIES, model_entity_find(m, "company")->id};
    const int64_t contact[] = {CONTACTS, model_entity_find(m, "contact")->id, COMPANIES};
    h->first_company = 1001;
    h->user = 77;
    return db_run_ints(
               db,
               "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<?1)"
               " INSERT INTO e_company(id,version,created_cs,created_at,created_by,updated_at,"
               "updated_by,deleted_at,title,title_k,name,name_k,city,city_k,owner)"
               " SELECT 1000+i,1,1,i,0,i,0,CASE WHEN i%30=0 THEN 5 END,'Firm '||(i*37%?1/3),"
               "'firm '||(i*37%?1/3),'Firm '||(i*37%?1/3),'firm '||(i*37%?1/3),"
               "CASE WHEN i%11>0 THEN 'City '||(i*13%17) END,"
               "CASE WHEN i%11>0 THEN 'city '||(i*13%17) END,CASE WHEN i%5=0 THEN 77 END"
               " FROM n WHERE ?2>0",
               company, 2, e) != 0 ||
                   db_run_ints(
                       db,
                       "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<?1)"
                       " INSERT INTO e_contact(id,version,created_cs,created_at,created_by,"
                       "updated_at,updated_by,deleted_at,title,title_k,last_name,last_name_k,"
                       "company,owner) SELECT 10000+i,1,1,i,0,i*7919%?1,0,"
                       "CASE WHEN i%50=0 THEN 5 END,"
                       "'N'||i,'n'||i,'N'||i,'n'||i,"
                       "CASE WHEN i%40>0 THEN 1000+i*103%(?3+3) END,"
                       "CASE WHEN i%300=1 THEN 78 ELSE 77 END FROM n WHERE ?2>0",
                       contact, 3, e) != 0 ||
                   db_run_ints(db,
                               "INSERT INTO search_words(rowid,title,words,digits,access)"
                               " SELECT id,title_k,'common','',char(0xE000)||?1 FROM e_contact"
                               " WHERE deleted_at IS NULL",
                               &contact[1], 1, e) != 0 ||
                   db_run_ints(db,
                               "INSERT INTO search_words(rowid,title,words,digits,access)"
                               " SELECT id,title_k,'','',char(0xE000)||?1 FROM e_company WHERE deleted_at IS NULL",
                               &company[1], 1, e) != 0 ||
                   db_run_ints(db,
                               "INSERT INTO doc(id,entity) SELECT id,?1 FROM e_contact"
                               " UNION ALL SELECT id,?2 FROM e_company",
                               (const int64_t[]){contact[1], company[1]}, 2, e) != 0 ||
                   db_run(db, "UPDATE counter SET value=100000 WHERE name='record'", e) != 0 ||
                   db_run(db, "ANALYZE", e) != 0
               ? -1
               : 0;
}

static void put(struct world *w, struct record *r, const char *name, struct value v)
{
    record_set(r, fixture_field(w->model, "note", name), &v);
}

/* Every fourth contact has a note, some of them of somebody else's, some in the trash. */
static int write_notes(struct world *w, struct db *db, struct change_set *cs, void *data,
                       struct err *e)
{
    (void)data;
    for (int i = 1; i <= CONTACTS; i += 4) {
        const char *links = i % 3 == 0 ? arena_printf(w->arena, "[%d,%d]", 10000 + i, 1001)
                                       : arena_printf(w->arena, "[%d]", 10000 + i);
        struct record *r = record_new(w->arena, model_entity_find(w->model, "note"));
        world_set(w, r, "text", "Said");
        put(w, r, "links", value_text(links));
        put(w, r, "owner", value_int(i % 1000 == 1 ? 78 : 77));
        if (rows_insert(db, w->model, cs, r, e) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Half of them point to companies, of which few are seen. */
static int write_many_notes(struct house *h, struct db *db, struct err *e)
{
    struct world *w = &h->world;
    const int64_t values[] = {NOTES, model_entity_find(w->model, "note")->id,
                              model_entity_find(w->model, "contact")->id,
                              fixture_field(w->model, "note", "links")->columns[0].id, CONTACTS,
                              model_entity_find(w->model, "company")->id, COMPANIES};
    return db_run_ints(db,
                       "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<?1)"
                       " INSERT INTO e_note(id,version,created_cs,created_at,created_by,updated_at,"
                       "updated_by,title,title_k,text,owner)"
                       " SELECT 200000+i,1,1,i,0,i,0,'Said','said','Said',79 FROM n",
                       values, 1, e) != 0 ||
                   db_run_ints(db, "INSERT INTO doc(id,entity) SELECT id,?2 FROM e_note WHERE id>200000 AND ?1>0",
                               values, 2, e) != 0 ||
                   db_run_ints(db,
                               "INSERT INTO ref(record,field,target,target_entity) SELECT id,?4,"
                               "iif(id%2,10001+id*7919%?5,1001+id*7%?7),iif(id%2,?3,?6)"
                               " FROM e_note WHERE id>200000 AND ?1+?2>0",
                               values, 7, e) != 0
               ? -1
               : 0;
}

static int analyze(struct db *db, void *caller, struct err *e)
{
    return write_many_notes(caller, db, e) != 0 ||
                   db_run(db, "UPDATE e_contact SET deleted_at=5 WHERE id=10301", e) != 0 ||
                   db_run(db, "ANALYZE", e) != 0
               ? -1
               : 0;
}

static struct who who_of(struct house *h, const char *role)
{
    return (struct who){.model = h->world.model,
                        .role = model_role_find(h->world.model, role),
                        .user = h->user,
                        .now_ms = h->world.system.now_ms};
}

static int house_setup(void **state)
{
    static fixture_files FILES = {
        "roles.yaml",
        "partly:\n  label: Partly\n  entities:\n    \"*\": {see: all}\n    company: {see: own}\n"
        "few:\n  label: Few\n  entities:\n    \"*\": {see: own, create: all}\n",
        NULL};
    struct arena *a = malloc(sizeof(*a));
    struct err e = {0};
    arena_init(a);
    struct house *h = ARENA_NEW(a, struct house);
    world_open(&h->world, a, FILES);
    world_check(&e, store_write(h->world.store, WRITE_NORMAL, write_all, h, &e));
    h->admin = who_of(h, "admin");
    h->owner = who_of(h, "partly");
    h->user = 78;
    h->few = who_of(h, "few");
    world_write(&h->world, write_notes, h);
    world_check(&e, store_write(h->world.store, WRITE_NORMAL, analyze, h, &e));
    *state = h;
    return 0;
}

static int house_teardown(void **state)
{
    struct house *h = *state;
    world_close(&h->world);
    return 0;
}

static struct list_spec sorted(struct house *h, const char *by, bool descending)
{
    struct world *w = &h->world;
    const struct entity *contact = model_entity_find(w->model, "contact");
    struct list_spec spec = {.entity = contact, .action = ACTION_SEE, .limit = PAGE};
    for (const char *at = by; *at != '\0'; at += strcspn(at, ",") + (strchr(at, ',') != NULL)) {
        const char *name = arena_strndup(w->arena, at, strcspn(at, ","));
        bool path = strchr(name, '.') != NULL;
        spec.sort[spec.sort_count++] =
            (struct sort_key){.field = path ? NULL : fixture_field(w->model, "contact", name),
                              .by = path ? world_expr(w, "contact", name) : NULL,
                              .descending = descending};
    }
    return spec;
}

static size_t ids_of(struct house *h, const char *sql, int64_t *ids)
{
    struct err e = {0};
    struct db *db = store_reader_take(h->world.store, 0);
    sqlite3_stmt *st = stmt_get(db, sql, &e);
    size_t n = 0;
    assert_non_null(st);
    while (stmt_step(db, st, &e) == 1) {
        ids[n++] = sqlite3_column_int64(st, 0);
    }
    stmt_done(st);
    store_reader_give(h->world.store, db);
    return n;
}

/* The ids as a plain statement sorts them. */
static size_t wanted(struct house *h, const char *value, const char *then, const char *seen,
                     bool descending, int64_t *ids)
{
    return ids_of(
        h,
        arena_printf(h->world.arena,
                     "SELECT c.id FROM e_contact c WHERE c.deleted_at IS NULL ORDER BY (SELECT %s"
                     " FROM e_company o WHERE o.id=c.company AND %s)%s,%s%s,c.id%s",
                     value, seen, descending ? " DESC" : " NULLS LAST", then,
                     descending ? " DESC" : "", descending ? " DESC" : ""),
        ids);
}

static void check_pages(struct house *h, const struct who *who, struct list_spec spec,
                        const int64_t *ids, size_t count)
{
    struct world_ids page;
    const char *next = NULL;
    size_t at = 0;
    do {
        spec.cursor = next;
        world_list(&h->world, who, &spec, &page, &next);
        for (size_t i = 0; i < page.count; i++) {
            assert_true(at < count);
            assert_int_equal(page.ids[i], ids[at++]);
        }
        assert_true(next == NULL || page.count == PAGE);
    } while (next != NULL);
    assert_int_equal(at, count);
}

static void lead__gives_the_rows_of_a_plain_sort(void **state)
{
    struct house *h = *state;
    static const struct {
        const char *by, *value, *then;
    } CASES[] = {{"company", "title_k", "c.version"},
                 {"company.title", "title_k", "c.version"},
                 {"company.city", "city_k", "c.version"},
                 {"company.city,updated_at,last_name", "city_k", "updated_at"}};
    int64_t *ids = ARENA_ARRAY(h->world.arena, int64_t, CONTACTS);
    for (size_t i = 0; i < COUNT(CASES); i++) {
        for (int down = 0; down <= 1; down++) {
            struct list_spec spec = sorted(h, CASES[i].by, down != 0);
            size_t count = wanted(h, CASES[i].value, CASES[i].then, "1", down != 0, ids);
            check_pages(h, &h->admin, spec, ids, count);
            count = wanted(h, CASES[i].value, CASES[i].then, "o.owner=77", down != 0, ids);
            check_pages(h, &h->owner, spec, ids, count);
        }
    }
}

static const char *plan_of(struct house *h, const struct list_spec *spec, const char **sql)
{
    const char *plan = NULL;
    struct err e = {0};
    struct db *db = store_reader_take(h->world.store, 0);
    world_check(&e, query_explain(db, &h->admin, spec, h->world.arena, sql, &plan, &e));
    store_reader_give(h->world.store, db);
    return plan;
}

/* Only within targets of the same name is something sorted: by its id. */
static void lead__walks_the_index_of_the_targets(void **state)
{
    struct house *h = *state;
    static const struct {
        const char *by, *index;
    } CASES[] = {{"company", "i_company.0title"}, {"company.city", "i_company.city"}};
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct list_spec spec = sorted(h, CASES[i].by, false);
        for (int page = 0; page <= 1; page++) {
            struct world_ids ids;
            const char *sql = NULL, *next = NULL, *plan = plan_of(h, &spec, &sql);
            if (strstr(plan, CASES[i].index) == NULL || strstr(plan, "i_contact.company") == NULL ||
                strstr(plan, "LAST TERM OF ORDER BY") == NULL) {
                fail_msg("%s\n%s", sql, plan);
            }
            world_list(&h->world, &h->admin, &spec, &ids, &next);
            spec.cursor = next;
        }
    }
}

static void lead__is_not_asked_where_few_are_seen(void **state)
{
    struct house *h = *state;
    struct list_spec spec = sorted(h, "company", false);
    const char *sql = NULL;
    spec.filter = world_expr(&h->world, "contact", "id = 10001");
    plan_of(h, &spec, &sql);
    assert_null(strstr(sql, "CROSS JOIN"));
}

/* What is found is the same however it is looked up: many along the titles, few by their ids. */
static void lead__finds_the_same_either_way(void **state)
{
    struct house *h = *state;
    struct world *w = &h->world;
    static const struct {
        const char *found, *plain; /* plain NULL: all */
        bool many;
    } CASES[] = {
        {"found(\"common\")", NULL, true},
        {"found(\"firm\")", "company.name starts with \"Firm\" and company.deleted_at is empty", true},
        {"found(\"common\") and company is empty", "company is empty", false}};
    int64_t *ids = ARENA_ARRAY(w->arena, int64_t, CONTACTS);
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct list_spec spec = sorted(h, "title", false);
        const char *sql = NULL, *next = NULL;
        size_t count = 0;
        spec.filter = CASES[i].plain != NULL ? world_expr(w, "contact", CASES[i].plain) : NULL;
        do {
            struct world_ids page;
            spec.cursor = next;
            world_list(w, &h->admin, &spec, &page, &next);
            memcpy(ids + count, page.ids, page.count * sizeof(*ids));
            count += page.count;
        } while (next != NULL);
        spec.cursor = NULL;
        spec.filter = world_expr(w, "contact", CASES[i].found);
        const char *plan = plan_of(h, &spec, &sql);
        assert_int_equal(strstr(plan, "i_contact.0title") != NULL, CASES[i].many);
        assert_int_equal(strstr(plan, "FOR ORDER BY") == NULL, CASES[i].many);
        check_pages(h, &h->admin, spec, ids, count);
        if (i == 0) { /* who does not see a company sees none there */
            check_pages(h, &h->owner, spec, ids, count);
        }
        bool more;
        struct err e = {0};
        int64_t counted = 0;
        struct db *db = store_reader_take(w->store, 0);
        world_check(&e, query_count(db, &h->admin, &spec, CONTACTS, &counted, &more, &e));
        store_reader_give(w->store, db);
        assert_int_equal(counted, count);
    }
}

/* Notes are seen through what they point to, in the trash or not; who sees few of that begins there. */
static void few__notes_are_found_from_what_is_seen(void **state)
{
    struct house *h = *state;
    struct world *w = &h->world;
    static const struct {
        bool few;
        const char *wanted;
    } CASES[] = {
        {true, "SELECT id FROM e_note n WHERE owner=78 OR EXISTS(SELECT 1 FROM ref r JOIN e_contact c"
               " ON c.id=r.target WHERE r.record=n.id AND c.owner=78) ORDER BY id DESC"},
        {false, "SELECT id FROM e_note n WHERE owner=77 OR EXISTS(SELECT 1 FROM ref r JOIN e_contact c"
                " ON c.id=r.target WHERE r.record=n.id) OR EXISTS(SELECT 1 FROM ref r JOIN e_company c"
                " ON c.id=r.target WHERE r.record=n.id AND c.owner=77) ORDER BY id DESC"}};
    int64_t *ids = ARENA_ARRAY(w->arena, int64_t, NOTES + CONTACTS);
    for (size_t i = 0; i < COUNT(CASES); i++) {
        const struct who *who = CASES[i].few ? &h->few : &h->owner;
        struct list_spec spec = {.entity = model_entity_find(w->model, "note"),
                                 .action = ACTION_SEE,
                                 .limit = PAGE};
        spec.sort[spec.sort_count++] = (struct sort_key){
            .field = fixture_field(w->model, "note", "created_at"), .descending = true};
        size_t count = ids_of(h, CASES[i].wanted, ids);
        assert_true(count > 10 && (CASES[i].few ? count < 100 + NOTES / 300 : count > NOTES / 3));
        check_pages(h, who, spec, ids, count);
        const char *sql = NULL, *plan = NULL;
        struct err e = {0};
        struct db *db = store_reader_take(w->store, 0);
        world_check(&e, query_explain(db, who, &spec, w->arena, &sql, &plan, &e));
        store_reader_give(w->store, db);
        assert_int_equal(strstr(plan, "ref_target") != NULL, CASES[i].few);
        assert_int_equal(strstr(plan, "SCAN t0") == NULL, CASES[i].few);
        bool more = true;
        int64_t counted = 0;
        db = store_reader_take(w->store, 0);
        world_check(&e, query_count(db, who, &spec, NOTES, &counted, &more, &e));
        assert_int_equal(counted, count);
        world_check(&e, query_count(db, who, &spec, 10, &counted, &more, &e));
        assert_true(more && counted == 10);
        store_reader_give(w->store, db);
    }
}

static void query__newest_changes_walk_an_index(void **state)
{
    struct house *h = *state;
    for (int down = 0; down <= 1; down++) {
        struct list_spec spec = sorted(h, "updated_at", down != 0);
        const char *sql = NULL, *plan = plan_of(h, &spec, &sql);
        assert_non_null(strstr(plan, "i_contact.0updated"));
        assert_null(strstr(plan, "TEMP B-TREE"));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lead__gives_the_rows_of_a_plain_sort),
        cmocka_unit_test(lead__walks_the_index_of_the_targets),
        cmocka_unit_test(lead__is_not_asked_where_few_are_seen),
        cmocka_unit_test(lead__finds_the_same_either_way),
        cmocka_unit_test(few__notes_are_found_from_what_is_seen),
        cmocka_unit_test(query__newest_changes_walk_an_index),
    };
    return cmocka_run_group_tests_name("query_lead", tests, house_setup, house_teardown);
}
