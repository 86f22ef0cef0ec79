#!/usr/bin/python3
"""Public forms: what a visitor sees and sends, the record it becomes with the evidence on its timeline, and what the firm is told.
Everything as a browser does it, without a script and without a session."""
import html.parser
import re
import urllib.parse

from kontor import Kontor, finish, test

CONF = {"kontor.yaml": "name: Test\ncurrency: EUR\nzone: Europe/Berlin\npassword_cost: low\ntrusted_proxies: [127.0.0.1]\n",
        "fields.yaml": """
lead:
  fields:
    budget:   {type: money}
    visits:   {type: integer, min: 1}
    begins:   {type: date}
    interest: {type: choices, of: {solar: Solar, heat: Heat pump}}
    call_at:  {type: localtime}
    size:     {type: choice, of: {small: Small, large: Large}}
    private:  {type: bool}
""", "rules.yaml": """
- name: website-to-max
  after: lead.created
  if: 'city = "Kiel"'
  do:
    - assign: {to: max@example.com}
- name: spam
  after: lead.created
  if: 'last_name = "Casino"'
  do:
    - set: {stage: discarded}
- name: after-spam
  after: lead.created
  if: 'last_name = "Casino"'
  do: {set: {subject: Roof}}
""", "forms.yaml": """
write-us:
  entity: lead
  title: Write to us
  intro: We answer within a day.
  wait: 0
  fields:
    - first_name
    - {field: last_name, required: true, help: As on your passport}
    - {field: emails, label: Your e-mail, required: true}
    - phones
    - company_name
    - budget
    - visits
    - begins
    - call_at
    - interest
    - size
    - private
    - {field: enquiry, label: What is it about?}
  set: {source: website, tags: [Web, Fair 2026], team: North}
  owner: ina@example.com
  consent: {text: 'I agree that you keep this, and call me.', version: '2026-01'}
  embed: [https://www.nordwind.example]
schreiben:
  entity: lead
  language: de
  title: {en: Write to us, de: Schreiben Sie uns}
  wait: 0
  fields: [last_name, {field: emails, required: true}, {field: budget, label: Budget}, priority]
  consent: {text: Bitte rufen Sie mich an., version: '3', required: false}
  redirect: /danke
ruled:
  entity: lead
  wait: 0
  fields: [last_name, city]
slow:
  entity: contact
  fields: [last_name]
  wait: 2
  rate: {address: 3, form: 5}
  set: {owner: nobody@example.com}
outside:
  entity: contact
  theme: dark
  wait: 0
  fields: [last_name]
  embed: [https://a.example, 'https://*.b.example:8443']
  address: https://a.example/forms/outside
  redirect: https://a.example/thanks
"""}


class Page(html.parser.HTMLParser):
    """A form as a browser would send it."""

    def __init__(self, text):
        super().__init__()
        self.values, self.names, self.list, self.area, self.action = {}, [], None, None, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "form":
            self.action = a["action"]
        self.area = a["name"] if tag == "textarea" else None
        if tag in ("input", "textarea", "select") and a.get("name"):
            self.names.append(a["name"])
            if a.get("type") != "checkbox" or "checked" in a:
                self.values[a["name"]] = a.get("value", "")
            self.list = a["name"] if tag == "select" else None
        if tag == "option" and "selected" in a:
            self.values[self.list] = a["value"]

    def handle_data(self, data):
        if self.area:
            self.values[self.area] = self.values[self.area] + data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.values[self.area] = self.values[self.area].removeprefix("\n")
            self.area = None


def show(k, name, query="", **more):
    answer = k.client().get("/forms/%s%s" % (name, query), **more)
    return answer, Page(answer.text)


def send(k, name, values, address="203.0.113.9", headers=None, page=None):
    page = page or show(k, name)[1]
    pairs = [(n, v) for n, v in {**page.values, **values}.items() if not isinstance(v, list)]
    pairs += [(n, one) for n, v in values.items() if isinstance(v, list) for one in v]
    return k.client().request("POST", "/forms/" + name, urllib.parse.urlencode(pairs),
                              headers={"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": address, **(headers or {})})


def leads(k):
    return k.admin.get("/api/v1/leads?sort=-id").json["items"]


