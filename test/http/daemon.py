#!/usr/bin/python3
"""The daemon's life: drain at SIGTERM, reload at SIGHUP, live events, the private channel, TLS, addresses."""
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path

from kontor import ADMIN, PASSWORD, Kontor, check, equal, finish, test

VESSEL = """entity: vessel
label: Vessel
plural: vessels
title: name
fields:
  name: {type: text, required: true}
"""


def until(what, seconds=5):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.05)
    return False


def write_until_the_end(k, token, keep, out):
    """Notes on one connection, or on one each; what ended it: a status, or the name of an exception."""
    connection = None
    end = 201
    while end == 201:
        try:
            connection = connection or http.client.HTTPConnection("127.0.0.1", k.port, timeout=20)
            connection.request("POST", "/api/v1/notes", '{"text":"busy"}',
                               {"Authorization": token, "Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            end = answer.status
        except OSError as e:
            end = type(e).__name__
        if not keep or connection.sock is None:
            connection.close()
            connection = None
    out.append(end)


def drain_under_load():
    """Whoever is connected gets an answer, also to what he sends when the end has begun; nobody else gets in."""
    k = Kontor()
    token = k.token().headers["Authorization"]
    kept, fresh = [], []
    threads = [threading.Thread(target=write_until_the_end, args=(k, token, i % 2 == 0, kept if i % 2 == 0 else fresh))
               for i in range(16)]
    for t in threads:
        t.start()
    time.sleep(1)
    process = k.process
    process.send_signal(signal.SIGTERM)
    for t in threads:
        t.join()
    equal("drain__under_load_ends_with_0", 0, process.wait(20))
    k.process = None
    for name, ends in (("kept", kept), ("fresh", fresh)):
        check("drain__answers_whoever_is_connected (%s)" % name,
              len(ends) == 8 and all(end in (503, "ConnectionRefusedError") for end in ends), ends)
    k.close()


def drain():
    k = Kontor()
    token = k.token().headers["Authorization"]
    answers = []
    body = json.dumps({"name": "In flight"}).encode()
    head = ("POST /api/v1/companies HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\nContent-Type: application/json\r\n"
            "Content-Length: %d\r\n\r\n" % (token, len(body))).encode()
    flying = [socket.create_connection(("127.0.0.1", k.port), timeout=20) for _ in range(20)]
    for s in flying:
        s.sendall(head + body[:5])
    stream = k.client(ADMIN).events()
    time.sleep(0.7)
    process = k.process
    process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    for s in flying:
        s.sendall(body[5:])
    for s in flying:
        data = b""
        while part := s.recv(65536):
            data += part
        answers.append(data[:12])
        s.close()
    code = process.wait(20)
    k.process = None
    check("drain__answers_every_request_in_flight", answers.count(b"HTTP/1.1 201") == 20, answers)
    equal("drain__ends_with_0", 0, code)
    stream.close()
    with test("drain__what_was_acknowledged_is_there"):
        k.start()
        assert k.admin.get("/api/v1/companies").json["count"] == 20
    k.close()


def reload(k):
    with test("reload__applies_what_only_adds"):
        events = k.admin.events()
        assert k.admin.get("/api/v1/vessels").status == 404
        k.write_conf({"entities/vessel.yaml": VESSEL})
        k.process.send_signal(signal.SIGHUP)
        assert until(lambda: k.admin.get("/api/v1/vessels").status == 200), k.log()[-500:]
        assert events.wait_for(lambda e: e["event"] == "config", 3), events.seen
        events.close()
        k.process.send_signal(signal.SIGHUP)
        assert until(lambda: "The files in conf are what is applied" in k.log()), k.log()[-500:]
    with test("reload__keeps_the_old_when_the_new_is_broken"):
        k.write_conf({"entities/vessel.yaml": VESSEL + "  hull: {type: colour}\n"})
        k.process.send_signal(signal.SIGHUP)
        assert until(lambda: "entities/vessel.yaml:7:" in k.log()), k.log()[-500:]
        assert k.admin.get("/api/v1/vessels").status == 200
        status = k.admin.get("/api/v1/status").json
        assert status["problems"], status
        config = k.admin.get("/api/v1/config").json
        assert config["problems"][0]["file"] == "entities/vessel.yaml" and config["problems"][0]["line"] == 7, config["problems"]
        assert k.admin.post("/api/v1/config/apply").status == 422
        check_run = k.run("check")
        assert check_run.returncode == 1 and "entities/vessel.yaml:7:" in check_run.stderr, check_run
    with test("reload__keeps_the_old_when_the_new_would_lose_data"):
        k.write_conf({"entities/vessel.yaml": VESSEL + "  length: {type: integer}\n"})
        k.process.send_signal(signal.SIGHUP)
        assert until(lambda: k.admin.post("/api/v1/vessels", {"name": "Anna", "length": 12}).status == 201)
        k.write_conf({"entities/vessel.yaml": VESSEL})
        k.process.send_signal(signal.SIGHUP)
        assert until(lambda: "kontor plan" in k.log().split("reload")[-1])
        assert k.admin.get("/api/v1/vessels").json["items"][0]["length"] == 12
        plan = k.run("plan")
        assert plan.returncode == 0 and "length" in plan.stdout, plan
        refused = k.run("apply")
        assert refused.returncode == 1 and "length" in refused.stdout, refused
        applied = k.run("apply", "--yes")
        assert applied.returncode == 0, applied
        assert "length" not in k.admin.get("/api/v1/vessels").json["items"][0]
    with test("reload__a_broken_file_does_not_stop_a_start"):
        k.write_conf({"entities/vessel.yaml": "entity: [\n"})
        k.stop()
        k.start()
        assert k.admin.get("/api/v1/vessels").json["count"] == 1
        assert k.admin.get("/api/v1/status").json["problems"]
        k.write_conf({"entities/vessel.yaml": VESSEL})


def live(k):
    with test("live__shows_a_change_within_a_second_and_only_to_those_who_may_see_it"):
        k.must("user", "list")
        k.admin.post("/api/v1/teams", {"name": "North"})
        lead = k.add_user("lead@example.com", role="lead")
        mine, theirs = k.admin.events(), lead.events()
        assert mine.status == theirs.status == 200
        time.sleep(0.3)
        began = time.monotonic()
        made = k.admin.post("/api/v1/deals", {"name": "Secret deal"}).json
        event = mine.wait_for(lambda e: e["event"] == "change" and json.loads(e["data"])["id"] == made["id"], 3)
        assert event and time.monotonic() - began < 1.0, (event, mine.seen)
        data = json.loads(event["data"])
        assert data["kind"] == "deal" and data["op"] == "create" and data["version"] == 1, data
        k.admin.patch("/api/v1/deals/%d" % made["id"], {"name": "Renamed"})
        renamed = mine.wait_for(lambda e: '"op":"update"' in e.get("data", ""), 3)
        assert json.loads(renamed["data"])["fields"] == ["name"], renamed
        time.sleep(1.0)
        assert not [e for e in theirs.seen if e["event"] == "change" and '"deal"' in e["data"]], theirs.seen
        mine.close()
        theirs.close()
    with test("live__goes_on_where_it_was_cut"):
        first = k.admin.events()
        made = k.admin.post("/api/v1/companies", {"name": "Before"})
        seen = first.wait_for(lambda e: e.get("id") == made.headers["x-kontor-change"], 3)
        first.close()
        later = k.admin.post("/api/v1/companies", {"name": "Meanwhile"})
        again = k.admin.events("/api/v1/events?last_event_id=" + seen["id"])
        assert again.wait_for(lambda e: e.get("id") == later.headers["x-kontor-change"], 3), again.seen
        again.close()
        old = k.admin.events("/api/v1/events?last_event_id=1")
        assert old.wait_for(lambda e: e["event"] == "resync", 3), old.seen
        old.close()


def channel(k):
    with test("channel__is_closed_to_others"):
        mode = os.stat(k.data / "kontor.sock").st_mode
        assert mode & 0o777 == 0o600, oct(mode)
    with test("channel__commands_work_while_the_daemon_runs_and_while_it_does_not"):
        def companies():
            return [json.loads(x) for x in k.must("export", "company", "--format", "ndjson").splitlines()]
        with_daemon = companies()
        k.stop()
        assert not (k.data / "kontor.sock").exists()
        assert companies() == with_daemon
        k.start()
    with test("channel__a_second_daemon_is_refused"):
        second = subprocess.run([k.binary, "serve", "--listen", "127.0.0.1:0", "--data", str(k.data), "--conf", str(k.conf)],
                                capture_output=True, text=True, timeout=30)
        assert second.returncode == 1 and second.stderr, second
    with test("channel__survives_nonsense"):
        for text in (b"", b"\n", b"GET\n\n", b"GET /healthz\n\n", b"GET /healthz\nX\n\n", b"\xff" * 100000,
                     b"POST /api/v1/companies\nContent-Type: application/json\n\n\x00\x00\x00\x05{\"a", b"A" * 20000):
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(5)
                s.connect(str(k.data / "kontor.sock"))
                try:
                    s.sendall(text)
                    s.shutdown(socket.SHUT_WR)
                    s.recv(1000)
                except (BrokenPipeError, ConnectionResetError):
                    pass
        assert k.admin.get("/healthz").status == 200


def addresses():
    k = Kontor(start=False)
    with test("listen__off_this_machine_needs_tls_or_a_word"):
        r = k.run("serve", "--listen", "0.0.0.0:0", timeout=20)
        assert r.returncode == 1 and "--insecure-http" in r.stderr, r
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for name, listen, said in (
                ("in_use", "127.0.0.1:%d" % taken.getsockname()[1], "another program listens there already"),
                ("not_ours", "192.0.2.1:0", "that is no address of this machine"),
                ("unknown", "no-such-machine.invalid:8080", "no-such-machine.invalid is no known address"),
                ("without_port", "127.0.0.1", "is no address with a port, such as"),
                ("port_too_high", "127.0.0.1:99999", "is no address with a port, such as"),
                ("two", "127.0.0.1:0,127.0.0.2:0", "is no address with a port, such as"),
                ("half_a_bracket", "[::1:0", "is no address with a port, such as")):
            r = k.run("serve", "--insecure-http", "--listen", listen, timeout=20)
            check("listen__%s_is_told" % name, r.returncode == 1 and "listen: " in r.stderr and said in r.stderr, r)
    with test("listen__insecure_is_shown"):
        k.start("--listen", "0.0.0.0:0", "--insecure-http")
        assert k.admin.get("/api/v1/status").json["insecure"] is True
        k.stop()
    cert, key = str(k.top / "cert.pem"), str(k.top / "key.pem")
    made = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                           "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost"], capture_output=True)
    if made.returncode == 0:
        tls(k, cert, key)
    k.close()


