#!/usr/bin/python3
"""An import that a person prepares: a draft with its file, what is suggested, a trial that shows each cell, the run,
its end by hand, and what went wrong put right."""
import io
import json
import time
import zipfile

from kontor import Kontor, finish, test

PEOPLE = ("First name;Last name;E-mail;Born;Firm\n"
          "Ann;Lee;ann@example.com;21.11.1980;Nordwind\n"
          "Bo;Ek;bo@example.com;31.12.1975;Nordwind\n"
          ";;cy@example.com;;Ostwind\n").encode()


def call(k, method, path, body=None, as_=None):
    answer = (as_ or k.admin).request(method, "/api/v1" + path, body)
    return answer


def draft(k, data=PEOPLE, name="people.csv", **more):
    job = k.admin.post("/api/v1/imports", {"wizard": True, "file_name": name, **more}).json["id"]
    sent = k.admin.request("PUT", "/api/v1/imports/%d/data" % job, data, headers={"Content-Type": "text/csv"})
    return job, sent


def ended(k, job, part="check"):
    for _ in range(400):
        status = k.admin.get("/api/v1/imports/%d" % job).json
        if status[part] and status[part]["state"] in ("done", "failed", "cancelled"):
            return status[part]
        time.sleep(0.05)
    raise AssertionError(status)


def suggestion(k, job):
    return json.loads(k.admin.get("/api/v1/imports/%d/file" % job).json["suggestion"]["map"])


def prepare(k):
    job, sent = draft(k)
    with test("import_wizard__the_file_waits_and_says_what_it_is"):
        status = sent.json
        assert (status["state"], status["entity"], status["rows"]) == ("draft", "contact", 3), status
        assert status["found"]["delimiter"] == ";" and status["asked"]["rules"] == "none", status
    with test("import_wizard__columns_are_suggested_by_words_of_any_language"):
        look = k.admin.get("/api/v1/imports/%d/file" % job).json
        found = suggestion(k, job)
        assert found["columns"] == {"First name": "first_name", "Last name": "last_name", "E-mail": "emails",
                                    "Born": "birthday", "Firm": {"field": "company", "create": "true"}}, found
        assert found["match"] == ["emails"], found
        assert look["columns"][4]["samples"] == ["Nordwind", "Ostwind"], look
        assert look["columns"][4]["values"][0] == {"text": "Nordwind", "count": 2}, look
    with test("import_wizard__a_trial_shows_each_cell_and_keeps_nothing"):
        assert call(k, "POST", "/imports/%d/check" % job, {}).status == 200
        status = ended(k, job)
        assert (status["created"], status["rejected"]) == (2, 1), status
        assert status["linked"] == [{"entity": "company", "plural": "companies", "count": 1}], status
        rows = k.admin.get("/api/v1/imports/%d/preview" % status["id"]).json["rows"]
        assert rows[0]["after"]["birthday"] == "1980-11-21" and rows[0]["after"]["company"]["title"] == "Nordwind", rows
        assert rows[2]["errors"] == [{"column": "Last name", "text": "Last name is required."}], rows
        assert rows[2]["cells"][2] == "cy@example.com", rows
        assert k.admin.get("/api/v1/contacts").json["count"] == 0
    with test("import_wizard__the_run_takes_the_good_rows"):
        assert call(k, "POST", "/imports/%d/run" % job, {}).status == 200
        status = ended(k, job, "run")
        assert (status["created"], status["rejected"], status["undone"]) == (2, 1, None), status
        assert [c["title"] for c in k.admin.items("/api/v1/contacts?sort=title")] == ["Bo Ek", "Ann Lee"]
        assert k.admin.get("/api/v1/imports/%d/preview" % status["id"]).json["rows"][0]["result"] == "rejected"
        assert call(k, "POST", "/imports/%d/run" % job, {}).status == 409
    with test("import_wizard__undo_is_told"):
        assert call(k, "POST", "/changes/%d/undo" % status["change"], {}).status == 200
        assert k.admin.get("/api/v1/imports/%d" % job).json["run"]["undone"] > 0
        assert k.admin.get("/api/v1/contacts").json["count"] == 0


