#!/usr/bin/python3
"""GET /api/v1/search: what people type and what it must and must not find; order, snippets, counts, pages, suggestions; the same
for somebody who sees all and for somebody who sees a few records, whose searches go another way."""
from urllib.parse import quote

from kontor import Kontor, check, equal, finish, test

CONF = {"roles.yaml": """
few:
  label: Few
  entities: {"*": {see: own, create: all, edit: own, delete: own}}
untagged:
  label: Sees no tags of people
  entities: {"*": {see: all}}
  fields:
    contact: {tags: {see: false, edit: false}}
"""}


def make(client, plural, **fields):
    answer = client.post("/api/v1/" + plural, fields)
    assert answer.status == 201, answer
    return answer.json["id"]


def fill(client):
    """name → id"""
    r = {}
    r["nordwind"] = make(client, "companies", name="Nordwind Energie GmbH", city="Kiel", website="https://www.nordwind.example/start",
                         emails=["info@nordwind.example"], phones=["+49 (0)431 / 700 20-0"])
    r["sued"] = make(client, "companies", name="Südlicht & Söhne KG", city="Ulm", phones=["0731 55 44 33"])
    r["strasse"] = make(client, "companies", name="Weißenburger Straßenbau")
    r["lodz"] = make(client, "companies", name="Łódź Øresund Æther", phones=["+48 42 111 22 33"])
    r["oneil"] = make(client, "companies", name="O’Neil–Brück, Inc.", website="brueck.example")
    r["greek"] = make(client, "companies", name="ΣΊΣΥΦΟΣ Α.Ε.")
    r["cyril"] = make(client, "companies", name="Йогуртный Завод")
    r["turk"] = make(client, "companies", name="İstanbul Isı Ltd.")
    r["anna"] = make(client, "contacts", first_name="Anna", last_name="Müller", company=r["nordwind"], job_title="Head of Purchasing",
                     emails=["anna.mueller@nordwind.example", "am@private.example"], phones=["+49 431 70020-17", "0171/2345678"])
    r["anna2"] = make(client, "contacts", first_name="Anna", last_name="Mueller", company=r["sued"], emails=["a.m@suedlicht.example"])
    r["bernd"] = make(client, "contacts", first_name="Bernd", last_name="Schneider", company=r["nordwind"])
    r["celine"] = make(client, "contacts", first_name="Céline", last_name="D'Hondt-Lemaître", company=r["lodz"])
    r["zhang"] = make(client, "contacts", first_name="伟", last_name="张", emails=["zhang@cn.example"])
    r["fair"] = make(client, "contacts", first_name="Frida", last_name="Ostermann", tags=["Expo 2026", "VIP"])
    r["fair2"] = make(client, "companies", name="Quittenhof", tags=["Expo 2027"])
    r["roof"] = make(client, "deals", name="Roof 2027-15", company=r["nordwind"], contact=r["anna"], stage="proposal")
    r["old"] = make(client, "deals", name="Roof small", company=r["sued"], stage="lost", lost_reason="price")
    r["long"] = make(client, "notes", text="First line says little.\n\n" + "Filler words go on and on. " * 20 +
                     "The inverter needs a Überspannungsschutz by March. " + "More filler comes after that. " * 5, links=[r["nordwind"]])
    r["note"] = make(client, "notes", text="Prefers morning calls; wallbox interested.", links=[r["anna"]])
    r["call"] = make(client, "activities", kind="call", subject="Clarify the wallbox", outcome="Wants eleven kilowatts", links=[r["bernd"]])
    answer = client.request("POST", "/api/v1/companies/%d/files" % r["sued"], "Datasheet of the Zwischentransformator, draft.".encode(),
                            {"Content-Type": "text/plain", "Content-Disposition": 'attachment; filename="Datenblatt Süd 7.txt"'})
    assert answer.status == 201, answer
    r["file"] = (answer.json.get("items") or [answer.json])[0]["id"]
    return r


