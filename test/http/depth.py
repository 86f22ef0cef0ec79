#!/usr/bin/python3
"""Stored values are right however deep they hang on each other: chains of computed fields of one record, declared in any order, and
sums of sums up a tree of records, after every kind of write, also where the records point to each other in a ring."""
import time

from kontor import Kontor, check, equal, finish

LINKS, LEVELS = 12, 10


def level(i):
    up = "  up: {type: link, to: level%d, reverse: subs}\n" % (i - 1) if i > 0 else ""
    total = "  total: {type: integer%s}\n" % (", compute: 'sum(subs.total)'" if i + 1 < LEVELS else "")
    return "entity: level%d\nplural: level%ds\ntitle: name\nfields:\n  name: {type: text, required: true}\n%s%s" % (i, i, up, total)


CHAIN = "".join("    c%d: {type: integer, compute: '%s + 1'}\n" % (i, "c%d" % (i - 1) if i > 1 else "base")
                for i in range(LINKS, 0, -1))
RING = "".join("    r%d: {type: integer, compute: 'sum(followers.r%d)'}\n" % (i, i - 1) for i in range(LINKS, 1, -1))
FIELDS = """company:
  fields:
    base: {type: integer}
    aside:  {type: integer, compute: 'deals_here + 1'}
    deals_here: {type: integer, compute: 'count(deals)', stored: false}
    r1:   {type: integer, compute: 'base'}
    after: {type: link, to: company, reverse: followers}
""" + RING + CHAIN
FIELDS += """    busy:  {type: integer, compute: 'count(deals where count(activities) > 0)'}
    talks: {type: integer, compute: 'sum(deals.talks)'}
    deep:  {type: integer, compute: 'count(deals where count(activities where count(remarks) > 0) > 0)'}
deal:
  fields:
    talks: {type: integer, compute: 'count(activities)', stored: false}
"""
REMARK = """entity: remark
plural: remarks
fields: {name: {type: text}, activity: {type: link, to: activity}}
"""
CONF = {"fields.yaml": FIELDS, "entities/remark.yaml": REMARK}
CONF.update({"entities/level%d.yaml" % i: level(i) for i in range(LEVELS)})


def make(a, plural, record):
    answer = a.post("/api/v1/" + plural, record)
    assert answer.status == 201, answer
    return answer.json


def chain(record):
    return [record["c%d" % i] for i in range(1, LINKS + 1)]


def wanted(base):
    return [None if base is None else base + i for i in range(1, LINKS + 1)]


def undo(a, change):
    answer = a.post("/api/v1/changes/%s/undo" % change)
    assert answer.status == 200, answer


def check_chain(k, a):
    company = make(a, "companies", {"name": "x", "base": 10})
    path = "/api/v1/companies/%d" % company["id"]
    equal("chain__of_a_new_record", wanted(10), chain(company))
    patched = a.patch(path, {"base": 100})
    equal("chain__after_patch", wanted(100), chain(patched.json))
    equal("chain__of_a_dry_run", wanted(1000), chain(a.patch(path + "?dry_run=1", {"base": 1000}).json))
    undo(a, patched.headers["x-kontor-change"])
    equal("chain__after_undo", wanted(10), chain(a.get(path).json))
    a.patch(path, {"base": None})
    equal("chain__after_emptying", wanted(None), chain(a.get(path).json))
    a.patch(path, {"base": 7})
    a.delete(path)
    answer = a.post(path + "/restore")
    equal("chain__after_restore", (200, wanted(7)), (answer.status, chain(a.get(path).json)))
    a.post("/api/v1/companies/bulk", {"ids": [company["id"]], "set": {"base": 8}})
    equal("chain__after_bulk", wanted(8), chain(a.get(path).json))
    k.must("import", "company", k.file("name,base\nx,20\ny,30\n"), "--match", "name")
    equal("chain__after_import", [wanted(20), wanted(30)],
          [chain(a.get("/api/v1/companies?fields=%s&filter=name = \"%s\"" % (",".join("c%d" % i for i in range(1, LINKS + 1)), name))
                 .json["items"][0]) for name in "xy"])
    equal("chain__agrees_with_its_filter", 1, a.get("/api/v1/companies?filter=c%d = %d" % (LINKS, 20 + LINKS)).json["count"])
    check("chain__has_one_version_a_write", a.patch(path, {"base": 21}).json["version"] == a.get(path).json["version"])


def totals(a, ids):
    return [a.get("/api/v1/level%ds/%d" % (i, ids[i])).json.get("total") for i in range(LEVELS)]


