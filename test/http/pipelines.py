#!/usr/bin/python3
"""Pipelines: gates that ask for fields and activities bind every way in (API, bulk, import), say what is missing and can be left
out of an import by an administrator; those of a team come first for its people; cards show the fields a pipeline names."""
import json

from kontor import Kontor, check, contains, equal, finish, test

CONF = {"pipelines.yaml": """
sales:
  label: Sales
  stages:
    - {id: enquiry, percent: 10}
    - id: proposal
      percent: 50
      gate: {require: [amount], activities: [{kind: meeting, done: true}, {kind: task}], say: Meet first}
    - {id: won, kind: won}
    - {id: lost, kind: lost, gate: {require: [lost_reason]}}
solar:
  label: Solar
  entity: deal
  card: [amount, source]
  teams: [Sun]
  stages: [{id: survey}, {id: proposal}, {id: won, kind: won}, {id: lost, kind: lost}]
""", "roles.yaml": """
keeper:
  entities:
    "*": {see: all, create: all, edit: all, delete: all, export: all, import: all}
"""}
MEETING = "deal.stage.meeting"
TASK = "deal.stage.task"


def deal(k, **more):
    answer = k.admin.post("/api/v1/deals", {"name": "D", "pipeline": "sales", "stage": "enquiry", **more})
    assert answer.status == 201, answer
    return answer.json["id"]


def act(k, id_, **more):
    answer = k.admin.post("/api/v1/activities", {"subject": "X", "links": [{"entity": "deal", "id": id_}], **more})
    assert answer.status == 201, answer


def wheres(answer):
    return [f["where"] for f in answer.json["error"]["fields"]]


def check_api(k):
    id_ = deal(k)
    path = "/api/v1/deals/%d" % id_
    answer = k.admin.patch(path, {"stage": "proposal"})
    equal("pipelines__gate_refuses", 422, answer.status)
    equal("pipelines__gate_names_all_that_is_missing", ["deal.amount", MEETING, TASK], wheres(answer))
    contains("pipelines__gate_says_it_in_words", "Meeting: one that is done is needed in the stage Proposal.",
             answer.json["error"]["fields"][1]["text"])
    both = {"stage": "proposal", "amount": "5", "then": [{"kind": "meeting", "subject": "Met", "done_at": "2026-11-20T10:00:00Z"}, {"kind": "task", "subject": "Offer"}]}
    alone = k.admin.patch(path, {**both, "then": both["then"][:1]})
    equal("pipelines__gate_with_half_of_it_leaves_nothing", ([TASK], 0), (wheres(alone), k.admin.get("/api/v1/activities?filter=links%%20contains%%20%d" % id_).json["count"]))
    moved = k.admin.patch(path, both)
    equal("pipelines__gate_passed_by_what_comes_along", (200, "proposal"), (moved.status, moved.json.get("stage")))
    k.admin.post("/api/v1/changes/%s/undo" % moved.headers["x-kontor-change"])
    equal("pipelines__and_taken_back_as_one", ("enquiry", None, 0), (
        k.admin.get(path).json["stage"], k.admin.get(path).json["amount"], k.admin.get("/api/v1/activities?filter=links%%20contains%%20%d" % id_).json["count"]))
    act(k, id_, kind="meeting")
    equal("pipelines__gate_wants_it_done", ["deal.amount", MEETING, TASK], wheres(k.admin.patch(path, {"stage": "proposal"})))
    act(k, id_, kind="task")
    equal("pipelines__a_planned_one_is_enough_where_done_is_not_asked", ["deal.amount", MEETING],
          wheres(k.admin.patch(path, {"stage": "proposal"})))
    act(k, id_, kind="meeting", done_at="2026-11-20T10:00:00Z")
    dry = k.admin.patch(path + "?dry_run=1", {"stage": "proposal", "amount": "10"})
    equal("pipelines__gate_lets_pass_what_has_all_dry", 200, dry.status)
    answer = k.admin.patch(path, {"stage": "proposal", "amount": "10"})
    equal("pipelines__gate_lets_pass_what_has_all", (200, "proposal"), (answer.status, answer.json.get("stage")))