def pages(k):
    answer, page = show(k, "write-us", "?utm_source=news%20letter&utm_campaign=spring&fbclid=1&referrer=https%3A%2F%2Fwww.nordwind.example%2Fsolar")
    with test("forms__are_pages_of_their_own"):
        assert answer.status == 200 and answer.headers["content-type"] == "text/html; charset=utf-8", answer
        assert "<h1>Write to us</h1>" in answer.text and "We answer within a day." in answer.text
        assert page.names[:1] == ["_token"] and "last_name" in page.names and "enquiry" in page.names, page.names
        assert "Your e-mail" in answer.text and "As on your passport" in answer.text
        assert page.action == "write-us" and page.values["_utm_source"] == "news letter" and page.values["_utm_campaign"] == "spring"
        assert page.values["_page"] == "https://www.nordwind.example/solar"
        assert 'href="style.css?' in answer.text and "<script" not in answer.text and " style=" not in answer.text
    with test("forms__set_no_cookie_and_are_not_kept"):
        assert "set-cookie" not in answer.headers and answer.headers["cache-control"] == "no-store"
    with test("forms__are_framed_by_their_sites_alone"):
        csp = answer.headers["content-security-policy"]
        assert csp == ("default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; "
                       "frame-ancestors 'self' https://www.nordwind.example"), csp
        assert "x-frame-options" not in answer.headers and answer.headers["cross-origin-resource-policy"] == "cross-origin"
        other = show(k, "slow")[0].headers
        assert other["content-security-policy"].endswith("frame-ancestors 'self'") and other["x-frame-options"] == "SAMEORIGIN", other
        away = show(k, "outside")[0].headers["content-security-policy"]
        assert "form-action 'self' https://a.example;" in away and away.endswith("'self' https://a.example https://*.b.example:8443"), away
    with test("forms__look_comes_from_the_same_path"):
        style = k.client().get("/forms/style.css")
        assert style.status == 200 and style.headers["content-type"].startswith("text/css") and b"--accent" in style.body
    with test("forms__german_ones_are_german"):
        text = show(k, "schreiben")[0].text
        assert '<html lang="de"' in text and "<h1>Schreiben Sie uns</h1>" in text and "Nachname" in text and "Absenden" in text and "freiwillig" in text, text
        assert ">Hoch</option>" in text and ">High<" not in text and 'value="high"' in text, text
    with test("forms__absent_ones_say_so"):
        answer = k.client().get("/forms/none")
        assert answer.status == 404 and "No such form" in answer.text and answer.headers["content-type"].startswith("text/html")
        assert k.client().get("/forms/").status == 404
    with test("forms__head_is_get_without_the_page"):
        answer = k.client().request("HEAD", "/forms/write-us")
        assert answer.status == 200 and answer.body == b""


FULL = {"first_name": "Ann", "last_name": "Lee", "emails": "ann@lee.example", "phones": "+49 431 1234", "company_name": "Lee & Co", "budget": "1.234,50",
        "visits": "2", "begins": "2027-03-01", "call_at": "2027-03-02T14:30", "interest": ["solar", "heat"], "size": "large", "private": "1",
        "enquiry": "First line\r\nsecond <b>line</b>", "_consent": "1"}


