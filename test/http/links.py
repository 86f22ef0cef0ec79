#!/usr/bin/python3
"""Links: given by a name instead of an id, where the target has no field of that name; and what they say when their target is in
the bin: that it is, wherever they stand, and in filters what they always said."""
import json

from kontor import Kontor, check, equal, finish

SEE_OWN = "{see: own, create: all, edit: own, delete: own}"
CONF = {"roles.yaml": 'clerk:\n  label: Clerk\n  entities: {"*": %s}\n' % SEE_OWN}


def make(client, plural, record):
    answer = client.post("/api/v1/" + plural, record)
    assert answer.status == 201, answer
    return answer.json["id"]


def link(client, value, field="contact", **more):
    return client.post("/api/v1/deals", {"name": "Roof", field: value, **more})


def named(k):
    clerk = k.clerk = k.add_user("clerk@links.example", role="clerk")
    bjoern = make(k.admin, "contacts", {"first_name": "Björn", "last_name": "Albers", "emails": ["b@links.example"]})
    make(clerk, "contacts", {"first_name": "Cara", "last_name": "Bley"})
    for name in ("Björn Albers", "björn  albers", "BJORN ALBERS"):
        answer = link(k.admin, {"name": name})
        check("link__a_person_is_found_by_name_%s" % name, answer.status == 201 and answer.json["contact"]["id"] == bjoern, answer)
    equal("link__by_title_as_before", bjoern, link(k.admin, {"title": "Björn Albers"}).json["contact"]["id"])
    for value, text in (({"name": "Bjorn Alber"}, "There is no contact “Bjorn Alber”"),
                        ({"nam": "Björn Albers"}, "There is no field \"nam\" in contact"),
                        ({"birthday": "2000-01-01"}, "is found by its title or a unique field")):
        answer = link(k.admin, value)
        check("link__refuses_%s" % list(value), answer.status == 422 and text in answer.json["error"]["fields"][0]["text"], answer)
    hidden = link(clerk, {"name": "Björn Albers"})
    check("link__of_nobody_one_may_not_see", hidden.status == 422 and "There is no contact" in hidden.text, hidden)
    own = make(clerk, "contacts", {"first_name": "Björn", "last_name": "Albers"})
    equal("link__of_two_the_one_who_may_be_seen", own, link(clerk, {"name": "Björn Albers"}).json["contact"]["id"])
    several = link(k.admin, {"name": "Björn Albers"})
    text = several.json["error"]["fields"][0]["text"]
    check("link__of_several_says_so", several.status == 422 and "several contacts" in text, several)
    check("link__and_names_none", not any(str(i) in text for i in (bjoern, own)), text)
    note = k.admin.post("/api/v1/notes", {"text": "Met", "links": [{"entity": "contact", "name": "Cara Bley"}]})
    check("link__in_lists_too", note.status == 201 and note.json["links"][0]["title"] == "Cara Bley", note)
    meeting = k.admin.post("/api/v1/activities", {"kind": "meeting", "subject": "Round", "participants": [{"entity": "user", "id": clerk.user["id"]}]})
    asked = "filter=participants%%20contains%%20%d&fields=subject" % clerk.user["id"]
    equal("link__people_are_found_in_lists", [meeting.json["id"]], [r["id"] for r in listed(k.admin, asked, "activities")])
    equal("link__and_see_what_they_take_part_in", [meeting.json["id"]], [r["id"] for r in listed(clerk, asked, "activities")])
    user = link(k.admin, {"name": clerk.user["name"]}, "owner")
    equal("link__a_field_called_name_is_that_field", clerk.user["name"], (user.json.get("owner") or {}).get("title"))
    mapping = k.file("import: deal\ncolumns:\n  name: name\n  who: {field: contact, by: name}\n", "deals.yaml")
    told = json.loads(k.must("import", "deal", k.file("name,who\nDoor,Cara Bley\n", "deals.csv"), "--map", mapping, "--json"))
    equal("link__by_name_in_a_mapping", (1, 0), (told["created"], told["rejected"]))


def listed(client, query, plural="deals"):
    answer = client.get("/api/v1/%s?%s" % (plural, query))
    assert answer.status == 200, answer
    return answer.json["items"]


