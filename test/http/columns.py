#!/usr/bin/python3
"""Fields of linked records in a list: printed with the link, sorted by, with the reader's own rights."""
from kontor import Kontor, check, equal, finish

RIGHTS = "{see: all, create: all, edit: all, delete: own, export: all}"
CONF = {"roles.yaml": """
clerk:
  label: Clerk
  entities: {"*": %s}
  fields:
    company: {revenue: {see: false}}
narrow:
  label: Narrow
  entities: {"*": %s, company: {see: own, create: all, edit: own, delete: own, export: own}}
""" % (RIGHTS, RIGHTS)}


def make(k, plural, **values):
    answer = k.admin.post("/api/v1/" + plural, values)
    assert answer.status == 201, answer
    return answer.json["id"]


def fill(k):
    group = make(k, "companies", name="Group", city="Berlin")
    for n, city in enumerate(["Zeulen", "aachen", "Äppel", None, "Bonn"]):
        company = make(k, "companies", name="Firm %d" % n, city=city, parent=group, revenue="100.50")
        make(k, "contacts", first_name="P", last_name=str(n), company=company)
    make(k, "contacts", first_name="P", last_name="alone")


def listed(caller, query):
    return caller.get("/api/v1/contacts?" + query)


def reading(k):
    items = listed(k.admin, "fields=company.city,company.parent.city,company.revenue,company.owner&sort=title").json["items"]
    first = items[0]["company"]
    equal("column__of_a_linked_record", ("Zeulen", "Berlin", {"value": "100.50", "currency": "EUR"}),
          (first["record"]["city"], first["record"]["parent"]["record"]["city"], first["record"]["revenue"]))
    equal("column__of_no_link", None, items[-1]["company"])
    one = k.admin.get("/api/v1/contacts/%d?fields=company.city" % items[0]["id"]).json
    equal("column__of_one_record", "Zeulen", one["company"]["record"]["city"])
    for names in ("company.nope", "first_name.city", "nope.city", "company.parent.parent.parent.parent.city", "company.", "emails.value", "."):
        answer = listed(k.admin, "fields=" + names)
        equal("column__refused_" + names, (400, "fields"), (answer.status, answer.json["error"]["fields"][0]["where"]))


def order(k):
    def cities(caller, sort):
        return [i["title"][2:] for i in listed(caller, "fields=title&sort=" + sort).json["items"]]
    equal("column__sorted_by", ["1", "2", "4", "0", "3", "alone"], cities(k.admin, "company.city,title"))
    equal("column__sorted_down", ["0", "4", "2", "1", "3", "alone"], cities(k.admin, "-company.city,title"))
    equal("column__sorted_by_a_link", ["0", "1", "2", "3", "4", "alone"], cities(k.admin, "company.parent,title"))
    pages, cursor = [], ""
    for _ in range(9):
        answer = listed(k.admin, "limit=1&fields=title&sort=company.city,-title&cursor=" + cursor).json
        pages += [i["title"][2:] for i in answer["items"]]
        cursor = answer["next"]
        if not cursor:
            break
    equal("column__sorted_over_pages", cities(k.admin, "company.city,-title"), pages)
    for sort in ("company.emails", "company.nope", "nope.city", "company.city.x", "company.city = 1", "count(company.deals)", "company."):
        answer = listed(k.admin, "sort=" + sort.replace(" ", "%20").replace("=", "%3D"))
        equal("column__not_sorted_by_" + sort, (400, "sort"), (answer.status, answer.json["error"]["fields"][0]["where"]))
    equal("column__five_sorts", 400, listed(k.admin, "sort=title,city,id,company.city,created_at").status)


def rights(k):
    clerk = k.add_user("clerk@example.com", role="clerk")
    equal("column__hidden", 400, listed(clerk, "fields=company.revenue").status)
    equal("column__hidden_order", 400, listed(clerk, "sort=company.revenue").status)
    narrow = k.add_user("narrow@example.com", role="narrow")
    items = listed(narrow, "fields=company.city&sort=company.city").json["items"]
    check("column__of_an_unseen_record", all(i["company"] in (None, {"hidden": True}) for i in items), items)
    equal("column__order_of_unseen_records", [i["id"] for i in listed(narrow, "fields=title&sort=id").json["items"]],
          sorted(i["id"] for i in items))


with Kontor(CONF) as k:
    fill(k)
    reading(k)
    order(k)
    rights(k)
finish()
