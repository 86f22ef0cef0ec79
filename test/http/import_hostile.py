#!/usr/bin/python3
"""Imports that want more than they may: facts that the program keeps, contents of other files, mappings that are none, two runs
of one draft."""
import threading
import time

from kontor import PASSWORD, Kontor, check, contains, equal, finish, test

ROLES = """
clerk:
  label: Clerk
  entities:
    "*": {see: own, create: all, edit: own, delete: own, export: own, import: own}
"""


def send(client, entity, text, **more):
    job = client.post("/api/v1/imports", {"entity": entity, "file_name": "x.csv", **more})
    if job.status != 201:
        return job
    return client.request("PUT", "/api/v1/imports/%d/data" % job.json["id"], text.encode(), headers={"Content-Type": "text/csv"})


def wait(client, job):
    for _ in range(400):
        status = client.get("/api/v1/imports/%d" % job).json
        if status["state"] in ("done", "failed", "cancelled"):
            return status
        time.sleep(0.05)
    raise AssertionError(status)


def facts(k, clerk):
    with test("import_hostile__bytes_of_files_are_not_imported"):
        mine = clerk.post("/api/v1/contacts", {"last_name": "Mine"}).json["id"]
        size = (k.data / "kontor.db").stat().st_size
        rows = "name,hash,size,links\nx.txt,../%s/kontor.db,%d,contact: %d\n" % (k.data.name, size, mine)
        for who, client in (("clerk", clerk), ("admin", k.admin)):
            status = wait(client, send(client, "file", rows).json["id"])
            equal("import_hostile__%s_gets_no_file_by_a_hash" % who, (0, 1), (status["created"], status["rejected"]))
            told = send(client, "file", rows, map="import: file\ncolumns: {name: name, hash: hash, size: skip, links: skip}\n")
            equal("import_hostile__%s_cannot_name_it" % who, 422, told.status)
            contains("import_hostile__%s_hears_why" % who, "file.hash is made by the system", told.text)
    with test("import_hostile__facts_are_for_administrators"):
        rows = "name,won_at\nDeal %s,2020-01-02T03:04:05Z\n"
        wait(clerk, send(clerk, "deal", rows % "C").json["id"])
        wait(k.admin, send(k.admin, "deal", rows % "A").json["id"])
        got = {d["name"]: d["won_at"] for d in k.admin.items("/api/v1/deals")}
        equal("import_hostile__a_day_of_winning", (None, "2020-01-02T03:04:05Z"), (got["Deal C"], got["Deal A"]))


def mappings(k):
    begin = "import: contact\ncolumns: {a: last_name, b: skip}\n"
    for i, more in enumerate(("match: [[x]]", "match: [{a: b}]", "match: {a: b}", "set: {a: [b]}", "system: [x]", "decimal: [x]")):
        with test("import_hostile__a_mapping_that_is_none_%d" % i):
            equal("import_hostile__refused_%d" % i, 422, send(k.admin, "contact", "a,b\n1,2\n", map=begin + more + "\n").status)
            kept = k.admin.post("/api/v1/imports/recipes", {"name": "Bad %d" % i, "map": begin + more + "\n", "shared": True})
            equal("import_hostile__not_kept_%d" % i, 422, kept.status)
            equal("import_hostile__alive_%d" % i, 200, k.admin.get("/api/v1/contacts").status)


def twice(k):
    with test("import_hostile__a_draft_runs_once"):
        job = k.admin.post("/api/v1/imports", {"wizard": True, "entity": "contact", "file_name": "x.csv"}).json["id"]
        text = "Last name;E-mail\n" + "".join("Twin%d;\n" % i for i in range(1500))
        k.admin.request("PUT", "/api/v1/imports/%d/data" % job, text.encode(), headers={"Content-Type": "text/csv"})
        answers = []
        clients = [k.client("admin@example.com", PASSWORD) for _ in range(4)]
        runs = [threading.Thread(target=lambda c=c: answers.append(c.post("/api/v1/imports/%d/run" % job, {}).status)) for c in clients]
        for r in runs:
            r.start()
        for r in runs:
            r.join()
        equal("import_hostile__one_run_begins", [200, 409, 409, 409], sorted(answers))
        run = k.admin.get("/api/v1/imports/%d" % job).json["run"]["id"]
        wait(k.admin, run)
        equal("import_hostile__rows_come_once", 1500, k.admin.get('/api/v1/contacts?filter=last_name%20starts%20with%20%22Twin%22').json["count"])


def peak(k):
    """The most memory the server had so far, in MiB."""
    for line in open("/proc/%d/status" % k.process.pid):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) // 1024
    raise AssertionError("no VmHWM")


def swelling(k):
    """Many small parts of one text: what they cost grows with their number, not with its square."""
    cases = (
        ("street", lambda: k.admin.post("/api/v1/contacts", {"last_name": "x", "addresses": [{"street": "a\n" * 20000}]})),
        ("address", lambda: k.admin.post("/api/v1/contacts", {"last_name": "x", "addresses": "a\n" * 20000})),
        ("label", lambda: k.admin.post("/api/v1/contacts", {"last_name": "x", "emails": "a@b.de [" + "x, " * 20000 + "y]"})),
        ("card_name", lambda: send(k.admin, "contact", "BEGIN:VCARD\nVERSION:3.0\nN:Lund;" + "x," * 20000 + "y\nFN:Lund\nEND:VCARD\n")),
        ("card_street", lambda: send(k.admin, "contact", "BEGIN:VCARD\nVERSION:3.0\nN:Lund\nFN:Lund\nADR:;;" + "x\\n" * 20000 + ";;;;\nEND:VCARD\n")),
        ("ldif_notes", lambda: send(k.admin, "contact", "dn: cn=Lund\nsn: Lund\n" + "".join("description: n%d\n" % i for i in range(20000)))),
    )
    for name, ask in cases:
        with test("import_hostile__%s_does_not_swell" % name):
            before = peak(k)
            answer = ask()
            check("import_hostile__%s_is_answered" % name, answer.status in (200, 201, 413, 422), answer)
            more = peak(k) - before
            check("import_hostile__%s_takes_little_memory" % name, more < 150, "%d MiB" % more)


def spool(k):
    return sum(p.stat().st_size for p in (k.data / "spool").glob("*"))


def amplified(k):
    """A small file of many columns takes no more room in the spool than it holds."""
    for name, columns, rows, status in (("too_many_columns", 1500, 60000, 422), ("empty_cells", 900, 60000, 200)):
        with test("import_hostile__%s_take_no_room" % name):
            text = ",".join("c%d" % i for i in range(columns)) + "\n" + "x\n" * rows
            job = k.admin.post("/api/v1/imports", {"wizard": True, "entity": "contact", "file_name": "x.csv"}).json["id"]
            before = spool(k)
            answer = k.admin.request("PUT", "/api/v1/imports/%d/data" % job, text.encode(), headers={"Content-Type": "text/csv"})
            equal("import_hostile__%s" % name, status, answer.status)
            check("import_hostile__%s_in_the_spool" % name, spool(k) - before < 4 << 20, spool(k) - before)


with Kontor(conf={"roles.yaml": ROLES}) as kontor:
    kontor.add_user("clerk@example.com", role="clerk")
    facts(kontor, kontor.client("clerk@example.com"))
    mappings(kontor)
    twice(kontor)
    swelling(kontor)
    amplified(kontor)
finish()
