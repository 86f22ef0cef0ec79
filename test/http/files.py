#!/usr/bin/python3
"""Files of records: taken in as forms and as plain bytes, stored once, given out with ranges and in a sandbox, by the
rights of the records they belong to."""
import hashlib
import socket
import urllib.parse

from kontor import Client, Kontor, check, contains, equal, finish, test

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
PDF = b"%PDF-1.4\n%%EOF\n"
CONF = {"fields.yaml": "deal:\n  fields:\n    contract: {type: file, label: Contract}\n"}


def form(files, boundary="XX"):
    """A multipart body of (name, bytes, type) and its Content-Type."""
    body = b""
    for name, data, kind in files:
        body += ("--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\nContent-Type: %s\r\n\r\n"
                 % (boundary, name, kind)).encode() + data + b"\r\n"
    return body + b"--" + boundary.encode() + b"--\r\n", "multipart/form-data; boundary=" + boundary


def send(who, path, name, data, kind="application/octet-stream", **more):
    head = {"Content-Type": kind, "Content-Disposition": "attachment; filename*=UTF-8''" + urllib.parse.quote(name)}
    return who.request("POST", path, data, headers={**head, **more.pop("headers", {})}, **more)


def stored(k):
    """Bytes that lie in the data directory, by name."""
    return {p.name: p for p in (k.data / "files").glob("??/*")}


def taking_in(k, admin, contact):
    path = "/api/v1/contacts/%d/files" % contact
    with test("file__is_taken_in_as_plain_bytes"):
        r = send(admin, path, "offer.pdf", PDF)
        assert r.status == 201, r
        file = r.json
        assert (file["name"], file["size"], file["media_type"]) == ("offer.pdf", len(PDF), "application/pdf"), file
        assert file["hash"] == hashlib.sha256(PDF).hexdigest(), file
        assert [x["id"] for x in file["links"]] == [contact] and file["owner"], file
        assert r.headers["etag"] == '"%d"' % file["version"] and r.headers["x-kontor-change"], r.headers
        got = admin.get("/api/v1/files/%d" % file["id"])
        assert (got.status, got.body) == (200, PDF), got
        on_disk = stored(k)[file["hash"]]
        assert on_disk.read_bytes() == PDF and on_disk.stat().st_mode & 0o777 == 0o600
        assert on_disk.parent.name == file["hash"][:2] and on_disk.parent.stat().st_mode & 0o777 == 0o700
    with test("file__several_come_in_one_form"):
        body, kind = form([("a.txt", b"alpha", "text/plain"), ("b.txt", b"", "text/plain")])
        r = admin.request("POST", path, body, headers={"Content-Type": kind})
        assert r.status == 201 and [f["name"] for f in r.json["items"]] == ["a.txt", "b.txt"], r
        assert admin.get("/api/v1/files/%d" % r.json["items"][1]["id"]).body == b""
        assert admin.post("/api/v1/changes/%d/undo" % r.json["change"], {}).json["undone"] == 2
    with test("file__the_name_may_stand_in_the_address"):
        r = admin.request("POST", path + "?name=plan%20B.txt", b"plan", headers={"Content-Type": "text/plain"})
        assert r.status == 201 and r.json["name"] == "plan B.txt", r
    with test("file__the_same_bytes_are_stored_once"):
        before = len(stored(k))
        one = send(admin, path, "x.bin", b"same bytes").json
        two = send(admin, path, "y.bin", b"same bytes").json
        assert one["hash"] == two["hash"] and one["id"] != two["id"], (one, two)
        assert len(stored(k)) == before + 1
    with test("file__a_try_keeps_nothing"):
        before, count = set(stored(k)), admin.get("/api/v1/files").json["count"]
        r = send(admin, path + "?dry_run=1", "try.txt", b"only tried")
        assert r.status == 201 and r.json["dry_run"] is True and r.json["size"] == 10, r
        assert set(stored(k)) == before and admin.get("/api/v1/files").json["count"] == count
        assert not list((k.data / "files").glob("upload-*"))
    with test("file__is_sent_once_under_an_idempotency_key"):
        key = {"Idempotency-Key": "file-1"}
        one = send(admin, path, "once.txt", b"once", headers=key)
        two = send(admin, path, "once.txt", b"once", headers=key)
        assert one.status == two.status == 201 and one.json["id"] == two.json["id"], (one, two)
    for what, want, call in [
        ("without_a_name", 400, lambda: admin.request("POST", path, b"x", headers={"Content-Type": "text/plain"})),
        ("form_without_file", 422, lambda: admin.request("POST", path, b"--XX\r\nContent-Disposition: form-data; name=a"
                                                         b"\r\n\r\nx\r\n--XX--", headers={
                                                             "Content-Type": "multipart/form-data; boundary=XX"})),
        ("form_without_boundary", 400, lambda: admin.request("POST", path, b"--XX--", headers={
            "Content-Type": "multipart/form-data"})),
        ("form_cut_off", 400, lambda: admin.request("POST", path, form([("a", b"x" * 99, "a/b")])[0][:-9], headers={
            "Content-Type": "multipart/form-data; boundary=XX"})),
        ("to_a_record_that_is_not", 404, lambda: send(admin, "/api/v1/contacts/999999/files", "a", b"x")),
        ("to_a_product", 422, lambda: send(admin, "/api/v1/products/999999/files", "a", b"x")),
        ("record_without_bytes", 422, lambda: admin.post("/api/v1/files", {"name": "a"})),
        ("record_with_foreign_hash", 422, lambda: admin.post("/api/v1/files", {"name": "a", "hash": "0" * 64})),
    ]:
        before = set(stored(k))
        r = call()
        check("file__refuses_" + what, r.status == want and set(stored(k)) == before and r.json["error"]["text"],
              lambda: r)


