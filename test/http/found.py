#!/usr/bin/python3
"""found("text"), the text field above lists and boards: what the search finds and titles of linked records, the same in lists,
counts, boards, exports and bulk; nothing a reader may not see gives itself away by being found."""
from urllib.parse import quote, urlencode

from kontor import Kontor, check, equal, finish, test

CONF = {"roles.yaml": """
narrow:
  label: Narrow
  entities: {"*": {see: all, create: all, edit: all, delete: all, export: all}, company: {see: own}}
  fields:
    deal: {contact: {see: false}}
untagged:
  label: Sees no tags of people
  entities: {"*": {see: all}}
  fields:
    contact: {tags: {see: false, edit: false}}
"""}


def encode(query):
    return urlencode(query, quote_via=quote)


def path(plural, text, **more):
    filter = 'found("%s")' % text.replace("\\", "\\\\").replace('"', '\\"')
    return "/api/v1/%s?%s" % (plural, encode({"filter": filter, "fields": "title", **more}))


def names(client, plural, text, **more):
    answer = client.get(path(plural, text, **more))
    assert answer.status == 200, (text, answer)
    assert answer.json["count"] >= len(answer.json["items"])
    return [item["title"] for item in answer.json["items"]]


def make(client, plural, record):
    answer = client.post("/api/v1/" + plural, record)
    assert answer.status == 201, answer
    return answer.json["id"]


def fill(k):
    firm = make(k.admin, "companies", {"name": "Altmark Druck GmbH", "city": "Stendal", "emails": ["info@altmark.example"]})
    other = make(k.admin, "companies", {"name": "Börde Bau", "city": "Altmark"})
    jonas = make(k.admin, "contacts", {"first_name": "Jonas", "last_name": "Schmidt", "company": firm, "job_title": "Foreman",
                                       "emails": ["jonas.schmidt@mail.example"], "phones": ["+49 391 / 55 66-77"]})
    make(k.admin, "contacts", {"first_name": "Jutta", "last_name": "Große", "company": other})
    for stage, name in (("enquiry", "Flyers"), ("proposal", "Posters"), ("won", "Cards")):
        make(k.admin, "deals", {"name": name, "company": firm, "contact": jonas, "stage": stage, "amount": {"value": "100"}})
    make(k.admin, "deals", {"name": "Roof", "company": other, "stage": "enquiry"})
    return firm, jonas


def finds(k):
    for text, wanted in (("jonas.sch", ["Jonas Schmidt"]), ("JONAS", ["Jonas Schmidt"]), ("schmidt jonas", ["Jonas Schmidt"]),
                         ("0391 5566", ["Jonas Schmidt"]), ("556677", ["Jonas Schmidt"]), ("hmid", ["Jonas Schmidt"]),
                         ("foreman", ["Jonas Schmidt"]), ("Altmark", ["Jonas Schmidt"]), ("altma dru", ["Jonas Schmidt"]),
                         ("jonas.schmidt@mail.example", ["Jonas Schmidt"]), ("grosse", ["Jutta Große"]), ("bau", ["Jutta Große"]),
                         ("hmidtx", []), ("jonas nobody", []), ("stendal", []), ('"', []), ("e", ["Jutta Große"]),
                         ("j", ["Jutta Große", "Jonas Schmidt"]), ("*", []), ("a\\", []), ("AND", []), ("words:x", [])):
        equal("found__contacts_%s" % text, wanted, names(k.admin, "contacts", text, sort="title"))
    equal("found__deals_by_their_company", ["Posters", "Flyers", "Cards"], names(k.admin, "deals", "altmark", sort="-title"))
    equal("found__deals_by_their_contact", 3, len(names(k.admin, "deals", "schmidt")))
    equal("found__companies_by_city_too", ["Altmark Druck GmbH", "Börde Bau"], names(k.admin, "companies", "altmark", sort="title"))
    for bad, why in (("found(name)", "a text in double quotes"), ("found()", "found("), ('found("x")', None)):
        answer = k.admin.get("/api/v1/deals?" + encode({"filter": bad}))
        check("found__asks_for_a_text_%s" % bad, answer.status == (400 if why else 200) and (why or "") in answer.text, answer)


