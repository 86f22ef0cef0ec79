#!/usr/bin/python3
"""Nonsense from the outside: requests mutated (seeded) from good ones, in query, cursor, path, headers and body, as an administrator
and as a reader. None may be answered with 5xx or leave without an answer; none that is refused may change the database; a reader's
none may change it at all; statements stay well. KONTOR_LONG sends a hundred times as many."""
import hashlib
import http.client
import json
import os
import random
import sqlite3

from kontor import Kontor, check, equal, finish, test

MANY = 200000 if os.environ.get("KONTOR_LONG") else 2000
SEED = int(os.environ.get("KONTOR_SEED", "1"))
ODD = ["", "'", '"', "\\", "%", "\x00", "\n", "ü", "💥", "(", ")", "((((", "[]", "{}", "null", "NaN", "-1", "0", "1e308", "9" * 40, "true",
       "id", "password", "credential.password", "sqlite_schema", "1;drop table e_company", "' or 1=1 --", '" or ""="', "union select",
       "company.company.company.company.name", "count(deals)", "sum(deals.amount)", "me", "today()", "now() - 14 days", "start_of(week)",
       "a" * 3000, "(" * 200, "not " * 100, "1+" * 200 + "1", "name in (" + ",".join(["1"] * 400) + ")", "2026-02-30", "cs:1", "\u202e", "*"]
FILTERS = ['name = "x"', "amount > 5", 'stage.kind = "open" and amount > 1', "close_date < today() - 14 days", "company.city contains \"a\"",
           "count(deals where amount > 1) > 0", "owner = me", "name is empty or city in (\"a\",\"b\")", 'emails contains "x"', "won_at is empty"]
PLURALS = ["companies", "contacts", "deals", "activities", "notes", "products", "users", "teams", "views", "nothing"]
PARAMS = ["filter", "sort", "fields", "expand", "limit", "cursor", "as_of", "view", "group", "trash", "format", "q", "kind", "dry_run", "x"]


class Dice(random.Random):
    def spoil(self, text):
        """A good text, made bad in one to three places."""
        for _ in range(self.randint(1, 3)):
            at = self.randint(0, len(text))
            text = self.choice([
                lambda: text[:at] + self.choice(ODD) + text[at:], lambda: text[:at] + text[at + self.randint(1, 4):],
                lambda: text[:at] + chr(self.randint(1, 0x2ff)) + text[at + 1:], lambda: text[at:] + text[:at], lambda: text + text])()
        return text[:3500]

    def value(self, depth=0):
        kind = self.randrange(9 if depth < 3 else 6)
        return [lambda: self.choice(ODD), lambda: self.randint(-(1 << 70), 1 << 70), lambda: self.random() * 1e300, lambda: None,
                lambda: self.random() < 0.5, lambda: self.spoil("Nordwind"), lambda: [self.value(depth + 1) for _ in range(self.randrange(4))],
                lambda: {self.choice(["value", "label", "id", "name", "currency", "x", ""]): self.value(depth + 1)},
                lambda: {"value": self.choice(ODD), "currency": self.choice(["EUR", "XXX", "", 5])}][kind]()


def quote(text):
    return "".join(c if c.isalnum() and c.isascii() or c in "-_.~" else "".join("%%%02X" % b for b in c.encode("utf-8", "replace"))
                   for c in text)


def one(dice, cursors, ids):
    """method, path, body, headers"""
    plural = dice.choice(PLURALS)
    record = dice.choice(ids + [0, 999999, 1 << 62])
    body, headers = None, {}
    dry = dice.choice(["", "", "?dry_run=1", "?dry_run=x"])
    fields = ["name", "last_name", "city", "amount", "stage", "company", "emails", "phones", "owner", "links", "text", "kind", "subject",
              "close_date", "percent", "parent", "role", "email", "filter", "entity", "won_at", "id", "version", "x"]
    patch = {dice.choice(fields): dice.value() for _ in range(dice.randint(0, 4))}
    kind = dice.randrange(10)
    if kind <= 4:
        pairs = []
        for _ in range(dice.randint(1, 4)):
            name = dice.choice(PARAMS)
            good = {"filter": dice.choice(FILTERS), "sort": "-name,city", "fields": "name,city", "limit": "5", "as_of": "2026-11-21",
                    "cursor": dice.choice(cursors), "group": "stage", "q": "nord", "view": "mine"}.get(name, "1")
            pairs.append(name + "=" + quote(dice.spoil(good) if dice.random() < 0.8 else good))
        where = dice.choice(["/%s" % plural, "/%s" % plural, "/%s/%d" % (plural, record), "/%s/%d/timeline" % (plural, record), "/search",
                             "/changes", "/trash", "/boards/sales", "/%s/export" % plural, "/tokens", "/events/x"])
        return "GET", "/api/v1%s?%s" % (where, "&".join(pairs)), None, {}
    if kind == 5:
        return "POST", "/api/v1/%s%s" % (plural, dry), json.dumps(patch), {"Idempotency-Key": "h%d" % dice.randrange(50)} if dice.random() < .2 else {}
    if kind == 6:
        headers["If-Match"] = dice.choice(["*", '"1"', '"x"', "1", "", '"' + "9" * 30 + '"'])
        return "PATCH", "/api/v1/%s/%d%s" % (plural, record, dry), json.dumps(patch), headers
    if kind == 7:
        bulk = {"filter": dice.spoil(dice.choice(FILTERS)), "ids": dice.value(), "set": patch, "delete": dice.value()}
        keep = dice.sample(sorted(bulk), dice.randint(1, 3))
        return "POST", "/api/v1/%s/bulk%s" % (plural, dry), json.dumps({key: bulk[key] for key in keep}), {}
    if kind == 8:
        where = dice.choice(["/%s/%d/restore" % (plural, record), "/changes/%d/undo" % dice.randint(0, 1 << 40), "/imports", "/me/password",
                             "/tokens", "/session", "/users/%d/link" % record, "/config/check", "/imports/1/data", "/session/link"])
        body = {dice.choice(["change", "field", "at", "entity", "map", "match", "code", "email", "password", "old", "new", "scope", "expires"]):
                dice.value() for _ in range(3)}
        return "POST", "/api/v1" + where, json.dumps(body), {}
    text = json.dumps({"name": "Nordwind", "emails": [{"value": "a@b.c"}], "amount": {"value": "1", "currency": "EUR"}})
    return dice.choice(["POST", "PATCH"]), "/api/v1/%s" % plural, dice.spoil(text), {}


