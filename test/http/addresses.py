#!/usr/bin/python3
"""Addresses: several per record, the primary one the same as the plain fields, printed as its country writes them, searched, in
files and back."""
import json
import pathlib
import re
import sqlite3
import urllib.parse

from kontor import SHARED, Kontor, check, contains, equal, finish, skip, test

C = "/api/v1/companies"
PLAIN = ("street", "postcode", "city", "country")


def one(**parts):
    return {"label": "", "street": "", "postcode": "", "city": "", "region": "", "country": "", "primary": False, **parts}


def bare(addresses):
    return [{key: v for key, v in a.items() if key not in ("text", "country_code")} for a in addresses]


def found(k, text):
    return sorted(r["id"] for r in k.admin.items("%s?filter=%s" % (C, urllib.parse.quote(text))))


def plain(record):
    return tuple(record[name] for name in PLAIN)


def both_ways(k):
    with test("addresses__the_plain_fields_are_the_primary_one"):
        a = k.admin.post(C, {"name": "Ahn", "street": "Kai 1", "postcode": "24103", "city": "Kiel", "country": "Germany"}).json
        equal("addresses__what_was_there_is_the_primary_one",
              [one(street="Kai 1", postcode="24103", city="Kiel", country="Germany", primary=True)], bare(a["addresses"]))
        equal("addresses__printed_for_an_envelope", "Kai 1\n24103 Kiel", a["addresses"][0]["text"])
        equal("addresses__country_is_known", "DE", a["addresses"][0]["country_code"])
        one_id = "%s/%d" % (C, a["id"])
        b = k.admin.patch(one_id, {"city": "Hamburg"}).json
        equal("addresses__the_city_changes_the_address", "Hamburg", b["addresses"][0]["city"])
        b = k.admin.patch(one_id, {"addresses": [one(label="billing", street="Weg 2\nHinterhaus", postcode="20095", city="Bremen"),
                                                  one(label="delivery", street="Tor 3", city="Wien", country="Austria", primary=True)]}).json
        equal("addresses__the_address_changes_the_city", ("Tor 3", None, "Wien", "Austria"), plain(b))
        equal("addresses__are_kept_in_order", ["billing", "delivery"], [x["label"] for x in b["addresses"]])
        equal("addresses__lines_of_a_street", "Weg 2\nHinterhaus\n20095 Bremen", b["addresses"][0]["text"])
        equal("addresses__abroad_in_capitals", "Tor 3\nWien\nAUSTRIA", b["addresses"][1]["text"])
        b = k.admin.patch(one_id, {"addresses": [dict(b["addresses"][0], primary=True), dict(b["addresses"][1], primary=False)]}).json
        equal("addresses__another_becomes_primary", ("Weg 2, Hinterhaus", "20095", "Bremen", None), plain(b))
        equal("addresses__and_keeps_its_lines", "Weg 2\nHinterhaus", b["addresses"][0]["street"])
        version = b["version"]
        equal("addresses__the_same_again_is_no_change", version, k.admin.patch(one_id, {"addresses": b["addresses"]}).json["version"])
        b = k.admin.patch(one_id, {"street": "Neu 7"}).json
        equal("addresses__the_street_is_the_new_one", "Neu 7", b["addresses"][0]["street"])
        gone = k.admin.patch(one_id, {"addresses": []})
        equal("addresses__none", ([], (None,) * 4), (gone.json["addresses"], plain(gone.json)))
        k.admin.post("/api/v1/changes/%s/undo" % gone.headers["X-Kontor-Change"] if "X-Kontor-Change" in gone.headers else
                     "/api/v1/changes/%d/undo" % k.admin.get("/api/v1/changes?limit=1").json["items"][0]["id"])
        back = k.admin.get(one_id).json
        equal("addresses__undo_brings_all_back", (bare(b["addresses"]), plain(b)), (bare(back["addresses"]), plain(back)))
    with test("addresses__plain_texts"):
        for text, parts in (("Hauptstr. 1\n12345 Berlin\nGermany", one(street="Hauptstr. 1", postcode="12345", city="Berlin", country="Germany", primary=True)),
                            ("Hauptstr. 1, 12345 Berlin", one(street="Hauptstr. 1", postcode="12345", city="Berlin", primary=True)),
                            ("Herengracht 573, 1017 CD Amsterdam, Holland", one(street="Herengracht 573", postcode="1017 CD", city="Amsterdam", country="Holland", primary=True)),
                            ("10 Downing Street\nLondon SW1A 2AA\nUK", one(street="10 Downing Street", postcode="SW1A 2AA", city="London", country="UK", primary=True)),
                            ("Lübeck", one(city="Lübeck", primary=True))):
            made = k.admin.post(C, {"name": "Text", "addresses": text})
            equal("addresses__read_%s" % text[:12].replace("\n", " "), [parts], bare(made.json.get("addresses", [])))
        for bad in ([{"town": "x"}], [{"city": 1}], [{"city": "a", "primary": True}, {"city": "b", "primary": True}],
                    [{"city": "x" * 300}], [{"primary": "yes", "city": "a"}], 7):
            equal("addresses__refused_%s" % json.dumps(bad)[:24], 422, k.admin.post(C, {"name": "Bad", "addresses": bad}).status)
    return a["id"]


