#!/usr/bin/python3
"""Workbooks: what stands in a cell arrives as it is seen there; what is no workbook is refused."""
import zipfile
import io

from kontor import Kontor, contains, equal, finish, test
from workbook import row, texts, workbook

N = lambda column, value, style=0: (column, 's="%d"' % style, "<v>%s</v>" % value)
S = lambda column, number: (column, 't="s"', "<v>%d</v>" % number)


def stored(k, entity, content, fields, *args):
    """What an import stores, by id, and what it says; it is taken back."""
    result = k.run("import", entity, k.file(content, "book"), *args)
    if result.returncode not in (0, 3):
        return result.returncode, result.stderr
    items = sorted(k.admin.items("/api/v1/" + {"company": "companies", "activity": "activities"}.get(entity, entity + "s")), key=lambda r: r["id"])
    k.must("undo", result.stdout.split("; change ")[1].split(".")[0])
    return [[r[f]["value"] + " " + r[f]["currency"] if isinstance(r[f], dict) else r[f] for f in fields] for r in items], result.stdout


def cells(k):
    shared = ["<t>name</t>", "<t>Acme &amp; Co</t>", "<r><t>Ri</t></r><r><rPr><b/></rPr><t xml:space=\"preserve\">ch </t></r><rPh><t>x</t></rPh>",
              "<t>a_x000D__x000A_b</t>"]
    rows = [row(1, S("A", 0), *((c, 't="inlineStr"', "<is><t>%s</t></is>" % w) for c, w in
                                 (("B", "revenue"), ("C", "employees"), ("D", "postcode"), ("E", "city")))),
            row(2, S("A", 1), N("B", "1234.5", 1), N("C", "1.2E3"), N("D", "1067", 2), ("E", 't="str"', "<f>UPPER(A1)</f><v>TOWN</v>")),
            row(4, S("A", 2), N("B", "0.30000000000000004", 3), N("C", "7"), N("D", "10115"), ("E", 't="b"', "<v>1</v>"))]
    made = workbook({"Firms": rows}, shared, ('#,##0.00 "€"', "00000", "[$USD] 0.00"))
    got, said = stored(k, "company", made, ("name", "revenue", "employees", "postcode", "city"))
    equal("import_xlsx__cells", [["Acme & Co", "1234.50 EUR", 1200, "01067", "TOWN"]], got)
    contains("import_xlsx__money_without_a_rate_is_told", "USD", said)
    contains("import_xlsx__the_sheet_is_told", "Read as xlsx, sheet “Firms”", said)


def dates(k):
    """Serial days of both systems, with what their formats say."""
    for from_1904, first, second, old in ((False, 32907, 46347.5868055556, 1), (True, 31445, 44885.5868055556, None)):
        rows = [texts(1, "subject", "due", "kind"),
                row(2, ("A", 't="inlineStr"', "<is><t>One</t></is>"), N("B", second, 1), ("C", 't="inlineStr"', "<is><t>task</t></is>"))]
        people = [texts(1, "last_name", "birthday"), row(2, ("A", 't="inlineStr"', "<is><t>Lund</t></is>"), N("B", first, 2)),
                  row(3, ("A", 't="inlineStr"', "<is><t>Iso</t></is>"), ("B", 't="d"', "<v>1990-02-03T00:00:00</v>"))]
        made = workbook({"Tasks": rows, "People": people}, (), ("dd/mm/yyyy\\ hh:mm", "[$-407]d. mmmm yyyy;@"), from_1904)
        got, _ = stored(k, "contact", made, ("last_name", "birthday"), "--sheet", "2")
        equal("import_xlsx__dates_%s" % (1904 if from_1904 else 1900), [["Lund", "1990-02-03"], ["Iso", "1990-02-03"]], got)
        got, _ = stored(k, "activity", made, ("subject", "due"))
        equal("import_xlsx__times_%s" % (1904 if from_1904 else 1900), [["One", "2026-11-21"]],
              [[s, d[:10]] for s, d in got] if isinstance(got, list) else got)


