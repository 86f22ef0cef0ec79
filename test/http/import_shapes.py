#!/usr/bin/python3
"""Files of other programs are known by their columns and arrive mapped: the expectation of every column of the headers
that were collected, the oddities of each program, ids that link a second file up, and sheets whose rows hold several
records."""
import csv
import json
import time

from kontor import equal, SHARED, SOURCE, Kontor, check, finish, skip, test


def draft(k, data, name="file.csv", **more):
    job = k.admin.post("/api/v1/imports", {"wizard": True, "file_name": name, **more}).json["id"]
    sent = k.admin.request("PUT", "/api/v1/imports/%d/data" % job, data, headers={"Content-Type": "text/csv"})
    assert sent.status == 200, sent
    return job


def suggestion(k, job):
    found = k.admin.get("/api/v1/imports/%d/file" % job).json["suggestion"]
    return found, json.loads(found["map"])


def take(k, text, name="file.csv"):
    """The file as it comes, without a word about it."""
    job = draft(k, text.encode() if isinstance(text, str) else text, name)
    begun = k.admin.request("POST", "/api/v1/imports/%d/run" % job, {})
    assert begun.status == 200, begun
    for _ in range(400):
        run = k.admin.get("/api/v1/imports/%d" % job).json["run"]
        if run["state"] in ("done", "failed", "cancelled"):
            break
        time.sleep(0.05)
    return {n: run[n] for n in ("created", "updated", "unchanged", "rejected")}, run


def count(k, what):
    return k.admin.get("/api/v1/%s?limit=1" % what).json["count"]


def one(k, what, title):
    return next(r for r in k.admin.items("/api/v1/" + what) if r["title"] == title)


def id_of(target):
    """A target as the table of expectations writes it."""
    if isinstance(target, str):
        return target
    out = (target["of"] + "." if "of" in target else "") + target.get("field", "")
    out += "." + target["part"] if "part" in target else ""
    return out + ("#ref" if "ref" in target else "")


def collected(k):
    folder = SHARED / "data/saas-headers"
    if not folder.is_dir():
        skip("import_shapes__columns_of_collected_headers_are_right", "no shared data here")
        return
    expected = {}
    with open(SOURCE / "test/data/import-shapes.tsv", encoding="utf-8") as f:
        for line in f:
            name, column, target = line.rstrip("\n").split("\t")
            expected.setdefault(name, {})[column] = target
    right = total = 0
    wrong = []
    for file in sorted(folder.glob("*.csv")):
        data = file.read_bytes().rstrip(b"\r\n") + b"\r\n"
        header = next(csv.reader([data.decode()]))
        job = draft(k, data + (",".join("x" for _ in header) + "\r\n").encode(), file.name)
        found, mapping = suggestion(k, job)
        wanted = expected.get(file.name, {})
        check("import_shapes__knows_" + file.stem[:40].replace("-", "_"), found["source"] == "shape", found["source"])
        for column in header:
            total += 1
            got = "%s:%s" % (found["entity"], id_of(mapping["columns"].get(column, "skip")))
            if got == wanted.get(column):
                right += 1
            else:
                wrong.append("%s/%s: %s, wanted %s" % (file.name[:30], column, got, wanted.get(column)))
    print("# %d of %d columns right: %.1f %%" % (right, total, 100 * right / total))
    check("import_shapes__columns_of_collected_headers_are_right", right >= 0.95 * total, "; ".join(wrong[:8]))


