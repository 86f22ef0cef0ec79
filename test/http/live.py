#!/usr/bin/python3
# binary: release
# alone
"""Live changes, read on the raw stream: within a second, to those who may see the record now and nobody else, with field names a
receiver may see, without a record's values; a cut stream goes on where it was; too long ago means: load again."""
import json
import re
import socket
import threading
import time

from kontor import Kontor, check, equal, finish, test

CONF = {"roles.yaml": """
private:
  label: Private
  entities:
    "*": {see: own, create: all, edit: own, delete: own, export: own, import: none}
""", "fields.yaml": """
contact:
  fields:
    salary: {type: integer, see: [admin], edit: [admin]}
"""}


class Raw:
    """A stream of events byte by byte, as it comes over the wire."""

    def __init__(self, k, client, path="/api/v1/events", headers=()):
        self.bytes, self.at = b"", []
        self.socket = socket.create_connection(("127.0.0.1", k.port), timeout=30)
        sent = {"Host": "127.0.0.1:%d" % k.port, **client.headers, **dict(headers)}
        sent.pop("X-CSRF-Token", None)
        self.socket.sendall(("GET %s HTTP/1.1\r\n%s\r\n" % (path, "".join("%s: %s\r\n" % h for h in sent.items()))).encode())
        self.open = True
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        self.wait(b"retry:")

    def _read(self):
        try:
            while part := self.socket.recv(65536):
                self.bytes += part
                self.at.append((time.monotonic(), len(self.bytes)))
        except OSError:
            pass
        self.open = False

    def wait(self, text, seconds=5):
        """Seconds until the text was there; None when it never came."""
        begin = time.monotonic()
        while time.monotonic() < begin + seconds:
            if text in self.bytes:
                return time.monotonic() - begin
            time.sleep(0.005)
        return None

    def events(self):
        found = []
        for block in re.split(rb"\r?\n\r?\n", self.bytes)[:-1]:  # the last has not ended
            fields = dict(line.split(b": ", 1) for line in block.splitlines() if b": " in line and not line.startswith(b":"))
            if fields.get(b"event", b"hello") != b"hello":
                found.append((fields[b"event"].decode(), int(fields.get(b"id", b"0")), json.loads(fields.get(b"data", b"null"))))
        return found

    def of(self, record):
        return [data for event, _, data in self.events() if event == "change" and data["id"] == record]

    def close(self):
        self.socket.close()


def until(what, seconds):
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.02)
    return what()


def speed(k, streams):
    with test("live__shows_100_changes_within_a_second_each"):
        slowest = 0.0
        for n in range(100):
            begin = time.monotonic()
            made = k.admin.post("/api/v1/companies", {"name": "Fast %d" % n}).json["id"]
            assert streams["admin"].wait(b'"id":%d,' % made, 3) is not None, n
            slowest = max(slowest, time.monotonic() - begin)
        check("live__slowest_of_100_is_under_1_s", slowest < 1.0, "%.3f s" % slowest)