def correct(k):
    job, _ = draft(k, "Name,Umsatz\nNord,\"1.234,50\"\nSüd,7\n".encode("windows-1252"), "firmen.csv", entity="company")
    with test("import_wizard__what_was_found_out_can_be_put_right"):
        assert call(k, "PATCH", "/imports/%d" % job, {"encoding": "Windows-1252", "decimal": "comma", "dates": "MDY"}).status == 200
        look = k.admin.get("/api/v1/imports/%d/file" % job).json
        assert look["columns"][0]["samples"] == ["Nord", "Süd"] and look["columns"][1]["dates"] == "MDY", look
        for bad in ({"encoding": "klingon"}, {"delimiter": "x"}, {"rules": "some"}, {"entity": "nothing"}):
            assert call(k, "PATCH", "/imports/%d" % job, bad).status == 422, bad
    with test("import_wizard__a_mapping_may_leave_out_keep_notes_and_leave_unknown_empty"):
        columns = {"Name": "name", "Umsatz": "note"}
        body = {"map": json.dumps({"import": "company", "columns": columns, "match": ["name"]})}
        assert call(k, "PATCH", "/imports/%d" % job, body).status == 200
        assert call(k, "POST", "/imports/%d/run" % job, {}).status == 200
        ended(k, job, "run")
        notes = k.admin.items("/api/v1/notes")
        assert sorted(n["text"] for n in notes) == ["1.234,50", "7"] and notes[0]["links"][0]["title"] in ("Nord", "Süd"), notes
    with test("import_wizard__empty_cells_keep_or_clear"):
        for clear, wanted in ((False, "Kiel"), (True, None)):
            one = k.admin.items("/api/v1/companies?filter=name%20%3D%20%22Nord%22")[0]["id"]
            k.admin.request("PATCH", "/api/v1/companies/%d" % one, {"city": "Kiel"}, headers={"If-Match": "*"})
            job, _ = draft(k, b"Name,City\nNord,\n", entity="company")
            call(k, "PATCH", "/imports/%d" % job, {"clear": clear})
            call(k, "POST", "/imports/%d/check" % job, {})
            trial = k.admin.get("/api/v1/imports/%d/preview" % ended(k, job)["id"]).json["rows"][0]
            assert trial["result"] == ("updated" if clear else "unchanged"), trial
            assert trial["before"] == ({"city": "Kiel"} if clear else {}), trial
            call(k, "POST", "/imports/%d/run" % job, {})
            ended(k, job, "run")
            assert k.admin.get("/api/v1/companies/%d" % one).json["city"] == wanted


def numbers(k):
    job, sent = draft(k, b"Name,Revenue,Employees\nNord,\"1,234\",12\n", "n.csv", entity="company")
    with test("import_wizard__an_unclear_decimal_sign_is_asked_with_both_meanings"):
        unclear = [{"column": "Revenue", "text": "1,234", "comma": "1.234", "point": "1234"}]
        look = k.admin.get("/api/v1/imports/%d/file" % job).json
        assert look["unclear"] == sent.json["unclear"] == unclear, look["unclear"]
    with test("import_wizard__a_column_left_out_asks_nothing"):
        mapping = {"import": "company", "match": [], "columns": {"Name": "name", "Revenue": "skip", "Employees": "skip"}}
        said = call(k, "PATCH", "/imports/%d" % job, {"map": json.dumps(mapping)}).json
        assert said["unclear"] == [], said
        mapping["columns"]["Revenue"] = "revenue"
        said = call(k, "PATCH", "/imports/%d" % job, {"map": json.dumps(mapping)}).json
        assert [u["column"] for u in said["unclear"]] == ["Revenue"], said
    with test("import_wizard__what_is_said_of_numbers_settles_it"):
        assert call(k, "PATCH", "/imports/%d" % job, {"decimal": "point"}).json["unclear"] == []
        call(k, "POST", "/imports/%d/run" % job, {})
        assert ended(k, job, "run")["created"] == 1
        found = k.admin.items("/api/v1/companies?filter=name%20%3D%20%22Nord%22%20and%20revenue%20%3D%201234")
        assert found and found[0]["revenue"]["value"] == "1234.00", found
        k.admin.request("DELETE", "/api/v1/companies/%d" % found[0]["id"], headers={"If-Match": "*"})
    with test("import_wizard__numbers_of_other_columns_settle_those_of_other_records"):
        text = b"Last name,Company: Revenue,Deal: Amount\nOtt,\"1,234\",\"99,50\"\n"
        job, _ = draft(k, text, entity="contact")
        columns = {"Last name": "last_name", "Company: Revenue": {"of": "company", "field": "revenue"}, "Deal: Amount": {"of": "deal", "field": "amount"}}
        said = call(k, "PATCH", "/imports/%d" % job, {"map": json.dumps({"import": "contact", "match": [], "columns": columns})}).json
        assert said["unclear"] == [], said
        columns["Deal: Amount"] = "skip"
        said = call(k, "PATCH", "/imports/%d" % job, {"map": json.dumps({"import": "contact", "match": [], "columns": columns})}).json
        assert [u["column"] for u in said["unclear"]] == ["Company: Revenue"], said
