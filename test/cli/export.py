#!/usr/bin/python3
"""kontor export: what comes out goes in again and comes out the same; rights, hidden fields, spreadsheet formulas."""
import csv
import io
import json

from kontor import Kontor, check, contains, equal, finish, test

FIELDS = """
company:
  fields:
    margin: {type: percent, see: [lead], edit: [lead]}
    rating: {type: choice, of: {a: Best, b: Good}}
    ports:  {type: choices, of: [kiel, bremen, rostock]}
    visited: {type: instant}
    dry:    {type: bool}
"""
COMPANIES = [
    {"name": "Ahn", "city": "Kiel", "emails": ["info@ahn.example", {"value": "office@ahn.example", "label": "office"}],
     "phones": ["+49 431 1234567"], "rating": "a", "ports": ["kiel", "bremen"], "visited": "2026-01-02T03:04:05Z",
     "dry": True, "revenue": "1234.50", "margin": "12.50", "employees": 12},
    {"name": "Kind, \"das zweite\"", "parent": {"name": "Ahn"}, "street": "Weg 1, Hinterhaus", "website": ["https://kind.example"]},
    {"name": "=1+1", "city": "'Hof"},
    {"name": "Ünïcödé ✓", "country": "Ελλάδα"},
]


def fill(k):
    for body in COMPANIES:
        answer = k.admin.post("/api/v1/companies", body)
        assert answer.status == 201, repr(answer)
    for path, body in (
            ("teams", {"name": "North"}), ("contacts", {"first_name": "Ada", "last_name": "Lund", "company": {"name": "Ahn"},
                                                       "birthday": "1990-02-28", "emails": ["ada@ahn.example"]}),
            ("products", {"name": "Pump", "sku": "P-1", "price": "99.95"}),
            ("deals", {"name": "Deal one", "company": {"name": "Ahn"}, "amount": {"value": "1000.00", "currency": "EUR"}}),
            ("deals", {"name": "Deal two", "stage": "won", "amount": "250.25", "close_date": "2026-03-04"})):
        answer = k.admin.post("/api/v1/" + path, body)
        assert answer.status == 201, repr(answer)


