#!/usr/bin/python3
"""Undo as a property, on random histories (seeded, so that a failure repeats) of several users:
1. taking back everything, newest first, passes through every earlier state, compared as exports of all entities;
2. taking back any one set changes exactly what nobody changed since, and lists the rest as kept; undo of the undo returns;
3. who lost the right to one record takes back nothing; the audit chain holds after all of it;
4. an amount that comes back, by undo or by restoring a value, is one that stood: number, currency and worth.
KONTOR_SEED=n repeats a run; with KONTOR_LONG more rounds."""
import decimal
import json
import os
import random

from kontor import Kontor, check, equal, finish, test

ROUNDS = 25 if os.environ.get("KONTOR_LONG") else 3
SEED = int(os.environ.get("KONTOR_SEED", "1"))
PLURALS = ("companies", "contacts", "deals", "activities", "notes", "products")
CITIES = ("Kiel", "Bonn", "Ulm", "Köln", None)
STAGES = ("enquiry", "qualified", "proposal", "negotiation", "won")


def state(k):
    """All entities as their exports."""
    return {plural: {json.loads(line)["id"]: line for line in k.admin.get(
        "/api/v1/%s/export?format=ndjson" % plural).text.splitlines()} for plural in PLURALS}


def unlike(a, b):
    """The first lines in which two states differ."""
    found = []
    for plural in PLURALS:
        for record in sorted({*a[plural], *b[plural]}):
            if a[plural].get(record) != b[plural].get(record):
                found.append((plural, a[plural].get(record), b[plural].get(record)))
    return found[:3]


