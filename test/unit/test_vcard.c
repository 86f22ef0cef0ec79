/* vCards, property by property: RFC 2426 and 6350, and what programs make of them; and written ones. */
#include "unit.h"

#include "exchange/picture.h"
#include "exchange/vcard.h"

static const struct {
    const char *line;
    const char *name, *value, *types, *group; /* types joined by blanks */
    int preference;
} LINES[] = {
    {"FN:Simon Perreault", "FN", "Simon Perreault", "", NULL, 0},
    {"fn:small letters", "FN", "small letters", "", NULL, 0},
    {"TEL;VALUE=uri;PREF=1;TYPE=\"voice,home\":tel:+1-555-555-5555;ext=5555", "TEL",
     "tel:+1-555-555-5555;ext=5555", "voice home", NULL, 1},
    {"TEL;TYPE=work,voice,pref,msg:+1-213-555-1234", "TEL", "+1-213-555-1234", "work voice msg",
     NULL, 1},
    {"TEL;CELL;PREF:0170 1", "TEL", "0170 1", "cell", NULL, 1},
    {"item1.EMAIL;type=INTERNET:a@x.example", "EMAIL", "a@x.example", "internet", "item1", 0},
    {"NOTE:Mythical Manager\\nHyjinx Software Division\\nBabsCo\\, Inc.\\n", "NOTE",
     "Mythical Manager\\nHyjinx Software Division\\nBabsCo\\, Inc.\\n", "", NULL, 0},
    {"ADR;GEO=\"geo:12.3457,78.910\";LABEL=\"Mr. John Q. Public: Esq.\":;;123 Main Street;Any Town",
     "ADR", ";;123 Main Street;Any Town", "", NULL, 0},
    {"N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=F6rg", "N", "Müller;Jörg", "", NULL,
     0},
    {"NOTE;ENCODING=b:w5xuw6Q=", "NOTE", "Ünä", "", NULL, 0},
    {"TEL;PREF=200:1", "TEL", "1", "", NULL, 0}, /* from 1 to 100 */
};

static void vcard__reads_a_property_out_of_its_line(void **state)
{
    for (size_t i = 0; i < COUNT(LINES); i++) {
        struct vcard_property p;
        char types[100] = "";
        assert_true(vcard_read(*state, LINES[i].line, false, &p));
        for (size_t k = 0; k < p.type_count; k++) {
            strcat(strcat(types, k > 0 ? " " : ""), p.types[k]);
        }
        assert_string_equal(p.name, LINES[i].name);
        assert_string_equal(p.value, LINES[i].value);
        assert_string_equal(types, LINES[i].types);
        assert_int_equal(p.preference, LINES[i].preference);
        assert_int_equal(p.group == NULL, LINES[i].group == NULL);
    }
}

static void vcard__refuses_what_is_no_property(void **state)
{
    static const char *const NONE[] = {"", "no colon", ":value", " FN:folded", "FN;TYPE=work",
                                       "PHOTO ENCODING:x", "NOTE;ENCODING=b:***"};
    struct vcard_property p;
    for (size_t i = 0; i < COUNT(NONE); i++) {
        if (vcard_read(*state, NONE[i], false, &p)) {
            fail_msg("a property: %s", NONE[i]);
        }
    }
}

static void vcard__splits_where_nothing_is_escaped(void **state)
{
    const char **parts;
    assert_int_equal(vcard_split(*state, "ABC\\, Inc.;North; ;a\\;b", ';', &parts), 4);
    assert_string_equal(parts[0], "ABC, Inc.");
    assert_string_equal(parts[2], "");
    assert_string_equal(parts[3], "a;b");
    assert_string_equal(vcard_plain(*state, "one\\ntwo\\N\\\\ three"), "one\ntwo\n\\ three");
}

