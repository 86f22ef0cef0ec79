#!/usr/bin/python3
"""What a saved view says can be asked of a list; odds and ends of requests that were taken without a word."""
import gzip
import json

from kontor import Kontor, check, equal, finish


def refused(name, answer, *fields):
    equal("view__" + name, (422, ["view." + f for f in fields]),
          (answer.status, [f["where"] for f in (answer.json.get("error") or {}).get("fields", [])]))


def views(k):
    good = {"name": "v", "entity": "deal", "filter": 'stage = "won" and amount > 5', "sort": "-amount,name"}
    made = k.admin.post("/api/v1/views", good)
    equal("view__that_a_list_can_show", 201, made.status)
    path = "/api/v1/views/%d" % made.json["id"]
    refused("of_nothing", k.admin.post("/api/v1/views", {**good, "entity": "nope"}), "entity")
    refused("with_a_filter_of_nothing", k.admin.post("/api/v1/views", {**good, "filter": "nope = 1"}), "filter")
    refused("with_an_order_of_nothing", k.admin.post("/api/v1/views", {**good, "sort": "nope"}), "sort")
    refused("with_both", k.admin.post("/api/v1/views", {**good, "filter": "amount", "sort": "nope"}), "filter", "sort")
    refused("changed", k.admin.patch(path, {"filter": "amount >"}), "filter")
    refused("moved", k.admin.patch(path, {"entity": "contact"}), "filter", "sort")
    equal("view__keeps_what_is_right", 200, k.admin.patch(path, {"filter": "", "sort": None}).status)
    for number in [v["id"] for v in k.admin.items("/api/v1/views")]:
        equal("view__%d_opens" % number, 200, k.admin.get("/api/v1/deals?view=%d" % number).status)


def audiences(k):
    for team in ("North", "South"):
        k.admin.post("/api/v1/teams", {"name": team})
    nina, nils, sven = (k.add_user(n + "@example.com", role=r, team=t)
                        for n, r, t in (("nina", "member", "North"), ("nils", "reader", "North"), ("sven", "member", "South")))
    lead = k.add_user("lena@example.com", role="lead", team="North")
    base = {"entity": "deal", "columns": ["amount", "company.city"]}
    for name, more in (("Own", {}), ("Team", {"with_team": True}), ("All", {"shared": True})):
        equal("view__made_for_" + name, 201, nina.post("/api/v1/views", {**base, "name": name, **more}).status)
    equal("view__first_for_all_by_a_member", 422, nina.post("/api/v1/views", {**base, "name": "F", "shared": True, "opens": True}).status)
    equal("view__first_for_the_team_by_its_lead", 201,
          lead.post("/api/v1/views", {**base, "name": "Lead", "with_team": True, "opens": True}).status)

    def seen(caller):
        views = [e for e in caller.get("/api/v1/meta").json["entities"] if e["name"] == "deal"][0]["views"]
        return {v["label"]: (v["audience"], v["opens"], "record" in v) for v in views if "audience" in v}
    team = {"Team": ("team", False, False), "All": ("all", False, False), "Lead": ("team", True, False)}
    equal("view__seen_by_its_owner", {**team, "Own": ("me", False, True), "Team": ("team", False, True), "All": ("all", False, True)}, seen(nina))
    equal("view__seen_by_the_team", team, seen(nils))
    equal("view__seen_by_another_team", {"All": ("all", False, False)}, seen(sven))
    own = [v["id"] for v in nina.items("/api/v1/views") if v["name"] == "Own"][0]
    equal("view__of_another_is_no_list", 400, sven.get("/api/v1/deals?view=%d" % own).status)
    equal("view__of_another_is_not_changed", 404, sven.patch("/api/v1/views/%d" % own, {"shared": True}).status)


def configured(k):
    views = [e for e in k.admin.get("/api/v1/meta").json["entities"] if e["name"] == "deal"][0]["views"]
    mine = [v for v in views if v["id"] == "by_town"][0]
    equal("view__of_the_configuration", (["company.city", "amount"], "close_date:month", {"title": 300, "company.city": 120}),
          (mine["columns"], mine["group_by"], mine["widths"]))
    for name, city in (("Alpha", "Ulm"), ("Beta", "Aachen")):
        k.admin.post("/api/v1/companies", {"name": name, "city": city})
        k.admin.post("/api/v1/deals", {"name": "Deal of " + name, "company": {"name": name}})
    equal("view__ordered_by_what_a_linked_record_says", ["Deal of Alpha", "Deal of Beta"],
          [d["title"] for d in k.admin.get("/api/v1/deals?view=by_town").json["items"]])


def widths(k):
    base = {"name": "Wide", "entity": "deal", "columns": ["amount", "company.city"]}
    made = k.admin.post("/api/v1/views", {**base, "shared": True, "widths": "title:320,company.city:140"}).json["id"]
    k.add_user("wim@example.com", name="Wim")
    for who, caller in (("owner", k.admin), ("others", k.client("wim@example.com"))):
        views = [e for e in caller.get("/api/v1/meta").json["entities"] if e["name"] == "deal"][0]["views"]
        equal("view__widths_for_" + who, {"title": 320, "company.city": 140}, [v for v in views if v["id"] == str(made)][0]["widths"])
    for wrong in ("title", "title:20", "title:1000", ":200", "title:300;city:200", "title:300,city:"):
        refused("of_width_" + wrong, k.admin.post("/api/v1/views", {**base, "widths": wrong}), "widths")
    equal("view__without_widths", 200, k.admin.patch("/api/v1/views/%d" % made, {"widths": None}).status)
    views = [e for e in k.admin.get("/api/v1/meta").json["entities"] if e["name"] == "deal"][0]["views"]
    check("view__says_nothing_of_widths_then", "widths" not in [v for v in views if v["id"] == str(made)][0])


def odds(k):
    user = k.admin.post("/api/v1/users", {"name": "U", "email": "u@example.com", "role": "member"}).json["id"]
    for answer in (k.admin.patch("/api/v1/users/%d" % user, {"active": None}),
                   k.admin.post("/api/v1/users", {"name": "W", "role": "member", "active": None})):
        check("user__is_active_or_not", answer.status == 422 and answer.json["error"]["fields"][0]["where"] == "user.active", answer)
    packed = gzip.compress(json.dumps({"name": "Packed"}).encode())
    for coding, body, status in (("gzip", packed, 400), ("gzip", b'{"name": "Said"}', 400), ("identity", b'{"name": "Plain"}', 201)):
        answer = k.admin.request("POST", "/api/v1/companies", body, headers={"Content-Type": "application/json", "Content-Encoding": coding})
        equal("body__as_%s_%d" % (coding, len(body)), status, answer.status)


CONF = {"views.yaml": "by_town: {entity: deal, label: By town, sort: '-company.city, company', columns: [company.city, amount], widths: {title: 300, company.city: 120}, group_by: 'close_date:month'}\n"}

with Kontor(CONF) as k:
    configured(k)
    views(k)
    audiences(k)
    widths(k)
    odds(k)
finish()
