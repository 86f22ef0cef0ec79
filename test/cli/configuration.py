#!/usr/bin/python3
"""kontor check, plan, apply and the reload by SIGHUP: what a change of the files does, and what it must not do silently."""
import json
import pathlib
import re
import signal
import subprocess
import tempfile
import time

from kontor import ADMIN, SOURCE, Kontor, check, contains, equal, finish, program, test


ROLES = """clerk:
  label: Clerk
  entities:
    "*": {see: all}
"""
HOLIDAYS = SOURCE / "test" / "config" / "good" / "calendar" / "holidays" / "region.ics"
MAPPING = """import: company
header: [Firma]
columns: {Firma: name}
"""


def until(what, seconds=5):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.05)
    return False


def with_line(text, key, value):
    """kontor.yaml with another value of one key; its line number."""
    lines = text.split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith(key + ":"))
    lines[at] = "%s: %s" % (key, value)
    return "\n".join(lines), at + 1


def examples():
    """Every example passes as it stands, and what they show off holds."""
    for folder in sorted(p for p in (SOURCE / "conf/examples").iterdir() if p.is_dir()):
        with Kontor(conf=folder, start=False) as k:
            said = k.run("check")
            check("examples__%s_has_no_problems" % folder.name.replace("-", "_"), said.returncode == 0 and said.stdout.rstrip().endswith("no problems."), said)
    with Kontor(conf=SOURCE / "conf/examples/shipyard") as k:
        with test("examples__a_stage_wants_activities"):
            deal = k.admin.post("/api/v1/deals", {"name": "Tug", "pipeline": "newbuilding", "stage": "design", "amount": "9000000"}).json["id"]
            about = {"links": [deal]}
            moved = lambda: k.admin.patch("/api/v1/deals/%d" % deal, {"stage": "contract"})
            assert moved().status == 422, moved()
            k.admin.post("/api/v1/activities", {"kind": "meeting", "subject": "Yard", "done_at": "2026-01-05T10:00:00Z", **about})
            assert moved().status == 422, moved()
            k.admin.post("/api/v1/activities", {"kind": "call", "subject": "Ask", **about})
            assert moved().status == 200, moved()


def refusals(k):
    """What the stored data refuses is said at its place in the files, by plan and by apply."""
    field = "company:\n  fields:\n    region: %s\n"
    k.write_conf({"fields.yaml": field % "{type: text}"})
    k.must("apply")
    k.must("import", "company", k.file("name,region\nNorth,Baltic\nSouth,Baltic\n"))
    for name, definition, said in (
            ("type", "{type: integer}", "Field region of company changes from text to integer"),
            ("double", "{type: text, unique: true}", "Field region of company cannot become unique: 1 value occurs")):
        k.write_conf({"fields.yaml": field % definition})
        plan, applied = k.run("plan"), k.run("apply")
        check("plan__says_where_a_%s_is_refused" % name,
              plan.returncode == 1 and "refused: fields.yaml:3:5: " + said in plan.stdout, plan)
        check("apply__says_where_a_%s_is_refused" % name,
              applied.returncode == 1 and "fields.yaml:3:5: " + said in applied.stdout, applied)
    (k.conf / "fields.yaml").unlink()
    k.must("apply", "--yes")


def currency(k):
    settings = k.conf / "kontor.yaml"
    euro = settings.read_text()
    for code, amount in (("USD", "12.50"), ("JPY", "12")):
        company = k.admin.post("/api/v1/companies", {"name": "Nordwind"}).json["id"]
        dollar, line = with_line(euro, "currency", code)
        with test("currency__changes_to_%s_while_there_are_no_amounts" % code):
            settings.write_text(dollar)
            plan = k.must("plan")
            assert "kontor.yaml:%d:11: The currency changes from EUR to %s" % (line, code) in plan, plan
            k.must("apply")
            made = k.admin.post("/api/v1/products", {"name": "Bolt", "price": amount})
            assert made.status == 201 and made.json["price"] == {"value": amount, "currency": code}, made
            assert k.admin.get("/api/v1/companies/%d" % company).json["open_value"]["currency"] == code
            assert k.must("plan") == "Nothing changes.\n"
        settings.write_text(euro)
        plan = k.run("plan")
        check("currency__of_stored_amounts_is_refused_by_plan_%s" % code,
              plan.returncode == 1 and "kontor.yaml:%d:11: The currency cannot change from %s to EUR: 1 record holds" %
              (line, code) in plan.stdout, plan)
        applied = k.run("apply", "--yes")
        equal("currency__of_stored_amounts_is_refused_by_apply_%s" % code, 1, applied.returncode)
        answer = k.admin.post("/api/v1/config/apply", {"yes": True})
        check("currency__of_stored_amounts_is_refused_by_the_api_%s" % code,
              answer.status == 422 and answer.json["error"]["fields"][0]["where"] == "kontor.yaml:%d:11" % line, answer)
        with test("currency__of_stored_amounts_is_refused_by_reload_%s" % code):
            k.process.send_signal(signal.SIGHUP)
            assert until(lambda: any("kontor.yaml:%d:11" % line in p for p in k.admin.get("/api/v1/status").json["problems"]))
            assert k.admin.get("/api/v1/products/%d" % made.json["id"]).json["price"]["currency"] == code
        with test("currency__of_amounts_in_history_and_trash_is_refused_%s" % code):
            product = "/api/v1/products/%d" % made.json["id"]
            assert k.admin.patch(product, {"price": None}).status == 200
            assert k.run("plan").returncode == 1
            assert k.admin.delete(product).status == 204
            assert k.run("plan").returncode == 1
        k.close()
        k = Kontor()
        settings = k.conf / "kontor.yaml"
    return k