def taken(k, ina):
    page = show(k, "write-us", "?utm_source=letter&utm_campaign=spring&utm_term=x&referrer=https%3A%2F%2Fwww.nordwind.example%2F")[1]
    answer = send(k, "write-us", FULL, page=page)
    with test("forms__what_is_sent_is_taken_and_thanked_for"):
        assert answer.status == 303 and answer.headers["location"] == "write-us?sent=1", (answer.status, answer.text)
        thanks = k.client().get("/forms/write-us?sent=1")
        assert thanks.status == 200 and "Thank you. We have received it." in thanks.text
    lead = k.admin.get("/api/v1/leads/%d" % leads(k)[0]["id"]).json
    with test("forms__it_becomes_the_record_with_every_field"):
        assert lead["first_name"] == "Ann" and lead["emails"][0]["value"] == "ann@lee.example" and lead["phones"][0]["value"] == "+49 431 1234"
        assert lead["budget"] == {"value": "1234.50", "currency": "EUR"} and lead["visits"] == 2 and lead["begins"] == "2027-03-01", lead
        assert lead["call_at"] == "2027-03-02T14:30:00+01:00[Europe/Berlin]", lead
        assert lead["interest"] == ["solar", "heat"] and lead["size"] == "large" and lead["private"] is True
        assert lead["enquiry"] == "First line\nsecond <b>line</b>" and lead["company_name"] == "Lee & Co"
    with test("forms__fixed_values_owner_and_campaign_are_set"):
        assert lead["source"] == "website" and lead["tags"] == ["Web", "Fair 2026"] and lead["team"]["title"] == "North"
        assert lead["owner"]["id"] == ina.user["id"] and lead["stage"] == "new"
        assert lead["utm_source"] == "letter" and lead["utm_campaign"] == "spring" and lead["utm_term"] == "x"
    with test("forms__one_change_set_of_the_form"):
        change = k.admin.get("/api/v1/changes?limit=1").json["items"][0]
        assert change["source"] == "form" and change["reason"] == "form write-us", change
    with test("forms__evidence_stands_on_the_timeline"):
        story = ina.get("/api/v1/leads/%d/timeline" % lead["id"]).json["items"]
        entry = next(x for x in story if x["kind"] == "submission")
        assert entry["subject"] == "Write to us"
        assert entry["text"] == ("Agreed to (2026-01): I agree that you keep this, and call me.\nCame from the page: https://www.nordwind.example/\n"
                                 "Sent from: 203.0.113.9"), entry["text"]
        kept = ina.get("/api/v1/submissions/%d" % entry["id"]).json
        assert kept["consent"] == "I agree that you keep this, and call me." and kept["consent_version"] == "2026-01" and kept["form"] == "write-us"
        assert kept["address"] == "203.0.113.9" and kept["page"] == "https://www.nordwind.example/" and kept["received_at"]
    with test("forms__evidence_is_changed_by_nobody"):
        for field in ("consent", "consent_version", "address", "received_at", "heading", "links"):
            value = [] if field == "links" else "2020-01-01T00:00:00Z" if field == "received_at" else "x"
            refused = k.admin.patch("/api/v1/submissions/%d" % entry["id"], {field: value})
            assert refused.status == 422, (field, refused)
        assert k.admin.post("/api/v1/submissions", {"heading": "x", "form": "x", "received_at": "2026-01-01T00:00:00Z"}).status == 422
        for column, value in (("consent", "I sell you my house"), ("address", "192.0.2.1"), ("consent_version", "9")):
            changed = k.run("import", "submission", k.file("id,created_at,%s\n%d,%s,%s\n" % (column, kept["id"], kept["created_at"], value), "s.csv"))
            assert "0 updated" in changed.stdout and ina.get("/api/v1/submissions/%d" % entry["id"]).json[column] == kept[column], (column, changed)
        assert k.admin.post("/api/v1/submissions/bulk", {"all": True, "set": {"consent": "x"}}).status == 422
        assert ina.delete("/api/v1/submissions/%d" % entry["id"]).status == 403
    with test("forms__undo_takes_all_of_it_back"):
        assert k.admin.post("/api/v1/changes/%d/undo" % change["id"]).status == 200
        assert all(x["id"] != lead["id"] for x in leads(k))
        assert k.admin.get("/api/v1/submissions").json["items"] == []


def twins(k):
    known = k.admin.post("/api/v1/contacts", {"last_name": "Berg", "emails": "berg@example.com"}).json["id"]
    answer = send(k, "write-us", {"last_name": "Berg", "emails": "berg@example.com", "_consent": "1"})
    fresh = send(k, "write-us", {"last_name": "Tal", "emails": "tal@example.com", "_consent": "1"})
    lead = next(x for x in leads(k) if x["last_name"] == "Berg") if "last_name" in leads(k)[0] else None
    lead = lead or next(x for x in k.admin.get("/api/v1/leads?fields=last_name").json["items"] if x["last_name"] == "Berg")
    with test("forms__known_people_are_not_told_from_others"):
        assert answer.status == fresh.status == 303 and answer.headers["location"] == fresh.headers["location"]
        assert answer.body == fresh.body
    with test("forms__a_double_is_seen_on_the_timeline"):
        entry = next(x for x in k.admin.get("/api/v1/leads/%d/timeline" % lead["id"]).json["items"] if x["kind"] == "submission")
        assert "\nMay be known already: #[%d]" % known in entry["text"], entry
        assert any(r["id"] == known and r.get("title") == "Berg" for r in entry["refs"]), entry


