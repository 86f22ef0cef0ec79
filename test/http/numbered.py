#!/usr/bin/python3
"""Running numbers (type number): a counter gives them when a record is made, by whatever way in; none twice, none for what was
only tried, none again for what was undone."""
import json
import threading

from kontor import Kontor, check, contains, equal, finish, test

FAULT = """entity: fault
label: Fault
plural: faults
title: [number, subject]
sort: number
fields:
  number:   {type: number, min: 1000, search: true}
  subject:  {type: text, required: true, unique: true}
  severity: {type: choice, of: [low, high], default: low}
"""
MEMBER = "contact:\n  fields:\n    member: {type: number}\n"
CONF = {"entities/fault.yaml": FAULT}
PATH = "/api/v1/faults"


def make(k, subject, **more):
    answer = k.admin.post(PATH, {"subject": subject, **more})
    assert answer.status == 201, answer
    return answer.json


def numbers(k, query="sort=id"):
    return [f["number"] for f in k.admin.items(PATH + "?" + query)]


def refused(k):
    for field, why in (("{type: number, default: 5}", 'a field of type number has no "default"'),
                       ("{type: number, required: true}", 'a field of type number has no "required"'),
                       ("{type: number, max: 9}", 'a field of type number has no "max"'),
                       ("{type: number, unique: false}", "a field of type number is always unique"),
                       ("{type: number, min: 0}", '"0" is not a limit for the type number'),
                       ("{type: number, places: 2}", "the type number has no places"),
                       ("{type: number, compute: '1 + 1'}", "a field of type number cannot be computed")):
        k.write_conf({"fields.yaml": "contact:\n  fields:\n    member: %s\n" % field})
        told = k.run("check")
        check("number__check_says_" + why, told.returncode == 1 and "fields.yaml:3:" in told.stderr and why in told.stderr, told)
    k.write_conf({"fields.yaml": ""})


def described(k):
    field = [f for e in k.admin.get("/api/v1/meta").json["entities"] if e["name"] == "fault" for f in e["fields"] if f["name"] == "number"][0]
    wanted = {"type": "number", "kind": "number", "widget": "number", "readonly": True, "serial": True, "unique": True, "required": False,
              "sort": True, "min": "1000"}
    equal("number__meta_tells_it", wanted, {name: field.get(name) for name in wanted})


def given(k):
    first = make(k, "Lamp")
    equal("number__counts_from_min", (1000, "1000 Lamp"), (first["number"], first["title"]))
    tried = k.admin.post(PATH + "?dry_run=1", {"subject": "Tried"})
    check("number__a_dry_run_shows_one", tried.status == 201 and tried.json["number"] == 1001, tried)
    equal("number__a_refused_create_is_refused", (409, 422, 422),
          tuple(k.admin.post(PATH, body).status for body in ({"subject": "Lamp"}, {"subject": "X", "severity": "none"}, {})))
    equal("number__neither_took_one", 1001, make(k, "Door")["number"])
    equal("number__null_asks_for_one", 1002, make(k, "Lift", number=None)["number"])
    equal("number__one_that_is_given_is_kept", 1500, make(k, "Pump", number=1500)["number"])
    equal("number__and_counting_goes_on_behind_it", 1501, make(k, "Roof")["number"])
    equal("number__older_ones_may_be_smaller", [7, 1502], [make(k, "Attic", number=7)["number"], make(k, "Cellar")["number"]])
    twice = k.admin.post(PATH, {"subject": "Twice", "number": 7})
    check("number__is_unique", twice.status == 409 and twice.json["error"]["fields"][0]["where"] == "fault.number", twice)
    for bad in (0, -1, "x", 1.5, 10 ** 15, [1]):
        answer = k.admin.post(PATH, {"subject": "Bad", "number": bad})
        check("number__refuses_%s" % bad, answer.status == 422 and answer.json["error"]["fields"][0]["where"] == "fault.number", answer)
    equal("number__a_clash_moved_nothing", 1503, make(k, "Gate")["number"])


