#!/usr/bin/python3
"""Files as people have them (test/data): encodings, delimiters, quotes, decimal commas, German dates, parents that come
later, ragged and cut-off files; and what import promises on them: rejects, matching, links, dates, rights."""
import csv
import http.client
import io
import json
import time

from kontor import SOURCE, Kontor, check, contains, equal, finish, test

DATA = SOURCE / "test/data"


def run_import(k, entity, name, *args, code=0):
    """kontor import --json of a copy of test/data/name; its answer, or standard error when code is 1."""
    path = k.file((DATA / name).read_bytes(), name) if (DATA / name).exists() else name
    result = k.run("import", entity, path, "--json", *args)
    if result.returncode != code:
        raise AssertionError("%s: exit %d: %s %s" % (name, result.returncode, result.stdout, result.stderr))
    return result.stderr if code == 1 else json.loads(result.stdout)


def exported(k, entity, *args):
    """Rows of an export; line breaks inside cells stay as they are."""
    return list(csv.DictReader(io.StringIO(k.must("export", entity, *args), newline="")))


def counts(answer):
    return tuple(answer[key] for key in ("created", "updated", "unchanged", "rejected"))


def by_name(k, entity, *fields):
    return {r["name"]: tuple(r[f] for f in fields) for r in exported(k, entity)}


def check_encodings(k):
    skip_map = "import: company\ncolumns: {Name: name, City: city, Note to skip: skip}\n"
    run_import(k, "company", "utf8-bom.csv")
    run_import(k, "company", "utf16le.csv", "--map", k.file(skip_map, "skip.yaml"))
    run_import(k, "company", "windows1252.csv")
    run_import(k, "company", "semicolon.csv")
    run_import(k, "company", "tab.csv")
    run_import(k, "company", "short-rows.csv")
    got = by_name(k, "company", "city")
    for name, city in {"Müller & Söhne": "Köln", "Łódź Trade": "Łódź", "Café Ελλάς": "Athína", "Петров & Co": "Varna",
                       "Bäckerei Groß": "Lübeck", "Firma €uro": "Zürich", "Nord; Süd KG": "Hamburg",
                       "Anker, Tau & Co": "Kiel", 'Quote "Inn"': "Wismar", "Kurz": ""}.items():
        equal("import_files__reads_%s" % name.replace(" ", "_"), (city,), got.get(name))
    equal("import_files__windows_punctuation", ("Café – “süß”",), by_name(k, "company", "industry")["Bäckerei Groß"])
    equal("import_files__groups_thousands", ("1200",), by_name(k, "company", "employees")["Nord; Süd KG"])


def check_shapes(k):
    run_import(k, "note", "quoted-newlines.csv")
    texts = sorted(r["text"] for r in exported(k, "note"))
    check("import_files__line_breaks_inside_quotes", any('second line' in t and '"quoted"' in t and "\n" in t for t in texts),
          repr(texts))
    before = k.must("export", "company")
    for name, line in (("unclosed-quote.csv", "3"), ("ragged.csv", "4")):
        told = run_import(k, "company", name, code=1)
        contains("import_files__%s_is_told_with_its_line" % name, "%s:%s" % (name, line), told)
    for name, content in (("empty.csv", b""), ("only-header.csv", b"name,city\n"), ("nul.csv", b"name,city\na\0b,c\n"),
                          ("half.csv", "name\nÄ".encode("utf-16le")[:-1])):
        result = k.run("import", "company", k.file(content, name))
        check("import_files__%s_imports_nothing" % name, result.returncode in (0, 1), repr(result))
    equal("import_files__broken_files_import_nothing", before, k.must("export", "company"))


def check_german(k):
    run_import(k, "deal", "german-deals.csv")
    equal("import_files__decimal_commas_and_dates",
          {"Dachanlage": ("1234.56", "2026-12-31"), "Speicher": ("12000.00", "2027-02-01"),
           "Wartung": ("99.50", "2027-03-05"), "Rabatt": ("-1000.00", "2027-02-28")},
          by_name(k, "deal", "amount", "close_date"))


