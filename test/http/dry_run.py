#!/usr/bin/python3
"""Dry runs are the real runs, rolled back: every write of a table below is sent with dry_run=1 first. The whole database,
table by table, must be what it was; then the real request must give the same status and body. A route of the program that
writes and is neither in the table nor excused fails the test."""
import hashlib
import json
import re
import sqlite3
import time

from kontor import ADMIN, PASSWORD, SOURCE, Client, Kontor, check, equal, finish

# Not writes of data: signing in and out. With dry_run=1 they must do nothing or be refused; see sessions().
SESSIONS = {("POST", "/session"), ("DELETE", "/session"), ("POST", "/session/link"), ("POST", "/session/confirm"),
            ("DELETE", "/sessions/:id")}
# Their own proofs: first set-up (setup()), the stream of a file (import_stream()), reminders (step_reminders.py), the channel of
# the command line only.
ELSEWHERE = {("POST", "/notifications/snooze"), ("POST", "/setup"), ("PUT", "/imports/:id/data"), ("POST", "/system/backup"), ("POST", "/system/users"),
             ("POST", "/system/password"), ("PUT", "/system/takeout")}
MOVING = {"token": ("used_at",), "session": ("seen_at",)}  # change with every request


def dump(k):
    """Name of each table -> digest of all its rows."""
    db = sqlite3.connect("file:%s?mode=ro" % (k.data / "kontor.db"), uri=True)
    found = {}
    try:
        db.execute("BEGIN")
        names = [row[0] for row in db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
            " AND name NOT LIKE 'sqlite_stat%' ORDER BY name")]  # the planner's figures are made when there is time for it
        for name in names:
            columns = [row[1] for row in db.execute('PRAGMA table_info("%s")' % name) if row[1] not in MOVING.get(name, ())]
            digest = hashlib.sha256()
            count = 0
            for row in db.execute('SELECT %s FROM "%s" ORDER BY 1, 2' % (",".join('"%s"' % c for c in columns), name)
                                  if len(columns) > 1 else 'SELECT "%s" FROM "%s" ORDER BY 1' % (columns[0], name)):
                digest.update(repr(row).encode())
                count += 1
            found[name] = (count, digest.hexdigest()[:16])
        found["sqlite_schema"] = hashlib.sha256(repr(db.execute(
            "SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY name").fetchall()).encode()).hexdigest()[:16]
    finally:
        db.close()
    return found


def plain(answer):
    """What two answers must share: without what a dry run adds, the clock and the dice decide."""
    def strip(value):
        if isinstance(value, dict):
            return {key: strip(v) for key, v in value.items() if key not in ("dry_run", "draft", "trace", "token", "link", "url", "csrf")}
        if isinstance(value, list):
            return [strip(v) for v in value]
        if isinstance(value, str):
            return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "INSTANT", value)
        return value
    return strip(answer.json) if answer.body else None


def difference(a, b):
    if isinstance(a, dict) and isinstance(b, dict):
        return {key: (a.get(key), b.get(key)) for key in {*a, *b} if a.get(key) != b.get(key)}
    return (a, b)


def pair(k, name, client, method, path, body=None, headers=None):
    """Dry, then real; returns the real answer."""
    headers = {"If-Match": "*"} if method in ("PATCH", "DELETE") and headers is None else headers or {}
    mark = "&" if "?" in path else "?"
    before = dump(k)
    dry = client.request(method, path + mark + "dry_run=1", body, headers=headers)
    after = dump(k)
    check("dry_run__%s_keeps_nothing" % name, before == after, lambda: "%r of %r" % (difference(before, after), dry))
    real = client.request(method, path, body, headers=headers)
    equal("dry_run__%s_has_the_status" % name, real.status, dry.status)
    check("dry_run__%s_has_the_body" % name, plain(real) == plain(dry), lambda: repr(difference(plain(real), plain(dry))))
    if dry.status == 200 or dry.status == 201:
        check("dry_run__%s_says_so" % name, dry.json.get("dry_run") is True and "dry_run" not in (real.json or {}), repr(dry))
    return real


def firm(k):
    made = {}
    for i in range(12):
        made["company%d" % i] = k.admin.post("/api/v1/companies", {"name": "Firm %d" % i, "city": "Kiel"}).json["id"]
    for i in range(6):
        made["contact%d" % i] = k.admin.post("/api/v1/contacts", {
            "last_name": "Person %d" % i, "company": made["company0"], "emails": "p%d@dry.example" % i}).json["id"]
    for i in range(4):
        made["deal%d" % i] = k.admin.post("/api/v1/deals", {"name": "Deal %d" % i, "company": made["company1"],
                                                            "amount": "100.50"}).json["id"]
    return made


