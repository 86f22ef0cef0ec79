#!/usr/bin/python3
"""The names of columns and indexes: what a field that left still keeps is never written over, and no two fields share an
index. A system whose indexes an earlier version named is brought over by its next start."""
import sqlite3

from kontor import Kontor, equal, finish, test

ENTITY = "entity: %s\nlabel: Thing\nplural: %ss\ntitle: name\nfields:\n  name: {type: text, required: true}\n%s"
FIELDS = {"x": "  x: {type: text}\n", "x index": "  x: {type: text, index: true}\n", "x_k": "  x_k: {type: text}\n",
          "m": "  m: {type: money}\n", "m_cur": "  m_cur: {type: text, index: true}\n", "m_base": "  m_base: {type: integer}\n"}
# first what holds values, then what needs the column, then what holds them again
PAIRS = [
    ("a_key_takes_no_kept_column", ["x", "x_k"], ["x index"], ["x", "x_k"], {"x": "Xval", "x_k": "KEEP ME"}),
    ("a_key_takes_no_column_of_what_leaves_with_it", ["x", "x_k"], None, ["x", "x_k"], {"x": "Xval", "x_k": "KEEP ME"}),
    ("an_amount_takes_no_kept_column", ["m_cur", "m_base"], ["m"], ["m_cur", "m_base"], {"m_cur": "Gold", "m_base": 7}),
    ("a_text_takes_no_column_of_a_kept_amount", ["m"], ["m_cur", "m_base"], ["m"], {"m": "5.00"}),
    ("a_field_takes_no_left_over_key", ["x index"], ["x_k"], ["x index"], {"x": "Xval"}),
]


def conf(fields):
    return {"entities/thing.yaml": ENTITY % ("thing", "thing", "".join(FIELDS[f] for f in fields))}


def values(record, wanted):
    return {f: record[f]["value"] if isinstance(record[f], dict) else record[f] for f in wanted}


def sound(k, name):
    path = str(k.top / name)
    return k.run("backup", path).returncode == 0 and k.run("verify", path).returncode == 0


def kept_columns():
    for name, first, then, again, wanted in PAIRS:
        with test("columns__" + name), Kontor(conf=conf(first)) as k:
            path = "/api/v1/things/%d" % k.admin.post("/api/v1/things", {"name": "N", **wanted}).json["id"]
            if then is not None:
                k.write_conf(conf([]))
                k.must("apply", "--yes")
            k.write_conf(conf(then or ["x index"]))
            plan = k.run("plan")
            assert plan.returncode == 0, plan
            assert then is None or "loses" not in plan.stdout, plan
            k.must("apply", *([] if then else ["--yes"]))
            assert k.must("plan") == "Nothing changes.\n"
            other = k.admin.get(path).json
            assert "x" in wanted or all(not other[f.split()[0]] for f in then), other
            assert sound(k, "then"), "the chain is broken"
            k.admin.post("/api/v1/things", {"name": "Other"})
            k.write_conf(conf(again))
            k.must("apply", "--yes")
            assert values(k.admin.get(path).json, wanted) == wanted, k.admin.get(path)
            assert k.must("plan") == "Nothing changes.\n"
            assert sound(k, "again"), "the chain is broken"
    with test("columns__plan_says_which_kept_column_gives_way"), Kontor(conf=conf(["x", "x_k"]), start=False) as k:
        k.write_conf(conf([]))
        k.must("apply", "--yes")
        k.write_conf(conf(["x index"]))
        assert ("entities/thing.yaml:7:3: Field x of thing needs the column x_k: what is there of the field x_k, which "
                "thing no longer has, is kept under another name; 0 records hold a value.") in k.must("plan")


def back_and_forth():
    """The same column gives way again and again, and finds again what the key was needed for."""
    with test("columns__give_way_as_often_as_it_takes"), Kontor(conf=conf(["x index"])) as k:
        a = k.admin
        path = "/api/v1/things/%d" % a.post("/api/v1/things", {"name": "N", "x": "Xval"}).json["id"]
        for turn in range(3):
            k.write_conf(conf(["x_k"]))
            k.must("apply", "--yes")
            assert a.patch(path, {"x_k": "turn %d" % turn}).status == 200
            k.write_conf(conf(["x index"]))
            k.must("apply", "--yes")
            assert a.get("/api/v1/things?filter=x starts with \"xV\"").json["count"] == 1
        k.write_conf(conf(["x", "x_k"]))
        k.must("apply", "--yes")
        assert values(a.get(path).json, ("x", "x_k")) == {"x": "Xval", "x_k": "turn 2"}, a.get(path)
        assert sound(k, "b")


