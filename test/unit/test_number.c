/* Numbers, dates and yes/no as people write them. */
#include "unit.h"

#include "exchange/number.h"

#define NARROW "\xe2\x80\xaf" /* narrow no-break space */

static const struct {
    const char *text;
    char decimal;
    int places;
    int64_t value;
} NUMBERS[] = {
    {"0", 0, 2, 0},
    {"7", 0, 0, 7},
    {"-3", 0, 2, -300},
    {"1.234,56", 0, 2, 123456},
    {"1,234.56", 0, 2, 123456},
    {"1.234,56", ',', 2, 123456},
    {"1,234.56", '.', 2, 123456},
    {"1.234", ',', 2, 123400},
    {"1.234", '.', 2, 123},
    {"1.234", 0, 3, 1234},
    {"1,234", 0, 0, 1234},
    {"1,234", ',', 3, 1234},
    {"12,5", 0, 2, 1250},
    {"0,123", 0, 3, 123},
    {"1234,567", 0, 3, 1234567},
    {"1.234.567", 0, 0, 1234567},
    {"1,234,567.8", 0, 1, 12345678},
    {"12,34,567.50", 0, 2, 123456750},
    {"1 234,50 \xe2\x82\xac", ',', 2, 123450},
    {"1\xc2\xa0"
     "234" NARROW "567,5",
     0, 1, 12345675},
    {"CHF 1'234.50", 0, 2, 123450},
    {"1\xe2\x80\x99"
     "234.50",
     0, 2, 123450},
    {"EUR-12.50", 0, 2, -1250},
    {"-\xe2\x82\xac 12,50", 0, 2, -1250},
    {"$1,000.00", 0, 2, 100000},
    {"1.000,00 EUR", 0, 2, 100000},
    {"R$ 10,00", 0, 2, 1000},
    {"100 kr", 0, 0, 100},
    {"5 z\xc5\x82", 0, 0, 5},
    {"(12.50)", 0, 2, -1250},
    {"($12.50)", 0, 2, -1250},
    {"12,5-", 0, 2, -1250},
    {"\xe2\x88\x92"
     "5",
     0, 0, -5},
    {"+5", 0, 0, 5},
    {"5,-", 0, 2, 500},
    {"\xe2\x82\xac 5,\xe2\x80\x93", 0, 2, 500},
    {"5.-- CHF", 0, 2, 500},
    {"19 %", 0, 2, 1900},
    {".5", 0, 2, 50},
    {"5.", 0, 2, 500},
    {"  42\t", 0, 0, 42},
    {"0.005", '.', 2, 1},
    {"0.0049999", '.', 2, 0},
    {"-0.005", '.', 2, -1},
    {"2.5", '.', 0, 3},
    {"-2.5", '.', 0, -3},
    {"1.99999999999999999999", '.', 6, 2000000},
    {"9223372036854775807", 0, 0, INT64_MAX},
    {"92233720368547758.07", 0, 2, INT64_MAX},
};

static const struct {
    const char *text;
    char decimal;
    int places;
} NOT_NUMBERS[] = {
    {"", 0, 0},
    {"  ", 0, 0},
    {"abc", 0, 0},
    {"EUR", 0, 0},
    {"-", 0, 0},
    {".", 0, 0},
    {"1,5", '.', 1},
    {"1.5", ',', 1},
    {"1,23,45", 0, 0},
    {"1,2345", '.', 0},
    {"1234,567", '.', 0},
    {"1.234.56", 0, 2},
    {"1,234,56.7", 0, 2},
    {"1.2,3.4", 0, 2},
    {"1,234.5,6", 0, 2},
    {"1 234'567", 0, 0},
    {"0,711,123", 0, 0},
    {"0711 123456", 0, 0},
    {"12 34", 0, 0},
    {"+49 711 123456", 0, 0},
    {"21.11.2026", 0, 0},
    {"2026-11-21", 0, 0},
    {"14:05", 0, 0},
    {"--5", 0, 0},
    {"-5-", 0, 0},
    {"(5", 0, 0},
    {"5)", 0, 0},
    {"(-5)", 0, 0},
    {"%5", 0, 0},
    {"5%%", 0, 0},
    {"EUR 5 EUR", 0, 0},
    {"5 pieces", 0, 0},
    {"12 krx", 0, 0},
    {"12 EURX", 0, 0},
    {"1e5", 0, 0},
    {"0x10", 0, 0},
    {"5\n6", 0, 0},
    {"\xc3\xa4"
     "5",
     0, 0},
    {"9223372036854775808", 0, 0},
    {"92233720368547758.08", 0, 2},
    {"92233720368547758.075", 0, 2},
    {"9223372036854775807", 0, 1},
    {"1111111111111111111111111111111111111111111111111111111111", 0, 0},
};

