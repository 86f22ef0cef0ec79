/* Values, scaled numbers, currencies, handles. */
#include "base/clock.h"
#include "model_fixture.h"

static void value__knows_what_is_empty(void **state)
{
    (void)state;
    assert_true(value_is_empty(value_null()));
    assert_true(value_is_empty(value_text("")));
    assert_false(value_is_empty(value_text("[]")));
    assert_false(value_is_empty(value_text("[1]")));
    assert_false(value_is_empty(value_int(0)));
    assert_int_equal(value_text(NULL).kind, VALUE_NULL);
}

static void value__compares_kind_and_content(void **state)
{
    (void)state;
    assert_true(value_equal(value_int(3), value_int(3)));
    assert_false(value_equal(value_int(3), value_int(4)));
    assert_true(value_equal(value_text("a"), value_text("a")));
    assert_false(value_equal(value_text("a"), value_text("ab")));
    assert_false(value_equal(value_text("3"), value_int(3)));
    assert_true(value_equal(value_null(), value_null()));
}

static void number__reads_exactly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int places;
        int64_t n;
    } GOOD[] = {{"0", 0, 0},
                {"12", 2, 1200},
                {"12.5", 2, 1250},
                {"-0.01", 2, -1},
                {"+7", 0, 7},
                {"1.500", 2, 150},
                {"1234.5000000", 1, 12345},
                {"9007199254740991", 0, INT64_C(9007199254740991)}};
    static const char *const BAD[] = {"",
                                      ".",
                                      "1.",
                                      ".5",
                                      "1e3",
                                      "1,5",
                                      " 1",
                                      "0x1",
                                      "--1",
                                      "1.234",
                                      "9007199254740992",
                                      "99999999999999999999"};
    for (size_t i = 0; i < COUNT(GOOD); i++) {
        int64_t n = 0;
        assert_int_equal(parse_scaled(GOOD[i].text, GOOD[i].places, &n), 0);
        assert_int_equal(n, GOOD[i].n);
    }
    for (size_t i = 0; i < COUNT(BAD); i++) {
        int64_t n;
        assert_int_equal(parse_scaled(BAD[i], 2, &n), -1);
    }
}

static void number__prints_what_it_read(void **state)
{
    (void)state;
    static const struct {
        int64_t n;
        int places;
        const char *text;
    } CASES[] = {{123450, 2, "1234.50"}, {-5, 2, "-0.05"}, {7, 0, "7"}, {0, 3, "0.000"}};
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct buf out = {0};
        print_scaled(&out, CASES[i].n, CASES[i].places);
        assert_string_equal(buf_text(&out), CASES[i].text);
        buf_done(&out);
    }
}

static void number__rescales_by_the_first_digit_lost(void **state)
{
    (void)state;
    assert_int_equal(rescale(445, 3, 0), 0);
    assert_int_equal(rescale(-445, 3, 0), 0);
    assert_int_equal(rescale(500, 3, 0), 1);
    assert_int_equal(rescale(-1500, 3, 0), -2);
    assert_int_equal(rescale(12, 1, 3), 1200);
    assert_int_equal(rescale(INT64_MAX / 5, 0, 1), INT64_MAX);
    assert_int_equal(rescale(INT64_MIN / 5, 0, 1), INT64_MIN);
}

static void number__knows_currencies(void **state)
{
    (void)state;
    assert_int_equal(currency_places("EUR"), 2);
    assert_int_equal(currency_places("JPY"), 0);
    assert_int_equal(currency_places("KWD"), 3);
    assert_int_equal(currency_places("eur"), -1);
    assert_int_equal(currency_places("EURO"), -1);
    assert_int_equal(currency_places("R B"), -1);
    assert_int_equal(currency_places(NULL), -1);
}

