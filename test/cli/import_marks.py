#!/usr/bin/python3
"""What a file tells of an address or number that is there already (opt-out, invalid, label) holds; what it does not tell stays."""
import csv
import json

from kontor import Kontor, equal, finish, test

C = "/api/v1/contacts"
MAP = "import: contact\nmatch: emails\ncolumns:\n  N: last_name\n  E: {field: emails, opt_out_in: O}\n  O: skip\n"
LABELS = "import: contact\nmatch: emails\ncolumns:\n  N: last_name\n  E: {field: emails, label_in: L}\n  L: skip\n"


def made(k, **fields):
    answer = k.admin.post(C, fields)
    assert answer.status == 201, answer
    return answer.json["id"]


def entry(k, id, field="emails"):
    return [(e.get("value") or e["street"], e["label"], e["primary"], e.get("opt_out", False), e.get("invalid", False))
            for e in k.admin.get("%s/%d" % (C, id)).json[field]]


def bring(k, text, *more, name="in.csv"):
    done = json.loads(k.must("import", "contact", k.file(text, name), "--json", *more))
    return done["created"], done["updated"], done["unchanged"], done["rejected"]


def columns(k):
    with test("import_marks__a_list_of_opt_outs"):
        map, id = k.file(MAP, "map.yaml"), made(k, last_name="Opt", emails=[{"value": "opt@x.de", "label": "work", "invalid": True}, "two@x.de"])
        equal("import_marks__yes_is_set", (0, 1, 0, 0), bring(k, "N,E,O\nOpt,OPT@x.de,yes\n", "--map", map))
        equal("import_marks__what_is_not_told_stays", [("opt@x.de", "work", True, True, True), ("two@x.de", "", False, False, False)], entry(k, id))
        equal("import_marks__nothing_said", (0, 0, 1, 0), bring(k, "N,E,O\nOpt,opt@x.de,\n", "--map", map))
        equal("import_marks__no_is_an_answer_too", (0, 1, 0, 0), bring(k, "N,E,O\nOpt,opt@x.de,no\n", "--map", map))
        equal("import_marks__it_is_taken_back", ("opt@x.de", "work", True, False, True), entry(k, id)[0])
    with test("import_marks__a_column_of_labels"):
        map, id = k.file(LABELS, "labels.yaml"), made(k, last_name="Lab", emails=[{"value": "lab@x.de", "label": "work", "opt_out": True}])
        equal("import_marks__no_label_keeps_it", (0, 0, 1, 0), bring(k, "N,E,L\nLab,lab@x.de,\n", "--map", map))
        equal("import_marks__a_label_is_set", (0, 1, 0, 0), bring(k, "N,E,L\nLab,lab@x.de,home\n", "--map", map))
        equal("import_marks__beside_its_marks", [("lab@x.de", "home", True, True, False)], entry(k, id))


def plain(k):
    with test("import_marks__plain_cells_keep_all"):
        id = made(k, last_name="Plain", phones=[{"value": "+49 30 123456", "label": "work", "invalid": True, "opt_out": True}],
                  addresses=[{"street": "Weg 1", "postcode": "89073", "city": "Ulm", "label": "home", "invalid": True, "opt_out": True}])
        rows = 'last_name,phones,addresses\nPlain,+4930123456,"Weg 1, 89073 Ulm"\n'
        equal("import_marks__plain_is_unchanged", (0, 0, 1, 0), bring(k, rows, "--match", "last_name"))
        equal("import_marks__number_keeps", [("+49 30 123456", "work", True, True, True)], entry(k, id, "phones"))
        equal("import_marks__address_keeps", [("Weg 1", "home", True, True, True)], entry(k, id, "addresses"))
    with test("import_marks__cells_in_brackets"):
        rows = "last_name,phones\nPlain,+49 30 123456 [mobile]\n"
        equal("import_marks__label_in_brackets", (0, 1, 0, 0), bring(k, rows, "--match", "last_name"))
        equal("import_marks__marks_beside_it_stay", [("+49 30 123456", "mobile", True, True, True)], entry(k, id, "phones"))


def own(k):
    where = ["--filter", 'last_name = "Own"']
    with test("import_marks__own_csv_edited"):
        id = made(k, last_name="Own", emails=[{"value": "own@x.de", "label": "work"}, {"value": "b@x.de", "invalid": True}],
                  addresses=[{"street": "Weg 1", "city": "Ulm", "opt_out": True}, {"street": "Weg 2", "city": "Bonn", "label": "old"}])
        text = k.must("export", "contact", "--delimiter", ";", *where)
        for word, want in ("[home]", ("own@x.de", "home", True, False, False)), ("[opt-out]", ("own@x.de", "", True, True, False)), \
                ("[work, invalid]", ("own@x.de", "work", True, False, True)):
            equal("import_marks__own_%s" % word, (0, 1, 0, 0), bring(k, text.replace("[work]", word)))
            equal("import_marks__own_%s_holds" % word, want, entry(k, id)[0])
        equal("import_marks__own_other_entry", ("b@x.de", "", False, False, True), entry(k, id)[1])
        edited = text.replace("* [opt-out]|Weg 1", "* [invalid]|Weg 1").replace("old|Weg 2", "new|Weg 2")
        equal("import_marks__own_addresses", (0, 1, 0, 0), bring(k, edited))
        equal("import_marks__own_addresses_hold", [("Weg 1", "", True, False, True), ("Weg 2", "new", False, False, False)], entry(k, id, "addresses"))
    with test("import_marks__own_ndjson_edited"):
        line = json.loads(k.must("export", "contact", "--format", "ndjson", *where))
        line["emails"][0].update(opt_out=True, label="")
        line["emails"][1].pop("invalid")
        line["addresses"][0].pop("invalid")
        line["addresses"][1]["opt_out"] = True
        equal("import_marks__ndjson", (0, 1, 0, 0), bring(k, json.dumps(line) + "\n", name="own.ndjson"))
        equal("import_marks__ndjson_holds", [("own@x.de", "", True, True, False), ("b@x.de", "", False, False, False)], entry(k, id))
        equal("import_marks__ndjson_addresses", [("Weg 1", "", True, False, False), ("Weg 2", "new", False, True, False)], entry(k, id, "addresses"))
        again = k.must("export", "contact", "--format", "ndjson", *where)
        equal("import_marks__ndjson_again", (0, 0, 1, 0), bring(k, again, name="own.ndjson"))