def binned(k):
    clerk = k.clerk
    gone = make(k.admin, "companies", {"name": "Gone Ltd", "city": "Ulm"})
    kept = make(k.admin, "companies", {"name": "Kept Ltd"})
    deal = make(k.admin, "deals", {"name": "Shed", "company": gone, "amount": "100"})
    shed = k.admin.get("/api/v1/deals/%d" % deal).json
    note = make(k.admin, "notes", {"text": "Both", "links": [{"id": gone}, {"id": kept}]})
    k.admin.patch("/api/v1/deals/%d" % deal, {"company": kept})
    k.admin.patch("/api/v1/deals/%d" % deal, {"company": gone})
    before = k.admin.get("/api/v1/deals/%d" % deal).headers
    living = int(k.admin.get("/api/v1/changes?limit=1").json["items"][0]["id"])
    equal("bin__a_living_target_says_nothing", {"id": gone, "title": "Gone Ltd"}, shed["company"])
    assert k.admin.delete("/api/v1/companies/%d" % gone).status == 204 and before
    link, of_any = {"id": gone, "title": "Gone Ltd", "deleted": True}, {"id": gone, "title": "Gone Ltd", "entity": "company", "deleted": True}
    path = "/api/v1/deals/%d" % deal
    equal("bin__record", link, k.admin.get(path).json["company"])
    equal("bin__list", [link], [d["company"] for d in listed(k.admin, 'filter=name = "Shed"')])
    equal("bin__as_of_now", [link], [d["company"] for d in listed(k.admin, 'as_of=2099-01-01&filter=name = "Shed"')])
    equal("bin__as_of_then_it_was_there", {"id": gone, "title": "Gone Ltd"}, k.admin.get(path + "?as_of=cs:%d" % living).json["company"])
    expanded = k.admin.get(path + "?expand=company").json["company"]
    equal("bin__expand", (True, "Ulm"), (expanded.get("deleted"), (expanded["record"] or {}).get("city")))
    equal("bin__export_ndjson", link, json.loads(k.must("export", "deal", "--filter", 'name = "Shed"', "--format", "ndjson"))["company"])
    equal("bin__export_csv", "company\nGone Ltd\n", k.must("export", "deal", "--filter", 'name = "Shed"', "--fields", "company").replace("\r", ""))
    equal("bin__lists_of_links", [of_any, {"id": kept, "title": "Kept Ltd", "entity": "company"}], k.admin.get("/api/v1/notes/%d" % note).json["links"])
    equal("bin__lists_in_exports", "links\ncompany: Gone Ltd; company: Kept Ltd\n", k.must("export", "note", "--fields", "links").split("\n", 1)[0].strip() + "\n" +
          [l for l in k.must("export", "note", "--fields", "links").replace("\r", "").split("\n") if "Gone" in l][0] + "\n")
    sides = [s for i in k.admin.get(path + "/timeline").json["items"] for f in i.get("fields", []) if f["name"] == "company"
             for s in (f["before"], f["after"]) if s and s["id"] == gone]
    check("bin__timeline", sides and all(s == link for s in sides), sides)
    groups = [g["value"] for g in k.admin.get("/api/v1/deals?group=company").json["groups"] if g["value"] and g["value"].get("id") == gone]
    equal("bin__groups", [link], groups)
    for text, found in (("company is not empty", 1), ('company = "Gone Ltd"', 1), ('company.name starts with "Gone"', 1), ('company.city = "Ulm"', 1),
                        ('company.city in ("Ulm", "Bonn")', 1), ("company = %d" % gone, 1), ("company.name is empty", 0), ('company.name != "Gone Ltd"', 0)):
        equal("bin__filter_" + text, found, len(listed(k.admin, 'filter=name = "Shed" and ' + text)))
        equal("bin__filter_then_" + text, found, len(listed(k.admin, 'as_of=cs:%d&filter=name = "Shed" and %s' % (living, text))))
    equal("bin__hidden_is_hidden", [], [d for d in listed(clerk, "") if "Gone" in json.dumps(d)])
    hers = make(k.admin, "deals", {"name": "Hers", "company": kept, "owner": {"email": clerk.user["email"]}})
    k.admin.delete("/api/v1/companies/%d" % kept)
    equal("bin__of_what_one_may_not_see_nothing_is_said", {"hidden": True}, clerk.get("/api/v1/deals/%d" % hers).json["company"])
    equal("bin__nor_does_a_filter_tell", 0, len(listed(clerk, 'filter=company.name starts with "Kept"')))
    k.admin.post("/api/v1/companies/%d/restore" % kept)
    changed = k.admin.patch("/api/v1/notes/%d" % note, {"links": [{"id": gone}]})
    equal("bin__a_list_is_sent_back_with_it", (200, [of_any]), (changed.status, (changed.json or {}).get("links")))
    same = k.admin.patch(path, {"company": gone, "name": "Shed 2"})
    equal("bin__a_link_is_sent_back", (200, link), (same.status, (same.json or {}).get("company")))
    for answer in (k.admin.post("/api/v1/deals", {"name": "New", "company": gone}), k.admin.post("/api/v1/notes", {"text": "New", "links": [gone]}),
                   k.admin.patch("/api/v1/deals/%d" % hers, {"company": gone}), k.admin.patch("/api/v1/deals/%d" % hers, {"company": {"name": "Gone Ltd"}})):
        check("bin__no_new_link_leads_there", answer.status == 422 and "There is no company" in answer.text or "There is no record" in answer.text, answer)
    k.admin.post("/api/v1/companies/%d/restore" % gone)
    equal("bin__taken_out_it_is_as_before", {"id": gone, "title": "Gone Ltd"}, k.admin.get(path).json["company"])


with Kontor(conf=CONF) as k:
    named(k)
    binned(k)
finish()
