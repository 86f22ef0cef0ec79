/* Lists of rows that are longer than what is sorted in memory at once. */
#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/fs.h"
#include "core/import_job.h"

#define PIECE ((size_t)4096)

/* Every number below n once, in no order; n is a power of two. Two rows share each key. */
static struct import_list_entry entry_of(size_t i, size_t n)
{
    size_t row = (i * 2654435761u + 12345) & (n - 1);
    return (struct import_list_entry){
        .at_ms = (int64_t)(row / 2) - 1000, .offset = (int64_t)row, .line = (int64_t)row + 2};
}

static void check_list(struct arena *a, const char *path, size_t n)
{
    int fd = open(path, O_RDONLY);
    struct import_list_entry *entries = ARENA_ARRAY(a, struct import_list_entry, PIECE);
    size_t at = 0;
    ssize_t got;
    int64_t place = 0;
    while ((got = fs_read_at(fd, entries, PIECE * sizeof *entries, place)) > 0) {
        for (size_t i = 0; i < (size_t)got / sizeof *entries; i++, at++) {
            assert_int_equal(entries[i].offset, at);
            assert_int_equal(entries[i].at_ms, (int64_t)(at / 2) - 1000);
            assert_int_equal(entries[i].line, at + 2);
        }
        place += got;
    }
    close(fd);
    assert_int_equal(got, 0);
    assert_int_equal(at, n);
}

static void sort_some(struct arena *outer, size_t n)
{
    struct arena a;
    struct err e = {0};
    const char *path = fs_join(outer, unit_folder(outer), "list0");
    arena_init(&a);
    struct import_sorter *s = import_sorter_new(&a, path, n);
    for (size_t i = 0; i < n; i++) {
        struct import_list_entry entry = entry_of(i, n);
        assert_int_equal(import_sorter_add(s, &entry, &e), 0);
    }
    assert_false(fs_exists(path));
    assert_int_equal(import_sorter_end(s, &e), 0);
    check_list(&a, path, n);
    arena_done(&a);
    assert_false(fs_exists(arena_printf(outer, "%s.new", path)));
    unlink(path);
}

static void runs__sort_what_fits_into_memory(void **state)
{
    sort_some(*state, 1);
    sort_some(*state, 1 << 12);
    sort_some(*state, IMPORT_RUN);
}

static void runs__merge_what_does_not(void **state)
{
    sort_some(*state, IMPORT_RUN * 4);
}

static void runs__leave_nothing_when_given_up(void **state)
{
    struct arena *outer = *state, a;
    struct err e = {0};
    const char *path = fs_join(outer, unit_folder(outer), "list0");
    arena_init(&a);
    struct import_sorter *s = import_sorter_new(&a, path, IMPORT_RUN * 2);
    for (size_t i = 0; i < IMPORT_RUN + 7; i++) {
        struct import_list_entry entry = entry_of(i, IMPORT_RUN * 2);
        assert_int_equal(import_sorter_add(s, &entry, &e), 0);
    }
    arena_done(&a);
    assert_false(fs_exists(path));
    assert_false(fs_exists(arena_printf(outer, "%s.new", path)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(runs__sort_what_fits_into_memory),
        UNIT_TEST(runs__merge_what_does_not),
        UNIT_TEST(runs__leave_nothing_when_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
