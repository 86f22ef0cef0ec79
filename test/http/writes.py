#!/usr/bin/python3
"""Writes over HTTP: idempotency keys, dry runs, versions, the answer's headers."""
import json
import threading
from decimal import ROUND_HALF_UP, Decimal

from kontor import Kontor, check, equal, finish, test


def idempotency(k):
    with test("idempotency__a_repeat_answers_the_same_and_does_nothing"):
        key = {"Idempotency-Key": "order-1"}
        first = k.admin.post("/api/v1/companies", {"name": "Once"}, headers=key)
        again = k.admin.post("/api/v1/companies", {"name": "Once"}, headers=key)
        assert first.status == again.status == 201, (first, again)
        assert first.json == again.json
        assert first.headers["x-kontor-change"] == again.headers["x-kontor-change"]
        assert k.admin.get('/api/v1/companies?filter=name = "Once"').json["count"] == 1
    with test("idempotency__another_request_with_the_key_clashes"):
        assert k.admin.post("/api/v1/companies", {"name": "Twice"}, headers={"Idempotency-Key": "order-1"}).status == 409
        assert k.admin.get('/api/v1/companies?filter=name = "Twice"').json["count"] == 0
    with test("idempotency__a_repeat_shows_what_may_be_seen_by_then"):
        own, key = k.add_user("own@example.com", role="own"), {"Idempotency-Key": "lost-1"}
        body = {"name": "Lost", "city": "Ulm"}
        first = own.post("/api/v1/companies", body, headers=key)
        path = "/api/v1/companies/%d" % first.json["id"]
        assert own.post("/api/v1/companies", body, headers=key).json == first.json
        k.admin.patch(path, {"city": "Kiel"})
        again = own.post("/api/v1/companies", body, headers=key)
        assert again.status == 201 and again.json["city"] == "Kiel" and again.headers["etag"] == '"2"', again
        k.admin.patch(path, {"owner": k.admin.user["id"], "team": None, "city": "Secret"})
        again = own.post("/api/v1/companies", body, headers=key)
        assert again.json == {"id": first.json["id"], "entity": "company", "hidden": True}, again
        assert "etag" not in again.headers and again.headers["x-kontor-change"] == first.headers["x-kontor-change"], again
        assert own.get(path).status == 404 and k.admin.get('/api/v1/companies?filter=name = "Lost"').json["count"] == 1
    with test("idempotency__keys_belong_to_their_user"):
        other = k.add_user("ida@example.com", role="admin")
        assert other.post("/api/v1/companies", {"name": "Hers"}, headers={"Idempotency-Key": "order-1"}).status == 201
    with test("idempotency__a_refused_request_leaves_its_key_free"):
        key = {"Idempotency-Key": "order-2"}
        assert k.admin.post("/api/v1/companies", {"nonsense": 1}, headers=key).status == 422
        assert k.admin.post("/api/v1/companies", {"name": "Second try"}, headers=key).status == 201
    with test("idempotency__equal_requests_at_once_have_one_effect"):
        answers = []
        token = k.token()

        def send():
            caller = k.client(token=token.headers["Authorization"].split()[1])
            answers.append(caller.post("/api/v1/companies", {"name": "Race"}, headers={"Idempotency-Key": "race"}))
        threads = [threading.Thread(target=send) for _ in range(20)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert {a.status for a in answers} == {201}, [a.status for a in answers]
        assert len({a.json["id"] for a in answers}) == 1
        assert k.admin.get('/api/v1/companies?filter=name = "Race"').json["count"] == 1
    with test("idempotency__never_keeps_a_secret"):
        key = {"Idempotency-Key": "token-1"}
        first = k.admin.post("/api/v1/tokens", {"name": "kept", "scope": "read"}, headers=key)
        again = k.admin.post("/api/v1/tokens", {"name": "kept", "scope": "read"}, headers=key)
        assert first.status == 201 and "kt_" in first.text and "kt_" not in again.text, (first, again)
        assert len([t for t in k.admin.get("/api/v1/tokens").json["items"] if t["name"] == "kept"]) == 1
    with test("bulk__an_empty_filter_is_not_all"):
        for body in ({"filter": ""}, {"filter": "  "}, {"filter": None}, {}, {"all": False}, {"all": True, "ids": [1]}, {"all": True, "filter": "id > 1"}):
            answer = k.admin.post("/api/v1/companies/bulk", {**body, "set": {"city": "Kiel"}})
            assert answer.status == 400 and '"all": true' in answer.json["error"]["text"], (body, answer)
        answer = k.admin.post("/api/v1/companies/bulk?dry_run=1", {"all": True, "set": {"city": "Kiel"}})
        assert answer.json["changed"] == k.admin.get("/api/v1/companies").json["count"], answer
    with test("idempotency__bulk_and_undo_are_done_once"):
        key = {"Idempotency-Key": "bulk-1"}
        body = {"filter": 'name = "Once"', "set": {"city": "Kiel"}}
        first = k.admin.post("/api/v1/companies/bulk", body, headers=key)
        again = k.admin.post("/api/v1/companies/bulk", body, headers=key)
        assert first.json["changed"] == 1 and again.json["change"] == first.json["change"], (first, again)
        undo = {"Idempotency-Key": "undo-1"}
        one = k.admin.post("/api/v1/changes/%d/undo" % first.json["change"], headers=undo)
        two = k.admin.post("/api/v1/changes/%d/undo" % first.json["change"], headers=undo)
        assert one.status == two.status == 200 and one.json["undone"] == two.json["undone"] == 1, (one, two)


def dry_runs(k):
    with test("dry_run__answers_like_the_real_run_and_keeps_nothing"):
        before = k.admin.get("/api/v1/companies").json["count"]
        changes = k.admin.get("/api/v1/changes").json["items"][0]["id"]
        draft = k.admin.post("/api/v1/companies?dry_run=1", {"name": "Draft"})
        assert draft.status == 201 and draft.json["dry_run"] is True and draft.json["name"] == "Draft", draft
        assert k.admin.get("/api/v1/companies").json["count"] == before
        assert k.admin.get("/api/v1/changes").json["items"][0]["id"] == changes
        wrong = k.admin.post("/api/v1/companies?dry_run=1", {"employees": "many"})
        real = k.admin.post("/api/v1/companies", {"employees": "many"})
        assert wrong.status == real.status == 422
        assert wrong.json["error"]["fields"] == real.json["error"]["fields"]
    with test("dry_run__holds_for_every_write"):
        company = k.admin.post("/api/v1/companies", {"name": "Dry"}).json
        path = "/api/v1/companies/%d" % company["id"]
        assert k.admin.patch(path + "?dry_run=1", {"city": "Kiel"}).json["dry_run"] is True
        assert k.admin.delete(path + "?dry_run=1").status == 204
        assert k.admin.get(path).json["version"] == 1
        bulk = k.admin.post("/api/v1/companies/bulk?dry_run=1", {"ids": [company["id"]], "set": {"city": "Kiel"}})
        assert bulk.json["changed"] == 1 and bulk.json["dry_run"] is True, bulk
        tokens = len(k.admin.get("/api/v1/tokens").json["items"])
        assert k.admin.post("/api/v1/tokens?dry_run=1", {"name": "x"}).status == 201
        assert len(k.admin.get("/api/v1/tokens").json["items"]) == tokens
        assert k.admin.get(path).json["version"] == 1


def bulks(k):
    company = k.admin.post("/api/v1/companies", {"name": "One of many"}).json["id"]
    for wrong in (0, -1, -(1 << 52)):
        with test("bulk__refuses_%d_as_an_id" % wrong):
            for ids in ([company, wrong], [wrong] * 501, [wrong]):
                for what in ({"set": {"city": "Kiel"}}, {"delete": True}):
                    answer = k.admin.post("/api/v1/companies/bulk", {"ids": ids, **what})
                    assert answer.status == 400 and "not %d." % wrong in answer.text, answer
            assert k.admin.get("/api/v1/companies/%d" % company).json["version"] == 1
    with test("bulk__tells_ids_that_are_not_there"):
        answer = k.admin.post("/api/v1/companies/bulk", {"ids": [company, 1 << 52], "set": {"city": "Kiel"}}).json
        assert answer["changed"] == 1 and [e["id"] for e in answer["errors"]] == [1 << 52], answer


def versions(k):
    company = k.admin.post("/api/v1/companies", {"name": "Versioned"})
    path = "/api/v1/companies/%d" % company.json["id"]
    with test("version__is_the_etag"):
        assert company.headers["etag"] == '"1"'
        got = k.admin.get(path)
        assert got.headers["etag"] == '"1"'
    with test("version__says_nothing_about_sums_and_titles"):
        made = k.admin.post("/api/v1/companies", {"name": "Sums"})
        deal = k.admin.post("/api/v1/deals", {"name": "Part", "company": made.json["id"], "amount": "500"}).json["id"]
        one = "/api/v1/companies/%d" % made.json["id"]
        for where in (one, one + "?fields=name", one + "?as_of=2999-01-01"):
            answer = k.admin.get(where, headers={"If-None-Match": made.headers["etag"]})
            assert answer.status == 200 and answer.headers["etag"] == made.headers["etag"] and answer.json, answer
        assert k.admin.get(one, headers={"If-None-Match": made.headers["etag"]}).json["open_value"]["value"] == "500.00"
        k.admin.patch(one, {"name": "Renamed"})
        answer = k.admin.get("/api/v1/deals/%d" % deal, headers={"If-None-Match": '"1"'})
        assert answer.status == 200 and answer.json["company"]["title"] == "Renamed", answer
    with test("version__is_demanded_and_compared"):
        assert k.admin.patch(path, {"city": "Kiel"}, version=None).status == 428
        assert k.admin.delete(path, version=None).status == 428
        assert k.admin.request("PATCH", path, {"city": "Kiel"}, headers={"If-Match": "banana"}).status == 400
        changed = k.admin.patch(path, {"city": "Kiel"}, version=1)
        assert changed.status == 200 and changed.headers["etag"] == '"2"'
        stale = k.admin.patch(path, {"city": "Rome"}, version=1)
        assert stale.status == 412, stale
        assert stale.json["error"]["code"] == "stale"
        assert stale.json["current"]["city"] == "Kiel" and stale.json["base"].get("city") is None, stale.json
    with test("version__two_writers_one_wins"):
        answers = []
        token = k.token().headers["Authorization"].split()[1]

        def send(city):
            answers.append(k.client(token=token).patch(path, {"city": city}, version=2).status)
        threads = [threading.Thread(target=send, args=("City %d" % i,)) for i in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert sorted(answers) == [200] + [412] * 7, answers


def rings(k):
    """No record is linked to itself: no company is its own parent."""
    company = k.admin.post("/api/v1/companies", {"name": "Own"}).json["id"]
    path = "/api/v1/companies/%d" % company
    for way in ("?dry_run=1", ""):
        answer = k.admin.patch(path + way, {"parent": company})
        check("link__to_itself_is_refused" + way, answer.status == 422 and
              [(f["where"], f["text"]) for f in answer.json["error"]["fields"]] ==
              [("company.parent", "Parent company cannot be the record itself.")], answer)
    answer = k.admin.post("/api/v1/companies/bulk", {"ids": [company], "set": {"parent": company}})
    check("link__to_itself_is_refused_in_bulk", answer.json["changed"] == 0 and len(answer.json["errors"]) == 1, answer)
    k.run("import", "company", k.file("name,parent\nOwn,Own\n"), "--match", "name")
    equal("link__to_itself_is_refused_in_imports", None, k.admin.get(path).json["parent"])


def bodies(k):
    for name, body in [("text", "hello"), ("half", '{"name":'), ("list", "[]"), ("deep", "[" * 5000 + "]" * 5000),
                       ("twice", '{"name":"a","name":"b"}'), ("number", "1e999"), ("nul", '{"name":"a\\u0000b"}'),
                       ("lone_surrogate", '{"name":"\\ud800"}'), ("bad_utf8", b'{"name":"\xff"}')]:
        answer = k.admin.request("POST", "/api/v1/companies", body, headers={"Content-Type": "application/json"})
        check("json__refuses_" + name, answer.status in (400, 422), answer)
    with test("json__errors_have_one_shape"):
        answer = k.admin.post("/api/v1/companies", {"nme": "x"})
        error = answer.json["error"]
        assert answer.status == 422 and error["code"] == "invalid" and len(error["trace"]) == 16, answer
        assert any("nme" in f["where"] for f in error["fields"]), error
        json.dumps(error)


def drafts(k):
    """A form that is not complete yet: what the server would say, with doubles and what is required, beside the errors."""
    k.admin.post("/api/v1/contacts", {"last_name": "Doppel", "emails": "doppel@example.com"})
    with test("draft__stands_beside_the_errors"):
        answer = k.admin.post("/api/v1/contacts?dry_run=1", {"job_title": "D", "emails": "doppel@example.com"})
        assert answer.status == 422 and answer.json["dry_run"] is True, answer
        assert [f["where"] for f in answer.json["error"]["fields"]] == ["contact.last_name"], answer
        draft = answer.json["draft"]
        assert "last_name" in draft["required"] and "Doppel" in draft["warnings"][0]["text"], draft
    with test("draft__stands_beside_a_value_that_cannot_be_read"):
        answer = k.admin.post("/api/v1/contacts?dry_run=1", {"birthday": "soon"})
        assert answer.status == 422 and "last_name" in answer.json["draft"]["required"], answer
    with test("draft__of_a_change"):
        contact = k.admin.post("/api/v1/contacts", {"last_name": "Later"}).json["id"]
        answer = k.admin.patch("/api/v1/contacts/%d?dry_run=1" % contact, {"last_name": "", "emails": "doppel@example.com"})
        assert answer.status == 422 and answer.json["draft"]["warnings"], answer
    with test("draft__answers_a_form_without_failing"):
        for body in ({"job_title": "D", "emails": "doppel@example.com"}, {"last_name": "D", "birthday": "soon"}):
            asked, tried = (k.admin.post("/api/v1/contacts?dry_run=" + how, body) for how in ("draft", "1"))
            assert (asked.status, tried.status) == (200, 422), (asked, tried)
            assert asked.text.count('"dry_run"') == 1, asked
            assert asked.json["draft"] == tried.json["draft"], (asked, tried)
            assert asked.json["error"]["fields"] == tried.json["error"]["fields"], (asked, tried)
        assert k.admin.post("/api/v1/contacts?dry_run=draft", {"last_name": "D"}).status == 201
    with test("draft__is_nothing_of_a_real_write"):
        answer = k.admin.post("/api/v1/contacts", {"job_title": "D"})
        assert answer.status == 422 and "draft" not in answer.json, answer


def parameters(k):
    for path in ("companies?limit=1&limit=2", "companies?filter=name = \"a\"&sort=name&filter=", "search?q=a&q=a",
                 "companies?sort&sort", "changes?limit=1&limit=1"):
        answer = k.admin.get("/api/v1/" + path)
        check("query__refuses_what_stands_twice_" + path.split("=")[0], answer.status == 400 and
              "twice" in answer.json["error"]["text"], answer)
    answer = k.admin.post("/api/v1/companies?dry_run=0&dry_run=1", {"name": "Twice"})
    check("query__refuses_two_dry_runs", answer.status == 400, answer)


ADDRESSES = ["no address", "a@", "@b.example", "a b@c.example", "a@b@c.example", "a@b..example", "<a@b.example>", "a@b.example,c@d.example"]


def addresses(k):
    """The address of a user is looked at wherever it comes in."""
    user = k.admin.post("/api/v1/users", {"name": "Ad", "email": "ad@example.com", "role": "member"}).json["id"]
    for address in ADDRESSES:
        for name, answer in (("new", k.admin.post("/api/v1/users", {"name": "Bad", "email": address, "role": "member"})),
                             ("changed", k.admin.patch("/api/v1/users/%d" % user, {"email": address}))):
            check("email__of_a_%s_user_is_not_%s" % (name, address.replace(" ", "_")), answer.status == 422 and
                  answer.json["error"]["fields"][0]["where"] == "user.email" and
                  "e-mail address" in answer.json["error"]["text"], answer)
        result = k.run("user", "add", "--email", address, "--name", "Bad")
        check("email__cli_refuses_" + address.replace(" ", "_"), result.returncode != 0 and "e-mail" in result.stderr, result.stderr)
    result = k.run("import", "user", k.file("name,email\nGood,good@example.com\nBad,no address\n", "users.csv"))
    check("email__import_rejects_the_row", result.returncode == 3, result.stdout + result.stderr)
    check("email__good_ones_come_in", k.admin.patch("/api/v1/users/%d" % user, {"email": "Änne.o'x+y@firma.local"}).status == 200)


def amounts(k):
    """What a board's deals are worth, weighted: exact also for amounts whose product with a percentage fits no 64 bits."""
    pipeline = k.admin.get("/api/v1/meta").json["pipelines"][0]
    stages = [s["id"] for s in pipeline["stages"] if s["kind"] == "open"]
    deals = [(stages[0], "90071992547409.91", "99.99"), (stages[0], "90071992547409.91", "100"), (stages[0], "0.05", "50"),
             (stages[1], "-90071992547409.91", "33.33"), (stages[1], "0.01", "49.99"), (stages[1], "0.33", "12.34")]
    for stage, amount, percent in deals:
        answer = k.admin.post("/api/v1/deals", {"name": "Huge", "stage": stage, "amount": amount, "percent": percent})
        assert answer.status == 201, answer
    board = k.admin.get("/api/v1/boards/" + pipeline["id"]).json["stages"]
    for stage in stages[:2]:
        worth = sum(Decimal(a) * Decimal(p) / 100 for s, a, p in deals if s == stage)
        wanted = str(worth.quantize(Decimal("0.01"), ROUND_HALF_UP))
        got = [s["weighted"]["value"] for s in board if s["id"] == stage][0]
        check("board__weighs_huge_amounts_" + stage, got == wanted, "wanted %s, got %s" % (wanted, got))


def set_up_times(k):
    """What the set-up did lies before all history and has no time."""
    items = k.admin.items("/api/v1/changes?limit=200")
    made = [c for c in items if c["source"] in ("setup", "config")]
    check("changes__of_the_set_up_have_no_time", made and all(c["at"] is None for c in made), made)
    check("changes__of_others_have_one", all(c["at"] > "2020" for c in items if c not in made), items)
    own = k.admin.get("/api/v1/users/%d/timeline" % k.admin.user["id"]).json["items"]
    check("timeline__of_the_set_up_has_no_time", own and own[-1]["at"] is None, own)
    check("changes__cli_says_set_up", "set-up" in k.must("changes", "--limit", "200"))


OWN = """own:
  label: Own
  entities:
    "*": {see: own, create: all, edit: own, delete: own}
"""

with Kontor(conf={"roles.yaml": OWN}) as k:
    set_up_times(k)
    amounts(k)
    parameters(k)
    drafts(k)
    addresses(k)
    idempotency(k)
    dry_runs(k)
    bulks(k)
    versions(k)
    rings(k)
    bodies(k)
finish()