def check_parents(k):
    answer = run_import(k, "company", "parents-later.csv")
    equal("import_files__parents_later_in_the_file", (4, 0, 0, 0), counts(answer))
    got = by_name(k, "company", "parent")
    equal("import_files__parents_are_linked", {"Enkel": ("Kind",), "Kind": ("Ahn",), "Ahn": ("",), "Zweig": ("Ahn",)},
          {name: got[name] for name in ("Enkel", "Kind", "Ahn", "Zweig")})
    answer = run_import(k, "company", "parents-missing.csv", code=3)
    equal("import_files__parents_that_never_come", (0, 0, 0, 4), counts(answer))


def check_rejects(k):
    k.must("import", "company", k.file("name\nNordwind\n", "one.csv"))
    answer = run_import(k, "contact", "mixed-rejects.csv", "--create-links", code=3)
    equal("import_files__good_rows_go_in", (2, 0, 0, 3), counts(answer))
    with open(answer["rejects_file"], newline="", encoding="utf-8") as file:
        rejects = {r["first_name"]: r for r in csv.DictReader(file)}
    equal("import_files__rejects_say_where",
          {"Cy": ("company", "Nord-Wind"), "Di": ("emails", "not an address"), "Ed": ("birthday", "2025-02-30")},
          {name: (r["rejected_column"], r["rejected_value"]) for name, r in rejects.items()})
    contains("import_files__near_double_is_offered", "Nordwind", rejects["Cy"]["rejected_reason"])
    text = open(answer["rejects_file"]).read()
    text = text.replace("Nord-Wind", "Nordwind").replace("not an address", "di@nordwind.example").replace("2025-02-30", "")
    again = run_import(k, "contact", k.file(text, "corrected.csv"))
    equal("import_files__corrected_rejects_go_in", (3, 0, 0, 0), counts(again))
    for name, content in (("old", "last_name;birthday\nMüller;never\n".encode("cp1252")),
                          ("marked", b"\xef\xbb\xbf" + "last_name;birthday\nMüller;never\n".encode())):
        told = run_import(k, "contact", k.file(content, name + ".csv"), code=3)
        with open(told["rejects_file"], "rb") as file:
            equal("import_files__rejects_of_a_spreadsheet_%s" % name, b"\xef\xbb\xbflast_name;", file.read(13))


def check_reasons(k):
    """A dry run tells why rows would be rejected and leaves no file; --rejects names one."""
    rows = "name,stage,amount,won_at\nOld,won,5,\nDated,won,6,2026-02-03\nOpen,enquiry,7,\nBad,enquiry,x,\nWorse,enquiry,x,\n" \
           "Cap,enquiry,\"=y\x1b[1m\",\n"
    folder = k.top / "dry"
    folder.mkdir()
    path = k.file(rows, folder / "old deals.csv")
    dry = k.run("import", "deal", path, "--dry-run")
    equal("import_files__a_dry_run_ends_like_the_import", 3, dry.returncode)
    equal("import_files__a_dry_run_leaves_no_file", ["old deals.csv"], [f.name for f in folder.iterdir()])
    contains("import_files__a_dry_run_tells_reasons_with_their_count", "  2 × amount “x”: \"x\" is not an amount", dry.stdout)
    contains("import_files__reasons_do_not_steer_a_terminal", "  1 × amount “=y [1m”", dry.stdout)
    contains("import_files__deals_won_without_a_date_are_told", "Won or lost as of now, for want of a date: 1. In a mapping, `closed: true`",
             dry.stdout)
    answer = json.loads(k.run("import", "deal", path, "--dry-run", "--rejects", str(folder / "why.csv"), "--json").stdout)
    check("import_files__a_dry_run_writes_the_file_it_is_asked_for",
          answer["rejects_file"] == str(folder / "why.csv") and "Worse" in (folder / "why.csv").read_text(), answer)
    real = k.run("import", "deal", path)
    equal("import_files__the_import_tells_the_same_reasons", [x for x in dry.stdout.splitlines() if "×" in x],
          [x for x in real.stdout.splitlines() if "×" in x])
    won = {r["name"]: r["won_at"][:10] for r in exported(k, "deal", "--filter", 'stage = "won"')}
    equal("import_files__a_column_says_when_a_deal_was_won", "2026-02-02", won["Dated"])
    mapping = k.file("import: deal\nmatch: name\ncolumns: {name: name, stage: stage, why: lost_reason, "
                     "end: {field: close_date, closed: true}}\n", "closed.yaml")
    ends = "name,stage,end,why\nDay one,won,03.02.2026,\nDay two,lost,04.02.2026,price\nDay three,enquiry,05.02.2026,\n"
    days = lambda: {r["name"]: (r["won_at"][:10], r["lost_at"][:10]) for r in exported(k, "deal") if r["name"].startswith("Day")}
    once = k.run("import", "deal", k.file(ends, "ends.csv"), "--map", mapping)
    check("import_files__a_closed_column_leaves_nothing_to_tell", once.returncode == 0 and "for want of" not in once.stdout, once)
    equal("import_files__a_closed_column_says_when_a_deal_ended",
          {"Day one": ("2026-02-02", ""), "Day two": ("", "2026-02-03"), "Day three": ("", "")}, days())
    ends = ends.replace("enquiry", "won").replace("03.02", "13.02")
    equal("import_files__a_closed_column_is_for_the_row_that_ends_it", (0, 2, 1, 0),
          counts(run_import(k, "deal", k.file(ends, "ends.csv"), "--map", mapping)))
    equal("import_files__a_deal_that_was_won_before_stays_so", (("2026-02-02", ""), ("2026-02-04", "")),
          (days()["Day one"], days()["Day three"]))
    told = run_import(k, "deal", k.file("name\nX\n", "x.csv"), "--map",
                      k.file("import: deal\ncolumns: {name: {field: name, closed: true}}\n", "bad.yaml"), code=1)
    contains("import_files__closed_is_for_dates", "bad.yaml:2:17: Only a date", told)
    many = k.file("name,amount\n" + "".join("R%d,x%d\n" % (n, n % 12) for n in range(3000)), folder / "many.csv")
    told = [x.strip() for x in k.run("import", "deal", many, "--dry-run").stdout.splitlines() if "×" in x]
    equal("import_files__ten_reasons_are_told", (11, "500 × other reasons"), (len(told), told[-1]))


