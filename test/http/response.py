#!/usr/bin/python3
"""The clock of first answers: begins with the enquiry, in working hours, follows it, ends with the first call; strikes once."""
import datetime
import time

from kontor import Kontor, equal, check, finish, test

CONF = {
    "calendar.yaml": "hours: {mon-sun: \"00:00-24:00\"}\nteams: {Slow: {hours: {mon-sun: \"00:00-12:00\"}, zone: UTC}}\n",
    "fields.yaml": "activity: {fields: {kind: {also: {desk: {label: At the desk, answers: false}}}}}\n",
    "response.yaml": """
lead:
  within:
    - {if: 'priority = "high"', hours: 2}
    - {if: 'source != "existing"', hours: 8}
  tell: [owner, {team: Chiefs}]
""",
    "rules.yaml": """
- name: late-note
  after: lead.responded_at
  if: 'responded_at is not empty'
  do: {set: {subject: "answered: {subject}"}}
"""}


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def hours(x):
    return round((moment(x["respond_by"]) - moment(x["created_at"])).total_seconds() / 3600, 2)


def lead(a, **more):
    r = a.post("/api/v1/leads", {"last_name": "Muster", "subject": "Roof", **more})
    assert r.status == 201, r
    return r.json


def read(a, x):
    return a.get(f"/api/v1/leads/{x['id']}").json