class History:
    """Random writes by several users; each step is (change-set, state before it)."""

    def __init__(self, k, callers, seed):
        self.k, self.callers, self.seed, self.random = k, callers, seed, random.Random(seed)
        self.ids = {plural: [] for plural in PLURALS}
        self.trash = []
        self.steps = []
        self.number = 0

    def values(self, plural):
        r = self.random
        link = lambda kind: r.choice(self.ids[kind] + [None]) if self.ids[kind] else None
        return {
            "companies": lambda: {"city": r.choice(CITIES), "industry": r.choice(("Steel", "Wood", None)),
                                  "employees": r.choice((None, 1, 50)), "revenue": r.choice((None, "10", "2500.50")),
                                  "phones": r.choice(([], ["+49 431 %d" % r.randrange(100, 999)])), "parent": link("companies")},
            "contacts": lambda: {"city": r.choice(CITIES), "company": link("companies"),
                                 "emails": r.choice(([], ["a%d@undo.example" % r.randrange(9999)])),
                                 "birthday": r.choice((None, "1970-01-31"))},
            "deals": lambda: {"company": link("companies"), "contact": link("contacts"), "amount": r.choice((None, "1", "99.90")),
                              "stage": r.choice(STAGES), "close_date": r.choice((None, "2027-01-01")),
                              "source": r.choice((None, "fair", "call"))},
            "activities": lambda: {"due": r.choice((None, "2026-12-01")), "links": [i for i in [link("deals")] if i]},
            "notes": lambda: {"text": r.choice(("one", "two", "three")), "links": [i for i in [link("companies")] if i]},
            "products": lambda: {"price": r.choice((None, "5", "7.25")), "category": r.choice((None, "A", "B"))},
        }[plural]()

    def some(self, plural, most):
        ids = self.ids[plural]
        return self.random.sample(ids, min(len(ids), self.random.randint(1, most))) if ids else []

    def create(self, caller):
        plural = self.random.choice(PLURALS)
        self.number += 1
        name = "%s %d-%d" % (plural, self.seed, self.number)
        need = {"companies": {"name": name}, "contacts": {"last_name": name}, "deals": {"name": name},
                "activities": {"kind": "task", "subject": name}, "notes": {}, "products": {"name": name, "sku": name}}[plural]
        answer = caller.post("/api/v1/" + plural, {**self.values(plural), **need})
        assert answer.status == 201, answer
        self.ids[plural].append(answer.json["id"])
        return answer

    def update(self, caller):
        plural = self.random.choice(PLURALS)
        for record in self.some(plural, 1):
            values = self.values(plural)
            if values.get("parent") == record:
                values["parent"] = None  # nobody is above himself
            chosen = self.random.sample(sorted(values), self.random.randint(1, len(values)))
            answer = caller.patch("/api/v1/%s/%d" % (plural, record), {name: values[name] for name in chosen})
            assert answer.status == 200, answer
            return answer

    def bulk(self, caller):
        plural = self.random.choice(("companies", "deals", "contacts"))
        ids = self.some(plural, 6)
        if ids:
            values = self.values(plural)
            name = self.random.choice(sorted(set(values) - {"parent"}))
            answer = caller.post("/api/v1/%s/bulk" % plural, {"ids": ids, "set": {name: values[name]}})
            assert answer.status == 200 and not answer.json["errors"], answer
            return answer

    def delete(self, caller):
        plural = self.random.choice(PLURALS)
        many = self.random.random() < 0.3
        ids = self.some(plural, 4 if many else 1)
        if not ids:
            return None
        self.ids[plural] = [i for i in self.ids[plural] if i not in ids]
        self.trash += [(plural, i) for i in ids]
        if many:
            answer = caller.post("/api/v1/%s/bulk" % plural, {"ids": ids, "delete": True})
        else:
            answer = caller.delete("/api/v1/%s/%d" % (plural, ids[0]))
        assert answer.status in (200, 204), answer
        return answer

    def restore(self, caller):
        if not self.trash:
            return None
        plural, record = self.trash.pop(self.random.randrange(len(self.trash)))
        self.ids[plural].append(record)
        answer = caller.post("/api/v1/%s/%d/restore" % (plural, record))
        assert answer.status == 200, answer
        return answer

    def imported(self, caller):
        self.number += 1
        rows = ["Imported %d-%d,Kiel,5" % (self.seed, self.number)]
        for record in self.some("companies", 3):
            name = caller.get("/api/v1/companies/%d" % record).json["name"]
            rows.append("%s,%s,%d" % (name, self.random.choice(CITIES[:4]), self.random.randrange(9)))
        answer = json.loads(self.k.must("import", "company", self.k.file("name,city,employees\n" + "\n".join(rows) + "\n"),
                                        "--match", "name", "--json"))
        assert answer["rejected"] == 0, answer
        new = caller.get('/api/v1/companies?filter=name = "Imported %d-%d"' % (self.seed, self.number)).json["items"]
        self.ids["companies"] += [c["id"] for c in new]
        return answer["change"]

    def undone(self, caller):
        """One of the last sets is taken back, if that works: the ids known here follow."""
        if not self.steps:
            return None
        answer = caller.post("/api/v1/changes/%d/undo" % self.random.choice(self.steps[-4:])[0])
        assert answer.status in (200, 409), answer
        self.look()
        return answer if answer.status == 200 else None

    def look(self):
        for plural in PLURALS:
            self.ids[plural] = [json.loads(line)["id"] for line in self.k.admin.get(
                "/api/v1/%s/export?format=ndjson" % plural).text.splitlines()]
        kinds = {"company": "companies", "activity": "activities"}
        self.trash = [(kinds.get(t["entity"], t["entity"] + "s"), t["id"]) for t in self.k.admin.items("/api/v1/trash?limit=200")
                      if kinds.get(t["entity"], t["entity"] + "s") in PLURALS]

    def step(self, kinds):
        before = state(self.k)
        kind = self.random.choices(list(kinds), list(kinds.values()))[0]
        answer = getattr(self, kind)(self.random.choice(self.callers))
        if answer is None:
            return
        change = answer if isinstance(answer, int) else (answer.json or {}).get("change") if answer.body and "change" in (
            answer.json or {}) else int(answer.headers.get("x-kontor-change", "0"))
        if change:
            self.steps.append((change, before, kind))


ALL_KINDS = {"create": 6, "update": 8, "bulk": 3, "delete": 3, "restore": 2, "imported": 1, "undone": 2}


