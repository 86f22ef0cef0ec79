#!/usr/bin/python3
"""A new version of the program on a system that an older one made: what its built-in records add is there at once, and
where they clash with what the customer applied, everything still runs and says what to do."""
import pathlib
import re
import socket
import sqlite3

from kontor import Kontor, check, contains, equal, finish, program, test

LINE = b"  description: {type: longtext}\n"
OWN = "product:\n  fields:\n    %s: {type: %s, label: Words}\n"


def older(folder):
    """The program without the field product.description: the line of the embedded file is a comment."""
    binary = pathlib.Path(program()).read_bytes()
    assert binary.count(LINE) == 1, "schema/entities/product.yaml has no line %r" % LINE
    path = folder / "kontor-older"
    path.write_bytes(binary.replace(LINE, b"#" + LINE[1:]))
    path.chmod(0o755)
    return str(path)


class Upgraded(Kontor):
    """Made by the older program, with a product; `renew` puts the present one in its place."""

    def __init__(self, conf=None):
        super().__init__(conf=conf, init=False)
        self.new, self.binary = self.binary, older(self.top)
        self.init()
        self.start()

    def renew(self):
        self.stop()
        self.binary = self.new


def adds():
    with Upgraded() as k:
        product = k.admin.post("/api/v1/products", {"name": "Bolt"}).json
        check("older__does_not_know_the_field", "description" not in product, product)
        k.renew()
        with test("upgrade__that_only_adds_is_there_at_once"):
            k.start()
            path = "/api/v1/products/%d" % product["id"]
            assert k.admin.patch(path, {"description": "Long"}).json["description"] == "Long"
            assert k.admin.get("/api/v1/status").json["problems"] == []
            assert k.must("plan") == "Nothing changes.\n"
        with test("upgrade__back_to_the_older_keeps_what_is_there"):
            k.stop()
            k.binary = older(k.top)
            k.start()
            assert k.admin.get(path).json["description"] == "Long"
            problems = " ".join(k.admin.get("/api/v1/status").json["problems"])
            assert "Field description leaves product: 1 record holds a value" in problems, problems


def clashes():
    with Upgraded(conf={"fields.yaml": OWN % ("description", "longtext")}) as k:
        product = k.admin.post("/api/v1/products", {"name": "Bolt", "description": "Own words"}).json["id"]
        path = "/api/v1/products/%d" % product
        k.renew()
        with test("upgrade__that_clashes_serves_what_was_applied_and_says_where"):
            k.start()
            assert k.admin.get(path).json["description"] == "Own words"
            assert k.admin.patch(path, {"description": "Other words"}).status == 200
            problems = " ".join(k.admin.get("/api/v1/status").json["problems"])
            assert re.search(r"version before: fields\.yaml:3:\d+: .*Change the files in conf, then kontor plan", problems), problems
            assert "fields.yaml:3:" in k.log(), k.log()
            assert k.admin.get("/api/v1/meta").status == 200
        commands = (["export", "product"], ["backup", str(k.top / "one.kontor")], ["user", "list"])
        for running in (True, False):
            where = "beside_the_daemon" if running else "alone"
            if not running:
                k.stop()
            for command in commands:
                r = k.run(*command)
                check("upgrade__that_clashes_leaves_%s_%s" % (command[0], where), r.returncode == 0, r)
            plan = k.run("plan")
            check("upgrade__that_clashes_is_told_by_plan_%s" % where,
                  plan.returncode == 1 and "fields.yaml:3:" in plan.stderr, plan)
            contains("upgrade__that_clashes_is_told_by_check_%s" % where, "fields.yaml:3:", k.run("check").stderr)
        equal("upgrade__its_backup_is_sound", 0, k.run("verify", str(k.top / "one.kontor")).returncode)
        k.write_conf({"fields.yaml": OWN % ("words", "longtext")})
        with test("upgrade__goes_on_with_the_file_corrected"):
            assert k.run("check").returncode == 0
            plan = k.must("plan")
            assert "Field words (longtext) is added to product." in plan, plan
            for command in commands:
                k.must(*command)
            k.must("apply", "--yes")
            k.start()
            assert k.admin.get("/api/v1/status").json["problems"] == []
            got = k.admin.get(path).json
            assert (got["description"], got["words"]) == ("Other words", None), got


