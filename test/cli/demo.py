#!/usr/bin/python3
# binary: release
"""cmd/demo: a sample firm with two years of history, made through `kontor import --at`, served until told to end."""
import datetime
import os
import signal
import subprocess
import time

from kontor import SOURCE, Client, check, equal, finish, program, test


def start(*args):
    build = os.path.dirname(program())
    return subprocess.Popen(["bash", str(SOURCE / "cmd/demo"), *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            text=True, env={**os.environ, "KONTOR_BUILD": build})


def read_ready(demo):
    """The port, and the password that is printed."""
    password = None
    for line in demo.stdout:
        if line.startswith("Password"):
            password = line.split()[1]
        if line.startswith("ready "):
            return int(line.rsplit(":", 1)[1].strip("/ \n")), password
    raise AssertionError("the demo did not become ready")


def check_firm(port, password):
    admin = Client(port)
    equal("demo__admin_signs_in", 200, admin.sign_in("user1@sample.example", password).status)
    for plural, n in (("companies", 400), ("contacts", 1500), ("deals", 600), ("users", 8), ("teams", 2)):
        equal("demo__has_%s" % plural, n, admin.get("/api/v1/%s?limit=1" % plural).json["count"])
    check("demo__has_activities", admin.get("/api/v1/activities?limit=1").json["count"] >= 4000)
    today = datetime.date.today()
    counts = [admin.get("/api/v1/deals?limit=1&as_of=%s" % (today - datetime.timedelta(days=d))).json["count"]
              for d in (740, 365, 100, 0)]
    check("demo__history_goes_two_years_back", counts[0] == 0 < counts[1] < counts[2] < counts[3], repr(counts))
    then = {g["value"]: g["count"]
            for g in admin.get("/api/v1/deals?limit=1&group=stage&as_of=%s" % (today - datetime.timedelta(days=365))).json["groups"]}
    check("demo__stages_of_a_year_ago", sum(then.values()) == counts[1] and len(then) > 2, repr(then))
    people = {c["by"]["title"] for c in admin.get("/api/v1/changes?limit=12").json["items"] if c["source"] == "ui"}
    check("demo__several_people_worked_today", len(people) > 4, repr(people))
    mails = [c["emails"][0]["value"] for c in admin.get('/api/v1/contacts?filter=last_name in ("Müller", "Groß")').json["items"]]
    check("demo__addresses_keep_every_letter", mails and all(".mueller" in m or ".gross" in m for m in mails), repr(mails))
    member = Client(port)
    equal("demo__member_signs_in", 200, member.sign_in("user3@sample.example", password).status)


with test("demo__run"):
    began = time.monotonic()
    demo = start("--for", "300")
    try:
        port, password = read_ready(demo)
        check("demo__is_ready_soon", time.monotonic() - began < 60, "%.1f s" % (time.monotonic() - began))
        check_firm(port, password)
    finally:
        demo.send_signal(signal.SIGTERM)
    equal("demo__ends_when_told", 0, demo.wait(30))
finish()
