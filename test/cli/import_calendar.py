#!/usr/bin/python3
"""Calendars as files: known by what stands in them, events and tasks become activities, what repeats each time it is; the same file
again finds what it brought by its ids, and updates it."""
import datetime
import pathlib

from kontor import Kontor, contains, equal, finish, test

CONF = {"kontor.yaml": "name: Test\ncurrency: EUR\nzone: Europe/Berlin\npassword_cost: low\n"}
SOON = datetime.date.today() + datetime.timedelta(days=14 - datetime.date.today().weekday())
DAY = SOON.strftime("%Y%m%d")
NEXT = (SOON + datetime.timedelta(days=7)).strftime("%Y%m%d")
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:weekly@sample.example
SUMMARY:Weekly\\, with everybody
DTSTART;TZID=America/New_York:%sT090000
DURATION:PT45M
RRULE:FREQ=WEEKLY;COUNT=4
EXDATE;TZID=America/New_York:%sT090000
LOCATION:Room 3
DESCRIPTION:Bring the\\nfigures
PRIORITY:1
END:VEVENT
BEGIN:VEVENT
UID:fair@sample.example
SUMMARY:Fair
DTSTART;VALUE=DATE:%s
DTEND;VALUE=DATE:%s
END:VEVENT
BEGIN:VTODO
UID:todo@sample.example
SUMMARY:Send it
DUE:%sT170000
STATUS:COMPLETED
COMPLETED:20260409T120000Z
END:VTODO
BEGIN:VEVENT
UID:off@sample.example
SUMMARY:Called off
DTSTART:%sT100000Z
STATUS:CANCELLED
END:VEVENT
END:VCALENDAR
""" % (DAY, NEXT, DAY, NEXT, DAY, DAY)

with Kontor(CONF) as k:
    with test("events and tasks become activities"):
        path = k.file(CALENDAR.replace("\n", "\r\n").encode(), "mine.ics")
        result = k.run("import", "activity", path)
        equal("it goes", 0, result.returncode)
        contains("known", "Read as calendar", result.stdout)
        items = sorted(k.admin.items("/api/v1/activities?limit=100"), key=lambda a: (a["subject"], a["due"]))
        equal("five", ["Fair", "Send it"] + ["Weekly, with everybody"] * 3, [a["subject"] for a in items])
        equal("a day", SOON.isoformat(), items[0]["due"])
        equal("a task that is done", ("task", "2026-04-09T12:00:00Z"), (items[1]["kind"], items[1]["done_at"]))
        weekly = items[2]
        equal("a meeting", ("meeting", 45, "Room 3", "high", "Bring the\nfigures"),
              tuple(weekly[f] for f in ("kind", "duration", "place", "priority", "outcome")))
        contains("at nine in New York", "T09:00:00", weekly["due"])
        contains("there", "[America/New_York]", weekly["due"])

    with test("the same file again changes nothing, another one what is other"):
        again = k.run("import", "activity", path)
        contains("nothing", "0 created, 0 updated, 5 unchanged", again.stdout)
        other = k.file(CALENDAR.replace("SUMMARY:Fair", "SUMMARY:Trade fair").encode(), "other.ics")
        contains("one", "0 created, 1 updated, 4 unchanged", k.run("import", "activity", other).stdout)

    with test("what is no calendar is said"):
        bad = k.run("import", "activity", k.file(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nRRULE:FREQ=NEVER\nEND:VEVENT\n", "bad.ics"))
        contains("it goes on", "1 created", bad.stdout)

finish()
