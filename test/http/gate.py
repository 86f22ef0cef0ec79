#!/usr/bin/python3
# alone
"""The HTTP gate: malformed and hostile requests are refused before anything looks at them, and the connection is closed."""
import socket
import time

from kontor import Kontor, check, equal, finish, test


def talk(port, request, seconds=5, wait_close=True):
    """Sends bytes, reads until the peer closes (or, with wait_close False, until it pauses)."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as s:
        s.sendall(request)
        got = b""
        s.settimeout(seconds if wait_close else 0.5)
        try:
            while True:
                part = s.recv(65536)
                if not part:
                    return got, True
                got += part
        except (TimeoutError, socket.timeout):
            return got, False
        except ConnectionResetError:
            return got, True


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


HOST = b"Host: localhost\r\n"
NEXT = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"

# name, what is sent, the status wanted. A second request follows each of them: it must not be answered.
REFUSED = [
    ("length_and_chunked", b"POST /api/v1/session HTTP/1.1\r\n" + HOST +
     b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("chunked", b"POST /api/v1/session HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
    ("transfer_encoding_identity", b"GET /healthz HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: identity\r\n\r\n", 411),
    ("transfer_encoding_with_blank", b"POST /healthz HTTP/1.1\r\n" + HOST +
     b"Content-Length: 3\r\nTransfer-Encoding : chunked\r\n\r\nabc", 400),
    ("two_lengths", b"POST /healthz HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\nContent-Length: 5\r\n\r\nabcde", 400),
    ("two_equal_lengths", b"POST /healthz HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\ncontent-length: 2\r\n\r\nab", 400),
    ("length_with_sign", b"POST /healthz HTTP/1.1\r\n" + HOST + b"Content-Length: +5\r\n\r\nabcde", 400),
    ("length_with_letters", b"POST /healthz HTTP/1.1\r\n" + HOST + b"Content-Length: 5x\r\n\r\nabcde", 400),
    ("length_negative", b"POST /healthz HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n", 400),
    ("length_list", b"POST /healthz HTTP/1.1\r\n" + HOST + b"Content-Length: 1, 1\r\n\r\na", 400),
    ("length_huge", b"POST /healthz HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999999999999999\r\n\r\n", 400),
    ("length_after_64_headers", b"POST /healthz HTTP/1.1\r\n" + HOST +
     b"".join(b"X-%d: a\r\n" % i for i in range(70)) + b"Content-Length: 60\r\n\r\n", 400),
    ("too_many_headers", b"GET /healthz HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: a\r\n" % i for i in range(51)) + b"\r\n", 400),
    ("no_host", b"GET /healthz HTTP/1.1\r\nX-A: b\r\n\r\n", 400),
    ("no_header_at_all", b"GET /healthz HTTP/1.1\r\n\r\n", 400),
    ("two_hosts", b"GET /healthz HTTP/1.1\r\n" + HOST + HOST + b"\r\n", 400),
    ("malformed_host", b"GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    ("foreign_host", b"GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
    ("nul_in_path", b"GET /api%00/v1/meta HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("slash_in_path", b"GET /api%2fv1/meta HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("backslash_in_path", b"GET /api\\v1 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("crlf_in_path", b"GET /a%0d%0aSet-Cookie:%20x HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("dot_segments", b"GET /s/../healthz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("encoded_dot_segments", b"GET /s/%2e%2e/healthz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("double_slash", b"GET //healthz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("broken_escape", b"GET /a%zz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("bad_utf8", b"GET /%ff HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("raw_utf8", "GET /ü HTTP/1.1\r\n".encode() + HOST + b"\r\n", 400),
    ("absolute_address", b"GET http://localhost/healthz HTTP/1.1\r\n" + HOST + b"\r\n", (0, 400)),
    ("long_address", b"GET /healthz?q=" + b"a" * 5000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
    ("bare_line_feed", b"GET /healthz HTTP/1.1\nHost: localhost\n\n", 400),
    ("one_bare_line_feed", b"GET /healthz HTTP/1.1\r\nHost: localhost\nX-A: b\r\n\r\n", 400),
    ("folded_header", b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-A: b\r\n c\r\n\r\n", 400),
    ("folded_first_header", b"GET /healthz HTTP/1.1\r\n X: y\r\n" + HOST + b"\r\n", 400),
    ("blank_before_colon", b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-A : b\r\n\r\n", 400),
    ("header_without_colon", b"GET /healthz HTTP/1.1\r\n" + HOST + b"nonsense\r\n\r\n", 400),
    ("header_name_with_odd_bytes", b"GET /healthz HTTP/1.1\r\n" + HOST + b"X(A): b\r\n\r\n", 400),
    ("control_byte_in_header", b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-A: b\x01c\r\n\r\n", 400),
    ("nul_in_header", b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-A: b\x00c\r\n\r\n", 400),
    ("two_cookies_of_authority", b"GET /healthz HTTP/1.1\r\n" + HOST + b"Authorization: a\r\nAuthorization: b\r\n\r\n", 400),
    ("unknown_method", b"BREW /healthz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("trace", b"TRACE /healthz HTTP/1.1\r\n" + HOST + b"\r\n", (400, 405)),
    ("webdav", b"PROPFIND /healthz HTTP/1.1\r\n" + HOST + b"\r\n", (400, 405)),
    ("preflight", b"OPTIONS /api/v1/meta HTTP/1.1\r\n" + HOST +
     b"Origin: http://evil.example\r\nAccess-Control-Request-Method: GET\r\n\r\n", 405),
    ("strange_expectation", b"POST /healthz HTTP/1.1\r\n" + HOST + b"Expect: tea\r\nContent-Length: 1\r\n\r\na", 417),
    ("http_2_preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (0, 400, 505)),
    ("wrong_version", b"GET /healthz HTTP/3.1\r\n" + HOST + b"\r\n", (400, 505)),
    ("huge_header", b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-A: " + b"a" * 20000 + b"\r\n\r\n", (400, 413)),
    ("two_cookie_headers", b"GET /healthz HTTP/1.1\r\n" + HOST + b"Cookie: kontor=a\r\nCookie: kontor=b\r\n\r\n", 400),
    ("two_blanks_in_the_line", b"GET  /healthz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("two_blanks_before_the_version", b"GET /healthz  HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("fragment", b"GET /healthz#part HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("fragment_behind_a_query", b"GET /healthz?a#part HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("backslash_encoded", b"GET /api%5cv1/meta HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("control_byte_encoded", b"GET /api/v1/a%01 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("user_in_host", b"GET /healthz HTTP/1.1\r\nHost: a@localhost\r\n\r\n", 400),
    ("list_of_hosts", b"GET /healthz HTTP/1.1\r\nHost: localhost, evil\r\n\r\n", 400),
    ("method_in_small_letters", b"get /healthz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("http_0_9", b"GET /healthz\r\n\r\n", (0, 400)),
    ("binary", bytes(range(1, 250)) + b"\r\n\r\n", (0, 400)),
]

PROTECTING = ["content-security-policy", "x-content-type-options", "referrer-policy", "cross-origin-opener-policy",
              "cross-origin-resource-policy", "permissions-policy", "cache-control"]


def refusals(k):
    for name, request, wanted in REFUSED:
        answer, closed = talk(k.port, request + NEXT)
        status = status_of(answer)
        fine = status in wanted if isinstance(wanted, tuple) else status == wanted
        check("gate__refuses_" + name, fine and closed and answer.count(b"HTTP/1.1 ") <= 1,
              "status %d (wanted %s), closed %s, answers %d: %r" % (status, wanted, closed,
                                                                    answer.count(b"HTTP/1.1 "), answer[:120]))
        if status:
            head = answer.split(b"\r\n\r\n")[0].lower().decode("latin-1")
            missing = [h for h in PROTECTING if "\n" + h + ":" not in head]
            check("gate__protects_the_answer_to_" + name, not missing and "access-control" not in head, missing or head)


def framing(k):
    with test("gate__keeps_a_connection_for_the_next_request"):
        answer, _ = talk(k.port, NEXT * 3, wait_close=False)
        assert answer.count(b"HTTP/1.1 200") == 3 and b"Connection: close" not in answer, answer
    with test("gate__a_get_with_a_body_is_not_the_next_request"):
        body = b"GET /api/v1/meta HTTP/1.1\r\nHost: localhost\r\n\r\n"
        answer, closed = talk(k.port, b"GET /healthz HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        assert answer.count(b"HTTP/1.1 ") == 1 and closed, answer
    with test("gate__head_sends_no_body"):
        answer, _ = talk(k.port, b"HEAD /healthz HTTP/1.1\r\n" + HOST + b"\r\n" + NEXT, wait_close=False)
        first, rest = answer.split(b"\r\n\r\n", 1)
        assert b"content-length: 0" not in first.lower() and rest.startswith(b"HTTP/1.1 200"), answer
    with test("gate__answers_expect_before_reading"):
        with socket.create_connection(("127.0.0.1", k.port), timeout=5) as s:
            body = b'{"email":"nobody@example.com","password":"x"}'
            s.sendall(b"POST /api/v1/session HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
                      b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
            assert s.recv(100).startswith(b"HTTP/1.1 100 Continue")
            s.sendall(body)
            assert s.recv(4096).startswith(b"HTTP/1.1 401")
    with test("gate__a_body_cut_short_does_nothing"):
        body = b'{"name":"Cut"}'
        head = ("POST /api/v1/companies HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\n"
                "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (k.bearer, len(body) + 100)).encode()
        with socket.create_connection(("127.0.0.1", k.port), timeout=5) as s:
            s.sendall(head + body)
            s.shutdown(socket.SHUT_WR)
            answer = s.recv(4096)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 400"), answer
        assert k.admin.get("/api/v1/companies").json["count"] == 0
    with test("gate__a_body_too_large_is_413"):
        head = ("POST /api/v1/companies HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\n"
                "Content-Type: application/json\r\nContent-Length: 2000000\r\n\r\n" % k.bearer).encode()
        answer, closed = talk(k.port, head + b"{")
        assert answer.startswith(b"HTTP/1.1 413") and closed, answer[:200]
    with test("gate__takes_what_is_just_within_the_limits"):
        answer, _ = talk(k.port, b"GET /healthz HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: a\r\n" % i for i in range(49)) +
                         b"\r\n", wait_close=False)
        assert status_of(answer) == 200, answer
        bearer = {"Authorization": k.bearer}
        for depth, wanted in ((63, 422), (64, 400)):
            answer = k.client().request("POST", "/api/v1/companies", '{"name":' + "[" * depth + "]" * depth + "}", headers={
                **bearer, "Content-Type": "application/json"})
            assert answer.status == wanted, (depth, answer)
        for size, wanted in ((1 << 20, 422), ((1 << 20) + 1, 413)):
            body = '{"name":"' + "a" * (size - 11) + '"}'
            answer = k.client().request("POST", "/api/v1/companies", body, headers={**bearer, "Content-Type": "application/json"})
            assert answer.status == wanted, (size, answer)
    with test("gate__json_is_no_other_type"):
        for kind, wanted in (("application/json; charset=utf-8", 201), ("Application/JSON", 201), ("application/jsonx", 400)):
            answer = k.client().request("POST", "/api/v1/companies?dry_run=1", '{"name":"a"}', headers={**bearer, "Content-Type": kind})
            assert answer.status == wanted, (kind, answer)
    with test("gate__an_unknown_parameter_is_400"):
        assert k.admin.get("/api/v1/companies?fliter=x").status == 400
        assert k.admin.get("/api/v1/companies?filter=%zz").status == 400
        assert k.admin.request("GET", "/api/v1/companies", headers={}).status == 200
    with test("gate__another_method_is_405"):
        for method, path in (("PUT", "/api/v1/companies"), ("OPTIONS", "/api/v1/companies"), ("DELETE", "/api/v1/meta"), ("POST", "/deals")):
            answer = k.admin.request(method, path, {})
            equal("gate__405_%s_%s" % (method, path), (405, "method"), (answer.status, answer.json["error"]["code"]))
    with test("gate__who_sends_all_before_reading_is_told_why"):
        body = b'{"name":"' + b"a" * (20 << 20) + b'"}'
        for headers, wanted in ((bearer, (413, "too_large")), ({}, (401, "unauthenticated"))):
            answer = k.client().request("POST", "/api/v1/companies", body, headers={**headers, "Content-Type": "application/json"})
            assert (answer.status, answer.json["error"]["code"]) == wanted, answer


def pages(k):
    with test("assets__the_page_names_a_build_that_is_kept_for_a_year"):
        page = k.client().get("/")
        assert page.status == 200 and "no-cache" in page.headers["cache-control"]
        assert "{{BUILD}}" not in page.text
        build = page.text.split('/s/')[1].split("/")[0]
        script = k.client().get("/s/%s/js/app.js" % build, headers={"Accept-Encoding": "br, gzip"})
        assert script.status == 200 and "immutable" in script.headers["cache-control"], script.headers
        assert script.headers["content-encoding"] == "br" and script.headers["vary"] == "Accept-Encoding"
        assert "javascript" in script.headers["content-type"]
        again = k.client().get("/home", headers={"If-None-Match": page.headers["etag"]})
        assert again.status == 304 and again.body == b""
        plain = k.client().get("/s/%s/js/app.js" % build)
        assert "content-encoding" not in plain.headers and len(plain.body) > len(script.body)
        assert k.client().get("/s/0000/js/app.js").status == 404
    with test("assets__every_page_address_is_the_page"):
        for path in ("/deals", "/contacts/12", "/settings/people"):
            assert k.client().get(path).text.startswith("<!doctype html>"), path
        assert k.client().get("/nothing.js").status == 404
        assert k.client().post("/deals").status == 405


def slow(k):
    with test("gate__a_dripping_header_is_cut_off"):
        with socket.create_connection(("127.0.0.1", k.port), timeout=40) as s:
            began = time.monotonic()
            try:
                for byte in b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"a" * 1000:
                    s.sendall(bytes([byte]))
                    time.sleep(0.25)
                    if time.monotonic() - began > 30:
                        break
            except OSError:
                pass
            assert time.monotonic() - began < 25, "still open after %d s" % (time.monotonic() - began)
    with test("gate__a_dripping_body_is_cut_off"):
        with socket.create_connection(("127.0.0.1", k.port), timeout=40) as s:
            s.sendall(b"POST /api/v1/session HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\nContent-Length: 4000\r\n\r\n")
            began = time.monotonic()
            try:
                while time.monotonic() - began < 30:
                    s.sendall(b" ")
                    time.sleep(0.25)
            except OSError:
                pass
            assert time.monotonic() - began < 20, "still open after %d s" % (time.monotonic() - began)
    with test("gate__one_address_cannot_take_every_seat"):
        many = [socket.create_connection(("127.0.0.1", k.port), timeout=5) for _ in range(60)]
        for s in many:
            s.sendall(b"GET /healthz HTTP/1.1\r\n")
        time.sleep(1.0)
        closed = 0
        for s in many:
            s.setblocking(False)
            try:
                closed += s.recv(1) == b""
            except BlockingIOError:
                pass
            except OSError:
                closed += 1
        for s in many:
            s.close()
        assert closed > 0, "all 60 connections were kept"
        time.sleep(0.5)
        assert k.client().get("/healthz").status == 200


with Kontor(conf={"kontor.yaml": "name: Test\ncurrency: EUR\nzone: Europe/Berlin\nthreads: 32\n"
                                 "connections_per_address: 24\npassword_cost: low\n"}) as k:
    k.bearer = k.token().headers["Authorization"]
    refusals(k)
    framing(k)
    pages(k)
    slow(k)
    check("gate__the_server_survives_all_of_it", k.client().get("/healthz").status == 200)
finish()
