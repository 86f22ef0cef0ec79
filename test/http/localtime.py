#!/usr/bin/python3
"""Days and times with their zone: what goes in comes out, in lists, filters, files, timelines, undo and as of a date. Zones from
UTC+14 to UTC-11, both clock changes, 29 February; the firm's zone is Europe/Berlin."""
import csv
import io
import json
import sqlite3
import time

from kontor import Client, Kontor, equal, finish, test

VISIT = """entity: visit
label: Visit
plural: visits
title: name
fields:
  name: {type: text, required: true}
  at: {type: localtime, index: true}
  planned: {type: localtime, default: today()}
  fixed: {type: localtime, default: 2028-02-29}
"""
# what is written, what is answered, the instant
GOOD = [
    ("2026-11-21", "2026-11-21", "2026-11-21T22:59:59.999Z"),
    ("2028-02-29", "2028-02-29", "2028-02-29T22:59:59.999Z"),
    ("21.11.2026", "2026-11-21", "2026-11-21T22:59:59.999Z"),
    ("2026-03-29", "2026-03-29", "2026-03-29T21:59:59.999Z"),
    ("2026-10-25", "2026-10-25", "2026-10-25T22:59:59.999Z"),
    ("2026-11-21T14:05:00Z", "2026-11-21T14:05:00Z", "2026-11-21T14:05:00Z"),
    ("2026-11-21T14:05:00.250Z", "2026-11-21T14:05:00.250Z", "2026-11-21T14:05:00.250Z"),
    ("2026-11-21T14:05", "2026-11-21T14:05:00+01:00[Europe/Berlin]", "2026-11-21T13:05:00Z"),
    ("2026-07-21 14:05", "2026-07-21T14:05:00+02:00[Europe/Berlin]", "2026-07-21T12:05:00Z"),
    ("2026-11-21T14:05:00-05:00", "2026-11-21T20:05:00+01:00[Europe/Berlin]", "2026-11-21T19:05:00Z"),
    ("2026-11-21T14:05:00+01:00[Europe/Berlin]", "2026-11-21T14:05:00+01:00[Europe/Berlin]", "2026-11-21T13:05:00Z"),
    ("2026-11-21T00:30[Pacific/Kiritimati]", "2026-11-21T00:30:00+14:00[Pacific/Kiritimati]", "2026-11-20T10:30:00Z"),
    ("2026-11-21T23:30[Pacific/Pago_Pago]", "2026-11-21T23:30:00-11:00[Pacific/Pago_Pago]", "2026-11-22T10:30:00Z"),
    ("2026-11-21T13:05:00Z[America/New_York]", "2026-11-21T08:05:00-05:00[America/New_York]", "2026-11-21T13:05:00Z"),
    ("2026-11-21T14:05:00+05:45[Asia/Kathmandu]", "2026-11-21T14:05:00+05:45[Asia/Kathmandu]", "2026-11-21T08:20:00Z"),
    ("2026-03-29T02:30", "2026-03-29T03:30:00+02:00[Europe/Berlin]", "2026-03-29T01:30:00Z"),
    ("2026-10-25T02:30", "2026-10-25T02:30:00+02:00[Europe/Berlin]", "2026-10-25T00:30:00Z"),
    ("2026-10-25T02:30:00+01:00[Europe/Berlin]", "2026-10-25T02:30:00+01:00[Europe/Berlin]", "2026-10-25T01:30:00Z"),
    ("2026-10-25T14:05", "2026-10-25T14:05:00+01:00[Europe/Berlin]", "2026-10-25T13:05:00Z"),
    ("2026-03-29T14:05", "2026-03-29T14:05:00+02:00[Europe/Berlin]", "2026-03-29T12:05:00Z"),
    ("2026-03-08T02:30[America/New_York]", "2026-03-08T03:30:00-04:00[America/New_York]", "2026-03-08T07:30:00Z"),
    ("2056-07-21T14:05[Europe/Berlin]", "2056-07-21T14:05:00+02:00[Europe/Berlin]", "2056-07-21T12:05:00Z"),
    ("2056-03-26T02:30[Europe/Berlin]", "2056-03-26T03:30:00+02:00[Europe/Berlin]", "2056-03-26T01:30:00Z"),
    ("2056-01-21T14:05[Australia/Lord_Howe]", "2056-01-21T14:05:00+11:00[Australia/Lord_Howe]", "2056-01-21T03:05:00Z"),
    ("2056-07-21T14:05[Australia/Lord_Howe]", "2056-07-21T14:05:00+10:30[Australia/Lord_Howe]", "2056-07-21T03:35:00Z"),
    ("2056-07-21T14:05[Pacific/Kiritimati]", "2056-07-21T14:05:00+14:00[Pacific/Kiritimati]", "2056-07-21T00:05:00Z"),
]
BAD = ["2027-02-29", "tomorrow", "2026-11-21T25:00", "2026-11-21T14:05[Nowhere/Town]", "2026-11-21T14:05[right/Europe/Berlin]", "2026-11-21T14:05[posixrules]", "2026-11-21T14:05[]", "[Europe/Berlin]",
       "2026-11-21[Europe/Berlin]", "2026-11-21T14:05[../../etc/passwd]", "2026-07-21T14:05:00+01:00[Europe/Berlin]",
       "2026-11-21T14:05+01:00[Europe/Berlin]x", "2026-11-21T14:05[" + "A" * 200 + "]", "0000-01-01", "9999-12-31T23:59:59-10:00", 7, True]


