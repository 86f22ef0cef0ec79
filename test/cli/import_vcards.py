#!/usr/bin/python3
"""vCards of many programs come in whole: what a card says and a contact knows is in the contact."""
import glob
import os
import quopri
import re

from kontor import Kontor, check, contains, equal, finish, shared, skip, test

CARDS = b"""BEGIN:VCARD
VERSION:3.0
N:Lund;Ada;Maria,Eva;Dr.;jr.
FN:Dr. Ada Lund
ORG:Lund Bros\\, Inc.;Sales
TITLE:Head\\nof sales
item1.TEL:+49 30 1
 234
item1.X-ABLabel:_$!<Front desk>!$_
TEL;TYPE="work,fax";PREF=1:tel:+49-30-9;ext=12
EMAIL;type=INTERNET;type=pref;type=HOME:ada@x.example
URL:http\\://x.example
ADR;TYPE=HOME:;;Side 1;Potsdam;;14467;Germany
ADR;TYPE=WORK,PREF:Box 7;2nd floor;Main 1\\nYard,;Berlin;;10115;Germany
BDAY;VALUE=date:19900203
CATEGORIES:friend\\, old,fair
PHOTO;ENCODING=b:AAAA
 BBBB
UID:card-1
END:VCARD

BEGIN:VCARD
VERSION:2.1
N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=
=F6rg
AGENT:
BEGIN:VCARD
VERSION:2.1
N:Agent;Smith
TEL:000 000
END:VCARD
TEL;CELL;PREF:0170 1
NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0A=
two
PHOTO;BASE64:
    AAAA

EMAIL:j@x.example
END:VCARD
BEGIN:VCARD
VERSION:4.0
KIND:org
FN:Gr\xfcn \x26 Co
ORG:Gr\xfcn \x26 Co
BDAY:--0203
END:VCARD
BEGIN:VCARD
VERSION:4.0
KIND:group
FN:Everybody
MEMBER:urn:uuid:1
END:VCARD
"""


def of(items, name):
    return [i["value"] for i in items[name]]


def own_cards(k):
    result = k.run("import", "contact", k.file(CARDS.replace(b"\n", b"\r\n"), "cards"), "--create-links")
    equal("import_vcards__are_known_by_content", 0, result.returncode)
    contains("import_vcards__name_the_format", "Read as vcard", result.stdout)
    notes = [n["text"] for n in k.admin.items("/api/v1/notes")]
    equal("import_vcards__what_has_no_field_becomes_a_note", ["birthday_without_year: --0203", "note: one\ntwo", "suffix: jr.\ndepartment: Sales"],
          sorted(notes))
    again = k.run("import", "contact", k.file(CARDS[:CARDS.index(b"BEGIN", 9)], "cards"))
    contains("import_vcards__a_card_with_an_id_comes_back_to_its_record", "0 created, 0 updated, 1 unchanged", again.stdout)
    ada, joerg, firm = sorted(k.admin.items("/api/v1/contacts"), key=lambda c: c["id"])
    equal("import_vcards__names", ("Dr.", "Ada Maria Eva", "Lund"), (ada["salutation"], ada["first_name"], ada["last_name"]))
    equal("import_vcards__phones", [("+49 30 1234", "Front desk", False), ("+49-30-9 ext. 12", "work fax", True)],
          [(p["value"], p["label"], p["primary"]) for p in ada["phones"]])
    equal("import_vcards__emails", [("ada@x.example", "home", True)], [(p["value"], p["label"], p["primary"]) for p in ada["emails"]])
    equal("import_vcards__the_preferred_address", ("Box 7, 2nd floor, Main 1, Yard", "10115", "Berlin", "Germany"),
          tuple(ada[f] for f in ("street", "postcode", "city", "country")))
    equal("import_vcards__other_fields", ("Lund Bros, Inc.", "1990-02-03", ["http://x.example"], ["fair", "friend", "old"]),
          (ada["company"]["title"], ada["birthday"], of(ada, "links"), sorted(ada["tags"])))
    equal("import_vcards__charsets_and_quoted_printable", ("Jörg", "Müller", ["0170 1"], ["j@x.example"]),
          (joerg["first_name"], joerg["last_name"], of(joerg, "phones"), of(joerg, "emails")))
    equal("import_vcards__organisations", (None, "Grün & Co"), (firm["first_name"], firm["last_name"]))


def as_companies(k):
    k.must("import", "company", k.file(CARDS, "cards.vcf"))
    equal("import_vcards__of_companies", ["Grün & Co", "Jörg Müller", "Lund Bros, Inc."],
          sorted(c["name"] for c in k.admin.items("/api/v1/companies")))