def records(k, made, done):
    a = k.admin
    company, contact, deal = ("/api/v1/companies/%d" % made["company0"], "/api/v1/contacts/%d" % made["contact0"],
                              "/api/v1/deals/%d" % made["deal0"])
    run = lambda route, name, *args, **more: (done.add(route), pair(k, name, a, route[0], *args, **more))[1]
    create, change, delete = ("POST", "/:plural"), ("PATCH", "/:plural/:id"), ("DELETE", "/:plural/:id")
    bulk, restore, undo = ("POST", "/:plural/bulk"), ("POST", "/:plural/:id/restore"), ("POST", "/changes/:id/undo")
    run(create, "create_company", "/api/v1/companies", {"name": "New", "revenue": "12.5", "phones": "+49 431 1"})
    run(create, "create_contact", "/api/v1/contacts", {"last_name": "New", "company": {"name": "New"}, "emails": ["a@b.example"]})
    run(create, "create_deal_with_computed", "/api/v1/deals", {"name": "Big", "amount": "5000", "company": made["company0"]})
    run(create, "create_note", "/api/v1/notes", {"text": "# hello", "links": [made["company0"], made["deal0"]]})
    run(create, "create_activity", "/api/v1/activities", {"kind": "task", "subject": "Call", "links": [made["contact0"]]})
    run(create, "create_product", "/api/v1/products", {"name": "Thing", "sku": "T-1", "price": "9.99"})
    run(create, "create_team", "/api/v1/teams", {"name": "South"})
    run(create, "create_user", "/api/v1/users", {"name": "New User", "email": "new@dry.example", "role": "member"})
    run(create, "create_view", "/api/v1/views", {"name": "Mine", "entity": "deal", "filter": "amount > 5"})
    for name, path, body in (
            ("empty", "/api/v1/companies", {}), ("unknown_field", "/api/v1/companies", {"nme": "x"}),
            ("many_bad_fields", "/api/v1/deals", {"amount": "much", "close_date": "never", "company": 999999, "source": "moon"}),
            ("readonly", "/api/v1/deals", {"name": "x", "won_at": "2026-01-01T00:00:00Z"}),
            ("gate", "/api/v1/deals", {"name": "x", "stage": "lost"}), ("unique", "/api/v1/products", {"name": "T", "sku": "T-1"}),
            ("same_email", "/api/v1/users", {"name": "Twin", "email": "new@dry.example", "role": "member"}),
            ("no_role", "/api/v1/users", {"name": "R", "email": "r@dry.example", "role": "emperor"}),
            ("absent_entity", "/api/v1/spaceships", {"name": "x"}), ("list", "/api/v1/companies", []),
            ("bad_expression", "/api/v1/views", {"name": "Bad", "entity": "deal", "filter": "amout > 5"})):
        run(create, "create_refused_" + name, path, body)
    run(change, "change", company, {"city": "Lübeck", "website": "https://a.example"})
    run(change, "change_nothing", company, {"city": "Lübeck"})
    run(change, "change_stage", deal, {"stage": "won"})
    run(change, "change_back", deal, {"stage": "proposal", "percent": "42.5"})
    run(change, "change_refused_gate", deal, {"stage": "lost"})
    run(change, "change_lost", deal, {"stage": "lost", "lost_reason": "price"})
    run(change, "change_refused_values", contact, {"birthday": "tomorrow", "emails": "nonsense", "company": made["deal0"]})
    run(change, "change_refused_required", contact, {"last_name": ""})
    run(change, "change_without_version", company, {"city": "x"}, headers={})
    run(change, "change_stale", company, {"city": "x"}, headers={"If-Match": '"1"'})
    run(change, "change_bad_version", company, {"city": "x"}, headers={"If-Match": "banana"})
    run(change, "change_absent", "/api/v1/companies/999999", {"city": "x"})
    run(change, "change_own_user", "/api/v1/users/%d" % a.user["id"], {"name": "Ada Admin"})
    run(change, "change_refused_last_admin", "/api/v1/users/%d" % a.user["id"], {"role": "reader"})
    run(delete, "delete", "/api/v1/contacts/%d" % made["contact5"])
    run(delete, "delete_with_links", "/api/v1/companies/%d" % made["company1"])
    run(delete, "delete_twice", "/api/v1/contacts/%d" % made["contact5"])
    run(delete, "delete_without_version", company, headers={})
    run(delete, "delete_last_admin", "/api/v1/users/%d" % a.user["id"])
    run(restore, "restore_from_trash", "/api/v1/companies/%d/restore" % made["company1"], {})
    run(restore, "restore_not_in_trash", "/api/v1/companies/%d/restore" % made["company1"], {})
    history = a.get("/api/v1/changes?entity=company&id=%d" % made["company0"]).json["items"]
    run(restore, "restore_a_value", company + "/restore", {"field": "city", "change": history[0]["id"]})
    run(restore, "restore_a_moment", company + "/restore", {"change": history[-1]["id"]})
    run(restore, "restore_refused_field", company + "/restore", {"field": "colour", "change": history[0]["id"]})
    ids = [made["company%d" % i] for i in range(3, 8)]
    set_city = run(bulk, "bulk_set", "/api/v1/companies/bulk", {"ids": ids, "set": {"city": "Bonn", "industry": "Steel"}})
    run(bulk, "bulk_filter", "/api/v1/companies/bulk", {"filter": 'city = "Bonn"', "set": {"city": "Ulm"}})
    run(bulk, "bulk_refused_value", "/api/v1/companies/bulk", {"ids": ids, "set": {"employees": -4}})
    run(bulk, "bulk_refused_gate", "/api/v1/deals/bulk", {"ids": [made["deal1"], made["deal2"]], "set": {"stage": "lost"}})
    run(bulk, "bulk_refused_filter", "/api/v1/companies/bulk", {"filter": "nonsense", "set": {"city": "x"}})
    tags = [k.admin.post("/api/v1/tags", {"name": name}).json["id"] for name in ("VIP", "Fair")]
    swap = ("POST", "/tags/replace")
    run(bulk, "bulk_tags", "/api/v1/companies/bulk", {"ids": ids, "set": {"tags": ["VIP", "New one"]}})
    run(swap, "tags_renamed", "/api/v1/tags/replace", {"from": tags[:1], "name": "Very important"})
    run(swap, "tags_merged", "/api/v1/tags/replace", {"from": tags[:1], "into": tags[1]})
    run(swap, "tags_refused", "/api/v1/tags/replace", {"from": tags[:1], "into": tags[1]})
    gone = run(bulk, "bulk_delete", "/api/v1/companies/bulk", {"ids": ids[:3], "delete": True})
    run(undo, "undo_keeps_later_edits", "/api/v1/changes/%d/undo" % set_city.json["change"])
    run(undo, "undo_of_delete", "/api/v1/changes/%d/undo" % gone.json["change"])
    run(undo, "undo_again", "/api/v1/changes/%d/undo" % gone.json["change"])
    run(undo, "undo_of_nothing", "/api/v1/changes/999999/undo")
    run(undo, "undo_of_creation", "/api/v1/changes/%s/undo" % a.get("/api/v1/changes?entity=contact&id=%d" % made["contact4"])
        .json["items"][-1]["id"])
    merge, dismiss = ("POST", "/:plural/merge"), ("POST", "/duplicates/dismiss")
    two = [made["contact2"], made["contact3"]]
    run(dismiss, "dismiss_double", "/api/v1/duplicates/dismiss", {"ids": two})
    run(dismiss, "dismiss_refused", "/api/v1/duplicates/dismiss", {"ids": two[:1]})
    merged = run(merge, "merge", "/api/v1/contacts/merge", {"into": two[0], "from": two[1:], "fields": {"last_name": two[1]}})
    run(merge, "merge_refused", "/api/v1/contacts/merge", {"into": two[0], "from": two[1:]})
    run(undo, "undo_of_merge", "/api/v1/changes/%d/undo" % merged.json["change"])


