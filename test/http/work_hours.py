#!/usr/bin/python3
"""work_hours(n): the moment when n hours of work will have passed, in what a rule makes and in a filter."""
import urllib.parse

from kontor import Kontor, equal, finish, test

RULES = """
- name: call-back
  after: lead.created
  do:
    - create: {activity: {kind: call, subject: "Call {title}", due: work_hours(4)}}
"""
HOURS = 'hours: {mon-fri: "09:00-17:00"}\nzone: UTC\nholidays: [2027-03-15 Founders day]\n'
FRIDAY = "2027-03-12T15:00:00Z"


def due_of_call(k):
    equal("the lead", 201, k.admin.post("/api/v1/leads", {"subject": "Roof", "last_name": "Hill"}).status)
    return k.admin.get("/api/v1/activities?sort=-id").json["items"][0]["due"][:16]


def found(k, condition):
    return k.admin.get("/api/v1/leads?filter=" + urllib.parse.quote(condition)).json["count"] > 0


with Kontor(conf={"rules.yaml": RULES}, start=False) as k:
    k.start(env={"KONTOR_NOW": FRIDAY})
    with test("work_hours__are_all_hours_where_there_is_no_calendar"):
        equal("due, in Berlin", "2027-03-12T20:00", due_of_call(k))
    k.write_conf({"calendar.yaml": HOURS})
    k.must("apply")
    with test("work_hours__pass_over_the_night_the_weekend_and_a_holiday"):
        equal("due, in Berlin", "2027-03-16T12:00", due_of_call(k))
    with test("work_hours__in_a_filter"):
        for hours, before, after in ((4, "2027-03-16T10:59:00Z", "2027-03-16T11:02:00Z"), (1.5, "2027-03-12T16:29:00Z", "2027-03-12T16:32:00Z")):
            equal(f"{hours} hours", [True, False], [found(k, f'work_hours({hours}) > "{moment}"') for moment in (before, after)])
finish()