def merged(k):
    with test("import_marks__merge_keeps_every_mark"):
        for field, value in ("emails", "mer@x.de"), ("phones", "+49 30 777"):
            a = made(k, last_name="Mer", **{field: [value]})
            b = made(k, last_name="Mer", **{field: [{"value": value, "invalid": True, "opt_out": True}]})
            answer = k.admin.post(C + "/merge", {"into": a, "from": [b]}).json
            equal("import_marks__merged_%s" % field, (value, "", True, True, True), entry(k, a, field)[0])
            k.admin.post("/api/v1/changes/%d/undo" % answer["change"])
            equal("import_marks__merged_%s_undone" % field, (value, "", True, False, False), entry(k, a, field)[0])
        a = made(k, last_name="Met", phones=["+49 30 888"])
        b = made(k, last_name="Met", phones=["+4930888", {"value": "+49 (30) 888", "invalid": True, "label": "work"}])
        k.admin.post(C + "/merge", {"into": a, "from": [b]})
        equal("import_marks__merged_with_two_alike", [("+49 30 888", "work", True, False, True)], entry(k, a, "phones"))
        place = {"street": "Weg 9", "city": "Ulm", "primary": True}
        a, b = made(k, last_name="Mes", addresses=[place]), made(k, last_name="Mes", addresses=[{**place, "invalid": True, "opt_out": True}])
        answer = k.admin.post(C + "/merge", {"into": a, "from": [b]}).json
        equal("import_marks__merged_addresses", [("Weg 9", "", True, True, True)], entry(k, a, "addresses"))


LEADS = """Record Id,Lead Owner,Company,First Name,Last Name,Email,Lead Source,Lead Status,Is Converted
z1,,Acme,Anna,Abel,a@x.example,Web,Junk Lead,
z2,,Acme,Ben,Brand,b@x.example,Web,Lost Lead,
z3,,Acme,Cleo,Claussen,c@x.example,Web,Closed - Converted,true
z4,,Acme,Dora,Dahl,d@x.example,Web,Not Contacted,
z5,,,,,,,,
"""


def discarded(k):
    with test("import_marks__leads_discarded_without_a_reason_are_rejected_with_theirs"):
        done = json.loads(k.run("import", "lead", k.file(LEADS, "zoho.csv"), "--json").stdout)
        equal("import_marks__leads", (2, 3, 0), (done["created"], done["rejected"], done["left_out"]))
        with open(done["rejects_file"], encoding="utf-8") as f:
            why = {row["Record Id"]: row["rejected_reason"] for row in csv.DictReader(f)}
        no = "Reason for discarding is needed in the stage Discarded"
        equal("import_marks__leads_why", {"z1": no, "z2": no, "z5": "Last name is required"}, why)
        again = json.loads(k.run("import", "lead", done["rejects_file"], "--no-gates", "--json").stdout)
        equal("import_marks__leads_let_pass", (2, 1), (again["created"], again["rejected"]))


OFFERS = "sales: {entity: deal, stages: [{id: s1, label: Enquiry}, {id: s2, label: Offer sent}, {id: won, kind: won}]}\n"


def unknown():
    """Who wrote the file knows what stages are called, not their ids."""
    with Kontor(conf={"pipelines.yaml": OFFERS}) as k, test("import_marks__an_unknown_option_is_told_by_what_options_are_called"):
        done = json.loads(k.run("import", "deal", k.file("name,stage\nA,Ofer sent\nB,Something\nC,offer sent\n", "o.csv"), "--json").stdout)
        with open(done["rejects_file"], encoding="utf-8") as f:
            why = {row["name"]: row["rejected_reason"] for row in csv.DictReader(f)}
        assert set(why) == {"A", "B"} and 'do you mean "Offer sent"?' in why["A"] and "(Enquiry, Offer sent" in why["B"], why


OWN = "sales: {entity: deal, stages: [{id: new}, {id: quali, label: Qualification}, {id: won, kind: won}]}\n"
SALES = "ID,ACCOUNTID,NAME,STAGENAME,CLOSEDATE,AMOUNT\n006A,,A,Qualification,2026-01-05,5\n006B,,B,Closed Won,2026-01-05,5\n"


def named_alike():
    """What another program calls a stage is no word for one that this firm has not, where it has one of that name."""
    with Kontor(conf={"pipelines.yaml": OWN}) as k, test("import_marks__a_stage_of_the_very_name_is_that_stage"):
        k.run("import", "deal", k.file(SALES, "opp.csv"))
        got = {d["name"]: d["stage"] for d in k.admin.get("/api/v1/deals?fields=name,stage").json["items"]}
        assert got == {"A": "quali", "B": "won"}, got


def main():
    unknown()
    named_alike()
    with Kontor() as k:
        discarded(k)
        columns(k)
        plain(k)
        own(k)
        merged(k)
    finish()


main()