def later_rules(k):
    """Records from before a rule: what does not change them is not refused, what does is, dry and real alike."""
    firm_id = k.admin.post("/api/v1/companies", {"name": "Old", "city": "Kiel"}).json["id"]
    k.write_conf({"fields.yaml": "company:\n  fields:\n    tax_number: {type: text, required: true}\n"})
    k.must("apply")
    path = "/api/v1/companies/%d" % firm_id
    same = pair(k, "later_rule_same_value", k.admin, "PATCH", path, {"city": "Kiel"})
    other = pair(k, "later_rule_other_value", k.admin, "PATCH", path, {"city": "Bonn"})
    pair(k, "later_rule_bulk", k.admin, "POST", "/api/v1/companies/bulk", {"ids": [firm_id], "set": {"city": "Bonn"}})
    filled = pair(k, "later_rule_fulfilled", k.admin, "PATCH", path, {"city": "Bonn", "tax_number": "1"})
    equal("dry_run__later_rule_statuses", [200, 422, 200], [same.status, other.status, filled.status])
    k.write_conf({"fields.yaml": "company:\n  fields:\n    tax_number: {type: text}\n"})
    k.must("apply")


def long_writes(k, done):
    """More records than one slice: the dry run works on a private snapshot."""
    text = "name,city\n" + "".join("Bulk %d,Kiel\n" % i for i in range(1300))
    imported = json.loads(k.must("import", "company", k.file(text, "bulk.csv"), "--json"))
    more = {"filter": 'name starts with "Bulk"', "set": {"city": "Rostock"}}
    changed = pair(k, "long_bulk", k.admin, "POST", "/api/v1/companies/bulk", more)
    equal("dry_run__long_bulk_changes_all", 1300, changed.json["changed"])
    pair(k, "long_undo", k.admin, "POST", "/api/v1/changes/%d/undo" % changed.json["change"])
    pair(k, "long_undo_of_import", k.admin, "POST", "/api/v1/changes/%d/undo" % imported["change"])
    check("dry_run__snapshots_are_removed", not list((k.data / "tmp").glob("*")), lambda: list((k.data / "tmp").glob("*")))


