#!/usr/bin/python3
"""When users are told: kinds in the bell at once, in a digest at a time of their own zone and working days, or not at all; quiet hours
in which nothing is told but what they remind themselves of; once, also after downtime. What is undone or may not be seen any more is
not told. The clock is that of KONTOR_NOW; the firm is in Europe/Berlin and works Monday to Friday but on its holiday."""
import contextlib
import datetime
import time

from kontor import Kontor, equal, finish, test

CONF = {
    "calendar.yaml": "hours: {mon-fri: \"09:00-17:00\"}\nholidays: [2027-05-17 Holiday]\n",
    "roles.yaml": "own:\n  label: Own\n  entities:\n    \"*\": {see: own, create: all, edit: own, delete: own, export: own, import: none}\n",
}
ZONES = { # zone: a moment of its Tuesday midnight, of its next digest at 08:00
    "Pacific/Kiritimati": ("2027-05-03T10:01:00Z", "2027-05-03T17:58:00Z", "2027-05-03T18:00:30Z"),
    "Pacific/Pago_Pago": ("2027-05-04T11:01:00Z", "2027-05-04T18:58:00Z", "2027-05-04T19:00:30Z"),
    "Europe/Berlin": ("2027-05-05T22:01:00Z", "2027-05-06T05:58:00Z", "2027-05-06T06:00:30Z"),
}


def at(k, now):
    k.stop()
    k.start(env={"KONTOR_NOW": now})
    k._admin = None


def until(wanted, what, seconds=5):
    end = time.monotonic() + seconds
    while what() != wanted and time.monotonic() < end:
        time.sleep(0.05)
    return what()


def unseen(caller):
    return caller.get("/api/v1/notifications/count").json["unseen"]


def listed(caller, query=""):
    return caller.get("/api/v1/notifications?limit=100" + query).json["items"]


def digests(caller, query=""):
    return [n["count"] for n in listed(caller, query) if n["kind"] == "digest"]


def say(k, caller, **prefs):
    answer = caller.patch("/api/v1/me", {"prefs": prefs})
    assert answer.status == 200, answer


def mention(k, user, text, *records):
    made = k.admin.post("/api/v1/notes", {"text": "@[%s] %s" % (user, text), "links": [{"entity": "company", "id": r} for r in records]})
    assert made.status == 201, made
    return made.json["id"]


def last_change(k):
    return k.admin.get("/api/v1/changes?limit=1").json["items"][0]["id"]


def settings(k, ann):
    with test("told__what_is_said_is_checked"):
        for bad in ({"notify": {"mention": "later"}}, {"notify": {"dinner": "on"}}, {"notify": {"step": "digest"}}, {"digest": {"at": "8"}},
                    {"digest": {"at": "08:00", "days": "some"}}, {"quiet": {"from": "19:00"}}, {"zone": "Mars/Dune"}, {"zone": "../../etc/passwd"},
                    {"quiet": {"from": "07:00", "to": "07:00", "days": []}}, {"quiet": {"from": "19:00", "to": "07:00", "days": ["someday"]}},
                    {"quiet": {"from": "24:00", "to": "07:00", "days": []}}):
            answer = ann.patch("/api/v1/me", {"prefs": bad})
            assert answer.status == 422, (bad, answer)
        kinds = {x["id"]: x["digest"] for x in ann.get("/api/v1/meta").json["notifications"]}
        assert kinds["mention"] and not kinds["step"] and "digest" not in kinds, kinds


