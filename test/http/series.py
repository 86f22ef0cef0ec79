#!/usr/bin/python3
"""Activities that repeat: occurrences are activities, made a year ahead at their own time of day; changed and deleted alone, with
those after them, or all; exceptions stay, what is done is never rewritten; rolled on by the day; and, on random edits (seeded), taking
back everything passes through every earlier state."""
import datetime
import json
import os
import random
import time
import urllib.parse

from kontor import Kontor, check, equal, finish, test

CONF = {"kontor.yaml": "name: Test\ncurrency: EUR\nzone: Europe/Berlin\npassword_cost: low\n"}
SEED = int(os.environ.get("KONTOR_SEED", "1"))
ROUNDS = 40 if os.environ.get("KONTOR_LONG") else 8
TODAY = datetime.date.today()
MONDAY = TODAY + datetime.timedelta(days=14 - TODAY.weekday())
PLURALS = ("activities", "activity_series_all")


def day(n=0):
    return (MONDAY + datetime.timedelta(days=n)).isoformat()


def begin(k, rule, due=None, subject="Call", **more):
    answer = k.admin.post("/api/v1/activities", {"subject": subject, "due": due or day() + "T09:00", "repeat": rule, **more})
    equal("it is made", 201, answer.status)
    return answer.json


def of(k, one, **more):
    """The living occurrences of its series, by place."""
    series = one["series"]["id"] if isinstance(one["series"], dict) else one["series"]
    items = k.admin.items("/api/v1/activities?filter=series%%20%%3D%%20%d&limit=500" % series)
    return sorted(items, key=lambda a: a["recurrence_id"])


def change(k, one, scope, **values):
    return k.admin.patch("/api/v1/activities/%d?scope=%s" % (one["id"], scope), values)


def state(k):
    return {plural: {json.loads(line)["id"]: line for line in k.admin.get(
        "/api/v1/%s/export?format=ndjson" % plural).text.splitlines()} for plural in PLURALS}


def roll(k):
    """As if a day had passed: the timer is due."""
    k.stop()
    k.database("UPDATE timer SET due_at = 1 WHERE kind = 'series'")
    before = k.database("SELECT coalesce(max(id), 0) FROM job")[0][0]
    k.start()
    end = time.monotonic() + 20
    while time.monotonic() < end:
        jobs = k.database("SELECT count(*), sum(state IN (1, 2)) FROM job WHERE id > ? AND kind = 'series'", before)[0]
        if jobs[0] and not jobs[1]:
            return
        time.sleep(0.05)
    raise AssertionError("the series do not roll on")


