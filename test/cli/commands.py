#!/usr/bin/python3
"""The command line: help, exit codes, users, tokens, changes and undo, backup and restore, identity."""
import json
import re
import subprocess

from kontor import ADMIN, Kontor, check, equal, finish, test

COMMANDS = ["init", "serve", "check", "plan", "apply", "user", "token", "import", "export", "file", "duplicates", "merge", "changes", "undo", "backup",
            "verify", "restore", "version"]


def helps(k):
    for name in COMMANDS:
        r = k.run(name, "--help")
        check("help__of_%s_has_an_example" % name, r.returncode == 0 and "Example:\n  kontor " + name in r.stdout, r)
    said = [subprocess.run([k.binary, *args], capture_output=True, text=True).stdout for args in
            (("help", "import"), ("import", "--help"), ("help",), ("help", "brew"))]
    check("help__of_a_command_by_its_name", said[0] == said[1] != said[2] == said[3], said)
    for args in ([], ["brew"], ["user"], ["user", "dance"], ["import", "contact"], ["file", "add", "contact"], ["file", "get", "x"], ["file", "put", "1"], ["undo", "x"], ["export"],
                 ["changes", "--colour", "red"], ["changes", "--limit"], ["version", "more"], ["token", "revoke"]):
        r = k.run(*args)
        check("usage__%s_ends_with_2" % "_".join(args), r.returncode == 2 and r.stderr and not r.stdout, r)
    with test("version__names_the_libraries"):
        text = k.must("version", "--libraries")
        for library in ("SQLite", "civetweb", "cJSON", "libyaml", "OpenSSL", "zlib", "utf8proc"):
            assert re.search("^%s [0-9]" % library, text, re.M), text
        assert "libraries" in json.loads(k.must("version", "--libraries", "--json"))


def user_of(k, email):
    return [u for u in map(json.loads, k.must("user", "list", "--json").splitlines()) if u["email"] == email][0]


def people(k):
    with test("user__add_list_disable_password"):
        secret = k.file("a secret of some length\n")
        k.must("user", "add", "--email", "bo@example.com", "--name", "Bo Berg", "--role", "member", "--password-file", secret)
        listed = [json.loads(line) for line in k.must("user", "list", "--json").splitlines()]
        assert {u["email"] for u in listed} == {ADMIN, "bo@example.com"}, listed
        k.must("user", "disable", "--email", "bo@example.com")
        lines = k.must("user", "list").splitlines()
        assert lines[0].split() == ["ID", "E-MAIL", "NAME", "ROLE", "TEAM", "STATE"], lines
        k.must("user", "add", "--email", "nopassword@example.com")
        state = {line.split()[1]: line.split("  ")[-1].strip() for line in k.must("user", "list").splitlines()}
        assert state["nopassword@example.com"] == "no password yet" and "active" in state.values(), state
        assert "no password" not in k.must("user", "list", "--as", ADMIN)
        assert "disabled" in [line for line in k.must("user", "list").splitlines() if "bo@" in line][0]
        k.must("user", "enable", "--email", "bo@example.com")
        assert "disabled" not in [line for line in k.must("user", "list").splitlines() if "bo@" in line][0]
        assert k.run("user", "enable", "--email", "nobody@example.com").returncode == 1
        k.must("user", "password", "--email", ADMIN, "--password-file", secret)
        twice = k.run("user", "add", "--email", "bo@example.com", "--name", "Bo", "--password-file", secret)
        assert twice.returncode == 1 and twice.stderr, twice
        weak = k.run("user", "add", "--email", "cy@example.com", "--password-file", k.file("short\n"))
        assert weak.returncode == 1 and "12" in weak.stderr, weak
        none = k.run("user", "disable", "--email", "nobody@example.com")
        assert none.returncode == 1 and none.stderr, none
    with test("user__set_changes_name_role_and_team"):
        k.must("user", "add", "--email", "di@example.com", "--name", "Di", "--team", "East", "--password-file", secret)
        k.must("user", "set", "--email", "di@example.com", "--role", "lead", "--name", "Di Dorn")
        di = user_of(k, "di@example.com")
        assert (di["name"], di["role"], di["team"]["title"]) == ("Di Dorn", "lead", "East"), di
        told = json.loads(k.must("changes", "--entity", "user", "--id", di["id"], "--limit", "1", "--json").splitlines()[0])
        assert told["reason"].startswith("cli:") and "Role" in told["summary"], told
        k.must("user", "set", "--email", "di@example.com", "--team", "")
        assert user_of(k, "di@example.com")["team"] is None
        for wrong in (["--role", "king"], ["--team", "Nowhere"], ["--email", "nobody@example.com", "--role", "lead"]):
            r = k.run("user", "set", "--email", "di@example.com", *wrong)
            assert r.returncode == 1 and r.stderr, r
        last = k.run("user", "set", "--email", ADMIN, "--role", "member")
        assert last.returncode == 1 and "administrator" in last.stderr, last
        assert k.run("user", "set", "--email", "di@example.com").returncode == 2
        assert k.run("user", "set", "--email", ADMIN, "--role", "reader", "--as", "di@example.com").returncode == 1
    with test("user__add_without_password_prints_a_link"):
        added = k.run("user", "add", "--email", "li@example.com", "--name", "Li")
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/signin\?code=\S+\n", added.stdout), added
        assert "in front" not in added.stderr, added
        settings = (k.conf / "kontor.yaml").read_text()
        for line, wanted in (("hosts: [crm.acme.example]", "http://crm.acme.example:8080/signin?code="),
                             ("listen: 0.0.0.0:8080", "/signin?code=")):
            (k.conf / "kontor.yaml").write_text(settings + "\n" + line + "\n")
            k.must("apply")
            link = k.run("user", "password", "--email", "li@example.com")
            assert link.stdout.startswith(wanted), link
            equal("user__link_lacks_the_address_with_%s" % line.split(":")[0], wanted[0] == "/", "in front of it" in link.stderr)
        (k.conf / "kontor.yaml").write_text(settings)
        k.must("apply")
    with test("token__create_list_revoke"):
        text = k.must("token", "create", "--user", ADMIN, "--scope", "read", "--expires", "30d", "--name", "script")
        assert re.fullmatch(r"kt_\S+\n", text), text
        row = json.loads(k.must("token", "list", "--user", ADMIN, "--json").splitlines()[0])
        assert row["scope"] == "read" and "token" not in row, row
        k.must("token", "revoke", row["id"])
        assert k.must("token", "list", "--user", ADMIN) == ""


