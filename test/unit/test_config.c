/*
 * Configurations on disk: every folder of test/config/good and conf/examples loads without a
 * message; every folder of test/config/bad gives exactly the lines of its file `expected`.
 */
#include "model_fixture.h"

#include <dirent.h>

#include "base/fs.h"

#define ROOT KONTOR_SOURCE_DIR

/* The messages of a folder, a line each; "" when it loads. */
static char *messages_of(struct arena *a, const char *dir)
{
    struct source *builtin, *own, *all;
    size_t builtin_count, own_count;
    struct err e = {0};
    struct model *m = NULL;
    struct buf out = {0};
    crypto_init();
    model_builtin_sources(a, &builtin, &builtin_count);
    assert_int_equal(model_read_dir(a, dir, &own, &own_count, &e), 0);
    all = ARENA_ARRAY(a, struct source, builtin_count + own_count);
    memcpy(all, builtin, builtin_count * sizeof *all);
    for (size_t i = 0; i < own_count; i++) {
        all[builtin_count + i] = own[i];
    }
    if (model_load(all, builtin_count + own_count, &m, &e, a) == 0) {
        model_release(m);
    }
    for (const struct err_item *i = e.items; i != NULL; i = i->next) {
        buf_printf(&out, "%s: %s\n", i->where, i->text);
    }
    char *text = arena_strdup(a, buf_text(&out));
    buf_done(&out);
    return text;
}

static size_t for_each_folder(struct arena *a, const char *parent,
                              void (*check)(struct arena *a, const char *dir))
{
    DIR *d = opendir(parent);
    size_t n = 0;
    assert_non_null(d);
    for (const struct dirent *entry = readdir(d); entry != NULL; entry = readdir(d)) {
        const char *dir = fs_join(a, parent, entry->d_name);
        if (entry->d_name[0] != '.' && fs_is_dir(dir)) {
            check(a, dir);
            n++;
        }
    }
    closedir(d);
    return n;
}

static void check_good(struct arena *a, const char *dir)
{
    const char *messages = messages_of(a, dir);
    if (messages[0] != '\0') {
        fail_msg("%s: %s", dir, messages);
    }
}

static void check_bad(struct arena *a, const char *dir)
{
    struct buf expected = {0};
    struct err e = {0};
    const char *messages = messages_of(a, dir);
    fs_read(fs_join(a, dir, "expected"), 1 << 20, &expected, &e);
    if (strcmp(messages, buf_text(&expected)) != 0) {
        print_message("%s gives:\n%s", dir, messages);
    }
    assert_string_equal(messages, buf_text(&expected));
    buf_done(&expected);
}

static void config__good_ones_load(void **state)
{
    assert_true(for_each_folder(*state, ROOT "/test/config/good", check_good) > 0);
}

static void config__examples_load(void **state)
{
    assert_true(for_each_folder(*state, ROOT "/conf/examples", check_good) > 0);
    check_good(*state, ROOT "/conf");
}

static void config__bad_ones_say_exactly_why(void **state)
{
    assert_true(for_each_folder(*state, ROOT "/test/config/bad", check_bad) > 0);
}

static void config__without_a_folder_is_fine(void **state)
{
    assert_string_equal(messages_of(*state, ROOT "/test/config/no-such-folder"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(config__good_ones_load),
        UNIT_TEST(config__examples_load),
        UNIT_TEST(config__bad_ones_say_exactly_why),
        UNIT_TEST(config__without_a_folder_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
