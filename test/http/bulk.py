#!/usr/bin/python3
"""Bulk changes: entries of lists added and taken away, notes made about many, and a dry run that tells what would change."""
from kontor import Kontor, check, equal, finish

FIELDS = """
contact:
  fields:
    groups: {type: choices, of: [vip, press, local]}
"""


def make(k, n):
    return [k.admin.post("/api/v1/contacts", {"first_name": "P", "last_name": "%03d" % i, "groups": ["local"] if i % 2 else [],
                                              "tags": ["Old"] if i % 3 == 0 else [],
                                              "emails": [{"value": "p%d@example.com" % i, "primary": True}]}).json["id"] for i in range(n)]


def bulk(caller, body, query=""):
    return caller.post("/api/v1/contacts/bulk" + query, body)


def one(k, number, field):
    return k.admin.get("/api/v1/contacts/%d" % number).json[field]


def lists(k, ids):
    said = bulk(k.admin, {"ids": ids[:6], "add": {"groups": ["local", "vip"], "tags": ["old", "New one"]}, "remove": {"groups": ["press"]}})
    equal("bulk__adds", (6, 6, 0, []), tuple(said.json[x] for x in ("matched", "changed", "refused", "errors")))
    equal("bulk__added_once", (["local", "vip"], ["Old", "New one"]), (one(k, ids[1], "groups"), one(k, ids[3], "tags")))
    same = bulk(k.admin, {"ids": ids[:6], "add": {"groups": ["vip"]}})
    equal("bulk__adds_nothing_twice", (6, 0, None), tuple(same.json[x] for x in ("matched", "changed", "change")))
    equal("bulk__takes_away", 6, bulk(k.admin, {"ids": ids[:7], "remove": {"tags": ["NEW ONE"]}}).json["changed"])
    equal("bulk__took_only_that", ["Old"], one(k, ids[3], "tags"))
    equal("bulk__sets_and_takes_away", 6, bulk(k.admin, {"ids": ids[:6], "set": {"city": "Kiel"}, "remove": {"groups": ["vip", "local"]}}).json["changed"])
    equal("bulk__empties", ([], "Kiel"), (one(k, ids[1], "groups"), one(k, ids[1], "city")))
    bulk(k.admin, {"ids": ids[:2], "add": {"emails": ["P0@example.com", "second@example.com"]}})
    equal("bulk__adds_an_address", ["p0@example.com", "second@example.com"], [e["value"] for e in one(k, ids[0], "emails")])
    equal("bulk__undo_of_a_list", 200, k.admin.post("/api/v1/changes/%d/undo" % said.json["change"], {}).status)


def refusals(k, ids):
    for name, body in (("of_one_value", {"ids": ids[:1], "add": {"city": ["Kiel"]}}), ("of_no_option", {"ids": ids[:1], "add": {"groups": ["nobody"]}}),
                       ("of_no_field", {"ids": ids[:1], "remove": {"nope": ["x"]}}), ("as_text", {"ids": ids[:1], "add": "vip"})):
        check("bulk__refused_" + name, bulk(k.admin, body).status in (400, 422), bulk(k.admin, body))
    for name, body in (("two_things", {"ids": ids, "set": {"city": "x"}, "delete": True}), ("nothing", {"ids": ids}),
                       ("make_two", {"ids": ids, "make": {"note": {"text": "a"}, "activity": {}}}),
                       ("make_a_company", {"ids": ids, "make": {"company": {"name": "x"}}}), ("make_text", {"ids": ids, "make": "note"})):
        equal("bulk__malformed_" + name, 400, bulk(k.admin, body).status)
    equal("bulk__make_empty_note", (0, 2), tuple(bulk(k.admin, {"ids": ids[:2], "make": {"note": {}}}).json[x] for x in ("changed", "refused")))


def previews(k, ids):
    member = k.add_user("max@example.com")
    bulk(k.admin, {"ids": ids[:4], "set": {"owner": {"email": "max@example.com"}}})
    said = bulk(member, {"ids": ids[:10], "set": {"city": "Husum", "job_title": None}}, "?dry_run=1").json
    equal("preview__counts", (10, 4, 6, True), (said["matched"], said["changed"], said["refused"], said["dry_run"]))
    equal("preview__example", ({"city": "Kiel"}, {"city": "Husum"}), (said["examples"][0]["before"], said["examples"][0]["after"]))
    equal("preview__names_the_record", (ids[0], "P 000", 4), (said["examples"][0]["id"], said["examples"][0]["title"], len(said["examples"])))
    equal("preview__keeps_nothing", "Kiel", one(k, ids[0], "city"))
    owner = bulk(k.admin, {"ids": ids[:10], "set": {"owner": {"email": "max@example.com"}}}, "?dry_run=1").json
    equal("preview__already_so", (10, 6, 0), (owner["matched"], owner["changed"], owner["refused"]))
    check("preview__names_who", owner["examples"][0]["after"]["owner"]["title"] == "max", owner["examples"][0])
    tried, done = (bulk(k.admin, {"ids": ids[:1], "set": {"city": "Ulm"}}, q).json["examples"] for q in ("?dry_run=1", ""))
    equal("preview__is_what_comes", tried, done)


def notes(k, ids):
    body = {"ids": ids[:3], "make": {"activity": {"kind": "call", "subject": "Ask about the fair"}}}
    equal("make__preview", (3, 3), tuple(bulk(k.admin, body, "?dry_run=1").json[x] for x in ("matched", "changed")))
    said = bulk(k.admin, body).json
    made = k.admin.get('/api/v1/activities?filter=subject%20%3D%20%22Ask%20about%20the%20fair%22').json["items"]
    equal("make__one_for_each", sorted(ids[:3]), sorted(a["links"][0]["id"] for a in made))
    k.admin.post("/api/v1/changes/%d/undo" % said["change"], {})
    equal("make__undone", 0, k.admin.get('/api/v1/activities?filter=subject%20%3D%20%22Ask%20about%20the%20fair%22').json["count"])
    reader = k.add_user("rita@example.com", role="reader")
    equal("make__by_who_may_not", 403, bulk(reader, body).status)
    equal("make__by_a_member_about_others", 3, bulk(k.client("max@example.com"), {**body, "ids": ids[20:23]}).json["changed"])


def large(k):
    rows = "".join("L,%04d\n" % i for i in range(1300))
    k.must("import", "contact", k.file("first_name,last_name\n" + rows, "many.csv"), "--as", "admin@example.com")
    body = {"filter": 'first_name = "L"', "add": {"groups": ["press"]}}
    dry = bulk(k.admin, body, "?dry_run=1").json
    equal("large__preview", (1300, 1300, 5), (dry["matched"], dry["changed"], len(dry["examples"])))
    equal("large__preview_keeps_nothing", 0, k.admin.get('/api/v1/contacts?filter=groups%20contains%20%22press%22').json["count"])
    said = bulk(k.admin, body).json
    equal("large__adds", (1300, 1300), (said["matched"], said["changed"]))
    equal("large__undone", 200, k.admin.post("/api/v1/changes/%d/undo" % said["change"], {}).status)
    equal("large__gone", 0, k.admin.get('/api/v1/contacts?filter=groups%20contains%20%22press%22').json["count"])
    made = bulk(k.admin, {"filter": 'first_name = "L"', "make": {"note": {"text": "Fair 2026"}}}).json
    equal("large__makes", 1300, made["changed"])


with Kontor({"fields.yaml": FIELDS}) as k:
    ids = make(k, 24)
    lists(k, ids)
    refusals(k, ids)
    previews(k, ids)
    notes(k, ids)
    large(k)
finish()
