#!/usr/bin/python3
"""Conversion of leads: what is made, what moves along, once only, for whom, and back to exactly what was before."""
import json
import random

from kontor import Kontor, check, equal, finish, test

CONF = {"fields.yaml": """
lead:
  fields:
    roof_area: {type: decimal, becomes: deal.roof_area}
    secret: {type: text, see: [admin], edit: [admin], becomes: deal.plain}
deal:
  fields:
    roof_area: {type: decimal}
    plain: {type: text}
""", "roles.yaml": """
buyer:
  label: Buyer
  entities:
    "*": {see: all, create: own, edit: own, delete: own}
    company: {see: all, create: none, edit: none, delete: none}
"""}
ENTITIES = ["leads", "companies", "contacts", "deals", "notes", "activities", "shares", "files", "tags"]


class Firm(Kontor):
    def add(self, plural, client=None, **body):
        answer = (client or self.admin).post("/api/v1/" + plural, body)
        assert answer.status == 201, answer
        return answer.json

    def lead(self, **more):
        return self.add("leads", **{"first_name": "Ada", "last_name": "Byron", "company_name": "Engines Ltd", "emails": "ada@engines.example",
                                    "phones": "+44 20 123", "subject": "Engine of our own", "source": "fair", "tags": ["VIP"],
                                    "addresses": [{"street": "Weg 1", "city": "Kiel", "postcode": "24103", "label": "work"}], **more})

    def convert(self, lead, body=None, client=None, dry=False, **more):
        body = {"company": {}, "contact": {}, "deal": {}} if body is None else body
        return (client or self.admin).post("/api/v1/leads/%d/convert%s" % (lead, "?dry_run=1" if dry else ""), body, **more)

    def dump(self):
        out = {}
        for plural in ENTITIES:
            rows = self.admin.items("/api/v1/" + plural)
            out[plural] = sorted((json.dumps({n: v for n, v in r.items() if n not in ("version", "updated_at", "updated_by", "idle_days")},
                                             sort_keys=True) for r in rows))
        return out

    def titles(self, plural, id, kind):
        return sorted(e.get("title") or e.get("text") for e in self.admin.get("/api/v1/%s/%d/timeline?kind=%s" % (plural, id, kind)).json["items"])


def values(k):
    with test("convert__makes_company_contact_and_deal_of_it"):
        lead = k.lead(roof_area="12.5", secret="quiet")
        done = k.convert(lead["id"]).json
        company, contact, deal = done["company"], done["contact"], done["deal"]
        assert (company["name"], company["city"], company["addresses"][0]["street"]) == ("Engines Ltd", "Kiel", "Weg 1"), company
        assert (contact["title"], contact["emails"][0]["value"], contact["company"]["id"]) == ("Ada Byron", "ada@engines.example", company["id"])
        assert contact["city"] is None and contact["tags"] == ["VIP"], contact
        assert (deal["name"], deal["source"], deal["company"]["id"], deal["contact"]["id"]) == ("Engine of our own", "fair", company["id"], contact["id"])
        assert deal["roof_area"] == "12.50" and deal["plain"] == "quiet", deal
        now = done["lead"]
        assert (now["stage"], now["converted_deal"]["id"], bool(now["won_at"])) == ("converted", deal["id"], True), now
        assert done["already"] is False and done["change"]
    with test("convert__takes_what_the_request_says_before_what_the_lead_says"):
        got = k.convert(k.lead()["id"], {"contact": {"last_name": "King", "emails": None}, "deal": {"name": "Other", "amount": "500"}}).json
        assert got["company"] is None and got["contact"]["title"] == "Ada King" and got["contact"]["emails"] == [], got
        assert got["contact"]["city"] == "Kiel" and (got["deal"]["name"], got["deal"]["amount"]["value"]) == ("Other", "500.00"), got
    with test("convert__a_deal_without_a_subject_is_called_like_the_lead"):
        assert k.convert(k.lead(subject=None)["id"], {"deal": {}}).json["deal"]["name"] == "Ada Byron"


