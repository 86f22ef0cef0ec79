#!/usr/bin/python3
"""Activities as people work with them: kinds of the firm's own, what was done and what comes next in one change-set, follow-ups
that YAML suggests."""
import json

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
        for more in ({"repeat": "FREQ=DAILY"}, {"then": []}):
            odd = k.admin.post("/api/v1/activities", {"kind": "call", "subject": "Once", "links": link, "then": [{"kind": "task", "subject": "Again", "due": "2027-01-02", **more}]})
            assert odd.status == 400 and "happens once" in odd.text, odd
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
free:
  entity: deal
  stages: [{id: new}, {id: sold, kind: won}]
asks:
  entity: lead
  next_step: true
  stages: [{id: new}, {id: talks}, {id: converted, kind: won}, {id: no, kind: lost}]
"""
RULES = """
- name: hasty
  after: deal.amount
  if: 'amount = 13'
  do: {set: {stage: offer}}
- name: follow-up
  after: deal.stage
  if: 'amount = 14'
  do: {create: {activity: {kind: call, subject: From the rule}}}
"""
DONE = {"done_at": "2027-01-01T10:00:00Z"}
STEP = {"kind": "task", "subject": "first", "due": "2027-01-01"}


class Firm:
    """Deals of a pipeline that wants a next step of each that is open."""

    def __init__(self, k):
        self.k, self.admin = k, k.admin

    def deal(self, *steps, **values):
        made = self.admin.post("/api/v1/deals", {"name": "Hall", "pipeline": "sales", "stage": "enquiry", "then": [dict(STEP, subject=s) for s in steps], **values})
        assert made.status == 201, made
        return made.json["id"]

    def bare(self, **values):
        """One that was there before the rule."""
        path = self.k.file("name,pipeline,stage\nBare,sales,%s\n" % values.get("stage", "enquiry"), "bare.csv")
        self.k.must("import", "deal", path, "--no-gates")
        return max(d["id"] for d in self.admin.get("/api/v1/deals?filter=name%20=%20\"Bare\"&limit=500").json["items"])

    def step(self, deal, subject="first"):
        return [s["id"] for s in self.admin.get("/api/v1/deals/%d/timeline?kind=open" % deal).json["items"] if s["subject"] == subject][0]

    def refuses(self, name, answer, where="activity.then", status=422, says="plan the next step"):
        fields = answer.json["error"]["fields"] if answer.status >= 400 else [{"where": "", "text": ""}]
        check("next_steps__" + name, answer.status == status and fields[0]["where"] == where and says in fields[0]["text"], answer)


def of_steps(f):
    admin = f.admin
    deal = f.deal("first", "second")
    first, second = f.step(deal), f.step(deal, "second")
    equal("next_steps__another_one_is_planned", 200, admin.patch("/api/v1/activities/%d" % first, DONE).status)
    for dry in ("?dry_run=1", ""):
        refused = admin.patch("/api/v1/activities/%d%s" % (second, dry), DONE)
        equal("next_steps__the_last_one_is_not_done_alone" + dry, (422, "activity.then", "“Hall” is open and nothing else is planned for it: plan the next step."),
              (refused.status, refused.json["error"]["fields"][0]["where"], refused.json["error"]["fields"][0]["text"]))
    f.refuses("nor_deleted", admin.delete("/api/v1/activities/%d" % second))
    f.refuses("nor_taken_off_the_deal", admin.patch("/api/v1/activities/%d" % second, {"links": []}))
    other = admin.post("/api/v1/companies", {"name": "Elsewhere"}).json["id"]
    f.refuses("nor_put_elsewhere", admin.patch("/api/v1/activities/%d" % second, {"links": [{"entity": "company", "id": other}]}))
    for name, what in (("done", {"set": DONE}), ("deleted", {"delete": True}), ("taken_off", {"set": {"links": []}}), ("removed", {"remove": {"links": [deal]}})):
        many = admin.post("/api/v1/activities/bulk", {"ids": [second], **what}).json
        check("next_steps__nor_%s_with_many" % name, (many["changed"], len(many["errors"])) == (0, 1) and "Hall" in many["errors"][0]["text"], many)
    equal("next_steps__what_it_says_may_change", 200, admin.patch("/api/v1/activities/%d" % second, {"subject": "Second", "due": "2027-01-09"}).status)
    equal("next_steps__with_the_next_one_it_is", 200, admin.patch("/api/v1/activities/%d" % second, {**DONE, "then": [{"kind": "call", "subject": "third", "due": "2027-02-01"}]}).status)
    step = admin.get("/api/v1/deals/%d" % deal).json
    equal("next_steps__a_deal_knows_when", ("2027-02-01", "third"), (step["next_activity_at"], step["next_step"]["subject"]))
    third = step["next_step"]["id"]
    bad = admin.request("DELETE", "/api/v1/activities/%d" % third, {"then": [{"kind": "task", "due": "soon"}]}, {"If-Match": "*"})
    equal("next_steps__what_is_wrong_with_the_other_is_told", (422, "activity.then.due"), (bad.status, bad.json["error"]["fields"][0]["where"]))
    equal("next_steps__a_deletion_knows_no_more", 400, admin.request("DELETE", "/api/v1/activities/%d" % third, {"set": {}}, {"If-Match": "*"}).status)
    equal("next_steps__deleted_with_another_one", 204, admin.request("DELETE", "/api/v1/activities/%d" % third, {"then": [dict(STEP, subject="fourth")]}, {"If-Match": "*"}).status)
    equal("next_steps__it_takes_its_place", [("task", "fourth", "2027-01-01")], planned(f.k, deal))
    change = admin.get("/api/v1/changes?limit=1").json["items"][0]["id"]
    equal("next_steps__both_are_one_change", (200, 2), (lambda a: (a.status, a.json.get("undone")))(admin.post("/api/v1/changes/%d/undo" % change, {})))
    admin.patch("/api/v1/deals/%d" % deal, {"stage": "won"})
    equal("next_steps__what_is_won_needs_none", 200, admin.patch("/api/v1/activities/%d" % third, DONE).status)
    f.refuses("nor_opened_again", admin.patch("/api/v1/deals/%d" % deal, {"stage": "offer"}), "deal.then")
    equal("next_steps__opened_with_one", 200, admin.patch("/api/v1/deals/%d" % deal, {"stage": "offer", "then": [STEP]}).status)
    both = admin.post("/api/v1/activities/bulk", {"ids": [f.step(deal)], "set": DONE})
    equal("next_steps__again_the_last", 0, both.json["changed"])


def of_deals(f):
    admin = f.admin
    for dry in ("?dry_run=1", ""):
        f.refuses("a_deal_begins_with_one" + dry, admin.post("/api/v1/deals" + dry, {"name": "Hall", "pipeline": "sales"}), "deal.then")
    equal("next_steps__elsewhere_it_needs_none", 201, admin.post("/api/v1/deals", {"name": "Free", "pipeline": "free"}).status)
    equal("next_steps__what_is_won_begins_without", 201, admin.post("/api/v1/deals", {"name": "Hall", "pipeline": "sales", "stage": "won"}).status)
    bare = f.bare()
    equal("next_steps__one_of_before_may_be_edited", 200, admin.patch("/api/v1/deals/%d" % bare, {"amount": "5"}).status)
    f.refuses("but_not_moved", admin.patch("/api/v1/deals/%d" % bare, {"stage": "offer"}), "deal.then", says="“Bare”")
    many = admin.post("/api/v1/deals/bulk", {"ids": [bare], "set": {"stage": "offer"}}).json
    equal("next_steps__nor_with_many_deals", (0, "deal.then"), (many["changed"], many["errors"][0]["where"]))
    free = admin.post("/api/v1/deals", {"name": "Free", "pipeline": "free"}).json["id"]
    f.refuses("nor_come_from_another_pipeline", admin.patch("/api/v1/deals/%d" % free, {"pipeline": "sales"}), "deal.then")
    equal("next_steps__a_rule_does_not_move_it", 422, admin.patch("/api/v1/deals/%d" % bare, {"amount": "13"}).status)
    equal("next_steps__moved_with_one", 200, admin.patch("/api/v1/deals/%d" % bare, {"stage": "offer", "then": [STEP]}).status)
    equal("next_steps__which_stands_there", [("task", "first", "2027-01-01")], planned(f.k, bare))
    bare = f.bare()
    equal("next_steps__a_rule_may_plan_it", 200, admin.patch("/api/v1/deals/%d" % bare, {"amount": "14", "stage": "offer"}).status)
    equal("next_steps__and_did", ["From the rule"], [s[1] for s in planned(f.k, bare)])


def of_the_bin(f):
    admin = f.admin
    deal = f.deal("first")
    equal("next_steps__a_deal_may_be_deleted", 204, admin.delete("/api/v1/deals/%d" % deal).status)
    step = admin.get("/api/v1/activities?filter=done_at is empty&sort=-created_at&limit=1").json["items"][0]["id"]
    equal("next_steps__then_its_step_may_be_done", 200, admin.patch("/api/v1/activities/%d" % step, DONE).status)
    f.refuses("and_it_comes_back_with_another", admin.post("/api/v1/deals/%d/restore" % deal, {}), "deal.then")
    many = admin.post("/api/v1/deals/bulk", {"ids": [deal], "restore": True}).json
    equal("next_steps__with_many_too", (0, 1), (many["changed"], len(many["errors"])))
    equal("next_steps__out_of_the_bin_with_one", 200, admin.post("/api/v1/deals/%d/restore" % deal, {"then": [STEP]}).status)
    equal("next_steps__planned_then", 1, len(planned(f.k, deal)))


def last_change(admin, kind, id):
    return admin.get("/api/v1/changes?entity=%s&id=%d" % (kind, id)).json["items"][0]["id"]


def of_undo(f):
    admin = f.admin
    deal = f.deal("first")
    undo = lambda change: admin.post("/api/v1/changes/%d/undo" % change, {})
    second = admin.post("/api/v1/activities", dict(STEP, subject="second", links=[{"entity": "deal", "id": deal}])).json["id"]
    made = last_change(admin, "activity", second)
    admin.patch("/api/v1/activities/%d" % f.step(deal), DONE)
    done = last_change(admin, "activity", admin.get("/api/v1/activities?filter=done_at is not empty&sort=-updated_at&limit=1").json["items"][0]["id"])
    f.refuses("an_undo_does_not_take_the_last", undo(made), "activity.then", 409)
    equal("next_steps__in_order_it_does", (200, 200), (undo(done).status, undo(made).status))
    admin.patch("/api/v1/deals/%d" % deal, {"stage": "won"})
    won = last_change(admin, "deal", deal)
    admin.patch("/api/v1/activities/%d" % f.step(deal), DONE)
    f.refuses("nor_opens_one_without", undo(won), "deal.then", 409, "“Hall”")
    admin.post("/api/v1/activities", dict(STEP, links=[{"entity": "deal", "id": deal}]))
    equal("next_steps__planned_first_it_does", 200, undo(won).status)
    whole = f.deal("alone")
    change = last_change(admin, "deal", whole)
    equal("next_steps__what_began_together_goes_together", (200, 2), (lambda a: (a.status, a.json.get("undone")))(undo(change)))


def of_many(f):
    """More than one bite of an undo: as a whole it is refused, and nothing of it is done."""
    admin, k, number = f.admin, f.k, 1200
    names = ["Many %d" % i for i in range(number)]
    k.must("import", "deal", k.file("name,pipeline,stage\n" + "".join("%s,sales,enquiry\n" % n for n in names), "many.csv"), "--no-gates")
    found = admin.items("/api/v1/deals?fields=id&limit=500&filter=name%20starts%20with%20\"Many\"")
    rows = "".join(json.dumps({"subject": "first", "kind": "task", "due": "2027-01-01", "links": [{"entity": "deal", "id": d["id"]}]}) + "\n" for d in found)
    told = json.loads(k.must("import", "activity", k.file(rows, "steps.ndjson"), "--json"))
    bare = lambda: admin.get("/api/v1/deals?limit=1&filter=next_activity_at%20is%20empty%20and%20name%20starts%20with%20\"Many\"").json["count"]
    equal("next_steps__many_are_planned", (number, number, 0), (len(found), told["created"], bare()))
    change = told["change"]
    kept = admin.post("/api/v1/changes/%d/undo" % change, {}).json
    check("next_steps__nor_an_undo_of_many", (kept["undone"], kept["kept_count"]) == (0, number) and "plan the next step" in kept["kept"][0]["text"], kept)
    equal("next_steps__then_none_of_them_is_gone", 0, bare())
    ended = admin.post("/api/v1/deals/bulk", {"filter": 'name starts with "Many"', "set": {"stage": "lost"}}).json
    equal("next_steps__closed_they_need_none", number, ended["changed"])
    equal("next_steps__and_the_undo_is_done", (200, number), (lambda a: (a.status, a.json["undone"]))(admin.post("/api/v1/changes/%d/undo" % change, {})))


def of_imports(f):
    admin, k = f.admin, f.k
    deal = f.deal("first")
    step = f.step(deal)
    rows = k.file("id,done_at\n%d,2027-01-01T10:00:00Z\n" % step, "done.csv")
    deals = k.file("name,pipeline,stage\nNew one,sales,enquiry\nSold,sales,won\n", "deals.csv")
    told = k.run("import", "activity", rows, "--match", "id", "--json")
    check("next_steps__an_import_is_bound", told.returncode == 3 and '"rejected":1' in told.stdout, told)
    told = k.run("import", "deal", deals, "--json")
    check("next_steps__row_by_row", told.returncode == 3 and '"created":1' in told.stdout and '"rejected":1' in told.stdout, told)
    equal("next_steps__unless_it_is_let_through", 0, k.run("import", "activity", rows, "--match", "id", "--no-gates").returncode)
    contains("next_steps__which_history_says", "without gates", admin.get("/api/v1/changes?entity=activity&id=%d" % step).text)
    equal("next_steps__then_none_is_planned", [], planned(k, deal))


def of_merges(f):
    admin = f.admin
    bare, won, two = f.bare(), f.deal(stage="won"), f.deal("first")
    merge = lambda into, *others, **more: admin.post("/api/v1/deals/merge", {"into": into, "from": list(others), **more})
    f.refuses("a_merge_does_not_open_one", merge(won, bare, fields={"stage": bare}), "deal.then")
    equal("next_steps__a_merge_brings_the_steps", 200, merge(won, two, fields={"stage": two}).status)
    equal("next_steps__of_the_other", ["first"], [s[1] for s in planned(f.k, won)])


def of_others(f):
    """Leads, forms, conversions; who may not see the deal."""
    admin, k = f.admin, f.k
    f.refuses("leads_are_bound_too", admin.post("/api/v1/leads", {"last_name": "Bo", "pipeline": "asks"}), "lead.then")
    lead = admin.post("/api/v1/leads", {"last_name": "Bo", "then": [STEP]}).json["id"]
    made = admin.post("/api/v1/leads/%d/convert" % lead, {"deal": {"name": "Hall", "pipeline": "sales"}})
    equal("next_steps__what_a_lead_becomes_has_its_steps", ["first"], [s[1] for s in planned(k, made.json["deal"]["id"])])
    k.must("import", "lead", k.file("last_name,pipeline,stage\nOld,asks,new\n", "leads.csv"), "--no-gates")
    lead = admin.get("/api/v1/leads?filter=last_name%20=%20\"Old\"").json["items"][0]["id"]
    f.refuses("or_wants_one", admin.post("/api/v1/leads/%d/convert" % lead, {"deal": {"name": "Hall", "pipeline": "sales"}}), "deal.then")
    made = admin.post("/api/v1/leads/%d/convert" % lead, {"deal": {"name": "Hall", "pipeline": "sales", "then": [STEP]}})
    equal("next_steps__converted_with_one", 200, made.status)
    k.add_user("own@example.com", "own")
    own = k.client("own@example.com")
    deal = f.deal("first")
    step = f.step(deal)
    me = [u["id"] for u in admin.get("/api/v1/users").json["items"] if u["email"] == "own@example.com"][0]
    mine = own.post("/api/v1/companies", {"name": "Mine"}).json["id"]
    admin.patch("/api/v1/activities/%d" % step, {"owner": me, "links": [{"entity": "deal", "id": deal}, {"entity": "company", "id": mine}]})
    refused = own.patch("/api/v1/activities/%d" % step, DONE)
    check("next_steps__a_hidden_deal_is_not_named", refused.status == 422 and "Hall" not in refused.text and "you may not see" in refused.text, refused)
    equal("next_steps__nor_without_the_next_one", 200, own.patch("/api/v1/activities/%d" % step, {**DONE, "then": [STEP]}).status)


ROLES = "own: {label: Own, entities: {'*': {see: own, create: own, edit: own}}}\n"


def always_one():
    """Open deals of a pipeline that says so always have a next step, whichever way one would lose it."""
    with Kontor(conf={"pipelines.yaml": PIPELINES, "rules.yaml": RULES, "roles.yaml": ROLES}) as k:
        f = Firm(k)
        for run in (of_steps, of_deals, of_the_bin, of_undo, of_many, of_imports, of_merges, of_others):
            run(f)


def everywhere(k):
    """Leads, people and companies have one, too; a company that of its deals and people."""
    admin = k.admin
    add = lambda plural, **values: (lambda a: (a.status == 201 or print(a)) and a.json["id"])(admin.post("/api/v1/" + plural, values))
    day = lambda plural, id: admin.get("/api/v1/%s/%d" % (plural, id)).json["next_activity_at"]
    company = add("companies", name="Works")
    person, other = (add("contacts", last_name=n, company=company) for n in ("Bo", "Cy"))
    deal, lead = add("deals", name="Gate", company=company), add("leads", last_name="Di")
    step = lambda entity, id, due: add("activities", subject="x", due=due, links=[{"entity": entity, "id": id}])
    on_deal, on_lead = step("deal", deal, "2028-05-01"), step("lead", lead, "2028-05-02")
    equal("next_steps__a_lead_has_one", "2028-05-02", day("leads", lead))
    equal("next_steps__a_company_has_that_of_its_deals", "2028-05-01", day("companies", company))
    on_person = step("contact", person, "2028-04-01")
    equal("next_steps__and_of_its_people", ("2028-04-01", "2028-04-01", None), (day("companies", company), day("contacts", person), day("contacts", other)))
    own = step("company", company, "2028-03-01T10:00:00Z")
    check("next_steps__and_its_own", day("companies", company).startswith("2028-03-01T"), day("companies", company))
    names = lambda plural, query: [r["title"] for r in admin.get("/api/v1/%s?fields=title,next_activity_at&%s" % (plural, query.replace(" ", "%20"))).json["items"]]
    empty = add("companies", name="Idle")
    equal("next_steps__companies_without_one_are_found", ["Idle"], [n for n in names("companies", "filter=next_activity_at is empty") if n in ("Idle", "Works")])
    equal("next_steps__people_are_sorted_by_it", "Bo", names("contacts", "sort=next_activity_at&filter=next_activity_at is not empty")[0])
    admin.patch("/api/v1/activities/%d" % own, DONE)
    equal("next_steps__done_it_is_the_next", "2028-04-01", day("companies", company))
    change = last_change(admin, "activity", own)
    admin.post("/api/v1/changes/%d/undo" % change, {})
    check("next_steps__undone_it_is_back", day("companies", company).startswith("2028-03-01T"))
    admin.delete("/api/v1/activities/%d" % own)
    equal("next_steps__deleted_it_is_gone", "2028-04-01", day("companies", company))
    admin.post("/api/v1/activities/%d/restore" % own, {})
    check("next_steps__restored_it_is_back", day("companies", company).startswith("2028-03-01T"))
    admin.patch("/api/v1/activities/%d" % own, {"links": [{"entity": "company", "id": empty}]})
    equal("next_steps__put_elsewhere_it_is_there", ("2028-04-01", True), (day("companies", company), day("companies", empty).startswith("2028-03-01T")))
    merged = admin.post("/api/v1/contacts/merge", {"into": other, "from": [person]})
    equal("next_steps__merged_it_goes_along", (200, "2028-04-01"), (merged.status, day("contacts", other)))
    admin.post("/api/v1/changes/%d/undo" % merged.json["change"], {})
    equal("next_steps__and_back", ("2028-04-01", None), (day("contacts", person), day("contacts", other)))
    mine = add("deals", name="Own", contact=other)
    step("deal", mine, "2028-06-01")
    equal("next_steps__people_have_that_of_their_deals", "2028-06-01", day("contacts", other))
    admin.delete("/api/v1/deals/%d" % mine)
    equal("next_steps__but_not_of_deleted_ones", None, day("contacts", other))
    admin.patch("/api/v1/contacts/%d" % person, {"company": empty})
    equal("next_steps__who_moves_takes_it_along", "2028-05-01", day("companies", company))
    for id in (on_deal, on_lead, on_person):
        admin.delete("/api/v1/activities/%d" % id)
    equal("next_steps__nothing_is_left", (None, None, None), (day("companies", company), day("leads", lead), day("contacts", person)))


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
everywhere_conf = {"fields.yaml": "company:\n  fields:\n    first: {type: date, compute: 'earliest(date(\"2027-01-02\"), date(created_at))', stored: false}\n"}
with Kontor(conf=everywhere_conf) as k:
    everywhere(k)
    k.write_conf({"fields.yaml": "company:\n  fields:\n    first: {type: date, compute: 'earliest(today(), now())', stored: false}\n"})
    contains("next_steps__earliest_takes_days_or_moments", "days or moments, not both", k.run("check").stderr)
always_one()
finish()
