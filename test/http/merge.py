#!/usr/bin/python3
"""Merging records: which values stay, what moves along, old ids, rights, unique values, thousands of links, and back. Any
order of merges, edits and undo: merge_undo.py."""
from kontor import Kontor, check, contains, equal, finish, test

CONF = {"roles.yaml": """
clerk:
  label: Clerk
  entities:
    "*": {see: own, create: all, edit: own, delete: own, export: own, import: own}
keeper:
  label: Keeper
  entities:
    "*": {see: all, create: all, edit: all, delete: none}
""", "fields.yaml": """
contact:
  fields:
    secret: {type: text, see: [admin], edit: [admin]}
    secret_mails: {type: emails, see: [admin], edit: [admin]}
""", "entities/unit.yaml": """
entity: unit
plural: units
title: code
fields:
  code: {type: text, unique: true}
  number: {type: number, min: 1}
  note: {type: text}
"""}


class Firm(Kontor):
    def __init__(self):
        super().__init__(conf=CONF)

    def add(self, plural, client=None, **body):
        answer = (client or self.admin).post("/api/v1/" + plural, body)
        assert answer.status == 201, answer
        return answer.json["id"]

    def get(self, plural, id):
        return self.admin.get("/api/v1/%s/%d" % (plural, id)).json

    def merge(self, plural, into, *ids, client=None, query="", **body):
        return (client or self.admin).post("/api/v1/%s/merge%s" % (plural, query), {"into": into, "from": list(ids), **body})

    def undo(self, change, client=None):
        return (client or self.admin).post("/api/v1/changes/%d/undo" % change)


