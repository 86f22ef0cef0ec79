#!/usr/bin/python3
"""Reminders of activities: several per item, told once, also when nothing ran at their moment; put off; gone when done or moved.
The clock is that of KONTOR_NOW; the firm's zone is Europe/Berlin and its hour of reminders 07:00."""
import time

from kontor import Kontor, equal, finish, test


def at(k, now):
    """Ends the program and starts it at another moment; waits for the look it then takes."""
    k.stop()
    k.start(env={"KONTOR_NOW": now})
    time.sleep(1.5)


def told(caller, kind="step"):
    return sorted((n["record"]["title"], n["about"]["due"]) for n in caller.get("/api/v1/notifications?unseen=1&limit=100").json["items"] if n["kind"] == kind)


def add(caller, subject, due, reminders, **more):
    made = caller.post("/api/v1/activities", {"kind": "call", "subject": subject, "due": due, "reminders": reminders, **more})
    assert made.status == 201, made
    return made.json["id"]


with Kontor(now="2027-04-30T08:00:00Z") as k:
    k.add_user("ann@example.com")
    k.add_user("bo@example.com")
    at(k, "2027-05-01T07:00:00Z")
    ann, bo = k.client("ann@example.com"), k.client("bo@example.com")
    call = add(ann, "Call", "2027-05-01T10:00:00Z", ["60", "10"])
    day = add(ann, "Day", "2027-05-03", ["0", "1440"])
    add(ann, "Silent", "2027-05-01T10:00:00Z", [])
    meeting = add(ann, "Meeting", "2027-05-01T10:00[Europe/Berlin]", ["10"], participants=[{"entity": "user", "id": bo.user["id"]}])
    equal("step_reminders__nothing_before_its_time", [], told(ann))
    at(k, "2027-05-01T08:55:00Z")
    ann, bo = k.client("ann@example.com"), k.client("bo@example.com")
    equal("step_reminders__after_downtime_what_struck_meanwhile", [("Meeting", "2027-05-01T10:00:00+02:00[Europe/Berlin]")], told(ann))
    equal("step_reminders__a_colleague_who_takes_part_is_told", [("Meeting", "2027-05-01T10:00:00+02:00[Europe/Berlin]")] if bo.get(
        "/api/v1/activities/%d" % meeting).status == 200 else [], told(bo))
    at(k, "2027-05-01T09:01:00Z")
    ann = k.client("ann@example.com")
    equal("step_reminders__an_hour_before", ["Call", "Meeting"], [x[0] for x in told(ann)])
    count = ann.get("/api/v1/notifications").json["items"]
    at(k, "2027-05-01T09:02:10Z")
    ann = k.client("ann@example.com")
    equal("step_reminders__never_twice", len(count), len(ann.get("/api/v1/notifications").json["items"]))
    with test("step_reminders__put_off_and_back_again"):
        first = [n for n in ann.get("/api/v1/notifications").json["items"] if n["record"]["title"] == "Call"][0]
        for bad in ({"id": first["id"]}, {"minutes": 5}, {"id": first["id"], "minutes": 0}, {"id": first["id"], "minutes": 10**9}, {"id": "x", "minutes": 1}):
            assert ann.post("/api/v1/notifications/snooze", bad).status == 422, bad
        assert k.admin.post("/api/v1/notifications/snooze", {"id": first["id"], "minutes": 30}).status == 404
        before = told(ann)
        assert ann.post("/api/v1/notifications/snooze?dry_run=1", {"id": first["id"], "minutes": 30}).status == 204
        assert told(ann) == before, "a dry run puts nothing off"
        assert ann.post("/api/v1/notifications/snooze", {"id": first["id"], "minutes": 30}).status == 204
        assert [x[0] for x in told(ann)] == ["Meeting"], told(ann)
        at(k, "2027-05-01T09:40:00Z")
        ann = k.client("ann@example.com")
        assert [x[0] for x in told(ann)] == ["Call", "Meeting"], told(ann)
    with test("step_reminders__several_while_down_are_one"):
        at(k, "2027-05-01T09:55:00Z")
        ann = k.client("ann@example.com")
        assert [x[0] for x in told(ann)] == ["Call", "Call", "Meeting"], told(ann)
    with test("step_reminders__what_is_done_is_reminded_of_no_more"):
        ann.patch("/api/v1/activities/%d" % call, {"done_at": "2027-05-01T09:56:00Z"})
        assert [x[0] for x in told(ann)] == ["Meeting"], told(ann)
    with test("step_reminders__undone_what_was_done_is_reminded_of_again"):
        ticked = ann.get("/api/v1/changes?entity=activity&id=%d" % call).json["items"][0]["id"]
        undo = ann.post("/api/v1/changes/%d/undo" % ticked, {}).json["change"]
        assert [x[0] for x in told(ann)] == ["Call", "Call", "Meeting"], told(ann)
        ann.post("/api/v1/changes/%d/undo" % undo, {})
        assert [x[0] for x in told(ann)] == ["Meeting"], told(ann)
    with test("step_reminders__a_day_has_the_hour_of_the_firm"):
        at(k, "2027-05-02T04:58:00Z")
        assert [x[0] for x in told(k.client("ann@example.com"))] == ["Meeting"]
        at(k, "2027-05-02T05:01:00Z")
        assert [x[0] for x in told(k.client("ann@example.com"))] == ["Day", "Meeting"]
        at(k, "2027-05-03T05:01:00Z")
        assert [x[0] for x in told(k.client("ann@example.com"))] == ["Day", "Day", "Meeting"]
    with test("step_reminders__another_date_takes_them_back"):
        ann = k.client("ann@example.com")
        ann.patch("/api/v1/activities/%d" % day, {"due": "2027-06-01"})
        assert [x[0] for x in told(ann)] == ["Meeting"], told(ann)
        moved = ann.get("/api/v1/changes?entity=activity&id=%d" % day).json["items"][0]["id"]
        undo = ann.post("/api/v1/changes/%d/undo" % moved, {}).json["change"]
        assert [x[0] for x in told(ann)] == ["Day", "Day", "Meeting"], told(ann)
        ann.post("/api/v1/changes/%d/undo" % undo, {})
        assert [x[0] for x in told(ann)] == ["Meeting"], told(ann)
    with test("step_reminders__what_is_planned_late_is_told_at_once"):
        add(ann, "Soon", "2027-05-03T06:30:00Z", ["60"])
        at(k, "2027-05-03T06:10:00Z")
        ann = k.client("ann@example.com")
        assert [x[0] for x in told(ann)] == ["Meeting", "Soon"], told(ann)
    with test("step_reminders__of_more_than_one_look_reads_at_once"):
        rows = k.file("subject,due,reminders\n" + "".join("Far %d,2027-05-04T06:00:00Z,10\n" % i for i in range(2010)), "many.csv")
        k.must("import", "activity", rows)
        add(ann, "Last", "2027-05-03T06:45:00Z", ["5"])
        at(k, "2027-05-03T06:41:00Z")
        ann = k.client("ann@example.com")
        assert "Last" in [x[0] for x in told(ann)], told(ann)
    with test("step_reminders__can_be_switched_off"):
        ann.patch("/api/v1/me", {"prefs": {"notify": {"step": "off"}}})
        add(ann, "Unheard", "2027-05-03T07:00:00Z", ["10"])
        at(k, "2027-05-03T06:55:00Z")
        ann = k.client("ann@example.com")
        assert "Unheard" not in [x[0] for x in told(ann)], told(ann)
finish()
