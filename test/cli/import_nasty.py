#!/usr/bin/python3
"""Every file of a collection of broken and odd CSV files (outside the tree): the import takes it, takes part of it and says
which rows it refused, or refuses it and changes nothing. It never crashes, hangs or stops half-way.

Columns of these files are called anything, so a refused file is tried again with a mapping made from the complaint: its
first column is the text of a note, the others are skipped.
"""
import json
import re

from kontor import Kontor, check, equal, finish, not_ok, shared, test

COLUMN = re.compile(r"has no field “(.*?)”(?:[.;] ?|$)", re.S)


def run(k, path, *args):
    result = k.run("import", "note", path, "--json", *args, timeout=60)
    if result.returncode not in (0, 1, 3):
        not_ok("import_nasty__exit_code", "%s: %d %s" % (path, result.returncode, result.stderr[:300]))
    return result


def total(k):
    return k.admin.get("/api/v1/notes?limit=1").json["count"]


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def mapping(complaint):
    """A mapping for the columns the complaint names, or None."""
    names = COLUMN.findall(complaint)
    if not names:
        return None
    lines = ["import: note", "columns:"]
    lines += ["  %s: %s" % (quoted(name), "text" if i == 0 else "skip") for i, name in enumerate(dict.fromkeys(names))]
    return "\n".join(lines) + "\n"


def one(k, path, seen):
    before = total(k)
    result = run(k, path)
    text = mapping(result.stderr) if result.returncode == 1 else None
    if text:
        result = run(k, path, "--map", k.file(text, "map.yaml"))
    after = total(k)
    seen[result.returncode] += 1
    if result.returncode == 1:
        if before != after:
            not_ok("import_nasty__refused_files_change_nothing", path)
        return
    answer = json.loads(result.stdout)
    if answer["created"] != after - before and after < 10000: # counts are exact up to there
        not_ok("import_nasty__counts_are_true", "%s: %s, %d new" % (path, answer, after - before))
    if (answer["rejected"] > 0) != (result.returncode == 3):
        not_ok("import_nasty__code_3_means_rejects", "%s: %s" % (path, answer))
    if answer["created"] > 0:
        undone = k.admin.post("/api/v1/changes/%d/undo" % answer["change"])
        if undone.status != 200 or total(k) != before:
            not_ok("import_nasty__is_undone_whole", "%s: %r" % (path, undone))


folder = shared("data/csv-nasty", "import_nasty")
if folder:
    with test("import_nasty__files"), Kontor() as k:
        seen = {0: 0, 1: 0, 3: 0}
        files = sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix in (".csv", ".tsv", ".txt", ".psv", ""))
        for path in files:
            own = k.file(path.read_bytes(), "nasty/" + path.name) # rejects go beside the file
            one(k, own, seen)
        check("import_nasty__many_are_read", seen[0] + seen[3] > len(files) // 4, repr(seen))
        check("import_nasty__daemon_lives", k.process.poll() is None, k.log()[-500:])
        equal("import_nasty__ends_in_order", 0, k.stop())
        print("of %d files: %d taken, %d in part, %d refused" % (len(files), seen[0], seen[3], seen[1]))
finish()
