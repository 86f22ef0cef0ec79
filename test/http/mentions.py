#!/usr/bin/python3
"""Mentions and links in the texts of notes: "@[id name]" tells a colleague, "#[id]" puts the note into that record's timeline; both
survive renaming, read well in titles, search and exports, come back from a file, and give away nothing to who may not see it."""
import contextlib

from kontor import Kontor, check, equal, finish, test

CONF = {"roles.yaml": """
own:
  label: Own
  entities:
    "*": {see: own, create: all, edit: own, delete: own, export: own, import: none}
"""}


def listed(client, query=""):
    return client.get("/api/v1/notifications" + query).json["items"]


def unseen(client):
    return client.get("/api/v1/notifications/count").json["unseen"]


def note(client, text, *links):
    answer = client.post("/api/v1/notes", {"text": text, "links": [{"entity": e, "id": n} for e, n in links]})
    assert answer.status == 201, answer
    return answer.json


def merging(k, max_):
    a = k.admin
    kept, gone = (a.post("/api/v1/companies", {"name": n}).json["id"] for n in ("Kept", "Gone"))
    before = unseen(max_)
    for firm in kept, gone:
        note(a, "Look here, @[%d max]." % max_.user["id"], ("company", firm))
    with test("mentions__follow_a_merge_to_the_survivor"):
        assert unseen(max_) == before + 2
        change = a.post("/api/v1/companies/merge", {"into": kept, "from": [gone]}).json["change"]
        assert unseen(max_) == before + 2, unseen(max_)
        assert [n["record"]["id"] for n in listed(max_)[:2]] == [kept, kept], listed(max_)
    with test("mentions__are_seen_together_at_the_survivor"):
        newest = listed(max_)[0]["id"]
        answer = max_.post("/api/v1/notifications/seen", {"id": newest, "group": True})
        assert answer.status in (200, 204), answer
        assert unseen(max_) == before, unseen(max_)
    with test("mentions__go_back_when_a_merge_is_undone"):
        assert a.post("/api/v1/changes/%d/undo" % change).status == 200
        assert sorted(n["record"]["id"] for n in listed(max_)[:2]) == [kept, gone], listed(max_)


def telling(k, max_, olga, firm):
    a = k.admin
    with contextlib.closing(max_.events()) as stream:
        made = note(a, "Please call, @[%d max]! And you, @[max@example.com]." % max_.user["id"], ("company", firm))
        equal("mentions__get_the_name_of_now", "Please call, @[%d max]! And you, @[%d max]." % ((max_.user["id"],) * 2), made["text"])
        equal("mentions__read_well_in_a_title", "Please call, @max! And you, @max.", made["title"])
        check("mentions__are_told_live", stream.wait_for(lambda e: e.get("event") == "notification", 1))
    with test("mentions__are_told_once_with_record_and_note"):
        items = listed(max_)
        assert len(items) == 1, items
        n = items[0]
        assert n["kind"] == "mention" and n["record"] == {"id": firm, "title": "Alster", "entity": "company"}, n
        assert n["entry"]["id"] == made["id"] and n["entry"]["title"].startswith("Please call, @max"), n
        assert n["by"]["title"] == "admin" and unseen(max_) == 1 and listed(a) == [], n
    with test("mentions__are_not_told_again_when_the_note_is_edited"):
        a.patch("/api/v1/notes/%d" % made["id"], {"text": made["text"] + " Soon."})
        assert len(listed(max_)) == 1
        a.patch("/api/v1/notes/%d" % made["id"], {"text": made["text"] + " @[olga@example.com]"})
        assert len(listed(max_)) == 1
    with test("mentions__of_oneself_are_not_told"):
        note(a, "I, @[%d], was here." % a.user["id"], ("company", firm))
        assert listed(a) == []
    with test("mentions__of_a_dry_run_are_not_told"):
        a.post("/api/v1/notes?dry_run=1", {"text": "@[max@example.com]", "links": [{"entity": "company", "id": firm}]})
        assert len(listed(max_)) == 1
    with test("mentions__of_nobody_are_plain_text"):
        assert note(a, "@[nobody@example.com] @[99999 Ghost] @[ #[x]", ("company", firm))["text"] == "@nobody@example.com @Ghost @[ #[x]"
    with test("mentions__ids_from_elsewhere_are_found_by_name"):
        made = note(a, "@[%d olga]" % max_.user["id"], ("company", firm))
        assert made["text"] == "@[%d olga]" % olga.user["id"], made
    with test("notifications__are_marked_by_record"):
        note(a, "@[max@example.com] again", ("company", firm))
        assert unseen(max_) == 2
        assert max_.post("/api/v1/notifications/seen", {"id": listed(max_)[0]["id"], "group": True}).status == 204
        assert unseen(max_) == 0


