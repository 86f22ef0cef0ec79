/* See xlsx_writer.h. Parts that depend on the rows (styles, links) follow behind the sheet. */
#include "exchange/xlsx_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/str.h"

#define CURRENCIES_MAX 200
#define LINKS_MAX      60000
#define PIECE          32768
#define SERIAL_1970    25569
#define SERIAL_MARCH   61 /* 1900-03-01: before it the days are not counted right */

enum style { STYLE_PLAIN, STYLE_HEADER, STYLE_DATE, STYLE_TIME, STYLE_PERCENT, STYLE_LINK, STYLES };

struct xlsx_writer {
    struct archive_writer *archive;
    struct arena *arena;
    const char *sheet;
    struct buf out; /* of the sheet, not yet in the archive */
    uint32_t row, column;
    size_t columns;
    const char *currencies[CURRENCIES_MAX]; /* each a style behind STYLES */
    bool whole[CURRENCIES_MAX];             /* it has no cents */
    size_t currency_count;
    struct buf links, relations;
    size_t link_count;
    bool failed;
};

#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define MAIN     "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define RELATION "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE  "http://schemas.openxmlformats.org/package/2006/"
#define TYPE     "application/vnd.openxmlformats-officedocument.spreadsheetml."

static void writer_done(void *writer)
{
    struct xlsx_writer *w = writer;
    buf_done(&w->out);
    buf_done(&w->links);
    buf_done(&w->relations);
}

static void add(struct xlsx_writer *w, const char *bytes, size_t n)
{
    w->failed = w->failed || archive_add(w->archive, bytes, n) != 0;
}

static void flush(struct xlsx_writer *w)
{
    add(w, buf_text(&w->out), w->out.size);
    buf_clear(&w->out);
}

static void part(struct xlsx_writer *w, const char *name, const char *text)
{
    w->failed = w->failed || archive_begin(w->archive, name) != 0;
    add(w, text, strlen(text));
}

/* Does "_x000D_" stand here, which would be read as a code? */
static bool is_code(const char *s)
{
    return s[0] == '_' && s[1] == 'x' && strspn(s + 2, "0123456789abcdefABCDEF") >= 4 &&
           s[6] == '_';
}

static void put_xml(struct buf *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '<' || c == '>' || c == '&' || c == '"') {
            buf_puts(out, c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : "&quot;");
        } else if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f) {
            buf_printf(out, "_x%04X_", c);
        } else if (is_code(text + i)) {
            buf_puts(out, "_x005F_");
        } else {
            buf_putc(out, (char)c);
        }
    }
}

/* Bytes of at most XLSX_TEXT_MAX characters. */
static size_t fitting(const char *text, bool *cut)
{
    size_t n = 0, units = 0, all = strlen(text);
    *cut = false;
    while (n < all) {
        size_t size = str_utf8_sequence(text + n, all - n);
        units += size == 4 ? 2 : 1; /* they are counted as UTF-16 */
        if (units >= XLSX_TEXT_MAX) {
            *cut = true;
            return n;
        }
        n += size == 0 ? 1 : size;
    }
    return n;
}

/* "AB12" */
static void address(uint32_t column, uint32_t row, char out[20])
{
    char letters[8];
    size_t n = 0;
    for (uint32_t c = column + 1; c > 0; c = (c - 1) / 26) {
        letters[n++] = (char)('A' + (c - 1) % 26);
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = letters[n - 1 - i];
    }
    snprintf(out + n, 20 - n, "%u", (unsigned)row);
}

static void begin_cell(struct xlsx_writer *w, int style, const char *type)
{
    char at[20];
    address(w->column, w->row, at);
    buf_printf(&w->out, "<c r=\"%s\"", at);
    if (style != STYLE_PLAIN) {
        buf_printf(&w->out, " s=\"%d\"", style);
    }
    buf_printf(&w->out, type != NULL ? " t=\"%s\">" : ">", type);
}

static void put_styled(struct xlsx_writer *w, const char *text, int style)
{
    if (text != NULL && text[0] != '\0') {
        bool cut;
        size_t n = fitting(text, &cut);
        begin_cell(w, style, "inlineStr");
        buf_puts(&w->out, "<is><t xml:space=\"preserve\">");
        put_xml(&w->out, text, n);
        buf_puts(&w->out, cut ? "…</t></is></c>" : "</t></is></c>");
    }
    w->column++;
}

static void put_value(struct xlsx_writer *w, const char *value, int style)
{
    begin_cell(w, style, NULL);
    buf_printf(&w->out, "<v>%s</v></c>", value);
    w->column++;
}

void xlsx_put_text(struct xlsx_writer *w, const char *text)
{
    put_styled(w, text, STYLE_PLAIN);
}

