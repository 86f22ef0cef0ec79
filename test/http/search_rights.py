#!/usr/bin/python3
"""A search tells nobody what he may not see: for readers of all, of their team, of their own, of nothing, with hidden fields and
hidden companies, and for thousands of questions, every hit, snippet, title beside it, count and suggestion comes from records and
fields that reader gets by id; and whatever he gets by id he finds by each word of it."""
import random
import re
import unicodedata
from urllib.parse import quote

from kontor import Kontor, check, equal, finish, test

DICE = random.Random(20261122)
CONF = {"roles.yaml": """
own:
  label: Own
  entities: {"*": {see: own, create: all, edit: own}}
team:
  label: Team
  entities: {"*": {see: team, create: all, edit: own}}
blind:
  label: Sees no links
  entities: {"*": {see: all, create: all, edit: all}, company: {see: own}}
  fields:
    contact: {company: {see: false}}
    deal: {contact: {see: false}}
half:
  label: No companies
  entities: {"*": {see: all}, company: {see: none}, note: {see: own}}
none:
  label: Nothing
  entities: {"*": {see: none}}
""", "fields.yaml": """
contact:
  fields:
    hobby: {type: text, search: true}
"""}
NAMES = "Adler Birke Carstens Dorn Eiche Falk Grün Hanke Ivens Jansen Köhler Lorenz Mertens Nissen Öztürk Petersen".split()
FIRMS = "Ahornwerk Buchenbau Cedernhof Distelfink Erlenkamp Fichtenau Ginstermoor Haselnuss".split()
PLAIN = ["Ada", "Ben", "Cleo", "Dan"]
TOPICS = "wallbox inverter scaffold heatpump invoice warranty".split()
SEEN = {"company": "name,website,emails,phones,city", "contact": "first_name,last_name,job_title,emails,phones,hobby,company",
        "deal": "name,company,contact", "note": "text", "activity": "subject,outcome"}
PLURAL = {"company": "companies", "contact": "contacts", "deal": "deals", "note": "notes", "activity": "activities", "user": "users",
          "team": "teams", "product": "products", "file": "files"}


def fold(text):
    text = unicodedata.normalize("NFKD", str(text)).casefold()
    return "".join(c for c in text if not unicodedata.combining(c)).replace("ø", "o").replace("ł", "l")


def make(client, plural, **fields):
    answer = client.post("/api/v1/" + plural, fields)
    assert answer.status == 201, (fields, answer)
    return answer.json["id"]


def fill(k, users, most):
    """Companies and people of all owners, so that hidden and seen ones share words."""
    firms = [make(k.admin, "companies", name="%s %s" % (FIRMS[i % 8], ["GmbH", "AG"][i % 2]), city=DICE.choice(["Kiel", "Ulm"]),
                  emails=["info@%s%d.example" % (FIRMS[i % 8].lower(), i)], phones=["+49 40 55%04d" % (i * 37)], owner=users[i % len(users)],
                  team={"name": ["North", "South"][i % 2]}) for i in range(24)]
    people = []
    for i in range(most):
        owner = users[DICE.randrange(len(users))]
        people.append(make(k.admin, "contacts", first_name=PLAIN[i % 4], last_name=DICE.choice(NAMES), company=DICE.choice(firms),
                           job_title=DICE.choice(["Buyer", "Foreman"]), emails=["p%d@mail%d.example" % (i, i % 9)], phones=["0171/%06d" % (i * 7919)],
                           hobby=DICE.choice(["sailing", "chess", None]), owner=owner, team={"name": ["North", "South"][i % 2]}))
    for i in range(40):
        make(k.admin, "deals", name="Order %d %s" % (i, DICE.choice(TOPICS)), company=DICE.choice(firms), contact=DICE.choice(people),
             stage=DICE.choice(["enquiry", "won"]), owner=DICE.choice(users), team={"name": ["North", "South"][i % 2]})
    for i in range(120):
        words = "%s %s about %s." % (DICE.choice(NAMES), DICE.choice(["asks", "writes"]), DICE.choice(TOPICS))
        make(k.admin, "notes", text=words, links=DICE.sample(people + firms, DICE.randrange(1, 3)), owner=DICE.choice(users))
        if i % 3 == 0:
            make(k.admin, "activities", kind="call", subject="Ring about " + DICE.choice(TOPICS), links=[DICE.choice(people)], owner=DICE.choice(users))


def visible(client):
    """(entity, id) → the text of all he sees of it."""
    out = {}
    for entity, fields in SEEN.items():
        cursor = ""
        while cursor is not None:
            answer = client.get("/api/v1/%s?limit=500&fields=%s%s" % (PLURAL[entity], fields, cursor))
            if answer.status != 200:
                answer = client.get("/api/v1/%s?limit=500%s" % (PLURAL[entity], cursor))
            if answer.status != 200:
                break
            for item in answer.json["items"]:
                out[entity, item["id"]] = item
            cursor = "&cursor=" + answer.json["next"] if answer.json.get("next") else None
    return out


def words_of(value):
    if isinstance(value, dict):
        return " ".join(words_of(v) for key, v in value.items() if key in ("title", "value"))
    if isinstance(value, list):
        return " ".join(words_of(v) for v in value)
    return str(value) if isinstance(value, str) else ""


