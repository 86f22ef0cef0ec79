#!/usr/bin/python3
"""Reminders of dates: told to whom the field says, at the firm's hour, so many days before, every year where it says so, on 28
February for the 29th in common years; once, also after days without a running program, and right when dates and owners change."""
import datetime
import time

from kontor import Kontor, check, equal, finish, now, test

TODAY = now().date()
CONF = {
    "kontor.yaml": "name: Test\ncurrency: EUR\nzone: Europe/Berlin\npassword_cost: low\nremind_at: 00:00\n",
    "fields.yaml": """
company:
  fields:
    contract_end: {type: date, remind: [{before: 30 days, to: owner}, {before: 1 weeks}]}
    keeper: {type: user}
    founded: {type: date, remind: {yearly: true, to: keeper}}
    secret_day: {type: date, see: [admin], edit: [admin], remind: {before: 3 days, to: keeper}}
"""}


def day(n):
    return (TODAY + datetime.timedelta(days=n)).isoformat()


def past(date, years=10):
    """The same day some years ago; of a leap day a leap year's."""
    return "%04d%s" % (TODAY.year - years, date[4:]) if date[5:] != "02-29" else "2000-02-29"


def run_days_later(k, days):
    """As if the program had run `days` days ago for the last time: it is stopped, and starts today."""
    k.stop()
    if days is not None:
        k.database("UPDATE fact SET value = ? || substr(value, 11) WHERE key = 'reminded'", day(-days))
    k.database("UPDATE timer SET due_at = 1 WHERE kind = 'remind'")
    before = k.database("SELECT coalesce(max(id), 0) FROM job")[0][0]
    k.start()
    end = time.monotonic() + 20
    while time.monotonic() < end:
        due = k.database("SELECT count(*) FROM timer WHERE kind = 'remind' AND due_at = 1")[0][0]
        if not due and not k.database("SELECT count(*) FROM job WHERE id > ? AND kind = 'remind' AND state IN (1, 2)", before)[0][0]:
            return
        time.sleep(0.05)
    raise AssertionError("the reminders do not end")


def told(k, email="max@example.com"):
    """(title, label, date) of the reminders of a user, oldest first."""
    items = k.client(email).get("/api/v1/notifications?limit=100").json["items"]
    return sorted((n["record"]["title"], n["label"], n["about"]["date"]) for n in items if n["kind"] == "reminder")


def firm(k, name, **fields):
    answer = k.admin.post("/api/v1/companies", {"name": name, **fields})
    assert answer.status == 201, answer
    return answer.json["id"]


def once(k, user):
    for n in (0, 6, 7, 8, 29, 30, 31, -1):
        firm(k, "End %d" % n, contract_end=day(n))
    k.database("DELETE FROM notification")
    for n in (0, 6, 7, 8, 29, 30, 31, -1):
        k.database("UPDATE e_company SET owner = ? WHERE name = ?", user, "End %d" % n)
    run_days_later(k, 1)
    with test("remind__tells_so_many_days_before"):
        assert told(k) == sorted(("End %d" % n, "Contract end", day(n)) for n in (7, 30)), told(k)
    run_days_later(k, None)
    run_days_later(k, 1)
    equal("remind__tells_once", 2, len(told(k)))
    run_days_later(k, 2)
    with test("remind__tells_after_a_day_without_a_program"):
        assert told(k) == sorted(("End %d" % n, "Contract end", day(n)) for n in (6, 7, 29, 30)), told(k)
    run_days_later(k, 9)
    with test("remind__tells_what_passed_meanwhile_by_the_nearest_alone"):
        assert told(k) == sorted(("End %d" % n, "Contract end", day(n)) for n in (-1, 0, 6, 7, 29, 30)), told(k)


def changes(k, user):
    k.database("DELETE FROM notification")
    new = firm(k, "Late", contract_end=day(20), owner=user)
    with test("remind__tells_at_once_what_is_entered_too_late_for_its_day"):
        assert told(k) == [("Late", "Contract end", day(20))], told(k)
    k.admin.patch("/api/v1/companies/%d" % new, {"contract_end": day(200)})
    equal("remind__forgets_what_was_moved_away", [], told(k))
    k.admin.patch("/api/v1/companies/%d" % new, {"contract_end": day(3)})
    equal("remind__tells_of_the_new_day", [("Late", "Contract end", day(3))], told(k))
    k.add_user("lea@example.com")
    lea = k.client("lea@example.com").get("/api/v1/me").json["id"]
    k.admin.patch("/api/v1/companies/%d" % new, {"owner": lea})
    equal("remind__tells_the_new_owner", [("Late", "Contract end", day(3))], told(k, "lea@example.com"))
    k.client("max@example.com").post("/api/v1/companies", {"name": "Own", "contract_end": day(2)})
    check("remind__does_not_tell_of_what_one_enters_oneself", "Own" not in str(told(k)), lambda: str(told(k)))
    k.must("import", "company", k.file("name,contract_end,owner\nLoaded,%s,max@example.com\n" % day(4), "c.csv"))
    check("remind__does_not_tell_of_every_row_of_an_import", "Loaded" not in str(told(k)), lambda: str(told(k)))


