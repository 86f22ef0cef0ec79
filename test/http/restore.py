#!/usr/bin/python3
"""Values of before come back through the model of now: an option that is gone, a limit, a link into the bin or to what one
may not see, a value somebody took. One that cannot is named; of a whole record the others come back. The body says what is
meant and nothing else."""
import time

from kontor import Kontor, check, equal, finish, test

VISIT = """entity: visit
label: Visit
plural: visits
title: name
fields:
  name: {type: text, required: true}
  kind: {type: choice, of: [%s]}
  kinds: {type: choices, of: [%s]}
  guests: {type: integer%s}
  code: {type: text, unique: true}
  place: {type: text}
  company: {type: link, to: company}
  about: {type: records, reverse: visits_about}
  fee: {type: money}
"""
ROLES = """admin:
  label: Administrator
  admin: true
own:
  label: Own
  entities:
    "*": {see: own, create: own, edit: own, delete: own, export: own, import: none}
    visit: {see: all, create: own, edit: all, delete: own, export: own, import: none}
"""


def last(k):
    return k.admin.get("/api/v1/changes?limit=1").json["items"][0]["id"]


def wheres(answer):
    return [f["where"] for f in answer.json["error"]["fields"]]


def model():
    with Kontor(conf={"entities/visit.yaml": VISIT % ("x, y, z", "x, y, z", "")}) as k:
        a = k.admin
        there = a.post("/api/v1/companies", {"name": "There"}).json["id"]
        gone = a.post("/api/v1/companies", {"name": "Gone"}).json["id"]
        then = {"name": "Then", "kind": "z", "kinds": ["z", "x"], "guests": 500, "code": "C", "place": "Kiel", "company": gone,
                "about": [there], "fee": "7"}
        visit = a.post("/api/v1/visits", then).json
        path = "/api/v1/visits/%d" % visit["id"]
        time.sleep(0.01)
        a.patch(path, {"name": "Now", "kind": "x", "kinds": ["x"], "guests": 5, "code": "D", "place": "Bonn", "company": there,
                       "about": [gone], "fee": "8"})
        change = last(k)
        a.patch(path, {"about": []})
        emptied = last(k)
        a.delete("/api/v1/companies/%d" % gone)
        a.post("/api/v1/visits", {"name": "Other", "code": "c"})
        k.write_conf({"entities/visit.yaml": VISIT % ("x, y", "x, y", ", max: 10")})
        k.must("apply", "--yes")
        before = a.get(path).json
        for field, why in (("kind", "z"), ("kinds", "z"), ("guests", "10"), ("company", "in the bin")):
            answer = a.post(path + "/restore", {"change": change, "field": field})
            check("restore__of_%s_that_does_not_fit_any_more_is_refused" % field, answer.status == 422
                  and wheres(answer) == ["visit." + field] and why in answer.text, answer)
        answer = a.post(path + "/restore", {"change": emptied, "field": "about"})
        equal("restore__of_a_list_with_a_link_into_the_bin_is_refused", (422, ["visit.about"]), (answer.status, wheres(answer)))
        equal("restore__of_a_taken_value_is_refused", 409, a.post(path + "/restore", {"change": change, "field": "code"}).status)
        equal("restore__that_was_refused_changed_nothing", before, a.get(path).json)
        moment = {"at": visit["updated_at"]}
        dry = a.post(path + "/restore?dry_run=1", moment).json
        answer = a.post(path + "/restore", moment)
        with test("restore__to_a_moment_leaves_what_does_not_fit_and_names_it"):
            assert answer.status == 200, answer
            kept = {f: r["text"] for r in answer.json["kept"] for f in r["fields"]}
            assert sorted(kept) == ["code", "company", "guests", "kind", "kinds"], kept
            assert kept["code"] == "Another Visit has this Code already.", kept
            assert {(r["entity"], r["id"], r["title"]) for r in answer.json["kept"]} == {("visit", visit["id"], "Now")}, answer
            assert dry["kept"] == answer.json["kept"] and dry["dry_run"], dry
        with test("restore__to_a_moment_brings_the_others_back"):
            got = a.get(path).json
            assert (got["name"], got["place"], got["fee"]["value"], [r["id"] for r in got["about"]]) == ("Then", "Kiel", "7.00", [there]), got
            assert (got["kind"], got["kinds"], got["guests"], got["code"], got["company"]["id"]) == ("x", ["x"], 5, "D", there), got
            assert "kept" not in got
            assert a.post("/api/v1/changes/%d/undo" % last(k)).json["undone"] == 1
        with test("restore__of_a_record_leaves_an_export_that_is_imported_again"):
            out = str(k.top / "visits.csv")
            k.must("export", "visit", "--out", out)
            assert k.run("import", "visit", out, "--match", "id").returncode == 0
        with test("restore__of_what_fits_still_comes_back"):
            answer = a.post(path + "/restore", {"change": change, "field": "place"})
            assert answer.status == 200 and answer.json["place"] == "Kiel" and "kept" not in answer.json, answer


