#!/usr/bin/python3
"""Lines of deals: what each comes to is rounded for itself, half away from zero; their sum is the amount of the deal, which nobody
else sets then. Every way in and out: API, bulk, import, export, bin, merge, undo. All in one currency, with the rights of the deal."""
import csv
import decimal
import io
import json
import random

from kontor import Kontor, check, contains, equal, finish, test

CONF = {"kontor.yaml": "name: Test\ncurrency: EUR\nzone: Europe/Berlin\npassword_cost: low\nrates: {USD: 0.9, JPY: 0.0061}\n"}
D = decimal.Decimal


def rounded(x, places=2):
    return x.quantize(D(1).scaleb(-places), rounding=decimal.ROUND_HALF_UP)


class Deals:
    def __init__(self, k):
        self.k, self.a = k, k.admin

    def deal(self, **more):
        return self.a.post("/api/v1/deals", {"name": "D", **more}).json["id"]

    def line(self, deal, client=None, **more):
        return (client or self.a).post("/api/v1/deal_lines", {"deal": deal, "name": "L", **more})

    def amount(self, deal):
        value = self.a.get("/api/v1/deals/%d" % deal).json["amount"]
        return value and (value["value"], value["currency"])

    def last(self):
        return self.a.get("/api/v1/changes").json["items"][0]["id"]

    def undo(self):
        return self.a.post("/api/v1/changes/%s/undo" % self.last())


def check_rounding(d):
    rnd = random.Random(5)
    deal, total = d.deal(), D(0)
    cases = [("1", "0.05", "50", "10"), ("3", "0.15", "33.33", "7.7"), ("-1", "0.05", "50", "10"), ("0.005", "1", None, "19"),
             ("0.015", "1", "0", None)]
    cases += [("%d.%03d" % (rnd.randrange(50), rnd.randrange(1000)), "%d.%02d" % (rnd.randrange(5000), rnd.randrange(100)),
               "%d.%02d" % (rnd.randrange(100), rnd.randrange(100)), rnd.choice(["19", "7", "8.1", None])) for _ in range(25)]
    for quantity, price, discount, tax in cases:
        answer = d.line(deal, quantity=quantity, price=price, discount=discount, tax=tax)
        net = rounded(D(quantity) * D(price) * (100 - D(discount or 0)) / 100)
        tax_amount = rounded(net * D(tax) / 100) if tax else None
        total += net
        got = answer.json
        equal("deal_lines__rounds_%s_times_%s_less_%s" % (quantity, price, discount), (net, tax_amount),
              (D(got["total"]["value"]), got["tax_amount"] and D(got["tax_amount"]["value"])))
    equal("deal_lines__sum_is_the_amount", (str(total), "EUR"), d.amount(deal))
    deal = d.deal()
    equal("deal_lines__without_places_in_yen", "13", d.line(deal, quantity="2.5", price={"value": "5", "currency": "JPY"}).json["total"]["value"])
    equal("deal_lines__amount_in_their_currency", ("13", "JPY"), d.amount(deal))


def check_products(d):
    product = d.a.post("/api/v1/products", {"name": "Panel", "price": {"value": "120.50", "currency": "USD"}}).json["id"]
    deal = d.deal()
    line = d.a.post("/api/v1/deal_lines", {"deal": deal, "product": product, "quantity": "2"}).json
    equal("deal_lines__name_and_price_of_the_product", ("Panel", {"value": "120.50", "currency": "USD"}, "241.00"),
          (line["name"], line["price"], line["total"]["value"]))
    equal("deal_lines__amount_in_dollars", ("241.00", "USD"), d.amount(deal))
    own = d.a.post("/api/v1/deal_lines", {"deal": deal, "product": product, "price": {"value": "1", "currency": "USD"}, "name": "Own"}).json
    equal("deal_lines__what_is_said_goes_before_the_product", ("Own", "1.00"), (own["name"], own["price"]["value"]))
    answer = d.line(deal, price="5")
    equal("deal_lines__mixed_currencies_are_refused", (422, "deal_line.price"),
          (answer.status, answer.json["error"]["fields"][0]["where"]))
    contains("deal_lines__mixed_currencies_are_named", "USD", answer.text)
    equal("deal_lines__refused_ones_leave_nothing", ("242.00", "USD"), d.amount(deal))
    board = d.a.get("/api/v1/boards/sales?filter=id = %d" % deal).json["stages"][0]
    equal("deal_lines__board_sums_in_base_currency", "217.80", board["sum"]["value"])
    answer = d.a.post("/api/v1/deal_lines?dry_run=1", {"deal": deal, "product": product})
    equal("deal_lines__dry_run_tells_price_and_total", "120.50", answer.json["total"]["value"])
    answer = d.a.post("/api/v1/deal_lines", {"deal": deal})
    equal("deal_lines__need_a_name", (422, ["deal_line.name"]), (answer.status, [f["where"] for f in answer.json["error"]["fields"]]))


