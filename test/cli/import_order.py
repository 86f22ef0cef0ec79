#!/usr/bin/python3
"""In which order an import writes its rows: a large file in the order of the titles, when nothing depends on the order of the
file; else, and for small files, in that of the file. Whatever the order, the outcome is that of the file."""
import csv
import io
import json
import random

from kontor import Kontor, equal, finish, test

ROWS = 1500
random.seed(11)
NAMES = random.sample(["%s%s%03d" % (a, b, n) for a in "bdfhkmrtz" for b in "aeiou" for n in range(40)], ROWS)
LAST = "zzz last"


def run_import(k, entity, text, *args, code=0):
    result = k.run("import", entity, k.file(text, "rows.csv"), "--json", *args)
    if result.returncode != code:
        raise AssertionError("exit %d: %s %s" % (result.returncode, result.stdout, result.stderr))
    return json.loads(result.stdout)


def counts(answer):
    return tuple(answer[key] for key in ("created", "updated", "unchanged", "rejected"))


def rows_of(k, entity, fields):
    text = k.must("export", entity, "--fields", fields)
    return list(csv.DictReader(io.StringIO(text, newline="")))


def rejects_of(answer):
    with open(answer["rejects_file"], newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def by_id(k, entity, name):
    rows = sorted(rows_of(k, entity, "id," + name), key=lambda r: int(r["id"]))
    return [r[name] for r in rows if r[name] in set(NAMES)]


def people(n=ROWS):
    """first name, last name, e-mail: sorted by the last name, as titles of people are."""
    return ["Jo,%s,%s@order.example" % (name, name) for name in NAMES[:n]]


def contacts(lines):
    return "first_name,last_name,emails\n" + "\n".join(lines) + "\n"


def check_titles(k):
    answer = run_import(k, "contact", contacts(people()), "--match", "email")
    equal("import_order__all_rows", (ROWS, 0, 0, 0), counts(answer))
    equal("import_order__is_that_of_titles", sorted(NAMES), by_id(k, "contact", "last_name"))
    again = run_import(k, "contact", contacts(people()), "--match", "email", "--dry-run")
    equal("import_order__preview_counts", (0, 0, ROWS, 0), counts(again))
    undone = k.admin.post("/api/v1/changes/%d/undo" % answer["change"])
    equal("import_order__undo", (ROWS, []), (undone.json["undone"], by_id(k, "contact", "last_name")))


def check_small(k):
    run_import(k, "contact", contacts(people(900)), "--match", "email")
    equal("import_order__small_files_keep_theirs", NAMES[:900], by_id(k, "contact", "last_name"))


def check_same_key(k):
    """Two rows of one person, the later one with the title that sorts first: it wins."""
    lines = people()
    lines.insert(30, "Zoe,%s,both@order.example" % LAST)
    lines.insert(1300, "Abe,aaa first,x@order.example; BOTH@order.example")
    answer = run_import(k, "contact", contacts(lines), "--match", "email")
    equal("import_order__same_key_counts", (ROWS + 1, 1, 0, 0), counts(answer))
    equal("import_order__later_row_wins", ["aaa first"],
          [r["last_name"] for r in rows_of(k, "contact", "first_name,last_name") if r["first_name"] != "Jo"])
    equal("import_order__doubles_keep_that_of_the_file", NAMES, by_id(k, "contact", "last_name"))


def check_same_record(k):
    """Two rows name different addresses of one record that is there."""
    emails = [{"value": mail, "label": "", "primary": False, "opt_out": False} for mail in ("one@old.example", "two@old.example")]
    made = k.admin.post("/api/v1/contacts", {"last_name": "Old", "emails": emails}).json["id"]
    lines = people()
    lines.insert(30, "Zoe,%s,one@old.example" % LAST)
    lines.insert(1300, "Abe,aaa first,two@old.example")
    answer = run_import(k, "contact", contacts(lines), "--match", "email")
    equal("import_order__same_record_counts", (ROWS, 2, 0, 0), counts(answer))
    equal("import_order__later_row_of_a_record_wins", "aaa first", k.admin.get("/api/v1/contacts/%d" % made).json["last_name"])


def check_hidden_record(k):
    """The order does not tell that two addresses belong to one record the importer may not see."""
    k.add_user("few@example.com", role="few")
    emails = [{"value": mail, "label": "", "primary": False, "opt_out": False} for mail in ("one@old.example", "two@old.example")]
    assert k.admin.post("/api/v1/contacts", {"last_name": "Old", "emails": emails}).status == 201
    lines = people()
    lines.insert(30, "Zoe,%s,one@old.example" % LAST)
    lines.insert(1300, "Abe,aaa first,two@old.example")
    answer = run_import(k, "contact", contacts(lines), "--match", "email", "--as", "few@example.com")
    equal("import_order__hidden_record_is_not_found", (ROWS + 2, 0, 0, 0), counts(answer))
    equal("import_order__hidden_record_does_not_show", sorted(NAMES), by_id(k, "contact", "last_name"))


def products(lines):
    return "name,sku\n" + "\n".join(lines) + "\n"


def check_unique(k):
    """The first row of the file has the value, whatever its title."""
    lines = ["%s,S-%d" % (name, i) for i, name in enumerate(NAMES)]
    lines.insert(100, LAST + ",S-Twice")
    lines.insert(1200, "aaa first,s-twice")
    answer = run_import(k, "product", products(lines), code=3)
    equal("import_order__unique_counts", (ROWS + 1, 0, 0, 1), counts(answer))
    equal("import_order__first_row_has_the_value", [LAST],
          [r["name"] for r in rows_of(k, "product", "name,sku") if r["sku"].lower() == "s-twice"])
    equal("import_order__the_later_is_rejected", [("aaa first", "sku")],
          [(r["name"], r["rejected_column"]) for r in rejects_of(answer)])
    equal("import_order__unique_without_doubles", (ROWS, 0, 0, 0),
          counts(run_import(k, "product", products("%s new,N-%d" % (name, i) for i, name in enumerate(NAMES)))))


def check_freed(k):
    """A row frees a unique value, a later one takes it."""
    run_import(k, "product", products("%s,F-%d" % (name, i) for i, name in enumerate(NAMES)))
    ids = {r["name"]: r["id"] for r in rows_of(k, "product", "id,name")}
    order = sorted(range(ROWS), key=lambda i: NAMES[i], reverse=True)
    lines = ["%s,%s,%s" % (ids[NAMES[i]], NAMES[i], "F-free" if n == 0 else "F-%d" % order[n - 1]) for n, i in enumerate(order)]
    answer = run_import(k, "product", "id,name,sku\n" + "\n".join(lines) + "\n", "--match", "id")
    equal("import_order__freed_values_are_taken", (0, ROWS, 0, 0), counts(answer))


def check_own_links(k):
    """Parents further down, and links that make what they name."""
    lines = ["%s,%s" % (name, NAMES[-1 - i] if i % 2 == 0 and i < ROWS // 2 else "") for i, name in enumerate(NAMES)]
    answer = run_import(k, "company", "name,parent\n" + "\n".join(lines) + "\n")
    equal("import_order__parents_counts", (ROWS, 0, 0, 0), counts(answer))
    parents = {r["name"]: r["parent"] for r in rows_of(k, "company", "name,parent")}
    equal("import_order__parents_are_linked", {tuple(line.split(",")) for line in lines}, set(parents.items()))


def check_made_links(k):
    """The spelling of a company that is made is that of the first row, and near-doubles are rejected against it."""
    lines = ["%s,%s" % (name, "") for name in NAMES]
    lines.insert(100, LAST + ",North Wind")
    lines.insert(1200, "aaa first,NORTH wind")
    lines.insert(1300, "aaa second,Northwind")
    answer = run_import(k, "contact", "last_name,company\n" + "\n".join(lines) + "\n", "--create-links", code=3)
    equal("import_order__made_links_counts", (ROWS + 2, 0, 0, 1), counts(answer))
    equal("import_order__made_links_are_spelt_as_first", ["North Wind"], [r["name"] for r in rows_of(k, "company", "name")])
    equal("import_order__near_doubles_of_made_links", ["aaa second"], [r["last_name"] for r in rejects_of(answer)])


def check_conditions(k):
    """A condition that looks at other deals of the company lets the first rows of the file through."""
    run_import(k, "company", "name\nLimited\n")
    lines = ["%s,Limited" % name for name in NAMES]
    answer = run_import(k, "deal", "name,company\n" + "\n".join(lines) + "\n", code=3)
    equal("import_order__conditions_counts", (1000, 0, 0, ROWS - 1000), counts(answer))
    equal("import_order__conditions_keep_that_of_the_file", NAMES[:1000], by_id(k, "deal", "name"))


def check_rejects(k):
    """Rows are rejected in the order of the file, each once, with all its cells; they may come again."""
    bad = sorted(random.sample(range(ROWS), 200))
    birthdays = {i: "2025-02-30" for i in bad}
    lines = ["%s,%s,%s" % (line, birthdays.get(i, "1980-01-02"), i) for i, line in enumerate(people())]
    head = "first_name,last_name,emails,birthday,job_title\n"
    dry = run_import(k, "contact", head + "\n".join(lines) + "\n", "--match", "email", "--dry-run", code=3)
    equal("import_order__rejects_in_preview", (ROWS - 200, 0, 0, 200), counts(dry))
    answer = run_import(k, "contact", head + "\n".join(lines) + "\n", "--match", "email", code=3)
    equal("import_order__rejects_counts", (ROWS - 200, 0, 0, 200), counts(answer))
    rejects = rejects_of(answer)
    equal("import_order__rejects_have_that_of_the_file", [(NAMES[i], str(i), "birthday") for i in bad],
          [(r["last_name"], r["job_title"], r["rejected_column"]) for r in rejects])
    equal("import_order__rest_is_that_of_titles", sorted(set(NAMES) - {NAMES[i] for i in bad}), by_id(k, "contact", "last_name"))
    with open(answer["rejects_file"], encoding="utf-8") as file:
        text = file.read().replace("2025-02-30", "1980-01-02")
    equal("import_order__rejects_come_again", (200, 0, 0, 0), counts(run_import(k, "contact", text, "--match", "email")))


LIMIT = """deal:
  fields:
    ticket: {type: text, required: {if: 'count(company.deals) > 1000'}}
"""

FEW = """few:
  label: Sees his own
  entities:
    "*": {see: own, create: all, edit: own, delete: own, export: own, import: all}
"""
CONF = {check_conditions: {"fields.yaml": LIMIT}, check_hidden_record: {"roles.yaml": FEW}}

for part in (check_titles, check_small, check_same_key, check_same_record, check_hidden_record, check_unique, check_freed, check_own_links,
             check_made_links, check_conditions, check_rejects):
    with test("import_order__%s" % part.__name__), Kontor(conf=CONF.get(part)) as k:
        part(k)
finish()
