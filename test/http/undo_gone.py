#!/usr/bin/python3
"""Undo and the taking back of a broken-off bulk change reach values in fields that have left the configuration since."""
import sqlite3
import threading
import time

from kontor import ADMIN, Kontor, check, equal, finish, sanitized, test

FIELDS = """contact:
  fields:
    extra: {type: text}
    worth: {type: money}
    mails: {type: emails}
    about: {type: records, reverse: about_them}
"""
NONE = "contact:\n  fields: {}\n"
ROWS = 6000 if sanitized() else 30000
MANY = 1500  # more than one slice takes back


def configure(k, text):
    k.write_conf({"fields.yaml": text})
    k.must("apply", "--yes")


def one(k):
    """A small set, an edit since, and what finds records by a field that returns."""
    a = k.admin
    ids = [a.post("/api/v1/contacts", {"last_name": n, "extra": "old", "worth": "5"}).json["id"] for n in "ABC"]
    paths = ["/api/v1/contacts/%d" % i for i in ids]
    bulk = a.post("/api/v1/contacts/bulk", {"ids": ids, "set": {
        "extra": "new", "worth": {"value": "7", "currency": "EUR"}, "city": "Kiel", "about": [ids[0]],
        "mails": [{"value": "who@example.com"}]}}).json["change"]
    a.patch(paths[1], {"extra": "mine"})
    versions = [a.get(p).json["version"] for p in paths]
    configure(k, NONE)
    undone = a.post("/api/v1/changes/%d/undo" % bulk)
    with test("undo__lists_a_field_that_left_and_was_changed_since"):
        assert undone.status == 200 and undone.json["undone"] == 3, undone
        assert [(r["id"], r["fields"]) for r in undone.json["kept"]] == [(ids[1], ["extra"])], undone
        assert [a.get(p).json["version"] for p in paths] == [v + 1 for v in versions]
    configure(k, FIELDS)
    with test("undo__puts_fields_back_that_have_left"):
        got = [a.get(p).json for p in paths]
        assert [g["extra"] for g in got] == ["old", "mine", "old"], got
        assert [g["worth"]["value"] for g in got] == ["5.00"] * 3, got
        assert [(g["city"], g["mails"], g["about"]) for g in got] == [(None, [], [])] * 3, got
        assert a.get('/api/v1/contacts?filter=extra = "old"').json["count"] == 2
        assert a.get('/api/v1/contacts?filter=worth = 5').json["count"] == 3
    with test("undo__leaves_nothing_that_finds_a_record_by_what_was_put_back"):
        db = sqlite3.connect(str(k.data / "kontor.db"), timeout=10)
        assert db.execute("SELECT count(*) FROM handle WHERE value = 'who@example.com'").fetchone()[0] == 0
        assert db.execute("SELECT count(*) FROM ref WHERE target = ?1", (ids[0],)).fetchone()[0] == 0
        db.close()
    with test("undo__of_it_brings_it_back_again"):
        a.post("/api/v1/changes/%d/undo" % undone.json["change"])
        got = [a.get(p).json for p in paths]
        assert [g["extra"] for g in got] == ["new", "mine", "new"] and got[0]["worth"]["value"] == "7.00", got
        assert got[2]["mails"][0]["value"] == "who@example.com" and got[2]["about"][0]["id"] == ids[0], got
    check("undo__and_the_chain_is_sound", k.run("backup", str(k.top / "b")).returncode == 0 and
          k.run("verify", str(k.top / "b")).returncode == 0)


VESSEL = """entity: vessel
plural: vessels
title: name
fields:
  name: {type: text, required: true}
"""