def check_amount(d):
    deal = d.deal(amount="77.10")
    path = "/api/v1/deals/%d" % deal
    one = d.line(deal, price="10", quantity="3").json["id"]
    equal("deal_lines__take_over_the_amount", ("30.00", "EUR"), d.amount(deal))
    answer = d.a.patch(path, {"amount": "5"})
    equal("deal_lines__amount_is_theirs", (422, "deal.amount"), (answer.status, answer.json["error"]["fields"][0]["where"]))
    contains("deal_lines__amount_says_why", "Lines", answer.json["error"]["fields"][0]["text"])
    equal("deal_lines__same_amount_is_no_change", 200, d.a.patch(path, {"amount": "30", "name": "E"}).status)
    draft = d.a.patch(path + "?dry_run=1", {}).json
    check("deal_lines__forms_know_it", "amount" in draft["draft"]["readonly"], lambda: json.dumps(draft)[:300])
    two = d.line(deal, price="1").json["id"]
    equal("deal_lines__second_adds", "31.00", d.amount(deal)[0])
    equal("deal_lines__undo_of_a_line", 200, d.undo().status)
    equal("deal_lines__undo_takes_amount_back", "30.00", d.amount(deal)[0])
    d.a.patch("/api/v1/deal_lines/%d" % one, {"quantity": "4", "discount": "50"})
    equal("deal_lines__change_of_a_line", "20.00", d.amount(deal)[0])
    d.undo()
    equal("deal_lines__undo_of_a_change", ("30.00", "EUR"), d.amount(deal))
    d.a.delete("/api/v1/deal_lines/%d" % one)
    equal("deal_lines__without_lines_it_stays", "30.00", d.amount(deal)[0])
    equal("deal_lines__without_lines_it_is_free", 200, d.a.patch(path, {"amount": "8"}).status)
    d.a.post("/api/v1/deal_lines/%d/restore" % one, {})
    equal("deal_lines__restored_ones_count", "30.00", d.amount(deal)[0])
    d.a.post("/api/v1/deal_lines/%d/restore" % two, {})
    equal("deal_lines__all_of_them", "31.00", d.amount(deal)[0])


def check_first_undo(d):
    deal = d.deal(amount="77.10")
    before = d.a.get("/api/v1/deals/%d" % deal).json
    d.line(deal, price="10", quantity="3")
    d.undo()
    after = d.a.get("/api/v1/deals/%d" % deal).json
    equal("deal_lines__undo_of_the_first_brings_the_own_amount_back", before["amount"], after["amount"])


def check_moves(d):
    one, two = d.deal(), d.deal()
    line = d.line(one, price="10").json["id"]
    d.line(one, price="5")
    d.line(two, price="1")
    d.a.patch("/api/v1/deal_lines/%d" % line, {"deal": two})
    equal("deal_lines__move_to_another_deal", ("5.00", "11.00"), (d.amount(one)[0], d.amount(two)[0]))
    d.undo()
    equal("deal_lines__move_undone", ("15.00", "1.00"), (d.amount(one)[0], d.amount(two)[0]))
    answer = d.a.post("/api/v1/deal_lines/bulk", {"filter": "deal = %d" % one, "set": {"discount": "10"}})
    equal("deal_lines__bulk", (2, "13.50"), (answer.json["changed"], d.amount(one)[0]))
    d.undo()
    equal("deal_lines__bulk_undone", "15.00", d.amount(one)[0])
    answer = d.a.post("/api/v1/deals/merge", {"into": one, "from": [two]})
    equal("deal_lines__merge_of_deals", (200, "16.00"), (answer.status, d.amount(one)[0]))
    d.a.post("/api/v1/changes/%s/undo" % answer.json["change"])
    equal("deal_lines__merge_undone", ("15.00", "1.00"), (d.amount(one)[0], d.amount(two)[0]))