def existing(k):
    with test("convert__complements_a_company_that_is_there"):
        old = k.add("companies", name="Engines", phones="+44 1234", industry="Steam")
        got = k.convert(k.lead(company_name="Engines Limited")["id"], {"company": {"id": old["id"]}, "deal": {}}).json
        assert (got["company"]["id"], got["company"]["name"], got["company"]["city"]) == (old["id"], "Engines", "Kiel"), got["company"]
        assert sorted(p["value"] for p in got["company"]["phones"]) == ["+44 1234", "+44 20 123"], got["company"]
        assert got["deal"]["company"]["id"] == old["id"] and not k.admin.items("/api/v1/companies?filter=name%20=%20%22Engines%20Limited%22")
    with test("convert__offers_whom_it_may_be_for_each"):
        twin = k.add("contacts", last_name="Twin", emails="twin@engines.example")
        draft = k.convert(k.lead(last_name="Zwilling", emails="twin@engines.example", company_name="Engines")["id"], dry=True).json["draft"]
        assert [(w["id"], w["why"]) for w in draft["contact"]["warnings"] if w["entity"] == "contact"][0] == (twin["id"], "email"), draft["contact"]["warnings"]
        assert old["id"] in [w["id"] for w in draft["company"]["warnings"]], draft
        assert not [w for part in draft.values() for w in part["warnings"] if w["title"] == "Ada Zwilling"], [w for part in draft.values() for w in part["warnings"]]
    with test("convert__a_wrong_value_is_told_by_its_field_and_nothing_is_made"):
        before, lead = None, k.lead()
        before = k.dump()
        no = k.convert(lead["id"], {"company": {"employees": "many"}, "contact": {"birthday": "x"}, "deal": {"company": 1}})
        assert no.status == 422 and [f["where"] for f in no.json["error"]["fields"]][:2] == ["company.employees", "contact.birthday"], no
        dry = k.convert(lead["id"], {"company": {"employees": "many"}, "contact": {}}, dry=True)
        assert dry.status == 422 and "warnings" in dry.json["draft"]["contact"], dry
        assert k.convert(lead["id"], {"company": {"id": 999999}}).status == 422
        for body in ({}, {"note": {}}, {"deal": []}, {"deal": None}):
            assert k.convert(lead["id"], body).status == 400, body
        assert k.dump() == before
    equal("convert__is_for_leads", 404, k.admin.post("/api/v1/companies/%d/convert" % old["id"], {"deal": {}}).status)


def along(k):
    with test("convert__notes_activities_files_and_shares_come_along"):
        lead = k.lead(subject="Move", company_name="Moving")
        k.add("notes", text="Called twice", links=[lead["id"]])
        k.add("activities", subject="Call again", kind="call", links=[lead["id"]], participants=[lead["id"]])
        k.admin.request("POST", "/api/v1/leads/%d/files?name=plan.txt" % lead["id"], b"plan", headers={"Content-Type": "text/plain"})
        k.add("shares", records=[lead["id"]], user=k.buyer)
        done = k.convert(lead["id"]).json
        for plural, id in (("leads", lead["id"]), ("companies", done["company"]["id"]), ("contacts", done["contact"]["id"]), ("deals", done["deal"]["id"])):
            assert k.titles(plural, id, "note") == ["Called twice"], (plural, k.titles(plural, id, "note"))
            assert "plan.txt" in json.dumps(k.admin.get("/api/v1/%s/%d/timeline" % (plural, id)).json), plural
            work = k.admin.get("/api/v1/%s/%d/timeline?open=1" % (plural, id)).json["items"]
            assert [w["subject"] for w in work] == ["Call again"], (plural, work)
        takes_part = k.admin.items("/api/v1/activities?filter=subject%20=%20%22Call%20again%22")[0]["participants"]
        assert {p["id"] for p in takes_part} == {lead["id"], done["contact"]["id"]}, takes_part
        shared = [s["records"][0]["id"] for s in k.admin.items("/api/v1/shares")]
        assert {done["company"]["id"], done["contact"]["id"], done["deal"]["id"]} <= set(shared), shared


def once(k):
    with test("convert__a_second_time_tells_the_first_result"):
        lead, count = k.lead(company_name="Once"), len(k.admin.items("/api/v1/deals"))
        first, again = k.convert(lead["id"]).json, k.convert(lead["id"], {"deal": {"name": "Second"}}).json
        assert again["already"] and {n: again[n]["id"] for n in ("company", "contact", "deal")} == {n: first[n]["id"] for n in ("company", "contact", "deal")}
        assert again["change"] == first["change"] and len(k.admin.items("/api/v1/deals")) == count + 1
    with test("convert__set_back_it_may_become_others_anew"):
        lead = k.lead(company_name="Back")
        first = k.convert(lead["id"]).json
        k.admin.delete("/api/v1/deals/%d" % first["deal"]["id"])
        path, before = "/api/v1/leads/%d" % lead["id"], len(k.admin.items("/api/v1/companies"))
        assert k.admin.patch(path, {"stage": "new"}).status == 200
        again = k.convert(lead["id"], {"contact": {"id": first["contact"]["id"]}, "deal": {"name": "Second"}}).json
        assert not again["already"] and again["contact"]["id"] == first["contact"]["id"] and again["deal"]["id"] != first["deal"]["id"], again
        now = k.admin.get(path).json
        assert now["converted_deal"]["id"] == again["deal"]["id"] and now["converted_company"] is None and now["won_at"], now
        assert len(k.admin.items("/api/v1/companies")) == before
        assert k.convert(lead["id"]).json["already"]
    with test("convert__the_same_request_twice_is_one"):
        lead, key = k.lead(company_name="Key"), {"headers": {"Idempotency-Key": "abc"}}
        one, two = k.convert(lead["id"], **key), k.convert(lead["id"], **key)
        assert one.status == two.status == 200 and one.json == two.json, (one, two)
    with test("convert__a_dry_run_leaves_nothing"):
        lead, before = k.lead(company_name="Dry"), None
        before = k.dump()
        assert k.convert(lead["id"], dry=True).json["company"]["name"] == "Dry" and k.dump() == before


