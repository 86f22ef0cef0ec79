#!/usr/bin/python3
"""“1.500” is a thousand or a decimal: what decides in a file, what refuses it, and how to say it."""
import json

from kontor import Kontor, check, contains, equal, finish, test

CONF = {"fields.yaml": "company:\n  fields:\n    weight: {type: decimal, places: 3}\n"}
DEALS = "import: deal\ncolumns: {Name: name, Betrag: amount, Datum: {field: close_date}}\n"


def run(k, entity, rows, *args):
    return k.run("import", entity, k.file(rows, "rows.csv"), *args)


def stored(k, entity, rows, *args, field="amount"):
    """What an import stores by name, and what it says of the decimal sign; it is taken back."""
    result = run(k, entity, rows, *args)
    if result.returncode != 0:
        return (result.returncode, result.stderr + result.stdout)
    items = k.admin.items("/api/v1/" + {"deal": "deals", "company": "companies"}[entity])
    found = [r[field]["value"] if isinstance(r[field], dict) else r[field] for r in sorted(items, key=lambda r: r["name"])]
    k.must("undo", result.stdout.split("; change ")[1].split(".")[0])
    told = [part for part in result.stdout.split(", ") if part.startswith("decimal sign")]
    return found, told[0].split("“")[1][0] if told and "“" in told[0] else "".join(told)


def refused(k, name, rows, *parts, args=()):
    for more in ((), ("--dry-run",)):
        result = run(k, "deal", rows, *args, *more)
        equal("import_signs__%s_is_refused%s" % (name, "_dry" * len(more)), 1, result.returncode)
        for part in parts:
            contains("import_signs__%s_tells_%s" % (name, part.replace(" ", "_")), part, result.stderr)
    equal("import_signs__%s_imports_nothing" % name, [], k.admin.items("/api/v1/deals"))


def nothing_decides(k):
    refused(k, "lone_points", "Name;Amount\nB0;7\nB1;1.500\nB2;12.000\n", "rows.csv:3", "“1.500”", "“Amount”",
            "1500", "1.5 ", "--decimal comma", "decimal: comma")
    refused(k, "lone_commas", 'Name,Amount\nB1,"1,500"\n', "rows.csv:2", "“1,500”")
    refused(k, "behind_a_blank_that_does_not_break", "Name;Amount\nB1;US$\u00a01.500\n", "rows.csv:2")
    refused(k, "iso_dates", "Name;Amount;close_date\nB1;1.500;2026-11-21\n", "rows.csv:2")
    refused(k, "numbers_that_differ", "Name;Amount;Percent\nB1;1.500;12,5\nB2;45.9;12,5\nB3;45,9;7\n", "rows.csv:2")


def numbers_decide(k):
    for name, rows, want in (
            ("the_column_with_both_signs", "B1;1.500\nB2;2.345,50\n", ["1500.00", "2345.50"]),
            ("the_column_with_commas", "B1;1.500\nB2;45,9\n", ["1500.00", "45.90"]),
            ("the_column_with_millions", "B1;1.500\nB2;1.234.567\n", ["1500.00", "1234567.00"]),
            ("the_column_with_no_cents", "B1;1.500\nB2;2.000,- €\n", ["1500.00", "2000.00"])):
        equal("import_signs__%s_decides" % name, (want, ","), stored(k, "deal", "Name;Amount\n" + rows))
    for name, rows, want in (
            ("the_column_with_points", "B1;1.500\nB2;12.5\n", ["1.50", "12.50"]),
            ("the_english_column", "B1;1,500\nB2;1,234.5\n", ["1500.00", "1234.50"]),
            ("four_places", "B1;1.500\nB2;12.5000\n", ["1.50", "12.50"])):
        equal("import_signs__%s_decides" % name, (want, "."), stored(k, "deal", "Name;Amount\n" + rows))
    equal("import_signs__another_column_decides", (["1500.00", "7.00"], ","),
          stored(k, "deal", "Name;Amount;Percent\nB1;1.500;\nB2;7;12,5\n"))
    equal("import_signs__whole_numbers_decide", (["1500.00", None], ","),
          stored(k, "company", "Name;Revenue;Employees\nB1;1.500;\nB2;;1.250\n", field="revenue"))
    equal("import_signs__plain_numbers_need_no_sign", (["1500.00", "7.00"], ""),
          stored(k, "deal", "Name;Amount\nB1;1500\nB2;7\n"))