def oddities(k):
    with test("import_shapes__linkedin_has_sentences_before_its_header"):
        got, _ = take(k, 'Notes:\n"When exporting your connection data, some addresses may be missing."\n\n'
                         'First Name,Last Name,URL,Email Address,Company,Position,Connected On\n'
                         'Ada,Byron,https://example.com/in/ada,,Engines,Analyst,15 Jun 2026\n,,,,,,\n')
        assert got == {"created": 1, "updated": 0, "unchanged": 1, "rejected": 0}, got
        ada = one(k, "contacts", "Ada Byron")
        assert ada["job_title"] == "Analyst" and ada["company"]["title"] == "Engines", ada
    with test("import_shapes__google_labels_and_lists"):
        got, run = take(k, "First Name,Middle Name,Last Name,File As,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,"
                           "Address 1 - Label,Address 1 - Formatted,Address 1 - Street,Address 1 - City,Address 1 - Postal Code,Address 1 - Country\n"
                           'Bea,M,Cole,,* myContacts ::: Friends,* Work,bea@example.com ::: b2@example.com,Mobile,+49 170 1234567,'
                           'Home,"Weg 1, Kiel",Weg 1,Kiel,24103,DE\n')
        assert got["created"] == 1, run
        bea = one(k, "contacts", "Bea M Cole")
        assert [(e["value"], e["label"]) for e in bea["emails"]] == [("bea@example.com", "Work"), ("b2@example.com", "Work")], bea
        assert bea["phones"][0]["label"] == "Mobile" and bea["tags"] == ["myContacts", "Friends"], bea
        assert (bea["street"], bea["city"], bea["postcode"]) == ("Weg 1", "Kiel", "24103"), bea
        assert bea["addresses"][0]["label"] == "Home", bea
    with test("import_shapes__outlook_writes_no_date_as_zeros_and_has_three_addresses"):
        got, run = take(k, '"Title","First Name","Middle Name","Last Name","Company","Business Street","Business Street 2","Business City","Business Country/Region",'
                           '"Home Street","Home City","Home Country/Region","E-mail Address","Business Phone","Birthday","Categories","Notes"\r\n'
                           '"Dr.","Cy","","Dahl","Nordwind","Hof 2","3. Stock","Ulm","Germany","Gasse 9","Wien","Austria","cy@example.com","0731 99","0/0/00","VIP","a note"\r\n')
        assert got["created"] == 1, run
        cy = one(k, "contacts", "Cy Dahl")
        assert (cy["birthday"], cy["salutation"], cy["street"]) == (None, "Dr.", "Hof 2, 3. Stock"), (cy["birthday"], cy["street"], cy["addresses"])
        assert [a["city"] for a in cy["addresses"]] == ["Ulm", "Wien"] and cy["tags"] == ["VIP"], cy
        assert any(n["text"] == "a note" for n in k.admin.items("/api/v1/notes"))
    with test("import_shapes__mailchimp_quotes_its_tags"):
        got, run = take(k, '"Email Address","First Name","Last Name",MEMBER_RATING,LEID,EUID,TAGS\n'
                           'di@example.com,Di,Ek,2,77,abc123,"""VIP"",""Blog"""\n')
        assert got["created"] == 1 and one(k, "contacts", "Di Ek")["tags"] == ["VIP", "Blog"], run


LEADS = """Record Id,Lead Owner,Is Converted,Company,First Name,Last Name,Email,Lead Source,Lead Status,Street,City,Converted Date Time
zcrm_1,Nobody,false,Nordwind,Lea,Ahn,lea@nord.example,Trade Show,Attempted to Contact,Kai 1,Kiel,
zcrm_2,Nobody,true,Suedwind,Leo,Bohm,leo@sued.example,Cold Call,Contacted,,,2024-03-04T10:00:00+01:00
"""