def yearly(k, user):
    k.database("DELETE FROM notification")
    born = past(day(7), 40)
    answer = k.admin.post("/api/v1/contacts", {"last_name": "Young", "birthday": born})
    assert answer.status == 201, answer
    k.admin.post("/api/v1/contacts", {"last_name": "Other", "birthday": past(day(8), 30)})
    firm(k, "Old", founded=past(day(0), 25))
    firm(k, "Future", founded="%d-01-01" % (TODAY.year + 3))
    for table in ("e_contact", "e_company"):
        k.database("UPDATE %s SET owner = ?%s" % (table, ", keeper = ?" if table == "e_company" else ""),
                 *([user, user] if table == "e_company" else [user]))
    k.database("DELETE FROM notification")
    run_days_later(k, 1)
    with test("remind__tells_every_year"):
        got = [x for x in told(k) if x[1] in ("Birthday", "Founded")]
        assert got == [("Old", "Founded", day(0)), ("Young", "Birthday", day(7))], got
    run_days_later(k, 1)
    equal("remind__tells_every_year_once", 2, len([x for x in told(k) if x[1] in ("Birthday", "Founded")]))


def leap(k, user):
    """29 February falls on the 28th of common years: asked with the day the program last ran set so that the span holds one."""
    k.database("DELETE FROM notification")
    k.admin.post("/api/v1/contacts", {"last_name": "Leap", "birthday": "2000-02-29", "owner": user})
    got = [x for x in told(k) if x[0] == "Leap"]
    near = [datetime.date(y, 2, 29 if y % 4 == 0 else 28) for y in (TODAY.year, TODAY.year + 1)]
    wanted = [("Leap", "Birthday", d.isoformat()) for d in near if 0 <= (d - TODAY).days <= 7]
    equal("remind__leap_day", wanted, got)


def hidden(k, user):
    k.database("DELETE FROM notification")
    firm(k, "Vault", secret_day=day(1), keeper=user)
    equal("remind__says_nothing_of_a_field_one_does_not_see", [], told(k))
    equal("remind__counts_nothing_of_it_either", 0, k.client("max@example.com").get("/api/v1/notifications/count").json["unseen"])


def killed(k, user):
    """Cut off in the middle: everybody is told, nobody twice."""
    k.database("DELETE FROM notification")
    k.must("import", "company", k.file("name,contract_end,owner\n" + "".join(
        "Many %d,%s,max@example.com\n" % (i, day(30)) for i in range(700)), "m.csv"))
    k.stop()
    k.database("UPDATE fact SET value = ? || substr(value, 11) WHERE key = 'reminded'", day(-1))
    k.database("UPDATE timer SET due_at = 1 WHERE kind = 'remind'")
    for _ in range(3):
        k.start()
        time.sleep(0.15)
        k.kill()
    k.start()
    end = time.monotonic() + 30
    count = lambda: k.database("SELECT count(*) FROM notification WHERE kind = 'reminder' AND record IN"
                                " (SELECT id FROM e_company WHERE name LIKE 'Many %')")[0][0]
    while count() < 700 and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(0.5)
    equal("remind__tells_once_after_being_killed", 700, count())


def hour(k):
    k.stop()
    settings = k.conf / "kontor.yaml"
    settings.write_text(settings.read_text().replace("remind_at: 00:00", "remind_at: 23:59"))
    k.must("apply")
    k.database("UPDATE fact SET value = ? || substr(value, 11) WHERE key = 'reminded'", day(-1))
    k.database("UPDATE timer SET due_at = 1 WHERE kind = 'remind'")
    k.start()
    time.sleep(1)
    wanted = day(-1) if now().strftime("%H:%M") < "23:59" else day(0)
    equal("remind__waits_for_the_hour", wanted, k.database("SELECT substr(value, 1, 10) FROM fact WHERE key = 'reminded'")[0][0])


def main():
    with Kontor(conf=CONF) as k:
        k.add_user("max@example.com")
        user = k.client("max@example.com").get("/api/v1/me").json["id"]
        run_days_later(k, None)
        once(k, user)
        changes(k, user)
        yearly(k, user)
        leap(k, user)
        hidden(k, user)
        killed(k, user)
        hour(k)


main()
finish()