# text, must be found, must not be found
CASES = [
    # words and beginnings
    ("Nordwind", "nordwind anna roof", "sued old"), ("nordwind energie gmbh", "nordwind", "sued"), ("ENERGIE", "nordwind", "sued"),
    ("energie nordwind", "nordwind", ""), ("nordw", "nordwind", "sued"), ("no en", "nordwind", "sued"), ("energie xyz", "", "nordwind"),
    ("purch", "anna", "anna2 bernd"), ("head purch", "anna", "bernd"), ("kiel", "nordwind", "sued"), ("a mül", "anna", "bernd"),
    ("bernd s", "bernd", "anna"), ("bernd z", "", "bernd"), ("roof", "roof old", "note"), ("2027-15", "roof", "old"), ("2027", "roof", "old"),
    ("roof 15", "roof", "old"), ("27-1", "roof", "old"),
    # tags
    ("Expo 2026", "fair", "fair2 anna"), ("expo", "fair fair2", "anna"), ("exp", "fair fair2", "anna"), ("EXPO 2027", "fair2", "fair"),
    ("vip", "fair", "fair2"), ("2028 expo", "", "fair fair2"),
    # in the middle
    ("ordwin", "nordwind", "sued"), ("chneid", "bernd", "anna"), ("wind", "nordwind", "sued"), ("dlich", "sued", "nordwind"),
    ("nergi ordwi", "nordwind", "sued"), ("emaîtr", "celine", "anna"), ("hondt", "celine", "anna"), ("üll", "anna", "bernd"),
    # accents, case, letters of other alphabets
    ("muller", "anna", "bernd"), ("müller", "anna anna2", "bernd"), ("mueller", "anna anna2", "bernd"), ("MÜLLER", "anna", "bernd"),
    ("sudlicht", "sued", "nordwind"), ("suedlicht", "sued", "nordwind"), ("SÜDLICHT", "sued", "nordwind"), ("sohne", "sued", ""),
    ("soehne", "sued", ""), ("weissenburger", "strasse", ""), ("strassenbau", "strasse", ""), ("STRASSEN", "strasse", ""),
    ("weißenburger", "strasse", "lodz"), ("lodz", "lodz", "sued"), ("łódź", "lodz", "sued"), ("oresund", "lodz", "sued"), ("ØRESUND", "lodz", ""),
    ("aether", "lodz", "sued"), ("o'neil", "oneil", "anna"), ("o’neil", "oneil", ""), ("neil-brück", "oneil", ""), ("bruck inc", "oneil", ""),
    ("σισυφος", "greek", "cyril"), ("Σίσυφος", "greek", "cyril"), ("йогурт", "cyril", "greek"), ("завод", "cyril", "greek"),
    ("istanbul", "turk", "greek"), ("ISTANBUL", "turk", ""), ("isi", "turk", ""), ("ısı", "turk", ""), ("celine", "celine", "anna"),
    ("céline", "celine", ""), ("lemaitre", "celine", ""), ("d'hondt", "celine", ""), ("d’hondt", "celine", ""), ("张", "zhang", "anna"), ("伟", "zhang", ""),
    # addresses
    ("anna.mueller@nordwind.example", "anna", "bernd sued"), ("Anna.Mueller@Nordwind.Example", "anna", "bernd"), ("anna.mueller", "anna", "bernd"),
    ("@nordwind.example", "anna nordwind", "sued"), ("nordwind.example", "nordwind", "sued"), ("www.nordwind.example", "nordwind", "sued"),
    ("https://www.nordwind.example/start", "nordwind", "sued"), ("am@private", "anna", "anna2"), ("private.example", "anna", "anna2"), ("brueck.example", "oneil", "sued"),
    ("nna.muel", "anna", "bernd"), ("nobody@nordwind.example", "", "anna"),
    # phone numbers
    ("+49 431 7002017", "anna", "sued bernd"), ("0049 431 7002017", "anna", "sued"), ("0431 70020-17", "anna", "sued"), ("(0431) 70020 17", "anna", "sued"),
    ("+49 (0)431 70020-17", "anna", "sued"), ("4317002017", "anna", "sued"), ("494317002017", "anna", "sued"), ("7002017", "anna", "sued"), ("02017", "anna", "sued"),
    ("Tel. 0431/70020-17", "anna", "sued"), ("tel:+494317002017", "anna", "sued"), ("Mobil: 0171 2345678", "anna", "sued"), ("+49 171 2345678", "anna", "sued"),
    ("+49 431 70020", "anna nordwind", "sued"), ("0731554433", "sued", "anna"), ("+49 731 554433", "sued", "anna"), ("55 44 33", "sued", "anna"),
    ("+48421112233", "lodz", "anna"), ("+43 431 7002017", "", "sued"), ("0431 9999999", "", "anna nordwind"),
    # notes, activities
    ("wallbox", "note call", "long"), ("überspannungsschutz", "long", "note"), ("Ueberspannungsschutz inverter", "long", "note"), ("morning calls", "note", "call"),
    ("kilowatts", "call", "note"), ("eleven wallbox", "call", "note"), ("inverter wallbox", "", "note long"),
    # files by name and text
    ("datenblatt", "file", "note"), ("Süd 7", "file", "nordwind"), ("zwischentransformator", "file", "long"), ("datasheet draft", "file", "note"),
    ("zwischentrans südlicht", "file", "note"),
    # words of a person and of his company
    ("anna nordwind", "anna", "anna2 bernd sued"), ("anna südlicht", "anna2", "anna"), ("nordwind müller", "anna", "anna2"), ("müll nordw", "anna", ""),
    ("schneider energie", "bernd", "anna"), ("roof nordwind", "roof", "old"), ("roof südlicht", "old", "roof"), ("wallbox anna", "note", "call"),
    ("inverter nordwind", "long", "note"),
    # nothing
    ("", "", "nordwind"), ("   ", "", "nordwind"), ("%", "", "nordwind"), ("*", "", "nordwind"), ('"', "", "nordwind"), ("AND", "", "nordwind sued"), ("qqq", "", "nordwind"),
]


