/* JSON: what the reader takes and refuses, what the writer makes. */
#include "unit.h"

#include "base/json.h"
#include "base/str.h"

static const struct json *read_json(struct arena *a, const char *text)
{
    struct err e = {0};
    const struct json *j = NULL;
    if (json_parse(a, text, strlen(text), &j, &e)) {
        print_message("%s: %s\n", text, e.text);
    }
    assert_non_null(j);
    return j;
}

static void json__reads_every_kind(void **state)
{
    struct arena *a = *state;
    const struct json *j = read_json(a, " {\"t\":\"x\\u00e9\\ud83d\\ude00\\n\",\"n\":null,"
                                        "\"yes\":true,\"no\":false,\"i\":-7,\"d\":12.50,"
                                        "\"l\":[1,[2],{}],\"o\":{\"k\":\"v\"}} \r\n\t");
    assert_int_equal(j->type, JSON_OBJECT);
    assert_int_equal(j->count, 8);
    assert_string_equal(json_text(j, "t"), "x\xc3\xa9\xf0\x9f\x98\x80\n");
    assert_int_equal(json_find(j, "n")->type, JSON_NULL);
    assert_true(json_true(j, "yes"));
    assert_false(json_true(j, "no"));
    assert_false(json_true(j, "i"));
    assert_false(json_true(j, "missing"));
    assert_null(json_find(j, "missing"));
    assert_null(json_find(json_find(j, "l"), "k"));
    assert_null(json_text(j, "i"));
    int64_t i;
    assert_int_equal(json_int(json_find(j, "i"), &i), 0);
    assert_int_equal(i, -7);
    assert_int_equal(json_int(json_find(j, "d"), &i), -1);
    assert_int_equal(json_int(NULL, &i), -1);
    assert_string_equal(json_find(j, "d")->text, "12.5");
    assert_int_equal(json_find(j, "l")->count, 3);
    assert_string_equal(json_text(json_find(j, "o"), "k"), "v");
}

