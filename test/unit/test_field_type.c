/* FIELD_TYPES: every row keeps what the table promises, and the ways in refuse what they must. */
#include "model_fixture.h"

#include "base/json.h"

/* One field of each type. */
static fixture_files FILES = {"kontor.yaml", "currency: EUR\nrates: {USD: 0.92, JPY: 0.006}\n",
                              "entities/thing.yaml",
                              "entity: thing\ntitle: text\nfields:\n"
                              "  text: {type: text, max: 20}\n"
                              "  longtext: {type: longtext}\n"
                              "  integer: {type: integer, min: -100, max: 1000}\n"
                              "  number: {type: number, min: 100}\n"
                              "  decimal: {type: decimal}\n"
                              "  money: {type: money, min: 0}\n"
                              "  percent: {type: percent}\n"
                              "  date: {type: date, min: 2000-01-01}\n"
                              "  instant: {type: instant}\n"
                              "  localtime: {type: localtime}\n"
                              "  bool: {type: bool}\n"
                              "  choice: {type: choice, of: {first: First one, second: Second}}\n"
                              "  choices: {type: choices, of: [first, second, third]}\n"
                              "  emails: {type: emails}\n"
                              "  phones: {type: phones}\n"
                              "  links: {type: links}\n"
                              "  link: {type: link, to: company}\n"
                              "  user: {type: user}\n"
                              "  tags: {type: tags}\n"
                              "  addresses: {type: addresses}\n"
                              "  file: {type: file}\n"
                              "  records: {type: records, reverse: thing_list}\n",
                              NULL};

/* A field of the type: of thing, or of the built-in entities for types customers cannot declare. */
static const struct field *field_of(const struct model *m, const struct field_type *t)
{
    static const struct {
        const char *type, *entity, *field;
    } ELSEWHERE[] = {{"id", "thing", "id"},
                     {"pipeline", "deal", "pipeline"},
                     {"stage", "deal", "stage"},
                     {"words", "view", "columns"}};
    for (size_t i = 0; i < COUNT(ELSEWHERE); i++) {
        if (strcmp(ELSEWHERE[i].type, t->name) == 0) {
            return fixture_field(m, ELSEWHERE[i].entity, ELSEWHERE[i].field);
        }
    }
    return fixture_field(m, "thing", t->name);
}

static int from_json(struct arena *a, const struct model *m, const struct field *f,
                     const char *text, struct parsed *out, struct err *e)
{
    const struct parse_context c = {.arena = a, .model = m};
    const struct json *j = NULL;
    struct err syntax = {0};
    assert_int_equal(json_parse(a, text, strlen(text), &j, &syntax), 0);
    return f->type->parse_json(&c, f, j, out, e);
}

static int from_text(struct arena *a, const struct model *m, const struct field *f,
                     const char *text, struct parsed *out, struct err *e)
{
    const struct parse_context c = {.arena = a, .model = m};
    return f->type->parse_text(&c, f, text, out, e);
}

static void check_example(struct arena *a, const struct model *m, const struct field_type *t)
{
    const struct field *f = field_of(m, t);
    struct parsed parsed = {0}, again = {0};
    struct err e = {0};
    struct buf out = {0}, cell = {0};
    struct json_writer w;
    jw_init(&w, &out);
    assert_int_equal(from_json(a, m, f, t->example, &parsed, &e), 0);
    t->print_json(&w, f, parsed.values);
    assert_string_equal(buf_text(&out), t->example);
    t->print_text(&cell, f, parsed.values);
    assert_int_equal(from_text(a, m, f, buf_text(&cell), &again, &e), 0);
    for (size_t i = 0; i < t->column_count; i++) {
        assert_true(value_equal(parsed.values[i], again.values[i]));
    }
    buf_done(&out);
    buf_done(&cell);
}

static void field_type__gives_its_example_back(void **state)
{
    const struct model *m = fixture_load(*state, FILES);
    for (const struct field_type *t = FIELD_TYPES; t->name != NULL; t++) {
        check_example(*state, m, t);
    }
}

