/* Model → tables: what a plan says, what applying does, with records in place. */
#include "store_fixture.h"

#include "base/str.h"
#include "store/db.h"

static const char VESSEL[] =
    "entity: vessel\nlabel: Vessel\nplural: vessels\ntitle: name\nfields:\n"
    "  name: {type: text, required: true, unique: true, search: true}\n"
    "  company: {type: link, to: company}\n  length: {type: decimal}\n";

static struct plan plan_of(struct fixture *f, struct model *m)
{
    struct plan plan;
    struct db *db = store_reader_take(f->s, 0);
    assert_int_equal(schema_plan(db, m, &f->a, &plan, &f->e), 0);
    store_reader_give(f->s, db);
    return plan;
}

static const struct plan_step *step_of(const struct plan *p, enum step_kind kind, const char *field)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->steps[i].kind == kind && (!field || str_eq(p->steps[i].field, field))) {
            return &p->steps[i];
        }
    }
    return NULL;
}

static void schema__plans_nothing_for_the_applied_model(void **state)
{
    struct fixture *f = *state;
    struct model *m = fixture_model(f, NULL);
    struct plan p = plan_of(f, m);
    if (p.count > 0) {
        fail_msg("%s", p.steps[0].text);
    }
    assert_false(p.differs);
    model_release(m);
}

static void schema__adds_an_entity(void **state)
{
    struct fixture *f = *state;
    struct model *m = fixture_model(f, "entities/vessel.yaml", VESSEL, NULL);
    struct plan p = plan_of(f, m);
    assert_int_equal(p.count, 1);
    assert_int_equal(p.steps[0].kind, STEP_ADD_ENTITY);
    assert_true(p.differs);
    assert_int_equal(fixture_apply(f, m), 0);
    int64_t id = fixture_insert(f, "vessel", "name=Aurora,length=1250");
    assert_true(id > 0);
    assert_int_equal(fixture_insert(f, "vessel", "name=AURORA"), -1);
    assert_string_equal(f->e.where, "vessel.name");
    assert_int_equal(fixture_int(f, "SELECT source FROM change_set WHERE id = 2"), SOURCE_CONFIG);
    struct source *sources = NULL;
    size_t count = 0;
    struct db *db = store_reader_take(f->s, 0);
    assert_int_equal(schema_applied_sources(db, &f->a, &sources, &count, &f->e), 0);
    store_reader_give(f->s, db);
    assert_int_equal(count, 1);
    assert_string_equal(sources[0].name, "entities/vessel.yaml");
    assert_string_equal(sources[0].text, VESSEL);
    assert_int_equal(fixture_chain(f), 0);
}

static void schema__adds_removes_and_returns_a_field(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_insert(f, "company", "name=Acme");
    static const char TIER[] = "company:\n  fields:\n    tier: {type: text, index: true}\n";
    struct model *m = fixture_model(f, "fields.yaml", TIER, NULL);
    struct plan p = plan_of(f, m);
    assert_non_null(step_of(&p, STEP_ADD_FIELD, "tier"));
    assert_false(p.loses);
    assert_int_equal(fixture_apply(f, m), 0);
    int64_t column = fixture_field(f, "company", "tier")->columns[0].id;
    assert_true(fixture_update(f, id, "tier=Gold") > 0);

    m = fixture_model(f, NULL);
    p = plan_of(f, m);
    const struct plan_step *gone = step_of(&p, STEP_REMOVE_FIELD, "tier");
    assert_non_null(gone);
    assert_string_equal(
        gone->text,
        "Field tier leaves company: 1 record holds a value; the column is kept and hidden.");
    assert_true(gone->loses);
    assert_int_equal(fixture_apply(f, m), 0);
    assert_null(entity_field_find(fixture_entity(f, "company"), "tier"));
    assert_string_equal(fixture_text(f, "SELECT tier FROM e_company"), "Gold");
    assert_int_equal(
        fixture_int(f, "SELECT count(*) FROM sqlite_schema WHERE name = 'i_company.tier'"), 0);
    assert_int_equal(fixture_chain(f), 0); /* hidden columns are part of the chain */

    m = fixture_model(f, "fields.yaml", TIER, NULL);
    p = plan_of(f, m);
    assert_non_null(step_of(&p, STEP_RETURN_FIELD, "tier"));
    assert_int_equal(fixture_apply(f, m), 0);
    assert_int_equal(fixture_field(f, "company", "tier")->columns[0].id, column);
    assert_string_equal(fixture_value(f, id, "tier"), "Gold");
    assert_string_equal(fixture_text(f, "SELECT tier_k FROM e_company"), "gold");
    p = plan_of(f, f->m);
    assert_int_equal(p.count, 0);
}

