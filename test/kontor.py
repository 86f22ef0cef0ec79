"""Helpers for test scripts in Python: a real Kontor in an empty directory, driven over its contract.

    #!/usr/bin/python3
    from kontor import Kontor, check, equal, test, finish

    with Kontor(conf={"entities/vessel.yaml": VESSEL}) as k:      # init, serve, signed in
        r = k.admin.post("/api/v1/companies", {"name": "Nordwind"})
        equal("companies__post_answers_201", 201, r.status)
    finish()

Scripts are executable files in test/<family>/ and run with PYTHONPATH=test, which test/all sets.
Protocol: lines "ok NAME", "not ok NAME: why", "skip NAME: why"; exit code 1 when something is not
ok. A line `# binary: release` in a script asks for the release build instead of the sanitized one.

What it promises: the daemon listens on a free port of 127.0.0.1, dies with the script, is ended by
its process id, and a report of a sanitizer in its output makes the script fail.
"""
import atexit
import contextlib
import ctypes
import datetime
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse
import zoneinfo

SOURCE = pathlib.Path(os.environ.get("KONTOR_SOURCE") or pathlib.Path(__file__).resolve().parent.parent)
SHARED = pathlib.Path(os.environ.get("KONTOR_SHARED") or SOURCE.parent / "shared")
ADMIN = "admin@example.com"
PASSWORD = "kontor test password"


def program():
    """The program under test: KONTOR_BIN, else what a build left."""
    if os.environ.get("KONTOR_BIN"):
        return os.environ["KONTOR_BIN"]
    for folder in ("build-asan", "build"):
        if (SOURCE / folder / "kontor").exists():
            return str(SOURCE / folder / "kontor")
    return str(SOURCE / "build" / "kontor")


def sanitized():
    """True when the program is a sanitizer build: tests that measure time or many threads ask."""
    return "san" in os.path.basename(os.path.dirname(program()))


# ---- what a script reports ---------------------------------------------------------------------
failures = 0


def ok(name):
    print("ok", name, flush=True)


def not_ok(name, why):
    global failures
    failures += 1
    print("not ok %s: %s" % (name, " ".join(str(why).split())[:600]), flush=True)


def skip(name, why):
    print("skip %s: %s" % (name, why), flush=True)


def check(name, condition, why="is not so"):
    """ok or not ok; returns the condition."""
    if condition:
        ok(name)
    else:
        not_ok(name, why() if callable(why) else why)
    return bool(condition)


def equal(name, wanted, got):
    return check(name, wanted == got, lambda: "wanted %r, got %r" % (wanted, got))


def contains(name, part, text):
    return check(name, part in text, lambda: "%r is not in %r" % (part, text))


@contextlib.contextmanager
def test(name):
    """A block that is one test: ok when it ends, not ok when an assert or anything else fails."""
    try:
        yield
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        not_ok(name, "%s:%d: %s %s" % (os.path.basename(where.filename), where.lineno,
                                       type(error).__name__, error or where.line))
    else:
        ok(name)


def now():
    """The time it is in the firm of a test: late in the evening, UTC, its day is tomorrow's."""
    return datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Berlin"))


def finish():
    sys.exit(1 if failures else 0)


def shared(path, name=None):
    """A folder or file of sample data outside the tree, or None (then `name` counts as skipped)."""
    found = SHARED / path
    if found.exists():
        return found
    if name:
        skip(name, "%s is not there" % path)
    return None


