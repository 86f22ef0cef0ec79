#!/usr/bin/python3
"""What a request asks of the database: at most 10 queries for what a screen shows, however many rows it has. The program counts
them itself and says so in its log at level debug: different statements, and how often they ran. Lists, records and boards keep
to 10 runs too. A timeline, a search and the list of changes look some things up by key, once a row or hit, with a statement that
stays prepared: that is one query which runs often, and the runs have a limit of their own."""
import re

from kontor import Kontor, check, equal, finish, test

VISIT = """entity: visit
plural: visits
fields:
  text:  {type: longtext}
  about: {type: records}
"""
LIMIT = 10
SEARCH = 28  # a search reads what it finds through the rights of each kind, and shows of each kind what was found
STREAM = 2  # a timeline asks once for each kind of record that tells of others; here is one besides notes and activities
CHANGES = 14  # the list of changes says of each what it was, what became of it and whether it can be taken back
KINDS = 6  # who has not all rights may have them for the records of a large change: a query for each kind of these
RUNS = {"timeline": 80, "search": 400, "changes": 1500, "as_of": 30}  # by a part of the address; all others: LIMIT


class Counter:
    """Requests of one caller with the number of queries each took."""

    def __init__(self, k, caller):
        self.k, self.caller = k, caller

    def __call__(self, path):
        before = len(self.k.log())
        answer = self.caller.get(path)
        assert answer.status == 200, (path, answer)
        found = re.findall(r" GET (\S+): (\d+) queries, run (\d+) times", self.k.log()[before:])
        assert len(found) == 1, (path, self.k.log()[before:])
        return int(found[0][1]), int(found[0][2])


def fill(k, companies):
    """Companies with three contacts, a deal, a note, a visit and two activities each."""
    for n in range(companies):
        def make(plural, **fields):
            answer = k.admin.post("/api/v1/" + plural, fields)
            assert answer.status == 201, answer
            return answer.json["id"]
        company = make("companies", name="Nordwind %d" % n, city="Kiel", parent=None)
        people = [make("contacts", last_name="Lund %d %d" % (n, i), company=company, emails=["a%d.%d@n.example" % (n, i)])
                  for i in range(3)]
        deal = make("deals", name="Deal %d" % n, company=company, contact=people[0], amount="100.00")
        make("notes", text="Spoke about %d" % n, links=[company, deal, *people])
        make("visits", text="Saw %d" % n, about=[company, deal, people[0]])
        make("activities", kind="call", subject="Call %d" % n, due="2026-12-01T10:00:00Z", links=[company, people[0]])
        make("activities", kind="task", subject="Offer %d" % n, links=[deal])
        k.admin.patch("/api/v1/companies/%d" % company, {"city": "Ulm"})
    return company, deal, people[0]


def asked(company, deal, contact):
    for plural in ("companies", "contacts", "deals", "activities", "notes", "products", "users"):
        yield "/api/v1/%s?limit=50" % plural
    yield "/api/v1/contacts?limit=50&expand=company,owner&sort=-created_at"
    yield '/api/v1/deals?filter=company.city = "Ulm" and amount > 5&sort=amount&limit=50'
    yield "/api/v1/deals?as_of=2026-01-01&limit=50"
    yield "/api/v1/deals?group=stage"
    for path in ("companies/%d" % company, "deals/%d" % deal, "contacts/%d" % contact):
        yield "/api/v1/" + path
        yield "/api/v1/%s/timeline" % path
    yield "/api/v1/deals/%d?expand=company,contact" % deal
    yield "/api/v1/boards/sales"
    yield "/api/v1/boards/sales?as_of=2026-01-01"
    yield "/api/v1/search?q=nordwind"
    yield "/api/v1/search?q=lu"
    yield "/api/v1/changes"
    yield "/api/v1/meta"
    yield "/api/v1/me"


def count_all(k, who, caller, records):
    counter = Counter(k, caller)
    found = {}
    for path in asked(*records):
        found[path] = min(counter(path) for _ in range(4))  # the first time a connection may have to look something up
    dear = {path: n for path, (n, _) in found.items() if n > (CHANGES + KINDS * (caller is not k.admin) if "changes" in path else SEARCH if "search" in path else LIMIT + STREAM * ("timeline" in path))}
    check("queries__at_most_10_for_%s" % who, not dear, dear)
    dear = {path: n for path, (_, n) in found.items() if n > next((most for part, most in RUNS.items() if part in path), LIMIT)}
    check("queries__run_not_too_often_for_%s" % who, not dear, dear)
    return {path: n for path, (n, _) in found.items()}


with test("queries__run"), Kontor(start=False) as k:
    k.write_conf({"kontor.yaml": (k.conf / "kontor.yaml").read_text() + "log_level: debug\n", "entities/visit.yaml": VISIT})
    k.must("apply")
    k.start()
    k.must("user", "add", "--email", "team@example.com", "--name", "T", "--role", "lead", "--team", "North", "--password-file",
           k.file("kontor test password\n"))
    few = count_all(k, "an_admin", k.admin, fill(k, 2))
    lead = k.client("team@example.com")
    records = fill(k, 30)
    many = count_all(k, "an_admin_with_more", k.admin, records)
    shape = lambda path: re.sub(r"/\d+", "/N", path)
    grown = {shape(p): (few_n, n) for (_, few_n), (p, n) in zip(few.items(), many.items())
             if n > few_n + 2 * ("search" in p)}  # a search of many looks at each kind by itself
    check("queries__do_not_grow_with_the_rows", not grown, grown)
    k.admin.post("/api/v1/companies/bulk", {"ids": [records[0]], "set": {"team": {"name": "North"}}})
    k.admin.post("/api/v1/deals/bulk", {"ids": [records[1]], "set": {"team": {"name": "North"}}})
    k.admin.post("/api/v1/contacts/bulk", {"ids": [records[2]], "set": {"team": {"name": "North"}}})
    count_all(k, "a_team_lead", lead, records)
finish()
