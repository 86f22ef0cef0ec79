#!/usr/bin/python3
"""Texts have no blanks at their ends, whichever way they come in, and what shows nothing is no text."""
from kontor import Kontor, check, equal, finish

NOTHING = ("", " ", "   ", "\t", "\u00a0", "\u3000", "\u200b", "\u200b \ufeff", "\u2060", "\u00ad")
ENDS = (("  lead", "lead"), ("trail \t", "trail"), ("\u00a0both\u3000", "both"), ("in  side", "in  side"), ("\n broken\n", "broken"),
        ("[]", "[]"), ("\U0001f469\u200d\U0001f680", "\U0001f469\u200d\U0001f680"), ("-", "-"), ("日本", "日本"))

with Kontor() as k:
    kept = k.admin.post("/api/v1/companies", {"name": "Kept"}).json["id"]
    for text in NOTHING:
        for name, answer in (("new", k.admin.post("/api/v1/companies", {"name": text})),
                             ("changed", k.admin.patch("/api/v1/companies/%d" % kept, {"name": text}))):
            check("blank__%r_is_no_name_of_a_%s_one" % (text, name), answer.status == 422 and
                  answer.json["error"]["fields"][0]["where"] == "company.name" and "required" in answer.text, answer)
        for field in ("city", "street"):
            answer = k.admin.patch("/api/v1/companies/%d" % kept, {field: text})
            equal("blank__%r_empties_%s" % (text, field), (200, None), (answer.status, answer.json.get(field)))
        answer = k.admin.post("/api/v1/notes", {"text": text, "links": [kept]})
        equal("blank__%r_is_no_note" % text, 422, answer.status)
    for text, wanted in ENDS:
        answer = k.admin.post("/api/v1/companies", {"name": text, "city": text})
        equal("blank__%r_is_trimmed" % text, (201, wanted, wanted), (answer.status, answer.json.get("name"), answer.json.get("city")))
    answer = k.admin.post("/api/v1/notes", {"text": "\n  first\n  second  \n\n", "links": [kept]})
    equal("blank__long_texts_keep_their_lines", "first\n  second", answer.json["text"])
    out = k.must("export", "company", "--fields", "name,city")
    with Kontor(start=False) as other:
        other.must("import", "company", other.file(out, "c.csv"))
        equal("blank__export_and_import_change_nothing", out, other.must("export", "company", "--fields", "name,city"))
finish()