def zones(k, firm):
    for zone, (midnight, before, after) in ZONES.items():
        name = zone.split("/")[1].lower()
        at(k, midnight)
        ann = k.client("ann@example.com")
        ann.post("/api/v1/notifications/seen", {"all": True})
        say(k, ann, notify={"mention": "digest"}, digest={"at": "08:00", "days": "working"}, zone=zone)
        had = len(listed(ann))
        mention(k, "ann@example.com", name + " one", firm)
        mention(k, "ann@example.com", name + " two", firm)
        equal("digest__of_%s_collects" % name, (0, had), (unseen(ann), len(listed(ann))))
        at(k, before)
        equal("digest__of_%s_is_not_early" % name, [], digests(k.client("ann@example.com"), "&unseen=1"))
        at(k, after)
        equal("digest__of_%s_comes" % name, [2], until([2], lambda: digests(k.client("ann@example.com"), "&unseen=1")))
        at(k, after)
        time.sleep(0.5)
        equal("digest__of_%s_comes_once" % name, (1, [2]), (unseen(k.client("ann@example.com")), digests(k.client("ann@example.com"), "&unseen=1")))


def opened(k, firm):
    ann = k.client("ann@example.com")
    with test("digest__holds_what_was_collected"):
        digest = listed(ann)[0]
        items = listed(ann, "&digest=%d" % digest["id"])
        assert [n["kind"] for n in items] == ["mention"] * 2 and {n["record"]["id"] for n in items} == {firm}, items
        assert k.admin.get("/api/v1/notifications?digest=%d" % digest["id"]).json["items"] == [], "another's digest"
        assert k.admin.post("/api/v1/notifications/seen", {"id": digest["id"]}).status == 404
    with test("digest__is_read_with_what_it_holds"):
        assert unseen(ann) == 1
        assert ann.post("/api/v1/notifications/seen", {"id": digest["id"]}).status == 204
        assert unseen(ann) == 0 and all(n["seen"] for n in listed(ann, "&digest=%d" % digest["id"]))


def working_days(k, firm):
    at(k, "2027-05-14T07:00:00Z") # Friday, after eight; Monday is the holiday
    mention(k, "ann@example.com", "before the holiday", firm)
    at(k, "2027-05-17T09:00:00Z")
    equal("digest__not_on_a_holiday", [], digests(k.client("ann@example.com"), "&unseen=1"))
    at(k, "2027-05-20T12:00:00Z") # it was due on Tuesday, while nothing ran
    ann = k.client("ann@example.com")
    equal("digest__after_downtime", [1], until([1], lambda: digests(ann, "&unseen=1")))
    at(k, "2027-05-21T12:00:00Z")
    time.sleep(0.5)
    ann = k.client("ann@example.com")
    equal("digest__after_downtime_once", 1, unseen(ann))
    with test("digest__a_record_that_was_read_is_not_told"):
        other = k.admin.post("/api/v1/companies", {"name": "Bille"}).json["id"]
        mention(k, "ann@example.com", "read before", other)
        mention(k, "ann@example.com", "not read", firm)
        assert ann.post("/api/v1/notifications/seen", {"record": other}).status == 204
        at(k, "2027-05-24T06:01:00Z")
        ann = k.client("ann@example.com")
        assert until([1, 1], lambda: digests(ann, "&unseen=1")) == [1, 1], digests(ann, "&unseen=1")
        assert [n["record"]["id"] for n in listed(ann) if n["kind"] == "mention"] == [other], "it stands by itself, read"
        assert ann.post("/api/v1/notifications/seen", {"record": firm}).status == 204
        assert unseen(ann) == 0, "a digest of which everything was read is read"
    with test("digest__another_way_counts_for_what_waits"):
        mention(k, "ann@example.com", "first", firm)
        say(k, ann, notify={"mention": "on"})
        assert unseen(ann) == 1, listed(ann)
        say(k, ann, notify={"mention": "digest"})
        mention(k, "ann@example.com", "second", firm)
        say(k, ann, notify={"mention": "off"})
        say(k, ann, notify={"mention": "on"})
        assert unseen(ann) == 1, listed(ann)
        ann.post("/api/v1/notifications/seen", {"all": True})


