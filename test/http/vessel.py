#!/usr/bin/python3
"""The vessel proof: one YAML file dropped into conf/entities of a running Kontor gives table, API, list, board, filters,
search, import, export, history, undo, permissions, OpenAPI. And the other side: a broken, losing or converting file
changes nothing and says so."""
import json
import signal
import sqlite3
import threading
import time

from kontor import Kontor, check, equal, finish, test

VESSEL = """entity: vessel
label: Vessel
plural: vessels
title: name
fields:
  name:     {type: text, required: true, unique: true, search: true}
  company:  {type: link, to: company}
  length:   {type: decimal}
  flag:     {type: choice, of: [de, dk, se]}
  surveyed: {type: date}
"""
VIEWS = """fleet_by_flag:
  entity: vessel
  label: Fleet
  mode: board
  by: flag
"""
FLEET = """name,company,length,flag,surveyed
Anna,Nordwind,82.50,de,2026-03-01
Berta,Nordwind,120,dk,2025-11-30
Cäcilie,Südwind,64.25,de,
Dora,,31,se,2024-02-29
"""


def until(what, seconds=5):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.05)
    return False


def tables(k):
    db = sqlite3.connect("file:%s?mode=ro" % (k.data / "kontor.db"), uri=True)
    try:
        return {row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    finally:
        db.close()


def arrives(k):
    with test("vessel__is_not_there_before"):
        assert k.admin.get("/api/v1/vessels").status == 404
        assert "e_vessel" not in tables(k)
    with test("vessel__arrives_in_a_running_kontor_by_apply"):
        stream = k.admin.events()
        process = k.process.pid
        k.write_conf({"entities/vessel.yaml": VESSEL, "views.yaml": VIEWS})
        assert k.run("check").returncode == 0
        plan = k.must("plan")
        assert "vessel" in plan, plan
        assert k.admin.get("/api/v1/vessels").status == 404, "plan must not apply"
        k.must("apply")
        assert k.process.pid == process and k.process.poll() is None
        assert "e_vessel" in tables(k)
        assert stream.wait_for(lambda e: e["event"] == "config", 3), stream.seen
        stream.close()
        assert k.must("plan").strip() and k.must("apply") is not None  # a second apply has nothing to do


def described(k):
    with test("vessel__is_in_meta_with_its_fields_menu_and_view"):
        meta = k.admin.get("/api/v1/meta").json
        vessel = [e for e in meta["entities"] if e["name"] == "vessel"][0]
        assert vessel["plural"] == "vessels" and vessel.get("menu", True) is not False, vessel
        fields = {f["name"]: f for f in vessel["fields"]}
        assert set(fields) >= {"name", "company", "length", "flag", "surveyed", "owner", "team"}, sorted(fields)
        assert fields["flag"]["type"] == "choice" and len(fields["flag"]["options"]) == 3, fields["flag"]
        assert fields["name"]["required"], fields["name"]
        assert "fleet_by_flag" in json.dumps(meta), "the view is not listed"
    with test("vessel__is_in_openapi"):
        openapi = k.admin.get("/api/v1/openapi.json").json
        assert "/api/v1/vessels" in openapi["paths"] and "/api/v1/vessels/{id}" in openapi["paths"], list(openapi["paths"])[-9:]


def imported(k):
    with test("vessel__is_imported_with_links"):
        k.must("import", "company", k.file("name\nNordwind\nSüdwind\n", "firms.csv"))
        r = json.loads(k.must("import", "vessel", k.file(FLEET, "fleet.csv"), "--json"))
        assert (r["created"], r["rejected"]) == (4, 0), r
        again = json.loads(k.must("import", "vessel", k.file(FLEET.replace("82.50", "83"), "fleet.csv"), "--match", "name", "--json"))
        assert (again["created"], again["updated"], again["unchanged"]) == (0, 1, 3), again
        bad = k.run("import", "vessel", k.file("name,flag\nEmma,uk\nAnna,de\n", "bad.csv"), "--json")
        assert bad.returncode == 3 and json.loads(bad.stdout)["rejected"] == 2, bad
        k.must("undo", again["change"])


def listed(k):
    names = lambda query: [v["name"] for v in k.admin.get("/api/v1/vessels?" + query).json["items"]]
    for query, wanted in {
            "sort=name": ["Anna", "Berta", "Cäcilie", "Dora"],
            "sort=-length": ["Berta", "Anna", "Cäcilie", "Dora"],
            'filter=flag = "de"&sort=name': ["Anna", "Cäcilie"],
            "filter=length > 64.25&sort=name": ["Anna", "Berta"],
            'filter=company.name = "Nordwind"&sort=-name': ["Berta", "Anna"],
            "filter=surveyed is empty": ["Cäcilie"],
            'filter=surveyed < "2026-01-01" and flag in ("dk","se")&sort=name': ["Berta", "Dora"],
            'filter=name contains "cäc"': ["Cäcilie"]}.items():
        equal("vessel__list_" + query, wanted, names(query))
    with test("vessel__pages"):
        page = k.admin.get("/api/v1/vessels?sort=name&limit=3").json
        assert page["count"] == 4 and len(page["items"]) == 3 and page["next"], page
        rest = k.admin.get("/api/v1/vessels?sort=name&limit=3&cursor=" + page["next"]).json
        assert [v["name"] for v in rest["items"]] == ["Dora"] and rest["next"] is None, rest
    with test("vessel__board_by_a_choice_field"):
        groups = k.admin.get("/api/v1/vessels?view=fleet_by_flag&group=flag").json
        counted = {g.get("value", g.get("key")): g["count"] for g in groups["groups"]}
        assert counted == {"de": 2, "dk": 1, "se": 1}, groups
    with test("vessel__is_found_by_search"):
        for text in ("cäcilie", "cacilie", "cäc", "CÄCILIE"):
            found = k.admin.get("/api/v1/search?q=" + text).json["items"]
            assert [(f["entity"], f["title"]) for f in found] == [("vessel", "Cäcilie")], (text, found)
        assert k.admin.get("/api/v1/search?q=berta&kind=vessel").json["items"]
    with test("vessel__is_seen_from_its_company"):
        firm = k.admin.get('/api/v1/companies?filter=count(vessels) = 2').json
        assert [c["name"] for c in firm["items"]] == ["Nordwind"], firm
    with test("vessel__is_exported"):
        out = k.must("export", "vessel", "--fields", "name,company,length,flag,surveyed")
        lines = sorted(out.splitlines()[1:])
        assert len(lines) == 4 and "82.50" in lines[0] and "Nordwind" in lines[0], lines


def written(k):
    anna = k.admin.get('/api/v1/vessels?filter=name = "Anna"').json["items"][0]
    path = "/api/v1/vessels/%d" % anna["id"]
    with test("vessel__refuses_what_its_fields_refuse"):
        for body, field in (({}, "name"), ({"name": "Anna"}, "name"), ({"name": "X", "flag": "uk"}, "flag"),
                            ({"name": "X", "length": "long"}, "length"), ({"name": "X", "surveyed": "2026-02-30"}, "surveyed"),
                            ({"name": "X", "colour": "red"}, "colour"), ({"name": "X", "company": 999999}, "company")):
            for dry in ("?dry_run=1", ""):
                answer = k.admin.post("/api/v1/vessels" + dry, body)
                assert answer.status in (409, 422), (body, answer)
                assert any(f["where"].endswith(field) for f in answer.json["error"]["fields"]), (body, answer)
    with test("vessel__has_history_and_undo"):
        before = k.admin.get(path).json
        changed = k.admin.patch(path, {"flag": "se", "length": "90"}, version=before["version"])
        assert changed.status == 200 and changed.json["flag"] == "se", changed
        history = json.dumps(k.admin.get(path + "/timeline").json)
        assert '"flag"' in history and '"length"' in history, history[:500]
        answer = k.admin.post("/api/v1/changes/%s/undo" % changed.headers["x-kontor-change"]).json
        assert answer["undone"] == 1 and answer["kept"] == [], answer
        now = k.admin.get(path).json
        assert now["flag"] == "de" and now["length"] == before["length"], now
    with test("vessel__bulk_and_trash"):
        bulk = k.admin.post("/api/v1/vessels/bulk", {"filter": 'flag = "de"', "set": {"surveyed": "2026-06-01"}}).json
        assert bulk["changed"] == 2, bulk
        assert k.admin.delete(path).status == 204 and k.admin.get("/api/v1/vessels").json["count"] == 3
        assert "Anna" in [v["title"] for v in k.admin.get("/api/v1/trash").json["items"]]
        assert k.admin.post(path + "/restore").status == 200
        k.admin.post("/api/v1/changes/%d/undo" % bulk["change"])
        assert k.admin.get("/api/v1/vessels?filter=surveyed is empty").json["count"] == 1
    with test("vessel__as_of_before_it_existed_is_empty"):
        assert k.admin.get("/api/v1/vessels?as_of=2020-01-01").json["items"] == []


def permitted(k):
    member = k.add_user("mo@example.com", role="member")
    reader = k.add_user("re@example.com", role="reader")
    anna = k.admin.get('/api/v1/vessels?filter=name = "Anna"').json["items"][0]
    path = "/api/v1/vessels/%d" % anna["id"]
    with test("vessel__obeys_the_shipped_roles"):
        assert reader.get(path).status == member.get(path).status == 200
        assert reader.post("/api/v1/vessels", {"name": "R"}).status == 403
        assert member.patch(path, {"flag": "se"}).status == 403
        own = member.post("/api/v1/vessels", {"name": "Member's own"})
        assert own.status == 201, own
        assert member.patch("/api/v1/vessels/%d" % own.json["id"], {"flag": "se"}).status == 200
        assert k.client().get(path).status == 401


def applied(k):
    """What apply takes, refuses and wants a yes for."""
    vessel = lambda text: k.write_conf({"entities/vessel.yaml": text})
    versions = lambda: k.admin.get("/api/v1/meta").json["version"]
    rows = k.must("export", "vessel")
    with test("vessel__a_field_more_arrives_by_sighup"):
        vessel(VESSEL + "  crew: {type: integer, min: 0}\n")
        k.process.send_signal(signal.SIGHUP)
        assert until(lambda: "crew" in k.admin.get("/api/v1/vessels").json["items"][0]), k.log()[-800:]
        anna = k.admin.get('/api/v1/vessels?filter=name = "Anna"').json["items"][0]
        assert k.admin.patch("/api/v1/vessels/%d" % anna["id"], {"crew": 12}).status == 200
        assert k.admin.get("/api/v1/vessels?filter=crew > 10").json["count"] == 1
    with test("vessel__a_lost_field_needs_a_yes_and_shows_the_plan"):
        vessel(VESSEL)
        refused = k.run("apply")
        assert refused.returncode == 1 and "crew" in refused.stdout, refused
        machine = k.run("apply", "--json")
        assert machine.returncode == 1 and "crew" in json.dumps(json.loads(machine.stdout)), machine
        k.process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        assert k.admin.get("/api/v1/vessels?filter=crew > 10").json["count"] == 1
        assert k.run("apply", "--yes").returncode == 0
        assert k.admin.get("/api/v1/vessels?filter=crew > 10").status in (400, 422)
    with test("vessel__a_field_that_comes_back_has_its_values"):
        vessel(VESSEL + "  crew: {type: integer, min: 0}\n")
        k.must("apply")
        assert k.admin.get("/api/v1/vessels?filter=crew = 12").json["count"] == 1
    for name, text in (("rename", VESSEL.replace("length:   {type: decimal}", "loa: {type: decimal, was: length}")),
                       ("retype", VESSEL.replace("length:   {type: decimal}", "length: {type: text}"))):
        with test("vessel__a_%s_is_refused_clearly" % name):
            version = versions()
            vessel(text + "  crew: {type: integer, min: 0}\n")
            for args in (["apply"], ["apply", "--yes"]):
                refused = k.run(*args)
                said = refused.stdout + refused.stderr
                assert refused.returncode == 1 and ("length" in said or "entities/vessel.yaml:8:" in said), refused
            assert k.admin.post("/api/v1/config/apply", {"yes": True}).status == 422
            assert versions() == version
            assert k.admin.get("/api/v1/vessels?filter=length > 100").json["count"] == 1
    with test("vessel__broken_yaml_changes_nothing_and_is_shown"):
        version = versions()
        vessel(VESSEL + "  hull: {type: colour}\n  keel: {tpye: text}\n")
        for command in ("check", "plan", "apply"):
            r = k.run(command)
            assert r.returncode == 1, (command, r)
            assert "entities/vessel.yaml:11:" in r.stderr and "entities/vessel.yaml:12:" in r.stderr, (command, r)
        k.process.send_signal(signal.SIGHUP)
        assert until(lambda: k.admin.get("/api/v1/status").json["problems"]), k.log()[-500:]
        problems = k.admin.get("/api/v1/config").json["problems"]
        assert {(p["file"], p["line"]) for p in problems} == {("entities/vessel.yaml", 11), ("entities/vessel.yaml", 12)}, problems
        assert "type" in problems[1]["text"], problems  # the nearest known name
        assert versions() == version and k.admin.get("/api/v1/vessels").status == 200
    with test("vessel__serve_starts_with_what_was_applied"):
        assert k.stop() == 0
        k.start()
        assert k.admin.get("/api/v1/vessels?filter=crew = 12").json["count"] == 1
        assert k.admin.get("/api/v1/status").json["problems"]
        (k.conf / "entities/vessel.yaml").unlink()
        (k.conf / "views.yaml").unlink()
        k.stop()
        k.start()
        assert k.admin.get("/api/v1/vessels").status == 200
        refused = k.run("apply")
        assert refused.returncode == 1 and "vessel" in refused.stdout, refused
        vessel(VESSEL + "  crew: {type: integer, min: 0}\n")
        k.write_conf({"views.yaml": VIEWS})
        k.must("apply")
        assert until(lambda: not k.admin.get("/api/v1/status").json["problems"])
    with test("vessel__all_this_lost_no_row"):
        columns = ["--fields", "name,company,length,flag,surveyed"]
        now = k.must("export", "vessel", *columns).splitlines()
        assert len(now) == len(rows.splitlines()) , now


def meanwhile(k):
    """Requests on the old and the new model while one replaces the other."""
    with test("vessel__requests_go_on_while_the_model_changes"):
        odd, stop = [], threading.Event()
        token = k.token().headers["Authorization"].split()[1]

        def ask():
            caller = k.client(token=token)
            while not stop.is_set():
                for answer in (caller.get("/api/v1/vessels?filter=length > 1&sort=name"), caller.get("/api/v1/meta"),
                               caller.post("/api/v1/vessels?dry_run=1", {"name": "Ghost", "length": "1.5"})):
                    if answer.status not in (200, 201):
                        odd.append(answer)
        threads = [threading.Thread(target=ask) for _ in range(3)]
        for t in threads:
            t.start()
        for n in range(6):
            k.write_conf({"entities/vessel.yaml": VESSEL + "  crew: {type: integer, min: 0}\n" + "".join(
                "  extra%d: {type: text}\n" % i for i in range(n + 1))})
            k.must("apply")
        stop.set()
        for t in threads:
            t.join()
        assert not odd, odd[:3]
        assert "extra5" in k.admin.get("/api/v1/vessels").json["items"][0]


with Kontor() as k:
    arrives(k)
    described(k)
    imported(k)
    listed(k)
    written(k)
    permitted(k)
    applied(k)
    meanwhile(k)
    check("vessel__no_error_in_the_log", "error" not in k.log().lower().replace("errors", ""), k.log()[-1500:])
finish()
