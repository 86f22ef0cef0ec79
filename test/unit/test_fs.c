/* Files: limits, atomic writes, folders, the lock; and log lines. */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"

static void fs__writes_whole_files_and_reads_them_back(void **state)
{
    struct arena *a = *state;
    struct err e = {0};
    const char *dir = unit_folder(a);
    const char *path = fs_join(a, dir, "a.txt");
    assert_false(fs_exists(path));
    assert_int_equal(fs_write_atomic(path, "old", 3, 0600, &e), 0);
    assert_int_equal(fs_write_atomic(path, "new\0!", 5, 0640, &e), 0);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    struct buf b = {0};
    assert_int_equal(fs_read(path, 5, &b, &e), 0);
    assert_int_equal(b.size, 5);
    assert_memory_equal(b.data, "new\0!", 5);
    buf_clear(&b);
    assert_int_equal(fs_read(path, 4, &b, &e), -1);
    assert_int_equal(e.code, ERR_TOO_LARGE);
    buf_done(&b);
    unlink(path);
    rmdir(dir);
}

static void fs__leaves_nothing_behind_when_a_write_fails(void **state)
{
    struct arena *a = *state;
    struct err e = {0};
    const char *dir = unit_folder(a);
    const char *path = fs_join(a, dir, "folder");
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(fs_write_atomic(path, "x", 1, 0600, &e), -1);
    rmdir(path);
    assert_int_equal(rmdir(dir), 0);
    err_clear(&e);
    assert_int_equal(fs_write_atomic(path, "x", 1, 0600, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
}

static void fs__says_what_is_missing(void **state)
{
    struct err e = {0};
    struct buf b = {0};
    assert_int_equal(fs_read("no/such/file", 10, &b, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_string_equal(e.text, "Cannot read no/such/file: No such file or directory.");
    buf_done(&b);
    const char **names;
    size_t count = 7;
    err_clear(&e);
    assert_int_equal(fs_list(*state, "no/such/folder", "", &names, &count, &e), 0);
    assert_int_equal(count, 0);
}

static void fs__reads_and_writes_pieces_whole(void **state)
{
    struct arena *a = *state;
    const char *path = fs_join(a, unit_folder(a), "pieces");
    char got[16];
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    assert_int_equal(fs_write_at(fd, "abcdef", 6, 3), 0);
    assert_int_equal(fs_read_at(fd, got, sizeof got, 4), 5);
    assert_memory_equal(got, "bcdef", 5);
    assert_int_equal(fs_read_at(fd, got, sizeof got, 9), 0);
    close(fd);
    assert_int_equal(fs_read_at(fd, got, sizeof got, 0), -1);
    assert_int_equal(fs_write_at(fd, got, 1, 0), -1);
    assert_false(fs_leaves_room(path, UINT64_MAX));
    unlink(path);
}

static void fs__lists_files_sorted(void **state)
{
    struct arena *a = *state;
    struct err e = {0};
    const char *dir = unit_folder(a);
    const char *sub = fs_join(a, dir, "a/b");
    assert_int_equal(fs_make_dirs(sub, &e), 0);
    assert_int_equal(fs_make_dirs(sub, &e), 0);
    assert_true(fs_is_dir(sub));
    for (int i = 40; i > 0; i--) {
        const char *path = fs_join(a, dir, arena_printf(a, "%02d.%s", i, i % 2 ? "yaml" : "txt"));
        assert_int_equal(fs_write_atomic(path, "", 0, 0600, &e), 0);
    }
    const char **names;
    size_t count;
    assert_int_equal(fs_list(a, dir, ".yaml", &names, &count, &e), 0);
    assert_int_equal(count, 20);
    assert_string_equal(names[0], "01.yaml");
    assert_string_equal(names[19], "39.yaml");
    assert_int_equal(fs_list(a, dir, "", &names, &count, &e), 0);
    assert_int_equal(count, 40);
    for (size_t i = 0; i < count; i++) {
        unlink(fs_join(a, dir, names[i]));
    }
    rmdir(sub);
    rmdir(fs_join(a, dir, "a"));
    assert_int_equal(rmdir(dir), 0);
}

static void fs__makes_folders_only_where_it_can(void **state)
{
    struct arena *a = *state;
    struct err e = {0};
    const char *dir = unit_folder(a);
    const char *file = fs_join(a, dir, "file");
    assert_int_equal(fs_write_atomic(file, "", 0, 0600, &e), 0);
    assert_int_equal(fs_make_dirs(file, &e), -1);
    err_clear(&e);
    assert_int_equal(fs_make_dirs("", &e), -1);
    assert_string_equal(fs_join(a, "x/", "y"), "x/y");
    assert_string_equal(fs_join(a, "", "y"), "y");
    unlink(file);
    rmdir(dir);
}

static void fs__lock_is_held_once(void **state)
{
    struct arena *a = *state;
    struct err e = {0};
    const char *dir = unit_folder(a);
    const char *path = fs_join(a, dir, "lock");
    int first = fs_lock(path, &e);
    assert_true(first >= 0);
    assert_int_equal(fs_lock(path, &e), -1);
    assert_int_equal(e.code, ERR_BUSY);
    struct buf b = {0};
    struct err none = {0};
    assert_int_equal(fs_read(path, 100, &b, &none), 0);
    assert_int_equal(atoi(buf_text(&b)), getpid());
    buf_done(&b);
    close(first);
    int again = fs_lock(path, &none);
    assert_true(again >= 0);
    close(again);
    unlink(path);
    rmdir(dir);
}

/* What `write` makes of standard error goes to a file and comes back as text. */
static void caught(struct buf *out, const char *path, void (*write_lines)(void))
{
    struct err e = {0};
    int kept = dup(STDERR_FILENO);
    int file = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    dup2(file, STDERR_FILENO);
    write_lines();
    dup2(kept, STDERR_FILENO);
    close(file);
    close(kept);
    assert_int_equal(fs_read(path, 100000, out, &e), 0);
}

static void write_some_lines(void)
{
    log_debug("hidden");
    log_info("one\nline %d", 1);
    log_set_level(LOG_LEVEL_ERROR);
    log_warn("hidden");
    log_error("bad");
    char text[5000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    log_error("%s", text);
    log_set_level(LOG_LEVEL_INFO);
}

/* The file is what systemd would name as the journal's stream; it is asked for once. */
static void become_journal(const char *path)
{
    char name[64];
    struct stat st;
    int file = open(path, O_CREAT | O_WRONLY, 0600);
    assert_int_equal(fstat(file, &st), 0);
    close(file);
    snprintf(name, sizeof name, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    setenv("JOURNAL_STREAM", name, 1);
}

static void log__tells_the_journal_levels(void **state)
{
    struct arena *a = *state;
    const char *dir = unit_folder(a);
    const char *path = fs_join(a, dir, "log");
    struct buf b = {0};
    become_journal(path);
    caught(&b, path, write_some_lines);
    assert_true(str_starts(buf_text(&b), "<6>one line 1\n<3>bad\n<3>xxxx"));
    assert_int_equal(b.data[b.size - 1], '\n');
    assert_int_equal(b.data[b.size - 2], 'x');
    buf_clear(&b);
    const char *other = fs_join(a, dir, "other");
    caught(&b, other, write_some_lines);
    assert_true(str_starts(buf_text(&b), "one line 1\nbad\nxxxx"));
    buf_done(&b);
    unlink(other);
    unlink(path);
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(fs__writes_whole_files_and_reads_them_back),
        UNIT_TEST(fs__leaves_nothing_behind_when_a_write_fails),
        UNIT_TEST(fs__says_what_is_missing),
        UNIT_TEST(fs__reads_and_writes_pieces_whole),
        UNIT_TEST(fs__lists_files_sorted),
        UNIT_TEST(fs__makes_folders_only_where_it_can),
        UNIT_TEST(fs__lock_is_held_once),
        UNIT_TEST(log__tells_the_journal_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