void xlsx_put_link(struct xlsx_writer *w, const char *text, const char *to)
{
    char at[20];
    if (text == NULL || text[0] == '\0' || w->link_count == LINKS_MAX || strlen(to) > 2000) {
        put_styled(w, text, STYLE_PLAIN);
        return;
    }
    address(w->column, w->row, at);
    buf_printf(&w->links, "<hyperlink ref=\"%s\" r:id=\"rId%zu\"/>", at, ++w->link_count);
    buf_printf(&w->relations,
               "<Relationship Id=\"rId%zu\" Type=\"" RELATION "/hyperlink\" Target=\"",
               w->link_count);
    put_xml(&w->relations, to, strlen(to));
    buf_puts(&w->relations, "\" TargetMode=\"External\"/>");
    put_styled(w, text, STYLE_LINK);
}

void xlsx_put_number(struct xlsx_writer *w, const char *number)
{
    put_value(w, number, STYLE_PLAIN);
}

void xlsx_put_percent(struct xlsx_writer *w, const char *number)
{
    char value[40];
    snprintf(value, sizeof value, "%.15g", strtod(number, NULL) / 100);
    put_value(w, value, STYLE_PERCENT);
}

static int money_style(struct xlsx_writer *w, const char *currency, bool whole)
{
    size_t i = 0;
    while (i < w->currency_count && strcmp(w->currencies[i], currency) != 0) {
        i++;
    }
    if (i == CURRENCIES_MAX) {
        return STYLE_PLAIN;
    }
    if (i == w->currency_count) {
        w->whole[i] = whole;
        w->currencies[w->currency_count++] = arena_strdup(w->arena, currency);
    }
    return STYLES + (int)i;
}

void xlsx_put_money(struct xlsx_writer *w, const char *amount, const char *currency)
{
    put_value(w, amount, money_style(w, currency, strchr(amount, '.') == NULL));
}

/* Serial number of a day; 0: spreadsheets have none. */
static int64_t serial_of(const char *date)
{
    int64_t serial = clock_is_date(date) ? clock_days_of(date) + SERIAL_1970 : 0;
    return serial >= SERIAL_MARCH ? serial : 0;
}

void xlsx_put_date(struct xlsx_writer *w, const char *date)
{
    char value[24];
    int64_t serial = serial_of(date);
    if (serial == 0) {
        xlsx_put_text(w, date);
        return;
    }
    snprintf(value, sizeof value, "%lld", (long long)serial);
    put_value(w, value, STYLE_DATE);
}

void xlsx_put_time(struct xlsx_writer *w, const char *date, int seconds)
{
    char value[40];
    snprintf(value, sizeof value, "%.10f", (double)serial_of(date) + seconds / 86400.0);
    put_value(w, value, STYLE_TIME);
}

void xlsx_put_bool(struct xlsx_writer *w, bool yes)
{
    begin_cell(w, STYLE_PLAIN, "b");
    buf_printf(&w->out, "<v>%d</v></c>", yes);
    w->column++;
}

void xlsx_row_begin(struct xlsx_writer *w)
{
    w->row++;
    w->column = 0;
    buf_printf(&w->out, "<row r=\"%u\">", (unsigned)w->row);
}

int xlsx_row_end(struct xlsx_writer *w)
{
    buf_puts(&w->out, "</row>");
    if (w->out.size >= PIECE) {
        flush(w);
    }
    return w->failed || w->row > XLSX_ROWS_MAX ? -1 : 0;
}

struct xlsx_writer *xlsx_writer_new(struct arena *a, archive_sink sink, void *data, int64_t at,
                                    const char *sheet, const char *const *headers, size_t count)
{
    struct xlsx_writer *w = ARENA_NEW(a, struct xlsx_writer);
    *w = (struct xlsx_writer){.archive = archive_writer_new(a, sink, data, at),
                              .arena = a,
                              .sheet = sheet,
                              .columns = count};
    arena_defer(a, writer_done, w);
    part(w, "xl/worksheets/sheet1.xml",
         XML_HEAD "<worksheet xmlns=\"" MAIN "\" xmlns:r=\"" RELATION "\">"
                  "<sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"1\" "
                  "topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView>"
                  "</sheetViews>");
    if (count > 0) {
        buf_printf(&w->out,
                   "<cols><col min=\"1\" max=\"%zu\" width=\"18\" customWidth=\"1\"/></cols>",
                   count);
    }
    buf_puts(&w->out, "<sheetData>");
    xlsx_row_begin(w);
    for (size_t i = 0; i < count; i++) {
        put_styled(w, headers[i], STYLE_HEADER);
    }
    (void)xlsx_row_end(w);
    return w;
}

