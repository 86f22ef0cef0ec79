#!/usr/bin/python3
"""Series over months, by a clock that is moved (KONTOR_NOW): after half a year of downtime the year ahead is made up for, none twice, none
of what ended or was deleted; exceptions stay; the whole is taken back later; a reminder that was missed comes once. Calendars of another
zone keep their time of day. The firm is in Europe/Berlin."""
import calendar
import datetime
import time
import urllib.parse

from kontor import Kontor, check, equal, finish, test

CONF = {"kontor.yaml": "name: Test\ncurrency: EUR\nzone: Europe/Berlin\npassword_cost: low\n"}
BEGIN = "2027-01-04T08:00:00Z"


def at(k, now):
    """The program runs at that moment; what was due is done."""
    k.stop()
    k.start(env={"KONTOR_NOW": now})
    wanted = int(datetime.datetime.fromisoformat(now.replace("Z", "+00:00")).timestamp() * 1000)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        due = k.database("SELECT count(*) FROM timer WHERE kind IN ('series', 'steps') AND due_at <= ?", wanted)[0][0]
        running = k.database("SELECT count(*) FROM job WHERE kind = 'series' AND state IN (1, 2)")[0][0]
        if not due and not running:
            return
        time.sleep(0.05)
    raise AssertionError("the timers do not run")


def begin(k, subject, due, rule, **more):
    answer = k.admin.post("/api/v1/activities", {"subject": subject, "due": due, "repeat": rule, **more})
    equal("%s is made" % subject, 201, answer.status)
    return answer.json, answer.headers["x-kontor-change"]


def of(k, subject):
    query = urllib.parse.quote('subject = "%s"' % subject)
    return sorted(k.admin.items("/api/v1/activities?filter=%s&limit=200" % query), key=lambda a: a["recurrence_id"] or "")


def days(items):
    return [a["recurrence_id"][:10] for a in items]


def last_days(first, last):
    """The ends of the months between."""
    date, out = datetime.date.fromisoformat(first), []
    while date.isoformat() <= last:
        out.append(date.isoformat())
        year, month = date.year + date.month // 12, date.month % 12 + 1
        date = datetime.date(year, month, calendar.monthrange(year, month)[1])
    return out


def every(first, last, step):
    date, out = datetime.date.fromisoformat(first), []
    while date.isoformat() <= last:
        out.append(date.isoformat())
        date += datetime.timedelta(days=step)
    return out


