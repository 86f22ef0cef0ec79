#!/usr/bin/python3
"""Ids are numbers from 1 on, written one way: 0 is nobody's, in an address, a view, a link or a list of ids."""
from kontor import Kontor, check, equal, finish

NONE = ("0", "00", "01", "-1", "+1", "1.0", "999999999", "99999999999999999999")


def paths(k, made):
    for none in NONE + tuple("0%d" % i for i in made.values()):
        company, user = "/api/v1/companies/" + none, "/api/v1/users/" + none
        for name, answer in (
                ("get", k.admin.get(company)), ("get_as_of", k.admin.get(company + "?as_of=2999-01-01")),
                ("patch", k.admin.patch(company, {"city": "X"})), ("delete", k.admin.delete(company)),
                ("timeline", k.admin.get(company + "/timeline")), ("restore", k.admin.post(company + "/restore")),
                ("undo", k.admin.post("/api/v1/changes/%s/undo" % none)), ("link", k.admin.post(user + "/link")),
                ("user", k.admin.patch(user, {"name": "X"})), ("session", k.admin.delete("/api/v1/sessions/" + none)),
                ("token", k.admin.delete("/api/v1/tokens/" + none)), ("import", k.admin.get("/api/v1/imports/" + none)),
                ("tokens_of", k.admin.get("/api/v1/tokens?user=" + none.replace("+", "%2b")))):
            ended = name == "session" and none == "999999999"  # ending what has ended is no mistake
            check("id__%s_%s_is_nobody" % (name, none), answer.status == (204 if ended else 404) and "etag" not in answer.headers, answer)
    equal("id__nothing_was_changed", ["A", "B"], [c["name"] for c in k.admin.get("/api/v1/companies?sort=name").json["items"]])


def views(k):
    for none in ("0", "00", "-1", "0%d" % k.view, "999999999"):
        for plural in ("companies", "deals"):
            equal("id__view_%s_of_%s" % (none, plural), 400, k.admin.get("/api/v1/%s?view=%s" % (plural, none)).status)
    equal("id__view_that_is_one", 200, k.admin.get("/api/v1/companies?view=%d" % k.view).status)


def bodies(k):
    for none in (0, -1, "0", {"id": 0}, 999999999):
        for plural, name, body in (("contacts", "company", {"first_name": "x", "company": none}), ("deals", "owner", {"name": "x", "owner": none}),
                                   ("notes", "links", {"text": "x", "links": [none]})):
            answer = k.admin.post("/api/v1/" + plural, body)
            check("id__%s_%s_in_a_body" % (name, none), answer.status == 422 and
                  answer.json["error"]["fields"][0]["where"].endswith("." + name), answer)
    for body, status in (({"ids": [0], "set": {"city": "X"}}, 400), ({"ids": [1, 0], "delete": True}, 400)):
        equal("id__bulk_%s" % body["ids"], status, k.admin.post("/api/v1/companies/bulk", body).status)
    for path in ("changes?parent=0", "changes?entity=company&id=0"):
        equal("id__" + path, 400, k.admin.get("/api/v1/" + path).status)
    equal("id__undo_0_of_the_cli", 2, k.run("undo", "0").returncode)


with Kontor() as k:
    made = {n: k.admin.post("/api/v1/companies", {"name": n}).json["id"] for n in ("A", "B")}
    k.view = k.admin.post("/api/v1/views", {"name": "v", "entity": "company", "filter": 'city = "X"'}).json["id"]
    paths(k, made)
    views(k)
    bodies(k)
finish()