def rights(k, clients, streams):
    a = k.admin
    me = {name: client.user["id"] for name, client in clients.items() if client.user}
    settle = lambda: time.sleep(1.3)
    with test("live__goes_only_to_who_may_see_the_record"):
        secret = a.post("/api/v1/contacts", {"last_name": "Zebracanary", "owner": me["admin"]}).json["id"]
        shown = a.post("/api/v1/contacts", {"last_name": "For pat", "owner": me["pat"]}).json["id"]
        a.patch("/api/v1/contacts/%d" % secret, {"city": "Zebracity"})
        settle()
        assert len(streams["admin"].of(secret)) == 2 and len(streams["member"].of(secret)) == 2, streams["member"].events()[-3:]
        assert streams["pat"].of(shown) and not streams["pat"].of(secret)
        assert b'"id":%d' % secret not in streams["pat"].bytes
    with test("live__carries_no_values"):
        assert not [name for name, s in streams.items() if b"ebracanary" in s.bytes or b"ebracity" in s.bytes]
    with test("live__names_only_fields_the_receiver_may_see"):
        a.patch("/api/v1/contacts/%d" % shown, {"salary": 4711, "city": "Kiel"})
        a.patch("/api/v1/contacts/%d" % shown, {"salary": 4712})
        settle()
        assert "salary" in streams["admin"].of(shown)[-1]["fields"], streams["admin"].of(shown)
        assert b"salary" not in streams["pat"].bytes and b"salary" not in streams["member"].bytes
    with test("live__follows_visibility_as_it_changes"):
        a.patch("/api/v1/contacts/%d" % secret, {"owner": me["pat"]})
        settle()
        assert streams["pat"].of(secret), "it became his"
        a.patch("/api/v1/contacts/%d" % secret, {"owner": me["admin"]})
        settle()
        had = len(streams["pat"].of(secret))
        a.patch("/api/v1/contacts/%d" % secret, {"city": "Bonn"})
        a.delete("/api/v1/contacts/%d" % secret)
        settle()
        assert len(streams["pat"].of(secret)) == had, streams["pat"].of(secret)
        assert streams["admin"].of(secret)[-1]["op"] == "delete"
    with test("live__note_on_a_hidden_record_is_hidden"):
        note = a.post("/api/v1/notes", {"text": "about it", "links": [a.post("/api/v1/companies", {"name": "Hidden"}).json["id"]]}).json["id"]
        settle()
        assert streams["admin"].of(note) and not streams["pat"].of(note)
    with test("live__bulk_import_and_undo_are_told"):
        made = [a.post("/api/v1/companies", {"name": "B %d" % i}).json["id"] for i in range(3)]
        bulk = a.post("/api/v1/companies/bulk", {"ids": made, "set": {"city": "Ulm"}}).json["change"]
        a.post("/api/v1/changes/%d/undo" % bulk)
        k.must("import", "company", k.file("name,city\nB 0,Jena\nNew one,Jena\n"), "--match", "name")
        settle()
        assert [d["op"] for d in streams["admin"].of(made[0])] == ["create", "update", "update", "update"], streams["admin"].of(made[0])
        assert not streams["pat"].of(made[0])
    with test("live__dry_runs_and_refused_writes_are_not_told"):
        begin = len(streams["admin"].events())
        a.post("/api/v1/companies?dry_run=1", {"name": "Never"})
        a.post("/api/v1/companies", {"nme": "Never"})
        a.patch("/api/v1/companies/%d?dry_run=1" % made[0], {"city": "Never"})
        settle()
        assert len(streams["admin"].events()) == begin, streams["admin"].events()[begin:]


def order(k, streams):
    with test("live__ids_never_run_backwards"):
        ids = [number for event, number, _ in streams["admin"].events() if event == "change"]
        assert ids == sorted(ids) and len(ids) > 100
    with test("live__versions_of_a_record_come_in_order"):
        made = k.admin.post("/api/v1/companies", {"name": "Versions"}).json["id"]
        for n in range(30):
            k.admin.patch("/api/v1/companies/%d" % made, {"city": "C %d" % n})
        assert streams["admin"].wait(b'"id":%d,"kind":"company","version":31' % made, 3) is not None
        versions = [data["version"] for data in streams["admin"].of(made)]
        assert versions == sorted(versions) and versions[-1] == 31, versions


