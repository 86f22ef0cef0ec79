#!/usr/bin/python3
"""A list as a file holds the rows of the list, in its order; what a file has no place for is refused. Flags are 1, true, 0, false."""
import csv
import io
import json
import time
from urllib.parse import quote

from kontor import Kontor, check, equal, finish

LIST, EXPORT = "/api/v1/deals?", "/api/v1/deals/export?"
NAMED = "fields=name,stage&"


def fill(k):
    for name, stage, amount in (("Roof", "won", "5"), ("Attic", "enquiry", "7"), ("Bay", "enquiry", "6"), ("Gone", "won", "8")):
        assert k.admin.post("/api/v1/deals", {"name": name, "stage": stage, "amount": amount}).status == 201
    gone = k.admin.get('/api/v1/deals?filter=name = "Gone"').json["items"][0]["id"]
    k.admin.delete("/api/v1/deals/%d" % gone)
    time.sleep(1.1)
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    time.sleep(1.1)
    roof = k.admin.get('/api/v1/deals?filter=name = "Roof"').json["items"][0]["id"]
    k.admin.patch("/api/v1/deals/%d" % roof, {"name": "Zinc roof", "stage": "enquiry"})
    k.admin.post("/api/v1/deals", {"name": "Young"})
    saved = k.admin.post("/api/v1/views", {"name": "v", "entity": "deal", "filter": 'name contains "a"', "sort": "-name"}).json["id"]
    return now, saved


def of_list(answer):
    return [(r["name"], r["stage"]) for r in answer.json["items"]]


def of_file(answer, kind):
    if kind == "csv":
        return [(r["name"], r["stage"]) for r in csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"), newline=""))]
    return [(r["name"], r["stage"]) for r in map(json.loads, answer.text.splitlines())]


def same_rows(k, now, saved):
    plain = sorted(of_list(k.admin.get(LIST + NAMED)))
    for case in ("sort=name", "sort=-amount", "view=won_deals&sort=name", "view=%d" % saved, "view=%d&sort=name" % saved,
                 "as_of=%s&sort=name" % now, "as_of=%s&view=won_deals&sort=name" % now, "as_of=2020-01-01", "trash=1",
                 "trash=true&sort=name", "trash=0&sort=name", "limit=2&sort=name", "limit=1&sort=-name", 'filter=stage = "enquiry"&sort=name',
                 'filter=stage = "enquiry"&view=%d' % saved, "filter=amount > 5&as_of=%s&sort=amount&limit=2" % now):
        wanted = k.admin.get(LIST + NAMED + case)
        assert wanted.status == 200, wanted
        for where in (LIST, EXPORT):
            for kind in ("csv", "ndjson"):
                answer = k.admin.get(where + NAMED + "format=%s&" % kind + case)
                check("export__%s_of_%s_as_%s" % ("list" if where == LIST else "all", case.replace(" ", "_"), kind),
                      answer.status == 200 and of_file(answer, kind) == of_list(wanted), "%r, wanted %s" % (answer, of_list(wanted)))
    for kind in ("csv", "ndjson"):
        equal("export__without_order_as_%s" % kind, plain, sorted(of_file(k.admin.get(LIST + NAMED + "format=" + kind), kind)))


def refused(k):
    cases = [("view=nope", "view"), ("sort=nope", "sort"), ("as_of=soon", "as_of"), ("limit=0", "limit"), ("limit=x", "limit"),
             ("filter=nope = 1", "filter"), ("fields=nope", "fields"), ("trash=yes", "trash")]
    for case, where in cases:
        for path in (LIST, LIST + "format=csv&", LIST + "format=ndjson&", EXPORT):
            answer = k.admin.get(path + case)
            check("export__refuses_%s_at_%s" % (case, path[13:]), answer.status == 400 and where in answer.text, answer)
    for case in ("cursor=zzz", "group=stage", "expand=company", "exportable=1", "colour=red"):
        for path in (LIST + "format=csv&", LIST + "format=ndjson&", EXPORT):
            answer = k.admin.get(path + case)
            check("export__has_no_place_for_%s_at_%s" % (case, path[13:]), answer.status == 400 and case.split("=")[0] in answer.text, answer)


def confirmed(k):
    """All there is of a kind takes a password given lately, however it is asked for."""
    person = k.client("admin@example.com")
    k.age_sessions(3600)
    for case, status in (("", 403), ("trash=1", 403), ("as_of=2999-01-01", 403), ("view=won_deals", 200), ('filter=name = "x"', 200)):
        equal("export__%s_of_an_old_session" % case, status, person.get(LIST + "format=csv&" + case).status)
    rows = "name\n" + "".join("Many %d\n" % i for i in range(1001))
    k.must("import", "product", k.file(rows, "many.csv"))
    told = {e["name"]: e["can"].get("export_unasked") for e in k.admin.get("/api/v1/meta").json["entities"]}
    equal("export__how_many_rows_of_an_old_session", 1000, told["product"])
    many = "/api/v1/products/export?format=csv&filter=" + quote('name starts with "Many"')
    equal("export__1001_rows_of_an_old_session", 403, person.get(many).status)
    equal("export__1000_rows_of_an_old_session", 200, person.get(many + quote(' and name != "Many 7"')).status)


def flags(k):
    deals, bad = k.admin.get(LIST).json["count"], ("yes", "TRUE", "on", "2", "", "draft ")
    for word in bad:
        answer = k.admin.post("/api/v1/deals?dry_run=" + word, {"name": "Flag"})
        check("flag__dry_run_%s_writes_nothing" % word, answer.status == 400 and "dry_run" in answer.text, answer)
    check("flag__bare_dry_run_writes_nothing", k.admin.post("/api/v1/deals?dry_run", {"name": "Flag"}).status == 400)
    one = k.admin.get(LIST + "limit=1").json["items"][0]["id"]
    check("flag__dry_run_TRUE_deletes_nothing", k.admin.delete("/api/v1/deals/%d?dry_run=TRUE" % one).status == 400)
    for word, status in (("1", 201), ("true", 201), ("draft", 201)):
        answer = k.admin.post("/api/v1/deals?dry_run=" + word, {"name": "Flag"})
        check("flag__dry_run_%s" % word, answer.status == status and answer.json["dry_run"] is True, answer)
    equal("flag__nothing_was_written", deals, k.admin.get(LIST).json["count"])
    for word in ("0", "false"):
        check("flag__dry_run_%s_is_real" % word, k.admin.post("/api/v1/deals?dry_run=" + word, {"name": "Real"}).status == 201)
    for path in ("deals?trash=", "deals?exportable=", "changes?mine=", "deals/%d/timeline?open=" % one, "deals/export?guard="):
        for word in bad:
            answer = k.admin.get("/api/v1/" + path + word)
            check("flag__%s%s" % (path, word), answer.status == 400 and path.split("?")[1][:-1] in answer.text, answer)
        for word in ("1", "true", "0", "false"):
            equal("flag__%s%s" % (path, word), 200, k.admin.get("/api/v1/" + path + word).status)


with Kontor() as k:
    now, saved = fill(k)
    same_rows(k, now, saved)
    refused(k)
    flags(k)
    confirmed(k)
finish()
