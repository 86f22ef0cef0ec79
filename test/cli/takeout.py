#!/usr/bin/python3
"""Everything out and in again: `kontor export --all DIR`, `kontor import --all DIR`. Generated firms with every type of
field and every kind of history (edits, bulk, imports, undone ones, the bin, renamed and removed fields) come out of an
empty system as they went in: the dumps of every entity, the history, as-of lists and undo are the same."""
import json
import os
import pathlib
import random
import shutil
import time
import urllib.parse
import zipfile

from kontor import Kontor, check, contains, equal, finish, test

VESSEL = """entity: vessel
label: Vessel
plural: vessels
title: name
fields:
  name:     {type: text, required: true, unique: true, search: true}
  company:  {type: link, to: company}
  length:   {type: decimal}
  tonnage:  {type: integer, min: 0}
  price:    {type: money}
  share:    {type: percent}
  flag:     {type: choice, of: [de, dk, se]}
  uses:     {type: choices, of: [fish, ferry, tug]}
  surveyed: {type: date}
  seen:     {type: instant}
  active:   {type: bool}
  log:      {type: longtext}
  words:    {type: tags}
  web:      {type: links}
  mails:    {type: emails}
  calls:    {type: phones}
  master:   {type: user}
  about:    {type: records, reverse: told_of}
  serial:   {type: number, min: 100}
  worth:    {type: money, compute: 'price * 2', stored: true}
"""
FIELDS = """company:
  fields:
    fleet: {type: integer, compute: 'count(vessels)', stored: true}
    old:   {type: text}
"""
RATES = "rates: {USD: '0.90', DKK: '0.134'}\n"
TEXTS = ["Plain", "Ümläut & <b>", "a\"b\\c;d,e", "  two  blanks ", "=1+1", "line\nbreak", "日本語 текст", "𝄞 \u2028 end", "0", "'"]


def system(seed):
    k = Kontor(conf={"entities/vessel.yaml": VESSEL, "fields.yaml": FIELDS, "kontor.yaml": "name: Test\ncurrency: EUR\nzone: Europe/Berlin\n" + RATES})
    fill(k, random.Random(seed))
    return k


def vessel(r, n, companies, users):
    point = lambda make: [{"value": make(i), "label": r.choice(["", "work", "Ünit"]), "opt_out": r.random() < .3} for i in range(r.randrange(3))]
    full = {
        "name": "%s %d" % (r.choice(TEXTS).strip().replace("\n", " "), n),
        "company": r.choice(companies + [None]),
        "length": "%d.%02d" % (r.randrange(-500, 500), r.randrange(100)),
        "tonnage": r.choice([0, 1, 2**40]),
        "price": r.choice([{"value": "1234.50", "currency": c} for c in ("EUR", "USD", "DKK")]),
        "share": "12.50",
        "flag": r.choice(["de", "dk", "se"]),
        "uses": r.sample(["fish", "ferry", "tug"], r.randrange(4)),
        "surveyed": r.choice(["2024-02-29", "0001-01-01", "9999-12-31"]),
        "seen": r.choice(["2026-11-21T14:05:00Z", "1999-12-31T23:59:59.123Z"]),
        "active": r.choice([True, False]),
        "log": r.choice(TEXTS),
        "words": r.sample(["Alpha", "Béta", "ga mma"], r.randrange(4)),
        "web": point(lambda i: "https://example.com/%d?a=1;b=2" % i),
        "mails": point(lambda i: "m%d-%d@example.com" % (n, i)),
        "calls": point(lambda i: "+49 40 %d" % (100000 + 10 * n + i)),
        "master": r.choice(users),
        "about": [{"entity": "company", "id": c} for c in r.sample(companies, r.randrange(3))],
    }
    keep = {name for name in full if r.random() < .8} | {"name"}
    return {name: value for name, value in full.items() if name in keep}


def ok(answer, *statuses):
    assert answer.status in (statuses or (200, 201, 204)), (answer.status, answer.json)
    return answer.json


