#!/usr/bin/python3
"""What stands beside the API: pages of the UI under every address its router knows and 404 elsewhere, without telling who is not
signed in which kinds of records there are; /metrics for programs on this machine and for administrators."""
import re

from kontor import ADMIN, SOURCE, Client, Kontor, equal, finish, test

# What a proxy adds: who asks is not on this machine.
FORWARDED = {"X-Forwarded-For": "192.0.2.7"}
VESSEL = "entity: vessel\nlabel: Vessel\nplural: vessels\ntitle: name\nfields:\n  name: {type: text}\n"


def pages(k):
    app = (SOURCE / "static/js/app.js").read_text()
    fixed = re.findall(r"\['(/[a-z]+)(/:\w+)?', '", app)
    below = {"": "", "/:id": "/3"}  # what is not an id is a word
    anyone = Client(k.port)
    with test("pages__every_address_of_the_router_is_one"):
        assert len(fixed) >= 6, fixed
        for path in ["/", "/signin?code=1", "/setup?code=1", "/contacts", "/contacts/", "/contacts/17", "/vessels", "/unicorns/3",
                     *(first + below.get(rest, "/x") for first, rest in fixed)]:
            answer = anyone.get(path)
            assert answer.status == 200 and answer.headers["content-type"].startswith("text/html"), (path, answer)
    with test("pages__other_addresses_answer_404_with_the_page_that_says_so"):
        for path in ("/nothing/at/all", "/contacts/17/edit", "/contacts/new", "/wp-admin", "/status", "/Contacts", "/trash/1",
                     "/metrics/x", "/settings/a/b"):
            answer = anyone.get(path)
            assert answer.status == 404 and b'id="app"' in answer.body, (path, answer)
            again = anyone.get(path, headers={"If-None-Match": answer.headers["etag"]})
            assert again.status == 404, (path, again)
    with test("pages__files_that_are_not_there_answer_404"):
        for path in ("/robots.txt", "/s/x/app.js", "/.git/config"):
            assert anyone.get(path).status == 404, path


def figures(text):
    return {line.split()[0]: line.split()[1] for line in text.splitlines() if not line.startswith("#")}


def metrics(k):
    anyone = Client(k.port)
    with test("metrics__are_text_as_prometheus_reads_it"):
        answer = anyone.get("/metrics")
        assert answer.status == 200 and answer.headers["content-type"].startswith("text/plain; version=0.0.4"), answer
        for line in answer.text.splitlines():
            assert re.fullmatch(r"# (HELP|TYPE) kontor_\w+ .+|kontor_\w+(\{version=\"[^\"]+\"\})? \d+", line), line
        before = figures(answer.text)
        assert before["kontor_disk_full"] == "0" and before["kontor_last_backup_timestamp_seconds"] == "0", before
    with test("metrics__count"):
        k.admin.post("/api/v1/companies", {"name": "Counted"})
        k.must("backup", str(k.top / "m.backup"))
        after = figures(anyone.get("/metrics").text)
        for name in ("kontor_writes_total", "kontor_change_sets"):
            assert int(after[name]) > int(before[name]), (name, before, after)
        assert int(after["kontor_last_backup_timestamp_seconds"]) > 1700000000, after
    member = k.add_user("m@example.com")
    for name, client, status in (("anyone", anyone, 401), ("a_member", member, 403), ("an_administrator", k.admin, 200),
                                 ("an_administrators_token", k.token(ADMIN, "read"), 200),
                                 ("a_members_token", k.token("m@example.com", "read"), 403)):
        equal("metrics__from_elsewhere_for_%s" % name, status, client.get("/metrics", headers=FORWARDED).status)
    equal("metrics__cannot_be_written", 405, anyone.post("/metrics", {}).status)


with Kontor(conf={"entities/vessel.yaml": VESSEL}) as k:
    pages(k)
    metrics(k)
finish()
