#!/usr/bin/python3
"""Pipelines that are about people: no company is needed there, and clients are told who stands for it."""
from kontor import Kontor, check, contains, equal, finish, test

CONF = {"pipelines.yaml": """
sales:
  stages: [{id: enquiry}, {id: won}, {id: lost}]
private:
  label: Private customers
  b2c: true
  stages: [{id: asked}, {id: bought, kind: won}, {id: gone, kind: lost}]
""", "fields.yaml": """
deal:
  fields:
    company: {required: true}
"""}
D = "/api/v1/deals"
with Kontor(conf=CONF) as k:
    with test("b2c__needs_no_company"):
        person = k.admin.post("/api/v1/contacts", {"last_name": "Lund"}).json["id"]
        equal("b2c__others_need_one", 422, k.admin.post(D, {"name": "Firm", "contact": person}).status)
        made = k.admin.post(D, {"name": "Bike", "contact": person, "pipeline": "private"})
        equal("b2c__a_person_is_enough", 201, made.status)
        draft = k.admin.post(D + "?dry_run=1", {"name": "Bike", "pipeline": "private"})
        check("b2c__forms_do_not_ask_for_one", "company" not in draft.json["draft"]["required"], draft.text)
        draft = k.admin.post(D + "?dry_run=1", {"name": "Bike"})
        contains("b2c__but_elsewhere", "company", str(draft.json.get("draft")))
        equal("b2c__moving_away_needs_one", 422, k.admin.patch("%s/%d" % (D, made.json["id"]), {"pipeline": "sales"}).status)
    with test("b2c__meta"):
        pipes = {p["id"]: p for p in k.admin.get("/api/v1/meta").json["pipelines"]}
        equal("b2c__who_stands_for_it", ("contact", "company"), (pipes["private"].get("person"), pipes["private"].get("firm")))
        check("b2c__only_there", "person" not in pipes["sales"])
    with test("b2c__of_what_has_no_people"):
        k.write_conf({"pipelines.yaml": CONF["pipelines.yaml"] + "goods:\n  entity: ware\n  b2c: true\n  stages: [{id: a}]\n",
                      "entities/ware.yaml": "entity: ware\ntitle: name\nfields:\n  name: {type: text}\n  pipeline: {type: pipeline, required: true}\n  stage: {type: stage, required: true}\n"})
        contains("b2c__is_refused", "ware has no link to people", k.run("check").stdout + k.run("check").stderr)
finish()
