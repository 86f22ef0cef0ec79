#!/usr/bin/python3
"""The file of an import: sent once, by one request at a time, whole or not at all; and how long results are kept."""
import os
import socket
import sqlite3
import threading
import time

from kontor import Kontor, check, equal, finish, test

ROWS = b"name,employees\nNordwind,4\nOstwind,many\n"
DAY = 24 * 3600 * 1000


def begin(k, **more):
    return k.admin.post("/api/v1/imports", {"entity": "company", "file_name": "x.csv", **more}).json["id"]


def send(k, job, body=ROWS, query=""):
    return k.admin.request("PUT", "/api/v1/imports/%d/data%s" % (job, query), body, headers={"Content-Type": "text/csv"})


def ended(k, job):
    for _ in range(400):
        status = k.admin.get("/api/v1/imports/%d" % job).json
        if status["state"] in ("done", "failed", "cancelled"):
            break
        time.sleep(0.05)
    return status


def names(k):
    return sorted(c["name"] for c in k.admin.items("/api/v1/companies"))


def spool(k):
    return sorted(os.listdir(k.data / "spool"))


def slow(k, job, body, length):
    """A request that has sent the first part of its file and waits."""
    s = socket.create_connection(("127.0.0.1", k.port), timeout=20)
    head = "".join("%s: %s\r\n" % pair for pair in k.admin.headers.items())
    s.sendall(("PUT /api/v1/imports/%d/data HTTP/1.1\r\nHost: localhost\r\n%sContent-Type: text/csv\r\nContent-Length: %d\r\n\r\n" %
               (job, head, length)).encode() + body)
    return s


def answer(s):
    data = b""
    while part := s.recv(65536):
        data += part
        if b"\r\n\r\n" in data:
            break
    s.close()
    return data[:12].decode()


def once(k):
    job = begin(k)
    with test("imports__a_dry_run_of_the_file_keeps_nothing"):
        for _ in range(2):
            dry = send(k, job, query="?dry_run=1")
            assert dry.status == 200 and dry.json["dry_run"] is True, dry
            assert spool(k) == [] and names(k) == [], spool(k)
        bad = send(k, job, b"name\n\"cut", query="?dry_run=1")
        assert bad.status == 422 and spool(k) == [], bad
        assert k.admin.get("/api/v1/imports/%d" % job).json["state"] == "open"
    with test("imports__the_file_after_dry_runs_is_that_of_one_request"):
        sent = send(k, job)
        assert sent.status == 200, sent
        status = ended(k, job)
        assert (status["rows"], status["created"], status["rejected"]) == (2, 1, 1), status
    equal("imports__a_second_file_is_refused", 409, send(k, job).status)
    with test("imports__two_requests_at_a_time_do_not_mix"):
        job = begin(k)
        first = slow(k, job, b"name\nSuedwind\n", 28)
        time.sleep(0.3)
        second = send(k, job, b"name\nWestwind\n")
        assert second.status == 409 and "sent already" in second.text, second
        first.sendall(b"Suedwind zwei\n")
        assert answer(first) == "HTTP/1.1 200"
        assert ended(k, job)["created"] == 2
        assert "Westwind" not in names(k), names(k)
    with test("imports__many_requests_at_a_time_are_one"):
        job = begin(k)
        statuses = []
        callers = [k.client(token=k.token().headers["Authorization"].split()[1]) for _ in range(8)]

        def put(caller, n):
            body = b"name\n" + b"".join(b"Bora %d %d\n" % (n, i) for i in range(2000))
            statuses.append(caller.request("PUT", "/api/v1/imports/%d/data" % job, body, headers={"Content-Type": "text/csv"}).status)
        threads = [threading.Thread(target=put, args=(c, n)) for n, c in enumerate(callers)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert sorted(statuses) == [200] + [409] * 7, statuses
        assert ended(k, job)["created"] == 2000
        assert len({name.split()[1] for name in names(k) if name.startswith("Bora")}) == 1
    with test("imports__a_cut_file_leaves_nothing"):
        before = names(k)
        job = begin(k)
        slow(k, job, b"name\nHalb\nGa", 4000).close()
        assert ended(k, job)["state"] == "cancelled"
        assert not any(name.startswith("import-%d." % job) for name in spool(k)), spool(k)
        assert names(k) == before
        assert send(k, job).status == 409


def retention(k):
    job, fresh = begin(k), begin(k)
    send(k, job), send(k, fresh)
    ended(k, job), ended(k, fresh)
    lost = begin(k)
    rejects = "import-%d.rejects.csv" % job
    equal("imports__rejects_are_there", 200, k.admin.get("/api/v1/imports/%d/rejects" % job).status)
    k.stop()
    db = sqlite3.connect(k.data / "kontor.db")
    for n, age in ((job, 31 * DAY), (fresh, 29 * DAY), (lost, 2 * DAY)):
        db.execute("UPDATE job SET updated_at = updated_at - ?1, created_at = created_at - ?1 WHERE id = ?2", (age, n))
    due = "SELECT count(*), max(due_at) FROM timer WHERE kind = 'tidy'"
    count, first = db.execute(due).fetchone()
    equal("imports__the_timer_is_there_once", 1, count)
    db.execute("UPDATE timer SET due_at = 1 WHERE kind = 'tidy'")
    db.commit()
    (k.data / "spool" / ("import-%d.raw" % lost)).write_text("name\n")
    (k.data / "spool/import-999999.csv").write_text("left by a crash\n")
    k.start()
    with test("imports__results_go_after_30_days_with_their_files"):
        end = time.monotonic() + 40
        while rejects in spool(k) and time.monotonic() < end:
            time.sleep(0.1)
        assert spool(k) == ["import-%d.%s" % (n, what) for n in sorted((fresh, *kept(db))) for what in ("preview", "rejects.csv")], spool(k)
        assert k.admin.get("/api/v1/imports/%d" % job).status == 404
        assert k.admin.get("/api/v1/imports/%d/rejects" % fresh).status == 200
        assert ended(k, lost)["state"] == "cancelled"
        assert db.execute(due).fetchone()[1] > time.time() * 1000 + DAY / 2
    with test("imports__a_start_does_not_put_the_timer_off"):
        moment = db.execute(due).fetchone()
        k.stop()
        k.start()
        assert db.execute(due).fetchone() == moment, moment
    db.close()


def kept(db):
    """Jobs of the tests before, whose rejects stay too."""
    return [row[0] for row in db.execute("SELECT id FROM job WHERE position LIKE '%rejected\":1%' AND created_at > ?",
                                         (time.time() * 1000 - DAY,))]


with test("imports__run"), Kontor() as k:
    once(k)
    retention(k)
finish()
