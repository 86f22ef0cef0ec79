#!/usr/bin/python3
"""Tags: made on first use, never nearly twice, found by any spelling, renamed, merged and deleted in one step that can be undone."""
import json
import urllib.parse

from kontor import Kontor, check, contains, equal, finish, test

T = "/api/v1/tags"
REPLACE = T + "/replace"


def names(k):
    return sorted(t["name"] for t in k.admin.items(T))


def tag(k, name):
    return next(t for t in k.admin.items(T) if t["name"] == name)


def found(k, plural, text):
    return sorted(r["id"] for r in k.admin.items("/api/v1/%s?filter=%s" % (plural, urllib.parse.quote(text))))


def first_use(k):
    with test("tags__a_new_word_makes_a_tag_with_a_colour"):
        a = k.admin.post("/api/v1/companies", {"name": "Ahn", "tags": ["VIP", "Fair 2026"]})
        equal("tags__are_lists_of_keys", ["VIP", "Fair 2026"], a.json.get("tags"))
        equal("tags__first_use_makes_them", ["Fair 2026", "VIP"], names(k))
        check("tags__have_a_colour", tag(k, "VIP")["colour"] in ("teal", "amber", "purple", "blue", "green", "red"))
    with test("tags__near_doubles_are_the_tag_there_is"):
        b = k.admin.post("/api/v1/contacts", {"last_name": "Lund", "tags": ["v.i.p.", "FAIR-2026", "vip"]})
        equal("tags__other_spellings_become_the_tag", ["VIP", "Fair 2026"], b.json.get("tags"))
        equal("tags__no_double_was_made", ["Fair 2026", "VIP"], names(k))
        c = k.admin.post(T, {"name": "V.I.P."})
        equal("tags__a_near_double_is_refused", 422, c.status)
        contains("tags__and_names_the_one_there_is", "VIP", c.text)
        equal("tags__the_same_again_is_refused", True, k.admin.post(T, {"name": "VIP"}).status in (409, 422))
    with test("tags__what_cannot_be_one"):
        for bad in ("a;b", "a, b", "!!!", "x" * 61):
            equal("tags__refused_%s" % bad[:4], 422, k.admin.post("/api/v1/companies", {"name": "X", "tags": [bad]}).status)
            equal("tags__refused_as_record_%s" % bad[:4], 422, k.admin.post(T, {"name": bad}).status)
        equal("tags__a_refused_record_makes_no_tag", 422,
              k.admin.post("/api/v1/companies", {"name": "", "tags": ["Left over"]}).status)
        equal("tags__none_is_left_over", ["Fair 2026", "VIP"], names(k))
    return a.json["id"], b.json["id"]


def filters(k, firm, person):
    other = k.admin.post("/api/v1/companies", {"name": "Bey", "tags": ["Partner"]}).json["id"]
    bare = k.admin.post("/api/v1/companies", {"name": "Cox"}).json["id"]
    deal = k.admin.post("/api/v1/deals", {"name": "Roof", "company": firm, "tags": ["hot"]}).json["id"]
    with test("tags__filters"):
        equal("tags__contains", [firm], found(k, "companies", 'tags contains "VIP"'))
        equal("tags__contains_in_any_spelling", [firm], found(k, "companies", 'tags contains "v i p"'))
        equal("tags__any", [firm, other], found(k, "companies", 'tags contains "VIP" or tags contains "partner"'))
        equal("tags__all", [firm], found(k, "companies", 'tags contains "VIP" and tags contains "Fair 2026"'))
        equal("tags__none", [other, bare], found(k, "companies", 'not tags contains "VIP"'))
        equal("tags__empty", [bare], found(k, "companies", "tags is empty"))
        equal("tags__of_a_linked_record", [deal], found(k, "deals", 'company.tags contains "vip"'))
        equal("tags__counted_below", [firm], found(k, "companies", 'count(deals where tags contains "hot") > 0'))
    return other


def uses(k):
    count = {}
    for item in k.admin.get(T + "/uses").json["items"]:
        count[item["key"]] = count.get(item["key"], 0) + item["count"]
    return count


