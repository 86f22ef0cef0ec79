#!/usr/bin/python3
"""Finding doubles: who is told as one, why and how sure; groups, pages, "not the same", rights."""
import base64
import re

from kontor import Kontor, check, equal, finish, test

CONF = {"roles.yaml": """
clerk:
  label: Clerk
  entities:
    "*": {see: own, create: all, edit: own, delete: own}
looker:
  label: Looker
  entities:
    "*": {see: all}
  fields:
    contact: {company: {see: false, edit: false}}
""", "fields.yaml": """
contact:
  fields:
    secret_mails: {type: emails, see: [admin], edit: [admin]}
"""}


class Firm(Kontor):
    def __init__(self):
        super().__init__(conf=CONF)

    def add(self, plural, client=None, **body):
        answer = (client or self.admin).post("/api/v1/" + plural, body)
        assert answer.status == 201, answer
        return answer.json["id"]

    def found(self, entity="contact", client=None, limit=50):
        """ids → the group, of all pages"""
        groups, cursor = {}, ""
        while cursor is not None:
            page = (client or self.admin).get("/api/v1/duplicates?entity=%s&limit=%d%s" % (entity, limit, cursor and "&cursor=" + cursor))
            assert page.status == 200, page
            for group in page.json["items"]:
                assert tuple(group["ids"]) not in groups, ("twice", group)
                groups[tuple(group["ids"])] = group
            cursor = page.json["next"]
        return groups


def kinds(k):
    """Each pair is a double for one reason; none of them has to do with another."""
    one = []

    def pair(name, plural, first, second):
        one.append((name, plural, (k.add(plural, **first), k.add(plural, **second))))

    pair("email", "contacts", {"last_name": "Abel", "emails": ["x@abel.de"]}, {"last_name": "Abel", "emails": ["X@ABEL.de"]})
    pair("phone", "contacts", {"last_name": "Behn", "phones": ["+49 (0)30 111-22"]}, {"last_name": "Behn", "phones": ["0049 30 11122"]})
    pair("phone", "contacts", {"last_name": "Ruge", "phones": ["+49 (451) 12352"]}, {"last_name": "Ruge", "phones": ["0451/12352"]})
    pair("name_place", "contacts", {"first_name": "Cora", "last_name": "Müller", "city": "Ulm"},
         {"first_name": "Mueller", "last_name": "Cora", "city": "ULM"})
    pair("near_place", "contacts", {"first_name": "Stefan", "last_name": "Dietz", "city": "Köln"},
         {"first_name": "Stephan", "last_name": "Diets", "city": "Koln"})
    pair("near_place", "contacts", {"first_name": "Emil", "last_name": "Schmidt", "city": "Bonn"},
         {"first_name": "Emil", "last_name": "Shcmidt", "city": "Bonn"})
    pair("name", "contacts", {"first_name": "Dr. Fritz", "last_name": "Gauss"}, {"first_name": "Fritz", "last_name": "Gauß"})
    pair("name", "companies", {"name": "Heliotrop GmbH"}, {"name": "Heliotrop Ltd."})
    pair("near_place", "companies", {"name": "Solar Haus AG", "city": "Kiel"}, {"name": "Solarhaus", "city": "Kiel"})
    pair("domain", "companies", {"name": "Inselwerk", "website": ["https://www.insel.de/x"]},
         {"name": "Inselwerk Nord", "website": ["insel.de"]})
    pair("phone", "companies", {"name": "Jakob Bau", "phones": ["+4940777"]}, {"name": "Jakob Bau & Co. KG", "phones": ["+49 40 777"]})
    # none of these is a double
    k.add("contacts", first_name="Ann", last_name="Kerr", phones=["+49 1 234"], city="Rom")
    k.add("contacts", first_name="Bob", last_name="Lind", phones=["+49 1 234"], city="Rom")
    k.add("contacts", first_name="Kai", last_name="Nagel", phones=["+49 451 99999"], city="Rom")
    k.add("contacts", first_name="Jan", last_name="Pohl", phones=["+43 451 99999"], city="Rom")
    k.add("contacts", first_name="Eva", last_name="Moll", city="Trier")
    k.add("contacts", first_name="Eva", last_name="Moll", city="Mainz")
    k.add("contacts", first_name="Tom", last_name="Noll", city="Trier")
    k.add("contacts", first_name="Tim", last_name="Noll", city="Trier")
    found = {"contacts": k.found("contact"), "companies": k.found("company")}
    for name, plural, ids in one:
        group = found[plural].get(tuple(sorted(ids)))
        check("duplicates__%s_by_%s" % (plural, name), group and name in [w["kind"] for w in group["why"]],
              lambda: (ids, list(found[plural].values())))
    equal("duplicates__nobody_else", [len([o for o in one if o[1] == p]) for p in found], [len(f) for f in found.values()])
    with test("duplicates__say_why_in_words_and_how_sure"):
        group = found["contacts"][one[0][2]]
        assert group["reasons"] == ["Same e-mail address: x@abel.de", "Same name"], group
        assert group["score"] >= 85 and group["mergeable"] is True and group["titles"] == ["Abel", "Abel"], group
    with test("duplicates__come_in_pages"):
        assert list(k.found("contact", limit=1)) == list(found["contacts"]), k.found("contact", limit=1)


