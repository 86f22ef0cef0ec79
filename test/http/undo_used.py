#!/usr/bin/python3
"""What others built on since stays when the making of it is undone: it is kept and told, with those it hangs on."""
import json
import urllib.parse

from kontor import Kontor, equal, finish, test

PEOPLE = "Last name;Company\nUwe;Nord AG\nIda;Nord AG\nOle;West KG\nMia;Ost KG\nTom;Ost KG\n"


def load(k, text, name):
    return json.loads(k.must("import", "contact", k.file(text, name), "--create-links", "--json"))["change"]


def names(k, plural, field):
    return sorted(r[field] for r in k.admin.items("/api/v1/" + plural))


def undo(k, change):
    answer = k.admin.post("/api/v1/changes/%d/undo" % change)
    assert answer.status == 200, answer
    return answer.json["undone"], {item["title"]: item.get("text", "") for item in answer.json["kept"]}


def find(k, plural, text):
    return k.admin.items("/api/v1/%s?filter=%s" % (plural, urllib.parse.quote(text)))[0]["id"]


def imports(k):
    first = load(k, PEOPLE, "first.csv")
    with test("undo_used__a_trial_tells_the_same"):
        k.admin.post("/api/v1/notes", {"text": "Called Uwe", "links": [{"entity": "contact", "id": find(k, "contacts", 'last_name = "Uwe"')}]})
        load(k, "Last name;Company\nVera;West KG\n", "second.csv")
        k.admin.patch("/api/v1/contacts/%d" % find(k, "contacts", 'last_name = "Tom"'), {"first_name": "Thomas"})
        trial = k.admin.post("/api/v1/changes/%d/undo?dry_run=1" % first).json
        equal("undo_used__of_8_records_3_go", (3, 5), (trial["undone"], len(trial["kept"])))
    with test("undo_used__worked_on_since"):
        undone, kept = undo(k, first)
        equal("undo_used__people_that_stay", ["Tom", "Uwe", "Vera"], names(k, "contacts", "last_name"))
        equal("undo_used__their_companies_stay", ["Nord AG", "Ost KG", "West KG"], names(k, "companies", "name"))
        equal("undo_used__how_many", (3, 5), (undone, len(kept)))
        equal("undo_used__a_note_is_the_reason", "“Called Uwe” points at it since.", kept["Uwe"])
        equal("undo_used__the_company_of_one_that_stays", "“Uwe” points at it since.", kept["Nord AG"])
        equal("undo_used__the_company_of_a_later_one", "“Vera” points at it since.", kept["West KG"])
        equal("undo_used__the_company_of_an_edited_one", "“Thomas Tom” points at it since.", kept["Ost KG"])


def linked(k):
    k.admin.post("/api/v1/contacts", {"last_name": "Old", "emails": ["old@example.com"]})
    change = json.loads(k.must("import", "contact", k.file("Last name;E-mail;Company\nOld;old@example.com;Sud AG\n", "third.csv"), "--create-links",
                               "--match", "email", "--json"))["change"]
    with test("undo_used__a_link_that_goes_with_the_undo_does_not_count"):
        equal("undo_used__its_company_goes", (2, {}), undo(k, change))
        equal("undo_used__and_its_link", None, k.admin.items("/api/v1/contacts?filter=last_name%20%3D%20%22Old%22")[0]["company"])


def alone(k):
    with test("undo_used__nobody_used_it"):
        made = k.admin.post("/api/v1/companies", {"name": "Brief"})
        person = k.admin.post("/api/v1/contacts", {"last_name": "Short", "company": {"id": made.json["id"]}})
        k.admin.delete("/api/v1/contacts/%d" % person.json["id"])
        equal("undo_used__what_is_in_the_bin_does_not_count", (1, {}), undo(k, int(made.headers["x-kontor-change"])))


with Kontor() as kontor:
    imports(kontor)
    linked(kontor)
    alone(kontor)
finish()