WORK = ENTITY % ("work", "work", "  order_code: {type: text, unique: true}\n")
ORDER = ENTITY % ("work_order", "work_order", "  code: {type: text, unique: true}\n")
BOTH = {"entities/work.yaml": WORK, "entities/work_order.yaml": ORDER}


def twice(k, plural, field):
    return [k.admin.post("/api/v1/" + plural, {"name": "n", field: "X"}).status for _ in (1, 2)]


def database(k):
    return sqlite3.connect(str(k.data / "kontor.db"), timeout=10, isolation_level=None)


def unique():
    with Kontor(conf={"entities/work.yaml": WORK}) as k:
        k.write_conf(BOTH)
        k.must("apply")
        equal("indexes__of_one_name_are_both_unique", [201, 409] * 2,
              twice(k, "works", "order_code") + twice(k, "work_orders", "code"))
    with test("indexes__of_one_name_come_in_one_apply"), Kontor(conf=BOTH) as k:
        assert twice(k, "works", "order_code") + twice(k, "work_orders", "code") == [201, 409] * 2
    with Kontor(start=False) as k:
        k.write_conf({"fields.yaml": "contact:\n  fields:\n    company_owner: {type: user}\n"})
        equal("indexes__of_one_name_beside_built_in_ones", 0, k.run("apply").returncode)


def as_before(k, left_out=()):
    """The indexes as earlier versions named them; of two of one name there was one."""
    db = database(k)
    for name, sql in db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
                                " AND tbl_name GLOB 'e_*'").fetchall():
        old = name.replace(".", "_")
        db.execute('DROP INDEX "%s"' % name)
        if name not in left_out:
            db.execute(sql.replace('"%s"' % name, '"%s"' % old))
    assert db.execute("SELECT count(*) FROM sqlite_schema WHERE name GLOB '[iu]_*.*'").fetchone() == (0,)
    db.close()


def brought_over():
    with Kontor(conf=BOTH) as k:
        k.stop()
        as_before(k, ["u_work_order.code"])
        with test("indexes__of_an_earlier_version_are_brought_over_by_a_start"):
            k.start()
            assert k.must("plan") == "Nothing changes.\n"
            assert k.admin.get("/api/v1/status").json["problems"] == []
            db = database(k)
            assert db.execute("SELECT count(*) FROM sqlite_schema WHERE name GLOB '[iu]_*' AND name NOT GLOB '*.*'"
                              " AND tbl_name GLOB 'e_*'").fetchone() == (0,)
            db.close()
            assert twice(k, "works", "order_code") + twice(k, "work_orders", "code") == [201, 409] * 2
            assert sound(k, "over")
            applied = len(k.admin.items("/api/v1/changes"))
            k.stop()
            k.start()
            assert len(k.admin.items("/api/v1/changes")) == applied
        with test("indexes__that_values_of_before_contradict_are_told_and_it_serves"):
            k.stop()
            as_before(k, ["u_work_order.code"])
            db = database(k)
            rest = ", ".join('"%s"' % row[1] for row in db.execute("PRAGMA table_info(e_work_order)") if row[1] != "id")
            db.execute("INSERT INTO e_work_order(id, %s) SELECT id + 1000, %s FROM e_work_order" % (rest, rest))
            db.close()
            k.start()
            problems = " ".join(k.admin.get("/api/v1/status").json["problems"])
            assert "Field code of work_order cannot become unique: 1 value occurs more than once." in problems, problems
            assert len(k.admin.get("/api/v1/work_orders").json["items"]) == 2
            plan = k.run("plan")
            assert plan.returncode == 1 and "refused: entities/work_order.yaml:7:3: Field code of work_order" in plan.stdout, plan


if __name__ == "__main__":
    kept_columns()
    back_and_forth()
    unique()
    brought_over()
    finish()