static void field_type__rows_are_complete(void **state)
{
    (void)state;
    for (const struct field_type *t = FIELD_TYPES; t->name != NULL; t++) {
        assert_ptr_equal(field_type_find(t->name), t);
        assert_true(t->column_count >= 1 && t->column_count <= FIELD_MAX_COLUMNS);
        assert_true(t->expr_kind != KIND_NONE);
        assert_non_null(t->widget);
        assert_non_null(t->doc);
        assert_string_equal(t->suffix[0], "");
        for (size_t i = 0; i < t->column_count; i++) {
            assert_non_null(t->suffix[i]);
            assert_true(strcmp(t->sql_type[i], "TEXT") == 0 ||
                        strcmp(t->sql_type[i], "INTEGER") == 0);
        }
    }
    assert_null(field_type_find("nonsense"));
}

static void check_points(const struct field_type *t)
{
    const struct point_type *p = t->points;
    assert_int_equal(p != NULL, t->form == FORM_POINTS);
    if (p != NULL) {
        assert_true(p->noun != NULL && p->example != NULL && p->separators != NULL);
        assert_true(p->fits != NULL && p->normalise != NULL);
    }
}

/* What one trait says another one does not deny. */
static void field_type__traits_agree(void **state)
{
    const struct model *m = fixture_load(*state, FILES);
    for (const struct field_type *t = FIELD_TYPES; t->name != NULL; t++) {
        const struct json *schema = NULL;
        struct err e = {0};
        bool list = t->form == FORM_KEYS || t->form == FORM_POINTS ||
                    t->form == FORM_ADDRESSES || t->form == FORM_RECORDS;
        check_points(t);
        assert_int_equal(t->expr_kind == KIND_LIST, list);
        assert_int_equal(t->sort == SORT_TITLE, t->form == FORM_LINK);
        assert_true(t->form != FORM_LINK || t->expr_kind == KIND_LINK);
        assert_true(t->to == NULL || model_entity_find(m, t->to) != NULL);
        assert_true(t->sort != SORT_OPTIONS || t->options != OPTIONS_NONE);
        assert_true(!t->groupable || t->column_count == 1);
        assert_true(t->words == WORDS_NONE || (t->expr_kind == KIND_TEXT && t->length_max > 0));
        assert_int_equal(t->parse_limit == NULL, t->print_limit == NULL);
        if (t->schema != NULL) {
            assert_int_equal(json_parse(*state, t->schema, strlen(t->schema), &schema, &e), 0);
        }
    }
}

static void field_type__empty_text_is_no_value(void **state)
{
    const struct model *m = fixture_load(*state, FILES);
    for (const struct field_type *t = FIELD_TYPES; t->name != NULL; t++) {
        struct parsed parsed = {.values = {{.kind = VALUE_INT, .i = 1}}};
        struct err e = {0};
        assert_int_equal(from_text(*state, m, field_of(m, t), "", &parsed, &e), 0);
        assert_int_equal(parsed.values[0].kind, VALUE_NULL);
        assert_int_equal(parsed.reference_count, 0);
    }
}

static void field_type__refuses_what_is_no_text(void **state)
{
    static const char *const BAD[] = {"\xff\xfe", "abc\xc3",
                                      "a\x01"
                                      "b",
                                      "\xed\xa0\x80"};
    const struct model *m = fixture_load(*state, FILES);
    for (const struct field_type *t = FIELD_TYPES; t->name != NULL; t++) {
        for (size_t i = 0; i < COUNT(BAD); i++) {
            struct parsed parsed;
            struct err e = {0};
            assert_int_equal(from_text(*state, m, field_of(m, t), BAD[i], &parsed, &e), -1);
            assert_int_equal(e.code, ERR_INVALID);
            assert_int_equal(e.item_count, 1);
            assert_string_equal(e.where, "");
        }
    }
}

static void field_type__refuses_what_is_too_long(void **state)
{
    struct arena *a = *state;
    const struct model *m = fixture_load(a, FILES);
    char *text = arena_alloc(a, 200002);
    memset(text, '7', 200001);
    for (const struct field_type *t = FIELD_TYPES; t->name != NULL; t++) {
        struct parsed parsed = {0};
        struct err e = {0};
        int rc = from_text(a, m, field_of(m, t), text, &parsed, &e);
        bool reference = rc == 0 && parsed.reference_count == 1;
        assert_true(rc == -1 || reference);
    }
}

