/* Encodings: guessing them, decoding them in pieces of any size, cut-off and wrong input. */
#include "unit.h"

#include "exchange/encoding.h"

#define LATIN "N\xc3\xa4me;\xe2\x82\xac 5\nM\xc3\xbcller;x\n"

static const struct {
    const char *bytes;
    size_t size;
    enum encoding encoding;
    const char *text;
} FILES[] = {
    {"a,b\n1,2\n", 8, ENCODING_UTF_8, "a,b\n1,2\n"},
    {"", 0, ENCODING_UTF_8, ""},
    {LATIN, sizeof(LATIN) - 1, ENCODING_UTF_8, LATIN},
    {"\xef\xbb\xbf" LATIN, sizeof(LATIN) + 2, ENCODING_UTF_8, LATIN},
    {"\xef\xbb\xbf", 3, ENCODING_UTF_8, ""},
    {"\xff\xfe"
     "a\0,\0\xe4\0\n\0",
     10, ENCODING_UTF_16LE, "a,\xc3\xa4\n"},
    {"\xfe\xff\0a\0,\0\xe4\0\n", 10, ENCODING_UTF_16BE, "a,\xc3\xa4\n"},
    {"a\0,\0b\0\n\0\x3d\xd8\x00\xde", 12, ENCODING_UTF_16LE, "a,b\n\xf0\x9f\x98\x80"},
    {"\0a\0,\0b\0\n\xd8\x3d\xde\x00", 12, ENCODING_UTF_16BE, "a,b\n\xf0\x9f\x98\x80"},
    {"\xff\xfe\0\0a\0\0\0\xac\x20\0\0", 12, ENCODING_UTF_32LE, "a\xe2\x82\xac"},
    {"\0\0\xfe\xff\0\0\0a\0\x01\xf6\0", 12, ENCODING_UTF_32BE, "a\xf0\x9f\x98\x80"},
    {"a\0\0\0,\0\0\0b\0\0\0", 12, ENCODING_UTF_32LE, "a,b"},
    {"\0\0\0a\0\0\0,\0\0\0b", 12, ENCODING_UTF_32BE, "a,b"},
    {"M\xfcller \x80 \x96", 10, ENCODING_WINDOWS_1252, "M\xc3\xbcller \xe2\x82\xac \xe2\x80\x93"},
};

static void encoding__is_guessed_and_decoded(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(FILES); i++) {
        assert_int_equal(encoding_detect(FILES[i].bytes, FILES[i].size), FILES[i].encoding);
        for (size_t piece = 1; piece < 8; piece++) {
            struct decoder d;
            struct err e = {0};
            struct buf out = {0};
            struct encoding_probe p = {0};
            decoder_init(&d, FILES[i].encoding);
            for (size_t at = 0; at < FILES[i].size; at += piece) {
                size_t n = FILES[i].size - at < piece ? FILES[i].size - at : piece;
                assert_int_equal(decoder_feed(&d, FILES[i].bytes + at, n, &out, &e), 0);
                encoding_probe_feed(&p, FILES[i].bytes + at, n);
            }
            assert_int_equal(decoder_end(&d, &e), 0);
            assert_string_equal(buf_text(&out), FILES[i].text);
            assert_int_equal(encoding_probe_answer(&p), FILES[i].encoding);
            buf_done(&out);
        }
    }
}

static const struct {
    const char *bytes;
    size_t size;
    enum encoding encoding;
    const char *message;
} WRONG[] = {
    {"ab\xff", 3, ENCODING_UTF_8,
     "The file is not UTF-8 at byte 3; save it as UTF-8."},
    {"a\xe4 b", 4, ENCODING_UTF_8,
     "The file is not UTF-8 at byte 2; save it as UTF-8."},
    {"a\xed\xa0\x80", 4, ENCODING_UTF_8,
     "The file is not UTF-8 at byte 2; save it as UTF-8."},
    {"a\xe2\x82", 3, ENCODING_UTF_8,
     "The file ends inside a character (UTF-8, byte 2): it was cut off."},
    {"a\0b", 3, ENCODING_UTF_16LE,
     "The file ends inside a character (UTF-16LE, byte 3): it was cut off."},
    {"a\0\x3d\xd8", 4, ENCODING_UTF_16LE,
     "The file ends inside a character (UTF-16LE, byte 3): it was cut off."},
    {"a\0\x3d\xd8z\0", 6, ENCODING_UTF_16LE,
     "The file is not UTF-16LE at byte 3; save it as UTF-8."},
    {"\xdc\x00", 2, ENCODING_UTF_16BE,
     "The file is not UTF-16BE at byte 1; save it as UTF-8."},
    {"\0\x11\0\0", 4, ENCODING_UTF_32BE,
     "The file is not UTF-32BE at byte 1; save it as UTF-8."},
    {"gr\x81n", 4, ENCODING_WINDOWS_1252,
     "The file is not Windows-1252 at byte 3; save it as UTF-8."},
    {"a", 1, ENCODING_NONE, "The encoding of the file is not known."},
};

static void decoder__says_where_the_input_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(WRONG); i++) {
        for (size_t piece = 1; piece < 7; piece += 2) {
            struct decoder d;
            struct err e = {0};
            struct buf out = {0};
            decoder_init(&d, WRONG[i].encoding);
            int result = 0;
            for (size_t at = 0; at < WRONG[i].size && result == 0; at += piece) {
                size_t n = WRONG[i].size - at < piece ? WRONG[i].size - at : piece;
                result = decoder_feed(&d, WRONG[i].bytes + at, n, &out, &e);
            }
            result = result != 0 ? result : decoder_end(&d, &e);
            assert_int_equal(result, -1);
            assert_string_equal(e.text, WRONG[i].message);
            buf_done(&out);
        }
    }
}

static void encoding__few_wrong_bytes_do_not_make_another_encoding(void **state)
{
    (void)state;
    assert_int_equal(encoding_detect("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xe2\x82\xac\xff", 12),
                     ENCODING_UTF_8);
    assert_int_equal(encoding_detect("ab\xc3", 3), ENCODING_UTF_8);
    assert_int_equal(encoding_detect("Stra\xdf"
                                     "e",
                                     6),
                     ENCODING_WINDOWS_1252);
    assert_int_equal(encoding_detect("a,b\0c,d\nmany,more,bytes\n", 24), ENCODING_UTF_8);
}

static void encoding__has_names(void **state)
{
    (void)state;
    assert_string_equal(encoding_name(ENCODING_UTF_8), "UTF-8");
    assert_string_equal(encoding_name(ENCODING_WINDOWS_1252), "Windows-1252");
    assert_string_equal(encoding_name(ENCODING_NONE), "");
}

static void decoder__knows_windows_1252(void **state)
{
    (void)state;
    struct decoder d;
    struct err e = {0};
    struct buf out = {0};
    decoder_init(&d, ENCODING_WINDOWS_1252);
    assert_int_equal(decoder_feed(&d, "\x80\x9f\xff", 3, &out, &e), 0);
    assert_string_equal(buf_text(&out), "\xe2\x82\xac\xc5\xb8\xc3\xbf");
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encoding__is_guessed_and_decoded),
        cmocka_unit_test(decoder__says_where_the_input_is_wrong),
        cmocka_unit_test(encoding__few_wrong_bytes_do_not_make_another_encoding),
        cmocka_unit_test(encoding__has_names),
        cmocka_unit_test(decoder__knows_windows_1252),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
