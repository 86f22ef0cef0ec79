#!/usr/bin/python3
"""A disk that fails. Full (a small tmpfs): writes answer 507, reads go on, health and status say so, and it works again without a
restart when there is space. Broken (fdatasync and pwrite64 answer EIO, by strace): not one more write is acknowledged, the process
ends with 74 within a second, and what was acknowledged is there after the restart."""
import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time

from kontor import ADMIN, Client, Kontor, check, equal, finish, skip, test

FATAL = 74


@contextlib.contextmanager
def small_disk():
    """A tmpfs of 24 MB; None when this may not mount."""
    folder = tempfile.mkdtemp(prefix="kontor-disk-")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], capture_output=True).returncode == 0
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "-l", folder], capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def on_small_disk(name, run, serving=True):
    """run(name, k, disk) with a system whose data are on a small disk; `name` is skipped where there is none."""
    with small_disk() as disk:
        if not disk:
            skip(name, "no right to mount a small disk")
            return
        k = Kontor(init=False)
        try:
            k.data = k.data.__class__(disk) / "data"
            k.init()
            if serving:
                k.start()
            run(name, k, disk)
        finally:
            k.close()


def fill(path, keep=0):
    """Takes all space there is, or all but `keep` bytes."""
    out = os.open(path, os.O_WRONLY | os.O_CREAT)
    if keep:
        room = os.statvfs(os.path.dirname(path))
        os.posix_fallocate(out, 0, room.f_bavail * room.f_frsize - keep)
        os.close(out)
        return
    for size in (1 << 20, 1 << 12):
        try:
            while os.write(out, b"x" * size) > 0:
                pass
        except OSError:
            continue
    os.close(out)


def upload(k, disk, part):
    """Sends so much of the free space as a file to import."""
    job = k.admin.post("/api/v1/imports", {"entity": "company", "file_name": "huge.csv"}).json["id"]
    room = os.statvfs(disk)
    line = b"x" * 1999 + b"\n"
    rows = b"name\n" + line * int(room.f_bavail * room.f_frsize * part / len(line))
    return k.admin.request("PUT", "/api/v1/imports/%d/data" % job, rows, headers={"Content-Type": "text/csv"})


def leaves_room(disk, act):
    """What is done answers 507, and a twentieth of the disk stays free all the time, but for what the log takes."""
    room = os.statvfs(disk)
    free, done = [], threading.Event()

    def watch():
        while not done.is_set():
            free.append(os.statvfs(disk).f_bavail * room.f_frsize)
    watcher = threading.Thread(target=watch)
    watcher.start()
    answer = act()
    done.set()
    watcher.join()
    assert answer.status == 507, answer
    assert min(free) > room.f_blocks * room.f_frsize // 25, min(free)


def waits_for_room(k, disk):
    """An import whose file has come runs out of room, says so, and goes on by itself."""
    rows = "name\n" + "".join("Room %d %s\n" % (i, "z" * 40) for i in range(12000))
    job = k.admin.post("/api/v1/imports", {"entity": "company", "file_name": "room.csv"}).json["id"]
    fill(disk + "/ballast", keep=3 << 20)
    sent = k.admin.request("PUT", "/api/v1/imports/%d/data" % job, rows.encode(), headers={"Content-Type": "text/csv"})
    assert sent.status == 200, sent
    status = lambda: k.admin.get("/api/v1/imports/%d" % job).json
    end = time.monotonic() + 60
    while not (status()["error"] or status()["state"] == "done") and time.monotonic() < end:
        time.sleep(0.1)
    assert status()["error"] and status()["state"] in ("waiting", "running"), status()
    time.sleep(12)
    assert status()["state"] in ("waiting", "running"), status()
    os.unlink(disk + "/ballast")
    end = time.monotonic() + 75
    while status()["state"] != "done" and time.monotonic() < end:
        time.sleep(0.2)
    assert (status()["state"], status()["created"]) == ("done", 12000), status()
    assert k.log().count("job %d" % job) <= 5, k.log()[-1500:]


def half_a_bulk(name, k, disk):
    k.must("import", "company", k.file("name\n" + "".join("Room %d\n" % i for i in range(6000))))
    with test(name):
        bulk_meets_a_full_disk(k, disk)


def bulk_meets_a_full_disk(k, disk):
    """What is done in part is not called nothing: the answer names the change and its job, which goes on by itself."""
    body = {"filter": 'name starts with "Room"', "set": {"city": "Flensburg " + "x" * 60}}
    caller = Client(k.port)
    caller.sign_in(ADMIN)
    time.sleep(3)  # the log is emptied when nothing happens
    fill(disk + "/ballast", keep=2 << 20)
    send = lambda: caller.post("/api/v1/companies/bulk", body, headers={"Idempotency-Key": "full"}, timeout=60)
    answer = send()
    error = answer.json["error"]
    assert (answer.status, error["code"]) == (503, "unfinished") and "nothing" not in error["text"], answer
    again = send()
    assert (again.status, again.json["change"], again.json["job"]) == (202, error["change"], error["job"]), again
    os.unlink(disk + "/ballast")
    left = 'filter=name starts with "Room" and not city starts with "Flensburg"&limit=1'
    end = time.monotonic() + 100
    while (count := k.admin.get("/api/v1/companies?" + left).json["count"]) and time.monotonic() < end:
        time.sleep(0.5)
    assert count == 0, count


