#!/usr/bin/python3
"""Public forms under attack: tokens forged, expired and sent twice, floods, bodies too large, too slow, cut or unreadable, injections
into headers, pages, exports and statements, other methods and types, sessions that come along. Nothing of it may be stored beyond what
a visitor may say, change a page, or keep others out. Known payloads come from ../shared/data/payloads; without them they are skipped."""
import base64
import csv
import hashlib
import hmac
import html.parser
import io
import pathlib
import random
import re
import socket
import threading
import time
import urllib.parse

from kontor import SHARED, Kontor, finish, ok, skip, test

URLENCODED = "application/x-www-form-urlencoded"
CONF = {"kontor.yaml": "name: Test\ncurrency: EUR\nzone: Europe/Berlin\npassword_cost: low\ntrusted_proxies: [127.0.0.1]\n",
        "forms.yaml": """
open:
  entity: lead
  title: Open
  wait: 0
  rate: {address: 100000, form: 100000}
  fields: [first_name, {field: last_name, required: true}, emails, enquiry]
  set: {source: website}
  consent: {text: Agreed., version: '1', required: false}
other:
  entity: lead
  wait: 0
  fields: [last_name]
tight:
  entity: contact
  wait: 0
  rate: {address: 2, form: 8}
  fields: [last_name]
slow:
  entity: contact
  wait: 1
  fields: [last_name]
"""}