def data(k):
    rows = "name,city\nNordwind,Kiel\nSüdwind,Köln\n"
    with test("import_export__round_trip"):
        r = json.loads(k.must("import", "company", k.file(rows, "companies.csv"), "--json"))
        assert r["created"] == 2 and r["rejected"] == 0 and r["rejects_file"] is None and r["change"], r
        out = k.must("export", "company", "--fields", "name,city", "--format", "csv")
        assert "Nordwind" in out and "Köln" in out, out
        lines = k.must("export", "companies", "--filter", 'city = "Kiel"', "--format", "ndjson").splitlines()
        assert len(lines) == 1 and json.loads(lines[0])["name"] == "Nordwind", lines
        k.must("export", "company", "--out", str(k.top / "out.csv"))
        assert (k.top / "out.csv").read_text().count("\n") == 3
        assert k.run("export", "ship").returncode == 1
        wrong = k.run("export", "company", "--filter", "nonsense = 1")
        assert wrong.returncode == 1 and wrong.stderr.startswith("filter: at 1: "), wrong
    with test("import__rejected_rows_go_beside_the_file"):
        r = k.run("import", "company", k.file("name,employees\nGood,5\nBad,many\n", "mixed.csv"), "--json")
        answer = json.loads(r.stdout)
        assert r.returncode == 3 and answer["created"] == 1 and answer["rejected"] == 1, r
        rejects = open(answer["rejects_file"]).read()
        assert "Bad" in rejects and "Good" not in rejects and "employees" in rejects, rejects
    with test("import__dry_run_keeps_nothing"):
        r = json.loads(k.must("import", "company", k.file("name\nGhost\n", "ghost.csv"), "--dry-run", "--json"))
        assert r["created"] == 1, r
        assert "Ghost" not in k.must("export", "company")
    with test("changes__are_listed_and_undone"):
        last = json.loads(k.must("changes", "--json", "--limit", "1"))
        answer = json.loads(k.must("undo", last["id"], "--json"))
        assert answer["undone"] == 1 and answer["kept"] == [], answer
        assert "Good" not in k.must("export", "company", "--fields", "name")
        assert k.run("undo", 999999).returncode == 1
    with test("changes__tell_each_kind_and_count_to_10000"):
        k.must("import", "contact", k.file("last_name,company\n" + "".join("Agent %d,Firm %d\n" % (n, n % 3) for n in range(35)),
                                           "agents.csv"), "--create-links")
        line = k.must("changes", "--limit", "1")
        assert "Contacts: 35, Companies: 3 (import agents.csv)" in line, line
        told = json.loads(k.must("changes", "--limit", "1", "--json"))
        assert told["parts"] == [{"entity": "contact", "count": 35}, {"entity": "company", "count": 3}] and told["count"] == 38, told
        for n, said in ((1500, "Companies: 1500 ("), (10001, "Companies: 10000+ (")):
            k.must("import", "company", k.file("name\n" + "".join("Many %d %d\n" % (n, i) for i in range(n)), "many.csv"))
            assert said in k.must("changes", "--limit", "1"), k.must("changes", "--limit", "1")
            k.must("undo", json.loads(k.must("changes", "--limit", "1", "--json"))["id"])
    with test("changes__without_effect_say_so"):
        same = k.file("name,city\nNordwind,Kiel\n", "same.csv")
        change = json.loads(k.must("import", "company", same, "--match", "name", "--json"))["change"]
        line = k.must("changes", "--limit", "1")
        assert "Nothing was changed (import same.csv)" in line, line
        assert k.must("undo", change) == "There is nothing to take back in change %d.\n" % change
    with test("undo__that_keeps_later_edits_ends_with_3"):
        made = json.loads(k.must("import", "company", k.file("name,city\nNordwind,Ulm\nSüdwind,Ulm\n", "ulm.csv"), "--match", "name",
                                 "--json"))
        k.must("import", "company", k.file("name,city\nNordwind,Bonn\n", "bonn.csv"), "--match", "name")
        r = k.run("undo", made["change"])
        assert r.returncode == 3 and "1 record is as before" in r.stdout, r
        assert re.search(r"^kept: company \d+ Nordwind \(city\), changed since$", r.stdout, re.M), r.stdout


