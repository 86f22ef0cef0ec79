#!/usr/bin/python3
"""Calendars as files: known by what stands in them, events and tasks become activities, what repeats a series with what differs from
it, people who takes part, alarms reminders; the same file again finds what it brought by its ids, and updates it; undone exactly. Every
calendar of the corpus comes in."""
import datetime
import json
import os
import pathlib
import time

from kontor import SOURCE, Kontor, check, contains, equal, finish, skip, test

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
        equal("days", (SOON.isoformat(), 7 * 1440), (items[0]["due"], items[0]["duration"]))
        equal("a task that is done", ("task", "2026-04-09T12:00:00Z"), (items[1]["kind"], items[1]["done_at"]))
        weekly = items[2]
        equal("a meeting", ("meeting", 45, "Room 3", "high", "Bring the\nfigures"),
              tuple(weekly[f] for f in ("kind", "duration", "place", "priority", "description")))
        contains("at nine in New York", "T09:00:00", weekly["due"])
        contains("there", "[America/New_York]", weekly["due"])

    with test("the same file again changes nothing, another one what is other"):
        again = k.run("import", "activity", path)
        contains("nothing", "0 created, 0 updated, 3 unchanged", again.stdout)
        other = k.file(CALENDAR.replace("SUMMARY:Fair", "SUMMARY:Trade fair").encode(), "other.ics")
        other_said = k.run("import", "activity", other)
        contains("one", "0 created, 1 updated, 2 unchanged", other_said.stdout)

    with test("what was called off is said"):
        contains("with its line", "Called off: 1, line 27.", other_said.stdout)

    with test("what is no calendar is said"):
        bad = k.run("import", "activity", k.file(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nRRULE:FREQ=NEVER\nEND:VEVENT\n", "bad.ics"))
        contains("it goes on", "1 created", bad.stdout)

def stamp(n, time=None):
    return (SOON + datetime.timedelta(days=n)).strftime("%Y%m%d") + ("T%s00" % time if time else "")


def place(n, time=None):
    return (SOON + datetime.timedelta(days=n)).isoformat() + ("T%s:00" % time if time else "")


def event(uid, start, *lines):
    return "\n".join(("BEGIN:VEVENT", "UID:" + uid, "SUMMARY:" + uid.split("@")[0], "DTSTART;TZID=Europe/Berlin:" + start,
                      "DURATION:PT1H") + lines + ("END:VEVENT", ""))


def calendar(*items):
    return ("BEGIN:VCALENDAR\nVERSION:2.0\n" + "".join(items) + "END:VCALENDAR\n").replace("\n", "\r\n").encode()


ALARM = "BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:Soon\nTRIGGER:%s\nEND:VALARM"
PEOPLE = ("ORGANIZER;CN=Ann Admin:mailto:admin@example.com", "ATTENDEE;CN=Erika Muster;PARTSTAT=ACCEPTED:mailto:Erika@Muster.example",
          "ATTENDEE;CN=Max:mailto:max@example.com", "ATTENDEE;CN=\"Nobody, Known\":mailto:nobody@other.example")
TEAM = event("team@x.example", stamp(0, "0900"), "RRULE:FREQ=WEEKLY;BYDAY=MO,WE", "EXDATE;TZID=Europe/Berlin:" + stamp(2, "0900"),
             "RDATE;TZID=Europe/Berlin:" + stamp(4, "1000"), "LOCATION:Room 1", "DESCRIPTION:Agenda", "URL:https://meet.example/1",
             "CATEGORIES:Sales,Team", *PEOPLE, ALARM % "-PT15M", ALARM % "-P1D")
MOVED = event("team@x.example", stamp(8, "1100"), "RECURRENCE-ID;TZID=Europe/Berlin:" + stamp(7, "0900"), "LOCATION:Room 9")
OFF = event("team@x.example", stamp(9, "0900"), "RECURRENCE-ID;TZID=Europe/Berlin:" + stamp(9, "0900"), "STATUS:CANCELLED")
ENDED = event("old@x.example", "20100104T090000", "RRULE:FREQ=WEEKLY;COUNT=5")
HOURLY = event("hourly@x.example", stamp(1, "0800"), "RRULE:FREQ=HOURLY;COUNT=3")
PAST = event("past@x.example", "20250106T090000")
DAILY = event("daily@x.example", "20200106T070000", "RRULE:FREQ=DAILY")


def state(k):
    return {plural: sorted(k.admin.get("/api/v1/%s/export?format=ndjson" % plural).text.splitlines()) for plural in
            ("activities", "activity_series_all")}


def by_subject(k, subject):
    return sorted(k.admin.items("/api/v1/activities?limit=200&filter=subject%%20%%3D%%20%%22%s%%22" % subject),
                  key=lambda a: a["due"])


def summary(result):
    return result.stdout.split(";")[0].split("\n")[0]


with Kontor(CONF) as k:
    k.add_user("max@example.com")
    erika = k.admin.post("/api/v1/contacts", {"last_name": "Muster", "emails": ["erika@muster.example"]}).json
    full = k.file(calendar(TEAM, MOVED, OFF, ENDED, HOURLY, PAST), "full.ics")
    empty = state(k)

    with test("a trial says what would be, and leaves nothing"):
        said = k.run("import", "activity", full, "--dry-run")
        contains("the rows", "7 created", said.stdout)
        contains("what is over", "Repeated, and over for more than a year: 1", said.stdout)
        contains("what activities cannot be", "one by one, a year ahead: 1", said.stdout)
        contains("what comes along", "activities created along with them", said.stdout)
        equal("nothing", empty, state(k))

    with test("what repeats becomes a series: left out, moved and added times are as the file says"):
        equal("it goes", 0, k.run("import", "activity", full).returncode)
        team = by_subject(k, "team")
        series = {json.dumps(a["series"]) for a in team}
        equal("one series", 1, len(series))
        equal("and no other", 1, len(k.admin.items("/api/v1/activity_series_all?limit=9")))
        dues = [a["due"][:16] for a in team]
        equal("its beginning", [place(0, "09:00")[:16], place(4, "10:00")[:16], place(8, "11:00")[:16], place(14, "09:00")[:16]], dues[:4])
        check("a year of two a week", 95 <= len(team) <= 106, len(team))
        equal("those that differ", [1, 2], [i for i, a in enumerate(team) if a["exception"]])
        equal("with its own place", ("Room 9", place(7, "09:00")), (team[2]["place"], team[2]["recurrence_id"]))
        equal("the others", {"Room 1"}, {a["place"] for a in team[3:]})

    with test("people, alarms and what has no field"):
        one = team[3]
        equal("who takes part", ["Muster", "admin", "max"], sorted(p["title"] for p in one["participants"]))
        equal("reminders", ["15", "1440"], one["reminders"])
        for text in ("Agenda", "Nobody, Known <nobody@other.example>", "https://meet.example/1", "Sales"):
            contains("the description", text, one["description"])
        equal("one who is known is not there in words", False, "erika" in one["description"].lower())

    with test("what is over took place; what repeats within a day comes one by one"):
        past = by_subject(k, "past")
        equal("at its end", "2025-01-06T09:00:00Z", past[0]["done_at"])
        equal("three", [None] * 3, [a["series"] for a in by_subject(k, "hourly")])

    with test("the same file again changes nothing"):
        before = state(k)
        again = k.run("import", "activity", full)
        contains("nothing", "0 created, 0 updated, 7 unchanged, 0 rejected", again.stdout)
        equal("as before", before, state(k))

    with test("a newer file changes the series: another time, another time left out, one back, another moved"):
        newer = TEAM.replace(stamp(0, "0900"), stamp(0, "0930")).replace("EXDATE;TZID=Europe/Berlin:" + stamp(2, "0900"),
                "EXDATE;TZID=Europe/Berlin:" + stamp(16, "0930")).replace("Agenda", "Plan")
        moved = event("team@x.example", stamp(22, "1200"), "RECURRENCE-ID;TZID=Europe/Berlin:" + stamp(21, "0930"))
        path = k.file(calendar(newer, moved), "newer.ics")
        ids = {a["id"] for a in team}
        said = k.run("import", "activity", path)
        equal("it goes", 0, said.returncode)
        now = by_subject(k, "team")
        equal("one series", 1, len(k.admin.items("/api/v1/activity_series_all?limit=9")))
        dues = [a["due"][:16] for a in now]
        check("half past nine", place(0, "09:30")[:16] in dues and place(0, "09:00")[:16] not in dues, dues[:6])
        check("back", place(2, "09:30")[:16] in dues, dues[:6])
        check("left out", place(16, "09:30")[:16] not in dues, dues[:10])
        check("moved", place(22, "12:00")[:16] in dues and place(21, "09:30")[:16] not in dues, dues[:14])
        equal("none twice", len(dues), len(set(dues)))
        check("the same activities", len(ids & {a["id"] for a in now}) >= len(ids) - 3, len(ids & {a["id"] for a in now}))
        check("with the plan", "Plan" in now[-1]["description"], now[-1]["description"])
        equal("undone", 200, k.admin.post("/api/v1/changes/%s/undo" % said.stdout.split("change ")[1].split(".")[0]).status)
        equal("as before", before, state(k))
        contains("and the first again", "7 unchanged", k.run("import", "activity", full).stdout)

    with test("one that is over and goes on in a newer file goes on"):
        course = lambda n: k.file(calendar(event("course@x.example", stamp(0, "0800"), "RRULE:FREQ=WEEKLY;COUNT=%d" % n)), "course%d.ics" % n)
        equal("three times", (0, 3), (k.run("import", "activity", course(3)).returncode, len(by_subject(k, "course"))))
        for a in by_subject(k, "course"):
            k.admin.patch("/api/v1/activities/%d" % a["id"], {"done_at": "2026-01-01T10:00:00Z"})
        contains("told", "1 updated", k.run("import", "activity", course(5)).stdout)
        now = by_subject(k, "course")
        equal("two more, of the same series", ([True] * 3 + [False] * 2, 1), ([bool(a["done_at"]) for a in now], len({a["series"]["id"] for a in now})))
        contains("and once", "1 unchanged", k.run("import", "activity", course(5)).stdout)

    with test("one that was deleted here stays away; the import is undone exactly"):
        k.admin.delete("/api/v1/activities/%d" % by_subject(k, "team")[-1]["id"])
        count = len(by_subject(k, "team"))
        contains("unchanged", "7 unchanged", k.run("import", "activity", full).stdout)
        equal("as many", count, len(by_subject(k, "team")))

with Kontor(CONF) as k:
    with test("every day since years ago: a year back, done, and a year ahead; taken back as a whole"):
        empty = state(k)
        said = k.run("import", "activity", k.file(calendar(DAILY), "daily.ics"))
        items = by_subject(k, "daily")
        check("two years of days", 725 <= len(items) <= 735, len(items))
        open_ones = [a for a in items if not a["done_at"]]
        check("a year of them to come", 362 <= len(open_ones) <= 367, len(open_ones))
        k.admin.post("/api/v1/changes/%s/undo" % said.stdout.split("change ")[1].split(".")[0])
        equal("nothing is left", empty, state(k))

    with test("by the steps of a browser: what is suggested is what it does without a mapping, and it shows what would be"):
        job = k.admin.post("/api/v1/imports", {"wizard": True, "file_name": "full.ics"}).json["id"]
        status = k.admin.request("PUT", "/api/v1/imports/%d/data" % job, calendar(TEAM, MOVED, OFF, ENDED), headers={"Content-Type": "text/calendar"}).json
        equal("for activities", ("activity", 3), (status["entity"], status["rows"]))
        equal("what is not taken", ["Called off", "Repeated, and over for more than a year"], [n["text"] for n in status["found"]["notes"]])
        asked = json.loads(k.admin.get("/api/v1/imports/%d/file" % job).json["suggestion"]["map"])
        equal("as the calendar has it", "calendar", asked["columns"]["rrule"])
        inner = [c["header"] for c in k.admin.get("/api/v1/imports/%d/file" % job).json["columns"] if c["inner"]]
        equal("what is no choice", ["uid", "rrule", "exdate", "differing", "occurrence"], inner)
        equal("its own fields", "description", asked["columns"]["description"])
        k.admin.patch("/api/v1/imports/%d" % job, {"map": json.dumps(asked)})
        for step, part in (("check", "check"), ("run", "run")):
            equal(step, 200, k.admin.post("/api/v1/imports/%d/%s" % (job, step), {}).status)
            end = time.monotonic() + 30
            while time.monotonic() < end:
                status = k.admin.get("/api/v1/imports/%d" % job).json[part]
                if status and status["state"] in ("done", "failed"):
                    break
                time.sleep(0.05)
            equal("rows", (3, 0), (status["created"], status["rejected"]))
            check("those that come along", [x["count"] for x in status["linked"] if x["entity"] == "activity"][0] > 90, status["linked"])
        equal("a series", 1, len(k.admin.items("/api/v1/activity_series_all?limit=9")))
        equal("undone", 200, k.admin.post("/api/v1/changes/%d/undo" % status["change"], {}).status)
        equal("nothing is left", empty, state(k))

    corpus = pathlib.Path(os.environ.get("KONTOR_SHARED", "/nowhere")) / "data" / "icalendar"
    if not corpus.is_dir():
        skip("every calendar of the corpus comes in", "no corpus")
    else:
        with test("every calendar of the corpus comes in"):
            counts, odd = {"files": 0, "made": 0, "refused": 0}, []
            for path in sorted(p for p in corpus.rglob("*") if p.suffix in (".ics", ".vcs")):
                result = k.run("import", "activity", str(path))
                words = result.stdout.split()
                counts["files"] += 1
                counts["made"] += int(words[0]) if words and words[0].isdigit() else 0
                counts["refused"] += result.returncode not in (0, 3)
                whole = path.read_bytes().lstrip(b"\xef\xbb\xbf \r\n")[:15].upper() == b"BEGIN:VCALENDAR" and b"\0" not in path.read_bytes()
                if whole and result.returncode not in (0, 3):
                    odd.append((path.name, result.stderr.strip()[:120]))
            print("#", counts)
            equal("whole calendars are not refused", [], odd)
            check("there are some", counts["files"] > 150, counts)
            equal("the program runs on", 200, k.admin.get("/healthz").status)

with Kontor(CONF, start=False) as k:
    k.start(env={"KONTOR_NOW": "2026-11-23T09:00:00Z"})
    with test("a calendar of leave becomes absences"):
        for name in ("ann", "ben", "cleo"):
            k.add_user(name + "@example.com", name=name.title())
        text = (pathlib.Path(SOURCE) / "test/data/absences.ics").read_text()
        shown = lambda: sorted(((a["from"], a["until"], a["user"]["title"], a["note"]) for a in k.admin.items("/api/v1/absences?limit=100")), key=str)
        result = k.run("import", "absence", str(k.file(text, "leave.ics")))
        contains("counted", "10 created, 0 updated, 0 unchanged, 2 rejected", result.stdout)
        contains("why not", "There is no User “nobody@example.com”", result.stdout)
        contains("of nobody", "There is no User “(nobody is named)”", result.stdout)
        for said in ("Less than a day: absences are whole days: 2, the first in line 44", "Repeats: taken in one by one, a year ahead: 1, line 51", "A task: nobody is away for it: 1, line 102"):
            contains("what is not as it stands", said, result.stdout)
        equal("days, the last of which counts",
              [("2026-12-21", "2027-01-01", "Ben", "Annual leave"), ("2027-03-01", "2027-03-03", "Ann", "Fair"),
               ("2027-03-11", "2027-03-11", "Ann", "A working day in New York"), ("2027-04-02", "2027-04-02", "Ben", "Part time"),
               ("2027-04-16", "2027-04-16", "Ben", "Part time"), ("2027-06-10", "2027-06-10", "Ann", None), ("2027-06-10", "2027-06-10", "Cleo", None), ("2027-07-15", "2027-07-15", "Ann", "A day in New York"),
               ("2027-10-30", "2027-11-01", "Ann", "Over the end of summer time"),
               ("2028-02-29", "2028-02-29", "Ann", "One day")], shown())
        again = str(k.file(text.replace("20270102", "20270103"), "away.ics"))
        contains("the same again changes it", "0 created, 1 updated, 9 unchanged, 2 rejected", k.run("import", "absence", again).stdout)
        equal("by a day", "2027-01-02", shown()[0][1])
        refused = k.run("import", "contact", again)
        equal("for others it is a file of activities", (1, True), (refused.returncode, "comes in as Activities" in refused.stderr))
        for change in k.admin.get("/api/v1/changes?limit=100").json["items"]:
            if change["source"] == "import":
                k.admin.post("/api/v1/changes/%d/undo" % change["id"], {})
        equal("undone", [], shown())
    with test("leave of every day reaches a year ahead"):
        daily = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:sabbatical\nSUMMARY:Sabbatical\nDTSTART;VALUE=DATE:20250601\nRRULE:FREQ=DAILY;UNTIL=20271001\nATTENDEE:mailto:ann@example.com\nEND:VEVENT\nEND:VCALENDAR\n"
        contains("taken", " created, 0 updated, 0 unchanged, 0 rejected", k.run("import", "absence", str(k.file(daily, "daily.ics"))).stdout)
        days = sorted(a["from"] for a in k.admin.items("/api/v1/absences?limit=500"))
        equal("from a month ago to a year ahead", "2026-10-24", days[0])
        equal("to its end", "2027-10-01", days[-1])
        equal("without a gap", 343, len(days))

finish()
