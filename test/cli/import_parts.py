#!/usr/bin/python3
"""Rows that make several records: a company of many rows is made once, and no two become one by what they share."""
import json

from kontor import Kontor, equal, finish, test

MAP = """import: contact
match: emails
columns:
  N: last_name
  E: emails
  F: {of: company, field: name}
  W: {of: company, field: website}
"""
DEALS = """import: deal
match: name
columns:
  Deal: name
  First: {of: contact, field: first_name}
  Last: {of: contact, field: last_name}
  Mail: {of: contact, field: emails}
"""
ROWS = "N,E,F,W\nAa,aa@t.de,Acme Berlin,www.acme.example\nBb,bb@t.de,Acme Wien,https://acme.example\n" \
       "Cc,cc@t.de,Bakery Smith,https://facebook.com/smith\nDd,dd@t.de,Plumber Jones,https://facebook.com/jones\n" \
       "Ee,ee@t.de,BAKERY SMITH,\nFf,ff@t.de,Acme Berlin,shop.example\n"


def bring(k, entity, rows, map):
    done = json.loads(k.run("import", entity, k.file(rows, "rows.csv"), "--map", k.file(map, "map.yaml"), "--json").stdout)
    return done["created"], done["updated"], done["unchanged"], done["rejected"]


def companies(k):
    return {c["name"]: [w["value"] for w in c["website"]] for c in k.admin.items("/api/v1/companies")}


def of(k):
    return {c["last_name"]: c["company"]["title"] for c in k.admin.items("/api/v1/contacts") if c["company"]}


def shared_sites(k):
    wanted = {"Acme Berlin": ["www.acme.example", "shop.example"], "Acme Wien": ["https://acme.example"],
              "Bakery Smith": ["https://facebook.com/smith"], "Plumber Jones": ["https://facebook.com/jones"]}
    with test("import_parts__a_shared_website_makes_no_one_company"):
        equal("import_parts__come_in", (6, 0, 0, 0), bring(k, "contact", ROWS, MAP))
        equal("import_parts__each_company_once", wanted, companies(k))
        equal("import_parts__of_its_people", {"Aa": "Acme Berlin", "Bb": "Acme Wien", "Cc": "Bakery Smith", "Dd": "Plumber Jones",
                                              "Ee": "Bakery Smith", "Ff": "Acme Berlin"}, of(k))
        equal("import_parts__again_nothing", (0, 0, 6, 0), bring(k, "contact", ROWS, MAP))
        equal("import_parts__as_they_were", wanted, companies(k))


def helped(k):
    with test("import_parts__a_website_tells_those_of_one_name_apart"):
        for site in "one.example", "two.example":
            assert k.admin.post("/api/v1/companies", {"name": "Twin", "website": [site], "city": site}).status == 201
        equal("import_parts__twin", (1, 0, 0, 0), bring(k, "contact", "N,E,F,W\nGg,gg@t.de,twin,www.two.example\n", MAP))
        found = k.admin.items("/api/v1/contacts?filter=last_name = \"Gg\"")[0]["company"]["id"]
        equal("import_parts__the_one_of_the_site", "two.example", k.admin.get("/api/v1/companies/%d" % found).json["city"])
        equal("import_parts__neither", (0, 0, 0, 1), bring(k, "contact", "N,E,F,W\nHh,hh@t.de,Twin,three.example\n", MAP))
    with test("import_parts__a_website_alone_finds_it"):
        equal("import_parts__alone", (1, 0, 0, 0), bring(k, "contact", "N,E,F,W\nIi,ii@t.de,,http://shop.example/x\n", MAP))
        equal("import_parts__no_name", "Acme Berlin", of(k).get("Ii"))


def people(k):
    rows = "Deal,First,Last,Mail\nD1,John,Smith,us@smith.example\nD2,Mary,Smith,us@smith.example\nD3,John,Smith,us@smith.example\nD4,,,us@jones.example\n"
    with test("import_parts__two_people_of_one_mailbox"):
        k.admin.post("/api/v1/contacts", {"last_name": "Jones", "emails": ["us@jones.example"]})
        equal("import_parts__deals", (4, 0, 0, 0), bring(k, "deal", rows, DEALS))
        got = {d["name"]: (d["contact"]["title"], d["contact"]["id"]) for d in k.admin.items("/api/v1/deals")}
        equal("import_parts__people", ["John Smith", "Mary Smith", "John Smith", "Jones"], [got["D%d" % i][0] for i in (1, 2, 3, 4)])
        equal("import_parts__each_once", got["D1"][1], got["D3"][1])
        equal("import_parts__deals_again", (0, 0, 4, 0), bring(k, "deal", rows, DEALS))


def main():
    with Kontor() as k:
        shared_sites(k)
        helped(k)
        people(k)
    finish()


main()
