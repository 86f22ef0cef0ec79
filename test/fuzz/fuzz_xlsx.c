/*
 * Workbooks. The first byte chooses: the rest is the file itself, or one of its parts (the sheet,
 * the shared texts, the styles, the book) in a file that is otherwise in order.
 */
#include "fuzz_table.h"

#include "base/buf.h"
#include "exchange/archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int keep(void *data, const char *bytes, size_t n)
{
    buf_add(data, bytes, n);
    return 0;
}

#define REL  "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#define ITEM "<Relationship Id=\"rId"

static const struct {
    const char *name, *text;
} PARTS[] = {
    {"xl/worksheets/sheet1.xml",
     "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"str\">"
     "<v>b</v></c></row><row r=\"2\"><c r=\"A2\" s=\"1\"><v>45000.5</v></c></row></sheetData>"
     "</worksheet>"},
    {"xl/sharedStrings.xml", "<sst><si><t>a</t></si></sst>"},
    {"xl/styles.xml", "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"dd.mm.yy\"/>"
                      "</numFmts><cellXfs><xf/><xf numFmtId=\"164\"/></cellXfs></styleSheet>"},
    {"xl/workbook.xml",
     "<workbook xmlns:r=\"r\"><sheets><sheet name=\"S\" r:id=\"rId1\"/></sheets></workbook>"},
    {"xl/_rels/workbook.xml.rels",
     "<Relationships>" ITEM "1\" Type=\"" REL "worksheet\" Target=\"worksheets/sheet1.xml\"/>" ITEM
     "2\" Type=\"" REL "sharedStrings\" Target=\"sharedStrings.xml\"/>" ITEM "3\" Type=\"" REL
     "styles\" Target=\"styles.xml\"/></Relationships>"},
};
#define PART_COUNT (sizeof PARTS / sizeof PARTS[0])

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf file = {0};
    struct arena a;
    if (size < 1) {
        return 0;
    }
    size_t mine = data[0] % (PART_COUNT + 1);
    if (mine == PART_COUNT) {
        read_table(data + 1, size - 1);
        return 0;
    }
    arena_init(&a);
    struct archive_writer *w = archive_writer_new(&a, keep, &file, 0);
    for (size_t i = 0; i < PART_COUNT; i++) {
        must(archive_begin(w, PARTS[i].name) == 0);
        must(i == mine ? archive_add(w, data + 1, size - 1) == 0
                       : archive_add(w, PARTS[i].text, strlen(PARTS[i].text)) == 0);
    }
    must(archive_finish(w) == 0);
    read_table(file.data, file.size);
    arena_done(&a);
    buf_done(&file);
    return 0;
}
