#!/usr/bin/python3
"""Sharing one record with a colleague whose role does not show it: he sees it and what hangs on it, wherever records are read, until
the last day or until it is taken back; he may do nothing else with it, and what his role hides stays hidden."""
import contextlib
import json
import pathlib
import tempfile

from kontor import Kontor, check, equal, finish, test

CONF = {"roles.yaml": """
own:
  label: Own
  entities:
    "*": {see: own, create: all, edit: own, delete: own, export: all, import: none}
team:
  label: Team
  entities:
    "*": {see: team, create: all, edit: all, delete: all, export: all, import: none}
quiet:
  label: Quiet
  entities:
    "*": {see: own, create: all, edit: own, delete: own, export: none, import: none}
    share: none
    deal: none
""", "fields.yaml": "company: {fields: {secret: {type: text, see: [admin]}}}\n"}


def share(client, kind, record, user, **more):
    return client.post("/api/v1/shares", {"records": [{"entity": kind, "id": record}], "user": user.user["id"], **more})


def ids(client, path):
    answer = client.get(path)
    assert answer.status == 200, answer
    return [x["id"] for x in answer.json["items"]]


def count(client, path):
    return client.get(path).json["count"]


class Firm:
    def __init__(self, k):
        self.k, self.a = k, k.admin
        self.olga, self.tom = k.add_user("olga@example.com", "own"), k.add_user("tom@example.com", "team")
        self.quinn = k.add_user("quinn@example.com", "quiet")
        self.firm = self.make("companies", name="Alster Werke", city="Kiel", secret="Xyzzy")
        self.other = self.make("companies", name="Bille", city="Kiel")
        self.person = self.make("contacts", last_name="Zander", company=self.firm)
        self.deal = self.make("deals", name="Roof", company=self.firm, amount="1200")
        self.note = self.make("notes", text="Quokka talk", links=[{"entity": "company", "id": self.firm}])
        self.hidden = self.make("notes", text="Quokka other", links=[{"entity": "company", "id": self.other}])

    def make(self, plural, client=None, **values):
        answer = (client or self.a).post("/api/v1/" + plural, values)
        assert answer.status == 201, answer
        return answer.json["id"]


def sees_nothing(f, who, name):
    with test(name):
        for path in ("companies", "companies?group=city", "notes", 'companies?filter=found("alster")', "shares"):
            got = who.get("/api/v1/" + path).json
            assert not got.get("items") and not got.get("groups"), (path, got)
        assert who.get("/api/v1/companies/%d" % f.firm).status == 404
        assert who.get("/api/v1/companies/%d/timeline" % f.firm).status == 404
        assert who.get("/api/v1/notes/%d" % f.note).status == 404
        assert who.get("/api/v1/search?q=quokka").json["items"] == []
        assert who.get("/api/v1/search?q=alster").json["items"] == []
        assert who.get("/api/v1/notifications").json["items"] == []
        assert "Alster" not in who.get("/api/v1/titles?ids=%d" % f.firm).text


def sees_it(f, who, prefix):
    with test(prefix + "_lists_and_counts"):
        assert ids(who, "/api/v1/companies") == [f.firm] and count(who, "/api/v1/companies") == 1
        assert ids(who, "/api/v1/companies?sort=-name&filter=city = \"Kiel\"") == [f.firm]
        assert ids(who, '/api/v1/companies?filter=found("alster")') == [f.firm]
        assert ids(who, '/api/v1/companies?filter=found("bille")') == []
        groups = who.get("/api/v1/companies?group=country").json
        assert "Bille" not in str(groups)
    with test(prefix + "_the_record_and_its_history"):
        got = who.get("/api/v1/companies/%d" % f.firm)
        assert got.status == 200 and got.json["name"] == "Alster Werke", got
        assert who.get("/api/v1/companies/%d" % f.other).status == 404
        told = [i.get("text") for i in who.get("/api/v1/companies/%d/timeline" % f.firm).json["items"]]
        assert "Quokka talk" in told, told
    with test(prefix + "_what_hangs_on_it"):
        assert ids(who, "/api/v1/notes") == [f.note]
        assert who.get("/api/v1/deals/%d" % f.deal).status == 404
    with test(prefix + "_search"):
        assert {x["id"] for x in who.get("/api/v1/search?q=alster").json["items"]} == {f.firm}
        assert {x["id"] for x in who.get("/api/v1/search?q=quokka").json["items"]} == {f.note}
        assert who.get("/api/v1/search?q=bille").json["items"] == []
    with test(prefix + "_who_shares_it_with_him"):
        got = who.get("/api/v1/shares?filter=records contains %d" % f.firm).json["items"]
        assert [x["user"]["id"] for x in got] == [who.user["id"]] and got[0]["owner"]["title"] == "admin", got


