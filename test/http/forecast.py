#!/usr/bin/python3
"""The forecast: what comes in by month, owner and team, how sure, against targets, beside a week ago; whose rights count."""
import datetime
import zoneinfo

from kontor import Client, Kontor, check, equal, finish, test

TODAY = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Berlin")).date()


def month(n=0):
    """The month n months from now, "2026-11"."""
    at = TODAY.year * 12 + TODAY.month - 1 + n
    return "%04d-%02d" % (at // 12, at % 12 + 1)


PIPELINES = """sales:
  entity: deal
  stages:
    - {id: enquiry, percent: 10}
    - {id: proposal, percent: 50}
    - {id: signing, percent: 80}
    - {id: maybe, percent: 60, forecast: pipeline}
    - {id: won, kind: won}
    - {id: lost, kind: lost}
other:
  entity: deal
  stages:
    - {id: start, percent: 90, forecast: omitted}
    - {id: won, kind: won}
"""
TARGETS = """firm: {pipeline: sales, each: year, amount: 120000}
december: {each: month, from: %(next)s, to: %(next)s, amount: 900, pipeline: sales}
firm_deals: {pipeline: sales, each: month, count: 3}
north: {team: North, pipeline: sales, each: quarter, amount: 100}
lena: {person: Lena@example.com, pipeline: sales, each: month, amount: 50}
gone: {person: nobody@example.com, pipeline: sales, each: month, amount: 7}
""" % {"next": month(1)}
ROLES = """lead:
  label: Lead
  entities: {"*": {see: team, create: all, edit: team, delete: team}}
own:
  label: Own
  entities: {"*": {see: own, create: all, edit: own, delete: own}}
blind:
  label: Blind
  entities: {"*": {see: all}}
"""
FIELDS = """deal:
  fields:
    amount: {see: [admin, lead, own, member]}
"""
CONF = {"pipelines.yaml": PIPELINES, "targets.yaml": TARGETS, "roles.yaml": ROLES, "fields.yaml": FIELDS,
        "kontor.yaml": "currency: EUR\nzone: Europe/Berlin\nrates: {USD: 0.5}\n"}


def deal(client, name, amount, stage, close=None, **more):
    body = {"name": name, "amount": amount, "stage": stage, **({"close_date": close} if close else {}), **more}
    answer = client.post("/api/v1/deals", body)
    assert answer.status == 201, answer
    return answer.json["id"]


def forecast(client, query="pipeline=sales", status=200):
    answer = client.get("/api/v1/forecast?" + query)
    assert answer.status == status, answer
    return answer.json


def values(cell, *names):
    return tuple(cell[n] and cell[n]["value"] for n in names)


def firm(k):
    users = {}
    for email, role, team in (("lena@example.com", "lead", "North"), ("max@example.com", "own", "North"),
                              ("sue@example.com", "member", "South"), ("bea@example.com", "blind", "South")):
        users[email[:3]] = k.add_user(email, role, team)
    this, next_ = month() + "-15", month(1) + "-28"
    deal(k.admin, "A", "100", "enquiry", this)
    deal(k.admin, "B", "200", "proposal", this)
    deal(k.admin, "C", "300", "signing", this)
    deal(k.admin, "D", "400", "maybe", next_)
    deal(k.admin, "E", "1000", "enquiry", next_, forecast="commit")
    deal(k.admin, "F", "5000", "signing", next_, forecast="omitted")
    deal(k.admin, "G", {"value": "60", "currency": "USD"}, "won")
    deal(k.admin, "H", "70", "lost", this, lost_reason="price")
    deal(k.admin, "I", "80", "proposal")
    deal(k.admin, "J", "90", "proposal", month(-1) + "-01")
    deal(k.admin, "K", "91", "proposal", month(20) + "-01")
    deal(k.admin, "L", "4000", "start", this, pipeline="other")
    deal(users["len"], "M", "10", "signing", this)
    deal(users["max"], "N", "20", "proposal", this)
    deal(users["sue"], "O", "40", "won")
    return users


def figures(k):
    answer = forecast(k.admin)
    now, later = answer["months"][:2]
    equal("forecast__is_of_six_months", (month(), month(5), 6), (answer["from"], answer["to"], len(answer["months"])))
    equal("forecast__of_this_month", ("70.00", "310.00", "220.00", "100.00", "0.00", "368.00"),
          values(now, "won", "commit", "best", "pipeline", "omitted", "weighted"))
    equal("forecast__counts_of_this_month", (2, 2, 2, 1), tuple(now[n + "_count"] for n in ("won", "commit", "best", "pipeline")))
    equal("forecast__deals_and_stages_say_how_sure", ("1000.00", "0.00", "400.00", "5000.00", "340.00"),
          values(later, "commit", "best", "pipeline", "omitted", "weighted"))
    equal("forecast__before_after_and_without_a_date", ("90.00", "91.00", "80.00"),
          tuple(answer[n]["best"]["value"] for n in ("before", "after", "undated")))
    equal("forecast__total", ("70.00", "1310.00", "220.00", "500.00"), values(answer["total"], "won", "commit", "best", "pipeline"))
    equal("forecast__of_another_pipeline", ("4000.00", "0.00", "0.00"),
          values(forecast(k.admin, "pipeline=other")["months"][0], "omitted", "weighted", "commit"))
    equal("forecast__of_all_pipelines", ("70.00", "310.00", "4000.00"),
          values(forecast(k.admin, "")["months"][0], "won", "commit", "omitted"))
    equal("forecast__honours_the_filter", ("0.00", "300.00"),
          values(forecast(k.admin, "pipeline=sales&filter=amount = 300")["months"][0], "won", "commit"))


def targets(k):
    answer = forecast(k.admin)
    now, later = answer["months"][:2]
    equal("target__of_a_year_is_spread", ("10000.00", "9620.00", 3, -1),
          values(now, "target", "gap") + (now["target_count"], now["gap_count"]))
    equal("target__the_shortest_time_counts", ("900.00", "-100.00"), values(later, "target", "gap"))
    equal("target__of_all_months_together", "50900.00", answer["total"]["target"]["value"])
    check("target__goes_at_a_pace", float(now["pace"]["value"]) >= 70, now.get("pace"))
    check("target__none_beside_a_filter", forecast(k.admin, "pipeline=sales&filter=amount = 300")["months"][0]["target"] is None)
    me = k.admin.get("/api/v1/users?filter=email = \"lena@example.com\"").json["items"][0]["id"]
    equal("target__of_a_person", ("50.00", "40.00"),
          values(forecast(k.admin, "pipeline=sales&filter=owner = %d" % me)["months"][0], "target", "gap"))
    people = forecast(k.admin, "pipeline=sales&by=owner")
    equal("forecast__by_owner", {"lena": ("10.00", "50.00"), "sue": ("0.00", None), "max": ("0.00", None)},
          {g["title"]: values(g["months"][0], "commit", "target") for g in people["groups"] if g["title"] in ("lena", "max", "sue")})
    equal("forecast__by_owner_adds_up", people["total"]["won"]["value"],
          "%.2f" % sum(float(g["total"]["won"]["value"]) for g in people["groups"]))
    teams = {g["title"]: g for g in forecast(k.admin, "pipeline=sales&by=team")["groups"]}
    equal("forecast__by_team", ("10.00", "20.00", "33.33"), values(teams["North"]["months"][0], "commit", "best", "target")[:2] +
          (sorted(values(m, "target")[0] for m in teams["North"]["months"])[0],))
    equal("target__parts_of_a_quarter_add_up", "200.00", teams["North"]["total"]["target"]["value"])
    equal("forecast__nobody_stands_last", None, forecast(k.admin, "pipeline=sales&by=team")["groups"][-1]["title"])


def rights(k, users):
    lead = forecast(users["len"])
    equal("forecast__a_lead_sees_his_team", ("0.00", "10.00", "20.00"), values(lead["months"][0], "won", "commit", "best"))
    equal("forecast__a_lead_has_the_target_of_his_team", "200.00", lead["total"]["target"]["value"])
    equal("forecast__own_records_only", ("0.00", "0.00", "20.00"), values(forecast(users["max"])["months"][0], "won", "commit", "best"))
    check("forecast__own_target_only", forecast(users["max"])["total"]["target"] is None)
    equal("forecast__of_others_is_not_told", [], [g["title"] for g in forecast(users["max"], "pipeline=sales&by=owner")["groups"] if g["title"] != "max"])
    equal("forecast__a_member_sees_all", forecast(k.admin)["total"]["commit"], forecast(users["sue"])["total"]["commit"])
    blind = forecast(users["bea"])["months"][0]
    equal("forecast__without_amounts_it_counts", (2, False, None), (blind["won_count"], "won" in blind, blind["target"]))
    equal("forecast__is_not_for_everybody", 401, Client(k.port).get("/api/v1/forecast").status)
    for name, query, status in (("an_unknown_pipeline", "pipeline=nope", 404), ("a_wrong_month", "from=2026-13", 400),
                                ("to_before_from", "from=2026-05&to=2026-04", 400), ("too_long", "from=2020&to=2026", 400),
                                ("a_wrong_grouping", "by=stage", 400), ("a_wrong_filter", "filter=x =", 400),
                                ("a_lead_has_none", "pipeline=leads", 404)):
        equal("forecast__refuses_" + name, status, k.admin.get("/api/v1/forecast?" + query).status)


def last_week(k):
    """A system with a past: what was there a week ago stands beside."""
    ago = (TODAY - datetime.timedelta(days=20)).isoformat()
    path = k.file("name,amount,stage,close_date,on\nOld,100,proposal,%s-15,%s\nSame,30,signing,%s-16,%s\n" % (month(), ago, month(), ago), "p.csv")
    k.must("import", "deal", path, "--at", "on")
    old = k.admin.get("/api/v1/deals?filter=name = \"Old\"").json["items"][0]["id"]
    k.admin.patch("/api/v1/deals/%d" % old, {"amount": "500", "close_date": month(1) + "-15"})
    deal(k.admin, "New", "7", "signing", month() + "-20")
    answer = forecast(k.admin)
    now, later = answer["months"][:2]
    equal("forecast__a_week_ago_stands_beside", ("37.00", "0.00", "30.00", "100.00"),
          values(now, "commit", "best") + values(now["last"], "commit", "best"))
    equal("forecast__a_week_ago_of_the_next_month", ("500.00", "0.00"), values(later, "best") + values(later["last"], "best"))
    past = forecast(k.admin, "pipeline=sales&as_of=%s" % (TODAY - datetime.timedelta(days=2)).isoformat())
    at = next((m for m in past["months"] if m["month"] == month()), None)
    if at:
        equal("forecast__as_of_a_past_day", ("30.00", "100.00"), values(at, "commit", "best"))


def borders(k):
    """A deal won half an hour before midnight UTC is won in the next month in Berlin."""
    path = k.file("name,amount,stage,won_at,close_date\n"
                  "Eve,1,won,2025-01-31T23:30:00Z,2025-01-31\nDay,2,won,2025-01-31T22:30:00Z,2025-01-31\n"
                  "Summer,4,won,2025-06-30T22:30:00Z,2025-06-30\nLeap,8,won,2024-02-29T12:00:00Z,2024-02-29\n", "b.csv")
    k.must("import", "deal", path)
    cells = {m["month"]: m["won"]["value"] for m in forecast(k.admin, "pipeline=sales&from=2024-02&to=2025-07")["months"]}
    equal("forecast__months_end_in_the_company_s_zone", ("2.00", "1.00", "0.00", "4.00", "8.00"),
          tuple(cells[m] for m in ("2025-01", "2025-02", "2025-06", "2025-07", "2024-02")))
    equal("forecast__quarters_and_years_as_bounds", ("2024-01", "2025-09"),
          tuple(forecast(k.admin, "from=2024&to=2025-Q3")[n] for n in ("from", "to")))


def empty(k):
    answer = forecast(k.admin)
    equal("forecast__of_nothing", ("0.00", 0, None), (answer["total"]["won"]["value"], answer["total"]["commit_count"], answer["total"]["last"]))
    equal("forecast__of_nothing_by_owner", [], [g["title"] for g in forecast(k.admin, "by=owner")["groups"]])


with Kontor(conf=CONF) as k:
    with test("forecast__figures_are_right"):
        users = firm(k)
        figures(k)
    with test("forecast__targets_are_right"):
        targets(k)
    with test("forecast__rights_are_kept"):
        rights(k, users)
    with test("forecast__borders_are_right"):
        borders(k)
with Kontor(conf={"pipelines.yaml": PIPELINES}) as k:
    with test("forecast__empty_is_fine"):
        empty(k)
    with test("forecast__last_week_is_right"):
        last_week(k)
finish()