def groups(k):
    A = k.add("contacts", last_name="Orff", emails=["a@orff.de"], phones=["+491111"])
    B = k.add("contacts", last_name="Orff", emails=["a@orff.de", "b@orff.de"])
    C = k.add("contacts", last_name="Orff", emails=["b@orff.de"])
    D = k.add("contacts", last_name="Orff", phones=["+49 1111"])
    with test("duplicates__are_groups"):
        assert [g for g in k.found() if A in g] == [(A, B, C, D)], k.found()
    with test("duplicates__not_the_same_is_remembered"):
        answer = k.admin.post("/api/v1/duplicates/dismiss", {"ids": [A, B, C]})
        assert answer.status == 200 and answer.json == {"dismissed": True}, answer
        k.admin.post("/api/v1/duplicates/dismiss", {"ids": [B, D]})
        k.admin.post("/api/v1/duplicates/dismiss", {"ids": [C, D]})
        assert [g for g in k.found() if A in g or B in g] == [(A, D)], k.found()
        k.admin.post("/api/v1/duplicates/dismiss", {"ids": [A, B, C], "dismissed": False})
        assert [g for g in k.found() if A in g] == [(A, B, C, D)]
    with test("duplicates__go_when_they_are_merged_or_changed"):
        k.admin.post("/api/v1/contacts/merge", {"into": A, "from": [B, C]})
        assert [g for g in k.found() if A in g] == [(A, D)]
        k.admin.patch("/api/v1/contacts/%d" % D, {"phones": [], "last_name": "Quast", "first_name": "Ida"})
        assert [g for g in k.found() if A in g] == []
        E = k.add("contacts", last_name="Quast", first_name="Ida")
        assert [g for g in k.found() if D in g] == [(D, E)]
        k.admin.delete("/api/v1/contacts/%d" % E)
        assert [g for g in k.found() if D in g] == []
        k.admin.post("/api/v1/contacts/%d/restore" % E)
        assert [g for g in k.found() if D in g] == [(D, E)]