def cut_uploads(k, admin, contact):
    """Bodies that end early, at any point."""
    body, kind = form([("cut.bin", b"0123456789" * 500, "application/octet-stream")])
    before, count = set(stored(k)), admin.get("/api/v1/files").json["count"]
    with test("file__a_cut_upload_leaves_nothing"):
        for n in [0, 1, 60, 150, 2000, len(body) - 1]:
            for content, length in [(kind, len(body)), ("text/plain", len(body))]:
                s = socket.create_connection(("127.0.0.1", k.port))
                s.sendall(("POST /api/v1/contacts/%d/files?name=cut HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nCookie: %s\r\n"
                           "X-CSRF-Token: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (
                               contact, k.port, admin.headers["Cookie"], admin.headers["X-CSRF-Token"], content,
                               length)).encode() + body[:n])
                s.shutdown(socket.SHUT_WR)
                answer = b""
                while True:
                    some = s.recv(4096)
                    if not some:
                        break
                    answer += some
                s.close()
                assert answer == b"" or answer.startswith(b"HTTP/1.1 400"), (n, answer[:200])
        assert set(stored(k)) == before and admin.get("/api/v1/files").json["count"] == count
        assert not list((k.data / "files").glob("upload-*"))


def giving_out(admin, contact):
    path = "/api/v1/contacts/%d/files" % contact
    data = bytes(range(256)) * 10
    file = send(admin, path, "r.bin", data).json
    url = "/api/v1/files/%d" % file["id"]
    for name, value, status, want, where in [
        ("first", "bytes=0-9", 206, data[:10], "bytes 0-9/2560"),
        ("middle", "bytes=100-199", 206, data[100:200], "bytes 100-199/2560"),
        ("open", "bytes=2550-", 206, data[2550:], "bytes 2550-2559/2560"),
        ("last", "bytes=-5", 206, data[-5:], "bytes 2555-2559/2560"),
        ("too_long", "bytes=2500-9999", 206, data[2500:], "bytes 2500-2559/2560"),
        ("more_than_all", "bytes=-99999", 206, data, "bytes 0-2559/2560"),
        ("several", "bytes=0-1,5-6", 200, data, None),
        ("backwards", "bytes=9-3", 200, data, None),
        ("nonsense", "lines=1-2", 200, data, None),
        ("beyond", "bytes=2560-", 416, None, "bytes */2560"),
        ("nothing", "bytes=-0", 416, None, "bytes */2560"),
    ]:
        r = admin.get(url, headers={"Range": value})
        check("range__" + name, r.status == status and (want is None or r.body == want) and
              r.headers.get("content-range") == where and r.headers["content-length"] == str(len(r.body)), lambda: r)
    with test("range__of_another_state_is_the_whole"):
        tag = admin.get(url).headers["etag"]
        assert admin.get(url, headers={"Range": "bytes=0-1", "If-Range": tag}).status == 206
        assert admin.get(url, headers={"Range": "bytes=0-1", "If-Range": '"x"'}).body == data
        assert admin.get(url, headers={"If-None-Match": tag}).status == 304
        head = admin.request("HEAD", url)
        assert (head.status, head.body, head.headers["content-length"]) == (200, b"", "2560"), head.headers
    with test("file__its_record_is_there_for_who_asks_for_json"):
        r = admin.get(url, headers={"Accept": "application/json"})
        assert r.json["name"] == "r.bin" and r.headers["etag"] == '"1"', r
        assert admin.get(url + "?fields=name").json["name"] == "r.bin"
        r = admin.patch(url, {"name": "../x/renamed\u202e.bin"})
        assert r.status == 200 and r.json["name"] == "renamed.bin", r
        assert admin.patch(url, {"size": 1}).status == 422 and admin.patch(url, {"hash": "0" * 64}).status == 422


