#!/usr/bin/python3
"""SIGTERM in the middle of long work: the process ends within seconds, whoever waits is told which job goes on, and after the
next start the rest is done. The same request again, by its Idempotency-Key, begins nothing new."""
# binary: release
# alone
import json
import os
import signal
import subprocess
import threading
import time

from kontor import ADMIN, Client, Kontor, check, equal, finish, program

ROWS = 60000
SECONDS = 8  # to end in; the service file allows 30


def stop_when(k, under_way):
    """Ends the daemon as soon as the work is under way; the time it took."""
    end = time.monotonic() + 60
    while not under_way() and time.monotonic() < end:
        time.sleep(0.02)
    began = time.monotonic()
    os.kill(k.process.pid, signal.SIGTERM)
    k.process.wait(120)
    took = time.monotonic() - began
    k.stop()
    return took


def command(k, *words):
    return subprocess.Popen([program(), *words, "--data", str(k.data), "--conf", str(k.conf)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def wait_count(k, path, wanted, seconds=120):
    end = time.monotonic() + seconds
    while (count := k.admin.get(path).json["count"]) != wanted and time.monotonic() < end:
        time.sleep(0.2)
    return count


def bulk(k):
    answers = {}
    caller = k.client(ADMIN)
    body = {"all": True, "set": {"industry": "Steel"}}

    def send():
        answers["bulk"] = caller.post("/api/v1/companies/bulk", body, headers={"Idempotency-Key": "one"}, timeout=120)
    sender = threading.Thread(target=send)
    sender.start()
    took = stop_when(k, lambda: k.admin.get('/api/v1/companies?filter=industry = "Steel"&limit=1').json["count"])
    sender.join()
    check("stopping__bulk_ends_soon", took < SECONDS, "%.1f s" % took)
    answer = answers["bulk"]
    equal("stopping__bulk_is_answered", (503, "unfinished"), (answer.status, answer.json["error"]["code"]))
    error = answer.json["error"]
    check("stopping__answer_names_job_and_change", error["job"] > 0 and error["change"] > 0 and
          "job %d" % error["job"] in error["text"], error)
    k.start()
    equal("stopping__bulk_goes_on_at_start", 0, wait_count(k, "/api/v1/companies?filter=industry is empty&limit=1", 0))
    again = k.admin.post("/api/v1/companies/bulk", body, headers={"Idempotency-Key": "one"})
    equal("stopping__replay_names_the_change", (202, error["change"], "true"),
          (again.status, again.json["change"], again.headers.get("idempotent-replayed")))
    return error["change"]


def undo(k, change):
    asked = command(k, "undo", str(change))
    took = stop_when(k, lambda: k.admin.get("/api/v1/companies?filter=industry is empty&limit=1").json["count"])
    out, said = asked.communicate(timeout=60)
    check("stopping__undo_ends_soon", took < SECONDS, "%.1f s" % took)
    check("stopping__undo_tells_the_command", asked.returncode == 1 and "goes on" in said and "job" in said, (out, said))
    check("stopping__no_command_is_left_behind", "did not end in time" not in k.log(), k.log()[-500:])
    k.start()
    equal("stopping__undo_goes_on_at_start", 0, wait_count(k, "/api/v1/companies?filter=industry is not empty&limit=1", 0))


def dry_import(k, file):
    asked = command(k, "import", "company", file, "--dry-run")
    took = stop_when(k, lambda: list((k.data / "tmp").glob("snapshot-*")))
    out, said = asked.communicate(timeout=60)
    check("stopping__dry_import_ends_soon", took < SECONDS, "%.1f s" % took)
    check("stopping__dry_import_tells_the_command", asked.returncode == 1 and "goes on" in said, (out, said))
    k.start()
    jobs = k.admin.get("/api/v1/imports/%s" % said.split("(job ")[1].split(")")[0]).json
    check("stopping__dry_import_is_not_lost", jobs["state"] in ("waiting", "running", "done"), jobs)


with Kontor() as k:
    rows = k.file("name,city\n" + "".join("Firm %d,Kiel\n" % i for i in range(ROWS)), "rows.csv")
    imported = json.loads(k.must("import", "company", rows, "--json"))
    assert imported["created"] == ROWS, imported
    undo(k, bulk(k))
    dry_import(k, rows)
finish()