def rights(k):
    with test("convert__needs_the_right_to_each_kind"):
        buyer = k.client("buyer@example.com")
        mine = k.add("leads", client=buyer, last_name="Mine", company_name="Theirs")
        assert k.convert(mine["id"], client=buyer).status == 403
        assert k.convert(k.lead(owner=None)["id"], {"deal": {}}, client=buyer).status == 403
        old = k.add("companies", name="Seen")
        got = k.convert(mine["id"], {"company": {"id": old["id"]}, "contact": {}}, client=buyer)
        assert got.status == 200 and got.json["contact"]["company"]["id"] == old["id"], got
        assert k.admin.get("/api/v1/companies/%d" % old["id"]).json["version"] == 1
    with test("convert__is_taken_back_by_whom_it_was_made_whoever_wrote_of_it"):
        seller = k.client("seller@example.com")
        lead = k.add("leads", client=seller, last_name="Seen", company_name="By many", subject="Roof")
        k.add("notes", text="From the website", links=[lead["id"]])
        k.add("activities", subject="Ask", kind="call", links=[lead["id"]], participants=[lead["id"]])
        before = k.dump()
        done = k.convert(lead["id"], client=seller).json
        undone = seller.post("/api/v1/changes/%d/undo" % done["change"])
        equal("undone", (200, []), (undone.status, undone.json.get("kept", undone.text)))
        equal("as before", before, k.dump())
    with test("convert__of_another_is_not_taken_back"):
        done = k.convert(k.lead()["id"]).json
        equal("of the administrator", 403, k.client("buyer@example.com").post("/api/v1/changes/%d/undo" % done["change"]).status)


def back(k):
    with test("convert__is_taken_back_but_for_what_came_later"):
        lead = k.lead(company_name="Later")
        done = k.convert(lead["id"]).json
        k.admin.patch("/api/v1/leads/%d" % lead["id"], {"subject": "Changed since"})
        undone = k.admin.post("/api/v1/changes/%d/undo" % done["change"])
        now = k.admin.get("/api/v1/leads/%d" % lead["id"]).json
        assert undone.status == 200 and (now["stage"], now["converted_deal"], now["subject"]) == ("new", None, "Changed since"), (undone, now)
        assert k.admin.get("/api/v1/deals/%d" % done["deal"]["id"]).status == 404
        assert k.convert(lead["id"]).json["already"] is False
    with test("convert__any_is_taken_back_to_exactly_what_was"):
        rng = random.Random(7)
        pool = {"company": k.add("companies", name="Pool", phones="+49 1234")["id"], "contact": k.add("contacts", last_name="Pool", tags=["Old"])["id"],
                "deal": k.add("deals", name="Pool")["id"]}
        for i in range(12):
            some = lambda *v: rng.choice(v)  # noqa: E731
            lead = k.lead(company_name=some("A%d" % i, None), emails=some("a%d@x.example" % i, None), tags=some(["VIP"], []),
                          addresses=some([], [{"city": "Ulm"}]), subject=some("S%d" % i, None), owner=some(None, 1))["id"]
            for n in range(rng.randrange(3)):
                k.add(some("notes"), text="n%d" % n, links=[lead] + some([], [pool["company"]], [pool["deal"], pool["contact"]]))
                k.add("activities", subject="a%d" % n, links=[lead])
            body = {n: some({}, {"id": pool[n]}, None) for n in pool}
            if body["company"] == {} and not k.admin.get("/api/v1/leads/%d" % lead).json["company_name"]:
                body["company"] = {"name": "N%d" % i}
            if not any(v is not None for v in body.values()):
                body["deal"] = {}
            before = k.dump()
            done = k.convert(lead, body)
            assert done.status == 200, (body, done)
            assert k.dump() != before
            assert k.admin.post("/api/v1/changes/%d/undo" % done.json["change"]).json["kept"] == []
            after = k.dump()
            assert after == before, [(p, set(after[p]) ^ set(before[p])) for p in ENTITIES if after[p] != before[p]][:1]


with Firm(conf=CONF) as k:
    k.add_user("buyer@example.com", role="buyer")
    k.add_user("seller@example.com", role="member")
    k.buyer = next(u["id"] for u in k.admin.items("/api/v1/users") if u["email"] == "buyer@example.com")
    values(k)
    existing(k)
    along(k)
    once(k)
    rights(k)
    back(k)
finish()
