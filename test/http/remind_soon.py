#!/usr/bin/python3
"""Reminders of activities come at their time, not at the next look of the minute: of what was written long before, just before, moved,
and again after the first; each once. The clock is set so that the look of the minute is far from all of them."""
import datetime
import time

from kontor import Kontor, equal, finish, test


def told(k):
    return sorted(n["record"]["title"] for n in k.admin.get("/api/v1/notifications?limit=100").json["items"] if n["kind"] == "step")


def clock(k):
    """What time it is there, by what was just written."""
    one = k.admin.post("/api/v1/companies", {"name": "Now"}).json
    k.admin.delete("/api/v1/companies/%d" % one["id"])
    return datetime.datetime.fromisoformat(one["created_at"].replace("Z", "+00:00"))


def plan(k, subject, at, minutes="0"):
    due = at + datetime.timedelta(minutes=int(minutes))
    return k.admin.post("/api/v1/activities", {"kind": "call", "subject": subject, "due": due.isoformat().replace("+00:00", "Z"), "reminders": [minutes]}).json["id"]


def by(k, wanted, at):
    """Waits until it is told; how many seconds after its time that was, by the clock there."""
    end = time.monotonic() + 75
    while time.monotonic() < end:
        if wanted in told(k):
            return (clock(k) - at).total_seconds()
        time.sleep(0.1)
    raise AssertionError("never told of " + wanted)


def in_time(name, late):
    equal("%s: early or late by %.1f s" % (name, late), True, -1.5 <= late <= 20)


with Kontor(start=False, now="2027-05-03T09:00:00Z") as k:
    k.start(env={"KONTOR_NOW": "2027-05-03T10:00:01Z"})
    now = clock(k)

    with test("what is written a few seconds ahead is told at its time"):
        first, second = now + datetime.timedelta(seconds=4), now + datetime.timedelta(seconds=8)
        plan(k, "First", first, "10")
        plan(k, "Second", second)
        in_time("First", by(k, "First", first))
        in_time("Second", by(k, "Second", second))

    with test("what is moved to a few seconds ahead, too"):
        far = plan(k, "Moved", now + datetime.timedelta(days=1))
        soon = clock(k) + datetime.timedelta(seconds=4)
        k.admin.patch("/api/v1/activities/%d" % far, {"due": soon.isoformat().replace("+00:00", "Z")})
        in_time("Moved", by(k, "Moved", soon))

    with test("a reminder whose time is over already is told at once"):
        plan(k, "Late", clock(k) - datetime.timedelta(seconds=30), "10")
        in_time("Late", by(k, "Late", clock(k)))

    with test("what was written long before is told at its time after a start"):
        plan(k, "Long before", datetime.datetime(2027, 5, 3, 12, 0, 8, tzinfo=datetime.timezone.utc))
        k.stop()
        k.start(env={"KONTOR_NOW": "2027-05-03T12:00:01Z"})
        at = datetime.datetime(2027, 5, 3, 12, 0, 8, tzinfo=datetime.timezone.utc)
        in_time("Long before", by(k, "Long before", at))

    with test("each once, whatever is written then"):
        plan(k, "Last", clock(k) + datetime.timedelta(seconds=2))
        by(k, "Last", clock(k))
        equal("told", ["First", "Last", "Late", "Long before", "Moved", "Second"], told(k))

    with test("a digest whose time is seconds away comes at it"):
        k.stop()
        k.start(env={"KONTOR_NOW": "2027-05-03T13:59:45Z"})
        k.add_user("ann@example.com", name="Ann")
        ann = k.client("ann@example.com")
        ann.patch("/api/v1/me", {"prefs": {"notify": {"mention": "digest"}, "digest": {"at": "16:00"}, "zone": "Europe/Berlin"}})
        user = ann.get("/api/v1/me").json["id"]
        firm = k.admin.post("/api/v1/companies", {"name": "Nordwind"}).json["id"]
        k.admin.post("/api/v1/notes", {"text": "@[%s] Look" % user, "links": [{"entity": "company", "id": firm}]})
        at, end = datetime.datetime(2027, 5, 3, 14, tzinfo=datetime.timezone.utc), time.monotonic() + 75
        while not ann.get("/api/v1/notifications").json["items"] and time.monotonic() < end:
            time.sleep(0.1)
        equal("it holds the mention", [1], [n["count"] for n in ann.get("/api/v1/notifications").json["items"]])
        in_time("digest", (clock(k) - at).total_seconds())

with Kontor() as k:
    with test("of many written in a row each is told, at once where its time is over"):
        mia = k.add_user("mia@example.com")
        due = (datetime.date.today() + datetime.timedelta(days=2)).isoformat() + "T09:00"
        for n in range(20):
            mia.post("/api/v1/activities", {"subject": "Row %02d" % n, "due": due, "reminders": ["10080"]})
        told = lambda: sorted(n["record"]["title"] for n in mia.get("/api/v1/notifications?limit=100").json["items"] if n["kind"] == "step")
        end = time.monotonic() + 10
        while len(told()) < 20 and time.monotonic() < end:
            time.sleep(0.1)
        equal("all, each once", ["Row %02d" % n for n in range(20)], told())
finish()