def changed(k):
    lamp = k.admin.get(PATH + "?filter=number = 1000").json["items"][0]
    path = "%s/%d" % (PATH, lamp["id"])
    taken = k.admin.patch(path, {"number": None})
    check("number__is_not_taken_away", taken.status == 422 and "may not be taken away" in taken.text, taken)
    other = k.admin.patch(path, {"number": 2000})
    equal("number__who_may_gives_another", 2000, other.json["number"])
    equal("number__counting_goes_on_behind_that_too", 2001, make(k, "Wall")["number"])
    k.admin.post("/api/v1/changes/%s/undo" % other.headers["x-kontor-change"])
    equal("number__undo_puts_it_back", 1000, k.admin.get(path).json["number"])
    made = k.admin.post(PATH, {"subject": "Floor"})
    k.admin.post("/api/v1/changes/%s/undo" % made.headers["x-kontor-change"])
    equal("number__of_a_create_that_was_undone_is_not_given_again", (2002, 2003), (made.json["number"], make(k, "Stair")["number"]))
    equal("number__trash_gives_none_free", (204, 2004), (k.admin.delete(path).status, make(k, "Ramp")["number"]))
    taker = make(k, "Taker", number=1000)
    clash = k.admin.post(path + "/restore")
    equal("number__a_restore_that_clashes_says_so", 409, clash.status)
    k.admin.delete("%s/%d" % (PATH, taker["id"]))
    equal("number__restore_brings_it_back", (200, 1000), (k.admin.post(path + "/restore").status, k.admin.get(path).json["number"]))
    k.admin.post(PATH + "/bulk", {"filter": "number < 1002", "set": {"severity": "high"}})
    equal("number__bulk_leaves_it_alone", [7, 1000, 1001], numbers(k, 'filter=severity = "high"&sort=number'))


def found(k):
    equal("number__filters_and_sorts", [1001, 1002], numbers(k, "filter=number >= 1001 and number < 1003&sort=number"))
    equal("number__search_finds_it", ["1501 Roof"], [i["title"] for i in k.admin.get("/api/v1/search?q=1501").json["items"]])
    equal("number__a_list_of_numbers_goes_on_page_by_page", sorted(numbers(k)), numbers(k, "sort=number&limit=3"))


def at_once(k):
    """Writers at once never get the same number."""
    got, failed = [], []

    def write(name, client):
        for i in range(20):
            answer = client.post(PATH, {"subject": "%s %d" % (name, i)})
            (got.append(answer.json["number"]) if answer.status == 201 else failed.append(answer))

    writers = [threading.Thread(target=write, args=(n, k.client(k.admin.user["email"]))) for n in ("A", "B", "C")]
    before = make(k, "Before")["number"]
    for w in writers:
        w.start()
    for w in writers:
        w.join()
    equal("number__writers_at_once_never_get_the_same", ([], list(range(before + 1, before + 61))), (failed, sorted(got)))


def imported(k):
    last = make(k, "Last")["number"]
    rows = "subject,number,severity\nOne,,low\nTwo,9000,high\nThree,,low\nTwo,,low\nFour,9000,low\nFive,,low\n"
    tried = json.loads(k.run("import", "fault", k.file(rows, "faults.csv"), "--dry-run", "--json").stdout)
    told = json.loads(k.run("import", "fault", k.file(rows, "faults.csv"), "--json").stdout)
    equal("number__import_counts", ((4, 2), (4, 2)), tuple((t["created"], t["rejected"]) for t in (tried, told)))
    by = {f["subject"]: f["number"] for f in k.admin.items(PATH)}
    equal("number__import_gives_them_in_the_order_of_the_file", [last + 1, 9000, 9001, 9002],
          [by[name] for name in ("One", "Two", "Three", "Five")])
    again = json.loads(k.must("import", "fault", k.file("number,severity\n1501,high\n9001,\n", "more.csv"), "--match", "number", "--json"))
    equal("number__import_finds_records_by_it", (0, 1, 1), (again["created"], again["updated"], again["unchanged"]))
    k.must("undo", told["change"])
    equal("number__an_undone_import_gives_none_back", 9003, make(k, "Later")["number"])
    out = k.must("export", "fault", "--fields", "number,subject,severity")
    with Kontor(conf=CONF, start=False) as other:
        other.must("import", "fault", other.file(out, "out.csv"), "--json")
        equal("number__an_export_goes_in_again", out, other.must("export", "fault", "--fields", "number,subject,severity"))
        other.must("import", "fault", other.file("subject\nNew\n", "new.csv"))
        contains("number__and_counting_goes_on", "9004,New", other.must("export", "fault", "--fields", "number,subject"))