def but_no_more(f, who, prefix):
    with test(prefix + "_and_cannot_change_it"):
        path = "/api/v1/companies/%d" % f.firm
        assert who.patch(path, {"city": "Bonn"}).status == 403
        assert who.delete(path).status == 403
        assert who.post("/api/v1/companies/bulk", {"filter": "true", "set": {"city": "Bonn"}}).json["changed"] == 0
        assert f.a.get(path).json["city"] == "Kiel"
        assert who.get("/api/v1/companies?format=csv").text.count("\n") <= 1, "it was exported"
        assert who.patch("/api/v1/notes/%d" % f.note, {"text": "mine"}).status == 403
    with test(prefix + "_and_writes_about_it"):
        mine = f.make("notes", who, text="From me", links=[{"entity": "company", "id": f.firm}])
        assert who.patch("/api/v1/notes/%d" % mine, {"text": "From me, again"}).status == 200
        assert f.a.get("/api/v1/notes/%d" % mine).json["text"] == "From me, again"
        assert f.a.delete("/api/v1/notes/%d" % mine).status == 204
    with test(prefix + "_and_does_not_pass_it_on"):
        refused = share(who, "company", f.firm, f.quinn)
        assert refused.status == 422 and "own role" in refused.text, refused


def basics(f):
    sees_nothing(f, f.olga, "shares__nothing_is_seen_before")
    with contextlib.closing(f.olga.events()) as stream:
        made = share(f.a, "company", f.firm, f.olga)
        assert made.status == 201, made
        check("shares__are_told_live", stream.wait_for(lambda e: e.get("event") == "notification", 1))
        with test("shares__changes_are_told_live_from_then_on"):
            f.a.patch("/api/v1/companies/%d" % f.firm, {"website": "alster.example"})
            assert stream.wait_for(lambda e: e.get("event") == "change" and json.loads(e["data"])["id"] == f.firm, 1)
    with test("shares__are_told_once"):
        items = f.olga.get("/api/v1/notifications").json["items"]
        assert [(n["kind"], n["record"]["id"], n["by"]["title"]) for n in items] == [("share", f.firm, "admin")], items
    sees_it(f, f.olga, "shares__show")
    with test("shares__hidden_fields_stay_hidden"):
        got = f.olga.get("/api/v1/companies/%d" % f.firm).json
        assert "secret" not in got and "Xyzzy" not in json.dumps(got), got
        assert f.olga.get("/api/v1/companies?filter=secret = \"Xyzzy\"").status == 400
    but_no_more(f, f.olga, "shares__show")
    change = made.headers["x-kontor-change"]
    assert f.a.post("/api/v1/changes/%s/undo" % change).status == 200
    sees_nothing(f, f.olga, "shares__undone_show_nothing")
    return made.json["id"]


def ends(f):
    made = share(f.a, "company", f.firm, f.tom, until="2099-12-31").json
    sees_it(f, f.tom, "shares__with_a_team")
    but_no_more_team(f)
    with test("shares__end_with_their_last_day"):
        assert f.a.patch("/api/v1/shares/%d" % made["id"], {"until": "2026-01-31"}).status == 200
        assert f.tom.get("/api/v1/companies/%d" % f.firm).status == 404 and ids(f.tom, "/api/v1/companies") == []
        assert f.tom.get("/api/v1/search?q=alster").json["items"] == []
        assert f.a.patch("/api/v1/shares/%d" % made["id"], {"until": None}).status == 200
        assert ids(f.tom, "/api/v1/companies") == [f.firm]
    with test("shares__end_when_they_are_deleted"):
        gone = f.a.delete("/api/v1/shares/%d" % made["id"])
        assert gone.status == 204 and ids(f.tom, "/api/v1/companies") == []
        assert f.a.post("/api/v1/changes/%s/undo" % gone.headers["x-kontor-change"]).status == 200
        assert ids(f.tom, "/api/v1/companies") == [f.firm]
        f.a.delete("/api/v1/shares/%d" % made["id"])


def but_no_more_team(f):
    with test("shares__give_no_right_to_edit_to_who_edits_all_he_sees"):
        path = "/api/v1/companies/%d" % f.firm
        assert f.tom.patch(path, {"city": "Bonn"}).status == 403 and f.tom.delete(path).status == 403
        assert f.tom.patch("/api/v1/notes/%d" % f.note, {"text": "mine"}).status == 403
        assert f.tom.get("/api/v1/companies?format=csv").text.count("\n") <= 1


