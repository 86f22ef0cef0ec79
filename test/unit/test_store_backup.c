/* Backups: written while others write, verified to the last bit, restored with the old kept. */
#include "store_fixture.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "store/backup.h"

/* Fills a store, writes conf files and a backup of both; returns the backup's path. */
static char *make_backup(struct fixture *f, int64_t *id)
{
    struct backup_report report;
    char *conf = fs_join(&f->a, f->dir, "conf");
    char *file = fs_join(&f->a, f->dir, "a.kontor");
    assert_int_equal(fs_make_dirs(fs_join(&f->a, conf, "entities"), &f->e), 0);
    assert_int_equal(fs_write_atomic(fs_join(&f->a, conf, "kontor.yaml"), "a: 1\n", 5, 0600, &f->e),
                     0);
    assert_int_equal(
        fs_write_atomic(fs_join(&f->a, conf, "entities/x.yaml"), "b: 2\n", 5, 0600, &f->e), 0);
    *id = fixture_insert(f, "company", "name=Acme,city=Bern");
    fixture_update(f, *id, "city=Basel");
    fixture_insert(f, "contact", "last_name=Lee");
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(backup_write(f->s, conf, fd, &f->a, &report, &f->e), 0);
    close(fd);
    assert_int_equal(report.records, 2);
    assert_int_equal(report.change_sets, 4);
    return file;
}

static int verify(struct fixture *f, const char *file, struct backup_report *report)
{
    err_clear(&f->e);
    return backup_verify(file, fs_join(&f->a, f->dir, "check"), &f->a, report, &f->e);
}

static void backup__verifies_what_it_wrote(void **state)
{
    struct fixture *f = *state;
    struct backup_report report;
    int64_t id = 0;
    char *file = make_backup(f, &id);
    if (verify(f, file, &report) != 0) {
        fail_msg("%s", f->e.text);
    }
    assert_int_equal(report.records, 2);
    assert_int_equal(report.change_sets, 4);
    assert_true(strlen(report.taken_at) >= 20);
    assert_non_null(strstr(report.text, "company"));
}

static void backup__shows_every_flipped_bit(void **state)
{
    struct fixture *f = *state;
    struct backup_report report;
    int64_t id = 0;
    char *file = make_backup(f, &id);
    struct buf whole = {0};
    assert_int_equal(fs_read(file, (size_t)64 << 20, &whole, &f->e), 0);
    char *bad = fs_join(&f->a, f->dir, "bad.kontor");
    for (size_t i = 0; i < 40; i++) { /* the head bit by bit, then all over the file */
        size_t at = i < 24 ? i * 3 : (i - 20) * (whole.size / 21);
        whole.data[at] ^= (char)(1 << (i % 8));
        assert_int_equal(fs_write_atomic(bad, whole.data, whole.size, 0600, &f->e), 0);
        assert_int_equal(verify(f, bad, &report), -1);
        whole.data[at] ^= (char)(1 << (i % 8));
    }
    assert_int_equal(fs_write_atomic(bad, whole.data, whole.size - 1, 0600, &f->e), 0);
    assert_int_equal(verify(f, bad, &report), -1);
    buf_putc(&whole, 'x');
    assert_int_equal(fs_write_atomic(bad, whole.data, whole.size, 0600, &f->e), 0);
    assert_int_equal(verify(f, bad, &report), -1);
    buf_done(&whole);
}

static void backup__restores_beside_and_keeps_the_old(void **state)
{
    struct fixture *f = *state;
    struct backup_report report;
    int64_t id = 0;
    char *file = make_backup(f, &id);
    char *conf = fs_join(&f->a, f->dir, "conf");
    fixture_update(f, id, "city=Chur");
    assert_int_equal(fs_write_atomic(fs_join(&f->a, conf, "kontor.yaml"), "a: 9\n", 5, 0600, &f->e),
                     0);
    store_close(f->s);
    f->s = NULL;
    if (backup_restore(file, f->dir, conf, &f->a, &report, &f->e) != 0) {
        fail_msg("%s", f->e.text);
    }
    const struct store_options options = {.dir = f->dir};
    assert_int_equal(store_open(&options, &f->s, &f->e), 0);
    assert_string_equal(fixture_value(f, id, "city"), "Basel");
    assert_int_equal(fixture_chain(f), 0);
    struct buf text = {0};
    assert_int_equal(fs_read(fs_join(&f->a, conf, "kontor.yaml"), 100, &text, &f->e), 0);
    assert_string_equal(buf_text(&text), "a: 1\n");
    assert_true(fs_exists(fs_join(&f->a, conf, "entities/x.yaml")));
    buf_done(&text);
}

static void backup__restores_nothing_from_a_damaged_file(void **state)
{
    struct fixture *f = *state;
    struct backup_report report;
    int64_t id = 0;
    char *file = make_backup(f, &id);
    char *conf = fs_join(&f->a, f->dir, "conf");
    struct buf whole = {0};
    assert_int_equal(fs_read(file, (size_t)64 << 20, &whole, &f->e), 0);
    whole.data[whole.size / 2] ^= 4;
    assert_int_equal(fs_write_atomic(file, whole.data, whole.size, 0600, &f->e), 0);
    buf_done(&whole);
    fixture_update(f, id, "city=Chur");
    store_close(f->s);
    f->s = NULL;
    assert_int_equal(backup_restore(file, f->dir, conf, &f->a, &report, &f->e), -1);
    assert_int_equal(f->e.code, ERR_INVALID);
    err_clear(&f->e);
    const struct store_options options = {.dir = f->dir};
    assert_int_equal(store_open(&options, &f->s, &f->e), 0);
    assert_string_equal(fixture_value(f, id, "city"), "Chur");
    assert_true(fs_exists(fs_join(&f->a, conf, "entities/x.yaml")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(backup__verifies_what_it_wrote),
        STORE_TEST(backup__shows_every_flipped_bit),
        STORE_TEST(backup__restores_beside_and_keeps_the_old),
        STORE_TEST(backup__restores_nothing_from_a_damaged_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
