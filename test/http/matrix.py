#!/usr/bin/python3
"""The visibility matrix: every shipped role, nobody, a disabled user and a read token, against own,
team, foreign and deleted records, through every way in. What a role may do is said once, in RIGHTS;
everything else follows. Plus the oracles: a hidden field cannot be found out by filter, sort, count."""
from kontor import Client, Kontor, check, equal, finish

CONF = {"roles.yaml": """
private:
  label: Private
  entities:
    "*": {see: own, create: all, edit: own, delete: own, export: own, import: none}
  fields:
    contact: {birthday: {see: false, edit: false}}
""", "fields.yaml": """
contact:
  fields:
    salary: {type: integer, see: [admin], edit: [admin]}
"""}

# role: what it may see, edit, delete of (own, team, foreign)
RIGHTS = {
    "admin": ("all", "all", "all"),
    "lead": ("team", "team", "team"),
    "member": ("all", "own", "own"),
    "reader": ("all", "none", "none"),
    "private": ("own", "own", "own"),
}
REACH = {"none": set(), "own": {"own"}, "team": {"own", "team"}, "all": {"own", "team", "foreign"}}


def make(client, name, owner, team):
    answer = client.post("/api/v1/contacts", {"last_name": name, "owner": owner, "team": team, "city": "Ulm",
                                              "emails": name + "@matrix.example", "salary": 4711})
    assert answer.status == 201, answer
    return answer.json["id"]


def note_on(client, record):
    answer = client.post("/api/v1/notes", {"text": "about %d zebra" % record, "links": [record]})
    assert answer.status == 201, answer
    return answer.json["id"]


def people(k):
    """A signed-in client and id for each role, all in team East but the stranger."""
    found = {}
    for role in RIGHTS:
        found[role] = k.add_user(role + "@matrix.example", role=role, team="East")
    found["stranger"] = k.add_user("stranger@matrix.example", role="member", team="West")
    found["mate"] = k.add_user("mate@matrix.example", role="member", team="East")
    return found


def ids(answer):
    return {item["id"] for item in (answer.json or {}).get("items", [])}


def check_role(k, role, client, records):
    sees, edits, deletes = (REACH[scope] for scope in RIGHTS[role])
    mine = {kind: record for kind, record in records.items()}
    for kind, record in mine.items():
        where = "matrix__%s_%s_" % (role, kind)
        path = "/api/v1/contacts/%d" % record
        seen = kind in sees
        equal(where + "get", 200 if seen else 404, client.get(path).status)
        equal(where + "timeline", 200 if seen else 404, client.get(path + "/timeline").status)
        equal(where + "as_of", 200 if seen else 404, client.get(path + "?as_of=2099-01-01").status)
        wanted = 200 if kind in edits else 403 if seen else 404
        equal(where + "patch", wanted, client.patch(path, {"city": "Bonn"}).status)
        equal(where + "dry_patch", wanted, client.patch(path + "?dry_run=1", {"city": "Bonn"}).status)
        bulk = client.post("/api/v1/contacts/bulk", {"ids": [record], "set": {"city": "Köln"}})
        changed = (bulk.json or {}).get("changed", 0) if bulk.status == 200 else 0
        equal(where + "bulk", 1 if kind in edits else 0, changed)
        if kind not in deletes:
            equal(where + "delete", 403 if seen else 404, client.delete(path).status)
    check_lists(client, role, sees, mine)


EXPORTS = {"admin": "all", "lead": "team", "member": "own", "reader": "none", "private": "own"}


def check_lists(client, role, sees, mine):
    visible = {record for kind, record in mine.items() if kind in sees}
    everything = set(mine.values())
    where = "matrix__%s_" % role
    listed = ids(client.get('/api/v1/contacts?filter=emails contains "matrix.example"&limit=500'))
    equal(where + "list", visible, listed & everything)
    counted = client.get('/api/v1/contacts?filter=last_name starts with "r-%s-"' % role).json
    equal(where + "count", len(visible), counted["count"])
    for kind, record in mine.items():
        found = ids(client.get("/api/v1/search?q=r-%s-%s" % (role, kind)))
        equal(where + "search_" + kind, kind in sees, record in found)
        found = ids(client.get("/api/v1/search?q=zebra&kind=note&limit=100"))
        notes = client.get('/api/v1/notes?filter=text contains "about %d zebra"' % record).json
        equal(where + "note_" + kind, 1 if kind in sees else 0, notes["count"])
    export = client.get('/api/v1/contacts/export?format=ndjson&fields=id')
    if export.status == 200:
        exported = {int(line.split(":")[1].split("}")[0]) for line in export.text.splitlines()}
        allowed = {record for kind, record in mine.items() if kind in REACH[EXPORTS[role]]}
        equal(where + "export", allowed, exported & everything)
    else:
        equal(where + "export_refused", (403, "none"), (export.status, EXPORTS[role]))


