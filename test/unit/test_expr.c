/* The expression language: what it accepts with which type, and the exact words of every refusal.
 */
#include "model_fixture.h"

#include "model/expr.h"

static fixture_files FILES = {
    "roles.yaml", "clerk:\n  entities: {\"*\": all}\n  fields: {deal: {amount: {see: false}}}\n",
    "fields.yaml",
    "company:\n  fields:\n    size: {type: choice, of: [small, large]}\n"
    "    areas: {type: choices, of: [north, south]}\n    open_count: {type: computed, compute: "
    "'count(deals where open)'}\n",
    NULL};

static const struct {
    const char *entity, *text;
    enum expr_kind kind;
    int places;
} GOOD[] = {
    {"deal", "stage = \"won\" and amount > 1000", KIND_BOOL, 0},
    {"deal", "amount * percent / 100", KIND_MONEY, 6},
    {"deal", "amount * percent", KIND_MONEY, 4},
    {"deal", "amount + 5", KIND_MONEY, 2},
    {"deal", "amount / amount", KIND_NUMBER, 6},
    {"deal", "-amount", KIND_MONEY, 2},
    {"deal", "1.25 + 2", KIND_NUMBER, 2},
    {"deal", "company = \"Acme\"", KIND_BOOL, 0},
    {"deal", "company = 12 or company in (1, 2)", KIND_BOOL, 0},
    {"deal", "company in (\"Acme\", \"Globex\")", KIND_BOOL, 0},
    {"deal", "company.parent.name starts with \"A\"", KIND_BOOL, 0},
    {"deal", "owner = me and team = my_team", KIND_BOOL, 0},
    {"deal", "owner = \"ada@example.com\"", KIND_BOOL, 0},
    {"deal", "owner.team.name contains \"north\"", KIND_BOOL, 0},
    {"deal", "id in (4, 5)", KIND_BOOL, 0},
    {"deal", "title contains \"x\"", KIND_BOOL, 0},
    {"deal", "not open", KIND_BOOL, 0},
    {"deal", "open = true", KIND_BOOL, 0},
    {"deal", "stage.kind = \"open\" and stage.percent >= 50", KIND_BOOL, 0},
    {"deal", "stage.label", KIND_TEXT, 0},
    {"deal", "amount.currency = \"USD\" or amount.own > 5", KIND_BOOL, 0},
    {"deal", "lost_reason not in (\"price\", \"other\")", KIND_BOOL, 0},
    {"deal", "lost_reason is not empty", KIND_BOOL, 0},
    {"deal", "close_date < today() - 14 days", KIND_BOOL, 0},
    {"deal", "close_date + 1 month", KIND_DATE, 0},
    {"deal", "won_at + 36 hours", KIND_INSTANT, 0},
    {"deal", "2 weeks + close_date", KIND_DATE, 0},
    {"deal", "close_date >= start_of(quarter)", KIND_BOOL, 0},
    {"deal", "found(\"jonas.sch\") and open", KIND_BOOL, 0},
    {"deal", "start_of(month, won_at) + 1 months", KIND_DATE, 0},
    {"deal", "date(\"2026-11-21\") = close_date", KIND_BOOL, 0},
    {"deal", "date(won_at) = \"2026-11-21\"", KIND_BOOL, 0},
    {"deal", "created_at >= \"2026-11-21T10:00:00Z\"", KIND_BOOL, 0},
    {"deal", "close_date in (\"2026-01-01\", today())", KIND_BOOL, 0},
    {"deal", "name = \"say \\\"x\\\" \\\\\"", KIND_BOOL, 0},
    {"deal", "((((((((((((((((((((1))))))))))))))))))))", KIND_NUMBER, 0},
    {"company", "sum(deals.amount where stage.kind = \"open\")", KIND_MONEY, 2},
    {"company", "sum(deals.amount where deals.open and amount > 3)", KIND_MONEY, 2},
    {"company", "count(deals)", KIND_NUMBER, 0},
    {"company", "count(deals where owner = company.owner)", KIND_NUMBER, 0},
    {"company", "count(contacts where count(positions where role = \"x\") > 1)", KIND_NUMBER, 0},
    {"company", "max(deals.close_date) < today()", KIND_BOOL, 0},
    {"company", "avg(deals.percent)", KIND_NUMBER, 2},
    {"company", "areas contains \"north\"", KIND_BOOL, 0},
    {"company", "open_count > 2", KIND_BOOL, 0},
    {"company", "parent.size = size", KIND_BOOL, 0},
    {"contact", "emails contains \"@example.com\"", KIND_BOOL, 0},
    {"contact", "sum(company.deals.amount)", KIND_MONEY, 2},
    {"activity", "links contains 12", KIND_BOOL, 0},
    {"activity", "due < now() + 90 minutes", KIND_BOOL, 0},
    {"user", "role = \"admin\" and active", KIND_BOOL, 0},
};

