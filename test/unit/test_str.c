/* Text: UTF-8, trimming, folding, nearest names, integers. */
#include "unit.h"

#include "base/str.h"

static void str__compares_with_null(void **state)
{
    (void)state;
    assert_true(str_eq(NULL, NULL));
    assert_false(str_eq(NULL, ""));
    assert_false(str_eq("", NULL));
    assert_true(str_eq("a", "a"));
    assert_true(str_starts("deal.name", "deal"));
    assert_false(str_starts("de", "deal"));
    assert_true(str_ends("a.yaml", ".yaml"));
    assert_true(str_ends("a", ""));
    assert_false(str_ends("ml", ".yaml"));
}

static void str__knows_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        bool valid;
    } CASES[] = {
        {"", 0, true},
        {"plain ascii, longer than eight bytes", 36, true},
        {"z\xc3\xbcrich", 7, true},
        {"\xf0\x9f\x98\x80", 4, true},
        {"\xf4\x8f\xbf\xbf", 4, true},
        {"\xed\x9f\xbf\xee\x80\x80", 6, true},
        {"eight by\0te", 11, false},
        {"\0", 1, false},
        {"\xc3", 1, false},
        {"\xc0\xaf", 2, false},
        {"\xc1\xbf", 2, false},
        {"\xe0\x80\xaf", 3, false},
        {"\xed\xa0\x80", 3, false},
        {"\xf0\x80\x80\xaf", 4, false},
        {"\xf4\x90\x80\x80", 4, false},
        {"\xf5\x80\x80\x80", 4, false},
        {"\x80", 1, false},
        {"abcdefgh\xff", 9, false},
        {"abcdefg\xff"
         "bcdefgh",
         15, false},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        assert_int_equal(str_is_utf8(CASES[i].text, CASES[i].size), CASES[i].valid);
    }
    assert_int_equal(str_utf8_length("z\xc3\xbcrich"), 6);
}

static void str__trims_unicode_blanks(void **state)
{
    assert_string_equal(str_trim(*state, " \t\xc2\xa0 a b\xe3\x80\x80\r\n"), "a b");
    assert_string_equal(str_trim(*state, "\xe3\x80\x80"), "");
    assert_string_equal(str_trim(*state, ""), "");
    assert_string_equal(str_trim(*state, "\xc3"), "\xc3");
    assert_string_equal(str_trim(*state, " \xa0 "), "\xa0");
    assert_null(str_trim(*state, NULL));
}

static const struct {
    const char *from, *folded, *tight;
} FOLDS[] = {
    {"", "", ""},
    {"   ", "", ""},
    {"\xc3\x89mile  GRO\xc3\x9f", "emile gross", "emilegross"},
    {" GTX-Pro ", "gtx-pro", "gtxpro"},
    {"M\xc3\xbcller & S\xc3\xb6hne, GmbH", "muller & sohne, gmbh", "mullersohnegmbh"},
    {"Mu\xcc\x88ller", "muller", "muller"},
    {"\xef\xac\x81ne", "fine", "fine"},
    {"\xef\xbc\xa1\xef\xbc\xa2\xe3\x80\x80\xef\xbc\x91", "ab 1", "ab1"},
    {"\xc2\xa0x\xc2\xa0", "x", "x"},
    {"\xce\xa3\xce\xaf\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x82",
     "\xcf\x83\xce\xb9\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x83",
     "\xcf\x83\xce\xb9\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x83"},
    {"a\tb\r\nc", "a b c", "abc"},
    {"x\xffy", "x\xef\xbf\xbdy", "x\xef\xbf\xbdy"},
    {"soft\xc2\xadhyphen", "softhyphen", "softhyphen"},
    {"C++", "c++", "c++"},
    {"\xe6\x9d\xb1\xe4\xba\xac", "\xe6\x9d\xb1\xe4\xba\xac", "\xe6\x9d\xb1\xe4\xba\xac"},
};

static void fold__makes_keys(void **state)
{
    for (size_t i = 0; i < COUNT(FOLDS); i++) {
        const char *from = FOLDS[i].from;
        assert_string_equal(str_fold(*state, from, strlen(from)), FOLDS[i].folded);
        assert_string_equal(str_fold_tight(*state, from), FOLDS[i].tight);
    }
    assert_string_equal(str_fold(*state, "a\0b", 3), "a\xef\xbf\xbd"
                                                     "b");
}

static void fold__for_search_knows_more_letters(void **state)
{
    static const char *const CASES[][2] = {
        {"Łukasz Øster", "lukasz oster"}, {"Æther œuvre", "aether oeuvre"},
        {"STRASSE Straße", "strasse strasse"}, {"İstanbul ısı Irmak", "istanbul isi irmak"},
        {"Þórður Đorđe", "thordur dorde"},     {"O’Brien", "o'brien"},
        {"ΣΊΣΥΦΟΣ", "σισυφοσ"},               {"Йогурт", "иогурт"},
        {"plain", "plain"},                    {"", ""},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        const char *text = CASES[i][0];
        assert_string_equal(str_fold_search(*state, text, strlen(text)), CASES[i][1]);
    }
}