def everything(k, callers, seed):
    """Property 1."""
    with test("undo__of_everything_passes_through_all_states_seed_%d" % seed):
        begin = state(k)
        h = History(k, callers, seed)
        for _ in range(60):
            h.step(ALL_KINDS)
        assert len(h.steps) > 25
        end = state(k)
        undone = []
        for change, before, kind in reversed(h.steps):
            dry = k.admin.post("/api/v1/changes/%d/undo?dry_run=1" % change)
            answer = k.admin.post("/api/v1/changes/%d/undo" % change)
            assert answer.status == 200 and answer.json["kept"] == [], (kind, change, answer)
            assert dry.json["undone"] == answer.json["undone"], (dry, answer)
            assert state(k) == before, (seed, kind, change, unlike(before, state(k)))
            undone.append((answer.json["change"], kind))
        assert state(k) == begin
        for change, kind in reversed(undone):
            if change:
                answer = k.admin.post("/api/v1/changes/%d/undo" % change)
                assert answer.status == 200 and answer.json["kept"] == [], (kind, change, answer)
        assert state(k) == end, (seed, unlike(end, state(k)))


# ---- 2. one set out of many -------------------------------------------------------------------
FIELDS = ("city", "industry", "employees", "country", "postcode")


class Shadow:
    """What companies must look like, kept in Python: per set the values before and after, per record and field."""

    def __init__(self, k, callers, seed):
        self.k, self.callers, self.random = k, callers, random.Random(1000 + seed)
        self.now = {}   # id -> values; None when in the trash
        self.last = {}  # id -> values it had when it went there
        self.sets = {}  # change -> {id: (before, after)}; before/after None: absent

    def note(self, change, ids, before):
        if change:
            self.sets[change] = {i: (before.get(i), self.now[i]) for i in ids if before.get(i) != self.now[i]}

    def write(self, n):
        r, caller = self.random, self.random.choice(self.callers)
        living = [i for i, v in self.now.items() if v is not None]
        before = dict(self.now)
        dice = r.random()
        if dice < 0.15 or len(living) < 4:
            values = {name: r.choice((None, "a", "b")) for name in FIELDS if name != "employees"}
            values["employees"] = r.choice((None, 1, 2))
            answer = caller.post("/api/v1/companies", {"name": "Shadow %d" % n, **values})
            self.now[answer.json["id"]] = values
            self.note(int(answer.headers["x-kontor-change"]), [answer.json["id"]], before)
            return
        ids = r.sample(living, r.randint(1, 4))
        if dice < 0.25:
            answer = caller.post("/api/v1/companies/bulk", {"ids": ids, "delete": True})
            for i in ids:
                self.last[i], self.now[i] = self.now[i], None
        else:
            name = r.choice(FIELDS)
            value = r.choice((None, 1, 2)) if name == "employees" else r.choice((None, "a", "b"))
            answer = caller.post("/api/v1/companies/bulk", {"ids": ids, "set": {name: value}})
            for i in ids:
                self.now[i] = {**self.now[i], name: value}
        assert answer.status == 200, answer
        self.note(answer.json["change"], ids, before)

    def undo(self, change):
        """The expected outcome by the rule in the contract, from the shadow alone: (state, kept ids with fields)."""
        wanted, kept = dict(self.now), {}
        for i, (before, after) in self.sets[change].items():
            now = self.now[i]
            if before is None and i not in self.last_before(change, i):     # created by it
                if now is not None and now == after:
                    wanted[i] = None
                elif now is not None:
                    kept[i] = {name for name in FIELDS if now[name] != after[name]}
            elif after is None:                                             # deleted by it
                if now is None:
                    wanted[i] = self.last[i]
            elif before is None:                                            # taken out of the trash by it
                if now is not None:
                    wanted[i] = None
            else:
                base = now if now is not None else self.last[i]
                changed = [name for name in FIELDS if before[name] != after[name]]
                mine = {name: before[name] for name in changed if base[name] == after[name]}
                left = {name for name in changed if base[name] not in (after[name], before[name])}
                if left:
                    kept[i] = left
                if now is not None:
                    wanted[i] = {**now, **mine}
                else:
                    self.last[i] = {**base, **mine}
        return wanted, kept

    def last_before(self, change, record):
        """Ids of earlier sets that knew the record: then it was not created by this one."""
        return {record} if any(record in s for c, s in self.sets.items() if c < change) else set()

    def look(self):
        found = {i: None for i in self.now}
        for line in self.k.admin.get("/api/v1/companies/export?format=ndjson&fields=id,%s" % ",".join(FIELDS)).text.splitlines():
            row = json.loads(line)
            if row["id"] in found:
                found[row["id"]] = {name: row.get(name) for name in FIELDS}
        return found


