#!/usr/bin/python3
"""Rights where they are easily forgotten: fields in undo and import, ids in a file, addresses of a
hidden field, links as of a past date, the list of changes of somebody who sees little."""
import time

from kontor import PASSWORD, Client, Kontor, check, equal, finish

CONF = {"roles.yaml": """
clerk:
  label: Clerk
  entities:
    "*": {see: own, create: all, edit: own, delete: own, export: own, import: own}
  fields:
    company: {industry: {edit: false}}
narrow:
  label: Narrow
  entities: {note: all}
""", "fields.yaml": """
contact:
  fields:
    secret_mails: {type: emails, see: [admin], edit: [admin]}
company:
  fields:
    secret_mark: {type: choice, of: [gold, silver], see: [admin], edit: [admin]}
""", "entities/bare.yaml": """
entity: bare
plural: bares
fields: {name: {type: text}}
""", "views.yaml": """
gold:
  entity: company
  label: Gold ones
  filter: secret_mark = "gold"
by_mark:
  entity: company
  label: By mark
  sort: -secret_mark
open_ones:
  entity: company
  label: Open ones
  filter: city is empty
"""}


def make(client, plural, record):
    answer = client.post("/api/v1/" + plural, record)
    assert answer.status == 201, answer
    return answer.json["id"]


def run_import(client, entity, text, **more):
    answer = client.post("/api/v1/imports", {"entity": entity, "file_name": entity + ".csv", **more})
    if answer.status != 201:
        return answer, {}
    path = "/api/v1/imports/%d" % answer.json["id"]
    answer = client.request("PUT", path + "/data", text)
    while answer.status == 200 and answer.json["state"] in ("open", "waiting", "running"):
        time.sleep(0.02)
        answer = client.get(path)
    return answer, answer.json if answer.status == 200 else {}


def check_undo_of_fields(k, clerk):
    """The right to edit the record is not the right to every field of it."""
    company = make(clerk, "companies", {"name": "Undo"})
    path = "/api/v1/companies/%d" % company
    change = k.admin.patch(path, {"industry": "Solar"}).headers["x-kontor-change"]
    answer = clerk.post("/api/v1/changes/%s/undo" % change)
    equal("undo__needs_the_right_to_the_field", 403, answer.status)
    equal("undo__leaves_the_field", "Solar", k.admin.get(path).json["industry"])
    change = k.admin.patch(path, {"city": "Kiel"}).headers["x-kontor-change"]
    equal("undo__of_other_fields", 200, clerk.post("/api/v1/changes/%s/undo" % change).status)


def check_undo_of_stages(clerk):
    """What moves along with the stage comes back with it."""
    deal = make(clerk, "deals", {"name": "Move", "amount": "10"})
    path = "/api/v1/deals/%d" % deal
    stages = [s["id"] for s in clerk.get("/api/v1/meta").json["pipelines"][0]["stages"]]
    change = clerk.patch(path, {"stage": stages[1]}).headers["x-kontor-change"]
    equal("undo__of_a_stage", 200, clerk.post("/api/v1/changes/%s/undo" % change).status)
    equal("undo__of_a_stage_moves_back", stages[0], clerk.get(path).json["stage"])


def check_import_of_fields(clerk):
    answer, _ = run_import(clerk, "company", "name,industry\nField,Solar\n")
    check("import__refuses_fields_one_may_not_set", answer.status == 422 and "industry" in answer.text, answer)
    equal("import__refused_wrote_nothing", 0, clerk.get('/api/v1/companies?filter=name = "Field"').json["count"])


MAKES_USERS = "import: contact\ncolumns: {last_name: last_name, owner: {field: owner, create: true}}\n"


