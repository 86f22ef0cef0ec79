/* YAML: nodes with positions, and everything that is refused with its place. */
#include "unit.h"

#include "base/str.h"
#include "base/yaml.h"

static const struct yaml *read_yaml(struct arena *a, const char *text)
{
    struct err e = {0};
    const struct yaml *y = NULL;
    if (yaml_parse(a, "f.yaml", text, strlen(text), &y, &e)) {
        print_message("%s: %s\n", e.where, e.text);
    }
    assert_non_null(y);
    return y;
}

static void yaml__keeps_scalars_as_text(void **state)
{
    const struct yaml *y = read_yaml(*state, "country: no\nsize: 010\nquoted: 'yes'\nempty:\n"
                                             "block: |\n  two\n  lines\n");
    assert_int_equal(y->type, YAML_MAP);
    assert_int_equal(y->count, 5);
    assert_string_equal(yaml_find(y, "country")->text, "no");
    assert_false(yaml_find(y, "country")->quoted);
    assert_string_equal(yaml_find(y, "size")->text, "010");
    assert_true(yaml_find(y, "quoted")->quoted);
    assert_string_equal(yaml_find(y, "empty")->text, "");
    assert_false(yaml_find(y, "empty")->quoted);
    assert_string_equal(yaml_find(y, "block")->text, "two\nlines\n");
    assert_true(yaml_find(y, "block")->quoted);
    assert_null(yaml_find(y, "missing"));
    assert_null(yaml_find(yaml_find(y, "size"), "x"));
}

static void yaml__remembers_where_things_stood(void **state)
{
    const struct yaml *y = read_yaml(*state, "# comment\na:\n  - x\n  - {k: v, l: [1, 2]}\n");
    const struct yaml *list = yaml_find(y, "a");
    assert_int_equal(list->type, YAML_LIST);
    assert_int_equal(list->count, 2);
    assert_null(list->child->key);
    const struct yaml *l = yaml_find(list->child->next, "l");
    assert_string_equal(yaml_where(*state, l), "f.yaml:4:15");
    assert_string_equal(yaml_key_where(*state, l), "f.yaml:4:12");
    assert_string_equal(yaml_key_where(*state, list), "f.yaml:2:1");
    assert_string_equal(yaml_key_where(*state, list->child), "f.yaml:3:5");
    assert_string_equal(l->child->next->text, "2");
    assert_null(l->child->next->next);
}

static void yaml__reads_an_empty_file_as_an_empty_map(void **state)
{
    static const char *const EMPTY[] = {"", "\n\n", "# only a comment\n", "---\n", "\xef\xbb\xbf"};
    for (size_t i = 0; i < COUNT(EMPTY); i++) {
        const struct yaml *y = read_yaml(*state, EMPTY[i]);
        assert_int_equal(y->type, YAML_MAP);
        assert_int_equal(y->count, 0);
        assert_string_equal(yaml_where(*state, y), "f.yaml:1:1");
    }
    assert_int_equal(read_yaml(*state, "just text")->type, YAML_SCALAR);
}

static const struct {
    const char *text, *where, *message;
} REFUSED[] = {
    {"a: 1\nb: 2\na: 3\n", "f.yaml:3:1", "The key \"a\" is there twice."},
    {"a:\n  b: &x 1\n", "f.yaml:2:6", "Anchors"},
    {"a: *x\n", "f.yaml:1:4", "Anchors"},
    {"a: !!str 1\n", "f.yaml:1:4", "Tags"},
    {"a: !x [1]\n", "f.yaml:1:4", "Tags"},
    {"a: ! {b: 1}\n", "f.yaml:1:4", "Tags"},
    {"a: 1\n---\nb: 2\n", "f.yaml:2:1", "Only one document"},
    {"? [a]\n: 1\n", "f.yaml:1:3", "A key must be plain text."},
    {"a: b: c\n", "f.yaml:1:5", "There is a second “: ” in this line"},
    {"ä: ö: ü\n", "f.yaml:1:5", "There is a second “: ” in this line"},
    {"ä: @ü\n", "f.yaml:1:4", "Text that begins with @ belongs in quotes."},
    {"a: [1, 2\nb: 3\n", "f.yaml:2:2", "A comma or the closing ] is missing before this"},
    {"a: \"\\0\"\n", "f.yaml:1:4", "Text must not contain NUL."},
    {"a:\n\t- b\n", "f.yaml:2:1", "Indent with blanks: YAML takes no tabs."},
    {"a: \xff\n", "f.yaml:1:", "The file is not UTF-8 text."},
    {"a: \x01\n", "f.yaml:1:", "The file is not UTF-8 text."},
};

static void yaml__refuses_with_its_place(void **state)
{
    for (size_t i = 0; i < COUNT(REFUSED); i++) {
        struct err e = {0};
        const struct yaml *y = NULL;
        int result = yaml_parse(*state, "f.yaml", REFUSED[i].text, strlen(REFUSED[i].text), &y, &e);
        assert_int_equal(result, -1);
        assert_null(y);
        if (!str_starts(e.where, REFUSED[i].where) || !str_starts(e.text, REFUSED[i].message)) {
            fail_msg("%s: %s (wanted %s: %s)", e.where, e.text, REFUSED[i].where,
                     REFUSED[i].message);
        }
        assert_int_equal(e.item_count, 1);
    }
}

static void yaml__limits_depth_size_and_count(void **state)
{
    struct err e = {0};
    const struct yaml *y = NULL;
    char deep[100];
    memset(deep, '[', 33);
    memset(deep + 33, ']', 33);
    assert_int_equal(yaml_parse(*state, "d", deep + 1, 64, &y, &e), 0);
    assert_int_equal(yaml_parse(*state, "d", deep, 66, &y, &e), -1);
    assert_string_equal(e.where, "d:1:33");
    err_clear(&e);
    struct buf b = {0};
    while (b.size < 350000) {
        buf_puts(&b, "- 1\n");
    }
    assert_int_equal(yaml_parse(*state, "n", b.data, b.size, &y, &e), 0);
    while (b.size < 410000) {
        buf_puts(&b, "- 1\n");
    }
    assert_int_equal(yaml_parse(*state, "n", b.data, b.size, &y, &e), -1);
    err_clear(&e);
    while (b.size <= 1024 * 1024) {
        buf_puts(&b, "# 1\n");
    }
    assert_int_equal(yaml_parse(*state, "n", b.data, b.size, &y, &e), -1);
    assert_string_equal(e.text, "The file is larger than 1 MiB.");
    buf_done(&b);
}

static void yaml__reads_many_keys_of_one_map(void **state)
{
    struct buf b = {0};
    for (int i = 0; i < 40000; i++) {
        buf_printf(&b, "key%d: %d\n", i, i);
    }
    struct err e = {0};
    const struct yaml *y = NULL;
    assert_int_equal(yaml_parse(*state, "n", b.data, b.size, &y, &e), 0);
    assert_int_equal(y->count, 40000);
    assert_string_equal(yaml_find(y, "key39999")->text, "39999");
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(yaml__keeps_scalars_as_text),
        UNIT_TEST(yaml__remembers_where_things_stood),
        UNIT_TEST(yaml__reads_an_empty_file_as_an_empty_map),
        UNIT_TEST(yaml__refuses_with_its_place),
        UNIT_TEST(yaml__limits_depth_size_and_count),
        UNIT_TEST(yaml__reads_many_keys_of_one_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
