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
    for args, words in ((("--encoding", "klingon"), "no encoding “klingon”"), (("--delimiter", "::"), "not by “::”")):
        result = run(k, "company", "Name\nA\n", "c.csv", *args)
        equal("import_formats__%s_may_be_wrong" % args[0][2:], 1, result.returncode)
        contains("import_formats__%s_is_told" % args[0][2:], words, result.stderr)


def strangers(k):
    for name, content, words in (("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "old Excel"),
                                 ("offer.pdf", b"%PDF-1.7\n1 0 obj\n", "PDF")):
        result = run(k, "company", content, name)
        equal("import_formats__%s_is_refused" % name, 1, result.returncode)
        contains("import_formats__%s_is_named" % name, words, result.stderr)


@test
def run_all():
    with Kontor() as k:
        said_of_csv(k)
        strangers(k)


finish()
