"""Runs the parts of test/bench/run; see there. Each part compares Kontor with a floor program or
with a limit and gives rows for the table."""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.parse

import data
from kontor import Client

BUILD = pathlib.Path(os.environ["KONTOR_BENCH_BUILD"])
SOURCE = pathlib.Path(os.environ["KONTOR_SOURCE"])
KONTOR = BUILD / "kontor"
FLOOR = BUILD / "test" / "bench"
WORK = BUILD / "bench"
READERS = {"admin": data.ADMIN, "a tenth": data.LEAD, "200 records": data.FEW}
FIELDS = ("first_name,last_name,emails,phones,company,job_title,city,country,owner,team,created_at,"
          "updated_at")

rounds = 3
rows = []  # of the table


# ---- figures -----------------------------------------------------------------------------------
def spread(values, form="%.1f"):
    """median (least-most)"""
    middle = statistics.median(values)
    if len(values) == 1:
        return form % middle
    return "%s (%s-%s)" % (form % middle, form % min(values), form % max(values))


def row(what, goal, figure, floor="", ratio=None, limit=None, note=""):
    """A line of the table. ratio against limit, if there is one, decides whether the goal is met."""
    met = "" if ratio is None or limit is None else ("yes" if ratio <= limit else "NO")
    rows.append((what, goal, figure, floor, "" if ratio is None else "%.2f" % ratio, met, note))
    print("  ".join(part for part in rows[-1] if part), flush=True)


def compare(what, goal, limit, kontor, floor):
    """CPU per request of both, taken in turns; the ratio is that of the medians."""
    mine = [run["cpu_us"] for run in kontor]
    base = [run["cpu_us"] for run in floor]
    speed = [run["requests"] / run["seconds"] for run in kontor]
    base_speed = [run["requests"] / run["seconds"] for run in floor]
    row(what, goal, "%s µs, %s/s" % (spread(mine), spread(speed, "%.0f")),
        "%s µs, %s/s" % (spread(base), spread(base_speed, "%.0f")),
        statistics.median(mine) / statistics.median(base), limit)


def load_command(port, pid, path, **options):
    command = [str(FLOOR / "bench-load"), "port=%d" % port, "path=" + path]
    if pid:
        command.append("pid=%d" % pid)
    for name, value in options.items():
        for one in value if isinstance(value, list) else [value]:
            command.append("%s=%s" % (name, one))
    return command


def load(port, pid, path, may_fail=False, **options):
    """One run of the load generator; its JSON. Failed answers end the benchmark or are counted."""
    run = json.loads(subprocess.check_output(load_command(port, pid, path, **options)))
    if run["failed"] and not may_fail:
        raise SystemExit("%s: %d answers were not as expected" % (path, run["failed"]))
    return run


# ---- programs ----------------------------------------------------------------------------------
class Server:
    """A program that serves on a port; ended with `with`."""

    def __init__(self, process, port):
        self.process, self.port, self.pid = process, port, process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def load(self, path, **options):
        return load(self.port, self.pid, path, **options)


