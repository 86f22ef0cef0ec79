#!/usr/bin/python3
"""Idempotency keys: equal requests at once have one effect and one answer, whatever they do; another body is a clash; the answer
outlives kill -9, also one that hits while requests with keys are on their way and are sent again."""
import json
import threading
import time

from kontor import Client, Kontor, check, equal, finish, test

ROUNDS = 20
AT_ONCE = 20
EACH = 100  # keys of each of 8 callers while the daemon is killed


def together(k, headers, requests):
    """Sends all requests at the same moment, each on a connection of its own; the answers."""
    answers, barrier = [None] * len(requests), threading.Barrier(len(requests))

    def send(n):
        caller = Client(k.port)
        caller.headers = dict(headers)
        method, path, body, more = requests[n]
        barrier.wait()
        answers[n] = caller.request(method, path, body, headers=more)
        caller.close()
    threads = [threading.Thread(target=send, args=(n,)) for n in range(len(requests))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return answers


def newest(k):
    return k.admin.get("/api/v1/changes?limit=1").json["items"][0]["id"]


def sets_since(k, before):
    return [c for c in k.admin.get("/api/v1/changes?limit=200").json["items"] if c["id"] > before]


def races(k):
    """20 equal requests at once, 20 rounds, of every kind that takes a key."""
    base = [k.admin.post("/api/v1/companies", {"name": "Base %d" % n}).json["id"] for n in range(ROUNDS)]
    gone = [k.admin.post("/api/v1/companies", {"name": "Gone %d" % n}).json["id"] for n in range(ROUNDS)]
    for i in gone:
        k.admin.delete("/api/v1/companies/%d" % i)
    changes = [k.admin.patch("/api/v1/companies/%d" % i, {"city": "Kiel"}).headers["x-kontor-change"] for i in base]
    kinds = {
        "create": lambda n: ("/api/v1/contacts", {"last_name": "Race %d" % n, "emails": "race%d@x.example" % n}),
        "bulk": lambda n: ("/api/v1/companies/bulk", {"ids": base, "set": {"industry": "Round %d" % n}}),
        "undo": lambda n: ("/api/v1/changes/%s/undo" % changes[n], {}),
        "restore": lambda n: ("/api/v1/companies/%d/restore" % gone[n], {}),
    }
    for kind, make in kinds.items():
        with test("idempotency__%d_equal_%ss_at_once_have_one_effect_%d_times" % (AT_ONCE, kind, ROUNDS)):
            for n in range(ROUNDS):
                path, body = make(n)
                before = newest(k)
                answers = together(k, k.admin.headers, [("POST", path, body, {"Idempotency-Key": "%s-%d" % (kind, n)})] * AT_ONCE)
                assert len({a.status for a in answers}) == 1 and answers[0].status in (200, 201), [a.status for a in answers]
                shapes = {json.dumps(a.json, sort_keys=True) for a in answers}
                assert len(shapes) == 1, shapes
                assert len({a.headers.get("x-kontor-change") for a in answers}) == 1
                assert len([a for a in answers if a.headers.get("idempotent-replayed") != "true"]) == 1
                assert len(sets_since(k, before)) == 1, (kind, n, sets_since(k, before))
    with test("idempotency__created_exactly_once_each"):
        assert k.admin.get('/api/v1/contacts?filter=last_name starts with "Race"').json["count"] == ROUNDS
    with test("idempotency__mixed_bodies_under_one_key_have_one_effect"):
        for n in range(ROUNDS):
            before = newest(k)
            requests = [("POST", "/api/v1/contacts", {"last_name": "Mixed %d %d" % (n, i % 4)}, {"Idempotency-Key": "mixed-%d" % n})
                        for i in range(AT_ONCE)]
            statuses = [a.status for a in together(k, k.admin.headers, requests)]
            assert statuses.count(201) == AT_ONCE // 4 and statuses.count(409) == AT_ONCE - AT_ONCE // 4, statuses
            assert len(sets_since(k, before)) == 1
    with test("idempotency__without_a_key_all_take_effect"):
        answers = together(k, k.admin.headers, [("POST", "/api/v1/contacts", {"last_name": "Free"}, {})] * AT_ONCE)
        assert len({a.json["id"] for a in answers}) == AT_ONCE


def clashes(k):
    key = {"Idempotency-Key": "clash"}
    first = k.admin.post("/api/v1/contacts", {"last_name": "Clash"}, headers=key)
    with test("idempotency__a_key_is_for_one_request"):
        for path, body in (("/api/v1/contacts", {"last_name": "Other"}), ("/api/v1/contacts", {"last_name": "Clash", "city": "x"}),
                           ("/api/v1/companies", {"name": "Clash"}), ("/api/v1/contacts/bulk", {"ids": [], "set": {}})):
            answer = k.admin.post(path, body, headers=key)
            assert answer.status == 409 and answer.json["error"]["code"], answer
        assert k.admin.post("/api/v1/contacts", {"last_name": "Clash"}, headers=key).json == first.json
    with test("idempotency__keys_have_a_size"):
        for bad in ("", "k" * 201):
            assert k.admin.post("/api/v1/contacts", {"last_name": "K"}, headers={"Idempotency-Key": bad}).status == 400
        assert k.admin.post("/api/v1/contacts", {"last_name": "K"}, headers={"Idempotency-Key": "k" * 200}).status == 201
    with test("idempotency__a_dry_run_uses_no_key"):
        key = {"Idempotency-Key": "dry"}
        assert k.admin.post("/api/v1/contacts?dry_run=1", {"last_name": "Dry"}, headers=key).status == 201
        assert k.admin.post("/api/v1/contacts", {"last_name": "Real"}, headers=key).status == 201


def survives(k):
    """What was answered before kill -9 is answered after it."""
    with test("idempotency__the_answer_outlives_kill_9"):
        requests = [("/api/v1/contacts", {"last_name": "Kept"}), ("/api/v1/companies/bulk", {"filter": 'name starts with "Base"',
                                                                                           "set": {"city": "Bonn"}})]
        first = [k.admin.post(path, body, headers={"Idempotency-Key": "kept-%d" % n}) for n, (path, body) in enumerate(requests)]
        undo = "/api/v1/changes/%d/undo" % first[1].json["change"]
        requests.append((undo, {}))
        first.append(k.admin.post(undo, {}, headers={"Idempotency-Key": "kept-2"}))
        before = newest(k)
        k.kill()
        k.start()
        for n, (path, body) in enumerate(requests):
            again = k.admin.post(path, body, headers={"Idempotency-Key": "kept-%d" % n})
            assert again.status == first[n].status and again.json == first[n].json, (again, first[n])
            assert again.headers["x-kontor-change"] == first[n].headers["x-kontor-change"], (again.headers, first[n].headers)
            assert again.headers.get("etag") == first[n].headers.get("etag"), (again.headers, first[n].headers)
            assert k.admin.post(path, {**body, "more": 1}, headers={"Idempotency-Key": "kept-%d" % n}).status == 409
        assert newest(k) == before


def killed_on_the_way(k):
    """Clients that repeat until they are answered, while the daemon is killed again and again: one record for each key."""
    with test("idempotency__repeats_across_kill_9_have_one_effect"):
        token = k.token().headers
        done, stop = [], threading.Event()

        def work(number):
            for n in range(EACH):
                if stop.is_set():
                    return
                name = "Retry %d %d" % (number, n)
                while not stop.is_set():
                    caller = Client(k.port)
                    caller.headers = dict(token)
                    try:
                        answer = caller.request("POST", "/api/v1/contacts", {"last_name": name},
                                                headers={"Idempotency-Key": name}, timeout=10)
                        if answer.status == 201:
                            done.append((name, answer.json["id"]))
                            break
                    except Exception:  # gone or starting: again with the same key
                        time.sleep(0.02)
                    caller.close()
        threads = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(8)]
        for t in threads:
            t.start()
        kills = 0
        while any(t.is_alive() for t in threads) and kills < 25:
            time.sleep(0.04)
            k.kill()
            k.start()
            kills += 1
        for t in threads:
            t.join(60)
        stop.set()
        assert len(done) == 8 * EACH and len({name for name, _ in done}) == 8 * EACH, len(done)
        rows = k.admin.items('/api/v1/contacts?filter=last_name starts with "Retry"&limit=500&fields=id,last_name')
        assert len(rows) == 8 * EACH, "%d records for %d keys" % (len(rows), 8 * EACH)
        assert {(r["last_name"], r["id"]) for r in rows} == set(done)
        check("idempotency__was_killed_on_the_way", kills >= 3, kills)


with Kontor() as k:
    races(k)
    clashes(k)
    survives(k)
    killed_on_the_way(k)
    backup = str(k.top / "keys.backup")
    equal("idempotency__audit_chain_holds", (0, 0), (k.run("backup", backup).returncode, k.run("verify", backup).returncode))
finish()
