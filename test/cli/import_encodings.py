#!/usr/bin/python3
"""CSV in every encoding, told apart by its bytes where they tell, and as it is said where not."""
import shutil
import subprocess

from kontor import Kontor, check, equal, finish, skip, test

SINGLE = ["windows-125%d" % i for i in range(9)] + ["iso-8859-%d" % i for i in (*range(1, 12), 13, 14, 15, 16)] + ["koi8-r", "ibm437", "ibm850"]
WIDE = ["utf-8", "utf-16le", "utf-16be", "utf-32le", "utf-32be"]
TEXTS = {
    "windows-1252": "Müller & Söhne, Gärtnerei in Köln\nSociété générale à Orléans, été\nJosé Núñez, Málaga\n",
    "windows-1251": "Общество с ограниченной ответственностью\nИванов Пётр Сергеевич\nторговля и доставка товаров\n",
    "koi8-r": "Общество с ограниченной ответственностью\nИванов Пётр Сергеевич\nторговля и доставка товаров\n",
    "windows-1250": "Spółka z ograniczoną odpowiedzialnością\nŁódź, ulica Świętej Księżnej\nZażółć gęślą jaźń\n",
    "iso-8859-2": "Spółka z ograniczoną odpowiedzialnością\nŁódź, ulica Świętej Księżnej\nZażółć gęślą jaźń\n",
    "windows-1253": "Εταιρεία περιορισμένης ευθύνης\nΑθήνα και Θεσσαλονίκη\nπώληση των προϊόντων\n",
    "windows-1255": "חברה בערבון מוגבל\nתל אביב וירושלים\nמכירת מוצרים\n",
    "windows-1254": "Anadolu şirketi satış ve dağıtım\nIğdır ile Şanlıurfa arası\nkırmızı balık\n",
    "ibm850": "Müller & Söhne, Gärtnerei in Köln\nGrößenänderung für Bücher\nöffentliche Straße\n",
}


def taken(k, data, *args):
    """The names that an import stores; it is taken back."""
    result = k.run("import", "company", k.file(data, "e.csv"), *args)
    if result.returncode != 0:
        return result.stderr
    names = [c["name"] for c in sorted(k.admin.items("/api/v1/companies"), key=lambda c: c["id"])]
    k.must("undo", result.stdout.split("; change ")[1].split(".")[0])
    return names


def found(k):
    for encoding, text in TEXTS.items():
        data = "name\n" + "".join('"%s"\n' % line for line in text.splitlines())
        equal("import_encodings__%s_is_found" % encoding, text.splitlines(), taken(k, data.encode(encoding)))
    for encoding in WIDE:
        for mark in ("", "\ufeff"):
            data = (mark + "name\nGrün\nПётр\n𝄞 clef\n").encode(encoding)
            equal("import_encodings__%s_%s_is_found" % (encoding, "marked" if mark else "bare"), ["Grün", "Пётр", "𝄞 clef"], taken(k, data))


def said(k):
    """All that a byte can be, made by iconv."""
    if not shutil.which("iconv"):
        return skip("import_encodings__as_iconv_says", "iconv is not there")
    for encoding in SINGLE:
        data, want = b"name\n", []
        for byte in range(0xa0, 0x100):
            done = subprocess.run(["iconv", "-f", encoding, "-t", "utf-8"], input=bytes([byte]), capture_output=True)
            text = done.stdout.decode() if done.returncode == 0 else ""
            if len(text) == 1 and text.isalnum():
                data += b"x" + bytes([byte]) * 3 + b"\n"
                want.append("x" + text * 3)
        equal("import_encodings__%s_is_as_iconv_says" % encoding, want, taken(k, data, "--encoding", encoding))


for part in (found, said):
    with test("import_encodings__" + part.__name__), Kontor() as k:
        part(k)
finish()