def gone(k):
    settings = k.conf / "kontor.yaml"
    kept = settings.read_text()
    k.write_conf({"roles.yaml": ROLES, "imports/people.yaml": MAPPING})
    k.must("apply")
    with test("gone__kontor_yaml_is_told_and_kept_by_reload"):
        settings.write_text(with_line(kept, "name", "Nordwind")[0])
        k.must("apply")
        settings.unlink()
        k.process.send_signal(signal.SIGHUP)
        assert until(lambda: any("kontor.yaml is gone" in p for p in k.admin.get("/api/v1/status").json["problems"]))
        assert k.admin.get("/api/v1/meta").json["company"]["name"] == "Nordwind"
        plan = k.run("plan")
        assert plan.returncode == 0 and "loses:   kontor.yaml is gone: the company's settings go back" in plan.stdout, plan
        refused = k.run("apply")
        assert refused.returncode == 1 and "--yes" in refused.stderr, refused
        settings.write_text(kept)
        k.must("apply")
    with test("gone__roles_yaml_needs_a_yes_and_a_mapping_does_not"):
        (k.conf / "roles.yaml").unlink()
        (k.conf / "imports/people.yaml").unlink()
        plan = k.must("plan")
        assert "loses:   roles.yaml is gone" in plan and "changes: imports/people.yaml is gone" in plan, plan
        assert k.run("apply").returncode == 1
        k.must("apply", "--yes")
        assert k.must("plan") == "Nothing changes.\n"


def quiet(k):
    """Files that touch no table change what happens: the plan names them when they come, change or go."""
    files = {"rules.yaml": ("- {name: hi, after: lead.created, do: {set: {subject: %s}}}\n", "what is done or refused by itself when records change"),
             "response.yaml": ("lead: {within: [{hours: %s}], tell: [owner]}\n", "when enquiries are to be answered and who is told"),
             "calendar.yaml": ('hours: {mon-fri: "0%s:00-17:00"}\nholidays: [holidays/own.ics]\n', "working hours and holidays"),
             "holidays/own.ics": ("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:%s\nDTSTAMP:20260101T000000Z\nDTSTART;VALUE=DATE:20261224\n"
                                  "SUMMARY:Eve\nEND:VEVENT\nEND:VCALENDAR\n", "which days are holidays")}
    for number, state in ((8, "new"), (9, "another")):
        k.write_conf({name: text % number for name, (text, _) in files.items()})
        equal("quiet__files_that_are_%s_are_told" % state, sorted("changes: %s is %s: %s." % (name, state, what) for name, (_, what) in files.items()),
              sorted(k.must("plan").splitlines()))
        k.must("apply")
    for name in files:
        (k.conf / name).unlink()
    told = k.must("plan")
    equal("quiet__files_that_go_need_a_yes", [True] * 3, ["loses:   %s.yaml is gone" % name in told for name in ("rules", "response", "calendar")])
    equal("quiet__apply_waits_for_it", 1, k.run("apply").returncode)
    k.must("apply", "--yes")


def unread(k):
    k.write_conf({"feilds.yaml": "", "fields.yml": "", "rules.txt": "", "entities/vessel.yml": "", "entities/.vessel.yaml.swp": "",
                  "README.md": "", ".kontor.yaml.swp": "", "kontor.yaml~": "", "kontor.yaml.bak": "", "settings.ini": ""})
    wanted = {"feilds.yaml", "fields.yml", "entities/vessel.yml", "settings.ini"}
    for command in ("check", "plan"):
        r = k.run(command)
        named = {line.split(": ")[1] for line in r.stderr.splitlines() if line.startswith("note: ")}
        equal("unread__files_are_noted_by_" + command, (0, wanted), (r.returncode, named))
        contains("unread__the_nearest_name_is_given_by_" + command, 'feilds.yaml: this file is not read; do you mean "fields.yaml"?',
                 r.stderr)
    noted = json.loads(k.must("check", "--json"))["notes"]
    equal("unread__files_are_noted_in_json", wanted, {note["where"] for note in noted})