def account(k, done):
    a = k.admin
    user = k.admin.post("/api/v1/users", {"name": "Li", "email": "li@dry.example", "role": "member"}).json["id"]
    done |= {("PATCH", "/me"), ("POST", "/me/password"), ("POST", "/tokens"), ("DELETE", "/tokens/:id"),
             ("POST", "/users/:id/link"), ("POST", "/config/apply"), ("POST", "/config/check")}
    pair(k, "me", a, "PATCH", "/api/v1/me", {"name": "Ada", "prefs": {"theme": "dark"}}, headers={})
    pair(k, "me_refused", a, "PATCH", "/api/v1/me", {"name": ""}, headers={})
    pair(k, "password_refused", a, "POST", "/api/v1/me/password", {"old": "wrong wrong wrong", "new": "long enough password"})
    pair(k, "password_too_short", a, "POST", "/api/v1/me/password", {"old": PASSWORD, "new": "short"})
    made = pair(k, "token", a, "POST", "/api/v1/tokens", {"name": "one", "scope": "read", "expires": "5d"})
    pair(k, "token_refused", a, "POST", "/api/v1/tokens", {"name": "one", "scope": "everything"})
    token = [t["id"] for t in a.get("/api/v1/tokens").json["items"] if t["name"] == "one"]
    check("dry_run__token_is_made_once", len(token) == 1 and made.status == 201, token)
    pair(k, "token_revoked", a, "DELETE", "/api/v1/tokens/%d" % token[0], headers={})
    pair(k, "link", a, "POST", "/api/v1/users/%d/link" % user, {})
    pair(k, "link_refused", a, "POST", "/api/v1/users/999999/link", {})
    k.write_conf({"entities/vessel.yaml": "entity: vessel\nlabel: Vessel\nplural: vessels\ntitle: name\nfields:\n  name: {type: text}\n"})
    pair(k, "config_check", a, "POST", "/api/v1/config/check", {})
    pair(k, "config_apply", a, "POST", "/api/v1/config/apply", {})
    equal("dry_run__config_apply_applied_once", 200, a.get("/api/v1/vessels").status)
    k.write_conf({"entities/vessel.yaml": "entity: vessel\nfields: {name: {type: colour}}\n"})
    pair(k, "config_apply_refused", a, "POST", "/api/v1/config/apply", {"yes": True})
    k.write_conf({"entities/vessel.yaml": "entity: vessel\nlabel: Vessel\nplural: vessels\ntitle: name\nfields:\n  name: {type: text}\n"})
    changed = pair(k, "password", a, "POST", "/api/v1/me/password", {"old": PASSWORD, "new": "another long password"})
    equal("dry_run__password_changes", 204, changed.status)
    k._admin = k.client(ADMIN, "another long password")


