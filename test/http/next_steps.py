#!/usr/bin/python3
"""Activities as people work with them: kinds of the firm's own, what was done and what comes next in one change-set, follow-ups
that YAML suggests."""
from kontor import Kontor, check, contains, equal, finish, test

FIELDS = """activity:
  fields:
    kind:
      also:
        visit: {label: {en: Site visit, de: Ortstermin}, icon: map-pin}
        fair: Trade fair
    result:
      of: {reached: Reached, not_reached: Not reached, ordered: Has ordered}
"""
FOLLOW_UPS = """offer: {after: visit, then: task, subject: Write the offer, in: 2 days}
again: {after: call, result: not_reached, then: call, subject: Call again, in: 1 day, at: '09:00'}
thanks: {result: ordered, then: email, subject: Say thanks}
"""


def meta_of(k):
    return [e for e in k.admin.get("/api/v1/meta").json["entities"] if e["name"] == "activity"][0]


def kinds(k):
    kind = [f for f in meta_of(k)["fields"] if f["name"] == "kind"][0]["options"]
    equal("next_steps__kinds_of_the_firm_stand_behind_the_others", ["task", "call", "meeting", "email", "visit", "fair"], [o["id"] for o in kind])
    equal("next_steps__a_kind_has_its_icon", ("Site visit", "map-pin"), (kind[4]["label"], kind[4]["icon"]))
    check("next_steps__others_have_none", "icon" not in kind[5] and kind[5]["label"] == "Trade fair", kind)
    equal("next_steps__results_are_the_firms", ["reached", "not_reached", "ordered"],
          [o["id"] for f in meta_of(k)["fields"] if f["name"] == "result" for o in f["options"]])
    equal("next_steps__an_activity_of_it_is_made", 201, k.admin.post("/api/v1/activities", {"kind": "visit", "subject": "Look"}).status)
    for text, why in (("activity:\n  fields:\n    kind: {also: {task: Twice}}\n", 'the option "task" is listed twice'),
                      ("activity:\n  fields:\n    kind: {also: {visit: {label: Visit, colour: red}}}\n", 'unknown key "colour"'),
                      ("activity:\n  fields:\n    subject: {also: [a]}\n", "only choice and choices have options"),
                      ("activity:\n  fields:\n    kind: {also: some}\n", "must be a list of keys")):
        k.write_conf({"fields.yaml": text})
        told = k.run("check")
        contains("next_steps__check_says_" + why, why, told.stderr)
    k.write_conf({"fields.yaml": FIELDS})


def suggestions(k):
    equal("next_steps__follow_ups_are_in_meta",
          [("visit", None, "task", "Write the offer", 2, None), ("call", "not_reached", "call", "Call again", 1, "09:00"),
           (None, "ordered", "email", "Say thanks", 0, None)],
          [tuple(u[x] for x in ("after", "result", "kind", "subject", "days", "at")) for u in meta_of(k)["follow_ups"]])
    for line, why in (("{after: calls, then: task}", 'do you mean "call"?'), ("{after: call}", "needs the kind of the next step under then"),
                      ("{then: task, in: soon}", "must be days, weeks or months"), ("{then: task, at: noon}", 'must be a time like "09:00"'),
                      ("{then: task, at: '25:00'}", 'must be a time like "09:00"'), ("{then: task, wen: x}", 'do you mean "then"?')):
        k.write_conf({"follow_ups.yaml": "a: %s\n" % line})
        told = k.run("check")
        check("next_steps__check_says_%s" % why, told.returncode == 1 and "follow_ups.yaml:1:" in told.stderr and why in told.stderr, told)
    k.write_conf({"follow_ups.yaml": FOLLOW_UPS})
    with Kontor() as plain:
        known = {(u["after"], u["result"]) for u in meta_of(plain)["follow_ups"]}
        check("next_steps__there_are_some_without_a_file", ("call", "not_reached") in known, known)


def planned(k, deal):
    return [(s["kind"], s["subject"], s["due"]) for s in k.admin.get("/api/v1/deals/%d/timeline?kind=open" % deal).json["items"]]


