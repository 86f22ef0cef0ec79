#!/usr/bin/python3
"""kontor duplicates and kontor merge."""
import json

from kontor import Kontor, check, equal, finish, test


def main():
    with Kontor() as k:
        k.must("import", "contact", k.file("last_name,emails,city\nAbel,a@x.de,Ulm\nAbel,A@x.de,Bonn\nBehn,b@x.de,\n", "c.csv"))
        ids = [r["id"] for r in k.admin.get("/api/v1/contacts?sort=id").json["items"]]
        with test("duplicates__are_told_with_reasons"):
            said = k.must("duplicates", "contact")
            assert "%d Abel | %d Abel" % tuple(ids[:2]) in said and "Same e-mail address: a@x.de" in said, said
            group = json.loads(k.must("duplicates", "contact", "--json"))
            assert group["ids"] == ids[:2] and group["score"] > 80, group
        check("duplicates__of_a_kind_without_is_refused", k.run("duplicates", "deal").returncode == 1)
        with test("merge__dry_run_keeps_nothing"):
            said = k.must("merge", "contact", ids[0], ids[1], "--take", "city=%d" % ids[1], "--dry-run")
            assert "would be" in said and "dropped: city Ulm (of %d)" % ids[0] in said, said
            assert len(k.admin.get("/api/v1/contacts").json["items"]) == 3
        with test("merge__is_done_and_undone"):
            done = json.loads(k.must("merge", "contact", ids[0], ids[1], "--take", "city=%d" % ids[1], "--json"))
            assert done["id"] == ids[0] and k.admin.get("/api/v1/contacts/%d" % ids[1]).json["city"] == "Bonn", done
            k.must("undo", done["change"])
            equal("merge__comes_apart", "Ulm", k.admin.get("/api/v1/contacts/%d" % ids[0]).json["city"])
        check("merge__names_are_no_ids", k.run("merge", "contact", "Abel", ids[1]).returncode == 2)
        check("merge__refuses_what_is_not_there", k.run("merge", "contact", ids[0], 999).returncode == 1)
    finish()


main()
