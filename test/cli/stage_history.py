#!/usr/bin/python3
"""Time in stage, cycle length and conversion from the history: figures of the sales of a hardware seller (public sample data
outside the tree), loaded with its dates, equal those computed here from the CSV; what is undone never was."""
import csv
import datetime
import io
import json
import statistics
import zoneinfo

from kontor import SOURCE, Kontor, check, equal, finish, shared, test

FOLDER = "data/crm-csv/maven-crm-sales-opportunities"
CONF = {"kontor.yaml": "name: Test\ncurrency: USD\nzone: America/New_York\npassword_cost: low\n",
        "fields.yaml": "deal:\n  fields:\n    opportunity: {type: text, unique: true}\n",
        "pipelines.yaml": """
hardware:
  entity: deal
  label: Hardware
  stages: [{id: prospecting, percent: 20}, {id: engaging, percent: 50}, {id: won, kind: won}, {id: lost, kind: lost}]
"""}
ZONE = zoneinfo.ZoneInfo("America/New_York")
PERIODS = [("2017-01-01", "2017-06-30"), ("2017-03-01", "2017-03-31"), ("2016-10-20", "2017-12-31"), ("2017-12-31", "2017-12-31")]


def rows(folder):
    with open(folder / "sales_pipeline.csv", newline="", encoding="utf-8-sig") as file:
        return [r for r in csv.DictReader(file) if r["engage_date"]]


def events(deals):
    """One row for each day something happened: engaged, then won or lost."""
    found = []
    for d in deals:
        found.append((d["engage_date"], 0, d, "engaging"))
        if d["close_date"]:
            found.append((d["close_date"], 1, d, d["deal_stage"].lower()))
    found.sort(key=lambda x: x[:2])
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["opportunity", "name", "pipeline", "stage", "amount", "day"])
    for day, _, d, stage in found:
        writer.writerow([d["opportunity_id"], d["opportunity_id"], "hardware", stage, d["close_value"], day])
    return out.getvalue()


def at(day, more=0):
    date = datetime.date.fromisoformat(day) + datetime.timedelta(days=more)
    return datetime.datetime(date.year, date.month, date.day, tzinfo=ZONE).timestamp()


def median(times):
    return int(statistics.median(times)) if times else None


def wanted(deals, first, last):
    begin, end = at(first), at(last, 1)
    within = lambda day: day and begin <= at(day) < end
    closed = [d for d in deals if within(d["close_date"])]
    won = [d for d in closed if d["deal_stage"] == "Won"]
    lost = [d for d in closed if d["deal_stage"] == "Lost"]
    here = [d for d in deals if at(d["engage_date"]) < end and not (d["close_date"] and at(d["close_date"]) < end)]
    stay = lambda d: at(d["close_date"]) - at(d["engage_date"])
    share = (len(won) * 10000 * 2 + len(closed)) // (2 * len(closed)) if closed else None
    return {"entered": sum(1 for d in deals if within(d["engage_date"])), "left": len(closed), "won": len(won), "lost": len(lost),
            "forward": 0, "back": 0, "moved": 0, "conversion": share and "%d.%02d" % divmod(share, 100),
            "typical_s": median([stay(d) for d in closed]), "here": len(here),
            "age_s": median([end - at(d["engage_date"]) for d in here]),
            "won_cycle": (len(won), median([stay(d) for d in won])), "lost_cycle": (len(lost), median([stay(d) for d in lost]))}


def got(k, first, last, more=""):
    answer = k.admin.get("/api/v1/boards/hardware/stages?from=%s&to=%s%s" % (first, last, more)).json
    stage = next(s for s in answer["stages"] if s["id"] == "engaging")
    figures = {key: stage[key] for key in stage if key != "id"}
    for end in ("won", "lost"):
        figures[end + "_cycle"] = (answer[end]["count"], answer[end]["cycle_s"])
    return figures


def check_rows(k, deals, first, last):
    """The rows behind the figures of a stage are as many, and have the same median."""
    for here, count, typical in (("", "left", "typical_s"), ("&here=1", "here", "age_s")):
        found, cursor, want = [], "", wanted(deals, first, last)
        while cursor is not None:
            page = k.admin.get("/api/v1/boards/hardware/stays?stage=engaging&limit=200&from=%s&to=%s%s%s" % (first, last, here, cursor)).json
            found += page["items"]
            cursor = page["next"] and "&cursor=" + page["next"]
        got_rows = (len(found), median([i["stay_s"] for i in found]), page["stage"][count], page["stage"][typical])
        equal("stage_history__rows_of_those_%s" % count, (want[count], want[typical], want[count], want[typical]), got_rows)
        if not here:
            equal("stage_history__rows_that_passed", want["won"], sum(1 for i in found if i["way"] in ("forward", "won")))
            equal("stage_history__rows_by_name", sorted(d["opportunity_id"] for d in deals if d["close_date"] and first <= d["close_date"] <= last),
                  sorted(i["title"] for i in found))


