"""Merges that are undone, as a generator: a firm of near-doubles, random merges (nested, with chosen fields), edits
and new records in between, then every merge taken back in any order that is allowed. What stands there then is what
stood there before, plus the edits. Used by test/http/merge_undo.py (few) and test/long.d/merge_undo (1,000)."""
import copy
import random

PLURALS = ("contacts", "companies", "deals", "notes", "activities", "contact_companies", "deal_contacts")
LEFT_OUT = ("version", "updated_at", "updated_by")
MERGED = {"contacts": "contact", "companies": "company"}
TEXTS = {"contacts": ("first_name", "job_title", "salutation"), "companies": ("industry",)}
PLACES = {"contacts": ("city",), "companies": ("city", "street")}  # parts of the primary address


class Firm:
    def __init__(self, client, seed):
        self.api = client
        self.random = random.Random(seed)
        self.count = 0
        self.make()

    def word(self):
        self.count += 1
        return "w%d" % self.count

    def maybe(self, value):
        return value if self.random.random() < 0.5 else None

    def add(self, plural, **body):
        answer = self.api.post("/api/v1/" + plural, {k: v for k, v in body.items() if v is not None})
        assert answer.status == 201, answer
        return answer.json["id"]

    def mails(self):
        return [self.random.choice(["a@x.de", "b@x.de", "C@x.de", "c@X.de", self.word() + "@y.de"])
                for _ in range(self.random.randrange(3))] or None

    def points(self, values):
        """With labels and marks; the same value is not marked alike everywhere."""
        marks = lambda: {m: True for m in ("opt_out", "invalid") if self.random.random() < 0.3}
        return [{"value": v, "label": self.random.choice(["", "", "work"]), **marks()} if self.random.random() < 0.7 else v
                for v in values] if values else None

    def phones(self):
        numbers = self.random.sample(["+49 30 123456", "030 123456", "+49 (30) 123-457", "+1 555 %d" % (10000 + self.count)], 2)
        return self.maybe(self.points(numbers[:self.random.randrange(3)]))

    def addresses(self):
        marks = lambda: {m: True for m in ("opt_out", "invalid") if self.random.random() < 0.3}
        return self.maybe([{"city": self.random.choice([self.word(), "Bonn"]), "primary": True, **marks()},
                           {"street": self.random.choice([self.word(), "Weg 1"]), "city": "Ulm", **marks()}])

    def make(self):
        pick = self.random.choice
        companies = []
        for _ in range(12):
            companies.append(self.add("companies", name=self.word(), industry=self.maybe(self.word()),
                                      city=self.maybe(self.word()), emails=self.points(self.uniq(self.mails())),
                                      phones=self.phones(),
                                      tags=self.maybe([pick(["red", "blue", "green"])]),
                                      parent=self.maybe(pick(companies)) if companies else None))
        contacts = [self.add("contacts", last_name=self.word(), first_name=self.maybe(self.word()),
                             job_title=self.maybe(self.word()),
                             addresses=self.addresses(), phones=self.phones(),
                             birthday=self.maybe("1980-0%d-01" % self.random.randrange(1, 9)),
                             emails=self.points(self.uniq(self.mails())), company=self.maybe(pick(companies)))
                    for _ in range(25)]
        for _ in range(25):
            deal = self.add("deals", name=self.word(), contact=self.maybe(pick(contacts)),
                            company=self.maybe(pick(companies)), amount="%d" % self.random.randrange(1, 999))
            if self.random.random() < 0.5:
                self.add("deal_contacts", deal=deal, contact=pick(contacts), role=self.maybe(pick(["Boss", "User"])))
        for _ in range(30):
            self.add("contact_companies", contact=pick(contacts), company=pick(companies),
                     role=self.maybe(pick(["Boss", "User"])), since=self.maybe("2020-01-01"))
            self.add("notes", text=self.word(), links=sorted({pick(contacts), pick(companies)}))
            self.add("activities", subject=self.word(), links=sorted({pick(contacts), pick(contacts)}))
        for id in contacts[:3]:
            self.api.delete("/api/v1/contacts/%d" % id)

    @staticmethod
    def uniq(mails):
        return sorted({m.lower(): m for m in mails}.values()) if mails else None

    def dump(self):
        return {p: {r["id"]: {k: v for k, v in r.items() if k not in LEFT_OUT}
                    for r in self.api.items("/api/v1/%s?limit=500" % p)} for p in PLURALS}

    def trash(self):
        return sorted(r["id"] for r in self.api.items("/api/v1/trash?limit=200"))

    def living(self, plural):
        return [r["id"] for r in self.api.items("/api/v1/%s?limit=500&fields=id" % plural)]

    # ---- what happens -----------------------------------------------------------------------------

    def merge(self):
        """One random merge: (change, ids)."""
        plural = self.random.choice(sorted(MERGED) if len(self.living("companies")) > 5 else ["contacts"])
        ids = self.random.sample(self.living(plural), min(5, self.random.choice([2, 2, 2, 3, 5])))
        fields = {f: self.random.choice(ids) for f in TEXTS[plural] + PLACES[plural] if self.random.random() < 0.2}
        if self.random.random() < 0.1:
            fields["emails"] = self.random.choice(ids)
        body = {"into": ids[0], "from": ids[1:], "fields": fields}
        was = [self.api.get("/api/v1/%s/%d" % (plural, id)).json for id in ids]
        dry = self.api.post("/api/v1/%s/merge?dry_run=1" % plural, body).json
        answer = self.api.post("/api/v1/%s/merge" % plural, body)
        assert answer.status == 200, (body, answer)
        for key in ("moved", "folded", "dropped"):
            assert dry[key] == answer.json[key], (key, dry, answer)
        self.marks_stay(plural, was, answer.json["record"], fields)
        for id in ids[1:]:
            got = self.api.get("/api/v1/%s/%d" % (plural, id)).json
            assert got.get("merged_into") == ids[0] == got["id"], got
        return answer.json["change"]

    @staticmethod
    def marks_stay(plural, was, now, fields):
        """Who is not to be written to, or not reached, at an address of one of them is so of the one that is left."""
        digits = lambda v: "".join(c for c in v if c.isdigit())[-8:]
        for field, key in ("emails", str.lower), ("phones", digits):
            for entry in [e for r in was if field in r and field not in fields for e in r[field]]:
                same = [e for e in now[field] if key(e["value"]) == key(entry["value"])]
                assert same, (plural, field, entry, now[field])
                for mark in "opt_out", "invalid":
                    assert not entry.get(mark) or any(e.get(mark) for e in same), (plural, mark, entry, now[field])

    def edit(self, wanted):
        """One random change of what is there, and the same in `wanted`."""
        kind = self.random.choice(["text", "mail", "deal", "note", "point", "bin"])
        plural = self.random.choice(sorted(MERGED))
        id = self.random.choice(self.living(plural))
        if kind == "text":
            field, value = self.random.choice(TEXTS[plural]), self.word()
            assert self.api.patch("/api/v1/%s/%d" % (plural, id), {field: value}).status == 200
            wanted[plural][id][field] = value
            self.title(wanted, plural, id)
        elif kind == "mail":
            now = self.api.get("/api/v1/%s/%d" % (plural, id)).json["emails"]
            entry = {"value": self.word() + "@new.de", "label": "", "primary": not now, "opt_out": False}
            answer = self.api.patch("/api/v1/%s/%d" % (plural, id), {"emails": now + [entry]})
            assert answer.status == 200, answer
            stood = wanted[plural][id]["emails"]
            entry = answer.json["emails"][-1]
            stood.append({**entry, "primary": not stood})
        elif kind in ("deal", "note"):
            body = {"name": self.word(), MERGED[plural]: id} if kind == "deal" else {"text": self.word(), "links": [id]}
            new = self.add(kind + "s", **body)
            wanted[kind + "s"][new] = None  # whatever it says: it stays
        elif kind == "point" and plural == "contacts":
            deal = self.random.choice(self.living("deals"))
            if (self.api.get("/api/v1/deals/%d" % deal).json["contact"] or {}).get("id") == id:
                return
            answer = self.api.patch("/api/v1/deals/%d" % deal, {"contact": id})
            assert answer.status == 200, answer
            if wanted["deals"][deal]:
                wanted["deals"][deal]["contact"] = answer.json["contact"]
        elif kind == "bin":
            note = self.random.choice(self.living("notes"))
            assert self.api.delete("/api/v1/notes/%d" % note).status == 204
            wanted["notes"].pop(note)

    @staticmethod
    def title(wanted, plural, id):
        if plural == "contacts":
            r = wanted[plural][id]
            r["title"] = " ".join(filter(None, (r["first_name"], r["last_name"])))

    def undo_all(self, changes):
        """In any order; one that is refused because of another is tried again after that one."""
        refused, origin = 0, {c: c for c in changes}
        while changes:
            change = self.random.choice(changes)
            answer = self.api.post("/api/v1/changes/%d/undo" % change)
            if answer.status == 409:
                text = answer.json["error"]["text"]
                assert any("undo change %d first" % c in text for c in map(origin.get, changes) if c != origin[change]), (change, changes, text)
                refused += 1
                assert refused < 1000
                continue
            assert answer.status == 200, answer
            changes.remove(change)
            if self.random.random() < 0.1:  # merged again, and back
                again = self.api.post("/api/v1/changes/%d/undo" % answer.json["change"])
                if again.status == 200:
                    changes.append(self.random.choice([again.json["change"], origin[change]]))
                    origin[changes[-1]] = origin[change]
        return refused

    def round(self):
        """Some merges with edits in between, then all undone. Returns how many merges there were."""
        before = self.dump()
        wanted = copy.deepcopy(before)
        bin_before = self.trash()
        changes = []
        for _ in range(self.random.randrange(1, 6)):
            changes.append(self.merge())
            for _ in range(self.random.randrange(3)):
                self.edit(wanted)
        count = len(changes)
        self.undo_all(changes)
        self.compare(wanted, self.dump())
        edited = set(bin_before) | {i for p in before for i in before[p] if i not in wanted[p]}
        new = set(self.trash()) - edited
        assert not {i for i in new if any(i in before[p] for p in before)}, new
        return count

    @staticmethod
    def compare(wanted, got):
        for plural, records in wanted.items():
            assert set(records) == set(got[plural]), (plural, set(records) ^ set(got[plural]))
            for id, record in records.items():
                for field, value in (record or {}).items():
                    now = got[plural][id][field]
                    if field == "open_value" or isinstance(value, dict) and "title" in value:
                        now, value = (now or {}).get("id"), value.get("id")
                    if field == "links" and value and "entity" in value[0]:
                        now, value = sorted(x["id"] for x in now), sorted(x["id"] for x in value)
                    assert now == value, (plural, id, field, value, now)