def leads(k):
    with test("import_shapes__zoho_leads_arrive_as_leads"):
        got, run = take(k, LEADS)
        assert got["created"] == 2, run
        lea, leo = one(k, "leads", "Lea Ahn"), one(k, "leads", "Leo Bohm")
        assert (lea["company_name"], lea["stage"], lea["source"], lea["city"]) == ("Nordwind", "contacted", "fair", "Kiel"), (lea["stage"], lea["source"], lea["city"])
        assert (leo["stage"], leo["source"], leo["won_at"]) == ("converted", "call", "2024-03-04T09:00:00Z"), leo
    with test("import_shapes__a_form_is_a_lead_and_a_list_of_people_is_not"):
        form, _ = suggestion(k, draft(k, b"Vorname,Nachname,Firma,E-Mail-Adresse,Nachricht\r\nx,x,x,x@y.example,x\r\n"))
        people, _ = suggestion(k, draft(k, b"Vorname,Nachname,Firma,E-Mail-Adresse,Quelle\r\nx,x,x,x@y.example,x\r\n"))
        assert (form["entity"], people["entity"]) == ("lead", "contact"), (form, people)
        named, mapping = suggestion(k, draft(k, b"Lead Name,Lead Status,Company,Email\r\nKim Reich,new,x,x@y.example\r\n"))
        equal("the whole name", ("lead", "name"), (named["entity"], mapping["columns"]["Lead Name"]))


def references(k):
    companies = "ID,NAME,BILLINGSTREET,BILLINGCITY,OWNERID\n001000000000001AAA,Fernwind,Kai 1,Bremen,005\n"
    with test("import_shapes__a_second_file_links_up_by_foreign_ids"):
        assert take(k, companies)[0]["created"] == 1
        got, run = take(k, "ID,ACCOUNTID,NAME,STAGENAME,AMOUNT,CLOSEDATE\n006000000000001,001000000000001,Mast,Prospecting,1500.00,2026-12-01\n"
                           "006000000000002,001000000000009,Sail,Proposal,20.00,2026-12-02\n")
        assert got["created"] == 2, run
        assert one(k, "deals", "Mast")["company"]["title"] == "Fernwind" and one(k, "deals", "Sail")["company"] is None
        assert one(k, "deals", "Sail")["stage"] == "proposal", one(k, "deals", "Sail")
    with test("import_shapes__the_same_file_changes_instead_of_doubling"):
        before = count(k, "companies")
        found = k.admin.get("/api/v1/companies/%d" % one(k, "companies", "Fernwind")["id"]).json
        assert found["external"] == [{"system": "salesforce", "id": "001000000000001"}], found
        got, _ = take(k, companies.replace("Fernwind", "Fernwind AG").replace("Kai 1", "Kai 2"))
        assert got == {"created": 0, "updated": 1, "unchanged": 0, "rejected": 0} and count(k, "companies") == before, got
        assert one(k, "companies", "Fernwind AG")["street"] == "Kai 2"
    with test("import_shapes__hubspot_deals_after_contacts"):
        assert take(k, "Record ID,First Name,Last Name,Email,Create Date\n501,Eva,Frost,eva@example.com,2026-01-01\n")[0]["created"] == 1
        got, run = take(k, "Record ID,Deal Name,Deal Stage,Amount,Associated Contact IDs\n900,Boat,qualifiedtobuy,10.00,501;502\n")
        assert got["created"] == 1 and one(k, "deals", "Boat")["contact"]["title"] == "Eva Frost", run
    with test("import_shapes__several_ids_are_participants_too"):
        assert take(k, "Record ID,First Name,Last Name,Email,Create Date\n502,Olf,Gast,olf@example.com,2026-01-01\n")[0]["created"] == 1
        boat = "Record ID,Deal Name,Deal Stage,Amount,Associated Contact IDs\n900,Boat,qualifiedtobuy,10.00,501;502;503\n"
        got, run = take(k, boat)
        assert got["updated"] == 1, run
        joined = [(p["deal"]["title"], p["contact"]["title"]) for p in k.admin.items("/api/v1/deal_contacts")]
        assert joined == [("Boat", "Olf Gast")], joined
        assert take(k, boat)[0]["unchanged"] == 1 and len(k.admin.items("/api/v1/deal_contacts")) == 1
        assert k.admin.post("/api/v1/changes/%d/undo" % run["change"], {}).status == 200
        assert k.admin.items("/api/v1/deal_contacts") == []
    with test("import_shapes__ids_go_with_the_undo_of_their_import"):
        text = "Record ID,Company name,Website URL,Company owner,Create Date\n77,Oldwind,,,\n"
        _, run = take(k, text)
        assert k.admin.post("/api/v1/changes/%d/undo" % run["change"], {}).status == 200
        assert take(k, text)[0]["created"] == 1
    with test("import_shapes__zoho_accounts_are_known_by_their_contacts_file"):
        got, _ = take(k, "Record Id,Contact Owner,First Name,Last Name,Account Name.id,Account Name,Email,Email Opt Out\n"
                         "zcrm_1,Nobody,Gus,Hall,zcrm_9,Westwind,gus@example.com,true\n")
        assert one(k, "contacts", "Gus Hall")["emails"][0]["opt_out"] is True, one(k, "contacts", "Gus Hall")["emails"]
        assert got["created"] == 1 and one(k, "contacts", "Gus Hall")["company"]["title"] == "Westwind", got
        before = count(k, "companies")
        got, _ = take(k, "Record Id,Account Owner,Account Name,Phone,Billing Street\nzcrm_9,Nobody,Westwind GmbH,040 1,Weg 3\n")
        assert got["updated"] == 1 and count(k, "companies") == before, got


