#!/usr/bin/env python3
"""A configuration that is applied while requests are on their way: they write by the new one."""

import http.client
import json
import threading
import time

from kontor import ADMIN, Client, Kontor, check, contains, equal, finish, test

PLAIN = "company:\n  fields:\n    nickname: {type: text}\n"
SHOUT = PLAIN + "    echo: {type: text, compute: 'city', stored: true}\n"
CONTACT = "contact:\n  fields:\n    echo: {type: text, compute: 'job_title', stored: true}\n"

ROWS = [6000, 24000, 96000, 384000]


def apply(house, text):
    house.file(text, house.conf / "fields.yaml")
    house.must("apply", "--yes")


class Slow:
    """A POST whose body comes in two pieces: its unit of work begins with the first."""

    def __init__(self, client, path, body, headers=None):
        self.body = json.dumps(body).encode()
        self.connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=60)
        self.connection.putrequest("POST", path)
        lines = {"Content-Type": "application/json", "Content-Length": str(len(self.body)),
                 **client.headers, **(headers or {})}
        for name, value in lines.items():
            self.connection.putheader(name, value)
        self.connection.endheaders()
        self.connection.send(self.body[:5])
        time.sleep(0.5)

    def end(self):
        self.connection.send(self.body[5:])
        answer = self.connection.getresponse()
        body = json.loads(answer.read())
        self.connection.close()
        return answer.status, body


def single_requests():
    with Kontor(conf={"fields.yaml": PLAIN}) as house:
        client = house.token(scope="write")
        slow = Slow(client, "/api/v1/companies", {"name": "Acme", "city": "Kiel"})
        apply(house, SHOUT)
        with test("a record whose request began before an apply has what the apply brought"):
            status, body = slow.end()
            equal("status", 201, status)
            equal("the new computed field", "Kiel", body.get("echo"))
        key = {"Idempotency-Key": "once"}
        slow = Slow(client, "/api/v1/companies", {"name": "Bolt", "city": "Ulm"}, key)
        apply(house, PLAIN)
        apply(house, SHOUT)
        with test("it is written once, and its answer is kept under its key"):
            status, body = slow.end()
            equal("status", 201, status)
            equal("the new computed field", "Ulm", body.get("echo"))
            again = client.post("/api/v1/companies", {"name": "Bolt", "city": "Ulm"}, headers=key)
            equal("the kept answer", body["id"], again.json["id"])
            named = client.get('/api/v1/companies?filter=name = "Bolt"').json["count"]
            equal("how many", 1, named)
        slow = Slow(client, "/api/v1/companies", {"name": "Cord", "nickname": "C"})
        apply(house, "company:\n  fields: {}\n")
        with test("what the new configuration does not know is refused"):
            status, body = slow.end()
            equal("status", 422, status)


def in_the_middle(house):
    """Lies the change of the configuration between the first and the last slice of the long write?"""
    newest = house.admin.get("/api/v1/changes?limit=2").json["items"]
    applied = next(c["id"] for c in newest if c["source"] == "config")
    begun = next(c["id"] for c in newest if c["source"] != "config")
    slices = house.admin.get("/api/v1/changes?parent=%d&limit=1" % begun).json["items"]
    return bool(slices) and begun < applied < slices[0]["id"]


def applied_meanwhile(house, count, run):
    """Runs a long write and applies CONTACT as soon as `count` counts something; its answer, and whether that was in its middle."""
    result = {}
    thread = threading.Thread(target=lambda: result.update(answer=run()))
    thread.start()
    while house.admin.get(count).json["count"] == 0 and thread.is_alive():
        time.sleep(0.02)
    apply(house, CONTACT)
    thread.join()
    return result["answer"], in_the_middle(house)


def long_write(name, what, act, judge):
    """How many rows are enough for an apply to come in the middle is the machine's affair: more, until it does."""
    for rows in ROWS:
        with Kontor() as house:
            count, run = act(house, rows)
            answer, met = applied_meanwhile(house, count, run)
            if not met and rows != ROWS[-1]:
                continue
            with test(name):
                check("%s was still running" % what, met)
                judge(answer, rows)
                empty = house.admin.get("/api/v1/contacts?filter=echo is empty&limit=1").json["count"]
                equal("records without the new computed value", 0, empty)
        return


def bulk(house, rows):
    people = "".join("Ann%d,Lee\n" % i for i in range(rows))
    house.must("import", "contact", house.file("first_name,last_name\n" + people, "c.csv"))
    client = Client(house.port)
    client.sign_in(ADMIN)
    body = {"all": True, "set": {"job_title": "Smith"}}
    return ('/api/v1/contacts?filter=job_title = "Smith"&limit=1',
            lambda: client.post("/api/v1/contacts/bulk", body, timeout=300))


def judge_bulk(answer, rows):
    equal("status", 200, answer.status)
    equal("changed", rows, answer.json["changed"])


def imported(house, rows):
    people = "".join("Ann%d,Lee,Smith\n" % i for i in range(rows))
    path = house.file("first_name,last_name,job_title\n" + people, "c.csv")
    return "/api/v1/contacts?limit=1", lambda: house.run("import", "contact", path, timeout=600)


def judge_import(answer, rows):
    contains("what it says", "%d created, 0 updated, 0 unchanged, 0 rejected" % rows, answer.stdout)


def percent(part):
    return ("deal:\n  fields:\n    margin: {type: money, compute: 'amount * %s', stored: true}\n"
            "company:\n  fields:\n    total_margin: {type: money, compute: 'sum(deals.margin)', "
            "stored: true}\n" % part)


def roll_ups():
    with Kontor() as house:
        company = house.admin.post("/api/v1/companies", {"name": "Acme"}).json["id"]
        house.admin.post("/api/v1/deals", {"name": "D", "company": company, "amount": "100"})

        def total():
            return house.admin.get("/api/v1/companies/%d" % company).json["total_margin"]["value"]
        with test("a new sum of new computed values is right from the start"):
            apply(house, percent("0.5"))
            equal("the sum", "50.00", total())
        with test("a sum follows when what it sums is computed otherwise"):
            house.file(percent("0.25"), house.conf / "fields.yaml")
            contains("the plan says so", "total_margin", house.must("plan"))
            apply(house, percent("0.25"))
            equal("the sum", "25.00", total())


STAGES = """sales:
  entity: deal
  stages:
    - {id: enquiry, percent: 10}
    - {id: proposal, percent: 50, kind: %s}
    - {id: won, percent: 100, kind: won}
    - {id: lost, percent: 0, kind: lost}
"""


def pipelines():
    with Kontor(conf={"pipelines.yaml": STAGES % "open"}) as house:
        company = house.admin.post("/api/v1/companies", {"name": "Acme"}).json["id"]
        house.admin.post("/api/v1/deals", {"name": "D", "company": company, "amount": "100",
                                           "stage": "proposal"})
        house.file(STAGES % "won", house.conf / "pipelines.yaml")
        with test("what a changed pipeline says about stages reaches stored values"):
            contains("the plan says so", "open_value of company is computed anew",
                     house.must("plan"))
            house.must("apply", "--yes")
            value = house.admin.get("/api/v1/companies/%d" % company).json["open_value"]
            equal("open_value", "0.00", value["value"] if value else "0.00")
            found = house.admin.get("/api/v1/companies?filter=open_value > 0").json["count"]
            equal("found by it", 0, found)


single_requests()
long_write("a bulk change goes on by the configuration applied in its middle", "the bulk change", bulk, judge_bulk)
long_write("so does an import", "the import", imported, judge_import)
roll_ups()
pipelines()
finish()
