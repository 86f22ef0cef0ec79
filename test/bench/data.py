"""The benchmark's data: 200,000 contacts of 20,000 companies, deterministic, as CSV files; large:
1,000,000 contacts of 100,000 companies with 1,000,000 notes.

Three people read them: an administrator; the lead of one of ten teams, who sees a tenth; and
somebody with the role `few`, who sees his own 200.
"""
FIRST = """Anna Ben Clara David Emma Felix Greta Hans Ida Jonas Karla Leon Mia Noah Olga Paul Rosa
Sven Tina Uwe Vera Wim Xenia Yann Zoe Jürgen Søren Łukasz Zoë René Amélie Çağla""".split()
LAST = """Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Bauer
Richter Klein Wolf Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Werner Krause
Lehmann Köhler Maier Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Vogel
Keller""".split()
CITIES = """Berlin Hamburg München Köln Frankfurt Stuttgart Düsseldorf Leipzig Dortmund Essen Bremen
Dresden Wien Zürich Genève Paris""".split()
STAGES = ["enquiry", "qualified", "proposal", "negotiation"]

CONTACTS, MORE, COMPANIES, DEALS, USERS, TEAMS = 200_000, 100_000, 20_000, 2_000, 50, 10
NOTES = 0
TOLD = 20  # the company of which most is told; the lead sees it
ADMIN, LEAD, FEW = "admin@bench.example", "user0@bench.example", "few@bench.example"
PASSWORD = "bench password 12"

CONF = {"roles.yaml": """few:
  label: Sees his own
  entities:
    "*": {see: own, create: all, edit: own, delete: own, export: own, import: none}
""", "imports/notes.yaml": """import: note
header: [text, person, owner]
columns:
  text: text
  person: {field: links, to: contact, by: emails}
  owner: {field: owner, by: email}
"""}
# What notes are made of: a word comes the oftener the further in front it stands.
SYLLABLES = """ver be an ge auf um ab ent zu ein wer lei tun sor gen kos ten ma schi ne dach vol tag
plan bau strom netz haus wand holz stein rech nung lie fer ter min""".split()
SAID = """angebot termin vertrag rechnung dach preis anfrage telefonat besuch montage wartung zusage
unterlagen frist rabatt muster prüfung übergabe schlüssel straße größe müller lieferung
gewährleistung wechselrichter""".split()


def make_large():
    """From here on everything is the large size."""
    global CONTACTS, COMPANIES, NOTES
    CONTACTS, COMPANIES, NOTES = 1_000_000, 100_000, 1_000_000