def hiding(k, olga, firm):
    """Olga sees her own records only."""
    a = k.admin
    before = unseen(olga)
    note(a, "Secret plan, @[olga@example.com]", ("company", firm))
    with test("mentions__say_nothing_of_what_may_not_be_seen"):
        assert unseen(olga) == before == 0 and listed(olga) == [], listed(olga)
        assert "Secret" not in olga.get("/api/v1/notifications").text
    with test("mentions__readers_say_who_may_see_the_record"):
        found = {x["title"]: x["sees"] for x in a.get("/api/v1/companies/%d/readers" % firm).json["items"]}
        assert found == {"admin": True, "max": True, "olga": False}, found
        found = a.get("/api/v1/companies/%d/readers?q=ol" % firm).json["items"]
        assert [x["title"] for x in found] == ["olga"], found
        assert olga.get("/api/v1/companies/%d/readers" % firm).status == 404
    a.patch("/api/v1/companies/%d" % firm, {"owner": olga.user["id"]})
    with test("mentions__are_there_once_the_record_may_be_seen"):
        assert unseen(olga) >= 1 and any("Secret plan" in n["entry"]["title"] for n in listed(olga) if "entry" in n), listed(olga)
    a.patch("/api/v1/companies/%d" % firm, {"owner": a.user["id"]})
    equal("mentions__are_gone_when_it_may_not", 0, unseen(olga))


def records(k, max_, olga, firm, deal):
    a = k.admin
    made = note(a, "As agreed for #[%d], see #[company: Bille]." % deal, ("company", firm))
    bille = [x["id"] for x in made["links"]][-1]
    with test("refs__put_the_note_into_the_timeline_of_the_record"):
        assert made["text"] == "As agreed for #[%d], see #[%d]." % (deal, bille), made
        assert [x["id"] for x in made["links"]] == [firm, deal, bille], made
        for where in ("deals/%d" % deal, "companies/%d" % bille):
            entry = a.get("/api/v1/%s/timeline?kind=note" % where).json["items"][0]
            assert entry["id"] == made["id"] and entry["refs"] == [
                {"id": deal, "title": "Roof", "entity": "deal"}, {"id": bille, "title": "Bille", "entity": "company"}], entry
    with test("refs__follow_a_new_name"):
        a.patch("/api/v1/deals/%d" % deal, {"name": "Roof and walls"})
        entry = a.get("/api/v1/deals/%d/timeline?kind=note" % deal).json["items"][0]
        assert entry["refs"][0]["title"] == "Roof and walls", entry
    with test("refs__give_no_names_in_titles"):
        assert made["title"] == "As agreed for #…, see #….", made
    a.patch("/api/v1/companies/%d" % bille, {"owner": olga.user["id"]})
    with test("refs__hide_what_may_not_be_seen"):
        entry = olga.get("/api/v1/companies/%d/timeline?kind=note" % bille).json["items"][0]
        assert entry["refs"] == [{"id": deal, "hidden": True}, {"id": bille, "title": "Bille", "entity": "company"}], entry
        assert "Roof" not in olga.get("/api/v1/companies/%d/timeline" % bille).text
        titles = olga.get("/api/v1/titles?ids=%d,%d" % (deal, bille)).json["items"]
        assert titles == entry["refs"], titles
        assert olga.get("/api/v1/titles?ids=1,x").status == 400
        mine = note(olga, "See #[%d]" % deal, ("company", bille))
        assert [x["id"] for x in mine["links"]] == [bille], mine
    with test("refs__say_what_lies_in_the_bin"):
        a.delete("/api/v1/deals/%d" % deal)
        entry = a.get("/api/v1/companies/%d/timeline?kind=note" % firm).json["items"][0]
        assert entry["refs"][0]["deleted"] is True, entry
    return made


def reading(k, max_, firm):
    a = k.admin
    note(a, "Zebra talk with @[max@example.com] about #[company: Bille]", ("company", firm))
    with test("mentions__are_found_by_name"):
        hits = a.get("/api/v1/search?q=zebra max").json["items"]
        assert len(hits) == 1 and "@max" in hits[0]["title"] and "@[" not in str(hits[0]), hits
    lines = k.must("export", "note", "--filter", 'text contains "Zebra"')
    with test("mentions__export_reads_well"):
        assert "Zebra talk with @[%d max] about #[company: Bille]" % max_.user["id"] in lines, lines
        assert "#[company: Bille]" in k.must("export", "note", "--filter", 'text contains "Zebra"', "--format", "ndjson")
    with test("mentions__come_back_from_a_file"):
        with Kontor() as other:
            other.add_user("someone@example.com")
            theirs = other.add_user("max@example.com")
            other.admin.post("/api/v1/companies", {"name": "Alster"})
            bille = other.admin.post("/api/v1/companies", {"name": "Bille"}).json["id"]
            text = "text,links\n" + '"Zebra talk with @[%d max] about #[company: Bille]",company: Alster\n' % max_.user["id"]
            other.must("import", "note", other.file(text, "notes.csv"))
            got = other.admin.get("/api/v1/notes").json["items"][0]
            assert got["text"] == "Zebra talk with @[%d max] about #[%d]" % (theirs.user["id"], bille), got
            assert listed(theirs) == [], "an import told of a mention"


def main():
    with Kontor(conf=CONF) as k:
        max_, olga = k.add_user("max@example.com"), k.add_user("olga@example.com", "own")
        firm = k.admin.post("/api/v1/companies", {"name": "Alster"}).json["id"]
        k.admin.post("/api/v1/companies", {"name": "Bille"})
        deal = k.admin.post("/api/v1/deals", {"name": "Roof", "company": firm}).json["id"]
        telling(k, max_, olga, firm)
        hiding(k, olga, firm)
        records(k, max_, olga, firm, deal)
        reading(k, max_, firm)
        merging(k, max_)


main()
finish()