static void number__converts_half_away_from_zero(void **state)
{
    struct rate rates[] = {{"USD", 920000, INT64_MIN},
                           {"JPY", 6250, INT64_MIN},
                           {"KWD", 3000000, INT64_MIN},
                           {"BHD", 1000000000, INT64_MIN}};
    struct model m = {
        .company = {.currency = "EUR", .currency_places = 2, .rates = rates, .rate_count = 4}};
    static const struct {
        int64_t minor;
        const char *currency;
        int64_t base;
    } CASES[] = {{12345, "EUR", 12345}, {100, "USD", 92}, {-100, "USD", -92}, {1, "USD", 1},
                 {1000, "JPY", 625},    {1, "JPY", 1},    {-2, "JPY", -1},    {1000, "KWD", 300},
                 {5, "KWD", 2},         {-5, "KWD", -2}};
    (void)state;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        int64_t base = 0;
        assert_int_equal(money_to_base(&m, CASES[i].minor, CASES[i].currency, 0, &base), 0);
        assert_int_equal(base, CASES[i].base);
    }
    int64_t base;
    assert_int_equal(money_to_base(&m, 1, "CHF", 0, &base), -1);
    assert_int_equal(money_to_base(&m, INT64_C(9007199254740991), "KWD", 0, &base), 0);
    assert_int_equal(money_to_base(&m, INT64_C(9007199254740991), "BHD", 0, &base), -1);
}

static void number__converts_at_the_rate_of_the_day(void **state)
{
    struct rate rates[] = {{"USD", 900000, 20454},  /* 2026-01-01 */
                           {"USD", 800000, 20635},  /* 2026-07-01 */
                           {"GBP", 1100000, INT64_MIN},
                           {"GBP", 1200000, 20635}};
    struct model m = {
        .company = {.currency = "EUR", .currency_places = 2, .rates = rates, .rate_count = 4}};
    static const struct {
        const char *currency, *at;
        int64_t base;
    } CASES[] = {{"USD", "2025-12-31T12:00:00Z", 9000}, {"USD", "2026-01-01T12:00:00Z", 9000},
                 {"USD", "2026-06-30T12:00:00Z", 9000}, {"USD", "2026-07-01T12:00:00Z", 8000},
                 {"USD", "2030-01-01T12:00:00Z", 8000}, {"GBP", "1990-01-01T12:00:00Z", 11000},
                 {"GBP", "2026-07-02T12:00:00Z", 12000}};
    (void)state;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        int64_t at = 0, base = 0;
        assert_int_equal(clock_parse_instant(CASES[i].at, &at), 0);
        assert_int_equal(money_to_base(&m, 10000, CASES[i].currency, at, &base), 0);
        assert_int_equal(base, CASES[i].base);
    }
}

static void handle__normalises(void **state)
{
    struct arena *a = *state;
    assert_string_equal(handle_email(a, " Ada@Example.COM "), "ada@example.com");
    assert_null(handle_email(a, "nobody"));
    assert_string_equal(handle_phone(a, "+49 (0)30 123-456"), "+4930123456");
    assert_string_equal(handle_phone(a, "0049 30 123456"), "+4930123456");
    assert_string_equal(handle_phone(a, "030/123456 ext. 7"), "030123456");
    assert_null(handle_phone(a, "n/a"));
    assert_string_equal(handle_domain(a, "https://www.Example.com:8080/x?y"), "example.com");
    assert_string_equal(handle_domain(a, "ada@mail.example.com"), "mail.example.com");
    assert_null(handle_domain(a, "localhost"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(value__knows_what_is_empty),
        cmocka_unit_test(value__compares_kind_and_content),
        cmocka_unit_test(number__reads_exactly),
        cmocka_unit_test(number__prints_what_it_read),
        cmocka_unit_test(number__rescales_by_the_first_digit_lost),
        cmocka_unit_test(number__knows_currencies),
        cmocka_unit_test(number__converts_half_away_from_zero),
        cmocka_unit_test(number__converts_at_the_rate_of_the_day),
        UNIT_TEST(handle__normalises),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
