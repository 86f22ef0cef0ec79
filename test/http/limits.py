#!/usr/bin/python3
# alone
"""A question that takes too long is cut off: with a clear answer, in about two seconds, and nobody else waits for it."""
import json
import threading
import time

from kontor import Kontor, check, equal, finish, test

TEXT = "The quick brown fox jumps over the lazy dog. " * 2200
NOTES = 600
SLOW = " or ".join('text contains "zq%02d"' % i for i in range(99))


def timed(call):
    began = time.monotonic()
    return call(), time.monotonic() - began


def refused(name, answer, seconds):
    check("limit__%s_is_cut_off" % name, answer.status == 503 and answer.json["error"]["code"] == "busy", answer)
    check("limit__%s_says_why" % name, "takes too long" in answer.text, answer)
    check("limit__%s_ends_soon" % name, seconds < 6, "%.1f s" % seconds)


with Kontor() as k:
    for i in range(NOTES):
        answer = k.admin.post("/api/v1/notes", {"text": "%d %s" % (i, TEXT)}, timeout=60)
        assert answer.status == 201, answer
    refused("a_slow_filter", *timed(lambda: k.admin.get("/api/v1/notes?fields=id&filter=" + SLOW)))
    refused("a_slow_group", *timed(lambda: k.admin.get("/api/v1/notes?group=owner&filter=" + SLOW)))
    refused("a_slow_bulk_preview", *timed(lambda: k.admin.post("/api/v1/notes/bulk?dry_run=1", {"filter": SLOW, "delete": True})))
    with test("limit__the_next_request_works"):
        answer, seconds = timed(lambda: k.admin.get("/api/v1/notes?limit=1&fields=id"))
        assert answer.status == 200 and answer.json["count"] == NOTES and seconds < 1, (answer, seconds)
    with test("limit__slow_questions_do_not_keep_the_others_waiting"):
        callers = [k.client(k.admin.user["email"]) for _ in range(8)]
        answers = []
        threads = [threading.Thread(target=lambda c=c: answers.append(c.get("/api/v1/notes?fields=id&filter=" + SLOW).status))
                   for c in callers]
        for t in threads:
            t.start()
        time.sleep(0.2)
        answer, seconds = timed(lambda: k.admin.post("/api/v1/companies", {"name": "Meanwhile"}))
        assert answer.status == 201 and seconds < 5, (answer, seconds)
        answer, seconds = timed(lambda: k.admin.get("/api/v1/companies"))
        assert answer.status == 200 and answer.json["count"] == 1 and seconds < 10, (answer, seconds)
        for t in threads:
            t.join()
        equal("limit__each_is_cut_off", {503}, set(answers))
FEW = "name: Test\ncurrency: EUR\nzone: Europe/Berlin\npassword_cost: low\nthreads: 8\nconnections_per_address: 8\n"
with Kontor(conf={"kontor.yaml": FEW}) as k:
    with test("limit__more_pages_than_there_is_room_for_are_told_so"):
        pages = [k.admin.events() for _ in range(5)]
        assert [p.status for p in pages] == [200] * 4 + [503], [p.status for p in pages]
        assert "Too many pages" in json.loads(pages[4].answer.read())["error"]["text"]
        for page in pages:
            page.close()
finish()
