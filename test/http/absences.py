#!/usr/bin/python3
"""Who is away or off work is passed over when records are assigned; everybody enters his own absences."""
import datetime

from kontor import Kontor, equal, check, finish, now, test

TODAY = now().date()
OTHER = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][(TODAY.weekday() + 3) % 7]
CALENDAR = f"""
hours: {{mon-sun: "00:00-24:00"}}
holidays: [12-25 Christmas]
teams:
  Solar: {{hours: {{mon-sun: "00:00-24:00"}}, holidays: []}}
  Night: {{hours: {{{OTHER}: "00:00-01:00"}}}}
"""
RULES = """
- name: in-turn
  after: lead.created
  if: 'source = "website"'
  do: {assign: {round_robin: [{team: Solar}], otherwise: nora@example.com}}
- name: both
  after: lead.created
  if: 'source = "fair"'
  do: {assign: {round_robin: [{team: Night}, {team: Solar}]}}
- name: idle
  after: lead.created
  if: 'source = "partner"'
  do: {assign: {least_busy: [{team: Solar}]}}
- name: night
  after: lead.created
  if: 'source = "call" and working()'
  do: {assign: {round_robin: [{team: Night}]}}
"""


def day(n):
    return (TODAY + datetime.timedelta(days=n)).isoformat()


def lead(a, source):
    made = a.post("/api/v1/leads", {"last_name": "Muster", "source": source}).json
    why = [x["reason"] for x in a.get(f"/api/v1/leads/{made['id']}/timeline").json["items"] if x.get("reason")]
    return made["owner"]["title"], why[0].split(": ", 1)[1]


with Kontor(conf={"calendar.yaml": CALENDAR, "rules.yaml": RULES}) as k:
    a = k.admin
    for name in ("Solar", "Night"):
        a.post("/api/v1/teams", {"name": name})
    for name, of in (("Anna", "Solar"), ("Ben", "Solar"), ("Nora", "Night")):
        k.add_user(f"{name.lower()}@example.com", team=of, name=name)
    ids = {u["name"]: u["id"] for u in a.items("/api/v1/users")}
    anna = k.client("anna@example.com")
    with test("rights"):
        r = anna.post("/api/v1/absences", {"from": day(1), "until": day(3), "note": "Sea"})
        equal("everybody enters his own absence", (201, "Anna", "Anna", "holiday"), (r.status, r.json["user"]["title"], r.json["owner"]["title"], r.json["kind"]))
        equal("of others nobody does", 403, anna.post("/api/v1/absences", {"user": ids["Ben"], "from": day(0)}).status)
        equal("and changes it", 200, anna.patch(f"/api/v1/absences/{r.json['id']}", {"note": "Lake"}).status)
        ben = a.post("/api/v1/absences", {"user": ids["Ben"], "from": day(0), "kind": "away"}).json
        equal("it belongs to whom it is about", "Ben", ben["owner"]["title"])
        equal("who cannot change it", 403, anna.patch(f"/api/v1/absences/{ben['id']}", {"until": day(0)}).status)
        mine = f"/api/v1/absences/{r.json['id']}"
        equal("nobody makes his own absence another's", (403, "Anna"), (anna.patch(mine, {"user": ids["Ben"]}).status, a.get(mine).json["user"]["title"]))
        bulk = anna.post("/api/v1/absences/bulk", {"ids": [r.json["id"]], "set": {"user": ids["Ben"]}}).json
        equal("nor in bulk", (0, "Anna"), (bulk.get("changed", 0), a.get(mine).json["owner"]["title"]))
        equal("an administrator does, and gives it back", [200, 200], [a.patch(mine, {"user": ids[n]}).status for n in ("Ben", "Anna")])
        back = anna.post("/api/v1/absences", {"from": day(5), "until": day(4)})
        equal("the last day is not before the first", (422, "absence.until"), (back.status, back.json["error"]["fields"][0]["where"]))
        equal("nor when one of them moves", [422, 422, 200], [anna.patch(mine, x).status for x in ({"until": day(0)}, {"from": day(4)}, {"until": day(2)})])
    with test("assigning"):
        equal("who is absent is passed over, and it is told without why", ("Anna", "assigned to Anna: round robin of team Solar, Ben was not available"), lead(a, "website"))
        a.patch(f"/api/v1/absences/{ben['id']}", {"until": day(-1), "from": day(-2)})
        equal("an absence that is over does not count", "Ben", lead(a, "website")[0])
        equal("whoever is off work is passed over", ("Anna", "assigned to Anna: round robin of team Night, team Solar, Nora was not available"), lead(a, "fair"))
        equal("but for when nobody works", ("Nora", "assigned to Nora: round robin of team Night"), lead(a, "call"))
        done = [x["owner"]["title"] for x in a.items("/api/v1/leads")]
        least = min(("Anna", "Ben"), key=done.count)
        got, why = lead(a, "partner")
        equal("the least busy has the fewest of the rule's own records", (least, f"assigned to {least}: the least busy of team Solar"), (got, why))
        for name in ("Anna", "Ben"):
            a.post("/api/v1/absences", {"user": ids[name], "from": day(0), "until": day(0)})
        equal("when all are away it goes to who is named for that",
              ("Nora", "assigned to Nora: nobody for round robin of team Solar, Anna was not available, Ben was not available"), lead(a, "website"))
        made = anna.post("/api/v1/leads", {"last_name": "Waits", "source": "partner"}).json
        told = [x for x in a.get("/api/v1/notifications").json["items"] if x["kind"] == "rule" and x["record"] and x["record"]["id"] == made["id"]]
        equal("and when nobody is, it stays, and administrators are told", ("Anna", 1), (made["owner"]["title"], len(told)))
        check("why", "nobody to assign it to (the least busy of team Solar)" in told[0]["about"]["text"], told)
    with test("calendar"):
        c = anna.get(f"/api/v1/calendar?from={day(0)}&until={day(370)}").json
        check("holidays can be asked for", any(x["name"] == "Christmas" and x["from"].endswith("-12-25") for x in c["holidays"]), c)
with Kontor(conf={"rules.yaml": RULES, "kontor.yaml": "name: Test\ncurrency: EUR\nzone: Europe/Berlin\npassword_cost: low\n"}, start=False) as k:
    k.start(env={"KONTOR_NOW": "2027-03-23T21:00:00Z"})  # in Auckland it is the 24th
    with test("zones"):
        k.admin.post("/api/v1/teams", {"name": "Solar"})
        k.admin.post("/api/v1/teams", {"name": "Night"})
        for name in ("Anna", "Kiwi"):
            k.add_user(f"{name.lower()}@example.com", team="Solar", name=name)
        k.add_user("nora@example.com", team="Night", name="Nora")
        kiwi, anna = k.client("kiwi@example.com"), k.client("anna@example.com")
        kiwi.patch("/api/v1/me", {"prefs": {"zone": "Pacific/Auckland"}})
        kiwi.post("/api/v1/absences", {"from": "2027-03-24", "until": "2027-03-24"})
        anna.post("/api/v1/absences", {"from": "2027-03-24", "until": "2027-03-24"})
        equal("away is who is on leave where he is", ["Anna", "Anna"], [lead(k.admin, "website")[0] for _ in range(2)])
finish()