def together(k):
    deal = k.admin.post("/api/v1/deals", {"name": "Hall"}).json["id"]
    link = [{"entity": "deal", "id": deal}]
    with test("next_steps__a_call_is_logged_with_its_next_step"):
        made = k.admin.post("/api/v1/activities", {"kind": "call", "subject": "Nobody there", "done_at": "2026-11-20T10:00:00Z", "result": "not_reached",
                                                   "links": link, "then": [{"kind": "call", "subject": "Call again", "due": "2027-01-02"}]})
        assert made.status == 201 and "then" not in made.json, made
        assert planned(k, deal) == [("call", "Call again", "2027-01-02")], planned(k, deal)
        change = k.admin.get("/api/v1/changes?entity=activity&id=%d" % made.json["id"]).json["items"][0]["id"]
        undone = k.admin.post("/api/v1/changes/%d/undo" % change, {})
        assert undone.json["undone"] == 2 and planned(k, deal) == [], undone
    with test("next_steps__done_and_the_next_one_is_one_change"):
        first = k.admin.post("/api/v1/activities", {"kind": "meeting", "subject": "Meet", "due": "2027-01-01", "links": link}).json["id"]
        done = k.admin.patch("/api/v1/activities/%d" % first, {"done_at": "2027-01-01T10:00:00Z", "result": "reached",
                                                               "then": [{"kind": "task", "subject": "Minutes", "due": "2027-01-03T09:00[Europe/Berlin]"},
                                                                        {"kind": "call", "subject": "Ask", "links": []}]})
        assert done.status == 200 and done.json["result"] == "reached", done
        assert planned(k, deal) == [("task", "Minutes", "2027-01-03T09:00:00+01:00[Europe/Berlin]")], planned(k, deal)
        change = k.admin.get("/api/v1/changes?entity=activity&id=%d" % first).json["items"][0]["id"]
        assert k.admin.post("/api/v1/changes/%d/undo" % change, {}).json["undone"] == 3
        assert planned(k, deal) == [("meeting", "Meet", "2027-01-01")], planned(k, deal)
    before = k.admin.get("/api/v1/activities").json["count"]
    for dry in ("?dry_run=1", ""):
        bad = k.admin.patch("/api/v1/activities/%d%s" % (first, dry), {"done_at": "2027-01-01T10:00:00Z", "then": [{"kind": "task", "due": "soon"}]})
        equal("next_steps__what_is_wrong_with_a_step_is_told" + dry, (422, ["activity.then.due"]),
              (bad.status, [f["where"] for f in bad.json["error"]["fields"]]))
        equal("next_steps__a_list_is_wanted" + dry, 400, k.admin.patch("/api/v1/activities/%d%s" % (first, dry), {"then": {"kind": "task"}}).status)
    equal("next_steps__nothing_is_kept_of_it", (before, None), (k.admin.get("/api/v1/activities").json["count"], k.admin.get("/api/v1/activities/%d" % first).json["done_at"]))
    equal("next_steps__other_records_have_none", 422, k.admin.post("/api/v1/companies", {"name": "A", "then": []}).status)


PIPELINES = """sales:
  entity: deal
  next_step: true
  stages: [{id: enquiry}, {id: offer}, {id: won, kind: won}, {id: lost, kind: lost}]
"""


def always_one():
    """Open deals of a pipeline that says so always have a next step."""
    with Kontor(conf={"pipelines.yaml": PIPELINES}) as k:
        deal = k.admin.post("/api/v1/deals", {"name": "Hall", "stage": "enquiry"}).json["id"]
        add = lambda subject: k.admin.post("/api/v1/activities", {"kind": "task", "subject": subject, "due": "2027-01-01", "links": [{"entity": "deal", "id": deal}]}).json["id"]
        first, second = add("first"), add("second")
        done = {"done_at": "2027-01-01T10:00:00Z"}
        equal("next_steps__another_one_is_planned", 200, k.admin.patch("/api/v1/activities/%d" % first, done).status)
        for dry in ("?dry_run=1", ""):
            refused = k.admin.patch("/api/v1/activities/%d%s" % (second, dry), done)
            equal("next_steps__the_last_one_is_not_done_alone" + dry, (422, "activity.then", "“Hall” is open and nothing else is planned for it: plan the next step."),
                  (refused.status, refused.json["error"]["fields"][0]["where"], refused.json["error"]["fields"][0]["text"]))
        equal("next_steps__nor_deleted", 422, k.admin.delete("/api/v1/activities/%d" % second).status)
        bulk = k.admin.post("/api/v1/activities/bulk", {"ids": [second], "set": done}).json
        equal("next_steps__nor_with_many", (0, 1), (bulk["changed"], len(bulk["errors"])))
        equal("next_steps__with_the_next_one_it_is", 200, k.admin.patch("/api/v1/activities/%d" % second, {**done, "then": [{"kind": "call", "subject": "third", "due": "2027-02-01"}]}).status)
        step = k.admin.get("/api/v1/deals/%d" % deal).json
        equal("next_steps__a_deal_knows_when", ("2027-02-01", "third"), (step["next_activity_at"], step["next_step"]["subject"]))
        k.admin.patch("/api/v1/deals/%d" % deal, {"stage": "won"})
        equal("next_steps__what_is_won_needs_none", 200, k.admin.patch("/api/v1/activities/%d" % step["next_step"]["id"], done).status)


with Kontor(conf={"fields.yaml": FIELDS, "follow_ups.yaml": FOLLOW_UPS}) as k:
    kinds(k)
    suggestions(k)
    together(k)
    deal, other = (k.admin.post("/api/v1/deals", {"name": n}).json["id"] for n in ("With", "Without"))
    k.admin.post("/api/v1/activities", {"kind": "call", "subject": "x", "due": "2028-02-29", "links": [{"entity": "deal", "id": deal}]})
    names = lambda query: [d["name"] for d in k.admin.get("/api/v1/deals?" + query).json["items"] if d["id"] in (deal, other)]
    equal("next_steps__deals_without_one_are_found", ["Without"], names("filter=next_activity_at is empty"))
    equal("next_steps__deals_are_found_by_it", ["With"], names('filter=next_activity_at = "2028-02-29"'))
    equal("next_steps__a_view_has_them", ["Without"], names("view=deals_without_next_step"))
    row = [d for d in k.admin.get("/api/v1/deals?sort=-next_activity_at&fields=name,next_activity_at").json["items"] if d["id"] == deal][0]
    equal("next_steps__a_list_shows_the_day", "2028-02-29", row["next_activity_at"])
always_one()
finish()
