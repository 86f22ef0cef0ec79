#!/usr/bin/python3
"""Timelines by kind, person and words, with what belongs to a company, and with what is pinned on top: pages fit together, nothing
is told that its reader may not see, and ten thousand entries are read by an index."""
import time

from kontor import Kontor, check, equal, finish, test, sanitized

CONF = {"roles.yaml": """
own:
  label: Own
  entities:
    "*": {see: own, create: all, edit: own, delete: own, export: own, import: none}
"""}


def make(caller, plural, **fields):
    answer = caller.post("/api/v1/" + plural, fields)
    assert answer.status == 201, answer
    return answer.json["id"]


def told(caller, path, query=""):
    answer = caller.get("%s/timeline?%s" % (path, query))
    assert answer.status == 200, answer
    return [i.get("text") or i.get("subject") for i in answer.json["items"] if "entity" in i]


def firm(k):
    a = k.admin
    alster = make(a, "companies", name="Alster")
    ina = make(a, "contacts", first_name="Ina", last_name="Berg", company=alster)
    jon = make(a, "contacts", last_name="Jon")
    make(a, "contact_companies", contact=jon, company=alster, role="Adviser")
    roof = make(a, "deals", name="Roof", company=alster)
    other = make(a, "companies", name="Bille")
    return {"alster": alster, "ina": ina, "jon": jon, "roof": roof, "other": other}


def write(k, max_, f):
    a = k.admin
    make(a, "notes", text="Likes Käse", links=[{"entity": "company", "id": f["alster"]}])
    make(max_, "notes", text="Hates cheese", links=[{"entity": "company", "id": f["alster"]}])
    make(a, "activities", kind="call", subject="Rang about cheese", done_at="2026-01-02T10:00:00Z", links=[f["alster"]])
    make(a, "notes", text="Ina is ill", links=[{"entity": "contact", "id": f["ina"]}])
    make(a, "notes", text="Jon advises", links=[{"entity": "contact", "id": f["jon"]}])
    make(a, "notes", text="Roof is wet", links=[{"entity": "deal", "id": f["roof"]}])
    make(a, "notes", text="Both of them", links=[{"entity": "deal", "id": f["roof"]}, {"entity": "company", "id": f["alster"]}])
    make(a, "notes", text="Elsewhere", links=[{"entity": "company", "id": f["other"]}])


def filters(k, max_, f):
    a, path = k.admin, "/api/v1/companies/%d" % f["alster"]
    equal("timeline__by_person", ["Hates cheese"], told(a, path, "by=%d" % max_.user["id"]))
    check("timeline__by_person_tells_changes_of_his", [i for i in a.get(path + "/timeline?by=%d&kind=change" % a.user["id"]).json["items"]]
          and not a.get(path + "/timeline?by=%d&kind=change" % max_.user["id"]).json["items"])
    equal("timeline__by_words_in_any_order_and_spelling", ["Rang about cheese"], told(a, path, "q=CHEESE rang"))
    equal("timeline__words_are_folded", ["Likes Käse"], told(a, path, "q=kase"))
    equal("timeline__by_kind_and_words", ["Hates cheese"], told(a, path, "q=cheese&kind=note"))
    equal("timeline__of_nothing_found_is_empty", [], a.get(path + "/timeline?q=zebra").json["items"])
    with test("timeline__refuses_what_it_does_not_know"):
        assert a.get(path + "/timeline?with=all").status == 400
        assert a.get(path + "/timeline?by=x").status == 400
        assert a.get(path + "/timeline?q=" + " ".join("abcdefghij")).status == 400