def sandbox(admin, contact):
    path = "/api/v1/contacts/%d/files" % contact
    html = b"<html><script>alert(1)</script></html>"
    shown = {"image/png": PNG, "image/jpeg": b"\xff\xd8\xff\xe0" + b"\0" * 20, "image/gif": b"GIF89a" + b"\0" * 20,
             "image/webp": b"RIFF\0\0\0\0WEBPVP8 ", "application/pdf": PDF}
    for kind, data in shown.items():
        file = send(admin, path, "shown", data, "text/html").json
        r = admin.get("/api/v1/files/%d?inline=1" % file["id"])
        check("inline__%s_by_its_bytes" % kind.split("/")[1], r.headers["content-type"] == kind and
              r.headers["content-disposition"].startswith("inline;") and file["media_type"] == kind and
              r.headers["content-security-policy"].startswith("sandbox;") and
              r.headers["x-frame-options"] == "SAMEORIGIN", lambda: r.headers)
        down = admin.get("/api/v1/files/%d" % file["id"])
        check("attachment__%s_unless_asked" % kind.split("/")[1],
              down.headers["content-disposition"].startswith("attachment;"), lambda: down.headers)
    hostile = [("a.html", html, "text/html"), ("a.svg", b"<svg onload='alert(1)'/>", "image/svg+xml"),
               ("a.png", html, "image/png"), ("a.xml", b"<?xml version='1.0'?>" + html, "application/xml"),
               ("a.mht", b"MIME-Version: 1.0\r\n" + html, "multipart/related"), ("a.js", b"alert(1)", "text/javascript"),
               ("gifar.jar", b"PK\3\4" + PNG, "application/java-archive"), ("a.pdf", b"x" + PDF, "application/pdf")]
    for name, data, kind in hostile:
        file = send(admin, path, name, data, kind).json
        for query in ["", "?inline=1"]:
            r = admin.get("/api/v1/files/%d%s" % (file["id"], query))
            h = r.headers
            check("sandbox__%s%s" % (name, query), r.body == data and h["content-disposition"].startswith("attachment;") and
                  h["x-content-type-options"] == "nosniff" and h["content-security-policy"].startswith("sandbox;") and
                  h["cross-origin-resource-policy"] == "same-origin" and "image/png" not in h["content-type"] and
                  "pdf" not in h["content-type"] and "multipart" not in h["content-type"], lambda: h)
    for sent, want in [("a\r\nX-Evil: 1.txt", "aX-Evil: 1.txt"), ("../../etc/passwd", "passwd"), ("C:\\tmp\\x.txt", "x.txt"),
                       ("Größe – 日本.txt", "Größe – 日本.txt"), ("exe\u202egpj.txt", "exegpj.txt"), ("עברית.txt", "עברית.txt"),
                       ("..", "file"), ("\u200b", "file"), ('a"b;c.txt', 'a"b;c.txt'), ("%0d%0aSet-Cookie:x", "%0d%0aSet-Cookie:x"),
                       ("x" * 300 + ".pdf", "x" * 196 + ".pdf")]:
        file = send(admin, path, sent, b"named").json
        r = admin.get("/api/v1/files/%d" % file["id"])
        name = r.headers["content-disposition"].split("''")[1]
        check("name__%r" % sent[:30], file["name"] == want and urllib.parse.unquote(name) == want and
              "x-evil" not in r.headers and "set-cookie" not in r.headers, lambda: (file, r.headers))