def refusals(f):
    with test("shares__are_refused_where_they_make_no_sense"):
        assert share(f.olga, "company", f.firm, f.tom).status in (404, 422)
        two = f.a.post("/api/v1/shares", {"records": [{"entity": "company", "id": f.firm}, {"entity": "company", "id": f.other}],
                                          "user": f.olga.user["id"]})
        assert two.status == 422 and two.json["error"]["fields"][0]["where"] == "share.records", two
        assert share(f.a, "note", f.note, f.olga).status == 422
        assert f.a.post("/api/v1/shares", {"user": f.olga.user["id"]}).status == 422
        assert f.a.post("/api/v1/shares", {"records": [{"entity": "company", "id": f.firm}]}).status == 422
        assert share(f.quinn, "company", f.firm, f.olga).status == 403
    with test("shares__stay_what_they_are"):
        made = share(f.a, "company", f.firm, f.olga).json["id"]
        assert f.a.patch("/api/v1/shares/%d" % made, {"user": f.tom.user["id"]}).status == 422
        assert f.tom.get("/api/v1/companies/%d" % f.firm).status == 404
        f.a.delete("/api/v1/shares/%d" % made)
    with test("shares__open_no_kind_the_role_does_not_know"):
        made = share(f.a, "deal", f.deal, f.quinn).json["id"]
        assert f.quinn.get("/api/v1/deals/%d" % f.deal).status in (403, 404)
        assert f.quinn.get("/api/v1/search?q=roof").json["items"] == []
        f.a.delete("/api/v1/shares/%d" % made)


def together(f):
    readers = {x["title"]: (x["sees"], x["share"]) for x in f.a.get("/api/v1/deals/%d/readers" % f.deal).json["items"]}
    equal("shares__readers_say_where_sharing_helps",
          {"admin": (True, False), "olga": (False, True), "tom": (False, True), "quinn": (False, False)}, readers)
    with test("shares__come_with_the_note_that_mentions"):
        made = f.a.post("/api/v1/notes", {"text": "Please look, @[%d olga]" % f.olga.user["id"], "links": [{"entity": "deal", "id": f.deal}],
                                          "share_with": [f.olga.user["id"], f.a.user["id"]]})
        assert made.status == 201 and "share_with" not in made.json, made
        assert ids(f.olga, "/api/v1/deals") == [f.deal]
        kinds = sorted(n["kind"] for n in f.olga.get("/api/v1/notifications").json["items"])
        assert kinds == ["mention", "share"], kinds
        assert len(ids(f.a, "/api/v1/shares?filter=records contains %d" % f.deal)) == 1, "shared with who sees it anyway"
        assert f.a.post("/api/v1/changes/%s/undo" % made.headers["x-kontor-change"]).status == 200
        assert ids(f.olga, "/api/v1/deals") == [] and ids(f.a, "/api/v1/shares?filter=records contains %d" % f.deal) == []
    with test("shares__with_a_note_stand_in_the_description"):
        schemas = f.a.get("/api/v1/openapi.json").json["components"]["schemas"]
        assert "share_with" in schemas["note"]["properties"] and "share_with" not in schemas["company"]["properties"]
    with test("shares__of_a_note_are_refused_with_it"):
        before = count(f.a, "/api/v1/notes")
        body = {"text": "x", "links": [{"entity": "deal", "id": f.deal}], "share_with": ["olga"]}
        assert f.a.post("/api/v1/notes", body).status == 400 and count(f.a, "/api/v1/notes") == before
        assert f.a.post("/api/v1/notes?dry_run=1", {**body, "share_with": [f.olga.user["id"]]}).status == 201
        assert ids(f.olga, "/api/v1/deals") == []
        assert f.a.post("/api/v1/companies", {"name": "X", "share_with": [1]}).status == 422
        assert f.a.patch("/api/v1/notes/%d" % f.note, {"share_with": [f.olga.user["id"]]}).status == 422


def moves(f):
    twin = f.make("companies", name="Alster Werke GmbH")
    made = share(f.a, "company", twin, f.olga)
    with test("shares__move_with_a_merge"):
        merged = f.a.post("/api/v1/companies/merge", {"into": f.firm, "from": [twin]})
        assert merged.status == 200, merged
        assert ids(f.olga, "/api/v1/companies") == [f.firm] and f.olga.get("/api/v1/companies/%d" % f.firm).status == 200
        assert f.a.post("/api/v1/changes/%s/undo" % merged.json["change"]).status == 200
        assert ids(f.olga, "/api/v1/companies") == [twin] and f.olga.get("/api/v1/companies/%d" % f.firm).status == 404
    f.a.delete("/api/v1/shares/%d" % made.json["id"])


def takeout(f):
    share(f.a, "company", f.firm, f.olga, until="2099-12-31", reason="Holiday")
    with test("shares__go_out_and_come_in_with_everything"), tempfile.TemporaryDirectory() as box:
        out = pathlib.Path(box) / "all"
        f.k.must("export", "--all", str(out))
        lines = f.k.must("export", "share")
        with Kontor(start=False) as fresh:
            fresh.must("import", "--all", str(out))
            assert fresh.must("export", "share") == lines and "Holiday" in lines, lines
            seen = fresh.must("export", "company", "--as", "olga@example.com", "--filter", "name != \"x\"")
            assert "Alster" not in seen, "what is shared is not exported"


def main():
    with Kontor(conf=CONF) as k:
        f = Firm(k)
        basics(f)
        ends(f)
        refusals(f)
        together(f)
        moves(f)
        takeout(f)


main()
finish()