def tls(k, cert, key):
    settings = k.conf / "kontor.yaml"
    plain = settings.read_text()
    for name, files, said, column in (("certificate", ("absent.pem", key), "the certificate absent.pem: No such file", 18),
                                      ("no_certificate", (key, key), "it is no certificate in PEM form", 18),
                                      ("key", (cert, cert), "it is not the one of the certificate", 10)):
        settings.write_text(plain + "tls_certificate: %s\ntls_key: %s\n" % files)
        line = len(plain.splitlines()) + 1 + (column == 10)
        for command in ("check", "plan", "apply"):
            r = k.run(command)
            check("tls__%s_that_cannot_be_used_is_told_by_%s" % (name, command),
                  r.returncode == 1 and "kontor.yaml:%d:%d: " % (line, column) in r.stderr and said in r.stderr, r)
        own = [k.file(Path(cert).read_bytes(), "own.pem"), k.file(Path(key).read_bytes(), "own.key")]
        settings.write_text(plain + "tls_certificate: %s\ntls_key: %s\n" % tuple(own))
        k.must("apply")
        for path, source in zip(own, files):
            Path(path).unlink()
            if Path(source).exists():
                Path(path).write_bytes(Path(source).read_bytes())
        r = k.run("serve", "--listen", "127.0.0.1:0", timeout=20)
        said = said.replace("absent.pem", own[0])
        check("tls__%s_that_cannot_be_used_is_told" % name, r.returncode == 1 and said in r.stderr, r)
    settings.write_text(plain + "tls_certificate: %s\ntls_key: %s\n" % (cert, key))
    k.must("apply")
    with test("tls__serves_with_certificate_and_key"):
        k.start()
        assert k.url.startswith("https://"), k.url
        context = ssl.create_default_context(cafile=cert)
        context.check_hostname = False
        c = http.client.HTTPSConnection("127.0.0.1", k.port, context=context, timeout=10)
        c.request("POST", "/api/v1/session", json.dumps({"email": ADMIN, "password": PASSWORD}), {"Content-Type": "application/json"})
        answer = c.getresponse()
        cookie = answer.getheader("Set-Cookie")
        answer.read()
        assert answer.status == 200 and cookie.startswith("__Host-kontor=") and "Secure" in cookie, cookie
        assert "max-age" in answer.getheader("Strict-Transport-Security")
        assert c.sock.version() in ("TLSv1.2", "TLSv1.3")
    with test("tls__old_versions_are_refused"):
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        try:
            with socket.create_connection(("127.0.0.1", k.port), timeout=5) as s, old.wrap_socket(s):
                raise AssertionError("TLS 1.1 was accepted")
        except (ssl.SSLError, ConnectionError, OSError):
            pass


