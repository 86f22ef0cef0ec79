#!/usr/bin/python3
"""Attached files are in a backup, checked in it and put back with it; one that is missing or altered is named. What nobody needs
any more goes after a week, nothing else does."""
import os
import sqlite3
import time

from kontor import Kontor, check, equal, finish, test


def send(k, contact, name, data):
    r = k.admin.request("POST", "/api/v1/contacts/%d/files?name=%s" % (contact, name), data,
                        headers={"Content-Type": "application/octet-stream"})
    assert r.status == 201, r
    return r.json


def on_disk(k):
    return {p.name: p.read_bytes() for p in (k.data / "files").glob("??/*")}


def with_backup(k, contact, files):
    good = str(k.top / "good.backup")
    with test("backup_files__are_in_it"):
        said = k.must("backup", good)
        assert "3 attached files: whole and sound" in said, said
        assert "3 attached files: whole and sound" in k.must("verify", good)
    with test("backup_files__come_back_with_what_was_there_kept"):
        with Kontor() as other:
            person = other.admin.post("/api/v1/contacts", {"last_name": "Before"}).json["id"]
            earlier = send(other, person, "earlier.txt", b"earlier")
            other.stop()
            said = other.must("restore", good)
            assert on_disk(other) == on_disk(k)
            kept = next(other.data.glob("before-restore-*"))
            assert (kept / "files" / earlier["hash"][:2] / earlier["hash"]).read_bytes() == b"earlier", said
            other.start()
            back = other.client("admin@example.com")
            for f, data in files:
                assert back.get("/api/v1/files/%d" % f["id"]).body == data
            modes = {p.stat().st_mode & 0o777 for p in (other.data / "files").glob("??/*")}
            assert modes == {0o600}, modes
            assert not [p for p in other.data.iterdir() if p.name.startswith("restore-")]
    whole = open(good, "rb").read()
    with test("backup_files__every_damage_of_one_shows"):
        at = whole.index(b"second file")
        for where, change in [(at, b"S"), (at - 8, b"\xff"), (at + 12, b"\0"), (len(whole) - 1, None)]:
            bad = whole[:where] if change is None else whole[:where] + change + whole[where + 1:]
            result = k.run("verify", k.file(bad))
            assert result.returncode == 1 and result.stderr, (where, result)
    return good


def lost(k, contact, files):
    path = next((k.data / "files").glob("??/" + files[1][0]["hash"]))
    data = path.read_bytes()
    file = str(k.top / "lost.backup")
    for how, change in [("missing", lambda: path.unlink()), ("cut", lambda: path.write_bytes(data[:-1])),
                        ("altered", lambda: path.write_bytes(b"X" + data[1:]))]:
        change()
        made, looked = k.run("backup", file), k.run("verify", file)
        word = "altered" if how == "altered" else "missing"
        check("backup_files__one_that_is_%s_is_told" % how, made.returncode == 3 and looked.returncode == 1 and
              files[1][0]["hash"] in made.stderr and files[1][0]["hash"] in looked.stderr and word in looked.stderr and
              "1 attached files" in made.stdout, (made, looked))
        if how != "altered":
            check("backup_files__%s_by_its_name" % how, "b.txt" in made.stderr and "b.txt" in looked.stderr, made.stderr)
        with Kontor(start=False) as other:
            back = other.run("restore", file)
            check("backup_files__the_rest_of_%s_comes_back" % how, back.returncode == 0 and
                  len(on_disk(other)) == (3 if how == "altered" else 2), back)
        path.write_bytes(data)


def query(k, sql):
    db = sqlite3.connect("file:%s?mode=ro" % (k.data / "kontor.db"), uri=True)
    rows = db.execute(sql).fetchall()
    db.close()
    return rows


def look(k, change=lambda db: None):
    """Stops, changes the database, makes the daily look due, starts and waits until it is over."""
    k.stop()
    db = sqlite3.connect(k.data / "kontor.db")
    db.execute("UPDATE timer SET due_at = 0 WHERE kind = 'files'")
    db.execute("DELETE FROM job WHERE kind = 'files'")
    change(db)
    db.commit()
    db.close()
    k.start()
    until = time.monotonic() + 30
    while time.monotonic() < until and not query(k, "SELECT 1 FROM job WHERE kind = 'files' AND state = 3"):
        time.sleep(0.05)
    assert time.monotonic() < until, "the daily look did not come to its end"
    return k.client("admin@example.com")


def tidying(k, files):
    """Two steps: marked when nobody names them, removed a week later; never while a row, in the bin or not, does."""
    week = 8 * 24 * 3600 * 1000
    first, second, third = (f for f, _ in files)
    admin = k.admin
    admin.delete("/api/v1/files/%d" % first["id"])
    stray = k.data / "files" / "ab"
    stray.mkdir(exist_ok=True)
    old, new, cut = stray / ("ab" + "0" * 62), stray / ("ab" + "1" * 62), k.data / "files" / "upload-1-1"
    for path in (old, new, cut):
        path.write_bytes(b"stray")
    for path in (old, cut):
        os.utime(path, (time.time() - week / 1000,) * 2)

    def gone(db):  # as an erasure leaves it: neither a row nor history names the bytes
        db.execute("UPDATE e_file SET hash = NULL WHERE id = ?", (third["id"],))

    look(k, gone)
    with test("tidy__marks_what_nobody_names_and_keeps_the_bin"):
        marks = dict(query(k, "SELECT hash, unused_since IS NOT NULL FROM stored_file"))
        assert marks == {first["hash"]: 0, second["hash"]: 0, third["hash"]: 1}, marks
        assert set(on_disk(k)) == {first["hash"], second["hash"], third["hash"], new.name}
        assert not cut.exists()
    look(k, lambda db: db.execute("UPDATE stored_file SET unused_since = unused_since - %d WHERE unused_since IS NOT NULL" % week))
    with test("tidy__removes_what_is_marked_for_a_week"):
        assert set(on_disk(k)) == {first["hash"], second["hash"], new.name}
        sizes = query(k, "SELECT total(size), (SELECT value FROM counter WHERE name = 'stored_bytes') FROM stored_file")
        assert sizes[0][0] == sizes[0][1] == first["size"] + second["size"], sizes
    with test("tidy__a_file_out_of_the_bin_has_its_bytes"):
        admin = k.client("admin@example.com")
        assert admin.post("/api/v1/files/%d/restore" % first["id"], {}).status == 200
        assert admin.get("/api/v1/files/%d" % first["id"]).status == 200
    with test("status__tells_of_missing_files"):
        assert not [p for p in admin.get("/api/v1/status").json["problems"] if "attached" in p]
        path = next((k.data / "files").glob("??/" + second["hash"]))
        data = path.read_bytes()
        path.unlink()
        admin = look(k)
        assert [p for p in admin.get("/api/v1/status").json["problems"] if "1 attached files" in p and second["hash"] in p]
        path.write_bytes(data)
        admin = look(k)
        assert not [p for p in admin.get("/api/v1/status").json["problems"] if "attached" in p]


with Kontor() as k:
    contact = k.admin.post("/api/v1/contacts", {"last_name": "Ahlers"}).json["id"]
    files = [(send(k, contact, name, data), data) for name, data in
             [("a.txt", b"first file"), ("b.txt", b"second file" + bytes(range(256)) * 2000), ("empty", b"")]]
    with_backup(k, contact, files)
    lost(k, contact, files)
    tidying(k, files)
finish()
