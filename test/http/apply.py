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


def bulk(house, client, result):
    result["answer"] = client.post("/api/v1/contacts/bulk",
                                   {"filter": "", "set": {"job_title": "Smith"}}, timeout=300)


def long_requests():
    rows = "".join("Ann%d,Lee\n" % i for i in range(4000))
    with Kontor() as house:
        house.must("import", "contact", house.file("first_name,last_name\n" + rows, "c.csv"))
        result = {}
        client = Client(house.port)
        client.sign_in(ADMIN)
        changed = '/api/v1/contacts?filter=job_title = "Smith"&limit=1'
        thread = threading.Thread(target=bulk, args=(house, client, result))
        thread.start()
        until = time.monotonic() + 60
        while house.admin.get(changed).json["count"] == 0 and time.monotonic() < until:
            time.sleep(0.02)
        apply(house, CONTACT)
        running = thread.is_alive()
        thread.join()
        with test("a bulk change goes on by the configuration applied in its middle"):
            check("the bulk change was still running", running)
            equal("status", 200, result["answer"].status)
            equal("changed", 4000, result["answer"].json["changed"])
            empty = house.admin.get("/api/v1/contacts?filter=echo is empty&limit=1").json["count"]
            equal("records without the new computed value", 0, empty)


def imports():
    rows = "".join("Ann%d,Lee,Smith\n" % i for i in range(12000))
    with Kontor() as house:
        path = house.file("first_name,last_name,job_title\n" + rows, "c.csv")
        result = {}
        thread = threading.Thread(
            target=lambda: result.update(answer=house.run("import", "contact", path)))
        thread.start()
        until = time.monotonic() + 60
        while (house.admin.get("/api/v1/contacts?limit=1").json["count"] == 0 and
               time.monotonic() < until):
            time.sleep(0.02)
        apply(house, CONTACT)
        running = thread.is_alive()
        thread.join()
        with test("so does an import"):
            check("the import was still running", running)
            contains("what it says", "12000 created, 0 updated, 0 unchanged, 0 rejected",
                     result["answer"].stdout)
            empty = house.admin.get("/api/v1/contacts?filter=echo is empty&limit=1").json["count"]
            equal("records without the new computed value", 0, empty)


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
long_requests()
imports()
roll_ups()
pipelines()
finish()
