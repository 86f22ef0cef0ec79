#!/usr/bin/python3
"""Rates of currencies by day: an amount is worth what it was on the day it was written, whether by hand or by a dated import, and
stays worth that when rates change; columns of the board add up in the base currency."""
import json

from kontor import Kontor, contains, equal, finish, test

CONF = """name: Test
currency: EUR
zone: Europe/Berlin
password_cost: low
rates:
  USD: {2025-01-01: 0.95, 2025-07-01: 0.85, 2026-01-01: 0.90}
  GBP: 1.20
"""


def worth(k, name):
    """The amount in the base currency, as the board adds it up."""
    answer = k.admin.get('/api/v1/boards/sales?filter=name = "%s"' % name).json
    return next((s["sum"]["value"] for s in answer["stages"] if s["count"]), None)


def new(k, name, value, currency):
    return k.admin.post("/api/v1/deals", {"name": name, "amount": {"value": value, "currency": currency}}).json


with test("rates"), Kontor(conf={"kontor.yaml": CONF}, init=True, start=True) as k:
    path = k.file("name,amount,day\nBefore all,100 USD,2024-05-01\nSpring,100 USD,2025-06-30\nSummer,100 USD,2025-07-01\n"
                  "Winter,100 USD,2026-02-01\nPounds,100 GBP,2026-02-01\n", "old.csv")
    answer = json.loads(k.must("import", "deal", path, "--at", "day", "--json"))
    equal("rates__dated_import", (5, 0), (answer["created"], answer["rejected"]))
    for name, wanted in (("Before all", "95.00"), ("Spring", "95.00"), ("Summer", "85.00"), ("Winter", "90.00"), ("Pounds", "120.00")):
        equal("rates__of_its_day_%s" % name.replace(" ", "_"), wanted, worth(k, name))
    stages = k.admin.get("/api/v1/boards/sales").json["stages"]
    equal("rates__board_adds_up_in_base_currency", {"value": "485.00", "currency": "EUR"}, stages[0]["sum"])
    today = new(k, "Today", "100", "USD")
    equal("rates__of_today", "90.00", worth(k, "Today"))
    k.write_conf({"kontor.yaml": CONF.replace("0.90", "0.50").replace("1.20", "2")})
    k.must("apply")
    equal("rates__new_ones_change_no_old_sums", "485.00", k.admin.get('/api/v1/boards/sales?filter=name != "Today"').json["stages"][0]["sum"]["value"])
    path_of = "/api/v1/deals/%d" % today["id"]
    k.admin.patch(path_of, {"amount": {"value": "100", "currency": "USD"}, "name": "Same"})
    equal("rates__the_same_amount_keeps_its_day", "90.00", worth(k, "Same"))
    k.admin.patch(path_of, {"amount": {"value": "101", "currency": "USD"}})
    equal("rates__another_amount_has_its_own", "50.50", worth(k, "Same"))
    change = k.admin.get("/api/v1/changes").json["items"][0]["id"]
    k.admin.post("/api/v1/changes/%s/undo" % change)
    equal("rates__undo_brings_back_what_it_was_worth", "90.00", worth(k, "Same"))
    line = k.admin.post("/api/v1/deal_lines", {"deal": today["id"], "name": "L", "price": {"value": "10", "currency": "USD"}}).json
    equal("rates__lines_of_today", "5.00", worth(k, "Same"))
    result = json.loads(k.must("import", "deal", k.file("name,amount\nSummer,100 USD\n", "same.csv"), "--match", "name", "--json"))
    equal("rates__the_same_file_changes_nothing", (0, 1), (result["updated"], result["unchanged"]))
    for text, part in (("rates: {USD: {yesterday: 1}}", "is not a day"), ("rates: {USD: {2025-01-01: x}}", "must be a rate"),
                       ("rates: {USD: []}", "must be a rate")):
        k.write_conf({"kontor.yaml": "name: T\ncurrency: EUR\n" + text + "\n"})
        result = k.run("check")
        contains("rates__configuration_%s" % part.replace(" ", "_"), part, result.stdout + result.stderr)
finish()