static void vcard__writes_what_it_reads(void **state)
{
    const struct vcard_point phones[] = {{"+49 30 1", "work fax", false}, {"2", "Front desk", true}};
    struct vcard card = {.full_name = "Ada; Lund",
                         .first = "Ada",
                         .last = "Lünd, the very long name of somebody who needs more than one line",
                         .phones = phones,
                         .phone_count = COUNT(phones),
                         .note = "one\ntwo",
                         .photo_type = "image/gif",
                         .photo = "GIF89a\0\1\2",
                         .photo_size = 9};
    for (int version = 3; version <= 4; version++) {
        struct buf out = {0};
        vcard_write(&out, &card, version);
        const char *text = buf_text(&out);
        for (const char *at = text, *end; (end = strstr(at, "\r\n")) != NULL; at = end + 2) {
            assert_true(end - at <= 75);
        }
        assert_non_null(strstr(text, "FN:Ada\\; Lund\r\n"));
        assert_non_null(strstr(text, "NOTE:one\\ntwo\r\n"));
        assert_non_null(strstr(text, "X-ABLabel:Front desk\r\n"));
        assert_non_null(strstr(text, version == 3 ? "PHOTO;ENCODING=b;TYPE=GIF:R0lGODlhAAEC\r\n"
                                                  : "PHOTO:data:image/gif;base64,R0lGODlhAAEC\r\n"));
        buf_done(&out);
    }
    (void)state;
}

static void picture__is_told_by_its_bytes(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *type;
    } STARTS[] = {{"\x89PNG\r\n\x1a\n", 8, "image/png"}, {"\xff\xd8\xff\xe0", 4, "image/jpeg"},
                  {"GIF87a", 6, "image/gif"},           {"RIFF\0\0\0\0WEBP", 12, "image/webp"},
                  {"RIFF\0\0\0\0WAVE", 12, NULL},       {"RIFF", 4, NULL},
                  {"<svg/>", 6, NULL},                  {"", 0, NULL}};
    (void)state;
    for (size_t i = 0; i < COUNT(STARTS); i++) {
        const char *type = picture_type(STARTS[i].bytes, STARTS[i].size);
        assert_int_equal(type == NULL, STARTS[i].type == NULL);
        assert_string_equal(type != NULL ? type : "", STARTS[i].type != NULL ? STARTS[i].type : "");
    }
}

static void picture__is_made_a_uri_and_read_again(void **state)
{
    static const char *const NONE[] = {"data:image/png;base64,AAAA", "data:image/png,R0lGODlh",
                                       "http://x.example/a.gif", "data:image/gif;base64,R0lG!"};
    struct buf bytes = {0};
    const char *uri = picture_uri(*state, "R0lG ODlh\nAAEC", true);
    assert_string_equal(uri, "data:image/gif;base64,R0lGODlhAAEC");
    assert_string_equal(picture_uri(*state, "DATA:image/png;BASE64,R0lGODlhAAEC", false), uri);
    assert_string_equal(picture_read(uri, &bytes), "image/gif");
    assert_int_equal(bytes.size, 9);
    assert_memory_equal(bytes.data, "GIF89a\0\1\2", 9);
    for (size_t i = 0; i < COUNT(NONE); i++) {
        assert_null(picture_uri(*state, NONE[i], false));
    }
    buf_done(&bytes);
}

static void picture__base64_is_that_of_rfc_4648(void **state)
{
    static const char *const CODED[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=",
                                        "Zm9vYmFy"};
    (void)state;
    for (size_t n = 0; n < COUNT(CODED); n++) {
        struct buf out = {0};
        picture_base64(&out, "foobar", n);
        assert_string_equal(buf_text(&out), CODED[n]);
        buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(vcard__reads_a_property_out_of_its_line),
        UNIT_TEST(vcard__refuses_what_is_no_property),
        UNIT_TEST(vcard__splits_where_nothing_is_escaped),
        UNIT_TEST(vcard__writes_what_it_reads),
        UNIT_TEST(picture__is_told_by_its_bytes),
        UNIT_TEST(picture__is_made_a_uri_and_read_again),
        UNIT_TEST(picture__base64_is_that_of_rfc_4648),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