def number_fields(k):
    rows = "Name;Weight\nB1;1.500\nB2;12.000\n"
    result = run(k, "company", rows)
    equal("import_signs__number_fields_are_refused_too", 1, result.returncode)
    contains("import_signs__number_fields_name_the_line", "rows.csv:2", result.stderr)
    equal("import_signs__whole_number_like_1.000_is_refused", 1, run(k, "company", "Name;Employees\nB1;1.000\n").returncode)
    equal("import_signs__number_with_a_point", (["1.500", "12.000"], "."),
          stored(k, "company", rows, "--decimal", "point", field="weight"))
    equal("import_signs__number_with_a_comma", (["1500.000", "12000.000"], ","),
          stored(k, "company", rows, "--decimal", "comma", field="weight"))
    k.must("import", "company", k.file("Name;Weight\nB1;1,5\n", "weight.csv"))
    everything = k.must("export", "company")
    again = k.run("import", "company", k.file(everything, "all.csv"), "--match", "id", "--json")
    equal("import_signs__an_export_comes_back", (0, 1), (again.returncode, json.loads(again.stdout or "{}").get("unchanged")))


def the_file_decides(k):
    equal("import_signs__semicolons_and_dotted_dates", (["1500.00"], ","),
          stored(k, "deal", "Name;Betrag;Datum\nB1;1.500;21.11.2026\n", "--map", k.file(DEALS, "deals.yaml")))
    equal("import_signs__commas_and_month_first", (["1500.00"], "."),
          stored(k, "deal", 'Name,Amount,close_date\nB1,"1,500",11/21/2026\n'))
    equal("import_signs__numbers_come_before_dates", (["1.50", "7.25"], "."),
          stored(k, "deal", "Name;Amount;close_date\nB1;1.500;21.11.2026\nB2;7.25;\n"))


def said(k):
    rows = "Name;Betrag\nB1;1.500\n"
    mapping = "import: deal\nheader: [Name, Betrag]\n%scolumns: {Name: name, Betrag: %s}\n"
    equal("import_signs__option", (["1500.00"], ","), stored(k, "deal", "Name;Amount\nB1;1.500\n", "--decimal", "comma"))
    for name, yaml, want in (("mapping", mapping % ("decimal: comma\n", "amount"), "1500.00"),
                             ("column", mapping % ("", "{field: amount, decimal: point}"), "1.50"),
                             ("column_before_mapping", mapping % ("decimal: comma\n", "{field: amount, decimal: point}"), "1.50")):
        equal("import_signs__%s_says_it" % name, [want], stored(k, "deal", rows, "--map", k.file(yaml, "m.yaml"))[0])
    equal("import_signs__option_before_mapping", (["1.50"], "."),
          stored(k, "deal", rows, "--map", k.file(mapping % ("decimal: comma\n", "amount"), "m.yaml"), "--decimal", "point"))
    wrong = run(k, "deal", rows, "--decimal", "komma")
    equal("import_signs__wrong_word_of_the_option", 1, wrong.returncode)
    contains("import_signs__wrong_word_is_told", "“comma” or “point”", wrong.stderr)
    told = run(k, "deal", rows, "--map", k.file(mapping % ("decimal: komma\n", "amount"), "m.yaml")).stderr
    contains("import_signs__wrong_word_of_a_mapping", "m.yaml:3:10", told)
    k.write_conf({"imports/deals.yaml": mapping % ("decimal: komma\n", "{field: amount, decimal: 1}")})
    told = k.run("check").stderr
    check("import_signs__check_tells_wrong_words", "deals.yaml:3:10" in told and "deals.yaml:4:" in told, told)
    k.write_conf({"imports/deals.yaml": mapping % ("decimal: comma\n", "amount")})
    k.must("apply")
    equal("import_signs__mapping_of_the_configuration", (["1500.00"], ","), stored(k, "deal", rows))
    wrong = k.admin.post("/api/v1/imports", {"entity": "deal", "decimal": "x"})
    equal("import_signs__api_refuses_a_wrong_word", (422, "decimal"), (wrong.status, wrong.json["error"]["fields"][0]["where"]))


with test("import_signs__run"), Kontor(conf=CONF) as k:
    for part in (nothing_decides, numbers_decide, number_fields, the_file_decides, said):
        with test("import_signs__%s" % part.__name__):
            part(k)
finish()
