/* Numbers of workbooks as people see them: by the format of their cell, days of both calendars. */
#include "unit.h"

#include "exchange/xlsx.h"

static const struct {
    const char *code, *value;
    bool from_1904;
    const char *text;
} NUMBERS[] = {
    {"General", "1234.5", false, "1234.5"},
    {"General", "0.1", false, "0.1"},
    {"0", "7", false, "7"},
    {"0.00", "1234.5", false, "1234.5"},
    {"#,##0.00 \"€\"", "1234.5", false, "1234.5 €"},
    {"[$EUR] #,##0.00", "12", false, "12 EUR"},
    {"0.00%", "0.125", false, "12.5%"},
    {"00000", "1067", false, "01067"},
    {"dd.mm.yyyy", "46347", false, "2026-11-21"},
    {"yyyy-mm-dd", "60", false, "1900-02-28"}, /* the 29th that never was */
    {"yyyy-mm-dd", "61", false, "1900-03-01"},
    {"yyyy-mm-dd", "0", true, "1904-01-01"},
    {"yyyy-mm-dd", "44885", true, "2026-11-21"},
    {"yyyy-mm-dd hh:mm", "46347.5", false, "2026-11-21 12:00:00"},
    {"yyyy-mm-dd hh:mm:ss", "46347.999988425925", false, "2026-11-21 23:59:59"},
    {"hh:mm", "0.75", false, "18:00:00"},
};

static void xlsx__prints_numbers_by_their_format(void **state)
{
    for (size_t i = 0; i < COUNT(NUMBERS); i++) {
        struct xlsx_format format = {0};
        struct buf out = {0};
        xlsx_format_read(*state, NUMBERS[i].code, &format);
        xlsx_number_print(&out, NUMBERS[i].value, &format, NUMBERS[i].from_1904);
        if (strcmp(buf_text(&out), NUMBERS[i].text) != 0) {
            print_message("%s as %s: %s\n", NUMBERS[i].value, NUMBERS[i].code, buf_text(&out));
            fail();
        }
        buf_done(&out);
    }
}

/* ECMA-376, 18.8.30: formats that stand in no file. */
static void xlsx__knows_the_formats_that_are_built_in(void **state)
{
    static const struct {
        int number;
        const char *value, *text;
    } BUILT_IN[] = {{0, "1.5", "1.5"},          {9, "0.5", "50%"},        {10, "0.125", "12.5%"},
                    {14, "46347", "2026-11-21"}, {22, "46347.25", "2026-11-21 06:00:00"}};
    (void)state;
    for (size_t i = 0; i < COUNT(BUILT_IN); i++) {
        struct xlsx_format format = {0};
        struct buf out = {0};
        xlsx_format_built_in(BUILT_IN[i].number, &format);
        xlsx_number_print(&out, BUILT_IN[i].value, &format, false);
        assert_string_equal(buf_text(&out), BUILT_IN[i].text);
        buf_done(&out);
    }
}

static void xlsx__texts_hide_what_xml_cannot_hold(void **state)
{
    static const struct {
        const char *hidden, *text;
    } TEXTS[] = {{"a_x000D_b", "ab"}, {"a_x000A_b", "a\nb"}, {"_x005F_x000D_", "_x000D_"}, {"_x00", "_x00"}, {"_", "_"}};
    (void)state;
    for (size_t i = 0; i < COUNT(TEXTS); i++) {
        char text[40];
        strcpy(text, TEXTS[i].hidden);
        assert_int_equal(xlsx_unescape(text, strlen(text)), strlen(TEXTS[i].text));
        assert_memory_equal(text, TEXTS[i].text, strlen(TEXTS[i].text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(xlsx__prints_numbers_by_their_format),
        UNIT_TEST(xlsx__knows_the_formats_that_are_built_in),
        UNIT_TEST(xlsx__texts_hide_what_xml_cannot_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
