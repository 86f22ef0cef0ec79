"""Small workbooks (.xlsx) made by hand, as the tests of the import and export need them."""
import io
import re
import zipfile
from xml.sax.saxutils import escape

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def part(name, inside, attributes=MAIN):
    return '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<%s %s>%s</%s>' % (name, attributes, inside, name)


def row(number, *cells):
    """Cells are XML of their own, or (column letter, attributes, inside)."""
    made = ''.join(c if isinstance(c, str) else '<c r="%s%d" %s>%s</c>' % (c[0], number, c[1], c[2]) for c in cells)
    return '<row r="%d">%s</row>' % (number, made)


def texts(number, *words):
    """A row of inline texts."""
    return row(number, *((chr(65 + i), 't="inlineStr"', '<is><t>%s</t></is>' % escape(w)) for i, w in enumerate(words) if w is not None))


def workbook(sheets, shared=(), formats=(), date1904=False, hidden=(), more=()):
    """sheets: {name: rows}, or (rows, what stands behind them); formats: codes, styles 1, 2 … use them."""
    parts = {"[Content_Types].xml": "<Types/>", **dict(more)}
    rel = lambda i, kind, target: '<Relationship Id="rId%d" Type="%s/%s" Target="%s"/>' % (i, REL, kind, target)
    own = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
    parts["_rels/.rels"] = part("Relationships", rel(1, "officeDocument", "xl/workbook.xml"), own)
    names = ''.join('<sheet name="%s" sheetId="%d" %s r:id="rId%d"/>' % (escape(n), i, 'state="hidden"' if n in hidden else "", i)
                    for i, n in enumerate(sheets, 1))
    parts["xl/workbook.xml"] = part("workbook", '<workbookPr date1904="%d"/><sheets>%s</sheets>' % (date1904, names),
                                    MAIN + ' xmlns:r="%s"' % REL)
    rels = [rel(i, "worksheet", "worksheets/sheet%d.xml" % i) for i in range(1, len(sheets) + 1)]
    rels += [rel(100, "styles", "/xl/styles.xml"), rel(101, "sharedStrings", "sharedStrings.xml")]
    parts["xl/_rels/workbook.xml.rels"] = part("Relationships", ''.join(rels), own)
    codes = ''.join('<numFmt numFmtId="%d" formatCode="%s"/>' % (i, escape(c, {'"': "&quot;"})) for i, c in enumerate(formats, 164))
    cells = ''.join('<xf numFmtId="%d"/>' % i for i in [0] + [164 + i for i in range(len(formats))])
    parts["xl/styles.xml"] = part("styleSheet", "<numFmts>%s</numFmts><cellXfs>%s</cellXfs>" % (codes, cells))
    parts["xl/sharedStrings.xml"] = part("sst", ''.join("<si>%s</si>" % s for s in shared))
    for i, inside in enumerate(sheets.values(), 1):
        rows, behind = inside if isinstance(inside, tuple) else (inside, "")
        parts["xl/worksheets/sheet%d.xml" % i] = part("worksheet", "<sheetData>%s</sheetData>%s" % (''.join(rows), behind))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in parts.items():
            z.writestr(name, text)
    return out.getvalue()


def cells_of(data, sheet=1):
    """The cells of a sheet as {address: (type, style, text)}."""
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        assert z.testzip() is None
        xml = z.read("xl/worksheets/sheet%d.xml" % sheet).decode()
    found = {}
    for attributes, inside in re.findall(r'<c ([^>]*?)(?:/>|>(.*?)</c>)', xml, re.S):
        given = dict(re.findall(r'(\w+)="([^"]*)"', attributes))
        text = re.sub("<[^>]*>", "", inside)
        for a, b in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
            text = text.replace(a, b)
        found[given["r"]] = (given.get("t", "n"), int(given.get("s", 0)), text)
    return found
