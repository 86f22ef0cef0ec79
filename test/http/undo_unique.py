#!/usr/bin/python3
"""Undo where values may occur only once: swapped ones come back, one that somebody took since is kept and named; in one
transaction and in slices the same. The audit chain holds."""
from kontor import Kontor, equal, finish, test

ACCT = """entity: acct
label: Acct
plural: accts
title: name
fields:
  name: {type: text, required: true}
  code: {type: text, unique: true}
  number: {type: integer, unique: true}
  under: {type: link, to: acct, reverse: below}
  total: {type: integer, compute: 'sum(below.number)', stored: true}
"""
MANY = 600  # more than one transaction


class Accounts(Kontor):
    def __init__(self):
        super().__init__(conf={"entities/acct.yaml": ACCT})

    def add(self, count, name="n", first=0):
        return [self.admin.post("/api/v1/accts", {"name": "%s%d" % (name, i), "code": "%s%d" % (name, i),
                                                  "number": first + i}).json["id"]
                for i in range(count)]

    def load(self, rows, *columns):
        """kontor import by id; the change it made."""
        lines = ["id," + ",".join(columns)] + [",".join(map(str, row)) for row in rows]
        self.must("import", "acct", self.file("\n".join(lines) + "\n", "rows.csv"), "--match", "id")
        return self.admin.get("/api/v1/changes?limit=1").json["items"][0]["id"]

    def undo(self, change, query=""):
        return self.admin.post("/api/v1/changes/%d/undo%s" % (change, query))

    def state(self, *fields):
        got = self.admin.items("/api/v1/accts?limit=500&sort=id&fields=" + ",".join(fields or ("code", "number")))
        return {r["id"]: tuple(r[f]["id"] if isinstance(r[f], dict) else r[f] for f in fields or ("code", "number")) for r in got}

    def sound(self, name):
        path = str(self.top / name)
        return self.run("backup", path).returncode == 0 and self.run("verify", path).returncode == 0


def taken(k, count, name):
    """A value that somebody took: its record is kept, the others come back."""
    a = k.admin
    ids = k.add(count, name, 20000)
    bulk = a.post("/api/v1/accts/bulk", {"ids": ids, "delete": True}).json["change"]
    a.post("/api/v1/accts", {"name": "taker", "code": name + "1"})
    kept = {"entity": "acct", "id": ids[1], "title": name + "1", "fields": ["code"], "text": "Another Acct has this Code already."}
    dry = k.undo(bulk, "?dry_run=1").json
    got = k.undo(bulk)
    size = "%d" % count
    equal("undo__of_%s_keeps_who_lost_a_unique_value" % size, (200, count - 1, [kept]),
          (got.status, got.json.get("undone"), got.json.get("kept")))
    equal("undo__of_%s_tells_it_beforehand" % size, (count - 1, [kept]), (dry.get("undone"), dry.get("kept")))
    equal("undo__of_%s_leaves_it_in_the_bin" % size, 404, a.get("/api/v1/accts/%d" % ids[1]).status)
    a.post("/api/v1/accts/bulk", {"filter": 'name starts with "%s"' % name, "delete": True})


def swapped():
    with Accounts() as k:
        a = k.admin
        A, B, C = k.add(3)
        with test("undo__of_a_swap_brings_both_back"):
            before = k.state()
            versions = k.state("version")
            swap = k.load([(A, "tmp", 90), (B, "n0", 0), (A, "n1", 1)], "code", "number")
            after = k.state()
            assert after[A] == ("n1", 1) and after[B] == ("n0", 0), after
            versions = k.state("version")
            got = k.undo(swap)
            assert got.status == 200 and got.json["undone"] == 2 and got.json["kept"] == [], got
            assert k.state() == before
            assert k.state("version") == {**versions, A: (versions[A][0] + 1,), B: (versions[B][0] + 1,)}
            assert a.get('/api/v1/accts?filter=code = "n0"').json["items"][0]["id"] == A
        with test("undo__of_that_undo_swaps_again"):
            got = k.undo(got.json["change"])
            assert got.status == 200 and got.json["undone"] == 2 and k.state() == after, got
            assert k.sound("swapped")
        with test("undo__of_a_swap_keeps_all_that_hangs_on_a_value_somebody_took"):
            back = k.load([(A, "n9", 9), (C, "tmp", 90), (B, "n2", 2), (C, "n1", 1)], "code", "number")
            state = k.state()
            a.post("/api/v1/accts", {"name": "taker", "code": "n0"})
            got = k.undo(back)
            assert got.status == 200, got
            assert [r["id"] for r in got.json["kept"]] == [A, B, C] and got.json["undone"] == 0, got
            assert all(r["fields"] in (["code"], ["number"]) for r in got.json["kept"]), got
            assert got.json["change"] is None and k.sound("kept"), got
            assert {i: v for i, v in k.state().items() if i in state} == state
        with test("undo__of_a_swap_keeps_what_counts_them_right"):
            a.patch("/api/v1/accts/%d" % A, {"under": C})
            before = k.state("number", "total")
            swap = k.load([(A, 900), (B, before[A][0]), (A, before[B][0])], "number")
            assert k.state("number", "total")[C] != before[C]
            got = k.undo(swap)
            assert got.status == 200 and got.json["kept"] == [] and k.state("number", "total") == before, got
            assert k.sound("totals")


def in_slices():
    with Accounts() as k:
        ids = k.add(MANY)
        with test("undo__of_a_long_swap_brings_all_back"):
            before = k.state()
            rows = [(i, "t%d" % n, 10000 + n) for n, i in enumerate(ids)]
            rows += [(i, "n%d" % (MANY - 1 - n), (n + 1) % MANY) for n, i in enumerate(ids)]
            swap = k.load(rows, "code", "number")
            after = k.state()
            assert after != before
            dry = k.undo(swap, "?dry_run=1")
            assert dry.json["undone"] == MANY and dry.json["kept"] == [] and k.state() == after, dry
            got = k.undo(swap)
            assert got.status == 200 and got.json["undone"] == MANY and got.json["kept"] == [], got
            assert k.state() == before
            assert k.sound("long")
        taken(k, MANY, "large")


if __name__ == "__main__":
    with Accounts() as k:
        taken(k, 3, "small")
    swapped()
    in_slices()
    finish()
