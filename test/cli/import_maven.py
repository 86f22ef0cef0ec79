#!/usr/bin/python3
"""The sales data of a hardware seller (public sample data outside the tree) through the example configuration.

Everything that `kontor import` promises, on 8,800 deals: counts and sums equal those computed from the CSV, links by name,
decided values, rejected rows that can be imported again, matching, dry run, undo.
"""
import csv
import json
import collections
from decimal import Decimal

from kontor import SOURCE, Kontor, check, contains, equal, finish, shared, test

FOLDER = "data/crm-csv/maven-crm-sales-opportunities"
EXAMPLE = SOURCE / "conf/examples/hardware-seller"
FILES = [("user", "sales_teams"), ("company", "accounts"), ("product", "products"), ("deal", "sales_pipeline")]
WRONG = "GTXPro"


def rows(folder, name):
    with open(folder / (name + ".csv"), newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def run_import(k, entity, path, *args, code=0):
    """kontor import --json: its answer; the exit code must be `code`."""
    result = k.run("import", entity, path, "--json", *args)
    if result.returncode != code:
        raise AssertionError("exit %d: %s %s" % (result.returncode, result.stdout, result.stderr))
    return json.loads(result.stdout) if result.stdout else None


def exported(k, entity, *args):
    return list(csv.DictReader(k.must("export", entity, *args).splitlines()))




def counts(result):
    return tuple(result[key] for key in ("created", "updated", "unchanged", "rejected"))


def import_all(k, folder):
    """The four files in order; the answer of each."""
    return {entity: run_import(k, entity, folder / (name + ".csv")) for entity, name in FILES}


def check_counts(answers, tag):
    wanted = {"user": 35, "company": 85, "product": 7, "deal": 8800}
    for entity, n in wanted.items():
        equal("import_maven__takes_every_%s_%s" % (entity, tag), (n, 0, 0, 0), counts(answers[entity]))


def totals(lines, key, amount):
    found = collections.defaultdict(lambda: [0, Decimal(0)])
    for line in lines:
        found[key(line)][0] += 1
        found[key(line)][1] += Decimal(amount(line) or 0)
    return {name: tuple(pair) for name, pair in found.items()}


def check_sums(k, deals):
    wanted_stage = totals(deals, lambda d: d["deal_stage"].lower(), lambda d: d["close_value"])
    wanted_agent = totals(deals, lambda d: d["sales_agent"], lambda d: d["close_value"])
    out = exported(k, "deal")
    equal("import_maven__export_sums_by_stage", wanted_stage, totals(out, lambda d: d["stage"], lambda d: d["amount"]))
    equal("import_maven__export_sums_by_agent", wanted_agent, totals(out, lambda d: d["owner"], lambda d: d["amount"]))
    equal("import_maven__deals_without_account", 1425, sum(not d["company"] for d in out))
    equal("import_maven__links_of_products",
          collections.Counter(d["product"].replace(WRONG, "GTX Pro") for d in deals),
          collections.Counter(d["product"] for d in out))
    equal("import_maven__dates", {d["opportunity_id"]: (d["engage_date"], d["close_date"]) for d in deals},
          {d["opportunity_id"]: (d["engage_date"], d["close_date"]) for d in out})
    equal("import_maven__days_of_winning_and_losing",
          {d["opportunity_id"]: (d["deal_stage"], d["close_date"]) for d in deals if d["deal_stage"] in ("Won", "Lost")},
          {d["opportunity_id"]: (d["stage"].capitalize(), (d["won_at"] or d["lost_at"])[:10]) for d in out if d["won_at"] or d["lost_at"]})
    for by, wanted in (("stage", wanted_stage), ("owner", wanted_agent)):
        got = {}
        for group in k.admin.get("/api/v1/deals?group=%s&limit=1" % by).json["groups"]:
            key = group["value"]["title"] if isinstance(group["value"], dict) else group["value"]
            got[key] = (group["count"], Decimal(group["sums"]["amount"]))
        equal("import_maven__api_groups_by_%s" % by, wanted, got)


def check_companies(k, accounts):
    parents = {a["account"]: a["subsidiary_of"] for a in accounts}
    out = exported(k, "company")
    equal("import_maven__parents_also_from_later_rows", parents, {c["name"]: c["parent"] for c in out})
    equal("import_maven__numbers_of_companies",
          {a["account"]: (Decimal(a["revenue"]), a["employees"]) for a in accounts},
          {c["name"]: (Decimal(c["revenue_millions"]), c["employees"]) for c in out})


def check_users(k):
    users = [u for u in exported(k, "user") if u["name"] != "admin"]
    check("import_maven__users_have_no_address", len(users) == 35 and not any(u["email"] for u in users))
    name = users[0]["name"]
    answer = k.client().post("/api/v1/session", {"email": name, "password": ""})
    check("import_maven__users_cannot_sign_in", answer.status in (400, 401, 422), lambda: repr(answer))
    answer = k.client().post("/api/v1/session", {"email": "", "password": "x"})
    check("import_maven__nobody_signs_in_without_address", answer.status in (400, 401, 422), lambda: repr(answer))
    result = k.run("user", "password", "--email", name, "--password-file", k.file("a long password 1\n"))
    equal("import_maven__users_get_no_password", 1, result.returncode)


def check_again(k, folder):
    """The same files once more: every row is matched and nothing changes."""
    before = k.must("export", "deal", "--fields", "id,version,stage,amount")
    for entity, name in FILES:
        answer = run_import(k, entity, folder / (name + ".csv"))
        n = len(rows(folder, name))
        equal("import_maven__again_changes_no_%s" % entity, (0, 0, n, 0), counts(answer))
    equal("import_maven__again_raises_no_version", before, k.must("export", "deal", "--fields", "id,version,stage,amount"))


def check_update_and_undo(k, folder):
    """An import that changes values: undo puts them back."""
    before = k.must("export", "deal")
    changed = rows(folder, "sales_pipeline")[:500]
    for i, row in enumerate(changed):
        row["close_value"] = str(100000 + i)
        row["deal_stage"] = "Won"
    lines = [",".join(changed[0])] + [",".join(row.values()) for row in changed]
    lines.append("NEW00001,Moses Frase,GTX Basic,Cancity,Engaging,2017-12-01,,")
    path = k.file("\n".join(lines) + "\n", "changed.csv")
    refused = run_import(k, "deal", path, "--dry-run", code=3)
    check("import_maven__what_rules_refuse_is_rejected", 0 < refused["rejected"] < 500, repr(refused))
    dry = run_import(k, "deal", path, "--dry-run", "--no-gates")
    equal("import_maven__dry_run_keeps_nothing", before, k.must("export", "deal"))
    answer = run_import(k, "deal", path, "--no-gates")
    equal("import_maven__dry_run_counts_the_same", counts(answer), counts(dry))
    check("import_maven__dry_run_names_no_change", dry["change"] is None, repr(dry))
    equal("import_maven__updates_matched_rows", (1, 500, 0, 0), counts(answer))
    k.must("undo", answer["change"])
    equal("import_maven__undo_takes_values_back", before, k.must("export", "deal"))


def check_undo_all(k, answer):
    k.must("undo", answer["change"])
    equal("import_maven__undo_takes_all_deals_back", [], exported(k, "deal"))


def check_rejects(folder):
    """Without the decision for GTXPro its rows are refused with the suggestion, corrected and imported again."""
    mapping = (EXAMPLE / "imports/sales_pipeline.yaml").read_text()
    line = "      %s: GTX Pro\n" % WRONG
    contains("import_maven__mapping_decides", line, mapping)
    bare = mapping.replace("    values:\n" + line, "")
    with Kontor(conf=EXAMPLE, start=False) as k:
        for entity, name in FILES[:3]:
            run_import(k, entity, folder / (name + ".csv"))
        own = k.file((folder / "sales_pipeline.csv").read_bytes(), "pipeline.csv")
        answer = run_import(k, "deal", own, "--map", k.file(bare, "bare.yaml"), "--create-links", code=3)
        equal("import_maven__rejects_undecided_rows", (8800 - 1480, 0, 0, 1480), counts(answer))
        with open(answer["rejects_file"], newline="") as file:
            rejects = list(csv.DictReader(file))
        equal("import_maven__rejects_file_has_them", 1480, len(rejects))
        check("import_maven__rejects_name_column_and_value",
              all(r["rejected_column"] == "product" and r["rejected_value"] == WRONG for r in rejects))
        check("import_maven__rejects_suggest", all("GTX Pro" in r["rejected_reason"] for r in rejects),
              lambda: rejects[0])
        equal("import_maven__no_near_double_is_made", 7, len(exported(k, "product")))
        answer = run_import(k, "deal", answer["rejects_file"])
        equal("import_maven__rejects_can_be_imported", (1480, 0, 0, 0), counts(answer))
        equal("import_maven__nothing_is_missing_then", 8800, len(exported(k, "deal")))


def check_as(k, folder):
    """--as: with the rights of that user. Members may not import."""
    k.add_user("member@example.com", role="member")
    result = k.run("import", "company", folder / "accounts.csv", "--as", "member@example.com")
    equal("import_maven__member_may_not_import", 1, result.returncode)
    contains("import_maven__member_is_told_why", "may not import", result.stderr)
    answer = run_import(k, "company", folder / "accounts.csv", "--as", "admin@example.com")
    equal("import_maven__admin_may", (0, 0, 85, 0), counts(answer))


folder = shared(FOLDER, "import_maven")
if folder:
    deals = rows(folder, "sales_pipeline")
    with test("import_maven__down"), Kontor(conf=EXAMPLE, start=False) as k:
        answers = import_all(k, folder)
        check_counts(answers, "down")
        check_companies(k, rows(folder, "accounts"))
    with test("import_maven__up"), Kontor(conf=EXAMPLE) as k:
        answers = import_all(k, folder)
        check_counts(answers, "up")
        check_sums(k, deals)
        check_companies(k, rows(folder, "accounts"))
        check_users(k)
        check_again(k, folder)
        check_update_and_undo(k, folder)
        check_as(k, folder)
        check_undo_all(k, answers["deal"])
    with test("import_maven__rejects"):
        check_rejects(folder)
finish()