def search(client, text, **more):
    path = "/api/v1/search?q=" + quote(text) + "".join("&%s=%s" % pair for pair in more.items())
    answer = client.get(path)
    assert answer.status == 200, (text, answer)
    return answer.json


def semantics(client, r, who):
    names = {id: name for name, id in r.items()}
    for text, wanted, unwanted in CASES:
        found = [names.get(item["id"]) for item in search(client, text, limit=50)["items"]]
        missing = set(wanted.split()) - set(found)
        wrong = set(unwanted.split()) & set(found)
        check("search__%s_%s" % (who, text), not missing and not wrong, "missing %s, wrong %s, found %s" % (missing, wrong, found))


def first(client, text, **more):
    return [item["title"] for item in search(client, text, **more)["items"]]


def order(k, r):
    equal("search__title_first", "Nordwind Energie GmbH", first(k.admin, "nordwind")[0])
    equal("search__open_before_ended", ["Roof 2027-15", "Roof small"], first(k.admin, "roof", kind="deal"))
    check("search__says_what_has_ended", search(k.admin, "roof small")["items"][0]["ended"] is True)
    ann, bob = (k.add_user("%s@example.com" % n, name=n) for n in ("ann", "bob"))
    for client in (ann, bob):
        make(client, "contacts", first_name="Same", last_name="Person")
    mine = {name: c.get("/api/v1/me").json["id"] for name, c in (("ann", ann), ("bob", bob))}
    for name, client in (("ann", ann), ("bob", bob)):
        hit = search(client, "same person")["items"][0]
        owner = client.get("/api/v1/contacts/%d?fields=owner" % hit["id"]).json["owner"]["id"]
        equal("search__own_first_%s" % name, mine[name], owner)


def shown(k, r):
    def item(text, name):
        return next(i for i in search(k.admin, text)["items"] if i["id"] == r[name])
    equal("search__snippet_of_an_address", "anna.mueller@nordwind.example", item("anna.mueller@nordwind.example", "anna")["snippet"].split(";")[0])
    equal("search__snippet_of_a_field", "Head of Purchasing", item("purchasing", "anna")["snippet"])
    check("search__snippet_of_a_number", "70020-17" in item("0431 7002017", "anna")["snippet"])
    long = item("überspannungsschutz", "long")["snippet"]
    check("search__snippet_shows_the_place", "Überspannungsschutz" in long and long.startswith("…") and len(long) < 200, long)
    equal("search__about_the_company", "Nordwind Energie GmbH", item("bernd", "bernd")["about"])


def pages(k):
    for i in range(130):
        make(k.admin, "contacts", first_name="Paged", last_name="Person %03d" % i)
    for i in range(7):
        make(k.admin, "companies", name="Paged Company %d" % i)
    answer = search(k.admin, "paged", counts=1, limit=50)
    equal("search__count", 137, answer["count"])
    equal("search__counts_by_kind", [("contact", 130), ("company", 7)], [(x["entity"], x["count"]) for x in answer["kinds"]])
    seen, cursor = [], "0"
    while cursor:
        answer = search(k.admin, "paged", counts=1, limit=50, cursor=cursor)
        seen += [item["id"] for item in answer["items"]]
        cursor = answer.get("next")
    equal("search__pages_are_whole", (137, 137), (len(seen), len(set(seen))))
    answer = search(k.admin, "paged", counts=1, kind="company")
    equal("search__of_one_kind", (7, {"company"}), (answer["count"], {i["entity"] for i in answer["items"]}))
    for bad in ("cursor=x", "cursor=-1", "limit=0", "limit=1000", "kind=planet", "counts=2"):
        equal("search__refuses_%s" % bad, 400, k.admin.get("/api/v1/search?q=a&" + bad).status)


