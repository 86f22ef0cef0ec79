#!/usr/bin/python3
"""kontor file add and get: the bytes as they are, with and without a daemon, by the rights of --as."""
import json
import os
import pathlib
import subprocess

from kontor import Kontor, check, finish, test


def get(k, *args):
    return subprocess.run([k.binary, "file", "get", *map(str, args), "--data", str(k.data), "--conf", str(k.conf)],
                          capture_output=True)


def work(k, contact, how):
    data = bytes(range(256)) * 1000
    first, second = k.file(data, "%s böse.bin" % how), k.file("two\n", "%s-two.txt" % how)
    with test("file__adds_and_gets_%s" % how):
        said = k.must("file", "add", "contact", contact, first, second).splitlines()
        assert len(said) == 2 and "%s böse.bin, 256000 bytes" % how in said[0], said
        number = said[0].split()[0]
        assert get(k, number).stdout == data
        out = k.top / ("out-" + how)
        k.must("file", "get", number, "--out", out)
        assert out.read_bytes() == data
        folder = k.top / ("folder-" + how)
        folder.mkdir()
        k.must("file", "get", number, "--out", folder)
        assert (folder / ("%s böse.bin" % how)).read_bytes() == data
    with test("file__json_%s" % how):
        file = json.loads(k.must("file", "add", "contacts", contact, second, "--field", "photo", "--json"))
        assert file["name"] == how + "-two.txt" and file["size"] == 4, file
    for name, args in [("no_such_record", ("add", "contact", 999999, first)), ("no_such_kind", ("add", "boat", contact, first)),
                       ("no_such_path", ("add", "contact", contact, "/nowhere/x")), ("a_folder", ("add", "contact", contact, k.top)),
                       ("no_such_file", ("get", 999999))]:
        r = k.run("file", *args)
        check("file__refuses_%s_%s" % (name, how), r.returncode == 1 and r.stderr and not r.stdout, r)
    r = k.run("file", "add", "contact", contact, "/nowhere/x", second)
    check("file__one_bad_path_keeps_no_other_out_%s" % how, r.returncode == 1 and how + "-two.txt" in r.stdout, r)
    r = k.run("file", "add", "contact", contact, second, "--as", "reader@example.com")
    check("file__goes_by_rights_%s" % how, r.returncode == 1 and "may not" in r.stderr, r)


with Kontor() as k:
    k.add_user("reader@example.com", role="reader")
    contact = k.admin.post("/api/v1/contacts", {"last_name": "Ahlers"}).json["id"]
    work(k, contact, "with_daemon")
    k.stop()
    work(k, contact, "alone")
    with test("file__nothing_half_is_left"):
        assert not [p for p in os.listdir(k.data / "files") if p.startswith("upload-")]
        assert all(p.stat().st_mode & 0o077 == 0 for p in pathlib.Path(k.data / "files").rglob("*"))
finish()