def check_match(k):
    equal("import_files__match_creates", (2, 0, 0, 0), counts(run_import(k, "contact", "people.csv", "--match", "email")))
    equal("import_files__match_finds", (0, 0, 2, 0), counts(run_import(k, "contact", "people.csv", "--match", "email")))
    other = k.file("emails,job_title\nADA@two.example,Chief\nbo@one.example,\nnew@one.example,Buyer\n", "other.csv")
    told = run_import(k, "contact", other, "--match", "email", code=3)
    equal("import_files__match_by_any_address", (0, 1, 1, 1), counts(told))
    told = run_import(k, "contact", k.file("emails,nonsense\na@b.example,x\n", "bad.csv"), code=1)
    contains("import_files__unknown_column_is_told", "nonsense", told)
    told = run_import(k, "contact", k.file("emails,first_nam\na@b.example,x\n", "near.csv"), code=1)
    contains("import_files__unknown_column_gets_a_suggestion", "first_name", told)


def check_contact_points(k):
    """What a file cannot tell of an address stays: label, opt-out, which one is the primary one."""
    emails = [{"value": "a@keep.example", "label": "old", "primary": False, "opt_out": True},
              {"value": "b@keep.example", "label": None, "primary": True, "opt_out": False}]
    made = k.admin.post("/api/v1/contacts", {"last_name": "Keep", "emails": emails, "phones": ["+49 40 222"]}).json
    path = k.file("id,last_name,emails,phones\n%d,Keep,A@keep.example; b@keep.example,+49 (40) 222\n" % made["id"], "keep.csv")
    equal("import_files__same_points_are_unchanged", (0, 0, 1, 0), counts(run_import(k, "contact", path, "--match", "id")))
    path = k.file("id,emails\n%d,a@keep.example; c@keep.example\n" % made["id"], "keep.csv")
    equal("import_files__points_are_replaced", (0, 1, 0, 0), counts(run_import(k, "contact", path, "--match", "id")))
    now = k.admin.get("/api/v1/contacts/%d" % made["id"]).json["emails"]
    equal("import_files__known_points_keep_opt_out",
          [("a@keep.example", "old", True, True), ("c@keep.example", None, False, False)],
          [(e["value"], e["label"] or None, e["primary"], e["opt_out"]) for e in now])
    text = k.must("export", "contact")
    again = run_import(k, "contact", k.file(text.encode(), "all.csv"), "--match", "id")
    equal("import_files__an_export_changes_nothing", (0, 0, len(list(csv.DictReader(io.StringIO(text)))), 0), counts(again))