def broken(k):
    for name, cards, words in (("cut", CARDS[:CARDS.index(b"URL")], "c.vcf: card 1"),
                               ("calendar", b"BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n", "calendar")):
        result = k.run("import", "contact", k.file(cards, "c.vcf"))
        equal("import_vcards__a_%s_file_is_refused" % name, 1, result.returncode)
        contains("import_vcards__a_%s_file_is_named" % name, words, result.stderr)
    bad = b"BEGIN:VCARD\nVERSION:4.0\nN:A;B\nEMAIL:nonsense\nEND:VCARD\n"
    result = k.run("import", "contact", k.file(bad, "c.vcf"))
    equal("import_vcards__a_wrong_value_rejects_its_card", 3, result.returncode)
    text = open(result.stdout.split("Rejected rows: ")[1].split("\n")[0]).read()
    again = k.run("import", "contact", k.file(text.replace("nonsense", "b@x.example"), "again.csv"))
    equal("import_vcards__a_corrected_card_comes_back", 0, again.returncode)


# ---- the cards of others, read in another way than ours


def lines_of(data):
    text = re.sub(rb"\r\n?", b"\n", data)
    out = []
    for line in text.split(b"\n"):
        soft = out and re.match(rb"[^:]*quoted-printable", out[-1], re.I) and out[-1].endswith(b"=")
        if soft:
            out[-1] = out[-1][:-1] + line
        elif line[:1] in b" \t" and line and out:
            out[-1] += line[1:]
        else:
            out.append(line)
    return out


def cards_of(data):
    card, depth = None, 0
    for line in lines_of(data):
        if line.upper().strip() == b"BEGIN:VCARD":
            depth += 1
            card = [] if depth == 1 else card
        elif line.upper().strip() == b"END:VCARD":
            depth -= 1
            if depth == 0:
                yield card
        elif depth == 1 and b":" in line:
            head, value = re.match(rb'((?:[^:"]|"[^"]*")*):(.*)', line, re.S).groups()
            if re.search(rb"quoted-printable", head, re.I):
                value = quopri.decodestring(value)
            name = head.split(b";")[0].split(b".")[-1].upper().decode()
            card.append((name, value.decode("utf-8", "replace")))


def plain(text):
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], text).strip()


def words(text):
    return set(re.findall(r"\w+", plain(text)))


def missing(card, contact):
    """What the card says that the contact does not."""
    everything = words(" ".join(str(v) for v in contact.values()) + " " + str((contact.get("company") or {}).get("title", "")))
    skipped_n = 0
    seen = set()
    for name, value in card:
        if name == "N" and not skipped_n:
            skipped_n = 1
            want = words(" ".join(re.split(r"(?<!\\);", value)[:4]))
        elif name in ("EMAIL", "TEL", "URL"):
            want = words(re.sub(r"^(tel|mailto):", "", re.sub(";ext=", " ", value)))
        elif name == "TITLE":
            want = words(value)
        elif name in ("CATEGORIES", "CATEGORY"):
            want = words(value)
        elif name == "ORG" and name not in seen:
            want = words(re.split(r"(?<!\\);", value)[0])
        elif name == "BDAY" and name not in seen and re.match(r"(\d{4})-?(\d\d)-?(\d\d)", value):
            want = {"".join(re.match(r"(\d{4})-?(\d\d)-?(\d\d)", value).groups())}
            everything |= {(contact.get("birthday") or "").replace("-", "")}
        else:
            want = set()
        seen.add(name)
        if want - everything:
            yield name, value, want - everything
    addresses = [v for n, v in card if n == "ADR"]
    if len(addresses) == 1:
        parts = re.split(r"(?<!\\);", addresses[0])
        yield from ((("ADR", p, words(p) - everything) for i, p in enumerate(parts) if i != 4 and words(p) - everything))


def all_of_them(k, folder):
    taken = rejected = last = 0
    lost = []
    for path in sorted(glob.glob(os.path.join(folder, "**", "*.vcf"), recursive=True)):
        if path.endswith("user-cal.vcf"):
            continue
        result = k.run("import", "contact", path, "--create-links", "--rejects", str(k.top / "rejects.csv"))
        check("import_vcards__%s_is_read" % os.path.basename(path), result.returncode in (0, 3), result.stderr)
        contacts = sorted((c for c in k.admin.items("/api/v1/contacts") if c["id"] > last), key=lambda c: c["id"])
        last = max([last] + [c["id"] for c in contacts])
        cards = list(cards_of(open(path, "rb").read()))
        created, updated, same, bad = map(int, re.match(r"(\d+) created.*?, (\d+) updated, (\d+) unchanged, (\d+) rejected", result.stdout).groups())
        rejected += bad
        taken += created + updated + same # two of the collections have cards with the same ids
        if len(cards) == len(contacts):
            lost += [(os.path.basename(path),) + m for card, contact in zip(cards, contacts) for m in missing(card, contact)]
    equal("import_vcards__lose_nothing", [], lost)
    check("import_vcards__nearly_all_are_taken", taken >= 74 and rejected <= 4, "%d taken, %d rejected" % (taken, rejected))


for part in (own_cards, as_companies, broken):
    with test("import_vcards__" + part.__name__), Kontor() as k:
        part(k)
folder = shared("data/vcard", "import_vcards__of_many_programs")
if folder:
    with test("import_vcards__of_many_programs"), Kontor() as k:
        all_of_them(k, folder)
finish()
