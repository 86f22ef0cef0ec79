#!/usr/bin/python3
"""Rules of the firm: refuse, set, create, assign, notify; what an undo takes back, a dry run shows and an import leaves alone."""
import threading
import urllib.parse

from kontor import Kontor, equal, check, contains, finish, test

RULES = """
- name: no-cheap-won
  before: deal.stage
  if: 'stage = "won" and amount < 100'
  do:
    - refuse: {field: amount, say: "{name} is too cheap to be won ({amount})"}
- name: keep-won
  before: deal.deleted
  if: 'stage.kind = "won"'
  do: {refuse: Won deals are not deleted}
- name: won-is-final
  before: deal.updated
  if: 'was(stage) = "won" and changed(amount)'
  do: {refuse: The amount of a won deal stays}
- name: call-new-enquiries
  help: Somebody calls whoever writes to us
  after: lead.created
  if: 'source = "website"'
  do:
    - create: {activity: {kind: call, subject: "Call {title}", due: now() + 1 days}}
    - set: {subject: "[web] {subject}"}
- name: to-solar
  after: lead.created
  if: 'utm_campaign = "solar"'
  do:
    - assign: {round_robin: [{team: Solar}]}
- name: to-least-busy
  after: lead.created
  if: 'utm_campaign = "wind"'
  do:
    - assign: {least_busy: [{team: Solar}], by: [leads, activities]}
- name: by-territory
  after: lead.created
  if: 'utm_campaign = "near"'
  do:
    - assign: {round_robin: [{team: Solar}], if: 'territory = lead.city', otherwise: admin@example.com}
- name: by-address
  after: lead.created
  if: 'utm_campaign = "sun"'
  do: {assign: {round_robin: [anna@kontor.example, ben@kontor.example]}}
- name: tell-owner
  after: deal.stage
  if: 'was(stage) != stage and stage = "won"'
  do: {notify: {to: [owner, team.lead, {team: Solar}], text: "Won: {name} for {margin}, {company}"}}
- name: ping
  after: note.created
  if: 'text contains "ping"'
  do: {create: {note: {text: "ping again"}}}
- name: follow
  after: company.city
  do: {set: {industry: "from {city}"}}
- name: room
  after: activity.created
  if: 'subject = "Board"'
  do: {set: {place: Room 1}}
- name: chained
  after: company.industry
  do: {set: {website: empty, country: Chained}}
"""

FIELDS = """
user: {fields: {territory: {type: text}}}
deal: {fields: {margin: {type: money, see: [admin], edit: [admin]}}}
"""



def lead(a, **more):
    r = a.post("/api/v1/leads", {"last_name": "Muster", "subject": "Roof", **more})
    assert r.status == 201, r
    return r.json


def team(k, a):
    made = a.post("/api/v1/teams", {"name": "Solar"}).json["id"]
    ids = {}
    for name in ("anna", "ben", "cleo"):
        k.add_user(f"{name}@kontor.example", team="Solar", name=name.capitalize())
    for u in a.items("/api/v1/users"):
        ids[u["name"]] = u["id"]
    return made, ids


def refusals(a):
    d = a.post("/api/v1/deals", {"name": "Small", "company": {"name": "Acme"}, "amount": "50"}).json
    r = a.patch(f"/api/v1/deals/{d['id']}", {"stage": "won"})
    equal("a rule with before refuses the change", (422, "deal.amount", "Small is too cheap to be won (50.00 EUR)"),
          (r.status, r.json["error"]["fields"][0]["where"], r.json["error"]["fields"][0]["text"]))
    r = a.patch(f"/api/v1/deals/{d['id']}?dry_run=1", {"stage": "won"})
    equal("a dry run is refused alike", 422, r.status)
    a.patch(f"/api/v1/deals/{d['id']}", {"stage": "won", "amount": "5000"})
    r = a.delete(f"/api/v1/deals/{d['id']}")
    equal("a won deal is not deleted", (422, "Won deals are not deleted"), (r.status, r.json["error"]["fields"][0]["text"]))
    r = a.patch(f"/api/v1/deals/{d['id']}", {"amount": "6000"})
    equal("was() looks at the change", (422, "The amount of a won deal stays"), (r.status, r.json["error"]["fields"][0]["text"]))
    equal("another field may change", 200, a.patch(f"/api/v1/deals/{d['id']}", {"name": "Small one"}).status)
    r = a.post("/api/v1/deals/bulk", {"ids": [d["id"]], "delete": True}).json
    equal("bulk changes are refused one by one", (0, "Won deals are not deleted"), (r["changed"], r["errors"][0]["text"]))


