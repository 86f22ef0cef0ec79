#!/usr/bin/python3
"""What a new field type costs. The program kontor_more is kontor with four rows more in FIELD_TYPES (test/types): `colour`,
a text "#1a2b3c"; `accounts`, a list of "@ada"; `period`, "2026-01-01/2026-03-31" in two columns; `ticket`, "T-17" from a counter. Fields of these types
must go every way a field can go, with nobody else told."""
import csv
import io
import json
import pathlib
import re
import urllib.parse

from kontor import Kontor, check, contains, equal, finish, program, test

FIELDS = """company:
  fields:
    brand:  {type: colour, label: Brand colour, index: true, search: true, help: What stands on the door}
    accent: {type: colour, unique: true}
    paper:  {type: colour, default: '#FFFFFF', readonly: {if: 'brand = "#000000"'}}
    loud:   {type: computed, compute: 'brand in ("#ff0000", "#ff8800")'}
"""
PAINT = """entity: paint
label: Paint
plural: paints
fields:
  tint:  {type: colour, required: true, unique: true, search: true}
  price: {type: money}
"""
LEASE = """entity: lease
label: Lease
plural: leases
title: name
fields:
  name: {type: text, required: true}
  term: {type: period, default: 2026-01-01/2026-12-31, index: true}
  nick: {type: accounts, search: true}
  slip: {type: ticket, min: 17}
"""
VIEWS = "by_brand: {entity: company, label: By brand, mode: board, by: brand, filter: 'brand is not empty', sort: -brand}\n"
MORE = str(pathlib.Path(program()).parent / "test/types/kontor_more")
NAMES = ("Ahn", "Bo", "Cy", "Di")