def check_undo(k):
    """Moved, won, lost with its reason: Undo brings back every field as it was."""
    id_ = deal(k, amount="5", percent="33.5", close_date="2026-12-24")
    path = "/api/v1/deals/%d" % id_
    changing = ("version", "updated_at", "updated_by")
    before = {key: v for key, v in k.admin.get(path).json.items() if key not in changing}
    for change in ({"stage": "won"}, {"stage": "lost", "lost_reason": "price"}, {"pipeline": "solar", "stage": "proposal"}):
        equal("pipelines__moves_to_%s" % change["stage"], 200, k.admin.patch(path, change).status)
        undone = k.admin.post("/api/v1/changes/%s/undo" % k.admin.get("/api/v1/changes").json["items"][0]["id"])
        equal("pipelines__undo_of_%s_is_whole" % change["stage"], (200, []), (undone.status, undone.json["kept"]))
        now = {key: v for key, v in k.admin.get(path).json.items() if key not in changing}
        equal("pipelines__undo_of_%s_is_exact" % change["stage"], before, now)


def check_bulk(k):
    good, bad = deal(k, amount="5"), deal(k, amount="5")
    act(k, good, kind="task")
    act(k, good, kind="meeting", done_at="2026-11-20T10:00:00Z")
    answer = k.admin.post("/api/v1/deals/bulk", {"ids": [good, bad], "set": {"stage": "proposal"}})
    equal("pipelines__gate_binds_bulk", (1, [bad]), (answer.json["changed"], [e["id"] for e in answer.json["errors"]]))
    contains("pipelines__bulk_says_why", "Meeting", json.dumps(answer.json["errors"]))


def check_told(k):
    """Who owns deals that an import moves past their gates is told once; not of those that pass, nor who imports himself."""
    k.add_user("seller@example.com", role="admin")
    seller = k.client("seller@example.com")
    ids = [deal(k, amount="5", owner=seller.user["id"]) for _ in range(3)]
    act(k, ids[2], kind="task")
    act(k, ids[2], kind="meeting", done_at="2026-11-20T10:00:00Z")
    seller.post("/api/v1/notifications/seen", {"all": True})
    path = k.file("id,stage\n" + "".join("%d,proposal\n" % x for x in ids), "moved.csv")
    told = lambda: [(n["record"]["id"], n["about"]) for n in seller.get("/api/v1/notifications?unseen=1").json["items"] if n["kind"] == "gate"]
    k.must("import", "deal", path, "--match", "id", "--no-gates", "--dry-run")
    equal("pipelines__no_gates_on_trial_tells_nobody", [], told())
    k.must("import", "deal", path, "--match", "id", "--no-gates", "--as", "seller@example.com")
    equal("pipelines__no_gates_does_not_tell_who_does_it", [], told())
    back = k.file("id,stage\n" + "".join("%d,enquiry\n" % x for x in ids), "back.csv")
    k.must("import", "deal", back, "--match", "id")
    k.must("import", "deal", path, "--match", "id", "--no-gates")
    equal("pipelines__no_gates_tells_the_owner_once", [(ids[0], {"stage": "Proposal", "count": 2})], told())
    k.must("undo", str(k.admin.get("/api/v1/changes").json["items"][0]["id"]))
    equal("pipelines__no_gates_undone_tells_nothing", [], told())


