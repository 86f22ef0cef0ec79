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


def odds(k):
    user = k.admin.post("/api/v1/users", {"name": "U", "email": "u@example.com", "role": "member"}).json["id"]
    for answer in (k.admin.patch("/api/v1/users/%d" % user, {"active": None}),
                   k.admin.post("/api/v1/users", {"name": "W", "role": "member", "active": None})):
        check("user__is_active_or_not", answer.status == 422 and answer.json["error"]["fields"][0]["where"] == "user.active", answer)
    packed = gzip.compress(json.dumps({"name": "Packed"}).encode())
    for coding, body, status in (("gzip", packed, 400), ("gzip", b'{"name": "Said"}', 400), ("identity", b'{"name": "Plain"}', 201)):
        answer = k.admin.request("POST", "/api/v1/companies", body, headers={"Content-Type": "application/json", "Content-Encoding": coding})
        equal("body__as_%s_%d" % (coding, len(body)), status, answer.status)


with Kontor() as k:
    views(k)
    odds(k)
finish()