def quoted_tags(k):
    """A view that names a tag nobody has made, or that was renamed since, is worth a word."""
    k.write_conf({"views.yaml": 'vips: {entity: contact, filter: \'tags contains "VIP" or company.tags contains "Fair"\'}\n'})
    said = 'note: views.yaml:1:33: there is no tag "%s"'
    r = k.run("plan")
    equal("tags__that_are_not_there_are_noted", (0, [said % "VIP", said % "Fair"]), (r.returncode, r.stderr.splitlines()))
    k.must("import", "contact", k.file("last_name,tags\nA,v i p\nB,Fair\n"))
    equal("tags__that_are_there_are_not", "", k.run("plan").stderr)
    k.must("apply", "--yes")


def targets(k):
    """A target of somebody who is not there is worth a word; it counts for nobody."""
    k.write_conf({"targets.yaml": "a: {person: nobody@example.com, each: month, amount: 1}\nb: {team: North, each: month, count: 2}\n"
                                  "c: {person: %s, each: year, amount: 3}\n" % ADMIN})
    r = k.run("plan")
    equal("targets__of_nobody_are_noted", (0, ['note: targets.yaml:1:13: there is no user "nobody@example.com"', 'note: targets.yaml:2:11: there is no team "North"']),
          (r.returncode, r.stderr.splitlines()))
    k.must("apply", "--yes")
    k.write_conf({"calendar.yaml": 'hours: {mon-fri: "08:00-17:00"}\nteams:\n  Night: {hours: {mon-fri: "22:00-06:00"}}\n',
                  "response.yaml": "lead: {within: [{hours: 2}], tell: [owner, {team: Management}]}\n",
                  "rules.yaml": "- {name: turn, after: lead.created, do: {assign: {round_robin: [{team: Solar}, ann@example.com]}}}\n"})
    r = k.run("plan")
    equal("people__of_rules_answers_and_calendars_who_are_not_there_are_noted",
          (0, ['note: calendar.yaml:3:3: there is no team "Night"', 'note: response.yaml:1:51: there is no team "Management"',
               'note: rules.yaml:1:72: there is no team "Solar"', 'note: rules.yaml:1:80: there is no user "ann@example.com"']),
          (r.returncode, sorted(line for line in r.stderr.splitlines() if "targets" not in line)))
    for name in ("calendar", "response", "rules"):
        (k.conf / (name + ".yaml")).unlink()
    k.write_conf({"pipelines.yaml": "short: {entity: deal, stages: [{id: a}, {id: won}]}\nwhole: {entity: deal, stages: [{id: b}, {id: won}, {id: gone, kind: lost}]}\n",
                  "follow_ups.yaml": "one: {after: call, then: call, in: 1 day}\ntwo: {then: task, subject: Look, in: 1 day}\n"})
    r = k.run("check")
    equal("check__notes_what_was_maybe_forgotten",
          (0, ['pipelines.yaml:1:1: pipeline "short" has no stage with kind: lost; what is not won stays open',
               "follow_ups.yaml:1:6: this follow-up has no subject: whoever takes it writes one"]),
          (r.returncode, [x.removeprefix("note: ") for x in r.stderr.splitlines()]))
    for name in ("pipelines.yaml", "follow_ups.yaml"):
        (k.conf / name).unlink()
    (k.conf / "targets.yaml").unlink()
    equal("targets__that_go_are_a_loss", 1, k.run("apply").returncode)
    k.must("apply", "--yes")


def all_at_once(k):
    """Mistakes of kontor.yaml are told together, those of the model and those of the program's settings."""
    path = k.conf / "kontor.yaml"
    before = path.read_text()
    path.write_text("name: Test\ncurrrency: EUR\ncompany: X\nzone: Europe/Berln\nlog_level: loud\nlisten: 127.0.0.1:99999\n"
                    "threads: 2\n")
    for command in ("check", "plan"):
        told = {line[:line.index(": ")] for line in k.run(command).stderr.splitlines() if line.startswith("kontor.yaml")}
        equal("all_at_once__%s_tells_every_mistake" % command,
              {"kontor.yaml:%s" % at for at in ("2:1", "3:1", "4:7", "5:12", "6:9", "7:10")}, told)
    path.write_text(before + "listen: 127.0.0.1:99999\n")
    for command in ("check", "apply"):
        r = k.run(command)
        check("all_at_once__%s_refuses_what_the_server_would" % command,
              r.returncode == 1 and "kontor.yaml:%d:9: " % (len(before.splitlines()) + 1) in r.stderr, r)
    path.write_text(before)
    k.must("check")