static void fold__of_a_key_is_the_key(void **state)
{
    char text[8];
    for (uint32_t c = 1; c < 0x20000; c += 1 + c / 300) {
        if (c >= 0xd800 && c < 0xe000) {
            continue;
        }
        int n = c < 0x80      ? snprintf(text, 8, "%c", (int)c)
                : c < 0x800   ? snprintf(text, 8, "%c%c", 0xc0 | c >> 6, 0x80 | (c & 63))
                : c < 0x10000 ? snprintf(text, 8, "%c%c%c", 0xe0 | c >> 12, 0x80 | (c >> 6 & 63),
                                         0x80 | (c & 63))
                              : snprintf(text, 8, "%c%c%c%c", 0xf0 | c >> 18, 0x80 | (c >> 12 & 63),
                                         0x80 | (c >> 6 & 63), 0x80 | (c & 63));
        const char *once = str_fold(*state, text, (size_t)n);
        assert_string_equal(str_fold(*state, once, strlen(once)), once);
        assert_true(str_is_utf8(once, strlen(once)));
    }
}

static void fold__ascii_needs_no_memory(void **state)
{
    (void)state;
    char out[8];
    assert_int_equal(str_fold_ascii(out, sizeof(out), " A  b\t", 6), 0);
    assert_string_equal(out, "a b");
    assert_int_equal(str_fold_ascii(out, sizeof(out), "1234567", 7), 0);
    assert_int_equal(str_fold_ascii(out, sizeof(out), "12345678", 8), -1);
    assert_int_equal(str_fold_ascii(out, sizeof(out), "\xc3\xa4", 2), -1);
    assert_int_equal(str_fold_ascii(out, sizeof(out), "a\0b", 3), -1);
    assert_int_equal(str_fold_ascii(out, 0, "", 0), -1);
}

static void str__finds_the_nearest_name(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"name", "stage", "amount", "close_date", "id"};
    assert_string_equal(str_nearest("stgae", NAMES, COUNT(NAMES)), "stage");
    assert_string_equal(str_nearest("close_dat", NAMES, COUNT(NAMES)), "close_date");
    assert_string_equal(str_nearest("closedaet", NAMES, COUNT(NAMES)), "close_date");
    assert_string_equal(str_nearest("name", NAMES, COUNT(NAMES)), "name");
    assert_null(str_nearest("customer", NAMES, COUNT(NAMES)));
    assert_null(str_nearest("xy", NAMES, COUNT(NAMES)));
    assert_null(str_nearest("", NAMES, COUNT(NAMES)));
    assert_null(str_nearest("name", NAMES, 0));
}

static void str__knows_identifiers(void **state)
{
    (void)state;
    char longest[62];
    memset(longest, 'a', 61);
    longest[61] = '\0';
    assert_false(str_is_identifier(longest));
    assert_true(str_is_identifier(longest + 1));
    assert_true(str_is_identifier("close_date2"));
    assert_false(str_is_identifier(""));
    assert_false(str_is_identifier("2nd"));
    assert_false(str_is_identifier("Name"));
    assert_false(str_is_identifier("a-b"));
    assert_false(str_is_identifier("_a"));
}

static void str__reads_integers(void **state)
{
    (void)state;
    int64_t i = 0;
    assert_int_equal(str_to_int("-9223372036854775808", &i), 0);
    assert_true(i == INT64_MIN);
    assert_int_equal(str_to_int("9223372036854775807", &i), 0);
    assert_true(i == INT64_MAX);
    assert_int_equal(str_to_int("007", &i), 0);
    assert_int_equal(i, 7);
    static const char *const BAD[] = {"",    "-",
                                      "+1",  " 1",
                                      "1 ",  "9223372036854775808",
                                      "1.0", "0x1",
                                      "--1", "-9223372036854775809"};
    for (size_t n = 0; n < COUNT(BAD); n++) {
        assert_int_equal(str_to_int(BAD[n], &i), -1);
    }
    assert_int_equal(i, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(str__compares_with_null),     UNIT_TEST(str__knows_utf8),
        UNIT_TEST(str__trims_unicode_blanks),   UNIT_TEST(fold__makes_keys),
        UNIT_TEST(fold__for_search_knows_more_letters),
        UNIT_TEST(fold__of_a_key_is_the_key),   UNIT_TEST(fold__ascii_needs_no_memory),
        UNIT_TEST(str__finds_the_nearest_name), UNIT_TEST(str__knows_identifiers),
        UNIT_TEST(str__reads_integers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
