#!/usr/bin/python3
"""A file holds what the list shows of linked records too, as far as its reader may take it out; it comes back unchanged."""
import csv
import io
import json

from kontor import Kontor, check, contains, equal, finish, test
from workbook import cells_of

CONF = {"fields.yaml": "company:\n  fields:\n    secret: {type: text, see: [lead]}\n    twice: {type: integer, compute: employees * 2}\n",
        "roles.yaml": "taker:\n  label: Taker\n  entities:\n    '*': {see: all, create: all, edit: all, delete: none, export: all, import: all}\n"
                      "    company: {see: all, create: none, edit: none, delete: none, export: own}\n"
                      "nobody:\n  label: Nobody\n  entities:\n    '*': {see: all, export: all}\n    company: {see: all, export: none}\n"}
NAMES = ["last_name", "company.name", "company.city", "company.revenue", "company.twice", "company.owner", "company.parent.city", "city"]


def export(client, names=NAMES, kind="csv", plural="contacts", more=""):
    return client.get("/api/v1/%s/export?format=%s&sort=last_name&filter=last_name%%20is%%20not%%20empty&fields=%s%s" % (plural, kind, ",".join(names), more))


def rows(answer):
    return list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"), newline="")))


def fill(k):
    k.add_user("tak@example.com", role="taker", name="Tak")
    k.add_user("nob@example.com", role="nobody", name="Nob")
    tak = k.admin.get("/api/v1/users?filter=name%20=%20%22Tak%22").json["items"][0]["id"]
    top = k.admin.post("/api/v1/companies", {"name": "Top", "city": "Rome"}).json["id"]
    acme = k.admin.post("/api/v1/companies", {"name": "Acme", "city": "Kiel", "revenue": "12.50", "employees": 4, "parent": top, "secret": "x",
                                              "owner": tak}).json["id"]
    for body in ({"last_name": "Ahn", "company": acme, "city": "Ulm"}, {"last_name": "Bo", "company": top}, {"last_name": "Cy"}):
        assert k.admin.post("/api/v1/contacts", body).status == 201
    return acme, top


def files(k):
    got = rows(export(k.admin))
    equal("export_linked__columns_are_named_by_their_way", NAMES, list(got[0]))
    equal("export_linked__csv", [["Ahn", "Acme", "Kiel", "12.50", "8", "Tak", "Rome", "Ulm"], ["Bo", "Top", "Rome", "", "", "admin", "", ""],
                                 ["Cy"] + [""] * 7], [[r[n] for n in NAMES] for r in got])
    line = json.loads(export(k.admin, kind="ndjson").text.splitlines()[0])
    equal("export_linked__ndjson", ("Kiel", {"value": "12.50", "currency": "EUR"}, "Tak"),
          (line["company.city"], line["company.revenue"], line["company.owner"]["title"]))
    cells = cells_of(export(k.admin, kind="xlsx").body)
    equal("export_linked__workbook", ("Company · City", "Kiel"), (cells["C1"][2], cells["C2"][2]))
    listed = k.must("export", "contact", "--fields", "last_name,company.city", "--filter", 'last_name = "Ahn"')
    equal("export_linked__command", ["last_name,company.city", "Ahn,Kiel"], listed.split())


def refused(k):
    for names, part in ((["company.nope"], "nope"), (["city.name"], "not a link"), (["company.parent.parent.parent.city"], "3"), (["company."], "field")):
        answer = export(k.admin, names)
        check("export_linked__refuses_%s" % names[0], answer.status == 400 and part in answer.text and "fields" in answer.text, answer)
    equal("export_linked__no_cards", 400, export(k.admin, ["last_name", "company.city"], "vcf").status)
    equal("export_linked__each_once", 400, export(k.admin, ["city"] * 200).status)


def rights(k):
    tak, nob = k.client("tak@example.com"), k.client("nob@example.com")
    names = ["last_name", "company", "company.city", "company.owner", "company.parent.city"]
    equal("export_linked__only_what_one_may_export",
          [["Ahn", "Acme", "Kiel", "Tak", ""], ["Bo", "Top", "", "", ""], ["Cy", "", "", "", ""]], [[r[n] for n in names] for r in rows(export(tak, names))])
    equal("export_linked__unseen_fields_are_unknown", 400, export(tak, ["company.secret"]).status)
    equal("export_linked__the_administrator_sees_it", "x", rows(export(k.admin, ["company.secret"]))[0]["company.secret"])
    answer = export(nob, names)
    check("export_linked__nothing_of_what_is_not_exported", answer.status == 403 and "Companies" in answer.text, answer)
    equal("export_linked__own_columns_are", 200, export(nob, ["last_name", "company"]).status)
    can = {e["name"]: e["can"] for e in tak.get("/api/v1/meta").json["entities"]}
    equal("export_linked__meta_says_how_far", ("all", "own", True), (can["contact"]["export_scope"], can["company"]["export_scope"], can["company"]["export"]))


def comes_back(k):
    before = k.must("export", "contact")
    for kind in ("csv", "xlsx"):
        file = k.top / ("back." + kind)
        file.write_bytes(export(k.admin, ["id"] + NAMES + ["company"], kind).body)
        done = json.loads(k.must("import", "contact", file, "--match", "id", "--json"))
        equal("export_linked__own_%s_is_unchanged" % kind, (0, 0, 3, 0), tuple(done[n] for n in ("created", "updated", "unchanged", "rejected")))
    equal("export_linked__nothing_moved", before, k.must("export", "contact"))
    data = export(k.admin, ["last_name", "company.city", "city"]).body
    job = k.admin.post("/api/v1/imports", {"wizard": True, "entity": "contact", "file_name": "own.csv"}).json
    k.admin.request("PUT", "/api/v1/imports/%s/data" % job["id"], data)
    looked = k.admin.get("/api/v1/imports/%s/file" % job["id"])
    check("export_linked__the_wizard_leaves_it_out", [c["how"] for c in looked.json["columns"]] == ["exact", "linked", "exact"], looked)


def past(k, acme):
    at = k.admin.get("/api/v1/changes?limit=1").json["items"][0]["id"]
    k.admin.patch("/api/v1/companies/%d" % acme, {"city": "Bonn"})
    equal("export_linked__of_now", "Bonn", rows(export(k.admin, ["last_name", "company.city"]))[0]["company.city"])
    equal("export_linked__of_then", "Kiel", rows(export(k.admin, ["last_name", "company.city"], more="&as_of=cs:%d" % at))[0]["company.city"])


with test("export_linked__runs"), Kontor(conf=CONF) as k:
    acme, top = fill(k)
    files(k)
    refused(k)
    rights(k)
    comes_back(k)
    past(k, acme)
finish()
