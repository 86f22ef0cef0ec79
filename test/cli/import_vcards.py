#!/usr/bin/python3
"""vCards of many programs come in whole: what a card says and a contact knows is in the contact."""
import base64
import glob
import os
import quopri
import re
import struct
import zlib

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
IMPP:xmpp:ada@x.example
X-SOCIALPROFILE;type=twitter:http://twitter.example/ada
item2.X-ABRELATEDNAMES:Jenny
item2.X-ABLabel:_$!<Spouse>!$_
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
    broken_photo = "photo_not_taken: no picture Kontor knows"
    equal("import_vcards__what_has_no_field_becomes_a_note",
          ["birthday_without_year: --0203", broken_photo + "\nnote: one\ntwo", "suffix: jr.\ndepartment: Sales\nchat: xmpp:ada@x.example\nrelated: Jenny (Spouse)\n" + broken_photo], sorted(notes))
    again = k.run("import", "contact", k.file(CARDS[:CARDS.index(b"BEGIN", 9)], "cards"))
    contains("import_vcards__a_card_with_an_id_comes_back_to_its_record", "0 created, 0 updated, 1 unchanged", again.stdout)
    ada, joerg, firm = sorted(k.admin.items("/api/v1/contacts"), key=lambda c: c["id"])
    equal("import_vcards__names", ("Dr.", "Ada Maria Eva", "Lund"), (ada["salutation"], ada["first_name"], ada["last_name"]))
    equal("import_vcards__phones", [("+49 30 1234", "Front desk", False), ("+49-30-9 ext. 12", "work fax", True)],
          [(p["value"], p["label"], p["primary"]) for p in ada["phones"]])
    equal("import_vcards__emails", [("ada@x.example", "home", True)], [(p["value"], p["label"], p["primary"]) for p in ada["emails"]])
    equal("import_vcards__the_preferred_address", ("Box 7, 2nd floor, Main 1, Yard", "10115", "Berlin", "Germany"),
          tuple(ada[f] for f in ("street", "postcode", "city", "country")))
    equal("import_vcards__other_fields", ("Lund Bros, Inc.", "1990-02-03", ["http://x.example", "http://twitter.example/ada"], ["fair", "friend", "old"]),
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


def png(shade, size=1):
    """A picture of one colour; noise beyond its end makes it as large as wanted."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(b"\0" + bytes([shade] * 3))) + chunk(b"IEND", b"") + bytes(i * 7 % 251 for i in range(size)))


def card(name, photo, version="3.0"):
    return b"BEGIN:VCARD\r\nVERSION:%s\r\nN:%s;P;;;\r\nFN:P %s\r\nEMAIL:%s@p.example\r\n%s\r\nEND:VCARD\r\n" % (
        version.encode(), name.encode(), name.encode(), name.lower().encode(), photo)


def folded(head, data, indent=b" ", width=70):
    text = base64.b64encode(data)
    return head + b"".join(b"\r\n" + indent + text[i:i + width] for i in range(0, len(text), width))


def people(k):
    return {c["last_name"]: c for c in k.admin.items("/api/v1/contacts")}


def bytes_of(k, contact):
    return k.admin.request("GET", "/api/v1/files/%d" % contact["photo"]["id"]).body


def photos(k):
    pictures = {"Three": png(3, 4000), "Two": png(2, 900), "Four": png(4), "Bare": png(5, 300), "Jpeg": b"\xff\xd8\xff\xe0" + bytes(range(200)),
                "Gif": b"GIF89a" + bytes(50), "Webp": b"RIFF\x20\0\0\0WEBPVP8 " + bytes(40), "Escaped": png(6)}
    uri = b"data:image/x;base64\\," + base64.b64encode(pictures["Escaped"])
    cards = (card("Three", folded(b"PHOTO;ENCODING=b;TYPE=PNG:", pictures["Three"])) +
             card("Two", folded(b"PHOTO;PNG;BASE64:", pictures["Two"], b"    ") + b"\r\n", "2.1") +
             card("Bare", folded(b"PHOTO;ENCODING=BASE64;TYPE=PNG:", pictures["Bare"], b"", 76) + b"\r\n", "2.1") +
             card("Four", b"PHOTO:data:image/png;base64," + base64.b64encode(pictures["Four"]), "4.0") +
             card("Escaped", b"item1.PHOTO;VALUE=uri:" + uri, "4.0") +
             card("Jpeg", folded(b"PHOTO;TYPE=PNG;ENCODING=b:", pictures["Jpeg"])) + # its bytes tell
             card("Gif", folded(b"PHOTO;ENCODING=b;TYPE=GIF:", pictures["Gif"])) +
             card("Webp", folded(b"PHOTO;ENCODING=b;TYPE=WEBP:", pictures["Webp"])) +
             card("Url", b"PHOTO;VALUE=URI:http://127.0.0.1:1/me.jpg") +
             card("Text", folded(b"PHOTO;ENCODING=b;TYPE=PNG:", b"<svg onload=alert(1)>")) +
             card("Huge", folded(b"PHOTO;ENCODING=b;TYPE=PNG:", png(9, 6 << 20))))
    path = k.file(cards, "photos.vcf")
    trial = k.must("import", "contact", path, "--dry-run")
    contains("import_vcards__a_trial_counts_cards_with_photos", "11 created", trial)
    equal("import_vcards__a_trial_stores_no_photo", (0, []), (k.admin.get("/api/v1/files").json["count"], list((k.data / "files").glob("*/*")) if (k.data / "files").is_dir() else []))
    k.must("import", "contact", path)
    found = people(k)
    for name, data in pictures.items():
        equal("import_vcards__photo_of_" + name.lower(), data, bytes_of(k, found[name]))
    equal("import_vcards__photos_are_called_by_their_content", ["photo.gif", "photo.jpeg", "photo.webp"],
          [found[n]["photo"]["title"] for n in ("Gif", "Jpeg", "Webp")])
    notes = {n["links"][0]["title"]: n["text"] for n in k.admin.items("/api/v1/notes")}
    equal("import_vcards__photos_elsewhere_and_broken_ones_are_noted",
          {"P Url": "photo_not_taken: http://127.0.0.1:1/me.jpg", "P Text": "photo_not_taken: no picture Kontor knows",
           "P Huge": "photo_not_taken: too large"}, notes)
    again = k.must("import", "contact", path, "--match", "email")
    contains("import_vcards__the_same_photos_change_nothing", "0 created, 0 updated, 11 unchanged", again)
    other = k.file(card("Three", folded(b"PHOTO;ENCODING=b;TYPE=PNG:", png(8))), "other.vcf")
    k.must("import", "contact", other, "--match", "email")
    equal("import_vcards__another_photo_takes_its_place", png(8), bytes_of(k, people(k)["Three"]))
    change = k.admin.get("/api/v1/changes?limit=1").json["items"][0]["id"]
    k.must("undo", str(change))
    equal("import_vcards__undo_gives_the_photo_back", pictures["Three"], bytes_of(k, people(k)["Three"]))
    for version in ("3", "4"):
        out = k.admin.request("GET", "/api/v1/contacts/export?format=vcf&card=" + version).body
        copy = Kontor()
        with copy:
            copy.must("import", "contact", copy.file(out, "out.vcf"))
            mine = people(copy)
            equal("import_vcards__version_%s_carries_the_photos" % version, pictures, {n: bytes_of(copy, mine[n]) for n in pictures})


def photos_refused(k):
    bad = card("Reject", folded(b"PHOTO;ENCODING=b;TYPE=PNG:", png(7))).replace(b"@p.example", b"")
    result = k.run("import", "contact", k.file(bad, "bad.vcf"))
    equal("import_vcards__a_rejected_card_is_told", 3, result.returncode)
    text = open(result.stdout.split("Rejected rows: ")[1].split("\n")[0]).read()
    k.must("import", "contact", k.file(text.replace(",reject,", ",reject@p.example,").replace("reject,reject", "reject@p.example,reject", 1), "again.csv"))
    equal("import_vcards__a_corrected_card_keeps_its_photo", png(7), bytes_of(k, people(k)["Reject"]))
    csv = "last_name,photo\nNone,data:image/png;base64,AAAA\n"
    result = k.run("import", "contact", k.file(csv.replace("data", '"data').replace("AAAA", 'AAAA"'), "p.csv"))
    contains("import_vcards__a_cell_that_is_no_picture_is_refused", "no picture that Kontor knows", open(result.stdout.split("Rejected rows: ")[1].split("\n")[0]).read())


def photos_have_room(k):
    k.must("import", "contact", k.file(card("First", folded(b"PHOTO;ENCODING=b:", png(1, 700000))), "first.vcf"))
    for args, words in ((("--dry-run",), "a_trial"), ((), "the_run")):
        result = k.run("import", "contact", k.file(card("Second", folded(b"PHOTO;ENCODING=b:", png(2, 700000))), "second.vcf"), *args)
        equal("import_vcards__%s_keeps_the_space_for_files" % words, (3, True), (result.returncode, "files_quota" in result.stdout))
    equal("import_vcards__what_has_no_room_leaves_nothing", (1, 1), (k.admin.get("/api/v1/files").json["count"], len(list((k.data / "files").glob("??/*")))))


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
    embedded = [v for n, v in card if n == "PHOTO" and re.match(r"(data:.*?,)?\s*(/9j/|iVBOR|R0lGOD|UklGR)", v)]
    if embedded and not contact.get("photo"):
        yield "PHOTO", embedded[0][:20], "no photo"
    addresses = [v for n, v in card if n == "ADR"]
    if len(addresses) == 1:
        parts = re.split(r"(?<!\\);", addresses[0])
        yield from ((("ADR", p, words(p) - everything) for i, p in enumerate(parts) if i != 4 and words(p) - everything))


# Every property of the collected cards: where it goes, or why it is left behind.
KEPT = {"N": "name", "FN": "name, where there is no N", "NICKNAME": "note", "ORG": "company, department as a note", "TITLE": "job title",
        "ROLE": "note", "TEL": "phones", "EMAIL": "e-mails", "URL": "links", "ADR": "addresses", "BDAY": "birthday", "ANNIVERSARY": "note",
        "X-ANNIVERSARY": "note", "X-MS-ANNIVERSARY": "note", "X-ABDATE": "note", "NOTE": "note", "CATEGORIES": "tags", "CATEGORY": "tags",
        "UID": "id in the other program", "PHOTO": "photo", "X-ABLABEL": "label", "KIND": "person or organisation",
        "X-ABSHOWAS": "person or organisation", "IMPP": "note", "X-MS-IMADDRESS": "note", "X-ICQ": "note", "RELATED": "note",
        "X-ABRELATEDNAMES": "note", "X-SPOUSE": "note", "X-MS-MANAGER": "note", "X-MS-ASSISTANT": "note"}
NOT_KEPT = {"VERSION": "of the card", "PRODID": "of the card", "PROFILE": "of the card", "X-GENERATOR": "of the card", "MAILER": "of the card",
            "NAME": "of the card", "SOURCE": "of the card", "REV": "of the card: its own history counts", "CLIENTPIDMAP": "of the card",
            "X-ABUID": "of the card, as UID", "X-EVOLUTION-FILE-AS": "order of names: Kontor sorts by the name",
            "SORT-STRING": "order of names: Kontor sorts by the name", "X-PHONETIC-FIRST-NAME": "how a name is spoken: no such field",
            "X-PHONETIC-LAST-NAME": "how a name is spoken: no such field", "LABEL": "the address once more, as lines", "X-ABADR": "format of an address",
            "TZ": "no such field", "GEO": "no such field", "LANG": "no such field", "GENDER": "no such field, and none should be kept unasked",
            "CLASS": "no such field: rights decide", "KEY": "keys are bytes nobody here uses", "SOUND": "bytes nobody here uses",
            "LOGO": "the company's, not the contact's", "AGENT": "another person's card", "MEMBER": "of lists, which are no contacts",
            "FBURL": "calendar", "CALURI": "calendar", "CALADRURI": "calendar", "XML": "not for people", "X-MOZILLA-HTML": "setting of a program",
            "X-MS-OL-DESIGN": "setting of a program", "X-MS-OL-DEFAULT-POSTAL-ADDRESS": "setting of a program", "X-LONG-STRING": "a test of its maker"}


def properties(folder):
    used = {n for path in glob.glob(os.path.join(folder, "**", "*.vcf"), recursive=True)
            for card in cards_of(open(path, "rb").read()) for n, _ in card}
    equal("import_vcards__each_property_is_kept_or_left_behind_for_a_reason", set(), used - set(KEPT) - set(NOT_KEPT))


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


for part in (own_cards, as_companies, broken, photos, photos_refused):
    with test("import_vcards__" + part.__name__), Kontor() as k:
        part(k)
with test("import_vcards__photos_have_room"), Kontor(conf={"kontor.yaml": "name: T\ncurrency: EUR\nfiles_quota: 1\n"}) as k:
    photos_have_room(k)
folder = shared("data/vcard", "import_vcards__of_many_programs")
if folder:
    properties(folder)
    with test("import_vcards__of_many_programs"), Kontor() as k:
        all_of_them(k, folder)
finish()
