#!/usr/bin/python3
"""Kontor's own CSV comes back: nothing changes when it is imported as it is, what was edited in it is what changes, and on
another system, where the same numbers are other records, it makes new ones."""
import csv
import io

from generated import ENTITIES, dump, system
from kontor import Kontor, equal, finish, test


def as_it_is(k):
    before = dump(k)
    for entity in ENTITIES:
        file = k.top / (entity + ".csv")
        k.must("export", entity, "--out", file, *(["--guard", "--delimiter", ";"] if entity == "vessel" else []))
        rows = len(list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline=""), delimiter=";" if entity == "vessel" else ","))) - 1
        with test("own_csv__%s_is_unchanged" % entity):
            told = k.must("import", entity, file)
            assert told.startswith("0 created, 0 updated, %d unchanged, 0 rejected" % rows), told
    equal("own_csv__leaves_the_dump_as_it_was", before, dump(k))


def edited(k):
    file = k.top / "contact.csv"
    k.must("export", "contact", "--out", file)
    rows = list(csv.DictReader(io.StringIO(file.read_text(), newline="")))
    rows[1]["job_title"], rows[2]["company"] = "Captain", ""
    with open(file, "w", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    with test("own_csv__what_was_edited_is_updated"):
        told = k.must("import", "contact", file)
        assert told.startswith("0 created, 1 updated, %d unchanged" % (len(rows) - 1)), told
        assert k.admin.get("/api/v1/contacts/%s" % rows[1]["id"]).json["job_title"] == "Captain"
        company = k.admin.get("/api/v1/contacts/%s" % rows[2]["id"]).json["company"]
        assert company is not None, "an empty cell keeps what is there"


def elsewhere(k):
    file = k.top / "team.csv"
    k.admin.post("/api/v1/products", {"name": "Bolt", "price": "1.20"})
    k.must("export", "product", "--out", file)
    with Kontor() as other, test("own_csv__other_system_makes_new_records"):
        for n in range(80):
            other.admin.post("/api/v1/products", {"name": "Nut %d" % n})
        before = other.admin.get("/api/v1/products?limit=1").json["count"]
        told = other.must("import", "product", file)
        assert told.startswith("1 created"), told
        assert other.admin.get("/api/v1/products?limit=1").json["count"] == before + 1


def main():
    with system(4) as k:
        as_it_is(k)
        edited(k)
        elsewhere(k)
    finish()


main()