def other_type():
    """The customer's field of the name is of another type: it makes room, after a yes."""
    with Upgraded(conf={"fields.yaml": OWN % ("description", "integer")}) as k:
        path = "/api/v1/products/%d" % k.admin.post("/api/v1/products", {"name": "Bolt", "description": 7}).json["id"]
        k.renew()
        k.start()
        with test("upgrade__to_another_type_needs_a_yes"):
            assert k.admin.get(path).json["description"] == 7
            k.write_conf({"fields.yaml": OWN % ("words", "integer")})
            plan = k.must("plan")
            assert ("loses:   Field description (longtext) of this version takes "
                    "the place of yours (integer) in product: 1 record holds a value" in plan), plan
            assert k.run("apply").returncode == 1
            assert k.admin.get(path).json["description"] == 7
        with test("upgrade__to_another_type_makes_room"):
            k.must("apply", "--yes")
            assert k.must("plan") == "Nothing changes.\n"
            got = k.admin.get(path).json
            assert (got["description"], got["words"]) == (None, None), got
            assert k.admin.patch(path, {"description": "Long", "words": 8}).json["description"] == "Long"
            assert k.admin.get("/api/v1/status").json["problems"] == []
            assert k.admin.get(path + "/timeline").status == 200
            db = sqlite3.connect(str(k.data / "kontor.db"), timeout=10)
            name, = db.execute("SELECT \"column\" FROM field WHERE name GLOB 'description~*' AND gone = 1").fetchone()
            assert db.execute('SELECT "%s" FROM e_product' % name).fetchone() == (7,)
            db.close()
            k.must("backup", str(k.top / "aside.kontor"))
            k.must("verify", str(k.top / "aside.kontor"))
    with Upgraded(conf={"fields.yaml": OWN % ("description", "text")}) as k:
        k.admin.post("/api/v1/products", {"name": "Bolt", "description": "short"})
        (k.conf / "fields.yaml").unlink()
        k.must("apply", "--yes")
        k.renew()
        with test("upgrade__to_another_type_than_a_field_that_left_goes_by_itself"):
            k.start()
            assert k.admin.get("/api/v1/status").json["problems"] == []
            assert k.admin.get("/api/v1/products").json["items"][0]["description"] is None
            assert k.must("plan") == "Nothing changes.\n"


def restored():
    """A backup of before, taken back by the new program."""
    with Upgraded(conf={"fields.yaml": OWN % ("description", "longtext")}) as k:
        k.admin.post("/api/v1/products", {"name": "Bolt", "description": "Own words"})
        k.must("backup", str(k.top / "old.kontor"))
        k.renew()
        k.data = k.top / "again"
        with test("upgrade__a_backup_of_before_is_restored_and_runs"):
            k.must("restore", str(k.top / "old.kontor"))
            assert "Own words" in k.must("export", "product")


def earlier():
    """A database that knows no built-in files of before: they are noted at the next start."""
    with Kontor() as k:
        k.stop()
        db = sqlite3.connect(str(k.data / "kontor.db"))
        with db:
            db.execute("DELETE FROM config WHERE name LIKE 'schema/%'")
        k.start()
        with test("upgrade__of_a_database_without_them_notes_the_built_in_files"):
            assert db.execute("SELECT count(*) FROM config WHERE name LIKE 'schema/%'").fetchone()[0] > 5
            assert k.must("plan") == "Nothing changes.\n"
        k.stop()
        with db:
            db.execute("INSERT INTO config(name, text, applied_at) VALUES('fields.yaml', 'company: {fields: {x: {type: old}}}', 1)")
        k.start()
        with test("upgrade__of_applied_files_nobody_reads_any_more_takes_the_corrected_ones"):
            assert k.must("plan") == "Nothing changes.\n"
            assert k.admin.get("/api/v1/status").json["problems"] == []
        db.close()


def sought_anew():
    """Rows of the search are made otherwise in this version: the start takes long where there are many, and says so."""
    with Kontor() as k:
        people = k.file("last_name,city\n" + "".join("Person%04d,Kiel\n" % i for i in range(1200)))
        k.must("import", "contact", str(people))
        company = k.admin.post("/api/v1/companies", {"name": "Nordwind", "phones": ["+49 40 555000"]}).json["id"]
        k.admin.post("/api/v1/notes", {"text": "Spoke of gutters", "links": [company]})
        k.stop()
        db = sqlite3.connect(str(k.data / "kontor.db"))
        with db:
            layouts = db.execute("UPDATE entity SET definition = replace(definition, char(10) || '2 ', char(10) || '1 ')"
                                 " WHERE gone = 0").rowcount
        db.close()
        check("sought__definitions_were_changed", layouts > 5, layouts)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.bind(str(k.top / "notify"))
            s.settimeout(10)
            k.start(env={"NOTIFY_SOCKET": str(k.top / "notify")})
            heard = []
            while not heard or not heard[-1].startswith(b"READY=1"):
                heard.append(s.recv(200))
        check("sought__systemd_is_asked_for_time", heard[0].startswith(b"EXTEND_TIMEOUT_USEC=") and b"STATUS=" in heard[0], heard)
        equal("sought__its_status_is_taken_back", b"READY=1\nSTATUS=", heard[-1])
        contains("sought__is_told", "Search and derived values of Contacts are made anew", k.log())
        ids = lambda q: [hit["title"] for hit in k.admin.get("/api/v1/search?q=" + q).json["items"]]
        for q, wanted in (("person0815", ["Person0815"]), ("erson081", 5), ("555000", ["Nordwind"]), ("gutters", ["Spoke of gutters"])):
            got = ids(q)
            check("sought__finds_%s" % q, got == wanted or wanted == 5 and len(got) >= 5, got)
        k.admin.patch("/api/v1/companies/%d" % company, {"name": "Südwind"})
        equal("sought__and_follows_changes", ([], ["Südwind"]), (ids("nordwind"), ids("suedwind")))


adds()
clashes()
other_type()
restored()
earlier()
sought_anew()
finish()