def check_rights(d):
    d.k.add_user("max@example.com", role="member")
    max_ = d.k.client("max@example.com")
    theirs, own = d.deal(amount="1"), max_.post("/api/v1/deals", {"name": "Own"}).json["id"]
    equal("deal_lines__only_who_may_edit_the_deal", 403, d.line(theirs, client=max_, price="5").status)
    equal("deal_lines__nothing_happened", ("1.00", "EUR"), d.amount(theirs))
    equal("deal_lines__of_own_deals", 201, d.line(own, client=max_, price="5").status)
    line = d.line(theirs, price="5", owner={"email": "max@example.com"}).json["id"]
    equal("deal_lines__deleting_needs_the_deal_too", 403, max_.delete("/api/v1/deal_lines/%d" % line).status)


def check_files(d):
    k = d.k
    deal = d.deal(name="From a file")
    d.a.post("/api/v1/products", {"name": "Inverter", "sku": "INV", "price": "400"})
    path = k.file("deal,product,quantity,discount,tax\nFrom a file,Inverter,2,10,19\nFrom a file,Inverter,1,,19\n", "lines.csv")
    result = k.run("import", "deal_line", path, "--json")
    answer = json.loads(result.stdout)
    equal("deal_lines__import", (2, 0, "1120.00"), (answer["created"], answer["rejected"], d.amount(deal)[0]))
    rows = list(csv.DictReader(io.StringIO(k.must("export", "deal_line", "--filter", "deal = %d" % deal))))
    equal("deal_lines__export", [("Inverter", "2.000", "720.00", "136.80"), ("Inverter", "1.000", "400.00", "76.00")],
          [(r["product"], r["quantity"], r["total"], r["tax_amount"]) for r in rows])
    k.must("undo", str(answer["change"]))
    equal("deal_lines__import_undone", None, d.amount(deal))
    out = k.must("export", "deal_line")
    result = k.run("import", "deal_line", k.file(out, "own.csv"), "--json")
    answer = json.loads(result.stdout)
    equal("deal_lines__own_export_changes_nothing", (0, 0, 0), (answer["created"], answer["updated"], answer["rejected"]))


def check_takeout(d):
    """Everything out and into an empty system: lines and amounts are what they were, in the rates of their day."""
    k = d.k
    d.a.patch("/api/v1/deals/%d" % d.deal(amount="3"), {"name": "Plain"})
    folder = k.top / "everything"
    k.must("export", "--all", folder)
    dump = lambda one: [one.must("export", entity) for entity in ("deal", "deal_line")]
    with Kontor(conf=CONF, init=False, start=False) as other:
        other.must("init")
        other.must("import", "--all", folder)
        equal("deal_lines__everything_out_and_in", dump(k), dump(other))


def check_configuration(k):
    bad = {"lines: {of: deal}": "must say of what", "lines: {of: name, sum: amount}": "must name a link",
           "lines: {of: deal, sum: name}": "must name an amount", "lines: {of: deal, sum: amount}": "has its lines in deal_line"}
    for text, part in bad.items():
        k.write_conf({"entities/x.yaml": "entity: x\ntitle: name\n%s\nfields:\n  name: {type: text}\n  deal: {type: link, to: deal}\n"
                      "  quantity: {type: integer}\n  price: {type: money}\n  total: {type: money}\n" % text})
        result = k.run("check")
        contains("deal_lines__configuration_%s" % part.replace(" ", "_"), part, result.stdout + result.stderr)


with test("deal_lines"), Kontor(conf=CONF) as k:
    d = Deals(k)
    check_rounding(d)
    check_products(d)
    check_amount(d)
    check_first_undo(d)
    check_moves(d)
    check_rights(d)
    check_files(d)
    check_takeout(d)
    check_configuration(k)
finish()
