#!/usr/bin/python3
"""The past is what it was: after each step of a random history (created, changed, emptied, deleted, restored, given to others,
in bulk, imported, undone) records, lists, filters, sorts, groups and the board are asked; at the end all of it is asked again
as of each of those moments, by change and by time, and must answer the same. Only who may see a record is decided by today."""
import json
import os
import random
import time

from kontor import Kontor, check, equal, finish, test

STEPS = 200 if os.environ.get("KONTOR_LONG") else 36
SEED = int(os.environ.get("KONTOR_SEED", "1"))
CONF = {"roles.yaml": """
private:
  label: Private
  entities:
    "*": {see: own, create: all, edit: own, delete: own, export: own, import: none}
"""}
CITIES = ("Kiel", "Bonn", "ulm", "Ärnsberg", None)
STAGES = ("enquiry", "qualified", "proposal", "won")
QUESTIONS = [
    "companies?sort=name", "companies?sort=-city", "companies?sort=open_value", 'companies?filter=city = "Kiel"&sort=name',
    "companies?filter=city is empty&sort=name", 'companies?filter=city is not empty and not (city = "Bonn")&sort=name',
    "companies?filter=employees > 5 or employees is empty&sort=-employees",
    'companies?filter=count(deals where stage.kind = "open") > 0&sort=name', "companies?filter=sum(deals.amount) > 100&sort=name",
    "companies?filter=open_value > 50&sort=name", 'companies?filter=parent.city = "Kiel"&sort=name',
    'companies?filter=phones contains "431"&sort=name', "companies?group=city", "companies?sort=owner", "companies?sort=parent",
    "deals?sort=name", "deals?sort=-amount", "deals?sort=company", "deals?sort=stage", 'deals?filter=stage = "won"&sort=name',
    'deals?filter=stage.kind = "open" and amount > 50&sort=name', 'deals?filter=company.city = "Kiel"&sort=name',
    'deals?filter=company is empty&sort=name', "deals?filter=open&sort=name", "deals?filter=weighted > 10&sort=name",
    "deals?group=stage", "deals?group=company", "deals?filter=won_at is not empty&sort=name", "contacts?sort=last_name",
    'contacts?filter=company.open_value > 0&sort=last_name', 'contacts?filter=emails contains "a1"&sort=last_name',
    'contacts?filter=not (company.name starts with "C 1")&sort=last_name', "boards/sales", "boards/sales?filter=amount > 50"]
UNTRACKED = ("version", "updated_at", "updated_by")  # of today, as of any date


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k not in UNTRACKED and k not in ("as_of", "idle")}
    return [plain(v) for v in value] if isinstance(value, list) else value


def ask(client, question, as_of=None):
    mark = "&" if "?" in question else "?"
    limit = "" if question.startswith("boards") else "limit=500"
    extra = "&".join(part for part in (limit, "as_of=" + as_of if as_of else "") if part)
    answer = client.get("/api/v1/" + question + (mark + extra if extra else ""))
    assert answer.status == 200, (question, as_of, answer)
    return plain(answer.json)


