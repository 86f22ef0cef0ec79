#!/usr/bin/python3
"""Who is asking: sign-in, cookies, CSRF, tokens, disabling, guess limits, first run, one-time links."""
import time

from kontor import ADMIN, PASSWORD, Kontor, check, equal, finish, test


def cookies(k):
    with test("session__cookie_is_closed_to_scripts_and_other_sites"):
        answer = k.client().sign_in(ADMIN)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("kontor=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
        assert answer.json["csrf"] and answer.json["user"]["email"] == ADMIN
    with test("session__probe_answers_nobody_with_200"):
        answer = k.client().get("/api/v1/session")
        assert answer.status == 200 and answer.json == {"user": None, "setup": False, "company": "Test"}, answer
    with test("session__wrong_password_and_unknown_user_look_the_same"):
        wrong = k.client().post("/api/v1/session", {"email": ADMIN, "password": "not the password"})
        unknown = k.client().post("/api/v1/session", {"email": "nobody@example.com", "password": "not the password"})
        assert wrong.status == unknown.status == 401, (wrong, unknown)
        assert wrong.json["error"]["text"] == unknown.json["error"]["text"]
    with test("session__nobody_gets_nothing"):
        for path in ("/api/v1/me", "/api/v1/contacts", "/api/v1/meta", "/api/v1/search?q=a", "/api/v1/openapi.json",
                     "/api/v1/events", "/api/v1/changes", "/api/v1/status", "/api/v1/config"):
            equal("session__nobody_gets_401_at_" + path, 401, k.client().get(path).status)
    with test("session__ends_when_signed_out"):
        caller = k.client(ADMIN)
        assert caller.delete("/api/v1/session", version=None).status == 204
        assert caller.get("/api/v1/me").status == 401
    with test("session__old_cookie_is_not_taken_over"):
        caller = k.client()
        caller.headers["Cookie"] = "kontor=attackerchosen"
        answer = caller.sign_in(ADMIN)
        assert answer.status == 200 and "attackerchosen" not in answer.headers["set-cookie"]


FORGED = [
    ("no_token", {"X-CSRF-Token": None}),
    ("empty_token", {"X-CSRF-Token": ""}),
    ("wrong_token", {"X-CSRF-Token": "a" * 32}),
    ("other_origin", {"Origin": "http://evil.example"}),
    ("null_origin", {"Origin": "null"}),
    ("origin_of_other_scheme", {"Origin": "https://127.0.0.1"}),
    ("origin_of_other_port", {"Origin": "http://127.0.0.1:1"}),
    ("cross_site", {"Sec-Fetch-Site": "cross-site"}),
    ("same_site_is_not_same_origin", {"Sec-Fetch-Site": "same-site"}),
    ("form", {"Content-Type": "application/x-www-form-urlencoded"}),
    ("text_form", {"Content-Type": "text/plain"}),
    ("multipart_form", {"Content-Type": "multipart/form-data; boundary=x"}),
]


def forgeries(k):
    writes = [("POST", "/api/v1/companies", {"name": "Forged"}), ("POST", "/api/v1/companies/bulk", {"ids": [], "set": {}}),
              ("PATCH", "/api/v1/me", {"name": "Forged"}), ("POST", "/api/v1/tokens", {"name": "x", "scope": "admin"}),
              ("POST", "/api/v1/config/apply", {"yes": True})]
    for name, change in FORGED:
        for method, path, body in writes:
            caller = k.client(ADMIN)
            headers = {}
            for header, value in change.items():
                if value is None:
                    caller.headers.pop(header, None)
                else:
                    headers[header] = value
            status = caller.request(method, path, body, headers=headers).status
            check("csrf__refuses_%s_%s_%s" % (name, method, path), status in (400, 403), status)
    check("csrf__left_no_trace", k.admin.get("/api/v1/companies").json["count"] == 0)
    with test("csrf__the_own_page_may_write"):
        origin = "http://127.0.0.1:%d" % k.port
        answer = k.admin.post("/api/v1/companies", {"name": "Own"}, headers={"Origin": origin, "Sec-Fetch-Site": "same-origin"})
        assert answer.status == 201, answer
    with test("csrf__sign_in_from_another_site_is_refused"):
        answer = k.client().post("/api/v1/session", {"email": ADMIN, "password": PASSWORD},
                                 headers={"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"})
        assert answer.status == 403, answer


def tokens(k):
    with test("token__works_only_as_a_bearer"):
        bearer = k.token()
        assert bearer.get("/api/v1/me").status == 200
        secret = bearer.headers["Authorization"].split()[1]
        assert k.client().get("/api/v1/me?token=" + secret).status in (400, 401)
        assert k.client().request("GET", "/api/v1/me", headers={"Authorization": "Basic " + secret}).status == 401
        assert k.client().request("GET", "/api/v1/me", headers={"Cookie": "kontor=" + secret}).status == 401
        assert k.client(token=secret[:-1] + ("A" if secret[-1] != "A" else "B")).get("/api/v1/me").status == 401
    with test("token__reads_only_when_that_is_its_scope"):
        reader = k.token(scope="read")
        assert reader.get("/api/v1/companies").status == 200
        assert reader.post("/api/v1/companies", {"name": "No"}).status == 403
        assert reader.post("/api/v1/companies?dry_run=1", {"name": "No"}).status == 403
        assert reader.post("/api/v1/tokens", {"name": "x", "scope": "read"}).status == 403
    with test("token__makes_no_tokens"):
        for scope in ("read", "write", "admin"):
            made = k.token(scope=scope).post("/api/v1/tokens", {"name": "x", "scope": "read", "expires": "3650d"})
            assert made.status == 403, made
    with test("token__write_scope_is_no_administrator"):
        writer = k.token(scope="write")
        assert writer.post("/api/v1/companies", {"name": "Yes"}).status == 201
        assert writer.get("/api/v1/config").status == 403
        assert writer.post("/api/v1/tokens", {"name": "x", "scope": "admin"}).status == 403
    with test("token__is_shown_once_listed_and_revoked"):
        made = k.admin.post("/api/v1/tokens", {"name": "script", "scope": "read", "expires": "10d"})
        assert made.status == 201 and made.json["token"].startswith("kt_"), made
        listed = k.admin.get("/api/v1/tokens")
        assert made.json["token"] not in listed.text
        row = [t for t in listed.json["items"] if t["name"] == "script"][0]
        caller = k.client(token=made.json["token"])
        assert caller.get("/api/v1/me").status == 200
        assert k.admin.delete("/api/v1/tokens/%d" % row["id"], version=None).status == 204
        time.sleep(1.1)
        assert caller.get("/api/v1/me").status == 401


def idling(k):
    hours = 8 * 3600
    with test("idle__an_open_stream_does_not_keep_a_session"):
        caller = k.client(ADMIN)
        stream = caller.events()
        assert caller.get("/api/v1/me").status == 200
        k.age_sessions(hours - 3)
        stream.ended.wait(10)
        assert stream.ended.is_set(), "the stream goes on"
        assert caller.get("/api/v1/me").status == 401
        assert caller.events().status == 401
    with test("idle__who_works_beside_a_stream_stays"):
        caller = k.client(ADMIN)
        stream = caller.events()
        k.age_sessions(hours - 3)
        end = time.monotonic() + 4
        while time.monotonic() < end:
            assert caller.get("/api/v1/me").status == 200
            time.sleep(0.3)
        assert not stream.ended.is_set(), "the stream has ended"
        stream.close()
    k._admin = None


def user_id(k, email):
    return k.admin.get('/api/v1/users?filter=email = "%s"' % email).json["items"][0]["id"]


def disabling(k):
    with test("user__disabled_loses_session_token_and_stream_within_a_second"):
        caller = k.add_user("bo@example.com")
        bearer = k.token("bo@example.com")
        stream = caller.events()
        assert caller.get("/api/v1/me").status == bearer.get("/api/v1/me").status == 200
        assert k.admin.patch("/api/v1/users/%d" % user_id(k, "bo@example.com"), {"active": False}).status == 200
        time.sleep(1.05)
        assert caller.get("/api/v1/me").status == 401 and bearer.get("/api/v1/me").status == 401
        assert caller.post("/api/v1/companies", {"name": "Late"}).status == 401
        k.admin.post("/api/v1/companies", {"name": "Unseen"})
        time.sleep(1.5)
        assert not [e for e in stream.seen if "company" in e.get("data", "")], stream.seen
        assert k.client().sign_in("bo@example.com").status in (401, 429)
        stream.close()
    with test("user__role_change_takes_effect_within_a_second"):
        caller = k.add_user("ro@example.com", role="admin")
        assert caller.get("/api/v1/status").status == 200
        assert k.admin.patch("/api/v1/users/%d" % user_id(k, "ro@example.com"), {"role": "reader"}).status == 200
        time.sleep(1.05)
        assert caller.get("/api/v1/status").status in (401, 403)
        assert caller.post("/api/v1/companies", {"name": "No"}).status in (401, 403)
    with test("user__new_password_ends_other_sessions"):
        one = k.add_user("pi@example.com")
        two = k.client("pi@example.com")
        new = "a quite different password"
        assert two.post("/api/v1/me/password", {"old": "wrong wrong wrong", "new": new}).status in (401, 403, 422)
        assert two.post("/api/v1/me/password", {"old": PASSWORD, "new": "short"}).status == 422
        assert two.post("/api/v1/me/password", {"old": PASSWORD, "new": new}).status == 204
        time.sleep(1.05)
        assert one.get("/api/v1/me").status == 401 and two.get("/api/v1/me").status == 200
        assert k.client().sign_in("pi@example.com", new).status == 200


def links(k):
    with test("link__sets_a_password_once"):
        k.must("user", "add", "--email", "li@example.com", "--name", "Li", "--password-file", k.file("temporary secret 1\n"))
        made = k.admin.post("/api/v1/users/%d/link" % user_id(k, "li@example.com"))
        code = made.json["link"].split("code=")[1]
        assert k.client().post("/api/v1/session/link", {"code": code, "password": "short"}).status == 422
        checked = k.client().post("/api/v1/session/link", {"code": code, "check": True})
        assert checked.status == 204 and "set-cookie" not in checked.headers, checked
        used = k.client().post("/api/v1/session/link", {"code": code, "password": "chosen by the user"})
        assert used.status == 200 and used.json["user"]["email"] == "li@example.com", used
        assert k.client().post("/api/v1/session/link", {"code": code, "password": "chosen by a thief"}).status in (401, 404, 422)
        assert k.client().post("/api/v1/session/link", {"code": code, "check": True}).status == 422
        assert k.client().sign_in("li@example.com", "chosen by the user").status == 200
    with test("link__is_made_by_administrators_only"):
        member = k.add_user("me@example.com")
        assert member.post("/api/v1/users/%d/link" % user_id(k, "li@example.com")).status == 403


def own_things(k):
    with test("me__preferences_are_merged"):
        assert k.admin.patch("/api/v1/me", {"prefs": {"theme": "dark", "dense": True}}, version=None).status == 200
        answer = k.admin.patch("/api/v1/me", {"prefs": {"theme": "light"}}, version=None)
        assert answer.json["prefs"] == {"dense": True, "theme": "light"}, answer.json
    with test("me__says_which_teams_one_leads"):
        north, south = (k.admin.post("/api/v1/teams", {"name": name}).json["id"] for name in ("North", "South"))
        for name, role in (("lena", "lead"), ("mia", "member"), ("rita", "reader")):
            k.add_user("%s@example.com" % name, role, "North")
        told = lambda name: [t["title"] for t in k.client("%s@example.com" % name).get("/api/v1/me").json["leads"]]
        equal_now = lambda: {name: told(name) for name in ("lena", "mia", "rita")}
        assert equal_now() == {"lena": ["North"], "mia": [], "rita": []}, equal_now()
        mia = k.client("mia@example.com").get("/api/v1/me").json["id"]
        for team in (north, south):
            assert k.admin.patch("/api/v1/teams/%d" % team, {"lead": mia}).status == 200
        assert equal_now() == {"lena": [], "mia": ["North", "South"], "rita": []}, equal_now()
    with test("me__sessions_can_be_ended_one_by_one"):
        other = k.client(ADMIN)
        listed = k.admin.get("/api/v1/sessions").json["items"]
        assert sum(s["current"] for s in listed) == 1
        for row in listed:
            if not row["current"]:
                assert k.admin.delete("/api/v1/sessions/%d" % row["id"], version=None).status == 204
        time.sleep(1.05)
        assert other.get("/api/v1/me").status == 401 and k.admin.get("/api/v1/me").status == 200


def guessing(k):
    with test("limit__guesses_are_slowed_and_the_owner_told_when"):
        k.must("user", "add", "--email", "gu@example.com", "--name", "Gu", "--password-file", k.file("guess me if you can\n"))
        statuses = [k.client().post("/api/v1/session", {"email": "gu@example.com", "password": "guess %d" % i})
                    for i in range(15)]
        codes = [a.status for a in statuses]
        assert 429 in codes and codes[0] == 401, codes
        assert codes.count(401) <= 10, codes
        late = [a for a in statuses if a.status == 429][0]
        assert int(late.headers["retry-after"]) >= 1


def first_run():
    k = Kontor(init=False)
    try:
        k.start()
        link = [line for line in k.output if "/setup?code=" in line][0]
        code = link.split("code=")[1].strip()
        nobody = k.client()
        check("setup__a_new_folder_is_told_in_the_first_line", k.log().startswith("There is no installation in %s: " % k.data), k.log())
        with test("setup__is_said_to_be_needed"):
            assert nobody.get("/api/v1/setup").json == {"needed": True, "company": {}}
            assert nobody.get("/api/v1/session").json == {"user": None, "setup": True}
        first = {"company": "Acme \"GmbH\"", "currency": "CHF", "zone": "Europe/Zurich", "name": "Ada", "email": "ada@acme.example",
                 "password": "the first password", "sample": True}
        with test("setup__a_company_without_a_name_is_not_told"):
            with Kontor(conf={"kontor.yaml": "password_cost: low\n"}) as nameless:
                assert nameless.client().get("/api/v1/session").json == {"user": None, "setup": False}
        with test("setup__knows_what_init_was_told"):
            with Kontor(init=False) as told:
                told.must("init", "--company", "Nordlicht Solar", "--currency", "CHF", "--zone", "Europe/Zurich")
                told.start()
                assert told.client().get("/api/v1/setup").json == {
                    "needed": True, "company": {"name": "Nordlicht Solar", "currency": "CHF", "zone": "Europe/Zurich"}}
            with Kontor(init=False) as told:
                told.must("init", "--company", "Nordlicht Solar", "--currency", "EUR", "--zone", "Europe/Berlin")
                told.start()
                assert told.client().get("/api/v1/setup").json["company"]["zone"] == "Europe/Berlin"
        with test("setup__refuses_a_wrong_code"):
            assert nobody.post("/api/v1/setup", {**first, "code": "wrong"}).status in (401, 403, 404, 422)
            assert nobody.get("/api/v1/setup").json == {"needed": True, "company": {}}
        with test("setup__makes_firm_and_administrator"):
            made = nobody.post("/api/v1/setup", {**first, "code": code})
            assert made.status == 200 and made.json["user"]["email"] == "ada@acme.example", made
            caller = k.client("ada@acme.example", "the first password")
            meta = caller.get("/api/v1/meta").json
            assert meta["company"]["name"] == 'Acme "GmbH"' and meta["company"]["currency"] == "CHF", meta["company"]
            assert caller.get("/api/v1/status").status == 200
        with test("setup__sample_data_arrive_and_can_be_undone"):
            end = time.monotonic() + 20
            while caller.get("/api/v1/leads").json["count"] < 2 and time.monotonic() < end:
                time.sleep(0.1)
            for plural, count in (("companies", 6), ("contacts", 8), ("deals", 8), ("products", 3), ("activities", 3), ("leads", 2)):
                assert caller.get("/api/v1/" + plural).json["count"] == count, (plural, caller.get("/api/v1/" + plural).json)
            deal = caller.get('/api/v1/deals?filter=name = "Second press"').json["items"][0]
            assert deal["company"]["title"] == "Template Print" and deal["contact"]["title"] == "Toni Template", deal
            changes = caller.get("/api/v1/changes").json["items"]
            assert sum(c["reason"].startswith("import sample-") for c in changes if c["reason"]) == 6, changes
            for change in [c for c in caller.get("/api/v1/changes").json["items"] if c["source"] == "import"]:
                assert caller.post("/api/v1/changes/%d/undo" % change["id"]).status == 200
            assert caller.get("/api/v1/deals").json["count"] == caller.get("/api/v1/companies").json["count"] == 0
        with test("setup__works_once"):
            assert nobody.get("/api/v1/setup").json == {"needed": False}
            assert nobody.post("/api/v1/setup", {**first, "code": code}).status in (401, 403, 404, 409, 422)
    finally:
        k.close()


def confirm(caller, password=PASSWORD):
    """Gives the password once more; the caller goes on with the new cookie."""
    answer = caller.post("/api/v1/session/confirm", {"password": password})
    if answer.status == 200:
        caller.headers["Cookie"] = answer.headers["set-cookie"].split(";")[0]
        caller.headers["X-CSRF-Token"] = answer.json["csrf"]
    return answer


# What changes accounts, as (name, request of an administrator about a user, status when it is done).
ACCOUNTS = [
    ("token", lambda c, u: c.post("/api/v1/tokens", {"name": "x", "scope": "read"}), 201),
    ("token_for_another", lambda c, u: c.post("/api/v1/tokens", {"name": "x", "scope": "read", "user": str(u)}), 201),
    ("role", lambda c, u: c.patch("/api/v1/users/%d" % u, {"role": "lead"}), 200),
    ("email", lambda c, u: c.patch("/api/v1/users/%d" % u, {"email": "other@example.com"}), 200),
    ("roles_of_many", lambda c, u: c.post("/api/v1/users/bulk", {"ids": [u], "set": {"role": "member"}}), 200),
    ("link", lambda c, u: c.post("/api/v1/users/%d/link" % u), 200),
    ("disabling", lambda c, u: c.patch("/api/v1/users/%d" % u, {"active": False}), 200),
    ("new_user", lambda c, u: c.post("/api/v1/users", {"name": "New", "email": "new@example.com", "role": "admin"}), 201),
    ("import", lambda c, u: c.post("/api/v1/imports", {"entity": "user", "file_name": "users.csv"}), 201),
    ("trash", lambda c, u: c.delete("/api/v1/users/%d" % u), 204),
]


def confirming(k):
    k.must("user", "add", "--email", "ac@example.com", "--name", "Ac")
    user = user_id(k, "ac@example.com")
    bearer = k.token(scope="admin")
    old = k.client(ADMIN)
    role = k.admin.patch("/api/v1/users/%d" % user, {"role": "reader"}).headers["x-kontor-change"]
    k.age_sessions(360)
    k.admin.close()
    k._admin = None
    with test("confirm__an_old_session_reads_and_writes"):
        assert old.get("/api/v1/companies").status == 200
        assert old.post("/api/v1/companies", {"name": "Old session"}).status == 201
        assert old.patch("/api/v1/me", {"name": "Admin"}).status == 200
    for name, call, _ in ACCOUNTS:
        with test("confirm__a_token_changes_no_accounts_%s" % name):
            answer = call(bearer, user)
            assert answer.status == 403 and answer.json["error"]["code"] == "forbidden", answer
        with test("confirm__an_old_session_changes_no_accounts_%s" % name):
            answer = call(old, user)
            assert answer.status == 403 and answer.json["error"]["code"] == "confirm", answer
    with test("confirm__undo_of_a_role_is_a_change_of_accounts"):
        assert bearer.post("/api/v1/changes/%s/undo" % role).status == 403
        assert old.post("/api/v1/changes/%s/undo" % role).json["error"]["code"] == "confirm"
    with test("confirm__a_token_sets_no_password_and_revokes_nothing"):
        row = k.admin.get("/api/v1/tokens").json["items"][0]["id"]
        assert bearer.post("/api/v1/me/password", {"old": PASSWORD, "new": "another long password"}).status == 403
        assert bearer.delete("/api/v1/tokens/%d" % row, version=None).status == 403
        assert bearer.post("/api/v1/session/confirm", {"password": PASSWORD}).status == 403
    with test("confirm__everything_of_a_kind_is_exported_by_a_fresh_session"):
        answer = old.get("/api/v1/companies/export?format=csv")
        assert answer.status == 403 and answer.json["error"]["code"] == "confirm", answer
        assert old.get("/api/v1/companies?format=csv").status == 403
        assert old.get('/api/v1/companies/export?format=csv&filter=name = "x"').status == 200
        assert bearer.get("/api/v1/companies/export?format=csv").status == 200
    with test("confirm__a_form_being_filled_in_asks_nothing"):
        assert old.post("/api/v1/users?dry_run=draft", {"name": "Draft", "role": "member"}).status == 201
    with test("confirm__takes_only_the_right_password"):
        assert old.post("/api/v1/session/confirm").json["error"]["code"] == "confirm"
        wrong = confirm(old, "not the password at all")
        assert wrong.status == 422 and wrong.json["error"]["fields"][0]["where"] == "password", wrong
        assert old.post("/api/v1/tokens", {"name": "x"}).status == 403
    with test("confirm__gives_another_cookie_and_the_session_goes_on"):
        before = dict(old.headers)
        answer = confirm(old)
        assert answer.status == 200 and answer.json["user"]["email"] == ADMIN, answer
        assert old.headers["Cookie"] != before["Cookie"] and old.headers["X-CSRF-Token"] == before["X-CSRF-Token"]
        assert k.client().get("/api/v1/me", headers={"Cookie": before["Cookie"]}).status == 401
        assert old.post("/api/v1/session/confirm").status == 204
    for name, call, done in ACCOUNTS:
        with test("confirm__then_accounts_can_be_changed_%s" % name):
            answer = call(old, user)
            assert answer.status == done, answer
    with test("confirm__guesses_are_slowed"):
        caller = k.add_user("co@example.com")
        codes = [confirm(caller, "guess %d" % i).status for i in range(15)]
        assert codes[0] == 422 and codes.count(422) <= 10 and codes[-1] == 429, codes


with Kontor() as k:
    cookies(k)
    forgeries(k)
    tokens(k)
    disabling(k)
    links(k)
    own_things(k)
    confirming(k)
    idling(k)
    guessing(k)
first_run()
finish()