def check_undo(k, client, role, records):
    """What somebody else did may be undone only by who may edit the record."""
    _, edits, _ = (REACH[scope] for scope in RIGHTS[role])
    for kind, record in records.items():
        changed = k.admin.patch("/api/v1/contacts/%d" % record, {"city": "Trier"})
        change = changed.headers.get("x-kontor-change")
        answer = client.post("/api/v1/changes/%s/undo" % change)
        wanted = {200} if kind in edits else {403, 404}
        check("matrix__%s_%s_undo" % (role, kind), answer.status in wanted, repr(answer))


def check_deleted(k, client, role, record, seen, deletes):
    k.admin.delete("/api/v1/contacts/%d" % record)
    where = "matrix__%s_deleted_" % role
    trash = ids(client.get("/api/v1/contacts?trash=1&limit=500"))
    equal(where + "in_trash", seen, record in trash)
    equal(where + "not_listed", False, record in ids(client.get("/api/v1/contacts?limit=500")))
    equal(where + "not_found", False, record in ids(client.get("/api/v1/search?q=r-%s-own" % role)))
    equal(where + "patch", 404, client.patch("/api/v1/contacts/%d" % record, {"city": "X"}).status)
    offered = {item["id"]: item["restorable"] for item in client.get("/api/v1/trash").json["items"]}
    equal(where + "offered", deletes if seen else None, offered.get(record))
    restored = client.post("/api/v1/contacts/%d/restore" % record)
    equal(where + "restore", 200 if deletes else 403 if seen else 404, restored.status)
    k.admin.post("/api/v1/contacts/%d/restore" % record)


def check_hidden_field(client, role):
    """salary is for administrators only: for others it does not exist."""
    where = "matrix__%s_hidden_field_" % role
    page = client.get("/api/v1/contacts?limit=50")
    check(where + "not_listed", "salary" not in page.text, page)
    for query in ("filter=salary = 4711", "filter=salary > 1", "sort=salary", "fields=salary", "group=salary",
                  "filter=not (salary is empty)"):
        equal(where + query.split("=")[0] + "_" + query.split("=")[1][:6].strip(), 400 if "filter" not in query else True,
              client.get("/api/v1/contacts?" + query).status if "filter" not in query
              else client.get("/api/v1/contacts?" + query).status in (400, 422))
    answer = client.get("/api/v1/contacts/export?format=csv&fields=salary")
    check(where + "export", answer.status in (400, 403), answer)
    check(where + "meta", "salary" not in client.get("/api/v1/meta").text)
    check(where + "openapi", "salary" not in client.get("/api/v1/openapi.json").text)


def check_timeline_hides(k, client, record, role):
    k.admin.patch("/api/v1/contacts/%d" % record, {"salary": 5000})
    answer = client.get("/api/v1/contacts/%d/timeline" % record)
    if answer.status == 200:
        check("matrix__%s_timeline_hides_field" % role, "salary" not in answer.text and "5000" not in answer.text, answer)


def check_nobody(k, record):
    nobody = Client(k.port)
    for path in ("/api/v1/contacts", "/api/v1/contacts/%d" % record, "/api/v1/search?q=a", "/api/v1/changes",
                 "/api/v1/meta", "/api/v1/events", "/api/v1/trash", "/api/v1/openapi.json", "/api/v1/me",
                 "/api/v1/contacts/export", "/api/v1/contacts/%d/timeline" % record, "/api/v1/config", "/api/v1/status",
                 "/api/v1/boards/sales", "/api/v1/tokens"):
        equal("matrix__anonymous_get_" + path.split("v1/")[1].split("?")[0], 401, nobody.get(path).status)
    for path in ("/api/v1/contacts", "/api/v1/contacts/bulk", "/api/v1/changes/1/undo", "/api/v1/imports"):
        equal("matrix__anonymous_post_" + path.split("v1/")[1], 401, nobody.post(path, {"last_name": "x"}).status)
    equal("matrix__anonymous_patch", 401, nobody.patch("/api/v1/contacts/%d" % record, {"city": "x"}).status)
    equal("matrix__anonymous_delete", 401, nobody.delete("/api/v1/contacts/%d" % record).status)