def asked_again(k):
    answer = send(k, "write-us", {"first_name": "<i>\"Ann\"</i>", "last_name": "", "emails": "nobody", "visits": "0", "begins": "2027-02-30",
                                  "budget": "much", "size": "huge", "enquiry": "a\nb", "interest": ["heat"]})
    page = Page(answer.text)
    with test("forms__bad_input_is_asked_again_with_what_was_typed"):
        assert answer.status == 422, answer.status
        assert page.values["first_name"] == '<i>"Ann"</i>' and page.values["enquiry"] == "a\nb" and page.values["interest"] == "heat"
        assert page.values["emails"] == "nobody" and page.values["budget"] == "much", page.values
        assert "<i>" not in answer.text
    with test("forms__each_field_says_what_is_wrong"):
        assert re.search(r'<p class="wrong" id="e-last_name">Please fill this in\.</p>', answer.text), answer.text
        assert 'href="#f-last_name"' in answer.text and 'aria-invalid="true"' in answer.text
        assert "Please agree to this" in answer.text
    with test("forms__all_that_is_wrong_is_told_at_once"):
        for field, text in (("emails", "Please give an e-mail address"), ("visits", "Please give a number"), ("begins", "Please give a date"),
                            ("budget", "Please give a number"), ("size", "Please choose")):
            assert re.search('id="e-%s">%s' % (field, text), answer.text), (field, answer.text)
    with test("forms__the_same_form_can_be_sent_once_it_is_right"):
        done = send(k, "write-us", {"last_name": "Lee", "emails": "a@b.example", "visits": "", "begins": "", "budget": "", "size": "", "_consent": "1"}, page=page)
        assert done.status == 303, done.text
    with test("forms__german_ones_answer_in_german"):
        answer = send(k, "schreiben", {"last_name": "x" * 501, "emails": ""})
        assert answer.status == 422 and "Das ist zu lang." in answer.text and "Bitte füllen Sie das aus." in answer.text, answer.text
    with test("forms__go_where_they_are_told"):
        done = send(k, "schreiben", {"last_name": "Groß", "emails": "g@example.com", "budget": "2.500"})
        assert done.status == 303 and done.headers["location"] == "/danke", done
        lead = k.admin.get("/api/v1/leads?filter=last_name%20%3D%20%22Gro%C3%9F%22&fields=budget").json["items"][0]
        assert lead["budget"]["value"] == "2500.00", lead
        away = send(k, "outside", {"last_name": "Off"})
        assert away.headers["location"] == "https://a.example/thanks"
    with test("forms__without_a_needed_consent_none_is_kept"):
        entry = k.admin.get("/api/v1/submissions?filter=form%20%3D%20%22schreiben%22").json["items"][0]
        full = k.admin.get("/api/v1/submissions/%d" % entry["id"]).json
        assert full["consent"] is None and full["consent_version"] is None, full


def told(k, ina, max):
    """Ina by the form that names her, Max by a rule of the firm."""
    with test("forms__the_owner_is_told_at_once"):
        note = ina.get("/api/v1/notifications").json["items"][0]
        assert note["kind"] == "assigned" and note["about"]["why"] == "Write to us", note
        assert ina.get("/api/v1/leads/%d" % note["record"]["id"]).status == 200
    assert send(k, "ruled", {"last_name": "Ruled", "city": "Kiel"}).status == 303
    with test("forms__rules_of_the_firm_assign_what_comes_in"):
        lead = leads(k)[0]
        assert lead["owner"] and lead["owner"]["id"] == max.user["id"], lead
        assert max.get("/api/v1/notifications").json["items"][0]["kind"] == "assigned"
    with test("forms__and_one_undo_takes_that_back_as_well"):
        change = next(c for c in k.admin.get("/api/v1/changes?limit=5").json["items"] if c["source"] == "form")
        assert k.admin.post("/api/v1/changes/%d/undo" % change["id"]).status == 200
        assert k.admin.get("/api/v1/leads/%d" % lead["id"]).json.get("deleted_at") or k.admin.get("/api/v1/leads/%d" % lead["id"]).status == 404


