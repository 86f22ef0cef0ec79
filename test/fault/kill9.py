#!/usr/bin/python3
"""kill -9 under load: 8 writers create, change and delete records; the daemon is killed at a random
moment, 50 times (KONTOR_CYCLES says how often). No acknowledged write may be lost, none may be there in part, the file stays sound."""
import os
import random
import threading
import time

from kontor import Client, Kontor, check, equal, finish, test

CYCLES = int(os.environ.get("KONTOR_CYCLES", "50"))
WRITERS = 8


class Writer(threading.Thread):
    """Creates contacts and changes its own, noting what was acknowledged (and what is in doubt)."""

    def __init__(self, port, headers, number, cycle, stop):
        super().__init__(daemon=True)
        self.client = Client(port)
        self.client.headers = dict(headers)
        self.name, self.stop = "w%d-%d" % (cycle, number), stop
        self.acknowledged = {}  # id -> last acknowledged city; None when deleted
        self.doubt = {}         # id -> city that was sent and not answered
        self.random = random.Random(cycle * 100 + number)

    def run(self):
        try:
            while not self.stop.is_set():
                self.step()
        except Exception:  # the daemon is gone: what was sent last is in doubt
            pass

    def step(self):
        mine = [i for i, city in self.acknowledged.items() if city is not None and i not in self.doubt]
        dice = self.random.random()
        if dice < 0.6 or not mine:
            answer = self.client.post("/api/v1/contacts", {
                "last_name": "%s-%d" % (self.name, len(self.acknowledged)), "city": "c0",
                "emails": "%s-%d@load.example" % (self.name, len(self.acknowledged))})
            if answer.status == 201:
                self.acknowledged[answer.json["id"]] = "c0"
            return
        chosen = self.random.choice(mine)
        city = None if dice > 0.95 else "c%d" % self.random.randrange(1000)
        self.doubt[chosen] = city
        if city is None:
            answer = self.client.delete("/api/v1/contacts/%d" % chosen)
        else:
            answer = self.client.patch("/api/v1/contacts/%d" % chosen, {"city": city})
        if answer.status in (200, 204):
            self.acknowledged[chosen] = city
            del self.doubt[chosen]


def one_cycle(k, cycle):
    k.start()
    stop = threading.Event()
    writers = [Writer(k.port, k.admin.headers, i, cycle, stop) for i in range(WRITERS)]
    for writer in writers:
        writer.start()
    time.sleep(random.Random(cycle).uniform(0.02, 0.4))
    k.kill()
    stop.set()
    for writer in writers:
        writer.join(10)
    return writers


def lost(k, writers):
    """What the next start does not show of what was acknowledged."""
    missing = []
    for writer in writers:
        for record, city in writer.acknowledged.items():
            answer = k.admin.get("/api/v1/contacts/%d?fields=city" % record)
            now = answer.json.get("city") if answer.status == 200 else None
            allowed = {city, writer.doubt.get(record, city)}
            if now not in allowed:
                missing.append((record, city, now, answer.status))
    return missing


def integrity(k):
    import sqlite3
    db = sqlite3.connect("file:%s?mode=ro" % (k.data / "kontor.db"), uri=True)
    try:
        return db.execute("pragma integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:  # an older libsqlite without the options used
        return str(error)
    finally:
        db.close()


with Kontor(start=False) as k, test("kill9__loses_no_acknowledged_write"):
    written = 0
    for cycle in range(CYCLES):
        writers = one_cycle(k, cycle)
        written += sum(len(w.acknowledged) for w in writers)
        if cycle % 10 == 9 or cycle == CYCLES - 1:
            k.start()
            missing = lost(k, writers)
            assert not missing, "cycle %d lost %r" % (cycle, missing[:5])
            k.stop()
    check("kill9__wrote_something", written > CYCLES * 10, "only %d writes" % written)
    k.start()
    counted = k.admin.get("/api/v1/contacts?limit=1").json
    check("kill9__answers_afterwards", counted["count"] > 0, repr(counted))
    k.stop()
    backup = str(k.top / "after.kontor")
    equal("kill9__backup_verifies", 0, k.run("backup", backup).returncode + k.run("verify", backup).returncode)
    equal("kill9__integrity_ok", "ok", integrity(k))
finish()