def sessions(k):
    """Signing in with dry_run=1 checks and keeps nothing, or is refused; it never signs in."""
    before = dump(k)
    nobody = Client(k.port)
    answer = nobody.post("/api/v1/session?dry_run=1", {"email": ADMIN, "password": "another long password"})
    check("dry_run__sign_in_keeps_nothing", dump(k) == before and "set-cookie" not in answer.headers, lambda: repr(answer))
    one = k.client(ADMIN, "another long password")
    before = dump(k)
    answer = one.request("DELETE", "/api/v1/session?dry_run=1")
    check("dry_run__sign_out_keeps_the_session", dump(k) == before and one.get("/api/v1/me").status == 200, lambda: repr(answer))
    answer = one.post("/api/v1/session/confirm?dry_run=1", {"password": "another long password"})
    check("dry_run__confirming_keeps_the_cookie", dump(k) == before and one.get("/api/v1/me").status == 200, lambda: repr(answer))
    other = [s["id"] for s in one.get("/api/v1/sessions").json["items"] if not s["current"]]
    answer = one.request("DELETE", "/api/v1/sessions/%d?dry_run=1" % other[0])
    check("dry_run__ending_a_session_keeps_it", dump(k) == before, lambda: repr(answer))
    user = k.admin.get('/api/v1/users?filter=email = "li@dry.example"').json["items"][0]["id"]
    code = k.admin.post("/api/v1/users/%d/link" % user, {}).json["link"].split("code=")[1]
    before = dump(k)
    answer = nobody.post("/api/v1/session/link?dry_run=1", {"code": code, "password": "chosen by the user"})
    check("dry_run__one_time_link_stays_good", dump(k) == before and "set-cookie" not in answer.headers, lambda: repr(answer))
    equal("dry_run__one_time_link_works_afterwards", 200, nobody.post(
        "/api/v1/session/link", {"code": code, "password": "chosen by the user"}).status)


def limited(k):
    """Refusals for lack of rights are the same too."""
    reader = k.add_user("re@dry.example", role="reader")
    member = k.add_user("me@dry.example", role="member")
    firm_id = k.admin.post("/api/v1/companies", {"name": "Foreign"}).json["id"]
    change = k.admin.patch("/api/v1/companies/%d" % firm_id, {"city": "Ulm"}).headers["x-kontor-change"]
    for who, caller in (("reader", reader), ("member", member)):
        for name, method, path, body in (
                ("create", "POST", "/api/v1/companies", {"name": "X"}), ("create_for_others", "POST", "/api/v1/companies", {
                    "name": "Y", "owner": k.admin.user["id"]}),
                ("change", "PATCH", "/api/v1/companies/%d" % firm_id, {"city": "Bonn"}),
                ("delete", "DELETE", "/api/v1/companies/%d" % firm_id, None),
                ("bulk", "POST", "/api/v1/companies/bulk", {"ids": [firm_id], "set": {"city": "Bonn"}}),
                ("undo", "POST", "/api/v1/changes/%s/undo" % change, {}), ("apply", "POST", "/api/v1/config/apply", {}),
                ("import", "POST", "/api/v1/imports", {"entity": "company", "file_name": "x.csv"}),
                ("user", "POST", "/api/v1/users", {"name": "Z", "email": who + "z@dry.example", "role": "admin"})):
            pair(k, "%s_%s" % (who, name), caller, method, path, body)


def long_ago(k):
    """An old session changes no accounts, and its dry run says so: only the draft of a form goes without the password."""
    user = k.admin.post("/api/v1/users", {"name": "Old", "email": "old@dry.example", "role": "member"}).json["id"]
    made = k.admin.post("/api/v1/users", {"name": "Older", "email": "older@dry.example", "role": "member"})
    k.age_sessions(600)
    body = {"name": "Late", "email": "late@dry.example", "role": "member"}
    answers = [pair(k, "aged_" + name, k.admin, *what) for name, what in (
        ("user", ("POST", "/api/v1/users", body)), ("role", ("PATCH", "/api/v1/users/%d" % user, {"role": "reader"})),
        ("bulk", ("POST", "/api/v1/users/bulk", {"ids": [user], "set": {"role": "reader"}})),
        ("delete", ("DELETE", "/api/v1/users/%d" % user)),
        ("undo", ("POST", "/api/v1/changes/%s/undo" % made.headers["x-kontor-change"])))]
    equal("dry_run__aged_sessions_are_asked", [(403, "confirm")] * 5, [(a.status, a.json["error"]["code"]) for a in answers])
    equal("dry_run__aged_session_drafts", 201, k.admin.post("/api/v1/users?dry_run=draft", body).status)
    pair(k, "aged_name", k.admin, "PATCH", "/api/v1/users/%d" % user, {"name": "Olderer"})
    k._admin = k.client(ADMIN, "another long password")