def check_import_makes_no_accounts(k):
    """Slices run as whoever asked, with no more than he had: links that would become users are users."""
    before = k.admin.get("/api/v1/users").json["count"]
    crowd = "last_name,owner\n" + "".join("Many %d,Newguy %d\n" % (i, i) for i in range(3))
    for scope in ("write", "admin"):
        caller = k.token(scope=scope)
        answer, _ = run_import(caller, "contact", crowd, map=MAKES_USERS)
        equal("import__%s_token_makes_no_users" % scope, 403, answer.status)
    caller = k.client("admin@example.com")
    answer, done = run_import(caller, "contact", crowd, create_links=True)
    equal("import__links_make_no_users", (0, 3, before),
          (done.get("created"), done.get("rejected"), k.admin.get("/api/v1/users").json["count"]))
    k.age_sessions(600)
    answer = caller.post("/api/v1/imports", {"entity": "contact", "file_name": "c.csv", "map": MAKES_USERS})
    path = "/api/v1/imports/%d" % answer.json["id"]
    answer = caller.request("PUT", path + "/data", crowd)
    equal("import__asks_for_the_password", (403, "confirm"), (answer.status, answer.json["error"]["code"]))
    equal("import__makes_no_users_without_it", before, k.admin.get("/api/v1/users").json["count"])
    caller.headers["Cookie"] = caller.post("/api/v1/session/confirm", {"password": PASSWORD}).headers["set-cookie"].split(";")[0]
    answer = caller.request("PUT", path + "/data", crowd)
    while answer.status == 200 and answer.json["state"] in ("open", "waiting", "running"):
        time.sleep(0.02)
        answer = caller.get(path)
    equal("import__takes_the_file_again_with_it", ("done", 3), (answer.json.get("state"), answer.json.get("created")))
    equal("import__makes_users_with_it", before + 3, k.admin.get("/api/v1/users").json["count"])
    token = k.token(scope="admin")
    answer, done = run_import(token, "contact", "last_name,owner\nLinked,Newguy 1\n")
    equal("import__token_links_to_users", (200, 1), (answer.status, done.get("created")))


def check_import_of_ids(k, clerk):
    """A column of ids is no way to records one may not see."""
    foreign = make(k.admin, "companies", {"name": "Foreign"})
    own = make(clerk, "companies", {"name": "Own"})
    _, done = run_import(clerk, "note", "text,links\nto foreign,%d\nto nobody,99999999\nto own,%d\n" % (foreign, own))
    equal("import__takes_only_ids_one_sees", (1, 2), (done.get("created"), done.get("rejected")))
    timeline = k.admin.get("/api/v1/companies/%d/timeline?kind=note" % foreign).json["items"]
    equal("import__writes_no_note_at_a_foreign_record", [], timeline)


def check_hidden_addresses(k, clerk):
    """Addresses of a field one may not see are not found, neither by search nor by reference nor as a double."""
    contact = make(clerk, "contacts", {"last_name": "Hidden"})
    k.admin.patch("/api/v1/contacts/%d" % contact, {"secret_mails": "private@hidden.example"})
    found = clerk.get("/api/v1/search?q=private@hidden.example").json["items"]
    equal("search__finds_no_hidden_address", [], found)
    found = k.admin.get("/api/v1/search?q=private@hidden.example").json["items"]
    equal("search__finds_it_for_who_may", [contact], [hit["id"] for hit in found])
    answer = clerk.post("/api/v1/deals?dry_run=1", {"name": "X", "contact": {"email": "private@hidden.example"}})
    equal("reference__finds_no_hidden_address", 422, answer.status)
    answer = clerk.post("/api/v1/contacts?dry_run=1", {"last_name": "Y", "emails": "private@hidden.example"})
    equal("warning__names_no_hidden_address", (201, []), (answer.status, answer.json["draft"]["warnings"]))
    _, done = run_import(clerk, "contact", "last_name,emails\nZ,private@hidden.example\n", match="emails")
    equal("import__matches_no_hidden_address", 1, done.get("created"))


def check_links_as_of(k, clerk):
    """A note one sees for one of its records does not tell which others it concerns."""
    own = make(clerk, "companies", {"name": "Seen"})
    foreign = make(k.admin, "companies", {"name": "Unseen"})
    make(k.admin, "notes", {"text": "both", "links": [own, foreign]})
    for mode in ("", "&as_of=2099-01-01"):
        for record, wanted in ((own, 1), (foreign, 0)):
            answer = clerk.get("/api/v1/notes?filter=links contains %d%s" % (record, mode)).json
            equal("notes__of_%s%s" % ("seen" if wanted else "unseen", "_as_of" if mode else ""), wanted, answer["count"])