static const struct {
    const char *field, *json, *text;
} REFUSED[] = {
    {"text", "5", "must be a text"},
    {"text", "\"a\\nb\"", "line breaks are not allowed here"},
    {"text", "\"123456789012345678901\"", "has 21 characters, at most 20 are allowed"},
    {"integer", "\"1.5\"", "\"1.5\" is not a whole number"},
    {"integer", "1001", "must be at most 1000"},
    {"integer", "-101", "must be at least -100"},
    {"integer", "[1]", "must be a number"},
    {"number", "0", "\"0\" is not a number from 1 to 999999999999999"},
    {"number", "1.5", "\"1.5\" is not a number from 1 to 999999999999999"},
    {"decimal", "\"1,5\"",
     "\"1,5\" is not a number like \"12.5\" with at most 2 digits after the point"},
    {"money", "\"12 CHF\"",
     "there is no rate for CHF: an administrator adds CHF to rates in kontor.yaml, with what one CHF "
     "is worth in EUR"},
    {"money", "\"9223372036854775807 JPY\"", "the amount is too large"},
    {"money", "{\"value\":\"1\",\"currency\":\"XXX\"}",
     "\"XXX\" is not a currency code of ISO 4217 like \"EUR\""},
    {"money", "{\"amount\":\"1\"}", "money has \"value\" and \"currency\", not \"amount\""},
    {"money", "{\"currency\":\"EUR\"}", "money needs \"value\": \"1234.50\""},
    {"money", "\"-1\"", "must be at least 0.00 EUR"},
    {"date", "\"2026-02-29\"", "there is no day \"2026-02-29\""},
    {"date", "\"31.2.2026\"", "there is no day \"31.2.2026\""},
    {"date", "\"12.2026\"", "\"12.2026\" is not a date like \"2026-11-21\""},
    {"date", "\"1999-12-31\"", "must not be before 2000-01-01"},
    {"instant", "\"tomorrow\"", "\"tomorrow\" is not a time like \"2026-11-21T14:05:00Z\""},
    {"localtime", "\"tomorrow\"",
     "\"tomorrow\" is not a day like \"2026-11-21\" or a time like "
     "\"2026-11-21T14:05:00+01:00[Europe/Berlin]\""},
    {"localtime", "\"2026-02-29\"",
     "\"2026-02-29\" is not a day like \"2026-11-21\" or a time like "
     "\"2026-11-21T14:05:00+01:00[Europe/Berlin]\""},
    {"localtime", "\"2026-11-21T14:05:00[Mars/Base]\"",
     "\"2026-11-21T14:05:00[Mars/Base]\" names a time zone that there is not; one is "
     "[Europe/Berlin]"},
    {"localtime", "\"2026-07-21T14:05:00+01:00[Europe/Berlin]\"",
     "\"2026-07-21T14:05:00+01:00[Europe/Berlin]\" has an offset that its time zone does not have "
     "then; leave the offset out"},
    {"bool", "\"maybe\"", "\"maybe\" is neither yes nor no"},
    {"bool", "1", "must be true or false"},
    {"choice", "\"frist\"", "\"frist\" is not one of the options; do you mean \"first\"?"},
    {"choice", "\"First one\"", "\"First one\" is not one of the options (first, second)"},
    {"choices", "[\"first\",3]", "must be a list of keys"},
    {"emails", "\"ada\"", "\"ada\" is not an e-mail address like \"ada@example.com\""},
    {"emails", "[{\"value\":\"a@b.de\",\"mail\":1}]",
     "an entry has \"value\", \"label\", \"primary\", \"opt_out\" and \"invalid\", not \"mail\""},
    {"emails", "[{\"value\":\"a@b.de\",\"primary\":true},{\"value\":\"c@d.de\",\"primary\":true}]",
     "only one entry can be the primary one"},
    {"phones", "\"call me\"", "\"call me\" is not a phone number like \"+49 30 123456\""},
    {"links", "\"javascript:alert(1)\"",
     "\"javascript:alert(1)\" is not a web address like \"https://example.com\""},
    {"link", "0", "must be the id of a record"},
    {"link", "{\"nmae\":\"Acme\"}", "there is no field \"nmae\" in company"},
    {"link", "{}", "must be an id or one field with its text, like {\"name\": \"Acme\"}"},
    {"records", "[{\"name\":\"Acme\"}]", "needs \"entity\" beside \"name\""},
    {"records", "[{\"entity\":\"compny\",\"name\":\"Acme\"}]",
     "there is no entity \"compny\"; do you mean \"company\"?"},
    {"records", "\"Acme\"", "\"Acme\" is not the id of a record"},
};