def one_of_many(k, callers, seed):
    """Property 2."""
    with test("undo__of_one_set_keeps_what_was_changed_since_seed_%d" % seed):
        s = Shadow(k, callers, seed)
        for n in range(30):
            s.write(n)
        assert s.look() == s.now, "the shadow is wrong"
        for _ in range(15):
            change = s.random.choice(sorted(s.sets))
            before = s.look()
            lasts = dict(s.last)
            wanted, kept = s.undo(change)
            answer = k.admin.post("/api/v1/changes/%d/undo" % change)
            if answer.status == 409:
                s.last = lasts
                continue
            assert answer.status == 200, answer
            got = s.look()
            assert got == wanted, (seed, change, {i: (before[i], got[i], wanted[i]) for i in got if got[i] != wanted[i]})
            told = {item["id"]: set(item["fields"]) for item in answer.json["kept"]}
            assert told == kept, (seed, change, told, kept)
            undo = answer.json["change"]
            if undo and s.random.random() < 0.5:
                again = k.admin.post("/api/v1/changes/%d/undo" % undo)
                assert again.status == 200 and again.json["kept"] == [], again
                assert s.look() == before, (seed, change, "undo of the undo")
                s.last = lasts
            else:
                s.last.update({i: before[i] for i in got if got[i] is None and before[i] is not None})
                s.now = got
            s.write(1000 + s.random.randrange(1 << 30))


# ---- 3. rights, clashes, slices, chain ---------------------------------------------------------
def rights(k):
    member = k.add_user("mem@undo.example", role="member")
    lead = k.add_user("lead@undo.example", role="lead", team="North")
    mine = [member.post("/api/v1/companies", {"name": "Of member %d" % i, "city": "Kiel"}).json["id"] for i in range(3)]
    change = member.post("/api/v1/companies/bulk", {"ids": mine, "set": {"city": "Bonn"}}).json["change"]
    with test("undo__by_who_lost_the_right_is_refused_whole"):
        assert k.admin.patch("/api/v1/companies/%d" % mine[1], {"owner": k.admin.user["id"]}).status == 200
        before = state(k)
        for path in ("/api/v1/changes/%d/undo?dry_run=1", "/api/v1/changes/%d/undo"):
            assert member.post(path % change).status == 403
            assert lead.post(path % change).status in (403, 404)
        assert state(k) == before
    with test("undo__by_who_has_the_right_works_for_sets_of_others"):
        k.admin.patch("/api/v1/companies/%d" % mine[1], {"owner": member.user["id"]})
        other = k.admin.post("/api/v1/companies/bulk", {"ids": mine, "set": {"city": "Ulm"}}).json["change"]
        assert member.post("/api/v1/changes/%d/undo" % other).json["undone"] == 3
        assert member.post("/api/v1/changes/%d/undo" % change).json["undone"] == 3
    with test("undo__by_who_lost_the_role_is_refused"):
        again = member.patch("/api/v1/companies/%d" % mine[0], {"city": "Jena"}).headers["x-kontor-change"]
        k.admin.patch("/api/v1/users/%d" % member.user["id"], {"role": "reader"})
        later = k.client("mem@undo.example")
        assert later.post("/api/v1/changes/%s/undo" % again).status == 403
        assert k.admin.get("/api/v1/companies/%d" % mine[0]).json["city"] == "Jena"
    with test("undo__reveals_nothing_of_hidden_records"):
        secret = k.admin.post("/api/v1/companies", {"name": "Secret of the admin"}).json["id"]
        hidden = k.admin.patch("/api/v1/companies/%d" % secret, {"city": "Zug"}).headers["x-kontor-change"]
        answer = lead.post("/api/v1/changes/%s/undo" % hidden)
        assert answer.status in (403, 404) and "Secret" not in answer.text, answer
        assert "Secret" not in lead.get("/api/v1/changes").text