def import_stream(k, done):
    """An import is dry by a member of its job; the parameter of the same name must not import either."""
    done.add(("POST", "/imports"))
    rows = "name,employees\nImported A,4\nImported B,many\nImported C,6\n"
    counts = {}
    for dry in (True, False):
        before = dump(k)
        job = k.admin.post("/api/v1/imports", {"entity": "company", "file_name": "x.csv", "dry_run": dry}).json["id"]
        k.admin.request("PUT", "/api/v1/imports/%d/data" % job, rows.encode(), headers={"Content-Type": "text/csv"})
        for _ in range(200):
            state = k.admin.get("/api/v1/imports/%d" % job).json
            if state["state"] not in ("waiting", "running"):
                break
            time.sleep(0.05)
        counts[dry] = [state.get(name) for name in ("created", "updated", "unchanged", "rejected")]
        if dry:
            after = dump(k)
            changed = {name for name in after if after[name] != before.get(name)}
            check("dry_run__import_keeps_only_its_job", changed <= {"job", "counter"}, changed)
    equal("dry_run__import_counts_are_those_of_the_real_one", counts[False], counts[True])
    equal("dry_run__import_counts", [2, 0, 0, 1], counts[True])
    before = dump(k)
    answer = k.admin.post("/api/v1/imports?dry_run=1", {"entity": "company", "file_name": "x.csv"})
    check("dry_run__import_by_parameter_keeps_nothing", dump(k) == before, lambda: "%r %r" % (answer, difference(before, dump(k))))
    for name, body in (("entity", {"entity": "spaceship"}), ("map", {"entity": "company", "map": "columns: ["})):
        pair(k, "import_refused_" + name, k.admin, "POST", "/api/v1/imports", body)


def stored(k):
    """Everything that lies beside the database: files of records and of imports."""
    return sorted(str(p.relative_to(k.data)) for p in k.data.rglob("*") if p.is_file() and not p.name.startswith("kontor."))


def beside(k, name, done, route, path, body=None, headers=None, same=True):
    """Dry, then real, of what has files besides; `same`: both give the same body."""
    done.add(route)
    before, files = dump(k), stored(k)
    dry = k.admin.request(route[0], path + ("&" if "?" in path else "?") + "dry_run=1", body, headers=headers)
    after = dump(k)
    check("dry_run__%s_keeps_nothing" % name, before == after and files == stored(k),
          lambda: "%r %r of %r" % (difference(before, after), {*files} ^ {*stored(k)}, dry))
    real = k.admin.request(route[0], path, body, headers=headers)
    equal("dry_run__%s_has_the_status" % name, real.status, dry.status)
    check("dry_run__%s_succeeds" % name, real.status < 300, repr(real))
    if same:
        check("dry_run__%s_has_the_body" % name, plain(real) == plain(dry), lambda: repr(difference(plain(real), plain(dry))))
    return real


def drafts(k, done):
    """An import in the browser: each of its steps may be tried without taking it."""
    def draft():
        job = k.admin.post("/api/v1/imports", {"wizard": True, "file_name": "d.csv", "entity": "company"}).json["id"]
        k.admin.request("PUT", "/api/v1/imports/%d/data" % job, b"name\nDrafted A\nDrafted B\n", headers={"Content-Type": "text/csv"})
        return "/api/v1/imports/%d" % job

    def idle(path, part):
        for _ in range(400):
            state = (k.admin.get(path).json[part] or {"state": "done"})["state"]
            if state not in ("waiting", "running"):
                return
            time.sleep(0.05)
    step = lambda word: ("POST", "/imports/:id/" + word)
    path = draft()
    beside(k, "draft_change", done, ("PATCH", "/imports/:id"), path, {"match": "name"}, same=False)
    beside(k, "draft_check", done, step("check"), path + "/check", {}, same=False)
    idle(path, "check")
    beside(k, "draft_check_again", done, step("check"), path + "/check", {}, same=False)
    idle(path, "check")
    beside(k, "draft_run", done, step("run"), path + "/run", {}, same=False)
    idle(path, "run")
    beside(k, "draft_cancel", done, step("cancel"), draft() + "/cancel", {}, same=False)
    recipe = beside(k, "recipe", done, ("POST", "/imports/recipes"), "/api/v1/imports/recipes",
                    {"name": "Ours", "map": "import: company\ncolumns: {name: name}\n"})
    beside(k, "recipe_dropped", done, ("DELETE", "/imports/recipes/:id"), "/api/v1/imports/recipes/%d" % recipe.json["id"])