def values(k):
    a = k.admin
    co = k.add("companies", name="Nord")
    A = k.add("contacts", first_name="Anna", last_name="Lee", company=co, tags=["Red"],
              emails=[{"value": "anna@x.de", "label": "", "primary": True, "opt_out": False}])
    B = k.add("contacts", first_name="Ann", last_name="Lee", phones=["+49 30 1234"], birthday="1980-01-01", tags=["red", "Blue"],
              secret="s", secret_mails=["s@x.de"],
              emails=[{"value": "ANNA@x.de", "label": "work", "primary": True, "opt_out": True}, "b@x.de"])
    deal = k.add("deals", name="D", contact=B)
    note = k.add("notes", text="both", links=[A, B])
    bin_deal = k.add("deals", name="In the bin", contact=B)
    a.delete("/api/v1/deals/%d" % bin_deal)
    kept = k.add("contact_companies", contact=A, company=co, role="Boss")
    double = k.add("contact_companies", contact=B, company=co, since="2020-01-01")
    other = k.add("contact_companies", contact=B, company=co, role="Driver")
    before = {i: k.get("contacts", i) for i in (A, B)}
    dry = k.merge("contacts", A, B, query="?dry_run=1", fields={"first_name": B})
    with test("merge__preview_keeps_nothing_and_says_all"):
        assert dry.status == 200 and dry.json["dry_run"] is True, dry
        assert k.get("contacts", A) == before[A] and k.get("contacts", B) == before[B]
    got = k.merge("contacts", A, B, fields={"first_name": B})
    equal("merge__answers_200_with_id_and_change", (200, A, True), (got.status, got.json["id"], got.json["change"] > 0))
    same = {x: v for x, v in got.json.items() if x not in ("record",)}
    equal("merge__does_what_the_preview_said", {**same, "dry_run": True}, {x: v for x, v in dry.json.items() if x != "record"})
    one = k.get("contacts", A)
    with test("merge__takes_the_chosen_else_the_first_value_and_unites_lists"):
        assert one["title"] == "Ann Lee" and one["birthday"] == "1980-01-01" and one["company"]["id"] == co, one
        assert one["phones"][0]["value"] == "+49 30 1234" and one["tags"] == ["Red", "Blue"], one
        assert one["emails"] == [{"value": "anna@x.de", "label": "work", "primary": True, "opt_out": True},
                                 {"value": "b@x.de", "label": "", "primary": False, "opt_out": False}], one["emails"]
        assert got.json["dropped"] == [{"field": "first_name", "label": "First name",
                                        "values": [{"id": A, "value": "Anna"}]}], got.json["dropped"]
    with test("merge__moves_what_points_at_it"):
        assert k.get("deals", deal)["contact"]["id"] == A
        assert [x["id"] for x in k.get("notes", note)["links"]] == [A]
        assert {m["entity"]: m["count"] for m in got.json["moved"]} == {"deal": 1, "note": 1, "contact_company": 1}, got.json
        a.post("/api/v1/deals/%d/restore" % bin_deal)
        assert k.get("deals", bin_deal)["contact"]["id"] == A
    with test("merge__folds_doubles_of_links_that_say_the_same"):
        assert got.json["folded"] == 1
        assert k.get("contact_companies", kept)["since"] == "2020-01-01"
        assert k.get("contact_companies", other)["contact"]["id"] == A
        assert a.get("/api/v1/contact_companies/%d" % double).status == 404
    with test("merge__leaves_an_id_that_leads_to_the_survivor"):
        old = a.get("/api/v1/contacts/%d" % B)
        assert old.status == 200 and old.json["id"] == A and old.json["merged_into"] == A, old
        assert old.headers["etag"] == '"%d"' % one["version"]
        assert a.get("/api/v1/contacts/%d/timeline" % B).status == 200
        assert k.get("deals", k.add("deals", name="later", contact=B))["contact"]["id"] == A
        assert [x["id"] for x in k.get("notes", k.add("notes", text="x", links=[B, A]))["links"]] == [A]
        for answer in (a.patch("/api/v1/contacts/%d" % B, {"city": "X"}), a.delete("/api/v1/contacts/%d" % B),
                       k.merge("contacts", B, co), a.post("/api/v1/contacts/%d/restore" % B)):
            assert answer.status == 409 and str(A) in answer.json["error"]["text"], answer
        assert k.run("import", "contact", k.file("id,city\n%d,Kiel\n" % B), "--match", "id").returncode == 0
        assert k.get("contacts", A)["city"] == "Kiel"
    with test("merge__lies_in_no_list_and_in_no_bin"):
        assert B not in [x["id"] for x in a.items("/api/v1/contacts")]
        assert B not in [x["id"] for x in a.items("/api/v1/contacts?trash=1")]
        assert B not in [x["id"] for x in a.items("/api/v1/trash")]
        bulk = a.post("/api/v1/contacts/bulk", {"ids": [B], "restore": True}).json
        assert bulk["changed"] == 0 and "merged" in bulk["errors"][0]["text"], bulk
    with test("merge__tells_the_history_of_both"):
        items = a.items("/api/v1/contacts/%d/timeline?kind=change" % A)
        made = [x for x in items if x["kind"] == "created"]
        assert [x.get("merged", {}).get("id") for x in made] == [B, None], items
        assert items[1]["source"] == "merge", items
    with test("merge__undone_brings_all_back_and_tells_what_was_kept"):
        undone = k.undo(got.json["change"])
        assert undone.status == 200, undone
        assert {(x["id"], tuple(x["fields"])) for x in undone.json["kept"]} == set(), undone
        now = {i: k.get("contacts", i) for i in (A, B)}
        for i in (A, B):
            for field in before[i]:
                if field not in ("version", "updated_at", "updated_by", "city", "addresses"):
                    assert now[i][field] == before[i][field], (i, field, now[i][field])
        assert now[A]["city"] == "Kiel" and "merged_into" not in now[B]
        assert k.get("deals", deal)["contact"]["id"] == B
        assert k.get("contact_companies", double)["since"] == "2020-01-01"
        assert k.get("contact_companies", kept)["since"] is None
    with test("merge__later_edits_stay_and_are_listed"):
        change = k.merge("contacts", A, B).json["change"]
        a.patch("/api/v1/contacts/%d" % A, {"birthday": "1999-09-09"})
        undone = k.undo(change).json
        assert [(x["id"], x["fields"]) for x in undone["kept"]] == [(A, ["birthday"])], undone
        assert k.get("contacts", A)["birthday"] == "1999-09-09" and k.get("contacts", B)["birthday"] == "1980-01-01"