# ---- HTTP --------------------------------------------------------------------------------------
class Response:
    """status, headers (lower-case names), body (bytes), text, json (None if it is none)."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def __repr__(self):
        return "<%d %s>" % (self.status, self.text[:300])


class Client:
    """One signed-in caller (or nobody): keeps its connection, cookie and CSRF token."""

    def __init__(self, port, token=None):
        self.port = port
        self.headers = {"Authorization": "Bearer " + token} if token else {}
        self.user = None
        self.connection = None

    def request(self, method, path, body=None, headers=None, timeout=60):
        """body: None, bytes/str, or anything else as JSON. `path` may hold blanks and quotes."""
        sent = dict(self.headers)
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            sent["Content-Type"] = "application/json"
        if isinstance(body, str):
            body = body.encode()
        if method in ("GET", "HEAD"):
            sent.pop("X-CSRF-Token", None)
        sent.update(headers or {})
        path = urllib.parse.quote(path, safe="/?&=%:;,!*()'~-_.@$")
        for attempt in (1, 2):
            fresh = self.connection is None
            if fresh:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
            try:
                self.connection.request(method, path, body, sent)
                answer = self.connection.getresponse()
                response = Response(answer.status, answer.getheaders(), answer.read())
                if answer.will_close:
                    self.close()
                return response
            except (ConnectionError, http.client.BadStatusLine):
                self.close()
                if fresh or attempt == 2:
                    raise
        raise AssertionError("unreachable")

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, {} if body is None else body, **more)

    def patch(self, path, body, version="*", headers=None, **more):
        match = version if version == "*" else '"%s"' % version
        sent = {"If-Match": match} if version is not None else {}
        return self.request("PATCH", path, body, headers={**sent, **(headers or {})}, **more)

    def delete(self, path, version="*", headers=None, **more):
        match = version if version == "*" else '"%s"' % version
        sent = {"If-Match": match} if version is not None else {}
        return self.request("DELETE", path, headers={**sent, **(headers or {})}, **more)

    def items(self, path):
        """All items of a list, page after page."""
        found, cursor = [], None
        while True:
            mark = "&" if "?" in path else "?"
            page = self.get(path + (mark + "cursor=" + cursor if cursor else "")).json
            found += page["items"]
            cursor = page.get("next")
            if not cursor:
                return found

    def sign_in(self, email, password=PASSWORD):
        """POST /session; from then on every request carries the cookie, every write the token."""
        answer = self.post("/api/v1/session", {"email": email, "password": password})
        if answer.status == 200 and answer.json and answer.json.get("csrf"):
            self.headers["Cookie"] = answer.headers["set-cookie"].split(";")[0]
            self.headers["X-CSRF-Token"] = answer.json["csrf"]
            self.user = answer.json["user"]
        return answer

    def events(self, path="/api/v1/events"):
        """Opens the stream of live changes: an Events on a connection of its own."""
        return Events(self.port, path, self.headers)

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None


class Events:
    """Server-sent events, read by a thread: list .seen of {"event","id","data"}; .ended is set when they end."""

    def __init__(self, port, path, headers):
        self.seen = []
        self.ended = threading.Event()
        self.arrived = threading.Condition()
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self.connection.request("GET", path, headers=headers)
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        if self.status == 200:
            threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        event = {}
        with contextlib.suppress(OSError, ValueError, AttributeError):
            for raw in self.answer:
                line = raw.decode().rstrip("\r\n")
                if line:
                    name, _, value = line.partition(":")
                    event[name] = value[1:] if value.startswith(" ") else value
                    continue
                if event.get("data") or event.get("event"):
                    with self.arrived:
                        self.seen.append(event)
                        self.arrived.notify_all()
                event = {}
        self.ended.set()

    def wait_for(self, matches, seconds=10):
        """The first event for which matches(event) holds, or None after so many seconds."""
        until = time.monotonic() + seconds
        with self.arrived:
            while True:
                for event in self.seen:
                    if matches(event):
                        return event
                if not self.arrived.wait(max(0, until - time.monotonic())):
                    return None

    def close(self):
        self.connection.close()


# ---- a system ----------------------------------------------------------------------------------
def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Kontor:
    """An empty system of its own. `with Kontor() as k:` makes it, serves it and signs in as k.admin.

    conf    {"fields.yaml": text, ...}, or a folder to copy, laid down before init
    init    False: nothing is made (first-run tests); start=False: not served
    args    more arguments of serve
    now     when it is made, where the test moves the clock (KONTOR_NOW): so that today does not lie behind that some day
    """

    def __init__(self, conf=None, init=True, start=True, args=(), binary=None, wrap=(), now=None):
        self.binary = binary or program()
        self.wrap = list(wrap)
        self.env = {**os.environ, **({"KONTOR_NOW": now} if now else {})}
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="kontor-test-"))
        atexit.register(self.close)
        self.data, self.conf = self.top / "data", self.top / "conf"
        self.log_path = self.top / "serve.err"
        self.process = None
        self.port = None
        self.url = None
        self._admin = None
        self.conf.mkdir()
        self.write_conf(conf or {})
        if init:
            self.init()
        if init and start:
            self.start(*args)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # -- files
    def write_conf(self, conf):
        """Lays files into conf/ (dict of name to text, or a folder to copy)."""
        if isinstance(conf, dict):
            for name, text in conf.items():
                self.file(text, self.conf / name)
        else:
            shutil.copytree(conf, self.conf, dirs_exist_ok=True)

    def file(self, content, name=None):
        """Writes a file (by default one of its own in the scratch folder); returns its path."""
        path = pathlib.Path(name) if name else pathlib.Path(tempfile.mktemp(dir=self.top))
        if not path.is_absolute():
            path = self.top / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    # -- command line
    def run(self, *args, stdin=None, timeout=600):
        """`kontor ARGS` on this system: .returncode, .stdout, .stderr (text)."""
        command = [self.binary, *map(str, args), "--data", str(self.data), "--conf", str(self.conf)]
        result = subprocess.run(command, input=stdin if stdin is not None else "", text=True,
                                capture_output=True, timeout=timeout, preexec_fn=_die_with_parent,
                                errors="replace", env=self.env)
        self._look_for_reports(result.stderr, "kontor " + " ".join(map(str, args)))
        return result

    def must(self, *args, **more):
        """Like run, and exit code 0 is demanded; returns standard output."""
        result = self.run(*args, **more)
        if result.returncode != 0:
            raise AssertionError("kontor %s: exit %d: %s%s" % (
                " ".join(map(str, args)), result.returncode, result.stdout, result.stderr))
        return result.stdout

    def init(self, *args):
        """kontor init with a firm and an administrator; passwords are made cheap."""
        self.must("init", "--company", "Test", "--currency", "EUR", "--zone", "Europe/Berlin",
                  "--admin", ADMIN, "--password-file", self.file(PASSWORD + "\n"), *args)
        settings = self.conf / "kontor.yaml"
        text = settings.read_text() if settings.exists() else ""
        if not re.search(r"^password_cost:", text, re.M):
            settings.write_text(text.rstrip("\n") + "\npassword_cost: low\n")
            self.must("apply")

    def database(self, sql, *values):
        """Rows of a statement run on the database file itself: what the server does not show, or a past that it did not live."""
        db = sqlite3.connect(str(self.data / "kontor.db"), timeout=20)
        try:
            rows = db.execute(sql, values).fetchall()
            db.commit()
            return rows
        finally:
            db.close()

    def add_user(self, email, role="member", team=None, name=None, password=PASSWORD):
        """kontor user add; returns a signed-in Client if the daemon runs."""
        args = ["user", "add", "--email", email, "--name", name or email.split("@")[0], "--role",
                role, "--password-file", self.file(password + "\n")]
        self.must(*args, *(["--team", team] if team else []))
        return self.client(email, password) if self.process else None

    def token(self, email=ADMIN, scope="write"):
        """kontor token create: a Client that carries it."""
        found = re.search(r"kt_\S+", self.must("token", "create", "--user", email, "--scope", scope))
        return Client(self.port, found.group(0))

    # -- daemon
    def start(self, *args, env=None, ready_within=60):
        """kontor serve on a free port; returns when it says it is ready."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*self.wrap, self.binary, "serve", "--listen", "127.0.0.1:0", *map(str, args),
                 "--data", str(self.data), "--conf", str(self.conf)],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                env={**self.env, **(env or {})}, preexec_fn=_die_with_parent)
        lines = []
        ready = threading.Event()

        def read():
            for raw in self.process.stdout:
                lines.append(raw.decode("utf-8", "replace"))
                if lines[-1].startswith("ready "):
                    ready.set()
            ready.set()

        self.output = lines
        threading.Thread(target=read, daemon=True).start()
        ready.wait(ready_within)
        found = [line for line in lines if line.startswith("ready ")]
        if not found:
            self.kill()
            raise AssertionError("serve is not ready: %s %s" % ("".join(lines), self.log()[-2000:]))
        self.url = found[0].split()[1]
        self.port = urllib.parse.urlparse(self.url).port
        self._admin = None

    def stop(self, sig=signal.SIGTERM, seconds=30):
        """Ends the daemon in order; returns its exit code."""
        if not self.process:
            return None
        process, self.process = self.process, None
        if process.poll() is None:
            process.send_signal(sig)
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            not_ok("daemon__ends_when_told", "still there %d s after signal %d" % (seconds, sig))
            code = None
        self._look_for_reports(self.log(), "daemon")
        return code

    def kill(self):
        """kill -9, as a power cut would."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None
            self._look_for_reports(self.log(), "daemon")

    def log(self):
        """What the daemon wrote to standard error so far."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def _look_for_reports(self, text, who):
        found = re.search(r"(ERROR: (Address|Leak)Sanitizer|WARNING: ThreadSanitizer|runtime error:|"
                          r"Assertion .* failed)[^\n]*", text)
        if found:
            not_ok("sanitizer__finds_nothing", "%s: %s" % (who, found.group(0)))
            sys.stderr.write(text[-8000:])

    # -- callers
    def client(self, email=None, password=PASSWORD, token=None):
        """A caller: signed in with a password, with a token, or nobody."""
        caller = Client(self.port, token)
        if email:
            answer = caller.sign_in(email, password)
            if answer.status != 200:
                raise AssertionError("%s cannot sign in: %r" % (email, answer))
        return caller

    @property
    def admin(self):
        if not self._admin:
            self._admin = self.client(ADMIN)
        return self._admin

    def age_sessions(self, seconds):
        """Every session becomes so much older; takes effect within the second a session is remembered."""
        db = sqlite3.connect(str(self.data / "kontor.db"), timeout=10)
        with db:
            db.execute("UPDATE session SET created_at = created_at - ?1, seen_at = seen_at - ?1", (seconds * 1000,))
        db.close()
        time.sleep(1.1)

    def close(self):
        self.stop()
        shutil.rmtree(self.top, ignore_errors=True)
