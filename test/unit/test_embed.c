/*
 * The table of embedded files: sorted, complete, found by path, compressed where that helps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/embed.h"

static void embed__is_sorted_and_every_file_is_found(void **state)
{
    (void)state;
    assert_true(embed_count() > 0);
    for (size_t i = 0; i < embed_count(); i++) {
        const struct embed_file *file = embed_at(i);

        assert_ptr_equal(embed_find(file->path), file);
        assert_true(i == 0 || strcmp(embed_at(i - 1)->path, file->path) < 0);
    }
    assert_null(embed_at(embed_count()));
    assert_null(embed_find("static/no-such-file"));
}

static void embed__holds_the_bytes_of_the_file(void **state)
{
    const struct embed_file *file = embed_find("static/icons.txt");
    char line[16] = "";
    FILE *f = fopen(KONTOR_SOURCE_DIR "/static/icons.txt", "r");

    (void)state;
    assert_non_null(file);
    assert_non_null(f);
    assert_int_equal(fread(line, 1, 8, f), 8);
    assert_memory_equal(line, file->raw, 8);
    fseek(f, 0, SEEK_END);
    assert_int_equal(ftell(f), file->raw_size);
    fclose(f);
}

static void embed__compresses_text_and_leaves_fonts(void **state)
{
    const struct embed_file *script = embed_find("static/vendor/preact/preact.js");
    const struct embed_file *font = embed_find("static/vendor/inter/inter-latin-wght-normal.woff2");

    (void)state;
    assert_non_null(script);
    assert_string_equal(script->mime, "text/javascript; charset=utf-8");
    assert_true(script->gzip && script->gzip_size < script->raw_size);
    assert_true(script->brotli && script->brotli_size < script->gzip_size);
    assert_int_equal(script->gzip[0], 0x1f);
    assert_non_null(font);
    assert_null(font->gzip);
    assert_null(font->brotli);
}

/* A script of ours: its comment lines are empty, all others as they are in the source. */
static void embed__scripts_have_no_comments(void **state)
{
    const struct embed_file *file = embed_find("static/js/lib/meta.js");
    const char *at, *end;
    char line[4096];
    size_t emptied = 0;
    FILE *f = fopen(KONTOR_SOURCE_DIR "/static/js/lib/meta.js", "r");

    (void)state;
    assert_non_null(file);
    assert_non_null(f);
    at = (const char *)file->raw;
    end = at + file->raw_size;
    while (fgets(line, sizeof line, f)) {
        const char *first = line + strspn(line, " ");
        bool comment = strncmp(first, "//", 2) == 0 || strncmp(first, "/*", 2) == 0;

        assert_true(at < end);
        if (comment) {
            assert_int_equal(*at, '\n');
            at++;
            emptied++;
        } else {
            assert_memory_equal(at, line, strlen(line));
            at += strlen(line);
        }
    }
    fclose(f);
    assert_ptr_equal(at, end);
    assert_true(emptied > 20);
}

static void embed__has_a_build_id(void **state)
{
    (void)state;
    assert_int_equal(strlen(embed_build_id()), 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(embed__is_sorted_and_every_file_is_found),
        cmocka_unit_test(embed__holds_the_bytes_of_the_file),
        cmocka_unit_test(embed__compresses_text_and_leaves_fonts),
        cmocka_unit_test(embed__scripts_have_no_comments),
        cmocka_unit_test(embed__has_a_build_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