def failing(k):
    """A rule that cannot act loses no enquiry: the others act, and administrators are told."""
    assert send(k, "ruled", {"last_name": "Casino", "city": "Bonn"}).status == 303
    with test("forms__a_failing_rule_loses_no_enquiry"):
        lead = leads(k)[0]
        assert (lead["last_name"], lead["subject"]) == ("Casino", "Roof"), lead
        assert any(x["kind"] == "submission" for x in k.admin.get("/api/v1/leads/%d/timeline" % lead["id"]).json["items"])
    with test("forms__administrators_hear_of_the_rule"):
        note = k.admin.get("/api/v1/notifications").json["items"][0]
        assert (note["kind"], note["record"]["id"]) == ("rule", lead["id"]) and "spam" in note["about"]["text"], note


def figures(k):
    send(k, "slow", {"last_name": "Trap", "_more": "x"})
    listed = {f["name"]: f for f in k.admin.get("/api/v1/forms").json["items"]}
    with test("forms__administrators_are_told_what_came_in"):
        one = listed["write-us"]
        assert one["path"] == "/forms/write-us" and one["entity"] == "lead" and one["entries"] >= 3 and one["last_at"], one
        assert one["address"] is None and listed["outside"]["address"] == "https://a.example/forms/outside"
        assert one["embed"] == ["https://www.nordwind.example"] and one["consent_version"] == "2026-01"
        away = {x["why"]: x["count"] for x in listed["slow"]["turned_away"]}
        assert away.get("trapped") == 1, listed["slow"]
    with test("forms__a_fixed_value_that_leads_nowhere_is_told"):
        assert [p["value"] for p in listed["slow"]["problems"]] == ["nobody@example.com"], listed["slow"]
        assert listed["write-us"]["problems"] == []
    with test("forms__others_are_not"):
        assert k.client("max@example.com").get("/api/v1/forms").status == 403
        assert k.client().get("/api/v1/forms").status == 401
    with test("forms__monitoring_is_told"):
        text = k.admin.get("/metrics").text
        assert 'kontor_form_entries_total{form="slow",outcome="trapped"} 1' in text and 'outcome="taken"' in text, text
    with test("forms__are_counted_beyond_a_restart"):
        before = listed["write-us"]["entries"]
        k.stop()
        k.start()
        after = {f["name"]: f for f in k.client("admin@example.com").get("/api/v1/forms").json["items"]}
        assert after["write-us"]["entries"] == before, (before, after["write-us"])


def left(k, ina):
    """Who has left gets nothing: it stays without an owner, and whoever looks after the configuration is told."""
    admin = k.client("admin@example.com")
    user = next(u["id"] for u in admin.items("/api/v1/users") if u["email"] == "ina@example.com")
    assert admin.patch("/api/v1/users/%d" % user, {"active": False}).status == 200
    with test("forms__who_has_left_gets_no_enquiry"):
        assert send(k, "write-us", {"last_name": "After Ina", "emails": "after@example.com", "_consent": "1"}).status == 303
        lead = leads(k)[0]
        assert (lead["last_name"], lead["owner"]) == ("After Ina", None), lead
    with test("forms__the_plan_notes_who_has_left_and_who_never_was"):
        notes = k.run("plan").stderr
        assert 'the user "ina@example.com" is not active' in notes and 'there is no user "nobody@example.com"' in notes, notes


def main():
    with Kontor(conf=CONF) as k:
        team = k.admin.post("/api/v1/teams", {"name": "North"})
        assert team.status == 201, team
        k.add_user("ina@example.com", team="North")
        ina = k.client("ina@example.com")
        k.add_user("max@example.com")
        pages(k)
        taken(k, ina)
        twins(k)
        told(k, ina, k.client("max@example.com"))
        asked_again(k)
        failing(k)
        figures(k)
        left(k, ina)
    finish()


main()
