#!/usr/bin/python3
"""Who took which records out is noted, with filter and number, and told to administrators."""
import json

from kontor import ADMIN, Kontor, check, contains, equal, finish, test


def noted(k):
    return [(x["by"], x["entity"], x["format"], x["filter"], x["records"]) for x in k.admin.get("/api/v1/exports").json["items"]]


with test("exports__are_noted"), Kontor() as k:
    k.add_user("mo@example.com", name="Mo")
    mo = k.client("mo@example.com")
    for name in ("Acme", "Bolt"):
        k.admin.post("/api/v1/companies", {"name": name})
    equal("exports__nothing_at_first", [], noted(k))
    types = {"csv": "text/csv", "ndjson": "application/x-ndjson", "vcf": "text/vcard",
             "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    for format, kind in types.items():
        answer = mo.get("/api/v1/companies/export?format=%s&filter=name%%20=%%20%%22Acme%%22" % format)
        equal("exports__%s_is_sent" % format, 200, answer.status)
        contains("exports__%s_has_its_type" % format, kind, answer.headers["content-type"])
        contains("exports__%s_has_its_name" % format, "companies.%s" % format, answer.headers["content-disposition"])
    # a member may export his own records only
    equal("exports__each_is_noted", [("Mo", "company", f, 'name = "Acme"', 0) for f in reversed(types)], noted(k))
    equal("exports__only_administrators_read_them", 403, mo.get("/api/v1/exports").status)
    equal("exports__refused_ones_are_none", 400, mo.get("/api/v1/companies/export?format=pdf").status)
    equal("exports__cards_of_deals_are_none", 400, mo.get("/api/v1/deals/export?format=vcf&filter=name%20is%20empty").status)
    equal("exports__no_more_are_noted", 4, len(noted(k)))
    k.must("export", "company", "--format", "ndjson")
    first = noted(k)[0]
    equal("exports__commands_are_noted", ("company", "ndjson", None, 2), first[1:])
    page = k.admin.get("/api/v1/exports?limit=2").json
    equal("exports__come_in_pages", 3, len(k.admin.get("/api/v1/exports?cursor=%d" % page["next"]).json["items"]))
    listed = k.must("exports", "--limit", "2").splitlines()
    check("exports__the_command_lists_them", len(listed) == 2 and "Mo" in listed[1] and "vcf" not in listed[0], listed)
    equal("exports__as_json", "ndjson", json.loads(k.must("exports", "--limit", "1", "--json"))["format"])
    cards = [e["name"] for e in k.admin.get("/api/v1/meta").json["entities"] if e["card"]]
    equal("exports__people_companies_and_leads_have_cards", ["company", "contact", "lead"], sorted(cards))
finish()
