#!/usr/bin/python3
"""kill -9 during an import, at twenty random moments: after the next start it is finished (every row once) or has left nothing.

The files of companies have parents that come later, rejected rows and rows that change records that are there, so that every
pass of the import is hit; those of people are written in the order of their titles, and rejected in that of the file.
"""
import csv
import http.client
import io
import random
import sqlite3
import threading
import time

from kontor import Kontor, check, equal, finish, test

ROUNDS, ROWS, OLD, BAD = 10, 6000, 300, 7


def file_of(n):
    """Half of the rows point to a parent further down; some update old records; some are bad."""
    lines = ["name,city,parent,employees"]
    for i in range(ROWS):
        parent = "firm %d %d" % (n, ROWS - 1 - i) if i % 2 == 0 and i < ROWS // 2 else ""
        lines.append("firm %d %d,Town %d,%s,%d" % (n, i, n, parent, i))
    lines += ["old %d,Round %d,," % (i, n) for i in range(OLD)]
    lines += ["bad %d %d,,,many" % (n, i) for i in range(BAD)]
    return ("\n".join(lines) + "\n").encode()


def people_of(n):
    """Last names in no order, some of people that are there, some rows bad."""
    lines = ["last_name,emails,city,birthday"]
    for i in range(ROWS):
        lines.append("%s %d %d,p%d.%d@kill.example,Town %d," % (chr(97 + i * 7 % 26), n, i, n, i, n))
    lines += ["old %d,o%d@kill.example,Round %d," % (i, i, n) for i in range(OLD)]
    for i in range(BAD):
        lines.insert(i * 500 + 9, "bad %d %d,b%d.%d@kill.example,,never" % (n, BAD - i, n, i))
    return ("\n".join(lines) + "\n").encode()


def begin(k, n, entity="company", match="name"):
    asked = {"entity": entity, "file_name": "round-%d.csv" % n, "match": match}
    return k.admin.post("/api/v1/imports", asked).json["id"]


def send(k, job, body):
    """The upload; a daemon that dies in the middle of it is no error here."""
    try:
        link = http.client.HTTPConnection("127.0.0.1", k.port, timeout=60)
        link.request("PUT", "/api/v1/imports/%d/data" % job, body, k.admin.headers)
        link.getresponse().read()
    except (OSError, http.client.HTTPException):
        pass


def wait_for(k, job):
    for _ in range(1200):
        status = k.admin.get("/api/v1/imports/%d" % job).json
        if status["state"] in ("done", "failed", "cancelled"):
            return status
        if status["state"] == "open":
            return status # the upload was not complete: nobody will send the rest
        time.sleep(0.05)
    raise AssertionError("the import does not end: %r" % status)


def look(k, n):
    """Names of this round with their parents, and the towns of the old records."""
    rows = list(csv.DictReader(io.StringIO(k.must("export", "company", "--fields", "name,city,parent,employees"), newline="")))
    new = [r for r in rows if r["name"].startswith("firm %d " % n)]
    old = {r["city"] for r in rows if r["name"].startswith("old ")}
    return new, old


def check_whole(new, n):
    names = {r["name"]: r for r in new}
    assert len(new) == len(names) == ROWS, "%d rows, %d names" % (len(new), len(names))
    for i in range(0, ROWS // 2, 2):
        row = names["firm %d %d" % (n, i)]
        assert row["parent"] == "firm %d %d" % (n, ROWS - 1 - i), row


def killed(k, job, body, moment, seen):
    """Sends the file, kills the daemon at that moment, starts it again; how the import ended."""
    sender = threading.Thread(target=send, args=(k, job, body))
    sender.start()
    time.sleep(moment)
    k.kill()
    sender.join()
    k.start()
    status = wait_for(k, job)
    seen.append("%s at %.2f s" % (status["state"], moment))
    return status


def rejects_of(k, job):
    text = k.admin.get("/api/v1/imports/%d/rejects" % job).text
    return list(csv.DictReader(io.StringIO(text, newline="")))


def one_round(k, n, moment, seen):
    before = look(k, n)[1]
    job = begin(k, n)
    status = killed(k, job, file_of(n), moment, seen)
    new, old = look(k, n)
    if status["state"] == "done":
        check_whole(new, n)
        assert old == {"Round %d" % n}, old
        assert (status["created"], status["updated"], status["rejected"]) == (ROWS, OLD, BAD), status
        assert len(rejects_of(k, job)) == BAD, rejects_of(k, job)
    else:
        assert new == [] and old == before, "%s, %d rows, %r" % (status, len(new), old)


def round_of_people(k, n, moment, seen):
    job = begin(k, n, "contact", "email")
    status = killed(k, job, people_of(n), moment, seen)
    text = k.must("export", "contact", "--fields", "id,last_name,city")
    rows = sorted(csv.DictReader(io.StringIO(text, newline="")), key=lambda r: int(r["id"]))
    new = [r["last_name"] for r in rows if r["city"] == "Town %d" % n]
    if status["state"] == "done":
        assert len(new) == len(set(new)) == ROWS, "%d rows, %d names" % (len(new), len(set(new)))
        assert [name[0] for name in new] == sorted(name[0] for name in new), new[:50]
        assert {r["city"] for r in rows if r["last_name"].startswith("old ")} == {"Round %d" % n}
        assert (status["created"], status["updated"], status["rejected"]) == (ROWS, OLD, BAD), status
        names = [r["last_name"] for r in rejects_of(k, job)]
        assert names == ["bad %d %d" % (n, BAD - i) for i in range(BAD)], names
    else:
        assert new == [], "%s, %d rows" % (status, len(new))


with test("import_kill__run"), Kontor() as k:
    random.seed(7)
    lines = ["name,city"] + ["old %d,Round none" % i for i in range(OLD)]
    k.must("import", "company", k.file("\n".join(lines) + "\n", "old.csv"))
    began = time.monotonic()
    job = begin(k, 999)
    send(k, job, file_of(999))
    equal("import_kill__is_done_undisturbed", "done", wait_for(k, job)["state"])
    length = time.monotonic() - began
    seen = []
    for n in range(ROUNDS):
        with test("import_kill__round_%d" % n):
            one_round(k, n, random.uniform(0.02, length), seen)
    lines = ["last_name,emails"] + ["old %d,o%d@kill.example" % (i, i) for i in range(OLD)]
    k.must("import", "contact", k.file("\n".join(lines) + "\n", "old.csv"))
    for n in range(ROUNDS):
        with test("import_kill__round_of_people_%d" % n):
            round_of_people(k, n, random.uniform(0.02, length), seen)
    check("import_kill__hits_running_imports", len(set(s.split()[0] for s in seen)) > 0, repr(seen))
    print("; ".join(seen))
    equal("import_kill__ends_in_order", 0, k.stop())
    db = sqlite3.connect("file:%s/kontor.db?mode=ro" % k.data, uri=True)
    equal("import_kill__database_is_whole", [("ok",)], db.execute("PRAGMA quick_check").fetchall())
    equal("import_kill__no_job_is_left", [], db.execute("SELECT id FROM job WHERE state = 2").fetchall())
    db.close()
    left = [p.name for p in (k.data / "spool").iterdir() if not p.name.endswith((".rejects.csv", ".preview"))]
    check("import_kill__spool_is_clean", len(left) <= 2 * ROUNDS, repr(left))
finish()
