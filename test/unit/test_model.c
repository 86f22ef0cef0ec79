/* The linked model: what is derived from YAML, and who may do what. */
#include "model_fixture.h"

#include "model/expr.h"

static void model__has_the_built_in_entities(void **state)
{
    static const char *const NAMES[][2] = {{"company", "companies"},
                                           {"contact", "contacts"},
                                           {"deal", "deals"},
                                           {"lead", "leads"},
                                           {"product", "products"},
                                           {"activity", "activities"},
                                           {"note", "notes"},
                                           {"user", "users"},
                                           {"team", "teams"},
                                           {"view", "views"},
                                           {"contact_company", "contact_companies"},
                                           {"deal_contact", "deal_contacts"}};
    const struct model *m = fixture_load(*state, NULL);
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        const struct entity *e = model_entity_find(m, NAMES[i][0]);
        assert_non_null(e);
        assert_ptr_equal(model_plural_find(m, NAMES[i][1]), e);
        assert_true(e->title_count > 0 && e->list_count > 0 && e->quick_count > 0 &&
                    e->detail_count > 0);
        assert_false(e->custom);
    }
    assert_int_equal(strlen(m->version), 16);
}

/* An entity of five lines is complete. */
static void model__fills_what_is_not_said(void **state)
{
    static fixture_files files = {
        "entities/vessel.yaml",
        "entity: vessel\nfields:\n  name: {type: text}\n  gross_tons: {type: integer}\n"
        "  price: {type: money}\n",
        NULL};
    const struct model *m = fixture_load(*state, files);
    const struct entity *e = model_entity_find(m, "vessel");
    assert_string_equal(e->plural, "vessels");
    assert_string_equal(e->label, "Vessel");
    assert_string_equal(e->label_plural, "Vessels");
    assert_string_equal(fixture_field(m, "vessel", "gross_tons")->label, "Gross tons");
    assert_string_equal(e->title[0]->name, "name");
    assert_string_equal(e->sort, "title");
    assert_true(e->custom && e->menu && e->timeline);
    assert_ptr_equal(e->owner, fixture_field(m, "vessel", "owner"));
    assert_string_equal(e->team->to->name, "team");
    assert_int_equal(e->column_count, 2 + 3 + 2);
    assert_string_equal(fixture_field(m, "vessel", "price")->columns[2].name, "price_base");
    assert_true(fixture_field(m, "vessel", "id")->system);
    assert_non_null(entity_relation_find(e, "notes"));
    assert_non_null(entity_relation_find(e, "activities"));
}

static void model__links_have_a_way_back(void **state)
{
    const struct model *m = fixture_load(*state, NULL);
    const struct entity *company = model_entity_find(m, "company");
    static const char *const NAMES[] = {"contacts",  "deals", "subsidiaries",
                                        "positions", "notes", "pinned_notes",
                                        "activities", "files", "record_shares", "leads",
                                        "takes_part_in", "submissions", "activity_series_all"};
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        assert_non_null(entity_relation_find(company, NAMES[i]));
    }
    assert_ptr_equal(entity_relation_find(company, "deals")->by,
                     fixture_field(m, "deal", "company"));
    assert_int_equal(company->relation_count, COUNT(NAMES));
    assert_int_equal(model_entity_find(m, "user")->relation_count, 2); /* absences, teams he leads */
    assert_non_null(entity_relation_find(model_entity_find(m, "team"), "users"));
}

static void model__additions_reach_built_in_entities(void **state)
{
    static fixture_files files = {"fields.yaml",
                                  "deal:\n  label: Opportunity\n  fields:\n    lost_reason: {of: "
                                  "{late: Too late}, label: Why}\n"
                                  "    region: {type: choice, of: [north, south], default: "
                                  "north}\n    owner: {label: Advisor, required: true}\n",
                                  NULL};
    const struct model *m = fixture_load(*state, files);
    const struct field *reason = fixture_field(m, "deal", "lost_reason");
    assert_string_equal(model_entity_find(m, "deal")->label, "Opportunity");
    assert_int_equal(reason->option_count, 1);
    assert_string_equal(reason->options[0].id, "late");
    assert_string_equal(reason->label, "Why");
    assert_false(reason->custom);
    const struct field *region = fixture_field(m, "deal", "region");
    assert_true(region->custom);
    assert_int_equal(region->initial->op, EXPR_LITERAL);
    assert_string_equal(region->initial->value.s, "north");
    assert_string_equal(fixture_field(m, "deal", "owner")->label, "Advisor");
    assert_true(fixture_field(m, "deal", "owner")->required.always);
}