def ends_the_command(k, disk, serving):
    """Nobody waits in front of a full disk: the command ends, names job and change, and the import goes on when there is room."""
    name = "Served" if serving else "Alone"
    time.sleep(3 if serving else 0)
    fill(disk + "/ballast", keep=3 << 20)
    rows = "name\n" + "".join("%s %d %s\n" % (name, i, "z" * 60) for i in range(9000))
    told = k.run("import", "company", k.file(rows, name + ".csv"), timeout=60)
    assert told.returncode == 1, told
    assert re.search(r"job \d+, change \d+, \d+ of 9000 rows", told.stderr) and "kontor undo" in told.stderr, told.stderr
    assert told.stderr.count("The disk is full: what") <= 1, told.stderr
    if serving:
        time.sleep(3)
        assert "\nkontor_disk_full 1\n" in k.admin.get("/metrics").text, k.admin.get("/metrics").text[:2000]
        assert k.client().get("/healthz").json == {"ok": False, "text": "The disk is full."}
    os.unlink(disk + "/ballast")
    if not serving:
        k.start()
    end = time.monotonic() + 75
    count = lambda: k.admin.get('/api/v1/companies?filter=name starts with "%s"&limit=1' % name).json["count"]
    while count() != 9000 and time.monotonic() < end:
        time.sleep(0.3)
    assert count() == 9000, count()
    assert k.client().get("/healthz").json == {"ok": True}


def import_of_a_command(name, k, disk):
    with test(name):
        ends_the_command(k, disk, serving=k.process is not None)