static void number__reads_what_people_write(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(NUMBERS); i++) {
        int64_t value = 1;
        if (number_parse(NUMBERS[i].text, NUMBERS[i].decimal, NUMBERS[i].places, &value) ||
            value != NUMBERS[i].value) {
            fail_msg("%s gave %lld", NUMBERS[i].text, (long long)value);
        }
    }
}

static void number__refuses_the_rest(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(NOT_NUMBERS); i++) {
        int64_t value = 77;
        int result = number_parse(NOT_NUMBERS[i].text, NOT_NUMBERS[i].decimal,
                                  NOT_NUMBERS[i].places, &value);
        if (result == 0) {
            fail_msg("%s gave %lld", NOT_NUMBERS[i].text, (long long)value);
        }
        assert_int_equal(value, 77);
    }
}

static void number__knows_the_currency_beside_it(void **state)
{
    (void)state;
    static const struct {
        const char *text, *base, *code;
        int rc;
    } CASES[] = {
        {"12", "EUR", "", 0},
        {"12 \xe2\x82\xac", "USD", "EUR", 0},
        {"$ 2.500,00", "EUR", "USD", 0},
        {"2.500,00 $", "CAD", "CAD", 0},
        {"US$12", "CAD", "USD", 0},
        {"(12.50 CHF)", "EUR", "CHF", 0},
        {"Fr. 12", "EUR", "CHF", 0},
        {"\xc2\xa3 7", "EUR", "GBP", 0},
        {"5 z\xc5\x82", "EUR", "PLN", 0},
        {"5 K\xc4\x8d", "EUR", "CZK", 0},
        {"12 kr", "NOK", "NOK", 0},
        {"12 kr.", "EUR", "SEK, NOK, DKK, ISK", -1},
        {"\xc2\xa5"
         "12",
         "EUR", "JPY, CNY", -1},
        {"\xc2\xa5"
         "12",
         "JPY", "JPY", 0},
        {" $ ", "EUR", "USD", 0},
        {"kr", "SEK", "SEK", 0},
        {"USD", "EUR", "USD", 0},
        {"USD or EUR", "EUR", "", 0},
        {"12 krona", "SEK", "", 0},
        {"12 STK", "EUR", "STK", 0},
        {"", "EUR", "", 0},
        {"$", "", "USD", 0},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        char out[NUMBER_CURRENCY_SIZE] = "?";
        assert_int_equal(number_currency(CASES[i].text, CASES[i].base, out), CASES[i].rc);
        assert_string_equal(out, CASES[i].code);
    }
}

