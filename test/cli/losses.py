#!/usr/bin/python3
"""What a changed configuration takes from the records that are there is said by the plan, with place and count."""
import json
import signal
import time

from kontor import Kontor, check, contains, equal, finish, test

FIELDS = """company:
  fields:
    tier: {type: choice, of: [gold, silver]}
    marks:
      type: choices
      of: {a: First, b: Second}
"""
STAGES = """sales:
  entity: deal
  stages:
    - {id: enquiry, percent: 10}
%s    - {id: won, kind: won}
    - {id: lost, kind: lost}
"""
ROLES = """%s:
  label: Boss
  entities:
    "*": {see: all}
"""


def refused_until(k, name, said, move):
    """The plan is refused with these words, apply --yes and SIGHUP keep the old, until the records are moved."""
    with test("%s__in_use_is_refused_with_place_and_count" % name):
        plan = k.run("plan")
        assert plan.returncode == 1 and "refused: " + said in plan.stdout, plan
        step = [s for s in json.loads(k.run("plan", "--json").stdout)["plan"] if s["kind"] == "refuse"][0]
        assert (step["where"] + ": " + step["text"]).startswith(said), step
        assert k.run("apply", "--yes").returncode == 1
        k.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 5
        while said not in " ".join(k.admin.get("/api/v1/status").json["problems"]) and time.monotonic() < end:
            time.sleep(0.05)
        contains("said by the status", said, " ".join(k.admin.get("/api/v1/status").json["problems"]))
    with test("%s__leaves_when_its_records_are_moved" % name):
        move()
        k.must("apply", "--yes")
        assert k.must("plan") == "Nothing changes.\n"


def options():
    with Kontor(conf={"fields.yaml": FIELDS}) as k:
        ids = [k.admin.post("/api/v1/companies", {"name": "C%d" % i, "tier": "silver", "marks": ["a", "b"]}).json["id"]
               for i in range(7)]
        k.admin.delete("/api/v1/companies/%d" % ids[0])
        views = [k.admin.post("/api/v1/views", {"name": n, "entity": "company", **v}).json["id"] for n, v in (
            ("Filtered", {"filter": 'tier = "silver"'}), ("Sorted", {"sort": "name,-tier"}),
            ("Wide", {"columns": ["name", "tier"]}), ("Gold", {"filter": 'tier = "gold"'}))]
        k.write_conf({"fields.yaml": FIELDS.replace(", silver", "").replace(", b: Second", "")})
        with test("option__in_use_needs_a_yes"):
            plan = k.must("plan")
            assert ("loses:   fields.yaml:3:30: Option silver of company.tier leaves: 7 records (first ids %s; 1 of them in "
                    "the trash) hold it" % ", ".join(map(str, ids[:5]))) in plan, plan
            assert "there is gold." in plan, plan
            assert "Option b of company.marks leaves: 7 records" in plan and "fields.yaml:6:" in plan, plan
            assert k.run("apply").returncode == 1
            steps = json.loads(k.must("plan", "--json"))["plan"]
            assert sum(s["loses"] for s in steps) == 3, steps
        check("view__whose_filter_names_the_option_is_listed",
              "The saved view “Filtered” of company (record %d) does not work" % views[0] in plan and
              "Gold" not in plan and "Sorted" not in plan, plan)
        with test("option__that_is_gone_is_said_once"):
            k.must("apply", "--yes")
            assert k.must("plan") == "Nothing changes.\n"
            k.write_conf({"kontor.yaml": (k.conf / "kontor.yaml").read_text() + "# a note\n"})
            k.must("apply")
        with test("view__whose_sort_or_columns_leave_is_listed"):
            (k.conf / "fields.yaml").unlink()
            plan = k.must("plan")
            for name, why in (("Sorted", "it is sorted by name,-tier."), ("Wide", "not all of its columns are there."),
                              ("Gold", "its filter is refused: ")):
                assert "The saved view “%s” of company" % name in plan and why in plan, (name, plan)
            assert "Filtered" not in plan, plan
            k.must("apply", "--yes")
        with test("option__of_a_field_that_returns_without_it_is_listed"):
            k.write_conf({"fields.yaml": FIELDS.replace(", silver", "")})
            assert "Option silver of company.tier leaves: 7 records" in k.must("plan")