OPPORTUNITIES = "ID,ACCOUNTID,NAME,STAGENAME,AMOUNT,CLOSEDATE\n" + "".join(
    "0060000000001%02d,,Refill,Prospecting,%d.00,2026-12-01\n" % (n, 10 + n) for n in range(4))


def labelled(k):
    with test("import_shapes__numbers_and_addresses_say_their_kind_in_the_header"):
        text = ("first_name,last_name,email_work,email_home,email_other,phone_work,phone_home,phone_mobile,phone_other\n"
                "Kim,Reich,kim@firm.example,kim@home.example,kim@else.example,0431 100,0431 200,0170 3000000,0431 400\n")
        got, run = take(k, text)
        assert got["created"] == 1, run
        kim = one(k, "contacts", "Kim Reich")
        assert [e["label"] for e in kim["emails"]] == ["work", "home", "other"], kim["emails"]
        assert [p["label"] for p in kim["phones"]] == ["work", "home", "mobile", "other"], kim["phones"]


def same_names(k):
    names = lambda: [d["amount"]["value"] for d in k.admin.items("/api/v1/deals") if d["title"] == "Refill"]
    with test("import_shapes__deals_of_one_name_with_ids_stay_several"):
        _, mapping = suggestion(k, draft(k, OPPORTUNITIES.encode()))
        assert mapping["match"] == [], mapping["match"]
        got, run = take(k, OPPORTUNITIES)
        assert (got["created"], run["again"], len(names())) == (4, 0, 4), run
        got, run = take(k, OPPORTUNITIES)
        assert (got["unchanged"], len(names())) == (4, 4), run
    with test("import_shapes__a_record_of_another_id_is_not_the_one_of_that_name"):
        more = OPPORTUNITIES.replace("00600000000010", "00600000000020")
        mapping = dict(suggestion(k, draft(k, more.encode()))[1], match=["name"])
        _, status, _ = trial(k, more.replace("Refill", "Top-up"), mapping)
        assert (status["created"], status["again"]) == (4, 0), status
    with test("import_shapes__of_many_namesakes_the_one_without_another_id_is_meant"):
        many = OPPORTUNITIES.splitlines()[0] + "\n" + "".join("0060000000003%02d,,Spare,Prospecting,10.00,2026-12-01\n" % n for n in range(20))
        assert take(k, many)[0]["created"] == 20
        one_more = OPPORTUNITIES.splitlines()[0] + "\n006000000000400,,Spare,Prospecting,11.00,2026-12-01\n"
        mapping = dict(suggestion(k, draft(k, one_more.encode()))[1], match=["name"])
        counts = lambda: {key: trial(k, one_more, mapping)[1][key] for key in ("created", "updated", "rejected")}
        equal("all are others", {"created": 1, "updated": 0, "rejected": 0}, counts())
        k.admin.post("/api/v1/deals", {"name": "Spare"})
        equal("the one made by hand", {"created": 0, "updated": 1, "rejected": 0}, counts())
        k.admin.post("/api/v1/deals", {"name": "Spare"})
        equal("one of two", {"created": 0, "updated": 0, "rejected": 1}, counts())
    with test("import_shapes__rows_that_meet_in_one_record_are_told"):
        text = "Deal name,Amount\nTwice,10.00\nTwice,10.00\nOnce,5.00\nTwice,20.00\n"
        _, status, _ = trial(k, text)
        assert (status["created"], status["again"]) == (2, 2), status
        done = k.run("import", "deal", str(k.file(text.replace("Deal name", "name").replace("Amount", "amount"), "deals.csv")), "--match", "name")
        assert "another row of the file made: 2" in done.stdout, (done.stdout, done.stderr)