def check_mappings(k):
    """What is wrong with a mapping is told with its place; nothing is guessed."""
    path = k.file("Firma,Stadt\nKarte,Ulm\n", "map.csv")
    for name, mapping, wanted in (
            ("columns", "import: company\ncolumns: [name]\n", "m.yaml:2:10: “columns” must be a map"),
            ("column", "import: company\ncolumns: {Firma: [name], Stadt: city}\n", "m.yaml:2:18: The column “Firma” names no field."),
            ("values", "import: company\ncolumns: {Firma: {field: name, values: [x]}, Stadt: city}\n", "m.yaml:2:40: “values” must be"),
            ("set", "import: company\ncolumns: {Firma: name, Stadt: city}\nset: [x]\n", "m.yaml:3:6: “set” must be"),
            ("key", "import: company\ncolumns: {Firma: {feld: name}, Stadt: city}\n", "m.yaml:2:19: There is no key “feld” here.")):
        told = run_import(k, "company", path, "--map", k.file(mapping, "m.yaml"), code=1)
        contains("import_files__mapping_%s_is_told" % name, wanted, told)


def check_match_folds(k):
    """A record is matched by a text as links find it: case and accents do not make another one."""
    run_import(k, "company", k.file("name,city,street\nMüller & Söhne GmbH,Kiel,Am Kai 1\n", "first.csv"))
    answer = run_import(k, "company", k.file("name,city\nmüller & söhne gmbh,Ulm\nMÜLLER & SÖHNE GMBH,Bonn\n", "again.csv"), "--match", "name")
    equal("import_files__match_minds_no_case", (0, 2, 0, 0), counts(answer))
    told = [(c["name"], c["city"]) for c in k.admin.items("/api/v1/companies") if c["name"].lower() == "müller & söhne gmbh"]
    equal("import_files__matched_name_keeps_its_spelling", [("Müller & Söhne GmbH", "Bonn")], told)
    answer = run_import(k, "company", k.file("street,city\nAM KAI 1,Köln\n", "street.csv"), "--match", "street")
    equal("import_files__match_by_a_text_without_a_key", 1, answer["updated"])
    answer = run_import(k, "contact", k.file("last_name,company\nSöhn,MÜLLER & söhne gmbh\n", "link.csv"))
    equal("import_files__the_link_stays_clear", (1, 0, 0, 0), counts(answer))
    run_import(k, "company", k.file("name\nTwin\ntwin\n", "twins.csv"))
    answer = run_import(k, "company", k.file("name,city\ntwin,Jena\nTWIN,Gera\n", "twin.csv"), "--match", "name", code=3)
    equal("import_files__of_twins_the_one_spelt_alike", (0, 1, 0, 1), counts(answer))


def check_found(k):
    """What the import found out about a file is told, dry or not."""
    german = "name;amount;close_date\nFörde;1.234,56;31.12.2026\n".encode("cp1252")
    line = "Read as Windows-1252, columns parted by “;”, decimal sign “,”, dates day.month.year."
    for dry in (("--dry-run",), ()):
        contains("import_files__what_was_found_is_told%s" % "".join(dry), line, k.must("import", "deal", k.file(german, "found.csv"), *dry))
    plain = k.must("import", "company", k.file("name,phones\nFound,\"1.234,56\"\n", "found.csv"))
    contains("import_files__nothing_else_is_told", "Read as UTF-8, columns parted by “,”.\n", plain)


