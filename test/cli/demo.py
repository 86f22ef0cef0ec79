#!/usr/bin/python3
# binary: release
"""cmd/demo: a sample firm with two years of history, made through `kontor import --at`, served until told to end."""
import collections
import csv
import datetime
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import urllib.parse

from kontor import SOURCE, Client, check, equal, finish, program, test


def start(*args):
    build = os.path.dirname(program())
    return subprocess.Popen(["bash", str(SOURCE / "cmd/demo"), *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            text=True, env={**os.environ, "KONTOR_BUILD": build})


def read_ready(demo):
    """The port, and the password that is printed."""
    password = None
    for line in demo.stdout:
        if line.startswith("Password"):
            password = line.split()[1]
        if line.startswith("ready "):
            return int(line.rsplit(":", 1)[1].strip("/ \n")), password
    raise AssertionError("the demo did not become ready")


def everything(client, plural):
    items, page = [], client.get("/api/v1/%s?limit=200" % plural).json
    while True:
        items += page["items"]
        if page["next"] is None:
            return items
        page = client.get("/api/v1/%s?limit=200&cursor=%s" % (plural, page["next"])).json


def entries(activities, notes):
    """How many activities and notes point to each record."""
    return collections.Counter(link["id"] for item in activities + notes for link in item["links"])


def check_links(admin):
    contacts, deals, companies = (everything(admin, plural) for plural in ("contacts", "deals", "companies"))
    activities, notes = everything(admin, "activities"), everything(admin, "notes")
    home = {c["id"]: c["company"]["id"] for c in contacts if c["company"]}
    private = [d for d in deals if d["pipeline"] == "private"]
    deals = [d for d in deals if d["pipeline"] == "sales"]
    check("demo__private_customers_need_no_company", len(private) == 5 and all(d["contact"] and not d["company"] for d in private))
    check("demo__deals_name_a_living_contact_of_their_company",
          all(d["contact"] is not None and home.get(d["contact"]["id"]) == d["company"]["id"] for d in deals))
    names = [d["name"] for d in deals]
    check("demo__deals_have_names_of_their_own", len(set(names)) == len(names) and not any("(" in name for name in names))
    open_deals = [d for d in deals if d["open"]]
    planned = sum(d["next_step"] is not None for d in open_deals)
    check("demo__most_open_deals_have_next_steps", len(open_deals) * 0.75 < planned < len(open_deals), "%d of %d" % (planned, len(open_deals)))
    told = entries(activities, notes)
    spoken_to = sum(told[c["id"]] > 0 for c in contacts)
    check("demo__most_contacts_have_a_story_some_are_quiet", 900 < spoken_to < 1200, spoken_to)
    check("demo__deals_have_a_story", sum(told[d["id"]] > 0 for d in deals) > 570)
    named = [a for a in activities if a["links"] and a["subject"] != "Hand over to the installers"]
    check("demo__work_names_the_person", all(any(link["entity"] in ("contact", "lead") for link in a["links"]) for a in named))
    check("demo__texts_vary", len({a["subject"] for a in activities}) > 40 and len({a["outcome"] for a in activities}) > 200)
    check("demo__companies_have_contacts", {c["id"] for c in companies} == set(home.values()))
    check("demo__some_companies_belong_to_another", 20 < sum(c["parent"] is not None for c in companies) < 80)
    check_around(admin, home, {d["id"]: d for d in deals})
    check_timeline(admin, max(open_deals, key=lambda d: told[d["contact"]["id"]])["contact"]["id"])


def check_around(admin, home, deals):
    parts, positions, products = (everything(admin, plural) for plural in ("deal_contacts", "contact_companies", "products"))
    check("demo__larger_deals_have_participants",
          len(parts) > 100 and all(p["role"] and home[p["contact"]["id"]] == deals[p["deal"]["id"]]["company"]["id"] for p in parts), len(parts))
    at = collections.defaultdict(set)
    for p in positions:
        at[p["contact"]["id"]].add(p["company"]["id"])
    check("demo__some_people_have_two_positions",
          len(at) > 40 and all(home[person] in firms and len(firms) == 2 for person, firms in at.items()), len(at))
    check("demo__positions_have_ended_or_last", 0 < sum(p["until"] is not None for p in positions) < len(positions)
          and all(p["role"] and p["since"] and (p["until"] is None or p["since"] < p["until"]) for p in positions))
    check("demo__products_have_a_price_and_a_kind", len(products) > 35 and all(p["sku"] and p["category"] and p["price"] for p in products))
    check("demo__some_products_are_no_longer_sold", 0 < sum(not p["active"] for p in products) < 5)


def check_timeline(admin, contact):
    items = admin.get("/api/v1/contacts/%d/timeline?limit=50" % contact).json["items"]
    kinds = {item["kind"] for item in items}
    check("demo__a_contact_has_calls_meetings_and_notes", {"call", "meeting", "note"} <= kinds, repr(kinds))


def check_firm(port, password):
    admin = Client(port)
    equal("demo__admin_signs_in", 200, admin.sign_in("user1@sample.example", password).status)
    for plural, n in (("companies", 405), ("contacts", 1516), ("deals", 606), ("users", 8), ("teams", 2)):
        equal("demo__has_%s" % plural, n, admin.get("/api/v1/%s?limit=1" % plural).json["count"])
    check("demo__has_activities", admin.get("/api/v1/activities?limit=1").json["count"] >= 4000)
    today = datetime.date.today()
    counts = [admin.get("/api/v1/deals?limit=1&as_of=%s" % (today - datetime.timedelta(days=d))).json["count"]
              for d in (740, 365, 100, 0)]
    check("demo__history_goes_two_years_back", counts[0] == 0 < counts[1] < counts[2] < counts[3], repr(counts))
    then = {g["value"]: g["count"]
            for g in admin.get("/api/v1/deals?limit=1&group=stage&as_of=%s" % (today - datetime.timedelta(days=365))).json["groups"]}
    check("demo__stages_of_a_year_ago", sum(then.values()) == counts[1] and len(then) > 2, repr(then))
    people = {c["by"]["title"] for c in admin.get("/api/v1/changes?limit=12").json["items"] if c["source"] == "ui"}
    check("demo__several_people_worked_today", len(people) > 4, repr(people))
    mails = [c["emails"][0]["value"] for c in admin.get('/api/v1/contacts?filter=last_name in ("Müller", "Groß")').json["items"]]
    check("demo__addresses_keep_every_letter", mails and all(".mueller" in m or ".gross" in m for m in mails), repr(mails))
    check_links(admin)
    check_extras(admin)
    lead = Client(port)
    equal("demo__lead_signs_in", 200, lead.sign_in("user2@sample.example", password).status)
    check_rules(admin, lead)
    member = Client(port)
    equal("demo__member_signs_in", 200, member.sign_in("user3@sample.example", password).status)


def count(client, plural, filter_text):
    return client.get("/api/v1/%s?limit=1&filter=%s" % (plural, urllib.parse.quote(filter_text))).json["count"]


def check_rules(admin, lead):
    """Working hours, first answers, targets, absences and what repeats are there to be seen."""
    waiting = 'stage.kind = "open" and responded_at is empty'
    check("demo__enquiries_wait_for_an_answer", count(admin, "leads", waiting + " and respond_by is not empty") >= 4)
    equal("demo__no_enquiry_waits_without_a_time", 0, count(admin, "leads", waiting + " and respond_by is empty"))
    check("demo__some_enquiries_are_late", count(admin, "leads", waiting + " and respond_by < now()") > 0)
    late, in_time = (count(admin, "leads", "answered_late = %s" % x) for x in ("true", "false"))
    check("demo__some_enquiries_were_answered_late", 0 < late < in_time, "%d late, %d in time" % (late, in_time))
    turn = admin.get("/api/v1/leads?filter=%s" % urllib.parse.quote('last_name in ("Thomsen", "Falk") and phones is not empty')).json["items"]
    people = {a["user"]["id"] for a in admin.get("/api/v1/absences").json["items"]}
    equal("demo__two_people_are_away", 2, len(people))
    check("demo__enquiries_of_the_website_go_in_turn", len(turn) == 2 and all(enquiry["owner"] and enquiry["next_step"] for enquiry in turn), turn)
    check("demo__something_repeats", count(admin, "activities", "series is not empty") > 50)
    check("demo__calls_have_results", all(count(admin, "activities", 'result = "%s"' % r) > 0 for r in ("reached", "not_reached", "call_back")))
    for name, client in (("admin", admin), ("lead", lead)):
        targets = client.get("/api/v1/forecast?pipeline=sales&by=team").json
        check("demo__%s_sees_targets" % name, any(float((m["target"] or {}).get("value", 0)) > 0 for m in targets["months"]))


def check_extras(admin):
    """What a newcomer would like to see at work is there."""
    groups = {e: admin.get("/api/v1/duplicates?entity=%s" % e).json["items"] for e in ("contact", "company")}
    check("demo__people_and_companies_are_there_twice", len(groups["contact"]) >= 5 and len(groups["company"]) >= 3,
          {e: [g["reasons"] for g in found] for e, found in groups.items()})
    for what, plural, filter_text in (("tags", "companies", "tags is not empty"), ("photos", "contacts", "photo is not empty"),
                                      ("logos", "companies", "logo is not empty"), ("offers", "files", 'name starts with "Offer"'),
                                      ("dates_that_remind", "companies", "contract_end is not empty"), ("pinned_notes", "notes", "pinned is not empty"),
                                      ("views", "views", "name is not empty")):
        found = admin.get("/api/v1/%s?limit=1&filter=%s" % (plural, urllib.parse.quote(filter_text))).json["count"]
        check("demo__has_%s" % what, found > 0)
    check("demo__administrator_is_mentioned", [n["kind"] for n in admin.get("/api/v1/notifications").json["items"]].count("mention") >= 2)
    check("demo__bin_and_exports_have_something", admin.get("/api/v1/trash").json["items"] and admin.get("/api/v1/exports").json["items"])
    texts = [x["text"] for c in admin.get('/api/v1/companies?limit=100&filter=country = "DE"'.replace(" ", "%20").replace('"', "%22")).json["items"]
             for x in c["addresses"] if x["country"] == "DE"]
    check("demo__addresses_at_home_do_not_name_the_country", len(texts) > 50 and not any("GERMANY" in x for x in texts), texts[:2])


def write_firm(today):
    """What the generator writes for a day: the texts of its files, in the order of the plan."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([os.path.join(os.path.dirname(program()), "kontor-sample"), folder, "small", today], check=True)
        with open(os.path.join(folder, "plan")) as plan:
            return [pathlib.Path(line.split("\t")[1]).read_text() for line in plan]


def check_days():
    """Its imports must come in the order of their dates, on whatever day of the week it is run."""
    for day in range(16, 23):
        last = ""
        for text in write_firm("2026-11-%d" % day):
            dates = [row["at"] for row in csv.DictReader(text.splitlines())]
            if not (dates and last <= min(dates) and max(dates) < "2026-11-%d" % day):
                return "day %d: %s after %s" % (day, dates[:1], last)
            last = max(dates)
    return None


with test("demo__run"):
    began = time.monotonic()
    demo = start("--for", "300")
    try:
        port, password = read_ready(demo)
        check("demo__is_ready_soon", time.monotonic() - began < 240, "%.1f s" % (time.monotonic() - began))
        second = start("--for", "1")
        equal("demo__a_second_one_does_not_take_its_folder", (1, ""), (second.wait(120), second.stdout.read()))
        check_firm(port, password)
    finally:
        demo.send_signal(signal.SIGTERM)
    equal("demo__ends_when_told", 0, demo.wait(30))
wrong = check_days()
check("sample__dates_are_in_order_on_every_day_of_the_week", wrong is None, wrong)
equal("sample__is_the_same_every_time", write_firm("2026-11-18"), write_firm("2026-11-18"))
finish()