def fill(k, r):
    a = k.admin
    users = [ok(a.post("/api/v1/users", {"name": "User %d" % i, "email": "u%d@example.com" % i, "role": "member"}))["id"] for i in range(3)]
    companies = [ok(a.post("/api/v1/companies", {"name": "%s GmbH %d" % (r.choice(TEXTS).strip().replace("\n", " "), i), "old": "kept %d" % i,
                                                 "owner": r.choice(users), "tags": r.sample(["VIP", "Fair 2026"], r.randrange(3))}))["id"] for i in range(6)]
    vessels = [ok(a.post("/api/v1/vessels", vessel(r, n, companies, users)))["id"] for n in range(15)]
    people = [ok(a.post("/api/v1/contacts", {"first_name": "Ä%d" % i, "last_name": r.choice(TEXTS).strip().replace("\n", " "), "company": r.choice(companies)}))["id"]
              for i in range(6)]
    for i in range(5):
        ok(a.post("/api/v1/deals", {"name": "Deal %d" % i, "company": r.choice(companies), "contact": r.choice(people), "amount": "100.%02d" % i}))
        ok(a.post("/api/v1/notes", {"text": r.choice(TEXTS), "links": [{"entity": "vessel", "id": r.choice(vessels)}]}))
        ok(a.post("/api/v1/contact_companies", {"contact": people[i], "company": r.choice(companies), "role": "Master", "since": "2020-02-29"}))
    for _ in range(25):
        step(k, r, companies, vessels, users)
    k.file("name;tonnage;flag\nImported;7;DE\nOther;8;se\n", k.top / "more.csv")
    k.must("import", "vessel", k.top / "more.csv", "--match", "name")
    last = a.get("/api/v1/changes?limit=1").json["items"][0]["id"]
    if r.random() < .5:
        k.must("undo", str(last))


def step(k, r, companies, vessels, users):
    a, what = k.admin, r.randrange(7)
    path = "/api/v1/vessels/%d" % r.choice(vessels)
    if what < 3:
        change = vessel(r, r.randrange(1000, 10**6), companies, users)
        ok(a.patch(path, change, headers={"If-Match": "*"}), 200, 404)
    elif what == 3:
        ok(a.delete(path, headers={"If-Match": "*"}), 204, 404)
    elif what == 4:
        ok(a.post(path + "/restore", {}), 200, 404, 409, 422)
    elif what == 5:
        ok(a.post("/api/v1/companies/bulk", {"ids": r.sample(companies, 3), "set": {"city": r.choice(TEXTS).strip().replace("\n", " ")}}))
    else:
        newest = a.get("/api/v1/changes?limit=3").json["items"]
        a.post("/api/v1/changes/%d/undo" % r.choice(newest)["id"], {})


ENTITIES = ["company", "contact", "deal", "note", "activity", "vessel", "user", "team", "contact_company", "deal_contact", "view", "product"]


def dump(k, entities=ENTITIES):
    return {e: k.must("export", e, "--format", "ndjson") for e in entities}


def deep(k, at):
    """What a dump does not hold: versions, times, the bin, history, a past day."""
    a, out = k.admin, {}
    for plural in ("vessels", "companies", "contacts", "deals"):
        out[plural] = a.get("/api/v1/%s?limit=500&sort=id" % plural).json["items"]
        out[plural + " then"] = a.get("/api/v1/%s?limit=500&sort=id&as_of=%s" % (plural, urllib.parse.quote(at))).json["items"]
        for record in out[plural]:
            out["%s %d" % (plural, record["id"])] = a.get("/api/v1/%s/%d/timeline?limit=200" % (plural, record["id"])).json
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
        k.must("export", "--all", folder)
        before, deeper = dump(k), deep(k, at)
        newest = k.admin.get("/api/v1/changes?limit=10").json["items"]
        with Kontor() as other:
            text = other.must("import", "--all", folder)
            contains(name + "__says_how_much", "records and", text)
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
                other.must("export", "--all", other.top / "again")
                for file in sorted(folder.rglob("*.ndjson")):
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
    refusals()
    finish()


main()
