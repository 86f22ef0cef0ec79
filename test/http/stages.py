#!/usr/bin/python3
"""What moves with a stage: a pipeline and stage that are taken away are missing, not the first ones again."""
from kontor import Kontor, equal, finish, test

PIPELINES = """sales:
  entity: deal
  stages:
    - {id: enquiry, percent: 10}
    - {id: won, kind: won}
    - {id: lost, kind: lost}
service:
  entity: deal
  stages:
    - {id: asked, percent: 20}
    - {id: done, kind: won}
"""


def standing(k, deal):
    found = k.admin.get("/api/v1/deals/%d?fields=pipeline,stage,percent,won_at" % deal).json
    return {name: found[name] for name in ("pipeline", "stage", "percent", "won_at", "version")}


def refused(k, name, deal, answer, fields):
    equal("stage__%s" % name, (422, ["deal." + f for f in fields]),
          (answer.status, [f["where"] for f in (answer.json.get("error") or {}).get("fields", [])]))


def taken_away(k):
    deal = k.admin.post("/api/v1/deals", {"name": "Roof", "pipeline": "service", "stage": "done"}).json["id"]
    path, before = "/api/v1/deals/%d" % deal, standing(k, deal)
    refused(k, "null_is_missing", deal, k.admin.patch(path, {"stage": None}), ["stage"])
    refused(k, "an_empty_text_is_missing", deal, k.admin.patch(path, {"stage": ""}), ["stage"])
    refused(k, "a_pipeline_of_null_is_missing", deal, k.admin.patch(path, {"pipeline": None}), ["pipeline"])
    refused(k, "both_are_missing", deal, k.admin.patch(path, {"pipeline": None, "stage": None}), ["pipeline", "stage"])
    refused(k, "a_draft_says_so_too", deal, k.admin.patch(path + "?dry_run=1", {"stage": None}), ["stage"])
    with test("stage__bulk_leaves_those_alone"):
        answer = k.admin.post("/api/v1/deals/bulk", {"ids": [deal], "set": {"stage": None}}).json
        assert answer["changed"] == 0 and "Stage is required" in answer["errors"][0]["text"], answer
    with test("stage__an_empty_cell_of_an_import_says_nothing"):
        assert " 1 unchanged" in k.must("import", "deal", k.file("name,stage\nRoof,\n", "d.csv"), "--match", "name")
    equal("stage__nothing_of_it_moved", before, standing(k, deal))


def given_or_first(k):
    made = k.admin.post("/api/v1/deals", {"name": "New", "stage": None, "pipeline": None})
    equal("stage__of_a_new_record_is_the_first", (201, "sales", "enquiry"),
          (made.status, made.json.get("pipeline"), made.json.get("stage")))
    moved = k.admin.patch("/api/v1/deals/%d" % made.json["id"], {"pipeline": "service"})
    equal("stage__of_another_pipeline_is_its_first", (200, "asked"), (moved.status, moved.json.get("stage")))


with Kontor(conf={"pipelines.yaml": PIPELINES}) as k:
    taken_away(k)
    given_or_first(k)
finish()