class History:
    def __init__(self, k, users, seed):
        self.k, self.a, self.users, self.random = k, k.admin, users, random.Random(seed)
        self.living = {"companies": [], "contacts": [], "deals": []}
        self.gone = []
        self.n = 0

    def values(self, plural):
        r = self.random
        company = r.choice(self.living["companies"] + [None]) if self.living["companies"] else None
        return {
            "companies": {"city": r.choice(CITIES), "employees": r.choice((None, 3, 9)), "parent": company,
                          "phones": r.choice(([], ["+49 431 123"], ["+49 30 9"])), "owner": r.choice(self.users)},
            "contacts": {"company": company, "emails": r.choice(([], ["a1@x.example"], ["b2@x.example", "a1@y.example"])),
                         "city": r.choice(CITIES), "owner": r.choice(self.users)},
            "deals": {"company": company, "amount": r.choice((None, "40", "60", "200.10")), "stage": r.choice(STAGES),
                      "close_date": r.choice((None, "2027-03-01")), "owner": r.choice(self.users)}}[plural]

    def create(self):
        plural = self.random.choice(("companies", "companies", "contacts", "deals", "deals"))
        self.n += 1
        name = {"companies": {"name": "C %d" % self.n}, "contacts": {"last_name": "P %d" % self.n},
                "deals": {"name": "D %d" % self.n}}[plural]
        self.living[plural].append(self.a.post("/api/v1/" + plural, {**self.values(plural), **name}).json["id"])

    def change(self):
        plural = self.random.choice([p for p in self.living if self.living[p]])
        values = self.values(plural)
        for name in self.random.sample(sorted(values), self.random.randint(1, len(values) - 1)):
            values.pop(name)
        record = self.random.choice(self.living[plural])
        if self.random.random() < 0.2:
            self.n += 1
            key = "last_name" if plural == "contacts" else "name"
            values[key] = "%s renamed %d" % (plural[0].upper(), self.n)
        answer = self.a.patch("/api/v1/%s/%d" % (plural, record), values)
        assert answer.status == 200, answer

    def bulk(self):
        plural = self.random.choice([p for p in self.living if self.living[p]])
        ids = self.random.sample(self.living[plural], min(3, len(self.living[plural])))
        values = self.values(plural)
        name = self.random.choice(sorted(set(values) - {"parent"}))
        answer = self.a.post("/api/v1/%s/bulk" % plural, {"ids": ids, "set": {name: values[name]}})
        assert answer.status == 200 and not answer.json["errors"], answer

    def delete(self):
        plural = self.random.choice([p for p in self.living if self.living[p]])
        record = self.living[plural].pop(self.random.randrange(len(self.living[plural])))
        self.gone.append((plural, record))
        assert self.a.delete("/api/v1/%s/%d" % (plural, record)).status == 204

    def restore(self):
        if self.gone:
            plural, record = self.gone.pop(self.random.randrange(len(self.gone)))
            self.living[plural].append(record)
            assert self.a.post("/api/v1/%s/%d/restore" % (plural, record)).status == 200

    def imported(self):
        rows = "name,city,employees\nI %d,Kiel,7\n" % self.n
        for record in self.living["companies"][:2]:
            rows += '"%s",%s,8\n' % (self.a.get("/api/v1/companies/%d" % record).json["name"], self.random.choice(CITIES[:4]))
        json.loads(self.k.must("import", "company", self.k.file(rows), "--match", "name", "--json"))

    def undone(self):
        last = [c for c in self.a.get("/api/v1/changes?limit=5").json["items"] if c["source"] != "undo"]
        if last and last[-1]["id"] > 30:
            self.a.post("/api/v1/changes/%d/undo" % self.random.choice(last)["id"])
            for plural in self.living:
                self.living[plural] = [i["id"] for i in self.a.items("/api/v1/%s?limit=500&fields=id" % plural)]
            self.gone = [(p, r) for p, r in self.gone if r not in self.living[p]]


def run(k):
    private = k.add_user("pat@past.example", role="private")
    users = [k.admin.user["id"], private.user["id"]]
    h = History(k, users, SEED)
    for _ in range(8):
        h.create()
    moments = []
    for _ in range(STEPS):
        kind = h.random.choices(("create", "change", "bulk", "delete", "restore", "imported", "undone"), (5, 9, 3, 2, 2, 1, 1))[0]
        getattr(h, kind)()
        newest = k.admin.get("/api/v1/changes?limit=1").json["items"][0]
        newest = (k.admin.get("/api/v1/changes?limit=1&parent=%d" % newest["id"]).json["items"] or [newest])[0]
        answers = {q: ask(k.admin, q) for q in QUESTIONS}
        some = {"%s/%d" % (p, i): k.admin.get("/api/v1/%s/%d" % (p, i)) for p in h.living for i in h.living[p][:3]}
        some.update({"%s/%d" % (p, i): k.admin.get("/api/v1/%s/%d" % (p, i)) for p, i in h.gone[:3]})
        moments.append((kind, newest, answers, {path: (r.status, plain(r.json)) for path, r in some.items()}))
        time.sleep(0.003)
    return private, moments


def compare(k, moments):
    wrong = {q: [] for q in QUESTIONS}
    wrong_records = []
    asked = 0
    for kind, newest, answers, records in moments:
        for as_of in ("cs:%d" % newest["id"], newest["at"]):
            for question, then in answers.items():
                asked += 1
                now = ask(k.admin, question, as_of)
                if now != then:
                    wrong[question].append((kind, as_of, first_difference(then, now)))
            for path, (status, then) in records.items():
                asked += 1
                answer = k.admin.get("/api/v1/%s?as_of=%s" % (path, as_of))
                if answer.status != status or (status == 200 and plain(answer.json) != then):
                    wrong_records.append((kind, path, as_of, status, first_difference(then, plain(answer.json))))
    for question, found in wrong.items():
        check("as_of__%s" % question, not found, lambda: "%d differ, first %r" % (len(found), found[0]))
    check("as_of__single_records", not wrong_records, lambda: "%d differ, first %r" % (len(wrong_records), wrong_records[0]))
    check("as_of__asked_enough", asked > STEPS * 60, asked)