def hidden():
    with Kontor(conf={"entities/visit.yaml": VISIT % ("x", "x", ""), "roles.yaml": ROLES}) as k:
        own = k.add_user("own@example.com", "own")
        secret = k.admin.post("/api/v1/companies", {"name": "Secret"}).json["id"]
        visit = k.admin.post("/api/v1/visits", {"name": "V", "company": secret, "about": [secret], "place": "Kiel"}).json
        path = "/api/v1/visits/%d" % visit["id"]
        k.admin.patch(path, {"company": None, "about": [], "place": "Bonn"})
        change = last(k)
        for field in ("company", "about"):
            answer = own.post(path + "/restore", {"change": change, "field": field})
            check("restore__of_%s_to_what_one_may_not_see_is_refused" % field, answer.status == 422
                  and str(secret) not in answer.json["error"]["text"] and "Secret" not in answer.text, answer)
        with test("restore__to_a_moment_sets_no_link_to_what_one_may_not_see"):
            answer = own.post(path + "/restore", {"at": visit["updated_at"]})
            assert sorted(r["fields"][0] for r in answer.json["kept"]) == ["about", "company"], answer
            got = k.admin.get(path).json
            assert (got["company"], got["about"], got["place"]) == (None, [], "Kiel"), got
        k.admin.patch(path, {"about": [secret]})
        k.admin.patch(path, {"place": "Ulm"})
        with test("restore__leaves_alone_what_one_may_not_see_and_did_not_change"):
            answer = own.post(path + "/restore", {"change": last(k), "field": "place"})
            assert answer.status == 200 and [r["id"] for r in k.admin.get(path).json["about"]] == [secret], answer


def bodies():
    with Kontor() as k:
        a = k.admin
        company = a.post("/api/v1/companies", {"name": "C"}).json
        path = "/api/v1/companies/%d" % company["id"]
        bad = [{"as_of": company["updated_at"]}, {"At": company["updated_at"]}, {"field": "name"}, {"change": 1}, {"change": None},
               {"change": last(k), "field": "name", "at": company["updated_at"]}, {"at": None}, [], {"field": "name", "x": 1}]
        a.delete(path)
        for i, body in enumerate(bad):
            answer = a.post(path + "/restore", body)
            check("restore__refuses_body_%d_of_one_in_the_bin" % i, answer.status in (400, 404) and (answer.status == 400 or "change" in body or "at" in body), answer)
        equal("restore__with_unknown_keys_takes_nothing_out_of_the_bin", 404, a.get(path).status)
        equal("restore__of_nothing_more_takes_it_out", (200, 200), (a.post(path + "/restore", {}).status, a.get(path).status))
        for i, body in enumerate(bad):
            equal("restore__refuses_body_%d_of_a_living_one" % i, 400, a.post(path + "/restore", body).status)
        for body in ({"email": "x@example.com"}, {"role": "admin"}, {"name": "Me", "team": 1}):
            equal("me__refuses_" + "_".join(body), 400, a.patch("/api/v1/me", body).status)
        equal("me__takes_name_and_prefs", (200, "Ada"), (lambda r: (r.status, r.json["name"]))(a.patch("/api/v1/me", {"name": "Ada", "prefs": {}})))


def bin_links():
    """What comes back linked is told beforehand, as far as one may see it."""
    with Kontor() as k:
        a = k.admin
        add = lambda plural, **body: a.post("/api/v1/" + plural, body).json["id"]
        firm = add("companies", name="Firm")
        for i in range(2):
            add("deals", name="Deal %d" % i, company=firm)
        add("activities", subject="Call", links=[firm])
        k.add_user("m@example.com", "member")
        a.delete("/api/v1/companies/%d" % firm)
        links = lambda client: {x["entity"]: x["count"] for x in client.get("/api/v1/trash?links=1").json["items"][0]["links"]}
        equal("trash__tells_what_comes_back_linked", {"deal": 2, "activity": 1}, links(a))
        equal("trash__tells_it_when_asked", False, "links" in a.get("/api/v1/trash").json["items"][0])
        a.delete("/api/v1/deals/%d" % a.get("/api/v1/deals").json["items"][0]["id"])
        items = {x["id"]: x["links"] for x in a.get("/api/v1/trash?links=1").json["items"]}
        equal("trash__counts_living_ones", {"deal": 1, "activity": 1}, {x["entity"]: x["count"] for x in items[firm]})


if __name__ == "__main__":
    model()
    bin_links()
    hidden()
    bodies()
    finish()
