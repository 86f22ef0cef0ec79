#!/usr/bin/python3
"""Calendars by private addresses: what is in them, read by khal and vdirsyncer, with the rights their owner has when they are read;
revoked, also by administrators, with a new password, of one who left; no cookie in either direction, not for proxies; asked for too often; invitations."""
import datetime
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import urllib.request

from kontor import Client, Kontor, check, contains, equal, finish, skip, test

CONF = {"kontor.yaml": "name: Test\ncurrency: EUR\nzone: Europe/Berlin\npassword_cost: low\n",
        "roles.yaml": "looks:\n  label: Looks\n  entities:\n    \"*\": {see: all, create: none, edit: none, delete: none, export: none, import: none}\n"}
SOON = datetime.date.today() + datetime.timedelta(days=10)
LATER = datetime.date.today() + datetime.timedelta(days=200)


def make(caller, **body):
    answer = caller.post("/api/v1/feeds", body)
    equal("it is made", 201, answer.status)
    return answer.json


def read(k, link, **headers):
    return Client(k.port).request("GET", link, headers=headers)


def unfolded(text):
    return text.replace("\r\n ", "")


def sync(k, link, folder):
    """What vdirsyncer takes from the address: a file for each event."""
    (folder / "out").mkdir(exist_ok=True)
    (folder / "config").write_text("""[general]
status_path = "%s/status"
[pair p]
a = "a"
b = "b"
collections = null
conflict_resolution = "a wins"
[storage a]
type = "http"
url = "http://127.0.0.1:%d%s"
[storage b]
type = "filesystem"
path = "%s/out"
fileext = ".ics"
""" % (folder, k.port, link, folder))
    env = {**os.environ, "VDIRSYNCER_CONFIG": str(folder / "config"), "HOME": str(folder), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    for command in ("discover", "sync"):
        done = subprocess.run(["vdirsyncer", command], env=env, input="y\n" * 5, text=True, capture_output=True, timeout=60)
        equal("vdirsyncer %s" % command, 0, done.returncode)
    return sorted((folder / "out").glob("*.ics"))


def khal(folder, *args):
    (folder / "khal").write_text("""[calendars]
[[kontor]]
path = %s/out
type = calendar
[locale]
timeformat = %%H:%%M
dateformat = %%Y-%%m-%%d
longdateformat = %%Y-%%m-%%d
datetimeformat = %%Y-%%m-%%d %%H:%%M
longdatetimeformat = %%Y-%%m-%%d %%H:%%M
default_timezone = Europe/Berlin
local_timezone = Europe/Berlin
[sqlite]
path = %s/khal.db
""" % (folder, folder))
    env = {**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    return subprocess.run(["khal", "-c", str(folder / "khal"), *args], env=env, text=True, capture_output=True, timeout=60)


with Kontor(CONF) as k:
    k.add_user("max@example.com", name="Max")
    max_ = k.client("max@example.com")
    firm = k.admin.post("/api/v1/companies", {"name": "Werft, Süd; \"GmbH\""}).json
    max_.post("/api/v1/activities", {"subject": "Visit the yard, with lunch; and more", "kind": "meeting", "due": SOON.isoformat() + "T09:00",
              "duration": 90, "place": "Kiel", "links": [firm["id"]], "repeat": "FREQ=WEEKLY;COUNT=30"})
    max_.post("/api/v1/activities", {"subject": "A day", "due": LATER.isoformat()})
    max_.post("/api/v1/activities", {"subject": "New York", "due": SOON.isoformat() + "T08:00[America/New_York]"})
    max_.post("/api/v1/activities", {"subject": "No day"})
    k.admin.post("/api/v1/activities", {"subject": "Somebody else's", "due": SOON.isoformat()})

    with test("an address is shown once"):
        one = make(max_, name="Mine")
        check("a long one", re.fullmatch(r"/feeds/kf_[A-Za-z0-9_-]{43}\.ics", one["link"]), one["link"])
        items = max_.get("/api/v1/feeds").json["items"]
        equal("listed without its secret", (["Mine"], False), ([i["name"] for i in items], one["link"][10:40] in str(items)))
        equal("not to others", [], k.admin.get("/api/v1/feeds").json["items"])

    with test("it is read without a cookie, and by nobody's proxy"):
        answer = read(k, one["link"])
        equal("there", 200, answer.status)
        equal("a calendar", "text/calendar; charset=utf-8", answer.headers["content-type"])
        check("no cookie", "set-cookie" not in answer.headers)
        contains("private", "private", answer.headers["cache-control"])
        check("a referrer policy", "referrer-policy" in answer.headers)
        check("a date", answer.headers["last-modified"].endswith(" GMT"))
        equal("not again", 304, read(k, one["link"], **{"If-None-Match": answer.headers["etag"]}).status)
        text = unfolded(answer.text)
        equal("32 of them", 32, text.count("BEGIN:VEVENT"))
        contains("escaped", "SUMMARY:Visit the yard\\, with lunch\\; and more", text)
        contains("the company", "Werft\\, Süd\\; \"GmbH\"", text)
        contains("with its zone", "DTSTART;TZID=America/New_York:%sT080000" % SOON.strftime("%Y%m%d"), text)
        equal("each zone once", 2, text.count("BEGIN:VTIMEZONE"))
        contains("a day", "DTSTART;VALUE=DATE:%s" % LATER.strftime("%Y%m%d"), text)
        check("only his", "Somebody else" not in text)
        check("lines are short", all(len(line.encode()) <= 75 for line in answer.text.split("\r\n")))

    with test("reminders of who reads it are alarms, no others; of a day at the firm's hour"):
        user = [u["id"] for u in k.admin.items("/api/v1/users") if u["email"] == "max@example.com"][0]
        made = [max_.post("/api/v1/activities", {"subject": "Remind %d" % n, "due": due, "reminders": ["10", "1440"], **more}).json["id"]
                for n, (due, more) in enumerate(((SOON.isoformat() + "T09:00", {}), (SOON.isoformat(), {}),
                                                 (SOON.isoformat() + "T10:00", {"done_at": "2026-01-01T10:00:00Z"})))]
        made.append(k.admin.post("/api/v1/activities", {"subject": "Remind 3", "due": SOON.isoformat() + "T11:00", "reminders": ["5"],
                                                        "participants": [user]}).json["id"])
        view = max_.post("/api/v1/views", {"name": "Reminders", "entity": "activity", "filter": 'subject contains "Remind"'}).json
        address = make(max_, view=str(view["id"]))
        events = {e.split("SUMMARY:")[1].split("\r\n")[0][-8:]: e for e in unfolded(read(k, address["link"]).text).split("BEGIN:VEVENT")[1:]}
        triggers = {name: sorted(re.findall(r"TRIGGER:(\S+)", e)) for name, e in events.items()}
        equal("before it", sorted(["-PT10M", "-P1D"]), triggers["Remind 0"])
        equal("at eight that day, less ten minutes, and the day before", 2, len(triggers["Remind 1"]))
        check("after midnight", triggers["Remind 1"] != triggers["Remind 0"], triggers["Remind 1"])
        equal("none of what is done", [], triggers["Remind 2"])
        equal("who takes part is reminded", ["-PT5M"], triggers.get("Remind 3"))
        check("not whom it is shown only", "VALARM" not in read(k, make(k.admin, view=str(k.admin.post("/api/v1/views", {"name": "A", "entity":
              "activity", "filter": 'subject = "Remind 0"'}).json["id"]))["link"]).text)
        check("not in an invitation", "VALARM" not in max_.get("/api/v1/activities/%d/invitation" % made[0]).text)
        for one_of in made:
            (k.admin if one_of == made[3] else max_).delete("/api/v1/activities/%d" % one_of)

    with test("vdirsyncer and khal read it"):
        if not shutil.which("khal") or not shutil.which("vdirsyncer"):
            skip("khal", "khal or vdirsyncer is not there")
        else:
            with tempfile.TemporaryDirectory() as name:
                folder = pathlib.Path(name)
                equal("files", 32, len(sync(k, one["link"], folder)))
                shown = khal(folder, "list", SOON.isoformat(), "1d")
                contains("at nine", "09:00-10:30 Visit the yard, with lunch; and more", shown.stdout + shown.stderr)
                contains("eight in New York is the afternoon here", "New York", shown.stdout)
                seventh = (SOON + datetime.timedelta(weeks=25)).isoformat()
                contains("at nine in half a year", "09:00-10:30 Visit the yard", khal(folder, "list", seventh, "1d").stdout)
                contains("the day", "A day", khal(folder, "list", LATER.isoformat(), "1d").stdout)
                max_.patch("/api/v1/activities/%d" % max_.items("/api/v1/activities?filter=subject%20%3D%20%22A%20day%22")[0]["id"],
                           {"subject": "Another name"})
                equal("as many after a change", 32, len(sync(k, one["link"], folder)))
                contains("the change", "Another name", khal(folder, "list", LATER.isoformat(), "1d").stdout)

    with test("a saved view, and deals by the day they close"):
        view = max_.post("/api/v1/views", {"name": "Kiel", "entity": "activity", "filter": 'place = "Kiel"'}).json
        equal("30", 30, read(k, make(max_, view=str(view["id"]))["link"]).text.count("BEGIN:VEVENT"))
        max_.post("/api/v1/deals", {"name": "Crane", "close_date": SOON.isoformat()})
        text = unfolded(read(k, make(max_, entity="deals", view="my_deals", name="Deals")["link"]).text)
        contains("the deal", "SUMMARY:Crane", text)
        contains("on its day", "DTSTART;VALUE=DATE:%s" % SOON.strftime("%Y%m%d"), text)
        for body in ({"entity": "products"}, {"entity": "deals"}, {"entity": "nothing"}, {"name": "x" * 101}, {"view": view["id"]}):
            equal("%s is refused" % body, 422, max_.post("/api/v1/feeds", body).status)
        equal("a view that is none", 400, max_.post("/api/v1/feeds", {"entity": "deals", "view": "none"}).status)
        equal("a token makes none", 403, k.token("max@example.com").post("/api/v1/feeds", {}).status)

    with test("wrong ones are none, and too many are too many"):
        for path in ("/feeds/kf_x.ics", "/feeds/x", "/feeds/kt_%s.ics" % ("A" * 43), one["link"][:-4]):
            equal("%s" % path[:20], 404, read(k, path).status)
        statuses = [read(k, one["link"]).status for _ in range(25)]
        equal("too often", 429, statuses[-1])

    with test("what one takes part in stands there, too"):
        mine = make(k.client("max@example.com"), name="Part")["link"]
        user = k.admin.items("/api/v1/users?filter=email%20%3D%20%22max@example.com%22")[0]["id"]
        k.admin.post("/api/v1/activities", {"kind": "meeting", "subject": "Asked to come", "due": SOON.strftime("%Y-%m-%d"), "participants": [{"entity": "user", "id": user}]})
        contains("the meeting", "SUMMARY:Asked to come", unfolded(read(k, mine).text))

    with test("a view leaves the house only for those who may export it"):
        k.add_user("eye@example.com", "looks")
        eye = k.client("eye@example.com")
        equal("refused", 403, eye.post("/api/v1/feeds", {"entity": "deals", "view": "deals"}).status)
        equal("what is one's own", 201, eye.post("/api/v1/feeds", {}).status)

    with test("an address is no token"):
        secret = one["link"].split("/")[2][:-4]
        equal("not of the API", 401, Client(k.port, secret).get("/api/v1/activities").status)

    with test("his rights are those of now"):
        second = make(max_, name="Second")
        equal("there", 200, read(k, second["link"]).status)
        user = k.admin.items("/api/v1/users?filter=email%20%3D%20%22max@example.com%22")[0]
        k.admin.patch("/api/v1/users/%d" % user["id"], {"active": False})
        equal("gone with him", 404, read(k, second["link"]).status)
        k.admin.patch("/api/v1/users/%d" % user["id"], {"active": True})
        third = make(k.client("max@example.com"), name="Third")
        equal("there again", 200, read(k, third["link"]).status)
        max_ = k.client("max@example.com")
        feed = [i for i in max_.get("/api/v1/feeds").json["items"] if i["name"] == "Third"][0]
        equal("the second one has ended for good", (404, [("Second", True), ("Third", False)]), (read(k, second["link"]).status, sorted(
              (i["name"], i.get("ended", False)) for i in max_.get("/api/v1/feeds").json["items"] if i["name"] in ("Second", "Third"))))
        equal("revoked", 204, max_.delete("/api/v1/feeds/%d" % feed["id"]).status)
        equal("gone", 404, read(k, third["link"]).status)

    with test("administrators see whose there are and take them back, others only their own"):
        third = make(max_, name="Fourth")
        found = k.admin.get("/api/v1/feeds?user=max%40example.com").json["items"]
        feed = [i for i in found if i["name"] == "Fourth"][0]
        equal("by id, too", found, k.admin.get("/api/v1/feeds?user=%d" % user["id"]).json["items"])
        check("without its secret", third["link"][10:40] not in str(found))
        eye = k.client("eye@example.com")
        equal("nobody else sees them", 403, eye.get("/api/v1/feeds?user=max%40example.com").status)
        equal("or takes them back", 404, eye.delete("/api/v1/feeds/%d" % feed["id"]).status)
        equal("still there", 200, read(k, third["link"]).status)
        equal("of nobody", 404, k.admin.get("/api/v1/feeds?user=none%40example.com").status)
        equal("revoked", 204, k.admin.delete("/api/v1/feeds/%d" % feed["id"]).status)
        equal("gone", (404, 404), (read(k, third["link"]).status, k.admin.delete("/api/v1/feeds/%d" % feed["id"]).status))

    with test("an invitation has its organiser and those who take part"):
        anna = max_.post("/api/v1/contacts", {"first_name": "Anna", "last_name": "Weber", "emails": ["anna@sample.example"]}).json
        meeting = max_.post("/api/v1/activities", {"subject": "Review", "kind": "meeting", "due": SOON.isoformat() + "T14:00",
                            "duration": 60, "participants": [anna["id"]]}).json
        answer = max_.get("/api/v1/activities/%d/invitation" % meeting["id"])
        text = unfolded(answer.text)
        contains("a file", "attachment", answer.headers["content-disposition"])
        contains("a request", "METHOD:REQUEST", text)
        contains("organiser", "mailto:max@example.com", text)
        contains("who takes part", "mailto:anna@sample.example", text)
        equal("of something else", 404, max_.get("/api/v1/contacts/%d/invitation" % anna["id"]).status)

    with test("of too many those that come next, and it says so"):
        many = "".join("Far %d,meeting,%sT10:00,admin@example.com\n" % (i, LATER + datetime.timedelta(days=300)) for i in range(5001))
        near = "".join("Near %d,meeting,%sT10:00,admin@example.com\n" % (i, SOON) for i in range(3))
        k.must("import", "activity", k.file("subject,kind,due,owner\n" + many + near, "many.csv"))
        text = unfolded(read(k, make(k.admin, name="All")["link"]).text)
        equal("the next", 3, text.count("SUMMARY:Near "))
        equal("not those far away", 0, text.count("SUMMARY:Far "))
        contains("what it is", "X-WR-CALDESC:Only the next 366 days: there are more than 5000 entries.", text)

    check("no address in the log", "kf_" not in k.log())

    with test("what was taken back and is asked for still stops nobody else"):
        statuses = [read(k, "/feeds/kf_gone%d.ics" % i).status for i in range(70)]
        equal("in the end", (404, 429), (statuses[0], statuses[-1]))
        equal("another of the same house", 200, read(k, make(k.client("max@example.com"), name="Of the house")["link"]).status)

finish()
