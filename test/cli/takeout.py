#!/usr/bin/python3
"""Everything out and in again: `kontor export --all DIR`, `kontor import --all DIR`. Generated firms with every type of
field and every kind of history (edits, bulk, imports, undone ones, the bin, renamed and removed fields) come out of an
empty system as they went in: the dumps of every entity, the history, as-of lists and undo are the same."""
import json
import os
import pathlib
import shutil
import time
import urllib.parse
import zipfile

from generated import ENTITIES, dump, ok, system
from kontor import PASSWORD, Kontor, check, contains, equal, finish, test

def deep(k, at):
    """What a dump does not hold: versions, times, the bin, history, a past day."""
    a, out = k.admin, {}
    for plural in ("vessels", "companies", "contacts", "deals"):
        out[plural] = a.get("/api/v1/%s?limit=500&sort=id" % plural).json["items"]
        out[plural + " then"] = a.get("/api/v1/%s?limit=500&sort=id&as_of=%s" % (plural, urllib.parse.quote(at))).json["items"]
        for record in out[plural]:
            out["%s %d" % (plural, record["id"])] = a.get("/api/v1/%s/%d/timeline?limit=200" % (plural, record["id"])).json
    files = a.get("/api/v1/files?limit=100").json["items"]
    out["files"] = [(f["name"], f["links"], a.get("/api/v1/files/%d" % f["id"]).body) for f in files]
    assert files
    out["merged"] = [a.get("/api/v1/contacts/%d" % i).json for i in range(1, 60) if "merged_into" in str(a.get("/api/v1/contacts/%d" % i).json)]
    out["bin"] = a.get("/api/v1/trash?limit=200").json
    out["tagged"] = a.get("/api/v1/companies?filter=" + urllib.parse.quote('tags contains "vip"')).json["items"]
    out["search"] = a.get("/api/v1/search?q=gmbh&limit=100").json
    out["changes"] = [{n: v for n, v in c.items()} for c in a.get("/api/v1/changes?limit=200").json["items"]]
    return out


def differing(one, two):
    return [(name, one[name], two.get(name)) for name in one if one[name] != two.get(name)][:2]


def round_trip(seed):
    name = "takeout_%d" % seed
    with system(seed) as k:
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 0))
        folder = k.top / "all"
        k.must("export", "contact", "--format", "csv")
        k.must("export", "--all", folder)
        before, deeper = dump(k), deep(k, at)
        newest = k.admin.get("/api/v1/changes?limit=10").json["items"]
        with Kontor() as other:
            text = other.must("import", "--all", folder)
            contains(name + "__says_how_much", " records, ", text)
            other.stop()
            other.start()
            with test(name + "__dumps_are_equal"):
                assert before == dump(other), differing(before, dump(other))
            with test(name + "__history_and_past_are_equal"):
                after = deep(other, at)
                assert deeper == after, differing(deeper, after)
            with test(name + "__chain_is_sound"):
                other.must("backup", other.top / "b.kontor")
                other.must("verify", other.top / "b.kontor")
            with test(name + "__a_second_export_is_the_same"):
                logged = [json.loads(line)["entity"] for line in (folder / "tables/export_log.ndjson").read_text().splitlines()]
                other.must("export", "--all", other.top / "again")
                again = [json.loads(line)["entity"] for line in (other.top / "again/tables/export_log.ndjson").read_text().splitlines()]
                assert again[:len(logged)] == logged, (logged, again)
                for file in sorted(p for p in folder.rglob("*.ndjson") if p.name != "export_log.ndjson"):
                    same = (other.top / "again" / file.relative_to(folder)).read_text()
                    assert same == file.read_text(), file
            with test(name + "__undo_goes_on"):
                for change in newest:
                    one = k.admin.post("/api/v1/changes/%d/undo" % change["id"], {})
                    two = other.admin.post("/api/v1/changes/%d/undo" % change["id"], {})
                    assert (one.status, one.json) == (two.status, two.json) or one.status >= 400 and one.status == two.status, (one.json, two.json)
                left = {e: [strip(line) for line in text.splitlines()] for e, text in dump(k).items()}
                right = {e: [strip(line) for line in text.splitlines()] for e, text in dump(other).items()}
                assert left == right, differing(left, right)
            with test(name + "__new_records_get_new_ids"):
                one = ok(other.admin.post("/api/v1/vessels", {"name": "After"}))
                assert one["id"] > max(v["id"] for v in deeper["vessels"]), one
                assert one["serial"] > max(v["serial"] for v in deeper["vessels"]), one