with Kontor(CONF) as k:
    with test("a weekly call is made a year ahead, at nine on both sides of a clock change"):
        one = begin(k, "FREQ=WEEKLY;BYDAY=MO", links=None, place="Room 3", duration=30)
        all_of = of(k, one)
        check("about a year of them", 49 <= len(all_of) <= 53, len(all_of))
        equal("all at nine", {"T09:00:00"}, {a["due"][10:19] for a in all_of})
        equal("two offsets", {"+01:00", "+02:00"}, {a["due"][19:25] for a in all_of})
        equal("the same", {("Call", "Room 3", 30)}, {(a["subject"], a["place"], a["duration"]) for a in all_of})
        equal("places", [a["due"][:19] for a in all_of], [a["recurrence_id"] for a in all_of])

    with test("it was one change, taken back as one"):
        before = state(k)
        answer = k.admin.post("/api/v1/activities", {"subject": "Once", "due": day(), "repeat": "FREQ=DAILY;COUNT=5"})
        equal("five", 5, len(of(k, answer.json)))
        k.admin.post("/api/v1/changes/%s/undo" % answer.headers["x-kontor-change"])
        equal("as before", before, state(k))

    with test("days, counted and limited, by month and year"):
        last = of(k, begin(k, "FREQ=MONTHLY;BYDAY=-1FR;COUNT=3", due=day()))
        equal("its start and two", 3, len(last))
        for a in last[1:]:
            date = datetime.date.fromisoformat(a["due"])
            equal("a last Friday", (4, True), (date.weekday(), (date + datetime.timedelta(days=7)).month != date.month))
        equal("until", 3, len(of(k, begin(k, "FREQ=DAILY;UNTIL=" + day(2).replace("-", ""), due=day()))))
        every = of(k, begin(k, "FREQ=DAILY", due=day()))
        check("every day of the year ahead", 345 <= len(every) <= 366, len(every))
        equal("without a gap", len(every), (datetime.date.fromisoformat(every[-1]["due"]) - MONDAY).days + 1)
        years = of(k, begin(k, "FREQ=YEARLY", due="2028-02-29"))
        equal("one far away is made", ["2028-02-29"], [a["due"] for a in years])

    with test("what cannot be is said"):
        for rule, due in (("FREQ=HOURLY", day() + "T09:00"), ("FREQ=DAILY;BYHOUR=9", day() + "T09:00"), ("nonsense", day()),
                          ("FREQ=DAILY", None), (7, day())):
            answer = k.admin.post("/api/v1/activities", {"subject": "x", "due": due, "repeat": rule})
            equal("%s is refused" % rule, 422, answer.status)
        equal("a scope", 400, change(k, one, "most", subject="y").status)
        equal("a field of the program's", 422, change(k, one, "this", recurrence_id="x").status)
        equal("none of it is there", 0, len(k.admin.items('/api/v1/activities?filter=subject%20%3D%20"x"')))

    with test("one alone becomes an exception, and keeps what differs when all change"):
        all_of = of(k, one)
        equal("alone", 200, change(k, all_of[3], "this", subject="Another talk", place="Room 9").status)
        equal("all", 200, change(k, all_of[1], "all", place="Room 4").status)
        now = of(k, one)
        equal("places", ["Room 4"] * 3 + ["Room 9"] + ["Room 4"] * (len(now) - 4), [a["place"] for a in now])
        equal("exception", [3], [i for i, a in enumerate(now) if a["exception"]])

    with test("what was done to many of a series leaves it one"):
        many = begin(k, "FREQ=WEEKLY;COUNT=5", due=day() + "T07:00", subject="Many")
        ids = [a["id"] for a in of(k, many)]
        equal("bulk", 5, k.admin.post("/api/v1/activities/bulk", {"ids": ids, "set": {"place": "Hall"}}).json["changed"])
        moved = [a for a in of(k, many)][2]
        equal("one at another time", 200, change(k, moved, "this", due=day(14) + "T16:00").status)
        equal("all", 200, change(k, of(k, many)[0], "all", subject="Many more", due=day(1) + "T07:30").status)
        now = of(k, many)
        equal("all are called so", {"Many more"}, {a["subject"] for a in now})
        equal("and are then, but for the one", [day(1) + "T07:30", day(8) + "T07:30", day(14) + "T16:00", day(22) + "T07:30", day(29) + "T07:30"], [a["due"][:16] for a in now])
        k.admin.delete("/api/v1/activities/%d?scope=all" % ids[0])

    with test("a move of this and those after it moves the rule along; what is done stays"):
        all_of = of(k, one)
        k.admin.patch("/api/v1/activities/%d" % all_of[5]["id"], {"done_at": "2026-01-01T10:00:00Z"})
        tuesday = (datetime.date.fromisoformat(all_of[4]["due"][:10]) + datetime.timedelta(days=1)).isoformat()
        equal("moved", 200, change(k, all_of[4], "following", due=tuesday + "T10:30").status)
        now = of(k, one)
        equal("as many", len(all_of), len(now))
        equal("before as it was", [a["due"] for a in all_of[:4]], [a["due"] for a in now[:4]])
        by_id = {a["id"]: a for a in now}
        equal("done stays", all_of[5]["due"], by_id[all_of[5]["id"]]["due"])
        moved = [by_id[a["id"]] for a in [all_of[4]] + all_of[6:]]
        equal("Tuesdays", {1}, {datetime.date.fromisoformat(a["due"][:10]).weekday() for a in moved})
        equal("half past ten", {"T10:30:00"}, {a["due"][10:19] for a in moved})
        series = k.admin.get("/api/v1/activity_series_all/%d" % one["series"]["id"]).json
        equal("the rule", "FREQ=WEEKLY;BYDAY=TU", series["rule"])

    with test("after such a move all of them moves those that follow; what stood before it stays"):
        now = of(k, one)
        x = now[7]
        equal("moved", 200, change(k, x, "all", due=x["due"].replace("T10:30", "T11:00")).status)
        after = of(k, one)
        equal("as many", len(now), len(after))
        equal("before as it was", [a["due"] for a in now[:4]], [a["due"] for a in after[:4]])
        equal("the others", {"T11:00:00"}, {a["due"][10:19] for a in after[4:] if not a["done_at"]})
        ended = begin(k, "FREQ=WEEKLY;BYDAY=MO", due=day() + "T08:00", subject="Ends")
        equal("ended", 204, k.admin.delete("/api/v1/activities/%d?scope=following" % of(k, ended)[5]["id"]).status)
        equal("moved by two days", 200, change(k, of(k, ended)[0], "all", due=day(2) + "T08:00").status)
        equal("with its end", [day(2 + 7 * i) for i in range(5)], [a["due"][:10] for a in of(k, ended)])

    def moved_on(subject):
        """Six Mondays; the third and those after it were moved to Tuesdays."""
        some = of(k, begin(k, "FREQ=WEEKLY;BYDAY=MO;COUNT=6", due=day() + "T15:00", subject=subject))
        equal("moved", 200, change(k, some[2], "following", due=day(15) + "T15:00").status)
        return of(k, some[0])

    with test("what stands before a series that was moved since has only what is after it after it"):
        some = moved_on("Deleted")
        equal("deleted", 204, k.admin.delete("/api/v1/activities/%d?scope=following" % some[1]["id"]).status)
        equal("the first is left", [some[0]["id"]], [a["id"] for a in of(k, some[0])])
        some = moved_on("Deleted from the move on")
        equal("deleted", 204, k.admin.delete("/api/v1/activities/%d?scope=following" % some[2]["id"]).status)
        equal("two are left", [a["id"] for a in some[:2]], [a["id"] for a in of(k, some[0])])
        roll(k)
        equal("and no more", 2, len(of(k, some[0])))
        equal("all of what is left", 200, change(k, some[1], "all", place="Hall").status)
        equal("both", ["Hall"] * 2, [a["place"] for a in of(k, some[0])])
        equal("moved once more", 200, change(k, some[1], "all", due=day(9) + "T15:00").status)
        some = moved_on("Ended")
        equal("ended", 200, change(k, some[1], "following", repeat=None).status)
        equal("two are left", [a["id"] for a in some[:2]], [a["id"] for a in of(k, some[0])])
        some = moved_on("Moved")
        equal("moved", 200, change(k, some[1], "following", due=day(9) + "T15:00").status)
        equal("by two days each", [day(n) for n in (0, 9, 17, 24, 31, 38)], [a["due"][:10] for a in of(k, some[0])])
        some = moved_on("Another rule")
        equal("changed", 200, change(k, some[1], "following", repeat="FREQ=DAILY;COUNT=3").status)
        equal("from there on", [day(n) for n in (0, 7, 8, 9)], [a["due"][:10] for a in of(k, some[0])])

    with test("rolled on: what the year ahead lacks is made, once, as the latest is"):
        count = len(of(k, one))
        last = of(k, one)[-1]
        k.admin.delete("/api/v1/activities/%d" % last["id"])
        roll(k)
        equal("what was deleted is not made again", count - 1, len(of(k, one)))

    with test("those after it are deleted, then all; each taken back exactly"):
        other = begin(k, "FREQ=WEEKLY;BYDAY=MO,WE", due=day() + "T15:00", subject="Visit")
        before = state(k)
        some = of(k, other)
        answer = k.admin.delete("/api/v1/activities/%d?scope=following" % some[4]["id"])
        equal("deleted", 204, answer.status)
        equal("four are left", 4, len(of(k, other)))
        roll(k)
        equal("and stay so", 4, len(of(k, other)))
        answer = k.admin.delete("/api/v1/activities/%d?scope=all" % some[0]["id"])
        equal("none is left", 0, len(of(k, other)))
        k.admin.post("/api/v1/changes/%s/undo" % answer.headers["x-kontor-change"])
        equal("four again", 4, len(of(k, other)))

    with test("another rule: days that are in both stay the same records; null ends it"):
        other = begin(k, "FREQ=WEEKLY;BYDAY=MO;COUNT=6", due=day() + "T08:00", subject="Rule")
        some = of(k, other)
        answer = change(k, some[0], "all", repeat="FREQ=WEEKLY;BYDAY=MO,TH;COUNT=6")
        equal("changed", 200, answer.status)
        now = of(k, other)
        equal("six", 6, len(now))
        equal("the Mondays are those of before", [a["id"] for a in some[:3]], [a["id"] for a in now if a["due"][:10] in
              {b["due"][:10] for b in some}])
        equal("ended", 200, change(k, now[2], "following", repeat=None).status)
        equal("three", 3, len(of(k, other)))
        equal("only one", 200, change(k, now[0], "all", repeat=None).status)
        left = k.admin.get("/api/v1/activities/%d" % now[0]["id"]).json
        equal("that repeats no more", (None, None), (left["series"], left["recurrence_id"]))

    with test("an existing activity begins to repeat; its zone may change"):
        single = k.admin.post("/api/v1/activities", {"subject": "Zone", "due": day() + "T09:00"}).json
        single = k.admin.patch("/api/v1/activities/%d" % single["id"], {"repeat": "FREQ=WEEKLY;COUNT=4"}).json
        equal("four", 4, len(of(k, single)))
        equal("moved", 200, change(k, single, "all", due=day() + "T09:00[America/New_York]").status)
        equal("all there", {"America/New_York]"}, {a["due"].split("[")[1] for a in of(k, single)})
        equal("at nine", {"T09:00:00"}, {a["due"][10:19] for a in of(k, single)})

    with test("a preview says when it would be"):
        got = k.admin.get("/api/v1/recurrence?rule=FREQ%3DMONTHLY%3BBYMONTHDAY%3D31&start=2027-01-31&limit=3").json
        equal("rule", "FREQ=MONTHLY;BYMONTHDAY=31", got["rule"])
        equal("first", "2027-01-31", got["occurrences"][0])
        equal("refused", 422, k.admin.get("/api/v1/recurrence?rule=FREQ%3DSECONDLY&start=2027-01-31").status)

    with test("what was given to a colleague stays as it is, and how many is told"):
        k.add_user("max@example.com")
        max_ = k.client("max@example.com")
        ben = k.add_user("ben@example.com")
        view = lambda x: [(a["subject"], a["due"], (a["series"] or {}).get("id"), a["exception"]) for a in all_of(x)]
        all_of = lambda text: sorted(k.admin.items("/api/v1/activities?limit=50&filter=" + urllib.parse.quote('subject contains "%s"' % text)), key=lambda a: a["due"])

        def given(subject):
            max_.post("/api/v1/activities", {"subject": subject, "due": day(), "repeat": "FREQ=WEEKLY;COUNT=5"})
            some = all_of(subject)
            k.admin.patch("/api/v1/activities/%d" % some[2]["id"], {"owner": ben.user["id"]})
            return some

        some = given("Max alters")
        before = view("Max alters")
        answer = max_.patch("/api/v1/activities/%d?scope=following" % some[1]["id"], {"subject": "Max alters all", "due": day(8)})
        equal("told", (200, "1"), (answer.status, answer.headers.get("x-kontor-left")))
        equal("subjects", ["Max alters", "Max alters all", "Max alters", "Max alters all", "Max alters all"], [x[0] for x in view("Max alters")])
        equal("days", [0, 1, 0, 1, 1], [(datetime.date.fromisoformat(n[1][:10]) - datetime.date.fromisoformat(o[1][:10])).days for n, o in zip(view("Max alters"), before)])
        equal("nothing was written to his", some[2]["version"] + 1, all_of("Max alters")[2]["version"])
        equal("undone", 200, max_.post("/api/v1/changes/%d/undo" % int(answer.headers["x-kontor-change"]), {}).status)
        equal("as it was", before, view("Max alters"))

        some = given("Max ends")
        before = view("Max ends")
        answer = max_.patch("/api/v1/activities/%d?scope=following" % some[1]["id"], {"repeat": None})
        equal("ended", (200, "1"), (answer.status, answer.headers.get("x-kontor-left")))
        equal("three are left", [some[0]["id"], some[1]["id"], some[2]["id"]], [a["id"] for a in all_of("Max ends")])
        equal("undone", 200, max_.post("/api/v1/changes/%d/undo" % int(answer.headers["x-kontor-change"]), {}).status)
        equal("as it was", before, view("Max ends"))

        some = given("Max goes")
        before = view("Max goes")
        answer = max_.delete("/api/v1/activities/%d?scope=all" % some[0]["id"])
        equal("deleted", (204, "1"), (answer.status, answer.headers.get("x-kontor-left")))
        equal("his is left", [some[2]["id"]], [a["id"] for a in all_of("Max goes")])
        equal("undone", 200, max_.post("/api/v1/changes/%d/undo" % int(answer.headers["x-kontor-change"]), {}).status)
        equal("as it was", before, view("Max goes"))
        equal("what is his is not Max's", 403, max_.patch("/api/v1/activities/%d?scope=all" % some[2]["id"], {"subject": "Mine"}).status)
        his = "/api/v1/activities/%d?scope=all" % some[2]["id"]
        equal("and who was given one has no say over the others", [403] * 4,
              [ben.delete(his).status, *(ben.patch(his, x).status for x in ({"repeat": None}, {"repeat": "FREQ=DAILY"}, {"due": day(15)}))])
        equal("nothing of it was done", before, view("Max goes"))

    with test("who is given all of a series has it"):
        some = given("Given on")
        owner = lambda: [a["owner"]["title"] for a in all_of("Given on")]
        one_of = "/api/v1/activities/%d?scope=all" % some[0]["id"]
        answer = k.admin.patch(one_of, {"owner": ben.user["id"]})
        equal("given", (200, ["ben"] * 5), (answer.status, owner()))
        k.admin.patch("/api/v1/activities/%d" % some[4]["id"], {"owner": next(u["id"] for u in k.admin.items("/api/v1/users") if u["email"] == "max@example.com")})
        moved = ben.patch(one_of, {"due": day(1)})
        equal("he moves it, but for the one he gave back", (200, "1"), (moved.status, moved.headers.get("x-kontor-left")))
        for done in (moved.headers["x-kontor-change"], None, answer.headers["x-kontor-change"]):
            done = done or k.admin.get("/api/v1/activities/%d/timeline" % some[4]["id"]).json["items"][0]["change"]
            equal("undone", 200, k.admin.post("/api/v1/changes/%s/undo" % done, {}).status)
        equal("back", (["max", "max", "ben", "max", "max"], 403), (owner(), ben.patch(one_of, {"due": day(1)}).status))

    with test("who was given the last of a series has no say over it"):
        max_.post("/api/v1/activities", {"subject": "Last one", "due": day(), "repeat": "FREQ=WEEKLY;COUNT=3"})
        some = all_of("Last one")
        for a in some[:2]:
            max_.patch("/api/v1/activities/%d" % a["id"], {"done_at": "2026-01-01T10:00:00Z"})
        k.admin.patch("/api/v1/activities/%d" % some[2]["id"], {"owner": ben.user["id"]})
        before, his = view("Last one"), "/api/v1/activities/%d?scope=all" % some[2]["id"]
        equal("refused", [403] * 4, [ben.delete(his).status, *(ben.patch(his, x).status for x in ({"repeat": None}, {"repeat": "FREQ=DAILY"}, {"due": day(15)}))])
        equal("as it was", before, view("Last one"))
        equal("that one alone is his", 200, ben.patch(his.split("?")[0], {"due": day(15)}).status)

    with test("what was deleted alone stays away when the rule changes"):
        other = begin(k, "FREQ=WEEKLY;BYDAY=MO", due=day() + "T08:30", subject="Hole")
        some = of(k, other)
        equal("deleted", 204, k.admin.delete("/api/v1/activities/%d" % some[2]["id"]).status)
        for rule in ("FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=WEEKLY;BYDAY=MO,FR"):
            answer = change(k, of(k, other)[0], "all", repeat=rule)
            equal("changed", 200, answer.status)
            days = [a["due"][:10] for a in of(k, other)]
            check("it stays away, those beside it are there", day(14) not in days and {day(7), day(21)} <= set(days), days[:6])
        left_out = k.admin.get("/api/v1/activity_series_all/%d" % other["series"]["id"]).json["left_out"]
        equal("it is noted once", day(14) + "T08:30:00", left_out)
        roll(k)
        check("and after a day", day(14) not in [a["due"][:10] for a in of(k, other)])

    with test("a series ends with the last one that stays"):
        rule = lambda x: k.admin.get("/api/v1/activity_series_all/%d" % x["series"]["id"]).json["rule"]
        until = lambda n: "FREQ=WEEKLY;UNTIL=" + day(n).replace("-", "") + "T090000"
        other = begin(k, "FREQ=WEEKLY", subject="End")
        some = of(k, other)
        equal("deleted", 204, k.admin.delete("/api/v1/activities/%d?scope=following" % some[3]["id"]).status)
        check("with the one before", rule(other).startswith(until(14)), rule(other))
        equal("stopped", 200, change(k, some[1], "following", repeat=None).status)
        check("with itself", rule(other).startswith(until(7)), rule(other))

    with test("a wrong year makes no thousands"):
        refused = k.admin.post("/api/v1/activities", {"subject": "Long ago", "due": "1972-01-03T09:00", "repeat": "FREQ=DAILY"})
        equal("refused at the day", (422, "activity.due"), (refused.status, refused.json.get("error", {}).get("fields", [{}])[0].get("where")))
        begun = (TODAY - datetime.timedelta(days=300)).isoformat() + "T09:00"
        equal("what began this year is welcome", 201, k.admin.post("/api/v1/activities", {"subject": "This year", "due": begun, "repeat": "FREQ=WEEKLY"}).status)

    with test("who may delete nothing ends no series"):
        k.write_conf({"roles.yaml": "keeper:\n  label: Keeper\n  entities: {\"*\": {see: all, create: all, edit: own, delete: own}, activity: {see: all, create: all, edit: own, delete: none}}\n"})
        k.must("apply")
        keeper = k.add_user("keeper@example.com", role="keeper")
        made = keeper.post("/api/v1/activities", {"subject": "Kept on", "due": day(), "repeat": "FREQ=WEEKLY;COUNT=3"}).json
        equal("refused", 403, keeper.patch("/api/v1/activities/%d?scope=all" % made["id"], {"repeat": None}).status)
        equal("all are there, in their series", [True] * 3, [a["series"] is not None for a in all_of("Kept on")])

    with test("who gets a series is told of it once"):
        user = [u for u in k.admin.items("/api/v1/users") if u["email"] == "max@example.com"][0]
        told = lambda: len(k.client("max@example.com").get("/api/v1/notifications").json["items"])
        before = told()
        begin(k, "FREQ=WEEKLY;COUNT=9", owner=user["id"])
        equal("once", before + 1, told())

    with test("random edits, taken back newest first, pass through every earlier state"):
        r = random.Random(SEED)
        steps = []

        def step(answer, before):
            if answer.status < 300 and answer.headers.get("x-kontor-change", "0") != "0":
                steps.append((answer.headers["x-kontor-change"], before))

        for n in range(ROUNDS):
            before = state(k)
            step(k.admin.post("/api/v1/activities", {"subject": "R%d" % n, "due": day(n) + r.choice(("", "T09:00", "T23:30")), "repeat":
                 r.choice(("FREQ=WEEKLY;COUNT=8", "FREQ=DAILY;INTERVAL=2;COUNT=7", "FREQ=MONTHLY;COUNT=5",
                           "FREQ=WEEKLY;BYDAY=MO,FR;COUNT=9"))}), before)
        for n in range(3 * ROUNDS):
            living = [json.loads(line) for line in state(k)["activities"].values()]
            ones = [a for a in living if a.get("series") and a["subject"].startswith("R")]
            if not ones:
                break
            one_of = r.choice(ones)
            scope = r.choice(("this", "following", "all"))
            before = state(k)
            date = (datetime.date.fromisoformat(one_of["due"][:10]) + datetime.timedelta(days=r.randrange(-3, 4))).isoformat()
            what = r.randrange(6)
            mine = [a for a in ones if a["series"] == one_of["series"]]
            earlier = {a["id"] for a in mine if a["recurrence_id"] < one_of["recurrence_id"]}
            if what == 0:
                answer = k.admin.delete("/api/v1/activities/%d?scope=%s" % (one_of["id"], scope))
                step(answer, before)
                stay = {"this": {a["id"] for a in mine} - {one_of["id"]}, "following": earlier, "all": set()}[scope]
                stay |= {a["id"] for a in mine if a["done_at"] and a["id"] != one_of["id"]}
                if answer.status < 300:
                    equal("what is not reached is left", stay, {a["id"] for a in mine if a["id"] in state(k)["activities"]})
            elif what == 1:
                many = len(living)
                answer = change(k, one_of, scope, due=date + one_of["due"][10:])
                step(answer, before)
                after = state(k)["activities"]
                check("a move loses none", len(after) == many, (one_of, scope, date))
                if scope == "following":
                    equal("what lies before stays", [], [i for i in earlier if after[i] != before["activities"][i]])
                now = [json.loads(line) for line in after.values()]
                places = [a["recurrence_id"] for a in now if a.get("series") == one_of["series"] and not a["done_at"]]
                check("each has a place of its own", len(places) == len(set(places)), (scope, one_of, date, sorted(places)))
            elif what == 2 and scope != "this":
                step(change(k, one_of, scope, repeat=r.choice(("FREQ=WEEKLY;COUNT=6", "FREQ=DAILY;COUNT=6", None))), before)
            elif what == 3:
                step(change(k, one_of, scope, done_at="2026-01-01T10:00:00Z"), before)
            else:
                step(change(k, one_of, scope, subject="R" + str(n), place=r.choice(("here", "there", None))), before)
        check("there were some", len(steps) > 2 * ROUNDS, len(steps))
        for number, before in reversed(steps):
            equal("undone", 200, k.admin.post("/api/v1/changes/%s/undo" % number).status)
            if before != state(k):
                now = state(k)
                unlike = [(before[p].get(i), now[p].get(i)) for p in PLURALS for i in {*before[p], *now[p]}
                          if before[p].get(i) != now[p].get(i)]
                equal("as before %s" % number, None, unlike[:2])
                break

    with test("one that cannot be planned on tells whose it is, once"):
        stuck = begin(k, "FREQ=DAILY", subject="Stuck")
        last = of(k, stuck)[-1]
        k.stop()
        k.write_conf({**CONF, "fields.yaml": "activity: {fields: {room: {type: text, required: true}}}\n"})
        k.must("apply")
        table = k.database("SELECT name FROM sqlite_master WHERE name LIKE '%activity_series%' AND type = 'table'")[0][0]
        k.database("UPDATE %s SET made_until = ? WHERE id = ?" % table, day(30), stuck["series"]["id"])
        k.start()
        roll(k)
        told = lambda: [n for n in k.admin.get("/api/v1/notifications?kind=rule").json["items"] if n["record"] and n["record"]["id"] == last["id"]]
        end = time.monotonic() + 20
        while not told() and time.monotonic() < end:
            time.sleep(0.1)
        check("it says why", len(told()) == 1 and "Room" in told()[0]["about"]["text"], told())
        roll(k)
        equal("once", 1, len(told()))

finish()
