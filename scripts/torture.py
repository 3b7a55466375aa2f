"""The fault matrix: `torture.py kill9`; prints counts and the seed that repeats a failure, fails on one loss."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])

from scripts.venv_ import ROOT, enter

SHORT = 20


def main() -> int:
    """0 when nothing was lost and nothing doubled."""
    enter()
    words = argparse.ArgumentParser(description=__doc__)
    rows = words.add_subparsers(dest="row", required=True)
    kill9 = rows.add_parser("kill9", help="kill -9 of the till at random moments of a day of selling")
    kill9.add_argument("--kills", type=int, default=200)
    kill9.add_argument("--short", action="store_true", help=f"only {SHORT} kills")
    kill9.add_argument("--seed", type=int, default=1)
    args = words.parse_args()
    return _kill9(SHORT if args.short else args.kills, args.seed)


def _kill9(kills: int, seed: int) -> int:
    from scripts.tortures import kill9

    began = time.monotonic()
    # On the project's own disk, as a shop's journal lies on one.
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".torture-") as folder:
        report = kill9.run(Path(folder), kills=kills, seed=seed)
    for line in report.lines():
        print(line)
    again = f"python3 scripts/torture.py kill9 --kills {kills} --seed {seed}"
    print(f"{'ok' if report.ok else 'FAILED'} after {time.monotonic() - began:.0f} s; repeat with: {again}")
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
