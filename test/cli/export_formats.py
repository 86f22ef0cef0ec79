#!/usr/bin/python3
"""Exports as workbook and as vCards: what leaves comes back, and other programs take it."""
import json
import os
import shutil
import subprocess

from kontor import Kontor, check, contains, equal, finish, skip, test
from workbook import cells_of

PEOPLE = [
    {"salutation": "Dr.", "first_name": "Ada", "last_name": "Lünd " + "ü" * 60, "job_title": "Head, of; all\\things",
     "birthday": "1990-02-03", "tags": ["old friend", "fair"],
     "emails": [{"value": "a@x.example", "label": "work"}, {"value": "b@x.example", "label": "", "primary": True},
                {"value": "c@x.example", "label": "mobile"}],
     "phones": [{"value": "+49 1 2", "label": "work fax"}, {"value": "22", "label": "Front desk"}, {"value": "33", "label": "fax work"}],
     "links": [{"value": "https://x.example/a,b;c", "label": "home"}],
     "addresses": [{"label": "home", "street": "Main 1\nYard", "city": "Potsdam", "country": "Germany"},
                   {"label": "Summer, house", "street": "Side 2", "postcode": "1", "city": "B", "region": "R", "primary": True}]},
    {"last_name": "=1+1", "phones": ["0170 1"]},
    {"first_name": "Only", "emails": ["o@x.example"]},
]
FIRMS = [{"name": "Grün & Co; \"AG\" <x>", "revenue": "1234567.89", "employees": 12, "website": ["g.example"], "city": "Berlin"},
         {"name": "'quoted", "revenue": {"value": "7.00", "currency": "EUR"}, "phones": ["+49 30 1", "+49 30 2"]}]


def filled(k):
    firms = [k.admin.post("/api/v1/companies", f).json["id"] for f in FIRMS]
    for i, person in enumerate(PEOPLE):
        answer = k.admin.post("/api/v1/contacts", {**person, **({"company": firms[0]} if i == 0 else {})})
        equal("export_formats__setting", 201, answer.status)


def rows(k, entity, *left_out):
    """An export without what is another system's own."""
    out = []
    for line in k.must("export", entity, "--format", "ndjson").splitlines():
        row = json.loads(line)
        for name in ("id", "created_at", "created_by", "owner", "team", *left_out):
            row.pop(name, None)
        out.append({n: v["title"] if isinstance(v, dict) and "title" in v else v for n, v in row.items()})
    return out


def bare(items):
    """Without what a cell does not say of addresses and numbers."""
    return [{n: sorted(p["value"] for p in v) if n in ("emails", "phones", "links") else v for n, v in row.items()} for row in items]


def cards_come_back(k):
    for version in ("4", "3"):
        for entity in ("company", "contact"):
            k.must("export", entity, "--format", "vcf", "--card", version, "--out", str(k.top / (entity + ".vcf")))
        with Kontor() as other:
            for entity in ("company", "contact"):
                other.must("import", entity, str(k.top / (entity + ".vcf")))
            equal("export_formats__contacts_come_back_of_cards_%s" % version, rows(k, "contact"), rows(other, "contact"))
            equal("export_formats__companies_come_back_of_cards_%s" % version, rows(k, "company", "revenue", "employees"),
                  rows(other, "company", "revenue", "employees"))
    text = (k.top / "contact.vcf").read_bytes()
    check("export_formats__card_lines_are_short", all(len(line) <= 75 for line in text.split(b"\r\n")), text)
    result = k.run("export", "deal", "--format", "vcf")
    equal("export_formats__deals_have_no_cards", 1, result.returncode)
    contains("export_formats__it_is_said_that_deals_have_none", "no cards", result.stderr)


