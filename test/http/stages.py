#!/usr/bin/python3
"""What moves with a stage: a pipeline and stage that are taken away are missing, not the first ones again. The stays behind the
figures of a stage: as many as the figures say, where each went, and only of deals the reader sees."""
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
ROLES = """own:
  label: Own
  entities: {"*": {see: own, create: all, edit: own}}
blind:
  label: Blind
  entities: {"*": {see: all}}
"""
FIELDS = "deal: {fields: {stage: {see: [admin, own]}}}\n"
STAYS = """sales:
  entity: deal
  stages: [{id: enquiry, percent: 10}, {id: offer, percent: 50}, {id: won, kind: won}, {id: lost, kind: lost}]
service:
  entity: deal
  stages: [{id: asked, percent: 20}, {id: done, kind: won}]
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


def stays(client, stage, more=""):
    answer = client.get("/api/v1/boards/sales/stays?stage=%s%s" % (stage, more))
    assert answer.status == 200, answer
    return answer.json


def figures(client, stage):
    return next(s for s in client.get("/api/v1/boards/sales/stages").json["stages"] if s["id"] == stage)


def went(answer):
    return sorted((i["title"], i["way"], i["to_pipeline"], i["to_stage"]) for i in answer["items"])


def ends_once(k):
    ends = lambda: [k.admin.get("/api/v1/boards/sales/stages").json[key]["count"] for key in ("won", "lost")]
    won, lost = ends()
    deal = k.admin.post("/api/v1/deals", {"name": "Twice"}).json["id"]
    for to, wanted in (("won", (1, 0)), ("offer", (0, 0)), ("won", (1, 0)), ("lost", (0, 1)), ("enquiry", (0, 0)), ("won", (1, 0))):
        k.admin.patch("/api/v1/deals/%d" % deal, {"stage": to})
        equal("stages__a_deal_that_is_set_back_ends_once_%s" % to, [won + wanted[0], lost + wanted[1]], ends())
    k.admin.patch("/api/v1/deals/%d" % deal, {"pipeline": "service"})
    equal("stages__what_is_won_and_goes_on_elsewhere_was_won", [won + 1, lost], ends())


def behind_the_figures(k):
    own = k.client("max@example.com")
    for client, prefix in ((k.admin, "A"), (own, "M")):
        for name, to in (("on", {"stage": "offer"}), ("won", {"stage": "won"}), ("lost", {"stage": "lost"}), ("away", {"pipeline": "service"}), ("stays", None)):
            made = client.post("/api/v1/deals", {"name": "%s %s" % (prefix, name)}).json["id"]
            if to:
                equal("stays__%s_%s_moves" % (prefix, name), 200, client.patch("/api/v1/deals/%d" % made, to).status)
            if name == "on":
                client.patch("/api/v1/deals/%d" % made, {"stage": "enquiry"})
    everything = stays(k.admin, "enquiry")
    figure = figures(k.admin, "enquiry")
    equal("stays__as_many_as_left", (8, 8, None), (everything["count"], figure["left"], everything["next"]))
    equal("stays__have_their_figures_beside_them", [figure[key] for key in ("entered", "left", "forward", "won", "moved", "conversion", "here")],
          [everything["stage"][key] for key in ("entered", "left", "forward", "won", "moved", "conversion", "here")])
    equal("stays__only_of_what_one_sees_and_where_it_went",
          [("M away", "moved", "service", "asked"), ("M lost", "lost", "sales", "lost"), ("M on", "forward", "sales", "offer"), ("M won", "won", "sales", "won")],
          went(stays(own, "enquiry")))
    equal("stays__back_again", [("M on", "back", "sales", "enquiry")], went(stays(own, "offer")))
    here = stays(own, "enquiry", "&here=1")
    equal("stays__of_those_there", (["M on", "M stays"], figures(own, "enquiry")["here"]), (sorted(i["title"] for i in here["items"]), here["count"]))
    equal("stays__of_a_filter", ["A won", "M won"], sorted(i["title"] for i in stays(k.admin, "enquiry", '&filter=stage = "won"')["items"]))
    pages, cursor = [], ""
    while cursor is not None:
        page = stays(k.admin, "enquiry", "&limit=3&from=%s&to=%s%s" % (everything["from"], everything["to"], cursor))
        pages.append([i["id"] for i in page["items"]])
        cursor = page["next"] and "&cursor=" + page["next"]
    equal("stays__by_pages", ([3, 3, 2], [i["id"] for i in everything["items"]]), ([len(p) for p in pages], sum(pages, [])))
    for query, status in (("stage=nothing", 400), ("", 400), ("stage=enquiry&limit=9999", 400), ("stage=enquiry&from=2018-01-01&to=2017-01-01", 400)):
        equal("stays__answers_%s" % (query or "nothing"), status, k.admin.get("/api/v1/boards/sales/stays?" + query).status)
    equal("stays__not_of_stages_one_may_not_see", 403, k.client("bea@example.com").get("/api/v1/boards/sales/stays?stage=enquiry").status)


with Kontor(conf={"pipelines.yaml": STAYS, "roles.yaml": ROLES, "fields.yaml": FIELDS}) as k:
    k.add_user("max@example.com", role="own")
    k.add_user("bea@example.com", role="blind")
    behind_the_figures(k)
    ends_once(k)
with Kontor(conf={"pipelines.yaml": PIPELINES}) as k:
    taken_away(k)
    given_or_first(k)
finish()