def rows(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def company(k, name):
    return k.admin.get('/api/v1/companies?filter=name = "%s"' % name).json["items"][0]


def names(k, query):
    answer = k.admin.get("/api/v1/companies?" + query)
    assert answer.status == 200, answer
    return [c["name"] for c in answer.json["items"]]


def configured(k):
    with test("field_types__the_product_has_no_such_type"):
        with Kontor(conf={"kontor.yaml": "currency: EUR\n"}, init=False) as plain:
            plain.write_conf({"fields.yaml": FIELDS})
            told = plain.run("check")
            assert told.returncode == 1 and 'there is no type "colour"' in told.stderr, told
    for field, why in (("{type: colour, default: white}", '"white" is not a colour like "#1a2b3c"'),
                       ("{type: colour, min: 1}", "the type colour has no min"),
                       ("{type: colour, of: [a]}", "only choice and choices have options"),
                       ("{type: colour, to: deal}", "only links have a target"),
                       ("{type: colour, places: 2}", "the type colour has no places"),
                       ("{type: colour, default: '\"white\"'}", '"white" is not a colour like "#1a2b3c"'),
                       ("{type: period, default: 2026}", '"2026" is not a period like "2026-01-01/2026-03-31"'),
                       ("{type: period, default: today()}", '"today()" is not a period'),
                       ("{type: period, compute: today(), stored: false}", "a field of type period cannot be computed"),
                       ("{type: color}", 'do you mean "colour"?')):
        k.write_conf({"fields.yaml": "company:\n  fields:\n    brand: %s\n" % field})
        told = k.run("check")
        check("field_types__check_says_" + why, told.returncode == 1 and "fields.yaml:3:" in told.stderr and why in told.stderr, told)
    with test("field_types__a_running_kontor_takes_it_by_apply"):
        k.write_conf({"fields.yaml": FIELDS, "entities/paint.yaml": PAINT, "entities/lease.yaml": LEASE, "views.yaml": VIEWS})
        assert k.run("check").returncode == 0
        contains("field_types__plan_names_it", "brand (colour)", k.must("plan"))
        k.must("apply")
        assert "brand" in k.admin.get("/api/v1/openapi.json").text


def described(k):
    meta = k.admin.get("/api/v1/meta").json
    firm = [e for e in meta["entities"] if e["name"] == "company"][0]
    brand = [f for f in firm["fields"] if f["name"] == "brand"][0]
    wanted = {"type": "colour", "kind": "text", "widget": "colour", "label": "Brand colour", "sort": True, "group_by": True, "search": True,
              "unique": False, "filter": True}
    equal("field_types__meta_tells_its_traits", wanted, {name: brand[name] for name in wanted})
    paper = [f for f in firm["fields"] if f["name"] == "paper"][0]
    equal("field_types__meta_tells_its_default", "#ffffff", paper.get("default"))
    schemas = k.admin.get("/api/v1/openapi.json").json["components"]["schemas"]
    equal("field_types__openapi_has_its_schema", {"type": ["string", "null"], "pattern": "^#[0-9a-f]{6}$"},
          schemas["company"]["properties"]["brand"])
    paint = [e for e in meta["entities"] if e["name"] == "paint"][0]
    equal("field_types__it_makes_a_title", ["tint"], paint["title"])


def written(k):
    with test("field_types__create_takes_it_as_its_type_reads_it"):
        for name, brand, accent in zip(NAMES, ("#FF8800", "#0000ff", "#ff8800", None), ("#000001", "#000002", None, None)):
            made = k.admin.post("/api/v1/companies", {"name": name, "brand": brand, "accent": accent})
            assert made.status == 201, made
        ahn = company(k, "Ahn")
        assert (ahn["brand"], ahn["accent"], ahn["paper"], ahn["loud"]) == ("#ff8800", "#000001", "#ffffff", True), ahn
        assert company(k, "Di")["brand"] is None
    for value in ("red", "#ff88", "#ff8800ff", 7, ["#ff8800"], {"value": "#ff8800"}):
        for dry in ("?dry_run=1", ""):
            answer = k.admin.post("/api/v1/companies" + dry, {"name": "Ed", "brand": value})
            fields = answer.json["error"]["fields"] if answer.status == 422 else []
            check("field_types__refuses_%s%s" % (json.dumps(value), dry),
                  [f["where"] for f in fields] == ["company.brand"], answer)
    answer = k.admin.post("/api/v1/companies", {"name": "Ed", "brand": "red"})
    equal("field_types__says_what_would_be_right", '"red" is not a colour like "#1a2b3c".', answer.json["error"]["fields"][0]["text"])
    with test("field_types__unique_is_unique_however_it_is_written"):
        clash = k.admin.post("/api/v1/companies", {"name": "Ed", "accent": "#000001"})
        assert clash.status == 409 and clash.json["error"]["fields"][0]["where"] == "company.accent", clash
    with test("field_types__a_link_is_found_by_it"):
        deal = k.admin.post("/api/v1/deals", {"name": "Paint it", "company": {"accent": "#000002"}})
        assert deal.status == 201 and deal.json["company"]["title"] == "Bo", deal
        none = k.admin.post("/api/v1/deals", {"name": "Paint it", "company": {"accent": "#000009"}})
        assert none.status == 422, none
    with test("field_types__conditions_look_at_it"):
        assert k.admin.patch("/api/v1/companies/%d" % company(k, "Bo")["id"], {"brand": "#000000", "paper": "#123456"}).status == 422


def listed(k):
    for query, wanted in {
            "sort=brand": ["Bo", "Ahn", "Cy", "Di"],
            "sort=-brand": ["Cy", "Ahn", "Bo", "Di"],
            'filter=brand = "#ff8800"&sort=name': ["Ahn", "Cy"],
            'filter=brand != "#ff8800"&sort=name': ["Bo", "Di"],
            'filter=brand in ("#0000ff", "#00ff00")': ["Bo"],
            'filter=brand starts with "#FF"&sort=name': ["Ahn", "Cy"],
            'filter=brand contains "00ff"': ["Bo"],
            "filter=brand is empty": ["Di"],
            'filter=brand < "#100000"': ["Bo"],
            "filter=brand = accent": [],
            "filter=loud&sort=-name": ["Cy", "Ahn"],
            'filter=accent = "#000002"': ["Bo"],
            "view=by_brand": ["Cy", "Ahn", "Bo"]}.items():
        with test("field_types__list_" + query):
            assert names(k, query) == wanted, names(k, query)
    with test("field_types__pages_follow_its_order"):
        assert [c["name"] for c in k.admin.items("/api/v1/companies?sort=brand&limit=1")] == ["Bo", "Ahn", "Cy", "Di"]
    with test("field_types__groups"):
        groups = {g["value"]: g["count"] for g in k.admin.get("/api/v1/companies?group=brand").json["groups"]}
        assert groups == {"#ff8800": 2, "#0000ff": 1, None: 1}, groups
    with test("field_types__search_finds_it"):
        for text in ("#0000FF", "0000ff", "0000"):
            found = k.admin.get("/api/v1/search?kind=company&q=" + text.replace("#", "%23")).json["items"]
            assert [f["title"] for f in found] == ["Bo"] and "#0000ff" in found[0]["snippet"], (text, found)
    with test("field_types__titles_are_made_of_it"):
        for tint in ("#c00000", "#0000C0"):
            made = k.admin.post("/api/v1/paints", {"tint": tint, "price": "9.90"})
            assert made.status == 201 and made.json["title"] == tint.lower(), made
        assert [p["title"] for p in k.admin.get("/api/v1/paints").json["items"]] == ["#0000c0", "#c00000"]
        assert k.admin.get('/api/v1/paints?filter=title = "#c00000"').json["count"] == 1
        assert k.admin.post("/api/v1/paints", {"price": "1"}).status == 422
        assert k.admin.post("/api/v1/paints", {"tint": "#C00000"}).status == 409


def changed(k):
    bo = company(k, "Bo")
    path = "/api/v1/companies/%d" % bo["id"]
    answer = k.admin.patch(path, {"brand": "#00FF00"}, version=bo["version"])
    change = answer.headers.get("x-kontor-change")
    with test("field_types__patch_changes_it"):
        assert answer.status == 200 and answer.json["brand"] == "#00ff00", answer
        assert k.admin.patch(path, {"brand": "#00ff00"}).json["version"] == answer.json["version"], "the same is no change"
        assert k.admin.patch(path, {"brand": "green"}).status == 422
    with test("field_types__history_holds_both_sides"):
        items = k.admin.get(path + "/timeline").json["items"]
        sides = [f for i in items for f in i.get("fields", []) if f["name"] == "brand" and f.get("before")]
        assert [(f["before"], f["after"]) for f in sides] == [("#0000ff", "#00ff00")], items
    with test("field_types__the_past_has_the_old_value"):
        at = "as_of=cs:%d" % (int(change) - 1)
        assert k.admin.get(path + "?" + at).json["brand"] == "#0000ff"
        assert names(k, at + '&filter=brand = "#0000ff"') == ["Bo"] and names(k, 'filter=brand = "#0000ff"') == []
        assert names(k, at + "&sort=brand") == ["Bo", "Ahn", "Cy", "Di"] and names(k, "sort=brand")[0] == "Bo"
        groups = {g["value"]: g["count"] for g in k.admin.get("/api/v1/companies?group=brand&" + at).json["groups"]}
        assert groups["#0000ff"] == 1 and "#00ff00" not in groups, groups
    with test("field_types__undo_puts_it_back"):
        undone = k.admin.post("/api/v1/changes/%s/undo" % change).json
        assert undone["undone"] == 1 and company(k, "Bo")["brand"] == "#0000ff", undone
        assert [f["title"] for f in k.admin.get("/api/v1/search?kind=company&q=0000ff").json["items"]] == ["Bo"]
    with test("field_types__bulk_sets_it"):
        bulk = k.admin.post("/api/v1/companies/bulk", {"filter": "brand is empty", "set": {"brand": "#C0FFEE"}}).json
        assert bulk["changed"] == 1 and company(k, "Di")["brand"] == "#c0ffee", bulk
        k.admin.post("/api/v1/changes/%d/undo" % bulk["change"])
        assert k.admin.post("/api/v1/companies/bulk", {"filter": "brand is empty", "set": {"brand": "no"}}).status == 422
    with test("field_types__trash_and_restore_keep_it"):
        assert k.admin.delete(path).status == 204 and k.admin.post(path + "/restore").status == 200
        assert company(k, "Bo")["accent"] == "#000002" and names(k, 'filter=accent = "#000002"') == ["Bo"]


def moved(k):
    fields = ("--fields", "name,brand,accent,paper")
    out = k.must("export", "company", *fields)
    equal("field_types__export_writes_it", ["#ff8800", "#0000ff", "#ff8800", ""], [r["brand"] for r in rows(out)])
    lines = [json.loads(line) for line in k.must("export", "company", "--format", "ndjson", *fields).splitlines()]
    equal("field_types__ndjson_writes_it", ["#ff8800", "#0000ff", "#ff8800", None], [r["brand"] for r in lines])
    conf = {"fields.yaml": FIELDS, "entities/paint.yaml": PAINT, "entities/lease.yaml": LEASE, "views.yaml": VIEWS}
    with Kontor(conf=conf, start=False, binary=MORE) as other:
        with test("field_types__an_export_goes_in_again"):
            answer = json.loads(other.must("import", "company", other.file(out, "out.csv"), "--json"))
            assert (answer["created"], answer["rejected"]) == (4, 0), answer
            assert other.must("export", "company", *fields) == out
    with test("field_types__import_matches_by_it"):
        told = json.loads(k.must("import", "company", k.file("accent,brand\n#000001,#ABCDEF\n#000002,#0000ff\n", "more.csv"),
                                 "--match", "accent", "--json"))
        assert (told["created"], told["updated"], told["unchanged"]) == (0, 1, 1), told
        assert company(k, "Ahn")["brand"] == "#abcdef"
        k.must("undo", told["change"])
    with test("field_types__import_rejects_what_it_refuses"):
        bad = k.run("import", "company", k.file("name,brand\nEd,red\nFa,#010203\n", "bad.csv"), "--json")
        told = json.loads(bad.stdout)
        assert bad.returncode == 3 and (told["created"], told["rejected"]) == (1, 1), bad
        with open(told["rejects_file"], newline="", encoding="utf-8") as file:
            reject = rows(file.read())[0]
        assert (reject["rejected_column"], reject["rejected_value"]) == ("brand", "red"), reject
        assert "is not a colour" in reject["rejected_reason"], reject
        k.must("undo", told["change"])


def leases(k, query):
    answer = k.admin.get("/api/v1/leases?" + query)
    assert answer.status == 200, answer
    return [c["name"] for c in answer.json["items"]]


def two_columns(k):
    meta = {f["name"]: f for e in k.admin.get("/api/v1/meta").json["entities"] if e["name"] == "lease" for f in e["fields"]}
    equal("field_types__period_default_is_whole", "2026-01-01/2026-12-31", meta["term"].get("default"))
    with test("field_types__period_is_written_and_read"):
        for name, term in (("Loft", "2025-06-01/2026-05-31"), ("Barn", None), ("Shed", "2025-01-01/2027-12-31")):
            made = k.admin.post("/api/v1/leases", {"name": name, **({"term": term} if name != "Barn" else {})})
            assert made.status == 201 and made.json["term"] == (term or "2026-01-01/2026-12-31"), made
        for bad in ("2026-01-01", "2026-02-01/2026-01-01", "x/y", 5):
            answer = k.admin.post("/api/v1/leases", {"name": "No", "term": bad})
            assert [f["where"] for f in answer.json["error"]["fields"]] == ["lease.term"], answer
    equal("field_types__tickets_are_counted", ["T-17", "T-18", "T-19"],
          [r["slip"] for r in k.admin.get("/api/v1/leases?sort=slip&filter=slip < 20").json["items"]])
    for query, wanted in {"sort=term": ["Loft", "Barn", "Shed"], "sort=-term": ["Shed", "Barn", "Loft"],
                          'filter=term < "2026-12-31"': ["Loft"], 'filter=term = "2026-12-31"': ["Barn"],
                          "filter=term is empty": []}.items():
        with test("field_types__period_list_" + query):
            assert leases(k, query) == wanted, leases(k, query)
    with test("field_types__period_is_changed_and_put_back_whole"):
        loft = k.admin.get('/api/v1/leases?filter=name = "Loft"').json["items"][0]
        path = "/api/v1/leases/%d" % loft["id"]
        one = k.admin.patch(path, {"term": "2025-07-01/2026-05-31"})
        assert one.status == 200 and one.json["term"] == "2025-07-01/2026-05-31", one
        none = k.admin.patch(path, {"term": None})
        assert none.json["term"] is None and leases(k, "filter=term is empty") == ["Loft"], none
        assert k.admin.get(path + "?as_of=cs:%s" % one.headers["x-kontor-change"]).json["term"] == "2025-07-01/2026-05-31"
        items = k.admin.get(path + "/timeline").json["items"]
        sides = [(f["before"], f["after"]) for i in items for f in i.get("fields", []) if f["name"] == "term" and f.get("before")]
        assert sides == [("2025-07-01/2026-05-31", None), ("2025-06-01/2026-05-31", "2025-07-01/2026-05-31")], sides
        for change in (none, one):
            k.admin.post("/api/v1/changes/%s/undo" % change.headers["x-kontor-change"])
        assert k.admin.get(path).json["term"] == "2025-06-01/2026-05-31"


def listing(k):
    loft = k.admin.get('/api/v1/leases?filter=name = "Loft"').json["items"][0]
    path = "/api/v1/leases/%d" % loft["id"]
    with test("field_types__accounts_are_written_and_read"):
        assert loft["nick"] == [], loft
        nick = k.admin.patch(path, {"nick": ["@Ada", {"value": "@ada2", "label": "work", "primary": True}]}).json["nick"]
        assert [(n["value"], n["label"], n["primary"]) for n in nick] == [("@Ada", "", False), ("@ada2", "work", True)], nick
        answer = k.admin.patch(path, {"nick": ["ada"]})
        assert answer.json["error"]["fields"][0]["text"] == '"ada" is not an account like "@ada".', answer
        assert k.admin.post("/api/v1/leases?dry_run=1", {"name": "Loft", "nick": ["@ada"]}).status in (200, 201)
    with test("field_types__accounts_are_found"):
        assert leases(k, 'filter=nick contains "ADA2"') == ["Loft"] and leases(k, 'filter=nick contains "bob"') == []
        assert sorted(leases(k, "filter=nick is empty")) == ["Barn", "Shed"]
        for text in ("ada2", "@ada", "da2"):
            found = k.admin.get("/api/v1/search?q=" + text).json["items"]
            assert [f["title"] for f in found] == ["Loft"], (text, found)
    with test("field_types__accounts_come_out_and_go_in"):
        out = k.must("export", "lease", "--fields", "name,term,nick")
        assert [(r["name"], r["term"], r["nick"]) for r in rows(out)][0] == ("Loft", "2025-06-01/2026-05-31", "@Ada; @ada2 [work, primary]"), out
        same = json.loads(k.must("import", "lease", k.file(out, "out.csv"), "--match", "name", "--json"))
        assert (same["created"], same["updated"], same["unchanged"]) == (0, 0, 3), same
        more = "name,first,second,term\nLoft,@ADA2,@new,2025-06-01/2026-05-31\nHut,@hut,,2026-01-01/2026-01-31\n"
        mapping = k.file("import: lease\nmatch: [name]\ncolumns:\n  name: name\n  first: nick\n  second: nick\n  term: term\n",
                         "nick.yaml")
        told = json.loads(k.must("import", "lease", k.file(more, "more.csv"), "--map", mapping, "--json"))
        assert (told["created"], told["updated"], told["rejected"]) == (1, 1, 0), told
        nick = k.admin.get(path).json["nick"]
        assert [(n["value"], n["label"], n["primary"]) for n in nick] == [("@Ada", "", False), ("@ada2", "work", True), ("@new", "", False)], nick
        k.must("undo", told["change"])
        assert [n["value"] for n in k.admin.get(path).json["nick"]] == ["@Ada", "@ada2"]


def filled_in(k):
    """By a stranger, on a public form."""
    def send(value):
        token = re.search('name="_token" value="([^"]+)"', k.client().get("/forms/paint").text).group(1)
        return k.client().request("POST", "/forms/paint", urllib.parse.urlencode({"_token": token, "name": "Visitor", "brand": value}),
                                  headers={"Content-Type": "application/x-www-form-urlencoded"})

    with test("field_types__visitors_fill_them_in"):
        k.write_conf({"forms.yaml": "paint: {entity: company, wait: 0, fields: [name, brand]}\n"})
        k.must("apply")
        wrong = send("red")
        assert wrong.status == 422 and 'id="e-brand"' in wrong.text and 'value="red"' in wrong.text, wrong.text
        assert send("#ABCDEF").status == 303
        assert company(k, "Visitor")["brand"] == "#abcdef"
        (k.conf / "forms.yaml").unlink()
        k.must("apply", "--yes")


def permitted(k):
    with test("field_types__rights_hide_it"):
        k.write_conf({"fields.yaml": FIELDS.replace("brand:  {type: colour, label: Brand colour, index: true, search: true",
                                                    "brand:  {type: colour, label: Brand colour, index: true, see: [lead]"),
                      "views.yaml": ""})
        k.must("apply")
        reader = k.add_user("re@example.com", role="reader")
        assert "brand" not in reader.get("/api/v1/companies").json["items"][0]
        assert reader.get('/api/v1/companies?filter=brand = "#ff8800"').status in (400, 422)
        assert "brand" in k.admin.get("/api/v1/companies").json["items"][0]


with Kontor(binary=MORE) as k:
    configured(k)
    described(k)
    written(k)
    listed(k)
    changed(k)
    moved(k)
    two_columns(k)
    listing(k)
    filled_in(k)
    permitted(k)
    check("field_types__no_error_in_the_log", "error" not in k.log().lower().replace("errors", ""), k.log()[-1500:])
finish()
