#!/usr/bin/python3
"""The rules of kcalcore as an activity repeats by them: each file gives the occurrences it expects, or stands here with the reason why not.

A calendar (.ics) may hold more than an activity repeats by; test_ical_samples compares that with all files."""
import datetime
import pathlib
import re
import urllib.parse
import zoneinfo

from kontor import SHARED, Kontor, check, equal, finish, skip, test

FOLDER = pathlib.Path(SHARED) / "data/icalendar/kcalcore/RecurrenceRule"
ZONES = {"US-Eastern": "America/New_York"}
VIENNA = zoneinfo.ZoneInfo("Europe/Vienna")  # in which the files of KOrganizer are to be seen

# Every hour, minute or second would fill the calendar and the tasks of whoever has it; an import brings such events one by one.
# Times of day besides the activity's own would be several activities a day under one time: that is several series.
WITHIN_DAY, OWN_TIME = "not within a day", "at its own time of day"
REFUSED = {"KAlarm_TestCase03": WITHIN_DAY, "KAlarm_TestCase04": WITHIN_DAY, "KAlarm_TestCase09": WITHIN_DAY,
           "RFC2445_RRULETest35": WITHIN_DAY, "RFC2445_RRULETest36": WITHIN_DAY, "RFC2445_RRULETest36U": WITHIN_DAY,
           "RFC2445_RRULETest37": WITHIN_DAY, "RFC2445_RRULETest38": OWN_TIME, "RFC2445_RRULETest39": WITHIN_DAY,
           "Until_TestCase04": WITHIN_DAY}
# The start does not fit the rule, of which RFC 5545 says that what comes of it is undefined. Here the activity that is there is the
# first one and counts: what was planned does not vanish because it begins to repeat. KOrganizer leaves it out.
START_COUNTS = {"KOrganizer_Test01", "KOrganizer_Test10", "KOrganizer_Test13"}
# More than one rule, or dates that are left out: of a calendar, not of one rule.
NO_SINGLE_RULE = {"KAlarm_TestCase06", "RFC2445_RRULETest30"}


def event_of(path):
    """The rule and the start of a file; None if it takes more than one rule to say."""
    text = re.sub(r"\r?\n[ \t]", "", path.read_text())
    event = text[text.index("BEGIN:VEVENT"):]
    rules = re.findall(r"^RRULE:(.*?)\r?$", event, re.M)
    start = re.search(r"^DTSTART(?:;TZID=([^:]+))?[^:]*:(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d)?(Z?)\r?$", event, re.M)
    return (rules[0], start) if len(rules) == 1 and not re.search("^(EXRULE|EXDATE|RDATE)", event, re.M) else None


def ask(k, rule, start):
    zone, y, m, d, hour, minute, utc = start.groups()
    name = "UTC" if utc else ZONES.get(zone, zone or "Europe/Berlin")
    at = "%s-%s-%s" % (y, m, d) + ("T%s:%s[%s]" % (hour, minute, name) if hour else "")
    return k.admin.get("/api/v1/recurrence?limit=100&rule=%s&start=%s" % (urllib.parse.quote(rule), urllib.parse.quote(at)))


def wanted(path, start):
    """What the file expects, by the clock of the start."""
    lines = path.with_name(path.name + ".next.ref").read_text().split("\n")
    times = [datetime.datetime.fromisoformat(line[:19]) for line in lines if line.strip()]
    if start.group(7) and path.stem.startswith("KOrganizer"):
        times = [t.replace(tzinfo=VIENNA).astimezone(datetime.timezone.utc) for t in times]
    return [t.isoformat()[:16 if start.group(5) else 10] for t in times]


def compare(path, start, got):
    """Occurrences are made up to a year ahead; what the file expects later cannot be missing."""
    want = wanted(path, start)
    got = [t[:16] for t in got]
    if path.stem in START_COUNTS:
        equal("%s__begins_with_its_start" % path.stem, got[0] < want[0], True)
        want = [got[0]] + want[:-1] if "COUNT=" in path.read_text() else [got[0]] + want
    equal("%s__matches" % path.stem, want[:len(got)], got)
    later = want[len(got):]
    check("%s__is_whole" % path.stem, len(got) == 100 or not later or later[0] > datetime.date.today().isoformat(), later[:1])


def run(k):
    seen = {"refused": {}, "other": set(), "compared": 0}
    for path in sorted(FOLDER.glob("*/*.ics")):
        if not path.with_name(path.name + ".next.ref").exists():
            continue
        found = event_of(path)
        if found is None:
            seen["other"].add(path.stem)
            continue
        answer = ask(k, *found)
        if answer.status == 200:
            seen["compared"] += 1
            compare(path, found[1], answer.json["occurrences"])
        else:
            reason = answer.json["error"]["fields"][0]["text"]
            seen["refused"][path.stem] = next((r for r in (WITHIN_DAY, OWN_TIME) if r in reason), reason)
    equal("kcalcore__refuses_these_and_says_why", REFUSED, seen["refused"])
    equal("kcalcore__of_more_than_one_rule", NO_SINGLE_RULE, seen["other"])
    equal("kcalcore__compared", 58, seen["compared"])


if FOLDER.is_dir():
    with Kontor() as k, test("kcalcore__run"):
        run(k)
else:
    skip("kcalcore__run", "no shared data")
finish()