def many(k):
    """A file long enough to be sorted where order does not matter."""
    rows = "subject\n" + "".join("%s\n" % ("Row %05d" % ((i * 7919) % 3001)) for i in range(3000))
    began = make(k, "Begin")["number"]
    told = json.loads(k.must("import", "fault", k.file(rows, "many.csv"), "--json"))
    items = list(k.admin.items(PATH + "?filter=subject starts with \"Row \"&sort=number&limit=500&fields=number,subject"))
    wanted = [(began + 1 + i, "Row %05d" % ((i * 7919) % 3001)) for i in range(3000)]
    equal("number__a_long_file_is_counted_in_its_order", (3000, True),
          (told["created"], wanted == [(f["number"], f["subject"]) for f in items]))


def added(k):
    """A field added to records that are there numbers them by their ids, those in the trash too."""
    ids = [k.admin.post("/api/v1/contacts", {"last_name": name}).json["id"] for name in ("Ahn", "Bo", "Cy")]
    k.admin.delete("/api/v1/contacts/%d" % ids[1])
    before = k.admin.get("/api/v1/contacts/%d" % ids[0]).json
    k.write_conf({"fields.yaml": MEMBER})
    contains("number__plan_says_how_many", "3 records of contact get a number in member", k.must("plan"))
    equal("number__plan_gives_none", 1, k.run("plan", "--json").stdout.count("get a number"))
    k.must("apply")
    after = k.admin.get("/api/v1/contacts/%d" % ids[0]).json
    k.admin.post("/api/v1/contacts/%d/restore" % ids[1])
    equal("number__apply_numbers_what_is_there", [1, 2, 3], [k.admin.get("/api/v1/contacts/%d" % i).json["member"] for i in ids])
    equal("number__a_new_one_is_next", 4, k.admin.post("/api/v1/contacts", {"last_name": "Di"}).json["member"])
    equal("number__it_was_no_edit", (before["version"], before["updated_at"]), (after["version"], after["updated_at"]))
    change = [c for c in k.admin.get("/api/v1/changes?limit=20").json["items"] if c["source"] == "config"][0]["id"]
    past = k.admin.get("/api/v1/contacts/%d?as_of=cs:%d" % (ids[0], change - 1)).json
    equal("number__the_past_had_none", None, past["member"])
    back = k.admin.post("/api/v1/contacts/%d/restore" % ids[0], {"at": past["updated_at"]})
    check("number__going_back_to_then_keeps_it", back.status == 200 and back.json["member"] == 1, back)
    k.write_conf({"fields.yaml": ""})
    k.must("apply", "--yes")
    gone = k.admin.post("/api/v1/contacts", {"last_name": "Ed"}).json
    k.write_conf({"fields.yaml": MEMBER})
    contains("number__a_field_that_returns_says_so_too", "1 record of contact gets a number in member", k.must("plan"))
    k.must("apply")
    equal("number__a_field_that_returns_counts_on", 5, k.admin.get("/api/v1/contacts/%d" % gone["id"]).json["member"])
    contains("number__plan_is_quiet_afterwards", "othing", k.must("plan"))
    file = str(k.data / "numbers.backup")
    k.must("backup", file)
    equal("number__the_history_is_sound", 0, k.run("verify", file).returncode)


def permitted(k):
    k.write_conf({"entities/fault.yaml": FAULT.replace("min: 1000,", "min: 1000, edit: [lead],")})
    k.must("apply")
    member = k.add_user("member@example.com", role="member")
    mine = member.post(PATH, {"subject": "Of a member"})
    check("number__who_may_not_give_one_gets_one", mine.status == 201 and mine.json["number"] > 9000, mine)
    own = member.post(PATH, {"subject": "Own", "number": 5})
    check("number__but_gives_none", own.status == 422 and own.json["error"]["fields"][0]["where"] == "fault.number", own)


with Kontor(conf=CONF) as k:
    refused(k)
    described(k)
    given(k)
    changed(k)
    found(k)
    at_once(k)
    imported(k)
    many(k)
    added(k)
    permitted(k)
    check("number__no_error_in_the_log", "error" not in k.log().lower().replace("errors", ""), k.log()[-1500:])
finish()
