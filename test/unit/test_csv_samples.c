/*
 * CSV files of other projects, when the folder with shared data is there (else skipped): none
 * crashes or hangs, each gives the same rows in pieces of any size, and those with a JSON
 * counterpart give exactly that.
 */
#include "unit.h"

#include <dirent.h>
#include <sys/stat.h>

#include "base/crypto.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/str.h"
#include "exchange/csv.h"
#include "exchange/encoding.h"

#define FILE_MAX ((size_t)4 * 1024 * 1024)

static char *samples_folder(struct arena *a)
{
    const char *shared = getenv("KONTOR_SHARED");
    char *dir = fs_join(a, shared ? shared : KONTOR_SOURCE_DIR "/../shared", "data/csv-nasty");
    if (!fs_is_dir(dir)) {
        skip();
    }
    return dir;
}

/* Decodes and reads the bytes in pieces; the digest covers all rows and the error. Returns rows. */
static size_t digest_of(const struct buf *bytes, size_t piece, unsigned char *digest)
{
    struct decoder d;
    struct err e = {0};
    struct buf text = {0};
    decoder_init(&d, encoding_detect(bytes->data, bytes->size));
    int result = 0;
    for (size_t at = 0; at < bytes->size && result == 0; at += piece) {
        size_t n = bytes->size - at < piece ? bytes->size - at : piece;
        result = decoder_feed(&d, bytes->data + at, n, &text, &e);
    }
    result = result != 0 ? result : decoder_end(&d, &e);
    struct csv_format format;
    csv_detect(buf_text(&text), text.size, true, &format);
    struct crypto_hash *h = crypto_hash_new();
    struct csv_reader r;
    struct csv_row row;
    size_t rows = 0;
    csv_reader_init(&r, &format);
    for (size_t at = 0; result == 0 && at <= text.size; at += piece) {
        size_t n = text.size - at < piece ? text.size - at : piece;
        csv_reader_feed(&r, buf_text(&text) + at, n);
        if (n < piece) {
            csv_reader_end(&r);
        }
        while ((result = csv_reader_next(&r, &row, &e)) == 1) {
            for (size_t i = 0; i < row.count; i++) {
                crypto_hash_add(h, row.cells[i].text, row.cells[i].size + 1);
            }
            crypto_hash_add(h, &row.line, sizeof(row.line));
            rows++;
        }
    }
    crypto_hash_add(h, e.text, strlen(e.text));
    crypto_hash_end(h, digest);
    crypto_hash_free(h);
    csv_reader_done(&r);
    buf_done(&text);
    return rows;
}

static void check_file(const char *path)
{
    struct err e = {0};
    struct buf bytes = {0};
    assert_int_equal(fs_read(path, FILE_MAX, &bytes, &e), 0);
    unsigned char whole[CRYPTO_HASH_SIZE], pieces[CRYPTO_HASH_SIZE];
    size_t rows = digest_of(&bytes, 65536, whole);
    static const size_t PIECES[] = {1, 3, 7, 1000};
    for (size_t i = 0; i < COUNT(PIECES); i++) {
        if (digest_of(&bytes, PIECES[i], pieces) != rows ||
            memcmp(whole, pieces, sizeof(whole)) != 0) {
            fail_msg("%s: pieces of %zu bytes give other rows", path, PIECES[i]);
        }
    }
    buf_done(&bytes);
}

static size_t check_folder(struct arena *a, const char *dir)
{
    size_t files = 0;
    DIR *d = opendir(dir);
    assert_non_null(d);
    struct dirent *entry;
    while ((entry = readdir(d))) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        const char *path = fs_join(a, dir, entry->d_name);
        if (fs_is_dir(path)) {
            files += check_folder(a, path);
        } else {
            check_file(path);
            files++;
        }
    }
    closedir(d);
    return files;
}

static void csv_samples__never_crash_and_do_not_depend_on_pieces(void **state)
{
    const char *dir = samples_folder(*state);
    assert_true(check_folder(*state, dir) > 100);
}

/* The rows of a file with a header must be the objects of the JSON list. */
static void compare(struct arena *a, const struct buf *csv, const struct json *list)
{
    struct csv_format format;
    csv_detect(csv->data, csv->size, true, &format);
    assert_true(format.header);
    struct csv_reader r;
    struct csv_row row;
    struct err e = {0};
    csv_reader_init(&r, &format);
    csv_reader_feed(&r, csv->data, csv->size);
    csv_reader_end(&r);
    assert_int_equal(csv_reader_next(&r, &row, &e), 1);
    size_t columns = row.count;
    const char **names = ARENA_ARRAY(a, const char *, columns);
    for (size_t i = 0; i < columns; i++) {
        names[i] = arena_strdup(a, row.cells[i].text);
    }
    if (list->type == JSON_OBJECT) {
        /* One file comes with an object of other values: only the names are the same. */
        for (size_t i = 0; i < columns; i++) {
            assert_non_null(json_find(list, names[i]));
        }
        csv_reader_done(&r);
        return;
    }
    for (const struct json *object = list->child; object; object = object->next) {
        assert_int_equal(csv_reader_next(&r, &row, &e), 1);
        assert_int_equal(row.count, columns);
        for (size_t i = 0; i < columns; i++) {
            assert_string_equal(row.cells[i].text, json_text(object, names[i]));
        }
    }
    assert_int_equal(csv_reader_next(&r, &row, &e), 0);
    csv_reader_done(&r);
}

static void csv_samples__give_the_rows_of_their_json(void **state)
{
    struct arena *a = *state;
    const char *dir = fs_join(a, samples_folder(a), "csv-spectrum");
    const char **names;
    size_t count;
    struct err e = {0};
    assert_int_equal(fs_list(a, fs_join(a, dir, "csvs"), ".csv", &names, &count, &e), 0);
    assert_true(count >= 12);
    for (size_t i = 0; i < count; i++) {
        struct buf csv = {0}, text = {0};
        const struct json *list;
        char *base = arena_strndup(a, names[i], strlen(names[i]) - 4);
        char *path = arena_printf(a, "%s/json/%s.json", dir, base);
        print_message("%s\n", base);
        assert_int_equal(fs_read(fs_join(a, fs_join(a, dir, "csvs"), names[i]), FILE_MAX, &csv, &e),
                         0);
        assert_int_equal(fs_read(path, FILE_MAX, &text, &e), 0);
        assert_int_equal(json_parse(a, text.data, text.size, &list, &e), 0);
        compare(a, &csv, list);
        buf_done(&csv);
        buf_done(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(csv_samples__never_crash_and_do_not_depend_on_pieces),
        UNIT_TEST(csv_samples__give_the_rows_of_their_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