def tags(k, r):
    """A tag finds its records, but for those who do not see it; in the trash they are not found."""
    check("search__shows_the_tag", any("Expo 2026" in (i.get("snippet") or "") for i in search(k.admin, "Expo 2026")["items"]),
          lambda: search(k.admin, "Expo 2026"))
    blind = k.add_user("untagged@example.com", role="untagged")
    equal("search__no_hidden_tags", ([], ["Quittenhof"]), (first(blind, "expo 2026"), first(blind, "expo")))
    rows = "last_name,tags\n" + "".join("Crowd%d,Big fair\n" % i for i in range(300))
    k.must("import", "contact", k.file(rows, "crowd.csv"))
    answer = search(k.admin, "big fair", counts=1, kind="contact")
    equal("search__counts_the_tagged", 300, answer["count"])
    answer = search(k.admin, "big fair", counts=1)
    equal("search__says_that_more_are_tagged", [("contact", 100, True)],
          [(x["entity"], x["count"], x.get("count_more", False)) for x in answer["kinds"] if x["entity"] == "contact"])
    k.admin.delete("/api/v1/contacts/%d" % r["fair"])
    equal("search__no_tagged_in_the_trash", [], first(k.admin, "expo 2026"))


def suggestions(k):
    for typed, wanted in (("nordwnid", "nordwind"), ("nordwimd", "nordwind"), ("schnieder", "schneider"), ("schneidr", "schneider"), ("istnabul", "istanbul"),
                          ("йогуртнй", "иогуртныи"), ("purchsing", "purchasing"), ("weisenburgr", "weissenburger"), ("bernd schnieder", "bernd schneider")):
        answer = search(k.admin, typed)
        check("search__suggests_%s" % typed, not answer["items"] and wanted in answer.get("suggestions", []), answer)
        check("search__suggestion_finds_%s" % typed, search(k.admin, wanted)["items"])
    for typed in ("nordwind", "xyzzyqqq", "12345678", "ab", "nobody@nordwind.exampel"):
        equal("search__no_suggestion_%s" % typed, None, search(k.admin, typed).get("suggestions"))


def stays_right(k, r):
    """Renaming the company, moving the person, deleting and restoring need no other record to be written."""
    with test("search__follows_a_rename"):
        k.admin.patch("/api/v1/companies/%d" % r["nordwind"], {"name": "Ostwind Energie"})
        assert first(k.admin, "anna ostwind")[0] == "Anna Müller", first(k.admin, "anna ostwind")
        assert first(k.admin, "müller ostwind")[0] == "Anna Müller", first(k.admin, "müller ostwind")
        assert "Bernd Schneider" not in first(k.admin, "bernd nordwind")
    with test("search__follows_a_move"):
        k.admin.patch("/api/v1/contacts/%d" % r["bernd"], {"company": r["lodz"]})
        assert first(k.admin, "bernd ostwind") == [], first(k.admin, "bernd ostwind")
        assert first(k.admin, "bernd oresund") == ["Bernd Schneider"], first(k.admin, "bernd oresund")
    with test("search__knows_no_deleted_company"):
        k.admin.delete("/api/v1/companies/%d" % r["lodz"])
        assert first(k.admin, "bernd oresund") == [], first(k.admin, "bernd oresund")
        assert first(k.admin, "oresund") == [], first(k.admin, "oresund")
        k.admin.post("/api/v1/companies/%d/restore" % r["lodz"])
        assert first(k.admin, "bernd oresund") == ["Bernd Schneider"]


with test("search__runs"), Kontor(conf=CONF) as k:
    r = fill(k.admin)
    semantics(k.admin, r, "all")
    order(k, r)
    shown(k, r)
    suggestions(k)
    pages(k)
    stays_right(k, r)
    tags(k, r)
    few = k.add_user("few@example.com", role="few")
    own = fill(few)
    semantics(few, own, "few")
    with test("search__few_find_their_own_alone"):
        for text, _, _ in CASES:
            assert {item["id"] for item in search(few, text, limit=50)["items"]} <= set(own.values()), text
finish()
