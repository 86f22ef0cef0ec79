#!/usr/bin/python3
"""What the bell tells: imports that lasted or failed, told once, live within a second, to their user alone; seen one by one, by record
or all; switched off by who does not want it; nothing that nobody kept, and nothing of a record he cannot see."""
import contextlib
import time

from kontor import Kontor, check, equal, finish, test

CONF = {"roles.yaml": """
importer:
  label: Importer
  entities:
    "*": {see: all, create: all, edit: all, delete: all, export: all, import: all}
"""}


def until(what, seconds=10):
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.02)
    return what()


def unseen(client):
    return client.get("/api/v1/notifications/count").json["unseen"]


def listed(client, query=""):
    return client.get("/api/v1/notifications" + query).json["items"]


def load(k, client, text, aged=True, **more):
    """Imports companies as a browser does; `aged`: as if it had been begun a minute ago."""
    job = client.post("/api/v1/imports", {"entity": "company", "file_name": "firms.csv", **more}).json["id"]
    if aged:
        k.database("UPDATE job SET created_at = created_at - 60000 WHERE id = ?", job)
    client.request("PUT", "/api/v1/imports/%d/data" % job, text)
    until(lambda: client.get("/api/v1/imports/%d" % job).json["state"] in ("done", "failed"))
    return job


def imports(k, ina, other):
    with test("notifications__begin_empty"):
        assert listed(ina) == [] and unseen(ina) == 0, listed(ina)
        assert ina.get("/api/v1/me").json["unseen"] == 0
    with contextlib.closing(ina.events()) as stream, contextlib.closing(other.events()) as deaf:
        job = load(k, ina, "name\nAlster\nBille\n")
        with test("notifications__tell_live_within_a_second"):
            heard = stream.wait_for(lambda e: e.get("event") == "notification", 1)
            assert heard, "nothing was heard"
        check("notifications__are_told_to_their_user_alone", not deaf.wait_for(lambda e: e.get("event") == "notification", 1.2))
    with test("notifications__tell_of_an_import_that_lasted"):
        n = listed(ina)[0]
        assert n["kind"] == "import" and not n["seen"] and "record" not in n, n
        assert n["about"] == {"job": job, "entity": "company", "file": "firms.csv", "failed": False, "created": 2, "updated": 0,
                              "unchanged": 0, "rejected": 0}, n
        assert unseen(ina) == 1 and unseen(other) == 0 and listed(other) == []
    load(k, ina, "name\nChemnitz\n", aged=False)
    equal("notifications__do_not_tell_of_what_was_waited_for", 1, unseen(ina))
    load(k, ina, "name\nDove\n", dry_run=True)
    equal("notifications__do_not_tell_of_a_dry_run", 1, unseen(ina))


def failing(k, ina, other):
    before = ina.get("/api/v1/companies?limit=1").json["count"]
    job = ina.post("/api/v1/imports", {"entity": "company", "file_name": "torn.csv"}).json["id"]
    with contextlib.closing(ina.events()) as stream:
        ina.request("PUT", "/api/v1/imports/%d/data" % job, "name\n" + "".join("Torn %05d\n" % n for n in range(60000)))
        (k.data / "spool" / ("import-%d.csv" % job)).unlink() # the disk has lost it
        heard = stream.wait_for(lambda e: e.get("event") == "notification", 30)
    with test("notifications__tell_of_an_import_that_failed_however_short"):
        status = ina.get("/api/v1/imports/%d" % job).json
        assert heard and status["state"] == "failed" and status["error"], status
        n = listed(ina)[0]
        assert n["kind"] == "import" and n["about"] == {"job": job, "entity": "company", "file": "torn.csv", "failed": True}, n
        assert ina.get("/api/v1/companies?limit=1").json["count"] == before and listed(other) == []
        assert ina.post("/api/v1/notifications/seen", {"kind": "import", "key": str(job)}).status == 204


def seen(k, ina, other):
    first = listed(ina)[0]
    with test("notifications__of_others_cannot_be_marked"):
        assert other.post("/api/v1/notifications/seen", {"id": first["id"]}).status == 404
        assert unseen(ina) == 1
    with test("notifications__are_marked_as_seen"):
        assert ina.post("/api/v1/notifications/seen", {}).status == 422
        assert ina.post("/api/v1/notifications/seen", {"id": first["id"]}, headers={"X-CSRF-Token": "x"}).status == 403
        assert ina.post("/api/v1/notifications/seen", {"id": first["id"]}).status == 204
        assert unseen(ina) == 0 and listed(ina)[0]["seen"] and listed(ina, "?unseen=1") == []
    job = load(k, ina, "name\nElbe\n")
    with test("notifications__are_marked_by_kind_and_key"):
        assert unseen(ina) == 1
        assert ina.post("/api/v1/notifications/seen", {"kind": "import", "key": str(job)}).status == 204
        assert unseen(ina) == 0
    for name in ("Fulda", "Gera"):
        load(k, ina, "name\n%s\n" % name)
    with test("notifications__are_all_marked_at_once"):
        assert unseen(ina) == 2
        assert ina.post("/api/v1/notifications/seen?dry_run=1", {"all": True}).status == 204 and unseen(ina) == 2
        assert ina.post("/api/v1/notifications/seen", {"all": True}).status == 204 and unseen(ina) == 0
    with test("notifications__come_in_pages"):
        page = ina.get("/api/v1/notifications?limit=3").json
        rest = ina.get("/api/v1/notifications?limit=3&cursor=" + page["next"]).json
        ids = [n["id"] for n in page["items"] + rest["items"]]
        assert len(ids) == 4 and ids == sorted(ids, reverse=True) and rest["next"] is None, (page, rest)
        assert ina.get("/api/v1/notifications?cursor=x").status == 400


def off(k, ina):
    with test("notifications__are_switched_off_by_kind"):
        kinds = [x["id"] for x in ina.get("/api/v1/meta").json["notifications"]]
        assert {"mention", "reminder", "share", "import", "assigned", "late_answer", "rule"} <= set(kinds), kinds
        before = len(listed(ina))
        ina.patch("/api/v1/me", {"prefs": {"notify": {"import": "off"}}})
        load(k, ina, "name\nHavel\n")
        assert len(listed(ina)) == before
        ina.patch("/api/v1/me", {"prefs": {"notify": {"import": "on"}}})
        load(k, ina, "name\nIlm\n")
        assert len(listed(ina)) == before + 1


def old(k, ina):
    k.database("UPDATE notification SET made_at = made_at - 91 * 86400000 WHERE id = (SELECT min(id) FROM notification)")
    before = len(listed(ina))
    k.database("UPDATE timer SET due_at = 1 WHERE kind = 'notifications'")
    k.stop()
    k.start()
    ina = k.client("ina@example.com")
    check("notifications__go_after_90_days", until(lambda: len(listed(ina)) == before - 1), lambda: str(listed(ina)))


def main():
    with Kontor(conf=CONF) as k:
        ina, other = k.add_user("ina@example.com", "importer"), k.add_user("omar@example.com")
        imports(k, ina, other)
        seen(k, ina, other)
        off(k, ina)
        failing(k, ina, other)
        old(k, ina)


main()
finish()
