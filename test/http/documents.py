#!/usr/bin/python3
"""What the API says about itself: the OpenAPI document and /meta, for an administrator and for less."""
import json
import re

from kontor import Kontor, check, finish, test

VESSEL = "entity: vessel\nlabel: Vessel\nplural: vessels\ntitle: name\nfields:\n  name: {type: text, required: true}\n" \
         "  flag: {type: choice, of: [de, dk], default: de}\n  fee: {type: decimal, places: 2, default: 12.5}\n" \
         "  seen: {type: date, default: today()}\n"


def openapi(k):
    document = k.admin.get("/api/v1/openapi.json").json
    text = json.dumps(document)
    with test("openapi__is_version_3_1_and_every_reference_resolves"):
        assert document["openapi"].startswith("3.1")
        for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', text)):
            found = document
            for part in reference.split("/"):
                found = found[part]
    with test("openapi__declares_what_stands_in_each_path"):
        for path, operations in document["paths"].items():
            names = set(re.findall(r"{(\w+)}", path))
            for method, operation in operations.items():
                parameters = operation["parameters"]
                assert {p["name"] for p in parameters if p["in"] == "path"} == names, (method, path)
                assert operation["summary"] and operation["responses"], (method, path)
                assert (method == "get") == ("dry_run" not in {p["name"] for p in parameters}), (method, path)
    with test("openapi__has_the_customers_own_entity"):
        assert "/api/v1/vessels/{id}" in document["paths"] and "vessel" in document["components"]["schemas"]
    with test("openapi__every_path_is_answered"):
        for path, operations in document["paths"].items():
            if "get" in operations and path != "/api/v1/events":
                status = k.admin.get(path.replace("{id}", "999999").replace("{name}", "sales")).status
                assert status in (200, 400, 404), (path, status)


def meta(k):
    answer = k.admin.get("/api/v1/meta")
    with test("meta__is_kept_by_browsers_until_it_changes"):
        assert k.admin.get("/api/v1/meta", headers={"If-None-Match": answer.headers["etag"]}).status == 304
        view = k.admin.post("/api/v1/views", {"name": "Kiel", "entity": "company", "filter": 'city = "Kiel"', "sort": "name",
                                              "columns": ["name", "city"], "mode": "list", "shared": False})
        assert view.status == 201, view
        again = k.admin.get("/api/v1/meta", headers={"If-None-Match": answer.headers["etag"]})
        assert again.status == 200
        company = [e for e in again.json["entities"] if e["name"] == "company"][0]
        own = [v for v in company["views"] if v.get("record") == view.json["id"]][0]
        assert own["id"] == str(view.json["id"]) and own["columns"] == ["name", "city"], own
    with test("meta__names_what_a_client_needs"):
        for entity in answer.json["entities"]:
            for key in ("name", "plural", "label", "label_plural", "icon", "custom", "menu", "title", "can", "fields", "list",
                        "sort", "detail", "quick", "views", "related"):
                assert key in entity, (entity["name"], key)
            names = {f["name"] for f in entity["fields"]}
            assert set(entity["title"]) <= names and set(entity["list"]) <= names, entity["name"]
        assert answer.json["pipelines"][0]["stages"] and answer.json["roles"] and answer.json["company"]["currency"] == "EUR"
        vessel = [e for e in answer.json["entities"] if e["name"] == "vessel"][0]
        assert vessel["custom"] is True
    with test("meta__tells_defaults_that_are_constant"):
        fields = {(e["name"], f["name"]): f for e in answer.json["entities"] for f in e["fields"]}
        assert fields["activity", "kind"]["default"] == "task" and fields["product", "active"]["default"] is True
        assert fields["vessel", "flag"]["default"] == "de" and fields["vessel", "fee"]["default"] == "12.50"
        assert "default" not in fields["vessel", "seen"] and "default" not in fields["company", "name"]
    with test("meta__is_packed_for_those_who_take_it"):
        import gzip
        packed = k.admin.get("/api/v1/meta", headers={"Accept-Encoding": "br, gzip"})
        assert packed.headers.get("content-encoding") == "gzip", packed.headers
        plain = k.admin.get("/api/v1/meta", headers={"Accept-Encoding": "gzip;q=0"})
        assert "content-encoding" not in plain.headers
        assert gzip.decompress(packed.body) == plain.body and len(packed.body) * 4 < len(plain.body)
    with test("meta__tells_a_reader_what_he_may_not"):
        reader = k.add_user("re@example.com", role="reader")
        company = [e for e in reader.get("/api/v1/meta").json["entities"] if e["name"] == "company"][0]
        assert company["can"]["create"] is False and company["can"]["edit"] == "none", company["can"]
        assert all(v.get("label") != "Kiel" for v in company["views"]), "somebody else's view is shown"
    with test("meta__names_problems_to_administrators"):
        assert k.admin.get("/api/v1/meta").json["problems"] == []
        k.write_conf({"fields.yaml": "company:\n  fields:\n    size: {type: choyce}\n"})
        assert any("fields.yaml:3" in p for p in k.admin.get("/api/v1/status").json["problems"])
        assert k.admin.get("/api/v1/meta").json["problems"] == ["config"]
        assert "problems" not in reader.get("/api/v1/meta").json
        (k.conf / "fields.yaml").unlink()
        k.admin.get("/api/v1/config")
        assert k.admin.get("/api/v1/meta").json["problems"] == [] == k.admin.get("/api/v1/status").json["problems"]


with Kontor(conf={"entities/vessel.yaml": VESSEL}) as k:
    openapi(k)
    meta(k)
    check("status__counts_records", k.admin.get("/api/v1/status").json["records"]["view"] == 1)
finish()
