#!/usr/bin/python3
"""Ids of other systems: whose they are is not changed by who cannot see the record, and undo leaves them as they were."""
from kontor import Kontor, equal, finish, test

ROLES = """clerk:
  label: Clerk
  entities:
    "*": {see: own, create: all, edit: own, delete: own, export: own, import: own}
"""
MAP = "import: contact\nsystem: foo\ncolumns:\n  Id: {ref: true}\n  N: last_name\n"
C = "/api/v1/contacts"


def bring(k, id, name, *more):
    done = k.must("import", "contact", k.file("Id,N\n%s,%s\n" % (id, name), "rows.csv"), "--map", k.file(MAP, "map.yaml"), *more)
    return done.split(", ")[0:3]


def ids(k, name):
    return [r["id"] for r in k.admin.items(C + "?filter=last_name = \"%s\"" % name)]


def another(k):
    with test("import_ids__nobody_takes_one"):
        k.add_user("clerk@example.com", "clerk")
        clerk = ("--as", "clerk@example.com")
        bring(k, "K9", "Boss")
        boss = ids(k, "Boss")
        equal("import_ids__a_record_of_his_own", ["1 created", "0 updated", "0 unchanged"], bring(k, "K9", "Mine", *clerk))
        mine = ids(k, "Mine")
        equal("import_ids__the_first_keeps_it", ["0 created", "1 updated", "0 unchanged"], bring(k, "K9", "Boss2"))
        equal("import_ids__the_first_is_changed", (boss, mine), (ids(k, "Boss2"), ids(k, "Mine")))
        equal("import_ids__he_finds_his", ["0 created", "1 updated", "0 unchanged"], bring(k, "K9", "Mine2", *clerk))
        equal("import_ids__his_is_changed", (boss, mine), (ids(k, "Boss2"), ids(k, "Mine2")))


def undone(k):
    with test("import_ids__undo_gives_it_back"):
        bring(k, "K1", "Ext")
        first = ids(k, "Ext")
        k.admin.delete("%s/%d" % (C, first[0]))
        equal("import_ids__one_in_the_bin_is_made_anew", ["1 created", "0 updated", "0 unchanged"], bring(k, "K1", "Ext"))
        k.must("undo", str(k.admin.get("/api/v1/changes?limit=1").json["items"][0]["id"]))
        k.admin.post("%s/%d/restore" % (C, first[0]))
        equal("import_ids__the_restored_one_is_found", ["0 created", "0 updated", "1 unchanged"], bring(k, "K1", "Ext"))
        equal("import_ids__it_is_the_first", first, ids(k, "Ext"))


def merged(k):
    with test("import_ids__a_merge_taken_apart"):
        other = k.admin.post(C, {"last_name": "Other"}).json["id"]
        bring(k, "K2", "Moved")
        moved = ids(k, "Moved")[0]
        change = k.admin.post(C + "/merge", {"into": other, "from": [moved]}).json["change"]
        equal("import_ids__leads_to_the_survivor", ["0 created", "1 updated", "0 unchanged"], bring(k, "K2", "Survivor"))
        last = k.admin.get("/api/v1/changes?limit=1").json["items"][0]["id"]
        for set in last, change:
            assert k.admin.post("/api/v1/changes/%d/undo" % set).status == 200
        equal("import_ids__and_back", ["0 created", "1 updated", "0 unchanged"], bring(k, "K2", "Again"))
        equal("import_ids__to_its_own", [moved], ids(k, "Again"))


def main():
    with Kontor(conf={"roles.yaml": ROLES}) as k:
        another(k)
        undone(k)
        merged(k)
    finish()


main()