static void expr__accepts_the_language(void **state)
{
    struct arena *a = *state;
    const struct model *m = fixture_load(a, FILES);
    for (size_t i = 0; i < COUNT(GOOD); i++) {
        struct err e = {0};
        const struct expr *x = NULL;
        if (expr_compile(a, m, model_entity_find(m, GOOD[i].entity), NULL, GOOD[i].text, KIND_NONE,
                         &x, &e) != 0) {
            fail_msg("%s: %s", GOOD[i].text, e.text);
        }
        assert_int_equal(x->type.kind, GOOD[i].kind);
        assert_int_equal(x->type.places, GOOD[i].places);
    }
}

static const struct {
    const char *entity, *text, *message;
} BAD[] = {
    {"deal", "", "at 1: the expression ends too early"},
    {"deal", "amount >", "at 9: the expression ends too early"},
    {"deal", "amont > 3", "at 1: there is no field \"amont\" in deal; do you mean \"amount\"?"},
    {"deal", "company.nmae = \"x\"",
     "at 9: there is no field \"nmae\" in company; do you mean \"name\"?"},
    {"deal", "xyzzy = 1", "at 1: there is no field \"xyzzy\" in deal"},
    {"deal", "stage = \"wonn\"", "at 9: \"wonn\" is not an option of stage; do you mean \"won\"?"},
    {"deal", "stage.kind = \"opne\"",
     "at 14: \"opne\" is not an option of stage.kind; do you mean \"open\"?"},
    {"deal", "stage.kindd = \"open\"", "at 7: \"stage\" has no \"kindd\"; do you mean \"kind\"?"},
    {"deal", "name.first = \"x\"", "at 6: \"name\" is a text and has no \"first\""},
    {"deal", "close_date < now() - 2 hours and close_date < today() - 2 hours",
     "at 57: a date has no hours; use now() or whole days"},
    {"deal", "name < 5", "at 8: a text cannot be compared with a number"},
    {"deal", "amount > \"x\"", "at 10: an amount of money cannot be compared with a text"},
    {"deal", "open > true", "at 6: a condition has no order; use = or !="},
    {"deal", "stage < \"won\"", "at 7: a choice has no order; use = or !="},
    {"deal", "company < 3", "at 9: a link to company has no order; use = or !="},
    {"deal", "company = contact",
     "at 11: a link to company cannot be compared with a link to contact"},
    {"deal", "name = 'x'", "at 8: text stands in double quotes"},
    {"deal", "name = \"x", "at 8: this text has no closing quote"},
    {"deal", "name = ?", "at 8: this character has no meaning here"},
    {"deal", "name name", "at 6: expected \"and\", \"or\" or the end here"},
    {"deal", "name and open", "at 1: expected a condition here, this is a text"},
    {"deal", "not amount", "at 5: expected a condition here, this is an amount of money"},
    {"deal", "name starts \"x\"", "at 13: after \"starts\" comes \"with\""},
    {"deal", "name is \"x\"", "at 9: after \"is\" comes \"empty\" or \"not empty\""},
    {"deal", "name not \"x\"", "at 10: expected \"in\" here"},
    {"deal", "name in \"x\"", "at 9: expected \"(\" here"},
    {"deal", "name in (\"x\"", "at 13: expected \")\" here"},
    {"deal", "amount contains \"x\"", "at 1: expected a text here, this is an amount of money"},
    {"deal", "stage contains \"won\"", "at 1: expected a text here, this is a choice"},
    {"deal", "tody() = close_date", "at 1: there is no function \"tody\"; do you mean \"today\"?"},
    {"deal", "today(1) = close_date", "at 1: write today()"},
    {"deal", "found(name)", "at 7: found takes a text in double quotes"},
    {"deal", "start_of(mont)", "at 10: start_of takes day, week, month, quarter or year"},
    {"deal", "date(name)", "at 6: expected a date here, this is a text"},
    {"deal", "close_date = \"2026-13-01\"",
     "at 14: \"2026-13-01\" is not a date like \"2026-11-21\""},
    {"deal", "won_at > \"soon\"",
     "at 10: \"soon\" is not a date like \"2026-11-21\" or a time like \"2026-11-21T14:05:00Z\""},
    {"deal", "close_date - today() > 3",
     "at 12: a date and a date cannot be subtracted; compare with a duration instead: d < today() "
     "- 14 days"},
    {"deal", "name + name = \"x\"", "at 6: a text and a text cannot be added"},
    {"deal", "amount * amount > 1", "at 8: two amounts of money cannot be multiplied"},
    {"deal", "1 / amount > 1", "at 3: a number cannot be divided by an amount of money"},
    {"deal", "percent * percent * percent * percent * percent > 1",
     "at 39: this would have more than 9 digits after the point"},
    {"deal", "1.5 days", "at 1: a duration needs a whole number up to 1000000"},
    {"deal", "1.2345678 > amount",
     "at 1: \"1.2345678\" is not a number with at most 6 digits after the point"},
    {"deal", "me.name = \"x\"", "at 3: expected \"and\", \"or\" or the end here"},
    {"deal", "and", "at 1: expected a value here, not \"and\""},
    {"deal", "id = 0", "at 6: the id of a record is a whole number from 1"},
    {"company", "deals.amount > 3",
     "at 1: \"deals\" is a list; use count(deals) or sum(deals.field)"},
    {"company", "sum(deals)", "at 1: write sum(list.field [where …])"},
    {"company", "count(deals.amount)", "at 1: write count(list [where …])"},
    {"company", "sum(deals.name)", "at 11: sum needs a number, \"name\" is a text"},
    {"company", "max(deals.name)", "at 11: max needs a number or a date, \"name\" is a text"},
    {"company", "count(dealz)",
     "at 7: there is no field \"dealz\" in company; do you mean \"deals\"?"},
    {"company", "count(deals where amount)",
     "at 19: expected a condition here, this is an amount of money"},
    {"company", "sum(revenue)",
     "at 1: sum needs a list of records that link here, like sum(deals.amount where stage.kind = "
     "\"open\") > 0"},
    {"company", "areas = \"north\"", "at 1: a list has no order; use contains or is empty"},
    {"company", "areas contains \"nroth\"",
     "at 16: \"nroth\" is not an option of areas; do you mean \"north\"?"},
    {"contact", "emails contains 5", "at 17: \"emails\" holds texts, not a number"},
    {"deal", "\"äöü\" = ä", "at 9: this character has no meaning here"},
};