def dump(k):
    db = sqlite3.connect("file:%s?mode=ro" % (k.data / "kontor.db"), uri=True)
    try:
        db.execute("BEGIN")
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type='table' AND (name LIKE 'e\\_%' ESCAPE '\\' OR name IN "
                                              "('change','change_set','credential','token_x','config','ref','handle','doc')) ORDER BY name")]
        digest = hashlib.sha256()
        for name in names:
            for row in db.execute('SELECT * FROM "%s" ORDER BY 1,2,3' % name if name != "doc" else "SELECT * FROM doc ORDER BY 1"):
                digest.update(repr(row).encode())
        return digest.hexdigest()
    finally:
        db.close()


def send(k, caller, request):
    method, path, body, headers = request
    connection = http.client.HTTPConnection("127.0.0.1", k.port, timeout=30)
    try:
        sent = {**caller.headers, **({"Content-Type": "application/json"} if body is not None else {}), **headers}
        connection.request(method, path, body.encode("utf-8", "surrogatepass") if body is not None else None, sent)
        return connection.getresponse().status
    except (ValueError, UnicodeError):
        return 0  # the client itself refused to send it
    except (ConnectionError, http.client.HTTPException, TimeoutError) as error:
        return repr(error)
    finally:
        connection.close()


def storm(k, name, caller, seed, many, reads_only):
    dice = Dice(seed)
    ids = [i["id"] for p in ("companies", "contacts", "deals") for i in k.admin.get("/api/v1/%s?limit=3" % p).json["items"]]
    cursors = [k.admin.get("/api/v1/%s&limit=1" % q).json["next"] or "x" for q in ("companies?sort=-city", "deals?sort=amount,name",
                                                                                 "contacts?sort=last_name")]
    counted, failures, leaks = {}, [], []
    state = dump(k)
    for n in range(many):
        request = one(dice, cursors, ids)
        status = send(k, caller, request)
        counted[status] = counted.get(status, 0) + 1
        if not isinstance(status, int) or status >= 500:
            failures.append((status, request))
            if k.process.poll() is not None:
                break
        if n % 100 == 99 or (reads_only and n == many - 1):
            now = dump(k)
            if reads_only and now != state:
                leaks.append(n)
            state = now
    check("hostile__%s_never_gets_5xx" % name, not failures, lambda: "%d, first %r" % (len(failures), failures[0]))
    if reads_only:
        check("hostile__%s_changes_nothing" % name, not leaks, leaks[:3])
    check("hostile__%s_was_refused_and_answered" % name, counted.get(200, 0) > 0 and sum(
        counted.get(s, 0) for s in (400, 403, 404, 422)) > many // 2, counted)


def refused_changes_nothing(k, seed, many):
    """One by one: whoever is refused has changed nothing."""
    dice, odd = Dice(seed), []
    ids = [i["id"] for i in k.admin.get("/api/v1/companies?limit=3").json["items"]]
    state = dump(k)
    for _ in range(many):
        request = one(dice, ["x"], ids)
        if request[0] == "GET":
            continue
        status = send(k, k.admin, request)
        now = dump(k)
        if now != state and (not isinstance(status, int) or status >= 400 or "dry_run=1" in request[1]):
            odd.append((status, request))
        state = now
    check("hostile__who_is_refused_changed_nothing", not odd, lambda: repr(odd[0]))


with Kontor() as k:
    reader = k.add_user("re@hostile.example", role="reader")
    for n in range(20):
        firm = k.admin.post("/api/v1/companies", {"name": "Nordwind %d" % n, "city": "Kiel"}).json["id"]
        k.admin.post("/api/v1/deals", {"name": "Deal %d" % n, "amount": str(n), "company": firm})
        k.admin.post("/api/v1/contacts", {"last_name": "Person %d" % n, "emails": "p%d@x.example" % n})
    storm(k, "reader", reader, SEED, MANY // 2, True)
    k._admin = k.token(scope="admin")  # the storm has used up the guesses of its address
    refused_changes_nothing(k, SEED + 1, MANY // 4)
    storm(k, "administrator", k.token(scope="admin"), SEED + 2, MANY, False)
    with test("hostile__is_well_afterwards"):
        assert k.client().get("/healthz").json["ok"] is True
        assert k.process.poll() is None
    backup = str(k.top / "hostile.backup")
    equal("hostile__database_is_sound_afterwards", (0, 0), (k.run("backup", backup).returncode, k.run("verify", backup).returncode))
finish()