static void schema__refuses_another_type(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(
        fixture_apply(f, fixture_model(f, "fields.yaml",
                                       "company:\n  fields:\n    tier: {type: text}\n", NULL)),
        0);
    struct model *m =
        fixture_model(f, "fields.yaml", "company:\n  fields:\n    tier: {type: date}\n", NULL);
    struct plan p = plan_of(f, m);
    assert_true(p.refused);
    assert_string_equal(step_of(&p, STEP_REFUSE, "tier")->text,
                        "Field tier of company changes from text to date: renames and conversions "
                        "come with a later release.");
    struct err e = {0};
    struct db *db = store_reader_take(f->s, 0);
    assert_int_equal(schema_bind(db, m, &e), -1);
    assert_int_equal(e.code, ERR_INVALID);
    store_reader_give(f->s, db);
    assert_int_equal(fixture_apply(f, m), -1);
    assert_int_equal(f->e.code, ERR_INVALID);
    assert_string_equal(f->e.where, "fields.yaml:3:5");
}

static void schema__refuses_unique_over_doubles(void **state)
{
    struct fixture *f = *state;
    static const char CODE[] = "company:\n  fields:\n    code: {type: text}\n";
    static const char UNIQUE[] = "company:\n  fields:\n    code: {type: text, unique: true}\n";
    assert_int_equal(fixture_apply(f, fixture_model(f, "fields.yaml", CODE, NULL)), 0);
    fixture_insert(f, "company", "name=A,code=x1");
    int64_t second = fixture_insert(f, "company", "name=B,code=X1");
    struct model *m = fixture_model(f, "fields.yaml", UNIQUE, NULL);
    struct plan p = plan_of(f, m);
    assert_true(p.refused);
    assert_int_equal(fixture_apply(f, m), -1);
    fixture_update(f, second, "code=x2");
    assert_int_equal(fixture_apply(f, fixture_model(f, "fields.yaml", UNIQUE, NULL)), 0);
    assert_int_equal(fixture_insert(f, "company", "name=C,code=X2"), -1);
    assert_string_equal(f->e.where, "company.code");
}

static void schema__fills_computed_fields_and_titles_anew(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_insert(f, "company", "name=Acme,employees=10");
    static const char TWICE[] =
        "company:\n  fields:\n    twice: {type: integer, compute: employees * 2, stored: true}\n";
    static const char THRICE[] =
        "company:\n  fields:\n    twice: {type: integer, compute: employees * 3, stored: true}\n";
    assert_int_equal(fixture_apply(f, fixture_model(f, "fields.yaml", TWICE, NULL)), 0);
    assert_string_equal(fixture_value(f, id, "twice"), "20");
    assert_int_equal(fixture_load(f, id)->version, 1);
    struct model *m = fixture_model(f, "fields.yaml", THRICE, NULL);
    struct plan p = plan_of(f, m);
    assert_non_null(step_of(&p, STEP_CHANGE, "twice"));
    assert_int_equal(fixture_apply(f, m), 0);
    assert_string_equal(fixture_value(f, id, "twice"), "30");
    assert_true(fixture_update(f, id, "employees=11") > 0);
    assert_string_equal(fixture_value(f, id, "twice"), "33");
    assert_int_equal(fixture_chain(f), 0);
}

static void schema__hides_an_entity_and_brings_it_back(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_apply(f, fixture_model(f, "entities/vessel.yaml", VESSEL, NULL)), 0);
    int64_t id = fixture_insert(f, "vessel", "name=Aurora");
    struct model *m = fixture_model(f, NULL);
    struct plan p = plan_of(f, m);
    assert_non_null(step_of(&p, STEP_REMOVE_ENTITY, NULL));
    assert_true(p.loses);
    assert_int_equal(fixture_apply(f, m), 0);
    assert_int_equal(
        fixture_int(f, "SELECT count(*) FROM search_words WHERE search_words MATCH 'aurora'"), 0);
    assert_int_equal(fixture_apply(f, fixture_model(f, "entities/vessel.yaml", VESSEL, NULL)), 0);
    assert_string_equal(fixture_load(f, id)->title, "Aurora");
    assert_int_equal(
        fixture_int(f, "SELECT rowid FROM search_words WHERE search_words MATCH 'aurora'"), id);
    assert_int_equal(fixture_chain(f), 0);
}

static void schema__changes_nothing_when_it_fails(void **state)
{
    struct fixture *f = *state;
    struct model *first =
        fixture_model(f, "fields.yaml", "company:\n  fields:\n    tier: {type: text}\n", NULL);
    assert_int_equal(fixture_apply(f, first), 0);
    int64_t sets = fixture_int(f, "SELECT max(id) FROM change_set");
    struct model *m = fixture_model(f, "entities/vessel.yaml", VESSEL, "fields.yaml",
                                    "company:\n  fields:\n    tier: {type: date}\n", NULL);
    assert_int_equal(fixture_apply(f, m), -1);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM sqlite_schema WHERE name = 'e_vessel'"),
                     0);
    assert_int_equal(fixture_int(f, "SELECT max(id) FROM change_set"), sets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(schema__plans_nothing_for_the_applied_model),
        STORE_TEST(schema__adds_an_entity),
        STORE_TEST(schema__adds_removes_and_returns_a_field),
        STORE_TEST(schema__refuses_another_type),
        STORE_TEST(schema__refuses_unique_over_doubles),
        STORE_TEST(schema__fills_computed_fields_and_titles_anew),
        STORE_TEST(schema__hides_an_entity_and_brings_it_back),
        STORE_TEST(schema__changes_nothing_when_it_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