class Page(html.parser.HTMLParser):
    """Values of a form, and every element there is."""

    def __init__(self, text):
        super().__init__()
        self.values, self.area, self.tags = {}, None, {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        self.tags[tag] = self.tags.get(tag, 0) + 1
        assert not any(name.startswith("on") or name == "style" for name in a), attrs
        self.area = a["name"] if tag == "textarea" else None
        if tag in ("input", "textarea") and a.get("name") and a.get("type") != "checkbox":
            self.values[a["name"]] = a.get("value", "") or ""

    def handle_data(self, data):
        if self.area:
            self.values[self.area] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.values[self.area] = self.values[self.area].removeprefix("\n")
            self.area = None


class Visitor:
    def __init__(self, k, address="203.0.113.7"):
        self.k, self.address, self.client = k, address, k.client()

    def token(self, form):
        return re.search(r'name="_token" value="([^"]+)"', self.client.get("/forms/" + form).text).group(1)

    def post(self, form, body, headers=None, query="", address=None, timeout=60):
        sent = {"Content-Type": URLENCODED, "X-Forwarded-For": address or self.address, **(headers or {})}
        return self.client.request("POST", "/forms/%s%s" % (form, query), body, headers=sent, timeout=timeout)

    def send(self, form, values, token=None, **more):
        pairs = {"_token": self.token(form) if token is None else token, **values}
        return self.post(form, urllib.parse.urlencode(pairs), **more)


def count(k, plural="leads"):
    return k.admin.get("/api/v1/%s?limit=1" % plural).json["count"]


def unpack(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signed(k, form, at_ms, secret=None):
    """A token as the server makes them, by the key in the database or another."""
    secret = secret or unpack(k.database("SELECT value FROM fact WHERE key = 'form_secret'")[0][0])
    head = int(at_ms).to_bytes(8, "big") + random.randbytes(16)
    mac = hmac.new(secret, head + form.encode().ljust(64, b"\0"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(head + mac).decode().rstrip("=")


def tokens(k):
    v = Visitor(k)
    good = v.token("open")
    now = time.time() * 1000
    for name, token, status in [
            ("none", "", 403), ("nonsense", "x" * 40, 403), ("long", "A" * 60000, 403), ("of_another_form", v.token("other"), 403),
            ("with_another_key", signed(k, "open", now, b"k" * 32), 403), ("expired", signed(k, "open", now - 12.1 * 3600000), 403),
            ("of_the_future", signed(k, "open", now + 3600000), 403), ("spoiled", ("B" if good[30] != "B" else "C").join([good[:30], good[31:]]), 403)]:
        with test("forms_attack__a_token_%s_is_refused" % name):
            before = count(k)
            answer = v.send("open", {"last_name": "No <b>body</b>"}, token=token)
            assert answer.status == status and count(k) == before, answer
            assert Page(answer.text).values["last_name"] == "No <b>body</b>", "what was typed is lost"
            assert Page(answer.text).values["_token"] not in ("", token), "no new token"
    with test("forms_attack__the_key_made_here_is_theirs"):
        assert v.send("open", {"last_name": "Signed"}, token=signed(k, "open", now)).status == 303
    with test("forms_attack__a_token_is_good_once"):
        before = count(k)
        assert v.send("open", {"last_name": "Once"}, token=good).status == 303
        again = v.send("open", {"last_name": "Twice"}, token=good)
        assert again.status == 409 and count(k) == before + 1 and "sent already" in again.text, again
    with test("forms_attack__of_twenty_at_once_one_is_taken"):
        before, token, statuses = count(k), v.token("open"), []
        threads = [threading.Thread(target=lambda: statuses.append(Visitor(k).send("open", {"last_name": "Race"}, token=token).status)) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [303] + [409] * 19 and count(k) == before + 1, statuses
    with test("forms_attack__tokens_outlive_a_restart_and_so_does_their_use"):
        fresh = v.token("open")
        k.stop()
        k.start()
        w = Visitor(k)
        assert w.send("open", {"last_name": "Again"}, token=good).status == 409
        assert w.send("open", {"last_name": "After"}, token=fresh).status == 303


def machines(k):
    v = Visitor(k, "203.0.113.20")
    with test("forms_attack__the_hidden_field_is_a_trap"):
        before = count(k)
        answer = v.send("open", {"last_name": "Bot", "_more": "http://spam"})
        assert answer.status == 422 and count(k) == before and Page(answer.text).values["_more"] == "", answer
    with test("forms_attack__quicker_than_a_person_is_asked_again_with_the_same_token"):
        token = v.token("slow")
        answer = v.send("slow", {"last_name": "Quick"}, token=token)
        assert answer.status == 422 and Page(answer.text).values["_token"] == token, answer
        time.sleep(1.1)
        assert v.send("slow", {"last_name": "Quick"}, token=token).status == 303
    with test("forms_attack__what_nobody_asked_for_is_not_set"):
        answer = v.send("open", {"last_name": "Extra", "owner": "1", "stage": "converted", "score": "99", "tags": "x", "source": "fair", "id": "7", "team": "1",
                                 "created_at": "2001-01-01T00:00:00Z", "version": "9", "links": "[1]", "share_with": "[1]", "__proto__": "x", "_utm_source": "y" * 900})
        lead = k.admin.get("/api/v1/leads?filter=last_name%20%3D%20%22Extra%22&fields=owner,stage,score,tags,source,team,utm_source").json["items"][0]
        assert answer.status == 303 and lead["owner"] is None and lead["stage"] == "new" and lead["score"] != 99 and lead["tags"] == [], lead
        assert lead["source"] == "website" and lead["team"] is None and lead["utm_source"] == "y" * 200, lead


def bodies(k):
    v = Visitor(k, "203.0.113.30")
    token = v.token("open")
    prefix = "_token=%s&last_name=" % token
    before = count(k)
    many = prefix + "Many&" + "&".join("f%d=1" % i for i in range(5000))
    for name, body, headers, status in [
            ("too_large", prefix + "x" * 270000, {}, 413), ("of_thousands_of_fields", many, {}, 413), ("with_a_long_name", prefix + "a&" + "n" * 200 + "=1", {}, 400),
            ("of_another_type", '{"last_name": "x"}', {"Content-Type": "application/json"}, 400),
            ("of_parts", "--b\r\nContent-Disposition: form-data; name=\"last_name\"\r\n\r\nx\r\n--b--\r\n", {"Content-Type": "multipart/form-data; boundary=b"}, 400),
            ("of_plain_text", prefix + "x", {"Content-Type": "text/plain"}, 400), ("without_a_type", prefix + "x", {"Content-Type": ""}, 400),
            ("that_is_packed", prefix + "x", {"Content-Encoding": "gzip"}, 400), ("not_utf8", prefix + "%ff%fe", {}, 400), ("of_raw_bytes", prefix.encode() + b"\xe4\xf6", {}, 400),
            ("with_nul", prefix + "a%00b", {}, 400), ("with_overlong_signs", prefix + "%c0%af", {}, 400), ("with_surrogates", prefix + "%ed%a0%80", {}, 400),
            ("broken", prefix + "%zz", {}, 400), ("cut_in_an_escape", prefix + "%e", {}, 400), ("empty", "", {}, 403), ("of_ampersands", "&" * 60000, {}, 403)]:
        with test("forms_attack__a_body_%s_is_refused" % name):
            answer = v.post("open", body, headers=headers)
            assert answer.status == status, (answer.status, answer.text[:200])
    with test("forms_attack__and_none_of_it_is_stored"):
        assert count(k) == before
        assert v.send("open", {"last_name": "Still good"}, token=token).status == 303
    with test("forms_attack__a_body_that_is_cut_off_stores_nothing"):
        before, body = count(k), ("_token=%s&last_name=Cut" % v.token("open")).encode()
        with socket.create_connection(("127.0.0.1", k.port)) as s:
            s.sendall(b"POST /forms/open HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (URLENCODED.encode(), len(body) + 50) + body)
            s.shutdown(socket.SHUT_WR)
            said = s.makefile("rb").read()
        assert count(k) == before and (not said or b" 400 " in said.split(b"\r\n")[0]), said[:200]
    with test("forms_attack__slow_bodies_end_and_others_are_served"):
        slow = [socket.create_connection(("127.0.0.1", k.port)) for _ in range(20)]
        for s in slow:
            s.sendall(b"POST /forms/open HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: 60000\r\n\r\n_token=" % URLENCODED.encode())
        start = time.monotonic()
        assert v.send("open", {"last_name": "Beside"}).status == 303 and time.monotonic() - start < 3
        while slow and time.monotonic() - start < 40:
            for s in list(slow):
                s.settimeout(0.05)
                try:
                    s.send(b"x")
                    if s.recv(4096) == b"":
                        slow.remove(s)
                except TimeoutError:
                    pass
                except OSError:
                    slow.remove(s)
            time.sleep(0.2)
        assert not slow, "%d still drip after 40 s" % len(slow)


def injections(k):
    v = Visitor(k, "203.0.113.40")
    crlf = ["%0d%0aSet-Cookie:%20x=1", "%0aLocation:%20https://evil.example", "%E5%98%8A%E5%98%8DSet-Cookie:x=1", "a%0d%0a%0d%0a<script>alert(1)</script>"]
    with test("forms_attack__no_header_and_no_element_comes_out_of_an_address"):
        for text in crlf:
            for query in ("utm_source=" + text, "referrer=https://a.example/" + text, text + "=1", "sent=1" + text, "sent=1&x=" + text):
                answer = k.client().request("GET", "/forms/open?" + query)
                assert answer.status == 200 and "set-cookie" not in answer.headers and "location" not in answer.headers, (query, answer)
                assert "script" not in Page(answer.text).tags
            assert k.client().request("GET", "/forms/open" + text).status in (400, 404)
            sent = v.send("open", {"last_name": "Crlf", "_page": "https://a.example/\r\nX: y", "_utm_source": "a\r\nSet-Cookie: b"})
            assert sent.status == 303 and sent.headers["location"] == "open?sent=1" and "set-cookie" not in sent.headers
        for referrer in ("javascript:alert(1)", "data:text/html,x", "//evil.example", "x" * 4000):
            assert "_page" not in Page(k.client().request("GET", "/forms/open", headers={"Referer": referrer}).text).values, referrer
    with test("forms_attack__names_of_forms_are_no_paths"):
        for path in ("../api/v1/leads", "..%2fapi", "open/..", "open%00", "open/x", "OPEN", "open.yaml", "style.css/x", "%2e%2e", "open;x"):
            answer = k.client().request("GET", "/forms/" + path)
            assert answer.status in (400, 404), (path, answer)
    with test("forms_attack__other_methods_do_nothing"):
        before = count(k)
        body = urllib.parse.urlencode({"_token": v.token("open"), "last_name": "Method"})
        for method in ("PUT", "PATCH", "DELETE"):
            assert k.client().request(method, "/forms/open", body, headers={"Content-Type": URLENCODED}).status == 405, method
        assert k.client().get("/forms/open?_method=POST&" + body, headers={"X-HTTP-Method-Override": "POST"}).status == 200
        assert k.client().request("POST", "/forms/style.css", body, headers={"Content-Type": URLENCODED}).status in (404, 405)
        assert count(k) == before
    with test("forms_attack__a_session_that_comes_along_is_not_used"):
        headers = {"Cookie": k.admin.headers["Cookie"], "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "Authorization": "Bearer kt_1_x",
                   "Idempotency-Key": "x"}
        answer = v.send("open", {"last_name": "Csrf"}, headers=headers, query="?dry_run=1")
        change = k.admin.get("/api/v1/changes?limit=1").json["items"][0]
        assert answer.status == 303 and change["source"] == "form" and not change["by"], (answer, change)
        assert k.admin.get("/api/v1/leads?filter=last_name%20%3D%20%22Csrf%22&fields=created_by").json["items"][0]["created_by"] is None
        assert v.send("open", {"last_name": "Csrf"}, token="", headers=headers).status == 403
    with test("forms_attack__formulas_are_guarded_on_their_way_out"):
        cells = ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(\"http://evil\")"]
        for cell in cells:
            assert v.send("open", {"last_name": cell, "first_name": "Formula"}).status == 303
        text = k.admin.get("/api/v1/leads/export?format=csv&guard=1&fields=last_name&filter=first_name%20%3D%20%22Formula%22").text
        out = [row[0] for row in csv.reader(io.StringIO(text.lstrip("\ufeff")))][1:]
        assert sorted(out) == sorted("'" + c for c in cells), out


OWN = ["' OR 1=1 --", "\"; DROP TABLE e_lead; --", "1); DELETE FROM change; --", "%s%n%x", "${7*7}", "{{7*7}}", "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>",
       "</textarea><svg/onload=alert(1)>", "#[1] @[1 Admin]", "\u202eevil", "a" * 499, "😀" * 200, "null", "undefined", "true", "-0", "1e999", "../../etc/passwd", "&lt;b&gt;"]


def known():
    files = [f for part in ("blns", "fuzzdb/xss", "fuzzdb/sql-injection", "fuzzdb/format-strings", "fuzzdb/unicode", "fuzzdb/html_js_fuzz", "csv-formula-injection")
             for f in sorted((pathlib.Path(SHARED) / "data" / "payloads" / part).rglob("*.txt"))]
    lines = {line.strip() for f in files for line in f.read_text("latin-1" if "xss" in str(f) else "utf-8", errors="replace").splitlines()}
    clean = {re.sub(r"[\x00-\x1f\x7f]", " ", line).strip()[:450] for line in lines}
    return sorted(line for line in clean if line and not line.isspace())


def as_typed(k, v, texts, tag):
    """Each is shown again as it was typed, by a page that gains no element, and stored as it was typed."""
    whole = Page(k.client().get("/forms/open").text).tags
    for i in range(0, len(texts), 20):
        part = texts[i:i + 20]
        body = "\n".join(part)
        shown = Page(v.send("open", {"first_name": part[0], "enquiry": body, "last_name": ""}).text)
        assert shown.values["first_name"] == part[0].strip() and shown.values["enquiry"] == body.strip(), (part[0], shown.values["first_name"])
        extra = {t: n - whole.get(t, 0) for t, n in shown.tags.items() if t not in ("p", "div", "ul", "li", "a")}
        assert not any(extra.values()), (extra, part)
        assert v.send("open", {"first_name": part[0][:190], "last_name": "%s %d" % (tag, i), "enquiry": body}).status == 303, part
        lead = k.admin.get("/api/v1/leads?fields=first_name,enquiry&filter=" + urllib.parse.quote('last_name = "%s %d"' % (tag, i))).json["items"][0]
        assert lead["enquiry"] == body.strip() and lead["first_name"] == part[0][:190].strip(), (part, lead)


def payloads(k):
    v = Visitor(k, "203.0.113.50")
    with test("forms_attack__what_attackers_write_is_text"):
        as_typed(k, v, OWN, "Own")
    texts = known()
    if not texts:
        skip("forms_attack__known_payloads_are_text", "the payloads are not here")
        return
    with test("forms_attack__known_payloads_are_text"):
        as_typed(k, v, texts, "Known")
    ok("forms_attack__tried_%d_payloads" % len(texts))


def nonsense(k):
    """Seeded garbage: answered, never with 5xx, never stored without a token."""
    dice, v, before = random.Random(1), Visitor(k), count(k)
    with test("forms_attack__nonsense_is_answered"):
        for i in range(300):
            good = "_token=%s&last_name=x&emails=a%%40b.example&_consent=1" % base64.urlsafe_b64encode(dice.randbytes(56)).decode()
            body = bytearray(good.encode())
            for _ in range(dice.randint(1, 8)):
                body[dice.randrange(len(body))] = dice.randrange(256)
            answer = v.post("open", bytes(body), address="198.51.%d.%d" % (i % 250, i % 7))
            assert answer.status < 500, (answer, bytes(body))
        assert count(k) == before


def limits(k):
    def try_one(form, address):
        return Visitor(k, address).send(form, {"last_name": "Rate"}).status

    with test("forms_attack__one_address_has_its_share_and_others_theirs"):
        assert [try_one("tight", "192.0.2.1") for _ in range(4)] == [303, 303, 429, 429]
        assert try_one("tight", "192.0.2.2") == 303
        assert try_one("open", "192.0.2.1") == 303, "another form"
    with test("forms_attack__of_ipv6_a_network_counts"):
        assert [try_one("tight", "2001:db8:1:2::%d" % i) for i in range(1, 4)] == [303, 303, 429]
        assert try_one("tight", "::ffff:192.0.2.1") == 429, "the same address within IPv6"
    with test("forms_attack__a_flood_keeps_nobody_out_who_is_new"):
        for i in range(4):
            try_one("tight", "198.18.%d.1" % i)
        assert try_one("tight", "198.18.1.1") == 429, "sent before"
        assert [try_one("tight", "198.19.7.%d" % i) for i in range(1, 6)] == [303, 303, 303, 429, 429], "one network"
        assert [try_one("tight", "100.%d.0.1" % i) for i in range(30)] == [303] * 30, "others"
    with test("forms_attack__who_only_tries_is_not_listened_to_and_others_are"):
        v = Visitor(k, "192.0.2.66")
        statuses = [v.send("open", {"last_name": "Try"}, token="x").status for _ in range(65)]
        assert statuses[:60] == [403] * 60 and statuses[60:] == [429] * 5, statuses
        assert v.send("open", {"last_name": "Try"}).status == 429
        assert try_one("open", "192.0.2.67") == 303
    with test("forms_attack__what_was_turned_away_is_counted"):
        away = {x["why"]: x["count"] for x in next(f for f in k.admin.get("/api/v1/forms").json["items"] if f["name"] == "open")["turned_away"]}
        assert away["forged"] >= 60 and away["too_much"] >= 6, away
        assert 'kontor_form_entries_total{form="tight",outcome="too_much"}' in k.admin.get("/metrics").text
    with test("forms_attack__the_log_knows_no_visitor"):
        log = k.log()
        assert "192.0.2." not in log and "Rate" not in log and "b.example" not in log, log[-2000:]


def proxies():
    """Without a trusted proxy nobody says where he comes from."""
    with Kontor(conf={**CONF, "kontor.yaml": CONF["kontor.yaml"].replace("trusted_proxies: [127.0.0.1]\n", "")}) as k:
        with test("forms_attack__addresses_are_believed_of_trusted_proxies_alone"):
            assert [Visitor(k, "192.0.2.%d" % i).send("tight", {"last_name": "Spoof"}).status for i in range(1, 5)] == [303, 303, 429, 429]
            entry = k.admin.get("/api/v1/submissions?fields=address").json["items"][0]
            assert entry["address"] == "127.0.0.1", entry


def main():
    with Kontor(conf=CONF) as k:
        tokens(k)
        machines(k)
        bodies(k)
        injections(k)
        payloads(k)
        nonsense(k)
        limits(k)
    proxies()
    finish()


main()