def check_typos(k):
    """A slip in an owner or team makes no account; what links did make is told."""
    k.add_user("anna.becker@example.com", team="Werft")
    rows = "last_name,company,owner,team\nTypo,New One,anna.beckr,Werft\nTeam,New One,,Werf\nRight,New Two,ANNA.becker,werft\nMore,New Three,,\n"
    users, teams = exported(k, "user"), exported(k, "team")
    result = k.run("import", "contact", k.file(rows, "typos.csv"), "--create-links")
    equal("import_files__typo_of_an_owner_is_rejected", 3, result.returncode)
    contains("import_files__nearest_owner_is_offered", "There is no User “anna.beckr”; did you mean “anna.becker”?", result.stdout)
    contains("import_files__nearest_team_is_offered", "There is no Team “Werf”; did you mean “Werft”?", result.stdout)
    for name in ("Solarhaus GmbH", "Müller & Söhne Anlagenbau", "Ostsee Werft"):
        k.admin.post("/api/v1/companies", {"name": name})
    k.admin.post("/api/v1/contacts", {"first_name": "Ann", "last_name": "Leemann"})
    text = "name,company,contact\nA,Solarhaus Gmb,\nB,Muller und Sohne Anlagenbau,\nC,Xyz,\nE,,Ann Lehmann\n"
    slips = k.file(text, "slips.csv")
    told = k.run("import", "deal", slips, "--dry-run").stdout
    for wanted in ("“Solarhaus Gmb”; did you mean “Solarhaus GmbH”?", "did you mean “Müller & Söhne Anlagenbau”?",
                   "There is no Company “Xyz”\n", "“Ann Lehmann”; did you mean “Ann Leemann”?"):
        contains("import_files__nearest_title_%s" % wanted[:24], wanted, told)
    made = json.loads(k.run("import", "deal", slips, "--create-links", "--dry-run", "--json").stdout)
    equal("import_files__links_like_others_are_created_if_asked", 4, made["created"])
    contains("import_files__made_links_are_told", "\n2 companies created for links.\n", result.stdout)
    equal("import_files__typos_make_no_accounts", (users, teams), (exported(k, "user"), exported(k, "team")))


def check_teams(k):
    """A row with an owner belongs to the owner's team, as a record made by hand does; a lead sees it."""
    lead = k.add_user("north@example.com", role="lead", team="North")
    k.add_user("bo@example.com", team="North")
    rows = "last_name,owner\nOwned,bo@example.com\nLater,\nNobody,\n"
    run_import(k, "contact", k.file(rows, "owners.csv"))
    seen = lambda: {c["last_name"] for c in lead.items("/api/v1/contacts")}
    equal("import_files__owner_brings_the_team", {"Owned"}, seen())
    run_import(k, "contact", k.file("last_name,owner\nLater,bo@example.com\n", "owners.csv"), "--match", "last_name")
    equal("import_files__owner_that_comes_later_brings_the_team", {"Owned", "Later"}, seen())
    mapping = k.file("import: contact\ncolumns: {last_name: last_name}\nset: {team: North, owner: bo@example.com}\n", "team.yaml")
    run_import(k, "contact", k.file("last_name\nAll\n", "all.csv"), "--map", mapping)
    equal("import_files__mapping_sets_team_and_owner", [("bo", "North")],
          [(c["owner"]["title"], c["team"]["title"]) for c in lead.items("/api/v1/contacts") if c["last_name"] == "All"])
    mapping = k.file("import: contact\ncolumns: {last_name: last_name}\nset: {team: Nort}\n", "team.yaml")
    answer = run_import(k, "contact", k.file("last_name\nNone\n", "none.csv"), "--map", mapping, code=3)
    with open(answer["rejects_file"], encoding="utf-8") as file:
        contains("import_files__mapping_with_an_unknown_team_is_told", "There is no Team “Nort”", file.read())