def quiet(k, firm):
    at(k, "2027-06-01T16:59:30Z") # Tuesday, 18:59 in Berlin
    ann = k.client("ann@example.com")
    say(k, ann, notify={"mention": "on"}, zone="Europe/Berlin", quiet={"from": "19:00", "to": "07:00", "days": ["mon", "tue", "wed", "thu", "fri"], "free": True})
    mention(k, "ann@example.com", "in time", firm)
    equal("quiet__not_before_they_begin", 1, unseen(ann))
    at(k, "2027-06-01T17:00:30Z")
    ann = k.client("ann@example.com")
    mention(k, "ann@example.com", "too late", firm)
    with test("quiet__nothing_is_told_in_them"):
        assert unseen(ann) == 1 and len(listed(ann, "&unseen=1")) == 1, listed(ann, "&unseen=1")
        ann.post("/api/v1/notifications/seen", {"all": True})
    call = ann.post("/api/v1/activities", {"kind": "call", "subject": "Overseas", "due": "2027-06-01T21:00[Europe/Berlin]", "reminders": ["60"]})
    assert call.status == 201, call
    early = ann.post("/api/v1/activities", {"kind": "call", "subject": "Early", "due": "2027-06-02T07:30[Europe/Berlin]", "reminders": ["60"]})
    assert early.status == 201, early
    at(k, "2027-06-01T18:00:30Z")
    equal("quiet__but_what_one_reminds_oneself_of", ["Overseas"], until(["Overseas"], lambda: [n["record"]["title"] for n in listed(k.client("ann@example.com"), "&unseen=1")]))
    at(k, "2027-06-02T04:59:00Z")
    time.sleep(1)
    equal("quiet__what_can_wait_waits", 1, unseen(k.client("ann@example.com")))
    at(k, "2027-06-02T05:00:01Z")
    with test("quiet__then_it_stands_in_the_bell"):
        ann = k.client("ann@example.com")
        assert sorted(n["kind"] for n in listed(ann, "&unseen=1")) == ["mention", "step", "step"], listed(ann, "&unseen=1")
        ann.post("/api/v1/notifications/seen", {"all": True})
    at(k, "2027-06-05T10:00:00Z") # Saturday
    mention(k, "ann@example.com", "on a weekend", firm)
    equal("quiet__on_days_nobody_works", 0, unseen(k.client("ann@example.com")))
    at(k, "2027-06-06T20:00:00Z")
    equal("quiet__until_monday", 0, unseen(k.client("ann@example.com")))
    at(k, "2027-06-06T22:00:01Z") # midnight; Sunday is none of the evenings
    ann = k.client("ann@example.com")
    equal("quiet__is_over_on_monday", 1, unseen(ann))
    with test("quiet__taken_back_what_waits_is_told"):
        ann.post("/api/v1/notifications/seen", {"all": True})
        at(k, "2027-06-07T18:00:00Z")
        ann = k.client("ann@example.com")
        mention(k, "ann@example.com", "waits", firm)
        assert unseen(ann) == 0
        ann.post("/api/v1/notifications/seen", {"all": True})
        say(k, ann, quiet=None)
        assert unseen(ann) == 1, "“all” does not mean what was not told yet"
        ann.post("/api/v1/notifications/seen", {"all": True})


def live(k, firm):
    """Pages that are open hear of it the moment quiet hours are over, and of the digest."""
    for name, prefs, moment in (("quiet__their_end_is_heard_at_once", {"notify": {"mention": "on"}, "quiet": {"from": "19:00", "to": "07:00", "days": ["mon"]}}, "2027-06-15T05:00:00"),
                                ("digest__is_heard_of_at_once", {"notify": {"mention": "digest"}, "quiet": None}, "2027-06-15T06:00:00")):
        with test(name):
            heard = any(hears(k, firm, prefs, moment, ahead) for ahead in (4, 15, 45)) # a slow machine is too late at first
            assert heard, "nothing was heard"


def hears(k, firm, prefs, moment, ahead):
    at(k, "2027-06-14T18:00:00Z")
    say(k, k.client("ann@example.com"), **prefs)
    mention(k, "ann@example.com", "live", firm)
    at(k, (datetime.datetime.fromisoformat(moment) - datetime.timedelta(seconds=ahead)).strftime("%Y-%m-%dT%H:%M:%SZ"))
    ann = k.client("ann@example.com")
    with contextlib.closing(ann.events()) as stream:
        heard = unseen(ann) == 0 and stream.wait_for(lambda e: e.get("event") == "notification", ahead + 8) and until(1, lambda: unseen(ann)) == 1
    ann.post("/api/v1/notifications/seen", {"all": True})
    return heard