def acting(a):
    before = a.get("/api/v1/activities").json["count"]
    dry = a.post("/api/v1/leads?dry_run=1", {"last_name": "Muster", "subject": "Roof", "source": "website"}).json
    equal("a dry run shows what rules do", "[web] Roof", dry["subject"])
    equal("and keeps nothing", before, a.get("/api/v1/activities").json["count"])
    r = a.post("/api/v1/leads", {"last_name": "Muster", "subject": "Roof", "source": "website"})
    got = r.json
    equal("the answer shows what rules did", "[web] Roof", got["subject"])
    calls = [x for x in a.items("/api/v1/activities") if x["subject"] == "Call Muster"]
    equal("one call is made about the lead", [[got["id"]]], [[y["id"] for y in x["links"]] for x in calls])
    changes = a.get("/api/v1/changes").json["items"]
    root = changes[0]
    parts = a.get(f"/api/v1/changes?parent={root['id']}").json["items"]
    equal("rules write below the change that woke them", [("rule", "rule call-new-enquiries")], [(p["source"], p["reason"]) for p in parts])
    line = a.get(f"/api/v1/leads/{got['id']}/timeline").json["items"]
    check("the timeline tells by which rule", any(x.get("reason") == "rule call-new-enquiries" for x in line), line)
    undone = a.post(f"/api/v1/changes/{root['id']}/undo").json
    check("undo takes all of it back", undone["undone"] >= 2 and not [x for x in a.items("/api/v1/activities") if x["subject"] == "Call Muster"], undone)
    check("the lead is in the bin", got["id"] not in [x["id"] for x in a.items("/api/v1/leads")])


def chains(a):
    c = a.post("/api/v1/companies", {"name": "Chain", "city": "Kiel"}).json
    equal("what a rule writes wakes the next", ("from Kiel", "Chained"), (c["industry"], c["country"]))
    c = a.patch(f"/api/v1/companies/{c['id']}", {"city": "Bonn"}).json
    equal("on changes, too", "from Bonn", c["industry"])
    made = a.post(f"/api/v1/leads/{lead(a, company_name='Roofs', addresses=[{'city': 'Kiel'}])['id']}/convert", {"company": {}}).json["company"]
    equal("what a lead becomes is answered as rules left it", ("from Kiel", "Chained", a.get(f"/api/v1/companies/{made['id']}").json["version"]),
          (made["industry"], made["country"], made["version"]))
    r = a.post("/api/v1/notes", {"text": "ping", "links": [c["id"]]})
    text = r.json["error"]["fields"][0]["text"]
    equal("rules that wake each other without end are refused", 422, r.status)
    contains("and named", "Rules wake each other without end: “ping” → “ping”", text)
    contains("with the limit", "at most 5 in a row", text)
    made = a.post("/api/v1/activities", {"kind": "meeting", "subject": "Board", "due": "2026-12-01T10:00[Europe/Berlin]",
                                         "repeat": "FREQ=WEEKLY;COUNT=3", "then": [{"kind": "call", "subject": "Invite them"}]})
    equal("rules__what_repeats_is_made_first", 201, made.status)
    equal("rules__each_that_repeats_is_met", ["Room 1"] * 3, [x["place"] for x in a.get(
        "/api/v1/activities?filter=" + urllib.parse.quote('subject = "Board"')).json["items"]])
    equal("rules__one_undo_takes_all_that_repeats", 200, a.post("/api/v1/changes/%s/undo" % made.headers["x-kontor-change"]).status)
    equal("rules__nothing_of_it_is_left", 0, a.get("/api/v1/activities?filter=" + urllib.parse.quote(
        'subject in ("Board", "Invite them")')).json["count"])