def stages():
    with Kontor(conf={"pipelines.yaml": STAGES % "    - {id: talks}\n"}) as k:
        deals = [k.admin.post("/api/v1/deals", {"name": "D%d" % i, "stage": "talks"}).json["id"] for i in range(3)]
        k.admin.delete("/api/v1/deals/%d" % deals[2])
        k.write_conf({"pipelines.yaml": STAGES % ""})
        refused_until(
            k, "stage", "pipelines.yaml:4:5: Stage talks leaves pipeline sales of deal: 3 records (ids %d, %d, %d; 1 of "
            "them in the trash) are in it" % tuple(deals),
            lambda: [k.admin.patch("/api/v1/deals/%d" % d, {"stage": "enquiry"}) for d in deals[:2]])
    with Kontor(conf={"pipelines.yaml": STAGES % "    - {id: talks}\n"}) as k:
        deal = k.admin.post("/api/v1/deals", {"name": "D", "stage": "talks"}).json["id"]
        k.admin.delete("/api/v1/deals/%d" % deal)
        k.write_conf({"pipelines.yaml": STAGES % ""})
        with test("stage__of_the_trash_alone_needs_a_yes"):
            plan = k.must("plan")
            assert "loses:   pipelines.yaml:4:5: Stage talks" in plan and "in the trash" in plan, plan
            assert k.run("apply").returncode == 1
            k.must("apply", "--yes")


def pipelines():
    both = STAGES % "" + (STAGES % "").replace("sales", "spares")
    with Kontor(conf={"pipelines.yaml": both}) as k:
        deal = k.admin.post("/api/v1/deals", {"name": "D", "pipeline": "spares"}).json["id"]
        k.write_conf({"pipelines.yaml": STAGES % ""})
        refused_until(
            k, "pipeline", "pipelines.yaml: Pipeline spares leaves deal: 1 record (id %d) is in it" % deal,
            lambda: k.admin.patch("/api/v1/deals/%d" % deal, {"pipeline": "sales", "stage": "enquiry"}))


GATED = """roofs:
  entity: deal
  teams: [%s]
  stages:
    - {id: enquiry}
    - {id: offer, percent: %d, gate: {require: [%s], if: '%s'}}
%s    - {id: won}
"""


def told():
    """What goes, comes or changes in pipelines where nothing is lost is told all the same."""
    first = GATED % ("Solar", 50, "amount", "amount > 0", "    - {id: talks, gate: {require: [close_date]}}\n")
    with Kontor(conf={"pipelines.yaml": first + STAGES.replace("sales", "spares") % ""}) as k:
        k.write_conf({"pipelines.yaml": GATED % ("Slar", 60, "amount, close_date", "amount > 5", "    - {id: visit}\n")
                      + STAGES % "    - {id: talks, gate: {ask: [amount]}}\n"})
        plan = k.run("plan")
        for name, said in (
                ("team", "pipelines.yaml:1:1: Pipeline roofs is of Slar, before of Solar."),
                ("percent", "pipelines.yaml:6:7: Stage offer of pipeline roofs counts 60 percent, before 50."),
                ("gate", "The gate of stage offer of pipeline roofs was amount, if amount > 0 and is amount, close_date, if amount > 5."),
                ("new_stage", "pipelines.yaml:7:7: Stage visit is new in pipeline roofs."),
                ("old_stage", "Stage talks leaves pipeline roofs with its gate (close_date): no records are in it."),
                ("new_pipeline", "Pipeline sales is new in deal, of all teams: 4 stages, 1 gate."),
                ("old_pipeline", "Pipeline spares leaves deal with 3 stages and 0 gates: no records are in it.")):
            check("plan__tells_of_a_%s" % name, "changes: " in plan.stdout and said in plan.stdout, plan.stdout)
        equal("plan__loses_nothing_by_it", (0, False), (plan.returncode, "loses:" in plan.stdout))
        contains("plan__notes_a_team_that_is_not_there", 'there is no team "Slar"', plan.stderr)
        k.must("apply")
        equal("plan__says_it_once", "Nothing changes.\n", k.must("plan"))


def roles():
    with Kontor(conf={"roles.yaml": ROLES % "boss"}) as k:
        boss = k.add_user("boss@example.com", role="boss")
        k.write_conf({"roles.yaml": ROLES % "other"})
        refused_until(
            k, "role", "roles.yaml:1:1: Role boss leaves: 1 record (id %d) has it and could not sign in" % boss.user["id"],
            lambda: k.admin.patch("/api/v1/users/%d" % boss.user["id"], {"role": "reader"}))
        equal("role__whoever_had_it_still_signs_in", 200, boss.sign_in("boss@example.com").status)


options()
stages()
pipelines()
told()
roles()
finish()