static void expr__says_where_and_what(void **state)
{
    struct arena *a = *state;
    const struct model *m = fixture_load(a, FILES);
    for (size_t i = 0; i < COUNT(BAD); i++) {
        struct err e = {0};
        const struct expr *x = NULL;
        const struct entity *scope = model_entity_find(m, BAD[i].entity);
        if (expr_compile(a, m, scope, NULL, BAD[i].text, KIND_NONE, &x, &e) == 0) {
            fail_msg("accepted: %s", BAD[i].text);
        }
        assert_string_equal(e.text, BAD[i].message);
        assert_int_equal(e.code, ERR_INVALID);
    }
}

static const struct expr *compile(struct arena *a, const struct model *m, const char *entity,
                                  const char *text)
{
    struct err e = {0};
    const struct expr *x = NULL;
    if (expr_compile(a, m, model_entity_find(m, entity), NULL, text, KIND_NONE, &x, &e) != 0) {
        fail_msg("%s: %s", text, e.text);
    }
    return x;
}

static void expr__hides_fields_from_a_role(void **state)
{
    struct arena *a = *state;
    const struct model *m = fixture_load(a, FILES);
    const struct role *clerk = model_role_find(m, "clerk");
    static const struct {
        const char *entity, *text, *message;
    } HIDDEN[] = {
        {"deal", "amount > 3", "at 1: there is no field \"amount\" in deal"},
        {"company", "sum(deals.amount) > 3", "at 11: there is no field \"amount\" in deal"},
        {"company", "count(deals where amount > 3) > 1",
         "at 19: there is no field \"amount\" in deal"},
    };
    for (size_t i = 0; i < COUNT(HIDDEN); i++) {
        struct err e = {0};
        const struct expr *x;
        const struct entity *scope = model_entity_find(m, HIDDEN[i].entity);
        assert_int_equal(expr_compile(a, m, scope, clerk, HIDDEN[i].text, KIND_BOOL, &x, &e), -1);
        assert_string_equal(e.text, HIDDEN[i].message);
    }
}

