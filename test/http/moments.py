#!/usr/bin/python3
"""Sums of moments and days: they end with the year 9999, and a time that a clock change skips is what it is when somebody types
it. The zone of the test firm is Europe/Berlin: 2027-03-28 has no 02:30, 2026-10-25 has it twice."""
from kontor import Kontor, equal, finish, test

EVENT = """entity: event
label: Event
plural: happenings
title: name
fields:
  name: {type: text, required: true}
  at: {type: instant}
  day: {type: date}
  next: {type: instant, compute: 'at + 1 day'}
  before: {type: instant, compute: 'at - 1 day'}
  later: {type: instant, compute: 'at + 1 month'}
  hour: {type: instant, compute: 'at + 1 hour'}
  stood: {type: instant, compute: 'at + 1 day', stored: true}
"""


def add(k, at, day=None):
    return k.admin.post("/api/v1/happenings", {"name": at, "at": at, "day": day}).json


def found(k, query):
    answer = k.admin.get("/api/v1/happenings?sort=id&filter=" + query)
    return [i["name"] for i in answer.json["items"]] if answer.status == 200 else answer


with Kontor(conf={"entities/event.yaml": EVENT}) as k:
    last, first = "9999-12-31T22:30:00Z", "0001-01-01T00:30:00Z"
    end, start = add(k, last, "9999-12-31"), add(k, first, "0001-01-01")
    with test("moments__have_no_day_after_the_last"):
        assert [end[f] for f in ("next", "later", "stood")] == [None] * 3, end
        assert end["hour"] == "9999-12-31T23:30:00Z" and end["before"] == "9999-12-30T22:30:00Z", end
        assert start["before"] is None and start["next"] == "0001-01-02T00:30:00Z", start
        assert add(k, "9999-12-31T23:59:59Z")["hour"] is None
    equal("moments__after_the_last_day_are_not_before_now", [], found(k, 'at > "2900-01-01" and at + 1 day < now()'))
    equal("moments__huge_sums_are_empty", [], found(k, "at + 1000000 years < now() or at - 1000000 months < now()"))
    equal("moments__of_the_last_day_are_in_it", [last], found(k, 'at <= "9999-12-31" and at >= "9999-12-31"'))
    for typed, field, same, wanted in (("2027-03-27T02:30", "next", "2027-03-28T02:30", "2027-03-28T01:30:00Z"),
                                       ("2027-03-29T02:30", "before", "2027-03-28T02:30", "2027-03-28T01:30:00Z"),
                                       ("2027-02-28T02:30", "later", "2027-03-28T02:30", "2027-03-28T01:30:00Z"),
                                       ("2026-10-24T02:30", "next", "2026-10-25T02:30", "2026-10-25T00:30:00Z")):
        equal("moments__%s_of_%s_is_as_typed" % (field, typed), [wanted] * 2, [add(k, typed)[field], add(k, same)["at"]])
    equal("moments__months_end_on_their_last_day", "2027-02-28T11:00:00Z", add(k, "2027-01-31T11:00:00Z")["later"])
    equal("moments__keep_their_milliseconds", "2027-06-02T10:00:00.123Z", add(k, "2027-06-01T10:00:00.123Z")["next"])
    equal("moments__before_1970_too", "1969-12-31T23:59:59.999Z", add(k, "1969-12-30T23:59:59.999Z")["next"])
finish()