def add(k, at, **more):
    return k.admin.post("/api/v1/visits", {"name": str(at), "at": at, **more})


def found(k, condition, sort="id"):
    answer = k.admin.get("/api/v1/visits?limit=200&sort=%s&filter=%s" % (sort, condition.replace("+", "%2B")))
    return [i["at"] for i in answer.json["items"]] if answer.status == 200 else answer


def ways_in(k):
    for written, wanted, _ in GOOD:
        made = add(k, written)
        equal("localtime__takes_" + written, wanted, made.json.get("at", made))
        equal("localtime__takes_%s_again" % wanted, wanted, add(k, wanted).json.get("at"))
        k.admin.delete("/api/v1/visits/%d" % made.json["id"])
        k.admin.delete("/api/v1/visits/%d" % (made.json["id"] + 1))
    for bad in BAD:
        for dry in ("", "?dry_run=1"):
            answer = k.admin.post("/api/v1/visits" + dry, {"name": "bad", "at": bad})
            where = answer.json["error"]["fields"][0]["where"] if answer.status == 422 else answer
            equal("localtime__refuses_%s%s" % (bad, dry), "visit.at", where)
    made = k.admin.post("/api/v1/visits", {"name": "none"}).json
    equal("localtime__default_of_a_day_is_a_day", (made["created_at"][:4], 10, "2028-02-29"),
          (made["planned"][:4], len(made["planned"]), made["fixed"]))
    k.admin.delete("/api/v1/visits/%d" % made["id"])


def compares(k):
    for written, _, _ in GOOD:
        assert add(k, written).status == 201, written
    order = [wanted for _, wanted, _ in sorted(GOOD, key=lambda g: (g[2].replace("Z", ".000Z") if "." not in g[2] else g[2]))]
    equal("localtime__lists_sort_by_the_moment", order, found(k, "at is not empty", "at,id"))
    equal("localtime__and_backwards", order[::-1], found(k, "at is not empty", "-at,-id"))
    equal("localtime__a_day_is_found_by_its_day", ["2028-02-29"], found(k, 'at = "2028-02-29"'))
    equal("localtime__a_day_is_over_at_its_end", [], found(k, 'at < "2028-02-29T22:59:59Z" and at >= "2028-02-29"'))
    equal("localtime__a_day_ends_before_the_next", ["2028-02-29"], found(k, 'at >= "2028-02-29" and at < "2028-03-01"'))
    equal("localtime__a_day_has_its_times", ["2026-03-29", "2026-03-29T03:30:00+02:00[Europe/Berlin]", "2026-03-29T14:05:00+02:00[Europe/Berlin]"],
          found(k, 'at >= "2026-03-29" and at <= "2026-03-29"'))
    for _, wanted, _ in GOOD:
        same = found(k, 'at = "%s"' % wanted)
        assert wanted in same, (wanted, same)
        assert wanted in found(k, 'at >= "%s" and at <= "%s"' % (wanted, wanted)), wanted


