#!/usr/bin/python3
"""A change that is part of a larger one is not taken back alone; a large undo that was killed says that it goes on; and what
kontor changes tells of who, when and what for."""
import json
import subprocess
import time

from kontor import Kontor, check, contains, equal, finish, program, test

ROWS = 12000
CONF = {"kontor.yaml": "name: Test\ncurrency: EUR\nzone: Asia/Tokyo\npassword_cost: low\n"}


def imported(k, text, name, *args):
    return json.loads(k.must("import", "company", k.file(text, name), "--json", *args))


def parts(k):
    root = imported(k, "name,city\nNord,Kiel\nSüd,Ulm\n", "towns.csv")["change"]
    equal("undo_parts__one_slice_was_made", 1, len(k.admin.get("/api/v1/changes?parent=%d" % root).json["items"]))
    record = k.admin.items("/api/v1/companies")[0]
    part = k.admin.get("/api/v1/changes?entity=company&id=%d" % record["id"]).json["items"][0]
    equal("undo_parts__a_slice_names_its_whole", root, part.get("part_of"))
    told = "Change %d is part of change %d: undo %d." % (part["id"], root, root)
    answer = k.admin.post("/api/v1/changes/%d/undo" % part["id"])
    equal("undo_parts__api_refuses_a_slice", (409, told), (answer.status, answer.json["error"]["text"]))
    refused = k.run("undo", part["id"])
    equal("undo_parts__command_refuses_a_slice", (1, True), (refused.returncode, told in refused.stderr))
    contains("undo_parts__list_of_a_record_tells", "(part of %d)" % root,
             k.must("changes", "--entity", "company", "--id", record["id"]))
    update = imported(k, "name,city\nNord,Bonn\nSüd,Bonn\n", "moved.csv", "--match", "name")["change"]
    path = "/api/v1/companies/%d" % record["id"]
    item = k.admin.get(path + "/timeline").json["items"][0]
    answer = k.admin.post(path + "/restore", {"change": item["change"], "field": "city"})
    equal("undo_parts__value_of_an_import_is_restored", (200, record["city"]), (answer.status, k.admin.get(path).json["city"]))
    answer = k.admin.post("/api/v1/changes/%d/undo" % update)
    equal("undo_parts__whole_goes_back", (200, {"Kiel", "Ulm"}),
          (answer.status, {c["city"] for c in k.admin.items("/api/v1/companies")}))
    return update, answer.json["change"]


def listed(k, update, undo):
    lines = {line.split()[0]: line for line in k.must("changes").splitlines()}
    made, back = lines[str(update)], lines[str(undo)]
    contains("undo_parts__import_by_command_tells_who", " cli:", made)
    contains("undo_parts__import_tells_its_file", "(import moved.csv)", made)
    contains("undo_parts__times_are_in_the_firms_zone", " JST ", made)
    hour = time.strftime("%Y-%m-%d %H", time.gmtime(time.time() + 9 * 3600))
    check("undo_parts__times_are_right", hour in made or time.strftime("%M") == "00", (hour, made))
    contains("undo_parts__undo_tells_of_what", "(undo of %d)" % update, back)
    contains("undo_parts__undone_tells_by_what", "(undone by %d)" % undo, made)
    check("undo_parts__json_keeps_utc", json.loads(k.must("changes", "--limit", "1", "--json"))["at"].endswith("Z"))


def killed(k):
    root = imported(k, "name\n" + "".join("Many %d\n" % i for i in range(ROWS)), "many.csv")["change"]
    asked = subprocess.Popen([program(), "undo", str(root), "--data", str(k.data), "--conf", str(k.conf)],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    begun, end = [], time.monotonic() + 60
    while not begun and time.monotonic() < end:
        begun = [c for c in k.admin.get("/api/v1/changes?limit=5").json["items"] if c.get("undo_of") == root]
    answer = k.admin.post("/api/v1/changes/%d/undo" % root)
    k.kill()
    said = asked.communicate(timeout=60)[1]
    equal("undo_parts__running_undo_is_told", (409, "Change %d is being undone by change %d; wait for its end." % (root, begun[0]["id"])),
          (answer.status, answer.json["error"]["text"]))
    check("undo_parts__killed_undo_tells_that_it_goes_on", asked.returncode == 1 and "goes on at the next start" in said, said)
    k.start()
    end = time.monotonic() + 180  # what is left of it takes as long as the machine lets it
    while k.admin.get("/api/v1/companies?filter=name starts with \"Many\"&limit=1").json["count"] and time.monotonic() < end:
        time.sleep(0.2)
    while time.monotonic() < end:
        text = k.admin.post("/api/v1/changes/%d/undo" % root).json["error"]["text"]
        if "being" not in text:
            break
        time.sleep(0.1)
    equal("undo_parts__finished_undo_is_told", "Change %d is undone already by change %d." % (root, begun[0]["id"]), text)


with test("undo_parts__run"), Kontor(conf=CONF) as k:
    update = undo = 0
    with test("undo_parts__parts"):
        update, undo = parts(k)
    with test("undo_parts__listed"):
        listed(k, update, undo)
    with test("undo_parts__killed"):
        killed(k)
finish()
