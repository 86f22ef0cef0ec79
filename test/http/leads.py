#!/usr/bin/python3
"""Leads: an entity like any other with a pipeline of its own; its stages, views, warnings and way through a file."""
from kontor import Kontor, contains, equal, finish, test


def make(k, **body):
    answer = k.admin.post("/api/v1/leads", body)
    assert answer.status == 201, answer
    return answer.json


def stages(k):
    with test("lead__begins_as_new_and_ends_converted_or_discarded"):
        ada = make(k, first_name="Ada", last_name="Byron", company_name="Engines", emails="ada@engines.example", subject="Engine")
        assert (ada["title"], ada["pipeline"], ada["stage"]) == ("Ada Byron", "leads", "new") and ada["stage_since"], ada
        path = "/api/v1/leads/%d" % ada["id"]
        no = k.admin.patch(path, {"stage": "discarded"})
        assert no.status == 422 and [f["where"] for f in no.json["error"]["fields"]] == ["lead.lost_reason"], no
        gone = k.admin.patch(path, {"stage": "discarded", "lost_reason": "no_budget"}).json
        assert gone["lost_at"] and not gone["won_at"], gone
        assert k.admin.patch(path, {"stage": "contacted"}).json["lost_at"] is None
    with test("lead__needs_a_name_or_a_company"):
        nord = make(k, company_name="Nord AG")
        assert nord["title"] == "Nord AG", nord
        named = k.admin.patch("/api/v1/leads/%d" % nord["id"], {"first_name": "Nora"}).json
        assert named["title"] == "Nora", named
        assert k.admin.patch("/api/v1/leads/%d" % nord["id"], {"first_name": None, "company_name": "Nord SE"}).json["title"] == "Nord SE"
        assert k.admin.post("/api/v1/leads", {"subject": "x"}).status == 422
    with test("lead__stages_are_those_of_its_own_pipeline"):
        assert k.admin.post("/api/v1/leads", {"last_name": "X", "pipeline": "sales"}).status == 422
        assert k.admin.post("/api/v1/deals", {"name": "X", "stage": "contacted"}).status == 422
        got = [s["id"] for s in k.admin.get("/api/v1/boards/leads").json["stages"]]
        assert got == ["new", "contacted", "qualified", "converted", "discarded"], got


def views(k):
    with test("lead__views_show_mine_new_and_unassigned"):
        make(k, last_name="Free", owner=None)
        found = {v: [r["title"] for r in k.admin.items("/api/v1/leads?view=%s" % v)] for v in ("unassigned_leads", "new_leads", "my_leads")}
        assert found["unassigned_leads"] == ["Free"] and "Free" in found["new_leads"] and "Free" not in found["my_leads"], found


def told(answer):
    return sorted((w["entity"], w["why"]) for w in answer.json["draft"]["warnings"])


def warnings(k):
    with test("lead__warns_of_people_and_companies_with_the_address"):
        k.admin.post("/api/v1/contacts", {"first_name": "Bea", "last_name": "Cole", "emails": "bea@cole.example"})
        k.admin.post("/api/v1/companies", {"name": "Cole", "phones": "+49 30 123456"})
        draft = k.admin.post("/api/v1/leads?dry_run=1", {"last_name": "Kohl", "emails": "BEA@cole.example", "phones": "030 123456"})
        assert told(draft) == [("company", "phone"), ("contact", "email")], told(draft)
    with test("lead__warns_of_people_and_companies_of_the_name"):
        draft = k.admin.post("/api/v1/leads?dry_run=1", {"first_name": "Bea", "last_name": "Cole", "company_name": "Cole"})
        assert told(draft) == [("company", "name"), ("contact", "name")], told(draft)
    with test("lead__nothing_is_offered_as_what_it_became"):
        assert not draft.json["draft"].get("offers"), draft.json["draft"]


def files(k):
    with test("lead__goes_out_and_comes_in"):
        out = k.must("export", "lead", "--fields", "first_name,last_name,company_name,stage,subject,utm_campaign")
        assert out.startswith("first_name,last_name,company_name,stage,subject,utm_campaign"), out
        text = "Vorname,last_name,company_name,utm_campaign\n".replace("Vorname", "first_name") + "Cy,Dahl,Dahl & Co,autumn\n"
        contains("import", "1 created", k.must("import", "lead", k.file(text, "l.csv")))
    equal("lead__search_finds_the_company_name", ["Cy Dahl"],
          [r["title"] for r in k.admin.get("/api/v1/search?q=dahl").json["items"] if r["entity"] == "lead"])


with Kontor() as k:
    stages(k)
    views(k)
    warnings(k)
    files(k)
finish()
