#!/usr/bin/python3
"""Why something was lost: reasons as a tree, to whom, in which stage, and back."""
import urllib.parse

from kontor import Kontor, contains, equal, finish, test

CONF = {"fields.yaml": """deal:
  fields:
    lost_reason:
      of:
        price: Price
        competitor:
          label: {en: Competitor, de: Wettbewerber}
          of:
            features: Better features
            brand: {label: Known brand, of: [old_brand, new_brand]}
        other: Other
""", "pipelines.yaml": """sales:
  entity: deal
  stages:
    - {id: enquiry, percent: 10}
    - {id: proposal, percent: 50}
    - {id: won, kind: won}
    - {id: lost, kind: lost, gate: {require: [lost_reason, lost_note], ask: [competitor]}}
"""}


def tree(k):
    with test("lost__reasons_form_a_tree"):
        meta = k.admin.get("/api/v1/meta").json
        deal = next(e for e in meta["entities"] if e["name"] == "deal")
        got = [(o["id"], o.get("parent")) for f in deal["fields"] if f["name"] == "lost_reason" for o in f["options"]]
        assert got == [("price", None), ("competitor", None), ("features", "competitor"), ("brand", "competitor"),
                       ("old_brand", "brand"), ("new_brand", "brand"), ("other", None)], got
        lost = next(s for p in meta["pipelines"] if p["id"] == "sales" for s in p["stages"] if s["id"] == "lost")
        assert lost["ask"] == ["competitor"], lost


def lost(k):
    deal = k.admin.post("/api/v1/deals", {"name": "Roof", "stage": "proposal"}).json["id"]
    path = "/api/v1/deals/%d" % deal
    with test("lost__a_note_can_be_required"):
        no = k.admin.patch(path, {"stage": "lost", "lost_reason": "brand"})
        assert no.status == 422 and [f["where"] for f in no.json["error"]["fields"]] == ["deal.lost_note"], no
    with test("lost__says_from_where_and_to_whom"):
        now = k.admin.patch(path, {"stage": "lost", "lost_reason": "old_brand", "lost_note": "They know them", "competitor": "Rival Ltd"}).json
        assert (now["lost_from"], now["competitor"], now["lost_reason"]) == ("proposal", "Rival Ltd", "old_brand"), now
        assert [r["name"] for r in k.admin.items('/api/v1/deals?filter=lost_from%20=%20%22proposal%22')] == ["Roof"]
        groups = k.admin.get("/api/v1/deals?group=lost_from").json["groups"]
        assert [(g["count"], g["label"]) for g in groups if g["value"] == "proposal"] == [(1, "Proposal")], groups
    with test("lost__undo_takes_all_of_it_back"):
        change = k.admin.get("/api/v1/changes?limit=1").json["items"][0]["id"]
        k.admin.post("/api/v1/changes/%d/undo" % change)
        now = k.admin.get(path).json
        assert [now[n] for n in ("stage", "lost_from", "competitor", "lost_reason", "lost_note", "lost_at")] == ["proposal"] + [None] * 5, now
    with test("lost__opened_again_it_was_lost_nowhere"):
        k.admin.patch(path, {"stage": "lost", "lost_reason": "price", "lost_note": "x"})
        assert k.admin.patch(path, {"stage": "enquiry"}).json["lost_from"] is None
    with test("lost__the_reason_of_once_is_none_of_the_next_time"):
        now = k.admin.get(path).json
        assert (now["lost_reason"], now["lost_note"]) == (None, None), now
        no = k.admin.patch(path, {"stage": "lost"})
        assert no.status == 422 and {f["where"] for f in no.json["error"]["fields"]} == {"deal.lost_reason", "deal.lost_note"}, no
    with test("lost__the_reason_comes_back_with_the_stage"):
        k.admin.patch(path, {"stage": "lost", "lost_reason": "price", "lost_note": "y"})
        for to in ("enquiry", "won"):
            answer = k.admin.patch(path, {"stage": to})
            assert answer.json["lost_reason"] is None, answer
            back = k.admin.post(path + "/restore", {"change": int(answer.headers["x-kontor-change"]), "field": "stage"})
            assert (back.status, back.json["stage"], back.json["lost_reason"], back.json["lost_note"]) == (200, "lost", "price", "y"), back
    with test("lost__who_may_not_write_the_reason_takes_his_move_back"):
        k.write_conf({**CONF, "fields.yaml": CONF["fields.yaml"].replace("    lost_reason:\n", "    lost_reason:\n      edit: [admin]\n")})
        k.must("apply")
        k.add_user("max@example.com")
        max_ = k.client("max@example.com")
        own = max_.post("/api/v1/deals", {"name": "His", "stage": "proposal"}).json["id"]
        k.admin.patch("/api/v1/deals/%d" % own, {"stage": "lost", "lost_reason": "price", "lost_note": "z"})
        moved = max_.patch("/api/v1/deals/%d" % own, {"stage": "enquiry"})
        done = max_.post("/api/v1/changes/%s/undo" % moved.headers["x-kontor-change"])
        now = k.admin.get("/api/v1/deals/%d" % own).json
        assert (moved.status, done.status, now["stage"], now["lost_reason"]) == (200, 200, "lost", "price"), (moved, done, now)
    with test("lost__old_keys_stay_valid"):
        assert k.admin.patch(path, {"lost_reason": "competitor"}).status == 200


def branches(k):
    """within() finds a reason and what stands below it, in lists, saved views and totals."""
    for name, reason in (("Cheap", "price"), ("Known", "new_brand"), ("Old", "old_brand"), ("Fit", "features"), ("Rival", "competitor"), ("Open", None)):
        more = {"stage": "lost", "lost_reason": reason, "lost_note": "x"} if reason else {"stage": "enquiry"}
        k.admin.post("/api/v1/deals", {"name": "B " + name, **more})
    def found(text):
        r = k.admin.get("/api/v1/deals?filter=" + urllib.parse.quote('name starts with "B " and ' + text))
        return sorted(x["title"][2:] for x in r.json["items"]) if r.status == 200 else r.json["error"]["text"]
    equal("branch__of_the_top", ["Fit", "Known", "Old", "Rival"], found('within(lost_reason, "competitor")'))
    equal("branch__further_down", ["Known", "Old"], found('within(lost_reason, "brand")'))
    equal("branch__without_others_below_is_the_option", ["Cheap"], found('within(lost_reason, "price")'))
    equal("branch__takes_not", ["Cheap", "Open"], found('not within(lost_reason, "competitor")'))
    contains("branch__names_the_nearest_option", 'do you mean "brand"', found('within(lost_reason, "brant")'))
    contains("branch__wants_an_option", "in double quotes", found("within(lost_reason, 12)"))
    tree = k.admin.get("/api/v1/deals/filter?text=" + urllib.parse.quote('within(lost_reason, "brand")')).json["tree"]
    equal("branch__stays_what_it_was_in_the_tree", ("call", "within"), (tree["op"], tree["name"]))


def wrong():
    for of, part in {"{a: {label: A, of: {a: B}}}": "listed twice", "{a: {label: A, of: x}}": "must be a list of keys", "{a: {label: A, with: {b: B}}}": "with"}.items():
        with Kontor(conf={}, start=False) as k:
            k.write_conf({"fields.yaml": "deal:\n  fields:\n    lost_reason: {of: %s}\n" % of})
            said = k.run("check")
            contains("lost__refuses_" + of[:28], part, said.stdout + said.stderr)


with Kontor(conf=CONF) as k:
    tree(k)
    lost(k)
    branches(k)
wrong()
finish()