def rights(k, admin, contact):
    """A member sees his own and his team's, a reader may send nothing: by id, as range, by its record, by list, search,
    timeline, history and export; whoever does not see the record does not see the file."""
    bo = k.add_user("bo@example.com", role="rep")
    cy = k.add_user("cy@example.com", role="rep")
    reader = k.add_user("reader@example.com", role="reader")
    bos = bo.post("/api/v1/contacts", {"last_name": "Bosmann"}).json["id"]
    file = send(bo, "/api/v1/contacts/%d/files" % bos, "secretplan.txt", b"zebra crossing").json
    url = "/api/v1/files/%d" % file["id"]
    equal("rights__who_sees_the_record_reads_its_file", b"zebra crossing", bo.get(url).body)
    equal("rights__a_reader_reads_it", b"zebra crossing", reader.get(url).body)
    anyone = Client(k.port)
    for name, who, method, path, body, want in [
        ("get", cy, "GET", url, None, 404),
        ("head", cy, "HEAD", url, None, 404),
        ("record", cy, "GET", url + "?fields=name", None, 404),
        ("inline", cy, "GET", url + "?inline=1", None, 404),
        ("rename", cy, "PATCH", url, {"name": "x"}, 404),
        ("take_over", cy, "PATCH", url, {"links": []}, 404),
        ("delete", cy, "DELETE", url, None, 404),
        ("timeline", cy, "GET", "/api/v1/contacts/%d/timeline" % bos, None, 404),
        ("nobody_get", anyone, "GET", url, None, 401),
        ("nobody_list", anyone, "GET", "/api/v1/files", None, 401),
        ("reader_renames", reader, "PATCH", url, {"name": "x"}, 403),
        ("reader_deletes", reader, "DELETE", url, None, 403),
        ("read_token_sends", k.token(scope="read"), "POST", "/api/v1/contacts/%d/files?name=a" % contact, b"x", 403),
    ]:
        head = {"If-Match": "*"} if method in ("PATCH", "DELETE") else {}
        equal("rights__%s_%d" % (name, want), want, who.request(method, path, body, headers=head).status)
    equal("rights__range_404", 404, cy.get(url, headers={"Range": "bytes=0-1"}).status)
    equal("rights__sending_to_a_foreign_record_404", 404, send(cy, "/api/v1/contacts/%d/files" % bos, "a", b"x").status)
    equal("rights__reader_sends_403", 403, send(reader, "/api/v1/contacts/%d/files" % bos, "a", b"x").status)
    equal("rights__nobody_sends_401", 401, send(anyone, "/api/v1/contacts/%d/files" % bos, "a", b"x").status)
    with test("rights__a_foreign_file_is_in_no_list"):
        assert cy.get("/api/v1/files").json["count"] == 0
        assert cy.get('/api/v1/files?filter=hash = "%s"' % file["hash"]).json["items"] == []
        assert cy.get("/api/v1/search?q=secretplan").json["items"] == []
        assert cy.get("/api/v1/search?q=zebra").json["items"] == []
        assert "secretplan" not in cy.get("/api/v1/files/export?format=csv").text
        hits = bo.get("/api/v1/search?q=zebra").json["items"]
        assert [(h["entity"], h["id"]) for h in hits] == [("file", file["id"])], hits
    with test("rights__the_same_bytes_give_no_foreign_record"):
        own = cy.post("/api/v1/contacts", {"last_name": "Cyber"}).json["id"]
        same = send(cy, "/api/v1/contacts/%d/files" % own, "mine.txt", b"zebra crossing").json
        assert same["hash"] == file["hash"] and same["id"] != file["id"] and same["name"] == "mine.txt", same
        assert cy.get("/api/v1/files").json["count"] == 1
    with test("rights__a_field_takes_no_foreign_file"):
        deal = cy.post("/api/v1/deals", {"name": "D", "contract": file["id"]})
        assert deal.status == 422, deal
        deal = cy.post("/api/v1/deals", {"name": "D"}).json["id"]
        assert cy.patch("/api/v1/deals/%d" % deal, {"contract": file["id"]}).status == 422
        assert send(bo, "/api/v1/deals/%d/files?field=contract" % deal, "c.pdf", PDF).status == 404