def tags(k):
    ids = [make(k.admin, "contacts", {"last_name": name, "tags": [tag]}) for name, tag in (("Tulp", "Expo 2026"), ("Ulmer", "Expo 2027"))]
    other = make(k.admin, "contacts", {"last_name": "Expo", "tags": ["Expo 2026"]})
    for text, wanted in (("Expo 2026", ["Expo", "Tulp"]), ("exp", ["Expo", "Tulp", "Ulmer"]), ("EXPO 2027", ["Ulmer"]), ("xpo 2027", [])):
        equal("found__tag_%s" % text, wanted, names(k.admin, "contacts", text, sort="title"))
    equal("found__tag_counts_each_once", 3, k.admin.get(path("contacts", "expo")).json["count"])
    k.admin.delete("/api/v1/contacts/%d" % ids[1])
    equal("found__no_tag_in_the_trash", (["Expo", "Tulp"], 2),
          (names(k.admin, "contacts", "expo", sort="title"), k.admin.get(path("contacts", "expo")).json["count"]))
    blind = k.add_user("untagged@example.com", role="untagged")
    equal("found__no_hidden_tag", ["Expo"], names(blind, "contacts", "expo"))
    for id in (ids[0], other):
        k.admin.delete("/api/v1/contacts/%d" % id)


def everywhere(k, firm):
    with test("found__pages_are_whole"):
        seen, cursor = [], None
        while True:
            more = {"cursor": cursor} if cursor else {}
            answer = k.admin.get(path("deals", "altmark", limit=1, sort="title", **more)).json
            seen += [item["title"] for item in answer["items"]]
            cursor = answer.get("next")
            if not cursor:
                break
        assert seen == ["Cards", "Flyers", "Posters"], seen
    filter = encode({"filter": 'found("altmark")'})
    board = {s["id"]: s["count"] for s in k.admin.get("/api/v1/boards/sales?" + filter).json["stages"]}
    equal("found__board", (1, 1), (board["enquiry"], board["proposal"]))
    groups = k.admin.get("/api/v1/deals?group=stage&" + filter).json["groups"]
    equal("found__groups", {"enquiry": 1, "proposal": 1, "won": 1}, {g["value"]: g["count"] for g in groups})
    csv = k.admin.get("/api/v1/deals/export?format=csv&fields=name&" + filter).text
    equal("found__export", ["Cards", "Flyers", "Posters"], sorted(line.strip('"') for line in csv.split()[1:]))
    equal("found__with_other_conditions", ["Flyers"], names_where(k.admin, 'stage = "enquiry" and found("altmark")'))
    equal("found__not", ["Roof"], names_where(k.admin, 'not found("altmark")'))
    with test("found__bulk_changes_what_the_list_shows"):
        answer = k.admin.post("/api/v1/deals/bulk", {"filter": 'found("altmark") and open', "set": {"amount": {"value": "7"}}})
        assert answer.status in (200, 202) and answer.json.get("count", 2) == 2, answer
        assert sorted(names_where(k.admin, "amount = 7")) == ["Flyers", "Posters"]
    with test("found__knows_the_trash_and_changes"):
        id = make(k.admin, "contacts", {"first_name": "Zacharias", "emails": ["z@zebra.example"]})
        assert names(k.admin, "contacts", "zebra") == ["Zacharias"]
        change = k.admin.patch("/api/v1/contacts/%d" % id, {"emails": ["z@lion.example"]})
        assert names(k.admin, "contacts", "zebra") == [] and names(k.admin, "contacts", "lion") == ["Zacharias"]
        change = k.admin.get("/api/v1/changes?limit=1").json["items"][0]["at"]
        k.admin.delete("/api/v1/contacts/%d" % id)
        assert names(k.admin, "contacts", "lion") == []
        assert names(k.admin, "contacts", "zach", as_of=change) == ["Zacharias"], "as of a moment: by the title"


def names_where(client, filter):
    query = encode({"filter": filter, "fields": "title", "sort": "title"})
    return [item["title"] for item in client.get("/api/v1/deals?" + query).json["items"]]


def hides(k):
    narrow = k.add_user("narrow@example.com", role="narrow")
    for text, wanted in (("Altmark", []), ("jonas", ["Jonas Schmidt"]),
                         ("556677", ["Jonas Schmidt"]), ("hmid", ["Jonas Schmidt"])):
        equal("found__hidden_%s" % text, wanted, names(narrow, "contacts", text))
    equal("found__deals_of_a_hidden_company", [], names(narrow, "deals", "altmark"))
    equal("found__deals_by_a_hidden_link", [], names(narrow, "deals", "schmidt"))
    own = make(narrow, "companies", {"name": "Altmark Own"})
    make(narrow, "deals", {"name": "Mine", "company": own})
    equal("found__deals_of_an_own_company", ["Mine"], names(narrow, "deals", "altmark"))
    member = k.add_user("m@example.com")
    make(member, "contacts", {"first_name": "Jonas", "last_name": "Member"})
    wanted = [i["title"] for i in member.get("/api/v1/contacts?fields=title&sort=title").json["items"] if "Jonas" in i["title"]]
    equal("found__a_members_own", wanted, names(member, "contacts", "jonas", sort="title"))


with Kontor(conf=CONF) as k:
    firm, jonas = fill(k)
    finds(k)
    tags(k)
    everywhere(k, firm)
    hides(k)
finish()