def cards_are_accepted(k):
    missing = [p for p in ("khard", "vdirsyncer") if not shutil.which(p)]
    if missing:
        return skip("export_formats__cards_are_accepted_by_khard_and_vdirsyncer", "%s is not there" % missing[0])
    one = k.admin.items("/api/v1/contacts")[0]["id"]
    sent = k.admin.request("POST", "/api/v1/contacts/%d/files?field=photo" % one, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
                           headers={"Content-Type": "image/png", "Content-Disposition": "attachment; filename=me.png"})
    equal("export_formats__a_photo_is_there", 201, sent.status)
    for version in ("4", "3"):
        folder = k.top / ("cards" + version)
        for name in ("one", "book", "status"):
            (folder / name).mkdir(parents=True)
        k.must("export", "contact", "--format", "vcf", "--card", version, "--out", str(folder / "all.vcf"))
        contains("export_formats__cards_%s_carry_the_photo" % version, "PHOTO", (folder / "all.vcf").read_text())
        (folder / "sync").write_text('[general]\nstatus_path = "%s/status"\n[pair p]\na = "a"\nb = "b"\ncollections = null\n'
                                     '[storage a]\ntype = "singlefile"\npath = "%s/all.vcf"\n'
                                     '[storage b]\ntype = "filesystem"\npath = "%s/book"\nfileext = ".vcf"\n' % ((folder,) * 3))
        env = {**os.environ, "LC_ALL": "C.UTF-8", "XDG_CONFIG_HOME": str(folder), "HOME": str(folder)}
        for command in ("discover", "sync"):
            done = subprocess.run(["vdirsyncer", "-c", str(folder / "sync"), command], env=env, capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL)
            equal("export_formats__vdirsyncer_can_%s_%s" % (command, version), (0, ""), (done.returncode, done.stderr if done.returncode else ""))
        equal("export_formats__vdirsyncer_finds_each_card_%s" % version, len(PEOPLE), len(list((folder / "book").iterdir())))
        (folder / "khard.conf").write_text("[addressbooks]\n[[book]]\npath = %s/book\n[general]\ndebug = no\n" % folder)
        done = subprocess.run(["khard", "-c", str(folder / "khard.conf"), "list", "--parsable"], env=env, capture_output=True, text=True)
        equal("export_formats__khard_lists_them_%s" % version, (0, len(PEOPLE)), (done.returncode, len(done.stdout.splitlines())))
        contains("export_formats__khard_knows_names_%s" % version, "Lünd", done.stdout)
        done = subprocess.run(["khard", "-c", str(folder / "khard.conf"), "show", "Lünd"], env=env, capture_output=True, text=True)
        for part in ("+49 1 2", "a@x.example", "Potsdam", "Head, of; all"):
            contains("export_formats__khard_shows_%s_%s" % (part.split(" ")[0].split("@")[0], version), part, done.stdout)


def sheets_come_back(k):
    for entity in ("company", "contact"):
        k.must("export", entity, "--out", str(k.top / (entity + ".xlsx")))
    with Kontor() as other:
        for entity in ("company", "contact"):
            other.must("import", entity, str(k.top / (entity + ".xlsx")))
        equal("export_formats__companies_come_back_of_a_sheet", rows(k, "company"), rows(other, "company"))
        equal("export_formats__contacts_come_back_of_a_sheet", bare(rows(k, "contact")), bare(rows(other, "contact")))
    result = k.run("import", "contact", str(k.top / "contact.xlsx"), "--match", "id")
    contains("export_formats__a_sheet_changes_nothing_where_it_came_from", "0 created, 0 updated, 3 unchanged, 0 rejected", result.stdout)


def sheet_has_types(k):
    k.must("export", "company", "--fields", "name,revenue,employees,website,created_at", "--out", str(k.top / "c.xlsx"))
    cells = cells_of((k.top / "c.xlsx").read_bytes())
    equal("export_formats__headers_are_labels", ["Name", "Revenue", "Employees", "Website", "Created"],
          [cells[c + "1"][2] for c in "ABCDE"])
    equal("export_formats__texts_are_texts", ("inlineStr", 'Grün & Co; "AG" <x>'), (cells["A2"][0], cells["A2"][2]))
    equal("export_formats__numbers_are_numbers", [("n", "1234567.89"), ("n", "12"), ("n", "7.00")],
          [(cells[c][0], cells[c][2]) for c in ("B2", "C2", "B3")])
    check("export_formats__money_and_times_have_formats", cells["B2"][1] > 5 and cells["E2"][1] == 3, cells)
    k.must("export", "contact", "--fields", "last_name,birthday", "--out", str(k.top / "p.xlsx"))
    cells = cells_of((k.top / "p.xlsx").read_bytes())
    equal("export_formats__dates_are_days", ("n", 2, "32907"), cells["B2"])
    equal("export_formats__formulas_stay_texts", ("inlineStr", "=1+1"), (cells["A3"][0], cells["A3"][2]))
    for name, args in (("unknown", ("--format", "pdf")), ("card", ("--format", "vcf", "--card", "2"))):
        equal("export_formats__%s_is_refused" % name, 1, k.run("export", "contact", *args).returncode)


for part in (cards_come_back, cards_are_accepted, sheets_come_back, sheet_has_types):
    with test("export_formats__" + part.__name__), Kontor() as k:
        filled(k)
        part(k)
finish()