def files(k):
    wanted = {wanted for _, wanted, _ in GOOD}
    text = k.must("export", "visit", "--fields", "name,at", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    equal("localtime__csv_has_them_all", wanted, {r["at"] for r in rows})
    lines = [json.loads(x) for x in k.must("export", "visit", "--fields", "name,at", "--format", "ndjson").splitlines()]
    equal("localtime__ndjson_has_them_all", wanted, {x["at"] for x in lines})
    book = k.top / "visits.xlsx"
    k.must("export", "visit", "--fields", "name,at", "--format", "xlsx", "--out", book)
    places = {}
    for name, content in (("visits.csv", text), ("visits.ndjson", "".join(json.dumps(x) + "\n" for x in lines)), ("visits.xlsx", None)):
        with Kontor(conf={"entities/visit.yaml": VISIT}) as other:
            file = book if content is None else other.file(content, name)
            told = other.run("import", "visit", file, "--json")
            assert told.returncode == 0, (name, told)
            places[name] = {i["name"]: i["at"] for i in other.admin.items("/api/v1/visits?limit=200")}
    mine = {i["name"]: i["at"] for i in k.admin.items("/api/v1/visits?limit=200")}
    for name in ("csv", "ndjson"):
        back = places["visits." + name]
        equal("localtime__%s_comes_back" % name, [], [(n, at, back.get(n)) for n, at in mine.items() if back.get(n) != at])
    # a sheet has times of the firm's zone, without milliseconds: what was written in UTC is the same moment
    with test("localtime__xlsx_comes_back"):
        for name, at in mine.items():
            back = places["visits.xlsx"][name]
            utc = {"2026-11-21T14:05:00Z": "2026-11-21T15:05:00+01:00[Europe/Berlin]", "2026-11-21T14:05:00.250Z": "2026-11-21T15:05:00+01:00[Europe/Berlin]"}
            twice = {"2026-10-25T02:30:00+01:00[Europe/Berlin]": "2026-10-25T02:30:00+02:00[Europe/Berlin]"}
            assert back == {**utc, **twice}.get(at, at), (name, at, back)
    whole = k.top / "all"
    k.must("export", "--all", whole)
    with Kontor(init=False) as empty:
        empty.init()
        empty.write_conf({"entities/visit.yaml": VISIT})
        empty.must("apply")
        empty.start()
        told = empty.run("import", "--all", whole)
        equal("localtime__a_whole_export_comes_back", mine, {i["name"]: i["at"] for i in empty.admin.items("/api/v1/visits?limit=200")} or told)


def history(k):
    made = add(k, "2027-01-10").json
    path = "/api/v1/visits/%d" % made["id"]
    time.sleep(1.1)
    then = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    time.sleep(1.1)
    for at in ("2027-01-11T09:00[Europe/Berlin]", "2027-01-11T09:00[America/New_York]", None):
        k.admin.patch(path, {"at": at})
    changes = k.admin.get("/api/v1/changes?entity=visit&id=%d" % made["id"]).json["items"]
    told = [(f["before"], f["after"]) for c in k.admin.get(path + "/timeline").json["items"] for f in c.get("fields", []) if f["name"] == "at"]
    equal("localtime__history_tells_each_value",
          [("2027-01-11T09:00:00-05:00[America/New_York]", None),
           ("2027-01-11T09:00:00+01:00[Europe/Berlin]", "2027-01-11T09:00:00-05:00[America/New_York]"),
           ("2027-01-10", "2027-01-11T09:00:00+01:00[Europe/Berlin]")], told)
    for change, wanted in zip(changes, ("2027-01-11T09:00:00-05:00[America/New_York]", "2027-01-11T09:00:00+01:00[Europe/Berlin]", "2027-01-10")):
        k.admin.post("/api/v1/changes/%d/undo" % change["id"], {})
        equal("localtime__undo_gives_back_" + wanted, wanted, k.admin.get(path).json["at"])
    k.admin.patch(path, {"at": "2027-02-01T09:00[Asia/Tokyo]"})
    equal("localtime__as_of_a_change", "2027-01-10", [i["at"] for i in k.admin.get("/api/v1/visits?as_of=%s&filter=id = %d" % (then, made["id"])).json["items"]][0])
    bulk = k.admin.post("/api/v1/visits/bulk", {"ids": [made["id"]], "set": {"at": "2028-02-29T10:00[Pacific/Kiritimati]"}}).json
    equal("localtime__bulk_edit_sets_it", "2028-02-29T10:00:00+14:00[Pacific/Kiritimati]", k.admin.get(path).json["at"])
    k.admin.post("/api/v1/changes/%d/undo" % bulk["change"], {})
    equal("localtime__and_is_undone", "2027-02-01T09:00:00+09:00[Asia/Tokyo]", k.admin.get(path).json["at"])


def activities(k):
    """Where activities are shown: timeline, next step, overdue."""
    deal = k.admin.post("/api/v1/deals", {"name": "Hall"}).json["id"]
    link = [{"entity": "deal", "id": deal}]
    for subject, due in (("day", "2027-05-01"), ("late", "2027-05-01T09:00[Pacific/Pago_Pago]"), ("early", "2027-05-01T09:00[Pacific/Kiritimati]")):
        assert k.admin.post("/api/v1/activities", {"kind": "task", "subject": subject, "due": due, "links": link}).status == 201
    open_ = {i["subject"]: i["due"] for i in k.admin.get("/api/v1/deals/%d/timeline?kind=open" % deal).json["items"]}
    equal("localtime__timelines_have_zone_and_day", {"day": "2027-05-01", "late": "2027-05-01T09:00:00-11:00[Pacific/Pago_Pago]",
                                                       "early": "2027-05-01T09:00:00+14:00[Pacific/Kiritimati]"}, open_)
    step = k.admin.get("/api/v1/deals/%d?fields=next_step" % deal).json["next_step"]
    equal("localtime__the_next_step_is_the_earliest", "2027-05-01T09:00:00+14:00[Pacific/Kiritimati]", step["due"])
    for now, late in (("2027-05-01T21:59:00Z", {"early", "late"}), ("2027-05-01T22:00:00Z", {"early", "late", "day"}), ("2027-04-30T19:01:00Z", {"early"})):
        k.stop()
        k.start(env={"KONTOR_NOW": now})
        caller = k.client("admin@example.com")
        over = {i["subject"] for i in caller.get("/api/v1/activities?filter=done_at is empty and due < now()").json["items"]}
        equal("localtime__overdue_at_" + now, late, over)


def calendars(k):
    """A feed has each at its day or its time of day there, and comes back as a file with the same."""
    k.stop()
    k.start(env={"KONTOR_NOW": "2026-02-01T08:00:00Z"})
    # an iCalendar has no milliseconds and cannot say which half past two it is on the last day of summer time
    dues = sorted({wanted for _, wanted, _ in GOOD if ".250" not in wanted and wanted != "2026-10-25T02:30:00+01:00[Europe/Berlin]"})
    for due in dues:
        assert k.admin.post("/api/v1/activities", {"kind": "task", "subject": "At " + due, "due": due}).status == 201, due
    link = k.admin.post("/api/v1/feeds", {"name": "All"}).json["link"]
    text = Client(k.port).request("GET", link).text
    events = {e.split("SUMMARY:")[1].split("\r\n")[0]: e for e in text.replace("\r\n ", "").split("BEGIN:VEVENT")[1:]}
    with test("localtime__feeds_have_the_day_or_the_time_there"):
        for due in dues:
            plain = due[:10].replace("-", "") + due[10:19].replace(":", "")
            zone = due.split("[")[1][:-1] if "[" in due else None
            wanted = ";VALUE=DATE:" + plain if "T" not in due else ";TZID=%s:%s" % (zone, plain) if zone else ":" + plain + "Z"
            found = events["At " + due].split("DTSTART")[1].split("\r\n")[0]
            assert found == wanted, (due, found)
    with Kontor(conf={"kontor.yaml": "name: Far\ncurrency: EUR\nzone: Pacific/Pago_Pago\npassword_cost: low\n"}) as other:
        told = other.run("import", "activity", other.file(text, "feed.ics"))
        equal("localtime__a_feed_goes_in_elsewhere", 0, told.returncode)
        back = {i["subject"]: i["due"] for i in other.admin.items("/api/v1/activities?limit=200")}
        equal("localtime__and_says_the_same_there", {"At " + due: due for due in dues}, {n: at for n, at in back.items() if n.startswith("At ")})


def zones_change(k):
    """The firm moves, and a user: what was written stays at its time of its zone, days stay days; what is written then is of the new zone."""
    before = {i["id"]: i["due"] for i in k.admin.items("/api/v1/activities?limit=200")}
    series = k.admin.post("/api/v1/activities", {"subject": "Each week", "due": "2027-03-01T09:00", "repeat": "FREQ=WEEKLY;COUNT=40"}).json
    of_series = lambda: sorted(i["due"] for i in k.admin.items("/api/v1/activities?limit=200&filter=subject = \"Each week\""))
    weekly = of_series()
    k.stop()
    k.write_conf({"kontor.yaml": "name: Test\ncurrency: EUR\nzone: America/Los_Angeles\npassword_cost: low\n", "entities/visit.yaml": VISIT})
    k.must("apply")
    k.start()
    equal("localtime__a_user_moves", 200, k.admin.patch("/api/v1/me", {"prefs": {"zone": "Asia/Tokyo"}}).status)
    now = {i["id"]: i["due"] for i in k.admin.items("/api/v1/activities?limit=200")}
    equal("localtime__a_move_of_the_firm_changes_nothing", before, {i: at for i, at in now.items() if i in before})
    equal("localtime__nor_what_repeats", weekly, of_series())
    equal("localtime__new_ones_are_of_the_new_zone", "2027-03-01T09:00:00-08:00[America/Los_Angeles]",
          k.admin.post("/api/v1/activities", {"subject": "New", "due": "2027-03-01T09:00"}).json["due"])
    moved = k.admin.patch("/api/v1/activities/%d?scope=all" % series["id"], {"due": "2027-03-02T10:00[Europe/Berlin]"})
    equal("localtime__a_series_moves_in_its_own_zone", ({"T10:00:00"}, {"Europe/Berlin]"}),
          ({d[10:19] for d in of_series()}, {d.split("[")[1] for d in of_series()}) if moved.status == 200 else moved)


def older(k):
    """A moment without its zone, as programs before this one kept it: a time of the firm's zone."""
    with test("localtime__an_instant_of_before_is_a_time_of_the_firm"):
        made = add(k, "2027-01-10T12:00Z").json
        k.stop()
        db = sqlite3.connect(str(k.data / "kontor.db"))
        with db:
            db.execute("UPDATE e_visit SET at_local = NULL, at_zone = NULL WHERE id = ?", (made["id"],))
        db.close()
        k.start()
        path = "/api/v1/visits/%d" % made["id"]
        assert k.admin.get(path).json["at"] == "2027-01-10T13:00:00+01:00[Europe/Berlin]", k.admin.get(path).json
        k.admin.patch(path, {"at": "2027-01-12"})
        change = k.admin.get("/api/v1/changes?entity=visit&id=%d" % made["id"]).json["items"][0]
        k.admin.post("/api/v1/changes/%d/undo" % change["id"], {})
        assert k.admin.get(path).json["at"] == "2027-01-10T13:00:00+01:00[Europe/Berlin]"


with Kontor(conf={"entities/visit.yaml": VISIT}) as k:
    ways_in(k)
    compares(k)
    files(k)
    history(k)
    older(k)
    activities(k)
with Kontor() as k:
    calendars(k)
    zones_change(k)
finish()
