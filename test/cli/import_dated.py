#!/usr/bin/python3
# binary: release
# alone
"""kontor import --at: no date lies ahead, nothing else is changed beside a first load, one that failed or was undone can be
repeated, corrected rows come after it; a clock that was wrong once spoils no record."""
import contextlib
import datetime
import os
import sqlite3
import time

from kontor import ADMIN, PASSWORD, Kontor, check, contains, equal, finish, test

ROWS = 9000


def rows(first="2024-01-01"):
    start = datetime.datetime.fromisoformat(first + "T10:00:00")
    return "name,created\n" + "".join(
        "Deal %d,%sZ\n" % (i, (start + datetime.timedelta(minutes=i)).isoformat()) for i in range(ROWS))


def load(k, text, *more, entity="deal", name="dated.csv", at="created"):
    return k.run("import", entity, k.file(text, k.top / name), *(["--at", at] if at else []), *more)


def count(k, query=""):
    return k.admin.get("/api/v1/deals?limit=1" + query).json["count"]


def days(k, *moments):
    return [count(k, "&as_of=" + moment) for moment in moments]


def newest_import(k):
    return [c["id"] for c in k.admin.get("/api/v1/changes").json["items"] if c["source"] == "import"][0]


def is_sound(k, name):
    k.must("backup", k.top / name)
    contains("import_dated__chain_is_sound_%s" % name, "whole and sound", k.must("verify", k.top / name))


def begun(k, first="2024-01-01", wait_s=0):
    """A load that has written some rows when the daemon was killed; started again it goes on after wait_s seconds."""
    job = k.admin.post("/api/v1/imports", {"entity": "deal", "file_name": "dated.csv", "at": "created"}).json["id"]
    k.admin.request("PUT", "/api/v1/imports/%d/data" % job, body=rows(first).encode())
    with contextlib.closing(sqlite3.connect(k.data / "kontor.db", timeout=30)) as db:
        while db.execute("SELECT count(*) FROM change_set WHERE parent IS NOT NULL").fetchone()[0] == 0:
            time.sleep(0.001)
        k.kill()
        equal("import_dated__is_begun", (2,), db.execute("SELECT state FROM job WHERE id = ?", (job,)).fetchone())
        db.execute("UPDATE job SET due_at = ? WHERE id = ?", (int((time.time() + wait_s) * 1000), job))
        db.commit()
    return job


def ended(k, job):
    for _ in range(1000):
        state = k.admin.get("/api/v1/imports/%d" % job).json
        if state["state"] not in ("open", "waiting", "running"):
            break
        time.sleep(0.1)
    return state


def check_future():
    today = datetime.date.today().isoformat()
    with Kontor() as k:
        for dry in ((), ("--dry-run",)):
            told = load(k, "name,created\nA,2024-01-01\nB,2205-03-01\nC,2204-01-01\n", *dry)
            equal("import_dated__future_is_refused%s" % "".join(dry), 1, told.returncode)
            for line in ("dated.csv:3: ", "dated.csv:4: ", "“created”", "future"):
                contains("import_dated__future_is_told_%s%s" % (line.strip(" :"), "".join(dry)), line, told.stderr)
        equal("import_dated__future_leaves_nothing", 0, count(k))
    with Kontor(start=False) as k: # nothing has been changed today yet
        told = load(k, "name,created\nA,2024-01-01\nB,%sT23:59:59\n" % today)
        equal("import_dated__today_is_fine", 0, told.returncode)
        k.start()
        deal = k.admin.get('/api/v1/deals?filter=name = "B"').json["items"][0]
        now = datetime.datetime.now(datetime.timezone.utc).isoformat()
        check("import_dated__today_is_not_later_than_now", deal["created_at"] <= now, deal["created_at"])


def check_clock():
    with Kontor() as k:
        k.admin.post("/api/v1/companies", {"name": "Before"})
        equal("import_dated__right_clock_says_nothing", [], k.admin.get("/api/v1/status").json["problems"])
        k.stop()
        ahead = int((time.time() + 10 * 365 * 86400) * 1000)
        with sqlite3.connect(k.data / "kontor.db") as db:
            db.execute("UPDATE change_set SET at = ? WHERE id = (SELECT max(id) FROM change_set)", (ahead,))
        db.close()
        k.start()
        contains("import_dated__wrong_clock_is_logged", "lies in the future", k.log())
        contains("import_dated__wrong_clock_is_a_problem", "lies in the future",
                 " ".join(k.admin.get("/api/v1/status").json["problems"]))
        now = datetime.datetime.now(datetime.timezone.utc)
        deal = k.admin.post("/api/v1/deals", {"name": "After"}).json
        deal = k.admin.patch("/api/v1/deals/%d" % deal["id"], {"stage": "won"}).json
        for stamp in ("created_at", "updated_at", "stage_since", "won_at"):
            away = abs(datetime.datetime.fromisoformat(deal[stamp].replace("Z", "+00:00")) - now)
            check("import_dated__wrong_clock_spoils_no_%s" % stamp, away < datetime.timedelta(days=2), deal[stamp])
        told = load(k, "name,created\nA,2024-01-01\n")
        contains("import_dated__wrong_clock_is_in_the_way", "backwards", told.stderr)