static void json__gives_numbers_their_shortest_text(void **state)
{
    static const char *const CASES[][2] = {
        {"0", "0"},
        {"-0", "0"},
        {"1.0", "1"},
        {"1e3", "1000"},
        {"0.1", "0.1"},
        {"1234567890123.45", "1234567890123.45"},
        {"9007199254740992", "9007199254740992"},
        {"-9007199254740992", "-9007199254740992"},
        {"1e-7", "1e-07"},
        {"9007199254740993.8", "9.007199254740994e+15"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        assert_string_equal(read_json(*state, CASES[i][0])->text, CASES[i][1]);
    }
}

static void json__refuses_what_is_wrong_or_too_much(void **state)
{
    static const char *const BAD[] = {
        "",
        "  ",
        "nul",
        "nullx",
        "truefalse",
        "{",
        "[1,2",
        "]",
        "[1]]",
        "[1}",
        "{\"a\":1]",
        "{\"a\" 1}",
        "{\"a\":1,}",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{a:1}",
        "{1:2}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":{\"b\":1,\"c\":2,\"b\":3}}",
        "{\"a\":1,\"\\u0061\":2}",
        "'x'",
        "\"x",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u0000\"",
        "{\"\\u0000\":1}",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\u0041\"",
        "\"a\nb\"",
        "\"\xc3\"",
        "\"\xed\xa0\x80\"",
        "\xef\xbb\xbf{}",
        "01",
        "-",
        "+1",
        ".5",
        "1.",
        "1e",
        "1e+",
        "0x10",
        "1e999",
        "NaN",
        "Infinity",
        "9007199254740993",
        "-9007199254740993",
        "100000000000000000000000",
        "1 2",
        "{} {}",
        "[1]\v",
        "// x\n1",
    };
    for (size_t i = 0; i < COUNT(BAD); i++) {
        struct err e = {0};
        const struct json *j = NULL;
        if (json_parse(*state, BAD[i], strlen(BAD[i]), &j, &e) == 0) {
            fail_msg("accepted: %s", BAD[i]);
        }
        assert_null(j);
        assert_int_equal(e.code, ERR_MALFORMED);
        assert_true(e.text[0] != '\0');
    }
    struct err e = {0};
    const struct json *j = NULL;
    assert_int_equal(json_parse(*state, "\"a\0b\"", 5, &j, &e), -1);
    assert_int_equal(json_parse(*state, "1\0", 2, &j, &e), -1);
}

static void json__says_where_it_is_wrong(void **state)
{
    struct err e = {0};
    const struct json *j;
    assert_int_equal(json_parse(*state, "{\"a\": tru}", 10, &j, &e), -1);
    assert_string_equal(e.text, "The JSON is wrong at byte 7: this is not JSON.");
    err_clear(&e);
    assert_int_equal(json_parse(*state, "{\"a\",1}", 7, &j, &e), -1);
    assert_string_equal(e.text, "The JSON is wrong at byte 5.");
    err_clear(&e);
    assert_int_equal(json_parse(*state, "{\"a\":1,\"a\":1}", 13, &j, &e), -1);
    assert_string_equal(e.text, "The JSON has the key \"a\" twice.");
}

static void json__stops_at_depth_64(void **state)
{
    char text[200];
    for (size_t depth = 63; depth <= 66; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        struct err e = {0};
        const struct json *j;
        assert_int_equal(json_parse(*state, text, 2 * depth, &j, &e), depth <= 64 ? 0 : -1);
    }
}

static void json__finds_double_keys_among_many(void **state)
{
    struct buf b = {0};
    buf_putc(&b, '{');
    for (int i = 0; i < 20000; i++) {
        buf_printf(&b, "\"k%d\":%d,", i, i);
    }
    size_t size = b.size;
    buf_puts(&b, "\"last\":1}");
    struct err e = {0};
    const struct json *j = NULL;
    assert_int_equal(json_parse(*state, b.data, b.size, &j, &e), 0);
    assert_int_equal(j->count, 20001);
    b.size = size;
    buf_puts(&b, "\"k777\":1}");
    assert_int_equal(json_parse(*state, b.data, b.size, &j, &e), -1);
    assert_string_equal(e.text, "The JSON has the key \"k777\" twice.");
    buf_done(&b);
}

static void json__prints_what_it_read(void **state)
{
    static const char text[] = "{\"a\":[1,2.5,\"x\\\"\\\\\\u007f\",[],{}],\"b\":{\"c\":null,\"d\":["
                               "true,false]},\"\":\"\"}";
    struct buf b = {0};
    const struct json *j = read_json(*state, text);
    json_print(&b, j);
    assert_string_equal(buf_text(&b), text);
    buf_clear(&b);
    json_print(&b, json_find(j, "b"));
    assert_string_equal(buf_text(&b), "{\"c\":null,\"d\":[true,false]}");
    buf_done(&b);
}

static void json_writer__places_commas(void **state)
{
    (void)state;
    struct buf b = {0};
    struct json_writer w;
    jw_init(&w, &b);
    jw_object(&w);
    jw_kv_text(&w, "t", "a\"b");
    jw_kv_int(&w, "i", -5);
    jw_kv_bool(&w, "y", true);
    jw_key(&w, "n");
    jw_null(&w);
    jw_kv_text(&w, "none", NULL);
    jw_key(&w, "list");
    jw_array(&w);
    jw_int(&w, 1);
    jw_text_n(&w, "abc", 2);
    jw_array(&w);
    jw_array_end(&w);
    jw_object(&w);
    jw_object_end(&w);
    jw_raw(&w, "{\"r\":1}", 7);
    jw_array_end(&w);
    jw_key_text(&w, "k\n");
    jw_bool(&w, false);
    jw_object_end(&w);
    assert_string_equal(buf_text(&b), "{\"t\":\"a\\\"b\",\"i\":-5,\"y\":true,\"n\":null,"
                                      "\"none\":null,\"list\":[1,\"ab\",[],{},{\"r\":1}],"
                                      "\"k\\n\":false}");
    assert_int_equal(w.depth, 0);
    buf_done(&b);
}

static size_t texts_of(struct arena *a, const char *list, const char *key, const char ***out)
{
    return json_texts(a, list, strlen(list), key, out);
}

static void json_texts__reads_members_and_elements_without_a_tree(void **state)
{
    const char **texts;
    assert_int_equal(texts_of(*state, "[{\"label\":\"value\",\"value\":\"a\\u00e4\\\"\"},"
                                      "{\"value\":1},[\"value\",\"x\"],{\"o\":{\"value\":\"y\"}},"
                                      "{\"value\":\"\"}]",
                              "value", &texts),
                     2);
    assert_string_equal(texts[0], "a\xc3\xa4\"");
    assert_string_equal(texts[1], "");
    assert_int_equal(
        texts_of(*state, "[\"b\",{\"value\":\"x\"},7,[\"y\"],\"[c\"]", NULL, &texts), 2);
    assert_string_equal(texts[0], "b");
    assert_string_equal(texts[1], "[c");
    assert_int_equal(texts_of(*state, "[]", "value", &texts), 0);
    assert_int_equal(texts_of(*state, "", "value", &texts), 0);
    assert_int_equal(texts_of(*state, "{\"value\":\"x\"}", "value", &texts), 0);
    assert_int_equal(texts_of(*state, "[{\"value\":\"cut", "value", &texts), 0);
    assert_int_equal(texts_of(*state, "[{\"value\":\"cut\\", "value", &texts), 0);
}

/* "key=text" or "key" for true, "key!" for what is neither, a bar after each entry. */
static const char *listed(struct arena *a, const char *text)
{
    const char *said = "";
    struct json_list list = json_list(a, text, strlen(text));
    while (json_list_entry(&list)) {
        for (struct json_member m; json_list_member(&list, &m);) {
            said = arena_printf(a, "%s%.*s%s%s ", said, (int)m.key_size, m.key,
                                m.text != NULL ? "=" : m.yes ? "" : "!",
                                m.text != NULL ? m.text : "");
        }
        said = arena_printf(a, "%s|", said);
    }
    return said;
}

static void json_list__reads_entries_without_a_tree(void **state)
{
    static const struct {
        const char *text, *said;
    } CASES[] = {
        {"[{\"value\":\"a\\u00e4\\\"\",\"label\":\"\",\"primary\":true,\"opt_out\":false}]",
         "value=a\xc3\xa4\" label= primary opt_out! |"},
        {"[{\"a\":\"1\"},{},{\"b\":null,\"c\":7,\"d\":\"}]{[\"}]", "a=1 ||b! c! d=}]{[ |"},
        {"[\"{\",7,{\"a\":true}]", "a |"},
        {"[]", ""},
        {"", ""},
        {"null", ""},
        {"{\"a\":\"1\"}", ""},
        {"[{\"a\":\"1\",\"b\":[{\"c\":\"2\"}]},{\"d\":\"3\"}]", "a=1 b! |"},
        {"[[{\"a\":\"1\"}]]", ""},
        {"[{\"a\":\"cut", "|"},
        {"[{\"a\":\"cut\\", "|"},
        {"[{\"a\":tr", "a |"},
        {"[{\"a\":", "|"},
        {"[{\"a", "|"},
        {"[{", "|"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        assert_string_equal(listed(*state, CASES[i].text), CASES[i].said);
    }
}

static void json_member__is_known_by_its_whole_name(void **state)
{
    struct json_list list = json_list(*state, "[{\"value\":\"x\"}]", 15);
    struct json_member m = {0};
    assert_true(json_list_entry(&list) && json_list_member(&list, &m));
    assert_true(json_member_is(&m, "value"));
    assert_false(json_member_is(&m, "valu"));
    assert_false(json_member_is(&m, "values"));
}

static void json_escape__makes_valid_json_of_anything(void **state)
{
    uint32_t seed = 12345;
    struct buf b = {0};
    for (int round = 0; round < 3000; round++) {
        char text[40];
        size_t n = seed % sizeof(text);
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1664525 + 1013904223;
            text[i] = (char)(seed >> 24 & (round % 2 ? 0xff : 0x7f));
            text[i] = text[i] == '\0' ? 'x' : text[i];
        }
        seed = seed * 1664525 + 1013904223;
        buf_clear(&b);
        json_escape(&b, text, n);
        struct err e = {0};
        const struct json *j = NULL;
        assert_int_equal(json_parse(*state, b.data, b.size, &j, &e), 0);
        if (str_is_utf8(text, n)) {
            assert_int_equal(strlen(j->text), n);
            assert_memory_equal(j->text, text, n);
        }
    }
    buf_clear(&b);
    json_escape(&b, "\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa\x7f\0\x1f", 12);
    assert_string_equal(buf_text(&b), "\"\\u2028\\u2029\xe2\x80\xaa\\u007f\\u0000\\u001f\"");
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(json__reads_every_kind),
        UNIT_TEST(json__gives_numbers_their_shortest_text),
        UNIT_TEST(json__refuses_what_is_wrong_or_too_much),
        UNIT_TEST(json__says_where_it_is_wrong),
        UNIT_TEST(json__stops_at_depth_64),
        UNIT_TEST(json__finds_double_keys_among_many),
        UNIT_TEST(json__prints_what_it_read),
        UNIT_TEST(json_writer__places_commas),
        UNIT_TEST(json_texts__reads_members_and_elements_without_a_tree),
        UNIT_TEST(json_list__reads_entries_without_a_tree),
        UNIT_TEST(json_member__is_known_by_its_whole_name),
        UNIT_TEST(json_escape__makes_valid_json_of_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