def rename(k, firm, person, other):
    with test("tags__uses"):
        equal("tags__are_counted", {"vip": 2, "fair2026": 2, "partner": 1, "hot": 1}, uses(k))
    before = [k.admin.get("/api/v1/companies/%d" % firm).json, k.admin.get("/api/v1/contacts/%d" % person).json]
    with test("tags__rename"):
        equal("tags__are_not_renamed_one_by_one", 422,
              k.admin.patch(T + "/%d" % tag(k, "VIP")["id"], {"name": "Key account"}).status)
        equal("tags__colour_changes", 200, k.admin.patch(T + "/%d" % tag(k, "VIP")["id"], {"colour": "red"}).status)
        equal("tags__in_use_are_not_deleted", 422, k.admin.delete(T + "/%d" % tag(k, "VIP")["id"]).status)
        vip = tag(k, "VIP")["id"]
        dry = k.admin.post(REPLACE + "?dry_run=1", {"from": [vip], "name": "Key account"})
        equal("tags__dry_run_counts", (200, 2, True), (dry.status, dry.json["changed"], dry.json.get("dry_run")))
        check("tags__dry_run_keeps_nothing", "VIP" in names(k))
        done = k.admin.post(REPLACE, {"from": [vip], "name": "Key account"})
        equal("tags__rename_answers", (200, 2), (done.status, done.json["changed"]))
        equal("tags__records_follow", ["Key account", "Fair 2026"], k.admin.get("/api/v1/companies/%d" % firm).json["tags"])
        equal("tags__of_every_kind", ["Key account", "Fair 2026"], k.admin.get("/api/v1/contacts/%d" % person).json["tags"])
        equal("tags__the_tag_has_the_name", vip, tag(k, "Key account")["id"])
        undone = k.admin.post("/api/v1/changes/%d/undo" % done.json["change"])
        equal("tags__one_undo", (200, []), (undone.status, undone.json["kept"]))
        after = [k.admin.get("/api/v1/companies/%d" % firm).json, k.admin.get("/api/v1/contacts/%d" % person).json]
        equal("tags__as_before", [b["tags"] for b in before], [a["tags"] for a in after])
        equal("tags__name_as_before", vip, tag(k, "VIP")["id"])
        equal("tags__index_as_before", [firm], found(k, "companies", 'tags contains "VIP"'))
        taken = k.admin.post(REPLACE, {"from": [vip], "name": "PARTNER"})
        equal("tags__a_name_that_is_taken", 422, taken.status)
        contains("tags__says_so", "merge", taken.text)
        again = k.admin.post(REPLACE, {"from": [vip], "name": "Vip"})
        equal("tags__other_letters_are_a_rename", (200, ["Vip", "Fair 2026"]),
              (again.status, k.admin.get("/api/v1/companies/%d" % firm).json["tags"]))
        k.admin.post("/api/v1/changes/%d/undo" % again.json["change"])
    with test("tags__merge"):
        ids = [tag(k, "VIP")["id"], tag(k, "Fair 2026")["id"]]
        done = k.admin.post(REPLACE, {"from": ids, "into": tag(k, "Partner")["id"]})
        equal("tags__merge_changes", (200, 2), (done.status, done.json["changed"]))
        equal("tags__each_once", ["Partner"], k.admin.get("/api/v1/companies/%d" % firm).json["tags"])
        equal("tags__merged_are_gone", ["Partner", "hot"], names(k))
        equal("tags__merge_undone", 200, k.admin.post("/api/v1/changes/%d/undo" % done.json["change"]).status)
        equal("tags__merge_undone_exactly", ["VIP", "Fair 2026"], k.admin.get("/api/v1/companies/%d" % firm).json["tags"])
        equal("tags__merged_are_back", ["Fair 2026", "Partner", "VIP", "hot"], names(k))
    with test("tags__delete"):
        done = k.admin.post(REPLACE, {"from": [tag(k, "VIP")["id"]], "delete": True})
        equal("tags__deleted", ["Fair 2026"], k.admin.get("/api/v1/companies/%d" % firm).json["tags"])
        equal("tags__delete_undone", 200, k.admin.post("/api/v1/changes/%d/undo" % done.json["change"]).status)
        equal("tags__back", ["VIP", "Fair 2026"], k.admin.get("/api/v1/companies/%d" % firm).json["tags"])
    with test("tags__malformed"):
        for body in ({}, {"from": []}, {"from": [1]}, {"from": [other], "name": "x"}, {"from": ["x"], "name": "y"},
                     {"from": [tag(k, "VIP")["id"]], "into": tag(k, "VIP")["id"]},
                     {"from": [tag(k, "VIP")["id"]], "name": "x", "delete": True}, {"from": [tag(k, "VIP")["id"]], "name": "a;b"}):
            answer = k.admin.post(REPLACE, body)
            check("tags__refused_%s" % json.dumps(body)[:30], answer.status in (400, 422), repr(answer))


