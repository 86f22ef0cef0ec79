#!/usr/bin/python3
"""Companies form a tree: nobody stands above himself, by however many steps and whichever way it is written; the page's
tree, its sums and within() follow the branches as far as the reader sees them."""
import urllib.parse

from kontor import Kontor, check, contains, equal, finish, test

ROLES = """seller:
  label: Seller
  entities:
    company: {see: own, create: own, edit: own}
    deal: {see: own, create: own, edit: own}
"""


def company(k, name, parent=None, who=None, **more):
    r = (who or k.admin).post("/api/v1/companies", {"name": name, "parent": parent, **more})
    assert r.status == 201, r.json
    return r.json["id"]


def above(k, one, parent, **more):
    return k.admin.patch("/api/v1/companies/%d" % one, {"parent": parent}, **more)


def rings(k):
    a = company(k, "Acme")
    b = company(k, "Nord", a)
    c = company(k, "Kiel", b)
    r = above(k, a, c)
    equal("tree__ring_of_three_is_refused", 422, r.status)
    contains("tree__says_where_the_ring_runs", "Kiel › Nord › Acme", r.json["error"]["fields"][0]["text"])
    equal("tree__names_the_field", "company.parent", r.json["error"]["fields"][0]["where"])
    equal("tree__of_oneself_is_refused", 422, above(k, a, a).status)
    equal("tree__a_dry_run_says_the_same", 422, k.admin.request("PATCH", "/api/v1/companies/%d?dry_run=1" % a, {"parent": c}, headers={"If-Match": "*"}).status)
    bulk = k.admin.post("/api/v1/companies/bulk", {"ids": [a, b], "set": {"parent": c}})
    check("tree__bulk_keeps_to_it", bulk.json["changed"] == 0 and len(bulk.json["errors"]) == 2, bulk.json)
    file = k.file("name;parent\nAcme;Kiel\nOslo;Kiel\n", k.top / "ring.csv")
    told = k.run("import", "company", file, "--match", "name")
    check("tree__import_keeps_to_it", told.returncode == 3 and told.stdout.startswith("1 created"), told.stdout)
    with test("tree__undo_keeps_to_it"):
        k.admin.patch("/api/v1/companies/%d" % b, {"parent": None})
        change = k.admin.get("/api/v1/changes?limit=1").json["items"][0]["id"]
        assert above(k, a, b).status == 200
        undone = k.admin.post("/api/v1/changes/%d/undo" % change, {}).json
        assert undone["undone"] == 0 and undone["kept"][0]["fields"] == ["parent"], undone
        assert "above itself" in undone["kept"][0]["text"], undone
        assert k.admin.get("/api/v1/companies/%d" % b).json["parent"] is None
    equal("tree__another_way_round_is_fine", 200, above(k, c, a).status)


def figures(k):
    top = company(k, "Top")
    one, two = company(k, "Branch one", top), company(k, "Branch two", top)
    leaf = company(k, "Leaf", one)
    for n, where in enumerate((top, one, leaf, leaf)):
        assert k.admin.post("/api/v1/deals", {"name": "D%d" % n, "company": where, "amount": "100.00"}).status == 201
    k.admin.post("/api/v1/activities", {"subject": "Call", "kind": "call", "links": [{"entity": "company", "id": leaf}]})
    tree = k.admin.get("/api/v1/companies/%d/tree" % one).json
    equal("tree__holds_all_from_the_top", {top, one, two, leaf}, {x["id"] for x in tree["items"]})
    equal("tree__says_who_is_above", one, next(x["parent"] for x in tree["items"] if x["id"] == leaf))
    equal("tree__counts_branches", 1, tree["below"]["count"])
    equal("tree__sums_amounts_of_branches", {"value": "300.00", "currency": "EUR"}, tree["below"]["open_value"])
    equal("tree__counts_open_deals_of_branches", 3, tree["below"]["deals_open"])
    equal("tree__counts_open_work_of_branches", 1, tree["below"]["activities_open"])
    equal("tree__of_a_contact_is_not_there", 404, k.admin.get("/api/v1/contacts/%d/tree" % one).status)
    equal("tree__of_nobody_is_not_there", 404, k.admin.get("/api/v1/companies/999999/tree").status)
    found = lambda path, text: {x["name"] for x in k.admin.get("/api/v1/%s?filter=%s" % (path, urllib.parse.quote(text))).json["items"]}
    equal("within__finds_deals_of_branches", {"D1", "D2", "D3"}, found("deals", "within(company, %d)" % one))
    equal("within__finds_the_records_themselves", {"Branch one", "Leaf"}, found("companies", "within(id, %d)" % one))
    equal("within__is_found_over_links_too", {"Leaf"}, found("companies", "within(parent, %d)" % one))
    for name, text in {"no_tree": "within(owner, 1)", "no_link": "within(name, 1)", "no_number": 'within(company, "x")', "one_word": "within(company)"}.items():
        equal("within__refuses_" + name, 400, k.admin.get("/api/v1/deals?filter=" + urllib.parse.quote(text)).status)
    return top, one, leaf


def rights(k, top):
    seller = k.add_user("s@example.com", role="seller")
    mine = company(k, "Mine", who=seller)
    assert above(k, mine, top).status == 200
    sub = company(k, "Sub", mine, who=seller)
    tree = seller.get("/api/v1/companies/%d/tree" % sub).json
    equal("tree__ends_where_sight_ends", {mine, sub}, {x["id"] for x in tree["items"]})
    equal("tree__names_no_hidden_parent", None, next(x["parent"] for x in tree["items"] if x["id"] == mine))
    hidden = seller.get("/api/v1/companies/%d/tree" % top)
    equal("tree__of_a_hidden_record_is_not_there", 404, hidden.status)
    equal("within__a_hidden_record_finds_nothing", [], seller.get("/api/v1/companies?filter=" + urllib.parse.quote("within(parent, %d)" % top)).json["items"])


with Kontor(conf={"roles.yaml": ROLES}) as k:
    rings(k)
    rights(k, figures(k)[0])
finish()