def first_difference(then, now):
    for key in sorted({*then, *(now or {})}):
        a, b = then.get(key), (now or {}).get(key)
        if a != b and isinstance(a, list) and isinstance(b, list):
            for x, y in zip(a, b):
                if x != y:
                    if isinstance(x, dict) and isinstance(y, dict):
                        return key, x.get("id"), {n: (x.get(n), y.get(n)) for n in {*x, *y} if x.get(n) != y.get(n)}
                    return key, x, y
            return key, "lengths", len(a), len(b)
        if a != b:
            return key, a, b
    return None


def visibility(k, private, moments):
    """What a private user sees of the past: records that are his today, with the values of then."""
    me = private.user["id"]
    odd, looked = [], 0
    for plural in ("companies", "deals", "contacts"):
        mine = {i["id"] for trash in ("0", "1") for i in k.admin.items("/api/v1/%s?limit=500&trash=%s&filter=owner = me or owner = %d" %
                                                                       (plural, trash, me)) if (i["owner"] or {}).get("id") == me}
        for kind, newest, answers, _ in moments:
            question = "%s?sort=%s" % (plural, "last_name" if plural == "contacts" else "name")
            then = {i["id"]: i for i in answers[question]["items"] if i["id"] in mine}
            seen = {i["id"]: i for i in ask(private, question, "cs:%d" % newest["id"])["items"]}
            looked += len(seen)
            if set(then) != set(seen):
                odd.append((plural, newest["id"], sorted(set(then) ^ set(seen))))
            for record in set(then) & set(seen):
                for name in ("city", "amount", "stage", "employees", "emails"):
                    if then[record].get(name) != seen[record].get(name):
                        odd.append((plural, record, name, then[record].get(name), seen[record].get(name)))
    check("as_of__visibility_is_todays_and_values_are_of_then", not odd and looked > 20, lambda: "%d %r" % (looked, odd[:3]))


def edges(k, moments):
    with test("as_of__before_everything_is_empty"):
        for plural in ("companies", "deals", "contacts", "notes"):
            answer = k.admin.get("/api/v1/%s?as_of=1999-12-31" % plural)
            assert answer.status == 200 and answer.json["items"] == [] and answer.json["count"] == 0, answer
        some = next(iter(moments[-1][3]))
        assert k.admin.get("/api/v1/%s?as_of=1999-12-31" % some).status == 404
        assert all(s["count"] == 0 for s in k.admin.get("/api/v1/boards/sales?as_of=1999-12-31").json["stages"])
    with test("as_of__groups_have_the_titles_of_then"):
        company = k.admin.post("/api/v1/companies", {"name": "Alpha"}).json["id"]
        then = k.admin.post("/api/v1/deals", {"name": "In Alpha", "company": company}).headers["x-kontor-change"]
        question = "/api/v1/deals?group=company&filter=company = %d" % company
        k.admin.patch("/api/v1/companies/%d" % company, {"name": "Omega"})
        answers = [k.admin.get(question + as_of).json for as_of in ("", "&as_of=cs:" + then)]
        k.admin.delete("/api/v1/companies/%d" % company)
        answers.append(k.admin.get(question + "&as_of=cs:" + then).json)
        got = [[(g["label"], g["value"]["title"], a["items"][0]["company"]["title"]) for g in a["groups"]] for a in answers]
        assert got == [[("Omega",) * 3], [("Alpha",) * 3], [("Alpha",) * 3]], got
    with test("as_of__the_future_is_now"):
        for question in QUESTIONS:
            assert ask(k.admin, question, "2999-01-01") == ask(k.admin, question), question
    for text in ("yesterday", "2026-13-01", "cs:0", "cs:x", "cs:-1", "2026-11-21T25:00:00Z", "1", "2026-11-21' OR 1=1"):
        equal("as_of__refuses_" + text, 400, k.admin.get("/api/v1/companies?as_of=" + text).status)
    with test("as_of__pages_with_a_cursor"):
        kind, newest, answers, _ = moments[-8]
        for question in ("companies?sort=name", "companies?sort=-city", "deals?sort=-amount", "companies?sort=open_value"):
            found, cursor = [], None
            while True:
                path = "/api/v1/%s&limit=3&as_of=cs:%d" % (question, newest["id"])
                page = k.admin.get(path + ("&cursor=" + cursor if cursor else "")).json
                found += [plain(i) for i in page["items"]]
                cursor = page["next"]
                if not cursor:
                    break
            assert found == answers[question]["items"], question


with Kontor(conf=CONF) as k:
    private, moments = run(k)
    compare(k, moments)
    visibility(k, private, moments)
    edges(k, moments)
finish()
