/* exchange/multipart: forms as browsers send them, in pieces of every size; bounds; cut bodies. */
#include <string.h>

#include "base/arena.h"
#include "exchange/multipart.h"
#include "unit.h"

struct seen {
    struct buf text;
};

static int on_begin(void *data, const struct multipart_part *part, struct err *e)
{
    struct seen *seen = data;
    (void)e;
    buf_printf(&seen->text, "[%s|%s|%s]", part->name,
               part->file_name != NULL ? part->file_name : "-",
               part->type != NULL ? part->type : "-");
    return 0;
}

static int on_bytes(void *data, const void *bytes, size_t n, struct err *e)
{
    struct seen *seen = data;
    (void)e;
    buf_add(&seen->text, bytes, n);
    return 0;
}

static int on_end(void *data, struct err *e)
{
    struct seen *seen = data;
    (void)e;
    buf_puts(&seen->text, ".");
    return 0;
}

/* What the parser says of a body cut into pieces; the error's code if it refuses. */
static enum err_code parse(const char *type, const char *body, size_t n, size_t piece,
                           struct seen *seen)
{
    struct multipart m;
    struct err e = {0};
    const struct multipart_events events = {on_begin, on_bytes, on_end, seen};
    buf_clear(&seen->text);
    int rc = multipart_init(&m, type, &events, &e);
    for (size_t at = 0; rc == 0 && at < n; at += piece) {
        rc = multipart_feed(&m, body + at, n - at < piece ? n - at : piece, &e);
    }
    if (rc == 0) {
        multipart_end(&m, &e);
    }
    multipart_done(&m);
    return e.code;
}

#define TYPE "multipart/form-data; boundary=XX"

static const char TWO[] = "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n"
                          "Content-Type: text/plain\r\n\r\none\r\n-two\r\n--X\r\n--XX \r\n"
                          "content-disposition: form-data; name=\"b\"\r\n\r\n\r\n--XX--\r\nbehind";

static void multipart__reads_parts_whatever_the_pieces(void **state)
{
    struct seen seen = {0};
    (void)state;
    for (size_t piece = 1; piece <= sizeof TWO; piece++) {
        assert_int_equal(ERR_NONE, parse(TYPE, TWO, sizeof TWO - 1, piece, &seen));
        assert_string_equal("[file|a.txt|text/plain]one\r\n-two\r\n--X.[b|-|-].",
                            buf_text(&seen.text));
    }
    buf_done(&seen.text);
}

static void multipart__refuses_a_cut_body_at_every_byte(void **state)
{
    struct seen seen = {0};
    (void)state;
    size_t whole = (size_t)(strstr(TWO, "--XX--") - TWO) + 6;
    for (size_t n = 0; n < whole; n++) {
        assert_int_equal(ERR_MALFORMED, parse(TYPE, TWO, n, 7, &seen));
    }
    assert_int_equal(ERR_NONE, parse(TYPE, TWO, whole, 7, &seen));
    buf_done(&seen.text);
}

static void multipart__is_bounded(void **state)
{
    struct seen seen = {0};
    struct buf body = {0};
    (void)state;
    buf_puts(&body, "--XX\r\nContent-Disposition: form-data; name=\"");
    for (int i = 0; i < 10000; i++) {
        buf_putc(&body, 'a');
    }
    assert_int_equal(ERR_MALFORMED, parse(TYPE, body.data, body.size, 512, &seen));
    buf_clear(&body);
    for (int i = 0; i < 10000; i++) {
        buf_putc(&body, '-');
    }
    assert_int_equal(ERR_MALFORMED, parse(TYPE, body.data, body.size, 512, &seen));
    buf_clear(&body);
    for (int i = 0; i <= MULTIPART_PARTS_MAX; i++) {
        buf_puts(&body, "--XX\r\nContent-Disposition: form-data\r\n\r\nx\r\n");
    }
    buf_puts(&body, "--XX--");
    assert_int_equal(ERR_MALFORMED, parse(TYPE, body.data, body.size, 512, &seen));
    buf_done(&body);
    buf_done(&seen.text);
}

static void multipart__refuses_what_is_no_form(void **state)
{
    static const char *const TYPES[] = {
        "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"a \"",
        "multipart/form-data; boundary=a\xc3\xa4",
        "multipart/form-data; boundary=0123456789012345678901234567890123456789012345678901234567890123456789x"};
    static const char *const BODIES[] = {
        "--XXy\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XX--",
        "--XX\r\nContent-Type: text/plain\r\n\r\nx\r\n--XX--",
        "--XX\r\nContent-Disposition: attachment; filename=a\r\n\r\nx\r\n--XX--",
        "--XX\r\nContent-Disposition: form-data\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--XX--"};
    struct seen seen = {0};
    (void)state;
    for (size_t i = 0; i < COUNT(TYPES); i++) {
        assert_int_equal(ERR_MALFORMED, parse(TYPES[i], "", 0, 1, &seen));
    }
    for (size_t i = 0; i < COUNT(BODIES); i++) {
        assert_int_equal(ERR_MALFORMED, parse(TYPE, BODIES[i], strlen(BODIES[i]), 5, &seen));
    }
    assert_true(multipart_is("Multipart/Form-Data; boundary=x"));
    assert_false(multipart_is("multipart/form-database"));
    assert_false(multipart_is(NULL));
    buf_done(&seen.text);
}

static void header_parameter__reads_names_as_programs_write_them(void **state)
{
    static const struct {
        const char *header, *name;
    } CASES[] = {
        {"attachment; filename=\"a b.txt\"", "a b.txt"},
        {"attachment; FileName=plain.txt; x=y", "plain.txt"},
        {"attachment; filename=\"a.txt\"; filename*=UTF-8''%e2%82%ac.txt", "\xe2\x82\xac.txt"},
        {"attachment; filename*=UTF-8''a%00b; filename=c", "a%00b"},
        {"attachment; filename*=iso-8859-1'de'%e4.txt", "\xc3\xa4.txt"},
        {"form-data; filename=\"a\\\"b\\\\c.txt\"", "a\"b\\c.txt"},
        {"form-data; filename=\"C:\\dir\\x.txt\"", "C:\\dir\\x.txt"},
        {"form-data; filename=\"a%22b%0Dc%20.txt\"", "a\"b\rc%20.txt"},
        {"form-data; filename=\"\xc3\xa4.txt\"", "\xc3\xa4.txt"},
        {"form-data; filename=\"\xe4.txt\"", "\xc3\xa4.txt"},
        {"form-data; name=\"filename=x\"; filename=y", "y"},
        {"form-data; filename", NULL},
        {"form-data", NULL}};
    struct arena a;
    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < COUNT(CASES); i++) {
        const char *name = header_parameter(&a, CASES[i].header, "filename");
        if (CASES[i].name == NULL) {
            assert_null(name);
        } else {
            assert_string_equal(CASES[i].name, name);
        }
    }
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(multipart__reads_parts_whatever_the_pieces),
        cmocka_unit_test(multipart__refuses_a_cut_body_at_every_byte),
        cmocka_unit_test(multipart__is_bounded),
        cmocka_unit_test(multipart__refuses_what_is_no_form),
        cmocka_unit_test(header_parameter__reads_names_as_programs_write_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