with Kontor(CONF, now=BEGIN) as k:
    at(k, BEGIN)
    daily, made = begin(k, "Daily", "2027-01-05T09:00", "FREQ=DAILY", reminders=["10"])
    begin(k, "Weekly", "2027-01-05T23:30[America/New_York]", "FREQ=WEEKLY")
    begin(k, "Monthly", "2027-01-31", "FREQ=MONTHLY;BYMONTHDAY=-1")
    begin(k, "Ended", "2027-01-05T10:00", "FREQ=DAILY;COUNT=20")
    begin(k, "Cut", "2027-01-05", "FREQ=WEEKLY")
    begin(k, "Gone", "2027-01-05", "FREQ=WEEKLY")

    with test("a year ahead is there"):
        equal("every day", every("2027-01-05", "2028-01-04", 1), days(of(k, "Daily")))
        equal("every week", every("2027-01-05", "2028-01-03", 7), days(of(k, "Weekly")))
        equal("every month", last_days("2027-01-31", "2028-01-04"), days(of(k, "Monthly")))

    weekly, cut, gone = of(k, "Weekly"), of(k, "Cut"), of(k, "Gone")
    moved = weekly[40]
    k.admin.patch("/api/v1/activities/%d" % moved["id"], {"due": "2027-10-15T08:00[Europe/Berlin]", "place": "Elsewhere"})
    k.admin.delete("/api/v1/activities/%d" % weekly[41]["id"])
    k.admin.delete("/api/v1/activities/%d?scope=following" % cut[10]["id"])
    k.admin.delete("/api/v1/activities/%d?scope=all" % gone[0]["id"])

    at(k, "2027-07-04T08:00:00Z")
    with test("half a year later the year ahead is there again, none twice, none is missing"):
        equal("every day", every("2027-01-05", "2028-07-04", 1), days(of(k, "Daily")))
        left = every("2027-01-05", "2028-07-03", 7)
        left.remove(days([weekly[41]])[0])
        equal("every week, but the one that was deleted", left, days(of(k, "Weekly")))
        equal("every month", last_days("2027-01-31", "2028-07-04"), days(of(k, "Monthly")))
        equal("what ended has ended", 20, len(of(k, "Ended")))
        equal("what was cut stays so", 10, len(of(k, "Cut")))
        equal("what is gone is gone", 0, len(of(k, "Gone")))

    with test("the time of day is that of its zone, on both sides of each clock change"):
        equal("nine", {"T09:00:00"}, {a["due"][10:19] for a in of(k, "Daily")})
        equal("summer and winter here", {"+01:00", "+02:00"}, {a["due"][19:25] for a in of(k, "Daily")})
        there = [a["due"] for a in of(k, "Weekly") if a["id"] != moved["id"]]
        equal("half past eleven there", {"T23:30:00"}, {d[10:19] for d in there})
        equal("summer and winter there", {"-05:00", "-04:00"}, {d[19:25] for d in there})

    with test("the exception is as it was"):
        now = k.admin.get("/api/v1/activities/%d" % moved["id"]).json
        equal("its own", ("2027-10-15T08:00:00+02:00[Europe/Berlin]", "Elsewhere", True), (now["due"], now["place"], now["exception"]))

    with test("a reminder that was missed comes once"):
        told = [n for n in k.admin.get("/api/v1/notifications?limit=100").json["items"] if n["kind"] == "step"]
        keys = [(n["record"]["id"] if isinstance(n["record"], dict) else n["record"]) for n in told]
        equal("none twice", len(keys), len(set(keys)))
        check("some", len(keys) > 0, told[:1])
        count = len(keys)

    with test("the same day again makes nothing"):
        before = k.database("SELECT count(*) FROM change_set")[0][0]
        at(k, "2027-07-04T09:00:00Z")
        equal("every day", every("2027-01-05", "2028-07-04", 1), days(of(k, "Daily")))
        again = [n for n in k.admin.get("/api/v1/notifications?limit=100").json["items"] if n["kind"] == "step"]
        equal("nor reminders", count, len(again))

    with test("month by month it goes on, over 29 February"):
        for month in ("2027-08-04", "2027-10-31", "2028-02-29"):
            at(k, month + "T08:00:00Z")
        equal("every month", last_days("2027-01-31", "2029-02-28"), days(of(k, "Monthly")))
        equal("every day", every("2027-01-05", "2029-02-28", 1), days(of(k, "Daily")))

    with test("taken back a year later, all of it goes but what somebody noted something on; the undo of that brings all back"):
        noted = of(k, "Daily")[600]
        k.admin.patch("/api/v1/activities/%d" % noted["id"], {"outcome": "All is well"})
        before = of(k, "Daily")
        answer = k.admin.post("/api/v1/changes/%s/undo" % made, {})
        equal("undone", len(before), answer.json["undone"])
        equal("one is left", [noted["id"]], [a["id"] for a in of(k, "Daily")])
        at(k, "2028-06-01T08:00:00Z")
        equal("none comes", 1, len(of(k, "Daily")))
        equal("undone again", 200, k.admin.post("/api/v1/changes/%d/undo" % answer.json["change"], {}).status)
        equal("all are back", [(a["id"], a["due"]) for a in before], [(a["id"], a["due"]) for a in of(k, "Daily")])
        at(k, "2028-07-01T08:00:00Z")
        equal("and it goes on", every("2027-01-05", "2029-07-01", 1), days(of(k, "Daily")))

with Kontor(CONF, now=BEGIN) as k:
    at(k, BEGIN)
    begin(k, "Round", "2027-01-04T09:00", "FREQ=WEEKLY")
    with test("a move that is taken back after the series went on leaves none of its days, and makes up for those of before"):
        some = of(k, "Round")
        moved = k.admin.patch("/api/v1/activities/%d?scope=all" % some[0]["id"], {"due": "2027-01-05T09:00"})
        equal("moved", 200, moved.status)
        at(k, "2027-02-15T08:00:00Z")
        later = of(k, "Round")
        equal("it went on", every("2027-01-05", "2028-02-15", 7), days(later))
        touched = later[-1]
        k.admin.patch("/api/v1/activities/%d" % touched["id"], {"place": "Kiel"})
        undone = k.admin.post("/api/v1/changes/%d/undo" % int(moved.headers["x-kontor-change"]), {})
        equal("taken back, and nothing was kept back", (200, []), (undone.status, undone.json["kept"]))
        left = [a for a in of(k, "Round") if a["id"] != touched["id"]]
        equal("the Mondays of before", every("2027-01-04", "2028-01-03", 7), days(left))
        equal("what somebody touched stays", "Kiel", k.admin.get("/api/v1/activities/%d" % touched["id"]).json["place"])
        at(k, "2027-02-16T08:30:00Z")
        equal("and the year ahead on the next day", every("2027-01-04", "2028-02-14", 7), days([a for a in of(k, "Round") if a["id"] != touched["id"]]))

finish()