def whole_entity(k):
    k.write_conf({"entities/vessel.yaml": VESSEL})
    k.must("apply", "--yes")
    made = k.admin.post("/api/v1/vessels", {"name": "Aurora"})
    change = int(made.headers["x-kontor-change"])
    (k.conf / "entities/vessel.yaml").unlink()
    k.must("apply", "--yes")
    refused = k.admin.post("/api/v1/changes/%d/undo" % change)
    check("undo__of_an_entity_that_left_is_refused_by_name", refused.status == 409 and
          "wrote records of vessel, which has left the configuration" in refused.json["error"]["text"], refused)
    k.write_conf({"entities/vessel.yaml": VESSEL})
    k.must("apply")
    undone = k.admin.post("/api/v1/changes/%d/undo" % change)
    equal("undo__of_an_entity_that_came_back_works", (200, 1), (undone.status, undone.json.get("undone")))


def break_off(k):
    """A bulk change whose field leaves in its middle: what is answered to it and to the apply."""
    answers = {}
    caller = k.client(ADMIN)

    def send():
        answers["bulk"] = caller.post("/api/v1/contacts/bulk", {"all": True, "set": {"extra": "E"}}, timeout=300)
    sender = threading.Thread(target=send)
    sender.start()
    end = time.monotonic() + 60
    while k.admin.get('/api/v1/contacts?filter=extra = "E"&limit=1').json["count"] < MANY and time.monotonic() < end:
        time.sleep(0.01)
    k.file(NONE, k.conf / "fields.yaml")
    applied = k.admin.post("/api/v1/config/apply", {"yes": True})
    sender.join()
    return applied.status, answers["bulk"].status


def broken_off(k):
    """What it wrote is taken back, at once."""
    k.must("import", "contact", k.file("last_name\n" + "".join("N%d\n" % i for i in range(ROWS)), "c.csv"))
    statuses = break_off(k)
    equal("broken_off__the_field_left_meanwhile", (200, 503), statuses)
    end = time.monotonic() + (50 if sanitized() else 20)
    while "kept" not in k.log() and time.monotonic() < end:
        time.sleep(0.1)
    check("broken_off__is_taken_back_before_a_lease_ends", time.monotonic() < end, k.log()[-600:])
    configure(k, FIELDS)
    found = k.admin.get('/api/v1/contacts?filter=extra = "E"&limit=1').json["count"]
    check("broken_off__keeps_nothing_where_it_says_so", found == 0 and "Nothing of it was kept" in k.log(),
          lambda: "%d: %s" % (found, k.log()[-600:]))


def jobs(k):
    db = sqlite3.connect(str(k.data / "kontor.db"), timeout=10)
    found = db.execute("SELECT kind, state, coalesce(error, '') FROM job WHERE kind IN ('bulk', 'undo') ORDER BY id").fetchall()
    db.close()
    return found


def cut_off(k):
    """A power cut while it is taken back, and the field is there again: the bulk change must not go on beside its undo."""
    before = len(jobs(k))
    equal("cut_off__the_field_left_meanwhile", (200, 503), break_off(k))
    end = time.monotonic() + 60
    while len(jobs(k)) < before + 2 and time.monotonic() < end:
        time.sleep(0.002)
    k.kill()
    states = jobs(k)[before:]
    check("cut_off__in_the_taking_back", [(kind, state) for kind, state, _ in states] == [("bulk", 2), ("undo", 2)], states)
    configure(k, FIELDS)
    k.start()
    end = time.monotonic() + 120
    while any(state in (1, 2) for _, state, _ in jobs(k)) and time.monotonic() < end:
        time.sleep(0.1)
    states = jobs(k)[before:]
    check("cut_off__the_job_has_failed_and_says_who_takes_it_back", states[0][1] == 4 and "extra" in states[0][2] and
          "takes back what it wrote" in states[0][2], states)
    equal("cut_off__nothing_of_it_is_kept", 0, k.admin.get('/api/v1/contacts?filter=extra = "E"&limit=1').json["count"])


with Kontor(conf={"fields.yaml": FIELDS}) as house:
    one(house)
    whole_entity(house)
    broken_off(house)
    cut_off(house)
finish()