def related(k, olga, f):
    a, path = k.admin, "/api/v1/companies/%d" % f["alster"]
    wanted = ["Both of them", "Roof is wet", "Jon advises", "Ina is ill", "Hates cheese", "Likes Käse", "Rang about cheese"]
    with test("timeline__with_people_and_deals"):
        equal_lists(wanted, told(a, path, "with=related"))
        items = a.get(path + "/timeline?with=related").json["items"]
        of = {i["text"]: [x["title"] for x in i.get("of", [])] for i in items if "text" in i and "entity" in i}
        assert of["Roof is wet"] == ["Roof"] and of["Jon advises"] == ["Jon"] and of["Ina is ill"] == ["Ina Berg"], of
        assert of["Likes Käse"] == [] and of["Both of them"] == [], of
    with test("timeline__with_related_comes_in_pages"):
        got, cursor = [], ""
        for _ in range(20):
            page = a.get(path + "/timeline?with=related&limit=2" + ("&cursor=" + cursor if cursor else "")).json
            got += [i.get("text") or i.get("subject") for i in page["items"] if "entity" in i]
            cursor = page["next"]
            if not cursor:
                break
        equal_lists(wanted, got)
    with test("timeline__says_what_it_can_show_besides"):
        meta = {e["name"]: e for e in a.get("/api/v1/meta").json["entities"]}
        assert sorted(meta["company"]["timeline_with"]) == ["contact", "deal", "lead"], meta["company"]["timeline_with"]
        assert meta["note"]["pin"] == "pinned" and meta["product"]["timeline_with"] == []
    mine = make(olga, "companies", name="Olga AG")
    make(a, "contacts", last_name="Hidden", company=mine, owner=a.user["id"])
    hidden = a.get('/api/v1/contacts?filter=last_name = "Hidden"').json["items"][0]["id"]
    make(a, "notes", text="About the hidden one", links=[{"entity": "contact", "id": hidden}])
    equal("timeline__with_related_hides_what_may_not_be_seen", [], told(olga, "/api/v1/companies/%d" % mine, "with=related"))
    equal("timeline__with_related_shows_it_to_others", ["About the hidden one"], told(a, "/api/v1/companies/%d" % mine, "with=related"))


def changes(caller, path, query=""):
    """(of whom, kind, the fields) of all changes, read in pages of `query`."""
    got, cursor = [], ""
    for _ in range(200):
        page = caller.get("%s/timeline?kind=change%s%s" % (path, query, "&cursor=" + cursor if cursor else "")).json
        got += [([x["title"] for x in i.get("of", [])], i["kind"], sorted(x["name"] for x in i["fields"]), i["change"]) for i in page["items"]]
        cursor = page["next"]
        if not cursor:
            return got
    raise AssertionError("pages do not end")


def others(k, max_, olga, f):
    a, path = k.admin, "/api/v1/companies/%d" % f["alster"]
    a.patch("/api/v1/deals/%d" % f["roof"], {"amount": "700"})
    a.patch("/api/v1/contacts/%d" % f["ina"], {"job_title": "Buyer", "city": "Kiel"})
    a.patch(path, {"website": "alster.example"})
    a.patch("/api/v1/contacts/%d" % f["jon"], {"owner": max_.user["id"]})
    max_.patch("/api/v1/contacts/%d" % f["jon"], {"job_title": "Adviser"})
    with test("timeline__with_related_tells_changes_of_people_and_deals"):
        got = [(of, fields) for of, kind, fields, _ in changes(a, path, "&with=related")][:5]
        assert [of for of, _ in got] == [["Jon"], ["Jon"], [], ["Ina Berg"], ["Roof"]], got
        assert got[0][1] == ["job_title"] and "amount" in got[4][1] and "job_title" in got[3][1], got
        assert not [x for x in changes(a, path) if x[0]], "without it they are not there"
        item = a.get(path + "/timeline?kind=change&with=related&limit=1").json["items"][0]
        assert item["of"] == [{"id": f["jon"], "title": "Jon", "entity": "contact"}] and item["fields"][0]["after"] == "Adviser", item
    with test("timeline__with_related_tells_changes_by_one_person"):
        got = changes(a, path, "&with=related&by=%d" % max_.user["id"])
        assert [(x[0], x[2]) for x in got] == [(["Jon"], ["job_title"])], got
    crowd = make(a, "companies", name="Crowd")
    k.must("import", "contact", k.file("last_name,company\n" + "".join("C%03d,Crowd\n" % i for i in range(130)), "crowd.csv"))
    a.post("/api/v1/contacts/bulk", {"filter": 'company = "Crowd"', "set": {"city": "Kiel"}})
    some = a.get('/api/v1/contacts?filter=company = "Crowd"&sort=last_name&limit=20').json["items"]
    for i, one in enumerate(some):
        a.patch("/api/v1/contacts/%d" % one["id"], {"job_title": "Job %d" % i})
    path = "/api/v1/companies/%d" % crowd
    with test("timeline__with_related_changes_of_many_come_in_pages"):
        whole = changes(a, path, "&with=related&limit=200")
        assert len(whole) == 130 + 130 + 20 + 1, len(whole)
        assert [x[0] for x in whole[:20]] == [["C%03d" % i] for i in reversed(range(20))], whole[:20]
        assert [x[3] for x in whole] == sorted((x[3] for x in whole), reverse=True)
        for limit in (7, 50, 199):
            assert changes(a, path, "&with=related&limit=%d" % limit) == whole, limit
    a.patch("/api/v1/companies/%d" % crowd, {"owner": olga.user["id"]})
    a.patch("/api/v1/contacts/%d" % some[3]["id"], {"owner": olga.user["id"]})
    with test("timeline__with_related_tells_no_changes_of_what_is_hidden"):
        got = {tuple(x[0]) for x in changes(olga, path, "&with=related")}
        assert got == {(), ("C003",)}, got