def trash(k):
    firm = k.admin.post("/api/v1/companies", {"name": "Gone", "tags": ["Binned"]}).json["id"]
    k.admin.delete("/api/v1/companies/%d" % firm)
    with test("tags__in_the_bin"):
        check("tags__of_the_bin_are_not_counted", "binned" not in uses(k))
        k.admin.post(REPLACE, {"from": [tag(k, "Binned")["id"]], "name": "Out"})
        k.admin.post("/api/v1/companies/%d/restore" % firm, {})
        equal("tags__what_comes_back_has_the_name_of_now", ["Out"], k.admin.get("/api/v1/companies/%d" % firm).json["tags"])


def rights(k):
    k.add_user("member@example.com", role="member")
    k.add_user("reader@example.com", role="reader")
    k.add_user("lead@example.com", role="lead")
    member, reader, lead = (k.client(who + "@example.com") for who in ("member", "reader", "lead"))
    with test("tags__rights"):
        equal("tags__a_member_makes_them", 201, member.post("/api/v1/contacts", {"last_name": "M", "tags": ["of a member"]}).status)
        mine = tag(k, "of a member")["id"]
        equal("tags__but_does_not_rename", 403, member.post(REPLACE, {"from": [mine], "name": "x"}).status)
        equal("tags__a_reader_does_not", 403, reader.post(T, {"name": "of a reader"}).status)
        check("tags__all_see_them", "VIP" in [t["name"] for t in lead.items(T)] and "VIP" in [t["name"] for t in reader.items(T)])
        equal("tags__a_lead_does_not_see_all_counts", [], [u for u in lead.get(T + "/uses").json["items"] if u["entity"] == "company"])


def many(k):
    rows = "name,tags\n" + "".join("Firm %d,%s\n" % (i, "Mass; VIP" if i % 2 else "v i p") for i in range(2000))
    with test("tags__import"):
        done = json.loads(k.must("import", "company", k.file(rows, "tags.csv"), "--json"))
        equal("tags__all_rows_come_in", (2000, 0), (done["created"], done["rejected"]))
        equal("tags__by_the_same_rule", 1, sum(1 for n in names(k) if n.lower().replace(" ", "") == "vip"))
        done = k.admin.post(REPLACE, {"from": [tag(k, "VIP")["id"]], "into": tag(k, "Mass")["id"]}, timeout=120)
        equal("tags__merged_in_slices", True, done.status == 200 and done.json["changed"] > 2000)
        check("tags__one_undo_of_many", k.admin.post("/api/v1/changes/%d/undo" % done.json["change"], timeout=120).status == 200)
        equal("tags__all_are_back", 1000 + 1000, len(found(k, "companies", 'name starts with "Firm " and tags contains "VIP"')))
    with test("tags__export"):
        cells = k.must("export", "company", "--filter", 'tags contains "mass"', "--fields", "id,tags")
        contains("tags__a_cell_holds_them_all", "Mass; VIP", cells)


