#!/usr/bin/python3
"""A backup never fails because of what lies in the configuration folder: files come along as they are, those that cannot be read
are named, and what is applied stands in for them."""
import shutil
from pathlib import Path

from kontor import Kontor, check, contains, equal, finish, test

VESSEL = "entity: vessel\nlabel: Vessel\nplural: vessels\ntitle: name\nfields:\n  name: {type: text}\n"


def restored(k, name):
    """Backs up and restores into an empty system; what the backup said on standard error, and the files it gave."""
    file = str(k.top / (name + ".backup"))
    done = k.run("backup", file)
    check("backups__%s_is_backed_up" % name, done.returncode == 0, done)
    with Kontor(start=False) as other:
        shutil.rmtree(other.conf)
        back = other.run("restore", file)
        check("backups__%s_comes_back" % name, back.returncode == 0 and "Nordwind" in other.must("export", "company"), back)
        equal("backups__%s_is_told_the_same_by_all" % name, [done.stderr, done.stderr], [back.stderr, k.run("verify", file).stderr])
        return done.stderr, {str(p.relative_to(other.conf)): p.read_bytes() for p in other.conf.rglob("*.yaml")}


def older(k):
    """What was there before has a name, and it is told."""
    file = str(k.top / "nightly.backup")
    first = k.run("backup", file)
    bytes_of_first = open(file, "rb").read()
    second = k.run("backup", file)
    equal("backups__first_of_a_name_needs_no_word", (0, ""), (first.returncode, first.stderr))
    check("backups__the_one_before_is_kept_and_told", second.returncode == 0 and file + ".before" in second.stderr and
          open(file + ".before", "rb").read() == bytes_of_first, second)
    third = k.run("backup", file)
    equal("backups__only_one_before_is_kept", (0, ["nightly.backup", "nightly.backup.before"]),
          (third.returncode, sorted(p.name for p in k.top.glob("nightly*"))))
    with Kontor(start=False) as other:
        told = other.must("restore", file)
        kept = [line.split(" is kept in ")[1] for line in told.splitlines() if " is kept in " in line]
        check("backups__restore_names_what_it_kept", len(kept) == 2 and all(Path(path).is_dir() for path in kept) and
              kept[0].startswith(str(other.data)) and kept[1].startswith(str(other.conf)), told)
    with Kontor(init=False, start=False) as empty:
        empty.conf.rmdir()
        check("backups__restore_into_nothing_keeps_nothing", " is kept in " not in empty.must("restore", file))


def on_disk(k):
    return {str(p.relative_to(k.conf)): p.read_bytes() for p in k.conf.rglob("*.yaml") if p.is_file()}


with Kontor(conf={"entities/vessel.yaml": VESSEL}) as k:
    k.must("import", "company", k.file("name\nNordwind\n"))
    equal("backups__say_nothing_of_what_is_well", ("", on_disk(k)), restored(k, "well"))
    older(k)
    large = VESSEL.encode() + b"# " + b"x" * 3000000 + b"\n"
    for name, content in (("large", large), ("broken", b"entity: x\n  bad: [\n"), ("no_text", b"entity: \xff\xfe\0\n")):
        k.file(content, k.conf / "entities/vessel.yaml")
        told, files = restored(k, name)
        equal("backups__of_%s_files_take_them_as_they_are" % name, ("", on_disk(k)), (told, files))
        equal("backups__of_%s_files_leave_check_as_it_is" % name, 1, k.run("check").returncode)
    k.file(b"# " + b"x" * (70 << 20) + b"\n", k.conf / "entities/vessel.yaml")
    k.file("entity: a..b\n", k.conf / "entities/a..b.yaml")
    k.file("entity: c\n", k.conf / "entities/c\\d.yaml")
    (k.conf / "views.yaml").mkdir()
    told, files = restored(k, "huge")
    with test("backups__of_files_that_cannot_be_taken_name_them"):
        lines = told.splitlines()
        assert len(lines) == 3 and all(line.startswith("kontor: not in the backup: conf/") for line in lines), told
        for name in ("conf/views.yaml: ", "conf/entities/c\\d.yaml: ", "conf/entities/vessel.yaml: "):
            contains("backups__name_%s" % name[5:-2].replace("\\", "_"), name, told)
    wanted = {n: t for n, t in on_disk(k).items() if "\\" not in n}
    equal("backups__of_files_that_cannot_be_taken_have_the_applied_text", {**wanted, "entities/vessel.yaml": VESSEL.encode()}, files)
    shutil.rmtree(k.conf / "views.yaml")
    applied = {"kontor.yaml": (k.conf / "kontor.yaml").read_bytes(), "entities/vessel.yaml": VESSEL.encode()}
    away = k.conf.rename(str(k.conf) + ".away")
    told, files = restored(k, "no_folder")
    contains("backups__without_a_folder_say_so", "kontor: not in the backup: %s: There is no such folder." % k.conf, told)
    equal("backups__without_a_folder_have_the_applied_configuration", applied, files)
    away.rename(k.conf)
finish()
