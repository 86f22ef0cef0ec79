#!/usr/bin/python3
"""Where commands write: files behind symbolic links, pipes, devices, /dev/fd, a standard output that fails; and that an import
that is done says so, whatever becomes of the file of rejected rows."""
import json
import os
import stat
import subprocess
import threading

from kontor import Kontor, check, contains, equal, finish, skip, test

MIXED = "name,employees\nGood %s,5\nBad %s,many\n"


def started(k, *args, **more):
    """kontor ARGS by hand: descriptors, standard output and working folder as the test wants them."""
    more = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.run([k.binary, *map(str, args), "--data", str(k.data), "--conf", str(k.conf)], text=True, timeout=120, **more)


def read_behind(path, call):
    """What comes out of a pipe with a name while call() runs; and what call() gives."""
    got = []
    reader = threading.Thread(target=lambda: got.append(open(path, "rb").read()), daemon=True)
    reader.start()
    result = call()
    reader.join(10)
    return (got[0].decode() if got else None), result


def names(k):
    return sorted(p.name for p in k.top.iterdir() if p.name.endswith((".part", ".csv", ".backup")) or p.name == "-")


def links(k):
    wanted = k.must("export", "company", "--format", "ndjson")
    (k.top / "far").mkdir()
    for name, target in (("relative.ndjson", "far/relative.ndjson"), ("absolute.ndjson", str(k.top / "far/absolute.ndjson"))):
        with test("outputs__export_writes_behind_a_link_" + name):
            link = k.top / name
            link.symlink_to(target)
            for _ in range(2):  # not there yet, and there
                k.must("export", "company", "--format", "ndjson", "--out", link)
                assert link.is_symlink() and (k.top / "far" / name).read_text() == wanted
    with test("outputs__backup_writes_behind_a_link"):
        link = k.top / "link.backup"
        link.symlink_to("far/real.backup")
        k.must("backup", link)
        assert link.is_symlink() and not (k.top / "far/real.backup").is_symlink()
        k.must("verify", link)
        assert not list((k.top / "far").glob("*.part")) and not list((k.top / "far").glob("*.check*"))
    with test("outputs__links_in_a_circle_are_told"):
        (k.top / "round").symlink_to("round")
        result = k.run("export", "company", "--out", k.top / "round")
        assert result.returncode == 1 and "cannot write %s" % (k.top / "round") in result.stderr, result
    with test("outputs__a_folder_is_told"):
        result = k.run("export", "company", "--out", k.top / "far")
        assert result.returncode == 1 and "cannot write %s: Is a directory" % (k.top / "far") in result.stderr, result


def pipes(k):
    wanted = k.must("export", "company", "--format", "ndjson")
    pipe = k.top / "pipe"
    os.mkfifo(pipe)
    with test("outputs__export_streams_into_a_pipe"):
        text, result = read_behind(pipe, lambda: k.run("export", "company", "--format", "ndjson", "--out", pipe, timeout=20))
        assert result.returncode == 0 and text == wanted, (result, text)
        assert stat.S_ISFIFO(os.lstat(pipe).st_mode), "the pipe was replaced"
    with test("outputs__export_streams_into_an_open_file"):
        reader, writer = os.pipe()
        result = started(k, "export", "company", "--format", "ndjson", "--out", "/dev/fd/%d" % writer, pass_fds=[writer])
        os.close(writer)
        assert result.returncode == 0 and os.read(reader, 1 << 20).decode() == wanted, result
        os.close(reader)
    with test("outputs__export_into_an_open_file_goes_behind_what_is_there"):
        with open(k.top / "open.txt", "w", encoding="utf-8") as file:
            file.write("before\n")
            file.flush()
            result = started(k, "export", "company", "--format", "ndjson", "--out", "/dev/fd/%d" % file.fileno(), pass_fds=[file.fileno()])
        text = (k.top / "open.txt").read_text()
        assert result.returncode == 0 and text == "before\n" + wanted, (result, text)
    with test("outputs__export_to_a_dash_is_standard_output"):
        result = started(k, "export", "company", "--format", "ndjson", "--out", "-", cwd=k.top)
        assert result.returncode == 0 and result.stdout == wanted and not (k.top / "-").exists(), result
    with test("outputs__backup_refuses_a_pipe_and_leaves_it"):
        result = k.run("backup", pipe, timeout=20)
        assert result.returncode == 1 and "cannot write %s" % pipe in result.stderr, result
        assert stat.S_ISFIFO(os.lstat(pipe).st_mode), "the pipe was replaced"
    for command in ("verify", "restore"):
        for what in (pipe, k.top / "far"):
            result = subprocess.run([k.binary, command, str(what), "--data", str(k.top / "none"), "--conf", str(k.conf)],
                                    capture_output=True, text=True, timeout=20)
            check("outputs__%s_of_a_%s_is_refused" % (command, what.name), result.returncode == 1 and
                  result.stderr == "kontor: %s is not a file.\n" % what, result)
    with test("outputs__backup_to_a_dash_is_refused"):
        result = started(k, "backup", "-", cwd=k.top)
        assert result.returncode == 2 and "file" in result.stderr and not (k.top / "-").exists(), result
    with test("outputs__rejects_to_a_dash_are_refused_before_anything_is_done"):
        result = started(k, "import", "company", k.file(MIXED % ("d", "d"), "dash.csv"), "--rejects", "-", cwd=k.top)
        assert result.returncode == 2 and "--rejects" in result.stderr and not (k.top / "-").exists(), result
        assert k.admin.get('/api/v1/companies?filter=name = "Good d"').json["count"] == 0