class Kontor(Server):
    """The daemon on a data folder, with the headers of the three readers."""

    def __init__(self, home, sign_in=True):
        self.home = home
        self.started = time.monotonic()
        process = subprocess.Popen(
            [KONTOR, "serve", "--listen", "127.0.0.1:0", "--data", home / "data", "--conf",
             home / "conf"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=open(WORK / "serve.err", "ab"))
        for line in process.stdout:
            found = re.match(rb"ready http://127\.0\.0\.1:(\d+)", line)
            if found:
                break
        super().__init__(process, int(found.group(1)))
        self.ready = time.monotonic() - self.started
        self.heads = {who: self.sign_in(mail) for who, mail in READERS.items()} if sign_in else {}

    def sign_in(self, mail):
        client = Client(self.port)
        if client.sign_in(mail, data.PASSWORD).status != 200:
            raise SystemExit(mail + " cannot sign in")
        client.close()
        return ["%s: %s" % header for header in client.headers.items()]

    def get(self, path, who="admin"):
        client = Client(self.port)
        client.headers = dict(line.split(": ", 1) for line in self.heads[who])
        answer = client.get(path)
        client.close()
        if answer.status != 200:
            raise SystemExit("%s: %r" % (path, answer))
        return answer.json

    def memory(self):
        text = pathlib.Path("/proc/%d/status" % self.pid).read_text()
        return int(re.search(r"RssAnon:\s+(\d+)", text).group(1)) / 1024


def kontor(home, *args):
    done = subprocess.run([KONTOR, *map(str, args), "--data", home / "data", "--conf",
                           home / "conf"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit("kontor %s: %s%s" % (args, done.stdout, done.stderr))
    return done.stdout


def floor_server():
    """The platform's own server, else ours, on a database of 200,000 contacts."""
    database, srv, port = WORK / "floor.db", FLOOR / "limits-srv", 18741
    if not database.exists():
        maker = FLOOR / ("limits-mkdb" if srv.exists() else "floor-import")
        subprocess.check_call([maker, database, str(data.CONTACTS), "I"],
                              stdout=subprocess.DEVNULL)
    program = [srv if srv.exists() else FLOOR / "floor-serve"]
    process = subprocess.Popen([*program, str(port), "1024", database, "pool=4", "cache=32768",
                                "mmap=0"], stderr=subprocess.DEVNULL)
    time.sleep(1)
    return Server(process, port)


def make_data(fresh):
    """The folder with the firm, made once."""
    home = WORK / ("large" if data.NOTES else "firm")
    if fresh or not (home / "complete").exists():
        shutil.rmtree(home if data.NOTES else WORK, ignore_errors=True)
        (home / "conf" / "imports").mkdir(parents=True)
        print("Making the data …", flush=True)
        for name, text in data.CONF.items():
            (home / "conf" / name).write_text(text)
        (home / "password").write_text(data.PASSWORD + "\n")
        kontor(home, "init", "--company", "Bench", "--currency", "EUR", "--zone", "Europe/Berlin",
               "--admin", data.ADMIN, "--password-file", home / "password")
        with open(home / "conf" / "kontor.yaml", "a") as out:
            out.write("\npassword_cost: low\n")
        kontor(home, "apply")
        for entity, path, match in data.write_files(home):
            kontor(home, "import", entity, path, *(["--match", match] if match else []))
        for mail in (data.LEAD, data.FEW):
            kontor(home, "user", "password", "--email", mail, "--password-file", home / "password")
        (home / "complete").touch()
    return home


def copy_of(home):
    """A copy that may be written to; it is on the disk."""
    copy = WORK / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(home, copy)
    os.sync()
    return copy


# ---- parts: reading ----------------------------------------------------------------------------
def part_static(home):
    """The smallest file of the UI beside 200 bytes from memory."""
    with Kontor(home) as k, floor_server() as f:
        page = Client(k.port).get("/").text
        icons = sorted(set(re.findall(r'"(/s/[^"]+\.(?:css|js|svg))"', page)),
                       key=lambda path: len(Client(k.port).get(path).body))
        mine, base = [], []
        for _ in range(rounds):
            mine.append(k.load(icons[0], c=16))
            base.append(f.load("/s", c=16))
        compare("static file of %d bytes" % mine[0]["bytes"], "≤ 1.5 ×", 1.5, mine, base)


def id_range(k):
    first = k.get("/api/v1/contacts?sort=created_at&limit=1&fields=id")["items"][0]["id"]
    last = k.get("/api/v1/contacts?sort=-created_at&limit=1&fields=id")["items"][0]["id"]
    return first, last


def ids_of(k, who):
    """A file with ids that a reader sees."""
    path, wanted = WORK / "ids", 20000
    found, cursor = [], ""
    while len(found) < wanted and cursor is not None:
        page = k.get("/api/v1/contacts?limit=500&fields=city&sort=city%s" % cursor, who)
        found += [item["id"] for item in page["items"]]
        cursor = "&cursor=" + page["next"] if page["next"] else None
    path.write_text("".join("%d\n" % one for one in found))
    return path


def part_record(home):
    with Kontor(home) as k, floor_server() as f:
        for who, head in k.heads.items():
            ids = ids_of(k, who)
            for c in (16, 64):
                mine, base = [], []
                for _ in range(rounds):
                    mine.append(k.load("/api/v1/contacts/%s", c=c, lines=ids, head=head))
                    base.append(f.load("/pk/bw", c=c))
                compare("record by id, %s, %d clients" % (who, c), "≤ 2.5 ×", 2.5, mine, base)


def cursors_of(k, who):
    """A file with beginnings of pages all over the list."""
    path, cursor, found = WORK / "cursors", "", ["&"]
    while cursor is not None and len(found) < 400:
        page = k.get("/api/v1/contacts?limit=500&fields=city%s" % cursor, who)
        cursor = "&cursor=" + page["next"] if page["next"] else None
        found += [cursor] if cursor else []
    path.write_text("".join("%s\n" % one for one in found))
    return path


def part_list(home):
    with Kontor(home) as k, floor_server() as f:
        for who, head in k.heads.items():
            cursors = cursors_of(k, who)
            mine, base = [], []
            for _ in range(rounds):
                mine.append(k.load("/api/v1/contacts?fields=%s%%s" % FIELDS, c=16, lines=cursors,
                                   head=head))
                base.append(f.load("/li/bw", c=16))
            compare("list of 50, 12 columns, %s" % who, "≤ 1.6 ×", 1.6, mine, base)


LISTS = [
    ("list", "", None),
    ("list sorted by last name", "sort=-last_name", None),
    ("list, newest first", "sort=-created_at", None),
    ("list, last changed first", "sort=-updated_at", None),
    ("list sorted by company", "sort=company", None),
    ("list sorted by company, from the end", "sort=-company", None),
    ("filter owner and city", 'filter=owner = %s and city = "Berlin"', "owner"),
    ("filter city and name", 'filter=city = "Berlin" and last_name starts with "Mül"', None),
    ("filter company", 'filter=company = %s', "company"),
    ("filter company by its name", 'filter=company = "%s"', "name"),
]


def limit_row(what, runs, limit_ms):
    p95 = [run["p95_ms"] for run in runs]
    failed = sum(run["failed"] for run in runs)
    row(what, "p95 ≤ %d ms" % limit_ms, "p95 %s ms, p50 %s ms, %s µs%s" % (
        spread(p95), spread([run["p50_ms"] for run in runs]), spread([r["cpu_us"] for r in runs]),
        ", %d refused" % failed if failed else ""),
        "", float("inf") if failed else statistics.median(p95) / limit_ms, 1)


def part_lists(home):
    """One client without pause."""
    with Kontor(home) as k:
        (WORK / "words").write_text("".join(urllib.parse.quote(w) + "\n" for w in data.searches()))
        for who, head in k.heads.items():
            values = {"owner": str(k.get("/api/v1/me", who)["id"]) if who != "admin"
                      else str(k.get('/api/v1/users?filter=name%20=%20"User%2010"')["items"][0]["id"]),
                      "company": str(k.get("/api/v1/companies?limit=11")["items"][-1]["id"]),
                      "name": data.company(11)}
            for name, query, value in LISTS:
                query = query.replace("%s", values.get(value, ""))
                path = "/api/v1/contacts?" + urllib.parse.quote(query, safe="=&")
                limit_row("%s, %s" % (name, who), [
                    k.load(path, c=1, s=1, head=head, may_fail=True)
                    for _ in range(rounds)], 30)
            if data.NOTES:
                limit_row("list of notes, %s" % who, [
                    k.load("/api/v1/notes", c=1, s=1, head=head, may_fail=True) for _ in range(rounds)], 30)
            limit_row("duplicates, first page, %s" % who, [
                k.load("/api/v1/duplicates?entity=contact", c=1, s=2, head=head, may_fail=True)
                for _ in range(rounds)], 1500)
            limit_row("search, %s" % who, [
                k.load("/api/v1/search?q=%s", c=1, s=4 if data.NOTES else 2, lines=WORK / "words", head=head,
                       may_fail=True)
                for _ in range(rounds)], 30)


def part_board(home):
    with Kontor(home) as k:
        for who, head in k.heads.items():
            limit_row("board of 2,000 open deals, %s" % who, [
                k.load("/api/v1/boards/sales", c=1, s=1, head=head) for _ in range(rounds)], 30)


def make_told(home):
    """One company of which 10,000 notes tell, and 2,000 more of its people; written once."""
    if (home / "told").exists():
        return
    name = data.company(data.TOLD)
    with Kontor(home) as k:
        query = 'company = "%s"' % name
        people = [c["title"] for c in k.get("/api/v1/contacts?limit=50&filter=" + urllib.parse.quote(query))["items"]]
    cells = ["company: " + name] * 5 + ["contact: " + person for person in people[:1]]
    with open(home / "told.csv", "w", encoding="utf-8") as out:
        out.write("text,links\n")
        for i in range(12000):
            out.write("Note %d about the offer,%s\n" % (i, cells[i % len(cells)]))
    kontor(home, "import", "note", home / "told.csv")
    (home / "told").touch()


TIMELINES = [("timeline of 10,000 entries", ""), ("the same, with people and deals", "&with=related"),
             ("the same, by words", "&q=about offer"), ("the same, what is not there", "&q=zebra")]


def part_timeline(home):
    make_told(home)
    with Kontor(home) as k:
        query = urllib.parse.quote('name = "%s"' % data.company(data.TOLD))
        told = k.get("/api/v1/companies?filter=" + query)["items"][0]["id"]
        for who in ("admin", "a tenth"):
            for what, more in TIMELINES:
                path = "/api/v1/companies/%d/timeline?limit=50%s" % (told, more.replace(" ", "%20"))
                limit_row("%s, %s" % (what, who), [
                    k.load(path, c=1, s=1, head=k.heads[who]) for _ in range(rounds)], 50)


def part_export(home):
    """All contacts as CSV by the command line, which asks the daemon."""
    with Kontor(home, sign_in=False):
        for form in ("csv", "ndjson"):
            times = []
            for _ in range(rounds):
                at = time.monotonic()
                kontor(home, "export", "contact", "--format", form, "--out", WORK / "export")
                times.append(time.monotonic() - at)
            row("export of %d contacts, %s" % (data.CONTACTS, form), "≤ 0.6 s (3 × floor)",
                "%s s" % spread(times, "%.2f"), "", statistics.median(times) / 0.6, 1)


# ---- parts: writing ----------------------------------------------------------------------------
CREATE = json.dumps({
    "first_name": "Ada", "last_name": "Bench-%n", "emails": ["ada.%n@firma%d.example"],
    "phones": ["+49 30 %d"], "city": "Berlin", "country": "DE"})


CREATE_OPTIONS = {"method": "POST", "body": CREATE, "expect": 201, "r": "1000000-9999999"}


def create(k, who="admin", **options):
    return k.load("/api/v1/contacts", head=k.heads[who], **CREATE_OPTIONS, **options)


def create_command(k, **options):
    return load_command(k.port, k.pid, "/api/v1/contacts", head=k.heads["admin"],
                        **CREATE_OPTIONS, **options)


def part_write(home):
    copy = copy_of(home)
    with Kontor(copy) as k:
        mine, base = {who: [] for who in READERS}, []
        for turn in range(rounds):
            for who, runs in mine.items():
                runs.append(create(k, who, c=64))
            subprocess.run(["rm", "-f", WORK / "write.db", WORK / "write.db-wal",
                            WORK / "write.db-shm"], check=True)
            shutil.copyfile(WORK / "linked.db", WORK / "write.db")
            base.append(json.loads(subprocess.check_output(
                [FLOOR / "floor-write", WORK / "write.db", "2", "32"])))
        for who, runs in mine.items():
            compare("durable create, %s, 64 clients" % who, "≤ 2 ×", 2, runs, base)
        alone = [create(k, c=1) for _ in range(rounds)]
        row("durable create, 1 client", "", "%s µs, %s/s, p95 %s ms" % (
            spread([r["cpu_us"] for r in alone]),
            spread([r["requests"] / r["seconds"] for r in alone], "%.0f"),
            spread([r["p95_ms"] for r in alone])))


def make_kept():
    """A database of the same size for the write floor: indexes cost by their depth."""
    if not (WORK / "linked.db").exists():
        subprocess.check_call([FLOOR / "floor-import", WORK / "linked.db", str(data.CONTACTS), "cx"],
                              stdout=subprocess.DEVNULL)


def part_sync(home):
    copy = copy_of(home)
    with Kontor(copy) as k:
        counts = WORK / "strace"
        counter = None
        if shutil.which("strace"):
            counter = subprocess.Popen(["strace", "-f", "-c", "-e", "trace=fdatasync,fsync", "-o",
                                        counts, "-p", str(k.pid)], stderr=subprocess.DEVNULL)
            time.sleep(1)
        before = k.get("/api/v1/status")
        runs = create(k, c=64, s=3)["requests"]
        after = k.get("/api/v1/status")
        if counter:
            counter.send_signal(signal.SIGINT)
            counter.wait(30)
            calls = sum(int(n) for n in re.findall(r"(\d+)\s+(?:\d+\s+)?f(?:data)?sync\b",
                                                   counts.read_text()))
        else:
            calls = after["groups"] - before["groups"]
        row("fdatasync per create, 64 clients", "≤ 0.1", "%.3f (%d for %d creates, %s)" % (
            calls / runs, calls, runs, "strace" if counter else "groups"), "", calls / runs, 0.1)


def cpu_seconds(pid):
    part = pathlib.Path("/proc/%d/stat" % pid).read_text().rsplit(") ", 1)[1].split()
    return (int(part[11]) + int(part[12])) / os.sysconf("SC_CLK_TCK")


def import_once(home):
    """Seconds of an import of 100,000 rows, its CPU, and how single writes went meanwhile. The CPU
    is that of the whole daemon less what as many single writes cost without an import."""
    with Kontor(copy_of(home)) as k:
        alone = create(k, c=1, s=2, think=20)["cpu_us"] / 1e6
        time.sleep(2)  # the log is empty again
        at, used = time.monotonic(), cpu_seconds(k.pid)
        child = subprocess.Popen([KONTOR, "import", "contact", home / "more.csv", "--match",
                                  "emails", "--data", k.home / "data", "--conf", k.home / "conf"],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, text=True)
        writer = subprocess.Popen(create_command(k, c=1, s=3600, think=20), stdout=subprocess.PIPE)
        said, _ = child.communicate()
        seconds, used = time.monotonic() - at, cpu_seconds(k.pid) - used
        writer.send_signal(signal.SIGTERM)
        single = json.loads(writer.communicate()[0])
        if not said.startswith("%d created" % data.MORE) or single["failed"]:
            raise SystemExit("the import or a write beside it did not take: " + said)
        return {"s": seconds, "cpu": used - single["requests"] * alone, "single": single}


def floor_import(name, mode, section):
    """The same number of rows by plain statements into a database of the same size."""
    base, database = WORK / name, WORK / "import.db"
    if not base.exists():
        subprocess.check_call([FLOOR / "floor-import", base, str(data.CONTACTS), mode],
                              stdout=subprocess.DEVNULL)
    shutil.copyfile(base, database)
    os.sync()
    out = subprocess.check_output([FLOOR / "floor-import", database, str(data.MORE), mode,
                                   str(data.CONTACTS), str(section)], text=True)
    for end in ("", "-wal", "-shm"):
        database.with_name("import.db" + end).unlink(missing_ok=True)
    found = re.search(r"total ([\d.]+)s, CPU ([\d.]+)s", out)
    return {"s": float(found.group(1)), "cpu": float(found.group(2))}


def floor_of_a_million():
    """A tenth of a live import of 1,000,000 rows into a new database: the floor PERFORMANCE.md goes
    by (the platform's own program says `mkdb DB 1000000 ciFa`)."""
    database = WORK / "million.db"
    out = subprocess.check_output([FLOOR / "floor-import", database, "1000000", "ciFa"], text=True)
    for end in ("", "-wal", "-shm"):
        database.with_name("million.db" + end).unlink(missing_ok=True)
    found = re.search(r"total ([\d.]+)s, CPU ([\d.]+)s", out)
    return {"s": float(found.group(1)) / 10, "cpu": float(found.group(2)) / 10}


def times(runs):
    return "%s s, CPU %s s" % (spread([r["s"] for r in runs]), spread([r["cpu"] for r in runs]))


def part_import(home):
    """100,000 contacts into 200,000 with 20,000 companies, while somebody else saves one at a time.

    The floor is a tenth of a live import of 1,000,000 rows, measured once per run (floor/import.c,
    mode ciFa: the row, three indexes, full text by a trigger, one audit row; into a new database
    with synchronous=NORMAL and 256 MB of cache, in transactions of 10,000 rows, without anybody
    else, without matching, links, versions or undo). Three more lines hide nothing: the same
    100,000 rows into a database that has 200,000, with Kontor's 64 MB of cache and
    synchronous=FULL, which a small database makes easier than the million; that in slices of 500
    rows, between which single writes get in, as Kontor has to; and in such slices everything Kontor
    keeps of a contact (nine indexes, handles, change rows, two full-text tables), matched by e-mail
    and linked to a company. The floors write the rows as they come; Kontor, where nothing hangs on
    the order of the file, in that of the titles. No ratio subtracts anything for the single writes;
    only the CPU shown does.
    """
    million = [floor_of_a_million()]
    base, slices, kept, mine = [], [], [], []
    for _ in range(rounds):
        base.append(floor_import("live.db", "ciFa", 10000))
        slices.append(floor_import("live.db", "ciFa", 500))
        kept.append(floor_import("linked.db", "cx", 500))
        mine.append(import_once(home))
    for what, goal, limit, floor in (
            ("import of 100,000 contacts, matched; floor: a tenth of 1,000,000 live, once", "≤ 2 ×",
             2, million),
            ("the same; floor: 100,000 live into 200,000", "", None, base),
            ("the same; that floor in slices of 500 rows", "", None, slices),
            ("the same; floor in slices keeps what Kontor keeps", "", None, kept)):
        row(what, goal, times(mine), times(floor), statistics.median(r["s"] for r in mine) /
            statistics.median(r["s"] for r in floor), limit)
    single = [r["single"] for r in mine]
    p95 = [run["p95_ms"] for run in single]
    row("single writes meanwhile", "p95 ≤ 100 ms", "p95 %s ms, p50 %s ms, most %s ms" % (
        spread(p95), spread([run["p50_ms"] for run in single]),
        spread([run["max_ms"] for run in single])), "", statistics.median(p95) / 100, 1)


def touch_workers(k):
    """Lists on connections of their own: each takes the worker that has waited longest."""
    for _ in range(1100):
        k.get("/api/v1/contacts?limit=50")
    time.sleep(13)  # after ten without a request caches are given up


def part_start(home):
    """exec to the first answer of a list; memory when nothing was asked yet and at rest."""
    first, idle, rest, used = [], [], [], []
    for _ in range(max(rounds, 5)):
        with Kontor(home, sign_in=False) as k:
            Client(k.port).get("/healthz")
            first.append((time.monotonic() - k.started) * 1e3)
            k.heads = {"admin": k.sign_in(data.ADMIN)}
            k.get("/api/v1/contacts")
            time.sleep(2)
            idle.append(k.memory())
            k.load("/api/v1/contacts?sort=last_name", c=64, s=1, head=k.heads["admin"])
            time.sleep(3)
            rest.append(k.memory())
            touch_workers(k)
            used.append(k.memory())
    row("exec to first answer", "≤ 300 ms", "%s ms" % spread(first, "%.0f"), "",
        statistics.median(first) / 300, 1)
    row("RssAnon idle, after the first list", "≤ 60 MB", "%s MB" % spread(idle), "",
        statistics.median(idle) / 60, 1)
    row("RssAnon at rest after load of 64 clients", "", "%s MB" % spread(rest))
    row("RssAnon at rest when every worker has sent a list", "≤ 60 MB", "%s MB" % spread(used), "",
        statistics.median(used) / 60, 1)


PAGES = 200
MORE = "user1@bench.example"
IDLE_S = 20


def open_pages(k):
    """As many streams of live changes as 200 browsers that nobody touches have open."""
    pages = []
    kontor(k.home, "user", "password", "--email", MORE, "--password-file", k.home / "password")
    readers = [*k.heads.values(), k.sign_in(MORE)]  # one user has at most 64
    for n in range(PAGES):
        page = socket.create_connection(("127.0.0.1", k.port), timeout=10)
        lines = ["GET /api/v1/events HTTP/1.1", "Host: 127.0.0.1:%d" % k.port, *readers[n % len(readers)]]
        page.sendall("\r\n".join([*lines, "", ""]).encode())
        if b" 200 " not in page.recv(4096):
            raise SystemExit("page %d has no stream" % n)
        pages.append(page)
    return pages


def part_live(home):
    shares = []
    for _ in range(rounds):
        with Kontor(home) as k:
            pages = open_pages(k)
            time.sleep(3)
            before = cpu_seconds(k.pid)
            time.sleep(IDLE_S)
            shares.append((cpu_seconds(k.pid) - before) / IDLE_S * 100)
            for page in pages:
                page.close()
    row("%d open browsers, idle" % PAGES, "≤ 1.5 % of a core", "%s %%" % spread(shares, "%.2f"), "",
        statistics.median(shares) / 1.5, 1)


def worker_ns(pid, tids):
    """CPU time of some threads, in nanoseconds: exact where the clock of a process has ticks of 10 ms."""
    return sum(int(pathlib.Path("/proc/%d/task/%s/schedstat" % (pid, tid)).read_text().split()[0])
               for tid in tids)


def busy_threads(k, client):
    """The threads that answer this connection."""
    before = {tid: worker_ns(k.pid, [tid]) for tid in os.listdir("/proc/%d/task" % k.pid)}
    for _ in range(10):
        client.get("/api/v1/search?q=anna")
    return [tid for tid in before if worker_ns(k.pid, [tid]) - before[tid] > 50_000]


def part_search(home):
    """CPU time of each search, the median of three: what else the machine does hardly changes it."""
    with Kontor(home) as k:
        for who, head in k.heads.items():
            client = Client(k.port)
            client.headers = dict(line.split(": ", 1) for line in head)
            tids, spent, worst = busy_threads(k, client), [], (0, "")
            for text in data.searches():
                three = []
                for _ in range(3):
                    before = worker_ns(k.pid, tids)
                    answer = client.get("/api/v1/search?q=" + urllib.parse.quote(text))
                    three.append((worker_ns(k.pid, tids) - before) / 1e6)
                    if answer.status != 200:
                        raise SystemExit("%s: %r" % (text, answer))
                spent.append(statistics.median(three))
                worst = max(worst, (spent[-1], text))
            spent.sort()
            p95 = spent[int(len(spent) * 0.95)]
            row("CPU of a search, %s" % who, "p95 ≤ 30 ms",
                "p95 %.1f ms, p50 %.1f ms, most %.1f ms (“%s”), %d texts" % (
                    p95, spent[len(spent) // 2], *worst, len(spent)), "", p95 / 30, 1)


LARGE_PARTS = ("search", "lists", "board", "timeline", "start")
PARTS = {name[5:]: part for name, part in list(globals().items()) if name.startswith("part_")}


# ---- the table ---------------------------------------------------------------------------------
def machine():
    cpu = re.search(r"model name\s*:\s*(.+)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return "%d cores (%s), %d GB, Linux %s, load average %.1f" % (
        os.cpu_count(), cpu.group(1).strip() if cpu else "unknown", int(memory.group(1)) >> 20,
        os.uname().release.split("-")[0], os.getloadavg()[0])


def table():
    head = ("What", "Goal", "Kontor", "Floor", "Ratio", "Met", "")
    lines = ["| %s |" % " | ".join(head[:6]), "|%s" % ("---|" * 6)]
    return "\n".join(lines + ["| %s |" % " | ".join(line[:6]) for line in rows]) + "\n"


def write_results():
    floor = "the platform's programs" if (FLOOR / "limits-srv").exists() else "floor/"
    (SOURCE / "test" / "bench" / "RESULTS.md").write_text("""# Figures

Written by `bash test/bench/run`, %s, on %s. Median (least-most) of %d rounds in which Kontor and
the floor took turns; µs are CPU time of the server per request; client and server share the cores.
Data: %d contacts, %d companies, %d open deals. Floor of reads: %s; of creates: floor/write.c, which
writes the rows and indexes that Kontor keeps; of the import: floor/import.c, by plain statements,
into a new database for the line with a goal, else into one of the same size. CPU of the import is
without that of the single writes beside it. Where there is no floor, the ratio is that to the limit.

""" % (time.strftime("%Y-%m-%d"), machine(), rounds, data.CONTACTS, data.COMPANIES, data.DEALS,
       floor) + table())


def write_large():
    (SOURCE / "test" / "bench" / "RESULTS-LARGE.md").write_text("""# Figures of the large size

Written by `bash test/bench/run --large`, %s, on %s. Median (least-most) of %d rounds; µs are CPU
time of the server per request; client and server share the cores. Data: %d contacts, %d companies,
%d notes, %d open deals. The ratio is that to the limit.

""" % (time.strftime("%Y-%m-%d"), machine(), rounds, data.CONTACTS, data.COMPANIES, data.NOTES,
       data.DEALS) + table())


def main(args):
    global rounds
    wanted, fresh = [], False
    while args:
        arg = args.pop(0)
        if arg == "--rounds":
            rounds = int(args.pop(0))
        elif arg == "--large":
            data.make_large()
        elif arg == "--fresh":
            fresh = True
        elif arg in PARTS:
            wanted.append(arg)
        else:
            raise SystemExit("there is no part %s; there are: %s" % (arg, " ".join(PARTS)))
    home = make_data(fresh)
    if not data.NOTES:
        make_kept()
    for name in wanted or (LARGE_PARTS if data.NOTES else PARTS):
        PARTS[name](home)
    print("\n" + table())
    if not wanted:
        (write_large if data.NOTES else write_results)()


main(sys.argv[1:])