static void model__pipelines_are_replaced_by_entity(void **state)
{
    static fixture_files files = {"pipelines.yaml",
                                  "a:\n  stages: [{id: one, idle_after: 2 weeks}, {id: two}, {id: "
                                  "won, kind: won}, {id: lost, kind: lost}]\n"
                                  "b:\n  entity: deal\n  stages: [{id: only, percent: 33}]\n",
                                  NULL};
    const struct model *builtin = fixture_load(*state, NULL);
    assert_non_null(model_pipeline_find(builtin, "sales"));
    assert_int_equal(pipeline_stage_find(&builtin->pipelines[0], "lost")->gate_require_count, 1);
    const struct model *m = fixture_load(*state, files);
    assert_null(model_pipeline_find(m, "sales"));
    const struct pipeline *p = model_pipeline_find(m, "a");
    static const int64_t PERCENT[] = {33, 66, 100, 0};
    for (size_t i = 0; i < COUNT(PERCENT); i++) {
        assert_int_equal(p->stages[i].percent, PERCENT[i]);
    }
    assert_int_equal(p->stages[0].idle_after_ms, INT64_C(14) * 86400000);
    assert_int_equal(p->stages[3].kind, STAGE_LOST);
    assert_string_equal(fixture_field(m, "deal", "pipeline")->initial->value.s, "a");
}

static void model__computed_fields_know_their_type(void **state)
{
    static fixture_files files = {"fields.yaml",
                                  "deal:\n  fields:\n    twice: {type: computed, compute: 'half * "
                                  "4'}\n    half: {type: computed, compute: 'amount / 2'}\n"
                                  "    late: {type: computed, compute: 'close_date < today()'}\n   "
                                  " n: {type: computed, compute: '1 + 2'}\n"
                                  "    town: {type: computed, compute: 'company.city'}\n    boss: "
                                  "{type: computed, compute: 'company.owner'}\n",
                                  NULL};
    const struct model *m = fixture_load(*state, files);
    const struct field *twice = fixture_field(m, "deal", "twice");
    assert_string_equal(twice->type->name, "money");
    assert_true(twice->stored);
    assert_int_equal(twice->column_count, 3);
    const struct field *late = fixture_field(m, "deal", "late");
    assert_string_equal(late->type->name, "bool");
    assert_false(late->stored);
    assert_int_equal(late->column_count, 0);
    assert_string_equal(fixture_field(m, "deal", "n")->type->name, "integer");
    assert_int_equal(fixture_field(m, "deal", "n")->places, 0);
    assert_false(fixture_field(m, "deal", "town")->stored);
    assert_string_equal(fixture_field(m, "deal", "boss")->to->name, "user");
    const struct field *open_value = fixture_field(m, "company", "open_value");
    assert_true(open_value->stored && open_value->compute->aggregates);
}

static const struct entity_rights *rights(const struct model *m, const char *role,
                                          const char *entity)
{
    const struct role *r = model_role_find(m, role);
    assert_non_null(r);
    return &r->rights[model_entity_find(m, entity)->index];
}

static void model__shipped_roles_do_what_they_say(void **state)
{
    static const struct {
        const char *role, *entity;
        enum action action;
        int may; /* 0 never, 1 under a condition, 2 everything */
    } CASES[] = {
        {"admin", "deal", ACTION_SEE, 2},
        {"admin", "deal", ACTION_IMPORT, 2},
        {"admin", "user", ACTION_CREATE, 2},
        {"admin", "note", ACTION_EDIT, 2},
        {"lead", "deal", ACTION_SEE, 1},
        {"lead", "deal", ACTION_EDIT, 1},
        {"lead", "deal", ACTION_CREATE, 2},
        {"lead", "deal", ACTION_IMPORT, 0},
        {"lead", "note", ACTION_SEE, 1},
        {"lead", "product", ACTION_SEE, 2},
        {"member", "deal", ACTION_SEE, 2},
        {"member", "deal", ACTION_EDIT, 1},
        {"member", "deal", ACTION_DELETE, 1},
        {"member", "note", ACTION_SEE, 2},
        {"member", "user", ACTION_SEE, 2},
        {"member", "user", ACTION_EDIT, 0},
        {"member", "view", ACTION_SEE, 1},
        {"member", "view", ACTION_EDIT, 1},
        {"reader", "deal", ACTION_SEE, 2},
        {"reader", "deal", ACTION_CREATE, 0},
        {"reader", "deal", ACTION_EXPORT, 0},
        {"reader", "team", ACTION_SEE, 2},
        {"reader", "contact_company", ACTION_SEE, 2},
        {"lead", "contact_company", ACTION_SEE, 1},
    };
    const struct model *m = fixture_load(*state, NULL);
    for (size_t i = 0; i < COUNT(CASES); i++) {
        const struct entity_rights *r = rights(m, CASES[i].role, CASES[i].entity);
        int may = r->visible[CASES[i].action] == NULL ? 0 : r->everything[CASES[i].action] ? 2 : 1;
        if (may != CASES[i].may) {
            fail_msg("%s %s action %d: %d", CASES[i].role, CASES[i].entity, CASES[i].action, may);
        }
    }
    assert_true(model_role_find(m, "admin")->admin);
    assert_false(model_role_find(m, "lead")->admin);
}

