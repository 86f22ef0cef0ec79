#!/usr/bin/python3
"""Files of other formats than CSV, and what may be said of how a file is written."""
import json

from kontor import Kontor, check, contains, equal, finish, test


def run(k, entity, content, name, *args):
    return k.run("import", entity, k.file(content, name), *args)


def taken_back(k, entity, content, name, *args, fields):
    """What an import stores, by id; it is taken back. Else what is said."""
    result = run(k, entity, content, name, *args)
    if result.returncode not in (0, 3):
        return result.returncode, result.stderr + result.stdout
    plural = {"company": "companies"}.get(entity, entity + "s")
    items = sorted(k.admin.items("/api/v1/" + plural), key=lambda r: r["id"])
    k.must("undo", result.stdout.split("; change ")[1].split(".")[0])
    return [[r[f] for f in fields] for r in items]


def said_of_csv(k):
    euro = "Name;City\nH€lder;Würzburg\n".encode("windows-1252")
    equal("import_formats__an_encoding_is_found", [["H€lder", "Würzburg"]],
          taken_back(k, "company", euro, "c.csv", fields=("name", "city")))
    equal("import_formats__an_encoding_is_said", [["Hölder", "Würzburg"]],
          taken_back(k, "company", "Name;City\nHölder;Würzburg\n".encode("utf-16-le"), "c.csv",
                     "--encoding", "utf16le", fields=("name", "city")))
    equal("import_formats__a_delimiter_is_said", [["A;1", "Y,Z"]],
          taken_back(k, "company", 'Name|City\nA;1|Y,Z\n', "c.csv", "--delimiter", "|", fields=("name", "city")))
    equal("import_formats__a_tab_is_said", [["A", "B"]],
          taken_back(k, "company", 'Name\tCity\nA\tB\n', "c.csv", "--delimiter", "tab", fields=("name", "city")))
    for args, words in ((("--encoding", "klingon"), "no encoding “klingon”"), (("--delimiter", "::"), "not “::”")):
        result = run(k, "company", "Name\nA\n", "c.csv", *args)
        equal("import_formats__%s_may_be_wrong" % args[0][2:], 1, result.returncode)
        contains("import_formats__%s_is_told" % args[0][2:], words, result.stderr)


