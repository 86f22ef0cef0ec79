"""Generated firms: records of every type of field and every kind of history (edits, bulk, imports, undone ones, the bin)."""
import random

from kontor import Kontor

VESSEL = """entity: vessel
label: Vessel
plural: vessels
title: name
fields:
  name:     {type: text, required: true, unique: true, search: true}
  company:  {type: link, to: company}
  length:   {type: decimal}
  tonnage:  {type: integer, min: 0}
  price:    {type: money}
  share:    {type: percent}
  flag:     {type: choice, of: [de, dk, se]}
  uses:     {type: choices, of: [fish, ferry, tug]}
  surveyed: {type: date}
  seen:     {type: instant}
  active:   {type: bool}
  log:      {type: longtext}
  words:    {type: tags}
  web:      {type: links}
  mails:    {type: emails}
  calls:    {type: phones}
  master:   {type: user}
  about:    {type: records, reverse: told_of}
  serial:   {type: number, min: 100}
  worth:    {type: money, compute: 'price * 2', stored: true}
"""
FIELDS = """company:
  fields:
    fleet: {type: integer, compute: 'count(vessels)', stored: true}
    old:   {type: text}
"""
RATES = "rates: {USD: '0.90', DKK: '0.134'}\n"
TEXTS = ["Plain", "Ümläut & <b>", "a\"b\\c;d,e", "  two  blanks ", "=1+1", "line\nbreak", "日本語 текст", "𝄞 \u2028 end", "0", "'"]


def system(seed):
    k = Kontor(conf={"entities/vessel.yaml": VESSEL, "fields.yaml": FIELDS, "kontor.yaml": "name: Test\ncurrency: EUR\nzone: Europe/Berlin\n" + RATES})
    fill(k, random.Random(seed))
    return k


def vessel(r, n, companies, users):
    point = lambda make: [{"value": make(i), "label": r.choice(["", "work", "Ünit"]), "opt_out": r.random() < .3, **({"invalid": True} if r.random() < .3 else {})} for i in range(r.randrange(3))]
    full = {
        "name": "%s %d" % (r.choice(TEXTS).strip().replace("\n", " "), n),
        "company": r.choice(companies + [None]),
        "length": "%d.%02d" % (r.randrange(-500, 500), r.randrange(100)),
        "tonnage": r.choice([0, 1, 2**40]),
        "price": r.choice([{"value": "1234.50", "currency": c} for c in ("EUR", "USD", "DKK")]),
        "share": "12.50",
        "flag": r.choice(["de", "dk", "se"]),
        "uses": r.sample(["fish", "ferry", "tug"], r.randrange(4)),
        "surveyed": r.choice(["2024-02-29", "0001-01-01", "9999-12-31"]),
        "seen": r.choice(["2026-11-21T14:05:00Z", "1999-12-31T23:59:59.123Z"]),
        "active": r.choice([True, False]),
        "log": r.choice(TEXTS),
        "words": r.sample(["Alpha", "Béta", "ga mma"], r.randrange(4)),
        "web": point(lambda i: "https://example.com/%d?a=1;b=2" % i),
        "mails": point(lambda i: "m%d-%d@example.com" % (n, i)),
        "calls": point(lambda i: "+49 40 %d" % (100000 + 10 * n + i)),
        "master": r.choice(users),
        "about": [{"entity": "company", "id": c} for c in r.sample(companies, r.randrange(3))],
    }
    keep = {name for name in full if r.random() < .8} | {"name"}
    return {name: value for name, value in full.items() if name in keep}


def addresses(r):
    return [{"street": r.choice(["Weg 1", "A*|;\\[x]\nB"]), "city": "Ulm", "country": r.choice(["", "DE", "Denmark"]), "label": r.choice(["", "opt-out", "Büro"]),
             **{mark: True for mark in ("opt_out", "invalid") if r.random() < .4}} for _ in range(r.randrange(3))]


def ok(answer, *statuses):
    assert answer.status in (statuses or (200, 201, 204)), (answer.status, answer.json)
    return answer.json


def fill(k, r):
    a = k.admin
    users = [ok(a.post("/api/v1/users", {"name": "User %d" % i, "email": "u%d@example.com" % i, "role": "member"}))["id"] for i in range(3)]
    companies = [ok(a.post("/api/v1/companies", {"name": "%s GmbH %d" % (r.choice(TEXTS).strip().replace("\n", " "), i), "old": "kept %d" % i,
                                                 "owner": r.choice(users), "tags": r.sample(["VIP", "Fair 2026"], r.randrange(3))}))["id"] for i in range(6)]
    vessels = [ok(a.post("/api/v1/vessels", vessel(r, n, companies, users)))["id"] for n in range(15)]
    people = [ok(a.post("/api/v1/contacts", {"first_name": "Ä%d" % i, "last_name": r.choice(TEXTS).strip().replace("\n", " "), "company": r.choice(companies),
                                                    "addresses": addresses(r)}))["id"]
              for i in range(6)]
    for i in range(5):
        ok(a.post("/api/v1/deals", {"name": "Deal %d" % i, "company": r.choice(companies), "contact": r.choice(people), "amount": "100.%02d" % i}))
        ok(a.post("/api/v1/notes", {"text": r.choice(TEXTS), "links": [{"entity": "vessel", "id": r.choice(vessels)}]}))
        ok(a.post("/api/v1/contact_companies", {"contact": people[i], "company": r.choice(companies), "role": "Master", "since": "2020-02-29"}))
    for i in range(4):
        ok(a.request("POST", "/api/v1/companies/%d/files" % r.choice(companies), b"Offer %d" % (i // 2),
                     headers={"Content-Type": "text/plain", "Content-Disposition": "attachment; filename=offer-%d.txt" % i}))
    first, second = people[:2]
    ok(a.post("/api/v1/contacts/merge", {"into": first, "from": [second]}))
    for _ in range(25):
        step(k, r, companies, vessels, users)
    k.file("name;tonnage;flag\nImported;7;DE\nOther;8;se\n", k.top / "more.csv")
    k.must("import", "vessel", k.top / "more.csv", "--match", "name")
    last = a.get("/api/v1/changes?limit=1").json["items"][0]["id"]
    if r.random() < .5:
        k.must("undo", str(last))


def step(k, r, companies, vessels, users):
    a, what = k.admin, r.randrange(7)
    path = "/api/v1/vessels/%d" % r.choice(vessels)
    if what < 3:
        change = vessel(r, r.randrange(1000, 10**6), companies, users)
        ok(a.patch(path, change, headers={"If-Match": "*"}), 200, 404)
    elif what == 3:
        ok(a.delete(path, headers={"If-Match": "*"}), 204, 404)
    elif what == 4:
        ok(a.post(path + "/restore", {}), 200, 404, 409, 422)
    elif what == 5:
        ok(a.post("/api/v1/companies/bulk", {"ids": r.sample(companies, 3), "set": {"city": r.choice(TEXTS).strip().replace("\n", " ")}}))
    else:
        newest = a.get("/api/v1/changes?limit=3").json["items"]
        a.post("/api/v1/changes/%d/undo" % r.choice(newest)["id"], {})


ENTITIES = ["file", "company", "contact", "deal", "note", "activity", "vessel", "user", "team", "contact_company", "deal_contact", "view", "product"]


def dump(k, entities=ENTITIES):
    return {e: k.must("export", e, "--format", "ndjson") for e in entities}
