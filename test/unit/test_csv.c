/* CSV: rows however the file is written and cut into pieces, limits, detection, writing. */
#include "unit.h"

#include "exchange/csv.h"

static const struct csv_format COMMA = {.delimiter = ',', .quote = '"', .header = true};

/* Rows as text: cells between brackets, rows ended by "|"; an error stands at the end. */
static char *rows_of(struct arena *a, const char *text, size_t n, size_t piece,
                     const struct csv_format *format)
{
    struct buf out = {0};
    struct csv_reader r;
    struct csv_row row;
    struct err e = {0};
    csv_reader_init(&r, format);
    for (size_t at = 0; at <= n; at += piece) {
        size_t size = n - at < piece ? n - at : piece;
        /* A copy of its own size, so that reading past it is seen. */
        char *exact = malloc(size > 0 ? size : 1);
        memcpy(exact, text + at, size);
        csv_reader_feed(&r, exact, size);
        if (size < piece) {
            csv_reader_end(&r);
        }
        int result;
        while ((result = csv_reader_next(&r, &row, &e)) == 1) {
            for (size_t i = 0; i < row.count; i++) {
                assert_int_equal(strlen(row.cells[i].text), row.cells[i].size);
                buf_printf(&out, "[%s%s]", row.cells[i].quoted ? "'" : "", row.cells[i].text);
            }
            buf_printf(&out, "%llu|", (unsigned long long)row.line);
        }
        free(exact);
        if (result < 0) {
            buf_puts(&out, e.text);
            assert_int_equal(csv_reader_next(&r, &row, &e), -1);
            break;
        }
    }
    csv_reader_done(&r);
    char *result = arena_strdup(a, buf_text(&out));
    buf_done(&out);
    return result;
}

static const struct {
    const char *text, *rows;
} ROWS[] = {
    {"", ""},
    {"\n\r\n\r", ""},
    {"a,b\n1,2\n", "[a][b]1|[1][2]2|"},
    {"a,b\n1,2", "[a][b]1|[1][2]2|"},
    {"a,b\r\n1,2\r\n", "[a][b]1|[1][2]2|"},
    {"a,b\r1,2\r", "[a][b]1|[1][2]2|"},
    {"a\n\n\nb\r\n\r\nc", "[a]1|[b]4|[c]6|"},
    {"a,\n,b\n,\n", "[a][]1|[][b]2|[][]3|"},
    {"\"\"\n", "[']1|"},
    {"\"\",x\n", "['][x]1|"},
    {"\"a,b\",\"c\"\"d\"\n", "['a,b]['c\"d]1|"},
    {"\"\"\"\"\n", "['\"]1|"},
    {"\"two\nlines\",x\ny", "['two\nlines][x]1|[y]3|"},
    {"\"two\r\nlines\"\r\ny", "['two\r\nlines]1|[y]3|"},
    {"\"a\rb\r\rc\"\rd", "['a\rb\r\rc]1|[d]5|"},
    {"a\"b,c\"\n", "[a\"b][c\"]1|"},
    {"\"a\"b\"c\",d\n", "['ab\"c\"][d]1|"},
    {"\"a\" ,b\n", "['a ][b]1|"},
    {" \"a\",b\n", "[ \"a\"][b]1|"},
    {"a,b,c\n1\n1,2,3,4\n", "[a][b][c]1|[1]2|[1][2][3][4]3|"},
    {"a\n\"cut off\n", "[a]1|Line 2: the file ends inside quotes opened here: it was cut off, or "
                       "a quote is missing."},
    {"a,\"x\ny\",\"", "Line 2: the file ends inside quotes opened here: it was cut off, or a quote "
                      "is missing."},
    {"a,\"\"", "[a][']1|"},
    {"a,", "[a][]1|"},
    {"\xc3\xa4,\xe2\x82\xac\n", "[\xc3\xa4][\xe2\x82\xac]1|"},
};

static void csv__reads_rows_in_pieces_of_any_size(void **state)
{
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        for (size_t piece = 1; piece < 30; piece++) {
            const char *text = ROWS[i].text;
            assert_string_equal(rows_of(*state, text, strlen(text), piece, &COMMA), ROWS[i].rows);
        }
    }
}

static void csv__refuses_nul(void **state)
{
    for (size_t piece = 1; piece < 9; piece++) {
        assert_string_equal(rows_of(*state, "a\n1,\0,3\n", 8, piece, &COMMA),
                            "[a]1|Line 2: the file has a NUL byte; it is not a text file.");
    }
    assert_string_equal(rows_of(*state, "\"\0\"", 3, 10, &COMMA),
                        "Line 1: the file has a NUL byte; it is not a text file.");
}

