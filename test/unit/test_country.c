/* Countries by code and by what people write for them. */
#include "unit.h"

#include "base/str.h"
#include "model/country.h"

static void country_find__knows_codes_and_names_in_any_case(void **state)
{
    (void)state;
    static const struct {
        const char *text, *code;
    } CASES[] = {
        {"AD", "AD"},           {"DE", "DE"},        {"ZW", "ZW"},
        {"de", "DE"},           {"Germany", "DE"},   {"DEUTSCHLAND", "DE"},
        {"österreich", "AT"},   {"osterreich", "AT"}, {"U.S.A.", "US"},
        {"united  states", "US"}, {"España", "ES"},   {"South Korea", "KR"},
        {"Antigua und Barbuda", "AG"}, {"antigua & barbuda", "AG"}, {"Guinea-Bissau", "GW"},
        {"côte d’ivoire", "CI"}, {"Åland Islands", "AX"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        const struct country *c = country_find(CASES[i].text);
        assert_non_null(c);
        assert_string_equal(c->code, CASES[i].code);
    }
}

static void country_find__takes_nothing_else(void **state)
{
    (void)state;
    static const char *const OTHERS[] = {"", " ", "XX", "Germania", "Deutsch", "Zzz", "A"};
    for (size_t i = 0; i < COUNT(OTHERS); i++) {
        assert_null(country_find(OTHERS[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(country_find__knows_codes_and_names_in_any_case),
        UNIT_TEST(country_find__takes_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