with Kontor(conf=CONF) as k:
    a = k.admin
    for name in ("Chiefs", "Slow"):
        a.post("/api/v1/teams", {"name": name})
    for name, team in (("Anna", None), ("Carla", "Chiefs")):
        k.add_user(f"{name.lower()}@example.com", team=team, name=name)
    ids = {u["name"]: u["id"] for u in a.items("/api/v1/users")}
    anna = k.client("anna@example.com")
    with test("due"):
        x = lead(a, owner=ids["Anna"])
        equal("the clock begins with the enquiry", 8.0, hours(x))
        equal("a dry run shows it", 2.0, hours(a.post("/api/v1/leads?dry_run=1", {"last_name": "M", "priority": "high"}).json))
        equal("it follows the priority", 2.0, hours(a.patch(f"/api/v1/leads/{x['id']}", {"priority": "high"}).json))
        equal("who nobody waits for has none", None, lead(a, source="existing")["respond_by"])
        equal("nobody sets it", 422, a.patch(f"/api/v1/leads/{x['id']}", {"respond_by": "2030-01-01T00:00:00Z"}).status)
        slow = next(t["id"] for t in a.items("/api/v1/teams") if t["name"] == "Slow")
        check("a team has its own hours", hours(lead(a, team=slow)) != 2.0 and hours(lead(a, team=slow)) >= 8.0)
    with test("answer"):
        a.post("/api/v1/activities", {"kind": "task", "subject": "Look", "links": [x["id"]], "done_at": x["created_at"]})
        check("a task is no answer", read(a, x)["respond_by"] is not None)
        act = a.post("/api/v1/activities", {"kind": "call", "subject": "Call", "links": [x["id"]]}).json
        check("a call that is planned is none", read(a, x)["respond_by"] is not None)
        done = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        a.patch(f"/api/v1/activities/{act['id']}", {"done_at": done})
        got = read(a, x)
        equal("the first call ends it", (None, done, False), (got["respond_by"], got["responded_at"], got["answered_late"]))
        equal("and wakes rules", "answered: Roof", got["subject"])
        root = a.get("/api/v1/changes").json["items"][0]
        a.post(f"/api/v1/changes/{root['id']}/undo")
        got = read(a, x)
        equal("undo lets it run on", (2.0, None, "Roof"), (hours(got), got["responded_at"], got["subject"]))
        closed = lead(a)
        a.patch(f"/api/v1/leads/{closed['id']}", {"stage": "discarded", "lost_reason": "spam"})
        equal("what is closed waits no more", None, read(a, closed)["respond_by"])
    with test("breach"):
        before = anna.get("/api/v1/notifications/count").json["unseen"]
        k.stop()
        table = k.database("SELECT name FROM sqlite_master WHERE name IN ('lead', 'e_lead', 'r_lead')")[0][0]
        past = int(time.time() * 1000) - 3600_000
        k.database(f"UPDATE {table} SET respond_by = {past} WHERE id = {x['id']}")
        k.database(f"UPDATE timer SET due_at = {past} WHERE kind = 'response' AND record = {x['id']}")
        k.start()
        anna = k.client("anna@example.com")
        end = time.monotonic() + 15
        while anna.get("/api/v1/notifications/count").json["unseen"] == before and time.monotonic() < end:
            time.sleep(0.1)
        told = anna.get("/api/v1/notifications").json["items"][0]
        equal("after downtime the owner is told", ("late_answer", x["id"]), (told["kind"], told["record"]["id"]))
        equal("and the team", "late_answer", k.client("carla@example.com").get("/api/v1/notifications").json["items"][0]["kind"])
        a = k.client("admin@example.com")
        equal("the list of late answers has it", [x["id"]], [r["id"] for r in a.items("/api/v1/leads?view=late_leads")])
        count = anna.get("/api/v1/notifications/count").json["unseen"]
        k.stop()
        k.database(f"INSERT INTO timer(id, kind, record, key, due_at) SELECT max(id) + 1, 'response', {x['id']}, '', 1 FROM timer")
        k.start()
        time.sleep(1)
        anna = k.client("anna@example.com")
        equal("and never twice", count, anna.get("/api/v1/notifications/count").json["unseen"])
        a = k.client("admin@example.com")
        a.post("/api/v1/activities", {"kind": "call", "subject": "Sorry", "links": [x["id"]], "done_at": done})
        equal("a late answer is one", True, read(a, x)["answered_late"])
        equal("and leaves the list", [], list(a.items("/api/v1/leads?view=late_leads")))
    with test("answers that are none after all"):
        late, binned = lead(a, owner=ids["Anna"]), lead(a, owner=ids["Anna"])
        equal("a kind of the firm's own may be no answer", True, a.post("/api/v1/activities", {"kind": "desk", "subject": "Look", "links": [late["id"]], "done_at": done}).status == 201 and read(a, late)["respond_by"] is not None)
        k.stop()
        past = int(time.time() * 1000) - 1800_000
        k.database(f"UPDATE {table} SET respond_by = {past} WHERE id IN ({late['id']}, {binned['id']})")
        k.database(f"DELETE FROM timer WHERE kind = 'response' AND record IN ({late['id']}, {binned['id']})")
        k.start()
        a, anna = k.client("admin@example.com"), k.client("anna@example.com")
        def told(x):
            end = time.monotonic() + 10
            while time.monotonic() < end:
                if any(n["kind"] == "late_answer" and n["record"]["id"] == x["id"] for n in anna.get("/api/v1/notifications").json["items"]):
                    return True
                time.sleep(0.1)
            return False
        a.post("/api/v1/activities", {"kind": "call", "subject": "Wrong", "links": [late["id"]], "done_at": done})
        equal("an answer ends it", None, read(a, late)["respond_by"])
        a.post(f"/api/v1/changes/{a.get('/api/v1/changes').json['items'][0]['id']}/undo")
        a.delete(f"/api/v1/leads/{binned['id']}")
        a.post(f"/api/v1/leads/{binned['id']}/restore")
        k.stop() # it looks at its timers once a minute, and when it starts
        k.start()
        a, anna = k.client("admin@example.com"), k.client("anna@example.com")
        equal("one that is undone after the moment is told then", True, told(late))
        equal("so is one that comes out of the bin", True, told(binned))
    with test("what counted as an answer and is none after all"):
        x = lead(a)
        def call(**more):
            return a.post("/api/v1/activities", {"kind": "call", "subject": "Ring", "links": [x["id"]], **more}).json
        now = lambda: (lambda got: (got["respond_by"] is None, got["responded_at"]))(read(a, x))
        call(done_at=done, result="not_reached")
        equal("nobody was reached", (False, None), now())
        call(done_at="2020-01-01T10:00:00Z")
        equal("nor long before the enquiry came", (False, None), now())
        soon = (datetime.datetime.fromisoformat(x["created_at"]) - datetime.timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
        one = call(done_at=soon)
        equal("who was reached a moment before it was written down was answered then", (True, x["created_at"]), now())
        other = call(done_at="2038-01-01T10:00:00Z")
        a.patch(f"/api/v1/activities/{one['id']}", {"done_at": None})
        equal("reopened: the next one was the first", (True, "2038-01-01T10:00:00Z"), now())
        a.delete(f"/api/v1/activities/{other['id']}")
        equal("binned: nobody has answered", (False, None), now())
        equal("its moment is the one it had", x["respond_by"], read(a, x)["respond_by"])
        a.post(f"/api/v1/activities/{other['id']}/restore")
        equal("out of the bin", (True, "2038-01-01T10:00:00Z"), now())
        a.patch(f"/api/v1/activities/{other['id']}", {"links": []})
        equal("about somebody else", (False, None), now())
        third = call(done_at="2038-01-01T10:00:00Z")
        a.patch(f"/api/v1/activities/{third['id']}", {"result": "not_reached"})
        equal("nobody reached, as it turns out", (False, None), now())
    with test("the clock goes on"):
        x = lead(a)
        patch = lambda one, **v: a.patch(f"/api/v1/leads/{one['id']}", v).json
        equal("nobody waits", None, patch(x, source="existing")["respond_by"])
        equal("somebody does, after all", x["respond_by"], patch(x, source="website")["respond_by"])
        other = lead(a, source="existing")
        equal("so of one that came in wrongly", 8.0, hours(patch(other, source="website")))
        patch(x, stage="discarded", lost_reason="spam")
        check("who is discarded was answered by that", read(a, x)["responded_at"] is not None and read(a, x)["respond_by"] is None)
        got = patch(x, stage="new")
        equal("and was not, when that was wrong", (x["respond_by"], None, None), (got["respond_by"], got["responded_at"], got["answered_late"]))
        a.post("/api/v1/activities", {"kind": "call", "subject": "Ring", "links": [x["id"]], "done_at": done})
        patch(x, stage="discarded", lost_reason="spam")
        equal("who was rung stays answered", (True, None), (patch(x, stage="new")["responded_at"] == read(a, x)["responded_at"] != None, read(a, x)["respond_by"]))
    with test("merged"):
        waits, had = lead(a), lead(a)
        a.post("/api/v1/activities", {"kind": "call", "subject": "Ring", "links": [had["id"]], "done_at": done})
        answer = a.post("/api/v1/leads/merge", {"into": waits["id"], "from": [had["id"]]})
        got = read(a, waits)
        equal("with one that is answered: it is, too", (200, None, True, False), (answer.status, got["respond_by"], got["responded_at"] is not None, got["answered_late"]))
        spam, open_ = lead(a), lead(a)
        a.patch(f"/api/v1/leads/{spam['id']}", {"stage": "discarded", "lost_reason": "spam"})
        a.post("/api/v1/leads/merge", {"into": open_["id"], "from": [spam["id"]]})
        got = read(a, open_)
        equal("with one that was only closed: it waits on, and for no reason of that", (open_["respond_by"], None, None, "new"), (got["respond_by"], got["responded_at"], got["lost_reason"], got["stage"]))
    with test("imports"):
        def imported(name, *more):
            k.must("import", "lead", k.file(f"last_name,source\n{name},fair\n", f"{name}.csv"), *more)
            return next(x for x in a.items("/api/v1/leads") if x["last_name"] == name)
        equal("old data wait for nobody", None, imported("Quiet")["respond_by"])
        check("an import with rules starts the clock", imported("Waiting", "--rules", "silent")["respond_by"] is not None)
    with test("meta"):
        f = next(f for e in a.get("/api/v1/meta").json["entities"] if e["name"] == "lead" for f in e["fields"] if f["name"] == "respond_by")
        check("pages know the clock", f.get("clock"), f)
finish()