def owners_few(i):
    """Somebody's own 200, in either size."""
    return i % (CONTACTS // 200) == 7


def mix(i):
    """splitmix64: a number without pattern for every i."""
    mask = (1 << 64) - 1
    z = (i * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return z ^ (z >> 31)


def owner(i):
    return FEW if owners_few(i) else "user%d@bench.example" % (i % USERS)


def company(i):
    h = mix(i + 7_000_000)
    return "%s %s %d GmbH" % (LAST[h % 40], CITIES[(h >> 8) % 16], i)


def last_name(i):
    h = mix(i)
    return "%s-%c%c%c%04d" % (LAST[(h >> 8) % 40], 65 + (h >> 16) % 26, 97 + (h >> 21) % 26,
                              97 + (h >> 26) % 26, (h >> 32) % 10000)


def email(i):
    return "u%d.kontakt@firma%d.example" % (i, (mix(i) >> 20) % 5000)


def contact(i):
    h = mix(i)
    return "%s,%s,Head of %s,%s,%s,+49 %03d %07d,%s,DE,%s,Team %d" % (
        FIRST[h % 32], last_name(i), CITIES[(h >> 45) % 16], company((h >> 20) % COMPANIES),
        email(i), (h >> 10) % 900 + 100, (h >> 30) % 10000000, CITIES[(h >> 48) % 16], owner(i),
        i % TEAMS)


def _often(h, count):
    """A place below count: the first a third of the time, the last hardly ever."""
    u = (h % 1_000_003) / 1_000_003
    return int(count ** u) - 1 if u < 1 else count - 1


def note(i):
    h = mix(i + 20_000_000)
    words = []
    for k in range(12):
        h = mix(h + k)
        if k % 4 == 1:
            words.append(SAID[_often(h, len(SAID))])
        else:
            place = _often(h, 60_000)
            count = len(SYLLABLES)
            words.append(SYLLABLES[place % count] + SYLLABLES[place // count % count] +
                         SYLLABLES[place // count // count % count])
    who = mix(h) % CONTACTS
    words.insert(3, last_name(who).split("-")[0])
    return '%s. Nr. %06d,%s,%s' % (" ".join(words), (h >> 20) % 1_000_000, email(who), owner(who))


def _write(folder, name, header, rows):
    path = folder / name
    with open(path, "w", encoding="utf-8") as out:
        out.write(header + "\n")
        out.writelines(row + "\n" for row in rows)
    return path


def write_files(folder):
    """Lays down the files; returns [(entity, path, match)] in the order of their import."""
    # The first contact comes once more, found by its address: so Kontor keeps the order of the file,
    # and lists are measured on rows that lie as people would have added them, not sorted.
    contact_header = "first_name,last_name,job_title,company,emails,phones,city,country,owner,team"
    files = [
        ("team", _write(folder, "team.csv", "name", ("Team %d" % t for t in range(TEAMS))), None),
        ("user", _write(folder, "user.csv", "name,email,role,team", [
            "User %d,user%d@bench.example,%s,Team %d" % (
                u, u, "lead" if u < TEAMS else "member", u % TEAMS) for u in range(USERS)
        ] + ["Few,%s,few," % FEW]), None),
        ("company", _write(folder, "company.csv", "name,city,country,owner,team", (
            "%s,%s,DE,%s,Team %d" % (company(i), CITIES[(mix(i) >> 9) % 16], owner(i), i % TEAMS)
            for i in range(COMPANIES))), None),
        ("contact", _write(folder, "contact.csv", contact_header,
                           (contact(i % CONTACTS) for i in range(CONTACTS + 1))), "emails"),
        ("deal", _write(folder, "deal.csv", "name,company,stage,amount,close_date,owner", (
            "Deal %d,%s,%s,%d.50,2027-%02d-%02d,%s" % (
                i, company(mix(i) % COMPANIES), STAGES[i % 4], mix(i) % 90000 + 500, i % 12 + 1,
                i % 28 + 1, owner(i)) for i in range(DEALS))), None),
    ]
    if NOTES:
        files.append(("note", _write(folder, "note.csv", "text,person,owner",
                                     (note(i) for i in range(NOTES))), None))
    _write(folder, "more.csv", contact_header,
           (contact(i) for i in range(CONTACTS, CONTACTS + MORE)))
    return files


def searches():
    """What people type: beginnings and whole words of names, an address, digits of a number; in the
    large size also what costs most: words of most notes, beginnings of what every record has, parts
    in the middle, a person with words of a company, and what is not there."""
    if NOTES:
        return large_searches()
    words = ["mül", "anna", "schneider", "be", "wol", "firma123", "kontakt", "zoe", "4711", "gmbh"]
    for i in range(0, CONTACTS, CONTACTS // 40):
        words += [last_name(i), email(i), last_name(i)[:7], FIRST[mix(i) % 32] + " " + LAST[i % 40]]
    return words


def large_searches():
    words = """angebot|termin|müller|schneider|anna|gmbh|berlin|head|angebot termin|rechnung dach|zoe weber|müller gmbh
        |angebot müller|mü|an|sch|be|ang|wol|m|angeb|schnei|firma12|terb|kontak|ontak|chneid|üll|öhler|irma12|muller|köhler
        |strasse|größe|lukasz|paul gmbh|angebot anna|schnieder|mülller|xyzzyq"""
    words = [word.strip() for word in words.split("|")]
    for i in range(3, CONTACTS, CONTACTS // 12):
        phone = "+49 %03d %07d" % ((mix(i) >> 10) % 900 + 100, (mix(i) >> 30) % 10000000)
        words += [last_name(i), last_name(i).split("-")[1], last_name(i)[-6:], FIRST[mix(i) % 32] + " " + last_name(i), phone,
                  phone.replace("+49 ", "0"), phone[-7:], email(i), email(i).split("@")[0], email(i).split("@")[1], company(i % COMPANIES)]
    return words