static int read_big(const char *unit, size_t times, struct err *e)
{
    struct csv_reader r;
    struct csv_row row;
    size_t n = strlen(unit);
    csv_reader_init(&r, &COMMA);
    int result = 0;
    for (size_t i = 0; i < times && result == 0; i++) {
        csv_reader_feed(&r, unit, n);
        result = csv_reader_next(&r, &row, e);
    }
    csv_reader_end(&r);
    if (result == 0) {
        result = csv_reader_next(&r, &row, e);
    }
    csv_reader_done(&r);
    return result;
}

static void csv__limits_cells_rows_and_columns(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(read_big("0123456789abcdef", CSV_CELL_MAX / 16, &e), 1);
    assert_int_equal(read_big("0123456789abcdef", CSV_CELL_MAX / 16 + 1, &e), -1);
    assert_string_equal(e.text, "Line 1: a cell is larger than 1 MiB; a quote may be missing.");
    err_clear(&e);
    assert_int_equal(read_big(",", CSV_COLUMNS_MAX - 1, &e), 1);
    assert_int_equal(read_big(",", CSV_COLUMNS_MAX, &e), -1);
    assert_string_equal(e.text, "Line 1: a row has more than 5,000 columns.");
    err_clear(&e);
    char unit[2001];
    memset(unit, 'x', 2000);
    unit[1999] = ',';
    unit[2000] = '\0';
    assert_int_equal(read_big(unit, 2000, &e), 1);
    assert_int_equal(read_big(unit, 2200, &e), -1);
    assert_string_equal(e.text, "Line 1: a row is larger than 4 MiB.");
}

static void csv__resumes_at_the_offset_of_any_row(void **state)
{
    (void)state;
    static const char text[] = "sep=,\r\na,b\r\n\"x\r\ny\",2\r\n\r\n3,4\r\n5,6";
    struct csv_format format = COMMA;
    format.skip = 7;
    struct csv_reader r;
    struct csv_row row;
    struct err e = {0};
    uint64_t offsets[8] = {0}, lines[8] = {1}, at_line[8];
    char first[8][8];
    size_t count = 0;
    csv_reader_init(&r, &format);
    csv_reader_feed(&r, text, sizeof(text) - 1);
    csv_reader_end(&r);
    while (csv_reader_next(&r, &row, &e) == 1) {
        snprintf(first[count], sizeof(first[count]), "%s", row.cells[0].text);
        at_line[count] = row.line;
        count++;
        offsets[count] = r.offset;
        lines[count] = r.line;
    }
    csv_reader_done(&r);
    assert_int_equal(count, 4);
    assert_int_equal(offsets[4], sizeof(text) - 1);
    for (size_t i = 0; i < count; i++) {
        csv_reader_init(&r, &format);
        csv_reader_resume(&r, offsets[i], lines[i]);
        csv_reader_feed(&r, text + offsets[i], sizeof(text) - 1 - offsets[i]);
        csv_reader_end(&r);
        for (size_t j = i; j < count; j++) {
            assert_int_equal(csv_reader_next(&r, &row, &e), 1);
            assert_string_equal(row.cells[0].text, first[j]);
            assert_int_equal(row.line, at_line[j]);
        }
        assert_int_equal(csv_reader_next(&r, &row, &e), 0);
        csv_reader_done(&r);
    }
}

static const struct {
    const char *sample;
    char delimiter, quote;
    bool header;
    size_t skip;
} SAMPLES[] = {
    {"", ',', '"', true, 0},
    {"name\nAcme\nBeta\n", ',', '"', true, 0},
    {"name,city\nAcme,Berlin\n", ',', '"', true, 0},
    {"name;price\nA;1,5\nB;2,5\n", ';', '"', true, 0},
    {"A;1,5\nB;2,5\n", ';', '"', false, 0},
    {"name\tcity\nAcme, Inc.\tBerlin\n", '\t', '"', true, 0},
    {"a|b|c\n1|2|3\n", '|', '"', true, 0},
    {"name,notes\nAcme,\"a;b;c\nd;e\"\nBeta,\"f;g\"\n", ',', '"', true, 0},
    {"id,name\n1,a;b\n2,c\n3,d;e;f\n", ',', '"', true, 0},
    {"name,city\n'A, B','x'\n'C','y'\n", ',', '\'', true, 0},
    {"name,city\n't Hart,x\nD'Arc,y\n", ',', '"', true, 0},
    {"Acme,1\nBeta,2\n", ',', '"', false, 0},
    {"Acme,2026-01-02\nBeta,2026-01-03\n", ',', '"', false, 0},
    {"ann@acme.example,Ann\nbob@acme.example,Bob\n", ',', '"', false, 0},
    {"Acme,Berlin\nBeta,Berlin\n", ',', '"', false, 0},
    {"Subject,Type,Done\nAsk,Call,Done\nTell,Call,\n", ',', '"', true, 0},
    {"Acme,Berlin,DE\nBeta,Berlin,DE\n", ',', '"', false, 0},
    {"name,,\nA,1,2\n", ',', '"', false, 0},
    {"name,no,\nA,1,2\n", ',', '"', true, 0},
    {"sep=;\na;b,c\n", ';', '"', true, 6},
    {"sep=|\r\na|b\r\n", '|', '"', true, 7},
    {"a;b\n1;2\n3;\"never closed\n", ';', '"', true, 0},
};