def rights(k):
    k.add_user("clerk@example.com", "clerk")
    k.add_user("looker@example.com", "looker")
    clerk, looker = k.client("clerk@example.com"), k.client("looker@example.com")
    firm = k.add("companies", name="Firm")
    A = k.add("contacts", last_name="Raabe", company=firm)
    B = k.add("contacts", clerk, last_name="Raabe")
    k.admin.patch("/api/v1/contacts/%d" % B, {"company": firm})
    C = k.add("contacts", last_name="Sand", secret_mails=["s@sand.de"])
    D = k.add("contacts", last_name="Sandig", secret_mails=["s@sand.de"])
    all_of = k.found()
    equal("duplicates__know_the_company", ["Same name and place"], all_of.get((A, B), {}).get("reasons"))
    check("duplicates__an_administrator_sees_all", (A, B) in all_of and (C, D) in all_of, all_of)
    equal("duplicates__who_sees_one_of_them_sees_none", {}, k.found(client=clerk))
    seen = k.found(client=looker)
    check("duplicates__a_hidden_field_is_no_reason", (C, D) not in seen and
          seen[(A, B)]["reasons"] == ["Same name"] and seen[(A, B)]["mergeable"] is False, seen)
    equal("duplicates__who_may_not_change_them_decides_nothing", 403,
          looker.post("/api/v1/duplicates/dismiss", {"ids": [A, B]}).status)
    equal("duplicates__nothing_is_said_of_what_he_cannot_see", 404,
          clerk.post("/api/v1/duplicates/dismiss", {"ids": [A, B]}).status)
    for path in ("", "?entity=deal", "?entity=user", "?entity=none", "?entity=contact&cursor=x"):
        check("duplicates__malformed_%s" % path, k.admin.get("/api/v1/duplicates" + path).status == 400)