def finding(k, first):
    with test("addresses__are_found"):
        equal("addresses__contains_any_part", [first], found(k, 'addresses contains "wien"'))
        equal("addresses__contains_the_primary", [first], found(k, 'addresses contains "neu 7"'))
        check("addresses__empty", first not in found(k, "addresses is empty"))
        for q in ("Tor 3", "20095", "Bremen", "wien"):
            items = k.admin.get("/api/v1/search?q=" + urllib.parse.quote(q)).json["items"]
            check("addresses__search_%s" % q, first in [i["id"] for i in items], repr(items))


def history(k):
    with test("addresses__as_of"):
        made = k.admin.post(C, {"name": "Past", "city": "Kiel", "addresses": []}).json
        equal("addresses__the_plain_field_wins", "Kiel", made["city"])
        before = k.admin.get("/api/v1/changes?limit=1").json["items"][0]["id"]
        k.admin.patch("%s/%d" % (C, made["id"]), {"addresses": [one(city="Ulm", label="a"), one(city="Bonn")]})
        old = k.admin.get("%s/%d?as_of=cs:%d" % (C, made["id"], before)).json
        equal("addresses__as_they_were", ["Kiel"], [x["city"] for x in old["addresses"]])
        back = k.admin.post("%s/%d/restore" % (C, made["id"]), {"at": "cs:%d" % before})
        if back.status != 200:
            back = k.admin.post("/api/v1/changes/%d/undo" % k.admin.get("/api/v1/changes?limit=1").json["items"][0]["id"])
        now = k.admin.get("%s/%d" % (C, made["id"])).json
        equal("addresses__restored", (["Kiel"], "Kiel"), ([x["city"] for x in now["addresses"]], now["city"]))


def rights(k):
    with test("addresses__rights"):
        k.add_user("clerk@example.com", role="clerk")
        clerk = k.client("clerk@example.com")
        made = k.admin.post(C, {"name": "Secret", "country": "Hidden land", "addresses": [one(country="Hidden land", street="Open 1")]}).json
        check("addresses__hide_what_is_hidden", "HIDDEN" not in clerk.get("%s/%d" % (C, made["id"])).text.upper())
        equal("addresses__are_not_a_way_round", 422, clerk.post(C, {"name": "Mine", "addresses": [one(city="Ulm", country="FR")]}).status)


def marks(k):
    with test("addresses__marks"):
        said = [one(label="billing", street="Kai 1", city="Kiel", primary=True, opt_out=True), one(label="[x]", city="Ulm", invalid=True),
                one(city="Bonn", opt_out=True, invalid=True), one(label="[opt-out]", city="Hof")]
        made = k.admin.post(C, {"name": "Marked", "addresses": [{**a, "opt_out": a.get("opt_out", False)} for a in said]}).json
        equal("addresses__marks_stand_where_they_are", said, bare(made["addresses"]))
        moved = k.admin.patch("%s/%d" % (C, made["id"]), {"city": "Lund"}).json["addresses"][0]
        equal("addresses__marks_stay_with_the_plain_fields", (True, "Lund"), (moved.get("opt_out"), moved["city"]))
        lone = k.admin.post(C, {"name": "Lone", "addresses": [one(city="Ulm", primary=True, invalid=True)]}).json
        equal("addresses__marks_of_an_address_in_plain_fields", True, lone["addresses"][0].get("invalid"))
        equal("addresses__a_mark_is_true_or_false", 422, k.admin.post(C, {"name": "Bad", "addresses": [{"city": "a", "opt_out": 1}]}).status)
        text = k.must("export", "company", "--fields", "name,addresses", "--filter", 'name = "Marked"')
        contains("addresses__marks_in_a_cell", "billing* [opt-out]|Kai 1||Lund||; ", text)
        k.must("import", "company", k.file(text.replace("Marked", "Again"), "marked.csv"))
        again = k.admin.items(C + "?filter=" + urllib.parse.quote('name = "Again"'))[0]
        equal("addresses__marks_come_back_from_a_cell", [{**said[0], "city": "Lund"}] + said[1:], bare(again["addresses"]))