def clocks(k, firm):
    """Both nights of the change of clocks: quiet until 02:30, which the first has twice and the second has not."""
    for name, inside, before, after in (("autumn", "2027-10-30T23:30:00Z", "2027-10-31T00:29:00Z", "2027-10-31T00:30:01Z"),
                                        ("spring", "2028-03-26T00:30:00Z", "2028-03-26T00:59:00Z", "2028-03-26T01:30:01Z")):
        at(k, inside)
        ann = k.client("ann@example.com")
        say(k, ann, quiet={"from": "22:00", "to": "02:30", "days": ["sat"]}, zone="Europe/Berlin", notify={"mention": "on"})
        mention(k, "ann@example.com", name, firm)
        at(k, before)
        equal("quiet__in_%s_until_then" % name, 0, unseen(k.client("ann@example.com")))
        at(k, after)
        ann = k.client("ann@example.com")
        equal("quiet__in_%s_no_longer" % name, 1, unseen(ann))
        ann.post("/api/v1/notifications/seen", {"all": True})
    say(k, ann, quiet=None)


def undone(k, ids, ann):
    contact = k.admin.post("/api/v1/contacts", {"last_name": "Gray"}).json["id"]
    k.admin.patch("/api/v1/contacts/%d" % contact, {"owner": ids["ann"]})
    change = last_change(k)
    with test("undone__is_not_told_any_more"):
        assert unseen(ann) == 1, listed(ann)
        undo = k.admin.post("/api/v1/changes/%d/undo" % change, {}).json["change"]
        assert unseen(ann) == 0 and not [n for n in listed(ann) if n["kind"] == "assigned"], listed(ann)
    with test("undone__taken_back_it_is_told_again"):
        again = k.admin.post("/api/v1/changes/%d/undo" % undo, {}).json["change"]
        assert unseen(ann) == 1, listed(ann)
        ann.post("/api/v1/notifications/seen", {"all": True})
        k.admin.post("/api/v1/changes/%d/undo" % again, {})
        assert unseen(ann) == 0
    with test("undone__what_was_read_says_so"):
        told = [n for n in listed(ann) if n["kind"] == "assigned"]
        assert len(told) == 1 and told[0]["undone"], told