static void field_type__says_what_would_be_right(void **state)
{
    const struct model *m = fixture_load(*state, FILES);
    for (size_t i = 0; i < COUNT(REFUSED); i++) {
        struct parsed parsed;
        struct err e = {0};
        const struct field *f = fixture_field(m, "thing", REFUSED[i].field);
        assert_int_equal(from_json(*state, m, f, REFUSED[i].json, &parsed, &e), -1);
        assert_string_equal(e.text, REFUSED[i].text);
    }
}

static const struct {
    const char *field, *text, *json;
} ACCEPTED[] = {
    {"date", " 24.12.2026 ", "\"2026-12-24\""},
    {"integer", " 7 ", "7"},
    {"decimal", "12.5", "\"12.50\""},
    {"bool", "Ja", "true"},
    {"bool", "no", "false"},
    {"choice", "FIRST ONE", "\"first\""},
    {"choices", "first; Second; first", "[\"first\",\"second\"]"},
    {"money", "10", "{\"value\":\"10.00\",\"currency\":\"EUR\"}"},
    {"money", "10.5 usd", "{\"value\":\"10.50\",\"currency\":\"USD\"}"},
    {"records", "4; 11, 4", "[4,11]"},
    {"longtext", "a\r\nb\rc", "\"a\\nb\\nc\""},
    {"emails", "a@b.de; c@d.de",
     "[{\"value\":\"a@b.de\",\"label\":\"\",\"primary\":true,\"opt_out\":false},"
     "{\"value\":\"c@d.de\",\"label\":\"\",\"primary\":false,\"opt_out\":false}]"},
};

static void field_type__takes_what_files_hold(void **state)
{
    const struct model *m = fixture_load(*state, FILES);
    for (size_t i = 0; i < COUNT(ACCEPTED); i++) {
        struct parsed parsed;
        struct err e = {0};
        struct buf out = {0};
        struct json_writer w;
        const struct field *f = fixture_field(m, "thing", ACCEPTED[i].field);
        assert_int_equal(from_text(*state, m, f, ACCEPTED[i].text, &parsed, &e), 0);
        jw_init(&w, &out);
        f->type->print_json(&w, f, parsed.values);
        assert_string_equal(buf_text(&out), ACCEPTED[i].json);
        buf_done(&out);
    }
}

static void field_type__keeps_references_for_core(void **state)
{
    const struct model *m = fixture_load(*state, FILES);
    struct parsed p;
    struct err e = {0};
    assert_int_equal(
        from_json(*state, m, fixture_field(m, "thing", "link"), "{\"name\":\"Acme\"}", &p, &e), 0);
    assert_int_equal(p.reference_count, 1);
    assert_string_equal(p.references[0].key, "name");
    assert_string_equal(p.references[0].text, "Acme");
    assert_int_equal(from_json(*state, m, fixture_field(m, "thing", "user"), "\"a@b.de\"", &p, &e),
                     0);
    assert_string_equal(p.references[0].key, "email");
    assert_int_equal(from_json(*state, m, fixture_field(m, "thing", "link"),
                               "{\"id\":5,\"title\":\"x\"}", &p, &e),
                     0);
    assert_int_equal(p.reference_count, 0);
    assert_int_equal(p.values[0].i, 5);
    assert_int_equal(from_json(*state, m, fixture_field(m, "thing", "records"),
                               "[3,{\"id\":4},{\"entity\":\"deal\",\"name\":\"X\"}]", &p, &e),
                     0);
    assert_string_equal(p.values[0].s, "[3,4]");
    assert_int_equal(p.reference_count, 1);
    assert_string_equal(p.references[0].entity->name, "deal");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(field_type__gives_its_example_back),
        UNIT_TEST(field_type__rows_are_complete),
        UNIT_TEST(field_type__traits_agree),
        UNIT_TEST(field_type__empty_text_is_no_value),
        UNIT_TEST(field_type__refuses_what_is_no_text),
        UNIT_TEST(field_type__refuses_what_is_too_long),
        UNIT_TEST(field_type__says_what_would_be_right),
        UNIT_TEST(field_type__takes_what_files_hold),
        UNIT_TEST(field_type__keeps_references_for_core),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