def check_path(k, deals):
    one = next(d for d in deals if d["deal_stage"] == "Won")
    found = k.admin.get('/api/v1/deals?filter=opportunity = "%s"' % one["opportunity_id"]).json["items"][0]
    path = k.admin.get("/api/v1/deals/%d/stages" % found["id"]).json
    stays = {s["id"]: s.get("stay_s") for s in path["stages"]}
    equal("stage_history__the_way_of_one_deal", int(at(one["close_date"]) - at(one["engage_date"])), stays["engaging"])
    equal("stage_history__where_it_never_was", None, stays["prospecting"])
    equal("stage_history__where_it_is", ["won"], [s["id"] for s in path["stages"] if s.get("here")])


def check_undone(k):
    """A drop and its Undo: neither a visit, nor a day less where it was."""
    made = k.admin.post("/api/v1/deals", {"name": "X", "pipeline": "hardware", "stage": "prospecting", "opportunity": "X"}).json
    path = "/api/v1/deals/%d" % made["id"]
    for to in ("engaging", "won"):
        k.admin.patch(path, {"stage": to})
        change = k.admin.get("/api/v1/changes").json["items"][0]["id"]
        answer = k.admin.post("/api/v1/changes/%s/undo" % change)
        equal("stage_history__undo_of_a_move_to_%s" % to, 200, answer.status)
    now = k.admin.get(path).json
    for key in ("stage", "percent", "stage_since", "won_at", "amount"):
        equal("stage_history__undo_brings_back_%s" % key, made[key], now[key])
    visits = {s["id"]: s["visits"] for s in k.admin.get(path + "/stages").json["stages"]}
    equal("stage_history__what_is_undone_never_was", {"prospecting": 1, "engaging": 0, "won": 0, "lost": 0}, visits)
    k.admin.post("/api/v1/deals/bulk", {"ids": [made["id"]], "set": {"stage": "engaging"}})
    k.admin.post("/api/v1/changes/%s/undo" % k.admin.get("/api/v1/changes").json["items"][0]["id"])
    visits = {s["id"]: s["visits"] for s in k.admin.get(path + "/stages").json["stages"]}
    equal("stage_history__a_bulk_move_undone_never_was", {"prospecting": 1, "engaging": 0, "won": 0, "lost": 0}, visits)


def check_edges(k):
    for query, status in (("from=2017-02-30", 400), ("from=2018-01-01&to=2017-01-01", 400), ("filter=nothing = 1", 400), ("", 200)):
        equal("stage_history__answers_%s" % (query or "plain"), status, k.admin.get("/api/v1/boards/hardware/stages?" + query).status)
    equal("stage_history__of_no_pipeline", 404, k.admin.get("/api/v1/boards/nothing/stages").status)
    equal("stage_history__of_nothing_in_stages", 404,
          k.admin.get("/api/v1/companies/%d/stages" % k.admin.post("/api/v1/companies", {"name": "C"}).json["id"]).status)
    equal("stage_history__of_no_record", 404, k.admin.get("/api/v1/deals/999999/stages").status)


folder = shared(FOLDER, "stage_history")
if folder:
    deals = rows(folder)
    with test("stage_history"), Kontor(conf=CONF) as k:
        path = k.file(events(deals), "events.csv")
        result = k.run("import", "deal", path, "--match", "opportunity", "--at", "day", "--json")
        answer = json.loads(result.stdout)
        check("stage_history__is_loaded", answer["rejected"] == 0 and answer["created"] == len(deals), lambda: result.stdout)
        for first, last in PERIODS:
            equal("stage_history__figures_%s_%s" % (first, last), wanted(deals, first, last), got(k, first, last))
        some = [d for d in deals if d["close_value"] and float(d["close_value"]) > 1000]
        equal("stage_history__figures_of_a_filter", {key: v for key, v in wanted(some, *PERIODS[0]).items()},
              got(k, *PERIODS[0], more="&filter=amount > 1000"))
        check_rows(k, deals, *PERIODS[1])
        check_path(k, deals)
        check_undone(k)
        check_edges(k)
finish()