def check_alone():
    """Beside a load that is at work: no write, but reads and sessions."""
    with Kontor() as k:
        job = begun(k, wait_s=15)
        k.start()
        first = k.admin.post("/api/v1/companies", {"name": "Beside"})
        equal("import_dated__a_write_beside_it_waits_for_its_end", 503, first.status)
        contains("import_dated__it_is_said_why", "first load with dates", first.text)
        user = k.run("user", "add", "--email", "n@example.com", "--name", "N", "--password-file", k.file(PASSWORD + "\n"))
        equal("import_dated__no_user_is_added_beside_it", 1, user.returncode)
        contains("import_dated__the_command_says_why", "first load with dates", user.stderr)
        second = load(k, "name,created\nA,2024-01-01\n", name="second.csv")
        contains("import_dated__no_second_load_beside_it", "first load with dates", second.stderr)
        equal("import_dated__reads_and_sessions_go_on", 200, k.client(ADMIN, PASSWORD).get("/api/v1/deals?limit=1").status)
        k.must("apply") # bears the date of the load
        equal("import_dated__nothing_came_in_between", "waiting", k.admin.get("/api/v1/imports/%d" % job).json["state"])
        plain = load(k, "name\nBehind\n", entity="company", name="plain.csv", at=None)
        equal("import_dated__an_import_waits_its_turn", 0, plain.returncode)
        equal("import_dated__the_load_is_whole", ("done", ROWS), (ended(k, job)["state"], count(k)))
        equal("import_dated__writes_go_on_after_it", 201, k.admin.post("/api/v1/companies", {"name": "After"}).status)
        is_sound(k, "alone")


def check_failed():
    """A load that fails half way, and one that was undone, are not in the way of the next."""
    with Kontor() as k:
        job = begun(k)
        for name in os.listdir(k.data / "spool"):
            if name.endswith(".list0"):
                os.unlink(k.data / "spool" / name)
        k.start()
        contains("import_dated__a_load_can_fail", "Nothing of it was kept", str(ended(k, job)["error"]))
        equal("import_dated__a_failed_load_leaves_nothing", 0, count(k))
        told = load(k, rows("2023-01-01"))
        equal("import_dated__it_can_be_repeated", (0, ROWS), (told.returncode, count(k)))
        equal("import_dated__views_of_past_days_know_only_the_second", [0, 720, ROWS],
              days(k, "2022-12-31", "2023-01-01T21:59:30Z", "2023-12-31"))
        k.must("undo", newest_import(k))
        equal("import_dated__undone", 0, count(k))
        told = load(k, "name,created\nOld,2019-05-01\nLess old,2023-01-01T18:00:00Z\n")
        equal("import_dated__undone_it_can_be_repeated", (0, 2), (told.returncode, count(k)))
        equal("import_dated__of_undone_loads_no_day_knows", [0, 1, 1, 2, 2],
              days(k, "2019-04-01", "2019-06-01", "2023-01-01T17:00:00Z", "2023-01-02", "2024-02-02"))
        is_sound(k, "repeated")
        k.admin.post("/api/v1/companies", {"name": "Lasts"})
        k.must("undo", newest_import(k))
        told = load(k, "name,created\nOld,2019-05-01\n")
        contains("import_dated__what_lasts_is_in_the_way", "backwards", told.stderr)
        contains("import_dated__the_way_out_is_told", "without --at", told.stderr)


def check_rejects():
    with Kontor(conf={"fields.yaml": "deal:\n  fields:\n    code: {type: integer, max: 100}\n"}) as k:
        text = "name,code,stage,created\n" + "".join(
            "D%d,%d,won,2024-01-0%d\n" % (i, 999 if i in (3, 5) else i, i) for i in range(1, 8))
        equal("import_dated__two_are_rejected", 3, load(k, text).returncode)
        left = (k.top / "dated-rejects.csv").read_text().replace("D3,999", "D3,9").replace("D5,999", "D5,9")
        for dry in (("--dry-run",), ()):
            told = load(k, left, *dry, name="again.csv")
            contains("import_dated__corrected_rows_go_in%s" % "".join(dry), "2 created", told.stdout)
        found = {d["name"]: d for d in k.admin.get("/api/v1/deals").json["items"]}
        for name, day in (("D3", "2024-01-02"), ("D5", "2024-01-04")): # midnight in Berlin
            equal("import_dated__corrected_rows_bear_their_dates_%s" % name, [day] * 3,
                  [found[name][stamp][:10] for stamp in ("created_at", "stage_since", "won_at")])
        equal("import_dated__history_has_them_behind_the_others", [2, 7], days(k, "2024-01-03T10:00:00Z", "2024-02-01"))
        is_sound(k, "corrected")


def check_killed():
    """A load that was killed goes on at the next start."""
    with Kontor() as k:
        job = begun(k)
        k.start()
        equal("import_dated__a_killed_load_goes_on", ("done", ROWS), (ended(k, job)["state"], count(k)))
        equal("import_dated__then_others_write", 201, k.admin.post("/api/v1/companies", {"name": "Later"}).status)
        is_sound(k, "killed")


for part in (check_future, check_clock, check_alone, check_failed, check_rejects, check_killed):
    with test("import_dated__%s" % part.__name__):
        part()
finish()
