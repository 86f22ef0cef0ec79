#!/usr/bin/python3
"""Random merges with edits in between, taken back in any order: what was there before is there again. KONTOR_MERGES says
how many merges; test/long.d/merge_undo makes 1,000."""
import os

from kontor import Kontor, finish, test
from merges import Firm

MERGES = int(os.environ.get("KONTOR_MERGES") or 30)
PER_FIRM = 100


def main():
    done, seed = 0, int(os.environ.get("KONTOR_SEED") or 1)
    while done < MERGES:
        with Kontor() as k, test("merge_undo__is_exact_from_seed_%d" % seed):
            firm, here = Firm(k.admin, seed), 0
            try:
                while done + here < MERGES and here < PER_FIRM:
                    here += firm.round()
            finally:
                done += max(here, 1)
                seed += 1
            assert k.run("backup", k.top / "b").returncode == 0 and k.run("verify", k.top / "b").returncode == 0
    finish()


main()