def files(k, first):
    with test("addresses__csv_round_trip"):
        k.admin.post(C, {"name": "Odd | one", "addresses": [one(label="a*b;c|d\\", street="x;y\n|z*", city="Ulm*", country="FR"), one(city="Köln", region="NRW")]})
        text = k.must("export", "company")
        contains("addresses__cell_is_readable", "*|Neu 7|20095|Bremen||; delivery|Tor 3||Wien||Austria", text)
        done = json.loads(k.must("import", "company", k.file(text, "own.csv"), "--match", "id", "--json"))
        equal("addresses__own_file_changes_nothing", (0, 0), (done["updated"], done["rejected"]))
        with Kontor() as other:
            done = json.loads(other.must("import", "company", other.file(text.replace("\r", ""), "own.csv"), "--json"))
            equal("addresses__comes_in_elsewhere", 0, done["rejected"])
            keys = "name,addresses,street,postcode,city,country"
            equal("addresses__byte_equal", *[x.must("export", "company", "--fields", keys) for x in (k, other)])


def samples(k):
    folder = SHARED / "data/i18n/address-formatting/testcases/countries"
    if not folder.is_dir():
        skip("addresses__formats", "no shared data")
        return
    cases = [c for c in read_cases(folder) if c]
    equal_count = 0
    countries = set()
    with test("addresses__formats"):
        for i in range(0, len(cases), 100):
            some = cases[i:i + 100]
            body = {"name": "Formats", "addresses": [one(street=s, postcode=p, city=c, region=r, country=code) for code, s, p, c, r, _ in some]}
            made = k.admin.post(C, body)
            equal("addresses__taken_%d" % i, (201, len(some)), (made.status, len((made.json or {}).get("addresses", []))))
            for case, got in zip(some, made.json["addresses"]):
                lines = got["text"].split("\n")
                equal_count += "\n".join(lines if case[0] == "DE" else lines[:-1]) == case[5]
                countries.add(case[0])
        share = 100 * equal_count / len(cases)
        check("addresses__%d_of_%d_cases_of_%d_countries_match" % (equal_count, len(cases), len(countries)), share >= 75)


CITY = ("city", "town", "village", "municipality", "hamlet", "suburb", "county", "state_district", "island", "archipelago", "state")
REGION = ("state_code", "state", "county", "state_district", "province", "region")


def read_cases(folder):
    for path in sorted(folder.glob("*.yaml")):
        for text in path.read_text("utf-8").split("\n---"):
            parts, lines, mode = {}, [], ""
            for line in text.split("\n"):
                head = re.match(r"(components|expected):", line)
                mode = head.group(1) if head else "" if re.match(r"\S", line) else mode
                entry = re.match(r"\s+(\w+):\s*(.*?)\s*$", line)
                if mode == "components" and entry:
                    parts[entry.group(1)] = entry.group(2).strip("\"'")
                elif mode == "expected" and line.strip() and not head:
                    lines.append(line.strip())
            if parts and lines:
                yield take_apart(path.stem.upper(), parts, lines)


def stands(word, text):
    return re.search(r"(^|[\s,\-(])" + re.escape(word) + r"($|[\s,\-)])", text)


def take_apart(code, parts, lines):
    """A case as our fields and the block that is expected; None when its city cannot be told."""
    lines = lines[:-1] if len(lines) > 1 and "country" in parts else lines
    text = "\n".join(lines)
    postcode = parts.get("postcode", "") if parts.get("postcode", "") in text else ""
    city = next((parts[n] for n in CITY if parts.get(n) and stands(parts[n], text)), None)
    if city is None:
        return None
    rest = text.replace(city, "", 1)
    region = next((parts[n] for n in REGION if parts.get(n) and parts[n] != city and stands(parts[n], rest)), "")
    for line in lines if not region and parts.get("state") else []:
        short = re.fullmatch(r"[\s,\-]*([A-Z]{2,3})[\s,\-]*", line.replace(postcode, "").replace(city, "", 1))
        region = short.group(1) if short and city in line else region
    ours = sorted(filter(None, (postcode, city, region)), key=len, reverse=True)

    def is_place(line):
        for word in ours:
            line = line.replace(word, "")
        return not re.sub(r"[\W_]", "", line)
    return code, "\n".join(line for line in lines if not is_place(line)), postcode, city, region, text


CONF = {"roles.yaml": """
clerk:
  label: Clerk
  entities: {"*": {see: all, create: all, edit: all}}
  fields: {company: {country: {see: false, edit: false}}}
"""}
with Kontor() as k:
    (k.conf / "kontor.yaml").write_text((k.conf / "kontor.yaml").read_text() + "\ncountry: Deutschland\n")
    k.must("apply")
    first = both_ways(k)
    finding(k, first)
    history(k)
    files(k, first)
    samples(k)
    k.write_conf(CONF)
    k.must("apply", "--yes")
    rights(k)
    marks(k)
finish()