def acting(k):
    with test("as__acts_with_the_rights_of_that_user"):
        k.must("user", "add", "--email", "re@example.com", "--name", "Re", "--role", "reader", "--password-file",
               k.file("a secret of some length\n"))
        r = k.run("import", "company", k.file("name\nNo\n", "no.csv"), "--as", "re@example.com")
        assert r.returncode == 1 and r.stderr, r
        assert k.run("user", "list", "--as", "nobody@example.com").returncode == 1
        for who in ("re@example.com", ADMIN):
            r = k.run("backup", str(k.top / "x.backup"), "--as", who)
            assert r.returncode == 1 and "leave out --as" in r.stderr and not list(k.top.glob("x.backup*")), r


def backups(k):
    file = str(k.top / "one.backup")
    with test("backup__is_written_and_verified"):
        assert "sound" in k.must("backup", file)
        assert json.loads(k.must("verify", file, "--json"))["records"] > 0
    with test("verify__finds_one_changed_byte"):
        raw = bytearray(open(file, "rb").read())
        raw[len(raw) // 2] ^= 1
        assert k.run("verify", k.file(bytes(raw), "bad.backup")).returncode == 1
        assert k.run("verify", k.file(bytes(raw[:-100]), "cut.backup")).returncode == 1
        assert k.run("restore", k.file(bytes(raw), "bad.backup")).returncode == 1
    with test("restore__brings_back_what_was"):
        before = k.must("export", "company")
        k.must("import", "company", k.file("name\nToo much\n", "more.csv"))
        assert k.must("export", "company") != before
        k.must("restore", file)
        assert k.must("export", "company") == before
    with test("restore__is_refused_while_the_daemon_runs"):
        k.start()
        r = k.run("restore", file)
        assert r.returncode == 1 and r.stderr, r
        k.must("backup", str(k.top / "two.backup"))
        assert k.admin_status()["last_backup"]["ok"] is True
        k.stop()


with Kontor(start=False) as k:
    k.admin_status = lambda: k.client(ADMIN, "a secret of some length").get("/api/v1/status").json
    helps(k)
    people(k)
    data(k)
    acting(k)
    backups(k)
    with test("init__again_keeps_what_is_there"):
        before = k.must("export", "company")
        k.must("init", "--company", "Quite Another AG")
        assert k.must("export", "company") == before
        assert "Quite Another" not in (k.conf / "kontor.yaml").read_text()
    equal("check__of_a_good_configuration_is_0", 0, k.run("check").returncode)
finish()