def order(k):
    A, B, C = (k.add("contacts", last_name=n) for n in ("A", "B", "C"))
    deal = k.add("deals", name="D", contact=A)
    first = k.merge("contacts", B, A).json["change"]
    second = k.merge("contacts", C, B).json["change"]
    with test("merge__of_a_merged_one_leads_on"):
        assert k.get("contacts", A)["merged_into"] == C == k.get("deals", deal)["contact"]["id"]
    refused = k.undo(first)
    check("merge__undo_out_of_order_is_refused_with_the_change_to_undo_first",
          refused.status == 409 and "undo change %d first" % second in refused.json["error"]["text"], refused)
    with test("merge__undone_in_order"):
        assert k.undo(second).status == 200 and k.undo(first).status == 200
        assert k.get("deals", deal)["contact"]["id"] == A
    city = k.admin.patch("/api/v1/contacts/%d" % A, {"city": "Ulm"}).headers.get("x-change")
    change = k.admin.get("/api/v1/changes?limit=1").json["items"][0]["id"]
    k.merge("contacts", B, A)
    kept = k.undo(change).json["kept"]
    check("undo__of_an_earlier_edit_says_that_its_record_was_merged_since",
          len(kept) == 1 and "merged into “B”" in kept[0]["text"], (kept, city))


def unique(k):
    P, Q = (k.add("units", code=c, note=n) for c, n in (("p", None), ("q", "n")))
    numbers = k.get("units", P)["number"], k.get("units", Q)["number"]
    merged = k.merge("units", P, Q, fields={"code": Q})
    with test("merge__takes_a_value_only_one_may_have"):
        assert merged.status == 200, merged
        one = k.get("units", P)
        assert (one["code"], one["number"], one["note"]) == ("q", numbers[0], "n"), one
        assert k.undo(merged.json["change"]).json["kept"] == []
        assert [k.get("units", i)["code"] for i in (P, Q)] == ["p", "q"]
        assert (k.get("units", P)["number"], k.get("units", Q)["number"]) == numbers
    top, low = k.add("companies", name="Top"), None
    low = k.add("companies", name="Low", parent=top)
    third = k.add("companies", name="Third", parent=low)
    with test("merge__nobody_comes_to_stand_above_himself"):
        merged = k.merge("companies", third, top)
        assert k.get("companies", third)["parent"] is None, k.get("companies", third)
        assert k.get("companies", low)["parent"]["id"] == third
        k.undo(merged.json["change"])
        assert k.get("companies", third)["parent"]["id"] == low and k.get("companies", low)["parent"]["id"] == top


def rights(k):
    k.add_user("clerk@example.com", "clerk")
    k.add_user("keeper@example.com", "keeper")
    clerk, keeper = k.client("clerk@example.com"), k.client("keeper@example.com")
    mine = [k.add("contacts", clerk, last_name="Mine %d" % i) for i in range(2)]
    k.admin.patch("/api/v1/contacts/%d" % mine[1], {"secret": "hidden", "secret_mails": ["h@x.de"]})
    theirs = k.add("contacts", last_name="Theirs")
    deal = k.add("deals", name="Of the admin", contact=mine[1])
    equal("merge__of_one_he_cannot_see_is_404", 404, k.merge("contacts", mine[0], theirs, client=clerk).status)
    equal("merge__needs_the_right_to_delete", 403, k.merge("contacts", mine[0], mine[1], client=keeper).status)
    equal("merge__of_accounts_is_refused", 403, k.merge("users", 1, 2).status)
    refused = k.merge("contacts", mine[0], mine[1], client=clerk, fields={"secret": mine[1]})
    check("merge__a_hidden_field_cannot_be_chosen", refused.status == 422 and "no field" in refused.text, refused)
    merged = k.merge("contacts", mine[0], mine[1], client=clerk)
    with test("merge__loses_nothing_he_cannot_see_and_tells_nothing_of_it"):
        assert merged.status == 200, merged
        assert merged.json["moved"] == [] and "secret" not in merged.text and "h@x.de" not in merged.text, merged
        one = k.get("contacts", mine[0])
        assert one["secret"] == "hidden" and one["secret_mails"][0]["value"] == "h@x.de"
        assert k.get("deals", deal)["contact"]["id"] == mine[0]
        assert theirs and clerk.get("/api/v1/contacts/%d" % mine[1]).json["merged_into"] == mine[0]
    equal("merge__is_not_undone_by_who_may_not_merge", 403, k.undo(merged.json["change"], keeper).status)
    with test("merge__is_undone_by_who_may"):
        undone = k.undo(merged.json["change"], clerk)
        assert undone.status == 200 and undone.json["kept"] == [], undone
        assert k.get("contacts", mine[0])["secret"] is None and k.get("contacts", mine[1])["secret"] == "hidden"
        assert k.get("deals", deal)["contact"]["id"] == mine[1]


