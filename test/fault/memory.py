#!/usr/bin/python3
"""A thousand workers do not each keep the memory of an answer: lists on ever new connections go round all of them, and the
process stays as small as it is with one."""
import pathlib
import re

from kontor import Kontor, check, finish

CONNECTIONS = 1100  # more than there are workers
LIMIT_MB = 90       # 132 when each worker had memory of its own; 62 with the stacks of all of them


def memory_mb(k):
    text = pathlib.Path("/proc/%d/status" % k.process.pid).read_text()
    return int(re.search(r"RssAnon:\s+(\d+)", text).group(1)) / 1024


with Kontor() as k:
    rows = "".join("Ada%d,Sample%d,a%d@example.com,+49 30 12345%d\n" % (i, i, i, i) for i in range(60))
    k.run("import", "contact", k.file("First name,Last name,E-mail,Phone\n" + rows))
    count = 0
    for _ in range(CONNECTIONS):
        count += len(k.admin.get("/api/v1/contacts?limit=50").json["items"])
        k.admin.close()
    check("memory__lists_were_whole", count == 50 * CONNECTIONS, count)
    check("memory__is_not_kept_by_each_worker", memory_mb(k) < LIMIT_MB, "%.0f MB" % memory_mb(k))
finish()
