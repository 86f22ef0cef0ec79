#!/usr/bin/python3
"""A hidden field is not read through computed ones: whatever names it, stored or not, through other computed fields, links and
lists, is hidden with it, from every way in, unless the YAML says of the computed field itself who sees it."""
from kontor import Kontor, check, equal, finish

RIGHTS = "{see: all, create: all, edit: all, delete: own, export: all}"
CONF = {"roles.yaml": """
clerk:
  label: Clerk
  entities: {"*": %s}
  fields:
    deal: {amount: {see: false}}
    contact: {vip: {see: false}}
seller:
  label: Seller
  entities: {"*": %s}
  fields:
    deal: {amount: {see: false}}
    company: {open_value: {see: true}}
outsider:
  label: Outsider
  entities: {"*": %s, deal: none}
""" % (RIGHTS, RIGHTS, RIGHTS), "fields.yaml": """
company:
  fields:
    tenth:  {type: money, compute: 'open_value / 10', stored: false}
    best:   {type: money, compute: 'max(deals.half)'}
    told:   {type: money, compute: 'sum(deals.amount)', see: [admin, clerk]}
    orders: {type: integer, compute: 'count(deals)'}
    words:  {type: text, compute: 'city'}
deal:
  sort: -half,name
  fields:
    half:     {type: money, compute: 'amount / 2'}
    quarter:  {type: money, compute: 'half / 2', stored: false}
    relative: {type: money, compute: 'company.open_value', stored: false}
contact:
  fields:
    vip:    {type: bool}
    marked: {type: bool, compute: 'vip', stored: false}
    stored: {type: bool, compute: 'vip', stored: true}
""", "views.yaml": """
large:
  entity: deal
  label: Large ones
  filter: quarter > 100
"""}
ROLES = {"admin": set(),
         "clerk": {"deal.half", "deal.quarter", "deal.relative", "deal.weighted", "deal.amount", "company.tenth", "company.best",
                   "company.open_value", "contact.vip", "contact.marked", "contact.stored"},
         "seller": {"deal.half", "deal.quarter", "deal.weighted", "deal.amount", "company.best", "company.told"},
         "outsider": {"company.tenth", "company.best", "company.open_value", "company.orders", "company.told"}}
COMPUTED = {"company": ["tenth", "best", "told", "orders", "open_value", "words"],
            "deal": ["half", "quarter", "relative", "weighted", "amount"], "contact": ["vip", "marked", "stored"]}
PLURALS = {"company": "companies", "deal": "deals", "contact": "contacts"}
AMOUNT = "98765432"  # so long that neither a trace nor a time holds it, or what is computed of it, by chance
SECRETS = (AMOUNT, "49382716", "24691358", "9876543.2")  # itself, the half, the quarter, the tenth


def make(client, plural, record):
    answer = client.post("/api/v1/" + plural, record)
    assert answer.status == 201, answer
    return answer.json["id"]


def asks(name):
    """Every way to ask a list about a field of it."""
    return ("filter=%s is not empty" % name, "filter=count(notes where %s is not empty) > 0" % name, "sort=-" + name,
            "fields=" + name, "as_of=2099-01-01&sort=" + name)


def check_field(client, role, records, entity, name):
    where = "hidden__%s_%s_%s_" % (role, entity, name)
    hidden = entity + "." + name in ROLES[role]
    path = "/api/v1/" + PLURALS[entity]
    for way, record in (("get", client.get("%s/%d" % (path, records[entity]))),
                        ("as_of", client.get("%s/%d?as_of=2099-01-01" % (path, records[entity]))),
                        ("dry_run", client.patch("%s/%d?dry_run=1" % (path, records[entity]), {})),
                        ("patch", client.patch("%s/%d" % (path, records[entity]), {}))):
        check(where + way, record.status == 200 and (name in record.json) != hidden, record)
    for ask in asks(name):
        answer = client.get(path + "?" + ask)
        equal(where + ask.split(name)[0], 400 if hidden else 200, answer.status)
    equal(where + "export", 400 if hidden else 200, client.get("%s/export?format=csv&fields=name,%s" % (path, name)).status
          if entity != "contact" else client.get("%s/export?format=csv&fields=%s" % (path, name)).status)