def full(name, k, disk):
    made = [k.admin.post("/api/v1/companies", {"name": "Before %d" % n, "city": "Kiel"}).json["id"] for n in range(50)]
    with test("disk_full__an_upload_leaves_room_for_others"):
        leaves_room(disk, lambda: upload(k, disk, 1.0))
    with test("disk_full__the_decoded_copy_of_an_upload_leaves_room"):
        leaves_room(disk, lambda: upload(k, disk, 0.48))
    with test("disk_full__a_copy_of_the_database_leaves_room"):
        k.must("import", "company", k.file("name\n" + "".join("Many %d\n" % n for n in range(2000))))
        room = os.statvfs(disk)
        fill(disk + "/ballast", keep=room.f_blocks * room.f_frsize // 20 + os.path.getsize(k.data / "kontor.db") // 2)
        backup = str(k.top / "large.backup")
        trial = {"filter": 'name starts with "Many"', "set": {"city": "Ulm"}}
        leaves_room(disk, lambda: k.admin.post("/api/v1/companies/bulk?dry_run=1", trial))
        assert k.run("backup", backup).returncode == 1 and not os.path.exists(backup)
        os.unlink(disk + "/ballast")
    fill(disk + "/ballast")
    statuses = []
    with test(name):
        for n in range(2000):
            answer = k.admin.post("/api/v1/companies", {"name": "Full %d %s" % (n, "x" * 150)})
            statuses.append(answer.status)
            if answer.status != 201:
                break
        assert statuses[-1] == 507, answer
        assert answer.json["error"]["code"], answer
        assert k.admin.patch("/api/v1/companies/%d" % made[0], {"city": "Ulm " * 40}).status in (200, 507)
    acknowledged = statuses.count(201)
    with test("disk_full__reads_go_on"):
        for path in ("/api/v1/companies?sort=city", "/api/v1/companies/%d" % made[0], "/api/v1/search?q=before", "/api/v1/meta",
                     "/api/v1/changes", "/api/v1/boards/sales"):
            assert k.admin.get(path).status == 200, path
    with test("disk_full__health_and_status_say_so"):
        assert k.client().get("/healthz").json["ok"] is False
        assert any("full" in problem for problem in k.admin.get("/api/v1/status").json["problems"])
    with test("disk_full__nothing_is_there_in_part"):
        assert k.admin.get('/api/v1/companies?filter=name starts with "Full"&limit=1').json["count"] == acknowledged
        rejected = k.run("import", "company", k.file("name\n" + "".join("Half %d %s\n" % (i, "y" * 100) for i in range(5000))),
                         timeout=60)
        assert rejected.returncode == 1, rejected
    with test("disk_full__works_again_without_a_restart"):
        os.unlink(disk + "/ballast")
        process = k.process.pid
        end = time.monotonic() + 10
        while (answer := k.admin.post("/api/v1/companies", {"name": "After"})).status != 201 and time.monotonic() < end:
            time.sleep(0.1)
        assert answer.status == 201 and k.process.pid == process and k.process.poll() is None, answer
        assert k.client().get("/healthz").json["ok"] is True
        assert not any("full" in problem for problem in k.admin.get("/api/v1/status").json["problems"])
    with test("disk_full__left_all_or_nothing_of_the_import"):
        end = time.monotonic() + 90
        while time.monotonic() < end:
            half = k.admin.get('/api/v1/companies?filter=name starts with "Half"&limit=1').json["count"]
            if half in (0, 5000):
                break
            time.sleep(0.5)
        assert half in (0, 5000), half
    k.stop()
    check("disk_full__the_log_speaks_plainly", "checkpoint" not in k.log(), k.log()[-1500:])
    backup = str(k.top / "full.backup")
    equal("disk_full__database_is_sound", (0, 0), (k.run("backup", backup).returncode, k.run("verify", backup).returncode))
    k.start()
    with test("disk_full__a_job_goes_on_when_there_is_room"):
        waits_for_room(k, disk)
    k.stop()


def broken(call, when):
    name = "disk_error__%s_" % call
    k = Kontor(start=False)
    k.wrap = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e", "inject=%s:error=EIO:when=%d+" % (call, when)]
    try:
        k.start()
    except AssertionError:
        skip(name + "ends_the_process", "strace does not work here")
        k.close()
        return
    acknowledged, failed = [], []
    caller = Client(k.port)
    caller.sign_in(ADMIN)
    headers = dict(caller.headers)
    first_failure = [None]

    def write(number):
        client = Client(k.port)
        client.headers = dict(headers)
        try:
            for n in range(400):
                answer = client.post("/api/v1/companies", {"name": "E %d %d" % (number, n)}, timeout=10)
                at = time.monotonic()
                if answer.status == 201:
                    acknowledged.append((at, answer.json["id"]))
                else:
                    failed.append((at, answer.status))
                    first_failure[0] = min(first_failure[0] or at, at)
                    return
        except Exception:
            first_failure[0] = min(first_failure[0] or time.monotonic(), time.monotonic())
    with test(name + "ends_the_process"):
        threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join(30)
        assert first_failure[0], "no write failed: %d acknowledged" % len(acknowledged)
        code = k.process.wait(10)
        took = time.monotonic() - first_failure[0]
        assert code == FATAL, "exit %r; %s" % (code, k.log()[-600:])
        assert took < 1.5, "%.2f s" % took
        assert len(acknowledged) > 5, "only %d acknowledged before the failure" % len(acknowledged)
        late = [a for a in acknowledged if failed and a[0] > min(f[0] for f in failed) + 0.05]
        assert not late, "%d acknowledged after the failure" % len(late)
        assert all(status in (503, 507) for _, status in failed), failed
    if k.process and k.process.poll() is None:
        k.kill()
    k.process, k.wrap = None, []
    with test(name + "loses_nothing_acknowledged"):
        k.start()
        there = {item["id"] for item in k.admin.items("/api/v1/companies?limit=500&fields=id")}
        missing = [i for _, i in acknowledged if i not in there]
        assert not missing, missing[:5]
        k.stop()
        backup = str(k.top / "broken.backup")
        assert k.run("backup", backup).returncode == 0 and k.run("verify", backup).returncode == 0
    k.close()


def attachment(name, k, disk):
    """A file that does not fit answers 507 and leaves nothing, one that was acknowledged stays; the rest of the firm goes on."""
    with test(name):
        person = k.admin.post("/api/v1/contacts", {"last_name": "Room"}).json["id"]
        send = lambda size: k.admin.request("POST", "/api/v1/contacts/%d/files?name=f" % person, b"x" * size,
                                            headers={"Content-Type": "text/plain"})
        kept = send(100000)
        assert kept.status == 201, kept
        room = os.statvfs(disk)
        leaves_room(disk, lambda: send(room.f_bavail * room.f_frsize * 97 // 100))
        fill(disk + "/ballast", keep=5 << 20)
        answer = send(6 << 20)
        assert answer.status == 507 and "room" in answer.json["error"]["text"], answer
        os.unlink(disk + "/ballast")
        assert sorted(os.listdir(k.data / "files")) == [kept.json["hash"][:2]], os.listdir(k.data / "files")
        assert k.admin.get("/api/v1/files/%d" % kept.json["id"]).body == b"x" * 100000
        assert send(200).status == 201


on_small_disk("disk_full__writes_answer_507", full)
on_small_disk("disk_full__refuses_a_file_that_does_not_fit", attachment)
on_small_disk("disk_full__a_long_write_says_what_it_has_done", half_a_bulk)
on_small_disk("disk_full__ends_an_import_of_the_command_line", import_of_a_command, serving=False)
on_small_disk("disk_full__ends_an_import_through_the_daemon", import_of_a_command)
if shutil.which("strace"):
    broken("fdatasync", 40)
    broken("pwrite64", 600)
else:
    skip("disk_error__fdatasync_ends_the_process", "strace is not installed")
finish()
