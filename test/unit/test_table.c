/* Files of any format as rows: address books of RFC 2849 and 6350, NDJSON; what is cut off is refused. */
#include "unit.h"

#include "exchange/table.h"

#define CARD(body) "BEGIN:VCARD\r\nVERSION:3.0\r\n" body "END:VCARD\r\n"

/* A file and its rows: "column=cell|column=cell" without empty cells, a line for each row. */
static const struct {
    const char *name, *file;
    enum table_format format;
    const char *rows;
} FILES[] = {
    {"a vCard", CARD("N:Public;John;Quinlan;Mr.;Esq.\r\nTITLE:Shrimp Man\r\n"), TABLE_VCARD,
     "first_name=John|middle_name=Quinlan|last_name=Public|salutation=Mr.|suffix=Esq.|"
     "job_title=Shrimp Man\n"},
    {"folded lines", CARD("N:L;F\r\nNOTE:This is a lo\r\n ng descrip\r\n tion\r\n"), TABLE_VCARD,
     "first_name=F|last_name=L|note=This is a long description\n"},
    {"a group of cards is no row",
     "BEGIN:VCARD\nVERSION:4.0\nKIND:group\nFN:All\nMEMBER:urn:uuid:1\nEND:VCARD\n"
     "BEGIN:VCARD\nVERSION:4.0\nN:One;Only\nFN:Only One\nEND:VCARD\n",
     TABLE_VCARD, "first_name=Only|last_name=One\n"},
    {"what the parts of a name leave out", CARD("N:Jensen;;;Dr.\r\nFN:Dr. Barbara Jensen\r\n")
     CARD("N:;Ada;;\r\nFN:Ada Lund\r\n"), TABLE_VCARD,
     "first_name=Barbara|last_name=Jensen|salutation=Dr.\nfirst_name=Ada|last_name=Lund\n"},
    {"a birthday without its year", CARD("N:L;F\r\nBDAY:--0412\r\n"), TABLE_VCARD,
     "first_name=F|last_name=L|birthday_without_year=--0412\n"},
    {"a picture and an address of one",
     CARD("N:L;F\r\nPHOTO;ENCODING=b;TYPE=PNG:R0lGODlhAAEC\r\nPHOTO;VALUE=uri:http://x.example\r\n"),
     TABLE_VCARD,
     "first_name=F|last_name=L|photo=data:image/gif;base64,R0lGODlhAAEC|"
     "photo_not_taken=http://x.example\n"},
    {"RFC 2849, example 1",
     "version: 1\ndn: cn=Barbara Jensen, ou=Product Development, dc=airius, dc=com\n"
     "objectclass: top\nobjectclass: person\ncn: Barbara Jensen\nsn: Jensen\n"
     "telephonenumber: +1 408 555 1212\n",
     TABLE_LDIF, "first_name=Barbara|last_name=Jensen|phones=[{\"value\":\"+1 408 555 1212\",\"label\":\"work\",\"primary\":true}]\n"},
    {"RFC 2849: folded lines and base64",
     "dn: cn=Gern Jensen\nobjectclass: person\nsn: Jensen\n"
     "givenName:: R8Ohcg==\ndescription: Babs is a big sailing f\n an, and travels\n",
     TABLE_LDIF, "first_name=Gár|last_name=Jensen|note=Babs is a big sailing fan, and travels\n"},
    {"NDJSON", "{\"name\":\"A\",\"n\":1}\n{\"name\":\"B, \\\"x\\\"\",\"tags\":[\"u\"]}\n", TABLE_NDJSON,
     "name=A|n=1\nname=B, \"x\"|tags=[\"u\"]\n"},
    {"CSV of Excel", "sep=;\r\nName;Ort\r\n\"A \"\"B\"\"\";Kiel\r\n;\"x\r\ny\"\r\n", TABLE_CSV,
     "Name=A \"B\"|Ort=Kiel\nOrt=x\r\ny\n"},
};

static const char *const CUT[] = {
    "BEGIN:VCARD\nVERSION:3.0\nN:L;F\n",
    "BEGIN:VCARD\nVERSION:3.0\nN:L;F\nEND:VCARD\nBEGIN:VCARD\nFN:x\n",
    "name,city\n\"A,Kiel\n",
    "{\"name\":\"A\"}\n{\"name\":\"B\n",
};

static int read_all(struct arena *a, const char *file, enum table_format *format, struct buf *out)
{
    struct table_memory memory = {file, strlen(file)};
    const struct table_source source = {table_read_memory, &memory};
    const struct table_options options = {.name = "file"};
    struct table *t = NULL;
    struct table_row row;
    struct err e = {0};
    int rc = table_open(a, &source, &options, &t, &e);
    const struct table_info *info = table_info(t);
    *format = info->format;
    while (rc >= 0 && (rc = table_next(t, &row, &e)) == 1) {
        size_t begin = out->size;
        for (size_t i = 0; i < info->column_count; i++) {
            if (row.cells[i].size > 0) {
                buf_printf(out, "%s%s=%s", out->size > begin ? "|" : "", info->columns[i].name,
                           row.cells[i].text);
            }
        }
        buf_putc(out, '\n');
    }
    table_close(t);
    return rc;
}

static void table__reads_files_as_rows(void **state)
{
    for (size_t i = 0; i < COUNT(FILES); i++) {
        struct buf out = {0};
        enum table_format format;
        assert_int_equal(read_all(*state, FILES[i].file, &format, &out), 0);
        assert_int_equal(format, FILES[i].format);
        if (strcmp(buf_text(&out), FILES[i].rows) != 0) {
            fail_msg("%s: %s", FILES[i].name, buf_text(&out));
        }
        buf_done(&out);
    }
}

static void table__refuses_what_was_cut_off(void **state)
{
    for (size_t i = 0; i < COUNT(CUT); i++) {
        struct buf out = {0};
        enum table_format format;
        assert_int_equal(read_all(*state, CUT[i], &format, &out), -1);
        buf_done(&out);
    }
}

/* Every event looks for what never comes, a million times each; the file does so no more than fifty. */
static void table__a_calendar_that_repeats_too_much_is_taken_in(void **state)
{
    struct arena *a = *state;
    struct buf file = {0};
    struct err e = {0};
    struct table *t = NULL;
    buf_puts(&file, "BEGIN:VCALENDAR\n");
    for (size_t i = 0; i < 500; i++) {
        buf_printf(&file, "BEGIN:VEVENT\nUID:%zu\nDTSTART:20260101T000000\n"
                          "RRULE:FREQ=SECONDLY;BYSETPOS=300\nEND:VEVENT\n", i);
    }
    struct table_memory memory = {buf_text(&file), file.size};
    const struct table_source source = {table_read_memory, &memory};
    const struct table_options options = {.name = "file"};
    size_t used = a->used;
    assert_int_equal(table_open(a, &source, &options, &t, &e), 0);
    const struct table_info *info = table_info(t);
    assert_int_equal(info->note_count, 2);
    assert_string_equal(info->notes[1].text, "The file repeats too much: taken in once");
    assert_in_range(info->notes[1].count, 440, 460);
    assert_true(a->used - used < (size_t)16 * 1024 * 1024);
    table_close(t);
    buf_done(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(table__reads_files_as_rows),
        UNIT_TEST(table__refuses_what_was_cut_off),
        UNIT_TEST(table__a_calendar_that_repeats_too_much_is_taken_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