def assigning(k, a, ids):
    names = {v: n for n, v in ids.items()}
    got = [names[lead(a, utm_campaign="solar")["owner"]["id"]] for _ in range(6)]
    equal("round robin is fair", ["Anna", "Ben", "Cleo"] * 2, got)
    k.stop()
    k.start()
    a = k.admin
    first = lead(a, utm_campaign="solar")
    equal("and goes on after a restart", "Anna", names[first["owner"]["id"]])
    equal("the team goes along", "Solar", first["team"]["title"])
    line = a.get(f"/api/v1/leads/{first['id']}/timeline").json["items"]
    check("the record says why", any(x.get("reason") == "rule to-solar: assigned to Anna: round robin of team Solar" for x in line), line)
    told = k.client("anna@kontor.example").get("/api/v1/notifications").json["items"]
    equal("the new owner is told", ("assigned", first["id"], "round robin of team Solar"), (told[0]["kind"], told[0]["record"]["id"], told[0]["about"]["why"]))
    lead(a, utm_campaign="sun")
    told = k.client("anna@kontor.example").get("/api/v1/notifications").json["items"]
    equal("people are told by their names", "round robin of Anna, Ben", told[0]["about"]["why"])
    owners = []
    def one():
        owners.append(lead(k.client("admin@example.com"), utm_campaign="solar")["owner"]["id"])
    threads = [threading.Thread(target=one) for _ in range(9)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    equal("nine at once are three for each", [3, 3, 3], [owners.count(ids[n]) for n in ("Anna", "Ben", "Cleo")])
    for _ in range(3):
        a.post("/api/v1/activities", {"kind": "task", "subject": "Busy", "owner": ids["Anna"]})
        a.post("/api/v1/activities", {"kind": "task", "subject": "Busy", "owner": ids["Ben"]})
    busy = {n: sum(1 for x in a.items("/api/v1/leads") if (x["owner"] or {}).get("id") == ids[n]) for n in ("Anna", "Ben", "Cleo")}
    equal("the least busy one gets it", "Cleo", names[lead(a, utm_campaign="wind")["owner"]["id"]])
    a.patch(f"/api/v1/users/{ids['Ben']}", {"territory": "Kiel"})
    equal("by territory", "Ben", names[lead(a, utm_campaign="near", city="Kiel")["owner"]["id"]])
    equal("or else who is named", "admin@example.com", a.get(f"/api/v1/users/{lead(a, utm_campaign='near', city='Rom')['owner']['id']}").json["email"])
    return a


def telling(k, a, ids):
    d = a.post("/api/v1/deals", {"name": "Big", "company": {"name": "Acme"}, "amount": "900", "margin": "90", "owner": ids["Ben"]}).json
    a.patch(f"/api/v1/deals/{d['id']}", {"stage": "won"})
    told = k.client("ben@kontor.example").get("/api/v1/notifications").json["items"][0]
    equal("who reads it does not learn what he may not see", ("rule", "Won: Big for …, Acme"), (told["kind"], told["about"]["text"]))
    k.add_user("dora@kontor.example", name="Dora")
    a.post("/api/v1/teams", {"name": "North", "lead": {"email": "dora@kontor.example"}})
    north = a.post("/api/v1/deals", {"name": "Led", "company": {"name": "Acme"}, "amount": "900", "owner": ids["Ben"], "team": {"name": "North"}}).json
    a.patch(f"/api/v1/deals/{north['id']}", {"stage": "won"})
    got = k.client("dora@kontor.example").get("/api/v1/notifications").json["items"]
    equal("who leads its team is told by team.lead", "Won: Led for …, Acme", next(n["about"]["text"] for n in got if "Led" in n["about"].get("text", "")))
    unseen = k.client("anna@kontor.example").get("/api/v1/notifications/count").json["unseen"]
    a.patch(f"/api/v1/deals/{d['id']}", {"owner": ids["Anna"]})
    a.post("/api/v1/activities", {"subject": "Look at it", "owner": ids["Anna"]})
    got = k.client("anna@kontor.example").get("/api/v1/notifications").json["items"]
    equal("what a colleague gives is told, too", ["assigned", "assigned"], [n["kind"] for n in got[:2]])
    a.post("/api/v1/deals/bulk", {"ids": [d["id"]], "set": {"owner": ids["Ben"]}})
    anna = k.client("anna@kontor.example")
    anna.post("/api/v1/deals", {"name": "Own", "company": {"name": "Acme"}})
    equal("not one's own, and no bulk; what was given on is told no more", unseen + 1, anna.get("/api/v1/notifications/count").json["unseen"])
    again = k.client("cleo@kontor.example").get("/api/v1/notifications").json["items"][0]
    equal("a team is all its members", "rule", again["kind"])
    seen = a.get("/api/v1/rules").json["items"]
    equal("rules can be listed", ["no-cheap-won", "before", ["deal.stage"]], [seen[0]["name"], seen[0]["when"], seen[0]["changes"]])
    equal("not by everybody", 403, k.client("ben@kontor.example").get("/api/v1/rules").status)
    said = k.must("rules")
    for line in ("assign round robin of team Solar, if territory = lead.city, otherwise admin@example.com",
                 "assign the least busy of team Solar by leads, activities",
                 'create activity: kind = call, subject = "Call {title}", due = now() + 1 days', 'set subject = "[web] {subject}"',
                 'set website = empty, country = "Chained"', "refuse at amount: {name} is too cheap to be won ({amount})",
                 "notify owner, team.lead, team Solar: Won: {name} for {margin}, {company}", 'if       source = "website"'):
        contains("rules__are_told_completely_by_kontor_rules", line, said)
    near = next(x for x in seen if x["name"] == "by-territory")["actions"][0]
    equal("rules__come_with_their_parts", ("assign", "round_robin", [{"kind": "team", "name": "Solar"}], "territory = lead.city",
                                          {"kind": "user", "name": "admin@example.com"}),
          tuple(near[n] for n in ("action", "how", "to", "if", "otherwise")))
    made = next(x for x in seen if x["name"] == "call-new-enquiries")["actions"][0]["set"]
    equal("rules__say_what_a_field_gets", [("kind", "value", "call"), ("subject", "text", "Call {title}"), ("due", "expression", "now() + 1 days")],
          [(x["field"], x["as"], x["value"]) for x in made])


def importing(k, a):
    def count():
        return len([x for x in a.items("/api/v1/activities") if x["subject"].startswith("Call ")])
    before = count()
    def run(mode, name):
        f = k.file(f"last_name,source,utm_campaign\n{name},website,solar\n", f"{name}.csv")
        k.must("import", "lead", f, *(["--rules", mode] if mode else []))
        return next(x for x in a.items("/api/v1/leads") if x["last_name"] == name)
    cheap = k.file("name,company,stage,amount\nCheap,Acme,won,10\nDear,Acme,won,1000\n", "won.csv")
    for mode in ([], ["--rules", "silent"], ["--rules", "all"]):
        out = k.run("import", "deal", cheap, "--dry-run", *mode)
        contains("rules that refuse bind imports whatever they say " + " ".join(mode), "too cheap", out.stdout + out.stderr)
    k.must("import", "deal", cheap, "--no-gates")
    equal("unless an administrator lets every row pass", ["Cheap", "Dear"], sorted(x["name"] for x in a.items("/api/v1/deals") if x["name"] in ("Cheap", "Dear")))
    contains("which is noted", "without gates", a.get("/api/v1/changes").json["items"][0]["reason"])
    none = run(None, "Quiet")
    equal("an import runs no rules unless it says so", (before, None), (count(), none["owner"]))
    unseen = k.client("anna@kontor.example").get("/api/v1/notifications/count").json["unseen"]
    def all_unseen():
        return [k.client(f"{n}@kontor.example").get("/api/v1/notifications/count").json["unseen"] for n in ("anna", "ben", "cleo")]
    told = all_unseen()
    silent = run("silent", "Silent")
    check("silent: they run", count() == before + 1 and silent["owner"] is not None, silent)
    equal("and tell nobody", told, all_unseen())
    loud = run("all", "Loud")
    check("all: they run", count() == before + 2 and loud["owner"] is not None, loud)
    equal("and tell", sum(told) + 1, sum(all_unseen()))
    told = all_unseen()
    rows = "".join(f"Many{i},fair,solar\n" for i in range(9))
    k.must("import", "lead", k.file("last_name,source,utm_campaign\n" + rows, "many.csv"), "--rules", "all")
    equal("of many rows each is told of once", [n + 1 for n in told], all_unseen())
    last = k.client("anna@kontor.example").get("/api/v1/notifications").json["items"][0]
    equal("and of how many", ("assigned", 3), (last["kind"], last["about"].get("count")))
    rows = "".join(f"Wind{i},{'website' if i % 7 == 0 else 'fair'},wind,{'discarded' if i % 5 == 0 else 'new'},{'spam' if i % 5 == 0 else ''}\n" for i in range(300))
    k.must("import", "lead", k.file("last_name,source,utm_campaign,stage,lost_reason\n" + rows, "wind.csv"), "--rules", "silent")
    filters = {"leads": 'stage.kind = "open"', "activities": "done_at is empty"}
    busy = [sum(a.get(f"/api/v1/{p}?limit=1&filter=" + urllib.parse.quote(f'{f} and owner.name = "{n}"')).json["count"] for p, f in filters.items()) for n in ("Anna", "Ben", "Cleo")]
    check("many rows at once make everybody as busy", max(busy) - min(busy) <= 1 and sum(busy) >= 240, busy)
    a.post(f"/api/v1/changes/{a.get('/api/v1/changes').json['items'][0]['id']}/undo")
    root = next(x for x in a.get("/api/v1/changes").json["items"] if "Loud" in (x["reason"] or ""))
    a.post(f"/api/v1/changes/{root['id']}/undo")
    equal("undo of the import takes back what rules did", before + 1, count())


def slices(k, a):
    """Long writes come in slices, dated ones in a set for each date: rules act in all of them, and one undo takes all back."""
    rows = "".join(f"Firm {i}\n" for i in range(1200))
    k.must("import", "company", k.file("name\n" + rows, "firms.csv"))
    r = a.post("/api/v1/companies/bulk", {"filter": 'name starts with "Firm"', "set": {"city": "Ulm"}}).json
    equal("a long bulk change", 1200, r["changed"])
    def count(filter):
        return a.get("/api/v1/companies?limit=1&filter=" + urllib.parse.quote(filter)).json["count"]
    equal("wakes rules for each record", 1200, count('industry = "from Ulm" and country = "Chained"'))
    a.post(f"/api/v1/changes/{r['change']}/undo")
    equal("undo takes all back", (0, 0), (count('industry = "from Ulm"'), count('city = "Ulm"')))
    rows = "".join(f"Dated {i},2024-02-{1 + i // 10:02d},Bonn\n" for i in range(60))
    with Kontor(conf={"rules.yaml": RULES, "fields.yaml": FIELDS}) as other:
        f = other.file("name,made,city\n" + rows, "dated.csv")
        other.must("import", "company", f, "--at", "made", "--rules", "all")
        made = list(other.admin.items("/api/v1/companies"))
        equal("rules act in dated imports", (60, {"from Bonn"}, {"Chained"}), (len(made), {c["industry"] for c in made}, {c["country"] for c in made}))
        then = other.admin.get("/api/v1/companies?as_of=2024-02-03&limit=1").json["count"]
        equal("at the date of the row", 30, then)
        was = other.admin.get("/api/v1/companies?as_of=2024-02-03").json["items"]
        equal("so that past days are right", {"from Bonn"}, {c["industry"] for c in was})
        backup = str(other.top / "b.kontor")
        other.must("backup", backup)
        equal("and the chain holds", 0, other.run("verify", backup).returncode)


with Kontor(conf={"rules.yaml": RULES, "fields.yaml": FIELDS}) as k:
    admin = k.admin
    admin.post("/api/v1/companies", {"name": "Acme"})
    _, users = team(k, admin)
    for step in (refusals, acting, chains):
        with test(step.__name__):
            step(admin)
    with test("assigning"):
        admin = assigning(k, admin, users)
    with test("telling"):
        telling(k, k.admin, users)
    with test("importing"):
        importing(k, k.admin)
    with test("slices"):
        slices(k, k.admin)
finish()
