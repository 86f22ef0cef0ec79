#!/usr/bin/python3
"""Links: given by a name instead of an id, where the target has no field of that name."""
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
    clerk = k.add_user("clerk@links.example", role="clerk")
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
    user = link(k.admin, {"name": clerk.user["name"]}, "owner")
    equal("link__a_field_called_name_is_that_field", clerk.user["name"], (user.json.get("owner") or {}).get("title"))
    mapping = k.file("import: deal\ncolumns:\n  name: name\n  who: {field: contact, by: name}\n", "deals.yaml")
    told = json.loads(k.must("import", "deal", k.file("name,who\nDoor,Cara Bley\n", "deals.csv"), "--map", mapping, "--json"))
    equal("link__by_name_in_a_mapping", (1, 0), (told["created"], told["rejected"]))


with Kontor(conf=CONF) as k:
    named(k)
finish()
