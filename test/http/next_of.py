#!/usr/bin/python3
"""Of what repeats, work lists show what is due and what comes next (next_of): in lists with that condition, their counts and the next
steps of a record; per owner, by the rights of the reader; other lists keep all. The clock stands on Wednesday, 10 March 2027."""
import urllib.parse

from kontor import Kontor, equal, finish, test

CONF = {"kontor.yaml": "name: Test\ncurrency: EUR\nzone: Europe/Berlin\npassword_cost: low\n"}


def listed(k, where="next_of(series)", **more):
    query = urllib.parse.urlencode({"filter": "done_at is empty and " + where, "sort": "due", "limit": 500, "fields": "subject,due", **more}, quote_via=urllib.parse.quote)
    answer = k.admin.get("/api/v1/activities?" + query).json
    equal("as many as it says", len(answer["items"]), answer["count"])
    return [(a["subject"], a["due"][:10] if a["due"] else None) for a in answer["items"]]


def steps(k, record):
    return k.admin.get("%s/timeline?kind=open&limit=200" % record).json["items"]


def days(items):
    return [a["due"][:10] for a in items]


with Kontor(CONF, start=False) as k:
    k.start(env={"KONTOR_NOW": "2027-03-10T09:00:00Z"})
    company = k.admin.post("/api/v1/companies", {"name": "Nordwind"}).json["id"]
    links = [{"entity": "company", "id": company}]
    path = "/api/v1/companies/%d" % company

    def plan(subject, due, rule=None):
        return k.admin.post("/api/v1/activities", {"subject": subject, "due": due, "links": links, **({"repeat": rule} if rule else {})}).json

    def of(subject):
        query = urllib.parse.urlencode({"filter": 'subject = "%s"' % subject, "sort": "due", "limit": 500}, quote_via=urllib.parse.quote)
        return k.admin.get("/api/v1/activities?" + query).json["items"]

    plan("Weekly", "2027-03-15T09:00", "FREQ=WEEKLY;BYDAY=MO")
    plan("Once", "2027-04-01T09:00")
    plan("Once more", "2027-05-01T09:00")
    plan("Some time", None)

    with test("one of a series stands among what is to be done, all that does not repeat, and the count says so"):
        equal("first", [("Some time", None)], listed(k, "next_of(series) and due is empty"))
        equal("dated", [("Weekly", "2027-03-15"), ("Once", "2027-04-01"), ("Once more", "2027-05-01")], listed(k, "next_of(series) and due is not empty"))
        equal("without the condition all stand", True, len(listed(k, "due is not empty")) > 50)

    with test("the next steps of a record are the same, and say what repeats"):
        equal("days", ["2027-03-15", "2027-04-01", "2027-05-01"], days(s for s in steps(k, path) if s["due"]))
        equal("repeats", ["Weekly"], [s["subject"] for s in steps(k, path) if s.get("repeats")])

    with test("the one after it stands when it is done"):
        first = of("Weekly")[0]
        k.admin.patch("/api/v1/activities/%d" % first["id"], {"done_at": "2027-03-10T09:00:00Z"})
        equal("the next", [("Weekly", "2027-03-22")], listed(k, 'next_of(series) and subject = "Weekly"'))
        k.admin.patch("/api/v1/activities/%d" % first["id"], {"done_at": None})
        equal("again", [("Weekly", "2027-03-15")], listed(k, 'next_of(series) and subject = "Weekly"'))

    with test("what is overdue stands, each of it, and today's is the next"):
        k.stop()
        k.start(env={"KONTOR_NOW": "2027-03-29T05:00:00Z"})
        equal("overdue and today", [("Weekly", d) for d in ("2027-03-15", "2027-03-22", "2027-03-29")], listed(k, 'next_of(series) and subject = "Weekly"'))
        k.stop()
        k.start(env={"KONTOR_NOW": "2027-03-30T05:00:00Z"})
        equal("overdue and the next", [("Weekly", d) for d in ("2027-03-15", "2027-03-22", "2027-03-29", "2027-04-05")], listed(k, 'next_of(series) and subject = "Weekly"'))
        equal("in the next steps, too", ["2027-03-15", "2027-03-22", "2027-03-29", "2027-04-05"], days(s for s in steps(k, path) if s["subject"] == "Weekly"))

    with test("one that was handed on is its new owner's next, beside that of the others"):
        other = k.add_user("olga@example.com")
        olga = k.client("olga@example.com")
        me = olga.get("/api/v1/me").json["id"]
        later = of("Weekly")[6]
        k.admin.patch("/api/v1/activities/%d" % later["id"], {"owner": me})
        equal("hers", [("Weekly", later["due"][:10])], listed(k, "next_of(series) and owner = %d" % me))
        equal("the other's", ("Weekly", "2027-04-05"), listed(k, 'next_of(series) and subject = "Weekly" and owner = me')[-1])

    with test("one in the bin does not stand in the way"):
        k.admin.delete("/api/v1/activities/%d" % of("Weekly")[3]["id"])
        equal("the one after it", ("Weekly", "2027-04-12"), listed(k, 'next_of(series) and subject = "Weekly" and owner = me')[-1])

    with test("a day without a time, in a series by the day"):
        plan("Daily", "2027-03-30", "FREQ=DAILY")
        equal("today's", [("Daily", "2027-03-30")], listed(k, 'next_of(series) and subject = "Daily"'))
        k.admin.patch("/api/v1/activities/%d" % of("Daily")[0]["id"], {"done_at": "2027-03-30T05:00:00Z"})
        equal("tomorrow's", [("Daily", "2027-03-31")], listed(k, 'next_of(series) and subject = "Daily"'))

    with test("it is a condition like others: not, counted, asked of a link only"):
        rest = listed(k, 'not next_of(series) and subject = "Daily"')
        equal("the rest", len(of("Daily")) - 2, len(rest))
        query = urllib.parse.urlencode({"filter": "count(activities where done_at is empty and next_of(series)) = 9"}, quote_via=urllib.parse.quote)
        equal("of a company", 1, k.admin.get("/api/v1/companies?" + query).json["count"])
        for wrong in ("next_of(subject)", "next_of()", "next_of(series.subject)", "next_of(12)"):
            query = urllib.parse.urlencode({"filter": wrong}, quote_via=urllib.parse.quote)
            equal(wrong, 400, k.admin.get("/api/v1/activities?" + query).status)

finish()