def strip(line):
    """Undo writes the clock into fields such as a stage's date."""
    record = json.loads(line)
    return {n: v for n, v in record.items() if n not in ("stage_since", "won_at", "lost_at")}


WAITING = {"response.yaml": "lead: {within: [{hours: 8}], tell: [owner]}\n",
           "calendar.yaml": "hours: {mon-sun: \"00:00-24:00\"}\nholidays: [2027-05-05 Fair]\n",
           "targets.yaml": "all: {each: month, amount: 5000}\n",
           "rules.yaml": "- name: turns\n  after: lead.created\n  if: 'source = \"website\"'\n  do: [{assign: {round_robin: [ann@example.com, bo@example.com]}}]\n"}


def tables(folder):
    """What stands in the fixed tables, but for when was looked last and who took what out."""
    return {p.name: [line for line in p.read_text().splitlines() if '"steps"' not in line]
            for p in sorted((folder / "tables").iterdir()) if p.name != "export_log.ndjson"}


def at(k, now):
    k.stop()
    k.start(env={"KONTOR_NOW": now})


def told(k, kind, wanted, who="ann"):
    """What somebody is told within a while."""
    end = time.monotonic() + 15
    while True:
        got = sorted(n["record"]["title"] for n in k.client(who + "@example.com").get("/api/v1/notifications?unseen=1&limit=100").json["items"] if n["kind"] == kind)
        if got == wanted or time.monotonic() > end:
            return got
        time.sleep(0.1)


def waiting():
    """What is still to come comes in the new place: clocks of first answers, reminders, put off ones, whose turn it is."""
    with Kontor(conf=WAITING, now="2027-05-03T06:00:00Z") as k, Kontor(now="2027-05-03T06:00:00Z") as other:
        for name in ("ann", "bo"):
            k.add_user(name + "@example.com")
        at(k, "2027-05-03T07:00:00Z")
        ann = k.client("ann@example.com")
        late = ok(k.admin.post("/api/v1/leads", {"last_name": "Late", "source": "website"}))
        ok(k.admin.post("/api/v1/absences", {"user": ann.user["id"], "from": "2027-05-20"}))
        ok(ann.post("/api/v1/activities", {"kind": "call", "subject": "Soon", "due": "2027-05-03T12:00:00Z", "reminders": ["10"]}))
        ok(ann.post("/api/v1/activities", {"kind": "call", "subject": "Off", "due": "2027-05-03T07:33:00Z", "reminders": ["30"]}))
        ok(ann.post("/api/v1/activities", {"kind": "meeting", "subject": "Weekly", "due": "2027-05-04T09:00:00Z", "repeat": "FREQ=WEEKLY;COUNT=4"}))
        at(k, "2027-05-03T07:05:00Z")
        ann = k.client("ann@example.com")
        assert told(k, "step", ["Off"]) == ["Off"]
        off = [n for n in ann.get("/api/v1/notifications").json["items"] if n["kind"] == "step"][0]
        assert ann.post("/api/v1/notifications/snooze", {"id": off["id"], "minutes": 60}).status == 204
        k.must("export", "--all", k.top / "all")
        at(other, "2027-05-03T07:10:00Z")
        other.must("import", "--all", k.top / "all")
        other.must("export", "--all", other.top / "again")
        one, two = tables(k.top / "all"), tables(other.top / "again")
        with test("takeout__timers_go_along"):
            timers = [json.loads(line) for line in one["timer.ndjson"]]
            assert [(t["kind"], t["record"]) for t in timers] == [("response", late["id"]), ("snooze", off["id"])], timers
            assert one == two, differing(one, two)
        for name in ("ann", "bo"):
            other.must("user", "password", "--email", name + "@example.com", "--password-file", other.file(PASSWORD + "\n"))
        with test("takeout__whose_turn_it_is_goes_along"):
            owner = ok(other.admin.post("/api/v1/leads", {"last_name": "Next", "source": "website"}))["owner"]["title"]
            assert {late["owner"]["title"], owner} == {"ann", "bo"}, (late["owner"], owner)
        at(other, "2027-05-03T16:00:00Z")
        equal("takeout__reminders_strike_in_the_new_place", ["Off", "Soon"], told(other, "step", ["Off", "Soon"]))
        equal("takeout__clocks_of_first_answers_strike_there", ["Late"], told(other, "late_answer", ["Late"], late["owner"]["title"]))