def check_read_token(k, record):
    reader = k.token(scope="read")
    equal("matrix__read_token_get", 200, reader.get("/api/v1/contacts/%d" % record).status)
    equal("matrix__read_token_search", 200, reader.get("/api/v1/search?q=own").status)
    for name, answer in {
            "post": reader.post("/api/v1/contacts", {"last_name": "x"}),
            "dry": reader.post("/api/v1/contacts?dry_run=1", {"last_name": "x"}),
            "patch": reader.patch("/api/v1/contacts/%d" % record, {"city": "x"}),
            "delete": reader.delete("/api/v1/contacts/%d" % record),
            "bulk": reader.post("/api/v1/contacts/bulk", {"ids": [record], "set": {"city": "x"}}),
            "undo": reader.post("/api/v1/changes/1/undo"),
            "restore": reader.post("/api/v1/contacts/%d/restore" % record),
            "import": reader.post("/api/v1/imports", {"entity": "contact"}),
            "config": reader.get("/api/v1/config")}.items():
        equal("matrix__read_token_" + name, 403, answer.status)


def check_disabled(k):
    client = k.add_user("leaver@matrix.example", role="member", team="East")
    equal("matrix__active_user", 200, client.get("/api/v1/me").status)
    token = k.token("leaver@matrix.example")
    stream = client.events()
    equal("matrix__active_events", 200, stream.status)
    user = client.user["id"]
    equal("matrix__disable", 200, k.admin.patch("/api/v1/users/%d" % user, {"active": False}).status)
    import time
    time.sleep(1.2)
    equal("matrix__disabled_session", 401, client.get("/api/v1/contacts").status)
    equal("matrix__disabled_token", 401, token.get("/api/v1/contacts").status)
    equal("matrix__disabled_sign_in", 401, Client(k.port).sign_in("leaver@matrix.example").status)
    stream.close()


def check_events(k, clients, records):
    streams = {role: clients[role].events() for role in RIGHTS}
    import time
    time.sleep(0.3)
    for role in RIGHTS:
        for kind, record in records[role].items():
            k.admin.patch("/api/v1/contacts/%d" % record, {"city": "Event-%s" % kind})
    k.admin.patch("/api/v1/users/%d" % k.admin.user["id"], {"name": "Admin"})
    time.sleep(1.5)
    for role, stream in streams.items():
        sees = REACH[RIGHTS[role][0]]
        told = " ".join(event.get("data", "") for event in stream.seen)
        for kind, record in records[role].items():
            equal("matrix__%s_%s_event" % (role, kind), kind in sees, '"id":%d,' % record in told.replace(" ", ""))
        stream.close()


with Kontor(conf=CONF) as k:
    clients = people(k)
    east = clients["mate"].user["team"]["id"]
    west = clients["stranger"].user["team"]["id"]
    records = {}
    for role, client in clients.items():
        if role not in RIGHTS:
            continue
        me = client.user["id"]
        records[role] = {
            "own": make(k.admin, "r-%s-own" % role, me, east),
            "team": make(k.admin, "r-%s-team" % role, clients["mate"].user["id"], east),
            "foreign": make(k.admin, "r-%s-foreign" % role, clients["stranger"].user["id"], west),
        }
        for record in records[role].values():
            note_on(clients["stranger"] if record == records[role]["foreign"] else k.admin, record)
    for role in RIGHTS:
        check_role(k, role, clients[role], records[role])
        check_undo(k, clients[role], role, records[role])
        sees, _, deletes = (REACH[scope] for scope in RIGHTS[role])
        for kind in ("own", "foreign"):
            check_deleted(k, clients[role], role, records[role][kind], kind in sees, kind in deletes)
        if role != "admin":
            check_hidden_field(clients[role], role)
            check_timeline_hides(k, clients[role], records[role]["own"], role)
    check_events(k, clients, records)
    check_nobody(k, records["admin"]["own"])
    check_read_token(k, records["admin"]["own"])
    check_disabled(k)
finish()