static void csv__detects_how_a_file_is_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(SAMPLES); i++) {
        struct csv_format f;
        csv_detect(SAMPLES[i].sample, strlen(SAMPLES[i].sample), true, &f);
        if (f.delimiter != SAMPLES[i].delimiter || f.quote != SAMPLES[i].quote ||
            f.header != SAMPLES[i].header || f.skip != SAMPLES[i].skip) {
            fail_msg("%s: found '%c' %c header %d skip %zu", SAMPLES[i].sample, f.delimiter,
                     f.quote, f.header, f.skip);
        }
    }
}

static void csv__detects_from_a_sample_that_ends_anywhere(void **state)
{
    (void)state;
    static const char text[] = "name;notes;price\nAcme;\"a,b\nc;d\";1,50\nBeta;x, y;2,50\n";
    for (size_t n = 18; n < sizeof(text); n++) {
        struct csv_format f;
        csv_detect(text, n, false, &f);
        assert_int_equal(f.delimiter, ';');
        assert_true(f.header);
    }
}

static void csv__writes_what_it_reads(void **state)
{
    static const char *const CELLS[] = {
        "",        "plain", "a,b",      "a\"b", "\"",      "two\nlines", "\r",  " x",
        "x ",      "=1+1",  "'=1+1",    "''-x", "'quoted", "@a",         "\tx", "-5",
        "+49 711", "'",     "\xc3\xa4", "a;b",  "\"\"\"",  "'x'"};
    struct buf b = {0};
    for (int guard = 0; guard < 2; guard++) {
        buf_clear(&b);
        struct csv_writer w;
        csv_writer_init(&w, &b, ',', guard, guard);
        for (size_t i = 0; i < COUNT(CELLS); i++) {
            csv_write_text(&w, CELLS[i]);
        }
        csv_write_end_row(&w);
        csv_write_text(&w, NULL);
        csv_write_end_row(&w);
        csv_write_plain(&w, "-5");
        csv_write_text(&w, "");
        csv_write_end_row(&w);
        struct csv_reader r;
        struct csv_row row;
        struct err e = {0};
        csv_reader_init(&r, &COMMA);
        csv_reader_feed(&r, b.data, b.size);
        csv_reader_end(&r);
        assert_int_equal(csv_reader_next(&r, &row, &e), 1);
        assert_int_equal(row.count, COUNT(CELLS));
        for (size_t i = 0; i < COUNT(CELLS); i++) {
            assert_string_equal(csv_unguard(row.cells[i].text), CELLS[i]);
        }
        assert_int_equal(csv_reader_next(&r, &row, &e), 1);
        assert_int_equal(row.count, 1);
        assert_int_equal(csv_reader_next(&r, &row, &e), 1);
        assert_int_equal(row.count, 2);
        assert_string_equal(row.cells[0].text, "-5");
        assert_int_equal(csv_reader_next(&r, &row, &e), 0);
        csv_reader_done(&r);
    }
    buf_done(&b);
    (void)state;
}

static void csv__writes_exactly(void **state)
{
    (void)state;
    struct buf b = {0};
    struct csv_writer w;
    csv_writer_init(&w, &b, ';', true, true);
    csv_write_plain(&w, "name");
    csv_write_plain(&w, "a;b");
    csv_write_end_row(&w);
    csv_write_text(&w, "=cmd");
    csv_write_plain(&w, "-5");
    csv_write_text_n(&w, "x\"yz", 3);
    csv_write_end_row(&w);
    csv_write_end_row(&w);
    assert_string_equal(buf_text(&b), "name;\"a;b\"\r\n\"'=cmd\";-5;\"x\"\"y\"\r\n\"\"\r\n");
    buf_done(&b);
    assert_string_equal(csv_unguard("'=x"), "=x");
    assert_string_equal(csv_unguard("''=x"), "'=x");
    assert_string_equal(csv_unguard("'x"), "'x");
    assert_string_equal(csv_unguard("=x"), "=x");
    assert_string_equal(csv_unguard("'"), "'");
    assert_string_equal(csv_unguard(""), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(csv__reads_rows_in_pieces_of_any_size),
        UNIT_TEST(csv__refuses_nul),
        UNIT_TEST(csv__limits_cells_rows_and_columns),
        UNIT_TEST(csv__resumes_at_the_offset_of_any_row),
        UNIT_TEST(csv__detects_how_a_file_is_written),
        UNIT_TEST(csv__detects_from_a_sample_that_ends_anywhere),
        UNIT_TEST(csv__writes_what_it_reads),
        UNIT_TEST(csv__writes_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