def other_folder(k):
    """A daemon reads its own folder; --conf with another one is refused, not passed over."""
    elsewhere = k.top / "elsewhere"
    elsewhere.mkdir()
    link = k.top / "link"
    link.symlink_to(k.conf)
    (elsewhere / "kontor.yaml").write_text((k.conf / "kontor.yaml").read_text() + "session_idle: 2 hours\n")
    own = k.conf
    for command in ("plan", "apply"):
        for folder, code in ((elsewhere, 1), (k.top / "absent", 1), (link, 0), (own, 0)):
            k.conf = folder
            r = k.run(command)
            equal("other_folder__%s_%s" % (command, folder.name), code, r.returncode)
            if code:
                check("other_folder__%s_%s_is_told" % (command, folder.name), str(own) in r.stderr and not r.stdout, r)
    away = own.rename(str(own) + ".away")
    k.conf = own
    for command in ("plan", "apply"):
        r = k.run(command)
        check("other_folder__its_own_is_gone_says_" + command, r.returncode == 1 and
              r.stderr.startswith("kontor: cannot read %s: No such file" % own), r)
    away.rename(own)
    k.conf = elsewhere
    equal("other_folder__check_reads_what_it_is_told", 0, k.run("check").returncode)
    k.conf = own
    k.stop()
    k.conf = elsewhere
    contains("other_folder__without_a_daemon_it_is_read", "stay as they are", k.must("plan"))
    k.conf = own
    k.start()


def leads(k):
    """The lines of conf/README.md by which leads see all."""
    text = (SOURCE / "conf/README.md").read_text()
    lines = text[text.index("```yaml\nlead:") + 8:].split("```")[0]
    company = k.admin.post("/api/v1/companies", {"name": "Of no team"}).json["id"]
    lead = k.add_user("lead@example.com", role="lead", team="North")
    path = "/api/v1/companies/%d" % company
    equal("leads__see_their_team", 404, lead.get(path).status)
    k.write_conf({"roles.yaml": lines})
    k.must("apply")
    equal("leads__see_all_by_the_lines_of_the_readme", (200, 403), (lead.get(path).status, lead.patch(path, {"city": "Ulm"}).status))


def blocks(text):
    """The YAML of the README that names its files: the line it begins in, and the texts by file."""
    for m in re.finditer(r"^```yaml\n(.*?)^```", text, re.S | re.M):
        parts = re.split(r"^# ([a-z_/]+\.yaml).*\n", m.group(1), flags=re.M)
        if len(parts) > 1:
            yield text.count("\n", 0, m.start()) + 1, dict(zip(parts[1::2], parts[2::2]))


def readme():
    """Every example of the README loads as it is printed; those that say so beside the part of another one."""
    examples = list(blocks((SOURCE / "README.md").read_text()))
    by = {name: text for _, files in reversed(examples) for name, text in files.items()}
    leads_fields = next(files["fields.yaml"] for _, files in examples if files.get("fields.yaml", "").startswith("lead:"))
    beside = {"targets.yaml": {"pipelines.yaml": by["pipelines.yaml"]}, "forms.yaml": {"fields.yaml": leads_fields}}
    company = (SOURCE / "conf" / "kontor.minimal.yaml").read_text()
    check("readme__has_examples", len(examples) >= 9, [list(files) for _, files in examples])
    for line, files in examples:
        with tempfile.TemporaryDirectory() as folder:
            conf = pathlib.Path(folder)
            whole = {"kontor.yaml": company, "holidays/schleswig-holstein.ics": HOLIDAYS.read_text()}
            whole.update(next((beside[f] for f in files if f in beside), {}))
            whole.update(files)
            for name, text in whole.items():
                (conf / name).parent.mkdir(exist_ok=True)
                (conf / name).write_text(text)
            run = subprocess.run([program(), "check", "--conf", folder], capture_output=True, text=True)
            check("readme__line_%d_loads_as_printed" % line, run.returncode == 0, run.stdout + run.stderr)


def first():
    """What a first start says of the files it finds."""
    with Kontor(conf={"fields.yaml": "company:\n  fields:\n    a: {type: txet}\n    b: {type: nubmer}\n"}, init=False) as k:
        told = k.run("init")
        check("first__init_says_all_that_is_wrong", told.returncode == 1 and "txet" in told.stderr and "nubmer" in told.stderr, told.stderr)
        told = k.run("serve", "--listen", "127.0.0.1:0", timeout=60)
        check("first__serve_says_all_that_is_wrong", told.returncode == 1 and "txet" in told.stderr and "nubmer" in told.stderr, told.stderr)


first()
readme()
k = currency(Kontor())
gone(k)
quiet(k)
other_folder(k)
quoted_tags(k)
targets(k)
unread(k)
all_at_once(k)
refusals(k)
leads(k)
k.close()
examples()
finish()
