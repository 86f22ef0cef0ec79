#!/usr/bin/python3
"""Find a time: when several people are free within hours, holidays, absences and what they have planned; what somebody is busy with is
never told to who may not see it."""
from kontor import Kontor, check, equal, finish, test

OWN = "{see: own, create: all, edit: own, delete: own}"
CONF = {"roles.yaml": 'clerk:\n  label: Clerk\n  entities: {activity: %s, absence: %s}\n' % (OWN, OWN),
        "calendar.yaml": 'hours: {mon-fri: "09:00-12:00"}\nholidays: [2031-10-29 Founders day]\n'}
SECRET = "Talks about the takeover"


def main():
    with Kontor(CONF) as k:
        clerk, boss, third = (k.add_user(f"{n}@find.example", role=r) for n, r in (("clerk", "clerk"), ("boss", "member"), ("third", "member")))
        ids = [x.user["id"] for x in (clerk, boss, third)]

        def add(who, subject, due, minutes, **more):
            made = who.post("/api/v1/activities", {"kind": "meeting", "subject": subject, "due": due, "duration": minutes, **more})
            assert made.status == 201, made
            return made.json["id"]

        def free(who, users, minutes=60, days=3, start="2031-10-28"):
            return who.get(f"/api/v1/calendar/free?users={','.join(map(str, users))}&minutes={minutes}&from={start}&days={days}")

        # Tuesday 28 October 2031; in Berlin 09:00 is 08:00Z
        add(boss, SECRET, "2031-10-28T09:00[Europe/Berlin]", 60, place="Secret room")
        add(boss, SECRET + " again", "2031-10-28T10:00[Europe/Berlin]", 30)
        with test("find_time__busy_without_content"):
            answer = free(clerk, ids[:2])
            equal("status", 200, answer.status)
            equal("one span of two", [{"from": "2031-10-28T08:00:00Z", "until": "2031-10-28T09:30:00Z"}], answer.json["busy"][1]["spans"])
            check("nothing leaks", not any(w in answer.text for w in ("Talks", "Secret", "again", "title", "subject")), answer.text)
            equal("he sees none of them", [], clerk.items("/api/v1/activities"))
        with test("find_time__slots_within_hours"):
            slots = [s["from"] for s in free(clerk, ids[:2]).json["slots"]]
            equal("after the talks, not on the holiday", ["2031-10-28T09:30:00Z", "2031-10-28T10:00:00Z"], slots[:2])
            check("not on the holiday", not any(s.startswith("2031-10-29") for s in slots), slots)
            check("within hours", all("08:00" <= s[11:16] <= "10:00" for s in slots), slots)
        with test("find_time__who_takes_part_is_taken"):
            add(boss, "Round", "2031-10-30T09:00[Europe/Berlin]", 120, participants=[{"entity": "user", "id": ids[2]}])
            answer = free(clerk, [ids[2]], start="2031-10-30", days=1)
            equal("slots", ["2031-10-30T10:00:00Z"], [s["from"] for s in answer.json["slots"]])
        with test("find_time__absences_and_what_is_done"):
            boss.post("/api/v1/absences", {"user": ids[1], "from": "2031-10-31", "until": "2031-10-31", "kind": "holiday", "note": "Surgery"})
            answer = free(clerk, [ids[1]], start="2031-10-31", days=1)
            equal("away", [], answer.json["slots"])
            check("no reason", "Surgery" not in answer.text and "holiday" not in answer.text, answer.text)
            done = add(third, "Was done", "2031-11-03T09:00[Europe/Berlin]", 180)
            third.patch(f"/api/v1/activities/{done}", {"done_at": "2031-11-02T09:00:00Z"})
            add(third, "A day", "2031-11-03", 60)
            equal("free", "2031-11-03T08:00:00Z", free(clerk, [ids[2]], start="2031-11-03", days=1).json["slots"][0]["from"])
            long_one = add(third, "Trip", "2031-11-02T12:00[Europe/Berlin]", 2 * 1440)
            equal("reaches in", [], free(clerk, [ids[2]], start="2031-11-03", days=1).json["slots"])
            third.delete(f"/api/v1/activities/{long_one}")
            equal("not what is deleted", 5, len(free(clerk, [ids[2]], start="2031-11-03", days=1).json["slots"]))
        with test("find_time__days_away_are_those_of_ones_own_zone"):
            away = boss.post("/api/v1/absences", {"user": ids[1], "from": "2031-11-05", "until": "2031-11-05"}).json["id"]
            spans = lambda start, days: free(clerk, [ids[1]], start=start, days=days).json["busy"][0]["spans"]
            equal("the firm's", [{"from": "2031-11-04T23:00:00Z", "until": "2031-11-05T23:00:00Z"}], spans("2031-11-04", 3))
            for zone, begin, end in (("Pacific/Kiritimati", "2031-11-04T10:00:00Z", "2031-11-05T10:00:00Z"),
                                     ("Pacific/Pago_Pago", "2031-11-05T11:00:00Z", "2031-11-06T11:00:00Z")):
                equal("moves", 200, boss.patch("/api/v1/me", {"prefs": {"zone": zone}}).status)
                equal(zone, [{"from": begin, "until": end}], spans("2031-11-04", 4))
            equal("reaches into the day after", [{"from": "2031-11-05T23:00:00Z", "until": "2031-11-06T11:00:00Z"}], spans("2031-11-06", 1))
            boss.patch("/api/v1/me", {"prefs": {"zone": "Europe/Berlin"}})
            boss.delete(f"/api/v1/absences/{away}")
        with test("find_time__without_a_duration_it_takes_half_an_hour"):
            starts = lambda: [s["from"][11:16] for s in free(clerk, [ids[2]], minutes=30, days=1, start="2031-11-04").json["slots"]]
            equal("all half hours of the day", ["08:00", "08:30", "09:00", "09:30", "10:00", "10:30"], starts())
            call = k.admin.post("/api/v1/activities", {"kind": "call", "subject": "Ring", "due": "2031-11-04T10:00[Europe/Berlin]", "owner": ids[2]})
            equal("without that of the call", ["08:00", "08:30", "09:30", "10:00", "10:30"], starts() if call.status == 201 else call)
            k.admin.patch("/api/v1/activities/%d" % call.json["id"], {"due": "2031-11-04"})
            equal("a day takes no hours", 6, len(starts()))
        with test("find_time__all_times_of_all_days"):
            k.write_conf({"calendar.yaml": 'hours: {mon-sun: "06:00-22:00"}\n'})
            k.must("apply")
            slots = free(clerk, [ids[2]], minutes=30, days=14, start="2031-12-01").json["slots"]
            equal("32 half hours of 14 days", 14 * 32, len(slots))
        with test("find_time__refuses"):
            for query, status in (("", 400), ("users=x", 400), ("users=" + ",".join(["1"] * 21), 400), (f"users={ids[0]}&minutes=0", 400),
                                  (f"users={ids[0]}&days=99", 400), (f"users={ids[0]}&from=now", 400), ("users=999999", 404)):
                equal(query, status, k.admin.get("/api/v1/calendar/free?" + query).status)
            activity = add(boss, "No person", "2031-12-01T09:00", 30)
            equal("of a record that is nobody", 404, clerk.get(f"/api/v1/calendar/free?users={activity}").status)


main()
finish()