def stages(k):
    with test("import_shapes__pipedrive_says_won_and_lost_beside_the_stage"):
        got, run = take(k, "Deal - Title,Deal - Value,Deal - Currency,Deal - Stage,Deal - Status,Deal - Won time,Deal - Lost time,Deal - Lost reason\n"
                           "P1,10.00,EUR,Negotiation,Open,,,\nP2,20.00,EUR,Negotiation,Won,2026-03-01 10:00:00,,\nP3,30.00,EUR,Proposal,Lost,,2026-04-01 10:00:00,Too big\n")
        assert got["created"] == 3, run
        deals = {d["title"]: d for d in k.admin.items("/api/v1/deals")}
        assert [deals[n]["stage"] for n in ("P1", "P2", "P3")] == ["negotiation", "won", "lost"], deals
        assert deals["P2"]["won_at"].startswith("2026-03-01") and deals["P3"]["lost_reason"] == "other", deals


def sheet(k):
    text = ("Person - Name*,Person - First name,Person - Last name,Person - Phone,Person - Email (Work),Person - Email (Home),Organization - Name*,"
            "Organization - Address,Deal - Title,Deal - Value,Activity - Subject*,Activity - Due date,Note - Content*\n"
            "Ida Jung,,,030 1,ida@example.com,,Quellwind,\"Weg 1, 24103 Kiel\",Tower,100.00,Call Ida,45631.0,likes tea\n"
            "Kai Lund,,,,kai@example.com,kai@home.example.com,Quellwind,,Turbine,200.00,,,\n"
            "Mia Noll,,,,mia@example.com,,,,,,,,\n")
    before = {what: count(k, what) for what in ("contacts", "companies", "deals", "activities", "notes")}
    with test("import_shapes__a_row_makes_people_companies_deals_activities_and_notes"):
        got, run = take(k, text)
        assert got == {"created": 3, "updated": 0, "unchanged": 0, "rejected": 0}, run
        more = {what: count(k, what) - n for what, n in before.items()}
        assert more == {"contacts": 3, "companies": 1, "deals": 2, "activities": 1, "notes": 1}, more
        linked = {x["entity"]: x["count"] for x in run["linked"]}
        assert linked == {"company": 1, "deal": 2, "activity": 1, "note": 1}, linked
        tower = one(k, "deals", "Tower")
        assert tower["company"]["title"] == "Quellwind" and tower["contact"]["title"] == "Ida Jung", tower
        call = one(k, "activities", "Call Ida")
        assert call["due"] == "2024-12-05" and {x["title"] for x in call["links"]} >= {"Ida Jung", "Tower"}, call
        kai = one(k, "contacts", "Kai Lund")
        assert [e["label"] for e in kai["emails"]] == ["work", "home"], kai
    with test("import_shapes__the_same_sheet_makes_nothing_twice"):
        got, run = take(k, text)
        assert got == {"created": 0, "updated": 0, "unchanged": 3, "rejected": 0}, run
        assert {what: count(k, what) - n for what, n in before.items()} == more, run
    with test("import_shapes__a_sheet_is_undone_whole"):
        changes = [c["id"] for c in k.admin.get("/api/v1/changes?limit=5").json["items"]]
        for change in changes:
            if {what: count(k, what) for what in before} != before:
                k.admin.post("/api/v1/changes/%d/undo" % change, {})
        assert {what: count(k, what) for what in before} == before