def refusals():
    with system(7) as k:
        folder = k.top / "all"
        k.must("export", "--all", folder)
        manifest = json.loads((folder / "manifest.json").read_text())
        check("takeout__manifest_counts", sum(f["lines"] for f in manifest["files"] if f["kind"] == "records") > 40, manifest)
        equal("takeout__makes_a_new_folder_only", 1, k.run("export", "--all", folder).returncode)
        full = k.run("import", "--all", folder)
        equal("takeout__goes_into_an_empty_system_only", 1, full.returncode)
        contains("takeout__says_what_is_there", "not empty", full.stderr)
        secrets = "".join(p.read_text() for p in folder.rglob("*") if p.is_file())
        check("takeout__holds_no_password", "scrypt" not in secrets and "kt_" not in secrets)
        with test("takeout__of_the_browser_is_a_zip"):
            answer = k.admin.get("/api/v1/takeout")
            assert answer.status == 200, answer.json
            (k.top / "all.zip").write_bytes(answer.body)
            there = dump(k)
            with zipfile.ZipFile(k.top / "all.zip") as z:
                assert z.testzip() is None
                assert sorted(n for n in z.namelist() if n.startswith("records")) == sorted("records/" + p.name for p in (folder / "records").iterdir())
        member = k.add_user("m@example.com")
        equal("takeout__is_for_administrators", 403, member.get("/api/v1/takeout").status)
        with Kontor() as other:
            plain = [e for e in ENTITIES if e != "vessel"]
            before = dump(other, plain)
            spoil(other, folder)
            equal("takeout__refused_loads_leave_nothing", before, dump(other, plain))
            equal("takeout__loads_in_the_end", 0, other.run("import", "--all", folder).returncode)
        zipped(k.top / "all.zip", there)


def zipped(path, there):
    """The ZIP of the browser goes in as it is."""
    whole = path.read_bytes()
    with Kontor() as other:
        def tried(name, content, words):
            (other.top / "bad.zip").write_bytes(content)
            result = other.run("import", "--all", other.top / "bad.zip")
            check("takeout__refuses_a_zip_" + name, result.returncode == 1 and words in result.stderr, result.stderr)

        plain = [e for e in ENTITIES if e != "vessel"]
        before = dump(other, plain)
        tried("that_was_cut", whole[:len(whole) // 2], "not a whole ZIP")
        tried("that_is_none", b"name;city\n" * 50, "is no ZIP of")
        with zipfile.ZipFile(other.top / "strange.zip", "w") as z:
            z.writestr("notes.txt", "nothing of Kontor")
        tried("of_something_else", (other.top / "strange.zip").read_bytes(), "is no ZIP of")
        equal("takeout__refused_zips_leave_nothing", before, dump(other, plain))
        other.must("import", "--all", path)
        with test("takeout__a_zip_loads_as_the_folder_does"):
            assert there == dump(other), differing(there, dump(other))


def spoil(other, folder):
    def tried(name, change, words):
        copy = other.top / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder, copy)
        change(copy)
        result = other.run("import", "--all", copy)
        check("takeout__refuses_" + name, result.returncode == 1 and words in result.stderr, result.stderr)

    tried("a_changed_line", lambda d: (d / "records/vessels.ndjson").write_text((d / "records/vessels.ndjson").read_text().replace("tonnage", "tonnagf", 1)), "SHA-256")
    tried("a_missing_file", lambda d: (d / "history.ndjson").unlink(), "cannot read")
    tried("another_format", lambda d: edit(d, lambda m: m.update(format=99)), "format")
    tried("no_manifest", lambda d: (d / "manifest.json").unlink(), "manifest.json")
    tried("an_unnamed_file", lambda d: edit(d, lambda m: m["files"].append({"name": "../x", "kind": "table", "table": "pref", "lines": 0, "sha256": ""})), "kontor:")


def edit(folder, change):
    manifest = json.loads((folder / "manifest.json").read_text())
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def main():
    seeds = [int(s) for s in os.environ.get("KONTOR_SEEDS", "1 2 3").split()]
    for seed in seeds:
        round_trip(seed)
    waiting()
    refusals()
    finish()


main()
