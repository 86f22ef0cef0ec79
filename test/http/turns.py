#!/usr/bin/python3
"""Jobs take turns: an import of one row does not wait for the long dry run before it, and two dry runs end as they would alone."""
# binary: release
# alone
import time

from kontor import Kontor, check, equal, finish

ROWS = 100000


def begin(k, text, dry):
    job = k.admin.post("/api/v1/imports", {"entity": "company", "file_name": "x.csv", "dry_run": dry}).json["id"]
    sent = k.admin.request("PUT", "/api/v1/imports/%d/data" % job, text.encode(), headers={"Content-Type": "text/csv"})
    assert sent.status == 200, sent
    return lambda: k.admin.get("/api/v1/imports/%d" % job).json


def end_of(status, seconds=120):
    end = time.monotonic() + seconds
    while (found := status())["state"] in ("waiting", "running") and time.monotonic() < end:
        time.sleep(0.02)
    return found


with Kontor() as k:
    long = begin(k, "name,city\n" + "".join("Firm %d,Kiel\n" % i for i in range(ROWS)), True)
    short_dry = begin(k, "name\nTried\n", True)
    short = begin(k, "name\nOne\n", False)
    one = end_of(short)
    still = long()["state"]
    equal("turns__one_row_is_imported", ("done", 1), (one["state"], one["created"]))
    check("turns__one_row_does_not_wait_for_a_dry_run", still in ("waiting", "running"), still)
    found = [end_of(status) for status in (long, short_dry)]
    equal("turns__dry_runs_end_as_alone", [("done", ROWS, 0), ("done", 1, 0)],
          [(f["state"], f["created"], f["rejected"]) for f in found])
    equal("turns__dry_runs_keep_nothing", 1, k.admin.get("/api/v1/companies?limit=1").json["count"])
    two = [begin(k, "name\n" + "".join("%s %d\n" % (name, i) for i in range(5000)), False) for name in ("A", "B")]
    equal("turns__two_imports_end_whole", [("done", 5000)] * 2, [(f["state"], f["created"]) for f in map(end_of, two)])
    check("turns__copies_are_removed", not list((k.data / "tmp").glob("*")), lambda: list((k.data / "tmp").glob("*")))
finish()
