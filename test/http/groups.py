#!/usr/bin/python3
"""Groups of a list: by a field or by the month of a date, with counts and sums over the whole filter."""
from kontor import Kontor, check, equal, finish


def deal(k, name, amount, day, stage="enquiry"):
    answer = k.admin.post("/api/v1/deals", {"name": name, "amount": amount, "close_date": day, "pipeline": "sales", "stage": stage})
    assert answer.status == 201, answer


def groups(k, by, more=""):
    answer = k.admin.get("/api/v1/deals?limit=1&fields=title&group=" + by + more)
    assert answer.status == 200, answer
    return {g["value"]: (g["count"], g["sums"]["amount"]) for g in answer.json["groups"]}


with Kontor() as k:
    for n, (amount, day) in enumerate((("100", "2026-01-31"), ("200.50", "2026-02-01"), ("1", "2026-02-28"), ("5", None))):
        deal(k, "D%d" % n, amount, day, "proposal" if n == 1 else "enquiry")
    k.admin.post("/api/v1/deals", {"name": "Dollars", "amount": {"value": "10", "currency": "EUR"}, "close_date": "2025-02-10", "pipeline": "sales"})
    equal("group__by_month", {"2026-01": (1, "100.00"), "2026-02": (2, "201.50"), "2025-02": (1, "10.00"), None: (1, "5.00")}, groups(k, "close_date:month"))
    equal("group__by_month_of_a_filter", {"2026-02": (1, "200.50")}, groups(k, "close_date:month", "&filter=stage%20%3D%20%22proposal%22"))
    equal("group__by_stage", {"enquiry": (4, "116.00"), "proposal": (1, "200.50")}, groups(k, "stage"))
    months = groups(k, "created_at:month")
    check("group__by_month_of_a_moment", list(months.values()) == [(5, "316.50")] and len(list(months)[0]) == 7, months)
    for by in ("name:month", "close_date:year", "close_date:", "nope:month", "amount", ":month"):
        equal("group__refused_" + by, 400, k.admin.get("/api/v1/deals?group=" + by).status)
finish()