def told(k, done):
    """What a user is told, and files of a record."""
    firm_id = k.admin.post("/api/v1/companies", {"name": "With a file"}).json["id"]
    writer = k.add_user("writer@dry.example", role="admin")
    note = writer.post("/api/v1/notes", {"text": "See @[%d]" % k.admin.user["id"], "links": [firm_id]})
    equal("dry_run__mention_is_unseen", (201, 1), (note.status, k.admin.get("/api/v1/notifications/count").json["unseen"]))
    beside(k, "seen", done, ("POST", "/notifications/seen"), "/api/v1/notifications/seen", {"all": True})
    equal("dry_run__mention_is_seen", 0, k.admin.get("/api/v1/notifications/count").json["unseen"])
    beside(k, "file", done, ("POST", "/:plural/:id/files"), "/api/v1/companies/%d/files?name=a.txt" % firm_id, b"hello",
           headers={"Content-Type": "text/plain"})


def planned(k, done):
    """A lead becomes a deal; an address of a calendar; a page says what it shows."""
    lead = k.admin.post("/api/v1/leads", {"last_name": "Dry", "company_name": "Dry Docks"}).json["id"]
    beside(k, "convert", done, ("POST", "/:plural/:id/convert"), "/api/v1/leads/%d/convert" % lead,
           {"company": {}, "contact": {}, "deal": {"name": "Dry one"}}, same=False)
    feed = beside(k, "feed", done, ("POST", "/feeds"), "/api/v1/feeds", {"name": "Phone"}, same=False).json["id"]
    beside(k, "feed_dropped", done, ("DELETE", "/feeds/:id"), "/api/v1/feeds/%d" % feed)
    stream = k.admin.events()
    hello = json.loads(stream.wait_for(lambda e: e.get("event") == "hello")["data"])
    beside(k, "present", done, ("POST", "/:plural/:id/present"), "/api/v1/leads/%d/present" % lead,
           {"stream": hello["stream"], "tab": "t1"})


def setup():
    k = Kontor(init=False)
    k.start()
    code = [line for line in k.output if "/setup?code=" in line][0].split("code=")[1].strip()
    first = {"company": "Acme", "currency": "CHF", "zone": "Europe/Zurich", "name": "Ada", "email": "ada@acme.example",
             "password": "the first password", "code": code}
    nobody = Client(k.port)
    before, files = dump(k), sorted(p.name for p in k.conf.rglob("*"))
    dry = nobody.post("/api/v1/setup?dry_run=1", first)
    check("dry_run__setup_keeps_nothing", dump(k) == before and files == sorted(p.name for p in k.conf.rglob("*")) and
          "set-cookie" not in dry.headers, lambda: repr(dry))
    bad = {**first, "currency": "XX", "password": "short"}
    equal("dry_run__setup_refuses_alike", nobody.post("/api/v1/setup", bad).status, nobody.post("/api/v1/setup?dry_run=1", bad).status)
    equal("dry_run__setup_works_afterwards", 200, nobody.post("/api/v1/setup", first).status)
    k.close()


def routes():
    text = (SOURCE / "lib/api/routes.c").read_text()
    found = set()
    for method, path in re.findall(r'\{"(POST|PUT|PATCH|DELETE)",\s*V1 "([^"]*)"', text):
        found.add((method, path))
    return found


with Kontor() as k:
    done = set()
    records(k, firm(k), done)
    later_rules(k)
    long_writes(k, done)
    account(k, done)
    import_stream(k, done)
    drafts(k, done)
    told(k, done)
    planned(k, done)
    sessions(k)
    limited(k)
    long_ago(k)
setup()
missing = routes() - done - SESSIONS - ELSEWHERE
check("dry_run__covers_every_route_that_writes", len(routes()) > 15 and not missing, repr(missing))
finish()