static void expr__brings_literals_to_the_other_side(void **state)
{
    struct arena *a = *state;
    const struct model *m = fixture_load(a, FILES);
    const struct expr *x = compile(a, m, "deal", "amount > 1000");
    assert_int_equal(x->args[1]->type.kind, KIND_MONEY);
    assert_int_equal(x->args[1]->value.i, 100000);
    x = compile(a, m, "deal", "percent > 12.345");
    assert_int_equal(x->args[1]->value.i, 12345);
    assert_int_equal(x->args[1]->type.places, 3);
    x = compile(a, m, "deal", "close_date = \"2026-11-21\"");
    assert_int_equal(x->args[1]->type.kind, KIND_DATE);
    x = compile(a, m, "deal", "company = \"Acme\"");
    assert_string_equal(x->args[0]->field->name, "title");
    assert_int_equal(x->args[0]->path_count, 1);
    x = compile(a, m, "deal", "owner = \"Ada@Example.com\"");
    assert_string_equal(x->args[0]->field->name, "email");
    assert_string_equal(x->args[1]->value.s, "ada@example.com");
}

static void expr__tells_what_it_depends_on(void **state)
{
    struct arena *a = *state;
    const struct model *m = fixture_load(a, FILES);
    assert_true(compile(a, m, "deal", "close_date < today()")->varies);
    assert_true(compile(a, m, "deal", "owner = me")->varies);
    assert_true(compile(a, m, "deal", "company.name = name")->climbs);
    assert_true(compile(a, m, "company", "count(deals) > 1")->aggregates);
    assert_false(compile(a, m, "deal", "amount > 3")->varies);
}

/* `part` n times, then `tail`. */
static const char *repeat(struct arena *a, const char *part, size_t n, const char *tail)
{
    struct buf b = {0};
    for (size_t i = 0; i < n; i++) {
        buf_puts(&b, part);
    }
    buf_puts(&b, tail);
    const char *text = arena_strdup(a, buf_text(&b));
    buf_done(&b);
    return text;
}

static void expr__is_limited(void **state)
{
    struct arena *a = *state;
    const struct model *m = fixture_load(a, FILES);
    const struct entity *deal = model_entity_find(m, "deal");
    const char *const texts[][2] = {
        {repeat(a, "(", 100, "1"), "nested deeper than 64 levels"},
        {repeat(a, "not ", 200, "open"), "nested deeper than 64 levels"},
        {repeat(a, "- ", 200, "1"), "nested deeper than 64 levels"},
        {repeat(a, "1+", 200, "1"), "nested deeper than 64 levels"},
        {repeat(a, "open or ", 400, "open"), "more than 300 parts"},
        {repeat(a, "aaaaaaaaaa", 1001, ""), "longer than 10000 bytes"},
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct err e = {0};
        const struct expr *x;
        assert_int_equal(expr_compile(a, m, deal, NULL, texts[i][0], KIND_NONE, &x, &e), -1);
        assert_non_null(strstr(e.text, texts[i][1]));
    }
    assert_non_null(compile(a, m, "deal", repeat(a, "open or ", 299, "open")));
}

static void count_nodes(const struct expr *x, void *data)
{
    (void)x;
    ++*(int *)data;
}

static void expr__walks_every_node(void **state)
{
    const struct model *m = fixture_load(*state, FILES);
    int n = 0;
    expr_walk(compile(*state, m, "company", "sum(deals.amount where open) > 3"), count_nodes, &n);
    assert_int_equal(n, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(expr__accepts_the_language),
        UNIT_TEST(expr__says_where_and_what),
        UNIT_TEST(expr__hides_fields_from_a_role),
        UNIT_TEST(expr__brings_literals_to_the_other_side),
        UNIT_TEST(expr__tells_what_it_depends_on),
        UNIT_TEST(expr__is_limited),
        UNIT_TEST(expr__walks_every_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
