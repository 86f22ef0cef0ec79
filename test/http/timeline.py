#!/usr/bin/python3
"""The timeline of a record, and who else tells of it: every entity with a field of type records stands in the timelines of what
it points to, a customer's own like notes and activities, with its own rights, kinds and moments."""
from kontor import Kontor, check, equal, finish, test

RATES = "name: Test\ncurrency: EUR\nzone: Europe/Berlin\npassword_cost: low\nrates: {USD: 0.92}\n"
CONF = {"kontor.yaml": RATES, "entities/visit.yaml": """
entity: visit
label: Visit
plural: visits
fields: {text: {type: longtext}, about: {type: records}}
""", "entities/inspection.yaml": """
entity: inspection
label: Inspection
plural: inspections
icon: shield-check
title: number
visible: {any_of: [objects]}
timeline: false
story: {at: held, kind: outcome}
fields:
  number:  {type: text, required: true}
  outcome: {type: choice, of: [passed, failed]}
  held:    {type: instant, required: true}
  report:  {type: longtext, see: [admin]}
  objects: {type: records}
  guests:  {type: records, reverse: guested}
""", "roles.yaml": """
clerk:
  label: Clerk
  entities:
    "*": {see: own, create: all, edit: own, delete: own}
guest:
  label: Guest
  entities:
    "*": {see: all, create: none, edit: none, delete: none}
    visit: {see: none}
"""}


def make(caller, plural, **fields):
    answer = caller.post("/api/v1/" + plural, fields)
    assert answer.status == 201, answer
    return answer.json["id"]


def told(caller, path, **query):
    """(kind, entity, subject, text) of the entries, changes left out."""
    text = "&".join("%s=%s" % pair for pair in query.items())
    answer = caller.get("%s/timeline?%s" % (path, text))
    assert answer.status == 200, answer
    return [(i["kind"], i["entity"], i.get("subject"), i.get("text")) for i in answer.json["items"] if "entity" in i]


def entries(k, path, contact):
    make(k.admin, "visits", text="Coffee at the fair", about=[contact])
    make(k.admin, "notes", text="Likes coffee", links=[contact])
    make(k.admin, "activities", kind="call", subject="Rang", done_at="2026-01-02T10:00:00Z", links=[contact])
    make(k.admin, "inspections", number="I-7", outcome="failed", held="2020-05-01T08:00:00Z", report="Rust", objects=[contact])
    visit = ("visit", "visit", None, "Coffee at the fair")
    note, call = ("note", "note", None, "Likes coffee"), ("call", "activity", "Rang", None)
    failed = ("failed", "inspection", "I-7", "Rust")
    equal("timeline__has_entries_of_every_entity", [note, visit, call, failed], told(k.admin, path))
    equal("timeline__stands_where_the_story_says", "2020-05-01T08:00:00Z",
          [i["at"] for i in k.admin.get(path + "/timeline").json["items"] if i["kind"] == "failed"][0])
    for kinds, wanted in {"visit": [visit], "note": [note], "note,visit": [note, visit], "failed": [failed], "passed": [],
                          "inspection": [failed], "activity": [call], "call": [call], "nothing": []}.items():
        equal("timeline__of_kind_" + kinds, wanted, told(k.admin, path, kind=kinds))


def second_field(k):
    """Whatever field of type records points to it."""
    here, there = (make(k.admin, "contacts", last_name=name) for name in ("Here", "There"))
    make(k.admin, "inspections", number="I-1", outcome="passed", held="2026-05-01T08:00:00Z", objects=[here], guests=[there, here])
    for contact in (here, there):
        equal("timeline__has_entries_by_every_field", [("passed", "inspection", "I-1", None)],
              told(k.admin, "/api/v1/contacts/%d" % contact))


def pages(k, path):
    whole = k.admin.get(path + "/timeline?limit=200").json["items"]
    for size in (1, 2, 3):
        found, cursor = [], ""
        while cursor is not None:
            page = k.admin.get("%s/timeline?limit=%d&cursor=%s" % (path, size, cursor)).json
            found, cursor = found + page["items"], page["next"]
        equal("timeline__by_pages_of_%d" % size, whole, found)
    for cursor in ("1", "1.2.3.4.5", "0.0.0.0.0.0.0.0.x", "."):
        equal("timeline__refuses_cursor_" + cursor, 400, k.admin.get(path + "/timeline?cursor=" + cursor).status)