def resume(k):
    with test("live__last_event_id_gives_exactly_what_was_missed"):
        first = Raw(k, k.admin)
        before = k.admin.post("/api/v1/companies", {"name": "Before the cut"})
        assert first.wait(b'"id":%d,' % before.json["id"]) is not None
        last = first.events()[-1][1]
        first.close()
        missed = [k.admin.post("/api/v1/companies", {"name": "Missed %d" % n}).json["id"] for n in range(20)]
        again = Raw(k, k.admin, headers={"Last-Event-ID": str(last)}.items())
        assert again.wait(b'"id":%d,' % missed[-1]) is not None, again.bytes[-300:]
        told = [data["id"] for event, _, data in again.events() if event == "change"]
        assert [i for i in told if i != before.json["id"]] == missed, told
        assert not [e for e in again.events() if e[0] == "resync"]
        again.close()
    with test("live__what_told_nothing_yet_goes_on_where_it_began"):
        quiet = Raw(k, k.admin)
        assert quiet.wait(b"\"stream\"") is not None
        began = re.search(rb"event: hello\nid: (\d+)\n", quiet.bytes).group(1).decode()
        quiet.close()
        missed = k.admin.post("/api/v1/companies", {"name": "Missed by a quiet one"}).json["id"]
        again = Raw(k, k.admin, headers={"Last-Event-ID": began}.items())
        assert again.wait(b'"id":%d,' % missed) is not None, again.bytes[-300:]
        assert [data["id"] for event, _, data in again.events() if event == "change"] == [missed], again.events()
        again.close()
    with test("live__what_was_missed_is_filtered_too"):
        pat = k.client("pat@live.example")
        stream = Raw(k, pat, headers={"Last-Event-ID": str(last)}.items())
        time.sleep(1.2)
        assert not [d for e, _, d in stream.events() if e == "change"], stream.events()
        stream.close()
    with test("live__too_long_ago_means_load_again"):
        old = Raw(k, k.admin, headers={"Last-Event-ID": "1"}.items())
        assert old.wait(b"event: resync") is not None, old.bytes
        old.close()
    with test("live__tells_450_changes_of_one_write"):
        k.must("import", "company", k.file("name\n" + "".join("Many %d\n" % i for i in range(450))))
        stream = Raw(k, k.admin)
        change = k.admin.post("/api/v1/companies/bulk", {"filter": 'name starts with "Many"', "set": {"city": "Ulm"}}).json
        assert change["changed"] == 450
        assert until(lambda: len(stream.events()) >= 450 or not stream.open or b"resync" in stream.bytes, 3)
        told = {data["id"] for event, _, data in stream.events() if event == "change"}
        assert stream.open and (len(told) == 450 or b"resync" in stream.bytes), (stream.open, len(told))
        stream.close()
    with test("live__falls_back_to_load_again_in_a_flood"):
        stream = Raw(k, k.admin)
        rows = "name\n" + "".join("Flood %d\n" % i for i in range(6000))
        k.must("import", "company", k.file(rows))
        assert stream.wait(b"event: resync", 10) is not None, stream.bytes[-200:]
        old = Raw(k, k.admin, headers={"Last-Event-ID": str(last)}.items())
        assert old.wait(b"event: resync") is not None, "the ring has forgotten it"
        for s in (stream, old):
            s.close()
    with test("live__after_a_restart_old_ids_mean_load_again"):
        newest = k.admin.get("/api/v1/changes?limit=1").json["items"][0]["id"]
        k.stop()
        k.start()
        stream = Raw(k, k.admin, headers={"Last-Event-ID": str(newest - 5)}.items())
        assert stream.wait(b"event: resync") is not None, stream.bytes
        stream.close()
    for text in ("x", "-1", "1e9", "9" * 30):
        equal("live__refuses_last_event_id_" + text[:5], 400, k.admin.get("/api/v1/events?last_event_id=" + text).status)


def crowd(k):
    """Many pages at once: all are told, writes stay fast, nobody takes all places."""
    with test("live__100_streams_are_told_within_a_second"):
        callers = [k.client("c%d@live.example" % n) for n in range(4)]
        streams = [Raw(k, callers[n % 4]) for n in range(100)]
        begin = time.monotonic()
        made = k.admin.post("/api/v1/companies", {"name": "For the crowd"}).json["id"]
        wrote = time.monotonic() - begin
        assert all(s.wait(b'"id":%d,' % made, 4) is not None for s in streams)
        slowest = max(next(at for at, size in s.at if size >= s.bytes.index(b'"id":%d,' % made)) for s in streams) - begin
        assert slowest < 1.0 and wrote < 0.5, (slowest, wrote)
        for s in streams:
            s.close()
    with test("live__ends_with_the_session"):
        leaver = k.client("c0@live.example")
        stream = Raw(k, leaver)
        assert leaver.delete("/api/v1/session", version=None).status == 204
        end = time.monotonic() + 3
        while stream.open and time.monotonic() < end:
            time.sleep(0.05)
        assert not stream.open, "the stream outlived its session"


with Kontor(conf=CONF) as k:
    clients = {"admin": k.admin, "member": k.add_user("mo@live.example"), "pat": k.add_user("pat@live.example", role="private")}
    streams = {name: Raw(k, client) for name, client in clients.items()}
    streams["token"] = Raw(k, k.token("pat@live.example", scope="read"))
    for n in range(4):
        k.add_user("c%d@live.example" % n, role="reader")
    speed(k, streams)
    rights(k, clients, streams)
    check("live__a_token_gets_what_its_user_gets", [e for e in streams["token"].events()] == streams["pat"].events(),
          lambda: repr((len(streams["token"].events()), len(streams["pat"].events()))))
    order(k, streams)
    for s in streams.values():
        s.close()
    resume(k)
    crowd(k)
finish()
