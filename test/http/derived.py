#!/usr/bin/python3
"""Rights that hang on links: an empty link gives nobody a right, in lists, by id, by search, in links and sums."""
from kontor import Kontor, check, equal, finish

ROLES = """
own:
  label: Own
  entities:
    "*": {see: own, create: all, edit: own, delete: own, export: own, import: all}
team:
  label: Team
  entities:
    "*": {see: team, create: all, edit: team, delete: team, export: team}
"""
PAPER = """entity: paper
label: Paper
plural: papers
title: name
fields:
  name: {type: text, required: true, search: true}
  company: {type: link, to: company}
"""
SHEET = """entity: sheet
label: Sheet
plural: sheets
title: name
visible: {all_of: [paper, cover]}
fields:
  name: {type: text, required: true, search: true}
  paper: {type: link, to: paper, required: true, reverse: sheets}
  cover: {type: link, to: paper, reverse: covered}
  sure: {type: bool}
"""
BOARD = """entity: notice
label: Notice
plural: notices
title: name
visible: {if: 'public'}
fields:
  name: {type: text, required: true, search: true}
  public: {type: bool}
"""


def make(who, plural, **body):
    answer = who.post("/api/v1/" + plural, body)
    assert answer.status == 201, answer
    return answer.json["id"]


def seen(who, plural):
    return sorted(r["name"] for r in who.items("/api/v1/%s?fields=name&limit=100" % plural))


def empty_links(k, own, team):
    mine, his = make(own, "papers", name="Mine"), make(k.admin, "papers", name="Foreign")
    both = make(k.admin, "sheets", name="Zeta both", paper=mine, cover=mine)
    half = make(k.admin, "sheets", name="Zeta half", paper=mine)
    make(k.admin, "sheets", name="Zeta foreign", paper=his, cover=mine)
    kept = make(own, "sheets", name="Zeta own half", paper=mine)
    equal("derived__list", ["Zeta both", "Zeta own half"], seen(own, "sheets"))
    equal("derived__search", {"Zeta both", "Zeta own half"},
          {h["title"] for h in own.get("/api/v1/search?q=zeta").json["items"]})
    for name, sheet, status in (("filled", both, 200), ("empty", half, 404), ("own_empty", kept, 200)):
        equal("derived__%s_by_id" % name, status, own.get("/api/v1/sheets/%d" % sheet).status)
    equal("derived__empty_is_not_changed", 404, own.patch("/api/v1/sheets/%d" % half, {"name": "x"}).status)
    equal("derived__in_a_filter", ["Mine"], [r["name"] for r in own.get("/api/v1/papers?filter=count(sheets) = 2&fields=name").json["items"]])
    equal("derived__team_sees_none_of_it", [], seen(team, "sheets"))
    equal("derived__admin_sees_all", 4, len(seen(k.admin, "sheets")))
    assert k.admin.patch("/api/v1/sheets/%d" % both, {"cover": None}).status == 200
    equal("derived__emptied", 404, own.get("/api/v1/sheets/%d" % both).status)


def conditions(k, own):
    """`if` adds to what a role sees and takes nothing from it."""
    make(k.admin, "notices", name="Hidden")
    make(k.admin, "notices", name="Public", public=True)
    make(own, "notices", name="Mine")
    equal("derived__if_adds", ["Mine", "Public"], seen(own, "notices"))
    equal("derived__if_takes_nothing", ["Hidden", "Mine", "Public"], seen(k.add_user("m@example.com", "reader"), "notices"))


with Kontor(conf={"roles.yaml": ROLES, "entities/paper.yaml": PAPER, "entities/sheet.yaml": SHEET, "entities/notice.yaml": BOARD}) as k:
    own, team = k.add_user("o@example.com", "own"), k.add_user("t@example.com", "team", team="North")
    check("derived__check_is_content", k.run("check").returncode == 0)
    empty_links(k, own, team)
    conditions(k, own)
finish()