def check_changes(k, clerk):
    """Who sees little of what happened still gets to the end of the list."""
    first = make(clerk, "companies", {"name": "First"})
    for i in range(60):
        make(k.admin, "companies", {"name": "Noise %d" % i})
    seen, cursor, pages = [], "", 0
    while cursor is not None and pages < 200:
        page = clerk.get("/api/v1/changes?limit=2" + ("&cursor=" + cursor if cursor else "")).json
        seen += [item["record"]["id"] for item in page["items"] if item.get("record")]
        cursor, pages = page["next"], pages + 1
    check("changes__list_goes_on_over_what_is_hidden", first in seen, seen)
    everything = [item["record"]["id"] for item in k.admin.items("/api/v1/changes?limit=100") if item.get("record")]
    equal("changes__list_is_whole_for_an_administrator", 61, len([i for i in everything if first <= i <= first + 60]))


def check_saved_views(k, clerk):
    """A saved view is a list of its own by its id, for whoever sees the view, with his own rights."""
    make(clerk, "companies", {"name": "In Ulm", "city": "Ulm"})
    make(clerk, "companies", {"name": "In Bonn", "city": "Bonn"})
    view = {"name": "Ulm", "entity": "company", "filter": 'city = "Ulm"', "sort": "-name"}
    own, shared = (make(k.admin, "views", dict(view, shared=flag)) for flag in (False, True))
    page = clerk.get("/api/v1/companies?view=%d" % shared)
    equal("view__saved_and_shared", ["In Ulm"], [item["title"] for item in (page.json or {}).get("items", [])])
    equal("view__saved_by_another", 400, clerk.get("/api/v1/companies?view=%d" % own).status)
    equal("view__of_another_entity", 400, clerk.get("/api/v1/contacts?view=%d" % shared).status)
    hidden = make(k.admin, "views", {"name": "Secret", "entity": "contact", "filter": "secret_mails is empty", "shared": True})
    answer = clerk.get("/api/v1/contacts?view=%d" % hidden)
    equal("view__of_a_hidden_field", 400, answer.status)
    answer = clerk.get("/api/v1/companies/export?fields=" + ",".join(["name"] * 99))
    equal("export__of_too_many_fields", 400, answer.status)
    equal("export__of_a_field_twice", 400, clerk.get("/api/v1/companies/export?fields=name,city,name").status)


def check_crowds(k, clerk):
    """What is hidden takes no place among what is looked at: he who sees little finds his own in a crowd."""
    names = ["Same Name"] * 12 + ["Stem %03d" % i for i in range(300)]
    k.must("import", "company", k.file("name\n%s\n" % "\n".join(names), "crowd.csv"))
    k.must("import", "contact", k.file("last_name,emails\n" + "crowd,crowd@same.example\n" * 12, "people.csv"))
    own = make(clerk, "companies", {"name": "Same Name"})
    contact = make(clerk, "contacts", {"last_name": "Own", "emails": "crowd@same.example"})
    make(clerk, "companies", {"name": "Stem-zz"})
    deal = clerk.post("/api/v1/deals", {"name": "By name", "company": {"name": "same name"}, "contact": {"email": "crowd@same.example"}})
    equal("reference__finds_the_own_one_among_many", (201, own, contact),
          (deal.status, *[((deal.json or {}).get(f) or {}).get("id") for f in ("company", "contact")]))
    answer = clerk.post("/api/v1/deals", {"name": "Near", "company": {"name": "stem zz"}})
    check("reference__suggests_the_own_one_among_many", answer.status == 422 and "Stem-zz" in answer.text, answer)
    answer = clerk.post("/api/v1/deals", {"name": "None", "company": {"name": "stem 0 01"}})
    check("reference__suggests_nothing_hidden", answer.status == 422 and "did you mean" not in answer.text, answer)
    warned = clerk.post("/api/v1/contacts?dry_run=1", {"last_name": "New", "emails": "crowd@same.example"}).json["draft"]["warnings"]
    equal("warning__names_the_own_one_among_many", [contact], [w["id"] for w in warned])