def said(k):
    """Rows that were rejected come again as an import that begins with all that was said of the first."""
    def row(**words):
        job = k.admin.post("/api/v1/imports", {"entity": "contact", "file_name": "Corrected rows", **words})
        assert job.status == 201, job
        job = job.json["id"]
        k.admin.request("PUT", "/api/v1/imports/%d/data" % job, b"Last name,Birthday\nFixed,03/04/1980\n", headers={"Content-Type": "text/csv"})
        for _ in range(400):
            status = k.admin.get("/api/v1/imports/%d" % job).json
            if status["state"] == "done":
                break
            time.sleep(0.05)
        born = [c["birthday"] for c in k.admin.items("/api/v1/contacts?filter=last_name = \"Fixed\"")]
        assert call(k, "POST", "/changes/%d/undo" % status["change"], {}).status == 200
        return born, status["asked"]
    with test("import_wizard__what_was_said_holds_for_corrected_rows"):
        for order, born in (("MDY", "1980-03-04"), ("DMY", "1980-04-03")):
            got, asked = row(dates=order, rules="silent", clear=True)
            assert got == [born], (order, got)
            assert (asked["dates"], asked["rules"], asked["clear"]) == (order, "silent", True), asked
    with test("import_wizard__nothing_said_is_lost"):
        for key, value in (("dates", "XYZ"), ("rules", "some"), ("dates", 5), ("clear", "yes"), ("date", "MDY")):
            answer = k.admin.post("/api/v1/imports", {"entity": "contact", key: value})
            assert answer.status == 422 and answer.json["error"]["fields"][0]["where"] == key, (key, answer)
        job, _ = draft(k)
        for key in "date", "dry_run":
            answer = call(k, "PATCH", "/imports/%d" % job, {key: None})
            assert answer.status == 422 and answer.json["error"]["fields"][0]["where"] == key, (key, answer)


def leave(k):
    rows = b"First name,Last name\n" + b"".join(b"A%d,B%d\n" % (i, i) for i in range(20000))
    job, _ = draft(k, rows)
    with test("import_wizard__a_run_is_ended_and_says_how_far_it_came"):
        call(k, "POST", "/imports/%d/run" % job, {})
        run = k.admin.get("/api/v1/imports/%d" % job).json["run"]["id"]
        assert call(k, "POST", "/imports/%d/cancel" % run, {}).status == 200
        status = ended(k, job, "run")
        assert status["state"] == "cancelled" and status["created"] < 20000, status
        time.sleep(0.3)
        count = k.admin.get("/api/v1/contacts?filter=last_name%20starts%20with%20%22B%22").json["count"]
        assert count == status["created"], (count, status)
    with test("import_wizard__imports_are_listed_for_who_made_them"):
        k.add_user("max@example.com", role="lead")
        other = k.client("max@example.com")
        assert [i["id"] for i in k.admin.get("/api/v1/imports").json["items"]][0] == job
        assert other.get("/api/v1/imports").json["items"] == []
        for path in ("", "/file", "/preview"):
            assert other.get("/api/v1/imports/%d%s" % (job, path)).status == 404
        for path in ("/check", "/run", "/cancel"):
            assert call(k, "POST", "/imports/%d%s" % (job, path), {}, other).status == 404