def check_cut_off(k):
    """A sender that vanishes: nothing is imported."""
    before = k.must("export", "company")
    job = k.admin.post("/api/v1/imports", {"entity": "company", "file_name": "cut.csv"}).json["id"]
    link = http.client.HTTPConnection("127.0.0.1", k.port, timeout=10)
    link.putrequest("PUT", "/api/v1/imports/%d/data" % job)
    for name, value in k.admin.headers.items():
        link.putheader(name, value)
    link.putheader("Content-Length", "100000")
    link.endheaders()
    link.send(b"name,city\nHalb,Bonn\nGanz,Kiel\n")
    link.close()
    state = None
    for _ in range(200):
        state = k.admin.get("/api/v1/imports/%d" % job).json["state"]
        if state not in ("open", "waiting", "running"):
            break
        time.sleep(0.05)
    equal("import_files__cut_off_upload_is_cancelled", "cancelled", state)
    equal("import_files__cut_off_upload_imports_nothing", before, k.must("export", "company"))
    cut = k.run("import", "company", k.file("name,city,country\nAl,Berlin,DE\nBet", "cut.csv"))
    equal("import_files__cut_off_row_imports_nothing", (1, before), (cut.returncode, k.must("export", "company")))
    contains("import_files__cut_off_row_is_named", "cut.csv:3", cut.stderr)
    answer = run_import(k, "company", k.file("name,city,country\nAllthere,Berlin,DE", "whole.csv"))
    equal("import_files__a_whole_last_row_needs_no_line_end", (1, 0, 0, 0), counts(answer))
    answer = run_import(k, "company", k.file("name,city,website,employees\nTwice,Ulm,not a site,many\n", "twice.csv"), code=3)
    with open(answer["rejects_file"], encoding="utf-8") as file:
        contains("import_files__each_further_reason_names_its_column", "; employees: ", file.read())
    result = k.run("import", "deal", k.file("name,company,amount\nA,No such firm,many\nB,No such firm,1\n", "both.csv"))
    told = [line.split(": ", 1)[1] for line in result.stdout.splitlines() if "×" in line]
    check("import_files__reasons_are_of_one_form", len(told) == 2 and "firm”; amount: \"many\" is" in told[0] and not
          any(line.endswith(".") or ".;" in line or line[0].islower() for line in told), told)
    text = "last_name,emails\nA,a@keys.example\nB,\nC,\n"
    for dry, name in (("--dry-run", "dry_run"), (None, "import")):
        result = k.run("import", "contact", k.file(text, "keys.csv"), "--match", "email", *([dry] if dry else []))
        contains("import_files__rows_with_nothing_to_match_by_are_told_%s" % name, "3 created (2 with nothing to match by), 0 updated",
                 result.stdout)
    again = k.run("import", "contact", k.file("last_name,emails\nA,a@keys.example\n", "keys.csv"), "--match", "email").stdout
    contains("import_files__rows_that_match_need_no_word", "0 created, 0 updated, 1 unchanged", again)


def check_dates(k):
    """--at: the history is that of the file; time does not run backwards."""
    with Kontor(start=False) as old:
        rows = "name,at\nSpät,01.03.2025 12:00\nFrüh,2023-05-01T10:00:00Z\nMitte,2024-01-01T12:00:00+02:00\n"
        answer = run_import(old, "company", old.file(rows, "dated.csv"), "--at", "at")
        equal("import_files__first_load_is_dated", (3, 0, 0, 0), counts(answer))
        created = {r["name"]: r["created_at"][:10] for r in exported(old, "company")}
        equal("import_files__records_carry_their_dates", {"Spät": "2025-03-01", "Früh": "2023-05-01", "Mitte": "2024-01-01"},
              created)
        old.start()
        for moment, n in (("2022-01-01", 0), ("2023-06-01", 1), ("2024-06-01", 2), ("2025-06-01", 3)):
            equal("import_files__as_of_%s" % moment, n, old.admin.get("/api/v1/companies?as_of=" + moment).json["count"])
        users = old.admin.get("/api/v1/users?as_of=2022-01-01").json
        equal("import_files__set_up_lies_before_history", 1, users["count"])
        now = old.admin.get("/api/v1/users").json["items"][0]["created_at"]
        check("import_files__users_carry_the_clock", not now.startswith("1970"), now)
        told = run_import(old, "company", old.file("name,at\nZu alt,2024-02-02\n", "back.csv"), "--at", "at", code=1)
        contains("import_files__time_does_not_run_backwards", "backwards", told)
        told = run_import(old, "company", old.file("name,at\nWann,nie\n", "when.csv"), "--at", "at", code=1)
        contains("import_files__bad_date_is_told", "nie", told)
        old.add_user("lead@example.com", role="lead")
        result = old.run("import", "company", old.file(rows, "dated.csv"), "--at", "at", "--as", "lead@example.com")
        equal("import_files__only_admins_date", 1, result.returncode)


with test("import_files__run"), Kontor() as k:
    for part in (check_encodings, check_shapes, check_german, check_parents, check_rejects, check_reasons, check_match, check_contact_points, check_mappings, check_match_folds, check_found, check_typos, check_teams,
                 check_cut_off, check_dates):
        with test("import_files__%s" % part.__name__):
            part(k)
finish()
