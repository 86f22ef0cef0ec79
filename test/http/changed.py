#!/usr/bin/python3
"""What changed in pipelines since a day: new, won, lost, moved, worth more or less, later, sooner, gone; undone steps are none."""
import datetime
import zoneinfo

from kontor import ADMIN, Client, Kontor, equal, finish, test

TODAY = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Berlin")).date()
PIPELINES = """sales:
  entity: deal
  stages: [{id: enquiry, percent: 10}, {id: proposal, percent: 50}, {id: won, kind: won}, {id: lost, kind: lost}]
other:
  entity: deal
  stages: [{id: start}, {id: done, kind: won}]
"""
ROLES = """own:
  label: Own
  entities: {"*": {see: own, create: all, edit: own}}
blind:
  label: Blind
  entities: {"*": {see: all}}
"""
FIELDS = "deal: {fields: {amount: {see: [admin, own]}}}\n"
NAMES = ["Keeps", "Moves", "Wins", "Loses", "Grows", "Shrinks", "Slips", "Hurries", "Goes", "Returns", "Switches", "Undone", "Reopens"]


def ago(days):
    return (TODAY - datetime.timedelta(days=days)).isoformat()


def changed(client, query="", status=200):
    answer = client.get("/api/v1/forecast/changes?since=%s%s" % (ago(5), query))
    assert answer.status == status, answer
    return {kind["id"]: kind for kind in answer.json["kinds"]} if status == 200 else None


def told(kinds):
    """{kind: (sum, names)} of kinds that have any."""
    return {name: (kind["sum"]["value"], sorted(i["title"] for i in kind["items"])) for name, kind in kinds.items() if kind["count"]}


def past(k):
    """Thirteen deals of 100 each, twenty days old; one of them is won, one belongs to max."""
    rows = "".join("%s,100,%s,2030-06-15,%s,%s\n" % (n, "won" if n == "Reopens" else "enquiry", "max@example.com" if n == "Moves" else ADMIN, ago(20))
                   for n in NAMES)
    k.must("import", "deal", k.file("name,amount,stage,close_date,owner,on\n" + rows, "p.csv"), "--at", "on")
    return {d["title"]: d["id"] for d in k.admin.items("/api/v1/deals?fields=title")}


def change(k, ids):
    def patch(deal, **values):
        answer = k.admin.patch("/api/v1/deals/%d" % ids[deal], values)
        assert answer.status == 200, answer
        return answer

    patch("Moves", stage="proposal")
    patch("Wins", stage="won", amount="150")
    patch("Loses", stage="lost", lost_reason="price")
    patch("Grows", amount="300")
    patch("Shrinks", amount="60")
    patch("Slips", close_date="2030-07-01")
    patch("Hurries", close_date="2030-05-01")
    patch("Keeps", name="Keeps a new name")
    patch("Returns", stage="proposal")
    patch("Returns", stage="enquiry")
    patch("Switches", pipeline="other", stage="start")
    patch("Reopens", stage="proposal")
    k.admin.post("/api/v1/changes/%s/undo" % k.admin.patch("/api/v1/deals/%d" % ids["Undone"], {"amount": "999"}).headers["x-kontor-change"])
    k.admin.delete("/api/v1/deals/%d" % ids["Goes"])
    k.admin.post("/api/v1/deals", {"name": "Fresh", "amount": "40", "stage": "proposal"})
    k.admin.post("/api/v1/deals", {"name": "At once", "amount": "7", "stage": "won"})


with Kontor(conf={"pipelines.yaml": PIPELINES, "roles.yaml": ROLES, "fields.yaml": FIELDS}, start=False) as k:
    k.must("user", "add", "--email", "max@example.com", "--role", "own", "--password-file", k.file("kontor test password\n"))
    k.start()
    own, blind = k.client("max@example.com"), k.add_user("bea@example.com", "blind")
    with test("changed__tells_what_differs"):
        ids = past(k)
        equal("changed__nothing_at_first", {}, told(changed(k.admin)))
        change(k, ids)
        equal("changed__by_kind", {
            "new": ("47.00", ["At once", "Fresh"]), "won": ("157.00", ["At once", "Wins"]), "lost": ("100.00", ["Loses"]),
            "moved": ("300.00", ["Moves", "Reopens", "Switches"]), "amount": ("210.00", ["Grows", "Shrinks", "Wins"]),
            "slipped": ("100.00", ["Slips"]), "sooner": ("100.00", ["Hurries"]), "removed": ("100.00", ["Goes"])}, told(changed(k.admin)))
        item = changed(k.admin)["slipped"]["items"][0]
        equal("changed__tells_both_sides", ("2030-06-15", "2030-07-01", "enquiry", "100.00", "admin"),
              (item["close_date_before"], item["close_date"], item["stage_before"], item["amount_before"]["value"], item["owner"]["title"]))
        equal("changed__of_one_pipeline", (["Switches"], []), tuple([i["title"] for i in changed(k.admin, "&pipeline=other")[n]["items"]] for n in ("moved", "new")))
        equal("changed__of_a_filter", {"new": ("7.00", ["At once"]), "won": ("157.00", ["At once", "Wins"]), "amount": ("50.00", ["Wins"])},
              told(changed(k.admin, "&filter=stage.kind = \"won\"")))
        equal("changed__a_filter_of_what_is_gone", {"removed": ("100.00", ["Goes"])}, told(changed(k.admin, "&filter=name = \"Goes\"")))
        few = changed(k.admin, "&limit=1")["moved"]
        equal("changed__counts_more_than_it_tells", (3, 1, "300.00"), (few["count"], len(few["items"]), few["sum"]["value"]))
    with test("changed__as_of_then_is_nothing"):
        equal("changed__up_to_a_past_day", {}, told(changed(k.admin, "&as_of=" + ago(1))))
        everything = k.admin.get("/api/v1/forecast/changes?since=%s&as_of=%s" % (ago(40), ago(10))).json["kinds"]
        equal("changed__all_was_new_once", [("new", 13), ("won", 1)], [(x["id"], x["count"]) for x in everything if x["count"]])
        monday = k.admin.get("/api/v1/forecast/changes").json["since"]
        equal("changed__is_since_monday", (TODAY - datetime.timedelta(days=TODAY.weekday())).isoformat(),
              datetime.datetime.fromisoformat(monday.replace("Z", "+00:00")).astimezone(zoneinfo.ZoneInfo("Europe/Berlin")).date().isoformat())
    with test("changed__keeps_rights"):
        equal("changed__own_ones_only", {"moved": ("100.00", ["Moves"])}, told(changed(own)))
        hidden = changed(blind)
        equal("changed__without_amounts", (3, 0, False), (hidden["moved"]["count"], hidden["amount"]["count"], "sum" in hidden["moved"]))
        equal("changed__is_not_for_everybody", 401, Client(k.port).get("/api/v1/forecast/changes").status)
        for name, query, status in (("an_unknown_pipeline", "pipeline=nope", 404), ("a_wrong_day", "since=monday", 400), ("a_wrong_filter", "filter=x =", 400)):
            equal("changed__refuses_" + name, status, k.admin.get("/api/v1/forecast/changes?" + query).status)
finish()
