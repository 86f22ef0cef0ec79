#!/usr/bin/python3
"""Amounts whose currency stands in a column of its own, beside the number, or in the mapping; and the way of an export back in."""
import csv
import io
import json

from kontor import Kontor, contains, equal, finish, test

MAP = """import: deal
header: [Name, Betrag, Währung]
columns:
  Name: name
  Betrag: {field: amount, currency: Währung}
  Währung: {values: {Euro: EUR, $: USD}}
"""
ROWS = "Name;Betrag;Währung\nEins;1.234,56;USD\nZwei;12,5;eur\nDrei;7;Euro\nVier;8;€\nFünf;9;$\nSechs;10;\nSieben;;USD\nAcht;5 CHF;\n"
IN_STORE = {"Eins": ("1234.56", "USD"), "Zwei": ("12.50", "EUR"), "Drei": ("7.00", "EUR"), "Vier": ("8.00", "EUR"),
            "Fünf": ("9.00", "USD"), "Sechs": ("10.00", "EUR"), "Sieben": None, "Acht": ("5.00", "CHF")}


def imported(k, content, *args, code=0):
    result = k.run("import", "deal", k.file(content, "deals.csv"), "--json", *args)
    if result.returncode != code:
        raise AssertionError("exit %d: %s %s" % (result.returncode, result.stdout, result.stderr))
    return result.stderr if code == 1 else json.loads(result.stdout)


def amounts(k):
    found = {d["name"]: d["amount"] for d in k.admin.items("/api/v1/deals")}
    return {name: a and (a["value"], a["currency"]) for name, a in found.items()}


def rejects(answer):
    with open(answer["rejects_file"], newline="", encoding="utf-8-sig") as file:
        return {r["Name"]: (r["rejected_column"], r["rejected_value"], r["rejected_reason"])
                for r in csv.DictReader(file, delimiter=";")}


def in_a_column(k):
    mapping = k.file(MAP, "money.yaml")
    answer = imported(k, ROWS, "--map", mapping)
    equal("import_money__all_rows_go_in", (8, 0), (answer["created"], answer["rejected"]))
    equal("import_money__currency_of_another_column", IN_STORE, amounts(k))
    k.must("undo", answer["change"])
    k.write_conf({"imports/money.yaml": MAP})
    k.must("apply")
    imported(k, ROWS)
    equal("import_money__mapping_of_the_configuration", IN_STORE, amounts(k))
    answer = imported(k, "Name;Betrag;Währung\nA;1;Taler\nB;2 USD;EUR\nC;3;EUR\nD;4;GBP\n", "--map", mapping, code=3)
    equal("import_money__good_rows_go_in_beside_bad_ones", (1, 3), (answer["created"], answer["rejected"]))
    told = rejects(answer)
    equal("import_money__bad_code_is_told", ("Währung", "Taler", "“Taler” is not a currency code of ISO 4217 like “EUR”"),
          told.get("A"))
    equal("import_money__two_currencies_are_told", ("Betrag", "2 USD"), told.get("B", ("", ""))[:2])
    contains("import_money__missing_rate_is_told", "There is no rate for GBP", told["D"][2])


def in_the_mapping(k):
    mapping = "import: deal\ncolumns:\n  Name: name\n  Amount USD: {field: amount, currency: usd}\n"
    told = imported(k, "Name,Amount USD\nNeun,5\n", "--map", k.file(mapping, "usd.yaml"), code=1)
    contains("import_money__code_is_checked_with_its_place", "usd.yaml:4:41:", told)
    imported(k, "Name,Amount USD\nNeun,5\n", "--map", k.file(mapping.replace("usd", "USD"), "usd.yaml"))
    equal("import_money__one_currency_for_all", ("5.00", "USD"), amounts(k)["Neun"])


def by_sign(k):
    imported(k, "name,amount\nZehn,€ 5\nElf,6 USD\n")
    told = k.run("import", "deal", k.file("name,amount\nPfund,£ 7\n", "pound.csv"))
    equal("import_money__sign_of_a_currency_without_rate", 3, told.returncode)
    equal("import_money__sign_beside_the_number", [("5.00", "EUR"), ("6.00", "USD")], [amounts(k)[n] for n in ("Zehn", "Elf")])


def signs_of_several(k):
    """A sign that may be of another currency than the base is never taken for the base."""
    rows = ["$ 2.500,00", "$2.501,00", "2.502,00 $", "12 kr", "¥ 13", "14 zł", "15 Kč", "Fr. 16", "17 STK", "18 %", "19 Taler", "20,00 €"]
    answer = imported(k, "name;amount\n" + "".join("S%d;%s\n" % (i, row) for i, row in enumerate(rows)), code=3)
    with open(answer["rejects_file"], newline="", encoding="utf-8-sig") as file:
        told = {r["rejected_value"]: r["rejected_reason"] for r in csv.DictReader(file, delimiter=";")}
    equal("import_money__unclear_currencies_are_rejected", sorted(rows[3:7] + rows[8:11]), sorted(told))
    contains("import_money__asks_which_krone", "SEK, NOK, DKK, ISK", told.get("12 kr", ""))
    contains("import_money__sign_needs_a_rate_like_a_code", "There is no rate for PLN", told.get("14 zł", ""))
    found = amounts(k)
    equal("import_money__dollar_is_no_euro", [("2500.00", "USD"), ("2501.00", "USD"), ("2502.00", "USD")],
          [found.get("S%d" % i) for i in range(3)])
    equal("import_money__francs_and_base", [("16.00", "CHF"), ("20.00", "EUR")], [found.get("S7"), found.get("S11")])
    mapping = "import: deal\ncolumns:\n  name: name\n  amount: {field: amount, currency: Cur}\n"
    answer = imported(k, "name,amount,Cur\nT0,$ 5,USD\nT1,6,kr\nT2,$ 7,CHF\n", "--map", k.file(mapping, "own.yaml"), code=3)
    equal("import_money__sign_beside_a_code", (1, 2), (answer["created"], answer["rejected"]))
    with Kontor(conf=CROWNS) as other:
        imported(other, "name,amount\nA,12 kr\nB,$ 13\n", code=3)
        equal("import_money__base_settles_the_sign", {"A": ("12.00", "NOK")}, amounts(other))


def there_and_back(k):
    text = k.must("export", "deal", "--fields", "name,amount")
    with Kontor(conf=RATES, start=False) as other:
        other.must("import", "deal", other.file(text, "deals.csv"))
        equal("import_money__export_comes_back", text, other.must("export", "deal", "--fields", "name,amount"))
    everything = k.must("export", "deal")
    again = k.run("import", "deal", k.file(everything, "all.csv"), "--match", "id", "--json")
    rows = len(list(csv.DictReader(io.StringIO(everything))))
    equal("import_money__export_changes_nothing", rows, json.loads(again.stdout)["unchanged"])


RATES = {"kontor.yaml": "name: Test\ncurrency: EUR\nzone: Europe/Berlin\npassword_cost: low\nrates: {USD: 0.92, CHF: 1.06}\n"}
CROWNS = {"kontor.yaml": "name: Test\ncurrency: NOK\nzone: Europe/Berlin\npassword_cost: low\n"}
with test("import_money__run"), Kontor(conf=RATES) as k:
    for part in (in_a_column, in_the_mapping, by_sign, signs_of_several, there_and_back):
        with test("import_money__%s" % part.__name__):
            part(k)
finish()