def clashes(k):
    with test("undo__that_would_make_a_double_says_so_and_changes_nothing"):
        one = k.admin.post("/api/v1/products", {"name": "One", "sku": "same"}).json["id"]
        gone = k.admin.delete("/api/v1/products/%d" % one).headers["x-kontor-change"]
        k.admin.post("/api/v1/products", {"name": "Two", "sku": "same"})
        before = state(k)
        answer = k.admin.post("/api/v1/changes/%s/undo" % gone)
        kept, = answer.json["kept"]
        assert (answer.status, answer.json["undone"], answer.json["change"], kept["id"]) == (200, 0, None, one), answer
        assert (kept["fields"], kept["text"]) == (["sku"], "Another Product has this SKU already."), kept
        assert k.admin.post("/api/v1/products/%d/restore" % one).status == 409
        assert state(k) == before


def slices(k):
    with test("undo__of_a_long_write_keeps_later_edits"):
        rows = "name,city,employees\n" + "".join("Long %04d,Kiel,1\n" % i for i in range(1400))
        made = json.loads(k.must("import", "company", k.file(rows), "--json"))
        before = state(k)
        update = rows.replace("Kiel,1", "Bonn,2") + "Long new,Ulm,3\n"
        changed = json.loads(k.must("import", "company", k.file(update), "--match", "name", "--json"))
        assert (changed["updated"], changed["created"]) == (1400, 1), changed
        ids = [c["id"] for c in k.admin.get('/api/v1/companies?filter=name starts with "Long 00"&limit=3').json["items"]]
        for i in ids:
            k.admin.patch("/api/v1/companies/%d" % i, {"city": "Later"})
        answer = k.admin.post("/api/v1/changes/%d/undo" % changed["change"]).json
        assert {i["id"] for i in answer["kept"]} == set(ids), answer
        assert all(i["fields"] == ["city"] for i in answer["kept"]), answer
        now = state(k)
        odd = [i for i in now["companies"] if now["companies"][i] != before["companies"].get(i)]
        assert sorted(odd) == sorted(ids) and len(now["companies"]) == len(before["companies"]), unlike(before, now)
        row = json.loads(now["companies"][ids[0]])
        assert row["city"] == "Later" and row["employees"] == 1, row
        whole = k.admin.post("/api/v1/changes/%d/undo" % made["change"]).json
        assert whole["undone"] + len(whole["kept"]) == 1400, whole


def halves(k):
    with test("undo__never_takes_back_half_an_amount"):
        deal = "/api/v1/deals/%d" % k.admin.post("/api/v1/deals", {"name": "Pump", "amount": "100 USD"}).json["id"]
        more = k.admin.patch(deal, {"amount": "200 USD"}).headers["x-kontor-change"]
        k.admin.patch(deal, {"amount": "200 EUR"})
        answer = k.admin.post("/api/v1/changes/%s/undo" % more).json
        assert [i["fields"] for i in answer["kept"]] == [["amount"]], answer
        assert k.admin.get(deal).json["amount"] == {"value": "200.00", "currency": "EUR"}


# ---- 4. amounts ----------------------------------------------------------------------------------
COMPANY = "name: Test\ncurrency: EUR\nzone: Europe/Berlin\npassword_cost: low\nrates: {USD: %s, JPY: %s}\n"
WORTH = "deal:\n  fields:\n    worth: {type: money, compute: amount, stored: false}\n"