def book(**sheets):
    """A workbook of these sheets, each a list of rows of texts."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
    link = '<Relationship Id="%s" Type="' + rel + '/%s" Target="%s"/>'
    cell = '<c r="%s%d" t="inlineStr"><is><t>%s</t></is></c>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>')
        z.writestr("_rels/.rels", "<Relationships %s>%s</Relationships>" % (package, link % ("r1", "officeDocument", "xl/workbook.xml")))
        z.writestr("xl/workbook.xml", '<workbook %s xmlns:r="%s"><sheets>%s</sheets></workbook>' % (main, rel, "".join(
            '<sheet name="%s" sheetId="%d" r:id="r%d"/>' % (name, i, i) for i, name in enumerate(sheets, 1))))
        z.writestr("xl/_rels/workbook.xml.rels", "<Relationships %s>%s</Relationships>" % (package, "".join(
            link % ("r%d" % i, "worksheet", "worksheets/s%d.xml" % i) for i in range(1, len(sheets) + 1))))
        for i, rows in enumerate(sheets.values(), 1):
            z.writestr("xl/worksheets/s%d.xml" % i, "<worksheet %s><sheetData>%s</sheetData></worksheet>" % (main, "".join(
                '<row r="%d">%s</row>' % (r, "".join(cell % ("ABC"[n], r, text) for n, text in enumerate(row))) for r, row in enumerate(rows, 1))))
    return out.getvalue()


def corrected(k):
    """Rejected rows that were put right go in once."""
    def again(run, text=b"last_name,birthday\nTwice,1990-02-01\n"):
        answer = k.admin.post("/api/v1/imports", {"entity": "contact", "file_name": "again.csv", "corrects": run})
        if answer.status != 201:
            return answer.status
        answer = k.admin.request("PUT", "/api/v1/imports/%d/data" % answer.json["id"], text, headers={"Content-Type": "text/csv"})
        return answer.json["id"] if answer.status == 200 else answer.status

    def count():
        return k.admin.get("/api/v1/contacts?filter=last_name%20%3D%20%22Twice%22").json["count"]

    def over(job):
        for _ in range(400):
            status = k.admin.get("/api/v1/imports/%d" % job).json
            if status["state"] == "done":
                return status
            time.sleep(0.05)
    job, _ = draft(k, b"Last name,Born\nTwice,nonsense\n", entity="contact")
    call(k, "POST", "/imports/%d/run" % job, {})
    run = ended(k, job, "run")["id"]
    with test("import_wizard__corrected_rows_go_in_once"):
        waiting = k.admin.post("/api/v1/imports", {"entity": "contact", "file_name": "slow.csv", "corrects": run}).json["id"]
        first = again(run)
        assert over(first)["created"] == 1 and again(run) == 409 and count() == 1, count()
        late = k.admin.request("PUT", "/api/v1/imports/%d/data" % waiting, b"last_name\nTwice\n", headers={"Content-Type": "text/csv"})
        assert late.status == 409 and count() == 1, late
        assert k.admin.get("/api/v1/imports/%d" % job).json["run"]["corrected"] == first
    with test("import_wizard__corrected_rows_can_come_again_when_they_were_taken_back"):
        assert call(k, "POST", "/changes/%d/undo" % over(first)["change"], {}).status == 200
        assert k.admin.get("/api/v1/imports/%d" % job).json["run"]["corrected"] is None
        assert over(again(run))["created"] == 1 and count() == 1


def emptied(k):
    """What a mapping leaves empty, for nothing or too much has that name, is counted, and shown beside its cell."""
    for title in ("Renewal", "Renewal"):
        assert k.admin.post("/api/v1/deals", {"name": title}).status == 201
    rows = b"Subject,About,Due\nAsk,Renewal,\nCall,Nowhere,\nTell,,\nMeet,,someday\nRest,,2026-12-01\n"
    say = {"import": "activity", "columns": {"Subject": "subject", "About": {"field": "links", "to": "deal", "unknown": "empty"},
                                             "Due": {"field": "due", "unknown": "empty"}}}
    job, _ = draft(k, rows, "calls.csv", entity="activity", map=json.dumps(say))
    call(k, "POST", "/imports/%d/check" % job, {})
    status = ended(k, job)
    with test("import_wizard__cells_left_empty_are_told"):
        assert (status["created"], status["rejected"], status["emptied"]) == (5, 0, 3), status
        rows = k.admin.get("/api/v1/imports/%d/preview" % status["id"]).json["rows"]
        got = {r["after"]["subject"]: [(x["column"], x["text"], x["several"]) for x in r.get("lost", [])] for r in rows}
        assert got == {"Ask": [("About", "Renewal", True)], "Call": [("About", "Nowhere", False)], "Tell": [],
                       "Meet": [("Due", "someday", False)], "Rest": []}, got
    with test("import_wizard__the_command_line_tells_them_too"):
        told = k.must("import", "activity", k.file("Subject,About\nAsk,Nowhere\nTell,\n", "calls.csv"), "--map", k.file(json.dumps(say).replace(', "Due": {"field": "due", "unknown": "empty"}', ""), "map.yaml"))
        assert "cell left empty, for what it says is not known here or is several records: 1." in told, told
    for d in k.admin.items("/api/v1/deals"):
        k.admin.delete("/api/v1/deals/%d" % d["id"])


def defaults(k):
    def shown(job):
        call(k, "POST", "/imports/%d/check" % job, {})
        return k.admin.get("/api/v1/imports/%d/preview" % ended(k, job)["id"]).json["rows"][0]
    with test("import_wizard__a_trial_shows_what_new_records_hold_by_themselves"):
        job, _ = draft(k, b"Deal,Stage,Owner\nLoft,,Nobody Known\n", entity="deal")
        columns = {"Deal": "name", "Stage": "stage", "Owner": {"field": "owner", "unknown": "empty"}}
        call(k, "PATCH", "/imports/%d" % job, {"map": json.dumps({"import": "deal", "match": [], "columns": columns})})
        row = shown(job)
        assert row["after"]["owner"]["id"] == 1 and row["after"]["stage"] == "enquiry", row
        assert "team" not in row["after"] and "amount" not in row["after"], row
    with test("import_wizard__a_trial_shows_addresses_whole"):
        card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Kai;Lia;;;\r\nADR;TYPE=work:;;%s;Kiel;;24103;Germany\r\nEND:VCARD\r\n"
        job, _ = draft(k, card % b"Kai 1", "lia.vcf", entity="contact")
        assert [a["street"] for a in shown(job)["after"]["addresses"]] == ["Kai 1"]
        call(k, "POST", "/imports/%d/run" % job, {})
        ended(k, job, "run")
        row = shown(draft(k, card % b"Kai 2", "lia.vcf", entity="contact")[0])
        assert row["result"] == "updated", row
        assert [a["street"] for a in row["before"]["addresses"]] == ["Kai 1"], row
        assert [a["street"] for a in row["after"]["addresses"]] == ["Kai 2", "Kai 1"], row


NAMES = (
    ("Anna-Lena von der Heide", None, "Anna-Lena", "von der Heide"),
    ("Heide, Anna-Lena von der", None, "Anna-Lena", "von der Heide"),
    ("HEIDE, Anna", None, "Anna", "HEIDE"),
    ("Dr. Sören Ünal", "Dr.", "Sören", "Ünal"),
    ("Frau Prof. Dr. med. Eva de la Cruz", "Frau Prof. Dr. med.", "Eva", "de la Cruz"),
    ("Dipl.-Ing. Uwe Ott", "Dipl.-Ing.", "Uwe", "Ott"),
    ("Ott, Dr. Pia", "Dr.", "Pia", "Ott"),
    ("Mr Van Morrison", "Mr", "Van", "Morrison"),
    ("Dr. Adler", "Dr.", None, "Adler"),
    ("von Stein", None, None, "von Stein"),
    ("Ing Lee", None, "Ing", "Lee"),
    ("Cher", None, None, "Cher"),
)


def names(k):
    """Whole names are taken apart; a title whose place has a column of its own stays with the first name."""
    def trial(text, columns):
        job, _ = draft(k, text.encode(), entity="contact")
        call(k, "PATCH", "/imports/%d" % job, {"map": json.dumps({"import": "contact", "match": [], "columns": columns})})
        call(k, "POST", "/imports/%d/check" % job, {})
        rows = k.admin.get("/api/v1/imports/%d/preview" % ended(k, job)["id"]).json["rows"]
        return [tuple(r["after"].get(f) for f in ("salutation", "first_name", "last_name")) for r in sorted(rows, key=lambda r: r["line"])]
    with test("import_wizard__whole_names_are_taken_apart"):
        found = trial("Who\n" + "".join('"%s"\n' % n[0] for n in NAMES), {"Who": "name"})
        assert found == [n[1:] for n in NAMES], [(x, n) for x, n in zip(found, NAMES) if x != n[1:]]
    with test("import_wizard__whole_names_of_cards_are_taken_apart"):
        job, _ = draft(k, b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Dr. Bo von Ek\r\nEND:VCARD\r\n", "bo.vcf", entity="contact")
        columns = suggestion(k, job)["columns"]
        assert columns == {"first_name": "first_name", "last_name": "last_name", "salutation": "salutation"}, columns
        call(k, "POST", "/imports/%d/check" % job, {})
        after = k.admin.get("/api/v1/imports/%d/preview" % ended(k, job)["id"]).json["rows"][0]["after"]
        assert (after["salutation"], after["first_name"], after["last_name"]) == ("Dr.", "Bo", "von Ek"), after
    with test("import_wizard__a_title_is_not_lost_where_the_salutation_is_given"):
        found = trial("Who,Anrede\nDr. Ann Lee,Frau\n", {"Who": "name", "Anrede": "salutation"})
        assert found == [("Frau", "Dr. Ann", "Lee")], found


def sheets(k):
    job, sent = draft(k, book(Firms=[["Firma", "Ort"], ["Nord", "Kiel"]], People=[["Vorname", "Nachname"], ["Zoe", "Adler"]]), "book.xlsx")
    with test("import_wizard__a_sheet_of_a_workbook_is_chosen"):
        assert (sent.json["entity"], sent.json["found"]["sheet"], sent.json["found"]["sheets"]) == ("company", "Firms", ["Firms", "People"]), sent.json
        other = call(k, "PATCH", "/imports/%d" % job, {"sheet": "People"}).json
        assert (other["entity"], other["found"]["sheet"]) == ("contact", "People"), other
        call(k, "POST", "/imports/%d/run" % job, {})
        assert ended(k, job, "run")["created"] == 1
        assert k.admin.items("/api/v1/contacts?filter=last_name%20%3D%20%22Adler%22")[0]["first_name"] == "Zoe"
        assert call(k, "PATCH", "/imports/%d" % draft(k)[0], {"encoding": "nothing"}).status == 422


def recipes(k):
    k.add_user("ann@example.com", role="admin")
    other = k.client("ann@example.com")
    text = b"A,B\nQuist,q@example.com\n"
    mapping = "import: contact\nheader: [A, B]\nmatch: [emails]\ncolumns: {A: last_name, B: emails}\n"
    with test("import_wizard__a_saved_mapping_is_ones_own_until_it_is_shared"):
        saved = k.admin.post("/api/v1/imports/recipes", {"name": "Two letters", "map": mapping})
        assert saved.status == 201, saved
        job, _ = draft(k, text)
        found = k.admin.get("/api/v1/imports/%d/file" % job).json
        assert (found["suggestion"]["source"], found["suggestion"]["name"]) == ("recipe", "Two letters"), found["suggestion"]
        theirs = other.post("/api/v1/imports", {"wizard": True, "entity": "contact", "file_name": "x.csv"}).json["id"]
        other.request("PUT", "/api/v1/imports/%d/data" % theirs, text, headers={"Content-Type": "text/csv"})
        assert other.get("/api/v1/imports/%d/file" % theirs).json["recipes"] == []
        k.admin.post("/api/v1/imports/recipes", {"name": "Two letters", "map": mapping, "shared": True})
        shown = other.get("/api/v1/imports/%d/file" % theirs).json["recipes"]
        assert [(r["name"], r["own"]) for r in shown] == [("Two letters", False)], shown
    with test("import_wizard__the_command_line_takes_it_by_name"):
        file = k.file(text, "letters.csv")
        done = k.run("import", "contact", str(file), "--map", "two letters")
        assert done.returncode == 0 and "1 created" in done.stdout, (done.stdout, done.stderr)
        done = k.run("import", "contact", str(file))
        assert done.returncode == 0 and "1 unchanged" in done.stdout, (done.stdout, done.stderr)
        assert "Columns by the saved mapping “Two letters” of admin; --map takes another." in done.stdout, done.stdout
        done = k.run("import", "contact", str(file), "--map", "no such")
        assert done.returncode == 1 and "no saved mapping" in done.stderr, (done.stdout, done.stderr)
    with test("import_wizard__what_is_no_mapping_is_not_saved"):
        for bad in ({"name": "", "map": mapping}, {"name": "x"}, {"name": "x", "map": "import: nothing"}, {"name": "x", "map": "{"}):
            assert k.admin.post("/api/v1/imports/recipes", bad).status in (400, 422), bad
        assert k.admin.request("DELETE", "/api/v1/imports/recipes/%d" % saved.json["id"]).status == 204
        assert k.admin.request("DELETE", "/api/v1/imports/recipes/%d" % saved.json["id"]).status == 404


def formats(k):
    card = (b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Holm;Vera;;;\r\nFN:Vera Holm\r\nORG:Suedwind\r\nEMAIL;TYPE=work:vera@example.com\r\n"
            b"NOTE:met on the ferry\r\nEND:VCARD\r\n")
    with test("import_wizard__cards_are_taken_as_what_they_become"):
        job, sent = draft(k, card, "vera.vcf")
        assert sent.json["entity"] == "contact" and sent.json["found"]["format"] == "vcard", sent.json
        assert suggestion(k, job)["columns"]["company"] == {"field": "company", "create": "true"}, suggestion(k, job)
        call(k, "POST", "/imports/%d/run" % job, {})
        assert ended(k, job, "run")["created"] == 1
        vera = k.admin.items("/api/v1/contacts?filter=last_name%20%3D%20%22Holm%22")[0]
        assert vera["company"]["title"] == "Suedwind" and vera["emails"][0]["label"] == "work", vera
        assert any(n["text"] == "met on the ferry" for n in k.admin.items("/api/v1/notes"))


def whole(k):
    """Half of the rows are there already: what the undo leaves is what was there before."""
    def rows(n, city):
        return ("First name,Last name,E-mail,Phone,Company,City\n" + "".join(
            "F%d,W%d,w%d@example.com,+49 30 %05d,Firm %d,%s %d\n" % (i, i, i, i, i % 40, city, i % 7) for i in range(n))).encode()

    def bring(n, city):
        job, _ = draft(k, rows(n, city), entity="contact")
        call(k, "POST", "/imports/%d/run" % job, {})
        return ended(k, job, "run")

    def dump():
        return [k.must("export", kind) for kind in ("contact", "company", "note")]
    with test("import_wizard__undo_gives_back_what_was_there_before"):
        bring(600, "Kiel")
        before = dump()
        status = bring(1200, "Ulm")
        assert (status["created"], status["updated"]) == (600, 600) and dump() != before, status
        assert call(k, "POST", "/changes/%d/undo" % status["change"], {}).status == 200
        assert dump() == before


def large(k):
    """What a trial shows stays within bounds, whatever the file."""
    def trial(data):
        job, _ = draft(k, data, "large.csv", entity="contact")
        call(k, "POST", "/imports/%d/check" % job, {})
        status = ended(k, job)
        return status, k.admin.get("/api/v1/imports/%d/preview" % status["id"])

    def rows(n, more=""):
        return "".join("A%d,Large,large%d@example.com,%s\n" % (i, i, more) for i in range(n))
    head = "First name,Last name,E-mail,Note\n"
    job, _ = draft(k, (head + "Old,Large,large2500@example.com,\n").encode(), entity="contact")
    call(k, "POST", "/imports/%d/run" % job, {})
    assert ended(k, job, "run")["created"] == 1
    with test("import_wizard__a_large_trial_shows_its_first_rows_changes_and_problems"):
        status, answer = trial((head + rows(3000) + ",,bad@example.com,\n").encode())
        assert (status["created"], status["updated"], status["rejected"]) == (2999, 1, 1), status
        shown = sorted(answer.json["rows"], key=lambda r: r["line"])
        assert [r["line"] for r in shown] == [*range(2, 101), 2502, 3002], [r["line"] for r in shown]
        assert [r["result"] for r in shown[-2:]] == ["updated", "rejected"], shown[-2:]
    with test("import_wizard__a_trial_of_long_texts_shows_what_there_is_room_for"):
        status, answer = trial((head + rows(200, "x" * 100000) + ",,bad@example.com," + "y" * 100000 + "\n").encode())
        assert answer.status == 200 and status["rejected"] == 1, (status, answer.status, answer.text[:300])
        assert len(answer.body) < 9 << 20 and answer.json["rows"][-1]["result"] == "rejected", len(answer.body)


def main():
    with Kontor() as k:
        large(k)
        formats(k)
        recipes(k)
        sheets(k)
        whole(k)
    with Kontor() as k:
        prepare(k)
        numbers(k)
        correct(k)
        said(k)
        corrected(k)
        emptied(k)
        defaults(k)
        names(k)
        leave(k)
    finish()


main()