def fields(admin, contact):
    deal = admin.post("/api/v1/deals", {"name": "Roof"}).json["id"]
    path = "/api/v1/deals/%d" % deal
    with test("field__is_filled_by_sending_a_file"):
        r = send(admin, path + "/files?field=contract", "contract.pdf", PDF)
        assert r.status == 201, r
        now = admin.get(path).json
        assert now["contract"] == {"id": r.json["id"], "title": "contract.pdf"}, now
        assert admin.post("/api/v1/changes/%s/undo" % r.headers["x-kontor-change"], {}).status == 200
        assert admin.get(path).json["contract"] is None
        assert admin.get("/api/v1/files/%d" % r.json["id"]).status == 404
    for name, query, want in [("unknown", "field=nothing", 422), ("no_file", "field=name", 422)]:
        equal("field__refuses_" + name, want, send(admin, path + "/files?" + query, "a", b"x").status)
    with test("field__a_contact_has_a_photo"):
        r = send(admin, "/api/v1/contacts/%d/files?field=photo" % contact, "me.png", PNG)
        assert r.status == 201 and admin.get("/api/v1/contacts/%d" % contact).json["photo"]["id"] == r.json["id"], r
        title = admin.get("/api/v1/contacts/%d" % contact).json["title"]
        hit = next(x for x in admin.get("/api/v1/search?q=" + title).json["items"] if x["id"] == contact)
        assert hit["picture"] == {"id": r.json["id"]}, hit


def life(k, admin, contact):
    path = "/api/v1/contacts/%d/files" % contact
    file = send(admin, path, "story.md", "Überraschung\n".encode("utf-16")).json
    url = "/api/v1/files/%d" % file["id"]
    with test("file__stands_in_the_timeline"):
        items = admin.get("/api/v1/contacts/%d/timeline?kind=file" % contact).json["items"]
        assert [i["subject"] for i in items if i["id"] == file["id"]] == ["story.md"], items
        assert all("text" not in i for i in items), items
    with test("file__its_text_is_printed_only_when_asked_for"):
        assert "content" not in file and "content" not in admin.get(url + "?expand=owner").json, file
        assert "content" not in admin.get("/api/v1/files?limit=1").json["items"][0]
        assert admin.get(url + "?fields=content").json["content"] == "Überraschung\n"
        assert "Überraschung" not in admin.get("/api/v1/files/export?format=csv").text
    with test("file__is_found_by_name_and_by_text_of_any_encoding"):
        for q in ["story.md", "uberrasch", "Überraschung"]:
            assert file["id"] in [h["id"] for h in admin.get("/api/v1/search?q=" + q).json["items"]], q
    with test("file__goes_to_the_bin_and_back"):
        r = admin.delete(url)
        assert r.status == 204 and admin.get(url).status == 404
        assert file["hash"] in stored(k)
        assert admin.post(url + "/restore", {}).status == 200
        assert admin.get(url).status == 200
    with test("file__whose_bytes_are_lost_says_so"):
        path_on_disk = stored(k)[file["hash"]]
        data = path_on_disk.read_bytes()
        path_on_disk.unlink()
        r = admin.get(url)
        assert r.status == 404 and "missing" in r.json["error"]["text"], r
        path_on_disk.write_bytes(data[:-1])
        assert admin.get(url).status == 404
        again = send(admin, path, "again.md", data).json
        assert again["hash"] == file["hash"] and admin.get(url).body == data