def trial(k, text, mapping=None):
    """What the Check step shows of a file: its status and its rows."""
    job = draft(k, text.encode())
    if mapping is not None:
        k.admin.request("PATCH", "/api/v1/imports/%d" % job, {"map": json.dumps(mapping)})
    assert k.admin.request("POST", "/api/v1/imports/%d/check" % job, {}).status == 200
    for _ in range(400):
        status = k.admin.get("/api/v1/imports/%d" % job).json["check"]
        if status["state"] in ("done", "failed"):
            break
        time.sleep(0.05)
    return job, status, k.admin.get("/api/v1/imports/%d/preview" % status["id"]).json["rows"]


def others(row):
    return [(o["entity"], o["result"], o.get("via")) for o in row["others"]]


def preview(k):
    text = ("Person - Name*,Person - First name,Person - Last name,Person - Phone,Person - Email (Work),Person - Email (Home),Organization - Name*,"
            "Organization - Address,Deal - Title,Deal - Value,Activity - Subject*,Activity - Due date,Note - Content*\n"
            "Pia Ott,,,,pia@example.com,,Kornwind,\"Weg 7, 24103 Kiel\",Mill,%s,Call Pia,,<p>likes <i>tea</i></p>\n"
            "Uwe Ott,,,,uwe@example.com,,Kornwind,,,,,,\n")
    with test("import_shapes__a_trial_shows_every_record_of_a_row"):
        _, status, rows = trial(k, text % "100.00")
        assert (status["created"], len(rows)) == (2, 2), status
        assert others(rows[0]) == [("company", "created", None), ("deal", "created", None), ("activity", "created", None), ("note", "created", None)], rows[0]
        of = {o["entity"]: o["after"] for o in rows[0]["others"]}
        assert of["company"]["name"] == "Kornwind" and of["deal"]["amount"]["value"] == "100.00" and of["note"]["text"] == "likes tea", of
        assert of["deal"]["company"]["title"] == "Kornwind" and of["deal"]["contact"]["title"] == "Pia Ott", of
        assert others(rows[1]) == [("company", "unchanged", None)], rows[1]
    with test("import_shapes__a_trial_shows_cells_of_other_records_before_and_after"):
        take(k, text % "100.00")
        _, status, rows = trial(k, text % "250.00")
        assert (status["updated"], status["unchanged"]) == (1, 1), status
        row = next(r for r in rows if r["result"] == "updated")
        assert row["main"] == "unchanged" and row["before"] == {}, row
        deal = next(o for o in row["others"] if o["entity"] == "deal")
        assert (deal["result"], deal["before"]["amount"]["value"], deal["after"]["amount"]["value"]) == ("updated", "100.00", "250.00"), deal
    with test("import_shapes__a_trial_shows_what_links_make"):
        _, _, rows = trial(k, "First name,Last name,E-mail,Firm\nLea,Ahl,lea@example.com,Taubenwind\n")
        assert others(rows[0]) == [("company", "created", "contact.company")] and rows[0]["others"][0]["after"] == {"name": "Taubenwind"}, rows
    with test("import_shapes__a_wrong_cell_of_another_record_names_its_column"):
        _, status, rows = trial(k, text % "much")
        bad = next(r for r in rows if r["result"] == "rejected")
        assert status["rejected"] == 1 and bad["errors"][0]["column"] == "Deal - Value", bad


