#!/usr/bin/python3
"""From pipeline to pipeline: a declared stage, else that of the same id, else the nearest of its kind; for one, many and imports."""
from kontor import Kontor, contains, finish, test

PIPELINES = """sales:
  entity: deal
  stages:
    - {id: enquiry, percent: 10}
    - {id: proposal, percent: 50}
    - {id: talks, percent: 80}
    - {id: won, kind: won}
    - {id: lost, kind: lost, gate: {require: [lost_reason]}}
private:
  entity: deal
  b2c: true
  from: {sales: {proposal: visit}}
  stages:
    - {id: enquiry, percent: 20}
    - {id: visit, percent: 40}
    - {id: offer, percent: 70}
    - {id: bought, kind: won}
    - {id: gone, kind: lost}
"""
WANTED = {"enquiry": "enquiry", "proposal": "visit", "talks": "offer", "won": "bought", "lost": "gone"}


def deal(k, name, stage, pipeline="sales"):
    made = k.admin.post("/api/v1/deals", {"name": name, "pipeline": pipeline, "stage": stage, "lost_reason": "price" if stage == "lost" else None})
    assert made.status == 201, made
    return made.json


def single(k):
    for stage, wanted in WANTED.items():
        with test("move__from_%s_goes_to_%s" % (stage, wanted)):
            before = deal(k, "One " + stage, stage)
            path = "/api/v1/deals/%d" % before["id"]
            dry = k.admin.patch(path + "?dry_run=1", {"pipeline": "private"}).json
            now = k.admin.patch(path, {"pipeline": "private"})
            assert (dry["stage"], now.json["stage"]) == (wanted, wanted), (dry["stage"], now)
            assert now.json["won_at"] == before["won_at"] and now.json["lost_at"] == before["lost_at"], now.json
    with test("move__says_the_chance_of_the_new_stage_and_begins_there_anew"):
        assert now.json["percent"] == "0.00" and now.json["stage_since"] >= before["stage_since"]
    with test("move__takes_the_stage_that_is_said"):
        one = deal(k, "Said", "proposal")
        assert k.admin.patch("/api/v1/deals/%d" % one["id"], {"pipeline": "private", "stage": "offer"}).json["stage"] == "offer"
        assert k.admin.patch("/api/v1/deals/%d" % one["id"], {"pipeline": "sales", "stage": "offer"}).status == 422
    with test("move__back_is_nearest_and_undo_exact"):
        back = k.admin.patch("/api/v1/deals/%d" % one["id"], {"pipeline": "sales"})
        assert back.json["stage"] == "talks", back.json["stage"]
        k.admin.post("/api/v1/changes/%d/undo" % int(back.headers["X-Change"] if "X-Change" in back.headers else k.admin.get("/api/v1/changes?limit=1").json["items"][0]["id"]))
        now = k.admin.get("/api/v1/deals/%d" % one["id"]).json
        assert (now["pipeline"], now["stage"]) == ("private", "offer"), now
    with test("move__of_a_gate_is_asked_for"):
        gone = deal(k, "Gone", "gone", "private")
        no = k.admin.patch("/api/v1/deals/%d" % gone["id"], {"pipeline": "sales"})
        assert no.status == 422 and [f["where"] for f in no.json["error"]["fields"]] == ["deal.lost_reason"], no


def many(k):
    with test("move__of_many_maps_each"):
        ids = [deal(k, "Many " + s, s)["id"] for s in WANTED]
        done = k.admin.post("/api/v1/deals/bulk", {"ids": ids, "set": {"pipeline": "private"}}).json
        assert done["changed"] == len(ids), done
        got = {r["name"]: r["stage"] for r in k.admin.items("/api/v1/deals?filter=name%20starts%20with%20%22Many%22")}
        assert got == {"Many " + s: w for s, w in WANTED.items()}, got
        assert {e["after"]["stage"] for e in done["examples"] if "stage" in e["after"]} <= set(WANTED.values()), done["examples"]
    with test("move__by_a_file_maps_too"):
        deal(k, "Filed", "talks")
        contains("import", "1 updated", k.must("import", "deal", k.file("name,pipeline\nFiled,private\n", "m.csv"), "--match", "name"))
        assert k.admin.items("/api/v1/deals?filter=name%20=%20%22Filed%22")[0]["stage"] == "offer"


def wrong():
    for line, part in {"from: {service: {a: b}}": "no other pipeline", "from: {sales: {nope: visit}}": "no stage \"nope\"",
                       "from: {sales: {talks: nope}}": "no stage \"nope\"", "from: sales": "where their stages go",
                       "from: {private: {visit: visit}}": "no other pipeline"}.items():
        with Kontor(conf={}, start=False) as k:
            k.write_conf({"pipelines.yaml": PIPELINES.replace("from: {sales: {proposal: visit}}", line)})
            said = k.run("check")
            contains("move__refuses_" + line[:30], part, said.stdout + said.stderr)


with Kontor(conf={"pipelines.yaml": PIPELINES}) as k:
    single(k)
    many(k)
wrong()
finish()
