/* Archives: what the writer makes the reader gives back, whatever the sizes of the pieces; what is damaged is refused. */
#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "exchange/archive.h"

static struct arena arena;

static int keep(void *data, const char *bytes, size_t n)
{
    buf_add(data, bytes, n);
    return 0;
}

struct source {
    const struct buf *from;
    size_t at, piece;
};

static long give(void *data, void *out, size_t room)
{
    struct source *s = data;
    size_t n = s->from->size - s->at;
    n = n < s->piece ? n : s->piece;
    n = n < room ? n : room;
    memcpy(out, s->from->data + s->at, n);
    s->at += n;
    return (long)n;
}

static const struct {
    const char *name;
    size_t size;
} FILES[] = {{"a.txt", 5}, {"empty", 0}, {"deep/er/b.bin", 300000}, {"Ünit.ndjson", 65536}};

static char byte_of(size_t file, size_t i)
{
    return (char)((i * 2654435761u >> 13) + file);
}

static void make(struct buf *out)
{
    struct archive_writer *w = archive_writer_new(&arena, keep, out, 1764000000);
    for (size_t f = 0; f < COUNT(FILES); f++) {
        assert_int_equal(archive_begin(w, FILES[f].name), 0);
        for (size_t i = 0; i < FILES[f].size; i++) {
            char c = byte_of(f, i);
            assert_int_equal(archive_add(w, &c, 1), 0);
        }
    }
    assert_int_equal(archive_finish(w), 0);
}

/* Reads all of it: the number of files that came back, -1 when it was refused. `same`: byte by byte. */
static int read_all(const struct buf *archive, size_t piece, bool same, struct err *e)
{
    struct source s = {archive, 0, piece};
    struct archive_reader *r = archive_reader_new(&arena, give, &s);
    const char *name;
    int files = 0, rc;
    while ((rc = archive_next(r, &name, e)) == 1) {
        char bytes[777];
        size_t at = 0;
        long n;
        while ((n = archive_read(r, bytes, sizeof(bytes), e)) > 0) {
            for (long i = 0; i < n; i++, at++) {
                assert_true(!same || bytes[i] == byte_of((size_t)files, at));
            }
        }
        if (n < 0) {
            rc = -1;
            break;
        }
        assert_string_equal(name, FILES[files].name);
        assert_int_equal(at, FILES[files].size);
        files++;
    }
    return rc < 0 ? -1 : files;
}

static int read_back(const struct buf *archive, size_t piece, struct err *e)
{
    return read_all(archive, piece, true, e);
}

static void archive__comes_back_in_any_pieces(void **state)
{
    (void)state;
    struct buf archive = {0};
    make(&archive);
    const size_t pieces[] = {1, 7, 4096, 1 << 20};
    for (size_t i = 0; i < COUNT(pieces); i++) {
        struct err e = {0};
        assert_int_equal(read_back(&archive, pieces[i], &e), COUNT(FILES));
    }
    buf_done(&archive);
}

static void archive__cut_off_is_refused(void **state)
{
    (void)state;
    struct buf archive = {0};
    make(&archive);
    size_t whole = archive.size;
    for (size_t size = 0; size < whole; size += 1 + size / 9) {
        struct err e = {0};
        archive.size = size;
        assert_true(read_back(&archive, 4096, &e) < (int)COUNT(FILES));
    }
    archive.size = whole;
    buf_done(&archive);
}

static void refused(const char *name)
{
    struct buf archive = {0};
    struct err e = {0};
    struct archive_writer *w = archive_writer_new(&arena, keep, &archive, 0);
    assert_int_equal(archive_begin(w, name), 0);
    assert_int_equal(archive_finish(w), 0);
    assert_int_equal(read_back(&archive, 100, &e), -1);
    assert_int_equal(e.code, ERR_MALFORMED);
    buf_done(&archive);
}

static void archive__names_stay_inside(void **state)
{
    (void)state;
    const char *const names[] = {"/etc/x", "../x", "a/../../x", "a//b", "./x", "a\\b", "a/", ".."};
    for (size_t i = 0; i < COUNT(names); i++) {
        refused(names[i]);
    }
}

static void archive__a_changed_byte_is_noticed(void **state)
{
    (void)state;
    struct buf archive = {0};
    struct err e = {0};
    make(&archive);
    archive.data[archive.size / 2] = (char)(archive.data[archive.size / 2] ^ 4);
    assert_int_equal(read_all(&archive, 4096, false, &e), -1);
    buf_done(&archive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archive__comes_back_in_any_pieces),
        cmocka_unit_test(archive__cut_off_is_refused),
        cmocka_unit_test(archive__names_stay_inside),
        cmocka_unit_test(archive__a_changed_byte_is_noticed),
    };
    arena_init(&arena);
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return rc;
}