def elsewhere(k):
    deals = b"Record ID,Deal Name,Deal Stage,Amount\n1,Gable,Closed Won,100\n"

    def asked(entity, data):
        job = k.admin.post("/api/v1/imports", {"wizard": True, "entity": entity, "file_name": "x.csv"}).json["id"]
        sent = k.admin.request("PUT", "/api/v1/imports/%d/data" % job, data, headers={"Content-Type": "text/csv"}).json
        return job, sent["entity"], k.admin.get("/api/v1/imports/%d/file" % job).json["suggestion"]["name"]
    with test("import_shapes__a_known_file_is_what_it_holds_whatever_was_asked_for"):
        job, *found = asked("contact", deals)
        assert found == ["deal", "HubSpot deals"], found
        assert asked("company", b"Name,City\nNord,Kiel\n")[1:] == ("company", None)
        assert asked("deal", deals)[1:] == ("deal", "HubSpot deals")
    with test("import_shapes__who_says_otherwise_is_believed"):
        said = k.admin.request("PATCH", "/api/v1/imports/%d" % job, {"entity": "company"}).json
        assert said["entity"] == "company", said


def deleted(k):
    accounts = ("ID,ISDELETED,NAME,BILLINGSTREET,BILLINGCITY,OWNERID\n00A,false,Hier,Kai 1,Bremen,005\n"
                "00B,true,Fort,Kai 2,Bremen,005\n00C,TRUE,Weg,Kai 3,Bremen,005\n")
    with test("import_shapes__rows_deleted_in_the_other_program_are_left_out_and_counted"):
        job, status, rows = trial(k, accounts)
        assert (status["created"], status["left_out"], status["program"], status["done_rows"]) == (1, 2, "Salesforce", 3), status
        assert [r["result"] for r in rows] == ["created", "left_out", "left_out"] and rows[1]["cells"][2] == "Fort", rows
        got, run = take(k, accounts)
        assert got["created"] == 1 and run["left_out"] == 2, run
        assert not [c for c in k.admin.items("/api/v1/companies") if c["name"] in ("Fort", "Weg")]
    with test("import_shapes__deleted_rows_are_taken_when_their_column_is_skipped"):
        mapping = suggestion(k, job)[1]
        assert mapping["columns"]["ISDELETED"] == "deleted", mapping
        mapping["columns"]["ISDELETED"] = "skip"
        _, status, _ = trial(k, accounts, mapping)
        assert (status["created"], status["unchanged"], status["left_out"]) == (2, 1, 0), status
    with test("import_shapes__a_column_called_deleted_is_understood_without_a_shape"):
        _, status, _ = trial(k, "first_name,last_name,email1,deleted\nA,B,ab@example.com,0\nC,D,cd@example.com,1\n")
        assert (status["created"], status["left_out"]) == (1, 1), status
    with test("import_shapes__the_command_line_says_what_it_left_out"):
        done = k.run("import", "company", str(k.file(accounts, "accounts.csv")))
        assert done.returncode == 0 and "2 rows were deleted in Salesforce: left out" in done.stdout, (done.stdout, done.stderr)
        done = k.run("import", "company", str(k.file(accounts, "accounts.csv")), "--json")
        assert json.loads(done.stdout)["left_out"] == 2, done.stdout