def cursors(k):
    """Where a page ended may be at a value that is hidden: the cursor does not tell it, and goes on all the same."""
    clerk = k.client("clerk@example.com")
    own = []
    for name in ("aa", "mm", "zz"):
        mail = {"emails": [name + "@own.example"]}
        own.append(tuple(k.add("contacts", clerk, last_name="Own" + name, **mail) for _ in range(2)))
        k.must("import", "contact", k.file("last_name,emails\n" + "".join(
            "Hid%s%d,%s%d@hidden.example\n" % (name, i // 2, name, i // 2) for i in range(8)), "hidden.csv"))
    cursor, seen = "", []
    while cursor is not None:
        page = clerk.get("/api/v1/duplicates?entity=contact&limit=1" + (cursor and "&cursor=" + cursor)).json
        seen += [tuple(group["ids"]) for group in page["items"]]
        cursor = page["next"]
        plain = cursor and base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("latin-1")
        check("duplicates__the_cursor_tells_nothing", cursor is None or not re.search(r"example|hidden", cursor + plain), cursor)
        if cursor and len(seen) == 1:
            equal("duplicates__the_cursor_of_another_kind", 400,
                  clerk.get("/api/v1/duplicates?entity=company&cursor=" + cursor).status)
    equal("duplicates__the_cursor_goes_on", sorted(own), sorted(g for g in seen if g in own))


def crowds(k):
    """What is hidden takes no place in a group; of a group that is cut it is said."""
    clerk = k.client("clerk@example.com")
    names = "first_name,last_name,emails\n" + "Anna,Crowd,crowd@same.example\n" * 30
    k.must("import", "contact", k.file(names, "crowd.csv"))
    own = tuple(k.add("contacts", clerk, first_name="Anna", last_name="Crowd", emails=["anna@own.example"]) for _ in range(2))
    found = k.found(client=clerk)
    check("duplicates__finds_the_own_ones_in_a_crowd", own in found and not found[own].get("more"), found)
    k.must("import", "contact", k.file(names + "Anna,Crowd,crowd@same.example\n" * 600, "more.csv"))
    other = k.add("contacts", clerk, first_name="Anna", last_name="Crowd")
    check("duplicates__finds_the_own_ones_in_a_great_crowd", own + (other,) in k.found(client=clerk), lambda: k.found(client=clerk))
    warned = clerk.post("/api/v1/contacts?dry_run=1", {"first_name": "Anna", "last_name": "Crowd"}).json["draft"]["warnings"]
    equal("warning__of_the_own_ones_in_a_great_crowd", {*own, other}, {w["id"] for w in warned})
    cut = [g for g in k.found().values() if "Crowd" in g["titles"][0]]
    check("duplicates__say_that_a_group_is_cut", cut and all(len(g["ids"]) == 20 and g.get("more") is True for g in cut), cut)


def warnings(k):
    """What a form is told while it is filled in."""
    A = k.add("contacts", first_name="Uta", last_name="Voß", city="Emden", phones=["+49 4921 7"])
    k.add("contacts", first_name="Uta", last_name="Voß", city="Passau")
    C = k.add("companies", name="Xaver Bau GmbH", city="Emden", website=["https://xaver.example"])

    def said(plural, body, id=None):
        path = "/api/v1/" + plural + ("/%d" % id if id else "") + "?dry_run=draft"
        answer = k.admin.patch(path, body) if id else k.admin.post(path, body)
        return [(w["id"], w["why"]) for w in answer.json["draft"]["warnings"]]

    equal("warning__by_phone_digits_without_country", [(A, "phone")], said("contacts", {"last_name": "New", "phones": ["04921 7"]}))
    equal("warning__by_phone_digits", [(A, "phone")], said("contacts", {"last_name": "New", "phones": ["0049-4921-7"]}))
    equal("warning__by_name_and_town", (A, "name_place"), said("contacts", {"first_name": "uta", "last_name": "Voss", "city": "EMDEN"})[0])
    equal("warning__by_a_similar_name_in_the_town", [(A, "near_place")],
          said("contacts", {"first_name": "Uta", "last_name": "Voos", "city": "Emden"}))
    equal("warning__of_companies_without_their_form", [(C, "name_place")], said("companies", {"name": "Xaver Bau Ltd.", "city": "Emden"}))
    zebra = k.add("companies", name="Zebra Logistik AG")
    equal("warning__of_companies_without_their_form_or_town", [(zebra, "name")], said("companies", {"name": "Zebra Logistik GmbH"}))
    equal("warning__of_companies_without_their_form_in_one_town", [(zebra, "name")],
          said("companies", {"name": "Zebra Logistik GmbH", "city": "Emden"}))
    equal("warning__of_people_without_their_title", (A, "name"), said("contacts", {"first_name": "Dr. Uta", "last_name": "Voss"})[0])
    equal("warning__by_domain", [(C, "domain")], said("companies", {"name": "Other", "website": ["www.xaver.example/x"]}))
    other = k.add("companies", name="Yacht", city="Emden")
    equal("warning__while_editing", [(C, "name_place")], said("companies", {"name": "Xaver Bau"}, other))
    k.admin.post("/api/v1/duplicates/dismiss", {"ids": [C, other]})
    equal("warning__not_of_one_that_is_another", [], said("companies", {"name": "Xaver Bau & Co."}, other))


def offers(k):
    """Somebody with an address at the domain of a company may belong to it; it is no double of him."""
    firm = k.add("companies", name="Tonwerk", website=["https://www.tonwerk.example/about"])
    k.add("companies", name="Twice One", website=["twice.example"])
    k.add("companies", name="Twice Two", website=["twice.example"])

    def offered(body, client=k.admin):
        draft = client.post("/api/v1/contacts?dry_run=draft", {"last_name": "Zoll", **body}).json["draft"]
        return draft["offers"], draft["warnings"]

    wanted = [{"field": "company", "entity": "company", "id": firm, "title": "Tonwerk"}]
    equal("offer__the_company_of_the_domain", (wanted, []), offered({"emails": ["zoll@TonWerk.example"]}))
    for name, body in (("to_who_has_one", {"emails": ["zoll@tonwerk.example"], "company": firm}), ("of_two", {"emails": ["z@twice.example"]}),
                       ("of_an_unknown_domain", {"emails": ["z@none.example"]}), ("without_an_address", {})):
        equal("offer__none_%s" % name, [], offered(body)[0])
    equal("offer__none_of_a_hidden_company", [], offered({"emails": ["zoll@tonwerk.example"]}, k.client("clerk@example.com"))[0])


def main():
    with Firm() as k:
        kinds(k)
    with Firm() as k:
        groups(k)
        rights(k)
        cursors(k)
        crowds(k)
        warnings(k)
        offers(k)
    finish()


main()
