#!/usr/bin/python3
"""One expression, one meaning, over HTTP: for every case of test/unit/query_cases.h (where plain C says what it means) the records
for which `required: {if: …}` fires, those a stage's gate lets in, and those of an export are the rows of the list it filters."""
import ast
import datetime
import itertools
import json
import re
import urllib.parse

from kontor import SOURCE, Kontor, check, finish, test

CASES = [ast.literal_eval(text) for text in
         re.findall(r'^CASE\(("(?:[^"\\]|\\.)*"),', (SOURCE / "test/unit/query_cases.h").read_text(), re.M)]
THINGS, GATES = 40, 49  # gates in a pipeline; its first stage has none
DATA = SOURCE / "test/data/things"
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def pick(values, i):
    return values[i % len(values)]


def moment(**ago):
    return (NOW - datetime.timedelta(**ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(days):
    return (NOW + datetime.timedelta(days=days)).strftime("%Y-%m-%d")


NUMBERS = [3, None, 0, -2, 5, 1, 12, 4, 2]
AMOUNTS = ["99.90", None, "1500", "1000", "0", "1000.01", "-5"]
MOMENTS = ["2026-11-21T12:00:00Z", None, moment(hours=1), moment(hours=5), moment(days=12), moment(days=45), moment(days=-2),
           "2026-11-20T23:30:00Z", "2026-11-20T22:30:00Z", moment(minutes=8)]
NAMES = ["Acme GmbH", "acme gmbh", None, "Zoo", "Émile Großmann", "O'Hara & Co", "100% rein", "snake_case", "Bäcker", "A", "Acme"]
NOTES = ["call back", None, "Call BACK soon: Zoo", "b", "Acme GmbH", "nothing"]
DAYS = ["2026-11-21", None, "2026-01-31", "2024-02-29", "2026-10-01", day(0), day(-3), day(-14), day(80), day(200), "2026-01-28", day(-100)]


def thing(i, companies):
    amount = pick(AMOUNTS, i * 5 + 1)
    values = {"n": pick(NUMBERS, i), "d": pick(["1.50", "1.23", None, "0", "1.24", "2", "-0.5", "0.99", "75"], i * 2 + i // 9),
              "q": pick(["1.2345", None, "1.5", "1.23", "0", "-0.5", "2"], i * 3),
              "p": pick(["12.5", None, "50", "100", "50.01", "0"], i + i // 6),
              "amount": amount and {"value": amount, "currency": "USD" if i % 4 == 1 else "EUR"},
              "flag": pick([True, False, None], i + i // 3), "at": pick(MOMENTS, i * 7), "name": pick(NAMES, i * 3),
              "note": pick(NOTES, i), "kind": pick(["red", None, "green", "blue"], i * 3 + i // 4),
              "marks": pick([["a"], ["a", "b"], None, ["b"], ["a", "b", "c"]], i * 2),
              "emails": pick(["ada@example.com", None, "bob@other.org", "Eve@EXAMPLE.com"], i),
              "phones": "030 / 1234 - 56" if i % 3 == 0 else None, "day": pick(DAYS, i * 5),
              "company": pick([None, *companies], i * 3 + i // 5)}
    return {name: value for name, value in values.items() if value is not None}


def make(k, plural, values):
    answer = k.admin.post("/api/v1/" + plural, values)
    assert answer.status == 201, (values, answer)
    return answer.json["id"]


def fill(k, more):
    """Companies, one of them in the trash; things, and parts of some of them. Ids of the things."""
    acme = make(k, "companies", {"name": "Acme", "city": "Berlin", "employees": 10})
    beta = make(k, "companies", {"name": "Beta", "parent": acme})
    gone = make(k, "companies", {"name": "Gone", "city": "Berlin", "employees": 10})
    ids = [make(k, "things", {**thing(i, [acme, beta, gone]), **more}) for i in range(THINGS)]
    for i, size in itertools.product(range(THINGS), (10, 20)):
        if i % 7 == 4 or (i % 7 == 2 and size == 10):
            make(k, "parts", {"name": "part", "size": size, "thing": ids[i]})
    assert k.admin.delete("/api/v1/companies/%d" % gone).status == 204
    return ids


def listed(k):
    """The rows of every case's list, by its text."""
    found = {}
    for case in CASES:
        answer = k.admin.get("/api/v1/things?limit=500&fields=id&filter=" + urllib.parse.quote(case, safe=""))
        assert answer.status == 200, (case, answer)
        found[case] = {item["id"] for item in answer.json["items"]}
    return found


def compare(name, k, before, got):
    """Cases whose rows changed while we asked (midnight went by, an hour was full) do not count."""
    after = listed(k)
    steady = [case for case in CASES if before[case] == after[case]]
    wrong = {case: (sorted(got[case] - before[case]), sorted(before[case] - got[case])) for case in steady if got[case] != before[case]}
    check(name, not wrong and len(steady) > len(CASES) - 30, lambda: json.dumps(dict(list(wrong.items())[:4]), ensure_ascii=False))


def quoted(case):
    return "'%s'" % case.replace("'", "''")


def conf(fields="", pipelines=None):
    files = {"entities/%s.yaml" % name: (DATA / ("entities/%s.yaml" % name)).read_text() for name in ("thing", "part")}
    files["entities/thing.yaml"] += fields
    return {**files, "kontor.yaml": (DATA / "kontor.yaml").read_text(), **({"pipelines.yaml": pipelines} if pipelines else {})}


def required():
    """A field for each case: who empties all of them is told which are required."""
    fields = "".join("  r%d: {type: text, required: {if: %s}}\n" % (i, quoted(case)) for i, case in enumerate(CASES))
    names = ["r%d" % i for i in range(len(CASES))]
    with Kontor(conf=conf(fields)) as k:
        ids = fill(k, dict.fromkeys(names, "x"))
        before, got = listed(k), {case: set() for case in CASES}
        check("conditions__split_the_things", sum(0 < len(rows) < THINGS for rows in before.values()) > 150)
        for one in ids:
            answer = k.admin.patch("/api/v1/things/%d?dry_run=1" % one, dict.fromkeys(names))
            assert answer.status in (200, 422), answer
            for place in answer.json["error"]["fields"] if answer.status == 422 else []:
                got[CASES[int(place["where"].removeprefix("thing.r"))]].add(one)
        compare("conditions__required_if_fires_for_the_rows_of_the_list", k, before, got)


def gates_and_export():
    """A stage for each case, entered by all things in a dry run: who is refused is not of the list."""
    pipelines = ""
    for i, case in enumerate(CASES):
        if i % GATES == 0:
            pipelines += "p%d:\n  entity: thing\n  stages:\n    - {id: free}\n" % (i // GATES)
        pipelines += "    - {id: g%d, gate: {if: %s}}\n" % (i, quoted(case))
    deals = (SOURCE / "schema/pipelines.yaml").read_text()
    with Kontor(conf=conf("  pipeline: {type: pipeline}\n  stage: {type: stage}\n", deals + pipelines)) as k:
        ids = fill(k, {"pipeline": "p0", "stage": "free"})
        before, got, exported = listed(k), {}, {}
        for i, case in enumerate(CASES):
            body = {"ids": ids, "set": {"pipeline": "p%d" % (i // GATES), "stage": "g%d" % i}}
            answer = k.admin.post("/api/v1/things/bulk?dry_run=1", body)
            assert answer.status == 200, answer
            got[case] = set(ids) - {error["id"] for error in answer.json["errors"]}
            answer = k.admin.get("/api/v1/things/export?format=ndjson&fields=id&filter=" + urllib.parse.quote(case, safe=""))
            assert answer.status == 200, answer
            exported[case] = {json.loads(line)["id"] for line in answer.text.splitlines()}
        compare("conditions__gates_let_in_the_rows_of_the_list", k, before, got)
        compare("conditions__exports_have_the_rows_of_the_list", k, before, exported)
        with test("conditions__of_the_command_line_mean_the_same"):
            for case in CASES[::40]:
                lines = k.must("export", "thing", "--filter", case, "--fields", "id").splitlines()
                assert {int(line) for line in lines[1:]} == before[case], (case, lines)


check("conditions__are_there", len(CASES) > 200, len(CASES))
required()
gates_and_export()
finish()