def words(k):
    A, B = k.add("contacts", last_name="A"), k.add("contacts", last_name="B")
    for body, part in (({"into": A}, "from"), ({"into": A, "from": [A]}, "other records"), ({"from": [B]}, "into"),
                       ({"into": A, "from": [B, B]}, "once"), ({"into": A, "from": [B, 1, 2, 3, 4]}, "four"),
                       ({"into": A, "from": [B], "set": {}}, "set")):
        answer = k.admin.post("/api/v1/contacts/merge", body)
        check("merge__malformed_%s" % part.replace(" ", "_"), answer.status == 400 and part in answer.text, answer)
    answer = k.merge("contacts", A, B, fields={"last_name": 99999})
    check("merge__of_a_value_of_another_record_is_422", answer.status == 422, answer)
    key = {"Idempotency-Key": "merge-1"}
    first = k.admin.post("/api/v1/contacts/merge", {"into": A, "from": [B]}, headers=key)
    again = k.admin.post("/api/v1/contacts/merge", {"into": A, "from": [B]}, headers=key)
    equal("merge__sent_twice_is_done_once", (200, first.json["change"]), (again.status, again.json["change"]))
    contains("merge__is_told_in_meta", '"merge":true', k.admin.get("/api/v1/meta").text)


def large(k):
    A, B = k.add("companies", name="Big"), k.add("companies", name="Big GmbH")
    rows = "last_name,company\n" + "".join("n%d,%s\n" % (i, "Big GmbH") for i in range(1500))
    k.must("import", "contact", k.file(rows, "c.csv"))
    count = lambda id: k.admin.get("/api/v1/contacts?limit=1&filter=company%%20%%3D%%20%d" % id).json["count"]
    assert count(B) == 1500
    dry = k.merge("companies", A, B, query="?dry_run=1")
    with test("merge__of_thousands_is_previewed"):
        assert dry.status == 200 and dry.json["moved"] == [{"entity": "contact", "count": 1500}], dry
        assert count(B) == 1500 and k.get("companies", B)["name"] == "Big GmbH"
    merged = k.merge("companies", A, B)
    with test("merge__of_thousands_is_one_change"):
        assert merged.status == 200 and merged.json["moved"] == [{"entity": "contact", "count": 1500}], merged
        assert count(A) == 1500 and k.get("companies", B)["merged_into"] == A
        root = k.admin.get("/api/v1/changes?limit=1").json["items"][0]
        assert root["id"] == merged.json["change"] and root["source"] == "merge", root
    with test("merge__of_thousands_is_undone"):
        undone = k.undo(merged.json["change"])
        assert undone.status == 200 and undone.json["undone"] == 1501 and undone.json["kept"] == [], undone
        assert count(B) == 1500 and count(A) == 0 and "merged_into" not in k.get("companies", B)
        again = k.undo(undone.json["change"])
        assert count(A) == 1500 and k.get("companies", B)["merged_into"] == A, again
        assert k.run("backup", k.top / "b").returncode == 0 and k.run("verify", k.top / "b").returncode == 0


def main():
    with Firm() as k:
        for part in (values, order, unique, rights, words, large):
            part(k)
    finish()


main()