static void end_sheet(struct xlsx_writer *w)
{
    char last[20];
    address(w->columns > 0 ? (uint32_t)w->columns - 1 : 0, w->row, last);
    buf_printf(&w->out, "</sheetData><autoFilter ref=\"A1:%s\"/>", last);
    flush(w);
    if (w->link_count > 0) {
        add(w, "<hyperlinks>", 12);
        add(w, w->links.data, w->links.size);
        add(w, "</hyperlinks>", 13);
    }
    add(w, "</worksheet>", 12);
    if (w->link_count > 0) {
        part(w, "xl/worksheets/_rels/sheet1.xml.rels",
             XML_HEAD "<Relationships xmlns=\"" PACKAGE "relationships\">");
        add(w, w->relations.data, w->relations.size);
        add(w, "</Relationships>", 16);
    }
}

static void write_styles(struct xlsx_writer *w)
{
    static const char CELLS[] =
        "<fonts count=\"3\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font>"
        "<font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font>"
        "<font><u/><sz val=\"11\"/><color rgb=\"FF0563C1\"/><name val=\"Calibri\"/></font></fonts>"
        "<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill>"
        "<fill><patternFill patternType=\"gray125\"/></fill></fills>"
        "<borders count=\"1\"><border/></borders>"
        "<cellStyleXfs count=\"1\"><xf/></cellStyleXfs><cellXfs count=\"%zu\"><xf/>"
        "<xf fontId=\"1\" applyFont=\"1\"/><xf numFmtId=\"14\" applyNumberFormat=\"1\"/>"
        "<xf numFmtId=\"22\" applyNumberFormat=\"1\"/><xf numFmtId=\"10\" applyNumberFormat=\"1\"/>"
        "<xf fontId=\"2\" applyFont=\"1\"/>";
    struct buf b = {0};
    buf_puts(&b, XML_HEAD "<styleSheet xmlns=\"" MAIN "\">");
    if (w->currency_count > 0) {
        buf_printf(&b, "<numFmts count=\"%zu\">", w->currency_count);
    }
    for (size_t i = 0; i < w->currency_count; i++) {
        buf_printf(&b, "<numFmt numFmtId=\"%zu\" formatCode=\"#,##0%s\\ [$%s]\"/>", 164 + i,
                   w->whole[i] ? "" : ".00", w->currencies[i]);
    }
    buf_puts(&b, w->currency_count > 0 ? "</numFmts>" : "");
    buf_printf(&b, CELLS, STYLES + w->currency_count);
    for (size_t i = 0; i < w->currency_count; i++) {
        buf_printf(&b, "<xf numFmtId=\"%zu\" applyNumberFormat=\"1\"/>", 164 + i);
    }
    buf_puts(&b, "</cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" "
                 "builtinId=\"0\"/></cellStyles></styleSheet>");
    part(w, "xl/styles.xml", buf_text(&b));
    buf_done(&b);
}

/* A name of at most 31 characters without those that formulas need. */
static void write_book(struct xlsx_writer *w)
{
    struct buf b = {0};
    char name[32];
    size_t n = 0;
    for (const char *p = w->sheet; *p != '\0' && n + 1 < sizeof name; p++) {
        name[n++] = strchr("[]:*?/\\", *p) != NULL || (unsigned char)*p > 0x7e ? '_' : *p;
    }
    name[n] = '\0';
    buf_puts(&b, XML_HEAD "<workbook xmlns=\"" MAIN "\" xmlns:r=\"" RELATION
                          "\"><sheets><sheet name=\"");
    put_xml(&b, name, n);
    buf_puts(&b, "\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>");
    part(w, "xl/workbook.xml", buf_text(&b));
    buf_done(&b);
}

int xlsx_finish(struct xlsx_writer *w)
{
    end_sheet(w);
    write_styles(w);
    write_book(w);
    part(w, "xl/_rels/workbook.xml.rels",
         XML_HEAD "<Relationships xmlns=\"" PACKAGE "relationships\">"
                  "<Relationship Id=\"rId1\" Type=\"" RELATION "/worksheet\" "
                  "Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"" RELATION
                  "/styles\" Target=\"styles.xml\"/></Relationships>");
    part(w, "_rels/.rels",
         XML_HEAD "<Relationships xmlns=\"" PACKAGE "relationships\"><Relationship Id=\"rId1\" "
                  "Type=\"" RELATION "/officeDocument\" Target=\"xl/workbook.xml\"/>"
                  "</Relationships>");
    part(w, "[Content_Types].xml",
         XML_HEAD "<Types xmlns=\"" PACKAGE "content-types\"><Default Extension=\"rels\" "
                  "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
                  "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
                  "<Override PartName=\"/xl/workbook.xml\" ContentType=\"" TYPE "sheet.main+xml\"/>"
                  "<Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"" TYPE
                  "worksheet+xml\"/><Override PartName=\"/xl/styles.xml\" ContentType=\"" TYPE
                  "styles+xml\"/></Types>");
    return w->failed || archive_finish(w->archive) != 0 ? -1 : 0;
}