static void model__derived_rights_follow_the_links(void **state)
{
    const struct model *m = fixture_load(*state, NULL);
    const struct expr *note = rights(m, "lead", "note")->visible[ACTION_SEE];
    assert_int_equal(note->op, EXPR_OR);
    assert_int_equal(note->args[0]->op, EXPR_EQ);
    assert_int_equal(note->args[1]->op, EXPR_VISIBLE);
    assert_false(note->args[1]->all);
    const struct expr *position = rights(m, "lead", "contact_company")->visible[ACTION_SEE];
    assert_int_equal(position->op, EXPR_AND);
    assert_int_equal(position->args[0]->op, EXPR_VISIBLE);
    assert_true(position->args[0]->all);
}

static void model__no_action_goes_beyond_seeing(void **state)
{
    static fixture_files files = {
        "roles.yaml",
        "field:\n  entities:\n    \"*\": {see: own, edit: all, delete: none}\n"
        "    company: all\n",
        NULL};
    const struct model *m = fixture_load(*state, files);
    const struct entity_rights *deal = rights(m, "field", "deal");
    assert_false(deal->everything[ACTION_EDIT]);
    assert_ptr_equal(deal->visible[ACTION_EDIT], deal->visible[ACTION_SEE]);
    assert_null(deal->visible[ACTION_DELETE]);
    assert_null(deal->visible[ACTION_CREATE]);
    assert_true(rights(m, "field", "company")->everything[ACTION_DELETE]);
}

static void model__fields_have_rights(void **state)
{
    static fixture_files files = {
        "roles.yaml",
        "clerk:\n  entities: {\"*\": all}\n  fields: {deal: {percent: {see: false}, source: {edit: "
        "false}}}\n",
        "fields.yaml", "contact:\n  fields:\n    birthday: {see: [member], edit: []}\n", NULL};
    const struct model *m = fixture_load(*state, files);
    const struct role *clerk = model_role_find(m, "clerk"), *admin = model_role_find(m, "admin");
    assert_false(role_sees(clerk, fixture_field(m, "deal", "percent")));
    assert_false(role_edits(clerk, fixture_field(m, "deal", "percent")));
    assert_true(role_sees(clerk, fixture_field(m, "deal", "source")));
    assert_false(role_edits(clerk, fixture_field(m, "deal", "source")));
    assert_true(role_edits(admin, fixture_field(m, "deal", "percent")));
    assert_false(role_sees(clerk, fixture_field(m, "contact", "birthday")));
    assert_true(role_sees(model_role_find(m, "member"), fixture_field(m, "contact", "birthday")));
    assert_false(role_edits(model_role_find(m, "member"), fixture_field(m, "contact", "birthday")));
    assert_true(role_edits(admin, fixture_field(m, "contact", "birthday")));
    assert_int_equal(fixture_field(m, "user", "role")->option_count, m->role_count);
}

static void model__version_follows_the_texts(void **state)
{
    static fixture_files one = {"kontor.yaml", "name: A\n", NULL},
                         two = {"kontor.yaml", "name: B\n", NULL};
    const struct model *a = fixture_load(*state, one), *b = fixture_load(*state, two),
                       *c = fixture_load(*state, one);
    assert_string_not_equal(a->version, b->version);
    assert_string_equal(a->version, c->version);
    assert_string_equal(b->company.name, "B");
}

static void model__messages_stand_in_the_order_of_the_files(void **state)
{
    static fixture_files files = {
        "views.yaml", "v: {entity: dael}\n", "fields.yaml",
        "deal:\n  fields:\n    b: {type: textt}\n    a: {type: text, hepl: x}\n"
        "    c: {type: text, unique: maybe}\n",
        NULL};
    struct err e = {0};
    assert_null(fixture_try(*state, files, &e));
    static const char *const WHERE[] = {"fields.yaml:3:15", "fields.yaml:4:21", "fields.yaml:5:29",
                                        "views.yaml:1:13"};
    const struct err_item *item = e.items;
    for (size_t i = 0; i < COUNT(WHERE); i++, item = item->next) {
        assert_non_null(item);
        assert_string_equal(item->where, WHERE[i]);
    }
    assert_null(item);
    assert_string_equal(e.where, WHERE[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(model__has_the_built_in_entities),
        UNIT_TEST(model__fills_what_is_not_said),
        UNIT_TEST(model__links_have_a_way_back),
        UNIT_TEST(model__additions_reach_built_in_entities),
        UNIT_TEST(model__pipelines_are_replaced_by_entity),
        UNIT_TEST(model__computed_fields_know_their_type),
        UNIT_TEST(model__shipped_roles_do_what_they_say),
        UNIT_TEST(model__derived_rights_follow_the_links),
        UNIT_TEST(model__no_action_goes_beyond_seeing),
        UNIT_TEST(model__fields_have_rights),
        UNIT_TEST(model__version_follows_the_texts),
        UNIT_TEST(model__messages_stand_in_the_order_of_the_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