def activities(k):
    with test("import_shapes__a_plain_list_of_activities_comes_in_whole"):
        got, run = take(k, "Type,Subject,Due date,Time,Duration,Company,Contact,Done,Owner\n"
                           "Call,Ask about the roof,2026-03-20,14:05,30,Roof GmbH,Ina Berg,Yes,\n"
                           "Meeting,Show the plant,2038-12-20,,60,Roof GmbH,,No,\n"
                           "Task,Write to him,2038-12-21,09:00,,,Ben Klar,,\n")
        assert got["created"] == 3 and not got["rejected"], run
        ask, show, write = (one(k, "activities", t) for t in ("Ask about the roof", "Show the plant", "Write to him"))
        assert (ask["kind"], ask["due"][11:16], ask["duration"], ask["done_at"] is not None) == ("call", "14:05", 30, True), ask
        assert ask["done_at"][:10] == "2026-03-20", "done when it was due, not today: %s" % ask["done_at"]
        assert [l["title"] for l in ask["links"]] == ["Roof GmbH", "Ina Berg"], ask["links"]
        assert (show["due"], show["done_at"], show["links"][0]["title"]) == ("2038-12-20", None, "Roof GmbH"), show
        assert (write["due"][:16], write["done_at"], [l["entity"] for l in write["links"]]) == ("2038-12-21T09:00", None, ["contact"]), write
    with test("import_shapes__a_value_may_be_called_like_its_column"):
        got, run = take(k, "Subject,Type,Done\nAsk once more,Call,Done\nTell him,Call,To do\n")
        assert got["created"] == 2, run
        assert one(k, "activities", "Ask once more")["done_at"] and not one(k, "activities", "Tell him")["done_at"]
    with test("import_shapes__pipedrive_deals_without_a_currency_are_in_that_of_the_firm"):
        got, run = take(k, "Deal - Title,Deal - Value,Deal - Stage\nPlain one,12.50,Qualified\n")
        equal("amount", {"value": "12.50", "currency": "EUR"}, {x: one(k, "deals", "Plain one")["amount"][x] for x in ("value", "currency")})
    with test("import_shapes__people_of_one_last_name_stay_several"):
        got, run = take(k, "Last name,Company\nMeyerling,Xavers\nMeyerling,Ypsilon\n")
        equal("both", (2, 0), (got["created"], got["updated"]))
    with test("import_shapes__pipedrive_activities_come_in_whole"):
        got, run = take(k, "Activity - Done,Activity - Type,Activity - Subject,Activity - Due date,Activity - Due time,Activity - Duration,Activity - Note,"
                           "Deal - Title,Person - Name,Organization - Name,Activity - Add time,Activity - Marked as done time,Activity - ID\n"
                           "Done,Call,Offer read,2026-10-01,14:30,01:30:00,<p>Long <b>talk</b></p><ul><li>Price &amp; day</li></ul>,,Pia Diver,Pipewind,2026-09-30 10:00:00,2026-10-02 15:00:00,11\n"
                           "To do,Lunch,Visit them,2026-12-01,,,,,Pia Diver,Pipewind,2026-09-30 10:00:00,,12\n"
                           "Done,Call,Not marked,2026-10-01,14:30,0:45,,,,Pipewind,,,13\n")
        assert got["created"] == 3, run
        read, visit, rest = (one(k, "activities", t) for t in ("Offer read", "Visit them", "Not marked"))
        equal("what it was", ("call", 90, "Long talk\n\n- Price & day", "meeting"), (read["kind"], read["duration"], read["description"], visit["kind"]))
        equal("when it was due", ["2026-10-01T14:30", "2026-12-01"], [read["due"][:16], visit["due"]])
        equal("done as marked, or when it was due", ["2026-10-02", None, "2026-10-01"], [x["done_at"] and x["done_at"][:10] for x in (read, visit, rest)])
        equal("whom it concerns", {"Pia Diver", "Pipewind"}, {x["title"] for x in read["links"]})
        equal("minutes", 45, rest["duration"])
    with test("import_shapes__of_ones_own_files_nothing_is_taken_away"):
        take(k, "Subject,Type,Description\nTagged,Call,a <b>bold</b> word\n")
        equal("as it was", "a <b>bold</b> word", one(k, "activities", "Tagged")["description"])


def main():
    with Kontor() as k:
        collected(k)
        preview(k)
        elsewhere(k)
        deleted(k)
        oddities(k)
        references(k)
        labelled(k)
        same_names(k)
        stages(k)
        leads(k)
        activities(k)
        sheet(k)
        with test("import_shapes__the_command_line_knows_them_too"):
            file = k.file("Record ID,First Name,Last Name,Email,Create Date\n601,Ola,Pihl,ola@example.com,2026-01-01\n", "hub.csv")
            done = k.run("import", "contact", str(file))
            assert done.returncode == 0 and "1 created" in done.stdout, (done.stdout, done.stderr)
    finish()


main()
