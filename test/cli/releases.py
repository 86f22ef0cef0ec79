#!/usr/bin/python3
"""Databases of earlier releases (test/data/releases/NNN.db.gz, NNN: user_version): the present program brings them to
the tables a new installation has, keeps every record and its history, and can undo what the older one wrote."""
import gzip
import sqlite3

from kontor import SOURCE, Kontor, equal, finish, test

# What the releases hold, made over their API: see the records by these counts.
FIRST = {"companies": 3, "contacts": 3, "deals": 3, "notes": 1, "activities": 1, "contact_companies": 1, "views": 1}
WANTED = {"001": FIRST, "002": {**FIRST, "activities": 2}, "003": {**FIRST, "activities": 2}}


def fixed_tables(path):
    """Name and text of everything that does not belong to the table of an entity."""
    db = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    rows = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
    db.close()
    fixed = [r for r in rows if not r[2].startswith(("e_", "sqlite_"))]
    return {(kind, name): " ".join((text or "").replace('"', "").split()) for kind, name, _, text in fixed}


def with_release(packed, wanted_tables):
    number = packed.name.split(".")[0]
    name = "release_" + number
    with Kontor() as k:
        k.stop()
        db = k.data / "kontor.db"
        for file in k.data.glob("kontor.db*"):
            file.unlink()
        db.write_bytes(gzip.decompress(packed.read_bytes()))
        k.start()
        admin = k.client("admin@example.com")
        with test(name + "__has_the_tables_of_a_new_installation"):
            have = fixed_tables(db)
            for key in sorted(set(have) | set(wanted_tables)):
                assert have.get(key) == wanted_tables.get(key), "%s: %r, new: %r" % (
                    key, have.get(key), wanted_tables.get(key))
        for plural, count in WANTED[number].items():
            equal("%s__keeps_%s" % (name, plural), count, admin.get("/api/v1/" + plural).json["count"])
        with test(name + "__keeps_fields_and_finds_them"):
            company = admin.get("/api/v1/companies?filter=name%20%3D%20%22Nordwind%22").json["items"][0]
            assert company["city"] == "Bremen", company
            assert company["phones"][0]["value"] == "+49 40 555000", company
            hits = admin.get("/api/v1/search?q=555000").json["items"]
            assert company["id"] in [h["id"] for h in hits], hits
        with test(name + "__undoes_what_the_older_program_wrote"):
            changes = admin.get("/api/v1/changes?entity=company&id=%d" % company["id"]).json["items"]
            assert admin.post("/api/v1/changes/%d/undo" % changes[0]["id"], {}).json["undone"] == 1
            assert admin.get("/api/v1/companies/%d" % company["id"]).json["city"] == "Hamburg"
        with test(name + "__its_moments_are_times_of_the_firm"):
            for activity in admin.get("/api/v1/activities?filter=due is not empty").json["items"]:
                path, due = "/api/v1/activities/%d" % activity["id"], activity["due"]
                assert due == "2026-11-24T10:30:00+01:00[Europe/Berlin]", due
                assert admin.get("/api/v1/activities?filter=due = %22" + due.replace("+", "%2B") + "%22").json["count"] == 1
                admin.patch(path, {"due": "2026-11-25"})
                last = admin.get("/api/v1/changes?entity=activity&id=%d" % activity["id"]).json["items"][0]["id"]
                assert admin.post("/api/v1/changes/%d/undo" % last, {}).json["undone"] == 1
                assert admin.get(path).json["due"] == due, admin.get(path).json
        k.stop()
        with test(name + "__is_whole_in_a_backup"):
            k.must("backup", k.top / "b.kontor")
            k.must("verify", k.top / "b.kontor")


def main():
    with Kontor() as new:
        new.stop()
        tables = fixed_tables(new.data / "kontor.db")
    for packed in sorted((SOURCE / "test/data/releases").glob("*.db.gz")):
        with_release(packed, tables)
    finish()


main()
