#!/usr/bin/python3
"""A filter as its parts, for who builds one by hand: the tree of the one grammar, with the rights of who asks."""
import urllib.parse

from kontor import Kontor, check, equal, finish

RIGHTS = "{see: all, create: all, edit: all, delete: own, export: all}"
CONF = {"roles.yaml": """
clerk:
  label: Clerk
  entities: {"*": %s}
  fields:
    company: {revenue: {see: false}}
""" % RIGHTS}


def ask(caller, plural, text):
    return caller.get("/api/v1/%s/filter?text=%s" % (plural, urllib.parse.quote(text)))


def refusals(k):
    wrong = ask(k.admin, "contacts", 'company.city = "Kiel" and nmae = 1')
    equal("filter__names_the_place", 400, wrong.status)
    check("filter__names_the_place_of_the_word", "at 27:" in wrong.json["error"]["text"], wrong.text)
    equal("filter__cut_short", 400, ask(k.admin, "contacts", "city =").status)
    equal("filter__of_nothing", {"tree": None}, ask(k.admin, "contacts", "").json)
    equal("filter__of_no_entity", 404, ask(k.admin, "nothings", "city = 1").status)


def trees(k):
    text = 'company.city in ("Kiel", "Husum") and (owner = me or not (created_at >= today() - 14 days))'
    tree = ask(k.admin, "contacts", text).json["tree"]
    equal("filter__groups", ("and", 2, text), (tree["op"], len(tree["args"]), tree["text"]))
    city, group = tree["args"]
    equal("filter__way_to_a_field", {"op": "field", "names": ["company", "city"]}, city["args"][0])
    equal("filter__part_of_the_text", 'company.city in ("Kiel", "Husum")', city["text"])
    equal("filter__brackets_are_no_part", "owner = me or not (created_at >= today() - 14 days)", group["text"])
    equal("filter__duration", {"op": "duration", "amount": 14, "unit": "day"}, group["args"][1]["args"][0]["args"][1]["args"][1])
    tree = ask(k.admin, "companies", "sum(deals.amount where stage.kind = \"open\") > 12.50").json["tree"]
    equal("filter__aggregate", ("sum", ["deals", "amount"], 'stage.kind = "open"', "12.50"),
          (tree["args"][0]["op"], tree["args"][0]["names"], tree["args"][0]["where"]["text"], tree["args"][1]["value"]))
    for part in ("city", "company.city"):
        same = ask(k.admin, "contacts", '"ü" = %s and %s = "ä"' % (part, part)).json["tree"]
        equal("filter__counts_bytes_of_%s" % part, '"ü" = %s' % part, same["args"][0]["text"])
    deep = "not " * 60 + "city is empty"
    check("filter__deep", ask(k.admin, "contacts", deep).status == 200, deep)
    sums = "1" + " + 1" * 55 + " > 2"
    check("filter__long_sum", ask(k.admin, "contacts", sums).status == 200, sums)
    check("filter__deep_brackets", ask(k.admin, "contacts", "(city is empty or (" * 29 + "city is empty" + "))" * 29).status == 200, "brackets")


def rights(k):
    clerk = k.add_user("clerk@example.com", role="clerk")
    for plural, text in (("companies", "revenue > 5"), ("contacts", "company.revenue > 5"), ("contacts", "count(activities) > 1 and company.revenue is empty")):
        equal("filter__of_hidden_%s" % text.split()[0], (400, 200), (ask(clerk, plural, text).status, ask(k.admin, plural, text).status))


with Kontor(CONF) as k:
    trees(k)
    refusals(k)
    rights(k)
finish()