def merged(admin):
    """Two people become one: the files of both are his, the photo he kept too; undone, each has his own."""
    one, two = (admin.post("/api/v1/contacts", {"last_name": n}).json["id"] for n in ("Doppel", "Dopple"))
    mine = send(admin, "/api/v1/contacts/%d/files" % one, "mine.txt", b"mine").json
    photo = send(admin, "/api/v1/contacts/%d/files?field=photo" % two, "photo.png", PNG).json
    r = admin.post("/api/v1/contacts/merge", {"into": one, "from": [two], "fields": {"photo": two}})
    with test("merge__takes_files_along"):
        assert r.status == 200, r
        files = admin.get("/api/v1/files?filter=links contains %d" % one).json["items"]
        assert {f["id"] for f in files} == {mine["id"], photo["id"]}, files
        assert admin.get("/api/v1/contacts/%d" % one).json["photo"]["id"] == photo["id"]
        assert admin.get("/api/v1/files/%d" % photo["id"]).body == PNG
    with test("merge__undone_gives_files_back"):
        assert admin.post("/api/v1/changes/%d/undo" % r.json["change"], {}).status == 200
        for contact, file in ((one, mine), (two, photo)):
            files = admin.get("/api/v1/files?filter=links contains %d" % contact).json["items"]
            assert [f["id"] for f in files] == [file["id"]], files
        assert admin.get("/api/v1/contacts/%d" % one).json["photo"] is None


def limits():
    with Kontor(conf={"kontor.yaml": "name: T\ncurrency: EUR\nfile_max: 1\nfiles_quota: 2\n"}) as k:
        admin = k.client("admin@example.com")
        contact = admin.post("/api/v1/contacts", {"last_name": "Limit"}).json["id"]
        path = "/api/v1/contacts/%d/files" % contact
        mb = 1 << 20
        equal("limit__of_one_file_is_its_last_byte", 201, send(admin, path, "a", b"a" * mb).status)
        r = send(admin, path, "b", b"b" * (mb + 1))
        check("limit__one_byte_more_is_413", r.status == 413 and "1 MB" in r.json["error"]["text"], lambda: r)
        equal("limit__the_second_megabyte", 201, send(admin, path, "c", b"c" * mb).status)
        r = send(admin, path, "d", b"d")
        check("limit__of_all_is_507", r.status == 507 and "files_quota" in r.json["error"]["text"], lambda: r)
        equal("limit__nothing_is_left", 2, len(stored(k)))
        status = admin.get("/api/v1/status").json
        equal("limit__is_told_in_the_status", (2 * mb, 2 * mb), (status["files_bytes"], status["files_quota_bytes"]))
        check("limit__is_no_full_disk", "disk_full" not in admin.get("/healthz").text, lambda: admin.get("/healthz"))


# Sees own records only; a reader of the shipped roles sees all.
ROLES = ("rep:\n  label: Rep\n  entities:\n"
         "    \"*\": {see: own, create: own, edit: own, delete: own, export: own, import: none}\n")


def main():
    with Kontor(conf={**CONF, "roles.yaml": ROLES}) as k:
        admin = k.admin
        contact = admin.post("/api/v1/contacts", {"first_name": "Ada", "last_name": "Ahlers"}).json["id"]
        taking_in(k, admin, contact)
        cut_uploads(k, admin, contact)
        giving_out(admin, contact)
        sandbox(admin, contact)
        fields(admin, contact)
        life(k, admin, contact)
        merged(admin)
        rights(k, admin, contact)
        contains("file__is_in_openapi", "/api/v1/files/{id}", admin.get("/api/v1/openapi.json").text)
    limits()
    finish()


main()