def rows(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def check_round_trip(k):
    """Business entities into an empty system of the same configuration: equal dumps but for ids, dates and who made them."""
    entities = ("team", "company", "contact", "product", "deal")
    own = ("id", "created_at", "created_by")

    def dump(system, entity):
        return [{n: v for n, v in r.items() if n not in own} for r in rows(system.must("export", entity))]

    with Kontor(conf={"fields.yaml": FIELDS}, start=False) as other:
        for entity in entities:
            result = other.run("import", entity, other.file(k.must("export", entity), entity + ".csv"))
            equal("export__%s_goes_in_again" % entity, (0, ""), (result.returncode, result.stderr if result.returncode else ""))
        for entity in entities:
            equal("export__%s_comes_out_the_same" % entity, dump(k, entity), dump(other, entity))


def check_formats(k):
    lines = [json.loads(line) for line in k.must("export", "company", "--format", "ndjson").splitlines()]
    equal("export__ndjson_has_every_record", [c["name"] for c in COMPANIES], [r["name"] for r in lines])
    equal("export__ndjson_is_typed", ({"value": "1234.50", "currency": "EUR"}, ["kiel", "bremen"], True),
          (lines[0]["revenue"], lines[0]["ports"], lines[0]["dry"]))
    equal("export__ndjson_names_links", "Ahn", lines[1]["parent"]["title"])
    check("export__leaves_out_what_changes_by_itself", not {"version", "updated_at", "updated_by"} & set(lines[0]))
    named = rows(k.must("export", "company", "--fields", "name,version,city", "--filter", 'city = "Kiel"'))
    equal("export__fields_and_filter", [{"name": "Ahn", "version": "1", "city": "Kiel"}], named)
    out = k.top / "out.csv"
    k.must("export", "company", "--out", out)
    equal("export__into_a_file", k.must("export", "company"), out.read_bytes().decode().replace("\r\n", "\n"))
    for sign, name in ((";", ";"), ("|", "|"), ("\t", "tab"), (",", ",")):
        text = k.must("export", "company", "--delimiter", name)
        equal("export__delimiter_%s" % name, rows(k.must("export", "company")), list(csv.DictReader(io.StringIO(text, newline=""), delimiter=sign)))
        with Kontor(conf={"fields.yaml": FIELDS}, start=False) as other:
            other.must("import", "company", other.file(text.encode(), "other.csv"))
            equal("export__delimiter_%s_is_found_out" % name, k.must("export", "company", "--fields", "name,city,revenue,emails"),
                  other.must("export", "company", "--fields", "name,city,revenue,emails"))
    for args, part in ((("--delimiter", "x"), "comma"), (("--fields", "nam"), "name"), (("--filter", "city ="), ""), (("--format", "xml"), "")):
        result = k.run("export", "company", *args)
        equal("export__refuses_%s" % args[1].replace(" ", "_"), 1, result.returncode)
        contains("export__says_what_is_wrong_with_%s" % args[1].replace(" ", "_"), part, result.stderr)
    equal("export__knows_its_entities", 1, k.run("export", "nonsense").returncode)


def check_apostrophes(k):
    """An apostrophe before a formula is the guard's; one of the text's own comes back too."""
    names = ["=1", "'=1", "''=1", "'-x", "'", "'x", "+49", "@a", "-"]
    with Kontor() as one:
        for name in names:
            assert one.admin.post("/api/v1/companies", {"name": name}).status == 201
        for args in ((), ("--guard",)):
            text = one.must("export", "company", "--fields", "name", *args)
            with Kontor(start=False) as other:
                other.must("import", "company", other.file(text.encode(), "a.csv"))
                lines = other.must("export", "company", "--fields", "name", "--format", "ndjson").splitlines()
                equal("export__apostrophes_come_back%s" % "".join(args), names, [json.loads(line)["name"] for line in lines])
    with Kontor(start=False) as other:  # the file of the rejected rows is read like the first one
        source = "name,employees\n" + "".join('"%s",x\n' % cell for cell in ("=1", "'=1", "''=1"))
        result = other.run("import", "company", other.file(source, "r.csv"), "--json")
        rejects = open(json.loads(result.stdout)["rejects_file"], encoding="utf-8-sig").read()
        fixed = "\n".join(",".join(c if n != 1 else "5" for n, c in enumerate(row[:2])) for row in csv.reader(io.StringIO(rejects)))
        other.must("import", "company", other.file(fixed.replace("name,5", "name,employees"), "f.csv"))
        lines = other.must("export", "company", "--fields", "name", "--format", "ndjson").splitlines()
        equal("export__rejected_rows_mean_the_same", ["=1", "=1", "'=1"], [json.loads(line)["name"] for line in lines])


def check_guard(k):
    plain = {r["name"] for r in rows(k.must("export", "company"))}
    check("export__gives_text_as_it_is", "=1+1" in plain, repr(plain))
    text = k.must("export", "company", "--guard")
    guarded = {r["name"]: r["city"] for r in rows(text)}
    check("export__guard_defuses_formulas", "'=1+1" in guarded and "=1+1" not in guarded, repr(guarded))
    with Kontor(conf={"fields.yaml": FIELDS}, start=False) as other:
        other.must("import", "company", other.file(text.encode(), "guarded.csv"))
        equal("export__guard_is_taken_away_again", [(c["name"], c.get("city", "")) for c in COMPANIES],
              [(r["name"], r["city"]) for r in rows(other.must("export", "company"))])


def check_guard_of_all_kinds(_):
    """A word that anybody may make up stands in more than texts."""
    with Kontor() as other:
        made = other.admin.post("/api/v1/contacts", {"last_name": "Tagged", "tags": ["=HYPERLINK(1)"]})
        equal("export__tags_are_made", 201, made.status)
        text = other.must("export", "contact", "--guard")
        check("export__guard_defuses_tags", "'=HYPERLINK(1)" in text, text)
        done = json.loads(other.must("import", "contact", other.file(text.encode(), "tags.csv"), "--json"))
        equal("export__tags_come_back", (1, 0), (done["unchanged"], done["rejected"]))


def check_mark(k):
    """Files for spreadsheets begin with the mark of UTF-8, what programs read does not."""
    mark = b"\xef\xbb\xbf"
    for args, wanted in (((), False), (("--delimiter", ";"), True), (("--guard",), True), (("--delimiter", "tab"), False),
                         (("--format", "ndjson", "--delimiter", ";"), False)):
        path = k.top / "marked.csv"
        k.must("export", "company", "--fields", "name", "--out", path, *args)
        equal("export__mark_of_a_file_%s" % "_".join(args), wanted, path.read_bytes().startswith(mark))
    with_sign = k.must("export", "company", "--fields", "name", "--delimiter", ";")
    check("export__standard_output_has_no_mark", not with_sign.startswith("\ufeff"), with_sign[:20])
    path = "/api/v1/companies/export?fields=name&format=csv"
    equal("export__api_marks_as_asked", [True, False, False, True],
          [k.admin.get(path + more).body.startswith(mark) for more in ("", "&mark=0", "&guard=0", "&guard=0&mark=1")])


def check_rights(k):
    k.must("user", "add", "--email", "lead@example.com", "--name", "Lea", "--role", "lead", "--team", "North",
           "--password-file", k.file("kontor test password\n"))
    k.must("user", "add", "--email", "member@example.com", "--name", "Max", "--role", "member", "--password-file",
           k.file("kontor test password\n"))
    k.must("user", "add", "--email", "reader@example.com", "--name", "Rea", "--role", "reader", "--password-file",
           k.file("kontor test password\n"))
    equal("export__admin_has_every_field", True, "margin" in rows(k.must("export", "company"))[0])
    member = k.client("member@example.com")
    member.post("/api/v1/companies", {"name": "Max's own"})
    own = rows(k.must("export", "company", "--as", "member@example.com"))
    equal("export__member_gets_his_own", ["Max's own"], [r["name"] for r in own])
    check("export__hidden_fields_are_left_out", "margin" not in own[0], repr(own[0]))
    result = k.run("export", "company", "--as", "member@example.com", "--fields", "name,margin")
    equal("export__hidden_fields_are_unknown", 1, result.returncode)
    result = k.run("export", "company", "--as", "member@example.com", "--filter", "margin > 1")
    equal("export__hidden_fields_do_not_filter", 1, result.returncode)
    result = k.run("export", "company", "--as", "reader@example.com")
    equal("export__reader_may_not", 1, result.returncode)
    answer = member.get("/api/v1/companies/export?format=csv")
    equal("export__over_http", ["Max's own"], [r["name"] for r in rows(answer.text)])
    equal("export__reader_may_not_over_http", 403, k.client("reader@example.com").get("/api/v1/companies/export").status)
    equal("export__nobody_may_not", 401, k.client().get("/api/v1/companies/export").status)
    for role in ("lead", "member", "reader"):
        made = k.client("%s@example.com" % role).post("/api/v1/imports", {"entity": "company", "file_name": "x.csv"})
        equal("export__%s_may_not_import" % role, 403, made.status)


def check_records(k):
    """Links to records of any kind go out by kind and title, only those the reader may see, and come in again."""
    k.must("user", "add", "--email", "nora@example.com", "--name", "Nora", "--role", "lead", "--team", "North",
           "--password-file", k.file("kontor test password\n"))
    nora = k.admin.get('/api/v1/users?filter=email = "nora@example.com"').json["items"][0]["id"]
    made = {}
    for name, owner in (("Open", nora), ('Sons; "and" Co', nora), ("Secret Ltd", None)):
        body = {"name": name, **({"owner": owner, "team": {"name": "North"}} if owner else {})}
        answer = k.admin.post("/api/v1/companies", body)
        assert answer.status == 201, answer
        made[name] = answer.json["id"]
    for text, names in (("mixed", list(made)), ("unseen", ["Secret Ltd"]), ("none", [])):
        links = [{"entity": "company", "id": made[n]} for n in names]
        answer = k.admin.post("/api/v1/notes", {"text": text, "owner": nora, "team": {"name": "North"}, "links": links})
        assert answer.status == 201, answer
    contact = k.admin.get('/api/v1/contacts?filter=last_name = "Lund"').json["items"][0]["id"]
    k.admin.post("/api/v1/notes", {"text": "contact", "links": [{"entity": "contact", "id": contact}]})
    seen = rows(k.must("export", "note", "--fields", "text,links", "--as", "nora@example.com"))
    equal("export__records_by_kind_and_title_if_seen", ['company: Open; company: "Sons; ""and"" Co"'],
          [r["links"] for r in seen if r["text"] == "mixed"])
    everything = k.must("export", "note", "--fields", "text,links")
    check("export__records_hide_what_is_hidden", "Secret" not in repr(seen) and str(made["Secret Ltd"]) not in repr(seen) and
          "Secret" in everything, repr(seen))
    lines = [json.loads(line) for line in k.must("export", "note", "--format", "ndjson", "--as", "nora@example.com").splitlines()]
    mixed = [r["links"] for r in lines if r["text"] == "mixed"][0]
    equal("export__records_as_ndjson", [{"id": made["Open"], "title": "Open", "entity": "company"}, {"hidden": True}],
          [mixed[0], mixed[2]])
    with Kontor(conf={"fields.yaml": FIELDS}, start=False) as other:
        for entity in ("team", "company", "contact"):
            other.must("import", entity, other.file(k.must("export", entity, "--fields", {
                "team": "name", "company": "name", "contact": "first_name,last_name"}[entity]), entity + ".csv"))
        result = other.run("import", "note", other.file(everything, "notes.csv"))
        equal("export__records_go_in_again", (0, ""), (result.returncode, result.stderr if result.returncode else ""))
        equal("export__records_come_out_the_same", everything, other.must("export", "note", "--fields", "text,links"))
        result = other.run("import", "note", other.file("text,links\na,company: Nobody\nb,ship: Open\nc,open: ;company: Open\n", "bad.csv"))
        equal("export__records_that_are_not_there_are_refused", 3, result.returncode)


with test("export__run"), Kontor(conf={"fields.yaml": FIELDS}) as k:
    with test("export__fill"):
        fill(k)
    for part in (check_round_trip, check_formats, check_apostrophes, check_guard, check_guard_of_all_kinds, check_mark, check_records, check_rights):
        with test("export__%s" % part.__name__):
            part(k)
finish()