def strangers(k):
    for name, content, words in (("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "old Excel"),
                                 ("offer.pdf", b"%PDF-1.7\n1 0 obj\n", "PDF")):
        result = run(k, "company", content, name)
        equal("import_formats__%s_is_refused" % name, 1, result.returncode)
        contains("import_formats__%s_is_named" % name, words, result.stderr)


def ndjson(k):
    """What an export writes, another system reads: equal but for ids and times."""
    firm = k.admin.post("/api/v1/companies", {"name": "Acme", "revenue": {"value": "1234.50", "currency": "EUR"},
                                              "website": ["acme.example"], "tags": ["old friend", "fair"]}).json
    k.admin.post("/api/v1/companies", {"name": "Acme", "city": "Elsewhere"})
    people = [{"last_name": "Lund", "first_name": "Ada", "company": firm["id"], "birthday": "1990-02-28", "emails": [
        {"value": "a@x.example", "label": "work", "primary": False, "opt_out": True},
        {"value": "b@x.example", "label": "", "primary": True, "opt_out": False}]},
              {"last_name": "=1+1", "job_title": "'quoted' \"twice\"", "phones": ["+49 30 1234"]}]
    for person in people:
        equal("import_formats__ndjson_setting", 201, k.admin.post("/api/v1/contacts", person).status)
    files = {e: k.must("export", e, "--format", "ndjson") for e in ("company", "contact")}
    with Kontor() as other:
        for name in ("One", "Two", "Three"): # other ids
            other.admin.post("/api/v1/companies", {"name": name})
        for entity in ("company", "contact"):
            result = run(other, entity, files[entity], entity + ".ndjson")
            if entity == "company":
                equal("import_formats__ndjson_%s_is_taken" % entity, 0, result.returncode)
                contains("import_formats__ndjson_is_told", "Read as ndjson, UTF-8", result.stdout)
            else:
                equal("import_formats__ndjson_%s_of_two_firms" % entity, 3, result.returncode)
                contains("import_formats__ndjson_ambiguous", "Several Companies", result.stdout)
    again = run(k, "contact", files["contact"], "again.ndjson", "--match", "last_name")
    equal("import_formats__ndjson_ids_settle_which", (0, True), (again.returncode, "0 created, 0 updated, 2 unchanged" in again.stdout))


def same_after_ndjson(k):
    def strip(text):
        rows = [json.loads(line) for line in text.splitlines()]
        for row in rows:
            for key in ("id", "created_at", "created_by"):
                row.pop(key, None)
            for key, value in row.items():
                if isinstance(value, dict):
                    value.pop("id", None)
        return rows
    k.must("import", "company", k.file('{"name":"Borg","revenue":"7.25 EUR","tags":["a b","c"],"phones":"123"}\n\n'
                                       '{"parent":{"title":"Borg"},"name":"Arm","employees":12,"emails":null}', "b.ndjson"))
    k.must("import", "contact", k.file('{"last_name":"Lund","company":{"name":"Borg"},"emails":[{"value":"l@x.example",'
                                       '"label":"home","primary":true,"opt_out":true}]}', "c.ndjson"))
    with Kontor() as other:
        for entity in ("company", "contact"):
            text = k.must("export", entity, "--format", "ndjson")
            other.must("import", entity, other.file(text, entity + ".ndjson"))
            equal("import_formats__ndjson_%s_comes_back_equal" % entity, strip(text),
                  strip(other.must("export", entity, "--format", "ndjson")))


def broken_ndjson(k):
    for name, text, words in (("cut", '{"name":"A"}\n{"name":"B', "n.ndjson:2"), ("list", '{"name":"A"}\n[1]\n', "n.ndjson:2"),
                              ("nul", '{"name":"A\\u0000"}\n', "n.ndjson:1"),
                              ("unknown", '{"nane":"A"}\n', "no field “nane”")):
        result = run(k, "company", text, "n.ndjson")
        equal("import_formats__%s_ndjson_is_refused" % name, 1, result.returncode)
        contains("import_formats__%s_ndjson_is_placed" % name, words, result.stderr)


LDIF = """version: 1
# a comment
 that goes on
dn: ou=people,dc=example
objectClass: organizationalUnit
ou: people

dn: cn=Ada Lund,ou=people,dc=example
changetype: add
objectClass: inetOrgPerson
objectClass: mozillaAbPersonAlpha
cn: Ada Lund
givenName: Ada
sn:: TMO8bmQ=
mail: ada@x.example
mozillaSecondEmail: home@x.example
telephoneNumber: +49 30 12
 34
mobile: +49 170 1
o: Lund
  Bros
title;lang-en: Engineer
street: Main 1
l: Berlin
postalCode: 10115
mozillaHomeLocalityName: Potsdam
birthyear: 1990
birthmonth: 2
birthday: 3
description: likes
userPassword: {SSHA}secret
jpegPhoto:: /9j/4AAQ
hobby: chess

dn:: Y249Qm9i
objectClass: person
cn: Bob
mail: bob@x.example"""


def ldif(k):
    fields = ("first_name", "last_name", "emails", "phones", "job_title", "city", "postcode", "birthday")
    point = lambda value, label, primary: {"value": value, "label": label, "primary": primary, "opt_out": False}
    result = run(k, "contact", LDIF, "book", "--create-links")
    equal("import_formats__ldif_is_known_by_content", 0, result.returncode)
    contains("import_formats__ldif_keeps_other_attributes_as_a_note", "hobby: chess", k.admin.items("/api/v1/notes")[0]["text"])
    check("import_formats__ldif_reads_no_passwords", "password" not in result.stdout.lower(), result.stdout)
    items = sorted(k.admin.items("/api/v1/contacts"), key=lambda r: r["id"])
    equal("import_formats__ldif_people", [
        ["Ada", "Lünd", [point("ada@x.example", "", True), point("home@x.example", "", False)],
         [point("+49 30 1234", "work", True), point("+49 170 1", "mobile", False)], "Engineer", "Berlin", "10115",
         "1990-02-03"],
        [None, "Bob", [point("bob@x.example", "", True)], [], None, None, None, None]], [[r[f] for f in fields] for r in items])
    equal("import_formats__ldif_company", "Lund Bros", items[0]["company"]["title"])
    k.must("undo", result.stdout.split("; change ")[1].split(".")[0])
    firms = taken_back(k, "company", LDIF, "book.ldif", fields=("name",))
    equal("import_formats__ldif_of_companies", [["Lund Bros"], ["Bob"]], firms)
    for name, text, words in (("modify", "dn: cn=A\nchangetype: modify\ncn: B\n", "b.ldif:2"),
                              ("no_attribute", "version: 1\ndn: cn=A\nnonsense\n", "b.ldif:3")):
        result = run(k, "contact", text, "b.ldif")
        equal("import_formats__ldif_%s_is_refused" % name, 1, result.returncode)
        contains("import_formats__ldif_%s_is_placed" % name, words, result.stderr)


PARTS = (said_of_csv, strangers, ldif, broken_ndjson, ndjson, same_after_ndjson)

for part in PARTS:
    with test("import_formats__" + part.__name__), Kontor() as k:
        part(k)
finish()