def check_import(k):
    path = k.file("name,pipeline,stage,amount\nImported,sales,proposal,7\nOther,sales,enquiry,7\n", "deals.csv")
    result = k.run("import", "deal", path, "--json", "--rejects", k.file("", "rejects.csv"))
    answer = json.loads(result.stdout)
    equal("pipelines__gate_binds_import", (3, 1, 1), (result.returncode, answer["created"], answer["rejected"]))
    path = k.file("name,pipeline,stage,amount\nImported,sales,proposal,7\nLost one,sales,lost,7\n", "old.csv")
    result = k.run("import", "deal", path, "--json", "--no-gates")
    answer = json.loads(result.stdout)
    equal("pipelines__no_gates_lets_all_in", (0, 2, 0), (result.returncode, answer["created"], answer["rejected"]))
    change = k.admin.get("/api/v1/changes").json["items"][0]
    contains("pipelines__no_gates_stands_in_the_history", "import old.csv, without gates", json.dumps(change))
    check_told(k)
    k.add_user("lead@example.com", role="keeper")
    result = k.run("import", "deal", path, "--no-gates", "--as", "lead@example.com")
    equal("pipelines__no_gates_is_for_administrators", 1, result.returncode)
    draft = {"entity": "deal", "file_name": "x.csv", "wizard": True, "no_gates": True}
    equal("pipelines__no_gates_in_the_wizard_too", (201, 403),
          (k.admin.post("/api/v1/imports", draft).status, k.client("lead@example.com").post("/api/v1/imports", draft).status))
    contains("pipelines__no_gates_says_so", "Only an administrator may", result.stderr)
    k.must("undo", str(answer["change"]))
    equal("pipelines__no_gates_import_is_undone", [],
          k.admin.get('/api/v1/deals?filter=name in ("Imported", "Lost one")').json["items"])


def deals_of(client):
    return [p for p in client.get("/api/v1/meta").json["pipelines"] if p["entity"] == "deal"]


def check_teams(k):
    equal("pipelines__common_ones_first_for_others", ["sales", "solar"],
          [p["id"] for p in deals_of(k.admin)])
    k.admin.post("/api/v1/teams", {"name": "Sun"})
    k.add_user("sun@example.com", role="member", team="Sun")
    sun = k.client("sun@example.com")
    meta = deals_of(sun)
    equal("pipelines__a_teams_own_first", ["solar", "sales"], [p["id"] for p in meta])
    equal("pipelines__meta_tells_cards_and_teams", (["amount", "source"], ["Sun"]), (meta[0]["card"], meta[0]["teams"]))
    equal("pipelines__meta_tells_what_gates_want", [{"kind": "meeting", "done": True}, {"kind": "task", "done": False}],
          meta[1]["stages"][1]["activities"])
    made = sun.post("/api/v1/deals", {"name": "New"}).json
    equal("pipelines__new_ones_begin_in_the_teams_own", ("solar", "survey"), (made["pipeline"], made["stage"]))
    made = sun.post("/api/v1/deals", {"name": "New", "stage": "proposal"}).json
    equal("pipelines__a_stage_of_several_is_the_teams_own", "solar", made["pipeline"])
    made = sun.post("/api/v1/deals", {"name": "New", "stage": "enquiry"}).json
    equal("pipelines__a_stage_of_another_decides", "sales", made["pipeline"])
    equal("pipelines__others_begin_in_the_common_one", "sales", k.admin.post("/api/v1/deals", {"name": "New"}).json["pipeline"])


def check_configuration(k):
    bad = {"gate: {activities: [{kind: meating}]}": "meating", "gate: {activities: meeting}": "must be a list like",
           "gate: {activities: [{sort: x}]}": "sort"}
    for text, part in bad.items():
        k.write_conf({"pipelines.yaml": "sales:\n  stages: [{id: a}, {id: b, %s}]\n" % text})
        result = k.run("check")
        check("pipelines__configuration_is_checked", result.returncode == 1, lambda: result.stdout)
        contains("pipelines__configuration_says_what_is_wrong", part, result.stdout + result.stderr)
    k.write_conf({"pipelines.yaml": "sales:\n  card: [amonut]\n  stages: [{id: a}]\n"})
    contains("pipelines__unknown_fields_of_cards", "amonut", k.run("check").stderr + k.run("check").stdout)


with test("pipelines"), Kontor(conf=CONF) as k:
    check_api(k)
    check_undo(k)
    check_bulk(k)
    check_import(k)
    check_teams(k)
    check_configuration(k)
finish()
