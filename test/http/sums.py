#!/usr/bin/python3
"""Sums of amounts that fit no 64 bits: boards and groups tell them to the last cent, roll-ups are empty rather than wrong."""
from decimal import ROUND_HALF_UP, Decimal

from kontor import Kontor, equal, finish

CONF = {"kontor.yaml": "name: Test\ncurrency: EUR\nzone: Europe/Berlin\n", "pipelines.yaml": """
plain:
  entity: job
  stages: [{id: asked, percent: 37}, {id: sure, percent: 90}]
sales:
  entity: deal
  stages: [{id: enquiry, percent: 10}, {id: won, kind: won}]
""", "entities/job.yaml": """
entity: job
plural: jobs
fields:
  name:     {type: text}
  company:  {type: link, to: company}
  pipeline: {type: pipeline}
  stage:    {type: stage}
  price:    {type: money}
""", "fields.yaml": """
company:
  fields:
    jobs_worth: {type: money, compute: 'sum(jobs.price)'}
"""}
LARGEST, ROWS = "90071992547409.91", 1100


def cents(amount):
    return str(amount.quantize(Decimal("0.01"), ROUND_HALF_UP))


def make(k, plural, **fields):
    answer = k.admin.post("/api/v1/" + plural, fields)
    assert answer.status == 201, answer
    return answer.json["id"]


def worth(k, pipeline, stage):
    board = k.admin.get("/api/v1/boards/" + pipeline).json["stages"]
    found = [s for s in board if s["id"] == stage][0]
    return found["count"], found["sum"]["value"], found["weighted"]["value"]


def bring(k, entity, header, row):
    rows = "".join("x%d,Nordwind,%s\n" % (n, row) for n in range(ROWS))
    k.must("import", entity, k.file("name,company,%s\n%s" % (header, rows), entity + ".csv"))


with Kontor(conf=CONF) as k:
    path = "/api/v1/companies/%d" % make(k, "companies", name="Nordwind")
    for sign, job, rate, deal in (("", "sure", "0.90", "won"), ("-", "asked", "0.37", "enquiry")):
        bring(k, "job", "stage,price", "%s,%s" % (job, sign + LARGEST))
        bring(k, "deal", "stage,amount,percent", "%s,%s,33.33" % (deal, sign + LARGEST))
        total = Decimal(sign + LARGEST) * ROWS
        equal("sums__by_the_percent_of_" + job, (ROWS, cents(total), cents(total * Decimal(rate))), worth(k, "plain", job))
        equal("sums__by_the_percent_of_records_" + deal, (ROWS, cents(total), cents(total * Decimal("0.3333"))), worth(k, "sales", deal))
        groups = k.admin.get("/api/v1/jobs?group=stage&filter=stage = \"%s\"" % job).json["groups"]
        equal("sums__of_groups_" + job, [cents(total)], [g["sums"]["price"] for g in groups])
        equal("sums__of_roll_ups_" + job, {"value": "0.00", "currency": "EUR"} if sign else None, k.admin.get(path).json["jobs_worth"])
    counts = {"sum(jobs.price where price > 0) = 0": 0, "sum(jobs.price where price > 0) is empty": 1, "sum(jobs.price) = 0": 1,
              "sum(jobs.price where price = 1) = 0": 1, "avg(jobs.price where price = 1) is empty": 1}
    for condition, count in counts.items():
        equal("sums__" + condition, count, k.admin.get("/api/v1/companies?filter=" + condition).json["count"])
finish()
