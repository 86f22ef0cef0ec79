#!/usr/bin/python3
"""Scores: points by conditions in YAML, kept current, with the reason of each; what cannot be kept is refused."""
import json

from kontor import Kontor, contains, equal, finish, test

FIELDS = """deal:
  score:
    - {points: 30, if: 'amount > 10000', say: {en: Large, de: Gross}}
    - {points: 5, if: 'count(notes) > 0', say: Talked about}
    - {points: -20, if: 'close_date is empty'}
  hot: 35
company:
  score: [{points: 7, if: 'count(deals where open) > 0', say: Has open deals}]
"""
ROLES = """seller:
  label: Seller
  entities: {"*": {see: all, create: all, edit: own}}
  fields: {deal: {amount: {see: false}}}
"""


def score(k, plural, id, client=None):
    return (client or k.admin).get("/api/v1/%s/%d" % (plural, id)).json.get("score")


def current(k):
    with test("score__of_a_lead_follows_what_is_known"):
        lead = k.admin.post("/api/v1/leads", {"last_name": "Cold"}).json
        assert lead["score"] == -15, lead["score"]
        path = "/api/v1/leads/%d" % lead["id"]
        warm = k.admin.patch(path, {"phones": "+49 30 1234", "company_name": "Nord", "enquiry": "A line", "source": "referral"}).json
        assert warm["score"] == 55, warm["score"]
    with test("score__counts_what_points_at_the_record"):
        task = k.admin.post("/api/v1/activities", {"subject": "Call", "links": [lead["id"]]}).json
        assert score(k, "leads", lead["id"]) == 55, score(k, "leads", lead["id"])
        k.admin.patch("/api/v1/activities/%d" % task["id"], {"done_at": "2026-01-01T10:00:00Z"})
        assert score(k, "leads", lead["id"]) == 70
        assert k.admin.delete("/api/v1/activities/%d" % task["id"]).status == 204
        assert score(k, "leads", lead["id"]) == 55, score(k, "leads", lead["id"])
    with test("score__filters_and_sorts"):
        k.admin.post("/api/v1/leads", {"last_name": "Mild", "phones": "+49 30 555"})
        assert [r["title"] for r in k.admin.items("/api/v1/leads?sort=-score")] == ["Cold", "Mild"]
        assert [r["title"] for r in k.admin.items("/api/v1/leads?filter=score%20%3E%2040")] == ["Cold"]
    with test("score__tells_each_point_with_its_reason"):
        told = k.admin.get(path + "/score").json
        given = {p["say"]: p["points"] for p in told["points"] if p["given"]}
        assert (told["score"], told["hot"]) == (55, True) and given["Can be called"] == 10 and sum(given.values()) == 55, told
        assert [p["given"] for p in told["points"] if p["say"] == "Cannot be reached"] == [False], told
    with test("score__is_nothing_anybody_sets"):
        assert k.admin.patch(path, {"score": 99}).status == 422


def own(k):
    with test("score__of_any_entity_in_yaml"):
        nord = k.admin.post("/api/v1/companies", {"name": "Nord"}).json
        deal = k.admin.post("/api/v1/deals", {"name": "Roof", "amount": "20000", "company": nord["id"]}).json
        assert deal["score"] == 10 and score(k, "companies", nord["id"]) == 7, (deal["score"], score(k, "companies", nord["id"]))
        k.admin.post("/api/v1/notes", {"text": "x", "links": [deal["id"]]})
        assert k.admin.patch("/api/v1/deals/%d" % deal["id"], {"close_date": "2030-01-01"}).json["score"] == 35
        k.admin.patch("/api/v1/deals/%d" % deal["id"], {"stage": "lost", "lost_reason": "price"})
        assert score(k, "companies", nord["id"]) == 0
        meta = {e["name"]: e.get("score") for e in k.admin.get("/api/v1/meta").json["entities"]}
        assert meta["deal"] == {"field": "score", "hot": 35} and meta["contact"] is None, meta
        assert k.admin.get("/api/v1/contacts/1/score").status == 404
    with test("score__hides_with_what_it_is_made_of"):
        k.add_user("seller@example.com", role="seller")
        seller = k.client("seller@example.com")
        assert "score" not in seller.get("/api/v1/deals/%d" % deal["id"]).json
        assert seller.get("/api/v1/deals/%d/score" % deal["id"]).status == 404


BAD = {
    "points: 5, if: 'created_at < now() - 3 days'": "so its points cannot be kept current",
    "points: 5, if: 'company.city = \"Kiel\"'": "follows a link to another record",
    "points: 5, if: 'nothing > 3'": "nothing",
    "if: 'amount > 3'": "points",
    "points: 5": "need a condition",
    "points: 5000, if: 'amount > 3'": "1000",
    "points: 5, if: 'score > 3'": "computed from itself",
}


def refused():
    for line, part in BAD.items():
        with Kontor(conf={}, start=False) as k:
            k.write_conf({"fields.yaml": "deal:\n  score:\n    - {%s}\n" % line})
            said = k.run("check")
            contains("score__refuses_" + line[:24], part, said.stdout + said.stderr)
            equal("score__refusal_names_the_line_" + line[:16], True, "fields.yaml:" in said.stdout + said.stderr)


def later(k):
    with test("score__comes_to_records_that_are_there"):
        deal = k.admin.post("/api/v1/deals", {"name": "Before"}).json["id"]
        k.write_conf({"fields.yaml": FIELDS.replace("points: -20", "points: -40")})
        k.must("apply", "--yes")
        assert score(k, "deals", deal) == -40, score(k, "deals", deal)
        k.write_conf({"fields.yaml": "contact: {}\n"})
        assert "score" in k.run("plan").stdout
        k.must("apply", "--yes")
        assert "score" not in k.admin.get("/api/v1/deals/%d" % deal).json


with Kontor(conf={"fields.yaml": FIELDS, "roles.yaml": ROLES}) as k:
    current(k)
    own(k)
    later(k)
refused()
finish()