static void number__knows_which_sign_a_cell_proves(void **state)
{
    (void)state;
    assert_int_equal(number_decimal_sign("1.234,56"), ',');
    assert_int_equal(number_decimal_sign("1,234.56"), '.');
    assert_int_equal(number_decimal_sign("12,5 \xe2\x82\xac"), ',');
    assert_int_equal(number_decimal_sign("12.50"), '.');
    assert_int_equal(number_decimal_sign("1.234.567"), ',');
    assert_int_equal(number_decimal_sign("1,234"), 0);
    assert_int_equal(number_decimal_sign("1.234"), 0);
    assert_int_equal(number_decimal_sign("12"), 0);
    assert_int_equal(number_decimal_sign("text"), 0);
    assert_int_equal(number_decimal_sign("1.2,3.4"), 0);
    assert_int_equal(number_unclear_sign("1.500"), '.');
    assert_int_equal(number_unclear_sign("\xe2\x82\xac 12,000"), ',');
    assert_int_equal(number_unclear_sign("0.500"), 0);
    assert_int_equal(number_unclear_sign("1234.567"), 0);
    assert_int_equal(number_unclear_sign("1.234.567"), 0);
    assert_int_equal(number_unclear_sign("1500"), 0);
}

static const struct {
    const char *text;
    enum date_order order;
    const char *date; /* NULL: not a date */
} DATES[] = {
    {"2026-11-21", DATE_ORDER_NONE, "2026-11-21"},
    {"2026-11-21", DATE_ORDER_DMY, "2026-11-21"},
    {"2026/11/21", DATE_ORDER_MDY, "2026-11-21"},
    {"20261121", DATE_ORDER_DMY, "2026-11-21"},
    {"21.11.2026", DATE_ORDER_DMY, "2026-11-21"},
    {" 1.2.2026 ", DATE_ORDER_DMY, "2026-02-01"},
    {"21. 11. 2026", DATE_ORDER_DMY, "2026-11-21"},
    {"21/11/2026", DATE_ORDER_DMY, "2026-11-21"},
    {"11/21/2026", DATE_ORDER_MDY, "2026-11-21"},
    {"1/2/2026", DATE_ORDER_MDY, "2026-01-02"},
    {"1/2/69", DATE_ORDER_DMY, "2069-02-01"},
    {"1/2/70", DATE_ORDER_DMY, "1970-02-01"},
    {"26-11-21", DATE_ORDER_YMD, "2026-11-21"},
    {"29.02.2024", DATE_ORDER_DMY, "2024-02-29"},
    {"2026-11-21 00:00:00", DATE_ORDER_DMY, "2026-11-21"},
    {"2026-11-21T00:00", DATE_ORDER_DMY, "2026-11-21"},
    {"2026-11-21 00:01", DATE_ORDER_DMY, NULL},
    {"29.02.2026", DATE_ORDER_DMY, NULL},
    {"11/21/2026", DATE_ORDER_DMY, NULL},
    {"21/11/2026", DATE_ORDER_MDY, NULL},
    {"1/2/2026", DATE_ORDER_NONE, NULL},
    {"1/2/026", DATE_ORDER_DMY, NULL},
    {"1/2.2026", DATE_ORDER_DMY, NULL},
    {"1/2", DATE_ORDER_DMY, NULL},
    {"2026111", DATE_ORDER_DMY, NULL},
    {"202611211", DATE_ORDER_DMY, NULL},
    {"0000-01-01", DATE_ORDER_DMY, NULL},
    {"today", DATE_ORDER_DMY, NULL},
    {"", DATE_ORDER_DMY, NULL},
    {"2026-11-21,", DATE_ORDER_DMY, NULL},
    {"2026-11-21x", DATE_ORDER_DMY, NULL},
};

static void number__reads_dates_in_the_order_given(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(DATES); i++) {
        char date[NUMBER_DATE_SIZE] = "unchanged";
        int result = number_parse_date(DATES[i].text, DATES[i].order, date);
        if ((result == 0) != (DATES[i].date != NULL)) {
            fail_msg("%s gave %s", DATES[i].text, date);
        }
        assert_string_equal(date, DATES[i].date ? DATES[i].date : "unchanged");
    }
}