def given_on(k, ids, ann):
    contact = k.admin.post("/api/v1/contacts", {"last_name": "Gray", "owner": ids["ann"]}).json["id"]
    told = lambda: [n["record"]["id"] for n in listed(ann, "&unseen=1") if n["kind"] == "assigned"]
    with test("assigned__given_on_before_it_was_read_is_not_told"):
        assert told() == [contact]
        k.admin.patch("/api/v1/contacts/%d" % contact, {"owner": ids["admin"]})
        assert told() == []
        k.admin.post("/api/v1/changes/%d/undo" % last_change(k), {})
        assert told() == [contact]
    some = [k.admin.post("/api/v1/contacts", {"last_name": "Many %d" % i}).json["id"] for i in range(3)]
    with test("assigned__many_at_once_are_told_of_once"):
        ann.post("/api/v1/notifications/seen", {"all": True})
        k.admin.post("/api/v1/contacts/bulk", {"ids": some, "set": {"owner": ids["ann"]}})
        news = listed(ann, "&unseen=1")
        assert [(n["kind"], n["about"]) for n in news] == [("assigned", {"count": 3})], news
        k.admin.post("/api/v1/changes/%d/undo" % last_change(k), {})
        assert listed(ann, "&unseen=1") == []
    with test("assigned__who_is_to_take_part_is_told"):
        call = k.admin.post("/api/v1/activities", {"kind": "meeting", "subject": "Visit", "due": "2028-05-01"}).json["id"]
        people = [{"entity": "user", "id": ids["ann"]}, {"entity": "user", "id": ids["admin"]}]
        k.admin.patch("/api/v1/activities/%d" % call, {"participants": people})
        k.admin.patch("/api/v1/activities/%d" % call, {"participants": people[:1]})
        news = listed(ann, "&unseen=1")
        assert [(n["kind"], n["record"]["id"], n["about"]) for n in news] == [("assigned", call, {"part": True})], news
        assert listed(k.admin, "&unseen=1&kind=assigned") == []
    k.add_user("pat@example.com")
    pat = next(u["id"] for u in k.admin.items("/api/v1/users") if u["name"] == "pat")
    with test("assigned__who_takes_part_still_does_when_it_is_given_on"):
        k.admin.patch("/api/v1/activities/%d" % call, {"owner": pat})
        assert [n["record"]["id"] for n in listed(ann, "&unseen=1")] == [call], listed(ann, "&unseen=1")
    with test("assigned__who_takes_part_no_more_is_not_told"):
        k.admin.patch("/api/v1/activities/%d" % call, {"participants": []})
        assert listed(ann, "&unseen=1") == [], listed(ann, "&unseen=1")
    with test("assigned__who_takes_part_sees_it_whatever_his_role_and_no_longer_than_that"):
        olga = k.client("olga@example.com")
        there = lambda: (olga.get("/api/v1/activities/%d" % call).status, len(olga.items("/api/v1/activities")), len(listed(olga, "&unseen=1")))
        assert there() == (404, 0, 0), there()
        k.admin.patch("/api/v1/activities/%d" % call, {"participants": [{"entity": "user", "id": ids["olga"]}]})
        assert there() == (200, 1, 1), there()
        assert olga.patch("/api/v1/activities/%d" % call, {"subject": "Hers"}).status == 403
        k.admin.patch("/api/v1/activities/%d" % call, {"participants": []})
        assert there() == (404, 0, 0), there()
    with test("assigned__of_many_the_others_are_told_of_when_one_is_given_on"):
        k.admin.post("/api/v1/contacts/bulk", {"ids": some, "set": {"owner": ids["ann"]}})
        news = listed(ann, "&unseen=1")
        k.admin.patch("/api/v1/contacts/%d" % news[0]["record"]["id"], {"owner": ids["admin"]})
        assert [n["about"] for n in listed(ann, "&unseen=1")] == [{"count": 3}], listed(ann, "&unseen=1")
        ann.post("/api/v1/notifications/seen", {"all": True})


def rights(k, ids):
    olga = k.client("olga@example.com")
    say(k, olga, notify={"assigned": "digest"})
    contact = k.admin.post("/api/v1/contacts", {"last_name": "Hidden", "owner": ids["olga"]}).json["id"]
    k.admin.patch("/api/v1/contacts/%d" % contact, {"owner": ids["ann"]})
    at(k, "2028-04-05T12:00:00Z")
    time.sleep(0.5)
    olga = k.client("olga@example.com")
    equal("digest__of_what_may_not_be_seen_any_more_is_none", (0, []), (unseen(olga), listed(olga)))


with Kontor(conf=CONF, now="2027-03-01T08:00:00Z") as k:
    k.add_user("ann@example.com")
    k.add_user("olga@example.com", "own")
    at(k, "2027-03-01T09:00:00Z")
    ann = k.client("ann@example.com")
    firm = k.admin.post("/api/v1/companies", {"name": "Alster"}).json["id"]
    settings(k, ann)
    zones(k, firm)
    opened(k, firm)
    working_days(k, firm)
    quiet(k, firm)
    live(k, firm)
    clocks(k, firm)
    at(k, "2028-04-03T12:00:00Z")
    ids = {u["name"]: u["id"] for u in k.admin.items("/api/v1/users")}
    undone(k, ids, k.client("ann@example.com"))
    given_on(k, ids, k.client("ann@example.com"))
    rights(k, ids)
finish()