class Amounts:
    """Deals whose amounts are changed, restored and taken back in several currencies. After every step each amount is one
    that its deal once had, in that currency and worth that much; without a change of rates, worth what the rate makes of it."""

    def __init__(self, k, seed):
        self.k, self.random, self.rates = k, random.Random(seed), None
        names = ["Amount %d-%d" % (seed, i) for i in range(3)]
        self.deals = [k.admin.post("/api/v1/deals", {"name": name, "amount": "100"}).json["id"] for name in names]
        self.stood = {deal: {self.now(deal)} for deal in self.deals}
        self.sets = []

    def now(self, deal):
        found = self.k.admin.get("/api/v1/deals/%d" % deal).json
        return tuple((m["value"], m["currency"]) if m else None for m in (found["amount"], found["worth"]))

    def value(self):
        return self.random.choice(("100", "200", "100 USD", "200 USD", "0.01 USD", "100 JPY", "200 JPY", None))

    def patch(self, deal):
        return self.k.admin.patch("/api/v1/deals/%d" % deal, {"amount": self.value()})

    def bulk(self, _):
        return self.k.admin.post("/api/v1/deals/bulk", {"ids": self.random.sample(self.deals, 2), "set": {"amount": self.value()}})

    def undo(self, _):
        return self.k.admin.post("/api/v1/changes/%d/undo" % self.random.choice(self.sets)) if self.sets else None

    def restore(self, deal):
        change = self.random.choice(self.sets) if self.sets else 1
        return self.k.admin.post("/api/v1/deals/%d/restore" % deal, {"change": change, "field": "amount"})

    def step(self):
        kind = self.random.choice(("patch", "patch", "bulk", "undo", "restore"))
        answer = getattr(self, kind)(self.random.choice(self.deals))
        if answer is None or answer.status in (404, 409):
            return
        assert answer.status == 200, (kind, answer)
        change = answer.json.get("change") or int(answer.headers.get("x-kontor-change", "0"))
        self.sets += [change] if change else []
        for deal in self.deals:
            now = self.now(deal)
            if kind in ("patch", "bulk"):
                self.stood[deal].add(now)
            assert now in self.stood[deal], (kind, deal, now, answer.text)
            if self.rates:
                assert now[1] == self.worth(now[0]), (kind, deal, now)

    def worth(self, amount):
        rate = decimal.Decimal(self.rates.get(amount[1], "1")) if amount else 0
        return amount and (str((decimal.Decimal(amount[0]) * rate).quantize(decimal.Decimal("0.01"), decimal.ROUND_HALF_UP)), "EUR")

    def told(self):
        """Both sides of every change in the timelines, with whether the deal once had them."""
        for deal in self.deals:
            had = {amount for amount, _ in self.stood[deal]}
            for item in self.k.admin.items("/api/v1/deals/%d/timeline?limit=100" % deal):
                for field in item.get("fields", []):
                    sides = [field["before"], field["after"]] if field["name"] == "amount" else []
                    yield from ((m, m is None or (m["value"], m["currency"]) in had) for m in sides)


def amounts(seed):
    rates = {"USD": "0.5", "JPY": "0.0061"}
    with Kontor(conf={"kontor.yaml": COMPANY % (rates["USD"], rates["JPY"]), "fields.yaml": WORTH}) as k:
        with test("undo__and_restore_keep_amount_currency_and_worth_together_seed_%d" % seed):
            a = Amounts(k, seed)
            a.rates = rates
            for _ in range(120):
                a.step()
            told = list(a.told())
            assert len(told) > 20 and all(good for _, good in told), [side for side, good in told if not good]
        with test("undo__and_restore_bring_back_what_an_amount_was_worth_then_seed_%d" % seed):
            k.file(COMPANY % ("0.75", "0.01"), k.conf / "kontor.yaml")
            k.must("apply")
            a.rates = None
            for _ in range(120):
                a.step()


RATES = "name: Test\ncurrency: EUR\nzone: Europe/Berlin\npassword_cost: low\nrates: {USD: 1}\n"
for n in range(ROUNDS):
    amounts(SEED + n)
with Kontor(conf={"kontor.yaml": RATES}) as k:
    callers = [k.admin, k.add_user("a@undo.example", role="admin"), k.add_user("b@undo.example", role="admin")]
    for n in range(ROUNDS):
        everything(k, callers, SEED + n)
    for n in range(2 * ROUNDS):
        one_of_many(k, callers, SEED + n)
    rights(k)
    clashes(k)
    slices(k)
    halves(k)
    backup = str(k.top / "undo.backup")
    done = [k.run(command, backup) for command in ("backup", "verify")]
    check("undo__audit_chain_holds_afterwards", [d.returncode for d in done] == [0, 0], lambda: [d.stdout + d.stderr for d in done])
finish()