static void number__knows_which_order_a_cell_proves(void **state)
{
    (void)state;
    assert_int_equal(number_date_order("2026-01-02"), DATE_ORDER_YMD);
    assert_int_equal(number_date_order("21/11/2026"), DATE_ORDER_DMY);
    assert_int_equal(number_date_order("11/21/2026"), DATE_ORDER_MDY);
    assert_int_equal(number_date_order("1/2/2026"), DATE_ORDER_NONE);
    assert_int_equal(number_date_order("1.2.2026"), DATE_ORDER_DMY);
    assert_int_equal(number_date_order("31/31/2026"), DATE_ORDER_NONE);
    assert_int_equal(number_date_order("text"), DATE_ORDER_NONE);
}

static const struct {
    const char *text;
    const char *instant; /* NULL: none */
} INSTANTS[] = {
    {"21.11.2026 14:05", "2026-11-21 14:05:00"},
    {"21.11.2026", "2026-11-21 00:00:00"},
    {"21.11.2026, 14:05:30", "2026-11-21 14:05:30"},
    {"21/11/2026 2:05 PM", "2026-11-21 14:05:00"},
    {"21/11/2026 12:05 am", "2026-11-21 00:05:00"},
    {"2026-11-21T14:05:00.000+0000", "2026-11-21T14:05:00+00:00"},
    {"2026-11-21T14:05:00Z", "2026-11-21T14:05:00Z"},
    {"2026-11-21 14:05:00.123 -05:30", "2026-11-21T14:05:00-05:30"},
    {"2026-11-21 24:05", NULL},
    {"2026-11-21 13:05 PM", NULL},
    {"2026-11-21 14", NULL},
    {"2026-11-21 14:5", NULL},
    {"2026-11-21 14:05 +1", NULL},
    {"2026-11-21 14:05 foo", NULL},
    {"14:05", NULL},
};

static void number__reads_times_behind_dates(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(INSTANTS); i++) {
        char out[NUMBER_INSTANT_SIZE] = "unchanged";
        int result = number_parse_instant(INSTANTS[i].text, DATE_ORDER_DMY, out);
        if ((result == 0) != (INSTANTS[i].instant != NULL)) {
            fail_msg("%s gave %s", INSTANTS[i].text, out);
        }
        assert_string_equal(out, INSTANTS[i].instant ? INSTANTS[i].instant : "unchanged");
    }
}

static void number__reads_yes_and_no(void **state)
{
    (void)state;
    static const char *const YES[] = {
        "yes", " Ja ", "TRUE", "1", "x", "oui", "S\xc3\xad", "s\xc3\xac", "\xd0\x94\xd0\xb0",
        "Y",   "on"};
    static const char *const NO[] = {"no",    "NEIN",       "false", "0",
                                     "faux",  "n\xc3\xa3o", "off",   "\xd0\xbd\xd0\xb5\xd1\x82",
                                     "Falsch"};
    bool b = false;
    for (size_t i = 0; i < COUNT(YES); i++) {
        assert_int_equal(number_parse_bool(YES[i], &b), 0);
        assert_true(b);
    }
    for (size_t i = 0; i < COUNT(NO); i++) {
        assert_int_equal(number_parse_bool(NO[i], &b), 0);
        assert_false(b);
    }
    static const char *const NEITHER[] = {
        "", " ", "maybe", "yes no", "2", "ye", "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"};
    for (size_t i = 0; i < COUNT(NEITHER); i++) {
        assert_int_equal(number_parse_bool(NEITHER[i], &b), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(number__reads_what_people_write),
        cmocka_unit_test(number__refuses_the_rest),
        cmocka_unit_test(number__knows_the_currency_beside_it),
        cmocka_unit_test(number__knows_which_sign_a_cell_proves),
        cmocka_unit_test(number__reads_dates_in_the_order_given),
        cmocka_unit_test(number__knows_which_order_a_cell_proves),
        cmocka_unit_test(number__reads_times_behind_dates),
        cmocka_unit_test(number__reads_yes_and_no),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