def questions():
    for word in NAMES + FIRMS + PLAIN + TOPICS + ["sailing", "foreman", "kiel", "order", "north"]:
        yield word
        yield word[:3]
        yield word[1:-1]
        at = DICE.randrange(1, len(word) - 1)
        yield word[:at] + word[at + 1] + word[at] + word[at + 2:]
        yield word + DICE.choice("xqz")
    for _ in range(60):
        yield "%s %s" % (DICE.choice(PLAIN + NAMES), DICE.choice(FIRMS + TOPICS + NAMES))
        yield "%s %s" % (DICE.choice(TOPICS), DICE.choice(NAMES + FIRMS))
    for i in range(0, 40, 3):
        yield "p%d@mail%d.example" % (i, i % 9)
        yield "mail%d.example" % (i % 9)
        yield "0171 %06d" % (i * 7919)
        yield "+49 40 55%04d" % (i * 37)
        yield "55%04d" % (i * 37)


def search(client, text, **more):
    answer = client.get("/api/v1/search?q=%s%s" % (quote(text), "".join("&%s=%s" % pair for pair in more.items())))
    assert answer.status == 200, (text, answer)
    return answer.json


def leaks(client, who, seen):
    """Everything that is told must stand in what he gets otherwise."""
    texts = {key: fold(words_of(list(item.values())) + " " + str(item.get("title", ""))) for key, item in seen.items()}
    people = [client.get("/api/v1/%s?limit=500" % plural).json["items"] for plural in ("users", "teams")]
    known = fold(" ".join(texts.values()) + " " + words_of([{"title": x["name"]} for items in people for x in items]))
    told, wrong = 0, []
    for text in questions():
        answer = search(client, text, counts=1, limit=100)
        for item in answer["items"]:
            key = item["entity"], item["id"]
            if key not in seen:
                if item["entity"] in ("user", "team") or client.get("/api/v1/%s/%d" % (PLURAL[item["entity"]], item["id"])).status == 200:
                    continue
                wrong.append((text, "hidden record", item))
                continue
            told += 1
            pieces = re.split(r"[;,…]\s*|\s*…", item["snippet"] or "")
            for piece in pieces + [item.get("about") or "", item["title"]]:
                if fold(piece).strip() not in texts[key] and fold(piece).strip() not in fold(words_of(client.get("/api/v1/%s/%d" % (PLURAL[key[0]], key[1])).json.get("links", []))):
                    wrong.append((text, "hidden text", piece, item))
        counted = sum(kind["count"] for kind in answer["kinds"])
        if counted != answer["count"] or (not answer.get("count_more") and answer["count"] <= 100 and len(answer["items"]) != counted):
            wrong.append((text, "count", answer["count"], counted, len(answer["items"])))
        for word in " ".join(answer.get("suggestions", [])).split():
            if word not in known:
                wrong.append((text, "suggestion", word))
    check("search_rights__%s_is_told_nothing_hidden" % who, not wrong, wrong[:3])
    return told


def finds(client, who, seen):
    """Every record is found by each word of its title, among those of its kind."""
    missing = []
    sample = DICE.sample(sorted(seen), min(60, len(seen)))
    for entity, id in sample:
        item = seen[entity, id]
        title = item.get("text") or item.get("subject") or item.get("name") or "%s %s" % (item.get("first_name"), item.get("last_name"))
        found = {hit["id"] for hit in search(client, title, kind=entity, counts=1, limit=100)["items"]}
        if id not in found and len(found) < 100:
            missing.append((entity, id, title))
    check("search_rights__%s_finds_what_he_sees" % who, not missing, missing[:3])


def hidden_links(k, client, seen):
    """The company of a contact is hidden from him: its words find no contact, and no title of it is told."""
    wrong = []
    for (entity, id), item in sorted(seen.items()):
        if entity != "contact" or DICE.random() > 0.3:
            continue
        company = k.admin.get("/api/v1/contacts/%d?fields=company" % id).json["company"]["title"]
        text = "%s %s" % (item["last_name"], company.split()[0])
        for hit in search(client, text, limit=100)["items"]:
            if (hit["entity"], hit["id"]) == ("contact", id) or company in str(hit):
                wrong.append((text, hit))
    check("search_rights__hidden_company_finds_nobody", not wrong, wrong[:2])


with test("search_rights__runs"), Kontor(conf=CONF) as k:
    roles = {"own": "North", "team": "North", "blind": "North", "half": "South", "none": "South", "reader": "South"}
    clients = {role: k.add_user("%s@example.com" % role, role=role, team=team, name="U " + role) for role, team in roles.items()}
    users = [k.admin.get("/api/v1/users?filter=name%20=%20%22" + quote("U " + role) + "%22").json["items"][0]["id"] for role in roles]
    fill(k, users, 260)
    clients["admin"] = k.admin
    for who, client in clients.items():
        seen = visible(client)
        told = leaks(client, who, seen)
        finds(client, who, seen)
        equal("search_rights__%s_is_told_something" % who, who != "none", told > 0)
    hidden_links(k, clients["blind"], visible(clients["blind"]))
finish()
