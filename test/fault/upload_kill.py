#!/usr/bin/python3
"""kill -9 while files are sent: whatever was acknowledged is there with its bytes, no record is without them, and half-sent ones leave
no record. What an upload that died left on disk is no file of anybody."""
import contextlib
import hashlib
import http.client
import os
import random
import threading
import time

from kontor import Client, Kontor, check, finish, sanitized, test

CYCLES = 4 if sanitized() else 12
SENDERS = 4


def send_on(client, contact, seed, acked, over):
    """Sends files of many sizes until the server is gone; notes what it acknowledged."""
    dice = random.Random(seed)
    n = 0
    with contextlib.suppress(OSError, http.client.HTTPException):
        while not over.is_set():
            data = dice.randbytes(dice.choice([0, 10, 5000, 70000, 400000]))
            n += 1
            r = client.request("POST", "/api/v1/contacts/%d/files?name=f%d-%d" % (contact, seed, n), data,
                               headers={"Content-Type": "application/octet-stream"})
            if r.status == 201:
                acked.append((r.json["id"], hashlib.sha256(data).hexdigest(), len(data)))


def cycle(k, contact, seed, acked):
    over = threading.Event()
    threads = []
    for i in range(SENDERS):
        client = Client(k.port)
        client.headers = dict(k.admin.headers)
        threads.append(threading.Thread(target=send_on, args=(client, contact, seed * 100 + i, acked, over)))
        threads[-1].start()
    time.sleep(random.Random(seed).uniform(0.1, 0.8))
    k.kill()
    over.set()
    for thread in threads:
        thread.join()
    k.start()
    return k.client("admin@example.com")


def main():
    with Kontor() as k:
        contact = k.admin.post("/api/v1/contacts", {"last_name": "Ahlers"}).json["id"]
        acked = []
        with test("upload_kill__no_record_without_its_bytes"):
            for i in range(CYCLES):
                admin = cycle(k, contact, i, acked)
                rows = admin.items("/api/v1/files?limit=500&fields=id,hash,size")
                known = {r["id"]: (r["hash"], r["size"]) for r in rows}
                for file, digest, size in acked:
                    assert known.get(file) == (digest, size), "acknowledged file %d is %r" % (file, known.get(file))
                for file, (digest, size) in known.items():
                    data = (k.data / "files" / digest[:2] / digest).read_bytes()
                    assert len(data) == size and hashlib.sha256(data).hexdigest() == digest, file
                k._admin = admin
        check("upload_kill__something_was_sent", len(acked) > CYCLES, len(acked))
        with test("upload_kill__a_backup_finds_all"):
            k.must("backup", k.top / "b.kontor")
        left = [p for p in os.listdir(k.data / "files") if p.startswith("upload-")]
        check("upload_kill__halves_have_passing_names", all(p.startswith("upload-") for p in left), left)
    finish()


main()