def rights(k, path, contact):
    clerk, guest = (k.add_user("%s@timeline.example" % role, role=role) for role in ("clerk", "guest"))
    equal("timeline__without_an_entity_one_may_not_see", [("note", None), ("call", None), ("failed", None)],
          [(kind, text if kind == "failed" else None) for kind, _, _, text in told(guest, path)])
    equal("timeline__without_an_entity_asked_for", [], told(guest, path, kind="visit"))
    mine = make(clerk, "contacts", last_name="Mine")
    make(k.admin, "visits", text="Not the clerk's", about=[mine])
    make(clerk, "visits", text="The clerk's", about=[mine])
    make(k.admin, "inspections", number="I-8", outcome="passed", held="2026-05-01T08:00:00Z", report="Fine", objects=[mine, contact])
    own = "/api/v1/contacts/%d" % mine
    equal("timeline__of_own_records_has_what_one_may_see", [("visit", "visit", None, "The clerk's"), ("passed", "inspection", "I-8", None)],
          told(clerk, own))
    equal("timeline__of_foreign_records_is_not_there", 404, clerk.get(path + "/timeline").status)


def changes(k, path, contact):
    visit = make(k.admin, "visits", text="Short", about=[contact])
    with test("timeline__follows_trash_and_undo"):
        answer = k.admin.delete("/api/v1/visits/%d" % visit)
        assert "Short" not in str(told(k.admin, path)), answer
        k.admin.post("/api/v1/visits/%d/restore" % visit)
        assert "Short" in str(told(k.admin, path))
    last = k.admin.get("/api/v1/changes?limit=1").json["items"][0]
    equal("changes__name_entries_of_ones_own_entity", {"entity": "visit", "id": visit, "title": "Short"}, last.get("record"))
    equal("changes__say_what_was_done", "Visit Short: taken out of the bin", last["summary"])
    many = [make(k.admin, "visits", text=text) for text in ("One", "Two")]
    for what, summary in (("delete", "Visits: 2, moved to the bin"), ("restore", "Visits: 2, taken out of the bin")):
        assert k.admin.post("/api/v1/visits/bulk", {"ids": many, what: True}).json["changed"] == 2
        last = k.admin.get("/api/v1/changes?limit=1").json["items"][0]
        equal("changes__say_what_was_done_to_many:" + what, (summary, what), (last["summary"], last.get("op")))
    k.admin.post("/api/v1/visits/bulk", {"ids": many, "set": {"text": "Three"}})
    equal("changes__of_values_name_no_operation", None, k.admin.get("/api/v1/changes?limit=1").json["items"][0].get("op"))
    equal("timeline__open_is_only_work", [], told(k.admin, path, kind="open"))
    make(k.admin, "activities", kind="task", subject="Offer", links=[contact])
    equal("timeline__open_work_is_a_next_step", [("task", "activity", "Offer", None)], told(k.admin, path, kind="open"))
    check("timeline__has_no_open_work", "Offer" not in str(told(k.admin, path)))


def amounts(k):
    deal = "/api/v1/deals/%d" % make(k.admin, "deals", name="Pump", amount="100 USD")
    for amount in ("200 USD", "200 EUR", None):
        assert k.admin.patch(deal, {"amount": amount}).status == 200
    sides = [(f["before"], f["after"]) for i in k.admin.get(deal + "/timeline").json["items"] for f in i.get("fields", [])
             if f["name"] == "amount" and f["before"]]
    money = lambda value, currency: {"value": value, "currency": currency}
    equal("timeline__tells_amounts_in_the_currency_they_had", [
        (money("200.00", "EUR"), None), (money("200.00", "USD"), money("200.00", "EUR")),
        (money("100.00", "USD"), money("200.00", "USD"))], sides)


with Kontor(conf=CONF) as k:
    contact = make(k.admin, "contacts", last_name="Lund")
    path = "/api/v1/contacts/%d" % contact
    entries(k, path, contact)
    second_field(k)
    pages(k, path)
    changes(k, path, contact)
    rights(k, path, contact)
    amounts(k)
finish()