def undone(k):
    """What a change made goes with it, unless somebody else uses it by now."""
    before = names(k)
    with test("tags__go_with_the_undo_of_what_made_them"):
        told = k.must("import", "company", k.file("name;tags\nLast one;Only here\nLast two;Only here, Shared\n", "last.csv"))
        assert told.startswith("2 created"), told
        change = k.admin.get("/api/v1/changes?limit=1").json["items"][0]["id"]
        k.admin.post("/api/v1/contacts", {"last_name": "Keeper", "tags": ["shared"]})
        undone = k.admin.post("/api/v1/changes/%d/undo" % change, {}).json
        assert undone["undone"] == 3 and [x["title"] for x in undone["kept"]] == ["Shared"], undone
        assert names(k) == sorted(before + ["Shared"]), names(k)
    with test("tags__come_back_with_the_undo_of_the_undo"):
        assert k.admin.post("/api/v1/changes/%d/undo" % undone["change"], {}).json["kept"] == []
        assert names(k) == sorted(before + ["Only here", "Shared"]), names(k)
        assert len(found(k, "companies", 'tags contains "only here"')) == 2


def quoted(k):
    """Saved views that name a tag go with it, also those of others and in the bin; one undo brings all back."""
    k.admin.post("/api/v1/companies", {"name": "Quote", "tags": ["Old \"hand\"", "Twin"]})
    old = [n for n in names(k) if n.startswith("Old")][0]
    cited = old.replace('"', '\\"')
    member = k.client("member@example.com")
    texts = {"own": 'tags contains "%s"' % cited, "several": 'name = "x" or (tags contains "%s" and not tags contains "Twin")' % cited,
             "link": 'company.tags contains "%s"' % cited, "sub": 'count(contacts where tags contains "old hand") = 0',
             "other": 'name contains "%s" or tags contains "Twin"' % cited}
    ids = {}
    for name, text in texts.items():
        made = member.post("/api/v1/views", {"name": name, "entity": "contact" if name == "link" else "company", "filter": text})
        assert made.status == 201, made
        ids[name] = made.json["id"]
    member.delete("/api/v1/views/%d" % ids["own"])

    def filters_now():
        return {n: member.get("/api/v1/views/%d" % i).json.get("filter") for n, i in ids.items() if n != "own"}
    before = filters_now()
    with test("tags__quoted_by_views"):
        done = k.admin.post(REPLACE, {"from": [tag(k, old)["id"]], "name": 'New "one"'})
        equal("tags__views_are_counted", (1, 4), (done.json["changed"], done.json["views"]))
        now = filters_now()
        new = 'New \\"one\\"'
        equal("tags__views_name_the_new_one", ('name = "x" or (tags contains "%s" and not tags contains "Twin")' % new, 'company.tags contains "%s"' % new,
                                               'count(contacts where tags contains "%s") = 0' % new, before["other"]),
              (now["several"], now["link"], now["sub"], now["other"]))
        equal("tags__the_view_still_finds_them", [], [v for v in ids.values() if v != ids["own"] and member.get("/api/v1/%s?view=%d" % (
            "contacts" if v == ids["link"] else "companies", v)).status != 200])
        member.post("/api/v1/views/%d/restore" % ids["own"], {})
        equal("tags__a_view_out_of_the_bin_names_it_too", 'tags contains "%s"' % new, member.get("/api/v1/views/%d" % ids["own"]).json["filter"])
        merged = k.admin.post(REPLACE, {"from": [tag(k, 'New "one"')["id"]], "into": tag(k, "Twin")["id"]})
        equal("tags__views_of_merged_ones", (4, 'company.tags contains "Twin"'), (merged.json["views"], filters_now()["link"]))
        for change in (merged.json["change"], done.json["change"]):
            equal("tags__views_undo", 200, k.admin.post("/api/v1/changes/%d/undo" % change, {}).status)
        equal("tags__views_are_as_before", before, filters_now())
        gone = k.admin.post(REPLACE, {"from": [tag(k, old)["id"]], "delete": True})
        equal("tags__views_of_deleted_ones_stay", (0, before), (gone.json["views"], filters_now()))


with Kontor() as k:
    firm, person = first_use(k)
    other = filters(k, firm, person)
    rename(k, firm, person, other)
    trash(k)
    rights(k)
    many(k)
    undone(k)
    quoted(k)
finish()