def check_tree(k, a):
    ids = []
    for i in range(LEVELS):
        ids.append(make(a, "level%ds" % i, {"name": "n", **({"up": ids[-1]} if i else {}),
                                            **({"total": 7} if i + 1 == LEVELS else {})})["id"])
    leaf = "/api/v1/level%ds/%d" % (LEVELS - 1, ids[-1])
    equal("tree__of_new_records", [7] * LEVELS, totals(a, ids))
    change = a.patch(leaf, {"total": 9}).headers["x-kontor-change"]
    equal("tree__after_patch", [9] * LEVELS, totals(a, ids))
    undo(a, change)
    equal("tree__after_undo", [7] * LEVELS, totals(a, ids))
    a.delete(leaf)
    equal("tree__after_delete", [0] * (LEVELS - 1), [t or 0 for t in totals(a, ids[:-1] + ids[-1:])[:-1]])
    a.post(leaf + "/restore")
    equal("tree__after_restore", [7] * LEVELS, totals(a, ids))
    k.must("import", "level%d" % (LEVELS - 1), k.file("name,up,total\n" + "n%d,n,1\n" % 2))
    equal("tree__after_import", [8] * (LEVELS - 1), totals(a, ids)[:-1])
    middle = "/api/v1/level5s/%d" % ids[5]
    a.patch(middle, {"up": None})
    equal("tree__after_a_move", [0] * 5 + [8] * 4, [t or 0 for t in totals(a, ids)[:-1]])


def check_hidden_between(a):
    """A stored field over one that is not kept itself follows as well."""
    company = make(a, "companies", {"name": "aside"})
    path = "/api/v1/companies/%d" % company["id"]
    make(a, "deals", {"name": "d", "company": company["id"]})
    equal("aside__counts_the_new_deal", 2, a.get(path).json["aside"])


def check_lists_in_lists(a):
    """What is counted by what points to it: a stored number follows records two and three steps away."""
    company = make(a, "companies", {"name": "lists"})["id"]
    path = "/api/v1/companies/%d" % company
    deals = [make(a, "deals", {"name": "d%d" % i, "company": company})["id"] for i in range(2)]
    counts = lambda: tuple(a.get(path).json[name] for name in ("busy", "talks", "deep"))
    equal("lists__begin_empty", (0, 0, 0), tuple(n or 0 for n in counts()))
    call = make(a, "activities", {"kind": "call", "subject": "c", "links": [deals[0]]})["id"]
    equal("lists__follow_a_new_record", (1, 1, 0), tuple(n or 0 for n in counts()))
    activity = "/api/v1/activities/%d" % call
    a.patch(activity, {"links": deals})
    equal("lists__follow_a_move", (2, 2, 0), tuple(n or 0 for n in counts()))
    remark = make(a, "remarks", {"name": "r", "activity": call})["id"]
    equal("lists__follow_three_steps", (2, 2, 2), counts())
    a.delete("/api/v1/remarks/%d" % remark)
    equal("lists__follow_trash_three_steps_away", (2, 2, 0), tuple(n or 0 for n in counts()))
    change = a.delete(activity).headers["x-kontor-change"]
    equal("lists__follow_trash", (0, 0, 0), tuple(n or 0 for n in counts()))
    undo(a, change)
    equal("lists__follow_undo", (2, 2, 0), tuple(n or 0 for n in counts()))
    a.delete("/api/v1/deals/%d" % deals[0])
    equal("lists__follow_the_step_between", (1, 1, 0), tuple(n or 0 for n in counts()))
    equal("lists__agree_with_their_filter", 0, a.get(
        "/api/v1/companies?filter=busy != count(deals where count(activities) > 0) or talks != sum(deals.talks)").json["count"])


def check_ring(a):
    """Three companies that follow each other (in the tree of firms that is refused): every value is what its expression gives, and nobody waits for ever."""
    ids = [make(a, "companies", {"name": "ring %d" % i, "base": 10 ** i})["id"] for i in range(3)]
    began = time.monotonic()
    for i in range(3):
        answer = a.patch("/api/v1/companies/%d" % ids[i], {"after": ids[i - 1]})
        assert answer.status == 200, answer
    a.patch("/api/v1/companies/%d" % ids[0], {"base": 5})
    for i in range(2, LINKS + 1):
        off = a.get("/api/v1/companies?filter=not (r%d = sum(followers.r%d)) and name starts with \"ring\"" % (i, i - 1)).json
        equal("ring__r%d" % i, 0, off["count"])
    found = sorted(a.get("/api/v1/companies/%d" % i).json["r%d" % LINKS] for i in ids)
    equal("ring__values_went_round", [5, 10, 100], found)
    check("ring__was_quick", time.monotonic() - began < 20)


with Kontor(conf=CONF) as k:
    a = k.admin
    check_chain(k, a)
    check_tree(k, a)
    check_hidden_between(a)
    check_lists_in_lists(a)
    check_ring(a)
    k.write_conf({"fields.yaml": FIELDS.replace("'base + 1'", "'base + 101'").replace("'base'", "'2 * base'")})
    k.must("apply", "--yes")
    equal("apply__makes_chains_anew", 0,
          a.get("/api/v1/companies?filter=base is not empty and c%d != base + %d" % (LINKS, LINKS + 100)).json["count"])
    equal("apply__makes_sums_anew", [10, 20, 200], sorted(r["r%d" % LINKS] for r in a.get(
        "/api/v1/companies?filter=name starts with \"ring\"&fields=r%d" % LINKS).json["items"]))
finish()
