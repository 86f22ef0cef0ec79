#!/usr/bin/python3
"""Forecast and board of the sales data of a hardware seller (public sample data outside the tree) equal figures computed
from its CSV: won by month, owner and team, what is open by how sure it is, counts and sums of the stages."""
import collections
import csv
from decimal import Decimal

from kontor import SOURCE, Kontor, equal, finish, shared, test

FOLDER = "data/crm-csv/maven-crm-sales-opportunities"
FILES = [("user", "sales_teams"), ("company", "accounts"), ("product", "products"), ("deal", "sales_pipeline")]
SURE = {"Engaging": "best", "Prospecting": "pipeline"}


def rows(folder, name):
    with open(folder / (name + ".csv"), newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def totals(deals, key):
    """{key: (count, sum)}"""
    found = collections.defaultdict(lambda: [0, Decimal(0)])
    for d in deals:
        found[key(d)][0] += 1
        found[key(d)][1] += Decimal(d["close_value"] or 0)
    return {name: tuple(pair) for name, pair in found.items()}


def figure(cell, name):
    return (cell[name + "_count"], Decimal(cell[name]["value"]))


def filled(cells, name):
    """{month: (count, sum)} of months that have any."""
    return {m["month"]: figure(m, name) for m in cells["months"] if m[name + "_count"]}


def by_month(k, deals):
    answer = k.admin.get("/api/v1/forecast?pipeline=hardware&from=2017&to=2017").json
    won = [d for d in deals if d["deal_stage"] == "Won"]
    equal("forecast_maven__won_by_month", totals(won, lambda d: d["close_date"][:7]), filled(answer, "won"))
    equal("forecast_maven__won_in_total", totals(won, lambda d: 0)[0], figure(answer["total"], "won"))
    equal("forecast_maven__open_by_how_sure", totals([d for d in deals if d["deal_stage"] in SURE], lambda d: SURE[d["deal_stage"]]),
          {name: figure(answer["undated"], name) for name in ("best", "pipeline")})


def by_people(k, deals, teams):
    won = [d for d in deals if d["deal_stage"] == "Won"]
    for by, key in (("owner", lambda d: d["sales_agent"]), ("team", lambda d: teams[d["sales_agent"]])):
        answer = k.admin.get("/api/v1/forecast?pipeline=hardware&from=2017&to=2017&by=" + by).json
        equal("forecast_maven__won_by_" + by, totals(won, lambda d: (key(d), d["close_date"][:7])),
              {(g["title"], month): pair for g in answer["groups"] for month, pair in filled(g, "won").items()})
    one = won[0]["sales_agent"]
    answer = k.admin.get("/api/v1/forecast?pipeline=hardware&from=2017&to=2017&filter=owner = \"%s\"" % one).json
    equal("forecast_maven__of_one_owner", totals([d for d in won if d["sales_agent"] == one], lambda d: d["close_date"][:7]), filled(answer, "won"))


def by_stage(k, deals):
    board = k.admin.get("/api/v1/boards/hardware").json["stages"]
    equal("forecast_maven__board_by_stage", totals(deals, lambda d: d["deal_stage"].lower()),
          {s["id"]: (s["count"], Decimal(s["sum"]["value"])) for s in board})


folder = shared(FOLDER, "forecast_maven")
if folder:
    with Kontor(conf=SOURCE / "conf/examples/hardware-seller") as k:
        with test("forecast_maven__figures_are_those_of_the_file"):
            for entity, name in FILES:
                k.must("import", entity, folder / (name + ".csv"))
            found = rows(folder, "sales_pipeline")
            by_month(k, found)
            by_people(k, found, {r["sales_agent"]: r["regional_office"] for r in rows(folder, "sales_teams")})
            by_stage(k, found)
finish()
