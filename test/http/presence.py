#!/usr/bin/python3
"""Who else has a record open and edits it: told at once to those who have it open too and may see it, to nobody else; forgotten
with the page, the stream or the right."""
import json
import time

from kontor import Kontor, finish, test

CONF = {"roles.yaml": """
private:
  label: Private
  entities:
    "*": {see: own, create: all, edit: own, delete: own, export: own, import: none}
"""}


def stream_of(events):
    return json.loads(events.wait_for(lambda e: e.get("event") == "hello")["data"])["stream"]


def told(events, record):
    """What was said last about a record: [(name, edits)], or None."""
    said = [json.loads(e["data"]) for e in list(events.seen) if e.get("event") == "presence"]
    said = [s for s in said if s["id"] == record]
    return sorted((p["title"], p["editing"]) for p in said[-1]["people"]) if said else None


def until(what, wanted, run, seconds=5):
    end = time.monotonic() + seconds
    while (got := run()) != wanted and time.monotonic() < end:
        time.sleep(0.02)
    assert got == wanted, "%s: wanted %r, got %r" % (what, wanted, got)


with Kontor(conf=CONF) as k:
    anna, ben, carl = (k.add_user(n + "@example.com") for n in ("anna", "ben", "carl"))
    otto = k.add_user("otto@example.com", "private")
    one = anna.post("/api/v1/companies", {"name": "Nordwind"}).json["id"]
    two = anna.post("/api/v1/companies", {"name": "Alster"}).json["id"]
    at = {who: who.events() for who in (anna, ben, otto)}
    streams = {who: stream_of(at[who]) for who in at}

    def say(who, record, **more):
        said = {"stream": streams[who], "tab": "t1", **more}
        return who.post("/api/v1/companies/%d/present" % record, said).status

    with test("presence__is_told_to_both"):
        status = [say(anna, one), say(ben, one)]
        assert status == [204, 204], status
        until("anna hears", [("ben", False)], lambda: told(at[anna], one))
        until("ben hears", [("anna", False)], lambda: told(at[ben], one))
    with test("presence__tells_who_edits"):
        say(anna, one, editing=True)
        until("ben hears", [("anna", True)], lambda: told(at[ben], one))
        say(anna, one)
        until("ben hears", [("anna", False)], lambda: told(at[ben], one))
    with test("presence__follows_to_the_next_record"):
        say(anna, two)
        until("ben hears", [], lambda: told(at[ben], one))
        assert told(at[ben], two) is None, "ben has not opened it"
    with test("presence__the_tabs_of_one_browser_are_apart"):
        say(anna, one, tab="t2", editing=True)
        until("ben hears", [("anna", True)], lambda: told(at[ben], one))
        say(anna, two, gone=True)
        time.sleep(0.3)
        until("ben hears", [("anna", True)], lambda: told(at[ben], one))
        say(anna, one, tab="t2", gone=True)
        until("ben hears", [], lambda: told(at[ben], one))
    with test("presence__needs_the_right_to_see"):
        status = say(otto, one)
        assert status == 404, status
        assert told(at[otto], one) is None
    with test("presence__is_not_told_to_who_lost_the_right"):
        at[carl] = carl.events()
        streams[carl] = stream_of(at[carl])
        say(carl, one)
        say(ben, one)
        until("carl hears", [("ben", False)], lambda: told(at[carl], one))
        user = k.admin.get("/api/v1/users?filter=name%20%3D%20%22carl%22").json["items"][0]["id"]
        assert k.admin.patch("/api/v1/users/%d" % user, {"role": "private"}, headers={"If-Match": "*"}).status == 200
        say(ben, one, editing=True)
        time.sleep(0.6)
        assert told(at[carl], one) == [("ben", False)], told(at[carl], one)
    with test("presence__ends_with_the_stream"):
        say(anna, one)
        until("anna hears", True, lambda: ("ben", True) in (told(at[anna], one) or []))
        assert ben.delete("/api/v1/session").status == 204
        until("anna hears", False, lambda: "ben" in [n for n, _ in told(at[anna], one)], 40)
    with test("presence__a_stream_belongs_to_its_user"):
        said = {"stream": streams[anna], "tab": "t1"}
        assert otto.post("/api/v1/companies/%d/present" % one, said).status == 404
        assert k.admin.post("/api/v1/companies/%d/present" % one, said).status == 404
    with test("presence__says_what_is_wrong"):
        for body, where in (({}, "stream"), ({"stream": "x"}, "stream"), ({"stream": 1}, "tab"),
                            ({"stream": 1, "tab": "a b"}, "tab"), ({"stream": 1, "tab": "x" * 33}, "tab")):
            r = anna.post("/api/v1/companies/%d/present" % one, body)
            assert r.status == 422 and r.json["error"]["fields"][0]["where"] == where, (body, r.status, r.json)
    with test("presence__a_dry_run_tells_nobody"):
        r = anna.post("/api/v1/companies/%d/present?dry_run=1" % one, {"stream": streams[anna], "tab": "t9"})
        assert r.status == 204, r.status
finish()
