#!/usr/bin/python3
"""Contact points: label, primary, opt-out and invalid in JSON and in cells, and the phone numbers of every country."""
import json
import urllib.parse

from kontor import SHARED, Kontor, check, contains, equal, finish, skip, test

C = "/api/v1/contacts"


def cells(k):
    with test("points__flags"):
        made = k.admin.post(C, {"last_name": "Lund", "emails": [
            {"value": "a@x.example", "label": "work, home", "opt_out": True}, {"value": "b@x.example", "label": "primary", "primary": True},
            "c@x.example"], "phones": [{"value": "+49 30; 123", "label": "[x]\\y", "invalid": True}, "030\\12 [3"]}).json
        equal("points__invalid_is_kept", True, made["phones"][0].get("invalid"))
        check("points__invalid_is_said_only_where_it_is", "invalid" not in made["emails"][0])
        equal("points__a_flag_is_true_or_false", 422, k.admin.post(C, {"last_name": "x", "phones": [{"value": "123", "invalid": "yes"}]}).status)
        text = k.must("export", "contact", "--fields", "id,last_name,emails,phones")
        contains("points__cell_is_readable", "c@x.example", text)
        done = json.loads(k.must("import", "contact", k.file(text, "own.csv"), "--match", "id", "--json"))
        equal("points__own_cells_change_nothing", (1, 0, 0), (done["unchanged"], done["updated"], done["rejected"]))
        done = json.loads(k.must("import", "contact", k.file(text, "own.csv"), "--json"))
        again = k.admin.get(C + "?sort=-created_at&limit=1").json["items"][0]
        equal("points__cells_come_back_the_same", (made["emails"], made["phones"]), (again["emails"], again["phones"]))
    with test("points__cells_as_people_write_them"):
        rows = 'last_name,emails,phones\nPlain,x@y.example; z@y.example,"+1 (555) 123-4567; 030 12"\n' \
               'Marked,"x@y.example; z@y.example [Büro, primary]","+1 555 123 [mobile, invalid, opt-out]"\n'
        equal("points__come_in", 0, json.loads(k.must("import", "contact", k.file(rows, "plain.csv"), "--json"))["rejected"])
        got = {r["last_name"]: r for r in k.admin.items(C)}
        equal("points__plain_lists", ["+1 (555) 123-4567", "030 12"], [p["value"] for p in got["Plain"]["phones"]])
        equal("points__labels", [("x@y.example", "", False), ("z@y.example", "Büro", True)],
              [(p["value"], p["label"], p["primary"]) for p in got["Marked"]["emails"]])
        equal("points__marks", [{"value": "+1 555 123", "label": "mobile", "primary": True, "opt_out": True, "invalid": True}], got["Marked"]["phones"])
        out = k.must("export", "contact", "--filter", 'last_name = "Plain"', "--fields", "emails,phones")
        contains("points__plain_lists_stay_plain", "x@y.example; z@y.example", out)
        check("points__without_brackets", "[" not in out)
    with test("points__a_file_keeps_what_it_does_not_tell"):
        k.admin.post(C, {"last_name": "Told", "emails": [{"value": "told@x.example", "label": "work", "invalid": True, "opt_out": True}]})
        k.must("import", "contact", k.file("last_name,emails\nTold,Told@X.example; more@x.example\n", "told.csv"), "--match", "emails")
        got = k.admin.items(C + "?filter=" + urllib.parse.quote('last_name = "Told"'))[0]["emails"]
        equal("points__marks_outlive_a_file", [("told@x.example", "work", True, True), ("more@x.example", "", False, False)],
              [(e["value"], e["label"], e["opt_out"], e.get("invalid", False)) for e in got])
    with test("points__matched_in_any_form"):
        k.admin.post(C, {"last_name": "Ruge", "phones": ["0451/12352"]})
        k.admin.post(C, {"last_name": "Wien", "phones": ["+43 451 99999"]})

        def load(rows):
            done = json.loads(k.must("import", "contact", k.file("last_name,phones\n" + rows, "n.csv"), "--match", "phone", "--json"))
            return done["created"], done["updated"] + done["unchanged"]

        equal("points__matched_with_its_country", (0, 1), load("Ruge,+49 451 12352\n"))
        equal("points__not_matched_in_another_country", (1, 0), load("Other,+49 451 99999\n"))
    with test("points__a_file_takes_nothing_away"):
        first = k.admin.post(C, {"last_name": "Full", "emails": ["full@x.example"], "phones": ["0431 1234", "0431 5678"], "tags": ["Mine"],
                                 "addresses": [{"label": "work", "city": "Ulm", "primary": True}, {"label": "home", "city": "Hof"}]}).json["id"]
        rows = "last_name,emails,phones,tags,addresses\nFull,full@x.example,0431 9999,Fair,branch|Kai 1||Kiel||\n"
        k.must("import", "contact", k.file(rows, "full.csv"), "--match", "emails")
        got = k.admin.get("%s/%d" % (C, first)).json
        equal("points__numbers_stay", ["0431 1234", "0431 5678", "0431 9999"], [p["value"] for p in got["phones"]])
        equal("points__tags_stay", ["Mine", "Fair"], got["tags"])
        equal("points__addresses_stay", ["Kiel", "Ulm", "Hof"], [a["city"] for a in got["addresses"]])
        equal("points__the_same_again_is_no_change", 1, json.loads(
            k.must("import", "contact", k.file(rows, "full.csv"), "--match", "emails", "--json"))["unchanged"])

def phones(k):
    path = SHARED / "data/i18n/libphonenumber/example-numbers.tsv"
    if not path.is_file():
        skip("points__phones_of_every_country", "no shared data")
        return
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()[1:]]
    text = "last_name,phones\n"
    for i, (_, code, _, _, _, national) in enumerate(rows):
        text += "P%d,+%s %s %s\n" % (i, code, national[:3], "-".join(national[j:j + 3] for j in range(3, len(national), 3)))
    with test("points__phones_of_every_country"):
        done = json.loads(k.must("import", "contact", k.file(text, "phones.csv"), "--json"))
        equal("points__all_are_taken", (len(rows), 0), (done["created"], done["rejected"]))
        missed = []
        for i, (territory, code, _, _, kind, national) in list(enumerate(rows))[::7]:
            for form in ("+%s%s" % (code, national), "00%s %s" % (code, national), "%s (%s) %s" % (code, national[:2], national[2:])):
                items = k.admin.get("/api/v1/search?limit=100&kind=contact&q=" + urllib.parse.quote(form)).json["items"]
                if "P%d" % i not in [item["title"] for item in items]:
                    missed.append("%s %s %s" % (territory, kind, form))
        check("points__found_by_digits_in_any_form", not missed, repr(missed[:10]))
        check("points__of_many_territories", len({r[0] for r in rows}) > 100, len(rows))


with Kontor() as k:
    cells(k)
    phones(k)
finish()
