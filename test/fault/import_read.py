#!/usr/bin/python3
"""A disk that cannot be read back while an import looks at its file: what is said to be done is done to the last row, or the
command fails. One read after the other of the spool files fails, by strace."""
import contextlib
import shutil
import sqlite3
import subprocess

from kontor import Kontor, finish, skip, test

ROWS = 12000
CALLS = range(1, 25, 2)


def failing(k, suffix, when, job, file):
    """kontor import of a file, whose when-th read of the spool file fails."""
    path = k.data / "spool" / ("import-%d%s" % (job, suffix))
    command = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", str(path), "-e", "trace=read,pread64",
               "-e", "inject=read,pread64:error=EIO:when=%d" % when, k.binary, "import", "company", file,
               "--data", str(k.data), "--conf", str(k.conf)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def next_job(k):
    """The number the next import gets."""
    k.must("import", "company", k.file("name\nFirst\n"))
    with contextlib.closing(sqlite3.connect(str(k.data / "kontor.db"))) as db:
        return db.execute("SELECT max(id) FROM job").fetchone()[0] + 1


def companies(k):
    return len(k.must("export", "company", "--fields", "name").splitlines())


def reads_fail(suffix):
    k = Kontor(start=False)
    job = next_job(k)
    wrong, failed, there = [], 0, companies(k)
    for when in CALLS:
        mark = "R%d" % when
        rows = "".join("%s %05d %s\n" % (mark, n, "z" * 30) for n in range(ROWS))
        done = failing(k, suffix, when, job, k.file("name\n" + rows))
        job += 1
        count = companies(k) - there
        there += count
        failed += done.returncode != 0
        if (done.returncode == 0) != (count == ROWS) or count not in (0, ROWS):
            wrong.append((when, done.returncode, count, done.stdout[-200:] + done.stderr[-200:]))
    with test("import__never_takes_a_read_error_for_the_end_of%s" % suffix.replace(".", "_")):
        assert not wrong, wrong
        assert failed >= 3, failed
    k.close()


if shutil.which("strace"):
    reads_fail(".raw")
    reads_fail(".csv")
else:
    skip("import__never_takes_a_read_error_for_the_end", "strace is not installed")
finish()