def supervised():
    k = Kontor(start=False)
    path = str(k.top / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(path)
        s.settimeout(10)
        with test("systemd__hears_ready_watchdog_reload_and_stopping"):
            k.start(env={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "3000000"})
            assert s.recv(100) == b"READY=1"
            assert s.recv(100) == b"WATCHDOG=1"
            k.process.send_signal(signal.SIGHUP)
            heard = [s.recv(100) for _ in range(3)]
            assert any(h.startswith(b"RELOADING=1\nMONOTONIC_USEC=") for h in heard) and b"READY=1" in heard, heard
            assert k.stop() == 0
            heard = []
            while b"STOPPING=1" not in heard:
                heard.append(s.recv(100))
    k.close()


def proxied():
    k = Kontor(conf={"kontor.yaml": "name: Test\ncurrency: EUR\nzone: UTC\npassword_cost: low\ntrusted_proxies: [127.0.0.1]\n"
                                    "hosts: [crm.example]\n"})
    with test("proxy__that_is_trusted_speaks_for_its_clients"):
        said = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9, 198.51.100.7", "Host": "crm.example"}
        answer = k.client().post("/api/v1/session", {"email": ADMIN, "password": PASSWORD}, headers=said)
        assert answer.status == 200 and answer.headers["set-cookie"].startswith("__Host-kontor="), answer.headers
        cookie = answer.headers["set-cookie"].split(";")[0]
        written = k.client().post("/api/v1/companies", {"name": "Via proxy"}, headers={
            **said, "Cookie": cookie, "X-CSRF-Token": answer.json["csrf"], "Origin": "https://crm.example"})
        assert written.status == 201, written
        refused = k.client().post("/api/v1/companies", {"name": "Via proxy"}, headers={
            **said, "Cookie": cookie, "X-CSRF-Token": answer.json["csrf"], "Origin": "http://crm.example"})
        assert refused.status == 403, refused
    with test("proxy__says_the_client_in_the_last_line"):
        codes = []
        for i in range(120):
            request = ("POST /api/v1/session HTTP/1.1\r\nHost: crm.example\r\nX-Forwarded-For: 203.0.113.%d\r\n"
                       "X-Forwarded-For: 198.51.100.8\r\nContent-Type: application/json\r\nConnection: close\r\n" % i)
            body = '{"email":"guess%d@example.com","password":"wrong"}' % i
            with socket.create_connection(("127.0.0.1", k.port), timeout=10) as s:
                s.sendall((request + "Content-Length: %d\r\n\r\n%s" % (len(body), body)).encode())
                codes.append(int(s.recv(100).split()[1]))
            if codes[-1] == 429:
                break
        assert 429 in codes, codes
    k.close()


def owners():
    """Files of the data folder that Kontor may not use, and a folder others may read."""
    k = Kontor(start=False)
    root = os.geteuid() == 0
    names = [k.data, *k.data.rglob("*")]
    if root:  # Kontor then runs as the folder's owner
        k.top.chmod(0o711)
        for path in names:
            os.chown(path, 65534, 65534)
    for name in ("kontor.db", "kontor.lock"):
        path = k.data / name
        for mode in (0o000, 0o400):
            path.chmod(mode)
            for command in (("serve", "--listen", "127.0.0.1:0"), ("export", "company")):
                r = k.run(*command, timeout=20)
                check("owners__%s_of_mode_%03o_is_told_by_%s" % (name, mode, command[0]), r.returncode == 1 and
                      "may not read and write %s (mode %03o): chmod u+rw %s gives" % (path, mode, path) in r.stderr, r)
        path.chmod(0o600)
        if root:
            os.chown(path, 0, 0)
            r = k.run("export", "company")
            check("owners__%s_of_root_is_told" % name, r.returncode == 1 and "Kontor runs as nobody" in r.stderr and
                  "%s, which belongs to root (mode 600): chown nobody %s" % (path, path) in r.stderr, r)
            os.chown(path, 65534, 65534)
    if root:
        for path in names:
            os.chown(path, 0, 0)
    k.start()
    check("owners__closed_folder_needs_no_warning", "is open to all users" not in k.log(), k.log())
    k.stop()
    k.data.chmod(0o755)
    k.start()
    check("owners__open_folder_is_told", "%s is open to all users of this machine (mode 755): chmod o-rwx %s" % (k.data, k.data)
          in k.log(), k.log())
    k.close()


drain()
drain_under_load()
owners()
supervised()
proxied()
with Kontor() as k:
    reload(k)
    live(k)
    channel(k)
addresses()
finish()