def devices(k):
    """On a device of our own: whoever may make one may also harm those of the machine."""
    device = k.top / "null"
    try:
        os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        with open(device, "wb") as file:
            file.write(b"x")
    except OSError as error:
        skip("outputs__devices_are_never_replaced", "cannot make one: %s" % error)
        return
    with test("outputs__devices_are_never_replaced"):
        done = [k.run("export", "company", "--out", device), k.run("backup", device)]
        assert [d.returncode for d in done] == [0, 1] and str(device) in done[1].stderr, done
        assert stat.S_ISCHR(os.lstat(device).st_mode) and not list(k.top.glob("null.*")), list(k.top.glob("null*"))


def rejects(k):
    with test("outputs__rejects_never_replace_those_of_before"):
        path = k.file(MIXED % ("a", "a"), "again.csv")
        k.file("half corrected\n", "again-rejects.csv")
        told = [json.loads(started(k, "import", "company", path, "--match", "name", "--json").stdout)["rejects_file"] for _ in range(2)]
        assert [os.path.basename(t) for t in told] == ["again-rejects-2.csv", "again-rejects-3.csv"], told
        assert (k.top / "again-rejects.csv").read_text() == "half corrected\n"
        assert all("Bad a" in open(t).read() for t in told)
    with test("outputs__rejects_that_are_named_go_there"):
        named = k.file("old\n", "named.csv")
        result = started(k, "import", "company", k.file(MIXED % ("n", "n"), "n.csv"), "--rejects", named)
        assert result.returncode == 3 and "Bad n" in open(named).read(), result
    for what, args in (("cannot_be_written", ["--rejects", k.top / "nowhere/x.csv"]), ("is_a_folder", ["--rejects", k.top])):
        with test("outputs__an_import_is_done_though_its_rejects_file_" + what):
            result = started(k, "import", "company", k.file(MIXED % (what, what), what + ".csv"), *args)
            assert result.returncode == 3 and "1 created, 0 updated, 0 unchanged, 1 rejected; change " in result.stdout, result
            assert "1 × employees “many”" in result.stdout and "Rejected rows:" not in result.stdout, result
            assert "cannot write %s" % args[1] in result.stderr and "the import is done" in result.stderr, result
            path = result.stderr.split("GET ")[1].split()[0]
            assert "Bad " + what in k.admin.get(path).text, path
            told = json.loads(started(k, "import", "company", k.top / (what + ".csv"), "--match", "name", *args, "--json").stdout)
            assert (told["unchanged"], told["rejected"], told["rejects_file"]) == (1, 1, None), told
    with test("outputs__rejects_of_what_has_no_folder_go_here"):
        here = k.top / "here"
        here.mkdir()
        command = '"$0" import company <(printf "%s") --data "$1" --conf "$2"' % (MIXED % ("p", "p")).replace("\n", "\\n")
        done = [subprocess.run(["bash", "-c", command, k.binary, str(k.data), str(k.conf)], cwd=here, capture_output=True, text=True,
                               timeout=60) for _ in range(2)]
        assert [d.returncode for d in done] == [3, 3] and "1 created" in done[0].stdout, done
        assert sorted(p.name for p in here.iterdir()) == ["import-rejects-2.csv", "import-rejects.csv"], list(here.iterdir())
    equal("outputs__leave_nothing_half", [], [n for n in names(k) if n.endswith(".part") or n == "-"])


def silence(k, *args):
    """kontor ARGS with a standard output nobody reads any more."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return started(k, *args, stdout=writer, restore_signals=False)
    finally:
        os.close(writer)


def told(k):
    for args in (["export", "company"], ["changes"], ["version"], ["user", "list"], ["plan"], ["help"], ["import", "--help"]):
        name = "_".join(args)
        result = silence(k, *args)
        check("outputs__%s_says_that_it_could_not_tell" % name, result.returncode == 1 and
              "%s is done, but its output could not be written: Broken pipe" % args[0] in result.stderr, result)
    with test("outputs__an_import_that_cannot_tell_says_what_it_did"):
        result = silence(k, "import", "company", k.file("name\nUntold\n", "untold.csv"))
        assert result.returncode == 1 and "import is done, but its output could not be written: Broken pipe" in result.stderr, result
        assert "1 created, 0 updated, 0 unchanged, 0 rejected; change " in result.stderr, result
        equal("outputs__and_did_it", 1, k.admin.get('/api/v1/companies?filter=name = "Untold"').json["count"])
    with test("outputs__a_large_export_names_what_it_cannot_write"):
        k.must("import", "company", k.file("name\n" + "".join("Company of a long name %05d\n" % i for i in range(3000))))
        result = silence(k, "export", "company")
        assert result.returncode == 1, result
        contains("outputs__cannot_write_standard_output", "cannot write standard output: Broken pipe", result.stderr)


for start in (True, False):
    with Kontor(start=start) as k:
        if not start:
            k.must("import", "company", k.file("name\nAlone\n"))
            with test("outputs__without_a_daemon"):
                result = silence(k, "export", "company")
                assert result.returncode == 1 and "Broken pipe" in result.stderr, result
            continue
        k.must("import", "company", k.file("name\nNordwind\nSüdwind\n"))
        for part in (links, pipes, devices, rejects, told):
            part(k)
finish()