def check_meta(client, role):
    """What the API says there is, for forms, lists and programs."""
    meta = client.get("/api/v1/meta").json["entities"]
    told = {"%s.%s" % (e["name"], f["name"]) for e in meta if e["name"] in COMPUTED for f in e["fields"]}
    asked = {"%s.%s" % (entity, name) for entity, names in COMPUTED.items() for name in names if entity in {e["name"] for e in meta}}
    equal("hidden__%s_meta" % role, asked - ROLES[role], asked & told)
    order = [e["sort"] for e in meta if e["name"] == "deal"]
    equal("hidden__%s_meta_order" % role, {"admin": ["-half,name"], "outsider": order}.get(role, ["name"]), order)
    equal("hidden__%s_default_order" % role, 403 if role == "outsider" else 200, client.get("/api/v1/deals").status)
    listed = {"%s.%s" % (e["name"], name) for e in meta for name in e.get("list", [])}
    equal("hidden__%s_meta_lists" % role, set(), listed & ROLES[role])
    document = client.get("/api/v1/openapi.json")
    for name in ("quarter", "tenth", "marked"):
        gone = any(hidden.endswith("." + name) for hidden in ROLES[role]) or (role == "outsider" and name == "quarter")
        check("hidden__%s_openapi_%s" % (role, name), document.status == 200 and (name in document.text) != gone)
    views = [v["label"] for e in meta if e["name"] == "deal" for v in e["views"]]
    equal("hidden__%s_meta_views" % role, role == "admin", "Large ones" in views)


def check_texts(client, role, records, told=False):
    """Timelines, changes, boards, groups and files tell nothing either, of then and of now."""
    texts = []
    for path in ("deals/%d" % records["deal"], "deals/%d/timeline" % records["deal"], "companies/%d" % records["company"],
                 "companies/%d/timeline" % records["company"], "changes?limit=20", "boards/sales", "deals?group=stage",
                 "companies?group=city", "deals/export?format=csv", "companies/export?format=ndjson",
                 "search?q=Oracle", "deals?as_of=2099-01-01"):
        texts.append(client.get("/api/v1/" + path).text)
        check("hidden__%s_%s" % (role, path.split("?")[0]), told or not any(s in texts[-1] for s in SECRETS), texts[-1][:600])
    equal("hidden__%s_is_told" % role, [told] * len(SECRETS), [any(secret in text for text in texts) for secret in SECRETS])


def check_filters_across(client, role):
    """From another entity: through a link, through a list. Of records one sees none of there are none."""
    open_to = {"admin": (0, 1, 2, 3, 4), "clerk": (), "seller": (0,), "outsider": (2, 3, 4)}[role]
    for i, path in enumerate(("contacts?filter=company.tenth > 1", "contacts?filter=company.best > 1",
                              "companies?filter=sum(deals.quarter) > 1", "companies?filter=count(deals where half > 1) > 0",
                              "companies?filter=max(deals.weighted) > 1")):
        answer = client.get("/api/v1/" + path)
        equal("hidden__%s_%s" % (role, path), 200 if i in open_to else 400, answer.status)
        if i in open_to:
            equal("hidden__%s_count_%s" % (role, path), 0 if role == "outsider" else 1, answer.json["count"])


with Kontor(conf=CONF) as k:
    equal("hidden__is_no_problem", 0, k.run("check").returncode)
    company = make(k.admin, "companies", {"name": "Oracle", "city": "Ulm"})
    records = {"company": company, "contact": make(k.admin, "contacts", {"last_name": "Pythia", "company": company, "vip": True})}
    records["deal"] = make(k.admin, "deals", {"name": "Oracle", "company": company, "amount": AMOUNT, "percent": "50"})
    clients = {"admin": k.admin}
    clients.update({role: k.add_user(role + "@hidden.example", role=role) for role in ROLES if role != "admin"})
    for role, client in clients.items():
        for entity, names in COMPUTED.items():
            for name in names if (role, entity) != ("outsider", "deal") else []:
                check_field(client, role, records, entity, name)
        check_meta(client, role)
        check_filters_across(client, role)
    seen = {role: client.get("/api/v1/companies/%d" % company).json for role, client in clients.items()}
    equal("hidden__shown_where_it_says_so", [("seller", AMOUNT + ".00"), ("clerk", AMOUNT + ".00")],
          [(role, seen[role][name]["value"]) for role, name in (("seller", "open_value"), ("clerk", "told"))])
    clients["clerk"].patch("/api/v1/companies/%d" % company, {"city": "Bonn"})
    k.admin.patch("/api/v1/deals/%d" % records["deal"], {"amount": AMOUNT + ".56"})
    stream = clients["outsider"].events()
    k.admin.patch("/api/v1/deals/%d" % records["deal"], {"amount": AMOUNT})
    event = stream.wait_for(lambda e: "company" in e.get("data", ""), 2)
    check("hidden__events_name_no_hidden_field", event is None or "open_value" not in event["data"], event)
    stream.close()
    k.admin.patch("/api/v1/companies/%d" % company, {"name": "Oracle Ltd"})
    check_texts(k.admin, "admin", records, told=True)
    check_texts(clients["outsider"], "outsider", records)
    k.write_conf({"fields.yaml": CONF["fields.yaml"].replace(", see: [admin, clerk]", "")})
    k.must("apply", "--yes")
    check_texts(clients["clerk"], "clerk", records)
finish()