def sheets(k):
    made = workbook({"Notes": [], "Secret": [texts(1, "name"), texts(2, "Hidden")], "Firms": [
        texts(1, "Our customers"), texts(4, "name", "city", None, "phones"), texts(5, "A", "Berlin"), texts(6, "B"),
        texts(7, "C", None, None, "030 12")]}, hidden=("Secret",))
    got, said = stored(k, "company", made, ("name", "city"))
    equal("import_xlsx__the_first_sheet_with_rows_below_a_title", [["A", "Berlin"], ["B", None], ["C", None]], got)
    got, _ = stored(k, "company", made, ("name",), "--sheet", "secret")
    equal("import_xlsx__a_sheet_by_its_name", [["Hidden"]], got)
    equal("import_xlsx__an_unknown_sheet", (1, "book: There is no sheet “x”; the file has Notes, Secret, Firms.\n"),
          stored(k, "company", made, ("name",), "--sheet", "x"))
    merged = workbook({"S": ([texts(1, "name", "city"), texts(2, "A", "Berlin"), texts(3, "B"), texts(4, "C")],
                             '<mergeCells><mergeCell ref="B2:B3"/></mergeCells>')})
    equal("import_xlsx__merged_cells_count_in_each_row", [["A", "Berlin"], ["B", "Berlin"], ["C", None]],
          stored(k, "company", merged, ("name", "city"))[0])


def refused(k):
    good = workbook({"S": [texts(1, "name"), texts(2, "A")]})
    bomb = io.BytesIO(good)
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as z:
        with z.open("xl/worksheets/sheet9.xml", "w") as f:
            for _ in range(300):
                f.write(b" " * 1000000)
    bomb = bomb.getvalue().replace(b"worksheets/sheet1.xml", b"worksheets/sheetX.xml").replace(b"worksheets/sheet9.xml", b"worksheets/sheet1.xml")
    formula = workbook({"S": [texts(1, "name"), row(2, ("A", "", "<f>1+1</f>"))]})
    order = workbook({"S": [texts(2, "name"), texts(1, "A")]})
    doctype = workbook({"S": ["<x/>"]}, more={"xl/worksheets/sheet1.xml": ""})
    entity = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><worksheet><sheetData/></worksheet>'
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as z, zipfile.ZipFile(out, "w") as y:
        for name in z.namelist():
            y.writestr(name, entity if "sheet1" in name else z.read(name))
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as z:
        z.writestr("word/document.xml", "<a/>")
    flipped = bytearray(good)
    flipped[good.index(b"xl/worksheets/sheet1.xml") + 40] ^= 0xff
    for name, content, words in (("cut", good[:-200], "cut off"), ("bomb", bomb, "refused"), ("formula", formula, "sheet S, row 2: Cell A2"),
                                 ("order", order, "not in order"), ("doctype", out.getvalue(), "document type"),
                                 ("other_zip", other.getvalue(), "no workbook"), ("empty", workbook({"S": []}), "empty"),
                                 ("flipped", bytes(flipped), "damaged"), ("lock", b"\xd0\xcf\x11\xe0" + bytes(99), "password")):
        result = k.run("import", "company", k.file(content, name + ".xlsx"))
        equal("import_xlsx__%s_is_refused" % name, 1, result.returncode)
        contains("import_xlsx__%s_is_told" % name, words, result.stderr)
    bad = workbook({"S": [texts(1, "name", "employees"), texts(2, "A", "1"), texts(3, "B", "many")]})
    result = k.run("import", "company", k.file(bad, "bad.xlsx"))
    text = open(result.stdout.split("Rejected rows: ")[1].split("\n")[0]).read()
    contains("import_xlsx__rejected_rows_are_csv", "B,many,employees,many,", text)


def nested(k):
    """A shared text within another has an end before its beginning: such a file ended the program."""
    made = workbook({"S": [row(1, S("A", 0)), row(2, S("A", 1))]}, ["<t>name</t>", "<si><t>Inner</t></si>", "<t>Next</t>"])
    got, _ = stored(k, "company", made, ("name",))
    equal("import_xlsx__a_text_within_a_text", [["Inner"]], got)


for part in (cells, dates, sheets, refused, nested):
    with test("import_xlsx__" + part.__name__), Kontor() as k:
        part(k)
finish()