def equal_lists(wanted, got):
    assert wanted == got, (wanted, got)


def pins(k, f):
    a, path = k.admin, "/api/v1/companies/%d" % f["alster"]
    note = next(i for i in a.get(path + "/timeline?kind=note").json["items"] if i["text"] == "Likes Käse")
    answer = a.patch("/api/v1/notes/%d" % note["id"], {"pinned": [{"entity": "company", "id": f["alster"]}]})
    with test("timeline__shows_pinned_notes_on_top"):
        page = a.get(path + "/timeline").json
        assert [i["text"] for i in page["pinned"]] == ["Likes Käse"] and page["pinned"][0]["pinned"] is True, page["pinned"]
        assert "Likes Käse" in told(a, path)
        assert "pinned" not in a.get(path + "/timeline?limit=2&cursor=" + a.get(path + "/timeline?limit=2").json["next"]).json
        assert a.get(path + "/timeline?q=wet").json["pinned"] == []
    with test("timeline__pins_are_of_one_record_and_undone"):
        a.patch("/api/v1/notes/%d" % note["id"], {"links": [{"entity": "company", "id": f["alster"]}, {"entity": "deal", "id": f["roof"]}]})
        assert a.get("/api/v1/deals/%d/timeline" % f["roof"]).json["pinned"] == []
        assert a.post("/api/v1/changes/%s/undo" % answer.headers["x-kontor-change"]).status == 200
        assert a.get(path + "/timeline").json["pinned"] == []


def many(k):
    """Ten thousand entries of one company among others: a page is read by an index."""
    count = 2000 if sanitized() else 10000
    rows = "".join("Note %d,company: Many\n" % i for i in range(count))
    many_ = make(k.admin, "companies", name="Many")
    k.must("import", "note", k.file("text,links\n" + rows, "notes.csv"))
    path = "/api/v1/companies/%d/timeline?with=related" % many_
    k.admin.get(path)
    taken = []
    for _ in range(7):
        begin = time.monotonic()
        page = k.admin.get(path).json
        taken.append(time.monotonic() - begin)
    equal("timeline__of_ten_thousand_begins_with_the_newest", "Note %d" % (count - 1), page["items"][0]["text"])
    check("timeline__of_ten_thousand_is_quick", min(taken) < 0.05, "%.3f s" % min(taken))


def main():
    with Kontor(conf=CONF) as k:
        max_, olga = k.add_user("max@example.com"), k.add_user("olga@example.com", "own")
        f = firm(k)
        write(k, max_, f)
        filters(k, max_, f)
        related(k, olga, f)
        others(k, max_, olga, f)
        pins(k, f)
        many(k)


main()
finish()