def check_undo_of_many(k, clerk):
    """A large set is looked at as a whole before anything is undone; who may change all of it takes it back in slices."""
    _, done = run_import(clerk, "company", "name,city\n" + "".join("Many %d,Ulm\n" % i for i in range(1200)))
    mine = clerk.items('/api/v1/companies?filter=name starts with "Many"&limit=500')
    equal("undo__of_many_begins_with", 1200, len(mine))
    bulk = clerk.post("/api/v1/companies/bulk", {"filter": 'name starts with "Many"', "set": {"city": "Bonn"}}).json["change"]
    admin = k.admin.user["id"]
    for name, undo in (("import", done["change"]), ("bulk", bulk)):
        one = mine[777]["id"]
        owner = clerk.get("/api/v1/companies/%d" % one).json["owner"]["id"]
        assert k.admin.patch("/api/v1/companies/%d" % one, {"owner": admin}).status == 200
        answer = clerk.post("/api/v1/changes/%d/undo" % undo)
        equal("undo__of_many_is_refused_for_one_%s" % name, 403, answer.status)
        equal("undo__of_many_left_all_%s" % name, 1199, clerk.get('/api/v1/companies?filter=name starts with "Many"').json["count"])
        assert k.admin.patch("/api/v1/companies/%d" % one, {"owner": owner}).status == 200
    began = time.monotonic()
    answer = clerk.post("/api/v1/changes/%d/undo" % bulk)
    equal("undo__of_many_by_their_owner", (200, 1200), (answer.status, (answer.json or {}).get("undone")))
    print("# undo of 1200: %.2f s" % (time.monotonic() - began))
    equal("undo__of_many_done", 1200, clerk.get('/api/v1/companies?filter=name starts with "Many" and city = "Ulm"').json["count"])


def check_views_of_meta(k, clerk):
    """/meta shows no view that tells of a field the reader may not see, neither configured nor shared."""
    make(k.admin, "views", {"name": "Shared gold", "entity": "company", "filter": 'secret_mark = "gold"', "shared": True})
    make(k.admin, "views", {"name": "Shared", "entity": "company", "columns": ["name", "secret_mark"], "shared": True})

    def views(caller):
        found = [e for e in caller.get("/api/v1/meta").json["entities"] if e["name"] == "company"][0]["views"]
        return {v["label"]: v for v in found}
    equal("meta__has_every_view_for_who_sees_all", {"Gold ones", "By mark", "Open ones", "Shared gold", "Shared"},
          set(views(k.admin)) & {"Gold ones", "By mark", "Open ones", "Shared gold", "Shared"})
    seen = views(clerk)
    equal("meta__leaves_out_views_of_hidden_fields", {"Open ones", "Shared"},
          set(seen) & {"Gold ones", "By mark", "Open ones", "Shared gold", "Shared"})
    equal("meta__leaves_out_hidden_columns", ["name"], seen["Shared"]["columns"])
    check("meta__names_no_hidden_field", "secret_mark" not in clerk.get("/api/v1/meta").text)


def check_unnamed_entities(k):
    """An entity no role names is not open for want of a rule: it is closed to all but administrators."""
    narrow = k.add_user("narrow@rights.example", role="narrow")
    seen = {e["name"] for e in narrow.get("/api/v1/meta").json["entities"]}
    named = {"note", "user", "team", "view"}  # the last three have fixed rights
    closed = [e for e in k.admin.get("/api/v1/meta").json["entities"] if e["name"] not in named]
    check("unnamed__are_most", len(closed) > 5 and "bare" in [e["name"] for e in closed])
    for e in closed:
        path = "/api/v1/" + e["plural"]
        got = [answer.status for answer in (narrow.get(path), narrow.get(path + "/1"), narrow.post(path, {"name": "x"}),
                                            narrow.get(path + "/export"), narrow.post(path + "/bulk", {"ids": [1], "set": {}}))]
        check("unnamed__%s_is_closed" % e["name"], set(got) <= {403, 404}, got)
        check("unnamed__%s_is_not_in_meta" % e["name"], e["name"] not in seen)


def check_nobody(k):
    nobody = Client(k.port)
    for plural in ("companies", "vessels"):
        equal("nobody__learns_no_entity_" + plural, 401, nobody.get("/api/v1/" + plural).status)


with Kontor(conf=CONF) as k:
    clerk = k.add_user("clerk@rights.example", role="clerk", team="East")
    check_undo_of_fields(k, clerk)
    check_undo_of_stages(clerk)
    check_import_of_fields(clerk)
    check_import_of_ids(k, clerk)
    check_hidden_addresses(k, clerk)
    check_links_as_of(k, clerk)
    check_changes(k, clerk)
    check_saved_views(k, clerk)
    check_views_of_meta(k, clerk)
    check_crowds(k, clerk)
    check_undo_of_many(k, clerk)
    check_unnamed_entities(k)
    check_nobody(k)
    check_import_makes_no_accounts(k)
finish()
